from odoo import api, fields, models
from odoo.exceptions import ValidationError


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
    property_second_step_sms = fields.Boolean(
        string="By SMS to who has a mobile number",
        config_parameter='property_base.second_step_sms',
    )
    property_captcha = fields.Selection(
        [('failures', "After three wrong passwords"), ('always', "Always"), ('never', "Never")],
        string="Picture to read", required=True, default='failures',
        config_parameter='property_base.captcha',
    )
    property_maintenance = fields.Boolean(
        string="Maintenance", config_parameter='property_base.maintenance')
    property_maintenance_start = fields.Datetime(
        string="Maintenance from", config_parameter='property_base.maintenance_start')
    property_maintenance_end = fields.Datetime(
        string="Maintenance until", config_parameter='property_base.maintenance_end')
    property_maintenance_text = fields.Char(
        string="Notice of maintenance", config_parameter='property_base.maintenance_text')

    @api.constrains('property_maintenance_start', 'property_maintenance_end')
    def _check_maintenance(self):
        for settings in self:
            start, end = settings.property_maintenance_start, settings.property_maintenance_end
            if start and end and end <= start:
                raise ValidationError(self.env._(
                    "The maintenance must end after it begins. Correct its times."))
