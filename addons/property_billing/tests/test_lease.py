from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common_lease import LeaseCommon


@tagged('post_install', '-at_install')
class TestLease(LeaseCommon):
    """[A37] A lease as it is entered, and what it refuses. """

    def test_price_and_amount(self):
        """[A37] [B53] By area, unit price × area = amount; of the two the typed one wins. """
        lease = self._create_lease(lines=[
            (self.shop, self.rent, 'area', 75), (self.shop, self.property_fee, 'area', 4.5)])
        rent, fee = lease.line_ids
        self.assertEqual((rent.quantity, rent.amount_month), (86.5, 6487.5))
        self.assertEqual(fee.amount_month, 389.25)
        self.assertEqual(lease.amount_month, 6876.75)
        fee.amount_month = 400
        self.assertEqual((fee.basis, fee.price, fee.amount_month), ('fixed', 400, 400))
        rent.quantity = 80  # what is let, as the contract says it
        self.assertEqual(rent.amount_month, 6000)

    def test_entered_by_hand(self):
        """[A37] What a leasing officer types, in the order in which he types it. """
        form = Form(self.env['property.lease'].with_user(self.leasing))
        form.partner_id = self.tenant
        form.project_id = self.project
        form.date_start, form.date_end = '2016-03-29', '2017-03-28'
        with form.line_ids.new() as line:
            self.assertEqual(line.currency_id, self.company.currency_id)  # they are added up
            line.unit_id = self.shop
            line.fee_id = self.rent
            self.assertEqual(line.basis, 'area')
            line.price = 75
            self.assertEqual(line.quantity, 86.5)
            self.assertEqual(line.amount_month, 6487.5)
            line.amount_month = 6500
            self.assertEqual((line.basis, line.price), ('fixed', 6500))
        lease = form.save()
        self.assertEqual(lease.name[:3], "HT/")
        self.assertEqual((lease.state, lease.kind), ('draft', 'room'))
        self.assertEqual(lease.building_id, self.building)
        line = lease.line_ids
        self.assertEqual(
            (line.partner_id, line.date_start, line.date_end, line.tariff_id.id),
            (self.tenant, date(2016, 3, 29), date(2017, 3, 28), False))

    def test_a_space_is_a_lease_of_parking(self):
        """[D12] The kind follows from what is let. """
        space = self._create_unit('P1', owner=None, kind='parking')
        lease = self._create_lease(lines=[(space, self.parking_fee, 'fixed', 150)])
        self.assertEqual(lease.kind, 'parking')

    def test_lines_follow_the_lease(self):
        lease = self._create_lease()
        lease.write({'date_end': '2016-07-28', 'partner_id': self.rival.id})
        self.assertEqual(lease.line_ids.date_end, date(2016, 7, 28))
        self.assertEqual(lease.line_ids.partner_id, self.rival)

    # === BAD INPUT === #

    def assertRefused(self, message, **vals):
        self.assertRefuses(message, lambda: self._create_lease(**vals))

    @mute_logger('odoo.sql_db')
    def test_wrong_terms(self):
        self.assertRefused("cannot end before it starts", end='2016-03-28')
        self.assertRefused("1 to 120 months", cycle_months=0)
        self.assertRefused("day of the month is 1 to 31", due_rule='month', due_days=32)
        self.assertRefused("not negative", due_days=-1)
        self.assertRefused("or neither", deposit_amount=100)
        self.assertRefused("first payment month cannot be 2016-07", date_first_payment='2016-07-01')
        self.assertRefused("more than zero", lines=[(self.shop, self.rent, 'fixed', 0)])
        self.assertRefused("this fee of this unit", lines=[(self.shop, self.rent, 'fixed', 5)] * 2)
        self.shop.building_area = 0
        self.assertRefused("quantity is more than zero", lines=[(self.shop, self.rent, 'area', 5)])

    def test_another_project(self):
        other = self.env['property.project'].create({
            'name': "Hilltop", 'company_id': self.company.id, 'user_ids': self.leasing.ids})
        self.assertRefused("A lease is of one project", project_id=other.id)

    def test_no_room_is_let_twice(self):
        """ Not for a single day, whatever the fee; the message names the other lease. """
        first = self._approve(self._create_lease())
        vals = {'partner_id': self.rival.id, 'lines': [(self.shop, self.property_fee, 'fixed', 9)]}
        self.assertRefused(
            f"S1 is let by {first.name}.*from 2016-03-29 to 2016-06-28", start='2016-06-28',
            end='2017-06-27', **vals)
        following = self._create_lease(start='2016-06-29', end='2017-06-28', **vals)
        self.assertRefuses("is let by", lambda: following.write({'date_start': '2016-06-20'}))
        self._approve(following)

    @mute_logger('odoo.sql_db')
    def test_of_two_who_want_a_room_one_is_let_it(self):
        """ Two are in talks; who is reviewed first has it, whatever the others' drafts say. """
        first, second = self._create_lease(), self._create_lease(partner_id=self.rival.id)
        second.action_submit()
        self._approve(first)
        self.assertRefuses(
            f"S1 is let by {first.name}", lambda: second.with_user(self.reviewer).action_approve())
        self.assertEqual(second.state, 'pending')

    def test_no_fee_is_charged_twice(self):
        """[B53] A fee that the unit pays by tariff is no line of a lease, nor the other way. """
        tariff = self._create_tariff(self.property_fee)
        assignment = self._assign(self.shop, tariff, '2016-01-01')
        lease = self._create_lease(lines=[
            (self.shop, self.rent, 'area', 75), (self.shop, self.property_fee, 'area', 4.5)])
        message = "from 2016-03-29 on, Property fee would be charged twice"
        self.assertRefuses(message, lease.action_submit)
        assignment.date_end = '2016-03-28'
        self._approve(lease)
        self.assertRefuses(message, lambda: assignment.write({'date_end': '2016-03-29'}))
        self.assertRefuses(
            "from 2016-06-28 on", lambda: self._assign(self.shop, tariff, '2016-06-28'))
        self._assign(self.shop, tariff, '2016-06-29')

    @mute_logger('odoo.sql_db')
    def test_wrong_price_changes(self):
        lease = self._create_lease(end='2018-03-28')

        def escalate(**vals):
            lease.escalation_ids = [Command.create({
                'value': 5, 'date_first': '2017-03-29', **vals})]

        for message, vals in (
            ("not inside the lease", {'date_first': '2016-03-29'}),
            ("not inside the lease", {'date_first': '2018-03-29'}),
            ("below zero", {'mode': 'amount', 'value': -3001}),
            ("by how much", {'value': 0}),
        ):
            with self.subTest(**vals):
                self.assertRefuses(message, lambda vals=vals: escalate(**vals))
        escalate()
        self.assertRefuses(
            "two price changes on 2017-03-29", lambda: escalate(every_months=0))

    # === STEPS === #

    def test_reviewed_by_somebody_else(self):
        """[A38] Draft → to review → reviewed → transferred; nobody reviews his own. """
        lease = self._create_lease()
        lease.action_schedule()
        lease.action_submit()
        self.assertEqual((lease.state, lease.submitted_by_id), ('pending', self.leasing))
        # Not even who answers for billing: the rule is that of prices, reductions and runs.
        self.leasing.group_ids += self.env.ref('property_billing.group_billing_manager')
        self.assertFalse(lease.is_decidable)
        self.assertTrue(lease.with_user(self.reviewer).is_decidable)
        with self.assertRaisesRegex(UserError, "yourself"):
            lease.action_approve()
        lease.with_user(self.reviewer).action_approve()
        self.assertEqual((lease.state, lease.approved_by_id), ('approved', self.reviewer))
        lease.action_transfer()
        self.assertEqual(lease.state, 'transferred')

    def test_only_reviewed_ones_are_transferred(self):
        """[A38] [B20] The transfer before the review is refused, and so is the review of a draft.
        """
        lease = self._create_lease()
        lease.action_schedule()
        for step, user in (('action_transfer', self.leasing), ('action_approve', self.reviewer)):
            with self.assertRaisesRegex(UserError, "in state “Draft”"):
                getattr(lease.with_user(user), step)()
        lease.action_submit()
        with self.assertRaisesRegex(UserError, "in state “To review”"):
            lease.action_transfer()

    def test_fixed_once_submitted(self):
        """ Neither terms, lines, price changes nor the schedule change while others decide. """
        lease = self._create_lease(end='2018-03-28')
        lease.escalation_ids = [Command.create({'value': 5, 'date_first': '2017-03-29'})]
        lease.action_submit()
        for step in (None, 'action_approve', 'action_transfer'):
            if step:
                getattr(lease.with_user(self.reviewer if 'approve' in step else self.leasing),
                        step)()
            for change in (
                lambda: lease.write({'date_end': '2018-04-28'}),
                lambda: lease.line_ids.write({'price': 1}),
                lambda: lease.line_ids.unlink(),
                lambda: lease.escalation_ids.write({'value': 4}),
                lambda: lease.escalation_ids.unlink(),
                lease.action_schedule,
            ):
                with self.assertRaises(UserError), self.cr.savepoint():
                    change()
        lease.note = "The keys are at the guard's."
        with self.assertRaisesRegex(UserError, "End it instead"):
            lease.unlink()

    def test_sent_back_and_submitted_again(self):
        """[A38] Before the review and after it, until it is transferred. """
        lease = self._create_lease()
        lease.action_submit()
        lease.with_user(self.reviewer).action_refuse()
        lease.with_user(self.reviewer).message_post(body="The rent is 3100.")
        self.assertIn("The rent is 3100.", lease.message_ids[0].body)
        self.assertEqual(lease.state, 'refused')
        lease.action_withdraw()
        lease.line_ids.price = 3100
        self._approve(lease)
        self.assertTrue(self.shop.occupancy_ids)
        lease.with_user(self.reviewer).action_refuse()
        self.assertEqual(lease.state, 'refused')
        self.assertFalse(self.shop.occupancy_ids)
        lease.action_withdraw()
        lease.action_submit()
        lease.action_withdraw()
        self.assertEqual(lease.state, 'draft')

    def test_levels(self):
        """[A69] With levels, the review is the last of them. """
        self.assertIn('property.lease', self.env['tier.review']._get_approval_models())
        lease = self._create_lease()
        lease.action_submit()
        tasks = self.env['property.approval.task'].with_user(self.reviewer)._get_tasks()
        self.assertIn(lease.id, [t['res_id'] for t in tasks if t['model'] == 'property.lease'])

    # === RIGHTS === #

    def test_who_may_what(self):
        viewer = self._create_user('lease_viewer', 'property_billing.group_lease_user')
        self.project.user_ids += viewer
        lease = self._create_lease()
        for user in (viewer, self.reviewer, self.clerk):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._create_lease(user=user, lines=[(self.next_shop, self.rent, 'fixed', 1)])
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                lease.with_user(user).action_schedule()
            self.assertEqual(lease.with_user(user).partner_id, self.tenant)
        self._approve(lease)
        for user in (viewer, self.reviewer):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                lease.with_user(user).action_transfer()
        lease.with_user(self.clerk).action_transfer()

    def test_steps_are_not_written_by_hand(self):
        with self.assertRaises(AccessError):
            self.env['property.lease'].with_user(self.leasing).with_context(
                default_state='approved').create({
                    'project_id': self.project.id, 'partner_id': self.tenant.id,
                    'date_start': '2016-01-01', 'date_end': '2016-12-31'})
        lease = self._create_lease()
        with self.assertRaises(AccessError):
            lease.state = 'approved'

    def test_price_changes_are_not_moved_by_hand(self):
        """ Neither they nor free periods get from a draft into a lease that is reviewed. """
        reviewed = self._approve(self._create_lease())
        draft = self._create_lease(
            lines=[(self.next_shop, self.rent, 'fixed', 1)], escalation_ids=[Command.create({
                'value': 5, 'date_first': '2016-05-01'})],
            free_ids=[Command.create({'date_start': '2016-04-01', 'date_end': '2016-04-30'})])
        table = self._create_lease(
            lines=[(self.next_shop, self.rent, 'fixed', 1)], escalation_ids=[Command.create({
                'mode': 'table',
                'step_ids': [Command.create({'date': '2016-05-01', 'price': 2})]})])
        for records in (draft.escalation_ids, draft.free_ids):
            with self.subTest(records), self.assertRaisesRegex(UserError, "Reviewed"), \
                    self.cr.savepoint():
                records.lease_id = reviewed
        target = table.escalation_ids.copy({
            'lease_id': draft.id,
            'step_ids': [Command.create({'date': '2016-06-01', 'price': 2})]})
        draft.action_submit()
        with self.assertRaisesRegex(UserError, "To review"), self.cr.savepoint():
            table.escalation_ids.step_ids.escalation_id = target

    def test_who_keeps_leases_keeps_no_other_fees(self):
        tariff = self._create_tariff(self.property_fee)
        assignment = self._assign(self.unit_1011, tariff, '2026-01-01')
        for way in (
            lambda: assignment.with_user(self.leasing).write({'quantity': 2}),
            lambda: assignment.with_user(self.leasing).unlink(),
            lambda: assignment.with_user(self.leasing).create({
                'unit_id': self.unit_1012.id, 'tariff_id': tariff.id, 'date_start': '2026-01-01'}),
        ):
            with self.assertRaises(AccessError), self.cr.savepoint():
                way()
        lease = self._create_lease()
        with self.assertRaises(AccessError):  # who assigns fees keeps no leases
            lease.line_ids.with_user(self.clerk).price = 1

    @mute_logger('odoo.addons.base.models.ir_rule', 'odoo.addons.base.models.ir_access')
    def test_lines_are_not_moved_by_hand(self):
        """ Neither into a lease that is reviewed, nor as if theirs were. """
        reviewed = self._approve(self._create_lease())
        lease = self._create_lease(lines=[(self.next_shop, self.rent, 'fixed', 900)])
        for vals in ({'lease_id': reviewed.id}, {'is_let': True}):
            with self.subTest(**vals), self.assertRaises(UserError), self.cr.savepoint():
                lease.line_ids.write(vals)
        with self.assertRaises(AccessError):
            lease.with_context(default_is_let=True).write({'line_ids': [Command.create({
                'unit_id': self.unit_1012.id, 'fee_id': self.rent.id, 'basis': 'fixed',
                'price': 5})]})

    def test_drafts_are_no_fees_of_their_units(self):
        """ What a unit and its tenant pay is what was reviewed. """
        lease = self._create_lease()
        self.assertFalse(self.shop.fee_assignment_ids)
        self._approve(lease)
        self.shop.invalidate_recordset()
        self.assertEqual(self.shop.fee_assignment_ids, lease.line_ids)

    # === THE TENANT === #

    @freeze_time('2016-03-01')
    def test_the_review_gives_him_the_room(self):
        """[A33] [A36] At once, or to those who wait for their check-in. """
        self._approve(self._create_lease())
        tenancy = self.shop.occupancy_ids
        self.assertEqual(
            (tenancy.partner_id, tenancy.role, str(tenancy.date_start), str(tenancy.date_end)),
            (self.tenant, 'tenant', '2016-03-29', '2016-06-28'))
        self.assertFalse(tenancy.awaits_check_in)
        self.project.archive_mode = 'check_in'
        self._approve(self._create_lease(lines=[(self.next_shop, self.rent, 'fixed', 900)]))
        self.assertEqual(
            self.next_shop._get_awaiting_occupancies().partner_id, self.tenant)

    def test_who_lives_there_already(self):
        """ His tenancy goes on for longer; another tenant is in the way. """
        tenancy = self._move_in(
            self.shop, self.tenant, '2015-01-01', '2016-03-28', role='tenant')
        self._approve(self._create_lease())
        self.assertEqual(self.shop.occupancy_ids, tenancy)
        self.assertEqual(str(tenancy.date_end), '2016-06-28')
        self._move_in(self.next_shop, self.rival, '2016-01-01', role='tenant')
        lease = self._create_lease(lines=[(self.next_shop, self.rent, 'fixed', 900)])
        lease.action_submit()
        with self.assertRaisesRegex(UserError, "S2 is let to Morning Bakery"):
            lease.with_user(self.reviewer).action_approve()

    def test_the_fees_of_a_draft_are_kept(self):
        """ [A37] Nothing is charged yet, and the message says what is in the way. """
        self._create_lease(deposit_fee_id=self.deposit.id, deposit_amount=6000)
        for fee, obstacle in (
            (self.deposit, "the deposit of 1 leases"), (self.rent, "assigned to units 1 times"),
        ):
            with self.subTest(fee=fee.name), self.assertRaisesRegex(UserError, obstacle):
                fee.unlink()

    def test_a_unit_that_is_let_is_not_reshaped(self):
        self._create_transferred(end='2036-06-28')
        with self.assertRaisesRegex(UserError, "End that lease first"):
            self.shop._carry_over(self.next_shop, date(2026, 1, 1))
