from odoo import api, fields, models


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
    property_public_revenue_account_id = fields.Many2one(
        related='company_id.property_public_revenue_account_id', readonly=False,
        check_company=True,
    )
    property_maintenance_account_id = fields.Many2one(
        related='company_id.property_maintenance_account_id', readonly=False, check_company=True,
    )
    property_bill_journal_id = fields.Many2one(
        related='company_id.property_bill_journal_id', readonly=False, check_company=True,
    )
    property_approves_prices = fields.Boolean(
        related='company_id.property_approves_prices', readonly=False)
    property_late_fee_id = fields.Many2one(
        related='company_id.property_late_fee_id', readonly=False, check_company=True,
    )
    property_small_scale = fields.Boolean(
        related='company_id.property_small_scale', readonly=False)
    property_setup_missing = fields.Boolean(related='company_id.property_setup_missing')
    property_lock_date = fields.Date(
        related='company_id.fiscalyear_lock_date', readonly=False, string="Closed up to")
    property_tariff_ids = fields.Many2many(
        'property.tariff', compute='_compute_property_tariff_ids')

    @api.depends('company_id')
    def _compute_property_tariff_ids(self):
        """ The prices of today, to be seen here and changed where they are. """
        Tariff = self.env['property.tariff']
        for settings in self:
            settings.property_tariff_ids = Tariff.has_access('read') and Tariff.search(
                [('company_id', '=', settings.company_id.id)])
