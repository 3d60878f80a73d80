from odoo import fields, models


class PropertyProjectMixin(models.AbstractModel):
    """ A record of one project.

    Every model with this mixin needs the global record rule of
    `security/property_base_rules.xml`; a test walks the registry and fails where it is missing.
    """
    _name = 'property.project.mixin'
    _description = 'Record of a project'

    project_id = fields.Many2one(
        'property.project', string="Project", required=True, index=True, ondelete='restrict',
    )
    company_id = fields.Many2one(
        related='project_id.company_id', store=True, index=True, precompute=True,
    )
