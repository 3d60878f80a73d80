from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class PropertyBudgetTrueUp(models.TransientModel):
    """ What each payer owes or gets back at the year's end, told before it is posted. """
    _name = 'property.budget.true.up'
    _description = 'True-up of a budget'

    budget_id = fields.Many2one('property.budget', required=True, ondelete='cascade')
    currency_id = fields.Many2one(related='budget_id.currency_id', related_sudo=False)
    date = fields.Date(
        string="Bill date", required=True, default=fields.Date.context_today,
        help="Of the bills and credit notes.")
    due_days = fields.Integer(
        string="Days to pay", required=True, default=30,
        help="Days from the date of the bill to the due date.")
    posting_notice = fields.Char(compute='_compute_posting_notice', compute_sudo=False)
    year_notice = fields.Char(compute='_compute_year_notice')
    line_ids = fields.One2many(
        'property.budget.true.up.line', 'wizard_id', string="Payers",
        compute='_compute_line_ids', store=True, readonly=False, compute_sudo=False)
    amount_cost = fields.Monetary(string="Costs", compute='_compute_totals')
    amount_advances = fields.Monetary(string="Charged ahead", compute='_compute_totals')
    amount_charged = fields.Monetary(string="To be charged", compute='_compute_totals')
    amount_credited = fields.Monetary(string="To be credited", compute='_compute_totals')
    amount_unpaid = fields.Monetary(
        string="Nobody pays", compute='_compute_totals',
        help="Units without a payer on some days: settled once a payer is entered.")

    _due_days_positive = models.Constraint(
        'CHECK (due_days >= 0)', "A bill is not due before its date.")

    @api.depends('budget_id')
    def _compute_line_ids(self):
        for wizard in self:
            wizard.budget_id._check_manager()
            wizard.budget_id.check_access('write')
            wizard.line_ids = [Command.clear(), *(
                Command.create({
                    'unit_id': account.unit_id,
                    'partner_id': account.partner_id,
                    'amount_cost': float(account.cost),
                    'amount_advances': float(account.paid_ahead),
                    'amount': account.amount,
                })
                for account in wizard.budget_id._plan_true_up())]

    @api.depends('line_ids.amount', 'line_ids.partner_id')
    def _compute_totals(self):
        for wizard in self:
            lines, currency = wizard.line_ids, wizard.currency_id
            paid = lines.filtered('partner_id').mapped('amount')
            wizard.amount_cost = currency.round(sum(lines.mapped('amount_cost')))
            wizard.amount_advances = currency.round(sum(lines.mapped('amount_advances')))
            wizard.amount_charged = currency.round(sum(amount for amount in paid if amount > 0))
            wizard.amount_credited = currency.round(-sum(amount for amount in paid if amount < 0))
            wizard.amount_unpaid = currency.round(sum(
                lines.filtered(lambda line: not line.partner_id).mapped('amount')))

    @api.depends('date', 'budget_id')
    def _compute_posting_notice(self):
        for wizard in self:
            wizard.posting_notice = wizard.budget_id.company_id._get_posting_notice(wizard.date)

    @api.depends('budget_id')
    def _compute_year_notice(self):
        today = fields.Date.context_today(self)
        for wizard in self:
            end = wizard.budget_id.date_end
            wizard.year_notice = today <= end and self.env._(
                "%(budget)s goes on until %(day)s. What is billed and spent after today is settled "
                "only by truing up once more.",
                budget=wizard.budget_id.name, day=fields.Date.to_string(end))

    def action_true_up(self):
        """ Post it as it is shown. """
        self.ensure_one()
        expected = {
            (line.unit_id.id, line.partner_id.id or 0): line.amount
            for line in self.line_ids if line.amount}
        if not expected:
            raise UserError(self.env._(
                "Nothing is to be settled: everybody has paid ahead what he bears."))
        self.budget_id._start_true_up(self.date, self.due_days, expected)
        return {'type': 'ir.actions.act_window_close'}


class PropertyBudgetTrueUpLine(models.TransientModel):
    """ What one payer owes or gets back for a unit. Nothing is taken from it but what was shown.
    """
    _name = 'property.budget.true.up.line'
    _description = 'Payer of a true-up before it is posted'

    wizard_id = fields.Many2one('property.budget.true.up', required=True, ondelete='cascade')
    unit_id = fields.Many2one('property.unit', required=True, ondelete='cascade')
    partner_id = fields.Many2one('res.partner', string="Payer")
    currency_id = fields.Many2one(related='wizard_id.currency_id', related_sudo=False)
    amount_cost = fields.Monetary(string="Costs")
    amount_advances = fields.Monetary(string="Charged ahead")
    amount = fields.Monetary(string="Difference", help="More than zero: still to be paid.")
