from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command, Domain

from odoo.addons.property_base.const import QUIET_CONTEXT

from ..tools.meter_numbering import check_pattern, format_number

MAX_METERS = 10000
SHOWN = 10


class PropertyMeterGenerate(models.TransientModel):
    """ Makes the meters of many units by pattern, and shows the first before it does (B30). """
    _name = 'property.meter.generate'
    _description = 'Create meters'

    project_id = fields.Many2one('property.project', required=True)
    building_ids = fields.Many2many(
        'property.building', string="Buildings", domain="[('project_id', '=', project_id)]",
        help="Empty: all buildings of the project.")
    unit_ids = fields.Many2many(
        'property.unit', string="Units", help="Empty: all rooms of these buildings.",
        domain="[('project_id', '=', project_id)]")
    type_ids = fields.Many2many('property.meter.type', string="Types", required=True)
    pattern = fields.Char(
        string="Numbers", required=True, default='{building}-{unit}-{type}',
        help="{project}, {building}, {unit} and {type} stand for their codes or names, {n} for a "
             "running number; {n:03} writes three digits. Leave the numbers as they stand on the "
             "dials to the workbook.")
    mode = fields.Selection(
        lambda self: self.env['property.meter']._fields['mode']._description_selection(self.env),
        required=True, default='read')
    date_start = fields.Date(
        string="In use from", required=True,
        default=lambda self: self.env['property.meter']._default_start())
    problem = fields.Char(compute='_compute_preview', compute_sudo=False)
    new_count = fields.Integer(string="New", compute='_compute_preview', compute_sudo=False)
    known_count = fields.Integer(
        string="Exist already", compute='_compute_preview', compute_sudo=False)
    preview = fields.Text(compute='_compute_preview', compute_sudo=False)

    @api.model
    def default_get(self, fields):
        """ Override of `base`: the units that are selected in the list. """
        values = super().default_get(fields)
        if self.env.context.get('active_model') == 'property.unit':
            units = self.env['property.unit'].browse(self.env.context.get('active_ids', []))
            values['unit_ids'] = [Command.set(units.ids)]
            values['project_id'] = units[:1].project_id.id
        return values

    @api.constrains('unit_ids', 'project_id')
    def _check_unit_ids(self):
        for wizard in self:
            if wizard.unit_ids.project_id - wizard.project_id:
                raise ValidationError(self.env._(
                    "Choose units of one project, since a number is given once in it."))

    @api.depends('project_id', 'building_ids', 'unit_ids', 'type_ids', 'pattern')
    def _compute_preview(self):
        for wizard in self:
            wizard.problem = wizard.preview = False
            wizard.new_count = wizard.known_count = 0
            try:
                check_pattern(wizard.pattern or '')
            except ValueError as error:
                wizard.problem = self.env._(
                    "Number pattern: %(part)s does not fit. Use {project}, {building}, {unit}, "
                    "{type} and {n}, for example {building}-{unit}-{type}; {unit} or {n} must be "
                    "among them.", part=str(error))
                continue
            vals_list, wizard.known_count = wizard._prepare_meters()
            wizard.new_count = len(vals_list)
            numbers = [vals['number'] for vals in vals_list]
            wizard.preview = '\n'.join(
                numbers[:SHOWN] + (['…'] if len(numbers) > SHOWN else []))
            if len(numbers) > MAX_METERS:
                wizard.problem = self.env._(
                    "That would be %(count)s meters. Create at most %(maximum)s at a time.",
                    count=len(numbers), maximum=MAX_METERS)
            elif taken := wizard._get_taken(vals_list):
                wizard.problem = self.env._(
                    "Number %(number)s would be given twice, or exists already. Add {unit} or {n} "
                    "to the pattern.", number=taken)

    def action_generate(self):
        self.ensure_one()
        if self.problem:
            raise UserError(self.problem)
        vals_list, _known = self._prepare_meters()
        if not vals_list:
            raise UserError(self.env._(
                "There is nothing to create: these units have meters of these types."))
        meters = self.env['property.meter'].with_context(**QUIET_CONTEXT).create(vals_list)
        return {
            'type': 'ir.actions.client',
            'tag': 'display_notification',
            'params': {
                'type': 'success',
                'message': self.env._("%(count)s meters created.", count=len(meters)),
                'next': {'type': 'ir.actions.client', 'tag': 'soft_reload'},
            },
        }

    def _get_units(self):
        if self.unit_ids:
            return self.unit_ids._origin
        domain = Domain('project_id', '=', self.project_id.id) & Domain(
            'kind', 'in', ('flat', 'shop', 'office'))
        if self.building_ids:
            domain &= Domain('building_id', 'in', self.building_ids.ids)
        return self.env['property.unit'].search(domain)

    def _prepare_meters(self):
        """ :return: the values of the new meters, and how many units have theirs already """
        self.ensure_one()
        return self.env['property.meter']._prepare_generated(
            self._get_units(), self.type_ids._origin, self.pattern,
            {'mode': self.mode, 'date_start': self.date_start})

    def _get_taken(self, vals_list):
        """ A number that would be given twice. """
        keys = [(vals['type_id'], vals['number']) for vals in vals_list]
        # sudo: in a building that the user does not see a number is taken, too.
        meters_sudo = self.env['property.meter'].sudo().search([
            ('project_id', '=', self.project_id.id),
            ('number', 'in', [number for _type, number in keys])])
        seen = {(meter.type_id.id, meter.number) for meter in meters_sudo}
        for key in keys:
            if key in seen:
                return key[1]
            seen.add(key)
        return None


class PropertyMeter(models.Model):
    _inherit = 'property.meter'

    @api.model
    def _prepare_generated(self, units, types, pattern, common):
        """ Meters by pattern for the units that have none of a type.

        :return: their values, and how many there are already
        """
        have = {(unit, meter_type) for unit, meter_type in self._read_group(
            [('unit_id', 'in', units.ids), ('type_id', 'in', types.ids)],
            ['unit_id', 'type_id'])}
        vals_list = [
            {
                'unit_id': unit.id, 'type_id': meter_type.id,
                'number': format_number(
                    pattern, n, unit.project_id.code or '',
                    unit.building_id.code or unit.building_id.name, unit.name, meter_type.name),
                **common,
            }
            for meter_type in types for n, unit in enumerate(units, 1)
            if (unit, meter_type) not in have]
        return vals_list, len(have)


class PropertyUnitGenerator(models.TransientModel):
    """ New units come with their meters (A09 仪表). """
    _inherit = 'property.unit.generator'

    meter_type_ids = fields.Many2many(
        'property.meter.type', string="Meters", groups='property_billing.group_billing_officer',
        help="Every new unit gets one of each, numbered by building, unit and type.",
    )

    def _after_create(self, units):
        """ Override of `property_base`: give the new units their meters. """
        super()._after_create(units)
        if self.env.user.has_group('property_billing.group_billing_officer'):
            Meter = self.env['property.meter'].with_context(**QUIET_CONTEXT)
            Meter.create(Meter._prepare_generated(
                units, self.meter_type_ids, '{building}-{unit}-{type}', {})[0])
