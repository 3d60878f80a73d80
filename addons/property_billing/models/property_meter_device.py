""" Meters that are read at a distance (远传表): what devices report, and what becomes of it. """
import json
from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import ROUND_DOWN, Decimal, InvalidOperation
from fractions import Fraction
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..tools.dial import TOO_MANY_DIGITS, DialError, parse_value
from ..tools.metering import (
    BEGINNINGS,
    FIRST,
    JUMP,
    READ,
    DecreaseError,
    Reading,
    find_oddity,
    get_steps,
)
from .property_meter_reading import get_place

DEVICES = 'property_billing.group_meter_device'
TIME_ZONE = 'Asia/Shanghai'  # of a company that has none
CLOCK = timedelta(minutes=10)  # so much a device's clock may be ahead
WEEK = timedelta(days=7)  # use of a day varies more than a jump; that of a week does not
NEAR = timedelta(days=2)  # before the last day of a round
MOST_DIGITS = 9
DEVICE_NAMES = ('number', 'collector')  # by what a message says which meter it is of
ACCEPTED, QUEUED, KNOWN = 'accepted', 'queued', 'known'
UNKNOWN_METER, REFUSED = 'unknown_meter', 'refused'


class PropertyMeter(models.Model):
    _inherit = 'property.meter'

    def action_view_trend(self):
        """ How much was used per day, from reading to reading. """
        self.ensure_one()
        return {
            'name': self.env._("Consumption per day"),
            'type': 'ir.actions.act_window',
            'res_model': 'property.meter.reading',
            'views': [
                (self.env.ref('property_billing.property_meter_reading_view_graph_trend').id,
                 'graph'),
                (False, 'list')],
            'domain': [
                ('meter_id', '=', self.id), ('state', '=', 'accepted'), ('days', '>', 0)],
        }

    @api.model
    def _receive_readings(self, items):
        """ Take in what devices report. A message that comes again changes nothing, and messages
        may come in any order; of several of a day the latest counts. Nothing is charged up to a
        reading of a device until a round has taken it.

        :param list[dict] items: `key`, which names the message for good; `number` of the meter or
            `collector`, the device's own, or both; `at`, a datetime with its time zone or such a
            text; `value`; `register` of a meter with several; `status`, which is kept as a remark
        :return: in the order of the items `key`, `state` (accepted, queued, known, unknown_meter
            or refused), and `message` where there is something to say
        :rtype: list[dict]
        """
        if not self.env.su and not self.env.user.has_group(DEVICES):
            raise AccessError(self.env._("Only the user of a gateway hands in what devices read."))
        results, found = self._read_items(items)
        meters = self.union(*(entry['meter'] for entry in found))
        if meters:
            meters._touch()
            meters._add_readings(found, results)
        return [
            {'key': item.get('key'), 'state': state, 'message': message}
            for item, (state, message) in zip(items, results, strict=True)]

    # === WHAT ITEMS SAY === #

    @api.model
    def _read_items(self, items):
        """ :return: a result per item, and what may be a reading, in the order of time """
        Reading = self.env['property.meter.reading'].sudo()  # their keys are given once for all
        keys = {str(item['key']) for item in items if item.get('key')}
        seen = set(Reading.search_fetch(
            [('source', '=', 'device'), ('device_key', 'in', list(keys))], ['device_key'],
        ).mapped('device_key'))
        by_word = self._get_by_word(items)
        zones = {}
        results, found = [(ACCEPTED, False)] * len(items), []
        for place, item in enumerate(items):
            key = str(item.get('key') or '')
            if key in seen:
                results[place] = (KNOWN, False)
                continue
            words = [(name, str(item[name])) for name in DEVICE_NAMES if item.get(name)]
            meters = set.intersection(*(by_word[word] for word in words)) if words else set()
            if len(meters) != 1:
                results[place] = (UNKNOWN_METER, self.env._(
                    "%(count)s meters have the number %(number)s.", count=len(meters),
                    number=' / '.join(word for _name, word in words)) if meters else False)
                continue
            [meter] = meters
            company = meter.company_id
            if company not in zones:
                # sudo: of a company the time zone alone
                zones[company] = ZoneInfo(company.sudo().partner_id.tz or TIME_ZONE)
            entry, message = self._read_item(item, meter, zones[company])
            if message:
                results[place] = (REFUSED, message)
                continue
            seen.add(key)
            found.append({'place': place, 'meter': meter, **entry})
        found.sort(key=lambda entry: entry['at'])
        return results, found

    @api.model
    def _get_by_word(self, items):
        """ The meters that items mean, in one search: `{(which of DEVICE_NAMES, word): meters}`.
        """
        meters = self.search_fetch(
            Domain.OR(
                Domain(name, 'in', list({str(item[name]) for item in items if item.get(name)}))
                for name in DEVICE_NAMES),
            [*DEVICE_NAMES, 'type_id', 'company_id', 'project_id', 'building_id',
             'multiplier', 'digits', 'decimals', 'active', 'date_end'])
        by_word = defaultdict(set)
        for meter in meters:
            for name in DEVICE_NAMES:
                by_word[name, meter[name]].add(meter)
        return by_word

    @api.model
    def _read_item(self, item, meter, zone):
        """ :return: values of an entry, and what is wrong with it """
        if not item.get('key'):
            return None, self.env._("The message has no key, so it could not be told apart.")
        registers = meter.type_id._get_registers()
        register = item.get('register') or (registers[0] if len(registers) == 1 else None)
        if register not in registers:
            return None, self.env._(
                "%(meter)s has no such register.", meter=meter.display_name)
        at = item.get('at')
        try:
            at = datetime.fromisoformat(at) if isinstance(at, str) else at
        except ValueError:
            at = None
        if not isinstance(at, datetime) or at.tzinfo is None:
            return None, self.env._("“%(at)s” is no time with its zone.", at=item.get('at') or '')
        now = fields.Datetime.now()
        at_utc = at.astimezone(ZoneInfo('UTC')).replace(tzinfo=None)
        if at_utc > now + CLOCK:
            return None, self.env._("The clock of the device is ahead: %(at)s.", at=at.isoformat())
        day = at.astimezone(zone).date()
        Reading = self.env['property.meter.reading']
        if message := Reading._get_day_fault(meter, day, day):
            return None, message
        try:
            # Devices send more decimals than the dial shows; on which dial it was is seen later.
            value = Decimal(str(item.get('value'))).quantize(
                Decimal(1).scaleb(-meter.decimals), ROUND_DOWN)
            value = parse_value(format(value, 'f'), MOST_DIGITS, meter.decimals)
        except InvalidOperation:
            return None, Reading._get_dial_text('number', meter, str(item.get('value')))
        except DialError as error:
            return None, Reading._get_dial_text(
                error.args[0], meter, str(item.get('value')), (MOST_DIGITS, meter.decimals))
        return {
            'key': str(item['key']), 'register': register, 'at': at_utc, 'day': day, 'value': value,
            'note': item.get('status') or False}, None

    # === WHAT BECOMES OF THEM === #

    def _add_readings(self, found, results):
        """ Store entries, each with its result; those of these meters. """
        chain = self._get_chain(min(entry['day'] for entry in found) - WEEK)
        stored = self._get_stored(found)
        usual = self._get_usual_use(min(entry['day'] for entry in found))
        vals = {}  # what is created or changed: {(meter id, register, day or None): values}
        for entry in found:
            meter, register, day = entry['meter'], entry['register'], entry['day']
            known = stored.get((meter.id, register, day))
            if known and (not known['replaceable'] or known['read_at'] >= entry['at']):
                results[entry['place']] = (KNOWN, self.env._(
                    "%(meter)s was read on %(day)s already.", meter=meter.display_name,
                    day=format_date(self.env, day)))
                continue
            readings = chain.setdefault(meter.id, {}).setdefault(register, [])
            if readings and day < readings[0].day:
                results[entry['place']] = (REFUSED, self.env._(
                    "%(meter)s has its first reading, of %(day)s.", meter=meter.display_name,
                    day=format_date(self.env, readings[0].day)))
                continue
            new = Reading(
                day, entry['value'], known['kind'] if known else READ if readings else FIRST, 0,
                Decimal(repr(meter.multiplier)), meter.digits, False)
            new = self.env['property.meter.reading']._hang(
                new, [reading for reading in readings if get_place(reading) <= get_place(new)])
            if new.value >= Decimal(1).scaleb(new.digits):
                results[entry['place']] = (REFUSED, self.env[
                    'property.meter.reading']._get_dial_text(
                        TOO_MANY_DIGITS, meter, '', (new.digits, meter.decimals)))
                continue
            wait = self._judge_device(readings, new, usual.get((meter.id, register)), meter)
            place = (meter.id, register, None if wait else day)
            waiting = wait and stored.get(place)
            if waiting and waiting['read_at'] >= entry['at']:
                results[entry['place']] = (KNOWN, self.env._(
                    "A later reading of %(meter)s waits to be checked.",
                    meter=meter.display_name))
                continue
            vals[place] = {
                'meter_id': meter.id, 'register': register, 'date': day,
                'kind': READ if wait else new.kind, 'value': float(entry['value']),
                'multiplier': float(new.multiplier), 'digits': new.digits, 'is_border': False,
                'source': 'device', 'device_key': entry['key'], 'read_at': entry['at'],
                'note': entry['note'], 'id': ((waiting if wait else known) or {}).get('id'),
                **(wait or {}),
            }
            stored[place] = {
                'id': vals[place]['id'], 'read_at': entry['at'], 'kind': vals[place]['kind'],
                'replaceable': True}
            results[entry['place']] = (QUEUED if wait else ACCEPTED, wait and self.env[
                'property.meter.reading']._get_reason_text(wait['reason_values']))
            if not wait:
                readings[:] = sorted((new, *(
                    reading for reading in readings
                    if reading.day != day or reading.kind not in (FIRST, READ))), key=get_place)
        self._store_readings(vals.values())

    def _judge_device(self, readings, new, usual, meter):
        """ :return: the values that make a reading wait, or None """
        Reading = self.env['property.meter.reading']
        before = [reading for reading in readings if reading.day < new.day]
        after = next((reading for reading in readings if reading.day > new.day), None)
        if before:
            try:
                get_steps([before[-1], new])
            except DecreaseError as error:
                return Reading._prepare_decrease(
                    'decrease', new.value, error.previous, before[-1].day)
        if after and after.kind not in BEGINNINGS:
            try:
                get_steps([new, after])
            except DecreaseError:
                return Reading._prepare_decrease('above', new.value, after.value, after.day)
        start = next((place for place in reversed(range(len(before)))
                      if before[place].day <= new.day - WEEK), None)
        if start is None or not usual:
            return None
        use = sum(step.use for step in get_steps([*before[start:], new]))
        days = (new.day - before[start].day).days
        high = Decimal(repr(meter.type_id.high_percent))
        if find_oddity(use, days, [usual], Decimal(100), high) != JUMP:
            return None
        return Reading._prepare_odd(JUMP, use, days, [usual])

    def _get_stored(self, found):
        """ What was read on the days of entries, and what of devices waits.

        :return: `{(meter id, register, day, or None for what waits): id, read_at, replaceable}`
        """
        # sudo: what these meters showed, whoever read it
        readings = self.env['property.meter.reading'].sudo().search_fetch(
            Domain('meter_id', 'in', self.ids) & Domain('kind', 'in', (FIRST, READ, 'estimate'))
            & (Domain('state', '=', 'queued') & Domain('source', '=', 'device')
               | Domain('state', '=', 'accepted')
               & Domain('date', 'in', list({entry['day'] for entry in found}))),
            ['meter_id', 'register', 'date', 'kind', 'state', 'source', 'read_at', 'is_border'])
        return {
            (reading.meter_id.id, reading.register,
             reading.date if reading.state == 'accepted' else None): {
                'id': reading.id, 'read_at': reading.read_at, 'kind': reading.kind,
                'replaceable': reading.source == 'device' and not reading.is_border}
            for reading in readings}

    def _get_usual_use(self, day):
        """ {(meter id, register): use and days of the year before} """
        return {
            (meter.id, register): (Fraction(Decimal(repr(quantity))), days)
            for meter, register, quantity, days in self.env[
                'property.meter.reading'].sudo()._read_group(  # sudo: as above
                [('meter_id', 'in', self.ids), ('state', '=', 'accepted'), ('days', '>', 0),
                 ('date', '>=', fields.Date.subtract(day, years=1))],
                ['meter_id', 'register'], ['quantity:sum', 'days:sum'])}

    def _store_readings(self, vals_list):
        """ Create what is new, and put what is later in the place of what a device read before. """
        # sudo: who may hand in readings was checked; by hand nobody writes them.
        Reading_sudo = self.env['property.meter.reading'].sudo()
        new = [{name: value for name, value in vals.items() if name != 'id'}
               for vals in vals_list if not vals['id']]
        changed = [vals for vals in vals_list if vals['id']]
        Reading_sudo.create(new)
        if changed:
            Reading_sudo.flush_model()
            self.env.execute_query(SQL(
                """
                UPDATE property_meter_reading AS reading
                   SET date = news.date, value = news.value, device_key = news.key,
                       read_at = news.read_at, note = news.note, reason = news.reason,
                       reason_values = news.reason_values
                  FROM UNNEST(%s::integer[], %s::date[], %s::numeric[], %s::varchar[],
                              %s::timestamp[], %s::varchar[], %s::varchar[], %s::jsonb[])
                       AS news(id, date, value, key, read_at, note, reason, reason_values)
                 WHERE reading.id = news.id
             RETURNING reading.id
                """,
                *([get(vals) for vals in changed] for get in (
                    lambda vals: vals['id'], lambda vals: vals['date'],
                    lambda vals: vals['value'], lambda vals: vals['device_key'],
                    lambda vals: vals['read_at'], lambda vals: vals['note'] or None,
                    lambda vals: vals.get('reason'),
                    lambda vals: (
                        json.dumps(vals['reason_values']) if 'reason' in vals else None)))))
            Reading_sudo.invalidate_model()
        accepted = [vals for vals in vals_list if vals.get('state') != 'queued']
        if accepted:
            Reading_sudo._recompute_quantities(
                self.browse({vals['meter_id'] for vals in accepted}),
                min(vals['date'] for vals in accepted))

    # === WHAT A ROUND TAKES === #

    def _take_from_devices(self, meter_round):
        """ :return: the readings that are those of the round now """
        self._touch()
        first, last = meter_round.date_end - NEAR, meter_round.date_end
        readings = self.env['property.meter.reading'].search([
            ('meter_id', 'in', self.ids), ('source', '=', 'device'), ('state', '=', 'accepted'),
            ('kind', '=', READ), ('is_border', '=', False), ('date', '<=', last),
            ('date', '>=', max(first, meter_round.date_start))], order='date desc')
        registers = len(meter_round.type_id._get_registers())
        taken = readings.browse()
        for of_meter in readings.grouped('meter_id').values():
            # of all hours on one day, the latest
            for of_day in of_meter.grouped('date').values():
                if len(of_day) == registers and of_day[0].date > (
                        of_day.meter_id.date_billed or date.min):
                    taken |= of_day
                    break
        # sudo: the right to it is checked by the round; by hand nobody writes readings.
        taken.sudo().write({'is_border': True, 'round_id': meter_round.id})
        taken._queue_odd()
        return taken


