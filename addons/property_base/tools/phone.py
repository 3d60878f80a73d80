""" Telephone numbers, as an SMS gateway wants them. """
import re
import unicodedata

_CHINA = '86'


def to_international(number, phone_code=_CHINA):
    """ 138 0013 8000 → +8613800138000; None for what can receive no SMS.

    In China that is anything but a mobile number: a landline would only cost a refusal.

    :param str number: as a person wrote it
    :param phone_code: of the country that is meant where the number names none
    """
    # The digits of a Chinese keyboard are as good.
    digits = re.sub(r'[^0-9+]', '', unicodedata.normalize('NFKC', number or ''))
    digits = re.sub(r'^00', '+', digits)
    phone_code = str(phone_code or _CHINA)
    if not digits.startswith('+'):
        if phone_code == _CHINA and re.fullmatch(r'86\d{11}', digits):
            digits = f'+{digits}'
        else:
            digits = f'+{phone_code}{digits.removeprefix("0")}'
    if digits.startswith('+86'):
        return digits if re.fullmatch(r'\+861[3-9]\d{9}', digits) else None
    return digits if re.fullmatch(r'\+[1-9]\d{6,14}', digits) else None


def to_national(number):
    """ +8613800138000 → 13800138000, as people here know their number; '' for what can receive no
    SMS.
    """
    return (to_international(number) or '').removeprefix(f'+{_CHINA}')
