from odoo import api, fields, models
from odoo.tools import SQL, html2plaintext


class PropertyParkingReport(models.Model):
    """ One line per parking space: who uses it today, until when, with which vehicles (B43).

    A use that its contract ended and that nobody has ended by a move-out is not over: the space is
    not free before it was given back (X1, formula 12). Only the latest use of a space counts, for
    who came after proves that the one before has left.
    """
    _name = 'property.parking.report'
    _description = 'Use of parking spaces'
    _inherit = ['property.unit.report.mixin']
    _auto = False
    _depends = {
        'property.unit': [
            'active', 'building_id', 'company_id', 'floor', 'kind', 'name', 'project_id',
        ],
        'property.occupancy': [
            'active', 'date_end', 'date_start', 'end_handover_id', 'is_payer', 'partner_id',
            'reminder_days', 'role', 'share', 'state', 'unit_id',
        ],
        'property.vehicle': ['active', 'brand', 'color', 'name', 'unit_id'],
    }

    unit_id = fields.Many2one(string="Space")
    name = fields.Char(string="Space number", readonly=True)
    building_id = fields.Many2one(string="Parking lot")
    state = fields.Selection(
        [('vacant', "Vacant"), ('used', "In use"), ('expiring', "Expiring"),
         ('expired', "Expired")],
        readonly=True,
        help="Expiring: so many days before its last day as the use says. Expired: that day is "
             "over, and the space was not given back yet.")
    occupancy_id = fields.Many2one('property.occupancy', string="Parking use", readonly=True)
    role = fields.Selection(
        [('owner', "Owner"), ('tenant', "Tenant")], string="Used as", readonly=True)
    partner_id = fields.Many2one('res.partner', string="User", readonly=True)
    payer_id = fields.Many2one('res.partner', string="Payer", readonly=True)
    date_start = fields.Date(string="Used since", readonly=True)
    date_end = fields.Date(string="Used until", readonly=True)
    reminder_days = fields.Integer(string="Remind days before", aggregator=None, readonly=True)
    plates = fields.Char(string="Plate number", readonly=True)
    brands = fields.Char(string="Vehicle model", readonly=True)
    colors = fields.Char(string="Colour", readonly=True)
    note = fields.Char(string="Remarks", compute='_compute_note')
    used_count = fields.Integer(string="Spaces in use", readonly=True)
    vacant_count = fields.Integer(string="Vacant spaces", readonly=True)
    use_rate = fields.Float(
        string="Use (%)", digits=(5, 2), aggregator='avg', readonly=True)

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT unit.id, unit.id AS unit_id, unit.name, unit.project_id, unit.building_id,
                   unit.company_id, unit.floor,
                   COALESCE(tenancy.id, ownership.id) AS occupancy_id,
                   CASE WHEN tenancy.id IS NOT NULL THEN 'tenant'
                        WHEN ownership.id IS NOT NULL THEN 'owner' END AS role,
                   COALESCE(tenancy.partner_id, ownership.partner_id) AS partner_id,
                   COALESCE(CASE WHEN tenancy.is_payer THEN tenancy.partner_id END,
                            CASE WHEN ownership.is_payer THEN ownership.partner_id END
                            ) AS payer_id,
                   COALESCE(tenancy.date_start, ownership.date_start) AS date_start,
                   tenancy.date_end, tenancy.reminder_days,
                   CASE WHEN tenancy.date_end < %(today)s THEN 'expired'
                        WHEN tenancy.is_recalled THEN 'expiring'
                        WHEN COALESCE(tenancy.id, ownership.id) IS NOT NULL THEN 'used'
                        ELSE 'vacant' END AS state,
                   (COALESCE(tenancy.id, ownership.id) IS NOT NULL)::int AS used_count,
                   (COALESCE(tenancy.id, ownership.id) IS NULL)::int AS vacant_count,
                   (COALESCE(tenancy.id, ownership.id) IS NOT NULL)::int * 100.0 AS use_rate,
                   vehicle.plates, vehicle.brands, vehicle.colors
              FROM property_unit unit
              LEFT JOIN (%(tenancies)s) tenancy ON tenancy.unit_id = unit.id
                    AND (tenancy.date_end IS NULL OR tenancy.date_end >= %(today)s
                         OR tenancy.end_handover_id IS NULL)
              LEFT JOIN (%(ownerships)s) ownership ON ownership.unit_id = unit.id
              LEFT JOIN (%(vehicles)s) vehicle ON vehicle.unit_id = unit.id
             WHERE unit.active AND unit.kind = 'parking'
            """,
            today=fields.Date.context_today(self), tenancies=self._get_tenancies_query(),
            ownerships=self._get_ownerships_query(), vehicles=self._get_vehicles_query())

    # Each of these has one row per space, by DISTINCT ON or GROUP BY, so that PostgreSQL leaves out
    # what a query does not ask for.

    def _get_tenancies_query(self):
        """ The tenancy of each space that is live or else began last, and whether its end is to be
        recalled: not once he has left, nor where he has the space again afterwards.
        """
        return SQL(
            """
            SELECT DISTINCT ON (occupancy.unit_id) occupancy.unit_id, occupancy.id,
                   occupancy.partner_id, occupancy.is_payer, occupancy.date_start,
                   occupancy.date_end, occupancy.reminder_days, occupancy.end_handover_id,
                   occupancy.end_handover_id IS NULL
                   AND occupancy.date_end - occupancy.reminder_days <= %(today)s
                   AND NOT EXISTS (
                        SELECT 1
                          FROM property_occupancy renewal
                         WHERE renewal.unit_id = occupancy.unit_id
                           AND renewal.partner_id = occupancy.partner_id
                           AND renewal.role = 'tenant' AND renewal.state = 'approved'
                           AND renewal.active AND renewal.date_start > occupancy.date_end
                   ) AS is_recalled
              FROM property_occupancy occupancy
              JOIN property_unit space ON space.id = occupancy.unit_id AND space.kind = 'parking'
             WHERE occupancy.role = 'tenant' AND occupancy.state = 'approved'
               AND occupancy.active AND occupancy.date_start <= %(today)s
             ORDER BY occupancy.unit_id,
                      (occupancy.date_end IS NULL OR occupancy.date_end >= %(today)s) DESC,
                      occupancy.date_start DESC, occupancy.id DESC
            """, today=fields.Date.context_today(self))

    def _get_ownerships_query(self):
        """ Today's owner of each space; of several who has the largest share. """
        return SQL(
            """
            SELECT DISTINCT ON (occupancy.unit_id) occupancy.unit_id, occupancy.id,
                   occupancy.partner_id, occupancy.is_payer, occupancy.date_start
              FROM property_occupancy occupancy
              JOIN property_unit space ON space.id = occupancy.unit_id AND space.kind = 'parking'
             WHERE occupancy.role = 'owner' AND occupancy.state = 'approved'
               AND occupancy.active AND occupancy.date_start <= %(today)s
               AND (occupancy.date_end IS NULL OR occupancy.date_end >= %(today)s)
             ORDER BY occupancy.unit_id, occupancy.share DESC, occupancy.id
            """, today=fields.Date.context_today(self))

    def _get_vehicles_query(self):
        """ The vehicles that are registered for each space, in the same order everywhere. """
        return SQL(
            """
            SELECT unit_id,
                   string_agg(name, ', ' ORDER BY name) AS plates,
                   string_agg(NULLIF(brand, ''), ', ' ORDER BY name) AS brands,
                   string_agg(NULLIF(color, ''), ', ' ORDER BY name) AS colors
              FROM property_vehicle
             WHERE active AND unit_id IS NOT NULL
             GROUP BY unit_id
            """)

    @api.depends('unit_id')
    def _compute_note(self):
        for line in self:
            line.note = html2plaintext(line.unit_id.note or '').strip()

    # === ACTION METHODS === #

    def action_end(self):
        """ The space is given back (退租). """
        self.ensure_one()
        return self.occupancy_id.action_move_out()
