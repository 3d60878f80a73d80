from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import PropertyCommon

MODELS = (
    'property.project', 'property.building', 'property.entrance', 'property.unit',
    'property.occupancy', 'property.vehicle',
)

# Rules in words of their own, each with its tests.
OTHER_RULES = {
    'property.import',  # of whoever brought it, until its project exists
}


@tagged('post_install', '-at_install', 'security')
class TestProjectRules(PropertyCommon):
    """[A66] Who sees what: by project, by company, and on the portal by who lives there. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['property.entrance'].create([
            {'building_id': building.id, 'name': 'Gate'}
            for building in (cls.hill_house, cls.far_house)])
        cls.owner = cls._move_in(cls.flat, cls.olga)
        cls.tenant = cls._move_in(cls.flat, cls.tom, role='tenant')
        cls.former = cls._move_in(cls.next_flat, cls.fred, end=date(2025, 5, 14))
        cls._move_in(cls.hill_flat, cls.hilda)
        cls._move_in(cls.far_flat, cls.yara)
        cls.env['property.vehicle'].create([
            {'name': 'L 11111', 'unit_id': cls.flat.id, 'partner_id': cls.olga.id},
            {'name': 'L 22222', 'unit_id': cls.next_flat.id, 'partner_id': cls.fred.id},
            {'name': 'H 33333', 'unit_id': cls.hill_flat.id, 'partner_id': cls.hilda.id},
            {'name': 'F 44444', 'unit_id': cls.far_flat.id, 'partner_id': cls.yara.id},
        ])
        people = cls.olga | cls.tom | cls.fred | cls.hilda | cls.yara | cls.newcomer
        cls.env['property.resident'].create([
            {'partner_id': partner.id, 'identity_number': f'44030119800101{partner.id:04d}'}
            for partner in people])
        for name in ('olga', 'tom', 'fred', 'hilda', 'newcomer'):
            setattr(cls, f'{name}_user', cls._create_portal_user(getattr(cls, name)))

    def _get_projects(self, user, model):
        """ The projects whose records the user finds. """
        records = self.env[model].with_user(user).search([]).sudo()
        projects = records if model == 'property.project' else records.project_id
        return projects & (self.lakeside | self.hilltop | self.faraway)

    def _get_people(self, user):
        return self.env['property.resident'].with_user(user).search([]).sudo().partner_id \
            & (self.olga | self.tom | self.fred | self.hilda | self.yara | self.newcomer)

    # === EVERY MODEL HAS ITS RULE === #

    def test_every_model_of_a_project_has_its_global_rules(self):
        """ In the one form that is tested here: another one needs a test of its own. """
        form = (
            "[(1, '=', 1)] if user.share or user.has_group('property_base.group_all_projects') "
            "else [('%s', '=', True)]")
        for model_name, model in self.env.registry.items():
            if model._abstract or model._transient:
                continue
            links = {
                field.name for field in model._fields.values()
                if field.store and field.type == 'many2one'
                and field.comodel_name in ('property.project', 'property.building')}
            if not links or model_name in OTHER_RULES:
                continue
            with self.subTest(model=model_name):
                self.assertIn('property_in_scope', model._fields, "it lacks property.scope.mixin")
                self.assertIn(model._property_project_field, links | {'id'})
                rules = self.env['ir.rule'].search([
                    ('model_id.model', '=', model_name), ('global', '=', True)])
                found = {
                    mode: {rule.domain_force for rule in rules if rule[f'perm_{mode}']}
                    for mode in ('read', 'write', 'create', 'unlink')}
                self.assertTrue(
                    {form % 'property_in_scope', form % 'property_in_write_scope'}
                    & found['read'], "no global rule for reading")
                for mode in ('write', 'create', 'unlink'):
                    self.assertIn(
                        form % 'property_in_write_scope', found[mode], f"no global rule: {mode}")
                unit_fields = [
                    field for field in model._fields.values()
                    if field.type == 'many2one' and field.comodel_name == 'property.unit']
                if unit_fields:
                    building = model._fields.get(model._property_building_field)
                    self.assertTrue(building and building.store, "it has a unit and no building")
                    self.assertTrue(building.index or not model._auto, "it is searched by it")

    def test_every_model_that_the_portal_reads_has_a_portal_rule(self):
        """ Without a rule of its own, the portal would see what all staff together see. """
        portal = self.env.ref('base.group_portal')
        readable = self.env['ir.model.access'].search([
            ('group_id', '=', portal.id), ('model_id.model', '=like', 'property.%')]).model_id
        with_rule = self.env['ir.rule'].search([('groups', 'in', portal.ids)]).model_id
        self.assertEqual(
            (readable - with_rule).mapped('model'), ['property.dictionary.item'],
            "only words are free for all")

    # === STAFF === #

    def test_staff_see_their_projects(self):
        for user, projects in (
            (self.officer, self.lakeside),
            (self.clerk, self.lakeside),
            (self.hill_officer, self.hilltop),
            (self.manager, self.lakeside | self.hilltop),
            (self.far_manager, self.faraway),
        ):
            for model in MODELS:
                with self.subTest(user=user.login, model=model):
                    self.assertEqual(self._get_projects(user, model), projects)

    def test_figures_and_names_count_only_them(self):
        Unit = self.env['property.unit'].with_user(self.officer)
        groups = Unit._read_group([], ['project_id'], ['__count'])
        self.assertEqual(
            [(project.name, count) for project, count in groups], [('Lakeside', 3)])
        groups = Unit.formatted_read_group([], ['building_id'], ['building_area:sum'])
        self.assertEqual(sum(group['building_area:sum'] for group in groups), 300)
        names = {name for _id, name in Unit.name_search('101')}
        self.assertEqual(names, {'Tower 1-Entrance 1-101'})

    @mute_logger('odoo.addons.base.models.ir_rule')
    def test_other_projects_are_closed_whatever_the_way(self):
        foreign = {
            'property.unit': self.hill_flat,
            'property.building': self.hill_house,
            'property.project': self.hilltop,
            'property.occupancy': self.hill_flat.occupancy_ids,
            'property.vehicle': self.hill_flat.vehicle_ids,
        }
        for model, record in foreign.items():
            record = record.with_user(self.officer)
            with self.subTest(model=model):
                self.assertFalse(record.search([('id', 'in', record.ids)]))
                with self.assertRaises(AccessError):
                    record.read(['display_name'])
                with self.assertRaises(AccessError):
                    record.export_data(['display_name'])
                with self.assertRaises(AccessError):
                    record.write({'active': False} if 'active' in record else {'note': 'x'})
                with self.assertRaises(AccessError):
                    record.unlink()

    @mute_logger('odoo.addons.base.models.ir_rule')
    def test_nothing_is_moved_into_a_foreign_project(self):
        with self.assertRaises(AccessError):
            self.env['property.building'].with_user(self.officer).create(
                {'project_id': self.hilltop.id, 'name': 'Intruder'})
        with self.assertRaises(AccessError), self.cr.savepoint():
            self.tower.with_user(self.officer).project_id = self.hilltop
        with self.assertRaises(AccessError), self.cr.savepoint():
            self.shop.with_user(self.officer).building_id = self.hill_house
        with self.assertRaises(AccessError):
            self.env['property.occupancy'].with_user(self.officer).create(
                {'unit_id': self.hill_flat.id, 'partner_id': self.tom.id, 'role': 'tenant'})

    def test_rights_grow_from_user_to_manager(self):
        for user, created, deleted in (
            (self.clerk, False, False), (self.officer, True, False), (self.manager, True, True),
        ):
            for model in ('property.building', 'property.unit', 'property.occupancy'):
                with self.subTest(user=user.login, model=model):
                    Model = self.env[model].with_user(user)
                    self.assertTrue(Model.has_access('read'))
                    self.assertEqual(Model.has_access('create'), created)
                    self.assertEqual(Model.has_access('write'), created)
                    self.assertEqual(Model.has_access('unlink'), deleted)
        self.assertFalse(self.env['property.project'].with_user(self.officer).has_access('create'))

    def test_project_is_seen_as_soon_as_it_is_assigned(self):
        self.assertFalse(self._get_projects(self.officer, 'property.unit') & self.hilltop)
        self.hilltop.user_ids += self.officer
        self.assertEqual(
            self._get_projects(self.officer, 'property.unit'), self.lakeside | self.hilltop)
        self.hilltop.user_ids -= self.officer
        self.assertEqual(self._get_projects(self.officer, 'property.unit'), self.lakeside)

    def test_company_that_is_not_active_is_not_seen(self):
        self.manager.company_ids += self.other_company
        units = self.env['property.unit'].with_user(self.manager)
        both = units.with_context(allowed_company_ids=(self.company | self.other_company).ids)
        self.assertIn(self.far_flat, both.search([]))
        one = units.with_context(allowed_company_ids=self.company.ids)
        self.assertNotIn(self.far_flat, one.search([]))

    # === IDENTITY === #

    def test_residents_are_seen_where_they_live_or_lived(self):
        """[A24] Staff see the residents of their projects, and whom nobody has placed yet. """
        self.assertEqual(
            self._get_people(self.officer), self.olga | self.tom | self.fred | self.newcomer)
        self.assertEqual(self._get_people(self.hill_officer), self.hilda | self.newcomer)
        self.assertEqual(self._get_people(self.far_manager), self.yara | self.newcomer)

    # === PORTAL === #

    @freeze_time('2025-05-15')
    def test_portal_user_sees_what_his_live_occupancies_give(self):
        for user, units, people in (
            (self.olga_user, self.flat, self.olga | self.tom),  # an owner knows his tenant
            (self.tom_user, self.flat, self.tom),
            (self.fred_user, self.flat.browse(), self.fred.browse()),
            (self.hilda_user, self.hill_flat, self.hilda),
            (self.newcomer_user, self.flat.browse(), self.fred.browse()),
        ):
            with self.subTest(user=user.login):
                def find(model, user=user):
                    return self.env[model].with_user(user).search([]).sudo()

                self.assertEqual(find('property.unit'), units)
                self.assertEqual(find('property.building'), units.building_id)
                self.assertEqual(find('property.entrance'), units.entrance_id)
                self.assertEqual(find('property.project'), units.project_id)
                self.assertEqual(find('property.occupancy').partner_id, people)
                self.assertEqual(find('property.resident').partner_id, user.partner_id)

    def test_last_day_still_counts_the_next_does_not(self):
        """ The day is read at each search, not when the rule was first evaluated. """
        units = self.env['property.unit'].with_user(self.fred_user)
        with freeze_time('2025-05-14 04:00:00'):
            self.assertEqual(units.search([]), self.next_flat)
            self.assertEqual(units.browse(self.next_flat.id).name, '102')
        self.env.invalidate_all()
        with freeze_time('2025-05-15 04:00:00'):
            self.assertFalse(units.search([]))
            with mute_logger('odoo.addons.base.models.ir_rule'), self.assertRaises(AccessError):
                units.browse(self.next_flat.id).read(['name'])

    @freeze_time('2025-05-15')
    def test_future_tenant_sees_nothing_yet(self):
        self._move_in(self.shop, self.newcomer, role='tenant', start=date(2025, 5, 16))
        self.assertFalse(self.env['property.unit'].with_user(self.newcomer_user).search([]))

    @freeze_time('2025-05-15')
    def test_vehicles_of_the_own_partner_where_he_lives(self):
        def find(user):
            return self.env['property.vehicle'].with_user(user).search([]).mapped('name')

        self.assertEqual(find(self.olga_user), ['L 11111'])
        self.assertEqual(find(self.tom_user), [])
        self.assertEqual(find(self.fred_user), [], "he has moved out")

    @freeze_time('2025-05-15')
    def test_contact_of_an_owner_is_not_the_owner(self):
        contact = self.env['res.partner'].create(
            {'name': 'Carl Contact', 'parent_id': self.olga.id})
        user = self._create_portal_user(contact)
        self.assertFalse(self.env['property.unit'].with_user(user).search([]))

    @freeze_time('2025-05-15')
    @mute_logger('odoo.addons.base.models.ir_rule', 'odoo.addons.base.models.ir_model')
    def test_portal_user_changes_nothing_and_sees_no_internal_field(self):
        unit = self.flat.with_user(self.olga_user)
        for change in (
            lambda: unit.write({'building_area': 1}),
            lambda: unit.unlink(),
            lambda: self.owner.with_user(self.olga_user).write({'date_end': False}),
            lambda: self.env['property.occupancy'].with_user(self.olga_user).create(
                {'unit_id': self.shop.id, 'partner_id': self.olga.id}),
            lambda: unit.read(['note']),
            lambda: self.owner.with_user(self.olga_user).read(['note']),
            lambda: self.lakeside.with_user(self.olga_user).read(['user_ids']),
            lambda: self.env['property.region'].with_user(self.olga_user).search([]),
            lambda: self.hill_flat.with_user(self.olga_user).read(['name']),
        ):
            with self.assertRaises(AccessError):
                change()
        with self.assertRaises(UserError):
            unit.export_data(['name'])
        self.assertEqual(
            self.env['property.unit'].with_user(self.olga_user).name_search('102'), [])
        self.assertEqual(
            self.env['property.unit'].with_user(self.olga_user)._read_group(
                [], [], ['__count', 'building_area:sum']),
            [(1, 100)])
        self.assertIn('Olga', self.owner.with_user(self.olga_user).display_name)

    @mute_logger('odoo.addons.base.models.ir_model')
    def test_others_see_nothing_at_all(self):
        employee = new_test_user(self.env, 'employee', 'base.group_user')
        for user in (self.env.ref('base.public_user'), employee):
            for model in (*MODELS, 'property.resident', 'property.region'):
                with self.subTest(user=user.login, model=model), self.assertRaises(AccessError):
                    self.env[model].with_user(user).search([])
