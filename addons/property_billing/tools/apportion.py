""" Dividing a total so that the parts add up to it: the largest remainder (decision 15). """
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from .rounding import EXACT


@dataclass(frozen=True, slots=True)
class Portion:
    """ A part of a total: its exact part rounded down to the unit, and `rest` units more. """
    amount: Decimal
    weight: Fraction
    rest: int


def apportion(
    total: Decimal, weights: Mapping[Hashable, Fraction], unit: Decimal,
    order: Iterable[Hashable],
) -> dict[Hashable, Portion]:
    """ Divide a total by weights; the parts add up to it.

    What is left after rounding down goes, a unit each, to the largest remainders, of equal ones to
    the first in `order`. A negative total is divided as a positive one.

    :param total: a multiple of `unit`
    :param order: the keys of the weights, by which also the result is ordered
    :raises ValueError: a weight is negative, all are zero, or the total is no multiple of the unit
    """
    keys = list(order)
    weights_sum = sum(weights.values(), Fraction())
    if weights_sum <= 0 or min(weights.values()) < 0:
        raise ValueError('nothing to divide by: the weights are zero or negative')
    if total % unit:
        raise ValueError(f'{total} is not a multiple of {unit}')
    size = abs(total)
    exact = {key: Fraction(size) * weights[key] / weights_sum / Fraction(unit) for key in keys}
    whole = {key: parts // 1 for key, parts in exact.items()}
    left = int(Fraction(size) / Fraction(unit)) - sum(whole.values())
    largest = sorted(keys, key=lambda key: whole[key] - exact[key])[:left]
    rest = dict.fromkeys(largest, 1)
    sign = -1 if total < 0 else 1
    return {
        key: Portion(sign * (whole[key] + rest.get(key, 0)) * unit, weights[key], rest.get(key, 0))
        for key in keys
    }


def explain_portion(
    portion: Portion, total: Decimal, weights_sum: Fraction, unit: Decimal, **facts,
) -> dict:
    """ The explanation of a part of a shared cost, which needs no other part.

    :param facts: what else it says: the cost, its key, its days `start` and `end`, its sources
    """
    return {
        'basis': 'shared',
        'shared': {
            **facts,
            'total': str(total),
            'weight': str(portion.weight),
            'weights': str(weights_sum),
            'rest': portion.rest,
        },
        'rounding': str(unit),
        'unrounded': str(portion.amount),
        'amount': str(portion.amount),
    }


def unrounded(explanation: dict) -> Decimal:
    """ The part again: whole units of the exact part, and the rest that it got. """
    shared = explanation['shared']
    total, unit = Decimal(shared['total']), Decimal(explanation['rounding'])
    exact = Fraction(abs(total)) * Fraction(shared['weight']) / Fraction(shared['weights'])
    units = exact // Fraction(unit) + shared['rest']
    return EXACT.multiply(Decimal(units if total >= 0 else -units), unit)
