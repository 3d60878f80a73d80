from contextlib import contextmanager

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import BillingCommon


@tagged('post_install', '-at_install')
class TestTariff(BillingCommon):
    """[B01] What a price may consist of, on 94.56 m² at 1.3. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.unit = cls._create_unit("1011", area=94.56, usable_area=80, household_count=1)
        cls.property_fee = cls._create_fee()
        cls.property_tariff = cls._create_tariff(
            cls.property_fee, [('2020-01-01', False, 1.3)])
        cls.waste_fee = cls._create_fee("Waste")

    @contextmanager
    def assertRefused(self, text):
        with self.assertRaisesRegex(ValidationError, text), self.env.cr.savepoint():
            yield

    def _create_version(self, tariff=None, components=(), **vals):
        """ A price from 2020 on; components are (basis, price) or (basis, price, fee). """
        return self.env['property.tariff.version'].create({
            'tariff_id': (tariff or self._create_tariff(self.waste_fee, ())).id,
            'date_start': '2020-01-01',
            'component_ids': [
                Command.create({
                    'basis': basis, 'price': price, 'percent_fee_id': fee[0].id if fee else False})
                for basis, price, *fee in components
            ],
            **vals,
        })

    def test_found_by_its_fee(self):
        """ The ready-made tariffs share a name: who looks for one types the fee. """
        waste_tariff = self._create_tariff(self.waste_fee, (), name="Standard")
        self.property_tariff.name = "Standard"
        found = [tariff_id for tariff_id, _name in self.env['property.tariff'].name_search("waste")]
        self.assertIn(waste_tariff.id, found)
        self.assertNotIn(self.property_tariff.id, found)

    def _create_percent_tariff(self, percent=5, of=None, fee=None, **vals):
        return self._create_tariff(
            fee or self.waste_fee, [('2020-01-01', False, percent)], basis='percent',
            percent_fee_id=(of or self.property_fee).id, **vals)

    def _bill(self, *tariffs, since='2026-03-01', until='2026-03-31', unit=None):
        """ The charges of the last of these tariffs. """
        for tariff in tariffs:
            self._assign(unit or self.unit, tariff, since)
        run = self._preview(until)
        return run.charge_ids.filtered(
            lambda charge: charge.tariff_id == tariffs[-1]).sorted('date_start')

    # === WHAT A PRICE CONSISTS OF === #

    def test_parts_with_their_own_basis(self):
        """ 94.56 × 1.3 = 122.928, usable area 80 × 0.5 = 40, a household 20, and 7: 189.93. """
        version = self._create_version(
            price=1.3, surcharge=7, components=[('usable_area', 0.5), ('household', 20)])
        charge = self._bill(version.tariff_id)
        self.assertEqual(charge.amount, 189.93)
        self.assertEqual(
            charge.explanation_text,
            "94.56 m² × 1.3 + 80 m² usable × 0.5 + 1 households × 20 + 7 = 189.928 a month "
            "→ 189.93")
        self.assertEqual(
            version._get_price_text(),
            "1.3 + 7 + 0.5 (By usable area) + 20 (Per household) a month")

    def test_usable_area(self):
        tariff = self._create_tariff(self.property_fee, basis='usable_area', name="By usable area")
        charge = self._bill(tariff)
        self.assertEqual(charge.amount, 80)
        self.assertIn(("Usable area (m²)", '80.0'), charge._get_explanation_facts())

    def test_at_least(self):
        """ 30 m² × 1.3 = 39.00 is 50.00 at least; ten of thirty days are 16.67. """
        tariff = self._create_version(price=1.3, minimum=50).tariff_id
        unit = self._create_unit("1012", area=30)
        self._assign(unit, tariff, '2026-04-01', '2026-05-10')
        charges = self._preview('2026-05-31').charge_ids.sorted('date_start')
        self.assertEqual(self._periods(charges), [
            ('2026-04-01', '2026-04-30', 50.0), ('2026-05-01', '2026-05-10', 16.13)])
        self.assertEqual(
            charges[0].explanation_text, "30 m² × 1.3 = 39, at least 50 a month")
        self.assertIn(("At least", '50'), charges[0]._get_explanation_facts())

    def test_at_least_of_ten_days_of_april(self):
        tariff = self._create_version(price=1.3, minimum=50).tariff_id
        self._assign(self._create_unit("1012", area=30), tariff, '2026-04-21')
        self.assertEqual(self._preview('2026-04-30').charge_ids.amount, 16.67)

    def test_at_most(self):
        """ 122.93 is 100 at most. """
        charge = self._bill(self._create_version(price=1.3, maximum=100).tariff_id)
        self.assertEqual(charge.amount, 100)
        self.assertEqual(
            charge.explanation_text, "94.56 m² × 1.3 = 122.928, at most 100 a month")

    def test_a_price_gives_something(self):
        """ Each part alone may be the price, but not nothing at all, nor a negative one. """
        self._create_version(components=[('fixed', 3)], price=0)
        for vals in ({'price': 0}, {'price': 0, 'maximum': 3}):
            with self.assertRefused("more than zero"):
                self._create_version(
                    self._create_tariff(self.waste_fee, (), name=str(vals)), **vals)
        for vals in ({'price': -1}, {'price': 1, 'minimum': 3, 'maximum': 2}):
            with mute_logger('odoo.sql_db'), self.assertRaises(IntegrityError):
                self._create_version(
                    self._create_tariff(self.waste_fee, (), name=str(vals)), **vals)

    def test_an_area_that_is_missing_is_never_zero(self):
        """ Without its usable area a unit is flagged, and not charged the rest only. """
        tariff = self._create_version(price=1.3, components=[('usable_area', 0.5)]).tariff_id
        self.unit.usable_area = 0
        charge = self._bill(tariff)
        self.assertEqual((charge.state, charge.reason), ('left_out', 'zero'))
        self.assertIn("has no usable area", charge.reason_detail)

    # === A PERCENTAGE OF ANOTHER FEE === #

    def test_waste_as_five_percent_of_the_property_fee(self):
        """ 94.56 × 1.3 × 5 % = 6.1464. """
        charge = self._bill(self.property_tariff, self._create_percent_tariff())
        self.assertEqual(charge.amount, 6.15)
        self.assertEqual(
            charge.explanation_text, "Property fee 122.928 × 5 % = 6.1464 a month → 6.15")
        self.assertIn(
            ("Price since 2020-01-01", "5 % (Property fee) a month"),
            charge._get_explanation_facts())

    def test_a_percentage_as_a_part_of_a_price(self):
        """ 2 fixed + 6.1464. """
        tariff = self._create_version(
            self._create_tariff(self.waste_fee, (), basis='fixed'), price=2,
            components=[('percent', 5, self.property_fee)]).tariff_id
        charge = self._bill(self.property_tariff, tariff)
        self.assertEqual(charge.amount, 8.15)
        self.assertEqual(
            charge.explanation_text,
            "2 + Property fee 122.928 × 5 % = 8.1464 a month → 8.15")

    def test_a_percentage_of_a_percentage(self):
        """ A tenth of the 6.1464, whichever assignment is looked at first. """
        fund = self._create_percent_tariff(10, of=self.waste_fee, fee=self._create_fee("Fund"))
        charge = self._bill(self.property_tariff, self._create_percent_tariff(), fund)
        self.assertEqual(charge.amount, 0.61)

    def test_a_new_price_of_the_other_fee_counts_from_its_day(self):
        """ 100 m²: 1.3 to 15 April, then 1.5: 5 % of 130 and of 150, half a month each: 7.00. """
        self.property_tariff.version_ids.date_end = '2026-04-15'
        self._create_version(self.property_tariff, price=1.5, date_start='2026-04-16')
        unit = self._create_unit("1012", area=100)
        charge = self._bill(
            self.property_tariff, self._create_percent_tariff(), since='2026-04-01',
            until='2026-04-30', unit=unit)
        self.assertEqual(charge.amount, 7)

    def test_a_percentage_of_nothing_is_never_zero(self):
        """ The unit does not pay the other fee, or that has no price yet. """
        percent = self._create_percent_tariff()
        charge = self._bill(percent)
        self.assertEqual((charge.state, charge.reason), ('left_out', 'zero'))
        self.assertIn("1011 pays nothing for it on 2026-03-01", charge.reason_detail)
        self._assign(self.unit, self.property_tariff, '2026-03-01')
        self.property_tariff.version_ids.date_start = '2026-03-10'
        run = charge.run_id
        run.action_preview()
        charge = run.charge_ids.filtered(lambda charge: charge.tariff_id == percent)
        self.assertEqual((charge.state, charge.reason), ('left_out', 'no_version'))
        self.assertIn("has no price or no area on 2026-03-01", charge.reason_detail)

    def test_no_percentage_of_itself(self):
        """ Neither straight nor through another fee, nor in a part of the price. """
        self._create_percent_tariff()
        with self.assertRefused("percentage of itself"):
            self._create_percent_tariff(of=self.waste_fee, name="Straight")
        with self.assertRefused("by way of Waste, Property fee"):
            self._create_percent_tariff(
                of=self.waste_fee, fee=self.property_fee, name="Through another")
        with self.assertRefused("percentage of itself"):
            self._create_version(
                self.property_tariff, date_start='2021-01-01', price=1,
                components=[('percent', 5, self.waste_fee)])

    def test_no_percentage_of_a_season(self):
        """ Whichever comes first. """
        heating = self._create_fee("Heating")
        season = {'season_start': '11-15', 'season_end': '03-15'}
        self._create_tariff(heating, **season)
        with self.assertRefused("charged by season"):
            self._create_percent_tariff(of=heating)
        self._create_percent_tariff()
        with self.assertRefused("charged by season"):
            self.property_tariff.write(season)

    # === SEASONS === #

    def test_heating_season(self):
        """ 94.56 × 24 = 2,269.44, whole from 15 November; the next year again. """
        tariff = self._create_tariff(
            self._create_fee("Heating"), [('2020-01-01', False, 24)], season_start='11-15',
            season_end='03-15')
        self.assertFalse(self._bill(tariff, since='2026-04-01', until='2026-11-14'))
        charges = self._preview('2027-12-31').charge_ids
        self.assertEqual(self._periods(charges), [
            ('2026-11-15', '2027-03-15', 2269.44), ('2027-11-15', '2028-03-15', 2269.44)])
        self.assertEqual(
            charges.sorted('date_start')[0].explanation_text,
            "94.56 m² × 24 = 2269.44 a season")
        self.assertIn(
            ("Season", '11-15 ~ 03-15'), charges[0]._get_explanation_facts())

    def test_a_new_owner_within_the_season(self):
        """ 121 days: 56 of the seller, 1,050.32, and 65 of the buyer, 1,219.12. """
        unit = self._create_unit("1012", area=94.56, owner=None)
        seller, buyer = self.env['res.partner'].create([{'name': "Seller"}, {'name': "Buyer"}])
        self._move_in(unit, seller, '2010-01-01', '2027-01-09')
        self._move_in(unit, buyer, '2027-01-10')
        tariff = self._create_tariff(
            self._create_fee("Heating"), [('2020-01-01', False, 24)], season_start='11-15',
            season_end='03-15')
        charges = self._bill(tariff, since='2026-04-01', until='2026-11-30', unit=unit)
        self.assertEqual(self._periods(charges), [
            ('2026-11-15', '2027-01-09', 1050.32), ('2027-01-10', '2027-03-15', 1219.12)])

    def test_who_comes_within_the_season(self):
        """ From 1 March 15 of 121 days: 281.34. """
        tariff = self._create_tariff(
            self._create_fee("Heating"), [('2020-01-01', False, 24)], season_start='11-15',
            season_end='03-15')
        charge = self._bill(tariff, since='2027-03-01', until='2027-03-31')
        self.assertEqual(self._periods(charge), [('2027-03-01', '2027-03-15', 281.34)])
        self.assertEqual(
            charge._render_explanation()[0],
            "94.56 m² × 24 = 2269.44 a season × 15/121 of the season = 281.335537 → 281.34")

    def test_days_that_no_year_has(self):
        for start, end in (('11-31', '03-15'), ('Nov', '03-15')):
            with self.assertRefused("such as 11-15"):
                self._create_tariff(
                    self.waste_fee, season_start=start, season_end=end, name=start)
        with mute_logger('odoo.sql_db'), self.assertRaises(IntegrityError):
            self._create_tariff(self.waste_fee, season_start='11-15')

    # === WHEN IT IS DUE === #

    def test_due_dates(self):
        """ The bill is of 10 March, the period begins on the 1st. """
        for rule, days, due in (
            ('invoice', 30, '2026-04-09'),
            ('period', 14, '2026-03-15'),
            ('period', -20, '2026-03-10'),  # never before the bill
            ('month', 25, '2026-03-25'),
            ('month', 5, '2026-04-05'),
        ):
            tariff = self._create_tariff(
                self.waste_fee, name=f'{rule} {days}', due_rule=rule, due_days=days)
            assignment = self._assign(self.unit, tariff, '2026-03-01')
            run = self._create_run('2026-03-31', date_invoice='2026-03-10')
            run.action_preview()
            self.assertEqual(
                [str(charge.date_due) for charge in run.charge_ids
                 if charge.assignment_id == assignment], [due], (rule, days))
            run.action_drop_preview()

    def test_no_day_of_the_month_but_1_to_31(self):
        for rule, days in (('month', 0), ('month', 32), ('invoice', -1)):
            with mute_logger('odoo.sql_db'), self.assertRaises(IntegrityError):
                self._create_tariff(
                    self.waste_fee, name=f'{rule} {days}', due_rule=rule, due_days=days)

    # === ON THE FORM === #

    def test_a_percentage_on_the_form(self):
        """ Another basis after all: the fee goes with the percentage. """
        with Form(self.env['property.tariff'].with_user(self.manager)) as form:
            form.name = "Waste"
            form.fee_id = self.waste_fee
            form.basis = 'percent'
            form.percent_fee_id = self.property_fee
            form.basis = 'fixed'
        self.assertFalse(form.record.percent_fee_id)

    def test_the_days_of_a_season_as_people_write_them(self):
        with Form(self.env['property.tariff'].with_user(self.manager)) as form:
            form.name = "Standard"
            form.fee_id = self._create_fee("Heating")
            form.season_start, form.season_end = '11.15', '3月15'
            self.assertEqual((form.season_start, form.season_end), ('11-15', '03-15'))

    def test_a_price_of_nothing(self):
        """ As a workbook may bring it: the missing field is named, nobody sees a program error. """
        for vals in ({'price': 1, 'date_start': '2026-01-01'}, {'price': 1}):
            with mute_logger('odoo.sql_db'), self.assertRaisesRegex(
                    IntegrityError, 'not-null'), self.env.cr.savepoint():
                self.env['property.tariff.version'].create(vals)

    def test_in_chinese(self):
        self.env['res.lang']._activate_lang('zh_CN')
        version = self._create_version(
            price=1.3, minimum=200, components=[('usable_area', 0.5)])
        charge = self._bill(version.tariff_id).with_context(lang='zh_CN')
        self.assertEqual(
            charge._render_explanation(),
            ["94.56 m² × 1.3 + 使用面积 80 m² × 0.5 = 162.928，不低于 200/月"])
