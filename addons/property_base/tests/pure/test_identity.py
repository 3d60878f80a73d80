from datetime import date

import pytest

from ...tools.identity import (
    get_birth,
    get_sex,
    is_valid,
    mask,
    mask_address,
    mask_phone,
    normalise,
)


@pytest.mark.parametrize(('kind', 'number', 'valid'), [
    ('card', '11010519491231002X', True),  # the example of GB 11643
    ('card', '110105194912310021', False),  # wrong check digit
    ('card', '110105194913310020', False),  # there is no month 13
    ('card', '١١٠١٠٥١٩٤٩١٢٣١٠٠٢X', False),  # digits of another script
    ('card', '1101054912310', False),  # the 15 digits of before 2000
    ('passport', 'E12345678', True),
    ('passport', 'E1', False),
    ('hk_macau', 'H1234567801', True),
    ('hk_macau', 'X12345678', False),
    ('taiwan', '12345678', True),
    ('foreigner', 'USA110000010101', True),
    ('other', '?', False),
])
def test_what_a_number_looks_like(kind, number, valid):
    """[A17] """
    assert is_valid(kind, number) is valid


def test_numbers_are_stored_alike():
    assert normalise(' 11010519491231002x ') == '11010519491231002X'
    assert normalise('１１０１０５１９４９１２３１００２ｘ') == '11010519491231002X'
    assert normalise(None) == ''


def test_birth_and_sex_stand_in_the_number():
    assert get_birth('11010519491231002X') == date(1949, 12, 31)
    assert get_sex('11010519491231002X') == 'female'
    assert get_birth('110105194902300020') is None


def test_masks_keep_what_tells_people_apart():
    """[G25] """
    assert mask('440301198001011234') == '440***********1234'
    assert mask('E12345678') == '*********'
    assert mask(None) == ''
    assert mask_phone('13812345678') == '138****5678'
    assert mask_phone('+86 138 1234 5678') == '86138****5678'
    assert mask_phone('8812') == '**12'
    assert mask_phone(None) == ''
    assert mask_address('+8613812345678') == '138****5678'
    assert mask_address('olga@example.com') == 'o***@example.com'
    assert mask_address('@example.com') == '***@example.com'
