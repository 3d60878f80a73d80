import base64
import io
from datetime import date

import openpyxl
from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from odoo.addons.property_base.tests.hc_workbook import get_cells, to_bytes
from odoo.addons.property_base.tests.test_import import REAL_WORKBOOKS

from ..tools.meter_layouts import METERS as METER_SPEC
from ..tools.meter_layouts import READINGS as READING_SPEC
from .common_meter import MeterCommon
from .hc_meters import METERS, make_hc_meters

METER_ROW = ('W-0101', "Water meter", '1', '1011')
METER_COLUMNS = ('Meter number', 'Meter type', 'Building number', 'Unit number')
READING_COLUMNS = ('Meter number', 'Last read on', 'Last reading', 'Read on', 'Reading')


class ImportMeterCommon(MeterCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time('2026-07-15'))
        cls.setter = new_test_user(
            cls.env, 'meter_setter',
            'property_base.group_property_officer,property_billing.group_billing_officer',
            company_id=cls.company.id, company_ids=[Command.set(cls.company.ids)],
            lang=cls.env['res.lang']._activate_lang('en_US').code)
        cls.project.user_ids |= cls.setter
        cls.metered = cls.env['property.tariff'].create({
            'name': "Water by meter", 'fee_id': cls.water_fee.id, 'basis': 'metered',
            'version_ids': [Command.create({'date_start': '2020-01-01', 'price': 5})]})

    def make_book(self, **sheets):
        """ A workbook of ours: `sheet=[headings, row, …]`. """
        book = openpyxl.Workbook()
        book.remove(book.active)
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            for row in rows:
                sheet.append(row)
        return book

    def make_readings(self, *rows):
        return self.make_book(Readings=[READING_COLUMNS, *rows])

    def check_book(self, book, user=None):
        record = self.env['property.import'].with_user(user or self.setter).create({
            'file': base64.b64encode(to_bytes(book)), 'file_name': 'meters.xlsx',
            'project_id': self.project.id, 'accept_warnings': True})
        # Read at once, however large.
        record.write({'state': 'checking'})
        record._job_check()
        self.assertEqual(record.state, 'checked', record.failure)
        return record

    def import_book(self, book, user=None):
        record = self.check_book(book, user)
        self.assertFalse(record.error_count, record.issue_ids.mapped('message'))
        record._job_import()
        self.assertEqual(record.state, 'done', record.failure)
        return record

    def get_meters(self):
        return self.env['property.meter'].search([('project_id', '=', self.project.id)])

    def get_stored(self):
        self.env.flush_all()
        rows = []
        for table in ('property_meter', 'property_meter_reading', 'property_fee_assignment'):
            self.env.cr.execute(f'SELECT id, write_date FROM {table} ORDER BY id')
            rows.append(self.env.cr.fetchall())
        return rows

    def assertIssues(self, book, expected, severity='error', user=None):
        """ What is wrong, by cell, with words of its message; and nothing is stored. """
        before = self.get_stored()
        record = self.check_book(book, user)
        issues = record.issue_ids.filtered(lambda issue: issue.severity == severity)
        self.assertEqual(
            {issue.cell or issue.sheet for issue in issues}, set(expected),
            issues.mapped('message'))
        for issue in issues:
            self.assertRegex(issue.message, expected[issue.cell or issue.sheet])
        self.assertEqual(bool(record.error_count), severity == 'error')
        self.assertEqual(self.get_stored(), before)


