from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models


class ResUsersRoleLine(models.Model):
    _inherit = 'res.users.role.line'

    @api.depends('date_from', 'date_to', 'user_id.tz')
    def _compute_is_enabled(self):
        """ Override of `base_user_role`: a day is a day where the user lives, not in London. """
        for line in self:
            today = fields.Date.context_today(
                line.with_context(tz=line._get_timezone().zone))
            line.is_enabled = (
                (not line.date_from or line.date_from <= today)
                and (not line.date_to or line.date_to >= today))

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._schedule_update()
        return lines

    def write(self, vals):
        result = super().write(vals)
        self._schedule_update()
        return result

    def _get_timezone(self):
        return pytz.timezone(self.user_id.tz or self.env.user.tz or 'UTC')

    def _schedule_update(self):
        """ Have roles begin and end at midnight, not whenever the daily job runs. """
        moments = []
        for line in self:
            days = [line.date_from, line.date_to and line.date_to + timedelta(days=1)]
            moments += [
                line._get_timezone().localize(datetime.combine(day, time.min))
                .astimezone(pytz.utc).replace(tzinfo=None)
                for day in days if day]
        now = fields.Datetime.now()
        if moments := [moment for moment in moments if moment > now]:
            # sudo: the job is of the system, whoever gives the role.
            self.env.ref('base_user_role.cron_update_users').sudo()._trigger(at=moments)
