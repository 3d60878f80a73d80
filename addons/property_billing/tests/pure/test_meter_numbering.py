""" Patterns from which meters get their numbers. """
import pytest

from ...tools.meter_numbering import check_pattern, format_number

PATTERN = '{project}-{building}-{unit}-{type}-{n:03}'


def test_a_number():
    check_pattern(PATTERN)
    assert format_number(PATTERN, 7, 'EG', '1', '1011', '冷水表') == 'EG-1-1011-冷水表-007'


def test_what_is_empty_leaves_nothing():
    assert format_number(PATTERN, 7, '', '1', '1011', 'W') == '1-1011-W-007'


@pytest.mark.parametrize(('pattern', 'part'), [
    ('{room}-{n}', '{room}'), ('{n:999999999d}', '{n:999999999d}'), ('{unit:>9}', '{unit:>9}'),
    ('{unit', '{unit'), ('W-{type}', 'W-{type}'), ('', ''),
    ('{unit.__class__}', '{unit.__class__}'),
])
def test_a_pattern_that_does_not_serve(pattern, part):
    """ A field that there is not, a width that fills the memory, the same number for all. """
    with pytest.raises(ValueError) as caught:
        check_pattern(pattern)
    assert caught.value.args[0] == part
