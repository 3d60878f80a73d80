from datetime import date

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common import PropertyCommon

NUMBER = '11010519491231002X'


@tagged('post_install', '-at_install', 'security')
class TestOnePerson(PropertyCommon, HttpCase):
    """[A24] [G25] A login is of one person, whatever phone he has and in how many homes. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Odoo lets none but administrators merge contacts of different e-mail addresses.
        cls.administrator = new_test_user(
            cls.env, 'administrator', 'base.group_system,property_base.group_property_manager')

    def _merge(self, source, target, user=None):
        wizard = self.env['base.partner.merge.automatic.wizard'].with_user(
            user or self.administrator)
        wizard._merge((source | target).ids, target.with_env(wizard.env))

    def _get_homes(self, user):
        return self.env['property.unit'].with_user(user).search([])

    def test_two_people_on_one_phone_see_each_his_own(self):
        (self.olga | self.tom).phone = '13800001111'
        self._move_in(self.flat, self.olga)
        self._move_in(self.shop, self.tom, role='tenant')
        users = [self._create_portal_user(partner) for partner in (self.olga, self.tom)]
        self.assertEqual([self._get_homes(user) for user in users], [self.flat, self.shop])

    def test_a_phone_that_changes_hands_takes_nothing_along(self):
        self.olga.phone = '13800001111'
        self._move_in(self.flat, self.olga)
        user = self._create_portal_user(self.newcomer)
        self.olga.phone = False
        self.newcomer.phone = '13800001111'
        self.assertFalse(self._get_homes(user))
        self._move_in(self.shop, self.newcomer, role='tenant')
        self.assertEqual(self._get_homes(user), self.shop)

    def test_merging_with_the_imported_contact_of_the_same_phone(self):
        """ Homes, identity, number, vehicle, pet and proposals go along; the login stays. """
        user = self._create_portal_user(self.newcomer)
        self._move_in(self.flat, self.olga, start=date(2024, 1, 1))
        self.env['property.resident'].create(
            {'partner_id': self.olga.id, 'identity_masked': NUMBER, 'workplace': "School"})
        self.env['property.resident'].create(
            {'partner_id': self.newcomer.id, 'workplace': "Bank", 'ethnicity': "汉族"})
        self.env['property.resident.number'].create(
            {'project_id': self.lakeside.id, 'name': '7', 'partner_id': self.olga.id})
        vehicle = self.env['property.vehicle'].create(
            {'name': 'L 11111', 'unit_id': self.flat.id, 'partner_id': self.olga.id})
        pet = self.env['property.pet'].create(
            {'unit_id': self.flat.id, 'partner_id': self.olga.id, 'breed': "Corgi"})
        olga = self.olga
        self._merge(olga, self.newcomer)
        self.assertFalse(olga.exists())
        self.assertEqual(user.partner_id, self.newcomer)
        self.assertEqual(self._get_homes(user), self.flat)
        resident = self.newcomer.property_resident_ids
        self.assertEqual(
            (resident.sudo().identity_number, resident.workplace, resident.ethnicity),
            (NUMBER, "Bank", "汉族"))
        self.assertEqual(vehicle.partner_id, self.newcomer)
        self.assertEqual(pet.partner_id, self.newcomer)
        number = self.env['property.resident.number'].search(
            [('project_id', '=', self.lakeside.id), ('name', '=', '7')])
        self.assertEqual(number.partner_id, self.newcomer)

    def test_both_have_a_number_in_the_project(self):
        self.env['property.resident.number'].create([
            {'project_id': self.lakeside.id, 'name': '7', 'partner_id': self.olga.id},
            {'project_id': self.hilltop.id, 'name': '7', 'partner_id': self.olga.id},
            {'project_id': self.lakeside.id, 'name': '8', 'partner_id': self.newcomer.id},
        ])
        self._merge(self.olga, self.newcomer)
        numbers = self.env['property.resident.number'].search(
            [('partner_id', '=', self.newcomer.id)])
        self.assertEqual(
            {(number.project_id, number.name) for number in numbers},
            {(self.lakeside, '8'), (self.hilltop, '7')})

    def test_who_is_there_twice_at_once_is_sorted_out_first(self):
        self._move_in(self.flat, self.olga, role='tenant')
        second = self._move_in(self.flat, self.newcomer, role='tenant', start=date(2024, 6, 1))
        with self.assertRaisesRegex(UserError, "at the same time"):
            self._merge(self.olga, self.newcomer)
        second.sudo().state = 'refused'
        self._merge(self.olga, self.newcomer)
        self.assertEqual(self.flat.tenant_ids, self.newcomer)

    def test_two_identity_numbers_are_two_people(self):
        self.env['property.resident'].create([
            {'partner_id': self.olga.id, 'identity_masked': NUMBER},
            {'partner_id': self.newcomer.id, 'identity_kind': 'passport',
             'identity_masked': 'E12345678'}])
        with self.assertRaisesRegex(UserError, "not one person"):
            self._merge(self.olga, self.newcomer)

    @mute_logger('odoo.addons.base.models.ir_rule')
    def test_a_merge_gives_nobody_the_home_of_another_project(self):
        self._move_in(self.hill_flat, self.hilda)
        self.officer.group_ids += self.env.ref('base.group_erp_manager')
        with self.assertRaises(AccessError):
            self._merge(self.hilda, self.newcomer, user=self.officer)
        self.assertTrue(self.hilda.exists())

    def test_homes_in_two_companies_under_one_login(self):
        """ Whom two companies of the database know is merged into one contact of neither. """
        known_here, known_there = self.env['res.partner'].create([
            {'name': "Wang Wu", 'phone': '13800002222', 'company_id': company.id}
            for company in (self.company, self.other_company)])
        self._move_in(self.flat, known_here)
        self._move_in(self.far_flat, known_there)
        self.administrator.company_ids |= self.other_company
        wizard = self.env['base.partner.merge.automatic.wizard'].with_user(
            self.administrator).with_context(
                allowed_company_ids=(self.company | self.other_company).ids)
        wizard._merge((known_here | known_there).ids, known_here.with_env(wizard.env))
        self.assertFalse(known_here.company_id)
        user = self._create_portal_user(known_here)
        self.assertEqual(self._get_homes(user), self.flat | self.far_flat)
        self.authenticate(user.login, user.login)
        page = self.url_open('/my').text
        for unit in (self.flat, self.far_flat):
            self.assertIn(f'/my/homes/{unit.id}', page)
            self.assertIn(unit.project_id.name, self.url_open(f'/my/homes/{unit.id}').text)
        self.far_flat.occupancy_ids.date_end = fields.Date.subtract(fields.Date.today(), days=1)
        self.assertNotIn(f'/my/homes/{self.far_flat.id}', self.url_open('/my').text)
