""" Amounts in the capitals that Chinese law wants on money documents (大写金额). """
from decimal import ROUND_HALF_UP, Decimal

DIGITS = '零壹贰叁肆伍陆柒捌玖'
UNITS = ((10**8, '亿'), (10**4, '万'), (1000, '仟'), (100, '佰'), (10, '拾'))


def chinese_amount(amount: Decimal | float | int) -> str:
    """ The amount in words, rounded to the fen.

    >>> chinese_amount(Decimal('857.57'))
    '捌佰伍拾柒元伍角柒分'
    """
    fen_total = int((Decimal(str(amount)) * 100).quantize(Decimal(1), ROUND_HALF_UP))
    if not fen_total:
        return '零元整'
    yuan, rest = divmod(abs(fen_total), 100)
    jiao, fen = divmod(rest, 10)
    text = '负' if fen_total < 0 else ''
    if yuan:
        text += _integer(yuan) + '元'
    if jiao:
        text += DIGITS[jiao] + '角'
    elif yuan and fen:
        text += '零'
    return text + (DIGITS[fen] + '分' if fen else '整')


def _integer(number: int) -> str:
    """ One zero is read where digits are missing between two others, none at the end. """
    for size, unit in UNITS:
        if number >= size:
            high, low = divmod(number, size)
            text = _integer(high) + unit
            if not low:
                return text
            return text + ('零' if low < size // 10 else '') + _integer(low)
    return DIGITS[number]
