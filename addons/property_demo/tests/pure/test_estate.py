""" The demo company before it is written: the same for the same seed, and of nobody who exists. """
from collections import Counter
from datetime import date
from itertools import pairwise

import pytest

from odoo.addons.property_base.tools.identity import is_valid

from ...tools.estate import get_months, make_estate
from ...tools.people import get_phone

TODAY = date(2026, 11, 22)


@pytest.fixture(scope='module')
def estate():
    return make_estate(400, 1, TODAY)


def test_four_hundred_units_are_two_compounds_and_a_tower(estate):
    """ [A16] 220 flats, 40 offices, 30 shops, 20 storage rooms and 90 parking spaces. """
    assert Counter((unit.project, unit.kind) for unit in estate.units) == {
        ('garden', 'flat'): 140, ('garden', 'shop'): 20, ('garden', 'storage'): 20,
        ('garden', 'parking'): 60, ('village', 'flat'): 80, ('village', 'parking'): 20,
        ('tower', 'office'): 40, ('tower', 'shop'): 10, ('tower', 'parking'): 10,
    }
    assert [building.name for (project, _code), building in estate.buildings.items()
            if project == 'garden'] == ['1栋', '沿街商铺1区', '地下车库1区', '2栋', '3栋']


def test_the_high_rise_has_no_floor_4_and_14(estate):
    floors = dict.fromkeys(
        unit.floor for unit in estate.units
        if (unit.project, unit.building) == ('garden', '3'))
    assert list(floors) == [
        '1', '2', '3', '5', '6', '7', '8', '9', '10', '11', '12', '13', '15', '16', '17', '18',
        '19', '20', '21', '22', '23', '25', '26']


@pytest.mark.parametrize('size', [40, 123, 400, 2000])
def test_a_unit_is_the_same_at_any_size(estate, size):
    other = make_estate(size, 1, TODAY)
    least = min(size, 400)
    assert other.units[:least] == estate.units[:least]
    assert [o for o in other.occupancies if o.unit < least] == [
        o for o in estate.occupancies if o.unit < least]
    common = other.persons.keys() & estate.persons.keys()
    assert len(common) >= least
    assert all(other.persons[number] == estate.persons[number] for number in common)


def test_another_seed_is_another_company(estate):
    other = make_estate(400, 2, TODAY)
    assert [u.name for u in other.units] == [u.name for u in estate.units]
    assert [u.building_area for u in other.units] != [u.building_area for u in estate.units]
    assert {p.name for p in other.persons.values()} != {p.name for p in estate.persons.values()}


def test_no_unit_number_twice():
    units = make_estate(4000, 1, TODAY).units
    places = Counter((u.project, u.building, u.entrance, u.name) for u in units)
    assert places.most_common(1)[0][1] == 1


def test_every_kind_of_occupancy(estate):
    """ [A30] Owners, co-owners, tenants beside the owner, family; some have moved out. """
    by_unit = {}
    for occupancy in estate.occupancies:
        by_unit.setdefault(occupancy.unit, []).append(occupancy)
    live = [o for o in estate.occupancies if o.date_end is None]
    assert {o.role for o in live} == {'owner', 'tenant', 'family'}
    assert any({'owner', 'tenant'} <= {o.role for o in all_} for all_ in by_unit.values())
    assert {o.role for o in estate.occupancies if o.date_end} == {'owner', 'tenant'}
    for index, all_ in by_unit.items():
        owners = [o for o in all_ if o.role == 'owner' and not o.date_end]
        assert sum(o.share for o in owners) == (100 if estate.units[index].is_sold else 0)
    assert any(o.share == 60 for o in live)
    assert any(not unit.is_sold and unit.index not in by_unit for unit in estate.units)


def test_no_two_sole_owners_at_a_time():
    owners = {}
    for occupancy in make_estate(4000, 1, TODAY).occupancies:
        if occupancy.role == 'owner' and occupancy.share == 100:
            owners.setdefault(occupancy.unit, []).append(occupancy)
    assert any(len(of_unit) == 2 for of_unit in owners.values())
    for of_unit in owners.values():
        for earlier, later in pairwise(sorted(of_unit, key=lambda o: o.date_start)):
            assert earlier.date_end < later.date_start


def test_nobody_exists(estate):
    """ [G25] Mobile numbers without operator, identity numbers without region and with a wrong
    check digit, plates with a letter that is not issued; no two alike. """
    persons = estate.persons.values()
    phones = {person.phone for person in persons}
    assert len(phones) == len(persons)
    assert all(len(phone) == 11 and phone.startswith('154') for phone in phones)
    identities = [person.identity for person in persons if person.identity]
    assert len(identities) > 300
    assert not any(is_valid('card', identity) for identity in identities)
    assert {identity[:3] for identity in identities} == {'990'}
    plates = {owned.vehicle.plate for owned in estate.vehicles}
    assert len(plates) == len(estate.vehicles)
    assert all(plate[3] == 'I' for plate in plates)


def test_phones_of_different_people_differ():
    assert len({get_phone(number) for number in range(1_000_000)}) == 1_000_000


def test_twelve_months_up_to_the_current_one():
    months = get_months(date(2026, 2, 28))
    assert (months[0], months[-1], len(months)) == (date(2025, 3, 1), date(2026, 2, 1), 12)
