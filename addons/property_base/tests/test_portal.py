from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged
from odoo.tests.common import new_test_user
from odoo.tools import mute_logger

from .common import PropertyCommon


@tagged('post_install', '-at_install')
class TestPortal(PropertyCommon, HttpCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._move_in(cls.flat, cls.olga)
        cls._move_in(cls.flat, cls.tom, role='tenant')
        cls._move_in(
            cls.next_flat, cls.fred, end=fields.Date.today() - timedelta(days=2))
        for partner in (cls.olga, cls.tom, cls.fred, cls.newcomer):
            cls._create_portal_user(partner)

    def _open(self, login, url='/my'):
        self.authenticate(login, login)
        return self.url_open(url)

    def test_home_shows_the_own_homes(self):
        """[A50] """
        page = self._open('olga').text
        self.assertIn('Tower 1-Entrance 1-101', page)
        self.assertIn('Lakeside', page)
        self.assertIn(f'/my/homes/{self.flat.id}', page)
        self.assertNotIn('Tower 1-Entrance 1-102', page)
        self.assertNotIn('o_property_empty', page)

    def test_pages_are_the_companys(self):
        """[A01] The tab names it, the login page's too; the city stands once in the address. """
        self.lakeside.write({'city': 'Anlan', 'street': 'Anlan, Lake Road 1'})
        title = f'<title>{self.lakeside.company_id.name}</title>'
        url = f'/my/homes/{self.flat.id}'
        page = self._open('olga', url).text
        self.assertIn(title, page)
        self.assertEqual(page.count('Anlan'), 1)
        self.lakeside.street = 'Lake Road 1'
        self.assertEqual(self._open('olga', url).text.count('Anlan'), 1)
        self.authenticate(None, None)
        self.assertIn(title, self.url_open('/web/login').text)

    @mute_logger('odoo.http')
    def test_reports_of_the_office_are_closed_to_the_portal(self):
        """[A66] Not even whether a record exists comes out as a fault of the server. """
        self.authenticate('tom', 'tom')
        for report, record in (
            ('unit_archive', self.flat), ('owner_card', self.olga), ('handover', self.flat),
        ):
            for record_id in (record.id, 2**31 - 1):
                url = f'/report/html/property_base.report_{report}/{record_id}'
                with self.subTest(url=url):
                    self.assertIn(self.url_open(url).status_code, (403, 404))

    def test_home_without_a_home(self):
        for login in ('fred', 'nina'):
            with self.subTest(login=login):
                page = self._open(login).text
                self.assertIn('o_property_empty', page)
                self.assertNotIn('Tower 1', page)

    def test_owner_sees_his_tenant_but_the_tenant_not_the_owner(self):
        url = f'/my/homes/{self.flat.id}'
        page = self._open('olga', url).text
        self.assertIn('100.00', page)
        self.assertIn('Tom Tenant', page)
        page = self._open('tom', url).text
        self.assertIn('Tower 1-Entrance 1-101', page)
        self.assertNotIn('Olga Owner', page)

    def test_home_of_others_leads_back(self):
        for unit_id in (self.next_flat.id, self.hill_flat.id, 0, 2**31 - 1):
            with self.subTest(unit_id=unit_id):
                response = self._open('fred', f'/my/homes/{unit_id}')
                self.assertTrue(response.url.endswith('/my'), response.url)

    def test_anonymous_must_log_in(self):
        self.authenticate(None, None)
        response = self.url_open(f'/my/homes/{self.flat.id}')
        self.assertIn('/web/login', response.url)
        self.assertNotIn('Tower 1', response.text)

    def test_staff_without_rights_on_the_register(self):
        new_test_user(self.env, 'employee', 'base.group_user')
        response = self._open('employee')
        self.assertEqual(response.status_code, 200)
        self.assertNotIn('o_property_homes', response.text)
