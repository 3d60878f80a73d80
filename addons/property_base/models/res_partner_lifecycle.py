from odoo import api, fields, models
from odoo.fields import Domain


class ResPartner(models.Model):
    """ A person or firm as a customer: where he lives, with whom, since when. """
    _inherit = 'res.partner'

    property_handover_ids = fields.Many2many(
        'property.handover', string="Moves", compute='_compute_property_handover_ids',
    )
    property_family_ids = fields.Many2many(
        'property.occupancy', string="Household", compute='_compute_property_household',
        help="Who lives in the customer's homes without owning or renting them.",
    )
    property_space_ids = fields.Many2many(
        'property.occupancy', string="Parking spaces", compute='_compute_property_household',
    )

    @api.depends('property_occupancy_ids.start_handover_id',
                 'property_occupancy_ids.end_handover_id')
    @api.depends_context('uid', 'allowed_company_ids')
    def _compute_property_handover_ids(self):
        for partner in self:
            partner.property_handover_ids = self.env['property.handover'].search([
                '|', ('partner_id', 'in', partner.ids),
                ('ended_occupancy_ids.partner_id', 'in', partner.ids)])

    @api.depends('property_occupancy_ids.is_live')
    @api.depends_context('uid', 'allowed_company_ids')
    def _compute_property_household(self):
        Occupancy = self.env['property.occupancy']
        live = Occupancy._get_live_domain()
        for partner in self:
            own = partner.property_occupancy_ids.filtered(
                lambda occupancy: occupancy.is_live and occupancy.role in ('owner', 'tenant'))
            partner.property_family_ids = Occupancy.search(
                live & Domain('unit_id', 'in', own.unit_id.ids)
                & Domain('role', 'in', ('family', 'user')))
            partner.property_space_ids = own.filtered(
                lambda occupancy: occupancy.unit_id.kind == 'parking')

    def write(self, vals):
        if vals.get('active') is False:
            # sudo: what is in the way may be in a project that the user does not see.
            self.sudo().property_occupancy_ids._check_archivable()
        return super().write(vals)

    def _get_property_customer_action(self):
        """ The person as a customer, with all that check-in keeps of him. """
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id(
            'property_base.property_customer_action')
        return {**action, 'res_id': self.id}
