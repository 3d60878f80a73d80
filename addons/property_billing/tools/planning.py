""" Which periods of an assignment are due, and who pays them: values in, planned charges out.

Intervals are half-open, `[start, end)`. Nothing here knows the database; a bill run feeds it.
"""
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple

from .charging import WHOLE, MissingError, Quantity, Rate, Relief, explain
from .explanation import share_explanation
from .metered import Measured, explain_metered
from .periods import ONE_DAY, Dated, Season, add_months, iter_cycles, iter_months
from .tiers import Account

ADVANCE = 'advance'
ARREARS = 'arrears'

DUE_AFTER_BILL = 'invoice'
DUE_AFTER_START = 'period'
DUE_DAY_OF_MONTH = 'month'


@dataclass(frozen=True, slots=True)
class Terms:
    """ What a tariff says.

    With a season, prices are per season, each season is one cycle and one charge, and the number
    of months does not count. What is measured has no cycles either, and needs an account where its
    prices have tiers. For the rule of the due date see `due_date`.
    """
    cycle_months: int
    split: str
    timing: str
    charge_per_cycle: bool
    proration: str
    basis: str
    rounding: Decimal
    rates: list[Rate]
    season: Season | None = None
    due_rule: str = DUE_AFTER_BILL
    due_value: int = 0
    account: Account | None = None


@dataclass(frozen=True, slots=True)
class Payer(Dated):
    """ Who pays in `[start, end)`; None is open. Of several on a day, the lowest rank pays.

    A payer without partner is a person who should pay but is not known.
    """
    partner_id: int | None
    rank: tuple
    start: date | None = None
    end: date | None = None


@dataclass(frozen=True, slots=True)
class Subject(Dated):
    """ An assignment with all that its charges depend on; it runs in `[start, end)`.

    What a meter counts is charged from reading to reading. What is `explained` already, such as a
    part of a shared cost, is one charge for all of the days, or one per payer.
    """
    terms: Terms
    quantities: Sequence[Quantity]
    start: date
    end: date | None
    payers: list[Payer]
    reliefs: Sequence[Relief] = ()
    measured: Measured | None = None
    explained: dict | None = None


class PlannedCharge(NamedTuple):
    """ One payer's charge for `[start, end)`; without explanation, `missing` says what lacks. """
    start: date
    end: date
    partner_id: int | None
    explanation: dict | None
    missing: MissingError | None = None

    @property
    def amount(self) -> Decimal:
        return Decimal(self.explanation['amount']) if self.explanation else Decimal()


def gaps(start: date, end: date, covered: list[tuple[date, date]]):
    """ The parts of `[start, end)` outside the sorted, disjoint intervals `covered`. """
    for covered_start, covered_end in covered:
        if covered_end <= start:
            continue
        if covered_start >= end:
            break
        if start < covered_start:
            yield start, covered_start
        start = covered_end
    if start < end:
        yield start, end


def due_periods(
    subject: Subject, since: date | None, until: date, covered: list[tuple[date, date]],
):
    """ The periods to charge whose billing date is not before `since` and not after `until`.

    A cycle is billed on its first day, or in arrears on the day after its last, and what was
    measured or explained on its last day. What earlier charges cover is left out; whatever they
    missed comes up again.
    """
    first = subject.start
    if covered and covered[0][0] <= first:
        first = max(first, covered[0][1])
    if subject.measured or subject.explained:
        for start, end in _get_periods(subject, first):
            if (not since or since < end) and end <= until + ONE_DAY:
                yield from gaps(start, end, covered)
        return
    if since:
        first = max(first, since - ONE_DAY)
    for billed_on, cycle_start, cycle_end in _iter_billed(subject, until + ONE_DAY, first):
        if billed_on <= until and (not since or since <= billed_on):
            for gap in gaps(cycle_start, cycle_end, covered):
                yield from _iter_charged(subject, *gap)


def _get_periods(subject: Subject, first: date) -> list[tuple[date, date]]:
    """ The days from reading to reading, or all, from a day on and cut to the subject. """
    if not subject.measured:
        return [(first, subject.end)]
    last = subject.end or date.max
    intervals = subject.measured.intervals
    return [
        (max(start, first), min(end, last))
        for start, end in intervals[bisect_right(intervals, first, key=itemgetter(1)):]
        if start < last]


def schedule(subject: Subject, covered: list[tuple[date, date]], first_month: date | None = None):
    """ All periods of a subject that ends, outside `covered`, with the day each is billed on.

    :param first_month: nothing is billed before this month; what would have been is billed on its
        first day, and so is the first cycle where it would only be billed later
    :return: yields `(day, start, end)`
    """
    first_day = first_month and first_month.replace(day=1)
    for billed_on, cycle_start, cycle_end in _iter_billed(subject, subject.end):
        is_other_month = first_day and billed_on.replace(day=1) != first_day
        if is_other_month and (billed_on < first_day or cycle_start == subject.start):
            billed_on = first_day
        for gap in gaps(cycle_start, cycle_end, covered):
            for start, end in _iter_charged(subject, *gap):
                yield billed_on, start, end


