from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from itertools import count

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.service.model import get_public_method
from odoo.tests import tagged

from .common_meter import MeterCommon

CHINA = timezone(timedelta(hours=8))


@tagged('post_install', '-at_install')
@freeze_time('2026-04-05 04:00:00')
class TestMeterDevice(MeterCommon):
    """ [B35] Meters that are read at a distance. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gateway = cls._create_user('gateway', 'property_billing.group_meter_device')
        cls.project.user_ids |= cls.gateway
        cls.meter = cls._create_meter(
            'W-1011', cls.unit_1011, first=1000, collector='C-7', decimals=2)
        cls.keys = count(1)

    def _item(self, when, value, **vals):
        """ A message; `when` in China. """
        return {
            'key': f'message {next(self.keys)}', 'number': 'W-1011', 'value': value,
            'at': datetime.fromisoformat(when).replace(tzinfo=CHINA), **vals}

    def _receive(self, *items, user=None):
        return self.env['property.meter'].with_user(user or self.gateway)._receive_readings(
            list(items))

    def _states(self, *items, **vals):
        return [result['state'] for result in self._receive(*items, **vals)]

    def _rows(self, state='accepted'):
        return [
            (str(reading.date), reading.value)
            for reading in self.meter.reading_ids.sorted('date')
            if reading.state == state and reading.source == 'device']

    def test_a_message(self):
        """ By number, by the device's own, by both; in text, in UTC; more decimals than the dial.
        """
        items = [
            self._item('2026-03-01 23:50', 1001.239),
            self._item('2026-03-02 23:50', '1002.5', number=None, collector='C-7'),
            self._item('2026-03-03 23:50', Decimal(1003), collector='C-7', status="battery low"),
            self._item('2026-03-04 23:50', 1004, at='2026-03-04T15:50:00+00:00'),
        ]
        self.assertEqual(self._states(*items), ['accepted'] * 4)
        self.assertEqual(self._rows(), [
            ('2026-03-01', 1001.23), ('2026-03-02', 1002.5), ('2026-03-03', 1003),
            ('2026-03-04', 1004)])
        self.assertChain(self.meter)
        self.assertEqual(
            self.meter.reading_ids.filtered('note').mapped('note'), ["battery low"])
        self.assertFalse(any(
            self.meter.reading_ids.filtered(lambda row: row.kind == 'read').mapped('is_border')))

    def test_a_message_of_before_an_exchange(self):
        """ It is of the device that hung there then, whatever the new one counts: 5 and 5. """
        self.meter._exchange(
            date(2026, 3, 10), {'total': '1010'}, 'W-2', {'total': '0'}, 10, 6, 2, "Broken")
        self._receive(self._item('2026-03-05 23:50', 1005, number=None, collector='C-7'))
        self.assertEqual(
            self.meter.reading_ids.sorted(lambda row: (row.date, row.sequence)).mapped('quantity'),
            [0, 5, 5, 0])
        self.assertChain(self.meter)

    def test_the_dial_of_before_an_exchange_had_more_digits(self):
        """ A message of it that comes late counts; of the new dial nothing has so many. """
        self.meter._exchange(
            date(2026, 3, 10), {'total': '1010'}, 'W-2', {'total': '0'}, 1, 3, 2, "Broken")
        late, wrong = self._receive(
            self._item('2026-03-05 23:50', 1005, number=None, collector='C-7'),
            self._item('2026-03-20 23:50', 1020, number=None, collector='C-7'))
        self.assertEqual((late['state'], wrong['state']), ('accepted', 'refused'))
        self.assertIn("3 digits", wrong['message'])
        self.assertChain(self.meter)

    def test_the_day_is_that_of_the_company(self):
        """ 16:30 in Greenwich is the next day in China, and the same in London. """
        item = {'at': '2026-03-01T16:30:00Z'}
        self._receive(self._item('2026-03-01', 1001, **item))
        self.company.partner_id.tz = 'Europe/London'
        self._receive(self._item('2026-03-01', 1001, **item))
        self.assertEqual(self._rows(), [('2026-03-01', 1001), ('2026-03-02', 1001)])

    def test_the_same_message_three_times(self):
        """ In one call and in another: it counts once. """
        item = self._item('2026-03-01 12:00', 1001)
        self.assertEqual(self._states(item, item, item), ['accepted', 'known', 'known'])
        self.assertEqual(self._states(item), ['known'])
        self.assertEqual(self._rows(), [('2026-03-01', 1001)])

    def test_several_of_a_day(self):
        """ The latest counts, in whatever order they come, and however often. """
        noon, night, morning = (
            self._item(f'2026-03-01 {hour}:00', value)
            for hour, value in ((12, 1002), (22, 1003), ('08', 1001)))
        self.assertEqual(self._states(noon), ['accepted'])
        self.assertEqual(self._states(night, morning), ['accepted', 'known'])
        self.assertEqual(self._states(noon, night), ['known', 'known'])
        self.assertEqual(self._rows(), [('2026-03-01', 1003)])
        self.assertChain(self.meter)

    def test_out_of_order(self):
        """ What was late takes its place; the use of the later day is what is left. """
        self._receive(self._item('2026-03-03 12:00', 1030))
        self.assertEqual(self._states(self._item('2026-03-02 12:00', 1020)), ['accepted'])
        self.assertChain(self.meter)
        self.assertEqual(
            self.meter.reading_ids.sorted('date').mapped('quantity'), [0, 20, 10])
        [result] = self._receive(self._item('2025-12-01 12:00', 900))
        self.assertEqual(result['state'], 'refused')
        self.assertIn("has its first reading", result['message'])

    def test_what_staff_has_read_stays(self):
        self._read(self.meter, '2026-03-01', '1010')
        self.assertEqual(self._states(self._item('2026-03-01 23:00', 1011)), ['known'])

    def test_a_meter_that_was_never_read(self):
        """ Its first message is its first reading; of the first day the latest. """
        meter = self._create_meter('W-1012', self.unit_1012)
        self.assertEqual(self._states(
            self._item('2026-03-01 12:00', 5, number='W-1012'),
            self._item('2026-03-02 12:00', 7, number='W-1012')), ['accepted'] * 2)
        self._receive(self._item('2026-03-01 22:00', 6, number='W-1012'))
        self.assertEqual(
            meter.reading_ids.sorted('date').mapped(lambda row: (row.kind, row.value)),
            [('first', 6), ('read', 7)])
        self.assertChain(meter)

    def test_a_decrease_waits(self):
        """ It blocks nobody else; of one meter the latest waits, and the older does not return. """
        other = self._create_meter('W-1012', self.unit_1012, first=50)
        first = self._item('2026-03-01 12:00', 900)
        results = self._receive(first, self._item('2026-03-01 12:00', 51, number='W-1012'))
        self.assertEqual([row['state'] for row in results], ['queued', 'accepted'])
        self.assertIn("900 is less than 1000", results[0]['message'])
        self.assertEqual(other.last_value, 51)
        self.assertEqual(self._states(self._item('2026-03-02 12:00', 901)), ['queued'])
        self.assertEqual(self._states(first), ['known'])
        self.assertEqual(self._rows('queued'), [('2026-03-02', 901)])
        waiting = self.meter.reading_ids.filtered(lambda row: row.state == 'queued')
        self.assertIn("901 is less", waiting.reason_detail)
        self.assertEqual(self._states(self._item('2026-03-03 12:00', 1003)), ['accepted'])
        self._receive(self._item('2026-03-02 13:00', 1004))
        self.assertIn("1004 is more than 1003", waiting.reason_detail)

    def test_a_week_of_much_use_is_told_at_once(self):
        """ 1 m³ a day, and then a pipe that leaks: not on the day of a bath, but within a week. """
        self._read(self.meter, '2026-01-31', '1031')
        value, results = 1031, []
        for day in range(1, 29):
            value += 3 if day == 10 else 8 if day > 20 else 1
            results += self._states(self._item(f'2026-02-{day:02} 23:00', value))
        self.assertEqual(results[:20], ['accepted'] * 20)
        self.assertEqual(results[20], 'queued')  # 14 m³ in 7 days, of which 7 were usual
        self.assertEqual(len(self._rows('queued')), 1)

    def test_messages_that_cannot_be(self):
        """ Each has its result; the others are stored. """
        self._create_meter('E-1', self.unit_1011, type_id=self.time_of_use_type.id)
        self._create_meter('1', self.unit_1011)
        self._create_meter('1', self.unit_1011, type_id=self.time_of_use_type.id)
        self._create_meter('OLD', self.unit_1011, date_end='2026-01-31')
        results = self._receive(
            self._item('2026-04-05 13:00', 1001),
            self._item('2026-03-01', 1001, at=datetime(2026, 3, 1, 12)),
            self._item('2026-03-01', 1001, at='yesterday'),
            self._item('2026-03-01', '12a'),
            self._item('2026-03-01', 'NaN'),
            self._item('2026-03-01', -1),
            self._item('2026-03-01', 123456),
            self._item('2026-03-01', 1, number='E-1'),
            self._item('2026-03-01', 1, number='OLD'),
            self._item('2026-03-01', 1, key=None),
            self._item('2026-03-01', 1, number='W-9'),
            self._item('2026-03-01', 1, number='1'),
            self._item('2026-03-01', 1, number='W-1011', collector='C-8'),
            self._item('2026-03-01', 1001),
        )
        self.assertEqual(
            [row['state'] for row in results],
            ['refused'] * 10 + ['unknown_meter'] * 3 + ['accepted'])
        for result, message in zip(results, (
                "clock of the device is ahead", "no time with its zone", "no time with its zone",
                "“12a” is no reading", "“NaN” is no reading", "“-1” is no reading", "5 digits",
                "no such register", "not in use", "no key"), strict=False):
            self.assertIn(message, result['message'])
        self.assertIn("2 meters have the number 1", results[11]['message'])
        self.assertEqual(self._rows(), [('2026-03-01', 1001)])

    def test_a_collector_of_the_number_of_another_meter(self):
        """ Each message says which of the two it means, whatever comes with it; and keys and
        numbers that are no text are as good.
        """
        other = self._create_meter('77', self.unit_1012, first=50)
        self.meter.collector = '77'
        items = [
            self._item('2026-03-01 12:00', 60, number=77, key=501),
            self._item('2026-03-01 12:00', 1001, number=None, collector=77, key=502)]
        self.assertEqual(self._states(*items), ['accepted'] * 2)
        self.assertEqual((other.last_value, self.meter.last_value), (60, 1001))
        self.assertEqual(self._states(*items), ['known'] * 2)

    def test_billed_days_are_locked(self):
        with self._bill(self.meter, '2026-03-31'):
            self.assertEqual(self._states(self._item('2026-03-31 12:00', 1001)), ['refused'])

    def test_who_may(self):
        """ The user of a gateway, in his projects; nobody through the interface for programs. """
        for user in (self.reader, self.clerk, self.manager):
            with self.assertRaises(AccessError):
                self._receive(self._item('2026-03-01 12:00', 1001), user=user)
        self.project.user_ids -= self.gateway
        self.project.user_ids |= self.clerk
        self.assertEqual(
            self._states(self._item('2026-03-01 12:00', 1001)), ['unknown_meter'])
        with self.assertRaises(AccessError):
            get_public_method(self.env['property.meter'], '_receive_readings')

    def test_a_hundred_times_the_messages_take_the_same_queries(self):
        """ Save that Odoo inserts 100 rows at a time. """
        meters = self.env['property.meter'].create([
            {'number': f'D-{number}', 'type_id': self.water_type.id, 'unit_id': self.unit_1011.id,
             'date_start': '2020-01-01'} for number in range(1000)])
        self.env.flush_all()

        def receive(day, number):
            items = [
                self._item(f'2026-03-{day:02} 12:00', day, number=meter.number)
                for meter in meters[:number]]
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(set(self._states(*items)), {'accepted'})
            return self.env.cr.sql_log_count - before

        receive(1, 1000)
        few, many = receive(2, 10), receive(3, 1000)
        self.assertEqual(many - 9, few)

    # === WHAT A ROUND TAKES === #

    def test_a_round_takes_them(self):
        """ Of the last day, or up to two days before; charges may end there then. """
        other = self._create_meter('W-1012', self.unit_1012, first=50)
        late = self._create_meter('W-1013', self.unit_1012, first=50)
        self._receive(
            self._item('2026-03-20 12:00', 1050),
            self._item('2026-03-31 12:00', 1090),
            self._item('2026-03-29 12:00', 70, number='W-1012'),
            self._item('2026-03-28 12:00', 70, number='W-1013'))
        meter_round = self._create_round()
        self.assertEqual((meter_round.missing_count, meter_round.has_devices), (3, True))
        self.assertFalse(self._create_round('2026-01-01', '2026-01-31').has_devices)
        action = meter_round.with_user(self.clerk).action_take_from_devices()
        self.assertIn("2 meters read by their devices", action['params']['message'])
        self.assertIn("or a price: 1", action['params']['message'])
        self.assertEqual(meter_round._get_missing(meter_round._get_meters()), late)
        meter_round.invalidate_recordset(['has_devices'])
        self.assertFalse(meter_round.has_devices)
        taken = self.Reading.search([('round_id', '=', meter_round.id)])
        self.assertEqual(
            {(row.meter_id, str(row.date), row.is_border) for row in taken},
            {(self.meter, '2026-03-31', True), (other, '2026-03-29', True)})
        # It is the round's now: a later message of that day does not move it.
        self.assertEqual(self._states(self._item('2026-03-31 23:00', 1091)), ['known'])
        with self.assertRaises(AccessError):
            meter_round.with_user(self.reader).action_take_from_devices()

    def test_what_a_round_takes_is_looked_at(self):
        """ Nothing used in a month where 90 m³ were usual waits, whatever each day was like. """
        self._read(self.meter, '2026-01-31', '1031')
        self._read(self.meter, '2026-02-28', '1059')
        self._receive(
            self._item('2026-03-15 12:00', 1059), self._item('2026-03-31 12:00', 1059))
        meter_round = self._create_round()
        action = meter_round.with_user(self.clerk).action_take_from_devices()
        self.assertIn("To be checked: 1", action['params']['message'])
        reading = meter_round.reading_ids
        self.assertEqual((reading.state, reading.reason), ('queued', 'zero'))
        self.assertIn("0 in 31 days, 0 a day; it was 1 a day", reading.reason_detail)
        self.assertChain(self.meter)
        reading.with_user(self.clerk).action_accept()
        self.assertChain(self.meter)
        self.assertEqual(self.meter.last_day, date(2026, 3, 31))

    def test_two_rates_are_taken_of_one_day(self):
        """ A charge ends where both registers were read. """
        meter = self._create_meter('E-1', self.unit_1011, type_id=self.time_of_use_type.id)
        for register in ('peak', 'valley'):
            self._read(meter, '2026-02-28', '10', register, kind='first')
        self._receive(
            self._item('2026-03-30 12:00', 20, number='E-1', register='peak'),
            self._item('2026-03-30 12:00', 15, number='E-1', register='valley'),
            self._item('2026-03-31 12:00', 21, number='E-1', register='peak'))
        meter_round = self._create_round(type_id=self.time_of_use_type.id)
        meter_round.with_user(self.clerk).action_take_from_devices()
        self.assertEqual(
            sorted(meter_round.reading_ids.mapped(lambda row: (row.register, str(row.date)))),
            [('peak', '2026-03-30'), ('valley', '2026-03-30')])

    def test_use_per_day_on_the_meter(self):
        """ The graph shows what was used per day, without the first reading. """
        self._receive(self._item('2026-03-01 12:00', 1060))
        action = self.meter.with_user(self.reader).action_view_trend()
        readings = self.env[action['res_model']].search(action['domain'])
        self.assertEqual(readings.mapped('per_day'), [1])
        self.assertEqual(action['views'][0][1], 'graph')
