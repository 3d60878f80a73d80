from datetime import date

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import LedgerCommon


@tagged('post_install', '-at_install')
class TestPartialCredit(LedgerCommon):
    """ A part of a charge is taken back, and the rest of it stays owed. """

    def _credit(self, amounts, date=date(2026, 1, 20)):
        charges = self.env['property.charge'].union(*amounts)
        return charges._credit(
            "wrong area", date, {charge.id: amount for charge, amount in amounts.items()})

    def test_what_is_left_stays_owed(self):
        """ [B44] 63.45 of 122.93 are credited: 59.48 are owed, and the tax shrinks with them. """
        charge = self._create_charge(122.93)
        bill = self._post(charge)
        note = self._credit({charge: 63.45})
        self.assertEqual((charge.state, charge.amount_residual), ('posted', 59.48))
        self.assertEqual((note.amount_total, note.amount_residual), (63.45, 0))
        self.assertEqual(note.amount_tax, 3.59)  # 63.45 × 6/106 = 3.591…
        self.assertEqual(note.ref, f"Credit on {bill.name}: wrong area")
        self.assertEqual(note.date, date(2026, 1, 20))

    def test_what_was_paid_becomes_an_open_credit(self):
        """ It settles no other charge by itself, and goes back to who leaves. """
        charge, other = self._create_charge(122.93), self._create_charge(50, self.parking_fee)
        self._post(charge + other)
        charge._receive_payment(self.bank_journal)
        note = self._credit({charge: 63.45})
        self.assertEqual((charge.amount_residual, other.amount_residual), (0, 50))
        self.assertEqual(note.amount_residual, 63.45)
        [line] = self.unit_1011.occupancy_ids._get_prepayment_lines()
        self.assertEqual((line.move_id, line.amount_residual), (note, -63.45))

    def test_what_is_owed_goes_first(self):
        """ 100 were paid of 122.93: 22.93 of the credit are no longer owed, 40.52 are open. """
        charge = self._create_charge(122.93)
        self._post(charge)
        charge._receive_payment(self.bank_journal, amount=100)
        note = self._credit({charge: 63.45})
        self.assertEqual((charge.amount_residual, note.amount_residual), (0, 40.52))

    def test_one_note_for_each_bill(self):
        """ A red tax invoice names its bill, so that a decision about two bills is two notes. """
        first, second = self._create_charge(100), self._create_charge(50, self.parking_fee)
        bill = self._post(first + second)
        neighbours = self._create_charge(80, unit=self.unit_1012, partner=self.neighbour)
        other_bill = self._post(neighbours)
        notes = self._credit({first: 10, second: 20, neighbours: 30})
        self.assertEqual(
            {(note.reversed_entry_id, note.amount_total) for note in notes},
            {(bill, 30), (other_bill, 30)})
        self.assertEqual(
            (first + second + neighbours).mapped('amount_residual'), [90, 30, 50])

    def test_never_more_than_there_is(self):
        charge = self._create_charge(100)
        self._post(charge)
        self._credit({charge: 60})
        for amount in (40.01, -1):
            with self.assertRaisesRegex(UserError, "40.00.* are left"):
                self._credit({charge: amount})
        self._credit({charge: 40})
        self.assertEqual((charge.state, charge.amount_residual), ('reversed', 0))
        with self.assertRaisesRegex(UserError, "0.00.* are left"):
            self._credit({charge: 0.01})

    def test_nothing_is_credited_of_nothing(self):
        charge = self._create_charge(100)
        self._post(charge)
        self.assertFalse(self._credit({charge: 0}))

    def test_a_payment_that_bounces_makes_room_for_the_credit(self):
        """ Paid 100, credited 30, the payment bounces: 70 are owed, and nothing is open. """
        charge = self._create_charge(100)
        self._post(charge)
        payment = charge._receive_payment(self.bank_journal)
        note = self._credit({charge: 30})
        payment.action_draft()
        self.assertEqual((charge.amount_residual, note.amount_residual), (70, 0))

    def test_closed_month(self):
        """ The first open day is taken (decision 36). """
        charge = self._create_charge(100)
        self._post(charge)
        self.company.fiscalyear_lock_date = date(2026, 1, 31)
        self.assertEqual(self._credit({charge: 30}).date, date(2026, 2, 1))

    def test_the_plain_way_gives_the_same(self):
        """ Where `account` makes the lines, of a bill with two charges one is credited. """
        self.env['account.analytic.distribution.model'].create({'company_id': self.company.id})
        charge, other = self._create_charge(122.93), self._create_charge(50, self.parking_fee)
        self._post(charge + other)
        note = self._credit({charge: 63.45})
        self.assertEqual((note.amount_total, note.amount_tax), (63.45, 3.59))
        self.assertEqual((charge.amount_residual, other.amount_residual), (59.48, 50))

    def test_the_printed_note_says_why(self):
        """ How the whole charge was computed would not explain a part of it. """
        self.owner.lang = 'en_US'  # whatever the database speaks
        self._assign(self.unit_1011, self._create_tariff(self.property_fee), '2026-01-01')
        charge = self._preview('2026-01-31', unit_ids=self.unit_1011.ids).charge_ids.with_env(
            self.env)
        bill = self._post(charge)
        note = self._credit({charge: 30})
        sentence = charge.with_context(lang='en_US')._render_explanation()[0]
        for move, shown, hidden in ((bill, sentence, note.ref), (note, note.ref, sentence)):
            html = self.env['ir.actions.report']._render_qweb_html(
                'property_billing.report_bill', move.ids)[0].decode()
            self.assertIn(shown, html)
            self.assertNotIn(hidden, html)
