from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    # The meters of the trade come with the chart of a company; these have theirs already.
    env = api.Environment(cr, SUPERUSER_ID, {})
    for company in env['res.company'].search([('chart_template', '!=', False)]):
        env['property.meter.type']._create_seeds(company)
