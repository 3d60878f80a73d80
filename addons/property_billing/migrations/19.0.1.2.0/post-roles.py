from odoo import SUPERUSER_ID, api

# Leases came with 19.0.1.2.0: whose work they are keeps or reviews them from then on.
RIGHTS = {
    'property_billing.role_finance_clerk': 'property_billing.group_lease_officer',
    'property_base.role_project_manager': 'property_billing.group_billing_approve',
}


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    for role_id, group_id in RIGHTS.items():
        if role := env.ref(role_id, raise_if_not_found=False):
            role.implied_ids += env.ref(group_id)
