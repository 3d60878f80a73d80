from odoo.exceptions import AccessError, UserError
from odoo.http import Request
from odoo.tests import HttpCase, tagged

from .common import PropertyCommon

FORM = {'name': "Hilltop Services Ltd", 'contact_name': "Wang Li", 'phone': "0755 8888 0000"}


@tagged('post_install', '-at_install')
class TestApplication(PropertyCommon, HttpCase):
    """[A61] Another property company asks for the service, without an account. """

    def _post(self, **form):
        self.authenticate(None, None)
        return self.url_open('/apply', data={'csrf_token': Request.csrf_token(self), **form})

    def _get_applications(self):
        return self.env['property.application'].search([('name', '=', FORM['name'])])

    def test_it_arrives_and_is_taken_care_of(self):
        answer = self._post(**FORM, city="Shenzhen", scale="3 projects, 4,000 rooms")
        self.assertIn("has arrived", answer.text)
        application = self._get_applications().with_user(self.manager)
        self.assertEqual((application.state, application.scale), ('new', "3 projects, 4,000 rooms"))
        application.action_contacted()
        self.assertEqual(application.user_id, self.manager)
        application.action_won()
        with self.assertRaisesRegex(UserError, "decided already"):
            application.action_decline()

    def test_the_empty_form_has_every_field(self):
        page = self.url_open('/apply').text
        for name in ('name', 'contact_name', 'phone', 'email', 'city', 'scale', 'note'):
            self.assertRegex(page, f'<(input|textarea)[^>]* name="{name}"')

    def test_what_is_missing_is_said_and_what_was_typed_stays(self):
        answer = self._post(name=FORM['name'], phone="call me")
        self.assertIn("whom to ask for", answer.text)
        self.assertIn(FORM['name'], answer.text)
        answer = self._post(**{**FORM, 'phone': "call me"})
        self.assertIn("check the phone number", answer.text)
        self.assertFalse(self._get_applications())

    def test_a_machine_falls_into_the_trap_and_notices_nothing(self):
        answer = self._post(**FORM, website_url="http://spam.example")
        self.assertIn("has arrived", answer.text)
        self.assertFalse(self._get_applications())

    def test_three_a_day_from_one_address(self):
        for _time in range(3):
            self.assertIn("has arrived", self._post(**FORM).text)
        self.assertIn("tomorrow", self._post(**FORM).text)
        self.assertEqual(len(self._get_applications()), 3)

    def test_a_visitor_sets_no_other_field(self):
        self._post(**FORM, state='won', user_id=str(self.manager.id), active='')
        application = self._get_applications()
        self.assertEqual((application.state, application.user_id.id), ('new', False))

    def test_for_managers_only(self):
        self._post(**FORM)
        self.assertTrue(self._get_applications().with_user(self.manager).phone)
        with self.assertRaises(AccessError):
            self._get_applications().with_user(self.officer).read(['phone'])
