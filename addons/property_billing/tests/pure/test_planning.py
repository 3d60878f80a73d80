""" Which periods are due and who pays them. """
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ...tools.charging import BY_DAYS, BY_THIRTY, WHOLE, NoQuantityError, Quantity, Rate
from ...tools.periods import ANCHORED, NATURAL, Season
from ...tools.planning import (
    ADVANCE,
    ARREARS,
    DUE_AFTER_BILL,
    DUE_AFTER_START,
    DUE_DAY_OF_MONTH,
    Payer,
    Subject,
    Terms,
    due_date,
    due_periods,
    gaps,
    payer_segments,
    plan_period,
)

ONE_DAY = timedelta(days=1)
FIRST = date(2010, 1, 1)
days = st.integers(0, 3000).map(lambda count: FIRST + timedelta(days=count))
lengths = st.integers(1, 700).map(lambda count: timedelta(days=count))


@st.composite
def intervals(draw):
    start = draw(days)
    return start, start + draw(lengths)


@st.composite
def coverings(draw):
    """ Sorted intervals that do not touch, as PostgreSQL adds ranges up. """
    borders = sorted(set(draw(st.lists(days, max_size=10))))
    return list(zip(borders[::2], borders[1::2], strict=False))


def subject(start, end=None, payers=(), quantity='100', reliefs=(), **terms):
    terms = {
        'cycle_months': 1, 'split': NATURAL, 'timing': ADVANCE, 'charge_per_cycle': False,
        'proration': BY_DAYS, 'basis': 'area', 'rounding': Decimal('0.01'),
        'rates': [Rate(1, date(1990, 1, 1), None, Decimal(1))], **terms,
    }
    return Subject(Terms(**terms), [Quantity(Decimal(quantity))], start, end, list(payers), reliefs)


subjects = st.builds(
    lambda start, length, is_open, **terms: subject(
        start, None if is_open else start + length, **terms),
    days, lengths, st.booleans(),
    cycle_months=st.sampled_from([1, 2, 3, 5, 6, 12]),
    split=st.sampled_from([NATURAL, ANCHORED]),
    timing=st.sampled_from([ADVANCE, ARREARS]),
    charge_per_cycle=st.booleans(),
    season=st.sampled_from([None, None, Season((11, 15), (3, 15)), Season((6, 1), (9, 30))]),
)


def covers(periods):
    return {
        start + timedelta(days=number)
        for start, end in periods for number in range((end - start).days)
    }


@given(intervals(), coverings())
def test_gaps_are_what_is_not_covered(interval, covered):
    found = list(gaps(*interval, covered))
    assert covers(found) == covers([interval]) - covers(covered)
    assert all(start < end for start, end in found)


@given(subjects, coverings(), days)
def test_no_day_is_charged_twice(case, covered, until):
    periods = list(due_periods(case, None, until, covered))
    assert len(covers(periods)) == sum((end - start).days for start, end in periods)
    assert not covers(periods) & covers(covered)


@given(subjects, days, days)
def test_two_runs_bill_what_one_bills(case, until, later):
    """ What a run bills and what the next one adds is what a single late run bills. """
    until, later = sorted((until, later))
    first = list(due_periods(case, None, until, []))
    covered = first if case.terms.season else [(first[0][0], first[-1][1])] if first else []
    second = list(due_periods(case, None, later, covered))
    assert first + second == list(due_periods(case, None, later, []))


@given(subjects, days, days)
def test_a_start_date_cuts_whole_cycles(case, since, until):
    """ With a start date come exactly the periods that a run without one bills later. """
    before = list(due_periods(case, None, since - ONE_DAY, []))
    whole = list(due_periods(case, None, until, []))
    assert list(due_periods(case, since, until, [])) == whole[len(before):]


@given(subjects, days)
def test_nothing_is_billed_before_its_date(case, until):
    """ In arrears no period ends after the run does; in advance its cycle has begun. """
    for start, end in due_periods(case, None, until, []):
        if case.terms.timing == ARREARS:
            assert end <= until
        elif case.terms.cycle_months == 1 or case.terms.season:
            assert start <= until


payers = st.builds(
    lambda number, interval, is_open, rank: Payer(
        number, (rank, number), interval[0], None if is_open else interval[1]),
    st.integers(1, 5), intervals(), st.booleans(), st.integers(0, 2),
)


