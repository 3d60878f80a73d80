from datetime import date
from decimal import Decimal

from odoo import Command
from odoo.tests import tagged
from odoo.tools import SQL

from ..tools.charging import Quantity, explain
from .common import LedgerCommon


@tagged('post_install', '-at_install')
class TestDoctor(LedgerCommon):
    """ Every check finds what it is there for. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        tariff = cls._create_tariff(cls.property_fee, [('2020-01-01', False, 1.3)], surcharge=20)
        assignment = cls._assign(cls.unit_1011, tariff, '2026-01-01')
        explanation = explain(
            date(2026, 1, 1), date(2026, 2, 1), anchor=date(2026, 1, 1), split='natural',
            proration='days', rates=tariff._get_rates(), basis='area',
            quantities=[Quantity(Decimal(100))], rounding=Decimal('0.01'))
        cls.charge = cls._create_charge(
            150, kind='recurring', assignment_id=assignment.id, tariff_id=tariff.id,
            explanation=explanation)
        cls.bill = cls._post(cls.charge)
        cls.payment = cls.charge._receive_payment(cls.bank_journal, amount=100)

    def tearDown(self):
        super(LedgerCommon, self).tearDown()  # these stories end with broken books

    def _get_wrong(self):
        return [
            check['name'].split(':')[0].split(',')[0]
            for check in self.env['property.doctor'].run() if not check['ok']
        ]

    def _break(self, query, *args, **kwargs):
        self.env.flush_all()
        self.env.cr.execute(SQL(query, *args, **kwargs))
        self.env.invalidate_all()

    def test_all_is_well(self):
        self.assertBooksBalance()

    def test_an_entry_that_does_not_balance(self):
        self._break(
            'UPDATE account_move_line SET balance = balance + 1, debit = debit + 1 WHERE id = %s',
            self.payment.move_id.line_ids[0].id)
        self.assertEqual(self._get_wrong(), [
            f"Trial balance of {self.company.name}", "Entries that do not balance"])

    def test_a_charge_that_was_rewritten(self):
        self._break('UPDATE property_charge SET amount = 149 WHERE id = %s', self.charge.id)
        self.assertEqual(self._get_wrong(), [
            "Posted charges", "Posted charges", "Charges that differ from their bill",
            "Still owed", "Charges or bills that owe something else",
            "Charges", "Charges that come out differently"])

    def test_two_errors_that_cancel_each_other_out(self):
        other = self._create_charge(150, unit=self.unit_1012)
        self._post(other)
        self._break(
            "UPDATE property_charge SET amount = CASE WHEN id = %s THEN 149 ELSE 151 END "
            "WHERE id IN %s", other.id, (self.charge.id, other.id))
        self.assertIn("Charges that differ from their bill", self._get_wrong())
        self.assertNotIn("Posted charges", self._get_wrong())

    def test_a_receivable_item_of_another_charge(self):
        self._break('UPDATE account_move_line SET property_charge_id = NULL WHERE id = %s',
                    self.charge.receivable_line_id.id)
        self.assertEqual(self._get_wrong(), ["Charges that differ from their bill"])

    def test_a_bill_of_another_payer(self):
        self._break('UPDATE account_move SET partner_id = %s WHERE id = %s',
                    self.neighbour.id, self.bill.id)
        self.assertEqual(self._get_wrong(), ["Charges that differ from their bill"])

    def test_queries_do_not_grow_with_the_charges(self):
        def count():
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.env['property.doctor'].run()
            return self.env.cr.sql_log_count - before

        few = count()
        self._post(self.env['property.charge'].union(*(
            self._create_charge(10 + number, unit=self.unit_1012) for number in range(20))))
        self.assertEqual(count(), few)

    def test_a_residual_that_is_not_what_was_paid(self):
        self._break(
            'UPDATE account_move_line SET amount_residual = 49 WHERE id = %s',
            self.charge.receivable_line_id.id)
        self.assertEqual(self._get_wrong(), [
            "Still owed", "Still owed", "Charges or bills that owe something else",
            self.company.name])

    def test_a_draft_payment_of_an_ordinary_invoice(self):
        """ Odoo keeps it matched; the invoice is open all the same, and nothing is wrong. """
        invoice = self.env['account.move'].create({
            'move_type': 'out_invoice', 'partner_id': self.owner.id,
            'invoice_date': date(2026, 1, 1),
            'invoice_line_ids': [Command.create({'name': "Sale", 'price_unit': 100})],
        })
        invoice.action_post()
        payment = self.env['account.payment.register'].with_context(
            active_model='account.move', active_ids=invoice.ids).create({})._create_payments()
        payment.action_draft()
        self.assertTrue(payment.move_id.line_ids.matched_debit_ids, "what the check is about")
        self.assertBooksBalance()

    def test_a_charge_that_is_billed_twice(self):
        """ A copy of a bill is of no charge; one that claims to be is found. """
        twin = self.bill.copy({'invoice_date': date(2026, 1, 2)})
        twin.action_post()
        self.assertBooksBalance()
        self._break('UPDATE account_move_line SET property_charge_id = %s WHERE id IN %s',
                    self.charge.id, tuple(twin.invoice_line_ids.ids))
        self.assertEqual(self._get_wrong(), ["Posted charges"])

    def test_a_prepayment_that_is_not_there(self):
        payment = self.charge._receive_payment(self.bank_journal, amount=60)
        line = payment.move_id.line_ids.filtered(
            lambda line: line.account_type == 'asset_receivable' and not line.property_charge_id)
        self.assertBooksBalance()
        self._break('UPDATE account_move_line SET amount_residual = 0 WHERE id = %s', line.id)
        self.assertEqual(self._get_wrong(), [self.company.name, "Prepayments"])

    def test_an_explanation_that_gives_another_amount(self):
        self.charge.flush_recordset()
        self._break(
            """ UPDATE property_charge
                   SET explanation = jsonb_set(explanation, '{quantity}', '"99"')
                 WHERE id = %s """, self.charge.id)
        self.assertEqual(self._get_wrong(), ["Charges", "Charges that come out differently"])

    def test_days_that_are_charged_twice_or_forgotten(self):
        self._create_charge(
            150, kind='recurring', assignment_id=self.charge.assignment_id.id,
            date_start=date(2026, 3, 1), date_end=date(2026, 3, 31))
        self.assertEqual(self._get_wrong(), ["Days from first to last charge"])
        left_out = self._create_charge(
            0, kind='recurring', assignment_id=self.charge.assignment_id.id, state='left_out',
            reason='manual', date_start=date(2026, 2, 1), date_end=date(2026, 2, 28))
        self.assertBooksBalance()
        self._break(
            'ALTER TABLE property_charge DROP CONSTRAINT property_charge_no_overlap')
        self._break(
            "UPDATE property_charge SET date_start = '2026-01-31', state = 'draft', amount = 1 "
            "WHERE id = %s", left_out.id)
        self.assertEqual(self._get_wrong(), ["Days charged"])

    def test_a_charge_that_is_not_on_its_bill_any_more(self):
        self._break('UPDATE account_move_line SET property_charge_id = NULL WHERE id IN %s',
                    tuple(self.bill.invoice_line_ids.ids))
        self.assertEqual(self._get_wrong(), [
            "Posted charges", "Charges that differ from their bill", "Posted charges"])

    def test_a_reversed_charge_that_is_owed_again(self):
        other = self._create_charge(10, unit=self.unit_1012)
        note = self._reverse(self._post(other), "wrong area")
        self._break(
            'DELETE FROM account_partial_reconcile WHERE debit_move_id IN %(ids)s '
            'OR credit_move_id IN %(ids)s', ids=tuple(note.line_ids.ids))
        lines = note.line_ids + other.receivable_line_id
        lines._compute_amount_residual()
        self.assertEqual(self._get_wrong(), ["Reversed charges"])

    def test_a_reversal_that_is_gone(self):
        other = self._create_charge(10, unit=self.unit_1012)
        self._reverse(self._post(other), "wrong area")
        self.assertBooksBalance()
        self._break(
            'UPDATE account_move SET reversed_entry_id = NULL WHERE reversed_entry_id = %s',
            other.move_id.id)
        self.assertEqual(self._get_wrong(), ["Reversed charges"])

    def _get_activities(self):
        return self.bill.activity_ids.filtered(lambda activity: (
            activity.activity_type_id.get_external_id()[activity.activity_type_id.id]
            == 'property_billing.mail_activity_type_different_amount'))

    def test_the_nightly_check_finds_nothing_in_sound_books(self):
        with self.assertLogs('odoo.addons.property_billing.models.property_doctor') as logs:
            self.env['property.doctor']._cron_check_sample()
        self.assertIn("charges again; different: none", logs.output[0])
        self.assertNotIn("Computed 0 charges", logs.output[0])
        self.assertFalse(self._get_activities())

    def test_the_nightly_check_puts_a_wrong_charge_before_the_managers_once(self):
        stranger = self._create_user(
            'elsewhere', 'property_billing.group_billing_manager',
            company=self._create_company("Faraway Estates"))
        self._break('UPDATE property_charge SET amount = 149 WHERE id = %s', self.charge.id)
        for _night in range(2):
            self.env['property.doctor']._cron_check_sample()
        activities = self._get_activities()
        self.assertIn(self.manager, activities.user_id)
        self.assertNotIn(stranger, activities.user_id)
        self.assertEqual(len(activities), len(activities.user_id))

    def test_a_damaged_explanation_is_found_and_stops_nothing(self):
        self._break("""
            UPDATE property_charge SET explanation = '{"what": "is this"}' WHERE id = %s
        """, self.charge.id)
        self.assertEqual(self._get_wrong(), ["Charges", "Charges that come out differently"])
        self.env['property.doctor']._cron_check_sample()
        self.assertTrue(self._get_activities())
