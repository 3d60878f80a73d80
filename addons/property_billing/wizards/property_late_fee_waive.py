from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class PropertyLateFeeWaive(models.TransientModel):
    """ Waives late fees (减免违约金): of one all or a part, of several what is still owed. """
    _name = 'property.late.fee.waive'
    _description = 'Waive late fees'

    charge_ids = fields.Many2many('property.charge', string="Late fees", required=True)
    charge_count = fields.Integer(string="Charge count", compute='_compute_amount_open')
    currency_id = fields.Many2one('res.currency', compute='_compute_amount_open')
    amount_open = fields.Monetary(string="Still due", compute='_compute_amount_open')
    amount = fields.Monetary(string="To waive", required=True)
    posting_notice = fields.Char(compute='_compute_amount_open')
    reason = fields.Char(required=True, help="It stands on the credit note, which the payer sees.")

    @api.model
    def default_get(self, fields):
        """ The late fees among the records that the user has marked. """
        values = super().default_get(fields)
        if self.env.context.get('active_model') == 'property.charge':
            marked = self.env['property.charge'].browse(self.env.context.get('active_ids', ()))
            late_fees = marked.filtered(
                lambda charge: charge.kind == 'late_fee' and charge.amount_residual > 0)
            if not late_fees:
                raise UserError(self.env._("Nothing is owed of these, or they are no late fees."))
            values['charge_ids'] = [Command.set(late_fees.ids)]
            values['amount'] = sum(late_fees.mapped('amount_residual'))
        return values

    @api.depends('charge_ids')
    def _compute_amount_open(self):
        for wizard in self:
            wizard.charge_count = len(wizard.charge_ids)
            wizard.currency_id = wizard.charge_ids.currency_id[:1]
            wizard.amount_open = sum(wizard.charge_ids.mapped('amount_residual'))
            wizard.posting_notice = wizard.charge_ids.company_id._get_posting_notice(
                fields.Date.context_today(wizard))

    def action_waive(self):
        self.ensure_one()
        charges = self.charge_ids
        charges._waive_late_fees(
            self.reason, {charges.id: self.amount} if len(charges) == 1 else None)
        return {'type': 'ir.actions.act_window_close'}
