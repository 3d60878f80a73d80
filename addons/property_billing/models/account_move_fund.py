from collections import defaultdict

from odoo import models
from odoo.exceptions import UserError

from .property_fund import FUND_ACCOUNT_TYPES

# What an item of a posted entry takes out of a fund, and out of which.
AMOUNT_FIELDS = {
    'account_id', 'amount_currency', 'balance', 'credit', 'debit', 'discount', 'price_unit',
    'quantity',
}


class AccountMove(models.Model):
    """ Nobody takes more out of a fund than is in it. """
    _inherit = 'account.move'

    def _post(self, soft=True):
        """ Override of `account`: what is spent of a fund must be there. """
        posted = super()._post(soft)
        posted._check_funds(lambda line: line.balance)
        return posted

    def button_draft(self):
        """ Override of `account`: what was added to a fund may be spent already. """
        posted = self.filtered(lambda move: move.state == 'posted')
        posted._check_no_commission()
        result = super().button_draft()
        posted._check_funds(lambda line: -line.balance)
        return result

    def _reverse_moves(self, default_values_list=None, cancel=False):
        """ Override of `account`: its month would still be done. """
        self._check_no_commission()
        return super()._reverse_moves(default_values_list, cancel)

    def _check_no_commission(self):
        # sudo: that it is a commission counts, whoever may see it.
        if commissions := self.env['property.fund.commission'].sudo().search(
                [('move_id', 'in', self.ids)], limit=1):
            raise UserError(self.env._(
                "%(entry)s is a commission that was taken out of %(fund)s. It is never changed: "
                "what is billed or credited now changes the next one.",
                entry=commissions.move_id.name, fund=commissions.fund_id.name))

    def write(self, vals):
        """ Override of `account`: by another project it is the money of other owners. """
        moved = 'property_project_id' in vals and self.filtered(lambda move: (
            move.state == 'posted' and move.property_project_id.id != vals['property_project_id']))
        if not moved:
            return super().write(vals)
        if bills := moved.filtered(lambda move: (
                move.is_sale_document() and move.line_ids.property_charge_id)):
            raise UserError(self.env._(
                "%(bill)s is of the project of its charges and stays there. Reverse it, and bill "
                "them in the other one.", bill=bills[0].name))
        given = moved._get_spent(lambda line: -line.balance)
        result = super().write(vals)
        self._check_spent(given)
        moved._check_funds(lambda line: line.balance)
        return result

    def _check_funds(self, get_spent):
        self._check_spent(self._get_spent(get_spent))

    def _get_spent(self, get_spent, before=()):
        """ What is taken of each account and project.

        :param before: as of `_sum_spent`, what that is added to
        """
        return {
            key: amount for key, amount in self._sum_spent(get_spent, before).items() if amount > 0}

    def _sum_spent(self, get_spent, before=()):
        """ Bills of charges only add to funds, and a credit to a payer is never refused, though it
        may overdraw one: bill runs and their undoing ask nothing here.

        :return: what is taken of each account and project, less than zero where it is given
        """
        spent = defaultdict(float, before)
        for move in self:
            if move.is_sale_document() and move.line_ids.property_charge_id:
                continue
            for line in move.line_ids:
                account = line.account_id
                if account.account_type in FUND_ACCOUNT_TYPES:
                    key = account, move.property_project_id
                    spent[key] = line.company_currency_id.round(spent[key] + get_spent(line))
        return spent

    def _check_spent(self, spent):
        if spent:
            # sudo: who posts need not see the fund, or the project.
            self.env['property.fund'].sudo()._check_not_overdrawn(spent)


class AccountMoveLine(models.Model):
    _inherit = 'account.move.line'

    def write(self, vals):
        """ Override of `account`: a posted item can be booked to the account of a fund, too. """
        posted = vals.keys() & AMOUNT_FIELDS and self.move_id.filtered(
            lambda move: move.state == 'posted')
        if not posted:
            return super().write(vals)
        before = posted._sum_spent(lambda line: -line.balance)
        result = super().write(vals)
        posted._check_spent(posted._get_spent(lambda line: line.balance, before))
        return result
