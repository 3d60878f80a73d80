from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import format_date, formatLang


class PropertyOccupancy(models.Model):
    """ What a customer owes, has paid ahead and has been assigned when he leaves. """
    _inherit = 'property.occupancy'

    # === BUSINESS METHODS: ENDING === #

    def _end(self, handover):
        """ Override of `property_base`: nobody owes for the time after he has left (decision 5).

        What is paid stays, in whole or in part, and so does what is owed for the time before.
        What was corrected is no longer all of its period, and is corrected again or stays.
        """
        super()._end(handover)
        last_day = handover._get_last_day()
        # sudo: it follows from leaving, whose right was checked; it takes no billing right.
        later_sudo = self.sudo()._get_later_charges(last_day)
        later_sudo -= later_sudo._get_kept()
        if not later_sudo:
            return
        later_sudo.lock_for_update()
        later_sudo.filtered(lambda charge: charge.state == 'draft').unlink()
        later_sudo.exists()._credit(handover.display_name, last_day)

    def _get_later_charges(self, last_day):
        """ What these customers are charged for periods that begin after their last day. """
        return self.env['property.charge'].search([
            ('unit_id', 'in', self.unit_id.ids), ('partner_id', 'in', self.partner_id.ids),
            ('date_start', '>', last_day), ('state', 'in', ('draft', 'posted')),
            ('lease_id', '=', False)])  # what becomes of a lease is a matter of its own

    # === BUSINESS METHODS: OPEN MATTERS === #

    def _get_open_matters(self, last_day=None):
        """ Override of `property_base`: arrears, prepayments, fees of the customer's own.

        Who may move a customer out is told what is open; what he may decide is another matter.
        """
        user = self.env.user
        is_officer = user.has_group('property_billing.group_billing_officer')
        is_manager = user.has_group('property_billing.group_billing_manager')
        last_day = last_day or fields.Date.context_today(self)
        currency = self.company_id.currency_id
        matters = super()._get_open_matters(last_day)
        for partner in self.partner_id:
            of_partner_sudo = self.sudo().filtered(
                lambda occupancy, partner=partner: occupancy.partner_id == partner)
            charges = of_partner_sudo._get_arrears_charges(last_day)
            if charges:
                matters.append(self._prepare_matter(
                    'arrears', partner,
                    self.env._("Arrears of %(name)s, %(count)s charges",
                               name=partner.name, count=len(charges)),
                    ['keep', *(['settle'] if is_officer else []),
                     *(['hand_over'] if is_manager else [])],
                    amount=currency.round(sum(charges.mapped('amount_residual')))))
            lines = of_partner_sudo._get_prepayment_lines()
            if lines:
                matters.append(self._prepare_matter(
                    'prepayment', partner,
                    self.env._("Prepayment of %(name)s", name=partner.name),
                    ['keep', *(['refund', 'hand_over'] if is_manager else [])],
                    amount=-currency.round(sum(lines.mapped('amount_residual')))))
        return matters + [
            self._prepare_matter(
                'fee', assignment,
                self.env._("%(fee)s, paid by %(name)s",
                           fee=assignment.tariff_id.display_name, name=assignment.partner_id.name),
                # What an owner pays goes with the unit, what a tenant pays with him.
                ['pass_on', 'end'] if set(self.mapped('role')) == {'owner'} else ['end', 'pass_on'])
            for assignment in self.sudo()._get_own_assignments(last_day)
        ] + [
            # After the fees, since who pays on depends on them.
            self._prepare_matter(
                'billed_days', partner,
                self.env._("%(name)s is billed until %(day)s already, %(count)s charges",
                           name=partner.name, count=len(charges),
                           day=format_date(self.env, max(charges.mapped('date_end')))),
                # By days among owners (decision 4), the whole month on move-out (decision 3).
                ['keep'] if not is_manager else
                ['correct', 'keep'] if set(self.mapped('role')) == {'owner'} else
                ['keep', 'correct'])
            for partner, charges in self.sudo()._get_billed_beyond(last_day).grouped(
                lambda charge: charge.passed_from_id.partner_id or charge.partner_id).items()
        ]

    def _get_arrears_charges(self, last_day):
        """ What is owed for the time until the last day, due already or not. """
        return self.env['property.charge'].search([
            ('unit_id', 'in', self.unit_id.ids), ('partner_id', 'in', self.partner_id.ids),
            ('state', '=', 'posted'), ('date_start', '<=', last_day),
            ('receivable_line_id.amount_residual', '>', 0)])

    def _get_billed_beyond(self, last_day):
        """ What is billed by days into the time after these customers' last day, and is not
        cancelled with it: it began before, or is paid.
        """
        charges = self.env['property.charge'].search(
            self.env['property.charge']._get_computed_domain() & Domain([
                ('unit_id', 'in', self.unit_id.ids), ('date_end', '>', last_day),
                ('lease_id', '=', False),
                '|', ('partner_id', 'in', self.partner_id.ids),
                ('passed_from_id.partner_id', 'in', self.partner_id.ids)])
        )._filter_by_days()
        later = charges.filtered(lambda charge: charge.date_start > last_day)
        return charges - later + later._get_kept()

    def _get_prepayment_lines(self):
        """ Open credits of the customers, of this project or of none. """
        Line = self.env['account.move.line']
        return Line.search(Line._get_prepayment_domain() & Domain([
            ('partner_id', 'in', self.partner_id.commercial_partner_id.ids),
            ('company_id', 'in', self.company_id.ids),
            ('property_project_id', 'in', (False, *self.project_id.ids))]))

    def _get_own_assignments(self, last_day):
        """ Fees that name the customer and go on after his last day. """
        return self.env['property.fee.assignment'].search([
            ('unit_id', 'in', self.unit_id.ids), ('partner_id', 'in', self.partner_id.ids),
            ('tariff_id', '!=', False),
            '|', ('date_end', '=', False), ('date_end', '>', last_day),
            '|', ('partner_date_end', '=', False), ('partner_date_end', '>', last_day)])

    # === BUSINESS METHODS: ARCHIVING === #

    def _get_archive_obstacles(self):
        """ Override of `property_base`: who owes something is not archived (A19). """
        # sudo: the right to archive was checked, and what is owed is in the way of whoever asks.
        charges_sudo = self.env['property.charge'].sudo().search([
            ('unit_id', 'in', self.unit_id.ids), ('partner_id', 'in', self.partner_id.ids),
            ('state', '=', 'posted'), ('receivable_line_id.amount_residual', '>', 0)])
        owed = charges_sudo.grouped(lambda charge: (charge.unit_id, charge.partner_id))
        return super()._get_archive_obstacles() + [
            self.env._(
                "%(name)s still owes %(amount)s for %(unit)s, %(count)s charges. Receive the money "
                "or correct the bills first.",
                name=partner.name, unit=unit.complete_name, count=len(charges),
                amount=formatLang(
                    self.env, sum(charges.mapped('amount_residual')),
                    currency_obj=charges.currency_id))
            for (unit, partner), charges in owed.items()
            if self.filtered(lambda occupancy, unit=unit, partner=partner: (
                occupancy.unit_id == unit and occupancy.partner_id == partner))
        ]
