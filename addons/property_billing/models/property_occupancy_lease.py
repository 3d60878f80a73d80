from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class PropertyOccupancy(models.Model):
    """ What the review of a lease begins: its tenant has the units. """
    _inherit = 'property.occupancy'

    lease_id = fields.Many2one(
        'property.lease', string="Lease", index='btree_not_null', ondelete='restrict',
        readonly=True, copy=False, groups='base.group_user', help="Began with its review.",
    )

    @api.model
    def _begin_for_lease(self, lease, unit):
        """ The tenant of a lease has a unit: newly, or for longer than before.

        Who waits for his check-in is found by it (A33); a parking space needs none.
        """
        unit._lock_occupancies()
        tenancies = self.search(
            Domain('unit_id', '=', unit.id) & Domain('role', '=', 'tenant')
            & Domain('partner_id', '=', lease.partner_id.id) & Domain('state', '=', 'approved')
            & Domain('end_handover_id', '=', False)
            & Domain('date_start', '<=', lease.date_end)
            & (Domain('date_end', '=', False)
               | Domain('date_end', '>=', fields.Date.subtract(lease.date_start, days=1))),
            order='date_start')
        if tenancies:
            last = tenancies[-1]
            if last.date_end and last.date_end < lease.date_end:
                last.date_end = lease.date_end
            return
        unit._check_free('tenant', lease.date_start, lease.date_end, 100)
        vals = {
            'awaits_check_in': False, 'reminder_days': lease.reminder_days,
        } if unit.kind == 'parking' else {}
        self.create({
            'unit_id': unit.id, 'partner_id': lease.partner_id.id, 'role': 'tenant',
            'date_start': lease.date_start, 'date_end': lease.date_end, 'proof_kind': 'lease',
            'lease_id': lease.id, **vals,
        })

    @api.model
    def _take_back_for_lease(self, lease):
        """ The review of a lease is taken back: nobody has come in by it yet. """
        begun = self.search([('lease_id', '=', lease.id)])
        if handed := begun.filtered('start_handover_id'):
            raise UserError(self.env._(
                "%(name)s has been checked in to %(unit)s already. End the lease instead.",
                name=handed[0].partner_id.name, unit=handed[0].unit_id.complete_name))
        begun.unlink()
        if previous := lease.previous_id:
            self.search([
                ('unit_id', 'in', lease.unit_ids.ids), ('role', '=', 'tenant'),
                ('partner_id', '=', lease.partner_id.id), ('date_end', '=', lease.date_end),
                ('end_handover_id', '=', False), ('date_start', '<=', previous.date_end),
            ]).date_end = previous.date_end
