from datetime import date
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from ..tools.metering import get_intervals, get_steps, use_between
from .common_meter import MeterCommon


@tagged('post_install', '-at_install')
@freeze_time('2026-07-31')
class TestExchange(MeterCommon):
    """[B30] [request 15] Another device hangs there: nothing is lost, nothing counted twice. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.meter = cls._create_meter('W-1011', cls.unit_1011, first=1200)
        cls._read(cls.meter, '2026-01-31', 1234)

    def _exchange(self, day='2026-02-10', before='1250', number='W-7777', after='3', **vals):
        context = vals.pop('context', {'default_meter_id': self.meter.id})
        form = Form(self.env['property.meter.exchange'].with_user(self.clerk).with_context(
            **context))
        form.date, form.number, form.ground = day, number, "Verification is due"
        for name, value in vals.items():
            form[name] = value
        with form.line_ids.edit(0) as line:
            line.before, line.after = before, after
        return form.save().action_exchange()

    def _use(self):
        steps = get_steps(self.meter._get_chain()[self.meter.id]['total'])
        return use_between(steps, date(2026, 2, 1), date(2026, 3, 1))

    def test_one_use_over_two_devices(self):
        """ 1,234, taken off at 1,250; the new one from 3 to 20: 16 + 17 = 33. """
        self._exchange()
        self.assertEqual(self.meter.number, 'W-7777')
        self._read(self.meter, '2026-02-28', 20)
        self.assertEqual(self._use(), 33)
        self.assertChain(self.meter)
        event = self.meter.event_ids
        self.assertEqual(
            (event.kind, event.number_before, event.number_after, event.user_id),
            ('exchange', 'W-1011', 'W-7777', self.clerk))
        self.assertEqual(sorted(event.reading_ids.mapped('value')), [3, 1250])

    def test_the_new_device_counts_tens(self):
        """ 16 + 17 × 10 = 186, which is a jump after 34 in January. """
        self._exchange(multiplier=10)
        self._read(self.meter, '2026-02-28', 20).with_user(self.clerk).action_accept()
        self.assertEqual(self._use(), 186)
        self.assertChain(self.meter)

    def test_the_new_device_has_other_digits(self):
        """ Four of them: 9,990 to 0,015 are 25. """
        self._exchange(after='9990', digits=4)
        [reading] = self._enter(self._row(self.meter, '2026-02-28', '15'))[1]
        self._decide(reading, 'rollover').action_confirm()
        self.assertEqual(self._use(), 41)
        self.assertChain(self.meter)

    def test_no_charge_ends_at_an_exchange(self):
        """ February is one period. """
        self._exchange()
        self._read(self.meter, '2026-02-28', 20)
        self.assertEqual(
            get_intervals(self.meter._get_chain()[self.meter.id])[-1],
            (date(2026, 2, 1), date(2026, 3, 1)))

    def test_found_by_the_number_it_had(self):
        self._exchange()
        for text in ('W-7777', 'W-1011'):
            with self.subTest(text=text):
                meters = self.env['property.meter'].with_user(self.reader)
                self.assertEqual(meters._find(self.project, text), self.meter)
                self.assertIn(self.meter.id, [found for found, _name in meters.name_search(text)])
        self.assertFalse(self.env['property.meter']._find(self.project, ' '))

    def test_a_reading_of_before_that_comes_late(self):
        """ It is of the old device, whatever the new one counts: 6 and 10. """
        self._exchange(multiplier=10, digits=6)
        reading = self._read(self.meter, '2026-02-05', 1240)
        self.assertEqual((reading.state, reading.multiplier, reading.digits), ('accepted', 1, 5))
        self.assertEqual(reading.quantity, 6)
        self.assertChain(self.meter)

    def test_the_old_dial_had_more_digits(self):
        """ What comes late, on the day of the exchange too, or is corrected, is read by that dial.
        """
        self._exchange(digits=3, after='999')
        for day, value in (('2026-02-10', 1250), ('2026-02-05', 1240)):
            self.assertEqual(self._read(self.meter, day, value).digits, 5)
        early = self.meter.reading_ids.filtered(lambda row: row.value == 1240)
        self._decide(early, 'replace', value='1241.5', note="Misread").action_confirm()
        self.assertFault(
            [self._row(self.meter, '2026-02-04', '123456')], 'value', "has 5 digits")
        self.assertFault([self._row(self.meter, '2026-02-28', '1240')], 'value', "has 3 digits")
        [installed] = self.meter.event_ids.reading_ids.filtered(lambda row: row.value == 999)
        with self.assertRaisesRegex(UserError, "has 3 digits"):
            self._decide(installed, 'replace', value='1000', note="Misread").action_confirm()
        self.assertChain(self.meter)

    def test_lower_than_the_new_device_began_with(self):
        """ 2 after 3 waits, whatever the old one showed. """
        self._exchange()
        [reading] = self._enter(self._row(self.meter, '2026-02-28', '2'))[1]
        self.assertEqual(
            (reading.state, reading.reason_detail), ('queued', "2 is less than 3 on 2026-02-10."))
        self.assertEqual(self.meter.last_value, 3)

    def test_the_reading_of_another_meter(self):
        other = self._create_meter('W-9', self.unit_1012, first=500)
        [reading] = self._enter(self._row(other, '2026-03-31', '7'))[1]
        with self.assertRaisesRegex(UserError, "W-9.* is not of W-1"):
            self.meter.with_user(self.clerk)._exchange(
                date(2026, 2, 10), {'total': '1250'}, 'W-2', {'total': '3'}, 1, 5, 0, "Broken",
                reading=reading)

    def test_the_old_number_is_free_again(self):
        """ The device is repaired and hangs in the other room: today's number comes first. """
        self._exchange()
        self.meter.flush_recordset()
        again = self._create_meter('W-1011', self.unit_1012)
        self.assertEqual(self.env['property.meter']._find(self.project, 'W-1011'), again)

    def test_a_lower_reading_that_was_one_of_the_new_device(self):
        """ It waits; the exchange explains it, and it is confirmed with it. """
        [reading] = self._enter(self._row(self.meter, '2026-02-28', '20'))[1]
        self.assertEqual(reading.reason, 'decrease')
        action = reading.with_user(self.clerk).action_exchange()
        self.assertEqual(action['context']['default_date'], '2026-02-27')
        self._exchange(context=action['context'], multiplier=10)
        self.assertEqual((reading.state, reading.quantity), ('accepted', 170))
        self.assertEqual(self._use(), 186)

    def test_what_is_no_exchange(self):
        """ Told before anything is stored. """
        neighbour = self._create_meter('W-1012', self.unit_1012)
        for vals, message in (
            ({'day': '2026-08-01'}, "on its day or later"),
            ({'day': '2026-01-30'}, "was read on .*, after the exchange"),
            ({'before': '1233'}, "showed 1234 on .*, so it did not show 1233"),
            ({'before': '12x'}, "“12x” is no reading"),
            ({'after': '1.5'}, "has 0 decimals"),
            ({'number': 'W-1012'}, "W-1012 is that of W-1012 · .*1012"),
            ({'multiplier': 0}, "more than zero"),
            ({'number': ' '}, "Enter the number"),
        ):
            with self.subTest(message=message), self.assertRaisesRegex(UserError, message):
                self._exchange(**vals)
            self.assertFalse(self.meter.event_ids)
        with self._bill(self.meter, '2026-02-10'), self.assertRaisesRegex(UserError, "is billed"):
            self._exchange()
        self.meter.date_end = '2026-02-09'
        with self.assertRaisesRegex(UserError, "not in use on .* any more"):
            self._exchange()
        with self.assertRaisesRegex(UserError, "never read"):
            self.meter = neighbour
            self._exchange(number='W-8')

    def test_twice_on_one_day(self):
        self._exchange()
        with self.assertRaisesRegex(UserError, "after the exchange"):
            self._exchange(number='W-8', before='5')
        self._exchange(day='2026-02-11', number='W-8', before='5')
        self.assertChain(self.meter)

    def test_its_readings_stay_with_it(self):
        self._exchange()
        for reading in self.meter.event_ids.reading_ids:
            with self.assertRaisesRegex(UserError, "belongs to an exchange"):
                reading.with_user(self.clerk).unlink()

    def test_who_may(self):
        """ A meter reader reads; a viewer of bills looks. """
        viewer = self._create_user('viewer', 'property_billing.group_billing_user')
        self.project.user_ids |= viewer
        for user in (self.reader, viewer):
            with self.assertRaises(AccessError):
                self.meter.with_user(user)._exchange(
                    date(2026, 2, 10), {'total': '1250'}, 'W-7', {'total': '0'}, 1, 5, 0, "x")


