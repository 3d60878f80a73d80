from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from .property_lease import RUNNING


class PropertyOccupancy(models.Model):
    """ What the review of a lease begins: its tenant has the units. """
    _inherit = 'property.occupancy'

    lease_id = fields.Many2one(
        'property.lease', string="Lease", index='btree_not_null', ondelete='set null',
        readonly=True, copy=False, groups='base.group_user', help="Began with its review.",
    )
    is_let = fields.Boolean(
        string="As long as a lease", compute='_compute_is_let', search='_search_is_let',
        compute_sudo=True, groups='base.group_user',
        help="A lease that runs gives the tenant the unit until then.",
    )

    def _compute_is_let(self):
        let = self.with_context(active_test=False).search(
            [('id', 'in', self.ids), ('is_let', '=', True)])
        for tenancy in self:
            tenancy.is_let = tenancy in let

    def _search_is_let(self, operator, value):
        if operator != 'in':
            return NotImplemented
        self.env['property.fee.assignment'].flush_model()
        self.env['property.lease'].flush_model(['state', 'partner_id', 'date_end'])
        domain = Domain('id', 'in', SQL(
            """ (SELECT tenancy.id
                   FROM property_occupancy tenancy
                   JOIN property_fee_assignment line ON line.unit_id = tenancy.unit_id
                   JOIN property_lease lease ON lease.id = line.lease_id
                    AND lease.partner_id = tenancy.partner_id
                    AND lease.date_end >= tenancy.date_end
                  WHERE line.active AND line.is_let AND lease.state IN %s) """, RUNNING))
        return domain if True in value else ~domain

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

    def _end_tenancy(self, last_day):
        """ A lease ends earlier than it said: so does being in its units; who has not come never
        does. Handing back keys and the rest is the move-out's.
        """
        never = self.filtered(lambda tenancy: (
            tenancy.date_start > last_day and not tenancy.start_handover_id))
        never.unlink()
        (self - never).filtered(
            lambda tenancy: not tenancy.date_end or tenancy.date_end > last_day,
        ).date_end = last_day

    def _end(self, handover):
        """ Override of `property_base`: a lease whose time is over has ended with its tenant. """
        super()._end(handover)
        # sudo: it follows from leaving, whose right was checked; it changes no charge.
        over_sudo = self.env['property.lease'].sudo().search(
            self.env['property.lease']._get_running_domain() & Domain([
                ('partner_id', 'in', self.partner_id.ids),
                ('line_ids.unit_id', 'in', self.unit_id.ids),
                ('date_end', '<=', handover._get_last_day())]))
        for lease in over_sudo.filtered(lambda lease: not lease._get_tenancies()):
            lease._set_step(
                'ended', date_ended=lease.date_end, end_reason=handover.display_name)

    # === BUSINESS METHODS: OPEN MATTERS === #

    def _get_open_matters(self, last_day=None):
        """ Override of `property_base`: leases that go on after the tenant has left. """
        day = last_day or fields.Date.context_today(self)
        is_manager = self.env.user.has_group('property_billing.group_billing_manager')
        return super()._get_open_matters(last_day) + [
            self._prepare_matter(
                'lease', lease,
                self.env._("Lease %(lease)s, until %(end)s",
                           lease=lease.name, end=format_date(self.env, lease.date_end)),
                ['end', *(['correct'] if is_manager and lease.proration != 'none' else []), 'keep'])
            # sudo: who may move a tenant out is told which leases are in the way.
            for lease in self.sudo()._get_lease_lines(day).lease_id
        ]

    def _get_lease_lines(self, last_day):
        """ What these tenants have rented in these units beyond a day. """
        return self.env['property.fee.assignment'].search([
            ('is_let', '=', True), ('unit_id', 'in', self.unit_id.ids),
            ('partner_id', 'in', self.partner_id.ids), ('date_end', '>', last_day)])
