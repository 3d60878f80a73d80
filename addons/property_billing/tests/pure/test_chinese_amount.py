""" Amounts in capitals (大写金额), as the central bank's rules want them. """
from decimal import Decimal

import pytest

from ...tools.chinese_amount import chinese_amount

RULES = [
    ('0', '零元整'),
    ('0.05', '伍分'),
    ('0.50', '伍角整'),
    ('10', '壹拾元整'),
    ('343.68', '叁佰肆拾叁元陆角捌分'),
    ('857.57', '捌佰伍拾柒元伍角柒分'),
    # One zero for those between two digits, also before the fen; none at the end of a number.
    ('1409.50', '壹仟肆佰零玖元伍角整'),
    ('6007.14', '陆仟零柒元壹角肆分'),
    ('16409.02', '壹万陆仟肆佰零玖元零贰分'),
    ('325.04', '叁佰贰拾伍元零肆分'),
    ('100005', '壹拾万零伍元整'),
    ('107000.53', '壹拾万柒仟元伍角叁分'),
    ('1000200', '壹佰万零贰佰元整'),
    ('10100001', '壹仟零壹拾万零壹元整'),
    ('100000000', '壹亿元整'),
    ('100010000', '壹亿零壹万元整'),
    ('120003400.08', '壹亿贰仟万叁仟肆佰元零捌分'),
    ('1234500000000', '壹万贰仟叁佰肆拾伍亿元整'),
    ('-88.80', '负捌拾捌元捌角整'),
]


@pytest.mark.parametrize(('amount', 'text'), RULES)
def test_a_bill_reads_its_total_in_capitals(amount, text):
    """ [B15] """
    assert chinese_amount(Decimal(amount)) == text


def test_floats_of_the_orm_are_rounded_to_the_fen():
    assert chinese_amount(0.1 + 0.2) == '叁角整'
    assert chinese_amount(999.995) == '壹仟元整'
