""" Numbers of floors and units, without Odoo. """
import doctest

import pytest

from ...tools import numbering
from ...tools.numbering import Floor, check_pattern, get_floors, parse_floors


def test_examples_of_the_docstrings():
    assert doctest.testmod(numbering).attempted >= 5
    assert doctest.testmod(numbering).failed == 0


@pytest.mark.parametrize(('text', 'floors'), [
    ('', set()),
    (None, set()),
    ('4', {4}),
    ('4, 14', {4, 14}),
    ('4，14、24；34', {4, 14, 24, 34}),
    ('13-15', {13, 14, 15}),
    ('15~13', {13, 14, 15}),
    ('B2', {-2}),
    ('b2-b1 4', {-2, -1, 4}),
    ('B1-2', {-1, 0, 1, 2}),
])
def test_floors_as_people_list_them(text, floors):
    assert parse_floors(text) == floors


@pytest.mark.parametrize(('text', 'part'), [
    ('4, four', 'four'), ('3.5', '3.5'), ('4-', '4-'), ('1-999999999', '1-999999999'),
])
def test_what_is_not_a_floor_is_named(text, part):
    with pytest.raises(ValueError, match=part):
        parse_floors(text)


def test_no_building_has_a_floor_zero():
    assert get_floors(-2, 2) == [-2, -1, 1, 2]


@pytest.mark.parametrize(('floor', 'spec', 'text'), [
    (3, '', '3'), (3, '02d', '03'), (-1, '', 'B1'), (-1, '02d', 'B01'), (12, '', '12'),
])
def test_floor_writes_itself(floor, spec, text):
    assert format(Floor(floor), spec) == text


@pytest.mark.parametrize('pattern', [
    '{floor}{no:02d}', '{building}-{entrance}-{floor:02d}{no:02d}', 'P{no:03d}',
])
def test_patterns_that_serve(pattern):
    check_pattern(pattern)


@pytest.mark.parametrize(('pattern', 'part'), [
    ('', '{no}'), ('{floor}', '{no}'), ('{room}{no}', '{room}'), ('{floor', '{floor'),
    ('{no.real}', '{no.real}'), ('{no:999999999d}', '{no:999999999d}'), ('{}{no}', '{}'),
    ('{no!r:>9}', '{no:>9}'), ('{building:02d}{no}', '{building:02d}{no}'),
])
def test_patterns_that_do_not_name_what_is_wrong(pattern, part):
    with pytest.raises(ValueError) as caught:
        check_pattern(pattern)
    assert str(caught.value) == part
