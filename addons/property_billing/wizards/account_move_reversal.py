from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date


class AccountMoveReversal(models.TransientModel):
    _inherit = 'account.move.reversal'

    has_property_bills = fields.Boolean(compute='_compute_has_property_bills')

    @api.depends('move_ids')
    def _compute_has_property_bills(self):
        for wizard in self:
            wizard.has_property_bills = bool(wizard.move_ids._get_posted_property_bills())

    def _prepare_default_reversal(self, move):
        """ Override of `account`: nothing is taken back before it is billed. """
        values = super()._prepare_default_reversal(move)
        if move._is_property_bill() and values['date'] < move.date:
            raise UserError(self.env._(
                "%(bill)s is dated %(day)s, and nothing is reversed before it is billed. Choose "
                "that day or a later one.",
                bill=move.name, day=format_date(self.env, move.date)))
        return values

    def modify_moves(self):
        """ Override of `account`: a bill typed anew would be of no charge. """
        if bills := self.move_ids._get_posted_property_bills():
            raise UserError(self.env._(
                "Bills are made of charges: %(bills)s. Reverse them, then charge the period anew "
                "by a bill run.", bills=bills.mapped('name')))
        return super().modify_moves()
