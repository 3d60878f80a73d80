from odoo import Command, models

from odoo.addons.account.models.chart_template import template

from .res_company import ACCOUNT_FIELDS

# What this add-on brings to a chart; the prefix tells it from the chart's own data.
PREFIX = 'property_billing_'
VAT_ACCOUNT = 'l10n_cn_common_account_2221'


class AccountChartTemplate(models.AbstractModel):
    _inherit = 'account.chart.template'

    # === ANY CHART === #

    @template(model='account.journal')
    def _get_property_billing_journal(self, template_code):
        return {
            'property_billing_bills': {
                'name': self.env._("Property bills"),
                'type': 'sale',
                'code': 'WYZD',
                'show_on_dashboard': True,
                'sequence': 20,
            },
        }

    @template(model='res.company')
    def _get_property_billing_company(self, template_code):
        return {
            self.env.company.id: {'property_bill_journal_id': 'property_billing_bills'},
        }

    # === CHINESE CHARTS === #

    @template('cn_common', 'account.account')
    def _get_cn_property_billing_liability(self):
        return {
            f'{PREFIX}{role}': {
                'code': code,
                'name': name,
                'account_type': 'liability_current',
                'reconcile': reconcile,
            }
            for role, code, name, reconcile in (
                ('deposit', '224101', self.env._("Deposits received"), True),
                ('agency', '224102', self.env._("Collected for others"), True),
                ('trust', '224103', self.env._("Funds held in trust"), False),
                ('public_revenue', '224104', self.env._("Revenue of the common parts"), False),
                ('maintenance', '224105', self.env._("Maintenance fund"), False),
            )
        }

    @template('cn', 'account.account')
    def _get_cn_property_billing_income(self):
        return self._get_property_billing_income_account('500101')

    @template('cn_large_bis', 'account.account')
    def _get_cn_large_bis_property_billing_income(self):
        return self._get_property_billing_income_account('600101')

    def _get_property_billing_income_account(self, code):
        return {
            'property_billing_income': {
                'code': code,
                'name': self.env._("Property fee income"),
                'account_type': 'income',
            },
        }

    @template('cn_common', 'res.company')
    def _get_cn_property_billing_company(self):
        return {
            self.env.company.id: {
                # A bill's tax is the sum of its lines' (decision 22); only `cn` says so itself.
                'tax_calculation_rounding_method': 'round_per_line',
                **{fname: f'{PREFIX}{role}' for role, fname in ACCOUNT_FIELDS.items()},
            },
        }

    @template('cn_common', 'account.tax.group')
    def _get_cn_property_billing_tax_group(self):
        return {
            f'{PREFIX}tax_group_{code}': {'name': name, 'country_id': 'base.cn'}
            for code, name in (
                ('5', self.env._("VAT 5%")),
                ('3', self.env._("VAT 3%")),
                ('1', self.env._("VAT 1%")),
                ('exempt', self.env._("VAT exempt")),
                ('outside', self.env._("Outside VAT")),
            )
        }

    @template('cn_common', 'account.tax')
    def _get_cn_property_billing_tax(self):
        """ Sale taxes included in the price: what is charged is what is paid (decision 22). """
        return {
            f'{PREFIX}tax_{code}': {
                'name': name,
                'invoice_label': label,
                'amount': rate,
                'amount_type': 'percent',
                'type_tax_use': 'sale',
                'price_include_override': 'tax_included',
                'tax_group_id': group,
                'sequence': 20,
                'repartition_line_ids': [
                    Command.create({
                        'document_type': document,
                        'repartition_type': kind,
                        'account_id': VAT_ACCOUNT if kind == 'tax' else False,
                    })
                    for document in ('invoice', 'refund')
                    for kind in ('base', 'tax')
                ],
            }
            for code, rate, group, label, name in (
                ('13', 13, 'l10n_cn_tax_group_vat_13', '13%', self.env._("13% VAT included")),
                ('9', 9, 'l10n_cn_tax_group_vat_9', '9%', self.env._("9% VAT included")),
                ('6', 6, 'l10n_cn_tax_group_vat_6', '6%', self.env._("6% VAT included")),
                ('5', 5, f'{PREFIX}tax_group_5', '5%', self.env._("5% VAT included")),
                ('3', 3, f'{PREFIX}tax_group_3', '3%', self.env._("3% VAT included")),
                ('1', 1, f'{PREFIX}tax_group_1', '1%', self.env._("1% VAT included")),
                ('exempt', 0, f'{PREFIX}tax_group_exempt', self.env._("Exempt"),
                 self.env._("VAT exempt")),
                ('outside', 0, f'{PREFIX}tax_group_outside', self.env._("Outside VAT"),
                 self.env._("Outside VAT")),
            )
        }

    # === FEES === #

    def _post_load_data(self, template_code, company, template_data):
        """ Override of `account`: the fees of the trade, once their accounts and taxes exist. """
        result = super()._post_load_data(template_code, company, template_data)
        self.env['property.fee']._create_seeds(company)
        return result

    # === CHARTS LOADED BEFORE THIS ADD-ON === #

    def _load_property_billing_data(self, company):
        """ Give a company with a chart what is missing of the data above.

        Nothing that exists is touched: an accountant may have changed it.
        """
        chart = self.with_company(company).with_context(
            allowed_company_ids=company.ids, default_company_id=company.id,
            lang='en_US', tracking_disable=True)
        full_data = chart._get_chart_template_data(company.chart_template)
        data = {
            'res.company': {
                company.id: {
                    fname: xmlid
                    for fname, xmlid in full_data['res.company'][company.id].items()
                    if isinstance(xmlid, str) and xmlid.startswith(PREFIX) and not company[fname]
                },
            },
        }
        if not company.parent_id:  # a branch uses the records of the company above it
            for model in ('account.account', 'account.tax.group', 'account.tax', 'account.journal'):
                data[model] = {
                    xmlid: vals for xmlid, vals in full_data[model].items()
                    if xmlid.startswith(PREFIX)
                    and not chart.ref(xmlid, raise_if_not_found=False)
                }
            used_codes = set()
            for vals in data['account.account'].values():
                vals['code'] = chart.env['account.account']._search_new_account_code(
                    vals['code'], cache=used_codes)
                used_codes.add(vals['code'])
        chart._load_data(data)
        chart._load_translations(companies=company)
        self.env['property.fee']._create_seeds(company)
