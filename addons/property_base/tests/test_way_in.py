import io
import re
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.http import Request
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common import PropertyCommon

NUMBER = '11010519491231002X'
PNG = bytes.fromhex(
    '89504e470d0a1a0a0000000d4948445200000001000000010806000000'
    '1f15c4890000000d49444154789c6360f8cf500f0003860180'
    '5a34457f0000000049454e44ae426082')


class WayInCommon(PropertyCommon, HttpCase):
    signed_in = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['res.lang']._activate_lang('en_US')
        cls.env['ir.default'].set('res.partner', 'lang', 'en_US')
        (cls.olga | cls.tom | cls.fred | cls.hilda | cls.yara | cls.newcomer
         | cls.clerk.partner_id).lang = 'en_US'
        cls.ownership = cls._move_in(cls.flat, cls.olga)
        cls.env['property.resident'].create({'partner_id': cls.olga.id, 'identity_masked': NUMBER})
        cls.user = cls._create_portal_user(cls.newcomer)
        cls.Request = cls.env['property.home.request']
        cls.Invitation = cls.env['property.invitation']

    def _open(self, login, url, data=None, files=None):
        if self.signed_in != (login,):
            self.authenticate(login, login)
            self.signed_in = (login,)
        if data is None:
            return self.url_open(url)
        token = Request.csrf_token(self)
        return self.url_open(url, data={'csrf_token': token, **data}, files=files)

    def _main(self, page):
        """ What the page says, without its frame. """
        return page.text.partition('<section class="o_property_form')[2].partition('</section>')[0]

    def _get_requests(self, user=None):
        return self.Request.search([('user_id', '=', (user or self.user).id)])


