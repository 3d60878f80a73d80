from decimal import Decimal

from odoo import api, fields, models

from ..tools.charging import Component
from .property_charge_explanation import plain


class PropertyTariffComponent(models.Model):
    """ A further part of a price, with a basis of its own: e.g. 0.2 per m² for the lift. """
    _name = 'property.tariff.component'
    _description = 'Part of a price'
    _order = 'version_id, sequence, id'
    _check_company_auto = True

    version_id = fields.Many2one(
        'property.tariff.version', required=True, index=True, ondelete='cascade')
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        related='version_id.company_id', store=True, index=True, precompute=True,
    )
    basis = fields.Selection(
        [('area', "Area"), ('usable_area', "By usable area"), ('fixed', "Fixed amount"),
         ('household', "Per household"), ('unit', "Per piece"),
         ('percent', "Percentage of another fee")],
        required=True, default='area',
    )
    percent_fee_id = fields.Many2one(
        'property.fee', string="Percentage of", index='btree_not_null', ondelete='restrict',
        check_company=True,
    )
    price = fields.Float(
        required=True, digits=(16, 6),
        help="Per month and per m², piece or household; of a percentage, the percent.",
    )

    _positive = models.Constraint(
        'CHECK (price > 0)', "Each part of a price is more than zero.",
    )
    _percent_of = models.Constraint(
        "CHECK ((basis = 'percent') = (percent_fee_id IS NOT NULL))",
        "A percentage is one of another fee. Choose that fee.",
    )

    @api.onchange('basis')
    def _onchange_basis(self):
        if self.basis != 'percent':
            self.percent_fee_id = False

    @api.constrains('percent_fee_id', 'version_id')
    def _check_percentages(self):
        self.version_id.tariff_id.fee_id._check_percentages()

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        components = super().create(vals_list)
        components._check_not_billed()
        return components

    def write(self, vals):
        self._check_not_billed()
        result = super().write(vals)
        if 'version_id' in vals:
            self._check_not_billed()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_billed(self):
        self._check_not_billed()

    def _check_not_billed(self):
        versions = self.version_id
        versions._check_open()
        versions._check_not_billed(version._get_days() for version in versions)

    # === BUSINESS METHODS === #

    def _get_component(self, quantity, price=None, note=''):
        """ It as the engine wants it; a percentage is resolved to a price. """
        self.ensure_one()
        return Component(
            price=Decimal(repr(self.price)) if price is None else price,
            quantity=quantity, basis=self.basis, note=note)

    def _get_text(self):
        """ It in a few words: 0.2 (Area), 5 % (Property fee). """
        self.ensure_one()
        price = plain(Decimal(repr(self.price)))
        if self.basis == 'percent':
            return f'{price} % ({self.percent_fee_id.name})'
        labels = dict(self._fields['basis']._description_selection(self.env))
        return f'{price} ({labels[self.basis]})'
