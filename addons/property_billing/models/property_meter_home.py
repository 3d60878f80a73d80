from odoo import api, fields, models
from odoo.fields import Domain

from .property_meter_loss import LOSS_ACTIVITY


class PropertyHome(models.AbstractModel):
    """ What meters say on the front page. """
    _inherit = 'property.home'

    @api.model
    def _get_reminders(self, projects):
        """ Readings that wait for who decides about them, rounds whose days are over, bought units
        that are not on the meter yet, households that nobody has confirmed, and main meters that
        lose more than they may.
        """
        reminders = super()._get_reminders(projects)
        if not self.env.user.has_group('property_billing.group_billing_officer'):
            return reminders
        of_projects = self._get_project_domain(projects)
        return reminders + [
            self._prepare_item(
                'readings', self.env._("Readings to check"),
                'property_billing.property_meter_reading_action_queue',
                of_projects & Domain('state', '=', 'queued'), icon='fa-tachometer'),
            self._prepare_item(
                'rounds', self.env._("Reading rounds to finish"),
                'property_billing.property_meter_round_action',
                of_projects & Domain('state', '=', 'open')
                & Domain('date_end', '<', fields.Date.context_today(self)),
                icon='fa-tachometer'),
            self._prepare_item(
                'units_to_write', self.env._("Bought units to write"),
                'property_billing.property_meter_event_action_top_up',
                of_projects & Domain('write_state', '=', 'to_write'), icon='fa-bolt'),
            self._prepare_item(
                'allowances', self.env._("Household allowances to submit"),
                'property_billing.property_meter_allowance_action',
                of_projects & Domain('state', '=', 'draft'), icon='fa-users'),
            self._prepare_item(
                'losses', self.env._("Losses above what is allowed"),
                'property_billing.property_meter_action',
                of_projects & Domain(
                    'activity_ids.activity_type_id', '=', self.env.ref(LOSS_ACTIVITY).id),
                icon='fa-tint'),
        ]
