from datetime import timedelta

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL, hash_sign, mute_logger

from .common import PropertyCommon

NUMBER = '11010519491231002X'
OTHER_NUMBER = '440301198001010018'


class HomeRequestCommon(PropertyCommon):
    """ Olga owns 101 and stands in the register; Nina has registered on the portal. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ownership = cls._move_in(cls.flat, cls.olga)
        cls.env['property.resident'].create({'partner_id': cls.olga.id, 'identity_masked': NUMBER})
        cls.approver = cls._create_staff('approver', 'group_property_user', cls.lakeside)
        cls.approver.group_ids = [Command.link(
            cls.env.ref('property_base.group_resident_approve').id)]
        cls.user = cls._create_portal_user(cls.newcomer)
        cls.Request = cls.env['property.home.request']
        cls.Invitation = cls.env['property.invitation']

    def _identify(self, user, name, number):
        user.partner_id.name = name
        self.env['property.resident'].create(
            {'partner_id': user.partner_id.id, 'identity_masked': number})

    def _ask(self, user=None, **vals):
        return self.Request._ask(user or self.user, {
            'way': 'proof', 'project_id': self.lakeside.id, 'unit_text': "1-101", 'role': 'owner',
            **vals})

    def _get_homes(self, user):
        return self.env['property.unit'].with_user(user).search([])

    def _staff(self, record, user=None):
        return record.with_user(user or self.approver)


@tagged('post_install', '-at_install', 'security')
class TestHomeRequest(HomeRequestCommon):
    """[A53] [A54] Nothing of a home is seen before the office has looked at who asks. """

    def test_photos_of_a_proof_are_not_kept_for_ever(self):
        """[G20] 90 days after the answer they are gone; what was decided stays. """
        waiting, answered = self._ask(), self._ask(unit_text="1-102")
        for request in (waiting, answered):
            request.proof_ids = [Command.create({'name': 'contract.jpg', 'raw': b'photo'})]
        answered.write({'unit_id': self.shop.id, 'reason': "No room 102"})
        self._staff(answered).action_refuse()
        for days, left in ((89, 1), (91, 0)):
            self.env.flush_all()
            self.env.cr.execute(SQL(
                "UPDATE property_home_request SET write_date = %s",
                fields.Datetime.now() - timedelta(days=days)))
            self.env.invalidate_all()
            self.Request._gc_proofs()
            self.assertEqual(len(answered.proof_ids), left)
        self.assertTrue(waiting.proof_ids)
        self.assertEqual((answered.state, answered.decided_by_id), ('refused', self.approver))

    # === THREE WAYS === #

    def test_identity_data_that_match_give_the_login_to_the_registered_person(self):
        """[A53] [A85] One person, one login: Olga's homes, and Olga is certified. """
        self._identify(self.user, "Olga  Owner", NUMBER.lower())
        request = self.Request._ask_by_identity(self.user, self.lakeside)
        self.assertEqual(request.match_id, self.olga)
        self.assertEqual(self.user.partner_id, self.newcomer)
        self.assertFalse(self._get_homes(self.user), "asked for is not given")
        self.assertIn('home_request', [
            item['key'] for item in self.env['property.home'].with_user(
                self.approver)._get_reminders(self.lakeside) if item['count']])
        self._staff(request).action_approve()
        self.assertEqual((request.state, request.decided_by_id), ('approved', self.approver))
        self.assertEqual(self.user.partner_id, self.olga)
        self.assertFalse(self.newcomer.exists())
        self.assertEqual(self._get_homes(self.user), self.flat)
        self.assertEqual(self.flat.occupancy_ids, self.ownership, "no second occupancy")
        resident = self.olga.property_resident_ids
        self.assertEqual(
            (resident.certification, resident.certified_by_id), ('review', self.approver))

    def test_identity_data_must_match_both_and_in_this_project(self):
        self._identify(self.user, "Olga Owner", OTHER_NUMBER)
        self.assertFalse(self.Request._ask_by_identity(self.user, self.lakeside).match_id)
        stranger = new_test_user(self.env, 'stranger', 'base.group_portal')
        self._identify(stranger, "Somebody Else", NUMBER)
        self.assertFalse(self.Request._ask_by_identity(stranger, self.lakeside).match_id)
        namesake = new_test_user(self.env, 'namesake', 'base.group_portal')
        self._identify(namesake, "Olga Owner", NUMBER)
        self.assertFalse(self.Request._ask_by_identity(namesake, self.hilltop).match_id)

    def test_without_a_match_the_office_says_unit_and_role(self):
        self._identify(self.user, "Nina", OTHER_NUMBER)
        request = self.Request._ask_by_identity(self.user, self.lakeside)
        self._staff(request).unit_id = self.shop
        with self.assertRaisesRegex(UserError, "in which role Nina lives in Annex-S1"):
            self._staff(request).action_approve()
        self._staff(request).role = 'tenant'
        self._staff(request).action_approve()
        self.assertEqual(self._get_homes(self.user), self.shop)

    def test_code_of_a_bill_leads_to_the_payer(self):
        """[A53] """
        invitation = self.Invitation._issue_printed(self.flat)
        self.assertEqual((invitation.partner_id, invitation.role), (self.olga, 'owner'))
        request = self.Request._ask_by_invitation(self.user, invitation)
        self.assertFalse(self._get_homes(self.user))
        self.assertFalse(invitation.is_open, "it serves once")
        self._staff(request).action_approve()
        self.assertEqual(self.user.partner_id, self.olga)
        self.assertEqual(self._get_homes(self.user), self.flat)

    def test_with_a_proof_a_new_resident_moves_in(self):
        """[A53] The photos go along to the occupancy. """
        request = self._ask(unit_text="2 Annex S1", role='tenant', proof_kind='lease')
        request.proof_ids = [Command.create({
            'name': 'lease.jpg', 'raw': b'x', 'res_model': request._name, 'res_id': request.id})]
        with self.assertRaisesRegex(UserError, "Choose the unit"):
            self._staff(request).action_approve()
        self._staff(request).unit_id = self.shop
        self._staff(request).action_approve()
        occupancy = self.shop.occupancy_ids
        self.assertEqual(
            (occupancy.partner_id, occupancy.role, occupancy.state, occupancy.proof_ids),
            (self.newcomer, 'tenant', 'approved', request.proof_ids))
        self.assertEqual(request.occupancy_id, occupancy)
        self.assertEqual(self._get_homes(self.user), self.shop)
        self.assertFalse(self.newcomer.property_resident_ids.certification, "no number, no proof")

    def test_refused_with_a_reason_that_the_person_reads(self):
        request = self._ask()
        with self.assertRaisesRegex(UserError, "Write the answer"):
            self._staff(request).action_refuse()
        self._staff(request).reason = "The photo cannot be read."
        self._staff(request).action_refuse()
        self.assertEqual(request.state, 'refused')
        self.assertFalse(self._get_homes(self.user))
        message = self.env['property.notification'].search(
            [('partner_id', '=', self.newcomer.id)])
        self.assertIn("cannot be read", message.body)
        self.assertIn(request.unit_text, message.body, "which of his requests it was")
        with self.assertRaisesRegex(UserError, "answered meanwhile: Refused"):
            self._staff(request).action_approve()
        self._ask()  # and asks again

    def test_a_login_belongs_to_the_company_that_serves_the_home(self):
        """[A53] [A62] It was made before anybody knew which: its texts are to be accepted. """
        text = self.env.ref('property_base.agreement_terms').copy(
            {'version': '5.0', 'company_id': self.other_company.id})
        text.action_publish()
        request = self._ask(project_id=self.faraway.id, role='tenant')
        self._staff(request, self.far_manager).unit_id = self.far_flat
        self._staff(request, self.far_manager).action_approve()
        self.assertEqual(self._get_homes(self.user), self.far_flat)
        self.assertEqual(self.user.company_id, self.other_company)
        self.assertIn(text, self.env['property.agreement']._get_pending(self.user))

        request = self._ask(unit_id=self.shop.id, role='tenant')
        self._staff(request).action_approve()
        self.assertEqual(self.user.company_id, self.other_company, "he lives there, too")
        self.assertEqual(self.user.company_ids, self.company | self.other_company)

    # === WHO IS WHOM === #

    def test_the_certified_phone_is_what_the_office_has_from_then_on(self):
        """[A58] """
        self.olga.phone = '13500000000'
        self.user._change_phone('13800001111')
        self._identify_again(NUMBER)
        request = self.Request._ask_by_identity(self.user, self.lakeside)
        self._staff(request).action_approve()
        self.assertEqual(self.olga.phone, '13800001111')
        self.assertTrue(self.olga.property_resident_ids.is_phone_certified)
        self.olga.phone = '13500000000'
        self.assertFalse(self.olga.property_resident_ids.is_phone_certified)

    def _identify_again(self, number):
        self.newcomer.name = "Olga Owner"
        self.newcomer.property_resident_ids.identity_masked = number

    def test_phone_shared_by_two_people(self):
        """[A53] A phone makes nobody the other: the office sees both, and says who it is. """
        self._move_in(self.flat, self.tom, role='tenant')
        (self.olga | self.newcomer).phone = '13800001111'
        self.tom.phone = '+86 138 0000 1111'
        self.env.flush_all()  # Odoo's search of phones asks the database itself
        request = self._ask(role='tenant')
        self.assertFalse(request.match_id)
        self.assertEqual(self._staff(request).candidate_ids, self.olga | self.tom)
        self._staff(request).match_id = self.tom
        self.assertEqual(
            request.match_text,
            "Tower 1-Entrance 1-101 · Another name · No identity number to compare · Same phone")
        self._staff(request).action_approve()
        self.assertEqual(self.user.partner_id, self.tom)
        self.assertEqual(
            self.env['property.occupancy'].with_user(self.user).search([]).partner_id, self.tom)

    def test_one_person_has_one_login(self):
        """[A53] """
        self._create_portal_user(self.olga)
        request = self._ask(unit_id=self.flat.id, match_id=self.olga.id)
        with self.assertRaisesRegex(UserError, "Olga Owner has the login olga already"):
            self._staff(request).action_approve()
        self.assertEqual(request.state, 'pending')

    def test_two_identity_numbers_are_two_people(self):
        self._identify(self.user, "Olga Owner", OTHER_NUMBER)
        request = self._ask(unit_id=self.flat.id, match_id=self.olga.id)
        with self.assertRaisesRegex(UserError, "not one person"), self.cr.savepoint():
            self._staff(request).action_approve()

    def test_no_login_for_homes_that_the_approver_does_not_answer_for(self):
        """ Olga has a flat on the hill, too: a colleague who sees both projects decides. """
        self._move_in(self.hill_flat, self.olga)
        request = self._ask(unit_id=self.flat.id, match_id=self.olga.id)
        with self.assertRaisesRegex(UserError, "homes that you are not responsible for"):
            self._staff(request).action_approve()
        self._staff(request, self.manager).action_approve()
        self.assertEqual(self._get_homes(self.user), self.flat | self.hill_flat)

    def test_a_second_home_of_a_person_with_a_login(self):
        """[A54] What was given before stays. """
        self._move_in(self.next_flat, self.newcomer, role='tenant')
        self._identify(self.user, "Olga Owner", NUMBER)
        request = self.Request._ask_by_identity(self.user, self.lakeside)
        self._staff(request).action_approve()
        self.assertEqual(self._get_homes(self.user), self.flat | self.next_flat)

    # === ATTACKS === #

    @mute_logger('odoo.addons.base.models.ir_rule', 'odoo.addons.base.models.ir_model')
    def test_who_may_not_decide(self):
        """[A53] [A54] """
        request = self._ask(unit_id=self.next_flat.id, unit_text=False)
        for user in (self.clerk, self.officer, self.user, self.hill_officer, self.far_manager):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._staff(request, user).action_approve()
        self.hill_officer.group_ids += self.env.ref('property_base.group_resident_approve')
        for user in (self.hill_officer, self.far_manager):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._staff(request, user).action_refuse()
        for user in (self.approver, self.manager):
            for vals in ({'state': 'approved'}, {'user_id': user.id}, {'partner_id': self.tom.id},
                         {'occupancy_id': self.ownership.id}, {'way': 'identity'}):
                with self.subTest(user=user.login, vals=vals), self.assertRaises(AccessError):
                    self._staff(request, user).write(vals)
            with self.assertRaises(AccessError):
                self.Request.with_user(user).create({
                    'user_id': user.id, 'partner_id': user.partner_id.id,
                    'project_id': self.lakeside.id})
        self.assertEqual(request.state, 'pending')

    def test_nobody_approves_his_own_request(self):
        for user in (self.approver, self.manager):
            request = self._ask(user, unit_id=self.next_flat.id, unit_text=False)
            with self.subTest(user=user.login), self.assertRaisesRegex(UserError, "own home"):
                self._staff(request, user).action_approve()
            with self.assertRaisesRegex(UserError, "own home"):
                self._staff(request, user).action_refuse()

    def test_a_request_stays_in_its_project(self):
        """ An approver of the lake cannot give away what is on the hill. """
        request = self._ask()
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self._staff(request).unit_id = self.hill_flat
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self._staff(request, self.manager).unit_id = self.hill_flat

    def test_a_login_becomes_nobody_but_a_resident_of_the_project(self):
        """[A54] By RPC an approver may name anybody: the company, a supplier, a neighbour. """
        self._move_in(self.hill_flat, self.hilda)
        request = self._ask(unit_id=self.shop.id, unit_text=False)
        supplier = self.env['res.partner'].create({'name': "Lift Service Ltd"})
        for person in (self.company.partner_id, supplier, self.hilda):
            for user in (self.approver, self.manager):
                with (
                    self.subTest(person=person.name, user=user.login),
                    self.assertRaisesRegex(ValidationError, "no resident of Lakeside"),
                    self.cr.savepoint(),
                ):
                    self._staff(request, user).match_id = person
        self.assertFalse(request.match_id)

    def test_one_person_two_requests(self):
        self._ask()
        with self.assertRaisesRegex(UserError, "asked for this home already"):
            self._ask()
        for number in range(4):
            self._ask(unit_text=f"1-20{number}")
        with self.assertRaisesRegex(UserError, "5 requests of yours wait"):
            self._ask(unit_text="1-300")

    def test_two_people_who_ask_for_one_home(self):
        """ The first is approved; the second meets the register's own rule. """
        first = self._ask(unit_id=self.shop.id, unit_text=False)
        other = new_test_user(self.env, 'other', 'base.group_portal')
        second = self._ask(other, unit_id=self.shop.id, unit_text=False)
        self._staff(first).action_approve()
        with self.assertRaises(IntegrityError), self.cr.savepoint(), mute_logger('odoo.sql_db'):
            self._staff(second).action_approve()
        self.assertFalse(self._get_homes(other))

    @mute_logger('odoo.addons.base.models.ir_model')
    def test_the_portal_reads_neither_requests_nor_codes(self):
        self._ask(unit_id=self.flat.id, match_id=self.olga.id)
        self.Invitation._issue_printed(self.flat)
        for model in ('property.home.request', 'property.invitation', 'property.guess',
                      'property.card.scan'):
            for user in (self.user, self.env.ref('base.public_user')):
                with self.subTest(model=model, user=user.login), self.assertRaises(AccessError):
                    self.env[model].with_user(user).search_read([])

    # === SEVERAL LEVELS === #

    def test_two_levels(self):
        """[A53] [A69] The first says who it is, the second opens the home; a refusal is read. """
        self.env['tier.definition'].create([{
            'name': name, 'model_id': self.env['ir.model']._get_id('property.home.request'),
            'review_type': 'individual', 'reviewer_id': reviewer.id, 'sequence': sequence,
            'approve_sequence': True, 'exclude_requester': True,
        } for name, reviewer, sequence in (
            ("Second", self.manager, 10), ("First", self.approver, 20))])
        request = self._ask(unit_text="Annex S1", role='tenant')
        self._staff(request).unit_id = self.shop
        for user in (self.approver, self.manager):
            self.assertFalse(self._get_homes(self.user))
            request.invalidate_recordset()
            self._decide_level(request, user, True, "Known")
        self.assertEqual(request.state, 'approved')
        self.assertEqual(self._get_homes(self.user), self.shop)
        request = self._ask(unit_text="1-102")
        self._decide_level(request, self.approver, False, "Send the lease.")
        self.assertEqual((request.state, request.reason), ('refused', "Send the lease."))
        family = self.Request._ask_by_invitation(
            new_test_user(self.env, 'child', 'base.group_portal'),
            self.Invitation._issue_family(self.ownership), 'child')
        self.assertEqual(family.state, 'approved', "the owner's word is enough")

    def _decide_level(self, request, user, is_approved, opinion):
        request = self._staff(request, user)
        request._decide_level(
            request.sudo()._get_current_review(), is_approved, opinion, self.env['res.users'])

    # === LEAVING === #

    def test_family_leaves_and_an_owner_stays_in_the_register(self):
        """[A54] """
        member = self._move_in(self.flat, self.newcomer, role='family', share=0)
        self.lakeside.approves_residents = True
        request = self._ask(
            kind='leave', way=False, occupancy_id=member.id, unit_id=self.flat.id)
        self.assertEqual(self._get_homes(self.user), self.flat)
        self._staff(request).action_approve()
        self.assertFalse(self._get_homes(self.user))
        today = fields.Date.context_today(self.env.user)
        self.assertEqual(member.date_end, today - timedelta(days=1))

        user = self._create_portal_user(self.olga)
        request = self._ask(
            user, kind='leave', way=False, occupancy_id=self.ownership.id, unit_id=self.flat.id)
        for end in (False, today + timedelta(days=1)):
            self.ownership.date_end = end
            with self.assertRaisesRegex(UserError, "is in the register"):
                self._staff(request).action_approve()
        self.ownership.date_end = today  # moved out, this is his last day
        self._staff(request).action_approve()
        self.assertEqual(request.state, 'approved')


