from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.tests import new_test_user, tagged

from .common import LedgerCommon


@tagged('post_install', '-at_install')
@freeze_time('2026-03-10')
class TestHome(LedgerCommon):
    """ Front page and reports: room 1011 was billed 100 a month from December to March, and for
    April ahead.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.assignment = cls._assign(
            cls.unit_1011, cls._create_tariff(cls.property_fee), '2025-12-01')
        cls.december, cls.january, cls.february, cls.march, cls.april = (
            cls._create_charge(
                100, kind='recurring', assignment_id=cls.assignment.id, date_start=start,
                date_end=end, date_due=end)
            for start, end in (
                (date(2025, 12, 1), date(2025, 12, 31)), (date(2026, 1, 1), date(2026, 1, 31)),
                (date(2026, 2, 1), date(2026, 2, 28)), (date(2026, 3, 1), date(2026, 3, 31)),
                (date(2026, 4, 1), date(2026, 4, 30))))
        cls.water = cls._create_charge(
            50, cls.water_fee, kind='recurring', assignment_id=cls._assign(
                cls.unit_1011, cls._create_tariff(cls.water_fee), '2025-12-01').id)
        for charge in (
            cls.december, cls.january, cls.february, cls.march, cls.april, cls.water,
        ):
            cls._post(charge)

    def _get_home(self, user=None):
        home = self.env['property.home'].with_user(user or self.clerk).get_home()
        return {card['key']: card for card in home['cards']}

    def _get_rates(self):
        return [
            (row['label'], row['receivable'], row['received'], round(row['rate'], 2))
            for row in self._get_home()['collection']['rows']]

    def test_collection_rate_of_the_year(self):
        """[A74] January to March count; December is prior arrears, April is to come, water is
        the waterworks'. 30 of 300 were paid: 10 %.
        """
        self.assertEqual(self._get_rates()[-1][1:], (300, 0, 0))
        self.january._receive_payment(self.bank_journal, amount=30)
        self.december._receive_payment(self.bank_journal)
        self.assertEqual(self._get_rates(), [
            (self.project.name, 300, 30, 10), ("Total", 300, 30, 10)])

    def test_a_rate_opens_the_charges_that_it_is_of(self):
        """[A74] January to March, for the project and in total. """
        for row in self._get_home()['collection']['rows']:
            with self.subTest(row=row['label']):
                self.assertEqual(
                    self.env['property.charge'].search(row['domain']),
                    self.january | self.february | self.march)
                self.assertEqual(
                    self.env.ref(row['action']).res_model, 'property.charge')

    def test_what_was_credited_is_neither_owed_nor_received(self):
        """[A74] 40 of March are taken back: 30 of 260 are 11.54 %. """
        self.january._receive_payment(self.bank_journal, amount=30)
        note = self.march.move_id._reverse_moves([{'invoice_date': date(2026, 3, 5)}])
        note.invoice_line_ids.price_unit = 40
        note.action_post()
        self.assertEqual(self.march.state, 'posted')
        self.assertEqual(self._get_rates()[-1][1:], (260, 30, 11.54))
        self.january.move_id._reverse_moves([{'invoice_date': date(2026, 3, 5)}]).action_post()
        self.assertEqual(self._get_rates()[-1][1:], (160, 0, 0))

    def test_what_somebody_else_owes_now_is_still_to_be_collected(self):
        """[A74] 30 of January are paid, the neighbour takes over the 70: 300, of which 30. """
        self.january._receive_payment(self.bank_journal, amount=30)
        [rest] = self.january._pass_to(self.neighbour, "Agreed", date(2026, 3, 10))
        self.assertEqual((rest.kind, rest.amount_residual), ('recurring', 70))
        self.assertEqual(self._get_rates()[-1][1:], (300, 30, 10))

    def test_arrears_up_to_the_current_month(self):
        """[A72] December to March and the water, though March is not due yet; not April. """
        [arrears] = [
            item for item in self._get_home()['reminders']['items'] if item['key'] == 'arrears']
        self.assertEqual((arrears['count'], arrears['amount']), (5, 450))
        self.december._receive_payment(self.bank_journal)
        self.january._receive_payment(self.bank_journal, amount=30)
        [arrears] = [
            item for item in self._get_home()['reminders']['items'] if item['key'] == 'arrears']
        self.assertEqual((arrears['count'], arrears['amount']), (4, 320))

    def test_received_today(self):
        """[A75] """
        self.december._receive_payment(self.bank_journal)
        self.january._receive_payment(self.bank_journal, amount=30)
        with freeze_time('2026-03-09'):
            self.march._receive_payment(self.bank_journal)
        cashier = self._create_user(
            'cashier', 'property_billing.group_billing_officer,account.group_account_invoice')
        self.project.user_ids |= cashier
        item = self._get_home(cashier)['received']['item']
        self.assertEqual((item['count'], item['amount']), (2, 130))
        self.assertEqual(item['view'], 'list', "two payments, not a chart of one bar")

    def test_who_sees_money(self):
        """[G07] The register's officer sees rooms, and no money; nor does another project's clerk.
        """
        receptionist = new_test_user(
            self.env, 'receptionist', 'property_base.group_property_officer',
            company_id=self.company.id, company_ids=[Command.set(self.company.ids)])
        stranger = self._create_user('stranger', 'property_billing.group_billing_officer')
        self.project.user_ids = (self.project.user_ids | receptionist) - stranger
        cards = self._get_home(receptionist)
        self.assertFalse({'collection', 'received'} & set(cards))
        self.assertEqual(cards['reminders']['items'], [])
        cards = self._get_home(stranger)
        self.assertEqual(cards['collection']['rows'], [])
        self.assertEqual(cards['reminders']['items'], [])

    def test_reports_of_money(self):
        """[A76] 月度缴费统计 and what was charged and is still due. """
        self.december._receive_payment(self.bank_journal)
        with freeze_time('2026-02-10'):
            self.january._receive_payment(self.bank_journal, amount=30)
        cashier = self._create_user(
            'cashier', 'property_billing.group_billing_officer,account.group_account_invoice')
        self.project.user_ids |= cashier

        def get_table(report, **values):
            wizard = self.env['property.report.print'].with_user(cashier).create({
                'report_id': self.env.ref(f'property_billing.property_report_{report}').id,
                'date_start': date(2026, 1, 1), 'date_end': date(2026, 12, 31), **values})
            return wizard._get_table()['rows']

        self.assertEqual(get_table('payments'), [
            (0, "Total", [2, 130]),
            (1, '2026-02', [1, 30]),
            (2, self.project.name, [1, 30]), (3, self.bank_journal.name, [1, 30]),
            (1, '2026-03', [1, 100]),
            (2, self.project.name, [1, 100]), (3, self.bank_journal.name, [1, 100])])
        self.assertEqual(get_table('receivables', date_end=date(2026, 3, 31)), [
            (0, "Total", [4, 350, 320]),
            (1, self.project.name, [4, 350, 320]),
            (2, "Property fee", [3, 300, 270]), (2, "Water", [1, 50, 50])])
        self.assertEqual(get_table('arrears'), [
            (0, "Total", [4, 320]), (1, self.project.name, [4, 320]), (2, '2026', [4, 320])])
