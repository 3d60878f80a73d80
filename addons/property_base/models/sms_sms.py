from odoo import models


class SmsSms(models.Model):
    _inherit = 'sms.sms'

    def _split_by_api(self):
        """ Override of `sms`: what Odoo itself sends at once takes the company's gateway, too. """
        others = self.browse()
        for company, messages in self.grouped(lambda sms: sms._get_sms_company()).items():
            if company.property_sms_provider in ('http', 'log'):
                api = company._get_sms_api_class()(self.env)
                api._set_company(company)
                yield api, messages
            else:
                others += messages
        if others:
            yield from super(SmsSms, others)._split_by_api()
