from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..tools.numbering import check_pattern, format_unit_number, get_floors, parse_floors

MAX_UNITS = 3000


class PropertyUnitGenerator(models.TransientModel):
    """ Makes the units of a building from its floors, and shows them before it does.

    What the building and its entrances are like is read with the user's rights: an onchange
    answers before any rule is asked.
    """
    _name = 'property.unit.generator'
    _description = 'Generate units'

    building_id = fields.Many2one('property.building', required=True)
    entrance_ids = fields.Many2many(
        'property.entrance', string="Entrances", domain="[('building_id', '=', building_id)]",
        compute='_compute_from_building', store=True, readonly=False, precompute=True,
        compute_sudo=False,
        help="Every entrance gets the same units. Without entrances the building gets them.",
    )
    kind = fields.Selection(
        lambda self: self.env['property.unit']._fields['kind']._description_selection(self.env),
        required=True, compute='_compute_from_building', store=True, readonly=False,
        precompute=True, compute_sudo=False,
    )
    floor_from = fields.Integer(
        string="From floor", default=1, required=True, help="-1 is B1, the first below ground.",
    )
    floor_to = fields.Integer(
        string="To floor", required=True, compute='_compute_from_building', store=True,
        readonly=False, precompute=True, compute_sudo=False,
    )
    skipped_floors = fields.Char(
        string="Left out", help="Floors that the building does not count, e.g. 4, 13-14.",
    )
    units_per_floor = fields.Integer(string="Units per floor", default=2, required=True)
    number_pattern = fields.Char(
        string="Number pattern", required=True, compute='_compute_number_pattern', store=True,
        readonly=False, precompute=True,
        help="{floor} and {no} stand for the floor and the unit's number on it, {building} and "
             "{entrance} for their numbers; {no:02d} writes two digits.",
    )
    position_ids = fields.One2many(
        'property.unit.generator.position', 'generator_id', string="Units of a floor",
        compute='_compute_position_ids', store=True, readonly=False,
    )
    line_ids = fields.One2many(
        'property.unit.generator.line', 'generator_id', string="Preview",
        compute='_compute_line_ids', store=True, readonly=False, compute_sudo=False,
    )
    problem = fields.Char(compute='_compute_problem')
    new_count = fields.Integer(string="New", compute='_compute_line_counts')
    duplicate_count = fields.Integer(string="Exist already", compute='_compute_line_counts')

    # === COMPUTE METHODS === #

    @api.depends('building_id')
    def _compute_from_building(self):
        for generator in self:
            building = generator.building_id
            generator.entrance_ids = building.entrance_ids
            generator.kind = 'parking' if building.is_parking_lot else 'flat'
            generator.floor_to = building.floor_count or 1

    @api.depends('kind')
    def _compute_number_pattern(self):
        for generator in self:
            generator.number_pattern = (
                '{floor}-{no:03d}' if generator.kind == 'parking' else '{floor}{no:02d}')

    @api.depends('units_per_floor')
    def _compute_position_ids(self):
        for generator in self:
            count = min(max(generator.units_per_floor, 0), MAX_UNITS)
            positions = generator.position_ids.sorted('number')
            generator.position_ids = [
                *(Command.unlink(position.id) for position in positions[count:]),
                *(Command.create({'number': number})
                  for number in range(len(positions) + 1, count + 1)),
            ]

    @api.depends('entrance_ids', 'floor_from', 'floor_to', 'skipped_floors', 'units_per_floor',
                 'number_pattern')
    def _compute_problem(self):
        for generator in self:
            generator.problem = generator._get_problem()

    @api.depends('building_id', 'entrance_ids', 'kind', 'floor_from', 'floor_to',
                 'skipped_floors', 'number_pattern', 'position_ids.building_area',
                 'position_ids.usable_area', 'position_ids.layout_id',
                 'position_ids.orientation_id')
    def _compute_line_ids(self):
        for generator in self:
            vals_list = [] if generator.problem else generator._prepare_line_vals_list()
            generator.line_ids = [Command.clear(), *map(Command.create, vals_list)]

    @api.depends('line_ids.is_duplicate')
    def _compute_line_counts(self):
        for generator in self:
            duplicates = generator.line_ids.filtered('is_duplicate')
            generator.duplicate_count = len(duplicates)
            generator.new_count = len(generator.line_ids) - len(duplicates)

    # === ACTION METHODS === #

    def action_generate(self):
        self.ensure_one()
        if self.problem:
            raise UserError(self.problem)
        lines = self.line_ids.filtered(lambda line: not line.is_duplicate)
        if not lines:
            raise UserError(self.env._(
                "There is nothing to create: every unit of the preview exists already."))
        units = self.env['property.unit'].create([self._prepare_unit_vals(line) for line in lines])
        self._after_create(units)
        return {
            'type': 'ir.actions.client',
            'tag': 'display_notification',
            'params': {
                'type': 'success',
                'message': self.env._(
                    "%(building)s: %(count)s units created.",
                    building=self.building_id.name, count=len(units)),
                # Closes the dialog and reloads what is behind it, the property tree too.
                'next': {'type': 'ir.actions.client', 'tag': 'soft_reload'},
            },
        }

    # === BUSINESS METHODS === #

    def _get_problem(self):
        """ What keeps the preview from being made, False if nothing does. """
        self.ensure_one()
        try:
            check_pattern(self.number_pattern or '')
        except ValueError as error:
            return self.env._(
                "Number pattern: %(part)s does not fit. Use {floor}, {no}, {building} and "
                "{entrance}, for example {floor}{no:02d}; {no} must be among them.",
                part=str(error))
        if self.units_per_floor < 1:
            return self.env._("Enter how many units a floor has.")
        if self.floor_to - self.floor_from >= MAX_UNITS:
            return self._get_count_problem(self.floor_to - self.floor_from + 1)
        try:
            floors = get_floors(
                self.floor_from, self.floor_to, parse_floors(self.skipped_floors))
        except ValueError as error:
            return self.env._(
                "Left out: “%(part)s” is not a floor. Separate floors by commas, e.g. 4, 13-14.",
                part=str(error))
        if not floors:
            return self.env._("No floor is left between “From floor” and “To floor”.")
        return self._get_count_problem(len(floors))

    def _get_count_problem(self, floor_count):
        count = floor_count * self.units_per_floor * (len(self.entrance_ids) or 1)
        return count > MAX_UNITS and self.env._(
            "That would be %(count)s units. Generate at most %(maximum)s at a time.",
            count=count, maximum=MAX_UNITS)

    def _prepare_line_vals_list(self):
        self.ensure_one()
        floors = get_floors(self.floor_from, self.floor_to, parse_floors(self.skipped_floors))
        building = self.building_id
        return [
            {
                'entrance_id': entrance.id,
                'floor': f'{floor}',
                'floor_order': int(floor),
                'name': format_unit_number(
                    self.number_pattern, floor, position.number,
                    building.code or building.name or '', entrance.code or entrance.name or ''),
                'building_area': position.building_area,
                'usable_area': position.usable_area,
                'layout_id': position.layout_id.id,
                'orientation_id': position.orientation_id.id,
            }
            for entrance in self.entrance_ids._origin or [self.env['property.entrance']]
            for floor in floors
            for position in self.position_ids.sorted('number')
        ]

    def _prepare_unit_vals(self, line):
        """ The values of the unit of a line of the preview.

        :rtype: dict
        """
        return {
            'building_id': self.building_id.id,
            'entrance_id': line.entrance_id.id,
            'kind': self.kind,
            'name': line.name,
            'floor': line.floor,
            'floor_order': line.floor_order,
            'building_area': line.building_area,
            'usable_area': line.usable_area,
            'layout_id': line.layout_id.id,
            'orientation_id': line.orientation_id.id,
        }

    def _after_create(self, units):
        """ What else the new units get; for other add-ons. """


