from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import BillingCommon


@tagged('post_install', '-at_install')
class TestPriceChange(BillingCommon):
    """[A08] Flats at 1.3: 94.56 m² and 100 m² pay 122.93 and 130.00. Shops at 2.5: 250.00. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.property_fee = cls._create_fee()
        cls.flats = cls._create_tariff(
            cls.property_fee, [('2020-01-01', False, 1.3)], name="Flats")
        cls.shops = cls._create_tariff(
            cls.property_fee, [('2020-01-01', False, 2.5)], name="Shops")
        for name, area, tariff in (
                ("1011", 94.56, cls.flats), ("1012", 100, cls.flats), ("S1", 100, cls.shops)):
            cls._assign(cls._create_unit(name, area=area), tariff, '2026-01-01')

    def _open(self, user=None, **context):
        form = Form(self.env['property.price.change'].with_user(
            user or self.manager).with_context(**context))
        form.date_start = '2026-07-01'
        return form

    def _lines(self, form):
        wizard = form.save()
        return wizard, {
            line.tariff_id.name: (
                line.unit_count, line.old_price, line.new_price, line.amount_before,
                line.amount_after, line.change)
            for line in wizard.line_ids}

    def test_five_percent_more(self):
        """ 1.3 → 1.365, rounded 1.37: 94.56 and 100 m² then pay 129.55 and 137.00. """
        form = self._open()
        form.project_id = self.project
        form.value = 5
        wizard, lines = self._lines(form)
        self.assertEqual(lines, {
            "Flats": (2, 1.3, 1.37, 252.93, 266.55, 13.62),
            "Shops": (1, 2.5, 2.63, 250, 263, 13),
        })
        self.assertIn("paid 3 times: 502.93", wizard.summary.replace('¥', '').replace('\xa0', ''))
        action = wizard.action_change()
        versions = self.env['property.tariff.version'].search(action['domain'])
        self.assertEqual(sorted(versions.mapped('price')), [1.37, 2.63])
        self.assertEqual(
            {str(version.date_end) for version in self.flats.version_ids | self.shops.version_ids
             if version not in versions}, {'2026-06-30'})
        run = self._preview('2026-07-31', date_start='2026-07-01')
        self.assertEqual(sum(run.charge_ids.mapped('amount')), 529.55)

    def test_to_a_third_decimal(self):
        """ 1.3 → 1.365: 129.07 and 136.50. """
        form = self._open()
        form.fee_ids.add(self.property_fee)
        form.value = 5
        form.step = '0.001'
        self.assertEqual(
            self._lines(form)[1]["Flats"], (2, 1.3, 1.365, 252.93, 265.57, 12.64))

    def test_chosen_tariffs_by_an_amount(self):
        """ Only what is ticked in the list: 0.2 less. """
        form = self._open(active_model='property.tariff', active_ids=self.flats.ids)
        form.mode = 'amount'
        form.value = -0.2
        wizard, lines = self._lines(form)
        self.assertEqual(lines, {"Flats": (2, 1.3, 1.1, 252.93, 214.02, -38.91)})
        wizard.action_change()
        self.assertEqual(len(self.shops.version_ids), 1)

    def test_a_new_price_corrected_by_hand(self):
        """ All to 1.5, the shops to 3 after all. """
        form = self._open()
        form.mode = 'price'
        form.value = 1.5
        with form.line_ids.edit(1) as line:
            self.assertEqual(line.tariff_id, self.shops)
            line.new_price = 3
        wizard, lines = self._lines(form)
        self.assertEqual([line[2] for line in lines.values()], [1.5, 3])
        wizard.action_change()
        self.assertEqual(
            sorted((self.flats | self.shops).version_ids.mapped('price')), [1.3, 1.5, 2.5, 3])

    def test_surcharge_parts_and_limits_rise_as_well(self):
        """ 10 %: 1.3 + 20 + 0.5 usable, at least 150, becomes 1.43 + 22 + 0.55, at least 165. """
        version = self.flats.version_ids
        version.write({
            'surcharge': 20, 'minimum': 150, 'component_ids': [
                Command.create({'basis': 'usable_area', 'price': 0.5}),
                Command.create({
                    'basis': 'percent', 'price': 5, 'percent_fee_id': self._create_fee("F").id}),
            ],
        })
        other = self._create_tariff(self._create_fee("G"), basis='fixed')
        version.component_ids[1].percent_fee_id = other.fee_id
        for unit in self.building.unit_ids:
            unit.usable_area = 80
            self._assign(unit, other, '2026-01-01')
        form = self._open(active_model='property.tariff', active_ids=self.flats.ids)
        form.value = 10
        wizard, lines = self._lines(form)
        # 94.56 m²: 122.928 + 20 + 40 + 0.05 = 182.98; 135.2208 + 22 + 44 + 0.05 = 201.27
        # 100 m²:   130 + 20 + 40 + 0.05 = 190.05;     143 + 22 + 44 + 0.05 = 209.05
        self.assertEqual(lines["Flats"][3:5], (373.03, 410.32))
        wizard.action_change()
        new = self.flats._get_version(wizard.date_start)
        self.assertEqual(
            (new.price, new.surcharge, new.minimum, new.component_ids.mapped('price')),
            (1.43, 22, 165, [0.55, 5]))

    def test_a_flat_sum_without_a_price_per_metre(self):
        """ A lift costs 20 a month, whatever the area: 10 % more are 22, as the preview says. """
        fee = self._create_fee("Lift")
        tariff = self._create_tariff(fee, [('2020-01-01', False, 0)], surcharge=20)
        self._assign(self._create_unit("1013"), tariff, '2026-01-01')
        form = self._open()
        form.fee_ids.add(fee)
        form.value = 10
        wizard = form.save()
        self.assertEqual((wizard.amount_before, wizard.amount_after), (20, 22))
        wizard.action_change()
        self.assertEqual(set(tariff.version_ids.mapped('surcharge')), {20, 22})

    def test_percentages_change_with_it(self):
        """ Waste is 5 % of the property fee; raised itself, it is 6 % of it: 7.38 of 122.928. """
        waste = self._create_tariff(
            self._create_fee("Waste"), [('2020-01-01', False, 5)], basis='percent',
            percent_fee_id=self.property_fee.id)
        self._assign(self.building.unit_ids[0], waste, '2026-01-01')
        form = self._open(active_model='property.tariff', active_ids=self.flats.ids)
        self.assertEqual(form.percentages, "Waste")
        form = self._open(active_model='property.tariff', active_ids=waste.ids)
        form.mode = 'price'
        form.value = 6
        self.assertEqual(
            self._lines(form)[1], {f"Tariff {waste.fee_id.name}": (1, 5, 6, 6.15, 7.38, 1.23)})

    def test_billed_periods_are_named(self):
        """ July is billed for the flats: nothing changes, and the error says which. """
        run = self._create_run('2026-07-31', unit_ids=self.building.unit_ids[:1].ids)
        run.action_preview()
        run.charge_ids._create_bills(run.date_invoice)
        form = self._open()
        form.value = 5
        wizard = form.save()
        with self.assertRaisesRegex(
            UserError, r"Flats: It is billed up to 2026-07-31 \(1-1011\)"
        ):
            wizard.action_change()
        self.assertEqual(len(self.shops.version_ids), 1)
        form.date_start = '2026-08-01'
        form.save().action_change()
        self.assertEqual(len((self.flats | self.shops).version_ids), 4)

    def test_what_else_stands_in_the_way(self):
        """ A later price, an end, no price before; such a line may be taken out. """
        self.flats.version_ids.create({
            'tariff_id': self.flats.id, 'date_start': '2026-09-01', 'price': 1.6})
        self.shops.version_ids.date_end = '2026-12-31'
        form = self._open()
        form.value = 5
        wizard = form.save()
        self.assertEqual(
            wizard.line_ids.mapped('problem'),
            ["It has a price from 2026-09-01 already.",
             "Its price ends on 2026-12-31. Enter the one after it on the tariff."])
        form.date_start = '2019-07-01'
        self.assertEqual(
            set(form.save().line_ids.mapped('problem')),
            {"It has no price the day before. Enter one on the tariff."})

    def test_units_of_other_projects_are_told(self):
        hill = self.env['property.project'].create({
            'name': "Hill", 'company_id': self.company.id})
        unit = self._create_unit("9", building_id=self.env['property.building'].create({
            'name': "9", 'project_id': hill.id}).id)
        self._assign(unit, self.flats, '2026-01-01')
        self.manager.group_ids |= self.env.ref('property_base.group_all_projects')
        form = self._open()
        form.project_id = self.project
        self.assertEqual(
            [(line.unit_count, line.other_count) for line in form.save().line_ids],
            [(3, 1), (1, 0)])

    def test_where_prices_are_approved(self):
        """[B10] The new prices wait for a colleague. """
        self.company.property_approves_prices = True
        form = self._open()
        form.value = 5
        action = form.save().action_change()
        versions = self.env['property.tariff.version'].search(action['domain'])
        self.assertEqual(set(versions.mapped('state')), {'pending'})
        self.assertEqual(
            self._open().save().line_ids.filtered('problem').tariff_id, self.flats | self.shops)

    def test_a_clerk_changes_no_prices(self):
        with self.assertRaises(AccessError):
            self._open(self.clerk)

    def test_nothing_to_change(self):
        with self.assertRaisesRegex(UserError, "No price changes"):
            self._open().save().action_change()

    def test_nothing_is_rounded_that_does_not_change(self):
        """ 1.305 stays 1.305 as long as nobody has said by how much it changes. """
        self.flats.version_ids.price = 1.305
        wizard = self._open().save()
        self.assertEqual(wizard.line_ids.mapped('new_price'), wizard.line_ids.mapped('old_price'))
        with self.assertRaisesRegex(UserError, "No price changes"):
            wizard.action_change()
