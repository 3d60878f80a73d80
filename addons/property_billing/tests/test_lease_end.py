from contextlib import closing
from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common_lease import LeaseCommon

RESIDENTS = 'property_base.group_property_officer'


class LeaseEndCommon(LeaseCommon):
    """ It is 5 May 2016; the lease goes from 29 March to 28 June, billed up to the end of May. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time('2016-05-05'))
        cls.lease = cls._create_transferred()
        run = cls._create_run('2016-05-31').with_user(cls.clerk)
        run.action_preview()
        run.with_context(queue_job__no_delay=True).action_post()
        cls.april, cls.may, cls.june = (
            cls.lease.charge_ids.filtered(lambda c, m=month: c.date_start.month == m)
            for month in (4, 5, 6))

    def _end(self, user=None, **vals):
        wizard = self.env['property.lease.end'].with_user(user or self.leasing).create({
            'lease_id': self.lease.id, 'date': '2016-05-10', 'reason': "He moves", **vals})
        wizard.action_confirm()
        return wizard

    def _owed(self):
        live = self.lease.charge_ids.filtered(lambda charge: charge.state != 'reversed')
        return round(sum(
            charge.amount_residual if charge.state == 'posted' else charge.amount
            for charge in live), 2)


@tagged('post_install', '-at_install')
class TestLeaseEnd(LeaseEndCommon):
    """[A38] Early end with settlement: decision 5, to the day. """

    def test_the_last_month_is_owed_as_a_whole(self):
        """[A32] By default: May stays as it was billed, June is not owed. """
        self._end()
        self.assertEqual(self.lease.state, 'ended')
        self.assertEqual(
            (self.lease.date_ended, self.lease.end_reason), (date(2016, 5, 10), "He moves"))
        self.assertFalse(self.june.exists())
        self.assertEqual((self.may.state, self.may.amount_residual), ('posted', 3000))
        self.assertEqual(self._owed(), 6290.32)
        self.assertEqual(self.lease.line_ids.date_end, date(2016, 5, 10))

    def test_by_days(self):
        """ 10 of 31 days of May are 967.74; 2,032.26 are credited, though they were paid. """
        self.may.with_user(self.clerk)._receive_payment(self.bank_journal)
        with self.assertRaises(AccessError):  # to credit what is posted is a manager's right
            self._end(last_period='days')
        self._end(self.manager, last_period='days')
        note = self.may.move_id.reversal_move_ids
        self.assertEqual(note.amount_total, 2032.26)
        self.assertEqual(self.may.amount - note.amount_total, 967.74)

    def test_by_days_what_is_not_billed_yet(self):
        """ The days of June until the 10th, scheduled anew: 1,000.00; its manager is not asked. """
        self._end(date='2016-06-10', last_period='days')
        june = self._take(self.lease.charge_ids, 6)
        self.assertEqual(
            (june.amount, june.date_end, june.state), (1000, date(2016, 6, 10), 'transferred'))
        self.assertEqual(self._post_run('2016-06-30').amount_total, 1000)

    def test_a_whole_period_is_billed_after_the_end(self):
        """ June is owed as a whole, and its run takes it although the lease has ended. """
        self._end(date='2016-06-10')
        self.assertEqual(self._post_run('2016-06-30').amount_total, 2800)

    def test_later_ones_posted_unpaid_and_paid(self):
        """[A32] Credited where unpaid; what is paid stays. """
        self._post_run('2016-06-30')
        self._end(date='2016-04-30')
        self.assertEqual((self.may.state, self.june.state), ('reversed', 'reversed'))
        self.assertEqual(self._owed(), 3290.32)

    def test_paid_ones_stay(self):
        self.may.with_user(self.clerk)._receive_payment(self.bank_journal, amount=100)
        wizard = self._end(date='2016-04-30')
        self.assertIn("1 charges for the time after it, together ¥ 3,000.00, are paid",
                      wizard.summary.replace('\xa0', ' '))
        self.assertEqual((self.may.state, self.may.amount_residual), ('posted', 2900))

    def test_one_in_a_preview(self):
        """ A run that has June in its preview loses it. """
        run = self._preview('2016-06-30')
        self.assertEqual(run.charge_ids, self.june)
        self._end()
        self.assertFalse(run.charge_ids)

    def test_what_follows_is_told_before(self):
        wizard = self.env['property.lease.end'].with_user(self.leasing).new({
            'lease_id': self.lease.id})
        self.assertEqual(wizard.date, date(2016, 5, 5))
        for sentence in ("1 charges for the time after it, together ¥ 2,800.00, are cancelled",
                         "1 charges, together ¥ 3,000.00", "together ¥ 6,290.32; they stay owed"):
            self.assertIn(sentence, wizard.summary.replace('\xa0', ' '))
        self.assertTrue(wizard.is_whole_only)
        self.assertIn("only who manages the billing", wizard.summary)
        by_manager = wizard.with_user(self.manager)
        self.assertFalse(by_manager.is_whole_only)
        self.assertNotIn("only who manages the billing", by_manager.summary)

    def test_by_days_is_told_before(self):
        """ May is credited beyond the 10th, so of it not all stays owed: 290.32 and April do. """
        summary = self.env['property.lease.end'].with_user(self.manager).new({
            'lease_id': self.lease.id, 'date': '2016-05-10', 'last_period': 'days'}).summary
        self.assertIn("Of it only the days until 2016/05/10 are owed", summary)
        self.assertIn("together ¥ 3,290.32; they stay owed", summary.replace('\xa0', ' '))

    def test_penalty(self):
        """ Agreed for ending early: a charge that comes once, billed with the others. """
        penalty = self._create_fee("Penalty")
        with self.assertRaisesRegex(UserError, "and its amount"):
            self._end(penalty_fee_id=penalty.id)
        penalty.active = False  # as the ready-made one waits in the archive
        self._end(penalty_fee_id=penalty.id, penalty_amount=3000)
        self.assertTrue(penalty.active)
        charge = self.lease.charge_ids.filtered(lambda charge: charge.fee_id == penalty)
        self.assertEqual(
            (charge.kind, charge.state, charge.amount), ('temporary', 'transferred', 3000))
        self.assertEqual(self._post_run('2016-05-31').amount_total, 3000)

    def test_wrong_days(self):
        with self.assertRaisesRegex(UserError, "at the latest"):
            self._end(date='2016-06-29')
        self._end()
        with self.assertRaisesRegex(UserError, "in state “Ended”"):
            self._end()

    def test_before_it_begins(self):
        """ Nothing of it is owed, and the room is free for somebody else. """
        lease = self._create_transferred(
            start='2016-07-01', end='2017-06-30', lines=[(self.next_shop, self.rent, 'fixed', 900)])
        self.env['property.lease.end'].with_user(self.leasing).create({
            'lease_id': lease.id, 'date': '2016-05-05', 'reason': "He does not come",
        }).action_confirm()
        self.assertFalse(lease.charge_ids)
        self.assertEqual(lease.state, 'ended')
        self.assertFalse(self.next_shop.occupancy_ids)
        self._approve(self._create_lease(
            start='2016-07-01', end='2017-06-30', partner_id=self.rival.id,
            lines=[(self.next_shop, self.rent, 'fixed', 900)]))

    def test_before_its_transfer(self):
        """ What is owed for the time before is transferred with the end. """
        lease = self._approve(self._create_lease(
            start='2016-05-01', end='2016-07-31',
            lines=[(self.next_shop, self.rent, 'fixed', 900)]))
        self.env['property.lease.end'].with_user(self.leasing).create({
            'lease_id': lease.id, 'date': '2016-05-31', 'reason': "A test"}).action_confirm()
        self.assertEqual(lease.charge_ids.mapped('state'), ['transferred'])

    def test_undone_after_its_end(self):
        """ What it owed for the time before waits for the next run, as whole as it was billed, and
        so does the penalty; nothing comes back for the time after. """
        self._end(penalty_fee_id=self.property_fee.id, penalty_amount=500)
        run = self._post_run('2016-05-31')
        self.assertEqual(run.amount_total, 500)
        for undone in self.may.run_id + run:
            undone.with_user(self.manager).with_context(
                queue_job__no_delay=True)._undo("A test", date(2016, 5, 31))
        self.assertEqual(self._post_run('2016-06-30').amount_total, 290.32 + 3000 + 3000 + 500)

    def test_undone_after_its_end_by_days(self):
        """ Ten days of May were settled by a credit; they are charged anew, and no more. """
        self._end(user=self.manager, last_period='days')
        self.assertEqual(self.may.amount_residual, 967.74)
        self.may.run_id.with_user(self.manager).with_context(
            queue_job__no_delay=True)._undo("A test", date(2016, 5, 31))
        self.assertEqual(self.may.state, 'reversed')
        self.assertEqual(self._post_run('2016-06-30').amount_total, 290.32 + 3000 + 967.74)

    def test_the_deposit_does_not_come_back_with_the_end(self):
        """ It was credited, since he never paid it. """
        self.lease = self._create_transferred(
            lines=[(self.next_shop, self.rent, 'fixed', 1000)],
            deposit_fee_id=self.deposit.id, deposit_amount=2000)
        self._post_run('2016-05-31')
        deposit = self.lease.charge_ids.filtered(lambda charge: charge.fee_id == self.deposit)
        deposit._credit("He never paid it")
        self._end(user=self.manager, last_period='days')
        self.assertEqual(
            self.lease.charge_ids.filtered(lambda c: c.fee_id == self.deposit), deposit)

    def test_a_deposit_that_was_not_billed_yet(self):
        """ No run asks for it once the lease is over; until then it is owed. """
        for day, deposits, told in (('2016-05-06', 1, False), ('2016-05-05', 0, True)):
            with self.subTest(day=day), closing(self.env.cr.savepoint()):
                self.lease = self._create_transferred(
                    lines=[(self.next_shop, self.rent, 'fixed', 1000)],
                    deposit_fee_id=self.deposit.id, deposit_amount=2000)
                summary = self.env['property.lease.end'].with_user(self.leasing).new({
                    'lease_id': self.lease.id, 'date': day}).summary.replace('\xa0', ' ')
                self.assertEqual("¥ 2,000.00 is not billed yet" in summary, told)
                self._end(date=day)
                self.assertEqual(len(self.lease.charge_ids.filtered(
                    lambda charge: charge.fee_id == self.deposit)), deposits)

    def test_the_room_is_free_the_day_after(self):
        self.assertEqual(self.shop.occupancy_ids.date_end, date(2016, 6, 28))
        self._end()
        self.assertEqual(self.shop.occupancy_ids.date_end, date(2016, 5, 10))
        self._approve(self._create_lease(
            start='2016-05-11', end='2017-05-10', partner_id=self.rival.id))

    def test_who_may(self):
        for user in (self.clerk, self.reviewer):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._end(user)


@tagged('post_install', '-at_install')
class TestLeaseMoveOut(LeaseEndCommon):
    """[A32] [D14] Who moves out is asked what becomes of his lease. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.service = cls._create_user('lease_service', RESIDENTS)
        cls.boss = cls._create_user(
            'boss', f'{RESIDENTS},property_billing.group_billing_manager')
        cls.project.user_ids += cls.service + cls.boss
        cls.tenancy = cls.shop.occupancy_ids

    def _leave(self, decision=None, user=None, day=date(2016, 5, 10)):
        wizard = self.env['property.move.out'].with_user(user or self.service).create({
            'unit_id': self.shop.id, 'occupancy_id': self.tenancy.id, 'date': day})
        matter = wizard.matter_ids.filtered(lambda matter: matter.kind == 'lease')
        if decision:
            matter.decision = decision
        wizard.action_confirm()
        return matter

    def test_it_ends(self):
        """ By default, with the last month as a whole. """
        matter = self._leave()
        self.assertEqual(matter.decisions, 'end,keep')
        self.assertIn(self.lease.name, matter.name)
        self.assertEqual((self.lease.state, self.lease.date_ended), ('ended', date(2016, 5, 10)))
        self.assertFalse(self.june.exists())
        self.assertEqual(self.may.amount_residual, 3000)
        self.assertTrue(self.tenancy.end_handover_id)

    def test_it_ends_by_days(self):
        """ For who may correct what is posted. """
        self._leave('correct', self.boss)
        self.assertEqual(self.may.amount_residual, 967.74)

    def test_he_goes_on_paying(self):
        self._leave('keep')
        self.assertEqual(self.lease.state, 'transferred')
        self.assertEqual(self.june.state, 'transferred')
        self.assertEqual(self.may.state, 'posted')

    def test_one_of_two_units(self):
        """ The lease goes on for the other one. """
        lease = self._create_transferred(
            start='2016-05-01', end='2016-12-31', partner_id=self.tenant.id,
            lines=[(self.next_shop, self.rent, 'fixed', 900),
                   (self._create_unit('S3', owner=None), self.rent, 'fixed', 500)])
        self.tenancy, self.shop = self.next_shop.occupancy_ids, self.next_shop
        self._leave()
        self.assertEqual(lease.state, 'transferred')
        self.assertEqual(
            set(lease.charge_ids.filtered(lambda c: c.date_start > date(2016, 5, 10)).mapped(
                'amount')), {500})

    def test_after_its_end_there_is_nothing_to_decide(self):
        """ Who leaves when it is over, or later, ends it: it is recalled no more. """
        with freeze_time('2016-07-05'):
            self.assertTrue(self.lease.is_expired)
            self.assertFalse(self._leave(day=date(2016, 6, 28)))
            self.assertEqual(
                (self.lease.state, self.lease.date_ended), ('ended', date(2016, 6, 28)))
            self.assertEqual(self.june.state, 'transferred')


