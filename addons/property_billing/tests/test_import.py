import base64
from datetime import date

from odoo import Command
from odoo.tests import new_test_user, tagged

from odoo.addons.property_base.tests.hc_workbook import make_hc_workbook, to_bytes

from .common import BillingCommon

OWNERS = {'房屋信息!G7', '房屋信息!G8', '房屋信息!G9'}


@tagged('post_install', '-at_install')
class TestHcFees(BillingCommon):
    """ The fees, prices and assignments of an HC workbook. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.property_income_account_id = cls.income_account
        cls.setter = cls._create_staff('setter', 'property_billing.group_billing_manager')
        cls.community = cls.env['property.project'].create({
            'name': "HC Community", 'company_id': cls.company.id})
        cls.community.user_ids |= cls.setter

    @classmethod
    def _create_staff(cls, login, *groups):
        return new_test_user(
            cls.env, login, ','.join(('property_base.group_property_officer', *groups)),
            company_id=cls.company.id, company_ids=[Command.set(cls.company.ids)])

    def check_book(self, cells=(), user=None, **vals):
        record = self.env['property.import'].with_user(user or self.setter).create({
            'file': base64.b64encode(to_bytes(make_hc_workbook(cells))), 'file_name': 'hc.xlsx',
            'project_id': self.community.id, 'accept_warnings': True, **vals})
        record.action_check()
        self.assertEqual(record.state, 'checked', record.failure)
        return record

    def import_book(self, *args, **vals):
        record = self.check_book(*args, **vals)
        self.assertFalse(record.error_count, record.issue_ids.mapped('message'))
        record.action_import()
        self.assertEqual(record.state, 'done', record.failure)
        return record

    def get_cells(self, record, severity):
        return set(record.issue_ids.filtered(lambda i: i.severity == severity).mapped('cell'))

    def get_rows(self):
        self.env.flush_all()
        rows = []
        for model in ('property.fee', 'property.tariff', 'property.tariff.version',
                      'property.fee.assignment', 'property.unit', 'property.occupancy',
                      'res.partner'):
            self.env.cr.execute(f'SELECT id, write_date FROM {self.env[model]._table} ORDER BY id')
            rows.append(self.env.cr.fetchall())
        return rows

    def test_prices_that_a_colleague_approves(self):
        """ [B10] [G17] Imported prices wait for him, already submitted. """
        self.company.property_approves_prices = True
        self.import_book(fee_tax_id=self.tax.id)
        versions = self.env['property.tariff.version'].search(
            [('company_id', '=', self.company.id)])
        self.assertEqual(set(versions.mapped('state')), {'pending'})
        self.assertEqual(versions.submitted_by_id, self.setter)

    def test_fees_come_in_with_prices_and_assignments(self):
        """ [B01] [B02] [B11] [G17] 2 fees, 11 assignments, and nothing the second time. """
        record = self.import_book(fee_tax_id=self.tax.id)
        self.assertEqual(self.get_cells(record, 'warning'), OWNERS)
        self.assertFalse(self.get_cells(record, 'info'))
        self.assertEqual(record.counts['fee'], {'new': 2, 'changed': 0, 'same': 0})
        fees = self.env['property.fee'].search([('company_id', '=', self.company.id)])
        self.assertEqual(fees.mapped('name'), ["测试收费1", "测试收费2"])
        self.assertEqual(set(fees.mapped('category')), {'public'})
        self.assertEqual((fees.tax_id, fees.account_id), (self.tax, self.income_account))
        first, second = fees.tariff_ids
        self.assertEqual(
            [(t.basis, t.cycle_months, t.split, t.timing, t.charge_per_cycle)
             for t in (first, second)],
            [('area', 6, 'anchored', 'advance', True), ('area', 3, 'anchored', 'advance', True)])
        version = first.version_ids
        self.assertEqual(
            (str(version.date_start), str(version.date_end), version.price, version.surcharge),
            ('2020-06-10', '2036-12-31', 1.3, 20))
        assignments = self.env['property.fee.assignment'].search(
            [('project_id', '=', self.community.id)])
        self.assertEqual(len(assignments), 11)
        self.assertEqual(
            [(a.fee_id.name, str(a.date_start)) for a in assignments
             if a.unit_id.name == '1011'],
            [("测试收费1", '2020-06-10'), ("测试收费2", '2020-07-10')])

        before = self.get_rows()
        again = self.import_book(fee_tax_id=self.tax.id)
        self.assertEqual(self.get_rows(), before)
        self.assertEqual(again.counts['assignment'], {'new': 0, 'changed': 0, 'same': 11})
        self.assertEqual(self.get_cells(again, 'warning'), OWNERS)

    def test_first_bills_of_the_issue(self):
        """ [B13] 94.56 × 1.3 + 20 for six months is 857.57; 94.56 × 1 + 20 for three, 343.68. """
        self.import_book(fee_tax_id=self.tax.id)
        run = self._create_run('2020-07-31', project_id=self.community.id)
        run.action_preview()
        charges = run.charge_ids.filtered(lambda charge: charge.unit_id.name == '1011')
        self.assertEqual(self._periods(charges), [
            ('2020-06-10', '2020-12-09', 857.57), ('2020-07-10', '2020-10-09', 343.68)])

    def test_owner_is_there_when_his_first_fee_starts(self):
        """ [B11] Without him nobody would pay the first bill. """
        self.import_book(occupied_since='2024-01-01')
        starts = {
            occupancy.unit_id.name: str(occupancy.date_start)
            for occupancy in self.community.unit_ids.occupancy_ids}
        self.assertEqual(starts['1011'], '2020-06-10')

    def test_fee_without_tax_is_noted_and_takes_it_later(self):
        """ [B01] The company's default tax is never used. """
        record = self.import_book()
        self.assertEqual(self.get_cells(record, 'info'), {'费用设置!C2', '费用设置!C3'})
        fees = self.env['property.fee'].search([('company_id', '=', self.company.id)])
        self.assertFalse(fees.tax_id)
        self.import_book(fee_tax_id=self.tax.id)
        self.assertEqual(fees.tax_id, self.tax)

    def test_two_projects_share_a_fee_but_not_its_price(self):
        """ [B02] The same fee costs what each project's workbook says. """
        self.import_book()
        other = self.env['property.project'].create({
            'name': "HC Tower", 'company_id': self.company.id})
        other.user_ids |= self.setter
        self.import_book({'费用设置!K2': 2.5}, project_id=other.id)
        fee = self.env['property.fee'].search([('name', '=', "测试收费1")])
        self.assertEqual(
            [(tariff.name, tariff.version_ids.price) for tariff in fee.tariff_ids],
            [("HC Community", 1.3), ("HC Tower", 2.5)])

    def test_import_never_changes_a_price(self):
        """ [B02] What differs is told; so is a start that was moved. """
        self.import_book()
        self.env['property.tariff'].search([('name', '=', "HC Community")]).name = "2020 prices"
        before = self.get_rows()
        record = self.import_book({'费用设置!K2': 1.5, '房屋信息!I3': '2021-01-01'})
        self.assertEqual(
            self.get_cells(record, 'warning'), OWNERS | {'费用设置!C2', '房屋信息!I3'})
        self.assertEqual(self.get_rows(), before)

    def test_import_never_changes_an_area_that_is_billed(self):
        """ [G17] [B11] Of two rooms measured anew one is billed: that one is told and left. """
        self.import_book(fee_tax_id=self.tax.id)
        run = self.env['property.bill.run'].create({
            'project_id': self.community.id, 'date_end': '2024-06-30'})
        run.action_preview()
        drafts = run.charge_ids.filtered(lambda charge: charge.state == 'draft')
        billed, other = drafts.unit_id.sorted('id')[:2]
        areas = billed.building_area, other.building_area
        charges = drafts.filtered(lambda charge: charge.unit_id == billed)
        charges._create_bills(date(2024, 6, 30))
        record = self.import_book({'房屋信息!F2': 77, '房屋信息!F3': 78}, fee_tax_id=self.tax.id)
        self.assertEqual(self.get_cells(record, 'warning'), OWNERS | {'房屋信息!F2'})
        [message] = record.issue_ids.filtered(lambda i: i.cell == '房屋信息!F2').mapped('message')
        for area in (areas[0], 77):
            self.assertIn(f"{area:.2f} m²", message)
        self.assertEqual((billed.building_area, other.building_area), (areas[0], 78))

    def test_what_is_wrong_with_fees_is_named_by_cell(self):
        """ [G17] """
        record = self.check_book({
            '费用设置!J2': 3003, '费用设置!F3': 0, '房屋信息!H3': 9, '房屋信息!I4': '2020-02-30',
            '房屋信息!I5': '2020-06-10'})
        self.assertEqual(self.get_cells(record, 'error'), {
            '费用设置!J2', '费用设置!F3', '房屋信息!H3', '房屋信息!I4', '房屋信息!I5'})

    def test_one_off_and_free_fees(self):
        record = self.check_book(
            {'费用设置!D2': '一次性费用', '费用设置!K3': 0, '费用设置!L3': 0})
        self.assertEqual(self.get_cells(record, 'warning'), OWNERS | {'费用设置!D2'})
        self.assertEqual(self.get_cells(record, 'error'), {'费用设置!K3'})

    def test_fixed_amount(self):
        """ [B02] Formula 2002. """
        self.import_book({'费用设置!J2': 2002, '费用设置!E2': '后付费'})
        tariff = self.env['property.tariff'].search([('fee_id.name', '=', "测试收费1")])
        self.assertEqual(
            (tariff.basis, tariff.timing, tariff.version_ids.price, tariff.version_ids.surcharge),
            ('fixed', 'arrears', 20, 0))

    def test_register_officer_brings_rooms_and_leaves_fees_to_billing(self):
        """ [G07] Each imports what is his; the same workbook serves both. """
        officer = self._create_staff('register_officer')
        clerk = self._create_staff('billing_clerk', 'property_billing.group_billing_officer')
        self.community.user_ids |= officer + clerk
        self.import_book(user=officer)
        fees = [('company_id', '=', self.company.id)]
        self.assertFalse(self.env['property.fee'].search(fees))
        record = self.import_book(user=clerk)
        self.assertEqual(
            self.get_cells(record, 'warning'), OWNERS | {'费用设置!C2', '费用设置!C3'})
        self.assertFalse(self.env['property.fee'].search(fees))
        self.import_book()
        self.assertEqual(len(self.env['property.fee'].search(fees)), 2)
        self.assertEqual(self.env['property.fee.assignment'].search_count(
            [('project_id', '=', self.community.id)]), 11)
