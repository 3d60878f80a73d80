from urllib.parse import urlencode

from odoo import http
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.http import request
from odoo.tools import consteq, file_open
from odoo.tools.misc import hmac

from odoo.addons.portal.controllers.portal import pager as portal_pager

from ..gateways.wechat_api import WechatApi, WechatError
from ..models.property_channel_mixin import CHANNELS
from ..tools.gateway import GatewayError
from .portal import PropertyPortal

PAGE = 20
WECHAT_LOGIN_URL = 'https://open.weixin.qq.com/connect/oauth2/authorize'


class PropertyNotificationPortal(PropertyPortal):
    _messages_url = '/my/messages'
    _message_url = '/my/messages/<int:message_id>'
    _read_url = '/my/messages/read'
    _settings_url = '/my/messages/settings'
    _push_url = '/my/messages/push'
    _wechat_url = '/my/messages/wechat/<int:company_id>'
    _wechat_back_url = '/my/messages/wechat/<int:company_id>/back'
    _worker_url = '/my/messages/service-worker.js'
    _unsubscribe_url = '/property/unsubscribe/<string:token>'

    # === INBOX === #

    def _prepare_property_home_tiles(self, units):
        """ Override: the inbox, with what is unread. """
        unread = self._count_unread()
        return super()._prepare_property_home_tiles(units) + [{
            'sequence': 15,
            'title': request.env._("Messages"),
            'text': request.env._("%(count)s unread", count=unread) if unread
            else request.env._("All read"),
            'icon': 'fa-envelope' if unread else 'fa-envelope-o',
            'url': self._messages_url,
        }]

    def _count_unread(self):
        Notification = request.env['property.notification']
        # sudo: the domain is narrower than the rules, which take longer than the count.
        return Notification.sudo().search_count(
            Notification._get_inbox_domain() & Domain('read_at', '=', False))

    @http.route(
        [_messages_url, f'{_messages_url}/page/<int:page>'], type='http', auth='user',
        website=True, readonly=True)
    def property_messages(self, page=1, unread=None, **kw):
        Notification = request.env['property.notification']
        domain = Notification._get_inbox_domain()
        if unread:
            domain &= Domain('read_at', '=', False)
        pager = portal_pager(
            url=self._messages_url, url_args={'unread': unread} if unread else {},
            total=Notification.search_count(domain), page=page, step=PAGE)
        return request.render('property_base.portal_messages', {
            **self._prepare_portal_layout_values(),
            'page_name': 'property_messages',
            'messages': Notification.search(domain, limit=PAGE, offset=pager['offset']),
            'unread_count': self._count_unread(),
            'unread_label': request.env._("Unread"),
            'only_unread': bool(unread),
            'pager': pager,
        })

    @http.route(_message_url, type='http', auth='user', website=True)
    def property_message(self, message_id, **kw):
        Notification = request.env['property.notification']
        message = Notification.search(
            Notification._get_inbox_domain() & Domain('id', '=', message_id))
        if not message:
            return request.redirect(self._messages_url)
        message.action_mark_read()
        return request.render('property_base.portal_message', {
            **self._prepare_portal_layout_values(),
            'page_name': 'property_message',
            'message': message,
        })

    @http.route(_read_url, type='http', auth='user', methods=['POST'], website=True)
    def property_messages_read(self, **kw):
        request.env['property.notification'].action_mark_all_read()
        return request.redirect(self._messages_url)

    # === WHAT I AM TOLD === #

    @http.route(_settings_url, type='http', auth='user', methods=['GET', 'POST'], website=True)
    def property_message_settings(self, saved=None, unlinked=None, **post):
        categories = request.env['property.notification.category'].sudo().search([])
        if request.httprequest.method == 'POST':
            self._save_message_settings(categories, post)
            return request.redirect(f'{self._settings_url}?saved=1')
        return request.render('property_base.portal_message_settings', {
            **self._prepare_portal_layout_values(),
            **self._prepare_message_settings(categories),
            'page_name': 'property_message_settings',
            'saved': saved,
            'unlinked': unlinked,
        })

    def _prepare_message_settings(self, categories):
        partner = request.env.user.partner_id
        companies = self._get_wechat_companies()
        # sudo: the openid is no user's, only whether there is one.
        linked = companies.filtered(
            lambda company: partner.sudo().with_company(company).property_wechat_openid)
        offered = [
            (channel, categories._fields[f'by_{channel}']._description_string(request.env))
            for channel in CHANNELS if channel != 'wechat' or companies]
        return {
            'partner': partner,
            'wechat_companies': companies,
            'linked_companies': linked,
            'in_wechat': 'MicroMessenger' in request.httprequest.user_agent.string,
            'none_label': request.env._("none entered"),
            'push_error_label': request.env._(
                "The browser could not be prepared for messages. Try again later."),
            'choices': [
                {
                    'category': category,
                    'is_given': partner in category._get_consenting(partner),
                    'channels': [
                        (channel, label, channel in wanted) for channel, label in offered],
                }
                for category in categories
                for wanted in [category._get_wanted(partner)[partner.id]]
            ],
        }

    def _save_message_settings(self, categories, post):
        partner = request.env.user.partner_id
        # sudo: of his own, what he wants to be told.
        Preference = request.env['property.notification.preference'].sudo()
        own = Preference.search([('partner_id', '=', partner.id)]).grouped('category_id')
        # Not offered while no company of his has an official account.
        offered = [
            channel for channel in CHANNELS
            if channel != 'wechat' or self._get_wechat_companies()]
        for category in categories.filtered(lambda category: not category.is_mandatory):
            chosen = {
                f'by_{channel}': bool(post.get(f'{category.code}_{channel}'))
                for channel in offered}
            if category in own:
                own[category].write(chosen)
            else:
                usual = {f'by_{channel}': category[f'by_{channel}'] for channel in CHANNELS}
                Preference.create({
                    **usual, **chosen, 'partner_id': partner.id, 'category_id': category.id})
            if category.needs_consent:
                request.env['property.notification.consent'].sudo()._set(
                    partner, category, bool(post.get(f'consent_{category.code}')), 'portal')

    @http.route(_unsubscribe_url, type='http', auth='public', methods=['GET', 'POST'],
                website=True, csrf=False, save_session=False)
    def property_unsubscribe(self, token, **kw):
        """ Only a POST changes something: mail servers follow links. One by the button of a mail
        program has no session to protect; the token is the right.
        """
        Consent = request.env['property.notification.consent'].sudo()
        partner, category = Consent._read_token(token)
        is_done = bool(partner and category) and request.httprequest.method == 'POST'
        if is_done:
            Consent._set(partner, category, False, 'link')
        return request.render('property_base.unsubscribe', {
            'category': partner and category, 'is_done': is_done,
        })

    # === WECHAT === #

    def _get_wechat_companies(self):
        """ Those with an official account that manage a home of the user. """
        occupancies = request.env['property.occupancy'].search(self._get_own_occupancies_domain())
        return occupancies.sudo().company_id.filtered(
            lambda company: company.property_wechat_app_id and company.property_wechat_secret)

    def _get_wechat_company(self, company_id):
        company = self._get_wechat_companies().filtered(lambda c: c.id == company_id)
        if not company:
            raise AccessError(request.env._("This company has no official account for you."))
        return company

    def _get_wechat_state(self):
        """ That the answer belongs to this session, and to nobody's who was sent a link. """
        return hmac(request.env(su=True), 'property_wechat', request.session.sid)

    @http.route(_wechat_url, type='http', auth='user', website=True, readonly=True)
    def property_wechat_link(self, company_id, **kw):
        company = self._get_wechat_company(company_id)
        back = self._wechat_back_url.replace('<int:company_id>', str(company.id))
        query = urlencode({
            'appid': company.property_wechat_app_id,
            'redirect_uri': request.httprequest.url_root.rstrip('/') + back,
            'response_type': 'code',
            'scope': 'snsapi_base',
            'state': self._get_wechat_state(),
        })
        return request.redirect(f'{WECHAT_LOGIN_URL}?{query}#wechat_redirect', local=False)

    @http.route(_wechat_back_url, type='http', auth='user', website=True)
    def property_wechat_back(self, company_id, code='', state='', **kw):
        company = self._get_wechat_company(company_id)
        if not state.isascii() or not consteq(state, self._get_wechat_state()):
            return request.redirect(f'{self._settings_url}?unlinked=1')
        api = WechatApi(request.env)
        api._set_company(company)
        try:
            openid = api._get_openid(code)
        except (GatewayError, WechatError):
            return request.redirect(f'{self._settings_url}?unlinked=1')
        # sudo: of himself; he came from WeChat with a code that is his.
        partner_sudo = request.env.user.partner_id.sudo()
        partner_sudo.with_company(company).property_wechat_openid = openid
        return request.redirect(f'{self._settings_url}?saved=1')

    # === BROWSER === #

    @http.route(_push_url, type='jsonrpc', auth='user')
    def property_push(self, subscription=None, endpoint=None):
        """ Switch messages in this browser on, off, or ask for the key that this takes. """
        Device = request.env['mail.push.device']
        if subscription:
            Device.register_devices(**subscription)
        elif endpoint:
            # sudo: own devices only.
            Device.sudo().search([
                ('endpoint', '=', endpoint),
                ('partner_id', '=', request.env.user.partner_id.id)]).unlink()
        return Device.get_web_push_vapid_public_key()

    @http.route(_worker_url, type='http', auth='public', methods=['GET'], readonly=True)
    def property_service_worker(self):
        with file_open('property_base/static/src/portal_push/service_worker.js') as worker:
            return request.make_response(worker.read(), [
                ('Content-Type', 'text/javascript'), ('Service-Worker-Allowed', '/my')])
