from odoo import fields, models


class ResPartner(models.Model):
    _name = 'res.partner'
    _inherit = ['res.partner', 'property.debtor.mixin']

    property_bill_grouping = fields.Selection(
        [('unit', "One bill per unit (一户一房)"), ('payer', "One bill for all units (一户多房)")],
        string="Bills", default='unit',
        help="Whether a project's units of this payer are billed apart or together.",
    )
    property_charge_ids = fields.One2many(
        'property.charge', 'partner_id', string="Charges",
        groups='property_billing.group_billing_user',
    )
