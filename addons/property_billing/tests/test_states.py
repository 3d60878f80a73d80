from datetime import date

import psycopg2
from freezegun import freeze_time

from odoo import fields
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import LedgerCommon, PaymentCommon


@tagged('post_install', '-at_install')
@freeze_time('2026-02-10')
class TestStates(LedgerCommon):
    """ One list of receivables, one machine: where each charge of room 1011 stands. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tariff = cls._create_tariff(cls.property_fee)

    def _create_recurring(self, month, state='draft', **vals):
        start = date(2026, month, 1)
        return self._create_charge(
            100, kind='recurring', state=state, date_start=start,
            date_end=fields.Date.end_of(start, 'month'), date_due=date(2026, month, 28), **vals)

    def assertState(self, charge, state):
        """ Shown to the clerk and found by its filter, and by no other. """
        # Another request, which reads what is in the database.
        self.env.flush_all()
        self.env.invalidate_all()
        charge = charge.with_user(self.clerk)
        self.assertEqual(charge.payment_state, state)
        states = [value for value, _label in charge._fields['payment_state'].selection]
        self.assertEqual([
            value for value in states
            if charge.search_count([('id', '=', charge.id), ('payment_state', '=', value)])
        ], [state])
        self.assertNotIn(charge, charge.search([('payment_state', '!=', state)]))

    def _bring_to_bank(self, payment):
        """ The bank statement brings the money. """
        line = self.env['account.bank.statement.line'].create({
            'journal_id': self.bank_journal.id, 'date': payment.date, 'amount': payment.amount,
            'payment_ref': "Transfer", 'partner_id': payment.partner_id.id,
        })
        liquidity = payment._seek_for_lines()[0]
        _asset, suspense, _other = line._seek_for_lines()
        suspense.account_id = liquidity.account_id
        (suspense + liquidity).reconcile()

    def test_from_the_schedule_to_the_bank_statement(self):
        """[B21] [B24] [B50] Rent of 100 for March, due on 28 March, through all of its states. """
        charge = self._create_recurring(3, 'scheduled', date_bill=date(2026, 2, 1))
        self.assertState(charge, 'scheduled')
        charge.state = 'transferred'
        self.assertState(charge, 'transferred')
        charge.state = 'draft'
        self.assertState(charge, 'draft')
        bill = self._post(charge, date(2026, 2, 1))
        self.assertState(charge, 'billed')
        bill._publish_property_bills()
        self.assertState(charge, 'open')
        self.assertTrue(charge.search_count([
            ('id', '=', charge.id), ('is_published', '=', True)]))
        first = charge._receive_payment(self.bank_journal, amount=40)
        self.assertState(charge, 'partial')
        with freeze_time('2026-03-29'):
            self.assertState(charge, 'overdue')
        second = charge._receive_payment(self.bank_journal)
        self.assertState(charge, 'paid')
        self._bring_to_bank(first)
        self.assertState(charge, 'paid')  # 60 are still on their way
        self._bring_to_bank(second)
        self.assertState(charge, 'cleared')

    def test_what_is_not_published_may_be_overdue(self):
        """[B50] Nobody forgets a bill that was never published. """
        charge = self._create_recurring(1)
        self._post(charge)
        self.assertState(charge, 'overdue')

    def test_cash_is_cleared_at_once(self):
        """[B50] Cash is in the till, no bank statement brings it. """
        charge = self._create_recurring(2)
        self._post(charge)
        cash = self.env['account.journal'].search([
            ('company_id', '=', self.company.id), ('type', '=', 'cash')], limit=1)
        charge._receive_payment(cash)
        self.assertState(charge, 'cleared')

    def test_left_out_and_reversed(self):
        """[B50] """
        left_out = self._create_recurring(2)
        left_out._leave_out('manual', {'text': 'manual', 'user': "Clerk"})
        self.assertState(left_out, 'left_out')
        posted = self._create_recurring(3)
        self._reverse(self._post(posted), "Wrong price")
        self.assertState(posted, 'reversed')

    def test_credited_in_part_and_not_paid(self):
        """[B44] [B50] 30 of 100 are credited: the 70 are unpaid, then overdue, and partly paid once
        20 are paid of them, or 10 with what was credited of another charge.
        """
        charge = self._create_recurring(3)
        bill = self._post(charge, date(2026, 2, 1))
        charge._credit("Noise", date(2026, 2, 5), {charge.id: 30})
        self.assertState(charge, 'billed')
        bill._publish_property_bills()
        self.assertState(charge, 'open')
        self.assertEqual((charge.amount_residual, bill.property_payment_state), (70, 'not_paid'))
        with freeze_time('2026-03-29'):
            self.assertState(charge, 'overdue')
        payment = charge._receive_payment(self.bank_journal, amount=20)
        self.assertState(charge, 'partial')
        self.assertEqual((charge.amount_residual, bill.property_payment_state), (50, 'partial'))
        payment.action_draft()
        self.assertState(charge, 'open')
        other = self._create_recurring(4)
        self._post(other, date(2026, 2, 1))
        other._receive_payment(self.bank_journal)
        note = other._credit("Noise", date(2026, 2, 5), {other.id: 10})
        credit = note.line_ids.filtered(lambda line: line.display_type == 'payment_term')
        (credit + charge.receivable_line_id).reconcile()
        self.assertState(charge, 'partial')
        self.assertEqual(charge.amount_residual, 60)

    def test_paid_and_cleared_together(self):
        """[B50] Who asks for both is asked for no bank statement. """
        charges = self._create_recurring(2) + self._create_recurring(3)
        self._post(charges)
        charges[0]._receive_payment(self.bank_journal)
        self.assertEqual(
            self.env['property.charge'].search([
                ('id', 'in', charges.ids), ('payment_state', 'in', ['paid', 'cleared'])]),
            charges[0])

    def test_a_scheduled_day_is_not_charged_twice(self):
        """[B50] The days of a schedule are taken, be it reviewed or not. """
        assignment = self._assign(self.unit_1011, self.tariff, '2026-01-01')
        for state in ('scheduled', 'transferred'):
            with (
                self.subTest(state=state),
                self.assertRaises(psycopg2.errors.ExclusionViolation),
                self.env.cr.savepoint(), mute_logger('odoo.sql_db'),
            ):
                self._create_recurring(5, state, assignment_id=assignment.id)
                self._create_recurring(5, assignment_id=assignment.id)

    def test_what_is_only_scheduled_is_owed_by_nobody(self):
        """[A27] [A72] [A74] Room 1011 owes 100 of January. What its lease will charge, even with
        a due date of last year, is in no arrears, on no portal, and no receivable of the year; what
        is reviewed of it is listed.
        """
        billed = self._create_recurring(1)
        self._post(billed)._publish_property_bills()
        scheduled = self._create_recurring(2, 'scheduled') + self._create_recurring(
            3, 'transferred')
        scheduled.date_due = date(2025, 12, 31)
        self.env.flush_all()
        self.env.invalidate_all()
        Charge = self.env['property.charge'].with_user(self.clerk)
        for field, record in (('unit_id', self.unit_1011), ('partner_id', self.owner)):
            self.assertEqual(Charge._read_overdue_amounts(field, record), {record: 100})
        self.assertEqual(self.unit_1011.with_user(self.clerk)._get_arrears(), {
            self.unit_1011.id: 100})
        self.assertEqual(self.owner.with_user(self.clerk).property_overdue_amount, 100)
        self.assertEqual(self.owner.with_user(self.clerk).property_charge_count, 2)
        self.assertEqual(Charge._read_collection(self.project), {self.project: (100, 0)})
        self.assertEqual(Charge.sudo().search(Charge._get_due_domain(self.owner)), billed)


@tagged('post_install', '-at_install')
class TestTotals(PaymentCommon, HttpCase):
    """ Of 857.57 are 400 paid, 343.68 are open, 99.99 of the neighbour are paid. """

    def test_count_and_sums_of_the_filtered_list(self):
        """[B55] Of what the filter leaves, not of the page: 2 charges, 1,201.25, 801.25 due. """
        self.first._receive_payment(self.bank_journal, amount=400)
        neighbour = self._create_charge(99.99, unit=self.unit_1012, partner=self.neighbour)
        self._post(neighbour)
        neighbour._receive_payment(self.bank_journal)
        self.env.ref('property_billing.property_charge_action').limit = 1
        self.clerk.lang = self.env['res.lang']._activate_lang('en_US').code
        self.start_tour('/odoo/property-receivables', 'property_totals', login=self.clerk.login)
