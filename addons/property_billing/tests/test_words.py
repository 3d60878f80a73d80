from datetime import date
from pathlib import Path

import polib
from lxml import etree, html

from odoo.modules import Manifest
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools.safe_eval import safe_eval

from .common import LedgerCommon

TAX_INVOICE = "发票"
# What does speak of the tax invoice: texts, by their English, and fields.
ABOUT_TAX_INVOICES = ("It is not a tax invoice.",)
OF_TAX_INVOICES = {'fapiao'}
SHOWN = ('string', 'title', 'placeholder', 'help', 'confirm', 'aria-label', 'alt', 'sum')


@tagged('post_install', '-at_install')
class TestWords(LedgerCommon, HttpCase):
    """ A bill (账单) is no tax invoice (发票), though Odoo's own Chinese says so (decision 27). """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['res.lang']._activate_lang('zh_CN')
        cls.chinese = cls.env['base'].with_context(lang='zh_CN').env
        cls.modules = cls.env['ir.module.module'].search([
            ('name', '=like', 'property\\_%'), ('state', '=', 'installed')]).mapped('name')
        cls.owner.lang = 'zh_CN'
        cls.charge = cls._create_charge(857.57)
        cls.bill = cls._post(cls.charge)
        cls.bill._publish_property_bills()

    def _get_own(self, model):
        """ The records of a model that our add-ons bring, in Chinese. """
        ids = self.env['ir.model.data'].search([
            ('module', 'in', self.modules), ('model', '=', model)]).mapped('res_id')
        return self.chinese[model].with_context(active_test=False).browse(ids).exists()

    def _get_texts(self, node):
        """ What of a node people read. """
        texts = [node.get(name) for name in SHOWN] + [node.text, node.tail]
        return [text for text in texts if text and text.strip()]

    def assertNoTaxInvoice(self, texts, where):
        for text in texts:
            with self.subTest(where=where, text=text and text.strip()[:60]):
                self.assertNotIn(TAX_INVOICE, text or '')

    def test_translations(self):
        for module in self.modules:
            path = Path(Manifest.for_addon(module).path, 'i18n', 'zh_CN.po')
            for entry in polib.pofile(str(path)):
                if not any(text in entry.msgid for text in ABOUT_TAX_INVOICES):
                    self.assertNoTaxInvoice([entry.msgstr], (module, entry.msgid))

    def test_screens(self):
        """ Texts of our views, and the labels of the fields that they show. """
        for view in self._get_own('ir.ui.view').filtered(lambda view: view.type != 'qweb'):
            if view.mode == 'extension':
                self.assertNoTaxInvoice([
                    text for node in etree.fromstring(view.arch).iter(etree.Element)
                    for text in self._get_texts(node)], view.xml_id)
                continue
            arch = etree.fromstring(
                self.chinese[view.model].get_view(view.id, view.type)['arch'])
            self._check_screen(arch, self.chinese[view.model], view.xml_id)

    def _check_screen(self, arch, model, where, values=None):
        """ :param dict values: of a record, by which nodes are invisible """
        labels = model.fields_get(attributes=['string', 'relation', 'type'])
        for node in arch:
            if not isinstance(node.tag, str) or self._is_invisible(node, values):
                continue
            if OF_TAX_INVOICES.intersection({node.get('name'), node.get('for')}):
                continue
            self.assertNoTaxInvoice(self._get_texts(node), (where, node.get('name') or node.tag))
            field = labels.get(node.get('name') if node.tag == 'field' else node.get('for'))
            if field:
                # Lists in a form have no label.
                is_told = node.get('nolabel') or node.get('string') or field['type'] in (
                    'one2many', 'many2many') and node.get('widget') != 'many2many_tags'
                if not is_told:
                    self.assertNoTaxInvoice([field['string']], (where, node.get('name')))
            if node.tag == 'field' and field and field.get('relation'):
                self._check_screen(node, self.chinese[field['relation']], where)
            else:
                self._check_screen(node, model, where, values)

    def _is_invisible(self, node, values):
        for name in ('invisible', 'column_invisible'):
            expression = node.get(name)
            if expression in ('1', 'True'):
                return True
            if expression and values is not None and safe_eval(expression, dict(values)):
                return True
        return False

    def test_actions_menus_and_prints(self):
        for model, names in (
            ('ir.actions.act_window', ('name', 'help')), ('ir.actions.server', ('name',)),
            ('ir.actions.client', ('name',)), ('ir.actions.report', ('name',)),
            ('ir.ui.menu', ('name',)), ('res.groups', ('name', 'comment')),
            ('res.users.role', ('name', 'comment')), ('property.report', ('name', 'description')),
            ('property.notification.template', ('name', 'subject', 'body', 'sms')),
        ):
            for record in self._get_own(model):
                self.assertNoTaxInvoice(
                    [str(record[name] or '') for name in names], (model, record.display_name))

    def test_fields(self):
        """ Labels, helps and choices of what is ours: models, and our fields of Odoo's models. """
        for field in self._get_own('ir.model.fields'):
            if field.model.startswith('property.') or field.name.startswith('property_'):
                self.assertNoTaxInvoice(
                    [field.field_description, field.help, *field.selection_ids.mapped('name')],
                    (field.model, field.name))

    def test_the_form_of_a_bill(self):
        """ Odoo's own form of an entry, as it shows a bill and its credit note. """
        note = self.charge._credit("Wrong area", date(2026, 2, 1)).sudo()
        moves = self.chinese['account.move'].sudo()
        arch = etree.fromstring(moves.get_view(view_type='form')['arch'])
        for move in (self.bill.sudo(), note):
            names = [name for name in moves.fields_get() if name in move._fields]
            values = {
                name: value[0] if isinstance(value, tuple) else value
                for name, value in move.read(names)[0].items()}
            values |= {'context': {}, 'uid': self.env.uid, 'parent': {}, 'True': True}
            self._check_screen(arch, moves, move.name, values)

    def test_prints(self):
        self.charge._receive_payment(self.bank_journal, amount=100)
        note = self.charge._credit("Wrong area", amounts={self.charge.id: 7.57}).sudo()
        payment = self.charge.receivable_line_id.matched_credit_ids.credit_move_id.payment_id
        for report, records in (
            ('report_bill', self.bill + note), ('report_bill_241', self.bill + note),
            ('report_receipt', payment), ('report_payment_notice', self.owner),
        ):
            page = self.chinese['ir.actions.report']._render_qweb_html(
                f'property_billing.{report}', records.ids)[0]
            self.assertIn("Zhang Wei", page.decode())
            self.assertNoTaxInvoice([html.fromstring(page).text_content()], report)

    def test_portal(self):
        user = new_test_user(
            self.env, 'zhang', 'base.group_portal', partner_id=self.owner.id, lang='zh_CN')
        self.env['property.agreement']._get_pending(user)._accept(user, '127.0.0.1')
        payment = self.charge._receive_payment(self.bank_journal, amount=100)
        self.authenticate('zhang', 'zhang')
        for url in (
            '/my', '/my/dues', f'/my/dues/{self.charge.id}', f'/my/dues?charge={self.charge.id}',
            f'/my/dues/pay?selection={self.charge.id}:100', '/my/bills', '/my/invoices',
            f'/my/invoices/{self.bill.id}', '/my/payments', f'/my/receipts/{payment.id}',
        ):
            response = self.url_open(url)
            self.assertEqual(response.status_code, 200, url)
            main, = html.fromstring(response.content).xpath("//div[@id='wrap']")
            for card in set(main.find_class('o_portal_index_card')).intersection(
                    main.find_class('d-none')):
                card.getparent().remove(card)  # shown to those who have something there
            self.assertTrue(main.text_content().strip(), url)
            self.assertNoTaxInvoice([main.text_content()], url)
