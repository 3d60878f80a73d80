from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from ..tools.dial import DialError, parse_value
from ..tools.metering import (
    BEGINNINGS,
    ESTIMATE,
    FIRST,
    INSTALLED,
    REMOVED,
    DecreaseError,
    advance,
    estimate_use,
    get_steps,
    spread,
)
from .property_charge_explanation import plain
from .property_meter_reading import DECIDERS

MANAGERS = 'property_billing.group_billing_manager'


class PropertyMeterEvent(models.Model):
    """ Why the readings of a meter are what they are (表具事件): the readings say what.

    It is written by what happens, never by hand.
    """
    _name = 'property.meter.event'
    _description = 'Meter event'
    _inherit = ['property.project.mixin']
    _order = 'date desc, id desc'

    meter_id = fields.Many2one('property.meter', required=True, index=True, ondelete='restrict')
    project_id = fields.Many2one(
        related='meter_id.project_id', store=True, index=True, precompute=True, required=False)
    building_id = fields.Many2one(
        related='meter_id.building_id', store=True, index='btree_not_null', precompute=True)
    kind = fields.Selection(
        [('exchange', "Exchange"), ('rollover', "Over zero"), ('estimate', "Estimate"),
         ('true_up', "Estimates made good"), ('restart', "Tiers begin anew"),
         ('top_up', "Units sold")],
        string="What happened", required=True)
    date = fields.Date(required=True)
    ground = fields.Char()
    number_before = fields.Char(string="Old number")
    number_after = fields.Char(string="New number")
    reading_ids = fields.One2many('property.meter.reading', 'event_id', string="Readings")
    photo = fields.Image(max_width=1600, max_height=1600)
    user_id = fields.Many2one(
        'res.users', string="Entered by", default=lambda self: self.env.user, ondelete='restrict')

    _with_ground = models.Constraint(
        "CHECK (kind = 'top_up' OR ground IS NOT NULL)", "An event says why it happened.")

    @api.depends('kind', 'meter_id.display_name', 'date')
    def _compute_display_name(self):
        kinds = dict(self._fields['kind']._description_selection(self.env))
        for event in self:
            event.display_name = ' · '.join(filter(None, (
                kinds.get(event.kind), event.meter_id.display_name,
                fields.Date.to_string(event.date))))


