import io
from datetime import date, datetime, timedelta

import openpyxl
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, freeze_time, tagged
from odoo.tools import mute_logger

from .common import PropertyCommon
from .test_import import ImportCommon


class ParkingCommon(PropertyCommon):
    """ A lot with six spaces on B1 and B2, and one on the ground floor of the tower. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lot = cls.env['property.building'].create({
            'project_id': cls.lakeside.id, 'name': 'Lot 1', 'is_parking_lot': True,
            'lot_kind': 'underground', 'capacity': 8})
        cls.spaces = cls.env['property.unit'].create([
            cls._prepare_unit_vals(
                cls.lot, f'{floor}-{number:03d}', kind='parking', floor=floor, building_area=12)
            for floor in ('B1', 'B2') for number in (1, 2, 10)
        ])
        cls.space = cls.spaces.grouped('name')


@tagged('post_install', '-at_install')
@freeze_time('2026-03-10')
class TestParkingLot(ParkingCommon):

    def _get_reminder(self, user=None):
        cards = self.env['property.home'].with_user(user or self.officer).get_home()['cards']
        [reminders] = [card for card in cards if card['key'] == 'reminders']
        counts = {item['key']: item['count'] for item in reminders['items']}
        return counts.get('lot_inspection', 0)

    def test_annual_inspection_is_recalled_until_it_is_done(self):
        """[D10] Due on 9 April, recalled 30 days before: from 10 March on, and when it is late. """
        self.lot.date_inspection = date(2026, 4, 9)
        for today, count in (('2026-03-09', 0), ('2026-03-10', 1), ('2026-05-01', 1)):
            with self.subTest(today=today), freeze_time(today):
                self.assertEqual(self._get_reminder(), count)
        self.lot.inspection_reminder_days = 29
        self.assertEqual(self._get_reminder(), 0, "11 March is the first day now")
        with freeze_time('2026-04-20'):
            self.lot.with_user(self.officer).action_inspected()
            self.assertEqual(self.lot.date_inspection, date(2027, 4, 9))
            self.assertEqual(self._get_reminder(), 0)

    def test_what_the_reminder_counts_is_what_it_opens(self):
        """[D10] Lots of the user's own projects; a building has no such inspection. """
        self.env['property.building'].create({
            'project_id': self.hilltop.id, 'name': 'Hill Lot', 'is_parking_lot': True})
        (self.lot | self.hilltop.building_ids | self.tower).date_inspection = date(2026, 3, 1)
        self.assertEqual(self._get_reminder(self.clerk), 1)
        self.assertEqual(self._get_reminder(self.hill_officer), 1)
        self.assertEqual(self._get_reminder(self.manager), 2)
        self.assertEqual(self._get_reminder(self.far_manager), 0)

    @mute_logger('odoo.addons.base.models.ir_model')
    def test_who_only_reads_confirms_no_inspection(self):
        """[D10] """
        self.lot.date_inspection = date(2026, 4, 9)
        with self.assertRaises(AccessError):
            self.lot.with_user(self.clerk).action_inspected()

    def test_lots_have_a_list_of_their_own(self):
        """[D10] """
        action = self.env.ref('property_base.property_lot_action')
        lots = self.env['property.building'].with_user(self.officer).search(
            action._get_own_domain())
        self.assertEqual(lots, self.lot)


@tagged('post_install', '-at_install')
class TestParkingSpace(ParkingCommon):

    def test_new_space_is_vacant(self):
        """[D11] """
        space = self.env['property.unit'].with_user(self.officer).create(
            {'building_id': self.lot.id, 'name': 'B1-003', 'kind': 'parking'})
        self.assertEqual(space.occupancy_state, 'vacant')

    def test_only_a_vacant_space_is_deleted(self):
        """[D11] One in use is not, nor one that had a user: he is its history. """
        self._move_in(self.space['B1-001'], self.tom, role='tenant')
        self._move_in(self.space['B1-002'], self.olga, end=date(2025, 1, 1))
        self.env['property.vehicle'].create({'name': 'L 1', 'unit_id': self.space['B1-010'].id})
        for name, obstacle in (
            ('B1-001', "1 occupancies"), ('B1-002', "1 occupancies"), ('B1-010', "1 vehicles"),
        ):
            with self.subTest(space=name), self.assertRaisesRegex(UserError, obstacle):
                self.space[name].with_user(self.manager).unlink()
        self.space['B2-001'].with_user(self.manager).unlink()
        self.assertFalse(self.space['B2-001'].exists())


