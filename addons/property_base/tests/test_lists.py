import io
import json

import openpyxl

from odoo.http import Request
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import PropertyCommon


@tagged('post_install', '-at_install')
class TestLists(PropertyCommon, HttpCase):
    """ What every list of the register offers. """

    def _get_actions(self):
        menus = self.env['ir.ui.menu'].with_context(active_test=False).search(
            [('id', 'child_of', self.env.ref('property_base.menu_property_root').id)])
        actions = [
            menu.action for menu in menus
            if menu.action and menu.action._name == 'ir.actions.act_window']
        return [
            action for action in actions
            if action.res_model.startswith('property.')
            and not self.env[action.res_model]._transient]

    def test_every_menu_opens_a_list_that_can_be_searched(self):
        """[A13] Find and count: a list, a search view with a field or a filter. """
        actions = self._get_actions()
        self.assertGreater(len(actions), 8)
        for action in actions:
            with self.subTest(action=action.name):
                self.assertIn('list', action.view_mode.split(','))
                views = self.env[action.res_model].get_views(
                    [(False, 'list'), (False, 'search')])['views']
                self.assertRegex(views['search']['arch'], '<(field|filter) ')

    def test_masters_are_archived_rather_than_deleted(self):
        """[A13] [A19] What daily work keeps can be archived; officers delete none of it. """
        for model in ('property.project', 'property.building', 'property.entrance',
                      'property.unit', 'property.vehicle', 'property.document',
                      'property.dictionary.item', 'property.region'):
            with self.subTest(model=model):
                self.assertIn('active', self.env[model]._fields)
                self.assertFalse(self.env[model].with_user(self.officer).has_access('unlink'))
                self.assertFalse(self.env[model].with_user(self.clerk).has_access('write'))

    def _export(self, login, groupby=()):
        self.authenticate(login, login)
        return self.url_open('/web/export/xlsx', data={
            'csrf_token': Request.csrf_token(self),
            'data': json.dumps({
                'model': 'property.unit', 'ids': False, 'groupby': list(groupby),
                'domain': [('project_id', '=', self.lakeside.id)], 'import_compat': False,
                'fields': [
                    {'name': 'complete_name', 'label': "Unit", 'type': 'char'},
                    {'name': 'building_area', 'label': "Building area", 'type': 'float'}],
            })})

    def test_export_adds_up_to_the_list(self):
        """[G16] Excel has a total per group, which is that of the list. """
        self.shop.building_area = 45.5
        answer = self._export('lakeside_officer', ['kind'])
        self.assertEqual(answer.status_code, 200)
        rows = list(openpyxl.load_workbook(io.BytesIO(answer.content)).active.values)
        totals = dict(self.env['property.unit']._read_group(
            [('project_id', '=', self.lakeside.id)], ['kind'], ['building_area:sum']))
        self.assertEqual(totals, {'flat': 200, 'shop': 45.5})
        self.assertEqual(
            {row[0].strip(): row[1] for row in rows[1:] if row[0].strip().endswith(')')},
            {'flat (2)': 200, 'shop (1)': 45.5})
        self.assertEqual(
            sum(row[1] for row in rows[1:] if not row[0].strip().endswith(')')), 245.5)

    def test_export_needs_its_right_and_shows_only_what_the_user_sees(self):
        """[G07] [G16] """
        answer = self._export('hilltop_officer')
        rows = list(openpyxl.load_workbook(io.BytesIO(answer.content)).active.values)
        self.assertEqual(len(rows), 1, "headings only: Lakeside is not his")
        group = self.env.ref('base.group_allow_export')
        self.officer.group_ids -= group
        with mute_logger('odoo.addons.web.controllers.export'):
            self.assertNotEqual(self._export('lakeside_officer').status_code, 200)

    def test_house_archive_has_what_belongs_to_the_unit(self):
        """[A84] Owner and tenant, present and past, on one sheet; phones are masked. """
        self.olga.phone = '13812345678'
        self._move_in(self.flat, self.olga)
        self._move_in(self.flat, self.fred, role='tenant', end='2024-03-31')
        self.flat.contract_number = 'HT-1'
        html = self.env['ir.actions.report'].with_user(self.clerk)._render_qweb_html(
            'property_base.report_unit_archive', self.flat.ids)[0].decode()
        for text in ("Olga Owner", "Fred Former", 'HT-1', 'Tower 1-Entrance 1-101'):
            self.assertIn(text, html)
        self.assertNotIn('13812345678', html)
