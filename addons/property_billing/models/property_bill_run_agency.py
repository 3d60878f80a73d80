from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.fund import Supply, sums_on_supplied_days, supplier_price
from ..tools.metered import unrounded
from ..tools.periods import ONE_DAY
from ..tools.rounding import exact, exact_number, round_half_up

PRICE_DIGITS = Decimal('0.0001')
PERCENT_DIGITS = Decimal('0.1')
CENT = Decimal('0.01')


def _show_price(price):
    """ With as many decimals as prices of utilities have, and never less than two. """
    whole, _point, decimals = str(round_half_up(price, PRICE_DIGITS)).partition('.')
    return f"{whole}.{decimals.rstrip('0').ljust(2, '0')}"


class PropertyBillRun(models.Model):
    """ What is collected for others ought to cost what they ask for it (decision 24). """
    _inherit = 'property.bill.run'

    mark_up_count = fields.Integer(
        string="Dearer than the supplier", compute='_compute_mark_up_count')

    @api.depends('charge_ids.has_mark_up', 'charge_ids.state', 'charge_ids.run_id')
    def _compute_mark_up_count(self):
        counts = dict(self.env['property.charge']._read_group(
            Domain('run_id', 'in', self.ids) & self.env['property.charge']._get_mark_up_domain(),
            ['run_id'], ['__count']))
        for run in self:
            run.mark_up_count = counts.get(run._origin, 0)

    @api.depends('mark_up_count')
    def _compute_summary(self):
        super()._compute_summary()
        for run in self:
            run.summary = {**run.summary, 'mark_ups': run.mark_up_count}

    def _flag_recurring(self, vals_list):
        """ Override: flag what is dearer than what the supplier asked. Nothing is stopped by it:
        tiers are dearer by law, and a supplier's bill may be late.
        """
        super()._flag_recurring(vals_list)
        fees = self.env['property.fee'].browse({vals['fee_id'] for vals in vals_list})
        agency = set(fees.filtered(lambda fee: fee.nature == 'agency').ids)
        charges = [
            vals for vals in vals_list
            if vals['state'] == 'draft' and vals['fee_id'] in agency and vals['explanation']]
        self._flag_used(charges)
        self._flag_shared(charges)

    def _flag_used(self, charges):
        """ What is priced by use, of one unit or of several: a unit of use against the supplier's.
        """
        priced = []
        for vals in charges:
            explanation = vals['explanation']
            shared = explanation.get('shared', {})
            measured = shared.get('measured', explanation)
            # Where nothing was used only fixed prices are charged, which no unit of use bears.
            if 'meter' in measured and exact_number(measured['meter']['use']):
                cost = self.env['property.shared.cost'].browse(shared.get('cost'))
                # What several units share is supplied as what its tariff is of.
                fee_ids = tuple(sorted({vals['fee_id'], *cost.tariff_id.fee_id.ids}))
                priced.append((vals, measured, fee_ids))
        if not priced:
            return
        days = [measured['meter'][name] for _vals, measured, _fees in priced
                for name in ('start', 'end')]
        supplies = self._get_supplies(
            {fee_id for _vals, _measured, fee_ids in priced for fee_id in fee_ids},
            min(days), max(days))
        paid = {}
        for vals, measured, fee_ids in priced:
            # What several payers share has one price: that of the whole period.
            meter = measured['meter']
            key = fee_ids, meter['start'], meter['end']
            if key not in paid:
                paid[key] = supplier_price(
                    [supply for fee_id in fee_ids for supply in supplies.get(fee_id, ())],
                    fields.Date.to_date(meter['start']),
                    fields.Date.to_date(meter['end']) + ONE_DAY)
            if paid[key]:
                vals.update(self._prepare_mark_up_vals(
                    Fraction(unrounded(measured)) / Fraction(exact_number(meter['use'])),
                    paid[key]))

    def _flag_shared(self, charges):
        """ Parts of suppliers' bills: all parts against the bills, less what suppliers have taken
        back of them since.
        """
        shared = [
            (vals, vals['explanation']['shared']) for vals in charges
            if vals['explanation'].get('shared', {}).get('sources')]
        taken_back = self._get_taken_back({
            source['line'] for _vals, cost in shared for source in cost['sources']})
        for vals, cost in shared:
            paid = sum(
                Fraction(source['amount']) * (1 - taken_back.get(source['line'], 0))
                for source in cost['sources'])
            vals.update(self._prepare_mark_up_vals(Fraction(cost['total']), paid, is_sum=True))

    def _get_taken_back(self, line_ids):
        """ Which part of lines of suppliers' bills credit notes have taken back, other than those
        that are shared themselves: `{line id: Fraction}`. A credit note is of the lines of its
        bill with the same account and fee.
        """
        if not line_ids:
            return {}
        self.env['account.move.line'].flush_model()
        self.env['account.move'].flush_model(['reversed_entry_id'])
        self.env['property.shared.source'].flush_model()
        self.env['property.shared.cost'].flush_model(['state'])
        return {
            line_id: min(Fraction(credit) / Fraction(total), Fraction(1))
            for line_id, total, credit in self.env.execute_query(SQL(
                """ SELECT line.id, billed.total::text, credited.total::text
                      FROM account_move_line line
              CROSS JOIN LATERAL (
                        SELECT SUM(other.price_total) AS total
                          FROM account_move_line other
                         WHERE other.move_id = line.move_id AND other.display_type = 'product'
                           AND other.account_id = line.account_id
                           AND other.property_fee_id IS NOT DISTINCT FROM line.property_fee_id
                      ) billed
              CROSS JOIN LATERAL (
                        SELECT SUM(note.price_total) AS total
                          FROM account_move refund
                          JOIN account_move_line note ON note.move_id = refund.id
                         WHERE refund.reversed_entry_id = line.move_id AND refund.state = 'posted'
                           AND note.display_type = 'product'
                           AND note.account_id = line.account_id
                           AND note.property_fee_id IS NOT DISTINCT FROM line.property_fee_id
                           AND NOT EXISTS (
                                SELECT FROM property_shared_source source
                                  JOIN property_shared_cost cost ON cost.id = source.cost_id
                                 WHERE source.line_id = note.id AND cost.state = 'confirmed')
                      ) credited
                     WHERE line.id = ANY(%s) AND credited.total > 0 AND billed.total > 0 """,
                list(line_ids)))}

    def _show_preview(self, **vals):
        """ Override: what is priced otherwise is compared in sum. """
        super()._show_preview(**vals)
        self._flag_sums()

    def _flag_sums(self):
        """ What is charged by piece, area or household: all that the project is charged for these
        days against what suppliers asked for them.
        """
        self.ensure_one()
        charges = self.env['property.charge'].search([
            ('run_id', '=', self.id), ('state', '=', 'draft'), ('kind', '=', 'recurring'),
            ('fee_id.nature', '=', 'agency'), ('assignment_id.meter_id', '=', False),
            ('assignment_id.shared_cost_id', '=', False)])
        if not charges:
            return
        start, end = min(charges.mapped('date_start')), max(charges.mapped('date_end'))
        supplies = self._get_supplies(set(charges.fee_id.ids), start, end, of_project=True)
        if not supplies:
            return
        charged = self._get_charged(list(supplies), start, end)
        for (fee, first, last), of_days in charges.grouped(
                lambda charge: (charge.fee_id.id, charge.date_start, charge.date_end)).items():
            vals = fee in supplies and self._prepare_mark_up_vals(*sums_on_supplied_days(
                charged[fee], supplies[fee], first, last + ONE_DAY), is_sum=True)
            if vals:
                of_days.sudo().write(vals)  # sudo: as what a preview computes

    def _get_charged(self, fee_ids, start, end):
        """ What the project is charged for fees in days that overlap `[start, end]`, less what was
        credited, this preview included: `{fee id: [(amount, start, end)]}`.
        """
        # sudo: the sum is of the whole project, whichever buildings the user sees.
        charges = self.env['property.charge'].sudo().search([
            ('project_id', '=', self.project_id.id), ('fee_id', 'in', fee_ids),
            ('kind', 'in', ('recurring', 'opening', 'correction')),
            ('date_start', '<=', end), ('date_end', '>=', start),
            '|', ('state', '=', 'posted'),
            '|', '&', ('state', '=', 'reversed'), ('is_corrected', '=', True),
            '&', ('state', '=', 'draft'), ('run_id', '=', self.id)])
        credited = charges._get_credited_amounts()
        charged = {}
        for charge in charges:
            charged.setdefault(charge.fee_id.id, []).append((
                exact(charge.amount) - exact(credited.get(charge, 0)), charge.date_start,
                charge.date_end + ONE_DAY))
        return charged

    def _prepare_mark_up_vals(self, charged, paid, is_sum=False):
        percent = round_half_up(
            (charged / paid - 1) * 100, PERCENT_DIGITS) if paid > 0 else Decimal()
        show = '{:.2f}'.format if is_sum else _show_price
        return {'has_mark_up': True, 'mark_up_values': {
            'charged': show(round_half_up(charged, CENT) if is_sum else charged),
            'paid': show(round_half_up(paid, CENT) if is_sum else paid),
            'percent': str(percent), **({'is_sum': True} if is_sum else {}),
        }} if percent > 0 else {}

    def _get_supplies(self, fee_ids, start, end, of_project=False):
        """ What suppliers asked for these fees in days that overlap `[start, end]`, by fee.

        A line without days is compared with nothing; one without a project is of all of them.

        :param of_project: leave out what is of all projects
        """
        self.env['account.move.line'].flush_model([
            'company_id', 'parent_state', 'price_total', 'property_date_end',
            'property_date_start', 'property_fee_id', 'property_project_id', 'quantity'])
        supplies = {}
        for fee_id, first, last, amount, quantity in self.env.execute_query(SQL(
            """ SELECT line.property_fee_id, line.property_date_start, line.property_date_end,
                       SUM(CASE WHEN move.move_type = 'in_refund' THEN -line.price_total
                                ELSE line.price_total END)::text,
                       SUM(CASE WHEN move.move_type = 'in_refund' THEN -line.quantity
                                ELSE line.quantity END)::text
                  FROM account_move_line line
                  JOIN account_move move ON move.id = line.move_id
                 WHERE line.property_fee_id = ANY(%(fees)s) AND line.parent_state = 'posted'
                   AND move.move_type IN ('in_invoice', 'in_refund')
                   AND line.display_type = 'product' AND line.company_id = %(company)s
                   AND (line.property_project_id = %(project)s
                        OR line.property_project_id IS NULL AND NOT %(of_project)s)
                   AND line.property_date_start <= %(end)s AND line.property_date_end >= %(start)s
              GROUP BY 1, 2, 3 """,
            fees=list(fee_ids), company=self.company_id.id, project=self.project_id.id, start=start,
            end=end, of_project=of_project)):
            supplies.setdefault(fee_id, []).append(
                Supply(Decimal(amount), Decimal(quantity), first, last + ONE_DAY))
        return supplies


