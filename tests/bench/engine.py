"""How many charges a second the engine of fees computes, without Odoo or a database.

`mix` is what a month of a project has: each charge from the subject's values to its explanation,
with the search for what is due, for who pays it, and with percentages and escalated rents turned
into prices first. The other ways are the kinds of which it is made, and `recompute` is what
`./property doctor` and the nightly check do with the explanations of the mix. All ways take turns.
Seconds are those of the processor, so that a busy machine shows less.
"""

import argparse
import random
import time
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from common import machine, medians, report

from conftest import announce_addons

announce_addons()

from property_billing.tools.apportion import apportion, explain_portion  # noqa: E402
from property_billing.tools.charging import (  # noqa: E402
    BY_DAYS,
    Component,
    Quantity,
    Rate,
    Relief,
)
from property_billing.tools.escalation import PERCENT, expand, lease_rates  # noqa: E402
from property_billing.tools.explanation import recompute  # noqa: E402
from property_billing.tools.late_fee import LateTerms, accrue  # noqa: E402
from property_billing.tools.metered import Measured  # noqa: E402
from property_billing.tools.metering import FIRST, READ, Reading  # noqa: E402
from property_billing.tools.percent import percent_rates  # noqa: E402
from property_billing.tools.periods import NATURAL, ONE_DAY  # noqa: E402
from property_billing.tools.planning import (  # noqa: E402
    ADVANCE,
    Payer,
    Subject,
    Terms,
    due_periods,
    plan_period,
)
from property_billing.tools.tiers import MONTH, Account, Tier  # noqa: E402

SLICE = 1_000
FLATS = 10  # that share one cost

CENT = Decimal("0.01")
ONE = [Quantity(Decimal(1))]
BILLED = date(2026, 3, 1)
LAST = date(2026, 3, 31)
OPENED = date(2020, 1, 1)
LEASED = date(2021, 3, 10)
VACANT = [Relief(1, date(2026, 1, 1), None, Decimal("0.7"), "Vacant")]
LATE_TERMS = [LateTerms(Decimal("0.05"), 5, Decimal(100))]


def terms(basis, *rates, account=None):
    return Terms(
        cycle_months=1, split=NATURAL, timing=ADVANCE, charge_per_cycle=False, proration=BY_DAYS,
        basis=basis, rounding=CENT, rates=list(rates), account=account,
    )  # fmt: skip


def per_register(register, price):
    return Component(Decimal(price), Decimal(1), "use", register=register)


AREA = terms("area", Rate(1, OPENED, None, Decimal("1.3")))
FIXED = terms("fixed", Rate(2, OPENED, None, Decimal("150.0")))
TWO_RATES = terms(
    "area",
    Rate(3, OPENED, date(2026, 3, 16), Decimal("1.3")),
    Rate(4, date(2026, 3, 16), None, Decimal("1.5")),
)
METERED = terms("metered", Rate(6, OPENED, None, Decimal("2.5")))
TIERED = terms("metered", Rate(
    7, OPENED, None, Decimal(5),
    tiers=(Tier(Decimal(180), Decimal(7)), Tier(Decimal(260), Decimal(9))),
), account=Account())  # fmt: skip
TIME_OF_USE = terms("metered", Rate(
    8, OPENED, None, Decimal(),
    components=(per_register("peak", "0.5583"), per_register("valley", "0.3583")),
    tiers=(Tier(Decimal(230), Decimal("0.05")), Tier(Decimal(400), Decimal("0.3"))),
), account=Account(MONTH))  # fmt: skip
PERCENTAGE = [Rate(5, OPENED, None, Decimal(5))]


# === THE KINDS: from a number to what is charged, and then to the charges === #


def area(number):
    """Flats of 60.00 to 149.99 m²."""
    return [Quantity(Decimal(6000 + number * 37 % 9000).scaleb(-2))]


def owner(number):
    return [Payer(number, (1, 0, number))]


def subject(number, tariff, quantities, reliefs=()):
    return Subject(tariff, quantities, OPENED, None, owner(number), reliefs)


def by_area(number):
    return subject(number, AREA, area(number))


def fixed(number):
    return subject(number, FIXED, ONE)


def prorated(number):
    """A third of them each: begins inside the month, ends inside it, has a new owner inside it."""
    day = date(2026, 3, 2) + timedelta(days=number % 29)
    if number % 3 == 0:
        return Subject(AREA, area(number), day, None, owner(number))
    if number % 3 == 1:
        return Subject(AREA, area(number), OPENED, day, owner(number))
    old, new = Payer(number, (1, 0), None, day), Payer(number + 1, (1, 0), day)
    return Subject(AREA, area(number), OPENED, None, [old, new])


def two_rates(number):
    return subject(number, TWO_RATES, area(number))


def relieved(number):
    return subject(number, AREA, area(number), VACANT)


def percentage(number):
    """Waste as a percentage of the property fee of the same flat."""
    return number, by_area(number)


def lease(number):
    """A rent that grows by 5 % a year, on a day inside the month."""
    return number, Decimal(3000 + number % 700)


