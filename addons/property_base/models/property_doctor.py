from odoo import api, models
from odoo.tools import SQL, float_round

from ..tools.shares import MAX_TOTAL


class PropertyDoctor(models.AbstractModel):
    """ Compares figures that must agree on any database, whatever was done to it. """
    _name = 'property.doctor'
    _description = 'Check of the invariants'

    @api.private
    def run(self):
        """ Make every check on the whole database.

        Not for a call over the network: the checks see all projects and companies.

        :return: one dict per check, with the keys name, left, right, difference and ok
        :rtype: list[dict]
        """
        self.env.flush_all()
        checks = []
        for name, left, right in self._get_checks():
            difference = float_round(left - right, precision_digits=2)
            checks.append({
                'name': name, 'left': left, 'right': right,
                'difference': difference, 'ok': not difference,
            })
        return checks

    @api.model
    def _get_checks(self):
        """ The checks, extended by the add-ons that have books to compare.

        :return: the name of each check and the two figures that must be equal
        :rtype: list[tuple[str, float, float]]
        """
        return [(self.env._("Owners' shares above 100 %, all units"), *self._get_excess_shares())]

    @api.model
    def _get_excess_shares(self):
        """ Shares only grow on the first day of an occupancy, so those days are enough. """
        [[excess]] = self.env.execute_query(SQL("""
            SELECT COALESCE(SUM(day.total - 100), 0)
              FROM (SELECT SUM(other.share) AS total
                      FROM property_occupancy AS first
                      JOIN property_occupancy AS other
                        ON other.unit_id = first.unit_id
                       AND other.role = 'owner'
                       AND other.state = 'approved'
                       AND other.date_start <= first.date_start
                       AND (other.date_end IS NULL OR other.date_end >= first.date_start)
                     WHERE first.role = 'owner' AND first.state = 'approved'
                  GROUP BY first.id) AS day
             WHERE day.total > %s
        """, MAX_TOTAL))
        return float(excess), 0.0
