from datetime import date

from freezegun import freeze_time

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common_meter import MeterCommon, MeteredCommon


@tagged('post_install', '-at_install')
@freeze_time('2026-05-20')
class TestMeterHandover(MeterCommon):
    """[A34] [request 14] A unit changes hands, and its meters are read for it.

    Room 1011 passes to Zhao Min on 16 May; water showed 2 on the 10th and shows 5.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.buyer = cls.env['res.partner'].create({
            'name': "Zhao Min", 'lang': cls.env['res.lang']._activate_lang('en_US').code})
        cls.water = cls._create_meter('W-1011', cls.unit_1011, first=2, since='2026-05-10')
        cls.power = cls._create_meter(
            'E-1011', cls.unit_1011, type_id=cls.time_of_use_type.id)
        cls.service = cls._create_user('service', 'property_base.group_property_officer')
        cls.project.user_ids |= cls.service

    def _hand_over(self, day=date(2026, 5, 16)):
        wizard = self.env['property.transfer'].with_user(self.service).create({
            'unit_id': self.unit_1011.id, 'partner_id': self.buyer.id, 'date': day})
        wizard.action_confirm()
        handover = self.env['property.handover'].search(
            [('unit_id', '=', self.unit_1011.id)], limit=1)
        handover.line_ids.filtered(lambda line: line.kind == 'check').action_ok()
        return handover

    def _lines(self, handover):
        return handover.line_ids.filtered('meter_id')

    def test_a_line_for_each_register(self):
        """ In the place of the general ones; a room without meters keeps those. """
        handover = self._hand_over()
        meters = handover.line_ids.filtered(lambda line: line.kind == 'meter')
        self.assertEqual(meters.mapped('name'), [
            "Two-rate meter · E-1011 · Peak hours", "Two-rate meter · E-1011 · Valley hours",
            "Water meter · W-1011"])
        other = self.env['property.handover']._create_handover(
            'check_in', self.unit_1012, self.buyer, 'tenant', date(2026, 5, 16))
        self.assertTrue(other.line_ids.filtered(lambda line: line.kind == 'meter'))
        self.assertFalse(self._lines(other))

    def test_read_on_the_last_day_of_who_leaves(self):
        """ 15 May: the use of May is divided by what was read, not by days. Power, which was never
        read, begins.
        """
        handover = self._hand_over().with_user(self.service)
        peak, valley, water = self._lines(handover)
        water.reading, peak.reading = 5, 100.25
        valley.action_ok()  # it reads 0
        handover.action_done()
        reading = self.water.reading_ids[0]
        self.assertEqual(
            (reading.date, reading.value, reading.quantity, reading.source, reading.is_border),
            (date(2026, 5, 15), 5, 3, 'handover', True))
        self.assertEqual(self.power.reading_ids.mapped('kind'), ['first', 'first'])
        self.assertEqual(self.power.last_value, 100.25)
        self.assertChain(self.water)

    def test_what_is_not_there_is_not_read(self):
        handover = self._hand_over()
        self._lines(handover).action_none()
        handover.with_user(self.service).action_done()
        self.assertEqual(len(self.water.reading_ids), 1)
        self.assertFalse(self.power.reading_ids)

    def test_what_no_dial_shows(self):
        """ It is told before anything is completed. """
        handover = self._hand_over()
        lines = self._lines(handover)
        lines.action_none()
        lines[2].write({'reading': 5.5, 'result': 'ok'})
        with self.assertRaisesRegex(UserError, "has 0 decimals"):
            handover.with_user(self.service).action_done()

    def test_odd_ones_wait(self):
        handover = self._hand_over()
        lines = self._lines(handover)
        lines.action_none()
        lines[2].write({'reading': 1, 'result': 'ok'})
        handover.with_user(self.service).action_done()
        self.assertEqual(self.water.reading_ids[0].reason, 'decrease')

    def test_too_late(self):
        """ Billed until the end of May: the list is completed, and says what does not count. """
        handover = self._hand_over()
        lines = self._lines(handover)
        lines[:2].action_none()
        lines[2].write({'reading': 5, 'result': 'ok'})
        with self._bill(self.water, '2026-05-31'):
            handover.with_user(self.service).action_done()
        self.assertEqual((handover.state, len(self.water.reading_ids)), ('done', 1))
        self.assertIn("divided by days", handover.message_ids[0].body)

    def test_read_already(self):
        self._read(self.water, '2026-05-15', 4)
        handover = self._hand_over()
        self._lines(handover).action_ok()
        handover.with_user(self.service).action_done()
        self.assertEqual(self.water.last_value, 4)

    def test_nobody_reads_another_meter_by_it(self):
        handover = self._hand_over()
        other = self._create_meter('W-1012', self.unit_1012)
        with self.assertRaisesRegex(ValidationError, "does not hang in"):
            handover.line_ids.with_user(self.service).create({
                'handover_id': handover.id, 'name': "x", 'kind': 'meter', 'reading': 9,
                'meter_id': other.id, 'register': 'total'})


@tagged('post_install', '-at_install')
@freeze_time('2026-05-20')
class TestMeterReshape(MeterCommon):
    """ Meters go on where units are split or merged. """

    def test_they_hang_in_the_first_part(self):
        meter = self._create_meter('W-1011', self.unit_1011, first=2)
        parts = self._create_unit('1011A', owner=None) + self._create_unit('1011B', owner=None)
        self.unit_1011._carry_over(parts, date(2026, 5, 20))
        self.assertEqual(meter.unit_id, parts[0])

    def test_not_while_a_reading_waits(self):
        meter = self._create_meter('W-1011', self.unit_1011, first=2)
        self._enter(self._row(meter, '2026-05-15', '1'))
        part = self._create_unit('1011A', owner=None)
        with self.assertRaisesRegex(UserError, "waits to be checked"):
            self.unit_1011._carry_over(part, date(2026, 5, 20))


@tagged('post_install', '-at_install')
class TestMeterOfWhoLeaves(MeteredCommon):
    """ [A31] [A34] Room 1011 is sold on 16 May 2025; its meter showed 1,000 on 31 March and shows
    1,045 on 30 June.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._read(cls.meter, '2025-03-31', '1000')
        cls.buyer = cls.env['res.partner'].create({'name': "Zhao Min"})
        cls.service = cls._create_user('service', 'property_base.group_property_officer')
        cls.project.user_ids |= cls.service

    def _open_transfer(self):
        return self.env['property.transfer'].with_user(self.service).create({
            'unit_id': self.unit_1011.id, 'partner_id': self.buyer.id,
            'date': date(2025, 5, 16)})

    def _get_matters(self, wizard):
        return wizard.matter_ids.filtered(lambda matter: matter.kind == 'meter')

    def _transfer(self, decision=None):
        wizard = self._open_transfer()
        if decision:
            self._get_matters(wizard).decision = decision
        wizard.action_confirm()
        handover = self.env['property.handover'].search(
            [('unit_id', '=', self.unit_1011.id)], limit=1)
        return handover, handover.line_ids.filtered('meter_id')

    def _get_amounts(self):
        self._read(self.meter, '2025-06-30', '1045')
        return [
            (str(charge.date_end), charge.amount)
            for charge in self._bill_until('2025-06-30').filtered('amount').sorted('date_start')]

    def test_to_be_read(self):
        """ It is proposed to be read: 23 m³ are 115.00, 22 are 110.00. """
        matter = self._get_matters(self._open_transfer())
        self.assertIn("W-0101", matter.name)
        self.assertEqual((matter.decisions, matter.decision), ('read,by_days', 'read'))
        handover, line = self._transfer()
        self.assertEqual(handover.matter_ids.mapped('decision'), ['read'])
        line.reading = 1023
        handover.line_ids.filtered(lambda item: item != line).action_ok()
        handover.with_user(self.service).action_done()
        waiting = self.meter.reading_ids.filtered(lambda reading: reading.state == 'queued')
        waiting.action_accept()
        self.assertEqual(self._get_amounts(), [('2025-05-15', 115), ('2025-06-30', 110)])

    def test_by_days(self):
        """ It is off the list: 45 and 46 of 91 days are 111.26 and 113.74. """
        handover, line = self._transfer('by_days')
        self.assertEqual(line.result, 'none')
        handover.line_ids.filtered(lambda item: not item.result).action_ok()
        handover.with_user(self.service).action_done()
        self.assertEqual(self._get_amounts(), [('2025-05-15', 111.26), ('2025-06-30', 113.74)])

    def test_prepaid(self):
        """ [B52] What is left on it stays there, and that is told. """
        self.meter.mode = 'prepaid'
        wizard = self._open_transfer()
        self.assertFalse(self._get_matters(wizard))
        matter = wizard.matter_ids.filtered(lambda matter: matter.kind == 'prepaid')
        self.assertEqual((matter.decisions, matter.decision), ('stay', 'stay'))
        handover, _line = self._transfer()
        self.assertEqual(handover.matter_ids.mapped('decision'), ['stay'])

    def test_nothing_open(self):
        """ Read on that day, billed beyond it, or paid by somebody else. """
        tenant = self.env['res.partner'].create({'name': "Tenant"})
        for way in (
            lambda: self._read(self.meter, '2025-05-15', '1023'),
            lambda: (self._read(self.meter, '2025-06-30', '1045'),
                     self._bill_until('2025-06-30')),
            lambda: self.assignment.write({'partner_id': tenant.id}),
        ):
            with self.subTest(way=way), self.env.cr.savepoint() as savepoint:
                way()
                self.env.flush_all()
                self.assertFalse(self._get_matters(self._open_transfer()))
                savepoint.rollback()
                self.env.invalidate_all()
        self.assertTrue(self._get_matters(self._open_transfer()))
