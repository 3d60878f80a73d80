from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools.i18n import format_list


class TierReview(models.Model):
    """ A level that a record passes: who can decide it, worked out when it is asked. """
    _inherit = 'tier.review'

    definition_id = fields.Many2one(ondelete='restrict')
    chosen_reviewer_id = fields.Many2one(
        'res.users', string="Chosen to decide", readonly=True,
        help="By who decided the level before. If he cannot decide any more, all of the level can.",
    )
    people = fields.Char(string="By", compute='_compute_people')
    is_document_readable = fields.Boolean(
        compute='_compute_is_document_readable', search='_search_is_document_readable',
        compute_sudo=False,
    )

    # === COMPUTE METHODS === #

    @api.depends('done_by', 'status', 'chosen_reviewer_id')
    def _compute_people(self):
        """ Who decided it; whoever can; of a level that is not reached yet, whom it names. """
        # sudo: who may see the record may know whose turn it is.
        levels = self.sudo()
        reviewers = levels.filtered(
            lambda review: review.status == 'pending' and review._is_approval())._find_reviewers()
        for review in levels:
            if review.status == 'waiting':
                review.people = (
                    review.chosen_reviewer_id or review.reviewer_group_id or review.reviewer_id
                ).name
                continue
            users = reviewers.get(review, review.done_by)
            names = users[:3].mapped('name')
            review.people = self.env._(
                "%(names)s, %(count)s more", names=', '.join(names), count=len(users) - 3,
            ) if len(users) > 3 else names and format_list(self.env, names)

    @api.depends('model', 'res_id')
    @api.depends_context('uid')
    def _compute_is_document_readable(self):
        readable = self.filtered_domain(self._get_document_domain())
        readable.is_document_readable = True
        (self - readable).is_document_readable = False

    def _search_is_document_readable(self, operator, value):
        if operator != 'in' or True not in value:
            return NotImplemented
        return self._get_document_domain()

    @api.model
    def _get_document_domain(self):
        """ The levels of what the user may see, as staff. """
        names = self._get_approval_models()
        domain = Domain('model', 'not in', names)
        for name in names:
            Model = self.env[name].sudo(False).with_context(active_test=False)
            if self.env.user._is_internal() and Model.has_access('read'):
                domain |= Domain('model', '=', name) & Domain('res_id', 'in', Model._search([]))
        return domain

    # === BUSINESS METHODS === #

    @api.model
    def _get_approval_models(self):
        """ The names of the models whose records pass levels of ours. """
        return sorted(
            name for name in self.env.registry.descendants(['property.approval.mixin'], '_inherit')
            if not self.env[name]._abstract)

    def _is_approval(self):
        return self.model in self._get_approval_models()

    def _get_reviewer_fields(self):
        """ Override of `base_tier_validation`: and whoever was chosen. """
        return [*super()._get_reviewer_fields(), 'chosen_reviewer_id']

    def _compute_reviewer_ids(self):
        """ Override of `base_tier_validation`: of many at once. """
        approvals = self.filtered(lambda review: review._is_approval())
        super(TierReview, self - approvals)._compute_reviewer_ids()
        reviewers = approvals._find_reviewers()
        for review in approvals:
            review.reviewer_ids = reviewers[review]

    def _get_reviewers(self):
        """ Override of `base_tier_validation`: those who can decide now. """
        return self._find_reviewers()[self] if self._is_approval() else super()._get_reviewers()

    def _find_reviewers(self, but=None):
        """ Who can decide: whoever was chosen, else those named for the level, else, so that
        nothing waits for ever for who has left or lost the right, all who may decide about it.

        :param but: `res.users` who will not, in addition to those who must not
        :rtype: dict[tier.review, res.users]
        """
        no_one = self.env['res.users']
        result = {}
        for model, reviews in self.grouped('model').items():
            records = self.env[model].browse(reviews.mapped('res_id')).exists()
            record_by_id = dict(zip(records.ids, records, strict=True))
            group = self.env.ref(records._approval_group)
            members = {
                group: self._get_group_users(group)
                for group in group | reviews.definition_id.reviewer_group_id}
            decidable = {}

            def filter_able(users, review, records=records, decidable=decidable):
                for user in users.filtered(lambda user: user not in decidable):
                    is_staff = user.active and not user.share
                    decidable[user] = set(
                        is_staff and self._act_as(records, user)._filter_decidable().ids or ())
                return users.filtered(lambda user: review.res_id in decidable[user])

            for review in reviews:
                record = record_by_id.get(review.res_id, records.browse())
                barred = review._get_barred(record) | (but or no_one)
                named = members.get(review.reviewer_group_id, no_one) if (
                    review.review_type == 'group') else super(TierReview, review)._get_reviewers()
                able = filter_able((review.chosen_reviewer_id | named) - barred, review) \
                    or filter_able(members[group] - barred, review)
                result[review] = review.chosen_reviewer_id & able or able
        return result

    @api.model
    def _act_as(self, records, user):
        """ The records as the user has them, in whatever company of his. """
        records = records.with_user(user)
        if user == self.env.user:
            return records
        return records.with_context(allowed_company_ids=user.company_ids.ids)

    @api.model
    def _get_group_users(self, group):
        """ The staff who have the group, for good or at the moment. """
        lent = self.env['property.permission'].search(
            [('is_live', '=', True), ('role_id.all_implied_ids', 'in', group.ids)]).user_id
        return (group.all_user_ids | lent) - self.env.ref('base.user_root')

    def _get_barred(self, record):
        """ Nobody decides about his own request, nor twice about the same one. """
        decided = record.review_ids.filtered(lambda other: other.status != 'cancel').done_by
        return self.requested_by | decided | record._get_applicants()

    def _check_reviewer(self):
        """ :raises AccessError: the user cannot decide this level, with the reason """
        user = self.env.user
        if user in self._get_reviewers():
            return
        record = self.env[self.model].browse(self.res_id)
        if user in self.requested_by | record._get_applicants():
            raise AccessError(self.env._(
                "Nobody decides about his own request. It waits for %(people)s.",
                people=self.people or self.env._("somebody who may decide")))
        if user in self._get_barred(record):
            raise AccessError(self.env._(
                "You have decided a level of it already. The next one takes somebody else: "
                "%(people)s.", people=self.people or self.env._("somebody who may decide")))
        raise AccessError(self.env._(
            "It is not your turn: %(level)s waits for %(people)s.",
            level=self.name, people=self.people or self.env._("somebody who may decide")))

    def _notify_review_reminder(self, record):
        """ Override of `base_tier_validation`: remind those who can decide now. """
        if self._is_approval():
            record._notify_approvers()
        else:
            super()._notify_review_reminder(record)
