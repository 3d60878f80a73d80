from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .property_occupancy_lifecycle import PARKING_REMINDER_DAYS


class PropertyUnit(models.Model):
    """ How people come into a unit and leave it. """
    _inherit = 'property.unit'

    key_ids = fields.One2many('property.key', 'unit_id', string="Keys")
    handover_ids = fields.One2many('property.handover', 'unit_id', string="Hand-overs")
    handover_count = fields.Integer(string="Hand-over records", compute='_compute_handover_count')
    is_transfer_kept = fields.Boolean(
        string="Only a register manager transfers it", compute='_compute_is_transfer_kept')

    @api.depends('handover_ids')
    def _compute_handover_count(self):
        counts = dict(self.env['property.handover']._read_group(
            [('unit_id', 'in', self.ids)], ['unit_id'], ['__count']))
        for unit in self:
            unit.handover_count = counts.get(unit._origin, 0)

    @api.depends_context('uid')
    @api.depends('project_id.approves_residents')
    def _compute_is_transfer_kept(self):
        """ A unit is never between two owners, so a new owner who would wait is refused. """
        Occupancy = self.env['property.occupancy']
        for unit in self:
            unit.is_transfer_kept = Occupancy._get_entry_state(unit) == 'pending'

    # === ACTION METHODS === #

    def action_check_in(self):
        return self._get_lifecycle_action('property.check.in', self.env._("Check-in"))

    def action_transfer(self):
        return self._get_lifecycle_action('property.transfer', self.env._("Transfer"))

    def action_move_out(self):
        return self._get_lifecycle_action('property.move.out', self.env._("Move-out"))

    def _get_lifecycle_action(self, wizard, name):
        self.ensure_one()
        return {
            'name': self.env._("%(action)s: %(unit)s", action=name, unit=self.complete_name),
            'type': 'ir.actions.act_window',
            'res_model': wizard,
            'view_mode': 'form',
            'views': [(False, 'form')],
            'target': 'new',
            'context': {'default_unit_id': self.id},
        }

    # === BUSINESS METHODS === #

    def _check_in(
        self, partner, role, date_start, date_end=False, share=100,
        reminder_days=PARKING_REMINDER_DAYS, **vals,
    ):
        """ Hand the unit to its owner or tenant.

        An occupancy that waits for its check-in is used; without one it is created.

        :param reminder_days: how long before its last day the end of a parking use is recalled
        :return: the `property.handover`
        """
        self.ensure_one()
        self.env['property.handover']._check_right('check_in')
        self._check_write_scope()
        self._lock_occupancies()
        occupancy = self._get_awaiting_occupancies().filtered(
            lambda occupancy: occupancy.partner_id == partner and occupancy.role == role)[:1]
        if not occupancy:
            self._check_free(role, date_start, date_end, share)
        elif date_start < occupancy.date_start:
            raise UserError(self.env._(
                "%(name)s has %(unit)s from %(start)s on. Choose that day or a later one.",
                name=partner.name, unit=self.complete_name,
                start=fields.Date.to_string(occupancy.date_start)))
        handover = self.env['property.handover']._create_handover(
            'check_in', self, partner, role, date_start, **vals)
        if occupancy:
            # sudo: to check in is a right of its own, which is checked above.
            occupancy.sudo().start_handover_id = handover
        else:
            occupancy._create_for_handover(
                handover, self, role=role, date_end=date_end, share=share,
                reminder_days=reminder_days)
        return handover

    def _get_awaiting_occupancies(self):
        return self.env['property.occupancy'].search(
            Domain('unit_id', 'in', self.ids) & Domain('awaits_check_in', '=', True)
            & Domain('state', '!=', 'refused')
            & (Domain('date_end', '=', False) | Domain('date_end', '>=', 'today')),
            order='date_start, id')

    def _check_free(self, role, date_start, date_end, share):
        """ Whether a new owner or tenant has room beside those who are in the unit. """
        rivals = self.env['property.occupancy'].search(
            Domain('unit_id', '=', self.id) & Domain('role', '=', role)
            & Domain('state', '=', 'approved')
            & (Domain('date_end', '=', False) | Domain('date_end', '>=', date_start))
            & (Domain('date_start', '<=', date_end) if date_end else Domain.TRUE))
        names = rivals.partner_id.mapped('name')
        if role == 'tenant' and rivals:
            raise UserError(self.env._(
                "%(unit)s is let to %(names)s in that time. Move him out first; somebody who "
                "lives with him is entered among the residents of the unit.",
                unit=self.complete_name, names=names))
        if role == 'owner' and sum(rivals.mapped('share')) + share > 100:
            raise UserError(self.env._(
                "%(unit)s belongs to %(names)s in that time. Use “Transfer” to change the owner; "
                "co-owners have shares that make 100 %% together.",
                unit=self.complete_name, names=names))

    def _lock_occupancies(self):
        """ Let two colleagues change the occupancies of a unit one after the other.

        The row is updated, not only locked: the second transaction waits here for the first, then
        fails with a serialization error, and is repeated with the first one's work in its sight.
        """
        self.env.cr.execute(SQL(
            "UPDATE property_unit SET write_date = write_date WHERE id IN %s", tuple(self.ids)))
