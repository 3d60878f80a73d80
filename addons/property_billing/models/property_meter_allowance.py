from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..tools.periods import ONE_DAY
from ..tools.tiers import Allowance

# What is applied for: fixed from its submission on.
INPUT_FIELDS = {'granted_on', 'persons', 'type_ids', 'unit_id'}


class PropertyMeterAllowance(models.Model):
    """ A home of more persons than usual, which may use more before a higher tier (一户多人口).

    Applied for, approved by somebody else, and in force from the first of the month after that;
    how much it is per person, the price of the tariff says (decision 17).
    """
    _name = 'property.meter.allowance'
    _description = 'Household allowance'
    _inherit = ['property.unit.mixin', 'property.review.mixin', 'property.attachment.mixin']
    _order = 'date_start desc, id desc'
    _approval_group = 'property_billing.group_billing_approve'
    _step_fields = frozenset({'state', 'submitted_by_id', 'approved_by_id', 'date_start'})

    type_ids = fields.Many2many(
        'property.meter.type', 'property_meter_allowance_type_rel', string="Meter types",
        required=True, ondelete='restrict', domain="[('company_id', '=', company_id)]",
        context={'active_test': False},
        help="The meters of the unit whose tiers begin later, such as water and electricity.",
    )
    persons = fields.Integer(
        string="Persons above the standard", required=True, default=1, tracking=True,
        aggregator=None,
        help="How many live there beyond the standard household: of 6 where it has 4, 2.",
    )
    granted_on = fields.Date(
        string="Granted on", tracking=True,
        help="Where the supplier or an authority decides, the day of its decision. Empty: the day "
             "on which it is approved here.",
    )
    date_start = fields.Date(
        string="From", readonly=True, copy=False, tracking=True,
        help="The first of the month after it was granted.",
    )
    date_end = fields.Date(
        string="To", tracking=True,
        help="The last day of a month; empty while it goes on. Once approved, it can end earlier.",
    )
    ground = fields.Char(string="Remarks", tracking=True)
    attachment_ids = fields.Many2many(
        'ir.attachment', 'property_meter_allowance_attachment_rel', string="Documents", copy=False,
        help="Such as the household register.",
    )
    state = fields.Selection(
        [('draft', "Draft"), ('pending', "Waiting for approval"), ('approved', "Approved"),
         ('refused', "Refused")],
        required=True, default='draft', readonly=True, index=True, copy=False, tracking=True,
    )
    idle_notice = fields.Char(compute='_compute_idle_notice', compute_sudo=False)
    has_billed = fields.Boolean(
        string="Something is billed", compute='_compute_has_billed', compute_sudo=False)

    _persons_positive = models.Constraint(
        'CHECK (persons > 0)', "An allowance is for one person or more above the standard.",
    )
    _dates_ordered = models.Constraint(
        'CHECK (date_end IS NULL OR date_start IS NULL OR date_end > date_start)',
        "An allowance would begin after its last day: it begins on the first of the month after "
        "it was granted. Enter a later last day.",
    )

    # === COMPUTE METHODS === #

    @api.depends('unit_id.complete_name', 'persons')
    def _compute_display_name(self):
        for allowance in self:
            allowance.display_name = self.env._(
                "%(unit)s · %(count)s persons more", unit=allowance.unit_id.complete_name or '',
                count=allowance.persons)

    @api.depends('unit_id', 'type_ids')
    def _compute_idle_notice(self):
        """ Who applies and who decides are told where nothing would come of it. """
        for allowance in self:
            unit, types = allowance.unit_id._origin, allowance.type_ids._origin
            allowance.idle_notice = types and self.env._(
                "No price of a fee of these meters in %(unit)s raises its limits by person, so "
                "nothing would change. Enter that in the tariff.", unit=unit.complete_name,
            ) if unit and types and not types & unit._get_allowance_types() else False

    def _compute_has_billed(self):
        for allowance in self:
            allowance.has_billed = bool(allowance._search_billed(limit=1))

    @api.onchange('unit_id')
    def _onchange_unit_id(self):
        """ Mostly it is for all that is charged in such tiers there. """
        self.type_ids = self.unit_id._origin._get_allowance_types() or self.type_ids

    @api.onchange('date_end')
    def _onchange_date_end(self):
        self.date_end = self.date_end and fields.Date.end_of(self.date_end, 'month')

    # === CONSTRAINT METHODS === #

    @api.constrains('type_ids', 'granted_on', 'date_end')
    def _check_input(self):
        today = fields.Date.context_today(self)
        for allowance in self:
            end = allowance.date_end
            if not allowance.type_ids:
                raise ValidationError(self.env._("Choose the meter types of the allowance."))
            if foreign := allowance.type_ids.filtered(
                    lambda kind, allowance=allowance: kind.company_id != allowance.company_id):
                raise ValidationError(self.env._(
                    "%(type)s is a meter type of %(company)s.", type=foreign[0].name,
                    company=foreign[0].company_id.name))
            if allowance.granted_on and allowance.granted_on > today:
                raise ValidationError(self.env._(
                    "Nothing was granted on %(day)s yet. Leave the day empty, or enter that of the "
                    "decision.", day=format_date(self.env, allowance.granted_on)))
            if end and end != fields.Date.end_of(end, 'month'):
                raise ValidationError(self.env._(
                    "An allowance ends with a month: %(day)s, for example.",
                    day=format_date(self.env, fields.Date.end_of(end, 'month'))))

    @api.constrains('state', 'date_start', 'date_end', 'type_ids')
    def _check_overlap(self):
        """ Who decides would not see that the same persons are counted twice. """
        for allowance in self.filtered(lambda allowance: allowance.state == 'approved'):
            domain = Domain([
                ('id', '!=', allowance.id), ('state', '=', 'approved'),
                ('unit_id', '=', allowance.unit_id.id),
                ('type_ids', 'in', allowance.type_ids.ids),
                '|', ('date_end', '=', False), ('date_end', '>=', allowance.date_start)])
            if allowance.date_end:
                domain &= Domain('date_start', '<=', allowance.date_end)
            # sudo: what the database refuses does not depend on who asks.
            if other := self.sudo().search(domain, limit=1):
                raise ValidationError(self.env._(
                    "%(allowance)s is in force from %(day)s for these meters already. End that one "
                    "before.", allowance=other.display_name,
                    day=format_date(self.env, other.date_start)))

    # === CRUD METHODS === #

    def write(self, vals):
        if not self.env.su and vals.keys() & INPUT_FIELDS:
            for allowance in self.filtered(lambda allowance: allowance.state != 'draft'):
                raise UserError(self.env._(
                    "%(allowance)s is submitted and stays as it is. Take it back to draft, or end "
                    "it and apply for another one.", allowance=allowance.display_name))
        if 'date_end' in vals:
            self._hold_meters()
            self._check_end(fields.Date.to_date(vals['date_end']))
        return super().write(vals)

    def _check_end(self, end):
        """ What is approved may end earlier, and is never made longer without being approved. """
        for allowance in self.filtered(
                lambda allowance: allowance.state not in ('draft', 'refused')):
            is_earlier = end and (not allowance.date_end or end <= allowance.date_end)
            if allowance.state == 'pending' or not is_earlier:
                raise UserError(self.env._(
                    "%(allowance)s can only end earlier. Apply for another one for the days after "
                    "it.", allowance=allowance.display_name))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        for allowance in self:
            if allowance.state in ('pending', 'approved') and not self._is_initialising():
                raise UserError(self.env._(
                    "%(allowance)s is submitted or approved and stays. Take it back, have it "
                    "refused or end it.", allowance=allowance.display_name))

    # === ACTION METHODS === #

    def action_submit(self):
        for allowance in self:
            allowance._check_step('write', 'draft')
        self._set_step('pending', submitted_by_id=self.env.uid)

    def action_withdraw(self):
        """ Back to what can be changed. """
        for allowance in self:
            allowance._check_step('write', 'pending', 'refused')
        self._set_step('draft', submitted_by_id=False, approved_by_id=False, date_start=False)

    def action_approve(self):
        """ From the month after on the limits are higher; where that is past, what is billed is
        proposed to be corrected.
        """
        self._check_decider()
        self._hold_meters()
        for allowance in self:
            allowance._check_step('read', 'pending')
            day = allowance.granted_on or fields.Date.context_today(self)
            allowance._set_step(
                'approved', approved_by_id=self.env.uid,
                date_start=fields.Date.add(fields.Date.start_of(day, 'month'), months=1))
        return self._search_billed()._propose_correction(self._get_reason())

    def action_refuse(self):
        """ Also after it was approved, from its first day on. """
        self._check_decider()
        self._hold_meters()
        for allowance in self:
            allowance._check_step('read', 'pending', 'approved')
        self._set_step('refused', approved_by_id=False)
        return self._search_billed()._propose_correction(self._get_reason())

    def action_correct_charges(self):
        self.ensure_one()
        action = self._search_billed().action_correct()
        action['context']['default_reason'] = self._get_reason()
        return action

    # === BUSINESS METHODS: WHO DECIDES === #

    @api.model
    def _get_approval_kind(self):
        """ Override of `property.approval.mixin`: in the words of who decides. """
        return self.env._("Household allowance")

    # === BUSINESS METHODS === #

    def _get_reason(self):
        return self.env._("Household allowance, %(names)s", names=self.mapped('display_name'))

    def _hold_meters(self):
        """ Let no run post what these meters counted at the same time, and nobody decide about
        another allowance of the unit: of the two the second begins anew, and finds what the first
        has done.
        """
        self.env.cr.execute(SQL(
            "UPDATE property_meter_allowance SET write_date = write_date WHERE unit_id = ANY(%s)",
            self.unit_id.ids))
        # sudo: whatever meters the user sees.
        self.env['property.meter'].sudo().with_context(active_test=False).search([
            ('unit_id', 'in', self.unit_id.ids), ('type_id', 'in', self.type_ids.ids)])._touch()

    def _search_billed(self, limit=None):
        """ What is billed of these units by meters of these types since the first day. """
        Charge = self.env['property.charge']
        return Charge.search(Charge._get_computed_domain() & Domain.OR(
            Domain('assignment_id.meter_id', 'any', [
                ('unit_id', '=', allowance.unit_id.id), ('type_id', 'in', allowance.type_ids.ids)])
            & Domain('date_end', '>=', allowance.date_start)
            for allowance in self if allowance.date_start), limit=limit)

    @api.model
    def _get_allowances(self, meters):
        """ As the engine wants them, in constant queries: `{meter: [Allowance]}`. """
        # sudo: what is granted counts, whoever computes.
        allowances_sudo = self.sudo().search(
            [('unit_id', 'in', meters.unit_id.ids), ('state', '=', 'approved')],
            order='date_start, id')
        found = {}
        for allowance in allowances_sudo:
            value = Allowance(
                allowance.date_start, allowance.date_end + ONE_DAY if allowance.date_end else None,
                allowance.persons)
            for kind in allowance.type_ids:
                found.setdefault((allowance.unit_id.id, kind.id), []).append(value)
        return {
            meter: values for meter in meters
            if (values := found.get((meter.unit_id.id, meter.type_id.id)))}


