import base64
from unittest.mock import patch

from odoo.tests import HttpCase, new_test_user, tagged

from ..controllers.portal_budget import PropertyBudgetPortal
from .common_budget import BudgetCommon

PDF = b'%PDF-1.4 a bill of the cleaners'


@tagged('post_install', '-at_install')
class TestPortalBudget(BudgetCommon, HttpCase):
    """ [B45] Owners see the budget, its costs and its fund, each his own statement, and of
    suppliers' bills what somebody has allowed.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The pages are read in English, whatever the database speaks.
        cls.env['res.lang']._activate_lang('en_US')
        cls.fund.may_overdraw = True
        cls._approve()
        for name, partner in (
            ('a', cls.owners['A']), ('d', cls.owners['D']),
            ('x', cls.env['res.partner'].create({'name': "Somebody else"})),
            ('t', cls.env['res.partner'].create({'name': "Tenant of A"})),
        ):
            user = new_test_user(
                cls.env, f'portal_{name}', 'base.group_portal', partner_id=partner.id,
                lang='en_US')
            cls.env['property.agreement']._get_pending(user)._accept(user, '127.0.0.1')
        cls._move_in(
            cls.units[0], cls.env['res.users'].search([('login', '=', 'portal_t')]).partner_id,
            '2025-01-01', role='tenant')

    def setUp(self):
        super().setUp()
        self._charge_advances()
        self._spend_all()
        self._true_up()
        self.bill = self.cleaning.cost_ids.sudo().source_ids.line_id.move_id
        self.url = f'/my/budgets/{self.budget.id}'

    def _publish(self):
        # Published before it was settled, as a rule.
        self.budget.sudo().published_on = '2025-02-01'

    def _log_in(self, name):
        self.authenticate(f'portal_{name}', f'portal_{name}')

    def _get(self, url):
        response = self.url_open(url)
        return response.status_code, ' '.join(response.text.replace('\ufeff', '').split())

    def test_not_before_it_is_published(self):
        self._log_in('a')
        self.assertEqual(self._get(self.url)[0], 404)
        self.assertNotIn('/my/budgets', self._get('/my')[1])

    def test_an_owner_sees_his_own_statement(self):
        """ A: 2,584.62 + 825.00 less 3,168.00; nothing of the others. """
        self._publish()
        self._log_in('a')
        self.assertIn('/my/budgets', self._get('/my')[1])
        self.assertIn("Budget 2025", self._get('/my/budgets')[1])
        status, text = self._get(self.url)
        self.assertEqual(status, 200)
        for figure in ("2,584.62", "80 / 390", "3,409.62", "3,168.00", "241.62", "15,900.00"):
            self.assertIn(figure, text)
        for other in ("Owner D", "1,922.53", "2,907.69"):
            self.assertNotIn(other, text)

    def test_many_homes_take_several_pages(self):
        """ Whoever owns a floor reads a few statements at a time. """
        self._publish()
        self._move_in(self.units[3], self.owners['A'], '2026-01-01', role='tenant')
        self._log_in('a')
        with patch.object(PropertyBudgetPortal, '_statements_per_page', 1):
            first, second = self._get(self.url)[1], self._get(f'{self.url}/page/2')[1]
        self.assertIn("3,409.62", first)
        self.assertIn(f'{self.url}/page/2', first)
        self.assertNotIn("3,409.62", second)

    def test_who_has_left_sees_his_statement(self):
        self._publish()
        self._log_in('d')
        text = self._get(self.url)[1]
        self.assertIn("181 / 365", text)
        self.assertIn("44.36", text)
        self.assertNotIn("1,954.39", text, "the buyer's")

    def test_others_see_nothing(self):
        """ Neither strangers nor tenants, who own nothing and pay nothing ahead. """
        self._publish()
        self.fund.is_published = True
        self.bill.property_document_is_shown = True
        self._attach()
        for name in ('x', 't'):
            self._log_in(name)
            for url in (
                self.url, f'{self.url}/costs/{self.cleaning.id}',
                f'{self.url}/bills/{self.bill.id}', f'/my/funds/{self.fund.id}',
            ):
                self.assertEqual(self._get(url)[0], 404)

    def test_a_former_owner(self):
        """ D sold on 1 July: his settlement stays to be read, the fund is that of the owners. """
        self._publish()
        self.fund.is_published = True
        later = self.budget.copy({
            'name': "Budget 2026", 'date_start': '2026-01-01', 'date_end': '2026-12-31'})
        later.sudo().write({'state': 'published', 'published_on': '2026-01-05'})
        meter = self.env['property.meter'].create({
            'number': 'D-1', 'unit_id': self.units[3].id, 'date_start': '2020-01-01',
            'type_id': self.env['property.meter.type'].create({
                'name': "Any", 'unit_name': 'm³', 'company_id': self.company.id}).id})
        self._log_in('d')
        for url in (
            f'/my/funds/{self.fund.id}', f'/my/budgets/{later.id}',
            f'/my/budgets/{later.id}/costs/{later.line_ids[:1].id}',
        ):
            self.assertEqual(self._get(url)[0], 404, url)
        for url in ('/my', '/my/budgets', '/my/meters', f'/my/meters/{meter.id}'):
            status, text = self._get(url)
            self.assertEqual(status, 200)
            for secret in ('D-1', "Budget 2026", f'/my/funds/{self.fund.id}'):
                self.assertNotIn(secret, text, url)
        self.assertIn("Budget 2025", self._get('/my/budgets')[1])

    def _attach(self):
        return self.env['ir.attachment'].create({
            'name': "bill.pdf", 'datas': base64.b64encode(PDF), 'mimetype': 'application/pdf',
            'res_model': 'account.move', 'res_id': self.bill.id})

    def test_a_suppliers_bill_only_where_it_is_allowed(self):
        """ Ticked by a person, and only a bill of this budget. """
        self._publish()
        self._attach()
        self._log_in('a')
        cost, document = f'{self.url}/costs/{self.cleaning.id}', f'{self.url}/bills/{self.bill.id}'
        for text in ("Cleaners", self.bill.name, "2025-12-20", "12,600.00"):
            self.assertIn(text, self._get(cost)[1])
        self.assertNotIn(document, self._get(cost)[1])
        self.assertEqual(self._get(document)[0], 404)
        self.bill.property_document_is_shown = True
        self.assertIn(document, self._get(cost)[1])
        response = self.url_open(document)
        self.assertEqual((response.content, response.headers['Content-Type']), (
            PDF, 'application/pdf'))
        other = self._create_supplier_bill(5, self.expense_account)
        other.action_post()
        other.property_document_is_shown = True
        self.assertEqual(self._get(f'{self.url}/bills/{other.id}')[0], 404)
        self.assertEqual(self._get(f'{self.url}/costs/{self.cleaning.id + 999}')[0], 404)

    def test_a_person_who_supplies_is_not_named_in_full(self):
        self._publish()
        self.supplier.write({'is_company': False, 'name': "Wang Fang"})
        self._log_in('a')
        text = self._get(f'{self.url}/costs/{self.cleaning.id}')[1]
        self.assertIn("W**", text)
        self.assertNotIn("Wang", text)

    def test_the_fund(self):
        """ 15,444.00 + 456.00 billed, 15,900.00 spent, in their years. """
        self._log_in('a')
        url = f'/my/funds/{self.fund.id}'
        self.assertEqual(self._get(url)[0], 404)
        self.fund.is_published = True
        text = self._get(f'{url}?year=2025')[1]
        for figure in ("15,444.00", "-15,900.00", "-456.00"):
            self.assertIn(figure, text)
        for year in ('abc', '99999', '0000', '2099'):
            self.assertEqual(self._get(f'{url}?year={year}')[0], 200)
        self.supplier.write({'is_company': False, 'name': "Wang Fang"})
        self.assertNotIn("Wang", self._get(f'{url}?year=2025')[1])

    def test_his_account_in_the_maintenance_fund(self):
        """ Each owner his own (分户账), of all what is not received yet; the tenant nothing. """
        fund = self._create_fund("Maintenance", 'maintenance')
        fund.is_published = True
        fee = self._create_money_of_others("Maintenance fund", 'trust', fund_kind='maintenance')
        for unit, amount in zip(self.units[:2], (1111, 2222), strict=True):
            self._post(self._create_charge(amount, fee, unit, unit.owner_ids))
        url = f'/my/funds/{fund.id}'
        self._log_in('a')
        text = self._get(url)[1]
        accounts = text[text.index("Accounts of your homes"):]
        self.assertIn(self.units[0].complete_name, accounts)
        self.assertIn("1,111.00", accounts)
        self.assertNotIn("2,222.00", text)
        self.assertIn("3,333.00", text[text.index("not received yet"):])
        self.assertNotIn("not received yet", self._get(f'{url}?year=2025')[1])
        self._log_in('t')
        self.assertEqual(self._get(url)[0], 404)

    def test_queries_do_not_grow_with_the_bills(self):
        """ [2.15] Ten bills or one, the same pages. """
        self._publish()
        self._log_in('a')
        for url in (self.url, f'{self.url}/costs/{self.cleaning.id}'):
            self._get(url)
            counts = []
            for number in (1, 10):
                for index in range(number):
                    line = self._spend(self.cleaning, 1 + index)
                    line.move_id.property_document_is_shown = True
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.cr.sql_log_count
                self._get(url)
                counts.append(self.cr.sql_log_count - before)
            with self.subTest(url):
                self.assertLessEqual(counts[1], counts[0] + 2)
