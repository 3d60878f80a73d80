""" Prices that change on days agreed in advance. """
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ...tools.charging import BY_DAYS, Quantity, explain
from ...tools.escalation import AMOUNT, PERCENT, PRICE, Step, expand, lease_rates
from ...tools.explanation import recompute
from ...tools.periods import ANCHORED, NATURAL

CENT = Decimal('0.01')
START = date(2016, 3, 29)
YEARLY = expand(date(2017, 3, 29), 12, PERCENT, Decimal(5), date(2046, 3, 29))


def rent(start, end, rates, split=ANCHORED):
    explanation = explain(
        start, end, anchor=START, split=split, proration=BY_DAYS, rates=rates, basis='fixed',
        quantities=[Quantity(Decimal(1))], rounding=CENT)
    assert recompute(explanation) == Decimal(explanation['amount'])
    return explanation['amount']


@pytest.mark.parametrize(('step', 'amount'), [
    (Step(date(2017, 3, 29), PERCENT, Decimal(5)), '3014.52'),  # 28 of 31 days at 3000, 3 at 3150
    (Step(date(2017, 3, 29), AMOUNT, Decimal(200)), '3019.35'),  # 3 at 3200
    (Step(date(2017, 3, 29), PRICE, Decimal(3200)), '3019.35'),
])
def test_a_step_inside_a_month_applies_by_days(step, amount):
    """ Decision 14: both prices within one charge. """
    rates = lease_rates(Decimal(3000), START, None, [step])
    assert rent(date(2017, 3, 1), date(2017, 4, 1), rates, NATURAL) == amount


@pytest.mark.parametrize(('year', 'amount'), [
    (2016, '3000.00'), (2018, '3307.50'), (2019, '3472.88'), (2020, '3646.52'),
    (2021, '3828.84'),  # 3828.84421875; rounding each year's price would give 3828.85
])
def test_the_price_of_each_year_is_not_rounded(year, amount):
    rates = lease_rates(Decimal(3000), START, None, YEARLY)
    assert rent(date(year, 3, 29), date(year, 4, 29), rates) == amount


def test_thirty_years_of_five_percent_lose_no_decimal():
    """ 3000 × 1.05^29 has 56 decimals behind the point, computed here in whole numbers. """
    last = lease_rates(Decimal(3000), START, None, YEARLY)[-1]
    assert last.start == date(2045, 3, 29)
    assert last.price == Decimal(f'{3000 * 105 ** 29}e-58')
    assert rent(date(2045, 3, 29), date(2045, 4, 29), [last]) == '12348.41'


def test_steps_repeat_on_their_day():
    """ Every half year from 31 August: the last of February in between. """
    steps = expand(date(2016, 8, 31), 6, AMOUNT, Decimal(100), date(2017, 9, 1))
    assert [str(step.date) for step in steps] == ['2016-08-31', '2017-02-28', '2017-08-31']


def test_a_table_sets_the_price_whatever_went_before():
    rates = lease_rates(Decimal(3000), START, date(2019, 3, 29), [
        Step(date(2018, 3, 29), PRICE, Decimal(3500)), YEARLY[0]])
    assert [(str(rate.start), rate.price) for rate in rates] == [
        ('2016-03-29', 3000), ('2017-03-29', 3150), ('2018-03-29', 3500)]


@pytest.mark.parametrize(('steps', 'message'), [
    ([Step(date(2016, 3, 28), AMOUNT, Decimal(1))], 'of 2016-03-28 is outside the lease'),
    ([Step(date(2019, 3, 29), AMOUNT, Decimal(1))], 'of 2019-03-29 is outside the lease'),
    ([YEARLY[0], YEARLY[0]], 'two steps on 2017-03-29'),
    ([Step(START, AMOUNT, Decimal(1)), Step(START, AMOUNT, Decimal(1))], 'two steps on 2016-03-29'),
    ([Step(date(2017, 1, 1), AMOUNT, Decimal(-3001))], 'of 2017-01-01 brings the price below zero'),
])
def test_steps_that_make_no_sense_are_named(steps, message):
    with pytest.raises(ValueError, match=message):
        lease_rates(Decimal(3000), START, date(2019, 3, 29), steps)


def test_a_lease_may_begin_with_a_step():
    [rate] = lease_rates(Decimal(3000), START, None, [Step(START, PERCENT, Decimal(10))])
    assert (rate.start, rate.price) == (START, 3300)


@given(
    st.decimals(0, 100_000, places=2),
    st.lists(st.tuples(
        st.integers(0, 3000), st.sampled_from([PERCENT, AMOUNT]),
        st.decimals(Decimal('0.01'), 20, places=2),
    ), max_size=30, unique_by=lambda step: step[0]))
def test_prices_tile_the_lease_and_never_fall(price, changes):
    end = START + timedelta(days=3001)
    rates = lease_rates(
        price, START, end,
        [Step(START + timedelta(days=day), mode, value) for day, mode, value in changes])
    assert (rates[0].start, rates[-1].end) == (START, end)
    for one, other in pairwise(rates):
        assert one.end == other.start
        assert one.price <= other.price
