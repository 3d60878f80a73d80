""" What measured use costs and why: a meter's readings in, amount and explanation out.

The use of a period is cut where its price, a relief or, if the tariff says so, the account of its
tiers changes; a cut between two readings divides use by days (decision 18). A cut costs::

    (Σ use in a tier × its price + Σ use of a register × its price + fixed prices × months)
        × what is payable of it

and the sum over all cuts is rounded once.
"""
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from .charging import (
    ALL,
    ONE,
    ZERO,
    Quantity,
    Rate,
    Relief,
    add_up,
    count_months,
    explain_relief,
    iter_stretches,
)
from .metering import (
    READ,
    REMOVED,
    Reading,
    Step,
    Used,
    add_used,
    get_intervals,
    get_steps,
    get_used,
    use_between,
)
from .periods import ONE_DAY
from .rounding import (
    EXACT,
    decimal_text,
    exact_number,
    exact_text,
    round_half_up,
    same_kind,
)
from .tiers import Account, Allowance, divide, limits

USE = 'use'  # what a line multiplies, and the basis of a component that does
MONTHS = 'months'
_PER_UNIT = [Quantity(ALL)]


class Measured:
    """ A meter with its readings, as far as a charge needs them.

    :param registers: the readings of each register in order, from a border before the account on
    :param allowances: of the home that the meter is of
    :param there: the days `[start, end)` in which the meter was there, as far as they are known
    :param former_numbers: of the devices before this one, each with its last day, in order
    """

    def __init__(
        self, meter_id: int, number: str, unit: str, registers: Mapping[str, Sequence[Reading]],
        allowances: Sequence[Allowance] = (),
        there: tuple[date | None, date | None] = (None, None),
        former_numbers: Sequence[tuple[date, str]] = (),
    ):
        self.meter_id = meter_id
        self.former_numbers = former_numbers
        self.number = number
        self.unit = unit
        self.allowances = allowances
        self.there = there
        self.steps: dict[str, list[Step]] = {
            name: get_steps(readings) for name, readings in registers.items()}
        self.intervals = get_intervals(registers)
        self._ends = [end for _start, end in self.intervals]
        self.restarts = {
            reading.day + ONE_DAY
            for readings in registers.values() for reading in readings if reading.is_restart}

    def get_number(self, day: date) -> str:
        """ Of the device that was read on a day; on that of an exchange of the old one. """
        return next(
            (number for last, number in self.former_numbers if day <= last), self.number)

    def get_used(self, start: date, end: date) -> dict[str, list[Used]]:
        """ Of each register the steps of a period.

        :raises NoReadingError: one of them was not read before `start`, or not until `end`
        """
        steps_of = self.steps or {'': []}  # never read at all
        return {register: get_used(steps, start, end) for register, steps in steps_of.items()}

    def get_uses(self, start: date, end: date) -> dict[str, Decimal | Fraction]:
        """ What each register counted of a period while the meter was there: one that was put in
        or taken away meanwhile counted from its first reading, or to its last.

        :raises NoReadingError: it was there and not read before, or not until the end
        """
        since, until = self.there
        uses = {}
        for register, steps in (self.steps or {'': []}).items():
            first, last = start, end
            if since and since > start:
                first = max(start, steps[0].start) if steps else since
            if until and until < end:
                last = min(end, steps[-1].end) if steps else until
            uses[register] = use_between(steps, first, last) if first < last else ZERO
        return uses

    def get_last_day(self, end: date) -> date:
        """ The day of the reading that ends a period: the use up to it belongs to its account. """
        place = bisect_left(self._ends, end)
        return (self._ends[place] if place < len(self._ends) else end) - ONE_DAY

    def used_before(self, start: date, account: Account, last_day: date) -> Decimal | Fraction:
        """ What the account of `last_day` had used before `start`.

        Before the first reading nothing was used; after a restart counting begins anew.
        """
        if not self.intervals:
            return ZERO
        account_start, account_end = account.period_on(last_day)
        first, last = account_start, start
        if not account.splits:
            # Whole intervals, each of the account of its last day.
            place = bisect_right(self._ends, account_start)
            after = bisect_right(self._ends, account_end)
            if place >= after:
                return ZERO
            first, last = self.intervals[place][0], min(start, self._ends[after - 1])
        first = max(first, self.intervals[0][0])
        if self.restarts:
            first = max([first, *(day for day in self.restarts if day <= start)])
        if first >= last:
            return ZERO
        return _add([use_between(steps, first, last) for steps in self.steps.values()])


