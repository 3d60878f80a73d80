from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import LedgerCommon

SIGNATURE = (
    b'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5Erk'
    b'Jggg==')
ROLES = 'property_base.group_property_officer'


class HandoverCommon(LedgerCommon):
    """ 1011 belongs to Zhang Wei; the tenant Wang Fang is in it since 1 January.

    Property fee of 100 m² × 1.00 a month, paid by the owner; parking fee of 60 a month, which the
    tenant pays by name. Billed until the end of April; it is 20 March.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time('2026-03-20'))
        cls.buyer, cls.tenant = cls.env['res.partner'].create([
            {'name': "Zhao Min"}, {'name': "Wang Fang"}])
        cls.ownership = cls.unit_1011.occupancy_ids
        cls.tenancy = cls._move_in(cls.unit_1011, cls.tenant, '2026-01-01', role='tenant')
        cls.property_assignment = cls._assign(
            cls.unit_1011, cls._create_tariff(cls.property_fee), '2026-01-01')
        cls.parking_assignment = cls._assign(
            cls.unit_1011, cls._create_tariff(
                cls.parking_fee, [('2015-01-01', False, 60)], basis='fixed'),
            '2026-01-01', partner_id=cls.tenant.id)
        cls.bill_run = cls._bill('2026-04-30')
        cls.service = cls._create_user('service', ROLES)
        cls.finance = cls._create_user(
            'finance', f'{ROLES},property_billing.group_billing_manager')
        cls.project.user_ids += cls.service + cls.finance

    @classmethod
    def _bill(cls, until):
        run = cls._create_run(until).with_user(cls.clerk)
        run.action_preview()
        run.charge_ids.filtered(lambda charge: charge.state == 'draft')._create_bills(
            date(2026, 1, 1))
        return run

    def _charges(self, partner, fee, month=None):
        charges = self.env['property.charge'].search([
            ('partner_id', '=', partner.id), ('fee_id', '=', fee.id),
            ('unit_id', '=', self.unit_1011.id)], order='date_start, id')
        return charges.filtered(lambda c: c.date_start.month == month) if month else charges

    def _open(self, model, user, **values):
        return self.env[model].with_user(user).create({'unit_id': self.unit_1011.id, **values})

    def _leave(self, user=None, day=date(2026, 3, 20), journal=None, **decisions):
        wizard = self._open('property.move.out', user or self.service, date=day)
        self._decide(wizard, journal, decisions)
        wizard.action_confirm()
        return self.tenancy.end_handover_id

    def _sell(self, user=None, day=date(2026, 3, 21), journal=None, sign=True, **decisions):
        wizard = self._open(
            'property.transfer', user or self.service, partner_id=self.buyer.id, date=day)
        self._decide(wizard, journal, decisions)
        if sign:
            wizard.write({'signature': SIGNATURE, 'former_signature': SIGNATURE})
        wizard.action_confirm()
        return self.ownership.end_handover_id

    def _decide(self, wizard, journal, decisions):
        for matter in wizard.matter_ids:
            if matter.kind in decisions:
                matter.decision = decisions[matter.kind]
                matter.journal_id = journal


@tagged('post_install', '-at_install')
class TestMoveOut(HandoverCommon):

    def test_the_month_of_the_move_out(self):
        """[A32] [B11] As a rule all of it is the tenant's (decision 3); by days on request, here
        with the fee ended: 20 of 31 days of 60.00, 38.71.
        """
        march = self._charges(self.tenant, self.parking_fee, 3)
        wizard = self._open('property.move.out', self.finance, date=date(2026, 3, 20))
        matter = wizard.matter_ids.filtered(lambda matter: matter.kind == 'billed_days')
        self.assertEqual((matter.decision, matter.decisions), ('keep', 'keep,correct'))
        self._leave(user=self.finance, billed_days='correct')
        self.assertEqual(march.amount_residual, 38.71)

    def test_what_begins_later_is_cancelled(self):
        """[A32] April, unpaid, is credited; January to March stay owed, March in full. """
        wizard = self._open('property.move.out', self.service, date=date(2026, 3, 20))
        self.assertIn("1 charges for the time after it", wizard.later_charges)
        self._leave()
        april = self._charges(self.tenant, self.parking_fee, 4)
        self.assertEqual((april.state, april.amount_residual), ('reversed', 0))
        self.assertIn("Move-out", april.move_id.reversal_move_ids.ref)
        others = self._charges(self.tenant, self.parking_fee) - april
        self.assertEqual(others.mapped('state'), ['posted'] * 3)
        self.assertEqual(sum(others.mapped('amount_residual')), 180)
        self.assertEqual(self.parking_assignment.date_end, date(2026, 3, 20))

    def test_only_his_lines_of_a_bill_are_credited(self):
        """ The other three months of the same bill are not touched. """
        bill = self._charges(self.tenant, self.parking_fee, 4).move_id
        self.assertEqual(bill.amount_residual, 240)
        self._leave()
        self.assertEqual(bill.amount_residual, 180)
        self.assertEqual(bill.reversal_move_ids.amount_total, 60)

    def test_drafts_are_deleted_and_what_is_paid_stays(self):
        """[A32] A move-out before the last charge. """
        april = self._charges(self.tenant, self.parking_fee, 4)
        april._receive_payment(self.bank_journal, amount=20)
        run = self._create_run('2026-05-31').with_user(self.clerk)
        run.action_preview()
        may = self._charges(self.tenant, self.parking_fee, 5)
        self.assertEqual(may.state, 'draft')
        wizard = self._open('property.move.out', self.service, date=date(2026, 3, 20))
        self.assertIn("are paid, wholly or in part, and stay", wizard.later_charges)
        self._leave()
        self.assertFalse(may.exists())
        self.assertEqual((april.state, april.amount_residual), ('posted', 40))

    def test_a_wrong_date_names_a_few_of_what_is_paid(self):
        """[A32] Four months are paid: how many, until when, and three of them by name. """
        charges = self._charges(self.tenant, self.parking_fee).sorted('date_start')
        charges._receive_payment(self.bank_journal)
        wizard = self._open('property.move.out', self.service, date=date(2025, 12, 20))
        told = wizard.later_charges
        paid = charges.browse(self.tenancy._get_later_charges(date(2025, 12, 20)).filtered(
            'receivable_line_id.matched_credit_ids').ids)
        self.assertEqual(len(paid), 4)
        self.assertIn("4 charges for the time after it, until 2026/04/30,", told)
        self.assertEqual([charge.display_name in told for charge in charges], [
            True, True, True, False])
        self.assertIn("Check the date", told)

    def test_settlement_date_in_a_closed_month(self):
        """[A32] The credit takes the first open day (decision 36). """
        self.company.fiscalyear_lock_date = date(2026, 2, 28)
        self._leave(day=date(2026, 1, 31))
        credits = self._charges(self.tenant, self.parking_fee, 2).move_id.reversal_move_ids
        self.assertEqual(credits.mapped('date'), [date(2026, 3, 1)])
        self.assertEqual(
            self._charges(self.tenant, self.parking_fee).mapped('state'),
            ['posted', 'reversed', 'reversed', 'reversed'])

    def test_who_has_left_still_pays(self):
        """[A32] [A35] What he owes is received from him afterwards. """
        self._leave()
        january = self._charges(self.tenant, self.parking_fee, 1)
        january.with_user(self.clerk)._receive_payment(self.bank_journal, amount=60)
        self.assertEqual(january.amount_residual, 0)

    def test_the_next_payer_goes_on(self):
        """[A32] The parking fee goes on: from 21 March the owner pays it by its rule.

        March is charged in full to the tenant already; April, credited, comes to the owner.
        """
        self._leave(fee='pass_on')
        self.assertEqual(self.parking_assignment.partner_date_end, date(2026, 3, 20))
        self._bill('2026-04-30')
        self.assertEqual(self._periods(self._charges(self.owner, self.parking_fee)), [
            ('2026-04-01', '2026-04-30', 60)])

    def test_month_of_the_change_is_shared_by_days(self):
        """[A32] Not billed yet: 20 of 31 days × 60 = 38.71 for the tenant (decision 4). """
        self._charges(self.tenant, self.parking_fee).filtered(
            lambda charge: charge.date_start >= date(2026, 3, 1))._credit("not billed yet")
        self._leave(fee='pass_on')
        self._bill('2026-03-31')
        march = self._charges(self.tenant, self.parking_fee, 3).filtered(
            lambda charge: charge.state == 'posted')
        self.assertEqual(self._periods(march), [('2026-03-01', '2026-03-20', 38.71)])
        self.assertEqual(self._periods(self._charges(self.owner, self.parking_fee)), [
            ('2026-03-21', '2026-03-31', 21.29)])

    def test_arrears_are_settled_on_the_same_screen(self):
        """[A32] (decision 5) """
        handover = self._leave(user=self.finance, journal=self.bank_journal, arrears='settle')
        self.assertEqual(
            sum(self._charges(self.tenant, self.parking_fee).mapped('amount_residual')), 0)
        self.assertEqual(
            handover.matter_ids.filtered(lambda matter: matter.decision == 'settle').amount, 180)

    def test_prepayment_is_refunded(self):
        """[A32] 500 paid for January's 60: 440 go back. """
        self._charges(self.tenant, self.parking_fee, 1)._receive_payment(
            self.bank_journal, amount=500)
        self._leave(user=self.finance, journal=self.bank_journal, prepayment='refund')
        refund = self.env['account.payment'].search([
            ('partner_id', '=', self.tenant.id), ('payment_type', '=', 'outbound')])
        self.assertEqual((refund.amount, refund.property_project_id), (440, self.project))
        self.assertFalse(self.tenancy._get_prepayment_lines())

    def test_money_needs_its_right_and_its_journal(self):
        """[A32] Customer service leaves money as it is; a forged decision is refused. """
        self._charges(self.tenant, self.parking_fee, 1)._receive_payment(
            self.bank_journal, amount=500)
        wizard = self._open('property.move.out', self.service, date=date(2026, 3, 20))
        money = wizard.matter_ids.filtered(lambda matter: matter.kind in ('arrears', 'prepayment'))
        self.assertEqual(money.mapped('decisions'), ['keep', 'keep'])
        for decision in ('settle', 'refund'):
            money.decision = decision
            with self.assertRaisesRegex(UserError, "Decide what becomes"), self.cr.savepoint():
                wizard.action_confirm()
        with self.assertRaisesRegex(UserError, "choose the cash or bank journal"):
            self._leave(user=self.finance, arrears='settle')
        other = self._create_company("Faraway Estates")
        foreign = self.env['account.journal'].search([
            ('company_id', '=', other.id), ('type', '=', 'bank')], limit=1)
        with self.assertRaisesRegex(UserError, "choose the cash or bank journal"):
            self._leave(user=self.finance, journal=foreign, arrears='settle')

    def test_a_matter_that_changed_meanwhile(self):
        """ A colleague receives money while the wizard is open. """
        wizard = self._open('property.move.out', self.service, date=date(2026, 3, 20))
        self.assertEqual(
            wizard.matter_ids.filtered(lambda matter: matter.kind == 'arrears').amount, 180)
        self._charges(self.tenant, self.parking_fee, 1)._receive_payment(
            self.bank_journal, amount=60)
        with self.assertRaisesRegex(UserError, "changed or come up"):
            wizard.action_confirm()


