""" The estate of the demo company: which units there are, who owns, rents and pays.

Values only. Unit number n is the same at any size: every fortieth of the units is made alike, and
each thing draws from a generator of its own (`people.get_rng`), so a larger company only has more
buildings and more floors.
"""
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import chain, cycle, islice

from dateutil.relativedelta import relativedelta

from .people import CITY, Person, Vehicle, get_firm, get_person, get_rng, get_vehicle

MONTHS = 12


@dataclass(frozen=True, slots=True)
class Project:
    key: str
    name: str
    kind: str
    street: str
    land_area: float
    greening_rate: float
    plot_ratio: float


@dataclass(frozen=True, slots=True)
class Building:
    """ A building of a project; `number` is its code there. """
    project: str
    number: str
    name: str
    building_type: str
    structure: str | None
    floor_count: int
    entrance_count: int = 0
    is_parking_lot: bool = False


@dataclass(frozen=True, slots=True)
class Design:
    """ A type of building: its floors' labels and how many doors each entrance has on a floor. """
    building_type: str
    structure: str
    floors: tuple[str, ...]
    entrances: int
    doors: int


@dataclass(frozen=True, slots=True)
class Place:
    """ Where a unit is; units of one column have the same plan on every floor. """
    building: Building
    floor: str
    name: str
    entrance: int | None = None
    column: int = 0


@dataclass(frozen=True, slots=True)
class Unit:
    index: int
    project: str
    building: str
    entrance: int | None
    floor: str
    name: str
    kind: str
    layout: str | None
    orientation: str | None
    building_area: float
    usable_area: float
    is_sold: bool
    is_renovated: bool = False
    date_handover: date | None = None


@dataclass(frozen=True, slots=True)
class Occupancy:
    unit: int
    person: int
    role: str
    date_start: date
    date_end: date | None = None
    share: float = 100.0
    is_payer: bool = True


@dataclass(frozen=True, slots=True)
class OwnedVehicle:
    unit: int
    person: int
    vehicle: Vehicle


@dataclass(slots=True)
class Estate:
    """ Everything; persons are keyed by their number, units by their index. """
    buildings: dict[tuple[str, str], Building] = field(default_factory=dict)
    units: list[Unit] = field(default_factory=list)
    persons: dict[int, Person] = field(default_factory=dict)
    occupancies: list[Occupancy] = field(default_factory=list)
    vehicles: list[OwnedVehicle] = field(default_factory=list)
    # Who wants one bill for all that he has in a project (一户多房).
    grouped_payers: set[int] = field(default_factory=set)


def _floors(count, *, without=()):
    """ The labels of `count` floors from 1 up; labels that end in a digit of `without` are left
    out. """
    labels = (str(number) for number in range(1, 2 * count + 10))
    return tuple(islice((label for label in labels if label[-1] not in without), count))


PROJECTS = (
    Project('garden', '澜庭花园', 'residential', '望湖区澜庭路18号', 42_600.0, 35.5, 2.2),
    Project('village', '听澜里', 'residential', '望湖区柳岸街6号', 18_900.0, 30.0, 1.6),
    Project('tower', '安澜中心', 'office', '高新区中央大道1号', 6_800.0, 20.0, 5.8),
)
DEVELOPER = Person(f'{CITY}澜城置业开发有限公司', '15400000000', is_company=True)

# What every forty units are, in this order: homes first, the spaces that go with them last.
_ROUND = (
    ('garden', 'flat', 14),
    ('village', 'flat', 8),
    ('tower', 'office', 4),
    ('garden', 'shop', 2),
    ('tower', 'shop', 1),
    ('garden', 'storage', 2),
    ('garden', 'parking', 6),
    ('village', 'parking', 2),
    ('tower', 'parking', 1),
)

