""" What a meter counted, whatever happens to its dial. """
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ...tools.metering import (
    DROP,
    FIRST,
    INSTALLED,
    JUMP,
    REMOVED,
    UNUSED,
    DecreaseError,
    NoReadingError,
    Reading,
    advance,
    estimate_use,
    find_oddity,
    get_intervals,
    get_steps,
    spread,
    use_between,
)
from ...tools.periods import ONE_DAY

M3 = Decimal(1)
START = date(2026, 1, 1)


def first(day, value, **values):
    return Reading(day, Decimal(value), FIRST, **values)


def read(day, value, **values):
    return Reading(day, Decimal(value), **values)


def total(readings):
    """ What was used from the first reading to the last. """
    steps = get_steps(readings)
    return use_between(steps, steps[0].start, steps[-1].end)


def test_the_first_reading_is_no_use():
    """ A meter that comes with 1,234 on its dial has used nothing yet. """
    assert get_steps([first(START, 1234)]) == []
    assert total([first(START, 1234), read(date(2026, 1, 31), 1250)]) == 16


def test_a_dial_that_goes_over_zero():
    """ Five digits, 99,980 to 00,015: 35. """
    assert total([first(START, 99980), read(date(2026, 1, 31), 15, rollovers=1)]) == 35


def test_an_exchange_loses_nothing():
    """ 1,234, taken off at 1,250; the new one from 3 to 20: 16 + 17 = 33; if it counts tens:
    16 + 170 = 186.
    """
    day = date(2026, 2, 10)
    before = [
        first(date(2026, 1, 31), 1234),
        read(day, 1250, kind=REMOVED, is_border=False),
        read(day, 3, kind=INSTALLED, is_border=False)]
    assert total([*before, read(date(2026, 2, 28), 20)]) == 33
    assert total([*before, read(date(2026, 2, 28), 20, multiplier=Decimal(10))]) == 186


def test_a_meter_exchanged_on_the_day_it_was_read():
    """ Read as 1,234 on 31 March and taken off at 1,250 later that day: the 16 are March's. """
    day = date(2026, 3, 31)
    steps = get_steps([
        first(date(2026, 2, 28), 1200), read(day, 1234),
        read(day, 1250, kind=REMOVED, is_border=False),
        read(day, 0, kind=INSTALLED, is_border=False), read(date(2026, 4, 30), 7)])
    assert use_between(steps, date(2026, 3, 1), date(2026, 4, 1)) == 50
    assert use_between(steps, date(2026, 4, 1), date(2026, 5, 1)) == 7


def test_a_meter_behind_a_transformer():
    """ (112.0 − 100.5) × 20 = 230. """
    assert total([
        first(START, '100.5'), read(date(2026, 1, 31), '112.0', multiplier=Decimal(20))]) == 230


def test_days_divide_a_step():
    """ 40 from 11 March to 10 April, 31 days: March has 21 of them, 840/31. """
    steps = get_steps([first(date(2026, 3, 10), 0), read(date(2026, 4, 10), 40)])
    assert use_between(steps, date(2026, 3, 11), date(2026, 4, 1)) == Fraction(840, 31)
    assert use_between(steps, date(2026, 4, 1), date(2026, 4, 11)) == Fraction(400, 31)


def test_a_lower_reading_is_never_guessed():
    """ [trap 14] Whether it is a rollover, an exchange or an error, a person has to say. """
    with pytest.raises(DecreaseError) as caught:
        get_steps([first(START, 531), read(date(2026, 6, 30), 525)])
    assert (caught.value.day, caught.value.previous) == (date(2026, 6, 30), 531)


def test_days_without_readings_are_not_no_use():
    steps = get_steps([first(date(2026, 1, 31), 0), read(date(2026, 2, 28), 40)])
    with pytest.raises(NoReadingError) as caught:
        use_between(steps, date(2026, 1, 15), date(2026, 2, 15))
    assert caught.value.day == date(2026, 1, 15)
    with pytest.raises(NoReadingError) as caught:
        use_between(steps, date(2026, 2, 1), date(2026, 4, 1))
    assert caught.value.day == date(2026, 3, 1)
    with pytest.raises(NoReadingError):
        use_between([], date(2026, 2, 1), date(2026, 3, 1))


