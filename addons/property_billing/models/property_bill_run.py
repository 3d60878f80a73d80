from odoo import api, fields, models
from odoo.exceptions import AccessError, LockError, UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_date, split_every

from ..tools.charging import months_charged
from ..tools.planning import due_date, due_periods, plan_period
from .property_job_mixin import LIVE_JOB_STATES

# One job is one transaction: these many assignments are computed, bills posted, in one.
ASSIGNMENTS_PER_JOB = 1000
BILLS_PER_JOB = 300
# From this many charges on, PostgreSQL needs fresh statistics to plan Odoo's queries well; tables
# that it takes for empty make a query of seconds one of minutes.
LARGE_RUN = 1000

# What a run is about, fixed with its preview.
INPUT_FIELDS = {
    'project_id', 'building_ids', 'unit_ids', 'fee_ids', 'partner_ids', 'date_start', 'date_end',
    'date_invoice',
    'with_late_fees',
}

# What becomes of money that was paid for bills which are undone.
PAYMENT_CHOICES = [
    ('refuse', "Undo only if nothing is paid"),
    ('keep', "Keep as prepayments"),
    ('oldest', "Settle what the payer owes longest, keep the rest"),
]


class PropertyBillRun(models.Model):
    """ Bills of one project for a period: preview, check, post, publish, undo (B13, B14).

    Long steps run as jobs, see `property.job.mixin`.
    """
    _name = 'property.bill.run'
    _description = 'Bill run'
    _inherit = [
        'property.project.mixin', 'property.review.mixin', 'property.channel.mixin',
        'property.job.mixin', 'mail.activity.mixin']
    _order = 'date_end desc, id desc'
    _check_company_auto = True
    _step_fields = frozenset({
        'state', 'preview_number', 'undo_reason', 'undo_date', 'undo_payments', 'submitted_by_id',
        'approved_by_id',
    })

    name = fields.Char(
        compute='_compute_name', store=True, readonly=False, precompute=True, required=True,
        copy=False,
    )
    project_id = fields.Many2one(tracking=True)
    currency_id = fields.Many2one(related='company_id.currency_id')
    building_ids = fields.Many2many(
        'property.building', string="Buildings", domain="[('project_id', '=', project_id)]",
        help="Empty: all buildings of the project.",
    )
    unit_ids = fields.Many2many(
        'property.unit', string="Units", domain="[('project_id', '=', project_id)]",
        help="Empty: all units of the buildings.",
    )
    fee_ids = fields.Many2many(
        'property.fee', string="Fees", check_company=True, help="Empty: all fees.",
    )
    partner_ids = fields.Many2many(
        'res.partner', string="Customers", help="Empty: whoever pays. Otherwise what these pay.",
    )
    date_start = fields.Date(string="From", help="Empty: everything missed so far is caught up.")
    date_end = fields.Date(
        string="Up to", required=True, tracking=True,
        default=lambda self: fields.Date.end_of(fields.Date.context_today(self), 'month'),
        help="Cycles that are to be billed by this day are in the run.",
    )
    date_invoice = fields.Date(
        string="Bill date", required=True, default=fields.Date.context_today, tracking=True,
    )
    posting_notice = fields.Char(compute='_compute_posting_notice')
    state = fields.Selection(
        [('draft', "New"), ('computing', "Computing"), ('preview', "Preview"),
         ('review', "To approve"), ('posting', "Posting"), ('paused', "Paused"),
         ('posted', "Posted"), ('published', "Published"), ('undone', "Undone")],
        required=True, default='draft', readonly=True, index=True, copy=False, tracking=True,
    )
    tells_payers = fields.Boolean(
        string="Tell the payers", default=True,
        help="Publishing shows the bills on the portal; this sends each payer a message, too.",
    )
    preview_number = fields.Integer(
        copy=False, readonly=True,
        help="Counts the previews, so that a job of an earlier one does nothing.",
    )
    undo_reason = fields.Char(string="Why undone", copy=False, readonly=True, tracking=True)
    undo_date = fields.Date(string="Undone on", copy=False, readonly=True)
    undo_payments = fields.Selection(
        PAYMENT_CHOICES, string="Payments", copy=False, readonly=True, tracking=True)
    charge_ids = fields.One2many('property.charge', 'run_id', string="Charges")
    move_ids = fields.One2many(
        'account.move', 'property_run_id', string="Bills",
        groups='account.group_account_readonly,account.group_account_invoice',
    )

    charge_count = fields.Integer(string="Charge count", compute='_compute_figures')
    bill_count = fields.Integer(string="Bill count", compute='_compute_figures')
    amount_total = fields.Monetary(string="Amount", compute='_compute_figures')
    previous_total = fields.Monetary(
        string="Last time", compute='_compute_figures',
        help="What the same fees of the same units were in the period before.",
    )
    change_total = fields.Monetary(string="Difference", compute='_compute_figures')
    left_out_count = fields.Integer(string="Left out", compute='_compute_figures')
    flagged_count = fields.Integer(string="±30 %", compute='_compute_figures')
    disputed_count = fields.Integer(string="Flagged last time", compute='_compute_figures')
    progress = fields.Float(compute='_compute_progress')
    progress_text = fields.Char(compute='_compute_progress')
    is_busy = fields.Boolean(compute='_compute_progress')
    job_error = fields.Text(compute='_compute_progress')
    summary = fields.Json(compute='_compute_summary')
    rival_run_ids = fields.Many2many('property.bill.run', compute='_compute_rival_run_ids')

    _dates_ordered = models.Constraint(
        'CHECK (date_start IS NULL OR date_end >= date_start)',
        "A bill run cannot end before it starts.",
    )

    # === COMPUTE METHODS === #

    @api.depends('project_id.name', 'date_end')
    def _compute_name(self):
        for run in self:
            run.name = ' '.join(filter(None, (
                run.project_id.name, fields.Date.to_string(run.date_end)))) or '/'

    @api.depends('company_id', 'date_invoice', 'state')
    def _compute_posting_notice(self):
        """ The day on which it is posted, before it is (decision 36). """
        for run in self:
            run.posting_notice = (
                run.state in ('draft', 'computing', 'preview', 'review')
                and run.company_id._get_posting_notice(run.date_invoice))

    @api.depends('charge_ids.state', 'charge_ids.amount', 'charge_ids.run_id')
    def _compute_figures(self):
        figures = {run: [] for run in self._origin}
        for run, *row in self.env['property.charge']._read_group(
            [('run_id', 'in', self.ids)], ['run_id', 'state', 'has_jump', 'was_disputed'],
            ['__count', 'amount:sum', 'previous_amount:sum'],
        ):
            figures[run].append(row)
        bills = self._get_bill_counts()
        for run in self:
            rows = figures.get(run._origin, [])
            billed = [row for row in rows if row[0] != 'left_out']
            run.charge_count = sum(count for *_key, count, _amount, _previous in billed)
            run.bill_count = bills.get(run.id, 0)
            run.amount_total = sum(amount for *_key, amount, _previous in billed)
            run.previous_total = sum(previous for *_key, previous in billed)
            run.change_total = run.amount_total - run.previous_total
            run.left_out_count = sum(row[3] for row in rows if row[0] == 'left_out')
            run.flagged_count = sum(row[3] for row in billed if row[1])
            run.disputed_count = sum(row[3] for row in billed if row[2])

    def _get_bill_counts(self):
        """ How many bills the charges of each run are or will be, in one query. """
        if not self.ids:
            return {}
        self.env['property.charge'].flush_model(['run_id', 'partner_id', 'unit_id', 'state'])
        self.env['res.partner'].flush_model(['property_bill_grouping'])
        return dict(self.env.execute_query(SQL(
            """ SELECT charge.run_id, COUNT(DISTINCT (
                           charge.partner_id,
                           CASE WHEN partner.property_bill_grouping = 'payer' THEN 0
                                ELSE charge.unit_id END))
                  FROM property_charge charge
                  JOIN res_partner partner ON partner.id = charge.partner_id
                 WHERE charge.run_id IN %s AND charge.state != 'left_out'
                 GROUP BY charge.run_id """, tuple(self.ids))))

    @api.depends('state', 'charge_ids.state', 'charge_ids.run_id')
    @api.depends_context('lang')
    def _compute_progress(self):
        """ Counted from what is done, never stored: right after a kill, too. """
        for run in self:
            done, total = run._get_progress()
            run.progress = 100 * done / total if total else 0
            run.progress_text = self.env._("%(done)s of %(total)s", done=done, total=total)
            jobs = run._get_jobs((*LIVE_JOB_STATES, 'failed'))
            failed = jobs.filtered(lambda job: job.state == 'failed')
            run.is_busy = bool(jobs - failed)
            run.job_error = failed[:1].exc_message

    def _get_progress(self):
        """ How much of the step under way is done: (done, total). """
        self.ensure_one()
        if self.state == 'computing':
            step = f'preview-{self.preview_number}'
            done = len(self._get_jobs(('done',), step))
            return done, done + len(self._get_jobs((*LIVE_JOB_STATES, 'failed'), step))
        counts = dict(self.env['property.charge']._read_group(
            [('run_id', 'in', self.ids)], ['state'], ['__count']))
        if self.state == 'undone':
            done = counts.get('reversed', 0)
            return done, done + counts.get('posted', 0)
        if self.state == 'published':
            # sudo: clerks publish the bills of their runs without an accounting group.
            Move, domain = self.env['account.move'].sudo(), self._get_bills_domain()
            published = domain & Domain('property_published_at', '!=', False)
            return Move.search_count(published), Move.search_count(domain)
        done = counts.get('posted', 0)
        return done, done + counts.get('draft', 0)

    @api.depends('charge_ids.state', 'charge_ids.amount', 'charge_ids.run_id', 'state')
    @api.depends_context('lang')
    def _compute_summary(self):
        """ All that the board on the form shows. """
        labels = {
            'computing': self.env._("Computing the charges"),
            'posting': self.env._("Posting the bills"),
            'paused': self.env._("Paused"),
            'published': self.env._("Publishing the bills"),
            'undone': self.env._("Reversing the bills"),
        }
        Charge = self.env['property.charge']
        reasons = dict(Charge._fields['reason']._description_selection(self.env))
        for run in self:
            fees = Charge._read_group(
                [('run_id', 'in', run.ids), ('state', '!=', 'left_out')], ['fee_id'],
                ['__count', 'amount:sum', 'previous_amount:sum'])
            left_out = Charge._read_group(
                [('run_id', 'in', run.ids), ('state', '=', 'left_out')], ['reason'],
                ['__count', 'id:min'], order='__count desc')
            show_progress = run.state in labels and (run.is_busy or run.progress < 100)
            run.summary = {
                'state': run.state,
                'busy': run.is_busy,
                'error': run.job_error or '',
                'currency_id': run.currency_id.id,
                'progress': show_progress and {
                    'label': labels[run.state],
                    'text': run.progress_text,
                    'percent': round(run.progress),
                },
                'charges': run.charge_count,
                'bills': run.bill_count,
                'amount': run.amount_total,
                'previous': run.previous_total,
                'change': run.change_total,
                'jumps': run.flagged_count,
                'disputed': run.disputed_count,
                'left_out': run.left_out_count,
                'fees': [
                    {'id': fee.id, 'name': fee.name, 'count': count, 'amount': amount,
                     'previous': previous or 0}
                    for fee, count, amount, previous in fees
                ],
                'reasons': [
                    {'reason': reason, 'label': reasons[reason], 'count': count,
                     'example': Charge.browse(first_id).reason_detail or ''}
                    for reason, count, first_id in left_out
                ],
            }

    @api.depends('state', 'project_id')
    def _compute_rival_run_ids(self):
        rivals = self.search([
            ('project_id', 'in', self.project_id.ids), ('charge_ids.state', '=', 'draft'),
        ])
        for run in self:
            run.rival_run_ids = rivals.filtered(
                lambda rival, run=run: rival.project_id == run.project_id and rival != run._origin)

    # === CRUD METHODS === #

    def write(self, vals):
        if not self.env.su and vals.keys() & INPUT_FIELDS:
            for run in self:
                if run.state != 'draft':
                    raise UserError(self.env._(
                        "%(run)s is computed already. Drop its preview before you change what it "
                        "is about.", run=run.name))
        return super().write(vals)

    def _unlink_charges(self, predicate=None):
        """ Delete what a preview computed, or the part of it that a predicate picks. """
        # Not by `charge_ids`, which would load a large run with all of its explanations.
        charges = self.env['property.charge'].search_fetch(
            [('run_id', 'in', self.ids), ('state', 'in', ('draft', 'left_out'))],
            ['lease_id', 'state', 'reason'])
        charges.filtered(predicate or (lambda charge: True))._drop_from_preview()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_posted(self):
        for run in self:
            if run.state == 'review':
                raise UserError(self.env._(
                    "%(run)s waits for its approval. Withdraw it first.", run=run.name))
            if not self._is_initialising() and run.state not in ('draft', 'computing', 'preview'):
                raise UserError(self.env._(
                    "%(run)s has posted bills and stays. Undo it to reverse them.", run=run.name))

    def unlink(self):
        self.check_access('unlink')
        self._unlink_charges()
        return super().unlink()

    # === ACTION METHODS === #

    def action_preview(self):
        """ Compute the charges, again if need be; what was left out by hand stays left out. """
        for run in self:
            run._check_state('draft', 'computing', 'preview')
            run._unlink_charges(lambda charge: charge.reason != 'manual')
            slices = run._get_preview_slices()
            if len(slices) == len(dict(slices)):  # no part needs more than one
                for part, ids in slices:
                    run._generate(part, ids)
                run._show_preview(preview_number=run.preview_number + 1)
                continue
            run._set_step('computing', preview_number=run.preview_number + 1)
            for part, ids in slices:
                run._delay(f'preview-{run.preview_number}', (part, *ids))._job_preview(
                    ids, run.preview_number, part)

    def action_drop_preview(self):
        for run in self:
            run._check_state('computing', 'preview')
            run._unlink_charges()
            run._set_step('draft', preview_number=run.preview_number + 1)

    def action_post(self):
        for run in self:
            run._check_state('preview')
            run._check_postable()
            run._set_step('posting')
            run._enqueue_posting()

    def _check_postable(self):
        self.ensure_one()
        self.company_id._get_property_bill_journal()  # or the jobs would fail, one by one
        if not self.env['property.charge'].search_count(
                [('run_id', '=', self.id), ('state', '=', 'draft')], limit=1):
            raise UserError(self.env._("%(run)s has nothing to post.", run=self.name))

    def action_pause(self):
        """ The jobs that have begun finish their bills; the others do nothing. """
        for run in self:
            run._check_state('posting')
            run._set_step('paused')

    def action_resume(self):
        for run in self:
            run._check_state('posting', 'paused')
            run._set_step('posting')
            run._enqueue_posting()

    def action_publish(self):
        for run in self:
            run._check_state('posted', 'published')
            run._set_step('published')
            run._enqueue_publishing()

    def action_undo(self):
        self.ensure_one()
        self._check_undo()
        return {
            'name': self.env._("Undo %(run)s", run=self.name),
            'type': 'ir.actions.act_window',
            'res_model': 'property.bill.run.undo',
            'view_mode': 'form',
            'target': 'new',
            'context': {'default_run_id': self.id},
        }

    def action_view_charges(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id(
            'property_billing.property_bill_run_charge_action')
        domain = [('run_id', '=', self.id)]
        if reason := self.env.context.get('property_reason'):
            domain.append(('reason', '=', reason))
        context = {
            key: value for key, value in self.env.context.items()
            if key.startswith('search_default_')
        }
        # The web client keeps the defaults of the search from the views.
        context['property_left_out'] = bool(context.get('search_default_left_out'))
        return {**action, 'domain': domain, 'context': context}

    def action_view_bills(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id(
            'property_billing.account_move_action_bills')
        return {**action, 'domain': [('property_run_id', '=', self.id)]}

    def _check_state(self, *states, operation='write'):
        self.ensure_one()
        self.check_access(operation)
        if self.state not in states:
            labels = dict(self._fields['state']._description_selection(self.env))
            raise UserError(self.env._(
                "%(run)s is in state “%(state)s”, so this cannot be done now. "
                "Reload the page to see where it stands.",
                run=self.name, state=labels[self.state]))

    # === BUSINESS METHODS: PREVIEW === #

    def _get_assignments(self):
        """ The assignments of the run that have begun by its end, without the lines of leases. """
        self.ensure_one()
        domain = [
            ('project_id', '=', self.project_id.id), ('date_start', '<=', self.date_end),
            ('lease_id', '=', False)]
        if self.building_ids:
            domain.append(('unit_id.building_id', 'in', self.building_ids.ids))
        if self.unit_ids:
            domain.append(('unit_id', 'in', self.unit_ids.ids))
        if self.fee_ids:
            domain.append(('fee_id', 'in', self.fee_ids.ids))
        if self.partner_ids:
            # On which days it is they who pay is found when these are planned.
            units = self.env['property.occupancy'].with_context(active_test=False).search(
                [('partner_id', 'in', self.partner_ids.ids)]).unit_id
            domain += [
                '|', ('partner_id', 'in', self.partner_ids.ids),
                '&', '|', ('partner_id', '=', False), ('partner_date_end', '!=', False),
                '|', ('unit_id', 'in', units.ids),
                ('project_id.developer_id', 'in', self.partner_ids.ids)]
        Assignment = self.env['property.fee.assignment']
        return Assignment.search(
            Assignment._get_unbilled_domain(self.project_id) & Domain(domain), order='id')

    def _get_choice_domain(self):
        """ Of which charges of the project the run is. """
        self.ensure_one()
        domain = Domain('project_id', '=', self.project_id.id)
        for charge_field, chosen in (
            ('building_id', self.building_ids), ('unit_id', self.unit_ids),
            ('fee_id', self.fee_ids), ('partner_id', self.partner_ids),
        ):
            if chosen:
                domain &= Domain(charge_field, 'in', chosen.ids)
        return domain

    def _get_preview_slices(self):
        """ What a preview is to compute, in slices of one job each.

        :return: the part that the slice is of, and the ids that `_generate_<part>` works on
        :rtype: list[tuple[str, list[int]]]
        """
        self.ensure_one()
        return [
            ('recurring', ids)
            for ids in split_every(ASSIGNMENTS_PER_JOB, self._get_assignments().ids, list)
        ]

    def _job_preview(self, ids, preview_number, part='recurring'):
        # Without a queue each slice runs at once, and finds that it was the last one.
        if self.preview_number != preview_number or self.state not in ('computing', 'preview'):
            return
        self._generate(part, ids)
        self._delay(f'finish-{preview_number}', (part, *ids))._job_finish_preview(preview_number)

    def _job_finish_preview(self, preview_number):
        """ The slice that commits last finds no other at work. """
        if (
            self.state == 'computing' and self.preview_number == preview_number
            and not self._get_jobs((*LIVE_JOB_STATES, 'failed'), f'preview-{preview_number}')
        ):
            self._show_preview()

    def _show_preview(self, **vals):
        """ All of it is computed, and for people to look at. """
        self._set_step('preview', **vals)

    def _generate(self, part, ids):
        """ Create the charges of one slice of the preview. """
        self.ensure_one()
        getattr(self, f'_generate_{part}')(ids)

    def _generate_recurring(self, assignment_ids):
        """ The recurring charges of a slice of assignments. """
        assignments = self.env['property.fee.assignment'].browse(assignment_ids).exists()
        decided = self.env['property.charge'].search([
            ('run_id', '=', self.id), ('assignment_id', 'in', assignments.ids)])
        by_hand = {(c.assignment_id.id, c.date_start): c.reason_values for c in decided}
        decided.sudo().unlink()  # as below
        covered = self._get_covered_days(assignments)
        subjects = assignments._get_subjects(
            assignments._get_measured(assignments._get_first_open_days(covered)))
        previous = assignments._get_last_charges()
        disputed = assignments._get_disputed_ids()
        vals_list = []
        for assignment, subject in subjects.items():
            days = covered.get(assignment.id, [])
            for start, end in due_periods(
                    subject, self.date_start or None, self.date_end, days):
                for planned in plan_period(subject, start, end):
                    if self.partner_ids and planned.partner_id not in self.partner_ids.ids:
                        continue
                    vals = assignment._prepare_charge_vals(planned, self.date_invoice)
                    vals['run_id'] = self.id
                    vals['was_disputed'] = assignment.id in disputed
                    vals['date_due'] = due_date(
                        subject.terms.due_rule, subject.terms.due_value, self.date_invoice, start)
                    if assignment.id in previous:
                        vals['previous_amount'] = self._scale(
                            subject, previous[assignment.id], planned)
                    decision = by_hand.get((assignment.id, planned.start))
                    if decision and vals['state'] == 'draft':
                        vals.update(state='left_out', reason='manual', reason_values=decision)
                    vals_list.append(vals)
            if subject.measured and (
                    unread := assignment._prepare_unread_vals(subject, self.date_end)):
                vals_list.append({**unread, 'run_id': self.id})
        self._flag_recurring(vals_list)
        # sudo: what a preview computes nobody may type himself; who may preview was checked.
        self.env['property.charge'].sudo().create(vals_list)

    def _flag_recurring(self, vals_list):
        """ Say of charges to be created what else somebody should look at. """

    def _get_covered_days(self, assignments):
        """ The days that charges outside this preview cover: `{assignment id: [(start, end)]}`. """
        return assignments._read_covered_days(SQL(
            """ state = 'posted'
                OR (state = 'reversed' AND is_corrected)
                OR (state = 'left_out' AND reason IN ('free', 'no_use')
                    AND run_id IS DISTINCT FROM %(run)s AND NOT EXISTS (
                        SELECT FROM property_bill_run run
                         WHERE run.id = run_id AND run.state = 'undone'))
                OR (state = 'draft' AND run_id IS DISTINCT FROM %(run)s) """, run=self.id))

    @api.model
    def _scale(self, subject, last, planned):
        """ The last charge's amount for as many months as the planned one has. """
        amount, last_start, last_end = last
        months, last_months = (
            months_charged(
                subject.start, subject.terms.split, subject.terms.proration, *period,
                subject.terms.season)
            for period in ((planned.start, planned.end), (last_start, last_end)))
        return amount if months == last_months else float(amount) * float(months / last_months)

    # === BUSINESS METHODS: POSTING === #

    def _enqueue_posting(self):
        """ Jobs for all that is still to be posted, never two for one bill. """
        drafts = self.env['property.charge'].search_fetch(
            [('run_id', '=', self.id), ('state', '=', 'draft')],
            ['company_id', 'partner_id', 'project_id', 'run_id', 'unit_id'], order='unit_id, id')
        # Just the one field that the key asks for: whole partners of a large run fill the memory.
        # sudo: as in the key.
        drafts.partner_id.sudo().fetch(['property_bill_grouping'])
        bills = drafts.grouped(lambda charge: charge._get_bill_key())
        for slice_ in split_every(BILLS_PER_JOB, bills.values()):
            ids = [id_ for charges in slice_ for id_ in charges.ids]
            self._delay('post', ids)._job_post(ids)
        if not drafts:
            self._job_finish_posting()

    def _job_post(self, charge_ids):
        """ Post one slice: one transaction, all of its bills or none. """
        charges = self.env['property.charge'].browse(charge_ids).exists()
        self._lock_slice(charges)
        if self.state != 'posting':
            return
        charges = charges.filtered(
            lambda charge: charge.state == 'draft' and charge.run_id == self)
        if meters := charges.assignment_id.meter_id:
            meters._touch()  # nobody changes their readings meanwhile
        charges -= charges._leave_out_changed()
        if charges:
            self._post_bills(charges)
        self._delay('finish', charge_ids)._job_finish_posting()

    def _post_bills(self, charges):
        """ Post what can be: a bill that Odoo refuses is left out and does not hold the rest.

        Its account may be archived since the preview, or its payer be another company's.
        """
        try:
            with self.env.cr.savepoint():
                charges._create_bills(self.date_invoice)
        except (AccessError, LockError):
            raise
        except UserError:
            for bill in charges.grouped(lambda charge: charge._get_bill_key()).values():
                try:
                    with self.env.cr.savepoint():
                        bill._create_bills(self.date_invoice)
                except UserError as error:
                    bill._leave_out('refused', {'text': 'refused', 'message': str(error)})

    def _job_finish_posting(self):
        """ Each slice asks after its commit, so the last one finds nothing left to do. """
        if self.state == 'undone':
            self._enqueue_undo()  # this slice was under way when the run was undone
            return
        counts = dict(self.env['property.charge']._read_group(
            [('run_id', '=', self.id)], ['state'], ['__count']))
        is_large = counts.get('posted', 0) >= LARGE_RUN
        if counts.get('draft') and not is_large or is_large and not counts.get('draft'):
            # After the first slices, since a first month fills empty tables; and in the end.
            self.env.cr.execute(
                'ANALYZE account_move, account_move_line, account_partial_reconcile, '
                'account_payment, property_charge')
        if self.state in ('posting', 'paused') and not counts.get('draft'):
            self._set_step('posted')

    # === BUSINESS METHODS: PUBLISHING === #

    def _get_bills_domain(self):
        return Domain([
            ('property_run_id', '=', self.id), ('move_type', '=', 'out_invoice'),
            ('state', '=', 'posted')])

    def _enqueue_publishing(self):
        # sudo: clerks publish the bills of their runs without an accounting group.
        bills_sudo = self.env['account.move'].sudo().search(
            self._get_bills_domain() & Domain('property_published_at', '=', False), order='id')
        for ids in split_every(BILLS_PER_JOB, bills_sudo.ids):
            self._delay('publish', ids)._job_publish(ids)

    def _job_publish(self, move_ids):
        # sudo: clerks publish the bills of their runs without an accounting group.
        moves_sudo = self.env['account.move'].sudo().browse(move_ids).exists()
        self._lock_slice(moves_sudo)
        if self.state == 'published':
            moves_sudo.filtered(
                lambda move: move.property_run_id == self,
            )._publish_property_bills(
                'property_billing.template_bill' if self.tells_payers else None,
                channels=self._get_channels() or None)

    # === BUSINESS METHODS: UNDO === #

    def _check_undo(self):
        """ Only a manager undoes; what is under way already, only where it failed. """
        self._check_state('posting', 'paused', 'posted', 'published', 'undone')
        if not self.env.user.has_group('property_billing.group_billing_manager'):
            raise AccessError(self.env._("Only a billing manager undoes a bill run."))
        if self.state == 'undone' and not self._get_jobs(('failed',), 'undo'):
            raise UserError(self.env._("%(run)s is undone already.", run=self.name))

    def _get_last_bill_day(self):
        # sudo: the run's own bills, whose dates it tells; managers need no accounting group.
        return self.env['account.move'].sudo().search(
            self._get_bills_domain(), order='date desc', limit=1).date

    def _get_undoable_charges(self, moves=None):
        """ What an undo takes back: the posted charges, with what corrects them and what others
        have taken over of them. What was credited of them before stays credited.

        :param moves: only of these bills of the run, and what follows from them
        """
        domain = Domain('run_id', '=', self.id) & Domain('state', 'in', ('posted', 'reversed'))
        if moves is not None:
            domain &= Domain('move_id', 'in', moves.ids)
        charges = self.env['property.charge'].search(domain, order='id')
        undoable = charges.filtered(
            lambda charge: charge.state == 'posted' or charge.is_corrected)
        undoable |= (charges - undoable)._filter_taken_over()
        return undoable._get_with_followers()

    def _undo(self, reason, date, payments='refuse'):
        """ Reverse all bills of the run. Its periods can then be run again.

        :param str reason: why, as it stands on the reversals
        :param date date: the date of the reversals
        :param str payments: one of `PAYMENT_CHOICES`
        """
        self._check_undo()
        last_day = self._get_last_bill_day()
        company_sudo = self.company_id.sudo()  # as in `_get_posting_notice`
        posting_day = company_sudo._get_first_open_day(date, company_sudo.property_bill_journal_id)
        if last_day and posting_day < last_day:
            raise UserError(self.env._(
                "The bills of %(run)s are dated %(day)s, and nothing is reversed before it is "
                "billed. Choose that day or a later one.",
                run=self.name, day=format_date(self.env, last_day)))
        if payments == 'refuse':
            self._get_undoable_charges()._check_unpaid(self.env._(
                "%(run)s cannot be undone as it stands. Choose what becomes of these payments, "
                "take them back first, or correct single bills.", run=self.name))
        self._unlink_charges(lambda charge: charge.state == 'draft')
        # sudo: queue jobs are the administrator's; what failed is tried anew, as chosen now.
        self._get_jobs(('failed',), 'undo').button_cancelled()
        self._set_step(
            'undone', undo_reason=reason, undo_date=date, undo_payments=payments)
        self._enqueue_undo()

    def _enqueue_undo(self):
        # sudo: managers need no accounting group.
        moves_sudo = self._get_undoable_charges().sudo().filtered(
            lambda charge: charge.run_id == self).move_id
        for ids in split_every(BILLS_PER_JOB, moves_sudo.ids):
            self._delay('undo', ids)._job_undo(ids)

    def _job_undo(self, move_ids):
        # sudo: who may undo was checked when the job was made.
        moves_sudo = self.env['account.move'].sudo().browse(move_ids).exists()
        self._lock_slice(moves_sudo)
        if self.state != 'undone':
            return
        charges_sudo = self.sudo()._get_undoable_charges(moves_sudo)
        charges_sudo._lock_receivables()
        if self.undo_payments == 'refuse':
            charges_sudo._check_unpaid(self.env._(
                "Undo the run once more, and choose what becomes of these payments."))
        notes_sudo = charges_sudo._credit(
            self.undo_reason, self.undo_date, charges_sudo._get_uncredited()).sudo()
        charges_sudo.is_corrected = False  # with their corrections gone, their days are free
        if self.undo_payments == 'oldest':
            notes_sudo._settle_oldest()
