from odoo import api, fields, models


class PropertyBillRunUndo(models.TransientModel):
    _name = 'property.bill.run.undo'
    _description = 'Undo a bill run'

    run_id = fields.Many2one('property.bill.run', required=True, ondelete='cascade')
    bill_count = fields.Integer(related='run_id.bill_count')
    currency_id = fields.Many2one(related='run_id.currency_id')
    amount_total = fields.Monetary(related='run_id.amount_total')
    reason = fields.Char(required=True)
    date = fields.Date(
        string="Reversal date", required=True, default=fields.Date.context_today,
        help="In a closed month the reversals take the first open day after it.",
    )

    @api.constrains('run_id')
    def _check_run_id(self):
        """ Related fields are read in sudo mode: they would tell of a run that one may not see. """
        self.run_id.sudo(False).check_access('read')  # constraints run in sudo mode, too

    def action_undo(self):
        self.ensure_one()
        self.run_id._undo(self.reason, self.date)
        return {'type': 'ir.actions.act_window_close'}
