from datetime import date

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools.periods import ONE_DAY


class PropertyFeeAssignment(models.Model):
    """ The fee of what a meter counts: charged from reading to reading. """
    _inherit = 'property.fee.assignment'

    meter_id = fields.Many2one(
        'property.meter', string="Meter", index='btree_not_null', ondelete='restrict',
        check_company=True, tracking=True,
        domain="[('unit_id', '=', unit_id), ('type_id.fee_id', 'in', (fee_id, False))]",
        help="What it counts is charged, where the tariff is by meter.",
    )
    is_metered = fields.Boolean(string="By meter", compute='_compute_is_metered')

    _of_meter = models.Constraint(
        'CHECK (meter_id IS NULL OR tariff_id IS NOT NULL)', "What a meter counts has a tariff.",
    )
    _metered_once = models.Constraint(
        "EXCLUDE USING gist (meter_id WITH =, daterange(date_start, date_end, '[]') WITH &&) "
        "WHERE (active AND meter_id IS NOT NULL)",
        "This meter has a tariff in that time already. End that one the day before.",
    )

    @api.depends('tariff_id.basis')
    def _compute_is_metered(self):
        for assignment in self:
            assignment.is_metered = assignment.tariff_id.basis == 'metered'

    @api.depends('meter_id.number')
    def _compute_display_name(self):
        """ Override: of several meters in a unit, which one. """
        super()._compute_display_name()
        for assignment in self.filtered('meter_id'):
            assignment.display_name += f' · {assignment.meter_id.number}'

    @api.onchange('tariff_id', 'unit_id')
    def _onchange_meter_id(self):
        """ Of the only meter that fits there is nothing to choose. """
        if self.tariff_id.basis != 'metered':
            self.meter_id = False
        elif self.unit_id and self.meter_id.unit_id != self.unit_id:
            meters = self.env['property.meter'].search([
                ('unit_id', '=', self.unit_id._origin.id),
                ('type_id.fee_id', 'in', (self.tariff_id.fee_id._origin.id, False))], limit=2)
            self.meter_id = meters if len(meters) == 1 else False

    @api.constrains('tariff_id', 'meter_id', 'unit_id')
    def _check_meter_id(self):
        for assignment in self:
            tariff, meter = assignment.tariff_id, assignment.meter_id
            if (tariff.basis == 'metered') != bool(meter):
                raise ValidationError(
                    self.env._(
                        "%(tariff)s charges what a meter counts. Choose the meter of %(unit)s.",
                        tariff=tariff.display_name, unit=assignment.unit_id.complete_name)
                    if not meter else self.env._(
                        "%(tariff)s is not charged by meter. Leave the meter empty.",
                        tariff=tariff.display_name))
            if meter and meter.unit_id != assignment.unit_id:
                raise ValidationError(self.env._(
                    "Meter %(meter)s is not one of %(unit)s.", meter=meter.display_name,
                    unit=assignment.unit_id.complete_name))
            fee = meter.type_id.fee_id
            if fee and fee != assignment.fee_id:
                raise ValidationError(self.env._(
                    "Meter %(meter)s is read for %(fee)s, not for %(other)s.",
                    meter=meter.display_name, fee=fee.name, other=assignment.fee_id.name))

    @api.constrains('tariff_id', 'meter_id')
    def _check_registers(self):
        # Of a tariff that is not by meter `_check_meter_id` says more.
        for assignment in self.filtered(lambda assignment: (
                assignment.meter_id and assignment.is_metered)):
            assignment.tariff_id._check_meter(assignment.meter_id)

    def write(self, vals):
        """ Override: the readings that it was billed by are locked with its meter. """
        if 'meter_id' in vals and not self.env.su:
            self.filtered(
                lambda assignment: assignment.meter_id.id != vals['meter_id'])._check_not_billed()
        return super().write(vals)

    # === BUSINESS METHODS === #

    def _get_measured(self, since, typed=None):
        """ What the meters of these counted, as `_get_subjects` takes it.

        :param dict since: from which day on it is asked for: `{assignment: date}`
        :param dict typed: readings that are not stored: `{meter id: {register: [Reading]}}`
        """
        days = {}
        for assignment, day in since.items():
            if meter := assignment.meter_id:
                days[meter.id] = min(day, days.get(meter.id, day))
        return self.meter_id._get_measured(typed, days)

    def _get_first_open_days(self, covered):
        """ The first day of each of these that no charge covers: `{assignment: date}`.

        :param dict covered: as of `_read_covered_days`
        """
        days = {}
        for assignment in self:
            start = assignment.date_start
            [(first, end), *_later] = covered.get(assignment.id) or [(date.max, date.max)]
            days[assignment] = end if first <= start < end else start
        return days

    def _get_no_reading(self, day):
        """ Why nothing can be charged from a day on, as `_get_left_out_reason` says it. """
        return 'no_reading', {
            'text': 'no_reading', 'meter': self.meter_id.display_name,
            'day': fields.Date.to_string(day - ONE_DAY)}

    def _prepare_unread_vals(self, subject, until):
        """ A left out charge for the days since the last reading, where one is overdue: more than
        a cycle of the tariff ends before `until`.

        :param date until: the last day of a run
        :return: the values, or None
        """
        self.ensure_one()
        if self.meter_id.mode != 'read' or not self.meter_id.active:
            return None
        intervals = subject.measured.intervals
        since = max(subject.start, intervals[-1][1] if intervals else date.min)
        last = min(until, self.date_end or until, self.meter_id.date_end or until)
        due = fields.Date.add(since, months=self.tariff_id.cycle_months)
        if since > last or (due > last + ONE_DAY and last == until):
            return None
        reason, values = self._get_no_reading(since)
        unit = self.unit_id
        return {
            'assignment_id': self.id, 'unit_id': unit.id, 'building_id': unit.building_id.id,
            'project_id': unit.project_id.id, 'company_id': unit.company_id.id,
            'fee_id': self.fee_id.id, 'tariff_id': self.tariff_id.id, 'amount': 0,
            'date_start': since, 'date_end': last, 'state': 'left_out', 'reason': reason,
            'reason_values': values,
        }
