import json
from datetime import date, datetime, timedelta

from odoo import http
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common import PropertyCommon

RULES = ('odoo.addons.base.models.ir_rule', 'odoo.addons.base.models.ir_access',
         'odoo.addons.base.models.ir_model')

HTTP = ('odoo.http', 'odoo.addons.rpc.controllers.jsonrpc')


class BuildingCommon(PropertyCommon):
    """ The keeper has Tower 1 of Lakeside, and nothing of its Annex. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.keeper = cls._create_staff('tower_keeper', 'group_property_officer')
        cls.tower.user_ids = cls.keeper
        cls.far_officer = cls._create_staff('far_officer', 'group_property_officer')
        cls.far_officer.write({
            'company_ids': [Command.set(cls.other_company.ids)],
            'company_id': cls.other_company.id,
            'property_project_ids': [Command.set(cls.faraway.ids)],
        })
        cls.stranger = cls._create_staff('no_project', 'group_property_officer')

        cls.gate = cls.env['property.entrance'].create(
            {'building_id': cls.annex.id, 'name': 'Gate'})
        cls._move_in(cls.flat, cls.olga)
        cls._move_in(cls.shop, cls.tom)
        cls._move_in(cls.flat, cls.fred, role='tenant', end=date(2025, 5, 14))
        cls.own_car, cls.shop_car, cls.project_car = cls.env['property.vehicle'].create([
            {'name': 'L 11111', 'unit_id': cls.flat.id},
            {'name': 'L 22222', 'unit_id': cls.shop.id},
            {'name': 'L 33333', 'project_id': cls.lakeside.id},
        ])
        people = cls.olga | cls.tom
        cls.olga_record, cls.tom_record = cls.env['property.resident'].create([
            {'partner_id': partner.id, 'identity_number': '440301198001011234'}
            for partner in people])
        cls.olga_number, cls.tom_number = cls.env['property.resident.number'].create([
            {'project_id': cls.lakeside.id, 'partner_id': partner.id, 'name': str(partner.id)}
            for partner in people])
        cls.own = [
            cls.tower, cls.entrance, cls.flat, cls.flat.occupancy_ids, cls.own_car,
            cls.olga_record,
        ]
        cls.foreign = [
            cls.annex, cls.gate, cls.shop, cls.shop.occupancy_ids, cls.shop_car, cls.tom_record,
            cls.tom_number,
        ]
        cls.common = [cls.lakeside, cls.project_car, cls.olga_number]


@tagged('post_install', '-at_install', 'security')
class TestBuildingRules(BuildingCommon):
    """[A66] Who has one building of a project sees nothing of the next. """

    def assertClosed(self, records, user):
        records = records.with_user(user)
        with self.subTest(user=user.login, model=records._name):
            self.assertFalse(records.search([('id', 'in', records.ids)]))
            self.assertFalse(records.search_count([('id', 'in', records.ids)]))
            self.assertFalse(
                records.formatted_read_group([('id', 'in', records.ids)], [], ['__count'])
                [0]['__count'])
            for way in (
                lambda: records.read(['display_name']),
                lambda: records.web_read({'display_name': {}}),
                lambda: records.export_data(['display_name']),
                lambda: records.write({'write_date': False}),
                lambda: records.copy(),
                lambda: records.unlink(),
            ):
                with self.assertRaises(AccessError), self.cr.savepoint():
                    way()

    def test_own_building_is_open(self):
        for records in self.own:
            with self.subTest(model=records._name):
                seen = records.with_user(self.keeper)
                self.assertEqual(seen.search([('id', 'in', records.ids)]), seen)
                self.assertTrue(seen.read(['display_name']))
                seen.check_access('write')

    @mute_logger(*RULES)
    def test_next_building_is_closed(self):
        for records in self.foreign:
            self.assertClosed(records, self.keeper)

    @mute_logger(*RULES)
    def test_other_project_other_company_nobody(self):
        for user in (self.hill_officer, self.far_officer, self.stranger):
            for records in self.own + self.foreign + self.common:
                self.assertClosed(records, user)

    def test_former_owner_stranger_and_public(self):
        """ Who has moved out, who never lived here, staff without a right, and the street. """
        employee = new_test_user(self.env, 'employee', 'base.group_user')
        fred = self._create_portal_user(self.fred)
        newcomer = self._create_portal_user(self.newcomer)
        for user in (fred, newcomer, employee, self.env.ref('base.public_user')):
            for records in self.own + self.foreign + self.common:
                with self.subTest(user=user.login, model=records._name):
                    seen = records.with_user(user)
                    self.assertFalse(seen.has_access('read'))
                    self.assertFalse(
                        seen.browse().has_access('read')
                        and seen.search([('id', 'in', records.ids)]))
                    for operation in ('write', 'create', 'unlink'):
                        self.assertFalse(seen.has_access(operation))

    def test_each_role_keeps_to_its_building(self):
        """[A64] A role says what one may do, never where. """
        for role in self.env['res.users.role'].search([('is_lendable', '=', True)]):
            user = new_test_user(
                self.env, f'role_{role.id}', 'base.group_user',
                role_line_ids=[Command.create({'role_id': role.id})],
                property_building_ids=[Command.set(self.tower.ids)])
            for records in self.foreign:
                with self.subTest(role=role.name, model=records._name):
                    self.assertFalse(records.with_user(user).has_access('read'))
            with self.subTest(role=role.name):
                self.assertEqual(
                    self.env['property.unit'].with_user(user).search([]),
                    self.flat | self.next_flat)

    @mute_logger(*RULES)
    def test_what_the_project_has_in_common_is_read_only(self):
        for records in self.common:
            with self.subTest(model=records._name):
                seen = records.with_user(self.keeper)
                self.assertEqual(seen.search([('id', 'in', records.ids)]), seen)
                self.assertTrue(seen.read(['display_name']))
                self.assertFalse(seen.has_access('write'))
                self.assertFalse(seen.has_access('unlink'))

    @mute_logger(*RULES)
    def test_who_has_single_buildings_is_not_offered_a_new_one(self):
        """[G07] Neither as a button of the list, nor by calling create. """
        Building = self.env['property.building']
        self.assertTrue(Building.with_user(self.officer).has_access('create'))
        for user in (self.keeper, self.stranger):
            arch = Building.with_user(user).get_views([(False, 'list')])['views']['list']['arch']
            self.assertIn('create="False"', arch)
            with self.assertRaisesRegex(AccessError, "single buildings only"):
                Building.with_user(user).create({'name': '9', 'project_id': self.lakeside.id})

    def test_workbooks_of_the_project_are_not_common(self):
        """ They name everybody, of all buildings. """
        workbook = self.env['property.import'].create(
            {'project_id': self.lakeside.id, 'file_name': 'all.xlsx', 'issue_ids': [
                Command.create({'severity': 'error', 'message': 'Room 7'})]})
        for records in (workbook, workbook.issue_ids):
            self.assertClosed(records, self.keeper)
        self.assertTrue(workbook.with_user(self.officer).issue_ids.mapped('message'))
        with self.assertRaises(AccessError):
            self.env['property.import'].with_user(self.keeper).create(
                {'project_id': self.lakeside.id})

    def test_figures_count_only_the_own_building(self):
        Unit = self.env['property.unit'].with_user(self.keeper)
        self.assertEqual(
            [(building.name, count, area) for building, count, area in Unit._read_group(
                [], ['building_id'], ['__count', 'building_area:sum'])],
            [('Tower 1', 2, 200)])
        project = self.lakeside.with_user(self.keeper)
        self.assertEqual(
            (project.building_count, project.unit_count, project.occupant_count), (1, 2, 1))
        tree = self.env['property.project'].with_user(self.keeper).get_property_tree()
        self.assertEqual(
            [(node['name'], node['count'], [child['name'] for child in node['children']])
             for node in tree['nodes']],
            [('Lakeside', 2, ['Tower 1'])])
        self.assertEqual([name for _id, name in Unit.name_search('S1')], [])
        self.assertEqual(
            self.env['property.occupancy'].with_user(self.keeper).search([]).partner_id,
            self.olga | self.fred)

    @mute_logger(*RULES)
    def test_nothing_is_moved_over_the_border(self):
        for number, way in enumerate((
            lambda: self.shop.with_user(self.keeper).write({'building_id': self.tower.id}),
            lambda: self.next_flat.with_user(self.keeper).write(
                {'building_id': self.annex.id, 'entrance_id': False}),
            lambda: self.tower.with_user(self.keeper).write({'project_id': self.hilltop.id}),
            lambda: self.own_car.with_user(self.keeper).write({'unit_id': self.shop.id}),
            lambda: self.env['property.unit'].with_user(self.keeper).create(
                self._prepare_unit_vals(self.annex, 'S2')),
            lambda: self.env['property.building'].with_user(self.keeper).create(
                {'project_id': self.lakeside.id, 'name': 'Mine'}),
            lambda: self.env['property.vehicle'].with_user(self.keeper).create(
                {'project_id': self.lakeside.id, 'name': 'L 44444'}),
            lambda: self.env['property.occupancy'].with_user(self.keeper).create(
                {'unit_id': self.shop.id, 'partner_id': self.olga.id, 'role': 'tenant'}),
        ), start=1):
            with self.subTest(number), self.assertRaises(AccessError), self.cr.savepoint():
                way()
        self.next_flat.with_user(self.keeper).building_area = 101

    def test_buildings_and_projects_add_up(self):
        """[A65] A building here, a whole project there. """
        self.hilltop.user_ids = self.keeper
        self.assertEqual(
            self.env['property.unit'].with_user(self.keeper).search([]),
            self.flat | self.next_flat | self.hill_flat)
        self.lakeside.user_ids = self.keeper
        self.assertTrue(self.shop.with_user(self.keeper).has_access('write'))

    def test_building_is_seen_as_soon_as_it_is_assigned(self):
        shop = self.shop.with_user(self.keeper)
        self.assertFalse(shop.has_access('read'))
        self.annex.user_ids += self.keeper
        self.assertTrue(shop.has_access('write'))
        self.assertIn(shop, shop.search([]))
        self.keeper.property_building_ids = self.tower
        self.assertFalse(shop.has_access('read'))
        self.assertNotIn(shop, shop.search([]))

    @mute_logger(*RULES)
    def test_nobody_opens_a_building_to_himself(self):
        """ An officer keeps the building's record, but does not decide who sees it. """
        tower = self.tower.with_user(self.keeper)
        tower.floor_count = 4
        with self.assertRaises(AccessError):
            tower.user_ids += self.stranger
        with self.assertRaises(AccessError):
            self.env['property.building'].with_user(self.officer).create({
                'project_id': self.lakeside.id, 'name': 'Shed',
                'user_ids': [Command.link(self.officer.id)]})
        with self.assertRaises(AccessError):
            self.keeper.with_user(self.keeper).property_building_ids += self.annex
        self.tower.with_user(self.manager).user_ids += self.stranger
        self.assertTrue(self.flat.with_user(self.stranger).has_access('read'))

    def test_company_still_counts(self):
        """ A building of a company that is not the user's opens nothing. """
        self.far_house.user_ids = self.keeper
        self.assertFalse(self.far_flat.with_user(self.keeper).has_access('read'))
        self.assertFalse(self.env['property.unit'].with_user(self.keeper).search(
            [('project_id', '=', self.faraway.id)]))

    @mute_logger(*RULES)
    def test_contacts(self):
        """[A66] Odoo's own list of contacts tells of no resident of another building or project;
        of one who left, or is in the archive, no more than of the others.
        """
        Partner = self.env['res.partner'].with_user(self.keeper)
        self._move_in(self.hill_flat, self.hilda, start=date(2024, 1, 1), end=date(2024, 12, 31))
        self.hilda.property_occupancy_ids.active = False
        contact = self.env['res.partner'].create({'name': "Locksmith", 'phone': '13800000000'})
        known = self.olga + self.fred + contact + self.manager.partner_id
        everybody = known + self.tom + self.hilda
        self.assertEqual(Partner.search([('id', 'in', everybody.ids)]), known)
        for hidden in (self.tom, self.hilda):
            for way in (
                lambda partner: partner.read(['phone']),
                lambda partner: partner.write({'phone': '13911112222'}),
                lambda partner: partner.export_data(['name', 'phone']),
            ):
                with self.assertRaises(AccessError), self.cr.savepoint():
                    way(hidden.with_user(self.keeper))
        self._move_in(self.flat, self.tom, role='family', start=date(2024, 6, 1))
        self.assertTrue(Partner.search([('id', '=', self.tom.id)]), "he has a home here, too")
        self.assertEqual(
            self.env['res.partner'].with_user(self.manager).search([('id', '=', self.hilda.id)]),
            self.hilda)


