""" Money that is others': what the manager may keep of it, and what its supplier asked. """
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from .rounding import round_half_up


class Commission(NamedTuple):
    """ What a manager takes from a fund, with the VAT in it: gross = net + tax. """
    gross: Decimal
    net: Decimal
    tax: Decimal


def commission(
    base: Decimal, percent: Decimal, tax_percent: Decimal, unit: Decimal,
) -> Commission:
    """ The manager's percentage of what a fund received (酬金), VAT included (decision 24). """
    gross = round_half_up(Fraction(base) * Fraction(percent) / 100, unit)
    net = round_half_up(Fraction(gross) / (1 + Fraction(tax_percent) / 100), unit)
    return Commission(gross, net, gross - net)


@dataclass(frozen=True, slots=True)
class Supply:
    """ What a supplier asked for `quantity` units in `[start, end)`; credits are negative. """
    amount: Decimal
    quantity: Decimal
    start: date
    end: date


def supplier_price(supplies: Iterable[Supply], start: date, end: date) -> Fraction | None:
    """ The average price of a unit supplied in `[start, end)`; a bill that covers other days, too,
    counts by days. None where nothing was supplied.
    """
    amount = quantity = Fraction()
    for supply in supplies:
        days = (min(end, supply.end) - max(start, supply.start)).days
        if days > 0:
            part = Fraction(days, (supply.end - supply.start).days)
            amount += Fraction(supply.amount) * part
            quantity += Fraction(supply.quantity) * part
    return amount / quantity if quantity > 0 else None
