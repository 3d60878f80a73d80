""" The sheets that the importer reads: our own template, and the workbooks of HC.

Headings and titles are words of a file format, so they are the same whatever language the
user's screen has: English first, then Chinese.
"""
from .workbook import Column, SheetSpec

BUILDING_TYPES = {
    'high_rise': ('High-rise', '高层'), 'multi_storey': ('Multi-storey', '多层'),
    'villa': ('Villa', '别墅'), 'podium': ('Podium', '裙楼'), 'other': ('Other', '其他'),
}
UNIT_KINDS = {
    'flat': ('Flat', '住宅'), 'shop': ('Shop', '商铺'), 'office': ('Office', '写字楼', '办公室'),
    'storage': ('Storage', '储藏室'), 'other': ('Other', '其他'),
}
SEXES = {'male': ('Male', '男'), 'female': ('Female', '女')}
ROLES = {
    'owner': ('Owner', '业主'), 'tenant': ('Tenant', '租户'),
    'family': ('Family member', '家庭成员'), 'user': ('User', '使用人'),
}
VEHICLE_KINDS = {
    'car': ('Car', '小型汽车'), 'coach': ('Coach', '客车'), 'truck': ('Truck', '货车'),
    'other': ('Other', '其他'),
}


def text(name, *headings, **kwargs):
    return Column(name, headings, **kwargs)


def integer(name, *headings, **kwargs):
    return Column(name, headings, kind='integer', **{'minimum': 0, **kwargs})


def number(name, *headings, **kwargs):
    return Column(name, headings, kind='number', **{'minimum': 0, **kwargs})


def day(name, *headings, **kwargs):
    return Column(name, headings, kind='date', **kwargs)


def boolean(name, *headings, **kwargs):
    return Column(name, headings, kind='boolean', **kwargs)


def selection(name, choices, *headings, **kwargs):
    return Column(name, headings, kind='selection', choices=choices, **kwargs)


BUILDING = text('building', 'Building number', '楼栋编号')
LOT = text('lot', 'Parking lot number', '停车场编号')
ENTRANCE = text('entrance', 'Entrance number', '单元编号')
UNIT = text('unit', 'Unit number', '房号', required=True)
RESIDENT = text('resident', 'Resident number', '住户编号', required=True)

TEMPLATE_SHEETS = (
    SheetSpec('buildings', ('Buildings', '楼栋'), ('building',), (
        text('building', 'Building number', '楼栋编号', required=True),
        text('name', 'Name', '名称'),
        selection('building_type', BUILDING_TYPES, 'Type', '楼宇类型'),
        text('structure_id', 'Structure', '结构'),
        text('use_id', 'Use', '用途'),
        text('orientation_id', 'Orientation', '朝向'),
        number('height', 'Height (m)', '楼高（米）'),
        integer('floor_count', 'Floors', '层数'),
        number('building_area', 'Building area', '建筑面积'),
        number('usable_area', 'Usable area', '使用面积'),
        number('green_area', 'Green area', '绿化面积'),
    ), key=('building',)),
    SheetSpec('entrances', ('Entrances', '单元'), ('entrance',), (
        text('building', 'Building number', '楼栋编号', required=True),
        text('entrance', 'Entrance number', '单元编号', required=True),
        text('name', 'Name', '名称'),
        integer('floor_count', 'Floors', '层数'),
        boolean('has_lift', 'Lift', '是否有电梯'),
    ), key=('building', 'entrance')),
    SheetSpec('lots', ('Parking lots', '停车场'), ('lot',), (
        text('lot', 'Parking lot number', '停车场编号', required=True),
        text('name', 'Name', '名称'),
        number('building_area', 'Building area', '建筑面积'),
    ), key=('lot',)),
    SheetSpec('units', ('Units', '房间'), ('unit',), (
        text('building', 'Building number', '楼栋编号', required=True),
        ENTRANCE,
        UNIT,
        selection('kind', UNIT_KINDS, 'Kind', '类型'),
        text('floor', 'Floor', '楼层'),
        text('layout_id', 'Layout', '户型'),
        text('orientation_id', 'Orientation', '朝向'),
        text('ownership_id', 'Ownership type', '权属类型'),
        text('use_id', 'Use', '用途'),
        number('building_area', 'Building area', '建筑面积'),
        number('usable_area', 'Usable area', '使用面积'),
        integer('household_count', 'Households', '户数'),
        boolean('is_renovated', 'Renovated', '是否已装修'),
        day('date_handover', 'Hand-over date', '交付日期'),
    ), key=('unit', 'building', 'entrance')),
    SheetSpec('parking', ('Parking spaces', '车位'), ('parking',), (
        text('lot', 'Parking lot number', '停车场编号', required=True),
        text('unit', 'Space number', '车位编号', required=True),
        text('floor', 'Floor', '楼层'),
        text('ownership_id', 'Ownership type', '权属类型'),
        text('use_id', 'Use', '用途'),
        number('building_area', 'Building area', '建筑面积'),
        number('usable_area', 'Usable area', '使用面积'),
        day('date_handover', 'Hand-over date', '交付日期'),
    ), key=('unit', 'lot'), constants={'kind': 'parking'}),
    SheetSpec('residents', ('Residents', '住户'), ('resident',), (
        RESIDENT,
        text('name', 'Name', '姓名', required=True),
        text('phone', 'Phone', '手机号'),
        text('email', 'E-mail', '电子邮箱'),
        selection('sex', SEXES, 'Sex', '性别'),
        day('date_birth', 'Date of birth', '出生日期'),
        text('identity_number', 'Identity number', '身份证号'),
    ), key=('resident',)),
    SheetSpec('occupancies', ('Occupancies', '入住'), ('occupancy',), (
        BUILDING,
        LOT,
        ENTRANCE,
        UNIT,
        RESIDENT,
        selection('role', ROLES, 'Role', '身份', required=True),
        day('date_start', 'From', '开始日期'),
        day('date_end', 'To', '结束日期'),
        number('share', 'Share (%)', '产权份额（%）'),
        boolean('is_payer', 'Pays the bills', '是否付款人'),
    ), key=('resident', 'role', 'unit', 'building', 'lot', 'entrance', 'date_start')),
    SheetSpec('vehicles', ('Vehicles', '车辆'), ('vehicle',), (
        text('plate', 'Plate number', '车牌号', required=True),
        text('resident', 'Resident number', '住户编号'),
        BUILDING,
        LOT,
        ENTRANCE,
        text('unit', 'Unit number', '房号'),
        selection('vehicle_kind', VEHICLE_KINDS, 'Kind', '类型'),
        text('brand', 'Brand', '品牌'),
        text('color', 'Colour', '颜色'),
    ), key=('plate',)),
)


