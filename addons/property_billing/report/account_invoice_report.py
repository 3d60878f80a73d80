from odoo import api, fields, models
from odoo.tools import SQL


class AccountInvoiceReport(models.Model):
    """ The invoice analysis by project, so that a rule can keep its figures to the user's. """
    _name = 'account.invoice.report'
    _inherit = ['account.invoice.report', 'property.scope.mixin']
    _depends = {'account.move.line': ['property_project_id', 'property_building_id']}
    _property_project_field = 'property_project_id'
    _property_building_field = 'property_building_id'

    property_project_id = fields.Many2one('property.project', string="Project", readonly=True)
    property_building_id = fields.Many2one('property.building', string="Building", readonly=True)

    @api.model
    def _select(self):
        return SQL('%s, line.property_project_id, line.property_building_id', super()._select())
