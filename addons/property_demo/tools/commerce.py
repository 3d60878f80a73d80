""" A mall and an industrial park: small, and the same in every demo company. """
from dataclasses import dataclass, field

from .people import CITY


@dataclass(frozen=True, slots=True)
class Space:
    """ A unit, with who owns it and who rents it by name; nobody: it is still to be sold. """
    building: str
    floor: str
    name: str
    kind: str
    area: float
    owner: str = ''
    tenant: str = ''


@dataclass(frozen=True, slots=True)
class Site:
    key: str
    name: str
    kind: str
    street: str
    land_area: float
    region: str
    price: float  # of the property fee, a month and m²
    buildings: tuple
    spaces: tuple
    # What became of spaces: months ago, their names, (name, area) of the new ones.
    changes: tuple = field(default=())


def _firm(name):
    return f'{CITY}{name}'


SITES = (
    Site(
        'mall', '澜汇广场', 'commercial', '望湖区锦绣路66号', 9_600.0, '望湖服务中心', 18.0,
        ('A座',),
        (
            Space('A座', '1', '101', 'shop', 86.40, '程远舟', _firm('暖炉咖啡店')),
            Space('A座', '1', '102', 'shop', 64.20, '何静怡'),
            Space('A座', '1', '103', 'shop', 64.20, '何静怡', _firm('一叶书店')),
            Space('A座', '1', '104', 'shop', 120.60, '罗启明', _firm('小象超市')),
            Space('A座', '1', '105', 'shop', 92.80),
            Space('A座', '2', '201', 'shop', 75.00, '程远舟'),
            Space('A座', '2', '202', 'shop', 50.00, '罗启明'),
            Space('A座', '2', '203', 'shop', 138.50, '傅清和', _firm('晨跑健身馆')),
            Space('A座', '2', '204', 'shop', 88.00),
            Space('A座', '3', '301', 'office', 210.00, _firm('澜汇商业管理有限公司')),
        ),
        (
            (6, ('104',), (('104-1', 70.60), ('104-2', 50.00))),
            (3, ('201', '202'), (('201-202', 125.00),)),
        ),
    ),
    Site(
        'park', '云谷产业园', 'industrial', '高新区云谷路1号', 52_000.0, '高新服务中心', 6.5,
        ('1号厂房', '2号厂房', '研发楼', '地面停车场'),
        (
            Space('1号厂房', '1', '101', 'other', 1_860.00, _firm('精工机械有限公司')),
            Space('1号厂房', '2', '201', 'other', 1_860.00, _firm('精工机械有限公司'),
                  _firm('云帆电子有限公司')),
            Space('2号厂房', '1', '101', 'other', 1_420.00, '', _firm('绿野食品有限公司')),
            Space('2号厂房', '1', '102', 'storage', 640.00, '', _firm('绿野食品有限公司')),
            Space('研发楼', '1', '101', 'office', 320.00, _firm('启明软件有限公司')),
            Space('研发楼', '2', '201', 'office', 320.00),
            Space('地面停车场', '1', 'H001', 'parking', 48.00, _firm('精工机械有限公司')),
            Space('地面停车场', '1', 'H002', 'parking', 48.00, '', _firm('绿野食品有限公司')),
        ),
    ),
)
# What a space is called by its kind in the register's dictionary of property types.
PROPERTY_TYPES = {
    'shop': '商铺', 'office': '写字楼', 'other': '厂房', 'storage': '仓库', 'parking': '车位',
}
