""" Late fees: a day is never charged twice, and they outlive what they are for. """
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ...tools.explanation import recompute
from ...tools.late_fee import Days, LateTerms, accrue, first_day

CENT = Decimal('0.01')
DUE = date(2026, 1, 31)
USUAL = [LateTerms(Decimal('0.05'), 5, Decimal(100))]
PAID_400 = (date(2026, 3, 1), Decimal('457.57'))


class Debt:
    """ A principal whose late fee is charged again and again. """

    def __init__(self, principal='857.57', terms=USUAL, suspended=()):
        self.principal = Decimal(principal)
        self.terms, self.suspended = terms, suspended
        self.issued, self.until = Decimal(), None

    def charge(self, until, residuals=()):
        """ The amount of one more charge for the days before `until`. """
        explanation = accrue(
            self.principal, residuals, DUE, self.terms, self.suspended, until, self.issued,
            self.until, CENT)
        if explanation is None:
            return None
        assert recompute(explanation) == Decimal(explanation['amount'])
        self.issued += Decimal(explanation['amount'])
        self.until = until
        self.ranges = explanation['late']['ranges']
        return explanation['amount']


def test_the_first_day_comes_after_the_grace():
    """ Due on 31 January with five days of grace: 6 February. """
    assert first_day(DUE, 5) == date(2026, 2, 6)
    debt = Debt()
    assert debt.charge(date(2026, 2, 6)) is None
    assert debt.charge(date(2026, 2, 7)) == '0.43'  # 857.57 × 0.05 %


def test_a_part_payment_a_run_and_the_rest():
    """ Decision 35: 23 days on 857.57, 31 and 9 days on 457.57; 19.01 in all. """
    debt = Debt()
    assert debt.charge(date(2026, 3, 1), [PAID_400]) == '9.86'
    assert debt.charge(date(2026, 4, 1), [PAID_400]) == '7.09'  # total 16.95
    paid = [PAID_400, (date(2026, 4, 10), Decimal())]
    assert debt.charge(date(2026, 4, 10), paid) == '2.06'
    assert debt.issued == Decimal('19.01')
    assert debt.ranges == [
        {'start': '2026-02-06', 'end': '2026-02-28', 'days': 23, 'residual': '857.57',
         'percent': '0.05'},
        {'start': '2026-03-01', 'end': '2026-04-09', 'days': 40, 'residual': '457.57',
         'percent': '0.05'},
    ]
    assert debt.charge(date(2026, 12, 1), paid) is None


def test_days_in_dispute_do_not_count():
    """[B44] Flagged from 16 to 25 February: 13 days on 857.57. """
    debt = Debt(suspended=[Days(date(2026, 2, 16), date(2026, 2, 26))])
    assert debt.charge(date(2026, 3, 1)) == '5.57'


def test_an_open_dispute_stops_the_days():
    debt = Debt(suspended=[Days(date(2026, 2, 16), None)])
    assert debt.charge(date(2026, 3, 1)) == '4.29'  # 10 days
    assert debt.charge(date(2027, 3, 1)) is None


def test_the_total_is_rounded_not_each_charge():
    """ 33.33: 0.1167 after 7 days, 0.2333 after 14: 0.12 and 0.11, not twice 0.12. """
    debt = Debt('33.33')
    assert debt.charge(date(2026, 2, 13)) == '0.12'
    assert debt.charge(date(2026, 2, 20)) == '0.11'


def test_a_late_fee_stops_at_its_cap():
    """ 20 % of 100.00 at 0.3 % a day: 19.80 after 66 days, 20.00 from the 67th on. """
    debt = Debt('100', [LateTerms(Decimal('0.3'), 5, Decimal(20))])
    assert debt.charge(date(2026, 2, 6) + timedelta(days=66)) == '19.80'
    assert debt.charge(date(2026, 2, 6) + timedelta(days=67)) == '0.20'
    assert debt.charge(date(2028, 1, 1)) is None


