from odoo import fields, models
from odoo.tools import SQL

from ..models.property_meter_type import REGISTERS


class PropertyMeterLossReport(models.Model):
    """ What a main meter counted in a month, less what the meters behind it did (损耗).

    Use between two readings is spread over their days: meters are not read on the same day. A row
    tells how many of the meters were not read for all days of the month in which they were there:
    the loss says little as long as one is missing.
    """
    _name = 'property.meter.loss.report'
    _description = 'Loss of main meters'
    _inherit = ['property.scope.mixin']
    _auto = False
    _order = 'date desc, meter_id, id'
    _rec_name = 'meter_id'
    _depends = {
        'property.meter': [
            'active', 'building_id', 'company_id', 'date_end', 'date_start', 'mode', 'parent_id',
            'project_id', 'type_id'],
        'property.meter.reading': ['date', 'days', 'kind', 'meter_id', 'quantity', 'state'],
        'property.meter.type': ['loss_percent', 'registers', 'unit_name'],
    }

    company_id = fields.Many2one('res.company', readonly=True)
    project_id = fields.Many2one('property.project', string="Project", readonly=True)
    building_id = fields.Many2one('property.building', string="Building", readonly=True)
    type_id = fields.Many2one('property.meter.type', string="Meter type", readonly=True)
    meter_id = fields.Many2one('property.meter', string="Main meter", readonly=True)
    unit_name = fields.Char(related='type_id.unit_name')
    date = fields.Date(string="Month", readonly=True)
    use_main = fields.Float(string="Main meter counted", digits=(16, 3), readonly=True)
    use_subs = fields.Float(string="Sub-meters counted", digits=(16, 3), readonly=True)
    loss = fields.Float(digits=(16, 3), readonly=True)
    loss_per_day = fields.Float(
        string="Loss per day", digits=(16, 3), aggregator='avg', readonly=True)
    loss_percent = fields.Float(
        string="Loss (%)", digits=(16, 2), aggregator='avg', readonly=True,
        help="Of what the main meter counted.")
    loss_allowed = fields.Float(
        string="Loss allowed (%)", digits=(16, 2), aggregator=None, readonly=True)
    is_above = fields.Boolean(string="Above what is allowed", readonly=True)
    sub_count = fields.Integer(string="Sub-meters", aggregator=None, readonly=True)
    unread_count = fields.Integer(
        string="Not read", readonly=True,
        help="So many of these meters were not read for all of the month. Prepaid ones, which show "
             "what is left, are among them.")

    @property
    def _table_query(self):
        """ One row per main meter and month of which it was read.

        Of each meter: what it counted in a month, on how many days by how many registers, and on
        how many it should have been read, as long as it was there.
        """
        registers = SQL(', ').join(
            SQL("(%s, %s)", name, len(names)) for name, names in REGISTERS.items())
        return SQL(
            """
            WITH meters AS (
                SELECT id FROM property_meter WHERE parent_id IS NOT NULL
             UNION
                SELECT parent_id FROM property_meter WHERE parent_id IS NOT NULL
            ), used AS MATERIALIZED (
                SELECT reading.meter_id, month.first AS month,
                       SUM(CASE WHEN reading.days = 0 THEN reading.quantity
                                ELSE reading.quantity * part.days / reading.days END) AS quantity,
                       SUM(part.days) AS days,
                       MIN(reading.date - reading.days + 1) AS first_day
                  FROM meters
                  JOIN property_meter_reading reading ON reading.meter_id = meters.id
            CROSS JOIN LATERAL (
                    SELECT series.day::date AS first,
                           (series.day + interval '1 month')::date AS next
                      FROM generate_series(
                               date_trunc('month', (reading.date - GREATEST(reading.days, 1) + 1
                                                    )::timestamp),
                               reading.date::timestamp, interval '1 month') series (day)) month
            CROSS JOIN LATERAL (
                    SELECT LEAST(reading.date + 1, month.next)
                           - GREATEST(reading.date - reading.days + 1, month.first) AS days) part
                 WHERE reading.state = 'accepted'
                   AND reading.kind NOT IN ('first', 'installed')
              GROUP BY reading.meter_id, month.first
            ), types AS (
                SELECT type.id, type.loss_percent, registers.count AS register_count
                  FROM property_meter_type type
                  JOIN (VALUES %(registers)s) registers (name, count)
                    ON registers.name = type.registers
            ), months AS (
                SELECT DISTINCT used.month, (used.month + interval '1 month')::date AS next
                  FROM used
            ), subs AS (
                SELECT meter.parent_id AS meter_id, months.month,
                       COUNT(*) FILTER (WHERE there.days > 0) AS count,
                       COALESCE(SUM(used.quantity), 0) AS quantity,
                       COUNT(*) FILTER (WHERE there.days > 0 AND (
                           meter.mode = 'prepaid'
                           OR COALESCE(used.days, 0) < there.days * types.register_count)
                       ) AS unread
                  FROM property_meter meter
                  JOIN types ON types.id = meter.type_id
                  JOIN used of_main ON of_main.meter_id = meter.parent_id
                  JOIN months ON months.month = of_main.month
             LEFT JOIN used ON used.meter_id = meter.id AND used.month = months.month
            CROSS JOIN LATERAL (%(there)s) there
              GROUP BY meter.parent_id, months.month
            )
            SELECT meter.id::bigint * 100000 + (months.month - DATE '1970-01-01') AS id,
                   meter.company_id, meter.project_id, meter.building_id, meter.type_id,
                   meter.id AS meter_id, months.month AS date,
                   used.quantity AS use_main, subs.quantity AS use_subs,
                   used.quantity - subs.quantity AS loss,
                   (used.quantity - subs.quantity) / (months.next - months.month)
                       AS loss_per_day,
                   (used.quantity - subs.quantity) * 100 / NULLIF(used.quantity, 0)
                       AS loss_percent,
                   types.loss_percent AS loss_allowed,
                   unread.count = 0
                       AND (used.quantity - subs.quantity) * 100
                           > types.loss_percent * used.quantity AS is_above,
                   subs.count AS sub_count, unread.count AS unread_count
              FROM property_meter meter
              JOIN types ON types.id = meter.type_id
              JOIN used ON used.meter_id = meter.id
              JOIN months ON months.month = used.month
              JOIN subs ON subs.meter_id = meter.id AND subs.month = used.month
        CROSS JOIN LATERAL (%(there)s) there
        CROSS JOIN LATERAL (
                SELECT subs.unread + (used.days < there.days * types.register_count)::int AS count
              ) unread
            """, registers=registers, there=SQL(
                """
                SELECT CASE WHEN meter.active THEN
                    LEAST(months.next, COALESCE(meter.date_end + 1, months.next))
                    - GREATEST(months.month, CASE WHEN meter.date_start >= months.month
                               THEN COALESCE(used.first_day, meter.date_start + 1) END)
                    ELSE 0 END AS days
                """))

    def _read_group_select(self, aggregate_spec, query):
        """ Override: of several rows the loss of all is a part of the use of all. """
        if aggregate_spec != 'loss_percent:avg':
            return super()._read_group_select(aggregate_spec, query)
        return SQL(
            "SUM(%s) * 100 / NULLIF(SUM(%s), 0)",
            self._field_to_sql(self._table, 'loss', query),
            self._field_to_sql(self._table, 'use_main', query))

    def action_view_readings(self):
        """ The readings that it comes from: of the main meter and those behind it. """
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id(
            'property_billing.property_meter_reading_action')
        return {
            **action,
            'domain': ['|', ('meter_id', '=', self.meter_id.id),
                       ('meter_id.parent_id', '=', self.meter_id.id)],
            'context': {'search_default_group_by_meter': 1},
        }
