import io
from datetime import date
from unittest import skipUnless

from lxml import etree
from pypdf import PdfReader

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.property_base.tools.browsers import find_chromium

from .common import LedgerCommon


@tagged('post_install', '-at_install')
class TestPrint(LedgerCommon):
    """ Bills and receipts on paper: real PDFs, read back. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['res.lang']._activate_lang('en_US')
        cls.env['res.lang']._activate_lang('zh_CN')
        cls.company.write({
            'street': "天目山路 18 号", 'phone': '0571-88001234',
            'company_registry': '91330000MA0000000X'})
        cls.project.phone = '0571-87654321'
        cls.owner.lang = 'zh_CN'
        cls.bill = cls._create_bill(857.57)

    @classmethod
    def _create_bill(cls, *amounts, date_due=date(2026, 1, 31), **vals):
        bill = cls._post(cls.env['property.charge'].union(*(
            cls._create_charge(amount, date_due=date_due, **vals) for amount in amounts)))
        bill._publish_property_bills()
        return bill

    def _print(self, records, report='property_billing.report_bill'):
        """ The text of each page. """
        content = self.env['ir.actions.report'].with_context(
            force_report_rendering=True)._render_qweb_pdf(report, records.ids)[0]
        return self._read(content)

    def _read(self, content):
        return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]

    @skipUnless(find_chromium(), "needs Chromium")
    def test_bill_of_a_payer_without_a_login_has_his_code(self):
        """[A53] The same on each of his bills; with a login he needs none. """
        invitation = self.bill.property_invitation_id
        self.assertEqual(
            (invitation.unit_id, invitation.partner_id), (self.unit_1011, self.owner))
        text, = self._print(self.bill)
        self.assertIn(invitation.code_text, text)
        second = self._create_bill(10)
        self.assertEqual(second.property_invitation_id, invitation)
        new_test_user(self.env, 'zhang', 'base.group_portal', partner_id=self.owner.id)
        self.assertFalse(self._create_bill(20).property_invitation_id.filtered(
            lambda other: other != invitation))
        invitation._use()
        self.bill.invalidate_recordset(['property_invitation_id'])
        self.assertFalse(self.bill.property_invitation_id)
        text, = self._print(self.bill)
        self.assertNotIn('/my/join', text)

    @skipUnless(find_chromium(), "needs Chromium")
    def test_bill_tells_who_pays_what_and_until_when(self):
        """ [A01] [B15] [G18] """
        text, = self._print(self.bill)
        for expected in (
            "Jindong Property", "天目山路", '0571-88001234',  # the letterhead
            '91330000MA0000000X',  # of the business licence
            "Zhang Wei", "Emerald Garden", self.unit_1011.complete_name, self.bill.name,
            "Property fee", '2026-01-01 ~ 2026-01-31', '857.57', "捌佰伍拾柒元伍角柒分",
            '/my/dues', '0571-87654321', '1 / 1',
        ):
            self.assertIn(expected, text)
        self.assertNotIn("发票", text)

    def test_the_code_of_a_bill_leads_to_paying_and_then_to_the_portal(self):
        """ [A83] [G21] """
        def render():
            return self.env['ir.actions.report']._render_qweb_html(
                'property_billing.report_bill', self.bill.ids)[0].decode()

        portal_url = self.project._get_portal_url()
        self.assertIn('/my/dues', render())
        self.assertNotIn(portal_url, render())
        self.bill.line_ids.property_charge_id._receive_payment(self.bank_journal, amount=857.57)
        self.assertIn(portal_url, render())
        self.assertNotIn('/my/dues', render())

    def test_payer_reads_how_he_paid_in_his_own_words(self):
        """ [B38] Nobody pays by “Manual Payment”; a name that the company chose is kept. """
        charge = self.bill.line_ids.property_charge_id
        payment = charge._receive_payment(self.bank_journal, amount=100)
        self.assertEqual(payment._get_method_name(), self.bank_journal.name)
        payment.payment_method_line_id.name = "刷卡"
        self.assertEqual(payment._get_method_name(), "刷卡")

    @skipUnless(find_chromium(), "needs Chromium")
    def test_bill_follows_the_language_of_its_payer(self):
        self.owner.lang = 'en_US'
        text, = self._print(self.bill)
        self.assertIn("Page 1 / 1", text)
        self.assertNotIn("捌佰", text)

    @skipUnless(find_chromium(), "needs Chromium")
    def test_bill_adds_what_is_still_owed_from_before(self):
        """ [B15] 857.57 of January, of which 57.57 is paid, and 100.00 of March. """
        self.bill.line_ids.property_charge_id._receive_payment(self.bank_journal, amount=57.57)
        later = self._post(self._create_charge(
            100, date_start=date(2026, 3, 1), date_end=date(2026, 3, 31),
            date_due=date(2026, 3, 31)), date(2026, 3, 1))
        self.assertEqual((later + self.bill).mapped('property_arrears'), [800, 0])
        text, = self._print(later)
        self.assertIn('900.00', text)
        self.assertIn("玖佰元整", text)

    def test_arrears_are_one_query_for_all_bills(self):
        bills = self.bill
        for _number in range(5):
            bills += self._create_bill(10)
        bills.mapped('name')
        bills.invalidate_recordset(['property_arrears'])
        self.env['account.move.line'].search([])  # what is measured is the number, not the cache
        with self.assertQueryCount(4):
            bills.mapped('property_arrears')

    @skipUnless(find_chromium(), "needs Chromium")
    def test_each_page_of_a_long_bill_has_letterhead_and_number(self):
        """ [B14] """
        texts = self._print(self._create_bill(*range(1, 41)))
        self.assertGreater(len(texts), 1)
        for number, text in enumerate(texts, 1):
            self.assertIn('0571-88001234', text)
            self.assertIn(f'{number} / {len(texts)}', text)

    @skipUnless(find_chromium(), "needs Chromium")
    def test_each_bill_of_a_print_is_saved_as_its_own(self):
        """ [B14] Bills of one page and of several: Odoo splits the print by its outline. """
        bills = self.bill + self._create_bill(*range(1, 41)) + self._create_bill(7.77)
        self.env.ref('property_billing.report_bill_action').attachment = (
            "'bill_%s.pdf' % object.id")
        texts = self._print(bills)
        self.assertGreater(len(texts), 3)
        for bill in bills:
            attachment = self.env['ir.attachment'].search([('name', '=', f'bill_{bill.id}.pdf')])
            saved = '\n'.join(self._read(attachment.raw))
            self.assertEqual(
                [other.name in saved for other in bills], [other == bill for other in bills])

    @skipUnless(find_chromium(), "needs Chromium")
    def test_odoo_prints_our_bill_where_it_would_print_an_invoice(self):
        """ The button on the bill, its e-mail and the portal use this report. """
        text, = self._print(self.bill, 'account.account_invoices')
        self.assertIn("捌佰伍拾柒元伍角柒分", text)
        self.assertIn(self.bill.name, self.bill._get_report_base_filename())
        self.assertNotIn("Invoice", self.bill._get_report_base_filename())
        self.assertNotIn("proforma", self.bill._get_invoice_proforma_pdf_report_filename())

    def test_form_calls_it_a_bill(self):
        """ In Chinese 发票 is left for the number of the tax invoice that belongs to the bill. """
        self.env['res.lang']._activate_lang('zh_CN')
        moves = self.env['account.move'].with_context(lang='zh_CN')
        form = etree.fromstring(moves.get_view(view_type='form')['arch'])
        title, = form.xpath("//div[@class='oe_title']//field[@name='move_type']")
        self.assertIn('property_project_id', title.get('invisible'))
        page, = form.xpath("//page[@name='invoice_tab']")
        self.assertNotIn("发票", page.get('string'))

    @skipUnless(find_chromium(), "needs Chromium")
    def test_credit_note_asks_for_nothing(self):
        credit_note = self._reverse(self.bill, "Wrong area").sudo()
        text, = self._print(credit_note)
        self.assertIn('857.57', text)
        self.assertNotIn('/my/dues', text)

    @skipUnless(find_chromium(), "needs Chromium")
    def test_receipt_tells_what_was_settled(self):
        """ [A01] [B38] """
        charge = self.bill.line_ids.property_charge_id
        payment = charge._receive_payment(self.bank_journal, amount=900)
        text, = self._print(payment, 'property_billing.report_receipt')
        for expected in (
                payment.name, "Zhang Wei", '857.57', '42.43', "玖佰元整", '91330000MA0000000X'):
            self.assertIn(expected, text)
        self.assertNotIn("发票", text)

    def test_without_chromium_the_user_is_told_what_to_install(self):
        self.env['ir.config_parameter'].set_param('property_base.chromium', '/nowhere/chromium')
        self.assertEqual(self.env['ir.actions.report'].get_wkhtmltopdf_state(), 'ok')
        with self.assertRaisesRegex(UserError, "apt install chromium"):
            self._print(self.bill)
