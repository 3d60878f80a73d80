""" Shared costs: the parts add up. """
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ...tools.apportion import apportion, explain_portion
from ...tools.explanation import period_of, recompute, split_by_days

CENT = Decimal('0.01')


def amounts(total, weights):
    weights = {key: Fraction(str(weight)) for key, weight in weights.items()}
    parts = apportion(Decimal(total), weights, CENT, sorted(weights))
    return [str(part.amount) for part in parts.values()]


def test_among_households():
    """ [decision 15] The remainder goes to the lowest code. """
    assert amounts('100.00', {'101': 1, '102': 1, '103': 1}) == ['33.34', '33.33', '33.33']
    assert amounts('0.02', {'101': 1, '102': 1, '103': 1}) == ['0.01', '0.01', '0.00']


def test_by_area():
    """ 311.9865, 291.0027 and 397.0108: the first has the largest remainder. """
    assert amounts('1000.00', {'101': 94.56, '102': 88.2, '103': 120.33}) == [
        '311.99', '291.00', '397.01']


def test_a_credit_is_divided_as_the_cost_was():
    assert amounts('-100.00', {'101': 1, '102': 1, '103': 1}) == ['-33.34', '-33.33', '-33.33']


@pytest.mark.parametrize('weights', [{}, {'101': 0}, {'101': 5, '102': -1}])
def test_nothing_to_divide_by(weights):
    with pytest.raises(ValueError, match='zero or negative'):
        amounts('100.00', weights)


def test_an_amount_finer_than_a_cent():
    with pytest.raises(ValueError, match='multiple'):
        amounts('100.005', {'101': 1})


totals = st.integers(-10_000_000, 10_000_000).map(lambda cents: Decimal(cents).scaleb(-2))
weights = st.dictionaries(
    st.integers(1, 999), st.fractions(0, 1000, max_denominator=400), min_size=1,
).filter(lambda parts: sum(parts.values()) > 0)


@given(totals, weights, st.randoms())
def test_parts_add_up_whatever_the_order_of_the_units(total, keys, random):
    parts = apportion(total, keys, CENT, sorted(keys))
    shuffled = list(keys)
    random.shuffle(shuffled)
    assert sum(part.amount for part in parts.values()) == total
    assert apportion(total, {key: keys[key] for key in shuffled}, CENT, sorted(keys)) == parts
    mirrored = apportion(-total, keys, CENT, sorted(keys))
    assert {key: -part.amount for key, part in mirrored.items()} == {
        key: part.amount for key, part in parts.items()}
    weights_sum = sum(keys.values())
    for key, part in parts.items():
        assert abs(Fraction(part.amount) - Fraction(total) * keys[key] / weights_sum) < CENT
        explanation = explain_portion(
            part, total, weights_sum, CENT, start='2026-04-01', end='2026-06-30')
        assert recompute(explanation) == part.amount
        assert str(period_of(explanation)[1]) == '2026-06-30'


@given(totals, st.lists(st.integers(1, 400), min_size=1))
def test_payers_of_a_part_add_up(total, days):
    """ Of a credit as of a cost. """
    parts = split_by_days(total, days, CENT)
    assert sum(parts) == total
    assert all(part * total >= 0 for part in parts)
