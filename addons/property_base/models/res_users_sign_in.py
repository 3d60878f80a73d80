from contextlib import contextmanager

from odoo import fields, models
from odoo.exceptions import AccessDenied


class ResUsers(models.Model):
    _inherit = 'res.users'

    property_is_locked = fields.Boolean(
        string="Locked after wrong passwords", compute='_compute_property_is_locked',
        groups='base.group_erp_manager',
    )

    # === COMPUTE METHODS === #

    def _compute_property_is_locked(self):
        locked = self._get_sign_in_locks().user_id
        for user in self:
            user.property_is_locked = user._origin in locked

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

    def _get_sign_in_locks(self):
        return self.env['property.sign.in.failure'].search(
            [('user_id', 'in', self.ids), ('is_locked', '=', True)])

    def _has_password(self):
        self.env.cr.execute(
            "SELECT password FROM res_users WHERE id = %s AND password <> ''", [self.id or 0])
        return bool(self.env.cr.rowcount)
