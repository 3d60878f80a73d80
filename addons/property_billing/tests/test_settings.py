from datetime import date

from odoo.tests import tagged

from .common import LedgerCommon


@tagged('post_install', '-at_install')
class TestSettings(LedgerCommon):
    """[A80] [A67] The parameters of billing on the page of settings. """

    def test_tariffs_with_the_prices_of_today(self):
        """ By area and by household, of the own company. """
        by_area = self._create_tariff(
            self.property_fee, [('2015-01-01', '2015-12-31', 1.2), ('2016-01-01', False, 1.9)])
        by_household = self._create_tariff(
            self.parking_fee, [('2015-01-01', False, 30)], basis='household')
        other = self._create_company("Faraway Property")
        foreign = self._create_tariff(self.env['property.fee'].create(
            {'name': "Foreign", 'company_id': other.id}))
        tariffs = self.env['res.config.settings'].create({}).property_tariff_ids
        self.assertEqual(
            [(tariff.basis, tariff.price_today) for tariff in tariffs & (by_area | by_household)],
            [('area', 1.9), ('household', 30)])
        self.assertNotIn(foreign, tariffs)

    def test_month_end(self):
        """ A late bill of a closed month is booked in the next. """
        settings = self.env['res.config.settings'].create({'property_lock_date': '2026-01-31'})
        settings.execute()
        self.assertEqual(str(self.company.fiscalyear_lock_date), '2026-01-31')
        bill = self._post(self._create_charge(100), date(2026, 1, 15))
        self.assertGreater(bill.date, date(2026, 1, 31))
