from datetime import date, timedelta

from odoo import Command
from odoo.tests import tagged

from ..tools.planning import plan_period
from .common_meter import MeteredCommon


@tagged('post_install', '-at_install')
class TestMeteredDevice(MeteredCommon):
    """ [B35] A meter that a device reads every day: 1 m³ a day from 2025 on, billed by month. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tiered.write({
            'cycle_months': 1, 'account_start': '07-15', 'splits_account': True})
        days = [date(2025, 1, 1) + timedelta(number) for number in range(485)]
        readings = cls.Reading.sudo().create([
            {
                'meter_id': cls.meter.id, 'register': 'total', 'date': day,
                'value': 1000 + number + 20 * (day >= date(2025, 7, 20)),
                'multiplier': 1, 'digits': 5, 'source': 'device', 'device_key': str(day),
                'is_border': (day + timedelta(1)).day == 1,
            }
            for number, day in enumerate(days, 1)])
        cls.Reading._recompute_quantities(readings.meter_id)

    def _raise_price(self, day):
        """ 6.00 instead of 5.00 in the lowest tier. """
        version = self.tiered.version_ids
        version.date_end = day - timedelta(1)
        version.copy({
            'date_start': day, 'date_end': False, 'price': 6, 'tier_ids': [
                Command.create({'above': 180, 'price': 7}),
                Command.create({'above': 260, 'price': 9})]})

    def test_the_bill_tells_it_in_a_line(self):
        charge = self._bill_until('2025-01-31')
        self.assertEqual(charge.amount, 155)
        self.assertEqual(len(charge.explanation['meter']['steps']), 31)
        self.assertEqual(charge._get_measured_text(), [
            "Meter W-0101: 1000 → 1031, 2025-01-01 ~ 2025-01-31",
            "Used before since 2024-07-15: 0 m³; tiers above 180 / 260"])

    def test_what_is_billed_is_not_read_again_day_by_day(self):
        """ Fifteen months are billed: 280 m³ since 15 July, of which 20 on one day. April costs
        30 × 9.00, by two prices from the 11th on; and it is told in the same way whether each day
        of the years before is loaded or not.
        """
        self.assertEqual(len(self._bill_until('2026-03-31')), 15)
        self._raise_price(date(2026, 4, 11))
        run = self._preview_until('2026-04-30')
        since = self.assignment._get_first_open_days(run._get_covered_days(self.assignment))
        self.assertEqual(since, {self.assignment: date(2026, 4, 1)})
        measured = self.assignment._get_measured(since), self.meter._get_measured()
        few, all_ = (counted[self.meter.id] for counted in measured)
        self.assertEqual((len(few.steps['total']), len(all_.steps['total'])), (46, 485))
        self.assertEqual(few.intervals, all_.intervals)
        plans = [
            plan_period(
                self.assignment._get_subjects(counted)[self.assignment],
                date(2026, 4, 1), date(2026, 5, 1))
            for counted in measured]
        self.assertEqual(*plans)
        explanation = run.charge_ids.explanation
        self.assertEqual(explanation, plans[0][0].explanation)
        self.assertEqual(explanation['amount'], '270.00')
        self.assertEqual(explanation['meter']['accounts'][0]['before'], '280')
        self.assertEqual(
            [(line['start'], line['use'], line['tier']) for line in explanation['lines']],
            [('2026-04-01', '10', 3), ('2026-04-11', '20', 3)])
        run.action_post()
        self.assertEqual(run.charge_ids.mapped('state'), ['posted'])
