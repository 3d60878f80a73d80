from odoo import http
from odoo.http import request


class PropertyMeterController(http.Controller):
    """ What the code on a meter's label leads to. """

    @http.route('/m/<string:token>', type='http', auth='user', methods=['GET'], readonly=True)
    def meter(self, token):
        """ Its row in the sheet of a round that is open, or the meter; for who may read it, also by
        the label of a device that was exchanged.
        """
        meter = request.env.user.has_group('property_billing.group_meter_read') and (
            request.env['property.meter']._find_label(token))
        if not meter:
            # Whoever holds the phone came from a camera: it tells him, and leads him back.
            return request.render('property_billing.meter_label_unknown', status=404)
        if meter_round := meter._get_open_round():
            return request.redirect(
                f'/odoo/property-reading-rounds/{meter_round.id}/property-reading-sheet'
                f'?meter={meter.id}')
        return request.redirect(f'/odoo/property-meters/{meter.id}')
