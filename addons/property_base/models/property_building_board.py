from odoo import api, models
from odoo.fields import Domain

from ..tools.room_board import (
    get_columns,
    get_natural_key,
    get_occupancy_figures,
    get_spans,
)
from .property_unit import ROOM_KINDS

# Flats and offices stand above each other; shops, store rooms and spaces stand side by side.
STACKED_KINDS = ('flat', 'office')


class PropertyBuilding(models.Model):
    """ The room board (房态图) of a building. """
    _inherit = 'property.building'

    # === ACTION METHODS === #

    def action_view_room_board(self):
        self.ensure_one()
        return self._get_room_board_action(building_id=self.id)

    @api.model
    def _get_room_board_action(self, **place):
        action = self.env['ir.actions.actions']._for_xml_id('property_base.room_board_action')
        return {**action, 'context': {'board_place': place}}

    # === BUSINESS METHODS === #

    @api.model
    @api.readonly
    def get_room_board(self, project_id=False, building_id=False, entrance_id=False):
        """ A building, or one entrance of it, as the user may see it: figures, floors and units.

        Without a building: the first of the project, or of all. The number of queries does not
        depend on the number of units.
        """
        building, entrance = self._find_board_place(project_id, building_id, entrance_id)
        if not building:
            return {'place': False}
        Unit = self.env['property.unit']
        units = Unit.search_fetch(
            Domain('building_id', '=', building.id)
            & (Domain('entrance_id', '=', entrance.id) if entrance else Domain.TRUE),
            ['name', 'kind', 'entrance_id', 'floor', 'floor_order', 'building_area'], order='id')
        people = units._get_live_names()
        arrears = units._get_arrears()
        cells = [self._prepare_board_cell(unit, people.get(unit, {}), arrears) for unit in units]
        return {
            'place': self._prepare_board_place(building, entrance),
            'figures': get_occupancy_figures(
                (cell['state'], cell['area']) for cell in cells if cell['is_room']),
            'states': Unit._get_board_states(),
            'blocks': self._prepare_board_blocks(units, cells),
            'actions': Unit._get_room_board_actions(building),
            'currency_id': building.company_id.currency_id.id,
            'can_create': Unit.has_access('create'),
        }

    @api.readonly
    def search_room_board(self, query):
        """ The units of the building that a room number, a resident's name or phone, or a plate
        finds.
        """
        self.ensure_one()
        query = query.strip()
        if not query:
            return []
        live = self.env['property.occupancy']._get_live_domain()
        person = Domain('partner_id.name', 'ilike', query) | Domain(
            'partner_id.phone', 'ilike', query)
        return self.env['property.unit'].search(
            Domain('building_id', '=', self.id) & (
                Domain('name', 'ilike', query)
                | Domain('occupancy_ids', 'any', live & person)
                | Domain('vehicle_ids.name', 'ilike', query))).ids

    # === GETTERS === #

    @api.model
    def _find_board_place(self, project_id, building_id, entrance_id, first=Domain.TRUE):
        """ The building, and the entrance if one is asked for, as far as the user may see them.

        :param Domain first: among which the first one is looked for, where no building is named
        """
        entrance = self.env['property.entrance'].search([('id', '=', entrance_id)])
        building = entrance.building_id or self.search(
            Domain('id', '=', building_id) if building_id
            else first & Domain('project_id', '=', project_id) if project_id
            else first, limit=1)
        return building, entrance

    @api.model
    def _prepare_board_place(self, building, entrance):
        return {
            'project': building.project_id.name,
            'building': building.name,
            'building_id': building.id,
            'entrance': entrance.name,
            'entrance_id': entrance.id,
        }

    @api.model
    def _prepare_board_cell(self, unit, people, arrears):
        state = unit._get_occupancy_state(people)
        names = people.get('tenant') or people.get('owner') or ()
        return {
            'id': unit.id,
            'name': unit.name,
            'is_room': unit.kind in ROOM_KINDS,
            'state': state,
            'area': unit.building_area,
            'who': f'{names[0]} +{len(names) - 1}' if len(names) > 1 else ''.join(names),
            'arrears': arrears.get(unit.id, 0),
            'is_occupied': bool(people),
            'has_owner': 'owner' in people,
            'is_open': 'owner' not in people or 'tenant' not in people,
        }

    @api.model
    def _prepare_board_blocks(self, units, cells):
        """ One block of floors per entrance, and one for the units that belong to none. """
        cells_by_unit = dict(zip(units, cells, strict=True))
        blocks = []
        for entrance, members in sorted(
            units.grouped('entrance_id').items(),
            key=lambda group: (not group[0], group[0].sequence, get_natural_key(group[0].name)),
        ):
            rooms = sorted(members, key=lambda unit: get_natural_key(unit.name))
            floors = [(unit.floor_order, unit.floor or '') for unit in rooms]
            is_flow = sum(unit.kind not in STACKED_KINDS for unit in rooms) * 2 > len(rooms)
            columns = get_columns([
                (floor, unit.name) for floor, unit in zip(floors, rooms, strict=True)])
            spans = get_spans([unit.building_area for unit in rooms]) if is_flow else ()
            rows = {}
            for index, (floor, unit) in enumerate(zip(floors, rooms, strict=True)):
                place = {'span': spans[index]} if is_flow else {'column': columns[index]}
                rows.setdefault(floor, []).append({**cells_by_unit[unit], **place})
            blocks.append({
                'id': entrance.id,
                'name': entrance.name or '',
                'is_flow': is_flow,
                'is_lane': all(unit.kind == 'parking' for unit in rooms),
                'columns': max(columns) + 1,
                'floors': [
                    {'key': f'{order} {label}', 'label': label, 'units': row}
                    for (order, label), row in sorted(rows.items(), reverse=True)
                ],
            })
        return blocks
