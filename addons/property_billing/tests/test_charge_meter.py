import json
from pathlib import Path

from odoo.tests import tagged

from .common import LedgerCommon

STORED = json.loads(
    Path(__file__).with_name('pure').joinpath('explanations.json').read_text(encoding='utf-8'))


@tagged('post_install', '-at_install')
class TestChargeMeter(LedgerCommon):
    """ What a bill says of what was measured and what was shared. """

    def _create_stored(self, name):
        explanation = STORED[name]
        return self._create_charge(
            float(explanation['amount']), self.water_fee, explanation=explanation)

    def test_a_quarter_in_tiers(self):
        """ [B34] 90 at 5.00 and 10 at 7.00. """
        charge = self._create_stored('a quarter in tiers of the year')
        self.assertEqual(charge._render_explanation(), [
            "Meter W-0101: 90 → 190, 2026-04-01 ~ 2026-06-30",
            "Used before since 2026-01-01: 90 m³; tiers above 180 / 260",
            "90 m³ × 5 (tier 1)", "10 m³ × 7 (tier 2)", "Together 520"])
        self.assertEqual(charge._get_explanation_rows(), [
            ('2026-04-01 ~ 2026-06-30', "90 m³ × 5 (tier 1)", 450),
            ('2026-04-01 ~ 2026-06-30', "10 m³ × 7 (tier 2)", 70)])
        self.assertEqual(charge._get_measured_text(), charge._render_explanation()[:2])
        self.assertEqual(self._create_charge(12.34)._get_measured_text(), [])
        self.assertEqual(charge._get_bill_figures(), {
            'previous': '90', 'present': '190', 'use': '100 m³', 'price': '5 / 7',
            'reduction': ''})

    def test_two_prices_between_two_readings(self):
        """ [decision 18] Use is divided by days, and the bill says so. """
        charge = self._create_stored('two prices between two readings')
        self.assertEqual(charge._render_explanation(), [
            "Meter W-0101: 0 → 40, 2026-03-11 ~ 2026-04-10",
            "27.097 m³ × 2.5, by 21/31 of the days between two readings",
            "12.903 m³ × 2.8, by 10/31 of the days between two readings",
            "Together 103.870968 → 103.87"])

    def test_day_and_night(self):
        charge = self._create_stored('day and night with tiers')
        self.assertEqual(charge._render_explanation()[:2], [
            "Meter W-0101 Peak hours: 100 → 400, 2026-03-01 ~ 2026-03-31",
            "Meter W-0101 Valley hours: 50 → 200, 2026-03-01 ~ 2026-03-31"])
        self.assertEqual(charge._get_bill_figures()['previous'], '100 / 50')
        self.assertEqual(
            charge._get_explanation_rows()[-1][1:], ("Valley hours 150 m³ × 0.3583", 53.75))

    def test_over_zero_with_a_reduction(self):
        """ Full price: 700 × 5 + 3 = 3,503.00, so 847.50 less. """
        charge = self._create_stored('over zero, behind a transformer, with a reduction')
        self.assertEqual(
            charge._render_explanation()[0],
            "Meter W-0101: 99980 → 15, 2026-03-01 ~ 2026-03-31, the dial went over zero, times 20")
        self.assertEqual(charge._get_bill_figures()['reduction'], '847.50')

    def test_the_buyer_of_a_home(self):
        """ [B33] 46 of 91 days of 225.00. """
        charge = self._create_stored('the buyer of a home, between two readings')
        self.assertEqual(charge._render_explanation()[-2:], [
            "45 m³ × 5 = 225", "Of this 46 of 91 days: 113.74"])

    def test_a_third_of_a_shared_cost(self):
        """ The unit of the remainder is told. """
        charge = self._create_stored('a third of a shared cost')
        self.assertEqual(charge._render_explanation(), [
            "Garden water 2026-03-01 ~ 2026-03-31: 100 together",
            "Households 1 of 3: 33.34, the rest of dividing included"])
