from datetime import date
from unittest.mock import patch

from odoo import Command
from odoo.tests import tagged
from odoo.tools import SQL

from .common import LedgerCommon

# Numbers that the database gives, and that tell nothing.
IDS = {'id', 'move_id', 'full_reconcile_id', 'matching_number'}
# What `account` notes of a document that somebody copied; what is empty it copies as zero.
COPY_MARKS = {'invoice_user_id', 'is_manually_modified', 'quick_edit_total_amount'}


@tagged('post_install', '-at_install')
class TestPostingBatch(LedgerCommon):
    """ The quick way posts what `account` would post, row by row and column by column. """

    def _read_rows(self, moves):
        """ All stored columns, with the taxes and tags of the lines. """
        self.env.flush_all()
        rows = self.env.execute_query_dict(SQL(
            'SELECT * FROM account_move WHERE id IN %s ORDER BY id', tuple(moves.ids)))
        lines = self.env.execute_query_dict(SQL(
            """ SELECT move.name AS bill, line.*, taxes.ids AS tax_ids, tags.ids AS tag_ids
                  FROM account_move_line line
                  JOIN account_move move ON move.id = line.move_id
     LEFT JOIN LATERAL (SELECT array_agg(account_tax_id ORDER BY account_tax_id) AS ids
                          FROM account_move_line_account_tax_rel
                         WHERE account_move_line_id = line.id) taxes ON TRUE
     LEFT JOIN LATERAL (SELECT array_agg(account_account_tag_id ORDER BY account_account_tag_id)
                               AS ids
                          FROM account_account_tag_account_move_line_rel
                         WHERE account_move_line_id = line.id) tags ON TRUE
                 WHERE line.move_id IN %s
              ORDER BY line.move_id, line.display_type, line.id """,
            tuple(moves.ids)))
        return [
            {column: value for column, value in row.items() if column not in IDS}
            for row in rows + lines
        ]

    def _post_and_take_back(self, post):
        with self.env.cr.savepoint() as savepoint:
            rows = self._read_rows(post())
            savepoint.rollback()
        self.env.cr.cache.clear()  # the last bill number
        self.env.invalidate_all(flush=False)
        return rows

    def _post_one_by_one(self, charges):
        moves = self.env['account.move']
        with self._plain():
            for group in charges.grouped(lambda charge: charge._get_bill_key()).values():
                moves += group._create_bills(date(2026, 1, 1))
        return moves

    def _plain(self):
        return patch.object(
            type(self.env['account.move']), '_can_complete_property_bills',
            lambda moves, vals_list: False)

    def _reverse_one_by_one(self, bills):
        with self._plain():
            return self.env['account.move'].union(*map(self._reverse, bills))

    def assertSameBooks(self, charges):
        """ Of the bills, and of their reversals. """
        quick = self._post_and_take_back(lambda: charges._create_bills(date(2026, 1, 1)))
        plain = self._post_and_take_back(lambda: self._post_one_by_one(charges))
        self.assertSameRows(quick, plain)
        bills = charges._create_bills(date(2026, 1, 1))
        quick = self._post_and_take_back(lambda: self._reverse(bills))
        plain = self._post_and_take_back(lambda: self._reverse_one_by_one(bills))
        self.assertSameRows(*(
            [{column: value or None for column, value in row.items() if column not in COPY_MARKS}
             for row in rows]
            for rows in (quick, plain)))

    def assertSameRows(self, quick, plain):
        self.assertEqual(len(quick), len(plain))
        for quick_row, plain_row in zip(quick, plain, strict=True):
            self.assertEqual(
                {key: (quick_row[key], plain_row[key]) for key in plain_row
                 if quick_row[key] != plain_row[key]}, {},
                (plain_row.get('display_type') or 'bill', plain_row['name']))

    def _create_charges(self, fees):
        return self.env['property.charge'].concat(*(
            self._create_charge(round(97.31 + 13.37 * n, 2), fee, unit, partner)
            for n, fee in enumerate(fees)
            for unit, partner in (
                (self.unit_1011, self.owner), (self.unit_1012, self.neighbour))
        ))

    def _create_fees(self, *codes):
        return [
            self._create_fee(
                f"Fee {code}", tax_id=self.chart.ref(f'property_billing_tax_{code}').id)
            for code in codes
        ] + [self.water_fee]

    def test_one_rate(self):
        self.assertSameBooks(self._create_charges(self._create_fees('6')))

    def test_several_rates_and_none(self):
        self.assertSameBooks(self._create_charges(
            self._create_fees('13', '9', '6', '5', '3', '1', 'exempt', 'outside')))

    def test_only_money_of_others(self):
        self.assertSameBooks(self._create_charges([self.water_fee]))

    def test_money_of_others_names_whose_it_is(self):
        """ Fee, unit and utility are on the item, and on its reversal. """
        self.water_fee.beneficiary_id = self.env['res.partner'].create({'name': "Waterworks"})
        trust_fee = self._create_money_of_others("Kept in trust", 'trust')
        self.assertSameBooks(
            self._create_charges([self.water_fee, self.property_fee, trust_fee]))

    def test_two_fees_of_one_rate(self):
        self.assertSameBooks(self._create_charges([self.property_fee, self.parking_fee]))

    def test_rounded_globally(self):
        self.company.tax_calculation_rounding_method = 'round_globally'
        self.assertSameBooks(self._create_charges(self._create_fees('6', '9')))

    def test_tax_split_on_accounts_and_tags(self):
        tags = self.env['account.account.tag'].create([
            {'name': name, 'applicability': 'taxes'} for name in ('base', 'tax')])
        account = self.company.property_agency_account_id
        tax = self.env['account.tax'].create({
            'name': "6 % in two parts", 'amount': 6, 'type_tax_use': 'sale',
            'company_id': self.company.id, 'price_include_override': 'tax_included',
            'invoice_repartition_line_ids': [
                Command.create({'repartition_type': 'base', 'tag_ids': tags[0].ids}),
                Command.create({
                    'repartition_type': 'tax', 'factor_percent': 60, 'tag_ids': tags[1].ids,
                    'account_id': account.id}),
                Command.create({'repartition_type': 'tax', 'factor_percent': 40}),
            ],
            'refund_repartition_line_ids': [
                Command.create({'repartition_type': 'base'}),
                Command.create({'repartition_type': 'tax', 'factor_percent': 60}),
                Command.create({'repartition_type': 'tax', 'factor_percent': 40}),
            ],
        })
        self.assertSameBooks(self._create_charges(
            [self._create_fee("Split", tax_id=tax.id), self.property_fee]))

    def test_contact_of_a_company(self):
        """ The bill goes to the contact, the debt is the company's. """
        firm = self.env['res.partner'].create({'name': "Firm", 'is_company': True})
        self.owner.parent_id = firm
        self.assertSameBooks(self._create_charges(self._create_fees('6')))

    def test_payer_with_terms_position_bank_and_language(self):
        self.env['res.lang']._activate_lang('zh_CN')
        self.owner.write({
            'lang': 'zh_CN',
            'property_payment_term_id': self.env.ref('account.account_payment_term_30days').id,
            'property_account_position_id': self.env['account.fiscal.position'].create({
                'name': "Export", 'company_id': self.company.id}).id,
            'bank_ids': [Command.create({'acc_number': '6222'})],
        })
        self.company.partner_id.bank_ids = [
            Command.create({'acc_number': '6223', 'allow_out_payment': True})]
        self.assertSameBooks(self._create_charges(self._create_fees('6')))

    def test_payer_with_a_receivable_account_of_his_own(self):
        self.owner.property_account_receivable_id = self.owner.property_account_receivable_id.copy()
        self.assertSameBooks(self._create_charges(self._create_fees('6')))

    def test_one_bill_for_several_units(self):
        self.owner.property_bill_grouping = 'payer'
        charges = self._create_charge(100) + self._create_charge(200, unit=self.unit_1012)
        self.assertSameBooks(charges + self._create_charge(50, self.water_fee))

    def test_closed_month(self):
        self.company.sale_lock_date = date(2026, 1, 31)
        self.assertSameBooks(self._create_charges(self._create_fees('6')))

    def _is_covered(self, charge):
        Move = self.env['account.move'].with_company(self.company)
        return Move._can_complete_property_bills([charge._prepare_bill_vals(
            self.company._get_property_bill_journal(), date(2026, 1, 1))])

    def test_not_covered_takes_the_plain_way(self):
        """ An analytic rule or a tax due on payment is left to `account`. """
        charge = self._create_charge(857.57)
        self.assertTrue(self._is_covered(charge))
        plan = self.env['account.analytic.plan'].create({'name': "Cost centres"})
        centre = self.env['account.analytic.account'].create({'name': "1", 'plan_id': plan.id})
        rule = self.env['account.analytic.distribution.model'].create({
            'company_id': self.company.id, 'analytic_distribution': {str(centre.id): 100},
        })
        self.assertFalse(self._is_covered(charge))
        bill = self._post(charge)
        self.assertEqual(bill.invoice_line_ids.analytic_distribution, {str(centre.id): 100})
        rule.unlink()
        reversal = self._reverse(bill)
        self.assertEqual(reversal.invoice_line_ids.analytic_distribution, {str(centre.id): 100})
        self.property_fee.tax_id = self.tax.copy({
            'name': "6 % on payment", 'tax_exigibility': 'on_payment',
            'cash_basis_transition_account_id': self.company.property_deposit_account_id.id,
        })
        charge = self._create_charge(857.57)
        self.assertFalse(self._is_covered(charge))
        self.assertEqual(self._post(charge).amount_tax, 48.54)

    def test_a_reversal_mirrors_the_bill_not_the_fee(self):
        """ [B44] Since the bill, the fee's tax and the payer's account have changed. """
        bill = self._post(self._create_charge(857.57))
        self.property_fee.write({
            'tax_id': self.chart.ref('property_billing_tax_exempt').id, 'name': "Another name",
        })
        self.owner.property_account_receivable_id = self.owner.property_account_receivable_id.copy()
        reversal = self._reverse(bill)
        self.assertEqual(
            (reversal.amount_untaxed, reversal.amount_tax, reversal.amount_residual),
            (809.03, 48.54, 0))
        self.assertEqual(bill.payment_state, 'reversed')
        self.assertEqual(reversal.invoice_line_ids.name, bill.invoice_line_ids.name)

    def test_undo_costs_few_queries_a_bill(self):
        """ [B44] Ten bills more, a few queries more: a run of thousands is undone in minutes. """
        units = [self._create_unit(f'2{index:02}', owner=f"Owner {index}") for index in range(15)]

        def count(units):
            bills = self._post(self.env['property.charge'].concat(*(
                self._create_charge(100, unit=unit, partner=unit.owner_ids) for unit in units)))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._reverse(bills)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        count(units[:1])
        few, many = count(units[1:5]), count(units[1:15])
        self.assertLess((many - few) / 10, 4, (few, many))
