from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    property_income_account_id = fields.Many2one(
        related='company_id.property_income_account_id', readonly=False, check_company=True,
    )
    property_agency_account_id = fields.Many2one(
        related='company_id.property_agency_account_id', readonly=False, check_company=True,
    )
    property_trust_account_id = fields.Many2one(
        related='company_id.property_trust_account_id', readonly=False, check_company=True,
    )
    property_deposit_account_id = fields.Many2one(
        related='company_id.property_deposit_account_id', readonly=False, check_company=True,
    )
    property_bill_journal_id = fields.Many2one(
        related='company_id.property_bill_journal_id', readonly=False, check_company=True,
    )
    property_setup_missing = fields.Boolean(related='company_id.property_setup_missing')
