from datetime import date

from lxml import etree

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from .common import LedgerCommon


@tagged('post_install', '-at_install')
class TestReversal(LedgerCommon):

    def test_undo_in_red(self):
        """ [B44] The reversal names its cause and books negative amounts (红字). """
        charges = self._create_charge(857.57) + self._create_charge(343.68, self.parking_fee)
        bill = self._post(charges)
        reversal = self._reverse(bill, "wrong area", date(2026, 1, 20))
        self.assertEqual(reversal.date, date(2026, 1, 20))
        self.assertEqual(reversal.ref, f"Reversal of {bill.name}: wrong area")
        self.assertEqual(reversal.reversed_entry_id, bill)
        self.assertEqual(charges.mapped('state'), ['reversed', 'reversed'])
        self.assertEqual(charges.mapped('amount_residual'), [0, 0])
        self.assertEqual(bill.payment_state, 'reversed')
        for charge in charges:
            line = reversal.line_ids.filtered(lambda line, charge=charge: (
                line.display_type == 'payment_term' and line.property_charge_id == charge))
            self.assertEqual(line.debit, -charge.amount)
            self.assertEqual(
                line.matched_debit_ids.debit_move_id | line.matched_credit_ids.credit_move_id,
                charge.receivable_line_id)
        self.assertEqual(
            sum(reversal.line_ids.filtered(
                lambda line: line.account_id == self.company.property_income_account_id,
            ).mapped('credit')), -1133.26)

    def test_undoing_twice_reverses_once(self):
        bill = self._post(self._create_charge(857.57))
        self.assertTrue(self._reverse(bill, "wrong area"))
        self.assertFalse(self._reverse(bill, "wrong area"))
        self.assertEqual(len(bill.reversal_move_ids), 1)

    def test_charged_anew_after_undo(self):
        """ The days are free again: nothing overlaps what is reversed (invariant 4). """
        charge = self._create_charge(857.57)
        bill = self._post(charge)
        self._reverse(bill, "wrong price")
        again = self._create_charge(800)
        self.assertEqual(self._post(again).amount_total, 800)

    def test_closed_month(self):
        """ In a closed month the reversal takes the first open day (decision 36). """
        bill = self._post(self._create_charge(857.57), date(2026, 1, 1))
        self.company.fiscalyear_lock_date = date(2026, 1, 31)
        self.assertEqual(bill._get_property_reversal_date(date(2026, 1, 15)), date(2026, 2, 1))
        reversal = self._reverse(bill, "wrong area", date(2026, 1, 15))
        self.assertEqual(reversal.date, date(2026, 2, 1))

    def test_a_bill_is_not_typed_anew(self):
        """ Odoo's "reverse and create invoice" is refused; a duplicate is of no charge. """
        bill = self._post(self._create_charge(857.57))
        wizard = self.env['account.move.reversal'].with_context(
            active_model='account.move', active_ids=bill.ids,
        ).create({'journal_id': bill.journal_id.id, 'date': date(2026, 1, 15)})
        self.assertTrue(wizard.has_property_bills)  # the button is not offered
        with self.assertRaisesRegex(UserError, "made of charges"):
            wizard.modify_moves()
        self.assertFalse(bill.copy().line_ids.property_charge_id)

    def test_a_bill_is_reversed_and_not_refunded(self):
        """ [B44] One button each: a bill's says what happens, another invoice keeps Odoo's. """
        bill = self._post(self._create_charge(857.57))
        self.assertEqual(bill.action_reverse()['name'], "Reverse the bill")
        form = etree.fromstring(bill.get_view(view_type='form')['arch'])
        reverse, credit_note = form.xpath("//button[@name='action_reverse']")
        self.assertEqual(
            (reverse.get('string'), credit_note.get('string')), ("Reverse", "Credit Note"))
        invoice = self.env['account.move'].create({
            'move_type': 'out_invoice', 'partner_id': bill.partner_id.id})
        for move, shown in ((bill, reverse), (invoice, credit_note)):
            values = {
                'property_project_id': move.property_project_id.id,
                'move_type': move.move_type, 'state': 'posted'}
            self.assertEqual(
                [button for button in (reverse, credit_note)
                 if not safe_eval(button.get('invisible'), dict(values))], [shown])

    def test_a_bill_is_not_reversed_before_its_day(self):
        """ Nor by Odoo's own wizard; on its day it is. """
        bill = self._post(self._create_charge(857.57), date(2026, 1, 20))
        with self.assertRaisesRegex(UserError, f"{bill.name} is dated 2026/01/20"):
            self._credit(bill)
        self._credit(bill, date=date(2026, 1, 20))
        self.assertEqual(bill.payment_state, 'reversed')

    def test_a_copy_with_the_charges_is_not_posted(self):
        """ Odoo keeps the charges on a copy made with its context key. (invariant 1) """
        bill = self._post(self._create_charge(857.57))
        copy = bill.with_context(move_reverse_cancel=True).copy({'date': date(2026, 1, 15)})
        self.assertTrue(copy.line_ids.property_charge_id)
        with self.assertRaisesRegex(UserError, "billed already: 1-1011 Property fee .*delete it"):
            copy.action_post()

    def _credit(self, bill, edit=lambda note: None, date=date(2026, 1, 15)):
        """ A credit note by Odoo's own wizard. """
        wizard = self.env['account.move.reversal'].with_context(
            active_model='account.move', active_ids=bill.ids,
        ).create({'journal_id': bill.journal_id.id, 'date': date})
        note = self.env['account.move'].browse(wizard.refund_moves()['res_id'])
        edit(note)
        note.action_post()
        return note

    def test_credit_note_by_the_odoo_wizard_frees_the_days(self):
        """ However a charge was taken back, its days can be charged anew. """
        assignment = self._assign(
            self.unit_1011, self._create_tariff(self.property_fee), '2026-01-01')
        charge = self._create_charge(100, kind='recurring', assignment_id=assignment.id)
        self._credit(self._post(charge))
        self.assertEqual(charge.state, 'reversed')
        run = self._preview('2026-01-31')
        self.assertEqual(self._periods(run.charge_ids), [('2026-01-01', '2026-01-31', 100)])

    def test_credit_after_a_part_payment_leaves_the_money_to_the_payer(self):
        charge = self._create_charge(100)
        bill = self._post(charge)
        charge._receive_payment(self.bank_journal, amount=40)
        note = self._credit(bill)
        self.assertEqual(charge.state, 'reversed')
        self.assertEqual((charge.amount_residual, note.amount_residual), (0, 40))

    def test_what_is_left_of_a_credit_settles_no_other_charge(self):
        """ 40 were paid of the first charge; credited, they are the payer's, not the second's. """
        first = self._create_charge(100)
        second = self._create_charge(50, self.parking_fee)
        bill = self._post(first + second)
        first._receive_payment(self.bank_journal, amount=40)
        note = self._credit(bill, lambda note: note.invoice_line_ids.filtered(
            lambda line: line.property_charge_id == second).unlink())
        self.assertEqual((first.state, first.amount_residual), ('reversed', 0))
        self.assertEqual((second.state, second.amount_residual), ('posted', 50))
        self.assertEqual(note.amount_residual, 40)

    def test_two_credit_notes_of_a_bill_posted_at_once(self):
        bill = self._post(self._create_charge(100))
        notes = bill._reverse_moves([{'invoice_date': bill.invoice_date}]) + bill._reverse_moves(
            [{'invoice_date': bill.invoice_date}])
        notes[0].invoice_line_ids.price_unit = 30
        notes[1].invoice_line_ids.price_unit = 70
        notes.action_post()
        charge = bill.line_ids.property_charge_id
        self.assertEqual((charge.state, charge.amount_residual), ('reversed', 0))
        self.assertEqual(notes.mapped('amount_residual'), [0, 0])

    def test_money_of_others_is_matched_with_its_own_reversal(self):
        """ [B02] A credit of the power leaves what the waterworks is owed as it is. """
        bill = self._post(
            self._create_charge(100, self.water_fee)
            + self._create_charge(30, self._create_money_of_others("Power", 'agency')))
        note = self._credit(bill, lambda note: note.invoice_line_ids[0].unlink())
        credited = note.invoice_line_ids
        self.assertEqual((credited.price_total, credited.amount_residual), (30, 0))
        self.assertEqual(
            bill.invoice_line_ids.filtered('reconciled').property_charge_id,
            credited.property_charge_id)

    def test_a_reversed_charge_stays_matched_with_its_credit_note(self):
        """ Its days may be charged anew, so it can never be owed again. """
        charge = self._create_charge(100)
        bill = self._post(charge)
        note = self._credit(bill)
        for lines in (bill.line_ids, note.line_ids, charge.receivable_line_id):
            with self.assertRaisesRegex(UserError, note.name):
                lines.remove_move_reconcile()
        self.assertEqual((charge.state, charge.amount_residual), ('reversed', 0))

    def test_a_payment_that_leaves_a_reversed_charge_makes_room_for_the_credit(self):
        """ 40 bounce after all of the charge was credited: it owes nothing, the note the less. """
        charge = self._create_charge(100)
        bill = self._post(charge)
        payment = charge._receive_payment(self.bank_journal, amount=40)
        note = self._credit(bill)
        payment.action_draft()
        self.assertEqual((charge.amount_residual, note.amount_residual), (0, 0))

    def test_a_credit_note_of_a_part_can_be_unmatched(self):
        """ The charge is owed again in full, and says so. """
        charge = self._create_charge(100)
        bill = self._post(charge)
        note = self._credit(
            bill, lambda note: note.invoice_line_ids.write({'price_unit': 30}))
        note.line_ids.remove_move_reconcile()
        self.assertEqual((charge.state, charge.amount_residual), ('posted', 100))

    def test_credit_of_a_part_reduces_what_is_owed(self):
        """ The charge stays, and takes two credit notes to be gone. """
        charge = self._create_charge(100)
        bill = self._post(charge)

        def credit(amount):
            self._credit(bill, lambda note: note.invoice_line_ids.write({'price_unit': amount}))

        credit(30)
        self.assertEqual((charge.state, charge.amount_residual), ('posted', 70))
        credit(70)
        self.assertEqual((charge.state, charge.amount_residual), ('reversed', 0))

    def test_undo_after_a_credit_of_a_part_takes_the_rest(self):
        """ A credit note is no money that would be orphaned. """
        charge = self._create_charge(100)
        bill = self._post(charge)
        self._credit(bill, lambda note: note.invoice_line_ids.write({'price_unit': 30}))
        reversal = self._reverse(bill, "wrong area")
        self.assertEqual((reversal.amount_total, charge.state), (70, 'reversed'))

    def test_undo_after_a_credit_note_takes_the_rest(self):
        """ 343.68 is credited already; undoing the bill takes 857.57 and no more. """
        kept = self._create_charge(857.57)
        credited = self._create_charge(343.68, self.parking_fee)
        bill = self._post(kept + credited)
        self._credit(bill, lambda note: note.invoice_line_ids.filtered(
            lambda line: line.property_charge_id == kept).unlink())
        self.assertEqual((kept.state, credited.state), ('posted', 'reversed'))
        reversal = self._reverse(bill, "wrong area")
        self.assertEqual(reversal.amount_total, 857.57)
        self.assertEqual(kept.state, 'reversed')
        self.assertEqual(bill.amount_residual, 0)

    def test_payer_of_a_published_bill_sees_its_reversal(self):
        published = self._post(self._create_charge(857.57))
        kept_back = self._post(self._create_charge(100, unit=self.unit_1012))
        published._publish_property_bills()
        self._reverse(published + kept_back, "wrong area")
        self.assertTrue(published.reversal_move_ids.property_published_at)
        self.assertFalse(kept_back.reversal_move_ids.property_published_at)
