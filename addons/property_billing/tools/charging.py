""" What a charge by time costs and why: values in, amount and explanation out.

A month costs::

    clamp(price × quantity + surcharge + Σ component price × component quantity, minimum, maximum)
        × what is payable of it

and a part of it costs its part of that. The sum over all parts is rounded once. Prices are money
per month and unit of quantity, in a season money per season. The order is fixed: there is no
formula that could fail without being noticed.
"""
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from .periods import ANCHORED, ONE_DAY, Dated, Season, in_force, iter_months
from .rounding import EXACT, decimal_text, round_half_up
from .tiers import Tier

BY_DAYS = 'days'
BY_THIRTY = 'thirty'
WHOLE = 'none'

ZERO = Decimal()
ALL = Decimal(1)
ONE = Fraction(1)


@dataclass(frozen=True, slots=True)
class Component:
    """ One more line of a month's price: price × quantity, beside those of its `Rate`.

    Where a meter is charged, the quantity of the basis `use` is what a register counted, or with
    none named, all of them.
    """
    price: Decimal
    quantity: Decimal
    basis: str
    note: str = ''
    register: str = ''


@dataclass(frozen=True, slots=True)
class Rate(Dated):
    """ A price in force in `[start, end)`; all money is per month, before proration.

    `version_id` is the tariff version, None for a price that is no tariff's. A minimum of zero and
    a maximum of None are none. Of a meter the price is per unit of use, in the lowest of `tiers`,
    whose limits are higher by `per_person` for each person that a home with an allowance has above
    `standard_persons`.
    """
    version_id: int | None
    start: date
    end: date | None
    price: Decimal
    surcharge: Decimal = ZERO
    components: tuple[Component, ...] = ()
    minimum: Decimal = ZERO
    maximum: Decimal | None = None
    note: str = ''
    tiers: tuple[Tier, ...] = ()
    per_person: Decimal = ZERO
    standard_persons: int = 0

    def __post_init__(self):
        if self.maximum is not None and self.maximum < self.minimum:
            raise ValueError(f'the maximum {self.maximum} is below the minimum {self.minimum}')


@dataclass(frozen=True, slots=True)
class Quantity(Dated):
    """ What the price is multiplied with in `[start, end)`: area, pieces, households, or 1.

    `kind` says whose figure an area is (contract, measured, title).
    """
    value: Decimal
    start: date | None = None
    end: date | None = None
    kind: str = ''


@dataclass(frozen=True, slots=True)
class Relief(Dated):
    """ In `[start, end)` only `payable` of the price is asked, 0 to 1, because of `ground`.

    Of several on a day the lowest counts; they do not multiply.
    """
    relief_id: int
    start: date
    end: date | None
    payable: Decimal
    ground: str

    def __post_init__(self):
        if not 0 <= self.payable <= 1:
            raise ValueError(f'what is payable is a part of the price, not {self.payable}')


class Part(NamedTuple):
    """ Days `[start, end)` of one price, quantity and relief, charged as `factor` months. """
    start: date
    end: date
    factor: Fraction
    rate: Rate
    quantity: Quantity
    relief: Relief | None


class MissingError(ValueError):
    """ Something that the price needs is not known on `day`. """
    what = ''

    def __init__(self, day: date):
        super().__init__(f'no {self.what} on {day}')
        self.day = day


class NoRateError(MissingError):
    """ No price is in force on `day`. """
    what = 'rate'


class NoQuantityError(MissingError):
    """ There is no quantity on `day`. """
    what = 'quantity'


# === WHAT A PERIOD IS MADE OF === #

@lru_cache(maxsize=1 << 14)
def _factor(days: int, charged_days: int, base_days: int, proration: str) -> Fraction:
    """ The part of a month's price that `days` cost, of its `charged_days` of `base_days`.

    How much the charged days cost is the proration's to say; within them, days are equal.
    """
    if proration == WHOLE or charged_days == base_days:
        charged = ONE
    elif proration == BY_THIRTY:
        charged = Fraction(min(charged_days, 30), 30)
    else:
        charged = Fraction(charged_days, base_days)
    return charged if days == charged_days else charged * Fraction(days, charged_days)


def _iter_bases(anchor: date, split: str, season: Season | None, start: date, end: date):
    """ `iter_months`, or the same for seasons: the units that a price is for. """
    return season.iter_parts(start, end) if season else iter_months(anchor, split, start, end)


def months_charged(
    anchor: date, split: str, proration: str, start: date, end: date,
    season: Season | None = None,
) -> Fraction:
    """ For how many months or seasons `[start, end)` is charged: what makes periods comparable. """
    months = Fraction()
    for part_start, part_end, base_start, base_end in _iter_bases(
            anchor, split, season, start, end):
        days = (part_end - part_start).days
        months += _factor(days, days, (base_end - base_start).days, proration)
    return months


