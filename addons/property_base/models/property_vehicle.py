from odoo import api, fields, models
from odoo.exceptions import ValidationError


class PropertyVehicle(models.Model):
    """ A vehicle of a resident. """
    _name = 'property.vehicle'
    _description = 'Vehicle'
    _inherit = ['property.project.mixin']
    _order = 'name'

    project_id = fields.Many2one(
        compute='_compute_project_id', store=True, readonly=False, precompute=True,
    )
    building_id = fields.Many2one(
        related='unit_id.building_id', store=True, index='btree_not_null', precompute=True,
    )
    name = fields.Char(string="Plate number", required=True, index=True)
    partner_id = fields.Many2one('res.partner', string="Holder", index='btree_not_null')
    unit_id = fields.Many2one('property.unit', string="Unit", index='btree_not_null')
    kind = fields.Selection(
        [('car', "Car"), ('coach', "Coach"), ('truck', "Truck"), ('other', "Other")],
        required=True, default='car',
    )
    brand = fields.Char()
    color = fields.Char(string="Colour")
    active = fields.Boolean(default=True)

    _plate_project_uniq = models.UniqueIndex(
        '(project_id, name)', "This plate number is registered in this project already.",
    )

    @api.depends('unit_id.project_id')
    def _compute_project_id(self):
        for vehicle in self:
            vehicle.project_id = vehicle.unit_id.project_id or vehicle.project_id

    @api.constrains('project_id', 'unit_id')
    def _check_unit_id(self):
        for vehicle in self:
            if vehicle.unit_id and vehicle.unit_id.project_id != vehicle.project_id:
                raise ValidationError(self.env._(
                    "%(plate)s: unit %(unit)s is not in project %(project)s.",
                    plate=vehicle.name, unit=vehicle.unit_id.complete_name,
                    project=vehicle.project_id.name))
