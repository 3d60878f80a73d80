import pytest

from ...tools.phone import to_international


@pytest.mark.parametrize('written, number', [
    ('13800138000', '+8613800138000'),
    ('138 0013-8000', '+8613800138000'),
    ('+86 138 0013 8000', '+8613800138000'),
    ('0086 13800138000', '+8613800138000'),
    ('8613800138000', '+8613800138000'),
    ('１３８００１３８０００', '+8613800138000'),
    ('+852 5123 4567', '+85251234567'),
])
def test_a_mobile_number_is_understood_however_it_is_written(written, number):
    assert to_international(written) == number


@pytest.mark.parametrize('written', [
    None, '', '0571-88888888', '12800138000', '1380013800', '138001380001', 'call me',
    '+86 10 6552 9988',
])
def test_what_can_receive_no_sms_is_none(written):
    assert to_international(written) is None


def test_another_country_is_meant_where_the_company_is_there():
    assert to_international('0171 1234567', 49) == '+491711234567'
