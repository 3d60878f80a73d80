from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import SQL

from .common import LedgerCommon


@tagged('post_install', '-at_install')
class TestAgency(LedgerCommon):
    """[B02] [B36] Water is collected for the waterworks and passed on to it (decision 23). """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.waterworks = cls.env['res.partner'].create(
            {'name': "Waterworks", 'is_company': True})
        cls.water_fee.beneficiary_id = cls.waterworks
        cls.agency_account = cls.company.property_agency_account_id
        cls.expense_account = cls.env['account.account'].search(
            [('company_ids', 'in', cls.company.ids), ('account_type', '=', 'expense')], limit=1)

    @classmethod
    def _create_supplier_bill(cls, amount, account=None, project=None, **vals):
        """ A draft bill of the waterworks, as its supplier wrote it. """
        return cls.env['account.move'].create({
            'move_type': 'in_invoice',
            'partner_id': cls.waterworks.id,
            'invoice_date': '2026-01-31',
            'date': '2026-01-31',
            'property_project_id': (project or cls.project).id,
            'invoice_line_ids': [Command.create({
                'name': "Water in January", 'quantity': 1, 'price_unit': amount, 'tax_ids': False,
                'account_id': (account or cls.agency_account).id, **vals})],
        })

    def _read_agency(self, groups=('project_id', 'beneficiary_id', 'fee_id')):
        return self.env['property.fund.report']._read_group(
            [('role', '=', 'agency'), ('company_id', '=', self.company.id)], groups,
            ['amount_in:sum', 'amount_out:sum', 'amount_balance:sum', 'amount_open:sum'])

    def test_a_bill_for_others_names_whose_money_it_is(self):
        """ Debit the owner, credit 代收款: by the unit, the fee and the waterworks. """
        bill = self._post(
            self._create_charge(48, self.water_fee) + self._create_charge(100))
        receivable = bill.line_ids.filtered(lambda line: line.display_type == 'payment_term')
        tax = bill.line_ids.filtered('tax_line_id').account_id
        self.assertBalances(bill, {
            receivable.account_id: 148, self.agency_account: -48, self.income_account: -94.34,
            tax: -5.66})
        water, own = bill.invoice_line_ids.sorted('price_total')
        self.assertEqual(
            (water.property_fee_id, water.property_unit_id, water.property_beneficiary_id),
            (self.water_fee, self.unit_1011, self.waterworks))
        self.assertEqual(water.partner_id, self.owner, "Odoo writes the payer onto every item")
        self.assertFalse(own.property_fee_id or own.property_unit_id, "asked of nobody")
        self.assertFalse(receivable.property_fee_id)
        reversal = self._reverse(bill)
        mirror = reversal.invoice_line_ids.filtered('property_fee_id')
        self.assertEqual(
            (mirror.balance, mirror.property_unit_id, mirror.property_beneficiary_id),
            (48, self.unit_1011, self.waterworks))

    def test_the_reversal_keeps_who_it_was_then(self):
        bill = self._post(self._create_charge(48, self.water_fee))
        self.water_fee.beneficiary_id = self.owner
        reversal = self._reverse(bill)
        self.assertEqual(reversal.invoice_line_ids.property_beneficiary_id, self.waterworks)

    def test_collected_passed_on_difference(self):
        """ 4,660.00 billed, 4,300.00 passed on: 360.00 stays on the account and is reported. """
        charge = self._create_charge(4000, self.water_fee)
        neighbours = self._create_charge(
            660, self.water_fee, self.unit_1012, self.neighbour)
        self._post(charge + neighbours)
        supplier_bill = self._create_supplier_bill(4300, property_fee_id=self.water_fee.id)
        self.assertBalances(supplier_bill, {
            self.agency_account: 4300,
            self.waterworks.property_account_payable_id: -4300})
        supplier_bill.action_post()
        charge.with_user(self.clerk)._receive_payment(self.bank_journal)
        self.assertEqual(self._read_agency(), [
            (self.project, self.waterworks, self.water_fee, 4660, 4300, 360, 660)])
        # A credit of what was billed too much is less collected, and less is owed.
        self._reverse(neighbours.move_id)
        self.assertEqual(self._read_agency(), [
            (self.project, self.waterworks, self.water_fee, 4000, 4300, -300, 0)])

    def test_what_names_nobody_is_a_row_of_its_own(self):
        """ So that the report always adds up to the account. """
        self._post(self._create_charge(48, self.water_fee))
        self._create_supplier_bill(20).action_post()
        entry = self.env['account.move'].create({
            'move_type': 'entry', 'date': '2026-01-31',
            'line_ids': [
                Command.create({'account_id': self.agency_account.id, 'debit': 8}),
                Command.create({'account_id': self.expense_account.id, 'credit': 8})],
        })
        entry.action_post()
        none = self.env['res.partner']
        no_fee, no_project = self.env['property.fee'], self.env['property.project']
        self.assertCountEqual(self._read_agency(), [
            (self.project, self.waterworks, self.water_fee, 48, 0, 48, 48),
            (self.project, self.waterworks, no_fee, 0, 20, -20, 0),  # its supplier
            (no_project, none, no_fee, 0, 8, -8, 0)])
        self.assertEqual(
            self._read_agency(()), [(48, 28, 20, 48)])

    def test_the_form_of_a_supplier_bill(self):
        """ The fee says account, utility, and that it bears no tax. """
        accountant = self._create_user(
            'accountant', 'account.group_account_user,property_billing.group_billing_user')
        self.project.user_ids |= accountant
        form = Form(self.env['account.move'].with_user(accountant).with_context(
            default_move_type='in_invoice'))
        form.partner_id = self.waterworks
        form.invoice_date = date(2026, 1, 31)
        form.property_project_id = self.project
        with form.invoice_line_ids.new() as line:
            line.name = "Water in January"
            line.property_fee_id = self.water_fee
            line.price_unit = 4300
        bill = form.save()
        self.assertEqual(bill.invoice_line_ids.account_id, self.agency_account)
        self.assertEqual(bill.invoice_line_ids.property_beneficiary_id, self.waterworks)
        self.assertEqual(bill.amount_total, 4300)
        self.assertEqual(bill.line_ids.property_project_id, self.project)

    def test_the_accountant_enters_a_new_supplier(self):
        user = new_test_user(self.env, 'ledger', 'base.group_user', role_line_ids=[
            Command.create({'role_id': self.env.ref('property_billing.role_accountant').id})])
        supplier = self.env['res.partner'].with_user(user).create({
            'name': "Gas company", 'is_company': True})
        self.assertEqual(supplier.create_uid, user)

    def test_money_of_others_never_goes_to_income(self):
        """[B02] By the fee or by an item: the error says where it belongs. """
        with self.assertRaisesRegex(ValidationError, "money of others to a liability"):
            self._create_money_of_others("Parking on common ground", 'trust',
                                         account_id=self.income_account.id)
        with self.assertRaisesRegex(ValidationError, "Take Collected for others"):
            self._create_supplier_bill(
                20, account=self.income_account, property_fee_id=self.water_fee.id)
        cost_account = self.env['account.account'].search([
            ('company_ids', 'in', self.company.ids), ('account_type', '=', 'expense')], limit=1)
        with self.assertRaisesRegex(ValidationError, "Take Collected for others"):
            self._create_supplier_bill(
                20, account=cost_account, property_fee_id=self.water_fee.id)

    def test_the_account_is_fixed_with_what_stands_on_it(self):
        """ Else the report would lose what was collected before. """
        other = self.agency_account.copy()
        self.water_fee.account_id = other
        self._post(self._create_charge(48, self.water_fee))
        with self.assertRaisesRegex(UserError, "Create another fee"):
            self.water_fee.account_id = self.agency_account
        self.water_fee.account_id = other  # the same is no change
        self.assertEqual(self._read_agency(('account_id',)), [(other, 48, 0, 48, 48)])

    def test_each_fund_has_its_account(self):
        """ 代管资金, 公共收益 and 维修资金 are three liabilities (decision 23). """
        fee = self._create_money_of_others("Kept in trust", 'trust')
        for kind in ('trust', 'public_revenue', 'maintenance'):
            fee.fund_kind = kind
            self.assertEqual(fee.account_id, self.company._get_property_account(kind))
        self.assertEqual(
            [self.company._get_property_account(kind).code
             for kind in ('trust', 'public_revenue', 'maintenance')],
            ['224103', '224104', '224105'])

    def test_who_sees_it(self):
        """ Of his projects, and only who sees money. """
        self._post(self._create_charge(48, self.water_fee))
        Report = self.env['property.fund.report']
        self.assertEqual(
            sum(Report.with_user(self.clerk).search([]).mapped('amount_in')), 48)
        stranger = self._create_user('stranger', 'property_billing.group_billing_user')
        self.assertFalse(Report.with_user(stranger).search([]))
        guard = self._create_user('guard', 'property_base.group_property_user')
        with self.assertRaises(AccessError):
            Report.with_user(guard).search([])

    def test_the_doctor_finds_what_was_moved_behind_the_program(self):
        """[G23] Invariant 11, broken by SQL. """
        bill = self._post(self._create_charge(48, self.water_fee))
        line = bill.invoice_line_ids

        def get_wrong():
            return [check['name'] for check in self.env['property.doctor'].run()
                    if not check['ok']]

        self.assertFalse(get_wrong())
        with self.env.cr.savepoint() as savepoint:
            self.env.cr.execute(SQL(
                "UPDATE account_move_line SET account_id = %s WHERE id = %s",
                self.income_account.id, line.id))
            self.assertEqual(get_wrong(), [
                f"Money of others of {self.company.name}: charged, on its accounts",
                "Money of others on income accounts, none"])
            savepoint.rollback()
