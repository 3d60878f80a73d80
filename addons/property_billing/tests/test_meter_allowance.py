from datetime import date

from freezegun import freeze_time
from psycopg2.errors import CheckViolation

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common_meter import QUARTERS, MeteredCommon


class AllowanceCommon(MeteredCommon):
    """ Each person above the standard of 4 raises the limits by 30 m³ a year. The clerk applies,
    somebody with the right approves.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tiered.version_ids.write({'per_person': 30, 'standard_persons': 4})
        cls.approver = cls._create_user('approver', 'property_billing.group_billing_approve')
        cls.project.user_ids += cls.approver

    def _apply(self, unit=None, persons=5, user=None, **vals):
        allowance = self.env['property.meter.allowance'].with_user(user or self.clerk).create({
            'unit_id': (unit or self.unit_1011).id, 'persons': persons,
            'type_ids': [Command.set(self.water_type.ids)], **vals})
        allowance.action_submit()
        return allowance

    def _grant(self, *args, granted_on='2025-03-15', **vals):
        allowance = self._apply(*args, granted_on=granted_on, **vals)
        allowance.with_user(self.approver).action_approve()
        return allowance

    def _bill_year(self, values=('1090', '1190', '1270', '1300')):
        """ The amounts of four quarters, each billed on its last day. """
        amounts = []
        for day, value in zip(QUARTERS[1:], values, strict=True):
            self._read(self.meter, day, value)
            amounts += self._bill_until(day).mapped('amount')
        return amounts


@tagged('post_install', '-at_install')
class TestMeterAllowance(AllowanceCommon):
    """ [B34] A home of one person more (一户多人口, decision 17). """

    def test_a_year_with_an_allowance(self):
        """ Granted on 15 March, from 1 April: 9/12 × 30 = 22.5 m³, and limits 202.5 and 282.5.
        450.00, 500.00, 12.5 × 5 + 67.5 × 7 = 535.00, 12.5 × 7 + 17.5 × 9 = 245.00.
        """
        allowance = self._grant()
        self.assertEqual(allowance.date_start, date(2025, 4, 1))
        self.assertEqual(self._bill_year(), [450, 500, 535, 245])
        third = self.assignment.charge_ids.sorted('date_start')[2]
        self.assertIn(
            "Used before since 2025-01-01: 190 m³; tiers above 202.5 / 282.5, with the household "
            "allowance of 22.5 m³: 5 persons for 9 months, the standard being 4",
            third.explanation_text)
        self.assertNotIn(
            "allowance", self.assignment.charge_ids.sorted('date_start')[0].explanation_text)

    def test_one_reading_at_the_end_of_the_year(self):
        """ As many readings: 1,012.50 + 560.00 + 157.50 = 1,730.00. """
        self._grant()
        self._read(self.meter, '2025-12-31', '1300')
        self.assertEqual(self._bill_until('2025-12-31').amount, 1730)

    def test_it_ends_with_september(self):
        """ 6/12 × 30 = 15 m³, limits 195 and 275: 450.00, 500.00, 5 × 5 + 75 × 7 = 550.00, and
        5 × 7 + 25 × 9 = 260.00.
        """
        self._grant(date_end='2025-09-30')
        self.assertEqual(self._bill_year(), [450, 500, 550, 260])

    def test_from_the_month_after_approval(self):
        """ Without another day it is that of the approval. """
        with freeze_time('2025-12-31'):
            allowance = self._grant(granted_on=False)
        self.assertEqual(allowance.date_start, date(2026, 1, 1))
        self.assertEqual(self._bill_year(), [450, 520, 580, 270])

    def test_two_persons_by_month(self):
        """ By month: 240 + 2 × 20 = 280 at 0.4883, then 0.5383: 136.724 + 10.766 = 147.49. """
        power = self.env['property.tariff'].create({
            'name': "Tiers of the month", 'fee_id': self.water_fee.id, 'basis': 'metered',
            'account_period': 'month', 'version_ids': [Command.create({
                'date_start': '2020-01-01', 'price': 0.4883, 'per_person': 20,
                'standard_persons': 4,
                'tier_ids': [Command.create({'above': 240, 'price': 0.5383})]})]})
        meter = self._create_meter('E-1', self.unit_1012, first='0', since='2025-02-28')
        self._assign(meter, '2025-03-01', tariff_id=power.id)
        self._grant(self.unit_1012, 6, granted_on='2025-01-31')
        self._read(meter, '2025-03-31', '300')
        charges = self._bill_until('2025-03-31').filtered(lambda c: c.unit_id == self.unit_1012)
        self.assertEqual(charges.amount, 147.49)
        self.assertIn(
            "allowance of 40 m³: 6 persons, the standard being 4", charges.explanation_text)

    def test_only_its_home_and_its_types(self):
        """ Neither the neighbour's water nor one's own electricity. """
        self._grant(type_ids=[Command.set(self.time_of_use_type.ids)])
        self._grant(self.unit_1012)
        self.assertEqual(self._bill_year(), [450, 520, 580, 270])

    def test_what_waits_counts_for_nothing(self):
        self._apply(granted_on='2025-03-15')
        self.assertEqual(self._bill_year(), [450, 520, 580, 270])

    def test_granted_for_a_billed_year(self):
        """ 20.00, 45.00 and 25.00 less, proposed to who may correct. """
        self._bill_year()
        allowance = self._apply(granted_on='2025-03-15')
        action = allowance.with_user(self.manager).action_approve()
        self.assertEqual(action['res_model'], 'property.charge.correct')
        charges = self.env['property.charge'].browse(action['context']['default_charge_ids'])
        self.assertEqual(
            {(str(c.start), c.amount) for c in charges._plan_corrections()},
            {('2025-04-01', -20), ('2025-07-01', -45), ('2025-10-01', -25)})
        wizard = self.env['property.charge.correct'].with_user(self.manager).with_context(
            **action['context']).create({'date': date(2026, 3, 20)})
        wizard.action_correct()
        self.assertFalse(allowance.with_user(self.manager)._search_billed()._plan_corrections())

    def test_revoked(self):
        """ From its first day on, as if it had not been. """
        allowance = self._grant()
        self._bill_year()
        action = allowance.with_user(self.manager).action_refuse()
        charges = self.env['property.charge'].browse(action['context']['default_charge_ids'])
        self.assertEqual(
            sum(c.amount for c in charges._plan_corrections()), 90)
        allowance.action_withdraw()
        self.assertFalse(allowance.date_start)

    def test_ended_earlier(self):
        """ Never longer; the next home that moves in has none. """
        allowance = self._grant(date_end='2025-12-31')
        for end in ('2026-01-31', False):
            with self.assertRaisesRegex(UserError, "can only end earlier"):
                allowance.date_end = end
        allowance.date_end = '2025-09-30'
        self.assertEqual(self._bill_year(), [450, 500, 550, 260])

    def test_the_same_persons_twice(self):
        """ The other one is named; after its end there is room. """
        self._grant()
        second = self._apply(persons=6, granted_on='2025-06-01')
        with self.assertRaisesRegex(ValidationError, "1-1011 · 5 persons is in force"), \
                self.env.cr.savepoint():
            second.with_user(self.approver).action_approve()
        self.env['property.meter.allowance'].search(
            [('state', '=', 'approved')]).date_end = '2025-06-30'
        second.with_user(self.approver).action_approve()
        self.assertEqual((second.state, second.date_start), ('approved', date(2025, 7, 1)))

    def test_bad_input(self):
        """ An error says what to enter instead. """
        for vals, error, message in (
            ({'date_end': '2025-09-29'}, ValidationError, "ends with a month"),
            ({'granted_on': '2030-01-01'}, ValidationError, "Nothing was granted"),
            ({'type_ids': [Command.clear()]}, ValidationError, "Choose the meter types"),
        ):
            with self.subTest(vals=vals), self.assertRaisesRegex(error, message), \
                    self.env.cr.savepoint():
                self._apply(**vals)
        for vals in ({'persons': 0}, {'persons': -1}):
            with self.subTest(vals=vals), mute_logger('odoo.sql_db'), \
                    self.assertRaises(CheckViolation), self.env.cr.savepoint():
                self._apply(**vals)
        late = self._apply(granted_on='2025-03-15', date_end='2025-03-31')
        with mute_logger('odoo.sql_db'), self.assertRaises(CheckViolation), \
                self.env.cr.savepoint():
            late.with_user(self.approver).action_approve()

    def test_two_homes_one_after_the_other(self):
        """ 6 persons for 3 months and 5 for 9: 2 × 3/12 × 30 + 1 × 9/12 × 30 = 37.5 m³; limits
        217.5 and 297.5: 217.5 × 5 + 80 × 7 + 2.5 × 9 = 1,670.00.
        """
        self._grant(persons=6, granted_on='2024-12-15', date_end='2025-03-31')
        self._grant(persons=5, granted_on='2025-03-15')
        self._read(self.meter, '2025-12-31', '1300')
        charge = self._bill_until('2025-12-31')
        self.assertEqual(charge.amount, 1670)
        self.assertIn(
            "6 persons for 3 months, 5 persons for 9 months, the standard being 4",
            charge.explanation_text)

    def test_another_standard_from_a_day_on(self):
        """ Where the price of the second half year has a standard of 5, 5 persons are none more.

        Of what is read in June 170 m³ are below 202.5: 850.00; of 130 in December 10 are left
        below 180: 50.00 + 80 × 7 + 40 × 9 = 970.00.
        """
        self.tiered.version_ids.date_end = '2025-06-30'
        self.tiered.version_ids.copy({
            'date_start': '2025-07-01', 'date_end': False, 'standard_persons': 5})
        self._grant()
        self._read(self.meter, '2025-06-30', '1170')
        self._read(self.meter, '2025-12-31', '1300')
        charges = self._bill_until('2025-12-31').sorted('date_start')
        self.assertEqual(charges.mapped('amount'), [850, 970])
        self.assertIn("household allowance", charges[0].explanation_text)
        self.assertNotIn("household allowance", charges[1].explanation_text)

    def test_a_household_within_the_standard(self):
        """ 4 persons where 4 are the standard: told on the form, and nothing changes. """
        allowance = self._grant(persons=4)
        self.assertIn("nothing would change", allowance.idle_notice)
        self.assertIn("4 persons, standard 4", allowance.effect_text)
        self.assertEqual(self._bill_year(), [450, 520, 580, 270])

    def test_a_price_says_its_standard_household(self):
        """ Or each of the persons would count. """
        with self.assertRaisesRegex(ValidationError, "how many persons the standard household"):
            self.tiered.version_ids.standard_persons = 0

    def test_the_form_fills_in_what_it_can(self):
        """ The types whose limits rise by person, and the end of the month. """
        form = Form(self.env['property.meter.allowance'].with_user(self.clerk))
        form.unit_id = self.unit_1011
        form.persons = 6
        form.date_end = '2025-09-12'
        allowance = form.save()
        self.assertEqual(allowance.type_ids, self.water_type)
        self.assertEqual(allowance.date_end, date(2025, 9, 30))
        self.assertFalse(allowance.idle_notice)
        self.assertIn(
            "6 persons, standard 4, each person above it 30 m³: every limit of a whole year is "
            "60 m³ higher", allowance.effect_text)
        self.tiered.version_ids.per_person = 0
        allowance.invalidate_recordset(['idle_notice'])
        self.assertIn("nothing would change", allowance.idle_notice)

    def test_on_the_page_of_the_meter_and_the_unit(self):
        allowance = self._grant()
        self.assertEqual(self.meter.with_user(self.clerk).allowance_ids, allowance)
        self.assertEqual(self.unit_1011.with_user(self.clerk).property_allowance_ids, allowance)
        action = self.meter.with_user(self.clerk).action_allow()
        self.assertEqual(action['context']['default_unit_id'], self.unit_1011.id)

    def test_who_decides(self):
        """ Not who has applied, not without the right, and by the buttons alone. """
        allowance = self._apply(user=self.manager)
        with self.assertRaisesRegex(UserError, "Ask a colleague"):
            allowance.action_approve()
        with self.assertRaises(AccessError):
            allowance.with_user(self.clerk).action_approve()
        for vals in ({'state': 'approved'}, {'date_start': '2025-01-01'}):
            with self.assertRaises(AccessError):
                allowance.write(vals)
        self.assertIn(allowance.id, [
            task['res_id']
            for task in self.env['property.approval.task'].with_user(self.approver)._get_tasks()
            if task['model'] == allowance._name])
        allowance.with_user(self.approver).action_approve()
        with self.assertRaisesRegex(UserError, "submitted and stays"):
            allowance.persons = 3
        with self.assertRaisesRegex(UserError, "stays"):
            allowance.unlink()

    def test_who_may(self):
        """ A reader of meters sees none; a viewer enters none; elsewhere nobody sees them. """
        allowance = self._apply()
        viewer = self._create_user('viewer', 'property_billing.group_billing_user')
        self.project.user_ids += viewer
        self.assertEqual(allowance.with_user(viewer).persons, 5)
        for user, way in ((self.reader, 'read'), (viewer, 'write')):
            with self.assertRaises(AccessError):
                allowance.with_user(user).check_access(way)
        self.project.user_ids -= self.clerk
        with self.assertRaises(AccessError):
            allowance.with_user(self.clerk).read(['persons'])

    def test_who_decides_reads_the_documents(self):
        """ They were attached before the form was saved. """
        paper = self.env['ir.attachment'].with_user(self.clerk).create(
            {'name': 'household.pdf', 'raw': b'%PDF-1.4',
             'res_model': 'property.meter.allowance'})
        allowance = self._apply(attachment_ids=[Command.set(paper.ids)])
        self.env.invalidate_all()
        self.assertEqual(
            allowance.with_user(self.approver).attachment_ids.mapped('name'), ['household.pdf'])

    def test_a_unit_or_type_with_allowances_stays(self):
        self._grant(type_ids=[Command.set(self.time_of_use_type.ids)])
        with self.assertRaisesRegex(UserError, "1 household allowances"):
            self.time_of_use_type.unlink()

    def test_queries_do_not_grow(self):
        """ The allowances of all meters come at once. """
        units = self.env['property.unit'].create([
            {'name': f'A{number}', 'building_id': self.building.id} for number in range(20)])
        meters = self.env['property.meter'].create([
            {'number': f'A{number}', 'type_id': self.water_type.id, 'unit_id': unit.id,
             'date_start': '2020-01-01'} for number, unit in enumerate(units)])
        for unit in units:
            self._grant(unit)

        def count(meters):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            measured = meters._get_measured()
            self.assertEqual(len(measured), len(meters))
            return self.cr.sql_log_count - before

        self.assertEqual(count(meters), count(meters[0]))
