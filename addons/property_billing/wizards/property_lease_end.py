from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, formatLang

from ..tools.explanation import explain_once


class PropertyLeaseWizard(models.AbstractModel):
    """ What changing and ending a lease ask alike. """
    _name = 'property.lease.wizard'
    _description = 'Step of a lease'

    lease_id = fields.Many2one(
        'property.lease', string="Lease", required=True, ondelete='cascade')
    company_id = fields.Many2one(related='lease_id.company_id')
    currency_id = fields.Many2one(related='lease_id.currency_id')

    @api.constrains('lease_id')
    def _check_lease_id(self):
        """ Related fields are read in sudo mode: they would tell of a lease that is not his. """
        self.lease_id.sudo(False).check_access('read')  # constraints run in sudo mode, too


class PropertyLeaseChange(models.TransientModel):
    """ From which day on other terms are agreed (变更). """
    _name = 'property.lease.change'
    _description = 'Change of a lease'
    _inherit = ['property.lease.wizard']

    date = fields.Date(
        string="From", required=True,
        default=lambda self: fields.Date.start_of(
            fields.Date.add(fields.Date.context_today(self), months=1), 'month'),
    )

    def action_confirm(self):
        self.ensure_one()
        lease = self.lease_id
        lease._check_step('create', 'approved', 'transferred')
        if not lease.date_start < self.date <= lease.date_end:
            raise UserError(self.env._(
                "%(lease)s runs from %(start)s to %(end)s. Choose a day inside it, after its first "
                "one.", lease=lease.name, start=fields.Date.to_string(lease.date_start),
                end=fields.Date.to_string(lease.date_end)))
        if lease.next_id:
            raise UserError(self.env._(
                "%(lease)s is continued by %(other)s already.",
                lease=lease.name, other=lease.next_id.name))
        return lease._open_lease(lease._create_successor(self.date, lease.date_end))


