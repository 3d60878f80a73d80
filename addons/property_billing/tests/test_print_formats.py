import io
from datetime import date
from unittest import skipUnless
from unittest.mock import patch

from lxml import html
from pypdf import PdfReader

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.property_base.tools.browsers import find_chromium

from ..wizards import property_bill_run_print
from .common import BillingCommon, LedgerCommon


class PrintMixin:
    """ What stands on a print, in Chinese: as a tree, or page by page of a real PDF. """

    def _render(self, report, records):
        content = self.env['ir.actions.report']._render_qweb_html(
            f'property_billing.{report}', records.ids)[0]
        return html.fromstring(content)

    def _print(self, report, records):
        content = self.env['ir.actions.report'].with_context(
            force_report_rendering=True)._render_qweb_pdf(
                f'property_billing.{report}', records.ids)[0]
        return PdfReader(io.BytesIO(content)).pages

    def _get_cells(self, tree, path):
        """ The texts of the cells of each row. """
        return [
            [' '.join(cell.text_content().split()) for cell in row.xpath('./th|./td')]
            for row in tree.xpath(path)]


@tagged('post_install', '-at_install')
class TestBillColumns(PrintMixin, LedgerCommon):
    """ [B15] What a bill says of each charge: readings, use, price, reduction, amount, due. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['res.lang']._activate_lang('zh_CN')
        cls.owner.lang = 'zh_CN'

    def _create_recurring(self, amount, months='1', payable=None, **vals):
        part = {
            'start': '2026-01-01', 'end': '2026-01-31', 'months': months, 'price': '1.3',
            'surcharge': '0', 'version': None}
        if payable:
            part['relief'] = {'id': 1, 'payable': payable, 'ground': "空置"}
        return self._create_charge(amount, explanation={
            'basis': 'area', 'quantity': '94.56', 'proration': 'days', 'rounding': '0.01',
            'parts': [part], 'unrounded': '0', 'amount': str(amount)}, **vals)

    def _get_table(self, bill):
        tree = self._render('report_bill', bill)
        return self._get_cells(tree, "//table[contains(@class, 'o_main_table')]//tr")

    def test_price_and_area_of_a_property_fee(self):
        """ 94.56 m² at 1.3: 122.93. """
        heads, row = self._get_table(self._post(self._create_recurring(122.93)))
        self.assertEqual(heads, ["费用项目", "费用期间及计算方式", "用量", "单价", "金额"])
        self.assertEqual((row[0], *row[2:]), ("Property fee", '94.56 m²', '1.3', '¥ 122.93'))

    def test_a_reduction_says_how_much_it_is(self):
        """ 70 % of 122.928 is 86.05: 36.88 less. A charge without one has an empty cell. """
        charges = self._create_recurring(86.05, payable='0.7') + self._create_recurring(
            122.93, fee=self.parking_fee)
        heads, reduced, full = self._get_table(self._post(charges))
        self.assertEqual(heads[2:], ["用量", "单价", "减免", "金额"])
        self.assertEqual(reduced[2:], ['94.56 m²', '1.3', '36.88', '¥ 86.05'])
        self.assertEqual(full[4], '')

    def test_due_dates_that_differ(self):
        charges = self._create_charge(10) + self._create_charge(
            20, date_due=date(2026, 2, 28))
        heads, *rows = self._get_table(self._post(charges))
        self.assertEqual(heads[2:], ["缴费截止日期", "金额"])
        self.assertEqual([row[2] for row in rows], ['2026-01-31', '2026-02-28'])

    def test_a_credit_note_says_what_it_takes_back(self):
        charge = self._create_recurring(122.93)
        self._post(charge)
        note = charge._credit("Wrong area", date(2026, 2, 1), {charge.id: 22.93})
        heads, row = self._get_table(note.sudo())
        self.assertEqual(heads, ["费用项目", "费用期间及计算方式", "金额"])
        self.assertEqual(row[-1], '¥ 22.93')

    def test_a_percentage_has_no_usage(self):
        """ 5 % of 122.928 are 6.1464 a month, of nothing that is counted. """
        charge = self._create_charge(6.15, explanation={
            'basis': 'percent', 'quantity': '1', 'proration': 'days', 'rounding': '0.01',
            'parts': [{
                'start': '2026-01-01', 'end': '2026-01-31', 'months': '1', 'price': '6.1464',
                'surcharge': '0', 'version': None, 'note': "Property fee 122.928 × 5 %"}],
            'unrounded': '6.1464', 'amount': '6.15'})
        figures = charge._get_bill_figures()
        self.assertEqual((figures['use'], figures['price']), ('', '6.1464'))

    def test_parts_of_a_charge_add_up(self):
        """ The portal shows what each part comes to: 100 m² at 1.3, from 16 March at 1.5. """
        charge = self._create_charge(140.32, explanation={
            'basis': 'area', 'quantity': '100', 'proration': 'days', 'rounding': '0.01',
            'parts': [
                {'start': '2026-03-01', 'end': '2026-03-15', 'months': '15/31', 'price': '1.3',
                 'surcharge': '0', 'version': None},
                {'start': '2026-03-16', 'end': '2026-03-31', 'months': '16/31', 'price': '1.5',
                 'surcharge': '0', 'version': None},
            ],
            'unrounded': '140.322581', 'amount': '140.32'})
        first, second = charge._get_explanation_rows()
        self.assertEqual((first[0], first[2]), ('2026-03-01 ~ 2026-03-15', 62.90))
        self.assertEqual((second[0], second[2]), ('2026-03-16 ~ 2026-03-31', 77.42))
        self.assertFalse(self._create_recurring(122.93)._get_explanation_rows())
        heads, row = self._get_table(self._post(charge))
        self.assertEqual(row[2:], ['100 m²', '1.3 / 1.5', '¥ 140.32'])

    # === 241 MM === #

    def test_late_fees_have_one_line_on_paper(self):
        """ [B22] A row for each of many arrears would take form after form. """
        principals = self._create_charge(100) + self._create_charge(200, self.parking_fee)
        self._post(principals)
        fee = self._create_fee("Late fee", tax_id=False, sequence=99)
        self.company.property_late_fee_id = fee
        late_fees = self.env['property.charge'].union(*(
            self._create_charge(
                amount, fee, kind='late_fee', origin_charge_id=principal.id,
                date_start=start, date_end=date(2026, 3, 15))
            for principal, amount, start in zip(
                principals, (1.25, 0.3), (date(2026, 2, 1), date(2026, 3, 1)), strict=True)))
        bill = self._post(late_fees + self._create_charge(50))
        rows = self._get_cells(
            self._render('report_bill_241', bill), '//table[hasclass("o_property_form_lines")]//tr')
        self.assertEqual([[row[0], row[1], row[-1]] for row in rows[1:]], [
            ["Property fee", '2026-01-01 ~ 2026-01-31', '¥ 50.00'],
            ["Late fee × 2", '2026-02-01 ~ 2026-03-15', '¥ 1.55']])
        _heads, *rows = self._get_table(bill)
        self.assertEqual(
            [(row[0], row[-1]) for row in rows],
            [("Property fee", '¥ 50.00'), ("Late fee × 2", '¥ 1.55')])

    @skipUnless(find_chromium(), "needs Chromium")
    def test_continuous_forms(self):
        """ [B22] 241 × 140 mm: twelve charges take two forms, each with head and number. """
        bill = self._post(self.env['property.charge'].union(*(
            self._create_charge(amount) for amount in range(1, 13))))
        pages = self._print('report_bill_241', bill)
        self.assertEqual(
            [[round(float(side) / 72 * 25.4) for side in page.mediabox[2:]] for page in pages],
            [[241, 140], [241, 140]])
        first, second = (page.extract_text() for page in pages)
        for text in (first, second):
            for expected in (bill.name, "Jindong Property", "Zhang Wei", "①存根", '2026-01-31'):
                self.assertIn(expected, text)
            self.assertNotIn("发票", text)
        self.assertIn('1 / 2', first)
        self.assertNotIn("应缴合计", first)
        self.assertIn("柒拾捌元整", second)  # 1 + 2 + … + 12

    def test_a_form_has_no_logo(self):
        self.assertFalse(self._render('report_bill_241', self._post(
            self._create_charge(10))).xpath('//img'))


@tagged('post_install', '-at_install')
class TestPaymentNotice(PrintMixin, LedgerCommon):
    """ [B23] All that a payer owes, by unit and year (催缴通知单). """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['res.lang']._activate_lang('zh_CN')
        cls.owner.lang = 'zh_CN'
        cls.open_charges = cls._create_year(2025) + cls._create_year(2026) + cls._create_charge(
            50, unit=cls.unit_1012, fee=cls.parking_fee)
        cls._post(cls.open_charges, date(2026, 3, 1))

    @classmethod
    def _create_year(cls, year):
        return cls.env['property.charge'].union(*(
            cls._create_charge(
                100, date_start=date(year, month, 1), date_end=date(year, month, 28),
                date_due=date(year, month, 28))
            for month in (1, 2, 3)))

    def _get_rows(self, partner):
        return self._get_cells(
            self._render('report_payment_notice', partner),
            "//table[contains(@class, 'o_main_table')]/tbody/tr")

    def test_by_unit_and_year(self):
        """ A year of a fee is one line: three months of 100.00, of which 30.00 are paid. """
        self.open_charges[0]._receive_payment(self.bank_journal, amount=30)
        rows = self._get_rows(self.owner)
        name = self.unit_1011.complete_name
        self.assertEqual(rows, [
            [name, '¥ 600.00', '¥ 570.00'],
            ["Property fee", '2025-01-01 ~ 2025-03-28', '3', '2025-01-28', '¥ 300.00', '¥ 270.00'],
            ["2025年小计", '¥ 270.00'],
            ["Property fee", '2026-01-01 ~ 2026-03-28', '3', '2026-01-28', '¥ 300.00', '¥ 300.00'],
            ["2026年小计", '¥ 300.00'],
            [self.unit_1012.complete_name, '¥ 50.00', '¥ 50.00'],
            ["Parking fee", '2026-01-01 ~ 2026-01-31', '1', '2026-01-31', '¥ 50.00', '¥ 50.00'],
        ])

    @skipUnless(find_chromium(), "needs Chromium")
    def test_on_paper(self):
        self.open_charges.move_id._publish_property_bills()
        page, = self._print('report_payment_notice', self.owner)
        text = page.extract_text()
        for expected in (
            "催缴通知单", "Zhang Wei", "Emerald Garden", '650.00', "陆佰伍拾元整", '/my/dues',
            self.env['property.invitation'].search([('partner_id', '=', self.owner.id)]).code_text,
        ):
            self.assertIn(expected, text)
        self.assertNotIn("发票", text)

    def test_what_is_being_checked_is_not_asked_for(self):
        """ [B44] """
        self.env['property.charge.dispute'].create(
            {'charge_id': self.open_charges[-1].id, 'reason': "Sold"})
        text = self._render('report_payment_notice', self.owner).text_content()
        self.assertNotIn(self.unit_1012.complete_name, text)
        self.assertIn("正在核实", text)

    def test_late_fees_are_told_of_while_there_are_terms(self):
        term = self.env['property.late.fee.term'].create({
            'project_id': self.project.id, 'percent': 0.05, 'date_start': '2026-01-01'})
        values = self.env['report.property_billing.report_payment_notice']
        self.assertTrue(values._get_report_values(self.owner.ids)['notices'][0]['bears_late_fees'])
        term.date_end = '2026-01-31'
        self.assertFalse(values._get_report_values(self.owner.ids)['notices'][0]['bears_late_fees'])

    def test_from_the_list_of_receivables(self):
        action = self.open_charges.with_user(self.clerk).action_print_payment_notices()
        self.assertEqual(action['context']['active_ids'], self.owner.ids)

    def test_who_owes_nothing_gets_none(self):
        with self.assertRaisesRegex(UserError, "nothing to print"):
            self._render('report_payment_notice', self.neighbour)

    def test_only_what_the_user_sees(self):
        """ [A64] Of another project nothing is told. """
        stranger = self._create_user('far', 'property_billing.group_billing_user')
        with self.assertRaises(UserError):
            self.env(user=stranger)['report.property_billing.report_payment_notice'] \
                ._get_report_values(self.owner.ids)


@tagged('post_install', '-at_install')
class TestRunPrint(PrintMixin, BillingCommon):
    """ [B14] [B22] All bills of a run in one file, as they are taken round. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.annex = cls.env['property.building'].create({
            'name': "2", 'project_id': cls.project.id})
        fee = cls._create_fee()
        tariff = cls._create_tariff(fee)
        cls.units = cls.env['property.unit'].concat(*(
            cls._create_unit(name, floor=floor, building_id=building.id)
            for name, floor, building in (
                ('201', '2', cls.annex), ('1001', '10', cls.building), ('101', '1', cls.annex),
                ('901', '9', cls.building))))
        for unit in cls.units:
            cls._assign(unit, tariff, '2024-04-01')
        cls.run_ = cls._create_run('2024-04-30')
        cls.run_.action_preview()
        cls.run_.with_context(queue_job__no_delay=True).action_post()

    def _create_wizard(self, user=None, **vals):
        return self.env['property.bill.run.print'].with_user(user or self.clerk).create(
            {'run_id': self.run_.id, **vals})

    def _get_names(self, wizard):
        return [
            (building.name, [(floor, [bill.property_unit_id.name for bill in bills])
                             for floor, bills in floors])
            for building, floors in wizard._get_sections()]

    def test_by_building_and_floor(self):
        """ The tenth floor comes after the ninth. """
        wizard = self._create_wizard()
        self.assertEqual(wizard.bill_count, 4)
        self.assertEqual(self._get_names(wizard), [
            ('1', [('9', ['901']), ('10', ['1001'])]),
            ('2', [('1', ['101']), ('2', ['201'])])])

    def test_some_buildings(self):
        wizard = self._create_wizard(building_ids=[Command.set(self.annex.ids)])
        self.assertEqual(self._get_names(wizard), [('2', [('1', ['101']), ('2', ['201'])])])

    @skipUnless(find_chromium(), "needs Chromium")
    def test_in_one_file_with_delivery_lists(self):
        pages = [page.extract_text() for page in self._print(
            'report_bill_run', self._create_wizard())]
        self.assertEqual(len(pages), 6)
        self.assertIn('1-1001', pages[0])  # the list of building 1
        self.assertIn('1-901', pages[1])
        self.assertIn('2-101', pages[4])

    @skipUnless(find_chromium(), "needs Chromium")
    def test_on_continuous_forms(self):
        wizard = self._create_wizard(paper='241')
        pages = self._print('report_bill_run_241', wizard)
        self.assertEqual(len(pages), 4)
        action = wizard.action_print()
        self.assertEqual(action['report_name'], 'property_billing.report_bill_run_241')
        self.assertTrue(action['close_on_report_download'])

    def test_too_many_for_one_file(self):
        with patch.object(property_bill_run_print, 'BILL_LIMIT', 3), \
                self.assertRaisesRegex(UserError, "Choose buildings"):
            self._create_wizard().action_print()

    def test_only_what_the_user_sees(self):
        """ [A64] The keeper of building 2 prints its bills; a stranger does not see the run. """
        keeper = self._create_user('keeper', 'property_billing.group_billing_user')
        self.annex.user_ids += keeper
        self.assertEqual(self._get_names(self._create_wizard(keeper)), [
            ('2', [('1', ['101']), ('2', ['201'])])])
        stranger = self._create_user('far', 'property_billing.group_billing_user')
        with self.assertRaises(AccessError):
            self._create_wizard(stranger)
