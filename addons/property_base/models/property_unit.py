import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

ROOM_KINDS = ('flat', 'shop', 'office')


def _get_duplicate_message(env, diagnostics):
    """ Name the unit number that PostgreSQL's report on `_name_uniq` is about. """
    match = re.search(
        r'=\(\d+, \d+, (.*)\)', diagnostics and diagnostics.message_detail or '', re.DOTALL)
    return env._(
        "Unit number %(name)s exists already in this building. "
        "Open that unit, or enter another number.",
        name=match[1] if match else '')


class PropertyUnit(models.Model):
    """ Anything that can be owned, let or billed. """
    _name = 'property.unit'
    _description = 'Unit'
    _inherit = ['property.project.mixin', 'mail.thread', 'mail.activity.mixin']
    _order = 'project_id, building_id, entrance_id, floor_order, name'
    _rec_name = 'complete_name'
    _rec_names_search = ['complete_name', 'name']

    name = fields.Char(string="Unit number", required=True, index=True, tracking=True)
    complete_name = fields.Char(
        string="Unit", compute='_compute_complete_name', store=True, precompute=True,
        index='trigram',
    )
    active = fields.Boolean(default=True)
    building_id = fields.Many2one(
        'property.building', required=True, index=True, ondelete='restrict',
    )
    project_id = fields.Many2one(
        related='building_id.project_id', store=True, index=True, precompute=True, required=False,
    )
    entrance_id = fields.Many2one(
        'property.entrance', index='btree_not_null', ondelete='restrict',
        domain="[('building_id', '=', building_id)]",
    )
    kind = fields.Selection(
        [('flat', "Flat"), ('shop', "Shop"), ('office', "Office"), ('storage', "Storage"),
         ('parking', "Parking space"), ('other', "Other")],
        required=True, default='flat', index=True,
    )
    floor = fields.Char(help="The floor's label, e.g. 3, B1 or 夹层.")
    floor_order = fields.Integer(
        compute='_compute_floor_order', store=True, readonly=False, precompute=True,
        help="Position of the floor from bottom to top; labels may skip numbers.",
    )
    type_id = fields.Many2one(
        'property.dictionary.item', string="Property type",
        domain=[('dictionary', '=', 'property_type')], ondelete='restrict',
        help="What the company calls it, e.g. high-rise flat or villa; the kind says what it is.",
    )
    layout_id = fields.Many2one(
        'property.dictionary.item', string="Layout", domain=[('dictionary', '=', 'layout')],
        ondelete='restrict',
    )
    orientation_id = fields.Many2one(
        'property.dictionary.item', string="Orientation",
        domain=[('dictionary', '=', 'orientation')],
        ondelete='restrict',
    )
    ownership_id = fields.Many2one(
        'property.dictionary.item', string="Ownership type",
        domain=[('dictionary', '=', 'ownership')],
        ondelete='restrict',
    )
    use_id = fields.Many2one(
        'property.dictionary.item', string="Use", domain=[('dictionary', '=', 'use')],
        ondelete='restrict',
    )
    building_area = fields.Float(string="Building area", digits=(16, 2), tracking=True)
    usable_area = fields.Float(string="Usable area", digits=(16, 2), tracking=True)
    household_count = fields.Integer(
        string="Households", default=1, help="How often a fee per household is charged.",
    )
    structure_id = fields.Many2one(
        'property.dictionary.item', string="Structure", domain=[('dictionary', '=', 'structure')],
        ondelete='restrict',
    )
    equipment = fields.Char(help="What the house is equipped with, e.g. 管道煤气、中央空调.")
    sale_state = fields.Selection(
        [('kept', "Kept by the developer"), ('offered', "For sale"), ('booked', "Booked"),
         ('sold', "Sold")],
        string="Sale",
    )
    sale_note = fields.Char(string="About the sale")
    is_renovated = fields.Boolean(string="Renovated")
    date_handover = fields.Date(
        string="Hand-over date", tracking=True,
        help="Until this day the developer pays the unit's fees, from it on the owner (交付日).",
    )
    contract_number = fields.Char(
        string="Sales contract number", copy=False, tracking=True,
        help="The number of the contract by which the developer sold the unit.",
    )
    contract_area = fields.Float(
        string="Contract area", digits=(16, 2), copy=False, tracking=True,
        help="As the sales contract says; the building area is what was measured.",
    )
    payment_method = fields.Selection(
        [('lump_sum', "Lump sum"), ('instalments', "Instalments"), ('mortgage', "Mortgage")],
        string="Purchase payment", copy=False,
    )
    date_contract = fields.Date(string="Contract date", copy=False)
    occupancy_ids = fields.One2many('property.occupancy', 'unit_id', string="Occupancies")
    vehicle_ids = fields.One2many('property.vehicle', 'unit_id', string="Vehicles")
    owner_ids = fields.Many2many(
        'res.partner', string="Owners", compute='_compute_occupants', search='_search_owner_ids',
    )
    tenant_ids = fields.Many2many(
        'res.partner', string="Tenants", compute='_compute_occupants', search='_search_tenant_ids',
    )
    occupancy_state = fields.Selection(
        [('vacant', "Vacant"), ('sold', "Owned"), ('leased', "Leased")],
        string="State", compute='_compute_occupants', search='_search_occupancy_state',
        help="Leased if a tenant is in it today, else owned if it has an owner, else vacant.",
    )
    pet_ids = fields.One2many('property.pet', 'unit_id', string="Pets")
    occupancy_count = fields.Integer(string="Live residents", compute='_compute_counts')
    vehicle_count = fields.Integer(string="Number of vehicles", compute='_compute_counts')
    note = fields.Html(string="Remarks", groups='base.group_user')

    _name_uniq = models.UniqueIndex(
        '(building_id, COALESCE(entrance_id, 0), name)', _get_duplicate_message,
    )
    _contract_uniq = models.UniqueIndex(
        '(company_id, contract_number) WHERE contract_number IS NOT NULL',
        "Another unit of this company has this sales contract already.",
    )
    _areas_positive = models.Constraint(
        'CHECK (building_area >= 0 AND usable_area >= 0 AND contract_area >= 0)',
        "An area cannot be negative.",
    )

    # === COMPUTE METHODS === #

    @api.depends('name', 'building_id.name', 'entrance_id.name')
    def _compute_complete_name(self):
        for unit in self:
            parts = (unit.building_id.name, unit.entrance_id.name, unit.name)
            unit.complete_name = '-'.join(part for part in parts if part)

    @api.depends('floor')
    def _compute_floor_order(self):
        for unit in self:
            unit.floor_order = self._get_floor_order(unit.floor)

    @api.model
    def _get_floor_order(self, floor):
        """ The position that a floor's label suggests: 3 → 3, B2 → -2, anything else → 0. """
        label = (floor or '').strip().upper().rstrip('F层楼')
        sign, digits = (-1, label.lstrip('B-')) if label[:1] in ('B', '-') else (1, label)
        return sign * int(digits) if digits.isdecimal() else 0

    @api.depends('occupancy_ids.is_live', 'occupancy_ids.role', 'occupancy_ids.partner_id')
    def _compute_occupants(self):
        occupancies = self.env['property.occupancy'].search(
            Domain('unit_id', 'in', self.ids) & self.env['property.occupancy']._get_live_domain())
        by_unit = occupancies.grouped('unit_id')
        for unit in self:
            live = by_unit.get(unit._origin, occupancies.browse())
            unit.owner_ids = live.filtered(lambda o: o.role == 'owner').partner_id
            unit.tenant_ids = live.filtered(lambda o: o.role == 'tenant').partner_id
            unit.occupancy_state = self._get_occupancy_state(live.mapped('role'))

    @api.model
    def _get_occupancy_state(self, roles):
        """ The state of a unit from the roles of those who are in it today (decision 8). """
        return 'leased' if 'tenant' in roles else 'sold' if 'owner' in roles else 'vacant'

    @api.depends('occupancy_ids.is_live', 'vehicle_ids')
    def _compute_counts(self):
        Occupancy = self.env['property.occupancy']
        occupancies = dict(Occupancy._read_group(
            Domain('unit_id', 'in', self.ids) & Occupancy._get_live_domain(),
            ['unit_id'], ['__count']))
        vehicles = dict(self.env['property.vehicle']._read_group(
            [('unit_id', 'in', self.ids)], ['unit_id'], ['__count']))
        for unit in self:
            unit.occupancy_count = occupancies.get(unit._origin, 0)
            unit.vehicle_count = vehicles.get(unit._origin, 0)

    def _search_live_occupants(self, role, operator, value):
        if operator not in ('in', 'any', 'ilike', 'like', '='):
            return NotImplemented
        live = self.env['property.occupancy']._get_live_domain() & Domain('role', '=', role)
        domain = Domain('occupancy_ids', 'any', live & Domain('partner_id', operator, value))
        if operator == 'in' and False in value:
            domain |= ~Domain('occupancy_ids', 'any', live)
        return domain

    def _search_owner_ids(self, operator, value):
        return self._search_live_occupants('owner', operator, value)

    def _search_tenant_ids(self, operator, value):
        return self._search_live_occupants('tenant', operator, value)

    def _search_occupancy_state(self, operator, value):
        if operator != 'in':
            return NotImplemented
        live = self.env['property.occupancy']._get_live_domain()
        leased = Domain('occupancy_ids', 'any', live & Domain('role', '=', 'tenant'))
        owned = Domain('occupancy_ids', 'any', live & Domain('role', '=', 'owner'))
        states = {'leased': leased, 'sold': ~leased & owned, 'vacant': ~leased & ~owned}
        return Domain.OR([states[state] for state in value if state in states])

    # === CONSTRAINT METHODS === #

    @api.constrains('entrance_id', 'building_id')
    def _check_entrance_id(self):
        for unit in self:
            if unit.entrance_id and unit.entrance_id.building_id != unit.building_id:
                raise ValidationError(self.env._(
                    "Unit %(unit)s: entrance %(entrance)s belongs to another building.",
                    unit=unit.name, entrance=unit.entrance_id.name))
