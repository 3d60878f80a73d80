from decimal import Decimal
from fractions import Fraction

from odoo import models
from odoo.exceptions import UserError

from ..tools.charging import BY_DAYS, months_charged
from ..tools.periods import NATURAL, ONE_DAY
from ..tools.rounding import exact, round_half_up

# Keys by which a tariff can ask for what is planned, too.
PRICED_BASES = ('area', 'usable_area', 'household')
PRICE_UNIT = Decimal('0.01')


class PropertyBudget(models.Model):
    """ What owners are to pay ahead, so that it covers the plan. """
    _inherit = 'property.budget'

    def action_propose_prices(self):
        """ Give the tariffs of the advances the price that the plan comes to.

        Where prices are approved they wait for that, as every other.
        """
        self.ensure_one()
        self._check_manager()
        self._check_step('write', 'approved', 'published')
        self._check_advances()
        prices = self._get_prices()
        tariffs = self._get_advance_tariffs().filtered(lambda tariff: tariff.basis in prices)
        later = tariffs.version_ids.filtered(lambda version: (
            version.state != 'refused' and version.date_start >= self.date_start))
        if later:
            raise UserError(self.env._(
                "%(tariff)s has a price from %(day)s already. The plan comes to %(price)s a month: "
                "enter it as a price from the first day that is to bear it.",
                tariff=later[0].tariff_id.display_name, day=later[0].date_start,
                price=f'{prices[later[0].tariff_id.basis]:f}'))
        if not tariffs:
            raise UserError(self.env._(
                "No unit of %(project)s pays the advances of %(budget)s by area or household, as "
                "its costs are divided. Assign such a tariff first.",
                project=self.project_id.name, budget=self.name))
        self._check_own_tariffs(tariffs)
        versions = self.env['property.tariff.version'].create([
            {'tariff_id': tariff.id, 'date_start': self.date_start,
             'price': float(prices[tariff.basis])} for tariff in tariffs])
        return {
            'name': self.env._("New prices"),
            'type': 'ir.actions.act_window',
            'res_model': 'property.tariff.version',
            'view_mode': 'list,kanban,form',
            'domain': [('id', 'in', versions.ids)],
            'context': {'property_own': True},  # somebody else approves them
        }

    def _check_own_tariffs(self, tariffs):
        """ What the plan of one project comes to is no other's price. """
        # sudo: others count, whoever sees them.
        if other_sudo := self.env['property.fee.assignment'].sudo().search([
                ('tariff_id', 'in', tariffs.ids), ('project_id', '!=', self.project_id.id),
                '|', ('date_end', '=', False), ('date_end', '>=', self.date_start)], limit=1):
            raise UserError(self.env._(
                "%(tariff)s is charged in %(other)s, too, whose price would also change. Assign a "
                "tariff of their own to the units of %(project)s first.",
                tariff=other_sudo.tariff_id.display_name, other=other_sudo.project_id.name,
                project=self.project_id.name))

    def _get_prices(self):
        """ The price a month that covers the plan, by basis: what is planned by each key, divided
        by its weights and by the months. Costs by other keys have none.
        """
        end = self.date_end + ONE_DAY
        months = months_charged(self.date_start, NATURAL, BY_DAYS, self.date_start, end)
        prices = {}
        for line in self.line_ids:
            basis = line.key_id.basis
            if basis in PRICED_BASES and line.amount_planned:
                weights = line.key_id._get_weights(self.date_start, end)
                price = Fraction(exact(line.amount_planned)) / Fraction(
                    sum(weights.values())) / Fraction(months)
                prices[basis] = prices.get(basis, 0) + price
        return {basis: round_half_up(price, PRICE_UNIT) for basis, price in prices.items()}

    def _get_advance_tariffs(self):
        """ The tariffs by which units of the project pay the advances on some of the days. """
        return self.env['property.fee.assignment'].search([
            ('project_id', '=', self.project_id.id), ('tariff_id', '!=', False),
            ('fee_id', 'in', self.advance_fee_ids.ids), ('date_start', '<=', self.date_end),
            '|', ('date_end', '=', False), ('date_end', '>=', self.date_start)]).tariff_id
