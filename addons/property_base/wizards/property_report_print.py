from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import date_utils


class PropertyReportPrint(models.TransientModel):
    """ Of which period and projects a report is printed. """
    _name = 'property.report.print'
    _description = 'Print a report'

    report_id = fields.Many2one('property.report', required=True, ondelete='cascade')
    has_date = fields.Boolean(compute='_compute_has_date')
    date_start = fields.Date(
        string="From", default=lambda self: date_utils.start_of(
            fields.Date.context_today(self), 'year'))
    date_end = fields.Date(string="To", default=fields.Date.context_today)
    project_ids = fields.Many2many(
        'property.project', string="Projects", help="None: all that you may see.")

    @api.depends('report_id')
    def _compute_has_date(self):
        for wizard in self:
            wizard.has_date = bool(wizard.report_id.date_field)

    def action_excel(self):
        return self._print('property_base.report_table_action_xlsx')

    def action_pdf(self):
        return self._print('property_base.report_table_action_pdf')

    def _print(self, action):
        self.ensure_one()
        if self.has_date and self.date_start and self.date_end \
                and self.date_start > self.date_end:
            raise UserError(self.env._("The period ends before it begins."))
        return {
            **self.env.ref(action).report_action(self), 'close_on_report_download': True}

    def _get_table(self):
        self.ensure_one()
        return self.report_id._get_table(self.project_ids, self.date_start, self.date_end)

    def _get_scope(self):
        """ What the figures are of, in words. """
        self.ensure_one()
        parts = [', '.join(self.project_ids.mapped('name')) or self.env._("All projects")]
        if self.has_date:
            parts.append(self.env._(
                "%(start)s to %(end)s", start=self.date_start or '…', end=self.date_end or '…'))
        else:
            parts.append(fields.Date.to_string(fields.Date.context_today(self)))
        return ' · '.join(parts)
