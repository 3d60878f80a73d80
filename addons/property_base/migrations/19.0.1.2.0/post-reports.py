from odoo import SUPERUSER_ID, api

DETAILS = {
    'property_report_occupancy':
        'project_id,building_id,unit_id,kind,state,building_area,'
        'occupied_count',
    'property_report_residents': 'project_id,unit_id,partner_id,role,date_start,date_end',
    'property_report_handovers': 'project_id,unit_id,partner_id,kind,role,date,state',
}


def migrate(cr, version):
    """ Reports are the administrator's once they are there: only the new column is filled. """
    env = api.Environment(cr, SUPERUSER_ID, {})
    for name, details in DETAILS.items():
        report = env.ref(f'property_base.{name}', raise_if_not_found=False)
        if report and not report.details:
            report.details = details
    # The name of the file is a lookup, which a language of its own would keep as it was.
    cr.execute(
        """ UPDATE ir_act_report_xml
               SET print_report_name = jsonb_build_object('en_US', 'object.name')
             WHERE report_name LIKE 'property_base.report_table%' """)
