from datetime import date

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import UserError

from .common import LedgerCommon


class LeaseCommon(LedgerCommon):
    """ A shop of 86.50 m² that nobody owns, a tenant, rent and property fee; who enters leases,
    who reviews them, and the clerk who bills.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shop = cls._create_unit('S1', area=86.5, owner=None, kind='shop')
        cls.next_shop = cls._create_unit('S2', area=40.0, owner=None, kind='shop')
        cls.tenant, cls.rival = cls.env['res.partner'].create([
            {'name': "Huang Lei Tea"}, {'name': "Morning Bakery"}])
        cls.rent = cls._create_fee("Rent", tax_id=cls.chart.ref('property_billing_tax_9').id)
        cls.deposit = cls._create_money_of_others("Rent deposit", 'deposit')
        cls.leasing, cls.reviewer = (
            cls._create_user('leasing', 'property_billing.group_lease_officer'),
            cls._create_user('reviewer', 'property_billing.group_billing_approve'))
        cls.project.user_ids += cls.leasing + cls.reviewer

    @classmethod
    def _create_lease(cls, start='2016-03-29', end='2016-06-28', user=None, lines=None, **vals):
        """ A lease of the shop: rent of 3,000.00 a month, unless lines say otherwise. """
        lines = lines or [(cls.shop, cls.rent, 'fixed', 3000)]
        return cls.env['property.lease'].with_user(user or cls.leasing).create({
            'project_id': cls.project.id, 'partner_id': cls.tenant.id,
            'date_start': start, 'date_end': end,
            'line_ids': [
                Command.create({
                    'unit_id': unit.id, 'fee_id': fee.id, 'basis': basis, 'price': price})
                for unit, fee, basis, price in lines
            ],
            **vals,
        })

    @classmethod
    def _approve(cls, lease):
        lease.with_user(cls.leasing).action_submit()
        lease.with_user(cls.reviewer).action_approve()
        return lease

    @classmethod
    def _create_transferred(cls, *args, **kwargs):
        lease = cls._approve(cls._create_lease(*args, **kwargs))
        lease.action_transfer()
        return lease

    def _schedule(self, lease, fee=None):
        charges = lease.charge_ids.filtered(lambda c: not fee or c.fee_id == fee)
        return [
            (str(charge.date_start)[5:], str(charge.date_end)[5:], charge.amount)
            for charge in charges.sorted(lambda c: (c.fee_id.id, c.unit_id.id, c.date_start))]

    def _amounts(self, lease, fee=None):
        return [amount for *_days, amount in self._schedule(lease, fee)]

    def _post_run(self, date_end, **vals):
        """ A run of the clerk, posted. """
        run = self._preview(date_end, **vals).with_context(queue_job__no_delay=True)
        run.action_post()
        self.assertEqual(run.state, 'posted')
        return run

    def assertRefuses(self, message, way):
        """ :param way: what is refused, by the code or by a constraint of the database """
        with self.assertRaisesRegex(UserError, message):
            try:
                with self.cr.savepoint():
                    way()
            except IntegrityError as error:
                [model] = [
                    model for model in self.env.values() if model._table == error.diag.table_name]
                raise UserError(model._sql_error_to_message(error)) from error

    def _take(self, charges, month):
        return charges.filtered(lambda charge: charge.date_start.month == month)


FIRST_OF_MAY = date(2016, 5, 1)
