from odoo import models

FORMATS = {'integer': '#,##0', 'percent': '0.00', 'amount': '#,##0.00'}


class PropertyReportXlsx(models.AbstractModel):
    """ A report of the report centre as a workbook. """
    _name = 'report.property_base.report_table_xlsx'
    _description = 'Report as a workbook'
    _inherit = ['report.report_xlsx.abstract']

    def generate_xlsx_report(self, workbook, data, objs):
        for wizard in objs:
            table = wizard._get_table()
            sheet = workbook.add_worksheet(wizard.report_id.name[:31])
            title = workbook.add_format({'bold': True, 'font_size': 14})
            heading = workbook.add_format({'bold': True, 'bottom': 1, 'text_wrap': True})
            # As text: the name of a project that begins with = is no formula.
            sheet.write_string(0, 0, wizard.report_id.name, title)
            sheet.write_string(1, 0, wizard._get_scope())
            sheet.write_row(3, 0, table['columns'], heading)
            sheet.freeze_panes(4, 1)
            for row, (level, label, values) in enumerate(table['rows'], 4):
                bold = {'bold': not level}
                sheet.write_string(row, 0, str(label), workbook.add_format(
                    {**bold, 'indent': max(level - 1, 0)}))
                for column, (value, kind) in enumerate(
                    zip(values, table['formats'], strict=True), 1
                ):
                    sheet.write(row, column, value, workbook.add_format(
                        {**bold, 'num_format': FORMATS[kind]}))
            sheet.set_column(0, 0, 32)
            sheet.set_column(1, len(table['columns']), 14)
