""" What texts about bills may name, and of arrears texts about units and residents. """
from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import format_amount, format_date


class AccountMove(models.Model):
    _name = 'account.move'
    _inherit = ['account.move', 'property.template.mixin']

    @api.model
    def _get_template_kind(self):
        return self.env._("Bill")

    @api.model
    def _get_template_domain(self):
        # Entries of payments have the project, too.
        return Domain('property_project_id', '!=', False) & Domain('move_type', '=', 'out_invoice')

    @api.model
    def _get_template_variables(self):
        of_unit = self._get_template_variables_of('property_unit_id')
        # A bill goes to those without arrears as well, and there is no text about nothing.
        del of_unit['arrears']
        return {
            **of_unit,
            # A bill may be for several units, or for none.
            'project': (self.env._("project"), lambda bill: bill.property_project_id.name),
            'office_phone': (
                self.env._("office phone"), lambda bill: bill.property_project_id.phone),
            'unit': (self.env._("unit"), lambda bill: (
                bill.property_unit_id.complete_name or bill.property_project_id.name)),
            **super()._get_template_variables(),
            'bill': (self.env._("bill number"), lambda bill: bill.name),
            'bill_amount': (self.env._("bill amount"), lambda bill: format_amount(
                bill.env, bill.amount_total, bill.currency_id)),
            'amount_due': (self.env._("amount due"), lambda bill: format_amount(
                bill.env, bill.amount_residual, bill.currency_id)),
            'due_date': (self.env._("due date"), lambda bill: format_date(
                bill.env, bill.invoice_date_due)),
            'payer': (self.env._("payer"), lambda bill: bill.partner_id.name),
            'former_payer': (self.env._("former payer"), lambda bill: ', '.join(
                bill.line_ids.property_charge_id.passed_from_id.partner_id.mapped('name'))),
            'ground': (self.env._("ground"), lambda bill: bill.ref),
        }


class PropertyUnit(models.Model):
    _inherit = 'property.unit'

    @api.model
    def _get_template_variables(self):
        return {
            **super()._get_template_variables(),
            'arrears': (self.env._("arrears"), lambda unit: unit._format_arrears()),
        }

    def _format_arrears(self):
        """ What is overdue, for a text; nobody is reminded of nothing. """
        if not self.env['property.charge'].has_access('read'):
            raise AccessError(self.env._(
                "A text with {arrears} takes the right to see receivables."))
        if not self.property_overdue_amount:
            raise UserError(self.env._(
                "%(unit)s has no arrears. Choose one that has, or take {arrears} out of the text.",
                unit=self.complete_name))
        return format_amount(self.env, self.property_overdue_amount, self.property_currency_id)
