from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged


@tagged('post_install', '-at_install')
class TestVerification(TransactionCase):

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())
        self.Verification = self.env['property.verification']
        self.codes = iter(['111111', '222222', '333333', '444444', '555555', '666666'])
        self.enterContext(patch.object(
            self.env.registry['property.verification'], '_generate_code',
            lambda _self: next(self.codes)))

    def _wait(self, **pause):
        """ Let time pass for what was sent so far. """
        self.env.cr.execute(
            "UPDATE property_verification SET create_date = create_date - %(pause)s, "
            "date_end = date_end - %(pause)s", {'pause': timedelta(**pause)})
        self.env.invalidate_all()

    def test_code_reaches_the_phone(self):
        """[G06] """
        self.Verification._send('reset', phone='138 0013 8000')
        sms = self.env['sms.sms'].search([('number', '=', '+8613800138000')])
        self.assertIn('111111', sms.body)
        self.assertEqual(sms.state, 'outgoing')
        self.assertNotIn('111111', self.Verification.search([], limit=1).code_hash)

    def test_code_reaches_the_mailbox(self):
        """[G06] """
        self.Verification._send('reset', email='Olga@Example.com')
        mail = self.env['mail.mail'].search([('email_to', '=', 'olga@example.com')])
        self.assertIn('111111', mail.body_html)
        self.assertTrue(self.Verification._check('reset', 'olga@example.com', '111111'))

    def test_right_code_counts_once(self):
        """[G06] """
        self.Verification._send('reset', phone='13800138000')
        self.assertFalse(self.Verification._check('reset', '13800138000', '000000'))
        self.assertTrue(self.Verification._check('reset', '+86 138-0013-8000', ' 111111 '))
        self.assertFalse(self.Verification._check('reset', '13800138000', '111111'))

    def test_code_is_for_one_purpose_and_address(self):
        """[G06] """
        self.Verification._send('phone', phone='13800138000')
        self.assertFalse(self.Verification._check('reset', '13800138000', '111111'))
        self.assertFalse(self.Verification._check('phone', '13800138001', '111111'))
        self.assertTrue(self.Verification._check('phone', '13800138000', '111111'))

    def test_guessing_ends_after_five_tries(self):
        """[G06] """
        self.Verification._send('reset', phone='13800138000')
        for _try in range(5):
            self.assertFalse(self.Verification._check('reset', '13800138000', '999999'))
        self.assertFalse(self.Verification._check('reset', '13800138000', '111111'))

    def test_code_ends_after_five_minutes(self):
        """[G06] """
        self.Verification._send('reset', phone='13800138000')
        self._wait(minutes=4, seconds=50)
        self._wait(seconds=20)
        self.assertFalse(self.Verification._check('reset', '13800138000', '111111'))

    def test_only_the_last_code_counts(self):
        """[G06] """
        self.Verification._send('reset', phone='13800138000')
        self._wait(seconds=61)
        self.Verification._send('reset', phone='13800138000')
        self.assertFalse(self.Verification._check('reset', '13800138000', '111111'))
        self.assertTrue(self.Verification._check('reset', '13800138000', '222222'))

    def test_one_a_minute_and_five_an_hour(self):
        """[G06] For one address, whatever the purpose. """
        self.Verification._send('reset', phone='13800138000')
        with self.assertRaisesRegex(UserError, r'138\*\*\*\*8000 less than a minute ago'):
            self.Verification._send('login', phone='+8613800138000')
        for _code in range(4):
            self._wait(seconds=61)
            self.Verification._send('reset', phone='13800138000')
        self._wait(seconds=61)
        with self.assertRaisesRegex(UserError, 'has received 5 codes within an hour'):
            self.Verification._send('reset', phone='13800138000')
        self._wait(minutes=56)
        self.Verification._send('reset', phone='13800138000')

    def test_nonsense_instead_of_a_login_is_answered_like_any_other(self):
        """[G06] """
        for _time in range(2):
            self.env['res.users']._send_reset_code('@')
        self.assertEqual(self.Verification.search_count([('address', '=', '@')]), 1)

    def test_thirty_an_hour_from_one_network(self):
        """[G06] """
        now = fields.Datetime.now()
        self.Verification.create([{
            'purpose': 'register', 'address': f'+86138001380{number}', 'source': '192.0.2.7',
            'date_end': now,
        } for number in range(10, 40)])
        with patch.object(
                self.env.registry['property.verification'], '_get_source',
                lambda _self: '192.0.2.7'), \
                self.assertRaisesRegex(UserError, 'from your network'):
            self.Verification._send('register', phone='13900139000')
        self.Verification._send('register', phone='13900139000')

    def test_landline_and_nonsense_are_refused(self):
        """[G06] """
        for address in ('010-65551234', '12345', 'x'):
            with self.assertRaisesRegex(UserError, 'no mobile number'):
                self.Verification._send('reset', phone=address)
        with self.assertRaisesRegex(UserError, 'no mobile number'):
            self.Verification._send('reset', email='olga')
        self.assertFalse(self.Verification._check('reset', '', '111111'))
