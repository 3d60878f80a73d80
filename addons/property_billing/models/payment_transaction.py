from odoo import Command, fields, models


class PaymentTransaction(models.Model):
    _inherit = 'payment.transaction'

    property_allocation_ids = fields.One2many(
        'property.payment.allocation', 'transaction_id', string="Charges to settle",
    )

    def _create_payment(self, **extra_create_values):
        """ Override of `account_payment`: the payment settles the charges that were selected.

        `account_payment` would reconcile the payment with all that is open on the invoices, oldest
        first, whatever the payer selected. So it sees no invoices meanwhile.
        """
        transactions = self
        if self.operation == self.source_transaction_id.operation:  # a part of it is captured
            transactions += self.source_transaction_id
        allocations = transactions.property_allocation_ids
        if not allocations:
            return super()._create_payment(**extra_create_values)
        invoices_by_transaction = {tx: tx.invoice_ids for tx in transactions}
        transactions.invoice_ids = False
        payment = super()._create_payment(**{
            'destination_account_id': allocations.charge_id.receivable_line_id.account_id[:1].id,
            'property_allocation_ids': [
                Command.create({'charge_id': allocation.charge_id.id, 'amount': allocation.amount})
                for allocation in allocations
            ],
            **extra_create_values,
        })
        for tx, invoices in invoices_by_transaction.items():
            tx.invoice_ids = invoices
        payment.invoice_ids = transactions.invoice_ids
        return payment
