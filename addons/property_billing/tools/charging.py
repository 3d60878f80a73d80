""" What a charge costs and why: values in, amount and explanation out.

The explanation is plain data (JSON), stored with the charge. `recompute` gives the same amount from
it to the cent, whatever happens to tariffs, areas and payers afterwards.
"""
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from .periods import ONE_DAY, iter_months

BY_DAYS = 'days'
BY_THIRTY = 'thirty'
WHOLE = 'none'


@dataclass(frozen=True, slots=True)
class Rate:
    """ A tariff version, in force in `[start, end)`; prices are per month. """
    version_id: int
    start: date
    end: date | None
    price: Decimal
    surcharge: Decimal = Decimal()

    def covers(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)


class NoRateError(ValueError):
    """ No tariff version is in force on `day`. """

    def __init__(self, day: date):
        super().__init__(f'no tariff version on {day}')
        self.day = day


def round_half_up(value: Decimal | Fraction, unit: Decimal) -> Decimal:
    """ Round to a multiple of `unit` (0.01, 0.1 or 1), halves away from zero.

    A Fraction is rounded exactly: an intermediate Decimal could turn a half into less than a half.
    """
    if isinstance(value, Fraction):
        steps = abs(value) / Fraction(unit)
        rounded = (2 * steps.numerator + steps.denominator) // (2 * steps.denominator)
        return rounded * unit if value >= 0 else -rounded * unit
    return (value / unit).quantize(Decimal(1), ROUND_HALF_UP) * unit


def _factor(days: int, base_days: int, proration: str) -> Fraction:
    """ The part of a month's price that `days` of its `base_days` cost. """
    if proration == WHOLE or days == base_days:
        return Fraction(1)
    if proration == BY_THIRTY:
        return Fraction(min(days, 30), 30)
    return Fraction(days, base_days)


def months_charged(anchor: date, split: str, proration: str, start: date, end: date) -> Fraction:
    """ For how many months `[start, end)` is charged: what makes two periods comparable. """
    return sum((
        _factor((part_end - part_start).days, (base_end - base_start).days, proration)
        for part_start, part_end, base_start, base_end in iter_months(anchor, split, start, end)
    ), Fraction())


def _rate_on(rates: list[Rate], day: date) -> Rate:
    for rate in rates:
        if rate.covers(day):
            return rate
    raise NoRateError(day)


def price_parts(
    start: date, end: date, anchor: date, split: str, proration: str, rates: list[Rate],
) -> list[tuple[date, date, Fraction, Rate]]:
    """ Cut `[start, end)` where the price changes or a month is not whole.

    Whole months of one rate are one part with their number as the factor. Where a rate changes
    inside a month, both apply by days, whatever the proration (decisions 14 and 18).

    :raises NoRateError: a day of the period has no tariff version
    """
    parts: list[tuple[date, date, Fraction, Rate]] = []
    for month_start, month_end, base_start, base_end in iter_months(anchor, split, start, end):
        month_factor = _factor(
            (month_end - month_start).days, (base_end - base_start).days, proration)
        day = month_start
        while day < month_end:
            rate = _rate_on(rates, day)
            part_end = min(month_end, rate.end) if rate.end else month_end
            factor = month_factor * Fraction(
                (part_end - day).days, (month_end - month_start).days)
            if (
                parts and parts[-1][3] == rate
                and factor == 1 and parts[-1][2].denominator == 1
            ):
                previous = parts.pop()
                parts.append((previous[0], part_end, previous[2] + 1, rate))
            else:
                parts.append((day, part_end, factor, rate))
            day = part_end
    return parts


def explain(
    start: date, end: date, *, anchor: date, split: str, proration: str, rates: list[Rate],
    basis: str, quantity: Decimal, rounding: Decimal,
) -> dict:
    """ The explanation of what `[start, end)` costs, amount included.

    A month costs price × quantity + surcharge, where the quantity is the area, the number of
    pieces or of households, or 1. The sum over the parts is rounded once.

    :raises NoRateError: a day of the period has no tariff version
    """
    explanation = {
        'basis': basis,
        'quantity': str(quantity),
        'proration': proration,
        'rounding': str(rounding),
        'parts': [
            {
                'start': part_start.isoformat(),
                'end': (part_end - ONE_DAY).isoformat(),
                'months': str(factor),
                'price': str(rate.price),
                'surcharge': str(rate.surcharge),
                'version': rate.version_id,
            }
            for part_start, part_end, factor, rate in price_parts(
                start, end, anchor, split, proration, rates)
        ],
    }
    explanation['unrounded'] = _decimal_text(_unrounded(explanation))
    explanation['amount'] = str(recompute(explanation))
    return explanation


def explain_once(quantity: Decimal, price: Decimal, rounding: Decimal, note: str) -> dict:
    """ The explanation of a fee that comes once: quantity × price, rounded once. """
    explanation = {
        'once': {'quantity': str(quantity), 'price': str(price), 'note': note},
        'rounding': str(rounding),
    }
    explanation['unrounded'] = _decimal_text(_unrounded(explanation))
    explanation['amount'] = str(recompute(explanation))
    return explanation


def _unrounded(explanation: dict) -> Decimal | Fraction:
    if once := explanation.get('once'):
        return Decimal(once['quantity']) * Decimal(once['price'])
    quantity = Decimal(explanation['quantity'])
    total: Decimal | Fraction = Decimal()
    for part in explanation['parts']:
        monthly = Decimal(part['price']) * quantity + Decimal(part['surcharge'])
        months = part['months']
        if '/' in months:
            total = Fraction(total) + Fraction(monthly) * Fraction(months)
        elif isinstance(total, Fraction):
            total += Fraction(monthly) * int(months)
        else:
            total += monthly * int(months)
    return total


def _decimal_text(value: Decimal | Fraction) -> str:
    """ For people to read; a Fraction is cut to six decimals. """
    if isinstance(value, Fraction):
        value = round_half_up(value, Decimal('0.000001'))
    return format(value.normalize(), 'f')


def unshared(explanation: dict) -> Decimal:
    """ What the whole period costs, before payers share it. """
    return round_half_up(_unrounded(explanation), Decimal(explanation['rounding']))


def recompute(explanation: dict) -> Decimal:
    """ The amount that an explanation gives, to the rounding unit. """
    amount = unshared(explanation)
    if share := explanation.get('share'):
        unit = Decimal(explanation['rounding'])
        return split_by_days(amount, share['days'], unit)[share['index']]
    return amount


def split_by_days(amount: Decimal, days: list[int], unit: Decimal) -> list[Decimal]:
    """ Divide an amount among payers by their days; the last takes the remainder (decision 15).

    No part takes more than is left, so that tiny amounts leave no negative remainder.
    """
    total = sum(days)
    parts = []
    rest = amount
    for count in days[:-1]:
        parts.append(min(round_half_up(Fraction(amount) * count / total, unit), rest))
        rest -= parts[-1]
    return [*parts, rest]


def share_explanation(explanation: dict, days: list[int], index: int) -> dict:
    """ The explanation of one payer's part of a period that several payers share by days. """
    shared = {**explanation, 'share': {'days': days, 'index': index}}
    shared['amount'] = str(recompute(shared))
    return shared
