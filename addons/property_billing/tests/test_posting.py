from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import LedgerCommon


@tagged('post_install', '-at_install')
class TestPosting(LedgerCommon):

    def test_bill_with_tax_included(self):
        """ [B13] 857.57 at 6 % is 809.03 + 48.54, never 969.05 (decision 22). """
        charges = self._create_charge(857.57) + self._create_charge(
            343.68, self.parking_fee, date_due=date(2026, 2, 28))
        move = self._post(charges)
        self.assertEqual(move.state, 'posted')
        self.assertEqual(move.journal_id.code, 'WYZD')
        self.assertEqual(move.amount_total, 1201.25)
        first, second = move.invoice_line_ids
        self.assertEqual((first.price_subtotal, first.price_total), (809.03, 857.57))
        self.assertEqual((second.price_subtotal, second.price_total), (324.23, 343.68))
        self.assertBalances(move, {
            self.owner.property_account_receivable_id: 1201.25,
            self.company.property_income_account_id: -1133.26,
            self.property_fee.tax_id.invoice_repartition_line_ids.account_id: -67.99,
        })

    def test_each_charge_has_its_own_receivable_line(self):
        """ [B13] With its due date, its label, and its amount to the cent (design 6). """
        charges = self._create_charge(857.57) + self._create_charge(
            343.68, self.parking_fee, date_due=date(2026, 2, 28))
        move = self._post(charges)
        lines = charges.receivable_line_id
        self.assertEqual(lines, move.line_ids.filtered(
            lambda line: line.display_type == 'payment_term'))
        self.assertEqual(lines.mapped('balance'), [857.57, 343.68])
        self.assertEqual(
            lines.mapped('date_maturity'), [date(2026, 1, 31), date(2026, 2, 28)])
        self.assertEqual(
            lines.mapped('name'),
            ["Property fee 2026-01-01 ~ 2026-01-31", "Parking fee 2026-01-01 ~ 2026-01-31"])
        self.assertEqual(charges.mapped('state'), ['posted', 'posted'])
        self.assertEqual(charges.mapped('amount_residual'), [857.57, 343.68])
        self.assertEqual(move.invoice_date_due, date(2026, 2, 28))
        self.assertFalse(move.message_ids, "thousands of bills need no message each")

    def test_money_of_others_is_owed_without_tax(self):
        """ [B02] A water fee of 100.00 credits 代收款 and carries no tax (decision 23). """
        move = self._post(self._create_charge(100, self.water_fee))
        self.assertBalances(move, {
            self.owner.property_account_receivable_id: 100,
            self.company.property_agency_account_id: -100,
        })
        self.assertFalse(move.line_ids.tax_ids)

    def test_cents_of_every_charge_in_both_rounding_methods(self):
        """ [B13] Many small amounts: what is owed is what was charged, line by line. """
        amounts = [0.01, 0.05, 1.07, 3.33, 9.99, 33.33, 100.01, 857.57, 343.68, 1234.56]
        taxes = ('13', '9', '6', '5', '3', '1', 'exempt', 'outside')
        for method in ('round_per_line', 'round_globally'):
            self.company.tax_calculation_rounding_method = method
            fees = [
                self._create_fee(
                    f"Fee {method} {tax}", tax_id=self.chart.ref(f'property_billing_tax_{tax}').id)
                for tax in taxes
            ] + [self.water_fee]
            charges = self.env['property.charge'].concat(*(
                self._create_charge(amount, fee) for fee in fees for amount in amounts))
            move = self._post(charges)
            self.assertEqual(len(move), 1)
            self.assertEqual(
                charges.mapped('receivable_line_id.balance'), charges.mapped('amount'), method)
            self.assertAlmostEqual(move.amount_total, sum(charges.mapped('amount')), 2)
            self.assertEqual(
                [move.invoice_line_ids.filtered(
                    lambda line, charge=charge: line.property_charge_id == charge).price_total
                 for charge in charges],
                charges.mapped('amount'), method)

    def test_one_bill_per_unit(self):
        """ [A28] 一户一房: two rooms of one payer make two bills. """
        charges = self._create_charge(100) + self._create_charge(200, unit=self.unit_1012)
        moves = self._post(charges)
        self.assertEqual(moves.property_unit_id, self.unit_1011 + self.unit_1012)
        self.assertEqual(moves.mapped('amount_total'), [100, 200])

    def test_one_bill_for_all_units_of_a_project(self):
        """ [A28][B05] 一户多房: one bill, its lines name the rooms; never across projects. """
        self.owner.property_bill_grouping = 'payer'
        tower = self.env['property.project'].create({
            'name': "Tower", 'company_id': self.company.id,
        })
        building = self.env['property.building'].create({'name': "1", 'project_id': tower.id})
        office = self._create_unit('801', building_id=building.id)
        charges = (
            self._create_charge(100) + self._create_charge(200, unit=self.unit_1012)
            + self._create_charge(300, unit=office))
        moves = self._post(charges)
        self.assertEqual(moves.mapped('amount_total'), [300, 300])
        self.assertEqual(moves.property_project_id, self.project + tower)
        first, second = moves
        self.assertFalse(first.property_unit_id)
        self.assertIn(self.unit_1012.complete_name, first.invoice_line_ids[1].name)
        self.assertEqual(second.property_unit_id, office)

    def test_terms_and_fiscal_position_of_the_payer_do_not_apply(self):
        """ A charge has its own due date and its own tax (design 6). """
        self.owner.property_payment_term_id = self.env.ref(
            'account.account_payment_term_30_days_end_month_the_10')
        self.owner.property_account_position_id = self.env['account.fiscal.position'].create({
            'name': "Export", 'company_id': self.company.id,
        })
        move = self._post(self._create_charge(857.57))
        self.assertFalse(move.invoice_payment_term_id)
        self.assertFalse(move.fiscal_position_id)
        self.assertEqual(move.amount_tax, 48.54)

    def test_what_is_billed_holds_its_unit_in_the_project(self):
        """ A building in the wrong project is corrected before its first bill, not after. """
        tower = self.env['property.project'].create({
            'name': "Tower", 'company_id': self.company.id,
        })
        charge = self._create_charge(100)
        self.building.project_id = tower
        self.assertEqual(charge.project_id, tower)
        self._post(charge)
        stays = self.assertRaisesRegex(ValidationError, "posted in project Tower")
        with stays, self.cr.savepoint():
            self.building.project_id = self.project
        other_company = self._create_company("Another company")
        with stays, self.cr.savepoint():
            tower.company_id = other_company

    def test_bill_of_a_closed_month(self):
        """ [B41] It keeps its date and is booked on the first open day (decision 36). """
        self.company.fiscalyear_lock_date = date(2026, 1, 31)
        move = self._post(self._create_charge(857.57), date(2026, 1, 15))
        self.assertEqual(move.invoice_date, date(2026, 1, 15))
        self.assertEqual(move.date, date(2026, 2, 1))

    def test_posting_again_skips_what_is_posted(self):
        """ A job that is repeated after a kill neither loses nor doubles a charge. """
        charge = self._create_charge(857.57)
        move = self._post(charge)
        self.assertFalse(self._post(charge))
        self.assertEqual(charge.move_id, move)

    def test_what_cannot_be_posted_says_why(self):
        nobody = self._create_charge(10)
        nobody.partner_id = False
        with self.assertRaisesRegex(UserError, "nobody to pay"):
            self._post(nobody)
        untaxed = self._create_fee("Untaxed", tax_id=False)
        with self.assertRaisesRegex(UserError, "has no tax"):
            self._post(self._create_charge(10, untaxed))
        no_account = self._create_fee("Homeless", account_id=False)
        with self.assertRaisesRegex(UserError, "has no account"):
            self._post(self._create_charge(10, no_account))

    def test_posted_is_never_rewritten(self):
        """ [B44] Neither the bill nor the charge; the way back is a reversal (invariant 10). """
        charge = self._create_charge(857.57)
        move = self._post(charge)
        for rewrite in (
            move.button_draft, move.button_cancel, move.unlink, charge.unlink,
            lambda: charge.write({'amount': 1}),
            lambda: charge.write({'date_end': date(2026, 2, 1)}),
            lambda: charge.write({'partner_id': self.neighbour.id}),
            lambda: charge.write({'state': 'draft'}),
        ):
            with self.assertRaises(UserError):
                rewrite()
        self.assertEqual(move.state, 'posted')

    def test_nobody_posts_a_charge_by_hand(self):
        posted = self._create_charge(857.57)
        self._post(posted)
        charge = self._create_charge(10).with_user(self.clerk)
        for vals in (
            {'state': 'posted', 'move_id': posted.move_id.id,
             'receivable_line_id': posted.receivable_line_id.id},
            {'receivable_line_id': posted.receivable_line_id.id},
        ):
            with self.assertRaises(AccessError):
                charge.write(vals)
            with self.assertRaises(AccessError):
                charge.copy(vals)
            charge.invalidate_recordset()

    def test_another_add_on_invoice_is_left_alone(self):
        """ An ordinary invoice in the same books keeps Odoo's terms and can be reset. """
        invoice = self.env['account.move'].create({
            'move_type': 'out_invoice',
            'partner_id': self.owner.id,
            'invoice_date': date(2026, 1, 1),
            'invoice_payment_term_id': self.env.ref('account.account_payment_term_30days').id,
            'invoice_line_ids': [Command.create({
                'name': "Sale", 'price_unit': 100,
                'tax_ids': [Command.set(self.company.account_sale_tax_id.ids)],
            })],
        })
        invoice.action_post()
        self.assertEqual(invoice.amount_total, 113)
        self.assertEqual(invoice.invoice_date_due, date(2026, 1, 31))
        invoice.button_draft()
        self.assertEqual(invoice.state, 'draft')


@tagged('post_install', '-at_install')
class TestPostingLargeBusiness(TestPosting):
    chart_template = 'cn_large_bis'
