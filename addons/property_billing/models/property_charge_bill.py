from decimal import Decimal
from fractions import Fraction

from odoo import models

from ..tools.charging import part_price
from ..tools.explanation import recompute
from ..tools.rounding import round_half_up
from .property_charge_explanation import plain


class PropertyCharge(models.Model):
    """ What a charge says in the columns of a bill, and part by part on the portal (B15). """
    _inherit = 'property.charge'

    def action_print_payment_notices(self):
        """ The payment notices of who owes these charges. """
        # sudo: who sees the charge may know whom it is for; the print asks what else he may see.
        payers = self.sudo().partner_id
        return self.env.ref('property_billing.report_payment_notice_action').report_action(
            payers.ids, config=False)

    def _get_bill_figures(self):
        """ The columns of a bill's line, as text; empty where a charge has none.

        :rtype: dict[str, str]
        """
        self.ensure_one()
        explanation = self.explanation or {}
        meter = explanation.get('meter', {})
        figures = {
            'previous': meter.get('previous', ''), 'present': meter.get('present', ''),
            'use': meter.get('use', ''), 'price': '', 'reduction': '',
        }
        if once := explanation.get('once'):
            figures |= {'use': plain(once['quantity']), 'price': plain(once['price'])}
        elif parts := explanation.get('parts'):
            prices = dict.fromkeys(plain(part['price']) for part in parts if Decimal(part['price']))
            quantities = dict.fromkeys(
                plain(part.get('quantity', explanation['quantity'])) for part in parts)
            figures['price'] = ' / '.join(prices)
            if not meter and explanation['basis'] not in ('fixed', 'percent'):
                is_area = explanation['basis'] in ('area', 'usable_area')
                figures['use'] = ' / '.join(quantities) + (' m²' if is_area else '')
            if reduction := self._get_reduction():
                figures['reduction'] = f'{reduction:.2f}'
        return figures

    def _get_reduction(self):
        """ How much more it would be without its reductions. """
        if not any('relief' in part for part in self.explanation['parts']):
            return Decimal()
        full = {**self.explanation, 'parts': [
            {key: value for key, value in part.items() if key != 'relief'}
            for part in self.explanation['parts']]}
        return recompute(full) - recompute(self.explanation)

    def _get_explanation_rows(self):
        """ The parts of a charge with what each comes to: `(days, how, amount)`.

        Their amounts add up to that of the whole period, before payers share it: the cent that
        rounding moves falls to the part in which it is passed. Of a single part there is nothing
        to add up, nor of a sum that is told as a whole.
        """
        self.ensure_one()
        explanation = self.explanation or {}
        parts = explanation.get('parts', ())
        if len(parts) < 2:
            return []
        unit = Decimal(explanation['rounding'])
        rows, total, shown = [], Fraction(), Decimal()
        for part in parts:
            total += Fraction(part_price(explanation, part)) * Fraction(part['months'])
            upto = round_half_up(total, unit)
            rows.append((
                f"{part['start']} ~ {part['end']}", self._render_part(explanation, part),
                float(upto - shown)))
            shown = upto
        return rows
