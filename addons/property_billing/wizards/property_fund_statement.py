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
        """ The sections of the statement; opening + what came in − what went out = closing.

        :return: opening, closing, and per section its lines of text, in and out
        :rtype: dict
        """
        self.ensure_one()
        self.fund_id.check_access('read')
        # sudo: the statement is of the whole fund, whichever buildings are the user's.
        Report = self.env['property.fund.report'].sudo()
        domain = [('fund_id', '=', self.fund_id.id)]
        [[opening]] = Report._read_group(
            [*domain, ('date', '<', self.date_start)], [], ['amount_balance:sum'])
        sections = {
            key: {'name': label, 'lines': []}
            for key, label in Report._fields['movement']._description_selection(self.env)}
        closing = opening = opening or 0
        for movement, fee, supplier, came_in, went_out in Report._read_group(
            [*domain, ('date', '>=', self.date_start), ('date', '<=', self.date_end)],
            ['movement', 'fee_id', 'beneficiary_id'], ['amount_in:sum', 'amount_out:sum'],
        ):
            if self.fund_id.currency_id.is_zero(came_in) and (
                    self.fund_id.currency_id.is_zero(went_out)):
                continue  # what is divided among the units stays in the fund, or left it before
            name = {
                'supplier': supplier, 'commission': self.fund_id.commission_fee_id,
            }.get(movement, fee)
            sections[movement]['lines'].append(
                (name.display_name or self.env._("Without fee"), came_in, went_out))
            closing += came_in - went_out
        return {
            'opening': opening,
            'sections': [section for section in sections.values() if section['lines']],
            'closing': closing,
        }
