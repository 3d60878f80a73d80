import re
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_meter import MeterCommon


@tagged('post_install', '-at_install')
@freeze_time('2026-04-05')
class TestMeterSheet(MeterCommon):
    """[B31] What the sheet of a round shows, and what comes of what is typed into it. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first = cls._create_meter('W-1011', cls.unit_1011, first=1000, place="Shaft")
        cls.second = cls._create_meter('W-1012', cls.unit_1012)
        cls.round = cls._create_round()

    def _get_rows(self, user=None, meter_round=None):
        sheet = (meter_round or self.round).with_user(user or self.reader).get_sheet()
        return {(row['meter_id'], row['register']): row for row in sheet['rows']}

    def _get_row(self, meter, register='total', user=None):
        return self._get_rows(user)[meter.id, register]

    def _save(self, *rows, user=None, **kwargs):
        return self.round.with_user(user or self.reader).save_readings(
            [{'register': 'total', **row} for row in rows], **kwargs)

    # === WHAT IT SHOWS === #

    def test_a_row(self):
        """ Which meter, at whose door, what it showed before. """
        self._read(self.first, '2026-02-28', 1059)
        row = self._get_row(self.first)
        self.assertEqual(
            (row['number'], row['name'], row['building'], row['place'], row['payer']),
            ('W-1011', self.unit_1011.complete_name, "1", "Shaft", "Zhang Wei"))
        self.assertEqual(
            (row['previous'], row['previous_day'], row['average'], row['present'], row['fault']),
            ('1059', '2026-02-28', '1', False, False))

    def test_never_read(self):
        """ It asks for the value at the start, too. """
        row = self._get_row(self.second)
        self.assertEqual((row['previous'], row['average']), (False, ''))
        self.assertEqual(
            self.round.with_user(self.reader).get_sheet()['date_first'], '2026-02-28')

    def test_a_row_for_each_register(self):
        """ Peak and valley, each with what it showed. """
        meter = self._create_meter('E-1', self.unit_1011, type_id=self.time_of_use_type.id)
        self._read(meter, '2026-02-28', '100.5', 'peak', kind='first')
        self._read(meter, '2026-02-28', '40.25', 'valley', kind='first')
        meter_round = self._create_round(type_id=self.time_of_use_type.id)
        rows = self._get_rows(meter_round=meter_round)
        self.assertEqual(
            [(register, row['previous']) for (_meter, register), row in rows.items()],
            [('peak', '100.5'), ('valley', '40.25')])
        self.assertEqual(
            list(meter_round.with_user(self.reader).get_sheet()['registers']), ['peak', 'valley'])

    def test_what_was_read_in_the_round(self):
        """ It is the present value, not the one before; what waits says why. """
        self._save({'meter_id': self.first.id, 'value': '1030'})
        row = self._get_row(self.first)
        self.assertEqual(
            (row['previous'], row['present']['value'], row['present']['use'],
             row['present']['state'], row['present']['user']),
            ('1000', '1030', '30', 'accepted', self.reader.name))
        self._save({'meter_id': self.second.id, 'value': '0', 'first_value': '0'})
        present = self._get_row(self.second)['present']
        self.assertEqual((present['state'], present['use']), ('queued', False))
        self.assertEqual(present['detail'], "Nothing in 31 days.")

    def test_refused(self):
        """ The reader sees why, and enters it again. """
        self._save({'meter_id': self.first.id, 'value': '990'})
        [waiting] = self.first.reading_ids.filtered(lambda row: row.state == 'queued')
        waiting._refuse("Look at it again")
        present = self._get_row(self.first)['present']
        self.assertEqual((present['state'], present['detail']), ('refused', "Look at it again"))
        self.assertEqual(
            self._save({'meter_id': self.first.id, 'value': '1090'})['saved'], 1)
        self.assertEqual(self._get_row(self.first)['present']['value'], '1090')

    def test_read_at_a_hand_over(self):
        """ Half a month ago; it is still to be read at the month's end. """
        self._read(self.first, '2026-03-15', 1040, source='handover')
        self.Reading.search([('value', '=', 1040)]).source = 'handover'
        row = self._get_row(self.first)
        self.assertEqual((row['present'], row['previous']), (False, '1040'))
        self.assertEqual(self.round.with_user(self.reader).missing_count, 2)

    # === WHAT DEVICES HAVE READ === #

    def _read_by_device(self, *rows):
        for day, value in rows:
            self._read(self.first, day, value, is_border=False)

    def test_a_device_has_read_on_the_last_day(self):
        """[B35] It is shown, to be taken or written over; the use is that since February. """
        self._read(self.first, '2026-02-28', '1059')
        self._read_by_device(('2026-03-30', '1085'), ('2026-03-31', '1087'))
        row = self._get_row(self.first)
        self.assertEqual(
            (row['present'], row['device'], row['previous']), (False, '1087', '1059'))
        values = self.round.with_user(self.reader).preview_readings([
            {'meter_id': self.first.id, 'readings': {'total': '1088'}}])[self.first.id]
        self.assertEqual(
            (values['use'], values['oddity'], values['errors']), ({'total': '29'}, False, []))
        result = self._save({'meter_id': self.first.id, 'value': '1088'})
        self.assertEqual((result['saved'], result['queued']), (1, []))
        row = self._get_row(self.first)
        self.assertEqual(
            (row['present']['value'], row['present']['use'], row['device']),
            ('1088', '29', False))
        typed, device = self.first.reading_ids.filtered(lambda row: row.value in (1087, 1088)
                                                        ).sorted('value', reverse=True)
        self.assertEqual(
            (device.state, device.replaced_by_id, typed.state), ('replaced', typed, 'accepted'))
        self.assertChain(self.first)

    def test_a_device_has_read_and_what_is_typed_is_odd(self):
        """ Until somebody has looked at it, what the device has read counts. """
        self._read(self.first, '2026-02-28', '1059')
        self._read_by_device(('2026-03-31', '1087'))
        self.assertTrue(self._save({'meter_id': self.first.id, 'value': '1030'})['queued'])
        self.assertEqual(self.first.last_value, 1087)
        odd = self.first.reading_ids.filtered(lambda row: row.state == 'queued')
        self._decide(odd, 'refuse', note="Misread").action_confirm()
        self.assertEqual(
            self._save({'meter_id': self.first.id, 'value': '1187'})['queued'][0]['reason'],
            'jump')
        odd = self.first.reading_ids.filtered(lambda row: row.state == 'queued')
        odd.with_user(self.clerk).action_accept()
        self.assertEqual(self.first.last_value, 1187)
        self.assertChain(self.first)

    def test_after_an_exchange(self):
        """ What the new device showed is what goes before. """
        self.first.with_user(self.clerk)._exchange(
            self.round.date_start, {'total': '1020'}, 'W-9', {'total': '3'}, 1, 5, 0, "Frozen")
        row = self._get_row(self.first)
        self.assertEqual((row['number'], row['previous'], row['present']), ('W-9', '3', False))

    def test_who_pays_now(self):
        """[B33] Who moved in meanwhile stands on the sheet when it is synchronised. """
        self.assertEqual(self._get_row(self.first)['payer'], "Zhang Wei")
        occupancy = self.unit_1011.occupancy_ids
        occupancy.date_end = '2026-03-10'
        self.env.flush_all()
        self._move_in(self.unit_1011, self.env['res.partner'].create({'name': "New"}), '2026-03-11')
        self.assertEqual(self._get_row(self.first)['payer'], "New")

    def test_who_pays_for_the_meter(self):
        """ A customer of its own goes before the owner. """
        tenant = self.env['res.partner'].create({'name': "Tenant"})
        tariff = self._create_tariff(
            self.water_fee, [('2015-01-01', False, 5.0)], basis='metered', timing='arrears',
            name="By meter")
        self._assign(
            self.unit_1011, tariff, '2026-01-01', meter_id=self.first.id, partner_id=tenant.id)
        self.assertEqual(self._get_row(self.first)['payer'], "Tenant")

    def test_day_of_the_reading(self):
        """ The last one of the round; before it is over, today. """
        self.assertEqual(self.round.with_user(self.reader).get_sheet()['date'], '2026-03-31')
        current = self._create_round('2026-04-01', '2026-04-30')
        self.assertEqual(current.with_user(self.reader).get_sheet()['date'], '2026-04-05')

    def test_no_price(self):
        """[B12] Fee and day are named before anything is typed, and again when it is saved. """
        self.water_tariff.version_ids.date_end = '2026-03-30'
        self.assertRegex(self._get_row(self.first)['fault'], "Water.* has no price on")
        [error] = self._save({'meter_id': self.first.id, 'value': '1030'})['errors']
        self.assertRegex(error['message'], "Water.* has no price on")

    def test_queries_do_not_grow(self):
        """ Forty meters take as many as two. """
        units = [self._create_unit(f'2{number:03}') for number in range(38)]
        meters = self.env['property.meter'].create([
            {'number': f'X-{unit.name}', 'type_id': self.water_type.id, 'unit_id': unit.id,
             'date_start': '2020-01-01'} for unit in units])
        self.Reading._enter([
            self._row(meter, '2025-12-31', '10', kind='first') for meter in meters])

        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            rows = self._get_rows()
            return self.cr.sql_log_count - before, len(rows)

        count()  # whatever is cached once
        many, rows = count()
        self.assertEqual(rows, 40)
        meters.active = False
        few, rows = count()
        self.assertEqual(rows, 2)
        self.assertEqual(many, few)

    def test_in_the_order_of_the_floors(self):
        """ 901 before 1001, and what is of no room at the end. """
        for number in ('1001', '901', '102'):
            self._create_meter(f'F-{number}', self._create_unit(number))
        self._create_meter('G-1', project_id=self.project.id, name="Garden")
        self.assertEqual(
            [row['number'] for row in self.round.with_user(self.reader).get_sheet()['rows']],
            ['F-102', 'F-901', 'F-1001', 'W-1011', 'W-1012', 'G-1'])

    def test_on_paper(self):
        """ Building by building, in the order of the rooms, with what is read already. """
        annex = self.env['property.building'].create({
            'name': "2", 'project_id': self.project.id})
        third = self._create_meter('A-1', self._create_unit('2011', building_id=annex.id))
        self._save({'meter_id': self.first.id, 'value': '1030'})
        paper = self.round.with_user(self.reader)._get_paper()
        self.assertEqual(
            [(building['name'], [row['meter_id'] for row in building['rows']])
             for building in paper],
            [("1", (self.first + self.second).ids), ("2", third.ids)])
        html = self.env['ir.actions.report'].with_user(self.reader)._render_qweb_html(
            'property_billing.report_meter_list', self.round.ids)[0].decode()
        for text in ('W-1011', 'W-1012', 'A-1', '1030', "Shaft"):
            self.assertIn(text, html)

    def test_what_waits_stands_beside_what_was_before(self):
        """ In the queue, and once it is decided. """
        self._read(self.first, '2026-02-28', 1059)
        self._save({'meter_id': self.first.id, 'value': '990'})
        waiting = self.first.reading_ids.filtered(lambda row: row.state == 'queued')
        self.assertEqual(waiting.with_user(self.clerk).previous_value, 1059)
        february = self.first.reading_ids.filtered(lambda row: row.value == 1059)
        self.assertEqual(february.previous_value, 1000)

    # === WHO === #

    @mute_logger('odoo.addons.base.models.ir_access', 'odoo.addons.base.models.ir_rule')
    def test_who_sees_what(self):
        """ A reader no money, a reader of one building its meters only, others nothing. """
        other_building = self.env['property.building'].create({
            'name': "2", 'project_id': self.project.id})
        elsewhere = self._create_meter(
            'W-2', self._create_unit('2011', building_id=other_building.id))
        sheet = self.round.with_user(self.reader).get_sheet()
        self.assertEqual((sheet['shows_money'], sheet['may_bill'], len(sheet['rows'])),
                         (False, False, 3))
        keeper = self._create_user('keeper', 'property_billing.group_meter_read')
        other_building.user_ids += keeper
        sheet = self.round.with_user(keeper).get_sheet()
        self.assertEqual([row['meter_id'] for row in sheet['rows']], elsewhere.ids)
        sheet = self.round.with_user(self.clerk).get_sheet()
        self.assertEqual((sheet['shows_money'], sheet['may_bill']), (True, True))
        viewer = self._create_user('viewer', 'property_billing.group_billing_user')
        stranger = self._create_user('stranger', 'property_billing.group_meter_read')
        other_company = self._create_user(
            'other_company', 'property_billing.group_billing_officer',
            self._create_company("Other"))
        self.project.user_ids |= viewer + other_company
        for user in (viewer, stranger, other_company):
            for way, *args in (('get_sheet',), ('scan', 'W-1011')):
                with self.subTest(user=user.login, way=way), self.assertRaises(AccessError):
                    getattr(self.round.with_user(user), way)(*args)

    def test_finished(self):
        """ It is looked at, and nothing is entered. """
        self.round.with_user(self.clerk).action_close()
        self.assertEqual(self.round.with_user(self.reader).get_sheet()['state'], 'closed')
        with self.assertRaisesRegex(UserError, "is finished"):
            self._save({'meter_id': self.first.id, 'value': '1030'})

    # === SAVING === #

    def test_sent_twice(self):
        """ An answer that was lost: the second attempt is answered as the first, once stored. """
        rows = ({'meter_id': self.first.id, 'value': '1030'},
                {'meter_id': self.second.id, 'value': '0', 'first_value': '0'})
        first = self._save(*rows, token='attempt-1')
        self.assertEqual(first['saved'], 2)
        self.assertEqual(len(first['queued']), 1)
        self.assertEqual(self._save(*rows, token='attempt-1'), first)
        self.assertEqual(self.Reading.search_count([('round_id', '=', self.round.id)]), 3)
        [error, _other] = self._save(*rows, token='attempt-2')['errors']
        self.assertIn("already", error['message'])
        with self.assertRaisesRegex(UserError, "Reload"):
            self._save(*rows, token='x' * 65)

    def test_typed_by_two_people(self):
        """ The second is told at the cell who was first, and with what; nothing else is stored. """
        self._save({'meter_id': self.first.id, 'value': '1030'})
        errors = self._save(
            {'meter_id': self.first.id, 'value': '1032'},
            {'meter_id': self.second.id, 'value': '5', 'first_value': '0'},
            user=self.clerk)['errors']
        self.assertEqual([(error['row'], error['field']) for error in errors], [(0, 'value')])
        self.assertRegex(
            errors[0]['message'], f'already: {re.escape(self.reader.name)} entered 1030')
        self.assertFalse(self.second.reading_ids)

    def test_read_by_phone(self):
        self._save({'meter_id': self.first.id, 'value': '1030'}, by_phone=True)
        self.assertEqual(self.first.reading_ids[0].source, 'phone')

    def test_five_hundred_cells(self):
        """ A text in one of them names it, and the others are not stored. """
        errors = self._save(
            {'meter_id': self.first.id, 'value': '１０３０'},
            {'meter_id': self.second.id, 'value': '12a', 'first_value': '0'})['errors']
        self.assertEqual([(error['meter_id'], error['field']) for error in errors],
                         [(self.second.id, 'value')])
        self.assertFalse(self.second.reading_ids)

    # === SCANNING === #

    def _scan(self, code, user=None):
        result = self.round.with_user(user or self.reader).scan(code)
        return result['meter_id'], result['message']

    def test_scan_of_a_label(self):
        """[request 15] Its code, its address, its number typed by hand. """
        for code in (self.first._get_label_url(), f' {self.first.number} '):
            self.assertEqual(self._scan(code), (self.first.id, False))

    def test_scan_of_a_wrong_label(self):
        """ It is said clearly, and nothing is done. """
        electricity = self._create_meter('E-1', self.unit_1011, type_id=self.time_of_use_type.id)
        other_project = self.env['property.project'].create({
            'name': "Lakeside", 'company_id': self.company.id})
        foreign = self._create_meter('W-77', project_id=other_project.id)
        for code, message in (
            ('https://example.com/m/unknown', "no meter of yours in Emerald Garden"),
            ('W-9999', "no meter of yours"),
            ('', "no meter of yours"),
            (foreign._get_label_url(), "no meter of yours"),
            (electricity._get_label_url(), "E-1.*Two-rate meter.*is not read in"),
        ):
            with self.subTest(code=code):
                found, told = self._scan(code)
                self.assertFalse(found)
                self.assertRegex(told, message)
        other_project.user_ids += self.reader
        self.assertRegex(self._scan(foreign._get_label_url())[1], "Lakeside.*is not read in")

    def test_scan_of_a_device_that_was_taken_off(self):
        """ The day and what hangs there now. """
        label = self.first._get_label_url()
        self.first.with_user(self.clerk)._exchange(
            self.round.date_start, {'total': '1020'}, 'W-9', {'total': '3'}, 1, 5, 0, "Frozen")
        for code in (label, 'W-1011'):
            found, told = self._scan(code)
            self.assertEqual(found, self.first.id)
            self.assertRegex(told, "W-1011 was taken off on .*W-9")
        self.assertEqual(self._scan('W-9'), (self.first.id, False))

    # === BILLING === #

    def test_bill_these_readings(self):
        """[B31] A run of the fee and the project, up to the last day of the round. """
        self.round.building_ids = self.building
        action = self.round.with_user(self.clerk).action_bill()
        run = self.env[action['res_model']].with_user(self.clerk).with_context(
            action['context']).new({})
        self.assertEqual(
            (run.project_id._origin, run.building_ids._origin, run.fee_ids._origin,
             str(run.date_end)),
            (self.project, self.building, self.water_fee, '2026-03-31'))
        with mute_logger('odoo.addons.base.models.ir_access'), self.assertRaises(AccessError):
            self.round.with_user(self.reader).action_bill()
        self.water_type.fee_id = False
        with self.assertRaisesRegex(UserError, "has no fee"):
            self.round.with_user(self.clerk).action_bill()

    def test_open_round_of_a_meter(self):
        """ Where the code of a label leads: to the round in which it is missing. """
        april = self._create_round('2026-04-01', '2026-04-30')
        meter = self.first.with_user(self.reader)
        self.assertEqual(meter._get_open_round(), april)
        self._create_round('2026-05-01', '2026-05-31')  # still to come
        april.with_user(self.reader).save_readings([
            {'meter_id': meter.id, 'register': 'total', 'value': '1100', 'date': '2026-04-05'}])
        self.assertEqual(meter._get_open_round(), self.round)
        with patch.object(type(meter), 'property_in_write_scope', False):
            self.assertFalse(meter._get_open_round())
