from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

HANDOVER_FIELDS = {'start_handover_id', 'end_handover_id'}
STORAGE_KINDS = ('parking', 'storage')
PARKING_REMINDER_DAYS = 20


class PropertyOccupancy(models.Model):
    """ How an occupancy begins, passes to somebody else, ends, and is archived. """
    _inherit = 'property.occupancy'
    _job_fields = ('start_handover_id', 'awaits_check_in')  # he is checked in while it waits

    active = fields.Boolean(default=True)
    start_handover_id = fields.Many2one(
        'property.handover', string="Began with", readonly=True, copy=False,
        index='btree_not_null', ondelete='restrict',
    )
    end_handover_id = fields.Many2one(
        'property.handover', string="Ended with", readonly=True, copy=False,
        index='btree_not_null', ondelete='restrict',
    )
    reminder_days = fields.Integer(
        string="Remind days before", default=PARKING_REMINDER_DAYS,
        help="The front page reminds of the end of a parking use from so many days before its "
             "last day, until the space is given back.",
    )
    unit_kind = fields.Selection(related='unit_id.kind', string="Kind of unit")
    awaits_check_in = fields.Boolean(
        string="Waits for check-in", compute='_compute_awaits_check_in', store=True,
        readonly=False, precompute=True, copy=False,
        help="In a project that asks for it, a customer is handed his unit before he stands in "
             "the customer archive.",
    )

    _reminder_days_positive = models.Constraint(
        'CHECK (reminder_days >= 0)', "A reminder comes before the last day or on it.",
    )

    # === COMPUTE METHODS === #

    @api.depends('start_handover_id')
    def _compute_awaits_check_in(self):
        """ Decided by the project's switch of the day on which the occupancy is entered (A36). """
        for occupancy in self:
            occupancy.awaits_check_in = (
                not occupancy.start_handover_id and occupancy.role in ('owner', 'tenant')
                and occupancy.unit_id.project_id.archive_mode == 'check_in')

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        occupancies = super().create(vals_list)
        # Asked afterwards, since the context can bring defaults.
        for name in HANDOVER_FIELDS:
            if any(occupancy[name] for occupancy in occupancies):
                self._check_handover_fields({name: True})
        return occupancies

    def write(self, vals):
        self._check_handover_fields(vals)
        if 'active' in vals:
            self._check_archive_right()
            if not vals['active']:
                self._check_archivable()
        return super().write(vals)

    def _check_handover_fields(self, vals):
        if not self.env.su and vals.keys() & HANDOVER_FIELDS:
            raise AccessError(self.env._(
                "Hand-overs are recorded by check-in, transfer and move-out, not by hand."))

    # === ACTION METHODS === #

    def action_archive(self):
        """ Override of `base`: archiving is a right of its own, without that of changing. """
        self._check_archive_right()
        self.check_access('read')
        return super(PropertyOccupancy, self.sudo()).action_archive()

    def action_check_in(self):
        """ From the list of those who wait. """
        self.ensure_one()
        action = self.unit_id.action_check_in()
        action['context'].update(default_partner_id=self.partner_id.id, default_role=self.role)
        return action

    def action_move_out(self):
        self.ensure_one()
        action = self.unit_id.action_move_out()
        action['context']['default_occupancy_id'] = self.id
        if self.date_end and self.date_end < fields.Date.context_today(self):
            action['context']['default_date'] = self.date_end  # a parking space not given back
        return action

    def action_lives_here(self):
        """ They moved in before the project asked for check-ins: no hand-over to record. """
        self.env['property.handover']._check_right('check_in')
        self._check_write_scope()
        self.sudo().awaits_check_in = False  # the right is that of checking in, checked above

    # === BUSINESS METHODS: ENDING === #

    def _transfer(self, partner, date, lines, **vals):
        """ These owners' part of a unit passes to a new owner, who has it from `date` on.

        :param lines: what was decided about the open matters, `property.open.matter`
        :return: the `property.handover`
        """
        self.env['property.handover']._check_right('transfer')
        self._check_ending('owner')
        self.unit_id._lock_occupancies()
        self.invalidate_recordset(['date_end', 'end_handover_id'])
        for occupancy in self:
            if date <= occupancy.date_start:
                raise UserError(self.env._(
                    "%(name)s owns %(unit)s since %(start)s. The new owner's first day must be "
                    "later.", name=occupancy.partner_id.name, unit=occupancy.unit_id.complete_name,
                    start=fields.Date.to_string(occupancy.date_start)))
        if partner in self.partner_id:
            raise UserError(self.env._(
                "%(name)s owns %(unit)s already. Choose the new owner.",
                name=partner.name, unit=self.unit_id.complete_name))
        handover = self.env['property.handover']._create_handover(
            'transfer', self.unit_id, partner, 'owner', date, **vals)
        self._end(handover)
        if self._begin_for(handover).state != 'approved':
            raise UserError(self.env._(
                "%(project)s approves its new residents, and a unit is never between two owners. "
                "Ask a register manager to do this transfer.", project=self.project_id.name))
        handover._decide_matters(self, lines)
        return handover

    def _move_out(self, date, lines, **vals):
        """ The customer leaves; `date` is the settlement date and his last day.

        :param lines: what was decided about the open matters, `property.open.matter`
        :return: the `property.handover`
        """
        self.ensure_one()
        self.env['property.handover']._check_right('move_out')
        self._check_ending('owner', 'tenant')
        self.unit_id._lock_occupancies()
        self.invalidate_recordset(['date_end', 'end_handover_id'])
        if date < self.date_start:
            raise UserError(self.env._(
                "%(name)s is in %(unit)s since %(start)s and cannot leave before that.",
                name=self.partner_id.name, unit=self.unit_id.complete_name,
                start=fields.Date.to_string(self.date_start)))
        handover = self.env['property.handover']._create_handover(
            'move_out', self.unit_id, self.partner_id, self.role, date, **vals)
        self._end(handover)
        handover._decide_matters(self, lines)
        return handover

    def _check_ending(self, *roles):
        if len(self.unit_id) != 1 or set(self.mapped('role')) - set(roles):
            raise UserError(self.env._("Choose whose occupancy of this one unit ends."))
        self._check_write_scope()

    def _end(self, handover):
        """ End with a hand-over; an earlier end by contract stays as it is.

        :raises UserError: it has ended already
        """
        last_day = handover._get_last_day()
        for occupancy in self:
            if occupancy.end_handover_id:
                raise UserError(self.env._(
                    "%(name)s left %(unit)s on %(day)s already.",
                    name=occupancy.partner_id.name, unit=occupancy.unit_id.complete_name,
                    day=fields.Date.to_string(occupancy.date_end)))
            if occupancy.date_end and occupancy.date_end < last_day:
                raise UserError(self.env._(
                    "%(name)s is in %(unit)s until %(end)s only. If he stayed longer, change that "
                    "day first.", name=occupancy.partner_id.name,
                    unit=occupancy.unit_id.complete_name,
                    end=fields.Date.to_string(occupancy.date_end)))
        self._check_write_scope()
        # sudo: to end an occupancy by a hand-over is a right of its own, which the hand-over has
        # checked; it is no correction of core data.
        self.sudo().write({'date_end': last_day, 'end_handover_id': handover.id})
        self.flush_recordset(['date_end'])  # before the database sees who comes next

    def _begin_for(self, handover, date_end=False):
        """ What ended goes on for the new customer, co-owners' shares together.

        :param date_end: the end of the contract that passes on
        :return: the new occupancy
        """
        return self._create_for_handover(
            handover, self.unit_id, role=self[0].role, date_end=date_end,
            share=min(sum(self.mapped('share')), 100))

    @api.model
    def _create_for_handover(self, handover, unit, **vals):
        """ The customer of a hand-over is in the unit from its day on. """
        unit._check_write_scope()
        # sudo: a hand-over is a right of its own, which the hand-over has checked.
        occupancy_sudo = self.sudo().create({
            'unit_id': unit.id, 'partner_id': handover.partner_id.id,
            'date_start': handover.date, 'start_handover_id': handover.id,
            'state': self._get_entry_state(unit), **vals,
        })
        return self.browse(occupancy_sudo.id)

    # === BUSINESS METHODS: OPEN MATTERS === #

    def _get_open_matters(self, last_day=None):
        """ What must be decided before these occupancies end. Other add-ons append theirs.

        A matter has the keys kind, res_id (which record of that kind), label, amount, and
        decisions: the possible ones, the first is proposed. What was decided is done by
        `property.handover._decide_<kind>(line)`.

        :param last_day: the last day of who leaves, today by default
        :rtype: list[dict]
        """
        last_day = last_day or fields.Date.context_today(self)
        units, partners = self.unit_id, self.partner_id
        keys = self.env['property.key'].search([
            ('unit_id', 'in', units.ids), ('holder_id', 'in', partners.ids),
            ('state', '=', 'out')])
        vehicles = self.env['property.vehicle'].search([
            ('unit_id', 'in', units.ids), ('partner_id', 'in', partners.ids)])
        live = self._get_live_domain(last_day)
        household = self.search(
            live & Domain('unit_id', 'in', units.ids) & Domain('role', 'in', ('family', 'user')))
        others = self.search_count(
            live & Domain('unit_id', 'in', units.ids) & Domain('role', 'in', ('owner', 'tenant'))
            & Domain('partner_id', 'not in', partners.ids), limit=1)
        # sudo: his space may be in a building that this user does not see; it is his all the same.
        spaces = self.sudo().search(
            live & Domain('partner_id', 'in', partners.ids)
            & Domain('project_id', 'in', self.project_id.ids)
            & Domain('unit_id.kind', 'in', STORAGE_KINDS)
            & Domain('unit_id', 'not in', units.ids))
        return [
            *(self._prepare_matter('key', key, self.env._(
                "Key %(key)s, %(count)s pieces", key=key.name, count=key.quantity),
                ['return', 'lost', 'hand_over']) for key in keys),
            *(self._prepare_matter('vehicle', vehicle, self.env._(
                "Vehicle %(plate)s", plate=vehicle.name),
                ['end', 'keep']) for vehicle in vehicles),
            *(self._prepare_matter('family', occupancy, self.env._(
                "%(name)s lives here, too", name=occupancy.partner_id.name),
                # Somebody else's household, perhaps: the tenant's family when an owner leaves.
                ['keep', 'end'] if others else ['end', 'keep']) for occupancy in household),
            *(self._prepare_matter('space', occupancy, self.env._(
                "%(unit)s, %(role)s", unit=occupancy.unit_id.complete_name,
                role=dict(self._fields['role']._description_selection(self.env))[occupancy.role]),
                ['keep', 'end', 'hand_over']) for occupancy in spaces),
        ]

    @api.model
    def _prepare_matter(self, kind, record, label, decisions, amount=0.0):
        return {
            'kind': kind, 'res_id': record.id, 'label': label, 'amount': amount,
            'decisions': decisions,
        }

    # === BUSINESS METHODS: ARCHIVING === #

    def _check_archive_right(self):
        if not self.env.su and not self.env.user.has_group('property_base.group_resident_archive'):
            raise AccessError(self.env._("You are not allowed to archive residents."))

    def _check_archivable(self):
        """ Archived is who has moved out and settled (A19). """
        obstacles = self._get_archive_obstacles()
        if obstacles:
            raise UserError('\n'.join([
                self.env._("Only who has moved out and settled can be archived:"), *obstacles]))

    def _get_archive_obstacles(self):
        """ Why these cannot be archived, as sentences. Other add-ons append theirs. """
        today = fields.Date.context_today(self)
        return [
            self.env._(
                "%(occupancy)s has not ended. Move the customer out first.",
                occupancy=occupancy.display_name)
            for occupancy in self
            if occupancy.state == 'approved'
            and (not occupancy.date_end or occupancy.date_end >= today)
        ]
