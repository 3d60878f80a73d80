""" Which periods of an assignment are due, and who pays them: values in, planned charges out.

Intervals are half-open, `[start, end)`. Nothing here knows the database; a bill run feeds it.
"""
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .charging import WHOLE, NoRateError, Rate, explain, share_explanation
from .periods import ONE_DAY, iter_cycles, iter_months

ADVANCE = 'advance'
ARREARS = 'arrears'


@dataclass(frozen=True, slots=True)
class Terms:
    """ What a tariff says. """
    cycle_months: int
    split: str
    timing: str
    charge_per_cycle: bool
    proration: str
    basis: str
    rounding: Decimal
    rates: list[Rate]


@dataclass(frozen=True, slots=True)
class Payer:
    """ Who pays in `[start, end)`; None is open. Of several on a day, the lowest rank pays.

    A payer without partner is a person who should pay but is not known.
    """
    partner_id: int | None
    rank: tuple
    start: date | None = None
    end: date | None = None

    def covers(self, day: date) -> bool:
        return (self.start is None or self.start <= day) and (self.end is None or day < self.end)


@dataclass(frozen=True, slots=True)
class Subject:
    """ An assignment with all that its charges depend on; it runs in `[start, end)`. """
    terms: Terms
    quantity: Decimal
    start: date
    end: date | None
    payers: list[Payer]


@dataclass(frozen=True, slots=True)
class PlannedCharge:
    """ One payer's charge for `[start, end)`; without explanation, no price on `missing_day`. """
    start: date
    end: date
    partner_id: int | None
    explanation: dict | None
    missing_day: date | None = None

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

    A cycle is billed on its first day, or in arrears on the day after its last. What earlier
    charges cover is left out; whatever they missed comes up again.
    """
    terms = subject.terms
    first = subject.start
    if covered and covered[0][0] <= first:
        first = max(first, covered[0][1])
    if since:
        first = max(first, since - ONE_DAY)
    cycles = iter_cycles(
        subject.start, terms.cycle_months, terms.split, subject.end, until + ONE_DAY, first)
    for cycle_start, cycle_end in cycles:
        billed_on = cycle_start if terms.timing == ADVANCE else cycle_end
        if billed_on > until or (since and billed_on < since):
            continue
        for start, end in gaps(cycle_start, cycle_end, covered):
            if terms.charge_per_cycle:
                yield start, end
            else:
                for month_start, month_end, *_base in iter_months(
                        subject.start, terms.split, start, end):
                    yield month_start, month_end


def payer_on(day: date, payers: list[Payer]) -> int | None:
    """ The partner who pays on a day. """
    live = [payer for payer in payers if payer.covers(day)]
    return min(live, key=lambda payer: payer.rank).partner_id if live else None


def payer_segments(
    start: date, end: date, payers: list[Payer],
) -> list[tuple[date, date, int | None]]:
    """ Cut `[start, end)` where the payer changes; a segment without payer has None. """
    borders = {
        day for payer in payers for day in (payer.start, payer.end)
        if day is not None and start < day < end
    }
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
    terms = subject.terms
    try:
        explanation = explain(
            start, end, anchor=subject.start, split=terms.split, proration=terms.proration,
            rates=terms.rates, basis=terms.basis, quantity=subject.quantity,
            rounding=terms.rounding,
        )
    except NoRateError as error:
        return [PlannedCharge(start, end, payer_on(start, subject.payers), None, error.day)]
    if terms.proration == WHOLE:
        return [PlannedCharge(start, end, payer_on(start, subject.payers), explanation)]
    segments = payer_segments(start, end, subject.payers)
    if len(segments) == 1:
        return [PlannedCharge(start, end, segments[0][2], explanation)]
    days = [(segment_end - segment_start).days for segment_start, segment_end, _ in segments]
    return [
        PlannedCharge(segment_start, segment_end, partner_id,
                      share_explanation(explanation, days, index))
        for index, (segment_start, segment_end, partner_id) in enumerate(segments)
    ]
