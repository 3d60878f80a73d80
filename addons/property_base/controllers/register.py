import time

from odoo import http
from odoo.exceptions import UserError, ValidationError
from odoo.http import request
from odoo.tools import email_normalize

from odoo.addons.auth_signup.models.res_partner import SignupError

from ..models.property_verification import CodeOnItsWay
from ..tools.phone import to_national

# What the session keeps between the steps: the phone, and when it has answered its code.
SESSION_PHONE = 'property_register_phone'
SESSION_CONFIRMED = 'property_register_confirmed'
CONFIRMED_SECONDS = 900


class PropertyRegister(http.Controller):
    """ Somebody without a login makes one: by phone, or by an invitation and an e-mail address. """
    _register_url = '/register'

    @http.route(
        _register_url, type='http', auth='public', methods=['GET', 'POST'], website=True,
        sitemap=False)
    def property_register(self, step='phone', redirect='/my', **form):
        if request.session.uid:
            return request.redirect(redirect)
        error = None
        try:
            if request.httprequest.method == 'POST':
                step = self._take_step(step, form, redirect)
                if not step:
                    return request.redirect(redirect)
            elif step == 'email':
                self._check_invited(redirect)
            else:
                step = 'phone'
        except CodeOnItsWay as exception:
            step, error = 'code', str(exception)
        except (UserError, ValidationError) as exception:
            error = str(exception)
        phone = request.session.get(SESSION_PHONE) or ''
        if step not in self._get_open_steps():
            step = 'phone'
        login = step == 'password' and self._get_free_login(phone)
        return request.render('property_base.property_register', {
            'error': error, 'step': step, 'email': form.get('email'),
            'phone': form.get('phone') or phone, 'login': login,
            'taken': login and login != phone and phone,
            # sudo: what a password needs is no secret.
            'password_rule': request.env['res.users'].sudo()._get_password_rule(),
            'is_invited': step == 'phone' and '/my/join/' in redirect,
        })

    def _take_step(self, step, form, redirect):
        """ Do what was submitted.

        :return: the step that comes next, if any
        """
        Verification = request.env['property.verification'].sudo()  # sudo: nobody reads codes
        phone = request.session.get(SESSION_PHONE)
        if step not in self._get_open_steps():
            step = 'phone'
        if step == 'email':
            self._check_invited(redirect)
            email = email_normalize(form.get('email') or '')
            if not email:
                raise UserError(request.env._("Enter an e-mail address."))
            self._register(email, form, email=email)
            return None
        if step == 'code':
            if not Verification._check('register', phone, form.get('code')):
                raise UserError(Verification._get_refusal())
            request.session[SESSION_CONFIRMED] = time.time()
            return 'password'
        if step == 'password':
            self._register(self._get_free_login(phone), form, phone=phone)
            return None
        phone = to_national(form.get('phone'))
        if not phone:
            raise UserError(request.env._("Enter a mobile number."))
        request.session[SESSION_PHONE] = phone
        request.session.pop(SESSION_CONFIRMED, None)
        Verification._send('register', phone=phone)
        return 'code'

    def _get_open_steps(self):
        """ The steps that may be taken now; no form is believed to come after another. """
        steps = ['phone', 'email']
        if request.session.get(SESSION_PHONE):
            steps.append('code')
            if request.session.get(SESSION_CONFIRMED, 0) > time.time() - CONFIRMED_SECONDS:
                steps.append('password')
        return steps

    def _get_free_login(self, phone):
        # sudo: who has answered the code may know whether his phone is a login already.
        return request.env['res.users'].sudo()._get_free_login(phone)

    def _check_invited(self, redirect):
        """ An invitation stands for the phone: somebody vouches for the person. """
        request.env['property.guess']._count('code', 10, 60, hours=1)
        code = redirect.rpartition('/my/join/')[2]
        # sudo: who has the code may use it; nobody reads codes.
        if not request.env['property.invitation'].sudo()._find_open(code):
            raise UserError(request.env._(
                "Without a phone you register by an invitation only, and this one cannot be used. "
                "Register with your phone."))

    def _register(self, login, form, **vals):
        if not form.get('password') or form['password'] != form.get('confirm'):
            raise UserError(request.env._("The two passwords differ. Type them again."))
        # sudo: there is no user yet; what he may become is decided here, a user of the portal.
        Users = request.env['res.users'].sudo()
        try:
            Users._register_resident(login, form['password'], **vals)
        except SignupError as error:
            if isinstance(error.__context__, UserError):  # such as a password that is too short
                raise error.__context__ from error
            raise UserError(request.env._(
                "%(login)s cannot be registered: it is a login already. Sign in with it.",
                login=login)) from error
        for key in (SESSION_PHONE, SESSION_CONFIRMED):
            request.session.pop(key, None)
        request.session.authenticate(
            request.env, {'type': 'password', 'login': login, 'password': form['password']})
