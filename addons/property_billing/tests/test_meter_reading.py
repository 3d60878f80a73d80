import base64
from datetime import date
from decimal import Decimal
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import file_open

from ..models import property_meter_reading
from ..tools.metering import get_steps, use_between
from .common_meter import MeterCommon


@tagged('post_install', '-at_install')
@freeze_time('2026-12-31')
class TestMeterReading(MeterCommon):
    """[B31] [B32] [B34] What meters show, and what was used between. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.meter = cls._create_meter('W-1011', cls.unit_1011, first=1000)

    # === USE === #

    def test_a_year_by_quarters(self):
        """ 1000 · 1090 · 1190 · 1270 · 1300: 90, 100, 80 and 30, together 300. """
        for day, value in (('2026-03-31', 1090), ('2026-06-30', 1190), ('2026-09-30', 1270)):
            self._read(self.meter, day, value)
        [last] = self._enter(self._row(self.meter, '2026-12-31', '1300'))[1]
        self.assertEqual((last.state, last.reason), ('queued', 'drop'))  # 30 after 90 a quarter
        self.assertEqual(self.meter.last_value, 1270)
        last.with_user(self.clerk).action_accept()
        readings = self.meter.reading_ids.sorted('date')
        self.assertEqual(readings.mapped('quantity'), [0, 90, 100, 80, 30])
        self.assertEqual(readings.mapped('days'), [0, 90, 91, 92, 92])
        self.assertEqual((self.meter.last_day, self.meter.last_value), (date(2026, 12, 31), 1300))
        self.assertChain(self.meter)
        steps = get_steps(self.meter._get_chain()[self.meter.id]['total'])
        self.assertEqual(use_between(steps, date(2026, 1, 1), date(2027, 1, 1)), 300)

    def test_a_meter_behind_a_transformer(self):
        """ (112.0 − 100.5) × 20 = 230. """
        meter = self._create_meter(
            'E-1', self.unit_1011, decimals=1, multiplier=20, first='100.5')
        self.assertEqual(self._read(meter, '2026-01-31', '112.0').quantity, 230)
        self.assertChain(meter)

    def test_peak_and_valley(self):
        """ Each register has a chain of its own. """
        meter = self._create_meter('E-1', self.unit_1011, type_id=self.time_of_use_type.id)
        faults, readings = self._enter(
            self._row(meter, '2026-01-31', '300.25', 'peak', first_value='0',
                      first_date=date(2025, 12, 31)),
            self._row(meter, '2026-01-31', '150', 'valley', first_value='0.5',
                      first_date=date(2025, 12, 31)))
        self.assertFalse(faults)
        self.assertEqual(sorted(readings.mapped('quantity')), [0, 0, 149.5, 300.25])
        self.assertEqual(meter.last_value, 450.25)
        self.assertChain(meter)

    def test_a_first_reading_is_no_use(self):
        """ [trap 4] A meter that comes with 1,234 on its dial has used nothing yet. """
        meter = self._create_meter('W-2', self.unit_1012, first=1234)
        self.assertEqual(meter.reading_ids.quantity, 0)
        self.assertFalse(get_steps(meter._get_chain()[meter.id]['total']))

    def test_a_late_reading_between_two(self):
        """ The step is cut in two, and the sum stays. """
        self._read(self.meter, '2026-06-30', 1190)
        middle = self._read(self.meter, '2026-03-31', 1090)
        readings = self.meter.reading_ids.sorted('date')
        self.assertEqual(readings.mapped('quantity'), [0, 90, 100])
        self.assertChain(self.meter)
        middle.with_user(self.clerk).unlink()
        self.assertEqual(self.meter.reading_ids.sorted('date').mapped('quantity'), [0, 190])
        self.assertChain(self.meter)

    def test_the_chain_of_many_meters_is_one_query(self):
        """ Since a day, with the reading before it. """
        neighbour = self._create_meter('W-1012', self.unit_1012, first=500)
        for meter in (self.meter, neighbour):
            for day, rise in (('2026-03-31', 40), ('2026-06-30', 80), ('2026-09-30', 120)):
                self._read(meter, day, (1000 if meter == self.meter else 500) + rise)
        meters = self.meter + neighbour
        self.env.flush_all()
        with self.assertQueryCount(1):
            chain = meters._get_chain(date(2026, 6, 30))
        self.assertEqual(
            [(str(reading.day), reading.value) for reading in chain[neighbour.id]['total']],
            [('2026-03-31', 540), ('2026-06-30', 580), ('2026-09-30', 620)])
        self.assertEqual(
            meters._get_last_readings(date(2026, 6, 30))[self.meter.id]['total'].value, 1040)

    def test_thousandths_are_exact(self):
        """ 0.1 and 0.2 make 0.3, not 0.30000000000000004. """
        meter = self._create_meter('W-2', self.unit_1012, decimals=3, first='0.1')
        self._read(meter, '2026-01-31', '0.2')
        self._read(meter, '2026-02-28', '0.3')
        steps = get_steps(meter._get_chain()[meter.id]['total'])
        self.assertEqual([step.use for step in steps], [Decimal('0.1'), Decimal('0.1')])
        self.assertChain(meter)

    # === WHAT IS ODD === #

    def test_a_lower_reading_waits_and_the_others_are_saved(self):
        """ [trap 14] 525 after 531 is never guessed to be anything. """
        neighbour = self._create_meter('W-1012', self.unit_1012, first=531)
        faults, readings = self._enter(
            self._row(self.meter, '2026-03-31', '1090'),
            self._row(neighbour, '2026-03-31', '525'))
        self.assertFalse(faults)
        self.assertEqual(readings.mapped('state'), ['accepted', 'queued'])
        waiting = readings[1]
        self.assertEqual(waiting.reason, 'decrease')
        self.assertEqual(waiting.reason_detail, "525 is less than 531 on 2025-12-31.")
        self.assertEqual(neighbour.last_value, 531)
        with self.assertRaisesRegex(UserError, "only you can say"):
            waiting.with_user(self.clerk).action_accept()
        # It blocks nothing: the next one follows on the last that is accepted.
        self.assertEqual(self._read(neighbour, '2026-04-30', 540).quantity, 9)

    def test_a_lower_reading_fits_in_the_end(self):
        """ 1,060 on 31 March after 1,090 on 28 February, which was 1,050: it is right as it is. """
        february = self._read(self.meter, '2026-02-28', 1090)
        [waiting] = self._enter(self._row(self.meter, '2026-03-31', '1060'))[1]
        self.assertTrue(waiting.is_lower)
        with self.assertRaisesRegex(UserError, "only you can say"):
            waiting.with_user(self.clerk).action_accept()
        self._decide(february, 'replace', value='1050', note="Misread").action_confirm()
        self.assertFalse(waiting.is_lower)
        waiting.with_user(self.clerk).action_accept()
        self.assertEqual((waiting.state, waiting.quantity), ('accepted', 10))
        self.assertChain(self.meter)

    def test_what_fitted_and_does_not_any_more(self):
        """ A jump to 1,500 waits; read later and right, 1,120 is less: who decides is told. """
        for month, value in ((1, 1031), (2, 1059), (3, 1090)):
            self._read(self.meter, date(2026, month, [31, 28, 31][month - 1]).isoformat(), value)
        [waiting] = self._enter(self._row(self.meter, '2026-04-30', '1500'))[1]
        self.assertEqual((waiting.reason, waiting.is_lower), ('jump', False))
        self._read(self.meter, '2026-05-31', 1151)
        self.assertTrue(waiting.is_lower)
        with self.assertRaisesRegex(UserError, "only you can say"):
            waiting.with_user(self.clerk).action_accept()

    def test_decided_once(self):
        """ Who presses again, or late, is told what it is meanwhile. """
        [reading] = self._enter(self._row(self.meter, '2026-03-31', '1000'))[1]
        reading.with_user(self.clerk).action_accept()
        dialogs = [self._decide(reading, name, note="Late") for name in ('rollover', 'refuse')]
        for decide in (reading.with_user(self.clerk).action_accept,
                       *(dialog.action_confirm for dialog in dialogs)):
            with self.assertRaisesRegex(UserError, "is “Confirmed” meanwhile"):
                decide()
        self.assertEqual((reading.state, reading.rollovers), ('accepted', 0))

    def test_one_between_others_is_deleted(self):
        """ The use of both steps is that of the one that is left: 60 and 30 are 90. """
        middle = self._read(self.meter, '2026-02-28', 1060)
        last = self._read(self.meter, '2026-03-31', 1090)
        middle.with_user(self.clerk).unlink()
        self.assertEqual((last.quantity, last.days), (90, 90))
        self.assertChain(self.meter)

    def test_jump_drop_and_nothing(self):
        """ 1 m³ a day in the year before: by half more or less than that waits. """
        for month, value in ((1, 1031), (2, 1059), (3, 1090)):
            self._read(self.meter, date(2026, month, [31, 28, 31][month - 1]).isoformat(), value)
        for value, reason in (('1136', 'jump'), ('1104', 'drop'), ('1090', 'zero'), ('1120', None)):
            with self.subTest(value=value):
                [reading] = self._enter(self._row(self.meter, '2026-04-30', value))[1]
                self.assertEqual(reading.reason or None, reason)
                reading.sudo().unlink()
        [reading] = self._enter(self._row(self.meter, '2026-04-30', '1136'))[1]
        self.assertEqual(
            reading.reason_detail,
            "46 in 30 days, 1.53 a day; it was 1 a day in the year before.")
        reading.with_user(self.clerk).action_accept()
        self.assertEqual((reading.state, reading.quantity), ('accepted', 46))
        with self.assertRaisesRegex(UserError, "is “Confirmed” meanwhile"):
            reading.with_user(self.clerk).action_accept()

    def test_more_than_what_was_read_later(self):
        """ A late reading has to fit in before the one that follows. """
        self._read(self.meter, '2026-06-30', 1190)
        [reading] = self._enter(self._row(self.meter, '2026-03-31', '1200'))[1]
        self.assertEqual(reading.reason_detail, "1200 is more than 1190 on 2026-06-30.")

    def test_a_dial_that_went_over_zero(self):
        """ 99,980 to 00,015: 35. """
        meter = self._create_meter('W-2', self.unit_1012, first=99980)
        [reading] = self._enter(self._row(meter, '2026-01-31', '00015'))[1]
        decide = self._decide(reading, 'rollover')
        self.assertEqual((decide.use, decide.is_large), (35, False))
        decide.action_confirm()
        self.assertEqual((reading.state, reading.quantity, reading.rollovers), ('accepted', 35, 1))
        self.assertChain(meter)

    def test_over_zero_between_its_neighbours(self):
        """ 99,980, 10 and 40: without the 10 it went over zero before the 40, and with a late 5
        before that.
        """
        meter = self._create_meter('W-2', self.unit_1012, first=99900)
        self._read(meter, '2026-01-31', 99980)
        first = self._read(meter, '2026-02-28', 10)
        self._decide(first, 'rollover').action_confirm()
        last = self._read(meter, '2026-03-31', 40)
        first.with_user(self.clerk).unlink()
        self.assertEqual((last.rollovers, last.quantity), (1, 60))
        [late] = self._enter(self._row(meter, '2026-02-28', '5'))[1]
        self._decide(late, 'rollover').action_confirm()
        self.assertEqual((late.rollovers, late.quantity), (1, 25))
        self.assertEqual((last.rollovers, last.quantity), (0, 35))
        self.assertChain(meter)

    def test_over_zero_is_less_than_before(self):
        self._read(self.meter, '2026-01-31', '1030')
        [reading] = self._enter(self._row(self.meter, '2026-02-28', '9000'))[1]
        with self.assertRaisesRegex(UserError, "did not go over zero"):
            self._decide(reading, 'rollover', is_sure=True).action_confirm()

    def test_a_rollover_that_is_hardly_true(self):
        """ From 531 to 525 it would be 99,994: asked again. """
        meter = self._create_meter('W-2', self.unit_1012, first=531)
        [reading] = self._enter(self._row(meter, '2026-01-31', '525'))[1]
        decide = self._decide(reading, 'rollover')
        self.assertEqual((decide.use, decide.is_large), (99994, True))
        with self.assertRaisesRegex(UserError, "more than half"):
            decide.action_confirm()
        self.assertEqual(reading.state, 'queued')

    def test_nothing_to_accept(self):
        """ None of the chosen ones is one; nothing happens. """
        self.Reading._accept()
        self.Reading.with_user(self.clerk).action_accept()

    def test_refused_with_a_reason(self):
        [reading] = self._enter(self._row(self.meter, '2026-01-31', '900'))[1]
        decide = self._decide(reading, 'refuse')
        with self.assertRaisesRegex(UserError, "Say why"):
            decide.action_confirm()
        decide.note = "Another meter is on the photo"
        decide.action_confirm()
        self.assertEqual((reading.state, reading.note), ('refused', decide.note))
        self.assertEqual(self._read(self.meter, '2026-01-31', 1010).quantity, 10)

    # === WHAT IS NO READING === #

    def test_cells_that_are_wrong(self):
        """ Each is told, and nothing of the sheet is stored. """
        other = self._create_meter('W-1012', self.unit_1012)
        old = self._create_meter('W-0', self.unit_1012, first=5, date_end='2026-02-15')
        archived = self._create_meter('W-9', self.unit_1012, first=5)
        archived.active = False
        fine = self._row(other, '2026-03-31', '10', first_value='0', first_date=date(2026, 1, 1))
        for row, field, message in (
            (self._row(self.meter, '2026-03-31', '12a'), 'value', "“12a” is no reading"),
            (self._row(self.meter, '2026-03-31', '1,2,3'), 'value', "enter a number"),
            (self._row(self.meter, '2026-03-31', '-1'), 'value', "enter a number"),
            (self._row(self.meter, '2026-03-31', ''), 'value', "enter a number"),
            (self._row(self.meter, '2026-03-31', '1090.5'), 'value', "has 0 decimals"),
            (self._row(self.meter, '2026-03-31', '100000'), 'value', "has 5 digits"),
            (self._row(self.meter, '2027-01-01', '1090'), 'date', "still to come"),
            (self._row(self.meter, '2025-12-31', '1090'), 'value', "was read on .* already"),
            (self._row(self.meter, '0001-01-01', '1'), 'date', "has no price"),
            (self._row(self.meter, '2026-03-31', '1090', 'peak'), 'register', "no such register"),
            (self._row(self.meter, '2025-06-30', '900'), 'first_value', "not read before"),
            (self._row(self.meter, '2026-03-31', '900', kind='first'), 'value', "first reading"),
            (self._row(old, '2026-03-31', '9'), 'date', "not in use .* any more"),
            (self._row(archived, '2026-03-31', '9'), 'date', "not in use .* any more"),
            (self._row(self.Reading, '2026-03-31', '9'), 'meter_id', "no such meter"),
        ):
            with self.subTest(message=message):
                self.assertFault([fine, row], field, message)
        self.assertFalse(self._enter(fine)[0])

    def test_a_photo_that_is_none(self):
        """ A text, half a picture, a drawing with a script in it, and one that is too large. """
        with file_open('web/static/img/logo.png', 'rb') as file:
            photo = base64.b64encode(file.read())
        for wrong in (b'!', photo[:40], base64.b64encode(b'<svg onload="alert(1)"/>')):
            self.assertFault(
                [self._row(self.meter, '2026-03-31', '1090', photo=wrong)], 'photo', "no photo")
        with patch.object(property_meter_reading, 'MAX_PHOTO', 100):
            self.assertFault(
                [self._row(self.meter, '2026-03-31', '1090', photo=photo)], 'photo', "larger")
        [reading] = self._enter(self._row(self.meter, '2026-03-31', '1090', photo=photo))[1]
        self.assertTrue(reading.photo)

    def test_twice_on_one_day(self):
        """ In one sheet, and in two. """
        row = self._row(self.meter, '2026-03-31', '1090')
        self.assertFault([row, row], 'value', "already")
        self._enter(row)
        self.assertFault([row], 'value', "already")

    def test_never_read_and_no_start(self):
        """[B31] The first time both values are asked for. """
        meter = self._create_meter('W-2', self.unit_1012)
        self.assertFault(
            [self._row(meter, '2026-03-31', '120')], 'first_value', "what it showed at the start")
        self.assertFault(
            [self._row(meter, '2026-03-31', '120', first_value='1x', first_date=date(2026, 1, 1))],
            'first_value', "no reading")
        self.assertFault(
            [self._row(meter, '2026-03-31', '120', first_value='100',
                       first_date=date(2026, 3, 31))], 'first_value', "a day before")

    def test_as_people_type(self):
        """ Full-width digits, and the space that spreadsheets put behind. """
        self.assertEqual(self._read(self.meter, '2026-03-31', '１０９０\u00a0').quantity, 90)

    def test_without_a_price_nothing_is_read(self):
        """[B12] Fee and day are named. What is nobody's, or paid ahead, needs none. """
        self.water_tariff.version_ids.date_end = '2026-02-28'
        self.assertFault(
            [self._row(self.meter, '2026-03-31', '1090')], 'date',
            "Water has no price on .*2026")
        garden = self._create_meter('G-1', name="Garden", first=1)
        prepaid = self._create_meter('P-1', self.unit_1012, first=1, mode='prepaid')
        for meter in (garden, prepaid):
            self.assertEqual(self._read(meter, '2026-03-31', 4).quantity, 3)
        self.assertFalse(self._enter(self._row(self.meter, '2026-02-28', '1060'))[0])

    def test_a_price_that_waits_is_none(self):
        """[B12] [B03] """
        self.company.property_approves_prices = True
        fee = self._create_fee("Steam")
        self._create_tariff(fee)
        fee.tariff_ids.version_ids.state = 'pending'
        meter = self._create_meter(
            'S-1', self.unit_1011, type_id=self._create_type("Steam meter", fee_id=fee.id).id)
        self.assertFault([self._row(meter, '2026-03-31', '1')], 'date', "Steam has no price")

    # === WHAT IS BILLED === #

    def test_billed_readings_are_locked_by_date(self):
        """[B32] Nothing on or before the last billed day is added or deleted. """
        first = self.meter.reading_ids
        second = self._read(self.meter, '2026-03-31', 1090)
        third = self._read(self.meter, '2026-06-30', 1190)
        with self._bill(self.meter, '2026-03-31'):
            for reading in (first, second):
                with self.assertRaisesRegex(UserError, "is billed up to"):
                    reading.with_user(self.clerk).unlink()
            for day in ('2026-02-28', '2026-03-31'):
                self.assertFault(
                    [self._row(self.meter, day, '1050')], 'date', "comes too late")
            with self.assertRaisesRegex(UserError, "is billed up to"):
                self.meter.with_user(self.clerk).unit_id = self.unit_1012
            third.with_user(self.clerk).unlink()
            self.assertFalse(
                self._enter(self._row(self.meter, '2026-04-01', '1091'))[0])

    def test_a_reading_that_waits_longer_than_the_bill(self):
        [waiting] = self._enter(self._row(self.meter, '2026-03-31', '900'))[1]
        with self._bill(self.meter, '2026-04-30'), self.assertRaisesRegex(UserError, "is billed"):
            waiting.with_user(self.clerk)._accept(rollovers=1)

    def test_the_first_reading_goes_last(self):
        first = self.meter.reading_ids
        self._read(self.meter, '2026-03-31', 1090)
        with self.assertRaisesRegex(UserError, "Delete the later ones"):
            first.with_user(self.clerk).unlink()
        self.meter.reading_ids.with_user(self.clerk).unlink()
        self.assertFalse(self.meter.reading_ids)

    # === BY HAND === #

    def test_the_wizard_of_one_meter(self):
        """ First what it shows at the start, then what it shows later; odd ones are told. """
        meter = self._create_meter('E-1', self.unit_1012, type_id=self.time_of_use_type.id)
        action = self.env['property.meter.read'].with_user(self.reader)
        wizard = action.create({'meter_id': meter.id, 'date': '2026-01-31'})
        self.assertTrue(wizard.is_first)
        self.assertEqual(wizard.line_ids.mapped('register'), ['peak', 'valley'])
        wizard.line_ids[0].value = '100'
        with self.assertRaisesRegex(UserError, "“” is no reading"):
            wizard.action_save()
        wizard.line_ids[1].value = '50.5'
        self.assertEqual(wizard.action_save()['type'], 'ir.actions.act_window_close')
        wizard = action.create({'meter_id': meter.id, 'date': '2026-02-28'})
        self.assertFalse(wizard.is_first)
        self.assertEqual(wizard.line_ids.mapped('previous'), ['100', '50.5'])
        wizard.line_ids[0].value, wizard.line_ids[1].value = '150', '40'
        self.assertIn("40 is less than 50.5", wizard.action_save()['params']['message'])
        self.assertEqual(
            meter.reading_ids.filtered(lambda row: row.date == date(2026, 2, 28)).mapped('state'),
            ['accepted', 'queued'])

    def test_the_wizard_of_a_meter_with_one_register(self):
        form = Form(self.env['property.meter.read'].with_user(self.reader).with_context(
            default_meter_id=self.meter.id))
        self.assertEqual(form.line_ids.edit(0).previous, '1000')
        form.date, form.value = '2026-03-31', '1090'
        form.save().action_save()
        self.assertEqual((self.meter.last_value, str(self.meter.last_day)), (1090, '2026-03-31'))

    def test_nobody_writes_readings_by_hand(self):
        reading = self._read(self.meter, '2026-03-31', 1090)
        for user in (self.reader, self.clerk, self.manager):
            for way in (
                lambda own: own.write({'value': 1}),
                lambda own: own.copy(),
                lambda own: own.create({
                    'meter_id': self.meter.id, 'register': 'total', 'date': '2026-04-30',
                    'value': 1, 'multiplier': 1, 'digits': 5}),
            ):
                with self.assertRaises(AccessError):
                    way(reading.with_user(user))
