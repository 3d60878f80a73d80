from werkzeug.exceptions import NotFound

from odoo.http import Controller, request, route

from ..models.ir_http import AGREEMENTS_URL


class PropertyAgreement(Controller):

    @route(AGREEMENTS_URL, type='http', auth='user', methods=['GET', 'POST'], website=True)
    def property_agreements(self, redirect='/my', **form):
        """ The texts that the user has not accepted yet; afterwards to where he was going. """
        user = request.env.user
        Agreement = request.env['property.agreement']
        if request.httprequest.method == 'POST':
            # Only what he had before his eyes: a version may have been published meanwhile.
            ticked = {
                int(id_) for id_ in request.httprequest.form.getlist('accept') if id_.isdecimal()}
            Agreement._get_pending(user).filtered(
                lambda agreement: agreement.id in ticked,
            )._accept(user, request.httprequest.remote_addr)
        pending_sudo = Agreement._get_pending(user)
        if not pending_sudo:
            return request.redirect(redirect)
        return request.render('property_base.portal_agreements', {
            'agreements': pending_sudo,
            'company': user.company_id,
            'redirect': redirect,
            'is_incomplete': request.httprequest.method == 'POST',
            'no_breadcrumbs': True,
        })

    @route(
        ['/agreements', '/agreements/<int:agreement_id>'], type='http', auth='public',
        website=True, readonly=True,
    )
    def property_agreement(self, agreement_id=None, **kw):
        """ To be read by everybody: what is in force, and each version that somebody accepted. """
        company = request.env.user.company_id if not request.env.user._is_public() \
            else request.env.company
        # sudo: a published text is for everybody; a draft is for who writes it.
        Agreement = request.env['property.agreement'].sudo()
        current = Agreement._get_current(company)
        agreement = Agreement.browse(agreement_id).exists() if agreement_id else current[:1]
        if not agreement or not (
            agreement.published_at or agreement.sudo(False).has_access('write')
        ):
            raise NotFound()
        return request.render('property_base.portal_agreement', {
            'agreement': agreement,
            'others': current - agreement,
            'company': agreement.company_id or company,
            'title': agreement.name,
        })
