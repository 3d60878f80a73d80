from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    property_sms_provider = fields.Selection(
        related='company_id.property_sms_provider', readonly=False)
    property_sms_url = fields.Char(related='company_id.property_sms_url', readonly=False)
    property_sms_secret = fields.Char(related='company_id.property_sms_secret', readonly=False)
    property_sms_signature = fields.Char(
        related='company_id.property_sms_signature', readonly=False)
    property_wechat_app_id = fields.Char(
        related='company_id.property_wechat_app_id', readonly=False)
    property_wechat_secret = fields.Char(
        related='company_id.property_wechat_secret', readonly=False)
