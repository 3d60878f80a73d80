""" Periods tile an assignment, whatever its first day, cycle and split. """
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ...tools.periods import (
    ANCHORED,
    NATURAL,
    add_months,
    cycle_at,
    iter_cycles,
    iter_months,
    months_between,
)

ONE_DAY = timedelta(days=1)
days = st.dates(date(1996, 1, 1), date(2056, 12, 31))
lengths = st.integers(1, 1200).map(lambda count: timedelta(days=count))
months = st.sampled_from([1, 2, 3, 4, 5, 6, 7, 12, 18, 24, 36, 120])
splits = st.sampled_from([NATURAL, ANCHORED])


def assert_tiles(periods, start, end):
    """ The periods follow each other without gap or overlap from `start` to `end`. """
    assert periods[0][0] == start
    assert periods[-1][1] == end
    for one, other in zip(periods, periods[1:], strict=False):
        assert one[0] < one[1] == other[0]


@given(days, lengths, months, splits)
def test_cycles_tile_an_assignment(anchor, length, count, split):
    end = anchor + length
    assert_tiles(list(iter_cycles(anchor, count, split, end, end)), anchor, end)


@given(days, lengths, months, splits)
def test_whole_cycles_lie_on_the_grid(anchor, length, count, split):
    """ All borders but the first and the last are those of whole cycles. """
    cycles = list(iter_cycles(anchor, count, split, anchor + length, anchor + length))
    for start, end in cycles[1:-1]:
        assert cycle_at(anchor, count, split, start) == (start, end)
        assert add_months(start.replace(day=1), count) == end.replace(day=1)


@given(days, days, months, splits)
def test_the_cycle_of_a_day_contains_it(anchor, day, count, split):
    start, end = cycle_at(anchor, count, split, day)
    assert start <= day < end


@given(days, lengths, lengths, months, splits)
def test_beginning_later_gives_the_same_cycles(anchor, length, skipped, count, split):
    """ `since` passes over the cycles before its own, nothing else. """
    until, since = anchor + length, anchor + skipped
    cycles = list(iter_cycles(anchor, count, split, None, until))
    later = list(iter_cycles(anchor, count, split, None, until, since))
    assert later == [cycle for cycle in cycles if cycle[1] > since]


@given(days, lengths, lengths, splits)
def test_months_tile_a_period(anchor, skipped, length, split):
    start = anchor + skipped
    end = start + length
    parts = list(iter_months(anchor, split, start, end))
    assert_tiles([part[:2] for part in parts], start, end)
    for part_start, part_end, base_start, base_end in parts:
        assert base_start <= part_start < part_end <= base_end


@given(days, lengths, months, splits)
def test_months_of_a_cycle_are_its_months(anchor, length, count, split):
    """ A whole cycle has as many months as it says, each of them whole. """
    start, end = cycle_at(anchor, count, split, anchor + length)
    parts = list(iter_months(anchor, split, start, end))
    assert len(parts) == count
    assert all(part[:2] == part[2:] for part in parts)


@given(days, st.integers(-600, 600))
def test_an_anchor_day_returns_after_a_short_month(anchor, count):
    moved = add_months(anchor, count)
    is_last_of_month = (moved + ONE_DAY).day == 1
    assert moved.day == anchor.day or (moved.day < anchor.day and is_last_of_month)
    assert months_between(anchor, moved) == count
    assert months_between(anchor, moved - ONE_DAY) == count - 1


def test_the_31st_comes_back():
    """ Decision 2: 01-31~02-28, 02-29~03-30, 03-31~04-29, 04-30~05-30 in 2024. """
    cycles = iter_cycles(date(2024, 1, 31), 1, ANCHORED, None, date(2024, 5, 1))
    assert [(str(start), str(end - ONE_DAY)) for start, end in cycles] == [
        ('2024-01-31', '2024-02-28'),
        ('2024-02-29', '2024-03-30'),
        ('2024-03-31', '2024-04-29'),
        ('2024-04-30', '2024-05-30'),
    ]


@pytest.mark.parametrize(('split', 'expected'), [
    (NATURAL, [('2016-03-29', '2016-03-31'), ('2016-04-01', '2016-04-30')]),
    (ANCHORED, [('2016-03-29', '2016-04-28'), ('2016-04-29', '2016-05-28')]),
])
def test_natural_and_contract_months(split, expected):
    """[B18] [B19] From 29 March 2016 by calendar months and by contract months. """
    cycles = iter_cycles(date(2016, 3, 29), 1, split, None, date(2016, 5, 1))
    assert [(str(start), str(end - ONE_DAY)) for start, end in cycles][:2] == expected


def test_a_natural_quarter_is_a_calendar_quarter():
    assert cycle_at(date(2024, 2, 10), 3, NATURAL, date(2024, 2, 10)) == (
        date(2024, 1, 1), date(2024, 4, 1))
