import base64
import io
from pathlib import Path
from unittest.mock import patch

import openpyxl
from psycopg2.errors import DiskFull, SerializationFailure

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, TransactionCase, new_test_user, tagged, users
from odoo.tools import SQL, mute_logger

from odoo.addons.queue_job.tests.common import trap_jobs

from ..models import property_import
from ..tools.identity import is_valid
from .hc_workbook import get_cells, make_hc_rooms, make_hc_workbook, to_bytes

REAL_WORKBOOKS = Path(__file__).resolve().parents[4] / 'shared' / 'data'
NOTHING = {'new': 0, 'changed': 0}
MODELS = (
    'property.project', 'property.building', 'property.entrance', 'property.unit', 'res.partner',
    'property.resident', 'property.resident.number', 'property.occupancy', 'property.vehicle',
    'property.dictionary.item', 'property.pet',
)


class ImportCommon(TransactionCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        lang = cls.env['res.lang']._activate_lang('en_US').code
        cls.officer = new_test_user(
            cls.env, 'import_officer', 'property_base.group_property_officer', lang=lang)
        cls.manager = new_test_user(
            cls.env, 'import_manager', 'property_base.group_property_manager', lang=lang)
        cls.project = cls.env['property.project'].create({
            'name': "Lotus Garden", 'user_ids': [Command.set(cls.officer.ids)]})

    @classmethod
    def make_import(cls, content, user=None, **vals):
        if not isinstance(content, bytes):
            content = to_bytes(content)
        return cls.env['property.import'].with_user(user or cls.officer).create({
            'file': base64.b64encode(content), 'file_name': 'book.xlsx',
            'project_id': cls.project.id, **vals})

    def import_book(self, content, **vals):
        """ Check, accept the warnings, import. """
        record = self.make_import(content, accept_warnings=True, **vals)
        record.action_check()
        self.assertEqual(
            (record.state, record.error_count), ('checked', 0), record.issue_ids.mapped('message'))
        record.action_import()
        self.assertEqual(
            record.state, 'done', [record.failure, *record.issue_ids.mapped('message')])
        return record

    def get_rows(self):
        """ Each stored row of what an import may touch, with its place in the table.

        An update gives a row a new place. Its write_date would not do: within a transaction, hence
        within a test, all are alike.
        """
        self.env.flush_all()
        return {
            model: sorted(self.env.execute_query(SQL(
                "SELECT id, ctid::text FROM %s", SQL.identifier(self.env[model]._table))))
            for model in MODELS}

    def assertIssues(self, record, expected, severity='error'):
        self.assertEqual(
            [(issue.cell or issue.sheet, issue.column) for issue in record.issue_ids
             if issue.severity == severity], expected)

    def assertNothingStored(self, record, before):
        self.assertEqual(self.get_rows(), before)
        with self.assertRaises(UserError):
            record.action_import()


@tagged('post_install', '-at_install')
class TestHcImport(ImportCommon):

    def test_helper_is_the_real_workbook(self):
        """ The workbooks of these tests are the real ones, cell by cell. """
        for name, make in (
                ('hc_community.xlsx', make_hc_workbook), ('hc_rooms.xlsx', make_hc_rooms)):
            path = REAL_WORKBOOKS / name
            if not path.exists():
                self.skipTest(f"{path} is not part of a clone")
            real = openpyxl.load_workbook(path)
            made = openpyxl.load_workbook(io.BytesIO(to_bytes(make())))
            self.assertEqual(made.sheetnames, real.sheetnames)
            self.assertEqual(get_cells(made), get_cells(real))

    def test_check_names_the_unknown_owners_and_stores_nothing(self):
        """ [G17] Rooms 1022, 1023 and 1024 name owners who are not in the owner sheet. """
        before = self.get_rows()
        record = self.make_import(make_hc_workbook())
        record.action_check()
        self.assertEqual(
            (record.state, record.error_count, record.warning_count), ('checked', 0, 3))
        self.assertIssues(record, [
            ('房屋信息!G7', '业主编号'), ('房屋信息!G8', '业主编号'), ('房屋信息!G9', '业主编号'),
        ], 'warning')
        for room, owner, issue in zip(
                ('1022', '1023', '1024'), '678',
                record.issue_ids.filtered(lambda issue: issue.severity == 'warning'),
                strict=True):
            self.assertIn(room, issue.message)
            self.assertIn(f'owner {owner}', issue.message)
        # Nothing else is worth a word, least of all the notes beside the data: but for the two
        # columns that property_billing reads, if it is there.
        self.assertLessEqual(set(record.issue_ids.filtered('cell').mapped('cell')), {
            '房屋信息!G7', '房屋信息!G8', '房屋信息!G9', '房屋信息!H1', '房屋信息!I1'})
        self.assertEqual(
            {name: counts['new'] for name, counts in record.counts.items()
             if name in ('building', 'entrance', 'unit', 'resident', 'parking')},
            {'building': 13, 'entrance': 26, 'unit': 8, 'resident': 5, 'parking': 1})
        self.assertNothingStored(record, before)

    def test_import_of_a_community(self):
        """ [A05] [A06] [A07] [A11] [G17] 13 buildings, 26 entrances, 8 rooms, 5 owners. """
        self.import_book(make_hc_workbook(), occupied_since='2020-01-01')
        project = self.project
        buildings = project.building_ids.filtered(lambda building: not building.is_parking_lot)
        self.assertEqual(len(buildings), 13)
        self.assertEqual(sorted(map(int, buildings.mapped('code'))), list(range(1, 14)))
        self.assertEqual(set(buildings.mapped('floor_count')), {33})
        entrances = buildings.entrance_ids
        self.assertEqual(len(entrances), 26)
        self.assertTrue(all(entrances.mapped('has_lift')))
        rooms = project.unit_ids.filtered(lambda unit: unit.kind == 'flat')
        self.assertEqual(len(rooms), 8)
        room = rooms.filtered(lambda unit: unit.name == '1011')
        self.assertEqual(
            (room.building_area, room.floor, room.layout_id.code, room.entrance_id.code),
            (94.56, '1', '1010', '1'))
        owners = rooms.occupancy_ids
        self.assertEqual(set(owners.mapped('role')), {'owner'})
        self.assertEqual(set(owners.mapped('is_payer')), {True})
        owner = room.occupancy_ids.partner_id
        self.assertEqual(
            (owner.name, owner.phone, owner.property_resident_ids.sex,
             owner.property_resident_ids.sudo().identity_number),
            ("李示例", '13800000000', 'male', '110101199001010001'))
        self.assertFalse(owner.parent_id)
        self.assertEqual(
            {unit.name for unit in rooms if not unit.occupancy_ids}, {'1022', '1023', '1024'})
        space = project.unit_ids - rooms
        self.assertEqual(
            (space.name, space.kind, space.building_area, space.building_id.is_parking_lot,
             space.use_id.name),
            ('C0001', 'parking', 98.32, True, "地上停车位"))

    def test_second_import_changes_nothing(self):
        """ [G17] Neither a row more nor a row written. """
        first = self.import_book(make_hc_workbook())
        before = self.get_rows()
        second = self.import_book(make_hc_workbook(), occupied_since='2024-05-05')
        self.assertEqual(self.get_rows(), before)
        for name, counts in second.counts.items():
            self.assertEqual(
                counts, {**NOTHING, 'same': first.counts[name]['new']}, name)

    def test_imported_people_are_like_those_who_are_typed(self):
        """ In every column of the table, although the importer leaves out steps of Odoo's. """
        self.env['res.lang']._activate_lang('zh_CN')
        self.env['ir.default'].set('res.partner', 'lang', 'zh_CN')
        self.import_book(make_hc_workbook())
        imported = self.env['property.resident.number'].search(
            [('project_id', '=', self.project.id), ('name', '=', '1')]).partner_id
        typed = self.env['res.partner'].with_user(self.officer).create({
            'name': imported.name, 'phone': imported.phone, 'company_id': imported.company_id.id})
        typed.env.flush_all()
        rows = self.env.execute_query_dict(SQL(
            "SELECT * FROM res_partner WHERE id IN %s", (imported.id, typed.id)))
        for row in rows:
            self.assertEqual(row.pop('commercial_partner_id'), row.pop('id'))
        # Who was typed has no home yet.
        self.assertEqual({row.pop('property_is_resident') for row in rows}, {True, False})
        self.assertEqual(*rows)

    def test_changed_cells_change_their_records_only(self):
        """ [A08] A corrected area and phone come in, an empty cell erases nothing. """
        self.import_book(make_hc_workbook())
        record = self.import_book(make_hc_workbook(
            {'房屋信息!F2': 95.5, '业主信息!E2': 13911112222, '房屋信息!E3': None}))
        self.assertEqual(record.counts['unit'], {'new': 0, 'changed': 1, 'same': 7})
        self.assertEqual(record.counts['resident'], {'new': 0, 'changed': 1, 'same': 4})
        room = self.project.unit_ids.filtered(lambda unit: unit.name == '1011')
        self.assertEqual((room.building_area, room.owner_ids.phone), (95.5, '13911112222'))
        neighbour = self.project.unit_ids.filtered(lambda unit: unit.name == '1012')
        self.assertEqual(neighbour.layout_id.code, '1010')

    def test_owner_numbers_belong_to_their_project(self):
        """ Owner 1 of one compound is not owner 1 of the next. """
        self.import_book(make_hc_workbook())
        other = self.env['property.project'].create({
            'name': "Tower", 'user_ids': [Command.set(self.officer.ids)]})
        self.import_book(
            make_hc_workbook({'业主信息!B2': "陈别人"}), project_id=other.id)
        self.assertEqual(
            [unit.owner_ids.name for unit in (self.project | other).unit_ids
             if unit.name == '1011'], ["李示例", "陈别人"])

    def test_sold_and_let_parking_spaces_with_vehicles(self):
        """ [A23] S is an owner, H a tenant; the plate belongs to him and the space. """
        self.import_book(make_hc_workbook({
            '车位信息!E2': 1, '车位信息!F2': '粤B12345', '车位信息!H2': 9902, '车位信息!J2': 'H',
            '车位信息!A3': 1, '车位信息!B3': 'C0002', '车位信息!D3': 12, '车位信息!E3': 2,
            '车位信息!J3': 'S'}))
        let, sold = self.project.unit_ids.filtered(
            lambda unit: unit.kind == 'parking').sorted('name')
        self.assertEqual((let.tenant_ids.name, sold.owner_ids.name), ("李示例", "张三1"))
        vehicle = self.env['property.vehicle'].search([('project_id', '=', self.project.id)])
        self.assertEqual(
            (vehicle.name, vehicle.kind, vehicle.partner_id, vehicle.unit_id),
            ('粤B12345', 'coach', let.tenant_ids, let))

    def test_shop_at_street_level_has_no_entrance(self):
        self.import_book(make_hc_workbook({'房屋信息!C9': 0}))
        shop = self.project.unit_ids.filtered(lambda unit: unit.name == '1024')
        self.assertEqual(
            (shop.kind, shop.entrance_id.id, shop.building_id.code), ('shop', False, '1'))

    def test_another_owner_in_an_owned_room_is_a_transfer(self):
        """ [A31] The importer never takes a room from its owner. """
        self.import_book(make_hc_workbook())
        before = self.get_rows()
        record = self.make_import(make_hc_workbook({'房屋信息!G2': 2}), accept_warnings=True)
        record.action_check()
        self.assertIssues(record, [('房屋信息!G2', '业主编号')])
        self.assertNothingStored(record, before)

    def test_warnings_are_accepted_by_the_user_or_nothing_is_imported(self):
        record = self.make_import(make_hc_workbook())
        record.action_check()
        with self.assertRaises(UserError):
            record.action_import()
        record.accept_warnings = True
        record.action_import()
        self.assertEqual(record.state, 'done')


@tagged('post_install', '-at_install')
class TestBadWorkbooks(ImportCommon):
    """ A list of what is wrong and where, and nothing stored. """

    def check(self, content, expected):
        before = self.get_rows()
        record = self.make_import(content, accept_warnings=True)
        record.action_check()
        self.assertEqual(record.state, 'checked', record.failure)
        self.assertIssues(record, expected)
        self.assertEqual(record.error_count, len(expected))
        self.assertNothingStored(record, before)
        return record

    def test_not_a_workbook(self):
        """ [G17] """
        self.check(b'rooms;areas', [(False, False)])

    def test_empty_workbook(self):
        self.check(openpyxl.Workbook(), [(False, False)])

    def test_missing_column(self):
        book = make_hc_workbook()
        book['房屋信息'].delete_cols(6)
        record = self.check(book, [('房屋信息', '建筑面积')])
        self.assertEqual(
            record.issue_ids[0].message, "A column is missing. Its heading may be: 建筑面积.")
        self.assertFalse(
            record.warning_count, "rooms that were not read have no owners to complain about")

    def test_wrong_values(self):
        """ Text for a number, a negative area, a formula error, an impossible floor count. """
        record = self.check(make_hc_workbook({
            '房屋信息!F2': '很大', '房屋信息!F3': -5, '房屋信息!F4': '#REF!',
            '楼栋单元!C2': 33.5, '楼栋单元!D3': '也许', '业主信息!C4': '猫',
        }), [
            ('楼栋单元!C2', '总层数'), ('楼栋单元!D3', '是否有电梯'), ('业主信息!C4', '性别'),
            ('房屋信息!F2', '建筑面积'), ('房屋信息!F3', '建筑面积'), ('房屋信息!F4', '建筑面积')])
        self.assertIn('很大', record.issue_ids[3].message)

    def test_formula_without_result(self):
        self.check(make_hc_workbook({'房屋信息!F2': '=90+4.56'}), [('房屋信息!F2', '建筑面积')])

    def test_date_that_does_not_exist(self):
        book = openpyxl.Workbook()
        book.active.title = '房间'
        book.active.append(['楼栋编号', '房号', '交付日期'])
        book.active.append(['1', '101', '2021-02-29'])
        book.create_sheet('楼栋').append(['楼栋编号'])
        book['楼栋'].append(['1'])
        self.check(book, [('房间!C2', '交付日期')])

    def test_duplicate_room_and_owner(self):
        """ [A10] """
        record = self.check(
            make_hc_workbook({'房屋信息!A3': 1011, '业主信息!A3': 1}),
            [('业主信息!A3', '业主编号'), ('房屋信息!A3', '房屋编号')])
        self.assertIn('row 2', record.issue_ids[1].message)

    def test_unknown_building_and_entrance(self):
        self.check(
            make_hc_workbook({'房屋信息!B2': 77, '房屋信息!C3': 9}),
            [('房屋信息!B2', '楼栋编号'), ('房屋信息!C3', '单元编号')])

    def test_occupancies_that_cannot_be(self):
        """ Two sole owners, an end before the start, an unknown resident, no place. """
        book = openpyxl.Workbook()
        rows = {
            '楼栋': [('楼栋编号',), (1,)],
            '房间': [('楼栋编号', '房号'), (1, 101), (1, 102)],
            '住户': [('住户编号', '姓名'), (1, '甲'), (2, '乙')],
            '入住': [
                ('楼栋编号', '房号', '住户编号', '身份', '开始日期', '结束日期', '产权份额（%）'),
                (1, 101, 1, '业主', '2020-01-01'),
                (1, 101, 2, '业主', '2021-01-01'),
                (1, 102, 1, '租户', '2021-01-01', '2020-12-31'),
                (1, 102, 3, '租户', '2021-01-01'),
                (None, 102, 2, '租户', '2021-01-01'),
                (1, 103, 2, '租户', '2021-01-01'),
                (1, 102, 2, '业主', '2021-01-01', None, 0),
            ],
        }
        for title, lines in rows.items():
            sheet = book.create_sheet(title)
            for line in lines:
                sheet.append(line)
        self.check(book, [
            ('入住!C3', '住户编号'), ('入住!F4', '结束日期'), ('入住!C5', '住户编号'),
            ('入住!B6', '房号'), ('入住!B7', '房号'), ('入住!G8', '产权份额（%）')])

    def test_two_buildings_of_one_name(self):
        book = openpyxl.Workbook()
        book.active.title = '楼栋'
        for line in (('楼栋编号', '名称'), (1, '东楼'), (2, '东楼')):
            book.active.append(line)
        self.check(book, [('楼栋!B3', '名称')])

    def test_building_and_parking_lot_of_one_name(self):
        """ Even if they have one number, too; a lot that exists counts as one in the workbook. """
        book = openpyxl.Workbook()
        for title, lines in {
            '楼栋': [('楼栋编号', '名称'), (1, '东区'), (2, '西区')],
            '停车场': [('停车场编号', '名称'), (1, '东区')],
        }.items():
            sheet = book.create_sheet(title)
            for line in lines:
                sheet.append(line)
        self.env['property.building'].create({
            'project_id': self.project.id, 'name': '西区', 'code': '2', 'is_parking_lot': True})
        self.check(book, [('楼栋!B3', '名称'), ('停车场!B2', '名称')])

    def test_what_changed_since_the_check_stops_the_import(self):
        """ The import checks again: the dry run may be a day old. """
        record = self.make_import(make_hc_workbook(), accept_warnings=True)
        record.action_check()
        self.env['property.building'].create({
            'project_id': self.project.id, 'name': "Building 1", 'code': "Old gate"})
        before = self.get_rows()
        record.action_import()
        self.assertEqual((record.state, record.error_count), ('failed', 1))
        self.assertIn("Nothing was imported", record.failure)
        self.assertEqual(self.get_rows(), before)

    def test_another_workbook_is_checked_before_it_is_imported(self):
        """ [G17] Nobody imports with the answers that another workbook gave. """
        record = self.make_import(make_hc_workbook(), accept_warnings=True)
        record.action_check()
        self.assertTrue(record.is_importable)
        for values in (
            {'file': base64.b64encode(to_bytes(make_hc_workbook({'房屋信息!G2': 2})))},
            {'occupied_since': '2019-01-01'},
            {'project_id': False, 'project_name': "Another"},
        ):
            with self.subTest(values=[*values]):
                record.action_check()
                record.write(values)
                self.assertEqual((record.state, record.is_importable), ('draft', False))
                with self.assertRaisesRegex(UserError, "Check the workbook first"):
                    record.action_import()

    def test_a_database_that_gives_up_does_not_leave_the_import_running(self):
        """ A full disk is told and can be tried again; a conflict is repeated by the caller. """
        record = self.make_import(make_hc_workbook())

        def fail(error):
            with patch.object(type(record), '_do_check', side_effect=error):
                record.action_check()

        with mute_logger('odoo.addons.property_base.models.property_import'):
            fail(DiskFull())
        self.assertEqual((record.state, record.is_running), ('failed', False))
        self.assertIn("server log", record.failure)
        with self.assertRaises(SerializationFailure):
            fail(SerializationFailure())

    def test_a_refusal_half_way_leaves_nothing_but_its_message(self):
        """ What only the database notices undoes the whole, and is told in its words. """
        record = self.make_import(make_hc_workbook(), accept_warnings=True)
        record.action_check()
        before = self.get_rows()
        loader = type(record)._load_vehicles

        def break_vehicles(record, load):
            loader(record, load)
            if not load.dry_run:
                record.env['property.vehicle'].create([
                    {'name': '粤B1', 'project_id': load.project.id}] * 2)

        with (patch.object(type(record), '_load_vehicles', break_vehicles),
              mute_logger('odoo.sql_db')):
            record.action_import()
        self.assertEqual(record.state, 'failed')
        self.assertIn(
            "This plate number is registered in this project already", record.failure)
        self.assertEqual(self.get_rows(), before)


@tagged('post_install', '-at_install')
class TestTemplate(ImportCommon):

    def test_template_filled_with_what_exists_changes_nothing(self):
        """ [A11] What was downloaded, in either language, is what is there. """
        self.import_book(make_hc_workbook({
            '车位信息!E2': 1, '车位信息!F2': '粤B12345', '车位信息!J2': 'S'}))
        guest = self.env['res.partner'].create({'name': "Guest without a number"})
        room = self.project.unit_ids.filtered(lambda unit: unit.name == '1024')
        room.write({'is_renovated': True, 'date_handover': '2020-05-01', 'usable_area': 80})
        self.env['property.occupancy'].create({
            'unit_id': room.id, 'partner_id': guest.id, 'role': 'tenant', 'is_payer': False,
            'date_start': '2024-01-01', 'date_end': '2024-12-31'})
        self.env['res.lang']._activate_lang('zh_CN')
        self.make_import(b'x').action_download_template()
        before = self.get_rows()
        for lang, sheets in (('zh_CN', '楼栋'), ('en_US', 'Buildings')):
            template = self.env['property.import'].with_user(self.officer).with_context(
                lang=lang)._get_template(self.project)
            stream = io.BytesIO()
            template.save(stream)
            self.assertEqual(openpyxl.load_workbook(stream).sheetnames[0], sheets)
            record = self.import_book(stream.getvalue())
            self.assertEqual(self.get_rows(), before, lang)
            self.assertEqual(record.counts['occupancy'], {**NOTHING, 'same': 7})
            self.assertEqual(record.counts['unit'], {**NOTHING, 'same': 8})

    def test_template_hides_identity_numbers_from_who_may_not_see_them(self):
        """ [G08] """
        self.import_book(make_hc_workbook())
        for user, expected in ((self.officer, None), (self.manager, '110101199001010001')):
            rows = self.env['property.import'].with_user(user)._get_template(self.project)
            stream = io.BytesIO()
            rows.save(stream)
            self.assertEqual(openpyxl.load_workbook(stream)['Residents']['H2'].value, expected)

    def test_a_warning_that_a_column_earns_over_and_over_is_one_line(self):
        """ [A17] 24 invented identity numbers: one line, the first 21 cells named. """
        book = openpyxl.Workbook()
        book.active.title = '住户'
        book.active.append(('住户编号', '姓名', '身份证号'))
        for index in range(24):
            book.active.append((index + 1, f"业主{index}", f'99010119900101{index:03}0'))
        wrong = [
            f'C{index + 2}' for index in range(24)
            if not is_valid('card', f'99010119900101{index:03}0')]
        record = self.make_import(book)
        record.action_check()
        self.assertEqual((record.warning_count, record.error_count), (len(wrong), 0))
        issue = record.issue_ids
        self.assertEqual(issue.cell, f'住户!{wrong[0]}')
        self.assertIn(f"The same in {', '.join(wrong[1:21])}", issue.message)
        self.assertNotIn(wrong[21], issue.message)

    def test_blank_template_has_headings_only(self):
        template = self.env['property.import'].with_user(self.officer)._get_template(
            self.env['property.project'])
        stream = io.BytesIO()
        template.save(stream)
        book = openpyxl.load_workbook(stream)
        self.assertEqual({sheet.max_row for sheet in book}, {1})
        heads = {cell.value: cell.comment and cell.comment.text for cell in book['Units'][1]}
        self.assertEqual(
            {heading: heads[heading] for heading in (
                'Building number*', 'Kind', 'Hand-over date', 'Layout')},
            {'Building number*': "Required.",
             'Kind': "One of: Flat / Shop / Office / Storage / Other",
             'Hand-over date': "A date such as 2026-01-31.", 'Layout': None})


@tagged('post_install', '-at_install')
class TestImportRights(ImportCommon):

    @users('import_manager')
    def test_manager_creates_a_project_by_its_name(self):
        record = self.import_book(
            make_hc_workbook(), user=self.manager, project_id=False, project_name=" New Garden ")
        self.assertEqual(
            (record.project_id.name, len(record.project_id.unit_ids)), ("New Garden", 9))
        self.assertIn(self.manager, record.project_id.user_ids)

    def test_officer_creates_no_project(self):
        record = self.make_import(make_hc_workbook(), project_id=False, project_name="New Garden")
        record.action_check()
        self.assertEqual(record.state, 'failed')
        self.assertIn("Only a manager", record.failure)

    def test_project_of_others_is_refused(self):
        """ [G07] Neither chosen nor named again. """
        hidden = self.env['property.project'].create({
            'name': "Secret Garden", 'user_ids': [Command.clear()]})
        with self.assertRaises(AccessError):
            self.make_import(make_hc_workbook(), project_id=hidden.id)
        record = self.make_import(
            make_hc_workbook(), project_id=False, project_name="Secret Garden")
        record.action_check()
        self.assertEqual(record.state, 'failed')
        self.assertIn("may not see it", record.failure)
        self.assertFalse(hidden.unit_ids)

    def test_books_of_the_project_whatever_company_is_chosen_on_the_screen(self):
        """ And its messages in the user's language. """
        company = self.env['res.company'].create({'name': "Second Property Ltd"})
        self.officer.company_ids += company
        self.officer.lang = self.env['res.lang']._activate_lang('zh_CN').code
        second = self.env['property.project'].create({
            'name': "Second Garden", 'company_id': company.id,
            'user_ids': [Command.set(self.officer.ids)]})
        self.env = self.env(context={'allowed_company_ids': self.officer.company_ids.ids})
        seen = []
        with patch.object(
                property_import.PropertyImport, '_do_check',
                lambda record, report: seen.append((record.env.company, record.env.lang))):
            self.make_import(make_hc_workbook(), project_id=second.id).action_check()
        self.assertEqual(seen, [(company, 'zh_CN')])

    def test_project_of_another_company_is_refused(self):
        company = self.env['res.company'].create({'name': "Other Property Ltd"})
        foreign = self.env['property.project'].create({
            'name': "Far Garden", 'company_id': company.id,
            'user_ids': [Command.set(self.officer.ids)]})
        with self.assertRaises(AccessError):
            self.make_import(make_hc_workbook(), project_id=foreign.id)

    def test_imports_and_issues_of_others_are_not_seen(self):
        record = self.make_import(make_hc_workbook())
        record.action_check()
        stranger = new_test_user(
            self.env, 'import_stranger', 'property_base.group_property_officer')
        for records in (record, record.issue_ids):
            with self.assertRaises(AccessError):
                records.with_user(stranger).read()

    def test_plain_users_import_nothing(self):
        reader = new_test_user(self.env, 'import_reader', 'property_base.group_property_user')
        with self.assertRaises(AccessError):
            self.make_import(make_hc_workbook(), user=reader)


@tagged('post_install', '-at_install')
class TestImportInBackground(ImportCommon):

    def test_large_workbooks_run_as_a_job(self):
        """ [G17] Enqueued once; the record says that it is running. """
        with patch.object(property_import, 'FOREGROUND_BYTES', 100):
            record = self.make_import(make_hc_workbook(), accept_warnings=True)
            with trap_jobs() as trap:
                record.action_check()
                self.assertTrue(record.is_running)
                with self.assertRaises(UserError):
                    record.action_check()
                job, = trap.enqueued_jobs
                self.assertEqual(job.max_retries, 0)
                self.assertTrue(job.identity_key)
            fractions = []
            with patch.object(
                    type(record), '_get_progress_reporter', lambda self: fractions.append):
                record._job_check(background=True)
                self.assertEqual((record.state, record.is_running), ('checked', False))
                with trap_jobs():
                    record.action_import()
                record._job_import(background=True)
        self.assertEqual(record.state, 'done')
        self.assertEqual(len(self.project.unit_ids), 9)
        self.assertEqual(fractions[-1], 1)
        self.assertTrue(all(0 <= fraction <= 1 for fraction in fractions))

    def test_progress_is_told_outside_the_transaction(self):
        """ Whoever watches sees the bar move while the import's transaction is open. """
        with self.registry.cursor() as cr:
            env = self.env(cr=cr)
            record = env['property.import'].create({
                'file': base64.b64encode(b'x'), 'project_name': "Bar",
                'company_id': env.company.id})
            env['property.import.progress'].create({'import_id': record.id})
        try:
            report = record.with_env(self.env)._get_progress_reporter()
            report(0.423)
            with self.registry.cursor() as cr:
                self.assertEqual(record.with_env(self.env(cr=cr)).progress, 42)
        finally:
            with self.registry.cursor() as cr:
                record.with_env(self.env(cr=cr)).unlink()

    def test_residents_since_is_asked_for_a_day(self):
        record = self.make_import(make_hc_workbook())
        self.assertEqual(record.occupied_since, fields.Date.context_today(record))


@tagged('post_install', '-at_install')
class TestTemplateDownload(HttpCase):

    def test_officers_download_the_template_of_their_projects(self):
        """ [G17] Others get neither the blank one nor that of a project they may not see. """
        officer = new_test_user(
            self.env, 'template_officer', 'property_base.group_property_officer',
            lang=self.env['res.lang']._activate_lang('en_US').code)
        new_test_user(self.env, 'template_reader', 'property_base.group_property_user')
        mine, hidden = self.env['property.project'].create([
            {'name': "Mine", 'user_ids': [Command.set(officer.ids)]},
            {'name': "Hidden", 'user_ids': [Command.clear()]}])
        self.env['property.building'].create({'name': "North", 'project_id': mine.id})
        url = '/property/import/template?project_id=%s'
        self.authenticate('template_officer', 'template_officer')
        answer = self.url_open(url % mine.id)
        book = openpyxl.load_workbook(io.BytesIO(answer.content))
        self.assertEqual(book.worksheets[0]['A2'].value, "North")
        self.assertIn(
            'Mine-property%20register%20template.xlsx', answer.headers['Content-Disposition'])
        self.assertIsNone(openpyxl.load_workbook(
            io.BytesIO(self.url_open(url % '').content)).worksheets[0]['A2'].value)
        with mute_logger('odoo.http'):
            self.assertEqual(self.url_open(url % hidden.id).status_code, 403)
            self.authenticate('template_reader', 'template_reader')
            self.assertEqual(self.url_open(url % '').status_code, 403)
