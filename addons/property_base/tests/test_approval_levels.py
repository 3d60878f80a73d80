from datetime import timedelta

from lxml import etree
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, RecordCapturer, new_test_user, tagged
from odoo.tools import mute_logger

from .common import PropertyCommon

RULES = ('odoo.addons.base.models.ir_rule', 'odoo.addons.base.models.ir_model')


class LevelsCommon(PropertyCommon):
    """ Lakeside's residents pass two levels: customer service, then a project manager. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['res.lang']._activate_lang('en_US')  # for lists of names
        cls.env = cls.env['base'].with_context(lang='en_US').env
        cls.lakeside.approves_residents = True
        cls.officer.lang = 'en_US'
        cls.service = cls.env.ref('property_base.role_customer_service')
        cls.head = cls.env.ref('property_base.role_project_manager')
        cls.first, cls.second = (
            cls._create_approver(login, cls.service, cls.lakeside) for login in ('fang', 'sun'))
        cls.chief, cls.deputy = (
            cls._create_approver(login, cls.head, cls.lakeside) for login in ('chen', 'deng'))
        cls._create_levels('property.occupancy', cls.service, cls.head)

    @classmethod
    def _create_approver(cls, login, role, *projects):
        user = new_test_user(
            cls.env, login, 'base.group_user', name=login.title(), lang='en_US',
            role_line_ids=[Command.create({'role_id': role.id})],
            property_project_ids=[Command.set([project.id for project in projects])])
        # A right of one's own beside those of the role.
        cls.env['res.users.role'].create({
            'name': f"Approves ({login})", 'line_ids': [Command.create({'user_id': user.id})],
            'implied_ids': [
                Command.link(cls.env.ref(f'property_base.{name}').id)
                for name in ('group_property_user', 'group_resident_approve')]})
        return user

    @classmethod
    def _create_levels(cls, model, *roles, **values):
        return cls.env['tier.definition'].create([{
            'name': role.name, 'model_id': cls.env['ir.model']._get_id(model),
            'review_type': 'group', 'reviewer_group_id': role.group_id.id, 'sequence': 100 - index,
            'approve_sequence': True, 'exclude_requester': True, 'company_id': False, **values,
        } for index, role in enumerate(roles)])

    def _enter(self, user=None, unit=None, partner=None, **values):
        return self.env['property.occupancy'].with_user(user or self.officer).create({
            'unit_id': (unit or self.flat).id, 'partner_id': (partner or self.olga).id,
            'date_start': '2024-01-01', **values,
        })

    def _decide(self, record, user, decision='approve', opinion="Seen", reviewer=None):
        """ As the page does it. """
        record = record.with_user(user)
        wizard = self.env['comment.wizard'].with_user(user).with_context(
            **record.validate_tier()['context'],
        ).create({
            'comment': opinion, 'decision': decision,
            'next_reviewer_id': reviewer and reviewer.id})
        wizard.add_comment()
        return wizard

    def _capture(self):
        return RecordCapturer(self.env['property.notification'])

    def _find_tasks(self, user):
        tasks = self.env['property.approval.task'].with_user(user).search([])
        self.assertEqual(tasks, tasks.filtered('is_mine'))
        return [(task.model, task.res_id) for task in tasks]

    def assertWaitsFor(self, record, *users):
        key = (record._name, record.id)
        for user in self.first | self.second | self.chief | self.deputy | self.officer:
            with self.subTest(user=user.login):
                self.assertEqual(key in self._find_tasks(user), user in users)
                self.assertEqual(record.with_user(user).can_review, user in users)
        self.assertEqual(
            record.review_ids.filtered(lambda review: review.status == 'pending').people,
            ' and '.join(user.name for user in users) or False)


@tagged('post_install', '-at_install', 'security')
class TestApprovalLevels(LevelsCommon):
    """[A69] [A17] A resident who is entered passes one level after the other. """

    def test_two_levels_one_after_the_other(self):
        occupancy = self._enter()
        self.assertEqual(occupancy.state, 'pending')
        self.assertEqual(occupancy.review_ids.mapped('status'), ['pending', 'waiting'])
        self.assertWaitsFor(occupancy, self.first, self.second)
        self._decide(occupancy, self.second, opinion="Deed seen")
        self.assertEqual(occupancy.state, 'pending', "it takes the second level, too")
        self.assertFalse(occupancy.is_live)
        self.assertWaitsFor(occupancy, self.chief, self.deputy)
        self._decide(occupancy, self.chief, opinion="Agreed")
        self.assertEqual((occupancy.state, occupancy.validation_status), ('approved', 'validated'))
        self.assertEqual(self.flat.owner_ids, self.olga)
        self.assertEqual(
            [(review.done_by, review.comment) for review in occupancy.review_ids],
            [(self.second, "Deed seen"), (self.chief, "Agreed")])
        self.assertWaitsFor(occupancy)

    def test_a_new_level_is_the_last_one(self):
        vals = {
            'model_id': self.env['ir.model']._get_id('property.occupancy'),
            'approve_sequence': True, 'exclude_requester': True, 'review_type': 'individual',
            'reviewer_id': self.chief.id,
        }
        Definition = self.env['tier.definition']
        third = Definition.create({'name': "Head office", **vals})
        fourth = Definition.create({'name': "Board", **vals})
        self.assertEqual(
            Definition.search([], order='sequence desc').mapped('name')[-2:],
            [third.name, fourth.name])
        self.assertEqual(self._enter().review_ids.sorted('sequence').mapped('name')[-1], "Board")

    def test_who_decides_chooses_who_decides_next(self):
        occupancy = self._enter()
        with self.assertRaisesRegex(UserError, "Sun cannot decide the next level"):
            self._decide(occupancy, self.first, reviewer=self.second)
        wizard = self.env['comment.wizard'].with_user(self.first).with_context(
            **occupancy.with_user(self.first).validate_tier()['context']).new({})
        self.assertEqual(wizard.next_level, "Project manager")
        self.assertEqual(wizard.next_candidate_ids._origin, self.chief | self.deputy)
        self._decide(occupancy, self.first, reviewer=self.deputy)
        self.assertWaitsFor(occupancy, self.deputy)
        with self.assertRaisesRegex(AccessError, "not your turn: Project manager waits for Deng"):
            self._decide(occupancy, self.chief)
        self._decide(occupancy, self.deputy)
        self.assertEqual(occupancy.state, 'approved')

    def test_next_one_is_told_and_so_is_who_submitted(self):
        """[G19] Each in his language, with a link to the record. """
        self.env['res.lang']._activate_lang('zh_CN')
        self.deputy.lang = 'zh_CN'
        told = self._capture()
        with told:
            occupancy = self._enter()
        self.assertEqual(
            told.records.partner_id, (self.first | self.second).partner_id)
        self.assertEqual(
            set(told.records.mapped('subject')),
            {"Newly entered resident waits for your decision: Customer service"})
        self.assertEqual(
            set(told.records.mapped('url')),
            {f'/mail/view?model=property.occupancy&res_id={occupancy.id}'})
        with told:
            self._decide(occupancy, self.first, opinion="Deed seen", reviewer=self.deputy)
        by_person = told.records.grouped('partner_id')
        self.assertEqual(
            by_person[self.officer.partner_id].body, "Customer service · Approved · Deed seen")
        self.assertIn("待您审批", by_person[self.deputy.partner_id].subject)
        self.assertEqual(len(told.records), 2)
        self.assertIn("Deed seen", occupancy.message_ids[0].body)

    def test_a_family_entered_together_is_one_message(self):
        told = self._capture()
        with told:
            family = self.env['property.occupancy'].with_user(self.officer).create([{
                'unit_id': self.flat.id, 'partner_id': partner.id, 'role': 'family',
                'date_start': '2024-01-01'} for partner in (self.olga, self.tom, self.fred)])
        self.assertEqual(told.records.partner_id, (self.first | self.second).partner_id)
        self.assertEqual(len(told.records), 2)
        self.assertIn("and 2 more", told.records[0].body)
        self.assertEqual(set(family.mapped('validation_status')), {'pending'})

    def test_refused_corrected_submitted_again(self):
        """ Who refused, and why, stays readable until it is submitted anew. """
        occupancy = self._enter(share=50)
        self._decide(occupancy, self.first)
        self._decide(occupancy, self.chief, 'refuse', "The deed says 100 %")
        self.assertEqual(occupancy.state, 'refused')
        self.assertEqual(occupancy.review_ids.mapped('status'), ['approved', 'rejected'])
        self.assertWaitsFor(occupancy)
        occupancy.share = 100
        occupancy.action_submit()
        self.assertEqual(occupancy.review_ids.mapped('status'), ['pending', 'waiting'])
        self.assertWaitsFor(occupancy, self.first, self.second)
        for user in (self.first, self.chief):
            self._decide(occupancy, user)
        self.assertEqual(occupancy.state, 'approved')

    def test_refused_at_the_first_level_ends_all(self):
        occupancy = self._enter()
        self._decide(occupancy, self.first, 'refuse', "No deed")
        self.assertEqual(occupancy.state, 'refused')
        self.assertEqual(occupancy.review_ids.mapped('status'), ['rejected', 'cancel'])
        self.assertWaitsFor(occupancy)

    def test_levels_only_for_some(self):
        """ A level can be limited, as to shops; what none fits is decided in a single step. """
        self.env['tier.definition'].search([]).active = False
        self._create_levels(
            'property.occupancy', self.head, definition_domain="[('unit_id.kind', '=', 'shop')]")
        shop, flat = self._enter(unit=self.shop), self._enter(partner=self.tom)
        self.assertEqual(len(shop.review_ids), 1)
        self.assertFalse(flat.review_ids)
        flat.with_user(self.first).action_approve()
        self.assertEqual(flat.state, 'approved')

    def test_without_levels_one_step_decides(self):
        """[A17] And it stands in the list of tasks, too. """
        self.env['tier.definition'].search([]).active = False
        occupancy = self._enter()
        self.assertFalse(occupancy.review_ids)
        self.assertEqual(occupancy.validation_status, 'no')
        for user in (self.first, self.chief, self.manager):
            self.assertIn((occupancy._name, occupancy.id), self._find_tasks(user))
        self.assertFalse(self._find_tasks(self.officer), "he entered him, and may not approve")
        occupancy.with_user(self.first).action_approve()
        self.assertEqual(occupancy.state, 'approved')
        self.assertFalse(self._find_tasks(self.chief))

    def test_what_waited_before_there_were_levels_is_decided_in_one_step(self):
        definitions = self.env['tier.definition'].search([])
        definitions.active = False
        occupancy = self._enter()
        definitions.active = True
        occupancy.with_user(self.chief).action_approve()
        self.assertEqual(occupancy.state, 'approved')

    def test_what_a_manager_enters_counts_at_once(self):
        occupancy = self._enter(self.manager)
        self.assertEqual(occupancy.state, 'approved')
        self.assertFalse(occupancy.review_ids)

    def test_who_decided_cannot_be_deleted_apart(self):
        """ With the resident goes what was decided about him. """
        occupancy = self._enter()
        reviews = occupancy.review_ids
        with mute_logger(*RULES), self.assertRaises(AccessError):
            reviews.with_user(self.manager).unlink()
        occupancy.with_user(self.manager).unlink()
        self.assertFalse(reviews.exists())

    def test_form_says_whose_turn_it_is(self):
        occupancy = self._enter()
        self.assertIn(
            "Level 1 of 2, Customer service: waits for Fang and Sun.",
            occupancy.to_validate_message)
        with Form(occupancy.with_user(self.first)) as form:
            self.assertTrue(form.can_review)
            self.assertEqual(len(form.review_ids), 2)
        arch = etree.fromstring(occupancy.get_view(view_type='form')['arch'])
        self.assertIn(
            "validation_status in ('waiting', 'pending')",
            arch.xpath("//field[@name='unit_id']")[0].get('readonly'))
        self.assertTrue(arch.xpath("//field[@name='review_ids']//t[@t-name='card']"), "on a phone")
        [banner] = arch.xpath("//button[@name='validate_tier']/..")
        self.assertEqual(
            banner.get('invisible'), "validation_status not in ('waiting', 'pending')",
            "nothing of it where there are no levels")

    def test_sequence_and_four_eyes_are_not_optional(self):
        for name in ('approve_sequence', 'exclude_requester'):
            with self.subTest(name), self.assertRaisesRegex(ValidationError, "Tick both"):
                self._create_levels('property.occupancy', self.head, **{name: False})


@tagged('post_install', '-at_install', 'security')
class TestApprovalAttacks(LevelsCommon):
    """[A69] Nobody gets round a level. """

    def test_nobody_decides_about_his_own_request(self):
        self.first.role_line_ids = [Command.create({'role_id': self.head.id})]
        occupancy = self._enter(self.first)
        self.assertWaitsFor(occupancy, self.second)
        with self.assertRaisesRegex(AccessError, "own request. It waits for Sun"):
            self._decide(occupancy, self.first)
        self._decide(occupancy, self.second)
        with self.assertRaisesRegex(AccessError, "own request"):
            self._decide(occupancy, self.first)

    def test_nobody_decides_twice(self):
        """ Though he belongs to both levels. """
        self.first.role_line_ids = [Command.create({'role_id': self.head.id})]
        occupancy = self._enter()
        with self.assertRaisesRegex(UserError, "Fang cannot decide the next level"):
            self._decide(occupancy, self.first, reviewer=self.first)
        self._decide(occupancy, self.first)
        self.assertWaitsFor(occupancy, self.chief, self.deputy)
        with self.assertRaisesRegex(AccessError, "decided a level of it already"):
            self._decide(occupancy, self.first)

    def test_nobody_skips_a_level(self):
        """ OCA's page takes whatever level it is told. """
        occupancy = self._enter()
        with self.assertRaisesRegex(AccessError, "not your turn"):
            self._decide(occupancy, self.chief)
        Wizard = self.env['comment.wizard'].with_user(self.chief)
        wizard = Wizard.create({
            'res_model': occupancy._name, 'res_id': occupancy.id, 'comment': "x",
            'validate_reject': 'validate',
            'review_ids': [Command.set(occupancy.review_ids[1].ids)]})
        with self.assertRaisesRegex(UserError, "meanwhile"):
            wizard.add_comment()
        wizard.review_ids = occupancy.review_ids
        with self.assertRaisesRegex(UserError, "meanwhile"):
            wizard.add_comment()
        self.assertEqual(occupancy.review_ids.mapped('status'), ['pending', 'waiting'])

    def test_old_page_does_not_decide_again(self):
        occupancy = self._enter()
        wizard = self._decide(occupancy, self.first)
        with self.assertRaisesRegex(UserError, "decided meanwhile: Approved, Fang"):
            wizard.add_comment()

    @mute_logger(*RULES)
    def test_single_step_does_not_get_round_the_levels(self):
        occupancy = self._enter()
        for user in (self.first, self.chief, self.manager):
            for action in ('action_approve', 'action_refuse'):
                with self.subTest(user=user.login, action=action), \
                        self.assertRaisesRegex(UserError, "several levels"):
                    getattr(occupancy.with_user(user), action)()
            with self.assertRaises(AccessError):
                occupancy.with_user(user).restart_validation()
        self.assertEqual(occupancy.state, 'pending')

    @mute_logger(*RULES)
    def test_nobody_writes_levels_by_hand(self):
        """ OCA lets all staff write them. """
        occupancy = self._enter()
        review = occupancy.review_ids[0]
        for user in (self.first, self.manager, self.env.ref('base.user_admin')):
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    review.with_user(user).write({'status': 'approved', 'done_by': self.second.id})
                with self.assertRaises(AccessError):
                    review.with_user(user).create({
                        'model': occupancy._name, 'res_id': occupancy.id, 'status': 'approved'})
                with self.assertRaises(AccessError):
                    review.with_user(user).unlink()
                with self.assertRaises(AccessError):
                    review.with_user(user).write({'chosen_reviewer_id': user.id})

    def test_what_is_decided_about_stays_as_it_is(self):
        occupancy = self._enter(share=50)
        for user in (self.officer, self.first, self.manager):
            with self.subTest(user=user.login), self.assertRaisesRegex(
                    UserError, r"stays as it was submitted.*Share"):
                occupancy.with_user(user).share = 60
        with self.assertRaisesRegex(UserError, "stays as it was submitted"):
            occupancy.with_user(self.manager).unit_id = self.next_flat
        with self.assertRaisesRegex(UserError, "stays as it was submitted"):
            occupancy.with_user(self.officer).awaits_check_in = True
        with self.assertRaisesRegex(UserError, "stays as it was submitted"):
            occupancy.sudo().share = 60
        # Jobs of the system, and the chatter, go on.
        occupancy.sudo().awaits_check_in = True
        occupancy.with_user(self.officer).message_post(body="The deed comes on Monday")
        occupancy.with_user(self.officer).message_subscribe(self.clerk.partner_id.ids)
        for user in (self.first, self.chief):
            self._decide(occupancy, user)
        occupancy.with_user(self.manager).note = "Approved, so it changes as before"

    @mute_logger(*RULES)
    def test_levels_are_read_by_who_may_see_the_record(self):
        """ OCA lets everybody read them, on the portal, too. """
        occupancy = self._enter()
        self._decide(occupancy, self.first, opinion="Owes us since May")
        portal = self._create_portal_user(self.olga)
        for user in (portal, self.hill_officer, self.far_manager):
            with self.subTest(user=user.login):
                Review = self.env['tier.review'].with_user(user)
                self.assertFalse(Review.search([('model', '=', 'property.occupancy')]))
                with self.assertRaises(AccessError):
                    Review.browse(occupancy.review_ids.ids).read(['comment'])
                with self.assertRaises(AccessError):
                    self.env['comment.wizard'].with_user(user).create({
                        'res_model': occupancy._name, 'res_id': occupancy.id, 'comment': "x",
                    }).read(['document'])
        self.assertEqual(len(self.env['tier.review'].with_user(self.clerk).search(
            [('res_id', '=', occupancy.id), ('model', '=', occupancy._name)])), 2)
        self._decide(occupancy, self.chief)
        occupancy.invalidate_recordset()
        self.assertTrue(occupancy.with_user(portal).has_access('read'))
        self.assertFalse(occupancy.with_user(portal).review_ids, "opinions are among staff")

    @mute_logger(*RULES)
    def test_page_of_another_is_not_used(self):
        occupancy = self._enter()
        wizard = self.env['comment.wizard'].with_user(self.first).with_context(
            **occupancy.with_user(self.first).validate_tier()['context'],
        ).create({'comment': "Seen"})
        with self.assertRaises(AccessError):
            wizard.with_user(self.second).add_comment()

    @mute_logger(*RULES)
    def test_of_another_project_or_company(self):
        """[A66] He has the role and the right, and not the project. """
        hill = self._create_approver('hill', self.service, self.hilltop)
        far = self._create_approver('far', self.service)
        far.write({
            'company_ids': [Command.set(self.other_company.ids)],
            'company_id': self.other_company.id,
            'property_project_ids': [Command.set(self.faraway.ids)]})
        annex = self._create_approver('annex', self.service)
        annex.property_building_ids = self.annex
        occupancy = self._enter()
        self.assertWaitsFor(occupancy, self.first, self.second)
        for user in (hill, far, annex):
            with self.subTest(user=user.login):
                self.assertFalse(self._find_tasks(user))
                with self.assertRaises(AccessError):
                    self._decide(occupancy, user)
        shop = self._enter(unit=self.shop)
        self.assertEqual(self._find_tasks(annex), [(shop._name, shop.id)])
        self._decide(shop, annex)
        self.assertEqual(shop.review_ids.mapped('status'), ['approved', 'pending'])

    def test_who_left_or_lost_the_right_does_not_block(self):
        occupancy = self._enter()
        self._decide(occupancy, self.first, reviewer=self.deputy)
        self.assertWaitsFor(occupancy, self.deputy)
        self.deputy.property_project_ids = self.hilltop
        self.assertWaitsFor(occupancy, self.chief)
        self.deputy.property_project_ids = self.lakeside
        self.assertWaitsFor(occupancy, self.deputy)
        self.deputy.active = False
        self.assertWaitsFor(occupancy, self.chief)
        self.chief.role_line_ids.filtered(lambda line: line.role_id == self.head).unlink()
        for user in (self.second, self.chief, self.manager):  # of no level, but may approve alone
            self.assertIn((occupancy._name, occupancy.id), self._find_tasks(user))
        for user in (self.first, self.deputy, self.officer):
            self.assertNotIn((occupancy._name, occupancy.id), self._find_tasks(user))
        with self.assertRaisesRegex(AccessError, "already"):
            self._decide(occupancy, self.first)
        self._decide(occupancy, self.second)
        self.assertEqual(occupancy.state, 'approved')

    def test_level_whose_role_is_gone(self):
        occupancy = self._enter()
        definitions = self.env['tier.definition'].search([])
        with mute_logger('odoo.sql_db'), self.assertRaises(IntegrityError), self.cr.savepoint():
            definitions.unlink()  # what was decided stays readable
        definitions.active = False
        definitions.reviewer_group_id = False
        self._decide(occupancy, self.second)
        self._decide(occupancy, self.first)
        self.assertEqual(occupancy.state, 'approved')

    def test_stand_in_decides_while_he_has_the_role(self):
        """[A68] """
        stand_in = self._create_approver('tang', self.service, self.lakeside)
        stand_in.role_line_ids.filtered(lambda line: line.role_id == self.service).unlink()
        occupancy = self._enter()
        self.assertNotIn((occupancy._name, occupancy.id), self._find_tasks(stand_in))
        permission = self.env['property.permission'].with_user(stand_in).create({
            'role_id': self.service.id, 'reason': "Fang is ill",
            'date_end': self.env.cr.now() + timedelta(days=1)})
        permission.with_user(self.manager).action_grant()
        self.assertIn((occupancy._name, occupancy.id), self._find_tasks(stand_in))
        permission.with_user(self.manager).action_revoke()
        self.assertNotIn((occupancy._name, occupancy.id), self._find_tasks(stand_in))


