
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, date_utils

from ..tools.explanation import period_of
from ..tools.periods import ONE_DAY
from ..tools.planning import plan_period

# What a bill was made of never changes; an undo is a reversal.
FROZEN_FIELDS = {
    'amount', 'assignment_id', 'budget_id', 'company_id', 'date_bill', 'date_due', 'date_end',
    'date_start', 'explanation', 'fee_id', 'kind', 'lease_id', 'move_id', 'origin_charge_id',
    'partner_id', 'passed_from_id', 'receivable_line_id', 'run_id', 'state', 'unit_id',
}


class PropertyCharge(models.Model):
    """ One fee, one unit, one payer, one period, one amount, with its explanation.

    The journal is the ledger: once posted, what is still owed is the residual of the charge's own
    receivable line and nothing else.
    """
    _name = 'property.charge'
    _description = 'Charge'
    _inherit = ['property.company.mixin', 'property.unit.mixin']
    _order = 'date_due desc, unit_id, fee_id, date_start, id'
    _check_company_auto = True

    run_id = fields.Many2one('property.bill.run', string="Bill run", index='btree_not_null')
    kind = fields.Selection(
        [('recurring', "Recurring"), ('temporary', "Temporary"), ('opening', "Opening"),
         ('correction', "Correction"), ('late_fee', "Late fee")],
        required=True, default='recurring',
    )
    state = fields.Selection(
        [('scheduled', "Scheduled"), ('transferred', "Transferred"),
         ('draft', "In preview"), ('left_out', "Left out"), ('posted', "Posted"),
         ('reversed', "Reversed"), ('closed', "Closed before")],
        required=True, default='draft', index=True,
        help="Scheduled: what a lease will charge, to be reviewed. Transferred: reviewed, and "
             "billed by the run of its billing date. "
             "Closed before: charged and paid in the system before this one. It is in no journal "
             "and keeps its period from being charged again.",
    )
    currency_id = fields.Many2one(related='company_id.currency_id')
    partner_id = fields.Many2one(
        'res.partner', string="Payer", index='btree_not_null', ondelete='restrict',
    )
    fee_id = fields.Many2one(
        'property.fee', required=True, index=True, ondelete='restrict', check_company=True,
    )
    tariff_id = fields.Many2one('property.tariff', ondelete='restrict')
    assignment_id = fields.Many2one(
        'property.fee.assignment', index='btree_not_null', ondelete='restrict',
    )
    date_start = fields.Date(string="From", required=True)
    date_end = fields.Date(string="To", required=True)
    date_bill = fields.Date(
        string="Billing date", help="The run that reaches this day bills a transferred charge.",
    )
    date_due = fields.Date(string="Due")
    origin_charge_id = fields.Many2one(
        'property.charge', string="Because of", index='btree_not_null', ondelete='restrict',
        copy=False, help="The charge that a correction sets right, or that a late fee is for.",
    )
    amount = fields.Monetary(required=True, help="What is paid, tax included.")
    explanation = fields.Json(help="Why this amount: enough to compute it again.")
    explanation_text = fields.Text(string="Why this amount", compute='_compute_explanation_text')
    origin_text = fields.Char(
        string="What for", compute='_compute_origin_text',
        help="Its shared cost or true-up, or what a late fee is for.")
    previous_amount = fields.Monetary(
        string="Last time", help="What the same fee of the same unit was in the period before.",
    )
    change_amount = fields.Monetary(
        string="Difference", compute='_compute_change', store=True, precompute=True,
        help="To the period before; all of it where nothing was charged before.",
    )
    change_percent = fields.Float(
        string="Change (%)", compute='_compute_change', store=True, precompute=True,
        digits=(16, 1), aggregator=None,
    )
    has_jump = fields.Boolean(
        string="±30 %", compute='_compute_change', store=True, precompute=True,
        help="Differs from the last period by more than 30 %.",
    )
    was_disputed = fields.Boolean(
        string="Flagged last time", readonly=True,
        help="Somebody flagged the bill of the period before as wrong.",
    )
    move_id = fields.Many2one(
        'account.move', string="Bill", index='btree_not_null', ondelete='restrict', copy=False,
    )
    receivable_line_id = fields.Many2one(
        'account.move.line', string="Receivable item", index='btree_not_null', ondelete='restrict',
        copy=False,
        bypass_search_access=True,  # who sees the charge sees what is owed of it
    )
    amount_residual = fields.Monetary(
        string="Still due", related='receivable_line_id.amount_residual',
    )
    is_published = fields.Boolean(
        string="Published", compute='_compute_is_published', search='_search_is_published',
        compute_sudo=True,  # whoever sees the charge may know that of its bill
    )
    payment_state = fields.Selection(
        [('scheduled', "Scheduled"), ('transferred', "Transferred"), ('draft', "In preview"),
         ('left_out', "Left out"), ('billed', "Billed"), ('open', "Unpaid"),
         ('partial', "Partly paid"), ('overdue', "Overdue"), ('paid', "Paid"),
         ('cleared', "Cleared"), ('reversed', "Reversed"), ('closed', "Closed before")],
        string="State of payment", compute='_compute_payment_state', search='_search_payment_state',
        help="Billed: posted, but its payer does not see it yet. Paid: the money is not on a bank "
             "statement yet. Cleared: it is.",
    )

    _no_overlap = models.Constraint(
        "EXCLUDE USING gist (assignment_id WITH =, daterange(date_start, date_end, '[]') WITH &&) "
        "WHERE (kind IN ('recurring', 'opening') AND assignment_id IS NOT NULL "
        "AND (state IN ('scheduled', 'transferred', 'draft', 'posted') "
        "OR state = 'reversed' AND is_corrected))",
        "Some of these days are charged already, perhaps in the preview of another bill run. "
        "Compute the preview again: it leaves those days out.",
    )
    _to_bill_idx = models.Index("(project_id, date_bill) WHERE state = 'transferred'")
    _closed_once = models.Constraint(
        "EXCLUDE USING gist (unit_id WITH =, fee_id WITH =, "
        "daterange(date_start, date_end, '[]') WITH &&) WHERE (state = 'closed')",
        "Some of these days of this unit and fee are in the history already.",
    )
    _dates_ordered = models.Constraint(
        'CHECK (date_end >= date_start)', "A period cannot end before it starts.",
    )
    _never_zero = models.Constraint(
        "CHECK (amount > 0 OR state = 'left_out' OR (amount = 0 AND state = 'closed'))",
        "A charge is more than zero.",
    )
    _posted_in_journal = models.Constraint(
        "CHECK (state NOT IN ('posted', 'reversed') "
        "OR (move_id IS NOT NULL AND receivable_line_id IS NOT NULL))",
        "A posted charge has its bill and its receivable item.",
    )

    @api.depends('fee_id.name', 'unit_id.complete_name', 'date_start', 'date_end')
    def _compute_display_name(self):
        for charge in self:
            charge.display_name = ' '.join(filter(None, (
                charge.unit_id.complete_name, charge.fee_id.name, charge._get_period_text())))

    @api.depends('amount', 'previous_amount')
    def _compute_change(self):
        for charge in self:
            previous = charge.previous_amount
            charge.change_amount = charge.amount - previous
            charge.change_percent = (charge.amount - previous) / previous * 100 if previous else 0
            charge.has_jump = abs(charge.change_percent) > 30

    @api.depends('kind')
    @api.depends_context('lang')
    def _compute_origin_text(self):
        for charge in self:
            charge.origin_text = charge._get_origin_text()

    @api.depends('explanation')
    @api.depends_context('lang')
    def _compute_explanation_text(self):
        for charge in self:
            charge.explanation_text = '\n'.join(charge._render_explanation())

    @api.depends('move_id.property_published_at')
    def _compute_is_published(self):
        for charge in self:
            charge.is_published = bool(charge.move_id.property_published_at)

    def _search_is_published(self, operator, value):
        if operator != 'in' or set(value) != {True}:
            return NotImplemented
        return Domain('move_id', 'any!', [('property_published_at', '!=', False)])

    @api.depends('state', 'date_due', 'amount', 'amount_residual', 'is_published')
    def _compute_payment_state(self):
        today = fields.Date.context_today(self)
        posted = self.filtered(lambda charge: charge.state == 'posted')
        settled = posted.filtered(
            lambda charge: charge.currency_id.compare_amounts(charge.amount_residual, 0) <= 0)
        settled_ids = set(settled.ids)
        awaited_ids = settled._get_awaited_line_ids()
        paid_ids = (posted - settled)._get_paid_line_ids()
        for charge in self:
            if charge.state != 'posted':
                charge.payment_state = charge.state
            elif charge.id in settled_ids:
                is_awaited = charge.receivable_line_id.id in awaited_ids
                charge.payment_state = 'paid' if is_awaited else 'cleared'
            elif charge.date_due and charge.date_due < today:
                charge.payment_state = 'overdue'
            elif charge.receivable_line_id.id in paid_ids:
                charge.payment_state = 'partial'
            else:
                charge.payment_state = 'open' if charge.is_published else 'billed'

    def _get_awaited_line_ids(self):
        """ Of the receivable items of these charges, those with money not yet at the bank. """
        lines = self.receivable_line_id
        return lines and {line_id for line_id, in self.env.execute_query(SQL(
            "%s AND partial.debit_move_id = ANY(%s)", self._get_awaited_lines_sql(), lines.ids))}

    @api.model
    def _get_awaited_lines_sql(self):
        """ The receivable items of which a payment is not on a bank statement yet.

        Cash, and what a bank statement settled directly, is there at once.
        """
        self.env['account.payment'].flush_model(['is_matched', 'journal_id'])
        self.env['account.move.line'].flush_model(['payment_id'])
        self.env['account.partial.reconcile'].flush_model()
        return SQL(
            """ SELECT partial.debit_move_id
                  FROM account_payment payment
                  JOIN account_journal journal
                    ON journal.id = payment.journal_id AND journal.type != 'cash'
                  JOIN account_move_line line ON line.payment_id = payment.id
                  JOIN account_partial_reconcile partial ON partial.credit_move_id = line.id
                 WHERE payment.is_matched IS NOT TRUE """)

    def _get_paid_line_ids(self):
        """ Of the receivable items of these charges, those that are paid, at least in part. """
        lines = self.receivable_line_id
        return lines and {line_id for line_id, in self.env.execute_query(SQL(
            "%s AND partial.debit_move_id = ANY(%s)", self._get_paid_lines_sql(), lines.ids))}

    @api.model
    def _get_paid_lines_sql(self):
        """ The receivable items that are matched with more than their own credit notes. """
        self.env['account.move.line'].flush_model(['property_charge_id', 'move_id'])
        self.env['account.move'].flush_model(['move_type'])
        self.env['account.partial.reconcile'].flush_model()
        return SQL(
            """ SELECT partial.debit_move_id
                  FROM account_partial_reconcile partial
                  JOIN account_move_line debit ON debit.id = partial.debit_move_id
                  JOIN account_move_line credit ON credit.id = partial.credit_move_id
                  JOIN account_move note ON note.id = credit.move_id
                 WHERE debit.property_charge_id IS NOT NULL
                   AND (note.move_type != 'out_refund'
                        OR credit.property_charge_id IS DISTINCT FROM debit.property_charge_id) """)

    def _search_payment_state(self, operator, value):
        if operator != 'in':
            return NotImplemented
        today = fields.Date.context_today(self)
        posted = Domain('state', '=', 'posted')
        due = posted & Domain('receivable_line_id.amount_residual', '>', 0)
        settled = posted & Domain('receivable_line_id.amount_residual', '<=', 0)
        late = Domain('date_due', '<', today)
        paid = Domain('receivable_line_id', 'any', SQL("(%s)", self._get_paid_lines_sql()))
        published = Domain('is_published', '=', True)
        domains = {
            'overdue': due & late,
            'partial': due & ~late & paid,
            'open': due & ~late & ~paid & published,
            'billed': due & ~late & ~paid & ~published,
        }
        if {'paid', 'cleared'} <= set(value):
            domains.update(paid=settled, cleared=settled)
        elif {'paid', 'cleared'} & set(value):
            awaited = Domain(
                'receivable_line_id', 'any', SQL("(%s)", self._get_awaited_lines_sql()))
            domains.update(paid=settled & awaited, cleared=settled & ~awaited)
        return Domain.OR(
            domains.get(state, Domain('state', '=', state)) for state in value if state)

    # === CONSTRAINT METHODS === #

    @api.constrains('project_id', 'company_id')
    def _check_project_id(self):
        """ Where a unit belongs may be corrected until something of it is in the books. """
        for charge in self.filtered('move_id'):
            move = charge.move_id
            if (charge.project_id, charge.company_id) != (
                    move.property_project_id, move.company_id):
                raise ValidationError(self.env._(
                    "%(charge)s is posted in project %(project)s of %(company)s, so its unit stays "
                    "there.", charge=charge.display_name, project=move.property_project_id.name,
                    company=move.company_id.name))

    # === CRUD METHODS === #

    def write(self, vals):
        """ Override: charges are written in sudo mode only, by methods that check who may. """
        # A posted charge becomes reversed together with its bill.
        is_reversal = self.env.su and vals == {'state': 'reversed'}
        if vals.keys() & FROZEN_FIELDS and not is_reversal:
            self._check_not_posted()
        if not self.env.su:
            raise AccessError(self.env._("A charge is computed by its bill run, not by hand."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_posted(self):
        self._check_not_posted()

    def _check_not_posted(self):
        for charge in self:
            if charge.state == 'closed' and not self.env.su:
                raise UserError(self.env._(
                    "%(charge)s was closed before this system and stays as it came.",
                    charge=charge.display_name))
            if charge.state in ('posted', 'reversed'):
                raise UserError(self.env._(
                    "%(charge)s is posted and stays as it is. Undo the bill run to reverse it.",
                    charge=charge.display_name))

    # === ACTION METHODS === #

    def action_leave_out(self):
        """ Keep charges of a preview out of their run, by a person's decision. """
        self._check_in_preview()
        self.filtered(lambda charge: charge.state == 'draft')._leave_out(
            'manual', {'text': 'manual', 'user': self.env.user.name})

    def action_put_back(self):
        """ Undo `action_leave_out`. What the run left out comes back once its reason is gone. """
        self._check_in_preview()
        for charge in self:
            if charge.state == 'left_out' and charge.reason != 'manual':
                raise UserError(self.env._(
                    "%(charge)s: %(detail)s Then compute the preview again.",
                    charge=charge.display_name, detail=charge.reason_detail or ''))
        # sudo: who may, and when, is checked above.
        self.sudo().filtered(lambda charge: charge.state == 'left_out').write({
            'state': 'draft', 'reason': False, 'reason_values': False})

    def _check_in_preview(self):
        self.check_access('write')
        for run in self.run_id:
            run._check_state('preview')
        for charge in self:
            if not charge.run_id:
                raise UserError(self.env._(
                    "%(charge)s is not part of a bill run.", charge=charge.display_name))

    # === BUSINESS METHODS === #

    def _drop_from_preview(self):
        """ What a preview computed goes with it. """
        self.sudo().unlink()  # charges come and go with the steps of their run, which check who may

    def _filter_by_days(self):
        """ Those that are shared by days where the payer changes. """
        return self.filtered(lambda charge: (
            charge.assignment_id.shared_cost_id
            or charge.tariff_id.proration not in (False, 'none')))

    def _get_period_text(self):
        """ The days that these are for, as people read them; of a single day that day. """
        days = sorted(filter(None, self.mapped('date_start') + self.mapped('date_end')))
        return ' ~ '.join(dict.fromkeys(map(str, days[:1] + days[-1:])))

    @api.model
    def _read_overdue_amounts(self, field, records):
        """ What is past its due date, by unit or payer, in one query. """
        return dict(self._read_group(
            [(field, 'in', records.ids), ('payment_state', '=', 'overdue')],
            [field], ['amount_residual:sum']))

    @api.model
    def _get_collection_domain(self, projects):
        """ What was to be collected this year up to the current month. """
        today = fields.Date.context_today(self)
        return Domain([
            ('project_id', 'in', projects.ids),
            ('kind', 'in', ('recurring', 'correction', 'true_up')),
            ('state', '=', 'posted'), ('fee_id.nature', 'in', ('income', 'trust')),
            ('date_start', '>=', date_utils.start_of(today, 'year')),
            ('date_start', '<=', date_utils.end_of(today, 'month'))])

    @api.model
    def _read_collection(self, projects):
        """ How much was to be collected this year up to the current month, and what of it was.

        By the charge's period start; less what credit notes took back, which is no money received,
        also where it was paid before (decisions 9 and 31). Money of others and deposits are apart.

        :rtype: dict
        :return: project: (receivable, received)
        """
        domain = self._get_collection_domain(projects)
        self.env['account.move.line'].flush_model()
        credited = dict(self.env.execute_query(SQL(
            """
            SELECT charge.project_id, -SUM(line.balance)
              FROM account_move_line line
              JOIN account_move note ON note.id = line.move_id AND note.move_type = 'out_refund'
              JOIN property_charge charge ON charge.id = line.property_charge_id
             WHERE line.display_type = 'payment_term' AND line.parent_state = 'posted'
               AND charge.id IN %s
             GROUP BY charge.project_id
            """, self._search(domain).subselect())))
        result = {}
        for project, amount, residual in self._read_group(
            domain, ['project_id'], ['amount:sum', 'amount_residual:sum']
        ):
            receivable = amount - float(credited.get(project.id, 0))
            result[project] = receivable, receivable - residual
        return result

    def _leave_out_changed(self):
        """ Leave out the charges that would come out differently now; returns them.

        A run freezes its inputs with the preview: what was changed since (unit, tariff, price,
        area, quantity, payer, end of the assignment) is for a person to look at, and so is a fee
        that has lost its account or tax. Another tax does not change the amount, and is used.
        """
        of_leases = self.filtered('lease_id')
        changed = of_leases._leave_out_unbillable()
        recurring = (self - of_leases).filtered('assignment_id')
        subjects = recurring._get_subjects(
            (charge.assignment_id, *charge._get_period()) for charge in recurring)
        closed = recurring._get_closed_since()
        for charge in recurring:
            assignment, subject = charge.assignment_id, subjects[charge.assignment_id]
            start, end = charge._get_period()
            planned = next((
                planned for planned in plan_period(subject, start, end)
                if planned.start == charge.date_start
            ), None)
            change = charge._get_change(planned)
            if planned and not change:
                change = assignment._get_left_out_reason(
                    planned, charge.run_id.date_invoice)[1]
            if charge.id in closed:
                change = {'text': 'closed_since'}
            if not assignment.active or (subject.end and subject.end < end):
                change = {'text': 'ended'}
            if change:
                changed += charge
                charge._leave_out('changed', change)
        return changed

    @api.model
    def _get_subjects(self, periods):
        """ What the charges of periods depend on, as `_get_subjects` of their assignments.

        :param periods: an assignment with a period `[start, end)` of it each
        """
        since = {}
        for assignment, start, _end in periods:
            since[assignment] = min(start, since.get(assignment, start))
        assignments = self.env['property.fee.assignment'].union(*since)
        return assignments._get_subjects(assignments._get_measured(since))

    def _get_closed_since(self):
        """ The ids of those whose days came in as closed after their preview. """
        self.flush_model(['assignment_id', 'date_start', 'date_end', 'state'])
        return {charge_id for charge_id, in self.env.execute_query(SQL(
            """ SELECT charge.id
                  FROM property_charge charge
                  JOIN (%s) closed ON closed.assignment_id = charge.assignment_id
                   AND closed.days && daterange(charge.date_start, charge.date_end, '[]')
                 WHERE charge.id = ANY(%s) """,
            self.assignment_id._get_closed_days_sql(), self.ids))}

    def _get_period(self):
        """ The period `[start, end)` that was computed, of which several payers may share. """
        self.ensure_one()
        if not self.explanation or 'share' not in self.explanation:
            return self.date_start, self.date_end + ONE_DAY
        start, end = period_of(self.explanation)
        return start, end + ONE_DAY

    def _get_change(self, planned):
        """ What differs from a charge planned anew, as values of a reason; empty if nothing. """
        self.ensure_one()
        assignment = self.assignment_id
        if (self.unit_id, self.tariff_id, self.fee_id) != (
                assignment.unit_id, assignment.tariff_id, assignment.fee_id):
            return {'text': 'other_assignment', 'assignment': assignment.display_name}
        if not planned or planned.end != self.date_end + ONE_DAY:
            return {'text': 'other_days'}
        if planned.partner_id != (self.partner_id.id or None):
            if not planned.partner_id:
                return {'text': 'payer_gone'}
            # sudo: who may see the charge may see whom it names.
            payer = self.env['res.partner'].sudo().browse(planned.partner_id)
            return {'text': 'other_payer', 'payer': payer.display_name}
        if (
            planned.explanation != self.explanation
            or self.currency_id.compare_amounts(float(planned.amount), self.amount)
        ):
            return {
                'text': 'other_amount',
                'now': f'{planned.amount:.2f}', 'then': f'{self.amount:.2f}',
            }
        return {}
