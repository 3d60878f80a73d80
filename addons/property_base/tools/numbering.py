""" Numbers of floors and units, as buildings write them. """
import re
from string import Formatter

UNIT_NUMBER_FIELDS = ('building', 'entrance', 'floor', 'no')


class Floor(int):
    """ A floor that writes itself: 3, or B1 for the first below ground. """

    def __format__(self, spec):
        return ('B' if self < 0 else '') + format(abs(self), spec)


def get_first_number(text, default=0):
    """ The first number in a name, by which people sort: 12 for "12栋", the default for none.

    >>> get_first_number("Building 12, east"), get_first_number("East")
    (12, 0)
    """
    match = re.search(r'\d+', text or '')
    return int(match[0]) if match else default


def parse_floors(text):
    """ The floors that a text lists.

    >>> sorted(parse_floors("4, 13-14, B1"))
    [-1, 4, 13, 14]

    :raises ValueError: with the part that is not a floor
    """
    floors = set()
    for part in re.split(r'[\s,，、;；]+', text or ''):
        if not part:
            continue
        match = re.fullmatch(r'(B?)(\d{1,3})(?:[-~](B?)(\d{1,3}))?', part.upper())
        if not match:
            raise ValueError(part)
        first = -int(match[2]) if match[1] else int(match[2])
        last = first if match[4] is None else -int(match[4]) if match[3] else int(match[4])
        floors.update(range(min(first, last), max(first, last) + 1))
    return floors


def get_floors(first, last, skipped=()):
    """ The floors from the first to the last. No building has a floor 0.

    >>> [f'{floor}' for floor in get_floors(-1, 5, {4})]
    ['B1', '1', '2', '3', '5']
    """
    return [Floor(floor) for floor in range(first, last + 1) if floor and floor not in skipped]


def check_pattern(pattern):
    """ Refuse a pattern that names anything but the fields of a unit number.

    :raises ValueError: with the field that is wrong, else with the whole pattern
    """
    try:
        fields = [(name, spec) for _text, name, spec, _conversion in Formatter().parse(pattern)
                  if name is not None]
    except ValueError:
        raise ValueError(pattern) from None
    for name, spec in fields:
        # A short width only: {no:999999999d} would fill the memory.
        if name not in UNIT_NUMBER_FIELDS or not re.fullmatch(r'(0?\dd?)?', spec):
            raise ValueError('{%s}' % ':'.join(filter(None, (name, spec))))
    if 'no' not in dict(fields):
        raise ValueError('{no}')
    try:
        format_unit_number(pattern, Floor(1), 1)
    except ValueError:
        raise ValueError(pattern) from None


def format_unit_number(pattern, floor, no, building='', entrance=''):
    """ The number of a unit.

    >>> format_unit_number('{floor}{no:02d}', Floor(12), 3)
    '1203'
    >>> format_unit_number('{floor}-{no:03d}', Floor(-1), 7)
    'B1-007'
    """
    return pattern.format(floor=floor, no=no, building=building, entrance=entrance)
