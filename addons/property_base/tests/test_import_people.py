import io

import openpyxl

from odoo import Command
from odoo.tests import tagged

from .hc_workbook import ASSETS, make_hc_rooms
from .test_import import NOTHING, ImportCommon

SALES = '销售交接'
SALES_HEADINGS = (
    '合同编号', '项目名称', '楼栋', '单元', '房号', '户型', '合同面积', '实测面积', '买受人',
    '产权份额（%）', '身份证号', '联系电话', '付款方式', '签约日期', '交房日期')
SALES_ROWS = (
    ('HT-001', 'Lotus Garden', '1栋', '1单元', '101室', '三室两厅', 95, 94.56, '王芳、陈强',
     '60、40', '110101199001011018、110101199001011026',
     '13800000011、13800000012', '按揭', '2023-05-01',
     '2024-06-30'),
    ('HT-002', 'Lotus Garden', '1栋', '1单元', '102室', '三室两厅', 95, 95.1, '刘洋', None,
     '110101199001011034', '13800000013', '一次性', None, '2024-06-30'),
    ('HT-003', 'Lotus Garden', '2栋', None, 'S1', None, 40, 40, '赵敏', None, None,
     '13800000014', '分期', None, None),
)


def make_sales(cells=(), rows=SALES_ROWS):
    book = openpyxl.Workbook()
    book.active.title = SALES
    for row in (SALES_HEADINGS, *rows):
        book.active.append(row)
    for cell, value in dict(cells).items():
        book.active[cell] = value
    return book


def get_row(number, changes):
    """ The cells of the HC row again, in another row, with some changed by column. """
    first = dict(zip('ABCDEFGHIJKLMNOPQ', (
        1, 1, 1001, 1, 33, '有', 110, 10102, 94.56, 94.56, 0, 2001, '李示例', '男', 13800000000,
        '110101199001010001', 1001), strict=True))
    return {f'{ASSETS}!{column}{number}': value for column, value in {**first, **changes}.items()}


class PeopleCommon(ImportCommon):

    def check_book(self, content, **vals):
        record = self.make_import(content, accept_warnings=True, **vals)
        record.action_check()
        self.assertEqual(record.state, 'checked', record.failure)
        return record

    def get_unit(self, name):
        return self.project.unit_ids.filtered(lambda unit: unit.name == name)

    def get_owners(self, unit):
        return [
            (occupancy.partner_id.name, occupancy.share)
            for occupancy in unit.occupancy_ids.sorted('id') if occupancy.role == 'owner']