@tagged('post_install', '-at_install')
class TestWayIn(WayInCommon):
    """[A53] [G35] From a login to a home, page by page. """

    def test_first_login_leads_from_step_to_step(self):
        """[A53] [A58] """
        self.newcomer.name = '138****1111'
        page = self._open('nina', '/my')
        self.assertIn('o_property_way_next', page.text)
        self.assertIn('href="/my/profile"', page.text)
        self.assertNotIn('Tower 1', page.text)
        page = self._open('nina', '/my/homes/add/proof')
        self.assertTrue(page.url.endswith('/my/profile'), "nothing before he says who he is")
        page = self._open('nina', '/my/profile', {
            'name': "Olga Owner", 'email': 'o@example.com', 'emergency_name': "Pia",
            'emergency_phone': '110'})
        self.assertTrue(page.url.endswith('/my/identity'), page.url)
        self.assertEqual(self.newcomer.property_resident_ids.emergency_name, "Pia")
        page = self._open('nina', '/my/identity', {
            'name': "Olga Owner", 'kind': 'card', 'number': '110105194912310021'})
        self.assertIn('cannot be the number', self._main(page))
        page = self._open('nina', '/my/identity', {
            'name': "Olga Owner", 'kind': 'card', 'number': NUMBER})
        self.assertTrue(page.url.endswith('/my/homes/add'), page.url)
        page = self._open('nina', '/my/homes/add/identity', {'project_id': self.lakeside.id})
        self.assertIn('/my/homes?notice=asked', page.url)
        self.assertIn('Waiting for approval', page.text)
        self.assertEqual(self._get_requests().match_id, self.olga)
        page = self._open('nina', '/my')
        self.assertIn('waiting', page.text)
        self.assertIn("Confirm who you are", page.text, "no step goes while the office looks")
        self.assertNotIn('Tower 1', page.text)
        self._get_requests().with_user(self.manager).action_approve()
        page = self._open('nina', '/my')
        self.assertIn('Tower 1-Entrance 1-101', page.text)
        self.assertNotIn('o_property_way', page.text)
        page = self._open('nina', '/my/submissions')
        self.assertIn(self.manager.name, page.text, "[A59] who approved it")
        page = self._open('nina', '/my/profile')
        self.assertIn('110***********002X', page.text)
        self.assertIn('certified', page.text)
        self.assertNotIn(NUMBER, page.text)

    def test_a_proof_with_photos(self):
        """[A53] """
        self._identify()
        form = {'project_id': self.lakeside.id, 'unit_text': " Annex  S1", 'role': 'tenant',
                'proof_kind': 'lease', 'note': "<b>hi</b>"}
        page = self._open('nina', '/my/homes/add/proof', form)
        self.assertIn('Add a photo', self._main(page))
        page = self._open('nina', '/my/homes/add/proof', form, {
            'proof': ('lease.png', io.BytesIO(b'<script>alert(1)</script>'), 'image/png')})
        self.assertIn('send photos', page.text)
        self.assertFalse(self._get_requests())
        page = self._open('nina', '/my/homes/add/proof', form, {
            'proof': ('lease.png', io.BytesIO(PNG), 'image/png')})
        self.assertIn('notice=asked', page.url)
        asked = self._get_requests()
        self.assertEqual(
            (asked.unit_text, asked.role, asked.proof_kind, asked.proof_ids.mimetype),
            ("Annex S1", 'tenant', 'lease', 'image/png'))
        self.assertFalse(asked.unit_id)
        page = self._open('nina', '/my/homes/add/proof', form, {
            'proof': ('lease.png', io.BytesIO(PNG), 'image/png')})
        self.assertIn('asked for this home already', page.text)
        with self.subTest("nobody else reads the photos"):
            self._create_portal_user(self.tom)
            url = f'/web/content/{asked.proof_ids.id}'
            for login in ('tom', 'nina', None):
                with mute_logger('odoo.http'):
                    self.assertEqual(self._open(login, url).status_code, 404)
        page = self._open('nina', '/my/homes/withdraw', {'request_id': asked.id})
        self.assertIn('Withdrawn', page.text)

    def test_a_refusal_stands_on_the_start_page(self):
        """[A53] Who was refused is not shown the bare step again, as if he had never asked. """
        self._identify()
        asked = self.env['property.home.request']._ask(self.newcomer.user_ids, {
            'way': 'proof', 'project_id': self.lakeside.id, 'unit_text': "Annex S1",
            'role': 'owner', 'proof_kind': 'title'})
        asked.with_user(self.manager).reason = "The photo is blurred."
        asked.with_user(self.manager).action_refuse()
        page = self._open('nina', '/my')
        self.assertIn("The photo is blurred.", page.text)
        self.env['property.home.request']._ask(self.newcomer.user_ids, {
            'way': 'proof', 'project_id': self.lakeside.id, 'unit_text': "Annex S1",
            'role': 'owner', 'proof_kind': 'title'})
        self.assertNotIn("blurred", self._open('nina', '/my').text, "he has asked again")

    def _identify(self, partner=None, number=NUMBER):
        self.env['property.resident'].create(
            {'partner_id': (partner or self.newcomer).id, 'identity_masked': number})

    def test_no_oracle(self):
        """[A53] Whether somebody of the register is found, the person does not learn. """
        twin = new_test_user(self.env, 'twin', 'base.group_portal')
        self._accept_agreements(twin)
        self.newcomer.name = "Olga Owner"
        self._identify()
        self._identify(twin.partner_id, '440301198001010018')
        answers = []
        for login in ('nina', 'twin'):
            page = self._open(login, '/my/homes/add/identity', {'project_id': self.lakeside.id})
            answers.append(self._main(page))
        answers = [re.sub(r'value="[^"]*"', '', a) for a in answers]
        self.assertEqual(*answers)
        self.assertTrue(self._get_requests().match_id)
        self.assertFalse(self._get_requests(twin).match_id)
        self.assertNotIn('Olga', answers[0])

    def test_code_of_a_bill(self):
        """[A53] [G35] The address survives the sign-in and the steps. """
        code = self.Invitation._issue_printed(self.flat).code
        self.newcomer.name = '138****1111'
        page = self._open(None, f'/my/join/{code}')
        self.assertIn('/web/login', page.url)
        self.assertIn(f'redirect=%2Fmy%2Fjoin%2F{code}', page.url)
        page = self._open('nina', f'/my/join/{code}')
        self.assertTrue(page.url.endswith('/my/profile'), page.url)
        page = self._open('nina', '/my/profile', {'name': "Nina"})
        self.assertTrue(page.url.endswith('/my/identity'), page.url)
        page = self._open('nina', '/my/identity', {'name': "Nina", 'number': NUMBER})
        self.assertTrue(page.url.endswith(f'/my/join/{code}'), page.url)
        self.assertIn('Lakeside', page.text)
        for secret in ('Tower 1', '>Olga'):
            self.assertNotIn(secret, page.text)
        page = self._open('nina', '/my/join', {'typed': f'{code[:5]}-{code[5:]}'.lower()})
        self.assertIn('Link your home', self._main(page))
        self.assertFalse(self._get_requests(), "looking asks for nothing")
        page = self._open('nina', f'/my/join/{code}', {})
        self.assertIn('notice=asked', page.url)
        self.assertEqual(self._get_requests().unit_id, self.flat)
        page = self._open('nina', f'/my/join/{code}')
        self.assertIn('cannot be used', page.text)

    def test_codes_are_not_found_by_trying(self):
        """[A53] [A55] """
        code = self.Invitation._issue_printed(self.flat).code
        self._identify()
        for number in range(10):
            self._open('nina', f'/my/join/{code[:-1]}{"23456789AB"[number]}')
        page = self._open('nina', f'/my/join/{code}')
        self.assertIn('too many attempts', page.text)
        self.assertNotIn('Link your home', page.text)

    def test_identity_numbers_are_not_found_by_trying(self):
        """[A53] """
        for _attempt in range(5):
            self._open('nina', '/my/identity', {'name': "Nina", 'number': NUMBER})
        page = self._open('nina', '/my/identity', {'name': "Nina", 'number': NUMBER})
        self.assertIn('too many attempts', page.text)

    def test_family_scans_the_code(self):
        """[A55] [A56] """
        self._create_portal_user(self.olga)
        url = f'/my/homes/{self.flat.id}/family'
        page = self._open('olga', url)
        self.assertIn('Make a code', page.text)
        page = self._open('olga', url, {})
        self.assertIn('data:image', page.text)
        old = self.Invitation._get_family(self.ownership)
        self._open('olga', url, {})
        new = self.Invitation._get_family(self.ownership)
        self.assertNotEqual(old, new)
        page = self._open('nina', f'/my/join/{old.code}')
        self.assertIn('cannot be used', page.text, "refreshed is over")
        page = self._open('nina', f'/my/join/{new.code}')
        self.assertIn('Olga Owner', page.text)
        page = self._open('nina', f'/my/join/{new.code}', {'relation': 'child'})
        self.assertIn('notice=joined', page.url)
        self.assertIn('Tower 1-Entrance 1-101', page.text)
        self.newcomer.phone = '13800001111'
        page = self._open('olga', url)
        for text in ("Nina Newcomer", "Child", "138****1111"):
            self.assertIn(text, self._main(page))
        self.assertNotIn('13800001111', page.text)
        member = self.flat.occupancy_ids - self.ownership
        page = self._open('olga', '/my/homes/leave', {'occupancy_id': member.id})
        self.assertIn('notice=left', page.url)
        self.assertNotIn('Tower 1', self._open('nina', '/my').text)

    def test_family_waits_where_residents_are_approved(self):
        """[A55] """
        self.lakeside.approves_residents = True
        self._create_portal_user(self.olga)
        code = self.Invitation._issue_family(self.ownership).code
        self._open('nina', f'/my/join/{code}', {'relation': 'child'})
        page = self._open('nina', '/my').text
        self.assertNotIn('Tower 1', page)
        self.assertIn('See my requests', page, "nothing is left for him to do")
        self.assertNotIn('/my/identity', page)
        page = self._open('olga', f'/my/homes/{self.flat.id}/family').text
        self.assertIn('Nina Newcomer', page)
        self.assertIn('waits for the office', page)

    def test_owner_card(self):
        """[A57] """
        self._create_portal_user(self.olga)
        page = self._open('olga', '/my/card')
        self.assertIn('data:image', page.text)
        token = self.env['res.users'].search([('login', '=', 'olga')])._get_card_token()
        page = self._open('nina', f'/card/{token}')
        self.assertIn('card of a resident', page.text)
        self.assertNotIn('Olga', page.text)
        self.assertIn('/web/login', self._open(None, f'/card/{token}').url)
        page = self._open(self.clerk.login, f'/card/{token}x')
        self.assertIn('not valid', page.text)
        response = self.url_open(f'/card/{token}', allow_redirects=False)
        self.assertTrue(response.headers['Location'].endswith(
            f'/odoo/action-property_base.property_customer_action/{self.olga.id}'))
        self.assertTrue(self._open('nina', '/my/card').url.endswith('/my'), "without a home")


