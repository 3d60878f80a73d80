import werkzeug

from odoo import models
from odoo.http import request

from .property_attempt_mixin import rpc_source

AGREEMENTS_URL = '/my/agreements'


class IrHttp(models.AbstractModel):
    _inherit = 'ir.http'

    @classmethod
    def _pre_dispatch(cls, rule, args):
        """ Override of `base`: before a resident uses the portal, he agrees to its terms. """
        super()._pre_dispatch(rule, args)
        if (
            rule.rule.startswith('/my')
            and rule.rule != AGREEMENTS_URL
            and rule.endpoint.routing['type'] == 'http'
            and request.env.user.share
            and not request.env.user._is_public()
            and request.env['property.agreement']._get_pending(request.env.user)
        ):
            werkzeug.exceptions.abort(request.redirect_query(
                AGREEMENTS_URL, {'redirect': request.httprequest.full_path.rstrip('?')}))

    @classmethod
    def _dispatch(cls, endpoint):
        """ Override of `base` to keep the network address for calls that lose the request. """
        token = rpc_source.set(request.httprequest.remote_addr)
        try:
            return super()._dispatch(endpoint)
        finally:
            rpc_source.reset(token)
