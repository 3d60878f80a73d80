from odoo import api, fields, models
from odoo.exceptions import UserError

from .account_move_line import OWNER_FIELDS

# What of a supplier's line, or of an entry's, the parts were made of, and whose money it is.
DIVIDED_FIELDS = {
    *OWNER_FIELDS, 'account_id', 'amount_currency', 'balance', 'credit', 'currency_id', 'debit',
    'discount', 'price_unit', 'property_budget_line_id', 'quantity', 'tax_ids',
}


class AccountMove(models.Model):
    """ Suppliers' bills that are shared among units (公摊). """
    _inherit = 'account.move'

    def button_draft(self):
        """ Override of `account`: what units pay their parts of stays as it is. """
        self.line_ids._check_not_divided()
        return super().button_draft()

    def write(self, vals):
        """ Override of `account`: its parts are those of units of its project. """
        if 'property_project_id' in vals:
            self.filtered(lambda move: (
                move.property_project_id.id != vals['property_project_id']
            )).line_ids._check_not_divided()
        return super().write(vals)


class AccountMoveLine(models.Model):
    _inherit = 'account.move.line'

    property_shared_cost_ids = fields.Many2many(
        'property.shared.cost', string="Shared among units by",
        compute='_compute_property_shared_cost_ids', compute_sudo=False,
        groups='property_billing.group_billing_user')

    def _compute_property_shared_cost_ids(self):
        """ So that nobody looks for what is shared already. """
        sources = self.env['property.shared.source'].search([
            ('line_id', 'in', self._origin.ids), ('cost_id.state', '!=', 'cancelled')])
        by_line = sources.grouped('line_id')
        for line in self:
            line.property_shared_cost_ids = by_line.get(line._origin, sources.browse()).cost_id

    @api.ondelete(at_uninstall=False)
    def _unlink_except_shared(self):
        """ What a shared cost names is taken out of it first, so that nobody wonders why it is
        less.
        """
        # sudo: it counts in whatever project it is.
        source_sudo = self.env['property.shared.source'].sudo().search(
            [('line_id', 'in', self.ids)], limit=1)
        if source_sudo:
            raise UserError(self.env._(
                "“%(line)s” of %(bill)s is in the shared cost %(cost)s. Take it out there first.",
                line=source_sudo.label or '', bill=source_sudo.move_id.display_name,
                cost=source_sudo.cost_id.name))

    def write(self, vals):
        """ Override of `account`: a posted bill can be changed, one that is divided cannot. """
        if vals.keys() & DIVIDED_FIELDS:
            self.filtered(lambda line: line.parent_state == 'posted' and any(
                self.env['account.move']._field_will_change(line, vals, name)
                for name in vals.keys() & DIVIDED_FIELDS))._check_not_divided()
        return super().write(vals)

    def _check_not_divided(self):
        # sudo: it counts in whatever project it is.
        source_sudo = self.env['property.shared.source'].sudo().search(
            [('line_id', 'in', self.ids), ('cost_id.state', '=', 'confirmed')], limit=1)
        if source_sudo:
            raise UserError(self.env._(
                "%(bill)s is shared among units by %(cost)s. Cancel that first, or enter a credit "
                "note and share it, too.", bill=source_sudo.move_id.name,
                cost=source_sudo.cost_id.name))

    def _get_shareable_amount(self):
        """ What units can share of it, tax included: less than zero of a credit note. """
        if self.move_type == 'entry':
            return self.balance
        return -self.price_total if self.move_type == 'in_refund' else self.price_total
