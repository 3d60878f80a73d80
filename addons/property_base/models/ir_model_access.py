from odoo import api, models
from odoo.tools import ormcache


class IrModelAccess(models.Model):
    _inherit = 'ir.model.access'

    def _get_allowed_models(self, mode='read'):
        """ Override of `base`, whose answer is cached: a lent role must not get into the cache. """
        user = self.env.user
        if user._get_lent_group_ids():
            return self._get_models_of_groups(user._get_group_ids(), mode)
        return super()._get_allowed_models(mode)

    @api.model
    @ormcache('group_ids', 'mode')
    def _get_models_of_groups(self, group_ids, mode):
        accesses = self.sudo().search([
            (f'perm_{mode}', '=', True),
            '|', ('group_id', '=', False), ('group_id', 'in', group_ids)])
        return frozenset(accesses.model_id.mapped('model'))

    def _make_access_error(self, model, mode):
        """ Override of `base`: say which right is missing, whom to ask and how to apply. """
        error = super()._make_access_error(model, mode)
        user = self.env.user
        if not user._is_internal() or not model.startswith('property.'):
            return error
        self = self.with_context(user.context_get())
        user = self.env.user
        actions = {
            'read': self.env._("see"),
            'write': self.env._("change"),
            'create': self.env._("add"),
            'unlink': self.env._("delete"),
        }
        # sudo: which rights there are is no secret, and staff may not read it.
        groups = self.sudo().search([
            ('model_id.model', '=', model), (f'perm_{mode}', '=', True)]).group_id
        roles = self.env['res.users.role'].sudo().search([
            ('is_lendable', '=', True), ('all_implied_ids', 'in', groups.ids)])
        lines = [self.env._(
            "No permission: you may not %(action)s %(kind)s.",
            action=actions[mode], kind=self.env['ir.model']._get(model).name)]
        if groups:
            lines.append(self.env._(
                "It takes one of these rights: %(rights)s.", rights=groups.mapped('full_name')))
        if roles:
            lines.append(self.env._("Roles with it: %(roles)s.", roles=roles.mapped('name')))
        error.args = ('\n'.join(lines) + '\n\n' + user._get_permission_advice(),)
        return error
