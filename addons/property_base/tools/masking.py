""" Personal numbers that are shown in part. """


def mask(number):
    """ Enough of a number to tell it from another, too little to use it.

    >>> mask('13800138000'), mask('440301198001011234'), mask('E1234567'), mask(None)
    ('138****8000', '440***********1234', '********', '')
    """
    number = number or ''
    if len(number) <= 8:
        return '*' * len(number)
    return f'{number[:3]}{"*" * (len(number) - 7)}{number[-4:]}'