class PropertyLeaseEnd(models.TransientModel):
    """ A lease ends, and what becomes of its charges is told before it does (终止, 退租). """
    _name = 'property.lease.end'
    _description = 'End of a lease'
    _inherit = ['property.lease.wizard']

    date = fields.Date(
        string="Last day", required=True, compute='_compute_date', store=True, readonly=False,
        precompute=True,
    )
    reason = fields.Char(required=True)
    last_period = fields.Selection(
        [('whole', "Is owed as a whole"), ('days', "Is owed by days")], string="Last period",
        required=True, default='whole',
    )
    has_part = fields.Boolean(
        compute='_compute_is_whole_only', help="The last day is inside a period.")
    is_whole_only = fields.Boolean(compute='_compute_is_whole_only')
    penalty_fee_id = fields.Many2one(
        'property.fee', string="Penalty",
        domain="[('company_id', '=', company_id), ('nature', '!=', 'deposit')]",
        help="What is agreed for ending early: a charge that comes once, billed with the others.",
    )
    penalty_amount = fields.Monetary(string="Penalty amount")
    summary = fields.Text(string="What follows", compute='_compute_summary', compute_sudo=False)

    @api.depends('lease_id')
    def _compute_date(self):
        today = fields.Date.context_today(self)
        for wizard in self:
            wizard.date = wizard.lease_id and min(today, wizard.lease_id.date_end)

    @api.depends('lease_id', 'date')
    @api.depends_context('uid')
    def _compute_is_whole_only(self):
        """ By days is for terms that know parts of a month; of what is posted, for a manager. """
        is_manager = self.env.user.has_group('property_billing.group_billing_manager')
        for wizard in self:
            lease = wizard.lease_id.sudo(False)
            straddling = lease._get_settlement(wizard.date or lease.date_end)['straddling']
            wizard.has_part = bool(straddling)
            wizard.is_whole_only = lease.proration == 'none' or (
                not is_manager and 'posted' in straddling.mapped('state'))

    @api.depends('lease_id', 'date', 'last_period')
    @api.depends_context('lang', 'uid')
    def _compute_summary(self):
        for wizard in self:
            wizard.summary = wizard.date and '\n'.join(wizard._get_sentences())

    def _get_sentences(self):
        lease = self.lease_id
        charges = lease._get_settlement(self.date)

        def sums(records, field='amount'):
            return {'count': len(records), 'amount': formatLang(
                self.env, sum(records.mapped(field)), currency_obj=lease.currency_id)}

        sentences = []
        if cancelled := charges['cancelled']:
            sentences.append(self.env._(
                "%(count)s charges for the time after it, together %(amount)s, are cancelled.",
                **sums(cancelled)))
        if kept := charges['kept']:
            sentences.append(self.env._(
                "%(count)s charges for the time after it, together %(amount)s, are paid, wholly or "
                "in part, and stay. If money is to go back, finance settles with the tenant.",
                **sums(kept)))
        by_days = self.last_period == 'days'
        if straddling := charges['straddling']:
            sentences.append(self.env._(
                "The last period goes until %(end)s: %(count)s charges, together %(amount)s.",
                end=format_date(self.env, max(straddling.mapped('date_end'))), **sums(straddling)))
            if by_days:
                sentences.append(self.env._(
                    "Of it only the days until %(day)s are owed; what is billed beyond them is "
                    "credited.", day=format_date(self.env, self.date)))
            elif self.is_whole_only and lease.proration != 'none':
                sentences.append(self.env._(
                    "It is billed already: only who manages the billing can end it by days."))
        owed = lease.charge_ids.filtered(lambda charge: charge.state == 'posted')
        if arrears := owed.filtered(lambda charge: (
                charge.date_start <= self.date and charge.amount_residual > 0
                and not (by_days and charge in straddling))):
            sentences.append(self.env._(
                "%(count)s charges are still owed, together %(amount)s; they stay owed.",
                **sums(arrears, 'amount_residual')))
        if deposits := owed.filtered(lambda charge: charge.fee_id.nature == 'deposit'):
            sentences.append(self.env._(
                "A deposit of %(amount)s was billed; finance pays back what was received of it.",
                **sums(deposits)))
        if deposits := lease._get_unasked_deposits(self.date):
            sentences.append(self.env._(
                "The deposit of %(amount)s is not billed yet and is cancelled.", **sums(deposits)))
        return sentences

    def action_confirm(self):
        self.ensure_one()
        lease = self.lease_id
        lease._check_step('write', 'approved', 'transferred')
        if not self.date or self.date > lease.date_end:
            raise UserError(self.env._(
                "%(lease)s ends on %(end)s at the latest. Choose that day or an earlier one.",
                lease=lease.name, end=fields.Date.to_string(lease.date_end)))
        if bool(self.penalty_fee_id) != (self.penalty_amount > 0):
            raise UserError(self.env._("Enter both the fee of the penalty and its amount."))
        tenancies = lease._get_tenancies()
        lease._end_on(self.date, self.reason, by_days=self.last_period == 'days')
        # sudo: it follows from ending the lease, whose right was checked.
        tenancies.sudo()._end_tenancy(self.date)
        lease.sudo()._begin_following(self.date)
        if self.penalty_fee_id:
            self._create_penalty()
        return {'type': 'ir.actions.act_window_close'}

    def _create_penalty(self):
        lease, fee = self.lease_id, self.penalty_fee_id
        fee._take_into_use()
        explanation = explain_once(
            quantity=Decimal(1), price=Decimal(repr(self.penalty_amount)),
            rounding=Decimal(fee.rounding), note=self.reason)
        # sudo: charges are written in sudo mode only; the right to end the lease was checked.
        self.env['property.charge'].sudo().create({
            'kind': 'temporary', 'state': 'transferred', 'lease_id': lease.id,
            'unit_id': lease.unit_ids[0].id, 'fee_id': fee.id, 'partner_id': lease.partner_id.id,
            'date_start': self.date, 'date_end': self.date, 'date_bill': self.date,
            'date_due': self.date, 'amount': float(explanation['amount']),
            'explanation': explanation,
        })
