from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.http import Request
from odoo.tests import HttpCase, tagged
from odoo.tests.common import new_test_user

from .common import PropertyCommon


@tagged('post_install', '-at_install')
class TestAgreement(PropertyCommon, HttpCase):
    """[A62] What residents accept before they use the portal. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Agreement = cls.env['property.agreement']
        cls._move_in(cls.flat, cls.olga)
        cls.olga_user = new_test_user(
            cls.env, 'olga', 'base.group_portal', partner_id=cls.olga.id, name=cls.olga.name)
        cls.terms = cls.env.ref('property_base.agreement_terms')
        cls.privacy = cls.env.ref('property_base.agreement_privacy')

    def _post_acceptance(self, agreements, **form):
        return self.url_open('/my/agreements', data={
            'csrf_token': Request.csrf_token(self), 'accept': agreements.ids, **form})

    def test_shown_before_first_use_and_stored_with_version_time_and_address(self):
        self.authenticate('olga', 'olga')
        asked = self.url_open('/my/homes/%s?from=mail' % self.flat.id)
        self.assertIn('/my/agreements?redirect=', asked.url)
        self.assertIn('Before you go on', asked.text)
        self.assertIn('between you and %s' % self.company.name, asked.text)
        self.assertNotIn('Tower 1', asked.text, "nothing of the portal yet")

        answer = self._post_acceptance(
            self.terms, redirect='/my/homes/%s?from=mail' % self.flat.id)
        self.assertIn('/my/agreements', answer.url, "one of two is not enough")
        self.assertIn('Privacy policy', answer.text)
        self.assertNotIn('between you and', answer.text, "what is accepted is not asked again")

        answer = self._post_acceptance(
            self.privacy, redirect='/my/homes/%s?from=mail' % self.flat.id)
        self.assertTrue(answer.url.endswith('/my/homes/%s?from=mail' % self.flat.id), answer.url)
        self.assertIn('Tower 1', answer.text)

        acceptances = self.env['property.agreement.acceptance'].search(
            [('user_id', '=', self.olga_user.id)])
        self.assertEqual(acceptances.agreement_id, self.terms + self.privacy)
        self.assertEqual(set(acceptances.mapped('version')), {'1.0'})
        self.assertEqual(set(acceptances.mapped('address')), {'127.0.0.1'})
        self.assertTrue(all(acceptances.mapped('create_date')))

    def test_a_page_of_odoo_asks_too_and_staff_are_not_asked(self):
        self.authenticate('olga', 'olga')
        self.assertIn('/my/agreements', self.url_open('/my/account').url)
        self.authenticate('manager', 'manager')
        self.assertTrue(self.url_open('/my').url.endswith('/my'))

    def test_a_new_version_asks_again_and_the_old_one_stays_readable(self):
        self._accept_agreements(self.olga_user)
        self.assertFalse(self.Agreement._get_pending(self.olga_user))

        new = self.Agreement.browse(
            self.terms.with_user(self.manager).action_new_version()['res_id'])
        self.assertEqual((new.version, new.state), ('1.1', 'draft'))
        new.with_user(self.manager).body = "<p>Bicycles may be parked in the yard.</p>"
        self.assertFalse(self.Agreement._get_pending(self.olga_user), "a draft asks nobody")
        new.with_user(self.manager).action_publish()

        self.assertEqual(self.Agreement._get_pending(self.olga_user), new)
        self.assertEqual((self.terms.state, new.state), ('replaced', 'published'))
        self.authenticate('olga', 'olga')
        self.assertIn('Bicycles', self.url_open('/my').text)
        self.assertIn('between you and', self.url_open(self.terms._get_url()).text)

    def test_a_second_draft_gets_a_number_of_its_own(self):
        versions = [
            self.Agreement.browse(self.terms.action_new_version()['res_id']).version
            for _time in range(3)]
        self.assertEqual(versions, ['1.1', '1.2', '1.3'])

    def test_what_was_published_meanwhile_is_not_accepted_unread(self):
        self.authenticate('olga', 'olga')
        self.url_open('/my')
        new = self.terms.copy({'version': '2.0'})
        new.action_publish()
        answer = self._post_acceptance(self.terms + self.privacy)
        self.assertIn('/my/agreements', answer.url)
        self.assertEqual(self.Agreement._get_pending(self.olga_user), new)

    def test_published_is_not_rewritten(self):
        for vals in ({'body': "<p>Else</p>"}, {'version': '9'}, {'kind': 'privacy'},
                     {'published_at': False}, {'published_by_id': False}):
            with self.subTest(vals=vals), self.assertRaisesRegex(UserError, "stays as it was"):
                self.terms.with_user(self.manager).write(vals)
        with self.assertRaisesRegex(UserError, "stays as it was"):
            self.terms.with_user(self.manager).update_field_translations(
                'name', {'en_US': "Else"})
        with self.assertRaisesRegex(UserError, "stays as it was"):
            self.terms.with_user(self.manager).unlink()

    def test_nobody_makes_up_when_it_was_published(self):
        Agreement = self.Agreement.with_user(self.manager)
        draft = Agreement.create({'name': "Terms", 'kind': 'terms', 'version': '8', 'body': "x"})
        for vals in ({'published_at': '2020-01-01'}, {'published_by_id': self.manager.id}):
            with self.assertRaisesRegex(AccessError, "press Publish"):
                draft.write(vals)
            with self.assertRaisesRegex(AccessError, "press Publish"):
                draft.copy({'version': '9', **vals})
        draft.action_publish()
        self.assertEqual(draft.published_by_id, self.manager)

    def test_a_company_may_have_a_text_of_its_own(self):
        own = self.terms.copy({'version': '5.0', 'company_id': self.company.id})
        own.action_publish()
        self.assertEqual(self.Agreement._get_current(self.company), own + self.privacy)
        self.assertEqual(
            self.Agreement._get_current(self.other_company), self.terms + self.privacy)

    def test_with_another_company_it_is_another_agreement(self):
        """ The common text names the company: who comes to be served by another accepts hers. """
        self._accept_agreements(self.olga_user)
        self.olga_user.write({
            'company_ids': [Command.link(self.other_company.id)],
            'company_id': self.other_company.id})
        both = self.terms + self.privacy
        self.assertEqual(self.Agreement._get_pending(self.olga_user), both)
        self._accept_agreements(self.olga_user)
        self.assertFalse(self.Agreement._get_pending(self.olga_user))
        acceptances = self.env['property.agreement.acceptance'].search(
            [('user_id', '=', self.olga_user.id)])
        for company in (self.company, self.other_company):
            self.assertEqual(acceptances.filtered(
                lambda acceptance, company=company: acceptance.company_id == company
            ).agreement_id, both)

    def test_readable_without_signing_in(self):
        page = self.url_open('/agreements/%s' % self.privacy.id)
        self.assertEqual(page.status_code, 200)
        self.assertIn('responsible for your personal data', page.text)
        self.assertIn(self.privacy._get_url(), self.url_open('/web/login').text)
        draft = self.terms.copy({'version': '3.0', 'name': "Secret plans"})
        refused = self.url_open('/agreements/%s' % draft.id)
        self.assertEqual(refused.status_code, 404)
        self.assertNotIn('Secret plans', refused.text)

    def test_nobody_writes_an_acceptance_but_by_accepting(self):
        vals = {'agreement_id': self.terms.id, 'user_id': self.olga_user.id}
        for user in (self.olga_user, self.manager):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.env['property.agreement.acceptance'].with_user(user).create(vals)
