import base64
import io

import openpyxl

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.property_base.tests.hc_workbook import get_cells, make_hc_rooms, to_bytes
from odoo.addons.property_base.tests.test_import import REAL_WORKBOOKS

from .common import BillingCommon
from .hc_history import FEE, HISTORY, make_history


@tagged('post_install', '-at_install')
class TestFeeHistory(BillingCommon):
    """ What was charged and paid in the system before this one. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.setter = new_test_user(
            cls.env, 'history_setter',
            'property_base.group_property_officer,property_billing.group_billing_officer',
            company_id=cls.company.id, company_ids=[Command.set(cls.company.ids)],
            lang=cls.env['res.lang']._activate_lang('en_US').code)
        cls.project.user_ids |= cls.setter

    def check_book(self, book, user=None):
        record = self.env['property.import'].with_user(user or self.setter).create({
            'file': base64.b64encode(to_bytes(book)), 'file_name': 'history.xlsx',
            'project_id': self.project.id, 'accept_warnings': True,
            'occupied_since': '2015-01-01'})
        record.action_check()
        self.assertEqual(record.state, 'checked', record.failure)
        return record

    def import_book(self, book, user=None):
        record = self.check_book(book, user)
        self.assertFalse(record.error_count, record.issue_ids.mapped('message'))
        record.action_import()
        self.assertEqual(record.state, 'done', record.failure)
        return record

    def set_up_rooms(self):
        self.import_book(make_hc_rooms())
        self.room = self.project.unit_ids
        self.fee = self._create_fee(FEE)

    def get_history(self):
        return self.env['property.charge'].search(
            [('project_id', '=', self.project.id), ('state', '=', 'closed')], order='date_start')

    def get_issues(self, record, severity='error'):
        return [
            (issue.cell, issue.column) for issue in record.issue_ids
            if issue.severity == severity]

    def test_helper_is_the_real_workbook(self):
        """ The workbook of these tests is the real one, cell by cell. """
        path = REAL_WORKBOOKS / 'hc_fee_history.xlsx'
        if not path.exists():
            self.skipTest(f"{path} is not part of a clone")
        made = openpyxl.load_workbook(io.BytesIO(to_bytes(make_history())))
        self.assertEqual(get_cells(made), get_cells(openpyxl.load_workbook(path)))

    def test_dry_run_says_per_row_that_the_fee_does_not_exist(self):
        """ [G17] """
        self.import_book(make_hc_rooms())
        record = self.check_book(make_history())
        self.assertEqual(
            self.get_issues(record), [(f'{HISTORY}!B{row}', '收费项目') for row in (2, 3, 4)])
        self.assertIn(FEE, record.issue_ids[0].message)
        self.assertFalse(self.get_history())

    def test_rooms_that_do_not_exist_are_named(self):
        """ [G17] No such building, entrance or room; no path at all. """
        self.set_up_rooms()
        record = self.check_book(make_history({
            'A2': '9-1-1001', 'A3': '1-9-1001', 'A4': '1-1-9999',
            **{f'{column}5': value for column, value in zip(
                'ABCDEGH', ('1001', FEE, 12, 43466, 43831, 1000, 1000), strict=True)}}))
        self.assertEqual(
            self.get_issues(record), [(f'{HISTORY}!A{row}', '房屋') for row in (2, 3, 4, 5)])

    def test_history_comes_in_closed_once(self):
        """ [G17] 42370 is 2016-01-01; the end is the next period's first day. """
        self.set_up_rooms()
        record = self.import_book(make_history())
        self.assertEqual(record.counts['history'], {'new': 3, 'changed': 0, 'same': 0})
        charges = self.get_history()
        self.assertEqual(self._periods(charges), [
            ('2016-01-01', '2016-12-31', 1000), ('2017-01-01', '2017-12-31', 1000),
            ('2018-01-01', '2018-12-31', 1000)])
        self.assertEqual(
            (set(charges.mapped('kind')), set(charges.mapped('payment_state'))),
            ({'opening'}, {'closed'}))
        self.assertFalse(charges.move_id or charges.receivable_line_id)
        self.assertEqual(charges.partner_id, self.room.owner_ids)
        self.assertIn("1000 on 2017-01-01", charges[0].explanation_text)
        before = sorted((charge.id, charge.write_date) for charge in charges)
        again = self.import_book(make_history())
        self.assertEqual(again.counts['history'], {'new': 0, 'changed': 0, 'same': 3})
        self.assertEqual(
            sorted((charge.id, charge.write_date) for charge in self.get_history()), before)
        self.assertFalse(
            [check for check in self.env['property.doctor'].run() if not check['ok']])

    def test_closed_periods_are_not_billed_again(self):
        """ [B13] [G17] Assigned from 2016, the first bill is of 2019; whatever the tariff. """
        self.set_up_rooms()
        self.import_book(make_history())
        tariff = self._create_tariff(
            self.fee, cycle_months=12, split='anchored', charge_per_cycle=True)
        self._assign(self.room, tariff, '2016-01-01')
        run = self._preview('2019-06-30')
        self.assertEqual(
            self._periods(run.charge_ids), [('2019-01-01', '2019-12-31', 1134.72)])
        # 94.56 m² × 1.00 × 12

    def test_history_that_comes_after_the_preview_is_left_out_when_posting(self):
        """ [B13] The run looks again before it posts. """
        self.set_up_rooms()
        tariff = self._create_tariff(
            self.fee, cycle_months=12, split='anchored', charge_per_cycle=True)
        self._assign(self.room, tariff, '2018-01-01')
        run = self._preview('2019-06-30')
        self.assertEqual(len(run.charge_ids), 2)
        record = self.check_book(make_history())
        self.assertEqual(self.get_issues(record), [(f'{HISTORY}!D4', '开始时间')])
        self.env['property.charge'].create({
            'unit_id': self.room.id, 'fee_id': self.fee.id, 'kind': 'opening', 'state': 'closed',
            'date_start': '2018-01-01', 'date_end': '2018-12-31', 'amount': 1000})
        left_out = run.sudo().charge_ids._leave_out_changed()
        self.assertEqual(
            [(str(charge.date_start), charge.reason) for charge in left_out],
            [('2018-01-01', 'changed')])

    def test_posted_periods_keep_history_out(self):
        """ [G17] What is in the books is not closed a second time. """
        self.set_up_rooms()
        tariff = self._create_tariff(self.fee)
        self._assign(self.room, tariff, '2018-12-01', '2018-12-31')
        run = self._preview('2018-12-31')
        run.charge_ids.sudo()._create_bills(run.date_invoice)
        record = self.check_book(make_history())
        self.assertEqual(self.get_issues(record), [(f'{HISTORY}!D4', '开始时间')])

    def test_bad_rows(self):
        """ [G17] An end before the start, text for an amount, a row twice, rows that overlap. """
        self.set_up_rooms()
        record = self.check_book(make_history({'E2': 42300, 'G3': '一千'}))
        self.assertEqual(
            self.get_issues(record), [(f'{HISTORY}!E2', '结束时间'), (f'{HISTORY}!G3', '应缴金额')])
        record = self.check_book(make_history({'D3': 42370, 'D4': 42400}))
        self.assertEqual(self.get_issues(record), [
            (f'{HISTORY}!A3', '房屋'), (f'{HISTORY}!D4', '开始时间')])
        self.assertFalse(self.get_history())

    def test_paid_in_part_is_a_warning_and_another_amount_is_left(self):
        """ [G17] """
        self.set_up_rooms()
        record = self.check_book(make_history({'H3': 600}))
        self.assertEqual(self.get_issues(record, 'warning'), [(f'{HISTORY}!H3', '实缴金额')])
        self.assertIn('400.00 of 1000.00', record.issue_ids.message)
        record.action_import()
        record = self.import_book(make_history({'G2': 1200, 'H2': 1200}))
        self.assertEqual(self.get_issues(record, 'warning'), [(f'{HISTORY}!G2', '应缴金额')])
        self.assertEqual(set(self.get_history().mapped('amount')), {1000})

    def test_history_is_imported_by_who_may_bill_and_changed_by_nobody(self):
        """ [G07] """
        self.set_up_rooms()
        reader = new_test_user(
            self.env, 'history_reader',
            'property_base.group_property_officer,property_billing.group_billing_user',
            company_id=self.company.id, company_ids=[Command.set(self.company.ids)])
        self.project.user_ids |= reader
        self.import_book(make_history(), reader)
        self.assertFalse(self.get_history())
        self.import_book(make_history())
        charge = self.get_history()[0].with_user(self.clerk)
        for vals in ({'state': 'draft'}, {'amount': 1}, {'date_end': '2016-06-30'}):
            with self.assertRaises(UserError):
                charge.write(vals)
        with self.assertRaises(AccessError):
            charge.unlink()
