import logging
import random
from decimal import Decimal

from odoo import api, models
from odoo.tools import SQL

from ..tools.explanation import recompute

# Explanations are recomputed in slices, so that a million of them need no memory.
CHARGES_PER_SLICE = 10000
# How many numbers the nightly check draws; those that no posted charge has are blanks.
SAMPLE = 5000
DIFFERENT_AMOUNT = 'property_billing.mail_activity_type_different_amount'

_logger = logging.getLogger(__name__)


def _recompute(explanation):
    """ The amount that an explanation gives; None where it gives none, since it is damaged. """
    try:
        return recompute(explanation)
    except (ArithmeticError, LookupError, TypeError, ValueError):
        return None


def _is_different(amount, explanation):
    return _recompute(explanation) != Decimal(repr(amount))


class PropertyDoctor(models.AbstractModel):
    """ The invariants of the books: journal, charges, bills, prepayments. """
    _inherit = 'property.doctor'

    def _get_checks(self):
        return [
            *super()._get_checks(),
            *self._check_trial_balances(),
            *self._check_bills(),
            *self._check_residuals(),
            *self._check_receivable_accounts(),
            *self._check_prepayments(),
            *self._check_explanations(),
            *self._check_periods(),
            *self._check_reversals(),
            *self._check_late_fees(),
        ]

    def _check_trial_balances(self):
        """ Every entry balances, and so does every company. """
        checks = [
            (self.env._("Trial balance of %(company)s: debit, credit", company=name), debit, credit)
            for name, debit, credit in self.env.execute_query(SQL("""
                SELECT company.name, SUM(line.debit), SUM(line.credit)
                  FROM account_move_line line
                  JOIN res_company company ON company.id = line.company_id
                 WHERE line.parent_state = 'posted'
              GROUP BY company.id
              ORDER BY company.id
            """))
        ]
        [[unbalanced]] = self.env.execute_query(SQL("""
            SELECT COUNT(*) FROM (
                SELECT move_id FROM account_move_line
                 WHERE parent_state = 'posted'
              GROUP BY move_id HAVING SUM(balance) != 0
            ) AS unbalanced
        """))
        return [*checks, (self.env._("Entries that do not balance, none"), unbalanced, 0)]

    def _check_bills(self):
        """ A charge, its line on the bill and its receivable item say the same amount. """
        [[charged, billed, owed, different]] = self.env.execute_query(SQL("""
            SELECT COALESCE(SUM(charge.amount), 0), COALESCE(SUM(product.price_total), 0),
                   COALESCE(SUM(receivable.balance), 0),
                   COUNT(*) FILTER (WHERE product.price_total IS DISTINCT FROM charge.amount
                                       OR receivable.balance IS DISTINCT FROM charge.amount
                                       OR receivable.property_charge_id IS DISTINCT FROM charge.id
                                       OR move.partner_id IS DISTINCT FROM charge.partner_id)
              FROM property_charge charge
         LEFT JOIN account_move move ON move.id = charge.move_id
         LEFT JOIN account_move_line receivable ON receivable.id = charge.receivable_line_id
         LEFT JOIN account_move_line product
                ON product.property_charge_id = charge.id
               AND product.move_id = charge.move_id
               AND product.display_type = 'product'
             WHERE charge.state IN ('posted', 'reversed')
        """))
        return [
            (self.env._("Posted charges, their lines on the bills"), charged, billed),
            (self.env._("Posted charges, their receivable items"), charged, owed),
            (self.env._("Charges that differ from their bill, none"), different, 0),
        ]

    def _check_residuals(self):
        """ What is owed: the amount less what is matched, the receivable items, the bills. """
        [[matched, residual, different]] = self.env.execute_query(SQL("""
            SELECT COALESCE(SUM(owed), 0), COALESCE(SUM(amount_residual), 0),
                   COUNT(*) FILTER (WHERE owed IS DISTINCT FROM amount_residual)
              FROM (
                SELECT receivable.amount_residual,
                       charge.amount
                       - COALESCE((SELECT SUM(amount) FROM account_partial_reconcile
                                    WHERE debit_move_id = receivable.id), 0)
                       + COALESCE((SELECT SUM(amount) FROM account_partial_reconcile
                                    WHERE credit_move_id = receivable.id), 0) AS owed
                  FROM property_charge charge
             LEFT JOIN account_move_line receivable ON receivable.id = charge.receivable_line_id
                 WHERE charge.state IN ('posted', 'reversed')
              ) AS charges
        """))
        [[items, bills, different_bills]] = self.env.execute_query(SQL("""
            SELECT COALESCE(SUM(items), 0), COALESCE(SUM(residual), 0),
                   COUNT(*) FILTER (WHERE items != residual)
              FROM (
                SELECT move.amount_residual AS residual,
                       SUM(receivable.amount_residual) AS items
                  FROM property_charge charge
                  JOIN account_move move ON move.id = charge.move_id
                  JOIN account_move_line receivable ON receivable.id = charge.receivable_line_id
                 WHERE charge.state IN ('posted', 'reversed')
              GROUP BY move.id
              ) AS bills
        """))
        return [
            (self.env._("Still owed: amounts less payments, receivable items"), matched, residual),
            (self.env._("Still owed: receivable items, bills"), items, bills),
            (self.env._("Charges or bills that owe something else, none"),
             different + different_bills, 0),
        ]

    def _check_receivable_accounts(self):
        """ Open items with and without a charge are the balance of their account.

        An ordinary invoice stays matched with a payment that was taken back to draft; to the
        books it is open. What is matched with a charge is posted, or the sums differ.
        """
        return [
            (
                self.env._(
                    "%(company)s, receivable account %(code)s: open items of charges "
                    "%(with_charge)s and others %(without)s, balance",
                    company=company, code=code or '', with_charge=with_charge, without=without),
                with_charge + without, balance,
            )
            for company, code, with_charge, without, balance in self.env.execute_query(SQL("""
                SELECT company.name, account.code_store->>company.id::text,
                       COALESCE(SUM(line.amount_residual)
                                FILTER (WHERE line.property_charge_id IS NOT NULL), 0),
                       COALESCE(SUM(line.amount_residual + COALESCE(unposted.amount, 0))
                                FILTER (WHERE line.property_charge_id IS NULL), 0),
                       SUM(line.balance)
                  FROM account_move_line line
                  JOIN account_account account ON account.id = line.account_id
                  JOIN res_company company ON company.id = line.company_id
             LEFT JOIN (
                    SELECT line_id, SUM(amount) AS amount
                      FROM (
                        SELECT debit_move_id AS line_id, credit_move_id AS other_id, amount
                          FROM account_partial_reconcile
                     UNION ALL
                        SELECT credit_move_id, debit_move_id, -amount
                          FROM account_partial_reconcile
                      ) AS matched
                      JOIN account_move_line other ON other.id = matched.other_id
                     WHERE other.parent_state != 'posted'
                  GROUP BY line_id
                  ) AS unposted ON unposted.line_id = line.id
                 WHERE account.account_type = 'asset_receivable' AND line.parent_state = 'posted'
              GROUP BY company.id, account.id
              ORDER BY company.id, account.id
            """))
        ]

    def _check_prepayments(self):
        """ Open customer credit without a charge, by its residual and by what is matched. """
        [[residual, unmatched]] = self.env.execute_query(SQL("""
            SELECT COALESCE(SUM(-line.amount_residual), 0),
                   COALESCE(SUM(
                       -line.balance
                       - COALESCE((SELECT SUM(amount) FROM account_partial_reconcile
                                    WHERE credit_move_id = line.id), 0)
                       + COALESCE((SELECT SUM(amount) FROM account_partial_reconcile
                                    WHERE debit_move_id = line.id), 0)), 0)
              FROM account_move_line line
              JOIN account_account account ON account.id = line.account_id
             WHERE account.account_type = 'asset_receivable' AND line.parent_state = 'posted'
               AND line.property_charge_id IS NULL AND line.balance < 0
        """))
        return [(self.env._("Prepayments: open credit, received less used"), residual, unmatched)]

    def _check_explanations(self):
        """ What each charge says it is made of gives its amount. """
        charged = recomputed = Decimal()
        different = last_id = 0
        while rows := self.env.execute_query(SQL(
            """ SELECT id, amount, explanation FROM property_charge
                 WHERE id > %s AND explanation IS NOT NULL AND state NOT IN ('left_out', 'closed')
              ORDER BY id LIMIT %s """, last_id, CHARGES_PER_SLICE,
        )):
            for _id, amount, explanation in rows:
                charged += Decimal(repr(amount))
                recomputed += _recompute(explanation) or 0
                different += _is_different(amount, explanation)
            last_id = rows[-1][0]
        return [
            (self.env._("Charges, computed again from their explanations"),
             float(charged), float(recomputed)),
            (self.env._("Charges that come out differently, none"), different, 0),
        ]

    def _check_periods(self):
        """ No day of an assignment is charged twice, and none between two charges is forgotten.

        Days of which it is stated why they are not charged count: left out by a run, or reversed.
        """
        days = SQL("SUM(upper(days) - lower(days))")
        [[charged, distinct, whole, told]] = self.env.execute_query(SQL(
            """
            SELECT COALESCE(SUM(charged), 0), COALESCE(SUM(live.days), 0),
                   COALESCE(SUM(last - first), 0), COALESCE(SUM(told.days), 0)
              FROM (
                SELECT SUM(date_end - date_start + 1) FILTER (WHERE %(is_live)s) AS charged,
                       range_agg(daterange(date_start, date_end, '[]'))
                           FILTER (WHERE %(is_live)s) AS live_days,
                       range_agg(daterange(date_start, date_end, '[]')) AS told_days,
                       MIN(date_start) AS first, MAX(date_end) + 1 AS last
                  FROM property_charge
                 WHERE kind IN ('recurring', 'opening') AND assignment_id IS NOT NULL
              GROUP BY assignment_id
                HAVING BOOL_OR(%(is_live)s)
              ) AS assignments,
              LATERAL (SELECT %(days)s AS days FROM unnest(live_days) AS days) AS live,
              LATERAL (SELECT %(days)s AS days FROM unnest(told_days) AS days) AS told
            """, is_live=SQL(
                "(state IN ('scheduled', 'transferred', 'draft', 'posted') "
                "OR state = 'reversed' AND is_corrected)"), days=days))
        return [
            (self.env._("Days charged, each counted once"), charged, distinct),
            (self.env._("Days from first to last charge, days accounted for"), whole, told),
        ]

    def _check_reversals(self):
        """ What was posted is still there, once; what was undone has its reversal. """
        [[charges, lines]] = self.env.execute_query(SQL("""
            SELECT (SELECT COUNT(*) FROM property_charge WHERE state IN ('posted', 'reversed')),
                   (SELECT COUNT(DISTINCT (line.property_charge_id, line.move_id))
                      FROM account_move_line line
                      JOIN account_move move ON move.id = line.move_id
                     WHERE line.property_charge_id IS NOT NULL AND move.state = 'posted'
                       AND move.move_type = 'out_invoice' AND line.display_type = 'product')
        """))
        [[owed, undone, reversed_]] = self.env.execute_query(SQL("""
            SELECT COALESCE(SUM(ABS(receivable.amount_residual)), 0),
                   COUNT(*), COUNT(*) FILTER (WHERE EXISTS (
                       SELECT FROM account_move_line line
                         JOIN account_move reversal ON reversal.id = line.move_id
                        WHERE line.property_charge_id = charge.id
                          AND line.display_type = 'payment_term'
                          AND reversal.reversed_entry_id = charge.move_id
                          AND reversal.state = 'posted'))
              FROM property_charge charge
              JOIN account_move_line receivable ON receivable.id = charge.receivable_line_id
             WHERE charge.state = 'reversed'
        """))
        return [
            (self.env._("Posted charges, charges on posted bills"), charges, lines),
            (self.env._("Reversed charges, with a reversal"), undone, reversed_),
            (self.env._("Reversed charges: what they still owe, nothing"), owed, 0),
        ]

    # === ACTIONS === #

    @api.model
    def _cron_check_sample(self):
        """ Compute some posted charges again each night, so that all get their turn.

        A bill with a charge that comes out differently is put before those who answer for the
        books, once.
        """
        [[first, last]] = self.env.execute_query(SQL(
            "SELECT MIN(id), MAX(id) FROM property_charge"))
        if first is None:
            return
        numbers = range(first, last + 1)
        rows = self.env.execute_query(SQL(
            """ SELECT id, amount, explanation FROM property_charge
                 WHERE id IN %s AND explanation IS NOT NULL AND state = 'posted' """,
            tuple(random.sample(numbers, min(SAMPLE, len(numbers))))))
        different = self.env['property.charge'].browse(
            id_ for id_, amount, explanation in rows if _is_different(amount, explanation))
        _logger.info(
            "Computed %s charges again; different: %s", len(rows), different.ids or "none")
        activity_type = self.env.ref(DIFFERENT_AMOUNT)
        bills = different.move_id.filtered(
            lambda bill: activity_type not in bill.activity_ids.activity_type_id)
        managers = self.env.ref('property_billing.group_billing_manager').all_user_ids
        for manager in managers if bills else ():
            bills.filtered(
                lambda bill, companies=manager.company_ids: bill.company_id in companies
            ).activity_schedule(
                DIFFERENT_AMOUNT, user_id=manager.id,
                note=self.with_context(lang=manager.lang).env._(
                    "The amount of a charge is not what its explanation gives, so one of them was "
                    "changed behind the program. Compare both with the last backup, and let the "
                    "doctor of the installation check all charges."))

    def _check_late_fees(self):
        """ Together never more than their cap (decision 19); what was waived was credited. """
        [[above, waived_only]] = self.env.execute_query(SQL("""
            SELECT COUNT(*) FILTER (WHERE charged > cap), COALESCE(SUM(uncredited), 0)
              FROM (
                SELECT SUM(late.amount + COALESCE(late.amount_waived, 0) - credited.amount)
                           AS charged,
                       MAX(principal.amount * (late.explanation->'late'->>'cap')::numeric / 100)
                           AS cap,
                       COUNT(*) FILTER (WHERE late.amount_waived > credited.amount) AS uncredited
                  FROM property_charge late
                  JOIN property_charge principal ON principal.id = late.origin_charge_id,
               LATERAL (
                    SELECT COALESCE(-SUM(line.balance), 0) AS amount
                      FROM account_move_line line
                     WHERE line.property_charge_id = late.id
                       AND line.display_type = 'payment_term' AND line.parent_state = 'posted'
                       AND line.move_id != late.move_id
                  ) AS credited
                 WHERE late.kind = 'late_fee' AND late.state IN ('posted', 'reversed')
              GROUP BY principal.id
              ) AS principals
        """))
        return [
            (self.env._("Late fees above their cap, none"), above, 0),
            (self.env._("Late fees waived and not credited, none"), waived_only, 0),
        ]
