from odoo import fields, models


class ResUsers(models.Model):
    _inherit = 'res.users'

    property_project_ids = fields.Many2many(
        'property.project', 'property_project_user_rel', 'user_id', 'project_id',
        string="Projects", help="The projects that this user sees.",
    )
