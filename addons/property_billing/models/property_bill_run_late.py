from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import split_every

from ..tools.periods import ONE_DAY

# One job computes the late fees of these many overdue charges.
PRINCIPALS_PER_JOB = 2000


class PropertyBillRun(models.Model):
    """ Late fees of what is still open come with the run: previewed, explained, undone with it. """
    _inherit = 'property.bill.run'

    with_late_fees = fields.Boolean(
        string="Late fees", compute='_compute_with_late_fees', store=True, readonly=False,
        precompute=True,
        help="Of what is overdue, up to the last day of the run and the day before the bill date. "
             "What is paid meanwhile bears its late fee at once.",
    )

    @api.depends('project_id')
    def _compute_with_late_fees(self):
        terms = self.env['property.late.fee.term'].search(
            [('project_id', 'in', self.project_id.ids)])
        for run in self:
            run.with_late_fees = run.project_id in terms.project_id

    # === BUSINESS METHODS === #

    def _get_late_fee_end(self):
        """ The first day that does not count: it is not over when the bill is made. """
        self.ensure_one()
        return min(self.date_end + ONE_DAY, self.date_invoice)

    def _get_preview_slices(self):
        return super()._get_preview_slices() + [
            ('late_fees', ids)
            for ids in split_every(PRINCIPALS_PER_JOB, self._get_overdue_ids(), list)
        ]

    def _get_overdue_ids(self):
        """ What may bear a late fee: overdue, or settled before its late fee was reversed. """
        Term = self.env['property.late.fee.term']
        if not self.with_late_fees or not Term._get_late_terms(self.project_id):
            return []
        Charge = self.env['property.charge']
        domain = Charge._get_late_fee_domain() & self._get_choice_domain() & Domain(
            'date_due', '<', self._get_late_fee_end()
        ) & (
            Domain('receivable_line_id.amount_residual', '>', 0)
            | Domain('late_fee_ids', 'any', [('state', '=', 'reversed')]))
        return Charge.search(domain, order='id').ids

    def _generate_late_fees(self, principal_ids):
        """ The late fees of a slice of overdue charges. """
        Charge = self.env['property.charge']
        decided = Charge.search([
            ('run_id', '=', self.id), ('origin_charge_id', 'in', principal_ids)])
        by_hand = {
            charge.origin_charge_id: charge.reason_values
            for charge in decided if charge.reason == 'manual'}
        # sudo: what a preview computes nobody may type himself; who may preview was checked.
        decided.sudo().unlink()
        fee = self.company_id.property_late_fee_id
        reason, values = fee._get_left_out_reason(self.date_invoice)
        vals_list = []
        for accrual in Charge.browse(principal_ids)._accrue_late_fees(self._get_late_fee_end()):
            if not accrual.explanation:
                continue
            vals = {
                **accrual.charge._prepare_late_fee_vals(accrual.explanation),
                'run_id': self.id, 'date_due': self.date_invoice,
            }
            if reason:
                vals.update(state='left_out', reason=reason, reason_values=values)
            elif accrual.charge in by_hand:
                vals.update(
                    state='left_out', reason='manual', reason_values=by_hand[accrual.charge])
            vals_list.append(vals)
        Charge.sudo().create(vals_list)  # as above
