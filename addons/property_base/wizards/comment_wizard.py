from odoo import api, fields, models
from odoo.exceptions import AccessError


class CommentWizard(models.TransientModel):
    """ The page on which a level is decided: opinion, decision, and who decides next. """
    _inherit = 'comment.wizard'

    document = fields.Char(string="Matter to approve", compute='_compute_document')
    earlier_ids = fields.Many2many(
        'tier.review', string="Decided so far", compute='_compute_document')
    decision = fields.Selection(
        [('approve', "Approve"), ('refuse', "Refuse")], string="Conclusion", required=True,
        default='approve')
    phrase_id = fields.Many2one('property.phrase', string="Common phrases", store=False)
    keep_phrase = fields.Boolean(string="Keep this opinion as a phrase of mine")
    next_level = fields.Char(string="Next level", compute='_compute_next')
    next_candidate_ids = fields.Many2many('res.users', compute='_compute_next')
    next_reviewer_id = fields.Many2one(
        'res.users', string="Next approver", domain="[('id', 'in', next_candidate_ids)]",
        help="Empty: whoever of the next level comes first.",
    )

    # === COMPUTE METHODS === #

    @api.depends('res_model', 'res_id')
    def _compute_document(self):
        for wizard in self:
            record = wizard._get_approval()
            wizard.document = record and record.display_name
            wizard.earlier_ids = record and record.review_ids.filtered('done_by')

    @api.depends('review_ids')
    def _compute_next(self):
        for wizard in self:
            wizard.next_level = False
            wizard.next_candidate_ids = False
            if record := wizard._get_approval():
                # sudo: whose turn is next follows from levels and rights of others.
                following = record.sudo()._get_following_review(wizard.review_ids[:1].sudo())
                wizard.next_level = following.name
                wizard.next_candidate_ids = following._find_reviewers(
                    but=self.env.user).get(following)

    @api.onchange('phrase_id')
    def _onchange_phrase_id(self):
        if self.phrase_id:
            self.comment = ' '.join(filter(None, (self.comment, self.phrase_id.name)))
            self.phrase_id = False

    # === ACTIONS === #

    def add_comment(self):
        """ Override of `base_tier_validation`: a level of ours is decided by rules of ours. """
        self.ensure_one()
        record = self._get_approval()
        if record is None:
            return super().add_comment()
        if self.create_uid != self.env.user:
            raise AccessError(self.env._("This opinion is somebody else's."))
        if self.keep_phrase:
            self.env['property.phrase'].create({'name': self.comment})
        record._decide_level(
            self.review_ids, self.decision == 'approve', self.comment, self.next_reviewer_id)

    # === BUSINESS METHODS === #

    def _get_approval(self):
        """ The record that is decided about, if its levels are ours. """
        if self.res_model not in self.env['tier.review']._get_approval_models():
            return None
        record = self.env[self.res_model].browse(self.res_id)
        record.check_access('read')
        return record
