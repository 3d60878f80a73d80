{
    'name': 'Property Demo Company',
    'summary': 'A believable property company of any size, with a year of bills and payments',
    'version': '19.0.1.0.0',
    'category': 'Real Estate/Property Management',
    'author': 'Property Management Suite',
    'license': 'AGPL-3',
    'depends': ['l10n_cn', 'payment_demo', 'property_billing'],
    'data': [
        'views/payment_demo_templates.xml',
    ],
}
