from odoo import SUPERUSER_ID, api

from odoo.addons.property_base import set_password_rule


def migrate(cr, version):
    set_password_rule(api.Environment(cr, SUPERUSER_ID, {}))
