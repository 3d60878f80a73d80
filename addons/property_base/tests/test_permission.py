import time
from datetime import timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, HttpCase, new_test_user, tagged
from odoo.tools import format_datetime, mute_logger

from .common import get_menus
from .test_building_rules import HTTP, RULES, BuildingCommon

MINUTE = timedelta(minutes=1)


class PermissionCommon(BuildingCommon):
    """ Clara has the register's right to read, and no project. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clara = cls._create_staff('clara_clerk', 'group_property_user')
        cls.granter = cls._create_staff('lakeside_manager', 'group_property_officer', cls.lakeside)
        cls.granter.group_ids += cls.env.ref('property_base.group_permission_grant')
        cls.service = cls.env.ref('property_base.role_customer_service')
        cls.tower_place = cls._get_place(cls.tower)
        cls.lakeside_place = cls._get_place(cls.lakeside)
        cls.hilltop_place = cls._get_place(cls.hilltop)
        cls.now = cls.env.cr.now()

    @classmethod
    def _get_place(cls, record):
        """ The place of a project or of a building. """
        return cls.env['property.place'].search([
            ('is_building', '=', record._name == 'property.building'),
            ('record_id', '=', record.id)])

    @classmethod
    def _apply(cls, user=None, role=None, places=None, start=-60 * MINUTE, end=60 * MINUTE):
        now = cls.env.cr.now()
        return cls.env['property.permission'].with_user(user or cls.clara).create({
            'role_id': role and role.id, 'place_ids': places and [Command.set(places.ids)],
            'date_start': now + start, 'date_end': now + end, 'reason': "Li Na is ill"})

    @classmethod
    def _grant(cls, *args, end=60 * MINUTE, granter=None, **kwargs):
        """ Granted while it could be; then moved to the asked end. """
        permission = cls._apply(*args, **kwargs).with_user(granter or cls.granter)
        permission.action_grant()
        permission.sudo().date_end = cls.env.cr.now() + end
        return permission

    def _sees(self, record, user=None):
        record = record.with_user(user or self.clara)
        found = bool(record.search([('id', '=', record.id)]))
        self.assertEqual(found, record.has_access('read'))
        return found


@tagged('post_install', '-at_install', 'security')
class TestPermission(PermissionCommon):
    """[A68] [G11] A right for a time: applied for, granted by another, over at its end. """

    def test_from_application_to_end(self):
        permission = self._apply(places=self.tower_place)
        self.assertEqual(permission.state, 'requested')
        self.assertFalse(self._sees(self.flat), "an application opens nothing")
        permission = permission.with_user(self.granter)
        permission.action_grant()
        self.assertTrue(permission.is_live)
        self.assertTrue(self._sees(self.flat))
        self.assertFalse(self._sees(self.shop), "another building")
        self.assertTrue(self._sees(self.lakeside), "what the building is part of")
        permission.action_revoke()
        self.assertFalse(self._sees(self.flat))
        self.assertEqual(
            (permission.state, permission.decided_by_id), ('revoked', self.granter))

    def test_says_what_comes_next(self):
        """ To whom it goes, before and after; who decided; when it ends. """
        form = Form(self.env['property.permission'].with_user(self.clara))
        self.assertEqual(form.phase, 'new')
        self.assertIn(self.granter.name, form.summary)
        permission = self._apply(places=self.tower_place)
        self.assertEqual(permission.phase, 'requested')
        told = permission.action_apply()['params']['message']
        before, _stop, after = told.partition(f'. {self.clara.name} gets a message')
        self.assertIn(self.granter.name, before)
        self.assertTrue(after, told)
        permission.with_user(self.granter).action_grant()
        self.assertEqual(permission.phase, 'live')
        self.assertIn(
            "ends by itself at " + format_datetime(
                permission.env, permission.date_end, dt_format='short'), permission.summary)
        permission.sudo().date_start = self.now + 30 * MINUTE
        self.assertEqual(permission.phase, 'granted')
        self.assertIn("begins at", permission.summary)
        permission.sudo().write({
            'date_start': self.now - 9 * MINUTE, 'date_end': self.now - MINUTE})
        self.assertEqual(permission.phase, 'over')
        self.assertIn("Apply for another one", permission.summary)

    def test_says_who_ended_it(self):
        permission = self._grant(places=self.tower_place).with_user(self.clara)
        permission.action_revoke()
        self.assertEqual(permission.phase, 'revoked')
        self.assertIn(f"Taken back by {self.clara.name}", permission.summary)

    def test_says_that_nobody_may_grant(self):
        permission = self._apply(places=self.tower_place)
        permission._get_granters(self.clara).active = False
        self.assertIn("Ask an administrator", permission.summary)

    def test_every_step_is_logged(self):
        Permission = self.env['property.permission'].with_context(tracking_disable=False)
        permission = Permission.with_user(self.clara).create({
            'place_ids': [Command.set(self.tower_place.ids)], 'reason': "Li Na is ill",
            'date_end': self.now + MINUTE})
        self.env.flush_all()
        self.env.cr.precommit.run()
        permission = permission.with_user(self.granter)
        for decide in (permission.action_grant, permission.action_revoke):
            decide()
            self.env.flush_all()
            self.env.cr.precommit.run()
        messages = permission.sudo().message_ids
        self.assertTrue(any('Li Na is ill' in (body or '') for body in messages.mapped('body')))
        self.assertEqual(
            [value.new_value_char for value in messages.tracking_value_ids.sorted('id')
             if value.field_id.name == 'state'],
            ['Granted', 'Revoked'])
        self.assertIn(self.granter.partner_id, messages.notified_partner_ids)

    def test_refused(self):
        permission = self._apply(places=self.tower_place).with_user(self.granter)
        permission.opinion = "Ask again when you start."
        permission.action_refuse()
        self.assertFalse(self._sees(self.flat))
        self.assertIn("Ask again", permission.sudo().message_ids[0].body)
        with self.assertRaisesRegex(UserError, "decided meanwhile: Refused"):
            permission.action_grant()

    def test_holds_from_its_start_to_its_end(self):
        """ The last moment is before the end; a minute later nothing is left. """
        for start, end, holds in (
            (-60 * MINUTE, MINUTE, True), (-MINUTE, 0 * MINUTE, False),
            (-60 * MINUTE, -MINUTE, False), (MINUTE, 60 * MINUTE, False),
            (0 * MINUTE, MINUTE, True),
        ):
            with self.subTest(start=start, end=end):
                permission = self._grant(places=self.lakeside_place, role=self.service,
                                         start=start, end=max(end, start + MINUTE / 2))
                permission.sudo().date_end = self.now + end
                self.assertEqual(self._sees(self.shop), holds)
                self.assertEqual(
                    self.env['property.unit'].with_user(self.clara).has_access('write'), holds)
                self.assertEqual(
                    self.clara.has_group('property_base.group_check_in'), holds)
                self.assertEqual(permission.is_live, holds)
                self.assertEqual(
                    permission in permission.search([('is_live', '=', True)]), holds)
                permission.sudo().state = 'revoked'

    def test_lent_role_is_a_role(self):
        """ ACL, groups, menus and rules of groups; and nothing of it is stored at the user. """
        groups = self.clara.group_ids
        self.assertFalse(self.env['property.occupancy'].with_user(self.clara).has_access('create'))
        self._grant(role=self.service, places=self.lakeside_place)
        self.assertTrue(self.env['property.occupancy'].with_user(self.clara).has_access('create'))
        self.assertIn(
            self.env.ref('property_base.group_check_in'), self.clara.all_group_ids)
        self.assertEqual(self.clara.group_ids, groups)
        menus = self.env['ir.ui.menu'].with_user(self.clara)._visible_menu_ids()
        self.assertIn(self.env.ref('property_base.menu_property_import').id, menus)
        self.shop.with_user(self.clara).building_area = 55

    def test_rules_of_groups_are_lent_with_the_role(self):
        """ A rule that a group has counts for who has the group for a time. """
        self.env['ir.rule'].create({
            'name': "Officers: shops only", 'domain_force': "[('kind', '=', 'shop')]",
            'model_id': self.env['ir.model']._get_id('property.unit'),
            'groups': [Command.link(self.env.ref('property_base.group_unit_edit').id)]})
        permission = self._grant(role=self.service, places=self.lakeside_place)
        Unit = self.env['property.unit'].with_user(self.clara)
        self.assertEqual(Unit.search([]), self.shop)
        permission.sudo().date_end = self.now - MINUTE
        self.clara.property_project_ids = self.lakeside
        self.assertEqual(len(Unit.search([])), 3)

    def test_one_permission_ends_the_other_goes_on(self):
        self._grant(places=self.tower_place, end=-MINUTE)
        self._grant(places=self.lakeside_place)
        self.assertTrue(self._sees(self.flat))
        self._grant(role=self.service, end=-MINUTE)
        self.assertFalse(self.clara.has_group('property_base.group_check_in'))

    # === FOUR EYES === #

    @mute_logger(*RULES)
    def test_nobody_grants_to_himself(self):
        for user in (self.manager, self.env.ref('base.user_admin')):
            own = self._apply(user, role=self.service)
            for decide in (own.action_grant, own.action_refuse):
                with self.assertRaisesRegex(AccessError, "Nobody decides about his own"):
                    decide()
            with self.assertRaises(AccessError):
                own.write({'date_end': self.now + 600 * MINUTE})
        clerks = self._apply(role=self.service)
        with self.assertRaises(AccessError):
            clerks.action_grant()

    @mute_logger(*RULES)
    def test_nobody_writes_the_decision(self):
        permission = self._apply(role=self.service)
        Permission = self.env['property.permission']
        vals = {'role_id': self.service.id, 'reason': "Please", 'date_end': self.now + MINUTE}
        for way in (
            lambda: permission.write({'state': 'granted'}),
            lambda: permission.with_user(self.granter).write({'state': 'granted'}),
            lambda: permission.with_user(self.manager).write({'decided_by_id': self.manager.id}),
            lambda: permission.write({'date_end': self.now + 600 * MINUTE}),
            lambda: permission.unlink(),
            lambda: Permission.with_user(self.clara).create({**vals, 'state': 'granted'}),
            lambda: Permission.with_user(self.clara).with_context(
                default_state='granted').create(vals),
            lambda: Permission.with_user(self.manager).create({**vals, 'state': 'granted'}),
            lambda: Permission.with_user(self.clara).create({**vals, 'user_id': self.keeper.id}),
            lambda: Permission.with_user(self.clara).with_context(
                default_user_id=self.keeper.id).create(vals),
        ):
            with self.assertRaises(AccessError), self.cr.savepoint():
                way()
        permission.with_user(self.granter).action_grant()
        with self.assertRaisesRegex(UserError, "has been decided"):
            permission.with_user(self.granter).date_end = self.now + 600 * MINUTE
        with self.assertRaisesRegex(UserError, "log of who was allowed"):
            permission.sudo().unlink()

    @mute_logger(*RULES)
    def test_nobody_hands_on_more_than_he_has(self):
        project_manager = self.env.ref('property_base.role_project_manager')
        for permission, sentence in (
            (self._apply(role=project_manager), "cannot lend the role Project manager"),
            (self._apply(places=self.hilltop_place), "cannot open Hilltop"),
            (self._apply(places=self.tower_place, end=-MINUTE), "would be over already"),
        ):
            with self.assertRaisesRegex((AccessError, UserError), sentence):
                permission.with_user(self.granter).action_grant()
            self.assertEqual(permission.state, 'requested')

    @mute_logger(*RULES)
    def test_what_is_lent_is_not_handed_on(self):
        """ Neither the right to grant nor a place of which one has the use for a time. """
        project_manager = self.env.ref('property_base.role_project_manager')
        self.manager.group_ids += project_manager.implied_ids  # add-ons give the role more
        self._grant(role=project_manager, places=self.lakeside_place, granter=self.manager)
        self.assertTrue(self.clara.has_group('property_base.group_permission_grant'))
        other = self._apply(self.keeper, places=self.lakeside_place)
        with self.assertRaisesRegex(AccessError, "only for a time"):
            other.with_user(self.clara).action_grant()
        self._grant(self.granter, places=self.hilltop_place, granter=self.manager)
        with self.assertRaisesRegex(AccessError, "cannot open Hilltop"):
            self._apply(places=self.hilltop_place).with_user(self.granter).action_grant()

    @mute_logger(*RULES)
    def test_another_company(self):
        """ A granter of another company neither sees the application nor grants it. """
        permission = self._apply(places=self.tower_place).with_user(self.far_manager)
        self.assertFalse(permission.search([('id', '=', permission.id)]))
        with self.assertRaises(AccessError):
            permission.action_grant()
        self.manager.company_ids += self.other_company
        far_place = self._get_place(self.faraway)
        permission = self.env['property.permission'].create({
            'user_id': self.clara.id, 'place_ids': [Command.set(far_place.ids)],
            'reason': "?", 'date_end': self.now + MINUTE})
        with self.assertRaisesRegex(UserError, "does not belong to Faraway Estates"):
            permission.with_user(self.manager).action_grant()

    @mute_logger(*RULES)
    def test_who_sees_applications(self):
        """ The own ones; who may grant, those of the company. Strangers see nothing. """
        permission = self._apply(places=self.tower_place)
        for user, sees in (
            (self.clara, True), (self.granter, True), (self.manager, True),
            (self.keeper, False), (self.officer, False), (self.far_manager, False),
        ):
            self.assertEqual(self._sees(permission, user), sees, user.login)
        for user in (self.env.ref('base.public_user'), self._create_portal_user(self.olga)):
            with self.assertRaises(AccessError):
                permission.with_user(user).search([])
            with self.assertRaises(AccessError):
                self.env['property.place'].with_user(user).search([])

    def test_places_are_names_only(self):
        """ Who applies can name what he does not see, and learns no more of it. """
        Place = self.env['property.place'].with_user(self.clara)
        names = [name for _id, name in Place.name_search('Lakeside')]
        self.assertIn('Lakeside Tower 1', names)
        self.assertFalse(Place.search([('name', 'ilike', 'Faraway')]), "another company")
        self.assertFalse(self._sees(self.lakeside))

    def test_what_makes_no_sense_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "Choose a role"):
            self._apply()
        with self.assertRaisesRegex(ValidationError, "are for staff"):
            self.env['property.permission'].create({
                'user_id': self._create_portal_user(self.olga).id, 'role_id': self.service.id,
                'reason': "?", 'date_end': self.now + MINUTE})

    def test_a_role_that_is_never_lent(self):
        """[A68] The administrator's role is not in the list; over RPC it is refused as well. """
        with self.assertRaisesRegex(ValidationError, "not given for a time"):
            self._apply(role=self.env.ref('property_base.role_administrator'))

    def test_given_back_and_withdrawn(self):
        permission = self._grant(places=self.tower_place)
        permission.with_user(self.clara).action_revoke()
        self.assertFalse(self._sees(self.flat))
        permission = self._apply(places=self.tower_place)
        permission.action_revoke()
        with self.assertRaises(UserError):
            permission.with_user(self.granter).action_grant()

    # === WHAT THE USER READS === #

    @mute_logger(*RULES)
    def test_error_says_what_is_missing_whom_to_ask_and_how(self):
        """[G11] """
        self.lakeside.user_id = self.granter
        self.env['res.lang']._activate_lang('en_US')
        (self.clara | self.keeper).lang = 'en_US'
        for way, sentences in (
            (lambda: self.flat.with_user(self.clara).read(['name']),
             ("No permission", "project or a building that is not yours",
              "Ask lakeside_manager", "Temporary permissions")),
            (lambda: self.env['property.vehicle'].with_user(self.clara).create({}),
             ("you may not add Vehicle", "Register vehicles / Allowed", "Customer service",
              "Temporary permissions")),
            (lambda: self.project_car.with_user(self.keeper).write({'color': 'red'}),
             ("you may see this, not change it", "single buildings", "Ask lakeside_manager")),
        ):
            with self.assertRaises(AccessError) as caught:
                way()
            for sentence in sentences:
                self.assertIn(sentence, caught.exception.args[0])
            self.assertNotIn('Lakeside', caught.exception.args[0].replace('lakeside_manager', ''),
                             "the name of what is closed is not told")


