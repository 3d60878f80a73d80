from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

from .property_shared_source import VENDOR_BILLS


class PropertySharedCost(models.Model):
    """ What is spent of a budget: payers have paid it ahead, so that its parts are billed by
    nobody and wait for the true-up.
    """
    _inherit = 'property.shared.cost'

    settle = fields.Selection(
        selection_add=[('true_up', "Trued up with advances")], ondelete={'true_up': 'cascade'})
    budget_line_id = fields.Many2one(
        'property.budget.line', string="Cost of the budget", index='btree_not_null',
        ondelete='restrict', tracking=True,
        domain="[('project_id', '=', project_id), "
               "('budget_id.state', 'in', ('approved', 'published', 'trued_up'))]",
        help="With the advances of this budget it is settled at the year's end.",
    )
    fee_id = fields.Many2one(
        compute='_compute_fee_id', store=True, readonly=False, precompute=True)

    _budget_given = models.Constraint(
        "CHECK ((settle = 'true_up') = (budget_line_id IS NOT NULL))",
        "Choose the cost of a budget that this is spent for.",
    )

    # === COMPUTE METHODS === #

    @api.depends('settle', 'budget_line_id')
    def _compute_fee_id(self):
        """ Who pays the advances bears the cost. """
        for cost in self:
            if cost.settle == 'true_up':
                cost.fee_id = cost.budget_line_id.budget_id.advance_fee_ids[:1]

    # === CONSTRAINT METHODS === #

    @api.constrains('settle', 'budget_line_id', 'date_start', 'date_end', 'project_id')
    def _check_budget_line_id(self):
        for cost in self.filtered('budget_line_id'):
            budget = cost.budget_line_id.budget_id
            if budget.project_id != cost.project_id or not (
                    budget.date_start <= cost.date_start and cost.date_end <= budget.date_end):
                raise ValidationError(self.env._(
                    "%(cost)s is not of the days and the project of %(budget)s: %(start)s ~ "
                    "%(end)s, %(project)s.", cost=cost.name, budget=budget.name,
                    start=budget.date_start, end=budget.date_end, project=budget.project_id.name))

    # === BUSINESS METHODS === #

    def _get_source_facts(self):
        """ Override: a year has hundreds of bills, which the budget names. """
        return {} if self.settle == 'true_up' else super()._get_source_facts()

    def _make_true_up_parts(self, portions, date):
        """ As other parts; not while some payers are settled with them and some without. """
        budget = self.budget_line_id.budget_id
        budget._touch()
        budget._check_idle()
        self._make_charge_parts(portions, date)

    def _drop_parts(self):
        """ Override: what was settled is changed by what comes after it. """
        budget = self.budget_line_id.budget_id
        budget._touch()
        if budget.true_up_date:
            raise UserError(self.env._(
                "%(cost)s is settled by %(budget)s. Take back the true-up first, or enter a "
                "credit note of the supplier and true up once more.",
                cost=self.name, budget=budget.name))
        super()._drop_parts()


class PropertyBudget(models.Model):
    _inherit = 'property.budget'

    def action_divide_costs(self):
        """ Divide what suppliers have billed for the budget and nobody has divided yet. """
        for budget in self:
            budget.check_access('write')
            budget._check_step('write', 'approved', 'published', 'trued_up')
            budget._divide_costs()
        return self.action_view_costs()

    def action_view_costs(self):
        action = self.env['ir.actions.act_window']._for_xml_id(
            'property_billing.property_shared_cost_action')
        return {**action, 'domain': [('budget_line_id.budget_id', 'in', self.ids)], 'context': {}}

    def _divide_costs(self):
        """ One shared cost per line of the budget, of all that is left of its suppliers' bills. """
        self._check_advances()
        rests = self.line_ids._get_rests()
        lines = self.line_ids.filtered(lambda line: line.id in rests)
        if not lines:
            raise UserError(self.env._(
                "Nothing is left to divide: no posted bill of a supplier names a cost of "
                "%(budget)s that is not divided.", budget=self.name))
        # sudo: the right to change the budget is checked; its lines of bills are those that
        # accountants have marked.
        costs = self.env['property.shared.cost'].sudo().create([{
            'name': line.name,
            'project_id': self.project_id.id,
            'settle': 'true_up',
            'budget_line_id': line.id,
            'key_id': line.key_id.id,
            'date_start': self.date_start,
            'date_end': self.date_end,
            'source_ids': [
                Command.create({'line_id': item_id, 'amount': amount})
                for item_id, amount in rests[line.id]],
        } for line in lines])
        for cost in costs:
            cost._divide()
        return costs

    def _check_advances(self):
        if not self.advance_fee_ids:
            raise UserError(self.env._(
                "%(budget)s has no advances. Take it back to draft and choose the fees by which "
                "its costs are paid ahead.", budget=self.name))


class AccountMoveLine(models.Model):
    _inherit = 'account.move.line'

    property_budget_line_id = fields.Many2one(
        'property.budget.line', string="Cost of the budget", index='btree_not_null',
        ondelete='restrict', copy=False,
        domain="[('budget_id.project_id', '=', parent.property_project_id), "
               "('budget_id.state', '!=', 'draft')]",
        help="For which cost of a budget it is paid: a supplier's bill, or an entry such as wages.",
    )

    @api.constrains('account_id', 'property_budget_line_id')
    def _check_property_budget_line_id(self):
        for line in self.filtered('property_budget_line_id'):
            budget_sudo = line.property_budget_line_id.sudo().budget_id
            project = budget_sudo.project_id
            if (
                line.move_type not in (*VENDOR_BILLS, 'entry')
                or line.property_project_id != project
            ):
                raise ValidationError(self.env._(
                    "%(line)s cannot be a cost of %(budget)s: only suppliers' bills and entries of "
                    "%(project)s are. Enter the project on the bill or entry.",
                    line=line.display_name, budget=budget_sudo.name, project=project.name))
            if line.move_type == 'entry' and not line._is_cost(project):
                raise ValidationError(self.env._(
                    "%(line)s cannot be a cost of %(budget)s: account %(account)s is neither one "
                    "of expenses nor a fund of %(project)s. Name the cost in the line of the entry "
                    "that books it, not in the one that says how it is paid.",
                    line=line.display_name, budget=budget_sudo.name,
                    account=line.account_id.display_name, project=project.name))

    def _is_cost(self, project):
        """ Whether an item of an entry is what something costs: an expense, or money taken out of
        a fund of the project.
        """
        # sudo: it is its account that counts, whoever sees the fund.
        return self.account_id.internal_group == 'expense' or bool(
            self.env['property.fund'].sudo().search_count([
                ('project_id', '=', project.id), ('account_id', '=', self.account_id.id)], limit=1))

    def _copy_data_extend_business_fields(self, values):
        """ Override of `account`: what takes a cost back, takes it back of the budget, too. """
        super()._copy_data_extend_business_fields(values)
        values['property_budget_line_id'] = self.property_budget_line_id.id
