from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..models import property_budget_true_up
from .common_budget import BudgetCommon

DIFFERENCES = {
    'Owner A': 241.62, 'Owner B': 168.69, 'Owner C': 95.77, 'Owner D': -44.36, 'Owner E': -5.72}


@tagged('post_install', '-at_install')
class TestTrueUp(BudgetCommon):
    """ [B45] [decision 24] What was spent, less what was paid ahead, to the cent. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._fill(cls.fund, 2000, '2024-12-31')
        cls._approve()

    def _settle(self):
        self.run = self._charge_advances()
        self._spend_all()
        self._true_up()

    def _charges(self):
        return self.env['property.charge'].search([('kind', '=', 'true_up')])

    # === THE FIGURES === #

    def test_what_each_payer_bears(self):
        """ Cost, advance and difference of A to E, shown before anything is posted; together
        +456.00 = 15,900.00 − 15,444.00.
        """
        self._charge_advances()
        self._spend_all()
        wizard = self._open_true_up()
        self.assertEqual({
            line.partner_id.name: (line.amount_cost, line.amount_advances, line.amount)
            for line in wizard.line_ids
        }, {
            'Owner A': (3409.62, 3168.00, 241.62),
            'Owner B': (3732.69, 3564.00, 168.69),
            'Owner C': (4055.77, 3960.00, 95.77),
            'Owner D': (2331.64, 2376.00, -44.36),
            'Owner E': (2370.28, 2376.00, -5.72),
        })
        self.assertEqual(
            (wizard.amount_cost, wizard.amount_advances, wizard.amount_charged,
             wizard.amount_credited), (15900, 15444, 506.08, 50.08))
        self.assertFalse(self._charges())

    def test_charged_and_credited(self):
        """ The entries: receivable and the owners' fund, no income; the fund ends with 1,544.00 +
        506.08 − 50.08 = 2,000.00.
        """
        self._settle()
        self.assertEqual(self.budget.state, 'trued_up')
        charges = self._charges()
        self.assertEqual(
            {charge.partner_id.name: charge.amount for charge in charges},
            {name: amount for name, amount in DIFFERENCES.items() if amount > 0})
        for charge in charges:
            self.assertBalances(charge.move_id, {
                charge.receivable_line_id.account_id: charge.amount,
                self.fund.account_id: -charge.amount})
            self.assertEqual(charge.date_due, date(2026, 3, 2))
            self.assertTrue(charge.is_published)
        self.assertEqual(
            (self.budget.amount_charged, self.budget.amount_credited), (506.08, 50.08))
        self.assertEqual(self.fund.amount_balance, 2000)
        [note] = self.env['account.move'].search([
            ('property_budget_id', '=', self.budget.id), ('move_type', '=', 'out_refund'),
            ('partner_id', '=', self.owners['D'].id)])
        self.assertBalances(note, {
            self.fund.account_id: 44.36,
            note.partner_id.property_account_receivable_id: -44.36})
        self.assertIn("True-up of Budget 2025", note.ref)
        self.assertEqual(
            note.line_ids.property_charge_id.date_start, date(2025, 6, 1), "the newest")

    def test_the_bill_says_why(self):
        self._settle()
        charge = self._charges().filtered(lambda charge: charge.partner_id == self.owners['A'])
        self.assertEqual(charge._render_explanation(), [
            "Cleaning 2025-01-01 ~ 2025-12-31: 12600 together",
            "Building area (m²) 80 of 390: 2584.62, the rest of dividing included",
            "Lift 2025-01-01 ~ 2025-12-31: 3300 together",
            "Households 1 of 4: 825",
            "3409.62 less 3168 charged ahead: 241.62"])
        self.assertEqual(charge._get_bill_figures()['price'], '')
        self.assertEqual(charge._get_explanation_rows(), [])
        self.assertEqual(
            (str(charge.date_start), str(charge.date_end)), ('2025-01-01', '2025-12-31'))

    def test_not_taken_for_the_fee_of_a_year(self):
        self._settle()
        charge = self._charges().filtered(lambda charge: charge.partner_id == self.owners['A'])
        self.assertEqual(
            charge.move_id.invoice_line_ids.name,
            f"{self.trust_fee.name} 2025-01-01 ~ 2025-12-31 (True-up of Budget 2025)")

    @freeze_time('2025-12-21')
    def test_before_the_year_is_over(self):
        """ It may be done, and is told. """
        self._charge_advances()
        self._spend_all()
        self.assertIn(
            "Budget 2025 goes on until 2025-12-31", self._open_true_up().year_notice)
        with freeze_time('2026-01-01'):
            self.assertFalse(self._open_true_up().year_notice)

    # === ONCE MORE === #

    def test_a_second_true_up_gives_nothing(self):
        self._settle()
        self.assertEqual(self._differences(), {})
        with self.assertRefused("Nothing is to be settled"):
            self._true_up()

    def test_a_bill_that_comes_late(self):
        """ 390.00 more of cleaning in February: 80.00, 90.00, 100.00 and 120.00, the last by days.
        """
        self._settle()
        self._spend(self.cleaning, 390, day='2026-02-10')
        self.env.invalidate_all()
        with self.assertRefused("are not divided yet"):
            self._open_true_up()
        self.budget.action_divide_costs()
        self.assertEqual(self._differences(), {
            'Owner A': 80, 'Owner B': 90, 'Owner C': 100, 'Owner D': 59.51, 'Owner E': 60.49})
        self._true_up('2026-02-28')
        self.assertEqual(self._differences(), {})
        self.assertEqual(self.cleaning.amount_actual, 12990)

    def test_a_credit_note_that_comes_late(self):
        """ The supplier gives 390.00 back: of A the true-up is credited, as it is the newest. """
        self._settle()
        self._spend(self.cleaning, 390, 'in_refund', day='2026-02-10')
        self.env.invalidate_all()
        self.budget.action_divide_costs()
        self._true_up('2026-02-28')
        self.assertEqual(self._differences(), {})
        charge = self._charges().filtered(lambda charge: charge.partner_id == self.owners['A'])
        self.assertEqual(charge.amount_residual, 161.62)

    def test_a_sale_that_is_entered_late(self):
        """ C was sold on 1 December: the advances are corrected first, then the costs follow. """
        self._settle()
        flat, buyer = self.units[2], self.env['res.partner'].create({'name': "Owner F"})
        flat.occupancy_ids.date_end = date(2025, 11, 30)
        flat.occupancy_ids.flush_recordset()
        self._move_in(flat, buyer, '2025-12-01')
        december = self.run.charge_ids.filtered(
            lambda charge: charge.unit_id == flat and charge.date_start == date(2025, 12, 1))
        december.with_user(self.manager)._correct("sold", date(2026, 2, 1))
        # 31 of 365 days of 4,055.77: 274.38 + 70.07 = 344.45 less 330.00.
        self.assertEqual(self._differences(), {'Owner C': -14.46, 'Owner F': 14.46})
        self._true_up('2026-02-28')
        self.assertEqual(self._differences(), {})

    # === WHAT COUNTS AS PAID AHEAD === #

    def test_credits_of_advances_count(self):
        """ 100.00 of A's December were credited as a favour: he owes them. """
        run = self._charge_advances()
        charge = run.charge_ids.filtered(lambda charge: (
            charge.partner_id == self.owners['A'] and charge.date_start == date(2025, 12, 1)))
        charge._credit("a favour", date(2026, 1, 5), {charge.id: 100})
        self._spend_all()
        self.assertEqual(self._differences(), {**DIFFERENCES, 'Owner A': 341.62})

    def test_a_charge_over_the_border_of_the_year(self):
        """ 31.00 of 16 December to 15 January: 16.00 of it are of the year, 15.00 of the next. """
        self._charge_advances()
        self._post(self._create_charge(
            31, self.trust_fee, self.units[0], self.owners['A'],
            date_start=date(2025, 12, 16), date_end=date(2026, 1, 15)), date(2025, 12, 16))
        self._spend_all()
        self.assertEqual(self._differences()['Owner A'], 225.62)

    def test_charged_before_this_system(self):
        """ January to March of B came in with the history: it counts, and is never credited. """
        self.fund.may_overdraw = True
        self._post(self._create_charge(
            3000, self.trust_fee, self.units[1], self.owners['B'],
            date_start=date(2025, 4, 1), date_end=date(2025, 12, 31)), date(2025, 4, 1))
        self.env['property.charge'].create({
            'kind': 'opening', 'state': 'closed', 'fee_id': self.trust_fee.id, 'amount': 9000,
            'unit_id': self.units[1].id, 'partner_id': self.owners['B'].id,
            'date_start': '2025-01-01', 'date_end': '2025-03-31',
            'explanation': {'history': {
                'paid': '9000', 'day': None, 'cashier': '', 'note': ''}}})
        self._spend_all()
        self.assertEqual(self._differences()['Owner B'], -8267.31)
        with self.assertRefused("Owner B, 8-B, is to get back .*5,267.31 more"):
            self._true_up()
        self.assertEqual(self.fund.amount_balance, 2000 + 3000 - 15900)

    def test_nobody_pays(self):
        """ B's owner is not known: told, and settled once he is. """
        self._charge_advances()
        self.units[1].occupancy_ids.unlink()
        self._spend_all()
        wizard = self._open_true_up()
        self.assertEqual(wizard.amount_unpaid, 3732.69)
        wizard.action_true_up()
        self.assertEqual(
            self._differences(), {False: 3732.69}, "the former payer has got his advance back")
        self._move_in(self.units[1], self.owners['B'], '2019-01-01')
        self.assertEqual(self._differences(), {'Owner B': 3732.69})

    # === WHAT FOLLOWS === #

    def test_who_left_keeps_his_credit(self):
        """ D paid all of it: 44.36 are his open credit, not the buyer's. """
        run = self._charge_advances()
        charges = run.charge_ids.filtered(lambda charge: charge.partner_id == self.owners['D'])
        charges._receive_payment(self.bank_journal, date=date(2025, 12, 31))
        self._spend_all()
        self._true_up()
        lines = self.env['account.move.line'].search(
            self.env['account.move.line']._get_prepayment_domain())
        self.assertEqual(
            {line.partner_id.name: line.amount_residual for line in lines}, {'Owner D': -44.36})

    def test_days_that_are_credited_are_not_charged_again(self):
        """ E gets a whole month back: no run charges that month anew. """
        self._charge_advances()
        self._spend(self.cleaning, 11600)
        self._spend(self.lift, 1300)
        self.env.invalidate_all()
        self.budget.action_divide_costs()
        self._true_up()
        december = self.env['property.charge'].search([
            ('partner_id', '=', self.buyer.id), ('date_start', '=', '2025-12-01')])
        self.assertEqual((december.state, december.is_corrected), ('reversed', True))
        self.assertFalse(self._preview('2026-01-31').charge_ids)

    def test_credits_are_no_reason_to_correct(self):
        """ What was charged ahead is what the tariff says, whatever was credited of it. """
        self._settle()
        self.assertFalse(self.run.charge_ids._plan_corrections())

    def test_undoing_a_run_whose_advances_are_trued_up(self):
        """ Refused, naming the budget; possible once the true-up is taken back. """
        self._settle()
        run = self.run.with_user(self.manager).with_context(queue_job__no_delay=True)
        with self.assertRefused("are trued up by Budget 2025. Take that true-up back first"):
            run.action_undo()
        with self.assertRefused("are trued up by Budget 2025"):
            run._undo("wrong price", date(2026, 2, 1))
        self._take_back()
        run._undo("wrong price", date(2099, 2, 1))
        live = self.env['property.charge'].search([
            ('unit_id', 'in', self.units.ids), ('state', '=', 'posted')])
        self.assertFalse(live)
        self.assertEqual(self.fund.amount_balance, 2000 - 15900)

    def _take_back(self):
        self.budget.with_user(self.manager).with_context(
            queue_job__no_delay=True).action_take_back()
        self.env.invalidate_all()

    def test_taken_back_and_done_again(self):
        """ All differences are what they were, and no date is left. """
        self._settle()
        self._take_back()
        self.assertEqual((self.budget.state, self.budget.true_up_date), ('approved', False))
        self.assertEqual(self._differences(), DIFFERENCES)
        self.assertEqual(self.fund.amount_balance, 1544)
        again = self._charges().filtered('origin_charge_id')
        self.assertEqual(
            {charge.partner_id.name: charge.amount for charge in again},
            {'Owner D': 44.36, 'Owner E': 5.72})
        self.assertEqual(
            again[0]._render_explanation()[0], "Taken back: True-up of Budget 2025")
        with self.assertRefused("is in state"):
            self._take_back()
        self._true_up('2099-01-31')
        self.assertEqual(self._differences(), {})
        self._take_back()
        self.assertEqual(self._differences(), DIFFERENCES)

    def test_a_cost_that_is_settled_stays(self):
        self._settle()
        cost = self.cleaning.cost_ids
        with self.assertRefused("is settled by Budget 2025"):
            cost.with_user(self.clerk).action_cancel()
        with self.assertRefused("is shared among units by Cleaning"):
            cost.sudo().source_ids.line_id.move_id.button_draft()

    # === BAD INPUT, RIGHTS === #

    def test_not_before_all_is_divided(self):
        self._charge_advances()
        with self.assertRefused("Nothing was spent for Budget 2025"):
            self._open_true_up()
        self._spend(self.cleaning, 12600)
        with self.assertRefused(r"12,600\.00.* are not divided yet"):
            self._open_true_up()

    def test_changed_while_it_was_shown(self):
        self._charge_advances()
        self._spend_all()
        wizard = self._open_true_up()
        self.assertEqual(wizard.amount_cost, 15900)
        self._post(self._create_charge(
            5, self.trust_fee, self.units[0], self.owners['A'], date_start=date(2025, 1, 1),
            date_end=date(2025, 1, 31)), date(2025, 12, 16))
        with self.assertRefused("was changed since you opened the page"):
            wizard.action_true_up()
        self.assertFalse(self._charges())

    def test_while_it_is_under_way(self):
        """ A second one waits; a job of an earlier one does nothing. """
        self._charge_advances()
        self._spend_all()
        budget = self.budget.with_user(self.manager)
        self.env.invalidate_all()
        budget._start_true_up(date(2026, 1, 31), 30)
        self.assertTrue(budget.is_busy)
        self.assertEqual(budget.progress_text, "0 of 1")
        for step in (budget.action_true_up, budget._check_ready):
            with self.assertRefused("is being settled at this moment"):
                step()
        cost = self._create_cost(
            self.by_area, self._receive_bill(100), settle='true_up', budget_line_id=self.lift.id,
            date_start='2025-01-01', date_end='2025-12-31')
        with self.assertRefused("is being settled at this moment"):
            cost._divide()
        budget._job_true_up(self.units.ids, budget.true_up_number - 1)
        self.assertFalse(self._charges())
        budget.with_context(queue_job__no_delay=True)._job_true_up(
            self.units.ids, budget.true_up_number)
        self.assertEqual(len(self._charges()), 3)

    def test_who_may(self):
        """ A manager; who looks at the budget sees what it came to. """
        self._settle()
        self.assertEqual(self.budget.with_user(self.clerk).amount_charged, 506.08)
        for action in ('action_true_up', 'action_take_back', 'action_publish'):
            with self.assertRaises(AccessError), self.cr.savepoint():
                getattr(self.budget.with_user(self.clerk), action)()
        with self.assertRaises(AccessError), self.cr.savepoint():
            self.env['property.budget.true.up'].with_user(self.clerk).create({
                'budget_id': self.budget.id})
        action = self.budget.action_view_charges()
        found = self.env[action['res_model']].search(action['domain'])
        self.assertEqual(sorted(found.mapped('partner_id.name')), sorted(DIFFERENCES))

    def test_queries_do_not_grow_with_the_units(self):
        """ [2.13] Ten times the units, the same queries. """
        counts = []
        for number in (2, 20):
            units = self.env['property.unit'].concat(*(
                self._create_unit(f'{number}-{index}', area=50) for index in range(number)))
            key = self._create_key('fixed', line_ids=[
                Command.create({'unit_id': unit.id, 'weight': 1}) for unit in units])
            cost = self._create_cost(
                key, self._receive_bill(1000 * number), name=f"Cost {number}", settle='true_up',
                budget_line_id=self.lift.id, date_start='2025-01-01', date_end='2025-12-31')
            cost._divide()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            accounts = self.budget._plan_true_up(units)
            counts.append(self.cr.sql_log_count - before)
            self.assertEqual({account.amount for account in accounts}, {1000})
        self.assertLessEqual(counts[1], counts[0])
        self.assertEqual(property_budget_true_up.UNITS_PER_JOB, 300)