class BelowSubsError(ValueError):
    """ In `[start, end)` a main meter counted less than its sub-meters. """

    def __init__(self, start: date, end: date):
        super().__init__(f'less than the sub-meters from {start} to {end}')
        self.start = start
        self.end = end


class _Cut(NamedTuple):
    """ Days `[start, end)` of one price and relief, of one account where accounts split use. """
    start: date
    end: date
    rate: Rate
    relief: Relief | None


class _Line(NamedTuple):
    """ A price times what was used, or a fixed price times months (`what` of the two). """
    price: Decimal
    what: str
    times: Decimal | Fraction
    facts: dict


def _add(values: Iterable[Decimal | Fraction]) -> Decimal | Fraction:
    first, *others = values
    for value in others:
        pair = same_kind(first, value)
        first = EXACT.add(*pair) if isinstance(pair[0], Decimal) else sum(pair)
    return first


def _get_cuts(
    start: date, end: date, rates: Sequence[Rate], reliefs: Sequence[Relief],
    account: Account | None,
) -> list[_Cut]:
    """ :raises NoRateError: a day of the period has no price """
    cuts = []
    for cut_end, (rate, _quantity, relief) in iter_stretches(start, end, rates, _PER_UNIT, reliefs):
        while rate.tiers and account.splits:
            account_end = account.period_on(start)[1]
            if cut_end <= account_end:
                break
            cuts.append(_Cut(start, account_end, rate, relief))
            start = account_end
        cuts.append(_Cut(start, cut_end, rate, relief))
        start = cut_end
    return cuts


def explain_metered(
    start: date, end: date, *, measured: Measured, anchor: date, split: str, proration: str,
    rates: Sequence[Rate], rounding: Decimal, account: Account | None = None,
    reliefs: Sequence[Relief] = (), less: Sequence[Measured] = (),
) -> dict:
    """ The explanation of what the use of `[start, end)` costs, amount included.

    Each line says its days, its price and what was used, or of fixed prices the months; a line of
    a tier says which, from 1.

    :param account: needed where a price has tiers
    :param less: sub-meters of the same registers, of which others pay the use
    :raises MissingError: a day has no price, or no reading tells what was used
    :raises BelowSubsError: the sub-meters counted more than the meter
    :raises KeyError: a price is for a register that the meter lacks
    """
    used = measured.get_used(start, end)
    meter = _explain_meter(measured, start, end, used)
    if less:
        meter['less'] = [
            {'id': sub.meter_id, 'number': sub.number,
             'use': exact_text(_add(sub.get_uses(start, end).values()))} for sub in less]
    cuts = _get_cuts(start, end, rates, reliefs, account)
    months = count_months(
        start, [cut.end for cut in cuts], anchor, split, proration,
    ) if any(_is_monthly(cut.rate) for cut in cuts) else [None] * len(cuts)
    lines, terms, all_uses = [], [], []
    before = None
    for cut, cut_months in zip(cuts, months, strict=True):
        if len(cuts) > 1:
            used = measured.get_used(cut.start, cut.end)
        uses = {register: add_used(parts) for register, parts in used.items()}
        if less:
            uses = _get_rest(uses, less, cut.start, cut.end)
        use = uses[''] = _add(uses.values())
        all_uses.append(use)
        if cut.rate.tiers:
            last_day = cut.end - ONE_DAY if account.splits else measured.get_last_day(end)
            if before is None or account.splits:
                before = _add((
                    measured.used_before(cut.start, account, last_day),
                    *(-sub.used_before(cut.start, account, last_day) for sub in less)))
            allowance = account.allowance_on(
                last_day, measured.allowances, cut.rate.per_person, cut.rate.standard_persons)
            upper = limits(cut.rate.tiers, allowance)
            meter.setdefault('accounts', []).append({
                **_explain_account(account, last_day, before, upper),
                **(explain_allowance(
                    account, last_day, measured.allowances, cut.rate) if allowance else {})})
            priced = _iter_tiers(cut.rate, divide(before, use, upper))
            if len(cuts) > 1:
                before = _add((before, use))
        else:
            priced = _iter_plain(cut.rate, use)
        days = {'start': cut.start.isoformat(), 'end': (cut.end - ONE_DAY).isoformat()}
        for line in (*priced, *_iter_components(cut.rate, uses, cut_months)):
            lines.append(_explain_line(days, cut, line, used))
            terms.append(_times(
                line.price, line.times, cut.relief.payable if cut.relief else ALL))
    meter['use'] = exact_text(_add(all_uses))
    total = add_up(terms)
    return {
        'basis': 'metered',
        'meter': meter,
        'lines': lines,
        'rounding': str(rounding),
        'unrounded': decimal_text(total),
        'amount': str(round_half_up(total, rounding)),
    }


