from datetime import timedelta

from freezegun import freeze_time
from lxml import etree

from odoo import fields
from odoo.fields import Command
from odoo.tests import RecordCapturer, new_test_user, tagged

from .common import PropertyCommon


@tagged('post_install', '-at_install')
class TestRoles(PropertyCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.project_manager = cls.env.ref('property_base.role_project_manager')
        cls.customer_service = cls.env.ref('property_base.role_customer_service')
        cls.administrator = cls.env.ref('property_base.role_administrator')

    def _create_user(self, *roles):
        return new_test_user(
            self.env, 'roles', 'base.group_user',
            role_line_ids=[Command.create({'role_id': role.id}) for role in roles])

    def test_what_each_role_may_do(self):
        """[A64] """
        for role, rights in (
            (self.administrator, {'base.group_system', 'property_base.group_property_manager',
                                  'property_base.group_all_projects'}),
            (self.project_manager, {'property_base.group_property_officer',
                                    'property_base.group_identity'}),
            (self.customer_service, {'property_base.group_property_officer'}),
        ):
            with self.subTest(role=role.name):
                user = self._create_user(role)
                for group in ('base.group_system', 'property_base.group_property_manager',
                              'property_base.group_all_projects', 'property_base.group_identity',
                              'property_base.group_property_officer'):
                    self.assertEqual(
                        user.has_group(group),
                        group in rights or role == self.administrator, group)
                user.unlink()

    def test_roles_add_up(self):
        """[A65] Customer service does not see identity numbers, with the second role he does. """
        user = self._create_user(self.customer_service)
        self.assertFalse(user.has_group('property_base.group_identity'))
        user.role_line_ids = [Command.create({'role_id': self.project_manager.id})]
        self.assertTrue(user.has_group('property_base.group_identity'))
        user.role_line_ids.filtered(lambda line: line.role_id == self.project_manager).unlink()
        self.assertFalse(user.has_group('property_base.group_identity'))
        self.assertTrue(user.has_group('property_base.group_property_officer'))

    def test_changed_role_changes_its_users(self):
        """[A64] """
        user = self._create_user(self.customer_service)
        self.customer_service.implied_ids += self.env.ref('property_base.group_identity')
        self.assertTrue(user.has_group('property_base.group_identity'))

    def test_a_new_role_shows_what_can_be_ticked(self):
        """[A64] Before it is saved, when it has no group yet. """
        answer = self.env['res.users.role'].onchange({}, [], {'view_group_hierarchy': {}})
        groups = answer['value']['view_group_hierarchy']['groups']
        self.assertIn(str(self.env.ref('property_base.group_check_in').id), groups)

    def test_chinese_screen_of_roles_is_chinese(self):
        """[A64] Words of other modules that nobody translated there, "No" and "View" included. """
        self.env['res.lang']._activate_lang('zh_CN')
        modules = self.env['ir.module.module'].search(
            [('name', 'in', ('auth_signup', 'base', 'base_user_role', 'property_base'))])
        modules._update_translations('zh_CN')
        env = self.env(context={'lang': 'zh_CN'})
        words = {
            privilege['placeholder']
            for privilege in env['res.groups']._get_view_group_hierarchy()['privileges'].values()}
        fields_ = env['res.users.role.line'].fields_get(
            ['role_id', 'date_from', 'date_to', 'is_enabled'], ['string'])
        words |= {field['string'] for field in fields_.values()}
        words |= set(dict(env['res.users'].fields_get(['state'])['state']['selection']).values())
        form = env.ref('base_user_role.view_res_users_role_form')
        words |= set(etree.fromstring(form.arch_db).xpath('//@string'))
        self.assertLess({'未授予', '角色', '开始日期', '已邀请', '访问权限', '批量添加用户'}, words)
        self.assertFalse([word for word in words if word.isascii()])

    def test_role_for_a_time(self):
        """[A68] A role with an end is gone after it. """
        user = self._create_user(self.customer_service)
        today = fields.Date.context_today(user)
        user.role_line_ids = [Command.create(
            {'role_id': self.project_manager.id, 'date_to': today})]
        self.assertTrue(user.has_group('property_base.group_identity'))
        user.role_line_ids.invalidate_recordset(['is_enabled'])
        with freeze_time(today + timedelta(days=1)):
            self.env['res.users.role'].cron_update_users()
            self.assertFalse(user.has_group('property_base.group_identity'))

    def test_day_of_a_role_is_the_day_of_its_user(self):
        """[A68] In Hangzhou the day begins eight hours before it does in London. """
        user = self._create_user(self.customer_service)
        user.tz = 'Asia/Shanghai'
        line = user.role_line_ids
        with freeze_time('2026-03-01 12:00:00'):
            with RecordCapturer(self.env['ir.cron.trigger']) as capture:
                line.write({'date_from': '2026-03-02', 'date_to': '2026-03-03'})
            self.assertEqual(
                sorted(map(str, capture.records.mapped('call_at'))),
                ['2026-03-01 16:00:00', '2026-03-03 16:00:00'])
        for moment, is_enabled in (
            ('2026-03-01 15:59:00', False), ('2026-03-01 16:00:00', True),
            ('2026-03-03 15:59:00', True), ('2026-03-03 16:00:00', False),
        ):
            with freeze_time(moment):
                line.invalidate_recordset(['is_enabled'])
                self.env['res.users.role'].cron_update_users()
                self.assertEqual(
                    user.has_group('property_base.group_check_in'), is_enabled, moment)

    def test_role_does_not_open_other_projects(self):
        """[A66] """
        user = self._create_user(self.project_manager)
        Unit = self.env['property.unit'].with_user(user)
        self.assertFalse(Unit.search([]))
        user.property_project_ids = self.hilltop
        self.assertEqual(Unit.search([]), self.hill_flat)
