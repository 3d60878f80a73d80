from odoo import api, fields, models


class PropertyDebtorMixin(models.AbstractModel):
    """ Whose charges they are, a unit's or a payer's: how many, and what of them is overdue.

    A model with this mixin has its charges as `property_charge_ids`.
    """
    _name = 'property.debtor.mixin'
    _description = 'Debtor'

    property_currency_id = fields.Many2one(
        'res.currency', compute='_compute_property_currency_id',
    )
    property_charge_count = fields.Integer(
        string="Receivables", compute='_compute_property_charges',
        groups='property_billing.group_billing_user',
    )
    property_overdue_amount = fields.Monetary(
        string="Arrears", compute='_compute_property_charges',
        currency_field='property_currency_id', search='_search_property_overdue_amount',
        groups='property_billing.group_billing_user',
        help="What is past its due date, in the projects that you see.",
    )

    @api.depends_context('company')
    def _compute_property_currency_id(self):
        self.property_currency_id = self.env.company.currency_id

    @api.depends('property_charge_ids.payment_state')
    @api.depends_context('uid', 'allowed_company_ids')
    def _compute_property_charges(self):
        Charge = self.env['property.charge']
        owner = self._fields['property_charge_ids'].inverse_name
        counts = dict(Charge._read_group(
            [(owner, 'in', self.ids), ('state', 'in', ('transferred', 'posted'))], [owner],
            ['__count']))
        overdue = Charge._read_overdue_amounts(owner, self)
        for debtor in self:
            debtor.property_charge_count = counts.get(debtor._origin, 0)
            debtor.property_overdue_amount = overdue.get(debtor._origin, 0)

    def _search_property_overdue_amount(self, operator, value):
        if (operator, value) != ('>', 0):
            return NotImplemented
        return [('property_charge_ids', 'any', [('payment_state', '=', 'overdue')])]