def _on(day: date, dated: Iterable[Dated], error: type[MissingError]) -> Dated:
    value = in_force(day, dated)
    if value is None:
        raise error(day)
    return value


def _values_on(
    day: date, rates: Sequence[Rate], quantities: Sequence[Quantity], reliefs: Sequence[Relief],
) -> tuple[Rate, Quantity, Relief | None]:
    relief = min(
        (relief for relief in reliefs if relief.covers(day)),
        key=lambda relief: (relief.payable, relief.relief_id), default=None) if reliefs else None
    return _on(day, rates, NoRateError), _on(day, quantities, NoQuantityError), relief


def iter_stretches(
    start: date, end: date, rates: Sequence[Rate], quantities: Sequence[Quantity],
    reliefs: Sequence[Relief],
) -> Iterator[tuple[date, tuple[Rate, Quantity, Relief | None]]]:
    """ Cut `[start, end)` where price, quantity or relief change: the end of each, and the three.

    :raises MissingError: a day of the period has no price or no quantity
    """
    day, values = start, _values_on(start, rates, quantities, reliefs)
    relieved = [border for relief in reliefs for border in (relief.start, relief.end)]
    while borders := [
        border for border in (values[0].end, values[1].end, *relieved)
        if border is not None and day < border < end
    ]:
        day = min(borders)
        following = _values_on(day, rates, quantities, reliefs)
        if following != values:
            yield day, values
            values = following
    yield end, values


def price_parts(
    start: date, end: date, anchor: date, split: str, proration: str, rates: Sequence[Rate],
    quantities: Sequence[Quantity], reliefs: Sequence[Relief] = (), season: Season | None = None,
) -> list[Part]:
    """ Cut `[start, end)` where price, quantity or relief change or a month is not whole.

    Whole months of the same are one part with their number as the factor. Where something changes
    inside a month, each applies by days, whatever the proration (decisions 14 and 18).

    :param season: the price is per season, and by 30 days means by days
    :raises MissingError: a day of the period has no price or no quantity
    """
    stretches = list(iter_stretches(start, end, rates, quantities, reliefs))
    days = _cut(
        start, tuple([stretch_end for stretch_end, _values in stretches]),
        anchor if split == ANCHORED else None, split, proration, season)
    return [
        Part(part_start, part_end, factor, *stretches[place][1])
        for part_start, part_end, factor, place in days
    ]


def count_months(
    start: date, ends: Iterable[date], anchor: date, split: str, proration: str,
) -> list[Fraction]:
    """ For how many months each stretch is charged, the first from `start` to `ends[0]`. """
    months: dict[int, Fraction] = {}
    for *_days, factor, place in _cut(
            start, tuple(ends), anchor if split == ANCHORED else None, split, proration, None):
        months[place] = months.get(place, 0) + factor
    return [months[place] for place in sorted(months)]


@lru_cache(maxsize=1 << 14)
def _cut(
    start: date, ends: tuple[date, ...], anchor: date | None, split: str, proration: str,
    season: Season | None,
) -> tuple[tuple[date, date, Fraction, int], ...]:
    """ Cut stretches, the first from `start` to `ends[0]` and so on, where a month is not whole.

    :return: days `[start, end)`, number of months and place of the stretch; kept, since a run asks
        for the same days of all its units
    """
    if season and proration == BY_THIRTY:
        proration = BY_DAYS
    cut: list[tuple[date, date, Fraction, int]] = []
    place = 0
    for month_start, month_end, base_start, base_end in _iter_bases(
            anchor, split, season, start, ends[-1]):
        month_days, base_days = (month_end - month_start).days, (base_end - base_start).days
        day = month_start
        while day < month_end:
            while ends[place] <= day:
                place += 1
            part_end = min(month_end, ends[place])
            factor = _factor((part_end - day).days, month_days, base_days, proration)
            if cut and factor == 1 and cut[-1][2].denominator == 1 and cut[-1][3] == place:
                previous = cut.pop()
                cut.append((previous[0], part_end, previous[2] + 1, place))
            else:
                cut.append((day, part_end, factor, place))
            day = part_end
    return tuple(cut)


# === THE AMOUNT === #

def monthly_price(
    price: Decimal, quantity: Decimal, surcharge: Decimal = ZERO,
    components: Iterable[tuple[Decimal, Decimal]] = (), minimum: Decimal = ZERO,
    maximum: Decimal | None = None, payable: Decimal = ALL,
) -> Decimal:
    """ What a whole month costs, unrounded.

    :param components: price and quantity of each further line
    """
    total = EXACT.fma(price, quantity, surcharge)  # price × quantity + surcharge
    for component_price, component_quantity in components:
        total = EXACT.fma(component_price, component_quantity, total)
    if minimum and total < minimum:
        total = minimum
    if maximum is not None and total > maximum:
        total = maximum
    return total if payable == ALL else EXACT.multiply(total, payable)


