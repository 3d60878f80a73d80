from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.property_billing.tools.periods import ONE_DAY

from .common import LedgerCommon


class CorrectionCommon(LedgerCommon):
    """ 94.56 m² × 1.30 = 122.93 a month, billed to Zhang Wei for January to March 2026. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.unit = cls._create_unit('1013', area=94.56, owner=None)
        cls.ownership = cls._move_in(cls.unit, cls.owner, '2019-01-01')
        cls.buyer = cls.env['res.partner'].create({'name': "Zhao Min"})
        cls.tariff = cls._create_tariff(cls.property_fee, [('2015-01-01', False, 1.3)])
        cls.assignment = cls._assign(cls.unit, cls.tariff, '2026-01-01')
        cls.charges = cls._bill('2026-03-31')
        cls.january, cls.february, cls.march = cls.charges

    @classmethod
    def _bill(cls, until, **vals):
        run = cls._create_run(until, unit_ids=cls.unit.ids, **vals).with_user(cls.clerk)
        run.action_preview()
        run.charge_ids.filtered(lambda charge: charge.state == 'draft')._create_bills(
            date(2026, 1, 1))
        return cls.env['property.charge'].search(
            [('run_id', '=', run.id)], order='date_start')

    def _sell(self, first_day):
        """ A sale that is entered after March was billed. """
        day = date.fromisoformat(first_day)
        self.unit.occupancy_ids.filtered(lambda o: o.partner_id == self.buyer).unlink()
        self.ownership.date_end = day - ONE_DAY
        self.ownership.flush_recordset()
        self._move_in(self.unit, self.buyer, day)

    def _differences(self, charges=None):
        return [
            (correction.partner.name, str(correction.start), correction.amount)
            for correction in (charges or self.charges)._plan_corrections()]

    def _correct(self, charges=None, reason="sold", day=date(2026, 3, 20)):
        return (charges or self.charges).with_user(self.manager)._correct(reason, day)

    def _corrections(self):
        return self.env['property.charge'].search(
            [('kind', '=', 'correction'), ('unit_id', '=', self.unit.id)], order='id')

    def _create_like_units(self):
        """ Three more that pay the same; returns all four. """
        units = self.unit
        for number in range(3):
            unit = self._create_unit(f'20{number}', area=100)
            self._assign(unit, self.tariff, '2026-01-01')
            units += unit
        return units

    def _assert_as_many_queries(self, *calls):
        """ Each of the calls takes as many as the others, with nothing in the caches. """
        counts = set()
        for call in calls:
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            call()
            counts.add(self.env.cr.sql_log_count - before)
        self.assertEqual(len(counts), 1, counts)

    def _assert_subjects_in_constant_queries(self, units):
        self._assert_as_many_queries(*(
            self.env['property.fee.assignment'].search(
                [('unit_id', 'in', some.ids)])._get_subjects
            for some in (units[:2], units)))


@tagged('post_install', '-at_install')
class TestCorrection(CorrectionCommon):

    def test_sold_in_a_billed_month(self):
        """ [B11] 59.48 for 15 days stay the seller's; the buyer is charged 63.45 for 16. """
        self.assertEqual(self.charges.mapped('amount'), [122.93] * 3)
        self._sell('2026-03-16')
        self.assertEqual(self._differences(), [
            ("Zhang Wei", '2026-03-01', -63.45), ("Zhao Min", '2026-03-16', 63.45)])
        note, bill = self._correct().sorted('move_type', reverse=True)
        self.assertEqual((note.move_type, note.amount_total), ('out_refund', 63.45))
        self.assertEqual((self.march.state, self.march.amount_residual), ('posted', 59.48))
        correction = self._corrections()
        self.assertEqual(bill.line_ids.property_charge_id, correction)
        self.assertEqual(
            (correction.partner_id, correction.amount, correction.origin_charge_id,
             str(correction.date_start), str(correction.date_end)),
            (self.buyer, 63.45, self.march, '2026-03-16', '2026-03-31'))
        self.assertEqual(self._differences(), [])
        self.assertEqual((self.march + correction).mapped('amount_credited'), [63.45, 0])
        domain = self.march.with_user(self.clerk).action_view_corrections()['domain']
        self.assertEqual(self.env['property.charge'].search(domain), self.march + correction)

    def test_what_the_seller_paid_is_his(self):
        self.march._receive_payment(self.bank_journal)
        self._sell('2026-03-16')
        note, _bill = self._correct().sorted('move_type', reverse=True)
        self.assertEqual((self.march.amount_residual, note.amount_residual), (0, 63.45))

    def test_no_run_charges_a_corrected_month_again(self):
        """ The seller's March is credited in full: its days are the buyer's correction now. """
        self._sell('2026-03-01')
        self._correct()
        self.assertEqual((self.march.state, self.march.is_corrected), ('reversed', True))
        self.assertEqual(self._corrections().mapped('amount'), [122.93])
        self.assertEqual(self._bill('2026-04-30').mapped('date_start'), [date(2026, 4, 1)])

    def test_corrected_back(self):
        """ The sale is called off: all is as before, and what the buyer was charged is gone. """
        self._sell('2026-03-16')
        self._correct()
        self.unit.occupancy_ids.filtered(lambda o: o.partner_id == self.buyer).unlink()
        self.ownership.date_end = False
        self._correct(reason="not sold")
        first, second = self._corrections()
        self.assertEqual((first.partner_id, first.state), (self.buyer, 'reversed'))
        self.assertEqual(
            (second.partner_id, second.amount, second.state), (self.owner, 63.45, 'posted'))
        self.assertEqual(self._differences(), [])

    def test_sold_on_another_day(self):
        """ 16 March was a mistake, 11 March is right: 10 and 21 days, 39.65 and 83.28. """
        self._sell('2026-03-16')
        self._correct()
        self._sell('2026-03-11')
        self.assertEqual(self._differences(), [
            ("Zhang Wei", '2026-03-01', -19.83), ("Zhao Min", '2026-03-11', 19.83)])
        self._correct(reason="sold earlier")
        self.assertEqual(self.march.amount_residual, 39.65)
        self.assertEqual(sum(self._corrections().mapped('amount_residual')), 83.28)

    def test_another_area(self):
        """ A difference for each month, on one bill; the other way round on one credit note. """
        area = self._measure_unit(self.unit, 95.31, '2026-01-01')
        self.assertEqual([amount for *_key, amount in self._differences()], [0.97] * 3)
        bill = self._correct(reason="measured")
        self.assertEqual((bill.move_type, bill.amount_total), ('out_invoice', 2.91))
        self.assertEqual(len(bill.invoice_line_ids), 3)
        area.unlink()
        note = self._correct(reason="not measured")
        # What was charged in addition is taken back first, being owed.
        self.assertEqual(note.reversed_entry_id, bill)
        self.assertEqual((note.move_type, note.amount_total), ('out_refund', 2.91))
        self.assertEqual(self.charges.mapped('amount_residual'), [122.93] * 3)

    def test_an_assignment_that_is_billed_is_not_archived(self):
        """ Archived it was never charged: all of it would be credited. It ends instead. """
        clerk = self.assignment.with_user(self.clerk)
        with self.assertRaisesRegex(UserError, "billed up to 2026-03-31 .*enter its last day"):
            clerk.action_archive()
        clerk.date_end = '2026-03-31'
        self.assertEqual(self._differences(), [])
        coming = self._assign(self.unit, self.tariff, '2026-04-01').with_user(self.clerk)
        coming.action_archive()
        self.assertFalse(coming.active)

    def test_a_fee_that_does_not_prorate(self):
        """ The payer of the first day has all of it, whoever comes later (decision 4). """
        whole = self._create_tariff(self.parking_fee, proration='none')
        self._assign(self.unit, whole, '2026-01-01')
        charges = self._bill('2026-03-31')
        self._sell('2026-03-16')
        self.assertEqual(self._differences(charges), [])

    def test_two_payers_of_a_month(self):
        """ February was billed to both; only the second one's part is another's now. """
        self._sell('2026-04-11')
        april = self._bill('2026-04-30')
        self.assertEqual(april.mapped('amount'), [40.98, 81.95])
        heir = self.env['res.partner'].create({'name': "Zhao Lei"})
        self.unit.occupancy_ids.filtered(
            lambda o: o.partner_id == self.buyer).partner_id = heir
        self.assertEqual(self._differences(april[0]), [
            ("Zhao Min", '2026-04-01', -81.95), ("Zhao Lei", '2026-04-11', 81.95)])
        self._correct(april[0])
        self.assertEqual(april.mapped('state'), ['posted', 'reversed'])
        self.assertEqual(self._differences(april), [])

    def test_what_was_passed_on_stays_passed_on(self):
        """ [B11] The period was the tenant's; that the owner owes it now is no mistake. """
        self.march.with_user(self.manager)._pass_to(
            self.neighbour, "guarantee", date(2026, 3, 20))
        passed = self.march.search([('passed_from_id', '=', self.march.id)])
        self.assertEqual((passed.partner_id, passed.amount), (self.neighbour, 122.93))
        self.assertEqual(self._differences(passed), [])
        self._sell('2026-03-16')
        self._correct(passed)
        self.assertEqual((passed.partner_id, passed.amount_residual), (self.neighbour, 59.48))
        self.assertEqual(self._corrections().partner_id, self.buyer)

    def test_a_rest_that_was_passed_on(self):
        self.march._receive_payment(self.bank_journal, amount=100)
        self.march.with_user(self.manager)._pass_to(
            self.neighbour, "guarantee", date(2026, 3, 20))
        self.assertEqual(self._differences(self.march), [])
        self._sell('2026-03-16')
        self._correct(self.march)
        passed = self.march.search([('passed_from_id', '=', self.march.id)])
        # 22.93 of the credit were owed by the neighbour, 40.52 were paid by the seller.
        self.assertEqual((passed.amount, passed.amount_residual), (22.93, 0))

    def test_a_corrected_charge_is_passed_on(self):
        """ Its days are not free in between, and the correction knows whom it belongs to. """
        self._measure_unit(self.unit, 95.31, '2026-01-01')
        self._correct(self.march)
        self.march.with_user(self.manager)._pass_to(
            self.neighbour, "guarantee", date(2026, 3, 20))
        passed = self.march.search([('passed_from_id', '=', self.march.id)])
        self.assertTrue(passed.is_corrected)
        self.assertEqual(self._differences(passed), [])
        self.assertFalse(self._bill('2026-03-31'))

    def test_nobody_pays(self):
        self.ownership.date_end = '2026-03-15'
        with self.assertRaisesRegex(UserError, "cannot be corrected: Nobody pays .*2026-03-16"):
            self.charges._plan_corrections()

    def test_no_price(self):
        """ The unit has changed to a tariff whose price begins in April only. """
        self.assignment.tariff_id = self._create_tariff(
            self.property_fee, [('2026-04-01', False, 1.5)], name="From April on")
        with self.assertRaisesRegex(UserError, "has no price on 2026-0[123]-01"):
            self.charges._plan_corrections()

    def test_the_fee_ended(self):
        """ Ended on 15 March: the days after it are nobody's. """
        self.assignment.date_end = '2026-03-15'
        self.assertEqual(self._differences(), [("Zhang Wei", '2026-03-01', -63.45)])

    def test_closed_month(self):
        """ Both sides take the first open day (decision 36). """
        self.company.fiscalyear_lock_date = date(2026, 3, 31)
        self._sell('2026-03-16')
        self.assertEqual(set(self._correct().mapped('date')), {date(2026, 4, 1)})

    def test_the_payer_sees_it_where_the_bill_was_published(self):
        self._sell('2026-03-16')
        self.assertFalse(any(self._correct(self.march).mapped('property_published_at')))
        self.march.move_id._publish_property_bills()
        self._sell('2026-03-11')
        self.assertTrue(all(self._correct(self.march).mapped('property_published_at')))

    def test_only_a_manager_of_the_project(self):
        self._sell('2026-03-16')
        with self.assertRaises(AccessError):
            self.charges.with_user(self.clerk)._correct("sold", date(2026, 3, 20))
        self.project.user_ids -= self.manager
        with self.assertRaises(AccessError):
            self._correct()

    def test_constant_queries(self):
        """ Three months or one: the same number of queries. """
        self._sell('2026-03-16')
        self._assert_as_many_queries(
            self.march._plan_corrections, self.charges._plan_corrections)


