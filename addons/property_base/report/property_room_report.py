from odoo import fields, models
from odoo.tools import SQL

from ..models.property_unit import ROOM_KINDS


class VacantDays(fields.Integer):
    """ Blank in a file, as on the screen, where nobody knows since when; an integer is 0 there. """

    def convert_to_export(self, value, record):
        return super().convert_to_export(value, record) if record.date_vacant else ''


class PropertyRoomReport(models.Model):
    """ One line per room with its state of today: occupancy rates (X1) and vacant rooms (空置房).

    A rate is 0 or 100 on each room, so that its average over any group of rooms, the whole
    included, is the ratio of the sums.
    """
    _name = 'property.room.report'
    _description = 'Occupancy of rooms'
    _inherit = ['property.unit.report.mixin']
    _auto = False
    _depends = {
        'property.unit': [
            'active', 'building_area', 'building_id', 'company_id', 'date_handover', 'entrance_id',
            'floor', 'kind', 'layout_id', 'project_id',
        ],
        'property.occupancy': ['date_end', 'date_start', 'role', 'state', 'unit_id'],
    }

    entrance_id = fields.Many2one('property.entrance', string="Entrance", readonly=True)
    kind = fields.Selection(
        selection=lambda self: self.env['property.unit']._fields['kind']._description_selection(
            self.env), readonly=True)
    layout_id = fields.Many2one('property.dictionary.item', string="Layout", readonly=True)
    state = fields.Selection(
        [('vacant', "Vacant"), ('sold', "Owned"), ('leased', "Leased")], readonly=True)
    building_area = fields.Float(string="Total area", digits=(16, 2), readonly=True)
    occupied_area = fields.Float(string="Occupied area", digits=(16, 2), readonly=True)
    vacant_area = fields.Float(string="Vacant area", digits=(16, 2), readonly=True)
    occupied_count = fields.Integer(string="Occupied rooms", readonly=True)
    vacant_count = fields.Integer(string="Vacant rooms", readonly=True)
    occupancy_rate = fields.Float(
        string="Occupancy rate (%)", digits=(5, 2), aggregator='avg', readonly=True)
    vacancy_rate = fields.Float(
        string="Vacancy rate (%)", digits=(5, 2), aggregator='avg', readonly=True)
    sold_rate = fields.Float(
        string="Owned rate (%)", digits=(5, 2), aggregator='avg', readonly=True)
    leased_rate = fields.Float(
        string="Leased rate (%)", digits=(5, 2), aggregator='avg', readonly=True)
    date_vacant = fields.Date(
        string="Vacant since", readonly=True,
        help="The day after the last owner or tenant left; where there was none, the hand-over "
             "date.")
    vacant_days = VacantDays(string="Days vacant", aggregator='avg', readonly=True)

    @property
    def _table_query(self):
        # sudo: who may see a room may see whether it is occupied.
        Occupancy = self.env['property.occupancy'].sudo()
        today = fields.Date.context_today(self)
        return SQL(
            """
            SELECT *,
                   CASE WHEN is_occupied THEN building_area ELSE 0 END AS occupied_area,
                   CASE WHEN is_occupied THEN 0 ELSE building_area END AS vacant_area,
                   is_occupied::int AS occupied_count,
                   1 - is_occupied::int AS vacant_count,
                   is_occupied::int * 100.0 AS occupancy_rate,
                   100.0 - is_occupied::int * 100.0 AS vacancy_rate,
                   (state = 'sold')::int * 100.0 AS sold_rate,
                   (state = 'leased')::int * 100.0 AS leased_rate,
                   %(today)s - date_vacant AS vacant_days
              FROM (
                SELECT unit.id, unit.id AS unit_id, unit.project_id, unit.building_id,
                       unit.entrance_id, unit.company_id, unit.kind, unit.floor, unit.layout_id,
                       unit.building_area,
                       CASE WHEN stay.is_leased THEN 'leased' WHEN stay.is_sold THEN 'sold'
                            ELSE 'vacant' END AS state,
                       stay.is_leased IS TRUE OR stay.is_sold IS TRUE AS is_occupied,
                       CASE WHEN stay.is_leased OR stay.is_sold THEN NULL
                            WHEN stay.last_day IS NOT NULL THEN stay.last_day + 1
                            WHEN unit.date_handover <= %(today)s THEN unit.date_handover
                            END AS date_vacant
                  FROM property_unit unit
                  LEFT JOIN (
                    SELECT unit_id,
                           bool_or(role = 'tenant' AND id IN %(live)s) AS is_leased,
                           bool_or(role = 'owner' AND id IN %(live)s) AS is_sold,
                           max(date_end) FILTER (WHERE date_end < %(today)s) AS last_day
                      FROM property_occupancy
                     WHERE role IN ('owner', 'tenant') AND state = 'approved'
                     GROUP BY unit_id
                  ) stay ON stay.unit_id = unit.id
                 WHERE unit.active AND unit.kind IN %(kinds)s
              ) room
            """,
            live=Occupancy._search(Occupancy._get_live_domain()).subselect(),
            today=today, kinds=ROOM_KINDS,
        )
