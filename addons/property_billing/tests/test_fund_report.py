from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import SQL

from .common import FundCommon


@tagged('post_install', '-at_install')
class TestFundReport(FundCommon):
    """[B45] The report of a fund is what stands on its account (design 5, 11). """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._fill(cls.fund, 2000)
        cls.charges = cls._create_charge(8000, cls.trust_fee) + cls._create_charge(
            7444, cls.trust_fee, cls.unit_1012, cls.neighbour)
        cls._post(cls.charges, date(2026, 1, 5))
        cls._create_supplier_bill(12600, cls.fund.account_id, '2026-01-20').action_post()
        cls._create_supplier_bill(3300, cls.fund.account_id, '2026-01-31').action_post()

    def _open(self, start='2026-01-01', end='2026-12-31'):
        return self.env['property.fund.statement'].create({
            'fund_id': self.fund.id, 'date_start': start, 'date_end': end})

    def test_opening_in_out_closing(self):
        """ 2,000.00 + 15,444.00 − 15,900.00 = 1,544.00, which is the account. """
        statement = self._open()._get_statement()
        self.assertEqual(statement, {
            'opening': 2000,
            'sections': [
                {'name': "Billed", 'lines': [("Property fee (commission)", 15444, 0)]},
                {'name': "Supplier", 'lines': [("Cleaners", 0, 15900)]},
            ],
            'closing': 1544,
        })
        [[balance]] = self.env.execute_query(SQL(
            """ SELECT -SUM(balance) FROM account_move_line
                 WHERE account_id = %s AND property_project_id = %s AND parent_state = 'posted' """,
            self.fund.account_id.id, self.project.id))
        self.assertEqual(float(balance), statement['closing'])

    def test_part_of_a_year(self):
        statement = self._open('2026-01-21', '2026-02-28')._get_statement()
        self.assertEqual((statement['opening'], statement['closing']), (4844, 1544))

    def test_credits_are_less_billed(self):
        self.charges[1]._credit("too much", date(2026, 1, 31), {self.charges[1].id: 44})
        statement = self._open()._get_statement()
        self.assertEqual(statement['sections'][0]['lines'][0][1:], (15400, 0))
        self.assertEqual(statement['closing'], 1500)

    def test_an_entry_that_names_nothing(self):
        """ Interest and costs of the bank: in the report all the same, each for itself. """
        self._fill(self.fund, 32.34, '2026-03-31')
        self._create_entry([
            (self.fund.account_id, 20, {}), (self.bank_journal.default_account_id, -20, {})],
            '2026-03-31').action_post()
        statement = self._open()._get_statement()
        self.assertEqual(
            statement['sections'][-1],
            {'name': "Other entry", 'lines': [
                ("Other receipts", 32.34, 0), ("Other spending", 0, 20)]})
        self.assertAlmostEqual(statement['closing'], 1556.34)

    def test_wages_of_a_budget(self):
        """ What they are for stands there, and one line for two bills of a supplier. """
        budget = self.env['property.budget'].create({
            'name': "Budget 2026", 'project_id': self.project.id, 'date_start': '2026-01-01',
            'date_end': '2026-12-31', 'line_ids': [
                Command.create({'name': name, 'key_id': self.env['property.share.key'].create({
                    'name': name, 'project_id': self.project.id}).id})
                for name in ("Guards", "Repairs")]})
        self._create_entry([
            (self.fund.account_id, 44, {'property_budget_line_id': budget.line_ids[0].id}),
            (self.bank_journal.default_account_id, -44, {})]).action_post()
        self._create_supplier_bill(
            100, self.fund.account_id, property_budget_line_id=budget.line_ids[1].id).action_post()
        statement = self._open()._get_statement()
        self.assertEqual([section['lines'] for section in statement['sections'][1:]], [
            [("Cleaners", 0, 16000)], [("Guards", 0, 44)]])
        self.assertEqual(statement['closing'], 1400)

    def test_printed(self):
        action = self._open().action_print()
        self.assertEqual(action['report_name'], 'property_billing.report_fund_statement')
        html, _type = self.env['ir.actions.report']._render_qweb_html(
            'property_billing.report_fund_statement_action', self._open().ids)
        for text in (b"Emerald Garden", b"15,444.00", b"15,900.00", b"1,544.00"):
            self.assertIn(text, html)

    def test_days_in_order(self):
        with self.assertRaisesRegex(ValidationError, "later last day"):
            self._open('2026-02-01', '2026-01-31')

    def test_not_of_a_fund_that_one_may_not_see(self):
        stranger = self._create_user('stranger', 'property_billing.group_billing_user')
        with self.assertRaises(AccessError):
            self.env['property.fund.statement'].with_user(stranger).create(
                {'fund_id': self.fund.id})
        self.project.user_ids |= stranger
        statement = self.env['property.fund.statement'].with_user(stranger).create({
            'fund_id': self.fund.id, 'date_start': '2026-01-01', 'date_end': '2026-12-31'})
        self.assertEqual(statement._get_statement()['closing'], 1544)

    def test_the_report_centre(self):
        """ The figures by project as a table, printed and in Excel. """
        report = self.env.ref('property_billing.property_report_funds')
        rows = self.env['property.fund.report']._read_group(
            report._get_domain(self.project, date(2026, 1, 1), date(2026, 12, 31)),
            ['movement'], ['amount_balance:sum'])
        self.assertEqual(rows, [('billed', 15444), ('supplier', -15900)])