def _derive_hc_room(values):
    # HC writes entrance 0 for a shop at street level.
    if values.get('entrance') == '0':
        del values['entrance']
        values['kind'] = 'shop'


def _derive_hc_space(values):
    values['kind'] = 'parking'
    values['role'] = values.get('role') or 'owner'
    # In this sheet the type belongs to the vehicle, not to the space.
    values['vehicle_kind'] = values.get('vehicle_kind') or 'car'


HC_RESIDENT = text('resident', '业主编号', expected=True, none=frozenset({'0'}))

# Every column that HC's form has is expected, so that a heading that was lost is noticed.
HC_SHEETS = (
    SheetSpec('hc_entrances', ('楼栋单元',), ('building', 'entrance'), (
        text('building', '楼栋号', '楼栋编号', required=True),
        text('entrance', '单元编号', required=True),
        integer('floor_count', '总层数', expected=True),
        boolean('has_lift', '是否有电梯', expected=True),
    ), key=('building', 'entrance')),
    SheetSpec('hc_residents', ('业主信息',), ('resident',), (
        text('resident', '业主编号', required=True),
        text('name', '业主名称', required=True),
        selection('sex', SEXES, '性别', expected=True),
        # Only checked: an age follows from the date of birth and is wrong a year later.
        integer('age', '年龄'),
        text('phone', '手机号', expected=True, none=frozenset({'18999999999'})),
        text('identity_number', '身份证号', expected=True,
             none=frozenset({'111111111111111111'})),
    ), key=('resident',)),
    SheetSpec('hc_rooms', ('房屋信息',), ('unit', 'occupancy'), (
        text('unit', '房屋编号', required=True),
        text('building', '楼栋编号', required=True),
        text('entrance', '单元编号', required=True),
        text('floor', '房屋楼层', expected=True),
        text('layout_id', '房屋户型', expected=True),
        number('building_area', '建筑面积', required=True),
        HC_RESIDENT,
    ), key=('unit', 'building', 'entrance'), constants={'role': 'owner'},
        derive=_derive_hc_room),
    SheetSpec('hc_parking', ('车位信息',), ('lot', 'parking', 'occupancy', 'vehicle'), (
        text('lot', '停车场编号', required=True),
        text('unit', '车位编码', '车位编号', required=True),
        text('use_id', '停车场类型', expected=True),
        number('building_area', '面积', expected=True),
        HC_RESIDENT,
        text('plate', '车牌号', expected=True),
        text('brand', '车品牌', expected=True),
        selection('vehicle_kind', {
            'car': ('9901', '家用小汽车'), 'coach': ('9902', '客车'), 'truck': ('9903', '货车'),
        }, '车类型', expected=True),
        text('color', '颜色', expected=True),
        selection('role', {'tenant': ('H', '出租'), 'owner': ('S', '出售')},
                  '出租还是出售', expected=True),
    ), key=('unit', 'lot'), derive=_derive_hc_space),
)
