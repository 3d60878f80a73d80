from datetime import datetime

from freezegun import freeze_time

from odoo.tests import tagged

from ..models.property_meter_queue import CHECK_ACTIVITY
from .common_meter import MeterCommon
from .test_meter_device import CHINA


@tagged('post_install', '-at_install')
@freeze_time('2026-04-05 04:00:00')
class TestMeterQueue(MeterCommon):
    """ [B35] Who manages the project is called to readings that are odd, once. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.head = cls._create_user('head', 'property_billing.group_billing_officer')
        cls.project.user_ids |= cls.head
        cls.project.user_id = cls.head
        cls.head.lang = 'en_US'
        cls.meters = [
            cls._create_meter(f'W-{number}', cls.unit_1011, first=1000) for number in range(5)]
        cls.round = cls._create_round()

    def _get_calls(self, record):
        self.env.flush_all()
        return record.activity_ids.filtered(
            lambda activity: activity.activity_type_id == self.env.ref(CHECK_ACTIVITY))

    def _save(self, *rows):
        return self.round.with_user(self.reader).save_readings([
            {'meter_id': meter.id, 'register': 'total', 'value': value} for meter, value in rows])

    def test_one_call_for_a_round(self):
        """ Four odd readings, one activity that names three; gone with the last of them. """
        self._save(*((meter, '990') for meter in self.meters[:4]))
        [call] = self._get_calls(self.round)
        self.assertEqual(call.user_id, self.head)
        for text in ('W-0', 'W-2', "990 is less than 1000", "and 1 more"):
            self.assertIn(text, call.note)
        self.assertNotIn('W-3', call.note)
        self._save((self.meters[4], '980'))
        self.assertEqual(self._get_calls(self.round), call)
        waiting = self.Reading.search([('state', '=', 'queued')])
        for reading in waiting[:4]:
            self._decide(reading, 'refuse', note="Look again").action_confirm()
        self.assertTrue(self._get_calls(self.round))
        waiting[4].unlink()
        self.assertFalse(self._get_calls(self.round))

    def test_of_a_resident(self):
        """ Nothing is odd about it; the label of the reason stands there, and on the sheet. """
        self.Reading._enter(
            [self._row(self.meters[0], '2026-03-31', '1030')], round_id=self.round.id,
            source='resident', state='queued', reason='resident')
        self.assertIn("W-0 · 1-1011: From a resident", self._get_calls(self.round).note)
        sheet = self.round.with_user(self.reader).with_context(lang='en_US').get_sheet()
        self.assertEqual(sheet['rows'][0]['present']['detail'], "From a resident")

    def test_nothing_odd(self):
        self._save((self.meters[0], '1030'))
        self.assertFalse(self._get_calls(self.round))

    def test_nobody_manages_the_project(self):
        """ The front page counts them all the same. """
        self.project.user_id = False
        self.assertTrue(self._save((self.meters[0], '990'))['queued'])
        self.assertFalse(self._get_calls(self.round))

    def test_devices_that_read_at_all_hours(self):
        """ In no round: they are told by the project, and only theirs end it. """
        gateway = self._create_user('gateway', 'property_billing.group_meter_device')
        self.project.user_ids |= gateway

        def receive(meter, value):
            [result] = self.env['property.meter'].with_user(gateway)._receive_readings([{
                'key': f'{meter.number} {value}', 'number': meter.number, 'value': value,
                'at': datetime(2026, 4, 2, 8, tzinfo=CHINA)}])
            self.assertEqual(result['state'], 'queued')

        receive(self.meters[0], 990)
        receive(self.meters[1], 980)
        self._save((self.meters[2], '970'))
        [call] = self._get_calls(self.project)
        self.assertIn("990 is less than 1000", call.note)
        self.assertTrue(self._get_calls(self.round))
        for reading in self.Reading.search([('state', '=', 'queued'), ('round_id', '=', False)]):
            self.assertTrue(self._get_calls(self.project))
            self._decide(reading, 'refuse', note="Broken").action_confirm()
        self.assertFalse(self._get_calls(self.project))
        self.assertTrue(self._get_calls(self.round))

    def test_accepted(self):
        """ And when somebody says that it is right. """
        self._read(self.meters[0], '2026-02-28', '1030')
        self._save((self.meters[0], '1400'))
        self.assertTrue(self._get_calls(self.round))
        self.Reading.search([('state', '=', 'queued')]).with_user(self.clerk).action_accept()
        self.assertFalse(self._get_calls(self.round))
