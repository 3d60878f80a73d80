from decimal import Decimal

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..tools.explanation import explain_once
from ..tools.planning import PlannedCharge, due_date, plan_period, schedule

# Why nothing is to be paid for days of a lease: they stand in its schedule, left out.
NOT_OWED = ('zero', 'free')


class PropertyLease(models.Model):
    """ The schedule of a lease: charges, from 生成明细 to 转应收 (B18 to B20). """
    _inherit = 'property.lease'

    # === BUSINESS METHODS: SCHEDULE === #

    def _drop_schedule(self):
        """ What is only scheduled is worked out anew when it is asked for. """
        # sudo: charges come and go with the steps of their lease, which check who may.
        self.env['property.charge'].sudo().search([
            ('lease_id', 'in', self.ids), ('run_id', '=', False),
            ('state', 'in', ('scheduled', 'left_out'))]).unlink()

    def _create_missing_charges(self, state):
        """ All that these leases charge and that is not there yet, so that they tile.

        :param state: `scheduled` before the review, `transferred` after it
        """
        lines = self.line_ids.filtered('active')
        for lease in self:
            if not lease.line_ids.filtered('active'):
                raise UserError(self.env._(
                    "%(lease)s has no lines. Enter what is let, and for how much.",
                    lease=lease.display_name))
        covered = lines._read_covered_days(SQL("state != 'reversed' OR is_corrected"))
        vals_list = [
            lease._prepare_deposit_vals() for lease in self
            if lease.deposit_fee_id and state == 'scheduled']  # once, with the first schedule
        for line, subject in lines._get_subjects().items():
            for day, start, end in schedule(
                    subject, covered.get(line.id, []), line.lease_id.date_first_payment or None):
                for planned in plan_period(subject, start, end):
                    vals = line._prepare_charge_vals(planned)
                    if vals['reason'] not in NOT_OWED:  # whatever lacks, its run will tell
                        vals.update(state=state, reason=False, reason_values=False)
                    vals_list.append({
                        **vals,
                        'lease_id': line.lease_id.id,
                        'date_bill': day,
                        'date_due': due_date(
                            subject.terms.due_rule, subject.terms.due_value, day, start),
                    })
        # sudo: what a lease schedules nobody may type himself; its steps have checked who may.
        self.env['property.charge'].sudo().create(vals_list)

    def _prepare_deposit_vals(self):
        """ The deposit, due when the lease is signed. """
        self.ensure_one()
        fee = self.deposit_fee_id
        unit = self.unit_ids[0]
        day = min(self.date_signed or self.date_start, self.date_start)
        explanation = explain_once(
            quantity=Decimal(1), price=Decimal(repr(self.deposit_amount)),
            rounding=Decimal(fee.rounding),
            note=self.env._("Deposit of lease %(lease)s", lease=self.name))
        return {
            'kind': 'temporary', 'state': 'scheduled', 'lease_id': self.id, 'unit_id': unit.id,
            'fee_id': fee.id, 'partner_id': self.partner_id.id, 'date_start': self.date_start,
            'date_end': self.date_start, 'date_bill': day, 'date_due': day,
            'amount': float(explanation['amount']), 'explanation': explanation,
        }

    # === BUSINESS METHODS: TRANSFER === #

    def _transfer(self):
        """ The schedule becomes receivables: payable, and taken by the runs of its days. """
        self._set_step('transferred')
        # sudo: the transfer has checked who may; charges are written in sudo mode only.
        self.env['property.charge'].sudo().search([
            ('lease_id', 'in', self.ids), ('state', '=', 'scheduled')]).state = 'transferred'


