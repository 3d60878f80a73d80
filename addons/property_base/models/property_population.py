from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ..tools.population import get_age_group, get_cells, get_household_group
from .property_unit import ROOM_KINDS


class PropertyPopulation(models.Model):
    """ How many people of a kind live somewhere, on the first of a month; of no group below five.

    Stored once a month: figures of any day would tell, by their difference, who moved in between.
    """
    _name = 'property.population'
    _description = 'Population figures'
    _inherit = ['property.project.mixin']
    _order = 'date desc, project_id, building_id, dimension, category'

    date = fields.Date(string="Month", required=True)
    building_id = fields.Many2one(
        'property.building', index='btree_not_null', ondelete='cascade',
        help="Empty: buildings with fewer than five people, together.",
    )
    place = fields.Char(compute='_compute_place')
    dimension = fields.Selection(
        [('age', "Age"), ('sex', "Sex"), ('household', "Household size")], required=True)
    category = fields.Selection(
        [
            ('age_0', "0 to 6 years"), ('age_7', "7 to 17 years"), ('age_18', "18 to 34 years"),
            ('age_35', "35 to 59 years"), ('age_60', "60 to 79 years"),
            ('age_80', "80 years and older"), ('age_unknown', "Age not known"),
            ('male', "Male"), ('female', "Female"), ('sex_unknown', "Sex not known"),
            ('household_1', "Alone"), ('household_2', "Two people"),
            ('household_3', "Three people"), ('household_4', "Four people"),
            ('household_5', "Five and more"),
            ('others', "Other groups, together"),
        ],
        required=True,
    )
    people = fields.Integer(string="Number of people", required=True)

    _cell_uniq = models.UniqueIndex(
        '(date, project_id, COALESCE(building_id, 0), dimension, category)',
        "These figures exist already.",
    )
    _no_small_figure = models.Constraint(
        'CHECK (people >= 5)', "No figure counts fewer than five people.")

    @api.depends('building_id')
    def _compute_place(self):
        for figure in self:
            figure.place = figure.building_id.name or self.env._("Small buildings, together")

    @api.model
    def action_open_figures(self):
        """ The pivot table; a project that has no figures of this month yet gets them now. """
        if not self.env.user.has_group('property_base.group_population'):
            raise AccessError(self.env._("You may not see the population figures."))
        self._cron_count()
        return self.env['ir.actions.act_window']._for_xml_id(
            'property_base.property_population_action')

    @api.model
    def _cron_count(self):
        month = fields.Date.start_of(fields.Date.context_today(self), 'month')
        # sudo: of all projects; the rules show each user those of his.
        figures = self.sudo()
        counted = figures.search([('date', '=', month)]).project_id
        projects = self.env['property.project'].sudo().search([('id', 'not in', counted.ids)])
        figures.create([
            {'date': month, 'project_id': project.id, 'building_id': building,
             'dimension': dimension, 'category': category, 'people': people}
            for project, rows in figures._read_people(projects, month).items()
            for (building, dimension, category), people in get_cells(rows).items()
        ])

    @api.model
    def _read_people(self, projects, day):
        """ Who lives in the rooms of each project: `{project: [(building id, categories)]}`.

        Firms do not live anywhere, nor does an owner where a tenant does; who has two homes in a
        project is counted in the first.
        """
        if not projects:
            return {}
        self.env.flush_all()
        live = SQL(
            "state = 'approved' AND date_start <= %(day)s"
            " AND (date_end IS NULL OR date_end >= %(day)s)", day=day)
        rows = self.env.execute_query_dict(SQL(
            """
            WITH live AS (SELECT * FROM property_occupancy WHERE %(live)s)
            SELECT DISTINCT ON (live.project_id, live.partner_id)
                   live.project_id, unit.building_id, unit.id AS unit_id,
                   resident.sex, resident.date_birth
              FROM live
              JOIN property_unit AS unit ON unit.id = live.unit_id
              JOIN res_partner AS partner ON partner.id = live.partner_id
         LEFT JOIN property_resident AS resident ON resident.partner_id = partner.id
             WHERE live.project_id IN %(projects)s
               AND unit.kind IN %(kinds)s
               AND partner.is_company IS NOT TRUE
               AND NOT (live.role = 'owner' AND EXISTS (
                       SELECT 1
                         FROM live AS tenancy
                        WHERE tenancy.unit_id = live.unit_id AND tenancy.role = 'tenant'))
          ORDER BY live.project_id, live.partner_id, unit.id
            """,
            live=live, projects=tuple(projects.ids), kinds=ROOM_KINDS))
        sizes = {}
        for row in rows:
            sizes[row['unit_id']] = sizes.get(row['unit_id'], 0) + 1
        people = {}
        for row in rows:
            project = self.env['property.project'].browse(row['project_id'])
            people.setdefault(project, []).append((row['building_id'], {
                'age': get_age_group(row['date_birth'], day),
                'sex': row['sex'] or 'sex_unknown',
                'household': get_household_group(sizes[row['unit_id']]),
            }))
        return people
