""" What measured use costs: figures of the trade by hand, and what must hold for all of them. """
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ...tools.charging import ALL, BY_DAYS, Component, NoRateError, Rate, Relief
from ...tools.explanation import is_free, period_of, recompute
from ...tools.metered import USE, BelowSubsError, Measured, explain_metered, join_steps
from ...tools.metering import ESTIMATE, FIRST, INSTALLED, REMOVED, NoReadingError, Reading
from ...tools.periods import NATURAL, ONE_DAY
from ...tools.planning import ARREARS, Payer, Subject, Terms, due_periods, plan_period
from ...tools.rounding import exact_number
from ...tools.tiers import MONTH, Account, Allowance, Tier

CENT = Decimal('0.01')
LONG_AGO = date(2020, 1, 1)
YEAR = Account()
QUARTERS = [date(2025, 12, 31), date(2026, 3, 31), date(2026, 6, 30), date(2026, 9, 30),
            date(2026, 12, 31)]
MARCH = (date(2026, 3, 1), date(2026, 4, 1))


def rate(price, start=LONG_AGO, end=None, tiers=(), **values):
    tiers = tuple(Tier(Decimal(above), Decimal(price)) for above, price in tiers)
    return Rate(12, start, end, Decimal(price), tiers=tiers, **values)


WATER = rate(5, tiers=[(180, 7), (260, 9)])
FLAT = [rate(5)]
POWER = rate('0.4883', tiers=[(240, '0.5383'), (400, '0.7883')])


def chain(days, values):
    """ Readings of these days, the first of which begins. """
    kinds = [FIRST] + ['read'] * (len(days) - 1)
    return [
        Reading(day, Decimal(value), kind)
        for day, value, kind in zip(days, values, kinds, strict=True)]


def uses(*amounts, days=QUARTERS):
    """ One register in which these amounts were counted between the days. """
    values = [0]
    for amount in amounts:
        values.append(values[-1] + amount)
    return {'total': chain(days, values)}


def measure(registers, allowances=()):
    return Measured(7, 'W-0101', 'm³', registers, allowances)


def charge(measured, rates, period, account=YEAR, **values):
    explanation = explain_metered(
        *period, measured=measured, anchor=LONG_AGO, split=NATURAL, proration=BY_DAYS,
        rates=rates, rounding=CENT, account=account, **values)
    assert recompute(explanation) == Decimal(explanation['amount'])
    assert [str(period[0]), str(period[1] - ONE_DAY)] == list(map(str, period_of(explanation)))
    return explanation


def amounts(measured, rates, account=YEAR, **values):
    return [
        charge(measured, rates, period, account, **values)['amount']
        for period in measured.intervals]


def test_a_year_in_tiers():
    """ [decision 17] 90 × 5; 90 × 5 + 10 × 7; 70 × 7 + 10 × 9; 30 × 9: 1,820.00, as one reading
    of 300: 900 + 560 + 360.
    """
    measured = measure(uses(90, 100, 80, 30))
    assert amounts(measured, [WATER]) == ['450.00', '520.00', '580.00', '270.00']
    once = measure(uses(300, days=QUARTERS[::4]))
    assert amounts(once, [WATER]) == ['1820.00']
    explanation = charge(measured, [WATER], measured.intervals[1])
    assert explanation['meter']['accounts'] == [
        {'start': '2026-01-01', 'end': '2026-12-31', 'before': '90', 'limits': ['180', '260']}]
    assert [(line['use'], line['price'], line['tier']) for line in explanation['lines']] == [
        ('90', '5', 1), ('10', '7', 2)]


@pytest.mark.parametrize(('use', 'amount'), [
    (180, '900.00'), (Decimal('180.001'), '900.01'), (181, '907.00'), (0, '0.00')])
def test_the_limit_is_still_cheap(use, amount):
    assert amounts(measure(uses(use, days=QUARTERS[::4])), [WATER]) == [amount]


@pytest.mark.parametrize(('use', 'amount'), [
    (240, '117.19'), (241, '117.73'), (400, '203.32'), (500, '282.15')])
