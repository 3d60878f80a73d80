from odoo.http import request, route

from .portal import PropertyPortal


class PropertyLinks(PropertyPortal):
    """ Addresses that never change, for the menu of an official account and for printed codes.

    The add-on of a domain answers its link by an override. Until it is installed, the page says
    whom to call instead. Whoever is not signed in gets there after signing in, as everywhere.
    """

    @route('/my/repair/new', type='http', auth='user', website=True)
    def property_repair_new(self, **kw):
        return self._render_not_offered(request.env._("Report a repair"))

    @route('/my/complaint/new', type='http', auth='user', website=True)
    def property_complaint_new(self, **kw):
        return self._render_not_offered(request.env._("Make a complaint"))

    @route('/my/move-car/new', type='http', auth='user', website=True)
    def property_move_car_new(self, **kw):
        return self._render_not_offered(request.env._("Ask for a car to be moved"))

    def _render_not_offered(self, title):
        projects = self._get_own_occupancies_sudo().project_id.sudo(False)
        return request.render('property_base.portal_not_offered', {
            **self._prepare_portal_layout_values(),
            'page_name': 'property_not_offered',
            'title': title,
            'projects': projects,
            # sudo: the company's phone number is on every bill.
            'company': (projects.company_id or request.env.user.company_id).sudo()[:1],
        })
