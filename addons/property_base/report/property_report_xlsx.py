from xlsxwriter.utility import xl_range

from odoo import models

FORMATS = {
    'integer': '#,##0', 'percent': '0.00', 'amount': '#,##0.00',
    'date': 'yyyy-mm-dd', 'datetime': 'yyyy-mm-dd hh:mm',
}
FIRST_ROW = 4
# What Excel takes in no name of a sheet.
NO_SHEET_SIGNS = str.maketrans(dict.fromkeys('[]:*?/\\', ' '))


class PropertyReportXlsx(models.AbstractModel):
    """ A report of the report centre, or a list, as a workbook.

    Where the records come with it, its sums are formulas over their sheet.
    """
    _name = 'report.property_base.report_table_xlsx'
    _description = 'Report as a workbook'
    _inherit = ['report.report_xlsx.abstract']

    def get_workbook_options(self):
        """ Override of `report_xlsx`: each row leaves the memory once it is written. """
        return {'constant_memory': True, 'strings_to_formulas': False, 'strings_to_urls': False}

    def generate_xlsx_report(self, workbook, data, objs):
        for wizard in objs:
            table = wizard._get_table()
            detail = table['detail']
            detail_name = self.env._("Detail")
            name = wizard.name.translate(NO_SHEET_SIGNS)[:31].strip(" '")
            sheet = workbook.add_worksheet(  # without a name Excel's own: Sheet1
                name if name.lower() != detail_name.lower() else None)
            # After the sums: its name is in their formulas.
            detail_sheet = detail and workbook.add_worksheet(detail_name)
            self._write_sums(workbook, sheet, wizard, table, detail_sheet)
            if detail:
                self._write_detail(workbook, detail_sheet, wizard, detail)

    def _write_head(self, workbook, sheet, wizard, columns):
        heading = workbook.add_format({'bold': True, 'bottom': 1, 'text_wrap': True})
        # As text: the name of a project that begins with = is no formula.
        sheet.write_string(
            0, 0, wizard.name, workbook.add_format({'bold': True, 'font_size': 14}))
        sheet.write_string(1, 0, wizard._get_scope())
        for column, label in enumerate(columns):
            sheet.write_string(FIRST_ROW - 1, column, label, heading)
        sheet.freeze_panes(FIRST_ROW, 1)

    def _write_sums(self, workbook, sheet, wizard, table, detail_sheet):
        sheet.set_column(0, 0, 32)
        sheet.set_column(1, len(table['columns']), 14)
        self._write_head(workbook, sheet, wizard, table['columns'])
        formats = {}
        for number, (level, label, values) in enumerate(table['rows']):
            row, bold = FIRST_ROW + number, {'bold': not level}
            if level not in formats:
                formats[level] = [
                    workbook.add_format({**bold, 'indent': max(level - 1, 0)}),
                    *(workbook.add_format({**bold, 'num_format': FORMATS[kind]})
                      for kind in table['formats'])]
            sheet.write_string(row, 0, str(label), formats[level][0])
            block = detail_sheet and table['detail']['blocks'][number]
            for column, (value, summed) in enumerate(
                    zip(values, table['summed'], strict=True), 1):
                if block and summed is not None:
                    sheet.write_formula(
                        row, column, self._get_formula(detail_sheet, block, summed),
                        formats[level][column], value)
                else:
                    sheet.write(row, column, value, formats[level][column])

    def _get_formula(self, detail_sheet, block, column):
        first, last = (FIRST_ROW + number for number in block)
        cells = xl_range(first, max(column, 0), last, max(column, 0))
        sheet = detail_sheet.get_name().replace("'", "''")
        return f"={'ROWS' if column < 0 else 'SUM'}('{sheet}'!{cells})"

    def _write_detail(self, workbook, sheet, wizard, detail):
        sheet.set_column(0, len(detail['columns']) - 1, 16)
        self._write_head(workbook, sheet, wizard, detail['columns'])
        formats = {
            kind: workbook.add_format({'num_format': number}) for kind, number in FORMATS.items()}
        for row, values in enumerate(detail['rows'], FIRST_ROW):
            for column, (value, kind) in enumerate(zip(values, detail['formats'], strict=True)):
                if isinstance(value, str):
                    sheet.write_string(row, column, value)
                else:
                    sheet.write(row, column, value, formats.get(kind))
        sheet.autofilter(
            FIRST_ROW - 1, 0, FIRST_ROW - 1 + len(detail['rows']), len(detail['columns']) - 1)
