from datetime import date
from decimal import Decimal

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.property_billing.tools.fund import commission

from .common import FundCommon


@tagged('post_install', '-at_install')
class TestCommission(FundCommon):
    """[B45] 酬金: one entry a month, fund → income (decision 24). """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time('2026-02-10'))
        cls.commission_fee = cls._create_fee("Manager's commission")
        cls.vat_account = cls.tax.invoice_repartition_line_ids.account_id
        cls._agree(cls.fund)

    @classmethod
    def _agree(cls, fund, **vals):
        fund.write({
            'commission_fee_id': cls.commission_fee.id, 'commission_basis': 'billed',
            'commission_percent': 5, 'commission_since': '2026-01-01', **vals})

    def _bill(self, amount, day=date(2026, 1, 5)):
        charge = self._create_charge(amount, self.trust_fee)
        self._post(charge, day)
        return charge

    def assertCommission(self, posted, base, gross, net, tax):
        self.assertEqual((posted.base, posted.amount), (base, gross))
        self.assertBalances(posted.move_id, {
            posted.fund_id.account_id: gross, self.income_account: -net, self.vat_account: -tax})
        expected = commission(
            Decimal(str(base)), Decimal(str(posted.percent)), Decimal(6), Decimal('0.01'))
        self.assertEqual(tuple(map(float, expected)), (gross, net, tax))

    def test_a_year_of_a_fund(self):
        """ 2,000.00 + 15,444.00 − 15,900.00 − 772.20 = 771.80; with the true-up 1,227.80. """
        self._fill(self.fund, 2000)
        charge = self._bill(15444)
        self._create_supplier_bill(15900, self.fund.account_id).action_post()
        posted = self.fund.with_user(self.manager)._post_commission(date(2026, 1, 31))
        self.assertCommission(posted, 15444, 772.20, 728.49, 43.71)
        entry = posted.sudo().move_id
        self.assertEqual(
            (entry.state, entry.date, entry.property_project_id, entry.ref),
            ('posted', date(2026, 1, 31), self.project,
             f"Commission of 2026-01: 5 % of {self.company.currency_id.format(15444)}"))
        base_line = entry.line_ids.filtered('tax_ids')
        tax_line = entry.line_ids.filtered('tax_repartition_line_id')
        self.assertEqual((base_line.tax_ids, tax_line.tax_line_id), (self.tax, self.tax))
        self.assertAlmostEqual(self.fund.amount_balance, 771.80)
        self._bill(506.08, date(2026, 2, 1))
        charge._credit("true-up", date(2026, 2, 1), {charge.id: 50.08})
        self.fund.invalidate_recordset()
        self.assertAlmostEqual(self.fund.amount_balance, 1227.80)
        statement = self.env['property.fund.statement'].create({
            'fund_id': self.fund.id, 'date_start': '2026-01-01', 'date_end': '2026-12-31',
        })._get_statement()
        self.assertEqual(
            [(section['name'], *line[1:]) for section in statement['sections']
             for line in section['lines']],
            [("Billed", 15900, 0), ("Supplier", 0, 15900), ("Manager's commission", 0, 772.20)])
        self.assertAlmostEqual(statement['closing'], 1227.80)

    def test_ten_percent(self):
        """ 57,622.50 − 31,000.00 − 5,762.25 = 20,860.25. """
        self.fund.commission_percent = 10
        self._bill(57622.50)
        self._create_supplier_bill(31000, self.fund.account_id).action_post()
        posted = self.fund._post_commission(date(2026, 1, 1))
        self.assertCommission(posted, 57622.50, 5762.25, 5436.08, 326.17)
        self.assertAlmostEqual(self.fund.amount_balance, 20860.25)

    def test_once_a_month(self):
        """ Who asks again gets the same, even if more was billed meanwhile. """
        self._bill(1000)
        posted = self.fund._post_commission(date(2026, 1, 31))
        self._bill(1000)
        self.assertEqual(self.fund._post_commission(date(2026, 1, 1)), posted)
        self.assertEqual(self.fund.amount_out, 50)
        with self.assertRaisesRegex(UserError, "Nothing is due"):
            self.fund.action_post_commissions()
        with self.assertRaises(IntegrityError), mute_logger('odoo.sql_db'), (
                self.env.cr.savepoint()):
            posted.copy()

    def test_what_came_late_is_in_the_next(self):
        """ A credit and a bill of January that were posted after its commission. """
        charge = self._bill(1000)
        self.fund._post_commission(date(2026, 1, 31))
        charge._credit("too much", date(2026, 1, 31), {charge.id: 300})
        self._bill(100, date(2026, 1, 31))
        self._bill(500, date(2026, 2, 5))
        with freeze_time('2026-03-02'):
            posted = self.fund._post_commission(date(2026, 2, 1))
        self.assertCommission(posted, 300, 15, 14.15, 0.85)

    def test_more_credited_than_billed(self):
        """ Then the company gives back. """
        charge = self._bill(1000)
        self.fund._post_commission(date(2026, 1, 31))
        charge._credit("too much", date(2026, 2, 3), {charge.id: 400})
        with freeze_time('2026-03-02'):
            posted = self.fund._post_commission(date(2026, 2, 1))
        self.assertCommission(posted, -400, -20, -18.87, -1.13)
        self.env.invalidate_all()
        self.assertEqual(self.fund.amount_out, 30)

    def test_of_what_is_received(self):
        self.fund.commission_basis = 'received'
        charge = self._bill(1000)
        charge._receive_payment(self.bank_journal, 600, date=date(2026, 1, 20))
        posted = self.fund._post_commission(date(2026, 1, 31))
        self.assertCommission(posted, 600, 30, 28.30, 1.70)
        charge._receive_payment(self.bank_journal, 400, date=date(2026, 2, 3))
        with freeze_time('2026-03-02'):
            self.assertEqual(self.fund._post_commission(date(2026, 2, 1)).base, 400)

    def test_a_fixed_amount(self):
        self._bill(10000)
        self._agree(self.fund, commission_basis='fixed', commission_amount=2120)
        posted = self.fund._post_commission(date(2026, 1, 31))
        self.assertCommission(posted, 2120, 2120, 2000, 120)

    def test_nothing_billed(self):
        """ The month is done, without an entry. """
        posted = self.fund._post_commission(date(2026, 1, 31))
        self.assertEqual((posted.base, posted.amount, posted.move_id.id), (0, 0, False))
        self.assertFalse(self.fund._get_due_months())

    def test_never_of_a_month_that_is_not_over(self):
        for day in (date(2026, 2, 1), date(2027, 1, 1)):
            with self.assertRaisesRegex(UserError, "is not over"):
                self.fund._post_commission(day)
        with self.assertRaisesRegex(UserError, "pays no commission for 2025-12"):
            self.fund._post_commission(date(2025, 12, 1))
        self.assertFalse(self.fund.commission_ids)

    def test_never_before_a_later_one(self):
        with freeze_time('2026-03-02'):
            self.fund._post_commission(date(2026, 2, 1))
            with self.assertRaisesRegex(UserError, "what belongs to 2026-01 is in it"):
                self.fund._post_commission(date(2026, 1, 1))

    def test_a_closed_month(self):
        """[B44] It takes the first open day (decision 36). """
        self._bill(1000)
        self.company.fiscalyear_lock_date = '2026-01-31'
        posted = self.fund._post_commission(date(2026, 1, 31))
        self.assertEqual(posted.move_id.date, date(2026, 2, 1))

    def test_not_more_than_is_in_the_fund(self):
        """ Nothing half-posted; the nightly job goes on with the others and tells the manager. """
        self._bill(1000)
        self._create_supplier_bill(980, self.fund.account_id).action_post()
        with self.assertRaisesRegex(UserError, r"30\.00.* are missing"):
            with self.env.cr.savepoint():
                self.fund._post_commission(date(2026, 1, 31))
        self.assertFalse(self.fund.commission_ids)
        other = self.env['property.project'].create(
            {'name': "Jade Court", 'company_id': self.company.id})
        rich = self.fund.create({'name': "Rich", 'project_id': other.id, 'kind': 'trust'})
        self._agree(rich, commission_basis='fixed', commission_amount=106)
        entry = self._create_entry([
            (self.bank_journal.default_account_id, 500, {}), (rich.account_id, -500, {})],
            project=other)
        entry.action_post()
        for _night in range(2):
            self.env['property.fund']._cron_post_commissions()
        self.assertEqual(rich.amount_balance, 394)
        self.assertFalse(self.fund.commission_ids)
        activities = self.fund.activity_ids.filtered(
            lambda activity: activity.user_id == self.manager)
        self.assertEqual(len(activities), 1)
        self.assertIn("30.00", activities.note)

    def test_the_nightly_job_writes_in_the_language_of_the_company(self):
        self.env['res.lang']._activate_lang('zh_CN')
        self.company.partner_id.lang = 'zh_CN'
        self._bill(1000)
        self.env['property.fund'].with_context(lang='en_US')._cron_post_commissions()
        self.assertIn("2026-01酬金", self.fund.commission_ids.move_id.ref)

    def test_it_is_never_changed(self):
        self._bill(1000)
        posted = self.fund._post_commission(date(2026, 1, 31))
        with self.assertRaisesRegex(UserError, "never changed"):
            posted.move_id.button_draft()
        with self.assertRaisesRegex(UserError, "never changed"):
            posted.move_id._reverse_moves()

    def test_none_of_the_maintenance_fund(self):
        fund = self._create_fund("Maintenance", 'maintenance')
        with self.assertRaises(IntegrityError), mute_logger('odoo.sql_db'), (
                self.env.cr.savepoint()):
            self._agree(fund)
            fund.flush_recordset()

    def test_who_may(self):
        self._bill(1000)
        with self.assertRaises(AccessError):
            self.fund.with_user(self.clerk)._post_commission(date(2026, 1, 31))
        self.fund.with_user(self.manager).action_post_commissions()
        self.assertEqual(self.fund.with_user(self.clerk).commission_ids.amount, 50)
        with self.assertRaises(AccessError):
            self.fund.commission_ids.with_user(self.manager).amount = 1

    def test_the_doctor_compares_the_entry(self):
        """[G23] """
        self._bill(1000)
        posted = self.fund._post_commission(date(2026, 1, 31))
        self.env.flush_all()
        with self.env.cr.savepoint() as savepoint:
            self.env.cr.execute(SQL(
                "UPDATE property_fund_commission SET amount = 51 WHERE id = %s", posted.id))
            self.assertEqual(
                [check['name'] for check in self.env['property.doctor'].run()
                 if not check['ok']], ["Commissions of funds, their entries"])
            savepoint.rollback()
