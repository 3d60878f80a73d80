from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import PropertyCommon


@tagged('post_install', '-at_install')
class TestUnitGenerator(PropertyCommon):

    def _generate(self, building=None, **values):
        return self.env['property.unit.generator'].with_user(self.officer).create(
            {'building_id': (building or self.tower).id, **values})

    def test_floors_without_the_fourth(self):
        """[A09] Three floors less one, two units each, two entrances: eight units. """
        entrances = self.env['property.entrance'].create([
            {'building_id': self.annex.id, 'name': 'East'},
            {'building_id': self.annex.id, 'name': 'West'},
        ])
        generator = self._generate(
            self.annex, floor_from=3, floor_to=5, skipped_floors='4', units_per_floor=2)
        self.assertEqual(generator.entrance_ids, entrances)
        generator.action_generate()
        units = self.annex.unit_ids - self.shop
        self.assertEqual(len(units), 8)
        self.assertEqual(
            (units.filtered(lambda unit: unit.entrance_id == entrances[0])).mapped('name'),
            ['301', '302', '501', '502'])
        self.assertEqual(set(units.mapped('floor_order')), {3, 5})

    def test_areas_by_position(self):
        """[A09] """
        with Form(self.env['property.unit.generator'].with_user(self.officer)) as form:
            form.building_id = self.tower
            form.units_per_floor = 3
            with form.position_ids.edit(0) as position:
                position.building_area = 94.56
            with form.position_ids.edit(2) as position:
                position.building_area = 120
        generator = form.record
        self.assertEqual(len(generator.line_ids), 9, "three floors of three units")
        generator.action_generate()
        areas = {
            unit.name: unit.building_area for unit in self.tower.unit_ids if unit.floor == '2'}
        self.assertEqual(areas, {'201': 94.56, '202': 0, '203': 120})

    def test_existing_numbers_are_marked_and_left_out(self):
        """[A09] [A10] The preview marks 101 and 102, which exist; four are new. """
        self.next_flat.active = False
        generator = self._generate()
        duplicates = generator.line_ids.filtered('is_duplicate')
        self.assertEqual(duplicates.mapped('name'), ['101', '102'])
        self.assertTrue(all(duplicates.mapped('remark')))
        self.assertEqual((generator.new_count, generator.duplicate_count), (4, 2))
        generator.action_generate()
        self.assertEqual(
            self.tower.unit_ids.mapped('name'), ['101', '201', '202', '301', '302'])
        with self.assertRaisesRegex(UserError, 'nothing to create'):
            self._generate().action_generate()

    def test_same_number_twice_in_the_preview(self):
        """[A09] A pattern without the floor makes the same number on each floor. """
        generator = self._generate(number_pattern='{no:03d}', floor_to=2)
        self.assertEqual(
            generator.line_ids.mapped('is_duplicate'), [False, False, True, True])

    def test_preview_can_be_corrected(self):
        """[A09] """
        generator = self._generate(floor_from=2, floor_to=2)
        generator.line_ids[1].name = '2A'
        generator.line_ids[0].unlink()
        generator.action_generate()
        self.assertEqual(
            (self.tower.unit_ids - self.flat - self.next_flat).mapped('name'), ['2A'])

    def test_parking_lot(self):
        lot = self.env['property.building'].create(
            {'project_id': self.lakeside.id, 'name': 'Car park', 'is_parking_lot': True})
        self._generate(lot, floor_from=-2, floor_to=-1, units_per_floor=2).action_generate()
        self.assertEqual(
            lot.unit_ids.mapped('name'), ['B2-001', 'B2-002', 'B1-001', 'B1-002'])
        self.assertEqual(set(lot.unit_ids.mapped('kind')), {'parking'})

    def test_problems_are_told_before_anything_is_made(self):
        for values, problem in (
            ({'number_pattern': '{room}'}, '{room}'),
            ({'number_pattern': '{floor'}, 'does not fit'),
            ({'number_pattern': '{floor}'}, '{no}'),
            ({'number_pattern': '{no:9999999d}'}, '{no:9999999d}'),
            ({'number_pattern': '{no.__class__}'}, 'does not fit'),
            ({'skipped_floors': 'four'}, 'four'),
            ({'skipped_floors': '1-3'}, 'No floor'),
            ({'floor_from': 5, 'floor_to': 3}, 'No floor'),
            ({'units_per_floor': 0}, 'how many'),
            ({'units_per_floor': 100000}, '300000'),
            ({'floor_to': 2**31 - 1, 'units_per_floor': 1}, str(2**31 - 1)),
        ):
            with self.subTest(**values):
                generator = self._generate(**values)
                self.assertIn(problem, generator.problem)
                self.assertFalse(generator.line_ids)
                with self.assertRaises(UserError):
                    generator.action_generate()

    def test_without_entrances(self):
        generator = self._generate(
            entrance_ids=[Command.clear()], floor_from=3, floor_to=3, number_pattern='{floor}-{no}')
        generator.action_generate()
        self.assertEqual(
            self.tower.unit_ids.filtered(lambda unit: not unit.entrance_id).mapped('name'),
            ['3-1', '3-2'])

    def test_only_in_buildings_that_the_user_may_see(self):
        generator = self.env['property.unit.generator'].with_user(self.hill_officer)
        with self.assertRaises(AccessError):
            generator.create({'building_id': self.tower.id}).action_generate()
        with self.assertRaises(AccessError):
            self.env['property.unit.generator'].with_user(self.clerk).create(
                {'building_id': self.tower.id})
