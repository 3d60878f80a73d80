from odoo import api, models

from .property_handover import GROUPS as HANDOVER_GROUPS


class PropertyUnit(models.Model):
    """ What the parking map asks a space. """
    _inherit = 'property.unit'

    # === ACTION METHODS === #

    def action_rent_space(self):
        """ 租用: somebody uses the space from a day on. """
        action = self.action_check_in()
        action['context']['default_role'] = 'tenant'
        return action

    def action_end_space_use(self):
        """ 退租: the space is given back, be it after its last day. """
        self.ensure_one()
        return self._get_space_use().action_move_out()

    # === GETTERS === #

    def _get_space_use(self):
        """ The use that a space has today, the one that its contract has ended included. """
        return self.env['property.parking.report'].search(
            [('unit_id', 'in', self.ids)]).occupancy_id

    def _get_board_occupancies(self):
        """ Override of `property_base`: whose time is over uses his space until he gives it back.
        """
        return super()._get_board_occupancies() | self._get_space_use()

    @api.model
    def _get_parking_states(self):
        """ The states of a space with the sign that says each without colour. """
        states = self.env['property.parking.report']._fields['state']._description_selection(
            self.env)
        # One word, since Odoo offers no term of one letter for translation.
        signs = self.env._("V U E X").split()
        return [
            {'key': key, 'label': label, 'sign': sign}
            for (key, label), sign in zip(states, signs, strict=True)
        ]

    @api.model
    def _get_parking_map_actions(self, lot):
        """ What the user may do with a space, as `_get_board_actions` says it. """
        actions = {
            'check_in': {
                'method': 'action_rent_space', 'label': self.env._("Rent out"), 'key': 'r',
                'icon': 'fa-sign-in', 'needs': 'is_open',
            },
            'move_out': {
                'method': 'action_end_space_use', 'label': self.env._("End the use"), 'key': 'e',
                'icon': 'fa-sign-out', 'needs': 'is_let',
            },
        }
        return [
            *(action for kind, action in actions.items()
              if self.env.user.has_group(HANDOVER_GROUPS[kind])),
            *self._get_board_actions(lot),
        ]
