from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL

from .property_shared_source import SHAREABLE_AMOUNT

# What is decided about: fixed from its submission on.
INPUT_FIELDS = {
    'advance_fee_ids', 'date_end', 'date_start', 'fund_id', 'line_ids', 'name', 'project_id',
}


class PropertyBudget(models.Model):
    """ What a project is to cost in a year, what it did cost, and what owners have paid ahead for
    it (年度预算). At the year's end the two are settled, see `_start_true_up`.
    """
    _name = 'property.budget'
    _description = 'Budget'
    _inherit = [
        'property.project.mixin', 'property.review.mixin', 'property.job.mixin']
    _order = 'date_start desc, id desc'
    _check_company_auto = True
    _cancel_state = 'draft'
    _approval_group = 'property_billing.group_billing_approve'
    _step_fields = frozenset({
        'state', 'published_on', 'submitted_by_id', 'approved_by_id', 'true_up_date',
        'true_up_due_days', 'true_up_number', 'true_up_step',
    })

    name = fields.Char(required=True, tracking=True, help="It stands on the bills and statements.")
    currency_id = fields.Many2one(related='company_id.currency_id')
    date_start = fields.Date(
        string="From", required=True, tracking=True,
        default=lambda self: fields.Date.start_of(fields.Date.context_today(self), 'year'))
    date_end = fields.Date(
        string="To", required=True, tracking=True,
        default=lambda self: fields.Date.end_of(fields.Date.context_today(self), 'year'))
    advance_fee_ids = fields.Many2many(
        'property.fee', 'property_budget_fee_rel', 'budget_id', 'fee_id', string="Advances",
        check_company=True, context={'active_test': False},
        help="The fees by which payers pay ahead what the budget is spent for. What they were "
             "charged of them for these days is settled with the actual costs.",
    )
    fund_id = fields.Many2one(
        'property.fund', string="Fund", index='btree_not_null', ondelete='restrict',
        domain="[('project_id', '=', project_id)]",
        help="Out of which it is spent; its statement is shown to owners with the budget.",
    )
    state = fields.Selection(
        [('draft', "Draft"), ('pending', "Waiting for approval"), ('approved', "Approved"),
         ('published', "Shown to the owners"), ('trued_up', "Trued up")],
        required=True, default='draft', readonly=True, index=True, copy=False, tracking=True,
    )
    published_on = fields.Date(string="Published on", readonly=True, copy=False)
    line_ids = fields.One2many('property.budget.line', 'budget_id', string="Costs", copy=True)
    amount_planned = fields.Monetary(string="Planned", compute='_compute_amounts')
    amount_actual = fields.Monetary(string="Actual", compute='_compute_amounts')
    amount_rest = fields.Monetary(
        string="Not divided yet", compute='_compute_amounts',
        help="Of suppliers' bills that name a line of the budget.")

    _dates_ordered = models.Constraint(
        'CHECK (date_end >= date_start)', "A budget cannot end before it starts.",
    )

    # === COMPUTE METHODS === #

    @api.depends('line_ids.amount_planned', 'line_ids.amount_actual', 'line_ids.amount_rest')
    def _compute_amounts(self):
        for budget in self:
            for name in ('amount_planned', 'amount_actual', 'amount_rest'):
                budget[name] = sum(budget.line_ids.mapped(name))

    # === CONSTRAINT METHODS === #

    @api.constrains('project_id', 'fund_id', 'line_ids')
    def _check_project_id(self):
        for budget in self:
            places = [budget.fund_id, *budget.line_ids.key_id]
            for place in filter(None, places):
                if place.project_id != budget.project_id:
                    raise ValidationError(self.env._(
                        "%(name)s is of %(other)s. Choose one of %(project)s.",
                        name=place.name, other=place.project_id.name,
                        project=budget.project_id.name))

    @api.constrains('project_id', 'date_start', 'date_end', 'advance_fee_ids')
    def _check_overlap(self):
        """ What is paid ahead is settled once. """
        for budget in self:
            # sudo: another budget counts, whoever sees it.
            if other := self.sudo().search([
                ('id', '!=', budget.id), ('project_id', '=', budget.project_id.id),
                ('date_start', '<=', budget.date_end), ('date_end', '>=', budget.date_start),
                ('advance_fee_ids', 'in', budget.advance_fee_ids.ids)], limit=1):
                raise ValidationError(self.env._(
                    "%(other)s covers some of these days and has the same advances. Choose other "
                    "days or fees.", other=other.name))

    # === CRUD METHODS === #

    def write(self, vals):
        if not self.env.su and vals.keys() & INPUT_FIELDS:
            self._check_changeable()
        return super().write(vals)

    def _check_changeable(self):
        for budget in self:
            if budget.state != 'draft':
                raise UserError(self.env._(
                    "%(budget)s is submitted and stays as it is. Take it back to draft to change "
                    "it.", budget=budget.name))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        for budget in self:
            if budget.state != 'draft' and not self._is_initialising():
                raise UserError(self.env._(
                    "%(budget)s is submitted or decided and stays.", budget=budget.name))

    # === ACTION METHODS === #

    def action_submit(self):
        for budget in self:
            budget._check_step('write', 'draft')
            if not budget.line_ids:
                raise UserError(self.env._(
                    "%(budget)s has no costs. Enter what is planned.", budget=budget.name))
        self._set_step('pending', submitted_by_id=self.env.uid)

    def action_withdraw(self):
        """ Back to what can be changed, before anything of it is published or settled. """
        for budget in self:
            budget._check_step('write', 'pending', 'approved')
            budget._check_not_trued_up()
        self._set_step('draft', submitted_by_id=False, approved_by_id=False)

    def action_approve(self):
        self._check_decider()
        for budget in self:
            budget._check_step('read', 'pending')
        self._set_step('approved', approved_by_id=self.env.uid)

    def action_refuse(self):
        self._check_decider()
        for budget in self:
            budget._check_step('read', 'pending')
        self._set_step('draft', approved_by_id=False)

    def action_publish(self):
        """ Owners of the project see it on the portal; one that is settled, with statements. """
        self._check_manager()
        for budget in self:
            budget._check_step('write', *(['approved'] if budget.published_on else [
                'approved', 'trued_up']))
            budget._set_step(
                'trued_up' if budget.state == 'trued_up' else 'published',
                published_on=fields.Date.context_today(budget))

    # === BUSINESS METHODS === #

    @api.model
    def _get_approval_kind(self):
        """ Override of `property.approval.mixin`: in the words of who decides. """
        return self.env._("Budget")

    def _check_manager(self):
        if not self.env.su and not self.env.user.has_group(
                'property_billing.group_billing_manager'):
            raise AccessError(self.env._("Only a billing manager does this."))


