import io

from odoo import http
from odoo.http import content_disposition, request


class PropertyImportController(http.Controller):

    @http.route('/property/import/template', type='http', auth='user', readonly=True)
    def template(self, project_id=None):
        """ The workbook to fill in, with what the project has. """
        record = request.env['property.import']
        record.check_access('create')
        project = request.env['property.project'].browse(
            int(project_id) if (project_id or '').isdecimal() else ()).exists()
        project.check_access('read')
        stream = io.BytesIO()
        record._get_template(project).save(stream)
        name = '-'.join(filter(None, (project.name, request.env._("property register template"))))
        return request.make_response(stream.getvalue(), headers=[
            ('Content-Type',
             'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'),
            ('Content-Disposition', content_disposition(f'{name}.xlsx')),
        ])
