import json
import re
from datetime import date, timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common import LedgerCommon


class PortalCommon(LedgerCommon, HttpCase):
    """ Zhang Wei owes the fee of January and of February, his neighbour that of January. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The pages are read in English, whatever the database speaks.
        cls.env['res.lang']._activate_lang('en_US')
        cls.env['ir.default'].set('res.partner', 'lang', 'en_US')
        cls.first = cls._create_charge(857.57)
        cls.second = cls._create_charge(
            343.68, cls.parking_fee, date_due=fields.Date.today() + timedelta(days=30))
        cls.foreign = cls._create_charge(99.99, unit=cls.unit_1012, partner=cls.neighbour)
        cls.charges = cls.first + cls.second
        cls.bills = cls._post(cls.charges + cls.foreign)
        cls.bills._publish_property_bills()
        cls.bill = cls.first.move_id
        cls.provider = cls._create_provider(cls.company)
        for login, partner in (('zhang', cls.owner), ('li', cls.neighbour)):
            cls._create_portal_user(login, partner)

    @classmethod
    def _create_provider(cls, company):
        provider = cls.env['payment.provider'].create({
            'name': "Provider", 'code': 'none', 'state': 'test', 'is_published': True,
            'company_id': company.id,
            'payment_method_ids': [Command.set(cls.env.ref('payment.payment_method_unknown').ids)],
        })
        cls.env.ref('payment.payment_method_unknown').active = True
        cls.env['account.payment.method.line'].create({
            'name': "Provider",
            'journal_id': cls.bank_journal.id,
            'payment_method_id': cls.env.ref('account.account_payment_method_manual_in').id,
            'payment_provider_id': provider.id,
        })
        return provider

    @classmethod
    def _create_portal_user(cls, login, partner):
        user = new_test_user(
            cls.env, login, 'base.group_portal', partner_id=partner.id, lang='en_US',
            company_id=cls.company.id, company_ids=[Command.set(cls.company.ids)])
        cls.env['property.agreement']._get_pending(user)._accept(user, '127.0.0.1')
        return user

    def _open(self, url, **kwargs):
        return self.url_open(url, allow_redirects=False, **kwargs)


@tagged('post_install', '-at_install')
class TestPortalPages(PortalCommon):

    def test_home_tells_what_is_due(self):
        """ [B46] 857.57 + 343.68 """
        self.authenticate('zhang', 'zhang')
        page = self._open('/my').text
        self.assertIn('1,201.25', page)
        self.assertIn('/my/dues', page)

    def test_a_flagged_charge_says_that_it_is_checked(self):
        """ [B44] What was written about it stays with the staff. """
        self.env['property.charge.dispute'].create({
            'charge_id': self.first.id, 'reason': "the area is too large"})
        self.authenticate('zhang', 'zhang')
        for url in ('/my/dues', f'/my/dues/{self.first.id}'):
            page = self._open(url).text
            self.assertEqual(page.count('fa-flag'), 1)
            self.assertNotIn("too large", page)
        self.assertNotIn('fa-flag', self._open(f'/my/dues/{self.second.id}').text)

    def test_dues_show_the_own_charges_and_mark_what_is_overdue(self):
        """ [B46] """
        self.authenticate('zhang', 'zhang')
        page = self._open('/my/dues').text
        self.assertEqual(
            [text in page for text in ('857.57', '343.68', '99.99')], [True, True, False])
        self.assertEqual(page.count('o_property_overdue'), 1)

    def test_dues_say_what_was_paid_ahead(self):
        """ 900.00 for 857.57: the payer sees that 42.43 are his, and nobody else does. """
        self.first._receive_payment(self.bank_journal, amount=900)
        for login, is_shown in (('zhang', True), ('li', False)):
            self.authenticate(login, login)
            page = self._open('/my/dues').text
            self.assertEqual(('42.43' in page, 'Paid ahead' in page), (is_shown, is_shown))

    def test_dues_without_any(self):
        self._create_portal_user('wang', self.env['res.partner'].create({'name': "Wang Fang"}))
        self.authenticate('wang', 'wang')
        for url in ('/my', '/my/dues', '/my/payments', '/my/bills'):
            with self.subTest(url=url):
                response = self._open(url)
                self.assertEqual(response.status_code, 200)
                self.assertNotIn('857.57', response.text)

    def test_charge_explains_its_amount(self):
        """ [B46] 94.56 m² at 1.3 and 20 a month for six months. """
        self.unit_1011.building_area = 94.56
        tariff = self._create_tariff(
            self.property_fee, [('2015-01-01', False, 1.3)], surcharge=20,
            cycle_months=6, split='anchored', charge_per_cycle=True)
        self._assign(self.unit_1011, tariff, '2025-06-10', '2025-12-09')
        run = self._create_run('2025-12-09')
        run.action_preview()
        charge = run.charge_ids
        self._post(charge)._publish_property_bills()
        self.authenticate('zhang', 'zhang')
        page = self._open(f'/my/dues/{charge.id}').text
        for expected in ('94.56 m² × 1.3 + 20 = 142.928', '857.568 → 857.57', '2015-01-01'):
            self.assertIn(expected, page)

    def test_what_was_credited_says_why(self):
        """ With the charge; the credit note itself asks for nothing. """
        credit_note = self.first._credit("The lift stood still", amounts={self.first.id: 57.57})
        credit_note._publish_property_bills()
        self.authenticate('zhang', 'zhang')
        page = self._open(f'/my/dues/{self.first.id}').text
        self.assertIn("The lift stood still", page)
        self.assertIn('800.00', page)
        page = self._open(f'/my/invoices/{credit_note.id}').text
        self.assertIn("The lift stood still", page)
        self.assertNotIn('/my/dues?charge=', page)
        self.assertIn('/my/dues?charge=', self._open(f'/my/invoices/{self.bill.id}').text)

    def test_unpublished_bill_is_not_seen(self):
        charge = self._create_charge(12.34)
        bill = self._post(charge)
        self.authenticate('zhang', 'zhang')
        self.assertNotIn('12.34', self._open('/my/dues').text)
        self.assertNotIn(bill.name, self._open('/my/bills').text)
        self.assertEqual(self._open(f'/my/dues/{charge.id}').status_code, 404)
        bill._portal_ensure_token()
        for url in (f'/my/invoices/{bill.id}', bill.get_portal_url()):
            self.assertURLEqual(self._open(url).headers['Location'], '/my')

    def test_neighbour_tenant_and_family_see_nothing_of_it(self):
        """ [B46] Not by an id either; who pays sees it, living there is not enough. """
        tenant, wife = self.env['res.partner'].create([{'name': "Chen Jie"}, {'name': "Zhao Min"}])
        self._move_in(self.unit_1011, tenant, '2020-01-01', role='tenant')
        self._move_in(self.unit_1011, wife, '2020-01-01', role='family')
        self._create_portal_user('chen', tenant)
        self._create_portal_user('zhao', wife)
        for login in ('li', 'chen', 'zhao'):
            self.authenticate(login, login)
            with self.subTest(login=login):
                for url in ('/my', '/my/dues', '/my/bills', '/my/payments'):
                    self.assertNotIn('857.57', self._open(url).text)
                self.assertEqual(self._open(f'/my/dues/{self.first.id}').status_code, 404)
                self.assertURLEqual(
                    self._open(f'/my/invoices/{self.bill.id}').headers['Location'], '/my')
                self.assertEqual(
                    self._open(f'/my/dues/pay?selection={self.first.id}:1.00').status_code, 404)

    def test_contact_of_a_company_pays_only_what_names_him(self):
        """ Odoo's own rules would show him all bills of his company. """
        contact = self.env['res.partner'].create({
            'name': "Contact", 'parent_id': self.owner.id})
        self._create_portal_user('contact', contact)
        self.authenticate('contact', 'contact')
        self.assertNotIn('857.57', self._open('/my/dues').text)
        self.assertURLEqual(self._open(f'/my/invoices/{self.bill.id}').headers['Location'], '/my')
        bills = self.env['account.move'].with_user(self.env['res.users'].search(
            [('login', '=', 'contact')]))
        self.assertFalse(bills.search([('property_project_id', '!=', False)]))
        with self.assertRaises(AccessError):
            bills.browse(self.bill.id).line_ids.mapped('balance')

    def test_former_owner_still_pays_what_he_owed(self):
        """ [B46] He has left the unit; its name on his charge stays his to read. """
        self.env['property.occupancy'].search([('partner_id', '=', self.owner.id)]).date_end = (
            fields.Date.today() - timedelta(days=2))
        self.authenticate('zhang', 'zhang')
        page = self._open('/my/dues').text
        self.assertIn('857.57', page)
        self.assertIn(self.unit_1011.complete_name, page)
        self.assertEqual(self._open(f'/my/dues/{self.first.id}').status_code, 200)

    def test_anonymous_is_sent_to_the_login(self):
        self.authenticate(None, None)
        for url in ('/my/dues', f'/my/dues/{self.first.id}', '/my/payments', '/my/bills',
                    '/my/receipts/1'):
            with self.subTest(url=url):
                self.assertIn('/web/login', self._open(url).headers['Location'])

    def test_link_in_the_mail_shows_the_bill_without_login(self):
        """ [B13] """
        self.authenticate(None, None)
        page = self._open(self.bill.get_portal_url()).text
        self.assertIn('857.57', page)
        self.assertIn('/web/login?redirect=/my/dues', page)
        self.assertURLEqual(self._open(f'/my/invoices/{self.bill.id}').headers['Location'], '/my')

    def test_odoos_list_of_invoices_leads_to_the_bills(self):
        self.authenticate('zhang', 'zhang')
        self.assertURLEqual(self._open('/my/invoices').headers['Location'], '/my/bills')
        page = self._open('/my/bills').text
        self.assertIn(self.bill.name, page)
        self.assertNotIn(self.foreign.move_id.name, page)

    def test_bill_shows_charges_instead_of_instalments(self):
        self.authenticate('zhang', 'zhang')
        page = self._open(f'/my/invoices/{self.bill.id}').text
        self.assertIn(f'/my/dues?charge={self.first.id},{self.second.id}', page)
        self.assertNotIn('pay_with', page)

    def test_queries_do_not_grow_with_the_charges(self):
        self.authenticate('zhang', 'zhang')
        self._open('/my/dues')
        few = self._count_queries('/my/dues')
        self.assertGreater(few, 10)
        units = [self._create_unit(f'2{number:03}', owner=None) for number in range(20)]
        charges = self.env['property.charge'].union(*(
            self._create_charge(
                10, unit=units[number % 20], date_start=date(2020, 1, 1) + timedelta(days=number),
                date_end=date(2020, 1, 1) + timedelta(days=number))
            for number in range(200)))
        self._post(charges)._publish_property_bills()
        self.env.flush_all()
        self.assertLessEqual(self._count_queries('/my/dues'), few)
        page = self._open('/my/dues').text
        self.assertEqual(page.count('name="charge"'), 20)
        self.assertIn("More is due than is shown", page)
        page = self._open('/my/dues?show=all').text
        self.assertEqual(page.count('name="charge"'), 202)
        self.assertNotIn("More is due than is shown", page)

    def _count_queries(self, url):
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self._open(url)
        return self.env.cr.sql_log_count - before


