import io
from datetime import date, datetime
from unittest.mock import patch

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
        cls.occupancy.details = 'project_id,building_id,unit_id,kind,state,building_area,' \
            'occupied_count'
        cls.moves = cls.env.ref('property_base.property_report_residents')

    def _print(self, report, user=None, **values):
        return self.env['property.report.print'].with_user(user or self.officer).create(
            {'report_id': report.id, **values})

    def _render(self, wizard, data_only=False):
        content, kind = self.env['ir.actions.report'].with_user(wizard.env.user)._render_xlsx(
            'property_base.report_table_action_xlsx', wizard.ids, {})
        self.assertEqual(kind, 'xlsx')
        return load_workbook(io.BytesIO(content), data_only=data_only).worksheets

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
        wizard = self._print(self.moves, with_detail=False)
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
        [sheet] = self._render(self._print(self.occupancy, with_detail=False))
        self.assertEqual(sheet['A1'].value, 'Occupancy rates')
        self.assertEqual(sheet['A2'].value, 'All projects · 2026-03-10')
        self.assertEqual([cell.value for cell in sheet[5]][:3], ['Total', 3, 2])
        self.assertEqual((sheet['A7'].value, sheet['A7'].alignment.indent), ('Tower 1', 1))

    def test_a_name_is_no_formula(self):
        self.lakeside.name = "=1+1"
        sheet, detail = self._render(
            self._print(self.occupancy, project_ids=[Command.set(self.lakeside.ids)]))
        for cell in (sheet['A6'], detail['A5']):
            self.assertEqual((cell.value, cell.data_type), ("=1+1", 's'))

    def test_a_name_that_excel_does_not_take_for_a_sheet(self):
        """ Whoever names a report, or what a list is of, knows nothing of sheets. """
        for name, title in (("Fees/rent: 2026", "Fees rent  2026"), ("'?'", "Sheet1"),
                            ("detail", "Sheet1")):
            with self.subTest(name=name):
                self.occupancy.name = name
                sheet, detail = self._render(self._print(self.occupancy))
                self.assertEqual((sheet.title, sheet['A1'].value), (title, name))
                self.assertEqual(detail.title, "Detail")

    def test_workbook_whose_sums_are_formulas_over_its_records(self):
        """[B42] [G18] One record a line on the second sheet, in the order of the groups. The tower
        has two of the three rooms, both occupied.
        """
        sheet, detail = self._render(self._print(self.occupancy))
        self.assertEqual(
            [[cell.value for cell in row[:3]] for row in sheet.iter_rows(min_row=5)], [
                ['Total', "=ROWS('Detail'!A5:A7)", "=SUM('Detail'!G5:G7)"],
                ['Lakeside', "=ROWS('Detail'!A5:A7)", "=SUM('Detail'!G5:G7)"],
                ['Tower 1', "=ROWS('Detail'!A5:A6)", "=SUM('Detail'!G5:G6)"],
                ['Annex', "=ROWS('Detail'!A7)", "=SUM('Detail'!G7)"]])
        # A rate is no sum of its records.
        self.assertEqual(sheet['F5'].data_type, 'n')
        self.assertEqual(
            [[row[1].value, row[6].value] for row in detail.iter_rows(min_row=5)],
            [['Tower 1', 1], ['Tower 1', 1], ['Annex', 0]])
        # Who opens it without computing sees the figures that the formulas give.
        sheet, _detail = self._render(self._print(self.occupancy), data_only=True)
        self.assertEqual([cell.value for cell in sheet[5]][:3], ['Total', 3, 2])

    def _print_list(self, user=None, **values):
        """ What the button above a list asks for. """
        return self.env['property.report.print'].with_user(user or self.officer).create({
            'name': "Residents", 'view': {
                'model': 'property.occupancy', 'domain': [['role', '=', 'owner']],
                'groups': ['unit_id', 'date_start:month'], 'sums': [['share', "Share"]],
                'columns': [['partner_id', "Who"], ['date_start', "Since"], ['share', "Share"]],
                'scope': "Owner", **values}})

    def test_a_list_as_it_is_filtered(self):
        """[B42] [G18] Columns and groups are those of the screen. """
        self.next_flat.occupancy_ids.share = 60
        self.flat.occupancy_ids.filtered(lambda it: it.role == 'owner').share = 40
        sheet, detail = self._render(self._print_list())
        self.assertEqual(
            (sheet['A1'].value, sheet['A2'].value), ("Residents", "Owner · 2026-03-10"))
        self.assertEqual(
            [[cell.value for cell in row] for row in detail.iter_rows(min_row=4)], [
                ["Who", "Since", "Share"],
                ["Olga Owner", datetime(2025, 12, 1), 40],
                ["Fred Former", datetime(2026, 1, 20), 60]])
        self.assertEqual(
            [[cell.value for cell in row] for row in sheet.iter_rows(min_row=5)][0],
            ['Total', "=ROWS('Detail'!A5:A6)", "=SUM('Detail'!C5:C6)"])
        self.assertEqual(sheet.max_row, 9)  # two rooms, each with its month

    def test_a_list_in_the_order_of_the_screen(self):
        """[B42] As the user has sorted it, within its groups. """
        for order, names in (
            ('date_start desc', ["Fred Former", "Olga Owner"]),
            ('date_start', ["Olga Owner", "Fred Former"]), ('', ["Olga Owner", "Fred Former"]),
        ):
            _sheet, detail = self._render(self._print_list(groups=[], order=order))
            self.assertEqual(
                [row[0].value for row in detail.iter_rows(min_row=5)], names, order)

    def test_a_list_by_weeks(self):
        """ They begin as in the user's language: 2025-12-01 is a Monday, 2026-01-20 a Tuesday. """
        lang = self.env['res.lang']._lang_get('en_US')
        for week_start, days in (('1', ['2025-12-01', '2026-01-19']),
                                 ('7', ['2025-11-30', '2026-01-18'])):
            lang.week_start = week_start
            wizard = self._print_list(groups=['date_start:week']).with_context(lang='en_US')
            self.assertEqual(
                [row[2][0] for row in wizard._get_table()['rows']], [2, 1, 1], week_start)
            self.assertEqual(
                [str(self.env['property.table'].with_context(lang='en_US')._start_of(
                    date.fromisoformat(day), 'week'))
                 for day in ('2025-12-01', '2026-01-20')], days)

    def test_a_list_by_yes_and_no(self):
        self.next_flat.occupancy_ids.is_payer = False
        rows = self._print_list(groups=['is_payer'])._get_table()['rows']
        self.assertEqual([row[1] for row in rows], ["Total", "No", "Yes"])

    def test_a_list_without_groups_or_records(self):
        """[B42] """
        sheet, detail = self._render(self._print_list(groups=[], domain=[['id', '=', 0]]))
        self.assertEqual([cell.value for cell in sheet[5]], ['Total', 0, 0])
        self.assertEqual(detail.max_row, 4)

    def test_a_list_takes_away_what_its_reader_sees(self):
        """[A66] [B42] Neither other projects' records, nor lists of what he may not read. """
        table = self._print_list(self.far_manager)._get_table()
        self.assertEqual(table['rows'][0][2][0], 0)
        with self.assertRaises(AccessError):
            self._print_list(model='ir.cron', groups=[], sums=[], domain=[])._get_table()
        self.officer.group_ids -= self.env.ref('base.group_allow_export')
        if not self.officer.has_group('base.group_allow_export'):
            with self.assertRaisesRegex(AccessError, "not allowed to export"):
                self._print_list().action_excel()

    def test_too_long_for_paper(self):
        """[G18] """
        with patch(
            'odoo.addons.property_base.wizards.property_report_print.PAGE_LIMIT', 1,
        ), self.assertRaisesRegex(UserError, "more than 1 records"):
            self._print_list()._get_page_table()

    def test_list_printed(self):
        """[G18] Seven columns stand upright, more lie across the page. """
        html = self.env['ir.actions.report'].with_user(self.officer)._render_qweb_html(
            'property_base.report_table', self._print_list().ids)[0].decode()
        for text in ("Residents", "Owner · 2026-03-10", "Olga", "2025-12-01"):
            self.assertIn(text, html)
        self.assertEqual(
            self._print_list().action_pdf()['report_name'], 'property_base.report_table')
        columns = [[name, ""] for name in (
            'unit_id', 'partner_id', 'role', 'date_start', 'date_end', 'share', 'project_id',
            'building_id')]
        self.assertEqual(
            self._print_list(columns=columns).action_pdf()['report_name'],
            'property_base.report_table_wide')

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
