from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged
from odoo.tests.common import new_test_user

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
