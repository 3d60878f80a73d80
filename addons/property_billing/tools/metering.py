""" What a meter measured: readings in, use out, over exchanges and rollovers of its dial.

A reading is what a register shows at the end of a day. Use is the sum of the steps between
readings, so that nothing is lost or counted twice between two of them. Intervals are half-open.
"""
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from operator import attrgetter
from typing import NamedTuple

from .apportion import apportion
from .charging import ALL, ZERO, MissingError
from .periods import ONE_DAY
from .rounding import EXACT

TOTAL = 'total'  # the register of a meter that has one

FIRST = 'first'
READ = 'read'
ESTIMATE = 'estimate'
REMOVED = 'removed'
INSTALLED = 'installed'
BEGINNINGS = {FIRST, INSTALLED}  # with which counting begins anew

NOTHING = Fraction()

_get_end = attrgetter('end')

JUMP = 'jump'
DROP = 'drop'
UNUSED = 'zero'


class Reading(NamedTuple):
    """ What a register shows at the end of `day`.

    The dial has `digits` before the decimal point and went over zero `rollovers` times since the
    reading before. A charge may end on a border. After a restart the account of the tiers begins
    anew.
    """
    day: date
    value: Decimal
    kind: str = READ
    rollovers: int = 0
    multiplier: Decimal = ALL
    digits: int = 5
    is_border: bool = True
    is_restart: bool = False
    reading_id: int | None = None


class Step(NamedTuple):
    """ From one reading to the next: the days `[start, end)` after the one and to the other. """
    start: date
    end: date
    previous: Decimal
    reading: Reading
    use: Decimal


class Used(NamedTuple):
    """ A step of which `days` of all its days lie in a period. """
    step: Step
    days: int
    of_days: int


class NoReadingError(MissingError):
    """ A register has no reading from which, or to which, use could be counted. """
    what = 'reading'


class DecreaseError(ValueError):
    """ A reading is lower than the one before; why, only a person can say (decision 18). """

    def __init__(self, day: date, previous: Decimal, value: Decimal):
        super().__init__(f'{value} on {day} is less than {previous} before')
        self.day = day
        self.previous = previous
        self.value = value


def _get_use(rise: Decimal, reading: Reading) -> Decimal:
    """ What was used while the dial rose so much, or fell. """
    if reading.rollovers:
        rise = EXACT.add(rise, Decimal(reading.rollovers).scaleb(reading.digits))
    return EXACT.multiply(rise, reading.multiplier)


def get_steps(readings: Sequence[Reading]) -> list[Step]:
    """ The steps of one register, whose readings are given in order.

    :raises DecreaseError: a reading is lower than the one before
    """
    steps = []
    start = previous = None
    for reading in readings:
        end = reading.day + ONE_DAY
        if start and reading.kind not in BEGINNINGS:
            use = EXACT.subtract(reading.value, previous)
            if reading.rollovers or reading.multiplier != 1:
                use = _get_use(use, reading)
            if use < 0:
                raise DecreaseError(reading.day, previous, reading.value)
            steps.append(Step(start, end, previous, reading, use))
        start, previous = end, reading.value
    return steps


def get_intervals(registers: Mapping[str, Sequence[Reading]]) -> list[tuple[date, date]]:
    """ The periods `[start, end)` between borders that all registers of a meter have. """
    if not registers:
        return []
    first, *others = (
        {reading.day for reading in readings if reading.is_border}
        for readings in registers.values())
    borders = sorted(first.intersection(*others) if others else first)
    return list(pairwise([day + ONE_DAY for day in borders]))


def _check_read(steps: Sequence[Step], start: date, end: date) -> None:
    if not steps or start < steps[0].start:
        raise NoReadingError(start)
    if steps[-1].end < end:
        raise NoReadingError(steps[-1].end)


