from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ..tools.charging import ALL, MissingError, Quantity, iter_stretches
from ..tools.periods import ONE_DAY
from ..tools.planning import payer_on
from ..tools.prepaid import FREE, HOURS, MONTHS, UnitPriceError, explain_sale, unit_prices
from ..tools.rounding import exact
from .property_charge_explanation import plain
from .property_meter_event import MANAGERS
from .property_meter_reading import DECIDERS

OPEN_STATES = ('issued', 'to_write')  # what was sold is not on the meter yet


class PropertyMeterEvent(models.Model):
    """ Units that were bought before they are used (购电, 购水): a charge that is paid at once. """
    _inherit = 'property.meter.event'

    unit_id = fields.Many2one(related='meter_id.unit_id')
    currency_id = fields.Many2one(related='company_id.currency_id')
    units = fields.Float(string="Bought", digits=(16, 2), help="Rounded down to hundredths.")
    unit_name = fields.Char(related='meter_id.unit_name')
    write_state = fields.Selection(
        [('issued', "Token issued"), ('to_write', "To be written"), ('written', "Written"),
         ('cancelled', "Cancelled")],
        string="On the meter",
        help="To be written: by the terminal, onto the card or the meter.",
    )
    key = fields.Char(
        string="Request key",
        groups='property_billing.group_billing_user',
        help="Of who asks for the sale: asked again with the same key, it is the same sale.")
    amount = fields.Monetary(groups='property_billing.group_billing_user')
    price_text = fields.Char(
        string="Price", compute='_compute_price_text',
        groups='property_billing.group_billing_user')
    token = fields.Char(
        groups='property_billing.group_billing_user',
        help="What is typed into the meter, where a provider of tokens gives one.")
    charge_id = fields.Many2one(
        'property.charge', index='btree_not_null', ondelete='restrict',
        groups='property_billing.group_billing_user')
    payment_id = fields.Many2one(
        'account.payment', index='btree_not_null', ondelete='restrict',
        groups='property_billing.group_billing_user')

    _sold_once = models.UniqueIndex(
        '(meter_id, key) WHERE key IS NOT NULL', "These units are sold already.")
    _sale_complete = models.Constraint(
        "CHECK (kind != 'top_up' OR units > 0 AND amount > 0 AND charge_id IS NOT NULL"
        " AND payment_id IS NOT NULL AND write_state IS NOT NULL)",
        "A sale has its units, its charge and its payment.",
    )

    @api.depends('charge_id.explanation')
    @api.depends_context('lang')
    def _compute_price_text(self):
        for event in self:
            explanation = event.charge_id.explanation or {}
            event.price_text = ' + '.join(
                event.charge_id._render_sold(explanation)) if 'sale' in explanation else False

    # === ACTION METHODS === #

    def action_print_receipt(self):
        self.check_access('read')
        return self.env.ref('property_billing.report_top_up_receipt_action').report_action(
            self.ids, config=False)

    def action_set_written(self):
        """ The terminal has written the units, or the customer has typed the token. """
        self._check_seller()
        events = self.filtered(lambda event: event.write_state != 'written')
        events._check_not_written()
        events.sudo().write_state = 'written'  # sudo: the right is checked above

    def action_cancel(self):
        """ Take a sale back that is not on the meter yet. What was paid is the payer's, as a
        credit of his; paying it out is another matter.
        """
        self._check_seller()
        self._check_not_written()
        if any(event.token for event in self) and not self.env.su and (
                not self.env.user.has_group(MANAGERS)):
            raise AccessError(self.env._(
                "The token is given out already and may have been used. Ask a billing manager, "
                "who has it made void first."))
        for event_sudo in self.sudo():  # sudo: the right is checked above
            charge_sudo = event_sudo.charge_id
            charge_sudo._credit(
                self.env._("%(units)s %(unit)s were not written", units=plain(
                    exact(event_sudo.units)), unit=event_sudo.unit_name),
                amounts=charge_sudo._get_uncredited())
        self.sudo().write_state = 'cancelled'  # sudo: as above

    def _check_seller(self):
        """ Whether the user may change these sales now, which nobody else does meanwhile. """
        self.meter_id._check_right(DECIDERS, self.env._("You are not allowed to sell units."))
        self.invalidate_recordset(['write_state'])

    def _check_not_written(self):
        if done := self.filtered(lambda event: event.write_state not in OPEN_STATES):
            raise UserError(
                self.env._("%(sale)s is cancelled already.", sale=done[0].display_name)
                if done[0].write_state == 'cancelled' else self.env._(
                    "%(sale)s is written onto the meter and cannot be taken back.",
                    sale=done[0].display_name))

    # === BUSINESS METHODS === #

    def _issue_token(self):
        """ To be overridden by whoever speaks with the provider of the tokens of these meters.

        It is called for one sale that is charged and paid, in the transaction of both: an error
        takes them back. The transaction may be repeated, so that the provider may be asked again:
        give it `key` as its own key.

        :return: what the customer types into the meter, e.g. 20 digits; without one, the units
            are to be written by the terminal
        :rtype: str | None
        """
        self.ensure_one()
        return None


