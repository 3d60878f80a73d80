""" Numbers of identity papers and phones: whether they can be right, and how they are masked. """
import re
import unicodedata
from datetime import date

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = '10X98765432'
# What the number of a paper looks like. Of a resident identity card there is more to check.
_FORMS = {
    'card': r'\d{17}[\dX]',
    'passport': r'[A-Z0-9]{5,12}',
    'hk_macau': r'[HM]\d{8}(\d\d)?',
    'taiwan': r'\d{8}|\d{10}[A-Z]?',
    'foreigner': r'[A-Z0-9]{15}|9\d{16}[\dX]',
    'military': r'.{4,20}',
    'other': r'.{4,30}',
}


def normalise(number):
    """ As it is stored: without spaces, in capitals, none of a Chinese keyboard's wide digits. """
    return re.sub(r'\s', '', unicodedata.normalize('NFKC', number or '')).upper()


def get_check_digit(body):
    """ The last character of a resident identity number by the 17 before it (GB 11643). """
    return CHECK_DIGITS[sum(
        weight * int(digit) for weight, digit in zip(_WEIGHTS, body, strict=True)) % 11]


def is_valid(kind, number):
    """ Whether a normalised number can be that of a paper of this kind. """
    if not re.fullmatch(_FORMS[kind], number, re.ASCII):
        return False
    return kind != 'card' or (
        get_birth(number) is not None and get_check_digit(number[:17]) == number[17])


def get_birth(number):
    """ The date of birth in a resident identity number, or None. """
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def get_sex(number):
    return 'male' if int(number[16]) % 2 else 'female'


def mask(number):
    """ 440301198001011234 → 440***********1234; a shorter number shows nothing.

    Three and four digits are nearly all of a passport's nine.
    """
    number = number or ''
    if len(number) < 15:
        return '*' * len(number)
    return f'{number[:3]}{"*" * (len(number) - 7)}{number[-4:]}'


def mask_phone(phone):
    """ 13812345678 → 138****5678; of a shorter number only the last two digits are shown. """
    digits = re.sub(r'\D', '', phone or '')
    if len(digits) < 8:
        return '*' * max(len(digits) - 2, 0) + digits[-2:]
    return f'{digits[:-8]}****{digits[-4:]}'


def mask_address(address):
    """ 138****5678 or o***@example.com: enough to know it again, too little to learn it.

    :param str address: a phone number or an e-mail address
    """
    name, at, domain = address.partition('@')
    return f'{name[:1]}***@{domain}' if at else mask_phone(address.removeprefix('+86'))
