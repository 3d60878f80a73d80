from odoo import models


class PropertyParkingReport(models.Model):
    _inherit = 'property.parking.report'

    def action_renew(self):
        """ The use goes on: its lease is renewed (续租). """
        self.ensure_one()
        return self.unit_id.action_renew_space()
