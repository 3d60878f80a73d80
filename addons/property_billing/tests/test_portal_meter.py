import base64
import io
import re
from datetime import date

from freezegun import freeze_time
from PIL import Image
from psycopg2.errors import CheckViolation

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common_meter import MeterCommon
from .test_portal import PortalCommon


def make_photo(size=(40, 30)):
    stream = io.BytesIO()
    Image.new('RGB', size, 'teal').save(stream, 'JPEG')
    return stream.getvalue()


@tagged('post_install', '-at_install')
@freeze_time('2026-03-28 04:00:00')
class TestPortalMeter(MeterCommon, HttpCase):
    """ [request 14] Zhang Wei reads the water of 1011 himself, in the last days of March. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The pages are read in English, whatever the database speaks.
        cls.env['res.lang']._activate_lang('en_US')
        cls.env['ir.default'].set('res.partner', 'lang', 'en_US')
        cls.meter = cls._create_meter('W-1011', cls.unit_1011, first=1000)
        cls.foreign = cls._create_meter('W-1012', cls.unit_1012, first=500)
        cls._read(cls.meter, '2026-02-28', '1059')
        cls.round = cls._create_round(window_start='2026-03-25', window_end='2026-04-02')
        cls.zhang = PortalCommon._create_portal_user.__func__(cls, 'zhang', cls.owner)
        cls.li = PortalCommon._create_portal_user.__func__(cls, 'li', cls.neighbour)

    def setUp(self):
        super().setUp()
        self.authenticate('zhang', 'zhang')

    def _open(self, url, **kwargs):
        return self.url_open(url, allow_redirects=False, **kwargs)

    def _send(self, value, photo=None, meter=None, **values):
        url = f'/my/meters/{(meter or self.meter).id}'
        token = re.search(r'csrf_token: "(\w+)"', self._open('/my/meters').text)[1]
        return self._open(
            url, data={'csrf_token': token, 'value_total': value, **values},
            files={'photo': ('dial.jpg', photo)} if photo is not None else None)

    def _sent(self, meter=None):
        return self.Reading.search([
            ('meter_id', '=', (meter or self.meter).id), ('source', '=', 'resident')])

    def assertFaultOnPage(self, response, message):
        self.assertEqual(response.status_code, 200)
        self.assertIn(message, response.text)
        self.assertFalse(self._sent())

    # === SENDING === #

    def test_a_reading_with_its_photo(self):
        """ It waits until the office has looked at it; then it is one as any other. """
        self.assertIn('1 to read, until 04-02', self._open('/my').text)
        self.assertIn('Read it until', self._open('/my/meters').text)
        response = self._send('１０９０', make_photo())
        self.assertEqual(response.status_code, 303)
        page = self._open(response.headers['Location']).text
        self.assertIn("being checked by the office", page)
        self.assertNotIn('value_total', page)
        reading = self._sent()
        self.assertRecordValues(reading, [{
            'value': 1090, 'date': date(2026, 3, 28), 'state': 'queued', 'reason': 'resident',
            'round_id': self.round.id, 'user_id': self.zhang.id}])
        self.assertTrue(Image.open(io.BytesIO(base64.b64decode(reading.photo))))
        self.assertIn('Readings and consumption', self._open('/my').text)
        self.assertIn('W-1011', self._open('/my/submissions').text)
        self.assertEqual(self.round.queued_count, 1)
        reading.with_user(self.clerk).action_accept()
        self.assertChain(self.meter)
        self.assertEqual(self.meter.last_value, 1090)
        self.assertIn(f'/my/meters/photos/{reading.id}', self._open(
            f'/my/meters/{self.meter.id}').text)
        self.assertIn("This meter is read", self._open(f'/my/meters/{self.meter.id}').text)

    def test_his_photo(self):
        """ He sees again what he has photographed; nobody else does, not even in his home. """
        self._send('1090', make_photo((1200, 900)))
        reading = self._sent()
        photo = f'/my/meters/photos/{reading.id}'
        self.assertIn(photo, self._open(f'/my/meters/{self.meter.id}').text)
        response = self._open(photo)
        self.assertEqual(response.status_code, 200)
        self.assertEqual(Image.open(io.BytesIO(response.content)).size, (1200, 900))
        small = Image.open(io.BytesIO(self._open(f'{photo}?small=1').content))
        self.assertEqual(small.size, (256, 192))
        self.assertEqual(self._open('/my/meters/photos/0').status_code, 404)
        member = self.env['res.partner'].create({'name': "Zhang Junior"})
        self._move_in(self.unit_1011, member, '2026-01-01', role='family')
        PortalCommon._create_portal_user.__func__(type(self), 'junior', member)
        for login in ('junior', 'li'):
            self.authenticate(login, login)
            self.assertEqual(self._open(photo).status_code, 404)
            self.assertNotIn(photo, self._open(f'/my/meters/{self.meter.id}').text)

    def test_a_day_on_which_a_device_has_read(self):
        """ His reading waits beside it, and takes its place once it is confirmed. """
        self._read(self.meter, '2026-03-28', '1088', is_border=False)
        self._send('1090')
        device = self.Reading.search([('value', '=', 1088)])
        self.assertEqual((self._sent().state, device.state), ('queued', 'accepted'))
        self._sent().with_user(self.clerk).action_accept()
        self.assertEqual(
            (device.state, device.replaced_by_id), ('replaced', self._sent()))
        self.assertChain(self.meter)

    def test_a_form_sent_again_changes_nothing(self):
        self._send('1090')
        self.assertFalse(self._send('1091').headers.get('Location'))
        self.assertEqual(self._sent().mapped('value'), [1090])

    def test_a_round_that_takes_residents_at_their_word(self):
        """ What is not odd counts at once; what is lower than before waits all the same. """
        self.round.accepts_residents = True
        self._send('1058')
        self.assertEqual(
            [(row.state, row.reason) for row in self._sent()], [('queued', 'decrease')])
        self._sent().with_user(self.clerk)._refuse("Look again")
        self._send('1090')
        self.assertEqual(self._sent().filtered(
            lambda row: row.state == 'accepted').mapped('value'), [1090])
        self.assertChain(self.meter)
        refused, accepted = self._sent().sorted('id')
        self.assertEqual(refused._get_steps()[1]['who'], self.clerk.name)
        self.assertFalse(accepted._get_steps()[1]['who'])

    def test_after_the_end_of_the_round_it_is_of_its_last_day(self):
        with freeze_time('2026-04-02 04:00:00'):
            self._send('1090')
        self.assertEqual(self._sent().date, date(2026, 3, 31))

    def test_both_registers_at_once(self):
        """ Or none. """
        meter = self._create_meter('E-1', self.unit_1011, type_id=self.time_of_use_type.id)
        for register in ('peak', 'valley'):
            self._read(meter, '2026-02-28', '10', register, kind='first')
        self._create_round(
            type_id=self.time_of_use_type.id, window_start='2026-03-25',
            window_end='2026-04-02')
        response = self._send('', meter=meter, value_peak='20', value_valley='x')
        self.assertIn("“x” is no reading", response.text)
        self.assertFalse(self._sent(meter))
        self._send('', meter=meter, value_peak='20.5', value_valley='15')
        self.assertEqual(sorted(self._sent(meter).mapped('value')), [15, 20.5])

    # === WHAT IS REFUSED === #

    def test_what_cannot_be_read(self):
        self.assertFaultOnPage(self._send('10l0'), "“10l0” is no reading")
        self.assertFaultOnPage(self._send(''), "is no reading")
        self.assertFaultOnPage(self._send('1090.5'), "has 0 decimals")
        self.assertFaultOnPage(self._send('123456'), "has 5 digits")
        self.assertFaultOnPage(self._send('-1'), "is no reading")

    def test_photos_that_are_none(self):
        """ What was typed stays. """
        response = self._send('1090', b'no picture at all')
        self.assertFaultOnPage(response, "This file is no photo")
        self.assertIn('1090', response.text)
        self.assertFaultOnPage(self._send('1090', make_photo()[:-200]), "This file is no photo")
        self.assertFaultOnPage(
            self._send('1090', make_photo() + b'0' * 20 * 1024 * 1024), "larger than 10 MB")

    def test_outside_the_days(self):
        """ Neither before nor after, nor in a round that is finished. """
        for day, state in (
                ('2026-03-24', 'open'), ('2026-04-03', 'open'), ('2026-03-28', 'closed')):
            self.round.state = state
            with freeze_time(f'{day} 04:00:00'):
                self.assertNotIn('value_total', self._open(f'/my/meters/{self.meter.id}').text)
                self.assertFaultOnPage(self._send('1090'), "days to read this meter are over")

    def test_what_the_office_has_to_mend(self):
        """ No price of the fee: the resident is sent to the office, not to the tariffs. """
        self.water_tariff.active = False
        self.assertFaultOnPage(self._send('1090'), "call the management office")

    def test_a_meter_that_was_never_read(self):
        meter = self._create_meter('W-NEW', self.unit_1011)
        page = self._open(f'/my/meters/{meter.id}').text
        self.assertIn("The office reads this meter the first time", page)
        self.assertNotIn('value_total', page)

    # === WHO === #

    def test_who_lives_there(self):
        """ Family members may; who moved out yesterday may not, nor who moves in tomorrow. """
        member = self.env['res.partner'].create({'name': "Zhang Junior"})
        occupancy = self._move_in(self.unit_1011, member, '2026-01-01', role='family')
        PortalCommon._create_portal_user.__func__(type(self), 'junior', member)
        self.authenticate('junior', 'junior')
        self._send('1090')
        self.assertEqual(self._sent().user_id.login, 'junior')
        self._sent().unlink()
        for start, end in (('2026-01-01', '2026-03-27'), ('2026-03-29', False)):
            occupancy.write({'date_start': start, 'date_end': end})
            response = self._send('1090')
            self.assertTrue(response.headers['Location'].endswith('/my/meters'))
            self.assertNotIn('W-1011', self._open('/my/meters').text)
            self.assertFalse(self._sent())

    def test_the_meters_of_others(self):
        response = self._send('510', meter=self.foreign)
        self.assertTrue(response.headers['Location'].endswith('/my/meters'))
        self.assertFalse(self._sent(self.foreign))
        self.assertNotIn('W-1012', self._open('/my/meters').text)
        self.assertTrue(self._open(self.foreign._get_label_url().replace(
            self.base_url(), '')).headers['Location'].endswith('/my/meters?notice=label'))

    def test_what_was_used_before_he_came(self):
        """ A new tenant sees what was read since his first day, and what it is counted from. """
        tenant = self.env['res.partner'].create({'name': "Tenant"})
        self._move_in(self.unit_1011, tenant, '2026-03-01', role='tenant')
        PortalCommon._create_portal_user.__func__(type(self), 'tenant', tenant)
        self.authenticate('tenant', 'tenant')
        page = self._open(f'/my/meters/{self.meter.id}').text
        self.assertIn("Nothing was read yet since you are here", page)
        self.assertNotIn("used 59", ' '.join(page.split()))
        self._read(self.meter, '2026-03-10', '1068')
        page = self._open(f'/my/meters/{self.meter.id}').text
        self.assertIn("used 9 m³", ' '.join(re.sub(r'<[^>]+>', ' ', page).split()))
        self.assertIn("Used per month", page)

    def test_nobody_without_an_account(self):
        self.authenticate(None, None)
        for url in ('/my/meters', f'/my/meters/{self.meter.id}'):
            self.assertIn('/web/login', self._open(url).headers['Location'])

    def test_the_code_on_the_meter(self):
        """ It leads a resident to his page, staff to the register. """
        url = self.meter._get_label_url().replace(self.base_url(), '')
        self.assertTrue(
            self._open(url).headers['Location'].endswith(f'/my/meters/{self.meter.id}'))
        self.authenticate('li', 'li')
        told = "The code that you scanned is of no meter of your homes"
        for code in (url, '/m/nonsense'):
            location = self._open(code).headers['Location']
            self.assertTrue(location.endswith('/my/meters?notice=label'))
            self.assertIn(told, self._open(location).text)
        self.assertNotIn(told, self._open('/my/meters').text)

    def test_what_was_bought(self):
        """ The household sees the units and the token, the amount who has paid it; who moves in
        later sees nothing of it.
        """
        meter = self._create_meter('P-1011', self.unit_1011, mode='prepaid')
        tariff = self.env['property.tariff'].create({
            'name': "Prepaid", 'fee_id': self.water_fee.id, 'basis': 'metered',
            'version_ids': [Command.create({'date_start': '2025-01-01', 'price': 3.7})]})
        self.env['property.fee.assignment'].create({
            'unit_id': self.unit_1011.id, 'tariff_id': tariff.id,
            'meter_id': meter.id, 'date_start': '2026-01-01'})
        url = f'/my/meters/{meter.id}'
        self.assertIn("Nothing was bought yet", self._open(url).text)
        sale = meter._top_up(37, self.bank_journal, 'key')
        sale.sudo().write({'token': '4711-0815', 'write_state': 'issued'})
        page = self._open(url).text
        units = f'{sale.units:g} '
        for text in (units, '4711-0815', f'/my/receipts/{sale.sudo().payment_id.id}', '37.00'):
            self.assertIn(text, page)
        self.assertNotIn("Nothing was read yet", page)
        member = self.env['res.partner'].create({'name': "Zhang Junior"})
        self._move_in(self.unit_1011, member, '2026-01-01', role='family')
        tenant = self.env['res.partner'].create({'name': "Tenant"})
        for login, partner in (('junior', member), ('tenant', tenant)):
            PortalCommon._create_portal_user.__func__(type(self), login, partner)
        self.authenticate('junior', 'junior')
        page = self._open(url).text
        self.assertIn('4711-0815', page)
        self.assertNotIn('37.00', page)
        self.assertNotIn('/my/receipts', page)
        with freeze_time('2026-04-10 04:00:00'):
            self._move_in(self.unit_1011, tenant, '2026-04-01', role='tenant')
            self.authenticate('tenant', 'tenant')
            page = self._open(url).text
        self.assertIn("Nothing was bought yet", page)
        self.assertNotIn('4711-0815', page)

    # === THE OFFICE === #

    def test_a_refusal_is_told(self):
        """ On his page, where he may send another, among his requests, and by message. """
        self._send('1090')
        wizard = self._decide(self._sent(), 'refuse', note="The photo shows 1060.")
        wizard.action_confirm()
        page = self._open(f'/my/meters/{self.meter.id}').text
        self.assertIn("The photo shows 1060.", page)
        self.assertIn('value_total', page)
        self.assertIn("The photo shows 1060.", self._open('/my/submissions').text)
        message = self.env['property.notification'].search(
            [('partner_id', '=', self.owner.id)], limit=1)
        self.assertIn('W-1011', message.subject)
        self.assertIn("The photo shows 1060.", message.body)
        self.assertEqual(message.url, f'/my/meters/{self.meter.id}')
        self._send('1060')
        self.assertEqual(len(self._sent()), 2)

    def test_residents_are_asked(self):
        """ The tenant rather than the owner, each once, and nobody whose meter is read. """
        tenant = self.env['res.partner'].create({'name': "Tenant"})
        self._move_in(self.unit_1012, tenant, '2026-03-01', role='tenant')
        self._create_meter('W-1011-2', self.unit_1011, first=10)
        Notification = self.env['property.notification']
        last = Notification.search([], order='id desc', limit=1).id or 0

        def ask():
            action = self.round.with_user(self.clerk).action_invite_residents()
            self.assertIn('asked', action['params']['message'])
            messages = Notification.search([('id', '>', last)])
            people = messages.partner_id
            self.assertEqual(len(messages), len(people))
            return people

        self.assertEqual(ask(), self.owner + tenant)
        message = Notification.search([('partner_id', '=', tenant.id)])
        self.assertIn("Water meter", message.subject)
        self.assertEqual(message.url, '/my/meters')
        last = Notification.search([], order='id desc', limit=1).id
        self._read(self.foreign, '2026-03-28', '510')
        self.assertEqual(ask(), self.owner)
        self.round.write({'window_start': '2026-03-01', 'window_end': '2026-03-02'})
        with self.assertRaisesRegex(UserError, "days in which residents read"):
            ask()
        with self.assertRaises(AccessError):
            self.round.with_user(self.reader).action_invite_residents()

    def test_a_refusal_of_staff_tells_nobody(self):
        before = self.env['property.notification'].search_count([])
        reading = self._read(self.meter, '2026-03-10', '1000')
        reading.with_user(self.clerk)._refuse("Not read")
        self.assertEqual(self.env['property.notification'].search_count([]), before)

    def test_days_that_cannot_be(self):
        for start, end in (('2026-03-25', False), ('2026-03-25', '2026-03-24')):
            with (self.assertRaises(CheckViolation), mute_logger('odoo.sql_db'),
                  self.env.cr.savepoint()):
                self.round.write({'window_start': start, 'window_end': end})
                self.env.flush_all()
        with self.assertRaisesRegex(ValidationError, "on that day or later"):
            self.round.window_start = '2026-02-27'

    def test_of_two_at_once_the_second_is_told(self):
        """ Husband and wife press at the same time. """
        meter = self.meter.with_user(self.zhang).sudo()
        self.assertFalse(meter._send_readings({'total': '1090'}))
        with self.assertRaisesRegex(UserError, "has been read already"):
            meter.with_user(self.li).sudo()._send_readings({'total': '1091'})

    def test_queries_do_not_grow_with_the_meters(self):
        def count_queries(url):
            self.url_open(url)
            before = self.env.cr.sql_log_count
            self.assertEqual(self._open(url).status_code, 200)
            return self.env.cr.sql_log_count - before

        urls = ('/my', '/my/meters', f'/my/meters/{self.meter.id}')
        few = [count_queries(url) for url in urls]
        for number in range(20):
            self._create_meter(f'W-{number}', self.unit_1011, first=10)
        for number in range(20, 45):
            self._create_meter(f'W-{number}', self.unit_1011)
        self.env.flush_all()
        self.env.invalidate_all()
        page = self._open('/my/meters').text
        self.assertIn("6 more meters", ' '.join(re.sub(r'<[^>]+>', ' ', page).split()))
        self.assertIn('W-44', self._open('/my/meters?show=all').text)
        self.assertEqual([count_queries(url) for url in urls], few)
