""" Late fees (违约金): simple interest per day on what is overdue (decisions 6, 19 and 35).

Nothing is stored by day. Each accrual counts all days again from the first, rounds once, and takes
off what was issued, so that any order of payments and accruals comes to the same total. Intervals
are half-open; money is in the currency, percents are per day, the cap is of the principal.
"""
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from .periods import ONE_DAY, Dated, in_force
from .rounding import EXACT, decimal_text, round_half_up

_PERCENT = Decimal('0.01')


@dataclass(frozen=True, slots=True)
class LateTerms(Dated):
    """ What a day in `[start, end)` costs: `percent` of what is owed at its end. """
    percent: Decimal
    grace_days: int
    cap_percent: Decimal
    start: date | None = None
    end: date | None = None


@dataclass(frozen=True, slots=True)
class Days(Dated):
    """ Days `[start, end)`, e.g. of a dispute, on which nothing accrues. """
    start: date | None
    end: date | None


def first_day(due: date, grace_days: int) -> date:
    """ The first day that counts; the grace is not counted back. """
    return due + timedelta(days=grace_days + 1)


def accrue(
    principal: Decimal, residuals: Sequence[tuple[date, Decimal]], due: date,
    terms: Sequence[LateTerms], suspended: Sequence[Days], until: date, issued: Decimal,
    issued_until: date | None, rounding: Decimal,
) -> dict | None:
    """ The explanation of the late fee that is due for the days before `until`, or None.

    :param residuals: what is owed at the end of each day on which that changes, by day; before
        the first it is the principal
    :param terms: one per day at most; each day has the grace of its own, the last one the cap
    :param issued: what was charged before, waivers included
    :param issued_until: the first day that no late fee was charged for; to be read only
    """
    borders = {
        border for dated in (*terms, *suspended) for border in (dated.start, dated.end) if border}
    borders.update(day for day, _residual in residuals)
    borders.update(first_day(due, term.grace_days) for term in terms)
    begin = due + ONE_DAY
    ranges, last = [], None
    days = [begin, *sorted(border for border in borders if begin < border < until), until]
    for start, end in pairwise(days) if begin < until else ():
        term = in_force(start, terms)
        owed = next((residual for day, residual in reversed(residuals) if day <= start), principal)
        if (
            term is None or start < first_day(due, term.grace_days) or owed <= 0
            or in_force(start, suspended)
        ):
            continue
        last = term
        ranges.append({
            'start': start.isoformat(), 'end': (end - ONE_DAY).isoformat(),
            'days': (end - start).days, 'residual': str(owed), 'percent': str(term.percent),
        })
    if not ranges:
        return None
    explained = {
        'principal': str(principal), 'due': due.isoformat(), 'grace': last.grace_days,
        'cap': str(last.cap_percent), 'issued': str(issued),
        'issued_until': issued_until.isoformat() if issued_until else None, 'ranges': ranges,
    }
    total = unrounded(explained)
    amount = round_half_up(total, rounding)
    return {
        'late': explained, 'rounding': str(rounding), 'unrounded': decimal_text(total),
        'amount': str(amount),
    } if amount > 0 else None


def unrounded(explained: dict) -> Decimal:
    """ The total of all days, capped, less what was issued. """
    total = sum((
        EXACT.multiply(
            Decimal(days['residual']), EXACT.multiply(Decimal(days['percent']), days['days']))
        for days in explained['ranges']
    ), Decimal())
    cap = EXACT.multiply(Decimal(explained['principal']), Decimal(explained['cap']))
    return EXACT.subtract(EXACT.multiply(min(total, cap), _PERCENT), Decimal(explained['issued']))
