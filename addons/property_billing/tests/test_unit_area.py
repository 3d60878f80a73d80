from datetime import date

from psycopg2.errors import CheckViolation, UniqueViolation

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .test_correction import CorrectionCommon


@tagged('post_install', '-at_install')
class TestUnitArea(CorrectionCommon):
    """ 94.56 m² by contract; the title says 95.31 m² from 15 February 2026. """

    def _measure(self, area=95.31, since='2026-02-15', user=None, **vals):
        return self.env['property.unit.area'].with_user(user or self.clerk).create({
            'unit_id': self.unit.id, 'area': area, 'date_start': since, 'kind': 'title', **vals})

    def test_one_supplementary_bill(self):
        """ [B11] February 14 of 28 days each: 123.42; March 123.90: 0.49 + 0.97 = 1.46. """
        area = self._measure()
        action = area.with_user(self.manager).action_propose()
        wizard = self.env['property.charge.correct'].with_user(self.manager).with_context(
            **action['context']).create({'date': date(2026, 3, 20)})
        self.assertEqual(wizard.reason, "Charging area 95.31 m² By title 2026-02-15")
        self.assertEqual(
            [(str(line.date_start), line.amount) for line in wizard.line_ids],
            [('2026-02-01', 0.49), ('2026-03-01', 0.97)])
        wizard.action_correct()
        bill = self._corrections().move_id
        self.assertEqual((len(bill), bill.amount_total), (1, 1.46))
        self.assertEqual(
            self._corrections()[0]._render_explanation()[:2],
            ["2026-02-01 ~ 2026-02-14: 94.56 m² × 1.3 = 122.928 a month × 1/2 of a month",
             "2026-02-15 ~ 2026-02-28: 95.31 m² × 1.3 = 123.903 a month × 1/2 of a month"])
        self.assertEqual(
            area.with_user(self.manager).action_propose()['type'],
            'ir.actions.act_window_close')

    def test_a_manager_finds_what_he_is_asked_to_correct(self):
        """ Whom the clerk has asked corrects it from the area, with the same reason. """
        area = self._measure()
        self.assertEqual(area.action_propose()['tag'], 'display_notification')
        context = area.with_user(self.manager).action_correct_charges()['context']
        wizard = self.env['property.charge.correct'].with_user(self.manager).with_context(
            **context).create({})
        self.assertEqual(wizard.line_ids.mapped('amount'), [0.49, 0.97])
        self.assertEqual(wizard.reason, "Charging area 95.31 m² By title 2026-02-15")

    def test_a_large_area_is_named_in_full(self):
        self.assertEqual(
            self._measure(12345.67).display_name, "12345.67 m² By title 2026-02-15")

    def test_one_credit(self):
        """ [B11] The other way round: February 0.48, March 0.97, one credit note of 1.45. """
        self._measure_unit(self.unit, 95.31, '2026-01-01')
        self._correct(reason="as first entered")
        owed = (self.charges + self._corrections()).mapped('amount_residual')
        self.assertAlmostEqual(sum(owed), 3 * 123.9)
        self._measure(94.56)
        note = self._correct(reason="title")
        self.assertAlmostEqual(sum(note.mapped('amount_total')), 1.45)
        self.assertEqual(
            [sum(line.price_total for line in note.invoice_line_ids
                 if line.property_charge_id.date_start.month == month) for month in (1, 2, 3)],
            [0, 0.48, 0.97])

    def test_what_comes_next_is_charged_by_it(self):
        self._measure(since='2026-04-16')
        april = self._bill('2026-04-30')
        self.assertEqual(april.amount, 123.42)  # 15 days each of 122.928 and 123.903
        self.assertEqual(april.explanation['quantity'], '94.56')
        self.assertIn(
            ("Building area (m²)", "94.56 → 95.31 By title"), april._get_explanation_facts())

    def test_entered_between_preview_and_posting(self):
        """ The charge is left out and flagged: nobody posts what he has not seen. """
        run = self._preview('2026-04-30', unit_ids=self.unit.ids).with_context(
            queue_job__no_delay=True)
        self._measure(since='2026-04-01')
        run.action_post()
        self.assertEqual(
            (run.charge_ids.state, run.charge_ids.reason), ('left_out', 'changed'))

    def test_what_the_register_said_goes_on_for_the_time_before(self):
        """ Another figure of the register changes nothing any more: the area has its day. """
        self._measure()
        first, title = self.unit.charging_area_ids.sorted(lambda area: area.date_start or date.min)
        self.assertEqual(
            [(area.area, area.kind, area.date_start, area.date_end) for area in (first, title)],
            [(94.56, False, False, date(2026, 2, 14)),
             (95.31, 'title', date(2026, 2, 15), False)])
        self.unit.building_area = 90
        self.assertEqual([amount for *_key, amount in self._differences()], [0.49, 0.97])

    def test_the_register_does_not_change_what_is_billed(self):
        """ [B11] Another figure has a day. Of a room not billed by it, it is just typed. """
        for field, area in (('building_area', 95.31), ('building_area', 0)):
            with self.assertRaisesRegex(
                UserError, "billed up to 2026-03-31 by 94.56 m².*New charging area",
            ), self.cr.savepoint():
                self.unit.write({field: area, 'name': "1014"})
        self.unit.write({'building_area': 94.56, 'usable_area': 80, 'name': "1014"})
        self.unit_1012.building_area = 101
        self.assertEqual(self._differences(), [])
        self.charges._credit("Never lived there", date(2026, 3, 20))
        self.unit.building_area = 95.31

    def test_entered_on_the_unit(self):
        """ With what the button brings, and the day that the user left as it was. """
        action = self.unit.with_user(self.clerk).action_new_charging_area()
        with Form(self.env['property.unit.area'].with_user(self.clerk).with_context(
                **action['context']), view=action['views'][0][0]) as form:
            form.area = 95.31
            form.kind = 'title'
        self.assertEqual(
            sorted(self.unit.charging_area_ids.mapped('area')), [94.56, 95.31])

    def test_deleted_again(self):
        """ All areas gone, the register's counts as before. """
        self._measure()
        first = self.unit.charging_area_ids.filtered(lambda area: not area.date_start)
        with self.assertRaisesRegex(UserError, "Delete the later ones"):
            first.unlink()
        (self.unit.charging_area_ids - first).with_user(self.clerk).unlink()
        self.assertFalse(self.unit.charging_area_ids)
        self.assertEqual(self._differences(), [])

    def test_usable_area_is_one_of_its_own(self):
        self.unit.usable_area = 80
        self._measure(78.5, basis='usable')
        self.assertEqual(self._differences(), [])
        self.assertEqual(
            [quantity.value for quantity in self.unit._get_area_quantities('usable')],
            [80, 78.5])

    def test_it_is_not_rewritten(self):
        area = self._measure()
        with self.assertRaisesRegex(UserError, "stays as bills were computed"):
            area.area = 96
        area.ground = "Title 4711"

    def test_bad_input(self):
        self._measure()
        for vals, error in (
            ({}, UniqueViolation), ({'area': 0, 'since': '2026-05-01'}, CheckViolation),
            ({'kind': False, 'since': '2026-05-01'}, CheckViolation),
        ):
            with self.assertRaises(error), mute_logger('odoo.sql_db'), self.env.cr.savepoint():
                self._measure(**vals)

    def test_who_may(self):
        """ Officers enter it and are told who corrects; viewers and strangers do not. """
        area = self._measure()
        action = area.action_propose()
        self.assertIn("2 periods are billed already", action['params']['message'])
        viewer = self._create_user('viewer', 'property_billing.group_billing_user')
        self.project.user_ids += viewer
        with self.assertRaises(AccessError):
            self._measure(since='2026-05-01', user=viewer)
        self.project.user_ids -= self.clerk
        with self.assertRaises(AccessError):
            self._measure(since='2026-05-01')

    def test_constant_queries(self):
        """ A run over many units with areas asks as often as one over few. """
        units = self._create_like_units()
        self.env['property.unit.area'].create([
            {'unit_id': unit.id, 'area': 99, 'date_start': '2026-05-01', 'kind': 'measured'}
            for unit in units])
        self._assert_subjects_in_constant_queries(units)
