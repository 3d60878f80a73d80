from datetime import date

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import PropertyCommon


@tagged('post_install', '-at_install')
class TestOccupancy(PropertyCommon):

    def test_second_sole_owner_on_one_day_refused_by_the_database(self):
        self._move_in(self.flat, self.olga, end=date(2024, 6, 30))
        with mute_logger('odoo.sql_db'), self.assertRaises(IntegrityError):
            self._move_in(self.flat, self.tom, start=date(2024, 6, 30))

    def test_next_owner_from_the_following_day(self):
        self._move_in(self.flat, self.olga, end=date(2024, 6, 30))
        self._move_in(self.flat, self.tom, start=date(2024, 7, 1))
        with freeze_time('2024-06-30'):
            self.assertEqual(self.flat.owner_ids, self.olga)
        self.flat.invalidate_recordset()
        with freeze_time('2024-07-01'):
            self.assertEqual(self.flat.owner_ids, self.tom)

    @mute_logger('odoo.sql_db')
    def test_refusal_names_the_unit(self):
        self._move_in(self.flat, self.olga)
        with self.assertRaises(IntegrityError) as caught, self.cr.savepoint():
            self._move_in(self.flat, self.tom)
        message = self.env['property.occupancy']._sql_error_to_message(caught.exception)
        self.assertIn('Tower 1-Entrance 1-101', message)

    def test_co_owners_share_up_to_the_whole(self):
        self._move_in(self.flat, self.olga, share=50)
        self._move_in(self.flat, self.tom, share=25)
        self._move_in(self.flat, self.hilda, share=25)
        with self.assertRaisesRegex(ValidationError, 'Tower 1-Entrance 1-101.*110'):
            self._move_in(self.flat, self.fred, share=10, start=date(2025, 3, 1))

    def test_share_is_free_again_when_a_co_owner_has_left(self):
        self._move_in(self.flat, self.olga, share=60)
        leaver = self._move_in(self.flat, self.tom, share=40)
        leaver.date_end = date(2024, 12, 31)
        self._move_in(self.flat, self.hilda, share=40, start=date(2025, 1, 1))
        with self.assertRaises(ValidationError):
            leaver.date_end = date(2025, 1, 1)

    def test_three_thirds_are_not_more_than_the_whole(self):
        for partner in (self.olga, self.tom, self.hilda):
            self._move_in(self.flat, partner, share=33.33)
        self._move_in(self.flat, self.fred, share=0.01)

    @mute_logger('odoo.sql_db')
    def test_same_person_same_role_same_time_refused(self):
        self._move_in(self.flat, self.tom, role='tenant', end=date(2024, 12, 31))
        self._move_in(self.flat, self.tom, role='tenant', start=date(2025, 1, 1))
        with self.assertRaises(IntegrityError):
            self._move_in(self.flat, self.tom, role='tenant', start=date(2026, 1, 1))

    @mute_logger('odoo.sql_db')
    def test_end_before_start_refused(self):
        with self.assertRaises(IntegrityError):
            self._move_in(self.flat, self.olga, end=date(2023, 12, 31))

    @freeze_time('2025-05-15')
    def test_owner_and_tenant_in_one_unit(self):
        """[A30] [A25] Both are in the archive; when the tenant leaves, the owner shows again. """
        self.assertEqual(self.flat.occupancy_state, 'vacant')
        self._move_in(self.flat, self.olga)
        self.assertEqual(self.flat.occupancy_state, 'sold')
        tenancy = self._move_in(self.flat, self.tom, role='tenant')
        self.assertEqual(self.flat.occupancy_state, 'leased')
        self.assertEqual(self.flat.owner_ids, self.olga)
        self.assertEqual(self.flat.tenant_ids, self.tom)
        archive = self.env['property.occupancy'].search([('unit_id', '=', self.flat.id)])
        self.assertEqual(archive.partner_id, self.olga | self.tom)
        tenancy.date_end = date(2025, 5, 14)
        self.assertEqual(self.flat.occupancy_state, 'sold')
        self.assertFalse(self.flat.tenant_ids)

    @freeze_time('2025-05-15')
    def test_units_found_by_state_and_resident(self):
        """[A20] A unit is found by its state and by the name and phone of who lives in it. """
        self._move_in(self.flat, self.olga)
        self._move_in(self.next_flat, self.olga)
        self._move_in(self.next_flat, self.tom, role='tenant')
        self._move_in(self.shop, self.fred, end=date(2025, 5, 14))
        lakeside = [('project_id', '=', self.lakeside.id)]

        def find(*condition):
            return self.env['property.unit'].search([*lakeside, condition])

        self.assertEqual(find('occupancy_state', '=', 'sold'), self.flat)
        self.assertEqual(find('occupancy_state', '=', 'leased'), self.next_flat)
        self.assertEqual(find('occupancy_state', '=', 'vacant'), self.shop)
        self.assertEqual(find('occupancy_state', '!=', 'vacant'), self.flat | self.next_flat)
        self.assertEqual(find('owner_ids', 'ilike', 'olga'), self.flat | self.next_flat)
        self.assertEqual(find('tenant_ids', 'in', self.tom.ids), self.next_flat)
        self.assertFalse(find('owner_ids', 'in', self.fred.ids))
        self.assertEqual(find('owner_ids', '=', False), self.shop)

    def test_a_day_that_is_typed_anew_breaks_nothing(self):
        """ Between the old first day and the new one the form has none. """
        self._move_in(self.flat, self.olga)
        with Form(self.flat) as form, form.occupancy_ids.edit(0) as line:
            line.date_start = False
            self.assertFalse(line.is_live)
            line.date_start = date(2025, 1, 1)
            self.assertTrue(line.is_live)

    @freeze_time('2025-05-15')
    def test_another_owner_on_the_same_occupancy_shows_at_once(self):
        occupancy = self._move_in(self.flat, self.olga)
        self.assertEqual(self.flat.owner_ids, self.olga)
        occupancy.partner_id = self.tom
        self.assertEqual(self.flat.owner_ids, self.tom)

    def test_owner_and_tenant_pay_unless_told_otherwise(self):
        roles = {role: self._move_in(self.flat, partner, role=role).is_payer for role, partner in (
            ('owner', self.olga), ('tenant', self.tom), ('family', self.fred),
            ('user', self.hilda))}
        self.assertEqual(
            roles, {'owner': True, 'tenant': True, 'family': False, 'user': False})

    @freeze_time('2025-05-15')
    def test_buttons_count_who_lives_here_today(self):
        """[A12] The buttons of unit, project and person show how much is behind them. """
        self._move_in(self.flat, self.olga)
        self._move_in(self.flat, self.tom, role='tenant')
        self._move_in(self.next_flat, self.olga)
        self._move_in(self.shop, self.fred, end=date(2025, 5, 14))
        self.env['property.vehicle'].create(
            {'name': 'A 12345', 'unit_id': self.flat.id, 'partner_id': self.tom.id})
        self.assertEqual((self.flat.occupancy_count, self.flat.vehicle_count), (2, 1))
        self.assertEqual((self.shop.occupancy_count, self.shop.vehicle_count), (0, 0))
        self.assertEqual(self.lakeside.building_count, 2)
        self.assertEqual(self.lakeside.unit_count, 3)
        self.assertEqual(self.lakeside.occupant_count, 2)
        self.assertEqual(self.tower.unit_count, 2)
        self.assertEqual((self.olga | self.fred).mapped('property_unit_count'), [2, 0])

    def test_vehicle_belongs_to_the_project_of_its_unit(self):
        """[A23] """
        vehicle = self.env['property.vehicle'].create(
            {'name': 'A 12345', 'unit_id': self.flat.id})
        self.assertEqual(vehicle.project_id, self.lakeside)
        with self.assertRaisesRegex(ValidationError, 'A 12345'):
            vehicle.project_id = self.hilltop

