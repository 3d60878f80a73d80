from odoo import models


class IrRule(models.Model):
    _inherit = 'ir.rule'

    def _compute_domain_context_values(self):
        """ Override of `base`: what is cached for a user is cached for the roles lent to him. """
        yield from super()._compute_domain_context_values()
        yield self.env.user._get_lent_group_ids()

    def _make_access_error(self, operation, records):
        """ Override of `base`: say what is missing, whom to ask and how to apply. """
        error = super()._make_access_error(operation, records)
        user = self.env.user
        if not user._is_internal() or 'property_in_scope' not in records._fields:
            return error
        self = self.with_context(user.context_get())
        user = self.env.user
        kind = self.env['ir.model']._get(records._name).name
        ids = ', '.join(map(str, records.ids[:6]))
        records_sudo = records.sudo()
        project = (
            records_sudo if records._name == 'property.project'
            else records_sudo[records._property_project_field])
        if operation != 'read' and records.with_env(self.env).has_access('read'):
            what = self.env._(
                "No permission: you may see this, not change it (%(kind)s %(ids)s). It is common "
                "to the whole project, and you have only single buildings of it.",
                kind=kind, ids=ids)
        elif 'company_id' in records and project.company_id - self.env.companies:
            return error  # which tells which company to switch to
        else:
            what = self.env._(
                "No permission: %(kind)s %(ids)s belongs to a project or a building that is not "
                "yours, or to one that you had only for a time.", kind=kind, ids=ids)
        error.args = (f'{what}\n\n{user._get_permission_advice(project)}',)
        return error
