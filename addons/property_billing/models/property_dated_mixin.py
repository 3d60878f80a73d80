from odoo import models
from odoo.fields import Domain

from ..tools.periods import ONE_DAY


class PropertyDatedMixin(models.AbstractModel):
    """ Something that is in force from `date_start` to `date_end`, one after the other. """
    _name = 'property.dated.mixin'
    _description = 'In force from a day to a day'
    _dated_by = None  # the field that names what it is of

    def _get_in_force_domain(self):
        """ What counts, where something may also wait or be refused. """
        return Domain.TRUE

    def _end_former(self, starts):
        """ End what has no end yet the day before its successor starts.

        :param dict starts: the first day of the successor, by the id of what it is of
        """
        for former in self.search(
                self._get_in_force_domain() & Domain(self._dated_by, 'in', list(starts))
                & Domain('date_end', '=', False)):
            start = starts[former[self._dated_by].id]
            if not former.date_start or former.date_start < start:
                former.date_end = start - ONE_DAY
        self.flush_model(['date_end'])  # before the database sees the new one