_WALK_UP = Design('multi_storey', 'brick', _floors(6), 2, 2)
_SLAB = Design('multi_storey', 'frame', _floors(10), 2, 2)
# Without the floors 4, 14 and 24, as many buildings have it.
_HIGH_RISE = Design('high_rise', 'frame', _floors(23, without='4'), 2, 2)
_TALL = Design('high_rise', 'frame', _floors(33), 1, 4)
_OFFICES = Design('high_rise', 'frame', _floors(22), 0, 2)
# The first buildings of a project, and those that follow in turn.
_DESIGNS = {
    'garden': ((_WALK_UP, _WALK_UP, _HIGH_RISE), (_TALL, _HIGH_RISE)),
    'village': ((), (_SLAB,)),
    'tower': ((), (_OFFICES,)),
}
_BUILDING_SUFFIX = {'garden': '栋', 'village': '栋', 'tower': '号楼'}
_LOTS = {'garden': ('地下车库', 'B1', 120), 'village': ('地面停车场', '1', 40),
         'tower': ('地下车库', 'B2', 80)}
_SHOPS_PER_FLOOR = {'garden': 10, 'tower': 5}
_SHOP_FLOORS = ('1', '2')
_STORAGES_PER_BUILDING = 20
_LAYOUTS = (('两室一厅', 88.0), ('三室两厅', 117.0), ('一室一厅', 56.0), ('四室两厅', 142.0))
_ORIENTATIONS = ('南', '南北', '东南', '西南')
_AREAS = {'office': (160.0, 320.0), 'shop': (38.0, 96.0), 'storage': (6.0, 14.0)}

# Of a kind: how often it is unsold, and how often it is let.
_ODDS = {'flat': (0.06, 0.22), 'office': (0.30, 0.60), 'shop': (0.15, 0.65), 'storage': (0.2, 0.0)}

# The people of a unit are numbered from its index × 10 on.
_OWNER, _CO_OWNER, _TENANT, _FAMILY, _FORMER_OWNER, _FORMER_TENANT = range(1, 7)


def get_months(today):
    """ The first days of the months that are billed, the current one last. """
    first = today.replace(day=1)
    return [first - relativedelta(months=back) for back in range(MONTHS - 1, -1, -1)]


def make_estate(size, seed, today):
    """ The first `size` units of the company that `seed` stands for, as of a day. """
    estate = Estate()
    homes: dict[str, list[list[Occupancy]]] = {project.key: [] for project in PROJECTS}
    places = {(project, kind): _iter_places(project, kind) for project, kind, _count in _ROUND}
    slots = [(project, kind, number) for project, kind, count in _ROUND for number in range(count)]
    for index, (project, kind, number) in enumerate(islice(cycle(slots), size)):
        place = next(places[project, kind])
        estate.buildings[project, place.building.number] = place.building
        related = homes[project][-1 - number] if kind in ('storage', 'parking') else (
            homes[project][-1] if kind == 'flat' and homes[project] else [])
        if kind == 'parking':
            unit, occupancies = _make_space(seed, today, index, project, place, related)
        else:
            unit = _make_room(seed, today, index, project, kind, place)
            occupancies = _make_occupancies(seed, today, unit, related)
            if kind in ('flat', 'office'):
                homes[project].append(occupancies)
        estate.units.append(unit)
        estate.occupancies += occupancies
    _add_persons(estate, seed)
    _add_vehicles(estate, seed)
    return estate


# === BUILDINGS === #

def _iter_buildings(project) -> Iterator[tuple[Building, Design]]:
    first, later = _DESIGNS[project]
    for number, design in enumerate(chain(first, cycle(later)), 1):
        yield Building(
            project=project, number=str(number), name=f'{number}{_BUILDING_SUFFIX[project]}',
            building_type=design.building_type, structure=design.structure,
            floor_count=len(design.floors), entrance_count=design.entrances,
        ), design


def _iter_places(project, kind) -> Iterator[Place]:
    """ The places of a kind in a project, without end. """
    return {'flat': _iter_flats, 'office': _iter_offices, 'shop': _iter_shops,
            'storage': _iter_storages, 'parking': _iter_spaces}[kind](project)


