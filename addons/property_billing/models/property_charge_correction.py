from decimal import Decimal
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.correction import Difference, compare, explain_correction
from ..tools.periods import ONE_DAY
from ..tools.planning import Terms, due_date, plan_period

CENT = Decimal('0.01')


class Correction(NamedTuple):
    """ What one payer owes more, or less if negative, for the days `[start, end)` of a period. """
    charges: models.Model  # the recurring charges of the period
    nets: dict  # what this payer was charged for it, less what was credited, by charge
    partner: models.Model
    start: fields.Date
    end: fields.Date
    difference: Difference
    terms: Terms

    @property
    def amount(self):
        return float(self.difference.amount)

    @property
    def key(self):
        """ What tells it from others, before and after they are planned anew. """
        return self.charges[0].id, self.partner.id

    def get_credits(self):
        """ What is credited of which charge id: what is still owed first, the newest first. """
        rest, amounts = max(-self.difference.amount, 0), {}
        for charge in sorted(self.nets, key=lambda c: (c.amount_residual <= 0, -c.id)):
            amount = min(rest, self.nets[charge])
            amounts[charge.id] = float(amount)
            rest -= amount
        return amounts


class PropertyCharge(models.Model):
    """ What is posted and would come out differently now: the minus is credited, the plus is
    charged, and what was posted stays as it is.
    """
    _inherit = 'property.charge'

    is_corrected = fields.Boolean(
        string="Corrected", readonly=True, copy=False,
        help="What its days cost is settled by credits and corrections, whatever is left of this "
             "charge itself: no bill run charges them again.",
    )
    amount_credited = fields.Monetary(
        string="Credited", compute='_compute_amount_credited',
        help="What credit notes have taken back of it, paid or not.",
    )

    @api.depends('receivable_line_id.amount_residual', 'state')
    def _compute_amount_credited(self):
        credited = self._get_credited_amounts()
        for charge in self:
            charge.amount_credited = credited.get(charge._origin, 0)

    # === ACTION METHODS === #

    def action_correct(self):
        """ Show what would come out differently now, to be posted from there. """
        return {
            'name': self.env._("Correct posted charges"),
            'type': 'ir.actions.act_window',
            'res_model': 'property.charge.correct',
            'view_mode': 'form',
            'target': 'new',
            'context': {'default_charge_ids': self.ids},
        }

    def action_view_corrections(self):
        """ It and what corrects it. """
        self.ensure_one()
        return self._get_correction_action()

    def _propose_correction(self, reason):
        """ What something new changes of what is billed, as an action: to be corrected by a
        manager, told to others; nothing further if nothing changes.

        What cannot be computed is told as well: it is no reason to refuse what is new.
        """
        try:
            corrections = self._plan_corrections()
        except UserError as error:
            message = self.env._(
                "It cannot be said yet what of the billed periods changes. %(detail)s",
                detail=error)
        else:
            if not corrections:
                return {'type': 'ir.actions.act_window_close'}
            if self.env.user.has_group('property_billing.group_billing_manager'):
                action = self.action_correct()
                action['context']['default_reason'] = reason
                return action
            message = self.env._(
                "%(count)s periods are billed already and would come out differently now. Ask "
                "a billing manager to correct them.", count=len(corrections))
        return {
            'type': 'ir.actions.client',
            'tag': 'display_notification',
            'params': {
                'type': 'warning',
                'sticky': True,
                'message': message,
                'next': {'type': 'ir.actions.act_window_close'},
            },
        }

    # === BUSINESS METHODS === #

    def _correct(self, reason, date, expected=None, amounts=None):
        """ Charge the periods of these posted charges as they would be charged now.

        :param str reason: why, as it stands on the credit notes
        :param date: of the credit notes and bills; in a closed month the first open day
        :param dict expected: the amounts that the user was shown, by `Correction.key`
        :param dict amounts: what is credited of which of `_get_typed` by the user's word, by id
        :return: the posted credit notes and bills
        :rtype: recordset of `account.move`
        """
        if not self.env.su and not self.env.user.has_group(
                'property_billing.group_billing_manager'):
            raise AccessError(self.env._("Only a billing manager corrects what is posted."))
        self.check_access('write')
        periods = self._get_periods_to_correct()
        charges = self.browse().union(*periods.values())
        amounts = {charge.id: (amounts or {}).get(charge.id, 0) for charge in self._get_typed()}
        (charges | self)._touch()
        corrections = self._plan_corrections()
        if expected is not None and expected != {c.key: c.amount for c in corrections}:
            raise UserError(self.env._(
                "Something of this was paid, corrected or changed since you opened the page. Close "
                "it and start again."))
        # sudo: the right and the charges are checked above; no accounting group is needed.
        charges_sudo = self.browse().union(*(c.charges for c in corrections)).sudo()
        for correction in corrections:
            amounts |= correction.get_credits()
        moves = charges_sudo.browse(amounts)._credit(reason, date, amounts)
        charges_sudo.is_corrected = True
        additional_sudo = charges_sudo.create([
            self._prepare_correction_vals(correction, date)
            for correction in corrections if correction.amount > 0])
        bills = additional_sudo._create_bills(date)
        bills.filtered(lambda bill: any(
            bill.line_ids.property_charge_id.origin_charge_id.move_id.mapped(
                'property_published_at')))._publish_property_bills()
        return self.env['account.move'].browse((moves + bills).ids)

    def _get_correction_action(self):
        """ The list of these with what corrects them. """
        action = self.env['ir.actions.act_window']._for_xml_id(
            'property_billing.property_charge_action')
        return {
            **action,
            'domain': [
                '|', ('id', 'in', self.ids),
                '&', ('kind', '=', 'correction'), ('origin_charge_id', 'in', self.ids)],
            'context': {},
        }

    def _touch(self):
        """ Let nobody else credit, correct or post these at the same time, or charge late fees of
        them: the second begins anew.

        What is credited of a paid charge changes neither it nor its receivable item, so that a
        lock alone would let the second go on with what it has read before.
        """
        self.env.cr.execute(SQL(
            "UPDATE property_charge SET write_date = write_date WHERE id = ANY(%s)", self.ids))

    @api.model
    def _get_billed_domain(self):
        """ What has charged days of an assignment, so that nothing else does. """
        return Domain('kind', 'in', ('recurring', 'opening')) & (
            Domain('state', '=', 'posted')
            | Domain('state', '=', 'reversed') & Domain('is_corrected', '=', True))

    @api.model
    def _get_computed_domain(self):
        """ What is in the books and can be computed again, from its assignment. """
        return (
            self._get_billed_domain() & Domain('kind', '=', 'recurring')
            & Domain('assignment_id', '!=', False))

    def _get_computed(self):
        """ Those of these that can be computed again, and those that others correct or come from:
        `{charge: computed one}`.
        """
        domain = self._get_computed_domain()
        found = {}
        for charge in self:
            computed = charge
            while computed and not computed.filtered_domain(domain):
                computed = computed.passed_from_id or (
                    computed.origin_charge_id if computed.kind == 'correction' else self.browse())
            if computed:
                found[charge] = computed
        return found

    def _get_typed(self):
        """ Those of these that somebody has typed, so that nothing says what they would be now. """
        computed = self._get_computed()
        return self.filtered(lambda charge: (
            charge not in computed and charge.state == 'posted'
            and charge.kind not in ('late_fee', 'true_up')))

    def _get_kept(self):
        """ Those that are not cancelled when their payer leaves: money was received on them, or
        what their period costs is settled by corrections.
        """
        return self._get_paid() | self.filtered(
            lambda charge: charge.is_corrected or charge.origin_charge_id.is_corrected)

    def _get_with_followers(self):
        """ These, with what was charged because of them and still is: corrections of them, credits
        of true-ups that were taken back, and what somebody else has taken over.
        """
        charges = added = self
        while added:
            added = self.search([
                '|', ('passed_from_id', 'in', added.ids),
                '&', ('origin_charge_id', 'in', added.ids),
                ('kind', 'in', ('correction', 'true_up')),
            ]) - charges
            charges |= added
        return charges

    def _plan_corrections(self):
        """ What these charges' periods would cost now and who would pay, where that differs.

        The number of queries does not depend on the number of charges.

        :rtype: list[Correction]
        :raises UserError: it cannot be said what a period costs now
        """
        periods = self._get_periods_to_correct()
        subjects = self._get_subjects(periods)
        nets_by_period = self._get_nets(periods)
        corrections = []
        for (assignment, start, end), charges in periods.items():
            subject = subjects[assignment]
            planned = charges._plan_again(subject, start, end)
            nets = nets_by_period[assignment, start, end]
            before = {
                partner.id: sum(of_payer.values(), Decimal())
                for partner, of_payer in nets.items()}
            for difference in compare(before, planned):
                partner = self.env['res.partner'].browse(difference.partner_id)
                days = [p for p in planned if p.partner_id == partner.id]
                corrections.append(Correction(
                    charges=charges, nets=nets.get(partner, {}), partner=partner,
                    start=min((p.start for p in days), default=start),
                    end=max((p.end for p in days), default=end),
                    difference=difference, terms=subject.terms))
        return corrections

    def _get_periods_to_correct(self):
        """ The periods of these charges with all of their charges, several payers' too:
        `{(assignment, start, end): charges}`.
        """
        charges = self.browse().union(*self._get_computed().values())
        if not charges:
            return {}
        wanted = {(charge.assignment_id, *charge._get_period()) for charge in charges}
        found = self.search(
            self._get_computed_domain()
            & Domain('assignment_id', 'in', charges.assignment_id.ids)
            & Domain('date_start', '<', max(end for _assignment, _start, end in wanted))
            & Domain('date_end', '>=', min(start for _assignment, start, _end in wanted)),
            order='unit_id, fee_id, assignment_id, date_start, id')
        return {
            period: of_period
            for period, of_period in found.grouped(
                lambda charge: (charge.assignment_id, *charge._get_period())).items()
            if period in wanted}

    def _plan_again(self, subject, start, end):
        """ The charges of the period `[start, end)`, of which these are posted, as they would be
        planned now.
        """
        assignment = self.assignment_id
        if not assignment.active:
            return []
        days = [(charge.date_start, charge.date_end + ONE_DAY) for charge in self]
        if sum((day_end - day).days for day, day_end in days) == (end - start).days:
            days = [(start, end)]  # else the rest of it was taken back, and is no matter here
        planned = []
        for day, day_end in days:
            day, day_end = max(day, subject.start), min(day_end, subject.end or day_end)
            if day < day_end:
                planned += plan_period(subject, day, day_end)
        for charge in planned:
            is_sound = charge.partner_id and charge.explanation and charge.amount > 0
            if not is_sound:
                reason, values = assignment._get_left_out_reason(charge)
                if charge.partner_id and reason in ('free', 'no_use'):
                    continue
                raise UserError(self.env._(
                    "%(charge)s cannot be corrected: %(detail)s", charge=self[0].display_name,
                    detail=self._get_reason_texts()[values['text']] % values))
        return planned

    def _get_nets(self, periods):
        """ What each payer was charged for each period, less what was credited:
        `{period: {partner: {charge: net}}}`.

        Corrections of a period belong to it, and what was passed to another payer counts for him
        who owed it first: it is he whom the period was charged. What a true-up credited is no
        matter of the period, whose price is still what it was.
        """
        period_by_charge = {
            charge: period for period, charges in periods.items() for charge in charges}
        charges = self.browse().union(*periods.values())
        while charges:
            following = self.search([
                ('state', 'in', ('posted', 'reversed')),
                '|', ('passed_from_id', 'in', charges.ids),
                '&', ('origin_charge_id', 'in', charges.ids), ('kind', '=', 'correction')])
            relatives = [
                *((charge, charge.passed_from_id or charge.origin_charge_id)
                  for charge in following),
                *((charge.passed_from_id, charge) for charge in charges if charge.passed_from_id)]
            found = []
            for charge, relative in relatives:
                if charge not in period_by_charge:
                    period_by_charge[charge] = period_by_charge[relative]
                    found.append(charge.id)
            charges = self.browse(found)
        credited = self.browse().union(*period_by_charge)._get_credited_amounts(
            Domain('move_id.property_budget_id', '=', False))
        nets = {period: {} for period in periods}
        for charge, period in period_by_charge.items():
            net = charge.currency_id.round(charge.amount - credited.get(charge, 0))
            if net:
                payer = charge._get_first_owed().partner_id
                nets[period].setdefault(payer, {})[charge] = Decimal(repr(net))
        return nets

    def _prepare_correction_vals(self, correction, date):
        """ The values of the charge for what a payer owes more. """
        charges = correction.charges
        own = charges.filtered(lambda charge: charge.partner_id == correction.partner)
        origin = (own or charges)[0]
        return {
            'kind': 'correction',
            'origin_charge_id': origin.id,
            'assignment_id': origin.assignment_id.id,
            'unit_id': origin.unit_id.id,
            'fee_id': origin.fee_id.id,
            'tariff_id': origin.tariff_id.id,
            'partner_id': correction.partner.id,
            'date_start': correction.start,
            'date_end': correction.end - ONE_DAY,
            'date_due': due_date(
                correction.terms.due_rule, correction.terms.due_value, date, correction.start),
            'amount': correction.amount,
            'explanation': explain_correction(correction.difference, charges.ids, CENT),
        }
