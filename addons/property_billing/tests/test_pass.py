from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import LedgerCommon


@tagged('post_install', '-at_install')
class TestPass(LedgerCommon):
    """ [B11] Wang Fang rents 1011 of Zhang Wei and owes two months; it is 20 March. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time('2026-03-20'))
        cls.tenant = cls.env['res.partner'].create({'name': "Wang Fang"})
        (cls.owner + cls.tenant).lang = 'en_US'  # whatever the database speaks
        cls._move_in(cls.unit_1011, cls.tenant, '2026-01-01', role='tenant')
        cls.january = cls._create_charge(122.93, partner=cls.tenant)
        cls.february = cls._create_charge(
            100, cls.parking_fee, partner=cls.tenant, date_due=date(2026, 2, 28))
        cls.arrears = cls.january + cls.february
        cls.bill = cls._post(cls.arrears)
        cls.february._receive_payment(cls.bank_journal, amount=40)

    def _open(self, charges=None, user=None):
        action = (charges or self.arrears).with_user(user or self.manager).action_pass()
        return Form(self.env['property.charge.pass'].with_user(
            user or self.manager).with_context(**action['context']))

    def _pass(self, charges=None):
        with self._open(charges) as form:
            form.ground = "Lease, clause 7"
        return self.env['property.charge'].search(form.record.action_pass()['domain'])

    def test_the_owner_owes_it(self):
        """ 122.93 whole, and the rest of 60.00: on one bill, due in 15 days. """
        form = self._open()
        self.assertEqual((form.amount, form.partner_id), (182.93, self.owner))
        passed = self._pass()
        self.assertEqual(passed.partner_id, self.owner)
        self.assertEqual(sorted(passed.mapped('amount')), [60, 122.93])
        self.assertEqual(set(passed.mapped('date_due')), {date(2026, 4, 4)})
        self.assertEqual(self.arrears.mapped('amount_residual'), [0, 0])
        self.assertEqual((self.january.state, self.february.state), ('reversed', 'posted'))
        self.assertEqual(passed.move_id.ref, "Lease, clause 7")
        self.assertIn("Lease, clause 7", self.bill.reversal_move_ids.ref)
        rest = passed.filtered(lambda charge: charge.amount == 60)
        self.assertRegex(rest._render_explanation()[0], "What Wang Fang still owed of .*100.00")

    def test_the_bill_says_whose_arrears(self):
        """ The owner was never charged these months: on paper he reads whose they are, and why. """
        bill = self._pass().move_id
        for report in ('report_bill', 'report_bill_241'):
            paper = self.env['ir.actions.report']._render_qweb_html(
                f'property_billing.{report}', bill.ids)[0].decode()
            self.assertIn("Arrears of Wang Fang: Lease, clause 7", paper)
        self.assertFalse(self.bill._get_passing_text())

    def test_the_owner_gets_time_to_pay(self):
        """ Due before he is billed, he would be in arrears the day he hears of it. """
        with self._open() as form:
            form.ground = "Lease, clause 7"
            form.date_due = date(2026, 3, 19)
        with self.assertRaisesRegex(UserError, "before the bill date"):
            form.record.action_pass()
        self.assertEqual(self.january.state, 'posted')

    def test_a_closed_month_is_said_beforehand(self):
        self.env.company.sale_lock_date = date(2026, 3, 31)
        self.assertIn("is posted on", self._open().posting_notice)

    def test_both_are_told(self):
        bill = self._pass().move_id
        notices = self.env['property.notification'].search(
            [('partner_id', 'in', (self.owner + self.tenant).ids)])
        of_owner, of_tenant = (
            notices.filtered(lambda notice, partner=partner: notice.partner_id == partner)
            for partner in (self.owner, self.tenant))
        self.assertEqual(of_owner.subject, f"Bill {bill.name}: arrears of Wang Fang")
        self.assertIn("because: Lease, clause 7", of_owner.body)
        self.assertTrue(bill.property_published_at)
        self.assertIn("is now asked from Zhang Wei", of_tenant.body)

    def test_nobody_is_told(self):
        with self._open() as form:
            form.ground = "Lease, clause 7"
            form.tells = False
        form.record.action_pass()
        self.assertFalse(self.env['property.notification'].search(
            [('partner_id', 'in', (self.owner + self.tenant).ids)]))

    def test_only_what_is_overdue(self):
        later = self._create_charge(50, partner=self.tenant, date_due=date(2026, 3, 20))
        self._post(later)
        self.assertEqual(self._open(self.arrears + later).amount, 182.93, "the rest is left")
        with self.assertRaisesRegex(UserError, "None of these is overdue"):
            self._open(later)
        with self.assertRaisesRegex(UserError, "is not overdue"):
            later.with_user(self.manager)._pass_arrears(
                self.owner, "Lease", date(2026, 3, 20), date(2026, 4, 4))

    def test_only_to_the_owner(self):
        own = self._create_charge(50)
        self._post(own)
        self.assertEqual((own.is_of_owner, self.january.is_of_owner), (True, False))
        self.assertFalse(self._open(own).owner_ids)
        with self.assertRaisesRegex(UserError, "owes this himself"):
            own.with_user(self.manager)._pass_arrears(
                self.owner, "mistake", date(2026, 3, 20), date(2026, 4, 4))
        with self.assertRaisesRegex(UserError, "is not the owner"):
            self.arrears.with_user(self.manager)._pass_arrears(
                self.neighbour, "mistake", date(2026, 3, 20), date(2026, 4, 4))

    def test_units_of_two_owners(self):
        """ There is nobody to choose: unit by unit. """
        other = self._create_charge(30, unit=self.unit_1012, partner=self.tenant)
        self._post(other)
        self.assertFalse(self._open(self.january + other).owner_ids)

    def test_a_manager_of_the_project(self):
        with self.assertRaises(AccessError):
            self._open(user=self.clerk)
        with self.assertRaises(AccessError):
            self.arrears.with_user(self.clerk)._pass_arrears(
                self.owner, "Lease", date(2026, 3, 20), date(2026, 4, 4))
