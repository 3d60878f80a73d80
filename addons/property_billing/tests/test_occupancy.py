from datetime import date

from odoo.tests import tagged

from .common import BillingCommon


@tagged('post_install', '-at_install')
class TestOccupancy(BillingCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.unit = cls._create_unit("101")
        cls.owner = cls.unit.owner_ids
        cls._assign(cls.unit, cls._create_tariff(cls._create_fee()), '2024-04-01')
        cls.next_unit = cls._create_unit("102", owner=cls.owner)

    def _bill(self):
        run = self._preview('2024-04-30')
        run.charge_ids._create_bills(date(2024, 4, 30))
        return run.charge_ids

    def test_residents_in_arrears_are_found(self):
        """[A20] By unit and person: he owes nothing for his other unit. """
        tenant = self.env['res.partner'].create({'name': "Tenant"})
        self._move_in(self.unit, tenant, '2024-06-01', role='tenant')
        charge = self._bill()
        Occupancy = self.env['property.occupancy'].with_user(self.clerk)
        found = Occupancy.search([('property_overdue_amount', '>', 0)])
        self.assertEqual(found.partner_id, self.owner)
        self.assertEqual(found.unit_id, self.unit)
        self.assertEqual(found.property_overdue_amount, charge.amount)
        self.assertEqual(
            self.next_unit.occupancy_ids.with_user(self.clerk).property_overdue_amount, 0)

    def test_charges_follow_a_merged_contact(self):
        """[A24] And the books still agree. """
        charge = self._bill()
        other = self.env['res.partner'].create({'name': self.owner.name})
        self.env['base.partner.merge.automatic.wizard']._merge(
            (self.owner | other).ids, other)
        self.assertEqual(charge.partner_id, other)
        self.assertEqual(charge.sudo().move_id.partner_id, other)
        self.assertEqual(other.property_overdue_amount, charge.amount)
        self.assertEqual((self.unit | self.next_unit).owner_ids, other)
        self.assertFalse([
            check for check in self.env['property.doctor'].run() if not check['ok']])
