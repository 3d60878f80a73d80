from odoo import api, fields, models


class ResPartner(models.Model):
    _inherit = 'res.partner'

    property_bill_grouping = fields.Selection(
        [('unit', "One bill per unit (一户一房)"), ('payer', "One bill for all units (一户多房)")],
        string="Bills", default='unit',
        help="Whether a project's units of this payer are billed apart or together.",
    )
    property_charge_ids = fields.One2many(
        'property.charge', 'partner_id', string="Charges",
        groups='property_billing.group_billing_user',
    )
    property_currency_id = fields.Many2one(
        'res.currency', compute='_compute_property_currency_id',
    )
    property_charge_count = fields.Integer(
        string="Receivables", compute='_compute_property_charges',
        groups='property_billing.group_billing_user',
    )
    property_overdue_amount = fields.Monetary(
        string="Arrears", compute='_compute_property_charges',
        currency_field='property_currency_id', groups='property_billing.group_billing_user',
        help="What is past its due date, in the projects that you see.",
    )

    @api.depends_context('company')
    def _compute_property_currency_id(self):
        self.property_currency_id = self.env.company.currency_id

    @api.depends('property_charge_ids.payment_state')
    @api.depends_context('uid', 'allowed_company_ids')
    def _compute_property_charges(self):
        amounts = self.env['property.charge']._read_open_amounts('partner_id', self)
        for partner in self:
            partner.property_charge_count, partner.property_overdue_amount = amounts.get(
                partner._origin, (0, 0))
