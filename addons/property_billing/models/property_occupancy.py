from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class PropertyOccupancy(models.Model):
    _inherit = 'property.occupancy'

    property_currency_id = fields.Many2one(related='company_id.currency_id')
    property_overdue_amount = fields.Monetary(
        string="Arrears", compute='_compute_property_overdue_amount',
        currency_field='property_currency_id', search='_search_property_overdue_amount',
        groups='property_billing.group_billing_user',
        help="What this resident owes for this unit past its due date.",
    )

    @api.depends('unit_id', 'partner_id')
    def _compute_property_overdue_amount(self):
        amounts = {
            (unit, partner): amount
            for unit, partner, amount in self.env['property.charge']._read_group(
                [('unit_id', 'in', self.unit_id.ids), ('partner_id', 'in', self.partner_id.ids),
                 ('payment_state', '=', 'overdue')],
                ['unit_id', 'partner_id'], ['amount_residual:sum'])
        }
        for occupancy in self:
            occupancy.property_overdue_amount = amounts.get(
                (occupancy.unit_id, occupancy.partner_id), 0)

    def _search_property_overdue_amount(self, operator, value):
        if (operator, value) != ('>', 0):
            return NotImplemented
        charges = self.env['property.charge']._search([('payment_state', '=', 'overdue')])
        owing = charges.subselect(
            SQL.identifier(charges.table, 'unit_id'), SQL.identifier(charges.table, 'partner_id'))
        return Domain.custom(to_sql=lambda model, alias, query: SQL(
            "(%s, %s) IN %s", SQL.identifier(alias, 'unit_id'),
            SQL.identifier(alias, 'partner_id'), owing))
