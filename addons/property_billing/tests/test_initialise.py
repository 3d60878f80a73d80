from datetime import date

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common import LedgerCommon


@tagged('post_install', '-at_install')
class TestInitialise(LedgerCommon):
    """[G14] Trial bills go while nothing is in the books; prices stay. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin = new_test_user(
            cls.env, 'admin_of_jindong', 'base.group_system', company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)])
        cls.tariff = cls._create_tariff(cls.property_fee)
        cls.assignment = cls._assign(cls.unit_1011, cls.tariff, '2026-01-01')

    def _open(self):
        return self.env['property.initialise'].with_user(self.admin).create(
            {'confirmation': self.company.name})

    def assertRefused(self, sentence):
        wizard = self._open()
        self.assertRegex(wizard.obstacles, sentence)
        self.assertFalse(wizard.is_possible)
        with self.assertRaisesRegex(UserError, sentence):
            wizard.action_initialise()
        self.assertTrue(self.project.exists())

    def test_previews_go_and_prices_stay(self):
        run = self._preview('2026-03-31')
        charges = run.charge_ids
        self.assertEqual(sum(charges.mapped('amount')), 300)
        closed = self._create_charge(88, state='closed')
        draft = self.env['account.move'].create({
            'move_type': 'out_invoice', 'partner_id': self.neighbour.id,
            'property_project_id': self.project.id,
            'invoice_line_ids': [Command.create({'name': "Repair", 'price_unit': 50})]})
        wizard = self._open()
        self.assertFalse(wizard.obstacles)
        wizard.action_initialise()
        for records in (run, charges, closed, draft, self.assignment, self.unit_1011,
                        self.project, self.owner):
            self.assertFalse(records.exists(), records)
        self.assertTrue(self.tariff.version_ids)
        self.assertEqual(
            (self.property_fee | self.parking_fee | self.water_fee).exists(),
            self.property_fee | self.parking_fee | self.water_fee)
        self.assertTrue(self.neighbour.exists(), "an entry, though a draft, names him")

    def test_leases_go(self):
        lease = self.env['property.lease'].create({
            'project_id': self.project.id, 'partner_id': self.neighbour.id,
            'date_start': '2026-01-01', 'date_end': '2026-12-31',
            'line_ids': [Command.create({
                'unit_id': self.unit_1012.id, 'fee_id': self.parking_fee.id, 'basis': 'fixed',
                'price': 100})],
        })
        lease.action_submit()
        lease.action_approve()
        lease.action_transfer()
        renewal = lease.browse(lease.action_renew()['res_id'])
        self._preview('2026-03-31')
        self._open().action_initialise()
        self.assertFalse((lease + renewal).exists())

    def test_posted_bill(self):
        self._post(self._create_charge(100))
        self.assertRefused("1 entries of its projects are posted")

    def test_undone_bill_is_in_the_books_too(self):
        bill = self._post(self._create_charge(100))
        bill._reverse_moves([{'date': bill.date, 'invoice_date': bill.date}], cancel=True)
        self.assertRefused("2 entries of its projects are posted")

    def test_payment_without_bill(self):
        payment = self.env['account.payment'].create({
            'payment_type': 'inbound', 'partner_id': self.owner.id, 'amount': 20,
            'journal_id': self.bank_journal.id, 'property_project_id': self.project.id})
        self.assertTrue(self._open().is_possible, "nothing was received yet")
        payment.action_post()
        self.assertRefused("1 payments of its residents are entered")

    def test_online_payment_under_way(self):
        charge = self._create_charge(30, date_start=date(2026, 2, 1), date_end=date(2026, 2, 28))
        provider = self.env['payment.provider'].create({
            'name': "Bank", 'company_id': self.company.id})
        transaction = self.env['payment.transaction'].create({
            'provider_id': provider.id, 'amount': 30, 'currency_id': self.company.currency_id.id,
            'payment_method_id': self.env.ref('payment.payment_method_unknown').id,
            'partner_id': self.owner.id, 'reference': "trial",
            'property_allocation_ids': [Command.create({'charge_id': charge.id, 'amount': 30})]})
        transaction.state = 'pending'
        self.assertRefused("1 online payments of its residents")
        transaction.state = 'cancel'
        self._open().action_initialise()
        self.assertFalse(transaction.exists() or charge.exists())

    def test_run_being_posted(self):
        run = self._preview('2026-03-31')
        run.sudo().state = 'posting'
        self.assertRefused("1 bill runs are being posted")

    def test_another_company_with_books_is_no_obstacle(self):
        """ What is posted there says nothing about the trial here. """
        other = self._create_company("Faraway Property")
        admin = new_test_user(
            self.env, 'admin_of_faraway', 'base.group_system', company_id=other.id,
            company_ids=[Command.set(other.ids)])
        self.env.user.company_ids |= other
        project = self.env['property.project'].with_company(other).create(
            {'name': "Trial", 'company_id': other.id})
        self._post(self._create_charge(100))
        wizard = self.env['property.initialise'].with_user(admin).with_context(
            allowed_company_ids=other.ids).create({'confirmation': other.name})
        self.assertTrue(wizard.is_possible)
        wizard.action_initialise()
        self.assertFalse(project.exists())
        self.assertTrue(self.project.exists())
