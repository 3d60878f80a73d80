from datetime import date

from odoo.tests import tagged
from odoo.tools import SQL

from ..tools.periods import ONE_DAY
from .common_shared import SharedCommon


@tagged('post_install', '-at_install')
class TestSharedPayers(SharedCommon):
    """ 100.00 of March among three households: 33.34, 33.33 and 33.33, charged to who pays. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.units = cls._create_units([80, 90, 100])
        cls.buyer = cls.env['res.partner'].create({'name': "Zhao Min"})
        cls.cost = cls._divide(cls._create_key('household'), 100)

    def _sell(self, unit, first_day):
        day = date.fromisoformat(first_day)
        unit.occupancy_ids.date_end = day - ONE_DAY
        unit.occupancy_ids.flush_recordset()
        self._move_in(unit, self.buyer, day)

    def _bill(self, until='2026-03-31'):
        run = self._preview(until).with_context(queue_job__no_delay=True)
        run.action_post()
        return run

    def _amounts(self, charges):
        return {
            (charge.unit_id.name, charge.partner_id.name): charge.amount for charge in charges}

    def test_billed_by_the_run_that_reaches_its_last_day(self):
        """ [B13] [decision 15] The bill says how the part comes about, in words. """
        self.assertFalse(self._preview('2026-03-30').charge_ids)
        run = self._bill()
        self.assertEqual(self._amounts(run.charge_ids), {
            ('801', "Owner 801"): 33.34, ('802', "Owner 802"): 33.33, ('803', "Owner 803"): 33.33})
        first = run.charge_ids.sorted('id')[0]
        self.assertEqual(first._render_explanation(), [
            "Light of the stairs 2026-03-01 ~ 2026-03-31: 100 together",
            "Households 1 of 3: 33.34, the rest of dividing included"])
        self.assertEqual(
            [source['amount'] for source in first.explanation['shared']['sources']], ['100.00'])
        self.assertEqual(
            first.move_id.invoice_line_ids.name,
            f"{self.shared_fee.name} 2026-03-01 ~ 2026-03-31 (Light of the stairs)")
        _label, bill = first.with_user(self.clerk)._get_explanation_facts()[-1]
        self.assertIn("100.00", bill)
        self.assertIn("S** · 2026-04-05", bill, "of a person not the whole name")
        self.power_company.is_company = True
        self.assertIn("State Grid", first._get_explanation_facts()[-1][1])
        self.assertEqual(first.date_due, date(2026, 4, 30))
        self.assertBalances(first.move_id, {
            first.receivable_line_id.account_id: 33.34,
            self.company.property_agency_account_id: -33.34})
        self.assertEqual(self.cost.charge_count, 3)

    def test_billed_once(self):
        """ A later run finds nothing of it, and does not even look at what is billed. """
        self._bill()
        later = self._preview('2026-12-31')
        self.assertFalse(later.charge_ids)
        self.assertFalse(later._get_assignments())

    def test_the_payer_changes_inside_the_period(self):
        """ [decision 15] A new owner from the 16th: 15 and 16 of 31 days, 16.13 + 17.21. """
        self._sell(self.units[0], '2026-03-16')
        run = self._bill()
        self.assertEqual(self._amounts(run.charge_ids), {
            ('801', "Owner 801"): 16.13, ('801', "Zhao Min"): 17.21,
            ('802', "Owner 802"): 33.33, ('803', "Owner 803"): 33.33})
        charge = run.charge_ids.filtered(lambda charge: charge.partner_id == self.buyer)
        self.assertEqual(charge._render_explanation()[-1], "Of this 16 of 31 days: 17.21")

    def test_a_cent_of_two_payers(self):
        """ 15 of 31 days of 0.01 are nothing: told once, and settled with that. """
        self.cost.action_cancel()
        self._divide(self.cost.key_id, 0.03)
        self._sell(self.units[0], '2026-03-16')
        charges = self._bill().charge_ids.filtered(lambda charge: charge.unit_id == self.units[0])
        self.assertEqual(self._amounts(charges), {
            ('801', "Owner 801"): 0, ('801', "Zhao Min"): 0.01})
        nothing = charges.filtered(lambda charge: not charge.amount)
        self.assertEqual((nothing.state, nothing.reason), ('left_out', 'free'))
        self.assertIn("Of 0.01 nothing falls", nothing.reason_detail)
        self.assertFalse(self._preview('2026-12-31').charge_ids)

    def test_the_sale_is_entered_after_the_bill(self):
        """ The same 16.13 and 17.21: the former owner is credited, the new one charged. """
        run = self._bill()
        self._sell(self.units[0], '2026-03-16')
        charge = run.charge_ids.filtered(lambda charge: charge.unit_id == self.units[0])
        self.assertEqual(
            [(c.partner.name, c.amount) for c in charge._plan_corrections()],
            [("Owner 801", -17.21), ("Zhao Min", 17.21)])
        charge.with_user(self.manager)._correct("sold", date(2026, 4, 10))
        self.assertFalse(charge._plan_corrections())
        self.assertEqual(charge.amount_residual, 16.13)
        self.assertFalse(self._preview('2026-12-31').charge_ids)

    def test_a_handover_finds_what_is_billed_beyond(self):
        """ Parts are shared by days, as what a tariff charges by days. """
        charges = self._bill().charge_ids
        self.assertEqual(charges._filter_by_days(), charges)

    def test_no_payer(self):
        """ Told, and billed once there is one. """
        self.units[1].occupancy_ids.unlink()
        run = self._preview('2026-03-31')
        left = run.charge_ids.filtered(lambda charge: charge.state == 'left_out')
        self.assertEqual((left.unit_id.name, left.reason), ('802', 'no_payer'))
        run.with_context(queue_job__no_delay=True).action_post()
        self._move_in(self.units[1], self.buyer, '2026-03-01')
        self.assertEqual(
            self._amounts(self._bill('2026-04-30').charge_ids), {('802', "Zhao Min"): 33.33})

    def test_a_named_customer_pays(self):
        """ Who pays a part may be said on it. """
        part = self.cost.assignment_ids.filtered(lambda part: part.unit_id == self.units[2])
        part.with_user(self.clerk).partner_id = self.buyer
        self.assertEqual(
            self._amounts(self._bill().charge_ids)['803', "Zhao Min"], 33.33)

    def test_undone_and_billed_again(self):
        """ [B14] The same parts; the cost stays divided. """
        run = self._bill()
        amounts = self._amounts(run.charge_ids)
        run.with_user(self.manager)._undo("wrong day", date(2026, 3, 31))
        self.assertEqual(set(run.charge_ids.mapped('state')), {'reversed'})
        self.assertEqual(self.cost.state, 'confirmed')
        self.assertEqual(self._amounts(self._bill().charge_ids), amounts)

    def test_cancelled_only_while_it_is_not_billed(self):
        """ Neither in a preview nor posted; once that is undone its parts go to the archive, since
        what was reversed keeps saying what it was of.
        """
        run = self._preview('2026-03-31')
        with self.assertRefused("is in the preview of"):
            self.cost.action_cancel()
        run.with_context(queue_job__no_delay=True).action_post()
        with self.assertRefused("is billed: 8-801"):
            self.cost.action_cancel()
        run.with_user(self.manager).with_context(queue_job__no_delay=True)._undo(
            "wrong key", date(2026, 3, 31))
        self.cost.action_cancel()
        self.assertEqual((self.cost.state, self.cost.part_count), ('cancelled', 0))
        self.assertFalse(self._preview('2026-12-31').charge_ids)
        with self.assertRefused("is or was divided"):
            self.cost.sudo().unlink()
        self.cost.action_draft()
        self.cost._divide()
        self.assertEqual(self.cost.part_total, 100)

    def test_of_a_month_that_is_closed(self):
        """ Dividing posts nothing; the run says on which day its bills stand (decision 36). """
        self.company.sale_lock_date = date(2026, 3, 31)
        run = self._preview('2026-03-31')
        self.assertIn("2026", run.posting_notice)
        run.with_context(queue_job__no_delay=True).action_post()
        self.assertEqual(set(run.charge_ids.move_id.mapped('date')), {date(2026, 4, 1)})

    def test_splitting_a_unit_that_owes_a_part(self):
        """ The part stays with the former unit, so that one is billed first. """
        cost = self._divide(
            self._create_key(), 270, date_start=date(2026, 4, 1), date_end=date(2026, 4, 30))
        new = [{'name': name, 'building_area': 40} for name in ('901', '902')]
        with self.assertRefused("a part of Light of the stairs"):
            self.units[0]._reshape(new, date(2026, 4, 10))
        self._bill('2026-04-30')
        units = self.units[0]._reshape(new, date(2026, 4, 10))
        self.assertEqual(len(cost.assignment_ids), 3)
        self.assertFalse(self.env['property.fee.assignment'].search(
            [('unit_id', 'in', units.ids)]))

    def test_a_percentage_is_none_of_a_part(self):
        """ A part has no price of a month of which something could be a percentage. """
        tariff = self._create_tariff(
            self.parking_fee, [('2015-01-01', False, 10)], basis='percent',
            percent_fee_id=self.shared_fee.id)
        self._assign(self.units[0], tariff, '2026-03-01')
        run = self._preview('2026-03-31')
        percentage = run.charge_ids.filtered(lambda charge: charge.fee_id == self.parking_fee)
        self.assertEqual((percentage.state, percentage.amount), ('left_out', 0))

    def test_the_doctor_finds_a_cent(self):
        """ [invariant 7] A part, a source, and a supplier's line that were changed. """
        self.assertBooksBalance()
        part, source = self.cost.assignment_ids[:1], self.cost.source_ids
        for table, column, record in (
            ('property_fee_assignment', 'share_amount', part),
            ('property_shared_source', 'amount', source),
        ):
            with self.subTest(table):
                self._break(table, column, record, 0.01)
                wrong = [
                    check['name'] for check in self.env['property.doctor'].run()
                    if not check['ok']]
                self.assertIn(
                    "Shared costs that differ from their parts, bills or meters, none", wrong)
                self._break(table, column, record, -0.01)
        self._break('account_move_line', 'price_total', source.sudo().line_id, -0.01)
        wrong = [
            check['name'] for check in self.env['property.doctor'].run() if not check['ok']]
        self.assertEqual(
            wrong, ["Lines of suppliers' bills shared beyond what they come to, none"])
        self._break('account_move_line', 'price_total', source.sudo().line_id, 0.01)

    def _break(self, table, column, record, amount):
        self.env.flush_all()
        self.env.cr.execute(SQL(
            "UPDATE %(table)s SET %(column)s = %(column)s + %(amount)s WHERE id = %(id)s",
            table=SQL.identifier(table), column=SQL.identifier(column), amount=amount,
            id=record.id))
        self.env.invalidate_all()