@given(intervals(), st.lists(payers, max_size=6))
def test_payers_tile_a_period(interval, candidates):
    segments = payer_segments(*interval, candidates)
    assert segments[0][0] == interval[0]
    assert segments[-1][1] == interval[1]
    for one, other in zip(segments, segments[1:], strict=False):
        assert one[1] == other[0]
        assert one[2] != other[2]
    for start, end, partner_id in segments:
        for day in (start, end - ONE_DAY):
            live = [payer for payer in candidates if payer.covers(day)]
            expected = min(live, key=lambda payer: payer.rank).partner_id if live else None
            assert partner_id == expected


@given(intervals(), st.lists(payers, max_size=6))
def test_payers_share_the_whole_amount(interval, candidates):
    """ Decision 4: whoever pays which part, the parts are the whole. """
    whole = plan_period(subject(FIRST), *interval)
    shared = plan_period(subject(FIRST, payers=candidates), *interval)
    assert sum(charge.amount for charge in shared) == whole[0].amount


def test_without_proration_the_payer_of_the_first_day_pays():
    payers = [Payer(1, (1,), None, date(2024, 4, 11)), Payer(2, (1,), date(2024, 4, 11), None)]
    charges = plan_period(
        subject(FIRST, payers=payers, proration=WHOLE), date(2024, 4, 1), date(2024, 5, 1))
    assert [(charge.partner_id, charge.amount) for charge in charges] == [(1, Decimal('100.00'))]


def test_a_day_without_payer_is_a_part_of_its_own():
    """ Nobody owns the unit from the 11th to the 20th: ten days wait for a payer. """
    payers = [Payer(1, (1,), None, date(2024, 4, 11)), Payer(2, (1,), date(2024, 4, 21), None)]
    charges = plan_period(subject(FIRST, payers=payers), date(2024, 4, 1), date(2024, 5, 1))
    assert [(charge.partner_id, str(charge.amount)) for charge in charges] == [
        (1, '33.33'), (None, '33.33'), (2, '33.34')]


# === FIGURES === #

def bill(case, until=date(2100, 1, 1)):
    """ All charges up to a day, as (first day, last day, payer, amount). """
    return [
        (f'{charge.start:%m-%d}', f'{charge.end - ONE_DAY:%m-%d}', charge.partner_id,
         str(charge.amount))
        for start, end in due_periods(case, None, until, [])
        for charge in plan_period(case, start, end)
    ]


def prices(price, start=date(1990, 1, 1)):
    return [Rate(1, start, None, Decimal(price))]


def lease(price='3000', end=date(2016, 6, 29), quantity='1', **terms):
    """ From 29 March 2016. """
    return subject(date(2016, 3, 29), end, quantity=quantity, rates=prices(price), **terms)


@pytest.mark.parametrize(('split', 'proration', 'expected'), [
    (NATURAL, BY_DAYS, [
        ('03-29', '03-31', '290.32'), ('04-01', '04-30', '3000.00'),
        ('05-01', '05-31', '3000.00'), ('06-01', '06-28', '2800.00')]),
    (NATURAL, BY_THIRTY, [
        ('03-29', '03-31', '300.00'), ('04-01', '04-30', '3000.00'),
        ('05-01', '05-31', '3000.00'), ('06-01', '06-28', '2800.00')]),
    (NATURAL, WHOLE, [
        ('03-29', '03-31', '3000.00'), ('04-01', '04-30', '3000.00'),
        ('05-01', '05-31', '3000.00'), ('06-01', '06-28', '3000.00')]),
    *((ANCHORED, proration, [
        ('03-29', '04-28', '3000.00'), ('04-29', '05-28', '3000.00'),
        ('05-29', '06-28', '3000.00')]) for proration in (BY_DAYS, BY_THIRTY, WHOLE)),
])
def test_a_lease_from_29_march_to_28_june(split, proration, expected):
    """[B18] [B19] [X1] Natural and contract months, to the day. """
    charges = bill(lease(split=split, proration=proration))
    assert [(start, end, amount) for start, end, _payer, amount in charges] == expected


def test_a_contract_month_that_ends_early():
    """ 18 of the 31 days from 29 May to 28 June. """
    charges = bill(lease(end=date(2016, 6, 16), split=ANCHORED))
    assert charges[-1] == ('05-29', '06-15', None, '1741.94')


def test_a_quarter_as_one_charge():
    charges = bill(lease(end=date(2016, 10, 1), cycle_months=3, charge_per_cycle=True))
    assert charges == [
        ('03-29', '03-31', None, '290.32'), ('04-01', '06-30', None, '9000.00'),
        ('07-01', '09-30', None, '9000.00')]


@pytest.mark.parametrize(('price', 'amounts'), [
    ('75', ['627.82', '6487.50', '6487.50']), ('4.5', ['37.67', '389.25', '389.25'])])
