{
    'name': 'Property Billing',
    'summary': 'Fees, tariffs, bill runs and payments in the real journals',
    'version': '19.0.1.0.0',
    'category': 'Real Estate/Property Management',
    'author': 'Property Management Suite',
    'license': 'AGPL-3',
    'depends': ['account_payment', 'l10n_cn', 'property_base', 'queue_job'],
    'data': [
        'security/property_billing_groups.xml',
        'security/ir.model.access.csv',
        'security/property_billing_rules.xml',
        'data/queue_job_data.xml',
        'data/mail_template_data.xml',
        'views/res_config_settings_views.xml',
    ],
    'post_init_hook': '_post_init_hook',
}
