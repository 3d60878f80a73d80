from werkzeug.exceptions import NotFound

from odoo import http
from odoo.http import request


class PropertyMeterController(http.Controller):
    """ What the code on a meter's label leads to. """

    @http.route('/m/<string:token>', type='http', auth='user', methods=['GET'], readonly=True)
    def meter(self, token):
        """ The meter, for who may read it; also by the label of a device that was exchanged. """
        if not request.env.user.has_group('property_billing.group_meter_read'):
            raise NotFound
        meter = request.env['property.meter']._find_label(token)
        if not meter:
            raise NotFound
        return request.redirect(f'/odoo/property-meters/{meter.id}')
