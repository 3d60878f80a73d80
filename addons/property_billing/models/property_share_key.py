from decimal import Decimal
from fractions import Fraction

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.property_base.tools.room_board import get_natural_key

from ..tools.rounding import exact, round_half_up
from .property_fee_assignment import AREA_BASES

# What weights are rounded to before anything is divided by them: parts store them like that.
WEIGHT_UNIT = Decimal('0.000001')
WEIGHT_DIGITS = (16, 6)
# A number of the unit that is its weight.
NUMBER_FIELDS = {'household': 'household_count', 'share': 'common_share'}


class PropertyShareKey(models.Model):
    """ Which units bear a shared cost, and each how much of it (分摊方式). """
    _name = 'property.share.key'
    _description = 'Share key'
    _inherit = ['property.project.mixin', 'mail.thread']
    _order = 'project_id, name'
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    building_id = fields.Many2one(
        'property.building', compute='_compute_building_id', store=True, index='btree_not_null',
        help="Set where all of its units are of one building.",
    )
    active = fields.Boolean(default=True)
    basis = fields.Selection(
        [('area', "Building area (m²)"), ('usable_area', "Usable area (m²)"),
         ('household', "Households"), ('share', "Share of the common parts"),
         ('meter', "What meters counted"), ('fixed', "Fixed weights")],
        string="Divided by", required=True, default='area', tracking=True,
        help="An area that changes inside the period counts by days.",
    )
    type_id = fields.Many2one(
        'property.meter.type', string="Meters", index='btree_not_null', ondelete='restrict',
        check_company=True, tracking=True,
        help="What these meters of the units counted in the days of the cost is what weighs.",
    )
    level = fields.Selection(
        [('project', "All units of the project"), ('buildings', "Some buildings"),
         ('units', "Chosen units")],
        string="Who bears it", required=True, default='project', tracking=True,
        help="With fixed weights: the units that have one.",
    )
    building_ids = fields.Many2many(
        'property.building', string="Buildings", domain="[('project_id', '=', project_id)]")
    unit_ids = fields.Many2many(
        'property.unit', string="Units", domain="[('project_id', '=', project_id)]")
    unit_kind = fields.Selection(
        [('no_parking', "All but parking spaces"), ('any', "All"), ('flat', "Flats"),
         ('shop', "Shops"), ('office', "Offices"), ('storage', "Storage rooms"),
         ('parking', "Parking spaces")],
        string="Which of them", required=True, default='no_parking', tracking=True,
    )
    line_ids = fields.One2many(
        'property.share.key.line', 'key_id', string="Weights", copy=True)
    cost_ids = fields.One2many('property.shared.cost', 'key_id', string="Shared costs")
    unit_count = fields.Integer(string="Number of units", compute='_compute_unit_count')

    _name_project_uniq = models.UniqueIndex(
        '(project_id, name) WHERE active', "This project has a share key of this name already.",
    )
    _type_of_meters = models.Constraint(
        "CHECK ((basis = 'meter') = (type_id IS NOT NULL))",
        "A share key by what meters counted says of which meters, and no other does.",
    )

    @api.depends('basis', 'level', 'building_ids', 'unit_ids.building_id',
                 'line_ids.unit_id.building_id')
    def _compute_building_id(self):
        for key in self:
            if key.basis == 'fixed':
                buildings = key.line_ids.unit_id.building_id
            elif key.level == 'units':
                buildings = key.unit_ids.building_id
            else:
                buildings = key.level == 'buildings' and key.building_ids
            key.building_id = buildings if buildings and len(buildings) == 1 else False

    @api.depends('basis', 'level', 'building_ids', 'unit_ids', 'unit_kind', 'line_ids.unit_id',
                 'project_id')
    def _compute_unit_count(self):
        for key in self:
            key.unit_count = len(key._get_units())

    @api.onchange('basis')
    def _onchange_basis(self):
        if self.basis != 'meter':
            self.type_id = False

    # === CONSTRAINT METHODS === #

    @api.constrains('project_id', 'building_ids', 'unit_ids', 'line_ids')
    def _check_project_id(self):
        for key in self:
            for places in (key.building_ids, key.unit_ids, key.line_ids.unit_id):
                foreign = places.filtered(
                    lambda place, key=key: place.project_id != key.project_id)
                if foreign:
                    raise ValidationError(self.env._(
                        "%(place)s is not in %(project)s. A share key is of one project.",
                        place=foreign[0].display_name, project=key.project_id.name))

    # === CRUD METHODS === #

    def write(self, vals):
        if vals.keys() & {'basis', 'project_id', 'type_id'}:
            changed = self.filtered(lambda key: (
                key.basis != vals.get('basis', key.basis)
                or key.project_id.id != vals.get('project_id', key.project_id.id)
                or key.type_id.id != vals.get('type_id', key.type_id.id)))
            # sudo: what is divided counts, whoever sees it.
            if cost := changed.sudo().cost_ids.filtered(lambda cost: cost.state == 'confirmed')[:1]:
                raise UserError(self.env._(
                    "%(cost)s is divided by %(key)s, as its bills say. Make another share key.",
                    cost=cost.name, key=cost.key_id.name))
        return super().write(vals)

    # === BUSINESS METHODS === #

    def _get_units(self):
        """ The units that bear what is divided, in the order of their codes. """
        self.ensure_one()
        if self.basis == 'fixed':
            units = self.line_ids.unit_id.filtered('active')
        elif self.level == 'units':
            units = self.unit_ids
        else:
            domain = Domain('project_id', '=', self.project_id._origin.id)
            if self.level == 'buildings':
                domain &= Domain('building_id', 'in', self.building_ids._origin.ids)
            if self.unit_kind == 'no_parking':
                domain &= Domain('kind', '!=', 'parking')
            elif self.unit_kind != 'any':
                domain &= Domain('kind', '=', self.unit_kind)
            units = self.env['property.unit'].search(domain)
        return units.sorted(lambda unit: get_natural_key(unit.complete_name))

    def _get_weights(self, start, end):
        """ How much of what is divided each unit bears for the days `[start, end)`.

        The number of queries does not depend on the number of units.

        :return: `{unit: Decimal}`, in the order of the units' codes
        :raises UserError: there is no unit, nothing to divide by, or a meter was not read
        """
        self.ensure_one()
        units = self._get_units()
        if not units:
            raise UserError(self.env._(
                "%(key)s has no unit. Choose there which units bear the cost.", key=self.name))
        if self.basis == 'fixed':
            lines = {line.unit_id: line.weight for line in self.line_ids}
            weights = {unit: exact(lines[unit]) for unit in units}
        elif self.basis in AREA_BASES:
            weights = {
                unit: _average(unit._get_area_quantities(AREA_BASES[self.basis]), start, end)
                for unit in units}
        elif self.basis == 'meter':
            weights = self._get_used(units, start, end)
        else:
            weights = {unit: exact(unit[NUMBER_FIELDS[self.basis]]) for unit in units}
        if not any(weights.values()):
            if self.basis == 'meter':
                raise UserError(self.env._(
                    "%(key)s: no “%(type)s” of its %(count)s units counted anything in these "
                    "days, so there is nothing to divide by. Choose another key.",
                    key=self.name, type=self.type_id.name, count=len(units)))
            bases = dict(self._fields['basis']._description_selection(self.env))
            raise UserError(self.env._(
                "%(key)s: “%(basis)s” of its %(count)s units adds up to zero, so there is nothing "
                "to divide by. Enter it on the units, or choose another key.",
                key=self.name, basis=bases[self.basis], count=len(units)))
        return weights

    def _get_used(self, units, start, end):
        """ What the meters of each unit counted; one that has none bears nothing.

        :raises UserError: a meter was not read before these days, or not until they end
        """
        meters = self.env['property.meter'].search([
            ('unit_id', 'in', units.ids), ('type_id', '=', self.type_id.id), ('mode', '=', 'read')])
        used = dict.fromkeys(units, Fraction())
        for meter, use in meters._get_uses(start, end).items():
            used[meter.unit_id] += use
        return {unit: round_half_up(use, WEIGHT_UNIT) for unit, use in used.items()}


class PropertyShareKeyLine(models.Model):
    """ The fixed weight of one unit. """
    _name = 'property.share.key.line'
    _description = 'Weight of a share key'
    _inherit = ['property.unit.mixin']
    _order = 'key_id, unit_id'

    key_id = fields.Many2one(
        'property.share.key', string="Share key", required=True, index=True, ondelete='cascade')
    weight = fields.Float(required=True, digits=WEIGHT_DIGITS, default=1.0)

    _once_per_key = models.UniqueIndex(
        '(key_id, unit_id)', "This unit has a weight in this share key already.")
    _not_negative = models.Constraint('CHECK (weight >= 0)', "A weight cannot be negative.")

    @api.constrains('key_id', 'unit_id')
    def _check_unit_id(self):
        self.key_id._check_project_id()


def _average(quantities, start, end):
    """ What counts on average in `[start, end)`. """
    total = sum(
        Fraction(quantity.value) * max((
            min(quantity.end or end, end) - max(quantity.start or start, start)).days, 0)
        for quantity in quantities)
    return round_half_up(total / (end - start).days, WEIGHT_UNIT)