class PropertyUnit(models.Model):
    _inherit = 'property.unit'

    property_allowance_ids = fields.One2many(
        'property.meter.allowance', 'unit_id', string="Household allowances",
        groups='property_billing.group_billing_user')

    def _get_allowance_types(self):
        """ The types of its meters whose price now or later raises limits by person. """
        assignments = self.env['property.fee.assignment'].search(
            Domain('unit_id', 'in', self.ids)
            & Domain('meter_id', '!=', False)
            & self.env['property.fee.assignment']._get_live_domain()
            & Domain('tariff_id.version_ids.per_person', '>', 0))
        return assignments.meter_id.type_id


class PropertyMeter(models.Model):
    _inherit = 'property.meter'

    allowance_ids = fields.Many2many(
        'property.meter.allowance', string="Household allowances",
        compute='_compute_allowance_ids', groups='property_billing.group_billing_user')

    @api.depends('unit_id.property_allowance_ids.type_ids', 'type_id')
    def _compute_allowance_ids(self):
        for meter in self:
            meter.allowance_ids = meter.unit_id.property_allowance_ids.filtered(
                lambda allowance, meter=meter: meter.type_id in allowance.type_ids)

    def action_allow(self):
        """ A larger household in its unit, to be filled in. """
        self.ensure_one()
        return {
            'name': self.env._("New household allowance"),
            'type': 'ir.actions.act_window',
            'res_model': 'property.meter.allowance',
            'views': [(False, 'form')],
            'context': {
                'default_unit_id': self.unit_id.id, 'default_type_ids': self.type_id.ids},
        }
