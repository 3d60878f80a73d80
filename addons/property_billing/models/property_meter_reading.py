import base64
import binascii
from bisect import bisect_left, bisect_right
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, format_date
from odoo.tools.image import ImageProcess

from ..tools.dial import NOT_A_NUMBER, TOO_MANY_DECIMALS, TOO_MANY_DIGITS, DialError, parse_value
from ..tools.metering import (
    BEGINNINGS,
    ESTIMATE,
    FIRST,
    INSTALLED,
    READ,
    REMOVED,
    DecreaseError,
    Reading,
    add_up,
    find_oddity,
    get_steps,
)
from .property_charge_explanation import plain
from .property_meter_type import REGISTER_NAMES

# In which order the readings of one day were taken.
SEQUENCE = {FIRST: 10, READ: 10, ESTIMATE: 10, REMOVED: 20, INSTALLED: 30}
# What a row may say of its reading beside the reading itself.
EXTRAS = {'device_key', 'is_border', 'is_restart', 'note', 'photo', 'read_at', 'rollovers'}
MOST_DECIMALS = 3
EARLIEST = date(1900, 1, 1)  # there is a year before it, whatever day is typed
MAX_PHOTO = 10 * 1024 * 1024
READERS = 'property_billing.group_meter_read'
DECIDERS = 'property_billing.group_billing_officer'


class Entry(NamedTuple):
    """ A reading that somebody wants to enter: `place` is that of its row, `field` its cell. """
    place: int
    field: str
    meter: models.Model
    register: str
    reading: Reading
    instead: int | None = None  # the id of a device's reading of that day, which gives way to it


class Finding(NamedTuple):
    """ What an entry follows on, what was used since, and the values that make it wait. """
    before: Reading | None = None
    use: Decimal = Decimal()
    days: int = 0
    wait: dict = {}


def get_place(reading):
    return reading.day, SEQUENCE[reading.kind]


def get_border(readings):
    """ The place of the last of these up to which may be charged, or that the dial begins with. """
    return next((
        place for place in reversed(range(len(readings)))
        if readings[place].is_border or readings[place].kind in BEGINNINGS), 0)


def has_first(row):
    """ Whether a row says what its meter showed at the start, too. """
    return row.get('first_value') not in (None, False, '')


