from datetime import date

from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .common import FundCommon
from .common_shared import SharedCommon

# What was collected by area: 9,000.00, and what the roof is to each: 8,000.00.
PAID_IN = {'801': 1846.15, '802': 2076.92, '803': 2307.69, '804': 2769.24}
ROOF = {'801': 1641.03, '802': 1846.15, '803': 2051.28, '804': 2461.54}


@tagged('post_install', '-at_install')
class TestMaintenanceFund(SharedCommon, FundCommon):
    """ [B45] [decision 23] What is spent of the maintenance fund, unit by unit. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.units = cls._create_units([80, 90, 100, 120])
        cls.key = cls._create_key()
        cls.maintenance = cls._create_fund("Maintenance", 'maintenance')
        fee = cls._create_money_of_others("Maintenance fund", 'trust', fund_kind='maintenance')
        cls._post(cls.env['property.charge'].concat(*(
            cls._create_charge(PAID_IN[unit.name], fee, unit, unit.owner_ids)
            for unit in cls.units)))

    def _spend(self, amount, account=None, move_type='in_invoice', **vals):
        bill = self._create_supplier_bill(
            amount, account or self.maintenance.account_id, day='2026-04-05', **vals)
        bill.move_type = move_type
        bill.action_post()
        return bill.invoice_line_ids

    def _share(self, line, **vals):
        return self._create_cost(
            self.key, line, name="Roof", settle='fund', fund_id=self.maintenance.id, fee_id=False,
            **vals)

    def _read_accounts(self):
        self.env.invalidate_all()
        accounts = {
            unit.name: round(amount, 2) for unit, amount in self.env['property.fund.report']
            ._read_group(
                [('fund_id', '=', self.maintenance.id)], ['unit_id'], ['amount_balance:sum'])}
        self.assertAlmostEqual(sum(accounts.values()), self.maintenance.amount_balance)
        return accounts

    def test_a_roof_by_area(self):
        """ 8,000.00 of 9,000.00: 1,641.03, 1,846.15, 2,051.28 and 2,461.54 by one entry. """
        line = self._spend(8000)
        self.assertEqual(self._read_accounts(), {**PAID_IN, False: -8000}, "to be divided")
        cost = self._share(line)
        wizard = self.env['property.shared.divide'].with_user(self.clerk).create({
            'cost_id': cost.id, 'date': '2026-04-30'})
        self.assertEqual(
            {part.unit_id.name: part.amount for part in wizard.line_ids}, ROOF)
        wizard.action_divide()
        self.assertEqual(
            self._read_accounts(),
            {False: 0, '801': 205.12, '802': 230.77, '803': 256.41, '804': 307.7})
        self.assertEqual((cost.state, cost.part_count, cost.part_total), ('confirmed', 4, 8000))
        move = cost.move_id
        self.assertEqual((move.state, str(move.date)), ('posted', '2026-04-30'))
        account = self.maintenance.account_id
        self.assertBalances(move, {account: 0})
        self.assertEqual(
            sorted(move.line_ids.mapped('balance')), sorted([-8000, *ROOF.values()]))
        action = cost.with_user(self.clerk).action_view_parts()
        rows = self.env['property.fund.report'].with_user(self.clerk).search(action['domain'])
        self.assertEqual(sorted(rows.mapped('amount_balance')), sorted(-x for x in ROOF.values()))
        self.assertFalse(self._preview('2026-12-31').charge_ids, "nobody is billed")

    def test_paid_in_before_stands_below_its_building(self):
        """ An entry of many units has no building of its own; each of its units has. """
        self._fill(self.maintenance, 100, property_unit_id=self.units[0].id)
        self.env.flush_all()
        row = self.env['property.fund.report'].search([
            ('fund_id', '=', self.maintenance.id), ('movement', '=', 'entry')])
        self.assertEqual((row.unit_id, row.building_id), (self.units[0], self.building))

    def test_dividing_is_no_movement_of_the_fund(self):
        """ In 9,000.00, out 8,000.00, also after it was divided and cancelled. """
        cost = self._share(self._spend(8000))
        for step in (cost._divide, cost.action_cancel):
            step()
            self.env.invalidate_all()
            self.assertEqual(
                (self.maintenance.amount_in, self.maintenance.amount_out,
                 self.maintenance.amount_balance), (9000, 8000, 1000))
        statement = self.env['property.fund.statement'].create({
            'fund_id': self.maintenance.id, 'date_start': '2026-01-01', 'date_end': '2099-12-31'})
        self.assertEqual(
            [section['lines'] for section in statement._get_statement()['sections']],
            [[("Maintenance fund", 9000, 0)], [("Cleaners", 0, 8000)]])

    def test_cancelled_by_a_reversal(self):
        """ [invariant 10] The entry stays and is taken back; then it is divided by households. """
        cost = self._share(self._spend(8000))
        cost._divide()
        entry = cost.move_id
        with self.assertRefused("Cancel that cost instead"):
            entry.button_draft()
        with self.assertRefused("Cancel that cost instead"):
            entry._reverse_moves(cancel=True)
        cost.action_cancel()
        self.assertEqual(entry.state, 'posted')
        self.assertEqual(self._read_accounts(), {**PAID_IN, False: -8000})
        self.assertEqual((cost.part_count, cost.difference), (0, 0))
        with self.assertRefused("is or was divided"):
            cost.sudo().unlink()
        cost.action_draft()
        cost.key_id = self._create_key('household')
        with self.assertRefused("1 units have too little.*153.85.*8-801"):
            cost._divide()
        self.maintenance.may_overdraw = True
        cost._divide()
        self.assertEqual(self._read_accounts()['801'], -153.85)

    def test_no_account_falls_below_zero(self):
        """ The third of three small repairs lacks money; nothing is half stored. """
        self._share(self._spend(8000))._divide()
        cost = self._share(self._spend(999))
        key = self._create_key('fixed', line_ids=[
            (0, 0, {'unit_id': self.units[0].id, 'weight': 1})])
        cost.key_id = key
        with self.assertRefused(r"793\.88.*8-801"):
            cost._divide()
        self.assertEqual((cost.state, cost.move_id.id), ('draft', False))
        self.assertEqual(self._read_accounts()[False], -999)

    def test_less_a_credit_note(self):
        """ What the supplier gives back goes back to the units that bore it. """
        self._share(self._spend(8000))._divide()
        note = self._spend(390, move_type='in_refund')
        cost = self._share(note)
        cost._divide()
        self.assertEqual((cost.amount, cost.part_total), (-390, -390))
        self.assertEqual(self._read_accounts()['801'], 285.12)

    def test_what_did_not_come_out_of_the_fund(self):
        other = self.env['property.project'].create({
            'name': "Lakeside", 'company_id': self.company.id, 'user_ids': self.clerk.ids})
        with self.assertRefused("is not taken out of Maintenance"):
            self._share(self._spend(100, self.expense_account))._divide()
        with self.assertRefused("is borne by 8-801 alone"):
            self._share(self._spend(100, property_unit_id=self.units[0].id))._divide()
        with self.assertRefused("is not a maintenance fund of Emerald Garden"):
            self._create_cost(self.key, settle='fund', fee_id=False, fund_id=self.fund.id)
        with self.assertRefused("is a bill of Lakeside"):
            self.env['property.fund'].create({
                'name': "Other", 'project_id': other.id, 'may_overdraw': True,
                'account_id': self.maintenance.account_id.id, 'kind': 'maintenance'})
            self._share(self._spend(100, project=other))

    def test_its_entry_is_named_by_dividing_alone(self):
        """ Cancelling reverses the entry, so nobody says which one it is. """
        wages = self._create_entry(
            [(self.expense_account, 100, {}), (self.bank_journal.default_account_id, -100, {})])
        wages.action_post()
        cost = self._share(self._spend(8000))
        with self.assertRefused("by its buttons"):
            cost.move_id = wages
        with self.assertRefused("by its buttons"):
            self._share(self._spend(100), move_id=wages.id)
        copy = cost.with_context(default_move_id=wages.id).copy()
        copy.action_cancel()
        self.assertFalse(wages.reversal_move_ids)

    def test_a_month_that_is_closed(self):
        """ [decision 36] The first open day, told before. """
        cost = self._share(self._spend(8000))
        self.company.fiscalyear_lock_date = date(2026, 4, 30)
        wizard = self.env['property.shared.divide'].with_user(self.clerk).create({
            'cost_id': cost.id, 'date': '2026-04-30'})
        self.assertIn("2026", wizard.posting_notice)
        wizard.action_divide()
        self.assertEqual(cost.move_id.date, date(2026, 5, 1))

    def test_typed_in_the_form(self):
        """ The only maintenance fund of the project is taken; no fee is asked. """
        form = Form(self.env['property.shared.cost'].with_user(self.clerk))
        form.name = "Roof"
        form.project_id = self.project
        form.settle = 'fund'
        self.assertEqual(form.fund_id, self.maintenance)
        form.key_id = self.key
        form.date_start, form.date_end = '2026-04-01', '2026-04-30'
        self.assertFalse(form.save().fee_id)

    def test_who_may(self):
        """ An officer divides without an accounting group; a viewer looks. """
        cost = self._share(self._spend(8000))
        officer = self._create_user('no_books', 'property_billing.group_billing_officer')
        viewer = self._create_user('viewer', 'property_billing.group_billing_user')
        self.project.user_ids += officer + viewer
        with self.assertRaises(AccessError):
            cost.with_user(viewer)._divide()
        cost.with_user(officer)._divide()
        self.assertEqual(cost.with_user(viewer).part_total, 8000)

    def test_the_doctor_finds_a_cent(self):
        """ [invariant 7] The items of the entry are the parts. """
        cost = self._share(self._spend(8000))
        cost._divide()
        self.assertBooksBalance()
        line = cost.move_id.line_ids.filtered('property_unit_id')[:1]
        self.env.cr.execute(
            "UPDATE account_move_line SET balance = balance + 0.01 WHERE id = %s", [line.id])
        wrong = [check['name'] for check in self.env['property.doctor'].run() if not check['ok']]
        self.assertIn("Shared costs that differ from their parts, bills or meters, none", wrong)
        self.env.cr.execute(
            "UPDATE account_move_line SET balance = balance - 0.01 WHERE id = %s", [line.id])
