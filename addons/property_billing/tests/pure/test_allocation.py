""" [B08] Money that names no charge: principals, late fees, what comes later; oldest first. """
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.property_billing.tools.allocation import (
    DUE,
    LATE_FEE,
    NOT_YET_DUE,
    Claim,
    allocate,
)

JANUARY, FEBRUARY, MARCH = date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)


def claim(key, due=JANUARY, sequence=1, residual='100', rank=DUE):
    return Claim(key, due, sequence, Decimal(residual), rank)


@pytest.mark.parametrize(('amount', 'parts', 'rest'), [
    ('0', {}, '0'),
    ('40', {1: '40'}, '0'),
    ('100', {1: '100'}, '0'),
    ('150.50', {1: '100', 2: '50.50'}, '0'),
    ('250', {1: '100', 2: '100'}, '50'),
])
def test_oldest_due_date_first(amount, parts, rest):
    claims = [claim(2, FEBRUARY), claim(1, JANUARY)]
    assert allocate(Decimal(amount), claims) == (
        {key: Decimal(part) for key, part in parts.items()}, Decimal(rest))


def test_then_the_order_of_the_fees_then_the_number():
    claims = [claim(5, sequence=2), claim(9, sequence=1), claim(7, sequence=1)]
    assert list(allocate(Decimal(300), claims)[0]) == [7, 9, 5]


def test_principals_then_late_fees_then_what_is_not_yet_due():
    """ Decision 20: February's principal comes before the late fee of January's. """
    claims = [
        claim(1, MARCH, rank=NOT_YET_DUE), claim(2, JANUARY, rank=LATE_FEE),
        claim(3, FEBRUARY),
    ]
    assert list(allocate(Decimal(300), claims)[0]) == [3, 2, 1]


def test_what_is_paid_already_takes_nothing():
    assert allocate(Decimal(10), [claim(1, residual='0'), claim(2)]) == (
        {2: Decimal(10)}, Decimal(0))


cents = st.decimals(min_value=0, max_value=10000, places=2)
claim_lists = st.lists(
    st.builds(
        Claim, key=st.integers(1, 10**6), due=st.sampled_from([JANUARY, FEBRUARY, MARCH]),
        sequence=st.integers(0, 3), residual=cents,
        rank=st.sampled_from([DUE, LATE_FEE, NOT_YET_DUE])),
    unique_by=lambda claim: claim.key, max_size=8)


@given(cents, claim_lists)
def test_every_cent_is_in_one_place(amount, claims):
    parts, rest = allocate(amount, claims)
    residuals = {claim.key: claim.residual for claim in claims}
    assert sum(parts.values()) + rest == amount
    assert all(0 < part <= residuals[key] for key, part in parts.items())
    assert rest == max(amount - sum(residuals.values()), 0)


@given(cents, claim_lists)
def test_nothing_is_settled_while_something_before_it_is_open(amount, claims):
    parts, _rest = allocate(amount, claims)
    ordered = sorted(
        claims, key=lambda claim: (claim.rank, claim.due, claim.sequence, claim.key))
    open_claims = [claim for claim in ordered if parts.get(claim.key, 0) < claim.residual]
    if open_claims:
        first = ordered.index(open_claims[0])
        assert not any(claim.key in parts for claim in ordered[first + 1:])


@given(cents, claim_lists)
def test_the_order_of_the_list_does_not_matter(amount, claims):
    assert allocate(amount, claims) == allocate(amount, claims[::-1])
