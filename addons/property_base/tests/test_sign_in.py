from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, JsonRpcException, new_test_user, tagged
from odoo.tools import mute_logger

from .common import PropertyCommon

HOME = '203.0.113.5'
CAFE = '198.51.100.9'


class SignInCommon(PropertyCommon, HttpCase):
    """ People who sign in over the network, from one address or another. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.manager | cls.clerk).password = 'lakeside8'
        cls.env['res.lang']._activate_lang('en_US')

    def setUp(self):
        super().setUp()
        self.source = HOME
        # Werkzeug's server names the loopback address for every request.
        self.enterContext(patch.object(
            self.env.registry['property.attempt.mixin'], '_get_source', lambda _self: self.source))

    def _sign_in(self, login, password):
        """ On the web page; whether it let him in, and what it said. """
        self.authenticate(None, None)
        page = self.url_open('/web/login')
        token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
        response = self.url_open('/web/login', data={
            'login': login, 'password': password, 'csrf_token': token})
        return '/web/login' not in response.url, response.text

    def _fail(self, login, times):
        for _time in range(times):
            self.assertFalse(self._sign_in(login, 'wrong')[0])

    def _pass_time(self, **pause):
        self.env.cr.execute(
            "UPDATE property_sign_in_failure SET create_date = create_date - %(pause)s, "
            "date_unlock = date_unlock - %(pause)s", {'pause': timedelta(**pause)})
        self.env.invalidate_all()


@tagged('post_install', '-at_install')
class TestLockOut(SignInCommon):
    """ Decision 38. """

    def test_five_in_a_row_lock_that_address(self):
        """[G05] """
        self._fail('manager', 5)
        is_in, page = self._sign_in('manager', 'lakeside8')
        self.assertFalse(is_in)
        self.assertIn('Try again in 30 minutes', page)
        self.source = CAFE
        self.assertTrue(self._sign_in('manager', 'lakeside8')[0])

    def test_right_password_ends_the_row(self):
        """[G05] """
        self._fail('manager', 4)
        self.assertTrue(self._sign_in('manager', 'lakeside8')[0])
        self._fail('manager', 4)
        self.assertTrue(self._sign_in('manager', 'lakeside8')[0])

    def test_lock_ends_after_thirty_minutes(self):
        """[G05] """
        self._fail('manager', 5)
        self._pass_time(minutes=29)
        self.assertIn('Try again in 1 minutes', self._sign_in('manager', 'lakeside8')[1])
        self._pass_time(minutes=1)
        self._fail('manager', 4)  # the count begins anew
        self.assertTrue(self._sign_in('manager', 'lakeside8')[0])

    def test_one_account_does_not_lock_its_neighbour(self):
        """[G05] """
        self._fail('manager', 5)
        self.assertTrue(self._sign_in('lakeside_clerk', 'lakeside8')[0])

    def test_twenty_from_anywhere_lock_the_account(self):
        """[G05] """
        for number in range(5):
            self.source = f'203.0.113.{number}'
            self._fail('manager', 4)
        self.source = CAFE
        is_in, page = self._sign_in('manager', 'lakeside8')
        self.assertFalse(is_in)
        self.assertIn('Locked after too many wrong passwords', page)

    def test_twenty_over_hours_do_not(self):
        """[G05] """
        for number in range(5):
            self.source = f'203.0.113.{number}'
            self._fail('manager', 4)
            self._pass_time(minutes=10)
        self.source = CAFE
        self.assertTrue(self._sign_in('manager', 'lakeside8')[0])

    def test_unknown_names_are_locked_alike(self):
        """[G05] Nobody learns from it whether an account exists. """
        pages = {}
        for login in ('manager', 'nobody'):
            pages[login] = [
                self._sign_in(login, 'wrong')[1].partition('alert-danger')[2].partition('</p>')[0]
                for _time in range(6)
            ]
        self.assertEqual(pages['manager'], pages['nobody'])
        self.assertNotEqual(pages['nobody'][4], pages['nobody'][5])

    def test_unknown_names_take_as_long(self):
        """[G05] A password is hashed for them, too. """
        hashes = []
        crypt = self.env['res.users']._crypt_context()
        with patch.object(type(crypt), 'hash', property(lambda _self: hashes.append)):
            self._sign_in('nobody', 'wrong')
        self.assertEqual(len(hashes), 1)

    @mute_logger('odoo.http', 'odoo.addons.rpc.controllers.xmlrpc')
    def test_other_doors_are_locked_with_it(self):
        """[G05] The web client's own call and XML-RPC. """
        def authenticate_web(password):
            self.authenticate(None, None)
            return self.make_jsonrpc_request('/web/session/authenticate', {
                'db': self.env.cr.dbname, 'login': 'manager', 'password': password})

        def authenticate_rpc(password):
            return self.xmlrpc_common.authenticate(self.env.cr.dbname, 'manager', password, {})

        self.assertEqual(authenticate_rpc('lakeside8'), self.manager.id)
        self._fail('manager', 5)
        self.assertFalse(authenticate_rpc('lakeside8'))
        with self.assertRaises(JsonRpcException):
            authenticate_web('lakeside8')
        self.source = CAFE
        self.assertEqual(authenticate_web('lakeside8')['uid'], self.manager.id)

    def test_administrator_unlocks(self):
        """[G05] """
        admin = new_test_user(self.env, 'boss', 'base.group_erp_manager')
        Failure = self.env['property.sign.in.failure']
        self._fail('manager', 5)
        locked = Failure.with_user(admin).search([('is_locked', '=', True)])
        self.assertEqual(locked.user_id, self.manager)
        self.assertEqual(locked.source, HOME)
        locked.action_unlock()
        self.assertFalse(Failure.search([('is_locked', '=', True)]))
        self.assertTrue(self._sign_in('manager', 'lakeside8')[0])

        self._fail('manager', 5)
        self.assertTrue(self.manager.with_user(admin).property_is_locked)
        self.manager.with_user(admin).action_unlock_sign_in()
        self.manager.invalidate_recordset(['property_is_locked'])
        self.assertFalse(self.manager.with_user(admin).property_is_locked)
        self.assertTrue(self._sign_in('manager', 'lakeside8')[0])

    def test_nobody_else_unlocks(self):
        """[G05] """
        failure = self.env['property.sign.in.failure'].create({
            'login': 'manager', 'user_id': self.manager.id, 'source': HOME, 'lock': 'account',
            'date_unlock': fields.Datetime.now() + timedelta(minutes=5)})
        for user in (self.manager, self._create_portal_user(self.olga)):
            with self.assertRaises(AccessError):
                failure.with_user(user).action_unlock()
            with self.assertRaises(AccessError):
                self.manager.with_user(user).action_unlock_sign_in()
        self.assertTrue(failure.is_locked)
