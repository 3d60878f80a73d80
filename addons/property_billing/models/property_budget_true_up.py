from collections import defaultdict
from decimal import Decimal
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, formatLang, split_every

from ..tools.correction import Difference, compare
from ..tools.explanation import complete, explain_once, recompute
from ..tools.periods import ONE_DAY
from ..tools.planning import plan_period
from ..tools.rounding import exact
from ..tools.true_up import explain_true_up, net_in_days
from .property_charge_correction import CENT
from .property_charge_explanation import plain
from .property_job_mixin import LIVE_JOB_STATES

# One job is one transaction: the payers of so many units are settled in one.
UNITS_PER_JOB = 300


class Advance(NamedTuple):
    """ What a payer was charged ahead, or at a former true-up, by one charge. """
    charge_id: int
    net: Decimal  # for the days of the budget, less credits
    settled: Decimal  # what of it true-ups have charged, or credited if negative
    left: Decimal  # what of the charge can be credited


class Account(NamedTuple):
    """ The year of one payer of one unit. """
    unit_id: int
    partner_id: int | None
    advances: list[Advance]
    planned: list  # his parts of the costs, as `PlannedCharge`
    difference: Difference | None

    @property
    def key(self):
        return self.unit_id, self.partner_id or 0

    @property
    def paid_ahead(self):
        return sum((advance.net for advance in self.advances), Decimal())

    @property
    def settled(self):
        return sum((advance.settled for advance in self.advances), Decimal())

    @property
    def cost(self):
        return sum((charge.amount for charge in self.planned), Decimal())

    @property
    def amount(self):
        return float(self.difference.amount) if self.difference else 0.0


