from lxml import html

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common_budget import BudgetCommon


@tagged('post_install', '-at_install')
class TestStatement(BudgetCommon):
    """ [B45] What an owner is told of the year: costs, keys, days, his part, his advances. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fund.may_overdraw = True
        cls._approve()

    def _settle(self):
        self._charge_advances()
        self._spend_all()
        self._true_up()

    def test_what_a_payer_is_told(self):
        """ D sold on 1 July: 181 of 365 days of 3,876.92 and 825.00, less 2,376.00. """
        self._settle()
        [statement] = self.budget._get_statements(self.units, self.owners['D'])
        self.assertEqual(
            [(line['name'], line['total'], line['weight'], line['weights'], line['days'],
              line['of_days'], line['amount']) for line in statement['lines']],
            [("Cleaning", 12600, '120', '390', 181, 365, 1922.53),
             ("Lift", 3300, '1', '4', 181, 365, 409.11)])
        self.assertEqual(
            [statement[key] for key in ('cost', 'advances', 'difference', 'settled', 'rest')],
            [2331.64, 2376, -44.36, -44.36, 0])

    def test_large_weights_are_told_in_full(self):
        self.units[0].building_area = 1234567.89
        self._spend(self.cleaning, 100)
        self.env.invalidate_all()
        self.budget.action_divide_costs()
        [statement] = self.budget._get_statements(self.units, self.owners['A'])
        [line] = statement['lines']
        self.assertEqual((line['weight'], line['weights']), ('1234567.89', '1234877.89'))

    def test_before_and_after(self):
        """ The same statement; only what of it is settled changes. """
        self._charge_advances()
        self._spend_all()
        self.env.invalidate_all()

        def read():
            return [
                (one['partner'].name, one['cost'], one['advances'], one['difference'])
                for one in self.budget._get_statements()]

        before = read()
        self.assertEqual(before[0], ("Owner A", 3409.62, 3168, 241.62))
        self._true_up()
        self.assertEqual(read(), before)
        self.assertEqual({one['rest'] for one in self.budget._get_statements()}, {0})

    def test_on_paper(self):
        """ A page per payer, with the bills of each cost; planned against actual is another print.
        """
        self._settle()
        self.cleaning._get_sources()[0]['bill'].ref = "CLEAN-77"
        wizard = self.env['property.budget.statement'].with_user(self.clerk).create({
            'budget_id': self.budget.id, 'unit_ids': [Command.set(self.units[3].ids)]})
        self.assertEqual(wizard.action_print()['report_name'],
                         'property_billing.report_budget_statement')
        Report = self.env['ir.actions.report'].with_user(self.clerk)
        content, _kind = Report._render_qweb_html(
            'property_billing.report_budget_statement', wizard.ids)
        pages = html.fromstring(content).xpath("//div[contains(@class, 'page')]")
        texts = [' '.join(page.text_content().split()) for page in pages]
        [of_seller] = [text for text in texts if "Owner D" in text]
        for figure in ("12,600.00", "120 / 390", "181 / 365", "1,922.53", "2,331.64", "44.36"):
            self.assertIn(figure, of_seller)
        self.assertFalse([text for text in texts if "Owner A" in text])
        bill = self.cleaning._get_sources()[0]['bill']
        for text in ("Cleaners", bill.name, "CLEAN-77", "2025-12-20", "3,300.00"):
            self.assertIn(text, of_seller, "of which bill it is")
        wizard.with_sources = False
        content, _kind = Report._render_qweb_html(
            'property_billing.report_budget_statement', wizard.ids)
        self.assertNotIn("CLEAN-77", content.decode())
        content, _kind = Report._render_qweb_html('property_billing.report_budget', wizard.ids)
        text = ' '.join(html.fromstring(content).text_content().split())
        for figure in ("12,444.00", "15,900.00", "-156.00"):
            self.assertIn(figure, text.replace('\ufeff', ''))

    def test_nothing_to_settle(self):
        wizard = self.env['property.budget.statement'].create({'budget_id': self.budget.id})
        content, _kind = self.env['ir.actions.report']._render_qweb_html(
            'property_billing.report_budget_statement', wizard.ids)
        self.assertTrue(content)

    def test_who_may_print(self):
        """ [A66] Who has one building gets its statements only; a stranger none. """
        self._settle()
        stranger = self._create_user('stranger', 'property_billing.group_billing_user')
        with self.assertRaises(AccessError), self.cr.savepoint():
            self.env['property.budget.statement'].with_user(stranger).create({
                'budget_id': self.budget.id})
        other = self.env['property.building'].create({
            'name': "9", 'project_id': self.project.id})
        other.user_ids += stranger
        wizard = self.env['property.budget.statement'].with_user(stranger).create({
            'budget_id': self.budget.id})
        self.assertEqual(wizard._get_statements(), [])
        wizard = self.env['property.budget.statement'].with_user(self.clerk).create({
            'budget_id': self.budget.id})
        self.assertEqual(len(wizard._get_statements()), 5)

    def test_the_suppliers_bills_of_a_cost(self):
        """ Divided or not, the oldest first. """
        self._charge_advances()
        self._spend_all()
        self._spend(self.cleaning, 50, day='2025-06-30')
        self.env.invalidate_all()
        self.assertEqual(
            [amount for _bill, amount in self.cleaning._get_bills_sudo()], [50, 12600])
