from odoo import fields, models


class PropertyProjectMixin(models.AbstractModel):
    """ A record of one project. Where it can, it has a stored and indexed `building_id`, too. """
    _name = 'property.project.mixin'
    _description = 'Record of a project'
    _inherit = ['property.guard.mixin', 'property.scope.mixin']

    project_id = fields.Many2one(
        'property.project', string="Project", required=True, index=True, ondelete='restrict',
    )
    company_id = fields.Many2one(
        related='project_id.company_id', store=True, index=True, precompute=True,
    )

    def write(self, vals):
        """ Record rules are asked before a write, not after it: without this, anybody could move
        a record into a project or a building that he may not change.
        """
        if self.env.su:
            return super().write(vals)
        target = self.env['property.project'].browse(vals.get('project_id'))
        if target and not target.property_in_write_scope:
            raise self.env['ir.rule']._make_access_error('write', target)
        names = self._get_scope_fields()
        before = [[record[name] for name in names] for record in self]
        result = super().write(vals)
        if before != [[record[name] for name in names] for record in self]:
            self.check_access('write')
        return result
