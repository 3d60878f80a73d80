from collections import defaultdict

from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL, split_every

from ..const import QUIET_CONTEXT
from ..tools.identity import normalise
from ..tools.layouts import plain_number
from ..tools.shares import find_excess
from ..tools.workbook import ERROR, INFO, WARNING

BATCH = 1000
# Of new records only; changes of existing ones are tracked.
CREATE_CONTEXT = {
    **QUIET_CONTEXT,
    # Residents have no parent with whom an address could be shared; see `res.partner.create`.
    '_partners_skip_fields_sync': True,
}
DICTIONARIES = {
    'structure_id': 'structure', 'use_id': 'use', 'orientation_id': 'orientation',
    'layout_id': 'layout', 'type_id': 'property_type', 'ownership_id': 'ownership',
}
BUILDING_FIELDS = (
    'building_type', 'structure_id', 'use_id', 'orientation_id', 'height', 'floor_count',
    'building_area', 'usable_area', 'green_area', 'lot_kind', 'capacity', 'date_inspection',
    'inspection_reminder_days',
)
UNIT_FIELDS = (
    'kind', 'type_id', 'floor', 'layout_id', 'orientation_id', 'ownership_id', 'use_id',
    'building_area', 'usable_area', 'household_count', 'is_renovated', 'date_handover',
    'contract_number', 'contract_area', 'payment_method', 'date_contract',
)
PARTNER_FIELDS = ('name', 'phone', 'email', 'street', 'zip')
IDENTITY_FIELDS = (
    'sex', 'date_birth', 'identity_kind', 'identity_number', 'ethnicity', 'native_place',
    'marital_status', 'household_place', 'workplace', 'workplace_address', 'emergency_name',
    'emergency_phone', 'note',
)
CORE_FIELDS = ('name', 'identity_kind', 'identity_number', 'date_birth')
PET_FIELDS = ('unit_id', 'kind', 'breed', 'quantity', 'height', 'certificate_number', 'partner_id')
OCCUPANCY_FIELDS = (
    'unit_id', 'partner_id', 'role', 'date_start', 'date_end', 'share', 'is_payer', 'state',
    'relation',
)
VEHICLE_FIELDS = ('partner_id', 'unit_id', 'brand', 'color')


class Load:
    """ One pass over a workbook: what each key stands for, and what is new and changed.

    A key names a record as workbooks do, by numbers: ('1', '2', '1011'). In a dry run a record
    that would be created has the id None.
    """

    def __init__(self, book, project, dry_run, report):
        self.book = book
        self.project = project
        self.dry_run = dry_run
        self.report = report
        self.ids = defaultdict(dict)  # object: {key: id}
        self.keys = defaultdict(dict)  # object: {id: key}
        self.aliases = defaultdict(dict)  # object: {another word: key}
        self.counts = {}
        self.told = set()
        self.unnumbered = {}  # resident number to give: id of a person who has none yet
        self.unread = book.unread_feeds
        if 'parking' in self.unread:
            self.unread.add('unit')  # a parking space is a unit
        self.done = 0
        self.total = 1 + sum(
            len(sheet.rows) * len(sheet.spec.feeds) for sheet in book.sheets)

    def rows(self, feed):
        return self.book.rows(feed)

    def add(self, issue):
        place = (issue.code, issue.sheet, issue.row, issue.cell, issue.values.get('label'))
        # A row that describes several objects is read for each.
        if self.dry_run and place not in self.told:
            self.told.add(place)
            self.book.add(issue)

    def is_known(self, name, key):
        """ Whether a key stands for something, or may do so in a sheet that was not read. """
        return key in self.ids[name] or name in self.unread

    def set_existing(self, name, existing):
        self.ids[name] = {key: values['id'] for key, values in existing.items()}
        self.keys[name] = {values['id']: key for key, values in existing.items()}

    def resolve(self, name, number):
        """ The key of a building or lot, which a workbook may name by number or by name. """
        return number if number in self.ids[name] else self.aliases[name].get(number, number)

    def set_alias(self, name, key, *place):
        """ A name is an alias, and so is the number in it: 3 is 3栋. """
        for word in (place[-1], plain_number(place[-1])):
            self.aliases[name].setdefault((*place[:-1], word) if place[:-1] else word, key)


