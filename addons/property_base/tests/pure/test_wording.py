import pytest

from ...tools.wording import LooseBrace, count_sms, fill, find_variables


def test_variables_are_found_once_each_in_their_order():
    assert find_variables("尊敬的{业主姓名}，{ 房号 }的账单，{业主姓名}") == ['业主姓名', '房号']
    assert find_variables(None) == []


@pytest.mark.parametrize('text', ["{房号", "房号}", "{a{b}", "a}b{c"])
def test_a_brace_without_its_partner_is_an_error(text):
    with pytest.raises(LooseBrace):
        find_variables(text)


def test_what_a_value_contains_is_not_looked_at_again():
    assert fill("{owner}, {unit}", {'owner': "{unit}", 'unit': "1-101"}) == "{unit}, 1-101"


@pytest.mark.parametrize('text, count', [
    ("", 1), ("业" * 70, 1), ("业" * 71, 2), ("业" * 134, 2), ("业" * 135, 3),
    ("a" * 160, 1), ("a" * 161, 2), ("a" * 306, 2), ("a" * 307, 3),
])
def test_a_text_counts_as_several_short_messages(text, count):
    assert count_sms(text) == count


def test_the_signature_counts():
    """ 【锦东物业】 are six letters, and make Chinese of any text. """
    assert [count_sms("业" * length, "锦东物业") for length in (64, 65)] == [1, 2]
    assert count_sms("a" * 65, "锦东物业") == 2
