from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..tools.charging import Relief
from ..tools.periods import day_after

# What is usual, to begin with.
USUAL_PERCENT = {'vacancy': 70.0, 'stop_use': 30.0, 'discount': 90.0, 'free': 0.0}
# What is applied for: fixed from its submission on.
INPUT_FIELDS = {
    'date_start', 'fee_ids', 'ground', 'kind', 'payable_percent', 'project_id', 'unit_ids',
}


class PropertyFeeRelief(models.Model):
    """ A part of a fee that some units need not pay for some time, and why (减免).

    Vacancy, heating that is stopped, a discount, or free of charge: applied for, approved by
    somebody else, and told on the bill. Of several on a day the lowest percent counts.
    """
    _name = 'property.fee.relief'
    _description = 'Reduction'
    _inherit = ['property.project.mixin', 'property.review.mixin', 'property.attachment.mixin']
    _order = 'date_start desc, id desc'
    _check_company_auto = True
    _approval_group = 'property_billing.group_billing_approve'

    building_id = fields.Many2one(
        'property.building', compute='_compute_building_id', store=True, index=True,
        help="Set where all of its units are of one building.",
    )
    kind = fields.Selection(
        [('vacancy', "Vacancy"), ('stop_use', "Use stopped"), ('discount', "Discount"),
         ('free', "Free of charge")],
        required=True, default='vacancy', tracking=True,
        help="Vacancy: nobody lives there. Use stopped: such as heating that is switched off on "
             "application. Free: nothing is to be paid.",
    )
    unit_ids = fields.Many2many(
        'property.unit', 'property_fee_relief_unit_rel', 'relief_id', 'unit_id', string="Units",
        required=True, domain="[('project_id', '=', project_id)]", context={'active_test': False},
    )
    fee_ids = fields.Many2many(
        'property.fee', 'property_fee_relief_fee_rel', 'relief_id', 'fee_id', string="Fees",
        required=True, check_company=True, context={'active_test': False},
    )
    date_start = fields.Date(string="From", required=True, tracking=True)
    date_end = fields.Date(
        string="To", tracking=True,
        help="The last day; empty while it goes on. Once approved, it can end earlier.",
    )
    payable_percent = fields.Float(
        string="To be paid (%)", required=True, digits=(5, 2), tracking=True,
        compute='_compute_payable_percent', store=True, readonly=False, precompute=True,
        help="How much of the fee is still asked; by days, where a month is not whole.",
    )
    ground = fields.Char(
        required=True, tracking=True,
        help="Why: it stands on the bill, in print and on the portal.",
    )
    attachment_ids = fields.Many2many(
        'ir.attachment', 'property_fee_relief_attachment_rel', string="Documents", copy=False,
    )
    state = fields.Selection(
        [('draft', "Draft"), ('pending', "Waiting for approval"), ('approved', "Approved"),
         ('refused', "Refused")],
        required=True, default='draft', readonly=True, index=True, copy=False, tracking=True,
    )
    occupied_notice = fields.Char(compute='_compute_occupied_notice', compute_sudo=False)
    has_billed = fields.Boolean(
        string="Something is billed", compute='_compute_has_billed', compute_sudo=False)

    _dates_ordered = models.Constraint(
        'CHECK (date_end IS NULL OR date_end >= date_start)',
        "A reduction cannot end before it starts.",
    )
    _percent_fits = models.Constraint(
        "CHECK (payable_percent < 100 AND payable_percent >= 0 "
        "AND (payable_percent = 0) = (kind = 'free'))",
        "Of a reduction less than 100 % is to be paid, and more than 0 % unless it is free of "
        "charge.",
    )

    # === COMPUTE METHODS === #

    @api.depends('unit_ids.building_id')
    def _compute_building_id(self):
        for relief in self:
            buildings = relief.unit_ids.building_id
            relief.building_id = buildings if len(buildings) == 1 else False

    @api.depends('kind')
    def _compute_payable_percent(self):
        for relief in self:
            relief.payable_percent = USUAL_PERCENT.get(relief.kind)

    @api.depends('kind', 'unit_ids.complete_name', 'date_start')
    def _compute_display_name(self):
        kinds = dict(self._fields['kind']._description_selection(self.env))
        for relief in self:
            units = relief.unit_ids
            relief.display_name = ' · '.join(filter(None, (
                kinds.get(relief.kind),
                units[:1].complete_name and (
                    units[0].complete_name if len(units) == 1 else self.env._(
                        "%(unit)s and %(count)s more", unit=units[0].complete_name,
                        count=len(units) - 1)),
                fields.Date.to_string(relief.date_start))))

    @api.depends('kind', 'unit_ids', 'date_start', 'date_end')
    def _compute_occupied_notice(self):
        """ Vacancy is granted and never computed; but who decides is told who lives there. """
        self.occupied_notice = False
        for relief in self.filtered(lambda relief: relief.kind == 'vacancy' and relief.date_start):
            domain = Domain([
                ('unit_id', 'in', relief.unit_ids._origin.ids), ('state', '=', 'approved'),
                ('role', 'in', ('tenant', 'family', 'user')),
                '|', ('date_end', '=', False), ('date_end', '>=', relief.date_start)])
            if relief.date_end:
                domain &= Domain('date_start', '<=', relief.date_end)
            if occupancies := self.env['property.occupancy'].search(domain, limit=5):
                relief.occupied_notice = self.env._(
                    "Somebody lives there on some of these days: %(names)s", names=[
                        f'{occupancy.unit_id.complete_name} {occupancy.partner_id.name}'
                        for occupancy in occupancies])

    def _compute_has_billed(self):
        for relief in self:
            relief.has_billed = bool(relief._search_billed(limit=1))

    # === CONSTRAINT METHODS === #

    @api.constrains('project_id', 'unit_ids', 'fee_ids')
    def _check_units(self):
        for relief in self:
            if not relief.unit_ids or not relief.fee_ids:
                raise ValidationError(self.env._("Choose the units and the fees of the reduction."))
            foreign = relief.unit_ids.filtered(
                lambda unit, relief=relief: unit.project_id != relief.project_id)
            if foreign:
                raise ValidationError(self.env._(
                    "%(unit)s is not in %(project)s. A reduction is of one project.",
                    unit=foreign[0].complete_name, project=relief.project_id.name))

    # === CRUD METHODS === #

    def write(self, vals):
        if not self.env.su and vals.keys() & INPUT_FIELDS:
            for relief in self.filtered(lambda relief: relief.state != 'draft'):
                raise UserError(self.env._(
                    "%(relief)s is submitted and stays as it is. Take it back to draft, or end it "
                    "and apply for another one.", relief=relief.display_name))
        if 'date_end' in vals:
            self._check_end(fields.Date.to_date(vals['date_end']))
        result = super().write(vals)
        if 'date_end' in vals:
            self._forget_free_periods()
        return result

    def _check_end(self, end):
        """ What is approved may end earlier, and is never made longer without being approved. """
        for relief in self.filtered(lambda relief: relief.state not in ('draft', 'refused')):
            is_earlier = end and (not relief.date_end or end <= relief.date_end)
            if relief.state == 'pending' or not is_earlier:
                raise UserError(self.env._(
                    "%(relief)s can only end earlier. Apply for another one for the days after it.",
                    relief=relief.display_name))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        for relief in self:
            if relief.state in ('pending', 'approved') and not self._is_initialising():
                raise UserError(self.env._(
                    "%(relief)s is submitted or approved and stays. Take it back, have it refused "
                    "or end it.", relief=relief.display_name))

    # === ACTION METHODS === #

    def action_submit(self):
        for relief in self:
            relief._check_step('write', 'draft')
        self._set_step('pending', submitted_by_id=self.env.uid)

    def action_withdraw(self):
        """ Back to what can be changed. """
        for relief in self:
            relief._check_step('write', 'pending', 'refused')
        self._set_step('draft', submitted_by_id=False, approved_by_id=False)

    def action_approve(self):
        """ From now on runs reckon with it; what is billed is proposed to be corrected. """
        self._check_decider()
        for relief in self:
            relief._check_step('read', 'pending')
        self._set_step('approved', approved_by_id=self.env.uid)
        return self._search_billed()._propose_correction(', '.join(self.mapped('ground')))

    def action_refuse(self):
        """ Also after it was approved: what was free is charged by the next run, and what was
        billed less is proposed to be corrected.
        """
        self._check_decider()
        for relief in self:
            relief._check_step('read', 'pending', 'approved')
        self._set_step('refused', approved_by_id=False)
        self._forget_free_periods()
        return self._search_billed()._propose_correction(', '.join(self.mapped('ground')))

    def action_correct_charges(self):
        self.ensure_one()
        action = self._search_billed().action_correct()
        action['context']['default_reason'] = self.ground
        return action

    # === BUSINESS METHODS: WHO DECIDES === #

    @api.model
    def _get_approval_kind(self):
        """ Override of `property.approval.mixin`: in the words of who decides. """
        return self.env._("Reduction")

    # === BUSINESS METHODS === #

    def _get_relief(self):
        """ As the engine wants it. The ground alone is told: it reads the same to everybody. """
        self.ensure_one()
        return Relief(
            relief_id=self.id,
            start=self.date_start,
            end=day_after(self.date_end),
            payable=Decimal(repr(self.payable_percent)) / 100,
            ground=self.ground,
        )

    def _search_billed(self, limit=None):
        """ What is billed to these units for these days, of any fee: one may be a percentage of
        another.
        """
        Charge = self.env['property.charge']
        days = Domain.OR(
            Domain('unit_id', 'in', relief.unit_ids.ids)
            & Domain('date_end', '>=', relief.date_start)
            & (Domain('date_start', '<=', relief.date_end) if relief.date_end else Domain.TRUE)
            for relief in self)
        return Charge.search(Charge._get_computed_domain() & days, limit=limit)

    def _forget_free_periods(self):
        """ What runs left out as free comes up again where nothing says so any more. """
        # sudo: it follows from the decision, whoever may change runs.
        Charge = self.env['property.charge'].sudo()
        for relief in self:
            fees = found = relief.fee_ids.sudo()  # as above
            while found:
                found = found._get_percentages() - fees
                fees |= found
            free = Charge.search([
                ('state', '=', 'left_out'), ('reason', '=', 'free'),
                ('unit_id', 'in', relief.unit_ids.ids), ('fee_id', 'in', fees.ids),
                ('date_end', '>=', relief.date_start),
                # What is free by the lease itself is in no run.
                '|', ('lease_id', '=', False), ('run_id', '!=', False)])
            if relief.state == 'approved' and relief.date_end:
                free = free.filtered(
                    lambda charge, relief=relief: charge.date_end > relief.date_end)
            elif relief.state == 'approved':
                continue
            free._leave_out('changed', {'text': 'relief_ended', 'ground': relief.ground})