@tagged('post_install', '-at_install')
class TestPortalPayment(PortalCommon):

    def setUp(self):
        super().setUp()
        self.authenticate('zhang', 'zhang')

    def _select(self, amounts):
        """ Send the form of the dues: an amount per charge. """
        token = re.search(r'name="csrf_token" value="(\w+)"', self._open('/my/dues').text)[1]
        return self._open('/my/dues/pay', data={
            'csrf_token': token,
            'charge': [str(charge.id) for charge in amounts],
            **{f'amount_{charge.id}': amount for charge, amount in amounts.items()},
        })

    def _start(self, selection, **params):
        """ What the payment form sends when the payer confirms; the result or the error. """
        response = self.url_open(
            f'/my/dues/transaction/{selection}', headers={'Content-Type': 'application/json'},
            data=json.dumps({'params': {
                'provider_id': self.provider.id,
                'payment_method_id': self.env.ref('payment.payment_method_unknown').id,
                'token_id': None, 'amount': 1, 'flow': 'direct', 'tokenization_requested': False,
                'landing_route': '/my/dues', 'is_validation': False, 'access_token': None,
                **params,
            }}))
        return response.json()

    def _pay(self, selection):
        """ Pay to the end; the page where the payer lands. """
        result = self._start(selection)['result']
        transaction = self._find(result['reference'])
        transaction._set_done()
        poll = self.url_open('/payment/status/poll', json={'params': {}}).json()['result']
        self.assertEqual(poll['state'], 'done')
        return self.url_open(poll['landing_route'])

    def _find(self, reference):
        return self.env['payment.transaction'].search([('reference', '=', reference)])

    @mute_logger('odoo.http')
    def _refuse(self, selection, **params):
        """ The message with which a payment is refused, having left nothing behind. """
        before = self.env['payment.transaction'].search_count([])
        error = self._start(selection, **params)['error']['data']['message']
        self.assertEqual(self.env['payment.transaction'].search_count([]), before)
        return error

    def test_pay_one_charge_and_a_part_of_another(self):
        """ [B38] [B54] 857.57 and 100 of 343.68: the receipt says so, the journal too. """
        page = self.url_open(
            self._select({self.first: '857.57', self.second: '100'}).headers['Location']).text
        self.assertIn('957.57', page)
        self.assertIn('o_payment_form', page)
        receipt = self._pay(f'{self.first.id}:857.57,{self.second.id}:100')
        self.assertIn('/my/receipts/', receipt.url)
        self.assertIn('957.57', receipt.text)
        self.assertEqual(self.charges.mapped('amount_residual'), [0, 243.68])
        self.assertEqual(self.foreign.amount_residual, 99.99)
        payments = self._open('/my/payments').text
        self.assertIn('957.57', payments)
        self.assertIn('/my/receipts/', payments)
        dues = self._open('/my/dues').text
        self.assertIn('243.68', dues)
        self.assertNotIn('857.57', dues)

    def test_receipt_is_printed_for_its_payer_only(self):
        """ [B38] """
        receipt_url = self._pay(f'{self.first.id}:857.57').url.split('?')[0]
        response = self.url_open(f'{receipt_url}?report_type=pdf')
        self.assertEqual(response.status_code, 200)
        self.assertIn('857.57', response.text)
        self.authenticate('li', 'li')
        self.assertEqual(self._open(receipt_url).status_code, 404)
        self.assertEqual(self._open(f'{receipt_url}?report_type=pdf').status_code, 404)
        self.assertNotIn('857.57', self._open('/my/payments').text)
        transaction = self.env['payment.transaction'].search([('partner_id', '=', self.owner.id)])
        self.assertEqual(self._open(f'/my/dues/paid/{transaction.id}').status_code, 404)

    def test_amount_of_the_browser_is_ignored(self):
        """ [B38] 0.01 is sent with a selection of 857.57. """
        reference = self._start(f'{self.first.id}:857.57', amount=0.01)['result']['reference']
        transaction = self._find(reference)
        self.assertEqual(transaction.amount, 857.57)
        self.assertEqual(transaction.property_allocation_ids.charge_id, self.first)

    def test_more_than_is_owed_is_refused(self):
        self.assertIn('857.58', self._refuse(f'{self.first.id}:857.58'))

    def test_nothing_is_refused(self):
        self.assertIn("1-1011 Property fee", self._refuse(f'{self.first.id}:0'))

    def test_forged_selections_are_not_found(self):
        for selection in (
            f'{self.foreign.id}:1', f'{self.first.id}:1,{self.foreign.id}:1',
            f'{self.first.id}:-5', f'{self.first.id}:nan', f'{self.first.id}:1e3',
            f'{2**31 - 1}:1', 'x', f'{self.first.id}',
        ):
            with self.subTest(selection=selection):
                self.assertEqual(
                    self._open(f'/my/dues/pay?selection={selection}').status_code, 404)
                self._refuse(selection)

    def test_unpublished_and_reversed_charges_cannot_be_paid(self):
        hidden = self._create_charge(5)
        self._post(hidden)
        self._refuse(f'{hidden.id}:5')
        self._reverse(self.bill, "Wrong")
        self.assertIn('nothing is owed', self._refuse(f'{self.first.id}:857.57'))

    def test_only_offered_ways_to_pay(self):
        """ A provider that is disabled, unpublished or of another company could be settled for
        nothing. """
        other = self._create_provider(self._create_company("Other"))
        for provider in (other, self.provider.copy({'state': 'disabled'}),
                         self.provider.copy({'state': 'enabled', 'is_published': False})):
            self.assertIn("not available", self._refuse(
                f'{self.first.id}:857.57', provider_id=provider.id))
        self.assertTrue(self._refuse(f'{self.first.id}:857.57', partner_id=self.neighbour.id))

    def test_paid_meanwhile_is_not_paid_twice(self):
        """ [B38] The cashier was faster. """
        self.first._receive_payment(self.bank_journal)
        self.assertIn('nothing is owed', self._refuse(f'{self.first.id}:857.57'))
        response = self._open(f'/my/dues/pay?selection={self.first.id}:857.57')
        self.assertURLEqual(response.headers['Location'], '/my/dues?notice=changed')

    def test_second_confirmation_while_the_first_is_on_its_way(self):
        """ [B38] """
        transaction = self._find(self._start(f'{self.first.id}:857.57')['result']['reference'])
        transaction._set_pending()
        self.assertIn("on its way", self._refuse(f'{self.first.id}:857.57'))
        page = self._open('/my/dues').text
        self.assertIn("Payment on its way", page)
        self.assertIn('o_property_pay_bar', page, "the other charge can still be paid")
        self.assertIn("is on its way", self.url_open(transaction.landing_route).text)
        response = self._open(f'/my/dues/pay?selection={self.first.id}:857.57')
        self.assertURLEqual(response.headers['Location'], '/my/dues?notice=in_payment')
        transaction._set_canceled()
        self.assertIn('result', self._start(f'{self.first.id}:857.57'))

    def test_while_all_is_on_its_way_there_is_nothing_to_choose(self):
        """ [B38] """
        reference = self._start(
            f'{self.first.id}:857.57,{self.second.id}:343.68')['result']['reference']
        self._find(reference)._set_pending()
        page = self._open('/my/dues').text
        self.assertEqual(page.count("Payment on its way"), 2)
        self.assertNotIn('o_property_select_all', page)
        self.assertNotIn('o_property_pay_bar', page)

    def test_payment_taken_twice_becomes_a_prepayment(self):
        """ [B38] Two confirmed at the same time: no money is lost. """
        references = [
            self._start(f'{self.first.id}:857.57')['result']['reference'] for _number in range(2)]
        for reference in references:
            transaction = self._find(reference)
            transaction._set_done()
            transaction._post_process()
        self.assertEqual(self.first.amount_residual, 0)
        _lines, prepaid = self._find(references[1]).payment_id._get_receipt_lines()
        self.assertEqual(prepaid, 857.57)

    def test_failed_payment_settles_nothing_and_says_so(self):
        transaction = self._find(self._start(f'{self.first.id}:857.57')['result']['reference'])
        transaction._set_error("Not enough money")
        page = self.url_open(transaction.landing_route).text
        self.assertIn("Not enough money", page)
        self.assertIn("did not go through", page)
        self.assertEqual(self.first.amount_residual, 857.57)

    def test_form_without_choice_or_with_words_for_an_amount(self):
        self.assertURLEqual(self._select({}).headers['Location'], '/my/dues?notice=none')
        self.assertURLEqual(
            self._select({self.first: 'all'}).headers['Location'], '/my/dues?notice=amount')

    @mute_logger('odoo.http')
    def test_odoos_own_way_to_pay_an_invoice_is_closed(self):
        """ It would settle the oldest charges, whatever the payer chose. """
        response = self.url_open(f'/invoice/transaction/{self.bill.id}', json={'params': {
            'access_token': self.bill._portal_ensure_token(), 'provider_id': self.provider.id,
        }}).json()
        self.assertIn('/my/dues', response['error']['data']['message'])
