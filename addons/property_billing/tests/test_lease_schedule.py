from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common_lease import LeaseCommon


@tagged('post_install', '-at_install')
class TestLeaseSchedule(LeaseCommon):
    """[B20] What a lease charges, worked out before anybody reviews it. """

    def _scheduled(self, **vals):
        lease = self._create_lease(**vals)
        lease.action_schedule()
        return lease

    def test_calendar_months(self):
        """[B18] Rent 3,000.00 from 2016-03-29, with a part of a month at each end. """
        lease = self._scheduled()
        self.assertEqual(self._schedule(lease), [
            ('03-29', '03-31', 290.32), ('04-01', '04-30', 3000.0), ('05-01', '05-31', 3000.0),
            ('06-01', '06-28', 2800.0)])
        self.assertEqual(lease.amount_total, 9090.32)
        self.assertEqual(set(lease.charge_ids.mapped('payment_state')), {'scheduled'})
        self.assertFalse(lease.charge_ids.move_id)

    def test_other_splits(self):
        """[B18] [B19] By 30 days, whole months, and months of the contract. """
        lease = self._create_lease()
        for vals, amounts in (
            ({'proration': 'thirty'}, [300, 3000, 3000, 2800]),
            ({'proration': 'none'}, [3000] * 4),
            ({'proration': 'days', 'split': 'anchored'}, [3000] * 3),
            ({'date_end': '2016-06-15'}, [3000, 3000, 1741.94]),
        ):
            with self.subTest(**vals):
                lease.write(vals)
                self.assertFalse(lease.charge_ids, "it would be the schedule of other terms")
                lease.action_schedule()
                self.assertEqual(self._amounts(lease), amounts)

    def test_contract_months(self):
        """[B19] 29 March to 28 April, and so on; from the 31st each month ends where it can. """
        self.assertEqual(
            [days for *days, _amount in self._schedule(self._scheduled(split='anchored'))],
            [['03-29', '04-28'], ['04-29', '05-28'], ['05-29', '06-28']])
        lease = self._scheduled(
            start='2024-01-31', end='2024-05-30', split='anchored',
            lines=[(self.next_shop, self.rent, 'fixed', 3000)])
        self.assertEqual(
            [days for *days, _amount in self._schedule(lease)],
            [['01-31', '02-28'], ['02-29', '03-30'], ['03-31', '04-29'], ['04-30', '05-30']])

    def test_rent_and_property_fee(self):
        """[B53] One contract, two streams: 86.50 m² at 75 and at 4.5. """
        lease = self._scheduled(end='2016-05-31', lines=[
            (self.shop, self.rent, 'area', 75), (self.shop, self.property_fee, 'area', 4.5)])
        self.assertEqual(self._amounts(lease, self.rent), [627.82, 6487.5, 6487.5])
        self.assertEqual(self._amounts(lease, self.property_fee), [37.67, 389.25, 389.25])

    def test_first_payment_month(self):
        """[A37] From May on: March, April and May are billed on its first day. """
        lease = self._scheduled(date_first_payment='2016-05-01')
        self.assertEqual(
            [str(charge.date_bill) for charge in lease.charge_ids.sorted('date_start')],
            ['2016-05-01'] * 3 + ['2016-06-01'])

    def test_due_days(self):
        """ On the fifth of the month; a bill that comes later is due in the next one. """
        lease = self._scheduled(due_rule='month', due_days=5)
        self.assertEqual(
            [str(charge.date_due) for charge in lease.charge_ids.sorted('date_start')],
            ['2016-04-05', '2016-04-05', '2016-05-05', '2016-06-05'])

    def test_escalation_by_percent(self):
        """ 5 % a year, compounding and unrounded: the sixth year costs 3,828.84. """
        lease = self._scheduled(
            start='2016-03-29', end='2022-03-28', split='anchored', escalation_ids=[
                Command.create({'value': 5, 'date_first': '2017-03-29'})])
        self.assertEqual(self._amounts(lease)[::12], [
            3000, 3150, 3307.5, 3472.88, 3646.52, 3828.84])
        lease.split = 'natural'
        lease.action_schedule()
        self.assertIn(('03-01', '03-31', 3014.52), self._schedule(lease))

    def test_why_a_price_that_grew_often(self):
        """ 3,000 × 1.05⁹ = 4,653.984647935546875: the charge is rounded, its reason shortened. """
        lease = self._scheduled(
            start='2016-01-01', end='2025-12-31', escalation_ids=[
                Command.create({'value': 5, 'date_first': '2017-01-01'})])
        last = lease.charge_ids.sorted('date_start')[-1]
        self.assertEqual(last.amount, 4653.98)
        self.assertEqual(last.explanation_text, "4653.98464793… a month → 4653.98")

    def test_escalation_by_amount_and_by_table(self):
        lease = self._scheduled(end='2018-03-28', escalation_ids=[
            Command.create({'mode': 'amount', 'value': 200, 'date_first': '2017-03-29'})])
        self.assertIn(('03-01', '03-31', 3019.35), self._schedule(lease))
        lease.escalation_ids = [Command.clear(), Command.create({
            'mode': 'table', 'step_ids': [
                Command.create({'date': '2016-06-01', 'price': 3300}),
                Command.create({'date': '2017-01-01', 'price': 3000})]})]
        lease.action_schedule()
        self.assertEqual(self._amounts(lease)[2:5], [3000, 3300, 3300])
        self.assertEqual(self._amounts(lease)[10], 3000)

    def test_a_table_says_something(self):
        """ An empty one would change no price, and nobody would notice. """
        with self.assertRaisesRegex(ValidationError, "table of a price change is empty"):
            self._create_lease(escalation_ids=[Command.create({'mode': 'table'})])
        lease = self._create_lease(escalation_ids=[Command.create({
            'mode': 'table', 'step_ids': [Command.create({'date': '2016-05-01', 'price': 1})]})])
        with self.assertRaisesRegex(ValidationError, "delete the price change"):
            lease.escalation_ids.step_ids = [Command.clear()]

    def test_nothing_to_pay_by_the_table(self):
        """ Days that cost nothing stand in the schedule with their reason, never on a bill. """
        lease = self._scheduled(escalation_ids=[Command.create({
            'mode': 'table', 'step_ids': [
                Command.create({'date': '2016-05-01', 'price': 0}),
                Command.create({'date': '2016-06-01', 'price': 3000})]})])
        self.assertEqual(self._amounts(lease), [290.32, 3000, 0, 2800])
        self.assertEqual(self._take(lease.charge_ids, 5).reason, 'zero')
        self._approve(lease)
        lease.action_transfer()
        self.assertEqual(self._preview('2016-12-31').amount_total, 6090.32)

    def test_rent_free(self):
        """ The first 15 days: March stands in the schedule as free, April costs 18 of 30 days. """
        lease = self._scheduled(free_ids=[Command.create({
            'date_start': '2016-03-29', 'date_end': '2016-04-12'})])
        self.assertEqual(self._amounts(lease), [0, 1800, 3000, 2800])
        march, april = (self._take(lease.charge_ids, month) for month in (3, 4))
        self.assertEqual((march.state, march.reason), ('left_out', 'free'))
        self.assertIn("Rent-free period", april.explanation_text)
        self._approve(lease).action_transfer()
        run = self._preview('2016-12-31')
        self.assertEqual(run.amount_total, 7600)
        run.with_context(queue_job__no_delay=True).action_post()
        self.assertFalse(self._preview('2016-12-31').charge_ids)

    def test_rent_free_but_not_of_the_property_fee(self):
        lease = self._scheduled(
            end='2016-04-30', lines=[
                (self.shop, self.rent, 'fixed', 3000),
                (self.shop, self.property_fee, 'fixed', 300)],
            free_ids=[Command.create({
                'date_start': '2016-04-01', 'date_end': '2016-04-30',
                'fee_ids': self.rent.ids, 'payable_percent': 50})])
        self.assertEqual(self._amounts(lease, self.rent), [290.32, 1500])
        self.assertEqual(self._amounts(lease, self.property_fee), [29.03, 300])

    def test_rent_free_outside_the_lease(self):
        self.assertRefuses("is inside it", lambda: self._create_lease(free_ids=[Command.create({
            'date_start': '2016-03-28', 'date_end': '2016-04-12'})]))
        lease = self._create_lease(free_ids=[Command.create({
            'date_start': '2016-06-01', 'date_end': '2016-06-28'})])
        self.assertRefuses("is inside it", lambda: lease.write({'date_end': '2016-06-20'}))

    def test_what_lacks_is_told_by_the_run(self):
        """ A fee whose tax is entered later is scheduled all the same. """
        self.rent.tax_id = False
        self.assertEqual(self._scheduled().amount_total, 9090.32)

    def test_escalation_of_chosen_lines(self):
        """ Rent grows, the property fee does not; of two shops only the one. """
        lease = self._scheduled(end='2017-12-31', lines=[
            (self.shop, self.rent, 'fixed', 3000), (self.next_shop, self.rent, 'fixed', 1000),
            (self.shop, self.property_fee, 'fixed', 400)],
            escalation_ids=[Command.create({
                'value': 10, 'date_first': '2017-01-01', 'fee_ids': self.rent.ids,
                'unit_ids': self.shop.ids})])
        in_june = lease.charge_ids.filtered(lambda c: str(c.date_start) == '2017-06-01')
        self.assertEqual(
            {(c.unit_id, c.fee_id): c.amount for c in in_june},
            {(self.shop, self.rent): 3300, (self.next_shop, self.rent): 1000,
             (self.shop, self.property_fee): 400})

    def test_made_anew_with_every_change(self):
        """ What is submitted is the schedule of what the lease says then. """
        lease = self._scheduled()
        before = lease.charge_ids
        lease.line_ids.price = 3300
        self.assertFalse(before.exists())
        lease.action_submit()
        self.assertEqual(lease.amount_total, 9999.35)

    def test_a_lease_without_lines(self):
        lease = self._create_lease()
        lease.line_ids.unlink()
        with self.assertRaisesRegex(UserError, "has no lines"):
            lease.action_schedule()

    def test_a_draft_is_deleted_with_its_schedule(self):
        lease = self._scheduled()
        charges, lines = lease.charge_ids, lease.line_ids
        lease.unlink()
        self.assertFalse(charges.exists() or lines.exists())

    def test_deposit(self):
        """[A37] Once, when the lease is signed; a liability, never income. """
        lease = self._scheduled(
            deposit_fee_id=self.deposit.id, deposit_amount=6000, date_signed='2016-03-15')
        deposit = lease.charge_ids.filtered(lambda charge: charge.fee_id == self.deposit)
        self.assertEqual(
            (deposit.kind, deposit.amount, str(deposit.date_bill)),
            ('temporary', 6000, '2016-03-15'))
        lease.action_schedule()
        self.assertEqual(len(lease.charge_ids), 5)

    def test_nothing_counts_before_its_transfer(self):
        """ Neither in arrears, nor on the customer's account. """
        self._approve(self._create_lease())
        Charge = self.env['property.charge']
        self.assertFalse(Charge._read_overdue_amounts('unit_id', self.shop))
        self.assertFalse(Charge._read_collection(self.project).get(self.project))
