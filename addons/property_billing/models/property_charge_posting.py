from decimal import Decimal

from odoo import Command, fields, models
from odoo.exceptions import AccessError, LockError, UserError
from odoo.fields import Domain

from odoo.addons.property_base.const import QUIET_CONTEXT

from ..tools.allocation import DUE, LATE_FEE, NOT_YET_DUE, Claim, allocate


class PropertyCharge(models.Model):
    _inherit = 'property.charge'

    # === POSTING === #

    def _create_bills(self, date_invoice):
        """ Post these charges as bills of `date_invoice`, one per key of `_get_bill_key`.

        Charges that are not draft any more are skipped, so that a repeated job does no harm. The
        caller commits; at most 500 bills at a time keep the transaction small.

        :return: the posted bills
        :rtype: recordset of `account.move`
        :raises LockError: another transaction has some of the charges
        """
        self.check_access('write')
        self.lock_for_update()
        self.invalidate_recordset(['state'])
        # The right to write the charges is checked above; who posts needs no accounting group.
        charges_sudo = self.filtered(lambda charge: charge.state == 'draft').sudo()
        charges_sudo._check_postable(date_invoice)
        charges_sudo.filtered(lambda charge: not charge.date_due).date_due = date_invoice

        moves_sudo = self.env['account.move'].sudo()
        for company, charges in charges_sudo.grouped('company_id').items():
            journal = company._get_property_bill_journal()
            groups = charges.sorted(lambda charge: (
                charge.unit_id.id, charge.fee_id.sequence, charge.date_start, charge.id,
            )).grouped(lambda charge: charge._get_bill_key())
            vals_list = [
                group._prepare_bill_vals(journal, date_invoice) for group in groups.values()]
            moves = moves_sudo.with_company(company)
            if moves._can_complete_property_bills(vals_list):
                bills = moves._create_complete_property_bills(vals_list)
            else:
                bills = moves.with_context(**QUIET_CONTEXT).create(vals_list)
            moves_sudo += bills._post(soft=False)
        charges_sudo._set_posted(moves_sudo)
        return self.env['account.move'].browse(moves_sudo.ids)

    def _get_bill_key(self):
        """ Charges with the same key are one bill (一户一房, 一户多房). """
        self.ensure_one()
        # sudo: a payer whom the user may not read is billed like the others.
        is_one_bill = self.partner_id.sudo().property_bill_grouping == 'payer'
        return (
            self.company_id.id, self.project_id.id, self.run_id.id, self.partner_id.id,
            0 if is_one_bill else self.unit_id.id,
        )

    def _check_postable(self, date_invoice):
        for charge in self:
            if not charge.partner_id:
                raise UserError(self.env._(
                    "%(charge)s has nobody to pay it. Enter a payer or leave it out.",
                    charge=charge.display_name))
            _reason, values = charge.fee_id._get_left_out_reason(date_invoice)
            if values:
                raise UserError(self._get_reason_texts()[values['text']] % values)

    def _prepare_bill_vals(self, journal, date_invoice):
        """ One bill of all these charges. """
        units = self.unit_id
        return {
            'move_type': 'out_invoice',
            'company_id': self.company_id.id,
            'currency_id': self.currency_id.id,
            'journal_id': journal.id,
            'partner_id': self.partner_id.id,
            'invoice_date': date_invoice,
            'date': self.company_id._get_first_open_day(date_invoice, journal),
            # Neither instalments nor tax mapping: a charge has its own due date and tax.
            'invoice_payment_term_id': False,
            'fiscal_position_id': False,
            'invoice_user_id': False,
            'property_project_id': self.project_id.id,
            'property_building_id': self.building_id.id if len(self.building_id) == 1 else False,
            'property_run_id': self.run_id.id,
            'property_unit_id': units.id if len(units) == 1 else False,
            'invoice_line_ids': [
                Command.create(charge._prepare_bill_line_vals(len(units) > 1, date_invoice))
                for charge in self
            ],
        }

    def _prepare_bill_line_vals(self, with_unit, date_invoice):
        return {
            'property_charge_id': self.id,
            'name': self._get_bill_label(with_unit),
            'account_id': self.fee_id.account_id.id,
            'quantity': 1,
            'price_unit': self.amount,
            # Also when empty: a line without taxes would take the company's default.
            'tax_ids': [Command.set(self.fee_id._get_tax(date_invoice).ids)],
            **self._prepare_owner_vals(),
        }

    def _prepare_owner_vals(self):
        """ Whose the money is, where it is not the company's own (decision 23). """
        fee = self.fee_id
        return {} if fee.nature == 'income' else {
            'property_fee_id': fee.id,
            'property_unit_id': self.unit_id.id,
            'property_beneficiary_id': fee.beneficiary_id.id,
        }

    def _get_bill_label(self, with_unit):
        """ What a bill's line says, e.g. "物业费 2020-06-10 ~ 2020-12-09". """
        self.ensure_one()
        label = f'{self.fee_id.name} {self._get_period_text()}'
        if origin := self._get_origin_text():
            label = f'{label} ({origin})'
        return f'{self.unit_id.complete_name} {label}' if with_unit else label

    def _get_origin_text(self):
        """ What tells a charge from others of the same fee and days, if anything does. """
        self.ensure_one()
        return ''

    def _set_posted(self, moves):
        """ Tie each charge to its own receivable line of these posted bills. """
        lines = moves.line_ids.filtered(lambda line: line.display_type == 'payment_term')
        line_by_charge = {line.property_charge_id: line for line in lines}
        for charge in self:
            line = line_by_charge.get(charge, lines.browse())
            if charge.currency_id.compare_amounts(line.balance, charge.amount):
                raise UserError(self.env._(
                    "%(charge)s: %(amount)s was charged, but the bill says %(balance)s. "
                    "Check that tax %(tax)s is included in the price.",
                    charge=charge.display_name, amount=charge.currency_id.format(charge.amount),
                    balance=charge.currency_id.format(line.balance),
                    tax=line.move_id.invoice_line_ids.tax_ids.mapped('name')))
            charge.write({
                'state': 'posted',
                'move_id': line.move_id.id,
                'receivable_line_id': line.id,
            })

    # === TAKING BACK === #

    def _credit(self, reason, date=None, amounts=None):
        """ Credit what is still owed of these charges, or a part of them, by one credit note per
        bill that names the cause.

        Who may is for the caller to ask: taking back a bill run is a manager's right, and who
        moves out owes nothing for the time after.

        :param date: of the credit notes, today by default; in a closed month or before the bill
            the first day possible, see `account.move._get_property_reversal_date`
        :param dict amounts: how much of which charge id, tax included; without it, all that is
            still owed. What of it is paid already stays the payer's, as an open credit
        :return: the posted credit notes
        :rtype: recordset of `account.move`
        """
        # sudo: as said above, and nobody needs an accounting group for it.
        charges_sudo = self.sudo().filtered(lambda charge: charge.state == 'posted')
        charges_sudo._lock_receivables()
        amounts = (
            {charge.id: charge.amount_residual for charge in charges_sudo} if amounts is None
            else self._check_creditable(amounts))
        charges_sudo = charges_sudo.filtered(lambda charge: amounts.get(charge.id, 0) > 0)
        notes_sudo = charges_sudo.move_id.browse()
        for company, charges in charges_sudo.grouped('company_id').items():
            notes = charges.move_id.with_company(company)._create_property_reversals(
                reason, date, {charge: amounts[charge.id] for charge in charges})
            # What becomes of the days is for the caller, too.
            notes_sudo += notes.with_context(property_is_settled=True)._post(soft=False)
        return self.env['account.move'].browse(notes_sudo.ids)

    def _check_creditable(self, amounts):
        """ The amounts, rounded; none is more than what is left of its charge. """
        self._touch()
        credited = self._get_credited_amounts()
        checked = {}
        for charge in self.sudo():  # as in `_credit`
            amount = charge.currency_id.round(amounts.get(charge.id, 0))
            left = charge.currency_id.round(charge.amount - credited.get(charge, 0))
            if amount < 0 or charge.currency_id.compare_amounts(amount, left) > 0:
                raise UserError(self.env._(
                    "%(charge)s: %(amount)s cannot be credited, %(left)s are left of it.",
                    charge=charge.display_name, amount=charge.currency_id.format(amount),
                    left=charge.currency_id.format(left)))
            checked[charge.id] = amount
        return checked

    def _get_paid(self):
        """ Those of these that are posted and paid, wholly or in part. """
        # sudo: that something is paid is no secret of the payment.
        return self.filtered(lambda charge: charge.state == 'posted' and any(
            partial.credit_move_id.move_type != 'out_refund'
            or partial.credit_move_id.property_charge_id != charge
            for partial in charge.sudo().receivable_line_id.matched_credit_ids))

    def _check_unpaid(self, advice):
        """ :param str advice: what can be done, for the user who meets a payment """
        # sudo: as above; the bills are named for who may take them back.
        if bills_sudo := self._get_paid().sudo().move_id:
            raise UserError(self.env._(
                "These bills are paid at least in part: %(bills)s. %(advice)s",
                bills=', '.join(bills_sudo[:20].mapped('name'))
                + (' …' if len(bills_sudo) > 20 else ''), advice=advice))

    def _get_uncredited(self):
        """ What is left of these posted charges, paid or not: `{charge id: amount}`. """
        credited = self._get_credited_amounts()
        return {
            charge.id: charge.currency_id.round(charge.amount - credited.get(charge, 0))
            for charge in self if charge.state == 'posted'}

    def _get_credited_amounts(self, of_notes=Domain.TRUE):
        """ What posted credit notes have taken back of these charges: `{charge: amount}`.

        :param of_notes: which items of credit notes count
        """
        # sudo: what is left of a charge is a matter of its own, whoever sees its credit notes.
        return {
            charge.with_env(self.env): -balance
            for charge, balance in self.env['account.move.line'].sudo()._read_group(
                of_notes & Domain([
                    ('property_charge_id', 'in', self.ids), ('display_type', '=', 'payment_term'),
                    ('parent_state', '=', 'posted'), ('move_type', '=', 'out_refund')]),
                ['property_charge_id'], ['balance:sum'])
        }

    # === SETTLING === #

    def _lock_receivables(self):
        """ Hold what is owed of these charges, as it is now, until the transaction ends.

        :raises LockError: somebody else settles or reverses one of them at this moment
        """
        lines = self.receivable_line_id
        try:
            lines.lock_for_update()
        except LockError as error:
            raise LockError(self.env._(
                "Somebody else is paying or reversing the same charges. Try again in a moment."),
            ) from error
        lines.invalidate_recordset(['amount_residual'])
        self.invalidate_recordset(['amount_residual'])

    def _prepare_allocation_vals(self, amounts=None):
        """ What a payment or transaction of these charges stores as its selection.

        :param dict amounts: what is to be settled per charge id; without it, all that is owed
        :return: values of `property.payment.allocation`
        :rtype: list[dict]
        """
        amounts = amounts or {}
        if (
            len(self.company_id) > 1 or len(self.currency_id) > 1
            or len(self.partner_id.commercial_partner_id) > 1
        ):
            raise UserError(self.env._(
                "One payment settles charges of one payer and one company. Choose fewer charges."))
        vals_list = []
        for charge in self:
            residual = charge.amount_residual if charge.state == 'posted' else 0
            if residual <= 0:
                raise UserError(self.env._(
                    "%(charge)s: nothing is owed, it may have been paid or cancelled. Load the "
                    "page again.", charge=charge.display_name))
            amount = charge.currency_id.round(amounts.get(charge.id, residual))
            if amount <= 0:
                raise UserError(self.env._(
                    "%(charge)s: enter how much is to be paid, more than zero.",
                    charge=charge.display_name))
            if charge.currency_id.compare_amounts(amount, residual) > 0:
                raise UserError(self.env._(
                    "%(charge)s: %(amount)s is more than the %(residual)s that are still owed.",
                    charge=charge.display_name, amount=charge.currency_id.format(amount),
                    residual=charge.currency_id.format(residual)))
            vals_list.append({'charge_id': charge.id, 'amount': amount})
        return vals_list

    def _allocate(self, amount, date=None):
        """ Divide money that names no charge among these (decision 20).

        :param date: the day of the payment, by which a charge is due or not yet; today by default
        :return: the amount per charge id, and what is left over as a prepayment
        :rtype: tuple[dict[int, float], float]
        """
        day = date or fields.Date.context_today(self)
        parts, rest = allocate(Decimal(repr(amount)), [
            Claim(
                charge.id, charge.date_due, charge.fee_id.sequence,
                Decimal(repr(charge.currency_id.round(charge.amount_residual))),
                charge._get_allocation_rank(day),
            )
            for charge in self if charge.state == 'posted'
        ])
        return {key: float(part) for key, part in parts.items()}, float(rest)

    def _get_allocation_rank(self, day):
        if self.kind == 'late_fee':
            return LATE_FEE
        return DUE if self.date_due <= day else NOT_YET_DUE

    def _receive_payment(self, journal, amount=None, amounts=None, date=None, memo=None):
        """ Book money that a payer handed over for these charges.

        :param journal: where the money went, a cash or bank journal
        :param float amount: what was received; what exceeds the charges is a prepayment
        :param dict amounts: what settles which charge id; without it the oldest are settled first
        :return: the posted payment
        :rtype: recordset of `account.payment`
        """
        self.check_access('read')
        is_officer = self.env.user.has_group('property_billing.group_billing_officer')
        if not self.env.su and not is_officer:
            raise AccessError(self.env._("You are not allowed to receive payments."))
        # The right and the charges are checked above; a cashier needs no accounting group.
        charges_sudo = self.sudo()
        charges_sudo._bill_transferred(date or fields.Date.context_today(self))
        if amounts is None:
            amounts = (
                charges_sudo._allocate(amount, date)[0] if amount is not None
                else {charge.id: charge.amount_residual for charge in charges_sudo})
        selected_sudo = charges_sudo.filtered(lambda charge: charge.id in amounts)
        vals_list = selected_sudo._prepare_allocation_vals(amounts)
        company = charges_sudo.company_id
        payment_sudo = self.env['account.payment'].sudo().with_company(company).create({
            'payment_type': 'inbound',
            'partner_type': 'customer',
            'partner_id': charges_sudo.partner_id.commercial_partner_id.id,
            'journal_id': journal.id,
            'currency_id': company.currency_id.id,
            'amount': sum(amounts.values()) if amount is None else amount,
            'date': date or fields.Date.context_today(self),
            'memo': memo,
            'property_allocation_ids': [Command.create(vals) for vals in vals_list],
        })
        payment_sudo.action_post()
        return self.env['account.payment'].browse(payment_sudo.id)