@tagged('post_install', '-at_install', 'security')
class TestWayInAttacks(WayInCommon):
    """[A54] [A55] [A57] A resident of home A asks for home B, in every way there is. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tenancy = cls._move_in(cls.flat, cls.tom, role='tenant')
        cls.member = cls._move_in(cls.flat, cls.hilda, role='family', share=0)
        cls.former = cls._move_in(
            cls.next_flat, cls.fred, end=fields.Date.today() - timedelta(days=2))
        cls.neighbour = cls._move_in(cls.next_flat, cls.yara, start=fields.Date.today())
        for partner in (cls.olga, cls.tom, cls.hilda, cls.fred, cls.yara):
            cls._create_portal_user(partner)

    PEOPLE = {
        # who: (his unit, whether he may invite family to it)
        'olga': ('flat', True), 'tom': ('flat', True), 'hilda': ('flat', False),
        'yara': ('next_flat', True), 'fred': (None, False), 'nina': (None, False),
    }

    def test_every_page_as_everybody(self):
        """[A54] [A56] """
        for login, (own, invites) in self.PEOPLE.items():
            for name in ('flat', 'next_flat', 'hill_flat'):
                unit = getattr(self, name)
                with self.subTest(login=login, unit=name):
                    page = self._open(login, f'/my/homes/{unit.id}')
                    self.assertEqual(f'/my/homes/{unit.id}' in page.url, name == own)
                    page = self._open(login, f'/my/homes/{unit.id}/family')
                    self.assertEqual('/family' in page.url, name == own and invites)
            with self.subTest(login=login):
                page = self._open(login, '/my/homes').text
                for name in ('flat', 'next_flat'):
                    self.assertEqual(getattr(self, name).complete_name in page, name == own)
                self.assertEqual('/my/card' in self._open(login, '/my/card').url, bool(own))
                for url in ('/my/profile', '/my/identity', '/my/join', '/my/homes/add'):
                    self.assertEqual(self._open(login, url).status_code, 200)

    def test_anonymous_signs_in_first(self):
        for url in ('/my/profile', '/my/identity', '/my/homes', '/my/homes/add', '/my/card',
                    '/my/join/ABCDEFGHJK', f'/my/homes/{self.flat.id}/family', '/card/x'):
            with self.subTest(url=url):
                page = self._open(None, url)
                self.assertIn('/web/login', page.url)
                self.assertNotIn('Tower 1', page.text)

    def test_nobody_removes_whom_he_has_no_right_to(self):
        """[A54] [A56] """
        rights = {
            'olga': self.ownership | self.member, 'tom': self.tenancy, 'hilda': self.member,
            'yara': self.neighbour,
        }
        occupancies = self.ownership | self.tenancy | self.member | self.neighbour | self.former
        for login in self.PEOPLE:
            user = self.env['res.users'].search([('login', '=', login)])
            for occupancy in occupancies - rights.get(login, occupancies.browse()):
                with self.subTest(login=login, occupancy=occupancy.display_name):
                    self._open(login, '/my/homes/leave', {'occupancy_id': occupancy.id})
                    self.assertFalse(self._get_requests(user))
        self.assertFalse((self.ownership | self.tenancy | self.member | self.neighbour).filtered(
            lambda occupancy: not occupancy.is_live))

    def test_a_link_puts_no_words_into_our_mouth(self):
        """ What is said on the page is ours; why he cannot leave now stands there all the same. """
        page = self._open('olga', '/my/homes?notice=Call+400-123-4567+and+pay')
        self.assertIn('Tower 1-Entrance 1-101', self._main(page))
        self.assertNotIn('400-123-4567', self._main(page))
        for _time in range(2):
            page = self._open('olga', '/my/homes/leave', {'occupancy_id': self.ownership.id})
        self.assertIn('asked for this home already', page.text)
        self.assertIn('Remove: Tower 1-Entrance 1-101 · Olga', self._main(page))

    def test_nobody_withdraws_the_request_of_another(self):
        asked = self.Request._ask(self.user, {
            'way': 'proof', 'project_id': self.lakeside.id, 'unit_text': "x", 'role': 'owner'})
        self._open('tom', '/my/homes/withdraw', {'request_id': asked.id})
        self.assertEqual(asked.state, 'pending')

    def test_a_former_owners_old_links(self):
        """[A53] [A55] His codes, his card, his home: over with his ownership. """
        invitation = self.Invitation._issue_family(self.neighbour)
        card = self.env['res.users'].search([('login', '=', 'yara')])._get_card_token()
        self.neighbour.write({'date_start': fields.Date.today() - timedelta(days=1)})
        self.neighbour.date_end = fields.Date.today() - timedelta(days=1)
        url = f'/my/homes/{self.next_flat.id}'
        for address in (url, f'{url}/family', '/my/card'):
            page = self._open('yara', address)
            self.assertNotIn(self.next_flat.complete_name, page.text)
        self.assertIn('cannot be used', self._open('nina', f'/my/join/{invitation.code}').text)
        self.assertIn(
            'none of your projects', self._open(self.clerk.login, f'/card/{card}').text)
        self._open('yara', '/my/homes/leave', {'occupancy_id': self.neighbour.id})
        self.assertFalse(self._get_requests(self.env['res.users'].search(
            [('login', '=', 'yara')])))

    @mute_logger('odoo.http')
    def test_by_rpc(self):
        """[A54] Neither JSON-RPC nor /json/2 gives what the pages do not. """
        invitation = self.Invitation._issue_printed(self.next_flat)
        self.Request._ask(self.user, {
            'way': 'proof', 'project_id': self.lakeside.id, 'unit_id': self.next_flat.id})
        key = self.env['res.users.apikeys'].with_user(
            self.env['res.users'].search([('login', '=', 'tom')]))._generate(
                'rpc', "test", fields.Datetime.now() + timedelta(days=1))
        attempts = [
            ('property.unit', 'read', {'ids': self.next_flat.ids, 'fields': ['name']}),
            ('property.occupancy', 'read', {'ids': self.neighbour.ids, 'fields': ['partner_id']}),
            ('property.home.request', 'search_read', {'domain': [], 'fields': ['unit_id']}),
            ('property.home.request', 'create', {'vals_list': [{
                'user_id': self.user.id, 'partner_id': self.tom.id,
                'project_id': self.lakeside.id, 'unit_id': self.next_flat.id,
                'state': 'approved'}]}),
            ('property.home.request', 'action_approve', {'ids': self._get_requests().ids}),
            ('property.invitation', 'search_read', {'domain': [], 'fields': ['code']}),
            ('property.invitation', 'create', {'vals_list': [{
                'unit_id': self.next_flat.id, 'partner_id': self.tom.id, 'role': 'owner'}]}),
            ('property.card.scan', 'create', {'vals_list': [{'code': 'x'}]}),
            ('property.guess', 'search_read', {'domain': []}),
            ('res.users', '_open_card', {'token': 'x'}),
            ('property.home.request', '_ask', {'user': 2, 'vals': {}}),
        ]
        self._open('tom', '/my')
        for model, method, kwargs in attempts:
            with self.subTest(model=model, method=method):
                answer = self.opener.post(
                    f'{self.base_url()}/json/2/{model}/{method}', json=kwargs,
                    headers={'Authorization': f'Bearer {key}'})
                self.assertIn(answer.status_code, (403, 404), answer.text[:300])
                kwargs = dict(kwargs)
                args = [kwargs.pop('ids')] if 'ids' in kwargs else []
                answer = self.url_open(
                    f'/web/dataset/call_kw/{model}/{method}', json={'params': {
                        'model': model, 'method': method, 'args': args, 'kwargs': kwargs}}).json()
                self.assertIn('error', answer)
                self.assertRegex(answer['error']['data']['name'], 'AccessError|AttributeError')
        self.assertEqual(self._get_requests().state, 'pending')
        self.assertEqual(invitation.uses, 0)


@tagged('post_install', '-at_install', 'security')
class TestRegister(WayInCommon):
    """[A53] [A58] [G35] Somebody without a login makes one. """

    def setUp(self):
        super().setUp()
        self.codes = []
        self.patch(
            self.env.registry['property.verification'], '_deliver',
            lambda verification, purpose, code, phone, email: self.codes.append((phone, code)))

    def _post(self, step, **form):
        return self.url_open(self.address, data={
            'csrf_token': Request.csrf_token(self), 'step': step, **form})

    def _start(self, redirect='/my'):
        self.authenticate(None, None)
        self.address = f'/register?redirect={redirect}'
        return self.url_open(self.address)

    def _get_user(self, login):
        return self.env['res.users'].search([('login', '=', login)])

    def _agree(self, page):
        """ To the agreements, which come first; returns the page that he was on his way to. """
        self.assertIn('/my/agreements', page.url)
        return self.url_open(page.url, data={
            'csrf_token': re.search(r'csrf_token: "([^"]+)"', page.text)[1],
            'accept': re.findall(r'id="accept_(\d+)"', page.text)})

    def test_by_phone(self):
        """[A53] [A58] Phone, code, password; and the address that he came for. """
        code = self.Invitation._issue_family(self.ownership).code
        self._start(f'/my/join/{code}')
        self.assertIn('Enter a mobile number', self._post('phone', phone='12345').text)
        page = self._post('phone', phone='138 0000 1111')
        self.assertEqual(self.codes[-1][0], '+8613800001111')
        self.assertIn('autocomplete="one-time-code"', page.text)
        self.assertEqual(page.text.count('Another number, or a new code'), 1)
        wrong = '000000' if self.codes[-1][1] != '000000' else '111111'
        self.assertIn('wrong or no longer valid', self._post('code', code=wrong).text)
        page = self._post('code', code=self.codes[-1][1])
        self.assertIn('13800001111', page.text)
        self.assertIn('differ', self._post(
            'password', password='Lakeside-2026', confirm='Lakeside-2027').text)
        # In tests of other modules OCA's password_security checks nothing.
        with patch.object(type(self), 'test_module', 'password_security'):
            page = self._post('password', password='1', confirm='1').text
        self.assertIn('alert-danger', page)
        self.assertIn('name="password"', page)
        page = self._agree(
            self._post('password', password='Lakeside-2026', confirm='Lakeside-2026'))
        user = self._get_user('13800001111')
        self.assertTrue(user._is_portal())
        self.assertEqual((user.phone, user.name), ('13800001111', '138****1111'))
        self.assertTrue(user.partner_id.property_resident_ids.is_phone_certified)
        self.assertTrue(page.url.endswith('/my/profile'), page.url)
        token = re.search(r'csrf_token: "([^"]+)"', page.text)[1]
        page = self.url_open(
            '/my/profile', data={'csrf_token': token, 'name': "Little Olga"})
        self.assertTrue(page.url.endswith(f'/my/join/{code}'), page.url)
        self.assertNotIn('Tower 1', self.url_open('/my').text)

    def test_no_step_is_skipped(self):
        self._start()
        page = self._post('password', password='Lakeside-2026', confirm='Lakeside-2026')
        self.assertIn('Enter a mobile number', page.text)
        self._post('phone', phone='13800001111')
        page = self._post('password', password='Lakeside-2026', confirm='Lakeside-2026')
        self.assertFalse(self._get_user('13800001111'))
        self.assertNotIn('name="password"', page.text)
        self._start()
        self._post('phone', phone='13800002222')
        self.assertIn('wrong or no longer valid', self._post('code', code=self.codes[0][1]).text)

    def test_who_comes_back_types_the_code_that_is_on_its_way(self):
        """[A53] [A58] There is no other one within a minute. """
        self._start()
        self._post('phone', phone='13800001111')
        page = self._post('phone', phone='138 0000 1111').text
        self.assertIn('138****1111 less than a minute ago', page)
        self.assertIn('name="code"', page)
        self.assertIn('Another number, or a new code', page)
        self.assertIn('name="password"', self._post('code', code=self.codes[0][1]).text)

        self.authenticate('nina', 'nina')
        self.address = '/my/profile/phone'
        self._post('', phone='13900002222')
        page = self._post('', phone='13900002222').text
        self.assertIn('139****2222 less than a minute ago', page)
        self.assertIn('name="code"', page)
        page = self._post('', phone='13900002222', code=self.codes[1][1])
        self.assertEqual(self.newcomer.phone, '13900002222')

    def test_a_phone_that_is_a_login_already(self):
        """[A53] Before the code nobody learns it; after it, another person gets another login. """
        self.user.login = '13800001111'
        self._start()
        page = self._post('phone', phone='13800001111').text
        self.assertNotIn('login already', page)
        page = self._post('code', code=self.codes[-1][1]).text
        self.assertIn('has the login', page)
        self.assertIn('13800001111-2', page)
        self._post('password', password='Lakeside-2026', confirm='Lakeside-2026')
        other = self._get_user('13800001111-2')
        self.assertEqual(other.phone, '13800001111')
        self.assertNotEqual(other.partner_id, self.user.partner_id)

    def test_by_invitation_without_a_phone(self):
        """[A53] """
        code = self.Invitation._issue_printed(self.flat).code
        self._start(f'/my/join/{code[:-1]}')
        form = {'email': 'New@Example.com', 'password': 'Lakeside-2026', 'confirm': 'Lakeside-2026'}
        self.assertIn('cannot be used', self._post('email', **form).text)
        self.assertFalse(self._get_user('new@example.com'))
        self._start(f'/my/join/{code}')
        page = self._agree(self._post('email', **form))
        self.assertTrue(page.url.endswith('/my/profile'), page.url)
        user = self._get_user('new@example.com')
        self.assertFalse(user._has_profile())
        self.assertFalse(user.partner_id.property_resident_ids.is_phone_certified)
        self._start(f'/my/join/{code}')
        with mute_logger('odoo.sql_db'):
            self.assertIn('is a login already', self._post('email', **form).text)

    def test_phone_of_the_profile(self):
        """[A58] A number is certified by a code; the login follows. """
        self.user.login = self.newcomer.phone = '13800001111'
        self.user.password = 'Lakeside-2026'
        self.authenticate('13800001111', 'Lakeside-2026')
        self.address = '/my/profile/phone'
        self._post('', phone='13900002222')
        self.assertEqual(self.newcomer.phone, '13800001111')
        page = self._post('', phone='13800001111', code='000000')
        self.assertIn('wrong or no longer valid', page.text)
        page = self._post('', phone='13900002222', code=self.codes[-1][1])
        self.assertIn('13900002222', page.text)
        self.assertIn('certified', page.text)
        self.assertEqual((self.newcomer.phone, self.user.login), ('13900002222', '13900002222'))

    def test_data_change_on_the_own_page_only(self):
        """[A58] Odoo's form of addresses would take a phone that has answered no code. """
        self.newcomer.phone = '13800001111'
        self.assertIn('href="/my/profile"', self._open('nina', '/my').text)
        self.assertNotIn('href="/my/addresses"', self._open('nina', '/my').text)
        for url in ('/my/account', '/my/addresses', '/my/address'):
            self.assertTrue(self._open('nina', url).url.endswith('/my/profile'), url)
        answer = self._open('nina', '/my/address/submit', {
            'partner_id': self.newcomer.id, 'name': 'Nina', 'phone': '13900002222',
            'email': 'nina@example.com', 'street': 'Lake Road 1', 'city': 'Anlan', 'zip': '100000',
            'country_id': self.env.ref('base.cn').id, 'required_fields': 'name,email'})
        self.assertEqual(answer.json(), {'redirectUrl': '/my/profile'})
        self.assertEqual(self.newcomer.phone, '13800001111')

    def test_the_login_page_leads_there_and_back(self):
        """[G35] The fixed address of the official account's menu. """
        self.authenticate(None, None)
        page = self.url_open('/my/card')
        self.assertIn('/register?redirect=%2Fmy%2Fcard', page.text)
