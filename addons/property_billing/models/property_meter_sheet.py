from decimal import Decimal
from itertools import groupby

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from odoo.addons.property_base.tools.room_board import get_natural_key

from ..tools.metering import ESTIMATE, get_steps
from ..tools.periods import ONE_DAY
from ..tools.planning import payer_on
from .property_charge_explanation import plain
from .property_meter_amount import PAYERS
from .property_meter_reading import DECIDERS, get_border

LABEL_PATH = '/m/'


class PropertyMeterRound(models.Model):
    """ The sheet of a round (表具抄录): what each register showed before, and shows now. """
    _inherit = 'property.meter.round'

    # === ACTION METHODS === #

    def action_open_sheet(self):
        self.ensure_one()
        action = self.env['ir.actions.client']._for_xml_id(
            'property_billing.property_meter_sheet_action')
        return {**action, 'context': {'active_id': self.id}}

    def action_bill(self):
        """ A new bill run of what was read: of the fee, the project and its buildings (B31). """
        self.ensure_one()
        self.env['property.bill.run'].check_access('create')
        fee = self.type_id.fee_id
        if not fee:
            raise UserError(self.env._(
                "%(type)s has no fee that its use is charged as. Enter it in the meter type.",
                type=self.type_id.name))
        return {
            'name': self.env._("Bill these readings"),
            'type': 'ir.actions.act_window',
            'res_model': 'property.bill.run',
            'views': [(False, 'form')],
            'context': {
                'default_project_id': self.project_id.id,
                'default_building_ids': self.building_ids.ids,
                'default_fee_ids': fee.ids,
                'default_date_end': fields.Date.to_string(self.date_end),
            },
        }

    # === BUSINESS METHODS: THE SHEET === #

    def get_sheet(self, date=None):
        """ All that the sheet shows before anything is typed, in as many queries for 500 rows as
        for one. Who pays and what was read comes from the records as they are now (B33).

        :param str date: for which day is read, in the days of the round
        :return: the round, what the user may do, and `rows`: each register of each meter, in the
            order in which somebody goes through the building
        :rtype: dict
        """
        self.ensure_one()
        self.check_access('read')
        self.env['property.meter.reading']._check_reader()
        user = self.env.user
        day = self._get_reading_day(fields.Date.to_date(date))
        return {
            'id': self.id,
            'name': self.name,
            'project': self.project_id.name,
            'type': self.type_id.name,
            'unit_name': self.type_id.unit_name,
            'registers': self._get_register_names(),
            'state': self.state,
            'date_start': fields.Date.to_string(self.date_start),
            'date_end': fields.Date.to_string(self.date_end),
            'date': fields.Date.to_string(day),
            'date_first': fields.Date.to_string(self.date_start - ONE_DAY),
            'shows_money': user.has_group(PAYERS),
            'may_bill': user.has_group(DECIDERS) and bool(self.sudo().type_id.fee_id),
            'may_decide': user.has_group(DECIDERS),
            'currency_id': self.company_id.currency_id.id,
            'rows': self._get_rows(day),
        }

    def scan(self, code):
        """ Which meter somebody means by the code on a label, or by a number.

        :return: `meter_id` of one that is read in this round, else False; and `message`, what is
            to be said about it
        :rtype: dict
        """
        self.ensure_one()
        self.check_access('read')
        self.env['property.meter.reading']._check_reader()
        code = (code or '').strip()
        Meter = self.env['property.meter']
        token = code.rpartition(LABEL_PATH)[2] if LABEL_PATH in code else None
        found = Meter._find_label(token) if token else Meter._find(self.project_id, code)
        mine = self._get_own_meters() & found
        if not found:
            # Nor is more said about a meter that the user may not see.
            return {'meter_id': False, 'message': self.env._(
                "“%(code)s” is no meter of yours in %(project)s. Nothing was entered.",
                code=code, project=self.project_id.name)}
        if not mine:
            return {'meter_id': False, 'message': self.env._(
                "%(meter)s (%(type)s, %(project)s) is not read in %(round)s. Nothing was entered.",
                meter=found[0].display_name, type=found[0].type_id.name,
                project=found[0].project_id.name, round=self.name)}
        meter, message = mine[0], False
        event = meter.event_ids.filtered(lambda event: event.kind == 'exchange' and (
            event.token_before == token if token else event.number_before == code))[:1]
        if event and meter.number != code:
            message = self.env._(
                "%(number)s was taken off on %(day)s. %(meter)s hangs there now.",
                number=event.number_before, day=format_date(self.env, event.date),
                meter=meter.display_name)
        return {'meter_id': meter.id, 'message': message}

    # === GETTERS === #

    def _get_register_names(self):
        names = dict(self.env['property.meter.reading']._fields[
            'register']._description_selection(self.env))
        return {register: names[register] for register in self.type_id._get_registers()}

    def _get_reading_day(self, day=None):
        """ For which day is read, where somebody says no other: the last one of the round, or
        today before it is over.
        """
        if day and self.date_start <= day <= self.date_end:
            return day
        return max(self.date_start, min(self.date_end, fields.Date.context_today(self)))

    def _get_own_meters(self):
        """ Those of its meters that the user may read, not merely see. """
        return self._get_meters().filtered('property_in_write_scope')

    def _get_rows(self, day):
        meters = self._sort_by_way(self._get_own_meters())
        registers = self.type_id._get_registers()
        Reading = self.env['property.meter.reading']
        priced = {day: meters._get_priced(day)}
        today = fields.Date.context_today(self)
        chain = meters._get_chain(fields.Date.subtract(self.date_end, years=1))
        readings = self._get_present(meters)
        payers = self._get_payer_names(meters)
        rows = []
        for meter in meters:
            fault = Reading._get_day_fault(meter, day, today, priced)
            for register in registers:
                present = readings.get((meter.id, register), Reading)
                stored = [
                    reading for reading in chain.get(meter.id, {}).get(register, ())
                    if reading.day <= self.date_end]
                before = [reading for reading in stored if reading.reading_id != present.id]
                # What devices read every day is no more than a hint here.
                last = before[get_border(before)] if before else None
                rows.append({
                    'meter_id': meter.id,
                    'register': register,
                    'number': meter.number,
                    'token': meter.label_token,
                    'name': meter.unit_id.complete_name or meter.name or '',
                    'building': meter.building_id.name or '',
                    'place': meter.place or '',
                    'payer': payers.get(meter, ''),
                    'digits': meter.digits,
                    'decimals': meter.decimals,
                    'multiplier': plain(Decimal(repr(meter.multiplier))),
                    'previous': plain(last.value) if last else False,
                    'previous_day': last.day.isoformat() if last else False,
                    'average': self._get_average(before),
                    'fault': fault or False,
                    'present': self._prepare_present(present, stored) if present else False,
                    'device': next((
                        plain(reading.value) for reading in before
                        if reading.day == day and not reading.is_border), False),
                })
        return rows

    @api.model
    def _sort_by_way(self, meters):
        """ As somebody goes round: floor by floor, which is how they come, and there 901 before
        1001.
        """
        floors, keys = {}, {}
        for meter in meters:
            unit = meter.unit_id
            floor = meter.building_id.id, unit.entrance_id.id, unit.floor_order, bool(unit)
            keys[meter] = (
                floors.setdefault(floor, len(floors)),
                get_natural_key(unit.complete_name or meter.name),
                get_natural_key(meter.number))
        return meters.sorted(keys.get)

    def _get_paper(self):
        """ The rows for who goes round with a pencil: `[{'name': building, 'rows': rows}]`. """
        self.ensure_one()
        rows = self._get_rows(self._get_reading_day())
        return [
            {'name': name, 'rows': list(of_building)}
            for name, of_building in groupby(rows, key=lambda row: row['building'])]

    def _get_present(self, meters):
        """ What was read in the days of the round, the one that counts before one that was refused:
        `{(meter id, register): reading}`.
        """
        rank = {'accepted': 2, 'queued': 1, 'refused': 0}
        found = {}
        for reading in self.env['property.meter.reading'].search_fetch(
                self._get_present_domain(meters) & Domain('state', 'in', list(rank)),
                ['meter_id', 'register', 'date', 'value', 'kind', 'state', 'quantity', 'note',
                 'reason_values', 'user_id'], order='date, id'):
            key = reading.meter_id.id, reading.register
            if key not in found or rank[reading.state] >= rank[found[key].state]:
                found[key] = reading
        return found

    def _prepare_present(self, reading, readings):
        """ :param readings: the chain of its register """
        place = next((
            place for place, row in enumerate(readings) if row.reading_id == reading.id), None)
        use = place is not None and sum(
            step.use for step in get_steps(readings[get_border(readings[:place]):place + 1]))
        return {
            'id': reading.id,
            'value': plain(Decimal(repr(reading.value))),
            'use': use is not False and plain(use),
            'date': fields.Date.to_string(reading.date),
            'state': 'estimate' if reading.kind == ESTIMATE else reading.state,
            # sudo: a colleague is named, whoever may see users.
            'user': reading.sudo().user_id.name,
            'detail': reading.note if reading.state == 'refused' else reading._get_why(),
        }

    @api.model
    def _get_average(self, readings):
        """ What was used a day, as text; '' where nothing is known. """
        history = [(step.use, (step.end - step.start).days) for step in get_steps(readings)]
        if not any(days for _use, days in history):
            return ''
        return plain(self.env['property.meter.reading']._get_usual(history))

    def _get_payer_names(self, meters):
        """ At whose door somebody rings: who pays on the last day of the round.

        :return: `{meter: name}`
        """
        day = self.date_end
        # sudo: who goes round learns a name, not the fees and prices by which it is found.
        meters_sudo = meters.sudo().filtered('unit_id')
        payers = meters_sudo.unit_id._get_payers()
        assignments = self.env['property.fee.assignment'].sudo().search([
            ('meter_id', 'in', meters_sudo.ids), ('date_start', '<=', day),
            '|', ('date_end', '=', False), ('date_end', '>=', day)]).grouped('meter_id')
        partners = {}
        for meter in meters_sudo:
            assignment = assignments.get(meter, self.env['property.fee.assignment'])[:1]
            role = assignment.payer_role or meter.type_id.fee_id.payer_role or 'owner'
            partners[meter.id] = payer_on(day, [
                *assignment._get_own_payers(), *payers[meter.unit_id][role]])
        names = {
            partner.id: partner.display_name
            for partner in self.env['res.partner'].sudo().browse(
                filter(None, set(partners.values())))}
        return {meter: names.get(partners.get(meter.id), '') for meter in meters}


class PropertyMeter(models.Model):
    _inherit = 'property.meter'

    def _get_open_round(self):
        """ In which round this is read now: of several, the last one where it is missing. """
        self.ensure_one()
        if not self.property_in_write_scope:
            return self.env['property.meter.round']
        rounds = self.env['property.meter.round'].search([
            ('state', '=', 'open'), ('project_id', '=', self.project_id.id),
            ('type_id', '=', self.type_id.id),
            ('date_start', '<=', fields.Date.context_today(self)),
        ]).filtered(lambda meter_round: self.filtered_domain(meter_round._get_meter_domain()))
        return rounds.filtered(lambda meter_round: meter_round._get_missing(self))[:1] or rounds[:1]