def _rate_price(rate: Rate, quantity: Quantity, relief: Relief | None) -> Decimal:
    return monthly_price(
        rate.price, quantity.value, rate.surcharge,
        [(line.price, line.quantity) for line in rate.components] if rate.components else (),
        rate.minimum, rate.maximum, relief.payable if relief else ALL)


def price_on(
    day: date, rates: Iterable[Rate], quantities: Iterable[Quantity],
    reliefs: Iterable[Relief] = (),
) -> Decimal:
    """ What a whole month costs as it is on a day, unrounded.

    :raises MissingError: the day has no price or no quantity
    """
    return _rate_price(*_values_on(day, rates, quantities, reliefs))


def part_price(explanation: dict, part: dict) -> Decimal:
    """ What a whole month costs, unrounded, as a part of an explanation says it. """
    return monthly_price(
        Decimal(part['price']), Decimal(part.get('quantity', explanation['quantity'])),
        Decimal(part['surcharge']),
        [
            (Decimal(component['price']), Decimal(component['quantity']))
            for component in part.get('components', ())
        ],
        Decimal(part.get('min', ZERO)),
        Decimal(part['max']) if 'max' in part else None,
        Decimal(part['relief']['payable']) if 'relief' in part else ALL,
    )


def add_up(parts: Iterable[tuple[Decimal, Fraction]]) -> Decimal | Fraction:
    """ Σ price × how many times, e.g. months; a Fraction where that is not a whole number. """
    whole, numerator, denominator = ZERO, 0, 1
    for monthly, months in parts:
        if months is ONE:  # mostly; and a Fraction's parts take long to ask for
            whole = EXACT.add(whole, monthly)
        elif months.denominator == 1:
            whole = EXACT.fma(monthly, months.numerator, whole)
        else:
            price, scale = monthly.as_integer_ratio()
            price *= months.numerator
            scale *= months.denominator
            if scale == denominator:
                numerator += price
            else:
                numerator = numerator * scale + price * denominator
                denominator *= scale
    if denominator == 1:
        return whole
    price, scale = whole.as_integer_ratio()
    return Fraction(numerator * scale + price * denominator, denominator * scale)


# === THE EXPLANATION === #

def explain(
    start: date, end: date, *, anchor: date, split: str, proration: str, rates: Sequence[Rate],
    basis: str, quantities: Sequence[Quantity], rounding: Decimal, reliefs: Sequence[Relief] = (),
    season: Season | None = None,
) -> dict:
    """ The explanation of what `[start, end)` costs, amount included.

    Each part says its days, its months (seasons, where the explanation has `season`), its price,
    and whatever else applies to it. `quantity` is that of the first day; a part with another says
    its own.

    :param anchor: the first day of the assignment, from which its months are counted
    :param rounding: the unit of the amount: 0.01, 0.1 or 1
    :raises MissingError: a day of the period has no price or no quantity
    """
    parts = price_parts(start, end, anchor, split, proration, rates, quantities, reliefs, season)
    first = parts[0].quantity
    unrounded = add_up(
        (_rate_price(*part[3:]), part.factor) for part in parts)
    explanation = {
        'basis': basis,
        'quantity': str(first.value),
        'proration': proration,
        'rounding': str(rounding),
        'parts': [_explain_part(part, first) for part in parts],
        'unrounded': decimal_text(unrounded),
        'amount': str(round_half_up(unrounded, rounding)),
    }
    if season:
        explanation['season'] = str(season)
    if first.kind:
        explanation['kind'] = first.kind
    return explanation


def _explain_part(part: Part, first: Quantity) -> dict:
    """ One part; what does not apply to it has no key. """
    rate, quantity, relief = part.rate, part.quantity, part.relief
    explained = {
        'start': part.start.isoformat(),
        'end': (part.end - ONE_DAY).isoformat(),
        'months': str(part.factor),
        'price': str(rate.price),
        'surcharge': str(rate.surcharge),
        'version': rate.version_id,
    }
    if quantity is not first:
        explained['quantity'] = str(quantity.value)
        explained['kind'] = quantity.kind
    if rate.components:
        explained['components'] = [
            {
                'basis': component.basis, 'price': str(component.price),
                'quantity': str(component.quantity), 'note': component.note,
            }
            for component in rate.components
        ]
    if rate.minimum:
        explained['min'] = str(rate.minimum)
    if rate.maximum is not None:
        explained['max'] = str(rate.maximum)
    if rate.note:
        explained['note'] = rate.note
    if relief:
        explained['relief'] = explain_relief(relief)
    return explained


def explain_relief(relief: Relief) -> dict:
    """ What a part of an explanation says of a relief. """
    return {'id': relief.relief_id, 'payable': str(relief.payable), 'ground': relief.ground}


def parts_unrounded(explanation: dict) -> Decimal | Fraction:
    """ What the parts of an explanation cost together, before rounding. """
    return add_up(
        (part_price(explanation, part), Fraction(part['months']))
        for part in explanation['parts'])
