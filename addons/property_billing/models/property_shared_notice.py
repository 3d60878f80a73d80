from odoo import models
from odoo.exceptions import UserError

from odoo.addons.property_base.tools.room_board import get_natural_key

from ..tools.rounding import exact
from .property_charge_explanation import plain


class PropertySharedCost(models.Model):
    """ The notice of a shared cost that is put up for all to see (公摊公示).

    It tells what was divided, by which key and what each room bears. Who lives there is nobody
    else's business: rooms have numbers, and no names. Of suppliers it tells what owners see on the
    portal.
    """
    _inherit = 'property.shared.cost'

    def _get_notice(self):
        """ What the notice says.

        :return: `sources` (bill, supplier, day, what for, amount), `parts` (room, weight, amount)
            in the order of the rooms' numbers, `weights` together, and of a meter the `sentences`
            of its readings
        :rtype: dict
        :raises UserError: nothing is divided yet
        """
        self.ensure_one()
        self.check_access('read')
        if self.state != 'confirmed':
            raise UserError(self.env._(
                "%(cost)s is not divided, so there is nothing to put up yet.", cost=self.name))
        # sudo: the notice is of all rooms, whichever buildings are the user's.
        cost_sudo = self.sudo()
        if cost_sudo.assignment_ids:
            parts = [
                (part.unit_id, plain(exact(part.share_weight)), part.share_amount)
                for part in cost_sudo.assignment_ids]
        else:
            parts = [
                (line.property_unit_id, '', line.balance)
                for line in cost_sudo.move_id.line_ids if line.property_unit_id]
        return {
            'sources': [source._get_notice_row() for source in cost_sudo.source_ids],
            'weights': plain(exact(cost_sudo.weight_total)),
            'sentences': (cost_sudo.meter_detail or '').splitlines(),
            'parts': [
                (unit.complete_name, weight, amount)
                for unit, weight, amount in sorted(
                    parts, key=lambda part: get_natural_key(part[0].complete_name))],
        }


class PropertySharedSource(models.Model):
    _inherit = 'property.shared.source'

    def _get_notice_row(self):
        """ Bill, supplier, day, what for and amount; what an entry says may name employees. """
        self.ensure_one()
        bill = self.move_id
        is_bill = bill.is_purchase_document()
        return (
            is_bill and bill.ref or bill.name, bill._get_source_name(), self.date_bill,
            self.label if is_bill else '', self.amount)
