from odoo import Command, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain


class PropertyHandover(models.Model):
    """ What is decided about money when a customer leaves, as entries (decision 28). """
    _inherit = 'property.handover'

    billed_beyond_count = fields.Integer(
        string="Charges to correct", compute='_compute_billed_beyond_count',
        groups='property_billing.group_billing_manager',
        help="What is billed already for days on which somebody else is in the unit.",
    )

    def _compute_billed_beyond_count(self):
        for handover in self:
            handover.billed_beyond_count = len(handover._get_billed_beyond())

    # === ACTION METHODS === #

    def action_correct_charges(self):
        """ The payer changed inside a period that is billed already. """
        self.ensure_one()
        return self._get_billed_beyond().action_correct()

    # === BUSINESS METHODS === #

    def _get_billed_beyond(self):
        """ What is billed for the time after this to who was in before, and is not corrected. """
        self.ensure_one()
        if self.kind == 'check_in':
            domain = self.env['property.charge']._get_computed_domain() & Domain([
                ('unit_id', '=', self.unit_id.id), ('partner_id', '!=', self.partner_id.id),
                ('date_end', '>=', self.date), ('assignment_id.partner_id', '=', False)])
            if self.role == 'tenant':
                domain &= Domain('assignment_id', 'any', self.env[
                    'property.fee.assignment']._get_role_domain('occupant'))
            charges = self.env['property.charge'].search(domain)._filter_by_days()
        else:
            charges = self.ended_occupancy_ids._get_billed_beyond(self._get_last_day())
        return charges.filtered(lambda charge: not charge.is_corrected)

    def _decide_arrears(self, line):
        """ Collected now, owed by the new customer, or by the former one as before. """
        charges = self._get_ended(line).sudo()._get_arrears_charges(self._get_last_day())
        charges = charges.with_env(self.env)
        if line.decision == 'settle':
            charges._receive_payment(line._get_journal(), memo=self.display_name)
        elif line.decision == 'hand_over':
            charges._pass_to(self.partner_id, self.display_name, self.date)

    def _decide_prepayment(self, line):
        """ Paid back, credited to the new customer, or kept for the former one. """
        if line.decision == 'keep':
            return
        if not self.env.su and not self.env.user.has_group(
                'property_billing.group_billing_manager'):
            raise AccessError(self.env._("You are not allowed to decide about prepayments."))
        # sudo: the right is checked above; that the lines are of this project, by their search.
        lines_sudo = self._get_ended(line).sudo()._get_prepayment_lines()
        lines_sudo.lock_for_update()
        if line.decision == 'refund':
            self._refund(lines_sudo, line._get_journal())
        else:
            self._pass_credit(lines_sudo)

    def _decide_fee(self, line):
        """ A fee that names the customer ends with him, or the next payer goes on with it. """
        # sudo: it follows from leaving; that the fee is one of his was checked before.
        assignment_sudo = self.env['property.fee.assignment'].sudo().browse(line.res_id)
        last_day = self._get_last_day()
        if line.decision == 'pass_on':
            assignment_sudo.partner_date_end = last_day
        elif assignment_sudo.date_start > last_day:
            assignment_sudo.active = False
        else:
            assignment_sudo.date_end = last_day

    def _decide_billed_days(self, line):
        """ What is billed for the days after the last one: the next payer's, or as it is. """
        if line.decision == 'correct':
            # sudo: they follow from leaving; correcting them is a right that is asked there.
            charges_sudo = self._get_ended(line).sudo()._get_billed_beyond(self._get_last_day())
            charges_sudo.with_env(self.env)._correct(
                self.display_name, fields.Date.context_today(self))

    def _decide_lease(self, line):
        """ A lease ends with its tenant as far as it is of this unit, or he goes on paying it. """
        if line.decision == 'keep':
            return
        # sudo: it follows from leaving; that the lease is his was checked before.
        lease_sudo = self.env['property.lease'].sudo().browse(line.res_id)
        lines_sudo = lease_sudo.line_ids.filtered(
            lambda lease_line: lease_line.active and lease_line.unit_id == self.unit_id)
        lease_sudo._settle(
            lines_sudo, self._get_last_day(), self.display_name,
            by_days=line.decision == 'correct')

    def _get_ended(self, line):
        """ Whose matter it is: those of the customers who leave whom the line names. """
        return self.ended_occupancy_ids.filtered(lambda occupancy: (
            occupancy.unit_id == self.unit_id and occupancy.partner_id.id == line.res_id))

    def _refund(self, lines_sudo, journal):
        """ Money paid ahead goes back to who paid it. """
        for partner, lines in lines_sudo.grouped('partner_id').items():
            payment_sudo = self.env['account.payment'].sudo().with_company(self.company_id).create({
                'payment_type': 'outbound',
                'partner_type': 'customer',
                'partner_id': partner.id,
                'journal_id': journal.id,
                'currency_id': self.company_id.currency_id.id,
                'amount': -sum(lines.mapped('amount_residual')),
                'date': fields.Date.context_today(self),
                'memo': self.display_name,
                'property_project_id': self.project_id.id,
                'property_building_id': self.building_id.id,
            })
            payment_sudo.action_post()
            self._match(lines, payment_sudo.move_id)

    def _pass_credit(self, lines_sudo):
        """ Money paid ahead by the former customer counts for the new one. """
        company = self.company_id
        journal_sudo = self.env['account.journal'].sudo().search([
            *self.env['account.journal']._check_company_domain(company),
            ('type', '=', 'general')], limit=1)
        partner = self.partner_id.with_company(company).commercial_partner_id
        by_account = lines_sudo.grouped(lambda line: (line.account_id, line.partner_id))
        amounts = {
            key: -company.currency_id.round(sum(lines.mapped('amount_residual')))
            for key, lines in by_account.items()}
        move_sudo = self.env['account.move'].sudo().with_company(company).create({
            'move_type': 'entry',
            'journal_id': journal_sudo.id,
            'date': company._get_first_open_day(
                fields.Date.context_today(self), journal_sudo),
            'ref': self.display_name,
            'property_project_id': self.project_id.id,
            'property_building_id': self.building_id.id,
            'line_ids': [
                *(Command.create({
                    'account_id': account.id, 'partner_id': former.id, 'balance': amount,
                    'name': self.display_name,
                }) for (account, former), amount in amounts.items()),
                Command.create({
                    'account_id': partner.sudo().property_account_receivable_id.id,
                    'partner_id': partner.id, 'balance': -sum(amounts.values()),
                    'name': self.display_name,
                }),
            ],
        })
        move_sudo.action_post()
        self._match(lines_sudo, move_sudo)

    def _match(self, lines_sudo, move_sudo):
        """ Match the open credits with what an entry takes from the same accounts and partners. """
        plan = []
        for (account, partner), lines in lines_sudo.grouped(
                lambda line: (line.account_id, line.partner_id)).items():
            debits = move_sudo.line_ids.filtered(
                lambda line, account=account, partner=partner: (
                    line.account_id == account and line.partner_id == partner and line.balance > 0))
            plan.append(lines + debits)
        lines_sudo._reconcile_plan(plan)


class PropertyHandoverMatter(models.Model):
    _inherit = 'property.handover.matter'

    decision = fields.Selection(
        selection_add=[('correct', "Corrected by days")], ondelete={'correct': 'cascade'})
