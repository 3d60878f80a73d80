from datetime import date

from freezegun import freeze_time
from lxml import etree

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval

from .common import PropertyCommon


@tagged('post_install', '-at_install', 'security')
class TestPopulation(PropertyCommon):
    """[A79] Figures of groups, for a group of its own, and of nobody in particular. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.planner = new_test_user(
            cls.env, 'planner', 'base.group_user,property_base.group_population')
        cls.lakeside.user_ids += cls.planner
        people = cls.env['res.partner'].create([{'name': f'Person {n}'} for n in range(14)])
        cls.env['property.resident'].create([
            {'partner_id': person.id, 'sex': 'male' if n < 9 else 'female',
             'date_birth': date(1980, 1, 1)}
            for n, person in enumerate(people)])
        cls._move_in(cls.flat, cls.olga)  # lives elsewhere: a tenant is in
        cls._move_in(cls.flat, people[0], role='tenant')
        for person in people[1:10]:
            cls._move_in(cls.flat, person, role='family', share=0)
        for person in people[10:12]:
            cls._move_in(cls.next_flat, person, role='user', share=0)
        for person in people[12:]:
            cls._move_in(cls.shop, person, role='user', share=0)
        cls._move_in(cls.next_flat, people[10], role='user', share=0,
                     start=date(2020, 1, 1), end=date(2020, 12, 31))
        cls._move_in(cls.hill_flat, cls.hilda)

    def _read(self, user=None):
        Population = self.env['property.population'].with_user(user or self.planner)
        Population.action_open_figures()
        groups = Population._read_group(
            [('project_id', 'in', (self.lakeside | self.hilltop).ids)],
            ['project_id', 'building_id', 'dimension', 'category'], ['people:sum'])
        return {(project.name, building.name, *key): people
                for project, building, *key, people in groups}

    @freeze_time('2025-05-15')
    def test_figures(self):
        """ 12 people live in the tower, 2 in the annex: too few, so both are counted together. 10
        share a flat, 4 live by twos: too few, so nothing is told of households. Hilltop has one
        resident, so it has no figures.
        """
        self.assertEqual(self._read(), {
            ('Lakeside', False, 'age', 'age_35'): 14,
            ('Lakeside', False, 'sex', 'male'): 9,
            ('Lakeside', False, 'sex', 'female'): 5,
            ('Lakeside', False, 'household', 'others'): 14,
        })

    def test_every_filter_finds_its_figures(self):
        Population = self.env['property.population'].with_user(self.planner)
        Population.action_open_figures()
        arch = etree.fromstring(Population.get_view(view_type='search')['arch'])
        for name in ('age', 'sex', 'household', 'this_month'):
            [found] = arch.xpath(f"//filter[@name='{name}']")
            with self.subTest(name=name):
                self.assertTrue(Population.search(safe_eval(found.get('domain'))))

    def test_a_move_within_the_month_shows_nothing(self):
        with freeze_time('2025-05-15'):
            before = self._read()
            self._move_in(self.flat, self.newcomer, role='family', share=0)
            self.assertEqual(self._read(), before)

    @freeze_time('2025-05-15')
    @mute_logger('odoo.addons.base.models.ir_model', 'odoo.addons.base.models.ir_rule')
    def test_for_that_group_only(self):
        for user in (self.officer, self.clerk, self._create_portal_user(self.olga)):
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    self.env['property.population'].with_user(user).action_open_figures()
                with self.assertRaises(AccessError):
                    self.env['property.population'].with_user(user).search([])
        self._read()
        self.assertEqual(
            self.lakeside.with_user(self.planner).display_name, 'Lakeside', "a name is no secret")
        for model in ('property.resident', 'property.occupancy', 'property.unit'):
            with self.assertRaises(AccessError):
                self.env[model].with_user(self.planner).search([])
        figures = self.env['property.population'].with_user(self.planner).search([])
        self.assertTrue(figures)
        with self.assertRaises(AccessError):
            figures.write({'people': 9})
        stranger = new_test_user(
            self.env, 'stranger', 'base.group_user,property_base.group_population')
        self.assertFalse(self.env['property.population'].with_user(stranger).search(
            [('project_id', '=', self.lakeside.id)]))
