from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user, tagged

from .common_budget import BudgetCommon


@tagged('post_install', '-at_install')
class TestBudget(BudgetCommon):
    """ [B45] What a year is to cost, and what it does cost. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fund.may_overdraw = True

    # === STEPS === #

    def test_from_draft_to_published(self):
        """ Entered by one, approved by another; what is decided stays as it is. """
        budget = self.budget
        with self.assertRaises(AccessError), self.cr.savepoint():
            budget.state = 'published'
        budget.action_submit()
        for vals in ({'name': "Other"}, {'line_ids': [Command.clear()]}):
            with self.assertRefused("is submitted and stays as it is"):
                budget.write(vals)
        with self.assertRefused("is submitted and stays as it is"):
            self.cleaning.amount_planned = 1
        with self.assertRefused("is submitted and stays as it is"):
            budget.line_ids.create({
                'budget_id': budget.id, 'name': "Guards", 'key_id': self.by_area.id})
        with self.assertRaises(AccessError), self.cr.savepoint():
            budget.action_approve()
        manager = budget.with_user(self.manager)
        manager.action_refuse()
        self.assertEqual(budget.state, 'draft')
        self._approve()
        self.assertEqual((budget.state, budget.approved_by_id), ('approved', self.manager))
        manager.action_publish()
        self.assertEqual(budget.state, 'published')
        self.assertTrue(budget.published_on)
        with self.assertRefused("is in state “Shown to the owners”"):
            budget.action_withdraw()
        with self.assertRefused("is submitted or decided"):
            budget.unlink()

    def test_no_cost_is_put_into_a_budget_that_is_decided(self):
        """ Neither entered there nor moved from another one. """
        draft = self.budget.copy({
            'name': "Budget 2026", 'date_start': '2026-01-01', 'date_end': '2026-12-31'})
        guards = draft.line_ids[0]
        guards.name = "Guards"
        self._approve()
        with self.assertRefused("is submitted and stays as it is"):
            guards.budget_id = self.budget
        self.env.invalidate_all()
        self.assertEqual(guards.budget_id, draft)

    def test_nobody_approves_his_own(self):
        budget = self.budget.with_user(self.manager).copy({
            'name': "Budget 2026", 'date_start': '2026-01-01', 'date_end': '2026-12-31'})
        budget.action_submit()
        with self.assertRefused("yourself"):
            budget.action_approve()
        budget.action_withdraw()
        self.assertEqual((budget.state, len(budget.line_ids)), ('draft', 2))

    def test_typed_in_the_form(self):
        form = Form(self.env['property.budget'].with_user(self.clerk))
        form.name = "Budget 2026"
        form.project_id = self.project
        form.date_start, form.date_end = '2026-01-01', '2026-12-31'
        form.advance_fee_ids = self.trust_fee
        with form.line_ids.new() as line:
            line.name = "Cleaning"
            line.key_id = self.by_area
            line.amount_planned = 13000
        self.assertEqual(form.save().amount_planned, 13000)

    def test_bad_input(self):
        other = self.env['property.project'].create({
            'name': "Lakeside", 'company_id': self.company.id})
        key = self._create_key(project_id=other.id, level='project', building_ids=[])
        with self.assertRefused("is of Lakeside. Choose one of Emerald Garden"):
            self.budget.line_ids = [Command.create({'name': "Guards", 'key_id': key.id})]
        with self.assertRefused("covers some of these days and has the same advances"):
            self.budget.copy({'date_start': '2025-12-31', 'date_end': '2026-12-30'})
        with self.assertRefused("has no costs"):
            self.budget.copy({
                'date_start': '2026-01-01', 'date_end': '2026-12-31',
                'line_ids': False}).action_submit()

    # === PLANNED AND ACTUAL === #

    def test_planned_against_actual(self):
        """ 12,444.00 planned, 12,600.00 billed: 156.00 over; a draft bill counts for nothing. """
        self._approve()
        self._spend(self.cleaning, 12700)
        self._spend(self.cleaning, 100, 'in_refund')
        self._create_supplier_bill(
            50, self.fund.account_id, property_budget_line_id=self.cleaning.id)
        self.env.invalidate_all()
        self.assertEqual(
            (self.cleaning.amount_planned, self.cleaning.amount_actual, self.cleaning.amount_left),
            (12444, 12600, -156))
        self.assertEqual(
            (self.budget.amount_planned, self.budget.amount_actual, self.budget.amount_rest),
            (15444, 12600, 12600))
        action = self.budget.action_divide_costs()
        self.env.invalidate_all()
        self.assertEqual((self.cleaning.amount_actual, self.budget.amount_rest), (12600, 0))
        [cost] = self.env['property.shared.cost'].search(action['domain'])
        self.assertEqual(
            (cost.name, cost.settle, cost.state, cost.amount, cost.fee_id),
            ("Cleaning", 'true_up', 'confirmed', 12600, self.trust_fee))
        self.assertEqual(self._parts(cost), {
            'A': 2584.62, 'B': 2907.69, 'C': 3230.77, 'D': 3876.92})
        with self.assertRefused("is divided or cancelled and stays as it is"):
            cost.budget_line_id = self.lift
        with self.assertRefused("Nothing is left to divide"):
            self.budget.action_divide_costs()

    def test_parts_wait_for_the_true_up(self):
        """ No run bills them. """
        self._approve()
        self._spend_all()
        charges = self._preview('2026-12-31').charge_ids
        self.assertEqual(charges.fee_id, self.trust_fee)
        self.assertFalse(charges.assignment_id.shared_cost_id)

    def test_a_cost_that_a_clerk_divides(self):
        """ A part of a bill that names no budget, by another key; the rest stays for others. """
        self._approve()
        line = self._receive_bill(900)
        form = Form(self.env['property.shared.cost'].with_user(self.clerk))
        form.name = "Repair of the lift"
        form.project_id = self.project
        form.settle = 'true_up'
        form.budget_line_id = self.lift
        self.assertEqual(form.fee_id, self.trust_fee)
        form.key_id = self.by_area
        form.date_start, form.date_end = '2025-03-01', '2025-03-31'
        with form.source_ids.new() as source:
            source.line_id = line
            source.amount = 390
        cost = form.save()
        self.assertEqual(self.lift.amount_actual, 0)
        cost._divide()
        self.env.invalidate_all()
        self.assertEqual((self.lift.amount_actual, self.lift.amount_rest), (390, 0))
        with self.assertRefused("is not of the days and the project of Budget 2025"):
            self._create_cost(
                self.by_area, settle='true_up', budget_line_id=self.lift.id)
        cost.action_cancel()
        self.env.invalidate_all()
        self.assertEqual(self.lift.amount_actual, 0)

    def test_bills_that_are_no_costs_of_it(self):
        """ How wages are paid, a bill without project, a bill of another project. """
        self._approve()
        other = self.env['property.project'].create({
            'name': "Lakeside", 'company_id': self.company.id})
        vals = {'property_budget_line_id': self.lift.id}
        for build in (
            lambda: self._create_entry([
                (self.fund.account_id, 5, {}),
                (self.bank_journal.default_account_id, -5, vals)]),
            lambda: self._create_supplier_bill(
                5, self.expense_account, project=self.env['property.project'], **vals),
            lambda: self._create_supplier_bill(5, self.expense_account, project=other, **vals),
        ):
            with self.assertRefused("cannot be a cost of Budget 2025"):
                build()

    def test_wages_are_costs_too(self):
        """ 8,000.00 out of the fund and 900.00 of expenses, 50.00 taken back: 8,850.00 by area,
        80 / 390 of it 1,815.38.
        """
        self._approve()
        vals = {'property_budget_line_id': self.cleaning.id}
        payable = self.bank_journal.default_account_id
        wages = self._create_entry(
            [(self.fund.account_id, 8000, {**vals, 'name': "Wang Fang"}), (payable, -8000, {})],
            '2025-03-31')
        other = self._create_entry(
            [(self.expense_account, 900, vals), (payable, -900, {})], '2025-04-30')
        back = self._create_entry(
            [(payable, 50, {}), (self.expense_account, -50, vals)], '2025-05-31')
        self.assertEqual(self.cleaning.amount_actual, 0, "not posted yet")
        (wages + other + back).action_post()
        self.env.invalidate_all()
        self.assertEqual((self.cleaning.amount_actual, self.cleaning.amount_rest), (8850, 8850))
        self.budget.action_divide_costs()
        self.env.invalidate_all()
        [cost] = self.cleaning.cost_ids
        self.assertEqual((cost.amount, self.cleaning.amount_rest), (8850, 0))
        self.assertEqual(self._parts(cost)['A'], 1815.38)
        self.assertEqual(
            sorted(cost.sudo().source_ids.mapped('amount')), [-50, 900, 8000])
        with self.assertRefused("is shared among units"):
            wages.button_draft()
        with self.assertRefused("is shared among units"):
            wages.line_ids[0].balance = 1
        [first, *_rest] = self.cleaning._get_sources()
        self.assertEqual(
            (first['number'], str(first['date']), first['amount']),
            (wages.name, '2025-03-31', 8000))
        self.assertNotIn("Wang", first['name'], "whose wages they are is nobody's business")
        self.assertNotIn("Wang", str(cost._get_notice()['sources']), "nor on the notice board")

    def test_wages_taken_back(self):
        """ A reversal names the cost, as the entry does: nothing of it is left. """
        self._approve()
        wages = self._create_entry([
            (self.expense_account, 900, {'property_budget_line_id': self.cleaning.id}),
            (self.bank_journal.default_account_id, -900, {})], '2025-03-31')
        wages.action_post()
        wages._reverse_moves(cancel=True)
        self.env.invalidate_all()
        self.assertEqual(self.cleaning.amount_actual, 0)
        bill = self._spend(self.lift, 300).move_id
        bill._reverse_moves([{'invoice_date': '2025-12-31', 'date': '2025-12-31'}]).action_post()
        self.env.invalidate_all()
        self.assertEqual(self.lift.amount_actual, 0)

    def test_an_entry_that_names_no_cost_is_not_divided(self):
        wages = self._create_entry([
            (self.expense_account, 900, {}), (self.bank_journal.default_account_id, -900, {})])
        wages.action_post()
        with self.assertRefused("nor of an entry that names a cost of a budget"):
            self._create_cost(self.by_area, wages.line_ids[0])

    # === PRICES OF THE ADVANCES === #

    def test_prices_that_cover_the_plan(self):
        """ 15,444.00 by area among 390 m² in 12 months: 3.30 a month and m². """
        budget = self.budget.copy({
            'name': "Budget 2026", 'date_start': '2026-01-01', 'date_end': '2026-12-31',
            'line_ids': [
                Command.create({
                    'name': "Cleaning", 'key_id': self.by_area.id, 'amount_planned': 12444}),
                Command.create({
                    'name': "Guards", 'key_id': self.by_area.id, 'amount_planned': 3000}),
                Command.create({
                    'name': "Lift", 'key_id': self.by_household.id, 'amount_planned': 500})]})
        self._assign(self.units[0], self.tariff, '2026-01-01')
        self.company.property_approves_prices = True
        manager = budget.with_user(self.manager)
        with self.assertRefused("is in state"):
            manager.action_propose_prices()
        budget.action_submit()
        manager.action_approve()
        with self.assertRaises(AccessError), self.cr.savepoint():
            budget.action_propose_prices()
        action = manager.action_propose_prices()
        [version] = self.env['property.tariff.version'].search(action['domain'])
        self.assertEqual(
            (version.tariff_id, version.price, str(version.date_start), version.state),
            (self.tariff, 3.3, '2026-01-01', 'draft'))
        with self.assertRefused("from 2026-01-01 already. The plan comes to 3.30 a month"):
            manager.action_propose_prices()

    def test_a_tariff_of_another_project_too(self):
        """ Its price would change with a plan that is none of its; what is over does not count. """
        self._approve()
        other = self.env['property.project'].create({
            'name': "Lakeside", 'company_id': self.company.id, 'charging_regime': 'commission'})
        unit = self._create_unit('1', owner=None, building_id=self.env['property.building'].create({
            'name': "L", 'project_id': other.id}).id)
        assignment = self._assign(unit, self.tariff, '2024-01-01')
        manager = self.budget.with_user(self.manager)
        with self.assertRefused("is charged in Lakeside, too"):
            manager.action_propose_prices()
        assignment.date_end = '2024-12-31'
        action = manager.action_propose_prices()
        [version] = self.env['property.tariff.version'].search(action['domain'])
        self.assertEqual(version.tariff_id, self.tariff)

    def test_no_tariff_by_which_to_ask(self):
        self._approve()
        self.budget.line_ids.key_id.sudo().basis = 'share'
        with self.assertRefused("by area or household, as its costs are divided"):
            self.budget.with_user(self.manager).action_propose_prices()

    # === RIGHTS === #

    def test_who_may(self):
        """ Viewers look, with the figures; other projects are closed. """
        self._approve()
        self._spend(self.cleaning, 12600)
        viewer = self._create_user('viewer', 'property_billing.group_billing_user')
        stranger = self._create_user('stranger', 'property_billing.group_billing_officer')
        self.project.user_ids += viewer
        self.env.invalidate_all()
        self.assertEqual(self.budget.with_user(viewer).amount_actual, 12600)
        with self.assertRaises(AccessError), self.cr.savepoint():
            self.budget.with_user(viewer).action_divide_costs()
        for records in (self.budget, self.budget.line_ids):
            with self.assertRaises(AccessError), self.cr.savepoint():
                records.with_user(stranger).read(['name'])

    def test_who_may_plan(self):
        viewer = self._create_user('viewer', 'property_billing.group_billing_user')
        self.project.user_ids += viewer
        for records in (self.budget, self.cleaning):
            with self.assertRaises(AccessError), self.cr.savepoint():
                records.with_user(viewer).write({'name': "Other"})
            records.with_user(self.clerk).write({'name': "Other"})

    def test_trial_data_go(self):
        """ [G14] Trials are taken away. """
        admin = new_test_user(
            self.env, 'admin_of_jindong', 'base.group_system', company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)])
        budget, lines = self.budget, self.budget.line_ids
        self.env['property.initialise'].with_user(admin).create(
            {'confirmation': self.company.name}).action_initialise()
        self.assertFalse(budget.exists() or lines.exists())