def late(number):
    """A bill of which some was paid a month later."""
    principal = Decimal(10000 + number * 37 % 90000).scaleb(-2)
    return principal, [(date(2026, 2, 20), principal / 2)]


READ_ON = [
    *(date(2025, month, 1) - ONE_DAY for month in range(4, 13)),
    *(date(2026, month, 1) - ONE_DAY for month in range(1, 5)),
]  # fmt: skip


def read(number, registers, months):
    """A meter that was read at the end of each month, and what its registers showed."""
    return number, {
        register: [
            Reading(day, Decimal(1000 + month * (10 + number % 40)), READ if month else FIRST)
            for month, day in enumerate(READ_ON[-1 - months :])
        ]
        for register in registers
    }


def metered(number):
    return METERED, *read(number, ["total"], 1)


def tiered(number):
    """Of which the account needs the readings of a year."""
    return TIERED, *read(number, ["total"], 12)


def time_of_use(number):
    return TIME_OF_USE, *read(number, ["peak", "valley"], 2)


def shared(number):
    """What the water of a garden cost, and the areas by which flats share it."""
    cost = Decimal(10000 + number * 37 % 90000).scaleb(-2)
    return cost, {flat: Fraction(area(flat)[0].value) for flat in range(number, number + FLATS)}


def charge(case):
    covered = [(case.start, BILLED)] if case.start < BILLED else []
    return [
        planned.explanation
        for start, end in due_periods(case, None, LAST, covered)
        for planned in plan_period(case, start, end)
    ]


def charge_percentage(case):
    number, base = case
    return charge(subject(number, terms("percent", *percent_rates([base], PERCENTAGE)), ONE))


def charge_lease(case):
    number, rent = case
    end = date(2031, 3, 10)
    steps = expand(date(2022, 3, 10), 12, PERCENT, Decimal(5), end)
    rates = lease_rates(rent, LEASED, end, steps)
    return charge(Subject(terms("fixed", *rates), ONE, LEASED, end, owner(number)))


def charge_metered(case):
    tariff, number, registers = case
    measured = Measured(number, f"W-{number}", "m³", registers)
    return charge(Subject(tariff, (), OPENED, None, owner(number), measured=measured))


def charge_shared(case):
    cost, areas = case
    total = sum(areas.values())
    days = {"start": BILLED.isoformat(), "end": LAST.isoformat()}
    return [
        explanation
        for flat, portion in apportion(cost, areas, CENT, areas).items()
        for explanation in charge(Subject(
            FIXED, (), BILLED, LAST + ONE_DAY, owner(flat),
            explained=explain_portion(portion, cost, total, CENT, **days)))
    ]  # fmt: skip


def charge_late(case):
    principal, residuals = case
    return [accrue(
        principal, residuals, date(2026, 1, 31), LATE_TERMS, (), LAST + ONE_DAY, Decimal(), None,
        CENT)]  # fmt: skip


# kind: (share in the mix, what is charged, how); a shared cost is a charge for each of its flats
KINDS = {
    "area": (22, by_area, charge),
    "fixed": (13, fixed, charge),
    "prorated": (10, prorated, charge),
    "two rates": (5, two_rates, charge),
    "relieved": (5, relieved, charge),
    "percentage": (5, percentage, charge_percentage),
    "lease": (5, lease, charge_lease),
    "late fee": (5, late, charge_late),
    "metered": (15, metered, charge_metered),
    "tiered": (10, tiered, charge_metered),
    "time of use": (4, time_of_use, charge_metered),
    "shared": (1, shared, charge_shared),
}


# === MEASURING === #


def prepare(n):
    """Per way n cases, as (how it is charged, how it is made, its number); the mix is shuffled."""
    ways = {
        kind: [(how, make, number) for number in range(n)]
        for kind, (_share, make, how) in KINDS.items()
    }
    mix = [
        (how, make, number)
        for share, make, how in KINDS.values()
        for number in range(n * share // 100)
    ]
    random.Random(5).shuffle(mix)
    explanations = [found for how, make, number in mix for found in how(make(number))]
    again = [(compute_again, explanations.__getitem__, place) for place in range(len(explanations))]
    return {"mix": mix, "recompute": again, **ways}


def compute_again(explanation):
    return [recompute(explanation)]


def measure(cases):
    """Slice by slice as in a bill run, which reads a thousand assignments at a time."""
    charges = seconds = 0
    for first in range(0, len(cases), SLICE):
        made = [(how, make(number)) for how, make, number in cases[first : first + SLICE]]
        begin = time.process_time()
        for how, case in made:
            charges += len(how(case))
        seconds += time.process_time() - begin
    return {"charges_per_s": charges / seconds, "us_per_charge": seconds * 1e6 / charges}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-n", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    ways = prepare(options.n)
    samples = {way: [] for way in ways}
    for _round in range(options.rounds):
        for way, cases in ways.items():
            samples[way].append(measure(cases))
    results = {way: medians(figures) for way, figures in samples.items()}
    ratios = {
        "charges_per_s": results["mix"]["charges_per_s"],
        "recomputed_per_s": results["recompute"]["charges_per_s"],
    }
    report("engine", options.n, results, ratios, machine())


if __name__ == "__main__":
    main()
