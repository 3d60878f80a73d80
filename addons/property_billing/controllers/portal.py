import re
from collections import Counter

from werkzeug.exceptions import NotFound

from odoo import fields, http
from odoo.exceptions import LockError, UserError, ValidationError
from odoo.fields import Command, Domain
from odoo.http import request

from odoo.addons.account_payment.controllers.payment import PaymentPortal
from odoo.addons.account_payment.controllers.portal import PortalAccount
from odoo.addons.portal.controllers.portal import pager as portal_pager
from odoo.addons.property_base.controllers.portal import PropertyPortal

# A selection in an address: charge ids with amounts, e.g. 12:857.57,13:50
SELECTION = re.compile(r'(\d{1,12}:\d{1,12}(\.\d{1,2})?)(,\d{1,12}:\d{1,12}(\.\d{1,2})?)*')
AMOUNT = re.compile(r'\d{1,12}(\.\d{1,2})?')


class PropertyBillingPortal(PropertyPortal, PortalAccount, PaymentPortal):
    _lines_per_page = 20
    _dues_per_page = 20
    _dues_url = '/my/dues'
    _ahead_url = '/my/dues/ahead'
    _days_ahead = 3  # billing days of leases that can be paid ahead
    _due_url = '/my/dues/<int:charge_id>'
    _pay_url = '/my/dues/pay'
    _transaction_url = '/my/dues/transaction/<string:selection>'
    _paid_url = '/my/dues/paid/<int:transaction_id>'
    _bills_url = '/my/bills'
    _payments_url = '/my/payments'
    _receipt_url = '/my/receipts/<int:payment_id>'

    # === HOME === #

    def _prepare_property_home_tiles(self, units):
        """ Override of `property_base`: what is due, and the way to pay it. """
        Charge = request.env['property.charge']
        # sudo: the domain is narrower than the rules, which take longer than the sum.
        due_by_company = Charge.sudo()._read_group(
            Charge._get_due_domain(request.env.user.partner_id),
            ['company_id'], ['amount_residual:sum'],
        ) if Charge.has_access('read') else []  # staff without a right on charges
        due_by_currency = Counter()
        for company, amount in due_by_company:
            due_by_currency[company.currency_id] += amount
        return super()._prepare_property_home_tiles(units) + [
            {
                'sequence': 10,
                'title': request.env._("To pay"),
                'text': ' + '.join(
                    currency.format(amount) for currency, amount in due_by_currency.items()
                ) or request.env._("Nothing to pay"),
                'icon': 'fa-credit-card',
                'url': self._dues_url,
            },
            {
                'sequence': 90,
                'title': request.env._("My payments"),
                'text': request.env._("History and receipts"),
                'icon': 'fa-list-alt',
                'url': self._payments_url,
            },
        ]

    # === DUES === #

    @http.route(_dues_url, type='http', auth='user', website=True, readonly=True)
    def property_dues(self, notice=None, charge=None, show=None, **kw):
        """ What is due, home by home, what has been due longest first.

        :param str notice: why the payer is back here, see the template
        :param str charge: the ids to begin with as selected; without it, all
        :param str show: 'all' for more charges than a page has
        """
        limit = None if charge or show == 'all' else self._dues_per_page
        charges_sudo = self._get_due_charges_sudo(limit and limit + 1)
        is_cut = limit and len(charges_sudo) > limit
        charges_sudo = charges_sudo[:limit]
        selected_ids = {int(part) for part in (charge or '').split(',') if part.isdecimal()}
        in_payment = charges_sudo._get_in_payment()
        return request.render('property_billing.portal_dues', {
            **self._prepare_portal_layout_values(),
            'page_name': 'property_dues',
            'notice': notice,
            'today': fields.Date.context_today(request.env.user),
            'charges_by_company': charges_sudo.grouped('company_id'),
            'prepaid_by_company': self._get_prepaid_amounts(),
            'ahead_by_day': self._get_ahead_charges_sudo().grouped('date_bill'),
            'is_cut': is_cut,
            'in_payment': in_payment,
            'selected': charges_sudo.filtered(
                lambda charge: not selected_ids or charge.id in selected_ids) - in_payment,
        })

    @http.route(_due_url, type='http', auth='user', website=True, readonly=True)
    def property_due(self, charge_id, **kw):
        """ Why one charge is what it is, and what was paid of it. """
        charge = request.env['property.charge'].search([('id', '=', charge_id)])
        if not charge:
            raise NotFound()
        charge_sudo = charge.sudo()  # found by the rules; the payer may have left the unit
        return request.render('property_billing.portal_due', {
            **self._prepare_portal_layout_values(),
            'page_name': 'property_dues',
            'charge': charge_sudo,
            'today': fields.Date.context_today(request.env.user),
            'is_in_payment': bool(charge_sudo._get_in_payment()),
            'settlements': charge_sudo.receivable_line_id.matched_credit_ids.sorted('max_date'),
        })

    def _get_due_charges_sudo(self, limit):
        """ What the user has to pay, in sudo mode: he may have left the units that it is for, and
        the domain is narrower than the rules, which take longer than the search.
        """
        Charge = request.env['property.charge']
        if not Charge.has_access('read'):  # staff without a right on charges
            return Charge.sudo()
        return Charge.sudo().search(
            Charge._get_due_domain(request.env.user.partner_id),
            order='date_due, id', limit=limit)

    def _get_prepaid_amounts(self):
        """ What the user has paid ahead, or was credited of what he had paid, by company. """
        Line = request.env['account.move.line'].sudo()  # his own, whatever he may read
        return {
            company: -amount for company, amount in Line._read_group(
                Line._get_prepayment_domain()
                & Domain('partner_id', '=', request.env.user.commercial_partner_id.id),
                ['company_id'], ['amount_residual:sum'])}

    def _get_ahead_charges_sudo(self):
        """ What the user's leases will bill on their next days, in sudo mode as above. """
        Charge = request.env['property.charge']
        if not Charge.has_access('read'):
            return Charge.sudo()
        ahead_sudo = Charge.sudo().search(
            Charge._get_ahead_domain(request.env.user.partner_id), order='date_bill, unit_id, id',
            limit=self._dues_per_page)
        days = sorted(set(ahead_sudo.mapped('date_bill')))[:self._days_ahead]
        return ahead_sudo.filtered(lambda charge: charge.date_bill in days)

    # === PAYING === #

    @http.route(_ahead_url, type='http', auth='user', methods=['POST'], website=True)
    def property_dues_ahead(self, day, **form):
        """ Pay ahead what leases bill on a day: it is billed today, and paid as every bill. """
        charges_sudo = self._get_ahead_charges_sudo().filtered(
            lambda charge: str(charge.date_bill) == day)
        if not charges_sudo:
            return request.redirect(f'{self._dues_url}?notice=changed')
        try:
            charges_sudo._bill_ahead()
        except (LockError, UserError):
            return request.redirect(f'{self._dues_url}?notice=changed')
        return request.redirect(
            f"{self._dues_url}?charge={','.join(map(str, charges_sudo.ids))}")

    @http.route(_pay_url, type='http', auth='user', methods=['POST'], website=True)
    def property_dues_select(self, **form):
        """ Turn the form of the dues into an address that can be reloaded. """
        parts = []
        for charge_id in request.httprequest.form.getlist('charge'):
            amount = form.get(f'amount_{charge_id}', '').strip()
            if not charge_id.isdecimal() or not AMOUNT.fullmatch(amount):
                return request.redirect(f'{self._dues_url}?notice=amount')
            parts.append(f'{charge_id}:{amount}')
        if not parts:
            return request.redirect(f'{self._dues_url}?notice=none')
        return request.redirect(f"{self._pay_url}?selection={','.join(parts)}")

    @http.route(_pay_url, type='http', auth='user', methods=['GET'], website=True)
    def property_dues_pay(self, selection='', **kw):
        """ The selection once more, and Odoo's form to pay it. """
        try:
            charges_sudo, vals_list = self._get_selection_sudo(selection)
        except UserError:
            return request.redirect(f'{self._dues_url}?notice=changed')
        if charges_sudo._get_in_payment():
            return request.redirect(f'{self._dues_url}?notice=in_payment')
        amount = sum(vals['amount'] for vals in vals_list)
        company_sudo, currency = charges_sudo.company_id, charges_sudo.currency_id
        return request.render('property_billing.portal_dues_pay', {
            **self._prepare_portal_layout_values(),
            'page_name': 'property_dues',
            'lines': [
                (charge, vals['amount'])
                for charge, vals in zip(charges_sudo, vals_list, strict=True)
            ],
            'res_company': company_sudo,
            **self._get_common_page_view_values({
                'partner': request.env.user.partner_id,
                'company': company_sudo,
                'total_amount': amount,
                'currency': currency,
                'amount_residual': amount,
                'landing_route': self._dues_url,
                'transaction_route': self._transaction_url.replace('<string:selection>', selection),
            }),
            'amount': amount,
        })

    @http.route(_transaction_url, type='jsonrpc', auth='user')
    def property_dues_transaction(self, selection, provider_id, access_token=None, **kwargs):
        """ Create the transaction of a selection, and return its processing values.

        What the browser says about the amount is ignored.
        """
        charges_sudo, vals_list = self._get_selection_sudo(selection)
        charges_sudo._lock_for_online_payment()
        vals_list = charges_sudo._prepare_allocation_vals(  # once more, under the lock
            {vals['charge_id']: vals['amount'] for vals in vals_list})
        self._validate_transaction_kwargs(kwargs)
        amount = sum(vals['amount'] for vals in vals_list)
        partner = request.env.user.partner_id
        currency = charges_sudo.currency_id
        # In sudo mode to read providers. Anything else than what was offered is a forgery.
        if provider_id not in request.env['payment.provider'].sudo()._get_compatible_providers(
            charges_sudo.company_id.id, partner.id, amount, currency_id=currency.id,
        ).ids:
            raise ValidationError(request.env._("This way to pay is not available."))
        bills_sudo = charges_sudo.move_id
        tx_sudo = self._create_transaction(
            provider_id=provider_id,
            custom_create_values={
                'invoice_ids': [Command.set(bills_sudo.ids)],
                'property_allocation_ids': [Command.create(vals) for vals in vals_list],
            },
            **{
                **kwargs,
                'amount': amount,
                'currency_id': currency.id,
                'partner_id': partner.id,
                'reference_prefix': bills_sudo[:1].name,
                'is_validation': False,
            },
        )
        tx_sudo.landing_route = self._paid_url.replace('<int:transaction_id>', str(tx_sudo.id))
        return tx_sudo._get_processing_values()

    @http.route(_paid_url, type='http', auth='user', website=True)
    def property_dues_paid(self, transaction_id, **kw):
        """ Where a payer lands: on his receipt, or on what became of the payment. """
        # Looked up by its payer: the rules let a portal user see no transaction.
        tx_sudo = request.env['payment.transaction'].sudo().search([
            ('id', '=', transaction_id),
            ('partner_id', '=', request.env.user.partner_id.id),
            ('property_allocation_ids', '!=', False),
        ])
        if not tx_sudo:
            raise NotFound()
        if tx_sudo.payment_id:
            return request.redirect(self._get_receipt_url(tx_sudo.payment_id, paid=1))
        return request.render('property_billing.portal_payment_state', {
            **self._prepare_portal_layout_values(),
            'page_name': 'property_dues',
            'tx': tx_sudo,
        })

    def _get_selection_sudo(self, selection):
        """ The charges that an address names, in sudo mode, and what would be stored of them.

        :raises NotFound: the address is malformed, or names a charge that the user may not see
        :raises UserError: an amount is not, or no longer, what is owed
        """
        if not SELECTION.fullmatch(selection):
            raise NotFound()
        amounts = {
            int(charge_id): float(amount)
            for charge_id, amount in (part.split(':') for part in selection.split(','))
        }
        charges = request.env['property.charge'].search([
            ('id', 'in', list(amounts)),
            # Rules of staff who pay their own home on the portal are wider.
            ('partner_id', '=', request.env.user.partner_id.id),
            ('move_id.property_published_at', '!=', False),
        ], order='unit_id, date_due, fee_id, date_start, id')
        if len(charges) != len(amounts):
            raise NotFound()
        charges_sudo = charges.sudo()  # seen by the rules; what they refer to may not be
        return charges_sudo, charges_sudo._prepare_allocation_vals(amounts)

    # === PAYMENTS === #

    @http.route(
        [_payments_url, f'{_payments_url}/page/<int:page>'], type='http', auth='user', website=True,
        readonly=True,
    )
    def property_payments(self, page=1, **kw):
        # In sudo mode, for the rules let a portal user see no payment; only his own are searched.
        Payment = request.env['account.payment'].sudo()
        payments, pager = self._search_page(
            Payment, Payment._get_receipts_domain(request.env.user.partner_id),
            'date desc, id desc', self._payments_url, page)
        return request.render('property_billing.portal_payments', {
            **self._prepare_portal_layout_values(),
            'page_name': 'property_payments',
            'payments': payments,
            'pager': pager,
            'get_receipt_url': self._get_receipt_url,
        })

    def _search_page(self, model, domain, order, url, page):
        """ The records of one page of a list, and its pager. """
        pager = portal_pager(
            url=url, total=model.search_count(domain), page=page, step=self._lines_per_page)
        return model.search(
            domain, order=order, limit=self._lines_per_page, offset=pager['offset']), pager

    @http.route(_receipt_url, type='http', auth='user', website=True)
    def property_receipt(self, payment_id, report_type=None, download=False, paid=None, **kw):
        # In sudo mode, for the rules let a portal user see no payment; only his own are searched.
        Payment = request.env['account.payment'].sudo()
        payment_sudo = Payment.search(
            Payment._get_receipts_domain(request.env.user.partner_id)
            & Domain('id', '=', payment_id))
        if not payment_sudo:
            raise NotFound()
        if report_type:
            return self._show_report(
                payment_sudo, report_type, 'property_billing.report_receipt', download=download)
        lines, prepaid = payment_sudo._get_receipt_lines()
        return request.render('property_billing.portal_receipt', {
            **self._prepare_portal_layout_values(),
            'page_name': 'property_payments',
            'payment': payment_sudo,
            'lines': lines,
            'prepaid': prepaid,
            'facts': payment_sudo._get_receipt_facts(),
            'just_paid': bool(paid),
            'pdf_url': self._get_receipt_url(payment_sudo, report_type='pdf', download='true'),
        })

    def _get_receipt_url(self, payment, **params):
        url = self._receipt_url.replace('<int:payment_id>', str(payment.id))
        query = '&'.join(f'{name}={value}' for name, value in params.items())
        return f'{url}?{query}' if query else url

    # === BILLS === #

    @http.route(
        [_bills_url, f'{_bills_url}/page/<int:page>'], type='http', auth='user', website=True,
        readonly=True,
    )
    def property_bills(self, page=1, **kw):
        bills, pager = self._search_page(
            request.env['account.move'], self._get_property_bills_domain(),
            'invoice_date desc, id desc', self._bills_url, page)
        return request.render('property_billing.portal_bills', {
            **self._prepare_portal_layout_values(),
            'page_name': 'property_bills',
            'bills': bills.sudo(),  # found by the rules; the unit may not be
            'pager': pager,
        })

    def _get_property_bills_domain(self):
        return Domain([
            ('property_project_id', '!=', False),
            ('move_type', 'in', ('out_invoice', 'out_refund')),
            ('state', '=', 'posted'),
            ('partner_id', '=', request.env.user.partner_id.id),
            ('property_published_at', '!=', False),
        ])

    def _get_invoices_domain(self, m_type=None):
        """ Override of `account`: bills of charges have a list of their own. """
        return Domain(super()._get_invoices_domain(m_type)) & Domain(
            'property_project_id', '=', False)

    def _get_overdue_invoices_domain(self, partner_id=None):
        """ Override of `account`: charges are paid one by one, on the page of the dues. """
        return [
            *super()._get_overdue_invoices_domain(partner_id), ('property_project_id', '=', False)]

    @http.route()
    def portal_my_invoices(self, **kw):
        """ Override of `account`: who has bills of charges only is shown these. """
        if (
            not request.env['account.move'].search_count(self._get_invoices_domain(), limit=1)
            and request.env['account.move'].search_count(self._get_property_bills_domain(), limit=1)
        ):
            return request.redirect(self._bills_url)
        return super().portal_my_invoices(**kw)

    def _invoice_get_page_view_values(self, invoice, access_token, **kwargs):
        """ Override of `account`: a bill of charges has no instalments, but charges. """
        if not invoice._is_property_bill():
            return super()._invoice_get_page_view_values(invoice, access_token, **kwargs)
        lines = invoice.invoice_line_ids.filtered(lambda line: line.display_type == 'product')
        return {
            **self._prepare_portal_layout_values(),
            'page_name': 'property_bills',
            'invoice': invoice,
            'bill_lines': lines,
            # A credit note asks for nothing, whatever is left of what it takes back from.
            'due_charges': lines.property_charge_id.filtered(lambda charge: (
                invoice.move_type == 'out_invoice'
                and charge.state == 'posted' and charge.amount_residual > 0)),
            'is_payer': invoice.partner_id == request.env.user.partner_id,
        }

    @http.route()
    def portal_my_invoice_detail(self, invoice_id, **kw):
        """ Override of `account`: a bill of charges has a page of its own, once published. """
        invoice_sudo = request.env['account.move'].sudo().browse(invoice_id).exists()
        is_bill = invoice_sudo._is_property_bill()
        if is_bill and not invoice_sudo.property_published_at and request.env.user.share:
            return request.redirect('/my')
        response = super().portal_my_invoice_detail(invoice_id, **kw)
        if is_bill and getattr(response, 'template', None):
            response.template = 'property_billing.portal_bill'
        return response

    @http.route()
    def invoice_transaction(self, invoice_id, access_token, **kwargs):
        """ Override of `account_payment`: charges are paid one by one, on the page of the dues. """
        if request.env['account.move'].sudo().browse(invoice_id).exists()._is_property_bill():
            raise ValidationError(request.env._("Pay this bill at %(url)s.", url=self._dues_url))
        return super().invoice_transaction(invoice_id, access_token, **kwargs)
