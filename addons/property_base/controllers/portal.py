from odoo import http
from odoo.fields import Domain
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal


class PropertyPortal(CustomerPortal):
    _change_url = '/my/changes/<int:change_id>'
    _home_url = '/my/homes/<int:unit_id>'
    _homes_on_home = 8
    _submissions_url = '/my/submissions'
    _submissions_per_page = 20

    @http.route()
    def home(self, **kw):
        """ Override of `portal` to show the person's homes on top. """
        response = super().home(**kw)
        response.qcontext.update(self._prepare_property_homes_values())
        return response

    @http.route(_home_url, type='http', auth='user', website=True, readonly=True)
    def property_home(self, unit_id, **kw):
        unit = request.env['property.unit'].search([('id', '=', unit_id)])
        if not unit:
            return request.redirect('/my')
        return request.render(
            'property_base.portal_property_home', self._prepare_property_home_values(unit))

    @http.route(_submissions_url, type='http', auth='user', website=True, readonly=True)
    def property_submissions(self, limit=None, **kw):
        """ What became of everything that the person has sent, newest first. """
        limit = int(limit) if (limit or '').isdecimal() else 0
        limit = min(max(limit, self._submissions_per_page), 1000)
        submissions = self._get_submissions(limit + 1)
        return request.render('property_base.portal_submissions', {
            **self._prepare_portal_layout_values(),
            'page_name': 'property_submissions',
            'title': request.env._("My requests"),
            'submissions': submissions[:limit],
            'more': len(submissions) > limit and limit + self._submissions_per_page,
        })

    @http.route(_change_url, type='http', auth='user', methods=['GET', 'POST'], website=True)
    def property_change(self, change_id, answer=None, **kw):
        """ A change of core data that waits for the owner's word. """
        change = request.env['property.resident.change'].search([('id', '=', change_id)])
        if not change:
            return request.redirect('/my')
        if request.httprequest.method == 'POST' and change.state == 'proposed':
            if answer == 'confirm':
                change.action_confirm()
            elif answer == 'refuse':
                change.action_refuse()
        return request.render('property_base.portal_property_change', {
            **self._prepare_portal_layout_values(),
            'page_name': 'property_change',
            'change': change,
            # sudo: an owner sees the name of his tenant; the rules on partners would hide it.
            'change_sudo': change.sudo(),
            'differences': change._get_differences(),
            # sudo: whose word counts follows from occupancies that a tenant may not see.
            'may_answer': request.env.user.partner_id in change.sudo()._get_confirmers()[change],
        })

    def _get_own_occupancies_domain(self):
        return Domain('partner_id', '=', request.env.user.partner_id.id) \
            & request.env['property.occupancy']._get_live_domain()

    def _get_own_occupancies_sudo(self):
        """ The live ones of the person, in sudo mode; none for staff without a right on the
        register. They are searched once per request.
        """
        Occupancy = request.env['property.occupancy']
        if not Occupancy.has_access('read'):
            return Occupancy.sudo()
        if not hasattr(request, 'property_occupancies_sudo'):
            # sudo: the domain is what the rules give him as his own; to ask them here, and for
            # each unit and project, would take longer than all the rest of the page.
            request.property_occupancies_sudo = Occupancy.sudo().search_fetch(
                self._get_own_occupancies_domain(), ['unit_id', 'role'], order='date_start, id')
        return request.property_occupancies_sudo

    def _prepare_property_homes_values(self):
        """ What the top of the portal's home shows.

        :rtype: dict
        """
        if not request.env['property.occupancy'].has_access('read'):
            return {'property_homes': None, 'property_home_tiles': []}
        occupancies_sudo = self._get_own_occupancies_sudo()
        homes_sudo = occupancies_sudo.unit_id
        shown_sudo = homes_sudo[:self._homes_on_home]
        shown_ids = set(shown_sudo.ids)
        by_home = occupancies_sudo.filtered(
            lambda occupancy: occupancy.unit_id.id in shown_ids).grouped('unit_id')
        units = homes_sudo.sudo(False)
        return {
            'property_homes': homes_sudo,
            # Of those below the fold not even the names are read.
            'property_homes_shown': {home: by_home[home] for home in shown_sudo},
            'property_home_tiles': sorted(
                self._prepare_property_home_tiles(units), key=lambda tile: tile['sequence']),
            'property_roles': dict(request.env['property.occupancy']._fields['role']
                                   ._description_selection(request.env)),
        }

    def _get_submissions(self, limit):
        """ The newest of all domains together. """
        submissions = self._prepare_property_steps(limit)
        submissions.sort(key=lambda submission: submission['date'], reverse=True)
        return submissions[:limit]

    def _prepare_property_steps(self, limit):
        """ What the person has sent to the office or has been asked by it, with what became of it.

        Each domain appends its newest ones. A submission is a dict with the keys kind (its name in
        the person's words), title, url, icon (a Font Awesome class), date (when it was sent),
        is_open, and steps: dicts with label, who, date and perhaps text, in their order; a step
        that has not been taken has no date.

        :param int limit: at most so many of each domain
        :rtype: list[dict]
        """
        Change = request.env['property.resident.change']
        if not Change.has_access('read'):
            return []
        changes = Change.search(
            [('partner_id', '=', request.env.user.partner_id.id)], limit=limit)
        return [
            {
                'kind': request.env._("Change of data"),
                'title': change.reason,
                'url': f'/my/changes/{change.id}',
                'icon': 'fa-pencil-square-o',
                'date': change.create_date,
                'is_open': change.state in ('proposed', 'confirmed'),
                'steps': change._get_steps(),
            }
            for change in changes
        ]

    def _prepare_property_home_tiles(self, units):
        """ The large buttons above the person's homes; other add-ons append theirs.

        :param property.unit units: where the person lives, or what he owns
        :return: dicts with the keys sequence, title, text, icon (a Font Awesome class) and url
        :rtype: list[dict]
        """
        partner = request.env.user.partner_id
        # sudo: whose word counts follows from occupancies that a tenant may not see.
        changes_sudo = request.env['property.resident.change'].sudo().search(
            Domain('state', '=', 'proposed')
            & (Domain('partner_id', '=', partner.id) | Domain('unit_id', 'in', units.ids)))
        confirmers = changes_sudo._get_confirmers()
        return [
            {
                'sequence': 5, 'icon': 'fa-check-square-o', 'url': f'/my/changes/{change.id}',
                'title': request.env._("Please confirm"),
                'text': change.unit_id.complete_name,
            }
            for change in changes_sudo if partner in confirmers[change]
        ] + [
            {
                'sequence': 20, 'icon': 'fa-list-ul', 'url': self._submissions_url,
                'title': request.env._("My requests"), 'text': request.env._("Step by step"),
            },
        ]

    def _prepare_property_home_values(self, unit):
        """ What the page of one home shows.

        :param property.unit unit: a unit that the user may see
        :rtype: dict
        """
        Occupancy = request.env['property.occupancy']
        occupancies = Occupancy.search(
            Domain('unit_id', '=', unit.id) & Occupancy._get_live_domain(),
            order='date_start, id')
        return {
            **self._prepare_portal_layout_values(),
            'page_name': 'property_home',
            'unit': unit,
            'own_occupancies': occupancies.filtered_domain(self._get_own_occupancies_domain()),
            # The rules let the user see these occupancies; sudo only for the names in them, which
            # the rules on partners would hide from an owner.
            'occupancies_sudo': occupancies.sudo(),
            'vehicles': request.env['property.vehicle'].search([('unit_id', '=', unit.id)]),
        }
