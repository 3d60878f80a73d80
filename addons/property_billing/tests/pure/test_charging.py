""" What a charge costs: figures of the trade by hand, and what must hold for all of them. """
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ...tools.charging import (
    BY_DAYS,
    BY_THIRTY,
    WHOLE,
    NoRateError,
    Rate,
    explain,
    months_charged,
    price_parts,
    recompute,
    round_half_up,
    share_explanation,
    split_by_days,
)
from ...tools.periods import ANCHORED, NATURAL, cycle_at

CENT = Decimal('0.01')
days = st.dates(date(1996, 1, 1), date(2056, 12, 31))
lengths = st.integers(1, 900).map(lambda count: timedelta(days=count))
splits = st.sampled_from([NATURAL, ANCHORED])
prorations = st.sampled_from([BY_DAYS, BY_THIRTY, WHOLE])
units = st.sampled_from([CENT, Decimal('0.1'), Decimal(1)])
money = st.decimals(0, 10_000, places=6)
amounts = st.decimals(0, 1_000_000, places=2)
areas = st.decimals(Decimal('0.01'), 9999, places=2)


def open_rate(price, surcharge='0', start=date(1990, 1, 1), end=None, version_id=1):
    return Rate(version_id, start, end, Decimal(price), Decimal(surcharge))


def cost(start, end, price, surcharge='0', quantity='1', anchor=None, **options):
    options = {
        'split': ANCHORED, 'proration': BY_DAYS, 'rounding': CENT, 'basis': 'area', **options,
    }
    return explain(
        start, end, anchor=anchor or start, rates=[open_rate(price, surcharge)],
        quantity=Decimal(quantity), **options)


# === FIGURES === #

@pytest.mark.parametrize(('start', 'end', 'price', 'amount'), [
    (date(2020, 6, 10), date(2020, 12, 10), '1.3', '857.57'),
    (date(2020, 7, 10), date(2020, 10, 10), '1.0', '343.68'),
])
def test_room_1011(start, end, price, amount):
    """[B01] 94.56 m², six months at 1.3 + 20 and three at 1.0 + 20, rounded once. """
    assert cost(start, end, price, '20', '94.56')['amount'] == amount


@pytest.mark.parametrize(('proration', 'amount'), [
    (BY_DAYS, '9.68'),  # 100 × 3/31
    (BY_THIRTY, '10.00'),  # 100 × 3/30
    (WHOLE, '100.00'),
])
def test_three_days_of_march(proration, amount):
    """ Decision 3: by the days of the month, by 30 days, or the whole month. """
    assert cost(
        date(2016, 3, 29), date(2016, 4, 1), '100', split=NATURAL, proration=proration,
    )['amount'] == amount


def test_thirty_days_are_the_most_a_part_of_a_month_has():
    """ Decision 13: 30 of 31 days by 30 days is 30/30, never more. """
    assert cost(
        date(2016, 3, 2), date(2016, 4, 1), '100', split=NATURAL, proration=BY_THIRTY,
    )['amount'] == '100.00'


def test_a_price_that_changes_applies_by_days():
    """ Decision 14: 15 days at 2 and 15 at 3 in one charge. """
    rates = [
        open_rate('2', end=date(2024, 4, 16)),
        open_rate('3', start=date(2024, 4, 16), version_id=2),
    ]
    explanation = explain(
        date(2024, 4, 1), date(2024, 5, 1), anchor=date(2024, 4, 1), split=NATURAL,
        proration=BY_DAYS, rates=rates, basis='area', quantity=Decimal(100), rounding=CENT)
    assert explanation['amount'] == '250.00'
    assert [part['version'] for part in explanation['parts']] == [1, 2]


def test_a_day_without_price_is_named():
    with pytest.raises(NoRateError) as caught:
        explain(
            date(2024, 4, 1), date(2024, 5, 1), anchor=date(2024, 4, 1), split=NATURAL,
            proration=BY_DAYS, rates=[open_rate('2', end=date(2024, 4, 16))], basis='area',
            quantity=Decimal(100), rounding=CENT)
    assert caught.value.day == date(2024, 4, 16)