class PropertyImport(models.Model):
    _inherit = 'property.import'

    def _load(self, book, project, report, dry_run=True):
        """ Match the rows of a workbook with the register, and unless `dry_run` write them. """
        load = Load(book, project, dry_run, report)
        self._match_contracts(load)
        for loader in self._get_loaders():
            loader(load)
        report(1)
        return load

    def _get_loaders(self):
        """ The methods that load one object each, in the order of their references. """
        return [
            self._load_buildings, self._load_entrances, self._load_units, self._load_residents,
            self._load_occupancies, self._load_vehicles, self._load_pets,
        ]

    def _save(self, load, name, model, planned, existing, rows=None):
        """ Create what is new, write what differs, and remember every id.

        :param planned: {key: values}
        :param existing: {key: values as read, with their id}
        :param rows: {key: row}, to list what changes with its cells
        """
        created = [key for key in planned if key not in existing]
        changed = {}
        for key, vals in planned.items():
            if key in existing:
                current = existing[key]
                diff = {field: value for field, value in vals.items() if current[field] != value}
                if diff:
                    changed[current['id']] = diff
                    if load.dry_run and rows:
                        self._tell_changes(load, self.env[model], rows[key], current, diff)
        load.counts[name] = {
            'new': len(created), 'changed': len(changed),
            'same': len(planned) - len(created) - len(changed),
        }
        if load.dry_run:
            load.ids[name].update(dict.fromkeys(created))
            return
        Model = self.env[model].with_context(**CREATE_CONTEXT)
        pictures = [
            field for field in Model._fields.values()
            if field.type == 'binary' and field.store and field.compute]
        for keys in split_every(BATCH, created, list):
            records = Model.create([planned[key] for key in keys])
            load.ids[name].update(zip(keys, records.ids, strict=True))
            for field in pictures:
                # No workbook has pictures, so their smaller sizes need no computing.
                self.env.remove_to_compute(field, records)
            # Keeps memory flat: nothing reads these records again.
            self.env.invalidate_all()
            load.done += len(keys)
            load.report(min(1, load.done / load.total))
        for record in self.env[model].browse(changed):  # read together, for what is tracked
            record.write(changed[record.id])
        if len(created) >= BATCH:
            # Without statistics the planner takes the table for empty.
            self.env.cr.execute(SQL("ANALYZE %s", SQL.identifier(self.env[model]._table)))

    def _tell_changes(self, load, model, row, current, diff):
        """ List what changes, field by field. """
        for name, value in diff.items():
            field = model._fields[name]
            label = row.sheet.headings.get(name) or field._description_string(self.env)
            old, new = (
                self._format_change(model, field, value) for value in (current[name], value))
            # A word that is new to its dictionary has no record yet.
            load.add(row.issue(
                INFO, 'changes', name, label=label, old=old,
                new=row.get(name) if name in DICTIONARIES and not value else new))

    def _format_change(self, model, field, value):
        if field.groups:
            return '***'  # the list of issues is read by who may not read the field
        if field.type == 'boolean':
            return self.env._("Yes") if value else self.env._("No")
        if not value:
            return value if field.type in ('integer', 'float') else '—'
        if field.type == 'selection':
            return dict(field._description_selection(self.env))[value]
        if field.type == 'many2one':
            # sudo: what was read with the right to read its record is only named here.
            return self.env[field.comodel_name].sudo().browse(value).display_name
        return value

    def _read_existing(self, model, domain, field_names):
        return self.env[model].with_context(active_test=False).search_read(
            domain, field_names, load='')

    # === BUILDINGS, ENTRANCES, UNITS === #

    def _read_buildings(self, load, is_lot):
        """ {number: values} of the buildings, or of the parking lots; names are aliases. """
        name = 'lot' if is_lot else 'building'
        existing = {}
        for values in self._read_existing(
            'property.building',
            [('project_id', '=', load.project.id), ('is_parking_lot', '=', is_lot)],
            ['name', 'code', *BUILDING_FIELDS],
        ):
            key = values['code'] or values['name']
            existing[key] = values
            load.set_alias(name, key, values['name'])
        load.set_existing(name, existing)
        return existing

    def _load_buildings(self, load):
        existing_by_name = {
            name: self._read_buildings(load, name == 'lot') for name in ('building', 'lot')}
        taken = {
            values['name']: (name, key) for name, existing in existing_by_name.items()
            for key, values in existing.items()}
        for name, existing in existing_by_name.items():
            planned = {}
            for row in load.rows(name):
                number = row.get(name)
                if number is None:
                    continue
                key = load.resolve(name, number)
                vals = planned.setdefault(key, {})
                if row.sheet.spec.feeds == (name,):
                    vals.update(self._pick(load, row, ('name', *BUILDING_FIELDS)))
                elif row.get('floor_count'):
                    # A sheet of entrances or spaces says this much of their building.
                    vals['floor_count'] = max(
                        row.get('floor_count'), vals.get('floor_count', 0))
            for key, vals in planned.items():
                if key not in existing:
                    vals.setdefault('name', self._get_default_name(name, key))
                    vals.update({
                        'code': key, 'project_id': load.project.id,
                        'is_parking_lot': name == 'lot'})
            self._check_names(load, name, planned, taken)
            self._save(load, name, 'property.building', planned, existing)

    def _check_names(self, load, name, planned, taken):
        """ Two buildings or lots with one name would stop the import half-way. """
        rows = {load.resolve(name, row.get(name)): row for row in load.rows(name)}
        for key, vals in planned.items():
            if vals.get('name'):
                other = taken.setdefault(vals['name'], (name, key))
                if other != (name, key):
                    load.add(rows[key].issue(
                        ERROR, 'name_taken', 'name', name=vals['name'], other=other[1]))

    def _get_default_name(self, name, number):
        if not number.isdecimal():
            return number
        return {
            'building': self.env._("Building %(number)s", number=number),
            'lot': self.env._("Parking lot %(number)s", number=number),
            'entrance': self.env._("Entrance %(number)s", number=number),
        }[name]

    def _read_entrances(self, load):
        """ {(building number, number): values}; names are aliases. """
        existing = {}
        for values in self._read_existing(
            'property.entrance', [('project_id', '=', load.project.id)],
            ['name', 'code', 'building_id', 'floor_count', 'has_lift'],
        ):
            building = load.keys['building'].get(values['building_id'])
            key = (building, values['code'] or values['name'])
            existing[key] = values
            load.set_alias('entrance', key, building, values['name'])
        load.set_existing('entrance', existing)
        return existing

    def _load_entrances(self, load):
        existing = self._read_entrances(load)
        taken = {(key[0], values['name']): key for key, values in existing.items()}
        planned = {}
        for row in load.rows('entrance'):
            building = self._find_building(load, row)
            if building is None or row.get('entrance') is None:
                continue
            key = load.resolve('entrance', (building, row.get('entrance')))
            # On a sheet about something else the name is of that.
            own = ('name',) if row.sheet.spec.feeds == ('entrance',) else ()
            vals = self._pick(load, row, (*own, 'floor_count', 'has_lift'))
            if key not in existing:
                vals.setdefault('name', self._get_default_name('entrance', key[1]))
                vals.update({'code': key[1], 'building_id': load.ids['building'].get(building)})
            if 'name' in vals:
                other = taken.setdefault((building, vals['name']), key)
                if other != key:
                    load.add(row.issue(
                        ERROR, 'name_taken', 'name', name=vals['name'], other=other[1]))
            planned[key] = vals
        self._save(load, 'entrance', 'property.entrance', planned, existing)

    def _find_building(self, load, row):
        """ The key of the building that a row names; unknown ones are an issue. """
        number = row.get('building')
        if number is None:
            return None
        key = load.resolve('building', number)
        if not load.is_known('building', key):
            load.add(row.issue(ERROR, 'unknown_building', 'building', number=number))
            return None
        return key

    def _get_unit_key(self, load, row):
        """ (is in a lot, building or lot, entrance or None, number) of the row's unit.

        None where the row does not say or what it says does not exist, which is an issue then.
        """
        number = row.get('unit')
        if number is None:
            return None
        if row.get('lot') is not None:
            lot = load.resolve('lot', row.get('lot'))
            if not load.is_known('lot', lot):
                load.add(row.issue(ERROR, 'unknown_lot', 'lot', number=row.get('lot')))
                return None
            return True, lot, None, number
        building = self._find_building(load, row)
        if building is None:
            if row.get('building') is None and row.is_valid:
                load.add(row.issue(ERROR, 'no_place', 'unit'))
            return None
        entrance = row.get('entrance')
        if entrance is not None:
            key = load.resolve('entrance', (building, entrance))
            if not load.is_known('entrance', key):
                load.add(row.issue(
                    ERROR, 'unknown_entrance', 'entrance', number=entrance, building=building))
                return None
            entrance = key[1]
        return False, building, entrance, number

    def _read_units(self, load):
        """ {unit key: values} of all units, parking spaces included. """
        existing = {}
        for values in self._read_existing(
            'property.unit', [('project_id', '=', load.project.id)],
            ['name', 'building_id', 'entrance_id', *UNIT_FIELDS],
        ):
            lot = load.keys['lot'].get(values['building_id'])
            building = lot or load.keys['building'].get(values['building_id'])
            entrance = load.keys['entrance'].get(values['entrance_id'], (None, None))[1]
            existing[bool(lot), building, entrance, values['name']] = values
        load.set_existing('unit', existing)
        return existing

    def _load_units(self, load):
        existing = self._read_units(load)
        for name in ('unit', 'parking'):
            planned, rows = {}, {}
            for row in load.rows(name):
                key = self._get_unit_key(load, row)
                if key is None:
                    continue
                rows[key] = row
                vals = self._pick(load, row, UNIT_FIELDS)
                if key not in existing:
                    is_lot, building, entrance, number = key
                    vals.update({
                        'name': number,
                        'building_id': load.ids['lot' if is_lot else 'building'].get(building),
                        'entrance_id': load.ids['entrance'].get((building, entrance), False),
                    })
                planned.setdefault(key, {}).update(vals)
            self._check_contracts(load, planned, rows)
            self._save(load, name, 'property.unit', planned, existing, rows)
            load.ids['unit'].update(load.ids[name])

    def _pick(self, load, row, field_names):
        """ The values that a row has; an empty cell leaves a value as it is. """
        vals = {}
        for name in field_names:
            value = row.get(name)
            if value is not None:
                vals[name] = (
                    self._get_word(load, DICTIONARIES[name], value) if name in DICTIONARIES
                    else value)
        return vals

    def _read_dictionaries(self):
        """ {(dictionary, word): id}: a word is a code, or a name in any language. """
        words = {}
        languages = (lang for lang, _name in self.env['res.lang'].get_installed())
        for lang in {*languages, 'en_US'}:  # the register's own words are English
            for item in self.env['property.dictionary.item'].with_context(
                    active_test=False, lang=lang).search_read(
                        [], ['dictionary', 'name', 'code'], order='id desc'):
                for word in filter(None, (item['name'], item['code'])):
                    words[item['dictionary'], word] = item['id']
        return words

    def _get_word(self, load, dictionary, word):
        """ The dictionary's item for a word; new words join the dictionary. """
        if 'word' not in load.ids:
            load.ids['word'] = self._read_dictionaries()
        words = load.ids['word']
        key = (dictionary, word)
        if key not in words:
            # sudo: the workbook of an officer may bring words that only a manager may add by
            # hand. The code keeps the word findable when the manager renames the item.
            words[key] = None if load.dry_run else self.env['property.dictionary.item'].sudo(
            ).create({'dictionary': dictionary, 'name': word, 'code': word}).id
        return words[key]

    # === PEOPLE === #

    def _read_residents(self, load):
        """ {number: values} of the people who have a number in the project. """
        partners = {
            values['partner_id']: values['name'] for values in self._read_existing(
                'property.resident.number', [('project_id', '=', load.project.id)],
                ['name', 'partner_id'])
        }
        existing = {
            partners[values['id']]: values for values in self._read_existing(
                'res.partner', [('id', 'in', list(partners))], PARTNER_FIELDS)
        }
        load.set_existing('resident', existing)
        return existing

    def _read_identities(self, load):
        """ {number: values} of their identity records. """
        # sudo: an officer enters identity numbers that only some may read; they are compared
        # here and never shown. His right to write the model is checked when it is written.
        return {
            load.keys['resident'][values['partner_id']]: values
            for values in self.env['property.resident'].sudo().search_read(
                [('partner_id', 'in', list(load.keys['resident']))],
                ['partner_id', *IDENTITY_FIELDS], load='')
        }

    def _load_residents(self, load):
        existing = self._read_residents(load)
        self._number_people(load, existing)
        planned, rows, identities = {}, {}, {}
        for row in load.rows('resident'):
            number = row.get('resident')
            if number is None:
                continue
            rows[number] = row
            planned.setdefault(number, {}).update(self._pick(load, row, PARTNER_FIELDS))
            if number not in existing:
                planned[number]['company_id'] = load.project.company_id.id
            identity = self._pick(load, row, IDENTITY_FIELDS)
            if 'identity_number' in identity:
                identity['identity_number'] = normalise(identity['identity_number'])
            if identity:
                identities.setdefault(number, {}).update(identity)
        known = self._read_identities(load)
        self._check_core_data(load, planned, existing, rows)
        self._check_core_data(load, identities, known, rows)
        self._save(load, 'resident', 'res.partner', planned, existing, rows)
        if not load.dry_run:
            for numbers in split_every(BATCH, [
                    number for number in planned
                    if number not in existing or number in load.unnumbered], list):
                self.env['property.resident.number'].create([{
                    'name': number, 'project_id': load.project.id,
                    'partner_id': load.ids['resident'][number],
                } for number in numbers])
        for number, vals in identities.items():
            if number not in known:
                vals['partner_id'] = load.ids['resident'][number]
        self.env['property.resident'].browse(
            known[number]['id'] for number in identities if number in known).check_access('write')
        self.env['property.resident'].check_access('create')
        # sudo: identity numbers may be entered by who may not read them.
        self.sudo()._save(load, 'identity', 'property.resident', identities, known, rows)

    def _check_core_data(self, load, planned, existing, rows):
        """ Core data of who lives in a project that approves residents need the owner's word
        (A18): a workbook fills in what is empty, and changes none. """
        Occupancy = self.env['property.occupancy'].sudo()  # sudo: in whatever project he lives
        locked = Occupancy.search(
            Occupancy._get_live_domain() & Domain('project_id.approves_residents', '=', True)
            & Domain('partner_id', 'in', list(load.keys['resident']))).partner_id
        for number in {load.keys['resident'][partner_id] for partner_id in locked.ids}:
            current = existing.get(number, {})
            for name in CORE_FIELDS:
                value = planned.get(number, {}).get(name)
                if value and current.get(name) and value != current[name]:
                    load.add(rows[number].issue(ERROR, 'core_locked', name))

    def _load_occupancies(self, load):
        existing = self._read_occupancies(load)
        latest = defaultdict(list)
        for key in existing:
            latest[key[:3]].append(key[3])
        planned, rows = {}, {}
        for row in load.rows('occupancy'):
            unit = self._get_unit_key(load, row)
            number = row.get('resident')
            role = row.get('role')
            if unit is None or number is None or role is None:
                continue
            if not self._is_unit_known(load, row, unit) or not self._is_resident_known(
                    load, row, number):
                continue
            start = row.get('date_start') or max(
                latest[unit, number, role], default=None) or self._get_occupancy_start(row)
            key = (unit, number, role, start)
            vals = self._pick(load, row, ('date_end', 'share', 'is_payer', 'relation'))
            if key not in existing:
                vals.update({
                    'unit_id': load.ids['unit'].get(unit), 'role': role, 'date_start': start,
                    'partner_id': load.ids['resident'].get(number),
                })
                if row.get('equal_share'):
                    vals.setdefault('share', row.get('equal_share'))
            planned[key] = vals
            rows[key] = row
        self._check_occupancies(load, planned, rows, existing)
        self._save(load, 'occupancy', 'property.occupancy', planned, existing, rows)

    def _get_occupancy_start(self, row):
        """ The first day of an occupancy for which the workbook gives none. """
        return row.get('date_contract') or min(
            row.get('date_handover') or self.occupied_since, self.occupied_since)

    def _read_occupancies(self, load):
        """ {(unit key, resident number, role, first day): values}.

        Somebody without a number stands in the key by his id: no workbook names him.
        """
        return {
            (load.keys['unit'][values['unit_id']],
             load.keys['resident'].get(values['partner_id'], values['partner_id']),
             values['role'], values['date_start']): values
            for values in self._read_existing(
                'property.occupancy', [('project_id', '=', load.project.id)], OCCUPANCY_FIELDS)
        }

    def _is_unit_known(self, load, row, unit):
        if load.is_known('unit', unit):
            return True
        load.add(row.issue(ERROR, 'unknown_unit', 'unit', number=unit[3]))
        return False

    def _is_resident_known(self, load, row, number):
        if load.is_known('resident', number):
            return True
        if 'unit' in row.sheet.spec.feeds or 'parking' in row.sheet.spec.feeds:
            # The sheet is about the unit; its owner is one of its columns.
            load.add(row.issue(
                WARNING, 'owner_left_out', 'resident', unit=row.get('unit'), number=number))
        else:
            load.add(row.issue(ERROR, 'unknown_resident', 'resident', number=number))
        return False

    def _check_occupancies(self, load, planned, rows, existing):
        """ What the constraints of the model would refuse, with its cell. """
        by_unit = defaultdict(dict)
        for key, values in existing.items():
            if values['state'] == 'approved':
                by_unit[key[0]][key] = values
        for key, vals in planned.items():
            by_unit[key[0]][key] = {**existing.get(key, {'date_end': False, 'share': 100}), **vals}
        touched = {key[0] for key in planned}
        for unit in touched:
            spans = by_unit[unit]
            if len(spans) == 1 and not rows[next(iter(spans))].values.keys() & {
                    'date_end', 'share'}:
                continue
            owners = []
            for key, values in spans.items():
                row = rows.get(key)
                start, end = key[3], values['date_end'] or None
                if key[2] == 'owner':
                    owners.append((key, (start, end, values['share'])))
                if row is None:
                    continue
                if end and end < start:
                    load.add(row.issue(
                        ERROR, 'ends_before_start', 'date_end', start=start, end=end))
                if key[2] == 'owner' and not 0 < values['share'] <= 100:
                    load.add(row.issue(ERROR, 'share_range', 'share'))
                for other, other_values in spans.items():
                    if other != key and other[1:3] == key[1:3] and other[3] <= start and (
                            not other_values['date_end'] or other_values['date_end'] >= start):
                        load.add(row.issue(
                            ERROR, 'occupied_already', 'date_start' if row.get('date_start')
                            else 'resident', number=key[1], unit=unit[3], start=other[3]))
            excess = find_excess([span for _key, span in owners])
            if excess:
                index, day, total = excess
                row = rows.get(owners[index][0]) or next(
                    rows[key] for key, _span in owners if key in rows)
                load.add(row.issue(
                    ERROR, 'shares_exceed', 'resident', unit=unit[3], day=day,
                    total=f'{total:g}'))

    # === VEHICLES === #

    def _read_vehicles(self, load):
        """ {plate: values} """
        return {
            values['name']: values for values in self._read_existing(
                'property.vehicle', [('project_id', '=', load.project.id)],
                ['name', 'kind', *VEHICLE_FIELDS])
        }

    def _load_vehicles(self, load):
        existing = self._read_vehicles(load)
        planned, rows = {}, {}
        for row in load.rows('vehicle'):
            plate = row.get('plate')
            if plate is None:
                continue
            vals = self._pick(load, row, ('brand', 'color'))
            if row.get('vehicle_kind'):
                vals['kind'] = row.get('vehicle_kind')
            number = row.get('resident')
            # Where the sheet describes occupancies too, who is unknown was said there.
            if number is not None and (
                    load.is_known('resident', number) if 'occupancy' in row.sheet.spec.feeds
                    else self._is_resident_known(load, row, number)):
                vals['partner_id'] = load.ids['resident'].get(number)
            unit = self._get_unit_key(load, row)
            if unit and self._is_unit_known(load, row, unit):
                vals['unit_id'] = load.ids['unit'].get(unit)
            if plate not in existing:
                vals.update({'name': plate, 'project_id': load.project.id})
            planned[plate] = vals
            rows[plate] = row
        self._save(load, 'vehicle', 'property.vehicle', planned, existing, rows)

    # === PETS === #

    def _read_pets(self, load):
        """ {(unit key, breed): values} """
        return {
            (load.keys['unit'][values['unit_id']], values['breed']): values
            for values in self._read_existing(
                'property.pet', [('project_id', '=', load.project.id)], PET_FIELDS)
        }

    def _load_pets(self, load):
        existing = self._read_pets(load)
        planned, rows = {}, {}
        for row in load.rows('pet'):
            unit = self._get_unit_key(load, row)
            if unit is None or row.get('breed') is None or not self._is_unit_known(
                    load, row, unit):
                continue
            key = (unit, row.get('breed'))
            vals = self._pick(load, row, ('quantity', 'height', 'certificate_number'))
            if row.get('pet_kind'):
                vals['kind'] = row.get('pet_kind')
            number = row.get('resident')
            if number is not None and self._is_resident_known(load, row, number):
                vals['partner_id'] = load.ids['resident'].get(number)
            if key not in existing:
                vals.update({'unit_id': load.ids['unit'].get(unit), 'breed': row.get('breed')})
            planned[key] = vals
            rows[key] = row
        self._save(load, 'pet', 'property.pet', planned, existing, rows)
