import re
from datetime import timedelta
from unittest.mock import patch
from xmlrpc.client import Fault, ProtocolError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, HttpCase, JsonRpcException, new_test_user, tagged
from odoo.tools import mute_logger

from ..models import property_resident_password
from ..tools import captcha
from .common import PropertyCommon

HOME = '203.0.113.5'
CAFE = '198.51.100.9'
PIXEL = 'R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7'


class SignInCommon(PropertyCommon, HttpCase):
    """ People who sign in over the network, from one address or another. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.manager | cls.clerk).password = 'lakeside8'
        cls.env['res.lang']._activate_lang('en_US')
        cls.env['ir.config_parameter'].set_param('property_base.captcha', 'never')

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

    def _post(self, url, **fields_):
        page = self.url_open(url)
        token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
        return self.url_open(url, data={**fields_, 'csrf_token': token})

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
        self.assertIn('set a new password', page, "whoever has forgotten it need not wait")
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


@tagged('post_install', '-at_install')
class TestCaptcha(SignInCommon):

    def setUp(self):
        super().setUp()
        self.env['ir.config_parameter'].set_param('property_base.captcha', 'failures')
        self.shown = []
        choose = captcha.choose
        self.enterContext(patch.object(
            captcha, 'choose', lambda random: self.shown.append(choose(random)) or self.shown[-1]))

    def _answer(self, **form):
        """ As the page does: the picture is asked for, then the form is sent. """
        picture = self.url_open('/web/login/captcha')
        self.assertEqual(picture.headers['Content-Type'], 'image/png')
        return self._post('/web/login', **{
            'login': 'manager', 'password': 'lakeside8', 'captcha': self.shown[-1].lower(), **form})

    def test_after_three_wrong_passwords(self):
        """[G01] On whatever accounts, from one address; right once it is read. """
        pages = [self._sign_in(login, 'wrong')[1] for login in ('manager', 'clerk', 'nobody')]
        self.assertEqual(['name="captcha"' in page for page in pages], [False, False, True])
        is_in, page = self._sign_in('manager', 'lakeside8')
        self.assertFalse(is_in)
        self.assertIn('Type the characters', page)
        self.assertIn('name="captcha"', page)
        self.assertIn('Type the characters', self._answer(captcha='').text)
        self.assertIn('Type the characters', self._answer(captcha='XXXX!').text)
        self.assertFalse(self.env['property.sign.in.failure'].search([('lock', '!=', False)]))
        self.assertIn('/odoo', self._answer().url)

    def test_each_picture_is_good_for_one_try(self):
        """[G01] """
        self.env['ir.config_parameter'].set_param('property_base.captcha', 'always')
        self.authenticate(None, None)
        self.assertIn('Wrong login/password', self._answer(password='wrong').text)
        page = self._post(
            '/web/login', login='manager', password='lakeside8', captcha=self.shown[-1])
        self.assertIn('Type the characters', page.text)
        self.assertIn('/odoo', self._answer().url)

    def test_elsewhere_there_is_none(self):
        """[G01] Another address, or the switch. """
        for login in ('manager', 'lakeside_clerk', 'nobody'):
            self._sign_in(login, 'wrong')
        self.source = CAFE
        self.assertTrue(self._sign_in('manager', 'lakeside8')[0])
        self.source = HOME
        self.env['ir.config_parameter'].set_param('property_base.captcha', 'never')
        self.assertTrue(self._sign_in('manager', 'lakeside8')[0])


@tagged('post_install', '-at_install')
class TestPassword(SignInCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.boss = new_test_user(
            cls.env, 'boss', 'base.group_erp_manager,base.group_partner_manager')

    def setUp(self):
        super().setUp()
        self.codes = iter(['111111', '222222', '333333'])
        self.enterContext(patch.object(
            self.env.registry['property.verification'], '_generate_code',
            lambda _self: next(self.codes)))

    def _obey_rule(self):
        """ Tests of other add-ons than `password_security` are free of its rule. """
        self.enterContext(patch.object(type(self), 'test_module', 'password_security'))

    def _give_password(self, user):
        """ The first password that the administrator's dialog offers. """
        wizard = self.env['change.password.wizard'].with_user(self.boss).with_context(
            active_model='res.users', active_ids=user.ids).create({})
        password = wizard.user_ids.new_passwd
        wizard.change_password_button()
        return password

    def test_first_password_is_changed_before_anything_else(self):
        """[G01] [G02] [G36] From the administrator's dialog to the front page. """
        self._obey_rule()
        password = self._give_password(self.clerk)
        is_in, page = self._sign_in('lakeside_clerk', password)
        self.assertTrue(is_in)
        self.assertIn('given to you by somebody else', page)
        self.assertIn('At least 8 characters, with small letters and digits', page)
        self.assertIn('/web/login', self.url_open('/odoo').url)

        self._sign_in('lakeside_clerk', password)
        url = self.url_open('/web/login', data={
            'login': 'lakeside_clerk', 'password': password,
            'csrf_token': self.url_open('/web/login').text.split(
                'name="csrf_token" value="')[1].split('"')[0],
        }).url
        self.assertTrue(url.startswith(self.base_url()), url)
        for new, sentence in (
            ('short1', 'At least 8 characters'), ('onlyletters', 'small letters and digits'),
            (password, 'used before'),
        ):
            page = self._post(url, password=new, confirm_password=new).text
            self.assertIn(sentence, page)
        page = self._post(url, password='my-own-8', confirm_password='my-own-8').text
        self.assertIn('reset successfully', page)
        self.assertIn('/odoo', self._sign_in_url('lakeside_clerk', 'my-own-8'))

    def test_new_password_keeps_the_page_that_somebody_came_for(self):
        """[G06] [G35] From the menu of the official account, by a first or a forgotten one. """
        olga = self._create_portal_user(self.olga)
        olga.phone = '138 0013 8000'
        back = '/web/login?redirect=%2Fmy%2Fcard'
        password = self._give_password(olga)
        self.authenticate(None, None)
        url = self._post('/web/login', login='olga', password=password, redirect='/my/card').url
        self.assertIn('token=', url)
        self.assertIn(back, self._post(url, password='my-own-8', confirm_password='my-own-8').text)

        forgotten = '/web/reset_password?redirect=/my/card'
        self.assertIn(back, self._post(forgotten, login='olga').text)
        url = self._post(forgotten, login='olga', code='111111').url
        self.assertIn('token=', url)
        page = self.url_open(url).text
        self.assertNotIn('passkey', page.partition('<form')[2].partition('</form>')[0])
        self.assertIn(back, self._post(url, password='my-own-9', confirm_password='my-own-9').text)

    def _sign_in_url(self, login, password):
        self.authenticate(None, None)
        return self._post('/web/login', login=login, password=password).url

    def test_first_password_can_be_read(self):
        """[G01] Who gives it away has to see it. """
        wizard = self.env['change.password.wizard'].with_user(self.boss).get_view(
            view_type='form')
        lines = wizard['arch'] + self.env['change.password.user'].with_user(self.boss).get_view(
            view_type='list')['arch']
        self.assertIn('name="new_passwd"', lines)
        self.assertNotIn('password="', lines)

    @mute_logger('odoo.http', 'odoo.addons.rpc.controllers.xmlrpc')
    def test_first_password_opens_no_other_door(self):
        """[G02] Not the web client's own call, not XML-RPC; it is not counted as wrong. """
        password = self._give_password(self.clerk)
        self.authenticate(None, None)
        with self.assertRaises(JsonRpcException):
            self.make_jsonrpc_request('/web/session/authenticate', {
                'db': self.env.cr.dbname, 'login': 'lakeside_clerk', 'password': password})
        self.assertIn('/web/login', self.url_open('/odoo').url)
        with self.assertRaisesRegex(Fault, 'changed first'):
            self.xmlrpc_common.authenticate(self.env.cr.dbname, 'lakeside_clerk', password, {})
        with self.assertRaisesRegex(Fault, 'changed first'):
            self.xmlrpc_object.execute_kw(
                self.env.cr.dbname, self.clerk.id, password, 'res.users', 'search_count', [[]])
        self.assertFalse(self.env['property.sign.in.failure'].search([]))

    def test_who_knows_the_password_need_not_change_it(self):
        """[G02] [G36] Only what somebody else typed is a first password. """
        self.assertFalse(self.clerk._password_has_expired())
        self.clerk.with_user(self.clerk).change_password('lakeside8', 'another-8')
        self.assertFalse(self.clerk._password_has_expired())
        self.clerk.with_user(self.boss).password = 'given-by-8'
        self.assertTrue(self.clerk._password_has_expired())
        colleague = self.env['res.users'].with_user(self.boss).create({
            'name': 'New', 'login': '10086', 'password': 'given-by-8'})
        self.assertTrue(colleague._password_has_expired())

    def test_passwords_of_staff_can_grow_old(self):
        """[G03] Those of residents do not. """
        self.env['ir.config_parameter'].set_param('password_security.expiration_days', 90)
        olga = self._create_portal_user(self.olga)
        users = self.clerk | olga
        users.sudo().password_write_date = fields.Datetime.now() - timedelta(days=92)
        self.assertTrue(self.clerk._password_has_expired())
        self.assertFalse(olga._password_has_expired())
        self.assertIn('due to be changed', self._sign_in('lakeside_clerk', 'lakeside8')[1])

    def test_rule_for_passwords(self):
        """[G03] """
        self._obey_rule()
        clerk = self.clerk.with_context(lang='en_US')
        with self.assertRaisesRegex(UserError, 'at least 8 characters'):
            clerk._change_password('short-1')
        for password in ('onlyletters', '1234567890'):
            with self.assertRaisesRegex(UserError, 'small letters and digits'):
                clerk._change_password(password)
        clerk._change_password('eight-88')
        self.env['ir.config_parameter'].set_param('password_security.special', 1)
        with self.assertRaisesRegex(UserError, 'digits, and special characters'):
            clerk._change_password('abcd12345')

    def test_strangers_register_with_a_phone_only(self):
        """[G01] Odoo's own page asks for none. """
        self.assertEqual(
            self.env['ir.config_parameter'].get_param('auth_signup.invitation_scope'), 'b2b')
        self.authenticate(None, None)
        self.assertTrue(self.url_open('/web/signup').url.endswith('/register'))

    def test_rule_outlives_the_settings(self):
        """[G03] [G36] What is 0 stays 0 when something else is saved. """
        Users = self.env['res.users']
        rule = Users._get_all_password_params()
        self.assertEqual(rule, {
            'minlength': 8, 'lower': 1, 'upper': 0, 'numeric': 1, 'special': 0, 'history': 5,
            'expiration_days': 0, 'minimum_hours': 0})
        self.env['res.config.settings'].create({'password_history': 3}).execute()
        self.assertEqual(Users._get_all_password_params(), {**rule, 'history': 3})

    def test_a_rule_without_length_is_none(self):
        """[G03] A slip of the finger must not let everybody choose a password of one letter. """
        Settings = self.env['res.config.settings']
        for length in (-3, 0, 5):
            with self.assertRaisesRegex(ValidationError, "Enter 6 or more"):
                Settings.create({'minlength': length}).execute()
        Settings.create({'minlength': 6}).execute()
        self.assertEqual(self.env['res.users']._get_all_password_params()['minlength'], 6)

    def test_staff_number_and_custom_name(self):
        """[G01] """
        for login in ('A0017', '王小明'):
            new_test_user(self.env, login, 'base.group_user', password='own-word-8')
            self.assertIn('/odoo', self._sign_in_url(login, 'own-word-8'))

    def test_residents_sign_in_by_phone(self):
        """[G01] Their number in whatever form; staff do not, and twins give their names. """
        olga = self._create_portal_user(self.olga)
        olga.write({'password': 'own-word-8', 'phone': '+86 138 0013 8000'})
        self.clerk.phone = '13900139000'
        self.assertIn('/my', self._sign_in_url('13800138000', 'own-word-8'))
        self.assertIn('/my', self._sign_in_url('138-0013-8000', 'own-word-8'))
        self.assertIn('/web/login', self._sign_in_url('13900139000', 'lakeside8'))
        self._create_portal_user(self.tom).phone = '13800138000'
        self.assertIn('/web/login', self._sign_in_url('13800138000', 'own-word-8'))
        self.assertIn('/my', self._sign_in_url('olga', 'own-word-8'))

    def test_who_has_certified_a_phone_comes_before_who_typed_it(self):
        """[G01] [G06] Nobody shuts another resident out by giving his number as his own. """
        olga = self._create_portal_user(self.olga)
        olga.write({'password': 'own-word-8', 'phone': '13800138000'})
        self.olga._set_certified_phone('13800138000')
        self._create_portal_user(self.tom).phone = '13800138000'
        Users = self.env['res.users']
        self.assertEqual(Users.search(Users._get_login_domain('138 0013 8000')), olga)
        self.assertEqual(Users.sudo()._find_forgetful('13800138000'), olga)

    def test_phone_counts_as_the_account(self):
        """[G05] Wrong passwords by phone and by name are one row. """
        olga = self._create_portal_user(self.olga)
        olga.write({'password': 'own-word-8', 'phone': '13800138000'})
        self._fail('13800138000', 3)
        self._fail('olga', 2)
        self.assertIn('Locked', self._sign_in('13800138000', 'own-word-8')[1])

    def test_forgotten_password_by_phone(self):
        """[G06] A code by SMS, a new password, and the lock is gone. """
        olga = self._create_portal_user(self.olga)
        olga.phone = '138 0013 8000'
        self._fail('olga', 5)
        self.authenticate(None, None)
        page = self._post('/web/reset_password', login='olga').text
        self.assertIn('a code is on its way', page)
        self.assertIn('111111', self.env['sms.sms'].search([]).body)
        page = self._post('/web/reset_password', login='olga', code='999999').text
        self.assertIn('wrong or no longer valid', page)
        response = self._post('/web/reset_password', login='olga', code='111111')
        self.assertIn('token=', response.url)
        self._post(response.url, password='my-own-8', confirm_password='my-own-8')
        self.assertIn('/my', self._sign_in_url('olga', 'my-own-8'))

    def test_office_gives_a_first_password(self):
        """[G06] To a resident in one's own project, never to a colleague; it is on record. """
        olga = self._create_portal_user(self.olga)
        self._move_in(self.flat, self.olga)
        resident = self.env['property.resident'].create({'partner_id': self.olga.id})
        self._fail('olga', 5)
        with patch.object(property_resident_password, 'generate', lambda *_args: 'aB3#aB3#aB'):
            answer = resident.with_user(self.officer).action_give_first_password()
        self.assertIn('olga', answer['params']['message'])
        self.assertIn('aB3#aB3#aB', answer['params']['message'])
        self.assertNotIn('aB3#', resident.message_ids[0].body)
        self.assertEqual(resident.message_ids[0].author_id, self.officer.partner_id)
        self.assertIn('given to you by somebody else', self._sign_in('olga', 'aB3#aB3#aB')[1])
        self.assertTrue(olga._password_has_expired())
        for user in (self.clerk, olga):
            with self.assertRaises(AccessError):
                resident.with_user(user).action_give_first_password()
        other = self.env['property.resident'].create({'partner_id': self.clerk.partner_id.id})
        with self.assertRaises(UserError):
            other.with_user(self.manager).action_give_first_password()

    def test_forgotten_password_by_mail(self):
        """[G06] """
        self.clerk.email = 'clerk@example.com'
        self.authenticate(None, None)
        self._post('/web/reset_password', login='clerk@example.com')
        mail = self.env['mail.mail'].search([('email_to', '=', 'clerk@example.com')])
        self.assertIn('111111', mail.body_html)
        response = self._post(
            '/web/reset_password', login='clerk@example.com', code='111111')
        self.assertIn('token=', response.url)

    def test_asking_for_a_code_tells_nothing(self):
        """[G06] Known, unbound and unknown names get the same pages, the second time, too. """
        olga = self._create_portal_user(self.olga)
        olga.write({'phone': '13800138000', 'email': False})
        self._create_portal_user(self.tom).write({'phone': False, 'email': False})
        self.codes = iter(['111111'] * 9)
        pages = {}
        for login in ('olga', 'tom', 'nobody'):
            self.authenticate(None, None)
            pages[login] = [
                self._post('/web/reset_password', login=login, **code).text.split('<main>')[1]
                .replace(f'"{login}"', '').replace(f'>{login}<', '')
                for code in ({}, {}, {'code': '999999'})
            ]
            pages[login] = [re.sub(r'value="\w{40}o\d+"', '', page) for page in pages[login]]
        self.assertEqual(pages['olga'], pages['nobody'])
        self.assertEqual(pages['tom'], pages['nobody'])
        self.assertEqual(self.env['sms.sms'].search_count([]), 1)


