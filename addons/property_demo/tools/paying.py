""" How the demo company's payers pay: most in time, some late, in part, or not at all.

Values only: what is due goes in, payments with their parts come out.
"""
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal
from itertools import groupby

from .estate import MONTHS, PROJECTS
from .people import get_rng

CURRENT = MONTHS - 1


@dataclass(frozen=True, slots=True)
class Habit:
    """ A payer's way: every `rhythm` months he pays what was billed in months below `until`. """
    rhythm: int
    until: int
    part: Decimal
    delay: int
    in_cash: bool


@dataclass(frozen=True, slots=True)
class Due:
    """ An amount billed in a month, counted from the first one; `charge` only identifies it. """
    month: int
    billed: date
    charge: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Payment:
    date: date
    in_cash: bool
    parts: tuple[tuple[int, Decimal], ...]


def get_habit(seed, payer):
    """ The habit of the payer with a number. """
    rng = get_rng(seed, 'habit', payer)
    rhythm = rng.choices((1, 3, 6), (20, 40, 40))[0]
    until = MONTHS if rng.random() < 0.35 else CURRENT
    part = Decimal(1)
    draw = rng.random()
    if draw < 0.08:  # has stopped to pay, some of them long ago
        until = rng.randrange(0, 8)
    elif draw < 0.22:  # is one to three months behind
        until = CURRENT - rng.randrange(1, 4)
    elif draw < 0.28:
        part = Decimal('0.6')
    return Habit(rhythm, until, part, delay=rng.randrange(1, 26), in_cash=rng.random() < 0.2)


def plan_payments(habit, dues, today):
    """ The payments of one payer, oldest first. """
    payments = []
    paid = sorted((due for due in dues if due.month < habit.until), key=lambda due: due.month)
    for _turn, group in groupby(paid, key=lambda due: due.month // habit.rhythm):
        turn = list(group)
        money = sum((due.amount for due in turn), Decimal()) * habit.part
        if habit.part < 1:
            money = money.quantize(Decimal(1), ROUND_DOWN)
        parts = []
        for due in turn:
            if amount := min(due.amount, money):
                parts.append((due.charge, amount))
                money -= amount
        if parts:
            day = min(turn[-1].billed + timedelta(days=habit.delay), today)
            payments.append(Payment(day, habit.in_cash, tuple(parts)))
    return payments


def choose_residents(estate, seed):
    """ Who shows the portal: a tenant, an owner, one of the owner's family, and an owner of the
    first compound who has only just registered.

    If there is such an owner, the first has this month's bills to pay and a parking space.

    :return: the persons' numbers by their login
    """
    kinds = {unit.index: unit.kind for unit in estate.units}
    live = [occupancy for occupancy in estate.occupancies if not occupancy.date_end]
    parkers = {o.person for o in live if kinds[o.unit] == 'parking'}
    owners = {o.unit: o.person for o in live if o.role == 'owner' and o.is_payer}
    # The first compound bills every month, so there is most to see.
    families = [
        (get_habit(seed, owners[o.unit]).until == CURRENT,
         estate.units[o.unit].project == PROJECTS[0].key, owners[o.unit] in parkers,
         -o.unit, owners[o.unit], o.person)
        for o in live if o.role == 'family']
    *_reasons, owner, family = max(families)
    tenant = next(o.person for o in live if o.role == 'tenant' and kinds[o.unit] == 'flat')
    newcomer = next(
        o.person for o in live
        if o.role == 'owner' and o.person != owner and kinds[o.unit] == 'flat'
        and estate.units[o.unit].project == PROJECTS[0].key and estate.persons[o.person].identity)
    return {'owner': owner, 'tenant': tenant, 'family': family, 'newcomer': newcomer}
