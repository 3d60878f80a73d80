""" A year's end: what was spent for each payer, less the advances that he was charged (清算). """
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from .periods import ONE_DAY
from .rounding import round_half_up


def net_in_days(
    net: Decimal, start: date, end: date, since: date, until: date, unit: Decimal,
) -> Decimal:
    """ What of an amount for `[start, end)` is for the days `[since, until)`, by days.

    What neighbouring years get of it adds up to it.
    """
    def upto(day: date) -> Decimal:
        days = (min(max(day, start), end) - start).days
        return round_half_up(Fraction(net) * days / (end - start).days, unit)

    return upto(until) - upto(since)


def explain_true_up(
    budget: int, name: str, advances: Decimal, charges: Sequence[int], parts: Iterable[dict],
    start: date, end: date, unit: Decimal,
) -> dict:
    """ The explanation of what a payer owes beyond his advances, not completed.

    :param advances: what he was charged, net of credits and earlier true-ups
    :param charges: the ids of those charges
    :param parts: the explanations of his parts of the costs
    """
    return {
        'true_up': {
            'budget': budget, 'name': name,
            'start': start.isoformat(), 'end': (end - ONE_DAY).isoformat(),
            'advances': str(advances), 'charges': list(charges), 'parts': list(parts),
        },
        'rounding': str(unit),
    }