@tagged('post_install', '-at_install', 'security')
class TestPermissionEnds(PermissionCommon, HttpCase):
    """[A68] The end comes by itself: no cron, no write, no restart; over every way in. """

    def _create_key(self, user):
        return self.env['res.users.apikeys'].with_user(user)._generate(
            'rpc', "Test", self.env.cr.now() + 60 * MINUTE)

    def _ask_all(self, method, args, **json2):
        """ The answers of the browser, of /jsonrpc and of /json/2: None where refused. """
        def unpack(reply):
            if 'error' in reply:
                self.assertEqual(
                    reply['error']['data']['name'], 'odoo.exceptions.AccessError')
            return reply.get('result')

        model = 'property.unit'
        answers = [
            unpack(self.opener.post(
                f'{self.base_url()}/web/dataset/call_kw/{model}/{method}', json={
                    'jsonrpc': '2.0', 'method': 'call', 'id': 1, 'params': {
                        'model': model, 'method': method, 'args': args, 'kwargs': {}}}).json()),
            unpack(self.opener.post(f'{self.base_url()}/jsonrpc', json={
                'jsonrpc': '2.0', 'method': 'call', 'id': 1, 'params': {
                    'service': 'object', 'method': 'execute_kw', 'args': [
                        self.env.cr.dbname, self.clara.id, self.key, model, method, args]},
            }).json()),
        ]
        reply = self.opener.post(
            f'{self.base_url()}/json/2/{model}/{method}', json=json2,
            headers={'Authorization': f'Bearer {self.key}'})
        self.assertIn(reply.status_code, (200, 403))
        answers.append(reply.json() if reply.ok else None)
        return answers

    @mute_logger(*RULES, *HTTP)
    def test_over_in_the_middle_of_the_session(self):
        """ Two seconds before the end everything is answered, and cached; then nothing is. """
        self.key = self._create_key(self.clara)
        self.authenticate('clara_clerk', 'clara_clerk')
        self.clara.property_project_ids = self.hilltop  # for good, so there only the role ends
        permission = self._grant(places=self.lakeside_place, role=self.service)
        permission.sudo().date_end = permission._fields['date_end'].now() + 8 * MINUTE / 60
        self.env.flush_all()

        def read(unit):
            return self._ask_all('read', [unit.ids, ['name']], ids=unit.ids, fields=['name'])

        def write(unit):
            return self._ask_all('write', [unit.ids, {'floor': '9'}], ids=unit.ids,
                                 vals={'floor': '9'})

        shop, flat = ([{'id': unit.id, 'name': unit.name}] for unit in (self.shop, self.hill_flat))
        for _repeat in range(2):
            self.assertEqual(read(self.shop), [shop] * 3)
            self.assertEqual(write(self.shop), [True] * 3)
            self.assertEqual(write(self.hill_flat), [True] * 3)
        while permission.date_end >= permission._fields['date_end'].now():
            time.sleep(0.5)
        self.assertEqual(read(self.shop), [None] * 3)
        self.assertEqual(write(self.shop), [None] * 3)
        self.assertEqual(read(self.hill_flat), [flat] * 3)
        self.assertEqual(write(self.hill_flat), [None] * 3)

    @mute_logger(*RULES, *HTTP)
    def test_all_projects_for_seconds(self):
        """ Record rules that were worked out while the role was lent are not used afterwards. """
        self.key = self._create_key(self.clara)
        self.authenticate('clara_clerk', 'clara_clerk')
        role = self.env['res.users.role'].create({
            'name': "Auditor", 'implied_ids': [
                Command.link(self.env.ref('property_base.group_all_projects').id)]})
        permission = self._grant(role=role, granter=self.manager)
        permission.sudo().date_end = permission._fields['date_end'].now() + 5 * MINUTE / 60
        self.env.flush_all()
        question = {'ids': self.shop.ids, 'fields': ['name']}
        expected = [{'id': self.shop.id, 'name': 'S1'}]
        for answer in [expected, expected, None]:
            while not answer and permission.date_end >= permission._fields['date_end'].now():
                time.sleep(0.5)
            self.assertEqual(
                self._ask_all('read', [self.shop.ids, ['name']], **question), [answer] * 3)

    @mute_logger(*RULES, *HTTP)
    def test_over_a_minute_ago(self):
        self.key = self._create_key(self.clara)
        self.authenticate('clara_clerk', 'clara_clerk')
        self._grant(places=self.lakeside_place, role=self.service, end=-MINUTE)
        self.assertEqual(
            self._ask_all('read', [self.shop.ids, ['name']], ids=self.shop.ids, fields=['name']),
            [None] * 3)
        self.assertEqual(
            self._ask_all('create', [[self._prepare_unit_vals(self.annex, 'S9')]],
                          vals_list=[self._prepare_unit_vals(self.annex, 'S9')]),
            [None] * 3)
        self.assertEqual(
            self._ask_all('search_read', [[], ['name']], domain=[], fields=['name']), [[]] * 3)


