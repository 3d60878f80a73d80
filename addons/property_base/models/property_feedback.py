import base64

from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools.mimetypes import guess_mimetype

OF_RESIDENTS = ('problem', 'suggestion')
MAX_PICTURES = 3
MAX_PICTURE_SIZE = 8 * 1024 * 1024
PICTURES = ('image/jpeg', 'image/png', 'image/webp', 'image/gif')
# Where nobody has told his time zone: one day there is one day here.
TIME_ZONE = 'Asia/Shanghai'
# What the person has written stays, and the steps are taken by the actions.
FIXED = {
    'kind', 'description', 'proposal', 'url', 'picture_ids', 'user_id', 'partner_id', 'project_id',
    'company_id', 'date', 'tells_progress', 'state', 'accepted_by_id', 'accepted_at',
    'answered_by_id', 'answered_at', 'read_at',
}


class PropertyFeedback(models.Model):
    """ A problem or a suggestion of a resident, or what staff say about the system itself.

    The loop closes with the person who opened it: reported, accepted, answered, read.
    """
    _name = 'property.feedback'
    _description = 'Feedback'
    _inherit = [
        'property.scope.mixin', 'property.notification.mixin', 'mail.thread', 'mail.activity.mixin']
    _order = 'id desc'
    _rec_name = 'description'

    kind = fields.Selection(
        [('problem', "Problem report"), ('suggestion', "Suggestion"),
         ('staff', "About the system")],
        required=True, readonly=True, default='staff', index=True,
    )
    description = fields.Text(
        required=True, readonly=True, help="What happened, where, and what was expected.")
    proposal = fields.Text(readonly=True, help="How it would be better.")
    url = fields.Char(string="Screen", readonly=True)
    picture_ids = fields.Many2many(
        'ir.attachment', 'property_feedback_picture_rel', string="Pictures", readonly=True,
        copy=False,
    )
    user_id = fields.Many2one(
        'res.users', string="Submitted by", required=True, readonly=True, index=True,
        default=lambda self: self.env.user, ondelete='restrict',
    )
    partner_id = fields.Many2one(
        'res.partner', string="Person", required=True, readonly=True, index=True,
        ondelete='restrict', default=lambda self: self.env.user.partner_id,
    )
    project_id = fields.Many2one(
        'property.project', string="Project", index='btree_not_null', ondelete='restrict',
        readonly=True,
    )
    company_id = fields.Many2one(
        'res.company', required=True, readonly=True, index=True,
        default=lambda self: self.env.company,
    )
    date = fields.Date(
        required=True, readonly=True, help="The day where the person lives.",
        default=lambda self: self._get_local_today(self.env.user),
    )
    state = fields.Selection(
        [('new', "Reported"), ('accepted', "Accepted"), ('answered', "Answered"),
         ('read', "Read")],
        required=True, readonly=True, default='new', index=True, tracking=True, copy=False,
    )
    accepted_by_id = fields.Many2one(
        'res.users', string="Accepted by", readonly=True, copy=False)
    accepted_at = fields.Datetime(string="Accepted at", readonly=True, copy=False)
    # What is written and not given yet is no answer: residents read it in the steps.
    answer = fields.Text(copy=False, tracking=True, groups='base.group_user')
    answered_by_id = fields.Many2one(
        'res.users', string="Answered by", readonly=True, copy=False)
    answered_at = fields.Datetime(string="Answered at", readonly=True, copy=False)
    read_at = fields.Datetime(string="Answer read at", readonly=True, copy=False)

    _once_a_day = models.UniqueIndex(
        "(partner_id, kind, date) WHERE kind != 'staff'",
        "You have sent one of these today. The next one can be sent tomorrow.",
    )

    # === CRUD METHODS === #

    def write(self, vals):
        if not self.env.su:
            if FIXED & vals.keys():
                raise UserError(self.env._(
                    "What somebody has written stays as it is, and the steps are taken by the "
                    "buttons. Write an answer instead."))
            if 'answer' in vals and any(record.state in ('answered', 'read') for record in self):
                raise UserError(self.env._("The answer has been given; write a message instead."))
        return super().write(vals)

    # === ACTION METHODS === #

    def action_accept(self):
        """ The office takes it up. """
        self.check_access('write')
        new = self.filtered(lambda record: record.state == 'new')
        # sudo: the steps are written by nobody but these methods, which have checked the right.
        new.sudo().write({
            'state': 'accepted', 'accepted_by_id': self.env.uid,
            'accepted_at': fields.Datetime.now()})
        new._tell_step()

    def action_answer(self):
        """ The office is done with it. """
        self.check_access('write')
        if any(not (record.answer or '').strip() for record in self):
            raise UserError(self.env._("Write the answer first."))
        open_ones = self.filtered(lambda record: record.state in ('new', 'accepted'))
        now = fields.Datetime.now()
        for record in open_ones.sudo():  # as above
            record.write({
                'state': 'answered', 'answered_by_id': self.env.uid, 'answered_at': now,
                'accepted_by_id': record.accepted_by_id.id or self.env.uid,
                'accepted_at': record.accepted_at or now})
        open_ones._tell_step()

    def action_read(self):
        """ The person has read the answer: the loop is closed. """
        self.check_access('read')
        for record in self:
            if record.user_id != self.env.user:
                raise UserError(self.env._("Only the person who wrote it can close it."))
        self.filtered(lambda record: record.state == 'answered').sudo().write({  # as above
            'state': 'read', 'read_at': fields.Datetime.now()})

    # === BUSINESS METHODS === #

    @api.model
    def _submit(self, kind, description, proposal=None, pictures=(), project=None, progress=None):
        """ What a resident sends, once a day of each kind.

        :param list[tuple[str, bytes]] pictures: file name and content
        :param property.project project: one that the user may see
        :param dict progress: how he wants to be told of each step, see `_read_progress_choice`
        :raises ValidationError: it is empty, a picture is none, or today's has been sent
        """
        user = self.env.user
        if kind not in OF_RESIDENTS or not description.strip():
            raise ValidationError(self.env._("Please say what it is about."))
        today = self._get_local_today(user)
        used = ValidationError(self.env._(
            "You have sent one of these today. The next one can be sent tomorrow."))
        if self.sudo().search_count([
            ('partner_id', '=', user.partner_id.id), ('kind', '=', kind), ('date', '=', today),
        ], limit=1):
            raise used
        try:
            with self.env.cr.savepoint():
                return self._create_feedback({
                    'kind': kind,
                    'description': description,
                    'proposal': proposal,
                    'project_id': project.id if project else False,
                    # sudo: which company manages the project that he sees is no secret.
                    'company_id': (project.sudo() if project else user).company_id.id,
                    'date': today,
                    **(progress or {}),
                }, pictures)
        except UniqueViolation:  # sent twice at the same moment
            raise used from None

    @api.model
    def submit_about_system(self, description, proposal=None, picture=None, url=None):
        """ What a member of staff sends from the screen that he is at.

        :param str picture: base64
        """
        if not self.env.user._is_internal():
            raise AccessError(self.env._("This is for staff."))
        if not description.strip():
            raise ValidationError(self.env._("Please say what it is about."))
        return self._create_feedback(
            {'kind': 'staff', 'description': description, 'proposal': proposal, 'url': url},
            [(self.env._("Screen"), base64.b64decode(picture))] if picture else [],
        ).id

    @api.model
    def _create_feedback(self, vals, pictures):
        if len(pictures) > MAX_PICTURES:
            raise ValidationError(self.env._(
                "At most %(count)s pictures, please.", count=MAX_PICTURES))
        for name, content in pictures:
            if guess_mimetype(content) not in PICTURES or len(content) > MAX_PICTURE_SIZE:
                raise ValidationError(self.env._(
                    "%(name)s is not a picture (JPEG, PNG, WebP, GIF) of at most 8 MB.",
                    name=name))
        # sudo: nobody may create a feedback but by the two methods above, which have checked.
        feedback_sudo = self.sudo().with_context(mail_create_nosubscribe=True).create({
            **vals,
            'description': vals['description'].strip(),
            'proposal': (vals['proposal'] or '').strip(),
            'user_id': self.env.uid,
            'partner_id': self.env.user.partner_id.id,
        })
        feedback_sudo.picture_ids = self.env['ir.attachment'].sudo().create([
            {'name': name, 'raw': content, 'res_model': self._name, 'res_id': feedback_sudo.id}
            for name, content in pictures])
        # Residents have no right on attachments: their page shows these by token, as Odoo's do.
        feedback_sudo.picture_ids.generate_access_token()
        return feedback_sudo.sudo(self.env.su)

    @api.model
    def _get_local_today(self, user):
        return fields.Date.context_today(self.with_context(tz=user.tz or TIME_ZONE))

    @api.model
    def _get_kinds_of_residents(self):
        """ The kinds that residents send, with their words. """
        return {
            kind: label for kind, label in self._fields['kind']._description_selection(self.env)
            if kind in OF_RESIDENTS}

    @api.model
    def _get_left_today(self, user):
        """ Which kinds the user may still send today. """
        # sudo: of his own ones he only learns whether they are there.
        sent = self.sudo().search_fetch([
            ('partner_id', '=', user.partner_id.id),
            ('date', '=', self._get_local_today(user)),
        ], ['kind']).mapped('kind')
        return [kind for kind in OF_RESIDENTS if kind not in sent]

    def _tell_step(self):
        """ Tell the person the step that was just taken, if he wants to know. """
        for record in self:
            # In the words of the reader. sudo: the clerk may not be allowed to see his record.
            record = record.with_context(lang=record.sudo().partner_id.lang)
            if record.state == 'accepted':
                subject = record.env._("Your feedback has been accepted")
                body = record.env._("You will get an answer.")
            else:
                subject = record.env._("Your feedback has been answered")
                body = record.answer
            is_staff = record.kind == 'staff'
            record.sudo()._notify_progress(
                subject=subject, body=body,
                url=f'/odoo/property-feedback/{record.id}' if is_staff
                else f'/my/feedback/{record.id}')

    def _get_steps(self):
        """ Who did what when, for the person who sent it; steps to come have no date. """
        self.ensure_one()
        record = self.sudo()  # names of staff
        return [
            {'label': self.env._("Reported"), 'who': record.partner_id.name,
             'date': record.create_date},
            {'label': self.env._("Accepted"), 'who': record.accepted_by_id.name,
             'date': record.accepted_at},
            {'label': self.env._("Answered"), 'who': record.answered_by_id.name,
             'date': record.answered_at, 'text': record.answered_at and record.answer},
            {'label': self.env._("Read by you"), 'who': record.read_at and record.partner_id.name,
             'date': record.read_at},
        ]


class PropertyHome(models.AbstractModel):
    _inherit = 'property.home'

    def _get_reminders(self, projects):
        reminders = super()._get_reminders(projects)
        if self.env.user.has_group('property_base.group_feedback'):
            inside = self._get_project_domain(projects) | Domain('project_id', '=', False)
            reminders.append(self._prepare_item(
                'feedback', self.env._("Feedback to answer"),
                'property_base.property_feedback_action',
                inside & Domain('state', 'in', ('new', 'accepted')), icon='fa-comments-o'))
        return reminders
