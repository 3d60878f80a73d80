from odoo import fields, models


class PropertyProjectMixin(models.AbstractModel):
    """ A record of one project.

    Every model with this mixin needs the global record rule of
    `security/property_base_rules.xml`; a test walks the registry and fails where it is missing.
    """
    _name = 'property.project.mixin'
    _description = 'Record of a project'
    _inherit = ['property.guard.mixin']

    project_id = fields.Many2one(
        'property.project', string="Project", required=True, index=True, ondelete='restrict',
    )
    company_id = fields.Many2one(
        related='project_id.company_id', store=True, index=True, precompute=True,
    )

    def write(self, vals):
        """ Record rules are asked before a write, not after it: without this, anybody could move
        a record into a project that he may not see.
        """
        if self.env.su:
            return super().write(vals)
        projects = self.project_id
        result = super().write(vals)
        if moved_into := self.project_id - projects:
            moved_into.check_access('read')
        return result
