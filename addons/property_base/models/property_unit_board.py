from collections import defaultdict

from odoo import api, models
from odoo.fields import Domain

from ..tools.identity import mask_phone
from .property_handover import GROUPS as HANDOVER_GROUPS

BOARD_ROLES = ('owner', 'tenant', 'family', 'user')


class PropertyUnit(models.Model):
    """ What a board (room board, parking map) asks a unit. """
    _inherit = 'property.unit'

    # === ACTION METHODS === #

    def action_view_arrears(self):
        """ The bills of this unit that are due and unpaid; billing answers. """
        self.ensure_one()
        return False

    # === BUSINESS METHODS === #

    @api.readonly
    def get_board_details(self):
        """ What hovering and a long press show. """
        self.ensure_one()
        Occupancy = self.env['property.occupancy']
        roles = dict(Occupancy._fields['role']._description_selection(self.env))
        kinds = dict(self._fields['kind']._description_selection(self.env))
        occupancies = self._get_board_occupancies()
        return {
            'name': self.complete_name,
            'kind': kinds[self.kind],
            'state': self.occupancy_state,
            'area': self.building_area,
            'layout': self.layout_id.name or '',
            'handover': self.date_handover,
            'arrears': self._get_arrears().get(self.id, 0),
            # sudo: who may see the occupancy may see whom it names.
            'people': [{
                'id': occupancy.id,
                'role': roles[occupancy.role],
                'name': occupancy.partner_id.name,
                'phone': self._get_shown_phone(occupancy.partner_id.phone),
                'since': occupancy.date_start,
                'until': occupancy.date_end,
            } for occupancy in occupancies.sudo().sorted(
                lambda occupancy: BOARD_ROLES.index(occupancy.role))],
            'vehicles': self.vehicle_ids.mapped(
                lambda vehicle: ' · '.join(filter(
                    None, (vehicle.name, vehicle.brand, vehicle.color))))
            if self.kind == 'parking' else [],
        }

    # === GETTERS === #

    def _get_board_occupancies(self):
        """ Who is in it, and who comes: what is vacant today may be let from next month on. """
        Occupancy = self.env['property.occupancy']
        coming = Domain('state', '=', 'approved') & Domain('date_start', '>', 'today')
        return Occupancy.search(
            Domain('unit_id', '=', self.id) & (Occupancy._get_live_domain() | coming),
            order='date_start, id')

    def _get_arrears(self):
        """ What is due and unpaid, in the company's currency: `{unit id: amount}`. Units without
        arrears are left out, and so is everything that the user may not see. Billing answers.
        """
        return {}

    def _get_live_names(self):
        """ Who owns and who rents each unit today: `{unit: {role: [name]}}`. """
        Occupancy = self.env['property.occupancy']
        groups = Occupancy._read_group(
            Domain('unit_id', 'in', self.ids) & Domain('role', 'in', ('owner', 'tenant'))
            & Occupancy._get_live_domain(),
            ['unit_id', 'role'], ['partner_id:array_agg'])
        # sudo: who may see the occupancy may see whom it names.
        partners_sudo = self.env['res.partner'].sudo().with_context(active_test=False)
        partners = partners_sudo.search_fetch(
            [('id', 'in', list({id_ for *_group, ids in groups for id_ in ids}))],
            ['name'], order='id')
        names = {partner.id: partner.name for partner in partners}
        result = defaultdict(dict)
        for unit, role, partner_ids in groups:
            result[unit][role] = [names[partner_id] for partner_id in sorted(set(partner_ids))]
        return result

    @api.model
    def _get_shown_phone(self, phone):
        """ Whoever keeps the residents calls them; the others see which number it is. """
        if self.env.user.has_group('property_base.group_resident_edit'):
            return phone or ''
        return mask_phone(phone)

    @api.model
    def _get_board_states(self):
        """ The states of a tile with the sign that says each without colour. """
        # One word, since Odoo offers no term of one letter for translation.
        signs = self.env._("V O L").split()
        labels = dict(self._fields['occupancy_state']._description_selection(self.env))
        return [
            {'key': state, 'label': labels[state], 'sign': sign}
            for state, sign in zip(('vacant', 'sold', 'leased'), signs, strict=True)
        ]

    @api.model
    def _get_board_actions(self, building):
        """ What the user may do with a unit on each board: the method, its label and shortcut, and
        which fact of the unit's cell it needs. The methods check the right and the state again.
        """
        return []

    @api.model
    def _get_room_board_actions(self, building):
        is_transfer_kept = self.env['property.occupancy']._get_entry_state(building) == 'pending'
        actions = {
            'check_in': {
                'label': self.env._("Check in"), 'key': 'i', 'icon': 'fa-sign-in',
                'needs': 'is_open',
            },
            'transfer': {
                'label': (self.env._("Transfer (by a register manager)") if is_transfer_kept
                          else self.env._("Transfer")), 'key': 't', 'icon': 'fa-exchange',
                'needs': 'has_owner',
            },
            'move_out': {
                'label': self.env._("Move out"), 'key': 'm', 'icon': 'fa-sign-out',
                'needs': 'is_occupied',
            },
        }
        return [
            *({'method': f'action_{kind}', **action} for kind, action in actions.items()
              if self.env.user.has_group(HANDOVER_GROUPS[kind])),
            *self._get_board_actions(building),
        ]