class PropertyUnitGeneratorPosition(models.TransientModel):
    """ What the units of one position have in common on all floors. """
    _name = 'property.unit.generator.position'
    _description = 'Unit of a floor'
    _order = 'number'

    generator_id = fields.Many2one('property.unit.generator', required=True, ondelete='cascade')
    number = fields.Integer(string="No.", required=True)
    building_area = fields.Float(string="Building area", digits=(16, 2))
    usable_area = fields.Float(string="Usable area", digits=(16, 2))
    layout_id = fields.Many2one(
        'property.dictionary.item', string="Layout", domain=[('dictionary', '=', 'layout')],
    )
    orientation_id = fields.Many2one(
        'property.dictionary.item', string="Orientation",
        domain=[('dictionary', '=', 'orientation')],
    )


class PropertyUnitGeneratorLine(models.TransientModel):
    """ A unit that will be created, unless there is one with this number. """
    _name = 'property.unit.generator.line'
    _description = 'Unit to create'

    generator_id = fields.Many2one('property.unit.generator', required=True, ondelete='cascade')
    entrance_id = fields.Many2one('property.entrance')
    floor = fields.Char()
    floor_order = fields.Integer()
    name = fields.Char(string="Unit number", required=True)
    building_area = fields.Float(string="Building area", digits=(16, 2))
    usable_area = fields.Float(string="Usable area", digits=(16, 2))
    layout_id = fields.Many2one('property.dictionary.item', string="Layout")
    orientation_id = fields.Many2one('property.dictionary.item', string="Orientation")
    is_duplicate = fields.Boolean(compute='_compute_is_duplicate')
    remark = fields.Char(compute='_compute_is_duplicate')

    @api.depends('name', 'entrance_id', 'generator_id.building_id', 'generator_id.line_ids.name')
    def _compute_is_duplicate(self):
        # Archived units keep their number.
        units = self.env['property.unit'].with_context(active_test=False).search_fetch(
            [('building_id', 'in', self.generator_id.building_id.ids)],
            ['building_id', 'entrance_id', 'name'])
        taken = {(unit.building_id.id, unit.entrance_id.id, unit.name) for unit in units}
        for generator in self.generator_id:
            seen = set(taken)
            for line in generator.line_ids:
                key = (generator.building_id.id, line.entrance_id.id, line.name)
                line.is_duplicate = key in seen
                line.remark = line.is_duplicate and self.env._("This unit number exists already")
                seen.add(key)
