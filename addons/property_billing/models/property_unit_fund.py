from odoo import api, fields, models


class PropertyUnit(models.Model):
    """ What is a unit's of the maintenance fund (维修资金分户账). """
    _inherit = 'property.unit'

    property_fund_amount = fields.Monetary(
        string="Maintenance fund", currency_field='property_currency_id',
        compute='_compute_property_fund_amount', groups='property_billing.group_billing_user',
    )

    @api.depends_context('uid')
    def _compute_property_fund_amount(self):
        # sudo: who sees the unit and money may know what is its own, whichever building it is in.
        amounts = dict(self.env['property.fund.report'].sudo()._read_group(
            [('unit_id', 'in', self.ids), ('role', '=', 'maintenance')], ['unit_id'],
            ['amount_balance:sum']))
        for unit in self:
            unit.property_fund_amount = amounts.get(unit._origin, 0)

    def _get_fund_accounts(self, fund):
        """ What of a fund is theirs: `[(unit, in, out, balance)]`; who may see it is for the caller
        to ask.
        """
        # sudo: as above.
        return self.env['property.fund.report'].sudo()._read_group(
            [('fund_id', '=', fund.id), ('unit_id', 'in', self.ids)], ['unit_id'],
            ['amount_in:sum', 'amount_out:sum', 'amount_balance:sum'])

    def action_view_unit_account(self):
        self.ensure_one()
        action = self.env['ir.actions.actions']._for_xml_id(
            'property_billing.property_fund_report_action_units')
        return {
            **action,
            'display_name': self.env._("Maintenance fund of %(unit)s", unit=self.complete_name),
            'domain': [('unit_id', '=', self.id), ('role', '=', 'maintenance')],
            'views': [(False, 'list'), (False, 'pivot'), (False, 'graph')],
        }
