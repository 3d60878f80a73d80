import threading
from contextlib import contextmanager
from contextvars import ContextVar

from odoo import SUPERUSER_ID, models
from odoo.http import request

# Where the request comes from. Odoo takes the request itself away from XML-RPC and JSON-RPC calls.
rpc_source = ContextVar('rpc_source', default=None)


class PropertyAttemptMixin(models.AbstractModel):
    """ What is counted against guessing. """
    _name = 'property.attempt.mixin'
    _description = 'Attempts that are counted'

    @contextmanager
    def _one_at_a_time(self, *keys):
        """ The model in a transaction of its own, while nobody else is at one of the keys.

        What is counted in it survives the rollback of the request that failed, and requests sent
        at once are counted one after the other.
        """
        with self.env.registry.cursor() as cr:
            try:
                for lock in sorted(f'{self._name}:{key}' for key in keys):
                    cr.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [lock])
                cr.commit()  # what was committed while this one waited is seen from here on
                yield self.with_env(self.env(cr=cr, user=SUPERUSER_ID, su=True))
                cr.commit()
            finally:
                # The locks outlive the transaction, and the connection is used again.
                cr.rollback()
                cr.execute("SELECT pg_advisory_unlock_all()")

    def _get_source(self):
        """ The network address that the request comes from; None in a shell or a job. """
        if request:
            return request.httprequest.remote_addr
        is_served = hasattr(threading.current_thread(), 'url')
        return rpc_source.get() or ("unknown" if is_served else None)
