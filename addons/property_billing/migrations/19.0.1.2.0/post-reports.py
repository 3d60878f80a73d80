from odoo import SUPERUSER_ID, api

DETAILS = {
    'property_report_payments': 'date,name,property_project_id,partner_id,journal_id,amount',
    'property_report_receivables':
        'project_id,unit_id,fee_id,partner_id,date_start,date_end,date_due,'
        'amount,amount_residual,payment_state',
    'property_report_arrears':
        'project_id,unit_id,fee_id,partner_id,date_start,date_end,date_due,'
        'amount,amount_residual,payment_state',
}


def migrate(cr, version):
    """ Reports are the administrator's once they are there: only the new column is filled. """
    env = api.Environment(cr, SUPERUSER_ID, {})
    for name, details in DETAILS.items():
        report = env.ref(f'property_billing.{name}', raise_if_not_found=False)
        if report and not report.details:
            report.details = details