class PropertyBudgetLine(models.Model):
    """ A kind of cost, and who bears it by which key. """
    _name = 'property.budget.line'
    _description = 'Cost of a budget'
    _inherit = ['property.project.mixin']
    _order = 'budget_id, sequence, id'

    budget_id = fields.Many2one(
        'property.budget', string="Budget", required=True, index=True, ondelete='cascade')
    project_id = fields.Many2one(
        related='budget_id.project_id', store=True, index=True, precompute=True, required=False)
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Cost", required=True)
    key_id = fields.Many2one(
        'property.share.key', string="Share key", required=True, index=True, ondelete='restrict',
        domain="[('project_id', '=', project_id)]")
    currency_id = fields.Many2one(related='company_id.currency_id')
    amount_planned = fields.Monetary(string="Planned")
    bill_line_ids = fields.One2many(
        'account.move.line', 'property_budget_line_id', string="Suppliers' bills",
        groups='account.group_account_readonly,account.group_account_invoice')
    cost_ids = fields.One2many('property.shared.cost', 'budget_line_id', string="Shared costs")
    amount_actual = fields.Monetary(
        string="Actual", compute='_compute_amount_actual', compute_sudo=True,
        help="What posted bills of suppliers come to that name this cost, tax included, less "
             "credit notes; entries such as wages that name it; and what is divided of others for "
             "it.",
    )
    amount_rest = fields.Monetary(
        string="Not divided yet", compute='_compute_amount_actual', compute_sudo=True)
    amount_left = fields.Monetary(
        string="Left of the plan", compute='_compute_amount_actual', compute_sudo=True)

    _name_budget_uniq = models.UniqueIndex(
        '(budget_id, name)', "The budget has a cost of this name already.")
    _planned_positive = models.Constraint(
        'CHECK (amount_planned >= 0)', "What is planned is zero or more.")

    @api.depends('budget_id.name', 'name')
    def _compute_display_name(self):
        for line in self:
            line.display_name = ' · '.join(filter(None, (line.budget_id.name, line.name)))

    @api.depends('amount_planned', 'cost_ids.amount', 'cost_ids.state')
    def _compute_amount_actual(self):
        divided = dict(self.env['property.shared.cost']._read_group(
            [('budget_line_id', 'in', self.ids), ('state', '=', 'confirmed')],
            ['budget_line_id'], ['amount:sum']))
        rests = self._get_rests()
        for line in self:
            line.amount_rest = sum(amount for _item, amount in rests.get(line.id, ()))
            line.amount_actual = divided.get(line._origin, 0) + line.amount_rest
            line.amount_left = line.amount_planned - line.amount_actual

    # === CONSTRAINT METHODS === #

    @api.constrains('budget_id', 'key_id')
    def _check_key_id(self):
        self.budget_id._check_project_id()

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._check_changeable()
        return lines

    def write(self, vals):
        self._check_changeable()
        result = super().write(vals)
        self._check_changeable()  # nor is it put into another budget that is decided
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_changeable(self):
        if not self._is_initialising():
            self._check_changeable()

    def _check_changeable(self):
        if not self.env.su:
            self.budget_id._check_changeable()

    # === ACTION METHODS === #

    def action_view_bills(self):
        """ The lines of suppliers' bills and of entries that name this cost. """
        self.ensure_one()
        return {
            'name': self.display_name,
            'type': 'ir.actions.act_window',
            'res_model': 'account.move.line',
            'view_mode': 'list,form',
            'domain': [('property_budget_line_id', '=', self.id)],
        }

    # === BUSINESS METHODS === #

    def _get_rests(self):
        """ What of suppliers' bills is in no shared cost yet: `{line id: [(item id, amount)]}`. """
        if not self.ids:
            return {}
        self.env['account.move.line'].flush_model([
            'balance', 'display_type', 'move_id', 'parent_state', 'price_total',
            'property_budget_line_id'])
        self.env['account.move'].flush_model(['move_type'])
        self.env['property.shared.source'].flush_model()
        self.env['property.shared.cost'].flush_model(['state'])
        found = {}
        for line_id, item_id, rest in self.env.execute_query(SQL(
            """
            SELECT item.property_budget_line_id, item.id,
                   %s - COALESCE(SUM(source.amount) FILTER (WHERE cost.state = 'confirmed'), 0)
              FROM account_move_line item
              JOIN account_move move ON move.id = item.move_id
         LEFT JOIN property_shared_source source ON source.line_id = item.id
         LEFT JOIN property_shared_cost cost ON cost.id = source.cost_id
             WHERE item.property_budget_line_id = ANY(%s) AND item.parent_state = 'posted'
               AND item.display_type = 'product'
          GROUP BY item.id, move.id
          ORDER BY COALESCE(move.invoice_date, move.date), item.id
            """, SHAREABLE_AMOUNT, self.ids)):
            if rest:
                found.setdefault(line_id, []).append((item_id, float(rest)))
        return found