def test_each_day_has_the_percent_in_force():
    """ From March on 0.1 %: 23 days at 0.43 and 31 days at 0.86. """
    debt = Debt(terms=[
        LateTerms(Decimal('0.05'), 5, Decimal(100), None, date(2026, 3, 1)),
        LateTerms(Decimal('0.1'), 5, Decimal(100), date(2026, 3, 1)),
    ])
    assert debt.charge(date(2026, 4, 1)) == '36.45'  # 9.862055 + 26.58467


def test_a_rate_that_comes_later_counts_from_its_day():
    """ Off until it is entered. """
    debt = Debt(terms=[LateTerms(Decimal('0.05'), 5, Decimal(100), date(2026, 3, 1))])
    assert debt.charge(date(2026, 3, 1)) is None
    assert debt.charge(date(2026, 3, 11)) == '4.29'  # 10 days


def test_a_payment_dated_back_credits_nothing_by_itself():
    debt = Debt()
    assert debt.charge(date(2026, 3, 1)) == '9.86'
    assert debt.charge(date(2026, 3, 2), [(date(2026, 2, 10), Decimal('0.01'))]) is None


histories = st.lists(
    st.tuples(st.integers(0, 400), st.decimals(0, 900, places=2)), max_size=5,
    unique_by=lambda change: change[0],
).map(lambda changes: [(DUE + timedelta(days=day), owed) for day, owed in sorted(changes)])
terms = st.lists(st.integers(1, 300), max_size=2, unique=True).flatmap(lambda borders: st.tuples(*(
    st.builds(
        LateTerms, st.decimals(0, 1, places=4), st.just(5), st.just(Decimal(100)),
        st.just(start and DUE + timedelta(days=start)), st.just(end and DUE + timedelta(days=end)))
    for start, end in zip([None, *sorted(borders)], [*sorted(borders), None], strict=True))))
disputes = st.lists(st.builds(
    lambda start, length: Days(
        DUE + timedelta(days=start), DUE + timedelta(days=start + length)),
    st.integers(-10, 300), st.integers(1, 60)), max_size=2)


@given(histories, terms, disputes, st.lists(st.integers(1, 500), max_size=6, unique=True))
def test_however_often_it_is_charged_the_total_is_the_same(history, rates, suspended, runs):
    """ Decision 6: accruals on the way change nothing of what is owed at the end. """
    end = DUE + timedelta(days=600)
    once, often = Debt(terms=rates, suspended=suspended), Debt(terms=rates, suspended=suspended)
    once.charge(end, history)
    for run in sorted(runs):
        until = DUE + timedelta(days=run)
        often.charge(until, [change for change in history if change[0] <= until])
    often.charge(end, history)
    assert often.issued == once.issued <= once.principal


@given(histories, terms, disputes, st.integers(1, 500))
def test_no_day_is_in_two_ranges(history, rates, suspended, days):
    until = DUE + timedelta(days=days)
    explanation = accrue(
        Decimal('857.57'), history, DUE, rates, suspended, until, Decimal(), None, CENT)
    ranges = explanation['late']['ranges'] if explanation else []
    borders = [
        (date.fromisoformat(found['start']), date.fromisoformat(found['end'])) for found in ranges]
    last = DUE + timedelta(days=5)
    for (start, end), found in zip(borders, ranges, strict=True):
        assert last < start <= end < until
        assert (end - start).days + 1 == found['days']
        assert not any(dispute.covers(start) or dispute.covers(end) for dispute in suspended)
        last = end


@pytest.mark.parametrize('percent', ['0.05', '0.3'])
def test_all_waived_leaves_no_next_one(percent):
    """ What was waived counts as issued, so it does not come back. """
    debt = Debt(terms=[LateTerms(Decimal(percent), 5, Decimal(100))])
    debt.charge(date(2026, 3, 1), [(date(2026, 3, 1), Decimal())])
    assert debt.charge(date(2026, 6, 1), [(date(2026, 3, 1), Decimal())]) is None
