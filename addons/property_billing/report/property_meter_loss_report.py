from odoo import fields, models
from odoo.tools import SQL

from ..models.property_meter_type import REGISTERS


class PropertyMeterLossReport(models.Model):
    """ What a main meter counted in a month, less what the meters behind it did (损耗).

    Use between two readings is spread over their days: meters are not read on the same day. A row
    tells how many of the meters were not read for all days of the month in which they were there:
    the loss says little as long as one is missing. One in the archive was there until its last
    day, or else until it was last read.
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
    date = fields.Date(string="First day of the month", readonly=True)
    month = fields.Char(readonly=True)
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

        What meters in the same place counted in the same days is added up before it is spread over
        the months, and meters that were read in the same days are looked at together: of ten
        thousand meters that leaves a few hundred rows a month.
        """
        registers = SQL(', ').join(
            SQL("(%s, %s)", name, len(names)) for name, names in REGISTERS.items())
        return SQL(
            """
            WITH places AS (
                SELECT id AS meter_id, parent_id AS main_id, TRUE AS is_sub
                  FROM property_meter WHERE parent_id IS NOT NULL
             UNION ALL
                SELECT DISTINCT parent_id, parent_id, FALSE
                  FROM property_meter WHERE parent_id IS NOT NULL
            ), steps AS (
                SELECT places.main_id, places.is_sub, reading.date,
                       GREATEST(reading.days, 1) AS days, SUM(reading.quantity) AS quantity
                  FROM places
                  JOIN property_meter_reading reading ON reading.meter_id = places.meter_id
                 WHERE reading.state = 'accepted'
                   AND reading.kind NOT IN ('first', 'installed')
              GROUP BY 1, 2, 3, 4
            ), used AS (
                SELECT main_id, month, next,
                       SUM(quantity * part.days / steps.days) FILTER (WHERE NOT is_sub) AS main,
                       COALESCE(SUM(quantity * part.days / steps.days) FILTER (WHERE is_sub), 0)
                           AS subs
                  FROM steps
            CROSS JOIN LATERAL (
                    SELECT series.day::date AS month,
                           (series.day + interval '1 month')::date AS next
                      FROM generate_series(
                               date_trunc('month', (date - steps.days + 1)::timestamp),
                               date::timestamp, interval '1 month') series (day)) months
            CROSS JOIN LATERAL (
                    SELECT LEAST(date + 1, next) - GREATEST(date - steps.days + 1, month) AS days
                  ) part
              GROUP BY main_id, month, next
            ), read AS (
                SELECT meter_id, COUNT(*) AS registers, MAX(first) AS first, MIN(last) AS last
                  FROM (SELECT meter_id, register, MIN(date) + 1 AS first, MAX(date) AS last
                          FROM property_meter_reading WHERE state = 'accepted'
                      GROUP BY meter_id, register) by_register
              GROUP BY meter_id
            ), groups AS (
                SELECT places.main_id, places.is_sub, meter.date_start,
                       CASE WHEN meter.active THEN meter.date_end
                            ELSE COALESCE(meter.date_end, read.last) END AS date_end,
                       meter.mode = 'prepaid' AND places.is_sub
                           OR read.registers IS DISTINCT FROM registers.count AS is_unknown,
                       read.first, read.last, COUNT(*) AS count
                  FROM places
                  JOIN property_meter meter ON meter.id = places.meter_id
                  JOIN property_meter_type type ON type.id = meter.type_id
                  JOIN (VALUES %s) registers (name, count) ON registers.name = type.registers
             LEFT JOIN read ON read.meter_id = meter.id
                 WHERE meter.active OR meter.date_end IS NOT NULL OR read.last IS NOT NULL
              GROUP BY 1, 2, 3, 4, 5, 6, 7
            ), checked AS (
                SELECT used.main_id, used.month,
                       COALESCE(SUM(count) FILTER (WHERE is_sub), 0) AS subs,
                       COALESCE(SUM(count) FILTER (
                           WHERE is_unknown OR groups.first > there.first
                              OR groups.last < there.last), 0) AS unread
                  FROM used
                  JOIN groups ON groups.main_id = used.main_id
            CROSS JOIN LATERAL (
                    SELECT GREATEST(used.month, CASE WHEN date_start >= used.month
                                    THEN COALESCE(groups.first, date_start + 1) END) AS first,
                           LEAST(used.next - 1, date_end) AS last) there
                 WHERE there.first <= there.last
              GROUP BY used.main_id, used.month
            )
            SELECT meter.id::bigint * 100000 + (used.month - DATE '1970-01-01') AS id,
                   meter.company_id, meter.project_id, meter.building_id, meter.type_id,
                   meter.id AS meter_id, used.month AS date,
                   to_char(used.month, 'YYYY-MM') AS month, used.main AS use_main,
                   used.subs AS use_subs, used.main - used.subs AS loss,
                   (used.main - used.subs) / (used.next - used.month) AS loss_per_day,
                   (used.main - used.subs) * 100 / NULLIF(used.main, 0) AS loss_percent,
                   type.loss_percent AS loss_allowed,
                   COALESCE(checked.unread, 0) = 0
                       AND (used.main - used.subs) * 100 > type.loss_percent * used.main
                       AS is_above,
                   COALESCE(checked.subs, 0) AS sub_count,
                   COALESCE(checked.unread, 0) AS unread_count
              FROM used
              JOIN property_meter meter ON meter.id = used.main_id
              JOIN property_meter_type type ON type.id = meter.type_id
         LEFT JOIN checked ON checked.main_id = used.main_id AND checked.month = used.month
             WHERE used.main IS NOT NULL
            """, registers)

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
