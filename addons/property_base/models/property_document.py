from odoo import api, fields, models
from odoo.exceptions import ValidationError


class PropertyDocument(models.Model):
    """ A drawing, contract, licence or other paper of a project, a building or a unit.

    A new version takes the place of the one before, which stays in the archive.
    """
    _name = 'property.document'
    _description = 'Document'
    _inherit = ['property.project.mixin', 'mail.thread', 'mail.activity.mixin']
    _order = 'project_id, building_id, unit_id, kind, name, version desc, id desc'

    name = fields.Char(required=True, tracking=True)
    kind = fields.Selection(
        [('drawing', "Drawing"), ('contract', "Contract"), ('licence', "Licence"),
         ('other', "Other")],
        required=True, default='drawing', index=True, tracking=True,
    )
    number = fields.Char(string="Number", help="As the paper itself has it.")
    project_id = fields.Many2one(
        compute='_compute_project_id', store=True, readonly=False, precompute=True, tracking=True,
    )
    building_id = fields.Many2one(
        'property.building', index='btree_not_null', ondelete='restrict', tracking=True,
        compute='_compute_building_id', store=True, readonly=False, precompute=True,
        domain="[('project_id', '=', project_id)]", help="Empty: of the whole project.",
    )
    unit_id = fields.Many2one(
        'property.unit', index='btree_not_null', ondelete='restrict', tracking=True,
        domain="[('building_id', '=', building_id)]",
    )
    date = fields.Date(default=fields.Date.context_today)
    date_expiry = fields.Date(string="Valid until", tracking=True)
    is_expired = fields.Boolean(compute='_compute_is_expired', search='_search_is_expired')
    version = fields.Integer(default=1, readonly=True, copy=False)
    previous_id = fields.Many2one(
        'property.document', string="Version before", readonly=True, copy=False,
        index='btree_not_null', ondelete='restrict', context={'active_test': False},
    )
    file = fields.Binary(required=True, attachment=True)
    file_name = fields.Char()
    mimetype = fields.Char(compute='_compute_mimetype', string="File type")
    preview = fields.Selection(
        [('image', "Picture"), ('pdf', "PDF"), ('none', "None")], compute='_compute_mimetype',
    )
    note = fields.Text(string="Remarks")
    active = fields.Boolean(default=True)

    _one_next_version = models.UniqueIndex(
        '(previous_id) WHERE previous_id IS NOT NULL',
        "This document has a newer version already. Open that one.",
    )

    # === COMPUTE METHODS === #

    @api.depends('unit_id.building_id')
    def _compute_building_id(self):
        for document in self:
            document.building_id = document.unit_id.building_id or document.building_id

    @api.depends('building_id.project_id', 'unit_id.project_id')
    def _compute_project_id(self):
        for document in self:
            document.project_id = (
                document.unit_id.project_id or document.building_id.project_id
                or document.project_id)

    @api.depends('date_expiry')
    def _compute_is_expired(self):
        today = fields.Date.context_today(self)
        for document in self:
            document.is_expired = bool(document.date_expiry and document.date_expiry < today)

    def _search_is_expired(self, operator, value):
        if operator != 'in' or True not in value:
            return NotImplemented
        return [('date_expiry', '<', 'today')]

    @api.depends('file')
    def _compute_mimetype(self):
        # sudo: attachments of fields are hidden from searches; the document's right was asked.
        types = {
            attachment.res_id: attachment.mimetype
            for attachment in self.env['ir.attachment'].sudo().search_fetch([
                ('res_model', '=', self._name), ('res_field', '=', 'file'),
                ('res_id', 'in', self.ids)], ['res_id', 'mimetype'])}
        for document in self:
            mimetype = document.mimetype = types.get(document.id)
            document.preview = (
                'image' if (mimetype or '').startswith('image/')
                else 'pdf' if mimetype == 'application/pdf' else 'none')

    # === CONSTRAINT METHODS === #

    @api.constrains('project_id', 'building_id', 'unit_id')
    def _check_place(self):
        for document in self:
            if (document.building_id and document.building_id.project_id != document.project_id
                    or document.unit_id and document.unit_id.building_id != document.building_id):
                raise ValidationError(self.env._(
                    "%(document)s: project, building and unit do not belong together.",
                    document=document.name))

    @api.constrains('date', 'date_expiry')
    def _check_dates(self):
        for document in self:
            if document.date and document.date_expiry and document.date_expiry < document.date:
                raise ValidationError(self.env._(
                    "%(document)s cannot expire before its date.", document=document.name))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """ A new version counts on, and puts the one before into the archive. """
        default = self.default_get(['previous_id'])
        vals_list = [{**default, **vals} for vals in vals_list]
        previous = self.browse(
            {vals['previous_id'] for vals in vals_list if vals.get('previous_id')}).exists()
        previous.check_access('write')
        versions = {document.id: document.version for document in previous}
        for vals in vals_list:
            vals['version'] = versions.get(vals.get('previous_id'), 0) + 1
        documents = super().create(vals_list)
        previous.active = False
        return documents

    # === ACTION METHODS === #

    def action_open_file(self):
        """ In the browser, which shows pictures and PDF on a phone, too. """
        self.ensure_one()
        return {
            'type': 'ir.actions.act_url',
            'url': f'/web/content/{self._name}/{self.id}/file/{self.file_name or ""}',
            'target': 'new',
        }

    def action_new_version(self):
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("New version of %(document)s", document=self.name),
            'res_model': self._name,
            'view_mode': 'form',
            'context': {
                'default_previous_id': self.id,
                **{f'default_{name}': self[name].id or False
                   for name in ('project_id', 'building_id', 'unit_id')},
                **{f'default_{name}': self[name] for name in ('name', 'kind', 'number', 'note')},
            },
        }


class PropertyUnit(models.Model):
    _inherit = 'property.unit'

    document_ids = fields.One2many('property.document', 'unit_id', string="Unit documents")
