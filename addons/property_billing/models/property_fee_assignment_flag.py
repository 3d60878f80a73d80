from odoo import api, fields, models
from odoo.tools import SQL


class PropertyFeeAssignment(models.Model):
    """ What a person should look at before it is billed again. """
    _inherit = 'property.fee.assignment'

    date_left = fields.Date(
        string="Customer has left", compute='_compute_date_left', compute_sudo=True,
        help="The last day in the unit of the customer whom the fee names, if he has left since.",
    )

    @api.depends('unit_id.occupancy_ids.date_end', 'partner_id', 'date_start')
    def _compute_date_left(self):
        named = self.filtered(lambda assignment: assignment.partner_id and not assignment.lease_id)
        last_days = {}
        for unit, partner, count, ended, last in self.env['property.occupancy'].with_context(
            active_test=False,
        )._read_group(
            [('unit_id', 'in', named.unit_id.ids), ('partner_id', 'in', named.partner_id.ids),
             ('state', '=', 'approved')],
            ['unit_id', 'partner_id'], ['__count', 'date_end:count', 'date_end:max'],
        ):
            if ended == count:
                last_days[unit, partner] = last
        for assignment in self:
            last = last_days.get((assignment.unit_id, assignment.partner_id))
            is_since = last and not assignment.lease_id and last >= assignment.date_start
            assignment.date_left = is_since and last

    def _get_left_out_reason(self, planned, day=None):
        """ Override: not somebody who has left since the fee was assigned to him. """
        reason, values = super()._get_left_out_reason(planned, day)
        if (
            not reason and self.date_left and planned.start > self.date_left
            and planned.partner_id == self.partner_id.id
        ):
            return 'left', {
                'text': 'left', 'payer': self.partner_id.display_name,
                'unit': self.unit_id.complete_name, 'day': fields.Date.to_string(self.date_left)}
        return reason, values

    def _get_disputed_ids(self):
        """ The ids of those whose last posted period somebody flagged as wrong. """
        self.env['property.charge'].flush_model()
        self.env['property.charge.dispute'].flush_model(['charge_id'])
        return {assignment_id for assignment_id, in self.env.execute_query(SQL(
            """ SELECT charge.assignment_id
                  FROM property_charge_dispute dispute
                  JOIN property_charge charge ON charge.id = dispute.charge_id
                 WHERE charge.assignment_id = ANY(%s)
                   AND NOT EXISTS (
                       SELECT FROM property_charge later
                        WHERE later.assignment_id = charge.assignment_id
                          AND later.kind = 'recurring' AND later.state = 'posted'
                          AND later.date_start > charge.date_end) """, self.ids))}
