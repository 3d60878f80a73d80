from datetime import date

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common_meter import QUARTERS, MeteredCommon


class MeteredCorrectionCommon(MeteredCommon):

    def _get_proposed(self, action):
        """ The differences that the action proposes, by the first day of their period. """
        self.assertEqual(action['res_model'], 'property.charge.correct')
        self.assertTrue(action['context']['default_reason'])
        charges = self.env['property.charge'].browse(action['context']['default_charge_ids'])
        return charges, {str(c.start): c.amount for c in charges._plan_corrections()}

    def _correct(self, action):
        self.env['property.charge.correct'].with_user(self.manager).with_context(
            **action['context']).create({'date': date(2026, 6, 30)}).action_correct()


@tagged('post_install', '-at_install')
class TestMeteredCorrection(MeteredCorrectionCommon):
    """ [B34] [B44] What was billed by a reading that was another one: 450.00, 520.00, 580.00 and
    270.00 in 2025 (90, 100, 80 and 30 m³).
    """

    def _bill_year(self):
        for day, value in zip(QUARTERS[1:], ('1090', '1190', '1270', '1300'), strict=True):
            self._read(self.meter, day, value)
            self._bill_until(day)

    def _replace(self, day, value):
        """ By the manager, in the dialog; the proposed correction. """
        reading = self.Reading.search([
            ('meter_id', '=', self.meter.id), ('date', '=', day), ('state', '=', 'accepted')])
        return self._decide(
            reading, 'replace', self.manager, value=value, note="Misread").action_confirm()

    def test_a_replaced_reading_moves_the_tiers(self):
        """ 1,090 was 1,080: 80 × 5 = 400.00, and 100 × 5 + 10 × 7 = 570.00; the rest is as it was.
        """
        self._bill_year()
        action = self._replace('2025-03-31', '1080')
        charges, proposed = self._get_proposed(action)
        self.assertEqual(charges, self.assignment.charge_ids)
        self.assertEqual(proposed, {'2025-01-01': -50, '2025-04-01': 50})
        self._correct(action)
        self.assertFalse(charges._plan_corrections())
        self.assertFalse(self._preview_until('2025-12-31').charge_ids)

    def test_only_to_the_end_of_the_year_of_its_tiers(self):
        """ December's reading moves the next year, too; March's does not. """
        self._bill_year()
        for day, value in (('2026-03-31', '1390'), ('2026-06-30', '1490')):
            self._read(self.meter, day, value)
            self._bill_until(day)
        # Of 1,290: 20 × 9 = 180.00; 100 × 5 = 500.00 instead of 450.00; 80 × 5 + 20 × 7 = 540.00
        # instead of 90 × 5 + 10 × 7 = 520.00.
        _charges, proposed = self._get_proposed(self._replace('2025-12-31', '1290'))
        self.assertEqual(proposed, {'2025-10-01': -90, '2026-01-01': 50, '2026-04-01': 20})
        charges, _proposed = self._get_proposed(self._replace('2025-03-31', '1080'))
        self.assertEqual(max(charges.mapped('date_end')), date(2025, 12, 31))

    def test_two_payers_of_the_period(self):
        """ Each is credited his days of 50.00: 45 and 46 of 91. """
        self._read(self.meter, '2025-03-31', '1000')
        self._read(self.meter, '2025-06-30', '1045')
        self.unit_1011.occupancy_ids.date_end = '2025-05-15'
        self.env.flush_all()
        self._move_in(
            self.unit_1011, self.env['res.partner'].create({'name': "Buyer"}), '2025-05-16')
        self._bill_until('2025-06-30')
        action = self._replace('2025-06-30', '1035')
        charges = self.env['property.charge'].browse(action['context']['default_charge_ids'])
        self.assertEqual(
            sorted(c.amount for c in charges._plan_corrections()), [-25.28, -24.72])

    def test_restart_inside_what_is_billed(self):
        """ A new household since April: 100 × 5, 80 × 5 and 30 × 7. """
        self._bill_year()
        action = self.meter.with_user(self.manager)._restart(date(2025, 3, 31), "New household")
        charges, proposed = self._get_proposed(action)
        self.assertEqual(len(charges), 4)
        self.assertEqual(
            proposed, {'2025-04-01': -20, '2025-07-01': -180, '2025-10-01': -60})
        self.assertEqual(self.meter.event_ids.ground, "New household")

    def test_by_managers_alone(self):
        """ Who may decide about readings does not change what is billed. """
        self._bill_year()
        reading = self.Reading.search([('date', '=', '2025-03-31')])
        with self.assertRaises(AccessError):
            self._decide(reading, 'replace', value='1080', note="Misread").action_confirm()
        self.assertFalse(self.assignment.charge_ids._plan_corrections())

    def test_nothing_billed_nothing_proposed(self):
        self._read(self.meter, '2025-03-31', '1090')
        self.assertEqual(
            self._replace('2025-03-31', '1080')['type'], 'ir.actions.act_window_close')


