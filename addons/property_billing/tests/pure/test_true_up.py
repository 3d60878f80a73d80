""" The year's end: parts of costs less advances, and advances that two years share. """
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from ...tools.apportion import apportion, explain_portion
from ...tools.explanation import complete, period_of, recompute, share_explanation
from ...tools.true_up import explain_true_up, net_in_days

CENT = Decimal('0.01')
YEAR = date(2025, 1, 1), date(2026, 1, 1)


def part(total, areas, name, days=None):
    """ The explanation of the last one's part of a cost of the year. """
    weights = {str(number): Fraction(area) for number, area in enumerate(areas)}
    portions = apportion(Decimal(total), weights, CENT, list(weights))
    explained = explain_portion(
        portions[max(portions)], Decimal(total), sum(weights.values()), CENT,
        cost=1, name=name, key='area', start='2025-01-01', end='2025-12-31')
    return share_explanation(explained, days, 0) if days else explained


def test_a_flat_that_is_sold():
    """ [B45] 181 of 365 days of 3,876.92 and 825.00: 1,922.53 + 409.11 less 2,376.00. """
    explanation = complete(explain_true_up(
        3, 'Budget 2025', Decimal('2376.00'), [101, 102], [
            part('12600.00', [80, 90, 100, 120], 'Cleaning', [181, 184]),
            part('3300.00', [1, 1, 1, 1], 'Lift', [181, 184])],
        date(2025, 1, 1), date(2025, 7, 1), CENT))
    assert [recompute(one) for one in explanation['true_up']['parts']] == [
        Decimal('1922.53'), Decimal('409.11')]
    assert explanation['amount'] == '-44.36'
    assert recompute(explanation) == Decimal('-44.36')
    assert period_of(explanation) == (date(2025, 1, 1), date(2025, 6, 30))


def test_a_charge_over_the_border():
    """ 31.00 from 16 December to 15 January: 16.00 and 15.00. """
    charge = Decimal(31), date(2025, 12, 16), date(2026, 1, 16)
    assert net_in_days(*charge, *YEAR, CENT) == 16
    assert net_in_days(*charge, date(2026, 1, 1), date(2027, 1, 1), CENT) == 15
    assert net_in_days(*charge, date(2027, 1, 1), date(2028, 1, 1), CENT) == 0
    assert net_in_days(Decimal('228.00'), date(2025, 3, 1), date(2025, 4, 1), *YEAR, CENT) == 228


@given(
    st.decimals(0, 100000, places=2), st.integers(1, 1500), st.integers(-800, 800),
    st.lists(st.integers(-900, 900), min_size=2, max_size=5, unique=True))
def test_years_share_a_charge_to_the_cent(net, days, offset, borders):
    start = date(2025, 1, 1) + timedelta(days=offset)
    end = start + timedelta(days=days)
    years = [date(1900, 1, 1), *(
        date(2025, 1, 1) + timedelta(days=border) for border in sorted(borders)), date(2100, 1, 1)]
    parts = [
        net_in_days(net, start, end, since, until, CENT)
        for since, until in zip(years, years[1:], strict=False)]
    assert sum(parts) == net
    assert min(parts) >= 0
