""" Which periods are due and who pays them. """
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from ...tools.charging import BY_DAYS, WHOLE, Rate
from ...tools.periods import ANCHORED, NATURAL
from ...tools.planning import (
    ADVANCE,
    ARREARS,
    Payer,
    Subject,
    Terms,
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


def subject(start, end=None, payers=(), **terms):
    terms = {
        'cycle_months': 1, 'split': NATURAL, 'timing': ADVANCE, 'charge_per_cycle': False,
        'proration': BY_DAYS, 'basis': 'area', 'rounding': Decimal('0.01'),
        'rates': [Rate(1, date(1990, 1, 1), None, Decimal(1))], **terms,
    }
    return Subject(Terms(**terms), Decimal(100), start, end, list(payers))


subjects = st.builds(
    lambda start, length, is_open, **terms: subject(
        start, None if is_open else start + length, **terms),
    days, lengths, st.booleans(),
    cycle_months=st.sampled_from([1, 2, 3, 5, 6, 12]),
    split=st.sampled_from([NATURAL, ANCHORED]),
    timing=st.sampled_from([ADVANCE, ARREARS]),
    charge_per_cycle=st.booleans(),
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
    covered = [(first[0][0], first[-1][1])] if first else []
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
        elif case.terms.cycle_months == 1:
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