class PropertyCharge(models.Model):
    _inherit = 'property.charge'

    lease_id = fields.Many2one(
        'property.lease', string="Lease", index='btree_not_null', ondelete='restrict',
    )

    def _drop_from_preview(self):
        """ Override: what a lease has transferred waits for the next run. """
        of_leases = self.filtered('lease_id')
        # sudo: the steps of the run have checked who may.
        of_leases.sudo().write({
            'state': 'transferred', 'run_id': False, 'reason': False, 'reason_values': False,
            'previous_amount': 0,
        })
        super(PropertyCharge, self - of_leases)._drop_from_preview()

    def _transfer_again(self, corrected):
        """ What was taken back of leases waits for the next run, as it was charged before: to the
        tenant, whoever owed it since.

        Not what corrections settle, nor the time after the end of its line. In sudo mode, as what
        takes it back.

        :param corrected: those whose corrections were taken back with them, so that a last period
            by days is planned anew
        """
        firsts = self.browse().union(*(
            charge._get_first_owed() for charge in self if charge.state == 'reversed'))
        taken_back = firsts.filtered(lambda charge: (
            charge.state == 'reversed' and charge.lease_id and not charge.is_corrected
            and charge.kind in ('recurring', 'temporary')))
        again = taken_back.filtered(lambda charge: (
            not charge.assignment_id or charge.assignment_id.active
            and charge.assignment_id.date_end >= (
                charge.date_end if charge in corrected else charge.date_start)))
        self.flush_recordset()  # their days are free before they are taken again
        self.create([{
            'kind': charge.kind, 'state': 'transferred', 'lease_id': charge.lease_id.id,
            'assignment_id': charge.assignment_id.id, 'unit_id': charge.unit_id.id,
            'fee_id': charge.fee_id.id, 'partner_id': charge.partner_id.id,
            'date_start': charge.date_start, 'date_end': charge.date_end,
            'date_bill': charge.date_bill, 'date_due': charge.date_due,
            'amount': charge.amount, 'explanation': charge.explanation,
        } for charge in again])
        (taken_back & corrected - again).lease_id.filtered(
            lambda lease: any(lease.line_ids.mapped('active')),
        )._create_missing_charges('transferred')

    def _plan_lease_anew(self):
        """ What transferred charges are before they are billed: reductions were granted since.

        What is free now keeps its amount and is left out by its run.

        :return: `{charge: PlannedCharge}`
        """
        subjects = self.assignment_id._get_subjects()
        planned = {}
        for charge in self:
            start, end = charge._get_period()
            planned[charge] = PlannedCharge(
                start, end, charge.partner_id.id, charge.explanation)
            subject = subjects.get(charge.assignment_id)
            # A deposit is not planned; nor is a last period that is owed beyond the lease's end.
            if not subject or subject.end < end:
                continue
            [planned[charge]] = plan_period(subject, start, end)
            if planned[charge].amount > 0 and planned[charge].explanation != charge.explanation:
                charge.write({
                    'amount': float(planned[charge].amount),
                    'explanation': planned[charge].explanation})
        return planned

    def _leave_out_unbillable(self):
        """ Leave out what cannot be billed any more; returns it. What a reviewed lease charges
        does not change otherwise.
        """
        left_out = self.browse()
        for charge in self:
            archived = [record for record in (charge.unit_id, charge.fee_id) if not record.active]
            values = (
                {'text': 'archived', 'record': archived[0].display_name} if archived
                else charge.fee_id._get_left_out_reason(charge.run_id.date_invoice)[1])
            if values:
                charge._leave_out('changed', values)
                left_out += charge
        return left_out

    # === ACTION METHODS === #

    def action_bill_now(self):
        """ Bill transferred charges today, because they are asked for before their day.

        No run publishes these bills, so their payers see them at once.
        """
        self.check_access('write')
        bills = self._bill_transferred(fields.Date.context_today(self))
        if not bills:
            raise UserError(self.env._(
                "None of these charges waits for its bill. Transfer the lease first; what is "
                "billed, free or left out is not billed now."))
        bills._publish_property_bills()

    # === BUSINESS METHODS === #

    def _bill_transferred(self, date):
        """ Post those of these charges that a lease has transferred (decision 25).

        :return: the bills
        """
        # sudo: the callers have checked who may bill; charges are written in sudo mode only.
        self.lock_for_update()
        self.invalidate_recordset(['state'])
        charges_sudo = self.sudo().filtered(lambda charge: charge.state == 'transferred')
        planned = charges_sudo._plan_lease_anew()
        # What is free now is left out by the run of its day.
        charges_sudo = charges_sudo.filtered(lambda charge: planned[charge].amount > 0)
        for charge in charges_sudo:
            lease = charge.lease_id
            due = due_date(lease.due_rule, lease.due_days, date, charge.date_start)
            charge.write({'state': 'draft', 'date_due': max(charge.date_due, due)})
        return charges_sudo._create_bills(date) if charges_sudo else self.env['account.move']
