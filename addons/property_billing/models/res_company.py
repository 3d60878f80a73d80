from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import RedirectWarning

# Role accounts of decision 23: found by role, never by code.
ACCOUNT_FIELDS = {
    'income': 'property_income_account_id',
    'agency': 'property_agency_account_id',
    'trust': 'property_trust_account_id',
    'deposit': 'property_deposit_account_id',
}
SETUP_FIELDS = (*ACCOUNT_FIELDS.values(), 'property_bill_journal_id')


class ResCompany(models.Model):
    _inherit = 'res.company'

    property_income_account_id = fields.Many2one(
        'account.account', string="Fee income", check_company=True,
        domain=[('internal_group', '=', 'income')],
    )
    property_agency_account_id = fields.Many2one(
        'account.account', string="Collected for others", check_company=True,
        domain=[('internal_group', '=', 'liability'), ('reconcile', '=', True)],
    )
    property_trust_account_id = fields.Many2one(
        'account.account', string="Held in trust", check_company=True,
        domain=[('internal_group', '=', 'liability')],
    )
    property_deposit_account_id = fields.Many2one(
        'account.account', string="Deposits", check_company=True,
        domain=[('internal_group', '=', 'liability'), ('reconcile', '=', True)],
    )
    property_bill_journal_id = fields.Many2one(
        'account.journal', string="Bill journal", check_company=True,
        domain=[('type', '=', 'sale')],
    )
    property_late_fee_id = fields.Many2one(
        'property.fee', string="Late fee", check_company=True, ondelete='restrict',
        domain=[('nature', '!=', 'deposit')],
        help="The fee as which late fees are posted: its account is theirs. Their tax is that of "
             "what they are for.",
    )
    property_setup_missing = fields.Boolean(compute='_compute_property_setup_missing')

    @api.depends(*SETUP_FIELDS)
    def _compute_property_setup_missing(self):
        for company in self:
            company.property_setup_missing = not all(company[fname] for fname in SETUP_FIELDS)

    def _get_property_account(self, nature):
        """ The company's account for a fee's posting nature; may be empty. """
        return self[ACCOUNT_FIELDS[nature]]

    def _get_property_bill_journal(self):
        """ The journal of the bills, or an error that leads to where it is chosen. """
        self.ensure_one()
        if not self.property_bill_journal_id:
            raise RedirectWarning(
                self.env._(
                    "%(company)s has no journal for its bills. Choose one in the settings of "
                    "Property Management.", company=self.name),
                self.env.ref('property_base.res_config_settings_action').id,
                self.env._("Open the settings"),
            )
        return self.property_bill_journal_id

    def _get_first_open_day(self, date, journal):
        """ `date`, or the first day after the closed months that it falls into (decision 36). """
        lock_dates = self._get_violated_lock_dates(date, True, journal)
        return lock_dates[-1][0] + timedelta(days=1) if lock_dates else date