def _iter_billed(subject: Subject, until: date, since: date | None = None):
    """ The cycles that start before `until`, each with the day on which it is billed. """
    terms = subject.terms
    for start, end in iter_cycles(
            subject.start, terms.cycle_months, terms.split, subject.end, until, since,
            terms.season):
        yield start if terms.timing == ADVANCE else end, start, end


def _iter_charged(subject: Subject, start: date, end: date):
    """ Cut days of a cycle into the periods of its charges. """
    terms = subject.terms
    if terms.charge_per_cycle or terms.season:
        yield start, end
        return
    for month_start, month_end, *_base in iter_months(subject.start, terms.split, start, end):
        yield month_start, month_end


def payer_on(day: date, payers: list[Payer]) -> int | None:
    """ The partner who pays on a day. """
    first = None
    for payer in payers:
        if payer.covers(day) and (first is None or payer.rank < first.rank):
            first = payer
    return first.partner_id if first else None


def payer_segments(
    start: date, end: date, payers: list[Payer],
) -> list[tuple[date, date, int | None]]:
    """ Cut `[start, end)` where the payer changes; a segment without payer has None. """
    borders = {
        day for payer in payers for day in (payer.start, payer.end)
        if day is not None and start < day < end
    }
    if not borders:
        return [(start, end, payer_on(start, payers))]
    segments = []
    day = start
    for border in (*sorted(borders), end):
        partner_id = payer_on(day, payers)
        if segments and segments[-1][2] == partner_id:
            segments[-1] = (segments[-1][0], border, partner_id)
        else:
            segments.append((day, border, partner_id))
        day = border
    return segments


def plan_period(subject: Subject, start: date, end: date) -> list[PlannedCharge]:
    """ The charges of one period: one, or one per payer by days where the fee prorates.

    Where it does not, the payer on the first day gets all of it (decision 4).
    """
    try:
        explanation = _explain(subject, start, end)
    except MissingError as error:
        missing = error.with_traceback(None)  # it would keep all this in memory
        return [PlannedCharge(start, end, payer_on(start, subject.payers), None, missing)]
    segments = _get_segments(subject, start, end)
    if len(segments) == 1:
        return [PlannedCharge(start, end, segments[0][2], explanation)]
    days = [(segment_end - segment_start).days for segment_start, segment_end, _ in segments]
    return [
        PlannedCharge(segment_start, segment_end, partner_id,
                      share_explanation(explanation, days, index))
        for index, (segment_start, segment_end, partner_id) in enumerate(segments)
        if start <= segment_start and segment_end <= end
    ]


def _explain(subject: Subject, start: date, end: date) -> dict:
    """ :raises MissingError: a day has no price, no quantity, or no reading """
    terms = subject.terms
    if subject.explained:
        return subject.explained
    if subject.measured:
        return explain_metered(
            start, end, measured=subject.measured, anchor=subject.start, split=terms.split,
            proration=terms.proration, rates=terms.rates, rounding=terms.rounding,
            account=terms.account, reliefs=subject.reliefs)
    return explain(
        start, end, anchor=subject.start, split=terms.split, proration=terms.proration,
        rates=terms.rates, basis=terms.basis, quantities=subject.quantities,
        rounding=terms.rounding, reliefs=subject.reliefs, season=terms.season,
    )


def _get_segments(subject: Subject, start: date, end: date) -> list[tuple[date, date, int | None]]:
    """ Who pays which days of what the explanation of a period is about.

    What is explained already is about all days of the subject, of which others may be charged.
    """
    if subject.terms.proration == WHOLE:
        return [(start, end, payer_on(start, subject.payers))]
    if not subject.explained:
        return payer_segments(start, end, subject.payers)
    return [
        segment
        for first, last in pairwise(sorted({subject.start, start, end, subject.end}))
        for segment in payer_segments(first, last, subject.payers)
    ]


def due_date(rule: str, value: int, invoice_date: date, period_start: date) -> date:
    """ When a charge is to be paid, never before the date of its bill.

    :param rule: `invoice`: `value` days after the date of the bill; `period`: as many days after
        the period's first day, or before it if negative; `month`: on that day of the bill's month,
        or of the next one if it has passed by then, a day that the month lacks being its last
    """
    if rule == DUE_AFTER_BILL:
        day = invoice_date + timedelta(days=value)
    elif rule == DUE_AFTER_START:
        day = period_start + timedelta(days=value)
    elif rule == DUE_DAY_OF_MONTH:
        # From a January, which has all days.
        january = date(invoice_date.year, 1, value)
        day = add_months(january, invoice_date.month - 1)
        if day < invoice_date:
            day = add_months(january, invoice_date.month)
    else:
        raise ValueError(f'an unknown rule of the due date: {rule}')
    return max(day, invoice_date)
