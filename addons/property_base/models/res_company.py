from odoo import fields, models

from ..gateways.sms_api import SmsApiGateway, SmsApiLog


class ResCompany(models.Model):
    _inherit = 'res.company'

    property_sms_provider = fields.Selection(
        [('http', "Gateway over HTTP"), ('odoo', "As Odoo is set up"),
         ('log', "Only into the log of the server")],
        string="SMS through",
        help="Empty: residents get no SMS. Only into the log: for demonstrations.",
    )
    property_sms_url = fields.Char(
        string="Address of the gateway", groups='base.group_system',
        help="Of some gateways it holds a key.")
    property_sms_secret = fields.Char(
        string="Key of the gateway", groups='base.group_system', copy=False)
    property_sms_signature = fields.Char(
        string="SMS signature",
        help="The name before the text, as registered with the operator (短信签名).")
    property_wechat_app_id = fields.Char(string="WeChat AppID")
    property_wechat_secret = fields.Char(
        string="WeChat AppSecret", groups='base.group_system', copy=False)
    property_wechat_url = fields.Char(
        string="WeChat server", default='https://api.weixin.qq.com', required=True,
        groups='base.group_system')
    property_wechat_token = fields.Char(
        string="WeChat token", groups='base.group_system', copy=False)
    property_wechat_token_end = fields.Datetime(
        string="End of the WeChat token", groups='base.group_system', copy=False)

    def _get_sms_api_class(self):
        """ Override of `sms`: the gateway that the company has chosen. """
        self.ensure_one()
        if self.property_sms_provider == 'log':
            return SmsApiLog
        if self.property_sms_provider == 'http':
            return SmsApiGateway
        return super()._get_sms_api_class()
