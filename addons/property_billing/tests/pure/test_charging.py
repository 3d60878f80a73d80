""" What a charge costs: figures of the trade by hand, and what must hold for all of them. """
import json
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ...tools.charging import (
    BY_DAYS,
    BY_THIRTY,
    WHOLE,
    Component,
    NoQuantityError,
    NoRateError,
    Quantity,
    Rate,
    Relief,
    explain,
    months_charged,
    price_on,
    price_parts,
    round_half_up,
)
from ...tools.explanation import (
    explain_once,
    is_free,
    recompute,
    share_explanation,
    split_by_days,
)
from ...tools.periods import ANCHORED, NATURAL, Season, cycle_at
from ...tools.rounding import EXACT

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
        quantities=[Quantity(Decimal(quantity))], **options)


def month(start, end, rates, quantities, reliefs=(), proration=BY_DAYS, **options):
    """ The charge of days of calendar months, as the trade usually has it. """
    return explain(
        start, end, anchor=start, split=NATURAL, proration=proration, rates=rates, basis='area',
        quantities=quantities, rounding=CENT, reliefs=reliefs, **options)


FLAT = [Quantity(Decimal('94.56'))]
HEATING = Season((11, 15), (3, 15))
VACANT = Relief(5, date(2026, 3, 16), None, Decimal('0.7'), "Vacant since 16 March")


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
        proration=BY_DAYS, rates=rates, basis='area',
        quantities=[Quantity(Decimal(100))], rounding=CENT)
    assert explanation['amount'] == '250.00'
    assert [part['version'] for part in explanation['parts']] == [1, 2]


def test_a_price_that_changes_on_the_first_of_a_month():
    """ A quarter at 2, 2 and 3: whole months of one price are one part, and only of one. """
    explanation = month(date(2024, 4, 1), date(2024, 7, 1), [
        open_rate('2', end=date(2024, 6, 1)),
        open_rate('3', start=date(2024, 6, 1), version_id=2),
    ], [Quantity(Decimal(100))])
    assert [
        (part['start'], part['end'], part['months'], part['version'])
        for part in explanation['parts']
    ] == [('2024-04-01', '2024-05-31', '2', 1), ('2024-06-01', '2024-06-30', '1', 2)]
    assert explanation['amount'] == '700.00'


def test_a_day_without_price_is_named():
    with pytest.raises(NoRateError) as caught:
        explain(
            date(2024, 4, 1), date(2024, 5, 1), anchor=date(2024, 4, 1), split=NATURAL,
            proration=BY_DAYS, rates=[open_rate('2', end=date(2024, 4, 16))], basis='area',
            quantities=[Quantity(Decimal(100))], rounding=CENT)
    assert caught.value.day == date(2024, 4, 16)


def test_components_add_up():
    """[B01] 94.56 × 1.3 + 20 + usable 80.10 × 0.5 + one household × 8 = 190.978. """
    rate = Rate(1, date(2020, 1, 1), None, Decimal('1.3'), Decimal(20), (
        Component(Decimal('0.5'), Decimal('80.10'), 'usable_area', "Lift"),
        Component(Decimal(8), Decimal(1), 'household'),
    ))
    explanation = month(date(2026, 3, 1), date(2026, 4, 1), [rate], FLAT)
    assert (explanation['unrounded'], explanation['amount']) == ('190.978', '190.98')
    assert explanation['parts'][0]['components'] == [
        {'basis': 'usable_area', 'price': '0.5', 'quantity': '80.10', 'note': "Lift"},
        {'basis': 'household', 'price': '8', 'quantity': '1', 'note': ''},
    ]


@pytest.mark.parametrize(('start', 'area', 'amount'), [
    (date(2026, 4, 1), '30', '50.00'),  # 39.00 is below 50
    (date(2026, 4, 21), '30', '16.67'),  # 10 of 30 days of 50, not the most of 13.00 and 50
    (date(2026, 4, 1), '60', '78.00'),
    (date(2026, 4, 1), '94.56', '100.00'),  # 122.93 is above 100
    (date(2026, 4, 16), '94.56', '50.00'),  # 15 of 30 days of 100
])
def test_a_minimum_and_a_maximum_are_of_the_month(start, area, amount):
    """ Before proration: part of a month costs its part of the minimum. """
    rate = Rate(
        1, date(2020, 1, 1), None, Decimal('1.3'), minimum=Decimal(50), maximum=Decimal(100))
    explanation = month(start, date(2026, 5, 1), [rate], [Quantity(Decimal(area))])
    assert explanation['amount'] == amount
    assert (explanation['parts'][0]['min'], explanation['parts'][0]['max']) == ('50', '100')


def test_a_maximum_below_the_minimum_is_refused():
    with pytest.raises(ValueError, match='the maximum 40 is below the minimum 50'):
        Rate(1, date(2020, 1, 1), None, Decimal(1), minimum=Decimal(50), maximum=Decimal(40))


