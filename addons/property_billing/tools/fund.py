""" Money that is others': what the manager may keep of it, and what its supplier asked. """
from collections.abc import Iterable, Sequence
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


def sums_on_supplied_days(
    charged: Iterable[tuple[Decimal, date, date]], supplies: Sequence[Supply],
    start: date, end: date,
) -> tuple[Fraction, Fraction]:
    """ What was charged and what suppliers asked, both for those days of `[start, end)` that some
    supplier has billed: a bill that is not there yet is no mark-up. What covers other days, too,
    counts by days.

    :param charged: amounts with their days `[start, end)`
    """
    spans = _join((max(start, s.start), min(end, s.end)) for s in supplies)
    asked = ((supply.amount, supply.start, supply.end) for supply in supplies)
    return _add_on(charged, spans), _add_on(asked, spans)


def _join(spans: Iterable[tuple[date, date]]) -> list[tuple[date, date]]:
    """ The days of these, each once. """
    joined = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


def _add_on(
    amounts: Iterable[tuple[Decimal, date, date]], spans: Sequence[tuple[date, date]],
) -> Fraction:
    return sum((
        Fraction(amount) * sum(
            max((min(end, last) - max(start, first)).days, 0) for first, last in spans)
        / (end - start).days
        for amount, start, end in amounts), Fraction())
