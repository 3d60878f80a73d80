""" Which charges a payment settles when the payer named none: values in, values out. """
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Claim:
    """ What is still owed of one charge. """
    key: int
    due: date
    sequence: int
    residual: Decimal


def allocate(amount: Decimal, claims: list[Claim]) -> tuple[dict[int, Decimal], Decimal]:
    """ Settle the oldest due date first, then in the fees' order, then by number (decision 20).

    :return: the amount per claim's key, never zero, and what is left over as a prepayment
    """
    parts = {}
    rest = amount
    for claim in sorted(claims, key=lambda claim: (claim.due, claim.sequence, claim.key)):
        part = min(rest, claim.residual)
        if part > 0:
            parts[claim.key] = part
            rest -= part
    return parts, rest
