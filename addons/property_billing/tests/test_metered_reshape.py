from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_meter import MeteredCommon
from .test_meter_allowance import AllowanceCommon


@tagged('post_install', '-at_install')
class TestMeteredReshape(MeteredCommon):
    """ [A16] A flat is split on 16 May 2025: its meter goes on in the first part, and so do its
    tariff, its payer and what its tiers have counted.
    """

    def _split(self):
        halves = self.unit_1011._prepare_halves()
        return self.unit_1011._reshape(halves, date(2025, 5, 16))

    def _get_amounts(self, end):
        return [
            (charge.unit_id, str(charge.date_start), str(charge.date_end), charge.amount)
            for charge in self._bill_until(end).sorted('date_start') if charge.state == 'posted']

    def test_read_on_the_day_before(self):
        """ 40 m³ of the flat are 200.00; of 60 in the first part, 50 × 5 + 10 × 7 = 320.00. """
        self._read(self.meter, '2025-03-31', '1090')
        self._bill_until('2025-03-31')
        self._read(self.meter, '2025-05-15', '1130')
        first, second = self._split()
        self.assertEqual((self.meter.unit_id, second.property_meter_ids.ids), (first, []))
        self.assertNotIn("divided by days", ' '.join(first.message_ids.mapped('body')))
        self._read(self.meter, '2025-06-30', '1190')
        self.assertEqual(self._get_amounts('2025-06-30'), [
            (self.unit_1011, '2025-04-01', '2025-05-15', 200),
            (first, '2025-05-16', '2025-06-30', 320)])

    def test_not_read(self):
        """ 100 m³ by 45 and 46 of 91 days: 247.25 and 272.75; the part says what is lacking. """
        self._read(self.meter, '2025-03-31', '1090')
        self._bill_until('2025-03-31')
        first, _second = self._split()
        self.assertIn("divided by days", ' '.join(first.message_ids.mapped('body')))
        self._read(self.meter, '2025-06-30', '1190')
        self.assertEqual(self._get_amounts('2025-06-30'), [
            (self.unit_1011, '2025-04-01', '2025-05-15', 247.25),
            (first, '2025-05-16', '2025-06-30', 272.75)])

    def test_billed_beyond_the_day(self):
        """ What is billed stays with the flat; the part pays from the next day on. """
        self._read(self.meter, '2025-06-30', '1090')
        self._bill_until('2025-06-30')
        first, _second = self._split()
        new = self.env['property.fee.assignment'].search([('unit_id', '=', first.id)])
        self.assertEqual(
            (new.meter_id, new.tariff_id, new.date_start), (self.meter, self.tiered,
                                                            date(2025, 7, 1)))
        self.assertEqual(self.assignment.date_end, date(2025, 6, 30))
        self.assertEqual(self.meter.date_billed, date(2025, 6, 30))

    def test_a_named_customer_and_an_allowance_go_on(self):
        """ Who pays stays as it was said, and the limits as they were granted. """
        tenant = self.env['res.partner'].create({'name': "Tenant"})
        self.assignment.partner_id = tenant
        self.tiered.version_ids.write({'per_person': 30, 'standard_persons': 4})
        allowance = self.env['property.meter.allowance'].create({
            'unit_id': self.unit_1011.id, 'type_ids': [Command.set(self.water_type.ids)],
            'persons': 5, 'granted_on': '2025-03-15'})
        allowance.sudo().write({'state': 'approved', 'date_start': '2025-04-01'})
        first, _second = self._split()
        self.assertEqual(allowance.unit_id, first)
        self._read(self.meter, '2025-06-30', '1300')
        charges = self._bill_until('2025-06-30')
        self.assertEqual(charges.partner_id, tenant)
        self.assertIn("household allowance of 22.5 m³", charges[0].explanation_text)


