from odoo import api, models

from ..tools import workbook
from ..tools.layouts import TEMPLATE_SHEETS
from .property_import_load import DICTIONARIES, Load


def by_number(existing):
    """ The items of a dict in the order of their numbers: 2 before 10. """
    return sorted(existing.items(), key=lambda item: (len(item[0]), item[0]))


class PropertyImport(models.Model):
    _inherit = 'property.import'

    def _get_template(self, project):
        """ Our workbook with what the project has; importing it again changes nothing. """
        language = int((self.env.lang or '').startswith('zh'))  # index into titles and headings
        rows = self._get_template_rows(Load(workbook.Workbook(), project, True, None))
        labels = {
            'dictionary': {
                item['id']: item['name'] for item in self._read_existing(
                    'property.dictionary.item', [], ['name'])},
            'boolean': (("No", "Yes"), ("否", "是"))[language],
        }
        return workbook.write_workbook(
            (
                spec.titles[language],
                [(column.headings[language] + '*' * column.required,
                  self._get_column_note(column, language)) for column in spec.columns],
                ([self._get_template_value(column, row.get(column.name), labels, language)
                  for column in spec.columns] for row in rows.get(spec.name, ())),
            )
            for spec in self._get_template_sheets()
        )

    @api.model
    def _get_template_sheets(self):
        """ The sheets of our workbook that the user can fill in; add-ons add theirs. """
        return TEMPLATE_SHEETS

    def _get_column_note(self, column, language):
        """ What a heading says when the mouse rests on it: what belongs into its cells. """
        lines = [self.env._("Required.")] if column.required else []
        if column.kind == 'selection':
            lines.append(self.env._(
                "One of: %(words)s",
                words=' / '.join(words[language] for words in column.choices.values())))
        elif column.kind == 'boolean':
            lines.append(self.env._("Yes or no."))
        elif column.kind == 'date':
            lines.append(self.env._("A date such as 2026-01-31."))
        elif column.kind in ('number', 'integer'):
            lines.append(self.env._("A number without unit."))
        return '\n'.join(lines)

    def _get_template_value(self, column, value, labels, language):
        if column.kind == 'boolean':
            return None if value is None else labels['boolean'][bool(value)]
        if not value and column.kind not in ('number', 'integer'):
            return None
        if column.kind == 'selection':
            return column.choices[value][language]
        if column.name in DICTIONARIES:
            return labels['dictionary'][value]
        return value

    def _get_template_rows(self, load):
        """ {sheet: dicts by column name} of what exists. """
        buildings = self._read_buildings(load, False)
        lots = self._read_buildings(load, True)
        entrances = self._read_entrances(load)
        units = self._read_units(load)
        residents = self._read_residents(load)
        identities = self._read_identities(load)
        if self.env.user.has_group('property_base.group_identity'):
            self.env['property.resident'].browse(
                values['id'] for values in identities.values() if values['identity_number']
            )._log_identity('export', self.env._("Workbook of all residents"))
        else:
            identities = {
                number: {**values, 'identity_number': False}
                for number, values in identities.items()}

        def get_place(key):
            is_lot, place, entrance, number = key or (False, None, None, None)
            return {
                'lot' if is_lot else 'building': place, 'entrance': entrance, 'unit': number}

        units = [{**values, **get_place(key)} for key, values in units.items()]
        return {
            'buildings': [
                {**values, 'building': key} for key, values in by_number(buildings)],
            'lots': [{**values, 'lot': key} for key, values in by_number(lots)],
            'entrances': [
                {**values, 'building': key[0], 'entrance': key[1]}
                for key, values in entrances.items()],
            'units': [values for values in units if values['kind'] != 'parking'],
            'parking': [values for values in units if values['kind'] == 'parking'],
            'residents': [
                {**values, **identities.get(number, {}), 'resident': number}
                for number, values in by_number(residents)],
            'occupancies': [
                {**values, **get_place(key[0]), 'resident': key[1]}
                for key, values in self._read_occupancies(load).items()],
            'pets': [{
                **values, **get_place(key[0]), 'breed': key[1], 'pet_kind': values['kind'],
                'resident': load.keys['resident'].get(values['partner_id']),
            } for key, values in self._read_pets(load).items()],
            'vehicles': [{
                **values, **get_place(load.keys['unit'].get(values['unit_id'])),
                'plate': plate, 'vehicle_kind': values['kind'],
                'resident': load.keys['resident'].get(values['partner_id']),
            } for plate, values in self._read_vehicles(load).items()],
        }

    def _number_residents(self, project):
        """ Number the people of a project who have no number, so that sheets can name them. """
        people = self.env['property.occupancy'].with_context(active_test=False).search(
            [('project_id', '=', project.id)]).partner_id
        people |= self.env['property.vehicle'].with_context(active_test=False).search(
            [('project_id', '=', project.id)]).partner_id
        numbers = self.env['property.resident.number'].search([('project_id', '=', project.id)])
        last = max((int(name) for name in numbers.mapped('name') if name.isdecimal()), default=0)
        self.env['property.resident.number'].create([
            {'name': str(last + count), 'project_id': project.id, 'partner_id': person.id}
            for count, person in enumerate(people - numbers.partner_id, start=1)])
