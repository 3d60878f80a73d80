from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..tools.numbering import get_first_number


class PropertyBuilding(models.Model):
    """ A building, or a parking lot (`is_parking_lot`), of a project. """
    _name = 'property.building'
    _description = 'Building'
    _inherit = ['property.project.mixin']
    _property_building_field = 'id'
    _order = 'project_id, sequence, name'
    _rec_names_search = ['name', 'code']

    name = fields.Char(required=True)
    code = fields.Char(help="The building's number, e.g. 1 for 1栋; workbooks name it by this.")
    sequence = fields.Integer(
        compute='_compute_sequence', store=True, readonly=False, precompute=True,
        help="Position among the others: the number in the name, last without one.",
    )
    active = fields.Boolean(default=True)
    is_parking_lot = fields.Boolean(string="Parking lot")
    building_type = fields.Selection(
        [('high_rise', "High-rise"), ('multi_storey', "Multi-storey"), ('villa', "Villa"),
         ('podium', "Podium"), ('other', "Other")],
        string="Building type",
    )
    structure_id = fields.Many2one(
        'property.dictionary.item', string="Structure", domain=[('dictionary', '=', 'structure')],
        ondelete='restrict',
    )
    use_id = fields.Many2one(
        'property.dictionary.item', string="Use", domain=[('dictionary', '=', 'use')],
        ondelete='restrict',
    )
    orientation_id = fields.Many2one(
        'property.dictionary.item', string="Orientation",
        domain=[('dictionary', '=', 'orientation')],
        ondelete='restrict',
    )
    height = fields.Float(string="Height (m)", digits=(16, 2))
    floor_count = fields.Integer(string="Floors")
    building_area = fields.Float(string="Building area", digits=(16, 2))
    usable_area = fields.Float(string="Usable area", digits=(16, 2))
    green_area = fields.Float(string="Green area", digits=(16, 2))
    user_ids = fields.Many2many(
        'res.users', 'property_building_user_rel', 'building_id', 'user_id',
        string="Who may see only this building", domain=[('share', '=', False)],
        groups='base.group_user',
        help="Staff who see this building, and not the project as a whole.",
    )
    entrance_ids = fields.One2many('property.entrance', 'building_id', string="Entrances")
    unit_ids = fields.One2many('property.unit', 'building_id', string="Units")
    unit_count = fields.Integer(string="Number of units", compute='_compute_unit_count')

    _name_project_uniq = models.UniqueIndex(
        '(project_id, name)', "This project has a building of this name already.",
    )
    _code_project_uniq = models.UniqueIndex(
        '(project_id, is_parking_lot, code) WHERE code IS NOT NULL',
        "This project has a building with this number already.",
    )

    @api.depends('name', 'project_id.name')
    @api.depends_context('property_show_project')
    def _compute_display_name(self):
        show_project = self.env.context.get('property_show_project')
        for building in self:
            building.display_name = (
                f'{building.project_id.name} {building.name}' if show_project else building.name
            )

    @api.depends('name')
    def _compute_sequence(self):
        for building in self:
            building.sequence = get_first_number(building.name, default=1000)

    def _compute_unit_count(self):
        counts = dict(self.env['property.unit']._read_group(
            [('building_id', 'in', self.ids)], ['building_id'], ['__count']))
        for building in self:
            building.unit_count = counts.get(building, 0)

    # === CRUD METHODS === #

    def write(self, vals):
        result = super().write(vals)
        if 'user_ids' in vals:
            self.env.invalidate_all()  # what was found before is answered anew
        return result

    def _check_access(self, operation):
        """ Override of `base`: who has no whole project adds no building, so his lists do not
        offer it.
        """
        result = super()._check_access(operation)
        user = self.env.user
        if (
            result or operation != 'create' or self.env.su or user._sees_all_projects()
            or user._get_property_scope()[0]
        ):
            return result
        return self, self._make_no_project_error

    def _make_no_project_error(self):
        advice = self.env.user._get_permission_advice()
        return AccessError(self.env._(
            "No permission: a building is added by who has the whole project, and you have single "
            "buildings only.") + f'\n\n{advice}')

    def _has_field_access(self, field, operation):
        """ Override of `base`: who sees a building is decided where it is decided who sees the
        project, not by everybody who keeps the register.
        """
        if field.name == 'user_ids' and operation == 'write' and not self.env.su \
                and not self.env['property.project'].has_access('write'):
            return False
        return super()._has_field_access(field, operation)
