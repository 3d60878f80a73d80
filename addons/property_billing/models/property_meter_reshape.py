from odoo import fields, models
from odoo.exceptions import UserError


class PropertyUnit(models.Model):
    _inherit = 'property.unit'

    property_meter_ids = fields.One2many(
        'property.meter', 'unit_id', string="Meters", groups='property_billing.group_meter_read')

    def _carry_over(self, units, date):
        """ Meters go on in the first of the new units, until somebody says otherwise. """
        super()._carry_over(units, date)
        # sudo: who splits and merges units need not read meters.
        meters_sudo = self.sudo().property_meter_ids
        if waiting := self.env['property.meter.reading'].sudo().search(
                [('meter_id', 'in', meters_sudo.ids), ('state', '=', 'queued')], limit=1):
            raise UserError(self.env._(
                "A reading of %(meter)s waits to be checked. Decide about it first.",
                meter=waiting.meter_id.display_name))
        meters_sudo.unit_id = units[0]
