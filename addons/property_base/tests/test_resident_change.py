from datetime import date, timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import PropertyCommon

NUMBER = '11010519491231002X'


@tagged('post_install', '-at_install', 'security')
class TestResidentChange(PropertyCommon, HttpCase):
    """[A18] Core data change only by a proposal: the owner confirms, an administrator applies. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lakeside.approves_residents = True
        cls.owner = cls._move_in(cls.flat, cls.olga)
        cls.tenant = cls._move_in(cls.flat, cls.tom, role='tenant')
        cls.resident = cls.env['property.resident'].create(
            {'partner_id': cls.olga.id, 'identity_kind': 'passport',
             'identity_masked': 'E12345678'})
        for name in ('olga', 'tom', 'hilda'):
            setattr(cls, f'{name}_user', cls._create_portal_user(getattr(cls, name)))
        cls.approver = cls._create_staff('approver', 'group_property_officer', cls.lakeside)
        cls.approver.group_ids = [Command.link(
            cls.env.ref('property_base.group_resident_approve').id)]

    def _propose(self, occupancy=None, user=None, **values):
        return self.env['property.resident.change'].with_user(user or self.officer).create({
            'occupancy_id': (occupancy or self.owner).id, 'reason': "Misspelt", **values})

    def test_whose_word_counts_is_told(self):
        """[A18] [G19] The owner, in his inbox; not the tenant whom it is about. """
        change = self._propose(self.tenant, name="Tom Tennant")
        message = self.env['property.notification'].search(
            [('url', '=', f'/my/changes/{change.id}')])
        self.assertEqual(message.partner_id, self.olga)
        self.assertEqual(message.category_id.code, 'approval')
        self.assertIn("Tom Tenant", message.body)
        self.assertEqual(message.project_id, self.lakeside)

    def test_proposed_confirmed_applied(self):
        change = self._propose(
            name="Olga Ower", identity_kind='card', identity_masked=NUMBER, share=50)
        self.assertEqual(
            [(label, old, new) for label, old, new in change._get_differences()],
            [('Full name', 'Olga Owner', 'Olga Ower'),
             ('Identity paper', 'Passport', 'Resident identity card'),
             ('Identity number', '*********', '110***********002X'),
             ('Share (%)', 100.0, 50.0)])
        self.assertEqual(self.olga.name, 'Olga Owner', "a proposal changes nothing")
        with self.assertRaisesRegex(UserError, "not confirmed"):
            change.with_user(self.approver).action_apply()
        change.with_user(self.olga_user).action_confirm()
        self.assertEqual(
            (change.state, change.confirmation, change.confirmed_by_id),
            ('confirmed', 'portal', self.olga))
        self.assertEqual(self.olga.name, 'Olga Owner', "nor does the owner's word alone")
        change.with_user(self.approver).action_apply()
        self.assertEqual(change.state, 'applied')
        self.assertEqual((self.olga.name, self.owner.share), ('Olga Ower', 50))
        self.assertEqual(self.resident.sudo().identity_number, NUMBER)
        self.assertFalse(change.sudo().identity_number)
        self.assertIn('Olga Owner', change.difference_text, "the history keeps what was")

    def test_core_fields_are_locked_others_are_not(self):
        for user in (self.officer, self.approver, self.manager):
            owner = self.owner.with_user(user)
            for refused in (
                lambda owner=owner: owner.write({'share': 50}),
                lambda owner=owner: owner.write({'role': 'user'}),
                lambda owner=owner: owner.write({'date_start': date(2023, 1, 1)}),
                lambda owner=owner: owner.write({'partner_id': self.tom.id}),
                lambda owner=owner: owner.write({'unit_id': self.shop.id}),
                lambda owner=owner: owner.partner_id.write({'name': "Other"}),
                lambda user=user: self.resident.with_user(user).write({'identity_masked': NUMBER}),
                lambda user=user: self.resident.with_user(user).write({'identity_kind': 'card'}),
            ):
                with self.subTest(user=user.login), self.assertRaisesRegex(
                        UserError, "owner's word"):
                    refused()
        self.resident.with_user(self.officer).write(
            {'phone': '13800001111', 'street': "1 Lake Road", 'workplace': "School"})
        self.assertEqual(self.olga.phone, '13800001111')
        self.owner.with_user(self.officer).write({'is_payer': False, 'share': 100})
        tenant = self.tenant.with_user(self.officer)
        tenant.date_end = date(2030, 1, 1)  # to move out is no correction
        with self.assertRaisesRegex(UserError, "owner's word"):
            tenant.date_end = date(2031, 1, 1)

    def test_without_the_switch_and_while_pending_data_are_free(self):
        pending = self.env['property.occupancy'].with_user(self.officer).create(
            {'unit_id': self.next_flat.id, 'partner_id': self.newcomer.id})
        pending.write({'share': 50, 'date_start': date(2024, 5, 1)})
        self.newcomer.with_user(self.officer).name = "Nina N."
        self.lakeside.approves_residents = False
        self.owner.with_user(self.officer).share = 50
        self.olga.with_user(self.officer).name = "Olga O."
        hill = self._move_in(self.hill_flat, self.hilda)
        self.lakeside.approves_residents = True
        with self.assertRaisesRegex(UserError, "owner's word"):
            hill.with_user(self.manager).unit_id = self.shop

    def test_whose_word_counts(self):
        """ An owner speaks for himself, and the owner for his tenant; nobody else does. """
        of_owner = self._propose(name="Olga O.")
        of_tenant = self._propose(self.tenant, name="Tom T.")
        for change, user in ((of_owner, self.tom_user), (of_owner, self.hilda_user),
                             (of_tenant, self.tom_user), (of_tenant, self.hilda_user),
                             (of_owner, self.officer), (of_owner, self.manager)):
            with self.subTest(user=user.login), mute_logger('odoo.addons.base.models.ir_rule'), \
                    self.assertRaises(AccessError):
                change.with_user(user).action_confirm()
        of_tenant.with_user(self.olga_user).action_confirm()
        of_owner.with_user(self.olga_user).action_refuse()
        self.assertEqual((of_owner.state, of_tenant.state), ('refused', 'confirmed'))
        with self.assertRaisesRegex(UserError, "answered already"):
            of_owner.with_user(self.olga_user).action_confirm()

    def test_owner_without_a_login_signs_on_paper(self):
        change = self._propose(name="Olga O.")
        with self.assertRaisesRegex(UserError, "signed"):
            change.action_confirm_on_paper()
        change.proof_ids = [Command.create({'name': 'signed.pdf', 'raw': b'%PDF'})]
        change.action_confirm_on_paper()
        self.assertEqual((change.state, change.confirmation), ('confirmed', 'paper'))
        change.with_user(self.approver).action_apply()
        self.assertEqual(self.olga.name, "Olga O.")

    @mute_logger('odoo.addons.base.models.ir_model', 'odoo.addons.base.models.ir_rule')
    def test_nobody_gets_round_the_owner(self):
        change = self._propose(name="Olga O.", state='confirmed', confirmation='portal')
        self.assertEqual((change.state, change.confirmation), ('proposed', False))
        for user in (self.officer, self.manager):
            for vals in ({'state': 'confirmed'}, {'name': "Somebody"}, {'original': {}}):
                with self.assertRaisesRegex(UserError, "as the owner reads it"):
                    change.with_user(user).write(vals)
        with self.assertRaises(AccessError):
            change.action_apply()
        own = self._propose(user=self.approver, name="Olga A.")
        own.with_user(self.olga_user).action_confirm()
        with self.assertRaisesRegex(UserError, "yourself"):
            own.action_apply()
        for attack in (
            lambda: change.with_user(self.olga_user).write({'name': 'X'}),
            lambda: change.with_user(self.olga_user).write({'proof_ids': [Command.clear()]}),
            lambda: change.with_user(self.olga_user).read(['identity_number']),
            lambda: self.env['property.resident.change'].with_user(self.olga_user).create(
                {'occupancy_id': self.owner.id, 'name': 'X', 'reason': 'x'}),
            lambda: self.owner.with_user(self.olga_user).write({'share': 1}),
            lambda: self.owner.with_user(self.olga_user).action_approve(),
            lambda: self.resident.with_user(self.olga_user).write({'workplace': 'x'}),
            lambda: self.olga.with_user(self.olga_user).write({'name': 'x'}),
        ):
            with self.assertRaises(AccessError):
                attack()
        with self.assertRaisesRegex(UserError, "owner's word"):
            self.olga.with_user(self.olga_user).sudo().name = "By the address form"
        self.assertFalse(self.env['property.resident.change'].with_user(
            self.hill_officer).search([]))

    def test_what_changed_meanwhile_is_not_overwritten(self):
        change = self._propose(share=50)
        change.with_user(self.olga_user).action_confirm()
        self.owner.share = 60
        with self.assertRaisesRegex(UserError, "have changed since"):
            change.with_user(self.approver).action_apply()

    def test_nothing_to_change(self):
        with self.assertRaisesRegex(UserError, "Nothing would change"):
            self._propose()

    def test_owner_confirms_on_his_phone(self):
        change = self._propose(self.tenant, date_end=fields.Date.today() + timedelta(days=30))
        self.authenticate('olga', 'olga')
        home = self.url_open('/my').text
        self.assertIn(f'/my/changes/{change.id}', home)
        page = self.url_open(f'/my/changes/{change.id}').text
        self.assertIn('Tom Tenant', page)
        self.assertIn(fields.Date.to_string(change.date_end), page)
        token = page.split('name="csrf_token" value="')[1].split('"')[0]
        self.authenticate('hilda', 'hilda')
        self.assertTrue(self.url_open(f'/my/changes/{change.id}').url.endswith('/my'))
        self.authenticate('olga', 'olga')
        page = self.url_open(f'/my/changes/{change.id}').text
        token = page.split('name="csrf_token" value="')[1].split('"')[0]
        response = self.url_open(
            f'/my/changes/{change.id}', data={'answer': 'confirm', 'csrf_token': token})
        self.assertEqual(response.status_code, 200)
        self.assertEqual(change.state, 'confirmed')
        self.assertNotIn('name="answer"', response.text)
        self.assertNotIn(f'/my/changes/{change.id}', self.url_open('/my').text)

    def test_ten_proposals_cost_the_portal_as_much_as_one(self):
        """[A18] Whose word counts is asked of all together: of the tenant the owner's. """
        def ask(changes):
            self.env.invalidate_all()
            with self.assertQueryCount(3):
                return set(changes._get_confirmers().values())

        changes = self.env['property.resident.change']
        for number in range(10):
            person = self.env['res.partner'].create({'name': f"Guest {number}"})
            stay = self._move_in(self.flat, person, role='tenant')
            changes += self._propose(stay, name=f"Guest No. {number}")
        self.assertEqual(ask(changes[:1]), {self.olga})
        self.assertEqual(ask(changes), {self.olga})

    def test_no_word_of_the_owner_by_context(self):
        """[A18] A proposal begins as one, whatever defaults come with it. """
        change = self.env['property.resident.change'].with_user(self.officer).with_context(
            default_state='confirmed', default_confirmation='portal',
            default_confirmed_by_id=self.olga.id,
        ).create({'occupancy_id': self.owner.id, 'reason': "Misspelt", 'share': 50})
        self.assertEqual(change.state, 'proposed')
        self.assertFalse(change.confirmation)
        self.assertFalse(change.confirmed_by_id)

    def test_signature_stays_as_it_was_shown(self):
        """[A18] """
        change = self._propose(share=50)
        paper, other = self.env['ir.attachment'].with_user(self.officer).create([
            {'name': 'signed.pdf', 'raw': b'%PDF-1.4'}, {'name': 'other.pdf', 'raw': b'%PDF-1.4'}])
        change.proof_ids = paper
        self.assertEqual((paper.res_model, paper.res_id), (change._name, change.id))
        change.action_confirm_on_paper()
        with self.assertRaisesRegex(UserError, "stays as the owner reads it"):
            change.proof_ids = other

    def test_identity_does_not_go_to_another_person(self):
        """[A18] """
        with self.assertRaisesRegex(UserError, "Person of Olga Owner changes only"):
            self.resident.with_user(self.officer).partner_id = self.newcomer
