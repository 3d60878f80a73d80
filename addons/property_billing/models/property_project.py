from odoo import fields, models


class PropertyProject(models.Model):
    _inherit = 'property.project'

    auto_transfer_leases = fields.Boolean(
        string="Transfer leases with their review",
        help="The charges of a lease are receivables as soon as it is reviewed; otherwise somebody "
             "transfers them (自动转应收).",
    )
