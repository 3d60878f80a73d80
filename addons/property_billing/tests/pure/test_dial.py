""" What is typed for a reading, and what is none. """
from decimal import Decimal

import pytest

from ...tools.dial import (
    NOT_A_NUMBER,
    TOO_MANY_DECIMALS,
    TOO_MANY_DIGITS,
    DialError,
    parse_value,
)


@pytest.mark.parametrize(('text', 'value'), [
    ('1090', 1090), ('0', 0), ('00015', 15), ('12.5', Decimal('12.5')), ('12.500', Decimal('12.5')),
    ('１２３４', 1234), ('\u00a01250 ', 1250), ('.5', Decimal('0.5')), ('12.', 12), (1250, 1250),
    (0.1, Decimal('0.1')), ('99999.999', Decimal('99999.999')),
])
def test_what_is_a_reading(text, value):
    """ Spaces of a spreadsheet and full-width digits are how people type, no mistakes. """
    assert parse_value(text, digits=5, decimals=3) == value


@pytest.mark.parametrize(('text', 'why'), [
    ('12a', NOT_A_NUMBER), ('1,2,3', NOT_A_NUMBER), ('1e5', NOT_A_NUMBER), ('-1', NOT_A_NUMBER),
    ('', NOT_A_NUMBER), ('一二', NOT_A_NUMBER), ('nan', NOT_A_NUMBER), ('12³', NOT_A_NUMBER),
    ('1.2345', TOO_MANY_DECIMALS), ('100000', TOO_MANY_DIGITS), (1e5, TOO_MANY_DIGITS),
    (-1.0, NOT_A_NUMBER), (None, NOT_A_NUMBER), (True, NOT_A_NUMBER), ([1], NOT_A_NUMBER),
    ('9' * 40, TOO_MANY_DIGITS), (1e300, TOO_MANY_DIGITS), ('0.' + '1' * 40, TOO_MANY_DECIMALS),
])
def test_what_is_none(text, why):
    """[B32] A letter, a sign, more digits than the dial has. """
    with pytest.raises(DialError) as caught:
        parse_value(text, digits=5, decimals=3)
    assert caught.value.args[0] == why


def test_a_dial_without_decimals():
    with pytest.raises(DialError) as caught:
        parse_value('12.5', digits=5, decimals=0)
    assert caught.value.args[0] == TOO_MANY_DECIMALS
    assert parse_value('12.0', digits=5, decimals=0) == 12
