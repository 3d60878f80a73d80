from random import SystemRandom
from urllib.parse import urlencode, urlsplit

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from odoo.addons.auth_totp.controllers.home import Home
from odoo.addons.password_security.controllers.main import PasswordSecurityHome

from ..tools import captcha
from ..tools.identity import mask_address

RANDOM = SystemRandom()


class PropertySignIn(PasswordSecurityHome):

    @http.route()
    def web_login(self, *args, **kw):
        """ Override of `password_security`, which leads to the change of a password on the host of
        the system parameter, to stay on the host that the person is on.
        """
        response = super().web_login(*args, **kw)
        if response.is_qweb:
            response.qcontext['maintenance'] = request.env['ir.http']._get_maintenance()
            # What was wrong just now is counted by a transaction that this one does not see.
            with request.env.registry.cursor() as cr:
                response.qcontext['captcha'] = \
                    request.env(cr=cr)['property.sign.in.failure']._asks_captcha()
        location = urlsplit(response.location or '')
        if location.path == '/web/reset_password':
            response.location = self._get_new_password_url(location.query, kw.get('redirect'))
        return response

    def _get_new_password_url(self, query, redirect):
        """ Where a new password is chosen; the page that he was on his way to goes along. """
        query += f"&{urlencode({'redirect': redirect})}" if redirect else ''
        return f'/web/reset_password?{query}'

    @http.route('/web/login/captcha', type='http', auth='public', methods=['GET'])
    def web_login_captcha(self, **kw):
        """ A new picture; what it shows is kept in the session. """
        text = captcha.choose(RANDOM)
        request.session['property_captcha'] = text
        return request.make_response(captcha.draw(text, RANDOM), [
            ('Content-Type', 'image/png'), ('Cache-Control', 'no-store')])

    @http.route()
    def web_auth_signup(self, *args, **kw):
        """ Override of `auth_signup`: who was not invited registers with a phone that answers. """
        qcontext = self.get_auth_signup_qcontext()
        if not qcontext.get('token') and not qcontext['signup_enabled']:
            return request.redirect('/register')
        return super().web_auth_signup(*args, **kw)

    @http.route()
    def web_auth_reset_password(self, *args, **kw):
        """ Override of `auth_signup`: without a token, a code by SMS or mail leads to one. """
        qcontext = self.get_auth_signup_qcontext()
        if qcontext.get('token') or not qcontext['reset_password_enabled']:
            return super().web_auth_reset_password(*args, **kw)
        login = (kw.get('login') or '').strip()
        # sudo: nobody is signed in; the methods say nothing of whom they found.
        users_sudo = request.env['res.users'].sudo()
        if request.httprequest.method == 'POST' and login:
            qcontext['code_asked'] = True
            if not kw.get('code'):
                users_sudo._send_reset_code(login)
            elif user_sudo := users_sudo._check_reset_code(login, kw['code']):
                user_sudo.partner_id.signup_prepare(signup_type='reset')
                token = user_sudo.partner_id._generate_signup_token()
                return request.redirect(self._get_new_password_url(
                    urlencode({'token': token}), kw.get('redirect')))
            else:
                qcontext['error'] = request.env['property.verification']._get_refusal()
        return request.render('property_base.forgotten_password', qcontext, headers={
            'X-Frame-Options': 'SAMEORIGIN',
            'Content-Security-Policy': "frame-ancestors 'self'",
        })

    def do_signup(self, qcontext, *args, **kwargs):
        """ Override of `auth_signup`: a password that will not do must not use up the token. """
        if user_sudo := qcontext.get('password_user'):
            user_sudo._check_password(qcontext.get('password'))
        return super().do_signup(qcontext, *args, **kwargs)

    def get_auth_signup_qcontext(self):
        """ Override of `auth_signup` to tell what a password needs, and why to change it. """
        qcontext = super().get_auth_signup_qcontext()
        # sudo: nobody is signed in; the token says whose password it is.
        qcontext['password_rule'] = request.env['res.users'].sudo()._get_password_rule()
        if qcontext.get('token') and not qcontext.get('invalid_token'):
            partner_sudo = request.env['res.partner'].sudo()._get_partner_from_token(
                qcontext['token'])
            user_sudo = partner_sudo.user_ids[:1]
            qcontext['password_user'] = user_sudo
        return qcontext


class PropertySecondStep(Home):

    @http.route()
    def web_totp(self, redirect=None, **kwargs):
        """ Override of `auth_totp` to send a code by SMS. """
        response = super().web_totp(redirect=redirect, **kwargs)
        user = response.qcontext.get('user') if response.status_code == 200 else None
        if not user or user._mfa_type() != 'property_sms':
            return response
        response.qcontext['sms_phone'] = mask_address(user._get_second_step_phone())
        if not kwargs.get('totp_token'):
            try:
                user._send_second_step_code()
            except UserError as error:
                response.qcontext['error'] = str(error)
        return response
