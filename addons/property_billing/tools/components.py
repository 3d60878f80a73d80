""" Prices of several lines: what of them depends on the unit is put in before charging. """
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from .charging import Component, Rate
from .periods import Dated, in_force


@dataclass(frozen=True, slots=True)
class Line(Dated):
    """ A component as it is in `[start, end)`: its quantity or its price may change by date. """
    component: Component
    start: date | None = None
    end: date | None = None


def add_components(rate: Rate, lines: Sequence[Sequence[Line]]) -> list[Rate]:
    """ The price with its further components, cut where one of them changes.

    :param lines: each component by date; days on which one is missing get no price at all
    """
    borders = sorted({
        border for line in lines for part in line for border in (part.start, part.end)
        if border is not None and rate.start < border and (not rate.end or border < rate.end)})
    rates = []
    for start, end in pairwise((rate.start, *borders, rate.end)):
        parts = [in_force(start, line) for line in lines]
        if all(parts):
            rates.append(replace(
                rate, start=start, end=end, components=tuple(part.component for part in parts)))
    return rates
