from odoo import fields, models


class PropertyUnitMixin(models.AbstractModel):
    """ What is of one unit, and seen where that is. """
    _name = 'property.unit.mixin'
    _description = 'Record of a unit'
    _inherit = ['property.project.mixin']

    unit_id = fields.Many2one('property.unit', required=True, index=True, ondelete='restrict')
    project_id = fields.Many2one(
        related='unit_id.project_id', store=True, index=True, precompute=True, required=False,
    )
    building_id = fields.Many2one(
        related='unit_id.building_id', store=True, index=True, precompute=True,
    )
