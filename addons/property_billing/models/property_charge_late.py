from decimal import Decimal
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.late_fee import Days, LateTerms, accrue
from ..tools.periods import ONE_DAY


class Principal(NamedTuple):
    """ What the journal says of an overdue charge, as the engine wants it. """
    amount: Decimal
    residuals: list  # what was owed at the end of each day on which that changed
    paid_on: object  # the last day on which something of it was paid
    issued: Decimal  # late fees charged so far, waivers included
    issued_until: object  # the first day that none was charged for


class PropertyCharge(models.Model):
    """ Late fees (违约金): charges of their own for the days that others are overdue.

    Nothing is stored by day: each accrual reads the history of residuals from the journal, counts
    all days from the first and takes off what was charged (decisions 6, 19 and 35).
    """
    _inherit = 'property.charge'

    late_fee_ids = fields.One2many(
        'property.charge', 'origin_charge_id', string="Late fees",
        domain=[('kind', '=', 'late_fee')], groups='property_billing.group_billing_user',
    )
    amount_waived = fields.Monetary(
        string="Waived", readonly=True, copy=False,
        help="Credited as a favour. It counts as charged, so that it does not come back.",
    )

    _late_days_once = models.Constraint(
        "EXCLUDE USING gist (origin_charge_id WITH =, "
        "daterange(date_start, date_end, '[]') WITH &&) "
        "WHERE (kind = 'late_fee' AND state = 'posted')",
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
        excess = late_fees.origin_charge_id.sudo()._get_late_fee_excess()
        return self._get_late_fee_action(late_fees.filtered(
            lambda charge: charge.origin_charge_id.id in excess), review=True)

    def _get_late_fee_action(self, late_fees, review=False):
        action = self.env['ir.actions.act_window']._for_xml_id(
            'property_billing.property_charge_action_late_fees')
        if review:
            action['name'] = self.env._("Late fees to review")
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

        What a credit note takes back was never owed, so it counts from the due date on.
        """
        self.env['account.partial.reconcile'].flush_model()
        self.env['account.move.line'].flush_model()
        self.env['property.charge'].flush_model()
        return {
            charge_id: Principal(
                Decimal(amount),
                [(day, Decimal(owed)) for day, owed in zip(days or (), residuals or (), strict=True)],
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
                                SELECT CASE WHEN move.move_type != 'out_refund' THEN credit.date END
                                       AS paid_on
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
        return terms and {
            charge: of_charge for charge in self
            if (of_charge := terms.get((charge.project_id.id, charge.fee_id.id), [])
                + terms.get((charge.project_id.id, False), []))
        }

    def _get_suspended_days(self):
        """ Days on which no late fee accrues: `{charge id: [Days]}`. """
        return {}

    def _accrue_late_fees(self, until=None):
        """ Count the late fees of these principals again, in as many queries for one as for all.

        :param until: days before it count; without it, those before the last payment
        :return: what is to be charged, as explanations, and what was charged too much
        :rtype: tuple[dict, dict]
        """
        due, excess = {}, {}
        if not (terms := self._get_late_terms()):
            return due, excess
        charges = self.union(*terms)
        principals = charges._read_principals()
        suspended = charges._get_suspended_days()
        for charge in charges:
            principal = principals[charge.id]
            rounding = Decimal(charge.company_id.property_late_fee_id.rounding or '0.01')
            day = until or principal.paid_on
            if not day:
                continue

            def count(issued, charge=charge, principal=principal, rounding=rounding, day=day):
                return accrue(
                    principal.amount, principal.residuals, charge.date_due, terms[charge],
                    suspended.get(charge.id, ()), day, issued, principal.issued_until, rounding)

            if explanation := count(principal.issued):
                due[charge] = explanation
            elif principal.issued:
                total = count(Decimal())
                too_much = principal.issued - (Decimal(total['amount']) if total else 0)
                if too_much > 0:
                    excess[charge] = float(too_much)
        return due, excess
