from contextlib import contextmanager, suppress

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessDenied, AccessError, UserError
from odoo.fields import Domain
from odoo.http import request
from odoo.tools import email_normalize

from ..tools.phone import to_international


class ResUsers(models.Model):
    _inherit = 'res.users'

    property_is_locked = fields.Boolean(
        string="Locked after wrong passwords", compute='_compute_property_is_locked',
        groups='base.group_erp_manager',
    )

    @property
    def SELF_READABLE_FIELDS(self):
        return [*super().SELF_READABLE_FIELDS, 'function']

    @property
    def SELF_WRITEABLE_FIELDS(self):
        return [*super().SELF_WRITEABLE_FIELDS, 'function']

    # === COMPUTE METHODS === #

    def _compute_property_is_locked(self):
        locked = self._get_sign_in_locks().user_id
        for user in self:
            user.property_is_locked = user._origin in locked

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        users = super().create(vals_list)
        self.union(*(
            user for user, vals in zip(users, vals_list, strict=True) if vals.get('password')
        ))._mark_first_password()
        return users

    def write(self, vals):
        result = super().write(vals)
        if vals.get('password'):
            self._mark_first_password()
        return result

    # === ACTION METHODS === #

    def action_unlock_sign_in(self):
        self._get_sign_in_locks().action_unlock()

    # === BUSINESS METHODS: LOCK-OUT === #

    @contextmanager
    def _assert_can_auth(self, user=None):
        """ Override of `base`: failures are counted in the database, per account and address,
        instead of per address in the memory of one process.
        """
        Failure = self.env['property.sign.in.failure']
        source = Failure._get_source()
        if not source:
            yield
            return
        if isinstance(user, int):
            account = self.sudo().browse(user)
        else:
            account = self.sudo().search(
                self._get_login_domain(user), order=self._get_login_order(), limit=1)
        try:
            with Failure._counted(account.login or user, account, source):
                yield
        except AccessDenied:
            # Who guesses names must not see by the time whether there was a password to compare.
            if not account._has_password():
                self._crypt_context().hash('')
            raise

    def _has_password(self):
        self.env.cr.execute(
            "SELECT password FROM res_users WHERE id = %s AND password <> ''", [self.id or 0])
        return bool(self.env.cr.rowcount)

    def _get_sign_in_locks(self):
        return self.env['property.sign.in.failure'].search(
            [('user_id', 'in', self.ids), ('is_locked', '=', True)])

    # === BUSINESS METHODS: WHO IT IS === #

    @api.model
    def _get_login_domain(self, login):
        """ Override of `base`: residents may give their phone number instead of a name. """
        domain = super()._get_login_domain(login)
        phone = to_international(login)
        if not phone or self.sudo().search_count(domain, limit=1):
            return domain
        number = phone.removeprefix('+86')
        residents = Domain('share', '=', True) & Domain(
            'partner_id.phone_mobile_search', 'in', (phone, number))
        certified = Domain('partner_id.property_resident_ids.certified_phone', '=', number)
        # Who has shown that the number is his comes before who has typed it. Two of a kind must
        # each give their name.
        for wanted in (residents & certified, residents):
            # sudo: nobody is signed in yet.
            if users := self.sudo().search(wanted, limit=2):
                return Domain('id', '=', users.id) if len(users) == 1 else domain
        return domain

    # === BUSINESS METHODS: PASSWORD === #

    def _mark_first_password(self):
        """ A password that was given by a colleague must be changed at the next sign-in: to
        `password_security`, one without a date has expired.
        """
        if self.env.uid != SUPERUSER_ID and self.env.user._is_internal():
            # sudo: who may give a password may not write the date of it.
            (self - self.env.user).sudo().password_write_date = False

    def _password_has_expired(self):
        """ Override of `password_security`: residents, who come once in a quarter, only have to
        change a first password.
        """
        return super()._password_has_expired() and not (self.share and self.password_write_date)

    def _check_password_changed(self):
        # sudo: the user's own.
        if self.sudo()._password_has_expired():
            raise AccessError(self.env._(
                "This password has to be changed first: sign in on the web page and choose one of "
                "your own."))

    def authenticate(self, credential, user_agent_env):
        """ Override of `base`: the page leads on to the change of a first password; there is no
        way to change it from elsewhere.
        """
        auth_info = super().authenticate(credential, user_agent_env)
        if request and request.dispatcher.routing_type != 'http' \
                and auth_info['auth_method'] == 'password':
            self.browse(auth_info['uid'])._check_password_changed()
        return auth_info

    def _check_credentials(self, credential, env):
        """ Override of `base`: as `authenticate`, for each call over XML-RPC and JSON-RPC. """
        auth_info = super()._check_credentials(credential, env)
        if auth_info['auth_method'] == 'password' and not (env or {}).get('interactive', True):
            self.env.user._check_password_changed()
        return auth_info

    @api.model
    def _get_all_password_params(self):
        """ Override of `password_security`, which takes its own strict defaults for what is not
        stored: Odoo's settings store no 0.
        """
        get_param = self.env['ir.config_parameter'].sudo().get_param
        return {
            name: int(get_param(
                f'auth_password_policy.{name}' if name == 'minlength'
                else f'password_security.{name}', 0))
            for name in super()._get_all_password_params()
        }

    @api.model
    def _get_password_rule(self):
        """ What a password needs, as a sentence. """
        params = self._get_all_password_params()
        names = {
            'lower': self.env._("small letters"),
            'upper': self.env._("capital letters"),
            'numeric': self.env._("digits"),
            'special': self.env._("special characters"),
        }
        kinds = [name for kind, name in names.items() if params[kind]]
        if kinds:
            return self.env._(
                "At least %(length)s characters, with %(kinds)s. The more kinds of characters, "
                "the safer.", length=params['minlength'], kinds=kinds)
        return self.env._("At least %(length)s characters.", length=params['minlength'])

    def password_match_message(self):
        """ Override of `password_security` for one sentence instead of a list. """
        return self._get_password_rule()

    def _check_password_history(self, password):
        """ Override of `password_security` to say what to do. """
        try:
            super()._check_password_history(password)
        except UserError as error:
            raise UserError(self.env._(
                "This password was used before. Choose another one.")) from error

    # === BUSINESS METHODS: FORGOTTEN PASSWORD === #

    @api.model
    def _find_forgetful(self, login):
        """ The user who goes by this name, phone number or e-mail address, if it is one. """
        users = self.search(self._get_login_domain(login), limit=2)
        if not users and (email := email_normalize(login)):
            users = self.search(self._get_email_domain(email), limit=2)
        return users if len(users) == 1 else self.browse()

    def _get_reset_address(self, login):
        """ Where the code goes: what was typed if it is his, else the phone, else the mailbox. """
        phone = to_international(self.phone)
        email = email_normalize(self.email)
        if email and (not phone or email == email_normalize(login)):
            return {'email': email}
        return {'phone': phone} if phone else {}

    @api.model
    def _send_reset_code(self, login):
        """ Send a code to who forgot his password. Says and takes the same whether there is such
        an account or not.
        """
        Verification = self.env['property.verification']
        with suppress(UserError):  # that one was sent just now would tell that there is an account
            if address := self._find_forgetful(login)._get_reset_address(login):
                Verification._send('reset', **address)
            else:
                Verification._make('reset', login)

    @api.model
    def _check_reset_code(self, login, code):
        """ The user whose code this is, or none. His locks end with it. """
        user = self._find_forgetful(login)
        address = next(iter(user._get_reset_address(login).values()), login)
        if not self.env['property.verification']._check('reset', address, code):
            return self.browse()
        user._get_sign_in_locks().action_unlock()
        return user
