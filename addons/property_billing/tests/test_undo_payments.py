from datetime import date

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from odoo.addons.queue_job.tests.common import trap_jobs

from .common import LedgerCommon


@tagged('post_install', '-at_install')
@freeze_time('2026-03-20')
class TestUndoPayments(LedgerCommon):
    """ March was billed at the wrong price: 100 to Zhang Wei, 100 to Li Na, who has paid nothing.

    Zhang Wei still owes 60 that were due on 31 January, 80 due on 15 February, and 50 not due yet.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tariff = cls._create_tariff(cls.property_fee)
        for unit in cls.unit_1011 + cls.unit_1012:
            cls._assign(unit, cls.tariff, '2026-03-01')
        cls.january = cls._create_charge(60)
        cls.february = cls._create_charge(
            80, cls.parking_fee, date_due=date(2026, 2, 15))
        cls.april = cls._create_charge(50, date_due=date(2026, 4, 15))
        cls._post(cls.january + cls.february + cls.april)

    def setUp(self):
        super().setUp()
        self.run = self._preview('2026-03-31', date_invoice=date(2026, 3, 1))
        with trap_jobs() as trap:
            self.run.action_post()
            self._work(trap)
        self.charge = self.run.charge_ids.filtered(lambda charge: charge.partner_id == self.owner)
        self.other = self.run.charge_ids - self.charge

    def _work(self, trap):
        while trap.enqueued_jobs:
            trap.perform_enqueued_jobs()
            self.env.invalidate_all()

    def _open_undo(self, payments=None):
        run = self.run.with_user(self.manager)
        action = run.action_undo()
        form = Form(self.env[action['res_model']].with_user(self.manager).with_context(
            **action['context']))
        form.reason = "Wrong price"
        if payments:
            form.payments = payments
        return form.save()

    def _undo(self, payments=None):
        with trap_jobs() as trap:
            self._open_undo(payments).action_undo()
            self._work(trap)

    def _get_entries(self):
        """ All that a journal entry says, without what is still owed of it. """
        self.env.flush_all()
        self.env.cr.execute(
            """ SELECT line.id, line.name, line.balance, line.account_id, line.partner_id,
                       line.date, line.date_maturity, line.property_charge_id, line.parent_state,
                       move.name, move.state, move.ref
                  FROM account_move_line line JOIN account_move move ON move.id = line.move_id
                 WHERE move.company_id = %s ORDER BY line.id """, [self.company.id])
        return self.env.cr.fetchall()

    def test_what_is_paid_holds_the_undo(self):
        """[B13] Without a choice nothing happens at all. """
        self.charge._receive_payment(self.bank_journal, amount=40)
        wizard = self._open_undo()
        self.assertEqual(
            (wizard.bill_count, wizard.payer_count, wizard.amount_total), (2, 2, 200))
        self.assertEqual((wizard.paid_count, wizard.paid_amount), (1, 40))
        self.assertEqual(wizard.paid_charge_ids, self.charge)
        with self.assertRaisesRegex(UserError, self.charge.sudo().move_id.name):
            wizard.action_undo()
        self.assertEqual(self.run.state, 'posted')
        self.assertEqual(set(self.run.charge_ids.mapped('state')), {'posted'})

    def test_kept_as_a_prepayment(self):
        """[B13] Paid in full: his 100 stay his, and the payment stays as it is, bank and all. The
        run of the right price charges 120; nothing that was posted is written again.
        """
        payment = self.charge._receive_payment(self.bank_journal).sudo()
        before = self._get_entries()
        self._undo('keep')
        self.assertEqual(self._get_entries()[:len(before)], before)
        self.assertEqual(set(self.run.charge_ids.mapped('state')), {'reversed'})
        self.assertEqual(self.run.undo_payments, 'keep')
        bill = self.charge.sudo().move_id
        self.assertEqual(bill.property_payment_state, 'reversed', "no bill that is paid")
        note = bill.reversal_move_ids
        self.assertEqual((note.amount_total, note.amount_residual), (100, 100))
        self.assertTrue(payment.is_reconciled)
        [line] = self.unit_1011.occupancy_ids._get_prepayment_lines()
        self.assertEqual((line.move_id, line.amount_residual), (note, -100))
        self.assertEqual(
            (self.january + self.february + self.april).mapped('amount_residual'), [60, 80, 50])
        self.tariff.version_ids.price = 1.2
        again = self._preview('2026-03-31')
        self.assertEqual(
            sorted(again.charge_ids.mapped('amount')), [120, 120])

    def test_settles_the_oldest(self):
        """[B13] Of his 100, 60 settle January and 40 of the 80 of February; April is not due. """
        self.charge._receive_payment(self.bank_journal)
        before = self._get_entries()
        self._undo('oldest')
        self.assertEqual(self._get_entries()[:len(before)], before)
        self.assertEqual(
            (self.january + self.february + self.april).mapped('amount_residual'), [0, 40, 50])
        self.assertFalse(self.unit_1011.occupancy_ids._get_prepayment_lines())

    def test_settles_the_oldest_and_keeps_the_rest(self):
        """[B13] January is paid, and 30 of February: of his 100, 50 settle it and 50 stay. """
        self.january._receive_payment(self.bank_journal)
        self.february._receive_payment(self.bank_journal, amount=30)
        self.charge._receive_payment(self.bank_journal)
        self._undo('oldest')
        self.assertEqual(
            (self.january + self.february + self.april).mapped('amount_residual'), [0, 0, 50])
        [line] = self.unit_1011.occupancy_ids._get_prepayment_lines()
        self.assertEqual(line.amount_residual, -50)

    def test_paid_in_part(self):
        """[B13] 40 of 100: 60 were owed and are no more, 40 stay his. """
        self.charge._receive_payment(self.bank_journal, amount=40)
        self._undo('keep')
        self.assertEqual((self.charge.state, self.charge.amount_residual), ('reversed', 0))
        self.assertEqual(
            self.charge.sudo().move_id.reversal_move_ids.amount_residual, 40)

    def test_the_money_is_taken_back_later(self):
        """[B13] The bank takes the payment back: the credit has nothing to be a credit of. """
        payment = self.charge._receive_payment(self.bank_journal).sudo()
        self._undo('keep')
        payment.action_draft()
        self.assertFalse(self.unit_1011.occupancy_ids._get_prepayment_lines())
        self.assertEqual(self.charge.amount_residual, 0)

    def test_credited_in_part_before(self):
        """[B13] [B44] 10 of Li Na's 100 were credited for a complaint: the 90 are reversed. """
        self.other._credit("Complaint", date(2026, 3, 10), {self.other.id: 10})
        wizard = self._open_undo()
        self.assertEqual((wizard.bill_count, wizard.amount_total), (2, 190))
        self._undo()
        self.assertEqual(set(self.run.charge_ids.mapped('state')), {'reversed'})
        self.assertEqual(
            self.other.sudo().move_id.reversal_move_ids.mapped('amount_total'), [90, 10])
        self.assertEqual(len(self._preview('2026-03-31').charge_ids), 2)

    def test_with_what_corrected_it(self):
        """[B13] [B44] Room 1011 turns out to have 120 m²: 20 more were charged for March. Both are
        taken back, and the next run charges 120 at once.
        """
        self._measure_unit(self.unit_1011, 120, '2026-03-01')
        wizard = self.env['property.charge.correct'].with_user(self.manager).create({
            'charge_ids': self.charge.ids, 'reason': "Measured anew"})
        wizard.action_correct()
        [correction] = self.env['property.charge'].search([('kind', '=', 'correction')])
        self.assertEqual(correction.amount, 20)
        wizard = self._open_undo()
        self.assertEqual(
            (wizard.bill_count, wizard.follower_count, wizard.amount_total), (3, 1, 220))
        self._undo()
        self.assertEqual((self.charge.state, correction.state), ('reversed', 'reversed'))
        again = self._preview('2026-03-31').charge_ids
        self.assertEqual(sorted(again.mapped('amount')), [100, 120])

    def test_with_what_somebody_else_took_over(self):
        """[B13] 40 of Zhang Wei's 100 are paid, Li Na takes over the 60: she owes them no more, and
        his 40 stay his. Otherwise the next run would charge for the same days twice.
        """
        self.charge._receive_payment(self.bank_journal, amount=40)
        [rest] = self.charge.with_user(self.manager)._pass_to(
            self.neighbour, "Agreed", date(2026, 3, 20))
        self._undo('keep')
        self.assertEqual((self.charge.state, rest.state), ('reversed', 'reversed'))
        self.assertEqual(
            sum(self.unit_1011.occupancy_ids._get_prepayment_lines().mapped('amount_residual')),
            -40)
        again = self._preview('2026-03-31').charge_ids
        self.assertEqual(again.mapped('amount'), [100, 100])

    def test_with_all_that_somebody_else_took_over(self):
        """[B13] Li Na owes Zhang Wei's 100 as a whole: his own charge was taken back already. """
        [passed] = self.charge.with_user(self.manager)._pass_to(
            self.neighbour, "Agreed", date(2026, 3, 20))
        self.assertEqual((self.charge.state, passed.state), ('reversed', 'posted'))
        wizard = self._open_undo()
        self.assertEqual(
            (wizard.bill_count, wizard.follower_count, wizard.amount_total), (2, 1, 200))
        self.assertIn("2 bills of 1 payers", wizard.summary)
        self._undo()
        self.assertEqual(passed.state, 'reversed')
        again = self._preview('2026-03-31').charge_ids
        self.assertEqual(again.mapped('amount'), [100, 100])

    def test_with_what_was_paid_and_credited(self):
        """[B13] Zhang Wei's 100 are paid, then March is free: they are his, and only Li Na's are
        left to be taken back.
        """
        self.charge._receive_payment(self.bank_journal, amount=100)
        self.env['property.fee.relief'].create({
            'project_id': self.project.id, 'kind': 'free', 'ground': "Free",
            'date_start': '2026-03-01', 'unit_ids': self.unit_1011.ids,
            'fee_ids': self.property_fee.ids, 'state': 'approved'})
        self.charge.with_user(self.manager)._correct("Free", date(2026, 3, 20))
        self.assertEqual((self.charge.state, self.charge.is_corrected), ('reversed', True))
        wizard = self._open_undo()
        self.assertEqual((wizard.bill_count, wizard.amount_total), (1, 100))
        self.assertFalse(wizard.paid_count)
        self._undo()
        self.assertEqual(self.other.state, 'reversed')

    def test_paid_between_the_choice_and_the_job(self):
        """[B13] The part with the payment fails as a whole and says so; chosen anew, it goes
        on.
        """
        wizard = self._open_undo()
        with trap_jobs() as trap:
            wizard.action_undo()
            self.charge._receive_payment(self.bank_journal, amount=40)
            with self.assertRaisesRegex(UserError, "choose what becomes of these payments"):
                trap.perform_enqueued_jobs()
        self.assertEqual(set(self.run.charge_ids.mapped('state')), {'posted'})
        # As the queue leaves it.
        self.env['queue.job'].with_context(
            _job_edit_sentinel=self.env['queue.job'].EDIT_SENTINEL).create({
                'uuid': 'undo', 'state': 'failed', 'exc_message': "Paid",
                'records': self.run, 'method_name': '_job_undo',
                'identity_key': f'property.bill.run/{self.run.id}/undo/1'})
        self.assertEqual(self.run.summary['error'], "Paid")
        self._undo('keep')
        self.assertEqual(set(self.run.charge_ids.mapped('state')), {'reversed'})

    def test_bills_dated_ahead(self):
        """[B13] April's bills went out on 20 March dated 1 April: they are not reversed before. """
        self.run = self._preview('2026-04-30', date_invoice=date(2026, 4, 1))
        with trap_jobs() as trap:
            self.run.action_post()
            self._work(trap)
        wizard = self._open_undo()
        self.assertEqual(wizard.date, date(2026, 4, 1))
        wizard.date = date(2026, 3, 31)
        with self.assertRaisesRegex(UserError, "dated 2026/04/01.*that day or a later one"):
            wizard.action_undo()
        self.assertEqual(set(self.run.charge_ids.mapped('state')), {'posted'})
        self._undo()
        self.assertEqual(
            set(self.run.sudo().move_ids.reversal_move_ids.mapped('date')), {date(2026, 4, 1)})

    def test_closed_month(self):
        """[B13] March is closed before the undo: it is posted on 1 April, as the dialog says. """
        self.company.sudo().fiscalyear_lock_date = date(2026, 3, 31)
        self.assertTrue(self._open_undo().posting_notice)
        self._undo()
        self.assertEqual(
            set(self.run.sudo().move_ids.reversal_move_ids.mapped('date')), {date(2026, 4, 1)})
