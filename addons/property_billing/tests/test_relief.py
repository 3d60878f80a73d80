from datetime import date

from psycopg2.errors import CheckViolation

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_correction import CorrectionCommon


class ReliefCommon(CorrectionCommon):
    """ The clerk applies, somebody with the right approves. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.approver = cls._create_user('approver', 'property_billing.group_billing_approve')
        cls.project.user_ids += cls.approver

    def _apply(self, percent=70, since='2026-03-16', until=False, user=None, **vals):
        vals = {
            'kind': 'vacancy', 'ground': "Vacant, contract clause 8",
            'project_id': self.project.id, 'date_start': since, 'date_end': until,
            'unit_ids': [Command.set(self.unit.ids)],
            'fee_ids': [Command.set(self.property_fee.ids)], **vals,
        }
        if vals['kind'] != 'free':
            vals['payable_percent'] = percent
        relief = self.env['property.fee.relief'].with_user(user or self.clerk).create(vals)
        relief.action_submit()
        return relief

    def _grant(self, *args, **kwargs):
        relief = self._apply(*args, **kwargs)
        relief.with_user(self.approver).action_approve()
        return relief

    def _preview_unit(self, until):
        run = self._preview(until, unit_ids=self.unit.ids).with_context(
            queue_job__no_delay=True)
        return run, run.charge_ids.sorted('date_start')


@tagged('post_install', '-at_install')
class TestRelief(ReliefCommon):

    def test_a_month_of_which_a_part_is_reduced(self):
        """ [B11] 15 days of 122.928 in full, 16 of them at 70 %: 103.89; a whole month 86.05. """
        self._grant(since='2026-04-16')
        run, charges = self._preview_unit('2026-05-31')
        # April: 15 days each.
        self.assertEqual(charges.mapped('amount'), [104.49, 86.05])
        self.assertEqual(charges[0]._render_explanation(), [
            "2026-04-01 ~ 2026-04-15: 94.56 m² × 1.3 = 122.928 a month × 1/2 of a month",
            "2026-04-16 ~ 2026-04-30: 94.56 m² × 1.3 = 122.928 a month × 70 % "
            "(Vacant, contract clause 8) × 1/2 of a month",
            "Together 104.4888 → 104.49"])
        run.action_post()
        self.assertEqual(run.state, 'posted')

    def test_it_stands_on_the_bill(self):
        """ [B11] Percent and ground, in print as on the portal. """
        self.owner.lang = 'en_US'  # whatever the database speaks
        self._grant(since='2026-04-01')
        bill = self._bill('2026-04-30').move_id
        html = self.env['ir.actions.report']._render_qweb_html(
            'property_billing.report_bill', bill.ids)[0].decode()
        self.assertIn("70 % (Vacant, contract clause 8)", html)

    def test_granted_for_a_billed_month(self):
        """ [B11] March from the 16th: 103.89 instead of 122.93, and 19.04 are credited. """
        relief = self._apply()
        relief.with_user(self.manager).action_approve()
        self.assertTrue(relief.with_user(self.manager).has_billed)
        self.assertEqual(self._differences(), [("Zhang Wei", '2026-03-01', -19.04)])
        action = relief.with_user(self.manager).action_correct_charges()
        wizard = self.env['property.charge.correct'].with_user(self.manager).with_context(
            **action['context']).create({'date': date(2026, 3, 20)})
        self.assertEqual(wizard.reason, "Vacant, contract clause 8")
        wizard.action_correct()
        self.assertEqual(self.march.amount_residual, 103.89)

    def test_who_approves_and_may_correct_is_led_there(self):
        action = self._apply().with_user(self.manager).action_approve()
        self.assertEqual(action['res_model'], 'property.charge.correct')
        action = self._apply(90, fee_ids=[Command.set(self.parking_fee.ids)]).with_user(
            self.manager).action_approve()
        self.assertEqual(action['res_model'], 'property.charge.correct')  # of the one before

    def test_granted_although_another_fee_cannot_be_computed(self):
        """ No owner is known any more: that is told, and the parking is reduced all the same. """
        self.ownership.unlink()
        relief = self._apply(fee_ids=[Command.set(self.parking_fee.ids)])
        action = relief.with_user(self.approver).action_approve()
        self.assertEqual(relief.state, 'approved')
        self.assertEqual(action['tag'], 'display_notification')
        self.assertIn("cannot be corrected", action['params']['message'])

    def test_free_months_are_left_out_once(self):
        """ [B11] They say why, no run asks for them again, and the books tile. """
        self._grant(since='2026-04-01', until='2026-05-31', kind='free', ground="Opening offer")
        run, charges = self._preview_unit('2026-06-30')
        self.assertEqual(
            [(charge.state, charge.reason, charge.amount) for charge in charges],
            [('left_out', 'free', 0), ('left_out', 'free', 0), ('draft', False, 122.93)])
        self.assertEqual(
            charges[0].reason_detail, "Nothing is to be paid for these days: Opening offer.")
        run.action_post()
        self.assertFalse(self._preview_unit('2026-06-30')[1])

    def test_free_for_a_part_of_a_month(self):
        """ [B18] Free until 12 April: 18 of 30 days of 122.928 are charged, 73.76. """
        self._grant(since='2026-04-01', until='2026-04-12', kind='free')
        self.assertEqual(self._preview_unit('2026-04-30')[1].amount, 73.76)

    def test_a_free_month_that_was_billed(self):
        """ It is credited in full, and no run asks for it again. """
        self._grant(since='2026-03-01', until='2026-03-31', kind='free')
        self._correct(reason="Opening offer")
        self.assertEqual((self.march.state, self.march.amount_residual), ('reversed', 0))
        self.assertFalse(self._preview_unit('2026-03-31')[1])

    def test_ended_earlier(self):
        """ What was left out as free after the new last day comes up again. """
        relief = self._grant(since='2026-04-01', kind='free')
        run, charges = self._preview_unit('2026-05-31')
        self._assign(self.unit, self._create_tariff(self.parking_fee), '2026-05-01')
        run.action_preview()
        run.action_post()
        self.assertEqual(run.state, 'posted')
        relief.date_end = '2026-04-30'
        may = run.charge_ids.filtered(
            lambda charge: charge.fee_id == self.property_fee and charge.date_start.month == 5)
        self.assertEqual((may.state, may.reason), ('left_out', 'changed'))
        self.assertEqual(
            self._periods(self._preview_unit('2026-05-31')[1]),
            [('2026-05-01', '2026-05-31', 122.93)])

    def test_revoked(self):
        """ All of it comes up again, or is charged in addition. """
        relief = self._grant(since='2026-03-01')
        self._correct()
        self.assertEqual(self.march.amount_residual, 86.05)
        relief.with_user(self.approver).action_refuse()
        self.assertEqual(self._differences(), [("Zhang Wei", '2026-03-01', 36.88)])

    def test_heating_that_is_stopped(self):
        """ [B11] A season of 94.56 m² × 24 is 2,269.44; stopped on application, 680.83. """
        heating = self._create_fee("Heating")
        season = self._create_tariff(
            heating, [('2015-01-01', False, 24)], season_start='11-15', season_end='03-15')
        self._assign(self.unit, season, '2026-11-01')
        self._grant(30, since='2026-11-15', until='2027-03-15', kind='stop_use',
                    fee_ids=[Command.set(heating.ids)], ground="Heating stopped on application")
        run = self._preview('2026-11-30', unit_ids=self.unit.ids, fee_ids=heating.ids)
        self.assertEqual(self._periods(run.charge_ids), [('2026-11-15', '2027-03-15', 680.83)])

    def test_the_lowest_of_several(self):
        """ They do not multiply. """
        self._grant(90, since='2026-04-01', kind='discount')
        self._grant(70, since='2026-04-01')
        self.assertEqual(self._preview_unit('2026-04-30')[1].amount, 86.05)

    def test_only_its_fee_and_its_units(self):
        other = self._create_unit('1014', area=94.56)
        self._assign(other, self.tariff, '2026-04-01')
        self._assign(self.unit, self._create_tariff(self.parking_fee), '2026-04-01')
        self._grant(since='2026-04-01')
        run = self._preview('2026-04-30', unit_ids=(self.unit + other).ids)
        self.assertEqual(
            {(charge.unit_id.name, charge.fee_id.name, charge.amount)
             for charge in run.charge_ids},
            {('1013', "Property fee", 86.05), ('1013', "Parking fee", 94.56),
             ('1014', "Property fee", 122.93)})

    def test_granted_between_preview_and_posting(self):
        """ The charge is left out and flagged: nobody posts what he has not seen. """
        run, charges = self._preview_unit('2026-04-30')
        self._grant(since='2026-04-01')
        run.action_post()
        self.assertEqual((charges.state, charges.reason), ('left_out', 'changed'))
        self.assertIn("86.05", charges.reason_detail)

    def test_what_waits_counts_for_nothing(self):
        self._apply(since='2026-04-01')
        self.assertEqual(self._preview_unit('2026-04-30')[1].amount, 122.93)

    def test_the_share_of_two_payers(self):
        """ The reduced month is shared by days like any other. """
        self._grant(since='2026-04-01')
        self._sell('2026-04-16')
        self.assertEqual(self._preview_unit('2026-04-30')[1].mapped('amount'), [43.03, 43.02])


@tagged('post_install', '-at_install')
class TestReliefOfABase(ReliefCommon):
    """ Waste is 5 % of the property fee of 122.928: 6.15 a month. The property fee is free from
    16 April to 31 May.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.waste = cls._create_fee("Waste")
        cls._assign(cls.unit, cls._create_tariff(
            cls.waste, [('2015-01-01', False, 5)], basis='percent',
            percent_fee_id=cls.property_fee.id), '2026-04-01')

    def _get_waste(self, charges):
        return charges.filtered(lambda charge: charge.fee_id == self.waste).sorted('date_start')

    def test_a_percentage_of_what_is_free(self):
        """ [B11] Half of April is charged: 3.07. May is free, and the reason says of what. """
        self._grant(since='2026-04-16', until='2026-05-31', kind='free')
        _run, charges = self._preview_unit('2026-06-30')
        april, may, june = self._get_waste(charges)
        self.assertEqual((april.state, april.amount), ('draft', 3.07))
        self.assertEqual((may.state, may.reason, may.amount), ('left_out', 'free', 0))
        self.assertIn(
            "Waste is a percentage of Property fee, which 1-1013 has free of charge on 2026-05-01",
            may.reason_detail.replace("Waste · Tariff Waste", "Waste"))
        self.assertEqual((june.state, june.amount), ('draft', 6.15))

    def test_it_is_charged_when_the_base_is_not_free_any_more(self):
        """ [B11] Refused after all: May comes up again, of both fees. """
        relief = self._grant(since='2026-05-01', until='2026-05-31', kind='free')
        run, charges = self._preview_unit('2026-05-31')
        run.action_post()
        relief.with_user(self.manager).action_refuse()
        again = self._preview_unit('2026-05-31')[1].filtered(lambda c: c.state == 'draft')
        self.assertEqual(sorted(again.mapped('amount')), [6.15, 122.93])

    def test_billed_before_its_base_became_free(self):
        """ [B11] [B44] April's 122.93 and 6.15 are both credited. """
        april = self._bill('2026-04-30')
        self._grant(since='2026-04-01', until='2026-04-30', kind='free')
        self.assertEqual(
            sorted(amount for *_key, amount in self._differences(april)), [-122.93, -6.15])