@tagged('post_install', '-at_install')
class TestEstimatesMadeGood(MeteredCorrectionCommon):
    """ [B31] 365 m³ in the year before, at 5.00: the 31 days of May are estimated as 31 m³, from
    500 to 531, and billed as 155.00.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.flat = cls.env['property.tariff'].create({
            'name': "Flat", 'fee_id': cls.water_fee.id, 'basis': 'metered',
            'version_ids': [Command.create({'date_start': '2020-01-01', 'price': 5})]})
        cls.other = cls._create_meter('W-0102', cls.unit_1012, first='135', since='2024-04-30')
        cls._read(cls.other, '2025-04-30', '500')
        cls.of_other = cls._assign(cls.other, '2025-05-01', tariff_id=cls.flat.id)

    def _estimate(self, day):
        self.other.with_user(self.clerk)._estimate(date.fromisoformat(day), "Nobody at home")
        self._bill_until(day)
        return self.of_other.charge_ids.sorted('date_start')[-1]

    def _read_odd(self, day, value):
        _faults, reading = self._enter(self._row(self.other, day, value))
        self.assertEqual(reading.state, 'queued')
        return reading

    def test_real_use_above_the_estimate(self):
        """ 545 on 30 June: 14 m³, 70.00, and nothing to correct. """
        self.assertEqual(self._estimate('2025-05-31').amount, 155)
        self._read(self.other, '2025-06-30', '545')
        self._bill_until('2025-06-30')
        charges = self.of_other.charge_ids.sorted('date_start')
        self.assertEqual(charges.mapped('amount'), [155, 70])
        self.assertFalse(charges._plan_corrections())

    def test_real_use_below_the_estimate(self):
        """ 525 on 30 June: 25 m³ by 31 and 30 days are 13 and 12: May 65.00 instead of 155.00,
        90.00 are credited, and June is 60.00.
        """
        may = self._estimate('2025-05-31')
        action = self._decide(
            self._read_odd('2025-06-30', '525'), 'true_up', self.manager,
            note="Read at last").action_confirm()
        self.assertEqual(self._get_proposed(action), (may, {'2025-05-01': -90}))
        self._correct(action)
        self.assertEqual(may.amount_residual, 65)
        self._bill_until('2025-06-30')
        june = self.of_other.charge_ids.sorted('date_start')[-1]
        self.assertEqual((str(june.date_start), june.amount), ('2025-06-01', 60))
        self.assertChain(self.other)
        event = self.other.event_ids.filtered(lambda event: event.kind == 'true_up')
        self.assertEqual(event.ground, "Read at last")

    def test_two_months_estimated(self):
        """ 31 and 30 m³; 40 on 31 July by 31, 30 and 31 of 92 days: 14, 13 and 13. """
        may, june = self._estimate('2025-05-31'), self._estimate('2025-06-30')
        self.assertEqual((may.amount, june.amount), (155, 150))
        action = self._decide(
            self._read_odd('2025-07-31', '540'), 'true_up', self.manager,
            note="Read at last").action_confirm()
        charges, proposed = self._get_proposed(action)
        self.assertEqual(charges, may + june)
        self.assertEqual(proposed, {'2025-05-01': -85, '2025-06-01': -85})