class PropertyMeterRound(models.Model):
    _inherit = 'property.meter.round'

    has_devices = fields.Boolean(string="Read at a distance", compute='_compute_has_devices')

    def _compute_has_devices(self):
        """ Whether some of its meters are read at a distance. """
        for meter_round in self:
            end = meter_round.date_end
            meter_round.has_devices = meter_round.id and self.env['property.meter'].search_count(
                meter_round._get_meter_domain() & Domain('reading_ids', 'any', [
                    ('source', '=', 'device'), ('state', '=', 'accepted'),
                    ('is_border', '=', False), ('date', '>=', end - NEAR),
                    ('date', '<=', end)]), limit=1)

    def action_take_from_devices(self):
        """ What devices read on the last day, or up to two days before, is the reading of the
        round: a charge may end there. It is looked at as a whole now, as if it were typed.
        """
        self.ensure_one()
        self._check_officer()
        self._check_open()
        missing = self._get_missing(self._get_meters())
        taken = missing._get_priced(self.date_end)._take_from_devices(self)
        left = missing - taken.meter_id
        queued = taken.filtered(lambda reading: reading.state == 'queued').meter_id
        messages = [self.env._("%(count)s meters read by their devices.", count=len(
            taken.meter_id))]
        if queued:
            messages.append(self.env._("To be checked: %(count)s.", count=len(queued)))
        if left:
            messages.append(self.env._(
                "Without a reading of these days, or a price: %(count)s.", count=len(left)))
        return {
            'type': 'ir.actions.client',
            'tag': 'display_notification',
            'params': {
                'type': 'warning' if left or queued else 'success',
                'message': ' '.join(messages),
                'next': {'type': 'ir.actions.client', 'tag': 'soft_reload'},
            },
        }


class PropertyMeterReading(models.Model):
    _inherit = 'property.meter.reading'

    def _queue_odd(self):
        """ Those of these that are odd beside the year before their period wait to be checked:
        nothing, much more, or much less since a charge could end.
        """
        if not self:
            return
        chain = self.meter_id._get_chain(fields.Date.subtract(min(self.mapped('date')), years=1))
        odd = self.browse()
        for reading in self:
            readings = [
                row for row in chain[reading.meter_id.id][reading.register]
                if row.day <= reading.date]
            border = next(
                (row.day for row in reversed(readings[:-1]) if row.is_border), readings[0].day)
            period, history = [], []
            for step in get_steps(readings):
                (period if step.start > border else history).append(
                    (step.use, (step.end - step.start).days))
            use, days = (sum(part) for part in zip(*period, strict=True))
            meter_type = reading.type_id
            reason = find_oddity(
                use, days, history, Decimal(repr(meter_type.low_percent)),
                Decimal(repr(meter_type.high_percent)))
            if reason:
                odd |= reading
                # sudo: what is odd is decided here; by hand nobody writes readings.
                reading.sudo().write(self._prepare_odd(reason, use, days, history))
        if odd:
            self._recompute_quantities(odd.meter_id, min(odd.mapped('date')))