class PropertyCharge(models.Model):
    _inherit = 'property.charge'

    has_mark_up = fields.Boolean(
        string="Dearer than the supplier", readonly=True,
        help="It is collected for somebody who asked less for it in the same days.",
    )
    mark_up_values = fields.Json(string="What the supplier asked", readonly=True)
    mark_up_text = fields.Char(string="Mark-up", compute='_compute_mark_up_text')

    @api.depends('mark_up_values')
    @api.depends_context('lang')
    def _compute_mark_up_text(self):
        for charge in self:
            values = charge.mark_up_values
            if values and values.get('is_sum'):
                charge.mark_up_text = self.env._(
                    "%(charged)s charged by all bills of these days, %(paid)s paid to the "
                    "supplier: +%(percent)s %%", **values)
            else:
                charge.mark_up_text = values and self.env._(
                    "%(charged)s charged, %(paid)s paid to the supplier: +%(percent)s %%",
                    **values)

    @api.model
    def _get_mark_up_domain(self):
        return Domain('has_mark_up', '=', True) & Domain('state', '!=', 'left_out')


class AccountMoveLine(models.Model):
    _inherit = 'account.move.line'

    property_date_start = fields.Date(
        string="Supplied from", help="The first day of what the supplier bills.")
    property_date_end = fields.Date(
        string="Supplied until",
        help="The last day. With the quantity it tells the price that others paid for these days.",
    )

    _property_dates_ordered = models.Constraint(
        'CHECK (property_date_end >= property_date_start)',
        "What is supplied cannot end before it starts.",
    )

    @api.onchange('property_fee_id')
    def _onchange_property_fee_id(self):
        """ Override: utilities mostly bill the month before. """
        super()._onchange_property_fee_id()
        if self.property_fee_id and not self.property_date_start and self.move_id.move_type in (
                'in_invoice', 'in_refund'):
            day = self.move_id.invoice_date or fields.Date.context_today(self)
            self.property_date_end = day.replace(day=1) - timedelta(days=1)
            self.property_date_start = self.property_date_end.replace(day=1)