@tagged('post_install', '-at_install')
class TestSecondStep(SignInCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['ir.config_parameter'].set_param('auth_totp.policy', 'employee_required')
        cls.env['ir.config_parameter'].set_param('property_base.second_step_sms', 'True')
        cls.manager.write({'phone': '138 0013 8000', 'email': 'manager@example.com'})
        cls.clerk.write({'phone': '010-65551234', 'email': 'clerk@example.com'})

    def setUp(self):
        super().setUp()
        self.enterContext(patch.object(
            self.env.registry['property.verification'], '_generate_code', lambda _self: '012345'))

    def test_code_by_sms(self):
        """[G04] Without the code there is no session; a wrong one counts. """
        _is_in, page = self._sign_in('manager', 'lakeside8')
        self.assertIn('138****8000', page)
        self.assertIn('012345', self.env['sms.sms'].search([]).body)
        self.assertIn('/web/login', self.url_open('/odoo').url)
        page = self._post('/web/login/totp', totp_token='999999')
        self.assertIn('wrong or no longer valid', page.text)
        self.assertEqual(self.env['property.sign.in.failure'].search([]).user_id, self.manager)
        self.env.cr.execute(
            "UPDATE property_verification SET create_date = create_date - interval '61 seconds'")
        self.assertIn('/odoo', self._post('/web/login/totp', totp_token='012345').url)

    def test_mail_where_there_is_no_mobile_number(self):
        """[G04] And where the settings do not choose SMS. """
        self.assertEqual(self.clerk._mfa_type(), 'totp_mail')
        self.assertEqual(self.manager._mfa_type(), 'property_sms')
        self.env['ir.config_parameter'].set_param('property_base.second_step_sms', False)
        self.assertEqual(self.manager._mfa_type(), 'totp_mail')

    def test_residents_are_spared_unless_the_settings_say_all(self):
        """[G04] """
        olga = self._create_portal_user(self.olga)
        olga.phone = '13800138001'
        self.assertFalse(olga._mfa_type())
        self.env['ir.config_parameter'].set_param('auth_totp.policy', 'all_required')
        self.assertEqual(olga._mfa_type(), 'property_sms')

    @mute_logger('odoo.addons.rpc.controllers.xmlrpc')
    def test_password_alone_opens_no_rpc(self):
        """[G04] """
        self.assertFalse(self.xmlrpc_common.authenticate(
            self.env.cr.dbname, 'manager', 'lakeside8', {}))


@tagged('post_install', '-at_install')
class TestMaintenance(SignInCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.boss = new_test_user(
            cls.env, 'boss', 'base.group_system', password='lakeside8')
        cls._create_portal_user(cls.olga)

    def _close(self, start=None, end=None):
        now = fields.Datetime.now()
        self.env['res.config.settings'].create({
            'property_maintenance': True,
            'property_maintenance_start': start is not None and now + timedelta(minutes=start),
            'property_maintenance_end': end is not None and now + timedelta(minutes=end),
            'property_maintenance_text': 'Back for breakfast',
        }).execute()

    def _open_as(self, login, url):
        self.authenticate(login, login and 'lakeside8')
        return self.url_open(url)

    def test_only_administrators_enter(self):
        """[G10] Staff, residents and strangers see the page, on the portal too. """
        self._close(start=-1, end=90)
        for login, url in (
            ('lakeside_clerk', '/odoo'), ('olga', '/my'), ('olga', '/my/homes/1'), (None, '/'),
            (None, '/web/signup'), ('lakeside_clerk', '/json/2/res.users/read'),
        ):
            with self.subTest(login=login, url=url):
                response = self._open_as(login, url)
                self.assertEqual(response.status_code, 503)
                self.assertAlmostEqual(int(response.headers['Retry-After']), 90 * 60, delta=60)
                self.assertIn('Back for breakfast', response.text)
        self.assertEqual(self._open_as('boss', '/odoo').status_code, 200)
        self.assertEqual(self._open_as('boss', '/my').status_code, 200)

    def test_it_has_an_end(self):
        """[G10] Nobody is shut out until somebody remembers to open. """
        with self.assertRaisesRegex(AssertionError, 'property_maintenance_end'), \
                Form(self.env['res.config.settings']) as form:
            form.property_maintenance = True

    @mute_logger('odoo.http', 'odoo.addons.rpc.controllers.xmlrpc')
    def test_programs_are_told_too(self):
        """[G10] A page that is open learns it by its next call. """
        self._close()
        self.authenticate('lakeside_clerk', 'lakeside8')
        call = {'model': 'res.users', 'method': 'search_count', 'args': [[]], 'kwargs': {}}
        with self.assertRaises(JsonRpcException):
            self.make_jsonrpc_request('/web/dataset/call_kw', call)
        with self.assertRaisesRegex(ProtocolError, '503'):
            self.xmlrpc_common.version()
        self.authenticate('boss', 'lakeside8')
        self.assertTrue(self.make_jsonrpc_request('/web/dataset/call_kw', call))

    def test_sign_in_page_announces_it(self):
        """[G10] Before, while and after; an administrator still signs in. """
        for start, end, sentence in (
            (60, 120, 'will be upgraded from'), (-60, 60, 'is being upgraded until'),
            (None, None, 'is being upgraded.'),
        ):
            self._close(start, end)
            response = self._open_as(None, '/web/login')
            self.assertEqual(response.status_code, 200)
            self.assertIn(sentence, response.text)
            if start != 60:
                self.assertEqual(self._open_as(None, '/').status_code, 503)
                self.assertIn(sentence, self._open_as(None, '/my').text)
        self._sign_in('boss', 'lakeside8')
        self.assertEqual(self.url_open('/odoo').status_code, 200)
        self._sign_in('lakeside_clerk', 'lakeside8')
        self.assertEqual(self.url_open('/odoo').status_code, 503)
        self._close(-60, -1)
        self.assertNotIn('upgraded', self._open_as(None, '/web/login').text)
        self.assertEqual(self._open_as('lakeside_clerk', '/odoo').status_code, 200)

    def test_ends_after_it_begins(self):
        """[G10] """
        with self.assertRaises(ValidationError):
            self._close(60, 30)


@tagged('post_install', '-at_install')
class TestOwnData(SignInCommon):

    def test_staff_edit_their_own_data(self):
        """[G08] Name, post, phone and picture, nothing of a colleague. """
        clerk = self.clerk.with_user(self.clerk)
        with Form(clerk, 'base.view_users_form_simple_modif') as form:
            form.name = 'Clara Clerk'
            form.function = 'Customer service'
            form.phone = '13800138000'
        clerk.image_1920 = PIXEL
        self.assertEqual(self.clerk.partner_id.function, 'Customer service')
        self.assertEqual(self.clerk.name, 'Clara Clerk')
        with self.assertRaises(AccessError):
            self.manager.with_user(self.clerk).function = 'Intern'
        with self.assertRaises(AccessError):
            clerk.login = 'boss'
