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
        figures = dict.fromkeys(('previous', 'present', 'use', 'price', 'reduction'), '')
        if once := explanation.get('once'):
            figures |= {'use': plain(once['quantity']), 'price': plain(once['price'])}
        elif parts := explanation.get('parts'):
            prices = dict.fromkeys(plain(part['price']) for part in parts if Decimal(part['price']))
            quantities = dict.fromkeys(
                plain(part.get('quantity', explanation['quantity'])) for part in parts)
            figures['price'] = ' / '.join(prices)
            if explanation['basis'] not in ('fixed', 'percent'):
                is_area = explanation['basis'] in ('area', 'usable_area')
                figures['use'] = ' / '.join(quantities) + (' m²' if is_area else '')
            if reduction := self._get_reduction():
                figures['reduction'] = f'{reduction:.2f}'
        return figures

    def _get_reduction(self):
        """ How much more it would be without its reductions. """
        key = 'parts' if 'parts' in self.explanation else 'lines'
        if not any('relief' in part for part in self.explanation[key]):
            return Decimal()
        full = {**self.explanation, key: [
            {name: value for name, value in part.items() if name != 'relief'}
            for part in self.explanation[key]]}
        return recompute(full) - recompute(self.explanation)

    def _get_explanation_rows(self):
        """ The parts of a charge with what each comes to: `(days, how, amount)`.

        Their amounts add up to that of the whole period, before payers share it: the cent that
        rounding moves falls to the part in which it is passed. Of a single part there is nothing
        to add up, nor of a sum that is told as a whole.
        """
        self.ensure_one()
        explanation = self.explanation or {}
        parts = self._get_unrounded_parts(explanation)
        if len(parts) < 2:
            return []
        unit = Decimal(explanation['rounding'])
        rows, total, shown = [], Fraction(), Decimal()
        for part, text, unrounded in parts:
            total += unrounded
            upto = round_half_up(total, unit)
            rows.append((f"{part['start']} ~ {part['end']}", text, float(upto - shown)))
            shown = upto
        return rows

    def _get_unrounded_parts(self, explanation):
        """ What adds up to the amount: each part, it in words, and what it comes to. """
        return [
            (part, self._render_part(explanation, part),
             Fraction(part_price(explanation, part)) * Fraction(part['months']))
            for part in explanation.get('parts', ())]