def test_a_month_in_tiers(use, amount):
    """ 117.192 + 160 × 0.5383 + 100 × 0.7883. """
    measured = measure(uses(use, days=[date(2026, 2, 28), date(2026, 3, 31)]))
    assert amounts(measured, [POWER], Account(MONTH)) == [amount]


def test_a_new_month_begins_below():
    measured = measure(uses(500, 240, days=[QUARTERS[1], date(2026, 4, 30), date(2026, 5, 31)]))
    assert amounts(measured, [POWER], Account(MONTH)) == ['282.15', '117.19']


def test_a_home_of_many():
    """ 5 persons of a standard of 4, 30 m³ a year, from 1 April: limits 202.5 and 282.5. 500.00;
    12.5 × 5 + 67.5 × 7; 12.5 × 7 + 17.5 × 9: 1,730.00, as one reading: 1,012.50 + 560 + 157.50.
    """
    rates = [rate(5, tiers=[(180, 7), (260, 9)], per_person=Decimal(30), standard_persons=4)]
    allowances = [Allowance(date(2026, 4, 1), None, 5)]
    assert amounts(measure(uses(90, 100, 80, 30), allowances), rates) == [
        '450.00', '500.00', '535.00', '245.00']
    assert amounts(measure(uses(300, days=QUARTERS[::4]), allowances), rates) == ['1730.00']
    measured = measure(uses(90, 100, 80, 30), allowances)
    first, second = (
        charge(measured, rates, period)['meter']['accounts'][0]
        for period in measured.intervals[:2])
    assert 'allowance' not in first
    assert (second['allowance'], second['standard'], second['homes']) == (
        '22.5', 4, [{'persons': 5, 'months': 9}])


def test_what_was_used_over_new_year():
    """ [decision 17] 60 in the 60 days to 29 January are the new year's: 300.00, and of the next
    170 only 120 are cheap: 600 + 350.

    Divided by days, 31 are the old year's, which had used 170: 10 × 5 + 21 × 7, and 29 × 5;
    then 151 × 5 + 19 × 7.
    """
    days = [date(2024, 12, 31), date(2025, 11, 30), date(2026, 1, 29), date(2026, 2, 28)]
    measured = measure(uses(170, 60, 170, days=days))
    assert amounts(measured, [WATER]) == ['850.00', '300.00', '950.00']
    assert amounts(measured, [WATER], Account(splits=True)) == ['850.00', '342.00', '888.00']


def test_day_and_night_with_tiers():
    """ 300 × 0.5583 + 150 × 0.3583 + 170 × 0.05 (231 to 400) + 50 × 0.30 = 244.735. """
    rates = [rate(0, tiers=[(230, '0.05'), (400, '0.3')], components=(
        Component(Decimal('0.5583'), Decimal(1), 'use', register='peak'),
        Component(Decimal('0.3583'), Decimal(1), 'use', register='valley')))]
    days = [date(2026, 2, 28), date(2026, 3, 31)]
    measured = measure({'peak': chain(days, [100, 400]), 'valley': chain(days, [50, 200])})
    explanation = charge(measured, rates, MARCH, Account(MONTH))
    assert (explanation['unrounded'], explanation['amount']) == ('244.735', '244.74')
    assert [line.get('register') for line in explanation['lines']] == [
        None, None, None, 'peak', 'valley']


def test_what_is_added_to_each_unit_and_to_each_month():
    """ Water 10 × 2.50, sewage 10 × 0.95, 5.00 a month for the meter from 16 March: 16/31. """
    rates = [
        rate('2.5', end=date(2026, 3, 16), components=(
            Component(Decimal('0.95'), Decimal(1), 'use', "Sewage"),)),
        rate('2.5', date(2026, 3, 16), components=(
            Component(Decimal('0.95'), Decimal(1), 'use', "Sewage"),
            Component(Decimal(5), Decimal(1), 'fixed', "Meter"))),
    ]
    measured = measure(uses(Decimal('10'), days=[date(2026, 2, 28), date(2026, 3, 31)]))
    explanation = charge(measured, rates, MARCH)
    assert explanation['amount'] == '37.08'  # 34.50 + 80/31
    assert explanation['lines'][-1] == {
        'start': '2026-03-16', 'end': '2026-03-31', 'months': '16/31', 'price': '5',
        'version': 12, 'note': "Meter"}


