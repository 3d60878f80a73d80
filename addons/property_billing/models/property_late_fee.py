from decimal import Decimal
from typing import NamedTuple

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.late_fee import Days, accrue
from .property_charge_explanation import plain


class Principal(NamedTuple):
    """ What the journal says of an overdue charge, as the engine wants it. """
    amount: Decimal
    residuals: list  # what was owed at the end of each day on which that changed
    paid_on: object  # the last day on which something of it was paid
    issued: Decimal  # late fees charged so far, waivers included
    issued_until: object  # the first day that none was charged for


class Accrual(NamedTuple):
    """ What is due of a charge's late fees for the days before `until`, or was charged too much.

    Only one of the two: an explanation, or an amount.
    """
    charge: object
    until: object
    explanation: dict | None
    excess: Decimal = Decimal()


class PropertyCharge(models.Model):
    """ Late fees (违约金): charges of their own for the days that others are overdue.

    Nothing is stored by day: each accrual reads the history of residuals from the journal, counts
    all days from the first and takes off what was charged (decisions 6, 19 and 35).
    """
    _inherit = 'property.charge'

    late_fee_ids = fields.One2many(
        'property.charge', 'origin_charge_id', string="Late fees",
        domain=[('kind', '=', 'late_fee')],
    )
    amount_waived = fields.Monetary(
        string="Waived", readonly=True, copy=False,
        help="Credited as a favour. It counts as charged, so that it does not come back.",
    )

    _late_days_once = models.Constraint(
        "EXCLUDE USING gist (origin_charge_id WITH =, "
        "daterange(date_start, date_end, '[]') WITH &&) "
        # The rest of a late fee that another payer owes now is not one of its own.
        "WHERE (kind = 'late_fee' AND state = 'posted' AND explanation -> 'late' IS NOT NULL)",
        "A late fee for some of these days was posted at this very moment. Try again.",
    )

    # === ACTION METHODS === #

    def action_issue_late_fees(self):
        """ Bill what has accrued on these charges up to yesterday, e.g. before they are paid. """
        is_officer = self.env.user.has_group('property_billing.group_billing_officer')
        if not self.env.su and not is_officer:
            raise AccessError(self.env._("You are not allowed to charge late fees."))
        self.check_access('write')
        # sudo: the right and the charges are checked above.
        issued = self.sudo()._issue_late_fees(fields.Date.context_today(self))
        if not issued:
            raise UserError(self.env._(
                "There is no late fee to charge: nothing is overdue longer than the days of grace, "
                "the project has no late-fee terms, or all is charged up to yesterday."))
        return self._get_late_fee_action(issued)

    @api.model
    def action_review_late_fees(self):
        """ Late fees that the journal, as it is now, does not bear out: a payment was dated back
        or taken off, a dispute came in late, or what they were for was reversed.
        """
        late_fees = self.search([
            ('kind', '=', 'late_fee'), ('state', '=', 'posted'), ('amount_residual', '>', 0)])
        # sudo: what the late fees that the user sees were for.
        excess_sudo = late_fees.origin_charge_id.sudo()._get_late_fee_excess()
        return self._get_late_fee_action(late_fees.filtered(
            lambda charge: charge.origin_charge_id in excess_sudo), review=True)

    def _get_late_fee_action(self, late_fees, review=False):
        action = self.env['ir.actions.act_window']._for_xml_id(
            'property_billing.property_charge_action_late_fees')
        if review:
            action['display_name'] = self.env._("Late fees to review")
        return {**action, 'domain': [('id', 'in', late_fees.ids)], 'context': {}}

    def action_take_back_late_fees(self):
        """ Credit what was charged too much, see `action_review_late_fees`. """
        is_manager = self.env.user.has_group('property_billing.group_billing_manager')
        if not self.env.su and not is_manager:
            raise AccessError(self.env._("You are not allowed to take back late fees."))
        self.check_access('write')
        # sudo: the right and the charges are checked above.
        principals_sudo = self.sudo().origin_charge_id
        principals_sudo._credit_late_fee_excess(principals_sudo._get_late_fee_excess(), self)

    # === BUSINESS METHODS === #

    @api.model
    def _get_late_fee_domain(self):
        """ Charges on which late fees can accrue. """
        return Domain('state', '=', 'posted') & Domain('kind', '!=', 'late_fee') & Domain(
            'fee_id.nature', '!=', 'deposit')

    def _read_principals(self):
        """ What the journal says of these charges: `{charge id: Principal}`, in one query.

        What a credit note takes back was never owed, so it counts from the due date on. What comes
        of the credit note of another charge is money.
        """
        self.env['account.partial.reconcile'].flush_model()
        self.env['account.move.line'].flush_model()
        self.env['property.charge'].flush_model()
        return {
            charge_id: Principal(
                Decimal(amount),
                list(zip(days or (), map(Decimal, residuals or ()), strict=True)),
                paid_on, Decimal(issued), issued_until)
            for charge_id, amount, days, residuals, paid_on, issued, issued_until
            in self.env.execute_query(SQL(
                """
                SELECT principal.id, principal.amount::text, history.days, history.residuals,
                       history.paid_on, issued.amount::text, issued.until
                  FROM property_charge principal
          JOIN LATERAL (
                    SELECT array_agg(day ORDER BY day) AS days,
                           array_agg(residual::text ORDER BY day) AS residuals,
                           MAX(paid_on) AS paid_on
                      FROM (
                        SELECT day, MAX(paid_on) AS paid_on,
                               principal.amount - SUM(SUM(amount)) OVER (ORDER BY day) AS residual
                          FROM (
                            SELECT partial.amount, note.paid_on,
                                   COALESCE(note.paid_on, principal.date_due) AS day
                              FROM account_partial_reconcile partial
                              JOIN account_move_line credit ON credit.id = partial.credit_move_id
                              JOIN account_move move ON move.id = credit.move_id,
                           LATERAL (
                                SELECT CASE WHEN move.move_type != 'out_refund'
                                              OR credit.property_charge_id != principal.id
                                            THEN credit.date END AS paid_on
                              ) AS note
                             WHERE partial.debit_move_id = principal.receivable_line_id
                          ) AS partials
                      GROUP BY day
                      ) AS by_day
                  ) AS history ON TRUE
          JOIN LATERAL (
                    SELECT COALESCE(SUM(late.amount + COALESCE(late.amount_waived, 0)
                                        + COALESCE(credited.balance, 0)), 0) AS amount,
                           MAX(late.date_end) FILTER (
                               WHERE late.state = 'posted' OR late.amount_waived > 0) + 1 AS until
                      FROM property_charge late
             LEFT JOIN LATERAL (
                        SELECT SUM(line.balance) AS balance
                          FROM account_move_line line
                         WHERE line.property_charge_id = late.id
                           AND line.display_type = 'payment_term'
                           AND line.parent_state = 'posted'
                           AND line.move_id != late.move_id
                      ) AS credited ON TRUE
                     WHERE late.origin_charge_id = principal.id AND late.kind = 'late_fee'
                       AND late.state IN ('posted', 'reversed')
                  ) AS issued ON TRUE
                 WHERE principal.id = ANY(%s)
                """, self.ids))
        }

    def _get_late_terms(self):
        """ The terms of each of these charges, those of its fee before those of any fee. """
        terms = self.env['property.late.fee.term']._get_late_terms(self.project_id)
        by_charge = {
            charge: terms.get((charge.project_id.id, charge.fee_id.id), [])
            + terms.get((charge.project_id.id, False), [])
            for charge in self if charge.company_id.property_late_fee_id
        }
        return {charge: of_charge for charge, of_charge in by_charge.items() if of_charge}

    def _accrue_late_fees(self, until=None):
        """ Count the late fees of these charges again, in as many queries for one as for all.

        :param until: days before it count; without it, those before the last payment, and in any
            case all that were charged for before
        :rtype: list[Accrual]
        """
        terms = self._get_late_terms()
        charges = self.filtered(lambda charge: charge in terms)
        principals = charges._read_principals()
        disputed = charges._get_disputed_days()
        accruals = []
        for charge in charges:
            principal = principals[charge.id]
            days = [day for day in (until or principal.paid_on, principal.issued_until) if day]
            if not days:
                continue
            day = max(days)
            rounding = Decimal(charge.company_id.property_late_fee_id.rounding)
            history = (
                principal.amount, principal.residuals, charge.date_due, terms[charge],
                [Days(*days) for days in disputed.get(charge, ())], day)
            explanation = accrue(*history, principal.issued, principal.issued_until, rounding)
            if explanation:
                accruals.append(Accrual(charge, day, explanation))
            elif principal.issued:
                total = accrue(*history, Decimal(), None, rounding)
                excess = principal.issued - (Decimal(total['amount']) if total else 0)
                if excess:
                    accruals.append(Accrual(charge, day, None, excess))
        return accruals

    def _issue_late_fees(self, until=None):
        """ Bill what is due of these charges' late fees, and credit what was charged too much.

        A payment is never refused for its late fee: where that cannot be billed, the bill of the
        principal says why, and an officer does it, or the next run where something is still owed.

        :param until: as in `_accrue_late_fees`
        :return: the posted late fees
        """
        accruals = self._accrue_late_fees(until)
        # Of two at once the second begins anew, and sees the late fees of the first.
        self.union(*(accrual.charge for accrual in accruals))._touch()
        self._credit_late_fee_excess(
            {accrual.charge: accrual.excess for accrual in accruals if accrual.excess})
        late_fees = self.browse()
        due = [accrual for accrual in accruals if accrual.explanation]
        for day in sorted({accrual.until for accrual in due}):
            of_day = [accrual for accrual in due if accrual.until == day]
            try:
                with self.env.cr.savepoint():
                    late_fees += self._bill_late_fees(of_day, day)
            except UserError as error:
                for accrual in of_day:
                    accrual.charge.move_id.message_post(body=self.env._(
                        "The late fee of %(charge)s could not be billed: %(error)s",
                        charge=accrual.charge.display_name, error=str(error)))
        return late_fees

    def _bill_late_fees(self, accruals, date_invoice):
        late_fees = self.create([
            {**accrual.charge._prepare_late_fee_vals(accrual.explanation), 'date_due': date_invoice}
            for accrual in accruals
        ])
        bills = late_fees._create_bills(date_invoice)
        bills.filtered(lambda bill: any(
            bill.line_ids.property_charge_id.origin_charge_id.move_id.mapped(
                'property_published_at')))._publish_property_bills()
        return late_fees

    def _prepare_late_fee_vals(self, explanation):
        """ The late fee of this charge; its period is the days that none was charged for yet. """
        self.ensure_one()
        late = explanation['late']
        ranges = late['ranges']
        start = fields.Date.to_date(late['issued_until'] or ranges[0]['start'])
        return {
            'kind': 'late_fee',
            'origin_charge_id': self.id,
            'unit_id': self.unit_id.id,
            'partner_id': self.partner_id.id,
            'fee_id': self.company_id.property_late_fee_id.id,
            'date_start': start,
            'date_end': max(start, fields.Date.to_date(ranges[-1]['end'])),
            'amount': float(explanation['amount']),
            'explanation': explanation,
        }

    # === TAKING BACK === #

    def _get_late_fee_excess(self):
        """ What was charged too much of these charges' late fees: `{charge: amount}`. """
        undone = self.filtered(lambda charge: charge.state == 'reversed')
        # What somebody else owes now was owed before, too.
        undone -= self.search([('passed_from_id', 'in', undone.ids)]).passed_from_id
        today = fields.Date.context_today(self)
        return {
            self.browse(charge_id): principal.issued
            for charge_id, principal in undone._read_principals().items() if principal.issued
        } | {
            accrual.charge: accrual.excess
            for accrual in self.filtered(
                lambda charge: charge.state == 'posted')._accrue_late_fees(today)
            if accrual.excess
        }

    def _credit_late_fee_excess(self, excess, late_fees=None):
        """ Credit it on the newest late fees that are still owed.

        :param dict excess: what `_get_late_fee_excess` gives
        :param late_fees: those to which this is confined
        """
        amounts = {}
        for charge, amount in excess.items():
            for late_fee in charge.late_fee_ids.filtered(
                lambda fee: fee.state == 'posted' and (not late_fees or fee in late_fees),
            ).sorted('date_end', reverse=True):
                part = min(amount, Decimal(repr(late_fee.amount_residual)))
                if part > 0:
                    amounts[late_fee.id] = float(part)
                    amount -= part
        self.browse(amounts)._credit(
            self.env._("Fewer days in arrears than were charged"), amounts=amounts)

    def _waive_late_fees(self, reason, amounts=None):
        """ Credit late fees as a favour (减免): they count as charged and do not come back.

        :param dict amounts: how much of which charge id; without it, all that is still owed
        :return: the posted credit notes
        """
        if not self.env.su and not self.env.user.has_group(
                'property_billing.group_late_fee_waive'):
            raise AccessError(self.env._("You are not allowed to waive late fees."))
        self._check_write_scope()
        # sudo: the right and the charges are checked above.
        charges_sudo = self.sudo()
        for charge in charges_sudo:
            if charge.kind != 'late_fee':
                raise UserError(self.env._(
                    "%(charge)s is no late fee.", charge=charge.display_name))
        charges_sudo._lock_receivables()
        amounts = amounts or {charge.id: charge.amount_residual for charge in charges_sudo}
        for charge in charges_sudo:
            amount = amounts.get(charge.id, 0)
            if amount <= 0 or charge.currency_id.compare_amounts(
                    amount, charge.amount_residual) > 0:
                raise UserError(self.env._(
                    "%(charge)s: %(amount)s cannot be waived, %(residual)s are still owed.",
                    charge=charge.display_name, amount=charge.currency_id.format(amount),
                    residual=charge.currency_id.format(charge.amount_residual)))
            charge.amount_waived += amount
        return charges_sudo._credit(reason, amounts=amounts)

    # === THE BILL AND WHAT IT SAYS === #

    def _get_origin_text(self):
        """ A late fee says what it is for. """
        if self.kind != 'late_fee':
            return super()._get_origin_text()
        # sudo: who reads the late fee may know what it is for.
        return self.origin_charge_id.sudo()._get_bill_label(with_unit=False)

    def _prepare_bill_line_vals(self, with_unit, date_invoice):
        """ The tax of a late fee is that of its principal (decision 19). """
        vals = super()._prepare_bill_line_vals(with_unit, date_invoice)
        if self.kind == 'late_fee':
            # Line by line, which reads the taxes of all bills at once.
            taxes = next(
                line.tax_ids for line in self.origin_charge_id.move_id.invoice_line_ids
                if line.property_charge_id == self.origin_charge_id)
            vals['tax_ids'] = [Command.set(taxes.ids if self.fee_id.nature == 'income' else [])]
        return vals

    def _leave_out_changed(self):
        """ Late fees whose principal was paid, disputed or reversed since the preview, too. """
        changed = super()._leave_out_changed()
        late_fees = self.filtered(lambda charge: charge.kind == 'late_fee')
        for run, of_run in late_fees.grouped('run_id').items():
            principals = of_run.origin_charge_id
            run._lock_slice(principals.receivable_line_id)
            principals._touch()
            now = {
                accrual.charge: accrual.explanation
                for accrual in principals.filtered(
                    lambda charge: charge.state == 'posted',
                )._accrue_late_fees(run._get_late_fee_end())
            }
            for charge in of_run:
                explanation = now.get(charge.origin_charge_id)
                if explanation != charge.explanation:
                    changed += charge
                    charge._leave_out('changed', {
                        'text': 'other_late_fee', 'then': f'{charge.amount:.2f}',
                        'now': explanation['amount'] if explanation else '0.00'})
        return changed

    @api.model
    def _get_reason_texts(self):
        return {
            **super()._get_reason_texts(),
            'other_late_fee': self.env._(
                "It would now be %(now)s instead of %(then)s, because of a payment, a dispute or "
                "new terms since the preview."),
        }

    def _render_late(self, explanation):
        """ The days of a late fee, and what was charged of them before. """
        late = explanation['late']
        # sudo: as in `_get_origin_text`.
        origin = self.origin_charge_id.sudo()
        lines = [self.env._(
            "For %(fee)s %(period)s: %(amount)s, due on %(due)s",
            fee=origin.fee_id.name, period=origin._get_period_text(),
            amount=plain(late['principal']), due=late['due'])]
        totals = []
        for days in late['ranges']:
            cost = Decimal(days['residual']) * Decimal(days['percent']) / 100 * days['days']
            totals.append(cost)
            lines.append(self.env._(
                "%(start)s ~ %(end)s: %(owed)s × %(percent)s %% × %(days)s days = %(cost)s",
                start=days['start'], end=days['end'], owed=plain(days['residual']),
                percent=plain(days['percent']), days=days['days'], cost=plain(cost)))
        total = sum(totals)
        cap = Decimal(late['principal']) * Decimal(late['cap']) / 100
        if total > cap:
            lines.append(self.env._(
                "Together %(total)s, at most %(percent)s %% of %(principal)s: %(cap)s",
                total=plain(total), percent=plain(late['cap']),
                principal=plain(late['principal']), cap=plain(cap)))
        elif len(totals) > 1:
            lines.append(self.env._("Together %(total)s", total=plain(total)))
        if Decimal(late['issued']):
            lines.append(self.env._(
                "Less what was charged before: %(issued)s", issued=plain(late['issued'])))
        amount = plain(explanation['amount'])
        if Decimal(late['issued']) or plain(min(total, cap)) != amount:
            lines[-1] += f' → {amount}'
        return lines

    def _render_late_fees(self):
        """ How each of several late fees is counted, in one sentence; of a single one, nothing. """
        return [charge._render_late_briefly() for charge in self] if len(self) > 1 else []

    def _render_late_briefly(self):
        late = (self.explanation or {}).get('late')
        if not late:  # the rest of one that was passed on
            return ' '.join(self._render_explanation())
        # sudo: as in `_get_origin_text`.
        origin = self.origin_charge_id.sudo()
        counted = ' + '.join(
            self.env._(
                "%(owed)s × %(percent)s %% × %(days)s days", owed=plain(days['residual']),
                percent=plain(days['percent']), days=days['days'])
            for days in late['ranges'])
        if Decimal(late['issued']):
            counted += f" − {plain(late['issued'])}"
        return self.env._(
            "%(fee)s %(period)s, due on %(due)s: %(counted)s → %(amount)s",
            fee=origin.fee_id.name, period=origin._get_period_text(), due=late['due'],
            counted=counted, amount=plain(self.explanation['amount']))

    def _get_explanation_facts(self):
        facts = super()._get_explanation_facts()
        if late := (self.explanation or {}).get('late'):
            facts += [
                (self.env._("Days of grace"), late['grace']),
                (self.env._("At most"), self.env._(
                    "%(percent)s %% of %(amount)s",
                    percent=plain(late['cap']), amount=plain(late['principal']))),
                (self.env._("Rounded to"), self.explanation['rounding']),
            ]
        return facts
