from datetime import date

from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .common import FundCommon
from .common_shared import SharedCommon

# 1,000.00 by 80, 90, 100 and 120 of 390 m²: 205.128…, 230.769…, 256.410…, 307.692…; the two cents
# that are left go to the largest remainders, those of 802 and 801.
PARTS = {'801': 205.13, '802': 230.77, '803': 256.41, '804': 307.69}


@tagged('post_install', '-at_install')
class TestFundTransfer(SharedCommon, FundCommon):
    """ [B45] [decision 23] What the common parts earn tops up the maintenance fund (公共收益). """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.units = cls._create_units([80, 90, 100, 120])
        # A unit without an area has no part.
        (cls.unit_1011 + cls.unit_1012).building_area = 0
        cls.key = cls._create_key(level='project', building_ids=False)
        cls.maintenance = cls._create_fund("Maintenance", 'maintenance')
        cls.revenue = cls._create_fund("Advertising in lifts", 'public_revenue')
        fee = cls._create_money_of_others(
            "Lift advertising", 'trust', fund_kind='public_revenue')
        cls._post(cls._create_charge(1500, fee, cls.units[0], cls.units[0].owner_ids))

    def _transfer(self, amount=1000, day='2026-03-31', **vals):
        return self.env['property.fund.transfer'].with_user(self.manager).create({
            'fund_id': self.revenue.id, 'amount': amount, 'date': day, **vals})

    def _read_accounts(self):
        self.env.invalidate_all()
        return {
            unit.name: round(amount, 2) for unit, amount in self.env['property.fund.report']
            ._read_group(
                [('fund_id', '=', self.maintenance.id)], ['unit_id'], ['amount_balance:sum'])}

    def _read_figures(self, fund):
        self.env.invalidate_all()
        return fund.amount_in, fund.amount_out, fund.amount_balance

    def test_by_area_to_the_cent(self):
        """ 1,000.00 of 1,500.00: 205.13, 230.77, 256.41 and 307.69, by one entry. """
        transfer = self._transfer()
        self.assertEqual(
            (transfer.target_id, transfer.key_id, transfer.project_id),
            (self.maintenance, self.key, self.project))
        transfer.action_post()
        self.assertEqual(self._read_accounts(), PARTS)
        move = transfer.sudo().move_id
        self.assertEqual((move.state, str(move.date)), ('posted', '2026-03-31'))
        self.assertBalances(
            move, {self.revenue.account_id: 1000, self.maintenance.account_id: -1000})
        self.assertEqual(self._read_figures(self.revenue), (1500, 1000, 500))
        self.assertEqual(self._read_figures(self.maintenance), (1000, 0, 1000))
        action = transfer.action_view_parts()
        rows = self.env['property.fund.report'].with_user(self.manager).search(action['domain'])
        self.assertEqual(sorted(rows.mapped('amount_in')), sorted(PARTS.values()))

    def test_both_statements_say_it(self):
        self._transfer().action_post()
        for fund, line in ((self.revenue, (0, 1000)), (self.maintenance, (1000, 0))):
            statement = fund._get_statement(date(2026, 1, 1), date(2026, 12, 31))
            [section] = [
                section for section in statement['sections']
                if section['name'] == "Transfer between funds"]
            [(_name, *amounts)] = section['lines']
            self.assertEqual(tuple(amounts), line)
            self.assertEqual(statement['closing'], fund.amount_balance)

    def test_what_is_proposed(self):
        """ What has been received: of 1,500.00 billed nothing is paid yet. """
        action = self.revenue.with_user(self.manager).action_transfer()
        form = Form(
            self.env['property.fund.transfer'].with_user(self.manager).with_context(
                action['context']))
        self.assertEqual((form.amount_open, form.amount), (1500, 0))
        self.assertEqual((form.target_id, form.key_id), (self.maintenance, self.key))
        with self.assertRefused("more than zero"):
            form.save().action_post()

    def test_never_more_than_is_in_it(self):
        """ 1,500.01 of 1,500.00: refused, nothing half stored. """
        transfer = self._transfer(1500.01)
        with self.assertRefused(r"0\.01 are missing"):
            transfer.action_post()
        self.env.invalidate_all()
        self.assertEqual((transfer.state, transfer.sudo().move_id.id), ('draft', False))
        self.assertEqual(self._read_figures(self.revenue), (1500, 0, 1500))
        transfer.amount = 1500
        transfer.action_post()
        self.assertEqual(self._read_figures(self.revenue), (1500, 1500, 0))

    def test_taken_back(self):
        """ [invariant 10] By an entry against it; nothing is in or out then. """
        transfer = self._transfer()
        transfer.action_post()
        entry = transfer.sudo().move_id.with_env(self.env)
        accountant = self._create_user(
            'accountant', 'account.group_account_manager,property_billing.group_billing_user')
        self.project.user_ids += accountant
        for step in ('button_draft', '_reverse_moves'):
            with self.assertRefused("Take that back instead"):
                getattr(entry.with_user(accountant), step)()
        transfer.action_take_back()
        self.assertEqual((transfer.state, entry.state), ('cancelled', 'posted'))
        self.assertEqual(self._read_accounts(), dict.fromkeys(PARTS, 0))
        self.assertEqual(self._read_figures(self.revenue), (1500, 0, 1500))
        self.assertEqual(self._read_figures(self.maintenance), (0, 0, 0))
        with self.assertRefused("is in state"):
            transfer.action_take_back()
        with self.assertRefused("Take that back instead"):
            entry.with_user(accountant)._reverse_moves()

    def test_not_taken_back_once_it_is_spent(self):
        """ 801 has paid a repair of 100.00 out of its 205.13. """
        transfer = self._transfer()
        transfer.action_post()
        bill = self._create_supplier_bill(
            100, self.maintenance.account_id, day='2026-04-05', property_unit_id=self.units[0].id)
        bill.action_post()
        with self.assertRefused("100.00"):
            transfer.action_take_back()
        self._fill(self.maintenance, 500, property_unit_id=self.units[1].id)
        with self.assertRefused("1 units have too little.*8-801"):
            transfer.action_take_back()
        self.env.invalidate_all()
        self.assertEqual(transfer.state, 'posted')
        self._fill(self.maintenance, 100, property_unit_id=self.units[0].id)
        transfer.action_take_back()
        self.assertEqual(self._read_accounts()['801'], 0)

    def test_bad_input(self):
        other = self.env['property.project'].create({
            'name': "Lakeside", 'company_id': self.company.id, 'user_ids': self.manager.ids})
        foreign = self.env['property.fund'].create({
            'name': "Other", 'project_id': other.id, 'kind': 'maintenance'})
        for vals, message in (
            ({'target_id': foreign.id}, "maintenance fund of the same project"),
            ({'fund_id': self.fund.id, 'target_id': self.maintenance.id}, "cannot be transferred"),
            ({'key_id': self._create_key('household').id}, "that divides by area"),
            ({'state': 'posted'}, "by its buttons"),
        ):
            with self.assertRefused(message):
                self._transfer(**vals)
        with self.assertRefused("more than zero"):
            self._transfer(-5).action_post()
        transfer = self._transfer()
        with self.assertRefused("by its buttons"):
            transfer.state = 'posted'
        transfer.action_post()
        for step in (lambda: transfer.write({'amount': 1}), transfer.unlink, transfer.action_post):
            with self.assertRefused("(?i)posted"):
                step()

    def test_a_month_that_is_closed(self):
        """ [decision 36] The first open day, told before. """
        self.company.fiscalyear_lock_date = date(2026, 3, 31)
        transfer = self._transfer()
        self.assertIn("2026", transfer.posting_notice)
        transfer.action_post()
        self.assertEqual(transfer.sudo().move_id.date, date(2026, 4, 1))

    def test_who_may(self):
        """ A manager transfers without an accounting group; officers look, others do not. """
        transfer = self._transfer()
        stranger = self._create_user('stranger', 'property_billing.group_billing_manager')
        with self.assertRaises(AccessError), self.cr.savepoint():
            transfer.with_user(self.clerk).action_post()
        with self.assertRaises(AccessError), self.cr.savepoint():
            transfer.with_user(stranger).read(['amount'])
        transfer.action_post()
        self.assertEqual(transfer.with_user(self.clerk).state, 'posted')

    def test_the_doctor_finds_a_cent(self):
        transfer = self._transfer()
        transfer.action_post()
        self.assertBooksBalance()
        line = transfer.sudo().move_id.line_ids.filtered('property_unit_id')[:1]
        self.env.cr.execute(
            "UPDATE account_move_line SET balance = balance + 0.01 WHERE id = %s", [line.id])
        wrong = [check['name'] for check in self.env['property.doctor'].run() if not check['ok']]
        self.assertIn("Transfers to maintenance funds, parts of the units", wrong)
        self.env.cr.execute(
            "UPDATE account_move_line SET balance = balance - 0.01 WHERE id = %s", [line.id])
