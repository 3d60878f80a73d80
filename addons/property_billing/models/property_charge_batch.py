from odoo import Command, models

# Bills whose lines are complete: nothing is left for the synchronisation of dynamic lines to do.
# Read by `account`; the balance of every bill is still checked.
COMPLETE_CONTEXT = {
    'skip_analytic_sync': True,
    'skip_invoice_sync': True,
    'skip_invoice_line_sync': True,
}


class PropertyCharge(models.Model):
    """ The quick way to hundreds of bills: tax and receivable lines are given, not synchronised.

    Line by line and column by column the result is what `account` would make of
    `_prepare_bill_vals`; a test compares them. What is not covered takes that plain way.
    """
    _inherit = 'property.charge'

    def _can_complete_bills(self):
        """ Whether tax and receivable lines of these charges, of one company, are known ahead. """
        taxes = self.fee_id.tax_id
        return (
            all(
                tax.amount_type == 'percent' and tax.tax_exigibility == 'on_invoice'
                for tax in taxes
            )
            and all(self.partner_id.commercial_partner_id.mapped('property_account_receivable_id'))
            and not self.env['account.analytic.distribution.model'].search_count(
                [('company_id', 'in', (False, self.company_id.id))], limit=1)
        )

    def _prepare_complete_bill_vals(self, journal, date_invoice):
        """ `_prepare_bill_vals` with all lines of the entry. """
        vals = self._prepare_bill_vals(journal, date_invoice)
        vals['invoice_date_due'] = max(self.mapped('date_due'))
        lines = [line_vals for _command, _id, line_vals in vals.pop('invoice_line_ids')]
        partner = self.partner_id.commercial_partner_id
        tax_lines = self._complete_product_lines(lines, partner)
        vals['line_ids'] = [Command.create(line_vals) for line_vals in (
            *lines, *tax_lines, *self._prepare_term_lines(partner, vals['property_unit_id']))]
        return vals

    def _complete_product_lines(self, lines, partner):
        """ Add the amounts to the product lines; returns their tax lines. """
        Tax = self.env['account.tax']
        company, currency = self.company_id, self.currency_id
        base_lines = [
            Tax._prepare_base_line_for_taxes_computation(
                None,
                tax_ids=charge.fee_id.tax_id,
                price_unit=charge.amount,
                quantity=1.0,
                currency_id=currency,
                sign=-1,
                partner_id=partner,
                account_id=charge.fee_id.account_id,
                analytic_distribution=False,
            )
            for charge in self
        ]
        Tax._add_tax_details_in_base_lines(base_lines, company)
        Tax._round_base_lines_tax_details(base_lines, company)
        Tax._add_accounting_data_in_base_lines_tax_details(base_lines, company)
        result = Tax._prepare_tax_lines(base_lines, company)
        for line_vals, (base_line, amounts) in zip(
            lines, result['base_lines_to_update'], strict=True,
        ):
            line_vals.update(
                amounts,
                analytic_distribution=False,
                display_type='product',
                price_subtotal=base_line['tax_details']['total_excluded_currency'],
                price_total=base_line['tax_details']['total_included_currency'],
            )
        return [
            {**line_vals, 'display_type': 'tax', 'price_subtotal': 0.0, 'price_total': 0.0}
            for line_vals in result['tax_lines_to_add']
        ]

    def _prepare_term_lines(self, partner, unit_id):
        account = partner.property_account_receivable_id
        return [
            {
                'display_type': 'payment_term',
                'property_charge_id': charge.id,
                'name': charge._get_bill_label(with_unit=not unit_id),
                'account_id': account.id,
                'date_maturity': charge.date_due,
                'balance': charge.amount,
                'amount_currency': charge.amount,
                'price_subtotal': 0.0,
                'price_total': 0.0,
            }
            for charge in self
        ]
