from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

SPACE_KINDS = [
    ('owned', "With a title"), ('civil_defence', "Civil defence"), ('common', "Common ground"),
    ('company', "The company's own"),
]
# Whose money the use of a space may be (decision 23); what is collected for others, as the
# electricity of a charger, and deposits are nobody's income anywhere.
SPACE_NATURES = {
    'owned': ('income', 'trust'),
    'civil_defence': ('income', 'trust'),
    'common': ('trust',),
    'company': ('income',),
}
NEUTRAL_NATURES = ('agency', 'deposit')


class PropertyUnit(models.Model):
    """ Whose ground a parking space is on decides whose money its fees are. """
    _inherit = 'property.unit'

    space_kind = fields.Selection(
        SPACE_KINDS, string="Kind of space", tracking=True,
        help="With a title: sold as a home is. Civil defence: a shelter in peacetime. Common "
             "ground: the owners', and so is what it brings. The company's own: its income. Empty: "
             "not known, so fees are not checked.",
    )

    @api.constrains('space_kind', 'kind')
    def _check_space_kind(self):
        if spaces := self.filtered(lambda unit: unit._get_space_kind()):
            Assignment = self.env['property.fee.assignment']
            Assignment.search(
                Assignment._get_live_domain() & Domain('unit_id', 'in', spaces.ids),
            )._check_space_kind()

    def _get_space_kind(self):
        """ The kind of a parking space; of what is none, or not known, False. """
        self.ensure_one()
        return self.kind == 'parking' and self.space_kind


class PropertyFee(models.Model):
    _inherit = 'property.fee'

    space_kind = fields.Selection(
        SPACE_KINDS, string="Of spaces", tracking=True,
        help="Which parking spaces pay it, and which fee a lease of such a space proposes.",
    )

    @api.constrains('space_kind', 'nature')
    def _check_space_kind(self):
        Assignment = self.env['property.fee.assignment']
        Assignment.search(
            Assignment._get_live_domain() & Domain('fee_id', 'in', self.ids)
            & Domain('unit_id.space_kind', '!=', False))._check_space_kind()


class PropertyFeeAssignment(models.Model):
    _inherit = 'property.fee.assignment'

    @api.constrains('tariff_id', 'fee_id', 'unit_id')
    def _check_space_kind(self):
        for assignment in self:
            unit, fee = assignment.unit_id, assignment.fee_id
            if not (kind := unit._get_space_kind()):
                continue
            kinds = dict(unit._fields['space_kind']._description_selection(self.env))
            if fee.space_kind and fee.space_kind != kind:
                raise ValidationError(self.env._(
                    "%(unit)s is a space of the kind “%(kind)s”, but %(fee)s is for the kind "
                    "“%(other)s”. Choose the fee of its kind.",
                    unit=unit.complete_name, kind=kinds[kind], fee=fee.name,
                    other=kinds[fee.space_kind]))
            if fee.nature not in (*SPACE_NATURES[kind], *NEUTRAL_NATURES):
                natures = dict(fee._fields['nature']._description_selection(self.env))
                raise ValidationError(self.env._(
                    "%(unit)s is a space of the kind “%(kind)s”: what its use brings cannot be "
                    "“%(nature)s”, as %(fee)s is. Choose a fee that fits: %(natures)s.",
                    unit=unit.complete_name, kind=kinds[kind], nature=natures[fee.nature],
                    fee=fee.name, natures=[natures[nature] for nature in SPACE_NATURES[kind]]))

    @api.onchange('unit_id')
    def _onchange_unit_id(self):
        """ The lease of a space proposes the fee of its kind. """
        kind = self.unit_id and self.unit_id._get_space_kind()
        if self.lease_id and kind and not self.fee_id:
            self.fee_id = self.fee_id.search([
                ('space_kind', '=', kind), ('company_id', '=', self.unit_id.company_id.id)],
                limit=1)
