from odoo import api, fields, models


class PropertyBudgetStatement(models.TransientModel):
    """ The statements of a budget on paper: of all payers, or of some units. """
    _name = 'property.budget.statement'
    _description = 'Statements of a budget'

    budget_id = fields.Many2one('property.budget', required=True, ondelete='cascade')
    project_id = fields.Many2one(related='budget_id.project_id', related_sudo=False)
    unit_ids = fields.Many2many(
        'property.unit', string="Units", domain="[('project_id', '=', project_id)]",
        help="Empty: all units.")
    with_sources = fields.Boolean(
        string="With the suppliers' bills", default=True,
        help="Behind each statement: of which bills and entries each cost is.")

    @api.constrains('budget_id')
    def _check_budget_id(self):
        """ Constraints run in sudo mode, which would print a budget that one may not see. """
        self.budget_id.sudo(False).check_access('read')

    def action_print(self):
        self.ensure_one()
        report = self.env.ref('property_billing.report_budget_statement_action')
        return {**report.report_action(self, config=False), 'close_on_report_download': True}

    def action_print_budget(self):
        """ Planned against actual, for the notice board. """
        self.ensure_one()
        report = self.env.ref('property_billing.report_budget_action')
        return {**report.report_action(self, config=False), 'close_on_report_download': True}

    def _get_annex(self):
        """ The same for all, so it is read once. """
        self.ensure_one()
        self.budget_id.check_access('read')
        # sudo: who sees the budget may print of which bills its costs are, as owners see them.
        return self.with_sources and self.budget_id.sudo()._get_annex()

    def _get_statements(self):
        """ Of the units that the user may see. """
        self.ensure_one()
        self.budget_id.check_access('read')
        units = self.unit_ids or self.env['property.unit'].with_context(active_test=False).search(
            [('project_id', '=', self.project_id.id)])
        # sudo: the units are his; what they bear is told whatever else he may see.
        return self.budget_id.sudo()._get_statements(units.sudo())
