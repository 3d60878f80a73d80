from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command, Domain
from odoo.tools import SQL

from ..tools.identity import mask_phone
from ..tools.phone import to_international, to_national
from .property_occupancy import PROOF_KINDS, RELATIONS, ROLES

# What staff may complete while the request waits; the rest is as it was asked.
STAFF_FIELDS = {'unit_id', 'match_id', 'role', 'relation', 'reason'}
PENDING_LIMIT = 5
PROOF_DAYS = 90  # so long after the answer the photos of a proof are kept
HOUSEHOLD_ROLES = ('family', 'user')


class PropertyHomeRequest(models.Model):
    """ Somebody with a login asks to be linked to a home, or to be taken off one.

    It has no effect, and shows him nothing of the home, until it is approved. Where he is
    registered already, his login is then given to the registered person: one person, one login.
    Otherwise he becomes a resident of the unit.
    """
    _name = 'property.home.request'
    _description = 'Home request'
    _inherit = ['property.project.mixin', 'property.approval.mixin']
    _order = 'id desc'
    _state_from = ['pending']
    _state_to = ['approved']
    _cancel_state = 'refused'
    _approval_group = 'property_base.group_resident_approve'
    _job_fields = ('occupancy_id',)

    kind = fields.Selection(
        [('join', "Link a home"), ('leave', "Remove a home")], required=True, default='join',
        readonly=True,
    )
    user_id = fields.Many2one(
        'res.users', string="Login", required=True, readonly=True, index=True, ondelete='cascade')
    partner_id = fields.Many2one(
        'res.partner', string="Person", required=True, readonly=True, index=True,
        ondelete='cascade', help="The contact of the login.",
    )
    way = fields.Selection(
        [('invitation', "Invitation"), ('identity', "Identity data"), ('proof', "Proof")],
        readonly=True,
    )
    project_id = fields.Many2one(readonly=True)
    unit_text = fields.Char(string="Home as typed", readonly=True)
    building_id = fields.Many2one(
        related='unit_id.building_id', store=True, index=True, precompute=True)
    unit_id = fields.Many2one(
        'property.unit', index=True, ondelete='cascade', tracking=True,
        domain="[('project_id', '=', project_id)]",
    )
    role = fields.Selection(ROLES, tracking=True)
    relation = fields.Selection(RELATIONS, string="Relation to the owner or tenant")
    invitation_id = fields.Many2one(
        'property.invitation', readonly=True, index='btree_not_null', ondelete='set null')
    occupancy_id = fields.Many2one(
        'property.occupancy', string="Occupancy", readonly=True, index='btree_not_null',
        ondelete='set null', help="What was made of the request, or what is to end.",
    )
    match_id = fields.Many2one(
        'res.partner', string="Registered person", index='btree_not_null', ondelete='set null',
        tracking=True, domain="[('id', 'in', candidate_ids)]",
        help="Who of the register he is. His login then shows that person's homes and bills.",
    )
    candidate_ids = fields.Many2many('res.partner', compute='_compute_candidate_ids')
    match_text = fields.Char(string="Compared with the register", compute='_compute_match_text')
    identity_masked = fields.Char(
        string="Identity number", compute='_compute_identity_masked', compute_sudo=True)
    phone_masked = fields.Char(string="Phone", compute='_compute_phone_masked')
    proof_kind = fields.Selection(PROOF_KINDS, string="Proof", readonly=True)
    proof_ids = fields.Many2many(
        'ir.attachment', 'property_home_request_proof_rel', string="Photos", readonly=True)
    note = fields.Char(string="Remarks", readonly=True)
    state = fields.Selection(
        [('pending', "Waiting for approval"), ('approved', "Agreed"), ('refused', "Refused"),
         ('withdrawn', "Withdrawn")],
        required=True, default='pending', readonly=True, index=True, copy=False, tracking=True,
    )
    reason = fields.Char(
        string="Answer", copy=False, tracking=True,
        help="Why it is refused, in words that the person reads.",
    )
    is_own = fields.Boolean(compute='_compute_is_own')
    decided_by_id = fields.Many2one(
        'res.users', string="Decided by", readonly=True, copy=False)
    decided_at = fields.Datetime(string="Decided at", readonly=True, copy=False)

    _once_pending = models.UniqueIndex(
        "(user_id, kind, project_id, COALESCE(unit_id, 0), COALESCE(unit_text, ''))"
        " WHERE state = 'pending'",
        "You have asked for this home already. The office will answer.",
    )

    # === COMPUTE METHODS === #

    @api.depends('partner_id.name', 'unit_id.complete_name', 'unit_text')
    def _compute_display_name(self):
        for request in self:
            request.display_name = ' · '.join(filter(None, (
                request.partner_id.name,
                request.unit_id.complete_name or request.unit_text or request.project_id.name)))

    @api.depends('partner_id.phone')
    def _compute_phone_masked(self):
        for request in self:
            request.phone_masked = mask_phone(request.partner_id.phone)

    @api.depends('partner_id.property_resident_ids.identity_number')
    def _compute_identity_masked(self):
        for request in self:
            request.identity_masked = request.partner_id.property_resident_ids.identity_masked

    @api.depends_context('uid')
    @api.depends('user_id', 'match_id')
    def _compute_is_own(self):
        partner = self.env.user.partner_id
        for request in self:
            request.is_own = request.user_id == self.env.user or request.match_id == partner

    @api.depends('unit_id', 'project_id', 'partner_id')
    def _compute_candidate_ids(self):
        """ Who of the project the person may be: who lives in the unit, and who has his name, phone
        or identity number.
        """
        Occupancy = self.env['property.occupancy']
        for request in self:
            live = Occupancy._get_live_domain() & Domain('project_id', '=', request.project_id.id)
            people = Occupancy.search(live & Domain('unit_id', '=', request.unit_id.id)).partner_id
            people |= Occupancy.search(live & (
                Domain('partner_id.name', '=', request.partner_id.name)
                | Domain('partner_id', '=', request.sudo()._find_identity_match().id)
                | request._get_phone_domain())).partner_id
            request.candidate_ids = (people | request.match_id) - request.partner_id

    def _get_phone_domain(self):
        """ The occupancies of those who have the person's phone, however it was typed. """
        phone = self.partner_id.phone
        if mobile := to_international(phone):
            return Domain('partner_id.phone_mobile_search', 'in', (mobile, to_national(mobile)))
        return Domain('partner_id.phone', '=', phone) if phone else Domain.FALSE

    @api.depends('match_id', 'unit_id')
    def _compute_match_text(self):
        for request in self:
            request.match_text = request._get_match_text()

    def _get_match_text(self):
        if self.kind == 'leave':
            return False
        person = self.match_id
        if not person:
            return self.env._("Nobody of the register is chosen: he becomes a new resident.")
        # sudo: two numbers are compared, and none is shown.
        mine, his = (p.sudo().property_resident_ids.identity_number
                     for p in (self.partner_id, person))
        my_phone, his_phone = (
            to_international(p.phone) or p.phone for p in (self.partner_id, person))
        Occupancy = self.env['property.occupancy']
        homes = Occupancy.search(
            Occupancy._get_live_domain() & Domain('partner_id', '=', person.id)).unit_id
        return ' · '.join([
            *homes.mapped('complete_name'),
            self.env._("Same name") if person.name == self.partner_id.name
            else self.env._("Another name"),
            self.env._("No identity number to compare") if not (mine and his)
            else self.env._("Same identity number") if mine == his
            else self.env._("Another identity number"),
            self.env._("Same phone") if his_phone and his_phone == my_phone
            else self.env._("Another phone"),
        ])

    # === CONSTRAINT METHODS === #

    @api.constrains('unit_id', 'project_id')
    def _check_unit_id(self):
        for request in self:
            if request.unit_id and request.unit_id.project_id != request.project_id:
                raise ValidationError(self.env._(
                    "%(unit)s is not in %(project)s, which the person asked for.",
                    unit=request.unit_id.complete_name, project=request.project_id.name))

    @api.constrains('match_id', 'project_id')
    def _check_match_id(self):
        """ Approved, the login shows all that is that person's, so it may be no supplier and not
        the company itself.
        """
        for request in self.sudo():  # sudo: he may live in a building that the user does not see
            person = request.match_id
            if person and request.project_id not in person.property_any_occupancy_ids.project_id:
                raise ValidationError(self.env._(
                    "%(person)s is no resident of %(project)s. Choose who of its register the "
                    "person is, or nobody.",
                    person=person.name, project=request.project_id.name))

    # === CRUD METHODS === #

    def write(self, vals):
        if not self.env.su:
            if vals.keys() - STAFF_FIELDS:
                raise AccessError(self.env._("A home request stays as it was asked."))
            if any(request.state != 'pending' for request in self):
                raise UserError(self.env._("This request has been answered, and stays as it is."))
        return super().write(vals)

    # === ACTIONS === #

    def action_approve(self):
        self._check_decider()
        for request in self:
            request._check_pending()
            if request.kind == 'leave':
                request._approve_leave()
            else:
                request._approve_join()
                request._certify()
        self._decide('approved')

    def action_refuse(self):
        self._check_decider()
        for request in self:
            request._check_pending()
            if not (request.reason or '').strip():
                raise UserError(self.env._(
                    "Write the answer first: the person reads why, and what to do."))
        self._decide('refused')

    # === BUSINESS METHODS: DECIDING === #

    def _filter_decidable(self):
        """ Override of `property.approval.mixin`: the scope to change it, and not one's own. """
        return super()._filter_decidable().filtered(
            lambda request: request.property_in_write_scope and not request.is_own)

    def _get_applicants(self):
        return super()._get_applicants() | self.user_id | self.match_id.user_ids

    def _get_all_validation_exceptions(self):
        return [*super()._get_all_validation_exceptions(), *STAFF_FIELDS]

    def _get_under_validation_exceptions(self):
        """ Override of `property.approval.mixin`: completed until the first level is decided. """
        names = super()._get_under_validation_exceptions()
        return names if self.review_ids.done_by else [*names, *STAFF_FIELDS]

    def _take_opinion(self, is_approved, opinion):
        if not is_approved:
            self.reason = opinion

    def _check_decider(self):
        if not self.env.user.has_group('property_base.group_resident_approve'):
            raise AccessError(self.env._("You may not approve or refuse home requests."))
        self._check_write_scope()
        if any(request.is_own for request in self):
            raise UserError(self.env._(
                "Nobody decides about his own home. Ask a colleague to look at it."))

    def _check_pending(self):
        # Of two colleagues the second waits here, fails to serialize, and is repeated with the
        # first one's answer in its sight.
        self.env.cr.execute(SQL(
            "UPDATE property_home_request SET write_date = write_date WHERE id = %s", self.id))
        if self.state != 'pending':
            raise UserError(self.env._(
                "%(request)s has been answered meanwhile: %(state)s.",
                request=self.display_name,
                state=dict(self._fields['state']._description_selection(self.env))[self.state]))

    def _decide(self, state):
        # sudo: nobody writes the state but the steps, which have checked the right.
        self.sudo().write({
            'state': state, 'decided_by_id': self.env.uid, 'decided_at': fields.Datetime.now()})
        for request in self.sudo():
            request._notify_requester()

    @api.autovacuum
    def _gc_proofs(self):
        """ Certificates and contracts are kept no longer than questions about the answer may
        come; who decided what, and when, stays.
        """
        answered = self.search([
            ('state', '!=', 'pending'), ('proof_ids', '!=', False),
            ('write_date', '<', fields.Datetime.now() - timedelta(days=PROOF_DAYS)),
        ], limit=1000)
        answered.proof_ids.unlink()

    def _notify_requester(self):
        """ Tell the person what became of the request. """
        partner = self.user_id.partner_id
        _ = self.with_context(lang=partner.lang).env._
        # What was not approved is named as he named it: the unit behind a code is not his to know.
        home = self.unit_text or self.project_id.name
        if self.state == 'approved' or self.kind == 'leave':
            home = self.unit_id.complete_name or home
        body = _("%(home)s: your request is approved.", home=home) if self.state == 'approved' \
            else _("%(home)s: your request is refused: %(reason)s", home=home, reason=self.reason)
        self.env['property.notification']._notify(
            partner, 'progress', record=self, subject=_("Your home"), body=body, url='/my/homes')

    def _get_steps(self):
        """ Who did what when, for the person who asked; a step to come has no date. """
        self.ensure_one()
        steps = [{
            'label': self.env._("Asked"), 'who': self.user_id.name, 'date': self.create_date}]
        if self.state == 'withdrawn':
            return steps + [{
                'label': self.env._("Withdrawn"), 'who': self.user_id.name,
                'date': self.decided_at}]
        if self.state == 'refused':
            label = self.env._("Refused")
        else:
            label = self.env._("Approved")
        return steps + [{
            'label': label, 'who': self.decided_by_id.name, 'date': self.decided_at,
            'text': self.decided_at and self.reason}]

    def _approve_join(self):
        if not self.unit_id and not self.match_id:
            raise UserError(self.env._(
                "Choose the unit, or the registered person that he is, then approve."))
        person = self.partner_id
        if self.match_id and self.match_id != person:
            person = self._give_login_to_match()
        Occupancy = self.env['property.occupancy']
        occupancy = Occupancy.search(
            Occupancy._get_live_domain() & Domain('partner_id', '=', person.id)
            & Domain('unit_id', '=', self.unit_id.id), limit=1)
        if self.unit_id and not occupancy:
            if not self.role:
                raise UserError(self.env._(
                    "Choose in which role %(person)s lives in %(unit)s, then approve.",
                    person=person.name, unit=self.unit_id.complete_name))
            self.unit_id._check_write_scope()
            # sudo: approving is a right of its own, without that of entering residents.
            occupancy = Occupancy.sudo().create({
                'unit_id': self.unit_id.id, 'partner_id': person.id, 'role': self.role,
                'relation': self.role == 'family' and self.relation,
                'share': 100 if self.role == 'owner' else 0,
                'date_start': fields.Date.context_today(self), 'state': 'approved',
                'proof_kind': self.proof_kind, 'proof_ids': [Command.set(self.proof_ids.ids)],
            })
        # sudo: the right is checked.
        self.sudo().occupancy_id = occupancy.id
        self._give_company_to_login()

    def _give_company_to_login(self):
        """ The login was made before anybody knew whose home it will show. From now on it has the
        company of that home: its texts are to be accepted, and Odoo's own pages show its invoices.
        """
        # sudo: approving is a right of its own, without that of changing users.
        user_sudo, company = self.sudo().user_id, self.sudo().project_id.company_id
        if not user_sudo.share:
            return
        Occupancy = self.env['property.occupancy'].sudo()
        homes = Occupancy.search(
            Occupancy._get_live_domain() & Domain('partner_id', '=', user_sudo.partner_id.id))
        vals = {}
        if company not in user_sudo.company_ids:
            vals['company_ids'] = [Command.link(company.id)]
        if user_sudo.company_id not in homes.company_id:
            vals['company_id'] = company.id
        if vals:
            user_sudo.write(vals)

    def _give_login_to_match(self):
        """ The contact of the login and the registered one become one, the latter.

        Whoever approves must be responsible for every home that the login will show.
        """
        partner, person = self.sudo().partner_id, self.sudo().match_id
        others = person.with_context(active_test=False).user_ids - self.user_id
        if others:
            raise UserError(self.env._(
                "%(person)s has the login %(login)s already: one person, one login. Refuse the "
                "request, and tell him to sign in with that one.",
                person=person.name, login=others[0].login))
        foreign = person.with_context(active_test=False).property_occupancy_ids.with_env(self.env)
        try:
            foreign._check_write_scope()
        except AccessError as error:
            raise UserError(self.env._(
                "%(person)s has homes that you are not responsible for, and the login would show "
                "them. Ask somebody who sees all of them to approve.",
                person=person.name)) from error
        phone, certified = partner.phone, partner.property_resident_ids.certified_phone
        # As superuser: approving is a right of its own. Odoo's merge lets none but administrators
        # put contacts with different e-mail addresses together; whose homes these are is checked
        # above, and ours refuses two identity numbers.
        Merge = self.env['base.partner.merge.automatic.wizard'].with_user(SUPERUSER_ID)
        person = person.with_env(Merge.env)
        Merge._merge([partner.id, person.id], person)
        if certified:  # the number that he uses now
            person.phone = phone
            person.property_resident_ids.certified_phone = certified
        self.env.invalidate_all()
        return person.with_env(self.env)

    def _certify(self):
        """ A person with an identity number is certified by the office's review (A85). """
        # sudo: certifying so is part of approving, which is checked.
        self.sudo().partner_id.property_resident_ids.filtered(
            lambda resident: resident.identity_number and not resident.certification,
        ).certification = 'review'

    def _approve_leave(self):
        occupancy = self.sudo().occupancy_id
        if occupancy.role in HOUSEHOLD_ROLES:
            occupancy._leave()
            if occupancy.partner_id != self.user_id.partner_id:
                occupancy._close_family_codes()
        elif occupancy.is_live and occupancy.date_end != fields.Date.context_today(self):
            # Today may be his last day: the home goes from the portal with it.
            raise UserError(self.env._(
                "%(occupancy)s is in the register. Transfer the unit or move the customer out "
                "first, then approve: the home goes from the portal with it.",
                occupancy=occupancy.display_name))

    # === BUSINESS METHODS: ASKING === #

    @api.model
    def _ask(self, user, vals):
        """ A new request of the user. What a family QR code or the wish to leave asks for is
        granted at once where the project does not approve its residents.

        To be called with the rights of the superuser, after what the user says was checked.

        :param res.users user: who asks
        :param dict vals: of the request
        :return: the request
        :raises UserError: he asks too much, or twice
        """
        pending = self.search([('user_id', '=', user.id), ('state', '=', 'pending')])
        if len(pending) >= PENDING_LIMIT:
            raise UserError(self.env._(
                "%(count)s requests of yours wait for an answer already. Ask again when the "
                "office has looked at them.", count=len(pending)))
        if pending.filtered(
                lambda r: r.kind == vals.get('kind', 'join')
                and r.project_id.id == vals['project_id']
                and r.unit_id.id == (vals.get('unit_id') or False)
                and (r.unit_text or '') == (vals.get('unit_text') or '')):
            raise UserError(self.env._(
                "You have asked for this home already. The office will answer."))
        vals = {'user_id': user.id, 'partner_id': user.partner_id.id, **vals}
        if self.new(vals)._is_granted_at_once():
            request = self.create(
                {**vals, 'state': 'approved', 'decided_at': fields.Datetime.now()})
            if request.kind == 'leave':
                request._approve_leave()
            else:
                request._approve_join()
            return request
        return self.create(vals)

    def _is_granted_at_once(self):
        """ Whether the owner's word is enough. """
        if self.project_id.approves_residents:
            return False
        return self.kind == 'leave' and self.occupancy_id.role in HOUSEHOLD_ROLES \
            or self.invitation_id.kind == 'family'

    @api.model
    def _ask_by_invitation(self, user, invitation, relation=False):
        """ With a printed code, or the QR code of somebody of the family. """
        Occupancy = self.env['property.occupancy']
        if Occupancy.search_count(
                Occupancy._get_live_domain() & Domain('unit_id', '=', invitation.unit_id.id)
                & Domain('partner_id', '=', user.partner_id.id), limit=1):
            raise UserError(self.env._("This home is linked to your account already."))
        request = self._ask(user, {
            'way': 'invitation', 'invitation_id': invitation.id, 'relation': relation,
            'project_id': invitation.project_id.id, 'unit_id': invitation.unit_id.id,
            'role': invitation.role,
            'match_id': invitation.kind == 'home' and invitation.partner_id.id,
        })
        invitation._use()
        return request

    @api.model
    def _ask_by_identity(self, user, project):
        """ The office answers, whether or not somebody of the register is found: what the person
        sees is the same.
        """
        vals = {
            'user_id': user.id, 'partner_id': user.partner_id.id, 'way': 'identity',
            'project_id': project.id}
        return self._ask(
            user, {**vals, 'match_id': self.new(vals)._find_identity_match().id})

    def _find_identity_match(self):
        """ The one resident of the project with the name and the identity number of who asks. """
        number = self.partner_id.property_resident_ids.identity_number
        if not number:
            return self.env['res.partner']
        Occupancy = self.env['property.occupancy']
        people = Occupancy.search(
            Occupancy._get_live_domain() & Domain('project_id', '=', self.project_id.id)
            & Domain('partner_id', '!=', self.partner_id.id)
            & Domain('partner_id.property_resident_ids.identity_number', '=', number)).partner_id
        name = ''.join(self.partner_id.name.split())
        return people.filtered(lambda person: ''.join(person.name.split()) == name)[:1]
