""" The figures of the room board and the places of its tiles, by hand. """
import doctest

import pytest

from ...tools import room_board
from ...tools.room_board import get_columns, get_occupancy_figures, get_spans


def test_examples_of_the_docstrings():
    result = doctest.testmod(room_board)
    assert result.attempted and not result.failed


def test_figures_of_a_building():
    """[A26] Eight rooms of 700 m²: three owned (300), two let (150), three vacant (250). """
    rooms = [
        ('sold', 100), ('sold', 100), ('sold', 100), ('leased', 60), ('leased', 90),
        ('vacant', 80), ('vacant', 80), ('vacant', 90),
    ]
    assert get_occupancy_figures(rooms) == {
        'room_count': 8,
        'total_area': 700,
        'occupied_area': 450,
        'occupied_count': 5,
        'occupancy_rate': 62.5,
        'vacant_area': 250,
        'vacant_count': 3,
        'vacancy_rate': 37.5,
    }


@pytest.mark.parametrize(('state', 'occupancy', 'vacancy'), [
    ('vacant', 0, 100), ('sold', 100, 0), ('leased', 100, 0),
])
def test_figures_of_a_building_with_one_room(state, occupancy, vacancy):
    """[A26] """
    figures = get_occupancy_figures([(state, 88.88)])
    assert (figures['occupancy_rate'], figures['vacancy_rate']) == (occupancy, vacancy)
    assert figures['occupied_area'] + figures['vacant_area'] == figures['total_area'] == 88.88


def test_figures_without_a_room_are_nought():
    """[A26] A parking lot has none, and nothing is divided by zero. """
    assert set(get_occupancy_figures([]).values()) == {0}


def test_areas_add_up_to_the_cent():
    """[A26] 0.1 + 0.2 is 0.3. """
    figures = get_occupancy_figures([('sold', 0.1), ('leased', 0.2), ('vacant', 0.7)])
    assert (figures['occupied_area'], figures['vacant_area']) == (0.3, 0.7)


@pytest.mark.parametrize(('rooms', 'columns'), [
    # 502 is missing, 503 stays below 603.
    ([(6, '601'), (6, '602'), (6, '603'), (5, '501'), (5, '503')], [0, 1, 2, 0, 2]),
    # Positions may leave numbers out everywhere: no number ends in 4.
    ([(2, '0203'), (2, '0205'), (1, '0103'), (1, '0105')], [0, 1, 0, 1]),
    # Two rooms of one floor with one position: the numbers do not say where they are.
    ([(1, 'A-1'), (1, 'B-1'), (1, 'C-2')], [0, 1, 2]),
    # Running numbers through the building would leave a staircase of holes.
    ([(2, '5'), (2, '6'), (2, '7'), (1, '1'), (1, '2')], [0, 1, 2, 0, 1]),
    ([], []),
])
def test_columns(rooms, columns):
    """[A26] """
    assert get_columns(rooms) == columns


def test_spans_without_areas():
    """[A26] A shop whose area nobody has entered is as wide as any. """
    assert get_spans([0, 0]) == [1, 1]
    assert get_spans([]) == []
    assert get_spans([0, 40, 40, 80]) == [1, 1, 1, 2]
