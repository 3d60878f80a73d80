import re

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

# What a lease says; fixed from its submission on.
INPUT_FIELDS = {
    'project_id', 'partner_id', 'date_start', 'date_end', 'split', 'cycle_months', 'timing',
    'charge_per_cycle', 'proration', 'due_rule', 'due_days', 'date_first_payment', 'line_ids',
    'escalation_ids', 'free_ids', 'deposit_fee_id', 'deposit_amount',
}
RUNNING = ('approved', 'transferred')


class PropertyLease(models.Model):
    """ Who rents which rooms or parking spaces, for how long and for how much (租赁合同).

    Its lines are fee assignments, its schedule is charges: entered, scheduled, reviewed by
    somebody else, then transferred to the receivables, where bill runs take them (decision 1).
    """
    _name = 'property.lease'
    _description = 'Lease'
    _inherit = [
        'property.project.mixin', 'property.review.mixin', 'property.attachment.mixin',
        'property.terms.mixin', 'mail.activity.mixin']
    _order = 'date_end desc, id desc'
    _check_company_auto = True
    _approval_group = 'property_billing.group_billing_approve'
    _mail_post_access = 'read'  # who reviews it says why he sends it back
    _step_fields = frozenset({
        'state', 'submitted_by_id', 'approved_by_id', 'previous_id', 'date_ended', 'end_reason',
    })

    name = fields.Char(
        string="Contract number", required=True, copy=False, default="/", tracking=True,
        help="“/” takes the next number of its own when it is saved.",
    )
    project_id = fields.Many2one(
        tracking=True, default=lambda self: self._default_project_id())
    building_id = fields.Many2one(
        'property.building', compute='_compute_from_units', store=True, index=True,
        help="Set where all of its units are of one building.",
    )
    currency_id = fields.Many2one(related='company_id.currency_id')
    partner_id = fields.Many2one(
        'res.partner', string="Tenant", required=True, index=True, ondelete='restrict',
        check_company=True, tracking=True,
    )
    kind = fields.Selection(
        [('room', "Rooms and shops"), ('parking', "Parking spaces")], compute='_compute_from_units',
        store=True, index=True,
    )
    unit_ids = fields.Many2many('property.unit', string="Units", compute='_compute_unit_ids')
    date_start = fields.Date(string="From", required=True, tracking=True)
    date_end = fields.Date(string="To", required=True, tracking=True, help="The last day.")
    date_signed = fields.Date(string="Signed on")
    split = fields.Selection(
        help="Calendar months have a part of a month at each end; from the start day, a lease from "
             "29 March has months that end on the 28th.",
    )
    due_days = fields.Integer(string="Days", default=10)
    date_first_payment = fields.Date(
        string="First payment month",
        help="Nothing is billed before this month; what falls before it is billed on its first "
             "day. Empty: as the periods begin.",
    )
    line_ids = fields.One2many(
        'property.fee.assignment', 'lease_id', string="Rent and fees",
        context={'active_test': False}, copy=True,
    )
    escalation_ids = fields.One2many(
        'property.lease.escalation', 'lease_id', string="Price changes",
        copy=False,  # their days are of this lease
    )
    free_ids = fields.One2many(
        'property.lease.free', 'lease_id', string="Rent-free periods", copy=False,
    )
    deposit_fee_id = fields.Many2one(
        'property.fee', string="Deposit", domain=[('nature', '=', 'deposit')], check_company=True,
        index='btree_not_null', ondelete='restrict',
    )
    deposit_amount = fields.Monetary(string="Deposit amount")
    reminder_days = fields.Integer(
        string="Remind before the end (days)", default=30,
        help="From this many days before its end on, and after it, until it is renewed or ended.",
    )
    date_reminder = fields.Date(
        string="Remind from", compute='_compute_date_reminder', store=True)
    state = fields.Selection(
        [('draft', "Draft"), ('pending', "To review"), ('refused', "Sent back"),
         ('approved', "Reviewed"), ('transferred', "Transferred"), ('ended', "Ended")],
        required=True, default='draft', readonly=True, index=True, copy=False, tracking=True,
        help="Transferred: its charges are receivables, and bill runs take them on their days.",
    )
    approved_by_id = fields.Many2one(string="Reviewed by")
    charge_ids = fields.One2many('property.charge', 'lease_id', string="Schedule", copy=False)
    charge_count = fields.Integer(string="Charge count", compute='_compute_figures')
    amount_month = fields.Monetary(
        string="Amount a month", compute='_compute_figures',
        help="All lines together, a whole month at the first price.",
    )
    amount_total = fields.Monetary(string="Amount of the schedule", compute='_compute_figures')
    previous_id = fields.Many2one(
        'property.lease', string="Continues", readonly=True, copy=False, index='btree_not_null',
        ondelete='set null', check_company=True,
    )
    next_ids = fields.One2many('property.lease', 'previous_id', string="Leases that continue it")
    attachment_ids = fields.Many2many(
        'ir.attachment', 'property_lease_attachment_rel', string="Documents", copy=False,
    )
    note = fields.Html(string="Remarks")

    _name_company_uniq = models.UniqueIndex(
        '(company_id, name)', "Another lease of this company has this contract number already.",
    )
    _dates_ordered = models.Constraint(
        'CHECK (date_end >= date_start)', "A lease cannot end before it starts.",
    )
    _due_days_range = models.Constraint(
        "CHECK (CASE due_rule WHEN 'month' THEN due_days BETWEEN 1 AND 31 "
        "WHEN 'invoice' THEN due_days >= 0 ELSE TRUE END)",
        "Due: the day of the month is 1 to 31, and days after the bill are not negative.",
    )
    _deposit_complete = models.Constraint(
        'CHECK (deposit_amount >= 0 AND (deposit_amount > 0) = (deposit_fee_id IS NOT NULL))',
        "Enter both the deposit's fee and its amount, or neither.",
    )
    _reminder_positive = models.Constraint(
        'CHECK (reminder_days >= 0)', "The days of the reminder cannot be negative.",
    )

    def _default_project_id(self):
        """ The one that the user has, if he has but one. """
        projects = self.env['property.project'].search([], limit=2)
        return projects if len(projects) == 1 else False

    # === COMPUTE METHODS === #

    @api.depends('name', 'partner_id.name')
    def _compute_display_name(self):
        for lease in self:
            # sudo: who may see the lease may see whom it names.
            lease.display_name = ' · '.join(filter(None, (
                lease.name, lease.sudo().partner_id.name)))

    @api.depends('line_ids.unit_id.building_id', 'line_ids.unit_id.kind')
    def _compute_from_units(self):
        for lease in self:
            units = lease.line_ids.unit_id
            lease.building_id = units.building_id if len(units.building_id) == 1 else False
            is_parking = units and all(unit.kind == 'parking' for unit in units)
            lease.kind = 'parking' if is_parking else 'room'

    @api.depends('line_ids.unit_id')
    def _compute_unit_ids(self):
        for lease in self:
            lease.unit_ids = lease.line_ids.unit_id

    @api.depends('date_end', 'reminder_days')
    def _compute_date_reminder(self):
        for lease in self:
            lease.date_reminder = lease.date_end and fields.Date.subtract(
                lease.date_end, days=lease.reminder_days)

    @api.depends('line_ids.amount_month', 'charge_ids.amount', 'charge_ids.state')
    def _compute_figures(self):
        figures = {
            lease: row for lease, *row in self.env['property.charge']._read_group(
                [('lease_id', 'in', self.ids), ('state', '!=', 'reversed')], ['lease_id'],
                ['__count', 'amount:sum'])
        }
        for lease in self:
            lease.amount_month = sum(lease.line_ids.mapped('amount_month'))
            lease.charge_count, lease.amount_total = figures.get(lease._origin, (0, 0))

    # === CONSTRAINT METHODS === #

    @api.constrains('date_first_payment', 'date_start', 'date_end')
    def _check_date_first_payment(self):
        for lease in self:
            if lease.date_first_payment and lease.date_first_payment > lease.date_end:
                raise ValidationError(self.env._(
                    "%(lease)s ends on %(end)s, so its first payment month cannot be %(first)s.",
                    lease=lease.name, end=fields.Date.to_string(lease.date_end),
                    first=fields.Date.to_string(lease.date_first_payment)[:7]))

    @api.constrains('date_start', 'date_end')
    def _check_free_ids(self):
        self.free_ids._check_dates()

    @api.constrains('project_id', 'line_ids')
    def _check_project_id(self):
        for lease in self:
            foreign = lease.line_ids.unit_id.filtered(
                lambda unit, lease=lease: unit.project_id != lease.project_id)
            if foreign:
                raise ValidationError(self.env._(
                    "%(unit)s is not in %(project)s. A lease is of one project.",
                    unit=foreign[0].complete_name, project=lease.project_id.name))

    @api.constrains('line_ids', 'date_start', 'date_end')
    def _check_let_once(self):
        """ Told while it is entered; from its review on, the database holds it. """
        for lease in self:
            # sudo: the units are his to let; that another lease has them is told whatever it is.
            rival = self.env['property.fee.assignment'].sudo().search([
                ('is_let', '=', True), ('active', '=', True),
                ('unit_id', 'in', lease.line_ids.unit_id.ids),
                # The lease that this one changes ends with its review.
                ('lease_id', 'not in', (lease + lease.previous_id).ids),
                ('date_start', '<=', lease.date_end), ('date_end', '>=', lease.date_start),
            ], limit=1)
            if rival:
                raise ValidationError(
                    self._get_let_message(rival.unit_id, rival.lease_id, rival.date_end))

    @api.constrains('escalation_ids', 'line_ids', 'date_start', 'date_end')
    def _check_escalations(self):
        for lease in self:
            for line in lease.line_ids:
                line._get_lease_rates()

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get('name', '/') == '/':
                vals['name'] = self.env['ir.sequence'].next_by_code('property.lease') or '/'
        return super().create(vals_list)

    def write(self, vals):
        if vals.keys() & INPUT_FIELDS:
            self._change_inputs()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_reviewed(self):
        for lease in self:
            if not self._is_initialising() and lease.state not in ('draft', 'refused'):
                raise UserError(self.env._(
                    "%(lease)s has been submitted and stays. End it instead.",
                    lease=lease.display_name))

    def unlink(self):
        self.check_access('unlink')
        self._unlink_except_reviewed()
        self._drop_schedule()
        # sudo: its lines go with it; the right to delete it is checked above.
        self.sudo().line_ids.unlink()
        return super().unlink()

    def _change_inputs(self):
        """ What a lease says is about to change: only in a draft, whose schedule is void then. """
        if not self.env.su:
            for lease in self:
                if lease.state != 'draft':
                    labels = dict(lease._fields['state']._description_selection(self.env))
                    raise UserError(self.env._(
                        "%(lease)s is in state “%(state)s”, so its terms and schedule stay as they "
                        "are. Have it sent back before it is transferred; afterwards change, renew "
                        "or end it.", lease=lease.display_name, state=labels[lease.state]))
        self.filtered(lambda lease: lease.state == 'draft')._drop_schedule()

    # === ACTION METHODS === #

    def action_schedule(self):
        """ Work out what the lease charges, to be looked at before it is submitted (生成明细). """
        for lease in self:
            lease._check_step('write', 'draft')
            lease._drop_schedule()
            lease._create_missing_charges('scheduled')

    def action_submit(self):
        """ Ask for the review; the schedule is the one of what the lease says now. """
        self._check_continues()
        self.line_ids._check_charged_once(with_drafts=True)
        self.action_schedule()
        self._set_step('pending', submitted_by_id=self.env.uid)

    def action_withdraw(self):
        """ Back to what can be changed: before its review, or after it was sent back. """
        for lease in self:
            lease._check_step('write', 'pending', 'refused')
        self._set_step('draft', submitted_by_id=False)

    def action_approve(self):
        """ The review (复核). From now on the tenant has the units. """
        self._check_decider()
        for lease in self:
            lease._check_step('read', 'pending')
        self._check_continues()
        self._replace_previous()
        self._set_step('approved', approved_by_id=self.env.uid)
        self._set_let(True)
        self._create_occupancies()
        self.filtered('project_id.auto_transfer_leases')._transfer()

    def action_refuse(self):
        """ Send it back to who submitted it, before or after the review; not once transferred. """
        self._check_decider()
        for lease in self:
            lease._check_step('read', 'pending', 'approved')
        reviewed = self.filtered(lambda lease: lease.state == 'approved')
        for lease in reviewed:
            previous = lease.previous_id
            if previous.date_ended and previous.date_ended < previous.date_end:
                raise UserError(self.env._(
                    "%(previous)s has ended with the review of %(lease)s, which changes it. Change "
                    "that one once more instead.",
                    previous=previous.name, lease=lease.name))
        reviewed._take_back_occupancies()
        self._set_step('refused', approved_by_id=False)
        reviewed._set_let(False)

    def action_transfer(self):
        """ Make the schedule receivables, which bill runs take on their days (转应收). """
        groups = ('property_billing.group_lease_officer', 'property_billing.group_billing_officer')
        if not self.env.su and not any(map(self.env.user.has_group, groups)):
            raise AccessError(self.env._("You are not allowed to transfer leases."))
        self._check_write_scope()
        for lease in self:
            lease._check_step('read', 'approved')
        self._transfer()

    def action_view_charges(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id(
            'property_billing.property_charge_action_lease')
        return {  # by number, since the tenant gets it as a file and on paper
            **action, 'display_name': f"{action['name']} {self.name}",
            'domain': [('lease_id', '=', self.id)]}

    # === BUSINESS METHODS: REVIEW === #

    def _set_let(self, is_let):
        """ Nobody else is let what a reviewed lease lets, to the day. """
        # sudo: it follows from the review, whose right was checked.
        self.sudo().line_ids.is_let = is_let
        self.env['property.fee.assignment'].flush_model(['is_let'])  # told now, not at the end

    # === BUSINESS METHODS: OCCUPANCY === #

    def _create_occupancies(self):
        """ The tenants have the units, at once or after their check-in (A33, A36). """
        for lease in self:
            for unit in lease.unit_ids:
                # sudo: it follows from the review; the scope was checked there.
                self.env['property.occupancy'].sudo()._begin_for_lease(lease, unit)

    def _take_back_occupancies(self):
        """ The review is taken back: what it began has not begun. """
        for lease in self:
            # sudo: it follows from the review, whose right was checked.
            self.env['property.occupancy'].sudo()._take_back_for_lease(lease)

    # === GETTERS === #

    @api.model
    def _get_double_let_message(self, diagnostics):
        """ Name the unit and the lease that PostgreSQL's report on `_let_once` is about. """
        detail = diagnostics and diagnostics.message_detail or ''
        match = re.search(r'existing key .*?=\((\d+), (\d+),', detail)
        # sudo: the number of a unit that the user asked to let is no secret to him; which lease has
        # it is told so that he knows what to ask for.
        unit = self.env['property.unit'].sudo().browse(int(match[1]) if match else 0).exists()
        lease = self.sudo().browse(int(match[2]) if match else 0).exists()
        if not lease:
            return self.env._("This unit is let in that time already.")
        return self._get_let_message(unit, lease, lease.date_ended or lease.date_end)

    @api.model
    def _get_let_message(self, unit, lease, date_end):
        return self.env._(
            "%(unit)s is let by %(lease)s from %(start)s to %(end)s already. End that lease, or "
            "choose another time.", unit=unit.complete_name, lease=lease.display_name,
            start=fields.Date.to_string(lease.date_start), end=fields.Date.to_string(date_end))

    @api.model
    def _get_running_domain(self):
        return Domain('state', 'in', RUNNING)
