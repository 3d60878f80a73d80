from hashlib import sha1

from odoo import models
from odoo.exceptions import LockError

from odoo.addons.queue_job.exception import RetryableJobError

LIVE_JOB_STATES = ('wait_dependencies', 'pending', 'enqueued', 'started')


class PropertyJobMixin(models.AbstractModel):
    """ A record whose long steps run as jobs in slices.

    A job may be killed, repeated or come late: it first looks whether its work is still wanted,
    and what is missing is always found in the data.
    """
    _name = 'property.job.mixin'
    _description = 'Long steps as jobs'

    def action_retry(self):
        """ Run the jobs that failed once more. """
        for record in self:
            record.check_access('write')
            record._get_jobs(('failed',)).requeue()  # sudo: queue jobs are the administrator's

    # === BUSINESS METHODS: JOBS === #

    def _delay(self, step, ids):
        """ This record as a job of one step; the same work waits in the queue once only. """
        digest = sha1(repr(tuple(ids)).encode()).hexdigest()
        return self.with_delay(
            identity_key=f'{self._name}/{self.id}/{step}/{digest}',
            max_retries=0, description=f'{self.display_name}: {step}',
        )

    def _get_jobs(self, states, step=None):
        # sudo: queue jobs are the administrator's; these are only counted and shown.
        prefix = f'{self._name}/{self.id or 0}/' + (f'{step}/' if step else '')
        return self.env['queue.job'].sudo().search([
            ('identity_key', '=like', f'{prefix}%'), ('state', 'in', states)])

    def _lock_slice(self, records):
        """ Two jobs may hold the same records after a pause; the later one waits its turn. """
        try:
            records.lock_for_update(allow_referencing=True)
        except LockError as error:
            raise RetryableJobError(str(error), seconds=5, ignore_retry=True) from error
