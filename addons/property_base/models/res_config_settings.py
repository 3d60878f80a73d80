from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    property_company_name = fields.Char(
        related='company_id.name', readonly=False, string="Company name")
    property_company_street = fields.Char(
        related='company_id.street', readonly=False, string="Company address")
    property_company_city = fields.Char(
        related='company_id.city', readonly=False, string="Company city")
    property_company_phone = fields.Char(
        related='company_id.phone', readonly=False, string="Company phone")
    property_company_registry = fields.Char(
        related='company_id.company_registry', readonly=False,
        string="Unified social credit code")
    property_company_logo = fields.Binary(
        related='company_id.logo', readonly=False, string="Company logo")
