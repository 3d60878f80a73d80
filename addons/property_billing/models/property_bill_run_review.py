from odoo import fields, models
from odoo.exceptions import UserError


class PropertyBillRun(models.Model):
    """ Where the project says so, a run is posted after somebody else has looked at it. """
    _inherit = 'property.bill.run'

    _state_from = ['review']
    _state_to = ['posting']
    _cancel_state = 'preview'
    _approval_group = 'property_billing.group_billing_approve'

    approves_runs = fields.Boolean(related='project_id.approves_runs')

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
