from odoo import api, models
from odoo.tools import SQL

from .property_shared_source import SHAREABLE_AMOUNT


class PropertyDoctor(models.AbstractModel):
    """ Invariant 7: the parts of a shared cost add up to it, and it to its bills or meter. """
    _inherit = 'property.doctor'

    @api.model
    def _get_checks(self):
        return [*super()._get_checks(), *self._check_shared_costs()]

    def _check_shared_costs(self):
        [[amounts, parts, sources, different]] = self.env.execute_query(SQL("""
            SELECT COALESCE(SUM(cost.amount), 0), COALESCE(SUM(parts.amount), 0),
                   COALESCE(SUM(sources.amount), 0),
                   COUNT(*) FILTER (WHERE cost.amount IS DISTINCT FROM COALESCE(parts.amount, 0)
                                       OR cost.amount IS DISTINCT FROM sources.amount)
              FROM property_shared_cost cost
         LEFT JOIN (
                SELECT shared_cost_id, SUM(share_amount) AS amount
                  FROM property_fee_assignment
                 WHERE shared_cost_id IS NOT NULL AND active
              GROUP BY shared_cost_id
             UNION ALL
                SELECT cost.id, SUM(line.balance)
                  FROM property_shared_cost cost
                  JOIN account_move_line line ON line.move_id = cost.move_id
                 WHERE line.property_unit_id IS NOT NULL AND line.parent_state = 'posted'
              GROUP BY cost.id
              ) AS parts ON parts.shared_cost_id = cost.id
         LEFT JOIN (
                SELECT cost_id, SUM(amount) AS amount FROM property_shared_source GROUP BY cost_id
             UNION ALL
                SELECT id, (explanation->>'amount')::numeric FROM property_shared_cost
                 WHERE origin = 'meter'
              ) AS sources ON sources.cost_id = cost.id
             WHERE cost.state = 'confirmed'
        """))
        [[beyond]] = self.env.execute_query(SQL("""
            SELECT COUNT(*)
              FROM (
                SELECT line_id, SUM(source.amount) AS amount
                  FROM property_shared_source source
                  JOIN property_shared_cost cost ON cost.id = source.cost_id
                 WHERE cost.state = 'confirmed'
              GROUP BY line_id
              ) AS shared
              JOIN account_move_line item ON item.id = shared.line_id
              JOIN account_move move ON move.id = item.move_id
             WHERE move.state != 'posted' OR SIGN(%(amount)s) * shared.amount > ABS(%(amount)s)
        """, amount=SHAREABLE_AMOUNT))
        return [
            (self.env._("Shared costs, their parts"), amounts, parts),
            (self.env._("Shared costs, the bills and meters they are of"), amounts, sources),
            (self.env._("Shared costs that differ from their parts, bills or meters, none"),
             different, 0),
            (self.env._("Lines of suppliers' bills shared beyond what they come to, none"),
             beyond, 0),
        ]
