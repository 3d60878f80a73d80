from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

OPEN = ('waiting', 'pending')


class PropertyApprovalMixin(models.AbstractModel):
    """ What is decided by somebody else: in one step, or in the levels that are set up for it.

    Without levels (`tier.definition`) the model's own buttons decide, and nothing here has any
    effect. With levels, what is submitted passes one after the other, each decided by somebody
    else; after the last one the model's own action is carried out, by who decided last. A level
    adds a step and never a right: at each level decides who might decide alone.
    """
    _name = 'property.approval.mixin'
    _description = 'Approval in one or several steps'
    _inherit = ['mail.thread', 'tier.validation']
    _tier_validation_manual_config = False  # banner and levels are put into every form

    # The model sets these, `_state_from`, `_state_to` and `_cancel_state` of `tier.validation`.
    _approval_group = None  # the right to decide
    _approve_action = 'action_approve'
    _refuse_action = 'action_refuse'
    # What a job may write, in sudo, while the levels are passed: no part of what is decided about.
    _job_fields = ()

    review_ids = fields.One2many(string="Levels")
    validation_status = fields.Selection(string="Levels passed")
    # Who of the staff decides is not for the portal.
    to_validate_message = fields.Html(groups='base.group_user')
    reviewer_ids = fields.Many2many(groups='base.group_user')

    # === COMPUTE METHODS === #

    @api.depends('review_ids.status', 'validation_status')
    @api.depends_context('uid')
    def _compute_can_review(self):
        """ Override of `base_tier_validation`: asked now, not when the level was reached. """
        waiting = self._filter_waiting()
        waiting.can_review = True
        (self - waiting).can_review = False

    @api.model
    def _search_can_review(self, operator, value):
        if operator != 'in' or True not in value:
            return NotImplemented
        return [('id', 'in', self._search_waiting().ids)]

    def _get_to_validate_message(self):
        """ Override of `base_tier_validation`: which level it is, and whose. """
        review = self.sudo()._get_current_review()
        if not review:
            return ''
        return self.env._(
            "Level %(number)s of %(count)s, %(level)s: waits for %(people)s.",
            number=review.sequence, count=len(self.sudo().review_ids), level=review.name,
            people=review.people or self.env._("somebody who may decide"))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records._start_levels()
        return records

    def write(self, vals):
        result = super().write(vals)
        if state := vals.get(self._state_field):
            if state in self._state_from:
                self._start_levels()
            else:
                self._close_levels()
        return result

    def unlink(self):
        # sudo: the levels go with what they are about, and nobody deletes them alone.
        self.sudo().review_ids.unlink()
        return super().unlink()

    def _tier_validation_check_state_on_write(self, vals):
        """ Override of `base_tier_validation`: while levels are open, nothing else decides. What
        was submitted before there were levels is decided in a single step.
        """
        if vals.get(self._state_field) not in (*self._state_to, self._cancel_state):
            return
        for record in self.sudo():
            if record._get_current_review():
                raise UserError(self.env._(
                    "%(record)s is decided in several levels. Open it and choose “Decide”.",
                    record=record.display_name))

    def _tier_validation_check_write_allowed(self, vals):
        """ Override of `base_tier_validation`: what is being decided about stays as it is. A
        change of state is an action's, which has checks of its own.
        """
        if self._state_field in vals:
            return
        for record in self.filtered(lambda record: record.validation_status in OPEN):
            if blocked := vals.keys() - set(record._get_under_validation_exceptions()):
                raise UserError(self.env._(
                    "%(record)s is being decided about and stays as it was submitted: "
                    "%(fields)s cannot change. Have it refused or withdraw it, then correct it.",
                    record=record.display_name,
                    fields=[self._fields[name]._description_string(self.env)
                            for name in sorted(blocked) if name in self._fields]))

    def _get_under_validation_exceptions(self):
        """ Override of `base_tier_validation`: and what jobs of the system may write. """
        names = super()._get_under_validation_exceptions()
        return [*names, *self._job_fields] if self.env.su else names

    def _allow_to_remove_reviews(self, values):
        """ Override of `base_tier_validation`: who decided stays on record after a refusal, and
        until it is submitted anew.
        """
        return values.get(self._state_field) in self._state_from and super(
            )._allow_to_remove_reviews(values)

    # === ACTIONS === #

    def validate_tier(self):
        """ Override of `base_tier_validation`: the page on which a level is decided. """
        self.ensure_one()
        action = self._add_comment('validate', self._get_current_review())
        action.update({
            'name': self.env._("Decide"),
            'views': [(self.env.ref('property_base.comment_wizard_view_form').id, 'form')],
            'view_id': False,
        })
        return action

    def reject_tier(self):
        """ Override of `base_tier_validation`: the same page. """
        return self.validate_tier()

    def restart_validation(self):
        """ Override of `base_tier_validation`: nobody wipes out what others have decided. """
        raise AccessError(self.env._(
            "Have it refused or withdraw it, then submit it again: the levels start anew."))

    # === BUSINESS METHODS: WHO DECIDES === #

    @api.model
    def _get_approval_kind(self):
        """ What such a matter is called where it waits with others. """
        return self.env['ir.model'].sudo()._get(self._name).name  # kinds are no secret

    def _filter_decidable(self):
        """ Those about which the user may decide in a single step. """
        if not self.env.user.has_group(self._approval_group):
            return self.browse()
        return self._filtered_access('read')

    def _get_applicants(self):
        """ Whose own matter it is: they decide at no level. """
        return self.create_uid

    def _filter_waiting(self):
        """ Those that wait for the user, be it in a single step or at a level. """
        submitted = self.filtered('id')._get_submitted()
        mine = submitted and submitted._filter_decidable()
        if not mine:
            return self.browse()
        # sudo: whose turn it is follows from levels and rights of others.
        reviews = self.env['tier.review'].sudo().search(
            [('model', '=', self._name), ('res_id', 'in', mine.ids), ('status', '=', 'pending')])
        reviewers = reviews._find_reviewers()
        others = {review.res_id for review in reviews if self.env.user not in reviewers[review]}
        return mine.filtered(lambda record: record.id not in others)

    @api.model
    def _search_waiting(self):
        """ All that waits for the user; nothing of what he may not see. """
        if not self.has_access('read'):
            return self.browse()
        return self.search([(self._state_field, 'in', self._state_from)])._filter_waiting()

    def _get_submitted(self):
        """ Those that somebody has to decide about. """
        return self.filtered(lambda record: record[self._state_field] in self._state_from)

    def _take_opinion(self, is_approved, opinion):
        """ The last opinion, where the model has words of its own for the applicant. """

    # === BUSINESS METHODS: LEVELS === #

    def _get_current_review(self):
        """ The level whose turn it is. """
        return self.review_ids.filtered(lambda review: review.status in OPEN).sorted(
            'sequence')[:1]

    def _get_following_review(self, review):
        """ The level after another one. """
        return self.review_ids.filtered(
            lambda other: other.status in OPEN and other.sequence > review.sequence
        ).sorted('sequence')[:1]

    def _start_levels(self):
        """ What has been submitted begins at the first level, if there is any for it. """
        # sudo: which levels there are is not for who submits to choose.
        records_sudo = self.sudo()._get_submitted().filtered(lambda record: not record.review_ids)
        if not records_sudo or not self.env['tier.definition'].sudo().search_count(
                [('model', '=', self._name)], limit=1):
            return
        records_sudo.request_validation()
        records_sudo._notify_approvers()

    def _close_levels(self):
        """ Whatever ended it, nobody needs to decide about it any more. """
        # sudo: nobody writes levels but these methods.
        self.sudo().review_ids.filtered(lambda review: review.status in OPEN).status = 'cancel'

    def _decide_level(self, review, is_approved, opinion, next_reviewer):
        """ The user decides the level at which the record is, and chooses who decides next.

        :param review: the level that he has seen
        :param next_reviewer: `res.users`, empty to leave it to all of the next level
        """
        self.ensure_one()
        self.check_access('read')
        self._lock_levels()
        # sudo: levels are written here only, after these checks.
        record_sudo, review = self.sudo(), review.sudo()
        if not review or review != record_sudo._get_current_review():
            raise UserError(self.env._(
                "This level of %(record)s has been decided meanwhile: %(decision)s. Open it anew.",
                record=self.display_name, decision=', '.join(
                    [*review.mapped('display_status'), *review.done_by.mapped('name')])))
        review._check_reviewer()
        following = record_sudo._get_following_review(review)
        if next_reviewer and next_reviewer not in following._find_reviewers(
                but=self.env.user).get(following, ()):
            raise UserError(self.env._(
                "%(user)s cannot decide the next level. Choose another one, or nobody.",
                user=next_reviewer.name))
        review.write({
            'comment': opinion, 'reviewer_ids': [fields.Command.set(review._get_reviewers().ids)]})
        if is_approved:
            following.chosen_reviewer_id = next_reviewer
            record_sudo._validate_tier(review)
        else:
            record_sudo._rejected_tier(review)
            record_sudo._close_levels()
        record_sudo._update_counter({'review_deleted': True})
        record_sudo._log_level(review)
        if is_approved and following:
            record_sudo._notify_approvers()
            return
        record_sudo._take_opinion(is_approved, opinion)
        getattr(self, self._approve_action if is_approved else self._refuse_action)()

    def _lock_levels(self):
        """ Let two approvers decide one after the other: the second waits here, fails with a
        serialization error, and is repeated with the first one's decision in its sight.
        """
        self.env.cr.execute(SQL(
            "UPDATE tier_review SET write_date = write_date WHERE model = %s AND res_id IN %s",
            self._name, tuple(self.ids)))

    # === BUSINESS METHODS: MESSAGES === #

    def _notify_approvers(self):
        """ Tell those whose turn it is; of what was submitted together, in one message. """
        reviews = self.env['tier.review'].union(
            *(record._get_current_review() for record in self))
        reviewers = reviews._find_reviewers()
        for users, together in reviews.grouped(lambda review: reviewers[review]).items():
            for lang, partners in users.partner_id.grouped('lang').items():
                review = together[0].with_context(lang=lang)
                record = self.browse(review.res_id).with_context(lang=lang)
                record._send_approval(
                    partners, 'approval', record.env._(
                        "%(kind)s waits for your decision: %(level)s",
                        kind=record._get_approval_kind(), level=review.name),
                    record.display_name if len(together) == 1 else record.env._(
                        "%(record)s and %(count)s more",
                        record=record.display_name, count=len(together) - 1))

    def _log_level(self, review):
        """ A decision stays in the history, and who submitted it is told. """
        text = ' · '.join((review.name, review.display_status, review.comment))
        self.message_post(body=text, author_id=self.env.user.partner_id.id)
        applicant = review.requested_by
        if applicant.active and not applicant.share:  # the portal tells its own
            self._send_approval(
                applicant.partner_id, 'progress', self.display_name, text)

    def _send_approval(self, partners, category, subject, body):
        """ The one place where approvals send anything. """
        self.env['property.notification']._notify(
            partners, category, record=self, subject=subject, body=body,
            url=f'/mail/view?model={self._name}&res_id={self.id}')

    # === VIEW METHODS === #

    def _get_tier_validation_readonly_domain(self):
        """ Override of `base_tier_validation`: once decided, it is what it was without levels. """
        return "validation_status in ('waiting', 'pending')"

    def _add_tier_validation_buttons(self, node, params):
        return self._get_snippet('approval_fields')

    def _add_tier_validation_label(self, node, params):
        return self._get_snippet('approval_banner')

    def _add_tier_validation_reviews(self, node, params):
        return self._get_snippet('approval_levels')

    def _get_snippet(self, name):
        """ As it is written: rendered, the template of its cards would be gone. """
        # sudo: what everybody's form has in it.
        return self.env.ref(f'property_base.{name}').sudo()._get_combined_arch()[0]
