from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

KEEP = timedelta(days=2)


class PropertyGuess(models.Model):
    """ That somebody tried a code or an identity number, so that nobody tries many.

    The key names who tried, as a text: a reference to the user would make this row wait for a
    transaction that has the user's row locked, which may be the one that asks.
    """
    _name = 'property.guess'
    _description = 'Attempt at a code'
    _log_access = False

    key = fields.Char(required=True)
    moment = fields.Datetime(required=True)

    _key_moment_idx = models.Index('(key, moment)')

    @api.model
    def _count(self, what, limits, hours):
        """ Count one attempt, and refuse it where there were too many.

        It is written and committed on a connection of its own: an attempt counts even if what
        follows fails and is rolled back.

        :param str what: what is tried, e.g. 'code'
        :param dict limits: who tries it, and how many attempts he has
        :param int hours: in how many hours
        :raises UserError: if there were as many already
        """
        with self.env.registry.cursor() as cr:
            for who, limit in sorted(limits.items()):
                key = f'{what}:{who}'
                # Of two attempts at once, one sees the other.
                cr.execute(SQL("SELECT pg_advisory_xact_lock(hashtext(%s))", key))
                cr.execute(SQL(
                    "SELECT count(*) FROM property_guess WHERE key = %s"
                    " AND moment > now() AT TIME ZONE 'UTC' - %s", key, timedelta(hours=hours)))
                if cr.fetchone()[0] >= limit:
                    raise UserError(self.env._(
                        "That were too many attempts. Try again in %(hours)s hours, or ask your "
                        "management office.", hours=hours))
                cr.execute(SQL(
                    "INSERT INTO property_guess (key, moment)"
                    " VALUES (%s, now() AT TIME ZONE 'UTC')", key))

    @api.autovacuum
    def _gc_guesses(self):
        self.search([('moment', '<', fields.Datetime.now() - KEEP)]).unlink()