@tagged('post_install', '-at_install')
@freeze_time('2025-05-16')
class TestMergedHomes(AllowanceCommon):
    """ [A16] Two flats of 5 and 6 persons, where 4 are the standard, become one on 16 May 2025.
    Each meter keeps what its home was granted until the end of May; how many live there from June
    on somebody says, and somebody else approves.
    """

    def setUp(self):
        super().setUp()
        owner = self.env['property.occupancy'].search([('unit_id', '=', self.unit_1011.id)])
        self.env['property.occupancy'].search(
            [('unit_id', '=', self.unit_1012.id)]).partner_id = owner.partner_id
        self.next_meter = self._create_meter(
            'W-0102', self.unit_1012, first='0', since='2024-12-31')
        self._assign(self.next_meter)
        self.first = self._grant(persons=5, granted_on='2024-12-15')
        self.second = self._grant(self.unit_1012, 6, granted_on='2024-12-15')
        self.units = self.unit_1011 + self.unit_1012

    def _merge(self):
        self.merged = self.units._reshape([{'name': '1011-1012'}], date(2025, 5, 16))
        self.application = self.merged.property_allowance_ids
        return self.application

    def _get_limits(self):
        """ Of both meters, of what is read at the end of the year. """
        with freeze_time('2026-01-02'):
            for meter in (self.meter, self.next_meter):
                self._read(meter, '2025-12-31', '1300' if meter == self.meter else '300')
            charges = self._bill_until('2025-12-31')
        return {
            (charge.assignment_id.meter_id.number, account['limits'][0])
            for charge in charges for account in charge.explanation['meter']['accounts']}

    def test_nothing_is_added_up_silently(self):
        """ 1 × 5/12 × 30 = 12.5 m³ for the one meter and 2 × 5/12 × 30 = 25 for the other. """
        application = self._merge()
        self.assertEqual(
            [(a.unit_id, a.state, str(a.date_end)) for a in self.first + self.second],
            [(self.unit_1011, 'approved', '2025-05-31'),
             (self.unit_1012, 'approved', '2025-05-31')])
        self.assertEqual(
            (application.state, application.persons, application.type_ids),
            ('draft', 11, self.water_type))
        self.assertIn("5 persons", application.ground)
        self.assertEqual(
            self._get_limits(), {('W-0101', '192.5'), ('W-0102', '205')})

    def test_the_clerk_confirms_and_somebody_else_approves(self):
        """ 7 live there: 3 × 7/12 × 30 = 52.5 m³ more for each of the two meters. """
        application = self._merge().with_user(self.clerk)
        application.persons = 7
        application.action_submit()
        application.with_user(self.approver).action_approve()
        self.assertEqual(application.date_start, date(2025, 6, 1))
        self.assertEqual(self._get_limits(), {('W-0101', '245'), ('W-0102', '257.5')})

    def test_the_wizard_says_so(self):
        """ Which end, what is entered, and who decides; of a split flat, where it goes on. """
        wizard = self.env['property.unit.reshape'].create({
            'unit_ids': [Command.set(self.units.ids)], 'date': date(2025, 5, 16)})
        self.assertIn("application for 11 persons", wizard.matters)
        self.assertIn("somebody else approves", wizard.matters)
        wizard = self.env['property.unit.reshape'].create({
            'unit_ids': [Command.set(self.unit_1011.ids)], 'date': date(2025, 5, 16)})
        self.assertIn("goes on in the first of the new units", wizard.matters)

    def test_it_is_on_the_front_page_until_it_is_submitted(self):
        Home = self.env['property.home'].with_user(self.clerk)

        def count():
            return {
                item['key']: item['count'] for item in Home._get_reminders(self.project)
            }.get('allowances', 0)
        self.assertEqual(count(), 0)
        self._merge().with_user(self.clerk).action_submit()
        self.assertEqual(count(), 0)
        self.application.with_user(self.clerk).action_withdraw()
        self.assertEqual(count(), 1)

    def test_the_same_home_twice_is_counted_once(self):
        """ Water and electricity of one household are 5 persons, not 10. """
        self._grant(granted_on='2024-12-15', type_ids=[Command.set(self.time_of_use_type.ids)])
        self.assertEqual(self._merge().persons, 11)

    def test_one_that_waits_is_decided_first(self):
        self._apply(self.unit_1012, type_ids=[Command.set(self.time_of_use_type.ids)])
        with self.assertRaisesRegex(UserError, "waits for approval"):
            self._merge()

    def test_one_that_would_begin_later_ends_before(self):
        """ Granted in May for June: it is in the application, and counts for nobody else. """
        self.second.date_end = '2025-04-30'
        third = self._grant(self.unit_1012, 8, granted_on='2025-05-02')
        self.assertEqual(self._merge().persons, 13)
        self.assertEqual(third.state, 'refused')
