from odoo import fields, models
from odoo.tools import SQL


class PropertyPlace(models.Model):
    """ The name of a project or of a building, and no more: what a permission is applied for.

    Who applies does not see the project yet, but must be able to name it.
    """
    _name = 'property.place'
    _description = 'Project or building'
    _auto = False
    _order = 'name'

    name = fields.Char(readonly=True)
    is_building = fields.Boolean(readonly=True)
    record_id = fields.Integer(string="Record", readonly=True)
    company_id = fields.Many2one('res.company', readonly=True)

    @property
    def _table_query(self):
        return SQL("""
            SELECT id * 2 AS id, name, FALSE AS is_building, id AS record_id, company_id
              FROM property_project
             WHERE active
             UNION ALL
            SELECT building.id * 2 + 1, project.name || ' ' || building.name, TRUE, building.id,
                   building.company_id
              FROM property_building AS building
              JOIN property_project AS project ON project.id = building.project_id
             WHERE building.active AND project.active
        """)

    def _get_records(self):
        """ The projects and the buildings. """
        return (
            self.env['property.project'].browse(
                self.filtered(lambda place: not place.is_building).mapped('record_id')),
            self.env['property.building'].browse(
                self.filtered('is_building').mapped('record_id')),
        )

    def _is_whole_of_user(self):
        """ Whether the user sees all of it, and for good. """
        self.ensure_one()
        user = self.env.user
        place = self.sudo()
        if place.company_id not in user.company_ids:
            return False
        if self.env.ref('property_base.group_all_projects').id in user._get_permanent_group_ids():
            return True
        project, building = place._get_records()
        return bool(
            (project | building.project_id) & user.property_project_ids
            or building & user.property_building_ids)
