from odoo import models

from ..tools.metered import USE
from .property_charge_explanation import plain


class PropertyCharge(models.Model):
    """ Why a sale of units gives so many: on screen, on the bill, in the portal. """
    _inherit = 'property.charge'

    def _render_sale(self, explanation):
        sale = explanation['sale']
        return [
            self.env._(
                "Meter %(name)s: %(units)s %(unit)s bought on %(day)s for %(paid)s",
                name=sale['number'], units=plain(sale['units']), unit=sale['unit'],
                day=sale['day'], paid=plain(sale['paid'])),
            *([self._render_allowance(self.env._(
                "Bought before since %(start)s: %(use)s %(unit)s; tiers above %(limits)s",
                start=sale['since'], use=plain(sale['before']), unit=sale['unit'],
                limits=' / '.join(map(plain, sale['limits']))), sale, sale['unit'])]
              if 'limits' in sale else []),
            ' + '.join(self._render_sold(explanation)),
        ]

    def _render_sold(self, explanation):
        """ Each price and what was bought at it: 20 kWh × 0.4883 (tier 1). """
        sale = explanation['sale']
        return [
            self._render_use(
                {'unit': sale['unit']},
                {USE: line['units'], **{name: line[name] for name in line if name != 'units'}})
            for line in sale['lines']]

    def _get_bill_figures(self):
        """ Override: what was bought, and its prices. """
        figures = super()._get_bill_figures()
        if sale := (self.explanation or {}).get('sale'):
            figures |= {
                'use': f"{plain(sale['units'])} {sale['unit']}",
                'price': ' / '.join(plain(line['price']) for line in sale['lines'])}
        return figures
