from datetime import date
from decimal import Decimal

from psycopg2.errors import CheckViolation, UniqueViolation

from odoo import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_shared import SharedCommon


@tagged('post_install', '-at_install')
class TestShareKey(SharedCommon):
    """ [decision 15] Which units bear a cost, and how much of it. """

    def test_three_households(self):
        """ 100.00 among three: the cent that is left goes to the lowest code. """
        self._create_units([80, 90, 100])
        cost = self._divide(self._create_key('household'), 100)
        self.assertEqual(self._parts(cost), {'801': 33.34, '802': 33.33, '803': 33.33})
        self.assertEqual(
            (cost.part_total, cost.difference, cost.weight_total), (100, 0, 3))
        self.assertEqual(cost.assignment_ids.mapped('share_rest'), [1, 0, 0])

    def test_by_area(self):
        """ 1,000.00 by 94.56, 88.20 and 120.33 m²: 311.9865, 291.0027 and 397.0108. """
        self._create_units([94.56, 88.20, 120.33])
        cost = self._divide(self._create_key(), 1000)
        self.assertEqual(self._parts(cost), {'801': 311.99, '802': 291.0, '803': 397.01})
        self.assertEqual(cost.difference, 0)

    def test_the_rest_of_the_water(self):
        """ 300.00 by 80, 90, 100 and 120 m². """
        self._create_units([80, 90, 100, 120])
        cost = self._divide(self._create_key(), 300)
        self.assertEqual(
            self._parts(cost), {'801': 61.54, '802': 69.23, '803': 76.92, '804': 92.31})

    def test_by_usable_area(self):
        """ 90.00 by 10 and 20 m² of use, whatever the building area. """
        units = self._create_units([50, 50])
        units[0].usable_area, units[1].usable_area = 10, 20
        cost = self._divide(self._create_key('usable_area'), 90)
        self.assertEqual(self._parts(cost), {'801': 30, '802': 60})

    def test_by_shares_and_by_fixed_weights(self):
        """ 100.00 by 12.5 and 37.5 thousandths: 25.00 and 75.00; by 1, 0 and 4: 20.00 and 80.00,
        and nothing for who weighs nothing.
        """
        units = self._create_units([50, 60, 70])
        units[0].common_share, units[1].common_share = 12.5, 37.5
        cost = self._divide(self._create_key('share'), 100)
        self.assertEqual(self._parts(cost), {'801': 25, '802': 75})
        key = self._create_key('fixed', line_ids=[
            Command.create({'unit_id': unit.id, 'weight': weight})
            for unit, weight in zip(units, (1, 0, 4), strict=True)])
        self.assertEqual(key.unit_count, 3)
        self.assertEqual(self._parts(self._divide(key, 100)), {'801': 20, '803': 80})

    def test_two_cents_among_three(self):
        """ Nobody gets a part of nothing; what is divided still adds up. """
        self._create_units([10, 10, 10])
        cost = self._divide(self._create_key('household'), 0.02)
        self.assertEqual(self._parts(cost), {'801': 0.01, '802': 0.01})
        self.assertEqual((cost.difference, cost.weight_total), (0, 3))

    def test_codes_are_in_their_natural_order(self):
        """ Of equal remainders the cent goes to 9, not to 10. """
        self._create_units([10, 10], first=9)
        self.assertEqual(
            self._parts(self._divide(self._create_key('household'), 0.01)), {'9': 0.01})

    def test_an_area_that_changes_counts_by_days(self):
        """ 100 m², from 16 April 130: 115 on average of thirty days, beside 115 of the other. """
        units = self._create_units([100, 115])
        self._measure_unit(units[0], 130, '2026-04-16')
        self.assertEqual(
            self._create_key()._get_weights(date(2026, 4, 1), date(2026, 5, 1)),
            {units[0]: Decimal(115), units[1]: Decimal(115)})
        self.assertEqual(
            self._create_key()._get_weights(date(2026, 3, 1), date(2026, 4, 1))[units[0]], 100)

    def test_who_bears_it(self):
        """ Parking spaces only where they are asked for; a building, chosen units, a kind. """
        units = self._create_units([10, 20, 30])
        units[1].kind, units[2].kind = 'shop', 'parking'
        for found, vals in (
            (units[:2], {}),
            (units, {'unit_kind': 'any'}),
            (units[1], {'unit_kind': 'shop'}),
            (units[2], {'level': 'units', 'unit_ids': [Command.set(units[2].ids)]}),
            (self.unit_1011 + self.unit_1012 + units[:2], {'level': 'project'}),
        ):
            with self.subTest(**vals):
                self.assertEqual(self._create_key(**vals)._get_units(), found)
        units[0].active = False
        self.assertEqual(self._create_key()._get_units(), units[1])

    def test_nothing_to_divide_by(self):
        """ The key says what is missing, and nothing is made. """
        for message, key in (
            ("has no unit", self._create_key(unit_kind='shop')),
            ("has no unit", self._create_key('fixed')),
        ):
            with self.assertRefused(message):
                self._divide(key, 100)
        self._create_units([0, 0])
        cost = self._create_cost(self._create_key(), self._receive_bill(100))
        with self.assertRefused("“Building area .m².” of its 2 units adds up to"):
            cost._divide()
        self.assertEqual((cost.state, cost.part_count), ('draft', 0))

    def test_weights_below_zero_or_twice(self):
        units = self._create_units([10])
        for error, weights in ((CheckViolation, [-1]), (UniqueViolation, [1, 2])):
            with self.assertRaises(error), mute_logger('odoo.sql_db'), self.env.cr.savepoint():
                self._create_key('fixed', line_ids=[
                    Command.create({'unit_id': units.id, 'weight': weight})
                    for weight in weights])

    def test_units_of_another_project(self):
        project = self.env['property.project'].create({
            'name': "Lakeside", 'company_id': self.company.id})
        foreign = self.env['property.unit'].create({
            'name': '1', 'building_id': self.env['property.building'].create({
                'name': "L", 'project_id': project.id}).id})
        for vals in (
            {'level': 'units', 'unit_ids': [Command.set(foreign.ids)]},
            {'building_ids': [Command.set(foreign.building_id.ids)]},
            {'basis': 'fixed', 'line_ids': [Command.create({'unit_id': foreign.id})]},
        ):
            with self.assertRefused("is not in Emerald Garden"):
                self._create_key(**vals)

    def test_a_key_that_has_divided(self):
        """ It stays what bills say that it is, and is not deleted; its units may change. """
        self._create_units([10, 20])
        key = self._create_key()
        self._divide(key, 30)
        with self.assertRefused("Make another share key"):
            key.with_user(self.clerk).basis = 'household'
        with self.assertRefused("divides 1 shared costs"):
            key.unlink()
        key.with_user(self.clerk).unit_kind = 'any'

    def test_as_many_queries_for_many_units(self):
        """ 4 units or 40: the weights and the parts of a run take as many queries. """
        self._create_units([10] * 4)
        keys = [self._create_key('household', unit_kind='any')]
        other = self.env['property.building'].create({
            'name': "9", 'project_id': self.project.id})
        self.env['property.unit'].create([
            {'name': str(number), 'building_id': other.id, 'building_area': 10}
            for number in range(40)])
        keys.append(self._create_key('household', building_ids=[Command.set(other.ids)]))
        counts = []
        for key in keys:
            cost = self._create_cost(key, self._receive_bill(100))
            for call in (
                lambda cost=cost: cost.sudo()._get_portions(),
                lambda cost=cost: cost.sudo().assignment_ids._get_subjects(),
            ):
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                call()
                counts.append(self.env.cr.sql_log_count - before)
                if cost.state == 'draft':
                    cost._divide()
        self.assertEqual(counts[:2], counts[2:])
