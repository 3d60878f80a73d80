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
