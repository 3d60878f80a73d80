from datetime import date
from decimal import Decimal

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..tools.tiers import MONTH, YEAR, Account, Tier
from .common import BillingCommon


@tagged('post_install', '-at_install')
class TestTariffMetered(BillingCommon):
    """ Prices of what a meter counts, before there is a meter. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.water_fee = cls._create_fee("Water")

    def _create_water(self, **vals):
        return self.env['property.tariff'].create({
            'name': "Flats", 'fee_id': self.water_fee.id, 'basis': 'metered',
            'version_ids': [Command.create({
                'date_start': '2026-01-01', 'price': 5.0, 'per_person': 30.0,
                'standard_persons': 4,
                'tier_ids': [
                    Command.create({'above': 260, 'price': 9}),
                    Command.create({'above': 180, 'price': 7})]})],
            **vals,
        })

    def test_water_in_tiers_of_the_year(self):
        """ [B01] 5.00, above 180 m³ 7.00, above 260 m³ 9.00, in whichever order they are typed. """
        tariff = self._create_water()
        [rate] = tariff._get_rates()
        self.assertEqual(rate.tiers, (
            Tier(Decimal('180.0'), Decimal('7.0')), Tier(Decimal('260.0'), Decimal('9.0'))))
        self.assertEqual((rate.per_person, rate.standard_persons), (30, 4))
        self.assertEqual(tariff._get_terms().account, Account(YEAR))
        self.assertEqual(tariff.version_ids.component_text, "7 above 180; 9 above 260")
        self.assertEqual(
            tariff.version_ids._get_price_text(), "5 + 7 above 180; 9 above 260 per unit of use")

    def test_day_and_night(self):
        """ [B01] 0.5583 by day and 0.3583 by night, no price of its own. """
        tariff = self._create_water(version_ids=[Command.create({
            'date_start': '2026-01-01', 'price': 0,
            'component_ids': [
                Command.create({'basis': 'use', 'register': 'peak', 'price': 0.5583}),
                Command.create({'basis': 'use', 'register': 'valley', 'price': 0.3583})]})],
            account_period='month')
        self.assertEqual(
            tariff.version_ids.component_text, "0.5583 (Peak hours) + 0.3583 (Valley hours)")
        self.assertEqual(tariff._get_terms().account, Account(MONTH))

    def test_a_year_from_july(self):
        tariff = self._create_water()
        with Form(tariff) as form:
            form.account_start = '7.1'
        self.assertEqual(tariff.account_start, '07-01')
        self.assertEqual(
            tariff._get_account().period_on(date(2026, 6, 30))[0], date(2025, 7, 1))
        for wrong in ('02-29', '13-01', 'July'):
            with self.subTest(day=wrong), \
                    self.assertRaisesRegex(ValidationError, "day of every year"), \
                    self.env.cr.savepoint():
                tariff.account_start = wrong

    def test_prices_of_two_years_at_once(self):
        """ [A08] In whatever order they are typed, each ends the day before the next. """
        days = ('2026-07-01', '2025-01-01', '2026-01-01')
        tariff = self._create_water(version_ids=[
            Command.create({'date_start': day, 'price': 5}) for day in days])
        self.assertEqual(
            [(str(price.date_start), price.date_end and str(price.date_end))
             for price in tariff.version_ids.sorted('date_start')],
            [('2025-01-01', '2025-12-31'), ('2026-01-01', '2026-06-30'), ('2026-07-01', False)])

    def test_a_new_price_has_tiers_of_its_own(self):
        """ [A08] 10 % more, with what belongs to the price: 5.50, 7.70 and 9.90. """
        tariff = self._create_water()
        wizard = self.env['property.price.change'].create({
            'company_id': self.company.id, 'date_start': '2027-01-01', 'mode': 'percent',
            'value': 10, 'step': '0.01', 'with_parts': True,
            'line_ids': [Command.create({'tariff_id': tariff.id})],
        })
        wizard.action_change()
        old, new = tariff.version_ids.sorted('date_start')
        self.assertEqual(new.price, 5.5)
        self.assertEqual(
            [(tier.above, tier.price) for tier in new.tier_ids.sorted('above')],
            [(180, 7.7), (260, 9.9)])
        self.assertEqual((new.per_person, new.standard_persons), (30, 4))
        self.assertEqual(sorted(old.tier_ids.mapped('price')), [7, 9])

    def test_what_only_a_meter_has(self):
        """ An error at the field, not a bill of zero. """
        tiers = {'tier_ids': [Command.create({'above': 180, 'price': 7})]}
        per_use = {'component_ids': [Command.create({'basis': 'use', 'price': 1})]}
        per_area = {'component_ids': [Command.create({'basis': 'area', 'price': 1})]}
        for basis, vals, message in (
            ('fixed', tiers, "not charged by meter"),
            ('fixed', per_use, "not charged by meter"),
            ('metered', {'minimum': 10}, "no least and no most"),
            ('metered', {'maximum': 10}, "no least and no most"),
            ('metered', per_area, "fixed amount a month"),
        ):
            version = {'date_start': '2026-01-01', 'price': 5, **vals}
            with self.subTest(basis=basis, vals=vals), \
                    self.assertRaisesRegex(ValidationError, message), self.env.cr.savepoint():
                self._create_water(basis=basis, version_ids=[Command.create(version)])

    def test_a_meter_has_no_season(self):
        with self.assertRaisesRegex(ValidationError, "has no season"):
            self._create_water(season_start='11-15', season_end='03-15')

    def test_tiers_stay_with_a_meter(self):
        tariff = self._create_water()
        with self.assertRaisesRegex(ValidationError, "not charged by meter"):
            tariff.basis = 'fixed'

    def test_no_percentage_of_what_is_used(self):
        self._create_water()
        with self.assertRaisesRegex(ValidationError, "charged by meter and has no price per month"):
            self.env['property.tariff'].create({
                'name': "Sewage", 'fee_id': self._create_fee("Sewage").id, 'basis': 'percent',
                'percent_fee_id': self.water_fee.id,
                'version_ids': [Command.create({'date_start': '2026-01-01', 'price': 20})]})

    @mute_logger('odoo.sql_db')
    def test_limits_that_say_nothing(self):
        version = self._create_water().version_ids
        for wrong in ({'above': 180, 'price': 8}, {'above': 0, 'price': 8}):
            with self.subTest(tier=wrong), self.assertRaises(IntegrityError), \
                    self.env.cr.savepoint():
                version.tier_ids = [Command.create(wrong)]
                self.env.flush_all()