@tagged('post_install', '-at_install')
class TestLeaseContinued(LeaseEndCommon):
    """[A39] [D14] Renewal and change: a lease that continues another one. """

    def test_renewal(self):
        """[A39] The same terms from the next day on, reviewed and transferred as every other. """
        action = self.lease.with_user(self.leasing).action_renew()
        renewal = self.env['property.lease'].browse(action['res_id'])
        self.assertEqual(
            (renewal.state, str(renewal.date_start), str(renewal.date_end), renewal.previous_id),
            ('draft', '2016-06-29', '2016-09-28', self.lease))
        self.assertEqual(renewal.line_ids.amount_month, 3000)
        self.assertEqual(self.lease.action_renew()['res_id'], renewal.id)
        self._approve(renewal).with_user(self.leasing).action_transfer()
        self.assertEqual(self._amounts(renewal), [200, 3000, 3000, 2800])
        self.assertEqual(len(self.shop.occupancy_ids), 1)
        self.assertEqual(str(self.shop.occupancy_ids.date_end), '2016-09-28')
        self.assertEqual(self.lease.state, 'transferred')

    def test_a_renewal_takes_over(self):
        """[A39] It runs until 28 June; from the 29th on the renewal does. What it owes stays. """
        renewal = self._approve(self._renew())
        for day, state in (('2016-06-28', 'transferred'), ('2016-06-29', 'ended')):
            with freeze_time(day):
                self.env['property.lease']._cron_end_renewed()
            self.assertEqual(self.lease.state, state, day)
        self.assertEqual(
            (str(self.lease.date_ended), self.lease.end_reason),
            ('2016-06-28', f"Continued by {renewal.name}"))
        self.assertEqual((self.june.state, self.june.amount), ('transferred', 2800))
        self.assertEqual(self.may.amount_residual, 3000)
        self.assertEqual(str(self.shop.occupancy_ids.date_end), '2016-09-28')

    def test_what_nothing_continues_goes_on(self):
        """ A renewal that nobody has reviewed takes nothing over: the lease has expired. """
        self._renew().with_user(self.leasing).action_submit()
        with freeze_time('2016-07-15'):
            self.env['property.lease']._cron_end_renewed()
            self.assertEqual(self.lease.state, 'transferred')

    def test_the_tenant_leaves_before_his_renewal(self):
        """[A39] He leaves on 10 May: the renewal from 29 June on, submitted or not, lets nothing,
        and neither is there another one.
        """
        renewal = self._renew().with_user(self.leasing)
        renewal.action_submit()
        self._end()
        message = "ended on 2016-05-10 already"
        with self.assertRaisesRegex(UserError, message):
            renewal.with_user(self.reviewer).action_approve()
        renewal.action_withdraw()
        with self.assertRaisesRegex(UserError, message):
            renewal.action_submit()
        renewal.unlink()
        with self.assertRaisesRegex(UserError, "ended on 2016-05-10, before its time"):
            self._renew()

    def _renew(self):
        return self.env['property.lease'].browse(
            self.lease.with_user(self.leasing).action_renew()['res_id'])

    def test_the_former_one_is_ended_after_its_renewal(self):
        """ The tenant stays in by the new one, or comes back with it. """
        following = self.env['property.lease'].browse(
            self.lease.with_user(self.leasing).action_renew()['res_id'])
        self._approve(following)
        for last_day, days in (
            ('2016-06-28', [('2016-03-29', '2016-09-28')]),
            ('2016-06-10', [('2016-03-29', '2016-06-10'), ('2016-06-29', '2016-09-28')]),
        ):
            with self.subTest(last_day), closing(self.cr.savepoint()):
                self._end(date=last_day)
                self.assertEqual(self.lease.state, 'ended')
                tenancies = self.env['property.occupancy'].search([
                    ('unit_id', '=', self.shop.id), ('partner_id', '=', self.tenant.id)])
                self.assertEqual(
                    [(str(tenancy.date_start), str(tenancy.date_end))
                     for tenancy in tenancies.sorted('date_start')], days)

    def test_renewed_at_the_escalated_price(self):
        lease = self._approve(self._create_lease(
            start='2014-06-29', end='2016-06-28',
            lines=[(self.next_shop, self.rent, 'fixed', 1000)],
            escalation_ids=[Command.create({'value': 5, 'date_first': '2015-06-29'})]))
        renewal = self.env['property.lease'].browse(
            lease.with_user(self.leasing).action_renew()['res_id'])
        self.assertEqual(renewal.line_ids.price, 1050)
        self.assertEqual(str(renewal.date_end), '2018-06-28')
        self.assertFalse(renewal.escalation_ids)

    def _change(self, day='2016-05-16'):
        action = self.env['property.lease.change'].with_user(self.leasing).create({
            'lease_id': self.lease.id, 'date': day}).action_confirm()
        return self.env['property.lease'].browse(action['res_id']).with_user(self.leasing)

    def test_a_unit_that_was_given_back_is_not_let_again(self):
        lease = self._create_transferred(
            '2016-07-01', '2016-12-31',
            lines=[(self.shop, self.rent, 'fixed', 9), (self.next_shop, self.rent, 'fixed', 5)])
        given_back = lease.line_ids.filtered(lambda line: line.unit_id == self.next_shop)
        lease._settle(given_back, date(2016, 9, 30), "Given back")
        action = lease.with_user(self.leasing).action_renew()
        following = self.env['property.lease'].browse(action['res_id'])
        self.assertEqual(following.unit_ids, self.shop)

    def test_change(self):
        """ From 16 May on 3,500.00: 15 days of May at the old price, 16 at the new one. """
        self.may.with_user(self.clerk)._receive_payment(self.bank_journal)
        change = self._change()
        self.assertEqual(str(change.date_end), '2016-06-28')
        change.line_ids.price = 3500
        change.action_submit()
        self.assertEqual(self.lease.state, 'transferred', "until the change is reviewed")
        change.with_user(self.reviewer).action_approve()
        self.assertEqual((self.lease.state, self.lease.date_ended), ('ended', date(2016, 5, 15)))
        change.action_transfer()
        # 3,000 × 15/31 = 1,451.61; 3,500 × 16/31 = 1,806.45; 3,500 × 28/30 = 3,266.67.
        note = self.may.move_id.reversal_move_ids
        self.assertEqual(self.may.amount - note.amount_total, 1451.61)
        self.assertFalse(self.june.exists())
        self.assertEqual(self._amounts(change), [1806.45, 3266.67])
        self.assertEqual(str(self.shop.occupancy_ids.date_end), '2016-06-28')

    def test_change_of_what_is_billed_ahead(self):
        """ June is billed and paid already: all of it is credited, the money is the tenant's. """
        self._post_run('2016-06-30')
        self.june.with_user(self.clerk)._receive_payment(self.bank_journal)
        change = self._change('2016-06-01')
        change.line_ids.price = 3300
        self._approve(change)
        self.assertEqual(self.june.move_id.reversal_move_ids.amount_total, 2800)
        self.assertEqual(self.may.amount_residual, 3000)
        self.assertEqual(self._amounts(change), [3080])

    def test_change_of_units(self):
        """ He gives one of two shops back; who is in it by the lease no longer is. """
        lease = self._create_transferred(
            start='2016-05-01', end='2016-12-31', partner_id=self.rival.id,
            lines=[(self.next_shop, self.rent, 'fixed', 900),
                   (self._create_unit('S3', owner=None), self.rent, 'fixed', 500)])
        self.lease = lease
        change = self._change('2016-06-01')
        change.line_ids.filtered(lambda line: line.unit_id != self.next_shop).unlink()
        self._approve(change)
        self.assertEqual(
            {o.unit_id.name: str(o.date_end) for o in self.rival.property_occupancy_ids},
            {'S2': '2016-12-31', 'S3': '2016-05-31'})

    def test_a_change_keeps_the_changes_to_come(self):
        lease = self._approve(self._create_lease(
            start='2015-01-01', end='2019-12-31',
            lines=[(self.next_shop, self.rent, 'fixed', 1000)],
            escalation_ids=[Command.create({'value': 10, 'date_first': '2016-01-01'})],
            free_ids=[
                Command.create({'date_start': '2015-01-01', 'date_end': '2015-01-31'}),
                Command.create({'date_start': '2016-05-16', 'date_end': '2016-06-15'})]))
        self.lease = lease
        change = self._change('2016-06-01')
        self.assertEqual(
            [(str(p.date_start), str(p.date_end)) for p in change.free_ids],
            [('2016-06-01', '2016-06-15')])
        self.assertEqual(change.line_ids.price, 1100)
        self.assertEqual(str(change.escalation_ids.date_first), '2017-01-01')

    def test_wrong_changes(self):
        for day in ('2016-03-29', '2016-06-29'):
            with self.assertRaisesRegex(UserError, "Choose a day inside it"):
                self._change(day)
        change = self._change()
        with self.assertRaisesRegex(UserError, "is continued by"):
            self._change()
        self._approve(change)
        with self.assertRaisesRegex(UserError, "has ended with the review"):
            change.with_user(self.reviewer).action_refuse()

    def test_a_renewal_is_sent_back_after_its_review(self):
        renewal = self.env['property.lease'].browse(
            self.lease.with_user(self.leasing).action_renew()['res_id'])
        self._approve(renewal)
        renewal.with_user(self.reviewer).action_refuse()
        self.assertEqual(str(self.shop.occupancy_ids.date_end), '2016-06-28')


