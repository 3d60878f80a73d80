from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, RecordCapturer, tagged
from odoo.tools import mute_logger

from .common_meter import MeterCommon


@tagged('post_install', '-at_install')
@freeze_time('2026-04-05')
class TestMeterRound(MeterCommon):
    """[B31] A kind of meter, its days, and the sheet: all of it is saved, or nothing. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first = cls._create_meter('W-1011', cls.unit_1011, first=1000)
        cls.second = cls._create_meter('W-1012', cls.unit_1012)
        cls.round = cls._create_round()

    def _save(self, *rows, user=None):
        rows = [{'register': 'total', **row} for row in rows]
        return self.round.with_user(user or self.reader).save_readings(rows)

    def test_last_month_is_proposed(self):
        form = Form(self.env['property.meter.round'].with_user(self.clerk))
        form.project_id = self.project
        form.type_id = self._create_type("Hot-water meter")
        new = form.save()
        self.assertEqual(
            (str(new.date_start), str(new.date_end), str(new.month), new.name),
            ('2026-03-01', '2026-03-31', '2026-03-01', "Hot-water meter 2026-03"))

    def test_which_meters_are_read(self):
        """ Of its type and project, in use on the last day, not prepaid; of its buildings. """
        self._create_meter('P-1', self.unit_1011, mode='prepaid')
        self._create_meter('O-1', self.unit_1011, date_end='2026-03-30')
        self._create_meter('N-1', self.unit_1011, date_start='2026-04-01')
        self._create_meter('E-1', self.unit_1011, type_id=self.time_of_use_type.id)
        garden = self._create_meter('G-1', name="Garden")
        self.assertEqual(self.round._get_meters(), self.first + self.second + garden)
        self.round.building_ids = self.building
        self.assertEqual(self.round._get_meters(), self.first + self.second)

    def test_a_sheet_is_saved(self):
        """ The first time both values, later one; the counts follow. """
        self.assertEqual((self.round.meter_count, self.round.missing_count), (2, 2))
        result = self._save(
            {'meter_id': self.first.id, 'value': '1090'},
            {'meter_id': self.second.id, 'value': '60', 'first_value': '0'})
        self.assertEqual(result, {'saved': 2, 'queued': []})
        self.assertEqual(
            self.second.reading_ids.sorted('date').mapped(lambda row: (str(row.date), row.kind)),
            [('2026-02-28', 'first'), ('2026-03-31', 'read')])
        self.assertEqual((self.round.read_count, self.round.missing_count), (2, 0))
        self.assertEqual(self.second.reading_ids.mapped('user_id'), self.reader)
        self.assertChain(self.first)

    def test_one_wrong_cell_and_nothing_is_saved(self):
        """ Row, meter and field are named. """
        with RecordCapturer(self.env['property.meter.reading']) as captured:
            result = self._save(
                {'meter_id': self.first.id, 'value': '1090'},
                {'meter_id': self.second.id, 'value': '6o', 'first_value': ''},
                {'meter_id': self.first.id, 'value': '1091'},
                {'meter_id': False, 'value': '5'})
        self.assertFalse(captured.records)
        self.assertEqual([(error['row'], error['field']) for error in result['errors']],
                         [(1, 'value'), (2, 'value'), (3, 'meter_id')])

    def test_odd_ones_wait_and_the_others_are_saved(self):
        result = self._save(
            {'meter_id': self.first.id, 'value': '990'},
            {'meter_id': self.second.id, 'value': '60', 'first_value': '0'})
        self.assertEqual(result['saved'], 2)
        [waiting] = result['queued']
        self.assertEqual(
            (waiting['meter_id'], waiting['reason'], waiting['message']),
            (self.first.id, 'decrease', "990 is less than 1000 on 2025-12-31."))
        self.assertEqual((self.round.queued_count, self.round.missing_count), (1, 0))

    def test_not_of_this_round(self):
        """ Another type, another project, another day. """
        other = self._create_meter('E-1', self.unit_1011, type_id=self.time_of_use_type.id)
        for row, field, message in (
            ({'meter_id': other.id, 'value': '5'}, 'meter_id', "is not read in"),
            ({'meter_id': self.first.id, 'value': '1001', 'date': '2026-02-28'}, 'date', "is from"),
            ({'meter_id': self.first.id, 'value': '1001', 'date': '2026-04-01'}, 'date', "is from"),
        ):
            with self.subTest(row=row):
                [error] = self._save(row)['errors']
                self.assertEqual(error['field'], field)
                self.assertIn(message, error['message'])

    def test_saved_by_somebody_else_meanwhile(self):
        self._save({'meter_id': self.first.id, 'value': '1090'})
        [error] = self._save(
            {'meter_id': self.first.id, 'value': '1092'}, user=self.clerk)['errors']
        self.assertIn("already", error['message'])

    def test_a_sheet_says_what_it_may(self):
        """ Not the state of its readings, nor what they are multiplied by. """
        self._save({
            'meter_id': self.first.id, 'value': '900', 'state': 'accepted', 'multiplier': 100,
            'rollovers': 1, 'kind': 'first', 'user_id': self.manager.id})
        reading = self.first.reading_ids[0]
        self.assertEqual(
            (reading.state, reading.multiplier, reading.rollovers, reading.user_id),
            ('queued', 1, 0, self.reader))

    def test_rows_that_are_none(self):
        """ Told at the cell or as a sentence, as whoever sends them may be another program. """
        row = {'meter_id': self.first.id, 'register': 'total', 'value': '1100'}
        for wrong, field in (
            ({'value': None}, 'value'), ({'value': True}, 'value'), ({'value': []}, 'value'),
            ({'value': '1' * 40}, 'value'), ({'value': 1e300}, 'value'),
            ({'meter_id': 'x'}, 'meter_id'), ({'meter_id': [1]}, 'meter_id'),
            ({'photo': 5}, 'photo'), ({'register': ['total']}, 'register'),
        ):
            with self.subTest(wrong):
                [error] = self._save({**row, **wrong})['errors']
                self.assertEqual(error['field'], field)
        for name in ('date', 'first_date'):
            with self.assertRaisesRegex(UserError, "“soon” is no day"):
                self._save({**row, name: 'soon'})

    def test_the_same_days_twice(self):
        """ The other one is named; of another building or type, or finished, it is no matter. """
        with self.assertRaisesRegex(ValidationError, "reads these meters"), self.cr.savepoint():
            self._create_round('2026-03-15', '2026-04-15')
        self._create_round(type_id=self.time_of_use_type.id)
        self._create_round('2026-04-01', '2026-04-30')
        self.round.with_user(self.clerk).action_close()
        again = self._create_round()
        with self.assertRaisesRegex(ValidationError, "reads these meters"), self.cr.savepoint():
            self.round.with_user(self.clerk).action_open()
        again.with_user(self.clerk).unlink()

    def test_finished(self):
        self.round.with_user(self.clerk).action_close()
        with self.assertRaisesRegex(UserError, "is finished"):
            self._save({'meter_id': self.first.id, 'value': '1090'})

    @mute_logger('odoo.addons.base.models.ir_access', 'odoo.addons.base.models.ir_rule')
    def test_who_may_what(self):
        """ A reader reads; who has no right to it does not even look through the sheet. """
        own = self.round.with_user(self.reader)
        for way in (own.action_close, own.action_estimate, own.unlink):
            with self.assertRaises(AccessError):
                way()
        viewer = self._create_user('viewer', 'property_billing.group_billing_user')
        stranger = self._create_user('stranger', 'property_billing.group_meter_read')
        self.project.user_ids |= viewer
        for user in (viewer, stranger):
            for way, row in (
                    ('save_readings', {'register': 'total', 'value': '1'}),
                    ('preview_readings', {'readings': {'total': '1'}})):
                with self.assertRaises(AccessError):
                    getattr(self.round.with_user(user), way)([
                        {'meter_id': self.first.id, **row}])

    def test_round_with_readings_stays(self):
        self._save({'meter_id': self.first.id, 'value': '1090'})
        with self.assertRaisesRegex(UserError, "1 readings"):
            self.round.with_user(self.clerk).unlink()

    def test_what_was_read_stays_in_its_round(self):
        """ A finished list never turns out to be of other meters or days. """
        self._save({'meter_id': self.first.id, 'value': '1090'})
        own = self.round.with_user(self.clerk)
        for vals in (
                {'type_id': self.time_of_use_type.id}, {'date_end': '2026-03-30'}):
            with self.assertRaisesRegex(ValidationError, "Make another round"), \
                    self.env.cr.savepoint():
                own.write(vals)
        own.name = "Kitchens"

    def test_it_waits_on_the_front_page(self):
        """ What is to be checked, and the round whose days are over. """
        self._save({'meter_id': self.first.id, 'value': '990'})
        counts = {
            item['key']: item['count'] for item in self.env['property.home'].with_user(
                self.clerk)._get_reminders(self.project)}
        self.assertEqual((counts['readings'], counts['rounds']), (1, 1))
