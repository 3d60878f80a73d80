""" How the demo company's payers pay. """
from datetime import date
from decimal import Decimal

import pytest

from ...tools.estate import get_months, make_estate
from ...tools.paying import CURRENT, Due, Habit, choose_residents, get_habit, plan_payments

TODAY = date(2026, 11, 22)
YEAR = [
    Due(number, month, 100 + number, Decimal('88.88'))
    for number, month in enumerate(get_months(TODAY))]


def habit(**values):
    return Habit(**{
        'rhythm': 1, 'until': 12, 'part': Decimal(1), 'delay': 9, 'in_cash': False, **values})


def test_every_month_in_time():
    payments = plan_payments(habit(), YEAR, TODAY)
    assert [payment.date for payment in payments[:2]] == [date(2025, 12, 10), date(2026, 1, 10)]
    assert [payment.parts for payment in payments] == [
        ((100 + month, Decimal('88.88')),) for month in range(12)]


def test_a_quarter_at_once():
    payments = plan_payments(habit(rhythm=3), YEAR, TODAY)
    assert len(payments) == 4
    assert payments[0].date == date(2026, 2, 10)
    assert [charge for charge, _amount in payments[0].parts] == [100, 101, 102]


def test_nobody_pays_tomorrow():
    payments = plan_payments(habit(delay=25), YEAR, TODAY)
    assert payments[-1].date == TODAY


def test_who_stopped_paying():
    payments = plan_payments(habit(rhythm=6, until=8), YEAR, TODAY)
    assert [len(payment.parts) for payment in payments] == [6, 2]


def test_a_part_settles_the_oldest_first():
    """ Three bills of 88.88 are 266.64; 60 % of it, in whole yuan, is 159. """
    [payment] = plan_payments(habit(rhythm=3, part=Decimal('0.6')), YEAR[:3], TODAY)
    assert payment.parts == ((100, Decimal('88.88')), (101, Decimal('70.12')))


@pytest.mark.parametrize('seed', [1, 2, 3])
def test_five_in_six_yuan_are_paid(seed):
    """ Of the same bill for a thousand payers, every month, 80 to 87 % comes in. """
    paid = sum(
        amount for payer in range(1000)
        for payment in plan_payments(get_habit(seed, payer), YEAR, TODAY)
        for _charge, amount in payment.parts)
    billed = 1000 * sum(due.amount for due in YEAR)
    assert Decimal('0.80') < paid / billed < Decimal('0.87')


@pytest.mark.parametrize('seed', range(1, 11))
def test_residents_of_the_portal(seed):
    """ Even of forty units: an owner, his family, and a tenant. """
    estate = make_estate(40, seed, TODAY)
    chosen = choose_residents(estate, seed)
    roles = {
        login: {o.role for o in estate.occupancies if o.person == number and not o.date_end}
        for login, number in chosen.items()}
    assert 'owner' in roles['owner'] and 'tenant' in roles['tenant']
    assert roles['family'] == {'family'}


def test_the_owner_has_something_to_pay():
    estate = make_estate(400, 1, TODAY)
    owner = choose_residents(estate, 1)['owner']
    assert get_habit(1, owner).until == CURRENT
    assert 'parking' in {
        estate.units[o.unit].kind for o in estate.occupancies if o.person == owner}