class PropertyBudget(models.Model):
    """ The true-up at the year's end (清算): who bore more than he paid ahead is charged, who bore
    less is credited. What is settled counts as paid ahead, so that once more gives nothing.
    """
    _inherit = 'property.budget'

    true_up_date = fields.Date(
        string="Trued up on", readonly=True, copy=False,
        help="Of the bills and credit notes of the true-up.")
    true_up_due_days = fields.Integer(string="Days to pay", readonly=True, copy=False)
    true_up_number = fields.Integer(
        string="Number of true-ups", copy=False, readonly=True,
        help="Counts the true-ups, so that a job of an earlier one does nothing.")
    true_up_step = fields.Selection(
        [('true_up', "Trueing up"), ('take_back', "Taking the true-up back")],
        string="Under way", readonly=True, copy=False)
    charge_ids = fields.One2many('property.charge', 'budget_id', string="Charges of the true-up")
    amount_charged = fields.Monetary(string="Charged at the true-up", compute='_compute_settled')
    amount_credited = fields.Monetary(string="Credited at the true-up", compute='_compute_settled')
    progress = fields.Float(compute='_compute_progress')
    progress_text = fields.Char(compute='_compute_progress')
    is_busy = fields.Boolean(compute='_compute_progress')
    job_error = fields.Text(compute='_compute_progress')

    # === COMPUTE METHODS === #

    def _compute_settled(self):
        """ Of all payers, as the journal has it. """
        figures = defaultdict(float)
        if self.ids:
            # sudo: whoever sees the budget may know what it came to.
            for budget, move_type, amount in self.env['account.move'].sudo()._read_group(
                [('property_budget_id', 'in', self.ids), ('state', '=', 'posted')],
                ['property_budget_id', 'move_type'], ['amount_total:sum']):
                figures[budget.id, move_type] += amount
        for budget in self:
            budget.amount_charged = figures[budget.id, 'out_invoice']
            budget.amount_credited = figures[budget.id, 'out_refund']

    @api.depends('true_up_step', 'true_up_number')
    @api.depends_context('lang')
    def _compute_progress(self):
        """ Counted from what is done, never stored: right after a kill, too. """
        for budget in self:
            jobs = budget._get_jobs(
                (*LIVE_JOB_STATES, 'failed', 'done'), f'true-up-{budget.true_up_number}')
            done = jobs.filtered(lambda job: job.state == 'done')
            failed = jobs.filtered(lambda job: job.state == 'failed')
            budget.progress = 100 * len(done) / len(jobs) if jobs else 0
            budget.progress_text = self.env._(
                "%(done)s of %(total)s", done=len(done), total=len(jobs))
            budget.is_busy = bool(budget.true_up_step)
            budget.job_error = budget.true_up_step and failed[:1].exc_message

    # === ACTION METHODS === #

    def action_true_up(self):
        """ Show what each payer owes or gets back, to be posted from there. """
        self.ensure_one()
        self._check_manager()
        self._check_ready()
        return {
            'name': self.env._("True up %(budget)s", budget=self.name),
            'type': 'ir.actions.act_window',
            'res_model': 'property.budget.true.up',
            'view_mode': 'form',
            'target': 'new',
            'context': {'default_budget_id': self.id},
        }

    def action_take_back(self):
        """ Reverse the true-up: what it charged is credited, what it credited is charged. """
        self.ensure_one()
        self._check_manager()
        self._check_step('write', 'trued_up')
        self._check_idle()
        day = fields.Date.context_today(self)
        self._enqueue_true_up(
            'take_back', max(day, self.true_up_date), self.true_up_due_days, self._plan_true_up())

    def action_view_charges(self):
        """ What the true-up charged, and the advances that it credited. """
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id(
            'property_billing.property_charge_action')
        domain = [
            '|', ('budget_id', '=', self.id),
            ('receivable_line_id.matched_credit_ids.credit_move_id.move_id.property_budget_id',
             '=', self.id)]
        return {**action, 'domain': domain, 'context': {}}

    # === BUSINESS METHODS: CHECKS === #

    def _check_not_trued_up(self):
        for budget in self:
            if budget.true_up_date:
                raise UserError(self.env._(
                    "%(budget)s is trued up. Take that back first.", budget=budget.name))

    def _check_idle(self):
        if self.true_up_step:
            raise UserError(self.env._(
                "%(budget)s is being settled at this moment. Wait until that is done.",
                budget=self.name))

    def _touch(self):
        """ Of two who divide, cancel or settle its costs at the same time the second begins anew,
        and finds what the first has done.
        """
        self.env.cr.execute(SQL(
            "UPDATE property_budget SET write_date = write_date WHERE id = ANY(%s)", self.ids))

    def _check_ready(self):
        """ Whether all that was spent is divided, so that it can be settled. """
        self._check_step('write', 'approved', 'published', 'trued_up')
        self._check_idle()
        self._check_advances()
        if not self.currency_id.is_zero(self.amount_rest):
            raise UserError(self.env._(
                "%(amount)s of suppliers' bills are not divided yet. Divide the costs first.",
                amount=formatLang(self.env, self.amount_rest, currency_obj=self.currency_id)))
        if not self._get_costs():
            raise UserError(self.env._(
                "Nothing was spent for %(budget)s: enter its costs in the lines of the suppliers' "
                "bills, and divide them.", budget=self.name))

    # === BUSINESS METHODS: PLANNING === #

    def _get_costs(self):
        # sudo: the costs of all buildings count, whichever are the user's.
        return self.line_ids.sudo().cost_ids.filtered(lambda cost: cost.state == 'confirmed')

    def _plan_true_up(self, units=None):
        """ The year of each payer of each unit.

        The number of queries does not depend on the number of units.

        :param units: only of these
        :rtype: list[Account]
        """
        self.ensure_one()
        advances = self._read_advances(units)
        places = {cost: place for place, cost in enumerate(self._get_costs())}
        domain = Domain('shared_cost_id', 'in', [cost.id for cost in places])
        if units is not None:
            domain &= Domain('unit_id', 'in', units.ids)
        # sudo: as the costs that these are of. In the order in which the budget lists them.
        parts = self.env['property.fee.assignment'].sudo().search(domain).sorted(
            lambda part: places[part.shared_cost_id])
        planned = defaultdict(list)
        for part, subject in parts._get_subjects().items():
            planned[part.unit_id.id] += plan_period(subject, subject.start, subject.end)
        accounts = []
        for unit_id in dict.fromkeys([*advances, *planned]):
            of_unit, parts_of_unit = advances.get(unit_id, {}), planned[unit_id]
            before = {
                partner_id: sum((advance.net for advance in found), Decimal())
                for partner_id, found in of_unit.items()}
            differences = {
                difference.partner_id: difference
                for difference in compare(before, parts_of_unit)}
            payers = dict.fromkeys([*before, *(charge.partner_id for charge in parts_of_unit)])
            accounts += [
                Account(
                    unit_id, partner_id, of_unit.get(partner_id, []),
                    [charge for charge in parts_of_unit if charge.partner_id == partner_id],
                    differences.get(partner_id))
                for partner_id in payers]
        return accounts

    def _read_advances(self, units=None):
        """ What was charged ahead for the days of the budget, and what former true-ups charged and
        credited: `{unit id: {partner id: [Advance]}}`.

        What was passed to somebody else counts for him who owed it first.
        """
        self.env['property.charge'].flush_model()
        self.env['account.move.line'].flush_model()
        self.env['account.move'].flush_model(['move_type', 'property_budget_id'])
        start, end = self.date_start, self.date_end + ONE_DAY
        rows = self.env.execute_query(SQL(
            """
            SELECT charge.id, charge.unit_id, charge.partner_id, charge.passed_from_id,
                   charge.date_start, charge.date_end, charge.kind, charge.state, charge.amount,
                   credited.others, credited.own, credited.total
              FROM property_charge charge
        CROSS JOIN LATERAL (
                SELECT COALESCE(-SUM(line.balance), 0) AS total,
                       COALESCE(-SUM(line.balance) FILTER (
                           WHERE note.property_budget_id IS NULL), 0) AS others,
                       COALESCE(-SUM(line.balance) FILTER (
                           WHERE note.property_budget_id = %(budget)s), 0) AS own
                  FROM account_move_line line
                  JOIN account_move note ON note.id = line.move_id
                 WHERE line.property_charge_id = charge.id AND line.parent_state = 'posted'
                   AND line.display_type = 'payment_term' AND note.move_type = 'out_refund'
              ) credited
             WHERE charge.project_id = %(project)s AND %(units)s
               AND charge.state IN ('posted', 'reversed', 'closed')
               AND (charge.budget_id = %(budget)s
                    OR charge.kind IN ('recurring', 'temporary', 'opening', 'correction')
                   AND charge.fee_id = ANY(%(fees)s)
                   AND charge.date_start < %(end)s AND charge.date_end >= %(start)s)
          ORDER BY charge.unit_id, charge.date_start, charge.id
            """,
            budget=self.id, project=self.project_id.id, fees=self.advance_fee_ids.ids,
            start=start, end=end,
            units=SQL("TRUE") if units is None else SQL("charge.unit_id = ANY(%s)", units.ids)))
        # sudo: all payers count, whoever sees them.
        passed = self.env['property.charge'].sudo().browse(
            charge_id for charge_id, _unit, _partner, passed_from_id, *_others in rows
            if passed_from_id)
        first_owed_by = {
            charge.id: charge._get_first_owed().partner_id.id for charge in passed}
        advances = {}
        for (charge_id, unit_id, partner_id, passed_from_id, first, last, kind, state, amount,
             others, own, total) in rows:
            amount, others, own, total = map(exact, (amount, others, own, total))
            if passed_from_id:
                partner_id = first_owed_by[charge_id]
            net = amount - others
            if kind != 'true_up':
                net = net_in_days(net, first, last + ONE_DAY, start, end, CENT)
            net -= own
            left = Decimal() if state == 'closed' else amount - total
            if net or own:
                advances.setdefault(unit_id, {}).setdefault(partner_id, []).append(
                    Advance(charge_id, net, net if kind == 'true_up' else -own, left))
        return advances

    # === BUSINESS METHODS: SETTLING === #

    def _start_true_up(self, date, due_days, expected=None):
        """ Settle all payers, by jobs.

        :param date: of the bills and credit notes; in a closed month the first open day
        :param int due_days: days to pay
        :param dict expected: the amounts that the user was shown, by `Account.key`
        """
        self.ensure_one()
        self._check_manager()
        self._check_ready()
        accounts = [account for account in self._plan_true_up() if account.amount]
        if expected is not None and expected != {a.key: a.amount for a in accounts}:
            raise UserError(self.env._(
                "Something of %(budget)s was changed since you opened the page. Close it and start "
                "again.", budget=self.name))
        self._enqueue_true_up('true_up', date, due_days, accounts)

    def _enqueue_true_up(self, step, date, due_days, accounts):
        self.company_id._get_property_bill_journal()  # or the jobs would fail, one by one
        number = self.true_up_number + 1
        self._set_step(
            self.state, true_up_step=step, true_up_date=date, true_up_due_days=due_days,
            true_up_number=number)
        unit_ids = sorted({account.unit_id for account in accounts})
        for ids in split_every(UNITS_PER_JOB, unit_ids, list):
            self._delay(f'true-up-{number}', ids)._job_true_up(ids, number)
        if not unit_ids:
            self._job_finish_true_up(number)

    def _job_true_up(self, unit_ids, number):
        """ Settle the payers of one slice of units: one transaction, all of them or none. """
        if self.true_up_number != number or not self.true_up_step:
            return
        # sudo: who may was checked when the job was made; no accounting group is needed.
        budget_sudo = self.sudo()
        units_sudo = budget_sudo.env['property.unit'].browse(unit_ids)
        if self.true_up_step == 'take_back':
            budget_sudo._take_back(units_sudo)
        else:
            budget_sudo._true_up(units_sudo)
        self._delay(f'finish-{number}', unit_ids)._job_finish_true_up(number)

    def _job_finish_true_up(self, number):
        """ The slice that commits last finds no other at work. """
        if self.true_up_number != number or not self.true_up_step or self._get_jobs(
                (*LIVE_JOB_STATES, 'failed'), f'true-up-{number}'):
            return
        if self.true_up_step == 'true_up':
            self._set_step('trued_up', true_up_step=False)
        else:
            self._set_step(
                'published' if self.published_on else 'approved', true_up_step=False,
                true_up_date=False)

    def _true_up(self, units):
        """ Charge and credit the payers of these units what differs now. """
        self._touch_advances(units)
        accounts = [account for account in self._plan_true_up(units) if account.amount]
        unpaid = [account for account in accounts if not account.partner_id]
        accounts = [account for account in accounts if account.partner_id]
        Charge = self.env['property.charge']
        self._settle(
            Charge.create([
                self._prepare_true_up_vals(account) for account in accounts if account.amount > 0]),
            self._get_credits([account for account in accounts if account.amount < 0]))
        if unpaid:
            self.message_post(body=self.env._(
                "Nobody pays for %(units)s on some days: what falls to them is settled by the next "
                "true-up after a payer is entered.", units=self.env['property.unit'].browse(
                    account.unit_id for account in unpaid).mapped('complete_name')))

    def _touch_advances(self, units):
        """ Let nobody else credit or correct these at the same time: the second begins anew. """
        self.env['property.charge'].search([
            ('unit_id', 'in', units.ids), ('project_id', '=', self.project_id.id),
            ('state', '=', 'posted'), '|', ('budget_id', '=', self.id),
            '&', '&', ('fee_id', 'in', self.advance_fee_ids.ids),
            ('date_start', '<=', self.date_end), ('date_end', '>=', self.date_start)])._touch()

    def _settle(self, charges, credits):
        """ Post the bills of charges, and credit of others what is to be credited. """
        reason, date = self._get_reason(), self.true_up_date
        credited = self.env['property.charge'].browse(credits)
        notes = credited._credit(reason, date, credits)
        # What their days cost is settled by the true-up: no run charges them again.
        credited.is_corrected = True
        bills = charges._create_bills(date) if charges else notes.browse()
        (notes + bills).sudo().property_budget_id = self
        bills.sudo()._publish_property_bills()

    def _get_reason(self):
        return self.env._("True-up of %(budget)s", budget=self.name)

    def _prepare_true_up_vals(self, account):
        """ The values of the charge for what a payer owes beyond his advances. """
        own = self.env['property.charge'].browse(
            [advance.charge_id for advance in account.advances])
        start = min((charge.start for charge in account.planned), default=self.date_start)
        end = max((charge.end for charge in account.planned), default=self.date_end + ONE_DAY)
        fee = own.fee_id.filtered('active')[:1] or self.advance_fee_ids[:1]
        return {
            'kind': 'true_up',
            'budget_id': self.id,
            'unit_id': account.unit_id,
            'fee_id': fee.id,
            'partner_id': account.partner_id,
            'date_start': start,
            'date_end': end - ONE_DAY,
            'date_due': fields.Date.add(self.true_up_date, days=self.true_up_due_days),
            'amount': account.amount,
            'explanation': complete(explain_true_up(
                self.id, self.name, account.paid_ahead, own.ids,
                [charge.explanation for charge in account.planned], start, end, CENT)),
        }

    def _get_credits(self, accounts):
        """ What is credited of which charge id: what is still owed first, the newest first.

        :raises UserError: a payer gets back more than his charges have left
        """
        charges = self.env['property.charge'].browse(
            advance.charge_id for account in accounts for advance in account.advances)
        residuals = {charge.id: charge.amount_residual for charge in charges}
        credits = {}
        for account in accounts:
            rest = -account.difference.amount
            for advance in sorted(account.advances, key=lambda advance: (
                    residuals[advance.charge_id] <= 0, -advance.charge_id)):
                amount = min(rest, advance.left)
                if amount > 0:
                    credits[advance.charge_id] = float(amount)
                    rest -= amount
            if rest:
                partner = self.env['res.partner'].browse(account.partner_id)
                unit = self.env['property.unit'].browse(account.unit_id)
                raise UserError(self.env._(
                    "%(payer)s, %(unit)s, is to get back %(amount)s more than is left of his "
                    "charges for these days: he paid it before this system, or a credit note "
                    "took it back. Pay it out to him, charge the same amount for these days as a "
                    "temporary charge, and settle that with it.",
                    payer=partner.name, unit=unit.complete_name,
                    amount=formatLang(self.env, float(rest), currency_obj=self.currency_id)))
        return credits

    def _take_back(self, units):
        """ Undo what true-ups of this budget have done for these units: all sums are zero then. """
        self._touch_advances(units)
        reason = self._get_reason()
        Charge = self.env['property.charge']
        again, credits = [], {}
        recharged = defaultdict(Decimal)
        advances = [
            advance for of_unit in self._read_advances(units).values()
            for found in of_unit.values() for advance in found]
        charges = Charge.browse(advance.charge_id for advance in advances)
        for charge, advance in zip(charges, advances, strict=True):
            if charge.kind == 'true_up' and charge.origin_charge_id:
                recharged[charge.origin_charge_id] += advance.left
        notes = self._read_own_credits(charges)
        for charge, advance in zip(charges, advances, strict=True):
            if charge.kind == 'true_up':
                if not charge.origin_charge_id and advance.left:
                    credits[charge.id] = float(advance.left)
                continue
            amount = notes.get(charge.id, Decimal()) - recharged[charge]
            if amount > 0:
                again.append({
                    'kind': 'true_up',
                    'budget_id': self.id,
                    'origin_charge_id': charge.id,
                    'unit_id': charge.unit_id.id,
                    'fee_id': charge.fee_id.id,
                    'partner_id': charge.partner_id.id,
                    'date_start': charge.date_start,
                    'date_end': charge.date_end,
                    'date_due': fields.Date.add(self.true_up_date, days=self.true_up_due_days),
                    'amount': float(amount),
                    'explanation': explain_once(
                        Decimal(1), amount, CENT,
                        self.env._("Taken back: %(what)s", what=reason)),
                })
        self._settle(Charge.create(again), credits)

    def _read_own_credits(self, charges):
        """ What true-ups of this budget have credited of these: `{charge id: amount}`. """
        return {
            charge.id: Decimal(repr(-balance))
            for charge, balance in self.env['account.move.line']._read_group(
                [('property_charge_id', 'in', charges.ids), ('display_type', '=', 'payment_term'),
                 ('parent_state', '=', 'posted'), ('move_type', '=', 'out_refund'),
                 ('move_id.property_budget_id', '=', self.id)],
                ['property_charge_id'], ['balance:sum'])}


