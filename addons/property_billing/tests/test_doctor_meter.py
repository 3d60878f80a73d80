from datetime import date

from odoo import Command
from odoo.tests import tagged
from odoo.tools import SQL

from .common import LedgerCommon
from .common_meter import MeterCommon

COUNTED = "Meters: what is stored with their readings, counted from the values"
CHAIN = "Readings that do not follow on the one before, none"
BILLED = "Meters: use that is billed, counted by the readings it is of"
DIFFERENT = "Bills of another use than their readings tell, none"
FOREIGN = "Bills by readings that are not, or not like that, none"
TWICE = "Readings up to which the same use is billed twice, none"


@tagged('post_install', '-at_install')
class TestDoctorMeter(MeterCommon):
    """ [design §5, 8] What a meter counted is continuous, never negative, and billed once. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tariff = cls.env['property.tariff'].create({
            'name': "By meter", 'fee_id': cls.water_fee.id, 'basis': 'metered',
            'version_ids': [Command.create({'date_start': '2020-01-01', 'price': 5})]})
        cls.meter = cls._create_meter('W-1', cls.unit_1011, first='10', since='2025-12-31')
        cls.january = cls._read(cls.meter, '2026-01-31', '20')
        cls.february = cls._read(cls.meter, '2026-02-28', '29')
        cls.assignment = cls.env['property.fee.assignment'].create({
            'unit_id': cls.unit_1011.id, 'tariff_id': cls.tariff.id, 'meter_id': cls.meter.id,
            'date_start': '2026-01-01'})
        cls.charges = cls._bill_until('2026-02-28')

    def tearDown(self):
        super(LedgerCommon, self).tearDown()  # these stories end with broken meters

    @classmethod
    def _bill_until(cls, end):
        run = cls.env['property.bill.run'].create({
            'project_id': cls.project.id, 'date_end': end, 'date_invoice': end,
            'fee_ids': [Command.set(cls.water_fee.ids)],
        }).with_user(cls.clerk).with_context(queue_job__no_delay=True)
        run.action_preview()
        run.action_post()
        return run.charge_ids

    def _get_wrong(self):
        self.env.flush_all()
        return [check['name'] for check in self.env['property.doctor'].run() if not check['ok']]

    def _break(self, query, *args):
        self.env.flush_all()
        self.env.cr.execute(SQL(query, *args))
        self.env.invalidate_all()

    def test_all_is_well(self):
        """ 10 and 9 m³ are billed; an exchange, a restart and a dial over zero change nothing. """
        self.assertEqual(self.charges.sorted('date_start').mapped('amount'), [50, 45])
        self.meter.with_user(self.clerk)._exchange(
            date(2026, 3, 15),
            {'total': '99'}, 'W-2', {'total': '99990'}, 10, 5, 0, "broken")
        reading = self._read(self.meter, '2026-03-31', '5')
        reading._roll_over("over zero")
        self._bill_until('2026-03-31')
        self.assertFalse(self._get_wrong())
        checks = {check['name']: check['left'] for check in self.env['property.doctor'].run()}
        self.assertEqual((checks[COUNTED], checks[BILLED]), (239, 239))

    def test_a_replaced_reading_until_it_is_corrected(self):
        """ What was billed by it stays told by it; corrected, it is settled. """
        self.february._replace('25', "misread")
        self.assertFalse(self._get_wrong())
        charge = self.charges.filtered(lambda charge: charge.amount == 45)
        charge.with_user(self.manager)._correct("misread", charge.date_end)
        self.assertFalse(self._get_wrong())

    def test_undone_and_billed_again(self):
        self.charges._credit("wrong day", self.charges[0].date_end)
        self._bill_until('2026-02-28')
        self.assertFalse(self._get_wrong())

    def test_a_value_that_was_changed(self):
        """ The use of two readings does not follow any more, and one is billed by another value.
        """
        self._break("UPDATE property_meter_reading SET value = 21 WHERE id = %s", self.january.id)
        self.assertEqual(self._get_wrong(), [CHAIN, FOREIGN])

    def test_use_that_was_changed(self):
        self._break(
            "UPDATE property_meter_reading SET quantity = quantity + 1 WHERE id = %s",
            self.january.id)
        self.assertEqual(self._get_wrong(), [COUNTED, CHAIN, BILLED, DIFFERENT])

    def test_two_errors_that_cancel_each_other_out(self):
        self._break(
            "UPDATE property_meter_reading SET quantity = CASE id WHEN %s THEN 9 ELSE 10 END "
            "WHERE id IN %s", self.january.id, (self.january.id, self.february.id))
        self.assertEqual(self._get_wrong(), [CHAIN, DIFFERENT])

    def test_a_reading_that_is_gone(self):
        self._break("DELETE FROM property_meter_reading WHERE id = %s", self.january.id)
        self.assertEqual(self._get_wrong(), [COUNTED, CHAIN, FOREIGN])

    def test_a_negative_use(self):
        self._break(
            "UPDATE property_meter_reading SET value = 5, quantity = -5 WHERE id = %s",
            self.january.id)
        self.assertIn(CHAIN, self._get_wrong())

    def test_an_exchange_without_its_end(self):
        self.meter.with_user(self.clerk)._exchange(
            date(2026, 3, 15),
            {'total': '40'}, 'W-2', {'total': '0'}, 1, 5, 0, "broken")
        self._break("UPDATE property_meter_reading SET state = 'refused' WHERE kind = 'removed'")
        self.assertEqual(self._get_wrong(), [CHAIN])

    def test_days_that_were_changed(self):
        """ The loss of a main meter is spread by them. """
        self._break(
            "UPDATE property_meter_reading SET days = 30 WHERE id = %s", self.january.id)
        self.assertEqual(self._get_wrong(), [CHAIN])

    def test_billed_by_a_reading_of_another_meter(self):
        other = self._create_meter('W-9', self.unit_1012)
        self._break(
            "UPDATE property_meter_reading SET meter_id = %s WHERE meter_id = %s",
            other.id, self.meter.id)
        self.assertIn(FOREIGN, self._get_wrong())

    def test_billed_twice(self):
        """ By another assignment, whose days a constraint compares with its own only. """
        assignment = self.assignment.copy({
            'unit_id': self.unit_1012.id,
            'meter_id': self._create_meter('W-9', self.unit_1012).id})
        charge = self.charges[0].sudo().copy({
            'assignment_id': assignment.id, 'explanation': self.charges[0].explanation})
        self._break("ALTER TABLE property_fee_assignment "
                    "DROP CONSTRAINT property_fee_assignment_metered_once")
        self._break("UPDATE property_fee_assignment SET meter_id = %s WHERE id = %s",
                    self.meter.id, assignment.id)
        self._break(
            "UPDATE property_charge SET state = 'posted', move_id = %s, receivable_line_id = %s "
            "WHERE id = %s", self.charges[0].move_id.id, self.charges[0].receivable_line_id.id,
            charge.id)
        self.assertIn(TWICE, self._get_wrong())

    def test_what_was_divided_by_a_reading(self):
        """ The readings of a shared meter are told by its cost. """
        main = self._create_meter('MAIN', first='0', since='2025-12-31')
        reading = self._read(main, '2026-01-31', '30')
        key = self.env['property.share.key'].create({
            'name': "By area", 'project_id': self.project.id, 'basis': 'area'})
        self.env['property.shared.cost'].create({
            'name': "Garden", 'project_id': self.project.id, 'key_id': key.id,
            'fee_id': self.water_fee.id, 'origin': 'meter', 'meter_id': main.id,
            'tariff_id': self.tariff.id, 'date_start': '2026-01-01', 'date_end': '2026-01-31',
        })._divide()
        self.assertFalse(self._get_wrong())
        self._break(
            "UPDATE property_meter_reading SET value = 31, quantity = 31 WHERE id = %s",
            reading.id)
        self.assertEqual(self._get_wrong(), [BILLED, DIFFERENT, FOREIGN])

    def test_queries_do_not_grow_with_the_readings(self):
        doctor = self.env['property.doctor']
        for day in ('2026-03-10', '2026-03-20', '2026-03-31'):
            self._read(self.meter, day, str(30 + int(day[-2:])))
            self.env.flush_all()
            with self.assertQueryCount(2):
                doctor._check_chains()
                doctor._check_billed_use()
