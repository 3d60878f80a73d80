""" Units that are sold before they are used (B52): money in, units and explanation out. """
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from .charging import ALL, Rate, Relief
from .metered import USE, explain_allowance
from .rounding import EXACT, decimal_text, exact_text, round_half_up
from .tiers import Account, Allowance, divide, limits, units_for

UNIT = Decimal('0.01')  # what terminals write; what is less than that is not sold
CENT = Decimal('0.01')

HOURS = 'hours'
MONTHS = 'months'
FREE = 'free'


class UnitPriceError(ValueError):
    """ A price that is not one of a unit: by `HOURS` of use, for `MONTHS`, or `FREE` of charge. """


def unit_prices(rate: Rate, relief: Relief | None = None) -> list[Decimal]:
    """ What a unit costs in each tier, from the lowest.

    :raises UnitPriceError: with the reason
    """
    if rate.surcharge or any(component.basis != USE for component in rate.components):
        raise UnitPriceError(MONTHS)
    if any(component.register for component in rate.components):
        raise UnitPriceError(HOURS)
    more = sum((component.price for component in rate.components), Decimal())
    payable = relief.payable if relief else ALL
    prices = [
        EXACT.multiply(price + more, payable)
        for price in (rate.price, *(tier.price for tier in rate.tiers))]
    if not all(prices):
        raise UnitPriceError(FREE)
    return prices


def explain_sale(
    amount: Decimal, day: date, rate: Rate, *, before: Decimal, since: date, account: Account,
    allowances: Sequence[Allowance] = (), relief: Relief | None = None, **meter,
) -> dict:
    """ The explanation of what an amount buys at the price of a day.

    The amount is what is paid, the units are rounded down; what that leaves, less than a hundredth
    of a unit costs, is part of the price.

    :param before: units bought before this sale, since the account began on the day `since`
    :param meter: what the explanation says of the meter: `id`, `number`, `unit`
    :raises UnitPriceError: the price is not one of a unit
    """
    prices = unit_prices(rate, relief)
    paid = round_half_up(amount, CENT)
    allowance = account.allowance_on(day, allowances, rate.per_person, rate.standard_persons)
    upper = limits(rate.tiers, allowance)
    units = units_for(paid, prices, before, upper, UNIT)
    lines = [
        {'units': exact_text(part), 'price': str(prices[tier]),
         **({'tier': tier + 1} if rate.tiers else {})}
        for tier, part in divide(before, units, upper)]
    sale = {
        **meter, 'day': day.isoformat(), 'units': str(units), 'paid': str(paid), 'lines': lines}
    if rate.tiers:
        sale['since'] = since.isoformat()
        sale['before'] = exact_text(before)
        sale['limits'] = [exact_text(limit) for limit in upper]
        if allowance:
            sale |= explain_allowance(account, day, allowances, rate)
    return {
        'sale': sale, 'rounding': str(CENT), 'unrounded': decimal_text(paid), 'amount': str(paid)}


def unrounded(explanation: dict) -> Decimal:
    """ What was paid, which is what a sale is made from.

    :raises ValueError: it does not pay for the units
    """
    sale = explanation['sale']
    paid = Decimal(sale['paid'])
    cost = sum(Fraction(line['units']) * Fraction(line['price']) for line in sale['lines'])
    if cost > paid:
        raise ValueError(f'{sale["units"]} units cost more than the {paid} that were paid')
    return paid
