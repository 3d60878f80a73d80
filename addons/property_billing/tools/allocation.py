""" Which charges a payment settles when the payer named none: values in, values out. """
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

# What is settled first (decision 20).
DUE, LATE_FEE, NOT_YET_DUE = range(3)


@dataclass(frozen=True, slots=True)
class Claim:
    """ What is still owed of one charge. """
    key: int
    due: date
    sequence: int
    residual: Decimal
    rank: int = DUE


def allocate(amount: Decimal, claims: list[Claim]) -> tuple[dict[int, Decimal], Decimal]:
    """ Settle what is due, then late fees, then what is not yet due (decision 20).

    Among these the oldest due date comes first, then the fees' order, then the number.

    :return: the amount per claim's key, never zero, and what is left over as a prepayment
    """
    parts = {}
    rest = amount
    for claim in sorted(
            claims, key=lambda claim: (claim.rank, claim.due, claim.sequence, claim.key)):
        part = min(rest, claim.residual)
        if part > 0:
            parts[claim.key] = part
            rest -= part
    return parts, rest
