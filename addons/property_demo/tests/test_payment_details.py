from lxml import html

from odoo.tests import TransactionCase, tagged


@tagged('post_install', '-at_install')
class TestPaymentDetails(TransactionCase):

    def test_a_demo_payment_in_chinese_can_succeed(self):
        """ [B38] The words are Chinese, what is sent is not. """
        self.env['res.lang']._activate_lang('zh_CN')
        self.env['ir.module.module']._load_module_terms(['payment_demo'], ['zh_CN'])
        page = self.env['ir.qweb'].with_context(lang='zh_CN')._render(
            'payment_demo.payment_details')
        options = html.fromstring(str(page)).xpath('//option')
        self.assertEqual(
            [option.get('value') for option in options], ['done', 'pending', 'cancel', 'error'])
        self.assertEqual(options[0].text.strip(), "成功")