class PropertyMeterReading(models.Model):
    """ What a register of a meter showed at the end of a day (抄表).

    Readings are entered and decided about by methods, never written by hand. Accepted ones make
    the chain that use is counted along; those that are odd wait until somebody has looked at them.
    """
    _name = 'property.meter.reading'
    _description = 'Meter reading'
    _inherit = ['property.project.mixin']
    _order = 'date desc, meter_id, register, sequence desc, id desc'

    meter_id = fields.Many2one(
        'property.meter', required=True, index=True, ondelete='restrict')
    project_id = fields.Many2one(
        related='meter_id.project_id', store=True, index=True, precompute=True, required=False)
    building_id = fields.Many2one(
        related='meter_id.building_id', store=True, index='btree_not_null', precompute=True)
    unit_id = fields.Many2one(related='meter_id.unit_id')
    type_id = fields.Many2one(related='meter_id.type_id', store=True, precompute=True)
    unit_name = fields.Char(related='meter_id.unit_name')
    register = fields.Selection(REGISTER_NAMES, string="Rate period", required=True)
    date = fields.Date(required=True, help="The reading is that of the end of this day.")
    sequence = fields.Integer(compute='_compute_sequence', store=True, precompute=True)
    value = fields.Float(string="Reading", required=True, digits=(16, 3), aggregator=None)
    kind = fields.Selection(
        [(FIRST, "First reading"), (READ, "Reading"), (ESTIMATE, "Estimate"),
         (REMOVED, "Old meter taken off"), (INSTALLED, "New meter put in")],
        string="Kind of reading", required=True, default=READ,
    )
    rollovers = fields.Integer(
        string="Over zero", required=True, default=0,
        help="How often the dial went from all nines to zero before.")
    multiplier = fields.Float(required=True, digits=(16, 4), aggregator=None)
    digits = fields.Integer(string="Digits of the dial", required=True, aggregator=None)
    is_border = fields.Boolean(string="A charge may end here", required=True, default=True)
    is_restart = fields.Boolean(
        string="Tiers begin anew", required=True, default=False,
        help="What was used before does not count in the tiers.")
    source = fields.Selection(
        [('sheet', "Staff"), ('phone', "Read by phone"), ('import', "Import"),
         ('resident', "Resident"), ('handover', "At hand-over"), ('device', "Device"),
         ('event', "Event")],
        required=True, default='sheet',
    )
    state = fields.Selection(
        [('queued', "To check"), ('accepted', "Confirmed"), ('refused', "Refused"),
         ('replaced', "Superseded")],
        required=True, default='accepted',
    )
    reason = fields.Selection(
        [('zero', "No use"), ('jump', "Jump"), ('drop', "Drop"), ('decrease', "Lower than before"),
         ('resident', "From a resident")],
        string="Why to check",
    )
    # The key `text` of `_get_reason_texts`, and the figures in that text.
    reason_values = fields.Json(string="What was found")
    reason_detail = fields.Char(string="Detail", compute='_compute_reason_detail')
    note = fields.Char(string="Remarks")
    photo = fields.Image(max_width=1600, max_height=1600)
    user_id = fields.Many2one(
        'res.users', string="Entered by", default=lambda self: self.env.user, ondelete='restrict')
    read_at = fields.Datetime(string="Entered on", default=fields.Datetime.now)
    device_key = fields.Char(copy=False)
    replaced_by_id = fields.Many2one(
        'property.meter.reading', string="Replaced by", index='btree_not_null',
        ondelete='restrict')
    quantity = fields.Float(
        string="Consumption", required=True, default=0, digits=(16, 3), readonly=True, copy=False)
    days = fields.Integer(
        required=True, default=0, readonly=True, copy=False, help="Since the reading before.")
    previous_value = fields.Float(
        string="Reading before", digits=(16, 3), compute='_compute_previous_value')
    is_lower = fields.Boolean(string="Lower than before", compute='_compute_is_lower')
    per_day = fields.Float(
        string="Consumption per day", digits=(16, 3), compute='_compute_per_day', store=True,
        precompute=True, aggregator='avg')

    _once_a_day = models.UniqueIndex(
        "(meter_id, register, date,"
        " (CASE WHEN kind IN ('removed', 'installed') THEN kind ELSE 'read' END))"
        " WHERE state = 'accepted'",
        "This register was read on that day already.",
    )
    _device_once = models.UniqueIndex(
        '(source, device_key) WHERE device_key IS NOT NULL', "This message has come already.")
    _chain = models.Index('(meter_id, register, date, sequence)')
    _queue = models.Index("(project_id) WHERE state = 'queued'")
    _possible = models.Constraint(
        'CHECK (value >= 0 AND rollovers BETWEEN 0 AND 1)',
        "A reading is not negative, and a dial goes over zero once between two readings.",
    )

    # === COMPUTE METHODS === #

    @api.depends('kind')
    def _compute_sequence(self):
        for reading in self:
            reading.sequence = SEQUENCE.get(reading.kind, 10)

    @api.depends('quantity', 'days')
    def _compute_per_day(self):
        for reading in self:
            reading.per_day = reading.quantity / reading.days if reading.days else 0

    @api.depends('meter_id.reading_ids.value', 'meter_id.reading_ids.state')
    def _compute_previous_value(self):
        """ What it follows on in the chain, or would, if it counted. """
        chain = self.meter_id._get_chain()
        for reading in self:
            readings = chain.get(reading.meter_id.id, {}).get(reading.register, [])
            place = bisect_left(readings, (reading.date, reading.sequence), key=get_place)
            reading.previous_value = readings[place - 1].value if place else 0

    @api.depends('meter_id.reading_ids.value', 'meter_id.reading_ids.state')
    def _compute_is_lower(self):
        """ Not because it was when it came: its neighbours may have been corrected since. """
        chain = self.meter_id._get_chain()
        for reading in self:
            reading.is_lower = False
            try:
                if reading.state == 'queued':
                    reading._fit(chain.get(reading.meter_id.id, {}).get(reading.register, []))
            except DecreaseError:
                reading.is_lower = True

    @api.depends('meter_id.display_name', 'date')
    def _compute_display_name(self):
        for reading in self:
            reading.display_name = ' · '.join(filter(None, (
                reading.meter_id.display_name, fields.Date.to_string(reading.date))))

    @api.depends('reason_values')
    @api.depends_context('lang')
    def _compute_reason_detail(self):
        for reading in self:
            reading.reason_detail = self._get_reason_text(reading.reason_values)

    def _get_why(self):
        """ Why it waits, in words; '' of one that never did. """
        self.ensure_one()
        return self.reason_detail or dict(
            self._fields['reason']._description_selection(self.env)).get(self.reason, '')

    @api.model
    def _get_reason_text(self, values):
        if not values:
            return values
        if values['text'] == 'usual':
            values = {**values, 'per_day': plain(self._get_usual(
                [(Fraction(values['use']), values['days'])]))}
        return self._get_reason_texts()[values['text']] % values

    @api.model
    def _get_reason_texts(self):
        _ = self.env._
        return {
            'usual': _(
                "%(use)s in %(days)s days, %(per_day)s a day; it was %(usual)s a day in the year "
                "before."),
            'unused': _("Nothing in %(days)s days."),
            'decrease': _("%(value)s is less than %(previous)s on %(day)s."),
            'above': _("%(value)s is more than %(previous)s on %(day)s."),
        }

    # === CRUD METHODS === #

    @api.ondelete(at_uninstall=False)
    def _unlink_except_billed(self):
        """ What is billed, begins a chain or belongs to an event stays (B32). """
        if self._is_initialising():
            return
        meters = self.meter_id
        meters._touch()
        accepted = self.filtered(lambda reading: reading.state == 'accepted')
        for reading in accepted:
            reading.meter_id._check_open(reading.date)
            if reading.kind in (REMOVED, INSTALLED):
                raise UserError(self.env._(
                    "The reading of %(reading)s belongs to an exchange and stays with it.",
                    reading=reading.display_name))
        # sudo: whoever sees them. What was wrong is looked at beside what stands in its place.
        if wrong_sudo := self.sudo().search([
                '|', ('id', 'in', self.ids), ('replaced_by_id', 'in', self.ids),
                ('state', '=', 'replaced')], limit=1):
            raise UserError(self.env._(
                "%(reading)s was corrected: both readings stay. Correct it once more if need be.",
                reading=wrong_sudo.display_name))
        firsts = accepted.filtered(lambda reading: reading.kind == FIRST)
        if later := self.search([
                ('meter_id', 'in', firsts.meter_id.ids), ('state', '=', 'accepted'),
                ('id', 'not in', self.ids)], limit=1):
            raise UserError(self.env._(
                "The first reading of %(meter)s is what its use is counted from. Delete the later "
                "ones before.", meter=later.meter_id.display_name))

    def unlink(self):
        """ Override: the reading after it is counted from the one before it. """
        meters = self.meter_id
        since = min(self.mapped('date'), default=None)
        has_rolled = any(self.mapped('rollovers'))
        result = super().unlink()
        if has_rolled:
            self._carry_rollovers(meters, since)
        self._recompute_quantities(meters, since)
        return result

    # === ACTION METHODS: THE QUEUE === #

    def action_accept(self):
        """ As it stands: somebody has looked at it. """
        self._check_decider('queued')
        if lower := self.filtered('is_lower')[:1]:
            raise UserError(self.env._(
                "%(reading)s: %(detail)s Whether the dial went over zero, the meter was exchanged "
                "or the reading is wrong, only you can say: choose one of these.",
                reading=lower.display_name, detail=lower.reason_detail))
        self._accept()

    def action_roll_over(self):
        return self._open_decision('rollover')

    def action_refuse(self):
        return self._open_decision('refuse')

    def _open_decision(self, decision):
        self.ensure_one()
        names = dict(self.env['property.meter.decide']._fields[
            'decision']._description_selection(self.env))
        return {
            'name': names[decision],
            'type': 'ir.actions.act_window',
            'res_model': 'property.meter.decide',
            'views': [(False, 'form')],
            'target': 'new',
            'context': {'default_reading_id': self.id, 'default_decision': decision},
        }

    def _check_decider(self, *states):
        """ Whether the user may decide about these now, which nobody else does meanwhile. """
        if not self.env.su and not self.env.user.has_group(DECIDERS):
            raise AccessError(self.env._("You may enter readings, not decide about them."))
        self._check_write_scope()
        self.meter_id._touch()
        self.invalidate_recordset(['state'])
        if decided := self.filtered(lambda reading: reading.state not in states)[:1]:
            labels = dict(self._fields['state']._description_selection(self.env))
            raise UserError(self.env._(
                "%(reading)s is “%(state)s” meanwhile. Reload the page to see where it stands.",
                reading=decided.display_name, state=labels[decided.state]))

    def _accept(self, **vals):
        """ Into the chain, where it has to fit as it is now. """
        if not self:
            return
        meters = self.meter_id
        chain = meters._get_chain()
        for reading in self:
            reading.meter_id._check_open(reading.date)
            readings = chain.get(reading.meter_id.id, {}).setdefault(reading.register, [])
            place = bisect_right(readings, (reading.date, reading.sequence), key=get_place)
            there = self.browse(
                readings[place - 1].reading_id
                if place and get_place(readings[place - 1]) == (reading.date, reading.sequence)
                else None)
            if there and there._gives_way():
                self._give_way(there.ids)
                there.sudo().replaced_by_id = reading  # sudo: as below
                place -= 1
                del readings[place]
            elif there:
                raise UserError(self.env._(
                    "%(meter)s was read on %(day)s already. Refuse this reading, or replace the "
                    "other one.", meter=reading.meter_id.display_name,
                    day=format_date(self.env, reading.date)))
            try:
                new = reading._fit(readings, vals.get('rollovers'))
            except DecreaseError as error:
                raise UserError(self.env._(
                    "%(meter)s: %(value)s on %(day)s is less than %(previous)s before.",
                    meter=reading.meter_id.display_name, value=plain(error.value),
                    day=format_date(self.env, error.day), previous=plain(error.previous),
                )) from error
            if new.rollovers and place and new.value >= readings[place - 1].value:
                raise UserError(self.env._(
                    "%(meter)s: %(value)s on %(day)s is not less than %(previous)s before, so the "
                    "dial did not go over zero.",
                    meter=reading.meter_id.display_name, value=plain(new.value),
                    day=format_date(self.env, new.day),
                    previous=plain(readings[place - 1].value)))
            readings.insert(place, new)
            # sudo: the right to decide is checked by the callers, and nobody writes these by hand.
            reading.sudo().write({
                'state': 'accepted', 'multiplier': float(new.multiplier), 'digits': new.digits,
                **vals})
        self._recompute_quantities(meters, min(self.mapped('date')))

    @api.model
    def _give_way(self, ids):
        """ Out of the chain, before what counts instead of them is in it. """
        replaced_sudo = self.sudo().browse(ids)  # sudo: as in `_accept`
        replaced_sudo.state = 'replaced'
        replaced_sudo.flush_recordset(['state'])

    def _fit(self, readings, rollovers=None):
        """ It as the engine wants it, in its place among the readings of its register.

        :param rollovers: how often the dial went over zero, if not as it says
        :raises DecreaseError: there is more before it, or less after it
        """
        new = self._get_reading()
        if rollovers is not None:
            new = new._replace(rollovers=rollovers)
        # What a device read on that day gives way.
        readings = [
            row for row in readings if row.is_border or get_place(row) != get_place(new)]
        place = bisect_right(readings, get_place(new), key=get_place)
        new = self._hang(new, readings[:place])
        get_steps([*readings[:place][-1:], new, *readings[place:][:1]])
        return new

    def _refuse(self, note):
        # sudo: as in `_accept`.
        self.sudo().write({'state': 'refused', 'note': note})

    def _get_reading(self):
        """ As the engine wants it. """
        self.ensure_one()
        return Reading(
            self.date, Decimal(repr(self.value)), self.kind, self.rollovers,
            Decimal(repr(self.multiplier)), self.digits, self.is_border, self.is_restart, self.id)

    # === BUSINESS METHODS: ENTERING === #

    @api.model
    def _check_reader(self):
        if not self.env.su and not self.env.user.has_group(READERS):
            raise AccessError(self.env._("You are not allowed to enter meter readings."))

    @api.model
    def _enter(self, rows, **common):
        """ Enter readings: all of them, or none where one cannot be. Odd ones wait to be checked.

        :param list[dict] rows: `meter_id`, `register`, `date`, `value` as it was typed; of a meter
            that was never read `first_value` and `first_date`, or `kind` 'first' for its first
            reading alone; other fields of the reading
        :param common: what all of them have in common, such as their source
        :return: what is wrong, as `{row, meter_id, register, field, message}` each, and what was
            entered
        :rtype: tuple[list[dict], recordset]
        """
        self._check_reader()
        meters = self._get_meters(rows)
        meters._touch()
        faults, found = self._examine(rows, meters)
        if faults:
            return faults, self.browse()
        standing = {
            entry: entry.instead for entry, finding in found.items()
            if entry.instead and 'state' not in {**common, **finding.wait}}
        self._give_way(standing.values())
        # sudo: who may enter readings is checked above, and where; by hand nobody writes them.
        readings = self.sudo().create([
            {
                'meter_id': entry.meter.id, 'register': entry.register,
                'date': entry.reading.day, 'value': float(entry.reading.value),
                'kind': entry.reading.kind, 'multiplier': float(entry.reading.multiplier),
                'digits': entry.reading.digits,
                **common,
                **(entry.field == 'value' and {
                    name: rows[entry.place][name] for name in rows[entry.place].keys() & EXTRAS
                } or {}),
                **finding.wait,
            }
            for entry, finding in found.items()]).with_env(self.env)
        for entry, reading in zip(found, readings, strict=True):
            if entry in standing:
                # sudo: as above
                self.sudo().browse(standing[entry]).replaced_by_id = reading
        if readings:
            self._recompute_quantities(readings.meter_id, min(readings.mapped('date')))
        return [], readings

    @api.model
    def _get_meters(self, rows):
        """ The meters of these rows that the user may read. """
        meters = self.env['property.meter'].browse(
            {row['meter_id'] for row in rows if row.get('meter_id')}).exists()
        if self.env.su:  # what is the user's was checked
            return meters
        return meters._filtered_access('read').filtered('property_in_write_scope')

    @api.model
    def _examine(self, rows, meters):
        """ What is wrong with rows, and what is found about each of their entries.

        :return: faults as `_enter` returns them, and `{Entry: Finding}`
        """
        days = [day for row in rows for day in (
            row.get('date'), has_first(row) and row.get('first_date')) if day]
        since = max(min(days, default=EARLIEST), EARLIEST)
        chain = meters._get_chain(fields.Date.subtract(since, years=1)) if days else {}
        faults, entries = self._read_rows(rows, meters, chain)
        entries.sort(key=lambda entry: get_place(entry.reading))  # as their chains go
        found = self._judge(entries, faults, chain)
        return [
            {
                'row': place, 'meter_id': rows[place].get('meter_id'),
                'register': rows[place].get('register'), 'field': field, 'message': message,
            }
            for (place, field), message in sorted(faults.items())], found

    @api.model
    def _read_rows(self, rows, meters, chain):
        """ What is typed, as readings, and what of it cannot be one.

        :param chain: what was read of the meters before, as `_get_chain` tells it
        :return: `{(row, field): message}`, and the entries
        """
        faults, entries = {}, []
        today = fields.Date.context_today(self)
        by_id = {meter.id: meter for meter in meters}
        known = {
            (reading.meter_id.id, reading.register, reading.date): reading
            for reading in self.search_fetch(
                [('meter_id', 'in', meters.ids), ('state', 'in', ('accepted', 'queued')),
                 ('kind', 'not in', (REMOVED, INSTALLED)),
                 ('date', 'in', list({row['date'] for row in rows if row.get('date')}))],
                ['meter_id', 'register', 'date', 'value', 'user_id', 'is_border', 'state'])}
        priced = {
            day: meters._get_priced(day) for day in {row['date'] for row in rows if row.get('date')}
        }
        for place, row in enumerate(rows):
            meter = by_id.get(row.get('meter_id'))
            register, day = row.get('register'), row.get('date')
            if not meter:
                faults[place, 'meter_id'] = self.env._(
                    "There is no such meter here. Enter it in the meters first.")
                continue
            if register not in meter.type_id._get_registers():
                faults[place, 'register'] = self.env._(
                    "%(meter)s has no such register.", meter=meter.display_name)
                continue
            # What only begins a chain is charged to nobody.
            needed = None if row.get('kind') == FIRST else priced
            if message := self._get_day_fault(meter, day, today, needed):
                faults[place, 'date'] = message
                continue
            there = known.get((meter.id, register, day))
            instead = there.id if there and there._gives_way() else None
            if there is not None and not instead:
                faults[place, 'value'] = self._get_twice_text(
                    meter, day, there)
                continue
            if message := self._get_photo_fault(row.get('photo')):
                faults[place, 'photo'] = message
                continue
            known[meter.id, register, day] = self.browse()
            kind = row.get('kind', READ)
            cells = [('value', day, kind)]
            if has_first(row):
                cells.insert(0, ('first_value', row.get('first_date'), FIRST))
            for field, at, cell_kind in cells:
                if not at or field == 'first_value' and at >= day:
                    faults[place, field] = self.env._(
                        "The first reading is of a day before the other one.")
                    continue
                dial = self._get_dial(
                    meter, chain.get(meter.id, {}).get(register, []), (at, SEQUENCE[cell_kind]))
                try:
                    value = parse_value(row.get(field), *dial)
                except DialError as error:
                    faults[place, field] = self._get_dial_text(
                        error.args[0], meter, row.get(field), dial)
                    continue
                entries.append(Entry(place, field, meter, register, Reading(
                    at, value, cell_kind, row.get('rollovers', 0),
                    Decimal(repr(meter.multiplier)), meter.digits,
                    row.get('is_border', True), row.get('is_restart', False)),
                    instead if field == 'value' else None))
        return faults, entries

    def _gives_way(self):
        """ Whether it is one of those that a device reads every day: of a day on which somebody
        has read as well, it is his reading that counts.
        """
        return self.state == 'accepted' and not self.is_border

    @api.model
    def _get_twice_text(self, meter, day, reading):
        """ Why a meter is not read again for a day.

        :param reading: the one that there is, empty if it is another row of the same sheet
        """
        if not reading:
            return self.env._(
                "%(meter)s was read on %(day)s already.", meter=meter.display_name,
                day=format_date(self.env, day))
        return self.env._(
            "%(meter)s was read on %(day)s already: %(user)s entered %(value)s.",
            meter=meter.display_name, day=format_date(self.env, day),
            # sudo: a colleague is named, whoever may see users.
            user=reading.sudo().user_id.name, value=plain(Decimal(repr(reading.value))))

    def _get_day_fault(self, meter, day, today, priced=None):
        """ Why a meter cannot be read on a day, or None.

        :param dict priced: `{day: meters that may be charged by it}`, where that counts
        """
        if not day:
            return self.env._("Enter the day of the reading.")
        if day > today:
            return self.env._("%(day)s is still to come.", day=format_date(self.env, day))
        if not meter.active or meter.date_end and meter.date_end < day:
            return self.env._(
                "%(meter)s was not in use on %(day)s any more.", meter=meter.display_name,
                day=format_date(self.env, day))
        if meter.date_billed and day <= meter.date_billed:
            return self.env._(
                "%(meter)s is billed up to %(day)s; a reading until then comes too late.",
                meter=meter.display_name, day=format_date(self.env, meter.date_billed))
        if priced is not None and meter not in priced[day]:
            # sudo: who reads meters need not read fees; this one is named to him.
            tariff_sudo = meter.sudo()._get_tariffs(day).get(meter)
            return self.env._(
                "%(fee)s has no price on %(day)s. Enter its tariff first.",
                fee=(tariff_sudo or meter.sudo().type_id.fee_id).display_name,
                day=format_date(self.env, day))
        return None

    @api.model
    def _get_photo_fault(self, photo):
        """ Why something is no photo, or None. """
        if not photo:
            return None
        try:
            source = base64.b64decode(photo, validate=True)
            if len(source) > MAX_PHOTO:
                return self.env._(
                    "The photo is larger than %(size)s MB.", size=MAX_PHOTO // 1024 // 1024)
            if image := ImageProcess(source).image:
                image.load()  # half of one is told here, not when it is stored
                return None
        except (binascii.Error, OSError, TypeError, ValueError, UserError):
            pass
        return self.env._("This file is no photo. Take a JPEG or PNG.")

    @api.model
    def _get_dial_text(self, why, meter, text, dial=None):
        """ Why a text is no reading.

        :param dial: digits and decimals, if not those that the meter has now
        """
        digits, decimals = dial or (meter.digits, meter.decimals)
        return {
            NOT_A_NUMBER: self.env._("“%(text)s” is no reading: enter a number.", text=text or ''),
            TOO_MANY_DECIMALS: self.env._(
                "The dial of %(meter)s has %(count)s decimals.", meter=meter.display_name,
                count=decimals),
            TOO_MANY_DIGITS: self.env._(
                "The dial of %(meter)s has %(count)s digits.", meter=meter.display_name,
                count=digits),
        }[why]

    @api.model
    def _judge(self, entries, faults, chain):
        """ Which of these cannot follow on what was read before, and which are odd.

        :param entries: in the order of their chains
        :param faults: to which what cannot be is added
        :param chain: what was read before, and a year before that; the entries go into it
        :return: `{Entry: Finding}` of the others
        """
        found = {}
        for entry in entries:
            readings = chain.setdefault(entry.meter.id, {}).setdefault(entry.register, [])
            if entry.instead:
                readings[:] = [row for row in readings if row.reading_id != entry.instead]
            place = bisect_right(readings, get_place(entry.reading), key=get_place)
            new = self._hang(entry.reading, readings[:place])
            entry = entry._replace(reading=new)
            if new.kind == FIRST:
                if readings:
                    faults[entry.place, entry.field] = self.env._(
                        "%(meter)s has its first reading, of %(day)s.",
                        meter=entry.meter.display_name,
                        day=format_date(self.env, readings[0].day))
                    continue
                found[entry] = Finding()
            elif not place:
                if (entry.place, 'first_value') not in faults:
                    faults[entry.place, 'first_value'] = self.env._(
                        "%(meter)s was not read before %(day)s. Enter what it showed at the start, "
                        "too.", meter=entry.meter.display_name, day=format_date(self.env, new.day))
                continue
            else:
                found[entry] = self._find(entry, readings, place)
            if not found[entry].wait:
                readings.insert(place, new)
        return found

    @api.model
    def _hang(self, reading, before):
        """ A reading of the device that hung there then: that of the reading before it, which
        may have been exchanged since.
        """
        if not before:
            return reading
        return reading._replace(multiplier=before[-1].multiplier, digits=before[-1].digits)

    @api.model
    def _get_dial(self, meter, readings, place):
        """ The digits and decimals of the device that hung there then. Of one that was exchanged
        since, its readings tell the digits alone.

        :param readings: those of a register, in order
        :param place: as `get_place` gives it
        """
        later = bisect_right(readings, place, key=get_place)
        if all(reading.kind != INSTALLED for reading in readings[later:]):
            return meter.digits, meter.decimals
        return readings[max(later - 1, 0)].digits, MOST_DECIMALS

    @api.model
    def _find(self, entry, readings, place):
        """ :return: the Finding about an entry that goes to a place of its chain: beside what is
            usual the use since a charge could end, whatever devices have read in between
        """
        new, before, meter_type = entry.reading, readings[place - 1], entry.meter.type_id
        border = get_border(readings[:place])
        try:
            steps = get_steps([*readings[border:place], new])
        except DecreaseError as error:
            return Finding(before, wait=self._prepare_decrease(
                'decrease', new.value, error.previous, before.day))
        if place < len(readings) and readings[place].kind not in BEGINNINGS:
            after = readings[place]
            try:
                get_steps([new, after])
            except DecreaseError:
                return Finding(before, wait=self._prepare_decrease(
                    'above', new.value, after.value, after.day))
        history = [
            (past.use, (past.end - past.start).days)
            for past in get_steps(readings[:border + 1])]
        use = sum(step.use for step in steps)
        days = sum((step.end - step.start).days for step in steps)
        reason = find_oddity(
            use, days, history, Decimal(repr(meter_type.low_percent)),
            Decimal(repr(meter_type.high_percent)))
        wait = self._prepare_odd(reason, use, days, history) if reason else {}
        return Finding(before, use, days, wait)

    @api.model
    def _prepare_odd(self, reason, use, days, history):
        return {'state': 'queued', 'reason': reason, 'reason_values': {
            'text': 'usual', 'use': plain(use), 'days': days,
            'usual': plain(self._get_usual(history)),
        } if history else {'text': 'unused', 'days': days}}

    @api.model
    def _get_usual(self, history):
        """ The average per day, as it is told. """
        usual = add_up(use for use, _days in history) / (
            sum(count for _use, count in history) or 1)
        return round(Decimal(usual.numerator) / usual.denominator, 2)

    @api.model
    def _prepare_decrease(self, text, value, previous, day):
        return {'state': 'queued', 'reason': 'decrease', 'reason_values': {
            'text': text, 'value': plain(value), 'previous': plain(previous),
            'day': fields.Date.to_string(day)}}

    # === BUSINESS METHODS: THE CHAIN === #

    @api.model
    def _carry_rollovers(self, meters, since):
        """ The dial went over zero, though the reading that told so first is gone. """
        self.browse(
            after.reading_id for registers in meters._get_chain(since).values()
            for readings in registers.values() for before, after in pairwise(readings)
            if after.kind not in BEGINNINGS and after.value < before.value
        ).sudo().rollovers = 1  # sudo: by hand nobody writes readings

    @api.model
    def _recompute_quantities(self, meters, since=None):
        """ Bring what each reading stores of its step up to date with the chain. """
        steps = [
            step for registers in meters._get_chain(since).values()
            for readings in registers.values() for step in get_steps(readings)]
        if not steps:
            return
        # Another one came before it, or the one before is another now: over zero it went there.
        if told := [step.reading.reading_id for step in steps
                    if step.reading.rollovers and step.reading.value >= step.previous]:
            self.browse(told).sudo().rollovers = 0  # sudo: as in `_carry_rollovers`
            self._recompute_quantities(meters, since)
            return
        self.env.execute_query(SQL("""
            UPDATE property_meter_reading AS reading
               SET quantity = step.quantity, days = step.days,
                   per_day = CASE WHEN step.days > 0 THEN step.quantity / step.days ELSE 0 END
              FROM UNNEST(%s::integer[], %s::numeric[], %s::integer[])
                   AS step(id, quantity, days)
             WHERE reading.id = step.id
         RETURNING reading.id
        """, [step.reading.reading_id for step in steps], [step.use for step in steps],
            [(step.end - step.start).days for step in steps]))
        self.invalidate_model(['quantity', 'days', 'per_day'])