@tagged('post_install', '-at_install')
@freeze_time('2026-03-10')
class TestParkingUse(ParkingCommon):
    """ What a space is used for, and when its end is recalled. """

    def _get_line(self, space, user=None):
        Report = self.env['property.parking.report'].with_user(user or self.officer)
        Report.invalidate_model()  # what was found before
        return Report.search([('unit_id', '=', space.id)])

    def _rent(self, space, end, partner=None, **values):
        return self._move_in(space, partner or self.tom, role='tenant', end=end, **values)

    def _count_due(self, user):
        cards = self.env['property.home'].with_user(user).get_home()['cards']
        [reminders] = [card for card in cards if card['key'] == 'reminders']
        [*items] = [item for item in reminders['items'] if item['key'] == 'parking']
        return items[0]['count'] if items else 0

    def test_recalled_so_many_days_before_its_end_and_after_it(self):
        """[A71] [D12] [X1] Due when today >= end - N: with N = 20, an end on 30 March from 10 March
        on. What has ended stays until it is given back.
        """
        use = self._rent(self.space['B1-001'], False)
        for end, days, state in (
            (False, 20, 'used'),
            (date(2026, 3, 31), 20, 'used'),
            (date(2026, 3, 31), 21, 'expiring'),
            (date(2026, 3, 30), 20, 'expiring'),
            (date(2026, 3, 11), 0, 'used'),
            (date(2026, 3, 10), 0, 'expiring'),  # its last day
            (date(2026, 3, 9), 0, 'expired'),
            (date(2025, 1, 1), 20, 'expired'),
        ):
            with self.subTest(end=end, days=days):
                use.write({'date_end': end, 'reminder_days': days})
                self.assertEqual(self._get_line(use.unit_id).state, state)
                self.assertEqual(
                    self._count_due(self.officer), int(state in ('expiring', 'expired')))

    def test_given_back(self):
        """[A71] [D14] 退租 ends the reminder: at once where he leaves early, on the day that his
        contract ended where that is over.
        """
        for name, user, end, last_day, state in (
            ('B1-001', self.tom, date(2026, 3, 20), date(2026, 3, 15), 'used'),  # until the 15th
            ('B1-002', self.fred, date(2026, 3, 20), date(2026, 3, 9), 'vacant'),
            ('B1-010', self.olga, date(2026, 3, 1), date(2026, 3, 1), 'vacant'),
        ):
            with self.subTest(end=end, last_day=last_day):
                use = self._rent(self.space[name], end, user)
                self.assertIn(self._get_line(use.unit_id).state, ('expiring', 'expired'))
                use.with_user(self.officer)._move_out(last_day, self.env['property.open.matter'])
                self.assertEqual(self._get_line(use.unit_id).state, state)
                self.assertEqual(self._count_due(self.officer), 0)

    def test_give_back_from_the_list(self):
        """[D14] The day that the contract ended is proposed, since he could not leave later. """
        use = self._rent(self.space['B1-001'], date(2026, 3, 1))
        action = self._get_line(use.unit_id).action_end()
        wizard = self.env['property.move.out'].with_user(self.officer).with_context(
            **action['context']).create({})
        self.assertEqual((wizard.occupancy_id, wizard.date), (use, date(2026, 3, 1)))
        wizard.action_confirm()
        self.assertEqual(self._get_line(use.unit_id).state, 'vacant')
        self._rent(self.space['B1-002'], date(2026, 3, 20))
        action = self._get_line(self.space['B1-002']).action_end()
        self.assertNotIn('default_date', action['context'])

    def test_who_came_after_proves_that_the_one_before_has_left(self):
        """[A71] """
        first = self._rent(self.space['B1-001'], date(2025, 6, 30))
        second = self._rent(
            self.space['B1-001'], date(2025, 12, 31), self.fred, start=date(2025, 7, 1))
        line = self._get_line(first.unit_id)
        self.assertEqual((line.state, line.partner_id), ('expired', self.fred))
        second._move_out(date(2025, 12, 31), self.env['property.open.matter'])
        line = self._get_line(first.unit_id)
        self.assertEqual((line.state, line.partner_id), ('vacant', self.env['res.partner']))

    def test_renewed_use_needs_no_reminder(self):
        """[D14] The same tenant has it from the next day on; another one does not spare him. """
        use = self._rent(self.space['B1-001'], date(2026, 3, 20))
        other = self._rent(use.unit_id, False, self.fred, start=date(2026, 3, 21))
        self.assertEqual(self._get_line(use.unit_id).state, 'expiring')
        other.partner_id = self.tom
        self.assertEqual(self._get_line(use.unit_id).state, 'used')
        other.state = 'refused'
        self.assertEqual(self._get_line(use.unit_id).state, 'expiring')

    def test_owned_let_and_vacant(self):
        """[B43] The tenant uses it, who pays is another matter; whoever is only family uses it in
        the name of somebody.
        """
        self._move_in(self.space['B1-001'], self.olga, start=date(2024, 5, 1))
        self._move_in(self.space['B1-002'], self.olga)
        self._rent(self.space['B1-002'], False, is_payer=False)
        self._rent(self.space['B1-010'], False)
        self._move_in(self.space['B2-001'], self.newcomer, role='family')
        self._move_in(self.space['B2-002'], self.fred, end=date(2026, 3, 9))
        self.space['B2-010'].active = False
        lines = self.env['property.parking.report'].with_user(self.clerk).search(
            [('building_id', '=', self.lot.id)])
        nobody = self.env['res.partner']
        self.assertEqual(
            [(line.name, line.state, line.role, line.partner_id, line.payer_id, line.date_start)
             for line in lines],
            [('B2-001', 'vacant', False, nobody, nobody, False),
             ('B2-002', 'vacant', False, nobody, nobody, False),
             ('B1-001', 'used', 'owner', self.olga, self.olga, date(2024, 5, 1)),
             ('B1-002', 'used', 'tenant', self.tom, self.olga, date(2024, 1, 1)),
             ('B1-010', 'used', 'tenant', self.tom, self.tom, date(2024, 1, 1))])
        [(used, vacant, rate)] = lines._read_group(
            [('building_id', '=', self.lot.id)], [],
            ['used_count:sum', 'vacant_count:sum', 'use_rate:avg'])
        self.assertEqual((used, vacant, rate), (3, 2, 60))

    def test_vehicles_and_remarks(self):
        """[B43] Those that are registered for the space, and not deregistered. """
        self.space['B1-001'].note = '<p>Beside the pillar</p>'
        self.env['property.vehicle'].create([
            {'name': name, 'unit_id': unit.id, 'brand': brand, 'color': color, 'active': active}
            for name, unit, brand, color, active in (
                ('L 200', self.space['B1-001'], 'Volvo', 'red', True),
                ('L 100', self.space['B1-001'], 'Saab', 'blue', True),
                ('L 300', self.space['B1-001'], 'Fiat', 'white', False),
                ('L 400', self.flat, 'Audi', 'grey', True))])
        line = self._get_line(self.space['B1-001'], self.clerk)
        self.assertEqual(
            (line.plates, line.brands, line.colors, line.note),
            ('L 100, L 200', 'Saab, Volvo', 'blue, red', 'Beside the pillar'))
        self.assertEqual(
            line.search([('plates', 'ilike', '200')]).unit_id, self.space['B1-001'])

    @mute_logger('odoo.addons.base.models.ir_rule', 'odoo.addons.base.models.ir_model')
    def test_of_ones_own_projects(self):
        """[A66] [A71] """
        self._rent(self.space['B1-001'], date(2026, 3, 1))
        line = self._get_line(self.space['B1-001'])
        self.assertTrue(line)
        for user in (self.hill_officer, self.far_manager):
            self.assertFalse(self._get_line(self.space['B1-001'], user))
            self.assertEqual(self._count_due(user), 0)
            with self.assertRaises(AccessError):
                line.with_user(user).read(['plates'])
        with self.assertRaises(AccessError):
            self._get_line(self.space['B1-001'], self._create_portal_user(self.tom))

    def test_reminder_cannot_come_after_the_end(self):
        """[D12] """
        with self.assertRaises(IntegrityError), mute_logger('odoo.sql_db'):
            self._rent(self.space['B1-001'], False, reminder_days=-1)

    def test_rented_by_check_in(self):
        """[D12] The days of the reminder are entered with the customer. """
        wizard = self.env['property.check.in'].with_user(self.officer).create({
            'unit_id': self.space['B1-001'].id, 'partner_id': self.tom.id, 'role': 'tenant',
            'date_end': date(2026, 3, 25), 'reminder_days': 15})
        self.assertEqual(wizard.unit_kind, 'parking')
        wizard.action_confirm()
        line = self._get_line(self.space['B1-001'])
        self.assertEqual(
            (line.state, line.reminder_days, line.date_end),
            ('expiring', 15, date(2026, 3, 25)))


