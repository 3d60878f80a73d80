from odoo import models
from odoo.exceptions import AccessDenied

from ..tools.phone import to_international


class ResUsers(models.Model):
    """ A code by SMS as the second step of signing in, beside Odoo's by app and by mail. """
    _inherit = 'res.users'

    def _get_second_step_phone(self):
        """ The mobile number that the second step goes to, where the settings choose SMS. """
        # sudo: nobody is signed in yet.
        self_sudo = self.sudo()
        by_sms = self_sudo.env['ir.config_parameter'].get_param('property_base.second_step_sms')
        return to_international(self_sudo.phone) if by_sms else None

    def _mfa_type(self):
        """ Override of `auth_totp_mail`: who has a phone gets the code there. """
        kind = super()._mfa_type()
        if kind == 'totp_mail' and self._get_second_step_phone():
            return 'property_sms'
        return kind

    def _mfa_url(self):
        return '/web/login/totp' if self._mfa_type() == 'property_sms' else super()._mfa_url()

    def _rpc_api_keys_only(self):
        return self._mfa_type() == 'property_sms' or super()._rpc_api_keys_only()

    def _send_second_step_code(self):
        self.env['property.verification']._send('login', phone=self._get_second_step_phone())

    def _check_credentials(self, credential, env):
        if credential['type'] != 'property_sms':
            return super()._check_credentials(credential, env)
        Verification = self.env['property.verification']
        # The page hands it over as a number.
        if not Verification._check(
                'login', self._get_second_step_phone(), f"{credential['token']:06}"):
            raise AccessDenied(Verification._get_refusal())
        return {'uid': self.id, 'auth_method': 'property_sms', 'mfa': 'default'}
