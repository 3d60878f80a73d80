from odoo import api, fields, models
from odoo.exceptions import ValidationError


class PropertyFundStatement(models.TransientModel):
    """ What was in a fund, what came in and went out from a day to a day, and what is left. """
    _name = 'property.fund.statement'
    _description = 'Statement of a fund'

    fund_id = fields.Many2one('property.fund', required=True, ondelete='cascade')
    date_start = fields.Date(
        string="From", required=True,
        default=lambda self: fields.Date.context_today(self).replace(month=1, day=1))
    date_end = fields.Date(
        string="To", required=True, default=lambda self: fields.Date.context_today(self))

    @api.constrains('fund_id')
    def _check_fund_id(self):
        """ Constraints run in sudo mode, which would print a fund that one may not see. """
        self.fund_id.sudo(False).check_access('read')

    @api.constrains('date_start', 'date_end')
    def _check_dates(self):
        for wizard in self:
            if wizard.date_end < wizard.date_start:
                raise ValidationError(self.env._(
                    "The statement ends before it starts. Enter a later last day."))

    def action_print(self):
        self.ensure_one()
        report = self.env.ref('property_billing.report_fund_statement_action')
        return {**report.report_action(self, config=False), 'close_on_report_download': True}

    def _get_statement(self):
        """ See `property.fund._get_statement`. """
        self.ensure_one()
        self.fund_id.check_access('read')
        return self.fund_id._get_statement(self.date_start, self.date_end)
