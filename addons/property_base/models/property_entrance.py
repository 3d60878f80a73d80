from odoo import api, fields, models

from ..tools.numbering import get_first_number


class PropertyEntrance(models.Model):
    """ One stairwell (单元) of a building. """
    _name = 'property.entrance'
    _description = 'Entrance'
    _inherit = ['property.project.mixin']
    _order = 'building_id, sequence, name'
    _rec_names_search = ['name', 'code']

    name = fields.Char(required=True)
    code = fields.Char(help="The entrance's number, e.g. 1 for 1单元; workbooks name it by this.")
    sequence = fields.Integer(
        compute='_compute_sequence', store=True, readonly=False, precompute=True,
        help="Position among the others: the number in the name, last without one.",
    )
    active = fields.Boolean(default=True)
    building_id = fields.Many2one(
        'property.building', required=True, index=True, ondelete='restrict',
    )
    project_id = fields.Many2one(
        related='building_id.project_id', store=True, index=True, precompute=True, required=False,
    )
    floor_count = fields.Integer(string="Floors")
    has_lift = fields.Boolean(string="Lift")
    unit_ids = fields.One2many('property.unit', 'entrance_id', string="Units")

    _name_building_uniq = models.UniqueIndex(
        '(building_id, name)', "This building has an entrance of this name already.",
    )
    _code_building_uniq = models.UniqueIndex(
        '(building_id, code) WHERE code IS NOT NULL',
        "This building has an entrance with this number already.",
    )

    @api.depends('name')
    def _compute_sequence(self):
        for entrance in self:
            entrance.sequence = get_first_number(entrance.name, default=1000)

    @api.constrains('building_id')
    def _check_building_id(self):
        self.with_context(active_test=False).unit_ids._check_entrance_id()
