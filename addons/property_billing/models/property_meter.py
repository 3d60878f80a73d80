import re
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..tools.metering import FIRST, Reading

# How use is counted from what its dial shows; only an exchange changes that.
DIAL_FIELDS = {'type_id', 'multiplier', 'digits', 'decimals'}
FIXED_FIELDS = DIAL_FIELDS | {'mode', 'number', 'unit_id'}
# Of a reading, as `_collect_chain` takes them.
CHAIN_COLUMNS = SQL(
    "id, meter_id, register, date, sequence, value::text, kind, rollovers, multiplier::text,"
    " digits, is_border, is_restart")


def _get_duplicate_message(env, diagnostics):
    """ Name the number that PostgreSQL's report on `_number_uniq` is about. """
    match = re.search(
        r'=\(\d+, \d+, (.*)\)', diagnostics and diagnostics.message_detail or '', re.DOTALL)
    return env._(
        "Number %(number)s exists already among the meters of this type. Open that meter, or "
        "enter the number on the dial of this one.", number=match[1] if match else '')


class PropertyMeter(models.Model):
    """ What measures the use of a unit, or of a part of the project that all share (表具). """
    _name = 'property.meter'
    _description = 'Meter'
    _inherit = ['property.project.mixin', 'mail.thread']
    _order = 'project_id, building_id, unit_id, type_id, number'
    _rec_names_search = ['number', 'name', 'unit_id.complete_name']
    _check_company_auto = True

    name = fields.Char(help="What it is called where its number says nothing, e.g. Garden.")
    number = fields.Char(
        string="Meter number", required=True, copy=False, index='trigram', tracking=True)
    active = fields.Boolean(default=True)
    type_id = fields.Many2one(
        'property.meter.type', string="Type", required=True, ondelete='restrict',
        check_company=True, tracking=True,
    )
    mode = fields.Selection(
        [('read', "Read regularly"), ('prepaid', "Prepaid")], required=True, default='read',
        tracking=True,
        help="Prepaid meters count down what was bought: their readings are a control only.",
    )
    unit_id = fields.Many2one(
        'property.unit', index='btree_not_null', ondelete='restrict', tracking=True,
        help="Empty: it measures what several share, or a part of the building or project.",
    )
    building_id = fields.Many2one(
        'property.building', compute='_compute_building_id', store=True, readonly=False,
        precompute=True, index='btree_not_null', ondelete='restrict',
    )
    project_id = fields.Many2one(
        compute='_compute_project_id', store=True, readonly=False, precompute=True,
    )
    place = fields.Char(string="Where it hangs", help="E.g. shaft on the 3rd floor.")
    parent_id = fields.Many2one(
        'property.meter', string="Main meter", index='btree_not_null', ondelete='restrict',
        domain="[('project_id', '=', project_id), ('type_id', '=', type_id), ('id', '!=', id)]",
    )
    child_ids = fields.One2many('property.meter', 'parent_id', string="Sub-meters")
    multiplier = fields.Float(
        required=True, default=1, digits=(16, 4), tracking=True,
        help="What the dial shows counts so many times, e.g. 20 behind a current transformer.",
    )
    digits = fields.Integer(
        string="Digits of the dial", required=True, compute='_compute_dial', store=True,
        readonly=False, precompute=True, help="Before the decimal point.",
    )
    decimals = fields.Integer(
        string="Decimals of the dial", compute='_compute_dial', store=True, readonly=False,
        precompute=True, help="After the decimal point.",
    )
    unit_name = fields.Char(related='type_id.unit_name')
    maker = fields.Char()
    collector = fields.Char(
        string="Collector ID", copy=False, help="Of the device that reads it at a distance.")
    date_start = fields.Date(
        string="In use from", required=True, default=lambda self: self._default_start())
    date_end = fields.Date(string="In use until", tracking=True)
    reading_ids = fields.One2many('property.meter.reading', 'meter_id', string="Readings")
    last_day = fields.Date(string="Last read", compute='_compute_last_reading')
    last_value = fields.Float(
        string="Last reading", digits=(16, 3), compute='_compute_last_reading',
        help="Of a meter with several registers, their sum.",
    )
    date_billed = fields.Date(
        string="Billed until", compute='_compute_date_billed',
        help="No reading of this day or before it is added, changed or taken back.",
    )

    _number_uniq = models.UniqueIndex(
        '(project_id, type_id, number) WHERE active', _get_duplicate_message)
    _number_given = models.Constraint(
        "CHECK (TRIM(number) != '')", "Enter the number of the meter.")
    _multiplier_positive = models.Constraint(
        'CHECK (multiplier > 0)', "The multiplier of a meter is more than zero.")
    _dial_possible = models.Constraint(
        'CHECK (digits BETWEEN 1 AND 9 AND decimals BETWEEN 0 AND 3)',
        "A dial has 1 to 9 digits and up to 3 decimals.",
    )
    _dates_ordered = models.Constraint(
        'CHECK (date_end IS NULL OR date_end >= date_start)',
        "A meter is not in use until a day before the first one.",
    )
    _project_type = models.Index('(project_id, type_id)')

    @api.model
    def _default_start(self):
        """ The first of last month, of which the first round mostly is. """
        return fields.Date.subtract(
            fields.Date.start_of(fields.Date.context_today(self), 'month'), months=1)

    # === COMPUTE METHODS === #

    @api.depends('unit_id')
    def _compute_building_id(self):
        for meter in self:
            meter.building_id = meter.unit_id.building_id or meter.building_id

    @api.depends('building_id')
    def _compute_project_id(self):
        for meter in self:
            meter.project_id = meter.building_id.project_id or meter.project_id

    @api.depends('type_id')
    def _compute_dial(self):
        for meter in self:
            meter.digits = meter.type_id.digits
            meter.decimals = meter.type_id.decimals

    @api.depends('number', 'name', 'unit_id.complete_name')
    def _compute_display_name(self):
        for meter in self:
            meter.display_name = ' · '.join(filter(None, (
                meter.number, meter.unit_id.complete_name or meter.name)))

    @api.depends('reading_ids.state', 'reading_ids.value', 'reading_ids.date')
    def _compute_last_reading(self):
        last = self._get_last_readings()
        for meter in self:
            readings = last.get(meter._origin.id, {}).values()
            meter.last_day = max((reading.day for reading in readings), default=False)
            meter.last_value = sum(reading.value for reading in readings)

    def _compute_date_billed(self):
        billed = self._get_billed_days()
        for meter in self:
            meter.date_billed = billed.get(meter, False)

    # === CONSTRAINT METHODS === #

    @api.constrains('project_id', 'building_id', 'unit_id')
    def _check_place(self):
        for meter in self:
            if meter.unit_id and meter.unit_id.building_id != meter.building_id or (
                    meter.building_id and meter.building_id.project_id != meter.project_id):
                raise ValidationError(self.env._(
                    "%(meter)s: unit, building and project do not belong together.",
                    meter=meter.display_name))

    @api.constrains('parent_id', 'project_id', 'type_id')
    def _check_parent_id(self):
        if self._has_cycle():
            raise ValidationError(self.env._("A meter is not behind itself."))
        for meter in self | self.child_ids:
            parent = meter.parent_id
            if parent and (parent.project_id, parent.type_id) != (meter.project_id, meter.type_id):
                raise ValidationError(self.env._(
                    "%(meter)s: its main meter is one of the same project and type.",
                    meter=meter.display_name))

    @api.constrains('date_start', 'date_end', 'project_id')
    def _check_readings(self):
        """ Its readings are of days of its use, and of rounds of its project. """
        for meter in self:
            if foreign := meter.reading_ids.round_id.filtered(
                    lambda found, meter=meter: found.project_id != meter.project_id):
                raise ValidationError(self.env._(
                    "%(meter)s was read in %(round)s of %(project)s. End it, and enter a meter of "
                    "the other project.", meter=meter.display_name, round=foreign[0].name,
                    project=foreign[0].project_id.name))
            read = meter.reading_ids.filtered(
                lambda reading: reading.state in ('accepted', 'queued')).sorted('date')
            if meter.date_end and read and meter.date_end < read[-1].date:
                raise ValidationError(self.env._(
                    "%(meter)s was read on %(day)s, so it was in use until then.",
                    meter=meter.display_name, day=format_date(self.env, read[-1].date)))
            used = read.filtered(lambda reading: reading.kind != FIRST)
            if used and used[0].date < meter.date_start:
                raise ValidationError(self.env._(
                    "%(meter)s was read on %(day)s, so it was in use then.",
                    meter=meter.display_name, day=format_date(self.env, used[0].date)))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """ Override: by a space behind it a number would be another one. """
        return super().create([
            {**vals, 'number': vals['number'].strip()} if vals.get('number') else vals
            for vals in vals_list])

    def write(self, vals):
        """ Override: the number is what bills and readings are told apart by, and use is counted
        by the dial; both change with an exchange, which works in sudo.
        """
        if not self.env.su and vals.keys() & FIXED_FIELDS:
            self._check_fixed(vals)
        return super().write(vals)

    def _check_fixed(self, vals):
        read = self._get_last_readings()
        for meter in self:
            names = meter._get_fixed_changes(vals)
            if 'number' in names:
                raise UserError(self.env._(
                    "%(meter)s keeps its number. If another device hangs there now, record an "
                    "exchange.", meter=meter.display_name))
            if names & DIAL_FIELDS and meter.id in read:
                raise UserError(self.env._(
                    "%(meter)s has been read: its type, multiplier and dial stay as use was "
                    "counted by them. If another device hangs there now, record an exchange.",
                    meter=meter.display_name))
            if 'mode' in names and meter.date_billed:
                raise UserError(self.env._(
                    "%(meter)s is billed by its readings up to %(day)s. End it, and enter the "
                    "prepaid meter in its place.", meter=meter.display_name,
                    day=format_date(self.env, meter.date_billed)))
            if 'unit_id' in names and meter.date_billed:
                raise UserError(self.env._(
                    "%(meter)s is billed up to %(day)s to %(unit)s. End it, and enter a meter of "
                    "the other unit.", meter=meter.display_name,
                    day=format_date(self.env, meter.date_billed),
                    unit=meter.unit_id.complete_name))

    def _get_fixed_changes(self, vals):
        """ Which of `FIXED_FIELDS` would be another one than it is. """
        self.ensure_one()
        return {
            name for name in vals.keys() & FIXED_FIELDS
            if self._fields[name].convert_to_write(self[name], self) != vals[name]}

    # === ACTION METHODS === #

    def action_view_readings(self):
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id(
            'property_billing.property_meter_reading_action')
        return {**action, 'domain': [('meter_id', '=', self.id)], 'context': {}}

    # === BUSINESS METHODS: WHAT IS BILLED === #

    def _get_billed_days(self):
        """ Up to which day each meter is billed; of assignments, which know their charges.

        :return: `{meter: date}`, without those that are not billed
        """
        return {}

    def _get_priced(self, day):
        """ Those of these that may be read on a day: what they are charged by has a price on it
        (B12). A meter that is nobody's, or that is paid for in advance, needs none.
        """
        # sudo: who reads meters need not read prices, and only learns that there is none.
        self_sudo = self.sudo()
        tariffs = self_sudo._get_tariffs(day)
        priced_sudo = self_sudo.env['property.tariff'].union(*(
            tariff for [tariff] in self_sudo.env['property.tariff.version']._read_group([
                ('tariff_id', 'any', Domain('active', '=', True) & (
                    Domain('fee_id', 'in', self_sudo.type_id.fee_id.ids)
                    | Domain('id', 'in', [tariff.id for tariff in tariffs.values()]))),
                ('state', '=', 'approved'), ('date_start', '<=', day),
                '|', ('date_end', '=', False), ('date_end', '>=', day)], ['tariff_id'])))

        def has_price(meter_sudo):
            if meter_sudo in tariffs:
                return tariffs[meter_sudo] in priced_sudo
            fee_sudo = meter_sudo.type_id.fee_id
            return not fee_sudo or fee_sudo in priced_sudo.fee_id

        return self.filtered(lambda meter: (
            not meter.unit_id or meter.mode == 'prepaid' or has_price(meter.sudo())))

    def _get_tariffs(self, day):
        """ By which tariff each of these is charged on a day: `{meter: tariff}`. """
        return {
            assignment.meter_id: assignment.tariff_id
            for assignment in self.env['property.fee.assignment'].search([
                ('meter_id', 'in', self.ids), ('date_start', '<=', day),
                '|', ('date_end', '=', False), ('date_end', '>=', day)])}

    def _check_open(self, day):
        """ :raises UserError: what was read on that day is billed already """
        for meter in self:
            if meter.date_billed and day <= meter.date_billed:
                raise UserError(self.env._(
                    "%(meter)s is billed up to %(day)s. What was read until then stays; a manager "
                    "can replace a reading that was wrong.",
                    meter=meter.display_name, day=format_date(self.env, meter.date_billed)))

    # === BUSINESS METHODS: THE CHAIN === #

    def _touch(self):
        """ Let nobody else read, exchange or bill these at the same time: the second begins anew,
        and finds what the first has done.
        """
        self.env.cr.execute(SQL(
            "UPDATE property_meter SET write_date = write_date WHERE id = ANY(%s)", self.ids))

    def _get_chain(self, since=None):
        """ What the engine counts use by, in one query for all of these meters.

        :param date since: the readings from that day on, and the one before them
        :return: `{meter id: {register: [Reading]}}`, each in order
        """
        self.env['property.meter.reading'].flush_model()
        mine = SQL("meter_id = ANY(%s) AND state = 'accepted'", self.ids)
        rows = self.env.execute_query(
            SQL("""
                SELECT %(columns)s FROM property_meter_reading
                 WHERE %(mine)s AND date >= %(since)s
             UNION ALL
                (SELECT DISTINCT ON (meter_id, register) %(columns)s FROM property_meter_reading
                  WHERE %(mine)s AND date < %(since)s
               ORDER BY meter_id, register, date DESC, sequence DESC, id DESC)
              ORDER BY meter_id, register, date, sequence, id
            """, columns=CHAIN_COLUMNS, mine=mine, since=since)
            if since else
            SQL("SELECT %s FROM property_meter_reading WHERE %s"
                " ORDER BY meter_id, register, date, sequence, id", CHAIN_COLUMNS, mine))
        return self._collect_chain(rows)

    def _get_last_readings(self, before=None):
        """ The last accepted reading of each register, that of the devices there now.

        :param date before: only what was read before that day
        :return: `{meter id: {register: Reading}}`
        """
        self.env['property.meter.reading'].flush_model()
        chain = self._collect_chain(self.env.execute_query(SQL("""
            SELECT DISTINCT ON (meter_id, register) %s
              FROM property_meter_reading
             WHERE meter_id = ANY(%s) AND state = 'accepted' AND %s
          ORDER BY meter_id, register, date DESC, sequence DESC, id DESC
        """, CHAIN_COLUMNS, self.ids, SQL("date < %s", before) if before else SQL("TRUE"))))
        return {
            meter_id: {register: readings[-1] for register, readings in registers.items()}
            for meter_id, registers in chain.items()}

    @api.model
    def _collect_chain(self, rows):
        chain = {}
        for (reading_id, meter_id, register, day, _sequence, value, kind, rollovers, multiplier,
             digits, is_border, is_restart) in rows:
            chain.setdefault(meter_id, {}).setdefault(register, []).append(Reading(
                day, Decimal(value), kind, rollovers, Decimal(multiplier), digits, is_border,
                is_restart, reading_id))
        return chain
