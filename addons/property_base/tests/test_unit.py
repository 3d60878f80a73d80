from psycopg2 import IntegrityError

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import PropertyCommon


@tagged('post_install', '-at_install')
class TestUnit(PropertyCommon):

    @mute_logger('odoo.sql_db')
    def test_duplicate_number_refused_by_name(self):
        """[A10] The same number twice in one entrance is refused, and the message names it. """
        with self.assertRaises(IntegrityError) as caught, self.cr.savepoint():
            self.env['property.unit'].create(
                self._prepare_unit_vals(self.tower, '101', entrance_id=self.entrance.id))
        message = self.env['property.unit']._sql_error_to_message(caught.exception)
        self.assertIn('101', message)
        self.env['res.lang']._activate_lang('zh_CN')
        message = self.env['property.unit'].with_context(
            lang='zh_CN')._sql_error_to_message(caught.exception)
        self.assertIn('该房号已存在', message)

    @mute_logger('odoo.sql_db')
    def test_same_number_in_another_entrance_or_building_is_fine(self):
        """[A10] """
        self.env['property.unit'].create([
            self._prepare_unit_vals(self.tower, '101'),
            self._prepare_unit_vals(self.annex, '101'),
        ])
        with self.assertRaises(IntegrityError):
            self.env['property.unit'].create(self._prepare_unit_vals(self.annex, '101'))

    def test_entrance_of_another_building_refused(self):
        with self.assertRaisesRegex(ValidationError, 'S1.*Entrance 1'):
            self.shop.entrance_id = self.entrance
        with self.assertRaisesRegex(ValidationError, '101.*Entrance 1'):
            self.entrance.building_id = self.annex

    @mute_logger('odoo.sql_db')
    def test_negative_area_refused(self):
        with self.assertRaises(IntegrityError):
            self.flat.building_area = -1
            self.flat.flush_recordset()

    def test_floors_stand_from_bottom_to_top(self):
        labels = ['B2', 'B1', '1', '2F', '3层', '10楼', '夹层']
        positions = [self.env['property.unit']._get_floor_order(label) for label in labels]
        self.assertEqual(positions, [-2, -1, 1, 2, 3, 10, 0])
        units = self.env['property.unit'].create([
            self._prepare_unit_vals(self.annex, f'{label}-x', floor=label)
            for label in ('10', 'B1', '2')])
        self.assertEqual(
            self.env['property.unit'].search([('id', 'in', units.ids)]).mapped('floor'),
            ['B1', '2', '10'])

    def test_buildings_stand_by_their_numbers(self):
        buildings = self.env['property.building'].create([
            {'project_id': self.hilltop.id, 'name': name} for name in ('10栋', '停车场', '2栋')])
        self.assertEqual(
            self.env['property.building'].search([('id', 'in', buildings.ids)]).mapped('name'),
            ['2栋', '10栋', '停车场'])

    def test_a_vehicle_goes_with_its_unit_to_another_project(self):
        vehicle = self.env['property.vehicle'].create({'name': 'H 1', 'unit_id': self.shop.id})
        self.annex.project_id = self.hilltop
        self.assertEqual(vehicle.project_id, self.hilltop)

    def test_unit_entered_by_an_officer(self):
        """[A07] """
        with Form(self.env['property.unit'].with_user(self.officer)) as form:
            form.building_id = self.tower
            form.entrance_id = self.entrance
            form.name = '1203'
            form.floor = '12'
            form.building_area = 94.56
        unit = form.record
        self.assertEqual(unit.project_id, self.lakeside)
        self.assertEqual(unit.floor_order, 12)
        self.assertEqual(unit.complete_name, 'Tower 1-Entrance 1-1203')
        self.assertEqual(unit.occupancy_state, 'vacant')

    def test_region_tree_has_no_ring(self):
        """[A02] """
        head = self.env['property.region'].create({'name': 'Head office', 'kind': 'head_office'})
        south = self.env['property.region'].create({'name': 'South', 'parent_id': head.id})
        self.assertEqual(south.complete_name, 'Head office / South')
        self.lakeside.region_id = south
        self.assertEqual(
            self.env['property.project'].search([('region_id', 'child_of', head.id)]),
            self.lakeside)
        with self.assertRaises(UserError):
            head.parent_id = south
