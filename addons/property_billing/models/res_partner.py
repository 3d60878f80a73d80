from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class ResPartner(models.Model):
    _name = 'res.partner'
    _inherit = ['res.partner', 'property.debtor.mixin']

    property_bill_grouping = fields.Selection(
        [('unit', "One bill per unit"), ('payer', "One bill for all units")],
        string="Bills", default='unit',
        help="Whether a project's units of this payer are billed apart or together.",
    )
    property_charge_ids = fields.One2many(
        'property.charge', 'partner_id', string="Charges",
        groups='property_billing.group_billing_user',
    )
    property_lease_count = fields.Integer(
        string="Lease count", compute='_compute_property_lease_count',
        groups='property_billing.group_lease_user')
    property_fee_assignment_ids = fields.Many2many(
        'property.fee.assignment', string="Fee settings",
        compute='_compute_property_fee_assignment_ids',
        groups='property_billing.group_billing_user',
    )

    @api.depends('property_occupancy_ids.is_live')
    @api.depends_context('uid', 'allowed_company_ids')
    def _compute_property_fee_assignment_ids(self):
        """ What the customer's homes are charged and he pays, by name or by the fee's rule. """
        for partner in self:
            paying = partner.property_occupancy_ids.filtered(
                lambda occupancy: occupancy.is_live and occupancy.is_payer)
            owned = paying.filtered(lambda occupancy: occupancy.role == 'owner').unit_id
            rented = paying.filtered(lambda occupancy: occupancy.role == 'tenant').unit_id
            occupied = rented + owned.filtered(lambda unit: not unit.tenant_ids)
            Assignment = self.env['property.fee.assignment']
            partner.property_fee_assignment_ids = Assignment.search(
                Assignment._get_agreed_domain()
                & Domain('unit_id', 'in', (owned + rented).ids) & (
                    Domain('partner_id', '=', partner.id)
                    | (Domain('partner_id', '=', False)
                       | Domain('partner_date_end', '<', 'today')) & (
                        Assignment._get_role_domain('owner')
                        & Domain('unit_id', 'in', owned.ids)
                        | Assignment._get_role_domain('occupant')
                        & Domain('unit_id', 'in', occupied.ids))))

    def _compute_property_lease_count(self):
        counts = dict(self.env['property.lease']._read_group(
            [('partner_id', 'in', self.ids)], ['partner_id'], ['__count']))
        for partner in self:
            partner.property_lease_count = counts.get(partner._origin, 0)

    # === ACTION METHODS === #

    def action_property_bill_run(self):
        """ A bill run of just what these customers pay, to be looked at before it is posted. """
        units = self.property_occupancy_ids.filtered(
            lambda occupancy: occupancy.is_live and occupancy.is_payer).unit_id
        projects = units.project_id | self.env['property.fee.assignment'].search(
            [('partner_id', 'in', self.ids)]).project_id | self.env['property.project'].search(
            [('developer_id', 'in', self.ids)])
        if not projects:
            raise UserError(self.env._(
                "%(names)s: no unit today whose bills they pay.",
                names=self[:10].mapped('name')))
        return projects._open_bill_run(
            self.env._("Periodic fees of %(name)s", name=self.name) if len(self) == 1
            else self.env._("Bill run of %(count)s customers", count=len(self)),
            default_partner_ids=self.ids)

    def action_property_fee_assign(self):
        """ A tariff for the customer's units, paid by him. """
        self.ensure_one()
        units = self.property_occupancy_ids.filtered(
            lambda occupancy: occupancy.is_live and occupancy.is_payer).unit_id
        action = self.env['ir.actions.act_window']._for_xml_id(
            'property_billing.property_fee_assign_action')
        return {**action, 'context': {
            'default_partner_id': self.id, 'default_unit_ids': units.ids,
        }}

    def action_property_temporary_charge(self):
        """ A fee that comes once, for this customer and, where he has just one, his unit. """
        self.ensure_one()
        units = self.property_occupancy_ids.filtered('is_live').unit_id
        action = self.env['ir.actions.act_window']._for_xml_id(
            'property_billing.property_temporary_charge_action')
        return {**action, 'context': {
            'default_partner_id': self.id,
            'default_unit_id': units.id if len(units) == 1 else False,
        }}
