from odoo import api, fields, models


class PropertyRegion(models.Model):
    """ The tree above the project: head office, regional company, service centre.

    Legal entities are companies; a region only says who manages what.
    """
    _name = 'property.region'
    _description = 'Region'
    _inherit = ['property.guard.mixin']
    _parent_store = True
    _order = 'sequence, name'
    _rec_name = 'complete_name'

    name = fields.Char(required=True)
    complete_name = fields.Char(
        compute='_compute_complete_name', store=True, recursive=True,
    )
    kind = fields.Selection(
        [('head_office', "Head office"), ('regional', "Regional company"),
         ('service_centre', "Service centre")],
        required=True, default='regional',
    )
    sequence = fields.Integer(default=10)
    parent_id = fields.Many2one(
        'property.region', string="Part of", index=True, ondelete='restrict',
    )
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many('property.region', 'parent_id', string="Parts")
    project_ids = fields.One2many('property.project', 'region_id', string="Projects")
    user_id = fields.Many2one('res.users', string="Responsible")
    active = fields.Boolean(default=True)

    @api.depends('name', 'parent_id.complete_name')
    def _compute_complete_name(self):
        for region in self:
            parent = region.parent_id.complete_name
            region.complete_name = f'{parent} / {region.name}' if parent else region.name
