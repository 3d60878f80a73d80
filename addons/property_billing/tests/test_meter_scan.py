from odoo.tests import HttpCase, tagged

from .common_meter import MeterCommon


@tagged('post_install', '-at_install')
class TestMeterScan(MeterCommon, HttpCase):
    """ [request 15] A phone reads the code on a meter. """

    def _scan(self, url, login):
        self.authenticate(login, login.ljust(8, 'x'))
        return self.url_open(url.replace(self.base_url(), ''), allow_redirects=False)

    def test_who_reads_meters_comes_to_the_meter(self):
        meter = self._create_meter('W-0101', self.unit_1011, first='1000')
        url = meter._get_label_url()
        response = self._scan(url, 'reader')
        self.assertIn(response.status_code, (302, 303))
        self.assertTrue(response.headers['Location'].endswith(f'/odoo/property-meters/{meter.id}'))

    def test_while_it_is_read(self):
        """ To its row or card in the sheet of the open round. """
        meter = self._create_meter('W-0101', self.unit_1011, first='1000')
        meter_round = self._create_round('2026-01-01', '2026-01-31')
        location = self._scan(meter._get_label_url(), 'reader').headers['Location']
        self.assertTrue(location.endswith(
            f'/odoo/property-reading-rounds/{meter_round.id}/property-reading-sheet'
            f'?meter={meter.id}'), location)

    def test_the_old_label_after_an_exchange(self):
        """ It leads to what hangs there now. """
        meter = self._create_meter('W-0101', self.unit_1011, first='1000')
        url = meter._get_label_url()
        meter.with_user(self.clerk)._exchange(
            meter.last_day, {'total': '1250'}, 'W-0102', {'total': '3'}, 1, 5, 0, "Frozen")
        self.assertNotEqual(meter._get_label_url(), url)
        self.assertTrue(self._scan(url, 'reader').headers['Location'].endswith(f'/{meter.id}'))

    def test_others_learn_nothing(self):
        meter = self._create_meter('W-0101', self.unit_1011, first='1000')
        resident = self._create_user('resident', 'base.group_portal')
        service = self._create_user('service', 'property_base.group_property_user')
        for code in (meter._get_label_url(), '/m/unknown'):
            location = self._scan(code, resident.login).headers['Location']
            self.assertTrue(location.endswith('/my/meters?notice=label'), location)
            self.assertEqual(self._scan(code, service.login).status_code, 404)

    def test_a_label_of_no_meter(self):
        """ The page says so, and leads back. """
        self.reader.lang = self.env['res.lang']._activate_lang('en_US').code
        response = self._scan('/m/unknown', 'reader')
        self.assertEqual(response.status_code, 404)
        self.assertIn("Not one of your meters", response.text)
        self.assertIn('href="/odoo"', response.text)
