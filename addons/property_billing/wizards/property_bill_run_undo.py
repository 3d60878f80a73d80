from odoo import fields, models


class PropertyBillRunUndo(models.TransientModel):
    _name = 'property.bill.run.undo'
    _description = 'Undo a bill run'

    run_id = fields.Many2one('property.bill.run', required=True, ondelete='cascade')
    # Not in sudo mode: a run that one may not see tells nothing through a wizard either.
    bill_count = fields.Integer(related='run_id.bill_count', related_sudo=False)
    currency_id = fields.Many2one(related='run_id.currency_id', related_sudo=False)
    amount_total = fields.Monetary(related='run_id.amount_total', related_sudo=False)
    reason = fields.Char(required=True)
    date = fields.Date(
        string="Reversal date", required=True, default=fields.Date.context_today,
        help="In a closed month the reversals take the first open day after it.",
    )

    def action_undo(self):
        self.ensure_one()
        self.run_id._undo(self.reason, self.date)
        return {'type': 'ir.actions.act_window_close'}
