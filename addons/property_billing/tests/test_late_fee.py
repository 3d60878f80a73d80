import json
import random
from datetime import date, timedelta
from decimal import Decimal

from psycopg2.errors import ExclusionViolation

from odoo import Command, fields
from odoo.exceptions import AccessError, RedirectWarning, UserError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from ..tools.rounding import round_half_up
from .common import LedgerCommon


class LateFeeCommon(LedgerCommon):
    """ 857.57 due on 31 January 2026; 0.05 % a day after five days of grace. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.late_account = cls.income_account.copy({'name': "Late fees"})
        cls.late_fee = cls._create_fee(
            "Late fee", tax_id=False, account_id=cls.late_account.id, sequence=99)
        cls.company.property_late_fee_id = cls.late_fee
        cls.term = cls._create_term()
        cls.principal = cls._create_charge(857.57)
        cls.bill = cls._post(cls.principal)

    @classmethod
    def _create_term(cls, **vals):
        return cls.env['property.late.fee.term'].create({
            'project_id': cls.project.id, 'percent': 0.05, 'grace_days': 5,
            'date_start': date(2026, 1, 1), **vals,
        })

    def _pay(self, amount, day, charges=None):
        return (charges or self.principal)._receive_payment(
            self.bank_journal, amount=amount, date=day)

    def _run(self, date_end, post=True):
        """ A run over the days up to one, made on the next. """
        run = self.env['property.bill.run'].create({
            'project_id': self.project.id, 'date_end': date_end,
            'date_invoice': date_end + timedelta(days=1),
        }).with_user(self.clerk).with_context(queue_job__no_delay=True)
        run.action_preview()
        if post:
            run.action_post()
        return run

    def _late_fees(self, principal=None):
        self.env.invalidate_all()
        return (principal or self.principal).late_fee_ids.sorted('id')

    def assertLateFees(self, expected, principal=None):
        """ :param list expected: first day, last day and amount of each """
        self.assertEqual(
            [(str(charge.date_start), str(charge.date_end), charge.amount)
             for charge in self._late_fees(principal)], expected)


@tagged('post_install', '-at_install')
class TestLateFee(LateFeeCommon):
    """ Late fees (违约金) of one charge, from its due date until after it is paid. """

    def test_a_part_payment_a_run_and_the_rest(self):
        """ Decision 35: 23 days on 857.57 when 400.00 is paid, 31 days on 457.57 by the run of
        March, 9 more when the rest is paid: 19.01 that survive the principal.
        """
        self._pay(400, date(2026, 3, 1))
        self.assertLateFees([('2026-02-06', '2026-02-28', 9.86)])
        self.assertEqual(self._run(date(2026, 3, 31)).state, 'posted')
        self._pay(457.57, date(2026, 4, 10))
        self.assertLateFees([
            ('2026-02-06', '2026-02-28', 9.86),
            ('2026-03-01', '2026-03-31', 7.09),
            ('2026-04-01', '2026-04-09', 2.06),
        ])
        self.assertEqual(self.principal.amount_residual, 0)
        late_fees = self._late_fees()
        self.assertEqual(late_fees.mapped('amount_residual'), [9.86, 7.09, 2.06])
        self.assertEqual(set(late_fees.mapped('state')), {'posted'})
        self.assertFalse(self._run(date(2026, 6, 30), post=False).charge_ids)
        self._pay(19.01, date(2026, 7, 1), late_fees)
        self.assertEqual(len(self._late_fees()), 3)  # late fees bear none

    def test_a_late_fee_has_the_tax_of_its_principal_and_an_account_of_its_own(self):
        """ Decision 19: 9.86 at 6 %, 9.30 and 0.56. """
        self._pay(400, date(2026, 3, 1))
        bill = self._late_fees().move_id
        self.assertEqual((bill.invoice_date, bill.partner_id), (date(2026, 3, 1), self.owner))
        self.assertBalances(bill, {
            self.owner.property_account_receivable_id: 9.86,
            self.late_account: -9.30,
            self.tax.invoice_repartition_line_ids.account_id: -0.56,
        })

    def test_what_is_collected_for_others_has_no_tax_and_neither_has_its_late_fee(self):
        water = self._create_charge(857.57, self.water_fee)
        self._post(water)
        self._pay(400, date(2026, 3, 1), water)
        bill = self._late_fees(water).move_id
        self.assertFalse(bill.amount_tax)
        self.assertEqual(bill.amount_total, 9.86)

    def test_off_until_the_project_has_terms(self):
        self.term.unlink()
        self.assertFalse(self.env['property.bill.run'].new(
            {'project_id': self.project.id}).with_late_fees)
        self._pay(400, date(2026, 3, 1))
        self._run(date(2026, 3, 31), post=False)
        self.assertLateFees([])

    def test_a_run_can_do_without(self):
        run = self._create_run(date(2026, 3, 31), with_late_fees=False)
        run.action_preview()
        self.assertFalse(run.charge_ids)

    def test_deposits_bear_none(self):
        deposit = self._create_charge(500, self._create_money_of_others("Deposit", 'deposit'))
        self._post(deposit)
        self._pay(100, date(2026, 3, 1), deposit)
        run = self._run(date(2026, 3, 31), post=False)
        self.assertEqual(run.charge_ids.origin_charge_id, self.principal)

    def test_the_grace_is_not_counted_back(self):
        """ Paid on the last day of grace: nothing. A day later: 0.43 for one day. """
        other = self._create_charge(857.57)
        self._post(other)
        self._pay(857.57, date(2026, 2, 6))
        self.assertLateFees([])
        self._pay(857.57, date(2026, 2, 7), other)
        self.assertLateFees([('2026-02-06', '2026-02-06', 0.43)], other)

    def test_money_that_was_there_in_time_costs_nothing(self):
        """ A prepayment of January that is matched in March: nothing was owed meanwhile. """
        other = self._create_charge(100, self.parking_fee, date_due=date(2026, 1, 20))
        self._post(other)
        prepayment = self._pay(957.57, date(2026, 1, 20), other)
        rest = prepayment.move_id.line_ids.filtered(
            lambda line: line.account_type == 'asset_receivable' and not line.reconciled)
        (rest + self.principal.receivable_line_id).reconcile()
        self.assertEqual(self.principal.amount_residual, 0)
        self.assertLateFees([])

    def test_at_most_the_cap(self):
        """ 0.3 % a day of 100.00, at most 20 %: 20.00 however late it is paid. """
        self.term.write({'percent': 0.3, 'cap_percent': 20})
        charge = self._create_charge(100)
        self._post(charge)
        self._pay(100, date(2026, 8, 1), charge)
        self.assertLateFees([('2026-02-06', '2026-07-31', 20)], charge)
        self.assertEqual(charge.late_fee_ids._render_explanation(), [
            "For Property fee 2026-01-01 ~ 2026-01-31: 100, due on 2026-01-31",
            "2026-02-06 ~ 2026-07-31: 100 × 0.3 % × 176 days = 52.8",
            "Together 52.8, at most 20 % of 100: 20",
        ])

    def test_why_this_late_fee(self):
        """ The days, what was owed on them, and what was charged before. """
        self._pay(400, date(2026, 3, 1))
        self._run(date(2026, 3, 31))
        first, second = self._late_fees()
        self.assertEqual(first._render_explanation(), [
            "For Property fee 2026-01-01 ~ 2026-01-31: 857.57, due on 2026-01-31",
            "2026-02-06 ~ 2026-02-28: 857.57 × 0.05 % × 23 days = 9.862055 → 9.86",
        ])
        self.assertEqual(second._render_explanation(), [
            "For Property fee 2026-01-01 ~ 2026-01-31: 857.57, due on 2026-01-31",
            "2026-02-06 ~ 2026-02-28: 857.57 × 0.05 % × 23 days = 9.862055",
            "2026-03-01 ~ 2026-03-31: 457.57 × 0.05 % × 31 days = 7.092335",
            "Together 16.95439",
            "Less what was charged before: 9.86 → 7.09",
        ])
        self.assertIn(("Days of grace", 5), second._get_explanation_facts())
        self.assertIn("Property fee 2026-01-01 ~ 2026-01-31", second.receivable_line_id.name)

    def test_late_fees_on_paper(self):
        """ [B15] One row, and a sentence for each: 31 days later 7.09 are added to the 9.86. """
        self._pay(400, date(2026, 3, 1))
        self._run(date(2026, 3, 31))
        first, second = self._late_fees()
        self.assertFalse(first._render_late_fees())
        start = "Property fee 2026-01-01 ~ 2026-01-31, due on 2026-01-31: "
        self.assertEqual((first + second)._render_late_fees(), [
            start + "857.57 × 0.05 % × 23 days → 9.86",
            start + "857.57 × 0.05 % × 23 days + 457.57 × 0.05 % × 31 days − 9.86 → 7.09"])

    def test_days_in_dispute_do_not_count(self):
        """ [B44] Flagged from 16 to 25 February: 13 days on 857.57. """
        self._dispute(date(2026, 2, 16), date(2026, 2, 25))
        self._pay(400, date(2026, 3, 1))
        self.assertLateFees([('2026-02-06', '2026-02-28', 5.57)])

    def test_nothing_accrues_while_a_dispute_is_open(self):
        """ [B44] Flagged on 16 February: the run of March brings 10 days, 4.29. """
        self._dispute(date(2026, 2, 16), False)
        self._run(date(2026, 3, 31))
        self.assertLateFees([('2026-02-06', '2026-02-15', 4.29)])
        self.assertFalse(self._run(date(2026, 4, 30), post=False).charge_ids)

    def test_flagged_between_preview_and_posting(self):
        """ [B44] """
        run = self._run(date(2026, 3, 31), post=False)
        self._dispute(date(2026, 3, 1), False)
        run.action_post()
        self.assertEqual(run.charge_ids.mapped('reason'), ['changed'])

    def _dispute(self, start, end):
        return self.env['property.charge.dispute'].create({
            'charge_id': self.principal.id, 'reason': "Wrong area", 'date_start': start,
            'date_end': end, 'state': 'kept' if end else 'open'})

    def test_terms_of_a_fee_go_before_those_of_all(self):
        """ Parking at 0.1 %, everything else at 0.05 %. """
        self._create_term(fee_id=self.parking_fee.id, percent=0.1)
        parking = self._create_charge(857.57, self.parking_fee)
        self._post(parking)
        self._pay(1715.14, date(2026, 3, 1), self.principal + parking)
        self.assertLateFees([('2026-02-06', '2026-02-28', 9.86)])
        self.assertLateFees([('2026-02-06', '2026-02-28', 19.72)], parking)

    def test_who_sees_the_bill_sees_its_late_fee(self):
        self._pay(400, date(2026, 3, 1))
        self.assertFalse(self._late_fees().move_id.property_published_at)
        self.bill._publish_property_bills()
        self._pay(100, date(2026, 3, 11))
        self.assertTrue(self._late_fees()[1].move_id.property_published_at)

    def test_money_pays_late_fees_after_what_is_due_and_before_what_is_not(self):
        """ [B08] Decision 20, on 15 March: February, the late fee of January, then April. """
        self._pay(857.57, date(2026, 3, 1))
        february, april = (
            self._create_charge(100, self.parking_fee, date_due=day)
            for day in (date(2026, 3, 15), date(2026, 4, 30)))
        self._post(february + april)
        charges = april + self._late_fees() + february
        amounts, rest = charges._allocate(150, date(2026, 3, 15))
        self.assertEqual(list(amounts.items()), [
            (february.id, 100), (self._late_fees().id, 9.86), (april.id, 40.14)])
        self.assertEqual(rest, 0)

    # === THE HOOK === #

    def test_matched_with_the_bank_statement(self):
        """ Whoever matches it: the statement of 1 March brings 400.00. """
        statement_line = self.env['account.bank.statement.line'].create({
            'journal_id': self.bank_journal.id, 'date': date(2026, 3, 1), 'amount': 400,
            'partner_id': self.owner.id, 'payment_ref': "Zhang Wei",
        })
        suspense = statement_line._seek_for_lines()[1]
        suspense.account_id = self.principal.receivable_line_id.account_id
        (suspense + self.principal.receivable_line_id).reconcile()
        self.assertLateFees([('2026-02-06', '2026-02-28', 9.86)])

    def test_registered_on_the_bill(self):
        """ By Odoo's own wizard, which an accountant uses. """
        self.env['account.payment.register'].with_context(
            active_model='account.move', active_ids=self.bill.ids,
        ).create({'payment_date': date(2026, 3, 1), 'amount': 400})._create_payments()
        self.assertLateFees([('2026-02-06', '2026-02-28', 9.86)])

    def test_paid_online(self):
        provider = self.env['payment.provider'].create({
            'name': "Provider", 'code': 'none', 'state': 'test', 'company_id': self.company.id})
        self.env['account.payment.method.line'].create({
            'name': "Provider", 'journal_id': self.bank_journal.id,
            'payment_method_id': self.env.ref('account.account_payment_method_manual_in').id,
            'payment_provider_id': provider.id})
        transaction = self.env['payment.transaction'].create({
            'provider_id': provider.id, 'amount': 400, 'reference': 'tx',
            'payment_method_id': self.env.ref('payment.payment_method_unknown').id,
            'currency_id': self.company.currency_id.id, 'partner_id': self.owner.id,
            'invoice_ids': [Command.set(self.bill.ids)],
            'property_allocation_ids': [
                Command.create({'charge_id': self.principal.id, 'amount': 400})],
        })
        transaction._set_done()
        transaction._post_process()
        self.assertEqual(self.principal.amount_residual, 457.57)
        self.assertEqual(self._late_fees().date_start, date(2026, 2, 6))
        self.assertEqual(self._late_fees().date_end, transaction.payment_id.date - timedelta(1))

    def test_unmatched_and_matched_again_no_day_is_charged_twice(self):
        """ The history begins anew; what was charged is taken off. """
        payment = self._pay(857.57, date(2026, 3, 1))
        counterpart = payment.move_id.line_ids.filtered('property_charge_id')
        counterpart.remove_move_reconcile()
        self.assertLateFees([('2026-02-06', '2026-02-28', 9.86)])
        (counterpart + self.principal.receivable_line_id).reconcile()
        self.assertLateFees([('2026-02-06', '2026-02-28', 9.86)])
        counterpart.remove_move_reconcile()
        self._run(date(2026, 3, 31))  # 54 days on 857.57: 23.15
        self.assertLateFees([
            ('2026-02-06', '2026-02-28', 9.86), ('2026-03-01', '2026-03-31', 13.29)])

    def test_a_payment_dated_back_takes_off_the_newest_late_fee(self):
        """ Charged up to 31 March (23.15), then it turns out that 400.00 came on 1 March: 16.95 is
        due, 6.20 go back at once.
        """
        self._run(date(2026, 3, 31))
        self.assertEqual(self._late_fees().amount, 23.15)
        self._pay(400, date(2026, 3, 1))
        self.assertEqual(self._late_fees().amount_residual, 16.95)
        self._pay(457.57, date(2026, 4, 10))
        self.assertLateFees([
            ('2026-02-06', '2026-03-31', 23.15), ('2026-04-01', '2026-04-09', 2.06)])
        self.assertEqual(self._late_fees().mapped('amount_residual'), [16.95, 2.06])

    def test_whatever_the_order_the_total_is_the_same(self):
        """ Payments as they come in and dated back, runs in between: in the end each day was
        charged once, with what was owed at its end.
        """
        for seed in range(6):
            chance = random.Random(seed)
            principal = self._create_posted(857.57)
            last = date(2026, 9, 1)
            payments = sorted(
                (date(2026, 2, 1) + timedelta(days=chance.randrange(200)), 100)
                for _number in range(chance.randrange(1, 5)))
            booked = chance.sample(payments, len(payments))
            for day, amount in booked:
                self._pay(amount, day, principal)
                if chance.random() < 0.5:
                    run = self._run(date(2026, chance.randrange(3, 9), 1), post=False)
                    if run.charge_ids:
                        run.action_post()
            self._pay(principal.amount_residual, last, principal)
            owed, total, day = Decimal('857.57'), Decimal(), date(2026, 2, 1)
            while day < last:
                owed -= sum(amount for paid_on, amount in payments if paid_on == day)
                if day >= date(2026, 2, 6):
                    total += owed * Decimal('0.0005')
                day += timedelta(days=1)
            late_fees = self._late_fees(principal)
            credited = late_fees._get_credited_amounts().values()
            with self.subTest(seed=seed):
                self.assertAlmostEqual(
                    sum(late_fees.mapped('amount')) - sum(credited),
                    float(round_half_up(total, Decimal('0.01'))), 2)

    def test_what_was_paid_too_much_is_for_a_person_to_look_at(self):
        """ Nothing is withdrawn silently: the late fee that is paid stays. """
        self._run(date(2026, 3, 31))
        self._pay(23.15, date(2026, 4, 2), self._late_fees())
        self._pay(400, date(2026, 3, 1))
        self.assertEqual(self._late_fees().mapped('state'), ['posted'])
        self.assertEqual(self._late_fees().amount_residual, 0)

    def test_late_fees_of_what_was_reversed_are_reviewed(self):
        self._pay(400, date(2026, 3, 1)).move_id.line_ids.remove_move_reconcile()
        self.assertFalse(self._review())
        self._reverse(self.bill, "Wrong area")
        self.assertEqual(self._review(), self._late_fees())
        with self.assertRaises(AccessError):
            self._late_fees().with_user(self.clerk).action_take_back_late_fees()
        self._late_fees().with_user(self.manager).action_take_back_late_fees()
        self.assertEqual(self._late_fees().state, 'reversed')
        self.assertFalse(self._review())

    def _review(self):
        action = self.env['property.charge'].with_user(self.clerk).action_review_late_fees()
        return self.env['property.charge'].search(action['domain'])

    def test_what_somebody_else_owes_now_was_owed_before(self):
        """ The tenant's late fee stays his when the owner takes over the arrears. """
        self._pay(400, date(2026, 3, 1)).move_id.line_ids.remove_move_reconcile()
        self.principal._pass_to(self.neighbour, "Took over", date(2026, 4, 1))
        self.assertEqual(self.principal.state, 'reversed')
        self.assertFalse(self._review())

    def test_the_rest_of_a_late_fee_is_passed_on(self):
        """ 5.00 of 9.86 are paid, the owner takes over 4.86: the days are charged once. """
        self._pay(400, date(2026, 3, 1))
        late_fee = self._late_fees()
        self._pay(5, date(2026, 3, 5), late_fee)
        [rest] = late_fee._pass_to(self.neighbour, "Took over", date(2026, 4, 1))
        self.assertEqual(
            (rest.state, rest.amount, rest.partner_id), ('posted', 4.86, self.neighbour))
        self._pay(457.57, date(2026, 4, 10))
        self.assertLateFees([
            ('2026-02-06', '2026-02-28', 9.86), ('2026-02-06', '2026-02-28', 4.86),
            ('2026-03-01', '2026-04-09', 9.15)])  # 40 days on 457.57

    def test_what_is_credited_was_never_owed(self):
        """ 157.57 was charged by mistake: 23 days on 700.00 are 8.05. """
        self.principal._credit("Wrong area", date(2026, 2, 20), {self.principal.id: 157.57})
        self.assertLateFees([])
        self._pay(700, date(2026, 3, 1))
        self.assertLateFees([('2026-02-06', '2026-02-28', 8.05)])

    def test_what_another_charge_gives_back_is_money(self):
        """ A credit of what he had paid for another charge settles this one on 1 March: it was owed
        until then, for 23 days after the grace. """
        paid = self._create_charge(1000, date_due=date(2026, 1, 31))
        self._post(paid)
        self._pay(1000, date(2026, 1, 20), paid)
        note = paid._credit("Wrong price", date(2026, 3, 1), {paid.id: 1000}).sudo()
        line = note.line_ids.filtered(lambda line: line.display_type == 'payment_term')
        (line + self.principal.receivable_line_id).reconcile()
        self.assertFalse(self.principal.amount_residual)
        self.assertLateFees([('2026-02-06', '2026-02-28', 9.86)])
        self.assertFalse(self.principal._get_late_fee_excess())

    def test_charged_to_date_before_the_payer_comes(self):
        """ The desk can charge up to yesterday and take both at once. """
        self.principal.with_user(self.clerk).action_issue_late_fees()
        self.assertEqual(
            self._late_fees().date_end, date.today() - timedelta(days=1))
        with self.assertRaisesRegex(UserError, "no late fee to charge"):
            self.principal.with_user(self.clerk).action_issue_late_fees()

    def test_a_payment_is_not_refused_for_its_late_fee(self):
        """ The fee has lost its account: the bill says so, and the officer charges it later. """
        self.late_fee.account_id = False
        self._pay(400, date(2026, 3, 1))
        self.assertEqual(self.principal.amount_residual, 457.57)
        self.assertLateFees([])
        self.assertIn("Late fee has no account", self.bill.message_ids[:1].body)
        run = self._run(date(2026, 3, 31), post=False)
        self.assertEqual(run.charge_ids.mapped('reason'), ['no_account'])

    def test_the_doctor_finds_late_fees_above_their_cap(self):
        """ Recomputed like every charge, and compared with their cap. """
        self._pay(400, date(2026, 3, 1))
        self._waive(self._late_fees(), amount=5)
        self.assertBooksBalance()
        self.env.flush_all()
        explanation = self._late_fees().explanation
        explanation['late']['cap'] = '1'
        self.env.cr.execute(SQL(
            "UPDATE property_charge SET amount_waived = 6, explanation = %s WHERE id = %s",
            json.dumps(explanation), self._late_fees().id))
        self.env.invalidate_all()
        wrong = [
            check['name'] for check in self.env['property.doctor'].run() if not check['ok']]
        self.assertIn("Late fees above their cap, none", wrong)
        self.assertIn("Late fees waived and not credited, none", wrong)
        self.assertIn("Charges that come out differently, none", wrong)
        explanation['late']['cap'] = '100.0'
        self.env.cr.execute(SQL(
            "UPDATE property_charge SET amount_waived = 5, explanation = %s WHERE id = %s",
            json.dumps(explanation), self._late_fees().id))

    def test_the_database_keeps_a_day_from_being_charged_twice(self):
        self._pay(400, date(2026, 3, 1))
        vals = self.principal._prepare_late_fee_vals(self._late_fees().explanation)
        twice = self.env['property.charge'].create({**vals, 'date_due': date(2026, 3, 1)})
        with mute_logger('odoo.sql_db'), self.assertRaises(ExclusionViolation):
            twice._create_bills(date(2026, 3, 1))

    def test_as_many_queries_for_many_as_for_few(self):
        """ One batch, however many charges a payment settles. """
        def count(number):
            charges = self.env['property.charge'].union(*(
                self._create_charge(100) for _number in range(number)))
            self._post(charges)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(len(charges._issue_late_fees(date(2026, 3, 1))), number)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        count(2)  # fills what is kept
        self.assertLessEqual(count(40), count(4))

    def test_money_that_is_in_time_costs_nothing_to_check(self):
        """ Nothing is looked up of a charge that is not due yet. """
        self.env['property.charge'].invalidate_model()
        lines = self.bill.line_ids + self._pay(
            10, date(2026, 1, 31), self._create_posted(100)).move_id.line_ids
        plan = [lines.filtered(lambda line: line.account_type == 'asset_receivable')]
        lines.mapped('move_id.move_type')
        lines.mapped('date_maturity')
        self.env['account.move.line']._get_charges_paid_late_sudo(plan)
        with self.assertQueryCount(0):
            self.assertFalse(self.env['account.move.line']._get_charges_paid_late_sudo(plan))

    def _create_posted(self, amount, **vals):
        charge = self._create_charge(amount, **vals)
        self._post(charge)
        return charge

    # === THE RUN === #

    def test_a_late_fee_is_previewed_and_undone_with_its_run(self):
        run = self._run(date(2026, 3, 31), post=False)
        self.assertEqual(run.charge_ids.mapped('amount'), [23.15])
        self.assertEqual(run.amount_total, 23.15)
        run.action_post()
        run.with_user(self.manager)._undo("Too early", date(2026, 4, 2))
        self.assertEqual(self._late_fees().state, 'reversed')
        self.assertEqual(self._run(date(2026, 3, 31)).charge_ids.mapped('amount'), [23.15])

    def test_paid_and_undone_the_days_come_up_again(self):
        """ The principal is paid by then, and still 7.09 are missing. """
        self._pay(400, date(2026, 3, 1))
        run = self._run(date(2026, 3, 31))
        self._pay(457.57, date(2026, 4, 10))
        run.with_user(self.manager)._undo("Too early", date(2026, 4, 12))
        again = self._run(date(2026, 4, 30))
        self.assertEqual(again.charge_ids.mapped('amount'), [7.09])

    def test_two_credits_that_settle_one_principal_bear_one_late_fee(self):
        """ Of an undone run two paid charges come free: what one leaves of the principal the other
        settles, and the days up to then are charged once.
        """
        second = self._create_charge(50, date_due=date(2026, 1, 31))
        self._post(second)
        run = self._run(date(2026, 2, 28))
        late_fees = run.charge_ids
        self.assertEqual(late_fees.origin_charge_id, self.principal + second)
        self._pay(sum(late_fees.mapped('amount')), date(2026, 3, 5), late_fees)
        run.with_user(self.manager)._undo("Wrong price", date(2026, 3, 10), payments='oldest')
        self.assertEqual(set(late_fees.mapped('state')), {'reversed'})
        again = (self.principal + second).late_fee_ids - late_fees
        self.assertEqual(again.mapped('state'), ['posted'])

    def test_left_out_by_hand_stays_left_out(self):
        run = self._run(date(2026, 3, 31), post=False)
        run.charge_ids.action_leave_out()
        run.action_preview()
        self.assertEqual(run.charge_ids.mapped('reason'), ['manual'])
        run.charge_ids.action_put_back()
        self.assertEqual(run.charge_ids.mapped('state'), ['draft'])

    def test_a_repeated_job_leaves_nothing_out(self):
        run = self._run(date(2026, 2, 28), post=False)
        run._generate_late_fees(self.principal.ids)
        self.assertEqual(run.charge_ids.mapped('state'), ['draft'])

    def test_paid_between_preview_and_posting(self):
        """ The payment charged its own late fee, so that of the preview is left out. """
        run = self._run(date(2026, 3, 31), post=False)
        self._pay(857.57, date(2026, 3, 1))
        run.action_post()
        self.assertEqual(run.charge_ids.mapped('reason'), ['changed'])
        self.assertIn("0.00 instead of 23.15", run.charge_ids.reason_detail)
        self.assertEqual(
            self._late_fees().filtered(lambda charge: charge.state == 'posted').amount, 9.86)

    def test_a_second_run_at_the_same_time_charges_no_day_twice(self):
        first, second = (self._run(date(2026, 3, 31), post=False) for _number in range(2))
        first.action_post()
        second.action_post()
        self.assertEqual(first.charge_ids.mapped('state'), ['posted'])
        self.assertEqual(second.charge_ids.mapped('reason'), ['changed'])

    def test_a_run_of_some_fees_brings_the_late_fees_of_these(self):
        run = self._create_run(date(2026, 3, 31), fee_ids=[Command.set(self.parking_fee.ids)])
        run.action_preview()
        self.assertFalse(run.charge_ids)

    # === WAIVER === #

    def test_waived_in_part(self):
        """ 5.00 of 9.86: 4.86 stay owed, and the next accrual is what it was. """
        self._pay(400, date(2026, 3, 1))
        self._waive(self._late_fees(), amount=5)
        self.assertEqual(self._late_fees().amount_residual, 4.86)
        self.assertEqual(self._late_fees().amount_waived, 5)
        self._run(date(2026, 3, 31))
        self.assertEqual(self._late_fees().mapped('amount'), [9.86, 7.09])
        self._pay(857.57 - 400, date(2026, 4, 10))
        self.assertEqual(self._late_fees().mapped('amount'), [9.86, 7.09, 2.06])

    def test_waived_in_full_it_does_not_come_back(self):
        self._pay(857.57, date(2026, 3, 1))
        self._waive(self._late_fees())
        self.assertEqual(self._late_fees().state, 'reversed')
        self.assertFalse(self._run(date(2026, 6, 30), post=False).charge_ids)
        self.assertFalse(self._review())

    def _waive(self, late_fees, user=None, **vals):
        wizard = self.env['property.late.fee.waive'].with_user(user or self.manager).with_context(
            active_model='property.charge', active_ids=late_fees.ids,
        ).create({'reason': "The bill went to an old address", **vals})
        wizard.action_waive()
        notes = late_fees.move_id.reversal_move_ids
        self.assertIn("old address", notes[-1:].ref)

    def test_waived_in_a_closed_month(self):
        """ The credit note is posted on the first open day, which is said before. """
        self._pay(400, date(2026, 3, 1))
        self.company.sale_lock_date = fields.Date.end_of(fields.Date.today(), 'month')
        wizard = self.env['property.late.fee.waive'].with_user(self.manager).with_context(
            active_model='property.charge', active_ids=self._late_fees().ids,
        ).create({'reason': "A favour"})
        self.assertIn("is posted on", wizard.posting_notice)
        wizard.action_waive()
        self.assertGreater(
            self._late_fees().move_id.reversal_move_ids.date, self.company.sale_lock_date)

    def test_not_more_than_is_owed(self):
        self._pay(400, date(2026, 3, 1))
        with self.assertRaisesRegex(UserError, "9.86 are still owed"):
            self._waive(self._late_fees(), amount=10)
        with self.assertRaisesRegex(UserError, "cannot be waived"):
            self._waive(self._late_fees(), amount=0)

    def test_only_late_fees_are_waived(self):
        with self.assertRaisesRegex(UserError, "no late fees"):
            self._waive(self.principal)
        with self.assertRaisesRegex(UserError, "is no late fee"):
            self.principal.with_user(self.manager)._waive_late_fees("Favour")

    def test_waiving_is_a_right_of_its_own(self):
        self._pay(400, date(2026, 3, 1))
        late_fee = self._late_fees()
        with self.assertRaises(AccessError):
            late_fee.with_user(self.clerk)._waive_late_fees("Favour")
        officer = self._create_user('service', 'property_billing.group_late_fee_waive')
        with self.assertRaises(AccessError):
            late_fee.with_user(officer)._waive_late_fees("Favour")  # not his project
        self.project.user_ids |= officer
        self._waive(late_fee, officer)
        self.assertEqual(late_fee.amount_residual, 0)


