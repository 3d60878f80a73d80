from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import PropertyCommon


class RoomBoardCommon(PropertyCommon):
    """ Block 5: two entrances, floors B1 to 5 without 4, a mezzanine, a shop and a store room. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.block = cls.env['property.building'].create(
            {'project_id': cls.lakeside.id, 'name': 'Block 5'})
        cls.east, cls.west = cls.env['property.entrance'].create([
            {'building_id': cls.block.id, 'name': name, 'sequence': sequence}
            for sequence, name in enumerate(('East', 'West'))])
        numbers = {
            cls.east: ('B101', '101', '102', '501', '502', '1001'),
            cls.west: ('103', '503'),
        }
        cls.rooms = cls.env['property.unit'].create([
            cls._prepare_unit_vals(
                cls.block, number, entrance_id=entrance.id, floor=number[:-2],
                kind='storage' if number == 'B101' else 'flat')
            for entrance, of_entrance in numbers.items() for number in of_entrance
        ] + [
            cls._prepare_unit_vals(
                cls.block, 'M1', entrance_id=cls.east.id, floor='夹层', floor_order=1),
            cls._prepare_unit_vals(
                cls.block, 'Corner Bakery', kind='shop', floor='1', building_area=250),
        ])
        cls.room = cls.rooms.grouped('name')
        cls.olga.phone, cls.tom.phone = '13800138000', '13900139000'
        cls._move_in(cls.room['101'], cls.olga)
        cls._move_in(cls.room['102'], cls.olga, share=50)
        cls._move_in(cls.room['102'], cls.hilda, share=50)
        cls._move_in(cls.room['501'], cls.olga)
        cls._move_in(cls.room['501'], cls.tom, role='tenant')
        cls._move_in(cls.room['502'], cls.fred, end=date(2025, 5, 14))
        cls._move_in(cls.room['B101'], cls.olga)
        cls._move_in(cls.room['Corner Bakery'], cls.tom, role='tenant')
        cls._move_in(cls.room['503'], cls.newcomer, role='family')

    def _get_board(self, user=None, **place):
        return self.env['property.building'].with_user(user or self.officer).get_room_board(
            **(place or {'building_id': self.block.id}))

    def _get_cells(self, board):
        return {unit['name']: unit for block in board['blocks'] for floor in block['floors']
                for unit in floor['units']}


@tagged('post_install', '-at_install')
@freeze_time('2025-06-15')
class TestRoomBoard(RoomBoardCommon):

    def test_floors_are_labels_in_an_order(self):
        """[A26] The mezzanine is above the first floor, no fourth floor appears, B1 is below. """
        east, west, shops = self._get_board()['blocks']
        self.assertEqual((east['name'], west['name'], shops['name']), ('East', 'West', ''))
        self.assertEqual(
            [(floor['label'], [unit['name'] for unit in floor['units']])
             for floor in east['floors']],
            [('10', ['1001']), ('5', ['501', '502']), ('夹层', ['M1']), ('1', ['101', '102']),
             ('B1', ['B101'])])
        self.assertTrue(shops['is_flow'], "shops are as wide as their area, not a grid")
        self.assertFalse(east['is_flow'])

    def test_state_of_each_room(self):
        """[A26] Let before owned; who left, and who is only family, makes no room occupied. """
        cells = self._get_cells(self._get_board())
        self.assertEqual({name: (cell['state'], cell['who']) for name, cell in cells.items()}, {
            '101': ('sold', 'Olga Owner'),
            '102': ('sold', 'Olga Owner +1'),
            '501': ('leased', 'Tom Tenant'),
            '502': ('vacant', ''),
            '1001': ('vacant', ''),
            'M1': ('vacant', ''),
            'B101': ('sold', 'Olga Owner'),
            '103': ('vacant', ''),
            '503': ('vacant', ''),
            'Corner Bakery': ('leased', 'Tom Tenant'),
        })
        states = {unit.name: unit.occupancy_state for unit in self.rooms}
        self.assertEqual(
            states, {name: cell['state'] for name, cell in cells.items()},
            "the board says what the unit says")

    def test_figures_count_rooms_only(self):
        """[A26] Eight flats of 100 m² and a shop of 250 m²; the store room is no room.

        Owned 101 and 102, let 501 and the shop: 4 of 9 rooms, 200 + 100 + 250 of 1,050 m².
        """
        figures = self._get_board()['figures']
        self.assertEqual(
            {**figures, 'occupancy_rate': round(figures['occupancy_rate'], 2),
             'vacancy_rate': round(figures['vacancy_rate'], 2)},
            {'room_count': 9, 'total_area': 1050, 'occupied_area': 550, 'occupied_count': 4,
             'occupancy_rate': 44.44, 'vacant_area': 500, 'vacant_count': 5,
             'vacancy_rate': 55.56})

    def test_figures_of_one_entrance(self):
        """[A26] """
        board = self._get_board(entrance_id=self.west.id)
        self.assertEqual(board['place']['entrance'], 'West')
        self.assertEqual(set(self._get_cells(board)), {'103', '503'})
        self.assertEqual(board['figures']['vacancy_rate'], 100)

    def test_who_may_see_which_building(self):
        """[A26, A66] By project and company; what is not the user's is as if it did not exist. """
        for user, sees in (
            (self.clerk, True), (self.officer, True), (self.manager, True),
            (self.hill_officer, False), (self.far_manager, False),
        ):
            with self.subTest(user=user.login):
                for place in ({'building_id': self.block.id}, {'entrance_id': self.east.id}):
                    board = self._get_board(user, **place)
                    self.assertEqual(bool(board['place']) and (
                        board['place']['building_id'] == self.block.id), sees)
        self.assertEqual(
            self._get_board(self.hill_officer, project_id=self.lakeside.id), {'place': False})
        self.assertEqual(
            self._get_board(self.hill_officer, project_id=self.hilltop.id)['place']['building'],
            'Hill House')

    @mute_logger('odoo.addons.base.models.ir_rule', 'odoo.addons.base.models.ir_model')
    def test_other_ways_to_a_foreign_room_are_closed(self):
        """[A26, A66] """
        portal_user = self._create_portal_user(self.olga)
        for user in (self.hill_officer, self.far_manager):
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    self.room['101'].with_user(user).get_board_details()
                self.assertFalse(self.block.with_user(user).search_room_board('101'))
                self.assertFalse(self.env['property.room.report'].with_user(user).search(
                    [('building_id', '=', self.block.id)]))
        with self.assertRaises(AccessError):
            self.env['property.room.report'].with_user(portal_user).search([])

    def test_search_finds_room_name_phone_and_plate(self):
        """[A20, A26] """
        self.env['property.vehicle'].create(
            {'name': 'L 98765', 'unit_id': self.room['1001'].id})
        block = self.block.with_user(self.clerk)
        for query, numbers in (
            ('50', {'501', '502', '503'}),
            ('olga', {'101', '102', '501', 'B101'}),
            ('1390013', {'501', 'Corner Bakery'}),
            ('98765', {'1001'}),
            ('bakery', {'Corner Bakery'}),
            ('Fred', set()),  # has left
            (' ', set()),
        ):
            with self.subTest(query=query):
                found = self.env['property.unit'].browse(block.search_room_board(query))
                self.assertEqual(set(found.mapped('name')), numbers)

    def test_details_of_a_room(self):
        """[A26] Owner before tenant, since when; who does not keep the register sees a part of the
        number.
        """
        for user, phones in (
            (self.officer, ['13800138000', '13900139000']),
            (self.clerk, ['138****8000', '139****9000']),
        ):
            details = self.room['501'].with_user(user).get_board_details()
            self.assertEqual(
                [(person['role'], person['name'], person['phone'], person['since'])
                 for person in details['people']],
                [('Owner', 'Olga Owner', phones[0], date(2024, 1, 1)),
                 ('Tenant', 'Tom Tenant', phones[1], date(2024, 1, 1))])
        self.assertFalse(self.room['502'].get_board_details()['people'], "Fred has left")

    def test_who_comes_is_told(self):
        """ A room that is vacant today is not offered to somebody else by mistake. """
        self._move_in(self.room['502'], self.tom, role='tenant', start=date(2099, 1, 1))
        details = self.room['502'].get_board_details()
        self.assertEqual(details['state'], 'vacant')
        self.assertEqual(
            [(person['name'], person['since']) for person in details['people']],
            [("Tom Tenant", date(2099, 1, 1))])

    def test_actions_that_the_right_and_the_room_allow(self):
        """[A26, A28, A31, A32] """
        methods = ['action_check_in', 'action_transfer', 'action_move_out']
        for user, allowed in ((self.clerk, []), (self.officer, methods), (self.manager, methods)):
            with self.subTest(user=user.login):
                actions = self._get_board(user)['actions']
                self.assertEqual(
                    [action['method'] for action in actions if action['method'] in methods],
                    allowed)
        board = self._get_board()
        cells = self._get_cells(board)
        for number, allowed in (
            ('502', methods[:1]),  # vacant
            ('101', methods),  # owned
            ('501', methods[1:]),  # owned and let
            ('Corner Bakery', ['action_check_in', 'action_move_out']),  # let, its owner unknown
        ):
            with self.subTest(room=number):
                self.assertEqual(
                    [action['method'] for action in board['actions']
                     if cells[number].get(action['needs'])], allowed)
        for method in methods:
            action = getattr(self.room['101'].with_user(self.officer), method)()
            self.assertEqual(
                (action['target'], action['context']['default_unit_id']),
                ('new', self.room['101'].id))

    def test_empty_building(self):
        """[A26] """
        empty = self.env['property.building'].create(
            {'project_id': self.lakeside.id, 'name': 'Planned'})
        board = self._get_board(building_id=empty.id)
        self.assertEqual((board['blocks'], board['figures']['occupancy_rate']), ([], 0))
        self.assertTrue(board['can_create'])
        self.assertFalse(self._get_board(self.clerk, building_id=empty.id)['can_create'])

    def test_user_without_a_project_sees_an_empty_board(self):
        """[A26] """
        nobody = self._create_staff('nobody', 'group_property_user')
        self.assertEqual(
            self.env['property.building'].with_user(nobody).get_room_board(), {'place': False})

    def test_buttons_open_the_board_of_their_place(self):
        """[A26] """
        for record, place in (
            (self.block, {'building_id': self.block.id}),
            (self.lakeside, {'project_id': self.lakeside.id}),
        ):
            action = record.with_user(self.clerk).action_view_room_board()
            self.assertEqual(
                (action['tag'], action['context']), ('property_unit_board', {'board_place': place}))

    def test_as_many_queries_for_two_thousand_rooms_as_for_ten(self):
        """[A26] """
        def count_queries(building):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self._get_board(building_id=building.id)
            return self.cr.sql_log_count - before

        count_queries(self.block)  # fills the caches of rights
        large = self.env['property.building'].create(
            {'project_id': self.lakeside.id, 'name': 'Large'})
        rooms = self.env['property.unit'].create([
            self._prepare_unit_vals(large, f'{floor}{no:02d}', floor=str(floor))
            for floor in range(1, 51) for no in range(1, 41)])
        owners = self.env['res.partner'].create(
            [{'name': f'Owner {room.name}'} for room in rooms])
        self.env['property.occupancy'].create([
            {'unit_id': room.id, 'partner_id': owner.id, 'role': 'owner',
             'date_start': '2024-01-01'}
            for room, owner in zip(rooms, owners, strict=True)])
        self.env.flush_all()
        few = count_queries(self.block)
        self.assertLessEqual(count_queries(large), few)
        self.assertLessEqual(few, 12)