@tagged('post_install', '-at_install')
@freeze_time('2026-07-31')
class TestEstimate(MeterCommon):
    """[B31] What nobody could read, and what it really was (365 m³ in the year before). """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.meter = cls._create_meter('W-1011', cls.unit_1011, first=135, since='2025-04-30')
        cls._read(cls.meter, '2026-04-30', 500)
        cls.round = cls._create_round('2026-05-01', '2026-05-31')

    def _values(self):
        return [
            (str(reading.date), reading.value, reading.kind, reading.quantity)
            for reading in self.meter.reading_ids.filtered(
                lambda reading: reading.state == 'accepted').sorted('date')][2:]

    def test_the_year_goes_on(self):
        """ 31 days of 1 m³: 531. """
        self.round.with_user(self.clerk).action_estimate()
        self.assertEqual(self._values(), [('2026-05-31', 531, 'estimate', 31)])
        self.assertEqual(self.round.missing_count, 0)
        self.assertEqual(self.meter.event_ids.kind, 'estimate')
        self.assertChain(self.meter)
        with self.assertRaisesRegex(UserError, "All meters of this round are read"):
            self.round.with_user(self.clerk).action_estimate()

    def test_more_than_the_estimate_corrects_itself(self):
        """ 545 on 30 June: 14 since the estimate, and nothing to make good. """
        self.round.with_user(self.clerk).action_estimate()
        [reading] = self._enter(self._row(self.meter, '2026-06-30', '545'))[1]
        self.assertEqual(reading.reason, 'drop')
        reading.with_user(self.clerk).action_accept()
        self.assertEqual(reading.quantity, 14)
        self.assertChain(self.meter)

    def test_less_than_the_estimate_is_made_good(self):
        """ 525 on 30 June: 25 in 31 + 30 days are 12.70 and 12.30, so 13 and 12. """
        self.round.with_user(self.clerk).action_estimate()
        [reading] = self._enter(self._row(self.meter, '2026-06-30', '525'))[1]
        self._decide(reading, 'true_up', note="Read by the resident").action_confirm()
        self.assertEqual(self._values(), [
            ('2026-05-31', 513, 'estimate', 13), ('2026-06-30', 525, 'read', 12)])
        self.assertChain(self.meter)
        old = self.meter.reading_ids.filtered(lambda reading: reading.state == 'replaced')
        self.assertEqual((old.value, old.replaced_by_id.value), (531, 513))
        self.assertEqual(self.meter.event_ids.mapped('kind'), ['true_up', 'estimate'])

    def test_what_is_billed_of_it_is_a_managers_matter(self):
        """ The charges are then proposed to be corrected from the first estimate on. """
        self.round.with_user(self.clerk).action_estimate()
        [reading] = self._enter(self._row(self.meter, '2026-06-30', '525'))[1]
        with self._bill(self.meter, '2026-05-31'):
            with self.assertRaisesRegex(AccessError, "Ask a billing manager"):
                self._decide(reading, 'true_up', note="x").action_confirm()
            with patch.object(
                type(self.meter), '_propose_correction', return_value={'type': 'x'},
            ) as propose:
                action = self._decide(
                    reading, 'true_up', self.manager, note="Read at last").action_confirm()
        self.assertEqual(action, {'type': 'x'})
        propose.assert_called_once_with(
            date(2026, 5, 31), "Read at last", until=date(2026, 6, 30))

    def test_nothing_to_make_good(self):
        [reading] = self._enter(self._row(self.meter, '2026-05-31', '490'))[1]
        with self.assertRaisesRegex(UserError, "follows on no estimate"):
            self._decide(reading, 'true_up', note="x").action_confirm()
        reading.sudo().unlink()
        self.round.with_user(self.clerk).action_estimate()
        [reading] = self._enter(self._row(self.meter, '2026-06-30', '499'))[1]
        with self.assertRaisesRegex(UserError, "499 is less than 500, too"):
            self._decide(reading, 'true_up', note="x").action_confirm()

    def test_nobody_estimates_days_to_come(self):
        """ The estimate would stand in the way of the reading of that day. """
        later = self._create_round('2026-08-01', '2026-08-31')
        with self.assertRaisesRegex(UserError, "Estimate what is missing from then on"):
            later.with_user(self.clerk).action_estimate()

    def test_an_estimate_gives_way_to_a_reading(self):
        """ Somebody was in after all: it is deleted, and the day read. """
        self.round.with_user(self.clerk).action_estimate()
        estimate = self.meter.reading_ids.filtered(lambda reading: reading.kind == 'estimate')
        with self._bill(self.meter, '2026-05-31'), self.assertRaisesRegex(UserError, "is billed"):
            estimate.with_user(self.clerk).unlink()
        self.meter.invalidate_recordset(['date_billed'])
        estimate.with_user(self.clerk).unlink()
        self._read(self.meter, '2026-05-31', '530')
        self.assertEqual(self._values(), [('2026-05-31', 530, 'read', 30)])

    def test_made_good_about_zero(self):
        """ 990 and an estimate of 31 are 021, over zero. It was 995 two months later: 5, and not
        over zero; or it was 005: 15, and over zero, but only in the second month.
        """
        for value, estimate, real in (
                ('995', (993, 0, 3), (995, 0, 2)), ('5', (998, 0, 8), (5, 1, 7))):
            with self.subTest(value):
                meter = self._create_meter(
                    f'W-{value}', self.unit_1012, first=625, since='2025-04-30', digits=3)
                self._read(meter, '2026-04-30', 990)
                meter._estimate(date(2026, 5, 31), "Nobody in")
                [reading] = self._enter(self._row(meter, '2026-06-30', value))[1]
                self._decide(reading, 'true_up', note="Read at last").action_confirm()
                self.assertEqual([
                    (row.value, row.rollovers, row.quantity)
                    for row in meter.reading_ids.filtered(
                        lambda row: row.state == 'accepted').sorted('date')[-2:]],
                    [estimate, real])
                self.assertChain(meter)

    def test_more_than_a_dial_can_show(self):
        meter = self._create_meter(
            'W-2', self.unit_1012, first=0, since='2026-04-29', digits=2)
        self._read(meter, '2026-04-30', 40)
        self.assertEqual(meter._estimate(date(2026, 5, 31), "Nobody in")[1], meter)

    def test_over_zero(self):
        """ A dial of three digits: 990 and 31 are 021. """
        meter = self._create_meter(
            'W-2', self.unit_1012, first=625, since='2025-04-30', digits=3)
        self._read(meter, '2026-04-30', 990)
        meter._estimate(date(2026, 5, 31), "Nobody in")
        last = meter.reading_ids.sorted('date')[-1]
        self.assertEqual((last.value, last.rollovers, last.quantity), (21, 1, 31))
        self.assertChain(meter)

    def test_behind_a_transformer(self):
        """ 7,300 in 365 days are 365 on the dial: 31 again. """
        meter = self._create_meter(
            'W-2', self.unit_1012, first=0, since='2025-04-30', multiplier=20)
        self._read(meter, '2026-04-30', 365)
        meter._estimate(date(2026, 5, 31), "Nobody in")
        self.assertEqual(meter.last_value, 396)
        self.assertChain(meter)

    def test_nothing_to_estimate_from(self):
        """ Never read, or only begun: named, and left. """
        begun = self._create_meter('W-2', self.unit_1012, first=10)
        never = self._create_meter('W-3', self.unit_1012)
        readings, left = (self.meter + begun + never)._estimate(date(2026, 5, 31), "x")
        self.assertEqual(readings.meter_id, self.meter)
        self.assertEqual(left, begun + never)

    def test_two_at_a_time(self):
        """ 91 days of 50 in 90: 50.55, so 50 (the year of flat C). """
        meter = self._create_meter('W-C', self.unit_1012, first=200)
        self._read(meter, '2026-03-31', 250)
        meter._estimate(date(2026, 6, 30), "Nobody in")
        self.assertEqual(meter.last_value, 300)


