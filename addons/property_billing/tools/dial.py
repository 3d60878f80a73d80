""" What people write when they read a dial. """
import re
import unicodedata
from decimal import Decimal

NOT_A_NUMBER = 'number'
TOO_MANY_DECIMALS = 'decimals'
TOO_MANY_DIGITS = 'digits'

NUMBER = re.compile(r'\d+\.?\d*|\.\d+', re.ASCII)


class DialError(ValueError):
    """ No such reading can stand on the dial; `args[0]` says why. """


def parse_value(text: str | float, digits: int, decimals: int) -> Decimal:
    """ A reading as it was typed, in full-width digits or with spaces about it, too.

    :param digits: of the dial, before the point
    :param decimals: of the dial, after it
    :raises DialError: it is no number, or has more digits than the dial
    """
    if isinstance(text, float):
        text = format(Decimal(repr(text)), 'f')
    elif isinstance(text, bool) or not isinstance(text, int | str | Decimal):
        raise DialError(NOT_A_NUMBER)
    text = str(text)
    typed = unicodedata.normalize('NFKC', text).strip()
    # Full-width digits are digits; those of “12³” or “①” are not.
    if not NUMBER.fullmatch(typed) or any(
            char.isdigit() and not char.isdecimal() for char in text):
        raise DialError(NOT_A_NUMBER)
    value = Decimal(typed)
    if value >= Decimal(1).scaleb(digits):  # asked first: no context rounds what fits a dial
        raise DialError(TOO_MANY_DIGITS)
    if value != value.quantize(Decimal(1).scaleb(-decimals)):
        raise DialError(TOO_MANY_DECIMALS)
    return value
