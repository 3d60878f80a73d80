""" Explanations as they are stored with posted charges: they give their amount for ever. """
import json
from decimal import Decimal
from pathlib import Path

import pytest

from ...tools.explanation import recompute, unshared

STORED = json.loads(Path(__file__).with_name('explanations.json').read_text(encoding='utf-8'))


@pytest.mark.parametrize('name', STORED)
def test_a_stored_explanation_gives_its_amount_for_ever(name):
    """ Written by the first version of each shape; never to be written anew. """
    assert recompute(STORED[name]) == Decimal(STORED[name]['amount'])


def test_what_payers_share_is_the_whole_month():
    """ 94.56 × 1.3 = 122.93, of which 63.45 for 16 of 31 days; 100.00 for three payers. """
    assert unshared(STORED['the second of two payers']) == Decimal('122.93')
    assert recompute(STORED['the second of two payers']) == Decimal('63.45')
    assert unshared(STORED['the last of three payers']) == Decimal('100.00')
