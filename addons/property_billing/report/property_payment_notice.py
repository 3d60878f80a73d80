from itertools import groupby

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.periods import in_force


class PropertyPaymentNotice(models.AbstractModel):
    """ The payment notice (催缴通知单): all that a payer still owes in a project, on one paper. """
    _name = 'report.property_billing.report_payment_notice'
    _description = 'Payment notice'

    @api.model
    def _get_report_values(self, docids, data=None):
        """ One notice per payer and project, of the charges that the user may see.

        What is flagged as wrong is not asked for before it is checked.
        """
        Charge = self.env['property.charge']
        charges = Charge.search([
            ('partner_id', 'in', docids), ('state', '=', 'posted'),
            ('receivable_line_id.amount_residual', '>', 0),
        ], order='project_id, unit_id, date_start, fee_id, id')
        if not charges:
            raise UserError(self.env._("Nothing is owed, so there is nothing to print."))
        # sudo: who sees the charge may know whom, what and where it is for.
        charges_sudo = charges.sudo()
        invitations = self._get_invitations(charges_sudo)
        late_terms = self.env['property.late.fee.term']._get_late_terms(charges_sudo.project_id)
        notices = [
            self._prepare_notice(partner, project, of_notice, invitations, late_terms)
            for (partner, project), of_notice in charges_sudo.grouped(
                lambda charge: (charge.partner_id, charge.project_id)).items()
        ]
        return {'docs': charges_sudo.partner_id, 'notices': [
            notice for notice in notices if notice['units']]}

    def _prepare_notice(self, partner, project, charges, invitations, late_terms):
        today = fields.Date.context_today(self)
        lang = partner.lang or self.env.lang
        disputed = charges.filtered('is_disputed')
        asked = charges - disputed
        residual = sum(asked.mapped('amount_residual'))
        return {
            'partner': partner,
            'project': project,
            'lang': lang,
            'day': today,
            'units': [
                self._prepare_unit(unit, of_unit)
                for unit, of_unit in asked.grouped('unit_id').items()
            ],
            'residual': residual,
            'overdue': sum(
                charge.amount_residual for charge in asked if charge.date_due < today),
            'disputed': sum(disputed.mapped('amount_residual')),
            'capitals': self.env['account.move'].with_context(
                lang=lang)._get_amount_in_capitals(residual),
            'bears_late_fees': any(
                project_id == project.id and in_force(today, terms)
                for (project_id, _fee_id), terms in late_terms.items()),
            'bank': charges.move_id.sorted('id')[-1:].partner_bank_id,
            'invitation': invitations.get(partner),
        }

    def _prepare_unit(self, unit, charges):
        """ Year by year, the charges of a fee on one line. """
        return {
            'name': unit.complete_name,
            'amount': sum(charges.mapped('amount')),
            'residual': sum(charges.mapped('amount_residual')),
            'years': [
                {
                    'year': year,
                    'residual': sum(charge.amount_residual for charge in of_year),
                    'rows': self._prepare_rows(of_year),
                }
                for year, of_year in (
                    (year, list(of_year)) for year, of_year in groupby(
                        charges, key=lambda charge: charge.date_start.year))
            ],
        }

    def _prepare_rows(self, charges):
        rows = []
        for fee, of_fee in charges[0].union(*charges).grouped('fee_id').items():
            days = (min(of_fee.mapped('date_start')), max(of_fee.mapped('date_end')))
            rows.append({
                'fee': fee.name,
                'period': ' ~ '.join(sorted({str(day) for day in days})),
                'count': len(of_fee),
                'due': min(of_fee.mapped('date_due')),
                'amount': sum(of_fee.mapped('amount')),
                'residual': sum(of_fee.mapped('amount_residual')),
                'sequence': (fee.sequence, fee.name),
            })
        return sorted(rows, key=lambda row: row['sequence'])

    def _get_invitations(self, charges):
        """ The codes of payers without a login, by payer, as on their bills. """
        invitations = self.env['property.invitation'].sudo().search([  # as in `_get_report_values`
            ('kind', '=', 'home'), ('partner_id', 'in', charges.partner_id.ids),
            ('unit_id', 'in', charges.unit_id.ids),
        ], order='id').filtered('is_open')
        return {invitation.partner_id: invitation for invitation in invitations}
