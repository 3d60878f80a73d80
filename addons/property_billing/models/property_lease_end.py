from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..tools.periods import add_months, months_between

# What a lease that continues another one takes from it as it is.
COPIED_FIELDS = (
    'split', 'cycle_months', 'timing', 'charge_per_cycle', 'proration', 'due_rule', 'due_days',
    'reminder_days',
)
DONE = ('approved', 'transferred', 'ended')


class PropertyLease(models.Model):
    """ How a lease goes on as another one, or ends (A39, A40). """
    _inherit = 'property.lease'

    date_ended = fields.Date(string="Ended on", readonly=True, copy=False, tracking=True)
    end_reason = fields.Char(string="Why it ended", readonly=True, copy=False, tracking=True)
    is_expiring = fields.Boolean(
        string="Expiring", compute='_compute_is_expiring', search='_search_is_expiring',
        help="From the days of its reminder on, and when it has expired, until it is renewed or "
             "ended.",
    )
    is_expired = fields.Boolean(string="Expired", compute='_compute_is_expiring')
    next_id = fields.Many2one(
        'property.lease', string="Continued by", compute='_compute_next_id')
    tenancy_count = fields.Integer(string="Tenancies", compute='_compute_tenancy_count')

    # === COMPUTE METHODS === #

    @api.depends('state', 'date_reminder', 'date_end', 'next_ids.state')
    def _compute_is_expiring(self):
        today = fields.Date.context_today(self)
        expiring = self.filtered_domain(self._get_expiring_domain())
        for lease in self:
            lease.is_expiring = lease in expiring
            lease.is_expired = lease.is_expiring and lease.date_end < today

    def _search_is_expiring(self, operator, value):
        if operator != 'in':
            return NotImplemented
        domain = self._get_expiring_domain()
        return domain if True in value else ~domain

    @api.model
    def _get_expiring_domain(self):
        today = fields.Date.context_today(self)
        return self._get_running_domain() & Domain('date_reminder', '<=', today) & ~Domain(
            'next_ids', 'any', Domain('state', 'in', DONE))

    @api.depends('next_ids.state')
    def _compute_next_id(self):
        for lease in self:
            lease.next_id = lease.next_ids.filtered(lambda other: other.state != 'refused')[:1]

    def _compute_tenancy_count(self):
        for lease in self:
            lease.tenancy_count = len(lease._get_tenancies())

    # === ACTION METHODS === #

    def action_renew(self):
        """ A new lease of the same terms from the day after this one on (续签, 续租). """
        self.ensure_one()
        self._check_step('create', *DONE)
        if self.next_id:
            return self._open_lease(self.next_id)
        if self.date_ended and self.date_ended < self.date_end:
            raise UserError(self.env._(
                "%(lease)s ended on %(day)s, before its time. If the tenant comes back, enter a "
                "new lease.", lease=self.name, day=fields.Date.to_string(self.date_ended)))
        months = months_between(self.date_start, fields.Date.add(self.date_end, days=1))
        start = fields.Date.add(self.date_end, days=1)
        end = add_months(start, months) if months else fields.Date.add(
            start, days=(start - self.date_start).days)
        return self._open_lease(self._create_successor(start, fields.Date.subtract(end, days=1)))

    def action_change(self):
        """ Other prices or units from a day on (变更). """
        self.ensure_one()
        self._check_step('create', 'approved', 'transferred')
        return self._open_wizard(
            'property.lease.change', self.env._("Change %(lease)s", lease=self.name))

    def action_end(self):
        """ End it early, or when it is over (终止). """
        self.ensure_one()
        self._check_step('write', 'approved', 'transferred')
        return self._open_wizard(
            'property.lease.end', self.env._("End %(lease)s", lease=self.name))

    def action_view_tenancies(self):
        """ Who is still in the units, to be moved out. """
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id(
            'property_base.property_occupancy_action')
        return {**action, 'domain': [('id', 'in', self._get_tenancies().ids)], 'context': {}}

    def _open_wizard(self, model, title):
        return {
            'name': title,
            'type': 'ir.actions.act_window',
            'res_model': model,
            'view_mode': 'form',
            'target': 'new',
            'context': {'default_lease_id': self.id},
        }

    def _open_lease(self, lease):
        return {
            'type': 'ir.actions.act_window',
            'res_model': 'property.lease',
            'res_id': lease.id,
            'views': [(False, 'form')],
        }

    # === BUSINESS METHODS: GOING ON === #

    def _create_successor(self, date_start, date_end):
        """ A draft of the same terms that continues this lease, at the prices of its first day. """
        lines = self.line_ids.filtered('active')
        # Without what was given back before the others.
        last_day = max(lines.mapped('date_end'), default=date_end)
        last_day = min(last_day, fields.Date.subtract(date_start, days=1))
        lines = lines.filtered(lambda line: line.date_end >= last_day)
        # sudo: the right to create leases was checked; what it continues nobody writes by hand.
        successor_sudo = self.sudo().create({
            **{name: self[name] for name in COPIED_FIELDS},
            'project_id': self.project_id.id, 'partner_id': self.partner_id.id,
            'previous_id': self.id, 'date_start': date_start, 'date_end': date_end,
            'line_ids': [Command.create({
                'unit_id': line.unit_id.id, 'fee_id': line.fee_id.id, 'basis': line.basis,
                'quantity': line.quantity, 'price': float(line._get_lease_price(date_start)),
            }) for line in lines],
            'escalation_ids': [
                Command.create(vals)
                for vals in self.escalation_ids._prepare_following_vals(date_start, date_end)],
            'free_ids': [Command.create({
                'date_start': max(period.date_start, date_start), 'date_end': period.date_end,
                'fee_ids': [Command.set(period.fee_ids.ids)], 'ground': period.ground,
                'payable_percent': period.payable_percent,
            }) for period in self.free_ids if period.date_end >= date_start],
        })
        return self.browse(successor_sudo.id)

    def _check_continues(self):
        """ What continues a lease begins when that one ends, and not some time after. """
        for lease in self:
            previous = lease.previous_id
            ended = previous.date_ended
            if ended and fields.Date.add(ended, days=1) < lease.date_start:
                raise UserError(self.env._(
                    "%(previous)s ended on %(day)s already, so %(lease)s does not continue it from "
                    "%(start)s on. Delete it; if the tenant comes back, enter a new lease.",
                    previous=previous.name, day=fields.Date.to_string(ended), lease=lease.name,
                    start=fields.Date.to_string(lease.date_start)))

    def _replace_previous(self):
        """ A reviewed change: the lease that it continues ends the day before, to the day. """
        for lease in self:
            previous = lease.previous_id
            if previous.state not in ('approved', 'transferred') or (
                    previous.date_end < lease.date_start):
                continue
            # sudo: it follows from the review, whose right was checked.
            previous.sudo()._end_on(
                fields.Date.subtract(lease.date_start, days=1),
                self.env._("Changed: %(lease)s", lease=lease.name), by_days=True, keeps_paid=False)
            dropped = previous.unit_ids - lease.unit_ids
            previous._get_tenancies().filtered(
                lambda tenancy, dropped=dropped: tenancy.unit_id in dropped,
            ).sudo()._end_tenancy(previous.date_ended)

    # === BUSINESS METHODS: ENDING === #

    def _end_on(self, last_day, reason, by_days=False, keeps_paid=True):
        """ All lines of the lease end.

        :param by_days: the last period costs its days only, instead of all
        :param keeps_paid: what is paid for periods after the last day stays; if not, the money is
            the payer's
        """
        self.ensure_one()
        self._settle(self.line_ids.filtered('active'), last_day, reason, by_days, keeps_paid)

    def _settle(self, lines, last_day, reason, by_days=False, keeps_paid=True):
        """ Lines of the lease end: nothing is owed for the time after (decision 5).

        What is not posted goes, what is posted is credited; what is owed for the time before stays
        owed. The lease has ended when its last line has.
        """
        self.ensure_one()
        lines_sudo = lines.sudo()  # the callers have checked who may, lines are locked for all
        charges_sudo = self.env['property.charge'].sudo().search([
            ('assignment_id', 'in', lines_sudo.ids), ('date_end', '>', last_day),
            ('state', 'in', ('scheduled', 'transferred', 'draft', 'left_out', 'posted'))])
        charges_sudo.lock_for_update()
        posted_sudo = charges_sudo.filtered(lambda charge: charge.state == 'posted')
        (charges_sudo - posted_sudo).filtered(
            lambda charge: by_days or charge.date_start > last_day).unlink()
        for line in lines_sudo:
            if line.date_start > last_day:
                line.active = False
            elif line.date_end > last_day:
                line.date_end = last_day
        later_sudo = posted_sudo.filtered(lambda charge: charge.date_start > last_day)
        straddling = (posted_sudo - later_sudo).with_env(self.env)
        today = fields.Date.context_today(self)
        if keeps_paid:
            (later_sudo - later_sudo._get_kept())._credit(reason, today)
        elif later_sudo:
            later_sudo._correct(reason, today)
        if by_days and straddling:
            # Correcting what is posted is a right of its own, unless it follows from a review.
            straddling._correct(reason, today)
        if by_days and self.line_ids.filtered('active'):
            self._create_missing_charges('transferred')
        # What was reviewed and is owed for the time before is owed, transferred yet or not.
        self.env['property.charge'].sudo().search([
            ('lease_id', '=', self.id), ('state', '=', 'scheduled')]).state = 'transferred'
        if not self.line_ids.filtered(lambda line: line.active and line.date_end > last_day):
            if keeps_paid:
                self._get_unasked_deposits(last_day).sudo().unlink()
            self._set_step('ended', date_ended=min(last_day, self.date_end), end_reason=reason)

    @api.model
    def _cron_end_renewed(self):
        """ A lease whose renewal has taken over is over. """
        today = fields.Date.context_today(self)
        for lease in self.search(
            self._get_running_domain() & Domain('date_end', '<', today)
            & Domain('next_ids', 'any', Domain('state', 'in', DONE)),
        ):
            lease._end_on(lease.date_end, self.env._(
                "Continued by %(lease)s",
                lease=lease.next_ids.filtered(lambda other: other.state in DONE)[:1].name))

    def _get_tenancies(self):
        """ Who is in the units by this lease and was not moved out. """
        return self.env['property.occupancy'].search([
            ('unit_id', 'in', self.unit_ids.ids), ('partner_id', '=', self.partner_id.id),
            ('role', '=', 'tenant'), ('state', '=', 'approved'), ('end_handover_id', '=', False),
            ('date_start', '<=', self.date_end),
            '|', ('date_end', '=', False), ('date_end', '>=', self.date_start)])

    def _begin_following(self, last_day):
        """ Its tenant stays in the units by other leases of his, or comes back with them. """
        following = self.env['property.fee.assignment'].search([
            ('is_let', '=', True), ('unit_id', 'in', self.unit_ids.ids),
            ('partner_id', '=', self.partner_id.id), ('lease_id', '!=', self.id),
            ('date_end', '>', last_day)])
        for (lease, unit) in following.grouped(lambda line: (line.lease_id, line.unit_id)):
            self.env['property.occupancy']._begin_for_lease(lease, unit)

    # === GETTERS === #

    def _get_unasked_deposits(self, last_day):
        """ What a deposit would be billed with, though the lease was over before. """
        self.ensure_one()
        over = last_day <= fields.Date.context_today(self)
        return self.charge_ids.filtered(lambda charge: (
            over and charge.fee_id.nature == 'deposit'
            and charge.state in ('scheduled', 'transferred', 'draft')))

    def _get_settlement(self, last_day):
        """ What ending on a day does, for who is about to do it: charges by what becomes of them.

        :rtype: dict[str, property.charge]
        """
        self.ensure_one()
        charges = self.charge_ids.filtered(
            lambda charge: charge.assignment_id and charge.state not in ('reversed', 'left_out'))
        later = charges.filtered(lambda charge: charge.date_start > last_day)
        kept = later._get_kept()
        straddling = charges.filtered(
            lambda charge: charge.date_start <= last_day < charge.date_end)
        return {'cancelled': later - kept, 'kept': kept, 'straddling': straddling}
