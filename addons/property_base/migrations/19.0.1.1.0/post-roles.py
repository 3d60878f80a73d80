from odoo import SUPERUSER_ID, Command, api


def migrate(cr, version):
    # Roles are left alone by an update; these two were made before permissions for a time.
    env = api.Environment(cr, SUPERUSER_ID, {})
    if role := env.ref('property_base.role_administrator', raise_if_not_found=False):
        role.is_lendable = False
    if role := env.ref('property_base.role_project_manager', raise_if_not_found=False):
        role.implied_ids = [Command.link(env.ref('property_base.group_permission_grant').id)]
