from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.fund import Supply, supplier_price
from ..tools.metered import unrounded
from ..tools.periods import ONE_DAY
from ..tools.rounding import exact_number, round_half_up

PRICE_DIGITS = Decimal('0.0001')
PERCENT_DIGITS = Decimal('0.1')


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
            if vals['state'] == 'draft' and vals['fee_id'] in agency
            and (vals['explanation'] or {}).get('meter')]
        if not charges:
            return
        supplies = self._get_supplies(
            {vals['fee_id'] for vals in charges},
            min(vals['date_start'] for vals in charges), max(vals['date_end'] for vals in charges))
        paid = {}
        for vals in charges:
            # What several payers share has one price: that of the whole period.
            meter = vals['explanation']['meter']
            key = vals['fee_id'], meter['start'], meter['end']
            if key not in paid:
                paid[key] = supplier_price(
                    supplies.get(vals['fee_id'], ()), fields.Date.to_date(meter['start']),
                    fields.Date.to_date(meter['end']) + ONE_DAY)
            if paid[key]:
                vals.update(self._prepare_mark_up_vals(vals['explanation'], paid[key]))

    def _prepare_mark_up_vals(self, explanation, paid):
        charged = Fraction(unrounded(explanation)) / Fraction(
            exact_number(explanation['meter']['use']))
        percent = round_half_up((charged / paid - 1) * 100, PERCENT_DIGITS)
        return {'has_mark_up': True, 'mark_up_values': {
            'charged': _show_price(charged), 'paid': _show_price(paid), 'percent': str(percent),
        }} if percent > 0 else {}

    def _get_supplies(self, fee_ids, start, end):
        """ What suppliers asked for these fees in days that overlap `[start, end]`, by fee.

        A line without days is compared with nothing; one without a project is of all of them.
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
                   AND (line.property_project_id = %(project)s OR line.property_project_id IS NULL)
                   AND line.property_date_start <= %(end)s AND line.property_date_end >= %(start)s
              GROUP BY 1, 2, 3 """,
            fees=list(fee_ids), company=self.company_id.id, project=self.project_id.id, start=start,
            end=end)):
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
            charge.mark_up_text = charge.mark_up_values and self.env._(
                "%(charged)s charged, %(paid)s paid to the supplier: +%(percent)s %%",
                **charge.mark_up_values)

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
