""" What residents read of their own meters, in the days that a round opens to them. """
from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from .property_charge_explanation import plain

SHOWN_MONTHS = 12
# Of whom the fault is: others are of the office, and a resident can do nothing about them.
OWN_FAULTS = {'value', 'photo'}


class PropertyMeterRound(models.Model):
    _name = 'property.meter.round'
    _inherit = ['property.meter.round', 'property.template.mixin']

    window_start = fields.Date(
        string="Residents read from", tracking=True,
        help="In these days residents send what their meters show, on the portal. Empty: only "
             "staff reads.")
    window_end = fields.Date(string="Residents read until", tracking=True)
    accepts_residents = fields.Boolean(
        string="Confirm what is not odd", tracking=True,
        help="What residents send counts at once if it is not odd. Otherwise all of it waits to "
             "be checked.")

    _window_ordered = models.Constraint(
        'CHECK ((window_start IS NULL) = (window_end IS NULL) AND window_end >= window_start)',
        "Residents read from a day to the same one or a later one: enter both.",
    )

    @api.constrains('window_start', 'date_start')
    def _check_window(self):
        for meter_round in self:
            if meter_round.window_start and meter_round.window_start < meter_round.date_start:
                raise ValidationError(self.env._(
                    "%(round)s begins on %(day)s. Residents read on that day or later.",
                    round=meter_round.name, day=format_date(self.env, meter_round.date_start)))

    def action_invite_residents(self):
        """ Ask who lives behind the meters that are missing to read them. """
        self.ensure_one()
        self._check_officer()
        self._check_open()
        if not self.window_end or self.window_end < fields.Date.context_today(self):
            raise UserError(self.env._("Enter the days in which residents read."))
        people = self._get_missing(self._get_meters()).unit_id._get_dwellers()
        self.env['property.notification']._notify_each(
            [(partner, self, '/my/meters') for partner in people], 'billing',
            template='property_billing.template_meters_to_read')
        return {
            'type': 'ir.actions.client',
            'tag': 'display_notification',
            'params': {
                'type': 'success' if people else 'warning',
                'message': self.env._("%(count)s residents asked.", count=len(people)),
            },
        }

    @api.model
    def _get_template_kind(self):
        return self.env._("Reading round")

    @api.model
    def _get_template_variables(self):
        return {
            **super()._get_template_variables(),
            'project': (self.env._("project"), lambda record: record.project_id.name),
            'office_phone': (
                self.env._("office phone"), lambda record: record.project_id.phone),
            'meter_type': (self.env._("meter type"), lambda record: record.type_id.name),
            'read_from': (self.env._("first day to read"), lambda record: format_date(
                record.env, record.window_start)),
            'read_until': (self.env._("last day to read"), lambda record: format_date(
                record.env, record.window_end)),
        }

    @api.model
    def _get_window_domain(self, day):
        """ The rounds that are open to residents on a day. """
        return Domain([
            ('state', '=', 'open'), ('window_start', '<=', day), ('window_end', '>=', day)])


class PropertyUnit(models.Model):
    _inherit = 'property.unit'

    def _get_dwellers(self):
        """ Who lives in these units: the tenants; where there are none, the owners. """
        # sudo: residents are told, whoever of staff may read their cards.
        Occupancy = self.env['property.occupancy'].sudo()
        by_unit = Occupancy.search(
            Domain('unit_id', 'in', self.ids) & Domain('role', 'in', ('owner', 'tenant'))
            & Occupancy._get_live_domain()).grouped('unit_id')
        dwellers = Occupancy
        for occupancies in by_unit.values():
            dwellers |= occupancies.filtered(
                lambda occupancy: occupancy.role == 'tenant') or occupancies
        return dwellers.partner_id.sudo(False)