def get_used(steps: Sequence[Step], start: date, end: date) -> list[Used]:
    """ The steps that have days in `[start, end)`.

    A step within one day, of a meter read and exchanged on it, is of the period that it ends.

    :raises NoReadingError: the register was not read before `start`, or not until `end`
    """
    _check_read(steps, start, end)
    used = []
    for place in range(bisect_right(steps, start, key=_get_end), len(steps)):
        step = steps[place]
        if step.start > end:
            break
        if step.start == step.end:
            if step.end <= end:
                used.append(Used(step, 1, 1))
        elif step.start < end:
            days = (min(end, step.end) - max(start, step.start)).days
            used.append(Used(step, days, (step.end - step.start).days))
    return used


def add_used(used: Iterable[Used]) -> Decimal | Fraction:
    """ What was used: whole steps, and parts of others by days, which make it a Fraction. """
    whole, divided = ZERO, 0
    for step, days, of_days in used:
        if days == of_days:
            whole = EXACT.add(whole, step.use)
        else:
            divided += Fraction(step.use) * Fraction(days, of_days)
    return divided + Fraction(whole) if divided else whole


def use_between(steps: Sequence[Step], start: date, end: date) -> Decimal | Fraction:
    """ What a register counted in `[start, end)`, as `add_used` of `get_used`.

    :raises NoReadingError: as `get_used`
    """
    _check_read(steps, start, end)
    whole, divided = ZERO, NOTHING
    for place in range(bisect_right(steps, start, key=_get_end), len(steps)):
        step = steps[place]
        if start <= step.start and step.end <= end:
            whole = EXACT.add(whole, step.use)
        elif step.start < end:
            days = (min(end, step.end) - max(start, step.start)).days
            divided += Fraction(step.use) * Fraction(days, (step.end - step.start).days)
        else:
            break
    return divided + Fraction(whole) if divided else whole


def add_up(uses: Iterable[Decimal | Fraction]) -> Fraction:
    """ The exact sum, in which decimals are added as such, which is much faster. """
    whole, divided = ZERO, NOTHING
    for use in uses:
        if isinstance(use, Decimal):
            whole = EXACT.add(whole, use)
        else:
            divided += use
    return Fraction(whole) + divided


# === WHAT IS ODD, AND WHAT IS NOT KNOWN === #

def find_oddity(
    use: Decimal, days: int, history: Sequence[tuple[Decimal | Fraction, int]],
    low_percent: Decimal, high_percent: Decimal,
) -> str | None:
    """ Whether use is nothing, a jump or a drop beside the average per day of its history.

    A home that used nothing before may use nothing again.

    :param history: use and days of earlier periods
    :param low_percent: by how much less than the average is still usual
    """
    past_days = sum(count for _use, count in history)
    if not past_days:
        return UNUSED if not use else None
    usual = add_up(past for past, _count in history) / past_days * max(days, 1)
    if not use:
        return UNUSED if usual else None
    if Fraction(use) > usual * (1 + Fraction(high_percent) / 100):
        return JUMP
    if Fraction(use) < usual * (1 - Fraction(low_percent) / 100):
        return DROP
    return None


def estimate_use(
    history: Sequence[tuple[Decimal | Fraction, int]], days: int, unit: Decimal,
) -> Decimal:
    """ What days probably used: the average per day of the history, rounded down to `unit`.

    :raises ValueError: there is no history
    """
    past_days = sum(count for _use, count in history)
    if not past_days:
        raise ValueError('nothing was measured yet')
    probable = sum(Fraction(past) for past, _count in history) * days / past_days
    return probable // Fraction(unit) * unit


def advance(value: Decimal, rise: Decimal, digits: int) -> tuple[Decimal, int]:
    """ What a dial of so many digits shows after a rise, and how often it went over zero. """
    rollovers, shown = divmod(value + rise, Decimal(1).scaleb(digits))
    return shown, int(rollovers)


def spread(total: Decimal, days: Sequence[int], unit: Decimal) -> list[Decimal]:
    """ Divide what was really used among estimated periods by their days, in whole units. """
    order = range(len(days))
    parts = apportion(total, dict(zip(order, map(Fraction, days), strict=True)), unit, order)
    return [parts[number].amount for number in order]
