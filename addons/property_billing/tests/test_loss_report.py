from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from .common_meter import MeterCommon


@tagged('post_install', '-at_install')
class TestLossReport(MeterCommon):
    """ Water of 2025 in a building: what its main meter counted, and what those behind it did. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Report = cls.env['property.meter.loss.report']
        cls.main = cls._create_meter(
            'MAIN', first='0', since='2024-12-31', building_id=cls.unit_1011.building_id.id)

    @classmethod
    def _add(cls, number, readings=(), first='0', since='2024-12-31', **vals):
        """ A meter behind the main one, with its readings. """
        meter = cls._create_meter(number, first=first, since=since, parent_id=cls.main.id, **vals)
        for day, value in readings:
            cls._accept(meter, day, value)
        return meter

    @classmethod
    def _accept(cls, meter, day, value, register='total'):
        reading = cls._read(meter, day, str(value), register)
        if reading.reason == 'decrease':
            reading._roll_over("over zero")
        elif reading.state == 'queued':
            reading.action_accept()

    def _get_rows(self, **vals):
        self.env.flush_all()
        rows = self.Report.search([('meter_id', '=', self.main.id)], order='date')
        return rows.filtered_domain([(name, '=', value) for name, value in vals.items()])

    def _get_year(self):
        """ Main, subs, loss and percent of the whole year. """
        [figures] = self.Report._read_group(
            [('meter_id', '=', self.main.id)], [],
            ['use_main:sum', 'use_subs:sum', 'loss:sum', 'loss_percent:avg'])
        return tuple(round(float(figure), 2) for figure in figures)

    def _tell_the_story(self):
        """ 300, 120 over zero, 200 and, with an exchange, 180 m³; the garden 40; the main 860. """
        quarters = ('2025-03-31', '2025-06-30', '2025-09-30', '2025-12-31')
        self._add('A', zip(quarters, (1090, 1190, 1270, 1300), strict=True), first='1000')
        self._add('B', zip(quarters, (99980, 10, 40, 70), strict=True), first='99950')
        self._add('C', zip(quarters, (250, 300, 350, 400), strict=True), first='200')
        meter = self._add('D', [('2025-03-31', 540)], first='500')
        meter.with_user(self.clerk)._exchange(
            date(2025, 5, 10), {'total': '560'}, 'D-2', {'total': '2'}, 1, 5, 0, "broken")
        for day, value in zip(quarters[1:], (27, 77, 122), strict=True):
            self._accept(meter, day, value)
        self._add('GARDEN', [('2025-12-31', 40)])
        for day, value in zip(quarters, (230, 455, 680, 860), strict=True):
            self._accept(self.main, day, value)

    def test_the_year_of_a_building(self):
        """ 860 - 800 - 40 = 20 m³ are 2.33 %, be dials exchanged or over zero. """
        self._tell_the_story()
        self.assertEqual(self._get_year(), (860, 840, 20, 2.33))
        rows = self._get_rows()
        self.assertEqual(len(rows), 12)
        self.assertEqual((rows[0].sub_count, set(rows.mapped('unread_count'))), (5, {0}))
        self.assertEqual((rows[0].building_id, rows[0].type_id),
                         (self.unit_1011.building_id, self.water_type))

    def test_spread_by_days(self):
        """ Read on different days: 62 m³ from the 17th of January to the 16th of February are 30 of
        January (15 days at 2) and 32 of February.
        """
        self._add('A', [('2025-01-16', 16), ('2025-02-28', 59)])  # 1 a day
        self._accept(self.main, '2025-01-16', 16)
        self._accept(self.main, '2025-02-16', 78)  # 31 days at 2
        self._accept(self.main, '2025-02-28', 90)  # 12 days at 1
        january, february = self._get_rows()
        self.assertEqual((january.use_main, january.use_subs, january.loss), (46, 31, 15))
        self.assertEqual((february.use_main, february.use_subs, february.loss), (44, 28, 16))
        self.assertAlmostEqual(january.loss_percent, 15 / 46 * 100)
        self.assertAlmostEqual(january.loss_per_day, 15 / 31)

    def test_multiplier_restart_and_hours(self):
        """ A main meter behind a transformer, two hours each; the tiers begin anew and the loss
        does not care: (100 + 50) × 20 = 3,000 less 2,000 + 900.
        """
        self.main = self._create_meter(
            'POWER', type_id=self.time_of_use_type.id, multiplier=20)
        sub = self._create_meter(
            'P-1', type_id=self.time_of_use_type.id, parent_id=self.main.id)
        for meter, peak, valley in ((self.main, 100, 50), (sub, 2000, 900)):
            for register, value in (('peak', peak), ('valley', valley)):
                self._read(meter, '2024-12-31', '0', register, kind='first')
                self._accept(meter, '2025-01-31', value, register)
        sub.with_user(self.env.user)._restart(date(2025, 1, 31), "new tenant")
        self.assertEqual(self._get_year(), (3000, 2900, 100, 3.33))
        self.assertEqual(self._get_rows().unread_count, 0)

    def test_not_read_yet(self):
        """ A sub-meter read until the 30th is missing, and so is a prepaid one; one that was put in
        meanwhile or taken away counts while it was there.
        """
        self._accept(self.main, '2025-01-31', 100)
        self._accept(self.main, '2025-02-28', 200)
        late = self._add('LATE', [('2025-01-30', 30)])
        self._add('NEW', [('2025-02-28', 8)], since='2025-02-20', date_start='2025-02-20')
        old = self._add('OLD', [('2025-01-10', 10)])
        old.date_end = '2025-01-10'
        january, february = self._get_rows()
        self.assertEqual((january.sub_count, january.unread_count, january.use_subs), (2, 1, 40))
        self.assertEqual((february.sub_count, february.unread_count), (2, 1))
        self._accept(late, '2025-02-28', 59)
        self.env.invalidate_all()
        january, february = self._get_rows()
        self.assertEqual((january.unread_count, january.use_subs), (0, 41))
        self.assertEqual((february.unread_count, february.use_subs), (0, 36))
        prepaid = self._create_meter('PRE', self.unit_1011, mode='prepaid', parent_id=self.main.id)
        self.env.invalidate_all()
        self.assertEqual(self._get_rows().mapped('unread_count'), [1, 1])
        prepaid.active = False
        self.env.invalidate_all()
        self.assertEqual(self._get_rows().mapped('unread_count'), [0, 0])

    def test_in_the_archive(self):
        """ A sub-meter that was taken away is deducted for the days it was there: of 100 m³ of
        January 40 are its 31 days, of 100 of February 10 its 10. What was not read to its last
        day is missing.
        """
        self._accept(self.main, '2025-01-31', 100)
        self._accept(self.main, '2025-02-28', 200)
        old = self._add('OLD', [('2025-01-31', 40), ('2025-02-10', 50)])
        old.active = False
        self.env.invalidate_all()
        january, february = self._get_rows()
        self.assertEqual(
            [(row.month, row.use_subs, row.loss, row.sub_count, row.unread_count)
             for row in (january, february)],
            [('2025-01', 40, 60, 1, 0), ('2025-02', 10, 90, 1, 0)])
        old.date_end = '2025-02-20'
        self.env.invalidate_all()
        self.assertEqual(self._get_rows().mapped('unread_count'), [0, 1])

    def test_the_main_meter_is_not_read(self):
        """ Half of January says nothing of January. """
        self._add('A', [('2025-01-31', 31)])
        self._accept(self.main, '2025-01-15', 20)
        self.assertEqual(self._get_rows().unread_count, 1)
        self.assertFalse(self._get_rows().is_above)

    def test_readings_that_do_not_count(self):
        """ Refused and waiting ones. """
        self._add('A', [('2025-01-31', 90)])
        self._accept(self.main, '2025-01-31', 100)
        self._read(self.main, '2025-02-28', '90')  # lower: it waits
        self.assertEqual(self._get_rows().loss, 10)

    # === THE ALERT === #

    def _warn(self, day='2025-04-06'):
        self.env.flush_all()
        with freeze_time(day):
            self.env['property.meter']._cron_warn_of_loss()
        return self.main.activity_ids

    def test_told_once_all_meters_are_read(self):
        """ 10 % in January, of which 5 % are allowed; 4 % in February. """
        manager = self._create_user('boss', 'property_billing.group_billing_user')
        self.project.write({'user_id': manager.id, 'user_ids': [Command.link(manager.id)]})
        sub = self._add('A', [('2025-01-31', 90)])
        self._accept(self.main, '2025-01-31', 100)
        self._accept(self.main, '2025-02-28', 200)
        other = self._add('B')
        self.assertFalse(self._warn())  # B was not read
        self.assertFalse(self.main.loss_date)
        other.active = False
        activity = self._warn()
        self.assertEqual(activity.user_id, manager)
        self.assertIn("10 m³", activity.note)
        self.assertIn("10.00 %", activity.note)
        self.assertEqual(self.main.loss_date, date(2025, 1, 1))
        self.assertEqual(self._warn(), activity)  # not again
        self._accept(sub, '2025-02-28', 186)
        self.assertEqual(self._warn(), activity)  # 4 % in February
        self.assertEqual(self.main.loss_date, date(2025, 2, 1))

    def test_nobody_to_tell(self):
        self._add('A', [('2025-01-31', 90)])
        self._accept(self.main, '2025-01-31', 100)
        self.project.user_id = False
        self.assertFalse(self._warn())
        self.assertFalse(self.main.loss_date)
        self.project.user_id = self.clerk
        self.assertEqual(self._warn().user_id, self.clerk)

    def test_on_the_front_page(self):
        """ Until somebody has looked into it. """
        self._add('A', [('2025-01-31', 90)])
        self._accept(self.main, '2025-01-31', 100)
        self.project.user_id = self.manager
        activity = self._warn()
        Home = self.env['property.home'].with_user(self.clerk)

        def count():
            return {
                item['key']: item['count'] for item in Home._get_reminders(self.project)}['losses']
        self.assertEqual(count(), 1)
        activity.action_done()
        self.assertEqual(count(), 0)

    # === RIGHTS AND SPEED === #

    def test_who_sees_it(self):
        """ Who reads meters sees use, of his projects. """
        self._add('A', [('2025-01-31', 90)])
        self._accept(self.main, '2025-01-31', 100)
        self.env.flush_all()
        rows = self.Report.with_user(self.reader).search([('meter_id', '=', self.main.id)])
        self.assertEqual(rows.loss, 10)
        self.assertIn(self.main.id, rows.action_view_readings()['domain'][1])
        self.project.user_ids -= self.reader
        self.assertFalse(self.Report.with_user(self.reader).search([]))
        action = self.main.action_view_loss()
        self.assertEqual(action['domain'], [('meter_id', '=', self.main.id)])

    def test_one_query(self):
        self._tell_the_story()
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(1):
            self._get_year()