def test_rent_and_property_fee_of_a_shop(price, amounts):
    """[B53] 86.50 m² from 29 March. """
    charges = bill(lease(price, date(2016, 6, 1), '86.50'))
    assert [amount for *_rest, amount in charges] == amounts


def owners(day):
    """ Customer 1 until a day, customer 2 from it on. """
    return [Payer(1, (1,), None, day), Payer(2, (1,), day, None)]


def test_a_new_owner_in_the_middle_of_march():
    """ Decision 4: 15 and 16 of 31 days of 122.93. """
    case = subject(
        date(2026, 3, 1), date(2026, 4, 1), owners(date(2026, 3, 16)), '94.56',
        rates=prices('1.3'))
    assert bill(case) == [('03-01', '03-15', 1, '59.48'), ('03-16', '03-31', 2, '63.45')]


def test_three_payers_of_a_month():
    """ Decision 15: the last of 10, 10 and 11 days takes the remainder of 100.00. """
    payers = [
        Payer(1, (1,), None, date(2026, 3, 11)),
        Payer(2, (1,), date(2026, 3, 11), date(2026, 3, 21)), Payer(3, (1,), date(2026, 3, 21)),
    ]
    case = subject(date(2026, 3, 1), date(2026, 4, 1), payers)
    assert [amount for *_rest, amount in bill(case)] == ['32.26', '32.26', '35.48']


def test_a_new_owner_in_the_heating_season():
    """ 56 and 65 of 121 days of 2,269.44; one charge a season, billed on 15 November. """
    case = subject(
        date(2026, 5, 1), date(2027, 5, 1), owners(date(2027, 1, 10)), '94.56',
        rates=prices('24'), season=Season((11, 15), (3, 15)))
    assert bill(case, date(2026, 11, 14)) == []
    assert bill(case, date(2026, 11, 15)) == [
        ('11-15', '01-09', 1, '1050.32'), ('01-10', '03-15', 2, '1219.12')]


def test_a_period_without_area_is_planned_without_an_amount():
    """ It is for a person to look at, never a charge of nothing. """
    case = Subject(
        subject(FIRST).terms, [Quantity(Decimal(100), FIRST, date(2010, 2, 15))], FIRST, None, [])
    [charge] = plan_period(case, date(2010, 2, 1), date(2010, 3, 1))
    assert charge.explanation is None
    assert isinstance(charge.missing, NoQuantityError)
    assert charge.missing.day == date(2010, 2, 15)


@pytest.mark.parametrize(('rule', 'value', 'billed', 'start', 'due'), [
    (DUE_AFTER_BILL, 30, date(2026, 1, 1), date(2026, 1, 1), date(2026, 1, 31)),
    (DUE_AFTER_BILL, 0, date(2026, 1, 1), date(2025, 12, 1), date(2026, 1, 1)),
    (DUE_AFTER_START, 9, date(2026, 1, 1), date(2026, 2, 1), date(2026, 2, 10)),
    (DUE_AFTER_START, -5, date(2026, 1, 1), date(2026, 2, 1), date(2026, 1, 27)),
    (DUE_AFTER_START, -5, date(2026, 1, 30), date(2026, 2, 1), date(2026, 1, 30)),
    (DUE_DAY_OF_MONTH, 15, date(2026, 1, 10), date(2026, 1, 1), date(2026, 1, 15)),
    (DUE_DAY_OF_MONTH, 15, date(2026, 1, 15), date(2026, 1, 1), date(2026, 1, 15)),
    (DUE_DAY_OF_MONTH, 15, date(2026, 1, 16), date(2026, 1, 1), date(2026, 2, 15)),
    (DUE_DAY_OF_MONTH, 31, date(2026, 2, 10), date(2026, 2, 1), date(2026, 2, 28)),
    (DUE_DAY_OF_MONTH, 30, date(2026, 1, 31), date(2026, 1, 1), date(2026, 2, 28)),
    (DUE_DAY_OF_MONTH, 5, date(2026, 12, 6), date(2026, 12, 1), date(2027, 1, 5)),
])
def test_when_a_charge_is_to_be_paid(rule, value, billed, start, due):
    assert due_date(rule, value, billed, start) == due


@given(
    st.sampled_from([DUE_AFTER_BILL, DUE_AFTER_START, DUE_DAY_OF_MONTH]), st.integers(1, 31),
    days, days)
def test_nothing_is_to_be_paid_before_its_bill(rule, value, billed, start):
    assert due_date(rule, value, billed, start) >= billed


def test_an_unknown_due_rule_is_refused():
    with pytest.raises(ValueError, match='an unknown rule of the due date: month_end'):
        due_date('month_end', 1, FIRST, FIRST)
