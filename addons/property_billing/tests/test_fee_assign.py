from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import BillingCommon


@tagged('post_install', '-at_install')
class TestFeeAssign(BillingCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tariff = cls._create_tariff(cls._create_fee())
        cls.units = cls._create_unit("201") + cls._create_unit("202")

    def _open(self, user, units):
        return Form(self.env['property.fee.assign'].with_user(user).with_context(
            active_model='property.unit', active_ids=units.ids))

    def test_many_units_at_once(self):
        """[B11] [A08] Two units get a tariff; the one that has it already stays as it is. """
        self._assign(self.units[0], self.tariff, '2024-01-01')
        wizard = self._open(self.clerk, self.units)
        wizard.tariff_id = self.tariff
        wizard.date_start = '2024-06-01'
        self.assertEqual(wizard.unit_count, 1)
        wizard.save().action_assign()
        self.assertEqual(
            [str(day) for day in self.units.fee_assignment_ids.mapped('date_start')],
            ['2024-01-01', '2024-06-01'])

    def test_nothing_to_assign(self):
        for unit in self.units:
            self._assign(unit, self.tariff, '2024-01-01')
        wizard = self._open(self.clerk, self.units)
        wizard.tariff_id = self.tariff
        with self.assertRaisesRegex(UserError, "have .* already"):
            wizard.save().action_assign()

    def test_a_user_assigns_nothing(self):
        user = self._create_user('billing_user', 'property_billing.group_billing_user')
        with self.assertRaises(AccessError):
            self.env['property.fee.assign'].with_user(user).create({
                'unit_ids': self.units.ids, 'tariff_id': self.tariff.id})

    def test_generated_units_get_their_charge_standards(self):
        """[A09] New units come with the tariffs that were chosen for them. """
        keeper = self._create_user(
            'keeper',
            'property_base.group_property_officer,property_billing.group_billing_officer')
        self.project.user_ids += keeper
        generator = Form(self.env['property.unit.generator'].with_user(keeper))
        generator.building_id = self.building
        generator.floor_from = generator.floor_to = 3
        generator.units_per_floor = 2
        generator.tariff_ids.add(self.tariff)
        generator.fee_date_start = '2024-06-01'
        generator.save().action_generate()
        units = self.building.unit_ids - self.units
        self.assertEqual(len(units), 2)
        self.assertEqual(units.fee_assignment_ids.tariff_id, self.tariff)
        self.assertEqual(len(units.fee_assignment_ids), 2)