@tagged('post_install', '-at_install')
class TestTransfer(HandoverCommon):

    def test_new_owner_pays_from_his_first_day(self):
        """[A31] (decisions 4, 5 and 15) Billed until April: March stays with the seller. """
        self._sell()
        april = self._charges(self.owner, self.property_fee, 4)
        self.assertEqual(april.state, 'reversed')
        self._bill('2026-04-30')
        self.assertEqual(self._periods(self._charges(self.buyer, self.property_fee)), [
            ('2026-04-01', '2026-04-30', 100)])

    def test_arrears_stay_unless_both_sign(self):
        """[A31] (decision 28) """
        self._sell(user=self.finance, billed_days='keep')
        self.assertEqual(sum(self._charges(
            self.owner, self.property_fee).mapped('amount_residual')), 300)
        self.assertFalse(self._charges(self.buyer, self.property_fee))

    def test_arrears_pass_with_both_signatures(self):
        """[A31] January is paid, February by 40: 60 and 100 pass; income is what it was. """
        january = self._charges(self.owner, self.property_fee, 1)
        february = self._charges(self.owner, self.property_fee, 2)
        january._receive_payment(self.bank_journal, amount=100)
        february._receive_payment(self.bank_journal, amount=40)
        february.move_id._publish_property_bills()

        def income():
            return sum(self.env['account.move.line'].search([
                ('account_id', '=', self.income_account.id),
                ('parent_state', '=', 'posted')]).mapped('balance'))

        april = self._charges(self.owner, self.property_fee, 4)
        april._credit("billed later, for this test")
        before = income()
        with self.assertRaisesRegex(UserError, "only if both sign"), self.cr.savepoint():
            self._sell(user=self.finance, sign=False, arrears='hand_over')
        handover = self._sell(user=self.finance, arrears='hand_over', billed_days='keep')
        self.assertEqual(
            sum(self._charges(self.owner, self.property_fee).mapped('amount_residual')), 0)
        passed = self._charges(self.buyer, self.property_fee)
        self.assertEqual(
            [(str(charge.date_start), charge.kind, charge.amount_residual) for charge in passed],
            [('2026-02-01', 'recurring', 60), ('2026-03-01', 'recurring', 100)])
        self.assertEqual(february.state, 'posted', "40 of it were paid")
        self.assertEqual(self._charges(self.owner, self.property_fee, 3).state, 'reversed')
        self.assertAlmostEqual(income(), before)
        self.assertTrue(passed.move_id.property_published_at, "as the seller's were")
        self.assertEqual(handover.matter_ids.mapped('amount'), [160, 0])

    def test_the_month_of_the_sale_is_divided(self):
        """[B11] (decisions 4 and 15) 20 days of March stay the seller's, 64.52, 11 are the
        buyer's, 35.48; April, which the seller has paid, is the buyer's, too.
        """
        april = self._charges(self.owner, self.property_fee, 4)
        april._receive_payment(self.bank_journal)
        handover = self._sell(user=self.finance)
        self.assertEqual(handover.matter_ids.mapped('decision'), ['keep', 'correct'])
        self.assertEqual(
            self._charges(self.owner, self.property_fee, 3).amount_residual, 64.52)
        self.assertEqual(
            [(charge.kind, charge.amount)
             for charge in self._charges(self.buyer, self.property_fee)],
            [('correction', 35.48), ('correction', 100)])
        self.assertEqual(self.ownership._get_prepayment_lines().amount_residual, -100)
        self._bill('2026-04-30')
        self.assertEqual(len(self._charges(self.buyer, self.property_fee)), 2)

    def test_the_month_of_the_sale_passes_with_the_arrears(self):
        """[B11] The buyer owes 64.52 of the seller's March and 35.48 of his own. """
        self._sell(user=self.finance, arrears='hand_over')
        march = self._charges(self.buyer, self.property_fee, 3)
        self.assertEqual(march.mapped('amount_residual'), [64.52, 35.48])

    def test_a_clerk_leaves_the_month_to_the_manager(self):
        """[B11] Who may transfer need not be who corrects: finance does it from the hand-over. """
        handover = self._sell()
        self.assertEqual(handover.matter_ids.mapped('decision'), ['keep', 'keep'])
        handover = handover.with_user(self.finance)
        self.assertEqual(handover.billed_beyond_count, 1)
        action = handover.action_correct_charges()
        wizard = self.env['property.charge.correct'].with_user(self.finance).with_context(
            **action['context']).create({'reason': "sold"})
        self.assertEqual(wizard.line_ids.mapped('amount'), [-35.48, 35.48])
        wizard.action_correct()
        handover.invalidate_recordset()
        self.assertEqual(handover.billed_beyond_count, 0)

    def test_a_tenant_who_comes_in_a_billed_month(self):
        """[B11] The occupant's fee of March was the owner's: the tenant pays 12 of 31 days. """
        self.property_fee.payer_role = 'occupant'
        unit = self._create_unit('1098', owner=self.neighbour)
        self._assign(unit, self.property_assignment.tariff_id, '2026-03-01')
        self._bill('2026-03-31')
        wizard = self.env['property.check.in'].with_user(self.service).create({
            'unit_id': unit.id, 'partner_id': self.buyer.id, 'role': 'tenant',
            'date': date(2026, 3, 20)})
        wizard.action_confirm()
        handover = self.env['property.handover'].search([('unit_id', '=', unit.id)])
        charges = handover.with_user(self.finance)._get_billed_beyond()
        self.assertEqual(
            [correction.amount for correction in charges._plan_corrections()], [-38.71, 38.71])

    def test_prepayment_passes_with_both_signatures(self):
        """[A31] An entry between the two, no income, no cash. """
        self._charges(self.owner, self.property_fee, 1)._receive_payment(
            self.bank_journal, amount=400)
        self._sell(user=self.finance, prepayment='hand_over')
        self.assertFalse(self.ownership._get_prepayment_lines())
        new = self.unit_1011.occupancy_ids.filtered(lambda o: o.partner_id == self.buyer)
        line = new._get_prepayment_lines()
        self.assertEqual((line.amount_residual, line.move_id.move_type), (-300, 'entry'))
        self.assertEqual(line.property_project_id, self.project)

    def test_fee_in_the_sellers_name_goes_with_the_unit(self):
        """[A31] """
        self.property_assignment.partner_id = self.owner
        self._sell()
        self.assertEqual(self.property_assignment.partner_date_end, date(2026, 3, 20))
        self._bill('2026-04-30')
        self.assertEqual(
            self._charges(self.buyer, self.property_fee, 4).mapped('amount'), [100])

    def test_grouping_of_bills_is_asked_with_the_check_in(self):
        """[A28] 一户多房 """
        unit = self._create_unit('1099', owner=None)
        wizard = self.env['property.check.in'].with_user(self.service).create({
            'unit_id': unit.id, 'partner_id': self.buyer.id, 'role': 'owner',
            'date': date(2026, 3, 20), 'property_bill_grouping': 'payer'})
        wizard.action_confirm()
        self.assertEqual(self.buyer.property_bill_grouping, 'payer')

    def test_fees_and_charges_of_a_customer(self):
        """[A29] [B17] Assigned fees, charges, and a bill run of what he alone pays. """
        owner = self.owner.with_user(self.finance)
        self.assertEqual(owner.property_fee_assignment_ids, self.property_assignment)
        context = owner.action_property_bill_run()['context']
        self.assertEqual(context, {
            'default_project_id': self.project.id, 'default_partner_ids': self.owner.ids})
        with self.assertRaisesRegex(UserError, "no unit today"):
            self.buyer.with_user(self.finance).action_property_bill_run()

    def test_customer_of_two_projects(self):
        """[A29] A bill run is of one project: not some of his units, without a word. """
        hilltop = self.env['property.project'].create({'name': 'Hilltop', 'kind': 'residential'})
        house = self.env['property.building'].create(
            {'project_id': hilltop.id, 'name': 'Hill House'})
        unit = self.env['property.unit'].create({'building_id': house.id, 'name': '1'})
        self._move_in(unit, self.owner, '2026-01-01')
        with self.assertRaisesRegex(UserError, "Hilltop"):
            self.owner.action_property_bill_run()

    def test_owner_and_tenant_see_the_fees_that_they_pay(self):
        """[A29] A fee of the occupant is the tenant's while he is in, then the owner's. """
        self.parking_fee.payer_role = 'occupant'
        self.parking_assignment.partner_id = False
        owner, tenant = (self.owner + self.tenant).with_user(self.finance)
        self.assertEqual(owner.property_fee_assignment_ids, self.property_assignment)
        self.assertEqual(tenant.property_fee_assignment_ids, self.parking_assignment)
        self.tenancy.date_end = date(2026, 3, 19)
        self.env.invalidate_all()
        self.assertEqual(
            owner.property_fee_assignment_ids, self.property_assignment + self.parking_assignment)