@tagged('post_install', '-at_install', 'security')
class TestPermissionLevels(LevelsCommon):
    """[A68] [A69] A temporary permission passes levels, too. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second_chief = cls._create_approver('zhou', cls.head, cls.lakeside)
        cls._create_levels('property.permission', cls.head, cls.head)

    def _apply(self, user=None):
        return self.env['property.permission'].with_user(user or self.clerk).create({
            'role_id': self.service.id, 'reason': "Li Na is ill",
            'date_end': self.env.cr.now() + timedelta(days=1)})

    def test_granted_after_the_last_level(self):
        permission = self._apply()
        self._decide(permission, self.chief)
        self.assertEqual(permission.state, 'requested')
        self.assertFalse(self.clerk._get_live_permissions())
        self._decide(permission, self.deputy)
        self.assertEqual(permission.state, 'granted')
        self.assertEqual(permission.decided_by_id, self.deputy)
        self.assertEqual(permission.opinion, "Seen", "the applicant reads it")
        self.assertTrue(self.clerk.has_group('property_base.group_property_officer'))

    def test_single_step_and_own_request(self):
        permission = self._apply(self.chief)
        with self.assertRaisesRegex(UserError, "several levels"):
            permission.with_user(self.deputy).action_grant()
        with self.assertRaisesRegex(AccessError, "own request"):
            self._decide(permission, self.chief)
        self.assertFalse(permission.with_user(self.chief).can_review)

    def test_request_is_not_changed_after_the_first_level(self):
        permission = self._apply()
        self._decide(permission, self.chief)
        with self.assertRaisesRegex(UserError, "stays as it was submitted"):
            permission.with_user(self.second_chief).role_id = self.head

    def test_withdrawn_waits_for_nobody(self):
        permission = self._apply()
        self.assertIn((permission._name, permission.id), self._find_tasks(self.chief))
        permission.action_revoke()
        self.assertEqual(permission.state, 'revoked')
        self.assertFalse(self._find_tasks(self.chief))
        with self.assertRaisesRegex(UserError, "meanwhile"):
            self._decide(permission, self.chief)

    def test_last_one_hands_on_no_more_than_he_has(self):
        self.service.implied_ids += self.env.ref('base.group_erp_manager')
        permission = self._apply()
        self._decide(permission, self.chief)
        with self.assertRaisesRegex(AccessError, "cannot lend the role"):
            self._decide(permission, self.deputy)


@tagged('post_install', '-at_install', 'security')
class TestHomeRequestLevels(LevelsCommon):
    """[A53] [A69] Who asks for a home passes levels, too. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_levels('property.home.request', cls.service, cls.head)
        cls.user = cls._create_portal_user(cls.newcomer)

    def _ask(self, **values):
        return self.env['property.home.request']._ask(self.user, {
            'way': 'proof', 'project_id': self.lakeside.id, 'unit_text': "1-101",
            'role': 'tenant', **values})

    def test_completed_at_the_first_level_and_fixed_from_then_on(self):
        request = self._ask()
        self.assertWaitsFor(request, self.first, self.second)
        request.with_user(self.first).unit_id = self.flat
        self._decide(request, self.first)
        with self.assertRaisesRegex(UserError, "stays as it was submitted"):
            request.with_user(self.chief).unit_id = self.next_flat
        self.assertFalse(self.env['property.unit'].with_user(self.user).search([]))
        self._decide(request, self.chief)
        self.assertEqual((request.state, request.decided_by_id), ('approved', self.chief))
        self.assertEqual(self.env['property.unit'].with_user(self.user).search([]), self.flat)

    def test_opinion_of_a_refusal_is_the_answer(self):
        request = self._ask()
        self._decide(request, self.first, 'refuse', "The photo cannot be read. Send it again.")
        self.assertEqual(
            (request.state, request.reason),
            ('refused', "The photo cannot be read. Send it again."))

    def test_single_step_does_not_get_round_the_levels(self):
        request = self._ask(unit_id=self.flat.id)
        with self.assertRaisesRegex(UserError, "several levels"), self.cr.savepoint():
            request.with_user(self.chief).action_approve()
        self.assertFalse(self.flat.occupancy_ids)

    def test_what_the_owner_grants_waits_for_nobody(self):
        """ The project does not approve residents, and a family member goes. """
        self.lakeside.approves_residents = False
        lives = self._move_in(self.flat, self.newcomer, role='family', share=0)
        request = self._ask(kind='leave', unit_id=self.flat.id, occupancy_id=lives.id)
        self.assertEqual(request.state, 'approved')
        self.assertFalse(request.review_ids)


