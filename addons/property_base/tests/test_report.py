import io
from datetime import date

from freezegun import freeze_time
from openpyxl import load_workbook

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common import PropertyCommon


@tagged('post_install', '-at_install')
@freeze_time('2026-03-10')
class TestReport(PropertyCommon):
    """ The report centre: Lakeside has a let flat, an owned one and a vacant shop. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._move_in(cls.flat, cls.olga, start=date(2025, 12, 1))
        cls._move_in(cls.flat, cls.tom, role='tenant', start=date(2026, 1, 15))
        cls._move_in(cls.next_flat, cls.fred, start=date(2026, 1, 20))
        cls.occupancy = cls.env.ref('property_base.property_report_occupancy')
        cls.moves = cls.env.ref('property_base.property_report_residents')

    def _print(self, report, user=None, **values):
        return self.env['property.report.print'].with_user(user or self.officer).create(
            {'report_id': report.id, **values})

    def test_occupancy_rates(self):
        """[A76] 住户入住率报表: 2 of 3 rooms are occupied; the tower has two, the annex one. """
        table = self._print(self.occupancy)._get_table()
        self.assertEqual(table['columns'][0], 'Project / Building')
        self.assertEqual(
            [(level, label, [round(value, 2) for value in values])
             for level, label, values in table['rows']],
            [
                (0, 'Total', [3, 2, 33.33, 33.33, 33.33, 66.67]),
                (1, 'Lakeside', [3, 2, 33.33, 33.33, 33.33, 66.67]),
                (2, 'Tower 1', [2, 2, 50, 50, 0, 100]),
                (2, 'Annex', [1, 0, 0, 0, 100, 0]),
            ])
        self.assertEqual(table['formats'], ['integer', 'integer', *['percent'] * 4])

    def test_period_and_projects(self):
        """[A76] Time range and filter; a month reads as one. """
        table = self._print(self.moves, date_start='2026-01-01', date_end='2026-01-31')._get_table()
        self.assertEqual(table['rows'], [
            (0, 'Total', [2]), (1, 'Lakeside', [2]),
            (2, 'Owner', [1]), (3, '2026-01', [1]),
            (2, 'Tenant', [1]), (3, '2026-01', [1])])
        self._move_in(self.hill_flat, self.hilda, start=date(2026, 1, 1))
        table = self._print(
            self.moves, self.manager, project_ids=[Command.set(self.hilltop.ids)])._get_table()
        self.assertEqual(table['rows'][1], (1, 'Hilltop', [1]))

    def test_one_query_whatever_the_depth(self):
        wizard = self._print(self.moves)
        wizard._get_table()
        start = self.cr.sql_log_count
        wizard._get_table()
        self.assertLessEqual(self.cr.sql_log_count - start, 2)

    def test_of_ones_own_projects(self):
        """[A66] """
        for user, total in ((self.officer, 3), (self.hill_officer, 1), (self.far_manager, 1)):
            [row, *_rows] = self._print(self.occupancy, user)._get_table()['rows']
            self.assertEqual(row[2][0], total, user.login)
        with self.assertRaises(AccessError):
            self._print(self.occupancy, project_ids=[Command.set(self.hilltop.ids)])

    def test_workbook(self):
        """[A76] Figures are numbers; the outer groups stand before the inner ones. """
        content, kind = self.env['ir.actions.report'].with_user(self.officer)._render_xlsx(
            'property_base.report_table_action_xlsx', self._print(self.occupancy).ids, {})
        self.assertEqual(kind, 'xlsx')
        [sheet] = load_workbook(io.BytesIO(content)).worksheets
        self.assertEqual(sheet['A1'].value, 'Occupancy rates')
        self.assertEqual(sheet['A2'].value, 'All projects · 2026-03-10')
        self.assertEqual([cell.value for cell in sheet[5]][:3], ['Total', 3, 2])
        self.assertEqual((sheet['A7'].value, sheet['A7'].alignment.indent), ('Tower 1', 1))

    def test_a_name_is_no_formula(self):
        self.lakeside.name = "=1+1"
        content, _kind = self.env['ir.actions.report'].with_user(self.officer)._render_xlsx(
            'property_base.report_table_action_xlsx',
            self._print(self.occupancy, project_ids=[Command.set(self.lakeside.ids)]).ids, {})
        [sheet] = load_workbook(io.BytesIO(content)).worksheets
        self.assertEqual((sheet['A6'].value, sheet['A6'].data_type), ("=1+1", 's'))

    def test_report_on_an_action_of_ones_own(self):
        """[A77] Made by an administrator, it has no external identifier. """
        own = self.env['ir.actions.act_window'].create({
            'name': "Flats", 'res_model': 'property.unit', 'domain': "[('kind', '=', 'flat')]"})
        report = self.env['property.report'].create({
            'name': "Flats by project", 'action_id': own.id, 'groups': 'project_id',
            'measures': '__count'})
        action = report.with_user(self.officer).action_open()
        self.assertEqual(
            (action['name'], action['domain']), ("Flats by project", own.domain))
        own.domain = "[('create_uid', '=', uid)]"
        with self.assertRaisesRegex(ValidationError, "“Flats” chooses its records by who opens"):
            report.action_id = own

    def test_printed(self):
        """[A76] """
        html = self.env['ir.actions.report'].with_user(self.officer)._render_qweb_html(
            'property_base.report_table', self._print(self.occupancy).ids)[0].decode()
        for text in ('Occupancy rates', 'All projects · 2026-03-10', 'Tower 1', '66.67'):
            self.assertIn(text, html)

    def test_opened_it_is_grouped_as_printed(self):
        """[A77] From there users group, chart and keep it as they like. """
        action = self.occupancy.with_user(self.officer).action_open()
        self.assertEqual(action['res_model'], 'property.room.report')
        self.assertEqual(action['context']['pivot_row_groupby'], ['project_id', 'building_id'])
        self.assertEqual(action['views'][0], (False, 'pivot'))

    def test_only_reports_of_what_one_may_see(self):
        """[A76] """
        visible = [('is_allowed', '=', True)]
        Report = self.env['property.report']
        self.assertIn(self.occupancy, Report.with_user(self.clerk).search(visible))
        stranger = new_test_user(self.env, 'stranger', 'base.group_user')
        self.assertFalse(Report.with_user(stranger).search(visible))
        with self.assertRaises(AccessError):
            self._print(self.occupancy, stranger)._get_table()

    def test_period_that_ends_before_it_begins(self):
        wizard = self._print(self.moves, date_start='2026-02-01', date_end='2026-01-01')
        with self.assertRaisesRegex(UserError, "ends before it begins"):
            wizard.action_pdf()

    def test_field_that_does_not_exist(self):
        with self.assertRaisesRegex(ValidationError, "no field “colour” on Occupancy of rooms"):
            self.occupancy.groups = 'project_id,colour'
