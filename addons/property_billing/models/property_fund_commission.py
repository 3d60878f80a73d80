from decimal import Decimal

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, date_utils

from odoo.addons.property_base.const import QUIET_CONTEXT

from ..tools.fund import commission
from ..tools.periods import add_months
from .account_move_batch import COMPLETE_CONTEXT

COMMISSION_BASES = [
    ('billed', "Percentage of what is billed"), ('received', "Percentage of what is received"),
    ('fixed', "Fixed amount a month"),
]


class PropertyFundCommission(models.Model):
    """ What the company took out of a fund for a month (酬金, decision 24). """
    _name = 'property.fund.commission'
    _description = 'Commission of a fund'
    _inherit = ['property.project.mixin']
    _order = 'month desc, fund_id'

    fund_id = fields.Many2one('property.fund', required=True, index=True, ondelete='restrict')
    project_id = fields.Many2one(
        related='fund_id.project_id', store=True, index=True, precompute=True, required=False,
    )
    currency_id = fields.Many2one(related='company_id.currency_id')
    month = fields.Date(required=True, help="Its first day.")
    basis = fields.Selection(COMMISSION_BASES, string="Reckoned by", required=True)
    base = fields.Monetary(
        help="What the percentage is of: also what was billed or credited for earlier months "
             "after their commission was posted.",
    )
    percent = fields.Float(digits=(5, 2))
    amount = fields.Monetary(string="Manager's commission", help="VAT included.")
    move_id = fields.Many2one(
        'account.move', string="Entry", index='btree_not_null', ondelete='restrict', copy=False)

    _once_a_month = models.UniqueIndex(
        '(fund_id, month)', "The commission of this month is posted already.",
    )

    @api.depends('month')
    def _compute_display_name(self):
        for record in self:
            record.display_name = f'{record.month:%Y-%m}' if record.month else False