@tagged('post_install', '-at_install')
class TestPassing(HandoverCommon):

    def test_only_a_manager_of_the_project_passes_arrears(self):
        charge = self._charges(self.owner, self.property_fee, 1)
        stranger = new_test_user(
            self.env, 'stranger', 'property_billing.group_billing_manager',
            company_id=self.company.id)
        for user in (self.service, self.clerk, stranger):
            with self.assertRaises(AccessError), self.cr.savepoint():
                charge.with_user(user)._pass_to(self.buyer, "because", date(2026, 3, 21))
        charge.with_user(self.finance)._pass_to(self.buyer, "because", date(2026, 3, 21))


@tagged('post_install', '-at_install')
class TestArchive(HandoverCommon):

    def test_only_who_has_settled(self):
        """[A19] """
        self._leave()
        with freeze_time('2026-03-21'):
            self.env.invalidate_all()
            for record in (self.tenancy, self.tenant):
                with self.assertRaisesRegex(UserError, r"still owes .*180.00 .* 3 charges"):
                    record.action_archive()
            self._charges(self.tenant, self.parking_fee).filtered(
                lambda charge: charge.state == 'posted')._receive_payment(
                    self.bank_journal, amount=180)
            self.tenancy.action_archive()
            self.tenant.action_archive()

    def test_payer_in_the_archive_is_found(self):
        """ A fee that was forgotten is billed to who was in the unit then. """
        self._leave()
        self._charges(self.tenant, self.parking_fee).filtered(
            lambda charge: charge.state == 'posted')._receive_payment(
                self.bank_journal, amount=180)
        with freeze_time('2026-03-21'):
            self.env.invalidate_all()
            self.tenancy.action_archive()
        cleaning = self._create_fee("Cleaning", payer_role='occupant')
        self._assign(self.unit_1011, self._create_tariff(cleaning), '2026-01-01', '2026-01-31')
        self._bill('2026-01-31')
        self.assertEqual(self._charges(self.tenant, cleaning).mapped('amount'), [100])


