from odoo import models
from odoo.http import request

from .property_attempt_mixin import rpc_source


class IrHttp(models.AbstractModel):
    _inherit = 'ir.http'

    @classmethod
    def _dispatch(cls, endpoint):
        """ Override of `base` to keep the network address for calls that lose the request. """
        token = rpc_source.set(request.httprequest.remote_addr)
        try:
            return super()._dispatch(endpoint)
        finally:
            rpc_source.reset(token)
