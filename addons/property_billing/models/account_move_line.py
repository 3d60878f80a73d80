from odoo import fields, models


class AccountMoveLine(models.Model):
    _inherit = 'account.move.line'

    property_charge_id = fields.Many2one(
        'property.charge', string="Charge", index='btree_not_null', ondelete='restrict',
        help="On a product line: what it bills. On a receivable line: what is still owed of it.",
    )
    property_project_id = fields.Many2one(
        related='move_id.property_project_id', store=True, index='btree_not_null',
    )
