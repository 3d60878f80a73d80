""" Prices that change on days agreed in advance, as rent does (decision 14).

Each step starts from the price that the one before has left, unrounded; only charges are rounded.
"""
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import NamedTuple

from .charging import Rate
from .periods import add_months
from .rounding import EXACT

PERCENT = 'percent'
AMOUNT = 'amount'
PRICE = 'price'

_HUNDREDTH = Decimal('0.01')
_CHANGES = {
    PERCENT: lambda price, value: EXACT.fma(EXACT.multiply(price, value), _HUNDREDTH, price),
    AMOUNT: lambda price, value: EXACT.add(price, value),
    PRICE: lambda price, value: value,
}


class Step(NamedTuple):
    """ From `date` on, the price grows by `value` percent or by that amount, or becomes it. """
    date: date
    mode: str
    value: Decimal


def expand(
    first: date, every_months: int, mode: str, value: Decimal, until: date,
) -> list[Step]:
    """ The same step on `first` and each `every_months` after it, before `until`. """
    steps = []
    while (day := add_months(first, len(steps) * every_months)) < until:
        steps.append(Step(day, mode, value))
    return steps


def lease_rates(
    price: Decimal, start: date, end: date | None, steps: Iterable[Step],
) -> list[Rate]:
    """ The prices of `[start, end)`, in which the steps change the first.

    :raises ValueError: a step is outside the lease or on the day of another, or the price would
        fall below zero
    """
    rates = []
    rate_start, last = start, None
    for step in sorted(steps, key=attrgetter('date')):
        if step.date < start or (end is not None and step.date >= end):
            raise ValueError(f'the step of {step.date} is outside the lease')
        if step.date == last:
            raise ValueError(f'two steps on {step.date}')
        last = step.date
        if step.date > start:
            rates.append(Rate(None, rate_start, step.date, price))
        price = _CHANGES[step.mode](price, step.value)
        if price < 0:
            raise ValueError(f'the step of {step.date} brings the price below zero')
        rate_start = step.date
    return [*rates, Rate(None, rate_start, end, price)]
