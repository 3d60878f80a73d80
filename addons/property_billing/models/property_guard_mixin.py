from odoo import api, models
from odoo.fields import Domain


class PropertyGuardMixin(models.AbstractModel):
    _inherit = 'property.guard.mixin'

    @api.model
    def _get_deletion_guards(self):
        """ Override of `property_base`: what is charged, or has been, stays. """
        guards = super()._get_deletion_guards()
        for model, own in self._get_billing_guards().items():
            guards.setdefault(model, []).extend(own)
        return guards

    def _get_billing_guards(self):
        return {
            'property.unit': [
                (self.env._(
                    "%(name)s has %(count)s charges. Archive the unit instead."),
                 'property.charge', 'unit_id'),
                (self.env._(
                    "%(name)s has %(count)s fees assigned. Delete those first, or archive the "
                    "unit."),
                 'property.fee.assignment', 'unit_id'),
                (self.env._(
                    "%(name)s has %(count)s meters. Archive the unit instead."),
                 'property.meter', 'unit_id'),
                (self.env._(
                    "%(name)s has %(count)s household allowances. Archive the unit instead."),
                 'property.meter.allowance', 'unit_id'),
                (self.env._(
                    "%(name)s stands on %(count)s journal items of a fund. Archive the unit "
                    "instead."),
                 'account.move.line', 'property_unit_id'),
                (self.env._(
                    "%(name)s has a weight in %(count)s share keys. Take it out of those first."),
                 'property.share.key.line', 'unit_id'),
            ],
            'property.project': [
                (self.env._(
                    "%(name)s has %(count)s bill runs. Archive the project instead."),
                 'property.bill.run', 'project_id'),
                (self.env._(
                    "%(name)s has %(count)s late-fee terms. Archive the project instead, or delete "
                    "those first."),
                 'property.late.fee.term', 'project_id'),
                (self.env._(
                    "%(name)s has %(count)s leases. Archive the project instead."),
                 'property.lease', 'project_id'),
                (self.env._(
                    "%(name)s has %(count)s share keys. Archive the project instead, or delete "
                    "those first."),
                 'property.share.key', 'project_id'),
                (self.env._(
                    "%(name)s has %(count)s meters. Archive the project instead."),
                 'property.meter', 'project_id'),
                (self.env._(
                    "%(name)s has %(count)s reading rounds. Archive the project instead."),
                 'property.meter.round', 'project_id'),
                (self.env._(
                    "%(name)s has %(count)s funds. Archive the project instead, or delete those "
                    "first."),
                 'property.fund', 'project_id'),
                (self.env._(
                    "%(name)s has %(count)s budgets. Archive the project instead, or delete those "
                    "first."),
                 'property.budget', 'project_id'),
            ],
            'property.fund': [
                (self.env._(
                    "There are entries of %(name)s: what is in it is the owners'. Transfer it by "
                    "an entry to another fund, and leave this one."),
                 Domain('has_entries', '=', True)),
                (self.env._(
                    "%(count)s shared costs are taken out of %(name)s. Delete those first."),
                 'property.shared.cost', 'fund_id'),
                (self.env._(
                    "%(name)s is the fund of %(count)s budgets. Take it out of those first."),
                 'property.budget', 'fund_id'),
                (self.env._(
                    "%(count)s transfers to the maintenance fund are out of %(name)s. Delete those "
                    "first."),
                 'property.fund.transfer', 'fund_id'),
                (self.env._(
                    "%(count)s transfers go into %(name)s. Delete those first."),
                 'property.fund.transfer', 'target_id'),
            ],
            'property.budget': [
                (self.env._(
                    "%(name)s has %(count)s bills and credit notes of its true-up and stays."),
                 'account.move', 'property_budget_id'),
                (self.env._(
                    "%(name)s has %(count)s charges of its true-up and stays."),
                 'property.charge', 'budget_id'),
            ],
            'property.budget.line': [
                (self.env._(
                    "%(count)s lines of suppliers' bills name %(name)s. Take it out of those "
                    "first."),
                 'account.move.line', 'property_budget_line_id'),
                (self.env._(
                    "%(name)s has %(count)s shared costs. Delete those first."),
                 'property.shared.cost', 'budget_line_id'),
            ],
            'property.fee': [
                (self.env._(
                    "%(name)s has %(count)s tariffs. Archive the fee instead, or delete those "
                    "first."),
                 'property.tariff', 'fee_id'),
                (self.env._(
                    "%(name)s is assigned to units %(count)s times. Archive the fee instead."),
                 'property.fee.assignment', 'fee_id'),
                (self.env._(
                    "%(name)s has %(count)s charges. Archive the fee instead."),
                 'property.charge', 'fee_id'),
                (self.env._(
                    "%(name)s has %(count)s late-fee terms. Archive the fee instead."),
                 'property.late.fee.term', 'fee_id'),
                (self.env._(
                    "%(name)s stands on %(count)s journal items. Archive the fee instead."),
                 'account.move.line', 'property_fee_id'),
                (self.env._(
                    "%(name)s is the deposit of %(count)s leases. Archive the fee instead."),
                 'property.lease', 'deposit_fee_id'),
                (self.env._(
                    "%(name)s is the fee of %(count)s meter types. Choose another fee there "
                    "first."),
                 'property.meter.type', 'fee_id'),
                (self.env._(
                    "%(name)s is the commission of %(count)s funds. Choose another one there "
                    "first."),
                 'property.fund', 'commission_fee_id'),
                (self.env._(
                    "%(name)s is charged for %(count)s shared costs. Archive the fee instead."),
                 'property.shared.cost', 'fee_id'),
                (self.env._(
                    "%(name)s is the fee as which %(count)s companies post late fees. Choose "
                    "another one in the settings first."),
                 'res.company', 'property_late_fee_id'),
            ],
            'property.building': [
                (self.env._(
                    "%(name)s has %(count)s meters. Archive the building instead."),
                 'property.meter', 'building_id'),
            ],
            'property.meter.type': [
                (self.env._(
                    "%(name)s is the type of %(count)s meters. Archive it: it is then no longer "
                    "offered."),
                 'property.meter', 'type_id'),
                (self.env._(
                    "%(name)s is the type of %(count)s reading rounds. Archive it: it is then no "
                    "longer offered."),
                 'property.meter.round', 'type_id'),
                (self.env._(
                    "%(name)s is what %(count)s share keys divide by. Archive it: it is then no "
                    "longer offered."),
                 'property.share.key', 'type_id'),
                (self.env._(
                    "%(name)s is the type of %(count)s household allowances. Archive it: it is "
                    "then no longer offered."),
                 'property.meter.allowance', 'type_ids'),
            ],
            'property.meter.round': [
                (self.env._(
                    "%(name)s has %(count)s readings. Finish the round instead."),
                 'property.meter.reading', 'round_id'),
            ],
            'property.meter': [
                (self.env._(
                    "%(name)s has %(count)s readings. Enter its last day, or archive it."),
                 'property.meter.reading', 'meter_id'),
                (self.env._(
                    "%(name)s is the main meter of %(count)s others. Enter another one there "
                    "first."),
                 'property.meter', 'parent_id'),
                (self.env._(
                    "%(name)s has %(count)s events. Enter its last day, or archive it."),
                 'property.meter.event', 'meter_id'),
                (self.env._(
                    "%(name)s is what %(count)s shared costs are counted by. Archive it instead."),
                 'property.shared.cost', 'meter_id'),
            ],
            'property.tariff': [
                (self.env._(
                    "%(name)s is assigned to units %(count)s times. Archive the tariff instead, or "
                    "delete those assignments first."),
                 'property.fee.assignment', 'tariff_id'),
                (self.env._(
                    "%(name)s has %(count)s charges. Archive the tariff instead."),
                 'property.charge', 'tariff_id'),
                (self.env._(
                    "%(name)s is the price of %(count)s shared costs. Archive the tariff instead."),
                 'property.shared.cost', 'tariff_id'),
            ],
            'property.fee.assignment': [
                (self.env._(
                    "%(name)s has %(count)s charges. End the assignment with its last day "
                    "instead."),
                 'property.charge', 'assignment_id'),
            ],
            'property.share.key': [
                (self.env._(
                    "%(name)s divides %(count)s shared costs. Archive the key instead."),
                 'property.shared.cost', 'key_id'),
                (self.env._(
                    "%(name)s divides %(count)s costs of budgets. Archive the key instead."),
                 'property.budget.line', 'key_id'),
                (self.env._(
                    "%(name)s divides %(count)s transfers to the maintenance fund. Archive the key "
                    "instead."),
                 'property.fund.transfer', 'key_id'),
            ],
            'property.shared.cost': [
                (self.env._(
                    "%(name)s is or was divided among %(count)s units and stays. Cancel it "
                    "instead."),
                 'property.fee.assignment', 'shared_cost_id'),
                (self.env._(
                    "%(name)s is or was divided by %(count)s entries and stays. Cancel it "
                    "instead."),
                 'account.move', 'property_shared_cost_id'),
            ],
            'res.partner': [
                (self.env._(
                    "%(name)s is whom %(count)s fees are collected for. Enter another one there "
                    "first, or archive the contact instead."),
                 'property.fee', 'beneficiary_id'),
                (self.env._(
                    "%(name)s has %(count)s charges. Archive the contact instead, once he has "
                    "settled."),
                 'property.charge', 'partner_id'),
                (self.env._(
                    "%(name)s has %(count)s leases. Archive the contact instead, once they have "
                    "ended."),
                 'property.lease', 'partner_id'),
            ],
        }
