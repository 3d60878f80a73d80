import base64
import io
import re

from PIL import Image

from odoo.modules import Manifest
from odoo.tests import HttpCase, tagged
from odoo.tools import file_open

from ..tools.changelog import parse
from .common import PropertyCommon


@tagged('post_install', '-at_install')
class TestPortalPublic(PropertyCommon, HttpCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._move_in(cls.flat, cls.olga)
        cls._create_portal_user(cls.olga)
        cls.lakeside.phone = '0755-1234567'

    def _read_changelog(self, name):
        with file_open(f'property_base/{name}') as file:
            return parse(file.read())

    # === ABOUT === #

    def test_the_change_log_is_that_of_this_version_in_both_languages(self):
        """[A63] """
        english = self._read_changelog('CHANGELOG.md')
        chinese = self._read_changelog('CHANGELOG.zh_CN.md')
        self.assertEqual(english[0][0], Manifest.for_addon('property_base')['version'])
        self.assertEqual(
            [(version, day, len(items)) for version, day, items in english],
            [(version, day, len(items)) for version, day, items in chinese])

    def test_about_tells_version_and_news_to_everybody(self):
        """[A63] """
        page = self.url_open('/about').text
        (version, _day, items), *_older = self._read_changelog('CHANGELOG.md')
        self.assertIn(f'Version {version}', re.sub(r'<[^>]*>', '', page))
        self.assertIn(items[0], page)
        self.assertIn('/apply', page)
        self.assertNotIn('Parts of the suite', page)

    def test_staff_see_each_part_and_whether_one_waits_for_an_update(self):
        """[A63] """
        self.authenticate('lakeside_clerk', 'lakeside_clerk')
        page = self.url_open('/about').text
        self.assertIn('Parts of the suite', page)
        self.assertNotIn('is on the server', page)
        self.env['ir.module.module'].search(
            [('name', '=', 'property_base')]).latest_version = '19.0.0.9.0'
        self.assertIn('is on the server', self.url_open('/about').text)

    # === FIXED ADDRESSES === #

    def test_fixed_links_survive_the_sign_in(self):
        """[A83] [G21] From the menu of an official account: sign in, and be there. """
        for url in ('/my/repair/new', '/my/complaint/new', '/my/move-car/new'):
            with self.subTest(url=url):
                self.authenticate(None, None)
                page = self.url_open(url)
                self.assertIn('/web/login', page.url)
                form = dict(re.findall(
                    r'<input type="hidden" name="(redirect|csrf_token)" value="([^"]*)"',
                    page.text))
                answer = self.url_open(
                    '/web/login', data={'login': 'olga', 'password': 'olgaxxxx', **form})
                self.assertTrue(answer.url.endswith(url), answer.url)

    def test_what_is_not_installed_says_whom_to_call(self):
        """[G21] """
        self.authenticate('olga', 'olga')
        page = self.url_open('/my/repair/new')
        self.assertEqual(page.status_code, 200)
        self.assertIn('tel:0755-1234567', page.text)
        self.assertIn('not offered online yet', page.text)

    # === ON THE PHONE === #

    def test_the_poster_leads_to_the_page_of_its_project(self):
        """[A83] """
        url = self.lakeside._get_portal_url()
        html = self.env['ir.actions.report']._render_qweb_html(
            'property_base.report_poster', self.lakeside.ids)[0].decode()
        self.assertIn(url, html)
        self.assertIn('data:image/png;base64', html)
        page = self.url_open(url[len(self.lakeside.get_base_url()):]).text
        for text in ('Lakeside', 'tel:0755-1234567', '/web/login?redirect=/my', 'Add to Home'):
            self.assertIn(text, page)

    def test_an_address_names_the_city_once(self):
        for city, street, shown in (
            (False, "1 Lake Road", "1 Lake Road"), ("Anlan", "1 Lake Road", "Anlan 1 Lake Road"),
            ("Anlan", "Anlan, 1 Lake Road", "Anlan, 1 Lake Road"),
        ):
            self.lakeside.write({'city': city, 'street': street})
            page = self.url_open(f'/p/{self.lakeside.id}').text
            address = re.search(r'<div class="small">([^<]*Road)</div>', page)[1]
            self.assertEqual(address.strip(), shown)
            self.authenticate('olga', 'olga')
            self.assertEqual(self.url_open(f'/my/homes/{self.flat.id}').status_code, 200)

    def test_no_page_for_a_project_that_is_not_there(self):
        self.hilltop.active = False
        for project_id in (self.hilltop.id, 0, 2**31 - 1):
            with self.subTest(project_id=project_id):
                self.assertEqual(self.url_open(f'/p/{project_id}').status_code, 404)

    def test_the_home_screen_shows_the_company(self):
        """[A83] [G21] """
        logo = io.BytesIO()
        Image.new('RGB', (300, 80), 'green').save(logo, 'PNG')
        self.other_company.logo = base64.b64encode(logo.getvalue())
        page = self.url_open('/web/login').text
        self.assertIn(f'/property/manifest/{self.company.id}.webmanifest', page)
        for company in (self.company, self.other_company):
            manifest = self.url_open(f'/property/manifest/{company.id}.webmanifest').json()
            self.assertEqual((manifest['name'], manifest['start_url']), (company.name, '/my'))
            icons = [
                Image.open(io.BytesIO(self.url_open(icon['src']).content)).size
                for icon in manifest['icons']]
            self.assertEqual(icons, [(192, 192), (512, 512)])
        self.assertEqual(self.url_open('/property/icon/1/4000.png').status_code, 404)
        self.assertEqual(self.url_open('/property/manifest/0.webmanifest').status_code, 404)

    def test_a_page_is_titled_by_the_company(self):
        """[A01] """
        self.authenticate('olga', 'olga')
        for url, title in (
            ('/my', self.company.name), ('/my/submissions', f'My requests · {self.company.name}'),
        ):
            found = re.search(r'<title>(.*?)</title>', self.url_open(url).text)[1]
            self.assertEqual(found.replace('&#39;', "'"), title)
