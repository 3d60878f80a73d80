from fractions import Fraction

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

from odoo.addons.property_base.const import QUIET_CONTEXT

from ..tools.apportion import apportion
from ..tools.periods import ONE_DAY
from ..tools.rounding import exact, round_half_up

# What its entry says: fixed once it is posted.
INPUT_FIELDS = {'amount', 'date', 'fund_id', 'key_id', 'name', 'target_id'}


class PropertyFundTransfer(models.Model):
    """ Revenue of the common parts that goes into the maintenance fund (公共收益划入维修资金), to
    the account of each unit by its area. It is one entry, and taken back by one.
    """
    _name = 'property.fund.transfer'
    _description = 'Transfer to the maintenance fund'
    _inherit = ['property.project.mixin', 'mail.thread']
    _order = 'date desc, id desc'
    _check_company_auto = True
    # Where it stands: only its steps say that.
    _step_fields = frozenset({'move_id', 'state'})

    name = fields.Char(
        string="What for", required=True, tracking=True,
        default=lambda self: self.env._("Revenue of the common parts to the maintenance fund"),
        help="It stands on the entry.")
    fund_id = fields.Many2one(
        'property.fund', string="Out of", required=True, index=True, ondelete='restrict',
        tracking=True, domain=[('kind', '=', 'public_revenue')])
    project_id = fields.Many2one(
        related='fund_id.project_id', store=True, index=True, precompute=True, required=False)
    target_id = fields.Many2one(
        'property.fund', string="Into", required=True, index=True, ondelete='restrict',
        tracking=True, compute='_compute_target_id', store=True, readonly=False, precompute=True,
        domain="[('kind', '=', 'maintenance'), ('project_id', '=', project_id)]",
        help="Its account of each unit gets the unit's part.")
    key_id = fields.Many2one(
        'property.share.key', string="Share key", required=True, index=True, ondelete='restrict',
        tracking=True, compute='_compute_key_id', store=True, readonly=False, precompute=True,
        domain="[('project_id', '=', project_id), ('basis', 'in', ('area', 'usable_area'))]",
        help="Which units get a part, each by its area on that day.")
    date = fields.Date(
        string="Posting date", required=True, default=fields.Date.context_today, tracking=True)
    currency_id = fields.Many2one(related='company_id.currency_id')
    amount_balance = fields.Monetary(related='fund_id.amount_balance', string="Balance")
    amount_open = fields.Monetary(related='fund_id.amount_open', string="Not received yet")
    amount = fields.Monetary(
        required=True, tracking=True, compute='_compute_amount', store=True, readonly=False,
        precompute=True, help="Proposed: what is in the fund and has been received.")
    posting_notice = fields.Char(compute='_compute_posting_notice')
    state = fields.Selection(
        [('draft', "Draft"), ('posted', "Posted"), ('cancelled', "Taken back")],
        required=True, default='draft', readonly=True, index=True, copy=False, tracking=True)
    move_id = fields.Many2one(
        'account.move', string="Entry", index='btree_not_null', ondelete='restrict', copy=False,
        readonly=True)

    # === COMPUTE METHODS === #

    @api.depends('fund_id')
    def _compute_target_id(self):
        """ The only one of the project, as a rule. """
        for transfer in self:
            if transfer.target_id.project_id != transfer.project_id or not transfer.target_id:
                funds = self.env['property.fund'].search([
                    ('project_id', '=', transfer.fund_id.project_id.id),
                    ('kind', '=', 'maintenance')], limit=2)
                transfer.target_id = len(funds) == 1 and funds

    @api.depends('fund_id')
    def _compute_key_id(self):
        for transfer in self:
            if transfer.key_id.project_id != transfer.project_id or not transfer.key_id:
                transfer.key_id = self.env['property.share.key'].search([
                    ('project_id', '=', transfer.fund_id.project_id.id), ('basis', '=', 'area'),
                    ('level', '=', 'project')], limit=1)

    @api.depends('fund_id')
    def _compute_amount(self):
        for transfer in self:
            if not transfer.amount:
                fund = transfer.fund_id
                transfer.amount = max(fund.amount_balance - fund.amount_open, 0)

    @api.depends('date', 'company_id')
    def _compute_posting_notice(self):
        for transfer in self:
            transfer.posting_notice = transfer.company_id._get_posting_notice(transfer.date)

    # === CONSTRAINT METHODS === #

    @api.constrains('fund_id', 'target_id', 'key_id')
    def _check_fund_id(self):
        for transfer in self:
            fund, target, key = transfer.fund_id, transfer.target_id, transfer.key_id
            if (fund.kind, target.kind) != ('public_revenue', 'maintenance') or (
                    fund.project_id != target.project_id):
                raise ValidationError(self.env._(
                    "%(fund)s cannot be transferred into %(target)s. Choose a fund of the revenue "
                    "of common parts, and the maintenance fund of the same project.",
                    fund=fund.name, target=target.name))
            if key.project_id != fund.project_id or key.basis not in ('area', 'usable_area'):
                raise ValidationError(self.env._(
                    "%(key)s does not fit: choose a share key of %(project)s that divides by area.",
                    key=key.name, project=fund.project_id.name))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        transfers = super().create(vals_list)
        # Asked afterwards, since the context can bring defaults.
        if not self.env.su and any(
                transfer.state != 'draft' or transfer.move_id for transfer in transfers):
            raise self._get_step_error()
        return transfers

    def write(self, vals):
        if not self.env.su and vals.keys() & self._step_fields:
            raise self._get_step_error()
        if vals.keys() & INPUT_FIELDS:
            self._check_draft(self.env._("Take it back and enter another one."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_posted(self):
        if not self._is_initialising():
            self._check_draft(self.env._("It stays."))

    def _get_step_error(self):
        return UserError(self.env._("A transfer moves on by its buttons, not by hand."))

    def _check_draft(self, advice):
        for transfer in self:
            if transfer.state != 'draft':
                raise UserError(self.env._(
                    "%(transfer)s is posted or taken back and stays as it is. %(advice)s",
                    transfer=transfer.name, advice=advice))

    # === ACTION METHODS === #

    def action_post(self):
        """ One entry: out of the one fund, into the account of each unit in the other. """
        for transfer in self:
            transfer._check_state('draft')
            transfer._post_entry()

    def action_take_back(self):
        """ One entry against it, as long as no unit has spent its part. """
        for transfer in self:
            transfer._check_state('posted')
            # sudo: the right to take it back is checked; nobody needs an accounting group for it.
            move_sudo = transfer.sudo().move_id
            move_sudo._reverse_moves([{
                'date': move_sudo._get_property_reversal_date(),
                'ref': self.env._("Taken back: %(what)s", what=transfer.name),
                'property_fund_transfer_id': transfer.id,
            }], cancel=True)
            transfer.target_id._check_unit_accounts(move_sudo.line_ids.property_unit_id)
            transfer.sudo().state = 'cancelled'

    def action_view_parts(self):
        """ What the entry puts on the units' accounts. """
        self.ensure_one()
        action = self.env['ir.actions.actions']._for_xml_id(
            'property_billing.property_fund_report_action_units')
        domain = [('move_id', '=', self.move_id.id), ('unit_id', '!=', False)]
        return {
            **action, 'display_name': self.env._("Parts of the units"), 'context': {},
            'domain': domain, 'views': [(False, 'list'), (False, 'pivot')]}

    # === BUSINESS METHODS === #

    def _check_state(self, state):
        self.check_access('write')
        # Of two at the same time the second begins anew, and finds what the first has done.
        (self.fund_id | self.target_id)._touch()
        self.invalidate_recordset(['state'])
        if self.state != state:
            labels = dict(self._fields['state']._description_selection(self.env))
            raise UserError(self.env._(
                "%(record)s is in state “%(state)s”, so this cannot be done now. Reload the page "
                "to see where it stands.", record=self.name, state=labels[self.state]))

    def _get_portions(self):
        """ The part of each unit, which add up to the amount: `{unit: Portion}`. """
        if self.currency_id.compare_amounts(self.amount, 0) <= 0:
            raise UserError(self.env._("Enter how much is transferred: more than zero."))
        unit = exact(self.currency_id.rounding)
        weights = self.key_id._get_weights(self.date, self.date + ONE_DAY)
        return apportion(
            round_half_up(exact(self.amount), unit),
            {part: Fraction(weight) for part, weight in weights.items()}, unit, list(weights))

    def _post_entry(self):
        parts = [
            {'property_unit_id': unit.id, 'balance': -float(portion.amount)}
            for unit, portion in self._get_portions().items() if portion.amount]
        # sudo: the right to transfer is checked; nobody needs an accounting group for it.
        self = self.sudo()
        company = self.company_id
        journal = self.env['account.journal'].search(
            [*self.env['account.journal']._check_company_domain(company),
             ('type', '=', 'general')], limit=1)
        self.move_id = self.env['account.move'].with_company(company).with_context(
            **QUIET_CONTEXT).create({
                'move_type': 'entry',
                'journal_id': journal.id,
                'company_id': company.id,
                'date': company._get_first_open_day(self.date, journal),
                'ref': self.name,
                'property_project_id': self.project_id.id,
                'property_fund_transfer_id': self.id,
                'line_ids': [Command.create({'name': self.name, **line}) for line in (
                    {'account_id': self.fund_id.account_id.id, 'balance': self.amount},
                    *({'account_id': self.target_id.account_id.id, **part} for part in parts))],
            })
        self.state = 'posted'
        self.move_id._post(soft=False)


class PropertyFund(models.Model):
    _inherit = 'property.fund'

    transfer_ids = fields.One2many(
        'property.fund.transfer', 'fund_id', string="Transfers to the maintenance fund")

    def action_transfer(self):
        """ Enter how much of it goes into the maintenance fund. """
        self.ensure_one()
        return {
            'name': self.env._("Transfer to the maintenance fund"),
            'type': 'ir.actions.act_window',
            'res_model': 'property.fund.transfer',
            'view_mode': 'form',
            'context': {'default_fund_id': self.id},
        }


class AccountMove(models.Model):
    """ The entries of transfers: taken back by their transfer alone. """
    _inherit = 'account.move'

    property_fund_transfer_id = fields.Many2one(
        'property.fund.transfer', string="Transfer between funds", index='btree_not_null',
        ondelete='restrict', copy=False, readonly=True,
        help="Which this entry makes, or takes back.")

    def button_draft(self):
        """ Override of `account`. """
        self._check_no_transfer()
        return super().button_draft()

    def _reverse_moves(self, default_values_list=None, cancel=False):
        """ Override of `account`. """
        self._check_no_transfer()
        return super()._reverse_moves(default_values_list, cancel)

    def _check_no_transfer(self):
        """ Taking one back asks whether the units still have their parts, in sudo mode. """
        if not self.env.su and (transfers_sudo := self.sudo().property_fund_transfer_id):
            raise UserError(self.env._(
                "%(entry)s belongs to the transfer “%(transfer)s”. Take that back instead.",
                entry=transfers_sudo[0].move_id.name, transfer=transfers_sudo[0].name))