@tagged('post_install', '-at_install')
class TestLateFeeTerm(LateFeeCommon):
    """ What a day in arrears costs, by project, fee and date. """

    def test_terms_do_not_overlap(self):
        with self.assertRaises(ExclusionViolation), mute_logger('odoo.sql_db'):
            self._create_term(date_start=date(2026, 6, 1))

    def test_without_a_fee_for_them_there_are_no_terms(self):
        self.term.unlink()
        self.company.property_late_fee_id = False
        with self.assertRaisesRegex(RedirectWarning, "no fee for late fees"):
            self._create_term()

    def test_terms_bring_their_fee_out_of_the_archive(self):
        self.term.unlink()
        self.late_fee.active = False
        self._create_term()
        self.assertTrue(self.late_fee.active)

    def test_what_was_charged_by_stays(self):
        """ The next total would not agree with what was charged. """
        self.term.percent = 0.06  # nothing is charged yet
        self.term.percent = 0.05
        self._pay(400, date(2026, 3, 1))
        for vals in ({'percent': 0.1}, {'grace_days': 0}, {'date_start': date(2026, 2, 1)},
                     {'date_end': date(2026, 2, 27)}):
            with self.assertRaisesRegex(UserError, "up to 2026-02-28"):
                self.term.write(vals)
        with self.assertRaisesRegex(UserError, "End it instead"):
            self.term.unlink()
        with self.assertRaises(UserError):
            self._create_term(fee_id=self.property_fee.id)
        self.term.date_end = date(2026, 2, 28)
        self._create_term(date_start=date(2026, 3, 1), percent=0.1)
        self._run(date(2026, 3, 31))  # 31 days on 457.57 at 0.1 %: 14.18467
        self.assertEqual(self._late_fees().mapped('amount'), [9.86, 14.19])

    def test_the_fee_of_late_fees_is_kept(self):
        with self.assertRaisesRegex(UserError, "post late fees"):
            self.late_fee.unlink()
