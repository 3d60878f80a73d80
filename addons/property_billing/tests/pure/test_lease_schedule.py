""" The schedule of a lease: what is charged for which days, and when it is billed. """
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ...tools.charging import BY_DAYS, BY_THIRTY, WHOLE, Quantity
from ...tools.escalation import PERCENT, expand, lease_rates
from ...tools.periods import ANCHORED, NATURAL
from ...tools.planning import ADVANCE, ARREARS, Payer, Subject, Terms, plan_period, schedule

ONE_DAY = timedelta(days=1)
START = date(2016, 3, 29)
END = date(2016, 6, 28)  # the last day

days = st.integers(0, 3000).map(lambda count: date(2010, 1, 1) + timedelta(days=count))


def lease(start=START, last=END, price='3000', quantity='1', steps=(), **terms):
    end = last + ONE_DAY
    terms = {
        'cycle_months': 1, 'split': NATURAL, 'timing': ADVANCE, 'charge_per_cycle': False,
        'proration': BY_DAYS, 'basis': 'fixed', 'rounding': Decimal('0.01'),
        'rates': lease_rates(Decimal(price), start, end, steps), **terms,
    }
    return Subject(Terms(**terms), [Quantity(Decimal(quantity))], start, end, [Payer(1, ())])


leases = st.builds(
    lambda start, length, **terms: lease(start, start + timedelta(days=length), **terms),
    days, st.integers(0, 2500),
    cycle_months=st.sampled_from([1, 2, 3, 5, 6, 12]),
    split=st.sampled_from([NATURAL, ANCHORED]),
    timing=st.sampled_from([ADVANCE, ARREARS]),
    charge_per_cycle=st.booleans(),
)


def amounts(subject, **kwargs):
    """ (first day, last day, amount) of each charge. """
    return [
        (str(start)[5:], str(end - ONE_DAY)[5:], str(plan_period(subject, start, end)[0].amount))
        for _day, start, end in schedule(subject, [], **kwargs)
    ]


def billing_days(subject, **kwargs):
    return [str(day)[5:] for day, *_period in schedule(subject, [], **kwargs)]


@pytest.mark.parametrize(('split', 'proration', 'last', 'expected'), [
    (NATURAL, BY_DAYS, END, ['290.32', '3000.00', '3000.00', '2800.00']),
    (NATURAL, BY_THIRTY, END, ['300.00', '3000.00', '3000.00', '2800.00']),
    (NATURAL, WHOLE, END, ['3000.00'] * 4),
    (ANCHORED, BY_DAYS, END, ['3000.00'] * 3),
    (ANCHORED, BY_DAYS, date(2016, 6, 15), ['3000.00', '3000.00', '1741.94']),
])
def test_splits(split, proration, last, expected):
    """[B18] [B19] [X1] Rent 3,000.00 from 2016-03-29: stubs by days, by 30 days, not at all. """
    charged = amounts(lease(last=last, split=split, proration=proration))
    assert [amount for *_days, amount in charged] == expected


def test_natural_months():
    """[B18] Calendar months with a stub at each end. """
    assert amounts(lease()) == [
        ('03-29', '03-31', '290.32'), ('04-01', '04-30', '3000.00'),
        ('05-01', '05-31', '3000.00'), ('06-01', '06-28', '2800.00')]


def test_contract_months():
    """[B19] Months counted from the first day. """
    assert [period[:2] for period in amounts(lease(split=ANCHORED))] == [
        ('03-29', '04-28'), ('04-29', '05-28'), ('05-29', '06-28')]


def test_one_charge_per_quarter():
    quarters = lease(last=date(2016, 9, 30), cycle_months=3, charge_per_cycle=True)
    assert amounts(quarters) == [
        ('03-29', '03-31', '290.32'), ('04-01', '06-30', '9000.00'), ('07-01', '09-30', '9000.00')]


def test_first_payment_month():
    """[A37] Rent starts to be paid in May: March, April and May are billed on its first day. """
    assert billing_days(lease(), first_month=date(2016, 5, 17)) == [
        '05-01', '05-01', '05-01', '06-01']


def test_paid_before_it_begins():
    """ The first cycle is due with the signature in February, the others when they begin. """
    assert billing_days(lease(), first_month=date(2016, 2, 1)) == [
        '02-01', '04-01', '05-01', '06-01']
    assert billing_days(lease(), first_month=date(2016, 3, 1)) == [
        '03-29', '04-01', '05-01', '06-01']


def test_quarters_in_advance_and_in_arrears():
    """ The months of a cycle are charges of their own, billed together. """
    assert billing_days(lease(cycle_months=3)) == ['03-29', '04-01', '04-01', '04-01']
    assert billing_days(lease(cycle_months=3, timing=ARREARS)) == [
        '04-01', '06-29', '06-29', '06-29']


def test_what_is_missing():
    """ Two months are charged already: the schedule gives the rest and bills it as before. """
    covered = [(date(2016, 4, 1), date(2016, 6, 1))]
    assert [(str(day), str(start)) for day, start, _end in schedule(lease(), covered)] == [
        ('2016-03-29', '2016-03-29'), ('2016-06-01', '2016-06-01')]


def test_escalated_rent():
    """ 5 % more from 2017-03-29 on: both prices by days within March. """
    steps = expand(date(2017, 3, 29), 12, PERCENT, Decimal(5), date(2018, 3, 29))
    march = lease(last=date(2018, 3, 28), steps=steps)
    assert ('03-01', '03-31', '3014.52') in amounts(march)


@given(leases, st.none() | days)
def test_the_schedule_tiles_the_lease(subject, first_month):
    """ Each day of the lease is charged once, whatever its start, length, cycle and split. """
    day = subject.start
    for _billed_on, start, end in schedule(subject, [], first_month):
        assert start == day < end
        day = end
    assert day == subject.end


@given(leases, days)
def test_nothing_is_billed_before_the_first_payment_month(subject, first_month):
    billed = [day for day, *_period in schedule(subject, [], first_month)]
    assert min(billed) >= first_month.replace(day=1)
    assert billed == sorted(billed)


@given(leases, st.data())
def test_the_missing_part_and_the_covered_part_make_the_whole(subject, data):
    """ Whatever is covered, the schedule never charges a day of it, and all others. """
    first = data.draw(st.integers(0, (subject.end - subject.start).days - 1))
    last = data.draw(st.integers(first + 1, (subject.end - subject.start).days))
    covered = subject.start + timedelta(days=first), subject.start + timedelta(days=last)
    missing = sum((end - start).days for _day, start, end in schedule(subject, [covered]))
    assert missing + last - first == (subject.end - subject.start).days
