from datetime import date

from psycopg2.errors import ExclusionViolation

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_meter import QUARTERS, MeteredCommon


@tagged('post_install', '-at_install')
class TestMeteredCharge(MeteredCommon):
    """ From readings to bills: water at 5.00, above 180 m³ a year 7.00, above 260 m³ 9.00. """

    def test_a_year_in_tiers(self):
        """ [B31] [B34] 90, 100, 80 and 30 m³: 450.00, 520.00, 580.00 and 270.00. """
        amounts = []
        for day, value in zip(QUARTERS[1:], ('1090', '1190', '1270', '1300'), strict=True):
            self._read(self.meter, day, value)
            amounts += self._bill_until(day).mapped('amount')
        self.assertEqual(amounts, [450, 520, 580, 270])
        charges = self.assignment.charge_ids.sorted('date_start')
        self.assertIn("Used before since 2025-01-01: 90 m³", charges[1].explanation_text)
        self.assertEqual(self.meter.date_billed, date(2025, 12, 31))
        self.assertFalse(self._preview_until('2025-12-31').charge_ids)

    def test_billed_on_the_day_of_the_reading(self):
        """ Not before, and once. """
        self._read(self.meter, '2025-03-31', '1090')
        self.assertFalse(self._preview_until('2025-03-30').charge_ids)
        self.assertEqual(
            self._get_rows(self._bill_until('2025-04-15')), [('2025-01-01', '2025-03-31', 450)])

    def test_an_exchange_beside_a_new_price(self):
        """ [B31] [B34] 8 m³ until the exchange on 30 January, 5 m³ after it, 5.50 from the 16th on:
        4 × 5.00 + (4 + 5) × 5.50 = 69.50. Each device has its own number on the bill.
        """
        self.tiered.write({'version_ids': [
            Command.create({'date_start': '2025-01-16', 'price': 5.5})]})
        self.meter.with_user(self.clerk)._exchange(
            date(2025, 1, 30), {'total': '1008'}, 'NEW-1', {'total': '85'}, 1, 5, 0, "Due")
        self._read(self.meter, '2025-01-31', '90')
        charge = self._bill_until('2025-01-31')
        self.assertEqual(charge.amount, 69.5)
        text = charge.explanation_text
        self.assertIn("Meter W-0101: 1000 → 1008, 2025-01-01 ~ 2025-01-30", text)
        self.assertIn("Meter NEW-1: 85 → 90, 2025-01-31 ~ 2025-01-31", text)
        self.assertIn("4 m³ × 5, by 15/30 of the days between two readings", text)
        self.assertIn("9 m³ × 5.5, of it by 15/30 of the days between two readings", text)

    def test_what_is_billed_is_locked(self):
        """ [B32] Neither read again nor taken back; a later one may be. """
        reading = self._read(self.meter, '2025-03-31', '1090')
        self._bill_until('2025-03-31')
        self.assertFault(
            [self._row(self.meter, '2025-03-15', '1050')], 'date', "is billed up to")
        with self.assertRaisesRegex(UserError, "billed"):
            reading.unlink()
        later = self._read(self.meter, '2025-04-30', '1120')
        later.unlink()

    def test_undone_and_billed_again(self):
        """ The readings stay; the same charge comes again. """
        self._read(self.meter, '2025-03-31', '1090')
        charges = self._bill_until('2025-03-31')
        charges._credit("Wrong fee", date(2025, 3, 31))
        self.meter.invalidate_recordset(['date_billed'])
        self.assertFalse(self.meter.date_billed)
        self.assertEqual(
            self._get_rows(self._bill_until('2025-03-31')), [('2025-01-01', '2025-03-31', 450)])

    def test_an_undone_run_is_billed_again(self):
        """ [B13] The last quarter, then the second and third: the same figures for the same
        reasons, since the readings stay and the tiers count them, billed or not.
        """
        runs = []
        for day, value in zip(QUARTERS[1:], ('1090', '1190', '1270', '1300'), strict=True):
            self._read(self.meter, day, value)
            runs.append(self._preview_until(day))
            runs[-1].action_post()
        before = [run.charge_ids.explanation for run in runs]

        def undo(run):
            self.env['property.bill.run.undo'].with_user(self.manager).with_context(
                queue_job__no_delay=True).create(
                {'run_id': run.id, 'reason': "Wrong due date"}).action_undo()
            self.meter.invalidate_recordset(['date_billed'])

        undo(runs[3])
        self.assertEqual(self.meter.date_billed, date(2025, 9, 30))
        again = self._bill_until('2025-12-31')
        self.assertEqual(
            (again.amount, again.explanation), (270, before[3]))
        undo(runs[1])
        undo(runs[2])
        again = self._bill_until('2025-12-31').sorted('date_start')
        self.assertEqual(again.mapped('amount'), [520, 580])
        self.assertEqual(again.mapped('explanation'), before[1:3])
        self.assertFalse(self._preview_until('2025-12-31').charge_ids)

    def test_a_home_sold_between_two_readings(self):
        """ [B33] 45 m³ by 45 and 46 of 91 days: 111.26 and 113.74. """
        self._read(self.meter, '2025-03-31', '1000')
        self._preview_until('2025-03-31')
        self._read(self.meter, '2025-06-30', '1045')
        self.unit_1011.occupancy_ids.date_end = '2025-05-15'
        self.env.flush_all()
        buyer = self.env['res.partner'].create({'name': "Buyer"})
        self.env['property.occupancy'].create({
            'unit_id': self.unit_1011.id, 'partner_id': buyer.id, 'role': 'owner',
            'date_start': '2025-05-16'})
        charges = self._bill_until('2025-06-30')
        self.assertEqual(self._get_rows(charges), [
            ('2025-04-01', '2025-05-15', 111.26), ('2025-05-16', '2025-06-30', 113.74)])
        self.assertEqual(charges.sorted('date_start')[-1].partner_id, buyer)

    def test_a_reading_that_changes_after_the_preview(self):
        """ [B32] Left out with the new amount, and right in the next run. """
        reading = self._read(self.meter, '2025-03-31', '1090')
        run = self._preview_until('2025-03-31')
        reading.unlink()
        self._read(self.meter, '2025-03-31', '1080')
        run.action_post()
        self.assertEqual(run.charge_ids.reason, 'changed')
        self.assertEqual(
            self._get_rows(self._bill_until('2025-03-31')), [('2025-01-01', '2025-03-31', 400)])

    def test_no_reading_without_a_price_of_its_own_tariff(self):
        """ [B12] Another tariff of the fee is no price of this meter. """
        self.tiered.version_ids.date_end = '2025-02-28'
        self.assertTrue(self.water_tariff.version_ids)  # 5.00, without end
        self.assertFault(
            [self._row(self.meter, '2025-03-31', '1090')], 'date',
            "Water · Tiers of the year has no price on .*2025")
        self.assertFalse(self._enter(self._row(self.meter, '2025-02-28', '1060'))[0])
        readings, left = self.meter.with_user(self.clerk)._estimate(date(2025, 3, 31), "Away")
        self.assertEqual((len(readings), left), (0, self.meter))

    def test_the_first_reading_needs_no_price(self):
        """ [B12] Nothing is charged until it: on the day before the first price, for example. """
        self.water_fee.tariff_ids.version_ids.date_start = '2025-01-01'
        meter = self._create_meter('W-0102', self.unit_1012, first='0', since='2024-12-31')
        self.assertEqual(meter.last_value, 0)

    def test_what_was_paid_before_this_system(self):
        """ [G17] Closed until February: of 90 m³ the 31 days of March, 31 × 5 = 155.00. """
        self.env['property.charge'].create({
            'kind': 'opening', 'state': 'closed', 'unit_id': self.unit_1011.id,
            'fee_id': self.water_fee.id, 'date_start': '2025-01-01', 'date_end': '2025-02-28',
            'date_due': '2025-01-01', 'amount': 295, 'explanation': {'history': {
                'paid': '295.00', 'day': None, 'cashier': False, 'note': False}}})
        self._read(self.meter, '2025-03-31', '1090')
        self.assertEqual(
            self._get_rows(self._bill_until('2025-03-31')), [('2025-03-01', '2025-03-31', 155)])

    def test_nothing_used(self):
        """ No bill of zero, and not asked for again. """
        self._read(self.meter, '2025-03-31', '1000')
        run = self._preview_until('2025-03-31')
        self.assertEqual(run.charge_ids.mapped('reason'), ['no_use'])
        self.assertEqual(run.charge_ids.reason_detail, "W-0101 counted nothing.")
        self.assertFalse(self._preview_until('2025-03-31').charge_ids)

    def test_no_reading_for_more_than_a_quarter(self):
        """ Told in the preview, not skipped in silence; one that is due only later is not. """
        self.assertFalse(self._preview_until('2025-03-30').charge_ids)
        left_out = self._preview_until('2025-04-30').charge_ids
        self.assertEqual(left_out.mapped('reason'), ['no_reading'])
        self.assertIn("has no reading since 2024-12-31", left_out.reason_detail)

    def test_a_meter_that_was_taken_away(self):
        """ It is asked for until its last day, and for nothing after it. """
        self._read(self.meter, '2025-01-31', '1030')
        self.meter.date_end = '2025-02-28'
        self._bill_until('2025-01-31')
        left_out = self._preview_until('2025-06-30').charge_ids
        self.assertEqual(
            [(charge.reason, str(charge.date_end)) for charge in left_out],
            [('no_reading', '2025-02-28')])
        left_out.run_id.action_drop_preview()
        self._read(self.meter, '2025-02-28', '1060')
        self.assertEqual(self._bill_until('2025-02-28').amount, 150)
        self.assertFalse(self._preview_until('2025-12-31').charge_ids)

    def test_not_archived_while_it_is_charged(self):
        """ Nobody would notice that it is not billed any more. """
        own = self.meter.with_user(self.clerk)
        with self.assertRaisesRegex(UserError, "W-0101 .*is charged to .*1011 by .*end that fee"):
            own.action_archive()
        with self.assertRaisesRegex(UserError, "end that fee"):
            own.write({'active': 0})
        self._read(self.meter, '2025-01-31', '1030')
        self._bill_until('2025-01-31')
        self.assignment.date_end = '2025-01-31'
        own.action_archive()
        self.assertFalse(self.meter.active)

    def test_prepaid_meters_are_not_billed(self):
        """ [B52] Their readings are a control. """
        self.meter.with_user(self.clerk).mode = 'prepaid'
        self._read(self.meter, '2025-06-30', '1090')
        self.assertFalse(self.meter._get_measured()[self.meter.id].intervals)
        self.assertFalse(self._preview_until('2025-06-30').charge_ids)

    def test_what_is_billed_by_readings_is_not_prepaid(self):
        """ [B52] Its bills are computed from readings, which would not count any more. """
        self._read(self.meter, '2025-03-31', '1090')
        self._bill_until('2025-03-31')
        with self.assertRaisesRegex(UserError, "is billed by its readings up to"):
            self.meter.with_user(self.clerk).mode = 'prepaid'

    def test_day_and_night(self):
        """ 300 kWh by day at 0.5583 and 150 by night at 0.3583: 167.49 + 53.745 = 221.24. """
        tariff = self.env['property.tariff'].create({
            'name': "Hours", 'fee_id': self.water_fee.id, 'basis': 'metered',
            'version_ids': [Command.create({
                'date_start': '2020-01-01', 'price': 0, 'component_ids': [
                    Command.create({'basis': 'use', 'register': 'peak', 'price': 0.5583}),
                    Command.create({'basis': 'use', 'register': 'valley', 'price': 0.3583})]})]})
        meter = self._create_meter('E-0101', self.unit_1012, type_id=self.time_of_use_type.id)
        for register, first, last in (('peak', '100', '400'), ('valley', '50', '200')):
            self._read(meter, '2025-02-28', first, register, kind='first')
            if register == 'peak':
                self._read(meter, '2025-03-31', last, register)
                self.assertFalse(self._preview_until('2025-03-31').charge_ids.filtered('partner_id'))
        self._assign(meter, '2025-03-01', tariff_id=tariff.id)
        self._read(meter, '2025-03-31', '200', 'valley')
        charges = self._bill_until('2025-03-31').filtered(
            lambda charge: charge.unit_id == self.unit_1012)
        self.assertEqual(self._get_rows(charges), [('2025-03-01', '2025-03-31', 221.24)])
        self.assertEqual(charges._get_bill_figures()['use'], '450 kWh')

    def test_a_wrong_reading_is_corrected(self):
        """ 1,090 was 1,080: 50.00 less of the first quarter, and the tiers of the second move. """
        for day, value in zip(QUARTERS[1:3], ('1090', '1190'), strict=True):
            self._read(self.meter, day, value)
            self._bill_until(day)
        first = self.Reading.search([
            ('meter_id', '=', self.meter.id), ('date', '=', '2025-03-31')])
        first.action_replace()
        first._replace('1080', "Misread")
        charges = self.assignment.charge_ids
        corrections = {
            (str(c.start), float(c.amount)) for c in charges._plan_corrections()}
        self.assertEqual(corrections, {('2025-01-01', -50), ('2025-04-01', 50)})

    def test_a_meter_has_one_tariff_and_its_own_room(self):
        """ An error at the field. """
        fixed = self.assignment.tariff_id.copy({'name': "Other", 'basis': 'metered'})
        other = self._create_meter('W-0102', self.unit_1012, first='0', since='2024-12-31')
        for vals, message in (
            ({'meter_id': False}, "Choose the meter"),
            ({'meter_id': other.id}, "is not one of"),
            ({'tariff_id': self.water_tariff.id}, "is not charged by meter"),
        ):
            with self.subTest(vals=vals), self.assertRaisesRegex(ValidationError, message), \
                    self.env.cr.savepoint():
                self.assignment.write(vals)
        with mute_logger('odoo.sql_db'), self.assertRaises(ExclusionViolation), \
                self.env.cr.savepoint():
            self._assign(self.meter, tariff_id=fixed.id)

    def test_what_is_billed_stays_of_its_meter(self):
        """ The charges lock the readings that they were counted by. """
        self._read(self.meter, '2025-03-31', '1090')
        other = self._create_meter('W-0103', self.unit_1011, first='0', since='2024-12-31')
        self.assignment.with_user(self.clerk).meter_id = other
        self.assignment.with_user(self.clerk).meter_id = self.meter
        self._bill_until('2025-03-31')
        with self.assertRaisesRegex(UserError, "is billed up to 2025-03-31 and stays"):
            self.assignment.with_user(self.clerk).meter_id = other

    def test_hours_that_the_meter_does_not_tell_apart(self):
        """ Told where they are entered, whichever comes last: no bill run meets them. """
        other = self._create_type("Other meter")
        meter = self._create_meter('W-0104', self.unit_1012, type_id=other.id)
        peak = {'basis': 'use', 'register': 'peak', 'price': 1}
        tariff = self.tiered.copy({'name': "By hours", 'version_ids': [Command.create({
            'date_start': '2020-01-01', 'price': 5, 'component_ids': [Command.create(peak)]})]})
        message = "with the rate periods of the meter"
        with self.assertRaisesRegex(ValidationError, message), self.cr.savepoint():
            self.tiered.version_ids.component_ids = [Command.create(peak)]
        with self.assertRaisesRegex(ValidationError, message), self.cr.savepoint():
            self._assign(meter, tariff_id=tariff.id)
        other.registers = 'day_night'
        self._assign(meter, tariff_id=tariff.id)
        for record, vals in ((other, {'registers': 'single'}), (meter, {
                'type_id': self.water_type.id})):
            with self.assertRaisesRegex(ValidationError, message), self.cr.savepoint():
                record.write(vals)

    def test_a_type_keeps_the_fee_that_its_meters_are_charged_as(self):
        """ A run would charge what nobody reads it for. """
        other = self.water_fee.copy({'name': "Sewage"})
        with self.assertRaisesRegex(ValidationError, "is read for"):
            self.water_type.fee_id = other

    def test_the_tariff_of_many_meters(self):
        """ [B11] Two rooms, three meters: the one that has it already stays. """
        meters = self._create_meter('W-0102', self.unit_1012) + self._create_meter(
            'W-0103', self.unit_1012)
        vals = {
            'unit_ids': (self.unit_1011 + self.unit_1012).ids, 'tariff_id': self.tiered.id,
            'date_start': '2025-01-01'}
        wizard = self.env['property.fee.assign'].create(vals)
        self.assertEqual((wizard.unit_count, wizard.skipped_unit_ids), (1, self.unit_1011))
        action = wizard.action_assign()
        assignments = self.env['property.fee.assignment'].search(action['domain'])
        self.assertEqual(assignments.meter_id, meters)
        with self.assertRaisesRegex(UserError, "no meter that is read"):
            wizard.create(vals).action_assign()

    def test_the_number_of_queries_does_not_depend_on_the_meters(self):
        """ Readings of all meters come in one query. """
        def preview(meters):
            for number in meters:
                meter = self._create_meter(
                    f'W-{number}', self.unit_1012, first='0', since='2024-12-31')
                self._assign(meter)
                self._read(meter, '2025-03-31', '90')
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            run = self._preview_until('2025-03-31')
            count = self.env.cr.sql_log_count - before
            self.assertEqual(
                len(run.charge_ids.filtered(lambda c: c.unit_id == self.unit_1012)), len(meters))
            return count
        few, many = preview(range(2)), preview(range(2, 22))
        self.assertLessEqual(many, few + 5)