def _is_monthly(rate: Rate) -> bool:
    return bool(rate.surcharge) or bool(rate.components) and any(
        line.basis != USE for line in rate.components)


def _get_rest(
    uses: Mapping[str, Decimal | Fraction], less: Sequence[Measured], start: date, end: date,
) -> dict[str, Decimal | Fraction]:
    """ What is left of the use of `[start, end)` without that of the sub-meters. """
    subs = [sub.get_uses(start, end) for sub in less]
    rest = {
        register: _add((use, *(-sub.get(register, ZERO) for sub in subs)))
        for register, use in uses.items()}
    if min(rest.values()) < 0:
        raise BelowSubsError(start, end)
    return rest


def _iter_tiers(
    rate: Rate, parts: Iterable[tuple[int, Decimal | Fraction]],
) -> Iterator[_Line]:
    for tier, use in parts:
        price = rate.tiers[tier - 1].price if tier else rate.price
        yield _Line(price, USE, use, {'tier': tier + 1})


def _iter_plain(rate: Rate, use: Decimal | Fraction) -> Iterator[_Line]:
    if rate.price or not rate.components:
        yield _Line(rate.price, USE, use, {})


def _iter_components(
    rate: Rate, uses: Mapping[str, Decimal | Fraction], months: Fraction,
) -> Iterator[_Line]:
    for component in rate.components:
        facts = {'note': component.note} if component.note else {}
        if component.basis == USE:
            if component.register:
                facts['register'] = component.register
            yield _Line(component.price, USE, uses[component.register], facts)
        else:
            price = EXACT.multiply(component.price, component.quantity)
            yield _Line(price, MONTHS, months, facts)
    if rate.surcharge:
        yield _Line(rate.surcharge, MONTHS, months, {})


def _times(
    price: Decimal, times: Decimal | Fraction, payable: Decimal,
) -> tuple[Decimal, Fraction]:
    """ As `add_up` takes it. """
    if payable != ALL:
        price = EXACT.multiply(price, payable)
    return (EXACT.multiply(price, times), ONE) if isinstance(times, Decimal) else (price, times)


# === THE EXPLANATION === #

def _explain_meter(
    measured: Measured, start: date, end: date, used: Mapping[str, Sequence[Used]],
) -> dict:
    """ The meter, with the readings from which its use is counted. """
    return {
        'id': measured.meter_id,
        'number': measured.number,
        'unit': measured.unit,
        'start': start.isoformat(),
        'end': (end - ONE_DAY).isoformat(),
        'steps': [
            _explain_step(measured, register, part)
            for register, parts in used.items() for part in parts],
    }


