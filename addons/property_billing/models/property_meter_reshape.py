from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from .property_unit_reshape import PAYER_FIELDS, get_payer


class PropertyUnit(models.Model):
    _inherit = 'property.unit'

    property_meter_ids = fields.One2many(
        'property.meter', 'unit_id', string="Meters", groups='property_billing.group_meter_read')

    def _carry_over(self, units, date):
        """ Meters go on in the first of the new units, until somebody says otherwise, and with
        them what they are charged by and what their tiers depend on.
        """
        super()._carry_over(units, date)
        # sudo: who splits and merges units need not read meters, nor assign fees.
        meters_sudo = self.sudo().with_context(active_test=False).property_meter_ids
        if waiting := self.env['property.meter.reading'].sudo().search(
                [('meter_id', 'in', meters_sudo.ids), ('state', '=', 'queued')], limit=1):
            raise UserError(self.env._(
                "A reading of %(meter)s waits to be checked. Decide about it first.",
                meter=waiting.meter_id.display_name))
        assignments_sudo = self.env['property.fee.assignment'].sudo().search([
            ('meter_id', 'in', meters_sudo.ids), ('unit_id', 'in', self.ids),
            '|', ('date_end', '=', False), ('date_end', '>=', date)])
        starts = self._get_first_uncharged_days(assignments_sudo, date)
        vals_list = [
            {
                'unit_id': units[0].id, 'tariff_id': assignment.tariff_id.id,
                'meter_id': assignment.meter_id.id,
                **dict(zip(PAYER_FIELDS, get_payer(assignment), strict=True)),
                'date_start': starts[assignment], 'date_end': assignment.date_end,
            }
            for assignment in assignments_sudo
            if not assignment.date_end or assignment.date_end >= starts[assignment]]
        assignments_sudo._end_before(starts)
        meters_sudo.unit_id = units[0]
        assignments_sudo.create(vals_list)
        begun = [starts[a] for a in assignments_sudo if a.date_start <= date]
        last_day = fields.Date.subtract(max(begun, default=date), days=1)
        self._carry_allowances(units[0], last_day)
        self._tell_unread(units[0], assignments_sudo.meter_id, fields.Date.subtract(date, days=1))

    def _tell_unread(self, unit, meters_sudo, day):
        """ What was used until the last day of these units is divided by days, if it is not read.
        """
        last = meters_sudo.filtered(lambda meter: meter.mode == 'read')._get_last_readings(
            fields.Date.add(day, days=1))
        unread = meters_sudo.filtered(lambda meter: meter.id in last and any(
            reading.day < day for reading in last[meter.id].values()))
        if unread:
            unit.message_post(body=self.env._(
                "Not read on %(day)s, so what is used is divided by days: %(meters)s. A reading of "
                "that day divides it as it was.", day=format_date(self.env, day),
                meters=unread.mapped('display_name')))
