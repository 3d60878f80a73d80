import secrets

from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from ..tools.passwords import generate


class PropertyResident(models.Model):
    """ The office helps who forgot his password and has no phone or mailbox for a code. """
    _inherit = 'property.resident'

    has_login = fields.Boolean(
        string="Has a login", compute='_compute_has_login', compute_sudo=True)

    def _compute_has_login(self):
        for resident in self:
            resident.has_login = bool(resident.partner_id.user_ids.filtered('share'))

    def action_give_first_password(self):
        """ A password to tell the person who stands there; it has to be changed at once. """
        self.ensure_one()
        self.check_access('write')
        if not self.env.user.has_group('property_base.group_resident_edit'):
            raise AccessError(self.env._(
                "Giving a first password takes the right to change residents.\n%(advice)s",
                advice=self.env.user._get_permission_advice()))
        # sudo: staff who keep residents have no right on users. Colleagues are left out.
        user_sudo = self.sudo().partner_id.user_ids.filtered('share')[:1]
        if not user_sudo:
            raise UserError(self.env._(
                "%(person)s has no login of the portal. He can register himself; a colleague's "
                "password is set by the administrator.", person=self.partner_id.name))
        password = generate(
            max(10, user_sudo._get_all_password_params()['minlength']), secrets.choice)
        user_sudo.password = password
        user_sudo._get_sign_in_locks().action_unlock()
        self.message_post(body=self.env._("A first password for the portal was given."))
        return {
            'type': 'ir.actions.client',
            'tag': 'display_notification',
            'params': {
                'type': 'success',
                'sticky': True,
                'title': self.env._("First password"),
                'message': self.env._(
                    "%(person)s signs in as %(login)s with %(password)s and then has to choose a "
                    "password of his own. It is shown only here.",
                    person=self.partner_id.name, login=user_sudo.login, password=password),
            },
        }
