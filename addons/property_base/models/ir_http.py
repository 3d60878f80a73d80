import math

import pytz
from werkzeug.exceptions import abort

from odoo import SUPERUSER_ID, fields, models
from odoo.exceptions import AccessDenied, UserError
from odoo.http import request
from odoo.tools.misc import format_datetime

from .property_attempt_mixin import rpc_source

AGREEMENTS_URL = '/my/agreements'
# What administrators need to sign in, and what runs without a person.
OPEN_IN_MAINTENANCE = (
    '/web/login', '/web/session/', '/web/assets/', '/web/binary/', '/web/health',
    '/web/webclient/', '/website/translations', '/queue_job/',
)
TYPICAL_SECONDS = 2 * 3600


class IrHttp(models.AbstractModel):
    _inherit = 'ir.http'

    @classmethod
    def _pre_dispatch(cls, rule, args):
        """ Override of `base`: maintenance lets only administrators in, and before a resident uses
        the portal, he agrees to its terms.
        """
        super()._pre_dispatch(rule, args)
        cls._check_maintenance(rule)
        if (
            rule.rule.startswith('/my')
            and rule.rule != AGREEMENTS_URL
            and rule.endpoint.routing['type'] == 'http'
            and request.env.user.share
            and not request.env.user._is_public()
            and request.env['property.agreement']._get_pending(request.env.user)
        ):
            abort(request.redirect_query(
                AGREEMENTS_URL, {'redirect': request.httprequest.full_path.rstrip('?')}))

    @classmethod
    def _dispatch(cls, endpoint):
        """ Override of `base` to keep the network address for calls that lose the request. """
        token = rpc_source.set(request.httprequest.remote_addr)
        try:
            return super()._dispatch(endpoint)
        finally:
            rpc_source.reset(token)

    def _verify_request_recaptcha_token(self, action):
        """ Override of `base`: a picture of our own, since those of others are out of reach. """
        super()._verify_request_recaptcha_token(action)
        if action != 'login':
            return
        expected = request.session.pop('property_captcha', None)  # each is good for one try
        if self.env['property.sign.in.failure']._asks_captcha():
            typed = (request.params.get('captcha') or '').strip().upper()
            if not expected or typed != expected:
                raise AccessDenied(self.env._("Type the characters of the picture."))

    @classmethod
    def _check_maintenance(cls, rule):
        if request.httprequest.path.startswith(OPEN_IN_MAINTENANCE):
            return
        maintenance = cls._get_maintenance()
        if not maintenance or not maintenance['is_now']:
            return
        uid = request.env.uid or request.session.uid
        if uid and request.env(user=uid).user.has_group('base.group_erp_manager'):
            return
        if rule.endpoint.routing['type'] == 'jsonrpc':
            text = ' '.join((maintenance['title'], maintenance['text']))
            raise UserError(text)
        if request.env.uid is None:
            cls._auth_method_public()
        response = request.render('property_base.maintenance', {
            'maintenance': maintenance, 'is_signed_in': bool(request.session.uid),
        }, status=503)
        response.headers['Retry-After'] = maintenance['seconds']
        response.headers['Cache-Control'] = 'no-store'
        response.flatten()
        abort(response)

    @classmethod
    def _get_maintenance(cls):
        """ What to tell of the maintenance that is announced or going on, if any.

        :rtype: dict | None
        """
        env = request.env(user=SUPERUSER_ID)
        get_param = env['ir.config_parameter'].get_param
        if not get_param('property_base.maintenance'):
            return None
        start, end = (
            fields.Datetime.to_datetime(get_param(f'property_base.maintenance_{side}'))
            for side in ('start', 'end'))
        now = fields.Datetime.now()
        if end and end <= now:
            return None
        tz = request.cookies.get('tz')
        if tz not in pytz.all_timezones_set:
            tz = env.company.partner_id.tz
        start_text, end_text = (
            moment and format_datetime(env, moment, tz=tz, dt_format='short')
            for moment in (start, end))
        is_now = not start or start <= now
        if is_now:
            title = env._("The system is being upgraded until %(end)s.", end=end_text) \
                if end else env._("The system is being upgraded.")
        else:
            title = env._("The system will be upgraded from %(start)s to %(end)s.",
                          start=start_text, end=end_text) \
                if end else env._("The system will be upgraded from %(start)s.", start=start_text)
        return {
            'is_now': is_now,
            'title': title,
            'text': get_param('property_base.maintenance_text') or '',
            'seconds': math.ceil((end - now).total_seconds()) if end else TYPICAL_SECONDS,
        }
