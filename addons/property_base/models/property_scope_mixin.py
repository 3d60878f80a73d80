from odoo import api, fields, models
from odoo.fields import Domain


class PropertyScopeMixin(models.AbstractModel):
    """ A record of a project, perhaps of one of its buildings: who of the staff may see it.

    What a user sees is the projects and the buildings that are his, for good or for a time. A
    record rule cannot hold them as ids, since Odoo keeps evaluated rules; so the rule asks for the
    field below, whose search looks them up each time, and puts ids into the query: PostgreSQL
    then takes the indexes of the two columns.

    Every model with this mixin needs the two global rules of
    `security/property_base_rules.xml`; a test walks the registry and fails where one is missing.
    """
    _name = 'property.scope.mixin'
    _description = 'Record that belongs to a project'

    # The names of the two many2one fields; core models have theirs with a prefix.
    _property_project_field = 'project_id'
    _property_building_field = 'building_id'

    property_in_scope = fields.Boolean(
        string="The user may see it", compute='_compute_property_in_scope',
        search='_search_property_in_scope', compute_sudo=False,
    )
    property_in_write_scope = fields.Boolean(
        string="The user may change it", compute='_compute_property_in_write_scope',
        search='_search_property_in_write_scope', compute_sudo=False,
    )

    # === COMPUTE METHODS === #

    @api.depends(lambda self: self._get_scope_fields())
    @api.depends_context('uid')
    def _compute_property_in_scope(self):
        seen = self.filtered_domain(self._get_scope_domain())
        seen.property_in_scope = True
        (self - seen).property_in_scope = False

    @api.depends(lambda self: self._get_scope_fields())
    @api.depends_context('uid')
    def _compute_property_in_write_scope(self):
        changed = self.filtered_domain(self._get_write_scope_domain())
        changed.property_in_write_scope = True
        (self - changed).property_in_write_scope = False

    def _search_property_in_scope(self, operator, value):
        return self._get_scope_domain() if operator == 'in' and True in value else NotImplemented

    def _search_property_in_write_scope(self, operator, value):
        if operator != 'in' or True not in value:
            return NotImplemented
        return self._get_write_scope_domain()

    # === BUSINESS METHODS === #

    def _check_write_scope(self):
        """ Whether the user could change these, as far as projects and buildings go. For actions
        that are a right of their own, without that of writing.
        """
        self.check_access('read')
        if closed := self.filtered(lambda record: not record.property_in_write_scope):
            raise self.env['ir.rule']._make_access_error('write', closed)

    def _get_scope_fields(self):
        names = (self._property_project_field, self._property_building_field)
        return [name for name in names if name in self._fields and name != 'id']

    @api.model
    def _get_write_scope_domain(self):
        """ What is of a whole project of the user, of a building of his, or of no project. """
        if self.env.user._sees_all_projects():
            return Domain.TRUE
        projects, buildings = self.env.user._get_property_scope()
        domain = Domain(self._property_project_field, 'in', projects.ids)
        if self._property_project_field != 'id':
            domain |= Domain(self._property_project_field, '=', False)
        if self._property_building_field in self._fields and buildings:
            domain |= Domain(self._property_building_field, 'in', buildings.ids)
        return domain

    @api.model
    def _get_scope_domain(self):
        """ The same, and what the project of such a building has in common. """
        domain = self._get_write_scope_domain()
        buildings = self.env.user._get_property_scope()[1]
        if domain.is_true() or not buildings:
            return domain
        common = Domain(self._property_project_field, 'in', buildings.project_id.ids)
        if self._property_building_field in self._fields:
            common &= Domain(self._property_building_field, '=', False)
        return domain | common
