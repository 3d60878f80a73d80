import re

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from ..tools.identity import mask_phone
from ..tools.shares import find_excess

CORE_FIELDS = ('unit_id', 'partner_id', 'role', 'date_start', 'date_end', 'share')
ROLES = [
    ('owner', "Owner"), ('tenant', "Tenant"), ('family', "Family member"), ('user', "User"),
]
PROOF_KINDS = [
    ('title', "Property certificate"), ('lease', "Lease contract"), ('sale', "Sales contract"),
    ('other', "Other"),
]
RELATIONS = [
    ('spouse', "Spouse"), ('child', "Child"), ('parent', "Parent"),
    ('grandparent', "Grandparent"), ('grandchild', "Grandchild"), ('sibling', "Sibling"),
    ('relative', "Other relative"), ('domestic', "Domestic help"), ('other', "Other"),
]


def _get_sole_owner_message(env, diagnostics):
    """ Name the unit that PostgreSQL's report on `_sole_owner` is about. """
    unit = env['property.unit']
    if match := re.search(r'=\((\d+),', diagnostics and diagnostics.message_detail or ''):
        unit = unit.browse(int(match[1])).exists()
    return env._(
        "%(unit)s has a sole owner in that time already. End that occupancy first, "
        "or enter the shares of the co-owners.",
        # The number of a unit that the user asked to fill is no secret to him.
        unit=unit.sudo().complete_name or env._("This unit"))