@tagged('post_install', '-at_install')
class TestHcMeters(ImportMeterCommon):
    """ HC's sheet of meters. """

    def test_helper_is_the_real_workbook(self):
        """ The workbook of these tests is the real one, cell by cell. """
        path = REAL_WORKBOOKS / 'hc_meters.xlsx'
        if not path.exists():
            self.skipTest(f"{path} is not part of a clone")
        made = openpyxl.load_workbook(io.BytesIO(to_bytes(make_hc_meters())))
        self.assertEqual(get_cells(made), get_cells(openpyxl.load_workbook(path)))

    def test_the_sample_row_is_refused(self):
        """ [G17] Three errors at three cells: no such type, no place, no fee. The notes beside the
        sheet are not read.
        """
        self.assertIssues(make_hc_meters(), {
            f'{METERS}!C2': r"1001 is no meter type\. There are: .*Water meter",
            f'{METERS}!E2': "not building-entrance-room such as 1-1-1011: 33",
            f'{METERS}!F2': "有 is no fee that is charged by meter.*Water by meter",
        })

    def test_the_row_mended(self):
        """ [G17] [B30] One meter, with its fee; importing it again changes nothing. """
        entrance = self.env['property.entrance'].create(
            {'name': "1", 'building_id': self.building.id})
        unit = self._create_unit("1001", entrance_id=entrance.id)
        book = make_hc_meters({
            'C2': "Water meter", 'D2': 2002, 'E2': '1-1-1001', 'F2': self.water_fee.name})
        self.import_book(book)
        meter = self.get_meters()
        self.assertRecordValues(meter, [{
            'name': "1-1-1智能水表", 'number': '1212', 'type_id': self.water_type.id,
            'mode': 'read', 'unit_id': unit.id, 'maker': '110', 'collector': '10102'}])
        self.assertRecordValues(meter.assignment_ids, [{
            'unit_id': unit.id, 'tariff_id': self.metered.id, 'date_start': date(2026, 6, 1)}])
        before = self.get_stored()
        again = self.import_book(book)
        self.assertEqual(self.get_stored(), before)
        self.assertEqual(again.counts['meter'], {'new': 0, 'changed': 0, 'same': 1})


