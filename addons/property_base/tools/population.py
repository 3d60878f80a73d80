""" Figures about groups of people that tell nothing about any of them. """
from collections import Counter

# No figure counts fewer people than this.
MINIMUM = 5
OTHERS = 'others'
_AGES = ((7, 'age_0'), (18, 'age_7'), (35, 'age_18'), (60, 'age_35'), (80, 'age_60'))


def get_age_group(birth, today):
    if not birth:
        return 'age_unknown'
    age = today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))
    return next((group for limit, group in _AGES if age < limit), 'age_80')


def get_household_group(size):
    return f'household_{min(size, 5)}'


def pool_small(counts, minimum=MINIMUM):
    """ Which keys are shown only together, so that no figure is below the minimum.

    Where the small ones together are still too few, the next larger joins them: else they would
    follow from the total and the others (complementary disclosure).

    :param dict counts: {key: people}
    :return: the keys of the pool; None where even all together are too few
    """
    order = sorted(counts, key=lambda key: (counts[key], str(key)))
    pool, total = [], 0
    for key in order:
        if counts[key] >= minimum and (not pool or total >= minimum):
            break
        pool.append(key)
        total += counts[key]
    return None if pool and total < minimum else set(pool)


def get_cells(people, minimum=MINIMUM):
    """ The figures of one project that may be shown.

    Each person counts once in each dimension, so that the totals of a building are the same in
    all of them and nothing follows from their differences.

    :param people: list of (building, {dimension: category})
    :return: {(building or None, dimension, category or OTHERS): people}
    """
    pool = pool_small(Counter(building for building, _categories in people), minimum)
    if pool is None:
        return {}
    counts = {}
    for building, categories in people:
        place = None if building in pool else building
        for dimension, category in categories.items():
            counts.setdefault((place, dimension), Counter())[category] += 1
    cells = Counter()
    for (place, dimension), of_place in counts.items():
        small = pool_small(of_place, minimum)
        for category, count in of_place.items():
            cells[place, dimension, OTHERS if category in small else category] += count
    return dict(cells)