@tagged('post_install', '-at_install')
class TestLeaseExpiry(LeaseEndCommon):
    """[A40] Leases that expire: remembered until they are renewed or ended. """

    def _get_expiring(self):
        return self.env['property.lease'].search([('is_expiring', '=', True)])

    def test_from_its_days_on_until_renewed(self):
        """ 30 days before 28 June: from 29 May on, and after its end. """
        for day, expiring in (
            ('2016-05-28', False), ('2016-05-29', True), ('2016-06-28', True), ('2016-08-01', True),
        ):
            with freeze_time(day):
                self.lease.invalidate_recordset()
                self.assertEqual(self.lease in self._get_expiring(), expiring, day)
                self.assertEqual(self.lease.is_expiring, expiring)
                self.assertEqual(self.lease.is_expired, day > '2016-06-28')
        with freeze_time('2016-06-01'):
            renewal = self.env['property.lease'].browse(
                self.lease.with_user(self.leasing).action_renew()['res_id'])
            self.assertIn(self.lease, self._get_expiring(), "nothing is agreed yet")
            self._approve(renewal)
            self.assertNotIn(self.lease, self._get_expiring())

    def test_until_it_is_ended(self):
        with freeze_time('2016-06-01'):
            self._end(date='2016-06-28')
            self.assertFalse(self._get_expiring())

    def test_its_own_days(self):
        self.lease.reminder_days = 60
        self.assertIn(self.lease, self._get_expiring())

    def test_on_the_front_page(self):
        """[A40] Counted for who sees leases, within his projects; the click opens their list. """
        def get_item(user, key='leases'):
            cards = self.env['property.home'].with_user(user).get_home()['cards']
            items = {item['key']: item for card in cards if card['key'] == 'reminders'
                     for item in card['items']}
            return items.get(key)

        with freeze_time('2016-06-01'):
            item = get_item(self.leasing)
            self.assertEqual(
                (item['count'], item['action']),
                (1, 'property_billing.property_lease_action_expiring'))
            stranger = self._create_user('lease_stranger', 'property_billing.group_lease_officer')
            self.assertFalse(get_item(stranger))
            viewer = self._create_user('receptionist', 'property_base.group_property_user')
            self.project.user_ids += viewer
            self.assertFalse(get_item(viewer))

            # His tenancy ends with it: that is one matter, for who does not see leases the tenancy.
            self.leasing.group_ids += self.env.ref(RESIDENTS)
            self.assertFalse(get_item(self.leasing, 'tenancies'))
            self.assertEqual(get_item(viewer, 'tenancies')['count'], 1)
            tenancy = self._move_in(
                self.unit_1012, self.rival, '2016-01-01', '2016-06-30', role='tenant')
            self.assertEqual(get_item(self.leasing, 'tenancies')['count'], 1)
            self.assertEqual((self.shop.occupancy_ids + tenancy).mapped('is_let'), [True, False])


