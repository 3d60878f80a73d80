from fractions import Fraction

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import formatLang

from odoo.addons.property_base.const import QUIET_CONTEXT

from ..tools.apportion import apportion
from ..tools.periods import ONE_DAY
from ..tools.rounding import exact, round_half_up
from .property_share_key import WEIGHT_DIGITS

# What the parts and their bills say: fixed once the cost is divided.
INPUT_FIELDS = {
    'budget_line_id', 'date_end', 'date_start', 'due_days', 'fee_id', 'fund_id', 'key_id',
    'meter_id', 'meter_use', 'name', 'origin', 'project_id', 'settle', 'source_ids', 'tariff_id',
}


class PropertySharedCost(models.Model):
    """ What suppliers billed for units together, divided among these (公摊费用).

    A unit's part is a fee of that unit for the days of the cost. So bill runs charge it, and find
    who pays it on which days, as they do with every other fee.
    """
    _name = 'property.shared.cost'
    _description = 'Shared cost'
    _inherit = ['property.project.mixin', 'mail.thread']
    _order = 'date_end desc, id desc'
    _check_company_auto = True
    # What follows from its sources and its steps, and is never said by hand.
    _step_fields = frozenset({'amount', 'building_id', 'state', 'weight_total'})

    name = fields.Char(
        required=True, tracking=True, help="It stands on the bills, such as “Light of the stairs”.")
    building_id = fields.Many2one(
        related='key_id.building_id', store=True, index='btree_not_null')
    currency_id = fields.Many2one(related='company_id.currency_id')
    settle = fields.Selection(
        [('charge', "Billed to who pays")], string="Settled by", required=True, default='charge',
        tracking=True,
        help="Billed: by bill runs, each unit's part to who pays it on those days. Out of the "
             "maintenance fund: an entry takes each unit's part off its account. Trued up: what "
             "payers have paid ahead for it is settled with it at the year's end.",
    )
    fee_id = fields.Many2one(
        'property.fee', string="Charged as", index=True, ondelete='restrict',
        check_company=True, domain=[('nature', '!=', 'deposit')], tracking=True,
        help="The parts are charged as this fee, to who pays it by its rule, in cents: the fee's "
             "rounding does not count, or the parts would not add up to the cost.",
    )
    key_id = fields.Many2one(
        'property.share.key', string="Share key", required=True, index=True, ondelete='restrict',
        domain="[('project_id', '=', project_id)]", tracking=True,
    )
    date_start = fields.Date(string="From", required=True, tracking=True)
    date_end = fields.Date(
        string="To", required=True, tracking=True,
        help="The parts are billed by the run that reaches this day. Who pays a unit on some of "
             "the days pays its part of them.",
    )
    due_days = fields.Integer(
        string="Days to pay", default=30, help="Days from the date of the bill to the due date.")
    source_ids = fields.One2many(
        'property.shared.source', 'cost_id', string="Suppliers' bills")
    # Not in sudo mode: a line that is being chosen is looked at by who may read it.
    amount = fields.Monetary(
        compute='_compute_amount', store=True, compute_sudo=False, tracking=True)
    state = fields.Selection(
        [('draft', "Draft"), ('confirmed', "Divided"), ('cancelled', "Cancelled")],
        required=True, default='draft', readonly=True, index=True, copy=False, tracking=True,
    )
    weight_total = fields.Float(
        string="Weights together", digits=WEIGHT_DIGITS, readonly=True, copy=False)
    assignment_ids = fields.One2many(
        'property.fee.assignment', 'shared_cost_id', string="Parts of the units", readonly=True)
    # Of all parts, also where the user sees some of the buildings.
    part_count = fields.Integer(
        string="Number of parts", compute='_compute_part_total', compute_sudo=True)
    part_total = fields.Monetary(
        string="Parts together", compute='_compute_part_total', compute_sudo=True)
    difference = fields.Monetary(compute='_compute_part_total', compute_sudo=True)
    charge_count = fields.Integer(string="Charges", compute='_compute_charge_count')

    _dates_ordered = models.Constraint(
        'CHECK (date_end >= date_start)', "A shared cost cannot end before it starts.",
    )
    _fee_given = models.Constraint(
        "CHECK (settle = 'fund' OR fee_id IS NOT NULL)", "Choose the fee that the parts are "
        "charged as.",
    )
    _due_days_positive = models.Constraint(
        'CHECK (due_days >= 0)', "A bill is not due before its date.",
    )

    # === COMPUTE METHODS === #

    @api.depends('source_ids.amount')
    def _compute_amount(self):
        for cost in self:
            cost.amount = sum(cost.source_ids.mapped('amount'))

    @api.depends('assignment_ids.share_amount', 'amount', 'state')
    def _compute_part_total(self):
        totals = {
            cost: (count, amount) for cost, count, amount in self.env[
                'property.fee.assignment']._read_group(
                [('shared_cost_id', 'in', self.ids)], ['shared_cost_id'],
                ['__count', 'share_amount:sum'])}
        for cost in self:
            cost.part_count, cost.part_total = totals.get(cost._origin, (0, 0))
            is_divided = cost.state == 'confirmed'
            cost.difference = is_divided and cost.currency_id.round(cost.amount - cost.part_total)

    def _compute_charge_count(self):
        counts = dict(self.env['property.charge']._read_group(
            self._get_charges_domain(), ['assignment_id.shared_cost_id'], ['__count']))
        for cost in self:
            cost.charge_count = counts.get(cost._origin, 0)

    # === CONSTRAINT METHODS === #

    @api.constrains('project_id', 'key_id', 'fee_id', 'source_ids')
    def _check_project_id(self):
        for cost in self:
            if cost.key_id.project_id != cost.project_id:
                raise ValidationError(self.env._(
                    "%(key)s is a share key of %(other)s. Choose one of %(project)s.",
                    key=cost.key_id.name, other=cost.key_id.project_id.name,
                    project=cost.project_id.name))
            if cost.fee_id.nature == 'deposit':
                raise ValidationError(self.env._(
                    "%(fee)s is paid back, so no cost is charged as it. Choose another fee.",
                    fee=cost.fee_id.name))
        self.source_ids._check_line_id()

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            if any(vals.keys() & self._step_fields for vals in vals_list):
                raise self._get_step_error()
            self = self.with_context({  # nor by a default of the context
                name: value for name, value in self.env.context.items()
                if name.removeprefix('default_') not in self._step_fields})
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su and vals.keys() & self._step_fields:
            raise self._get_step_error()
        if vals.keys() & INPUT_FIELDS:
            self._check_inputs_changeable()
        return super().write(vals)

    def _get_step_error(self):
        return UserError(self.env._("A shared cost moves on by its buttons, not by hand."))

    def _check_inputs_changeable(self):
        for cost in self:
            if cost.state != 'draft':
                raise UserError(self.env._(
                    "%(cost)s is divided or cancelled and stays as it is. Cancel it if need be, "
                    "and take it back to draft.", cost=cost.name))

    # === ACTION METHODS === #

    def action_divide(self):
        """ Show the parts before they are made. """
        self.ensure_one()
        self._check_state('draft')
        self._refresh_amount()
        # A new record would be shown with its date focused, and a calendar over the parts.
        wizard = self.env['property.shared.divide'].create({'cost_id': self.id})
        return {
            'name': self.env._("Divide %(cost)s", cost=self.name),
            'type': 'ir.actions.act_window',
            'res_model': 'property.shared.divide',
            'res_id': wizard.id,
            'view_mode': 'form',
            'target': 'new',
        }

    def action_cancel(self):
        """ Take the parts back; the suppliers' bills can be shared anew. """
        for cost in self:
            cost._check_state('draft', 'confirmed')
            cost._drop_parts()
        self._set_state('cancelled')

    def action_draft(self):
        for cost in self:
            cost._check_state('cancelled')
        self._set_state('draft')

    def action_correct_charges(self):
        """ What the bills of the parts would be now, where that differs. """
        self.ensure_one()
        Charge = self.env['property.charge']
        return Charge.search(
            self._get_charges_domain() & Charge._get_computed_domain()).action_correct()

    def action_view_parts(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id(
            'property_billing.property_fee_assignment_action_shared')
        return {**action, 'domain': [('shared_cost_id', '=', self.id)]}

    def action_view_charges(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id(
            'property_billing.property_charge_action')
        return {**action, 'domain': list(self._get_charges_domain()), 'context': {}}

    # === BUSINESS METHODS === #

    def _check_state(self, *states):
        self.ensure_one()
        self.check_access('write')
        if self.state not in states:
            labels = dict(self._fields['state']._description_selection(self.env))
            raise UserError(self.env._(
                "%(record)s is in state “%(state)s”, so this cannot be done now. Reload the page "
                "to see where it stands.", record=self.name, state=labels[self.state]))

    def _set_state(self, state, **vals):
        # sudo: the step has checked what must be checked; by hand nobody writes these fields.
        self.sudo().write({'state': state, **vals})

    def _get_charges_domain(self):
        """ What charges the parts, and what corrects that. """
        return Domain('assignment_id.shared_cost_id', 'in', self.ids)

    def _get_portions(self):
        """ The part of each unit, in the order of the units' codes: `{unit: Portion}`.

        :raises UserError: there is nothing to divide, or nothing to divide by
        """
        self.ensure_one()
        sign = self.currency_id.compare_amounts(self.amount, 0)
        if not sign or sign < 0 and self.settle == 'charge':
            raise self._get_nothing_error()
        weights = self.key_id._get_weights(self.date_start, self.date_end + ONE_DAY)
        unit = self._get_unit()
        return apportion(
            round_half_up(exact(self.amount), unit),
            {part: Fraction(weight) for part, weight in weights.items()}, unit, list(weights))

    def _get_nothing_error(self):
        if not self.source_ids:
            return UserError(self.env._(
                "%(cost)s has nothing to divide yet. Choose lines of suppliers' bills first.",
                cost=self.name))
        return UserError(self.env._(
            "%(cost)s comes to %(amount)s. Choose suppliers' bills that are more than zero "
            "together: a credit note is shared with its bill, or with the next one.",
            cost=self.name,
            amount=formatLang(self.env, self.amount, currency_obj=self.currency_id)))

    def _get_facts(self):
        """ What the explanation of a part says of the cost. """
        self.ensure_one()
        return {
            'cost': self.id,
            'name': self.name,
            'key': self.key_id.basis,
            'start': fields.Date.to_string(self.date_start),
            'end': fields.Date.to_string(self.date_end),
            **self._get_source_facts(),
        }

    def _get_source_facts(self):
        # sudo: of which bills it is may be told to who may see what is charged.
        return {'sources': [
            {'line': source.line_id.id, 'bill': source.move_id.name,
             'amount': f'{source.amount:.2f}'}
            for source in self.sudo().source_ids]}

    def _get_unit(self):
        """ The smallest unit of the currency, which a part is a multiple of. """
        return exact(self.currency_id.rounding)

    def _divide(self, expected=None, date=None):
        """ Make the parts of the units.

        :param dict expected: the amounts that the user was shown, by unit id
        :param date: of what is posted, if anything is; without it, today
        """
        self.ensure_one()
        self._hold_sources()
        self._check_state('draft')
        self._check_sources()
        portions = self._get_portions()
        amounts = {unit.id: float(portion.amount) for unit, portion in portions.items()}
        if expected is not None and expected != amounts:
            raise UserError(self.env._(
                "Something of %(cost)s was changed since you opened the page. Close it and start "
                "again.", cost=self.name))
        getattr(self, f'_make_{self.settle}_parts')(portions, date)
        weight_total = sum(portion.weight for portion in portions.values())
        self._set_state('confirmed', weight_total=float(weight_total))

    def _make_charge_parts(self, portions, _date):
        """ A part is a fee of its unit, which the runs charge. """
        # sudo: the state is checked above; parts are made by this alone.
        self.env['property.fee.assignment'].sudo().with_context(**QUIET_CONTEXT).create([{
            'unit_id': unit.id,
            'fee_id': self.fee_id.id,
            'shared_cost_id': self.id,
            'date_start': self.date_start,
            'date_end': self.date_end,
            **self._prepare_portion_vals(portion),
        } for unit, portion in portions.items() if portion.amount])

    @api.model
    def _prepare_portion_vals(self, portion):
        return {
            'share_amount': float(portion.amount),
            'share_weight': float(portion.weight),
            'share_rest': portion.rest,
        }

    def _refresh_amount(self):
        """ Look again what there is to divide, where no change of the cost tells. """

    def _hold_sources(self):
        """ Let nobody else divide the same at the same time. """
        self.source_ids._touch_lines()

    def _check_sources(self):
        """ :raises UserError: what is divided may still change, or is divided already """
        self.source_ids._check_posted()
        self.source_ids._check_rest(('confirmed',))

    def _drop_parts(self):
        """ Delete the parts; what was charged of one and taken back keeps it, in the archive. """
        self.ensure_one()
        # sudo: the right to cancel is checked before; what is charged counts, whoever sees it.
        parts_sudo = self.sudo().with_context(active_test=False).assignment_ids
        charges_sudo = self.env['property.charge'].sudo().search(
            [('assignment_id', 'in', parts_sudo.ids)])
        charges_sudo._touch()
        if billed := charges_sudo.filtered_domain(charges_sudo._get_billed_domain())[:1]:
            raise UserError(self.env._(
                "%(cost)s is billed: %(charge)s, among others. Undo its bill run, or reverse the "
                "bills, and then cancel it.", cost=self.name, charge=billed.display_name))
        if drafts := charges_sudo.filtered(lambda charge: charge.state == 'draft'):
            raise UserError(self.env._(
                "%(cost)s is in the preview of %(run)s. Drop that preview first.",
                cost=self.name, run=drafts[0].run_id.name))
        charged_sudo = charges_sudo.assignment_id
        charged_sudo.active = False
        (parts_sudo - charged_sudo).unlink()