@tagged('post_install', '-at_install')
class TestApprovalPage(LevelsCommon):
    """[A69] The page, the phrases and the list of tasks. """

    def test_a_touch_puts_a_phrase_in(self):
        occupancy = self._enter()
        agreed = self.env.ref('property_base.phrase_agreed')
        context = occupancy.with_user(self.first).validate_tier()['context']
        with Form(self.env['comment.wizard'].with_user(self.first).with_context(**context),
                  view='property_base.comment_wizard_view_form') as page:
            page.phrase_id = agreed
            self.assertEqual(page.comment, "Agreed.")
            self.assertFalse(page.phrase_id)
            page.comment = "Deed seen."
            page.phrase_id = agreed
            self.assertEqual(page.comment, "Deed seen. Agreed.")
            page.keep_phrase = True
        page.record.add_comment()
        own = self.env['property.phrase'].search([('name', '=', "Deed seen. Agreed.")])
        self.assertEqual(own.user_id, self.first)

    @mute_logger(*RULES)
    def test_phrases_are_everybodys_or_ones_own(self):
        shared = self.env.ref('property_base.phrase_agreed')
        Phrase = self.env['property.phrase'].with_user(self.first)
        own = Phrase.create({'name': "As agreed by phone."})
        self.assertEqual(own.user_id, self.first)
        self.assertFalse(own.with_user(self.second).search([('id', '=', own.id)]))
        own.name = "As agreed."
        for values in ({'name': "x"}, {'user_id': self.first.id}):
            with self.assertRaises(AccessError):
                shared.with_user(self.first).write(values)
        with self.assertRaises(AccessError):
            Phrase.create({'name': "x", 'user_id': False})
        with self.assertRaises(AccessError):
            Phrase.create({'name': "x", 'user_id': self.second.id})
        shared.with_user(self.manager).name = "Agreed"
        own.unlink()

    def test_tasks_and_counter(self):
        """[A69] Count, then each task; the oldest first. """
        occupancy = self._enter()
        permission = self.env['property.permission'].with_user(self.clerk).create({
            'role_id': self.service.id, 'reason': "Li Na is ill",
            'date_end': self.env.cr.now() + timedelta(days=1)})
        self._decide(occupancy, self.first)
        Task = self.env['property.approval.task'].with_user(self.chief)
        tasks = Task._get_tasks()
        self.assertEqual(
            {(task['model'], task['res_id'], task['level'], task['applicant']) for task in tasks},
            {('property.occupancy', occupancy.id, "Project manager", self.officer.name),
             ('property.permission', permission.id, False, self.clerk.name)})
        self.assertEqual(
            {task['name'] for task in tasks}, {occupancy.display_name, permission.display_name})
        counts = self.env['res.users'].with_user(self.chief).review_user_count()
        self.assertEqual(
            {count['model']: (count['name'], count['pending_count']) for count in counts},
            {'property.occupancy': ("Newly entered resident", 1),
             'property.permission': ("Temporary permission", 1)})
        for count in counts:
            self.assertEqual(self.env[count['model']].with_user(self.chief).search_count(
                [('can_review', '=', True)]), count['pending_count'])
        home = self.env['property.home'].with_user(self.chief).get_home()
        self.assertEqual(home['cards'][0]['key'], 'tasks')
        everything, *single = home['cards'][0]['items']
        self.assertEqual(everything['count'], 2)
        self.assertEqual(
            {(item['res_model'], item['res_id'], item['note']) for item in single},
            {('property.occupancy', occupancy.id, "Project manager"),
             ('property.permission', permission.id, "Temporary permission")})
        home = self.env['property.home'].with_user(self.clerk).get_home()
        self.assertNotIn('tasks', [card['key'] for card in home['cards']])
        action = Task.search([('model', '=', 'property.occupancy')]).action_open()
        self.assertEqual((action['res_model'], action['res_id']), (occupancy._name, occupancy.id))
        self.assertFalse(self.env['res.users'].with_user(self.clerk).review_user_count())

    def test_queries_do_not_grow_with_the_tasks(self):
        for partner in (self.tom, self.fred):
            self._enter(partner=partner, role='family')
        Task = self.env['property.approval.task'].with_user(self.first)
        Task._get_tasks()

        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.assertTrue(Task._get_tasks())
            return self.cr.sql_log_count - before

        two = count()
        for unit in (self.next_flat, self.shop):
            for partner in (self.olga, self.hilda, self.newcomer, self.tom, self.fred):
                self._enter(unit=unit, partner=partner, role='family')
        self.assertEqual(count(), two)

    def test_reminder_goes_to_who_can_decide(self):
        self.env['tier.definition'].search([]).notify_reminder_delay = 2
        occupancy = self._enter()
        self.env.cr.execute(
            "UPDATE tier_review SET create_date = create_date - interval '3 days' "
            "WHERE res_id = %s AND status = 'pending'", [occupancy.id])
        occupancy.review_ids.invalidate_recordset()
        told = self._capture()
        with told:
            self.env['tier.definition']._cron_send_review_reminder()
        self.assertEqual(told.records.partner_id, (self.first | self.second).partner_id)

    def test_chinese_where_users_meet_it(self):
        """ OCA's own Chinese has gaps. """
        self.env['res.lang']._activate_lang('zh_CN')
        self.env['ir.module.module'].search(
            [('name', 'in', ('base_tier_validation', 'property_base'))])._update_translations(
                ['zh_CN'])
        occupancy = self._enter()
        review = occupancy.review_ids[1].with_context(lang='zh_CN')
        self.assertEqual(review.display_status, "未到")
        Definition = self.env['tier.definition'].with_context(lang='zh_CN')
        labels = dict(Definition._fields['review_type']._description_selection(Definition.env))
        self.assertEqual(labels['group'], "某角色的任何人")
        self.first.lang = 'zh_CN'
        task, = self.env['property.approval.task'].with_user(self.first).with_context(
            lang='zh_CN')._get_tasks()
        self.assertEqual(task['kind'], "新住户")
