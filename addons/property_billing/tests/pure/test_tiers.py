""" Prices that rise with use. """
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ...tools.tiers import MONTH, Account, Allowance, Tier, divide, limits, units_for

YEAR_TIERS = [Tier(Decimal(180), Decimal(7)), Tier(Decimal(260), Decimal(9))]
NOTHING = Fraction()


def test_the_year_of_a_tariff():
    """ It may begin on any day; a year that begins on 1 July. """
    july = Account(starts=(7, 1))
    assert july.period_on(date(2026, 6, 30)) == (date(2025, 7, 1), date(2026, 7, 1))
    assert july.period_on(date(2026, 7, 1)) == (date(2026, 7, 1), date(2027, 7, 1))
    assert Account(MONTH).period_on(date(2026, 2, 28)) == (date(2026, 2, 1), date(2026, 3, 1))
    with pytest.raises(ValueError, match='day'):
        Account(starts=(2, 29))


def test_a_limit_costs_what_is_below_it():
    """ [decision 17] 180 is still the lowest tier. """
    upper = limits(YEAR_TIERS, NOTHING)
    assert divide(NOTHING, Fraction(180), upper) == [(0, 180)]
    assert divide(NOTHING, Fraction(181), upper) == [(0, 180), (1, 1)]
    assert divide(Fraction(190), Fraction(80), upper) == [(1, 70), (2, 10)]
    assert divide(Fraction(300), Fraction(30), upper) == [(2, 30)]
    assert divide(Fraction(90), NOTHING, upper) == []


def test_a_home_of_many():
    """ [decision 17] 5 persons of a standard of 4 and 30 m³ a year, from April: 1 × 9/12 × 30 =
    22.5; not before.
    """
    allowances = [Allowance(date(2026, 4, 1), None, 5)]
    account, person = Account(), Decimal(30)
    assert account.allowance_on(date(2026, 3, 31), allowances, person, 4) == 0
    assert account.allowance_on(date(2026, 6, 30), allowances, person, 4) == Fraction(45, 2)
    assert account.allowance_on(date(2027, 1, 31), allowances, person, 4) == 30
    assert limits(YEAR_TIERS, Fraction(45, 2)) == [Fraction(405, 2), Fraction(565, 2)]
    ended = [Allowance(date(2026, 4, 1), date(2026, 7, 1), 6)]
    assert account.allowance_on(date(2026, 12, 31), ended, person, 4) == 15
    monthly = Account(MONTH)
    assert monthly.allowance_on(date(2026, 4, 30), allowances, person, 4) == 30


def test_a_home_within_the_standard():
    """ 5 persons where 5 are the standard, and 3 who never take anything off: each home counts
    for itself, 6 persons for 3 months: 1 × 3/12 × 30.
    """
    account, day = Account(), date(2026, 12, 31)
    homes = [
        Allowance(date(2026, 1, 1), date(2026, 4, 1), 3),
        Allowance(date(2026, 4, 1), date(2026, 10, 1), 5),
        Allowance(date(2026, 10, 1), None, 6)]
    assert account.homes_on(day, homes, 5) == [(6, 3)]
    assert account.allowance_on(day, homes, Decimal(30), 5) == Fraction(15, 2)


def test_units_for_money():
    """ [B52] 50.00 at 0.60: 83.33. Of 100.00, 20 are left below 2,160 at 0.4883, which is 9.766;
    90.234 buy 167.62 at 0.5383.
    """
    unit = Decimal('0.01')
    assert units_for(Decimal(50), [Decimal('0.6')], NOTHING, [], unit) == Decimal('83.33')
    prices = [Decimal('0.4883'), Decimal('0.5383')]
    assert units_for(Decimal(100), prices, Fraction(2140), [Fraction(2160)], unit) == \
        Decimal('187.62')
    with pytest.raises(ValueError, match='cost nothing'):
        units_for(Decimal(50), [Decimal(0)], NOTHING, [], unit)


uses = st.integers(0, 500_000).map(lambda litres: Fraction(litres, 1000))
steps = st.lists(st.integers(1, 400), unique=True, min_size=1, max_size=5).map(sorted)


@given(uses, uses, steps)
def test_tiers_lose_nothing(before, use, upper):
    assert sum(part for _tier, part in divide(before, use, upper)) == use


def cost(before, use, upper, prices):
    return sum(part * prices[tier] for tier, part in divide(before, use, upper))


@given(uses, st.lists(uses, max_size=6), steps)
def test_one_reading_or_many(before, parts, upper):
    """ The cost of use is that of its parts one after the other, and grows with use. """
    prices = range(1, len(upper) + 2)
    whole, so_far = cost(before, sum(parts, NOTHING), upper, prices), before
    added = NOTHING
    for part in parts:
        added += cost(so_far, part, upper, prices)
        so_far += part
    assert added == whole
    assert whole >= sum(parts, NOTHING)


@given(steps, st.integers(1, 1000))
def test_no_jump_at_a_limit(upper, thousandths):
    """ A little more than a limit costs little more than the limit. """
    prices, more = range(1, len(upper) + 2), Fraction(thousandths, 1000)
    for tier, limit in enumerate(upper):
        at_limit = cost(NOTHING, Fraction(limit), upper, prices)
        little = min([more, *(Fraction(other - limit) for other in upper if other > limit)])
        assert cost(NOTHING, limit + little, upper, prices) - at_limit == little * prices[tier + 1]


@given(st.decimals(1, 5000, places=2), uses, steps)
def test_money_buys_no_unit_too_many(amount, before, upper):
    prices = [Decimal(number) / 2 for number in range(1, len(upper) + 2)]
    unit = Decimal('0.01')
    units = units_for(amount, prices, before, upper, unit)

    def price(count):
        return sum(part * Fraction(prices[tier]) for tier, part in divide(
            before, Fraction(count), upper))
    assert price(units) <= amount < price(units + unit)
