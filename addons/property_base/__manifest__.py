{
    'name': 'Property Base',
    'summary': 'Projects, buildings, units, who lives where and who may see it',
    'version': '19.0.1.0.0',
    'category': 'Real Estate/Property Management',
    'author': 'Property Management Suite',
    'license': 'AGPL-3',
    'depends': ['base_user_role', 'contacts', 'mail', 'portal', 'queue_job'],
    'data': [
        'security/property_base_groups.xml',
        'security/ir.model.access.csv',
        'security/property_base_rules.xml',
    ],
    'application': True,
    'pre_init_hook': 'pre_init_hook',
}
