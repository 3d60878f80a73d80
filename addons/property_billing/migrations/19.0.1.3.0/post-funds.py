from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """ Two more accounts with their roles; what is posted says whose money it is. """
    env = api.Environment(cr, SUPERUSER_ID, {})
    for company in env['res.company'].search(
        [('chart_template', '!=', False)], order='parent_path',
    ):
        env['account.chart.template']._load_property_billing_data(company)
        fee = env.ref(
            f'property_billing.{company.id}_fee_maintenance_fund', raise_if_not_found=False)
        if (fee and fee.nature == 'trust' and company.property_maintenance_account_id
                and not fee._get_posted()):
            fee.fund_kind = 'maintenance'
    # Whom it was collected for nobody had said.
    cr.execute("""
        UPDATE account_move_line line
           SET property_fee_id = fee.id, property_unit_id = charge.unit_id
          FROM property_fee fee
          JOIN property_charge charge ON charge.fee_id = fee.id
         WHERE fee.nature != 'income' AND line.property_charge_id = charge.id
           AND line.display_type = 'product'
    """)
