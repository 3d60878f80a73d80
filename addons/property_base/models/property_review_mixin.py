from odoo import api, fields, models
from odoo.exceptions import AccessError, LockError, UserError


class PropertyReviewMixin(models.AbstractModel):
    """ Submitted by one person and decided by another, by buttons and never by hand.

    The model has `state`, and as `property.approval.mixin` wants it the right to decide
    (`_approval_group`); its actions ask `_check_decider` and `_check_step` and then `_set_step`.
    """
    _name = 'property.review.mixin'
    _description = 'Submitted by one, decided by another'
    _inherit = ['property.approval.mixin']
    _state_from = ['pending']
    _state_to = ['approved']
    _cancel_state = 'refused'
    # Where it stands: only its steps say that.
    _step_fields = frozenset({'state', 'submitted_by_id', 'approved_by_id'})

    submitted_by_id = fields.Many2one(
        'res.users', string="Submitted by", readonly=True, copy=False, ondelete='restrict')
    approved_by_id = fields.Many2one(
        'res.users', string="Approved by", readonly=True, copy=False, ondelete='restrict')
    is_decidable = fields.Boolean(compute='_compute_is_decidable')

    @api.depends('create_uid', 'submitted_by_id')
    @api.depends_context('uid')
    def _compute_is_decidable(self):
        """ Whether it is somebody else's matter than the user's. """
        for record in self:
            record.is_decidable = not record._is_own()

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        # Asked afterwards, since the context can bring defaults.
        if not self.env.su and not all(record._is_fresh() for record in records):
            raise self._get_step_error()
        return records

    def write(self, vals):
        if not self.env.su and vals.keys() & self._step_fields:
            raise self._get_step_error()
        return super().write(vals)

    def _is_fresh(self):
        """ Whether it has taken no step yet. """
        return self.state == self._get_first_state() and not any(
            self[name] for name in self._step_fields - {'state'})

    def _get_first_state(self):
        return self._fields['state'].default(self)

    def _get_step_error(self):
        return AccessError(self.env._(
            "%(kind)s: this moves on by its buttons, not by hand.", kind=self._get_approval_kind()))

    # === BUSINESS METHODS: WHO DECIDES === #

    def _filter_decidable(self):
        """ Override of `property.approval.mixin`: where the user works, and never his own. """
        return super()._filter_decidable()._filter_in_scope().filtered(
            lambda record: not record._is_own())

    def _filter_in_scope(self):
        """ Those where the user may change things, as far as projects and buildings go. """
        if 'property_in_write_scope' not in self._fields:
            return self
        return self.filtered('property_in_write_scope')

    def _get_applicants(self):
        """ Override of `property.approval.mixin`: who submitted it, whoever began it. """
        return self.submitted_by_id or super()._get_applicants()

    def _is_own(self):
        self.ensure_one()
        return self.env.user in self._get_applicants()

    def _check_decider(self):
        """ Whether the user may decide about all of these in a single step.

        :raises AccessError: it is not his right
        :raises UserError: it is his own matter
        """
        if self.env.su:
            return
        if not self.env.user.has_group(self._approval_group):
            raise AccessError(self.env._(
                "%(kind)s: you are not allowed to decide about this.",
                kind=self._get_approval_kind()))
        self.check_access('read')
        if closed := self - self._filter_in_scope():
            raise self.env['ir.rule']._make_access_error('write', closed)
        for record in self:
            if record._is_own():
                raise UserError(self.env._(
                    "You entered or submitted %(record)s yourself. Ask a colleague to look at it.",
                    record=record.display_name))

    # === BUSINESS METHODS: STEPS === #

    def _check_step(self, operation, *states):
        """ Whether it is in one of the states, under a lock that the next step waits for.

        :param operation: the access that the step takes beside what its caller has checked
        """
        self.ensure_one()
        self.check_access(operation)
        try:
            self.lock_for_update(allow_referencing=True)
        except LockError as error:
            raise LockError(self.env._(
                "Somebody else is changing %(record)s at this moment. Try again in a moment.",
                record=self.display_name)) from error
        self.invalidate_recordset(['state'])
        if self.state not in states:
            labels = dict(self._fields['state']._description_selection(self.env))
            raise UserError(self.env._(
                "%(record)s is in state “%(state)s”, so this cannot be done now. Reload the page "
                "to see where it stands.", record=self.display_name, state=labels[self.state]))

    def _set_step(self, state, **vals):
        # sudo: the step has checked what must be checked; by hand nobody writes these fields.
        self.sudo().write({'state': state, **vals})
