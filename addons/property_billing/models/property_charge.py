from odoo import api, fields, models
from odoo.exceptions import UserError


class PropertyCharge(models.Model):
    """ One fee, one unit, one payer, one period, one amount, with its explanation.

    The journal is the ledger: once posted, what is still owed is the residual of the charge's own
    receivable line and nothing else.
    """
    _name = 'property.charge'
    _description = 'Charge'
    _inherit = ['property.project.mixin']
    _order = 'date_due desc, unit_id, fee_id, date_start, id'
    _check_company_auto = True

    run_id = fields.Many2one('property.bill.run', string="Bill run", index='btree_not_null')
    kind = fields.Selection(
        [('recurring', "Recurring"), ('temporary', "Temporary"), ('opening', "Opening")],
        required=True, default='recurring',
    )
    state = fields.Selection(
        [('draft', "Draft"), ('left_out', "Left out"), ('posted', "Posted"),
         ('reversed', "Reversed")],
        required=True, default='draft', index=True,
    )
    unit_id = fields.Many2one('property.unit', required=True, index=True, ondelete='restrict')
    project_id = fields.Many2one(
        related='unit_id.project_id', store=True, index=True, precompute=True, required=False,
    )
    building_id = fields.Many2one(
        related='unit_id.building_id', store=True, index=True, precompute=True,
    )
    currency_id = fields.Many2one(related='company_id.currency_id')
    partner_id = fields.Many2one(
        'res.partner', string="Payer", index='btree_not_null', ondelete='restrict',
    )
    fee_id = fields.Many2one('property.fee', required=True, index=True, ondelete='restrict')
    tariff_id = fields.Many2one('property.tariff', ondelete='restrict')
    assignment_id = fields.Many2one(
        'property.fee.assignment', index='btree_not_null', ondelete='restrict',
    )
    date_start = fields.Date(string="From", required=True)
    date_end = fields.Date(string="To", required=True)
    date_due = fields.Date(string="Due")
    amount = fields.Monetary(required=True, help="What is paid, tax included.")
    explanation = fields.Json(help="Why this amount: enough to compute it again.")
    previous_amount = fields.Monetary(
        string="Last time", help="What the same fee of the same unit was in the period before.",
    )
    change_percent = fields.Float(
        string="Change (%)", compute='_compute_change', store=True, digits=(16, 1),
    )
    has_jump = fields.Boolean(
        string="±30 %", compute='_compute_change', store=True,
        help="Differs from the last period by more than 30 %.",
    )
    reason = fields.Selection(
        [('no_payer', "No payer"), ('no_version', "No price on this date"),
         ('no_account', "The fee has no account"), ('no_tax', "The fee has no tax"),
         ('zero', "The amount is zero"), ('changed', "Changed since the preview"),
         ('manual', "Left out by hand")],
        string="Why left out",
    )
    reason_detail = fields.Char(string="Detail")
    move_id = fields.Many2one(
        'account.move', string="Bill", index='btree_not_null', ondelete='restrict', copy=False,
    )
    receivable_line_id = fields.Many2one(
        'account.move.line', string="Receivable item", index='btree_not_null', ondelete='restrict',
        copy=False,
    )
    amount_residual = fields.Monetary(
        string="Still due", related='receivable_line_id.amount_residual',
    )

    _no_overlap = models.Constraint(
        "EXCLUDE USING gist (assignment_id WITH =, daterange(date_start, date_end, '[]') WITH &&) "
        "WHERE (kind IN ('recurring', 'opening') AND state IN ('draft', 'posted') "
        "AND assignment_id IS NOT NULL)",
        "Some of these days are charged already.",
    )
    _dates_ordered = models.Constraint(
        'CHECK (date_end >= date_start)', "A period cannot end before it starts.",
    )
    _never_zero = models.Constraint(
        "CHECK (amount > 0 OR state = 'left_out')", "A charge is never zero.",
    )

    _posted_in_journal = models.Constraint(
        "CHECK (state NOT IN ('posted', 'reversed') "
        "OR (move_id IS NOT NULL AND receivable_line_id IS NOT NULL))",
        "A posted charge has its bill and its receivable item.",
    )

    @api.depends('fee_id.name', 'unit_id.complete_name', 'date_start', 'date_end')
    def _compute_display_name(self):
        for charge in self:
            charge.display_name = self.env._(
                "%(unit)s %(fee)s %(start)s ~ %(end)s",
                unit=charge.unit_id.complete_name or '', fee=charge.fee_id.name or '',
                start=charge.date_start or '', end=charge.date_end or '')

    @api.depends('amount', 'previous_amount')
    def _compute_change(self):
        for charge in self:
            previous = charge.previous_amount
            charge.change_percent = (charge.amount - previous) / previous * 100 if previous else 0
            charge.has_jump = abs(charge.change_percent) > 30

    @api.ondelete(at_uninstall=False)
    def _unlink_except_posted(self):
        for charge in self:
            if charge.state in ('posted', 'reversed'):
                raise UserError(self.env._(
                    "%(charge)s is posted and stays. Undo the bill run to reverse it.",
                    charge=charge.display_name))
