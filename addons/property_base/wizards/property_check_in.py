from odoo import api, fields, models

from ..models.property_occupancy_lifecycle import PARKING_REMINDER_DAYS


class PropertyCheckIn(models.TransientModel):
    """ A customer moves into a unit (A28, A30). """
    _name = 'property.check.in'
    _inherit = ['property.handover.wizard']
    _description = 'Check-in'

    role = fields.Selection(
        [('owner', "Owner"), ('tenant', "Tenant")], string="Checks in as", required=True,
        compute='_compute_from_unit', store=True, readonly=False, precompute=True,
        compute_sudo=False,
    )
    partner_id = fields.Many2one(
        'res.partner', string="Customer", required=True, compute='_compute_from_unit', store=True,
        readonly=False, precompute=True, compute_sudo=False,
        domain="[('company_id', 'in', (False, company_id))]",
        help="Search by name or phone. Who waits for check-in into this unit is proposed.",
    )
    date = fields.Date(string="First day")
    date_end = fields.Date(string="Last day", help="Of a tenant, as his contract says.")
    share = fields.Float(
        string="Share (%)", digits=(5, 2), required=True, compute='_compute_from_unit', store=True,
        readonly=False, precompute=True, compute_sudo=False,
    )
    unit_kind = fields.Selection(related='unit_id.kind')
    reminder_days = fields.Integer(
        string="Remind days before", default=PARKING_REMINDER_DAYS,
        help="So many days before the last day the front page begins to recall it.")
    is_awaited = fields.Boolean(compute='_compute_is_awaited')

    @api.depends('unit_id')
    def _compute_from_unit(self):
        """ Who waits; else a tenant where there is an owner, else an owner. """
        for wizard in self:
            unit = wizard.unit_id
            awaiting = unit._get_awaiting_occupancies()[:1]
            owners = unit.occupancy_ids.filtered(lambda o: o.is_live and o.role == 'owner')
            free = 100 - sum(owners.mapped('share'))
            wizard.role = awaiting.role or ('tenant' if owners else 'owner')
            wizard.partner_id = awaiting.partner_id
            wizard.share = free if free > 0 else 100

    @api.depends('unit_id', 'partner_id', 'role')
    def _compute_is_awaited(self):
        for wizard in self:
            wizard.is_awaited = bool(wizard.partner_id and wizard.unit_id._get_awaiting_occupancies(
            ).filtered(lambda occupancy, wizard=wizard: (
                occupancy.partner_id == wizard.partner_id and occupancy.role == wizard.role)))

    def action_confirm(self):
        self.ensure_one()
        self.unit_id._check_in(
            self.partner_id, self.role, self.date,
            date_end=self.role == 'tenant' and self.date_end,
            share=self.share if self.role == 'owner' else 100,
            reminder_days=self.reminder_days, note=self.note)
        return self.partner_id._get_property_customer_action()
