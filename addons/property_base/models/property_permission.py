from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import format_datetime

# What a decision sets, and nobody by hand.
DECISION_FIELDS = {'state', 'decided_by_id', 'decided_at'}


class PropertyPermission(models.Model):
    """ A right for a time: applied for, granted by somebody else, over at its end (临时权限).

    Nothing has to happen at the end. Who asks what a user may do finds the permissions that hold
    at the start of his transaction: `res.users._get_live_permissions`.
    """
    _name = 'property.permission'
    _description = 'Temporary permission'
    _inherit = ['property.approval.mixin']
    _order = 'id desc'
    _rec_name = 'user_id'
    _state_from = ['requested']
    _state_to = ['granted']
    _cancel_state = 'refused'
    _approval_group = 'property_base.group_permission_grant'
    _approve_action = 'action_grant'

    user_id = fields.Many2one(
        'res.users', string="For", required=True, index=True, ondelete='restrict', tracking=True,
        default=lambda self: self.env.user, domain=[('share', '=', False)],
    )
    company_id = fields.Many2one(related='user_id.company_id', store=True, index=True)
    role_id = fields.Many2one(
        'res.users.role', string="Role", index='btree_not_null', ondelete='restrict',
        tracking=True, domain=[('is_lendable', '=', True)],
    )
    place_ids = fields.Many2many(
        'property.place', 'property_permission_place_rel', 'permission_id', 'place_id',
        string="Projects and buildings", tracking=True,
    )
    date_start = fields.Datetime(
        string="Starts at", required=True, tracking=True,
        default=lambda self: self.env.cr.now().replace(microsecond=0),
    )
    date_end = fields.Datetime(
        string="Ends at", required=True, tracking=True, help="It ends at this minute by itself.",
    )
    reason = fields.Text(required=True, help="What you need it for.")
    refusal = fields.Text(string="What was refused", readonly=True)
    state = fields.Selection(
        [('requested', "To decide"), ('granted', "Granted"), ('refused', "Refused"),
         ('revoked', "Revoked")],
        required=True, default='requested', readonly=True, index=True, tracking=True, copy=False,
    )
    opinion = fields.Char(help="What the applicant should know about the decision.")
    decided_by_id = fields.Many2one(
        'res.users', string="Decided by", readonly=True, tracking=True, copy=False,
    )
    decided_at = fields.Datetime(string="Decided at", readonly=True, copy=False)
    is_live = fields.Boolean(
        string="Holds now", compute='_compute_is_live', search='_search_is_live')
    is_over = fields.Boolean(string="Over", compute='_compute_is_live')
    is_own = fields.Boolean(compute='_compute_is_own')
    phase = fields.Selection(
        [('new', "Application"), ('requested', "To decide"), ('refused', "Refused"),
         ('granted', "Granted"), ('live', "Holds now"), ('revoked', "Revoked"), ('over', "Over")],
        string="Progress", compute='_compute_phase',
    )
    summary = fields.Char(
        string="What comes next", compute='_compute_summary', compute_sudo=False)

    _dates_ordered = models.Constraint(
        'CHECK (date_end > date_start)', "A permission ends after it starts.",
    )

    # === COMPUTE METHODS === #

    @api.depends('state', 'date_start', 'date_end')
    def _compute_is_live(self):
        now = self.env.cr.now()
        for permission in self:
            permission.is_over = bool(permission.date_end and permission.date_end <= now)
            permission.is_live = bool(
                permission.state == 'granted' and permission.date_start <= now
                and not permission.is_over)

    def _search_is_live(self, operator, value):
        if operator != 'in' or True not in value:
            return NotImplemented
        now = self.env.cr.now()
        return [('state', '=', 'granted'), ('date_start', '<=', now), ('date_end', '>', now)]

    @api.depends_context('uid')
    @api.depends('user_id')
    def _compute_is_own(self):
        for permission in self:
            permission.is_own = permission.user_id == self.env.user

    @api.depends('state', 'is_live', 'is_over')
    def _compute_phase(self):
        for permission in self:
            if not permission._origin:
                permission.phase = 'new'
            elif permission.state != 'granted':
                permission.phase = permission.state
            elif permission.is_over:
                permission.phase = 'over'
            else:
                permission.phase = 'live' if permission.is_live else 'granted'

    @api.depends_context('uid')
    @api.depends('phase', 'user_id', 'date_start', 'date_end', 'decided_by_id', 'decided_at')
    def _compute_summary(self):
        for permission in self:
            permission.summary = permission._get_summary()

    @api.depends('user_id.name', 'role_id.name', 'place_ids.name')
    def _compute_display_name(self):
        for permission in self:
            # sudo: who may see the permission may see what it is about.
            sudo = permission.sudo()
            permission.display_name = ' · '.join(filter(None, (
                sudo.user_id.name, sudo.role_id.name, *sudo.place_ids.mapped('name'))))

    # === CONSTRAINT METHODS === #

    @api.constrains('role_id', 'place_ids')
    def _check_something(self):
        for permission in self:
            if not permission.role_id and not permission.place_ids:
                raise ValidationError(self.env._(
                    "Choose a role, or the projects and buildings that you need."))

    @api.constrains('role_id')
    def _check_lendable(self):
        for permission in self.sudo():  # roles are the administrators'
            if permission.role_id and not permission.role_id.is_lendable:
                raise ValidationError(self.env._(
                    "The role %(role)s is not given for a time. Choose another one.",
                    role=permission.role_id.name))

    @api.constrains('user_id', 'role_id')
    def _check_internal(self):
        for permission in self.sudo():
            if permission.user_id.share or permission.role_id.all_implied_ids.filtered('share'):
                raise ValidationError(self.env._(
                    "Permissions for a time are for staff, and with roles of staff."))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        permissions = super().create(vals_list)
        if not self.env.su:
            # Asked afterwards, since the context can bring defaults.
            if any(permission.state != 'requested' or permission.decided_by_id
                   for permission in permissions):
                raise AccessError(self.env._("A permission starts as an application."))
            if permissions.user_id - self.env.user and not self._is_granter():
                raise AccessError(self.env._("You apply for yourself only."))
        self.env.registry.clear_cache()
        for permission in permissions.filtered(
                lambda p: p.state == 'requested' and not p.sudo().review_ids):
            permission._ask_granters()
        return permissions

    def write(self, vals):
        if not self.env.su:
            if not DECISION_FIELDS.isdisjoint(vals):
                raise AccessError(self.env._("Only the buttons decide about a permission."))
            if any(permission.state != 'requested' for permission in self):
                raise UserError(self.env._(
                    "This permission has been decided, and stays as it is. Revoke it, and apply "
                    "for another one."))
        result = super().write(vals)
        self.env.registry.clear_cache()
        self.env.invalidate_all()  # what was found before is answered anew
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_log(self):
        raise UserError(self.env._(
            "Permissions are the log of who was allowed what. Refuse or revoke it instead."))

    # === ACTIONS === #

    def action_apply(self):
        """ Saving it has sent it; say to whom. """
        self.ensure_one()
        return {
            'type': 'ir.actions.client',
            'tag': 'display_notification',
            'params': {
                'type': 'info', 'message': self.summary,
                'next': {'type': 'ir.actions.act_window_close'},  # shows what has been saved
            },
        }

    def action_grant(self):
        self._check_decider()
        for permission in self:
            permission._check_state('requested')
            permission._check_grantable()
        self._decide('granted')

    def action_refuse(self):
        self._check_decider()
        for permission in self:
            permission._check_state('requested')
        self._decide('refused')

    def action_revoke(self):
        """ Taken back by who may grant; given back, or withdrawn, by who has it. """
        if self.user_id != self.env.user:
            self._check_decider()
        for permission in self:
            permission._check_state('requested', 'granted')
        self._decide('revoked')

    # === BUSINESS METHODS === #

    def _get_summary(self):
        """ Where it stands and what comes next, for the applicant and for who decides. """
        # sudo: who may see the permission may see who has to do with it.
        sudo = self.sudo()
        values = {
            'user': sudo.user_id.name,
            'decider': sudo.decided_by_id.name,
            'decided': format_datetime(self.env, self.decided_at, dt_format='short'),
            'start': format_datetime(self.env, self.date_start, dt_format='short'),
            'end': format_datetime(self.env, self.date_end, dt_format='short'),
        }
        if self.phase in ('new', 'requested'):
            granters = self._get_granters(sudo.user_id)[:5].mapped('name')
            if not granters:
                return self.env._(
                    "Nobody may grant this. Ask an administrator to give a manager the right "
                    "“Grant temporary permissions”.")
            if self.phase == 'new':
                return self.env._(
                    "Say what you need, until when and why, then apply. %(granters)s will be "
                    "asked.", granters=granters)
            return self.env._(
                "Sent to %(granters)s. %(user)s gets a message as soon as it is decided.",
                granters=granters, **values)
        if self.phase == 'refused':
            return self.env._("Refused by %(decider)s on %(decided)s.", **values)
        if self.phase == 'revoked':
            return self.env._(
                "Taken back by %(decider)s on %(decided)s. Nothing of it holds any more.",
                **values)
        if self.phase == 'granted':
            return self.env._("Granted by %(decider)s. It begins at %(start)s.", **values)
        if self.phase == 'live':
            return self.env._(
                "Granted by %(decider)s. It holds now and ends by itself at %(end)s. Reload the "
                "page to see what it opens; give it back when you are done earlier.", **values)
        return self.env._(
            "It ended by itself at %(end)s. Apply for another one if you still need it.",
            **values)

    def _is_granter(self):
        return self.env.ref('property_base.group_permission_grant').id \
            in self.env.user._get_permanent_group_ids()

    def _filter_decidable(self):
        """ Override of `property.approval.mixin`: not by a right for a time, nor one's own. """
        if not self._is_granter():
            return self.browse()
        return super()._filter_decidable().filtered(
            lambda permission: permission.user_id != self.env.user)

    def _get_applicants(self):
        return super()._get_applicants() | self.user_id

    def _take_opinion(self, is_approved, opinion):
        self.opinion = opinion

    def _check_decider(self):
        self.check_access('read')
        if not self._is_granter():
            raise AccessError(self.env._(
                "Granting permissions takes the right “Grant temporary permissions”, and not one "
                "that you have only for a time."))
        if self.env.user in self.user_id:
            raise AccessError(self.env._(
                "Nobody decides about his own permission. Ask a colleague who may grant."))

    def _check_state(self, *states):
        self.lock_for_update()
        self.invalidate_recordset(['state'])
        if self.state not in states:
            raise UserError(self.env._(
                "%(permission)s has been decided meanwhile: %(state)s.",
                permission=self.display_name,
                state=dict(self._fields['state']._description_selection(self.env))[self.state]))

    def _check_grantable(self):
        """ Nobody hands on more than he has for good. """
        granter = self.env.user
        permission = self.sudo()  # to read the role; the decider has been checked
        if permission.date_end <= self.env.cr.now():
            raise UserError(self.env._(
                "%(permission)s would be over already. It ends at %(end)s.",
                permission=self.display_name, end=fields.Datetime.context_timestamp(
                    self, permission.date_end).strftime('%Y-%m-%d %H:%M')))
        own_groups = self.env['res.groups'].sudo().browse(granter._get_permanent_group_ids())
        missing = permission.role_id.implied_ids.all_implied_ids - own_groups
        if missing:
            raise AccessError(self.env._(
                "You cannot lend the role %(role)s: you do not have %(rights)s yourself.",
                role=permission.role_id.name,
                rights=missing[:3].mapped('full_name')))
        places = permission.place_ids.filtered(
            lambda place: not place.with_user(granter)._is_whole_of_user())
        if places:
            raise AccessError(self.env._(
                "You cannot open %(places)s: you do not see it as a whole yourself.",
                places=places.mapped('name')))
        closed = permission.place_ids.company_id - permission.user_id.company_ids
        if closed:
            raise UserError(self.env._(
                "%(user)s does not belong to %(companies)s. An administrator allows a company in "
                "the user's form.",
                user=permission.user_id.name,
                companies=closed.mapped('name')))

    def _decide(self, state):
        # sudo: the checks above are the right; nobody writes these fields himself.
        self.sudo().write({
            'state': state, 'decided_by_id': self.env.uid,
            'decided_at': self.env.cr.now().replace(microsecond=0),
        })
        labels = dict(self._fields['state']._description_selection(self.env))
        for permission in self.sudo():
            permission.message_post(
                body=' · '.join(filter(None, (
                    permission.display_name, labels[state], permission.opinion))),
                author_id=self.env.user.partner_id.id, subtype_xmlid='mail.mt_comment',
                partner_ids=permission.user_id.partner_id.ids)

    @api.model
    def _get_granters(self, user):
        """ Those who may grant a permission to the user. """
        # sudo: staff do not see who else has which group.
        return self.env['res.users'].sudo().search([
            ('all_group_ids', 'in', self.env.ref('property_base.group_permission_grant').ids),
            ('company_ids', 'in', user.company_id.ids),
            ('id', 'not in', (user.id, SUPERUSER_ID)),
        ])

    def _ask_granters(self):
        # sudo: the applicant does not reach the others as recipients.
        self.sudo().message_post(
            body=self.env._(
                "%(user)s applies for a permission: %(reason)s",
                user=self.user_id.name, reason=self.reason),
            author_id=self.env.user.partner_id.id, subtype_xmlid='mail.mt_comment',
            partner_ids=self._get_granters(self.user_id).partner_id.ids)
