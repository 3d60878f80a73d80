from odoo import fields, models


class ResUsersSettings(models.Model):
    _inherit = 'res.users.settings'

    property_home_layout = fields.Json(string="Front page")