def two_prices(*readings):
    rates = [rate('2.5', end=date(2026, 4, 1)), rate('2.8', date(2026, 4, 1))]
    return charge(
        measure({'total': readings}), rates, (date(2026, 3, 11), date(2026, 4, 11)))


def test_two_prices_without_a_reading_between():
    """ [decision 18] 40 by days: 840/31 × 2.50 + 400/31 × 2.80 = 103.871; 31: 52.50 + 28.00. """
    begin = Reading(date(2026, 3, 10), Decimal(0), FIRST)
    explanation = two_prices(begin, Reading(date(2026, 4, 10), Decimal(40)))
    assert explanation['amount'] == '103.87'
    assert [(line['use'], line['by_days']) for line in explanation['lines']] == [
        ('840/31', ['21/31']), ('400/31', ['10/31'])]
    explanation = two_prices(begin, Reading(date(2026, 4, 10), Decimal(31)))
    assert explanation['amount'] == '80.50'


def test_two_prices_with_a_reading_between():
    """ 22 × 2.50 + 18 × 2.80 = 105.40. """
    explanation = two_prices(
        Reading(date(2026, 3, 10), Decimal(0), FIRST),
        Reading(date(2026, 3, 31), Decimal(22), is_border=False),
        Reading(date(2026, 4, 10), Decimal(40)))
    assert explanation['amount'] == '105.40'
    assert 'by_days' not in explanation['lines'][0]


def test_two_prices_with_tiers():
    """ 170 before; 31 of which 21 by days cost 10 × 5 + 11 × 7, and 10 × 7.7: 204.00. """
    rates = [
        rate(5, end=date(2026, 4, 1), tiers=[(180, 7)]),
        rate('5.5', date(2026, 4, 1), tiers=[(180, '7.7')])]
    measured = measure(uses(
        170, 31, days=[date(2025, 12, 31), date(2026, 3, 10), date(2026, 4, 10)]))
    assert amounts(measured, rates) == ['850.00', '204.00']


def test_over_zero_and_over_an_exchange():
    """ 35 × 5.00 = 175.00, told with the dial; 16 + 17 = 33: 165.00. """
    rolled = measure({'total': [
        Reading(date(2026, 2, 28), Decimal(99980), FIRST),
        Reading(date(2026, 3, 31), Decimal(15), rollovers=1)]})
    explanation = charge(rolled, [rate(5)], MARCH)
    assert explanation['amount'] == '175.00'
    assert (explanation['meter']['steps'][0]['rollovers'],
            explanation['meter']['steps'][0]['digits']) == (1, 5)
    exchanged = measure({'total': [
        Reading(date(2026, 2, 28), Decimal(1234), FIRST),
        Reading(date(2026, 3, 10), Decimal(1250), REMOVED, is_border=False),
        Reading(date(2026, 3, 10), Decimal(3), INSTALLED, is_border=False),
        Reading(date(2026, 3, 31), Decimal(20))]})
    assert charge(exchanged, [rate(5)], MARCH)['amount'] == '165.00'


def joined(explanation):
    return [
        (step['previous'], step['present'], step['start'], step['end'], step.get('rollovers', 0))
        for step in join_steps(explanation)]