@tagged('post_install', '-at_install')
class TestReliefApproval(ReliefCommon):

    def test_never_by_the_applicant(self):
        """ [B11] Not even the manager decides about what he has applied for himself. """
        relief = self._apply(user=self.manager)
        with self.assertRaisesRegex(UserError, "Ask a colleague"):
            relief.action_approve()
        self.assertFalse(relief.is_decidable)
        with self.assertRaises(AccessError):
            relief.with_user(self.clerk).action_approve()
        relief.with_user(self.approver).action_approve()
        self.assertEqual(
            (relief.state, relief.approved_by_id), ('approved', self.approver))

    def test_it_waits_with_other_decisions(self):
        relief = self._apply()
        Task = self.env['property.approval.task']
        self.assertIn(relief.id, [
            task['res_id'] for task in Task.with_user(self.approver)._get_tasks()
            if task['model'] == relief._name])
        self.assertFalse([
            task for task in Task.with_user(self.clerk)._get_tasks()
            if task['model'] == relief._name])

    def test_in_levels(self):
        """ With levels set up, the last of them approves. """
        self.env['tier.definition'].create({
            'name': "Head of finance", 'model_id': self.env['ir.model']._get_id(
                'property.fee.relief'),
            'review_type': 'individual', 'reviewer_id': self.approver.id,
            'approve_sequence': True, 'exclude_requester': True,
        })
        relief = self._apply()
        with self.assertRaisesRegex(UserError, "several levels"):
            relief.with_user(self.manager).action_approve()
        decided = relief.with_user(self.approver)
        decided._decide_level(
            decided.sudo()._get_current_review(), True, "fine", self.env['res.users'])
        self.assertEqual(relief.state, 'approved')

    def test_what_is_submitted_stays(self):
        relief = self._grant(until='2026-06-30')
        with self.assertRaisesRegex(UserError, "is submitted and stays"):
            relief.payable_percent = 50
        with self.assertRaisesRegex(UserError, "can only end earlier"):
            relief.date_end = '2026-07-31'
        with self.assertRaisesRegex(UserError, "can only end earlier"):
            relief.date_end = False
        relief.date_end = '2026-05-31'
        for vals in ({'state': 'draft'}, {'approved_by_id': self.clerk.id}):
            with self.assertRaises(AccessError):
                relief.write(vals)
        with self.assertRaisesRegex(UserError, "stays"):
            relief.unlink()

    def test_taken_back_to_draft(self):
        relief = self._apply()
        relief.action_withdraw()
        relief.ground = "Vacant since the tenant left"
        relief.action_submit()
        relief.with_user(self.approver).action_refuse()
        self.assertEqual(relief.state, 'refused')
        relief.action_withdraw()
        relief.unlink()

    def test_usual_percents(self):
        for kind, percent in (('vacancy', 70), ('stop_use', 30), ('discount', 90), ('free', 0)):
            relief = self.env['property.fee.relief'].new({'kind': kind})
            self.assertEqual(relief.payable_percent, percent)

    def test_bad_input(self):
        for vals in (
            {'percent': 100}, {'percent': 120}, {'percent': -1}, {'percent': 0},
            {'until': '2026-03-15'},
        ):
            with self.assertRaises(CheckViolation), mute_logger('odoo.sql_db'), \
                    self.env.cr.savepoint():
                self._apply(**vals)
        with self.assertRaisesRegex(ValidationError, "Choose the units"):
            self._apply(unit_ids=[])
        project = self.env['property.project'].create(
            {'name': "Elsewhere", 'company_id': self.company.id, 'user_ids': self.clerk.ids})
        with self.assertRaisesRegex(ValidationError, "is not in Elsewhere"):
            self._apply(project_id=project.id)

    def test_somebody_lives_there(self):
        """ Vacancy is granted, never computed: who decides is told. """
        self.assertFalse(self._apply().occupied_notice)
        self._move_in(self.unit, self.buyer, '2026-05-01', role='tenant')
        self.assertIn("1-1013 Zhao Min", self._apply().occupied_notice)
        self.assertFalse(self._apply(until='2026-04-30').occupied_notice)
        self.assertFalse(self._apply(kind='discount').occupied_notice)

    def test_terms_stay_although_all_is_credited(self):
        """ [B11] The days are settled by corrections, which would be computed anew from them. """
        self._grant(kind='free', since='2026-01-01')
        self._correct(reason="free")
        self.assertEqual(self.charges.mapped('state'), ['reversed'] * 3)
        with self.assertRaisesRegex(UserError, "billed up to 2026-03-31"):
            self.tariff.with_user(self.manager).basis = 'fixed'

    def test_who_decides_reads_the_documents(self):
        """ [B11] They were attached before the form was saved. """
        paper = self.env['ir.attachment'].with_user(self.clerk).create(
            {'name': 'meter.pdf', 'raw': b'%PDF-1.4', 'res_model': 'property.fee.relief'})
        relief = self._apply(attachment_ids=[Command.set(paper.ids)])
        self.env.invalidate_all()
        self.assertEqual(
            relief.with_user(self.approver).attachment_ids.mapped('name'), ['meter.pdf'])

    def test_who_may(self):
        viewer = self._create_user('viewer', 'property_billing.group_billing_user')
        self.project.user_ids += viewer
        with self.assertRaises(AccessError):
            self._apply(user=viewer)
        relief = self._apply()
        self.project.user_ids -= self.clerk + self.approver
        for user in (self.clerk, self.approver):
            with self.assertRaises(AccessError):
                relief.with_user(user).read(['ground'])
        with self.assertRaises(AccessError):
            relief.with_user(self.approver).action_approve()

    def test_constant_queries(self):
        units = self._create_like_units()
        for unit in units:
            self._grant(since='2026-05-01', unit_ids=[Command.set(unit.ids)])
        self._assert_subjects_in_constant_queries(units)
