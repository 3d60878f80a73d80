import base64
import io
import re

from freezegun import freeze_time
from PIL import Image

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.http import Request
from odoo.tests import HttpCase, tagged

from .common import PropertyCommon


def make_picture(width):
    file = io.BytesIO()
    Image.new('RGB', (width, 10), 'green').save(file, 'PNG')
    return file.getvalue()


PICTURE = make_picture(30)


@tagged('post_install', '-at_install')
class TestFeedback(PropertyCommon, HttpCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._move_in(cls.flat, cls.olga)
        cls._move_in(cls.hill_flat, cls.hilda)
        cls.olga_user = cls._create_portal_user(cls.olga)
        cls.hilda_user = cls._create_portal_user(cls.hilda)
        cls.olga_user.tz = 'Asia/Shanghai'
        cls.Feedback = cls.env['property.feedback']

    def _submit(self, user=None, kind='problem', text="The lift is stuck", **values):
        return self.Feedback.with_user(user or self.olga_user)._submit(
            kind, text, **{'project': self.lakeside, **values})

    def _post(self, files=None, **form):
        return self.url_open(
            '/my/feedback/new', data={'csrf_token': Request.csrf_token(self), **form}, files=files)

    def _get_width(self, url):
        """ Of the picture that the browser is given. """
        return Image.open(io.BytesIO(self.url_open(url).content)).width

    # === ONCE A DAY === #

    def test_one_problem_and_one_suggestion_a_day(self):
        """[A60] """
        self._submit()
        with self.assertRaisesRegex(ValidationError, "tomorrow"):
            self._submit(text="And the lamp is broken")
        self._submit(kind='suggestion', text="A bench in the yard")
        self._submit(self.hilda_user, project=self.hilltop)
        self.assertEqual(self.Feedback._get_left_today(self.olga_user), [])
        self.assertEqual(self.Feedback._get_left_today(self.hilda_user), ['suggestion'])

    def test_the_day_is_that_of_the_owner(self):
        """[A60] 16:00 in Greenwich is midnight in Shanghai. """
        with freeze_time('2026-03-05 15:59:00'):
            self.assertEqual(str(self._submit().sudo().date), '2026-03-05')
        with freeze_time('2026-03-05 16:01:00'):
            self.assertEqual(str(self._submit().sudo().date), '2026-03-06')
        with freeze_time('2026-03-06 15:59:00'), self.assertRaisesRegex(ValidationError, "today"):
            self._submit()
        self.hilda_user.tz = 'Europe/Berlin'
        with freeze_time('2026-03-05 22:59:00'):
            self._submit(self.hilda_user)
        with freeze_time('2026-03-05 23:01:00'):
            self._submit(self.hilda_user)

    def test_no_way_round_it(self):
        """[A60] By JSON-RPC, by a kind of staff, or by somebody else's name. """
        Feedback = self.Feedback.with_user(self.olga_user)
        with self.assertRaises(AccessError):
            Feedback.create({'kind': 'suggestion', 'description': "Directly"})
        with self.assertRaises(AccessError):
            Feedback.submit_about_system("As if I were staff")
        with self.assertRaises(ValidationError):
            self._submit(kind='staff')

    # === THE LOOP === #

    def test_reported_accepted_answered_read(self):
        """[A59] [A60] Each step with who took it and when. """
        feedback = self._submit(text="The lift is stuck\nsince Monday")
        with self.assertRaises(UserError):
            feedback.with_user(self.officer).action_answer()  # without a word
        with freeze_time('2030-01-02 01:00:00'):
            feedback.with_user(self.officer).action_accept()
        with freeze_time('2030-01-02 09:00:00'):
            feedback.with_user(self.officer).answer = "The part arrives on Friday."
            self.assertFalse(feedback._get_steps()[2]['text'])  # written, not given yet
            with self.assertRaises(AccessError):
                feedback.with_user(self.olga.user_ids).read(['answer'])
            feedback.with_user(self.officer).action_answer()
        with self.assertRaisesRegex(UserError, "Only the person"):
            feedback.with_user(self.officer).action_read()
        with self.assertRaisesRegex(UserError, "stays as it is"):
            feedback.with_user(self.officer).description = "Nothing was stuck"

        self.authenticate('olga', 'olga')
        page = self.url_open('/my/feedback/%s' % feedback.id).text
        for text in ("The part arrives on Friday.", self.officer.name, "since Monday"):
            self.assertIn(text, page)
        self.url_open(
            '/my/feedback/%s' % feedback.id, data={'csrf_token': Request.csrf_token(self)})
        self.assertEqual(feedback.sudo().state, 'read')
        steps = feedback._get_steps()
        self.assertEqual(
            [step['who'] for step in steps],
            ['Olga Owner', self.officer.name, self.officer.name, 'Olga Owner'])
        self.assertEqual(str(steps[1]['date']), '2030-01-02 01:00:00')
        self.assertEqual(steps[2]['text'], "The part arrives on Friday.")

    def test_the_person_is_told_only_if_he_wants(self):
        """[A60] [G19] """
        told = self._submit(progress={'tells_progress': True})
        silent = self._submit(kind='suggestion', progress={'tells_progress': False})
        for feedback in (told, silent):
            feedback.with_user(self.officer).action_accept()
        messages = self.env['property.notification'].search([('partner_id', '=', self.olga.id)])
        self.assertEqual(messages.mapped('subject'), ["Your feedback has been accepted"])
        self.assertEqual(messages.url, f'/my/feedback/{told.id}')

    def test_who_sees_what(self):
        """[A60] [A66] Staff of the project those of its residents; nobody else's but managers. """
        of_olga = self._submit()
        of_hilda = self._submit(self.hilda_user, project=self.hilltop)
        of_staff = self.Feedback.browse(
            self.Feedback.with_user(self.clerk).submit_about_system("Too many clicks"))
        seen = {
            user.login: self.Feedback.with_user(user).search([]) for user in (
                self.olga_user, self.officer, self.hill_officer, self.clerk, self.manager)}
        everything = (of_olga + of_hilda + of_staff).sudo()
        self.assertEqual(seen['olga'], of_olga)
        self.assertEqual(seen['lakeside_officer'], of_olga)
        self.assertEqual(seen['hilltop_officer'], of_hilda)
        self.assertEqual(seen['lakeside_clerk'], of_staff)
        self.assertEqual(seen['manager'] & everything, everything)
        with self.assertRaises(AccessError):
            of_staff.with_user(self.clerk).answer = "To myself"

    def test_the_front_page_counts_what_waits_for_an_answer(self):
        """[A60] """
        feedback = self._submit()
        self._submit(self.hilda_user, project=self.hilltop)

        def count():
            cards = self.env['property.home'].with_user(self.officer).get_home()['cards']
            return [item['count'] for card in cards for item in card.get('items', ())
                    if item['key'] == 'feedback']

        self.assertEqual(count(), [1])
        feedback.with_user(self.officer).write({'answer': "Mended."})
        feedback.with_user(self.officer).action_answer()
        self.assertEqual(count(), [])

    # === PAGES === #

    def test_sent_from_the_phone_with_a_picture(self):
        """[A60] """
        self.authenticate('olga', 'olga')
        answer = self._post(
            kind='problem', description="Water in the cellar", tells_progress='1',
            files={'picture': ('cellar.png', PICTURE, 'image/png')})
        self.assertIn('sent=1', answer.url)
        feedback = self.Feedback.search([('description', '=', "Water in the cellar")])
        self.assertEqual(feedback.project_id, self.lakeside)
        self.assertEqual(feedback.partner_id, self.olga)
        self.assertTrue(feedback.tells_progress)
        picture = feedback.picture_ids
        self.assertEqual(picture.raw, PICTURE)
        link = re.search(r'href="(/web/image/[^"]*)"', answer.text)[1]
        self.assertEqual(self._get_width(link), 30)

        again = self._post(kind='problem', description="And in the garage")
        self.assertIn("tomorrow", again.text)
        self.assertIn("And in the garage", again.text, "what was typed is not lost")
        self.assertIn('You have sent one of these today', self.url_open(
            '/my/feedback/new?kind=problem').text)

        self.authenticate('hilda', 'hilda')
        self.assertNotEqual(
            self._get_width('/web/image/%s' % picture.id), 30, "a stranger gets a placeholder")
        self.assertTrue(
            self.url_open('/my/feedback/%s' % feedback.id).url.endswith('/my/feedback'))

    def test_what_is_no_picture_is_refused(self):
        self.authenticate('olga', 'olga')
        answer = self._post(
            kind='problem', description="Look",
            files={'picture': ('a.png', b'<script>', 'image/png')})
        self.assertIn("is not a picture", answer.text)
        self.assertFalse(self.Feedback.search([('user_id', '=', self.olga_user.id)]))

    def test_a_project_of_others_is_not_named(self):
        self.authenticate('olga', 'olga')
        self._move_in(self.shop, self.olga)
        self._move_in(self.hill_flat, self.olga, role='tenant')
        self._post(kind='problem', description="Which one?", project_id=str(self.faraway.id))
        feedback = self.Feedback.search([('user_id', '=', self.olga_user.id)])
        self.assertFalse(feedback.project_id)

    # === MY REQUESTS === #

    def test_all_submissions_in_one_list(self):
        """[A59] Of every domain, newest first, with the steps. """
        change = self.env['property.resident.change'].with_user(self.officer).create({
            'occupancy_id': self.env['property.occupancy'].search(
                [('partner_id', '=', self.olga.id)]).id,
            'name': "Olga Ownerova", 'reason': "As in the passport"})
        self._submit()
        self._submit(self.hilda_user, text="Of Hilda alone", project=self.hilltop)
        self.authenticate('olga', 'olga')
        self.assertIn('/my/submissions', self.url_open('/my').text)
        page = self.url_open('/my/submissions').text
        self.assertIn("The lift is stuck", page)
        self.assertIn("As in the passport", page)
        self.assertIn(self.officer.name, page, "who proposed it")
        self.assertNotIn("Of Hilda alone", page)

        change.with_user(self.olga_user).action_confirm()
        change.with_user(self.manager).action_apply()
        steps = change._get_steps()
        self.assertEqual(
            [step['who'] for step in steps],
            [self.officer.name, "Olga Ownerova", self.manager.name])
        self.assertTrue(all(step['date'] for step in steps))

    def test_a_refused_change_has_no_step_to_come(self):
        """[A59] """
        change = self.env['property.resident.change'].with_user(self.officer).create({
            'occupancy_id': self.env['property.occupancy'].search(
                [('partner_id', '=', self.olga.id)]).id,
            'share': 50, 'reason': "Half was sold"})
        change.with_user(self.olga_user).action_refuse()
        self.assertEqual(
            [(step['label'], step['who']) for step in change._get_steps()],
            [("Proposed by the office", self.officer.name), ("Refused by the owner", "Olga Owner")])

    def test_empty_pages(self):
        self.authenticate('hilda', 'hilda')
        self.assertIn("Nothing sent yet", self.url_open('/my/submissions').text)
        self.assertIn("No feedback yet", self.url_open('/my/feedback').text)

    # === STAFF === #

    def test_staff_tell_about_a_screen_with_its_picture(self):
        """[A82] """
        feedback = self.Feedback.browse(self.Feedback.with_user(self.clerk).submit_about_system(
            "The list is slow", "Fewer columns", base64.b64encode(PICTURE).decode(),
            'https://example.com/odoo/property-units'))
        own = feedback.with_user(self.clerk)
        self.assertEqual((own.kind, own.user_id, own.proposal), (
            'staff', self.clerk, "Fewer columns"))
        self.assertEqual(feedback.picture_ids.raw, PICTURE)
        own.with_user(self.manager).write({'answer': "Done."})
        own.with_user(self.manager).action_answer()
        own.action_read()
        self.assertEqual(own.state, 'read')