@tagged('post_install', '-at_install')
class TestDeletionGuards(HandoverCommon):
    """[G26] What is in the way, how many, and what to do: one test per line of the table. """

    def assertGuarded(self, record, sentence):
        with self.assertRaisesRegex(UserError, sentence), self.cr.savepoint():
            record.unlink()

    def test_unit(self):
        unit = self._create_unit('1050', owner=None)
        assignment = self._assign(unit, self.property_assignment.tariff_id, '2026-01-01')
        self.assertGuarded(unit, "1050 has 1 fees assigned. Delete those")
        assignment.unlink()
        self._create_charge(10, unit=unit)
        self.assertGuarded(unit, "1050 has 1 charges. Archive the unit")

    def test_project(self):
        project = self.env['property.project'].create({'name': "Bare"})
        self._create_run('2026-04-30', project_id=project.id)
        self.assertGuarded(project, "Bare has 1 bill runs. Archive the project")

    def test_fee(self):
        self.assertGuarded(self.property_fee, "Property fee has 1 tariffs. Archive the fee")
        bare = self._create_fee("Bare")
        self._create_charge(10, fee=bare)
        self.assertGuarded(bare, "Bare has 1 charges. Archive the fee")

    def test_tariff(self):
        tariff = self.parking_assignment.tariff_id
        self.assertGuarded(tariff, "is assigned to units 1 times. Archive the tariff")
        bare = self._create_tariff(self.water_fee)
        self._create_charge(10, tariff_id=bare.id)
        self.assertGuarded(bare, "has 1 charges. Archive the tariff")

    def test_assignment(self):
        self.assertGuarded(self.parking_assignment, "has 4 charges. End the assignment")

    def test_payer(self):
        self._create_charge(10, partner=self.buyer)
        self.assertGuarded(self.buyer, "Zhao Min has 1 charges. Archive the contact")
