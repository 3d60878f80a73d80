from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

CHARTS = [('bar', "Bars"), ('line', "Line"), ('pie', "Pie")]


class PropertyReport(models.Model):
    """ A report of the report centre (报表中心): records of a window action, grouped and summed.

    Add-ons bring theirs as data. It opens as Odoo's own pivot and chart, where users make their own
    of it and keep them as favourites, and prints as a table to Excel and PDF.
    """
    _name = 'property.report'
    _description = 'Report'
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True)
    description = fields.Char(translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    action_id = fields.Many2one(
        'ir.actions.act_window', string="Records", required=True, ondelete='cascade')
    date_field = fields.Char(
        string="Date", help="Technical name of the field that the period asks for; empty where the "
                            "report is about today.")
    project_field = fields.Char(string="Project", required=True, default='project_id')
    groups = fields.Char(
        string="Dimensions", required=True,
        help="Technical names of fields, outer first, with commas; of a date with its part: "
             "project_id,date:month")
    measures = fields.Char(
        required=True, help="Technical names of number fields with commas; __count for how many.")
    details = fields.Char(
        help="Technical names of fields with commas: the columns of the detail, one record a line, "
             "that comes with the sums. Empty: sums alone.")
    chart = fields.Selection(CHARTS, required=True, default='bar')
    is_allowed = fields.Boolean(
        string="For me", compute='_compute_is_allowed', search='_search_is_allowed')

    # === COMPUTE AND SEARCH METHODS === #

    @api.depends_context('uid')
    @api.depends('action_id')
    def _compute_is_allowed(self):
        for report in self:
            report.is_allowed = report._get_records_model().has_access('read')

    def _search_is_allowed(self, operator, value):
        if operator != 'in' or True not in value:
            return NotImplemented
        return [('id', 'in', self.search([]).filtered('is_allowed').ids)]

    # === CONSTRAINT METHODS === #

    @api.constrains('action_id', 'date_field', 'project_field', 'groups', 'measures', 'details')
    def _check_fields(self):
        for report in self:
            Model = report._get_records_model()
            names = [
                *report._get_groups(), *report._get_measures(), *report._get_details(),
                report.project_field]
            names += [report.date_field] if report.date_field else []
            for name in names:
                if name != '__count' and name.partition(':')[0] not in Model._fields:
                    raise ValidationError(self.env._(
                        "%(report)s: there is no field “%(field)s” on %(model)s.",
                        report=report.name, field=name, model=Model._description))
            try:
                report.action_id._get_own_domain()
            except ValueError as error:
                raise ValidationError(self.env._(
                    "%(report)s: “%(action)s” chooses its records by who opens it or when, which "
                    "a printed report cannot. Take another action.",
                    report=report.name, action=report.action_id.name)) from error

    # === ACTION METHODS === #

    def action_open(self):
        """ As a pivot table and a chart, to be grouped otherwise, filtered and kept. """
        self.ensure_one()
        measures = self._get_measures()
        return {
            **self.action_id.sudo()._get_action_dict(),
            'name': self.name,
            'display_name': self.name,
            'views': [(False, 'pivot'), (False, 'graph'), (False, 'list')],
            'context': {
                'pivot_row_groupby': self._get_groups(),
                'pivot_column_groupby': [],
                'pivot_measures': measures,
                'graph_groupbys': self._get_groups(),
                'graph_measure': measures[-1],
                'graph_mode': self.chart,
            },
        }

    def action_print(self):
        """ Asks for period and projects. """
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'name': self.name,
            'res_model': 'property.report.print',
            'views': [(False, 'form')],
            'target': 'new',
            'context': {'default_report_id': self.id},
        }

    # === BUSINESS METHODS === #

    def _get_records_model(self):
        # sudo: that there is such a report is no secret, only what is in it.
        return self.env[self.sudo().action_id.res_model]

    def _get_groups(self):
        return [name.strip() for name in self.groups.split(',')]

    def _get_measures(self):
        return [name.strip() for name in self.measures.split(',')]

    def _get_details(self):
        return [name.strip() for name in (self.details or '').split(',') if name.strip()]

    def _get_domain(self, projects=None, date_start=None, date_end=None):
        """ Of which records the report is.

        :param property.project projects: only of these
        :param date date_start: first day, if the report has a date
        :param date date_end: last day, if the report has a date
        """
        self.ensure_one()
        domain = self.action_id.sudo()._get_own_domain()
        if projects:
            domain &= Domain(self.project_field, 'in', projects.ids)
        if self.date_field and date_start:
            domain &= Domain(self.date_field, '>=', date_start)
        if self.date_field and date_end:
            domain &= Domain(self.date_field, '<=', date_end)
        return domain
