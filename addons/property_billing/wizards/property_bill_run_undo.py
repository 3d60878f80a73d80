from odoo import api, fields, models


class PropertyBillRunUndo(models.TransientModel):
    """ Says what undoing a run takes back, and asks why and from which day. """
    _name = 'property.bill.run.undo'
    _description = 'Undo a bill run'

    run_id = fields.Many2one('property.bill.run', required=True, ondelete='cascade')
    currency_id = fields.Many2one(related='run_id.currency_id')
    bill_count = fields.Integer(string="Bill count", compute='_compute_figures')
    amount_total = fields.Monetary(string="Amount", compute='_compute_figures')
    reason = fields.Char(required=True)
    date = fields.Date(
        string="Reversal date", required=True, default=fields.Date.context_today,
        help="In a closed month the reversals take the first open day after it.",
    )

    @api.depends('run_id')
    def _compute_figures(self):
        """ What is still to be reversed: a bill may have been credited before. """
        for wizard in self:
            [(wizard.bill_count, wizard.amount_total)] = self.env['property.charge']._read_group(
                [('run_id', '=', wizard.run_id.id), ('state', '=', 'posted')], [],
                ['move_id:count_distinct', 'amount_residual:sum'])

    @api.constrains('run_id')
    def _check_run_id(self):
        """ Related fields are read in sudo mode: they would tell of a run that one may not see. """
        self.run_id.sudo(False).check_access('read')  # constraints run in sudo mode, too

    def action_undo(self):
        self.ensure_one()
        self.run_id._undo(self.reason, self.date)
        return {'type': 'ir.actions.act_window_close'}
