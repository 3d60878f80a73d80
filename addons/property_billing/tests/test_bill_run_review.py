from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.queue_job.tests.common import trap_jobs

from .common import LedgerCommon


@tagged('post_install', '-at_install')
class TestBillRunReview(LedgerCommon):
    """ Emerald Garden posts only what a second pair of eyes has seen: 100 of room 1011 for May. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tariff = cls._create_tariff(cls.property_fee)
        cls._assign(cls.unit_1011, cls.tariff, '2026-05-01')
        cls.project.approves_runs = True
        cls.director = cls._create_user('director', 'property_billing.group_billing_approve')
        cls.project.user_ids |= cls.director

    def _submit(self, user=None):
        run = self._preview('2026-05-31').with_user(user or self.clerk)
        run.action_submit()
        return run

    def _approve(self, run):
        with trap_jobs() as trap:
            run.with_user(self.director).action_approve()
            while trap.enqueued_jobs:
                trap.perform_enqueued_jobs()
        self.env.invalidate_all()

    def test_submitted_by_one_and_approved_by_another(self):
        """[B13] [B14] The director reads runs and may approve; the bills are the clerk's. """
        run = self._submit()
        self.assertEqual((run.state, run.charge_ids.state), ('review', 'draft'))
        self.assertEqual(
            self.env['property.bill.run'].with_user(self.director)._search_waiting(), run)
        self._approve(run)
        self.assertEqual((run.state, run.charge_ids.state), ('posted', 'posted'))
        self.assertEqual(run.approved_by_id, self.director)
        self.assertEqual(run.sudo().move_ids.create_uid, self.clerk)

    def test_four_eyes(self):
        """[B14] Not even who answers for billing approves what he has submitted himself. """
        run = self._submit(self.manager)
        self.assertFalse(run.is_decidable)
        with self.assertRaisesRegex(UserError, "submitted .* yourself"):
            run.action_approve()
        with self.assertRaisesRegex(AccessError, "not allowed to decide"):
            run.with_user(self.clerk).action_approve()
        self._approve(run)
        self.assertEqual(run.state, 'posted')

    def test_no_way_around(self):
        """[B14] Neither by the button of other projects, nor by hand. """
        run = self._preview('2026-05-31')
        for user in (self.clerk, self.manager):
            with self.assertRaisesRegex(UserError, "posted after approval"):
                run.with_user(user).action_post()
            with self.assertRaises(AccessError):
                run.with_user(user).write({'state': 'posting'})
        with self.assertRaisesRegex(UserError, "in state “Preview”"):
            run.with_user(self.director).action_approve()

    def test_no_run_begins_behind_its_approval(self):
        """[B14] The context of a request is the user's to choose. """
        Run = self.env['property.bill.run'].with_user(self.clerk)
        for context in ({'default_state': 'paused'},
                        {'default_submitted_by_id': self.director.id}):
            with self.assertRaises(AccessError), self.cr.savepoint():
                Run.with_context(**context).create({
                    'project_id': self.project.id, 'date_end': '2026-05-31'})

    def test_what_is_submitted_stays_as_it_is(self):
        """[B14] Nothing is left out or computed again behind the approver's back; withdrawn, it is.
        """
        run = self._submit()
        with self.assertRaisesRegex(UserError, "in state “To approve”"):
            run.charge_ids.action_leave_out()
        with self.assertRaisesRegex(UserError, "in state “To approve”"):
            run.action_preview()
        with self.assertRaisesRegex(UserError, "Withdraw it first"):
            run.unlink()
        run.action_withdraw()
        run.charge_ids.action_leave_out()
        with self.assertRaisesRegex(UserError, "nothing to post"):
            run.action_submit()

    def test_sent_back(self):
        """[B14] The preview is the clerk's again, and may be submitted anew. """
        run = self._submit()
        run.with_user(self.director).action_refuse()
        self.assertEqual((run.state, run.charge_ids.state), ('preview', 'draft'))
        run.action_submit()
        self.assertEqual(run.state, 'review')

    def test_another_project(self):
        """[A66] Who approves for one project does not for another. """
        run = self._submit()
        self.project.user_ids -= self.director
        with self.assertRaises(AccessError):
            run.with_user(self.director).action_approve()

    def test_area_that_changes_while_it_waits(self):
        """[B13] 150 m² instead of 100: flagged and left out with both amounts, never billed 0. """
        self._assign(self.unit_1012, self.tariff, '2026-05-01')
        run = self._submit()
        changed = run.charge_ids.filtered(lambda charge: charge.unit_id == self.unit_1012)
        self.unit_1012.building_area = 150
        self._approve(run)
        self.assertEqual((changed.state, changed.reason), ('left_out', 'changed'))
        self.assertIn("150.00 instead of 100.00", changed.reason_detail)
        self.assertEqual((run.charge_ids - changed).state, 'posted')

    def test_levels(self):
        """[B14] Set up in levels, it passes one after the other before it is posted. """
        self.env['tier.definition'].create({
            'name': "Project manager",
            'model_id': self.env['ir.model']._get_id('property.bill.run'),
            'review_type': 'individual', 'reviewer_id': self.director.id,
            'approve_sequence': True, 'exclude_requester': True,
        })
        run = self._submit()
        self.assertEqual(run.validation_status, 'pending')
        with self.assertRaisesRegex(UserError, "decided in several levels"):
            run.with_user(self.manager).action_approve()
        with trap_jobs() as trap:
            run = run.with_user(self.director)
            run._decide_level(
                run.sudo()._get_current_review(), True, "Seen", self.env['res.users'])
            self.assertEqual(run.state, 'posting')
            trap.perform_enqueued_jobs()
        self.assertEqual(run.charge_ids.state, 'posted')

    def test_a_project_without_the_switch(self):
        """[B14] posts at once, as before. """
        self.project.approves_runs = False
        run = self._preview('2026-05-31')
        with trap_jobs():
            run.action_post()
        self.assertEqual(run.state, 'posting')
