import logging

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..const import INITIALISING, QUIET_CONTEXT

_logger = logging.getLogger(__name__)

# Where a contact stands in the register; each model names him `partner_id`.
PEOPLE_MODELS = (
    'property.occupancy', 'property.handover', 'property.resident.number', 'property.vehicle',
    'property.pet',
)


class PropertyInitialise(models.TransientModel):
    """ Removes the trial data of the current company, while nothing real is posted (G14). """
    _name = 'property.initialise'
    _description = 'Removal of trial data'

    # Not stored, so that no call names a company other than the one that the user works in.
    company_id = fields.Many2one('res.company', compute='_compute_company_id')
    summary = fields.Html(compute='_compute_summary')
    obstacles = fields.Html(compute='_compute_summary')
    kept_count = fields.Integer(compute='_compute_summary')
    is_possible = fields.Boolean(compute='_compute_summary')
    confirmation = fields.Char(string="Name of the company")

    # === COMPUTE METHODS === #

    @api.depends_context('company')
    def _compute_company_id(self):
        self.company_id = self.env.company

    @api.depends_context('company', 'lang')
    def _compute_summary(self):
        self._check_administrator()
        obstacles = self._get_obstacles()
        data = self._collect()
        qweb = self.env['ir.qweb']
        self.obstacles = obstacles and qweb._render(
            'property_base.initialise_obstacles', {'obstacles': obstacles})
        self.summary = data and qweb._render('property_base.initialise_summary', {
            'lines': [(self._get_label(records), len(records)) for records in data]})
        self.kept_count = len(self._get_people() - self._get_removable_people(data))
        self.is_possible = bool(data and not obstacles)

    # === ACTION METHODS === #

    def action_initialise(self):
        """ All of it or nothing: an error takes everything back. """
        self.ensure_one()
        self._check_administrator()
        company = self.env.company
        if (self.confirmation or '').strip() != company.name:
            raise UserError(self.env._(
                "Type the name of the company as it stands above: %(company)s",
                company=company.name))
        if obstacles := self._get_obstacles():
            raise UserError('\n\n'.join(obstacles))
        data = self._collect()
        removed = [f"{self._get_label(records)}: {len(records)}" for records in data]
        # Files first: some of them would go with what they are attached to.
        for records in (self._get_files(data), *data):
            records.with_context(
                **QUIET_CONTEXT, property_initialising=INITIALISING).unlink()
        self.env.registry.clear_cache()  # who may see what was kept with the ids of projects
        # sudo: an administrator need not have the right to write contacts.
        company.partner_id.sudo().message_post(
            body=self.env._("Trial data removed: %(removed)s", removed=', '.join(removed)),
            author_id=self.env.user.partner_id.id)
        _logger.info(
            "%s removed the trial data of %s: %s", self.env.user.login, company.name, removed)
        return {
            'type': 'ir.actions.client',
            'tag': 'display_notification',
            'params': {
                'type': 'success',
                'message': self.env._(
                    "The trial data of %(company)s are gone. Begin with a project, or import a "
                    "workbook.", company=company.name),
                'next': {'type': 'ir.actions.act_window_close'},
            },
        }

    # === BUSINESS METHODS === #

    def _check_administrator(self):
        if not self.env.user.has_group('base.group_system'):
            raise AccessError(self.env._("Only administrators remove trial data."))

    @api.model
    def _get_obstacles(self):
        """ What is real, and so forbids it; other add-ons add theirs by `super()`.

        :return: sentences that tell what it is and what to do
        :rtype: list[str]
        """
        running = self._find('property.import').filtered('is_running')
        return [self.env._(
            "The import of %(file)s is running. Wait until it is done.",
            file=workbook.file_name or '') for workbook in running]

    @api.model
    def _get_data(self):
        """ What goes, in an order in which nothing refers to what went before it; other add-ons
        put theirs before that of `super()`.

        :return: recordsets in sudo mode: of the company, whatever the user's projects are
        :rtype: list
        """
        return [self._find(model) for model in (
            'property.notification', 'property.feedback', 'property.home.request',
            'property.invitation', 'property.import', 'property.resident.change',
            'property.document', 'property.key', 'property.pet', 'property.vehicle',
            'property.population', 'property.occupancy', 'property.handover',
            'property.resident.number', 'property.unit', 'property.entrance', 'property.building',
            'property.project',
        )]

    # === GETTERS === #

    @api.model
    def _find(self, model, domain=None):
        # sudo: the administrator removes what is of the company, in projects of others as well.
        # Of documents the newer version refers to the older one.
        return self.env[model].sudo().with_context(active_test=False).search(
            domain or [('company_id', '=', self.env.company.id)], order='id desc')

    def _collect(self):
        """ The register, and then the people of whom nothing else is known. """
        data = self._get_data()
        people = self._get_removable_people(data)
        of_people = [('partner_id', 'in', people.ids)]
        return [records for records in (
            *data, self._find('property.identity.log', of_people),
            self._find('property.resident', of_people), people) if records]

    def _get_people(self):
        """ The contacts in the register of the company. """
        partners = self._find('property.resident', [
            ('partner_id.company_id', '=', self.env.company.id)]).partner_id
        for model in PEOPLE_MODELS:
            partners |= self._find(model).partner_id
        return partners

    def _get_removable_people(self, data):
        """ Those that nothing refers to but what goes: no login, no entry, no other company. """
        people = self._get_people()
        if not people:
            return people
        self.env.flush_all()
        going = {records._table: records.ids for records in data if records}
        held = set()
        for table, column in self._get_references():
            held.update(partner_id for [partner_id] in self.env.execute_query(SQL(
                "SELECT DISTINCT %(column)s FROM %(table)s"
                " WHERE %(column)s = ANY(%(people)s) AND NOT (id = ANY(%(going)s))",
                column=SQL.identifier(column), table=SQL.identifier(table), people=people.ids,
                going=going.get(table, []))))
        return people.filtered(lambda partner: partner.id not in held)

    def _get_references(self):
        """ The columns that say of a contact that somebody still needs him. Not those that go with
        him, nor what mail and dialogs know of him.
        """
        dialogs = tuple(
            model._table for model in self.env.registry.values() if model._transient)
        return self.env.execute_query(SQL("""
            SELECT source.relname, field.attname
              FROM pg_constraint AS reference
              JOIN pg_class AS source ON source.oid = reference.conrelid
              JOIN pg_attribute AS field ON field.attrelid = source.oid
                                        AND field.attnum = reference.conkey[1]
             WHERE reference.contype = 'f'
               AND reference.confrelid = 'res_partner'::regclass
               AND reference.confdeltype != 'c'
               AND NOT (reference.confdeltype = 'n' AND (
                        starts_with(source.relname, 'mail_')
                        OR starts_with(source.relname, 'sms_')
                        OR source.relname = 'property_identity_log'
                        OR source.relname IN %s
                        OR (source.relname, field.attname)
                           = ('res_partner', 'commercial_partner_id')))
        """, dialogs))

    def _get_files(self, data):
        """ Papers and photos that are attached through a list, which does not own them. """
        files = self.env['ir.attachment'].sudo()
        for records in data:
            for name, field in records._fields.items():
                if field.type == 'many2many' and field.store \
                        and field.comodel_name == 'ir.attachment':
                    files |= records[name]
        return files

    def _get_label(self, records):
        return self.env['ir.model']._get(records._name).name