@tagged('post_install', '-at_install')
@freeze_time('2025-06-15')
class TestRoomReport(RoomBoardCommon):

    def _read_figures(self, user, domain=(), groupby=()):
        return self.env['property.room.report'].with_user(user)._read_group(
            [('project_id', 'in', (self.lakeside | self.hilltop).ids), *domain], groupby,
            ['__count', 'building_area:sum', 'occupied_area:sum', 'occupied_count:sum',
             'occupancy_rate:avg', 'vacant_area:sum', 'vacant_count:sum', 'vacancy_rate:avg',
             'sold_rate:avg', 'leased_rate:avg'])

    def test_report_says_what_the_board_says(self):
        """[A26, A73] """
        [(count, area, occupied_area, occupied, rate, vacant_area, vacant, vacancy, *_rates)] = \
            self._read_figures(self.officer, [('building_id', '=', self.block.id)])
        figures = self._get_board()['figures']
        self.assertEqual(figures, {
            'room_count': count, 'total_area': area, 'occupied_area': occupied_area,
            'occupied_count': occupied, 'occupancy_rate': rate, 'vacant_area': vacant_area,
            'vacant_count': vacant, 'vacancy_rate': vacancy,
        })

    def test_total_is_the_ratio_of_sums(self):
        """[A73] Lakeside has 12 rooms: 2 owned, 2 let. Hilltop's only room is owned. So 3 of 13
        rooms are owned, 5 occupied; the mean of the projects' rates would say 66.67 %.
        """
        self._move_in(self.hill_flat, self.hilda)
        by_project = self._read_figures(self.manager, groupby=['project_id'])
        self.assertEqual(
            {project.name: (count, round(rate, 2))
             for project, count, _area, _occupied_area, _occupied, rate, *_rest in by_project},
            {'Lakeside': (12, 33.33), 'Hilltop': (1, 100)})
        [(count, _area, _oa, occupied, rate, _va, _vacant, vacancy, sold, leased)] = \
            self._read_figures(self.manager)
        self.assertEqual((count, occupied), (13, 5))
        self.assertEqual(
            [round(value, 2) for value in (rate, vacancy, sold, leased)],
            [38.46, 61.54, 23.08, 15.38])

    def test_total_covers_what_the_user_may_see(self):
        """[A66, A73] """
        self.assertEqual(self._read_figures(self.officer)[0][0], 12)
        self.assertEqual(self._read_figures(self.hill_officer)[0][0], 1)
        self.assertEqual(
            self.env['property.room.report'].with_user(self.far_manager).search([]).unit_id.sudo()
            & (self.rooms | self.far_flat), self.far_flat)

    def test_vacant_rooms_since_when(self):
        """[A78] The day after the last resident left; else the hand-over; else unknown. """
        self.room['1001'].date_handover = date(2025, 6, 1)
        self.room['103'].date_handover = date(2025, 7, 1)  # still to come
        vacant = self.env['property.room.report'].with_user(self.clerk).search(
            [('state', '=', 'vacant'), ('building_id', '=', self.block.id)])
        self.assertEqual(
            {line.unit_id.name: (line.date_vacant, line.vacant_days) for line in vacant},
            {'502': (date(2025, 5, 15), 31), '1001': (date(2025, 6, 1), 14),
             '103': (False, 0), '503': (False, 0), 'M1': (False, 0)})
        self.room['M1'].date_handover = date(2025, 6, 15)  # today
        vacant.invalidate_recordset()
        self.assertEqual(
            dict(vacant.export_data(['unit_id/name', 'vacant_days'])['datas']),
            {'502': 31, '1001': 14, 'M1': 0, '103': '', '503': ''})

    def test_vacant_room_opens_its_unit(self):
        """[A78] """
        line = self.env['property.room.report'].with_user(self.clerk).search(
            [('unit_id', '=', self.room['502'].id)])
        action = line.action_open_unit()
        self.assertEqual((action['res_model'], action['res_id']),
                         ('property.unit', self.room['502'].id))

    def test_archived_unit_and_parking_space_are_no_rooms(self):
        """[A78] """
        self.room['502'].active = False
        self.env['property.unit'].create(
            self._prepare_unit_vals(self.block, 'P1', kind='parking'))
        lines = self.env['property.room.report'].with_user(self.clerk).search(
            [('building_id', '=', self.block.id)])
        self.assertEqual(len(lines), 8)


@tagged('post_install', '-at_install')
class TestRoomBoardScreen(RoomBoardCommon, HttpCase):

    def test_board_by_mouse_and_keyboard(self):
        """[A26] Arrows, Enter, the menu by right click and by keyboard, search and filter. """
        self.officer.lang = self.env['res.lang']._activate_lang('en_US').code
        self.start_tour(
            f'/odoo/room-board?building_id={self.block.id}', 'room_board',
            login=self.officer.login)

    def test_what_comes_late_is_of_no_account(self):
        """[A26] An answer about a building that is no longer shown, a tile that is gone. """
        self.officer.lang = self.env['res.lang']._activate_lang('en_US').code
        self.start_tour(
            f'/odoo/room-board?building_id={self.block.id}', 'room_board_late',
            login=self.officer.login)


@tagged('post_install', '-at_install')
class TestRoomBoardPhone(RoomBoardCommon, HttpCase):
    browser_size = '390x844'
    touch_enabled = True

    def test_board_by_finger(self):
        """[A26] The tree in a drawer, a long press for the sheet. """
        self.officer.lang = self.env['res.lang']._activate_lang('en_US').code
        self.start_tour(
            f'/odoo/room-board?building_id={self.block.id}', 'room_board_phone',
            login=self.officer.login)
