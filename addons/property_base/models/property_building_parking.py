from odoo import api, models
from odoo.fields import Domain


class PropertyBuilding(models.Model):
    """ The parking map (图形车场) of a lot, or of the spaces in any other building (D13). """
    _inherit = 'property.building'

    # === ACTION METHODS === #

    def action_view_parking_map(self):
        self.ensure_one()
        action = self.env['ir.actions.actions']._for_xml_id('property_base.parking_map_action')
        return {**action, 'context': {'board_place': {'building_id': self.id}}}

    # === BUSINESS METHODS === #

    @api.model
    @api.readonly
    def get_parking_map(self, project_id=False, building_id=False, entrance_id=False):
        """ The spaces of a lot as the user may see them, as `get_room_board` gives rooms.

        Without a building: the first lot of the project, or of all. The number of queries does
        not depend on the number of spaces.
        """
        labels = {'search': self.env._("Space, name, phone, plate…")}
        lot, entrance = self._find_board_place(
            project_id, building_id, entrance_id, Domain('is_parking_lot', '=', True))
        if not lot:
            return {'place': False, 'labels': {
                **labels,
                'title': self.env._("No parking lot that you may see"),
                'text': self.env._(
                    "Ask an administrator to add you to a project, or enter a parking lot under "
                    "Car parks."),
            }}
        Unit = self.env['property.unit']
        spaces = Unit.search_fetch(
            Domain('building_id', '=', lot.id) & Domain('kind', '=', 'parking')
            & (Domain('entrance_id', '=', entrance.id) if entrance else Domain.TRUE),
            ['name', 'kind', 'entrance_id', 'floor', 'floor_order', 'building_area'], order='id')
        uses = self.env['property.parking.report'].search_fetch(
            [('unit_id', 'in', spaces.ids)],
            ['unit_id', 'state', 'role', 'partner_id', 'date_end']).grouped('unit_id')
        arrears = spaces._get_arrears()
        cells = [self._prepare_parking_cell(space, uses[space], arrears) for space in spaces]
        used = sum(cell['state'] != 'vacant' for cell in cells)
        return {
            'place': self._prepare_board_place(lot, entrance),
            'labels': labels,
            'figures': {
                'space_count': len(cells),
                'use_rate': used / len(cells) * 100 if cells else 0.0,
                'used_count': used,
                'free_count': len(cells) - used,
            },
            'states': Unit._get_parking_states(),
            'blocks': self._prepare_board_blocks(spaces, cells),
            'actions': Unit._get_parking_map_actions(lot),
            'currency_id': lot.company_id.currency_id.id,
            'can_create': Unit.has_access('create'),
        }

    @api.readonly
    def search_parking_map(self, query):
        """ The spaces of the lot that a number, a user's name or phone, or a plate finds. """
        self.ensure_one()
        query = query.strip()
        if not query:
            return []
        return self.env['property.parking.report'].search(
            Domain('building_id', '=', self.id) & Domain.OR(
                Domain(name, 'ilike', query)
                for name in ('name', 'partner_id.name', 'partner_id.phone', 'plates'))).unit_id.ids

    # === GETTERS === #

    @api.model
    def _prepare_parking_cell(self, space, use, arrears):
        return {
            'id': space.id,
            'name': space.name,
            'state': use.state,
            # sudo: who may see the space may see whom its use names.
            'who': use.partner_id.sudo().name or '',
            'until': use.date_end,
            'arrears': arrears.get(space.id, 0),
            'is_open': use.role != 'tenant',
            'is_let': use.role == 'tenant',
        }
