from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class ResPartner(models.Model):
    _name = 'res.partner'
    _inherit = ['res.partner', 'property.guard.mixin']

    property_occupancy_ids = fields.One2many(
        'property.occupancy', 'partner_id', string="Occupancies",
    )
    property_any_occupancy_ids = fields.One2many(
        'property.occupancy', 'partner_id', string="Occupancies, archived ones too",
        context={'active_test': False},
    )
    property_is_resident = fields.Boolean(
        string="Resident", compute='_compute_property_is_resident', store=True,
        help="Has or had a home. Staff see residents of their own projects and buildings only.",
    )
    property_resident_ids = fields.One2many(
        'property.resident', 'partner_id', string="Identity records",
    )
    property_vehicle_ids = fields.One2many('property.vehicle', 'partner_id', string="Vehicles")
    property_unit_count = fields.Integer(
        string="Number of units", compute='_compute_property_unit_count',
    )

    @api.depends('property_any_occupancy_ids')
    def _compute_property_is_resident(self):
        for partner in self:
            partner.property_is_resident = bool(partner.property_any_occupancy_ids)

    @api.depends('property_occupancy_ids.is_live')
    def _compute_property_unit_count(self):
        Occupancy = self.env['property.occupancy']
        counts = dict(Occupancy._read_group(
            Occupancy._get_live_domain() & Domain('partner_id', 'in', self.ids),
            ['partner_id'], ['unit_id:count_distinct']))
        for partner in self:
            partner.property_unit_count = counts.get(partner._origin, 0)

    def _get_company_registry_labels(self):
        return {
            **super()._get_company_registry_labels(),
            'CN': self.env._("Unified social credit code"),
        }

    def write(self, vals):
        # A portal user's own address form writes as superuser.
        if 'name' in vals and (not self.env.su or self.env.user.share):
            self.check_access('write')
            for partner in self:
                if (partner.name or '') != (vals['name'] or ''):
                    partner._check_core_unlocked(self._fields['name']._description_string(self.env))
        return super().write(vals)

    def _check_core_unlocked(self, label):
        """ Refuse a change of the field `label` where it needs the owner's word. """
        Occupancy = self.env['property.occupancy'].sudo()  # sudo: in whatever project he lives
        if Occupancy.search_count(
                Occupancy._get_live_domain() & Domain('partner_id', '=', self.id)
                & Domain('project_id.approves_residents', '=', True), limit=1):
            raise UserError(self.env._(
                "%(field)s of %(person)s changes only with the owner's word. Propose the change "
                "at his occupancy instead.", field=label, person=self.name))

    def _set_certified_phone(self, phone):
        """ This number has answered a code, so it is his. """
        self.ensure_one()
        if resident := self.property_resident_ids:
            resident.certified_phone = phone
        elif phone:
            resident.create({'partner_id': self.id, 'certified_phone': phone})

    @api.model
    def _get_address_format(self):
        """ Override of `base`: letters within China do not name the country, with which Odoo's
        layout of Chinese addresses begins.
        """
        address_format = super()._get_address_format()
        return (
            address_format.removeprefix('%(country_name)s, ') if self.country_id.code == 'CN'
            else address_format)
