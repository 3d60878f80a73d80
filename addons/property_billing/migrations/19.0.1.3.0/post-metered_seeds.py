from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """ Water, electricity and gas are charged by meter, where nobody has done anything with the
    ready-made tariffs yet.
    """
    env = api.Environment(cr, SUPERUSER_ID, {})
    fees = env['property.fee'].browse(env['ir.model.data'].search([
        ('module', '=', 'property_billing'), ('model', '=', 'property.fee'),
        '|', ('name', '=like', r'%\_fee\_water'),
        '|', ('name', '=like', r'%\_fee\_electricity'), ('name', '=like', r'%\_fee\_gas'),
    ]).mapped('res_id')).exists()
    env['property.tariff'].with_context(active_test=False).search([
        ('fee_id', 'in', fees.ids), ('active', '=', False), ('basis', '=', 'unit'),
        ('version_ids', '=', False),
    ]).filtered(lambda tariff: not env['property.fee.assignment'].with_context(
        active_test=False).search_count([('tariff_id', '=', tariff.id)], limit=1)).basis = 'metered'
