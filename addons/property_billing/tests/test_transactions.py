from odoo import Command
from odoo.tests import tagged

from .common import PaymentCommon


@tagged('post_install', '-at_install')
class TestTransactions(PaymentCommon):
    """ What an owner pays online. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.provider = cls.env['payment.provider'].create({
            'name': "Provider", 'code': 'none', 'state': 'test', 'company_id': cls.company.id,
        })
        cls.env['account.payment.method.line'].create({
            'name': "Provider",
            'journal_id': cls.bank_journal.id,
            'payment_method_id': cls.env.ref('account.account_payment_method_manual_in').id,
            'payment_provider_id': cls.provider.id,
        })

    def _pay(self, amounts):
        """ :param dict amounts: what the owner selected, per charge """
        selected = self.charges.filtered(lambda charge: charge in amounts)
        transaction = self.env['payment.transaction'].create({
            'provider_id': self.provider.id,
            'payment_method_id': self.env.ref('payment.payment_method_unknown').id,
            'reference': f'tx-{len(self.bill.transaction_ids)}',
            'amount': sum(amounts.values()),
            'currency_id': self.company.currency_id.id,
            'partner_id': self.owner.id,
            'invoice_ids': [Command.set(selected.move_id.ids)],
            'property_allocation_ids': [
                Command.create(vals) for vals in selected._prepare_allocation_vals(
                    {charge.id: amount for charge, amount in amounts.items()})
            ],
        })
        transaction._set_done()
        return transaction

    def test_selected_charge_is_settled_and_no_other(self):
        """ [B38] The younger charge was selected, so the older one stays open. """
        transaction = self._pay({self.second: 343.68})
        transaction._post_process()
        self.assertEqual(self.charges.mapped('amount_residual'), [857.57, 0])
        self.assertEqual(transaction.invoice_ids, self.bill)
        self.assertEqual(transaction.payment_id.invoice_ids, self.bill)
        self.assertEqual(transaction.payment_id.property_project_id, self.project)

    def test_part_of_each_charge(self):
        """ [B38] 100 of the first, 43.68 of the second. """
        self._pay({self.first: 100, self.second: 43.68})._post_process()
        self.assertEqual(self.charges.mapped('amount_residual'), [757.57, 300])
        self.assertEqual(self.bill.payment_state, 'partial')

    def test_captured_in_two_parts(self):
        """ [B38] Of 343.68 that were authorised 100 are captured, then the rest. """
        transaction = self._pay({self.second: 343.68})
        for amount, residual in ((100, 243.68), (243.68, 0)):
            capture = transaction._create_child_transaction(amount)
            capture._set_done()
            capture._post_process()
            self.assertEqual(self.charges.mapped('amount_residual'), [857.57, residual])
            self.assertEqual(capture.payment_id.invoice_ids, self.bill)

    def test_refund(self):
        """ [B07] Money that goes back settles nothing; what it had settled an accountant opens. """
        transaction = self._pay({self.second: 343.68})
        transaction._post_process()
        refund = transaction._create_child_transaction(100, is_refund=True)
        refund._set_done()
        refund._post_process()
        self.assertEqual(
            (refund.payment_id.payment_type, refund.payment_id.amount), ('outbound', 100))
        self.assertEqual(self.charges.mapped('amount_residual'), [857.57, 0])

    def test_paid_at_the_desk_meanwhile(self):
        """ The provider has the money: what does not fit is a prepayment, never an error. """
        transaction = self._pay({self.first: 857.57})
        self.first._receive_payment(self.bank_journal, amount=800)
        transaction._post_process()
        self.assertEqual(self.charges.mapped('amount_residual'), [0, 343.68])
        counterparts = transaction.payment_id.move_id.line_ids.filtered(
            lambda line: line.account_type == 'asset_receivable')
        self.assertEqual(
            [(line.property_charge_id, line.balance, line.amount_residual)
             for line in counterparts],
            [(self.first, -57.57, 0), (self.env['property.charge'], -800, -800)])

    def test_bill_undone_meanwhile(self):
        """ The whole payment is kept as a prepayment. """
        transaction = self._pay({self.first: 857.57})
        self._reverse(self.bill, "wrong area")
        transaction._post_process()
        payment = transaction.payment_id
        self.assertFalse(payment.move_id.line_ids.property_charge_id)
        self.assertEqual(sum(payment.move_id.line_ids.filtered(
            lambda line: line.account_type == 'asset_receivable',
        ).mapped('amount_residual')), -857.57)
        self.assertEqual(payment.property_project_id, self.project)
