from odoo import fields, models


class ResUsers(models.Model):
    _inherit = 'res.users'

    property_project_ids = fields.Many2many(
        'property.project', 'property_project_user_rel', 'user_id', 'project_id',
        string="Projects", help="The projects that this user sees as a whole.",
    )
    property_building_ids = fields.Many2many(
        'property.building', 'property_building_user_rel', 'user_id', 'building_id',
        string="Buildings",
        help="Buildings that this user sees in projects that he does not see as a whole.",
    )

    # === CRUD METHODS === #

    def write(self, vals):
        result = super().write(vals)
        if not {'property_project_ids', 'property_building_ids'}.isdisjoint(vals):
            self.env.invalidate_all()  # what was found before is answered anew
        return result

    # === BUSINESS METHODS === #

    def _sees_all_projects(self):
        """ Whether no project is closed to the user. Portal users have rules of their own. """
        return self.share or self.has_group('property_base.group_all_projects')

    def _get_property_scope(self):
        """ The projects that the user sees as a whole, and the single buildings. """
        self.ensure_one()
        user_sudo = self.sudo().with_context(active_test=False)
        return user_sudo.property_project_ids, user_sudo.property_building_ids
