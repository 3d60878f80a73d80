from lxml import etree

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import PropertyCommon


@tagged('post_install', '-at_install')
class TestSettings(PropertyCommon):
    """[A67] [G36] One page of settings (系统设置), from which everything is found. """

    def test_every_menu_of_configuration_is_on_the_page(self):
        """ Who looks for it on the page finds it as well as who opens the menu. """
        admin = new_test_user(
            self.env, 'settings_admin', 'base.group_system,property_base.group_property_manager')
        view = self.env['res.config.settings'].with_user(admin).get_view(
            self.env.ref('base.res_config_settings_view_form').id)
        app = etree.fromstring(view['arch']).find(".//app[@name='property_base']")
        linked = {int(button.get('name')) for button in app.iter('button')
                  if button.get('type') == 'action'}
        menus = self.env['ir.ui.menu'].search(
            [('id', 'child_of', self.env.ref('property_base.menu_property_config').id)])
        settings = self.env.ref('property_base.res_config_settings_action')
        for action in [menu.action for menu in menus if menu.action] + [
                self.env.ref('property_base.property_initialise_action'),
                self.env.ref('base.action_res_users_my'), self.env.ref('base.grant_menu_access')]:
            if action != settings:
                self.assertIn(action.id, linked, action.name)
        self.assertEqual(app.findall('block')[-1].get('name'), 'property_system')

    def test_page_tells_how_it_stands(self):
        self.lakeside.approves_residents = True
        self.hilltop.archive_mode = 'check_in'
        settings = self.env['res.config.settings'].create({})
        projects = self.env['property.project'].search([('company_id', '=', self.company.id)])
        self.assertEqual(settings.property_project_count, len(projects))
        self.assertEqual(settings.property_approving_count, len(
            projects.filtered('approves_residents')))
        self.assertGreaterEqual(settings.property_check_in_count, 1)
        with self.assertRaises(AccessError):
            self.env['res.config.settings'].with_user(self.manager).create({})
