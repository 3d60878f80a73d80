from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from ..tools.periods import day_after

# How it begins and ends: by being created, and by the buttons.
STEP_FIELDS = {'answered_by_id', 'date_end', 'date_start', 'state', 'user_id'}


class PropertyChargeDispute(models.Model):
    """ Somebody says that a bill is wrong (B44): finance looks at it, corrects it or explains it.

    Who works in the project may flag a bill without seeing what others owe: he names the unit and
    what is wrong, and finance finds the charge.
    """
    _name = 'property.charge.dispute'
    _description = 'Flagged bill'
    _inherit = ['property.unit.mixin', 'mail.thread']
    _order = 'date_start desc, id desc'

    unit_id = fields.Many2one(
        compute='_compute_unit_id', store=True, readonly=False, precompute=True)
    charge_id = fields.Many2one(
        'property.charge', string="Charge", index='btree_not_null', ondelete='restrict',
        tracking=True, domain="[('unit_id', '=', unit_id), ('state', '=', 'posted')]",
        groups='property_billing.group_billing_user',
    )
    reason = fields.Text(string="What is wrong", required=True)
    user_id = fields.Many2one(
        'res.users', string="Flagged by", required=True, readonly=True, index=True,
        default=lambda self: self.env.user, ondelete='restrict',
    )
    state = fields.Selection(
        [('open', "To be checked"), ('corrected', "Corrected"), ('kept', "Right as it is")],
        required=True, default='open', readonly=True, index=True, tracking=True, copy=False,
    )
    answer = fields.Text(
        tracking=True, copy=False, help="What was found; who flagged the bill reads it.",
    )
    answered_by_id = fields.Many2one(
        'res.users', string="Answered by", readonly=True, copy=False, ondelete='restrict',
    )
    date_start = fields.Date(
        string="Flagged on", required=True, readonly=True, default=fields.Date.context_today,
        help="No late fee accrues from this day until the answer.",
    )
    date_end = fields.Date(string="Answered on", readonly=True, copy=False)

    _one_open_per_charge = models.UniqueIndex(
        "(charge_id) WHERE state = 'open'", "This charge is flagged already.",
    )

    @api.depends('charge_id')
    def _compute_unit_id(self):
        for dispute in self:
            # sudo: who flags a charge without the right to see it has named the unit himself.
            dispute.unit_id = dispute.sudo().charge_id.unit_id or dispute.unit_id

    @api.depends('unit_id.complete_name', 'charge_id.display_name')
    def _compute_display_name(self):
        for dispute in self:
            # sudo: fee and period of the flagged bill, without any amount.
            charge_sudo = dispute.sudo().charge_id
            dispute.display_name = charge_sudo.display_name or dispute.unit_id.complete_name

    # === CONSTRAINT METHODS === #

    @api.constrains('charge_id', 'unit_id')
    def _check_charge_id(self):
        for dispute in self.sudo():  # whoever flags it
            charge = dispute.charge_id
            if charge and (charge.unit_id != dispute.unit_id or charge.state != 'posted'):
                raise ValidationError(self.env._(
                    "%(charge)s is no posted charge of %(unit)s. Choose the one that is wrong.",
                    charge=charge.display_name, unit=dispute.unit_id.complete_name))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        disputes = super().create(vals_list)
        today = fields.Date.context_today(self)
        # Asked afterwards, since the context can bring defaults.
        if not self.env.su and any(
                dispute.state != 'open' or dispute.user_id != self.env.user
                or dispute.date_start != today or dispute.date_end or dispute.answered_by_id
                for dispute in disputes):
            raise self._get_step_error()
        disputes._notify_officers()
        return disputes

    def write(self, vals):
        if not self.env.su:
            if vals.keys() & STEP_FIELDS:
                raise self._get_step_error()
            if vals.keys() & {'reason', 'unit_id'}:
                raise UserError(self.env._(
                    "What somebody has flagged stays as it was written. Write an answer instead."))
            if vals.keys() & {'answer', 'charge_id'} and set(self.mapped('state')) != {'open'}:
                raise UserError(self.env._("This is answered already; write a message instead."))
        return super().write(vals)

    def _get_step_error(self):
        return AccessError(self.env._("A flagged bill is closed by its buttons, not by hand."))

    # === ACTION METHODS === #

    def action_keep(self):
        """ The bill is right; the answer says why. """
        self.check_access('write')
        for dispute in self:
            if not (dispute.answer or '').strip():
                raise UserError(self.env._(
                    "%(bill)s: write under “Answer” why it is right.", bill=dispute.display_name))
        self._close('kept')

    def action_correct(self):
        """ What the charge would be now; posting it ends this, too. """
        self.ensure_one()
        if not self.charge_id:
            raise UserError(self.env._("Choose the charge first that is wrong."))
        action = self.charge_id.action_correct()
        action['context']['default_reason'] = self.reason
        return action

    # === BUSINESS METHODS === #

    def _close(self, state, answer=None):
        """ It ends today, and who flagged it is told. """
        # sudo: nobody writes these fields but the buttons, which check who may.
        disputes_sudo = self.sudo().filtered(lambda dispute: dispute.state == 'open')
        disputes_sudo.write({
            'state': state, 'answered_by_id': self.env.uid,
            'date_end': fields.Date.context_today(self),
            **({'answer': answer} if answer else {}),
        })
        for dispute in disputes_sudo:
            if dispute.user_id != self.env.user and dispute.user_id.active:
                told = dispute.with_context(lang=dispute.user_id.lang)
                label = dict(told._fields['state']._description_selection(told.env))[state]
                dispute._notify(
                    dispute.user_id, 'progress', f'{told.display_name}: {label}', dispute.answer)

    def _notify_officers(self):
        """ Tell those of finance who may answer it. """
        group = self.env.ref('property_billing.group_billing_officer')
        # sudo: staff do not see who else has which group.
        users_sudo = self.env['res.users'].sudo().search([
            ('all_group_ids', 'in', group.ids), ('company_ids', 'in', self.company_id.ids)])
        for dispute in self:
            for lang, users in users_sudo.filtered(lambda user, dispute=dispute: (
                user != self.env.user
                and dispute.company_id in user.company_ids
                and dispute.with_user(user).with_context(
                    allowed_company_ids=dispute.company_id.ids).has_access('write')
            )).grouped('lang').items():
                told = dispute.with_context(lang=lang)
                dispute._notify(users, 'approval', told.env._(
                    "A bill is flagged as wrong: %(bill)s", bill=told.display_name),
                    dispute.reason)

    def _notify(self, users, category, subject, body):
        self.env['property.notification']._notify(
            users.partner_id, category, record=self, subject=subject, body=body,
            url=f'/mail/view?model={self._name}&res_id={self.id}')