@tagged('post_install', '-at_install')
class TestCorrectionWizard(CorrectionCommon):

    def _open(self, charges=None):
        return self.env['property.charge.correct'].with_user(self.manager).create({
            'charge_ids': (charges or self.charges).ids, 'reason': "sold",
            'date': date(2026, 3, 20)})

    def test_it_says_what_it_will_post(self):
        """ [B44] Per payer: charged so far, what it would be, the difference. """
        self._sell('2026-03-16')
        wizard = self._open()
        self.assertEqual(
            [(line.partner_id.name, line.amount_before, line.amount_now, line.amount)
             for line in wizard.line_ids],
            [("Zhang Wei", 122.93, 59.48, -63.45), ("Zhao Min", 0, 63.45, 63.45)])
        self.assertRegex(wizard.summary, "63.45.* are credited and .*63.45.* charged")
        action = wizard.action_correct()
        self.assertEqual(
            self.env['property.charge'].search(action['domain']),
            self.march + self._corrections())
        self.assertEqual(self.charges.filtered('is_corrected'), self.march)

    def test_it_shows_the_posting_day(self):
        self.company.fiscalyear_lock_date = date(2026, 3, 31)
        wizard = self._open()
        self.assertIn("2026/04/01", wizard.posting_notice)
        wizard.date = date(2026, 4, 2)
        self.assertFalse(wizard.posting_notice)

    def test_nothing_to_correct(self):
        wizard = self._open()
        self.assertFalse(wizard.line_ids)
        with self.assertRaisesRegex(UserError, "Nothing would"):
            wizard.action_correct()

    def test_what_changed_meanwhile(self):
        """ Nobody posts something else than he was shown. """
        self._sell('2026-03-16')
        wizard = self._open()
        self._sell('2026-03-11')
        with self.assertRaisesRegex(UserError, "since you opened"):
            wizard.action_correct()

    def test_a_stranger_sees_nothing(self):
        self.project.user_ids -= self.manager
        with self.assertRaises(AccessError):
            self._open()

    def test_a_typed_charge_becomes_less(self):
        """ Nothing says what two door cards cost but who typed it: 60.00 instead of 80.00. """
        cards = self._create_charge(80, unit=self.unit)
        self._post(cards)
        cards._receive_payment(self.bank_journal, amount=50)
        wizard = self._open(cards)
        self.assertEqual((wizard.has_typed, wizard.line_ids.amount_before), (True, 80))
        wizard.line_ids.amount_now = 90
        with self.assertRaisesRegex(UserError, "can only become less"):
            wizard.action_correct()
        wizard.line_ids.amount_now = 60
        wizard.action_correct()
        self.assertEqual((cards.state, cards.amount_residual), ('posted', 10))

    def test_from_what_corrects_to_what_is_corrected(self):
        """ Who opens the buyer's correction gets the whole period. """
        self._sell('2026-03-16')
        self._correct()
        self._sell('2026-03-11')
        wizard = self._open(self._corrections())
        self.assertFalse(wizard.has_typed)
        self.assertEqual(wizard.line_ids.mapped('amount'), [-19.83, 19.83])

    def test_the_payer_reads_why(self):
        self._sell('2026-03-16')
        self._correct()
        self.assertEqual(self._corrections()._render_explanation(), [
            "94.56 m² × 1.3 = 122.928 a month → 122.93", "Of this 16 of 31 days: 63.45",
            "63.45 instead of 0 charged so far: 63.45"])
