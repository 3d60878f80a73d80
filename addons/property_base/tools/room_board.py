""" The room board (房态图): its figures, and where each tile stands. """
import re
from collections import Counter, defaultdict
from statistics import median

OCCUPIED = ('sold', 'leased')
MAX_SPAN = 4


def get_occupancy_figures(rooms):
    """ The figures above a board, from the state and the area of each room (X1, formulas 6 and 7).

    A room that is both owned and let is one room, in the state `leased` (decision 8).

    >>> figures = get_occupancy_figures([('sold', 90), ('leased', 60), ('vacant', 50)])
    >>> figures['occupied_area'], figures['occupied_count'], round(figures['occupancy_rate'], 2)
    (150.0, 2, 66.67)
    """
    areas, counts = defaultdict(float), Counter()
    for state, area in rooms:
        areas[state] += area
        counts[state] += 1
    total = counts.total()
    occupied = sum(counts[state] for state in OCCUPIED)
    vacant = total - occupied
    occupied_area = sum(areas[state] for state in OCCUPIED)
    total_area = sum(areas.values())
    return {
        'room_count': total,
        'total_area': round(total_area, 2),
        'occupied_area': round(occupied_area, 2),
        'occupied_count': occupied,
        'occupancy_rate': occupied / total * 100 if total else 0.0,
        'vacant_area': round(total_area - occupied_area, 2),
        'vacant_count': vacant,
        'vacancy_rate': vacant / total * 100 if total else 0.0,
    }


def get_natural_key(text):
    """ Sorts S2 before S10.

    >>> sorted(['S10', 'S2', 'A'], key=get_natural_key)
    ['A', 'S2', 'S10']
    """
    return [(not part.isdecimal(), int(part) if part.isdecimal() else part)
            for part in re.split(r'(\d+)', text or '') if part]


def get_columns(rooms):
    """ The column of each room, from its floor and number, in the order given.

    Where the last two digits say the position, 302 stands below 402 even if there is no 301.
    Elsewhere the rooms of a floor follow each other.

    >>> get_columns([(4, '401'), (4, '402'), (3, '302')])
    [0, 1, 1]
    >>> get_columns([(1, 'Bakery'), (1, 'Bank')])
    [0, 1]
    """
    positions = [re.search(r'(\d{1,2})$', name) for _floor, name in rooms]
    widest = max(Counter(floor for floor, _name in rooms).values(), default=0)
    if all(positions):
        positions = [int(match[1]) for match in positions]
        ranks = {position: rank for rank, position in enumerate(sorted(set(positions)))}
        places = {(floor, position)
                  for (floor, _name), position in zip(rooms, positions, strict=True)}
        if len(places) == len(rooms) and len(ranks) <= widest * 1.5:
            return [ranks[position] for position in positions]
    counts = Counter()
    columns = []
    for floor, _name in rooms:
        columns.append(counts[floor])
        counts[floor] += 1
    return columns


def get_spans(areas):
    """ How wide each shop is drawn: by its area, against the usual one.

    >>> get_spans([50, 60, 55, 140, 900])
    [1, 1, 1, 2, 4]
    """
    usual = median([area for area in areas if area] or [1])
    return [min(max(round(area / usual), 1), MAX_SPAN) for area in areas]
