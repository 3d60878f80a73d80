from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

from ..tools.metering import FIRST, READ
from .property_meter_type import REGISTER_NAMES


class PropertyHandover(models.Model):
    """ The meters of a unit are read when it changes hands, so that each pays what he used. """
    _inherit = 'property.handover'

    @api.model
    def _create_handover(self, kind, unit, partner, role, date, **vals):
        """ Override of `property_base`: a line for each register of the unit's own meters, in the
        place of those that the checklist has for units without.
        """
        handover = super()._create_handover(kind, unit, partner, role, date, **vals)
        # sudo: who hands over need not read meters; what hangs in the unit is on his list.
        meters_sudo = self.env['property.meter'].sudo().search([
            ('unit_id', '=', unit.id), ('date_start', '<=', date),
            '|', ('date_end', '=', False), ('date_end', '>=', date)])
        if meters_sudo:
            handover_sudo = handover.sudo()  # sudo: as `super()` writes it
            names = dict(self.env['property.handover.line']._fields[
                'register']._description_selection(
                    self.with_context(lang=partner.lang or self.env.lang).env))
            handover_sudo.line_ids = [
                *(Command.delete(line.id) for line in handover_sudo.line_ids
                  if line.kind == 'meter'),
                *(Command.create({
                    'name': ' · '.join(filter(None, (
                        meter.type_id.name, meter.number,
                        len(meter.type_id._get_registers()) > 1 and names[register]))),
                    'kind': 'meter', 'meter_id': meter.id, 'register': register,
                }) for meter in meters_sudo for register in meter.type_id._get_registers()),
            ]
        return handover

    def action_done(self):
        """ Override of `property_base`: what the meters showed counts as read on the last day of
        who leaves, so that nothing is divided by days.
        """
        result = super().action_done()
        for handover in self:
            handover._enter_readings()
        return result

    def _enter_readings(self):
        """ What cannot count as a reading any more is told, and stays on the list. """
        self.ensure_one()
        day = self._get_last_day()
        lines = self.line_ids.filtered(lambda line: line.meter_id and line.result != 'none')
        # sudo: completing a hand-over is the right to read the meters on its list.
        Reading = self.env['property.meter.reading'].sudo()
        last = lines.sudo().meter_id._get_last_readings()
        known = {(meter.id, register) for meter, register in Reading._read_group(
            [('meter_id', 'in', lines.sudo().meter_id.ids), ('date', '=', day),
             ('state', 'in', ('accepted', 'queued'))], ['meter_id', 'register'])}
        rows = [
            {
                'meter_id': line.meter_id.id, 'register': line.register, 'date': day,
                'value': line.reading,
                'kind': READ if line.register in last.get(line.meter_id.id, {}) else FIRST,
            }
            for line in lines if (line.meter_id.id, line.register) not in known]
        faults, readings = Reading._enter(rows, source='handover', note=self.display_name)
        if typed := [fault['message'] for fault in faults if fault['field'] == 'value']:
            raise UserError('\n'.join(typed))
        if faults:
            wrong = {fault['row'] for fault in faults}
            Reading._enter(
                [row for place, row in enumerate(rows) if place not in wrong],
                source='handover', note=self.display_name)
            self.message_post(body=self.env._(
                "Not taken as readings, so use is divided by days: %(reasons)s",
                reasons=' '.join(fault['message'] for fault in faults)))


class PropertyHandoverLine(models.Model):
    _inherit = 'property.handover.line'

    meter_id = fields.Many2one(
        'property.meter', readonly=True, index='btree_not_null', ondelete='restrict')
    register = fields.Selection(REGISTER_NAMES, string="Rate period", readonly=True)

    @api.constrains('meter_id', 'handover_id')
    def _check_meter_id(self):
        """ Whose meter it is nobody chooses: completing the list reads it. """
        for line in self.sudo():  # sudo: who hands over need not read meters
            if line.meter_id and line.meter_id.unit_id != line.handover_id.unit_id:
                raise ValidationError(self.env._(
                    "%(meter)s does not hang in %(unit)s.", meter=line.meter_id.number,
                    unit=line.handover_id.unit_id.complete_name))