class PropertyMeter(models.Model):
    _inherit = 'property.meter'
    _rec_names_search = [
        'number', 'card_number', 'name', 'unit_id.complete_name', 'event_ids.number_before']

    card_number = fields.Char(
        string="Card number", copy=False, help="Of the card that carries bought units.")
    top_up_ids = fields.One2many(
        'property.meter.event', 'meter_id', string="Units sold",
        domain=[('kind', '=', 'top_up')])

    @api.model
    def _search_display_name(self, operator, value):
        """ Override: at the counter also by who lives in the unit. """
        domain = super()._search_display_name(operator, value)
        if not self.env.context.get('property_by_resident') or operator in (
                Domain.NEGATIVE_OPERATORS):
            return domain
        live = self.env['property.occupancy']._get_live_domain()
        resident = Domain('partner_id.name', operator, value)
        return domain | Domain('unit_id.occupancy_ids', 'any', live & resident)

    def _check_fixed(self, vals):
        """ Override: what was paid ahead is used in that unit, and not billed by readings. """
        for meter in self:
            sold = meter.top_up_ids.filtered(lambda event: event.write_state != 'cancelled')
            if sold and meter._get_fixed_changes(vals) & {'mode', 'unit_id'}:
                raise UserError(self.env._(
                    "Units were sold for %(meter)s on %(day)s. End it, and enter another meter in "
                    "its place.", meter=meter.display_name,
                    day=format_date(self.env, sold[0].date)))
        super()._check_fixed(vals)

    # === ACTION METHODS === #

    def action_sell_units(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id(
            'property_billing.property_meter_sale_action')
        return {**action, 'context': {'default_meter_id': self.id}}

    # === BUSINESS METHODS === #

    def _get_sales(self, since, limit):
        """ What was bought for it on that day or later, the latest first. """
        self.ensure_one()
        return self.env['property.meter.event'].search([
            ('meter_id', '=', self.id), ('kind', '=', 'top_up'), ('date', '>=', since),
        ], order='date desc, id desc', limit=limit)

    def _top_up(self, amount, journal, key, payer=None):
        """ Sell units for money that was handed over: its charge, its payment, and what is to be
        written onto the meter. What else is owed is not asked (decision 34).

        :param float amount: what was received
        :param journal: the cash or bank journal it went to
        :param str key: of who asks; the same key is the same sale, which is then only returned
        :param payer: who pays, if not who pays such a fee today
        :raises UserError: nothing can be sold for it
        """
        self.ensure_one()
        self._check_right(DECIDERS, self.env._("You are not allowed to sell units."))
        # sudo: the right is checked above; events are written by what happens.
        Event_sudo = self.env['property.meter.event'].sudo()
        sold_sudo = Event_sudo.search([('meter_id', '=', self.id), ('key', '=', key)])
        if sold_sudo:
            return sold_sudo.with_env(self.env)
        assignment, explanation, partner = self._explain_sale(amount)
        charge = self._charge_sale(assignment, explanation, payer or partner)
        journal_sudo = journal.sudo()  # only its type and company are looked at
        if journal_sudo.type not in ('bank', 'cash') or journal_sudo.company_id != self.company_id:
            raise UserError(self.env._(
                "Choose the cash or bank journal of %(company)s that the money goes to.",
                company=self.company_id.name))
        payment = charge._receive_payment(
            journal, amounts={charge.id: charge.amount}, memo=self.display_name)
        event_sudo = Event_sudo.create({
            'meter_id': self.id, 'kind': 'top_up', 'date': charge.date_start, 'key': key,
            'units': float(explanation['sale']['units']), 'amount': charge.amount,
            'charge_id': charge.id, 'payment_id': payment.id, 'write_state': 'to_write'})
        if token := event_sudo._issue_token():
            event_sudo.write({'token': token, 'write_state': 'issued'})
        return event_sudo.with_env(self.env)

    def _charge_sale(self, assignment, explanation, payer):
        if not payer:
            raise UserError(self.env._(
                "Nobody pays for %(unit)s today. Enter who pays.",
                unit=self.unit_id.complete_name))
        today = fields.Date.context_today(self)
        # sudo: as in `_top_up`; charges are written in sudo mode only.
        charge_sudo = self.env['property.charge'].sudo().create({
            'kind': 'temporary', 'unit_id': self.unit_id.id, 'partner_id': payer.id,
            'fee_id': assignment.fee_id.id, 'tariff_id': assignment.tariff_id.id,
            'date_start': today, 'date_end': today, 'date_due': today,
            'amount': float(explanation['amount']), 'explanation': explanation})
        charge_sudo._create_bills(today)._publish_property_bills()
        return charge_sudo.with_env(self.env)

    def _explain_sale(self, amount):
        """ What an amount buys today.

        :return: the assignment whose tariff it is, the explanation, and who pays such a fee
        :raises UserError: what is wrong with the meter, its tariff or the amount
        """
        today = fields.Date.context_today(self)
        assignment, subject, rate, relief = self._get_sale_terms(today)
        if amount <= 0:
            raise UserError(self.env._("Enter how much is paid, more than zero."))
        currency, account = self.company_id.currency_id, subject.terms.account
        before, since = self._get_bought(account, today)
        explanation = explain_sale(
            exact(currency.round(amount)), today, rate, relief=relief, before=before, since=since,
            account=account, allowances=subject.measured.allowances,
            id=self.id, number=self.number, unit=self.unit_name or '')
        if not Decimal(explanation['sale']['units']):
            raise UserError(self.env._(
                "%(amount)s buy less than a hundredth of a unit.",
                amount=currency.format(amount)))
        partner_id = payer_on(today, subject.payers)
        return assignment, explanation, self.env['res.partner'].browse(partner_id)

    def _get_sale_terms(self, day):
        """ By what units of a meter are sold on a day.

        :return: its assignment, that as the engine wants it, and its price and relief of the day
        :raises UserError: none are sold for this meter
        """
        self.ensure_one()
        assignment = self._get_sold_by(day)
        subject = assignment._get_subjects()[assignment]
        tariff = assignment.tariff_id.display_name
        try:
            [(_end, (rate, _one, relief))] = iter_stretches(
                day, day + ONE_DAY, subject.terms.rates, [Quantity(ALL)], subject.reliefs)
            unit_prices(rate, relief)
        except MissingError as error:
            raise UserError(self.env._(
                "%(tariff)s has no price today. Enter one, or give %(meter)s another tariff.",
                tariff=tariff, meter=self.display_name)) from error
        except UnitPriceError as error:
            raise UserError({
                HOURS: self.env._(
                    "%(tariff)s has prices by the hour of use, and nobody knows when bought units "
                    "will be used. Give the meter a tariff with one price.", tariff=tariff),
                MONTHS: self.env._(
                    "%(tariff)s has a price per month, which is no part of a unit. Make it a fee "
                    "of its own, and give the meter a tariff of prices per unit.", tariff=tariff),
                FREE: self.env._(
                    "%(tariff)s gives units for nothing: there is nothing to sell.",
                    tariff=tariff),
            }[error.args[0]]) from error
        return assignment, subject, rate, relief

    def _get_sold_by(self, day):
        """ The assignment whose tariff units of a meter are sold by.

        :raises UserError: none are sold for this meter
        """
        if not self.active or self.date_end and self.date_end < day:
            raise UserError(self.env._(
                "%(meter)s is not in use any more. Choose the meter that hangs there now.",
                meter=self.display_name))
        if self.mode != 'prepaid':
            raise UserError(self.env._(
                "%(meter)s is read regularly: what it counts is billed afterwards. Units are sold "
                "for prepaid meters.", meter=self.display_name))
        if not self.unit_id:
            raise UserError(self.env._(
                "%(meter)s is of no unit, so there is nobody to bill. Enter its unit first.",
                meter=self.display_name))
        assignment = self.assignment_ids.filtered(
            lambda assignment: assignment.date_start <= day
            and (not assignment.date_end or day <= assignment.date_end))
        if not assignment:
            raise UserError(self.env._(
                "%(meter)s has no tariff on %(day)s. Enter one under “Fees” of the meter.",
                meter=self.display_name, day=format_date(self.env, day)))
        return assignment

    def _get_bought(self, account, day):
        """ What the tiers count: the units bought in the account of a day, and since when. """
        since, _end = account.period_on(day)
        # sudo: of this meter, which is the user's; how much was sold is no secret of the buildings.
        Event_sudo = self.env['property.meter.event'].sudo()
        own = Domain('meter_id', '=', self.id)
        [[restart]] = Event_sudo._read_group(
            own & Domain('kind', '=', 'restart') & Domain('date', '<', day), [], ['date:max'])
        if restart:
            since = max(since, restart + ONE_DAY)
        [[units]] = Event_sudo._read_group(
            own & Domain('kind', '=', 'top_up') & Domain('write_state', '!=', 'cancelled')
            & Domain('date', '>=', since), [], ['units:sum'])
        return exact(round(units or 0.0, 2)), since
