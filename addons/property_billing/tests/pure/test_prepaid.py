""" Units sold before they are used. """
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ...tools.charging import Component, Rate, Relief
from ...tools.explanation import recompute
from ...tools.prepaid import FREE, HOURS, MONTHS, UNIT, UnitPriceError, explain_sale, unit_prices
from ...tools.tiers import Account, Allowance, Tier, divide

DAY = date(2026, 3, 10)
POWER = {'id': 7, 'number': 'E-0101', 'unit': 'kWh'}


def rate(price, tiers=(), **values):
    return Rate(
        1, date(2020, 1, 1), None, Decimal(price),
        tiers=tuple(Tier(Decimal(above), Decimal(cost)) for above, cost in tiers), **values)


def sell(amount, price, before='0', **values):
    return explain_sale(
        Decimal(amount), DAY, price, before=Decimal(before), since=date(2026, 1, 1),
        account=Account(), **POWER, **values)


def test_at_one_price():
    """[B52] 50.00 at 0.60: 83.33 kWh; all that was paid is charged. """
    explanation = sell('50', rate('0.6'))
    assert explanation['sale'] == {
        **POWER, 'day': '2026-03-10', 'units': '83.33', 'paid': '50.00',
        'lines': [{'units': '83.33', 'price': '0.6'}]}
    assert (explanation['unrounded'], explanation['amount']) == ('50', '50.00')
    assert recompute(explanation) == 50


def test_over_a_limit():
    """[B52] 2,140 of 2,160 are bought: 20 × 0.4883 = 9.766, and 90.234 ÷ 0.5383 = 167.62. """
    sale = sell('100', rate('0.4883', [('2160', '0.5383')]), '2140')['sale']
    assert sale['units'] == '187.62'
    assert [(line['units'], line['tier']) for line in sale['lines']] == [('20', 1), ('167.62', 2)]
    assert (sale['since'], sale['before'], sale['limits']) == ('2026-01-01', '2140', ['2160'])


def test_a_household_with_an_allowance():
    """ 5 persons of a standard of 4: from April on is not in March; from March on it is 10/12 of
    30.
    """
    price = rate('5', [('180', '7')], per_person=Decimal(30), standard_persons=4)

    def sale(month):
        return sell('10', price, allowances=[Allowance(date(2026, month, 1), None, 5)])['sale']
    assert (sale(4)['limits'], sale(3)['limits']) == (['180'], ['205'])
    assert 'allowance' not in sale(4)
    assert (sale(3)['allowance'], sale(3)['standard'], sale(3)['homes']) == (
        '25', 4, [{'persons': 5, 'months': 10}])


def test_what_else_a_unit_costs():
    """ A fee per unit is part of its price, in every tier; a relief is one of it. """
    price = rate(
        '2.5', [('180', '3.5')], components=(Component(Decimal('0.5'), Decimal(1), 'use'),))
    assert unit_prices(price) == [3, 4]
    relief = Relief(1, DAY, None, Decimal('0.5'), "Hardship")
    assert unit_prices(price, relief) == [Decimal('1.5'), 2]


@pytest.mark.parametrize(('price', 'reason'), [
    (rate('0.6', surcharge=Decimal(10)), MONTHS),
    (rate('0.6', components=(Component(Decimal(10), Decimal(1), 'fixed'),)), MONTHS),
    (rate('0', components=(Component(Decimal('0.5'), Decimal(1), 'use', register='peak'),)), HOURS),
    (rate('0', [('10', '5')]), FREE),
])
def test_prices_that_are_not_of_a_unit(price, reason):
    with pytest.raises(UnitPriceError) as caught:
        unit_prices(price)
    assert caught.value.args == (reason,)


def test_units_that_were_not_paid_for():
    """ An explanation that somebody has changed is found. """
    explanation = sell('50', rate('0.6'))
    explanation['sale']['lines'][0]['units'] = '84'
    with pytest.raises(ValueError, match="cost more"):
        recompute(explanation)


cents = st.integers(1, 1_000_000).map(lambda amount: Decimal(amount).scaleb(-2))
prices = st.integers(1, 90_000).map(lambda price: Decimal(price).scaleb(-4))


@given(cents, st.lists(prices, min_size=1, max_size=4).map(sorted), st.integers(0, 1000))
def test_a_sale_gives_what_was_paid_for_and_no_hundredth_more(amount, costs, before):
    tiers = [(str(100 * place), str(cost)) for place, cost in enumerate(costs[1:], 1)]
    explanation = sell(str(amount), rate(str(costs[0]), tiers), str(before))
    units = Decimal(explanation['sale']['units'])
    assert recompute(explanation) == amount
    cost = sum(
        Fraction(costs[tier]) * Fraction(part)
        for tier, part in divide(
            Decimal(before), units + UNIT, [Decimal(above) for above, _cost in tiers]))
    assert cost > amount
    assert sum(Decimal(line['units']) for line in explanation['sale']['lines']) == units
