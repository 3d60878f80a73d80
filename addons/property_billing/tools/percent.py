""" A fee that is a percentage of other fees, turned into plain prices before anything is charged.

So the engine needs no order of computing, and the explanation stands without the other fees.
"""
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import reduce
from itertools import pairwise

from .charging import ZERO, MissingError, Rate, price_on
from .planning import Subject
from .rounding import EXACT, decimal_text

_HUNDREDTH = Decimal('0.01')


def percent_rates(base: Sequence[Subject], percent: Sequence[Rate]) -> list[Rate]:
    """ The prices per month of a percentage of what the subjects `base` cost, reliefs included.

    A base counts from its start to its end. On days when one of them has no price or no quantity,
    the result has no price either. Where nothing changes, nothing is cut.

    :param percent: the percentages in force, in the place of the price
    :raises ValueError: a base is charged by season, so a month of it has no price
    """
    if any(subject.terms.season for subject in base):
        raise ValueError('a percentage of a fee by season has no price per month')
    dated = [*percent]
    for subject in base:
        dated += [subject, *subject.terms.rates, *subject.quantities, *subject.reliefs]
    borders = sorted({
        border for value in dated for border in (value.start, value.end) if border is not None})
    rates = []
    for rate in percent:
        inner = [day for day in borders if rate.start < day and (not rate.end or day < rate.end)]
        resolved: list[Rate] = []
        for start, end in pairwise((rate.start, *inner, rate.end)):
            try:
                monthly = _price_on(start, base)
            except MissingError:
                continue
            note = f'{decimal_text(monthly)} × {decimal_text(rate.price)} %'
            if resolved and resolved[-1].end == start and resolved[-1].note == note:
                start = resolved.pop().start
            resolved.append(replace(
                rate, start=start, end=end, note=note,
                price=EXACT.multiply(EXACT.multiply(monthly, rate.price), _HUNDREDTH)))
        rates += resolved
    return rates


def _price_on(day: date, base: Sequence[Subject]) -> Decimal:
    """ What a month of all subjects that run on a day costs. """
    prices = (
        price_on(day, subject.terms.rates, subject.quantities, subject.reliefs)
        for subject in base if subject.covers(day)
    )
    return reduce(EXACT.add, prices, ZERO)
