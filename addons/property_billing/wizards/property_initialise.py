from odoo import api, models
from odoo.fields import Domain


class PropertyInitialise(models.TransientModel):
    _inherit = 'property.initialise'

    @api.model
    def _get_obstacles(self):
        """ Override of `property_base`: what stands in the books, or is about to. """
        obstacles = super()._get_obstacles()
        projects = self._find('property.project')
        for sentence, model, domain in (
            (self.env._(
                "%(count)s entries of its projects are posted. What is in the books stays: for "
                "new trials make another database."),
             'account.move', self._get_move_domain(projects) & Domain('posted_before', '=', True)),
            (self.env._(
                "%(count)s payments of its residents are entered. What was received stays."),
             'account.payment',
             self._get_payment_domain(projects) & Domain('state', 'in', ('in_process', 'paid'))),
            (self.env._(
                "%(count)s online payments of its residents are under way or done."),
             'payment.transaction',
             self._get_transaction_domain(projects)
             & Domain('state', 'in', ('pending', 'authorized', 'done'))),
            (self.env._(
                "%(count)s bill runs are being posted. Pause and undo them if they are trials."),
             'property.bill.run',
             Domain('project_id', 'in', projects.ids) & Domain('state', '=', 'posting')),
        ):
            if count := len(self._find(model, domain)):
                obstacles.append(sentence % {'count': count})
        return obstacles

    @api.model
    def _get_data(self):
        """ Override of `property_base`: drafts and assignments go; fees and tariffs stay. """
        projects = self._find('property.project')
        return [
            self._find('property.shared.source'),
            self._find('payment.transaction', self._get_transaction_domain(projects)),
            self._find('account.payment', self._get_payment_domain(projects)),
            self._find('account.move', self._get_move_domain(projects)),
            self._find('property.charge.dispute'),
            self._find('property.charge'),
            self._find('property.bill.run'),
            self._find('property.fee.assignment'),
            self._find('property.shared.cost'),
            self._find('property.budget.line'),
            self._find('property.budget'),
            self._find('property.share.key.line'),
            self._find('property.share.key'),
            self._find('property.meter.allowance'),
            self._find('property.meter.reading'),
            self._find('property.meter.event'),
            self._find('property.meter.round'),
            self._find('property.meter'),
            self._find('property.lease'),
            self._find('property.late.fee.term'),
            self._find('property.unit.area'),
            self._find('property.fund.commission'),
            self._find('property.fund.transfer'),
            self._find('property.fund'),
            self._find('property.fee.relief'),
            *super()._get_data(),
        ]

    def _get_move_domain(self, projects):
        return Domain('property_project_id', 'in', projects.ids) | Domain(
            'line_ids.property_charge_id.project_id', 'in', projects.ids) | Domain(
            'line_ids.property_unit_id.project_id', 'in', projects.ids)

    def _get_payment_domain(self, projects):
        return Domain('property_project_id', 'in', projects.ids) | Domain(
            'property_allocation_ids.charge_id.project_id', 'in', projects.ids)

    def _get_transaction_domain(self, projects):
        return Domain('property_allocation_ids.charge_id.project_id', 'in', projects.ids)
