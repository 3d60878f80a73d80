from collections import defaultdict
from decimal import Decimal

from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.property_base.tools.workbook import ERROR, WARNING

from ..tools import hc
from ..tools.dial import DialError, parse_value
from ..tools.meter_layouts import METER_SHEETS, METERS, READINGS
from .property_charge_explanation import plain
from .property_meter_reading import READERS

# What a workbook may change of a meter; the rest tells its readings and bills apart.
OPEN_FIELDS = ('name', 'place', 'maker', 'collector')
SET_FIELDS = ('mode', 'multiplier', 'digits', 'decimals', 'date_start')
# Where the fault of an entry stands: in a row of readings, in one that has a first reading only,
# and in a row of meters.
CELLS = {'meter_id': 'number', 'register': 'register', 'date': 'day', 'value': 'value',
         'first_value': 'previous'}
FIRST_CELLS = {**CELLS, 'date': 'previous_day', 'value': 'previous'}
METER_CELLS = {**CELLS, 'date': 'first_day', 'value': 'first_value'}


class PropertyImport(models.Model):
    """ Reads meters and what they showed, of HC's sheet and of our own.

    Types, fees and tariffs are set up knowingly: what a workbook names of them has to be there.
    A reading is checked as one on the sheet of a round is; odd ones wait, and are told.
    """
    _inherit = 'property.import'

    @api.model
    def _keeps_register(self):
        """ Who reads meters or bills them imports these only, and sees no personal data. """
        return self.env.user.has_group('property_base.group_import')

    @api.model
    def _get_sheets(self):
        sheets = super()._get_sheets() if self._keeps_register() else ()
        return *sheets, hc.METERS, *METER_SHEETS

    @api.model
    def _get_template_sheets(self):
        sheets = super()._get_template_sheets() if self._keeps_register() else ()
        if self.env['property.meter'].has_access('create'):
            sheets += (METERS,)
        if self.env.user.has_group(READERS):
            sheets += (READINGS,)
        return sheets

    def _get_loaders(self):
        # Of the places there are no sheets then: they are only looked up.
        loaders = super()._get_loaders() if self._keeps_register() else [
            self._load_buildings, self._load_entrances, self._load_units]
        return [*loaders, self._load_meters]

    @api.model
    def _get_object_labels(self):
        _ = self.env._
        return {
            **super()._get_object_labels(),
            'meter': _("Meters"), 'meter_fee': _("Fees of meters"), 'reading': _("Meter readings"),
        }

    @api.model
    def _get_issue_texts(self):
        _ = self.env._
        return {
            **super()._get_issue_texts(),
            'meters_not_allowed': _(
                "You may not enter meters, so this sheet is left out. A billing officer may import "
                "the workbook again."),
            'readings_not_allowed': _(
                "You may not enter meter readings, so they are left out. A meter reader may import "
                "the workbook again."),
            'unknown_meter_type': _(
                "%(name)s is no meter type. There are: %(types)s. Add it to the meter types, or "
                "correct the name."),
            'unknown_metered_tariff': _(
                "%(name)s is no fee that is charged by meter, and no tariff of one. There are: "
                "%(tariffs)s."),
            'tariff_of_other_fee': _(
                "%(name)s does not fit: meters of type %(type)s are read for %(fee)s."),
            'several_tariffs': _(
                "%(name)s has several tariffs by meter: %(tariffs)s. Write which one."),
            'tariff_without_unit': _(
                "Meter %(number)s hangs in no unit, so nobody pays this tariff. Leave it empty, or "
                "enter the unit."),
            'meter_fee_differs': _(
                "Meter %(number)s has the tariff %(tariff)s and keeps it. Change it on the page of "
                "the meter."),
            'meter_elsewhere': _(
                "Number %(number)s is that of another meter of this type: %(place)s. Correct the "
                "number or the place."),
            'meter_exchanged': _(
                "Meter %(number)s was exchanged on %(day)s; %(now)s hangs there now."),
            'meter_differs': _(
                "“%(label)s” of meter %(number)s is %(old)s and stays, since its use is counted by "
                "it. If another device hangs there, record an exchange."),
            'unknown_main_meter': _(
                "Main meter %(number)s of this type is neither in the register nor in the "
                "workbook."),
            'meter_loop': _("Meter %(number)s would be behind itself."),
            'unknown_meter': _(
                "Meter %(number)s is not in the register. Enter it on the sheet of meters first."),
            'several_meters': _(
                "Several meters have the number %(number)s. Enter the type, too: %(types)s."),
            'register_missing': _(
                "Meter %(number)s counts by hours. Enter which of them this is the reading of."),
            'reading_fault': '%(message)s',
            'reading_queued': _("%(value)s will wait to be checked: %(message)s"),
            'reading_differs': _(
                "Meter %(number)s was read on %(day)s already: %(value)s. It is left as it is."),
            'previous_differs': _(
                "Before it meter %(number)s showed %(value)s on %(day)s. Is this reading that of "
                "another meter?"),
        }

    # === TEMPLATE === #

    def _number_residents(self, project):
        """ Override: nobody is named in a workbook of meters. """
        if self._keeps_register():
            super()._number_residents(project)

    def _get_template_rows(self, load):
        """ Override: the meters, and a line for what each register shows next. """
        rows = {}
        if self._keeps_register():
            rows = super()._get_template_rows(load)
        else:
            for load_places in self._get_loaders()[:-1]:
                load_places(load)
        if not self.env.user.has_group(READERS):
            return rows
        Meter = self.env['property.meter']
        meters = Meter.search([('project_id', '=', load.project.id)])
        last = meters._get_last_readings()
        tariffs = self._read_meter_fees(meters)
        lots = load.keys['lot']
        places = {unit_id: key for unit_id, key in load.keys['unit'].items() if unit_id}
        rows['meters'], rows['readings'] = [], []
        for meter in meters:
            is_lot, building, entrance, unit = places.get(meter.unit_id.id) or (
                meter.building_id.id in lots,
                lots.get(meter.building_id.id, load.keys['building'].get(meter.building_id.id)),
                None, None)
            common = {'number': meter.number, 'type': meter.type_id.name}
            rows['meters'].append({
                **common, 'lot' if is_lot else 'building': building, 'entrance': entrance,
                'unit': unit, 'parent': meter.parent_id.number,
                'tariff': tariffs.get(meter.id, {}).get('tariff'),
                **{name: meter[name] for name in (*OPEN_FIELDS, *SET_FIELDS)},
            })
            for register in meter.type_id._get_registers():
                reading = last.get(meter.id, {}).get(register)
                rows['readings'].append({
                    **common, 'register': register,
                    'previous_day': reading and reading.day,
                    'previous': reading and plain(reading.value)})
        return rows

    # === METERS === #

    def _load_meters(self, load):
        rows = [row for row in load.rows('meter') if row.get('number') is not None]
        readings = [row for row in load.rows('reading') if row.get('number') is not None]
        if not rows and not readings:
            return
        if not self.env['property.meter.type'].has_access('read'):
            for code, left in (('meters_not_allowed', rows), ('readings_not_allowed', readings)):
                if left:
                    load.add(left[0].issue(WARNING, code))
            return
        # sudo: a number is taken, too, by a meter of a building that the user does not see; it is
        # only named.
        existing = {
            (values['type_id'], values['number']): values
            for values in self.sudo()._read_meters(load)}
        load.set_existing('meter', existing)
        types = {meter_type.name: meter_type for meter_type in self.env[
            'property.meter.type'].search([('company_id', 'parent_of', self.company_id.id)])}
        former = self._get_former_numbers(load)
        planned = {}
        if rows and not self.env['property.meter'].has_access('create'):
            load.add(rows[0].issue(WARNING, 'meters_not_allowed'))
            rows = []
        elif rows:
            planned = self._plan_meters(load, rows, existing, types, former)
        if not self.env.user.has_group(READERS):
            if readings:
                load.add(readings[0].issue(WARNING, 'readings_not_allowed'))
            return
        meters = {
            **{(meter.type_id.id, meter.number): meter
               for meter in self.env['property.meter'].search(
                   [('project_id', '=', load.project.id)]).filtered('property_in_write_scope')},
            **planned}
        self._load_readings(
            load, self._get_first_rows(rows, meters)
            + self._get_reading_rows(load, readings, meters, types, former))

    def _read_meters(self, load):
        return self.env['property.meter'].search_read(
            [('project_id', '=', load.project.id)],
            ['number', 'type_id', 'unit_id', 'building_id', 'parent_id', 'display_name',
             *OPEN_FIELDS, *SET_FIELDS], load='')

    def _get_former_numbers(self, load):
        """ {(type, number before an exchange): event} """
        # sudo: as in `_load_meters`
        return {
            (event.meter_id.type_id.id, event.number_before): event
            for event in self.env['property.meter.event'].sudo().search([
                ('project_id', '=', load.project.id), ('number_before', '!=', False)])}

    def _read_meter_fees(self, meters):
        """ {meter id: name and id of the tariff that it has, or had last} """
        return {
            assignment.meter_id.id: {
                'id': assignment.id, 'tariff_id': assignment.tariff_id.id,
                'tariff': assignment.tariff_id.display_name}
            for assignment in self.env['property.fee.assignment'].search(
                [('meter_id', 'in', meters.ids)], order='date_start')
        } if self.env['property.fee.assignment'].has_access('read') else {}

    def _plan_meters(self, load, rows, existing, types, former):
        """ :return: in a dry run the meters that would be created, by their keys """
        planned, by_key, tariffs, parents = {}, {}, {}, {}
        known_tariffs = self.env['property.tariff'].search(
            [('basis', '=', 'metered'), ('company_id', 'parent_of', self.company_id.id)])
        for row in rows:
            number, meter_type = row.get('number'), types.get(row.get('type'))
            if not meter_type and row.get('type') is not None:
                load.add(row.issue(
                    ERROR, 'unknown_meter_type', 'type', name=row.get('type'),
                    types=list(types) or ['—']))
            tariff = self._find_metered_tariff(load, row, meter_type, known_tariffs)
            place = self._get_meter_place(load, row)
            if not meter_type or place is None or not row.is_valid:
                continue
            key = (meter_type.id, number)
            if key in former and key not in existing:
                self._tell_exchanged(load, row, former[key])
                continue
            row.values['meter'] = key
            by_key[key] = row
            parents[key] = row.get('parent') and (meter_type.id, row.get('parent'))
            if key in existing:
                planned[key] = self._compare_meter(load, row, existing[key], place)
            else:
                planned[key] = {
                    'number': number, 'type_id': meter_type.id, **place,
                    **self._pick(load, row, (*OPEN_FIELDS, *SET_FIELDS))}
            if tariff and 'unit_id' not in place:
                load.add(row.issue(ERROR, 'tariff_without_unit', 'tariff', number=number))
            elif tariff:
                tariffs[key] = tariff
        later = self._plan_parents(load, planned, existing, parents, by_key)
        self._save(load, 'meter', 'property.meter', planned, existing, by_key)
        if not load.dry_run:
            for parent, keys in later.items():
                self.env['property.meter'].browse(load.ids['meter'][key] for key in keys).write(
                    {'parent_id': load.ids['meter'][parent]})
        self._save_meter_fees(load, planned, tariffs, by_key)
        return {
            key: self.env['property.meter'].new({
                **vals,
                # of a unit that is still to be created, too
                **({'unit_id': vals['unit_id'] or self.env['property.unit'].new()}
                   if 'unit_id' in vals else {}),
            }, ref=key)
            for key, vals in planned.items() if key not in existing
        } if load.dry_run else {}

    def _get_meter_place(self, load, row):
        """ The values that say where a meter hangs, or None where there is no such place. """
        if row.get('unit') is not None:
            unit = self._get_unit_key(load, row)
            if unit is None or not self._is_unit_known(load, row, unit):
                return None
            return {'unit_id': load.ids['unit'].get(unit)}
        if row.get('lot') is not None:
            lot = load.resolve('lot', row.get('lot'))
            if not load.is_known('lot', lot):
                load.add(row.issue(ERROR, 'unknown_lot', 'lot', number=row.get('lot')))
                return None
            return {'building_id': load.ids['lot'].get(lot), 'project_id': load.project.id}
        if row.get('building') is not None:
            building = self._find_building(load, row)
            return building and {
                'building_id': load.ids['building'].get(building), 'project_id': load.project.id}
        return {'project_id': load.project.id}

    def _find_metered_tariff(self, load, row, meter_type, tariffs):
        """ The tariff by meter that a row names by its name or by that of its fee, or None. """
        word = row.get('tariff')
        if word is None:
            return None
        found = tariffs.filtered(
            lambda tariff: word in (tariff.name, tariff.fee_id.name, tariff.display_name))
        if not found:
            load.add(row.issue(
                ERROR, 'unknown_metered_tariff', 'tariff', name=word,
                tariffs=tariffs.mapped('display_name') or ['—']))
            return None
        fee = meter_type and meter_type.fee_id
        fitting = found.filtered(lambda tariff: not fee or tariff.fee_id == fee)
        if not fitting:
            load.add(row.issue(
                ERROR, 'tariff_of_other_fee', 'tariff', name=word, type=meter_type.name,
                fee=fee.name))
            return None
        if len(fitting) > 1:
            fitting = fitting.filtered(
                lambda tariff: tariff.name == load.project.name) or fitting
        if len(fitting) > 1:
            load.add(row.issue(
                ERROR, 'several_tariffs', 'tariff', name=word,
                tariffs=fitting.mapped('display_name')))
            return None
        return fitting

    def _tell_exchanged(self, load, row, event):
        load.add(row.issue(
            ERROR, 'meter_exchanged', 'number', number=event.number_before,
            day=event.date, now=event.meter_id.number))

    def _compare_meter(self, load, row, current, place):
        """ What a row changes of a meter that exists. """
        number = row.get('number')
        # The number of the right meter at the wrong place is that of a wrong meter.
        if current['unit_id'] != place.get('unit_id', False) or (
                'unit_id' not in place
                and current['building_id'] != place.get('building_id', False)):
            load.add(row.issue(
                ERROR, 'meter_elsewhere', 'number', number=number, place=current['display_name']))
            return {}
        Meter = self.env['property.meter']
        for name, value in self._pick(load, row, SET_FIELDS).items():
            if value != current[name]:
                load.add(row.issue(
                    WARNING, 'meter_differs', name, number=number, label=row.sheet.headings[name],
                    old=self._format_change(Meter, Meter._fields[name], current[name])))
        return self._pick(load, row, OPEN_FIELDS)

    def _plan_parents(self, load, planned, existing, parents, rows):
        """ Add the main meters that exist to what is planned.

        :return: {key of a main meter that is created first: keys of its sub-meters}
        """
        later = defaultdict(list)
        chain = {
            **{key: load.keys['meter'].get(values['parent_id'])
               for key, values in existing.items()},
            **{key: parent for key, parent in parents.items() if parent}}
        for key, parent in parents.items():
            if not parent:
                continue
            if parent not in existing and parent not in planned:
                if 'meter' not in load.unread:
                    load.add(rows[key].issue(
                        ERROR, 'unknown_main_meter', 'parent', number=parent[1]))
                continue
            above, seen = parent, {key}
            while above and above not in seen:
                seen.add(above)
                above = chain.get(above)
            if above == key:
                load.add(rows[key].issue(ERROR, 'meter_loop', 'parent', number=key[1]))
            elif parent in existing:
                planned[key]['parent_id'] = existing[parent]['id']
            else:
                later[parent].append(key)
        return later

    def _save_meter_fees(self, load, meters, tariffs, rows):
        if not tariffs:
            return
        if not self.env['property.fee.assignment'].has_access('create'):
            load.add(rows[next(iter(tariffs))].issue(
                WARNING, 'assignments_not_allowed', 'tariff'))
            return
        ids = load.ids['meter']
        current = self._read_meter_fees(self.env['property.meter'].browse(
            meter_id for key in tariffs if (meter_id := ids[key])))
        start = self.env['property.meter']._default_start()
        planned, existing = {}, {}
        for key, tariff in tariffs.items():
            if assigned := current.get(ids[key]):
                existing[key], planned[key] = assigned, {}
                if assigned['tariff_id'] != tariff.id:
                    load.add(rows[key].issue(
                        WARNING, 'meter_fee_differs', 'tariff', number=key[1],
                        tariff=assigned['tariff']))
                continue
            planned[key] = {
                'meter_id': ids[key], 'tariff_id': tariff.id,
                'unit_id': load.ids['unit'].get(self._get_unit_key(load, rows[key])),
                'date_start': rows[key].get('date_start') or start,
            }
        self._save(load, 'meter_fee', 'property.fee.assignment', planned, existing)

    # === READINGS === #

    def _get_first_rows(self, rows, meters):
        """ What the sheet of meters says of their first readings. """
        return [
            (row, METER_CELLS, {
                'meter': meter, 'register': meter.type_id._get_registers()[0],
                'date': row.get('first_day'), 'value': row.get('first_value'), 'kind': 'first'})
            for row in rows if row.get('first_value') is not None
            and (meter := meters.get(row.get('meter')))]

    def _get_reading_rows(self, load, rows, meters, types, former):
        """ What the sheet of readings says, in the order of days. """
        by_number = defaultdict(list)
        for key in meters:
            by_number[key[1]].append(key)
        # A meter whose own row is wrong is told there.
        told = {row.get('number') for row in load.rows('meter') if not row.get('meter')}
        names = {meter_type.id: name for name, meter_type in types.items()}
        result = []
        for row in rows:
            number, name = row.get('number'), row.get('type')
            if name is not None and name not in types:
                load.add(row.issue(
                    ERROR, 'unknown_meter_type', 'type', name=name, types=list(types) or ['—']))
                continue
            keys = [
                key for key in by_number[number] if name is None or key[0] == types[name].id]
            if not keys:
                event = next((
                    event for key, event in former.items() if key[1] == number and (
                        name is None or key[0] == types[name].id)), None)
                if event:
                    self._tell_exchanged(load, row, event)
                elif number not in told and 'meter' not in load.unread:
                    load.add(row.issue(ERROR, 'unknown_meter', 'number', number=number))
                continue
            if len(keys) > 1:
                load.add(row.issue(
                    ERROR, 'several_meters', 'number', number=number,
                    types=[names[key[0]] for key in keys]))
                continue
            meter = meters[keys[0]]
            registers = meter.type_id._get_registers()
            register = row.get('register') or (registers[0] if len(registers) == 1 else None)
            if not row.is_valid:
                continue
            if not register:
                load.add(row.issue(ERROR, 'register_missing', 'register', number=number))
                continue
            item = {'meter': meter, 'register': register, 'date': row.get('day'),
                    'value': row.get('value'), 'note': row.get('note')}
            result.append((row, CELLS, item))
        result.sort(key=lambda entry: str(entry[2]['date']))
        return result

    def _load_readings(self, load, items):
        """ :param list items: row, the cells of its faults, and what it says """
        Reading = self.env['property.meter.reading']
        meters = self.env['property.meter'].union(*(item['meter'] for _row, _cells, item in items))
        stored = self._read_readings(meters, {item['date'] for _row, _cells, item in items})
        read = {
            (meter_id, register) for meter_id, registers in meters._get_last_readings().items()
            for register in registers}
        places, entries, same = [], [], 0
        for row, cells, item in items:
            meter, register = item.pop('meter'), item['register']
            chain, previous = (meter.id, register), row.get('previous')
            if item['value'] is None:
                if previous is None or chain in read:
                    continue  # a line that nobody has filled in
                cells = FIRST_CELLS
                item.update(value=previous, date=row.get('previous_day'), kind='first')
            elif (known := stored.get((meter.id, register, item['date']))) is not None:
                same += 1
                self._compare_reading(load, row, cells, meter, item, known)
                continue
            elif previous is not None and chain not in read:
                item.update(first_value=previous, first_date=row.get('previous_day'))
            read.add(chain)
            places.append((row, cells, meter))
            entries.append({**item, 'meter_id': meter.id})
        load.counts['reading'] = {'new': len(entries), 'changed': 0, 'same': same}
        if load.dry_run:
            self._tell_readings(load, places, entries, *Reading._examine(entries, meters))
        elif entries:
            faults, _readings = Reading._enter(entries, source='import')
            if faults:
                raise UserError(faults[0]['message'])

    def _read_readings(self, meters, days):
        """ {(meter id, register, day): value} of what was entered, the accepted ones last. """
        order = {'refused': 0, 'queued': 1, 'accepted': 2}
        readings = self.env['property.meter.reading'].search_read(
            [('meter_id', 'in', meters.ids), ('state', 'in', list(order)),
             ('kind', 'in', ('first', 'read', 'estimate')),
             ('date', 'in', [day for day in days if day])],
            ['meter_id', 'register', 'date', 'value', 'state'], load='')
        return {
            (values['meter_id'], values['register'], values['date']):
                Decimal(repr(values['value']))
            for values in sorted(readings, key=lambda values: order[values['state']])}

    def _compare_reading(self, load, row, cells, meter, item, known):
        try:
            is_same = parse_value(item['value'], meter.digits, meter.decimals) == known
        except DialError:
            is_same = False
        if not is_same:
            load.add(row.issue(
                WARNING, 'reading_differs', cells['value'], number=meter.number,
                day=item['date'], value=plain(known)))

    def _tell_readings(self, load, places, entries, faults, found):
        """ What is wrong or odd about readings, at their cells. """
        Reading = self.env['property.meter.reading']
        for fault in faults:
            row, cells, _meter = places[fault['row']]
            column = cells[fault['field']]
            if column == 'previous' and row.get('previous') and not row.get('previous_day'):
                column = 'previous_day'
            load.add(row.issue(ERROR, 'reading_fault', column, message=fault['message']))
        for entry, finding in found.items():
            row, cells, meter = places[entry.place]
            if finding.wait:
                load.add(row.issue(
                    WARNING, 'reading_queued', cells[entry.field], value=plain(entry.reading.value),
                    message=Reading._get_reason_text(finding.wait['reason_values'])))
            previous = row.get('previous')
            if entry.field != 'value' or not finding.before or previous is None or (
                    'first_value' in entries[entry.place]):
                continue
            try:
                shown = parse_value(previous, meter.digits, meter.decimals)
            except DialError as error:
                load.add(row.issue(
                    ERROR, 'reading_fault', 'previous',
                    message=Reading._get_dial_text(error.args[0], meter, previous)))
                continue
            if shown != finding.before.value:
                load.add(row.issue(
                    WARNING, 'previous_differs', 'previous', number=meter.number,
                    value=plain(finding.before.value), day=finding.before.day))
