from odoo import api, models
from odoo.fields import Domain


class AccountPayment(models.Model):
    """ What a payer is told about a payment: on the portal and on the receipt (收据). """
    _inherit = 'account.payment'

    @api.model
    def _get_receipts_domain(self, partner):
        """ Money received from a payer, or that settled what he, and nobody else, owed. """
        charge = Domain('property_charge_id.partner_id', '=', partner.id)
        other_charge = Domain('property_charge_id', '!=', False) & ~charge
        return (
            Domain('payment_type', '=', 'inbound') & Domain('state', 'in', ('in_process', 'paid'))
            & (
                Domain('partner_id', '=', partner.id) & Domain('property_project_id', '!=', False)
                | Domain('move_id.line_ids', 'any', charge)
                & Domain('move_id.line_ids', 'not any', other_charge)
            )
        )

    def _get_receipt_lines(self):
        """ What this payment settled: the journal's own matching, charge by charge.

        :return: pairs of charge and amount, and what is kept as a prepayment
        :rtype: tuple[list[tuple], float]
        """
        self.ensure_one()
        partials = self.move_id.line_ids.matched_debit_ids
        lines = [
            (partial.debit_move_id.property_charge_id, partial.amount)
            for partial in partials if partial.debit_move_id.property_charge_id
        ]
        settled = sum(partials.mapped('amount'))
        return lines, self.currency_id.round(self.amount - settled)

    def _get_receipt_facts(self):
        """ What else the payer wants to have in hand, as label and value: of units bought for a
        meter how many, and what is to be typed into it.
        """
        self.ensure_one()
        # sudo: who has the receipt has what is on it; an accountant need not see meters.
        sales_sudo = self.env['property.meter.event'].sudo().search(
            [('payment_id', '=', self.id)])
        states = dict(sales_sudo._fields['write_state']._description_selection(self.env))
        return [
            fact for sale in sales_sudo for fact in (
                (self.env._("Meter"), sale.meter_id.number),
                (self.env._("Bought"), f'{sale.units:.2f} {sale.unit_name}'),
                (self.env._("Price"), sale.price_text),
                (self.env._("Token"), sale.token) if sale.write_state == 'issued'
                else (self.env._("On the meter"), states[sale.write_state]))]

    def _get_method_name(self):
        """ How it was paid, in a payer's words, e.g. Alipay or Cash. """
        self.ensure_one()
        if transaction := self.payment_transaction_id:
            return transaction.payment_method_id.name
        line, method = self.payment_method_line_id, self.payment_method_line_id.payment_method_id
        # Odoo's own name, e.g. Manual Payment, tells a payer nothing; the journal's does.
        if line.name in (method.name, method.with_context(lang=None).name):
            return self.journal_id.name
        return line.name

    def _get_report_base_filename(self):
        """ The name of a receipt's file on the portal. """
        return self.env._("Receipt %(number)s", number=self.name or '')
