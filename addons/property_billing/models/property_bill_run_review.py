from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class PropertyBillRun(models.Model):
    """ Where the project says so, a run is posted after somebody else has looked at it. """
    _inherit = 'property.bill.run'

    _state_from = ['review']
    _state_to = ['posting']
    _cancel_state = 'preview'
    _approval_group = 'property_billing.group_billing_approve'

    approves_runs = fields.Boolean(related='project_id.approves_runs')
    submitted_by_id = fields.Many2one(
        'res.users', string="Submitted by", readonly=True, copy=False)
    approved_by_id = fields.Many2one(
        'res.users', string="Approved by", readonly=True, copy=False)
    is_decidable = fields.Boolean(compute='_compute_is_decidable')

    @api.depends('submitted_by_id')
    @api.depends_context('uid')
    def _compute_is_decidable(self):
        """ Whether the user is somebody else than who submitted it. """
        for run in self:
            run.is_decidable = not run._is_own()

    # === ACTION METHODS === #

    def action_post(self):
        """ Override: not around the approval. """
        for run in self:
            if run.approves_runs:
                raise UserError(self.env._(
                    "Bill runs of %(project)s are posted after approval. Submit %(run)s.",
                    project=run.project_id.name, run=run.name))
        return super().action_post()

    def action_submit(self):
        for run in self:
            run._check_state('preview')
            run._check_postable()
            run._set_step('review', submitted_by_id=self.env.uid)

    def action_withdraw(self):
        """ Back to what can be changed, before anybody has decided. """
        for run in self:
            run._check_state('review')
            run._set_step('preview')

    def action_approve(self):
        self._check_decider()
        for run in self:
            run._check_state('review', operation='read')
            run._check_postable()
            run._set_step('posting', approved_by_id=self.env.uid)
            # As who submitted it: the right to approve is none to post.
            run.with_user(run.submitted_by_id)._enqueue_posting()

    def action_refuse(self):
        """ Send it back to who submitted it. """
        self._check_decider()
        for run in self:
            run._check_state('review', operation='read')
            run._set_step('preview')

    # === BUSINESS METHODS === #

    def _filter_decidable(self):
        """ Override of `property.approval.mixin`: the scope to change it, and not one's own. """
        decidable = super()._filter_decidable().filtered('property_in_write_scope')
        return decidable.filtered(lambda run: not run._is_own())

    def _get_applicants(self):
        """ Override of `property.approval.mixin`: who submitted it, whoever began it. """
        return self.submitted_by_id

    def _is_own(self):
        self.ensure_one()
        return self.env.user == self.submitted_by_id

    def _check_decider(self):
        if self.env.su:
            return
        if not self.env.user.has_group(self._approval_group):
            raise AccessError(self.env._("You are not allowed to approve bill runs."))
        self._check_write_scope()
        for run in self:
            if run._is_own():
                raise UserError(self.env._(
                    "You submitted %(run)s yourself. Ask a colleague to look at it.",
                    run=run.name))
