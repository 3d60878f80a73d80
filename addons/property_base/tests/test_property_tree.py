from odoo.tests import HttpCase, tagged

from .common import PropertyCommon


@tagged('post_install', '-at_install')
class TestPropertyTree(PropertyCommon):

    def _get_tree(self, user):
        return self.env['property.project'].with_user(user).get_property_tree()

    def test_tree_of_what_the_user_may_see(self):
        """[A03] """
        tree = self._get_tree(self.officer)
        self.assertEqual([node['name'] for node in tree['nodes']], ['Lakeside'])
        [lakeside] = tree['nodes']
        self.assertEqual(lakeside['count'], 3)
        self.assertEqual(
            [(node['name'], node['count']) for node in lakeside['children']],
            [('Tower 1', 2), ('Annex', 1)])
        [entrance] = lakeside['children'][0]['children']
        self.assertEqual(
            entrance,
            {'model': 'property.entrance', 'id': self.entrance.id, 'name': 'Entrance 1',
             'count': 2, 'children': []})
        self.assertEqual(
            [node['name'] for node in self._get_tree(self.far_manager)['nodes']], ['Faraway'])

    def test_menu_offers_what_the_rights_allow(self):
        """[A03] """
        models = ('project', 'building', 'entrance', 'unit')
        for user, allowed in ((self.clerk, ()), (self.officer, models[1:]), (self.manager, models)):
            with self.subTest(user=user.login):
                self.assertEqual(
                    self._get_tree(user)['can_create'],
                    {f'property.{model}': model in allowed for model in models})

    def test_as_many_queries_for_one_node_as_for_hundreds(self):
        """[A03] """
        def count_queries():
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self._get_tree(self.officer)
            return self.cr.sql_log_count - before

        count_queries()  # fills the caches of rights
        few = count_queries()
        buildings = self.env['property.building'].create([
            {'project_id': self.lakeside.id, 'name': f'Block {no}'} for no in range(200)])
        self.env['property.entrance'].create([
            {'building_id': building.id, 'name': 'East'} for building in buildings])
        self.env['property.unit'].create([
            self._prepare_unit_vals(building, '101') for building in buildings])
        self.env.flush_all()
        self.assertEqual(count_queries(), few)
        self.assertLessEqual(few, 7)


@tagged('post_install', '-at_install')
class TestPropertyTreeScreen(PropertyCommon, HttpCase):

    def test_tree_beside_the_units(self):
        """[A03, A09] Choose a node by mouse and keyboard, make units by menu and button. """
        self.officer.lang = self.env['res.lang']._activate_lang('en_US').code
        self.start_tour('/odoo/property-units', 'property_tree', login=self.officer.login)
        self.assertEqual(set(self.annex.unit_ids.mapped('name')), {'S1', 'S2', '101', '102'})