class PropertyMeterReading(models.Model):
    _inherit = 'property.meter.reading'

    round_id = fields.Many2one(
        'property.meter.round', string="Round", index='btree_not_null', ondelete='restrict')
    event_id = fields.Many2one(
        'property.meter.event', string="Event", index='btree_not_null', ondelete='restrict')

    def _fits(self, meter_round):
        """ Whether it could have been entered in a round; the first one is of the day before. """
        self.ensure_one()
        return (
            (self.meter_id.project_id, self.meter_id.type_id)
            == (meter_round.project_id, meter_round.type_id)
            and (not meter_round.building_ids or self.building_id in meter_round.building_ids)
            and (self.kind == FIRST
                 or meter_round.date_start <= self.date <= meter_round.date_end))

    def action_exchange(self):
        """ The reading is one of another device, which hangs there now. """
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id(
            'property_billing.property_meter_exchange_action')
        return {**action, 'context': {
            'default_meter_id': self.meter_id.id, 'default_reading_id': self.id,
            'default_date': fields.Date.to_string(fields.Date.subtract(self.date, days=1))}}

    def action_true_up(self):
        return self._open_decision('true_up')

    def action_replace(self):
        return self._open_decision('replace')

    def _roll_over(self, note):
        """ The dial went over zero before it showed this. """
        self.ensure_one()
        [event] = self._create_events('rollover', note or self.reason_detail)
        self._accept(rollovers=1, event_id=event.id)

    def _true_up(self, note):
        """ What was estimated since the last real reading was what leads to this one: by days.

        :return: the action that corrects what was billed of the estimates, or None
        """
        self.ensure_one()
        readings = self.meter_id._get_chain()[self.meter_id.id].get(self.register, [])
        before = [reading for reading in readings if reading.day < self.date]
        later = [reading for reading in readings if reading.day >= self.date]
        estimates = []
        while before and before[-1].kind == ESTIMATE:
            estimates.insert(0, before.pop())
        if not before or not estimates or later:
            raise UserError(self.env._(
                "%(reading)s follows on no estimate, so there is nothing to make good.",
                reading=self.display_name))
        self._check_billed(estimates[0].day)
        real = before[-1]
        total = Decimal(repr(self.value)) - real.value
        if total < 0 and any(reading.rollovers for reading in estimates):
            total += Decimal(1).scaleb(self.digits)  # as was estimated, the dial went over zero
        if total < 0:
            raise UserError(self.env._(
                "%(value)s is less than %(previous)s, too, which was really read on %(day)s.",
                value=plain(self.value), previous=plain(real.value),
                day=format_date(self.env, real.day)))
        days = [reading.day for reading in (real, *estimates)] + [self.date]
        parts = spread(
            total, [(end - start).days for start, end in zip(days, days[1:], strict=False)],
            Decimal(1).scaleb(-self.meter_id.decimals))
        [event] = self._create_events('true_up', note)
        value, olds = real.value, self.browse(reading.reading_id for reading in estimates)
        shown = []
        for part in parts:
            value, rollovers = advance(value, part, self.digits)
            shown.append((value, rollovers))
        *estimated, (_value, rollovers) = shown
        olds._supersede(estimated, event)
        self._accept(event_id=event.id, rollovers=rollovers)
        self._recompute_quantities(self.meter_id, estimates[0].day)
        return self.meter_id._propose_correction(
            estimates[0].day, note, until=self.date)

    def _replace(self, text, note):
        """ Another value than this one was on the dial.

        :return: the action that corrects what was billed by the wrong one, or None
        """
        self.ensure_one()
        self._check_decider('accepted')
        self._check_billed(self.date)
        meter = self.meter_id
        dial = self._get_dial(
            meter, meter._get_chain()[meter.id][self.register], (self.date, self.sequence))
        try:
            value = parse_value(text, *dial)
        except DialError as error:
            raise UserError(self._get_dial_text(error.args[0], meter, text, dial)) from error
        [new] = self._supersede([(value, self.rollovers)], self.event_id, note)
        new._shift_rollover()
        chain = self.meter_id._get_chain()[self.meter_id.id][self.register]
        try:
            get_steps(chain)
        except DecreaseError as error:
            raise UserError(self.env._(
                "%(meter)s: %(value)s on %(day)s is less than %(previous)s before.",
                meter=self.meter_id.display_name, value=plain(error.value),
                day=format_date(self.env, error.day), previous=plain(error.previous),
            )) from error
        self._recompute_quantities(self.meter_id, new.date)
        return self.meter_id._propose_correction(self.date, note)

    def _shift_rollover(self):
        """ Where the dial went over zero before or after this reading, its value says which. """
        chain = self.meter_id._get_chain()[self.meter_id.id][self.register]
        place = [reading.reading_id for reading in chain].index(self.id)
        about = chain[max(place - 1, 0):place + 2]
        lower = {
            after: after.value < before.value for before, after in pairwise(about)
            if after.kind not in BEGINNINGS}
        if sum(after.rollovers for after in lower) == sum(lower.values()) == 1:
            for after, is_lower in lower.items():
                # sudo: as in `_supersede`
                self.browse(after.reading_id).sudo().rollovers = int(is_lower)

    def _supersede(self, values, event, note=False):
        """ Others in the place of these, which stay to be looked at.

        :param values: of each what it is now, and how often the dial went over zero before
        """
        self_sudo = self.sudo()  # the right is checked by the callers; by hand nobody writes these
        self_sudo.write({'state': 'replaced'})
        self.env.flush_all()  # in the place of the old ones, which the index would still find
        news_sudo = self_sudo.create([
            {
                **vals, 'state': 'accepted', 'value': float(value), 'rollovers': rollovers,
                'event_id': event.id, 'note': note or vals['note'], 'user_id': self.env.uid,
                'read_at': fields.Datetime.now(),
            }
            for vals, (value, rollovers) in zip(self_sudo.copy_data(), values, strict=True)])
        for old, new in zip(self_sudo, news_sudo, strict=True):
            old.replaced_by_id = new
        return news_sudo.with_env(self.env)

    def _check_billed(self, day):
        """ What is billed is changed by a manager only. """
        billed = self.meter_id.date_billed
        if billed and day <= billed and not self.env.su and not self.env.user.has_group(MANAGERS):
            raise AccessError(self.env._(
                "%(meter)s is billed up to %(day)s. Ask a billing manager to change what was read "
                "until then.", meter=self.meter_id.display_name,
                day=format_date(self.env, billed)))

    def _create_events(self, kind, ground):
        # sudo: events are written by what happens, whose right is checked where it does.
        return self.env['property.meter.event'].sudo().create([
            {
                'meter_id': reading.meter_id.id, 'kind': kind, 'date': reading.date,
                'ground': ground, 'photo': reading.photo,
            }
            for reading in self])


