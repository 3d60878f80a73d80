""" The sheets that the importer reads: our own template, and the workbooks of HC.

Headings and titles are words of a file format, so they are the same whatever language the
user's screen has: English first, then Chinese.
"""
import re

from .identity import is_valid, normalise
from .workbook import ERROR, WARNING, Column, SheetSpec, convert_number

BUILDING_TYPES = {
    'high_rise': ('High-rise', '高层'), 'multi_storey': ('Multi-storey', '多层'),
    'villa': ('Villa', '别墅'), 'podium': ('Podium', '裙楼'), 'other': ('Other', '其他'),
}
UNIT_KINDS = {
    'flat': ('Flat', '住宅'), 'shop': ('Shop', '商铺'), 'office': ('Office', '写字楼', '办公室'),
    'storage': ('Storage', '储藏室'), 'other': ('Other', '其他'),
}
LOT_KINDS = {
    'ground': ('Ground', '地面', '地上'), 'underground': ('Underground', '地下'),
    'mechanical': ('Mechanical', '机械'), 'civil_defence': ('Civil defence', '人防'),
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
IDENTITY_KINDS = {
    'card': ('Resident identity card', '居民身份证', '身份证'), 'passport': ('Passport', '护照'),
    'hk_macau': ('Travel permit for Hong Kong and Macao residents', '港澳居民来往内地通行证'),
    'taiwan': ('Travel permit for Taiwan residents', '台湾居民来往大陆通行证'),
    'foreigner': ('Permanent residence card', '外国人永久居留身份证'),
    'military': ('Military identity card', '军官证'), 'other': ('Other', '其他'),
}
MARITAL_STATES = {
    'single': ('Single', '未婚'), 'married': ('Married', '已婚'), 'divorced': ('Divorced', '离异'),
    'widowed': ('Widowed', '丧偶'),
}
RELATIONS = {
    'spouse': ('Spouse', '配偶'), 'child': ('Child', '子女'), 'parent': ('Parent', '父母'),
    'grandparent': ('Grandparent', '祖父母'), 'grandchild': ('Grandchild', '孙子女'),
    'sibling': ('Sibling', '兄弟姐妹'), 'relative': ('Other relative', '其他亲属'),
    'domestic': ('Domestic help', '家政人员'), 'other': ('Other', '其他'),
}
PET_KINDS = {'dog': ('Dog', '犬', '狗'), 'cat': ('Cat', '猫'), 'other': ('Other', '其他')}
PAYMENT_METHODS = {
    'lump_sum': ('Lump sum', '一次性', '一次性付款', '全款'),
    'instalments': ('Instalments', '分期', '分期付款'),
    'mortgage': ('Mortgage', '按揭', '按揭贷款', '银行按揭'),
}

BETWEEN_PEOPLE = re.compile(r'[,，、;；\n]+')
CARD_NUMBER = re.compile(r'\d{17}[\dX]')
PLACE_WORD = re.compile(r'(\d+)\s*(?:号楼|号|栋|幢|座|楼|单元|室)')


# === COLUMNS, BY WHAT THEY HOLD === #

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


def path(name, *headings, **kwargs):
    return Column(name, headings, kind='path', **kwargs)


def selection(name, choices, *headings, **kwargs):
    return Column(name, headings, kind='selection', choices=choices, **kwargs)


# === OUR TEMPLATE === #

BUILDING = text('building', 'Building number', '楼栋编号')
LOT = text('lot', 'Parking lot number', '停车场编号')
ENTRANCE = text('entrance', 'Entrance number', '单元编号')
UNIT = text('unit', 'Unit number', '房号', required=True)
RESIDENT = text('resident', 'Resident number', '住户编号', required=True)


def check_identity(values):
    """ Warn of 18 digits that are no resident identity number: one of them is mistyped.

    Not asked of HC's sheets, where communities write a number of their own for who gave none.
    """
    number = normalise(values.get('identity_number'))
    is_card = values.get('identity_kind', 'card') == 'card' and CARD_NUMBER.fullmatch(number)
    faults = []
    if is_card and not is_valid('card', number):
        faults.append((WARNING, 'identity_check', 'identity_number', {}))
    return faults


TEMPLATE_SHEETS = (
    SheetSpec('buildings', ('Buildings', '楼栋'), ('building',), (
        text('building', 'Building number', '楼栋编号', required=True),
        text('name', 'Name', '名称'),
        selection('building_type', BUILDING_TYPES, 'Type', '楼栋类型'),
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
        selection('lot_kind', LOT_KINDS, 'Kind', '类型'),
        integer('capacity', 'Capacity', '车位容量'),
        number('building_area', 'Building area', '建筑面积'),
        day('date_inspection', 'Next annual inspection', '下次年检日期'),
        integer('inspection_reminder_days', 'Remind days before', '提前提醒天数'),
    ), key=('lot',)),
    SheetSpec('units', ('Units', '房间'), ('unit',), (
        text('building', 'Building number', '楼栋编号', required=True),
        ENTRANCE,
        UNIT,
        selection('kind', UNIT_KINDS, 'Kind', '类型'),
        text('type_id', 'Property type', '物业类型'),
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
        text('contract_number', 'Contract number', '合同编号'),
        number('contract_area', 'Contract area', '合同面积'),
        selection('payment_method', PAYMENT_METHODS, 'Payment', '付款方式'),
        day('date_contract', 'Contract date', '签约日期'),
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
        selection('identity_kind', IDENTITY_KINDS, 'Identity paper', '证件类型'),
        text('identity_number', 'Identity number', '身份证号', '证件号码'),
        text('ethnicity', 'Ethnicity', '民族'),
        text('native_place', 'Native place', '籍贯'),
        selection('marital_status', MARITAL_STATES, 'Marital status', '婚姻状况'),
        text('household_place', 'Household registration', '户口所在地', '户籍'),
        text('workplace', 'Workplace or school', '工作单位', '工作学习单位'),
        text('workplace_address', 'Address of the workplace', '单位地址'),
        text('street', 'Contact address', '联系地址'),
        text('zip', 'Postcode', '邮编'),
        text('emergency_name', 'Emergency contact', '紧急联系人'),
        text('emergency_phone', 'Emergency phone', '紧急联系电话'),
        text('note', 'Remarks', '备注'),
    ), key=('resident',), expand=lambda values: ([values], check_identity(values))),
    SheetSpec('occupancies', ('Occupancies', '入住'), ('occupancy',), (
        BUILDING,
        LOT,
        ENTRANCE,
        UNIT,
        RESIDENT,
        selection('role', ROLES, 'Role', '身份', required=True),
        selection('relation', RELATIONS, 'Relation', '与业主关系'),
        day('date_start', 'From', '开始日期'),
        day('date_end', 'To', '结束日期'),
        number('share', 'Share (%)', '产权份额（%）'),
        boolean('is_payer', 'Pays the bills', '是否缴费人'),
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
    SheetSpec('pets', ('Pets', '宠物'), ('pet',), (
        BUILDING,
        ENTRANCE,
        UNIT,
        text('breed', 'Breed', '品种', required=True),
        selection('pet_kind', PET_KINDS, 'Kind', '类型'),
        integer('quantity', 'Quantity', '数量', minimum=1),
        number('height', 'Height (cm)', '体高（厘米）', digits=1),
        text('certificate_number', 'Certificate number', '证号'),
        text('resident', 'Resident number', '住户编号'),
    ), key=('unit', 'building', 'entrance', 'breed')),
)


# === THE WORKBOOKS OF HC === #

def leave_out_entrance_zero(values):
    """ HC writes entrance 0 for a shop at street level. """
    if values.get('entrance') == '0':
        del values['entrance']
        values['kind'] = 'shop'


def _derive_hc_space(values):
    values['kind'] = 'parking'
    values['role'] = values.get('role') or 'owner'
    # In this sheet the type belongs to the vehicle, not to the space.
    values['vehicle_kind'] = values.get('vehicle_kind') or 'car'


HC_PHONE = text('phone', '手机号', expected=True, none=frozenset({'18999999999'}))
HC_IDENTITY = text(
    'identity_number', '身份证号', expected=True, none=frozenset({'111111111111111111'}))
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
        HC_PHONE,
        HC_IDENTITY,
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
        derive=leave_out_entrance_zero),
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


# === SHEETS THAT NAME PEOPLE WITHOUT NUMBERING THEM === #

SHARE = number('share', '', maximum=100)


def plain_number(word):
    """ What people call 3号楼, 3栋, 1单元 or 101室 is number 3, 1, 101. """
    match = PLACE_WORD.fullmatch(word or '')
    return match[1] if match else word


def split_people(values):
    """ The rows of the people whom a cell names: 张三、李四.

    The other cells about them name as many, in the same order, or say it of the first only.
    """
    names = _split(values.get('resident_name'))
    rows = [{**values, 'resident_name': name} for name in names] or [values]
    faults = []
    for column in ('identity_number', 'phone', 'shares'):
        words = _split(values.get(column))
        if len(words) not in (0, 1, len(rows)):
            faults.append((ERROR, 'people_count', column, {
                'people': len(rows), 'values': len(words)}))
            continue
        for index, row in enumerate(rows):
            row.pop(column, None)
            if index < len(words):
                row[column] = words[index]
    for row in rows:
        if 'sex' in values and row is not rows[0]:
            del row['sex']
        if 'shares' in row:
            row['share'], code = convert_number(SHARE, row['shares'].rstrip('%％'))
            if code or not row['share']:
                faults.append((ERROR, 'share_range', 'shares', {}))
    return rows, faults


def _split(value):
    return [word.strip() for word in BETWEEN_PEOPLE.split(value or '') if word.strip()]


def _derive_hc_asset(values):
    leave_out_entrance_zero(values)
    if values.get('kind') == 'dormitory':
        values.update(kind='flat', use_id='宿舍')
    if values.get('status') == 'renovated':
        values['is_renovated'] = True
    values.setdefault('role', 'owner')


def _expand_hc_asset(values):
    rows, faults = split_people(values)
    has_owner, is_sold = values.get('resident_name'), values.get('status')
    if has_owner and is_sold == 'unsold':
        faults.append((WARNING, 'unsold_with_owner', 'status', {'name': has_owner}))
    if not has_owner and is_sold in ('occupied', 'handed_over', 'empty', 'renovated'):
        faults.append((WARNING, 'sold_without_owner', 'status', {'unit': values.get('unit')}))
    if values.get('rent'):
        faults.append((WARNING, 'rent_left_out', 'rent', {'unit': values.get('unit')}))
    return rows, faults


def _derive_sale(values):
    for name in ('building', 'entrance', 'unit'):
        if name in values:
            values[name] = plain_number(values[name])
    leave_out_entrance_zero(values)
    values['role'] = 'owner'


def _expand_sale(values):
    rows, faults = split_people(values)
    return rows, faults + [fault for row in rows for fault in check_identity(row)]


PEOPLE_SHEETS = (
    # HC's room sheet: all of a community on one sheet, a row for each member of a household.
    SheetSpec('hc_assets', ('资产信息',), (
        'building', 'entrance', 'unit', 'resident', 'occupancy',
    ), (
        text('building', '楼号', required=True),
        text('entrance', '单元', required=True),
        text('unit', '房间', required=True),
        text('floor', '楼层', expected=True),
        integer('floor_count', '总层数', expected=True),
        boolean('has_lift', '是否有电梯', expected=True),
        selection('kind', {
            'flat': ('110', '住宅'), 'office': ('120', '办公室'), 'dormitory': ('119', '宿舍'),
        }, '房屋类型', expected=True),
        text('layout_id', '房屋户型', expected=True),
        number('building_area', '建筑面积', required=True),
        number('usable_area', '室内面积', expected=True),
        number('rent', '租金'),
        selection('status', {
            'occupied': ('2001', '已入住'), 'unsold': ('2002', '未销售'),
            'handed_over': ('2003', '已交房'), 'empty': ('2004', '未入住'),
            'renovated': ('2005', '已装修'), 'let': ('2006', '已出租'), 'sold': ('2007', '已出售'),
            'free': ('2008', '空闲'), 'renovating': ('2009', '装修中'),
        }, '房屋状态', expected=True),
        text('resident_name', '业主名称', expected=True, tells=('resident', 'name')),
        selection('sex', SEXES, '性别', expected=True),
        HC_PHONE,
        HC_IDENTITY,
        selection('role', {
            'owner': ('1001', '业主'), 'family': ('1002', '家庭成员'),
            'tenant': ('1003', '房屋租客'), 'user': ('1004', '临时人员'),
        }, '业主类型', expected=True),
    ), key=('unit', 'building', 'entrance', 'resident_name', 'identity_number', 'role'),
        derive=_derive_hc_asset, expand=_expand_hc_asset),
    # What the developer's sales system hands over, by contract; the place may be left empty in a
    # later file. A contract of several buyers has a row for each, or names them in one cell.
    SheetSpec('sales', ('Sales hand-over', '销售交接', '销售移交', '交房清单'), (
        'building', 'entrance', 'unit', 'resident', 'occupancy', 'contract',
    ), (
        text('contract_number', 'Contract number', '合同编号', '合同号', required=True),
        text('project', 'Project', '项目名称', '项目'),
        text('building', 'Building', '楼栋', '楼号', '楼栋编号'),
        text('entrance', 'Entrance', '单元', '单元编号'),
        text('unit', 'Room', '房号', '房间号', '房间'),
        text('floor', 'Floor', '楼层'),
        text('layout_id', 'Layout', '户型'),
        number('contract_area', 'Contract area', '合同面积', '合同建筑面积'),
        number('building_area', 'Measured area', '实测面积', '实测建筑面积'),
        text('resident_name', 'Buyers', '买受人', '购房人', '业主姓名', '客户名称', expected=True,
             tells=('resident', 'name')),
        text('shares', 'Shares (%)', '产权份额（%）', '份额', tells=('share',)),
        text('identity_number', 'Identity number', '身份证号', '证件号码'),
        text('phone', 'Phone', '联系电话', '手机号'),
        selection('payment_method', PAYMENT_METHODS, 'Payment', '付款方式'),
        day('date_contract', 'Contract date', '签约日期', '合同日期'),
        day('date_handover', 'Hand-over date', '交房日期', '交付日期'),
    ), key=('contract_number', 'resident_name', 'identity_number'),
        derive=_derive_sale, expand=_expand_sale),
)
