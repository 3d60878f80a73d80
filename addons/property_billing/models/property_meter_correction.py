from odoo import models
from odoo.fields import Domain

from ..tools.periods import ONE_DAY


class PropertyMeter(models.Model):
    """ What is billed by readings that turn out to be others. """
    _inherit = 'property.meter'

    def _propose_correction(self, day, reason, until=None):
        """ What readings from a day on that are others now change of what is billed: its own
        periods, and those of the account of their tiers after them.

        :param date until: the last day of which the reading is another one, if not `day`
        :return: an action, as `property.charge` proposes it
        """
        self.ensure_one()
        return self._search_billed(day, until)._propose_correction(reason)

    def _search_billed(self, day, until=None):
        """ The charges that these readings may change: see `_propose_correction`. """
        Charge = self.env['property.charge']
        charges = Charge.search(
            Charge._get_computed_domain() & Domain('assignment_id.meter_id', '=', self.id)
            & Domain('date_end', '>=', day), order='date_end, id')
        # What the first period after the readings used belongs to the account of its last day.
        after = charges.filtered(lambda charge: charge.date_end > (until or day))[:1]
        if after:
            last_day = after._get_period()[1] - ONE_DAY
            _start, end = after.tariff_id._get_account().period_on(last_day)
            charges = charges.filtered(lambda charge: charge.date_start < end)
        return charges
