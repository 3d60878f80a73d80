""" Periods tile an assignment, whatever its first day, cycle and split. """
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ...tools.periods import (
    ANCHORED,
    NATURAL,
    Season,
    add_months,
    cycle_at,
    day_after,
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


HEATING = Season((11, 15), (3, 15))


def year_days():
    return st.dates(date(2000, 1, 1), date(2000, 12, 31)).map(lambda day: (day.month, day.day))


@pytest.mark.parametrize(('year', 'count'), [(2026, 121), (2027, 122)])
def test_the_days_of_a_heating_season(year, count):
    """ 15 November to 15 March, with and without 29 February. """
    [(start, end)] = HEATING.windows(date(year, 12, 1), date(year, 12, 2))
    assert (start, end) == (date(year, 11, 15), date(year + 1, 3, 16))
    assert (end - start).days == count


@pytest.mark.parametrize(('season', 'windows'), [
    (Season((2, 29), (5, 31)), [('2027-03-01', '2027-05-31'), ('2028-02-29', '2028-05-31')]),
    (Season((2, 1), (2, 29)), [('2027-02-01', '2027-02-28'), ('2028-02-01', '2028-02-29')]),
])
def test_29_february_where_there_is_none(season, windows):
    assert [
        (str(start), str(end - ONE_DAY))
        for start, end in season.windows(date(2027, 1, 1), date(2029, 1, 1))
    ] == windows


def test_a_season_is_read_from_text():
    season = Season.parse('11-15', '03-15')
    assert season == HEATING
    assert str(season) == '11-15~03-15'


@pytest.mark.parametrize('text', ['02-30', '13-01', '11/15', ''])
def test_a_season_of_no_days_is_refused(text):
    with pytest.raises(ValueError):
        Season.parse(text, '03-15')


@given(year_days(), year_days(), days, lengths)
def test_seasons_never_overlap(first, last, start, length):
    season = Season(first, last)
    windows = list(season.windows(start, start + length))
    assert all(window_start < window_end for window_start, window_end in windows)
    for one, other in zip(windows, windows[1:], strict=False):
        assert one[1] <= other[0]
        assert 365 <= (other[0] - one[0]).days <= 8 * 366  # a season of 29 February is rare


@given(days, lengths)
def test_each_season_of_an_assignment_is_a_cycle(anchor, length):
    """ Cut to the assignment, and found with or without the day that a search starts from. """
    end = anchor + length
    cycles = list(iter_cycles(anchor, 1, NATURAL, end, end, season=HEATING))
    assert [cycle for cycle in cycles if cycle[0] >= cycle[1]] == []
    charged = {start + timedelta(days=number)
               for start, stop in cycles for number in range((stop - start).days)}
    expected = {
        day for day in (anchor + timedelta(days=number) for number in range(length.days))
        if (day.month, day.day) >= (11, 15) or (day.month, day.day) <= (3, 15)
    }
    assert charged == expected
    since = anchor + length / 2
    assert list(iter_cycles(anchor, 1, NATURAL, end, end, since, HEATING)) == [
        cycle for cycle in cycles if cycle[1] > since]


@pytest.mark.parametrize(('since', 'first'), [
    (date(2027, 3, 15), date(2026, 11, 15)), (date(2027, 3, 16), date(2027, 11, 15))])
def test_a_season_that_is_over_is_passed_over(since, first):
    cycles = iter_cycles(
        date(2026, 1, 1), 1, NATURAL, None, date(2028, 1, 1), since, HEATING)
    assert next(cycles)[0] == first


def test_the_day_after_the_last():
    assert day_after(date(2026, 2, 28)) == date(2026, 3, 1)
    assert day_after(None) is None
    assert day_after(date(9999, 12, 31)) is None  # typed for “without end”
