from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import RedirectWarning
from odoo.tools import format_date

# Role accounts of decision 23: found by role, never by code.
ACCOUNT_FIELDS = {
    'income': 'property_income_account_id',
    'agency': 'property_agency_account_id',
    'trust': 'property_trust_account_id',
    'deposit': 'property_deposit_account_id',
    'public_revenue': 'property_public_revenue_account_id',
    'maintenance': 'property_maintenance_account_id',
}
# The simple rate of a small-scale taxpayer (小规模纳税人) in place of the general one, in percent:
# the law as of 2026, with 5 % for letting what stands on land.
SMALL_SCALE_RATES = {'13': '3', '9': '5', '6': '3'}
GENERAL_RATES = {'3': '6', '5': '9'}
# Without these no company can bill; the two further funds are for who has them.
SETUP_FIELDS = (
    *(ACCOUNT_FIELDS[role] for role in ('income', 'agency', 'trust', 'deposit')),
    'property_bill_journal_id',
)


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
    property_public_revenue_account_id = fields.Many2one(
        'account.account', string="Revenue of the common parts", check_company=True,
        domain=[('internal_group', '=', 'liability')],
    )
    property_maintenance_account_id = fields.Many2one(
        'account.account', string="Maintenance fund", check_company=True,
        domain=[('internal_group', '=', 'liability')],
    )
    property_bill_journal_id = fields.Many2one(
        'account.journal', string="Bill journal", check_company=True,
        domain=[('type', '=', 'sale')],
    )
    property_approves_prices = fields.Boolean(
        string="Prices are approved",
        help="A new price is valid after a colleague has approved it. Until then the one before "
             "goes on.",
    )
    property_late_fee_id = fields.Many2one(
        'property.fee', string="Late fee", check_company=True, ondelete='restrict',
        domain=[('nature', '!=', 'deposit')],
        help="The fee as which late fees are posted: its account is theirs. Their tax is that of "
             "what they are for.",
    )
    property_small_scale = fields.Boolean(
        string="Small-scale taxpayer",
        help="From today on fees of 13 % and 6 % carry 3 %, and those of 9 %, which are rents and "
             "parking, 5 %. When it is taken off, 3 % becomes 6 % and 5 % becomes 9 %. Single fees "
             "are then set on the fee, and later rates in its taxes by date.",
    )
    property_setup_missing = fields.Boolean(compute='_compute_property_setup_missing')

    @api.depends(*SETUP_FIELDS)
    def _compute_property_setup_missing(self):
        for company in self:
            company.property_setup_missing = not all(company[fname] for fname in SETUP_FIELDS)

    def write(self, vals):
        switched = self.filtered(
            lambda company: company.property_small_scale != vals['property_small_scale']
        ) if 'property_small_scale' in vals else self.browse()
        result = super().write(vals)
        for company in switched:
            company._switch_property_taxes()
        return result

    def _switch_property_taxes(self):
        """ The taxes that this add-on has brought to the chart, one for the other from today. """
        today = fields.Date.context_today(self)
        fees = self.env['property.fee'].with_context(active_test=False).search(
            [('company_id', '=', self.id), ('nature', '=', 'income')]).grouped('tax_id')
        for old, new in (
                SMALL_SCALE_RATES if self.property_small_scale else GENERAL_RATES).items():
            former, tax = self._get_property_tax(old), self._get_property_tax(new)
            if former and tax and former in fees:
                fees[former]._set_tax_from(tax, today)

    def _get_property_tax(self, code):
        """ A tax that this add-on has brought to the company's chart; may be empty. """
        chart = self.env['account.chart.template'].with_company(self)
        return chart.ref(f'property_billing_tax_{code}', raise_if_not_found=False)

    def _get_property_account(self, role):
        """ The company's account for a role, see `property.fee._get_role`; may be empty. """
        return self[ACCOUNT_FIELDS[role]]

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

    def _get_posting_notice(self, date):
        """ Where the month of a day is closed for one of these: on which day it is posted, said
        before it is (decision 36).
        """
        for company in self.sudo():  # who bills needs no accounting group to be told the day
            day = date and company._get_first_open_day(date, company.property_bill_journal_id)
            if day != date:
                return self.env._(
                    "%(date)s lies in a closed month: it is posted on %(day)s.",
                    date=format_date(self.env, date), day=format_date(self.env, day))
        return False
