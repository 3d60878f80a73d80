from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.http import Request
from odoo.tests import HttpCase, new_test_user, tagged

from .common_lease import FIRST_OF_MAY, LeaseCommon


@tagged('post_install', '-at_install')
class TestLeaseTransfer(LeaseCommon):
    """[B20] From the schedule to the receivables, and into the journal on its day. """

    def _states(self, lease):
        return [charge.state for charge in lease.charge_ids.sorted('date_start')]

    def test_transfer(self):
        """[B20] Reviewed, then transferred: listed as 已转应收, in no journal yet. """
        lease = self._approve(self._create_lease())
        self.assertEqual(set(self._states(lease)), {'scheduled'})
        lease.action_transfer()
        self.assertEqual(set(lease.charge_ids.mapped('payment_state')), {'transferred'})
        self.assertFalse(lease.charge_ids.move_id)

    def test_transferred_with_the_review(self):
        """[B20] By the project's switch. """
        self.project.auto_transfer_leases = True
        lease = self._approve(self._create_lease())
        self.assertEqual(lease.state, 'transferred')
        self.assertEqual(set(self._states(lease)), {'transferred'})

    def test_the_run_takes_what_its_day_has_come(self):
        """[B20] By its billing date, once; the rest waits. """
        lease = self._create_transferred()
        run = self._preview('2016-04-30')
        self.assertEqual(self._periods(run.charge_ids), [
            ('2016-03-29', '2016-03-31', 290.32), ('2016-04-01', '2016-04-30', 3000.0)])
        self.assertEqual(self._states(lease), ['draft', 'draft', 'transferred', 'transferred'])
        self.assertEqual(str(run.charge_ids[0].date_due), '2016-05-10')  # 10 days after the bill
        rival = self._preview('2016-05-31')
        self.assertEqual(self._periods(rival.charge_ids), [('2016-05-01', '2016-05-31', 3000.0)])
        run.with_context(queue_job__no_delay=True).action_post()
        self.assertEqual(self._states(lease), ['posted', 'posted', 'draft', 'transferred'])
        bill = run.sudo().move_ids
        self.assertEqual((bill.amount_total, bill.partner_id), (3290.32, self.tenant))
        # 9 % of VAT in each line: 290.32 → 23.97, 3,000.00 → 247.71.
        self.assertEqual(bill.amount_tax, 271.68)

    def test_only_of_the_run(self):
        """ A run of other buildings, units or fees, or from a later day on, takes nothing. """
        self._create_transferred()
        for vals in (
            {'unit_ids': self.next_shop.ids}, {'fee_ids': self.property_fee.ids},
            {'date_start': '2016-04-02'},
            {'building_ids': self.building.create({
                'name': "2", 'project_id': self.project.id}).ids},
        ):
            with self.subTest(**vals):
                self.assertFalse(self._preview('2016-04-30', **vals).charge_ids)

    def test_the_difference_to_the_last_bill(self):
        self._create_transferred()
        self._post_run('2016-05-31')
        run = self._preview('2016-06-30')
        self.assertEqual(
            (run.amount_total, run.previous_total, run.change_total), (2800, 2800, 0))

    def test_a_dropped_preview_gives_them_back(self):
        lease = self._create_transferred()
        run = self._preview('2016-04-30')
        charges = run.charge_ids
        run.action_preview()
        self.assertEqual(run.charge_ids, charges)
        run.action_drop_preview()
        self.assertEqual(self._states(lease), ['transferred'] * 4)
        self.assertFalse(charges.run_id)

    def test_left_out_by_hand(self):
        """ It stays out of its run, preview after preview, and is in the next one. """
        lease = self._create_transferred()
        run = self._preview('2016-04-30')
        april = self._take(lease.charge_ids, 4)
        april.with_user(self.clerk).action_leave_out()
        run.action_preview()
        self.assertEqual((april.state, april.run_id), ('left_out', run))
        run.with_context(queue_job__no_delay=True).action_post()
        self.assertEqual(self._states(lease)[:2], ['posted', 'left_out'])
        following = self._post_run('2016-04-30')
        self.assertEqual((april.state, april.run_id), ('posted', following))

    def test_kept_out_with_a_reason(self):
        """ A fee that lost its tax: said in the preview, and billed once it is mended. """
        lease = self._create_transferred()
        self.rent.tax_id = False
        run = self._preview('2016-04-30')
        self.assertEqual(set(run.charge_ids.mapped('reason')), {'no_tax'})
        self.rent.tax_id = self.tax
        run.action_preview()
        self.assertEqual(set(run.charge_ids.mapped('state')), {'draft'})
        self.assertEqual(self._states(lease)[:2], ['draft'] * 2)

    def test_undo_and_run_again(self):
        """ What was undone is reversed, and waits for the next run as it did before. """
        lease = self._create_transferred(deposit_fee_id=self.deposit.id, deposit_amount=6000)
        run = self._post_run('2016-04-30')
        self.assertEqual(run.amount_total, 9290.32)
        run.with_user(self.manager)._undo("A test", date(2016, 5, 2))
        self.assertEqual(run.state, 'undone')
        waiting = lease.charge_ids.filtered(lambda charge: charge.state == 'transferred')
        self.assertEqual(sum(waiting.mapped('amount')), 15090.32)
        again = self._post_run('2016-04-30')
        self.assertEqual(again.amount_total, 9290.32)
        self.assertFalse(self._preview('2016-04-30').charge_ids)

    def test_a_single_bill_is_reversed(self):
        """ By Odoo's own credit note: its days wait for the next run, too. """
        lease = self._create_transferred()
        bill = self._post_run('2016-04-30').sudo().move_ids
        bill._reverse_moves([{'invoice_date': bill.invoice_date}]).action_post()
        self.assertEqual(self._states(lease).count('transferred'), 4)
        self.assertEqual(self._post_run('2016-04-30').amount_total, 3290.32)

    def _pass_april(self):
        """ Somebody else owes April, which the first run has billed. """
        lease = self._create_transferred()
        run = self._post_run('2016-04-30')
        passed = self._take(run.charge_ids, 4).with_user(self.manager)._pass_to(
            self.rival, "Agreed", date(2016, 5, 1)).sudo()
        self.assertEqual(self._take(lease.charge_ids, 4).state, 'reversed')
        return lease, run, passed

    def _assert_april_waits(self, lease, passed):
        self.assertEqual(passed.state, 'reversed')
        [again] = self._take(lease.charge_ids, 4).filtered(
            lambda charge: charge.state == 'transferred')
        self.assertEqual((again.partner_id, again.amount), (self.tenant, 3000))

    def test_a_bill_of_what_was_passed_on_is_reversed(self):
        """ April is its tenant's again, and waits for the next run. """
        lease, _run, passed = self._pass_april()
        bill = passed.move_id
        bill._reverse_moves([{'invoice_date': bill.invoice_date}]).action_post()
        self._assert_april_waits(lease, passed)

    def test_undo_of_what_was_passed_on(self):
        lease, run, passed = self._pass_april()
        run.with_user(self.manager)._undo("A test", date(2016, 5, 2))
        self._assert_april_waits(lease, passed)
        self.assertEqual(self._post_run('2016-04-30').amount_total, 3290.32)

    def test_what_was_corrected_does_not_come_back(self):
        """ April was free for a while and is charged by a correction: an undo of May leaves it. """
        lease = self._create_transferred()
        self._post_run('2016-04-30')
        april = self._take(lease.charge_ids, 4)
        run = self._post_run('2016-05-31')
        relief = self._reduce(
            kind='free', payable_percent=0, date_start='2016-04-01', date_end='2016-04-30')
        april.with_user(self.manager)._correct("Flood", date(2016, 5, 31))
        self.assertEqual(april.state, 'reversed')
        relief.sudo().state = 'refused'
        april.with_user(self.manager)._correct("No flood", date(2016, 5, 31))
        run.with_user(self.manager)._undo("A test", date(2016, 5, 31))
        self.assertEqual(self._take(lease.charge_ids, 4).filtered(
            lambda charge: charge.kind == 'recurring'), april)

    def _reduce(self, **vals):
        relief = self.env['property.fee.relief'].with_user(self.manager).create({
            'project_id': self.project.id, 'unit_ids': self.shop.ids, 'fee_ids': self.rent.ids,
            'ground': "Flood", **vals})
        relief.action_submit()
        relief.with_user(self.reviewer).action_approve()
        return relief

    def test_reduced_since_its_transfer(self):
        """ Half of April's rent, all of May's: the run takes what is to be paid now. """
        lease = self._create_transferred()
        self._reduce(
            kind='discount', payable_percent=50, date_start='2016-04-01', date_end='2016-04-30')
        self._reduce(kind='free', date_start='2016-05-01', date_end='2016-05-31')
        run = self._preview('2016-12-31')
        self.assertEqual(run.amount_total, 290.32 + 1500 + 2800)
        may = self._take(lease.charge_ids, 5)
        self.assertEqual((may.state, may.reason), ('left_out', 'free'))
        run.action_drop_preview()
        self.assertEqual(self._states(lease), ['transferred'] * 4)
        self._post_run('2016-12-31')
        self.assertFalse(self._preview('2016-12-31').charge_ids)

    def test_reduced_after_it_is_billed(self):
        """ It is corrected as every charge: 1,500.00 of April are credited. """
        lease = self._create_transferred()
        self._post_run('2016-04-30')
        self._reduce(
            kind='discount', payable_percent=50, date_start='2016-04-01', date_end='2016-04-30')
        april = self._take(lease.charge_ids, 4)
        april.with_user(self.manager)._correct("Flood", date(2016, 5, 2))
        self.assertEqual(april.amount_residual, 1500)

    def test_in_slices_beside_the_others(self):
        """ Leases are a part of their own, computed by jobs where a part is large. """
        tariff = self._create_tariff(self.property_fee)
        for unit in (self.unit_1011, self.unit_1012):
            self._assign(unit, tariff, '2016-04-01')
        self._create_transferred()
        run = self._create_run('2016-04-30').with_user(self.clerk)
        self.assertEqual(
            [part for part, _ids in run._get_preview_slices()], ['recurring', 'leases'])
        run.action_preview()
        self.assertEqual(len(run.charge_ids), 4)

    def test_queries_do_not_grow_with_the_leases(self):
        """ 30 leases are scheduled and taken by a run with the queries of 3. """
        counts = {}
        for count in (2, 3, 30):  # the first fills caches
            units = self.env['property.unit'].create([
                {'name': f'{count}-{number}', 'building_id': self.building.id, 'kind': 'shop',
                 'building_area': 50} for number in range(count)])
            leases = self.env['property.lease'].union(*(
                self._create_lease(lines=[(unit, self.rent, 'area', 60)]) for unit in units))
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            leases._create_missing_charges('transferred')
            self.env.flush_all()
            run = self._create_run('2016-04-30', unit_ids=units.ids)
            charges = leases.charge_ids.filtered(lambda c: str(c.date_bill) <= '2016-04-30')
            self.env.invalidate_all()
            run._generate_leases(charges.ids)
            self.env.flush_all()
            counts[count] = self.env.cr.sql_log_count - start - -(-4 * count // 100)
            self.assertEqual(len(run.charge_ids), 2 * count)
        self.assertEqual(counts[30], counts[3])

    # === PAID BEFORE ITS DAY === #

    @freeze_time('2016-04-20')
    def test_paid_early(self):
        """ May is paid in April: it is billed that day, for its own period (decision 25). """
        lease = self._create_transferred()
        self._post_run('2016-04-30')
        may = self._take(lease.charge_ids, 5)
        may.with_user(self.clerk)._receive_payment(self.bank_journal, date=date(2016, 4, 20))
        self.assertEqual((may.state, may.amount_residual), ('posted', 0))
        self.assertEqual(may.move_id.invoice_date, date(2016, 4, 20))
        self.assertEqual(self._periods(may), [('2016-05-01', '2016-05-31', 3000.0)])
        run = self._preview('2016-06-30')
        self.assertEqual(self._periods(run.charge_ids), [('2016-06-01', '2016-06-28', 2800.0)])

    @freeze_time('2016-04-20')
    def test_billed_early(self):
        """ Its tenant sees the bill at once: no run is there that would publish it. """
        lease = self._create_transferred()
        self._take(lease.charge_ids, 5).with_user(self.clerk).action_bill_now()
        may = self._take(lease.charge_ids, 5)
        self.assertEqual((may.state, may.payment_state), ('posted', 'open'))
        self.assertTrue(may.move_id.property_published_at)
        self.assertGreaterEqual(may.date_due, may.move_id.invoice_date)
        with self.assertRaises(AccessError):
            self._take(lease.charge_ids, 6).with_user(self.leasing).action_bill_now()

    @freeze_time('2016-04-20')
    def test_what_is_free_now_is_not_billed_early(self):
        """ Nothing is owed of May any more; its run says why. """
        lease = self._create_transferred()
        self._reduce(
            kind='free', payable_percent=0, date_start='2016-05-01', date_end='2016-05-31')
        may = self._take(lease.charge_ids, 5)
        with self.assertRaisesRegex(UserError, "free or left out is not billed now"):
            may.with_user(self.clerk).action_bill_now()
        self.assertEqual((may.state, may.move_id.id), ('transferred', False))
        self.assertIn('free', self._preview('2016-05-31').charge_ids.mapped('reason'))

    def test_nothing_is_billed_before_the_transfer(self):
        lease = self._approve(self._create_lease())
        with self.assertRaisesRegex(UserError, "Transfer the lease first"):
            lease.charge_ids.with_user(self.clerk).action_bill_now()
        self.assertEqual(set(self._states(lease)), {'scheduled'})
        self.assertFalse(self._preview('2016-12-31').charge_ids)
        with self.assertRaisesRegex(UserError, "nothing is owed"):
            lease.charge_ids[0].with_user(self.clerk)._receive_payment(self.bank_journal)

    def test_a_step_of_a_lease_that_moved_on(self):
        """ A second click finds it transferred already. """
        lease = self._create_transferred()
        with self.assertRaisesRegex(UserError, "in state “Transferred”"):
            lease.action_transfer()
        with self.assertRaisesRegex(UserError, "in state “Transferred”"):
            lease.with_user(self.reviewer).action_refuse()

    def test_first_of_may(self):
        """[A37] A lease whose first payment month is May: one bill of three months. """
        self._create_transferred(date_first_payment=FIRST_OF_MAY)
        self.assertFalse(self._preview('2016-04-30').charge_ids)
        run = self._post_run('2016-05-31')
        self.assertEqual((run.bill_count, run.amount_total), (1, 6290.32))


@tagged('post_install', '-at_install')
class TestLeasePortal(LeaseCommon, HttpCase):
    """ A tenant pays ahead what his lease will bill (decision 25). """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['res.lang']._activate_lang('en_US')
        cls.lease = cls._create_transferred(
            start='2036-01-01', end='2036-12-31', lines=[
                (cls.shop, cls.rent, 'fixed', 3000), (cls.shop, cls.property_fee, 'fixed', 400)])
        for login, partner in (('huang', cls.tenant), ('bakery', cls.rival)):
            user = new_test_user(
                cls.env, login, 'base.group_portal', partner_id=partner.id, lang='en_US',
                company_id=cls.company.id, company_ids=[Command.set(cls.company.ids)])
            cls.env['property.agreement']._get_pending(user)._accept(user, '127.0.0.1')

    def _pay_ahead(self, day):
        return self.url_open('/my/dues/ahead', data={
            'day': day, 'csrf_token': Request.csrf_token(self)}, allow_redirects=False)

    def test_the_next_days_are_offered(self):
        self.authenticate('huang', 'huang')
        page = self.url_open('/my/dues').text
        self.assertIn("To come from your lease", page)
        for day, is_shown in (('2036-01-01', True), ('2036-03-01', True), ('2036-04-01', False)):
            self.assertEqual(f'name="day" value="{day}"' in page, is_shown, day)
        self.authenticate('bakery', 'bakery')
        self.assertNotIn("To come from your lease", self.url_open('/my/dues').text)

    def test_billed_when_it_is_paid_ahead(self):
        """ Rent and fee of February are billed today, for February, and ready to be paid. """
        self.authenticate('huang', 'huang')
        answer = self._pay_ahead('2036-02-01')
        february = self._take(self.lease.charge_ids, 2).sudo()
        self.assertEqual(set(february.mapped('state')), {'posted'})
        self.assertEqual(february.move_id.invoice_date, date.today())
        self.assertTrue(february.move_id.property_published_at)
        self.assertIn('/my/dues?charge=', answer.headers['Location'])
        page = self.url_open('/my/dues').text
        self.assertIn('2036-02-01 ~ 2036-02-29', page)
        self.assertIn('notice=changed', self._pay_ahead('2036-02-01').headers['Location'])

    def test_only_his_own(self):
        self.authenticate('bakery', 'bakery')
        self.assertIn('notice=changed', self._pay_ahead('2036-02-01').headers['Location'])
        self.assertEqual(set(self.lease.charge_ids.mapped('state')), {'transferred'})
