from freezegun import freeze_time
from psycopg2.errors import CheckViolation, UniqueViolation

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common_meter import MeterCommon


@tagged('post_install', '-at_install')
@freeze_time('2026-07-05')
class TestMeter(MeterCommon):
    """[B30] The archive of meters: what hangs where, under a number that stays. """

    def test_a_meter_of_a_unit_is_where_the_unit_is(self):
        """ Type and room are chosen, the rest follows. """
        form = Form(self.env['property.meter'].with_user(self.clerk))
        form.type_id = self.time_of_use_type
        form.unit_id = self.unit_1011
        form.number = 'E-1011'
        meter = form.save()
        self.assertEqual((meter.project_id, meter.building_id), (self.project, self.building))
        self.assertEqual((meter.digits, meter.decimals, meter.multiplier), (5, 2, 1))
        self.assertEqual(meter.display_name, f"E-1011 · {self.unit_1011.complete_name}")

    def test_a_meter_of_a_building_and_of_the_project(self):
        hall = self.env['property.meter'].create({
            'number': 'H-1', 'type_id': self.water_type.id, 'building_id': self.building.id})
        self.assertEqual(hall.project_id, self.project)
        garden = self._create_meter('G-1', name="Garden")
        self.assertFalse(garden.building_id)
        self.assertEqual(garden.display_name, "G-1 · Garden")

    def test_two_meters_with_one_number(self):
        """ Of another type, or once one is archived, they are in nobody's way. """
        first = self._create_meter('W-1', self.unit_1011)
        with (
            mute_logger('odoo.sql_db'), self.cr.savepoint(),
            self.assertRaises(UniqueViolation) as caught,
        ):
            self._create_meter('W-1', self.unit_1012)
        self.assertIn(
            "Number W-1 exists already",
            first._sql_error_to_message(caught.exception))
        self._create_meter('W-1', self.unit_1012, type_id=self.time_of_use_type.id)
        first.active = False
        first.flush_recordset()
        second = self._create_meter('W-1', self.unit_1012)
        with mute_logger('odoo.sql_db'), self.assertRaises(UniqueViolation), self.cr.savepoint():
            first.active = True
            first.flush_recordset()
        self.assertTrue(second.active)

    def test_a_number_of_spaces(self):
        """ None, and spaces about one do not make another of it. """
        with mute_logger('odoo.sql_db'):
            for number in ('', '  '):
                with self.subTest(number=number), self.assertRaises(CheckViolation), (
                        self.cr.savepoint()):
                    self._create_meter(number, self.unit_1011)
            meter = self._create_meter(' W-7 ', self.unit_1011)
            self.assertEqual(meter.number, 'W-7')
            with self.assertRaises(UniqueViolation), self.cr.savepoint():
                self._create_meter('W-7 ', self.unit_1012)

    def test_the_number_stays(self):
        """ Whoever asks: it is what bills and readings are told apart by. """
        meter = self._create_meter('W-1', self.unit_1011)
        for user in (self.clerk, self.manager):
            with self.assertRaisesRegex(UserError, "keeps its number"):
                meter.with_user(user).number = 'W-2'
            meter.with_user(user).write({'number': 'W-1', 'place': "Kitchen"})  # as imports write
        self.assertEqual((meter.number, meter.place), ('W-1', "Kitchen"))

    def test_what_was_read_was_counted_by_this_dial(self):
        """ Before that a slip is mended. """
        meter = self._create_meter('W-1', self.unit_1011)
        own = meter.with_user(self.clerk)
        own.write({'multiplier': 20, 'digits': 6})
        self._read(meter, '2026-03-31', 100, kind='first')
        for vals in ({'multiplier': 10}, {'digits': 5}, {'type_id': self.time_of_use_type.id}):
            with self.assertRaisesRegex(UserError, "record an exchange"):
                own.write(vals)
        own.write({'multiplier': 20, 'maker': "Ningbo"})

    def test_it_was_in_use_when_it_was_read(self):
        meter = self._create_meter('W-1', self.unit_1011, first=100)
        with self.assertRaisesRegex(ValidationError, "in use until then"), self.cr.savepoint():
            meter.with_user(self.clerk).date_end = fields.Date.subtract(meter.last_day, days=1)
        [waiting] = self._enter(self._row(meter, '2026-01-31', '90'))[1]
        self.assertEqual(waiting.state, 'queued')
        with self.assertRaisesRegex(ValidationError, "in use until then"), self.cr.savepoint():
            meter.with_user(self.clerk).date_end = '2026-01-30'
        meter.with_user(self.clerk).date_end = '2026-01-31'
        with self.assertRaisesRegex(ValidationError, "in use then"), self.cr.savepoint():
            meter.with_user(self.clerk).date_start = '2026-02-01'
        meter.with_user(self.clerk).date_start = '2026-01-01'  # after its first reading

    def test_a_multiplier_of_nothing(self):
        with self.assertRaises(CheckViolation), mute_logger('odoo.sql_db'), self.cr.savepoint():
            self._create_meter('W-1', multiplier=0)

    def test_main_meters(self):
        """ Of the same project and type, and none behind itself. """
        main = self._create_meter('M-1', name="House")
        sub = self._create_meter('W-1', self.unit_1011, parent_id=main.id)
        self.assertEqual(main.child_ids, sub)
        with self.assertRaisesRegex(ValidationError, "behind itself"):
            main.parent_id = sub
        with self.assertRaisesRegex(ValidationError, "same project and type"):
            self._create_meter(
                'E-1', self.unit_1011, type_id=self.time_of_use_type.id, parent_id=main.id)

    def test_found_by_number_name_and_room(self):
        meter = self._create_meter('W-1011', self.unit_1011, name="Bathroom")
        for text in ('W-10', "Bath", '1011'):
            with self.subTest(text=text):
                found = self.env['property.meter'].with_user(self.clerk).name_search(text)
                self.assertIn(meter.id, [meter_id for meter_id, _name in found])

    def test_in_use_stays(self):
        """[G26] What hangs on a meter, and what a meter hangs on. """
        main = self._create_meter('M-1', name="House")
        meter = self._create_meter('W-1', self.unit_1011, first=100, parent_id=main.id)
        for record, sentence in (
            (meter, "1 readings"), (main, "main meter of 1 others"),
            (self.water_type, "type of 2 meters"), (self.unit_1011, "."),
        ):
            with self.subTest(record=record), self.assertRaisesRegex(UserError, sentence):
                record.unlink()

    def test_the_types_of_the_trade(self):
        """ A new company finds them, with the fees that they are read for; once. """
        types = self.env['property.meter.type'].search([
            ('company_id', '=', self.company.id), ('id', '>', 0),
            ('id', 'not in', (self.water_type + self.time_of_use_type).ids)])
        self.assertEqual(
            types.mapped('name'), ["冷水表", "电表", "分时电表", "燃气表", "热量表"])
        self.assertEqual(
            types.mapped('fee_id.name'), ["水费", "电费", "燃气费", "取暖费"])
        self.assertEqual(types.mapped('registers'), [
            'single', 'single', 'day_night', 'single', 'single'])
        types[0].name = "自来水表"
        self.env['property.meter.type']._create_seeds(self.company)
        self.assertEqual(len(types.search([('company_id', '=', self.company.id)])), 7)

    def test_a_type_that_was_read_keeps_its_registers(self):
        self._create_meter('W-1', self.unit_1011, first=100)
        with self.assertRaisesRegex(ValidationError, "Make another type"):
            self.water_type.registers = 'day_night'
        self.time_of_use_type.registers = 'four'
        self.assertEqual(
            self.time_of_use_type._get_registers(), ('sharp', 'peak', 'level', 'valley'))
