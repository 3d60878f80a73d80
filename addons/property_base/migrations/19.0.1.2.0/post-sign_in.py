from odoo import SUPERUSER_ID, api

from odoo.addons.property_base import set_sign_in_defaults


def migrate(cr, version):
    set_sign_in_defaults(api.Environment(cr, SUPERUSER_ID, {}))
