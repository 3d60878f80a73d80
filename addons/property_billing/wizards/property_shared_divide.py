from odoo import api, fields, models
from odoo.fields import Command

from ..models.property_share_key import WEIGHT_DIGITS
from ..tools.rounding import exact


class PropertySharedDivide(models.TransientModel):
    """ The parts of a shared cost, told before they are made. """
    _name = 'property.shared.divide'
    _description = 'Division of a shared cost'

    cost_id = fields.Many2one(
        'property.shared.cost', string="Shared cost", required=True, ondelete='cascade')
    currency_id = fields.Many2one(related='cost_id.currency_id', related_sudo=False)
    key_id = fields.Many2one(related='cost_id.key_id', related_sudo=False)
    amount = fields.Monetary(
        string="To be divided", compute='_compute_amount', compute_sudo=False)
    line_ids = fields.One2many(
        'property.shared.divide.line', 'wizard_id', string="Parts of the units",
        compute='_compute_line_ids', store=True, readonly=False, compute_sudo=False,
    )
    part_total = fields.Monetary(string="Parts together", compute='_compute_part_total')
    difference = fields.Monetary(compute='_compute_part_total')
    settle = fields.Selection(related='cost_id.settle', related_sudo=False)
    date = fields.Date(
        string="Posting date", required=True, default=fields.Date.context_today,
        help="Of the entry that takes the parts off the units' accounts.")
    posting_notice = fields.Char(compute='_compute_posting_notice', compute_sudo=False)
    account_notice = fields.Char(compute='_compute_account_notice', compute_sudo=False)

    @api.depends('cost_id')
    def _compute_line_ids(self):
        for wizard in self:
            wizard.cost_id.check_access('write')
            wizard.line_ids = [Command.clear(), *(
                Command.create({
                    'unit_id': unit.id,
                    'weight': float(portion.weight),
                    'amount': float(portion.amount),
                })
                for cost in wizard.cost_id for unit, portion in cost._get_portions().items())]

    @api.depends('cost_id.amount')
    def _compute_amount(self):
        for wizard in self:
            wizard.cost_id.check_access('read')  # an onchange answers before any rule is asked
            wizard.amount = wizard.cost_id.amount

    @api.depends('line_ids.amount')
    def _compute_part_total(self):
        for wizard in self:
            wizard.part_total = sum(exact(line.amount) for line in wizard.line_ids)
            wizard.difference = wizard.currency_id.round(wizard.amount - wizard.part_total)

    @api.depends('cost_id')
    def _compute_account_notice(self):
        """ What is collected for others is to settle what was paid for them, on one account. """
        for wizard in self:
            fee = wizard.cost_id.fee_id
            # sudo: who divides a cost may be told where its bills are booked.
            lines_sudo = wizard.cost_id.sudo().source_ids.line_id
            other = lines_sudo.account_id - fee.account_id.sudo()
            is_for_others = fee.nature in ('agency', 'trust')
            wizard.account_notice = is_for_others and bool(other) and self.env._(
                "%(fee)s is collected for others on account %(account)s, but the suppliers' bills "
                "are booked to %(others)s: one does not settle the other. Ask the accountant "
                "whether that is right.", fee=fee.name, account=fee.account_id.sudo().display_name,
                others=other.mapped('display_name'))

    @api.depends('date', 'cost_id')
    def _compute_posting_notice(self):
        for wizard in self:
            wizard.posting_notice = wizard.settle == 'fund' and (
                wizard.cost_id.company_id._get_posting_notice(wizard.date))

    def action_divide(self):
        """ Make the parts as they are shown. """
        self.ensure_one()
        self.cost_id._divide(
            expected={line.unit_id.id: line.amount for line in self.line_ids}, date=self.date)
        return {'type': 'ir.actions.act_window_close'}


class PropertySharedDivideLine(models.TransientModel):
    """ What one unit is going to bear. Nothing is taken from it but what was shown. """
    _name = 'property.shared.divide.line'
    _description = 'Part of a shared cost before it is made'

    wizard_id = fields.Many2one('property.shared.divide', required=True, ondelete='cascade')
    unit_id = fields.Many2one('property.unit', required=True, ondelete='cascade')
    currency_id = fields.Many2one(related='wizard_id.currency_id', related_sudo=False)
    weight = fields.Float(digits=WEIGHT_DIGITS)
    amount = fields.Monetary()
