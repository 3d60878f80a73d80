from odoo import api, fields, models

from ..tools.rounding import exact
from ..tools.tiers import Tier
from .property_charge_explanation import plain


class PropertyTariffTier(models.Model):
    """ What a unit costs that is used above a limit (阶梯): the limit itself is the tier below. """
    _name = 'property.tariff.tier'
    _description = 'Tier of a price'
    _inherit = ['property.price.part.mixin']
    _order = 'version_id, above'

    above = fields.Float(
        required=True, digits=(16, 3),
        help="In the meter's unit, by year or month as the tariff says. What is used up to here, "
             "this included, costs what the tier below costs.",
    )
    price = fields.Float(
        required=True, digits=(16, 6),
        help="Of a unit in this tier, in place of the price of the lowest one.",
    )

    _positive = models.Constraint(
        'CHECK (above > 0 AND price >= 0)',
        "The limit of a tier is more than zero, and its price is not negative.",
    )
    _limit_uniq = models.UniqueIndex(
        '(version_id, above)', "This price has a tier above this limit already.",
    )

    @api.depends('above', 'price')
    def _compute_display_name(self):
        for tier in self:
            tier.display_name = self.env._(
                "%(price)s above %(limit)s", price=plain(exact(tier.price)),
                limit=plain(exact(tier.above)))

    # === BUSINESS METHODS === #

    def _get_tier(self):
        """ It as the engine wants it. """
        self.ensure_one()
        return Tier(above=exact(self.above), price=exact(self.price))
