from odoo import api, fields, models
from odoo.exceptions import UserError


class PropertyTransfer(models.TransientModel):
    """ A unit gets a new owner (A31). """
    _name = 'property.transfer'
    _inherit = ['property.matters.wizard']
    _description = 'Transfer'
    _handover_kind = 'transfer'
    _leaving_field = 'occupancy_ids'

    is_transfer_kept = fields.Boolean(related='unit_id.is_transfer_kept', related_sudo=False)
    kept_notice = fields.Char(compute='_compute_kept_notice', compute_sudo=False)
    occupancy_ids = fields.Many2many(
        'property.occupancy', string="Former owners", required=True,
        compute='_compute_occupancy_ids', store=True, readonly=False, precompute=True,
        compute_sudo=False,
        domain="[('unit_id', '=', unit_id), ('role', '=', 'owner'), ('is_live', '=', True)]",
        help="Of several co-owners, those whose part is sold.",
    )
    partner_id = fields.Many2one(
        'res.partner', string="New owner", required=True,
        domain="[('company_id', 'in', (False, company_id))]",
    )
    contact_name = fields.Char(string="Contact person")
    phone = fields.Char(
        compute='_compute_phone', store=True, readonly=False, precompute=True, compute_sudo=False,
    )
    date = fields.Date(
        string="First day of the new owner",
        help="The former owner's last day is the day before.",
    )
    former_signature = fields.Image(
        string="Former owner's signature", max_width=1024, max_height=1024,
    )
    matter_ids = fields.One2many(
        'property.open.matter', 'transfer_id', string="Open matters",
        compute='_compute_matter_ids', store=True, readonly=False, compute_sudo=False,
    )

    @api.depends('unit_id')
    def _compute_occupancy_ids(self):
        for wizard in self:
            wizard.occupancy_ids = wizard.unit_id.occupancy_ids.filtered(
                lambda occupancy: occupancy.is_live and occupancy.role == 'owner')

    @api.depends('is_transfer_kept')
    def _compute_kept_notice(self):
        for wizard in self:
            # sudo: staff do not see who else has which group.
            managers = wizard.is_transfer_kept and self.env['res.users'].sudo().search([
                ('all_group_ids', 'in', self.env.ref('property_base.group_property_manager').ids),
                ('company_ids', 'in', wizard.company_id.ids)], limit=5)
            wizard.kept_notice = managers and self.env._(
                "This project approves its new residents, and a unit is never between two owners: "
                "a register manager does this transfer. Take the contract and the papers of both "
                "to %(names)s.", names=managers.mapped('name'))

    @api.depends('partner_id')
    def _compute_phone(self):
        for wizard in self:
            wizard.phone = wizard.partner_id.phone

    def action_confirm(self):
        self.ensure_one()
        if not self.occupancy_ids:
            raise UserError(self.env._(
                "%(unit)s has no owner who could sell it. Check the owner in instead.",
                unit=self.unit_id.complete_name))
        self.occupancy_ids._transfer(
            self.partner_id, self.date, self.matter_ids,
            contact_name=self.contact_name, phone=self.phone, note=self.note,
            signature=self.signature, former_signature=self.former_signature)
        if self.phone and not self.partner_id.phone:
            self.partner_id.phone = self.phone
        return self.partner_id._get_property_customer_action()
