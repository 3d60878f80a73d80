""" Exact arithmetic, and the one rounding that a charge gets (decision 26).

An escalated price keeps all its decimals (decision 14); sixty are usual after thirty steps, more
than Python's default of 28 digits. `EXACT` has room for them and raises `decimal.Inexact` rather
than lose one.
"""
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal, DivisionByZero, Inexact, InvalidOperation
from fractions import Fraction

EXACT = Context(prec=2000, traps=[DivisionByZero, Inexact, InvalidOperation])
_HALF_UP = Context(prec=2000, rounding=ROUND_HALF_UP, traps=[InvalidOperation])
_SIX_DECIMALS = Decimal('0.000001')


def exact(number: float) -> Decimal:
    """ A float as the decimal number that was typed. """
    return Decimal(repr(number))


def round_half_up(value: Decimal | Fraction, unit: Decimal) -> Decimal:
    """ Round to a multiple of `unit` (0.01, 0.1 or 1), halves away from zero.

    A Fraction is rounded exactly: an intermediate Decimal could turn a half into less than a half.
    """
    # The usual case first; and whether something is a Fraction takes long to tell.
    if isinstance(value, Decimal):
        return value.quantize(unit, context=_HALF_UP)
    numerator, denominator = unit.as_integer_ratio()
    steps = abs(value.numerator) * denominator
    whole = value.denominator * numerator
    rounded = (2 * steps + whole) // (2 * whole) * unit
    return rounded if value.numerator >= 0 else -rounded


def decimal_text(value: Decimal | Fraction) -> str:
    """ A number for people to read; a Fraction is cut to six decimals. """
    if not isinstance(value, Decimal):
        value = round_half_up(value, _SIX_DECIMALS)
    return _plain_text(value)


def _plain_text(value: Decimal) -> str:
    """ Without an exponent and without zeros at its end; mostly it has neither. """
    text = str(value)
    if 'E' in text or (text[-1] == '0' and '.' in text):
        return format(value.normalize(EXACT), 'f')
    return text


def exact_text(value: Decimal | Fraction) -> str:
    """ A number from which the same number can be made: a decimal, or else a fraction. """
    if isinstance(value, Decimal):
        return _plain_text(value)
    factors = value.denominator
    for prime in (2, 5):
        while factors % prime == 0:
            factors //= prime
    if factors != 1:
        return str(value)
    return exact_text(EXACT.divide(Decimal(value.numerator), Decimal(value.denominator)))


def exact_number(text: str) -> Decimal | Fraction:
    """ The number of an `exact_text`. """
    return Fraction(text) if '/' in text else Decimal(text)


def same_kind(*values: Decimal | Fraction) -> Sequence[Decimal] | Sequence[Fraction]:
    """ Numbers that can be calculated with each other: all as they are, or all as Fractions. """
    for value in values:
        if not isinstance(value, Decimal):
            return [Fraction(other) for other in values]
    return values
