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
    if not isinstance(text, str):
        text = format(Decimal(repr(text)), 'f')
    typed = unicodedata.normalize('NFKC', text).strip()
    if not NUMBER.fullmatch(typed):
        raise DialError(NOT_A_NUMBER)
    value = Decimal(typed)
    if value != value.quantize(Decimal(1).scaleb(-decimals)):
        raise DialError(TOO_MANY_DECIMALS)
    if value >= Decimal(1).scaleb(digits):
        raise DialError(TOO_MANY_DIGITS)
    return value
