from datetime import date
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, LockError, UserError
from odoo.tests import new_test_user, tagged

from .common import PaymentCommon


@tagged('post_install', '-at_install')
class TestPayments(PaymentCommon):

    def _residuals(self):
        return self.charges.mapped('amount_residual')

    def test_part_of_one_charge(self):
        """ [B04] 100 towards the second charge leaves the first as it was. """
        payment = self.charges._receive_payment(
            self.bank_journal, amounts={self.second.id: 100})
        self.assertEqual(self._residuals(), [857.57, 243.68])
        self.assertEqual(self.bill.amount_residual, 1101.25)
        self.assertEqual(self.bill.payment_state, 'partial')
        self.assertEqual(payment.amount, 100)
        self.assertEqual(payment.property_project_id, self.project)
        self.assertEqual(payment.move_id.property_project_id, self.project)

    def test_parts_of_several_charges_in_one_payment(self):
        """ [B05] One counterpart per charge; the rest of the money is a prepayment. """
        payment = self.charges._receive_payment(
            self.bank_journal, amount=700, amounts={self.first.id: 400, self.second.id: 200})
        self.assertEqual(self._residuals(), [457.57, 143.68])
        counterparts = payment.move_id.line_ids.filtered(
            lambda line: line.account_type == 'asset_receivable')
        self.assertEqual(counterparts.mapped('balance'), [-400, -200, -100])
        prepayment = counterparts.filtered(lambda line: not line.property_charge_id)
        self.assertEqual(prepayment.amount_residual, -100)

    def test_without_selection_the_oldest_is_settled_first(self):
        """ [B08] 1,300.00 pays both; 98.75 stays as a prepayment (decisions 7 and 20). """
        self.charges._receive_payment(self.bank_journal, amount=900)
        self.assertEqual(self._residuals(), [0, 301.25])
        payment = self.charges._receive_payment(self.bank_journal, amount=400)
        self.assertEqual(self._residuals(), [0, 0])
        self.assertEqual(self.bill.payment_state, 'paid')
        prepaid = payment.move_id.line_ids.filtered(
            lambda line: line.account_type == 'asset_receivable' and not line.property_charge_id)
        self.assertEqual(prepaid.amount_residual, -98.75)

    def test_unreconciling_opens_exactly_these_charges_again(self):
        payment = self.charges._receive_payment(
            self.bank_journal, amounts={self.first.id: 400, self.second.id: 200})
        payment.move_id.line_ids.remove_move_reconcile()
        self.assertEqual(self._residuals(), [857.57, 343.68])
        self.assertEqual(self.bill.payment_state, 'not_paid')

    def test_payment_corrected_and_posted_again(self):
        """ Reset to draft, another amount, posted again: the selection still holds. """
        payment = self.charges._receive_payment(
            self.bank_journal, amounts={self.first.id: 400, self.second.id: 200})
        payment.action_draft()
        payment.amount = 650
        payment.action_post()
        self.assertEqual(self._residuals(), [457.57, 143.68])
        self.assertEqual(
            payment.move_id.line_ids.filtered(
                lambda line: line.account_type == 'asset_receivable').mapped('balance'),
            [-400, -200, -50])

    def test_money_taken_back_to_draft_settles_nothing(self):
        """ Until it is posted again the charge is owed, and the books balance. """
        payment = self.charges._receive_payment(self.bank_journal, amount=400)
        payment.action_draft()
        self.assertEqual(self._residuals(), [857.57, 343.68])
        self.assertBooksBalance()
        payment.action_cancel()
        self.assertEqual(self._residuals(), [857.57, 343.68])

    def test_more_than_is_owed_is_refused_at_the_desk(self):
        """ Somebody else has paid meanwhile: the clerk is told (design 6). """
        late = self.env['account.payment'].create({
            'payment_type': 'inbound', 'partner_type': 'customer', 'partner_id': self.owner.id,
            'journal_id': self.bank_journal.id, 'amount': 857.57,
            'property_allocation_ids': [
                Command.create(vals) for vals in self.first._prepare_allocation_vals()],
        })
        self.first._receive_payment(self.bank_journal, amount=500)
        with self.assertRaisesRegex(UserError, "Load the charges again"):
            late.action_post()

    def test_selection_is_checked(self):
        with self.assertRaisesRegex(UserError, "still owed"):
            self.first._prepare_allocation_vals({self.first.id: 857.58})
        with self.assertRaisesRegex(UserError, "more than zero"):
            self.first._prepare_allocation_vals({self.first.id: 0})
        other = self._create_charge(10, unit=self.unit_1012, partner=self.neighbour)
        self._post(other)
        with self.assertRaisesRegex(UserError, "one payer"):
            (self.first + other)._prepare_allocation_vals()
        draft = self._create_charge(10)
        with self.assertRaises(UserError):
            draft._prepare_allocation_vals({draft.id: 5})
        self.first._receive_payment(self.bank_journal)
        with self.assertRaisesRegex(UserError, "nothing is owed"):
            self.first._prepare_allocation_vals({self.first.id: 5})

    def test_register_payment_by_the_odoo_wizard(self):
        """ An accountant uses Odoo's own wizard on the bill: due dates decide. """
        wizard = self.env['account.payment.register'].with_context(
            active_model='account.move', active_ids=self.bill.ids,
        ).create({'amount': 900, 'payment_date': date(2026, 3, 1), 'installments_mode': 'full'})
        payment = wizard._create_payments()
        self.assertEqual(self._residuals(), [0, 301.25])
        self.assertEqual(payment.property_project_id, self.project, "nobody else's to see")
        self.assertIn(payment, payment.search(payment._get_receipts_domain(self.owner)))

    def test_credit_note_by_the_odoo_wizard(self):
        """ A credit note keeps the charge on its lines and settles pair by pair. """
        wizard = self.env['account.move.reversal'].with_context(
            active_model='account.move', active_ids=self.bill.ids,
        ).create({'journal_id': self.bill.journal_id.id, 'date': date(2026, 1, 15)})
        note = self.env['account.move'].browse(wizard.refund_moves()['res_id'])
        note.invoice_line_ids.filtered(
            lambda line: line.property_charge_id == self.first).price_unit = 57.57
        note.invoice_line_ids.filtered(
            lambda line: line.property_charge_id == self.second).unlink()
        note.action_post()
        self.assertEqual(self._residuals(), [800, 343.68])
        self.assertEqual(note.payment_state, 'paid')

    def test_bank_statement_matched_with_a_bill(self):
        """ 1,000.00 by the bank, matched with the bill: due dates decide; undone, all is open. """
        statement_line = self.env['account.bank.statement.line'].create({
            'journal_id': self.bank_journal.id, 'amount': 1000, 'partner_id': self.owner.id,
            'payment_ref': self.bill.name, 'date': date(2026, 3, 1),
        })
        suspense = statement_line._seek_for_lines()[1]
        suspense.account_id = self.first.receivable_line_id.account_id
        (suspense + self.charges.receivable_line_id).reconcile()
        self.assertEqual(self._residuals(), [0, 201.25])
        statement_line.action_undo_reconciliation()
        self.assertEqual(self._residuals(), [857.57, 343.68])

    def test_an_officer_receives_money_without_an_accounting_group(self):
        """ [B03] The right is checked, then the books are written (design 8). """
        charges = self.charges.with_user(self.clerk)
        self.assertFalse(self.env['account.payment'].with_user(self.clerk).has_access('create'))
        payment = charges._receive_payment(self.bank_journal, amount=100)
        self.assertEqual(payment.sudo().state, 'in_process')
        self.assertEqual(self._residuals(), [757.57, 343.68])

        stranger = new_test_user(
            self.env, 'stranger', 'property_billing.group_billing_officer',
            company_id=self.company.id)
        with self.assertRaises(AccessError):
            self.charges.with_user(stranger)._receive_payment(self.bank_journal, amount=100)
        reader = new_test_user(
            self.env, 'reader', 'property_billing.group_billing_user', company_id=self.company.id)
        self.project.user_ids += reader
        with self.assertRaises(AccessError):
            self.charges.with_user(reader)._receive_payment(self.bank_journal, amount=100)

    def test_an_accountant_without_a_right_on_charges_keeps_the_books(self):
        """ [G03] He pays suppliers, takes money back to draft, and writes credit notes. """
        accountant = new_test_user(
            self.env, 'accountant', 'account.group_account_user', company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)])
        self.project.user_ids += accountant
        supplier_payment = self.env['account.payment'].with_user(accountant).create({
            'payment_type': 'outbound', 'partner_type': 'supplier', 'amount': 10,
            'partner_id': self.neighbour.id, 'journal_id': self.bank_journal.id,
        })
        supplier_payment.action_post()
        self.assertEqual(supplier_payment.state, 'in_process')

        payment = self.first._receive_payment(self.bank_journal).with_user(accountant)
        payment.action_draft()
        self.assertEqual(self.first.amount_residual, 857.57)
        payment.action_post()
        self.assertEqual(self.first.amount_residual, 0)

        note = self.bill.with_user(accountant)._reverse_moves(
            [{'invoice_date': self.bill.invoice_date}])
        note.action_post()
        self.assertEqual(self.charges.mapped('state'), ['reversed', 'reversed'])
        self.assertEqual(note.amount_residual, 857.57)

    def test_charges_that_somebody_else_settles_now(self):
        """ The clerk is told to try again, not that a lock could not be grabbed. """
        lines = type(self.env['account.move.line'])
        with patch.object(lines, 'lock_for_update', side_effect=LockError("no lock")), \
                self.assertRaisesRegex(UserError, "Try again"):
            self.charges._receive_payment(self.bank_journal, amount=100)

    def test_payments_of_another_project_are_not_seen(self):
        """ [G03] An accountant of another project does not see this project's money. """
        payment = self.charges._receive_payment(self.bank_journal, amount=100)
        accountant = new_test_user(
            self.env, 'accountant', 'account.group_account_manager', company_id=self.company.id)
        self.assertFalse(payment.with_user(accountant).has_access('read'))
        self.assertFalse(self.bill.with_user(accountant).has_access('read'))
        self.assertFalse(self.bill.line_ids.with_user(accountant).has_access('read'))
        self.project.user_ids += accountant
        self.assertTrue(payment.with_user(accountant).has_access('read'))

    def test_direct_receipts_are_paid_at_once(self):
        """ [B47] A part is in the bank's account when it is posted, and the payment is done. """
        journal = self.bank_journal
        self.assertFalse(journal.property_direct_receipts)
        journal.property_direct_receipts = True
        payment = self.charges._receive_payment(journal, amount=100)
        self.assertEqual(payment.outstanding_account_id, journal.default_account_id)
        self.assertEqual(payment.state, 'paid')
        self.assertTrue(journal.property_direct_receipts)

    def test_receipts_that_wait_for_the_bank_statement(self):
        """ [B47] Taken back, the setting leaves an account that somebody chose. """
        journal = self.bank_journal
        journal.property_direct_receipts = True
        lines = journal.inbound_payment_method_line_ids
        chosen = lines.copy({'journal_id': journal.id, 'payment_account_id': (
            self.env['account.account'].search([
                ('account_type', '=', 'asset_current'), ('reconcile', '=', True)], limit=1).id)})
        self.assertFalse(journal.property_direct_receipts)
        journal.property_direct_receipts = False
        self.assertFalse(lines.payment_account_id)
        self.assertTrue(chosen.payment_account_id)
        payment = self.charges._receive_payment(journal, amount=100)
        self.assertEqual(payment.state, 'in_process')
