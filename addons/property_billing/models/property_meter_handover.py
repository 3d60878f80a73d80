from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tools import format_date

from ..tools.metering import FIRST, READ
from ..tools.planning import payer_on
from .property_meter_type import REGISTER_NAMES

METER_DECISIONS = [
    ('read', "Read at the hand-over"), ('by_days', "Divided by days"),
    ('stay', "Stays on the meter"),
]
METER_ONDELETE = {'read': 'cascade', 'by_days': 'cascade', 'stay': 'cascade'}


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

    def _decide_meter(self, line):
        """ What is not to be read is off the list; the rest stands on it to be read. """
        if line.decision == 'by_days':
            # sudo: as the list was made; the meter is one of his, which was checked before.
            self.sudo().line_ids.filtered(
                lambda item: item.meter_id.id == line.res_id).result = 'none'

    def _decide_prepaid(self, line):
        """ Who comes uses what is left: it is known from its reading alone. """


class PropertyHandoverMatter(models.Model):
    _inherit = 'property.handover.matter'

    decision = fields.Selection(selection_add=METER_DECISIONS, ondelete=METER_ONDELETE)


class PropertyOpenMatter(models.TransientModel):
    _inherit = 'property.open.matter'

    decision = fields.Selection(selection_add=METER_DECISIONS, ondelete=METER_ONDELETE)


class PropertyOccupancy(models.Model):
    """ A meter that is not read when its payer leaves divides what is used by days. """
    _inherit = 'property.occupancy'

    def _get_open_matters(self, last_day=None):
        """ Override of `property_base`: the meters that wait for their reading of the last day. """
        day = last_day or fields.Date.context_today(self)
        return super()._get_open_matters(last_day) + [
            self._prepare_matter(
                'meter', meter,
                self.env._("Meter %(meter)s, not read on %(day)s",
                           meter=meter.display_name, day=format_date(self.env, day)),
                ['read', 'by_days'])
            # sudo: who may move a customer out is told what follows from it.
            for meter in self.sudo()._get_unread_meters(day)
        ] + [
            self._prepare_matter(
                'prepaid', meter,
                self.env._("What is left on prepaid meter %(meter)s", meter=meter.display_name),
                ['stay'])
            for meter in self.sudo()._get_paid_assignments(day, 'prepaid').meter_id
        ]

    def _get_unread_meters(self, last_day):
        """ What these customers pay by meter on their last day, and can still be read then. """
        meters = self._get_paid_assignments(last_day, 'read').meter_id
        read = {
            meter: count for meter, count in self.env['property.meter.reading']._read_group(
                [('meter_id', 'in', meters.ids), ('date', '=', last_day),
                 ('state', 'in', ('accepted', 'queued')), ('is_border', '=', True)],
                ['meter_id'], ['register:count_distinct'])}
        return meters.filtered(lambda meter: (
            read.get(meter, 0) < len(meter.type_id._get_registers())
            and not (meter.date_billed and meter.date_billed >= last_day)))

    def _get_paid_assignments(self, last_day, mode):
        """ What these customers pay on their last day of what meters of a mode count. """
        assignments = self.env['property.fee.assignment'].search([
            ('unit_id', 'in', self.unit_id.ids), ('meter_id.mode', '=', mode),
            ('date_start', '<=', last_day),
            '|', ('date_end', '=', False), ('date_end', '>=', last_day)], order='meter_id')
        subjects = assignments._get_subjects(measured={})  # who pays, not what
        return assignments.filtered(lambda assignment: (
            payer_on(last_day, subjects[assignment].payers) in self.partner_id.ids))


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
