from odoo import api, fields, models
from odoo.tools import frozendict


class AccountMoveLine(models.Model):
    _name = 'account.move.line'
    _inherit = ['account.move.line', 'property.scope.mixin']
    _property_project_field = 'property_project_id'
    _property_building_field = 'property_building_id'

    property_charge_id = fields.Many2one(
        'property.charge', string="Charge", index='btree_not_null', ondelete='restrict',
        help="On a product line: what it bills. On a receivable line: what is still owed of it. "
             "On a payment's line: what it was paid for.",
    )
    property_project_id = fields.Many2one(
        related='move_id.property_project_id', store=True, index='btree_not_null',
    )
    property_building_id = fields.Many2one(
        related='move_id.property_building_id', store=True, index='btree_not_null',
    )

    @api.depends('property_charge_id')
    def _compute_term_key(self):
        """ Override of `account`: a receivable line belongs to its charge, not to a due date. """
        super()._compute_term_key()
        for line in self:
            if line.term_key and line.property_charge_id:
                line.term_key = frozendict({
                    **line.term_key, 'property_charge_id': line.property_charge_id.id,
                })

    @api.depends('property_charge_id')
    def _compute_name(self):
        """ Override of `account`: a receivable line says what it is owed for. """
        super()._compute_name()
        for line in self:
            if line.display_type == 'payment_term' and line.property_charge_id:
                line.name = line.property_charge_id._get_bill_label(
                    with_unit=not line.move_id.property_unit_id)

    # === CRUD METHODS === #

    def copy_data(self, default=None):
        """ Override of `account`: only a reversal is about the same charges.

        It says itself whether it is booked in red (红字): with the flag copied its product lines
        would be booked on the other side, in black.
        """
        vals_list = super().copy_data(default)
        is_reversal = 'move_reverse_cancel' in self.env.context
        for line, vals in zip(self, vals_list, strict=True):
            if line.property_charge_id:
                vals.pop('is_storno', None)
                if not is_reversal:
                    vals['property_charge_id'] = False
        return vals_list
