from odoo import api, fields, models
from odoo.tools import SQL


class AccountInvoiceReport(models.Model):
    """ The invoice analysis by project, so that a rule can keep its figures to the user's. """
    _inherit = 'account.invoice.report'
    _depends = {'account.move.line': ['property_project_id']}

    property_project_id = fields.Many2one('property.project', string="Project", readonly=True)

    @api.model
    def _select(self):
        return SQL('%s, line.property_project_id', super()._select())
