from odoo import api, fields, models
from odoo.exceptions import ValidationError

LEAST_LENGTH = 6


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
    property_user_count = fields.Integer(
        string="Colleagues", compute='_compute_property_figures')
    property_role_count = fields.Integer(
        string="Roles", compute='_compute_property_figures')
    property_project_count = fields.Integer(
        string="Projects", compute='_compute_property_figures')
    property_approving_count = fields.Integer(
        string="New residents need approval", compute='_compute_property_figures')
    property_check_in_count = fields.Integer(
        string="Archive after check-in", compute='_compute_property_figures')
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

    @api.depends('company_id')
    def _compute_property_figures(self):
        """ What is set elsewhere: the page tells how it stands, and leads there. """
        for settings in self:
            company = settings.company_id
            projects = self.env['property.project'].search([('company_id', '=', company.id)])
            settings.property_user_count = self.env['res.users'].search_count(
                [('share', '=', False), ('company_ids', 'in', company.ids)])
            settings.property_role_count = self.env['res.users.role'].search_count([])
            settings.property_project_count = len(projects)
            settings.property_approving_count = len(projects.filtered('approves_residents'))
            settings.property_check_in_count = len(
                projects.filtered(lambda project: project.archive_mode == 'check_in'))

    @api.constrains('minlength')
    def _check_minlength(self):
        """ Odoo would take less than nothing for nothing, and ask for no length at all. """
        for settings in self:
            if settings.minlength < LEAST_LENGTH:
                raise ValidationError(self.env._(
                    "A password of fewer than %(count)s characters is found by trying. Enter "
                    "%(count)s or more.", count=LEAST_LENGTH))

    @api.constrains('property_maintenance_start', 'property_maintenance_end')
    def _check_maintenance(self):
        for settings in self:
            start, end = settings.property_maintenance_start, settings.property_maintenance_end
            if start and end and end <= start:
                raise ValidationError(self.env._(
                    "The maintenance must end after it begins. Correct its times."))