class PropertyFund(models.Model):
    """ The manager's commission, one entry a month: fund → income. """
    _inherit = 'property.fund'

    commission_fee_id = fields.Many2one(
        'property.fee', string="Manager's commission", check_company=True, ondelete='restrict',
        domain=[('nature', '=', 'income')], index='btree_not_null', tracking=True,
        help="The fee as which the company's commission is income: its account and its tax. Empty: "
             "the fund pays none.",
    )
    commission_basis = fields.Selection(
        COMMISSION_BASES, string="Reckoned by", required=True, default='billed', tracking=True,
    )
    commission_percent = fields.Float(
        string="Percent", digits=(5, 2), tracking=True, help="VAT included.")
    commission_amount = fields.Monetary(
        string="Amount a month", tracking=True, help="VAT included.")
    commission_since = fields.Date(
        string="Commission since", tracking=True,
        help="The month in which it begins. Where it is reckoned otherwise from a month on, enter "
             "that month.",
    )
    commission_ids = fields.One2many('property.fund.commission', 'fund_id', string="Commissions")

    _commission_fits = models.Constraint(
        'CHECK (commission_percent BETWEEN 0 AND 100 AND COALESCE(commission_amount, 0) >= 0)',
        "A commission is from 0 to 100 percent, or an amount of zero or more.",
    )
    _commission_complete = models.Constraint(
        'CHECK (commission_fee_id IS NULL OR commission_since IS NOT NULL)',
        "Enter since when the commission is due.",
    )
    _commission_not_of_maintenance = models.Constraint(
        "CHECK (commission_fee_id IS NULL OR kind != 'maintenance')",
        "The maintenance fund is for repairs alone: no commission is taken out of it.",
    )

    # === ACTION METHODS === #

    def action_post_commissions(self):
        """ Post what is due up to the last month that is over. """
        self.ensure_one()
        self.check_access('write')
        if not (months := self._get_due_months()):
            raise UserError(self.env._(
                "Nothing is due: the commission of every month that is over is posted."))
        for month in months:
            self._post_commission(month)

    # === BUSINESS METHODS === #

    def _get_due_months(self):
        """ The months that are over and whose commission is not posted, as their first days. """
        if not self.commission_fee_id:
            return []
        month = self.commission_since.replace(day=1)
        if posted := self.commission_ids.mapped('month'):
            month = max(month, add_months(max(posted), 1))
        months, current = [], fields.Date.context_today(self).replace(day=1)
        while month < current:
            months.append(month)
            month = add_months(month, 1)
        return months

    def _post_commission(self, month):
        """ Post the commission of a month, once: who asks again gets the same.

        :param date month: any day of it
        :return: the commission; without an entry if it comes to nothing
        :rtype: recordset of `property.fund.commission`
        """
        self.ensure_one()
        self.check_access('write')
        # Of two at the same time the second begins anew, and finds it.
        self._touch()
        first, last = date_utils.start_of(month, 'month'), date_utils.end_of(month, 'month')
        self.invalidate_recordset(['commission_ids'])
        # sudo: the right to write the fund is checked above; nobody enters commissions by hand,
        # and who posts one needs no accounting group.
        fund_sudo = self.sudo()
        if posted := fund_sudo.commission_ids.filtered(lambda former: former.month == first):
            return posted.with_env(self.env)
        fund_sudo._check_commission(first, last)
        base = fund_sudo._get_commission_base(last)
        is_fixed = self.commission_basis == 'fixed'
        percent = 100 if is_fixed else self.commission_percent
        tax = fund_sudo.commission_fee_id._get_tax(last)
        amount = float(commission(
            Decimal(repr(base)), Decimal(repr(percent)), Decimal(repr(tax.amount)),
            Decimal(repr(self.currency_id.rounding))).gross)
        label = self.env._(
            "Commission of %(month)s", month=f'{first:%Y-%m}',
        ) if is_fixed else self.env._(
            "Commission of %(month)s: %(percent)s %% of %(base)s",
            month=f'{first:%Y-%m}', percent=f'{percent:g}',
            base=self.currency_id.format(base))
        move_sudo = fund_sudo._create_commission_entry(last, amount, label)
        commission_sudo = fund_sudo.commission_ids.create({
            'fund_id': self.id, 'month': first, 'basis': self.commission_basis, 'base': base,
            'percent': percent, 'amount': amount, 'move_id': move_sudo.id})
        # After it is known as the commission that it is.
        move_sudo._post(soft=False)
        return commission_sudo.with_env(self.env)

    def _check_commission(self, first, last):
        if last >= fields.Date.context_today(self):
            raise UserError(self.env._(
                "%(month)s is not over: its commission is posted after its last day.",
                month=f'{first:%Y-%m}'))
        if not self.commission_fee_id or first < self.commission_since.replace(day=1):
            raise UserError(self.env._(
                "%(fund)s pays no commission for %(month)s. Enter the fee as which it is income, "
                "and since when.",
                fund=self.name, month=f'{first:%Y-%m}'))
        if later := self.commission_ids.filtered(lambda other: other.month > first):
            raise UserError(self.env._(
                "The commission of %(later)s is posted: what belongs to %(month)s is in it.",
                later=f'{later[-1].month:%Y-%m}',
                month=f'{first:%Y-%m}'))
        _reason, values = self.commission_fee_id._get_left_out_reason(last)
        if values:
            texts = self.env['property.charge']._get_reason_texts()
            raise UserError(texts[values['text']] % values)

    def _get_commission_base(self, last):
        """ What is reckoned for the month that ends on `last`: all since the beginning, less what
        was reckoned before. So a credit of a month that is done lowers the next commission.
        """
        if self.commission_basis == 'fixed':
            return self.commission_amount
        start = self.commission_since.replace(day=1)
        total = (
            self._get_billed(start, last) if self.commission_basis == 'billed'
            else self._get_received(start, last))
        former = self.commission_ids.filtered(lambda other: (
            other.basis == self.commission_basis and other.month >= start))
        return self.currency_id.round(total - sum(former.mapped('base')))

    def _get_billed(self, start, end):
        """ What payers were billed for this fund, less credits. """
        [[billed]] = self.env['property.fund.report']._read_group(
            [('fund_id', '=', self.id), ('movement', '=', 'billed'),
             ('date', '>=', start), ('date', '<=', end)], [], ['amount_in:sum'])
        return billed or 0

    def _get_received(self, start, end):
        """ What payers have paid of it. """
        self.env['account.partial.reconcile'].flush_model()
        self.env['property.charge'].flush_model(['fee_id', 'project_id', 'receivable_line_id'])
        [[received]] = self.env.execute_query(SQL(
            """
            SELECT COALESCE(SUM(partial.amount), 0)
              FROM property_fee fee
              JOIN property_charge charge ON charge.fee_id = fee.id
              JOIN account_partial_reconcile partial
                ON partial.debit_move_id = charge.receivable_line_id
              JOIN account_move_line credit ON credit.id = partial.credit_move_id
              JOIN account_move move ON move.id = credit.move_id
             WHERE fee.account_id = %s AND fee.nature != 'income' AND charge.project_id = %s
               AND move.state = 'posted' AND move.move_type != 'out_refund'
               AND partial.max_date BETWEEN %s AND %s
            """, self.account_id.id, self.project_id.id, start, end))
        return float(received)

    def _create_commission_entry(self, last, amount, label):
        """ Debit the fund, credit income and VAT; dated the month's last day, or the first open
        one after it (decision 36).
        """
        Move = self.env['account.move'].with_company(self.company_id)
        if not amount:
            return Move
        journal = self.env['account.journal'].search(
            [*self.env['account.journal']._check_company_domain(self.company_id),
             ('type', '=', 'general')], limit=1)
        fee = self.commission_fee_id
        income = {
            'name': label, 'account_id': fee.account_id.id, 'price_unit': amount,
            'tax_ids': [Command.set(fee._get_tax(last).ids)]}
        lines = [income, *Move._complete_product_lines([income], self.env['res.partner'], -1)]
        for line in lines:
            for name in ('price_unit', 'price_subtotal', 'price_total'):
                line.pop(name, None)
        return Move.with_context(**QUIET_CONTEXT, **COMPLETE_CONTEXT).create({
            'move_type': 'entry',
            'journal_id': journal.id,
            'company_id': self.company_id.id,
            'date': self.company_id._get_first_open_day(last, journal),
            'ref': label,
            'property_project_id': self.project_id.id,
            'line_ids': [Command.create(line) for line in (
                {'name': label, 'account_id': self.account_id.id, 'balance': amount}, *lines)],
        })

    # === CRON === #

    @api.model
    def _cron_post_commissions(self):
        """ Each fund for itself: one that lacks the money is put before who answers for it. The
        entries are in the language of their company, not in that of the nightly job.
        """
        funds = self.search([('commission_fee_id', '!=', False)])
        for company, of_company in funds.grouped('company_id').items():
            for fund in of_company.with_context(lang=company.partner_id.lang):
                try:
                    for month in fund._get_due_months():
                        with self.env.cr.savepoint():
                            fund._post_commission(month)
                except UserError as error:
                    fund._warn_of_commission(str(error))

    def _warn_of_commission(self, text):
        """ Once, until somebody has seen to it. """
        if self.activity_ids:
            return
        managers = self.env.ref('property_billing.group_billing_manager').all_user_ids
        for manager in managers.filtered(
            lambda user: not user.share and self.company_id in user.company_ids
            and self.with_user(user).sudo(False).has_access('write')
        ):
            self.activity_schedule(
                'mail.mail_activity_data_todo', user_id=manager.id,
                summary=self.with_context(lang=manager.lang).env._("Commission not posted"),
                note=text)