@tagged('post_install', '-at_install', 'security')
class TestBuildingAttacks(BuildingCommon, HttpCase):
    """[A66] Building 2 asked for by its id, over every way that a browser or a program has. """

    def setUp(self):
        super().setUp()
        self.key = self.env['res.users.apikeys'].with_user(self.keeper)._generate(
            'rpc', "Test", datetime.now() + timedelta(hours=1))
        self.authenticate('tower_keeper', 'tower_keeper')

    def _ask_web(self, model, method, args=(), **kwargs):
        reply = self.opener.post(
            f'{self.base_url()}/web/dataset/call_kw/{model}/{method}', json={
                'jsonrpc': '2.0', 'method': 'call', 'id': 1, 'params': {
                    'model': model, 'method': method, 'args': list(args), 'kwargs': kwargs}},
        ).json()
        return reply.get('result'), reply.get('error', {}).get('data', {}).get('name')

    def _ask_jsonrpc(self, model, method, args=(), **kwargs):
        reply = self.opener.post(f'{self.base_url()}/jsonrpc', json={
            'jsonrpc': '2.0', 'method': 'call', 'id': 1, 'params': {
                'service': 'object', 'method': 'execute_kw', 'args': [
                    self.env.cr.dbname, self.keeper.id, self.key, model, method, list(args),
                    kwargs]}},
        ).json()
        return reply.get('result'), reply.get('error', {}).get('data', {}).get('name')

    def _ask_json2(self, model, method, ids=(), **kwargs):
        reply = self.opener.post(
            f'{self.base_url()}/json/2/{model}/{method}',
            headers={'Authorization': f'Bearer {self.key}'}, json={'ids': list(ids), **kwargs})
        if reply.ok:
            return reply.json(), None
        self.assertEqual(reply.status_code, 403)
        return None, reply.json()['name']

    @mute_logger(*RULES, *HTTP)
    def test_read_by_id(self):
        for record, is_own in ((self.flat, True), (self.shop, False)):
            for result, error in (
                self._ask_web(record._name, 'read', [record.ids, ['name']]),
                self._ask_web(record._name, 'web_read', [record.ids], specification={'name': {}}),
                self._ask_jsonrpc(record._name, 'read', [record.ids, ['name']]),
                self._ask_json2(record._name, 'read', record.ids, fields=['name']),
            ):
                if is_own:
                    self.assertEqual(result, [{'id': record.id, 'name': '101'}])
                else:
                    self.assertEqual(error, 'odoo.exceptions.AccessError')

    @mute_logger(*RULES, *HTTP)
    def test_written_by_id(self):
        for _result, error in (
            self._ask_web('property.unit', 'write', [self.shop.ids, {'name': 'Mine'}]),
            self._ask_web('property.unit', 'web_save', [self.shop.ids, {'name': 'Mine'}],
                          specification={}),
            self._ask_jsonrpc('property.unit', 'write', [self.shop.ids, {'name': 'Mine'}]),
            self._ask_json2('property.unit', 'write', self.shop.ids, vals={'name': 'Mine'}),
            self._ask_json2('property.unit', 'unlink', self.shop.ids),
        ):
            self.assertEqual(error, 'odoo.exceptions.AccessError')
        self.assertEqual(self.shop.name, 'S1')

    @mute_logger(*HTTP)
    def test_lists_and_figures(self):
        domain = [('building_id', 'in', (self.tower | self.annex).ids)]
        for ask in (self._ask_web, self._ask_jsonrpc):
            found, _error = ask('property.unit', 'search_read', [domain, ['name']])
            self.assertEqual([unit['name'] for unit in found], ['101', '102'])
            self.assertEqual(ask('property.unit', 'search_count', [domain])[0], 2)
            groups, _error = ask(
                'property.unit', 'formatted_read_group', [domain],
                groupby=['building_id'], aggregates=['__count', 'building_area:sum'])
            self.assertEqual(
                [(group['__count'], group['building_area:sum']) for group in groups], [(2, 200)])
            tree, _error = ask('property.project', 'get_property_tree')
            self.assertEqual([node['count'] for node in tree['nodes']], [2])
        found, _error = self._ask_json2('property.unit', 'search_read', domain=domain)
        self.assertEqual([unit['name'] for unit in found], ['101', '102'])

    @mute_logger(*RULES, 'odoo.http', 'odoo.addons.web.controllers.export')
    def test_exports(self):
        """ A list of ids that holds a foreign one is refused, a domain finds only the own. """
        def export(**values):
            return self.url_open('/web/export/csv', data={
                'csrf_token': http.Request.csrf_token(self),
                'data': json.dumps({
                    'model': 'property.unit', 'fields': [{'name': 'name', 'label': 'Name'}],
                    'ids': False, 'domain': [], 'groupby': [], 'import_compat': False,
                    'context': {}, **values})})

        both = (self.flat | self.shop).ids
        self.assertEqual(export(ids=both).status_code, 500)
        reply = export(domain=[('id', 'in', both)])
        self.assertIn('101', reply.text)
        self.assertNotIn('S1', reply.text)


