from base64 import b64decode

from PIL import UnidentifiedImageError
from werkzeug.exceptions import NotFound

from odoo import modules
from odoo.exceptions import ValidationError
from odoo.http import Controller, request, route
from odoo.tools import file_open

from ..tools.changelog import parse
from ..tools.icon import make_icon

PRODUCT = 'property_base'
ICON_SIZES = (180, 192, 512)
# Where a visitor sees nothing and a machine fills in everything.
TRAP = 'website_url'


class PropertyPublic(Controller):
    """ Pages that need no account: what this is, who asks for it, how it comes on the phone. """

    # === ABOUT === #

    @route('/about', type='http', auth='public', website=True, readonly=True)
    def property_about(self, **kw):
        """ Version and what is new; staff see each part of the suite. """
        company_sudo = self._get_company_sudo()
        is_staff = request.env.user._is_internal()
        return request.render('property_base.portal_about', {
            'title': request.env._("About"),
            'company': company_sudo,
            'releases': self._get_releases(),
            'agreements': request.env['property.agreement'].sudo()._get_current(company_sudo),
            'modules': self._get_modules() if is_staff else [],
        })

    def _get_releases(self):
        """ The change log in the reader's language. """
        for name in (f'CHANGELOG.{request.env.lang}.md', 'CHANGELOG.md'):
            try:
                with file_open(f'{PRODUCT}/{name}') as file:
                    return parse(file.read())
            except FileNotFoundError:
                continue

    def _get_modules(self):
        """ The installed add-ons of the suite: name, version in the database, version on disk. """
        # sudo: what is installed is told to staff, not only to the administrator.
        installed_sudo = request.env['ir.module.module'].sudo().search(
            [('name', '=like', 'property%'), ('state', '!=', 'uninstalled'),
             ('latest_version', '!=', False)], order='name')
        return [
            (module, module.latest_version, modules.Manifest.for_addon(module.name)['version'])
            for module in installed_sudo]

    # === APPLICATION OF ANOTHER COMPANY === #

    @route('/apply', type='http', auth='public', methods=['GET', 'POST'], website=True)
    def property_application(self, **form):
        error = None
        is_sent = False
        if request.httprequest.method == 'POST':
            try:
                if not form.get(TRAP):
                    request.env['property.application']._submit(
                        form, request.httprequest.remote_addr)
                is_sent = True
            except ValidationError as exception:
                error = exception.args[0]
        return request.render('property_base.portal_application', {
            'title': request.env._("Use this service for your projects"),
            'company': self._get_company_sudo(),
            'form': form,
            'trap': TRAP,
            'error': error,
            'is_sent': is_sent,
        })

    # === WAYS TO THE PORTAL === #

    @route('/p/<int:project_id>', type='http', auth='public', website=True, readonly=True)
    def property_welcome(self, project_id, **kw):
        """ What the poster's code opens: the online service of one project. """
        # sudo: name, address and phone of a management office hang at its door.
        project_sudo = request.env['property.project'].sudo().search([('id', '=', project_id)])
        if not project_sudo:
            raise NotFound()
        return request.render('property_base.portal_welcome', {
            'title': project_sudo.name,
            'project': project_sudo,
            'company': project_sudo.company_id,
            'is_signed_in': not request.env.user._is_public(),
        })

    @route(
        '/property/manifest/<int:company_id>.webmanifest', type='http', auth='public',
        readonly=True,
    )
    def property_manifest(self, company_id):
        """ What a phone needs to put the portal on its home screen under the company's name. """
        # sudo: name and logo of a company are on every public page.
        company_sudo = request.env['res.company'].sudo().browse(company_id).exists()
        if not company_sudo:
            raise NotFound()
        return request.make_json_response({
            'id': '/my',
            'name': company_sudo.name,
            'short_name': company_sudo.name[:12],
            'start_url': '/my',
            'scope': '/',
            'display': 'standalone',
            'background_color': '#ffffff',
            'theme_color': '#1f7a8c',
            'icons': [
                {'src': f'/property/icon/{company_id}/{size}.png', 'sizes': f'{size}x{size}',
                 'type': 'image/png', 'purpose': 'any'}
                for size in ICON_SIZES[1:]],
        }, {'Content-Type': 'application/manifest+json'})

    @route(
        '/property/icon/<int:company_id>/<int:size>.png', type='http', auth='public',
        readonly=True,
    )
    def property_icon(self, company_id, size):
        """ The company's logo as a square, or the product's where it has none. """
        if size not in ICON_SIZES:
            raise NotFound()
        company_sudo = request.env['res.company'].sudo().browse(company_id).exists()  # as above
        icon = None
        if company_sudo.logo and not company_sudo.uses_default_logo:
            try:
                icon = make_icon(b64decode(company_sudo.logo), size)
            except UnidentifiedImageError:
                pass  # a drawing (SVG), of which phones make no icon
        if not icon:
            with file_open(f'{PRODUCT}/static/description/icon.png', 'rb') as file:
                icon = make_icon(file.read(), size)
        return request.make_response(
            icon, [('Content-Type', 'image/png'), ('Cache-Control', 'public, max-age=86400')])

    def _get_company_sudo(self):
        """ Of the signed-in user, else of the address. """
        user = request.env.user
        return (request.env.company if user._is_public() else user.company_id).sudo()
