from odoo import fields, models

# Role accounts of decision 23: found by role, never by code.
ACCOUNT_FIELDS = {
    'income': 'property_income_account_id',
    'agency': 'property_agency_account_id',
    'trust': 'property_trust_account_id',
    'deposit': 'property_deposit_account_id',
}


class ResCompany(models.Model):
    _inherit = 'res.company'

    property_income_account_id = fields.Many2one('account.account', string="Fee income")
    property_agency_account_id = fields.Many2one('account.account', string="Collected for others")
    property_trust_account_id = fields.Many2one('account.account', string="Held in trust")
    property_deposit_account_id = fields.Many2one('account.account', string="Deposits")
    property_bill_journal_id = fields.Many2one(
        'account.journal', string="Bill journal", domain=[('type', '=', 'sale')],
    )

    def _get_property_account(self, nature):
        """ The company's account for a fee's posting nature; may be empty. """
        return self[ACCOUNT_FIELDS[nature]]
