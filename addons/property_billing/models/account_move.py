from odoo import fields, models


class AccountMove(models.Model):
    _inherit = 'account.move'

    property_project_id = fields.Many2one('property.project', string="Project", index='btree_not_null')
    property_unit_id = fields.Many2one('property.unit', string="Unit", index='btree_not_null')
    property_run_id = fields.Many2one('property.bill.run', string="Bill run", index='btree_not_null')
    property_published_at = fields.Datetime(
        string="Published", index='btree_not_null', copy=False, readonly=True,
        help="Since when the payer sees this bill on the portal; empty while it is kept back.",
    )

    def _publish_property_bills(self):
        """ Show bills to their payers on the portal and send them the link by e-mail.

        The mails leave with Odoo's mail queue, after this is committed.
        """
        bills = self.filtered(lambda move: not move.property_published_at)
        bills.property_published_at = fields.Datetime.now()
        reachable = bills.filtered(lambda move: move.partner_id.email)
        if reachable:
            self.env.ref('property_billing.mail_template_bill').send_mail_batch(reachable.ids)
