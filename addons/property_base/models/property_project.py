from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain


class PropertyProject(models.Model):
    """ A compound, tower, mall or park under one management office. """
    _name = 'property.project'
    _description = 'Project'
    _inherit = [
        'property.guard.mixin', 'property.scope.mixin', 'mail.thread', 'mail.activity.mixin']
    _property_project_field = 'id'
    _order = 'sequence, name'
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    code = fields.Char(help="Short code, unique in the company; workbooks name the project by it.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        'res.company', required=True, index=True, default=lambda self: self.env.company,
        help="The legal entity whose books hold the fees of this project.",
    )
    currency_id = fields.Many2one(related='company_id.currency_id')
    region_id = fields.Many2one('property.region', string="Region", index='btree_not_null')
    kind = fields.Selection(
        [('residential', "Residential compound"), ('office', "Office tower"),
         ('commercial', "Commercial complex"), ('industrial', "Industrial park")],
        required=True, default='residential',
    )
    street = fields.Char(string="Address")
    city = fields.Char()
    phone = fields.Char(string="Office phone")
    user_id = fields.Many2one(
        'res.users', string="Project manager", domain=[('share', '=', False)], tracking=True,
    )
    service_user_ids = fields.Many2many(
        'res.users', 'property_project_service_user_rel', string="Customer service team",
        domain=[('share', '=', False)], groups='base.group_user',
    )
    user_ids = fields.Many2many(
        'res.users', 'property_project_user_rel', 'project_id', 'user_id', string="Who may see it",
        default=lambda self: self.env.user, domain=[('share', '=', False)],
        groups='base.group_user',
        help="Staff who see this project as a whole. Members of the group “All projects” see it "
             "anyway; who sees single buildings of it stands at the buildings.",
    )
    approves_residents = fields.Boolean(
        string="New residents need approval", tracking=True,
        help="Whom an officer enters has no effect until somebody else approves him, and core data "
             "of an approved resident change only with the owner's word.",
    )
    developer_id = fields.Many2one(
        'res.partner', string="Developer", check_company=True, groups='base.group_user',
        help="Pays the fees of a unit until its hand-over date (建设单位).",
    )

    archive_mode = fields.Selection(
        [('immediate', "At once"), ('check_in', "After check-in")],
        string="Customer archive", required=True, default='immediate',
        help="When a new owner or tenant stands in the customer archive: as soon as he is entered, "
             "or only after his unit was handed to him. Until then he is among those who wait.",
    )
    land_area = fields.Float(string="Land area", digits=(16, 2))
    building_area = fields.Float(string="Building area", digits=(16, 2))
    usable_area = fields.Float(string="Usable area", digits=(16, 2))
    public_area = fields.Float(string="Public-place area", digits=(16, 2))
    plot_ratio = fields.Float(string="Plot ratio", digits=(16, 2))
    greening_rate = fields.Float(string="Greening rate (%)", digits=(5, 2))
    coverage_rate = fields.Float(string="Coverage rate (%)", digits=(5, 2))
    household_count = fields.Integer(string="Planned households")
    note = fields.Html(string="Remarks", groups='base.group_user')

    building_ids = fields.One2many('property.building', 'project_id', string="Buildings")
    unit_ids = fields.One2many('property.unit', 'project_id', string="Units")
    building_count = fields.Integer(string="Number of buildings", compute='_compute_counts')
    unit_count = fields.Integer(string="Number of units", compute='_compute_counts')
    occupant_count = fields.Integer(
        string="Residents", compute='_compute_counts', help="People who live here today.",
    )

    _code_company_uniq = models.UniqueIndex(
        '(company_id, code) WHERE code IS NOT NULL',
        "Another project of this company has this code already.",
    )
    _name_company_uniq = models.UniqueIndex(
        '(company_id, name)', "Another project of this company has this name already.",
    )

    def _compute_counts(self):
        buildings = dict(self.env['property.building']._read_group(
            [('project_id', 'in', self.ids)], ['project_id'], ['__count']))
        units = dict(self.env['property.unit']._read_group(
            [('project_id', 'in', self.ids)], ['project_id'], ['__count']))
        Occupancy = self.env['property.occupancy']
        occupants = dict(Occupancy._read_group(
            Occupancy._get_live_domain() & Domain('project_id', 'in', self.ids),
            ['project_id'], ['partner_id:count_distinct']))
        for project in self:
            project.building_count = buildings.get(project, 0)
            project.unit_count = units.get(project, 0)
            project.occupant_count = occupants.get(project, 0)

    # === CRUD METHODS === #

    def write(self, vals):
        result = super().write(vals)
        if 'user_ids' in vals:
            self.env.invalidate_all()  # what was found before is answered anew
        return result

    # === ACTION METHODS === #

    def action_view_room_board(self):
        self.ensure_one()
        return self.env['property.building']._get_room_board_action(project_id=self.id)

    def action_open_portal_page(self):
        """ The page that residents are sent to, to be looked at and shared. """
        self.ensure_one()
        return {'type': 'ir.actions.act_url', 'url': self._get_portal_url(), 'target': 'new'}

    # === BUSINESS METHODS === #

    def _get_portal_url(self):
        """ What posters and bills lead to: the page that tells how to get at the portal. """
        self.ensure_one()
        return f'{self.get_base_url()}/p/{self.id}'

    @api.model
    @api.readonly
    def get_property_tree(self, kind=False):
        """ What the user may see of projects, buildings and entrances, nested, with the number
        of units of each; and of which of these models he may create records.

        The number of queries does not depend on the number of nodes.

        :param str kind: count the units of this kind only, and leave out buildings without any;
            of parking spaces, keep empty parking lots
        """
        Building = self.env['property.building']
        Entrance = self.env['property.entrance']
        Unit = self.env['property.unit']

        def make_node(record, children, count):
            return {
                'model': record._name, 'id': record.id, 'name': record.name,
                'count': count, 'children': children,
            }

        unit_counts = Unit._read_group(
            [('kind', '=', kind)] if kind else [], ['building_id', 'entrance_id'], ['__count'])
        building_counts = defaultdict(int)
        entrance_counts = defaultdict(int)
        for building, entrance, count in unit_counts:
            building_counts[building] += count
            entrance_counts[entrance] += count

        with_units = shown = Domain.TRUE
        if kind:
            with_units = Domain('id', 'in', [entrance.id for entrance in entrance_counts])
            shown = Domain('id', 'in', [building.id for building in building_counts])
        if kind == 'parking':
            shown |= Domain('is_parking_lot', '=', True)
        entrances = defaultdict(list)
        for entrance in Entrance.search_fetch(with_units, ['name', 'building_id']):
            entrances[entrance.building_id].append(
                make_node(entrance, [], entrance_counts[entrance]))
        buildings = defaultdict(list)
        for building in Building.search_fetch(shown, ['name', 'project_id']):
            buildings[building.project_id].append(
                make_node(building, entrances[building], building_counts[building]))
        nodes = [
            make_node(project, children := buildings[project], sum(c['count'] for c in children))
            for project in self.search_fetch([], ['name'])
        ]
        return {
            'nodes': nodes,
            'can_create': {
                model._name: model.has_access('create')
                for model in (self, Building, Entrance, Unit)
            },
        }