@tagged('post_install', '-at_install')
class TestMenus(PermissionCommon):
    """[G07] What each role finds in the menu. """

    def _get_menus(self, *roles):
        user = new_test_user(
            self.env, 'menus', 'base.group_user',
            role_line_ids=[Command.create({'role_id': role.id}) for role in roles])
        names = {
            xmlid.removeprefix('property_base.menu_property_')
            for xmlid in get_menus(user) if xmlid.startswith('property_base.')}
        user.unlink()
        return names

    def test_menus_differ_by_role(self):
        service = self._get_menus(self.service)
        project_manager = self._get_menus(self.env.ref('property_base.role_project_manager'))
        administrator = self._get_menus(self.env.ref('property_base.role_administrator'))
        staff = self._get_menus()
        self.assertFalse(staff, "an employee without a role finds no property menu")
        self.assertLessEqual(
            {'root', 'register', 'unit', 'building', 'entrance', 'project', 'import', 'residents',
             'occupancy', 'vehicle', 'resident', 'permission'}, service)
        self.assertFalse(
            {'config', 'region', 'dictionary_item', 'user', 'role', 'identity_log'} & service)
        self.assertLessEqual(service, project_manager)
        self.assertLessEqual(project_manager, administrator)
        self.assertLessEqual({'config', 'region', 'dictionary_item', 'user', 'role'}, administrator)
