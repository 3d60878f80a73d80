from odoo import fields, models


class PropertyUnitGenerator(models.TransientModel):
    """ New units come with their charge standards (A09). """
    _inherit = 'property.unit.generator'

    tariff_ids = fields.Many2many(
        'property.tariff', string="Tariffs", groups='property_billing.group_billing_officer',
        help="Every new unit pays these from the day below.",
    )
    fee_date_start = fields.Date(
        string="Charged from", default=fields.Date.context_today,
        groups='property_billing.group_billing_officer',
    )

    def _after_create(self, units):
        """ Override of `property_base`: give the new units their charge standards. """
        super()._after_create(units)
        if self.env.user.has_group('property_billing.group_billing_officer'):
            self.env['property.fee.assignment'].create([
                {'unit_id': unit.id, 'tariff_id': tariff.id, 'date_start': self.fee_date_start}
                for unit in units for tariff in self.tariff_ids
            ])