class AccountMove(models.Model):
    _inherit = 'account.move'

    property_budget_id = fields.Many2one(
        'property.budget', string="True-up of", index='btree_not_null', ondelete='restrict',
        copy=False, readonly=True)


class PropertyCharge(models.Model):
    """ What a payer owes beyond his advances. """
    _inherit = 'property.charge'

    kind = fields.Selection(selection_add=[('true_up', "True-up")], ondelete={'true_up': 'cascade'})
    budget_id = fields.Many2one(
        'property.budget', string="Budget", index='btree_not_null', ondelete='restrict',
        readonly=True, help="Whose true-up it is of.")

    def _get_origin_text(self):
        """ A true-up is not taken for the fee of a whole year. """
        if self.kind != 'true_up':
            return super()._get_origin_text()
        # sudo: who reads the charge may know what it is of.
        return self.budget_id.sudo()._get_reason()

    def _render_true_up(self, explanation):
        """ Each cost with the payer's part of it, and what he has paid ahead. """
        true_up = explanation['true_up']
        lines = [line for part in true_up['parts'] for line in self._render_shape(part)]
        return [*lines, self.env._(
            "%(cost)s less %(advances)s charged ahead: %(amount)s",
            cost=plain(sum(map(recompute, true_up['parts']))), advances=plain(true_up['advances']),
            amount=plain(explanation['amount']))]


class PropertyBillRun(models.Model):
    _inherit = 'property.bill.run'

    def _check_undo(self):
        """ Override: what a year's advances came to is settled. """
        super()._check_undo()
        # sudo: a budget that is settled counts, whoever sees it.
        budgets_sudo = self.env['property.budget'].sudo().search([
            ('project_id', '=', self.project_id.id), ('true_up_date', '!=', False)])
        for budget_sudo in budgets_sudo:
            if self.env['property.charge'].search_count([
                ('run_id', '=', self.id), ('state', '=', 'posted'),
                ('fee_id', 'in', budget_sudo.advance_fee_ids.ids),
                ('date_start', '<=', budget_sudo.date_end),
                ('date_end', '>=', budget_sudo.date_start)], limit=1,
            ):
                raise UserError(self.env._(
                    "Advances of %(run)s are trued up by %(budget)s. Take that true-up back first.",
                    run=self.name, budget=budget_sudo.name))