@tagged('post_install', '-at_install')
@freeze_time('2026-07-31')
class TestCorrected(MeterCommon):
    """[B32] A reading that was wrong is not rewritten: another one stands in its place. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.meter = cls._create_meter('W-1011', cls.unit_1011, first=1000)
        cls.second = cls._read(cls.meter, '2026-03-31', 1090)
        cls._read(cls.meter, '2026-06-30', 1190)

    def test_the_steps_about_it(self):
        self._decide(self.second, 'replace', value='1080', note="Misread").action_confirm()
        self.assertEqual((self.second.state, self.second.value), ('replaced', 1090))
        new = self.second.replaced_by_id
        self.assertEqual(
            (new.state, new.value, new.date, new.note, new.user_id),
            ('accepted', 1080, self.second.date, "Misread", self.clerk))
        self.assertEqual(
            self.meter.reading_ids.filtered(lambda row: row.state == 'accepted').sorted(
                'date').mapped('quantity'), [0, 80, 110])
        self.assertChain(self.meter)

    def test_about_zero(self):
        """ The dial went over zero between its neighbours; where, the value says. """
        meter = self._create_meter('W-2', self.unit_1012, first=99900)
        for day, value in (('2026-01-31', 99980), ('2026-02-28', 10), ('2026-03-31', 40)):
            reading = self._read(meter, day, value)
            if reading.reason == 'decrease':
                self._decide(reading, 'rollover').action_confirm()
            elif reading.state == 'queued':
                reading.action_accept()
        for day, value, over in (
            ('2026-02-28', '99990', {'2026-03-31'}), ('2026-02-28', '20', {'2026-02-28'}),
            ('2026-01-31', '5', {'2026-01-31'}), ('2026-01-31', '99985', {'2026-02-28'}),
        ):
            with self.subTest(day=day, value=value):
                self._get_accepted(meter, day)._replace(value, "Misread")
                self.assertEqual({
                    str(row.date) for row in meter.reading_ids
                    if row.rollovers and row.state == 'accepted'}, over)
                self.assertEqual(
                    sum(row.quantity for row in meter.reading_ids if row.state == 'accepted'), 140)
                self.assertChain(meter)

    def _get_accepted(self, meter, day):
        return meter.reading_ids.filtered(
            lambda row: str(row.date) == day and row.state == 'accepted')

    def test_both_stay(self):
        """ What was wrong is evidence of what was billed, and what replaced it stands for it. """
        self.second._replace('1080', "Misread")
        for reading in (self.second, self.second.replaced_by_id):
            with self.assertRaisesRegex(UserError, "both readings stay"):
                reading.with_user(self.clerk).unlink()

    def test_what_cannot_be(self):
        for value, message in (('999', "less than 1000"), ('1191', "less than 1191"),
                               ('x', "no reading")):
            with (
                self.subTest(value=value), self.assertRaisesRegex(UserError, message),
                self.cr.savepoint(),
            ):
                self._decide(self.second, 'replace', value=value, note="x").action_confirm()
        with self.assertRaisesRegex(UserError, "Say why"):
            self._decide(self.second, 'replace', value='1080').action_confirm()

    def test_billed(self):
        """ By a manager, and its charges are proposed to be corrected. """
        with self._bill(self.meter, '2026-03-31'):
            with self.assertRaisesRegex(AccessError, "Ask a billing manager"):
                self._decide(self.second, 'replace', value='1080', note="x").action_confirm()
            self._decide(
                self.second, 'replace', self.manager, value='1080', note="x").action_confirm()
        self.assertChain(self.meter)


@tagged('post_install', '-at_install')
@freeze_time('2026-07-31')
class TestRestart(MeterCommon):
    """ [decision 17] The tiers begin anew at a reading, for a stated ground. """

    def test_at_a_reading(self):
        meter = self._create_meter('W-1011', self.unit_1011, first=1000)
        self._read(meter, '2026-03-31', 1090)
        own = meter.with_user(self.manager)
        for day, ground, message in (
            ('2026-03-30', "New household", "was not read on"), ('2026-03-31', ' ', "Say why"),
        ):
            with self.assertRaisesRegex(UserError, message):
                own._restart(date.fromisoformat(day), ground)
        with self.assertRaises(AccessError):
            meter.with_user(self.clerk)._restart(date(2026, 3, 31), "New household")
        action = own.action_restart()
        self.env[action['res_model']].with_user(self.manager).with_context(
            action['context']).create({'ground': "New household"}).action_restart()
        chain = meter._get_chain()[meter.id]['total']
        self.assertEqual([reading.is_restart for reading in chain], [False, True])
        self.assertEqual(meter.event_ids.ground, "New household")

