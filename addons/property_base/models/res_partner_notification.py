from odoo import fields, models


class ResPartner(models.Model):
    _inherit = 'res.partner'

    # Of the official account of each company; nobody sees or searches it.
    property_wechat_openid = fields.Char(
        string="WeChat openid", company_dependent=True, groups=fields.NO_ACCESS, copy=False)
