from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, formatLang

from .property_fee import FUND_KINDS

FUND_ACCOUNT_TYPES = ('liability_current', 'liability_non_current')
# As many units are named where their accounts lack something.
NAMED_UNITS = 5


def mask_name(partner):
    """ The name of a supplier, of a person the first character only. """
    return partner.name if partner.is_company else f'{(partner.name or "")[:1]}**'


class PropertyFund(models.Model):
    """ Money that the company keeps for the owners of a project: a name for what stands on an
    account for it. All figures are the journal's (decisions 23 and 24).
    """
    _name = 'property.fund'
    _description = 'Fund'
    _inherit = ['property.project.mixin', 'mail.thread', 'mail.activity.mixin']
    _order = 'project_id, kind, name'
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    kind = fields.Selection(FUND_KINDS, required=True, default='trust', tracking=True)
    account_id = fields.Many2one(
        'account.account', string="Account", required=True, check_company=True, tracking=True,
        compute='_compute_account_id', store=True, readonly=False, precompute=True,
        ondelete='restrict',
        domain=[('account_type', 'in', FUND_ACCOUNT_TYPES)],
        help="The fund is what stands on it for the project.",
    )
    may_overdraw = fields.Boolean(
        string="May be overdrawn", tracking=True,
        help="The company advances what the fund lacks. Otherwise nothing is posted that spends "
             "more than is in it.",
    )
    is_published = fields.Boolean(
        string="Owners see it", tracking=True,
        help="The owners of the project see its statement on the portal.")
    currency_id = fields.Many2one(related='company_id.currency_id')
    amount_in = fields.Monetary(string="In", compute='_compute_amounts')
    amount_out = fields.Monetary(string="Out", compute='_compute_amounts')
    amount_balance = fields.Monetary(string="Balance", compute='_compute_amounts')
    amount_open = fields.Monetary(
        string="Not received yet", compute='_compute_amounts',
        help="What payers still owe of what came in.",
    )
    is_overdrawn = fields.Boolean(
        string="Overdrawn", compute='_compute_amounts', search='_search_is_overdrawn',
        help="Credits to payers are never refused, so that they may overdraw a fund.",
    )
    has_entries = fields.Boolean(compute='_compute_amounts')

    _account_uniq = models.UniqueIndex(
        '(project_id, account_id)',
        "This project has a fund on this account already. Open that one, or choose another "
        "account: what stands on one is not told apart.",
    )

    # === COMPUTE METHODS === #

    @api.depends('kind', 'project_id')
    def _compute_account_id(self):
        for fund in self:
            company = fund.project_id.company_id
            of_kinds = [company._get_property_account(kind) for kind, _name in FUND_KINDS]
            if not fund.account_id or fund.account_id in of_kinds:
                fund.account_id = company._get_property_account(fund.kind)

    @api.depends('account_id', 'project_id')
    def _compute_amounts(self):
        # sudo: who may see the fund may know what is in it, whichever buildings are his.
        amounts = {
            fund: figures
            for fund, *figures in self.env['property.fund.report'].sudo()._read_group(
                [('fund_id', 'in', self.ids)], ['fund_id'],
                ['amount_in:sum', 'amount_out:sum', 'amount_balance:sum', 'amount_open:sum'])
        }
        for fund in self:
            figures = amounts.get(fund._origin)
            fund.has_entries = bool(figures)
            fund.amount_in, fund.amount_out, fund.amount_balance, fund.amount_open = (
                figures or (0, 0, 0, 0))
            # One that is being entered has no currency before its project.
            fund.is_overdrawn = bool(fund.currency_id) and (
                fund.currency_id.compare_amounts(fund.amount_balance, 0) < 0)

    def _search_is_overdrawn(self, operator, value):
        if operator != 'in' or set(value) != {True}:
            return NotImplemented
        return Domain('id', 'in', self.sudo().search([]).filtered('is_overdrawn').ids)

    @api.constrains('account_id')
    def _check_account_id(self):
        for fund in self:
            if fund.account_id.account_type not in FUND_ACCOUNT_TYPES:
                raise ValidationError(self.env._(
                    "%(fund)s: account %(account)s does not fit. What is kept for the owners is "
                    "owed to them: choose a liability.",
                    fund=fund.name, account=fund.account_id.display_name))

    # === CRUD METHODS === #

    def write(self, vals):
        """ Override: what stands on the account for the project is the fund's. """
        fixed = {'account_id', 'kind', 'project_id'} & vals.keys()
        for fund in self.filtered('has_entries') if fixed else ():
            before = fund._convert_to_write({name: fund[name] for name in fixed})
            if any(before[name] != vals[name] for name in fixed):
                raise UserError(self.env._(
                    "Kind, account and project of %(fund)s are fixed: there are entries of it. "
                    "Create another fund, and transfer what is in this one by an entry.",
                    fund=fund.name))
        return super().write(vals)

    # === ACTION METHODS === #

    def action_view_movements(self):
        self.ensure_one()
        action = self.env['ir.actions.actions']._for_xml_id(
            'property_billing.property_fund_report_action')
        return {
            **action, 'display_name': self.display_name, 'domain': [('fund_id', '=', self.id)]}

    def action_view_units(self):
        self.ensure_one()
        action = self.env['ir.actions.actions']._for_xml_id(
            'property_billing.property_fund_report_action_units')
        return {
            **action, 'display_name': self.display_name, 'domain': [('fund_id', '=', self.id)]}

    # === BUSINESS METHODS === #

    def _get_statement(self, start, end, is_masked=False):
        """ The sections of a statement; opening + what came in − what went out = closing.

        :param is_masked: of suppliers that are persons not the whole name
        :return: opening, closing, and per section its lines of text, in and out
        :rtype: dict
        """
        self.ensure_one()
        # sudo: the statement is of the whole fund, whichever buildings are the user's.
        Report = self.env['property.fund.report'].sudo()
        domain = [('fund_id', '=', self.id)]
        [[opening]] = Report._read_group(
            [*domain, ('date', '<', start)], [], ['amount_balance:sum'])
        sections = {
            key: {'name': label, 'lines': {}}
            for key, label in Report._fields['movement']._description_selection(self.env)}
        closing = opening = opening or 0
        for movement, fee, supplier, cost, came_in, went_out in Report._read_group(
            [*domain, ('date', '>=', start), ('date', '<=', end)],
            ['movement', 'fee_id', 'beneficiary_id', 'budget_line_id'],
            ['amount_in:sum', 'amount_out:sum'],
        ):
            if self.currency_id.is_zero(came_in) and self.currency_id.is_zero(went_out):
                continue  # what is divided among the units stays in the fund, or left it before
            source = {
                'supplier': supplier, 'commission': self.commission_fee_id,
            }.get(movement, fee)
            name = source.display_name or cost.name
            if is_masked and source == supplier:
                name = mask_name(supplier)
            lines = sections[movement]['lines']
            for text, item_in, item_out in (
                [(name, came_in, went_out)] if name
                else self._get_unnamed_lines(movement, came_in, went_out)
            ):
                before_in, before_out = lines.get(text, (0, 0))
                lines[text] = before_in + item_in, before_out + item_out
            closing += came_in - went_out
        return {
            'opening': opening,
            'sections': [
                {**section, 'lines': [(name, *sums) for name, sums in section['lines'].items()]}
                for section in sections.values() if section['lines']],
            'closing': closing,
        }

    def _get_unnamed_lines(self, movement, came_in, went_out):
        """ The lines of what names neither fee nor cost: what came in is not hidden in what went
        out.
        """
        if movement == 'transfer':
            return [(self.env._("Revenue of the common parts to the maintenance fund"),
                     came_in, went_out)]
        return [
            line for line in (
                (self.env._("Other receipts"), came_in, 0),
                (self.env._("Other spending"), 0, went_out))
            if not self.currency_id.is_zero(sum(line[1:]))]

    @api.model
    def _check_not_overdrawn(self, spent):
        """ Refuse what takes more out of a fund than is in it, now that it is posted.

        :param dict spent: what was taken of which `(account, project)`
        """
        funds = self.search([
            ('account_id', 'in', [account.id for account, _project in spent]),
            ('may_overdraw', '=', False)])
        if not funds:
            return
        if missing := [
                account for account, project in spent
                if not project and account in funds.account_id]:
            raise UserError(self.env._(
                "%(account)s holds the funds of several projects. Enter the project whose fund "
                "is spent.", account=missing[0].display_name))
        funds = funds.filtered(lambda fund: (fund.account_id, fund.project_id) in spent)
        # Of two who spend the rest at the same time the second begins anew.
        funds._touch()
        funds.invalidate_recordset()
        for fund in funds:
            amount = spent[fund.account_id, fund.project_id]
            left = fund.amount_balance
            if fund.currency_id.compare_amounts(left, 0) < 0:
                raise UserError(self.env._(
                    "%(fund)s of %(project)s has %(balance)s. %(amount)s cannot be taken out of "
                    "it: %(missing)s are missing. Bill what is not billed yet, transfer from "
                    "another fund, or let it be overdrawn.",
                    fund=fund.name, project=fund.project_id.name,
                    balance=fund.currency_id.format(left + amount),
                    amount=fund.currency_id.format(amount),
                    missing=fund.currency_id.format(-left)))

    def _check_unit_accounts(self, units):
        """ No account of a unit falls below zero, unless the fund may be overdrawn. """
        # sudo: all units count, whichever buildings are the user's.
        fund_sudo = self.sudo()
        if fund_sudo.may_overdraw:
            return
        balances = dict(self.env['property.fund.report'].sudo()._read_group(
            [('fund_id', '=', fund_sudo.id), ('unit_id', 'in', [unit.id for unit in units])],
            ['unit_id'], ['amount_balance:sum']))
        currency = self.currency_id
        lacking = [
            (unit, -balances.get(unit, 0)) for unit in units
            if currency.compare_amounts(balances.get(unit, 0), 0) < 0]
        if lacking:
            def show(amount):
                return formatLang(self.env, amount, currency_obj=currency)

            named = [
                f'{unit.complete_name} {show(missing)}' for unit, missing in lacking[:NAMED_UNITS]]
            raise UserError(self.env._(
                "%(count)s units have too little in %(fund)s, %(total)s together: %(units)s. "
                "Collect that first, or let the fund be overdrawn.",
                count=len(lacking), fund=fund_sudo.name,
                total=show(sum(missing for _unit, missing in lacking)), units=named))

    def _touch(self):
        """ Let nobody else spend or post a commission of these at the same time. """
        self.env.cr.execute(SQL(
            "UPDATE property_fund SET write_date = write_date WHERE id = ANY(%s)", self.ids))