class ParkingMapCommon(ParkingCommon):
    """ Of the six spaces one is owned, one let, one about to end, one over; two are vacant. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tom.phone = '13900139000'
        cls._move_in(cls.space['B1-001'], cls.olga)
        cls._move_in(cls.space['B1-002'], cls.tom, role='tenant')
        cls._move_in(cls.space['B1-010'], cls.fred, role='tenant', end=date(2026, 3, 15))
        cls._move_in(cls.space['B2-001'], cls.hilda, role='tenant', end=date(2026, 3, 1))
        cls.env['property.vehicle'].create({
            'name': 'L 98765', 'unit_id': cls.space['B2-001'].id, 'brand': 'Volvo'})

    def _get_map(self, user=None, **place):
        return self.env['property.building'].with_user(user or self.officer).get_parking_map(
            **(place or {'building_id': self.lot.id}))

    def _get_cells(self, board):
        return {unit['name']: unit for block in board['blocks'] for floor in block['floors']
                for unit in floor['units']}


@tagged('post_install', '-at_install')
@freeze_time('2026-03-10')
class TestParkingMap(ParkingMapCommon):

    def test_state_of_each_space(self):
        """[D13] As the list of uses says; floor by floor, 2 before 10. """
        board = self._get_map(self.clerk)
        [block] = board['blocks']
        self.assertTrue(block['is_lane'])
        self.assertEqual(
            [(floor['label'], [unit['name'] for unit in floor['units']])
             for floor in block['floors']],
            [('B1', ['B1-001', 'B1-002', 'B1-010']), ('B2', ['B2-001', 'B2-002', 'B2-010'])])
        cells = self._get_cells(board)
        self.assertEqual(
            {name: (cell['state'], cell['who'], cell['until']) for name, cell in cells.items()},
            {'B1-001': ('used', 'Olga Owner', False),
             'B1-002': ('used', 'Tom Tenant', False),
             'B1-010': ('expiring', 'Fred Former', date(2026, 3, 15)),
             'B2-001': ('expired', 'Hilda Hill', date(2026, 3, 1)),
             'B2-002': ('vacant', '', False),
             'B2-010': ('vacant', '', False)})
        self.assertEqual([state['sign'] for state in board['states']], ['V', 'U', 'E', 'X'])
        self.assertEqual(
            {**board['figures'], 'use_rate': round(board['figures']['use_rate'], 2)},
            {'space_count': 6, 'used_count': 4, 'free_count': 2, 'use_rate': 66.67})

    def test_only_spaces_and_only_lots(self):
        """[D13] Without a building the first lot; a tower shows its spaces and no rooms. """
        board = self._get_map(project_id=self.lakeside.id)
        self.assertEqual(board['place']['building_id'], self.lot.id)
        self.env['property.unit'].create(
            self._prepare_unit_vals(self.tower, 'P1', kind='parking', entrance_id=self.entrance.id))
        for place in ({'building_id': self.tower.id}, {'entrance_id': self.entrance.id}):
            self.assertEqual(list(self._get_cells(self._get_map(**place))), ['P1'])
        tree = self.env['property.project'].with_user(self.officer).get_property_tree('parking')
        [lakeside] = tree['nodes']
        self.assertEqual(
            {node['name']: (node['count'], [child['name'] for child in node['children']])
             for node in lakeside['children']},
            {'Lot 1': (6, []), 'Tower 1': (1, ['Entrance 1'])})

    def test_empty_lot(self):
        """[D13] """
        lot = self.env['property.building'].create(
            {'project_id': self.lakeside.id, 'name': 'Lot 2', 'is_parking_lot': True})
        board = self._get_map(building_id=lot.id)
        self.assertEqual((board['blocks'], board['figures']['use_rate']), ([], 0))

    def test_who_may_see_which_lot(self):
        """[A66] [D13] """
        for user in (self.hill_officer, self.far_manager):
            with self.subTest(user=user.login):
                board = self._get_map(user)
                self.assertFalse(board['place'])
                self.assertEqual(board['labels']['title'], "No parking lot that you may see")
                self.assertFalse(self.lot.with_user(user).search_parking_map('B1'))

    def test_search_finds_space_user_phone_and_plate(self):
        """[D13] """
        lot = self.lot.with_user(self.clerk)
        for query, names in (
            ('b1-', {'B1-001', 'B1-002', 'B1-010'}),
            ('hilda', {'B2-001'}),  # though her contract is over
            ('13900', {'B1-002'}),
            ('98765', {'B2-001'}),
            (' ', set()),
        ):
            with self.subTest(query=query):
                found = self.env['property.unit'].browse(lot.search_parking_map(query))
                self.assertEqual(set(found.mapped('name')), names)

    def test_actions_that_the_right_and_the_space_allow(self):
        """[D12] [D14] """
        methods = {'action_rent_space', 'action_end_space_use'}
        for user, allowed in ((self.clerk, set()), (self.officer, methods)):
            self.assertEqual(
                {action['method'] for action in self._get_map(user)['actions']} & methods, allowed)
        board = self._get_map()
        cells = self._get_cells(board)
        for name, allowed in (
            ('B1-001', ['action_rent_space']),  # its owner may let it
            ('B1-002', ['action_end_space_use']),
            ('B2-001', ['action_end_space_use']),
            ('B2-002', ['action_rent_space']),
        ):
            with self.subTest(space=name):
                self.assertEqual(
                    [action['method'] for action in board['actions']
                     if cells[name].get(action['needs'])], allowed)

    def test_rent_and_give_back(self):
        """[D12] [D14] 租用, then 退租 of the same space. """
        space = self.space['B2-002'].with_user(self.officer)
        action = space.action_rent_space()
        wizard = self.env[action['res_model']].with_user(self.officer).with_context(
            **action['context']).create({'partner_id': self.newcomer.id})
        self.assertEqual((wizard.role, wizard.reminder_days), ('tenant', 20))
        wizard.action_confirm()
        self.assertEqual(self._get_cells(self._get_map())['B2-002']['who'], 'Nina Newcomer')
        for name in ('B2-001', 'B2-002'):  # over already, and just begun
            action = self.space[name].with_user(self.officer).action_end_space_use()
            self.env[action['res_model']].with_user(self.officer).with_context(
                **action['context']).create({}).action_confirm()
        self.env.invalidate_all()
        cells = self._get_cells(self._get_map())
        self.assertEqual(cells['B2-001']['state'], 'vacant')
        self.assertEqual(cells['B2-002']['state'], 'used', "until the end of the day")
        with freeze_time('2026-03-11'):
            self.env.invalidate_all()
            self.assertEqual(self._get_cells(self._get_map())['B2-002']['state'], 'vacant')

    def test_details_of_a_space(self):
        """[D13] Who still uses it though his time is over, and his vehicle. """
        details = self.space['B2-001'].with_user(self.officer).get_board_details()
        [person] = details['people']
        self.assertEqual(
            (person['name'], person['until'], details['vehicles']),
            ('Hilda Hill', date(2026, 3, 1), ['L 98765 · Volvo']))

    def test_buttons_open_the_map_of_their_lot(self):
        """[D13] """
        action = self.lot.with_user(self.clerk).action_view_parking_map()
        self.assertEqual(action['context'], {'board_place': {'building_id': self.lot.id}})
        self.assertEqual(action['params']['method'], 'get_parking_map')

    def test_as_many_queries_for_a_thousand_spaces_as_for_six(self):
        """[D13] """
        def count_queries(lot):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self._get_map(building_id=lot.id)
            return self.cr.sql_log_count - before

        count_queries(self.lot)  # fills the caches of rights
        large = self.env['property.building'].create(
            {'project_id': self.lakeside.id, 'name': 'Large', 'is_parking_lot': True})
        spaces = self.env['property.unit'].create([
            self._prepare_unit_vals(large, f'{number:04d}', kind='parking')
            for number in range(1000)])
        users = self.env['res.partner'].create(
            [{'name': f'User {space.name}'} for space in spaces])
        self.env['property.occupancy'].create([
            {'unit_id': space.id, 'partner_id': user.id, 'role': 'tenant',
             'date_start': '2024-01-01', 'date_end': '2026-03-20'}
            for space, user in zip(spaces, users, strict=True)])
        few = count_queries(self.lot)
        self.assertLessEqual(count_queries(large), few)
        self.assertLessEqual(few, 12)


@tagged('post_install', '-at_install')
class TestParkingMapScreen(ParkingMapCommon, HttpCase):

    def test_map_by_mouse_and_keyboard(self):
        """[D13] [D14] Signs beside the colours, arrows along the lanes, the menu, the search. """
        self.officer.lang = self.env['res.lang']._activate_lang('en_US').code
        self.start_tour(
            f'/odoo/parking-map?building_id={self.lot.id}', 'parking_map',
            login=self.officer.login)

    def test_days_that_are_left(self):
        """ The list counts them, beyond the end of the month, too. """
        self.officer.lang = self.env['res.lang']._activate_lang('en_US').code
        self._move_in(
            self.space['B2-002'], self.tom, role='tenant', reminder_days=60,
            end=date.today() + timedelta(days=40))
        self.start_tour(
            '/odoo/property-parking-uses-due', 'parking_uses_due', login=self.officer.login)


@tagged('post_install', '-at_install')
class TestParkingLotImport(ImportCommon):

    def test_lots_come_in_with_kind_capacity_and_inspection(self):
        """[D10] And go out with them; the same file again changes nothing. """
        book = openpyxl.Workbook()
        book.active.title = '停车场'
        for line in (
            ('停车场编号', '名称', '类型', '车位容量', '下次年检日期', '提前提醒天数'),
            (1, '东区地下', '地下', 120, '2026-09-30', 45),
            (2, '南门', '人防', None, None, None),
        ):
            book.active.append(line)
        self.import_book(book)
        lots = self.project.building_ids.sorted('code')
        self.assertEqual(
            [(lot.name, lot.lot_kind, lot.capacity, lot.date_inspection,
              lot.inspection_reminder_days) for lot in lots],
            [('东区地下', 'underground', 120, date(2026, 9, 30), 45),
             ('南门', 'civil_defence', 0, False, 30)])
        self.assertEqual(lots[0].date_inspection_reminder, date(2026, 8, 16))
        stream = io.BytesIO()
        self.env['property.import'].with_user(self.officer)._get_template(
            self.project).save(stream)
        self.assertEqual(
            [cell.value for cell in openpyxl.load_workbook(stream)['Parking lots'][2]],
            ['1', '东区地下', 'Underground', 120, 0, datetime(2026, 9, 30), 45])
        before = self.get_rows()
        self.import_book(stream.getvalue())
        self.assertEqual(self.get_rows(), before)
