from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from ..tools.metering import FIRST, INSTALLED, REMOVED
from ..tools.periods import ONE_DAY

# What a row of a sheet may say; the rest is the round's.
ROW_FIELDS = {
    'meter_id', 'register', 'value', 'date', 'first_value', 'first_date', 'note', 'photo',
}
# Of an attempt to save, as a browser makes it: a UUID has 36.
MAX_TOKEN = 64


class PropertyMeterRound(models.Model):
    """ Meters of one type that are read for the same days (抄表批次). """
    _name = 'property.meter.round'
    _description = 'Reading round'
    _inherit = ['property.project.mixin', 'mail.thread']
    _order = 'date_end desc, id desc'
    _check_company_auto = True

    name = fields.Char(
        required=True, compute='_compute_name', store=True, readonly=False, precompute=True)
    type_id = fields.Many2one(
        'property.meter.type', string="Type", required=True, index=True, ondelete='restrict',
        check_company=True)
    building_ids = fields.Many2many(
        'property.building', string="Buildings", domain="[('project_id', '=', project_id)]",
        help="Empty: all meters of this type in the project.")
    month = fields.Date(
        string="Month of the fee", compute='_compute_month', store=True, readonly=False,
        precompute=True)
    date_start = fields.Date(
        string="From", required=True, tracking=True,
        default=lambda self: self.env['property.meter']._default_start())
    date_end = fields.Date(
        string="To", required=True, compute='_compute_date_end', store=True, readonly=False,
        precompute=True, tracking=True,
        help="Meters are read at the end of this day, unless the sheet says another one.")
    user_ids = fields.Many2many(
        'res.users', 'property_meter_round_user_rel', string="Readers",
        domain=lambda self: [
            ('all_group_ids', 'in', self.env.ref('property_billing.group_meter_read').id)],
        help="Who goes round. Others who may read these meters can enter readings, too.")
    state = fields.Selection(
        [('open', "Being read"), ('closed', "Finished")],
        required=True, default='open', readonly=True, copy=False, index=True, tracking=True)
    reading_ids = fields.One2many('property.meter.reading', 'round_id', string="Readings")
    meter_count = fields.Integer(string="Number of meters", compute='_compute_counts')
    read_count = fields.Integer(string="Meters read", compute='_compute_counts')
    missing_count = fields.Integer(string="Meters missing", compute='_compute_counts')
    queued_count = fields.Integer(string="Number to check", compute='_compute_counts')

    _dates_ordered = models.Constraint(
        'CHECK (date_end >= date_start)', "A round cannot end before it starts.")

    # === COMPUTE METHODS === #

    @api.depends('date_start')
    def _compute_date_end(self):
        for meter_round in self:
            start = meter_round.date_start
            meter_round.date_end = start and fields.Date.end_of(start, 'month')

    @api.depends('date_end')
    def _compute_month(self):
        for meter_round in self:
            end = meter_round.date_end
            meter_round.month = end and fields.Date.start_of(end, 'month')

    @api.depends('type_id', 'month')
    def _compute_name(self):
        for meter_round in self:
            if meter_round.type_id and meter_round.month:
                meter_round.name = f'{meter_round.type_id.name} {meter_round.month:%Y-%m}'

    @api.depends('reading_ids.state')
    def _compute_counts(self):
        queued = dict(self.env['property.meter.reading']._read_group(
            [('round_id', 'in', self.ids), ('state', '=', 'queued')], ['round_id'], ['__count']))
        for meter_round in self:
            meters = meter_round._get_meters()
            missing = meter_round._get_missing(meters)
            meter_round.meter_count = len(meters)
            meter_round.missing_count = len(missing)
            meter_round.read_count = len(meters) - len(missing)
            meter_round.queued_count = queued.get(meter_round._origin, 0)

    # === CONSTRAINT METHODS === #

    @api.constrains('project_id', 'building_ids')
    def _check_building_ids(self):
        for meter_round in self:
            foreign = meter_round.building_ids.filtered(
                lambda building, project=meter_round.project_id: building.project_id != project)
            if foreign:
                raise ValidationError(self.env._(
                    "%(building)s is not in %(project)s. A round is of one project.",
                    building=foreign[0].name, project=meter_round.project_id.name))

    @api.constrains('project_id', 'type_id', 'building_ids', 'date_start', 'date_end', 'state')
    def _check_days(self):
        """ The same meters are not read for the same days twice. """
        for meter_round in self.filtered(lambda meter_round: meter_round.state == 'open'):
            others = self.search([
                ('id', '!=', meter_round.id), ('state', '=', 'open'),
                ('project_id', '=', meter_round.project_id.id),
                ('type_id', '=', meter_round.type_id.id),
                ('date_start', '<=', meter_round.date_end),
                ('date_end', '>=', meter_round.date_start)])
            buildings = meter_round.building_ids
            for other in others:
                if not buildings or not other.building_ids or buildings & other.building_ids:
                    raise ValidationError(self.env._(
                        "%(round)s reads these meters for some of these days already. Finish it, "
                        "or go on with it.", round=other.name))

    @api.constrains('project_id', 'type_id', 'building_ids', 'date_start', 'date_end')
    def _check_readings(self):
        """ What was read in a round is in it. """
        for meter_round in self:
            if foreign := meter_round.reading_ids.filtered(
                    lambda reading, meter_round=meter_round: not reading._fits(meter_round)):
                raise ValidationError(self.env._(
                    "%(reading)s was entered in %(round)s and would not be of it any more. Make "
                    "another round instead.", reading=foreign[0].display_name,
                    round=meter_round.name))

    # === ACTION METHODS === #

    def action_close(self):
        self._check_officer()
        # sudo: the state is set by these two buttons, whose right is checked.
        self.sudo().state = 'closed'

    def action_open(self):
        self._check_officer()
        self.sudo().state = 'open'  # sudo: as in `action_close`

    def action_estimate(self):
        """ What is missing is put down as what probably was used (估抄). """
        self.ensure_one()
        self._check_officer()
        self._check_open()
        if self.date_end > fields.Date.context_today(self):
            raise UserError(self.env._(
                "%(round)s ends on %(day)s. Estimate what is missing from then on.",
                round=self.name, day=format_date(self.env, self.date_end)))
        meters = self._get_missing(self._get_meters())
        if not meters:
            raise UserError(self.env._("All meters of this round are read."))
        readings, left = meters._estimate(self.date_end, self.name, self)
        return {
            'type': 'ir.actions.client',
            'tag': 'display_notification',
            'params': {
                'type': 'warning' if left else 'success',
                'message': self.env._(
                    "%(count)s meters estimated.", count=len(readings.meter_id)) + (
                    ' ' + self.env._(
                        "Without a price or anything to estimate from, or read later: %(meters)s.",
                        meters=left.mapped('display_name')) if left else ''),
                'next': {'type': 'ir.actions.client', 'tag': 'soft_reload'},
            },
        }

    def action_view_missing(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id(
            'property_billing.property_meter_action')
        return {
            **action, 'display_name': self.env._("Meters missing"), 'context': {},
            'domain': [('id', 'in', self._get_missing(self._get_meters()).ids)],
        }

    def action_view_readings(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id(
            'property_billing.property_meter_reading_action')
        return {**action, 'domain': [('round_id', '=', self.id)], 'context': {}}

    def action_view_queued(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id(
            'property_billing.property_meter_reading_action_queue')
        return {
            **action, 'domain': [('round_id', '=', self.id), ('state', '=', 'queued')],
            'context': {},
        }

    # === BUSINESS METHODS: THE SHEET === #

    def save_readings(self, rows, token=None, by_phone=False):
        """ Store what rows of a sheet say: all of them, or none if one is wrong.

        :param list[dict] rows: `meter_id`, `register`, `value` as typed; `date` if it is not the
            last day of the round, `first_value` and `first_date` of a meter never read; `note` and
            `photo`
        :param str token: of this attempt: sent again after an answer that was lost, it is answered
            as the first time
        :return: `errors`: row, meter_id, register, field and message of each wrong cell; or
            `saved`: how many meters, and `queued`: what waits to be checked, and why
        :rtype: dict
        """
        rows = self._prepare_rows(rows)
        if token:
            if not isinstance(token, str) or len(token) > MAX_TOKEN:
                raise UserError(self.env._("Reload the page and save again."))
            for place, row in enumerate(rows):
                row['device_key'] = f'{token}:{place}'
            if known := self.env['property.meter.reading'].search([
                    ('device_key', 'in', [row['device_key'] for row in rows]),
                    ('round_id', '=', self.id), ('user_id', '=', self.env.uid)]):
                if {(reading.meter_id.id, reading.register) for reading in known} != {
                        (row.get('meter_id'), row.get('register')) for row in rows}:
                    raise UserError(self.env._("Reload the page and save again."))
                return self._report_saved(known)
        self._check_open()
        if errors := self._get_foreign_errors(rows):
            return {'errors': errors}
        errors, readings = self.env['property.meter.reading']._enter(
            rows, round_id=self.id, source='phone' if by_phone else 'sheet')
        return {'errors': errors} if errors else self._report_saved(readings)

    @api.model
    def _report_saved(self, readings):
        return {
            'saved': len(readings.meter_id),
            'queued': [
                {
                    'meter_id': reading.meter_id.id, 'register': reading.register,
                    'reading_id': reading.id, 'reason': reading.reason,
                    'message': reading.reason_detail,
                }
                for reading in readings if reading.state == 'queued'],
        }

    def _prepare_rows(self, rows):
        """ What comes from a sheet, with the days of the round where it says no others. """
        self.ensure_one()
        self.check_access('read')
        self.env['property.meter.reading']._check_reader()
        prepared = []
        for row in rows:
            values = {name: row[name] for name in row.keys() & ROW_FIELDS}
            if not isinstance(values.get('meter_id'), int):
                values['meter_id'] = False
            for name, usual in (
                    ('date', self.date_end), ('first_date', self.date_start - ONE_DAY)):
                try:
                    values[name] = fields.Date.to_date(values.get(name)) or usual
                except (TypeError, ValueError) as error:
                    raise UserError(self.env._(
                        "“%(day)s” is no day: write it as 2026-03-31.", day=values[name],
                    )) from error
            prepared.append(values)
        return prepared

    def _get_foreign_errors(self, rows):
        """ Rows of meters and days that are not of this round. """
        errors = []
        known = self.env['property.meter.reading']._get_meters(rows)
        foreign = {meter.id: meter for meter in known - self._get_meters()}
        for place, row in enumerate(rows):
            if meter := foreign.get(row.get('meter_id')):
                field, message = 'meter_id', self.env._(
                    "%(meter)s is not read in %(round)s.", meter=meter.display_name,
                    round=self.name)
            elif not self.date_start <= row['date'] <= self.date_end:
                field, message = 'date', self.env._(
                    "%(round)s is from %(start)s to %(end)s.", round=self.name,
                    start=format_date(self.env, self.date_start),
                    end=format_date(self.env, self.date_end))
            else:
                continue
            errors.append({
                'row': place, 'meter_id': row.get('meter_id'), 'register': row.get('register'),
                'field': field, 'message': message})
        return errors

    # === BUSINESS METHODS === #

    def _check_officer(self):
        self.check_access('write')

    def _check_open(self):
        if self.state != 'open':
            raise UserError(self.env._(
                "%(round)s is finished. Open it again to enter readings.", round=self.name))

    def _get_meter_domain(self):
        """ Which meters are read in this round. """
        self.ensure_one()
        domain = Domain([
            ('project_id', '=', self.project_id.id), ('type_id', '=', self.type_id.id),
            ('mode', '=', 'read'), ('date_start', '<=', self.date_end),
            '|', ('date_end', '=', False), ('date_end', '>=', self.date_end)])
        if self.building_ids:
            domain &= Domain('building_id', 'in', self.building_ids.ids)
        return domain

    def _get_meters(self):
        if not (self.project_id and self.type_id and self.date_end):
            return self.env['property.meter']
        return self.env['property.meter'].search(self._get_meter_domain())

    def _get_missing(self, meters):
        """ Those of its meters that have no reading of all their registers in its days, be it one
        that waits to be checked.
        """
        if not meters:
            return meters
        registers = len(self.type_id._get_registers())
        read = self.env['property.meter.reading']._read_group(
            self._get_present_domain(meters) & Domain('state', 'in', ('accepted', 'queued')),
            ['meter_id'], ['register:count_distinct'])
        return meters - meters.browse(meter.id for meter, count in read if count >= registers)

    def _get_present_domain(self, meters):
        """ What was read of meters in the days of this round. What was read at a hand-over before
        its last day is no more than that.
        """
        return Domain([
            ('meter_id', 'in', meters.ids),
            ('kind', 'not in', (FIRST, REMOVED, INSTALLED)), ('is_border', '=', True),
            ('date', '>=', self.date_start), ('date', '<=', self.date_end),
            '|', ('source', '!=', 'handover'), ('date', '=', self.date_end)])