AREAS = [
    Quantity(Decimal('94.56'), None, date(2026, 2, 15), 'contract'),
    Quantity(Decimal('95.31'), date(2026, 2, 15), None, 'measured'),
]


@pytest.mark.parametrize(('start', 'end', 'amount'), [
    (date(2026, 1, 1), date(2026, 2, 1), '122.93'),
    (date(2026, 2, 1), date(2026, 3, 1), '123.42'),  # 14 of 28 days each: 61.464 + 61.9515
    (date(2026, 3, 1), date(2026, 4, 1), '123.90'),
])
def test_a_new_area_counts_from_its_day(start, end, amount):
    assert month(start, end, [open_rate('1.3')], AREAS)['amount'] == amount


def test_a_part_says_its_area_where_it_is_another():
    explanation = month(date(2026, 2, 1), date(2026, 3, 1), [open_rate('1.3')], AREAS)
    assert (explanation['quantity'], explanation['kind']) == ('94.56', 'contract')
    old, new = explanation['parts']
    assert 'quantity' not in old
    assert (new['start'], new['quantity'], new['kind']) == ('2026-02-15', '95.31', 'measured')


def test_a_day_without_area_is_named():
    with pytest.raises(NoQuantityError, match='no quantity on 2026-02-15') as caught:
        month(date(2026, 2, 1), date(2026, 3, 1), [open_rate('1.3')], AREAS[:1])
    assert caught.value.day == date(2026, 2, 15)


@pytest.mark.parametrize(('start', 'end', 'amount'), [
    (date(2026, 3, 1), date(2026, 4, 1), '103.89'),  # 122.928 × (15 + 16 × 0.7) / 31
    (date(2026, 4, 1), date(2026, 5, 1), '86.05'),
])
def test_a_vacant_flat_pays_less_from_its_day(start, end, amount):
    explanation = month(start, end, [open_rate('1.3')], FLAT, [VACANT])
    assert explanation['amount'] == amount
    assert explanation['parts'][-1]['relief'] == {
        'id': 5, 'payable': '0.7', 'ground': "Vacant since 16 March"}
    assert ('relief' in explanation['parts'][0]) == (start >= VACANT.start)


def test_of_two_reliefs_the_lower_counts():
    """ They do not multiply: 80 % in March, 70 % from the 16th on, never 56 %. """
    other = Relief(6, date(2026, 3, 1), date(2026, 4, 1), Decimal('0.8'), "Works at the lift")
    explanation = month(
        date(2026, 3, 1), date(2026, 5, 1), [open_rate('100')], [Quantity(Decimal(1))],
        [VACANT, other])
    assert [(part['relief']['id'], part['months']) for part in explanation['parts']] == [
        (6, '15/31'), (5, '16/31'), (5, '1')]
    assert explanation['amount'] == '144.84'  # 80 × 15/31 + 70 × 16/31 + 70


def test_a_free_start_of_a_lease():
    """[A38] The first 15 days are free: nothing in March, 18 of 30 days in April. """
    free = Relief(1, date(2016, 3, 29), date(2016, 4, 13), Decimal(0), "15 days to move in")
    rent = [Rate(None, date(2016, 3, 29), None, Decimal(3000))]
    one = [Quantity(Decimal(1))]
    march = month(date(2016, 3, 29), date(2016, 4, 1), rent, one, [free])
    april = month(date(2016, 4, 1), date(2016, 5, 1), rent, one, [free])
    assert (march['amount'], is_free(march)) == ('0.00', True)
    assert (april['amount'], is_free(april)) == ('1800.00', False)
    assert april['parts'][0]['version'] is None


@pytest.mark.parametrize('payable', ['-0.1', '1.01'])
def test_what_is_payable_is_a_part_of_the_price(payable):
    with pytest.raises(ValueError, match='a part of the price'):
        Relief(1, date(2026, 1, 1), None, Decimal(payable), "Vacant")


@pytest.mark.parametrize(('start', 'end', 'reliefs', 'amount'), [
    (date(2026, 11, 15), date(2027, 3, 16), [], '2269.44'),  # 121 days of 94.56 × 24
    (date(2027, 11, 15), date(2028, 3, 16), [], '2269.44'),  # 122 days: no more
    (date(2026, 11, 15), date(2027, 3, 16), [
        Relief(1, date(2026, 11, 1), date(2027, 4, 1), Decimal('0.3'), "Use stopped")], '680.83'),
    (date(2027, 1, 10), date(2027, 3, 16), [], '1219.12'),  # 65 of 121 days
])
def test_heating_is_priced_by_season(start, end, reliefs, amount):
    for proration in (BY_DAYS, BY_THIRTY):
        explanation = month(
            start, end, [open_rate('24')], FLAT, reliefs, proration, season=HEATING)
        assert explanation['amount'] == amount
        assert explanation['season'] == '11-15~03-15'


