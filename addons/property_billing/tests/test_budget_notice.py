from odoo import Command
from odoo.tests import tagged

from .common_budget import BudgetCommon


@tagged('post_install', '-at_install')
class TestBudgetNotice(BudgetCommon):
    """ [B45] Owners are told of what is published for them, each once and in his language. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for lang in ('en_US', 'zh_CN'):
            cls.env['res.lang']._activate_lang(lang)
        cls.fund.may_overdraw = True
        cls.people = cls.buyer.union(*cls.owners.values())
        cls.people.lang = 'en_US'
        cls.owners['A'].lang = 'zh_CN'
        # Of two flats an owner, and still one person.
        cls._create_unit(
            '9', owner=cls.owners['A'], building_id=cls.unit_1011.building_id.id)
        for name, subject in (('budget', "预算已公示"), ('statement', "您的清算单")):
            cls.env.ref(f'property_billing.template_{name}').with_context(
                lang='zh_CN').subject = f"{subject} {{budget}}"
        cls.budget = cls.budget.with_context(queue_job__no_delay=True)
        cls._approve()

    def _read_messages(self):
        messages = self.env['property.notification'].search([
            ('partner_id', 'in', self.people.ids), ('url', '=', f'/my/budgets/{self.budget.id}')])
        self.assertEqual(messages.project_id, self.project if messages else self.project.browse())
        return {message.partner_id.name: message.subject for message in messages.sorted('id')}, len(
            messages)

    def _publish(self):
        self.budget.with_user(self.manager).action_publish()

    def test_owners_of_a_published_budget(self):
        """ A once, in Chinese; E who bought; not D who sold. """
        self.assertEqual(self._read_messages()[1], 0)
        self._publish()
        text = "Budget 2025 of Emerald Garden is published"
        self.assertEqual(self._read_messages(), ({
            "Owner A": "预算已公示 Budget 2025", "Owner B": text, "Owner C": text,
            "Owner E": text}, 4))
        [message] = self.env['property.notification'].search([
            ('partner_id', '=', self.buyer.id)])
        self.assertIn("Dear Owner E", message.body)
        self.assertIn("2025", message.body)

    def test_payers_of_a_statement(self):
        """ After the true-up each payer of the year, D who has left too; once more, once more. """
        self._charge_advances()
        self._spend_all()
        self._publish()
        before = self._read_messages()[1]
        self._true_up()
        subjects, count = self._read_messages()
        self.assertEqual(count - before, 5)
        self.assertEqual(subjects["Owner A"], "您的清算单 Budget 2025")
        self.assertEqual(
            subjects["Owner D"], "Your statement: Budget 2025 of Emerald Garden")

    def test_nobody_is_told_what_is_not_published(self):
        """ A settled budget that nobody sees; published then, with statements. """
        self._charge_advances()
        self._spend_all()
        self._true_up()
        self.assertEqual(self._read_messages()[1], 0)
        self._publish()
        self.assertEqual((self.budget.state, self._read_messages()[1]), ('trued_up', 5))
        with self.assertRefused("is in state"):
            self._publish()

    def test_taken_back_before_the_job_runs(self):
        self._publish()
        before = self._read_messages()[1]
        self.budget._job_tell('trued_up')
        self.assertEqual(self._read_messages()[1], before)


@tagged('post_install', '-at_install')
class TestBudgetReport(BudgetCommon):
    """ [B45] Planned against actual as a pivot, in Excel and in the report centre. """

    def test_rows_add_up_to_the_budget(self):
        """ 12,444.00 and 3,000.00 planned; 12,600.00 divided, 390.00 of 900.00 for another cost,
        300.00 of wages not divided yet.
        """
        self.fund.may_overdraw = True
        self._approve()
        self._spend(self.cleaning, 12600)
        part = self._spend(self.cleaning, 900, day='2025-05-31')
        self._create_cost(
            self.by_area, part, amounts=[390], settle='true_up', budget_line_id=self.lift.id,
            fee_id=self.trust_fee.id, date_start='2025-05-01', date_end='2025-05-31')._divide()
        wages = self._create_entry([
            (self.expense_account, 300, {'property_budget_line_id': self.lift.id}),
            (self.bank_journal.default_account_id, -300, {})], '2025-06-30')
        wages.action_post()
        self.env.flush_all()
        self.env.invalidate_all()
        Report = self.env['property.budget.report'].with_user(self.clerk)
        sums = {
            line: tuple(figures) for line, *figures in Report._read_group(
                [('budget_id', '=', self.budget.id)], ['line_id'],
                ['amount_planned:sum', 'amount_actual:sum', 'amount_left:sum'])}
        self.assertEqual(sums, {
            self.cleaning: (12444, 13110, -666), self.lift: (3000, 690, 2310)})
        for line in self.budget.line_ids:
            self.assertEqual(
                sums[line], (line.amount_planned, line.amount_actual, line.amount_left))
        [row] = Report.search([('line_id', '=', self.lift.id), ('number', '=', wages.name)])
        self.assertEqual((str(row.date_bill), row.supplier_id.id), ('2025-06-30', False))
        wizard = self.env['property.report.print'].with_user(self.clerk).create({
            'report_id': self.env.ref('property_billing.property_report_budget').id,
            'project_ids': [Command.set(self.project.ids)],
            'date_start': '2025-01-01', 'date_end': '2025-12-31'})
        self.assertEqual(wizard._get_table()['rows'][0][2], [15444, 13800, 1644])
        content, kind = self.env['ir.actions.report'].with_user(self.clerk)._render_xlsx(
            'property_base.report_table_action_xlsx', wizard.ids, {})
        self.assertEqual((kind, content[:2]), ('xlsx', b'PK'))

    def test_who_may(self):
        stranger = self._create_user('stranger', 'property_billing.group_billing_officer')
        self.env.flush_all()
        domain = [('budget_id', '=', self.budget.id)]
        Report = self.env['property.budget.report']
        self.assertEqual(Report.with_user(self.clerk).search_count(domain), 2)
        self.assertEqual(Report.with_user(stranger).search_count(domain), 0)
