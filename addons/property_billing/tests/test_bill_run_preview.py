from odoo.tests import tagged

from .common import BillingCommon


@tagged('post_install', '-at_install')
class TestBillRunPreview(BillingCommon):

    # === WHAT IS DUE === #

    def test_six_months_in_one_charge_from_the_start_day(self):
        """[B01] [B13] 94.56 m² × 1.3 + 20 a month for six months is 857.57, rounded once. """
        unit = self._create_unit("1011", area=94.56)
        tariff = self._create_tariff(
            self._create_fee(), [('2020-01-01', False, 1.3)], surcharge=20, cycle_months=6,
            split='anchored', charge_per_cycle=True)
        self._assign(unit, tariff, '2020-06-10')
        run = self._preview('2020-06-30')
        self.assertEqual(self._periods(run.charge_ids), [('2020-06-10', '2020-12-09', 857.57)])
        self.assertEqual(run.charge_ids.partner_id, unit.owner_ids)
        self.assertEqual(
            run.charge_ids.explanation_text,
            "94.56 m² × 1.3 + 20 = 142.928 a month × 6 months = 857.568 → 857.57")

    def test_three_months_in_one_charge(self):
        """[B13] 94.56 m² × 1.0 + 20 a month for three months is 343.68. """
        tariff = self._create_tariff(
            self._create_fee(), surcharge=20, cycle_months=3, split='anchored',
            charge_per_cycle=True)
        self._assign(self._create_unit("1011", area=94.56), tariff, '2020-07-10')
        run = self._preview('2020-07-31')
        self.assertEqual(self._periods(run.charge_ids), [('2020-07-10', '2020-10-09', 343.68)])

    def test_natural_months(self):
        """[B18] From 29 March by calendar months: three days of March, then whole April. """
        tariff = self._create_tariff(self._create_fee(), split='natural')
        self._assign(self._create_unit("201"), tariff, '2016-03-29')
        run = self._preview('2016-04-30')
        self.assertEqual(self._periods(run.charge_ids), [
            ('2016-03-29', '2016-03-31', 9.68),  # 100 × 3/31
            ('2016-04-01', '2016-04-30', 100.0),
        ])

    def test_contract_months(self):
        """[B19] From 29 March by contract months: 29 to 28. """
        tariff = self._create_tariff(self._create_fee(), split='anchored')
        self._assign(self._create_unit("201"), tariff, '2016-03-29')
        run = self._preview('2016-04-30')
        self.assertEqual(self._periods(run.charge_ids), [
            ('2016-03-29', '2016-04-28', 100.0),
            ('2016-04-29', '2016-05-28', 100.0),
        ])

    def test_quarter_in_arrears_is_three_charges_after_its_last_day(self):
        """[B13] A quarter in arrears is billed the day after it ends, month by month. """
        tariff = self._create_tariff(self._create_fee(), cycle_months=3, timing='arrears')
        self._assign(self._create_unit("201"), tariff, '2024-01-01')
        self.assertFalse(self._preview('2024-03-31').charge_ids)
        run = self._preview('2024-04-01')
        self.assertEqual(self._periods(run.charge_ids), [
            ('2024-01-01', '2024-01-31', 100.0),
            ('2024-02-01', '2024-02-29', 100.0),
            ('2024-03-01', '2024-03-31', 100.0),
        ])

    def test_an_assignment_ends_inclusive(self):
        """[B11] The last day of an assignment is charged, the next one is not. """
        tariff = self._create_tariff(self._create_fee())
        self._assign(self._create_unit("201"), tariff, '2024-01-01', '2024-02-15')
        run = self._preview('2024-12-31')
        self.assertEqual(self._periods(run.charge_ids), [
            ('2024-01-01', '2024-01-31', 100.0),
            ('2024-02-01', '2024-02-15', 51.72),  # 100 × 15/29
        ])

    def test_a_start_date_leaves_earlier_cycles_alone(self):
        """[B04] A run from a date bills no cycle that began before it. """
        tariff = self._create_tariff(self._create_fee())
        self._assign(self._create_unit("201"), tariff, '2024-01-01')
        run = self._preview('2024-04-30', date_start='2024-03-01')
        self.assertEqual(
            [period[0] for period in self._periods(run.charge_ids)], ['2024-03-01', '2024-04-01'])

    def test_a_new_price_inside_a_month(self):
        """ A price that changes on 16 April applies by days, in one charge. """
        tariff = self._create_tariff(self._create_fee(), [
            ('2020-01-01', '2024-04-15', 2.0), ('2024-04-16', False, 3.0)])
        self._assign(self._create_unit("201"), tariff, '2024-04-01')
        run = self._preview('2024-04-30')
        self.assertEqual(self._periods(run.charge_ids), [('2024-04-01', '2024-04-30', 250.0)])
        self.assertEqual(run.charge_ids._render_explanation(), [
            "2024-04-01 ~ 2024-04-15: 100 m² × 2 = 200 a month × 1/2 of a month",
            "2024-04-16 ~ 2024-04-30: 100 m² × 3 = 300 a month × 1/2 of a month",
            "Together 250",
        ])

    # === WHO PAYS === #

    def test_the_buyer_pays_from_his_first_day(self):
        """ Sold on 11 April: ten of thirty days for the seller, twenty for the buyer. """
        unit = self._create_unit("201", owner=None)
        seller, buyer = self.env['res.partner'].create([{'name': "Seller"}, {'name': "Buyer"}])
        self._move_in(unit, seller, '2010-01-01', '2024-04-10')
        self._move_in(unit, buyer, '2024-04-11')
        self._assign(unit, self._create_tariff(self._create_fee()), '2024-04-01')
        run = self._preview('2024-04-30')
        self.assertEqual(self._periods(run.charge_ids), [
            ('2024-04-01', '2024-04-10', 33.33), ('2024-04-11', '2024-04-30', 66.67)])
        self.assertEqual(run.charge_ids.sorted('date_start').partner_id, seller + buyer)
        self.assertEqual(
            run.charge_ids.sorted('date_start')[0]._render_explanation()[-1],
            "Of this 10 of 30 days: 33.33")

    def test_without_proration_the_first_payer_pays_the_whole_month(self):
        unit = self._create_unit("201", owner=None)
        seller, buyer = self.env['res.partner'].create([{'name': "Seller"}, {'name': "Buyer"}])
        self._move_in(unit, seller, '2010-01-01', '2024-04-10')
        self._move_in(unit, buyer, '2024-04-11')
        self._assign(unit, self._create_tariff(self._create_fee(), proration='none'), '2024-04-01')
        run = self._preview('2024-04-30')
        self.assertEqual(self._periods(run.charge_ids), [('2024-04-01', '2024-04-30', 100.0)])
        self.assertEqual(run.charge_ids.partner_id, seller)

    def test_the_day_of_the_change_is_the_new_payers(self):
        """ The old tenant leaves and the new one comes on the 11th: the new one pays it. """
        unit = self._create_unit("201")
        old, new = self.env['res.partner'].create([{'name': "Old"}, {'name': "New"}])
        self._move_in(unit, old, '2024-01-01', '2024-04-11', role='tenant')
        self._move_in(unit, new, '2024-04-11', role='tenant')
        fee = self._create_fee(payer_role='occupant')
        self._assign(unit, self._create_tariff(fee), '2024-04-01')
        run = self._preview('2024-04-30')
        self.assertEqual(self._periods(run.charge_ids), [
            ('2024-04-01', '2024-04-10', 33.33), ('2024-04-11', '2024-04-30', 66.67)])
        self.assertEqual(run.charge_ids.sorted('date_start').partner_id, old + new)

    def test_a_fee_of_the_owner_is_not_the_tenants(self):
        """[A30] Owner and tenant in one unit: the fee says who of them pays. """
        unit = self._create_unit("201")
        tenant = self.env['res.partner'].create({'name': "Tenant"})
        self._move_in(unit, tenant, '2020-01-01', role='tenant')
        of_owner = self._create_fee("Property fee")
        of_occupant = self._create_fee("Garbage", payer_role='occupant')
        for fee in (of_owner, of_occupant):
            self._assign(unit, self._create_tariff(fee), '2024-04-01')
        charges = self._preview('2024-04-30').charge_ids
        payers = {charge.fee_id: charge.partner_id for charge in charges}
        self.assertEqual(payers, {of_owner: unit.owner_ids, of_occupant: tenant})

    def test_the_developer_pays_until_the_hand_over(self):
        """ Handed over on 16 April: the developer pays half of the month, then the owner. """
        self.project.developer_id = self.env['res.partner'].create({'name': "Developer"})
        unit = self._create_unit("201", date_handover='2024-04-16')
        self._assign(unit, self._create_tariff(self._create_fee()), '2024-04-01')
        run = self._preview('2024-04-30')
        self.assertEqual(self._periods(run.charge_ids), [
            ('2024-04-01', '2024-04-15', 50.0), ('2024-04-16', '2024-04-30', 50.0)])
        self.assertEqual(
            run.charge_ids.sorted('date_start').partner_id,
            self.project.developer_id + unit.owner_ids)

    def test_the_largest_share_among_the_co_owners_pays(self):
        unit = self._create_unit("201", owner=None)
        small, large = self.env['res.partner'].create([{'name': "Small"}, {'name': "Large"}])
        self._move_in(unit, small, '2020-01-01', share=40)
        self._move_in(unit, large, '2020-01-01', share=60)
        self._assign(unit, self._create_tariff(self._create_fee()), '2024-04-01')
        self.assertEqual(self._preview('2024-04-30').charge_ids.partner_id, large)

    def test_an_owner_who_does_not_pay_the_bills_is_passed_over(self):
        unit = self._create_unit("201", owner=None)
        wife, husband = self.env['res.partner'].create([{'name': "Wife"}, {'name': "Husband"}])
        self._move_in(unit, wife, '2020-01-01', share=60, is_payer=False)
        self._move_in(unit, husband, '2020-01-01', share=40)
        self._assign(unit, self._create_tariff(self._create_fee()), '2024-04-01')
        self.assertEqual(self._preview('2024-04-30').charge_ids.partner_id, husband)

    def test_who_waits_for_approval_pays_nothing(self):
        """[A17] Not before somebody has approved him. """
        unit = self._create_unit("101", owner=None)
        self._assign(unit, self._create_tariff(self._create_fee()), '2024-04-01')
        buyer = self.env['res.partner'].create({'name': "Buyer"})
        occupancy = self._move_in(unit, buyer, '2024-01-01', state='pending')
        self._assert_left_out(self._preview('2024-04-30'), 'no_payer', "Enter its owner")
        occupancy.action_approve()
        self.assertEqual(self._preview('2024-04-30').charge_ids.partner_id, buyer)

    def test_the_customer_of_the_assignment_comes_first(self):
        """[B11] A customer named on the assignment pays, whoever lives there. """
        customer = self.env['res.partner'].create({'name': "Employer"})
        self._assign(
            self._create_unit("201"), self._create_tariff(self._create_fee()), '2024-04-01',
            partner_id=customer.id)
        self.assertEqual(self._preview('2024-04-30').charge_ids.partner_id, customer)

    # === WHAT IS LEFT OUT === #

    def _assert_left_out(self, run, reason, text):
        self.assertEqual(run.charge_ids.mapped('state'), ['left_out'])
        self.assertEqual(run.charge_ids.reason, reason)
        self.assertIn(text, run.charge_ids.reason_detail)
        self.assertEqual((run.charge_count, run.left_out_count), (0, 1))

    def test_nobody_to_pay(self):
        self._assign(
            self._create_unit("201", owner=None), self._create_tariff(self._create_fee()),
            '2024-04-01')
        run = self._preview('2024-04-30')
        self._assert_left_out(run, 'no_payer', "Enter its owner")
        self.assertEqual(run.charge_ids.amount, 100.0)

    def test_each_reader_reads_in_his_language_why(self):
        """ Whoever computed the preview: a colleague's list and board are in his own words. """
        self.env['res.lang']._activate_lang('zh_CN')
        self._assign(
            self._create_unit("201", owner=None), self._create_tariff(self._create_fee()),
            '2024-04-01')
        run = self._preview('2024-04-30')
        self._assert_left_out(run, 'no_payer', "Nobody pays for 1-201 on 2024-04-01")
        chinese = run.with_context(lang='zh_CN')
        self.assertIn("没有缴费人", chinese.charge_ids.reason_detail)
        self.assertIn("没有缴费人", chinese.summary['reasons'][0]['example'])

    def test_not_handed_over_and_no_developer(self):
        self._assign(
            self._create_unit("201", date_handover='2024-05-01'),
            self._create_tariff(self._create_fee()), '2024-04-01')
        self._assert_left_out(self._preview('2024-04-30'), 'no_payer', "has no developer")

    def test_no_price_on_the_date(self):
        self._assign(
            self._create_unit("201"),
            self._create_tariff(self._create_fee(), [('2024-05-01', False, 2.0)]), '2024-04-01')
        self._assert_left_out(self._preview('2024-04-30'), 'no_version', "no price on 2024-04-01")

    def test_no_tax(self):
        self._assign(
            self._create_unit("201"), self._create_tariff(self._create_fee(tax_id=False)),
            '2024-04-01')
        self._assert_left_out(self._preview('2024-04-30'), 'no_tax', "has no tax")

    def test_a_tax_on_top_of_the_price(self):
        """ A tax that stopped being included would make the bill another than the charge. """
        fee = self._create_fee()
        self._assign(self._create_unit("201"), self._create_tariff(fee), '2024-04-01')
        fee.tax_id.price_include_override = 'tax_excluded'
        self._assert_left_out(self._preview('2024-04-30'), 'no_tax', "on top of the price")

    def test_no_account(self):
        fee = self._create_fee()
        fee.account_id = False
        self._assign(self._create_unit("201"), self._create_tariff(fee), '2024-04-01')
        self._assert_left_out(self._preview('2024-04-30'), 'no_account', "has no account")

    def test_no_area(self):
        """ A surcharge alone is not billed where the area was forgotten. """
        self._assign(
            self._create_unit("201", area=0),
            self._create_tariff(self._create_fee(), surcharge=20), '2024-04-01')
        self._assert_left_out(self._preview('2024-04-30'), 'zero', "no building area")

    def test_what_was_left_out_is_caught_up(self):
        """ Once the owner is entered the next run bills what was missed. """
        unit = self._create_unit("201", owner=None)
        self._assign(unit, self._create_tariff(self._create_fee()), '2024-04-01')
        self._preview('2024-04-30')
        self._move_in(unit, self.env['res.partner'].create({'name': "Owner"}), '2024-01-01')
        run = self._preview('2024-05-31')
        self.assertEqual(
            [period[0] for period in self._periods(run.charge_ids)], ['2024-04-01', '2024-05-01'])
        self.assertEqual(set(run.charge_ids.mapped('state')), {'draft'})

    # === CHECKING A PREVIEW === #

    def test_list_of_what_was_left_out_tells_what_to_do(self):
        """ [B13] The web client keeps search defaults from the views, so a key of ours tells. """
        run = self._preview('2024-04-30')
        action = run.with_context(search_default_left_out=1).action_view_charges()
        self.assertTrue(action['context']['property_left_out'])
        self.assertFalse(run.action_view_charges()['context']['property_left_out'])

    def test_a_second_preview_keeps_what_was_left_out_by_hand(self):
        units = self._create_unit("201") + self._create_unit("202")
        tariff = self._create_tariff(self._create_fee())
        for unit in units:
            self._assign(unit, tariff, '2024-04-01')
        run = self._preview('2024-04-30')
        run.charge_ids.filtered(lambda c: c.unit_id == units[0]).action_leave_out()
        run.action_preview()
        states = {charge.unit_id: charge.state for charge in run.charge_ids}
        self.assertEqual(states, {units[0]: 'left_out', units[1]: 'draft'})
        run.charge_ids.action_put_back()
        self.assertEqual(set(run.charge_ids.mapped('state')), {'draft'})

    def test_another_run_leaves_drafted_days_out(self):
        """ Two runs over the same unit: the second takes what the first has not. """
        self._assign(
            self._create_unit("201"), self._create_tariff(self._create_fee()), '2024-04-01')
        first = self._preview('2024-04-30')
        second = self._preview('2024-05-31')
        self.assertEqual(
            self._periods(second.charge_ids), [('2024-05-01', '2024-05-31', 100.0)])
        self.assertEqual(second.rival_run_ids, first)
        first.action_drop_preview()
        self.assertFalse(first.charge_ids)
        second.action_preview()
        self.assertEqual(len(second.charge_ids), 2)

    def test_figures_of_a_preview(self):
        """[B14] Charges, bills, amount and what was left out. """
        owner = self.env['res.partner'].create({
            'name': "Owner of two", 'property_bill_grouping': 'payer'})
        tariff = self._create_tariff(self._create_fee())
        for number, who in (("201", owner), ("202", owner), ("203", "Owner"), ("204", None)):
            self._assign(self._create_unit(number, owner=who), tariff, '2024-04-01')
        run = self._preview('2024-04-30')
        self.assertRecordValues(run, [{
            'charge_count': 3, 'bill_count': 2, 'amount_total': 300.0, 'left_out_count': 1,
            'flagged_count': 0,
        }])

    def test_buildings_units_and_fees_narrow_a_run(self):
        """[B04] Any household, any fee. """
        units = self._create_unit("201") + self._create_unit("202")
        fees = self._create_fee("Property fee") + self._create_fee("Lift")
        for fee in fees:
            tariff = self._create_tariff(fee)
            for unit in units:
                self._assign(unit, tariff, '2024-04-01')
        run = self._preview('2024-04-30', unit_ids=units[0].ids, fee_ids=fees[1].ids)
        self.assertEqual((run.charge_ids.unit_id, run.charge_ids.fee_id), (units[0], fees[1]))
        run = self._preview('2024-04-30', building_ids=self.building.ids)
        self.assertEqual(len(run.charge_ids), 3)

    def _assign_many(self, count):
        tariff = self._create_tariff(self._create_fee(f"Fee {count}"))
        units = self.env['property.unit'].create([
            {'name': f"{count}-{n}", 'building_id': self.building.id, 'building_area': 100}
            for n in range(count)])
        owners = self.env['res.partner'].create([{'name': unit.name} for unit in units])
        self.env['property.occupancy'].create([
            {'unit_id': unit.id, 'partner_id': owner.id, 'date_start': '2020-01-01'}
            for unit, owner in zip(units, owners, strict=True)])
        self.env['property.fee.assignment'].create([
            {'unit_id': unit.id, 'tariff_id': tariff.id, 'date_start': '2024-01-01'}
            for unit in units])
        return tariff.fee_id

    def test_queries_do_not_grow_with_the_units(self):
        """ 200 units are computed with the queries of 10. """
        counts = {}
        for count in (3, 10, 200):  # the first fills caches
            run = self._create_run('2024-04-30', fee_ids=self._assign_many(count).ids)
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            run._generate_recurring(run._get_assignments().ids)
            self.env.flush_all()
            inserts = -(-4 * count // 100)  # the ORM inserts a hundred rows at a time
            counts[count] = self.env.cr.sql_log_count - start - inserts
            self.assertEqual(len(run.charge_ids), 4 * count)
        self.assertEqual(counts[200], counts[10])
