from collections import Counter, defaultdict
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from ...tools.population import (
    MINIMUM,
    OTHERS,
    get_age_group,
    get_cells,
    get_household_group,
    pool_small,
)

TODAY = date(2025, 5, 15)


def test_age_groups_change_on_the_birthday():
    """[A79] """
    assert get_age_group(date(2018, 5, 16), TODAY) == 'age_0'
    assert get_age_group(date(2018, 5, 15), TODAY) == 'age_7'
    assert get_age_group(date(1965, 5, 15), TODAY) == 'age_60'
    assert get_age_group(date(1945, 5, 15), TODAY) == 'age_80'
    assert get_age_group(None, TODAY) == 'age_unknown'
    assert [get_household_group(size) for size in (1, 5, 9)] == [
        'household_1', 'household_5', 'household_5']


def test_small_ones_go_together():
    assert pool_small({'a': 3, 'b': 2, 'c': 9}) == {'a', 'b'}
    assert pool_small({'a': 6, 'b': 7}) == set()


def test_one_small_one_takes_the_next_larger_along():
    """[A79] 20 people, 10 and 7 shown: the 3 would be 20 - 10 - 7. """
    assert pool_small({'a': 3, 'b': 7, 'c': 10}) == {'a', 'b'}


def test_too_few_are_not_shown_at_all():
    assert pool_small({'a': 3, 'b': 1}) is None
    assert get_cells([(1, {'sex': 'male'})] * 4) == {}


def test_small_buildings_are_counted_together():
    people = [(1, {'sex': 'male'})] * 8 + [(2, {'sex': 'male'})] * 4 + [(3, {'sex': 'female'})] * 2
    assert get_cells(people) == {
        (1, 'sex', 'male'): 8, (None, 'sex', OTHERS): 6}


@given(st.lists(st.tuples(
    st.integers(1, 4), st.fixed_dictionaries({
        'sex': st.sampled_from(['male', 'female', 'sex_unknown']),
        'age': st.sampled_from(['age_0', 'age_7', 'age_18', 'age_80']),
    })), max_size=80))
def test_nothing_below_five_can_be_worked_out(people):
    """[A79] No figure is small, nor is a difference of a total and what is shown. """
    cells = get_cells(people)
    assert all(count >= MINIMUM for count in cells.values())
    if len(people) >= MINIMUM:
        totals = defaultdict(Counter)
        for (place, dimension, _category), count in cells.items():
            totals[dimension][place] += count
        assert sum(totals['sex'].values()) == len(people)
        assert totals['sex'] == totals['age'], "no dimension tells of what another leaves out"
        true = Counter(building for building, _categories in people)
        for place, total in totals['sex'].items():
            assert place is None or total == true[place]
    else:
        assert not cells