@tagged('post_install', '-at_install')
class TestHcRooms(PeopleCommon):
    """ HC's room sheet: a community on one sheet. """

    def test_the_room_and_its_owner_come_in_once(self):
        """ [A11] [G17] One row makes building, entrance, room and owner; again, nothing. """
        record = self.import_book(make_hc_rooms(), occupied_since='2020-01-01')
        self.assertFalse(record.issue_ids)
        room = self.project.unit_ids
        self.assertEqual(
            (room.name, room.building_id.code, room.entrance_id.code, room.building_id.floor_count,
             room.entrance_id.has_lift, room.kind, room.layout_id.code, room.building_area,
             room.usable_area),
            ('1001', '1', '1', 33, True, 'flat', '10102', 94.56, 94.56))
        owner = room.owner_ids
        self.assertEqual(
            (owner.name, owner.phone, owner.property_resident_ids.sex,
             owner.property_resident_ids.sudo().identity_number),
            ("李示例", '13800000000', 'male', '110101199001010001'))
        before = self.get_rows()
        again = self.import_book(make_hc_rooms(), occupied_since='2024-05-05')
        self.assertEqual(self.get_rows(), before)
        self.assertEqual({**again.counts['occupancy']}, {**NOTHING, 'same': 1})

    def test_each_member_of_a_household_has_a_row(self):
        """ [A22] [G17] Owner, daughter and a temporary guest; the household shares a phone. """
        self.import_book(make_hc_rooms({
            **get_row(3, {'M': '李小妹', 'N': '女', 'P': '110101201501010002', 'Q': 1002}),
            **get_row(4, {'M': '来客', 'O': 18999999999, 'P': '111111111111111111', 'Q': 1004}),
        }))
        room = self.project.unit_ids
        self.assertEqual(
            [(o.partner_id.name, o.role, o.share if o.role == 'owner' else None, o.is_payer)
             for o in room.occupancy_ids.sorted('id')],
            [("李示例", 'owner', 100, True), ("李小妹", 'family', None, False),
             ("来客", 'user', None, False)])
        guest = room.occupancy_ids.partner_id.filtered(lambda partner: partner.name == "来客")
        self.assertFalse(guest.phone)

    def test_owners_divided_by_a_comma_own_as_much_each(self):
        """ [G17] Three in one cell: 33.34, 33.33 and 33.33 %; the phone is of the first. """
        self.import_book(make_hc_rooms({f'{ASSETS}!M2': '李示例，张三,王五'}))
        room = self.project.unit_ids
        self.assertEqual(
            self.get_owners(room), [("李示例", 33.34), ("张三", 33.33), ("王五", 33.33)])
        self.assertEqual(
            [bool(partner.phone) for partner in room.occupancy_ids.sorted('id').partner_id],
            [True, False, False])

    def test_shares_entered_by_hand_stay(self):
        """ [G17] A second import knows no shares, so it changes none. """
        book = make_hc_rooms({f'{ASSETS}!M2': '李示例,张三'})
        self.import_book(book)
        first, second = self.project.unit_ids.occupancy_ids.sorted('id')
        second.share = 20
        first.share = 80
        before = self.get_rows()
        self.import_book(book)
        self.assertEqual(self.get_rows(), before)

    def test_states_that_contradict_the_owner_are_warnings(self):
        """ [G17] Sold without owner, unsold with one; a shop, a dormitory, a rent. """
        record = self.check_book(make_hc_rooms({
            f'{ASSETS}!L2': 2002,
            **get_row(3, {'B': 0, 'C': 'S1', 'G': None, 'M': None, 'N': None, 'O': None,
                          'P': None, 'Q': None}),
            **get_row(4, {'C': 1002, 'G': 119, 'K': 900, 'L': 2005, 'M': '张三', 'O': None,
                          'P': None}),
        }))
        self.assertIssues(record, [], 'error')
        self.assertIssues(record, [
            (f'{ASSETS}!L2', '房屋状态'), (f'{ASSETS}!L3', '房屋状态'), (f'{ASSETS}!K4', '租金'),
        ], 'warning')
        record.action_import()
        shop, room = self.get_unit('S1'), self.get_unit('1002')
        self.assertEqual((shop.kind, shop.entrance_id.id), ('shop', False))
        self.assertEqual((room.use_id.name, room.is_renovated), ("宿舍", True))

    def test_what_is_wrong_is_named_by_cell_and_nothing_is_stored(self):
        """ [G17] """
        before = self.get_rows()
        record = self.check_book(make_hc_rooms({
            **get_row(3, {}), **get_row(4, {'C': 1002, 'G': 130}), **get_row(5, {'C': None}),
            **get_row(6, {'C': 1003, 'M': '甲,乙', 'O': '1、2、3'}),
            **get_row(7, {'C': 1004, 'I': -1}), **get_row(8, {'C': 1005, 'Q': 1009})}))
        self.assertIssues(record, [
            (f'{ASSETS}!C3', '房间'), (f'{ASSETS}!G4', '房屋类型'), (f'{ASSETS}!C5', '房间'),
            (f'{ASSETS}!O6', '手机号'), (f'{ASSETS}!I7', '建筑面积'), (f'{ASSETS}!Q8', '业主类型')])
        self.assertNothingStored(record, before)

    def test_people_who_live_there_already_are_known_again(self):
        """ [G17] Entered by hand, by name and phone: numbered, and not entered twice. """
        self.import_book(make_hc_rooms({f'{ASSETS}!M2': None, f'{ASSETS}!L2': 2008}))
        owner = self.env['res.partner'].create({'name': "李示例", 'phone': '13800000000'})
        self.env['property.occupancy'].create({
            'unit_id': self.project.unit_ids.id, 'partner_id': owner.id,
            'date_start': '2019-01-01'})
        record = self.import_book(make_hc_rooms())
        self.assertEqual(self.project.unit_ids.occupancy_ids.partner_id, owner)
        self.assertEqual(record.counts['resident'], {**NOTHING, 'same': 1})
        self.assertEqual(
            owner.property_resident_ids.sudo().identity_number, '110101199001010001')
        before = self.get_rows()
        self.import_book(make_hc_rooms())
        self.assertEqual(self.get_rows(), before)


