import secrets

from odoo import fields, models

from ..tools.passwords import generate


class ChangePasswordUser(models.TransientModel):
    """ An administrator gives a first password; one that nobody can guess is offered. """
    _inherit = 'change.password.user'

    new_passwd = fields.Char(default=lambda self: generate(
        max(10, self.env['res.users']._get_all_password_params()['minlength']), secrets.choice))
