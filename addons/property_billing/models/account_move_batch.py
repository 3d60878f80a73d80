from odoo import Command, api, models

from odoo.addons.property_base.const import QUIET_CONTEXT

# Bills whose lines are complete: nothing is left for the synchronisation of dynamic lines to do.
# Read by `account`; the balance of every bill is still checked.
COMPLETE_CONTEXT = {
    'skip_analytic_sync': True,
    'skip_invoice_sync': True,
    'skip_invoice_line_sync': True,
}

# Computed of each new line, although they are given, or empty in what no payment made: what a form
# shows readonly is computed again after it was created.
KNOWN_FIELDS = (
    'price_subtotal', 'price_total', 'amount_residual', 'amount_residual_currency', 'reconciled',
    'property_project_id', 'property_building_id', 'invoice_date', 'ref', 'payment_id',
    'statement_line_id', 'statement_id',
)


class AccountMove(models.Model):
    """ The quick way to hundreds of bills and reversals: tax and receivable lines are given.

    `vals` are what `property.charge._prepare_bill_vals` or `_prepare_property_reversal_vals` gives:
    a document of one company with one product line per charge. Line by line and column by column
    the result is what `account` would make of them; a test compares them. What is not covered
    takes that plain way.
    """
    _inherit = 'account.move'

    @api.model
    def _can_complete_property_bills(self, vals_list):
        """ Whether tax and receivable lines of these documents are known ahead. """
        lines = [line for vals in vals_list for line in self._get_property_line_vals(vals)]
        taxes = self.env['account.tax'].browse(
            {tax_id for line in lines for tax_id in line['tax_ids'][0][2]})
        partners = self.env['res.partner'].browse({vals['partner_id'] for vals in vals_list})
        return (
            all(
                tax.amount_type == 'percent' and tax.tax_exigibility == 'on_invoice'
                for tax in taxes
            )
            and all(partners.commercial_partner_id.mapped('property_account_receivable_id'))
            and not any(line.get('analytic_distribution') for line in lines)
            and not self.env['account.analytic.distribution.model'].search_count(
                [('company_id', 'in', (False, self.env.company.id))], limit=1)
        )

    @api.model
    def _create_complete_property_bills(self, vals_list):
        """ Create these documents with all of their lines; `_post` them while nobody else writes.

        :return: the draft documents
        :rtype: recordset of `account.move`
        """
        moves = self.with_context(
            **QUIET_CONTEXT, **COMPLETE_CONTEXT, property_number_formats={},
        ).create([self._complete_property_bill_vals(vals) for vals in vals_list])
        for name in KNOWN_FIELDS:
            self.env.remove_to_compute(moves.line_ids._fields[name], moves.line_ids)
        return moves

    @api.model
    def _get_property_line_vals(self, vals):
        return [line for _command, _id, line in vals['invoice_line_ids']]

    @api.model
    def _complete_property_bill_vals(self, vals):
        """ The values with all lines of the entry. """
        charges = self.env['property.charge'].browse(
            line['property_charge_id'] for line in self._get_property_line_vals(vals))
        sign = -1 if vals['move_type'] == 'out_invoice' else 1
        partner = self.env['res.partner'].browse(vals['partner_id']).commercial_partner_id
        reversed_lines = self.browse(vals.get('reversed_entry_id')).line_ids.filtered(
            lambda line: line.display_type == 'payment_term')
        account = reversed_lines.account_id[:1] or partner.property_account_receivable_id
        lines = [dict(line) for line in self._get_property_line_vals(vals)]
        tax_lines = self._complete_product_lines(lines, partner, sign)
        terms = [
            {
                'display_type': 'payment_term',
                'property_charge_id': charge.id,
                'name': line['name'],
                'account_id': account.id,
                'date_maturity': charge.date_due,
                'balance': -sign * line['price_unit'],
                'amount_currency': -sign * line['price_unit'],
                'price_subtotal': 0.0,
                'price_total': 0.0,
            }
            for charge, line in zip(charges, lines, strict=True)
        ]
        lines = [*lines, *tax_lines, *terms]
        of_bill = {
            key: vals.get(key, False)
            for key in ('invoice_date', 'property_building_id', 'property_project_id', 'ref')}
        for line in lines:
            is_owed = self.env['account.account'].browse(line['account_id']).reconcile
            line.update(
                of_bill,
                amount_residual=is_owed and line['balance'],
                amount_residual_currency=is_owed and line['amount_currency'],
                reconciled=is_owed and not line['balance'],
            )
        return {
            **{key: value for key, value in vals.items() if key != 'invoice_line_ids'},
            'invoice_date_due': max(charges.mapped('date_due')),
            'line_ids': [Command.create(line) for line in lines],
        }

    @api.model
    def _complete_product_lines(self, lines, partner, sign):
        """ Add the amounts to the product lines; returns their tax lines. """
        Tax = self.env['account.tax']
        company = self.env.company
        base_lines = [
            Tax._prepare_base_line_for_taxes_computation(
                None,
                tax_ids=Tax.browse(line['tax_ids'][0][2]),
                price_unit=line['price_unit'],
                quantity=1.0,
                currency_id=company.currency_id,
                sign=sign,
                is_refund=sign > 0,
                partner_id=partner,
                account_id=self.env['account.account'].browse(line['account_id']),
                analytic_distribution=False,
            )
            for line in lines
        ]
        Tax._add_tax_details_in_base_lines(base_lines, company)
        Tax._round_base_lines_tax_details(base_lines, company)
        Tax._add_accounting_data_in_base_lines_tax_details(base_lines, company)
        result = Tax._prepare_tax_lines(base_lines, company)
        for line, (base_line, amounts) in zip(
            lines, result['base_lines_to_update'], strict=True,
        ):
            line.update(
                amounts,
                analytic_distribution=False,
                display_type='product',
                price_subtotal=base_line['tax_details']['total_excluded_currency'],
                price_total=base_line['tax_details']['total_included_currency'],
            )
        return [
            {**line, 'display_type': 'tax', 'price_subtotal': 0.0, 'price_total': 0.0}
            for line in result['tax_lines_to_add']
        ]