@tagged('post_install', '-at_install')
class TestSalesHandOver(PeopleCommon):
    """ What the developer's sales system hands over. """

    def test_contracts_bring_rooms_and_their_buyers(self):
        """ [A11] [A21] [G17] Co-owners by share, areas as contracted and as measured. """
        self.import_book(make_sales(), occupied_since='2024-01-01')
        room = self.get_unit('101')
        self.assertEqual(
            (room.contract_number, room.contract_area, room.building_area, room.payment_method,
             str(room.date_handover), room.building_id.code, room.entrance_id.code),
            ('HT-001', 95, 94.56, 'mortgage', '2024-06-30', '1', '1'))
        self.assertEqual(self.get_owners(room), [("王芳", 60), ("陈强", 40)])
        self.assertEqual(
            [(o.partner_id.phone, str(o.date_start),
              o.partner_id.property_resident_ids.sudo().identity_number)
             for o in room.occupancy_ids.sorted('id')],
            [('13800000011', '2023-05-01', '110101199001011018'),
             ('13800000012', '2023-05-01', '110101199001011026')])
        self.assertEqual(str(self.get_unit('102').occupancy_ids.date_start), '2024-01-01')
        self.assertFalse(self.get_unit('S1').entrance_id)
        before = self.get_rows()
        again = self.import_book(make_sales(), occupied_since='2025-01-01')
        self.assertEqual(self.get_rows(), before)
        self.assertEqual(again.counts['unit'], {**NOTHING, 'same': 3})

    def test_second_file_lists_what_changes_by_contract(self):
        """ [A11] [G17] A row may leave its place out; the dry run names each changed field. """
        self.import_book(make_sales())
        rows = (
            ('HT-001', None, None, None, None, None, None, 94.8, '王芳、陈强', None, None,
             '13900000011、13800000012', None, None, '2024-09-30'),
            ('HT-002', 'Lotus Garden', '1栋', '1单元', '102', None, None, None, '刘阳', None,
             '110101199001011034', None, '按揭', None, None),
        )
        before = self.get_rows()
        record = self.check_book(make_sales(rows=rows))
        self.assertEqual(self.get_rows(), before)
        self.assertFalse(record.error_count, record.issue_ids.mapped('message'))
        notes = record.issue_ids.filtered(lambda issue: issue.severity == 'info')
        self.assertEqual(
            {issue.cell: issue.message for issue in notes}, {
                f'{SALES}!H2': "“实测面积” changes from 94.56 to 94.8.",
                f'{SALES}!O2': "“交房日期” changes from 2024-06-30 to 2024-09-30.",
                f'{SALES}!L2': "“联系电话” changes from 13800000011 to 13900000011.",
                f'{SALES}!I3': "“买受人” changes from 刘洋 to 刘阳.",
                f'{SALES}!M3': "“付款方式” changes from Lump sum to Mortgage.",
            })
        record.action_import()
        self.assertEqual(record.state, 'done', record.failure)
        room = self.get_unit('101')
        self.assertEqual((room.building_area, str(room.date_handover)), (94.8, '2024-09-30'))
        self.assertEqual(self.get_owners(room), [("王芳", 60), ("陈强", 40)])
        self.assertEqual(self.get_unit('102').owner_ids.name, "刘阳")

    def test_the_same_change_of_two_rooms_is_two_lines(self):
        """ [A11] [G17] The list tells of each row what changes in it. """
        self.import_book(make_sales({'O2': '2024-06-30', 'O3': '2024-06-30'}))
        record = self.check_book(make_sales({'O2': '2024-09-30', 'O3': '2024-09-30'}))
        self.assertEqual(
            sorted(record.issue_ids.mapped('cell')), [f'{SALES}!O2', f'{SALES}!O3'])

    def test_changed_identity_numbers_are_not_shown(self):
        """ [A17] The list of changes is read by who may not see identity numbers. """
        self.import_book(make_sales())
        record = self.check_book(make_sales({'K3': '110101199001011990'}))
        [note] = record.issue_ids
        self.assertEqual(note.message, "“身份证号” changes from *** to ***.")

    def test_no_room_moves_to_another_project(self):
        """ [A11] Named by project, or by a contract that another project has. """
        self.import_book(make_sales())
        tower = self.env['property.project'].create({
            'name': "Tower", 'user_ids': [Command.set(self.officer.ids)]})
        before = self.get_rows()
        record = self.check_book(make_sales(), project_id=tower.id)
        self.assertEqual(
            {(issue.cell, issue.severity) for issue in record.issue_ids},
            {(f'{SALES}!{column}{row}', 'error') for column in 'AB' for row in (2, 3, 4)})
        self.assertNothingStored(record, before)
        self.assertNotIn(
            "Lotus", record.issue_ids.filtered(lambda issue: issue.cell == f'{SALES}!A2').message)

    def test_contracts_and_rooms_belong_to_each_other(self):
        """ [G17] One contract for two rooms, two for one, a room exchanged, a place left out. """
        self.import_book(make_sales())
        before = self.get_rows()
        record = self.check_book(make_sales({
            'A3': 'HT-009', 'E3': 's9', 'A4': 'HT-009', 'C4': '2栋', 'E4': 'S1', 'E2': '103室',
            **{f'{column}5': value for column, value in zip(
                'ABCEI', ('HT-010', 'Lotus Garden', '2栋', 'S1', '甲'), strict=True)},
            'A6': 'HT-011', 'I6': '乙',
        }))
        self.assertIssues(record, [
            (f'{SALES}!E2', '房号'), (f'{SALES}!E4', '房号'), (f'{SALES}!I4', '买受人'),
            (f'{SALES}!A5', '合同编号'), (f'{SALES}!A6', '合同编号')])
        self.assertNothingStored(record, before)

    def test_units_and_contracts_belong_to_each_other(self):
        """ [G17] Of a sheet of units, too: one contract for two, another unit's, another project's.
        """
        self.import_book(make_sales())
        tower = self.env['property.project'].create({'name': "Tower"})
        far = self.env['property.unit'].create({
            'name': 'T1', 'contract_number': 'HT-100', 'building_id':
                self.env['property.building'].create({'name': 'T', 'project_id': tower.id}).id})
        before = self.get_rows()
        book = openpyxl.Workbook()
        book.active.title = '房间'
        for row in (
            ('楼栋编号', '单元编号', '房号', '合同编号'),
            ('2', None, 'S1', 'HT-003'),  # its own
            ('2', None, 'S2', 'HT-200'),
            ('2', None, 'S3', 'HT-200'),
            ('2', None, 'S4', 'HT-002'),
            ('2', None, 'S5', far.contract_number),
        ):
            book.active.append(row)
        record = self.check_book(book)
        self.assertIssues(record, [(f'房间!D{row}', '合同编号') for row in (4, 5, 6)])
        messages = '\n'.join(record.issue_ids.mapped('message'))
        for text in ("see row 3", "HT-002 is of unit Building 1-Entrance 1-102",
                     "room in another project"):
            self.assertIn(text, messages)
        self.assertNothingStored(record, before)

    def test_another_buyer_is_a_transfer(self):
        """ [A31] The importer never takes a room from its owner. """
        self.import_book(make_sales())
        record = self.check_book(make_sales({
            'I3': '钱多', 'K3': '110101199001011552', 'L3': '13800000055'}))
        self.assertIssues(record, [(f'{SALES}!I3', '买受人')])

    def test_bad_shares_and_dates(self):
        """ [G17] """
        record = self.check_book(make_sales({
            'J2': '60、60', 'J3': 'half', 'O4': '2024-02-30', 'M4': '赊账'}))
        self.assertIssues(record, [
            (f'{SALES}!I2', '买受人'), (f'{SALES}!J3', '产权份额（%）'),
            (f'{SALES}!M4', '付款方式'), (f'{SALES}!O4', '交房日期')])


