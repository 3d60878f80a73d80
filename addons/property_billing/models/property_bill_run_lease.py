from odoo import models
from odoo.fields import Domain
from odoo.tools import split_every

from ..tools.planning import due_date

CHARGES_PER_JOB = 1000
# A run in one of these takes nothing back in: what it left out is for the next one.
FINISHED = ('posted', 'published', 'undone')


class PropertyBillRun(models.Model):
    """ What leases have transferred, in the run of its billing date (decision 25). """
    _inherit = 'property.bill.run'

    # === BUSINESS METHODS: PREVIEW === #

    def _get_preview_slices(self):
        """ Override: and what leases have transferred. """
        charges = self.env['property.charge'].search(self._get_transferred_domain(), order='id')
        return super()._get_preview_slices() + [
            ('leases', ids) for ids in split_every(CHARGES_PER_JOB, charges.ids, list)]

    def _get_transferred_domain(self):
        """ Charges of leases whose billing date the run reaches and that no other run has. """
        self.ensure_one()
        waiting = Domain('state', '=', 'transferred') | (
            Domain('state', '=', 'left_out') & Domain('reason', '!=', 'free')
            & Domain('run_id.state', 'in', FINISHED))
        domain = waiting & self._get_choice_domain() & Domain([
            ('lease_id', '!=', False), ('date_bill', '<=', self.date_end)])
        if self.date_start:
            domain &= Domain('date_bill', '>=', self.date_start)
        return domain

    def _generate_leases(self, charge_ids):
        """ Take a slice of what leases have transferred into the run.

        Of two runs that want the same charges, the second one fails with a serialization error, is
        repeated, and does not find them any more.
        """
        charges = self.env['property.charge'].browse(charge_ids).exists().filtered_domain(
            self._get_transferred_domain())
        assignments = charges.assignment_id
        subjects = assignments._get_subjects()
        previous = assignments._get_last_charges()
        disputed = assignments._get_disputed_ids()
        # sudo: what a run takes nobody may write himself; who may preview was checked.
        for charge, planned in charges.sudo()._plan_lease_anew().items():
            lease, assignment = charge.lease_id, charge.assignment_id
            reason, values = (
                assignment._get_left_out_reason(planned, self.date_invoice) if assignment
                else charge.fee_id._get_left_out_reason(self.date_invoice))
            vals = {
                'run_id': self.id, 'state': 'left_out' if reason else 'draft', 'reason': reason,
                'reason_values': values, 'was_disputed': assignment.id in disputed,
                'date_due': due_date(
                    lease.due_rule, lease.due_days, self.date_invoice, planned.start),
            }
            if assignment.id in previous:
                vals['previous_amount'] = self._scale(
                    subjects[assignment], previous[assignment.id], planned)
            charge.write(vals)

    # === BUSINESS METHODS: UNDO === #

    def _job_undo(self, move_ids):
        """ Override: what was undone of leases waits for the next run. """
        # sudo: who may undo was checked when the job was made.
        charges_sudo = self.sudo()._get_undoable_charges(
            self.env['account.move'].browse(move_ids).exists()).filtered('lease_id')
        corrected_sudo = charges_sudo.filtered('is_corrected')
        result = super()._job_undo(move_ids)
        charges_sudo._transfer_again(corrected_sudo)
        return result
