import base64
from datetime import date

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import PropertyCommon

PDF = base64.b64encode(b'%PDF-1.4 drawing')


@tagged('post_install', '-at_install')
class TestDocument(PropertyCommon, HttpCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Document = cls.env['property.document']
        cls.plan = cls.Document.with_user(cls.officer).create({
            'name': "Water supply", 'kind': 'drawing', 'building_id': cls.tower.id, 'file': PDF,
            'file_name': 'water.pdf'}).sudo()

    def test_place_follows_from_its_narrowest_part(self):
        """[A41] [C31] Of a unit, of a building, of a project. """
        self.assertEqual((self.plan.project_id, self.plan.version), (self.lakeside, 1))
        deed = self.Document.create({'name': "Deed", 'unit_id': self.flat.id, 'file': PDF})
        self.assertEqual((deed.building_id, deed.project_id), (self.tower, self.lakeside))
        with self.assertRaises(ValidationError):
            deed.building_id = self.hill_house

    def test_new_version_takes_the_place_of_the_one_before(self):
        """[A41] [C31] Which stays in the archive; two next versions of one are refused. """
        action = self.plan.with_user(self.officer).action_new_version()
        new = self.Document.with_user(self.officer).with_context(**action['context']).create(
            {'file': PDF})
        self.assertEqual(
            (new.name, new.building_id, new.version, new.previous_id, self.plan.active),
            ("Water supply", self.tower, 2, self.plan, False))
        self.assertEqual(self.Document.search([('building_id', '=', self.tower.id)]), new)
        self.plan.active = True
        again = self.Document.with_user(self.officer).with_context(**action['context'])
        with (mute_logger('odoo.sql_db'), self.assertRaises(IntegrityError),
              self.cr.savepoint()):
            again.create({'file': PDF})

    def test_expired_documents_are_found(self):
        """[A41] A licence past its last day. """
        licence = self.Document.create({
            'name': "Lift licence", 'kind': 'licence', 'project_id': self.lakeside.id,
            'file': PDF, 'date': date(2023, 1, 1), 'date_expiry': date(2023, 12, 31)})
        self.assertTrue(licence.is_expired)
        self.assertEqual(self.Document.search([('is_expired', '=', True)]) & licence, licence)
        licence.date_expiry = fields.Date.context_today(licence)
        self.assertFalse(licence.is_expired)
        with self.assertRaises(ValidationError):
            licence.date_expiry = date(2022, 1, 1)

    def test_rights_by_project_and_building(self):
        """[A41] [G07] Readers read, officers keep, nobody sees another project's or company's. """
        self.assertEqual(self.plan.with_user(self.clerk).file, PDF)
        with self.assertRaises(AccessError):
            self.plan.with_user(self.clerk).name = "Mine"
        for stranger in (self.hill_officer, self.far_manager):
            with self.assertRaises(AccessError):
                self.plan.with_user(stranger).read(['name', 'file'])
        with self.assertRaises(AccessError):
            self.Document.with_user(self.hill_officer).create(
                {'name': "Spy", 'building_id': self.tower.id, 'file': PDF})

    def test_file_opens_in_the_browser_for_who_may_see_it(self):
        """[A41] On a phone the browser shows it; a stranger's link gives nothing. """
        url = self.plan.action_open_file()['url']
        self.authenticate('lakeside_clerk', 'lakeside_clerk')
        page = self.url_open(url)
        self.assertEqual((page.status_code, page.content), (200, b'%PDF-1.4 drawing'))
        self.assertEqual(self.plan.preview, 'pdf')
        self.authenticate('hilltop_officer', 'hilltop_officer')
        self.assertNotEqual(self.url_open(url).content, b'%PDF-1.4 drawing')
