from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import formatLang


class PropertyChargeCorrect(models.TransientModel):
    """ What of these posted charges would come out differently now, told before it is posted. """
    _name = 'property.charge.correct'
    _description = 'Correction of posted charges'

    charge_ids = fields.Many2many('property.charge', string="Charges", required=True)
    line_ids = fields.One2many(
        'property.charge.correct.line', 'wizard_id', string="Differences",
        compute='_compute_line_ids', store=True, readonly=False, compute_sudo=False,
    )
    has_typed = fields.Boolean(compute='_compute_summary')
    summary = fields.Char(compute='_compute_summary')
    reason = fields.Char(required=True, help="It stands on the credit notes.")
    date = fields.Date(required=True, default=fields.Date.context_today)
    posting_notice = fields.Char(compute='_compute_posting_notice', compute_sudo=False)

    @api.depends('charge_ids')
    def _compute_line_ids(self):
        for wizard in self:
            charges = wizard.charge_ids._origin
            charges.check_access('read')
            typed = charges._get_typed()
            credited = typed._get_credited_amounts()
            wizard.line_ids = [Command.clear(), *(
                Command.create({
                    'charge_id': correction.charges[0].id,
                    'partner_id': correction.partner.id,
                    'date_start': correction.start,
                    'date_end': fields.Date.subtract(correction.end, days=1),
                    'amount_before': float(correction.difference.before),
                    'amount_now': float(correction.difference.before) + correction.amount,
                })
                for correction in charges._plan_corrections()), *(
                Command.create({
                    'charge_id': charge.id,
                    'partner_id': charge.partner_id.id,
                    'date_start': charge.date_start,
                    'date_end': charge.date_end,
                    'amount_before': charge.amount - credited.get(charge, 0),
                    'amount_now': charge.amount - credited.get(charge, 0),
                    'is_typed': True,
                })
                for charge in typed)]

    @api.depends('line_ids.amount', 'line_ids.is_typed', 'charge_ids')
    def _compute_summary(self):
        for wizard in self:
            amounts = wizard.line_ids.mapped('amount')
            currency = wizard.charge_ids.currency_id[:1]
            wizard.has_typed = any(wizard.line_ids.mapped('is_typed'))
            wizard.summary = self.env._(
                "%(credited)s are credited and %(charged)s charged. What is posted stays as it is; "
                "what was paid too much stays the payer's as an open credit.",
                credited=formatLang(
                    self.env, -sum(amount for amount in amounts if amount < 0),
                    currency_obj=currency),
                charged=formatLang(
                    self.env, sum(amount for amount in amounts if amount > 0),
                    currency_obj=currency))

    @api.depends('date', 'charge_ids')
    def _compute_posting_notice(self):
        for wizard in self:
            wizard.posting_notice = wizard.charge_ids.company_id._get_posting_notice(wizard.date)

    def action_correct(self):
        """ Post it, and show what has been posted. """
        self.ensure_one()
        if not self.line_ids:
            raise UserError(self.env._("Nothing would come out differently."))
        charges, typed = self.charge_ids, self.line_ids.filtered('is_typed')
        for line in typed:
            if line.amount > 0:
                raise UserError(self.env._(
                    "%(charge)s was typed and can only become less. Charge what is missing as a "
                    "temporary charge.", charge=line.charge_id.display_name))
        charges._correct(
            self.reason, self.date,
            expected={
                (line.charge_id.id, line.partner_id.id): line.amount
                for line in self.line_ids - typed},
            amounts={line.charge_id.id: -line.amount for line in typed})
        return self.line_ids.charge_id._get_correction_action()


class PropertyChargeCorrectLine(models.TransientModel):
    """ What one payer owes more or less for one period.

    Nothing is taken from it but what a typed charge is to be.
    """
    _name = 'property.charge.correct.line'
    _description = 'Difference of a posted charge'

    wizard_id = fields.Many2one('property.charge.correct', required=True, ondelete='cascade')
    charge_id = fields.Many2one('property.charge', required=True, ondelete='cascade')
    unit_id = fields.Many2one(related='charge_id.unit_id', related_sudo=False)
    fee_id = fields.Many2one(related='charge_id.fee_id', related_sudo=False)
    currency_id = fields.Many2one(related='charge_id.currency_id', related_sudo=False)
    partner_id = fields.Many2one('res.partner', string="Payer", required=True)
    date_start = fields.Date(string="From", required=True)
    date_end = fields.Date(string="To", required=True)
    amount_before = fields.Monetary(string="Charged so far")
    amount_now = fields.Monetary(string="It would be")
    amount = fields.Monetary(string="Difference", compute='_compute_amount')
    is_typed = fields.Boolean(help="Nothing says what it would be but the user.")

    @api.depends('amount_before', 'amount_now')
    def _compute_amount(self):
        for line in self:
            line.amount = line.currency_id.round(line.amount_now - line.amount_before)
