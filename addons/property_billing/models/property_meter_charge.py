from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.metered import Measured
from .property_meter_reading import get_place
from .property_meter_type import REGISTERS


class PropertyMeter(models.Model):
    """ What a meter counts, as charges need it. """
    _inherit = 'property.meter'

    assignment_ids = fields.One2many(
        'property.fee.assignment', 'meter_id', string="Fees",
        groups='property_billing.group_billing_user')

    @api.depends('assignment_ids.charge_ids.date_end', 'assignment_ids.charge_ids.is_corrected',
                 'assignment_ids.charge_ids.state')
    def _compute_date_billed(self):
        return super()._compute_date_billed()

    def _get_measured(self, typed=None):
        """ What each of these counted, as the engine wants it: `{id: Measured}`.

        What was bought in advance is never charged by reading.

        :param dict typed: readings that are not stored: `{meter id: {register: [Reading]}}`
        """
        if not self:
            return {}
        chain = self.filtered(lambda meter: meter.mode == 'read')._get_chain()
        allowances = self.env['property.meter.allowance']._get_allowances(self)
        for meter_id, registers in (typed or {}).items():
            for register, readings in registers.items():
                stored = chain.setdefault(meter_id, {}).setdefault(register, [])
                stored[:] = sorted((*stored, *readings), key=get_place)
        return {
            meter.id: Measured(
                meter.id, meter.number, meter.unit_name or '',
                {
                    register: readings.get(register, [])
                    for register in REGISTERS[meter.type_id.registers]
                } if (readings := chain.get(meter.id)) else {},
                allowances.get(meter, ()))
            for meter in self
        }

    def _get_billed_days(self):
        """ Override: what a live charge covers is billed. """
        self.env['property.fee.assignment'].flush_model(['meter_id'])
        self.env['property.charge'].flush_model()
        days = dict(self.env.execute_query(SQL(
            """ SELECT assignment.meter_id, MAX(charge.date_end)
                  FROM property_charge charge
                  JOIN property_fee_assignment assignment ON assignment.id = charge.assignment_id
                 WHERE assignment.meter_id = ANY(%s) AND charge.kind IN ('recurring', 'opening')
                   AND (charge.state = 'posted'
                        OR charge.state = 'reversed' AND charge.is_corrected)
              GROUP BY assignment.meter_id """, self.ids)))
        return {meter: days[meter.id] for meter in self if meter.id in days}
