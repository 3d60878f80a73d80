from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

KEEP = timedelta(days=2)


class PropertyGuess(models.Model):
    """ That somebody tried an invitation code or identity data, so that nobody tries many. """
    _name = 'property.guess'
    _description = 'Attempt at a code'
    _inherit = ['property.attempt.mixin']

    key = fields.Char(required=True, readonly=True)

    _key_idx = models.Index('(key, create_date)')

    @api.model
    def _count(self, what, limit, source_limit, hours):
        """ Count one attempt of the user, and of the network address that he comes from. It counts
        even if what follows fails and is rolled back.

        :param str what: what is tried, e.g. 'code'
        :param int limit: how many attempts a user has
        :param int source_limit: how many come from one address, which many people may share
        :param int hours: in how many hours
        :raises UserError: if there were as many already
        """
        limits = {} if self.env.user._is_public() else {f'{what} user {self.env.uid}': limit}
        if source := self._get_source():
            limits[f'{what} address {source}'] = source_limit
        with self._one_at_a_time(*limits) as alone:
            since = fields.Datetime.now() - timedelta(hours=hours)
            for key, most in limits.items():
                if alone.search_count(
                        [('key', '=', key), ('create_date', '>', since)], limit=most) >= most:
                    raise UserError(self.env._(
                        "Those were too many attempts. Try again in %(hours)s hours, or ask your "
                        "management office.", hours=hours))
            alone.create([{'key': key} for key in limits])

    @api.autovacuum
    def _gc_guesses(self):
        self.search([('create_date', '<', fields.Datetime.now() - KEEP)]).unlink()