class PropertyMeter(models.Model):
    _inherit = 'property.meter'

    @api.model
    def _get_of_units(self, units):
        """ The meters that who lives in these units may see and read. """
        today = fields.Date.context_today(self)
        return self.search([
            ('unit_id', 'in', units.ids), ('date_start', '<=', today),
            '|', ('date_end', '=', False), ('date_end', '>=', today)])

    def _get_windows(self):
        """ Where these stand today in the rounds that are open to residents.

        :return: `{meter: {'round', 'readings': what was read in it, 'refused': what was refused of
            residents, the latest}}`, of those that are in one
        """
        today = fields.Date.context_today(self)
        rounds = self.env['property.meter.round'].search(
            self.env['property.meter.round']._get_window_domain(today)
            & Domain('project_id', 'in', self.project_id.ids)
            & Domain('type_id', 'in', self.type_id.ids)) if self else ()
        windows = {}
        for meter_round in rounds:
            for meter in self.filtered_domain(meter_round._get_meter_domain()):
                windows[meter] = {'round': meter_round, 'refused': None, 'readings': []}
        if windows:
            for reading in self.env['property.meter.reading'].search([
                    ('meter_id', 'in', self.ids), ('kind', 'not in', ('removed', 'installed')),
                    ('state', 'in', ('accepted', 'queued', 'refused')), ('is_border', '=', True),
                    ('date', '>=', min(rounds.mapped('date_start')))], order='id'):
                window = windows.get(reading.meter_id)
                if not window or not (
                        window['round'].date_start <= reading.date <= window['round'].date_end):
                    continue
                if reading.state != 'refused':
                    window['readings'].append(reading)
                elif reading.source == 'resident':
                    window['refused'] = reading
        return windows

    def _send_readings(self, values, photo=None):
        """ Take what a resident has read of all registers of his meter; whether it is his was
        checked.

        :param dict values: `{register: as it was typed}`
        :param bytes photo: in base64
        :return: what is wrong, as `{register, or 'photo': message}`
        :raises UserError: it cannot be read now
        """
        self.ensure_one()
        self._touch()  # of two at once the second finds what the first has sent
        window = self._get_windows().get(self)
        if not window:
            raise UserError(self.env._("The days to read this meter are over."))
        if window['readings']:
            raise UserError(self.env._("This meter has been read already."))
        meter_round = window['round']
        rows = [
            {
                'meter_id': self.id, 'register': register, 'value': values.get(register) or '',
                'date': min(fields.Date.context_today(self), meter_round.date_end),
                **({'photo': photo} if photo else {}),
            }
            for register in self.type_id._get_registers()]
        waits = {} if meter_round.accepts_residents else {'state': 'queued', 'reason': 'resident'}
        faults, _readings = self.env['property.meter.reading']._enter(
            rows, source='resident', round_id=meter_round.id, **waits)
        if any(fault['field'] not in OWN_FAULTS for fault in faults):
            raise UserError(self.env._(
                "This meter cannot be read at the moment. Please call the management office."))
        return {
            'photo' if fault['field'] == 'photo' else fault['register']: fault['message']
            for fault in faults}

    def _get_months(self, since):
        """ What was used in each of the last months: [(first day, use)], the oldest first.

        :param date since: only what was read on that day or later
        """
        self.ensure_one()
        today = fields.Date.context_today(self)
        first = fields.Date.subtract(
            fields.Date.start_of(today, 'month'), months=SHOWN_MONTHS - 1)
        used = {
            month: use for month, use in self.env['property.meter.reading']._read_group(
                [('meter_id', '=', self.id), ('state', '=', 'accepted'), ('days', '>', 0),
                 ('date', '>=', max(first, since))],
                ['date:month'], ['quantity:sum'])}
        if not used:
            return []
        return [
            (month, used.get(month, 0))
            for month in (fields.Date.add(first, months=n) for n in range(SHOWN_MONTHS))
            if min(used) <= month <= max(used)]


class PropertyMeterReading(models.Model):
    _name = 'property.meter.reading'
    _inherit = ['property.meter.reading', 'property.template.mixin']

    _sent = models.Index("(user_id, id) WHERE source = 'resident'")

    # === RESIDENTS === #

    @api.model
    def _get_sent_domain(self, user):
        """ What a resident has sent. """
        return Domain('source', '=', 'resident') & Domain('user_id', '=', user.id)

    def _get_steps(self):
        """ Who did what when, for who sent it. """
        self.ensure_one()
        decided = self.state != 'queued'
        # What a round takes as it is was confirmed by nobody.
        decider = self.write_uid != self.user_id and self.write_uid.name
        steps = [{'label': self.env._("Sent"), 'who': self.user_id.name, 'date': self.read_at}]
        if self.state == 'refused':
            steps.append({
                'label': self.env._("Refused"), 'who': decider,
                'date': self.write_date, 'text': self.note})
        else:
            steps.append({
                'label': self.env._("Confirmed"), 'date': decided and self.write_date,
                'who': decided and decider})
        return steps

    def _refuse(self, note):
        """ Override: a resident reads why his reading was not taken. """
        super()._refuse(note)
        self.env['property.notification']._notify_each([
            (reading.user_id.partner_id, reading, f'/my/meters/{reading.meter_id.id}')
            # sudo: of who sent it, whom a meter reader need not see.
            for reading in self.sudo() if reading.source == 'resident'
        ], 'billing', template='property_billing.template_reading_refused')

    # === TEXTS === #

    @api.model
    def _get_template_kind(self):
        return self.env._("Meter reading")

    @api.model
    def _get_template_variables(self):
        return {
            **self._get_template_variables_of('unit_id'),
            **super()._get_template_variables(),
            'meter': (self.env._("meter"), lambda reading: reading.meter_id.number),
            'meter_type': (self.env._("meter type"), lambda reading: reading.type_id.name),
            'reading': (self.env._("reading"), lambda reading: plain(repr(reading.value))),
            'reading_day': (self.env._("day of the reading"), lambda reading: format_date(
                reading.env, reading.date)),
            'ground': (self.env._("ground"), lambda reading: reading.note),
        }
