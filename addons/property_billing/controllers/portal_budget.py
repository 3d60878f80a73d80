from datetime import date

from werkzeug.exceptions import NotFound

from odoo import fields, http
from odoo.fields import Domain
from odoo.http import request

from odoo.addons.portal.controllers.portal import pager as portal_pager
from odoo.addons.property_base.controllers.portal import PropertyPortal


class PropertyBudgetPortal(PropertyPortal):
    """ What owners see of the budget and the funds of their project (公示). """
    _budgets_url = '/my/budgets'
    _budget_url = '/my/budgets/<int:budget_id>'
    _cost_url = '/my/budgets/<int:budget_id>/costs/<int:line_id>'
    _document_url = '/my/budgets/<int:budget_id>/bills/<int:move_id>'
    _fund_url = '/my/funds/<int:fund_id>'
    _statements_per_page = 5

    def _prepare_property_home_tiles(self, units):
        """ Override of `property_base`: where there is something to see. """
        tiles = super()._prepare_property_home_tiles(units)
        if self._get_shown_budgets_sudo() or self._get_shown_funds_sudo():
            tiles.append({
                'sequence': 95,
                'title': request.env._("Budget and funds"),
                'text': request.env._("What is planned and spent"),
                'icon': 'fa-pie-chart',
                'url': self._budgets_url,
            })
        return tiles

    @http.route(_budgets_url, type='http', auth='user', website=True, readonly=True)
    def property_budgets(self, **kw):
        return request.render('property_billing.portal_budgets', {
            **self._prepare_portal_layout_values(),
            'page_name': 'property_budgets',
            'budgets': self._get_shown_budgets_sudo(),
            'funds': self._get_shown_funds_sudo(),
        })

    @http.route(
        [_budget_url, f'{_budget_url}/page/<int:page>'], type='http', auth='user', website=True,
        readonly=True)
    def property_budget(self, budget_id, page=1, **kw):
        """ Planned against actual, and what the person's own homes bear of it, a few at a time. """
        budget_sudo = self._get_budget_sudo(budget_id)
        partner = request.env.user.partner_id
        units_sudo = budget_sudo.state == 'trued_up' and budget_sudo._get_units_of(partner)
        pager = units_sudo and portal_pager(
            url=f'{self._budgets_url}/{budget_sudo.id}', total=len(units_sudo), page=page,
            step=self._statements_per_page)
        return request.render('property_billing.portal_budget', {
            **self._prepare_portal_layout_values(),
            'page_name': 'property_budgets',
            'budget': budget_sudo,
            'currency': budget_sudo.currency_id,
            'pager': pager,
            'statements': pager and budget_sudo._get_statements(
                units_sudo[pager['offset']:][:self._statements_per_page], partner),
        })

    @http.route(_cost_url, type='http', auth='user', website=True, readonly=True)
    def property_budget_cost(self, budget_id, line_id, **kw):
        """ The suppliers' bills and the entries of a cost. """
        budget_sudo = self._get_budget_sudo(budget_id)
        line_sudo = budget_sudo.line_ids.filtered(lambda line: line.id == line_id)
        if not line_sudo:
            raise NotFound()
        sources = line_sudo._get_sources()
        bills_sudo = line_sudo.env['account.move'].union(*(source['bill'] for source in sources))
        return request.render('property_billing.portal_budget_cost', {
            **self._prepare_portal_layout_values(),
            'page_name': 'property_budgets',
            'budget': budget_sudo,
            'line': line_sudo,
            'currency': budget_sudo.currency_id,
            'sources': sources,
            'documents': bills_sudo._get_shown_documents_sudo(),
        })

    @http.route(_document_url, type='http', auth='user', website=True, readonly=True)
    def property_budget_document(self, budget_id, move_id, **kw):
        """ A supplier's bill, where somebody of the office has allowed it to be seen. """
        budget_sudo = self._get_budget_sudo(budget_id)
        bills_sudo = [
            bill for line in budget_sudo.line_ids for bill, _amount in line._get_bills_sudo()]
        bill_sudo = next((bill for bill in bills_sudo if bill.id == move_id), None)
        document_sudo = bill_sudo and bill_sudo._get_shown_documents_sudo().get(bill_sudo)
        if not document_sudo:
            raise NotFound()
        return request.env['ir.binary']._get_stream_from(document_sudo).get_response()

    @http.route(_fund_url, type='http', auth='user', website=True, readonly=True)
    def property_fund(self, fund_id, year=None, **kw):
        """ The statement of a fund for a year. """
        fund_sudo = self._get_shown_funds_sudo().filtered(lambda fund: fund.id == fund_id)
        if not fund_sudo:
            raise NotFound()
        this_year = fields.Date.context_today(fund_sudo).year
        shown = int(year) if (year or '').isdecimal() and len(year) == 4 else this_year
        shown = min(max(shown, 2000), this_year)
        return request.render('property_billing.portal_fund', {
            **self._prepare_portal_layout_values(),
            'page_name': 'property_budgets',
            'fund': fund_sudo,
            'currency': fund_sudo.currency_id,
            'year': shown,
            'this_year': this_year,
            'accounts': fund_sudo.kind == 'maintenance' and self._get_owned_units_sudo(
                )._get_fund_accounts(fund_sudo),
            'statement': fund_sudo._get_statement(
                date(shown, 1, 1), date(shown, 12, 31), is_masked=True),
        })

    # === WHAT MAY BE SEEN === #

    def _get_owned_units_sudo(self):
        """ What the person owns today. """
        return self._get_own_occupancies_sudo().filtered(
            lambda occupancy: occupancy.role == 'owner').unit_id

    def _get_owned_projects_sudo(self):
        return self._get_owned_units_sudo().project_id

    def _get_shown_budgets_sudo(self):
        """ Those of the person's projects, and those that settle what he was charged. """
        if not request.env['property.occupancy'].has_access('read'):  # staff without homes
            return request.env['property.budget'].sudo()
        partner = request.env.user.partner_id
        # sudo: portal users have no right on budgets; published ones of their projects are shown.
        charged_sudo = request.env['property.charge'].sudo()._read_group(
            [('partner_id', '=', partner.id), ('state', '=', 'posted')], ['project_id'])
        owned_sudo = self._get_owned_projects_sudo()
        projects_sudo = owned_sudo.union(*(project for project, in charged_sudo))
        if not projects_sudo:
            return request.env['property.budget'].sudo()
        budgets_sudo = request.env['property.budget'].sudo().search(
            Domain('published_on', '!=', False) & Domain('project_id', 'in', projects_sudo.ids))
        return budgets_sudo.filtered(lambda budget: (
            budget.project_id in owned_sudo or budget._has_payer(partner)))

    def _get_budget_sudo(self, budget_id):
        budget_sudo = self._get_shown_budgets_sudo().filtered(
            lambda budget: budget.id == budget_id)
        if not budget_sudo:
            raise NotFound()
        return budget_sudo

    def _get_shown_funds_sudo(self):
        projects_sudo = self._get_owned_projects_sudo()
        # sudo: as above.
        Fund = request.env['property.fund'].sudo()
        return Fund.search([
            ('is_published', '=', True), ('project_id', 'in', projects_sudo.ids),
        ]) if projects_sudo else Fund
