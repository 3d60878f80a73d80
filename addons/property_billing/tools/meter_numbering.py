""" Numbers of meters that are made by pattern. """
import re
from string import Formatter

FIELDS = ('project', 'building', 'unit', 'type', 'n')


def check_pattern(pattern: str):
    """ Refuse a pattern that names anything but what a meter's number is made of.

    :raises ValueError: with the field that is wrong, else with the whole pattern
    """
    try:
        fields = {name: spec for _text, name, spec, _conversion in Formatter().parse(pattern)
                  if name is not None}
    except ValueError:
        raise ValueError(pattern) from None
    for name, spec in fields.items():
        # A short width only: {n:999999999d} would fill the memory.
        if name not in FIELDS or not re.fullmatch(r'(0?\dd?)?' if name == 'n' else '', spec):
            raise ValueError('{%s}' % ':'.join(filter(None, (name, spec))))
    if not fields.keys() & {'unit', 'n'}:
        raise ValueError(pattern)


def format_number(
    pattern: str, n: int, project: str = '', building: str = '', unit: str = '', kind: str = '',
) -> str:
    """ The number of a meter; parts that are empty leave no hyphens behind.

    >>> format_number('{building}-{unit}-{type}-{n:03}', 7, building='1', unit='101', kind='W')
    '1-101-W-007'
    >>> format_number('{project}-{unit}', 1, unit='101')
    '101'
    """
    number = pattern.format(n=n, project=project, building=building, unit=unit, type=kind)
    return re.sub(r'-{2,}', '-', number).strip('-')
