from odoo import api, models
from odoo.fields import Domain
from odoo.tools import format_date


class PropertyBudget(models.Model):
    """ Owners are told that a budget is published, and payers that their statement is there. """
    _name = 'property.budget'
    _inherit = ['property.budget', 'property.template.mixin']

    # === TEMPLATES === #

    @api.model
    def _get_template_kind(self):
        """ Override of `property.template.mixin`. """
        return self.env._("Budget")

    @api.model
    def _get_template_domain(self):
        """ Override of `property.template.mixin`. """
        return Domain('published_on', '!=', False)

    @api.model
    def _get_template_variables(self):
        """ Override of `property.template.mixin`. """
        return {
            **super()._get_template_variables(),
            'project': (self.env._("project"), lambda budget: budget.project_id.name),
            'office_phone': (
                self.env._("office phone"), lambda budget: budget.project_id.phone),
            'budget': (self.env._("name of the budget"), lambda budget: budget.name),
            'budget_from': (self.env._("first day of the budget"), lambda budget: format_date(
                budget.env, budget.date_start)),
            'budget_until': (self.env._("last day of the budget"), lambda budget: format_date(
                budget.env, budget.date_end)),
        }

    # === BUSINESS METHODS === #

    def _tell(self):
        """ Have told who may see it on the portal now: of a project of thousands by a job. """
        self.ensure_one()
        self._delay('tell', [self.state, self.true_up_number])._job_tell(self.state)

    def _job_tell(self, state):
        """ Each once, however many units are his. """
        if not self.published_on or self.state != state:
            return  # taken back meanwhile
        if state == 'trued_up':
            partners, category, template = self._get_payers(), 'billing', 'template_statement'
        else:
            partners, category, template = self._get_owners(), 'notice', 'template_budget'
        self.env['property.notification']._notify(
            partners, category, template=f'property_billing.{template}', record=self,
            url=f'/my/budgets/{self.id}')

    def _get_owners(self):
        # sudo: all owners of today are told, whoever of the staff may read their cards.
        Occupancy = self.env['property.occupancy'].sudo()
        return Occupancy.search(Occupancy._get_live_domain() & Domain([
            ('project_id', '=', self.project_id.id), ('role', '=', 'owner')])).partner_id

    def _get_payers(self):
        """ Whom it settles with, also who has left since. """
        # sudo: as above.
        groups = self.env['property.charge'].sudo()._read_group(
            self._get_advance_domain() | Domain('budget_id', '=', self.id), ['partner_id'])
        return self.env['res.partner'].sudo().union(*(partner for partner, in groups))

    def action_publish(self):
        """ Override: who may see it is told. """
        result = super().action_publish()
        for budget in self:
            budget._tell()
        return result

    def _job_finish_true_up(self, number):
        """ Override: the statement of the year is there. """
        before = self.true_up_step
        result = super()._job_finish_true_up(number)
        if before == 'true_up' and not self.true_up_step and self.published_on:
            self._tell()
        return result