def _iter_flats(project):
    for building, design in _iter_buildings(project):
        for floor in design.floors:
            for entrance in range(design.entrances):
                for door in range(design.doors):
                    yield Place(building, floor, f'{floor}{door + 1:02d}', entrance + 1,
                                entrance * design.doors + door)


def _iter_offices(project):
    for building, design in _iter_buildings(project):
        for floor in design.floors[len(_SHOP_FLOORS):]:
            for door in range(design.doors):
                yield Place(building, floor, f'{floor}{door + 1:02d}', column=door)


def _iter_shops(project):
    """ Street shops in a block of their own, or on the lowest floors of a tower. """
    for number, (building, _design) in enumerate(_iter_buildings(project), 1):
        if project == 'garden':
            building = Building(
                project=project, number=f'S{number}', name=f'沿街商铺{number}区',
                building_type='podium', structure='frame', floor_count=len(_SHOP_FLOORS))
        for floor in _SHOP_FLOORS:
            for door in range(_SHOPS_PER_FLOOR[project]):
                yield Place(building, floor, f'{floor}{door + 1:02d}')


def _iter_storages(project):
    for building, _design in _iter_buildings(project):
        for door in range(_STORAGES_PER_BUILDING):
            yield Place(building, 'B1', f'B1{door + 1:02d}')


def _iter_spaces(project):
    name, floor, count = _LOTS[project]
    for number, _building in enumerate(_iter_buildings(project), 1):
        lot = Building(
            project=project, number=f'P{number}', name=f'{name}{number}区', building_type='other',
            structure=None, floor_count=1, is_parking_lot=True)
        for space in range(1, count + 1):
            yield Place(lot, floor, f'{"ABCDEFGHJK"[number % 10 - 1]}{space:03d}')


# === UNITS === #

def _make_room(seed, today, index, project, kind, place):
    column = get_rng(seed, 'column', project, place.building.number, kind, place.column)
    rng = get_rng(seed, 'room', index)
    layout = None
    if kind == 'flat':
        layout, base = _LAYOUTS[place.column % len(_LAYOUTS)]
        area = round(base * column.uniform(0.96, 1.06), 2)
    else:
        area = round((column if kind == 'office' else rng).uniform(*_AREAS[kind]), 2)
    orientation = column.choice(_ORIENTATIONS)
    is_sold = rng.random() >= _ODDS[kind][0]
    is_new = rng.random() < 0.04
    ago = rng.randrange(20, 330) if is_new else rng.randrange(500, 2200)
    # Until the hand-over, still to come for what is not sold, the developer pays.
    handover = today + timedelta(days=200 + ago % 365)
    if is_sold:
        handover = today - timedelta(days=ago)
    return Unit(
        index=index, project=project, building=place.building.number, entrance=place.entrance,
        floor=place.floor, name=place.name, kind=kind, layout=layout,
        orientation=orientation if kind in ('flat', 'office') else None,
        building_area=area, usable_area=round(area * 0.78, 2),
        is_sold=is_sold, is_renovated=is_sold and not is_new and rng.random() < 0.85,
        date_handover=handover,
    )


def _make_space(seed, today, index, project, place, home):
    """ A parking space of a home's owner, or let by the month to who lives there.

    :param home: the occupancies of that home
    """
    rng = get_rng(seed, 'space', index)
    live = [o for o in home if o.date_end is None and o.is_payer]
    owner = next((o for o in live if o.role == 'owner'), None)
    occupant = next((o for o in live if o.role == 'tenant'), owner)
    is_sold = rng.random() < 0.7 and owner is not None
    handover, occupancies = None, []
    if is_sold:
        handover = owner.date_start
        occupancies = [Occupancy(index, owner.person, 'owner', owner.date_start)]
    elif occupant:
        occupancies = [Occupancy(index, occupant.person, 'tenant', occupant.date_start)]
    else:
        handover = today + timedelta(days=365)
    return Unit(
        index=index, project=project, building=place.building.number, entrance=None,
        floor=place.floor, name=place.name, kind='parking', layout=None, orientation=None,
        building_area=12.72, usable_area=12.72, is_sold=is_sold, date_handover=handover,
    ), occupancies


