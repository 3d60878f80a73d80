""" What is to be charged or credited when a posted period would come out differently now. """
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from .charging import ZERO
from .explanation import complete
from .planning import PlannedCharge


class Difference(NamedTuple):
    """ What one payer owes more, or less if negative, than the books say. """
    partner_id: int | None
    amount: Decimal
    before: Decimal
    explanations: list[dict]


def compare(
    before: Mapping[int | None, Decimal], planned: Iterable[PlannedCharge],
) -> list[Difference]:
    """ The payers whose charges differ, those of before first; the rest need nothing.

    The differences add up to what is planned less what was.

    :param before: what each payer was charged, net of credits and earlier corrections
    :raises MissingError: a period has no price or no quantity now, so nobody can say
    """
    now: dict[int | None, list[PlannedCharge]] = {partner_id: [] for partner_id in before}
    for charge in planned:
        if charge.missing:
            raise charge.missing
        now.setdefault(charge.partner_id, []).append(charge)
    differences = (
        Difference(
            partner_id,
            sum((charge.amount for charge in charges), ZERO) - before.get(partner_id, ZERO),
            before.get(partner_id, ZERO),
            [charge.explanation for charge in charges])
        for partner_id, charges in now.items()
    )
    return [difference for difference in differences if difference.amount]


def explain_correction(difference: Difference, of: list[int], rounding: Decimal) -> dict:
    """ The explanation of a charge for a difference.

    :param of: the ids of the charges that it corrects
    """
    return complete({
        'correction': {
            'of': of, 'before': str(difference.before), 'now': difference.explanations,
        },
        'rounding': str(rounding),
    })
