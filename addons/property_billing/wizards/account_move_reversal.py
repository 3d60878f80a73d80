from odoo import api, fields, models
from odoo.exceptions import UserError


class AccountMoveReversal(models.TransientModel):
    _inherit = 'account.move.reversal'

    has_property_bills = fields.Boolean(compute='_compute_has_property_bills')

    @api.depends('move_ids')
    def _compute_has_property_bills(self):
        for wizard in self:
            wizard.has_property_bills = bool(wizard.move_ids._get_posted_property_bills())

    def modify_moves(self):
        """ Override of `account`: a bill typed anew would be of no charge. """
        if bills := self.move_ids._get_posted_property_bills():
            raise UserError(self.env._(
                "Bills are made of charges: %(bills)s. Reverse them, then charge the period anew "
                "by a bill run.", bills=bills.mapped('name')))
        return super().modify_moves()