@tagged('post_install', '-at_install')
class TestParkingLease(LeaseCommon):
    """[D12] [D14] A parking space is rented, renewed and given back by a lease. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time('2026-03-01'))
        cls.lot = cls.env['property.building'].create({
            'name': "Garage", 'project_id': cls.project.id, 'is_parking_lot': True})
        cls.space, cls.other_space = cls.env['property.unit'].create([
            {'name': name, 'building_id': cls.lot.id, 'kind': 'parking'} for name in ('P1', 'P2')])

    def _rent(self, space, **vals):
        """ What the form of the action saves. """
        action = space.with_user(self.leasing).action_rent_space()
        context = action['context']
        lines = context['default_line_ids']
        for line in lines:
            line[2].update(fee_id=self.parking_fee.id, price=300)
        return self.env['property.lease'].with_user(self.leasing).create({
            'project_id': context['default_project_id'], 'line_ids': lines,
            'reminder_days': context['default_reminder_days'], 'partner_id': self.tenant.id,
            'date_start': '2026-03-01', 'date_end': '2026-08-31', **vals})

    def test_rented(self):
        """[D12] A vacant space is used, until its lease ends; with the days of its reminder. """
        lease = self._rent(self.space)
        self.assertEqual((lease.kind, lease.reminder_days), ('parking', 20))
        self._approve(lease)
        use = self.env['property.parking.report'].search([('unit_id', '=', self.space.id)])
        self.assertEqual(
            (use.state, use.partner_id, use.date_end, use.reminder_days),
            ('used', self.tenant, date(2026, 8, 31), 20))
        self.assertEqual(
            self.other_space.with_user(self.leasing).action_rent_space()
            ['context']['default_line_ids'][0][2]['fee_id'], self.parking_fee.id)

    def test_no_check_in_is_awaited(self):
        self.project.archive_mode = 'check_in'
        self._approve(self._rent(self.space))
        self.assertFalse(self.space._get_awaiting_occupancies())

    def test_renewed(self):
        """[D14] When it is about to expire; the map says so until then. """
        self._approve(self._rent(self.space)).action_transfer()
        with freeze_time('2026-08-15'):
            report = self.env['property.parking.report'].with_user(self.leasing)
            use = report.search([('unit_id', '=', self.space.id)])
            self.assertEqual(use.state, 'expiring')
            renewal = self.env['property.lease'].browse(use.action_renew()['res_id'])
            self.assertEqual(
                (str(renewal.date_start), str(renewal.date_end)), ('2026-09-01', '2027-02-28'))
            self._approve(renewal)
            report.invalidate_model()
            self.assertEqual(
                report.search([('unit_id', '=', self.space.id)]).state, 'used')

    def test_only_what_a_lease_lets_is_renewed(self):
        with self.assertRaisesRegex(UserError, "is not used by a lease"):
            self.space.with_user(self.leasing).action_renew_space()

    def test_given_back(self):
        """[D14] [A71] 退租: the move-out ends the lease with it. """
        lease = self._approve(self._rent(self.space))
        lease.action_transfer()
        service = self._create_user('park_service', RESIDENTS)
        self.project.user_ids += service
        wizard = self.env['property.move.out'].with_user(service).create({
            'unit_id': self.space.id, 'occupancy_id': self.space.occupancy_ids.id,
            'date': '2026-04-30'})
        wizard.action_confirm()
        self.assertEqual(lease.state, 'ended')
        self.assertEqual(self._amounts(lease), [300, 300])

    def test_on_the_map(self):
        """[D13] Who keeps leases rents and renews there. """
        for user, methods in (
            (self.leasing, {'action_rent_space', 'action_renew_space'}),
            (self._create_user('guard', 'property_base.group_property_user'), set()),
        ):
            actions = self.env['property.unit'].with_user(user)._get_parking_map_actions(self.lot)
            self.assertLessEqual(methods, {action['method'] for action in actions})
            self.assertEqual(
                'action_renew_space' in {action['method'] for action in actions}, bool(methods))

    def test_units_of_two_projects(self):
        other = self.env['property.project'].create({
            'name': "Hilltop", 'company_id': self.company.id, 'user_ids': self.leasing.ids})
        house = self.env['property.building'].create({'name': "H", 'project_id': other.id})
        far = self.env['property.unit'].create({'name': 'H1', 'building_id': house.id})
        with self.assertRaisesRegex(UserError, "Choose units of one project"):
            (self.space + far).with_user(self.leasing).action_lease()
