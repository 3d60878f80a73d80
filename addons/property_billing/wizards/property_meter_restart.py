from odoo import fields, models


class PropertyMeterRestart(models.TransientModel):
    """ The tiers of a meter begin anew at a reading, for a stated ground (decision 17). """
    _name = 'property.meter.restart'
    _description = 'New beginning of the tiers'

    meter_id = fields.Many2one('property.meter', required=True)
    date = fields.Date(string="After the reading of", required=True)
    ground = fields.Char(required=True)

    def action_restart(self):
        self.ensure_one()
        return self.meter_id._restart(self.date, self.ground)
