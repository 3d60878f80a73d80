from odoo import fields, models


class PropertyVehicle(models.Model):
    """ A vehicle of a resident. """
    _name = 'property.vehicle'
    _description = 'Vehicle'
    _inherit = ['property.project.mixin']
    _order = 'name'

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