def test_seasons_of_several_years_add_up():
    explanation = month(
        date(2026, 11, 15), date(2028, 3, 16), [open_rate('24')], FLAT, season=HEATING)
    assert [part['months'] for part in explanation['parts']] == ['2']
    assert explanation['amount'] == '4538.88'


def test_a_price_of_sixty_decimals_loses_none():
    """ 100 × 1.05^30 has 60 decimals; half a cent more or less would be seen. """
    price = EXACT.scaleb(EXACT.create_decimal(105 ** 30), -58)
    explanation = month(
        date(2026, 3, 1), date(2026, 4, 1), [Rate(None, date(2020, 1, 1), None, price)],
        [Quantity(Decimal(1))])
    assert explanation['unrounded'] == format(price, 'f')
    assert explanation['amount'] == '432.19'
    assert recompute(explanation) == Decimal('432.19')


def test_the_price_of_a_day():
    """ 70 % of 94.56 × 1.3 = 122.928. """
    assert price_on(VACANT.start, [open_rate('1.3')], FLAT, [VACANT]) == Decimal('86.0496')


def test_a_fee_that_comes_once():
    """[B16] Three keys at 33.335: 100.005, rounded up. """
    explanation = explain_once(Decimal(3), Decimal('33.335'), CENT, "Keys")
    assert (explanation['unrounded'], explanation['amount']) == ('100.005', '100.01')


@pytest.mark.parametrize('explanation', [{}, {'counter': {}}, {'history': {}}])
def test_an_unknown_explanation_is_an_error_never_zero(explanation):
    with pytest.raises(KeyError, match='unknown shape'):
        recompute({**explanation, 'rounding': '0.01'})


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


offsets = st.integers(-30, 900).map(lambda count: timedelta(days=count))


@st.composite
def cases(draw):
    """ A period with prices, quantities and reliefs that change in it anywhere. """
    start = draw(days)
    borders = sorted({start + offset for offset in draw(st.lists(offsets, max_size=3))})
    stretches = list(pairwise((None, *borders, None)))
    rates = [
        Rate(
            number, first or date(1990, 1, 1), last, draw(money), draw(money),
            tuple(draw(st.lists(st.builds(Component, money, areas, st.just('fixed')), max_size=2))),
            *draw(st.sampled_from([(Decimal(), None), (Decimal(50), Decimal('999.99'))])))
        for number, (first, last) in enumerate(stretches, 1)
    ]
    quantities = [Quantity(draw(areas), first, last) for first, last in stretches]
    reliefs = [
        Relief(number, start + offset, draw(st.sampled_from([None, start + offset + length])),
               draw(st.decimals(0, 1, places=2)), "Vacant")
        for number, (offset, length) in enumerate(
            draw(st.lists(st.tuples(offsets, lengths), max_size=3)))
    ]
    season = draw(st.sampled_from([None, None, HEATING]))
    end = start + draw(lengths)
    if season:
        start, end = next(season.windows(start, date(2100, 1, 1)))
    return start, end, {
        'anchor': start - draw(lengths), 'split': draw(splits), 'proration': draw(prorations),
        'rates': rates, 'quantities': quantities, 'reliefs': reliefs, 'season': season,
    }


@given(cases(), units)
def test_whatever_applies_the_explanation_gives_its_amount_again(case, unit):
    start, end, options = case
    explanation = explain(start, end, basis='area', rounding=unit, **options)
    assert recompute(explanation) == Decimal(explanation['amount'])
    stored = json.loads(json.dumps(explanation))
    assert recompute(stored) == Decimal(stored['amount'])


@given(cases())
def test_whatever_applies_parts_tile_and_add_up_to_the_months(case):
    start, end, options = case
    parts = price_parts(start, end, **options)
    assert (parts[0].start, parts[-1].end) == (start, end)
    assert all(one.end == other.start for one, other in pairwise(parts))
    assert sum(part.factor for part in parts) == months_charged(
        options['anchor'], options['split'], options['proration'], start, end, options['season'])


@given(cases())
def test_a_part_has_what_is_in_force_on_each_of_its_days(case):
    start, end, options = case
    for part in price_parts(start, end, **options):
        for day in (part.start, part.end - timedelta(days=1)):
            assert part.rate.covers(day)
            assert part.quantity.covers(day)
            reliefs = [relief for relief in options['reliefs'] if relief.covers(day)]
            lowest = min((relief.payable for relief in reliefs), default=None)
            assert (part.relief.payable if part.relief else None) == lowest


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
        start, start + length, anchor, split, proration, [open_rate('1')],
        [Quantity(Decimal(1))])
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
        'quantities': [Quantity(Decimal(100))], 'rounding': CENT,
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
