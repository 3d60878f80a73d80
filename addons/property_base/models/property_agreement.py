from itertools import count

from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import ormcache

# What a resident has accepted is not rewritten afterwards.
PUBLISHED = {'published_at', 'published_by_id'}
FIXED = {'name', 'kind', 'version', 'company_id', 'body', *PUBLISHED}


class PropertyAgreement(models.Model):
    """ One version of a text that residents accept before they use the portal.

    The newest published version of its kind is in force; publishing one asks everybody again.
    """
    _name = 'property.agreement'
    _description = 'Agreement'
    _order = 'kind, id desc'

    name = fields.Char(string="Heading", required=True, translate=True)
    kind = fields.Selection(
        [('terms', "User agreement"), ('privacy', "Privacy policy")], required=True, index=True)
    version = fields.Char(required=True, copy=False, default='1.0')
    company_id = fields.Many2one(
        'res.company', index='btree_not_null',
        help="Empty: for the residents of every company that has published no text of its own.",
    )
    body = fields.Html(
        string="Text", required=True, translate=True,
        help="Where the text says {company}, residents read the name of their property company.",
    )
    published_at = fields.Datetime(string="Published at", readonly=True, copy=False)
    published_by_id = fields.Many2one(
        'res.users', string="Published by", readonly=True, copy=False)
    state = fields.Selection(
        [('draft', "Draft"), ('published', "In force"), ('replaced', "Replaced")],
        compute='_compute_state',
    )
    acceptance_ids = fields.One2many(
        'property.agreement.acceptance', 'agreement_id', string="Acceptances")
    acceptance_count = fields.Integer(
        string="Agreed to by", compute='_compute_acceptance_count')

    _version_uniq = models.UniqueIndex(
        '(kind, COALESCE(company_id, 0), version)',
        "There is a text of this kind with this version already. Give the new one a number of "
        "its own.",
    )

    # === COMPUTE METHODS === #

    @api.depends('published_at')
    def _compute_state(self):
        for agreement in self:
            if not agreement.published_at:
                agreement.state = 'draft'
            elif agreement in self._get_current(agreement.company_id):
                agreement.state = 'published'
            else:
                agreement.state = 'replaced'

    def _compute_acceptance_count(self):
        counts = dict(self.env['property.agreement.acceptance']._read_group(
            [('agreement_id', 'in', self.ids)], ['agreement_id'], ['__count']))
        for agreement in self:
            agreement.acceptance_count = counts.get(agreement, 0)

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_published_by_button(vals)
        return super().create(vals_list)

    def write(self, vals):
        if FIXED & vals.keys():
            self._check_draft()
        self._check_published_by_button(vals)
        return super().write(vals)

    def _check_published_by_button(self, vals):
        if not self.env.su and PUBLISHED & vals.keys():
            raise AccessError(self.env._(
                "When and by whom a text was published is noted when it is: press Publish."))

    def _update_field_translations(self, field_name, translations, digest=None, source_lang=''):
        if field_name in FIXED:
            self._check_draft()
        return super()._update_field_translations(field_name, translations, digest, source_lang)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_published(self):
        self._check_draft()

    # === ACTION METHODS === #

    def action_publish(self):
        """ From now on the portal asks for it. """
        self.check_access('write')
        self._check_draft()
        # sudo: nobody writes that but this action; the right is checked above.
        self.sudo().write({'published_at': fields.Datetime.now(), 'published_by_id': self.env.uid})
        self.env.registry.clear_cache()

    def action_new_version(self):
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'res_model': self._name,
            'view_mode': 'form',
            'res_id': self.copy({'version': self._get_next_version()}).id,
        }

    def action_preview(self):
        self.ensure_one()
        return {'type': 'ir.actions.act_url', 'url': self._get_url(), 'target': 'new'}

    # === BUSINESS METHODS === #

    @api.model
    def _get_current(self, company):
        """ What is in force for the residents of a company: its own text before the common one. """
        return self.browse(self._get_current_ids(company.id))

    @api.model
    @ormcache('company_id')
    def _get_current_ids(self, company_id):
        # sudo: a published text is for everybody.
        published = self.sudo().search(
            [('published_at', '!=', False), ('company_id', 'in', (False, company_id))],
            order='published_at desc, id desc')
        current = {}
        for agreement in published.sorted(lambda agreement: not agreement.company_id):
            current.setdefault(agreement.kind, agreement.id)
        return tuple(
            current[kind] for kind, _label in self._fields['kind'].selection if kind in current)

    @api.model
    @ormcache('company_id', 'self.env.lang')
    def _get_current_links(self, company_id):
        """ Name and address of each, for the foot of every page. """
        return tuple(
            (agreement.name, agreement._get_url())
            for agreement in self.sudo().browse(self._get_current_ids(company_id)))

    @api.model
    def _get_pending(self, user):
        """ The texts in force that the user has not accepted yet, with his company in them. """
        current_sudo = self.sudo()._get_current(user.company_id)
        # sudo: who has accepted what is for nobody else to read.
        accepted = self.env['property.agreement.acceptance'].sudo().search_fetch(
            [('user_id', '=', user.id), ('agreement_id', 'in', current_sudo.ids),
             ('company_id', '=', user.company_id.id)], ['agreement_id']).agreement_id
        return current_sudo - accepted

    def _accept(self, user, address):
        """ Note that the user accepts these versions.

        :param str address: the internet address that he does it from
        """
        try:
            with self.env.cr.savepoint():
                # sudo: this is the only way to an acceptance.
                self.env['property.agreement.acceptance'].sudo().create([{
                    'agreement_id': agreement.id,
                    'user_id': user.id,
                    'company_id': user.company_id.id,
                    'address': address,
                    'lang': self.env.lang,
                } for agreement in self & self._get_pending(user)])
        except UniqueViolation:
            pass  # accepted in another window at this very moment

    def _render_body(self, company):
        """ The text as a resident of the company reads it. """
        self.ensure_one()
        return self.body.replace('{company}', company.name)

    def _get_url(self):
        self.ensure_one()
        return f'/agreements/{self.id}'

    def _get_next_version(self):
        """ The next number that no text of the kind has; somebody may have begun a draft. """
        head, _dot, tail = self.version.rpartition('.')
        if not (head and tail.isdecimal()):
            head, tail = self.version, 0
        taken = set(self.search([
            ('kind', '=', self.kind), ('company_id', '=', self.company_id.id),
        ]).mapped('version'))
        return next(
            version for number in count(int(tail) + 1)
            if (version := f'{head}.{number}') not in taken)

    def _check_draft(self):
        if published := self.filtered('published_at'):
            raise UserError(self.env._(
                "%(name)s %(version)s is published and stays as it was accepted. Make a new "
                "version of it.", name=published[0].name, version=published[0].version))


class PropertyAgreementAcceptance(models.Model):
    """ Who accepted which version, when and from where. Written once, never changed. """
    _name = 'property.agreement.acceptance'
    _description = 'Acceptance of an agreement'
    _order = 'id desc'
    _rec_name = 'user_id'

    agreement_id = fields.Many2one(
        'property.agreement', required=True, readonly=True, index=True, ondelete='restrict')
    version = fields.Char(related='agreement_id.version')
    kind = fields.Selection(related='agreement_id.kind')
    company_id = fields.Many2one(
        'res.company', readonly=True, index=True,
        help="The property company that the text named.",
    )
    user_id = fields.Many2one(
        'res.users', string="Agreed by", required=True, readonly=True, index=True,
        ondelete='restrict')
    address = fields.Char(string="Internet address", readonly=True)
    lang = fields.Char(string="Read in", readonly=True)

    _user_uniq = models.UniqueIndex('(agreement_id, user_id, company_id)')