def test_what_a_device_reads_each_day_is_told_once():
    """ [B35] 31 days of 1; over zero on the 20th; a new price and an exchange on the 11th. """
    days = [date(2026, 2, 28) + n * ONE_DAY for n in range(32)]
    daily = [
        Reading(day, Decimal(n), 'read' if n else FIRST, is_border=n in {0, 31})
        for n, day in enumerate(days)]
    april = measure({'total': daily})
    explanation = charge(april, FLAT, MARCH)
    assert len(explanation['meter']['steps']) == 31
    assert joined(explanation) == [('0', '31', '2026-03-01', '2026-03-31', 0)]
    prices = [rate(5, end=date(2026, 3, 11)), rate(6, date(2026, 3, 11))]
    assert joined(charge(april, prices, MARCH)) == [
        ('0', '10', '2026-03-01', '2026-03-10', 0), ('10', '31', '2026-03-11', '2026-03-31', 0)]
    rolled = [
        row._replace(value=(row.value + 99980) % 100000, rollovers=int(n == 20))
        for n, row in enumerate(daily)]
    assert joined(charge(measure({'total': rolled}), FLAT, MARCH)) == [
        ('99980', '11', '2026-03-01', '2026-03-31', 1)]
    exchanged = [
        *daily[:11], daily[10]._replace(kind=REMOVED), daily[10]._replace(kind=INSTALLED),
        *daily[11:]]
    assert joined(charge(measure({'total': exchanged}), FLAT, MARCH)) == [
        ('0', '10', '2026-03-01', '2026-03-10', 0), ('10', '31', '2026-03-11', '2026-03-31', 0)]
    estimated = [*daily[:31], daily[31]._replace(kind=ESTIMATE)]
    assert joined(charge(measure({'total': estimated}), FLAT, MARCH)) == [
        ('0', '30', '2026-03-01', '2026-03-30', 0), ('30', '31', '2026-03-31', '2026-03-31', 0)]


def test_a_restart_of_the_account():
    """ [decision 17] 150 until 31 March; then the tiers begin anew: 60 at 5.00. """
    readings = uses(150, 60, days=QUARTERS[:3])['total']
    readings[1] = Reading(readings[1].day, readings[1].value, is_restart=True)
    measured = measure({'total': readings})
    assert amounts(measured, [WATER]) == ['750.00', '300.00']


def test_a_relief_of_a_quarter():
    """ Half price in February: 28 of 90 days. 90 × 5.00 less 28 × 2.50 = 380.00. """
    relief = Relief(3, date(2026, 2, 1), date(2026, 3, 1), Decimal('0.5'), "Pipe burst")
    measured = measure(uses(90, days=QUARTERS[:2]))
    assert amounts(measured, [rate(5)], reliefs=[relief]) == ['380.00']
    free = Relief(4, LONG_AGO, None, Decimal(0), "Pipe burst")
    explanation = charge(measured, [rate(5)], measured.intervals[0], reliefs=[free])
    assert explanation['amount'] == '0.00'
    assert is_free(explanation)


def test_nothing_used_is_not_free_of_charge():
    measured = measure(uses(0, days=QUARTERS[:2]))
    assert not is_free(charge(measured, [rate(5)], measured.intervals[0]))
    explanation = charge(measured, [WATER], measured.intervals[0])
    assert (explanation['amount'], is_free(explanation)) == ('0.00', False)


def test_never_nothing_for_what_is_not_known():
    """ A day without a price, and days without a reading, are errors. """
    measured = measure(uses(90, days=QUARTERS[:2]))
    with pytest.raises(NoRateError):
        charge(measured, [rate(5, date(2026, 2, 1))], measured.intervals[0])
    with pytest.raises(NoReadingError):
        charge(measured, [rate(5)], (date(2026, 1, 1), date(2026, 4, 2)))
    with pytest.raises(NoReadingError):
        charge(Measured(1, 'S-1', 'm³', {}), [rate(5)], MARCH)


# === PERIODS AND PAYERS === #

def subject(measured, *payers, start=LONG_AGO, end=None, rates=FLAT):
    terms = Terms(
        cycle_months=3, split=NATURAL, timing=ARREARS, charge_per_cycle=False,
        proration=BY_DAYS, basis='metered', rounding=CENT, rates=list(rates), account=YEAR)
    return Subject(terms, (), start, end, list(payers), measured=measured)


def plan(case, until, covered=()):
    return [
        (str(charge.start), str(charge.end - ONE_DAY), charge.partner_id, str(charge.amount))
        for start, end in due_periods(case, None, until, list(covered))
        for charge in plan_period(case, start, end)]