@tagged('post_install', '-at_install', 'security')
class TestInvitation(HomeRequestCommon):

    def test_a_printed_code_is_the_same_on_every_bill_and_for_who_has_no_login(self):
        """[A53] """
        self._move_in(self.flat, self.tom, role='tenant')
        self._create_portal_user(self.tom)
        first = self.Invitation._issue_printed(self.flat | self.shop)
        self.assertEqual(first.partner_id, self.olga)
        self.assertEqual(self.Invitation._issue_printed(self.flat), first)
        first.date_end = fields.Datetime.now() + timedelta(days=29)
        second = self.Invitation._issue_printed(self.flat)
        self.assertNotEqual(second, first, "one that ends within a month is not printed again")
        self.assertEqual(self.Invitation._find_open(first.code), first, "but is still good")
        self.assertRegex(first.code_text, r'^[2-9A-Z]{5}-[2-9A-Z]{5}$')

    def test_slips_of_a_building(self):
        """[A53] """
        with self.assertRaises(AccessError):
            self.Invitation.with_user(self.clerk)._print_for(self.flat)
        with self.assertRaises(AccessError), mute_logger('odoo.addons.base.models.ir_rule'):
            self.Invitation.with_user(self.officer)._print_for(
                self.hill_flat.with_user(self.officer))
        action = self.env.ref('property_base.property_building_action_invite').with_user(
            self.officer).with_context(active_model='property.building', active_ids=self.tower.ids,
                                       active_id=self.tower.id).run()
        invitation = self.Invitation.browse(action['context']['active_ids'])
        self.assertEqual(invitation.partner_id, self.olga)
        html = self.env['ir.actions.report'].with_user(self.officer)._render_qweb_html(
            'property_base.report_invitation', invitation.ids)[0].decode()
        for text in (invitation.code_text, "Olga Owner", "Tower 1-Entrance 1-101", 'data:image'):
            self.assertIn(text, html)
        with self.assertRaisesRegex(UserError, "Nobody here needs a code"):
            self.Invitation.with_user(self.officer)._print_for(self.shop.with_user(self.officer))

    def test_a_code_that_is_expired_used_up_altered_or_of_a_former_owner(self):
        """[A55] All look the same: there is no such code. """
        invitation = self.Invitation._issue_printed(self.flat)
        code = invitation.code
        self.assertEqual(self.Invitation._find_open(f' {code[:5].lower()}-{code[5:]} '), invitation)
        altered = code[:-1] + ('2' if code[-1] != '2' else '3')
        for text in (altered, code[:-1], '', None, '%', "' OR 1=1", code + 'A'):
            with self.subTest(text=text):
                self.assertFalse(self.Invitation._find_open(text))
        self.ownership.date_end = fields.Date.context_today(self.env.user) - timedelta(days=1)
        self.assertFalse(self.Invitation._find_open(code), "a former owner's")
        self.ownership.date_end = False
        invitation.date_end = fields.Datetime.now() - timedelta(minutes=1)
        self.assertFalse(self.Invitation._find_open(code), "expired")
        invitation.date_end = fields.Datetime.now() + timedelta(days=1)
        self.assertTrue(self.Invitation._find_open(code))
        invitation._use()
        self.assertFalse(self.Invitation._find_open(code), "used up")

    def test_family_code_serves_several_for_a_day(self):
        """[A55] """
        invitation = self.Invitation._issue_family(self.ownership)
        self.assertEqual(self.Invitation._issue_family(self.ownership), invitation)
        for index in range(invitation.max_uses):
            user = new_test_user(self.env, f'member{index}', 'base.group_portal')
            request = self.Request._ask_by_invitation(
                user, self.Invitation._find_open(invitation.code), 'child')
            self.assertEqual(request.state, 'approved')
            self.assertEqual(self._get_homes(user), self.flat)
        self.assertFalse(self.Invitation._find_open(invitation.code))
        self.assertEqual(len(self.ownership._get_family_sudo()), invitation.max_uses)
        self.assertFalse(self.env['property.occupancy'].with_user(user).search([
            ('partner_id', '=', self.olga.id)]), "a child does not see who owns")

    def test_family_waits_where_the_project_approves_its_residents(self):
        """[A55] """
        self.lakeside.approves_residents = True
        invitation = self.Invitation._issue_family(self.ownership)
        request = self.Request._ask_by_invitation(self.user, invitation, 'spouse')
        self.assertEqual(request.state, 'pending')
        self.assertFalse(self._get_homes(self.user))
        self._staff(request).action_approve()
        self.assertEqual(self._get_homes(self.user), self.flat)
        self.assertEqual(self.ownership._get_family_sudo().mapped('relation'), ['spouse'])
        with self.assertRaisesRegex(UserError, "linked to your account already"):
            self.Request._ask_by_invitation(self.user, invitation)

    def test_a_tenant_sees_whom_he_invited_and_not_the_owners_family(self):
        """[A56] """
        self._move_in(self.flat, self.fred, role='family', share=0)
        tenancy = self._move_in(self.flat, self.tom, role='tenant')
        self.Request._ask_by_invitation(
            self.user, self.Invitation._issue_family(tenancy), 'spouse')
        self.assertEqual(tenancy._get_family_sudo().partner_id, self.newcomer)
        self.assertEqual(
            self.ownership._get_family_sudo().partner_id, self.fred | self.newcomer)

    def test_who_was_taken_off_the_family_does_not_come_back_by_its_code(self):
        """[A55] [A56] He may have kept a picture of it; who left by himself may come again. """
        invitation = self.Invitation._issue_family(self.ownership)
        owner = self._create_portal_user(self.olga)
        for remover, is_open in ((self.user, True), (owner, False)):
            self.Request._ask_by_invitation(self.user, invitation, 'child')
            member = self.ownership._get_family_sudo()
            self._ask(
                remover, kind='leave', way=False, unit_text=False, unit_id=self.flat.id,
                occupancy_id=member.id)
            self.assertFalse(self._get_homes(self.user))
            with self.subTest(remover=remover.login):
                self.assertEqual(bool(self.Invitation._find_open(invitation.code)), is_open)

    def test_family_of_today_and_of_yesterday_leaves_at_once(self):
        """[A56] """
        invitation = self.Invitation._issue_family(self.ownership)
        self.Request._ask_by_invitation(self.user, invitation, 'child')
        old = self._move_in(self.flat, self.fred, role='family', share=0)
        fred_user = self._create_portal_user(self.fred)
        self.ownership._get_family_sudo()._leave()
        self.assertFalse(self._get_homes(self.user))
        self.assertFalse(self._get_homes(fred_user))
        self.assertEqual(old.date_end, fields.Date.context_today(self.env.user) - timedelta(days=1))