class PropertyOccupancy(models.Model):
    """ A partner in a unit, with a role, from a day to a day (both inclusive). """
    _name = 'property.occupancy'
    _description = 'Occupancy'
    _inherit = [
        'property.unit.mixin', 'property.approval.mixin', 'property.attachment.mixin',
        'mail.thread']
    _attachment_field = 'proof_ids'
    _order = 'unit_id, date_start desc, id desc'
    _check_company_auto = True
    _state_from = ['pending']
    _state_to = ['approved']
    _cancel_state = 'refused'
    _approval_group = 'property_base.group_resident_approve'

    partner_id = fields.Many2one(
        'res.partner', string="Resident", required=True, index=True, ondelete='restrict',
        check_company=True,
    )
    role = fields.Selection(
        ROLES, required=True, default='owner', tracking=True,
    )
    date_start = fields.Date(
        string="From", required=True, default=fields.Date.context_today, tracking=True,
    )
    date_end = fields.Date(string="To", tracking=True, help="The last day; empty while it goes on.")
    share = fields.Float(
        string="Share (%)", digits=(5, 2), default=100.0, tracking=True,
        help="Part of the ownership. The shares of one day never exceed 100 %.",
    )
    is_payer = fields.Boolean(
        string="Pays the bills", compute='_compute_is_payer', store=True, readonly=False,
        precompute=True,
    )
    state = fields.Selection(
        [('pending', "Waiting for approval"), ('approved', "Approved"), ('refused', "Refused")],
        string="Approval", required=True, default='approved', readonly=True, index=True, copy=False,
        tracking=True,
        help="Only an approved occupancy gives rights, pays bills and counts in figures.",
    )
    is_live = fields.Boolean(compute='_compute_is_live', search='_search_is_live')
    relation = fields.Selection(RELATIONS, string="Relation to the owner or tenant")
    proof_kind = fields.Selection(
        PROOF_KINDS, string="Proof", groups='base.group_user',
    )
    proof_ids = fields.Many2many(
        'ir.attachment', 'property_occupancy_proof_rel', string="Documents",
        groups='base.group_user',
    )
    is_core_locked = fields.Boolean(compute='_compute_is_core_locked', compute_sudo=True)
    phone_masked = fields.Char(
        string="Phone", compute='_compute_phone_masked', compute_sudo=True)
    note = fields.Char(string="Remarks", groups='base.group_user')

    _dates_ordered = models.Constraint(
        'CHECK (date_end IS NULL OR date_end >= date_start)',
        "An occupancy cannot end before it starts.",
    )
    _share_range = models.Constraint(
        "CHECK (role != 'owner' OR (share > 0 AND share <= 100))",
        "An owner's share is more than 0 and at most 100 %.",
    )
    _sole_owner = models.Constraint(
        "EXCLUDE USING gist (unit_id WITH =, daterange(date_start, date_end, '[]') WITH &&) "
        "WHERE (role = 'owner' AND share = 100 AND state = 'approved')",
        _get_sole_owner_message,
    )
    _once_per_role = models.Constraint(
        "EXCLUDE USING gist (unit_id WITH =, partner_id WITH =, role WITH =, "
        "daterange(date_start, date_end, '[]') WITH &&) WHERE (state = 'approved')",
        "This person has this role in this unit in that time already.",
    )

    # === COMPUTE METHODS === #

    @api.depends('partner_id.name', 'unit_id.complete_name', 'role')
    def _compute_display_name(self):
        roles = dict(self._fields['role']._description_selection(self.env))
        # Who may see the occupancy may see whom it names: a portal user has no right to read the
        # partners of the unit that he owns.
        for occupancy in self.sudo():
            occupancy.display_name = ' · '.join(filter(None, (
                occupancy.unit_id.complete_name, occupancy.partner_id.name,
                roles.get(occupancy.role))))

    @api.depends('state', 'project_id.approves_residents')
    def _compute_is_core_locked(self):
        for occupancy in self:
            occupancy.is_core_locked = bool(occupancy._origin) and (
                occupancy.state == 'approved' and occupancy.project_id.approves_residents)

    @api.depends('partner_id.phone')
    def _compute_phone_masked(self):
        for occupancy in self:
            occupancy.phone_masked = mask_phone(occupancy.partner_id.phone)

    @api.depends('role')
    def _compute_is_payer(self):
        for occupancy in self:
            occupancy.is_payer = occupancy.role in ('owner', 'tenant')

    @api.depends('state', 'date_start', 'date_end')
    def _compute_is_live(self):
        today = fields.Date.context_today(self)
        for occupancy in self:
            occupancy.is_live = occupancy._is_live_on(today)

    def _search_is_live(self, operator, value):
        if operator != 'in':
            return NotImplemented
        return self._get_live_domain() if True in value else ~self._get_live_domain()

    # === CONSTRAINT METHODS === #

    @api.constrains('unit_id', 'role', 'date_start', 'date_end', 'share', 'state')
    def _check_shares(self):
        """ The owners' shares of no day may exceed 100 %. """
        self.filtered(
            lambda o: o.role == 'owner' and o.state == 'approved')._check_shares_fit()

    def _check_shares_fit(self):
        """ With each of these owners, the shares of the approved ones come to 100 % at most.

        Two transactions that each add a co-owner would both see room for theirs, so one waits for
        the other.
        """
        if not self:
            return
        self.unit_id._lock_occupancies()
        approved = self.with_context(active_test=False).search(
            [('unit_id', 'in', self.unit_id.ids), ('role', '=', 'owner'),
             ('state', '=', 'approved')]).grouped('unit_id')
        for owner in self:
            unit = owner.unit_id
            excess = find_excess([
                (o.date_start, o.date_end or None, o.share)
                for o in approved.get(unit, self.browse()) | owner])
            if excess:
                _index, day, total = excess
                raise ValidationError(self.env._(
                    "%(unit)s: the owners' shares on %(day)s add up to %(total)s %%. "
                    "They cannot exceed 100 %%.",
                    unit=unit.complete_name, day=fields.Date.to_string(day),
                    total=f'{total:g}'))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and not self._is_register_manager():
            default = self.default_get(['unit_id'])
            for vals in vals_list:
                vals.update({**default, **vals})
            units = self.env['property.unit'].browse(
                {vals['unit_id'] for vals in vals_list if vals.get('unit_id')})
            states = {unit.id: self._get_entry_state(unit) for unit in units}
            for vals in vals_list:
                vals['state'] = states.get(vals.get('unit_id'), 'approved')
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            if 'state' in vals:
                raise AccessError(self.env._(
                    "An occupancy is approved or refused by its buttons, not by changing its "
                    "state."))
            self.check_access('write')
            self._check_core_change(vals)
        return super().write(vals)

    def _check_core_change(self, vals):
        """ Core data of an approved resident change only by a proposal, see
        `property.resident.change`. To end an occupancy is no correction of it.
        """
        core = [name for name in CORE_FIELDS if name in vals]
        approved = self.filtered(lambda occupancy: occupancy.state == 'approved')
        if not core or not approved:
            return
        # sudo: a unit that the user may not see is refused by the rules.
        target = self.env['property.unit'].sudo().browse(vals.get('unit_id'))
        for occupancy in approved:
            if not (occupancy.is_core_locked or target.project_id.approves_residents):
                continue
            for name in core:
                old = occupancy[name]
                new = self._fields[name].convert_to_record(
                    self._fields[name].convert_to_cache(vals[name], occupancy), occupancy)
                if old != new and (old or name != 'date_end'):
                    raise UserError(self.env._(
                        "%(field)s of %(occupancy)s changes only with the owner's word. Propose "
                        "the change instead.",
                        field=self._fields[name]._description_string(self.env),
                        occupancy=occupancy.display_name))

    # === ACTIONS === #

    def action_approve(self):
        """ From now on the occupancy has its effect. """
        self._decide('pending', 'approved')

    def action_refuse(self):
        self._decide('pending', 'refused')

    def action_submit(self):
        """ Ask again, after what was wrong has been corrected. """
        self.check_access('write')
        self._set_state('refused', 'pending')

    def _decide(self, allowed, target):
        self._check_may_approve()
        if not self._is_register_manager() and self.env.user in self.create_uid:
            raise UserError(self.env._(
                "You entered %(occupancy)s yourself. Ask a colleague to look at it.",
                occupancy=self.filtered(
                    lambda o: o.create_uid == self.env.user)[0].display_name))
        self._set_state(allowed, target)

    @api.model
    def _get_approval_kind(self):
        """ Override of `property.approval.mixin`: it is the person that is looked at. """
        return self.env._("Newly entered resident")

    def _filter_decidable(self):
        """ Override of `property.approval.mixin`: the scope to change it, and not one's own. """
        decidable = super()._filter_decidable().filtered('property_in_write_scope')
        if self._is_register_manager():
            return decidable
        return decidable.filtered(lambda occupancy: occupancy.create_uid != self.env.user)

    def _check_may_approve(self):
        if not self.env.user.has_group('property_base.group_resident_approve'):
            raise AccessError(self.env._("You may not approve or refuse residents."))
        self._check_write_scope()

    def _set_state(self, allowed, target):
        """ Move those in the allowed state; those that are there already stay as they are. """
        todo = self.filtered(lambda occupancy: occupancy.state != target)
        if wrong := todo.filtered(lambda occupancy: occupancy.state != allowed):
            states = dict(self._fields['state']._description_selection(self.env))
            raise UserError(self.env._(
                "%(occupancy)s is not in the state “%(state)s” any more.",
                occupancy=wrong[0].display_name, state=states[allowed]))
        # sudo: nobody writes the state but these actions, which have checked the right.
        todo.sudo().state = target

    def action_open_resident(self):
        """ The person behind the occupancy; without a record yet, an empty one to fill in. """
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'name': self.partner_id.name,
            'res_model': 'property.resident',
            'res_id': self.partner_id.property_resident_ids.id,
            'views': [(False, 'form')],
            'context': {'default_partner_id': self.partner_id.id},
        }

    # === BUSINESS METHODS === #

    def _get_household(self):
        """ Who lives in the unit with this resident. """
        self.ensure_one()
        return self.search(
            self._get_live_domain() & Domain('unit_id', '=', self.unit_id.id)
            & Domain('role', 'in', ('family', 'user'))
            & Domain('partner_id', '!=', self.partner_id.id), order='id')

    @api.model
    def _get_entry_state(self, place):
        """ In which state the user's entry of a resident begins, in a unit or a building. """
        # sudo: a place that the user may not see is refused by the rules.
        waits = place.sudo().project_id.approves_residents and not self._is_register_manager()
        return 'pending' if waits and not self.env.su else 'approved'

    @api.model
    def _is_register_manager(self):
        return self.env.user.has_group('property_base.group_property_manager')

    def _is_live_on(self, day):
        """ Whether it covers a day; without a first day, as while it is typed, it covers none. """
        self.ensure_one()
        return self.state == 'approved' and bool(self.date_start) and self.date_start <= day and (
            not self.date_end or self.date_end >= day)

    @api.model
    def _get_live_domain(self, day='today'):
        """ The approved occupancies of one day, a date or a relative date such as 'today'. """
        return Domain('state', '=', 'approved') & Domain('date_start', '<=', day) & (
            Domain('date_end', '=', False) | Domain('date_end', '>=', day))
