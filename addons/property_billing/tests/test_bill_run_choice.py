from datetime import date

from freezegun import freeze_time
from psycopg2.errors import CheckViolation

from odoo.exceptions import UserError
from odoo.tests import Form, tagged
from odoo.tools import format_date, mute_logger

from .common import LedgerCommon


@tagged('post_install', '-at_install')
class TestBillRunChoice(LedgerCommon):
    """ Rooms 1011, 1012 and 1013, 100 a month each from May; 1013 is the owner's of 1011, too. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.unit_1013 = cls._create_unit('1013', owner=cls.owner)
        cls.tariff = cls._create_tariff(cls.property_fee)
        for unit in cls.unit_1011 + cls.unit_1012 + cls.unit_1013:
            cls._assign(unit, cls.tariff, '2026-05-01')

    def _run_selection(self, records, action):
        """ The bill run that a clerk starts from the lines that he has ticked. """
        action = self.env.ref(action).with_user(self.clerk).with_context(
            active_model=records._name, active_ids=records.ids, active_id=records.ids[0]).run()
        form = Form(self.env['property.bill.run'].with_user(self.clerk).with_context(
            **action['context']))
        form.date_end = date(2026, 5, 31)
        run = form.save()
        run.action_preview()
        return run

    def _get_charged(self, run):
        return {
            (charge.unit_id.name, charge.partner_id.name, str(charge.date_start), charge.amount)
            for charge in run.charge_ids}

    def test_selected_units(self):
        """[B14] [A29] A batch of rooms, ticked in the list. """
        run = self._run_selection(
            self.unit_1011 + self.unit_1012, 'property_billing.property_unit_action_bill_run')
        self.assertEqual(self._get_charged(run), {
            ('1011', "Zhang Wei", '2026-05-01', 100), ('1012', "Li Na", '2026-05-01', 100)})

    def test_selected_customers(self):
        """[B17] Both rooms of Zhang Wei. Room 1011 passes to Li Na on 16 May: only his 15 of 31
        days of it, 48.39, and none of her own room.
        """
        self.unit_1011.occupancy_ids.date_end = date(2026, 5, 15)
        self.env.flush_all()
        self._move_in(self.unit_1011, self.neighbour, '2026-05-16')
        run = self._run_selection(self.owner, 'property_billing.res_partner_action_bill_run')
        self.assertEqual(run.partner_ids, self.owner)
        self.assertEqual(self._get_charged(run), {
            ('1011', "Zhang Wei", '2026-05-01', 48.39),
            ('1013', "Zhang Wei", '2026-05-01', 100)})
        # What was not chosen is still to be billed, once.
        rest = self._preview('2026-05-31')
        self.assertEqual(self._get_charged(rest), {
            ('1011', "Li Na", '2026-05-16', 51.61), ('1012', "Li Na", '2026-05-01', 100)})

    def test_customer_named_by_the_fee(self):
        """[B17] A fee that names him, of a room that is not his. """
        advertiser = self.env['res.partner'].create({'name': "Advertiser"})
        self._assign(
            self.unit_1012, self._create_tariff(self.parking_fee), '2026-05-01',
            partner_id=advertiser.id)
        run = self._run_selection(advertiser, 'property_billing.res_partner_action_bill_run')
        self.assertEqual(
            self._get_charged(run), {('1012', "Advertiser", '2026-05-01', 100)})

    def test_customer_who_pays_after_the_named_one(self):
        """[B17] The developer pays room 1011 until 10 May, then Zhang Wei by rule: 21 days. """
        developer = self.env['res.partner'].create({'name': "Developer"})
        assignment = self.env['property.fee.assignment'].search(
            [('unit_id', '=', self.unit_1011.id)])
        assignment.write({'partner_id': developer.id, 'partner_date_end': '2026-05-10'})
        run = self._run_selection(self.owner, 'property_billing.res_partner_action_bill_run')
        self.assertEqual(self._get_charged(run), {
            ('1011', "Zhang Wei", '2026-05-11', 67.74),
            ('1013', "Zhang Wei", '2026-05-01', 100)})
        with freeze_time('2026-05-11'):
            self.env.invalidate_all()
            self.assertIn(assignment, self.owner.property_fee_assignment_ids)
        with freeze_time('2026-05-10'):
            self.env.invalidate_all()
            self.assertNotIn(assignment, self.owner.property_fee_assignment_ids)

    def test_selection_over_two_projects(self):
        """[B14] Not some of it without a word. """
        hilltop = self.env['property.project'].create({'name': "Hilltop"})
        house = self.env['property.building'].create({'project_id': hilltop.id, 'name': "House"})
        unit = self.env['property.unit'].create({'building_id': house.id, 'name': '1'})
        with self.assertRaisesRegex(UserError, "Hilltop.*of one project"):
            (self.unit_1011 + unit).action_property_bill_run()

    def test_dates_the_wrong_way_round(self):
        """ It would bill nothing, or late fees alone, and say nothing. """
        with mute_logger('odoo.sql_db'), self.assertRaises(CheckViolation), self.cr.savepoint():
            self.env['property.bill.run'].create({
                'project_id': self.project.id, 'date_start': '2026-06-01',
                'date_end': '2026-05-31',
            })

    def test_the_posting_day_is_said_before(self):
        """[B13] March is closed: a bill dated 20 March is posted on 1 April (decision 36). """
        self.company.sudo().fiscalyear_lock_date = date(2026, 3, 31)
        run = self._preview('2026-05-31', date_invoice=date(2026, 3, 20))
        self.assertIn(format_date(run.env, date(2026, 4, 1)), run.posting_notice)
        self.assertFalse(
            self._create_run('2026-05-31', date_invoice=date(2026, 4, 1)).posting_notice)
        for ids in run.charge_ids.grouped('unit_id').values():
            ids._create_bills(run.date_invoice)
        bills = run.charge_ids.sudo().move_id
        self.assertEqual(
            set(bills.mapped(lambda bill: (str(bill.invoice_date), str(bill.date)))),
            {('2026-03-20', '2026-04-01')})
        run.sudo().state = 'posted'
        self.assertFalse(run.posting_notice)

    def test_without_project_nothing_is_said(self):
        """ A new run, before its project is chosen: no notice, and none that says nothing. """
        with Form(self.env['property.bill.run']) as form:
            self.assertFalse(form.posting_notice)
            form.project_id = self.project

    def test_lists_offer_it(self):
        """[B14] [B17] In the lists of units and of customers, to who may bill. """
        for action, model in (
            ('property_unit_action_bill_run', 'property.unit'),
            ('res_partner_action_bill_run', 'res.partner'),
        ):
            action = self.env.ref(f'property_billing.{action}')
            bound = {
                binding['id']
                for binding in self.env['ir.actions.actions'].with_user(self.clerk).get_bindings(
                    model).get('action', ())}
            self.assertIn(action.id, bound)
            self.assertEqual(
                action.group_ids, self.env.ref('property_billing.group_billing_officer'))