@tagged('post_install', '-at_install')
class TestImportMeters(ImportMeterCommon):
    """ [G17] [B30] Meters and readings in our own workbook. """

    def test_meters_with_their_first_readings(self):
        """ A main meter after its sub-meter, a garden, a two-rate meter; then what they showed. """
        book = self.make_book(
            Meters=[
                (*METER_COLUMNS, 'Main meter', 'Multiplier', 'Tariff', 'First reading',
                 'First read on', 'In use from', 'Name'),
                (*METER_ROW, 'W-MAIN', 1, "Water by meter", 1000, '2025-12-31', '2025-12-01'),
                ('W-MAIN', "Water meter", '1', None, None, 20),
                ('W-G', "Water meter", None, None, None, None, None, '１２．', '2025-12-31', None,
                 "Garden"),
                ('E-0101', "Two-rate meter", '1', '1011'),
            ],
            Readings=[
                (*READING_COLUMNS, 'Rate period'),
                ('W-0101', '2025-12-31', 1000, '2026-03-31', '1090'),
                ('W-0101', None, None, '2026-06-30', 1180),
                ('E-0101', '2025-12-31', 10.5, '2026-01-31', 20.25, 'Peak'),
                ('E-0101', '2025-12-31', 3, None, None, '谷'),
            ])
        record = self.import_book(book)
        self.assertFalse(record.warning_count, record.issue_ids.mapped('message'))
        meters = self.get_meters().grouped('number')
        water, main, garden, electricity = (
            meters[number] for number in ('W-0101', 'W-MAIN', 'W-G', 'E-0101'))
        self.assertEqual(water.parent_id, main)
        self.assertEqual(main.multiplier, 20)
        self.assertEqual((main.building_id, main.unit_id), (self.building, water.browse().unit_id))
        self.assertEqual((garden.name, garden.last_value), ("Garden", 12))
        self.assertEqual(water.assignment_ids.date_start, date(2025, 12, 1))
        self.assertEqual(
            water.reading_ids.sorted('date').mapped('value'), [1000, 1090, 1180])
        self.assertEqual(set(water.reading_ids.mapped('source')), {'import'})
        self.assertEqual(
            [(reading.register, reading.kind, reading.value)
             for reading in electricity.reading_ids.sorted('id')],
            [('peak', 'first', 10.5), ('valley', 'first', 3), ('peak', 'read', 20.25)])
        for meter in (water, garden, electricity):
            self.assertChain(meter)
        before = self.get_stored()
        again = self.import_book(book)
        self.assertEqual(self.get_stored(), before)
        self.assertFalse(again.warning_count, again.issue_ids.mapped('message'))

    def test_units_and_their_meters_in_one_workbook(self):
        """ What does not exist yet is checked as if it did. """
        sheets = {
            'Buildings': [('Building number',), ('7',)],
            'Units': [('Building number', 'Unit number'), ('7', '701')],
            'Meters': [METER_COLUMNS, ('W-701', "Water meter", '7', '701')],
            'Readings': [READING_COLUMNS, ('W-701', '2026-05-31', 5, '2026-06-30', '4x')]}
        self.assertIssues(
            self.make_book(**sheets), {'Readings!E2': "“4x” is no reading"})
        sheets['Readings'][1] = ('W-701', '2026-05-31', 5, '2026-06-30', 4)
        self.assertIssues(
            self.make_book(**sheets), {'Readings!E2': "wait to be checked: 4 is less than 5"},
            'warning')
        self.import_book(self.make_book(**sheets))
        self.assertEqual(self.get_meters().unit_id.building_id.code, '7')
        self.assertEqual(
            self.get_meters().reading_ids.sorted('date').mapped('state'), ['accepted', 'queued'])

    def test_meters_that_cannot_be(self):
        """ Each fault at its cell, and nothing is stored. """
        self._create_meter('W-9', self.unit_1012)
        headings = (*METER_COLUMNS, 'Multiplier', 'Main meter', 'Tariff', 'First reading',
                    'First read on')
        self.assertIssues(self.make_book(Meters=[
            headings,
            ('W-9', "Water meter", '1', '1011'),
            ('W-1', "Steam meter", '1', '1011'),
            ('W-2', "Water meter", '1', '9999'),
            ('W-3', "Water meter", '1', '1011', 0),
            ('W-4', "Water meter", '1', '1011', 'x'),
            ('W-5', "Water meter", '1', '1011', 1, 'W-99'),
            ('W-6', "Water meter", '1', '1011', 1, 'W-7'),
            ('W-7', "Water meter", '1', '1011', 1, 'W-6'),
            ('W-8', "Water meter", '1', None, 1, None, "Water by meter"),
            ('W-10', "Water meter", '1', '1011', 1, None, "Steam"),
            ('W-11', "Water meter", '1', '1011', 1, None, None, '123456', '2026-01-31'),
            ('W-12', "Water meter", '1', '1011', 1, None, None, '12a', '2026-01-31'),
            ('W-13', "Water meter", '1', '1011', 1, None, None, '12', '2026-12-31'),
            ('W-13', "Water meter", '1', '1012'),
        ]), {
            'Meters!A2': r"W-9 is that of another meter of this type: W-9 · .*1012",
            'Meters!B3': "Steam meter is no meter type",
            'Meters!D4': "9999", 'Meters!E5': "too small", 'Meters!E6': "not a number",
            'Meters!F7': "W-99 of this type is neither", 'Meters!F8': "behind itself",
            'Meters!F9': "behind itself", 'Meters!G10': "hangs in no unit",
            'Meters!G11': "Steam is no fee that is charged by meter",
            'Meters!H12': "has 5 digits", 'Meters!H13': "“12a” is no reading",
            'Meters!I14': "still to come", 'Meters!A15': "stands here twice",
        })

    def test_what_a_meter_is_read_by_stays(self):
        """ Another multiplier of a known meter is told and left; its place on the wall is not. """
        meter = self._create_meter('W-0101', self.unit_1011, first='1000')
        book = self.make_book(Meters=[
            (*METER_COLUMNS, 'Multiplier', 'Where it hangs'), (*METER_ROW, 20, "Shaft")])
        self.assertIssues(book, {'Meters!E2': "“Multiplier” of meter W-0101 is 1.0 and stays"},
                          'warning')
        record = self.import_book(book)
        self.assertEqual((meter.multiplier, meter.place), (1, "Shaft"))
        self.assertEqual(record.counts['meter'], {'new': 0, 'changed': 1, 'same': 0})

    def test_number_of_a_device_that_was_exchanged(self):
        """ Neither the meter nor its reading comes in again. """
        meter = self._create_meter('W-0101', self.unit_1011, first='1000')
        meter.with_user(self.clerk)._exchange(
            date(2026, 1, 31), {'total': '1010'}, 'W-NEW', {'total': '0'}, 1, 5, 0, "Frozen")
        self.assertIssues(
            self.make_book(
                Meters=[METER_COLUMNS, METER_ROW],
                Readings=[READING_COLUMNS, ('W-0101', None, None, '2026-02-28', 1020)]),
            {cell: "exchanged on 2026-01-31; W-NEW hangs there now"
             for cell in ('Meters!A2', 'Readings!A2')})

    def test_readings_that_cannot_be(self):
        """ [B32] Letters, a day to come, an unknown meter, too many digits, twice, no day. """
        self._create_meter('W-0101', self.unit_1011, first='1000')
        self._create_meter('W-0102', self.unit_1012)
        self.assertIssues(self.make_readings(
            ('W-0101', None, None, '2026-01-31', '10l0'),
            ('W-0101', None, None, '2026-12-31', '1010'),
            ('W-7777', None, None, '2026-01-31', '1010'),
            ('W-0101', None, None, '2026-02-28', '123456'),
            ('W-0101', None, None, '2026-03-31', '1030.5'),
            ('W-0101', None, None, None, '1040'),
            ('W-0102', None, None, '2026-01-31', '7'),
            ('W-0101', None, None, '2026-05-31', '-3'),
            ('W-0101', None, None, '2026-05-31', '1050'),
        ), {
            'Readings!E2': "“10l0” is no reading", 'Readings!D3': "still to come",
            'Readings!A4': "W-7777 is not in the register", 'Readings!E5': "has 5 digits",
            'Readings!E6': "has 0 decimals", 'Readings!D7': "Enter the day",
            'Readings!C8': "Enter what it showed at the start", 'Readings!E9': "“-3” is no",
            'Readings!A10': "stands here twice",
        })

    def test_odd_readings_wait_and_are_told(self):
        """ [B31] Lower than the last one, and a control that is another meter's; full-width digits
        are digits.
        """
        meter = self._create_meter('W-0101', self.unit_1011, first='1000')
        other = self._create_meter('W-0102', self.unit_1012, first='500')
        book = self.make_readings(
            ('W-0101', None, 1000, '2026-01-31', 999),
            ('W-0102', None, 1000, '2026-01-31', '５１０'))
        self.assertIssues(book, {
            'Readings!E2': "999 will wait to be checked: 999 is less than 1000 on 2025-12-31",
            'Readings!C3': "showed 500 on 2025-12-31. Is this reading that of another meter",
        }, 'warning')
        self.import_book(book)
        self.assertEqual(
            meter.reading_ids.filtered(lambda reading: reading.state == 'queued').mapped('value'),
            [999])
        self.assertEqual(other.last_value, 510)
        before = self.get_stored()
        self.import_book(book)
        self.assertEqual(self.get_stored(), before)

    def test_another_value_of_a_day_is_left(self):
        meter = self._create_meter('W-0101', self.unit_1011, first='1000')
        self._read(meter, '2026-01-31', '1010')
        self.assertIssues(
            self.make_readings(('W-0101', None, None, '2026-01-31', 1011)),
            {'Readings!E2': "was read on 2026-01-31 already: 1010. It is left"}, 'warning')

    def test_two_meters_of_one_number(self):
        """ The type tells them apart; hours tell the registers of a two-rate meter apart. """
        self._create_meter('1', self.unit_1011, first='0')
        self._create_meter('1', self.unit_1011, type_id=self.time_of_use_type.id)
        self.assertIssues(
            self.make_readings(('1', None, None, '2026-01-31', 1)),
            {'Readings!A2': "Enter the type, too: .*meter, .*meter"})
        self.assertIssues(self.make_book(Readings=[
            (*READING_COLUMNS, 'Meter type'), ('1', None, None, '2026-01-31', 1, "Two-rate meter"),
        ]), {'Readings': "counts by hours"})

    def test_template_is_filled_in_and_comes_back(self):
        """ All meters with their last readings; unchanged it changes nothing. """
        main = self._create_meter('W-MAIN', first='5000', building_id=self.building.id)
        meter = self._create_meter('W-0101', self.unit_1011, first='1000', parent_id=main.id)
        self.env['property.fee.assignment'].create({
            'unit_id': self.unit_1011.id, 'tariff_id': self.metered.id, 'meter_id': meter.id,
            'date_start': '2026-01-01'})
        self._create_meter('E-0101', self.unit_1012, type_id=self.time_of_use_type.id)
        Import = self.env['property.import'].with_user(self.setter)
        Import._number_residents(self.project)
        book = Import._get_template(self.project)
        book = openpyxl.load_workbook(io.BytesIO(to_bytes(book)))
        before = self.get_stored()
        record = self.import_book(book)
        self.assertEqual(self.get_stored(), before)
        self.assertFalse(record.warning_count, record.issue_ids.mapped('message'))
        self.assertEqual(record.counts['meter'], {'new': 0, 'changed': 0, 'same': 3})
        sheet = book[READING_SPEC.titles[0]]
        columns = {cell.value.rstrip('*'): cell.column for cell in sheet[1]}
        [row] = [row for row in range(2, sheet.max_row + 1)
                 if sheet.cell(row, columns['Meter number']).value == 'W-0101']
        self.assertEqual(sheet.cell(row, columns['Last reading']).value, '1000')
        sheet.cell(row, columns['Read on']).value = date(2026, 6, 30)
        sheet.cell(row, columns['Reading']).value = 1030
        self.import_book(book)
        self.assertEqual(meter.last_value, 1030)

    def test_who_may(self):
        """ A meter reader with the right to import enters readings, no meters; who has neither
        right does not get these sheets.
        """
        self._create_meter('W-0101', self.unit_1011, first='1000')
        reader, officer = (
            new_test_user(
                self.env, login, f'property_base.group_property_officer{groups}',
                company_id=self.company.id, company_ids=[Command.set(self.company.ids)],
                lang='en_US')
            for login, groups in (
                ('reading_setter', ',property_billing.group_meter_read'), ('base_setter', '')))
        self.project.user_ids |= reader + officer
        book = self.make_book(
            Meters=[METER_COLUMNS, ('W-1', "Water meter", '1', '1011')],
            Readings=[READING_COLUMNS, ('W-0101', None, None, '2026-01-31', 1010)])
        self.assertIssues(book, {'Meters': "may not enter meters"}, 'warning', reader)
        self.assertIssues(
            book, {'Meters': "may not enter meters", 'Readings': "may not enter meter readings"},
            'warning', officer)
        self.assertEqual(self.import_book(book, reader).counts['reading']['new'], 1)
        for user, titles in (
                (officer, set()), (reader, {READING_SPEC.titles[0]}),
                (self.setter, {METER_SPEC.titles[0], READING_SPEC.titles[0]})):
            template = self.env['property.import'].with_user(user)._get_template(self.project)
            names = set(openpyxl.load_workbook(io.BytesIO(to_bytes(template))).sheetnames)
            self.assertEqual(names & {'Meters', 'Readings'}, titles)

    def test_the_clerk_imports_without_the_register(self):
        """ Who bills or reads meters has their sheets only, and sees no workbook of others, which
        may name residents.
        """
        self._create_meter('W-0101', self.unit_1011, first='1000')
        everything = self.import_book(self.make_book(
            Meters=[METER_COLUMNS, ('W-1', "Water meter", '1', '1012')]))
        titles = {METER_SPEC.titles[0], READING_SPEC.titles[0]}
        for user, day, value, names, number in (
                (self.reader, '2026-01-31', 1010, {READING_SPEC.titles[0]}, None),
                (self.clerk, '2026-02-28', 1020, titles, 'W-2')):
            with self.subTest(user=user.login):
                Import = self.env['property.import'].with_user(user)
                Import.new({'project_id': self.project.id}).action_download_template()
                template = openpyxl.load_workbook(
                    io.BytesIO(to_bytes(Import._get_template(self.project))))
                self.assertEqual(set(template.sheetnames), names)
                sheets = {'Readings': [READING_COLUMNS, ('W-0101', None, None, day, value)]}
                if number:
                    sheets['Meters'] = [METER_COLUMNS, (number, "Water meter", '1', '1012')]
                book = self.make_book(
                    Units=[('Building', 'Unit number'), ('1', 'NEW')], **sheets)
                record = self.import_book(book, user)
                self.assertEqual(record.counts['reading']['new'], 1)
                self.assertFalse(self.env['property.unit'].search([('name', '=', 'NEW')]))
                self.assertEqual(Import.search([]), record)
                with self.assertRaises(AccessError):
                    everything.with_user(user).read(['file_name'])
        self.assertTrue(self.env['property.meter'].search([('number', '=', 'W-2')]).unit_id)

    def test_ten_times_the_rows_take_the_same_queries(self):
        """ Meters and readings are looked up together. """
        def check(count, meters):
            book = self.make_book(
                Meters=[
                    METER_COLUMNS,
                    *((f'W-{number}', "Water meter", '1', '1011') for number in range(meters))],
                Readings=[
                    READING_COLUMNS,
                    *((f'W-{number % meters}', '2025-12-31', 0, f'2026-01-{1 + number // meters}',
                       10 * (1 + number // meters)) for number in range(count))])
            record = self.env['property.import'].with_user(self.setter).create({
                'file': base64.b64encode(to_bytes(book)), 'project_id': self.project.id})
            stream = record._read_book(lambda fraction: None)
            record._load(stream, self.project, lambda fraction: None)
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            load = record._load(stream, self.project, lambda fraction: None)
            self.assertFalse(stream.has_errors, stream.issues[:3])
            self.assertEqual(load.counts['reading']['new'], count)
            return self.env.cr.sql_log_count - before

        check(10, 2)  # reads rights and rules
        self.assertEqual(check(100, 20), check(10, 2))
