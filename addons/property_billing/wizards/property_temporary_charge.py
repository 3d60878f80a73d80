from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.explanation import explain_once, recompute


class PropertyTemporaryCharge(models.TransientModel):
    """ A fee that comes once (临时收费), billed at once: no assignment, no bill run (A29). """
    _name = 'property.temporary.charge'
    _description = 'Temporary charge'

    unit_id = fields.Many2one('property.unit', required=True)
    company_id = fields.Many2one(related='unit_id.company_id')
    currency_id = fields.Many2one(related='company_id.currency_id')
    fee_id = fields.Many2one(
        'property.fee', required=True, domain="[('company_id', '=', company_id)]",
    )
    partner_id = fields.Many2one(
        'res.partner', string="Payer", required=True,
        compute='_compute_partner_id', store=True, readonly=False, precompute=True,
        compute_sudo=False,  # an onchange answers before any rule or constraint is asked
    )
    date_start = fields.Date(string="From", required=True, default=fields.Date.context_today)
    date_end = fields.Date(
        string="To", required=True,
        compute='_compute_date_end', store=True, readonly=False, precompute=True,
    )
    date_due = fields.Date(string="Due", required=True, default=fields.Date.context_today)
    quantity = fields.Float(required=True, default=1.0, digits=(16, 2))
    price = fields.Float(string="Unit price", required=True, digits=(16, 4))
    amount = fields.Monetary(compute='_compute_amount', help="What is paid, tax included.")
    note = fields.Char(string="What for", required=True, help="It stands on the bill.")
    is_published = fields.Boolean(
        string="Show it to the payer", default=True,
        help="On the portal and by e-mail, as soon as it is billed.",
    )
    charge_id = fields.Many2one('property.charge', readonly=True, ondelete='cascade')

    @api.depends('unit_id', 'fee_id')
    def _compute_partner_id(self):
        """ Who pays such a fee today; whoever was chosen before stays. """
        for wizard in self:
            unit = wizard.unit_id
            tenants = unit.tenant_ids if wizard.fee_id.payer_role == 'occupant' else False
            wizard.partner_id = wizard.partner_id or (tenants or unit.owner_ids)[:1]

    @api.depends('date_start')
    def _compute_date_end(self):
        for wizard in self:
            if not wizard.date_end or (wizard.date_start and wizard.date_end < wizard.date_start):
                wizard.date_end = wizard.date_start

    @api.depends('quantity', 'price', 'fee_id.rounding')
    def _compute_amount(self):
        for wizard in self:
            wizard.amount = float(recompute(wizard._explain())) if wizard.fee_id else 0

    @api.constrains('unit_id', 'partner_id')
    def _check_visible(self):
        """ Related fields are read in sudo mode: they would tell of a unit one may not see. """
        self.unit_id.sudo(False).check_access('read')  # constraints run in sudo mode, too
        self.partner_id.sudo(False).check_access('read')

    def _explain(self):
        return explain_once(
            quantity=Decimal(repr(self.quantity)), price=Decimal(repr(self.price)),
            rounding=Decimal(self.fee_id.rounding), note=self.note or '')

    def action_bill(self):
        """ Post the charge as a bill of its own, once however often it is asked.

        :return: the action that shows the charge
        """
        self.ensure_one()
        if not self.charge_id:
            self.charge_id = self._create_charge()
        return {
            'type': 'ir.actions.act_window',
            'res_model': 'property.charge',
            'res_id': self.charge_id.id,
            'views': [(False, 'form')],
        }

    def _create_charge(self):
        if self.amount <= 0:
            raise UserError(self.env._(
                "%(fee)s: quantity × unit price gives nothing to pay. Enter both.",
                fee=self.fee_id.name))
        if not self.unit_id.property_in_write_scope:
            raise self.env['ir.rule']._make_access_error('write', self.unit_id)
        # sudo: charges are written in sudo mode only. Who opens this wizard may bill; his unit is
        # checked above.
        charge_sudo = self.env['property.charge'].sudo().create({
            'kind': 'temporary',
            'unit_id': self.unit_id.id,
            'partner_id': self.partner_id.id,
            'fee_id': self.fee_id.id,
            'date_start': self.date_start,
            'date_end': self.date_end,
            'date_due': self.date_due,
            'amount': self.amount,
            'explanation': self._explain(),
        })
        bill_sudo = charge_sudo._create_bills(fields.Date.context_today(self))
        if self.is_published:
            bill_sudo._publish_property_bills()
        return charge_sudo.id
