from odoo import api, fields, models

from ..tools.charging import Component
from ..tools.metering import TOTAL
from ..tools.rounding import exact
from .property_charge_explanation import plain
from .property_meter_type import REGISTER_NAMES


class PropertyTariffComponent(models.Model):
    """ A further part of a price, with a basis of its own: e.g. 0.2 per m² for the lift. """
    _name = 'property.tariff.component'
    _description = 'Part of a price'
    _inherit = ['property.price.part.mixin']
    _order = 'version_id, sequence, id'

    sequence = fields.Integer(default=10)
    basis = fields.Selection(
        [('area', "Area"), ('usable_area', "By usable area"), ('fixed', "Fixed amount"),
         ('household', "Per household"), ('unit', "Per piece"),
         ('percent', "Percentage of another fee"), ('use', "Per unit of use")],
        required=True, default='area',
    )
    percent_fee_id = fields.Many2one(
        'property.fee', string="Percentage of", index='btree_not_null', ondelete='restrict',
        check_company=True,
    )
    register = fields.Selection(
        [(name, label) for name, label in REGISTER_NAMES if name != TOTAL],
        string="Rate period",
        help="What was used in these hours alone (峰谷). Empty: all that the meter counted.",
    )
    price = fields.Float(
        required=True, digits=(16, 6),
        help="Per month and per m², piece or household; of a percentage, the percent; per unit "
             "of use, what each costs.",
    )

    _positive = models.Constraint(
        'CHECK (price > 0)', "Each part of a price is more than zero.",
    )
    _percent_of = models.Constraint(
        "CHECK ((basis = 'percent') = (percent_fee_id IS NOT NULL))",
        "A percentage is one of another fee. Choose that fee.",
    )
    _register_of_use = models.Constraint(
        "CHECK (register IS NULL OR basis = 'use')",
        "Hours of use are for a price per unit of use.",
    )

    @api.onchange('basis')
    def _onchange_basis(self):
        if self.basis != 'percent':
            self.percent_fee_id = False
        if self.basis != 'use':
            self.register = False

    @api.constrains('percent_fee_id', 'version_id')
    def _check_percentages(self):
        self.version_id.tariff_id.fee_id._check_percentages()

    @api.constrains('basis')
    def _check_metered(self):
        self.version_id._check_metered()

    @api.constrains('register', 'version_id')
    def _check_registers(self):
        if self.filtered('register'):
            # sudo: whatever projects the units are in.
            self.env['property.fee.assignment'].sudo().search(
                [('tariff_id', 'in', self.version_id.tariff_id.ids)])._check_registers()

    # === BUSINESS METHODS === #

    def _get_component(self, quantity, price=None, note=''):
        """ It as the engine wants it; a percentage is resolved to a price. """
        self.ensure_one()
        return Component(
            price=exact(self.price) if price is None else price,
            quantity=quantity, basis=self.basis, note=note, register=self.register or '')

    def _get_text(self):
        """ It in a few words: 0.2 (Area), 0.36 (Valley), 5 % (Property fee). """
        self.ensure_one()
        price = plain(exact(self.price))
        if self.basis == 'percent':
            return f'{price} % ({self.percent_fee_id.name})'
        name = 'register' if self.register else 'basis'
        labels = dict(self._fields[name]._description_selection(self.env))
        return f'{price} ({labels[self[name]]})'
