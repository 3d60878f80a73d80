from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import FundCommon

# Four flats and their areas.
AREAS = {'A': 80, 'B': 90, 'C': 100, 'D': 120}


@tagged('post_install', '-at_install')
class TestFund(FundCommon):
    """[B36] [B45] Money that is kept for the owners (decisions 23 and 24). """

    def _post_trust_bill(self, amount):
        charge = self._create_charge(amount, self.trust_fee)
        self._post(charge)
        return charge

    # === THE ENTRIES === #

    def test_service_charges_are_the_owners(self):
        """ 264.00 billed is no income, 12,600.00 of cost is no expense. """
        bill = self._post_trust_bill(264).move_id
        receivable = self.owner.property_account_receivable_id
        self.assertBalances(bill, {receivable: 264, self.fund.account_id: -264})
        self._fill(self.fund, 20000)
        cost = self._create_supplier_bill(12600, self.fund.account_id)
        cost.action_post()
        self.assertBalances(cost, {
            self.fund.account_id: 12600, self.supplier.property_account_payable_id: -12600})
        self.assertEqual(
            (self.fund.amount_in, self.fund.amount_out, self.fund.amount_balance,
             self.fund.amount_open), (20264, 12600, 7664, 264))

    def test_revenue_of_the_common_parts(self):
        """ Advertising in the lift: 300.00 are the owners', and may go to the maintenance fund. """
        fee = self._create_money_of_others("Advertising", 'trust', fund_kind='public_revenue')
        revenue = self._create_fund("Revenue", 'public_revenue')
        maintenance = self._create_fund("Maintenance", 'maintenance')
        bill = self._post(self._create_charge(300, fee))
        self.assertBalances(bill, {
            self.owner.property_account_receivable_id: 300, revenue.account_id: -300})
        self._fill(revenue, 700)
        transfer = self._create_entry([
            (revenue.account_id, 1000, {}),
            (maintenance.account_id, -500, {'property_unit_id': self.unit_1011.id}),
            (maintenance.account_id, -500, {'property_unit_id': self.unit_1012.id})])
        transfer.action_post()
        self.assertEqual((revenue.amount_balance, maintenance.amount_balance), (0, 1000))
        self.assertEqual(self.unit_1011.property_fund_amount, 500)

    def test_maintenance_fund_by_unit(self):
        """ 9,000.00 paid in by unit, a roof of 8,000.00 divided by area: units + undivided = fund.
        """
        fund = self._create_fund("Maintenance", 'maintenance')
        account = fund.account_id
        fee = self._create_money_of_others("Maintenance fund", 'trust', fund_kind='maintenance')
        units = [self._create_unit(name, area) for name, area in AREAS.items()]
        bills = self._post(self.env['property.charge'].concat(*(
            self._create_charge(2250, fee, unit, unit.owner_ids) for unit in units)))
        for bill in bills:
            self.assertBalances(bill, {
                bill.partner_id.property_account_receivable_id: 2250, account: -2250})
        roof = self._create_supplier_bill(8000, account)
        roof.action_post()
        self.assertEqual([unit.property_fund_amount for unit in units], [2250] * 4)
        self.assertEqual(self._read_units(fund)[False], -8000, "to be divided")
        parts = (1641.03, 1846.15, 2051.28, 2461.54)
        self._create_entry([
            (account, -8000, {}),
            *((account, part, {'property_unit_id': unit.id})
              for unit, part in zip(units, parts, strict=True))]).action_post()
        self.env.invalidate_all()
        self.assertEqual(
            [round(unit.property_fund_amount, 2) for unit in units],
            [608.97, 403.85, 198.72, -211.54])
        self.assertEqual(self._read_units(fund)[False], 0)
        self.assertEqual(fund.amount_balance, 1000)
        self.assertAlmostEqual(sum(self._read_units(fund).values()), 1000)
        action = units[0].action_view_unit_account()
        rows = self.env[action['res_model']].search(action['domain'])
        self.assertEqual(rows.mapped('amount_balance'), [-1641.03, 2250])

    def _read_units(self, fund):
        return {
            unit.id: round(amount, 2) for unit, amount in self.env['property.fund.report']
            ._read_group([('fund_id', '=', fund.id)], ['unit_id'], ['amount_balance:sum'])}

    def test_deposit_is_in_no_fund(self):
        fee = self._create_money_of_others("Deposit", 'deposit')
        bill = self._post(self._create_charge(2000, fee))
        self.assertBalances(bill, {
            self.owner.property_account_receivable_id: 2000,
            self.company.property_deposit_account_id: -2000})
        [row] = self.env['property.fund.report'].search([('move_id', '=', bill.id)])
        self.assertEqual((row.role, row.fund_id.id, row.amount_in), ('deposit', False, 2000))

    # === BELOW ZERO === #

    def test_not_below_zero_by_a_supplier_bill(self):
        """ The error says what is there, what is wanted and what is missing. """
        self._fill(self.fund, 1000)
        bill = self._create_supplier_bill(1000.01, self.fund.account_id)
        with self.assertRaisesRegex(
                UserError, r"Service charges of Emerald Garden has .*1,000\.00.*: .*0\.01.* are "
                           r"missing. Bill what is not billed yet"):
            with self.env.cr.savepoint():
                bill.action_post()
        self.assertEqual((bill.state, self.fund.amount_balance), ('draft', 1000))
        bill.invoice_line_ids.price_unit = 1000
        bill.action_post()
        self.assertEqual(self.fund.amount_balance, 0)

    def test_not_below_zero_by_an_entry(self):
        self._fill(self.fund, 100)
        entry = self._create_entry(
            [(self.fund.account_id, 100.5, {}), (self.expense_account, -100.5, {})])
        with self.assertRaisesRegex(UserError, r"0\.50.* are missing"):
            with self.env.cr.savepoint():
                entry.action_post()
        self.assertEqual(entry.state, 'draft')

    def test_not_below_zero_by_another_account(self):
        """ A posted bill that is booked from expenses to the fund afterwards. """
        self._fill(self.fund, 100)
        bills = [self._create_supplier_bill(amount, self.expense_account) for amount in (100.5, 60)]
        for bill in bills:
            bill.action_post()
        items = [bill.invoice_line_ids for bill in bills]
        with self.assertRaisesRegex(UserError, r"0\.50.* are missing"), self.cr.savepoint():
            items[0].account_id = self.fund.account_id
        self.env.invalidate_all()
        self.assertEqual(
            (items[0].account_id, self.fund.amount_balance), (self.expense_account, 100))
        items[1].account_id = self.fund.account_id
        self.env.invalidate_all()
        self.assertEqual(self.fund.amount_balance, 40)
        items[1].account_id = self.expense_account  # back again
        self.env.invalidate_all()
        self.assertEqual(self.fund.amount_balance, 100)

    def test_several_at_once_are_added_up(self):
        self._fill(self.fund, 100)
        bills = self._create_supplier_bill(60, self.fund.account_id) + (
            self._create_supplier_bill(60, self.fund.account_id))
        with self.assertRaisesRegex(UserError, r"20\.00.* are missing"):
            with self.env.cr.savepoint():
                bills.action_post()
        self.assertEqual(bills.mapped('state'), ['draft', 'draft'])

    def test_what_is_spent_is_not_taken_back(self):
        """ Nor by setting back to draft what filled the fund. """
        opening = self._fill(self.fund, 100)
        self._create_supplier_bill(80, self.fund.account_id).action_post()
        with self.assertRaisesRegex(UserError, r"80\.00.* are missing"):
            with self.env.cr.savepoint():
                opening.button_draft()
        self.assertEqual(opening.state, 'posted')

    def test_a_posted_bill_is_moved_to_this_project(self):
        """ What another project paid is not put on this fund, nor is its own bill taken out. """
        other = self.env['property.project'].create({
            'name': "Lakeside", 'company_id': self.company.id})
        bill = self._create_supplier_bill(100, self.fund.account_id)
        bill.property_project_id = other
        bill.action_post()
        with self.assertRaisesRegex(UserError, "cannot be taken out of it"), self.cr.savepoint():
            bill.property_project_id = self.project
        own = self._post_trust_bill(264).move_id
        with self.assertRaisesRegex(UserError, "of the project of its charges"):
            own.property_project_id = other
        bill.property_project_id = self.project  # now there is enough

    def test_whose_money_a_posted_bill_is_stays(self):
        """ An accountant corrects the charge, and writes nothing else on its bill. """
        accountant = self._create_user('accountant', 'account.group_account_user')
        self.project.user_ids |= accountant
        item = self._post_trust_bill(264).move_id.invoice_line_ids.with_user(accountant)
        for name in ('property_charge_id', 'property_fee_id', 'property_unit_id'):
            with self.subTest(name), self.assertRaisesRegex(UserError, "follows from what was"):
                item[name] = False

    def test_a_fund_that_may_be_overdrawn(self):
        self.fund.may_overdraw = True
        self._create_supplier_bill(80, self.fund.account_id).action_post()
        self.assertTrue(self.fund.is_overdrawn)
        self.assertIn(self.fund, self.fund.search([('is_overdrawn', '=', True)]))

    def test_another_project_pays_nothing(self):
        """ What is on the account for somebody else is not in this fund. """
        other = self.env['property.project'].create(
            {'name': "Jade Court", 'company_id': self.company.id})
        self._fill(self.fund, 100)
        self.fund.create({'name': "Service charges", 'project_id': other.id, 'kind': 'trust'})
        with self.assertRaisesRegex(UserError, "of Jade Court"):
            with self.env.cr.savepoint():
                self._create_supplier_bill(
                    50, self.fund.account_id, project=other).action_post()
        with self.assertRaisesRegex(UserError, "Enter the project whose fund is spent"):
            with self.env.cr.savepoint():
                self._create_supplier_bill(
                    50, self.fund.account_id, project=other.browse()).action_post()

    def test_a_payer_always_gets_his_credit(self):
        """ It may overdraw the fund, which says so; then nothing more is spent. """
        charge = self._post_trust_bill(264)
        self._create_supplier_bill(200, self.fund.account_id).action_post()
        charge._credit("moved out")
        self.env.invalidate_all()
        self.assertEqual((self.fund.amount_balance, self.fund.is_overdrawn), (-200, True))
        home = self.env['property.home'].with_user(self.manager).get_home()
        [reminders] = [card for card in home['cards'] if card['key'] == 'reminders']
        [item] = [item for item in reminders['items'] if item['key'] == 'funds']
        self.assertEqual(item['count'], 1)
        with self.assertRaisesRegex(UserError, "missing"):
            with self.env.cr.savepoint():
                self._create_supplier_bill(1, self.fund.account_id).action_post()

    def test_bills_ask_nothing(self):
        """ A run only adds to funds, and its undoing is never refused: no query for either. """
        Fund = type(self.env['property.fund'])
        with patch.object(Fund, '_check_not_overdrawn') as check:
            charge = self._post_trust_bill(264)
            charge._credit("wrong")
            self._post(self._create_charge(10))
        check.assert_not_called()

    # === THE RECORD === #

    def test_kept_while_there_is_something_of_it(self):
        self.assertEqual(self.fund.account_id, self.company.property_trust_account_id)
        spare = self._create_fund("Revenue", 'public_revenue')
        spare.kind = 'maintenance'
        self.assertEqual(spare.account_id, self.company.property_maintenance_account_id)
        spare.unlink()
        self._fill(self.fund, 100)
        with self.assertRaisesRegex(UserError, "what is in it is the owners'"):
            self.fund.unlink()
        with self.assertRaisesRegex(UserError, "are fixed"):
            self.fund.account_id = self.company.property_maintenance_account_id
        with self.assertRaisesRegex(UserError, "are fixed"):
            self.fund.kind = 'maintenance'
        self.fund.write({'kind': 'trust', 'name': "Service fund"})

    def test_never_on_an_income_account(self):
        with self.assertRaisesRegex(ValidationError, "choose a liability"):
            self._create_fund("Ours", 'public_revenue', account_id=self.income_account.id)

    def test_entered_on_the_screen(self):
        """ Before its project is chosen, the new fund has no currency. """
        form = Form(self.env['property.fund'].with_user(self.manager))
        form.name, form.project_id, form.kind = "Roof", self.project, 'maintenance'
        fund = form.save()
        self.assertEqual(fund.account_id, self.company.property_maintenance_account_id)
        self.assertFalse(fund.is_overdrawn)

    def test_one_fund_on_an_account(self):
        with self.assertRaises(IntegrityError), mute_logger('odoo.sql_db'), (
                self.env.cr.savepoint()):
            self._create_fund("Another", 'trust')

    def test_who_may(self):
        """ The manager sets up, who sees money sees it in his projects. """
        fund = self.fund.with_user(self.manager)
        fund.may_overdraw = True
        self.assertEqual(self.fund.with_user(self.clerk).amount_balance, 0)
        with self.assertRaises(AccessError):
            self.fund.with_user(self.clerk).may_overdraw = False
        stranger = self._create_user('stranger', 'property_billing.group_billing_manager')
        self.assertFalse(self.fund.with_user(stranger).search([]))
        with self.assertRaises(AccessError):
            self.fund.with_user(stranger).read(['amount_balance'])