@tagged('post_install', '-at_install', 'security')
class TestGuess(PropertyCommon):
    """ Codes are not found by trying. """

    def test_an_attempt_counts_though_what_follows_is_rolled_back(self):
        """[A53] On a connection of its own: the rollback of the request does not take it back. """
        what = 'a test'
        Guess = self.env['property.guess']

        def execute(query):
            with self.env.registry.cursor() as cr:
                cr.execute(query, [f'{what}%'])
                return cr.rowcount

        self.addCleanup(execute, "DELETE FROM property_guess WHERE key LIKE %s")
        for _attempt in range(3):
            with self.assertRaises(ZeroDivisionError), self.cr.savepoint():
                Guess._count(what, 3, 100, hours=1)
                raise ZeroDivisionError
        with self.assertRaisesRegex(UserError, "too many attempts"):
            Guess._count(what, 3, 100, hours=1)
        self.assertEqual(execute("SELECT FROM property_guess WHERE key LIKE %s"), 3)
        execute("UPDATE property_guess SET create_date = create_date - interval '1 hour'"
                " WHERE key LIKE %s")
        Guess._count(what, 3, 100, hours=1)


@tagged('post_install', '-at_install', 'security')
class TestOwnerCard(HomeRequestCommon):
    """[A57] The QR code says who shows it, for five minutes, to who may see him. """

    def test_staff_open_the_card_as_far_as_their_rights_go(self):
        user = self._create_portal_user(self.olga)
        token = user._get_card_token()
        self.assertNotIn('Olga', token)
        for code in (token, f'https://example.com/card/{token}', f' {token}/ '):
            scan = self.env['property.card.scan'].with_user(self.clerk).create({'code': code})
            action = scan.action_open()
            self.assertEqual((action['res_model'], action['res_id']),
                             ('res.partner', self.olga.id))
            self.assertFalse(scan.code)
        Users = self.env['res.users']
        with self.assertRaisesRegex(UserError, "none of your projects"):
            Users.with_user(self.hill_officer)._open_card(token)
        self.ownership.date_end = fields.Date.context_today(self.env.user) - timedelta(days=1)
        with self.assertRaisesRegex(UserError, "none of your projects"):
            Users.with_user(self.clerk)._open_card(token)

    def test_altered_expired_or_something_else(self):
        user = self._create_portal_user(self.olga)
        token = user._get_card_token()
        altered = token[:-6] + ('A' if token[-6] != 'A' else 'B') + token[-5:]
        Users = self.env['res.users'].with_user(self.clerk)
        for code in (altered, token[:20], '', 'x', '12345678', 'https://example.com/', '你好'):
            with self.subTest(code=code), self.assertRaisesRegex(UserError, "not valid"):
                Users._open_card(code)
        old = hash_sign(self.env, 'property_card', user.id, expiration=timedelta(minutes=-1))
        other = hash_sign(self.env, 'reset', user.id, expiration=timedelta(minutes=5))
        for code in (old, other):
            with self.assertRaisesRegex(UserError, "not valid"):
                Users._open_card(code)
        user.active = False
        with self.assertRaisesRegex(UserError, "not valid"):
            Users._open_card(token)
