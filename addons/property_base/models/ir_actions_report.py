import logging
from contextlib import contextmanager
from urllib.parse import urlsplit

from werkzeug.test import EnvironBuilder, run_wsgi_app

from odoo import api, models
from odoo.exceptions import MissingError, UserError
from odoo.http import root
from odoo.service import security

from ..tools.browsers import find_chromium
from ..tools.chromium import ChromiumError, Paper, print_pdf

_logger = logging.getLogger(__name__)

# wkhtmltopdf shrinks a page by this, unless the paper format says otherwise; reports are drawn
# for it.
SHRINKING = 0.8
SECONDS_PER_PRINT = 60
SECONDS_PER_DOCUMENT = 2


class IrActionsReport(models.Model):
    """ Print by Chromium instead of wkhtmltopdf.

    The wkhtmltopdf of distributions drops header and footer, hence letterhead and page numbers, and
    is maintained no more.
    """
    _inherit = 'ir.actions.report'

    @api.model
    def get_wkhtmltopdf_state(self):
        """ Override of `base`: never let the web client print HTML instead.

        Without Chromium the print itself says what to install.
        """
        return 'ok'

    def _get_rendering_context(self, report, docids, data):
        """ Override of `base`: what is gone is not found; the template would be to blame else. """
        values = super()._get_rendering_context(report, docids, data)
        docs = values.get('docs')
        if isinstance(docs, models.BaseModel) and docs != docs.exists():
            raise MissingError(self.env._("What is to be printed does not exist any more."))
        return values

    @api.model
    def _run_wkhtmltopdf(
            self,
            bodies,
            report_ref=False,
            header=None,
            footer=None,
            landscape=False,
            specific_paperformat_args=None,
            set_viewport_size=False):
        """ Override of `base`: print by Chromium. """
        executable = find_chromium(
            self.env['ir.config_parameter'].sudo().get_param('property_base.chromium'))
        if not executable:
            raise UserError(self.env._(
                "There is no Chromium to print with. Install it on the server, for example by "
                "“apt install chromium fonts-noto-cjk”. If it is installed in an unusual place, "
                "put its path into the system parameter property_base.chromium."))
        report = self._get_report(report_ref) if report_ref else self
        with self._get_print_fetch() as fetch:
            try:
                return print_pdf(
                    executable,
                    [str(body) for body in bodies],  # Markup would escape what is added to it
                    paper=self._get_print_paper(
                        report.get_paperformat(), landscape, specific_paperformat_args or {}),
                    base_url=self._get_report_url(),
                    fetch=fetch,
                    header=str(header or ''),
                    footer=str(footer or ''),
                    timeout=SECONDS_PER_PRINT + SECONDS_PER_DOCUMENT * len(bodies),
                )
            except ChromiumError as error:
                _logger.warning("Printing by %s failed", executable, exc_info=True)
                raise UserError(self.env._(
                    "Chromium (%(executable)s) could not print this: %(error)s",
                    executable=executable, error=error)) from error

    @api.model
    def _get_print_paper(self, paperformat, landscape, specific_args):
        """ The paper that a format and the `data-report-*` attributes of a template describe. """
        width, height = paperformat.print_page_width or 210, paperformat.print_page_height or 297
        landscape = landscape or specific_args.get('data-report-landscape')
        if landscape and paperformat.orientation != 'Landscape':
            width, height = height, width

        def specific(name, default):
            return float(specific_args.get(f'data-report-{name}', default))

        return Paper(
            width=width,
            height=height,
            margin_top=specific('margin-top', paperformat.margin_top),
            margin_bottom=specific('margin-bottom', paperformat.margin_bottom),
            margin_left=paperformat.margin_left,
            margin_right=paperformat.margin_right,
            header_spacing=specific('header-spacing', paperformat.header_spacing),
            scale=1 if paperformat.disable_shrinking else SHRINKING,
        )

    @contextmanager
    def _get_print_fetch(self):
        """ Give the function that loads what a printed page refers to: styles, fonts, images.

        It asks Odoo in this process, so printing needs neither a second worker nor a server that
        listens; in the name of the user who prints, so that no page shows more than he may see.
        """
        session = root.session_store.new()
        session.update({
            'db': self.env.cr.dbname,
            'uid': None if self.env.user._is_public() else self.env.uid,
            'login': self.env.user.login,
            'context': self.env['res.users'].context_get(),
            'debug': '',
            '_trace_disable': True,  # not a device of the user
        })
        if session.uid:
            session.session_token = security.compute_session_token(session, self.env)
        root.session_store.save(session)

        def fetch(url):
            parts = urlsplit(url)
            if parts.path.startswith('/web/assets/'):
                # A bundle that this very print generated is not visible to another request yet.
                attachment = self.env['ir.attachment'].sudo().search(
                    [('url', '=', parts.path), ('public', '=', True)], limit=1)
                if attachment:
                    return 200, attachment.mimetype, attachment.raw
            environ = EnvironBuilder(
                path=parts.path, query_string=parts.query,
                base_url=f'{parts.scheme}://{parts.netloc}',
                headers={'Cookie': f'session_id={session.sid}'},
            ).get_environ()
            content, status, headers = run_wsgi_app(root, environ, buffered=True)
            return int(status.split()[0]), headers.get('Content-Type', ''), b''.join(content)

        try:
            yield fetch
        finally:
            root.session_store.delete(session)