def _explain_step(measured: Measured, register: str, used: Used) -> dict:
    step, reading = used.step, used.step.reading
    explained = {
        'register': register,
        'start': step.start.isoformat(),
        'end': (step.end - ONE_DAY).isoformat(),
        'previous': str(step.previous),
        'present': str(reading.value),
        'kind': reading.kind,
        'reading': reading.reading_id,
    }
    if (number := measured.get_number(reading.day)) != measured.number:
        explained['number'] = number
    if reading.multiplier != 1:
        explained['multiplier'] = str(reading.multiplier)
    if reading.rollovers:
        explained['rollovers'] = reading.rollovers
        explained['digits'] = reading.digits
    return explained


def join_steps(explanation: Mapping) -> list[dict]:
    """ The steps of an explanation as people read them: what a device showed in between, day after
    day, is left out. Estimates, exchanges and the reading at which a price ends stay to be seen.
    """
    beginnings = {line['start'] for line in explanation['lines']}
    joined: list[dict] = []
    for step in explanation['meter']['steps']:
        before = joined[-1] if joined else None
        if before and step['start'] not in beginnings and _goes_on(before, step):
            rolled = before if 'rollovers' in before else {}
            joined[-1] = {
                **rolled, **step, 'start': before['start'], 'previous': before['previous']}
        else:
            joined.append(dict(step))
    return joined


def _goes_on(before: Mapping, step: Mapping) -> bool:
    """ Whether one line can say of both steps from which reading to which. """
    return (
        before['register'] == step['register']
        and before['kind'] == READ and step['kind'] in {READ, REMOVED}
        and before['present'] == step['previous']
        and before.get('multiplier') == step.get('multiplier')
        and not ('rollovers' in before and 'rollovers' in step))


def _explain_account(
    account: Account, last_day: date, before: Decimal | Fraction,
    upper_limits: Sequence[Decimal | Fraction],
) -> dict:
    start, end = account.period_on(last_day)
    return {
        'start': start.isoformat(),
        'end': (end - ONE_DAY).isoformat(),
        'before': exact_text(before),
        'limits': [exact_text(limit) for limit in upper_limits],
    }


def explain_allowance(
    account: Account, day: date, allowances: Sequence[Allowance], rate: Rate,
) -> dict:
    """ By how much the limits are higher for what is read on a day, and for how many persons; the
    months are said of a home that counts for a part of the account only.
    """
    allowance = account.allowance_on(day, allowances, rate.per_person, rate.standard_persons)
    return {
        'allowance': exact_text(allowance),
        'standard': rate.standard_persons,
        'homes': [
            {'persons': persons, **({'months': months} if months < account.months else {})}
            for persons, months in account.homes_on(day, allowances, rate.standard_persons)],
    }


def _explain_line(
    days: Mapping[str, str], cut: _Cut, line: _Line, used: Mapping[str, Sequence[Used]],
) -> dict:
    explained = {
        **days,
        line.what: exact_text(line.times),
        'price': str(line.price),
        'version': cut.rate.version_id,
        **line.facts,
    }
    if line.what == USE and not isinstance(line.times, Decimal):
        counted = [part for parts in used.values() for part in parts]
        divided = [part for part in counted if part.days != part.of_days]
        explained['by_days'] = sorted({f'{part.days}/{part.of_days}' for part in divided})
        if len(divided) < len(counted):
            explained['is_partly_whole'] = True
    if cut.relief:
        explained['relief'] = explain_relief(cut.relief)
    return explained


def unrounded(explanation: dict) -> Decimal | Fraction:
    """ What the lines of an explanation cost together, before rounding. """
    return add_up(
        _times(
            Decimal(line['price']), exact_number(line[USE] if USE in line else line[MONTHS]),
            Decimal(line['relief']['payable']) if 'relief' in line else ALL)
        for line in explanation['lines'])