# === WHO LIVES WHERE === #

def _make_occupancies(seed, today, unit, related):
    """ Owners, tenants and family of a room, those who left included.

    :param related: the occupancies of another home, whose owner may own this room too
    """
    rng = get_rng(seed, 'home', unit.index)
    first = unit.index * 10
    occupancies = []
    if unit.is_sold:
        occupancies = _make_owners(rng, today, unit, first, related)
    is_let = rng.random() < _ODDS[unit.kind][1]
    has_former_tenant = rng.random() < 0.3
    since = today - timedelta(days=rng.randrange(35, 700))
    start = max(since, unit.date_handover) if unit.is_sold else since
    if is_let:
        occupancies.append(Occupancy(unit.index, first + _TENANT, 'tenant', start))
    if has_former_tenant and (is_let or unit.kind == 'flat' and rng.random() < 0.25):
        end = start - timedelta(days=rng.randrange(1, 25))
        begin = end - timedelta(days=rng.randrange(200, 800))
        begin = max(begin, unit.date_handover) if unit.is_sold else begin
        if begin < end:
            occupancies.append(
                Occupancy(unit.index, first + _FORMER_TENANT, 'tenant', begin, end))
    if unit.kind == 'flat' and unit.is_sold and not is_let and rng.random() < 0.4:
        occupancies.append(Occupancy(
            unit.index, first + _FAMILY, 'family', occupancies[0].date_start, share=0,
            is_payer=False))
    return occupancies


def _make_owners(rng, today, unit, first, related):
    """ The owner of today first, then a co-owner or the one who sold. """
    handover = unit.date_handover
    investor = next((o for o in related if o.role == 'owner' and o.share == 100
                     and o.date_end is None), None)
    owner = first + _OWNER
    if investor and rng.random() < (1 if unit.kind == 'storage' else 0.05):
        owner = investor.person
    draw = rng.random()
    sold_on = today - timedelta(days=rng.randrange(40, 300))
    if unit.kind == 'flat' and draw < 0.12:
        share = rng.choice((50.0, 60.0, 70.0))
        return [
            Occupancy(unit.index, owner, 'owner', handover, share=share),
            Occupancy(unit.index, first + _CO_OWNER, 'owner', handover, share=100 - share,
                      is_payer=False),
        ]
    if draw > 0.96 and handover < sold_on:
        return [
            Occupancy(unit.index, owner, 'owner', sold_on),
            Occupancy(unit.index, first + _FORMER_OWNER, 'owner', handover,
                      sold_on - timedelta(days=1)),
        ]
    return [Occupancy(unit.index, owner, 'owner', handover)]


# === PEOPLE === #

def _add_persons(estate, seed):
    """ Firms own offices and rent what is no flat; a family has its owner's surname. """
    kinds = {unit.index: unit.kind for unit in estate.units}
    for occupancy in estate.occupancies:
        number = occupancy.person
        if number in estate.persons:
            continue
        home, place = divmod(number, 10)
        if kinds[home] == 'office' or (
                place in (_TENANT, _FORMER_TENANT) and kinds[home] == 'shop'):
            estate.persons[number] = get_firm(seed, number)
        else:
            owner = estate.persons.get(home * 10 + _OWNER)
            estate.persons[number] = get_person(
                seed, number, relative=owner if place == _FAMILY else None)
        if get_rng(seed, 'bill', number).random() < 0.6:
            estate.grouped_payers.add(number)


def _add_vehicles(estate, seed):
    """ One for most of the parking spaces in use. """
    kinds = {unit.index: unit.kind for unit in estate.units}
    for occupancy in estate.occupancies:
        if kinds[occupancy.unit] == 'parking':
            if get_rng(seed, 'drives', occupancy.unit).random() < 0.9:
                estate.vehicles.append(OwnedVehicle(
                    occupancy.unit, occupancy.person, get_vehicle(seed, occupancy.unit)))
