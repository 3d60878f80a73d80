""" Billing periods: half-open intervals of days that tile an assignment without gap or overlap.

Every period is counted from the anchor day, never from the period before it, so a start on the
31st comes back to the 31st after a short month (decision 2 of the feature list).
"""
from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

ONE_DAY = timedelta(days=1)

NATURAL = 'natural'
ANCHORED = 'anchored'

LEAP_YEAR = 2000
NEW_YEAR = date(LEAP_YEAR, 1, 1)  # of any year: months that divide the year repeat in each


def day_after(day: date | None) -> date | None:
    """ The end of `[start, end)` of what lasts up to a day; none where it has none, or where
    somebody has typed 9999-12-31 for that.
    """
    return day + ONE_DAY if day and day < date.max else None


class Dated:
    """ What is in force in `[start, end)`, where None is open. """
    __slots__ = ()

    def covers(self, day: date) -> bool:
        return (self.start is None or self.start <= day) and (self.end is None or day < self.end)


def in_force(day: date, dated: Iterable[Dated]) -> Dated | None:
    """ The first of those that cover a day. """
    for value in dated:
        if value.covers(day):
            return value
    return None


@dataclass(frozen=True, slots=True)
class Season:
    """ Days that come every year, from the day `start` to the day `end`, both as (month, day).

    The last day is included; a season whose end lies before its start goes over New Year. In a
    year without 29 February, a season that ends on it ends on the 28th, and one that starts on it
    starts on 1 March, so that no day ever belongs to two seasons.
    """
    start: tuple[int, int]
    end: tuple[int, int]

    def __post_init__(self):
        for month, day in (self.start, self.end):
            date(LEAP_YEAR, month, day)

    @classmethod
    def parse(cls, start: str, end: str) -> 'Season':
        """ From texts MM-DD.

        :raises ValueError: one of them is no day of a year
        """
        return cls(*(
            (day.month, day.day)
            for day in (date.fromisoformat(f'{LEAP_YEAR}-{text}') for text in (start, end))))

    def __str__(self):
        return '~'.join(f'{month:02}-{day:02}' for month, day in (self.start, self.end))

    def _window(self, year: int) -> tuple[date, date]:
        """ The season that starts in a year, as `[start, end)`. """
        end_year = year + (self.end < self.start)
        return _first_from(year, *self.start), _last_until(end_year, *self.end) + ONE_DAY

    def windows(self, start: date, end: date) -> Iterator[tuple[date, date]]:
        """ The whole seasons that have a day in `[start, end)`. """
        for year in range(start.year - 1, end.year + 1):
            window_start, window_end = self._window(year)
            if window_start < window_end and start < window_end and window_start < end:
                yield window_start, window_end

    def iter_parts(self, start: date, end: date) -> Iterator[tuple[date, date, date, date]]:
        """ The seasons of `[start, end)`, cut to it, as `iter_months` yields months. """
        for window_start, window_end in self.windows(start, end):
            yield max(start, window_start), min(end, window_end), window_start, window_end


def _first_from(year: int, month: int, day: int) -> date:
    return date(year, 3, 1) if day > monthrange(year, month)[1] else date(year, month, day)


def _last_until(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, monthrange(year, month)[1]))


@lru_cache(maxsize=1 << 14)
def add_months(anchor: date, months: int) -> date:
    """ `anchor` moved by whole months; a day that the month lacks becomes its last day.

    >>> add_months(date(2024, 1, 31), 1), add_months(date(2024, 1, 31), 2)
    (datetime.date(2024, 2, 29), datetime.date(2024, 3, 31))
    """
    year, month0 = divmod(anchor.year * 12 + anchor.month - 1 + months, 12)
    try:
        return date(year, month0 + 1, anchor.day)
    except ValueError:
        return date(year, month0 + 1, monthrange(year, month0 + 1)[1])


def months_between(anchor: date, day: date) -> int:
    """ The greatest n with `add_months(anchor, n) <= day`. """
    months = (day.year - anchor.year) * 12 + day.month - anchor.month
    return months if add_months(anchor, months) <= day else months - 1


def cycle_at(anchor: date, months: int, split: str, day: date) -> tuple[date, date]:
    """ The whole cycle `[start, end)` that contains `day`.

    Anchored cycles count from the anchor day. Natural ones count from 1 January where they divide
    the year (quarters are calendar quarters), else from the first of the anchor's month.
    """
    if split == ANCHORED:
        origin = anchor
    elif 12 % months == 0:
        origin = NEW_YEAR
    else:
        origin = anchor.replace(day=1)
    return _cycle(origin, months, day)


@lru_cache(maxsize=1 << 14)
def _cycle(origin: date, months: int, day: date) -> tuple[date, date]:
    """ A run asks for the same few months again and again. """
    index = months_between(origin, day) // months
    return add_months(origin, index * months), add_months(origin, (index + 1) * months)


def iter_cycles(
    anchor: date, months: int, split: str, end: date | None, until: date,
    since: date | None = None, season: Season | None = None,
) -> Iterator[tuple[date, date]]:
    """ The cycles `[start, end)` of an assignment from `anchor` to `end` that start before `until`.

    The first and the last are cut to the assignment; `end` is exclusive, None for open. Cycles
    that end on `since` or before are passed over. With a season, each season is a cycle.
    """
    if season:
        yield from _iter_seasons(anchor, season, end, until, since)
        return
    day = anchor if since is None else max(anchor, cycle_at(anchor, months, split, since)[0])
    limit = min(until, end) if end else until
    while day < limit:
        cycle_end = cycle_at(anchor, months, split, day)[1]
        yield day, min(cycle_end, end) if end else cycle_end
        day = cycle_end


def _iter_seasons(
    anchor: date, season: Season, end: date | None, until: date, since: date | None,
) -> Iterator[tuple[date, date]]:
    """ As `iter_cycles`; only `end` cuts a season, `until` does not. """
    limit = min(until, end) if end else until
    if anchor >= limit:
        return
    for window_start, window_end in season.windows(anchor, limit):
        cycle_end = min(window_end, end) if end else window_end
        if since is None or since < cycle_end:
            yield max(window_start, anchor), cycle_end


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
