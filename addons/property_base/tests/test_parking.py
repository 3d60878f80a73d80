import io
from datetime import date, datetime

import openpyxl

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import PropertyCommon
from .test_import import ImportCommon


class ParkingCommon(PropertyCommon):
    """ A lot with six spaces on B1 and B2, and one on the ground floor of the tower. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lot = cls.env['property.building'].create({
            'project_id': cls.lakeside.id, 'name': 'Lot 1', 'is_parking_lot': True,
            'lot_kind': 'underground', 'capacity': 8})
        cls.spaces = cls.env['property.unit'].create([
            cls._prepare_unit_vals(
                cls.lot, f'{floor}-{number:03d}', kind='parking', floor=floor, building_area=12)
            for floor in ('B1', 'B2') for number in (1, 2, 10)
        ])
        cls.space = cls.spaces.grouped('name')


@tagged('post_install', '-at_install')
@freeze_time('2026-03-10')
class TestParkingLot(ParkingCommon):

    def _get_reminder(self, user=None):
        cards = self.env['property.home'].with_user(user or self.officer).get_home()['cards']
        [reminders] = [card for card in cards if card['key'] == 'reminders']
        counts = {item['key']: item['count'] for item in reminders['items']}
        return counts.get('lot_inspection', 0)

    def test_annual_inspection_is_recalled_until_it_is_done(self):
        """[D10] Due on 9 April, recalled 30 days before: from 10 March on, and when it is late. """
        self.lot.date_inspection = date(2026, 4, 9)
        for today, count in (('2026-03-09', 0), ('2026-03-10', 1), ('2026-05-01', 1)):
            with self.subTest(today=today), freeze_time(today):
                self.assertEqual(self._get_reminder(), count)
        self.lot.inspection_reminder_days = 29
        self.assertEqual(self._get_reminder(), 0, "11 March is the first day now")
        with freeze_time('2026-04-20'):
            self.lot.with_user(self.officer).action_inspected()
            self.assertEqual(self.lot.date_inspection, date(2027, 4, 9))
            self.assertEqual(self._get_reminder(), 0)

    def test_what_the_reminder_counts_is_what_it_opens(self):
        """[D10] Lots of the user's own projects; a building has no such inspection. """
        self.env['property.building'].create({
            'project_id': self.hilltop.id, 'name': 'Hill Lot', 'is_parking_lot': True})
        (self.lot | self.hilltop.building_ids | self.tower).date_inspection = date(2026, 3, 1)
        self.assertEqual(self._get_reminder(self.clerk), 1)
        self.assertEqual(self._get_reminder(self.hill_officer), 1)
        self.assertEqual(self._get_reminder(self.manager), 2)
        self.assertEqual(self._get_reminder(self.far_manager), 0)

    @mute_logger('odoo.addons.base.models.ir_model')
    def test_who_only_reads_confirms_no_inspection(self):
        """[D10] """
        self.lot.date_inspection = date(2026, 4, 9)
        with self.assertRaises(AccessError):
            self.lot.with_user(self.clerk).action_inspected()

    def test_lots_have_a_list_of_their_own(self):
        """[D10] """
        action = self.env.ref('property_base.property_lot_action')
        lots = self.env['property.building'].with_user(self.officer).search(
            action._get_own_domain())
        self.assertEqual(lots, self.lot)


@tagged('post_install', '-at_install')
class TestParkingSpace(ParkingCommon):

    def test_new_space_is_vacant(self):
        """[D11] """
        space = self.env['property.unit'].with_user(self.officer).create(
            {'building_id': self.lot.id, 'name': 'B1-003', 'kind': 'parking'})
        self.assertEqual(space.occupancy_state, 'vacant')

    def test_only_a_vacant_space_is_deleted(self):
        """[D11] One in use is not, nor one that had a user: he is its history. """
        self._move_in(self.space['B1-001'], self.tom, role='tenant')
        self._move_in(self.space['B1-002'], self.olga, end=date(2025, 1, 1))
        self.env['property.vehicle'].create({'name': 'L 1', 'unit_id': self.space['B1-010'].id})
        for name, obstacle in (
            ('B1-001', "1 occupancies"), ('B1-002', "1 occupancies"), ('B1-010', "1 vehicles"),
        ):
            with self.subTest(space=name), self.assertRaisesRegex(UserError, obstacle):
                self.space[name].with_user(self.manager).unlink()
        self.space['B2-001'].with_user(self.manager).unlink()
        self.assertFalse(self.space['B2-001'].exists())


@tagged('post_install', '-at_install')
class TestParkingLotImport(ImportCommon):

    def test_lots_come_in_with_kind_capacity_and_inspection(self):
        """[D10] And go out with them; the same file again changes nothing. """
        book = openpyxl.Workbook()
        book.active.title = '停车场'
        for line in (
            ('停车场编号', '名称', '类型', '车位容量', '下次年检日期', '提前提醒天数'),
            (1, '东区地下', '地下', 120, '2026-09-30', 45),
            (2, '南门', '人防', None, None, None),
        ):
            book.active.append(line)
        self.import_book(book)
        lots = self.project.building_ids.sorted('code')
        self.assertEqual(
            [(lot.name, lot.lot_kind, lot.capacity, lot.date_inspection,
              lot.inspection_reminder_days) for lot in lots],
            [('东区地下', 'underground', 120, date(2026, 9, 30), 45),
             ('南门', 'civil_defence', 0, False, 30)])
        self.assertEqual(lots[0].date_inspection_reminder, date(2026, 8, 16))
        stream = io.BytesIO()
        self.env['property.import'].with_user(self.officer)._get_template(
            self.project).save(stream)
        self.assertEqual(
            [cell.value for cell in openpyxl.load_workbook(stream)['Parking lots'][2]],
            ['1', '东区地下', 'Underground', 120, 0, datetime(2026, 9, 30), 45])
        before = self.get_rows()
        self.import_book(stream.getvalue())
        self.assertEqual(self.get_rows(), before)
