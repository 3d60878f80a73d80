from datetime import date, timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools.safe_eval import safe_eval

from .common import PropertyCommon

DAY = date(2024, 7, 1)
DAY_BEFORE = date(2024, 6, 30)


@tagged('post_install', '-at_install')
class TestUnitReshape(PropertyCommon):
    """ A mall cuts a shop in two, and makes one of two. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shop.write({'floor': '1', 'building_area': 90})
        cls.next_shop = cls.env['property.unit'].create(
            cls._prepare_unit_vals(cls.annex, 'S2', kind='shop', building_area=30))

    def _reshape(self, units, lines, day=DAY, user=None):
        """ What the wizard does, with (name, area) of the new units. """
        action = units.with_user(user or self.officer).action_reshape()
        wizard = self.env['property.unit.reshape'].with_user(user or self.officer).with_context(
            **action['context']).create({'date': day})
        wizard.line_ids = [fields.Command.clear()] + [
            fields.Command.create({'name': name, 'building_area': area}) for name, area in lines]
        return self.env['property.unit'].search(wizard.action_apply()['domain'])

    def _occupancies(self, unit):
        return [
            (o.partner_id, o.role, o.share, o.date_start, o.date_end)
            for o in unit.with_context(active_test=False).occupancy_ids.sorted('id')]

    def test_shop_is_split_in_two(self):
        """[A16] Owner and tenant go over to both; the old shop stays with its history. """
        self._move_in(self.shop, self.olga)
        self._move_in(self.shop, self.tom, role='tenant', end=date(2025, 12, 31))
        self._move_in(self.shop, self.fred, role='tenant', start=date(2020, 1, 1),
                      end=date(2022, 1, 1))
        left, right = self._reshape(self.shop, [('S1-A', 50), ('S1-B', 40)])
        self.assertFalse(self.shop.active)
        self.assertEqual(
            [(unit.name, unit.building_area, unit.kind, unit.floor, unit.origin_ids)
             for unit in (left, right)],
            [('S1-A', 50, 'shop', '1', self.shop), ('S1-B', 40, 'shop', '1', self.shop)])
        self.assertEqual(self.shop.successor_ids, left + right)
        for unit in (left, right):
            self.assertEqual(self._occupancies(unit), [
                (self.olga, 'owner', 100, DAY, False),
                (self.tom, 'tenant', 100, DAY, date(2025, 12, 31))])
        self.assertEqual(
            sorted(self._occupancies(self.shop), key=lambda row: row[0].id), [
                (self.olga, 'owner', 100, date(2024, 1, 1), DAY_BEFORE),
                (self.tom, 'tenant', 100, date(2024, 1, 1), DAY_BEFORE),
                (self.fred, 'tenant', 100, date(2020, 1, 1), date(2022, 1, 1))])
        self.assertIn('S1-A', self.shop.message_ids[0].body)

    def test_merged_shops_are_owned_by_their_areas(self):
        """[A16] 90 m² of Olga, 30 m² of Fred and Tom by halves: 75, 12.5 and 12.5 %. """
        self._move_in(self.shop, self.olga)
        self._move_in(self.next_shop, self.fred, share=50)
        self._move_in(self.next_shop, self.tom, share=50)
        merged = self._reshape(self.shop + self.next_shop, [('S1-S2', 120)])
        self.assertEqual(
            [(partner, share) for partner, _role, share, *_days in self._occupancies(merged)],
            [(self.olga, 75), (self.fred, 12.5), (self.tom, 12.5)])
        self.assertEqual(merged.origin_ids, self.shop + self.next_shop)

    def test_one_owner_of_both_is_entered_once(self):
        """[A16] """
        self._move_in(self.shop, self.olga)
        self._move_in(self.next_shop, self.olga)
        merged = self._reshape(self.shop + self.next_shop, [('S9', 120)])
        self.assertEqual(
            self._occupancies(merged), [(self.olga, 'owner', 100, DAY, False)])

    def test_thirds_never_exceed_the_whole(self):
        """[A16] Three shops of one size, three owners: 33.34, 33.33 and 33.33 %. """
        third = self.env['property.unit'].create(
            self._prepare_unit_vals(self.annex, 'S3', kind='shop', building_area=0))
        for unit, partner in zip(
                (self.shop, self.next_shop, third), (self.olga, self.fred, self.tom), strict=True):
            self._move_in(unit, partner)
        merged = self._reshape(self.shop + self.next_shop + third, [('S123', 120)])
        self.assertEqual(
            [share for _partner, _role, share, *_days in self._occupancies(merged)],
            [33.34, 33.33, 33.33])

    def test_wizard_proposes_names_and_warns_of_areas(self):
        """[A16] The areas need not add up, since new walls are measured; it is only told. """
        Wizard = self.env['property.unit.reshape'].with_user(self.officer)
        split = Form(Wizard.with_context(**self.shop.action_reshape()['context']))
        self.assertEqual([line['name'] for line in split.line_ids._records], ['S1-1', 'S1-2'])
        self.assertFalse(split.has_difference)
        with split.line_ids.edit(0) as line:
            line.building_area = 50
        self.assertTrue(split.has_difference)
        with split.line_ids.edit(1) as line:
            line.building_area = 40
        self.assertFalse(split.has_difference)
        units = self.env['property.unit'].search(split.save().action_apply()['domain'])
        self.assertEqual(
            [(unit.name, unit.building_area) for unit in units], [('S1-1', 50), ('S1-2', 40)])

    def test_split_starts_with_halves_of_the_area(self):
        """[A16] To the hundredth, and never more or less than the whole. """
        self.shop.write({'building_area': 51.07, 'usable_area': 45})
        wizard = self.env['property.unit.reshape'].with_user(self.officer).create(
            {'unit_ids': [fields.Command.set(self.shop.ids)]})
        self.assertEqual(
            [(line.building_area, line.usable_area) for line in wizard.line_ids],
            [(25.54, 22.5), (25.53, 22.5)])
        self.assertFalse(wizard.has_difference)

    def test_wizard_proposes_the_sum_for_a_merge(self):
        """[A16] """
        Wizard = self.env['property.unit.reshape'].with_user(self.officer)
        merge = Form(Wizard.with_context(
            **(self.shop + self.next_shop).action_reshape()['context']))
        self.assertEqual(
            [(line['name'], line['building_area']) for line in merge.line_ids._records],
            [('S1-S2', 120)])
        self.assertFalse(merge.has_difference)

    def test_what_cannot_be_is_refused(self):
        """[A16] Ahead of the day, across buildings, one into one, twice, before somebody came. """
        with self.assertRaisesRegex(UserError, "not ahead"):
            self._reshape(
                self.shop, [('A', 1), ('B', 1)], fields.Date.today() + timedelta(days=2))
        with self.assertRaisesRegex(UserError, "one building"):
            self._reshape(self.shop + self.flat, [('A', 1)])
        with self.assertRaisesRegex(UserError, "One unit becomes one"):
            self._reshape(self.shop, [('A', 1)])
        self._move_in(self.shop, self.olga, start=date(2024, 7, 2))
        with self.assertRaisesRegex(UserError, "begins on 2024-07-02"):
            self._reshape(self.shop, [('A', 1), ('B', 1)])
        self.assertTrue(self.shop.active)
        self._reshape(self.shop, [('C', 1), ('D', 1)], date(2024, 8, 1))
        with self.assertRaisesRegex(UserError, "archived"):
            self.shop.with_user(self.officer)._reshape([{'name': 'E'}], DAY)

    def test_only_officers_of_the_project_do_it(self):
        """[A16] [G07] """
        for user in (self.clerk, self.hill_officer):
            with self.assertRaises(AccessError):
                self._reshape(self.shop, [('A', 1), ('B', 1)], user=user)

    def test_vehicles_follow(self):
        vehicle = self.env['property.vehicle'].create({'name': 'P1', 'unit_id': self.shop.id})
        left, _right = self._reshape(self.shop, [('A', 50), ('B', 40)])
        self.assertEqual(vehicle.unit_id, left)

    def test_keys_follow_and_documents_are_listed(self):
        """[A16] [A41] Two doors, two keys "1"; the drawings are those of the old shops. """
        keys = self.env['property.key'].create([
            {'name': name, 'unit_id': unit.id}
            for unit, name in ((self.shop, '1'), (self.shop, '2'), (self.next_shop, '1'))])
        drawing = self.env['property.document'].create(
            {'name': "Water", 'unit_id': self.shop.id, 'file': b'RHJhd2luZw=='})
        merged = self._reshape(self.shop + self.next_shop, [('S9', 120)])
        self.assertEqual(keys.unit_id, merged)
        self.assertEqual(keys.mapped('name'), ['S1-1', '2', 'S2-1'])
        self.assertEqual(drawing.unit_id, self.shop)
        domain = self.env.ref('property_base.property_document_action_unit').domain
        for unit, found in ((self.shop, drawing), (merged, drawing), (self.flat, drawing.browse())):
            self.assertEqual(
                drawing.with_user(self.officer).search(
                    safe_eval(domain, {'active_id': unit.id})), found)

    def test_who_lived_there_does_not_wait_for_check_in(self):
        """[A16] [A36] """
        lived, waits = self._move_in(self.shop, self.olga), self._move_in(
            self.shop, self.tom, role='tenant')
        waits.awaits_check_in = True
        self.lakeside.archive_mode = 'check_in'
        left, _right = self._reshape(self.shop, [('A', 50), ('B', 40)])
        self.assertEqual(
            left.occupancy_ids.filtered('awaits_check_in').partner_id, waits.partner_id)
        self.assertIn(lived.partner_id, left.occupancy_ids.partner_id)
