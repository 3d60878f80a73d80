""" Prices that rise with what was used (阶梯), and households that may use more (一户多人口).

Use, limits and allowances are in the meter's unit. What counts towards the limits is added up in
the account of a meter over a year or a month (decision 17).
"""
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from .periods import Dated, add_months
from .rounding import same_kind

YEAR = 'year'
MONTH = 'month'
_MONTHS = {YEAR: 12, MONTH: 1}
NO_ALLOWANCE = Fraction()


@dataclass(frozen=True, slots=True)
class Tier:
    """ The price of a unit used above a limit; the limit itself still costs what is below it. """
    above: Decimal
    price: Decimal


@dataclass(frozen=True, slots=True)
class Allowance(Dated):
    """ A home where `persons` live, all of them; both days are firsts of a month. """
    start: date
    end: date | None
    persons: int


@dataclass(frozen=True, slots=True)
class Account:
    """ Over which time use is added up against the limits, beginning on `starts` (month, day).

    What was used over a border of two such times belongs to that of its last day; with `splits` it
    is divided between them by days.
    """
    period: str = YEAR
    starts: tuple[int, int] = (1, 1)
    splits: bool = False

    def __post_init__(self):
        date(2001, *self.starts)  # a day of every year

    @property
    def months(self) -> int:
        return _MONTHS[self.period]

    def period_on(self, day: date) -> tuple[date, date]:
        """ The year or month `[start, end)` that a day belongs to. """
        return _get_period(self.period, self.starts, day)

    def allowance_on(
        self, day: date, allowances: Sequence[Allowance], per_person: Decimal, standard: int,
    ) -> Fraction:
        """ By how much each limit is higher for what is read on a day.

        Each person above the `standard` household gives `per_person` for the whole account, by the
        part of its months that the allowance is in force.
        """
        if not allowances:
            return NO_ALLOWANCE
        person_months = sum(
            (persons - standard) * months
            for persons, months in self.homes_on(day, allowances, standard))
        return Fraction(person_months, self.months) * Fraction(per_person)

    def homes_on(
        self, day: date, allowances: Sequence[Allowance], standard: int,
    ) -> list[tuple[int, int]]:
        """ The homes above the standard that count for what is read on a day, with the months of
        the account in which they do: pairs of persons and months.

        An allowance that begins after the day does not count yet.
        """
        start, _end = self.period_on(day)
        firsts = [add_months(start, month) for month in range(self.months)]
        homes = (
            (allowance.persons, sum(map(allowance.covers, firsts)))
            for allowance in allowances
            if allowance.start <= day and allowance.persons > standard)
        return [(persons, months) for persons, months in homes if months]


@lru_cache(maxsize=1 << 14)
def _get_period(period: str, starts: tuple[int, int], day: date) -> tuple[date, date]:
    """ A run asks for the same few days again and again. """
    if period == MONTH:
        start = day.replace(day=1)
    else:
        start = date(day.year, *starts)
        if day < start:
            start = date(day.year - 1, *starts)
    return start, add_months(start, _MONTHS[period])


def limits(tiers: Sequence[Tier], allowance: Fraction) -> list[Decimal] | list[Fraction]:
    """ The limits of a household with an allowance. """
    if not allowance:
        return [tier.above for tier in tiers]
    return [Fraction(tier.above) + allowance for tier in tiers]


def divide(
    before: Decimal | Fraction, use: Decimal | Fraction,
    upper_limits: Sequence[Decimal | Fraction],
) -> list[tuple[int, Decimal | Fraction]]:
    """ Divide use among the tiers, the lowest being 0: pairs of tier and what was used in it.

    :param before: what the account had used before
    """
    before, use, *upper_limits = same_kind(before, use, *upper_limits)
    parts = []
    for tier, limit in enumerate((*upper_limits, None)):
        part = use if limit is None or before + use <= limit else limit - before
        if part > 0:
            parts.append((tier, part))
            before += part
            use -= part
            if not use:
                break
    return parts


def units_for(
    amount: Decimal, prices: Sequence[Decimal], before: Decimal | Fraction,
    upper_limits: Sequence[Decimal | Fraction], unit: Decimal,
) -> Decimal:
    """ How many units money buys, rounded down to a multiple of `unit`.

    :param prices: of each tier, from the lowest
    :raises ValueError: a unit costs nothing
    """
    rest, units, before = Fraction(amount), Fraction(), Fraction(before)
    for price, limit in zip(prices, (*upper_limits, None), strict=True):
        if not price:
            raise ValueError('units that cost nothing cannot be sold')
        bought = rest / Fraction(price)
        if limit is not None:
            bought = min(bought, max(Fraction(limit) - before, Fraction()))
        units += bought
        before += bought
        rest -= bought * Fraction(price)
    return units // Fraction(unit) * unit
