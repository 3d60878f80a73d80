from odoo import fields, models


class PropertyPaymentAllocation(models.Model):
    """ What a payment that is not posted yet is meant for: one charge and an amount of it.

    Once the payment is posted the partial reconciliation is the allocation, and nothing reads this.
    """
    _name = 'property.payment.allocation'
    _description = 'Payment allocation'

    transaction_id = fields.Many2one(
        'payment.transaction', index='btree_not_null', ondelete='cascade',
    )
    payment_id = fields.Many2one('account.payment', index='btree_not_null', ondelete='cascade')
    charge_id = fields.Many2one('property.charge', required=True, index=True, ondelete='restrict')
    currency_id = fields.Many2one(related='charge_id.currency_id')
    amount = fields.Monetary(required=True)

    _amount_positive = models.Constraint('CHECK (amount > 0)', "An allocation is more than zero.")
    _charge_once = models.UniqueIndex(
        '(COALESCE(transaction_id, 0), COALESCE(payment_id, 0), charge_id)',
        "A payment names each charge once.",
    )