class PropertyCharge(models.Model):
    _inherit = 'property.charge'

    dispute_ids = fields.One2many('property.charge.dispute', 'charge_id', string="Flags")
    is_disputed = fields.Boolean(
        string="Flagged as wrong", compute='_compute_is_disputed', search='_search_is_disputed',
    )

    @api.depends('dispute_ids.state')
    def _compute_is_disputed(self):
        # sudo: its payer may know, too; what was written about it stays hidden.
        disputed_sudo = self.env['property.charge.dispute'].sudo().search(
            [('charge_id', 'in', self.ids), ('state', '=', 'open')]).charge_id
        for charge in self:
            charge.is_disputed = charge._origin in disputed_sudo

    def _search_is_disputed(self, operator, value):
        if operator != 'in':
            return NotImplemented
        disputed = Domain('dispute_ids', 'any!', [('state', '=', 'open')])
        return disputed if True in value else ~disputed

    # === ACTION METHODS === #

    def action_dispute(self):
        """ Say what is wrong with it. """
        self.ensure_one()
        return {
            'name': self.env._("Flag as wrong"),
            'type': 'ir.actions.act_window',
            'res_model': 'property.charge.dispute',
            'view_mode': 'form',
            'views': [(self.env.ref(
                'property_billing.property_charge_dispute_view_form_new').id, 'form')],
            'target': 'new',
            'context': {'default_charge_id': self.id, 'default_unit_id': self.unit_id.id},
        }

    def action_view_dispute(self):
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'res_model': 'property.charge.dispute',
            'res_id': self.dispute_ids.filtered(lambda dispute: dispute.state == 'open')[:1].id,
            'views': [(False, 'form')],
        }

    # === BUSINESS METHODS === #

    def _correct(self, reason, date, expected=None, amounts=None):
        """ Extension: what is corrected is no longer flagged, and who flagged it is told. """
        moves = super()._correct(reason, date, expected, amounts)
        # sudo: as the correction itself, of which this is a part.
        self.sudo().dispute_ids._close('corrected', reason)
        return moves

    def _get_disputed_days(self):
        """ The days on which these were flagged: `{charge: [(start, end)]}`, half-open, the end
        None while they are.
        """
        # sudo: that a charge was flagged is a fact of it.
        disputes_sudo = self.env['property.charge.dispute'].sudo().search(
            [('charge_id', 'in', self.ids)], order='date_start, id')
        days = {}
        for dispute in disputes_sudo:
            days.setdefault(dispute.charge_id.with_env(self.env), []).append((
                dispute.date_start, day_after(dispute.date_end)))
        return days
