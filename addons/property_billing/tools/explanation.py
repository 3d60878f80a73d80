""" What an explanation gives, to the cent, whatever happens afterwards to what it was made from.

An explanation is plain data (JSON), stored with its charge. A key tells its shape; posted ones keep
theirs, so that a shape once known stays known.
"""
from datetime import date
from decimal import Decimal
from fractions import Fraction

from . import apportion, late_fee, metered, prepaid
from .charging import parts_unrounded
from .rounding import EXACT, decimal_text, round_half_up


def explain_once(quantity: Decimal, price: Decimal, rounding: Decimal, note: str) -> dict:
    """ The explanation of a fee that comes once: quantity × price, rounded once. """
    return complete({
        'once': {'quantity': str(quantity), 'price': str(price), 'note': note},
        'rounding': str(rounding),
    })


def complete(explanation: dict) -> dict:
    """ Add to an explanation of any shape what it gives, before and after rounding. """
    unrounded = _unrounded(explanation)
    explanation['unrounded'] = decimal_text(unrounded)
    explanation['amount'] = str(round_half_up(unrounded, Decimal(explanation['rounding'])))
    return explanation


def is_free(explanation: dict) -> bool:
    """ Whether nothing is to be paid because of a relief on every day. """
    parts = explanation.get('parts') or explanation.get('lines')
    return bool(parts) and all(
        'relief' in part and not Decimal(part['relief']['payable']) for part in parts)


def period_of(explanation: dict) -> tuple[date, date] | None:
    """ The days `[start, end]` that an explanation is about; None if it is about none. """
    if 'parts' in explanation:
        first, last = explanation['parts'][0], explanation['parts'][-1]
    else:
        shape = next((key for key in ('meter', 'shared', 'true_up') if key in explanation), None)
        if not shape:
            return None
        first = last = explanation[shape]
    return date.fromisoformat(first['start']), date.fromisoformat(last['end'])


# === THE AMOUNT AGAIN === #

def _once_unrounded(explanation: dict) -> Decimal:
    once = explanation['once']
    return EXACT.multiply(Decimal(once['quantity']), Decimal(once['price']))


def _correction_unrounded(explanation: dict) -> Decimal:
    correction = explanation['correction']
    return sum(map(recompute, correction['now']), -Decimal(correction['before']))


def _true_up_unrounded(explanation: dict) -> Decimal:
    true_up = explanation['true_up']
    return sum(map(recompute, true_up['parts']), -Decimal(true_up['advances']))


# The key that tells the shape of an explanation, and what it gives before rounding.
_SHAPES = {
    'parts': parts_unrounded,
    'once': _once_unrounded,
    'late': lambda explanation: late_fee.unrounded(explanation['late']),
    'correction': _correction_unrounded,
    'meter': metered.unrounded,
    'shared': apportion.unrounded,
    'true_up': _true_up_unrounded,
    'sale': prepaid.unrounded,
}


def _unrounded(explanation: dict) -> Decimal | Fraction:
    """ :raises KeyError: the explanation has no shape known here """
    for shape, compute in _SHAPES.items():
        if shape in explanation:
            return compute(explanation)
    raise KeyError(f'an explanation of an unknown shape: {", ".join(explanation) or "empty"}')


def unshared(explanation: dict) -> Decimal:
    """ What the whole period costs, before payers share it. """
    return round_half_up(_unrounded(explanation), Decimal(explanation['rounding']))


def recompute(explanation: dict) -> Decimal:
    """ The amount that an explanation gives, to the rounding unit.

    :raises KeyError: the explanation has no shape known here
    """
    amount = unshared(explanation)
    if share := explanation.get('share'):
        unit = Decimal(explanation['rounding'])
        return split_by_days(amount, share['days'], unit)[share['index']]
    return amount


# === PAYERS === #

def split_by_days(amount: Decimal, days: list[int], unit: Decimal) -> list[Decimal]:
    """ Divide an amount among payers by their days; the last takes the remainder (decision 15).

    No part takes more than is left, so that tiny amounts leave no negative remainder. An amount
    below zero is divided as one above it.
    """
    if amount < 0:
        return [-part for part in split_by_days(-amount, days, unit)]
    total = sum(days)
    numerator, denominator = amount.as_integer_ratio()
    parts = []
    rest = amount
    for count in days[:-1]:
        part = Fraction(numerator * count, denominator * total)
        parts.append(min(round_half_up(part, unit), rest))
        rest -= parts[-1]
    return [*parts, rest]


def share_explanation(explanation: dict, days: list[int], index: int) -> dict:
    """ The explanation of one payer's part of a period that several payers share by days.

    :param explanation: that of the whole period
    """
    unit = Decimal(explanation['rounding'])
    amount = split_by_days(Decimal(explanation['amount']), days, unit)[index]
    return {**explanation, 'share': {'days': days, 'index': index}, 'amount': str(amount)}
