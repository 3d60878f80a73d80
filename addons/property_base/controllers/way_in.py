import json

from odoo import fields, http
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command, Domain
from odoo.http import request
from odoo.tools.mimetypes import guess_mimetype

from odoo.addons.portal.controllers.portal import pager as portal_pager

from ..models.property_home_request import HOUSEHOLD_ROLES, PROOF_DAYS
from ..models.property_occupancy import PROOF_KINDS, RELATIONS, ROLES
from ..models.property_resident import IDENTITY_KINDS
from ..models.property_verification import CodeOnItsWay
from ..tools.phone import to_national
from .portal import PropertyPortal

PROOF_TYPES = ('image/jpeg', 'image/png', 'image/webp', 'application/pdf')
PROOF_COUNT = 6
PROOF_BYTES = 10 * 1024 * 1024


class PropertyWayIn(PropertyPortal):
    """ From a login to a home: who somebody is, which home is his, who lives with him. """
    _profile_url = '/my/profile'
    _phone_url = '/my/profile/phone'
    _identity_url = '/my/identity'
    _homes_url = '/my/homes'
    _homes_per_page = 20
    _add_url = '/my/homes/add'
    _join_url = '/my/join'
    _family_url = '/my/homes/<int:unit_id>/family'
    _leave_url = '/my/homes/leave'
    _withdraw_url = '/my/homes/withdraw'
    _card_url = '/my/card'
    _scanned_url = '/card/<string:token>'

    # === HOME === #

    def _prepare_property_homes_values(self):
        values = super()._prepare_property_homes_values()
        if values['property_homes'] is not None and not values['property_homes']:
            values['property_steps'] = self._prepare_way_in()
        return values

    def _prepare_property_home_tiles(self, units):
        tiles = super()._prepare_property_home_tiles(units)
        _ = request.env._
        if units or request.env.user._is_portal():
            tiles.append({
                'sequence': 75, 'icon': 'fa-user-o', 'title': _("My data"),
                'text': _("Phone, e-mail, emergency contact"), 'url': self._profile_url,
            })
        if not units:
            return tiles
        own_sudo = self._get_own_occupancies_sudo().filtered(
            lambda occupancy: occupancy.role in ('owner', 'tenant'))
        if own_sudo:
            tiles.append({
                'sequence': 60, 'icon': 'fa-users', 'title': _("My family"),
                'text': _("QR code for your family"),
                'url': self._get_family_url(own_sudo[0].unit_id),
            })
        tiles += [
            {
                'sequence': 65, 'icon': 'fa-qrcode', 'title': _("My card"),
                'text': _("Show it to the staff"), 'url': self._card_url,
            },
            {
                'sequence': 70, 'icon': 'fa-building-o', 'title': _("Homes and requests"),
                'text': _("Add or remove a home"), 'url': self._homes_url,
            },
        ]
        return tiles

    def _prepare_property_steps(self, limit):
        # sudo: as on the page of the homes, what he asked for and what was answered.
        requests_sudo = request.env['property.home.request'].sudo().search(
            [('user_id', '=', request.env.uid)], limit=limit)
        kinds = dict(requests_sudo._fields['kind']._description_selection(request.env))
        return super()._prepare_property_steps(limit) + [
            {
                'kind': kinds[home_request.kind],
                'title': home_request.unit_text or home_request.project_id.name,
                'url': self._homes_url,
                'icon': 'fa-building-o',
                'date': home_request.create_date,
                'is_open': home_request.state == 'pending',
                'steps': home_request._get_steps(),
            }
            for home_request in requests_sudo
        ]

    def _prepare_way_in(self):
        """ The steps to a home, in words, each with its page. """
        _ = request.env._
        words = {
            'profile': (_("Complete your data"), self._profile_url),
            'identity': (_("Confirm who you are"), self._identity_url),
            'home': (_("Add your home"), self._add_url),
            'approval': (_("The office looks at it"), self._homes_url),
        }
        steps = [
            {**step, 'title': words[step['name']][0], 'url': words[step['name']][1]}
            for step in request.env.user._get_home_steps()
        ]
        for step in steps:
            if (step['name'], step['state']) == ('home', 'next'):
                # sudo: as on the page of the homes, what was answered to him.
                last_sudo = request.env['property.home.request'].sudo().search(
                    [('user_id', '=', request.env.uid), ('kind', '=', 'join')], limit=1)
                step['refusal'] = last_sudo.state == 'refused' and last_sudo.reason
        return steps

    def _redirect_to_next_step(self):
        if code := request.session.get('property_join'):  # on the way since then
            return request.redirect(f'{self._join_url}/{code}')
        step = next((s for s in self._prepare_way_in() if s['state'] == 'next'), None)
        return request.redirect(step['url'] if step else '/my')

    # === WHO IT IS === #

    @http.route()
    def account(self, **kwargs):
        """ Override of `portal`: a resident has a page of his own for his data. The form of Odoo
        would take a phone that has answered no code, and asks for what no home needs.
        """
        if request.env.user._is_portal():
            return request.redirect(self._profile_url)
        return super().account(**kwargs)

    @http.route()
    def my_addresses(self, **kwargs):
        """ Override of `portal`: as `account`. """
        if request.env.user._is_portal():
            return request.redirect(self._profile_url)
        return super().my_addresses(**kwargs)

    @http.route()
    def portal_address(self, *args, **kwargs):
        """ Override of `portal`: as `account`. """
        if request.env.user._is_portal():
            return request.redirect(self._profile_url)
        return super().portal_address(*args, **kwargs)

    @http.route()
    def portal_address_submit(self, *args, **kwargs):
        """ Override of `portal`: nothing is changed past the own page. """
        if request.env.user._is_portal():
            return json.dumps({'redirectUrl': self._profile_url})
        return super().portal_address_submit(*args, **kwargs)

    @http.route(_profile_url, type='http', auth='user', methods=['GET', 'POST'], website=True)
    def property_profile(self, **form):
        """ The own data; the certified phone is the number that the office uses. """
        user = request.env.user
        error = None
        if request.httprequest.method == 'POST':
            was_complete = user._has_profile()
            try:
                with request.env.cr.savepoint():
                    self._save_profile(form)
            except (UserError, ValidationError) as exception:
                error = str(exception)
            else:
                return self._redirect_after_profile(was_complete)
        partner = user.partner_id
        return request.render('property_base.portal_property_profile', {
            **self._prepare_portal_layout_values(),
            'page_name': 'property_profile', 'error': error, 'saved': form.get('saved'),
            'user': user, 'resident': partner.property_resident_ids,
            'form': form if error else {
                'name': user.name if user._has_profile() else '', 'email': partner.email or '',
                'emergency_name': partner.property_resident_ids.emergency_name or '',
                'emergency_phone': partner.property_resident_ids.emergency_phone or '',
            },
        })

    def _redirect_after_profile(self, was_complete=True):
        if was_complete and not request.session.get('property_join'):
            return request.redirect(f'{self._profile_url}?saved=1')
        return self._redirect_to_next_step()

    def _save_profile(self, form):
        partner = request.env.user.partner_id.sudo()  # sudo: his own contact, only what is below
        name = (form.get('name') or '').strip()
        if not name:
            raise UserError(request.env._("Enter your name."))
        partner.write({'name': name, 'email': (form.get('email') or '').strip() or False})
        vals = {
            key: (form.get(key) or '').strip() or False
            for key in ('emergency_name', 'emergency_phone')}
        if partner.property_resident_ids:
            partner.property_resident_ids.write(vals)
        else:
            partner.property_resident_ids.create({'partner_id': partner.id, **vals})

    @http.route(_phone_url, type='http', auth='user', methods=['GET', 'POST'], website=True)
    def property_phone(self, **form):
        """ The phone is certified by a code sent to it. """
        Verification = request.env['property.verification'].sudo()  # sudo: nobody reads codes
        phone = to_national(form.get('phone') or request.env.user.phone)
        error = sent = None
        if request.httprequest.method == 'POST':
            try:
                if not phone:
                    raise UserError(request.env._("Enter a mobile number."))
                if not form.get('code'):
                    Verification._send('phone', phone=phone)
                    sent = True
                elif Verification._check('phone', phone, form['code']):
                    user = request.env.user
                    user.sudo()._change_phone(phone)  # sudo: his own, as he has shown
                    # The login may have changed with it; he stays signed in.
                    request.session['login'] = user.login
                    request.session.session_token = user._compute_session_token(
                        request.session.sid)
                    return self._redirect_after_profile()
                else:
                    sent = True
                    error = Verification._get_refusal()
            except UserError as exception:
                sent = isinstance(exception, CodeOnItsWay)
                error = str(exception)
        return request.render('property_base.portal_property_phone', {
            **self._prepare_portal_layout_values(), 'page_name': 'property_profile',
            'error': error, 'sent': sent, 'phone': form.get('phone') or phone})

    @http.route(_identity_url, type='http', auth='user', methods=['GET', 'POST'], website=True)
    def property_identity(self, **form):
        """ Who he is, by name and identity paper. """
        user = request.env.user
        error = None
        if request.httprequest.method == 'POST':
            try:
                with request.env.cr.savepoint():
                    user._set_identity(
                        form.get('name'), self._get_choice(form, 'kind', IDENTITY_KINDS),
                        form.get('number'))
            except (UserError, ValidationError) as exception:
                error = str(exception)
            else:
                return self._redirect_to_next_step()
        resident = user.partner_id.property_resident_ids
        return request.render('property_base.portal_property_identity', {
            **self._prepare_portal_layout_values(),
            'page_name': 'property_identity', 'error': error, 'resident': resident,
            'is_registered': resident.identity_masked and (
                resident.certification or user.partner_id.property_unit_count),
            'name': form.get('name') or (user._has_profile() and user.name) or '',
            'kind': form.get('kind') or resident.identity_kind or 'card',
            'kinds': request.env['property.resident']._fields['identity_kind']
            ._description_selection(request.env),
        })

    def _get_missing_url(self, with_identity=True):
        """ The page of what the user has to tell before he asks for a home, if anything. """
        user = request.env.user
        if not user._has_profile():
            return self._profile_url
        if with_identity and not user.partner_id.property_resident_ids.identity_masked:
            return self._identity_url
        return None

    def _get_choice(self, form, key, selection):
        """ A value of a selection from a form; anything else is as if nothing was chosen. """
        value = form.get(key)
        return value if value in dict(selection) else selection[0][0]

    # === WHICH HOMES === #

    @http.route(
        [_homes_url, f'{_homes_url}/page/<int:page>'], type='http', auth='user', website=True,
        readonly=True)
    def property_homes(self, page=1, notice=None, **kw):
        """ The homes, and what became of what was asked for. """
        # sudo: the portal has no right to requests, which name units; the page shows of his own
        # what he typed, and what the office answered.
        requests_sudo = request.env['property.home.request'].sudo().search(
            [('user_id', '=', request.env.uid)], limit=20)
        homes_sudo = list(self._get_own_occupancies_sudo().grouped('unit_id').items())
        pager = portal_pager(
            url=self._homes_url, total=len(homes_sudo), page=page, step=self._homes_per_page)
        return request.render('property_base.portal_property_homes', {
            **self._prepare_portal_layout_values(),
            'page_name': 'property_homes', 'requests_sudo': requests_sudo, 'notice': notice,
            'error': request.session.pop('property_homes_error', None),
            'homes': homes_sudo[pager['offset']:pager['offset'] + self._homes_per_page],
            'pager': pager,
            'property_steps': not homes_sudo and self._prepare_way_in(),
            'leaving': requests_sudo.filtered(
                lambda r: r.kind == 'leave' and r.state == 'pending').occupancy_id,
            'get_family_url': self._get_family_url,
        })

    @http.route(
        [_add_url, f'{_add_url}/<string:way>'], type='http', auth='user', methods=['GET', 'POST'],
        website=True)
    def property_home_add(self, way=None, **form):
        """ Three ways to a home: the code of a bill, identity data, a proof. """
        if missing := self._get_missing_url():
            return request.redirect(missing)
        if way not in ('identity', 'proof'):
            return request.render('property_base.portal_property_home_add', {
                **self._prepare_portal_layout_values(), 'page_name': 'property_home_add',
                'ways': self._prepare_ways()})
        # sudo: somebody without a home may see no project; their names stand at the gate.
        projects_sudo = request.env['property.project'].sudo().search([])
        error = None
        if request.httprequest.method == 'POST':
            try:
                with request.env.cr.savepoint():
                    self._ask_for_home(way, form, projects_sudo)
            except (UserError, ValidationError) as exception:
                error = str(exception)
            else:
                return request.redirect(f'{self._homes_url}?notice=asked')
        occupancy_fields = request.env['property.occupancy']._fields
        return request.render('property_base.portal_property_home_ask', {
            **self._prepare_portal_layout_values(),
            'page_name': 'property_home_add', 'way': way, 'error': error, 'form': form,
            'projects_sudo': projects_sudo,
            'roles': [choice for choice in occupancy_fields['role']
                      ._description_selection(request.env) if choice[0] != 'family'],
            'proof_days': PROOF_DAYS,
            'proof_kinds': request.env['property.home.request']._fields['proof_kind']
            ._description_selection(request.env),
        })

    def _prepare_ways(self):
        _ = request.env._
        return [
            {'url': self._join_url, 'icon': 'fa-ticket', 'title': _("With the code of a bill"),
             'text': _("Ten characters on your bill or on a slip from the office")},
            {'url': f'{self._add_url}/identity', 'icon': 'fa-id-card-o',
             'title': _("By my identity"),
             'text': _("If the office knows your name and identity number")},
            {'url': f'{self._add_url}/proof', 'icon': 'fa-camera', 'title': _("With a proof"),
             'text': _("Photos of the property certificate, sales or lease contract")},
        ]

    def _ask_for_home(self, way, form, projects_sudo):
        project_id = form.get('project_id') or ''
        project_sudo = projects_sudo.filtered(lambda p: str(p.id) == project_id)
        if not project_sudo:
            raise UserError(request.env._("Choose where your home is."))
        # sudo: the portal writes requests in no other way.
        Request = request.env['property.home.request'].sudo()
        if way == 'identity':
            request.env['property.guess']._count('home', 5, 50, hours=24)
            Request._ask_by_identity(request.env.user, project_sudo)
            return
        place = ' '.join((form.get('unit_text') or '').split())
        if not place:
            raise UserError(request.env._("Enter building and room, as on your contract."))
        proofs = self._read_proofs()
        home_request = Request._ask(request.env.user, {
            'way': 'proof', 'project_id': project_sudo.id, 'unit_text': place[:100],
            'role': self._get_choice(form, 'role', [r for r in ROLES if r[0] != 'family']),
            'proof_kind': self._get_choice(form, 'proof_kind', PROOF_KINDS),
            'note': (form.get('note') or '').strip()[:300] or False,
        })
        home_request.proof_ids = [Command.create({
            **proof, 'res_model': home_request._name, 'res_id': home_request.id,
        }) for proof in proofs]

    def _read_proofs(self):
        files = [f for f in request.httprequest.files.getlist('proof') if f.filename]
        if not files:
            raise UserError(request.env._(
                "Add a photo of the property certificate or the contract."))
        proofs = []
        for file in files[:PROOF_COUNT]:
            raw = file.read(PROOF_BYTES + 1)
            if guess_mimetype(raw) not in PROOF_TYPES or len(raw) > PROOF_BYTES:
                raise UserError(request.env._(
                    "%(file)s: send photos (JPEG, PNG, WebP) or PDF files of at most 10 MB.",
                    file=file.filename))
            proofs.append({'name': file.filename[:100], 'raw': raw})
        return proofs

    @http.route(
        [_join_url, f'{_join_url}/<string:code>'], type='http', auth='user',
        methods=['GET', 'POST'], website=True)
    def property_join(self, code=None, **form):
        """ The code of a bill, or somebody's family QR code. """
        user = request.env.user
        values = {
            **self._prepare_portal_layout_values(),
            'page_name': 'property_join', 'code': code, 'error': None, 'invitation_sudo': None,
            'relations': request.env['property.home.request']._fields['relation']
            ._description_selection(request.env),
        }
        if form.get('typed'):
            typed = ''.join(c for c in form['typed'] if c.isascii() and c.isalnum())
            return request.redirect(f'{self._join_url}/{typed[:20] or "-"}')
        request.session.pop('property_join', None)
        if code:
            try:
                invitation_sudo = self._find_invitation_sudo(code)
                if missing := self._get_missing_url(invitation_sudo.kind == 'home'):
                    request.session['property_join'] = code
                    return request.redirect(missing)
                if request.httprequest.method == 'POST':
                    relation = self._get_choice(form, 'relation', [(False, ''), *RELATIONS])
                    with request.env.cr.savepoint():
                        # sudo: the portal writes requests in no other way.
                        home_request = request.env['property.home.request'].sudo() \
                            ._ask_by_invitation(user, invitation_sudo, relation)
                    notice = 'joined' if home_request.state == 'approved' else 'asked'
                    return request.redirect(f'{self._homes_url}?notice={notice}')
                values['invitation_sudo'] = invitation_sudo
            except UserError as exception:
                values['error'] = str(exception)
        return request.render('property_base.portal_property_join', values)

    def _find_invitation_sudo(self, code):
        request.env['property.guess']._count('code', 10, 60, hours=1)
        # sudo: who has the code may use it; nobody reads codes.
        invitation_sudo = request.env['property.invitation'].sudo()._find_open(code)
        if not invitation_sudo:
            raise UserError(request.env._(
                "This code cannot be used: mistyped, expired, or used already. Ask whoever gave "
                "it to you for a new one."))
        return invitation_sudo

    @http.route(_leave_url, type='http', auth='user', methods=['POST'], website=True)
    def property_home_leave(self, occupancy_id='', **kw):
        """ A home is taken off the account; the owner takes somebody off his family. """
        occupancies = self._get_removable_sudo()
        occupancy_sudo = occupancies.filtered(lambda o: str(o.id) == occupancy_id)
        if not occupancy_sudo:
            return request.redirect(self._homes_url)
        # sudo: the portal writes requests in no other way; whose it is is checked above.
        Request = request.env['property.home.request'].sudo()
        try:
            with request.env.cr.savepoint():
                home_request = Request._ask(request.env.user, {
                    'kind': 'leave', 'occupancy_id': occupancy_sudo.id,
                    'project_id': occupancy_sudo.project_id.id,
                    'unit_id': occupancy_sudo.unit_id.id, 'role': occupancy_sudo.role,
                })
        except UserError as exception:
            # Not in the address, by which anybody could put words into our mouth.
            request.session['property_homes_error'] = str(exception)
            return request.redirect(self._homes_url)
        notice = 'left' if home_request.state == 'approved' else 'asked'
        return request.redirect(f'{self._homes_url}?notice={notice}')

    def _get_removable_sudo(self):
        """ His own occupancies, and those of his family. """
        own = request.env['property.occupancy'].search(self._get_own_occupancies_domain())
        family = own.filtered(lambda o: o.role not in HOUSEHOLD_ROLES).grouped('unit_id').values()
        return own.sudo().union(*(group._get_family_sudo() for group in family))

    @http.route(_withdraw_url, type='http', auth='user', methods=['POST'], website=True)
    def property_home_withdraw(self, request_id='', **kw):
        # sudo: his own request, which he may take back while it waits.
        request.env['property.home.request'].sudo().search([
            ('user_id', '=', request.env.uid), ('state', '=', 'pending'),
        ]).filtered(lambda r: str(r.id) == request_id).write({
            'state': 'withdrawn', 'decided_at': fields.Datetime.now()})
        return request.redirect(self._homes_url)

    # === WHO LIVES WITH HIM === #

    def _get_family_url(self, unit):
        return self._family_url.replace('<int:unit_id>', str(unit.id))

    @http.route(_family_url, type='http', auth='user', methods=['GET', 'POST'], website=True)
    def property_family(self, unit_id, **form):
        """ The QR code for the family, and who they are. """
        own = request.env['property.occupancy'].search(
            self._get_own_occupancies_domain() & Domain('unit_id', '=', unit_id)
            & Domain('role', 'in', ('owner', 'tenant')))
        if not own:
            return request.redirect(self._homes_url)
        # sudo: codes are read by nobody; this one is shown by him whose family it is for.
        Invitation = request.env['property.invitation'].sudo()
        invitation_sudo = Invitation._get_family(own[0])
        if request.httprequest.method == 'POST':
            invitation_sudo._close()
            Invitation._issue_family(own[0])
            return request.redirect(self._get_family_url(own.unit_id))
        return request.render('property_base.portal_property_family', {
            **self._prepare_portal_layout_values(),
            'page_name': 'property_family', 'unit': own.unit_id,
            'invitation_sudo': invitation_sudo, 'family_sudo': own._get_family_sudo(),
            # sudo: whom he invited himself, and who waits.
            'waiting_sudo': request.env['property.home.request'].sudo().search([
                ('unit_id', '=', own.unit_id.id), ('state', '=', 'pending'), ('kind', '=', 'join'),
                ('invitation_id.kind', '=', 'family'),
                ('invitation_id.partner_id', '=', own.partner_id.id)]),
        })

    # === OWNER CARD === #

    @http.route(_card_url, type='http', auth='user', website=True)
    def property_card(self, **kw):
        """ The card as a QR code that says no more than who shows it, for a few minutes. """
        user = request.env.user
        homes = request.env['property.occupancy'].search(self._get_own_occupancies_domain())
        if not homes:
            return request.redirect('/my')
        url = self._scanned_url.replace('<string:token>', user._get_card_token())
        return request.render('property_base.portal_property_card', {
            **self._prepare_portal_layout_values(),
            'page_name': 'property_card', 'homes': homes, 'now': fields.Datetime.now(),
            'card_url': f'{user.get_base_url()}{url}',
            'resident': user.partner_id.property_resident_ids,
        })

    @http.route(_scanned_url, type='http', auth='user', website=True)
    def property_card_scanned(self, token, **kw):
        """ Staff who scan with the camera of their phone come here. """
        user = request.env.user
        if not user.has_group('property_base.group_property_user'):
            return request.render('property_base.portal_property_card_scanned', {
                **self._prepare_portal_layout_values(), 'page_name': 'property_card',
                'error': request.env._(
                    "This is the card of a resident. The staff of the property company read it.")})
        try:
            partner = request.env['res.users']._open_card(token)
        except UserError as exception:
            return request.render('property_base.portal_property_card_scanned', {
                **self._prepare_portal_layout_values(), 'page_name': 'property_card',
                'error': str(exception)})
        return request.redirect(
            f'/odoo/action-property_base.property_customer_action/{partner.id}')
