from collections import defaultdict

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import frozendict

from odoo.addons.property_base.const import QUIET_CONTEXT

from .account_move_line import OWNER_FIELDS


class AccountMove(models.Model):
    _name = 'account.move'
    _inherit = ['account.move', 'property.company.mixin', 'property.scope.mixin']
    _property_project_field = 'property_project_id'
    _property_building_field = 'property_building_id'

    property_project_id = fields.Many2one(
        'property.project', string="Project", index='btree_not_null',
    )
    property_building_id = fields.Many2one(
        'property.building', string="Building", index='btree_not_null',
        help="Set where everything on it is of one building.",
    )
    property_unit_id = fields.Many2one('property.unit', string="Unit", index='btree_not_null')
    property_run_id = fields.Many2one(
        'property.bill.run', string="Bill run", index='btree_not_null', copy=False,
    )
    property_published_at = fields.Datetime(
        string="Published", index='btree_not_null', copy=False, readonly=True,
        help="Since when the payer sees this bill on the portal; empty while it is kept back.",
    )

    # === COMPUTE METHODS === #

    @api.depends('invoice_line_ids.property_charge_id')
    def _compute_needed_terms(self):
        """ Override of `account`: one receivable line per charge, with the charge's due date. """
        super()._compute_needed_terms()
        for move in self.filtered(lambda move: move.is_sale_document()):
            amounts = defaultdict(float)
            for line in move.invoice_line_ids:
                if line.property_charge_id:
                    amounts[line.property_charge_id] += line.price_total
            if not amounts:
                continue
            sign = 1 if move.is_inbound() else -1
            currency = move.currency_id
            needed_terms = {
                # sudo: who writes a credit note may have no right on charges.
                move._get_term_key(charge.sudo().date_due, property_charge_id=charge.id):
                    currency.round(sign * amount)
                for charge, amount in amounts.items()
            }
            rest = currency.round(
                move.amount_total_in_currency_signed - sum(needed_terms.values()))
            if rest:  # lines that an accountant added to a credit note by hand
                needed_terms[move._get_term_key(move.invoice_date)] = rest
            move.needed_terms = {
                key: {'balance': amount, 'amount_currency': amount}
                for key, amount in needed_terms.items()
            }

    @api.depends('line_ids.property_charge_id')
    def _compute_invoice_date_due(self):
        """ Override of `account`, which makes the receivable lines of a bill again to find it. """
        bills = self.filtered(lambda move: (
            move.is_sale_document() and move.invoice_line_ids
            and all(line.property_charge_id for line in move.invoice_line_ids)))
        super(AccountMove, self - bills)._compute_invoice_date_due()
        for bill in bills:
            # sudo: as above
            charges_sudo = bill.invoice_line_ids.property_charge_id.sudo()
            bill.invoice_date_due = max(charges_sudo.mapped('date_due'))

    def _get_term_key(self, date_maturity, **extra):
        """ What `account.move.line._compute_term_key` gives for the line. """
        return frozendict({
            'move_id': self.id, 'date_maturity': date_maturity, 'discount_date': False, **extra,
        })

    # === CRUD METHODS === #

    @api.ondelete(at_uninstall=False)
    def _unlink_except_property_bill(self):
        self._get_posted_property_bills()._refuse_rewriting()

    # === ACTIONS === #

    def button_draft(self):
        """ Override of `account`: what was billed is never rewritten, only reversed.

        Money that is taken back to draft settles no charge: `account` would keep it matched, and
        the charge would count as paid by what no journal has.
        """
        self._get_posted_property_bills()._refuse_rewriting()
        lines = self.line_ids
        (lines.matched_debit_ids.filtered('debit_move_id.property_charge_id')
         + lines.matched_credit_ids.filtered('credit_move_id.property_charge_id')).unlink()
        return super().button_draft()

    def action_reverse(self):
        """ Override of `account`, which speaks of a credit note: no money goes back. """
        action = super().action_reverse()
        if self._get_posted_property_bills():
            action['name'] = self.env._("Reverse the bill")
        return action

    # === BUSINESS METHODS === #

    def _post(self, soft=True):
        """ Override of `account`: a charge is billed once, also by who copied its bill. """
        # sudo: who posts may have no right on charges.
        charges_sudo = self.filtered(
            lambda move: move.move_type == 'out_invoice').line_ids.property_charge_id.sudo()
        if billed_sudo := charges_sudo.filtered(lambda charge: charge.state != 'draft'):
            raise UserError(self.env._(
                "These charges are billed already: %(charges)s. A copy of their bill cannot be "
                "posted; delete it.", charges=billed_sudo[:10].mapped('display_name')))
        return super()._post(soft)

    def _get_next_sequence_format(self):
        """ Override of `account`: the bills of one batch ask once for the last number.

        The first of them locks the number; until the end of the transaction the next ones are
        counted in memory (`_locked_increment`), which takes only the format from here.
        """
        formats = self.env.context.get('property_number_formats')
        if formats is None or not self.env.su:  # nor for a context from the network
            return super()._get_next_sequence_format()
        key = (self.journal_id, self.move_type, self.date)
        if key not in formats:
            formats[key] = super()._get_next_sequence_format()
        number_format, values = formats[key]
        return number_format, dict(values)

    def _publish_property_bills(self, template='property_billing.template_bill', channels=None):
        """ Show bills to their payers on the portal, and tell them by the channels they chose.

        The messages leave after this is committed.

        :param template: the text; None to show the bills without a word
        :param list[str] channels: only these, whatever people prefer
        """
        bills = self.filtered(lambda move: not move.property_published_at)
        bills.property_published_at = fields.Datetime.now()
        bills._issue_property_invitations()
        if template:
            self.env['property.notification']._notify_each(
                [(bill.partner_id, bill, bill.get_portal_url()) for bill in bills], 'billing',
                template=template, channels=channels)

    def _get_posted_property_bills(self):
        """ Posted bills and credit notes of charges among these entries. """
        return self.filtered(lambda move: (
            move.state == 'posted' and move.is_sale_document()
            and move.line_ids.property_charge_id
        ))

    def _refuse_rewriting(self):
        if self:
            raise UserError(self.env._(
                "Posted bills are never changed, cancelled or deleted: %(bills)s. "
                "Reverse them instead.", bills=self.mapped('name')))

    def _create_property_reversals(self, reason, date, amounts):
        """ The draft credit notes of these bills of one company.

        :param dict amounts: how much is taken back of which charge
        """
        vals_list = [bill._prepare_property_reversal_vals(reason, date, amounts) for bill in self]
        if self._can_complete_property_bills(vals_list):
            return self._create_complete_property_bills(vals_list)
        reversals = self.with_context(**QUIET_CONTEXT)._reverse_moves([
            {key: vals[key] for key in ('date', 'invoice_date', 'ref')} for vals in vals_list])
        for line in reversals.invoice_line_ids.filtered('property_charge_id'):
            charge = line.property_charge_id
            if charge not in amounts:
                line.unlink()
            elif charge.currency_id.compare_amounts(line.price_total, amounts[charge]):
                line.price_unit = amounts[charge]
        return reversals

    def _prepare_property_reversal_vals(self, reason, date, amounts):
        """ The mirror of a bill, from its posted lines: the fee may say something else by now. """
        self.ensure_one()
        date = self._get_property_reversal_date(date)
        lines = self.invoice_line_ids.filtered(lambda line: line.property_charge_id in amounts)
        is_partial = any(
            charge.currency_id.compare_amounts(amounts[charge], charge.amount)
            for charge in lines.property_charge_id)
        return {
            'move_type': 'out_refund',
            'reversed_entry_id': self.id,
            'ref': self.env._(
                "Credit on %(bill)s: %(reason)s", bill=self.name, reason=reason,
            ) if is_partial else self.env._(
                "Reversal of %(bill)s: %(reason)s", bill=self.name, reason=reason),
            'date': date,
            'invoice_date': date,
            'company_id': self.company_id.id,
            'currency_id': self.currency_id.id,
            'journal_id': self.journal_id.id,
            'partner_id': self.partner_id.id,
            'partner_bank_id': self.partner_bank_id.id,
            'invoice_payment_term_id': False,
            'fiscal_position_id': False,
            'invoice_user_id': False,
            'property_project_id': self.property_project_id.id,
            'property_building_id': self.property_building_id.id,
            'property_unit_id': self.property_unit_id.id,
            'invoice_line_ids': [
                Command.create({
                    'property_charge_id': line.property_charge_id.id,
                    'name': line.name,
                    'account_id': line.account_id.id,
                    'quantity': 1,
                    'price_unit': amounts[line.property_charge_id],
                    'tax_ids': [Command.set(line.tax_ids.ids)],
                    'analytic_distribution': line.analytic_distribution,
                    **{name: line[name].id for name in OWNER_FIELDS if line[name]},
                })
                for line in lines
            ],
        }

    def _get_property_reversal_date(self, date=None):
        """ The first open day from `date` on (decision 36), never before the bill itself. """
        self.ensure_one()
        return self.company_id._get_first_open_day(
            max(date or fields.Date.context_today(self), self.date), self.journal_id)

    def _reconcile_reversed_moves(self, reverse_moves, move_reverse_cancel):
        """ Override of `account`, which would match the charges of a bill in any order.

        Whoever posts a credit note, by Odoo's own wizard too: a charge that is credited in full
        is reversed, so that its days can be charged anew, and the payer of a published bill sees
        what became of it.
        """
        notes = reverse_moves.filtered(
            lambda move: move.reversed_entry_id.line_ids.property_charge_id)
        bills = notes.reversed_entry_id
        notes.with_context(move_reverse_cancel=move_reverse_cancel)._match_credited_charges()
        reversed_sudo = bills._mark_reversed_charges()
        if not self.env.context.get('property_is_settled'):
            reversed_sudo._transfer_again(reversed_sudo.browse())
        notes.filtered(
            lambda move: move.reversed_entry_id.property_published_at,
        ).property_published_at = fields.Datetime.now()
        super(AccountMove, self - bills)._reconcile_reversed_moves(
            reverse_moves - notes, move_reverse_cancel)
        return reverse_moves

    def _match_credited_charges(self):
        """ Match what these credit notes take back of a charge with that charge on its bill.

        What is left of a credit, because the charge was paid, stays the payer's: `account` would
        settle other charges of the bill with it.
        """
        plan = []
        for note in self:
            lines = (note.reversed_entry_id + note).line_ids.filtered(lambda line: (
                line.property_charge_id and line.account_id.reconcile and not line.reconciled))
            groups = lines.grouped(lambda line: (line.property_charge_id, line.account_id))
            plan += [group for group in groups.values() if len(group.move_id) > 1]
        if plan:
            self.env['account.move.line']._reconcile_plan(plan)

    def _settle_oldest(self):
        """ Let what is open of these credit notes settle what their payers owe, oldest first.

        Of the same project, and only what is due; the rest stays open (decisions 7 and 20). In sudo
        mode, as what makes the notes.
        """
        owed = self.env['property.charge'].search([
            ('partner_id.commercial_partner_id', 'in', self.commercial_partner_id.ids),
            ('project_id', 'in', self.property_project_id.ids), ('state', '=', 'posted'),
            ('date_due', '<=', fields.Date.context_today(self)),
            ('receivable_line_id.amount_residual', '>', 0),
        ]).grouped(lambda charge: (charge.partner_id.commercial_partner_id, charge.project_id))
        plan = []
        for key, notes in self.grouped(
            lambda move: (move.commercial_partner_id, move.property_project_id)
        ).items():
            charges = owed.get(key, ())
            lines = notes.line_ids.filtered(lambda line: (
                line.display_type == 'payment_term' and line.amount_residual < 0))
            for line in lines if charges else ():
                # Each pair takes what is left of both, so that the order alone decides.
                plan += [
                    line + charges.browse(charge_id).receivable_line_id
                    for charge_id in charges._allocate(-sum(lines.mapped('amount_residual')))[0]
                    if charges.browse(charge_id).receivable_line_id.account_id == line.account_id]
        if plan:
            self.env['account.move.line']._reconcile_plan(plan)

    def _mark_reversed_charges(self):
        """ Of these bills, the charges that posted credit notes have taken back in full; returns
        them in sudo mode.
        """
        credited = defaultdict(float)
        for line in self.reversal_move_ids.line_ids:
            if line.display_type == 'payment_term' and line.parent_state == 'posted':
                # sudo: the state of a charge follows the journal, which the user may write.
                credited[line.property_charge_id.sudo()] -= line.balance
        reversed_sudo = self.env['property.charge'].sudo().union(*(
            charge for charge, amount in credited.items()
            if charge.state == 'posted'
            and charge.currency_id.compare_amounts(amount, charge.amount) >= 0
        ))
        reversed_sudo.write({'state': 'reversed'})
        return reversed_sudo
