from datetime import date

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import HttpCase, freeze_time, tagged

from .common import PropertyCommon


class HomeCommon(PropertyCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lakeside.archive_mode = 'check_in'
        cls._move_in(cls.flat, cls.olga).awaits_check_in = False
        cls._move_in(cls.flat, cls.tom, role='tenant').awaits_check_in = False
        cls._move_in(cls.next_flat, cls.fred, start=date(2026, 3, 1))
        cls._move_in(cls.hill_flat, cls.hilda)


@tagged('post_install', '-at_install')
@freeze_time('2026-03-10')
class TestHome(HomeCommon):
    """ The front page: only what is in the user's projects, as he arranged it. """

    def _get_home(self, user, *args):
        home = self.env['property.home'].with_user(user).get_home(*args)
        return {**home, **{card['key']: card for card in home['cards']}}

    def _count(self, home):
        return {item['key']: item['count'] for item in home['reminders']['items']}

    def test_rooms_of_ones_own_projects(self):
        """[A73] Lakeside: the flat is let, the next flat is owned, the shop is vacant. """
        pie = self._get_home(self.officer)['occupancy']
        self.assertEqual(
            [(part['key'], part['count'], round(part['rate'], 2)) for part in pie['slices']],
            [('leased', 1, 33.33), ('sold', 1, 33.33), ('vacant', 1, 33.33)])
        self.assertEqual(self._get_home(self.hill_officer)['occupancy']['total'], 1)
        self.assertEqual(self._get_home(self.far_manager)['occupancy']['slices'][2]['count'], 1)

    def test_pie_of_an_empty_register(self):
        self.env['property.unit'].search([]).active = False
        pie = self._get_home(self.officer)['occupancy']
        self.assertEqual((pie['total'], pie['slices'][0]['rate']), (0, 0))

    def test_reminders_count_what_they_open(self):
        """[A70] """
        self.lakeside.approves_residents = True
        entry = self.env['property.occupancy'].with_user(self.officer).create({
            'unit_id': self.shop.id, 'partner_id': self.newcomer.id, 'role': 'owner',
            'date_start': date(2026, 3, 10)})
        self.assertEqual(entry.state, 'pending')
        self.assertEqual(self._count(self._get_home(self.officer)), {'awaiting': 1})
        home = self._get_home(self.manager)
        self.assertEqual(self._count(home), {'awaiting': 1, 'pending': 1})
        action = self.env.ref(home['reminders']['items'][1]['action'])
        self.assertEqual(action.res_model, 'property.occupancy')
        self.assertEqual(self._count(self._get_home(self.hill_officer)), {})

    def test_what_ends_soon(self):
        """[A70] [A71] [X1] 10 March: tenancies up to 9 April, only while he is there; the use of a
        space from 20 days before its end, 10 March, on until he gives it back.
        """
        space = self.env['property.unit'].create(
            self._prepare_unit_vals(self.annex, 'P1', kind='parking'))
        tenancy = self.env['property.occupancy'].search([('partner_id', '=', self.tom.id)])
        use = self._move_in(space, self.tom, role='tenant', end=date(2026, 3, 30))
        use.awaits_check_in = False
        licence = self.env['property.document'].create({
            'name': "Lift licence", 'kind': 'licence', 'project_id': self.lakeside.id,
            'file': 'cGFwZXI=', 'date': date(2025, 1, 1), 'date_expiry': date(2026, 3, 1)})
        for end, found in (
            (False, {'awaiting': 1, 'parking': 1, 'documents': 1}),
            (date(2026, 4, 10), {'awaiting': 1, 'parking': 1, 'documents': 1}),
            (date(2026, 4, 9), {'awaiting': 1, 'parking': 1, 'documents': 1, 'tenancies': 1}),
            (date(2026, 3, 9), {'awaiting': 1, 'parking': 1, 'documents': 1}),
        ):
            with self.subTest(end=end):
                tenancy.date_end = end
                self.assertEqual(self._count(self._get_home(self.officer)), found)
        licence.active = False
        for end, found in ((date(2026, 3, 31), 0), (date(2026, 3, 9), 1)):
            use.date_end = end
            self.assertEqual(self._count(self._get_home(self.officer)).get('parking', 0), found)
        use._move_out(date(2026, 3, 9), self.env['property.open.matter'])
        self.assertEqual(self._count(self._get_home(self.officer)), {'awaiting': 1})
        self.assertEqual(self._count(self._get_home(self.hill_officer)), {})

    def test_chosen_projects(self):
        """[A75] Of his own only; another's project by its id changes nothing. """
        home = self._get_home(self.manager, self.hilltop.ids)
        self.assertEqual(home['project_ids'], self.hilltop.ids)
        self.assertEqual(home['occupancy']['total'], 1)
        home = self._get_home(self.officer, self.hilltop.ids)
        self.assertEqual(home['project_ids'], [])
        self.assertEqual(home['occupancy']['total'], 3, "Lakeside's")
        self.assertEqual([project['name'] for project in home['projects']], ['Lakeside'])

    def test_arranged_by_each_for_himself(self):
        """[A75] """
        self.env['property.home'].with_user(self.manager).set_layout(
            ['occupancy', 'reminders'], ['reminders'], self.lakeside.ids)
        home = self._get_home(self.manager)
        keys = [card['key'] for card in home['cards']]
        self.assertEqual(keys[:2], ['occupancy', 'reminders'])
        self.assertEqual((home['hidden'], home['project_ids']), (
            ['reminders'], self.lakeside.ids))
        self.assertEqual(self._get_home(self.officer)['cards'][0]['key'], 'reminders')
        home = self._get_home(self.manager, [])
        self.assertEqual(home['project_ids'], [], "all again, until that is stored")

    def test_queries_do_not_grow_with_projects(self):
        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            self._get_home(self.manager)
            return self.cr.sql_log_count - start

        count()
        few = count()
        projects = self.env['property.project'].create(
            [{'name': f'Project {number}'} for number in range(20)])
        buildings = self.env['property.building'].create(
            [{'project_id': project.id, 'name': 'House'} for project in projects])
        self.env['property.unit'].create(
            [self._prepare_unit_vals(building, '1') for building in buildings])
        count()  # what is cached was cleared, or has had to make room
        self.assertEqual(count(), few)

    def test_strangers(self):
        for user in (self._create_portal_user(self.olga), self.env.ref('base.public_user')):
            Home = self.env['property.home'].with_user(user)
            with self.assertRaises(AccessError):
                Home.get_home()
            with self.assertRaises(AccessError):
                Home.set_layout([], [], [])


@tagged('post_install', '-at_install')
class TestHomeScreen(HomeCommon, HttpCase):

    def test_open_arrange_and_hide(self):
        """[A70] [A73] [A75] What is counted opens; cards are moved and hidden, and stay so. """
        self.manager.write({
            'lang': self.env['res.lang']._activate_lang('en_US').code,
            'property_project_ids': [Command.set((self.lakeside + self.hilltop).ids)]})
        self.start_tour('/odoo/property-home', 'property_home', login=self.manager.login)
        layout = self.manager.res_users_settings_id.property_home_layout
        self.assertEqual(layout['order'][:2], ['occupancy', 'reminders'])
        self.assertEqual((layout['hidden'], layout['project_ids']), (
            ['reminders'], self.lakeside.ids))
