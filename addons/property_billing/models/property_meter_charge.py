from fractions import Fraction

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..tools.metered import Measured
from ..tools.metering import NoReadingError
from ..tools.periods import ONE_DAY
from .property_meter import CHAIN_COLUMNS
from .property_meter_reading import get_place
from .property_meter_type import REGISTER_NAMES, REGISTERS

SHOWN_METERS = 5  # named in a message about many


class PropertyMeter(models.Model):
    """ What a meter counts, as charges need it. """
    _inherit = 'property.meter'

    assignment_ids = fields.One2many(
        'property.fee.assignment', 'meter_id', string="Fees",
        groups='property_billing.group_billing_user')

    @api.constrains('type_id')
    def _check_priced(self):
        # sudo: whatever the user may see of fees.
        self.sudo().assignment_ids._check_registers()

    def write(self, vals):
        """ Override: a run asks nothing of what is in the archive. """
        if not self.env.su and not vals.get('active', True):
            Assignment_sudo = self.env['property.fee.assignment'].sudo()  # whatever he sees of fees
            live_sudo = Assignment_sudo.search(
                Domain('meter_id', 'in', self.ids) & Assignment_sudo._get_live_domain(), limit=1)
            if live_sudo:
                raise UserError(self.env._(
                    "%(meter)s is charged to %(unit)s by %(tariff)s. Read it for the last time and "
                    "end that fee first.", meter=live_sudo.meter_id.display_name,
                    unit=live_sudo.unit_id.complete_name,
                    tariff=live_sudo.tariff_id.display_name))
        return super().write(vals)

    def _check_fixed(self, vals):
        """ Override: what it counts is charged to its unit. """
        super()._check_fixed(vals)
        for meter in self:
            # sudo: whatever the user may see of fees.
            assignment_sudo = meter.sudo().assignment_ids[:1]
            if assignment_sudo and 'unit_id' in meter._get_fixed_changes(vals):
                raise UserError(self.env._(
                    "%(meter)s is charged to %(unit)s by %(tariff)s. Delete that fee, or end this "
                    "meter and enter one of the other unit.", meter=meter.display_name,
                    unit=assignment_sudo.unit_id.complete_name,
                    tariff=assignment_sudo.tariff_id.display_name))

    @api.depends('assignment_ids.charge_ids.date_end', 'assignment_ids.charge_ids.is_corrected',
                 'assignment_ids.charge_ids.state')
    def _compute_date_billed(self):
        return super()._compute_date_billed()

    def _get_measured(self, typed=None, since=None):
        """ What each of these counted, as the engine wants it: `{id: Measured}`.

        What was bought in advance is never charged by reading.

        :param dict typed: readings that are not stored: `{meter id: {register: [Reading]}}`
        :param dict since: as of `_get_charged_chain`
        """
        if not self:
            return {}
        chain = self.filtered(lambda meter: meter.mode == 'read')._get_charged_chain(since or {})
        allowances = self.env['property.meter.allowance']._get_allowances(self)
        former_numbers = {}
        # sudo: what hung there before stands on the bill, whoever makes it.
        for event in self.env['property.meter.event'].sudo().search_fetch(
                [('meter_id', 'in', self.ids), ('kind', '=', 'exchange')],
                ['meter_id', 'date', 'number_before'], order='date, id'):
            former_numbers.setdefault(event.meter_id.id, []).append(
                (event.date, event.number_before))
        for meter_id, registers in (typed or {}).items():
            for register, readings in registers.items():
                stored = chain.setdefault(meter_id, {}).setdefault(register, [])
                places = {get_place(reading) for reading in readings}
                stored[:] = sorted((
                    # What a device read on that day gives way.
                    *(row for row in stored if row.is_border or get_place(row) not in places),
                    *readings), key=get_place)
        return {
            meter.id: Measured(
                meter.id, meter.number, meter.unit_name or '',
                {
                    register: readings.get(register, [])
                    for register in REGISTERS[meter.type_id.registers]
                } if (readings := chain.get(meter.id)) else {},
                allowances.get(meter, ()),
                (meter.date_start, (end := meter._get_end()) and end + ONE_DAY),
                former_numbers.get(meter.id, ()))
            for meter in self
        }

    def _get_end(self):
        """ The last day that it is there, as far as it is known: in the archive, without another
        one, that of its last reading.
        """
        self.ensure_one()
        return self.date_end or not self.active and self.last_day

    def _get_charged_chain(self, since):
        """ As `_get_chain`, but before the days that are asked for without what devices read from
        day to day: years of that would fill the memory. What is counted there is whole steps from
        border to border, and the end of a month or of an account of tiers.

        :param dict since: `{meter id: first day that is asked for}`, where not all days are
        """
        self.env['property.meter.reading'].flush_model()
        self.env['property.tariff'].flush_model(['account_start', 'splits_account'])
        return self._collect_chain(self.env.execute_query(SQL(
            """
            WITH asked AS (
                SELECT meter_id,
                       COALESCE((SELECT MIN(last)
                                   FROM UNNEST(%(registers)s::varchar[]) AS dial (register)
                             CROSS JOIN LATERAL (
                                         SELECT date AS last
                                           FROM property_meter_reading reading
                                          WHERE reading.meter_id = asked.meter_id
                                            AND reading.register = dial.register
                                            AND state = 'accepted' AND date < since
                                       ORDER BY date DESC LIMIT 1) lasts), since) AS since
                  FROM UNNEST(%(meters)s::integer[], %(days)s::date[]) AS asked (meter_id, since)
            )
            SELECT %(columns)s
              FROM property_meter_reading
         LEFT JOIN asked USING (meter_id)
             WHERE meter_id = ANY(%(ids)s) AND state = 'accepted'
               AND (since IS NULL OR date >= since OR is_border OR is_restart OR kind != 'read'
                    OR rollovers > 0 OR EXTRACT(day FROM date + 1) = 1
                    OR to_char(date + 1, 'MM-DD') IN (
                       SELECT account_start FROM property_tariff WHERE splits_account))
          ORDER BY meter_id, register, date, sequence, id
            """, columns=CHAIN_COLUMNS, ids=self.ids, meters=list(since),
            days=list(since.values()), registers=[name for name, _label in REGISTER_NAMES])))

    def _get_uses(self, start, end, measured=None):
        """ What each of these counted in `[start, end)`: `{meter: Fraction}`.

        :param dict measured: as of `_get_measured`, if it is known
        :raises UserError: one was not read before these days, or not until they end
        """
        measured = measured or self._get_measured(since=dict.fromkeys(self.ids, start))
        uses, unread = {}, self.browse()
        for meter in self:
            try:
                counted = measured[meter.id].get_uses(start, end).values()
            except NoReadingError:
                unread += meter
            else:
                uses[meter] = sum(map(Fraction, counted), Fraction())
        if unread:
            raise unread._get_unread_error(start, end)
        return uses

    def _get_unread_error(self, start, end):
        names = ', '.join(self[:SHOWN_METERS].mapped('display_name'))
        if len(self) > SHOWN_METERS:
            names = self.env._(
                "%(meters)s and %(count)s more", meters=names, count=len(self) - SHOWN_METERS)
        return UserError(self.env._(
            "What these meters counted from %(start)s to %(end)s is not known: %(meters)s. Enter "
            "the readings that are missing, or estimate them.",
            start=format_date(self.env, start), end=format_date(self.env, end - ONE_DAY),
            meters=names))

    def _get_billed_days(self):
        """ Override: what a live charge covers is billed. """
        self.env['property.fee.assignment'].flush_model(['meter_id'])
        self.env['property.charge'].flush_model()
        days = dict(self.env.execute_query(SQL(
            """ SELECT assignment.meter_id, MAX(charge.date_end)
                  FROM property_charge charge
                  JOIN property_fee_assignment assignment ON assignment.id = charge.assignment_id
                 WHERE assignment.meter_id = ANY(%s) AND charge.kind IN ('recurring', 'opening')
                   AND (charge.state = 'posted'
                        OR charge.state = 'reversed' AND charge.is_corrected)
              GROUP BY assignment.meter_id """, self.ids)))
        return {meter: days[meter.id] for meter in self if meter.id in days}
