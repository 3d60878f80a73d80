from odoo import fields, models


class ResUsersRole(models.Model):
    _inherit = 'res.users.role'

    is_default = fields.Boolean(string="Given to new users")
    is_lendable = fields.Boolean(
        string="Can be applied for", default=True,
        help="Staff may apply for this role for a time.",
    )
