from odoo import api, fields, models
from odoo.tools import formatLang

from ..models.property_bill_run import PAYMENT_CHOICES

# As many paid charges are listed; the figures are of all.
LISTED = 100


class PropertyBillRunUndo(models.TransientModel):
    """ Says what undoing a run takes back, and asks why, from which day, and what becomes of
    payments.
    """
    _name = 'property.bill.run.undo'
    _description = 'Undo a bill run'

    run_id = fields.Many2one('property.bill.run', required=True, ondelete='cascade')
    currency_id = fields.Many2one(related='run_id.currency_id')
    bill_count = fields.Integer(string="Bill count", compute='_compute_figures')
    payer_count = fields.Integer(string="Payers", compute='_compute_figures')
    amount_total = fields.Monetary(string="Amount", compute='_compute_figures')
    paid_count = fields.Integer(string="Paid charges", compute='_compute_figures')
    paid_amount = fields.Monetary(string="Paid", compute='_compute_figures')
    paid_charge_ids = fields.Many2many(
        'property.charge', string="Paid, wholly or in part", compute='_compute_figures')
    follower_count = fields.Integer(
        string="Corrected or passed on since", compute='_compute_figures')
    summary = fields.Text(string="What follows", compute='_compute_summary')
    follower_notice = fields.Text(string="Corrections", compute='_compute_summary')
    payments = fields.Selection(
        PAYMENT_CHOICES, required=True, default='refuse',
        help="Whatever is chosen, payments and their receipts stay as they are, and so does what "
             "the bank statement is matched with. What was paid of a bill becomes an open credit "
             "of its payer.",
    )
    reason = fields.Char(required=True)
    date = fields.Date(
        string="Reversal date", required=True, compute='_compute_date', store=True,
        readonly=False, precompute=True,
        help="Not before the bills. In a closed month the reversals take the first open day after "
             "it.",
    )
    posting_notice = fields.Char(compute='_compute_posting_notice')

    @api.depends('run_id')
    def _compute_figures(self):
        """ What is still to be reversed: a bill may have been credited before. """
        for wizard in self:
            run = wizard.run_id
            charges = run._get_undoable_charges()
            paid = charges._get_paid()
            left = charges._get_uncredited()
            wizard.bill_count = len(charges.filtered(lambda c: c.state == 'posted').move_id)
            wizard.payer_count = len(charges.filtered(lambda c: c.state == 'posted').partner_id)
            wizard.amount_total = sum(left.values())
            wizard.paid_count = len(paid)
            wizard.paid_amount = sum(left[charge.id] - charge.amount_residual for charge in paid)
            wizard.paid_charge_ids = paid[:LISTED]
            wizard.follower_count = len(charges.filtered(
                lambda charge, run=run: charge.state == 'posted' and charge.run_id != run))

    @api.depends('run_id')
    def _compute_date(self):
        """ Today, or where the bills are dated ahead their day. """
        today = fields.Date.context_today(self)
        for wizard in self:
            wizard.date = max(today, wizard.run_id._get_last_bill_day() or today)

    @api.depends('bill_count', 'payer_count', 'amount_total', 'follower_count')
    @api.depends_context('lang')
    def _compute_summary(self):
        for wizard in self:
            wizard.summary = self.env._(
                "%(bills)s bills of %(payers)s payers over %(amount)s are reversed, each by an "
                "entry of its own. Nothing is deleted, and the periods can be run again.",
                bills=wizard.bill_count, payers=wizard.payer_count,
                amount=formatLang(
                    self.env, wizard.amount_total, currency_obj=wizard.currency_id))
            wizard.follower_notice = self.env._(
                "Among them are %(count)s charges by which the run was corrected, or which others "
                "have taken over of it since.", count=wizard.follower_count)

    @api.depends('run_id', 'date')
    def _compute_posting_notice(self):
        for wizard in self:
            wizard.posting_notice = wizard.run_id.company_id._get_posting_notice(wizard.date)

    @api.constrains('run_id')
    def _check_run_id(self):
        """ Related fields are read in sudo mode: they would tell of a run that one may not see. """
        self.run_id.sudo(False).check_access('read')  # constraints run in sudo mode, too

    def action_undo(self):
        self.ensure_one()
        self.run_id._undo(self.reason, self.date, self.payments)
        return {'type': 'ir.actions.act_window_close'}
