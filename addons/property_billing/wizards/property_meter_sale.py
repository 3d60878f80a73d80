from uuid import uuid4

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.planning import payer_on


class PropertyMeterSale(models.TransientModel):
    """ Sell units for a prepaid meter at the counter (购电, 购水): amount in, units out. """
    _name = 'property.meter.sale'
    _description = 'Sale of prepaid units'

    key = fields.Char(string="Request key", required=True, default=lambda self: uuid4().hex)
    meter_id = fields.Many2one(
        'property.meter', required=True,
        domain="[('mode', '=', 'prepaid'), ('unit_id', '!=', False)]",
    )
    company_id = fields.Many2one(related='meter_id.company_id')
    currency_id = fields.Many2one(related='company_id.currency_id')
    amount = fields.Monetary(string="Amount paid")
    journal_id = fields.Many2one(
        'account.journal', string="Received in", required=True,
        domain="[('type', 'in', ('bank', 'cash')), ('company_id', '=', company_id)]",
        compute='_compute_journal_id', store=True, readonly=False, precompute=True,
        compute_sudo=False,
    )
    partner_id = fields.Many2one(
        'res.partner', string="Payer", compute='_compute_partner_id', store=True, readonly=False,
        precompute=True, compute_sudo=False,
        help="Who pays such a fee of the unit today; whoever else pays may be chosen.",
    )
    fault = fields.Char(string="Problem", compute='_compute_units', compute_sudo=False)
    units = fields.Float(digits=(16, 2), compute='_compute_units', compute_sudo=False)
    unit_name = fields.Char(related='meter_id.unit_name')
    price_text = fields.Char(string="Price", compute='_compute_units', compute_sudo=False)
    event_id = fields.Many2one('property.meter.event', readonly=True, ondelete='cascade')
    token = fields.Char(related='event_id.token', related_sudo=False)
    write_state = fields.Selection(related='event_id.write_state', related_sudo=False)

    @api.depends('meter_id')
    def _compute_journal_id(self):
        """ Cash, where the company has a till. """
        for wizard in self:
            # sudo: which journals a company has is no secret; money is booked where it is checked.
            journals_sudo = self.env['account.journal'].sudo().search([
                ('company_id', '=', wizard._read_meter().company_id.id),
                ('type', 'in', ('cash', 'bank'))])
            wizard.journal_id = journals_sudo.sorted(
                lambda journal: journal.type != 'cash')[:1].with_env(self.env)

    @api.depends('meter_id')
    def _compute_partner_id(self):
        today = fields.Date.context_today(self)
        for wizard in self:
            wizard.partner_id = False
            if meter := wizard._read_meter():
                try:
                    _assignment, subject, *_price = meter._get_sale_terms(today)
                except UserError:
                    continue  # told as the fault
                wizard.partner_id = payer_on(today, subject.payers)

    @api.depends('meter_id', 'amount', 'event_id')
    def _compute_units(self):
        """ What the amount buys, or why it buys nothing; once it is sold, what was sold. """
        today = fields.Date.context_today(self)
        for wizard in self:
            wizard.fault = wizard.units = wizard.price_text = False
            if not (meter := wizard._read_meter()):
                continue
            if sale := wizard.event_id:
                # Of the next sale these would be the tiers above.
                wizard.units, wizard.price_text = sale.units, sale.price_text
                continue
            try:
                if not wizard.amount:
                    meter._get_sale_terms(today)
                    continue
                _assignment, explanation, _payer = meter._explain_sale(wizard.amount)
            except UserError as error:
                wizard.fault = error.args[0]
                continue
            wizard.units = float(explanation['sale']['units'])
            wizard.price_text = ' + '.join(
                self.env['property.charge']._render_sold(explanation))

    def _read_meter(self):
        """ The meter, if the user sees it: an onchange answers before any rule is asked. """
        self.meter_id.check_access('read')
        return self.meter_id._origin

    def action_sell(self):
        """ Sell, once however often it is asked, and show what was sold. """
        self.ensure_one()
        self.partner_id.check_access('read')
        self.event_id = self.meter_id._top_up(
            self.amount, self.journal_id, self.key, self.partner_id)
        return self._show(self.id)

    def action_next(self):
        return self._show(False)

    def action_print_receipt(self):
        return self.event_id.action_print_receipt()

    def action_set_written(self):
        self.event_id.action_set_written()
        return self._show(self.id)

    def _show(self, wizard_id):
        action = self.env['ir.actions.act_window']._for_xml_id(
            'property_billing.property_meter_sale_action')
        return {**action, 'res_id': wizard_id}