CUSTOMERS = {
    '楼栋': [('楼栋编号',), (1,)],
    '房间': [('楼栋编号', '房号', '建筑面积', '物业类型'), (1, 101, 90, '高层住宅')],
    '住户': [
        ('住户编号', '姓名', '手机号', '性别', '出生日期', '证件类型', '证件号码', '民族', '籍贯',
         '婚姻状况', '户口所在地', '工作单位', '单位地址', '联系地址', '邮编', '紧急联系人',
         '紧急联系电话', '备注'),
        (1, '周正', 13800000021, '男', '1980-02-03', '护照', 'e 1234567', '汉族',
         '浙江杭州', '已婚', '杭州市', '东湖设计院', '东湖路1号', '西湖路2号', '310000', '周圆',
         '13800000022', '老客户'),
        (2, '周圆', 13800000022, '女'),
    ],
    '入住': [
        ('楼栋编号', '房号', '住户编号', '身份', '与业主关系', '开始日期'),
        (1, 101, 1, '业主', None, '2018-01-01'), (1, 101, 2, '家庭成员', '配偶', '2018-01-01'),
    ],
    '车辆': [('车牌号', '住户编号', '楼栋编号', '房号', '品牌', '颜色'),
             ('浙A12345', 1, 1, 101, '大众', '白')],
    '宠物': [('楼栋编号', '房号', '品种', '类型', '数量', '体高（厘米）', '证号', '住户编号'),
             (1, 101, '柯基', '犬', 1, 28.5, 'D-1', 2)],
}


