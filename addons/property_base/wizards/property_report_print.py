from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import date_utils

# What nobody reads on paper.
PAGE_LIMIT = 2_000


class PropertyReportPrint(models.TransientModel):
    """ A report of chosen projects and a period, or a list as it is filtered, to take away. """
    _name = 'property.report.print'
    _description = 'Print a report'

    report_id = fields.Many2one('property.report', ondelete='cascade')
    # Without a report: `model`, `domain`, `groups`, `order`, `sums` and `columns` ([name, label]),
    # `scope`.
    view = fields.Json(string="List")
    name = fields.Char(
        compute='_compute_name', store=True, readonly=False, precompute=True, required=True)
    has_date = fields.Boolean(compute='_compute_from_report')
    has_detail = fields.Boolean(compute='_compute_from_report')
    with_detail = fields.Boolean(string="Every record", default=True)
    date_start = fields.Date(
        string="From", default=lambda self: date_utils.start_of(
            fields.Date.context_today(self), 'year'))
    date_end = fields.Date(string="To", default=fields.Date.context_today)
    project_ids = fields.Many2many(
        'property.project', string="Projects", help="None: all that you may see.")

    @api.depends('report_id')
    def _compute_name(self):
        for wizard in self:
            wizard.name = wizard.report_id.name or wizard.name

    @api.depends('report_id')
    def _compute_from_report(self):
        for wizard in self:
            wizard.has_date = bool(wizard.report_id.date_field)
            wizard.has_detail = bool(wizard.report_id.details)

    def action_excel(self):
        if self.view and not self.env.user.has_group('base.group_allow_export'):
            raise AccessError(self.env._("You are not allowed to export lists."))
        return self._print('property_base.report_table_action_xlsx')

    def action_pdf(self):
        is_wide = self._is_detailed() and len(self._get_columns()) > 7
        return self._print(
            'property_base.report_table_action_pdf_wide' if is_wide
            else 'property_base.report_table_action_pdf')

    def _print(self, action):
        self.ensure_one()
        if self.has_date and self.date_start and self.date_end \
                and self.date_start > self.date_end:
            raise UserError(self.env._("The period ends before it begins."))
        return {
            **self.env.ref(action).report_action(self),
            'close_on_report_download': not self.view,  # a list has no dialog to close
        }

    def _is_detailed(self):
        return bool(self.view) or (self.with_detail and self.has_detail)

    def _get_columns(self):
        if self.view:
            return self.view['columns']
        return [(name, '') for name in self.report_id._get_details()]

    def _get_table(self, **options):
        """ See `_read` of `property.table`. """
        self.ensure_one()
        columns = self._get_columns() if self._is_detailed() else None
        if self.view:
            Model, domain = self.env[self.view['model']], Domain(self.view['domain'])
            # A record of several groups would be in several sums.
            groups = [
                group for group in self.view['groups']
                if getattr(Model._fields.get(group.partition(':')[0]), 'type', 'one2many')
                not in ('one2many', 'many2many')]
            measures = ['__count', *(name for name, _label in self.view['sums'])]
            options['labels'] = dict(self.view['sums'])
            options['order'] = self.view.get('order')
        else:
            report = self.report_id
            Model = report._get_records_model()
            domain = report._get_domain(self.project_ids, self.date_start, self.date_end)
            groups, measures = report._get_groups(), report._get_measures()
        return self.env['property.table']._read(
            Model, domain, groups, measures, columns, **options)

    def _get_page_table(self):
        return self._get_table(limit=PAGE_LIMIT)

    def _get_scope(self):
        """ What the figures are of, in words. """
        self.ensure_one()
        if self.view:
            return ' · '.join(filter(None, (
                self.view['scope'], fields.Date.to_string(fields.Date.context_today(self)))))
        parts = [', '.join(self.project_ids.mapped('name')) or self.env._("All projects")]
        if self.has_date:
            parts.append(self.env._(
                "%(start)s to %(end)s", start=self.date_start or '…', end=self.date_end or '…'))
        else:
            parts.append(fields.Date.to_string(fields.Date.context_today(self)))
        return ' · '.join(parts)
