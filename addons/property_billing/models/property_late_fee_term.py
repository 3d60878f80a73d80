from collections import defaultdict
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import RedirectWarning, UserError
from odoo.fields import Domain

from ..tools.late_fee import LateTerms
from ..tools.periods import day_after

# What a late fee is computed from; the last day alone may still be set once days are charged.
COUNTED_FIELDS = {
    'project_id', 'fee_id', 'percent', 'grace_days', 'cap_percent', 'date_start', 'date_end',
}


class PropertyLateFeeTerm(models.Model):
    """ What a day in arrears costs (违约金), as the contract of a project says it (decision 19).

    A project without terms asks for none.
    """
    _name = 'property.late.fee.term'
    _description = 'Late-fee term'
    _inherit = ['property.project.mixin', 'mail.thread']
    _order = 'project_id, fee_id, date_start desc'
    _check_company_auto = True

    fee_id = fields.Many2one(
        'property.fee', index='btree_not_null', ondelete='restrict', check_company=True,
        tracking=True, domain="[('nature', '!=', 'deposit')]",
        help="Empty: all fees of the project that have no terms of their own. Deposits and late "
             "fees bear none.",
    )
    percent = fields.Float(
        string="Percent a day", required=True, digits=(8, 4), default=0.05, tracking=True,
        help="Of what is still owed at the end of the day. Simple interest: late fees bear none.",
    )
    grace_days = fields.Integer(
        string="Days of grace", default=0, tracking=True,
        help="Days after the due date that cost nothing, also when it is paid later than that.",
    )
    cap_percent = fields.Float(
        string="At most (%)", required=True, digits=(8, 2), default=100.0, tracking=True,
        help="Of the original amount of the charge: more than that its late fees never come to.",
    )
    date_start = fields.Date(
        string="From", required=True, default=fields.Date.context_today, tracking=True,
        help="Days before it cost nothing, however long a charge has been overdue.",
    )
    date_end = fields.Date(string="To", tracking=True)

    _dates_ordered = models.Constraint(
        'CHECK (date_end IS NULL OR date_end >= date_start)', "Terms cannot end before they start.",
    )
    _positive = models.Constraint(
        'CHECK (percent > 0 AND cap_percent > 0 AND grace_days >= 0)',
        "Percent and cap are more than zero, days of grace not less. To ask for no late fee, end "
        "the terms.",
    )
    _no_overlap = models.Constraint(
        "EXCLUDE USING gist (project_id WITH =, COALESCE(fee_id, 0) WITH =, "
        "daterange(date_start, date_end, '[]') WITH &&)",
        "The project has late-fee terms for this fee on some of these days already. End those "
        "first.",
    )

    @api.depends('project_id.name', 'fee_id.name', 'percent')
    def _compute_display_name(self):
        for term in self:
            term.display_name = ' · '.join(filter(None, (
                term.project_id.name, term.fee_id.name, f'{term.percent:g} %')))

    @api.constrains('project_id')
    def _check_company_fee(self):
        """ Without a fee to post it as, terms would be silently without effect. """
        for company in self.company_id:
            if not company.property_late_fee_id:
                raise RedirectWarning(
                    self.env._(
                        "%(company)s has no fee for late fees. Choose one in the settings of "
                        "Property Management.", company=company.name),
                    self.env.ref('property_base.res_config_settings_action').id,
                    self.env._("Open the settings"))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        self.flush_model(['date_end'])  # before the database sees the new one
        terms = super().create(vals_list)
        for term, charged_until in terms._get_charged_until().items():
            raise UserError(self.env._(
                "%(term)s: late fees are charged up to %(day)s already. Start after that day.",
                term=term.display_name, day=charged_until))
        # The fee comes archived with the chart; sudo: it belongs to who sets the terms.
        terms.company_id.sudo().property_late_fee_id.active = True
        return terms

    def write(self, vals):
        if vals.keys() & COUNTED_FIELDS:
            end = fields.Date.to_date(vals.get('date_end'))
            is_end_only = vals.keys() & COUNTED_FIELDS == {'date_end'}
            for term, charged_until in self._get_charged_until().items():
                if not is_end_only or (end and end < charged_until):
                    raise UserError(self.env._(
                        "%(term)s: late fees are charged by it up to %(day)s, so it stays as it "
                        "is. End it on that day or later, and enter new terms from the day after.",
                        term=term.display_name, day=charged_until))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_charged(self):
        if self._is_initialising():
            return
        for term, charged_until in self._get_charged_until().items():
            raise UserError(self.env._(
                "%(term)s: late fees are charged by it up to %(day)s. End it instead.",
                term=term.display_name, day=charged_until))

    def _get_charged_until(self):
        """ The last day of these terms for which late fees were charged: `{term: day}`.

        Read from the charges themselves, and so a little wide: another term of the project may
        have been the one in force.
        """
        # sudo: charges of buildings that the user does not see count as well.
        Charge = self.env['property.charge'].sudo()
        result = {}
        for term in self:
            domain = Domain([
                ('project_id', '=', term.project_id.id), ('kind', '=', 'late_fee'),
                ('state', 'in', ('draft', 'posted')), ('date_end', '>=', term.date_start)])
            if term.date_end:
                domain &= Domain('date_start', '<=', term.date_end)
            if term.fee_id:
                domain &= Domain('origin_charge_id.fee_id', '=', term.fee_id.id)
            [[last]] = Charge._read_group(domain, aggregates=['date_end:max'])
            if last:
                result[term] = min(last, term.date_end or last)
        return result

    # === BUSINESS METHODS === #

    @api.model
    def _get_late_terms(self, projects):
        """ The terms of these projects for the engine, by project and fee; False is any fee.

        :rtype: dict[tuple, list[LateTerms]]
        """
        terms = defaultdict(list)
        # sudo: who pays or takes a payment may have no right on terms.
        for term in self.sudo().search([('project_id', 'in', projects.ids)]):
            terms[term.project_id.id, term.fee_id.id].append(LateTerms(
                percent=Decimal(repr(term.percent)),
                grace_days=term.grace_days,
                cap_percent=Decimal(repr(term.cap_percent)),
                start=term.date_start,
                end=day_after(term.date_end),
            ))
        return terms