@tagged('post_install', '-at_install', 'security')
class TestDialogsTellNothing(BuildingCommon):
    """ Dialogs compute before anything is saved, when no rule has been asked yet. """

    def _ask(self, user, model, values, name):
        """ What the form of a new record is told of a field, as the client asks for it. """
        names = {key: {} for key in (*values, name)}
        return self.env[model].with_user(user).onchange(values, list(values), names)['value'].get(
            name)

    @mute_logger(*RULES)
    def test_dialogs_about_the_next_building(self):
        """[A66] A dialog tells nobody what he may not read. """
        owner = self.shop.occupancy_ids
        owner.awaits_check_in = True
        key = self.env['property.key'].create({'unit_id': self.shop.id, 'name': 'A'})
        key._hand_out(self.tom)
        leaving = {'occupancy_id': owner.id, 'date': date.today()}
        selling = {'occupancy_ids': [Command.set(owner.ids)], 'date': date.today()}
        named = {'building_id': self.annex.id, 'number_pattern': '{building}-{no}'}
        for model, values, name in [
            ('property.check.in', {'unit_id': self.shop.id}, 'partner_id'),
            ('property.transfer', {'unit_id': self.shop.id}, 'occupancy_ids'),
            ('property.transfer', selling, 'matter_ids'),
            ('property.move.out', {'unit_id': self.shop.id}, 'occupancy_id'),
            ('property.move.out', leaving, 'matter_ids'),
            ('property.unit.reshape', {'unit_ids': [Command.set(self.shop.ids)]}, 'line_ids'),
            ('property.unit.generator', {'building_id': self.annex.id}, 'entrance_ids'),
            ('property.unit.generator', named, 'line_ids'),
            ('property.resident.change', {'occupancy_id': owner.id}, 'name'),
            ('property.resident.change', {'occupancy_id': owner.id}, 'identity_masked'),
        ]:
            with self.subTest(model=model, name=name):
                self.env.invalidate_all()
                self.assertTrue(
                    self._ask(self.manager, model, values, name), "so there is something to tell")
                self.env.invalidate_all()
                try:
                    self.assertFalse(self._ask(self.keeper, model, values, name))
                except AccessError:
                    pass