OLD, NEW = Payer(1, (1,), None, date(2026, 5, 16)), Payer(2, (1,), date(2026, 5, 16))


def test_from_reading_to_reading():
    """ [B31] Billed on the day of the reading; what is billed is not billed again. """
    measured = measure(uses(90, 100, 80, 30))
    case = subject(measured, Payer(1, (1,)))
    assert plan(case, date(2026, 6, 29)) == [('2026-01-01', '2026-03-31', 1, '450.00')]
    assert plan(case, date(2026, 6, 30), [MARCH]) == [
        ('2026-01-01', '2026-02-28', 1, '295.00'), ('2026-04-01', '2026-06-30', 1, '500.00')]


def test_a_home_sold_between_two_readings():
    """ [B33] 45 × 5 by 45 and 46 days: 111.26 and 113.74; read on the last day of the seller with
    23 of the 45: 115.00 and 110.00.
    """
    days = [date(2026, 3, 31), date(2026, 6, 30)]
    assert plan(subject(measure(uses(45, days=days)), OLD, NEW), date(2026, 6, 30)) == [
        ('2026-04-01', '2026-05-15', 1, '111.26'), ('2026-05-16', '2026-06-30', 2, '113.74')]
    days.insert(1, date(2026, 5, 15))
    assert plan(subject(measure(uses(23, 22, days=days)), OLD, NEW), date(2026, 6, 30)) == [
        ('2026-04-01', '2026-05-15', 1, '115.00'), ('2026-05-16', '2026-06-30', 2, '110.00')]


def test_the_account_goes_on_with_a_new_tariff():
    """ [decision 17] 170 under the old tariff; the new one from 1 April begins at 170. """
    measured = measure(uses(170, 20, days=QUARTERS[:3]))
    case = subject(measured, Payer(1, (1,)), start=date(2026, 4, 1), rates=[WATER])
    assert plan(case, date(2026, 6, 30)) == [('2026-04-01', '2026-06-30', 1, '120.00')]


def test_a_part_of_a_shared_cost():
    """ [decision 15] 33.34 of March for a home sold on the 16th: 16.13 and 17.21. When only the
    seller's is taken back, only it comes again.
    """
    explained = {
        'shared': {
            'start': '2026-03-01', 'end': '2026-03-31', 'total': '100.00', 'weight': '1',
            'weights': '3', 'rest': 1},
        'rounding': '0.01', 'amount': '33.34'}
    old, new = Payer(1, (1,), None, date(2026, 3, 16)), Payer(2, (1,), date(2026, 3, 16))
    terms = subject(None).terms
    case = Subject(terms, (), *MARCH, [old, new], explained=explained)
    charges = [('2026-03-01', '2026-03-15', 1, '16.13'), ('2026-03-16', '2026-03-31', 2, '17.21')]
    assert plan(case, date(2026, 3, 30)) == []
    assert plan(case, date(2026, 3, 31)) == charges
    assert plan(case, date(2026, 3, 31), [(date(2026, 3, 16), MARCH[1])]) == charges[:1]
    assert all(
        recompute(charge.explanation) == charge.amount for charge in plan_period(case, *MARCH))


# === WHAT MUST HOLD FOR ALL === #

litres = st.integers(0, 200_000).map(lambda count: Decimal(count).scaleb(-3))


@given(st.lists(litres, min_size=4, max_size=4), st.booleans(), st.booleans())
def test_one_reading_or_many(amounts_read, is_tiered, splits):
    """ Before rounding the year costs the same, however often it was read. """
    rates = [WATER if is_tiered else rate(5)]
    account = Account(splits=splits)
    often = measure(uses(*amounts_read))
    once = measure(uses(sum(amounts_read), days=QUARTERS[::4]))
    assert sum(
        Fraction(charge(often, rates, period, account)['unrounded'])
        for period in often.intervals
    ) == Fraction(charge(once, rates, once.intervals[0], account)['unrounded'])


