from odoo import fields, models


class ResUsersRole(models.Model):
    _inherit = 'res.users.role'

    is_default = fields.Boolean(string="Given to new users")
    is_lendable = fields.Boolean(
        string="Can be applied for", default=True,
        help="Staff may apply for this role for a time.",
    )
    # Inherited from the role's group, which a new role does not have yet.
    view_group_hierarchy = fields.Json(
        string="Rights to tick", compute='_compute_view_group_hierarchy')

    def _compute_view_group_hierarchy(self):
        self.view_group_hierarchy = self.env['res.groups']._get_view_group_hierarchy()
