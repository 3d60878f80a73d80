""" What a posted period would cost now, against what it was charged. """
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ...tools.charging import BY_DAYS, NoQuantityError, Quantity, Rate, Relief
from ...tools.correction import compare, explain_correction
from ...tools.explanation import recompute
from ...tools.periods import NATURAL
from ...tools.planning import ADVANCE, Payer, Subject, Terms, plan_period

CENT = Decimal('0.01')
START = date(2026, 1, 1)
MONTHS = [(date(2026, month, 1), date(2026, month + 1, 1)) for month in range(1, 4)]
OWNER, NEW_OWNER = 1, 2
OWNED = [Payer(OWNER, ())]


def plan(quantities, payers=OWNED, periods=MONTHS, reliefs=()):
    """ January to March at 1.3 per m². """
    terms = Terms(
        cycle_months=1, split=NATURAL, timing=ADVANCE, charge_per_cycle=False, proration=BY_DAYS,
        basis='area', rounding=CENT, rates=[Rate(1, START, None, Decimal('1.3'))])
    subject = Subject(terms, quantities, START, None, payers, reliefs)
    return [charge for start, end in periods for charge in plan_period(subject, start, end)]


def area(before, now):
    """ Another area from 15 February on. """
    return [
        Quantity(Decimal(before), None, date(2026, 2, 15)),
        Quantity(Decimal(now), date(2026, 2, 15)),
    ]


def amounts(before, planned):
    return [(found.partner_id, found.amount) for found in compare(before, planned)]


def test_a_larger_area_makes_one_supplementary_charge():
    """ January stays; 0.49 for February and 0.97 for March: 1.46. """
    before = {OWNER: 3 * Decimal('122.93')}
    [difference] = compare(before, plan(area('94.56', '95.31')))
    assert difference.amount == Decimal('1.46')
    explanation = explain_correction(difference, [11, 12, 13], CENT)
    assert explanation['amount'] == '1.46'
    assert explanation['correction']['of'] == [11, 12, 13]
    assert [now['amount'] for now in explanation['correction']['now']] == [
        '122.93', '123.42', '123.90']
    assert recompute(explanation) == Decimal('1.46')


def test_a_smaller_area_makes_credits():
    """ 0.48 for February and 0.97 for March. """
    planned = plan(area('95.31', '94.56'))
    posted = Decimal('123.90')
    assert [amounts({OWNER: posted}, [charge]) for charge in planned] == [
        [], [(OWNER, Decimal('-0.48'))], [(OWNER, Decimal('-0.97'))]]


def test_a_new_owner_inside_a_posted_month():
    """ Decision 4: 63.45 is credited to the old owner and charged to the new one. """
    payers = [
        Payer(OWNER, (), None, date(2026, 3, 16)), Payer(NEW_OWNER, (), date(2026, 3, 16))]
    planned = plan([Quantity(Decimal('94.56'))], payers, MONTHS[2:])
    assert amounts({OWNER: Decimal('122.93')}, planned) == [
        (OWNER, Decimal('-63.45')), (NEW_OWNER, Decimal('63.45'))]


def test_who_pays_nothing_any_more_is_credited_all():
    planned = plan([Quantity(Decimal('94.56'))], [Payer(NEW_OWNER, ())], MONTHS[2:])
    assert amounts({OWNER: Decimal('122.93')}, planned) == [
        (OWNER, Decimal('-122.93')), (NEW_OWNER, Decimal('122.93'))]


def test_a_relief_granted_late():
    """ 70 % from 16 March: 103.89 instead of 122.93. """
    relief = Relief(1, date(2026, 3, 16), None, Decimal('0.7'), "Vacant")
    planned = plan([Quantity(Decimal('94.56'))], periods=MONTHS[2:], reliefs=[relief])
    assert amounts({OWNER: Decimal('122.93')}, planned) == [(OWNER, Decimal('-19.04'))]


def test_what_lacks_now_is_no_reason_to_credit():
    with pytest.raises(NoQuantityError):
        compare({OWNER: Decimal('122.93')}, plan(area('94.56', '95.31')[:1]))


areas = st.decimals(Decimal('0.01'), 999, places=2)
days = st.dates(START, date(2026, 3, 31))


@given(areas, areas, days, st.dictionaries(
    st.integers(1, 3), st.decimals(-100, 1000, places=2), max_size=3))
def test_after_a_correction_there_is_nothing_to_correct(old, new, day, before):
    planned = plan(area(old, new), [Payer(OWNER, (), None, day), Payer(NEW_OWNER, (), day)])
    differences = compare(before, planned)
    assert sum(found.amount for found in differences) == (
        sum(charge.amount for charge in planned) - sum(before.values()))
    for found in differences:
        assert recompute(explain_correction(found, [1], CENT)) == found.amount
        before[found.partner_id] = before.get(found.partner_id, 0) + found.amount
    assert compare(before, planned) == []
