from odoo import api, fields, models
from odoo.fields import Domain


class PropertyHome(models.AbstractModel):
    """ What the ledger says on the front page. """
    _inherit = 'property.home'

    @api.model
    def _get_cards(self, projects):
        cards = super()._get_cards(projects)
        if self.env['property.charge'].has_access('read'):
            cards.append(self._get_collection_card(projects))
        if self.env['account.payment'].has_access('read'):
            cards.append(self._get_received_card(projects))
        return cards

    @api.model
    def _get_reminders(self, projects):
        """ Unpaid periodic fees, up to those of the current month (A72; X1, formula 8); for who
        may answer them, bills that are flagged as wrong (B44).
        """
        reminders = super()._get_reminders(projects)
        if self.env['property.lease'].has_access('read'):
            reminders.append(self._prepare_item(
                'leases', self.env._("Leases that expire or have expired"),
                'property_billing.property_lease_action_expiring',
                # Parking uses are recalled as such, by whatever they came about.
                self._get_project_domain(projects) & Domain('kind', '!=', 'parking'),
                icon='fa-file-text'))
        Charge = self.env['property.charge']
        if not Charge.has_access('read'):
            return reminders
        if self.env['property.charge.dispute'].has_access('write'):
            reminders.append(self._prepare_item(
                'disputes', self.env._("Bills flagged as wrong"),
                'property_billing.property_charge_dispute_action',
                self._get_project_domain(projects) & Domain('state', '=', 'open'),
                icon='fa-flag'))
        if self.env.user.has_group('property_billing.group_billing_manager'):
            reminders.append(self._prepare_item(
                'spaces', self.env._("Parking spaces without a kind"),
                'property_base.property_unit_action',
                self._get_project_domain(projects) & Domain('kind', '=', 'parking')
                & Domain('space_kind', '=', False), icon='fa-car'))
        reminders.append(self._prepare_item(
            'funds', self.env._("Funds that are overdrawn"),
            'property_billing.property_fund_action',
            self._get_project_domain(projects) & Domain('is_overdrawn', '=', True),
            icon='fa-university'))
        approves = any(self.env.companies.mapped('property_approves_prices'))
        if approves and self.env.user.has_group('property_billing.group_billing_approve'):
            reminders.append(self._prepare_item(
                'prices', self.env._("Prices to approve"),
                'property_billing.property_tariff_version_action',
                Domain('state', '=', 'pending'), icon='fa-tags'))
        return reminders + [self._prepare_item(
            'arrears', self.env._("Project arrears"),
            'property_billing.property_charge_action_arrears',
            self._get_project_domain(projects), icon='fa-exclamation-circle',
            amount='amount_residual')]

    @api.model
    def _get_ending_domain(self):
        """ Override of `property_base`: who sees leases is reminded of a lease, not of its tenancy
        as well.
        """
        domain = super()._get_ending_domain()
        if self.env['property.lease'].has_access('read'):
            domain &= Domain('is_let', '=', False)
        return domain

    @api.model
    def _get_collection_card(self, projects):
        """ What was settled of this year's fees up to the current month, per project and for
        all: the ratio of the sums (X1, formulas 4 and 5; decision 31; A74).
        """
        Charge = self.env['property.charge']
        collected = Charge._read_collection(projects)
        rows = [(project, project.name, *figures) for project, figures in collected.items()]
        if rows:
            _projects, _names, receivables, receipts = zip(*rows, strict=True)
            rows.append((projects, self.env._("Total"), sum(receivables), sum(receipts)))
        return {
            'key': 'collection', 'sequence': 30, 'type': 'rates',
            'title': self.env._("Collection rate of the year"),
            'empty': self.env._("Nothing was billed this year."),
            'currency_id': self.env.company.currency_id.id,
            'rows': [
                {
                    'key': index, 'label': label, 'receivable': receivable, 'received': received,
                    'rate': received / receivable * 100 if receivable else 0.0,
                    'action': 'property_billing.property_charge_action_collection',
                    'domain': list(Charge._get_collection_domain(of)),
                }
                for index, (of, label, receivable, received) in enumerate(rows)
            ],
        }

    @api.model
    def _get_received_card(self, projects):
        """ Payments of today (A75). """
        today = self._get_project_domain(projects, 'property_project_id') & Domain(
            'date', '=', fields.Date.context_today(self))
        return {
            'key': 'received', 'sequence': 15, 'type': 'figure',
            'title': self.env._("Received today"),
            'item': self._prepare_item(
                'received', self.env._("Payments:"), 'property_billing.property_payment_action',
                today, amount='amount_company_currency_signed', view='list'),
        }
