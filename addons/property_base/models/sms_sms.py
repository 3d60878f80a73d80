from odoo import fields, models


class SmsSms(models.Model):
    _inherit = 'sms.sms'

    property_company_id = fields.Many2one(
        'res.company', string="Company", readonly=True, ondelete='cascade',
        help="Who sends it, where it is about no record.")

    def _get_sms_company(self):
        """ Override of `sms`: a code is sent by whose page was asked for it. """
        return self.property_company_id or super()._get_sms_company()

    def _send(self, unlink_failed=False, unlink_sent=True, raise_exception=False):
        """ Override of `sms`, whose queue takes all for messages of one company. """
        options = {
            'unlink_failed': unlink_failed, 'unlink_sent': unlink_sent,
            'raise_exception': raise_exception,
        }
        if self.env.context.get('sms_api'):
            super()._send(**options)
            return
        for api, messages in self._split_by_api():
            super(SmsSms, messages.with_context(sms_api=api))._send(**options)

    def _split_by_api(self):
        """ Override of `sms`: each company's own gateway. """
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