@st.composite
def years(draw):
    """ A year read on any days, what was used between them, and an allowance inside it. """
    days = [QUARTERS[0], *sorted(draw(st.sets(
        st.dates(date(2026, 1, 1), date(2026, 12, 30)), max_size=8))), QUARTERS[-1]]
    used = draw(st.lists(litres, min_size=len(days) - 1, max_size=len(days) - 1))
    allowance = Allowance(
        date(2026, draw(st.integers(2, 12)), 1), None, draw(st.integers(5, 8)))
    return days, used, allowance


@given(years())
def test_a_larger_home_pays_the_same_however_it_is_read(year):
    """ [decision 17] In any cut of the year, and never more than a smaller home; unless a limit
    was passed before the allowance began, whose readings stay as they were billed.
    """
    days, used, allowance = year
    rates = [rate(5, tiers=[(180, 7), (260, 9)], per_person=Decimal(30), standard_persons=4)]

    def cost(amounts_read, days, *allowances):
        measured = measure(uses(*amounts_read, days=days), allowances)
        return sum(
            Fraction(charge(measured, rates, period)['unrounded'])
            for period in measured.intervals)

    ends = [days[0], days[-1]]
    often, once = cost(used, days, allowance), cost([sum(used)], ends, allowance)
    assert often <= cost(used, days) == cost([sum(used)], ends)
    before = sum(
        amount for day, amount in zip(days[1:], used, strict=True) if day < allowance.start)
    assert often == once if before <= 180 else often >= once


@given(
    litres, litres, st.sampled_from([LONG_AGO, date(2026, 2, 11), date(2026, 3, 31)]),
    st.booleans(), st.booleans(), st.sampled_from([Decimal(1), Decimal(20), Decimal('0.5')]))
def test_every_explanation_gives_its_amount(peak, valley, change, is_tiered, is_relieved, times):
    """ Two registers behind a transformer, a new price on any day, tiers, a fixed part, a
    reduction: the lines have all that was used.
    """
    components = (
        Component(Decimal('0.5583'), ALL, USE, register='peak'),
        Component(Decimal('0.3583'), ALL, USE, register='valley'),
        Component(Decimal(3), ALL, 'fixed'))
    tiers = [(230, '0.05'), (400, '0.3')] if is_tiered else []
    rates = [
        rate(0, end=change, tiers=tiers, components=components),
        rate('0.02', start=change, tiers=tiers, components=components)][change == LONG_AGO:]
    measured = measure({
        name: [
            reading._replace(multiplier=times)
            for reading in chain([QUARTERS[0], QUARTERS[1]], [0, used])]
        for name, used in (('peak', peak), ('valley', valley))})
    reliefs = [Relief(3, date(2026, 3, 1), None, Decimal('0.5'), "Pipe burst")] * is_relieved
    explanation = charge(measured, rates, measured.intervals[0], reliefs=reliefs)
    assert exact_number(explanation['meter']['use']) == (peak + valley) * times
    for register, used in (('peak', peak), ('valley', valley)):
        assert sum(
            Fraction(exact_number(line['use'])) for line in explanation['lines']
            if line.get('register') == register) == used * times


@given(litres, st.integers(0, 89), st.integers(1, 90))
def test_payers_of_a_reading_add_up(use, first, length):
    """ However often the payer changes between two readings. """
    measured = measure(uses(use, days=QUARTERS[:2]))
    one = date(2026, 1, 1) + timedelta(days=first)
    other = one + timedelta(days=length)
    case = subject(
        measured, Payer(1, (1,), None, one), Payer(2, (1,), one, other), Payer(3, (1,), other))
    [period] = measured.intervals
    whole = Decimal(charge(measured, [rate(5)], period)['amount'])
    planned = plan_period(case, *period)
    assert sum(charge.amount for charge in planned) == whole
    assert all(recompute(charge.explanation) == charge.amount for charge in planned)


# === WHAT IS LEFT OF A MAIN METER === #

STORY = (date(2025, 12, 31), date(2026, 12, 31))
THE_YEAR = (date(2026, 1, 1), date(2027, 1, 1))


