from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..tools.identity import is_valid, mask, normalise
from .property_occupancy import ROLES
from .property_resident import IDENTITY_KINDS

OF_OCCUPANCY = ('role', 'date_start', 'date_end', 'share')
OF_RESIDENT = ('identity_kind', 'date_birth')
# What only the steps below write.
STEPS = (
    'state', 'original', 'confirmation', 'confirmed_by_id', 'confirmed_at', 'closed_by_id',
    'closed_at')


class PropertyResidentChange(models.Model):
    """ A proposal to change core data of a resident: the owner confirms, then it is applied.

    What is proposed is fixed when it is created, so that the owner confirms what he has read.
    """
    _name = 'property.resident.change'
    _description = 'Change of core data'
    _inherit = ['property.project.mixin', 'property.attachment.mixin', 'mail.thread']
    _attachment_field = 'proof_ids'
    _order = 'id desc'
    _rec_name = 'occupancy_id'

    occupancy_id = fields.Many2one(
        'property.occupancy', string="Resident", required=True, index=True, ondelete='restrict',
        domain=[('state', '=', 'approved')],
    )
    partner_id = fields.Many2one(
        related='occupancy_id.partner_id', string="Person", store=True, index=True)
    unit_id = fields.Many2one(related='occupancy_id.unit_id', store=True, index=True)
    project_id = fields.Many2one(
        related='occupancy_id.project_id', store=True, index=True, precompute=True, required=False,
    )
    building_id = fields.Many2one(
        related='occupancy_id.building_id', store=True, index=True, precompute=True,
    )
    reason = fields.Char(required=True)
    state = fields.Selection(
        [('proposed', "Waits for the owner"), ('confirmed', "Confirmed by the owner"),
         ('applied', "Applied"), ('refused', "Refused")],
        required=True, default='proposed', readonly=True, copy=False, tracking=True,
    )
    confirmation = fields.Selection(
        [('portal', "On the portal"), ('paper', "On paper")], readonly=True, copy=False)
    confirmed_by_id = fields.Many2one(
        'res.partner', string="Answered by", readonly=True, copy=False)
    confirmed_at = fields.Datetime(string="Answered at", readonly=True, copy=False)
    closed_by_id = fields.Many2one(
        'res.users', string="Applied or refused by", readonly=True, copy=False)
    closed_at = fields.Datetime(string="Applied or refused at", readonly=True, copy=False)
    proof_ids = fields.Many2many(
        'ir.attachment', 'property_resident_change_proof_rel', string="Documents", copy=False,
        groups='base.group_user', help="The owner's signature, where he confirms on paper.",
    )
    original = fields.Json(readonly=True, copy=False)
    difference_text = fields.Text(string="Changes", compute='_compute_difference_text')

    name = fields.Char(
        string="Full name", compute='_compute_proposed', store=True, readonly=False,
        precompute=True, compute_sudo=False,
    )
    identity_kind = fields.Selection(
        IDENTITY_KINDS, string="Identity paper", compute='_compute_proposed', store=True,
        readonly=False, precompute=True, compute_sudo=False,
    )
    identity_number = fields.Char(groups=fields.NO_ACCESS, copy=False)
    identity_masked = fields.Char(
        string="Identity number", compute='_compute_identity_masked', compute_sudo=True,
        inverse='_inverse_identity_masked', copy=False,
    )
    date_birth = fields.Date(
        string="Date of birth", compute='_compute_proposed', store=True, readonly=False,
        precompute=True, compute_sudo=False,
    )
    role = fields.Selection(
        ROLES, compute='_compute_proposed', store=True, readonly=False, precompute=True,
        compute_sudo=False,
    )
    date_start = fields.Date(
        string="From", compute='_compute_proposed', store=True, readonly=False, precompute=True,
        compute_sudo=False,
    )
    date_end = fields.Date(
        string="To", compute='_compute_proposed', store=True, readonly=False, precompute=True,
        compute_sudo=False,
    )
    share = fields.Float(
        string="Share (%)", digits=(5, 2), compute='_compute_proposed', store=True,
        readonly=False, precompute=True, compute_sudo=False,
    )

    # === COMPUTE METHODS === #

    @api.depends('occupancy_id')
    def _compute_proposed(self):
        self.occupancy_id.check_access('read')  # the form computes before any rule is asked
        for change in self:
            occupancy = change.occupancy_id
            change.name = occupancy.partner_id.name
            for name in OF_RESIDENT:
                change[name] = occupancy.partner_id.property_resident_ids[name]
            for name in OF_OCCUPANCY:
                change[name] = occupancy[name]

    @api.depends('occupancy_id', 'identity_number')
    def _compute_identity_masked(self):
        for change in self:
            if not change._origin:  # as above; of a saved one the rules were asked
                change.occupancy_id.sudo(False).check_access('read')
            change.identity_masked = mask(
                change.identity_number
                or change.occupancy_id.partner_id.property_resident_ids.identity_number)

    def _inverse_identity_masked(self):
        # sudo: the full number may be proposed, and read by nobody.
        for change in self.sudo():
            number = normalise(change.identity_masked)
            if '*' in number or not number:
                continue
            if not is_valid(change.identity_kind or 'card', number):
                raise ValidationError(self.env._(
                    "%(person)s: this cannot be the number of the chosen identity paper. "
                    "Compare it with the paper, digit by digit.",
                    person=change.partner_id.name))
            super(PropertyResidentChange, change).write({'identity_number': number})
        self.invalidate_recordset(['identity_masked'])

    def _compute_difference_text(self):
        for change in self:
            change.difference_text = '\n'.join(
                f'{label}: {old or "–"} → {new or "–"}'
                for label, old, new in change._get_differences())

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        # Set, not only left out: the context can bring defaults.
        begin = {**dict.fromkeys(STEPS, False), 'state': 'proposed'}
        changes = super().create([{**vals, **begin} for vals in vals_list])
        for change in changes:
            # sudo: the snapshot compares identity numbers, and holds the masked one.
            change_sudo = change.sudo()
            change_sudo.original = change_sudo._read_current()
            if not change._get_differences():
                raise UserError(self.env._(
                    "Nothing would change. Enter what is to be different, then save."))
        self.env['property.notification']._notify_each([
            (partner, change, f'/my/changes/{change.id}')
            # sudo: whose word counts is no matter of rights.
            for change, people in changes.sudo()._get_confirmers().items() for partner in people
        ], 'approval', template='property_base.template_change')
        return changes

    def write(self, vals):
        if not self.env.su:
            self.check_access('write')
            is_answered = any(change.state != 'proposed' for change in self)
            if is_answered or vals.keys() - {'proof_ids'}:
                raise UserError(self.env._(
                    "A proposal stays as the owner reads it. Refuse it and make another one."))
        return super().write(vals)

    # === ACTIONS === #

    def action_confirm(self):
        """ The owner agrees, on the portal. """
        self._answer('confirmed')

    def action_refuse(self):
        """ The owner, or who approves residents, does not agree. """
        if self._may_apply():
            self.occupancy_id._check_may_approve()
            self._set_state(('proposed', 'confirmed'), {
                'state': 'refused', 'closed_by_id': self.env.uid,
                'closed_at': fields.Datetime.now()})
        else:
            self._answer('refused')

    def action_confirm_on_paper(self):
        """ Staff enter what the owner has signed. """
        self.check_access('write')
        if not all(change.proof_ids for change in self):
            raise UserError(self.env._("Attach the paper that the owner has signed."))
        self._set_state(('proposed',), {
            'state': 'confirmed', 'confirmation': 'paper', 'confirmed_at': fields.Datetime.now()})

    def action_apply(self):
        """ The administrator carries out what the owner has confirmed. """
        self.occupancy_id._check_may_approve()
        is_manager = self.env['property.occupancy']._is_register_manager()
        for change in self:
            if not is_manager and change.create_uid == self.env.user:
                raise UserError(self.env._(
                    "You proposed this change yourself. Ask a colleague to look at it."))
            # sudo: the right is checked above; core data are written in no other way.
            change.sudo()._apply()

    # === BUSINESS METHODS === #

    def _answer(self, state):
        self.check_access('read')
        partner = self.env.user.partner_id
        # sudo: whose word counts follows from occupancies that a tenant may not see.
        if any(partner not in people for people in self.sudo()._get_confirmers().values()):
            raise AccessError(self.env._("Only the owner can answer this."))
        self._set_state(('proposed',), {
            'state': state, 'confirmation': 'portal', 'confirmed_by_id': partner.id,
            'confirmed_at': fields.Datetime.now()})

    def _set_state(self, allowed, vals):
        if any(change.state not in allowed for change in self):
            raise UserError(self.env._("This change has been answered already."))
        # sudo: nobody writes the steps but these actions, which have checked the right.
        self.sudo().write(vals)

    def _may_apply(self):
        return self.env.user.has_group('property_base.group_resident_approve')

    def _get_confirmers(self):
        """ {change: who answers it}: an owner speaks for himself; for others in the unit its
        owners do. """
        Occupancy = self.env['property.occupancy']
        owners_by_unit = dict(Occupancy._read_group(
            Occupancy._get_live_domain() & fields.Domain('unit_id', 'in', self.unit_id.ids)
            & fields.Domain('role', '=', 'owner'), ['unit_id'], ['partner_id:recordset']))
        confirmers = {}
        for change in self:
            owners = owners_by_unit.get(change.unit_id)
            is_own = not owners or change.partner_id in owners
            confirmers[change] = change.partner_id if is_own else owners
        return confirmers

    def _get_steps(self):
        """ Who did what when, for the portal; steps to come have no date. """
        self.ensure_one()
        change = self.sudo()  # names of staff, and of an owner whom a tenant may not see
        steps = [{
            'label': self.env._("Proposed by the office"), 'who': change.create_uid.name,
            'date': change.create_date}]
        if change.state != 'refused' or change.confirmed_at:
            steps.append({
                'label': (
                    self.env._("Refused by the owner")
                    if change.state == 'refused' and not change.closed_at
                    else self.env._("Confirmed by the owner")),
                'who': change.confirmed_by_id.name, 'date': change.confirmed_at})
        if change.state != 'refused' or change.closed_at:
            steps.append({
                'label': (
                    self.env._("Refused by the office") if change.state == 'refused'
                    else self.env._("Applied")),
                'who': change.closed_by_id.name, 'date': change.closed_at})
        return steps

    def _read_current(self):
        """ The core data as they are; the identity number masked. """
        occupancy = self.occupancy_id
        resident = occupancy.partner_id.property_resident_ids
        return {
            'name': occupancy.partner_id.name,
            'identity_kind': resident.identity_kind,
            'identity_masked': mask(resident.identity_number),
            'date_birth': fields.Date.to_string(resident.date_birth),
            'role': occupancy.role,
            'date_start': fields.Date.to_string(occupancy.date_start),
            'date_end': fields.Date.to_string(occupancy.date_end),
            'share': occupancy.share,
        }

    def _get_differences(self):
        """ What would change: (label, old, new), in words.

        :rtype: list[tuple[str, str, str]]
        """
        self.ensure_one()
        differences = []
        # sudo: that the number differs may be told; two numbers can have the same mask.
        is_renumbered = bool(self.sudo().identity_number)
        for name, old in (self.original or {}).items():
            field = self._fields[name]
            new = self[name]
            if field.type == 'date':
                new = fields.Date.to_string(new)
            if (old or False) != (new or False) or (name == 'identity_masked' and is_renumbered):
                if field.type == 'selection':
                    words = dict(field._description_selection(self.env))
                    old, new = words.get(old), words.get(new)
                differences.append((field._description_string(self.env), old, new))
        return differences

    def _apply(self):
        self.ensure_one()
        if self.state != 'confirmed':
            raise UserError(self.env._("The owner has not confirmed this change."))
        if self._read_current() != self.original:
            raise UserError(self.env._(
                "The data of %(person)s have changed since this was proposed. Refuse it and make "
                "another proposal.", person=self.partner_id.name))
        old = self.original
        partner = self.partner_id
        if self.name != old['name']:
            partner.name = self.name
        vals = {
            name: self[name] for name in OF_RESIDENT
            if (fields.Date.to_string(self[name]) if name == 'date_birth' else self[name])
            != old[name]}
        if self.identity_number:
            vals.update(identity_number=self.identity_number, certification=False)
            # From now on it stays in one place only.
            self.identity_number = False
        if vals and partner.property_resident_ids:
            partner.property_resident_ids.write(vals)
        elif vals:
            self.env['property.resident'].create({'partner_id': partner.id, **vals})
        vals = {
            name: self[name] for name in OF_OCCUPANCY
            if (fields.Date.to_string(self[name]) if name.startswith('date') else self[name])
            != old[name]}
        if vals:
            self.occupancy_id.write(vals)
        self.write({
            'state': 'applied', 'closed_by_id': self.env.uid, 'closed_at': fields.Datetime.now()})
