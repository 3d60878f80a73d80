from odoo import SUPERUSER_ID, api, fields, models
from odoo.modules.module import get_module_icon
from odoo.tools import ormcache


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
    property_permission_ids = fields.One2many(
        'property.permission', 'user_id', string="Temporary permissions",
    )

    # === COMPUTE METHODS === #

    def _compute_all_group_ids(self):
        """ Override of `base`: and the groups of roles that are lent at the moment. """
        super()._compute_all_group_ids()
        for user in self:
            if lent := user._origin._get_lent_group_ids():
                user.all_group_ids += self.env['res.groups'].browse(lent)

    # === CRUD METHODS === #

    def write(self, vals):
        result = super().write(vals)
        if not {'property_project_ids', 'property_building_ids'}.isdisjoint(vals):
            self.env.invalidate_all()  # what was found before is answered anew
        return result

    # === BUSINESS METHODS: WHAT WAITS FOR THE USER === #

    @api.model
    def review_user_count(self):
        """ Override of `base_tier_validation`: the counter in the bar above, for what is ours. """
        names = self.env['tier.review']._get_approval_models()
        counts = [count for count in super().review_user_count() if count['model'] not in names]
        for name in names:
            if waiting := self.env[name]._search_waiting():
                counts.append({
                    'id': waiting[0].id, 'model': name, 'type': 'tier_review',
                    'name': waiting._get_approval_kind(),
                    'active_field': 'active' in waiting._fields,
                    'icon': get_module_icon(waiting._original_module),
                    'pending_count': len(waiting),
                })
        return counts

    # === BUSINESS METHODS: WHICH RECORDS === #

    def _sees_all_projects(self):
        """ Whether no project is closed to the user. Portal users have rules of their own. """
        return self.share or self.has_group('property_base.group_all_projects')

    def _get_property_scope(self):
        """ The projects that the user sees as a whole, and the single buildings. """
        self.ensure_one()
        user_sudo = self.sudo().with_context(active_test=False)
        projects = user_sudo.property_project_ids
        buildings = user_sudo.property_building_ids
        for _start, _end, _group_id, project_ids, building_ids in self._get_live_permissions():
            projects |= projects.browse(project_ids)
            buildings |= buildings.browse(building_ids)
        return projects, buildings

    # === BUSINESS METHODS: WHAT IS HELD FOR A TIME === #

    @ormcache('self.id')
    def _get_permission_schedule(self):
        """ The granted permissions of the user: start, end, group of the role, ids of projects and
        of buildings. It holds whatever the time is, so it can be cached.
        """
        permissions = self.env['property.permission'].sudo().search(
            [('user_id', '=', self.id), ('state', '=', 'granted')])
        schedule = []
        for permission in permissions:
            projects, buildings = permission.place_ids._get_records()
            schedule.append((
                permission.date_start, permission.date_end, permission.role_id.group_id.id,
                projects._ids, buildings._ids))
        return tuple(schedule)

    def _get_live_permissions(self):
        """ Those of the schedule that hold now, which is the start of the transaction. So a request
        is answered by one and the same rights from its beginning to its end.
        """
        schedule = () if self.id == SUPERUSER_ID else self._get_permission_schedule()
        if not schedule:
            return ()
        now = self.env.cr.now()
        return tuple(item for item in schedule if item[0] <= now < item[1])

    def _get_lent_group_ids(self):
        """ The groups, implied ones included, of the roles that the user has for a time. """
        role_group_ids = [item[2] for item in self._get_live_permissions() if item[2]]
        if not role_group_ids:
            return ()
        groups = self.env['res.groups']._get_group_definitions()
        return tuple(sorted(groups.get_superset_ids(role_group_ids)))

    def _get_permanent_group_ids(self):
        """ The groups, implied ones included, that the user has for good. """
        return self.sudo().group_ids.all_implied_ids._ids

    def _get_group_ids(self):
        """ Override of `base`, whose answer is cached: a lent role must not get into the cache. """
        if lent := self._get_lent_group_ids():
            return tuple(sorted({*self._get_permanent_group_ids(), *lent}))
        return super()._get_group_ids()

    def _get_permission_advice(self, project=None):
        """ Whom to ask, and how to apply, where a right is missing.

        :param project: the one that it is about: who manages it is asked first
        """
        granters = self.env['property.permission']._get_granters(self)
        names = [user.name for user in ((project and project.user_id or granters) - self)[:3]]
        lines = []
        if names:
            lines.append(self.env._("Ask %(names)s.", names=names))
        lines.append(self.env._(
            "Or apply for it for a time: your name at the top right › Temporary permissions › "
            "New."))
        return '\n'.join(lines)
