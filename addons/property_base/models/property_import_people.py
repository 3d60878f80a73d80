from collections import defaultdict

from odoo import models

from ..tools.workbook import ERROR
from .property_import_load import PARTNER_FIELDS


class PropertyImport(models.Model):
    """ Sheets that name people without numbering them, and rooms by their sales contract. """
    _inherit = 'property.import'

    # === PEOPLE === #

    def _number_people(self, load, existing):
        """ Give each person of such a sheet his number in the project, or the next one.

        It is the same person if the identity number is, or name and phone together, or the name
        within one unit.

        :param existing: what `_read_residents` gave; who is found without a number joins it
        """
        rows = [row for row in load.rows('resident') if row.get('resident_name')]
        if not rows:
            return
        people, partners = self._find_people(load, existing)
        numbers = dict(load.keys['resident'])  # {person: number}
        given = (
            row.get('resident') for row in load.rows('resident') if not row.get('resident_name'))
        last = max(
            (int(number) for number in (*existing, *given) if number and number.isdecimal()),
            default=0)
        owners = defaultdict(dict)
        for row in rows:
            unit = self._get_unit_key(load, row)
            words = self._get_words_of_person(row.get, unit)
            person = next((people[word] for word in words if word in people), None)
            number = numbers.get(person)
            if number is None:
                last += 1
                number = str(last)
                if person is None:
                    person = number
                else:
                    self._add_unnumbered(load, existing, number, partners[person])
                numbers[person] = number
            for word in words:
                people.setdefault(word, person)
            row.values.update(resident=number, name=row.get('resident_name'))
            if row.get('role') == 'owner' and unit:
                owners[unit].setdefault(number, row)
        for rows_of_unit in owners.values():
            self._share_equally(list(rows_of_unit.values()))

    def _get_words_of_person(self, get, *units):
        """ By what a person is known, the surest first. """
        name, phone, identity = get('resident_name'), get('phone'), get('identity_number')
        words = []
        if identity:
            words.append(('identity', identity.upper()))
        if phone:
            words.append(('phone', name, phone))
        return words + [('unit', unit, name) for unit in units if unit]

    def _find_people(self, load, existing):
        """ Who has a number in the project, or lives there: {word: partner id}, {id: values}. """
        units = defaultdict(set)
        for values in self._read_existing(
                'property.occupancy', [('project_id', '=', load.project.id)],
                ['unit_id', 'partner_id']):
            units[values['partner_id']].add(load.keys['unit'][values['unit_id']])
        ids = list(units.keys() | {values['id'] for values in existing.values()})
        # sudo: as in `_read_identities`; they are only compared.
        identities = {
            values['partner_id']: values['identity_number']
            for values in self.env['property.resident'].sudo().search_read(
                [('partner_id', 'in', ids)], ['partner_id', 'identity_number'], load='')}
        people, partners = {}, {}
        for values in self._read_existing('res.partner', [('id', 'in', ids)], PARTNER_FIELDS):
            partners[values['id']] = values
            person = {
                'resident_name': values['name'], 'phone': values['phone'],
                'identity_number': identities.get(values['id']),
            }
            for word in self._get_words_of_person(person.get, *units[values['id']]):
                people.setdefault(word, values['id'])
        return people, partners

    def _add_unnumbered(self, load, existing, number, values):
        existing[number] = values
        load.unnumbered[number] = values['id']
        load.ids['resident'][number] = values['id']
        load.keys['resident'][values['id']] = number

    def _share_equally(self, rows):
        """ Co-owners whose shares no sheet says own as much each. """
        if len(rows) < 2 or any(row.get('share') for row in rows):
            return
        part, rest = divmod(10000, len(rows))
        for index, row in enumerate(rows):
            row.values['equal_share'] = (part + (index < rest)) / 100

    # === CONTRACTS === #

    def _match_contracts(self, load):
        """ Find the rooms of known contracts. A row may leave its place out; none may move. """
        rows = [row for row in load.rows('contract') if row.get('contract_number')]
        if not rows:
            return
        by_contract = self._find_contracts(row.get('contract_number') for row in rows)
        names = {
            name for name in (
                load.project.name, load.project.code, (self.project_name or '').strip()) if name}
        places, contracts = {}, {}
        for row in rows:
            contract, unit = row.get('contract_number'), by_contract.get(row.get('contract_number'))
            if row.get('project') and row.get('project') not in names:
                load.add(row.issue(ERROR, 'other_project', 'project', name=row.get('project')))
            if unit and unit.project_id != load.project:
                load.add(row.issue(
                    ERROR, 'contract_elsewhere', 'contract_number', contract=contract))
            elif unit:
                self._place_contract(load, row, unit)
            elif row.get('unit') is None:
                load.add(row.issue(
                    ERROR, 'contract_without_unit', 'contract_number', contract=contract))
            place = tuple(row.get(name) for name in ('building', 'entrance', 'unit'))
            first = places.setdefault(contract, (place, row))
            if first[0] != place:
                load.add(row.issue(
                    ERROR, 'contract_for_two', 'unit', contract=contract, other=first[1].number))
            first = contracts.setdefault(place, (contract, row))
            if first[0] != contract:
                load.add(row.issue(
                    ERROR, 'two_contracts', 'contract_number', contract=first[0],
                    other=first[1].number))

    def _place_contract(self, load, row, unit):
        place = {
            'building': unit.building_id.code or unit.building_id.name,
            'entrance': unit.entrance_id.code or unit.entrance_id.name or None,
            'unit': unit.name,
        }
        if row.get('unit') is None:
            row.values.update({name: word for name, word in place.items() if word})
        elif row.get('unit') != unit.name or row.get('building') not in (
                None, place['building'], unit.building_id.name):
            load.add(row.issue(
                ERROR, 'contract_of_other_unit', 'unit', contract=row.get('contract_number'),
                unit=unit.complete_name))

    def _find_contracts(self, numbers):
        """ {contract number: unit} of those that the company has. """
        # sudo: the contract may be of a project that the user may not see.
        units_sudo = self.env['property.unit'].sudo().with_context(active_test=False).search([
            ('company_id', '=', self.company_id.id), ('contract_number', 'in', list(numbers))])
        return {unit.contract_number: unit for unit in units_sudo}

    def _check_contracts(self, load, planned, rows):
        """ Two units with one contract would stop the import half-way.

        What sheets of contracts say of them was checked in `_match_contracts`.
        """
        numbers = {
            key: vals['contract_number'] for key, vals in planned.items()
            if vals.get('contract_number')}
        by_contract = self._find_contracts(set(numbers.values()))
        first = {}
        for key, contract in numbers.items():
            row, unit = rows[key], by_contract.get(contract)
            other = first.setdefault(contract, row)
            if 'contract' in row.sheet.spec.feeds and 'contract' in other.sheet.spec.feeds:
                continue
            if other is not row:
                load.add(row.issue(
                    ERROR, 'contract_for_two', 'contract_number', contract=contract,
                    other=other.number))
            elif unit and unit.project_id != load.project:
                load.add(row.issue(
                    ERROR, 'contract_elsewhere', 'contract_number', contract=contract))
            elif unit and unit.id != load.ids['unit'].get(key):
                load.add(row.issue(
                    ERROR, 'contract_of_other_unit', 'contract_number', contract=contract,
                    unit=unit.complete_name))