def test_charges_end_where_all_registers_were_read():
    """ Day and night were read together on 31 March, the day alone on 15 April, and a device told
    both on 30 April without being asked.
    """
    days = {
        'peak': [
            first(date(2026, 2, 28), 0), read(date(2026, 3, 31), 300),
            read(date(2026, 4, 15), 350), read(date(2026, 4, 30), 400, is_border=False)],
        'valley': [
            first(date(2026, 2, 28), 0), read(date(2026, 3, 31), 150),
            read(date(2026, 4, 30), 160, is_border=False)],
    }
    assert get_intervals(days) == [(date(2026, 3, 1), date(2026, 4, 1))]


HISTORY = [(Decimal(300), 30), (Decimal(310), 31)]  # 10 a day


@pytest.mark.parametrize(('use', 'odd'), [
    (0, UNUSED), (149, DROP), (150, None), (300, None), (450, None), (451, JUMP)])
def test_what_is_odd(use, odd):
    """ By half more or less than 10 a day in 30 days; the limits themselves are usual. """
    assert find_oddity(Decimal(use), 30, HISTORY, Decimal(50), Decimal(50)) == odd


def test_what_is_odd_of_an_empty_home():
    """ Nothing again is no news; something is. Without a past only nothing is odd. """
    empty = [(Decimal(0), 31)]
    assert find_oddity(Decimal(0), 30, empty, Decimal(50), Decimal(50)) is None
    assert find_oddity(Decimal(5), 30, empty, Decimal(50), Decimal(50)) == JUMP
    assert find_oddity(Decimal(500), 30, [], Decimal(50), Decimal(50)) is None
    assert find_oddity(Decimal(0), 30, [], Decimal(50), Decimal(50)) == UNUSED


def test_an_estimate_and_what_it_really_was():
    """ 365 m³ last year: 31 for 31 days. The 25 that May and June really used are 12.70 and 12.30
    by days: 13 and 12.
    """
    assert estimate_use([(Decimal(365), 365)], 31, M3) == 31
    assert estimate_use([(Decimal(50), 90)], 91, M3) == 50  # 50.56
    assert spread(Decimal(25), [31, 30], M3) == [13, 12]
    with pytest.raises(ValueError, match='nothing was measured'):
        estimate_use([], 31, M3)


def test_an_estimate_may_go_over_zero():
    assert advance(Decimal(99980), Decimal(35), 5) == (Decimal(15), 1)
    assert advance(Decimal(500), Decimal(31), 5) == (Decimal(531), 0)


@st.composite
def chains(draw):
    """ Water poured through a meter of three digits, read, exchanged and rolled over at random. """
    day, value, poured = START, draw(st.integers(0, 999)), 0
    readings = [first(day, value, digits=3)]
    for gap, amount, is_exchanged in draw(st.lists(
            st.tuples(st.integers(1, 40), st.integers(0, 1500), st.booleans()), min_size=1)):
        day += timedelta(days=gap)
        poured += amount
        shown, rollovers = advance(Decimal(value), Decimal(amount), 3)
        readings.append(read(
            day, shown, kind=REMOVED if is_exchanged else 'read', rollovers=rollovers, digits=3))
        value = shown
        if is_exchanged:
            value = draw(st.integers(0, 999))
            readings.append(read(day, value, kind=INSTALLED, digits=3))
    return readings, poured


@given(chains(), st.data())
def test_use_is_what_was_poured_in(chain, data):
    """ [B31] Over any exchanges and rollovers, in one piece or cut at any days. """
    readings, poured = chain
    steps = get_steps(readings)
    start, end = steps[0].start, steps[-1].end
    assert use_between(steps, start, end) == poured
    cuts = data.draw(st.lists(st.dates(start, end), max_size=4))
    borders = sorted({start, end, *cuts})
    assert sum(
        Fraction(use_between(steps, one, other))
        for one, other in zip(borders, borders[1:], strict=False)) == poured


@given(st.integers(0, 10_000), st.lists(st.integers(1, 400), min_size=1))
def test_what_is_spread_adds_up(units, days):
    parts = spread(Decimal(units), days, M3)
    assert sum(parts) == units
    assert all(part == part // M3 and part >= 0 for part in parts)


def test_a_day_after_a_day():
    """ A reading is that of the evening, so its step starts on the next day. """
    [step] = get_steps([first(START, 0), read(START + ONE_DAY, 1)])
    assert (step.start, step.end) == (START + ONE_DAY, START + 2 * ONE_DAY)