def make_customers(cells=()):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in CUSTOMERS.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    for place, value in dict(cells).items():
        title, cell = place.split('!')
        book[title][cell] = value
    return book


@tagged('post_install', '-at_install')
class TestOpeningImport(PeopleCommon):
    """ 期初导入: customers with the whole card, their family, vehicles and pets. """

    def test_customers_come_in_with_family_vehicles_and_pets(self):
        """ [A21] [A22] [A23] [G17] Again, nothing changes; nor does what the template gives. """
        self.import_book(make_customers())
        room = self.project.unit_ids
        self.assertEqual(room.type_id.dictionary, 'property_type')
        owner, wife = room.occupancy_ids.sorted('id').partner_id
        card = owner.property_resident_ids
        self.assertEqual(
            (card.identity_kind, card.sudo().identity_number, card.ethnicity, card.native_place,
             card.marital_status, card.household_place, card.workplace, card.workplace_address,
             owner.street, owner.zip, card.emergency_name, card.emergency_phone, card.note),
            ('passport', 'E1234567', "汉族", "浙江杭州", 'married', "杭州市", "东湖设计院",
             "东湖路1号", "西湖路2号", '310000', "周圆", '13800000022', "老客户"))
        self.assertEqual(
            room.occupancy_ids.filtered(lambda o: o.partner_id == wife).relation, 'spouse')
        self.assertEqual((room.vehicle_ids.name, room.vehicle_ids.partner_id), ('浙A12345', owner))
        pet = room.pet_ids
        self.assertEqual(
            (pet.breed, pet.kind, pet.height, pet.certificate_number, pet.partner_id),
            ("柯基", 'dog', 28.5, 'D-1', wife))
        before = self.get_rows()
        self.import_book(make_customers())
        stream = io.BytesIO()
        self.env['property.import'].with_user(self.manager)._get_template(
            self.project).save(stream)
        self.import_book(stream.getvalue())
        self.assertEqual(self.get_rows(), before)

    def test_core_data_need_the_owners_word(self):
        """ [A18] [G17] Where residents are approved, an import changes no name and no number. """
        self.import_book(make_customers())
        book = make_customers({
            '住户!B2': '周政', '住户!C2': 13911110000, '住户!E2': '1981-02-03',
            '住户!G2': 'E7654321', '住户!E3': '1985-06-07'})
        self.project.approves_residents = True
        before = self.get_rows()
        record = self.check_book(book)
        self.assertIssues(
            record, [('住户!B2', '姓名'), ('住户!E2', '出生日期'), ('住户!G2', '证件号码')])
        self.assertNothingStored(record, before)
        self.project.approves_residents = False
        self.import_book(book)
        self.assertIn("周政", self.project.unit_ids.owner_ids.mapped('name'))

    def test_wrong_words_are_named_by_cell(self):
        """ [G17] """
        before = self.get_rows()
        record = self.check_book(make_customers({
            '住户!F2': '月票', '住户!J2': '也许', '入住!E3': '邻居', '宠物!E2': 0, '宠物!H2': 9}))
        self.assertIssues(record, [
            ('住户!F2', '证件类型'), ('住户!J2', '婚姻状况'), ('入住!E3', '与业主关系'),
            ('宠物!E2', '数量'), ('宠物!H2', '住户编号')])
        self.assertNothingStored(record, before)
