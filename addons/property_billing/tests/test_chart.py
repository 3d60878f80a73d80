from odoo.exceptions import RedirectWarning
from odoo.tests import tagged

from odoo.addons.property_billing.models.res_company import SETUP_FIELDS

from .common import LedgerCommon


@tagged('post_install', '-at_install')
class TestChart(LedgerCommon):

    def test_company_has_its_role_accounts_and_journal(self):
        """ [B01] A new company with a Chinese chart can bill at once (decision 23). """
        self.assertFalse(self.company.property_setup_missing)
        self.assertEqual(self.company.property_bill_journal_id.code, 'WYZD')
        self.assertEqual(self.company.property_income_account_id.account_type, 'income')
        parent = self.env['account.account'].search([
            ('company_ids', 'in', self.company.ids), ('code', '=', '224100'),
        ])
        for nature, reconcile in (('agency', True), ('deposit', True), ('trust', False)):
            account = self.company._get_property_account(nature)
            self.assertEqual(account.account_type, parent.account_type)
            self.assertEqual(account.code[:4], parent.code[:4])
            self.assertEqual(account.reconcile, reconcile, nature)

    def test_taxes_are_included_in_the_price(self):
        """ [B01] 13, 9, 6, 5, 3, 1 %, exempt and outside VAT come as data (decision 22). """
        own = self.env['account.tax'].search([
            ('company_id', '=', self.company.id), ('type_tax_use', '=', 'sale'),
            ('amount', '=', 6), ('price_include', '=', False),
        ])
        account = own.invoice_repartition_line_ids.account_id
        for code, rate in (
            ('13', 13), ('9', 9), ('6', 6), ('5', 5), ('3', 3), ('1', 1),
            ('exempt', 0), ('outside', 0),
        ):
            tax = self.chart.ref(f'property_billing_tax_{code}')
            self.assertEqual(tax.amount, rate)
            self.assertTrue(tax.price_include)
            self.assertEqual(tax.invoice_repartition_line_ids.account_id, account)
        self.assertEqual(
            self.chart.ref('property_billing_tax_6').tax_group_id, own.tax_group_id)
        self.assertFalse(own.price_include, "Odoo's own taxes stay as they are")
        self.assertFalse(self.company.account_sale_tax_id.price_include)

    def test_names_are_those_of_chinese_books(self):
        self.env['res.lang']._activate_lang('zh_CN')
        self.env['ir.module.module'].search(
            [('name', '=', 'property_billing')])._update_translations('zh_CN')
        self.chart._load_translations(langs=['zh_CN'], companies=self.company)
        company = self.company.with_context(lang='zh_CN')
        self.assertEqual(company.property_agency_account_id.name, "代收款")
        self.assertEqual(company.property_deposit_account_id.name, "押金保证金")
        self.assertEqual(company.property_bill_journal_id.name, "物业账单")
        self.assertEqual(
            self.tax.with_context(lang='zh_CN').name, "6% 增值税（含税）")

    def test_loading_twice_changes_nothing(self):
        tax = self.chart.ref('property_billing_tax_6')
        tax.name = "6 % with our own name"
        other_account = self.company.property_agency_account_id.copy()
        self.company.property_agency_account_id = other_account
        domain = [('company_id', '=', self.company.id)]
        before = {
            model: self.env[model].search_count(
                domain if 'company_id' in self.env[model]
                else [('company_ids', 'in', self.company.ids)])
            for model in ('account.account', 'account.tax', 'account.tax.group', 'account.journal')
        }
        self.env['account.chart.template']._load_property_billing_data(self.company)
        self.assertEqual(tax.name, "6 % with our own name")
        self.assertEqual(self.company.property_agency_account_id, other_account)
        for model, count in before.items():
            self.assertEqual(self.env[model].search_count(
                domain if 'company_id' in self.env[model]
                else [('company_ids', 'in', self.company.ids)]), count, model)

    def test_chart_loaded_before_the_add_on(self):
        """ What the installation does for a company that had its chart before. """
        company = self.company
        names = [
            name for name in self.env['ir.model.data'].search([
                ('module', '=', 'account'), ('name', '=like', f'{company.id}_property_billing_%'),
            ]).mapped('name')
        ]
        self.assertEqual(len(names), 6 + 5 + 8 + 1)
        company.write(dict.fromkeys(SETUP_FIELDS, False))
        fees = self.property_fee + self.parking_fee + self.water_fee
        fees.unlink()
        for name in names:
            self.env.ref(f'account.{name}').unlink()
        # Somebody has used a code that we would take.
        self.env['account.account'].create({
            'name': "Mine", 'code': '224102', 'account_type': 'liability_current',
            'company_ids': company.ids,
        })
        self.env['account.chart.template']._load_property_billing_data(company)
        self.assertFalse(company.property_setup_missing)
        self.assertEqual(company.property_deposit_account_id.code, '224101')
        self.assertNotEqual(company.property_agency_account_id.code, '224102')
        self.assertTrue(self.chart.ref('property_billing_tax_exempt'))


@tagged('post_install', '-at_install')
class TestChartLargeBusiness(TestChart):
    chart_template = 'cn_large_bis'


@tagged('post_install', '-at_install')
class TestOtherChart(LedgerCommon):

    def test_other_chart_says_what_to_set_up(self):
        company = self._create_company("Overseas Estates", 'generic_coa')
        self.assertTrue(company.property_setup_missing)
        self.assertTrue(company.property_bill_journal_id)
        company.property_bill_journal_id = False
        with self.assertRaises(RedirectWarning):
            company._get_property_bill_journal()
