from contextlib import closing
from datetime import date

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .common import BillingCommon

DAY = date(2024, 7, 1)


@tagged('post_install', '-at_install')
class TestUnitReshapeFees(BillingCommon):
    """ What split and merged shops pay. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shop = cls._create_unit('S1', area=90, kind='shop')
        cls.next_shop = cls._create_unit('S2', area=30, kind='shop')
        cls.by_area = cls._create_tariff(cls._create_fee("Property fee"))
        cls.fixed = cls._create_tariff(cls._create_fee("Refuse"), basis='fixed')

    def _get_assignments(self, units):
        return [
            (a.unit_id.name, a.tariff_id, str(a.date_start), a.date_end and str(a.date_end))
            for a in self.env['property.fee.assignment'].search(
                [('unit_id', 'in', units.ids)], order='tariff_id, unit_id, date_start')]

    def test_split_shop_pays_by_its_parts_from_that_day(self):
        """[A16] [B11] By area each part pays; a fixed fee is paid once, as before. """
        self._assign(self.shop, self.by_area, '2024-01-01')
        self._assign(self.shop, self.fixed, '2024-01-01')
        left, right = self.shop._reshape(
            [{'name': 'A', 'building_area': 50}, {'name': 'B', 'building_area': 40}], DAY)
        self.assertEqual(self._get_assignments(left + right), [
            ('A', self.by_area, '2024-07-01', False), ('B', self.by_area, '2024-07-01', False),
            ('A', self.fixed, '2024-07-01', False)])
        self.assertEqual(
            {end for *_names, end in self._get_assignments(self.shop)}, {'2024-06-30'})
        run = self._preview('2024-07-31', date_start='2024-07-01', fee_ids=self.by_area.fee_id.ids)
        self.assertEqual(
            {charge.unit_id.name: charge.amount for charge in run.charge_ids},
            {'A': 50, 'B': 40})

    def test_parts_pay_by_usable_area_and_percent_each_of_its_own(self):
        """[A16] [B02] 80 m² at 1 become 45 and 35; waste is 10 % of that, so 4.50 and 3.50. """
        usable = self._create_tariff(
            self._create_fee("Services"), basis='usable_area')
        waste = self._create_tariff(
            self._create_fee("Waste"), [('2015-01-01', False, 10)], basis='percent',
            percent_fee_id=usable.fee_id.id)
        self._assign(self.shop, usable, '2024-01-01')
        self._assign(self.shop, waste, '2024-01-01')
        self.shop._reshape([
            {'name': 'A', 'building_area': 50, 'usable_area': 45},
            {'name': 'B', 'building_area': 40, 'usable_area': 35}], DAY)
        run = self._preview('2024-07-31', date_start='2024-07-01')
        self.assertEqual(sorted(
            (charge.unit_id.name, charge.amount) for charge in run.charge_ids),
            [('A', 4.5), ('A', 45), ('B', 3.5), ('B', 35)])

    def test_who_pays_goes_over(self):
        """[A16] [B11] The tenant in the place of the owner, and until when the firm pays. """
        firm = self.env['res.partner'].create({'name': "Firm"})
        self._assign(self.shop, self.by_area, '2024-01-01', payer_role='occupant',
                     partner_id=firm.id, partner_date_end='2024-12-31')
        units = self.shop._reshape(
            [{'name': 'A', 'building_area': 50}, {'name': 'B', 'building_area': 40}], DAY)
        self.assertEqual(
            [(a.payer_role, a.partner_id, str(a.partner_date_end))
             for a in units.fee_assignment_ids],
            [('occupant', firm, '2024-12-31')] * 2)

    def test_merging_shops_of_different_payers_is_refused(self):
        """[A16] [B11] Both would pay for the whole of the new shop. """
        firm = self.env['res.partner'].create({'name': "Firm"})
        self._assign(self.shop, self.by_area, '2024-01-01')
        other = self._assign(self.next_shop, self.by_area, '2024-01-01', partner_id=firm.id)
        for payer in ({'partner_id': firm.id}, {'partner_id': False, 'payer_role': 'occupant'}):
            other.write(payer)
            with self.assertRaisesRegex(
                    UserError, "paid by different people"), self.env.cr.savepoint():
                (self.shop + self.next_shop)._reshape(
                    [{'name': 'S', 'building_area': 120}], DAY)

    def _grant(self, units, **vals):
        relief = self.env['property.fee.relief'].create({
            'project_id': self.project.id, 'unit_ids': [Command.set(units.ids)],
            'fee_ids': [Command.set(self.by_area.fee_id.ids)], 'date_start': '2024-05-01',
            'payable_percent': 70, 'ground': "Nobody has rented it", **vals})
        relief.action_submit()
        relief.action_approve()
        return relief

    def _get_july(self):
        run = self._preview('2024-07-31', date_start='2024-07-01')
        return {charge.unit_id.name: charge.amount for charge in run.charge_ids}

    def test_parts_of_a_vacant_shop_are_vacant(self):
        """[A16] [B11] 70 % of 50 and of 40, up to the day that was approved. """
        self._assign(self.shop, self.by_area, '2024-01-01')
        relief = self._grant(self.shop, date_end='2024-07-31')
        units = self.shop._reshape(
            [{'name': 'A', 'building_area': 50}, {'name': 'B', 'building_area': 40}], DAY)
        self.assertEqual(self._get_july(), {'A': 35, 'B': 28})
        self.assertEqual(relief.unit_ids, self.shop + units)
        self.assertIn("From 2024-07-01 on for 1-A and 1-B", relief.message_ids[0].body)
        self.assertEqual(relief.state, 'approved')

    def test_merged_shops_are_as_vacant_as_all_of_them(self):
        """[A16] [B11] 120 m²: in full where one of two was vacant, told on the new shop; at 70 %
        where both were, in one reduction or two.
        """
        both = self.shop + self.next_shop
        for unit in both:
            self._assign(unit, self.by_area, '2024-01-01')
        for granted, amount in (
            ([self.shop], 120), ([both], 84), ([self.shop, self.next_shop], 84),
        ):
            with self.subTest(granted), closing(self.cr.savepoint()):
                reliefs = [self._grant(units) for units in granted]
                merged = both._reshape([{'name': 'S', 'building_area': 120}], DAY)
                self.assertEqual(self._get_july(), {'S': amount})
                self.assertEqual(
                    f"Not carried over: {reliefs[0].display_name}" in ' '.join(
                        merged.message_ids.mapped('body')), amount == 120)

    def test_what_is_charged_ahead_is_not_charged_again(self):
        """[A16] [B13] The year is posted for the old shop; its parts begin after it. """
        self._assign(self.shop, self.by_area, '2024-01-01')
        self.by_area.write({'cycle_months': 12, 'charge_per_cycle': True})
        run = self._preview('2024-01-31', unit_ids=self.shop.ids)
        run.charge_ids.sudo()._create_bills(run.date_invoice)
        left, right = self.shop._reshape(
            [{'name': 'A', 'building_area': 50}, {'name': 'B', 'building_area': 40}], DAY)
        self.assertEqual(
            {start for _name, _tariff, start, _end in self._get_assignments(left + right)},
            {'2025-01-01'})
        self.assertEqual(self._get_assignments(self.shop)[0][3], '2024-12-31')

    def test_merged_shops_pay_a_tariff_once(self):
        """[A16] [B11] """
        self._assign(self.shop, self.by_area, '2024-01-01')
        self._assign(self.next_shop, self.by_area, '2024-03-01')
        merged = (self.shop + self.next_shop)._reshape(
            [{'name': 'S', 'building_area': 120}], DAY)
        self.assertEqual(
            self._get_assignments(merged), [('S', self.by_area, '2024-07-01', False)])

    def test_merging_shops_charged_up_to_different_days_is_refused(self):
        """[A16] [B13] A part of the new shop would be charged twice, or not at all. """
        self._assign(self.shop, self.by_area, '2024-01-01')
        self._assign(self.next_shop, self.by_area, '2024-01-01')
        run = self._preview('2024-08-31', unit_ids=self.shop.ids)
        run.charge_ids.sudo()._create_bills(run.date_invoice)
        with self.assertRaisesRegex(UserError, "different days"):
            (self.shop + self.next_shop)._reshape([{'name': 'S', 'building_area': 120}], DAY)

    def test_register_officer_without_billing_right_carries_the_fees(self):
        """[A16] [G07] He changes no price and no payer. """
        officer = new_test_user(
            self.env, 'reshaper', 'property_base.group_property_officer',
            company_id=self.company.id, company_ids=[(6, 0, self.company.ids)])
        self.project.user_ids |= officer
        self._assign(self.shop, self.by_area, '2024-01-01')
        units = self.shop.with_user(officer)._reshape(
            [{'name': 'A', 'building_area': 50}, {'name': 'B', 'building_area': 40}], DAY)
        self.assertEqual(len(self._get_assignments(units)), 2)