def sub(number, use, days=STORY, **values):
    return Measured(number, f'S-{number}', 'm³', uses(use, days=days), **values)


def test_the_rest_of_the_main_meter():
    """ 860 m³ less 300, 120, 200 and 180 of the flats: 60 × 5 = 300.00, be it lawn or leak. """
    main = measure(uses(860, days=STORY))
    flats = [sub(number, use) for number, use in enumerate((300, 120, 200, 180))]
    explanation = charge(main, FLAT, THE_YEAR, less=flats)
    assert (explanation['amount'], explanation['meter']['use']) == ('300.00', '60')
    assert [part['use'] for part in explanation['meter']['less']] == ['300', '120', '200', '180']
    assert explanation['meter']['steps'][0]['present'] == '860'


def test_a_main_meter_below_its_subs():
    main = measure(uses(860, days=STORY))
    with pytest.raises(BelowSubsError):
        charge(main, FLAT, THE_YEAR, less=[sub(1, 500), sub(2, 361)])
    assert charge(main, FLAT, THE_YEAR, less=[sub(1, 500), sub(2, 360)])['amount'] == '0.00'


def test_a_rest_across_a_new_price():
    """ 40 m³ in March, of which a sub-meter counted 9: 15 and 16 of 31 days at 2.00 and 3.00. """
    days = (date(2026, 2, 28), date(2026, 3, 31))
    rates = [rate(2, end=date(2026, 3, 16)), rate(3, date(2026, 3, 16))]
    explanation = charge(
        measure(uses(40, days=days)), rates, MARCH, less=[sub(1, 9, days)])
    assert [line['use'] for line in explanation['lines']] == ['15', '16']
    assert explanation['amount'] == '78.00'


def test_tiers_of_a_rest():
    """ 10 of 100 in January, 10 of 40 in February: the second is above 15 from the 6th m³ on. """
    days = (date(2025, 12, 31), date(2026, 1, 31), date(2026, 2, 28))
    main = measure(uses(100, 40, days=days))
    flat = Measured(1, 'S-1', 'm³', uses(90, 30, days=days))
    explanation = charge(
        main, [rate(1, tiers=[(15, 2)])], (date(2026, 2, 1), date(2026, 3, 1)), less=[flat])
    assert explanation['meter']['accounts'][0]['before'] == '10'
    assert explanation['amount'] == '15.00'


@pytest.mark.parametrize(('there', 'days', 'used'), [
    ((date(2026, 3, 11), None), (date(2026, 3, 10), date(2026, 3, 31)), 21),  # put in
    ((None, date(2026, 3, 11)), (date(2026, 2, 28), date(2026, 3, 10)), 21),  # taken away
    ((date(2026, 4, 1), None), (date(2026, 3, 31), date(2026, 4, 30)), 0),  # came later
    ((None, date(2026, 2, 1)), (date(2025, 12, 31), date(2026, 1, 31)), 0),  # went before
    ((date(2026, 3, 1), None), (date(2026, 2, 28), date(2026, 3, 31)), 21),
])
def test_a_meter_counts_while_it_is_there(there, days, used):
    meter = Measured(1, 'S-1', 'm³', uses(21, days=days), there=there)
    assert meter.get_uses(*MARCH) == {'total': used}


@pytest.mark.parametrize(('registers', 'there'), [
    ({}, (None, None)), ({}, (date(2026, 3, 11), None)),
    (uses(21, days=(date(2026, 3, 5), date(2026, 3, 31))), (date(2020, 1, 1), None)),
    (uses(21, days=(date(2026, 2, 28), date(2026, 3, 30))), (None, None)),
])
def test_a_meter_that_was_not_read(registers, there):
    with pytest.raises(NoReadingError):
        Measured(1, 'S-1', 'm³', registers, there=there).get_uses(*MARCH)


def test_a_meter_that_was_never_there():
    assert Measured(1, 'S-1', 'm³', {}, there=(date(2026, 4, 1), None)).get_uses(*MARCH) == {'': 0}