@pytest.mark.parametrize(('value', 'unit', 'rounded'), [
    (Decimal('2.675'), CENT, '2.68'), (Decimal('0.005'), CENT, '0.01'),
    (Decimal('-0.005'), CENT, '-0.01'), (Decimal('12.25'), Decimal('0.1'), '12.3'),
    (Decimal('12.5'), Decimal(1), '13'), (Fraction(1, 3), CENT, '0.33'),
    (Fraction(-1, 200), CENT, '-0.01'), (Fraction(5, 1000), CENT, '0.01'),
])
def test_halves_are_rounded_up(value, unit, rounded):
    """ Decision 26. """
    assert round_half_up(value, unit) == Decimal(rounded)


def test_a_tiny_amount_leaves_no_negative_remainder():
    assert split_by_days(Decimal('0.02'), [1, 1, 1, 1], CENT) == [
        Decimal('0.01'), Decimal('0.01'), 0, 0]


# === WHAT ALWAYS HOLDS === #

@given(days, lengths, lengths, splits, prorations, money, money, areas, units)
def test_an_explanation_gives_its_amount_again(
    anchor, skipped, length, split, proration, price, surcharge, area, unit,
):
    start = anchor + skipped
    explanation = cost(
        start, start + length, price, surcharge, area, anchor=anchor, split=split,
        proration=proration, rounding=unit)
    assert recompute(explanation) == Decimal(explanation['amount'])
    assert Decimal(explanation['amount']) % unit == 0
    difference = Decimal(explanation['amount']) - Decimal(explanation['unrounded'])
    assert abs(difference) <= unit / 2 + CENT


@given(days, lengths, st.integers(1, 24), splits, prorations, money, areas)
def test_whole_cycles_cost_whole_months(anchor, skipped, count, split, proration, price, area):
    """ A whole cycle is never prorated, however many days its months have. """
    start, end = cycle_at(anchor, count, split, anchor + skipped)
    explanation = cost(
        start, end, price, '0', area, anchor=anchor, split=split, proration=proration)
    assert Decimal(explanation['amount']) == round_half_up(price * area * count, CENT)


@given(days, lengths, lengths, splits, prorations)
def test_parts_tile_the_period(anchor, skipped, length, split, proration):
    start = anchor + skipped
    parts = price_parts(
        start, start + length, anchor, split, proration, [open_rate('1')])
    assert parts[0][0] == start
    assert parts[-1][1] == start + length
    assert all(one[1] == other[0] for one, other in zip(parts, parts[1:], strict=False))
    assert sum(part[2] for part in parts) == months_charged(
        anchor, split, proration, start, start + length)


@given(days, lengths, lengths, splits, prorations, st.integers(1, 899), money, money)
def test_a_price_change_to_the_same_price_changes_nothing(
    anchor, skipped, length, split, proration, change, price, surcharge,
):
    """ Where a version ends and another of the same price begins, the amount stays. """
    start = anchor + skipped
    border = start + timedelta(days=change)
    options = {
        'anchor': anchor, 'split': split, 'proration': proration, 'basis': 'area',
        'quantity': Decimal(100), 'rounding': CENT,
    }
    one = explain(start, start + length, rates=[open_rate(price, surcharge)], **options)
    two = explain(start, start + length, rates=[
        open_rate(price, surcharge, end=border),
        open_rate(price, surcharge, start=border, version_id=2),
    ], **options)
    assert one['amount'] == two['amount']


@given(amounts, st.lists(st.integers(1, 400), min_size=1, max_size=8), units)
def test_shares_add_up(amount, counts, unit):
    """ Decision 15: the parts of one period give its amount, and none is negative. """
    amount = round_half_up(amount, unit)
    parts = split_by_days(amount, counts, unit)
    assert sum(parts) == amount
    assert len(parts) == len(counts)
    assert all(part >= 0 and part % unit == 0 for part in parts)


@given(days, lengths, money, areas, st.lists(st.integers(1, 60), min_size=2, max_size=5))
def test_shared_explanations_add_up(start, length, price, area, counts):
    whole = cost(start, start + length, price, '0', area)
    shares = [share_explanation(whole, counts, index) for index in range(len(counts))]
    assert sum(Decimal(share['amount']) for share in shares) == Decimal(whole['amount'])
    assert all(recompute(share) == Decimal(share['amount']) for share in shares)
