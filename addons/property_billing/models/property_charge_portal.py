from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class PropertyCharge(models.Model):
    """ What a payer sees of his charges, and how he pays them online. """
    _inherit = 'property.charge'

    @api.model
    def _get_due_domain(self, partner):
        """ What a payer has to pay and knows of. """
        return Domain([
            ('partner_id', '=', partner.id),
            ('state', '=', 'posted'),
            ('move_id.property_published_at', '!=', False),
            ('receivable_line_id.amount_residual', '>', 0),
        ])

    @api.model
    def _get_ahead_domain(self, partner):
        """ What leases will bill to a payer, who may pay it before (decision 25). """
        return Domain([
            ('partner_id', '=', partner.id), ('state', '=', 'transferred'),
            ('lease_id', '!=', False), ('kind', '=', 'recurring')])

    def _bill_ahead(self):
        """ Bill these today, because their payer asks for it on the portal; he sees them at once.

        No message tells him of what he has just asked for.
        """
        bills = self._bill_transferred(fields.Date.context_today(self))
        bills.property_published_at = fields.Datetime.now()

    def _get_in_payment(self):
        """ Those of these charges for which a payment is on its way, so nobody pays twice. """
        # Whoever may read the charges may know that; the transactions stay hidden.
        return self.env['property.payment.allocation'].sudo().search([
            ('charge_id', 'in', self.ids),
            ('transaction_id.provider_id.code', '!=', 'custom'),  # a promise to transfer money
            '|',
            ('transaction_id.state', 'in', ('pending', 'authorized')),
            '&', ('transaction_id.state', '=', 'done'),
            ('transaction_id.is_post_processed', '=', False),
        ]).charge_id.with_env(self.env)

    def _lock_for_online_payment(self):
        """ Make sure that these can be paid now, and by nobody else before the transaction exists.

        :raises UserError: a payment is on its way already, or is being made right now
        """
        self._lock_receivables()
        if in_payment := self._get_in_payment():
            raise UserError(self.env._(
                "A payment of %(charges)s is on its way already. See in a few minutes whether it "
                "has arrived.", charges=in_payment.mapped('display_name')))
