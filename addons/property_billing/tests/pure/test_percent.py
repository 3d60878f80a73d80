""" A fee that is a percentage of others. """
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ...tools.charging import BY_DAYS, NoRateError, Quantity, Rate, Relief, explain
from ...tools.percent import percent_rates
from ...tools.periods import NATURAL, Season
from ...tools.planning import ADVANCE, Subject, Terms

CENT = Decimal('0.01')
START = date(2026, 1, 1)
FIVE = [Rate(9, START, None, Decimal(5))]


def subject(rates, quantity='94.56', start=START, end=None, reliefs=(), season=None):
    terms = Terms(
        cycle_months=1, split=NATURAL, timing=ADVANCE, charge_per_cycle=False, proration=BY_DAYS,
        basis='area', rounding=CENT, rates=rates, season=season)
    return Subject(terms, [Quantity(Decimal(quantity))], start, end, [], reliefs)


def price(amount, start=START, end=None):
    return Rate(1, start, end, Decimal(amount))


def charge(rates, start, end):
    return explain(
        start, end, anchor=START, split=NATURAL, proration=BY_DAYS, rates=rates, basis='percent',
        quantities=[Quantity(Decimal(1))], rounding=CENT)


def test_waste_as_five_percent_of_the_property_fee():
    """ 94.56 × 1.3 × 5 % = 6.1464; the explanation stands alone. """
    [rate] = percent_rates([subject([price('1.3')])], FIVE)
    explanation = charge([rate], date(2026, 3, 1), date(2026, 4, 1))
    assert explanation['amount'] == '6.15'
    assert explanation['parts'][0]['note'] == '122.928 × 5 %'
    assert explanation['parts'][0]['version'] == 9


def test_of_two_fees_together():
    """ 5 % of 122.928 + 50 = 8.6464. """
    bases = [subject([price('1.3')]), subject([price('50')], '1')]
    assert [rate.price for rate in percent_rates(bases, FIVE)] == [Decimal('8.6464')]


def test_what_changes_the_base_changes_the_percentage():
    """ A price of 1.5 and a relief of 70 %, both from 16 March. """
    relief = Relief(1, date(2026, 3, 16), None, Decimal('0.7'), "Vacant")
    rates = percent_rates([subject([
        price('1.3', end=date(2026, 3, 16)), price('1.5', date(2026, 3, 16)),
    ], '100', reliefs=[relief])], FIVE)
    assert [(str(rate.start), rate.price) for rate in rates] == [
        ('2026-01-01', Decimal('6.5')), ('2026-03-16', Decimal('5.25'))]


def test_another_percentage_from_a_day():
    rates = percent_rates([subject([price('1')], '100')], [
        Rate(9, START, date(2026, 2, 1), Decimal(5)), Rate(10, date(2026, 2, 1), None, Decimal(6))])
    assert [(rate.version_id, rate.price) for rate in rates] == [(9, 5), (10, 6)]


def test_a_border_that_changes_nothing_cuts_nothing():
    [rate] = percent_rates([subject([
        price('1.3', end=date(2026, 3, 16)), price('1.3', date(2026, 3, 16))])], FIVE)
    assert (rate.start, rate.end) == (START, None)


def test_a_base_that_ends_adds_nothing_afterwards():
    """ 10 of 31 days of 6.1464 = 1.98. """
    rates = percent_rates([subject([price('1.3')], end=date(2026, 3, 11))], FIVE)
    assert charge(rates, date(2026, 3, 1), date(2026, 4, 1))['amount'] == '1.98'


def test_a_base_without_price_leaves_the_percentage_without_one():
    """ The day is named, as it would be for the base. """
    rates = percent_rates([subject([price('1.3', end=date(2026, 3, 11))])], FIVE)
    with pytest.raises(NoRateError) as caught:
        charge(rates, date(2026, 3, 1), date(2026, 4, 1))
    assert caught.value.day == date(2026, 3, 11)


def test_a_season_has_no_price_per_month():
    with pytest.raises(ValueError, match='by season'):
        percent_rates([subject([price('24')], season=Season((11, 15), (3, 15)))], FIVE)


@given(
    st.lists(st.decimals(0, 100, places=6), min_size=1, max_size=4),
    st.lists(st.integers(1, 60), min_size=4, max_size=4),
    st.decimals(0, 100, places=2), st.decimals(1, 999, places=2))
def test_a_percentage_of_the_parts_is_that_of_the_whole(prices, lengths, percent, quantity):
    """ As long as nothing is rounded, whatever changes when. """
    days = [START]
    for length in lengths:
        days.append(days[-1] + timedelta(days=length))
    rates = [
        price(amount, start, end)
        for amount, start, end in zip(
            prices, days, [*days[1:len(prices)], None], strict=False)
    ]
    base = subject(rates, quantity)
    for rate in percent_rates([base], [Rate(9, START, None, percent)]):
        last = rate.end - timedelta(days=1) if rate.end else days[-1]
        for day in (rate.start, last):
            [found] = [one.price for one in rates if one.covers(day)]
            assert rate.price == found * quantity * percent / 100
