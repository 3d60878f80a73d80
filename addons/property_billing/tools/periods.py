""" Billing periods: half-open intervals of days that tile an assignment without gap or overlap.

Every period is counted from the anchor day, never from the period before it, so a start on the
31st comes back to the 31st after a short month (decision 2 of the feature list).
"""
from calendar import monthrange
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)

NATURAL = 'natural'
ANCHORED = 'anchored'


def add_months(anchor: date, months: int) -> date:
    """ `anchor` moved by whole months; a day that the month lacks becomes its last day.

    >>> add_months(date(2024, 1, 31), 1), add_months(date(2024, 1, 31), 2)
    (datetime.date(2024, 2, 29), datetime.date(2024, 3, 31))
    """
    year, month0 = divmod(anchor.year * 12 + anchor.month - 1 + months, 12)
    return date(year, month0 + 1, min(anchor.day, monthrange(year, month0 + 1)[1]))


def months_between(anchor: date, day: date) -> int:
    """ The greatest n with `add_months(anchor, n) <= day`. """
    months = (day.year - anchor.year) * 12 + day.month - anchor.month
    return months if add_months(anchor, months) <= day else months - 1


def grid_anchor(anchor: date, months: int, split: str) -> date:
    """ The day from which the borders of all cycles are counted.

    An anchored cycle counts from the anchor day. A natural cycle counts from 1 January where it
    divides the year (quarters are calendar quarters), else from the first of the anchor's month.
    """
    if split == ANCHORED:
        return anchor
    return date(anchor.year, 1, 1) if 12 % months == 0 else anchor.replace(day=1)


def cycle_at(anchor: date, months: int, split: str, day: date) -> tuple[date, date]:
    """ The whole cycle `[start, end)` that contains `day`. """
    origin = grid_anchor(anchor, months, split)
    index = months_between(origin, day) // months
    return add_months(origin, index * months), add_months(origin, (index + 1) * months)


def iter_cycles(
    anchor: date, months: int, split: str, end: date | None, until: date, since: date | None = None,
):
    """ The cycles `[start, end)` of an assignment from `anchor` to `end` that start before `until`.

    The first and the last are cut to the assignment; `end` is exclusive, None for open. Cycles
    that end on `since` or before are passed over.
    """
    day = anchor if since is None else max(anchor, cycle_at(anchor, months, split, since)[0])
    limit = min(until, end) if end else until
    while day < limit:
        cycle_end = cycle_at(anchor, months, split, day)[1]
        yield day, min(cycle_end, end) if end else cycle_end
        day = cycle_end


def iter_months(anchor: date, split: str, start: date, end: date):
    """ Cut `[start, end)` into months: yields `(start, end, base_start, base_end)`.

    The base is the whole month that the part belongs to: the calendar month for the natural split,
    the month counted from the anchor day for the anchored one (decision 13). A part is whole when
    it equals its base.
    """
    day = start
    while day < end:
        base_start, base_end = cycle_at(anchor, 1, split, day)
        part_end = min(base_end, end)
        yield day, part_end, base_start, base_end
        day = part_end
