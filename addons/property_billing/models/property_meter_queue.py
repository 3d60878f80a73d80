from markupsafe import Markup, escape

from odoo import api, models
from odoo.fields import Domain

CHECK_ACTIVITY = 'property_billing.mail_activity_type_readings'
SHOWN_READINGS = 3  # named in the activity


class PropertyMeterRound(models.Model):
    _name = 'property.meter.round'
    _inherit = ['property.meter.round', 'mail.activity.mixin']


class PropertyMeterReading(models.Model):
    """ Who looks at readings that wait is called once a round; of what devices read meanwhile,
    once a project.
    """
    _inherit = 'property.meter.reading'

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        readings = super().create(vals_list)
        readings.filtered(lambda reading: reading.state == 'queued')._call_to_check()
        return readings

    def write(self, vals):
        if 'state' not in vals:
            return super().write(vals)
        waited = self.filtered(lambda reading: reading.state == 'queued')
        result = super().write(vals)
        if vals['state'] == 'queued':
            (self - waited)._call_to_check()
        else:
            self._call_off(waited._get_checked_records())
        return result

    def unlink(self):
        records = self.filtered(lambda reading: reading.state == 'queued')._get_checked_records()
        result = super().unlink()
        self._call_off(records)
        return result

    # === BUSINESS METHODS === #

    def _get_checked_records(self):
        """ With what these are put before somebody: their rounds, and projects of those in none.
        """
        # sudo: whoever enters or decides; nothing of them is shown to him.
        self_sudo = self.sudo()
        in_none = self_sudo.filtered(lambda reading: not reading.round_id)
        return self_sudo.round_id, in_none.project_id

    def _call_to_check(self):
        """ Put these before the manager of their project, unless others are already. """
        by_record = self.sudo().grouped(lambda reading: reading.round_id or reading.project_id)
        called = {
            (activity.res_model, activity.res_id, activity.user_id)
            for records in filter(None, self._get_checked_records())
            for activity in records.activity_search([CHECK_ACTIVITY])}
        for record, readings in by_record.items():
            user = readings.project_id.user_id
            if user and (record._name, record.id, user) not in called:
                record.activity_schedule(
                    CHECK_ACTIVITY, user_id=user.id,
                    note=readings.with_context(lang=user.lang)._get_call())

    def _get_call(self):
        lines = [
            f'{reading.meter_id.display_name}: {reading._get_why()}'
            for reading in self[:SHOWN_READINGS]]
        if len(self) > SHOWN_READINGS:
            lines.append(self.env._("and %(count)s more", count=len(self) - SHOWN_READINGS))
        link = Markup('<a href="/odoo/property-readings-to-check">%s</a>') % self.env._(
            "Readings to check")
        return Markup('<br/>').join([*map(escape, lines), link])

    @api.model
    def _call_off(self, checked):
        """ Nothing waits any more where the last one was decided. """
        for records in checked:
            if not records:
                continue
            field = 'project_id' if records._name == 'property.project' else 'round_id'
            domain = Domain(field, 'in', records.ids) & Domain('state', '=', 'queued')
            if field == 'project_id':
                domain &= Domain('round_id', '=', False)
            # sudo: of all, whoever decided about the last of his own.
            waiting = self.sudo()._read_group(domain, [field])
            waiting = records.browse(record.id for [record] in waiting)
            (records - waiting).activity_unlink([CHECK_ACTIVITY])