class PropertyMeter(models.Model):
    _inherit = 'property.meter'
    _rec_names_search = [
        'number', 'name', 'unit_id.complete_name', 'event_ids.number_before']

    event_ids = fields.One2many('property.meter.event', 'meter_id', string="Events")

    # === ACTION METHODS === #

    def action_exchange(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id(
            'property_billing.property_meter_exchange_action')
        return {**action, 'context': {'default_meter_id': self.id}}

    def action_restart(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id(
            'property_billing.property_meter_restart_action')
        return {**action, 'context': {
            'default_meter_id': self.id,
            'default_date': fields.Date.to_string(self.last_day)}}

    # === BUSINESS METHODS: EVENTS === #

    def _check_right(self, group, message):
        """ Whether the user may do this to these now, which nobody else does meanwhile. """
        if not self.env.su and not self.env.user.has_group(group):
            raise AccessError(message)
        self._check_write_scope()
        self._touch()
        self.invalidate_recordset(['number', 'date_billed'])

    def _exchange(
        self, day, before, number, after, multiplier, digits, decimals, ground, photo=False,
        reading=None,
    ):
        """ Another device hangs in the place of this one from the day after (换表).

        :param dict before: what the old one showed at the end of that day: `{register: text}`
        :param dict after: what the new one shows then
        :param reading: one of the new device that waits, since it seemed to be of the old one
        :raises UserError: days, values or number are impossible
        """
        self.ensure_one()
        self._check_right(DECIDERS, self.env._("You are not allowed to exchange meters."))
        self._check_exchange(day, number, multiplier)
        if reading and reading.meter_id != self:
            raise UserError(self.env._(
                "%(reading)s is not of %(meter)s.", reading=reading.display_name,
                meter=self.display_name))
        last = self._get_last_readings().get(self.id, {})
        values = {REMOVED: {}, INSTALLED: {}}
        Reading = self.env['property.meter.reading']
        for kind, texts, dial in (
                (REMOVED, before, (self.digits, self.decimals)),
                (INSTALLED, after, (digits, decimals))):
            for register in self.type_id._get_registers():
                text = texts.get(register) or ''
                try:
                    values[kind][register] = parse_value(text, *dial)
                except DialError as error:
                    shown = self.new({'number': self.number, 'digits': dial[0],
                                      'decimals': dial[1]})
                    raise UserError(Reading._get_dial_text(error.args[0], shown, text)) from error
        for register, before_it in last.items():
            if values[REMOVED].get(register, before_it.value) < before_it.value:
                raise UserError(self.env._(
                    "The old meter showed %(previous)s on %(day)s, so it did not show %(value)s "
                    "when it was taken off.", previous=plain(before_it.value),
                    day=format_date(self.env, before_it.day),
                    value=plain(values[REMOVED][register])))
        # sudo: the right to exchange is checked above; by hand nobody writes what it writes.
        event_sudo = self.env['property.meter.event'].sudo().create({
            'meter_id': self.id, 'kind': 'exchange', 'date': day, 'ground': ground,
            'number_before': self.number, 'number_after': number.strip(), 'photo': photo})
        dials = {
            REMOVED: (self.multiplier, self.digits), INSTALLED: (multiplier, digits)}
        Reading.sudo().create([
            {
                'meter_id': self.id, 'register': register, 'date': day, 'kind': kind,
                'value': float(value), 'multiplier': dials[kind][0], 'digits': dials[kind][1],
                'is_border': False, 'source': 'event', 'event_id': event_sudo.id,
            }
            for kind, by_register in values.items()
            for register, value in by_register.items()])
        self.sudo().write({
            'number': number.strip(), 'multiplier': multiplier, 'digits': digits,
            'decimals': decimals})
        Reading._recompute_quantities(self, day)
        if reading:
            reading._check_decider('queued')
            reading._accept()
        return event_sudo.with_env(self.env)

    def _check_exchange(self, day, number, multiplier):
        """ :raises UserError: there is no exchange on that day, or none to that number """
        if not day or day > fields.Date.context_today(self):
            raise UserError(self.env._("An exchange is recorded on its day or later."))
        self._check_open(day)
        if not self.active or self.date_end and self.date_end < day:
            raise UserError(self.env._(
                "%(meter)s was not in use on %(day)s any more.", meter=self.display_name,
                day=format_date(self.env, day)))
        last = self._get_last_readings().get(self.id, {})
        if len(last) < len(self.type_id._get_registers()):
            raise UserError(self.env._(
                "%(meter)s was never read. Enter what it showed first, or delete it.",
                meter=self.display_name))
        for reading in last.values():
            if reading.day > day or reading.day == day and reading.kind == INSTALLED:
                raise UserError(self.env._(
                    "%(meter)s was read on %(day)s, after the exchange. Delete that reading "
                    "first, and enter it again afterwards.", meter=self.display_name,
                    day=format_date(self.env, reading.day)))
        if multiplier <= 0:
            raise UserError(self.env._("The multiplier of a meter is more than zero."))
        number = (number or '').strip()
        if not number:
            raise UserError(self.env._("Enter the number of the new meter."))
        # sudo: the other one may be in a building that the user does not see; it is only named.
        twin_sudo = self.sudo().search([
            ('project_id', '=', self.project_id.id), ('type_id', '=', self.type_id.id),
            ('number', '=', number), ('id', '!=', self.id)], limit=1)
        if twin_sudo:
            raise UserError(self.env._(
                "Number %(number)s is that of %(meter)s.", number=number,
                meter=twin_sudo.display_name))

    def _estimate(self, day, ground, meter_round=None):
        """ What these probably showed at the end of a day: the average of the last year goes on.

        :return: the readings, and the meters of which nothing can be said
        """
        self._check_right(DECIDERS, self.env._("You are not allowed to estimate readings."))
        Reading = self.env['property.meter.reading']
        chain = self._get_chain(fields.Date.subtract(day, years=1))
        rows = []
        for meter in self._get_priced(day):
            if meter.date_billed and day <= meter.date_billed:
                continue
            registers = chain.get(meter.id, {})
            values = [
                (register, meter._estimate_value(registers.get(register, []), day))
                for register in meter.type_id._get_registers()]
            if all(value for _register, value in values):
                rows += [(meter, register, *value) for register, value in values]
        meters = self.browse(dict.fromkeys(meter.id for meter, *_values in rows))
        # sudo: the right to estimate is checked above; by hand nobody writes readings and events.
        events = self.env['property.meter.event'].sudo().create([
            {'meter_id': meter.id, 'kind': 'estimate', 'date': day, 'ground': ground}
            for meter in meters]).grouped('meter_id')
        readings = Reading.sudo().create([
            {
                'meter_id': meter.id, 'register': register, 'date': day, 'kind': ESTIMATE,
                'value': float(value), 'rollovers': rollovers, 'multiplier': meter.multiplier,
                'digits': meter.digits, 'source': 'event', 'event_id': events[meter].id,
                'round_id': meter_round and meter_round.id,
            }
            for meter, register, value, rollovers in rows]).with_env(self.env)
        Reading._recompute_quantities(meters, day)
        return readings, self - meters

    def _estimate_value(self, readings, day):
        """ :return: what a register probably showed and how often it went over zero, or None """
        if not readings or readings[-1].day >= day:
            return None
        unit = Decimal(1).scaleb(-self.decimals)
        history = [
            (Fraction(step.use) / Fraction(step.reading.multiplier), (step.end - step.start).days)
            for step in get_steps(readings)]
        try:
            rise = estimate_use(history, (day - readings[-1].day).days, unit)
        except ValueError:
            return None  # nothing was measured yet
        if rise >= Decimal(1).scaleb(self.digits):
            return None  # more than a dial can show
        return advance(readings[-1].value, rise, self.digits)

    def _restart(self, day, ground):
        """ What was used until that day does not count in the tiers any more.

        :return: the action that corrects what was billed after it
        """
        self.ensure_one()
        self._check_right(MANAGERS, self.env._("Only billing managers let the tiers begin anew."))
        if not (ground or '').strip():
            raise UserError(self.env._("Say why the tiers begin anew."))
        readings = self.env['property.meter.reading'].search([
            ('meter_id', '=', self.id), ('date', '=', day), ('state', '=', 'accepted'),
            ('kind', '!=', REMOVED)])
        if set(readings.mapped('register')) != set(self.type_id._get_registers()):
            raise UserError(self.env._(
                "%(meter)s was not read on %(day)s. The tiers begin anew at a reading: enter it "
                "first.", meter=self.display_name, day=format_date(self.env, day)))
        readings[:1]._create_events('restart', ground)
        readings.sudo().is_restart = True  # sudo: as in `_exchange`
        return self._propose_correction(day, ground)

    # === GETTERS === #

    @api.model
    def _find(self, project, text):
        """ The meter that somebody means: its number, its collector, or a number it had before.

        :return: the meters of the project that fit, those of today before those of the past
        """
        text = (text or '').strip()
        if not text:
            return self.browse()
        domain = [('project_id', '=', project.id)]
        return (
            self.search([*domain, '|', ('number', '=', text), ('collector', '=', text)])
            or self.search([*domain, ('event_ids.number_before', '=', text)]))
