from datetime import date
from unittest.mock import patch

from odoo.exceptions import AccessError, RedirectWarning, UserError
from odoo.tests import Form, tagged
from odoo.tools import formatLang

from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.queue_job.tests.common import trap_jobs

from ..models import property_bill_run
from .common import LedgerCommon


@tagged('post_install', '-at_install')
class TestBillRunPosting(LedgerCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tariff = cls._create_tariff(cls.property_fee)
        cls.units = cls.env['property.unit'].concat(
            *(cls._create_unit(str(number)) for number in range(201, 206)))
        for unit in cls.units:
            cls._assign(unit, cls.tariff, '2024-04-01')

    def _work(self, trap):
        """ Let the queue run until it is empty. """
        while trap.enqueued_jobs:
            trap.perform_enqueued_jobs()
            self.env.invalidate_all()

    def _post_run(self, run):
        with trap_jobs() as trap:
            run.action_post()
            self.assertEqual(run.state, 'posting')
            self._work(trap)
        return run

    def test_a_run_posts_one_bill_per_unit(self):
        """[B13] [B14] Five units, five posted bills; the run says so by itself. """
        run = self._post_run(self._preview('2024-04-30'))
        self.assertEqual(run.state, 'posted')
        self.assertEqual(set(run.charge_ids.mapped('state')), {'posted'})
        bills = run.sudo().move_ids
        self.assertEqual(len(bills), 5)
        self.assertEqual(set(bills.mapped('state')), {'posted'})
        self.assertEqual(sum(bills.mapped('amount_total')), 500.0)
        self.assertEqual(bills[0].amount_untaxed, 94.34)  # 100 / 1.06
        self.assertEqual(run.progress, 100)

    def test_one_bill_for_all_units_of_a_payer(self):
        """[B05] 一户多房: the payer's setting makes one bill of two units. """
        payer = self.units[0].owner_ids
        payer.property_bill_grouping = 'payer'
        unit = self._create_unit("301", owner=payer)
        self._assign(unit, self.tariff, '2024-04-01')
        run = self._preview('2024-04-30')
        self.assertEqual((run.charge_count, run.bill_count), (6, 5))
        self._post_run(run)
        self.assertEqual(len(run.sudo().move_ids), 5)

    def test_a_second_run_makes_exactly_what_is_missing(self):
        self._post_run(self._preview('2024-04-30'))
        self._assign(self._create_unit("301"), self.tariff, '2024-04-15')
        run = self._preview('2024-04-30')
        self.assertEqual(self._periods(run.charge_ids), [('2024-04-15', '2024-04-30', 53.33)])

    def test_the_next_run_compares_with_the_last(self):
        """[B14] A rise by half is flagged, the same amount is not. """
        self._post_run(self._preview('2024-04-30'))
        self._measure_unit(self.units[0], 150, '2024-05-01')
        run = self._preview('2024-05-31')
        jumps = run.charge_ids.filtered('has_jump')
        self.assertEqual(jumps.unit_id, self.units[0])
        self.assertRecordValues(jumps, [{
            'amount': 150.0, 'previous_amount': 100.0, 'change_amount': 50.0,
            'change_percent': 50.0,
        }])
        self.assertRecordValues(run, [{
            'amount_total': 550.0, 'previous_total': 500.0, 'change_total': 50.0,
            'flagged_count': 1,
        }])

    def test_a_stub_is_compared_by_its_months(self):
        """ Half a month after a whole one is no jump. """
        self._post_run(self._preview('2024-04-30'))
        assignment = self.units[0].fee_assignment_ids
        assignment.date_end = '2024-05-15'
        run = self._preview('2024-05-31', unit_ids=self.units[0].ids)
        self.assertRecordValues(run.charge_ids, [{
            'amount': 48.39, 'previous_amount': 48.39, 'has_jump': False}])  # 100 × 15/31

    # === FROZEN INPUTS === #

    def test_what_changed_since_the_preview_is_left_out(self):
        """ Area, price, payer and end of the assignment are looked at again before posting. """
        run = self._preview('2024-04-30')
        by_area, by_payer, by_end, by_archive, same = self.units
        by_area.building_area = 101
        by_payer.fee_assignment_ids.partner_id = self.neighbour
        by_end.fee_assignment_ids.date_end = '2024-04-20'
        by_archive.fee_assignment_ids.active = False
        self._post_run(run)
        charges = {charge.unit_id: charge for charge in run.charge_ids}
        self.assertEqual(charges[same].state, 'posted')
        for unit, text in (
            (by_area, "101.00 instead of 100.00"), (by_payer, "payer is now Li Na"),
            (by_end, "ends before"), (by_archive, "ends before"),
        ):
            self.assertEqual(
                (charges[unit].state, charges[unit].reason), ('left_out', 'changed'), unit.name)
            self.assertIn(text, charges[unit].reason_detail)
        self.assertEqual(run.state, 'posted')
        self.assertEqual(
            self._preview('2024-04-30').charge_ids.unit_id, by_area + by_payer + by_end)

    def test_a_changed_price_leaves_all_out(self):
        run = self._preview('2024-04-30')
        self.tariff.version_ids.price = 1.2
        self._post_run(run)
        self.assertEqual(set(run.charge_ids.mapped('reason')), {'changed'})
        self.assertFalse(run.sudo().move_ids)
        self.assertEqual(run.state, 'posted')

    def test_what_is_assigned_otherwise_since_the_preview_is_left_out(self):
        """ Same period and same amount, but of another unit, or of another tariff. """
        run = self._preview('2024-04-30', unit_ids=self.units[:2].ids)
        by_unit, by_tariff = self.units[:2].fee_assignment_ids
        by_unit.unit_id = self.unit_1011
        by_tariff.tariff_id = self._create_tariff(self.parking_fee)
        self._post_run(run)
        self.assertEqual(run.charge_ids.mapped('reason'), ['changed', 'changed'])
        self.assertFalse(run.sudo().move_ids)

    def test_an_amount_that_was_typed_over_is_not_posted(self):
        """ What is posted can be computed again from its explanation (design 5.3). """
        run = self._preview('2024-04-30', unit_ids=self.units[:2].ids)
        run.charge_ids[0].sudo().amount = 1  # by a script, say
        self._post_run(run)
        self.assertEqual(run.charge_ids.mapped('state'), ['left_out', 'posted'])

    def test_a_shared_period_posts_both_payers(self):
        """ Both parts of a month with two payers stand the second look. """
        unit = self._create_unit("301", owner=None)
        self._move_in(unit, self.owner, '2010-01-01', '2024-04-10')
        self._move_in(unit, self.neighbour, '2024-04-11')
        self._assign(unit, self.tariff, '2024-04-01')
        run = self._post_run(self._preview('2024-04-30', unit_ids=unit.ids))
        self.assertEqual(run.charge_ids.mapped('state'), ['posted', 'posted'])
        self.assertEqual(sum(run.charge_ids.mapped('amount')), 100.0)

    def test_what_is_left_out_by_hand_is_not_posted(self):
        run = self._preview('2024-04-30')
        run.charge_ids[0].action_leave_out()
        self._post_run(run)
        self.assertEqual(len(run.sudo().move_ids), 4)

    # === JOBS === #

    def test_jobs_hold_whole_bills(self):
        """ A bill of two units is never cut by the border between two jobs. """
        payer = self.units[0].owner_ids
        payer.property_bill_grouping = 'payer'
        self._assign(self._create_unit("301", owner=payer), self.tariff, '2024-04-01')
        run = self._preview('2024-04-30')
        with patch.object(property_bill_run, 'BILLS_PER_JOB', 2), trap_jobs() as trap:
            run.action_post()
            jobs = trap.enqueued_jobs
            self.assertEqual(len(jobs), 3)
            for job in jobs:
                self.assertEqual((job.max_retries, job.channel), (0, 'root.property_billing'))
            slices = [set(run.charge_ids.browse(job.args[0]).partner_id) for job in jobs]
            self.assertEqual(sum(map(len, slices)), len(set().union(*slices)))

    def test_pause_and_resume(self):
        """ A paused run keeps what is posted; resuming posts exactly the rest. """
        run = self._preview('2024-04-30')
        with patch.object(property_bill_run, 'BILLS_PER_JOB', 2), trap_jobs() as trap:
            run.action_post()
            trap.enqueued_jobs[0].perform()
            self.env.invalidate_all()
            self.assertEqual(run._get_progress(), (2, 5))
            run.action_pause()
            self._work(trap)
            self.assertEqual(run._get_progress(), (2, 5))
            self.assertEqual(run.state, 'paused')
            run.action_resume()
            self.assertEqual(
                sum(len(job.args[0]) for job in trap.enqueued_jobs), 3)
            self._work(trap)
        self.assertEqual(run.state, 'posted')
        self.assertEqual(len(run.sudo().move_ids), 5)

    def test_a_repeated_job_posts_nothing_twice(self):
        run = self._preview('2024-04-30')
        with trap_jobs() as trap:
            run.action_post()
            job = trap.enqueued_jobs[0]
            job.perform()
            self.env.invalidate_all()
            job.perform()
        self.assertEqual(len(run.sudo().move_ids), 5)

    def test_a_slice_that_another_job_holds_is_tried_later(self):
        run = self._preview('2024-04-30')
        run.sudo().state = 'posting'
        with self.registry.cursor() as other:
            # Rows of this test are not visible to another cursor, so nothing can be locked.
            charges = run.charge_ids.with_env(run.env(cr=other))
            with self.assertRaises(RetryableJobError):
                run._lock_slice(charges)

    def test_a_large_preview_runs_as_jobs(self):
        """ Above the limit the preview is computed in slices, and says when it is done. """
        run = self._create_run('2024-04-30').with_user(self.clerk)
        with patch.object(property_bill_run, 'ASSIGNMENTS_PER_JOB', 2), trap_jobs() as trap:
            run.action_preview()
            self.assertEqual(run.state, 'computing')
            self.assertEqual(len(trap.enqueued_jobs), 3)
            self._work(trap)
        self.assertEqual(run.state, 'preview')
        self.assertEqual(run.charge_count, 5)

    def test_a_large_preview_without_a_queue(self):
        """ Each slice runs at once, and none of them is the last. """
        run = self._create_run('2024-04-30').with_user(self.clerk).with_context(
            queue_job__no_delay=True)
        with patch.object(property_bill_run, 'ASSIGNMENTS_PER_JOB', 2):
            run.action_preview()
        self.assertEqual(run.state, 'preview')
        self.assertEqual(run.charge_count, 5)

    def test_a_job_of_a_dropped_preview_does_nothing(self):
        run = self._create_run('2024-04-30').with_user(self.clerk)
        with patch.object(property_bill_run, 'ASSIGNMENTS_PER_JOB', 2), trap_jobs() as trap:
            run.action_preview()
            run.action_drop_preview()
            self._work(trap)
        self.assertEqual(run.state, 'draft')
        self.assertFalse(run.charge_ids)

    # === PUBLISH === #

    def _get_messages(self, bills):
        return self.env['property.notification'].sudo().search([
            ('partner_id', 'in', bills.partner_id.ids),
            ('category_id', '=', self.env.ref('property_base.category_billing').id)])

    def test_publishing_shows_the_bills_and_writes_to_the_payers(self):
        """[B13] [B48] [A81] Published bills have a date; each payer finds one in his inbox, and who
        has an address gets a mail.
        """
        self.units[0].owner_ids.email = 'owner@example.com'
        run = self._post_run(self._preview('2024-04-30'))
        bills = run.sudo().move_ids
        self.assertFalse(any(bills.mapped('property_published_at')))
        with trap_jobs() as trap:
            run.action_publish()
            self._work(trap)
        self.assertEqual(run.state, 'published')
        self.assertTrue(all(bills.mapped('property_published_at')))
        messages = self._get_messages(bills)
        self.assertEqual(len(messages), len(bills))
        self.assertEqual(messages.partner_id, bills.partner_id)
        mails = messages.delivery_ids.filtered(
            lambda delivery: delivery.channel == 'email' and delivery.state == 'sent')
        self.assertEqual(mails.partner_id.email, 'owner@example.com')
        message = mails.notification_id
        self.assertIn('/my/invoices/', message.url)
        bill = bills.filtered(lambda bill: bill.partner_id == message.partner_id)
        self.assertIn(bill.name, message.subject)
        self.assertIn(bill.property_unit_id.complete_name, message.body)
        self.assertIn(formatLang(self.env, bill.amount_total), message.subject)
        self.assertIn('/my/invoices/', mails._render_email())

    def test_channels_of_one_run(self):
        """[B13] [B14] This one goes out by SMS alone, whatever the payers prefer; the next one is
        printed and put into letter boxes: shown on the portal, without a message.
        """
        self.units[0].owner_ids.write({'email': 'owner@example.com', 'phone': '13800138000'})
        run = self._post_run(self._preview('2024-04-30'))
        run.by_sms = True
        with trap_jobs() as trap:
            run.action_publish()
            self._work(trap)
        messages = self._get_messages(run.sudo().move_ids)
        self.assertEqual(set(messages.delivery_ids.mapped('channel')), {'sms'})
        run = self._post_run(self._preview('2024-05-31'))
        run.tells_payers = False
        with trap_jobs() as trap:
            run.action_publish()
            self._work(trap)
        self.assertTrue(all(run.sudo().move_ids.mapped('property_published_at')))
        self.assertEqual(self._get_messages(run.sudo().move_ids), messages)

    def test_publishing_twice_writes_once(self):
        self.units[0].owner_ids.email = 'owner@example.com'
        run = self._post_run(self._preview('2024-04-30'))
        for _time in range(2):
            with trap_jobs() as trap:
                run.action_publish()
                self._work(trap)
        bills = run.sudo().move_ids
        self.assertEqual(len(self._get_messages(bills)), len(bills))

    # === UNDO === #

    def _undo(self, run, reason="Wrong price"):
        run = run.with_user(self.manager)
        action = run.action_undo()
        wizard = Form(self.env[action['res_model']].with_user(self.manager).with_context(
            **action['context']))
        wizard.reason = reason
        wizard.date = date(2024, 5, 2)
        with trap_jobs() as trap:
            wizard.save().action_undo()
            self._work(trap)

    def test_an_undone_run_can_be_run_again(self):
        """ Undo reverses each bill with its reason, deletes nothing, and frees the periods. """
        run = self._post_run(self._preview('2024-04-30'))
        bills = run.sudo().move_ids
        self._undo(run)
        self.assertEqual(run.state, 'undone')
        self.assertEqual(set(run.charge_ids.mapped('state')), {'reversed'})
        self.assertEqual(sum(bills.mapped('amount_residual')), 0.0)
        self.assertEqual(len(bills.reversal_move_ids), 5)
        self.assertEqual(set(bills.reversal_move_ids.mapped('date')), {date(2024, 5, 2)})
        self.assertEqual(run.progress, 100)
        again = self._preview('2024-04-30')
        self.assertEqual(again.charge_count, 5)

    def test_the_undo_tells_what_is_left_to_reverse(self):
        """ One bill was reversed before, so the dialog counts the others. """
        run = self._post_run(self._preview('2024-04-30'))
        bills, amount = run.bill_count, run.amount_total
        single = run.charge_ids.filtered(lambda charge: charge.state == 'posted')[0].move_id
        self._reverse(single.sudo(), "wrong payer")
        wizard = self.env['property.bill.run.undo'].with_user(self.manager).create(
            {'run_id': run.id, 'reason': "wrong price"})
        self.assertEqual(wizard.bill_count, bills - 1)
        self.assertEqual(
            wizard.currency_id.compare_amounts(
                wizard.amount_total, amount - single.amount_total), 0)

    def test_a_paid_bill_holds_the_undo(self):
        run = self._post_run(self._preview('2024-04-30'))
        charge = run.charge_ids[0]
        charge._receive_payment(self.bank_journal, amount=40.0)
        with self.assertRaisesRegex(UserError, charge.sudo().move_id.name):
            self._undo(run)

    def test_a_clerk_does_not_undo(self):
        run = self._post_run(self._preview('2024-04-30'))
        with self.assertRaises(AccessError):
            run.action_undo()

    def test_an_undo_takes_what_a_late_job_posted(self):
        """ A job that was under way when the run was undone finds its bills reversed, too. """
        run = self._preview('2024-04-30')
        with patch.object(property_bill_run, 'BILLS_PER_JOB', 2), trap_jobs() as trap:
            run.action_post()
            trap.enqueued_jobs[0].perform()
            self.env.invalidate_all()
            late = trap.enqueued_jobs[1].args[0]
            late_bills = run.charge_ids.browse(late)._create_bills(run.date_invoice)
            self.assertEqual(len(late_bills), 2)
            run.sudo().state = 'undone'
            run.sudo().write({'undo_reason': "Wrong price", 'undo_date': '2024-05-02'})
            self._work(trap)
        states = run.charge_ids.browse(late).mapped('state')
        self.assertEqual(set(states), {'reversed'})

    def test_archived_meanwhile(self):
        """ What was archived after the preview is told, not billed; restored, it is caught up. """
        run = self._preview('2024-04-30')
        self.units[0].active = False
        self._post_run(run)
        left_out = run.charge_ids.filtered(lambda charge: charge.state == 'left_out')
        self.assertEqual(left_out.unit_id, self.units[0])
        self.assertIn("is archived", left_out.reason_detail)
        self.assertEqual(self._preview('2024-04-30').charge_ids.reason, 'archived')
        self.units[0].active = True
        self.assertEqual(self._preview('2024-04-30').charge_ids.state, 'draft')

    def test_a_refused_bill_does_not_hold_the_rest(self):
        """ A payer who became another company's is told by name; the other four are billed. """
        run = self._preview('2024-04-30')
        stranger = run.charge_ids[0]
        stranger.sudo().partner_id.company_id = self._create_company("Elsewhere")
        self._post_run(run)
        self.assertEqual(run.state, 'posted')
        self.assertEqual((stranger.state, stranger.reason), ('left_out', 'refused'))
        self.assertIn(stranger.sudo().partner_id.name, stranger.reason_detail)
        self.assertEqual(set((run.charge_ids - stranger).mapped('state')), {'posted'})

    def test_a_bill_that_a_credit_note_took_back_does_not_hold_the_undo(self):
        run = self._post_run(self._preview('2024-04-30'))
        bill = run.charge_ids[0].sudo().move_id
        bill._reverse_moves([{'invoice_date': bill.invoice_date}]).action_post()
        self._undo(run)
        self.assertEqual(set(run.charge_ids.mapped('state')), {'reversed'})
        self.assertEqual(len(bill.reversal_move_ids), 1)

    # === RIGHTS === #

    def test_nobody_types_where_a_run_stands_or_what_it_charges(self):
        """ A write over the network would go around the checks of the steps. """
        run = self._preview('2024-04-30')
        charge = run.charge_ids[0]
        for records, vals in (
            (run, {'state': 'undone'}), (run, {'state': 'draft'}), (run, {'preview_number': 9}),
            (run, {'undo_reason': "None"}), (charge, {'amount': 1}), (charge, {'run_id': False}),
            (charge, {'partner_id': self.owner.id}), (charge, {'explanation': False}),
            (charge, {'state': 'left_out'}), (charge, {'reason': 'manual'}),
        ):
            for user in (self.clerk, self.manager):
                with self.subTest(vals=vals), self.assertRaises(AccessError):
                    records.with_user(user).write(vals)
        with self.assertRaises(AccessError):
            run.create({**run.copy_data()[0], 'state': 'posted'})
        with self.assertRaises(AccessError):
            charge.copy()
        with self.assertRaises(AccessError):
            charge.unlink()
        with self.assertRaisesRegex(UserError, "computed already"):
            run.date_invoice = '2020-01-01'
        self._post_run(run)
        with self.assertRaisesRegex(UserError, "stays as it is"):
            charge.run_id = False

    def test_a_user_only_looks(self):
        user = self._create_user('billing_user', 'property_billing.group_billing_user')
        self.project.user_ids += user
        run = self._preview('2024-04-30').with_user(user)
        self.assertEqual(run.charge_count, 5)
        for action in (
            run.action_preview, run.action_post, run.action_drop_preview, run.action_pause,
            run.action_resume, run.action_publish, run.action_undo, run.action_retry,
            run.charge_ids.action_leave_out, run.charge_ids.action_put_back, run.unlink,
        ):
            with self.assertRaises(AccessError, msg=action.__name__):
                action()

    def test_a_clerk_of_another_project_sees_nothing(self):
        """[A66] The data permission holds for runs, charges and assignments. """
        stranger = self._create_user(
            'stranger', 'property_billing.group_billing_officer,base.group_allow_export')
        run = self._preview('2024-04-30')
        for records in (run, run.charge_ids, self.units.fee_assignment_ids):
            records = records.with_user(stranger)
            self.assertFalse(records.search([('id', 'in', records.ids)]))
            with self.assertRaises(AccessError):
                records.read(['display_name'])
            with self.assertRaises(AccessError):
                records.export_data(['display_name'])
            with self.assertRaises(AccessError):
                records.unlink()
        with self.assertRaises(AccessError):
            self.env['property.bill.run'].with_user(stranger).create({
                'project_id': self.project.id, 'date_end': '2024-05-31'})

    def test_a_clerk_sees_the_figures_of_his_projects(self):
        """[A66] Also in Odoo's own analysis of invoices. """
        self._post_run(self._preview('2024-04-30'))
        self.env.flush_all()
        readers = 'property_billing.group_billing_user,account.group_account_readonly'
        reader, stranger = (
            self._create_user(login, readers) for login in ('reader', 'stranger'))
        self.project.user_ids += reader
        for user, total in ((reader, 471.70), (stranger, 0)):  # 5 × 100 / 1.06
            [[count, amount]] = self.env['account.invoice.report'].with_user(user)._read_group(
                [], [], ['__count', 'price_subtotal:sum'])
            self.assertEqual((count, round(amount or 0, 2)), (5 if total else 0, total), user.login)

    def test_posted_runs_stay(self):
        run = self._post_run(self._preview('2024-04-30'))
        with self.assertRaisesRegex(UserError, "has posted bills"):
            run.unlink()
        with self.assertRaisesRegex(UserError, "is in state"):
            run.action_drop_preview()
        with self.assertRaisesRegex(UserError, "stays as it is"):
            run.charge_ids[0].amount = 1

    def test_a_new_run_and_its_preview_can_be_deleted(self):
        run = self._preview('2024-04-30')
        charges = run.charge_ids
        run.unlink()
        self.assertFalse(charges.exists())

    def test_without_a_journal_nothing_is_posted(self):
        """ Who posts is led to the settings at once; no job fails behind his back. """
        run = self._preview('2024-04-30')
        self.company.property_bill_journal_id = False
        with self.assertRaisesRegex(RedirectWarning, "no journal"):
            run.action_post()
        self.assertEqual(run.state, 'preview')

    def test_nothing_to_post(self):
        run = self._preview('2024-03-31')
        with self.assertRaisesRegex(UserError, "nothing to post"):
            run.action_post()
