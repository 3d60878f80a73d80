from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from odoo.addons.property_base.models.property_occupancy_lifecycle import PARKING_REMINDER_DAYS


class PropertyUnit(models.Model):
    """ A space is rented by a lease: 租用, 续租 (D12, D14). """
    _inherit = 'property.unit'

    property_lease_count = fields.Integer(
        string="Lease count", compute='_compute_property_lease_count',
        groups='property_billing.group_lease_user')

    def _compute_property_lease_count(self):
        counts = dict(self.env['property.fee.assignment']._read_group(
            [('unit_id', 'in', self.ids), ('lease_id', '!=', False)], ['unit_id'],
            ['lease_id:count_distinct']))
        for unit in self:
            unit.property_lease_count = counts.get(unit._origin, 0)

    # === ACTION METHODS === #

    def action_lease(self):
        """ A new lease of these units, to be filled in. """
        self.check_access('read')
        if len(self.project_id) > 1:
            raise UserError(self.env._("A lease is of one project. Choose units of one project."))
        is_parking = all(unit.kind == 'parking' for unit in self)
        fee = self._get_last_let_fee()
        return {
            'name': self.env._("New lease"),
            'type': 'ir.actions.act_window',
            'res_model': 'property.lease',
            'views': [(False, 'form')],
            'context': {
                'default_project_id': self.project_id.id,
                'default_line_ids': [Command.create({
                    'unit_id': unit.id, 'fee_id': fee.id,
                    'basis': 'fixed' if is_parking else 'area',
                }) for unit in self],
                **({'default_reminder_days': PARKING_REMINDER_DAYS} if is_parking else {}),
            },
        }

    def action_rent_space(self):
        """ Override of `property_base`: by a lease, for who keeps leases. """
        if self.env.user.has_group('property_billing.group_lease_officer'):
            return self.action_lease()
        return super().action_rent_space()

    def action_renew_space(self):
        """ 续租: the lease goes on with the same terms. """
        self.ensure_one()
        lease = self.env['property.lease'].search(
            [('line_ids', 'any', [('unit_id', '=', self.id), ('is_let', '=', True)])],
            order='date_end desc', limit=1)
        if not lease:
            raise UserError(self.env._(
                "%(unit)s is not used by a lease. Enter a lease from the day after its use ends.",
                unit=self.complete_name))
        return lease.action_renew()

    # === GETTERS === #

    def _get_last_let_fee(self):
        """ For what such units were let last. """
        return self.env['property.fee.assignment'].search(
            [('lease_id', '!=', False), ('unit_id.kind', 'in', self.mapped('kind')),
             ('company_id', 'in', self.company_id.ids)], order='id desc', limit=1).fee_id

    @api.model
    def _get_parking_map_actions(self, lot):
        """ Override of `property_base`: renting is by a lease for who keeps leases, and a lease can
        be renewed.
        """
        actions = super()._get_parking_map_actions(lot)
        if not self.env.user.has_group('property_billing.group_lease_officer'):
            return actions
        if not any(action['method'] == 'action_rent_space' for action in actions):
            actions.insert(0, {
                'method': 'action_rent_space', 'label': self.env._("Rent out"), 'key': 'r',
                'icon': 'fa-sign-in', 'needs': 'is_open',
            })
        actions.insert(1, {
            'method': 'action_renew_space', 'label': self.env._("Renew the use"), 'key': 'n',
            'icon': 'fa-repeat', 'needs': 'is_let',
        })
        return actions
