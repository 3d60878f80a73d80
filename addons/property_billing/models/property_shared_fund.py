from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

from odoo.addons.property_base.const import QUIET_CONTEXT

from .property_shared_cost import PropertySharedCost as SharedCost


class PropertySharedCost(models.Model):
    """ What is spent of the maintenance fund (维修资金): each unit's account bears its part.

    The supplier's bill took the money out of the fund and is of no unit. Dividing it is one entry:
    so the accounts of the units and what is not divided yet always add up to the fund.
    """
    _inherit = 'property.shared.cost'
    _step_fields = frozenset({*SharedCost._step_fields, 'explanation', 'move_id'})

    settle = fields.Selection(
        selection_add=[('fund', "Taken out of the maintenance fund")],
        ondelete={'fund': 'cascade'})
    fund_id = fields.Many2one(
        'property.fund', string="Fund", index='btree_not_null', ondelete='restrict',
        domain="[('project_id', '=', project_id), ('kind', '=', 'maintenance')]", tracking=True,
        compute='_compute_fund_id', store=True, readonly=False, precompute=True,
        help="Its account of each unit bears the unit's part.",
    )
    move_id = fields.Many2one(
        'account.move', string="Entry", index='btree_not_null', copy=False, readonly=True)

    _fund_given = models.Constraint(
        "CHECK ((settle = 'fund') = (fund_id IS NOT NULL))",
        "Choose the fund that the cost is taken out of.",
    )

    # === COMPUTE METHODS === #

    @api.depends('settle', 'project_id')
    def _compute_fund_id(self):
        """ The only one of the project, as a rule. """
        for cost in self:
            if cost.settle != 'fund':
                cost.fund_id = False
            elif not cost.fund_id or cost.fund_id.project_id != cost.project_id:
                funds = self.env['property.fund'].search([
                    ('project_id', '=', cost.project_id.id), ('kind', '=', 'maintenance')],
                    limit=2)
                cost.fund_id = len(funds) == 1 and funds

    @api.depends('move_id')
    def _compute_part_total(self):
        """ Override: the parts are the items of the entry. """
        of_funds = self.filtered(lambda cost: cost.settle == 'fund')
        super(PropertySharedCost, self - of_funds)._compute_part_total()
        totals = {
            move: (count, amount) for move, count, amount in self.env[
                'account.move.line']._read_group(
                [('move_id', 'in', of_funds.move_id.ids), ('property_unit_id', '!=', False)],
                ['move_id'], ['__count', 'balance:sum'])}
        for cost in of_funds:
            cost.part_count, cost.part_total = totals.get(cost.move_id, (0, 0))
            cost.difference = cost.state == 'confirmed' and cost.currency_id.round(
                cost.amount - cost.part_total)

    # === CONSTRAINT METHODS === #

    @api.constrains('settle', 'fund_id', 'project_id')
    def _check_fund_id(self):
        for cost in self.filtered('fund_id'):
            if (cost.fund_id.project_id, cost.fund_id.kind) != (cost.project_id, 'maintenance'):
                raise ValidationError(self.env._(
                    "%(fund)s is not a maintenance fund of %(project)s. Only that is kept by unit.",
                    fund=cost.fund_id.name, project=cost.project_id.name))

    # === ACTION METHODS === #

    def action_view_parts(self):
        """ Override: what the entry puts on the units' accounts. """
        if self.settle != 'fund':
            return super().action_view_parts()
        action = self.env['ir.actions.actions']._for_xml_id(
            'property_billing.property_fund_report_action_units')
        domain = [('move_id', '=', self.move_id.id), ('unit_id', '!=', False)]
        return {
            **action, 'display_name': self.env._("Parts of the units"), 'context': {},
            'domain': domain, 'views': [(False, 'list'), (False, 'pivot')]}

    # === BUSINESS METHODS === #

    def _make_fund_parts(self, portions, date):
        """ Post the entry: a debit per unit, and a credit of what was not divided. """
        fund_sudo = self.fund_id.sudo()  # who divides need not read the books
        self._check_sources_of_fund()
        fund_sudo._touch()
        company = self.company_id
        journal_sudo = self.env['account.journal'].sudo().search(
            [*self.env['account.journal']._check_company_domain(company),
             ('type', '=', 'general')], limit=1)
        lines = [
            {'property_unit_id': unit.id, 'balance': float(portion.amount)}
            for unit, portion in portions.items() if portion.amount]
        # sudo: the right to divide is checked; nobody needs an accounting group for it.
        move_sudo = self.env['account.move'].sudo().with_company(company).with_context(
            **QUIET_CONTEXT).create({
                'move_type': 'entry',
                'journal_id': journal_sudo.id,
                'company_id': company.id,
                'date': company.sudo()._get_first_open_day(
                    date or fields.Date.context_today(self), journal_sudo),
                'ref': self.name,
                'property_project_id': self.project_id.id,
                'property_shared_cost_id': self.id,
                'line_ids': [
                    Command.create({
                        'name': self.name, 'account_id': fund_sudo.account_id.id, **line})
                    for line in ({'balance': -self.amount}, *lines)],
            })
        move_sudo._post(soft=False)
        self.fund_id._check_unit_accounts(
            [unit for unit, portion in portions.items() if portion.amount > 0])
        self.sudo().move_id = move_sudo

    def _check_sources_of_fund(self):
        """ What is divided was taken out of the fund of this project, and is of no unit yet. """
        for line_sudo in self.sudo().source_ids.line_id:
            fund_sudo = self.sudo().fund_id
            if (line_sudo.account_id, line_sudo.property_project_id) != (
                    fund_sudo.account_id, self.project_id):
                raise UserError(self.env._(
                    "%(line)s is not taken out of %(fund)s. Book the bill to account %(account)s "
                    "and to project %(project)s, or choose how else the cost is settled.",
                    line=line_sudo.display_name, fund=fund_sudo.name,
                    account=fund_sudo.account_id.display_name, project=self.project_id.name))
            if line_sudo.property_unit_id:
                raise UserError(self.env._(
                    "%(line)s is borne by %(unit)s alone, as the bill says, so there is nothing to "
                    "divide.", line=line_sudo.display_name,
                    unit=line_sudo.property_unit_id.complete_name))

    def _drop_parts(self):
        """ Override: what was posted stays, and is reversed. """
        super()._drop_parts()
        if self.move_id:
            # sudo: the right to cancel is checked before.
            move_sudo = self.sudo().move_id
            self.sudo().move_id = False  # before, or the entry would say that it divides
            move_sudo._reverse_moves([{
                'date': move_sudo._get_property_reversal_date(),
                'ref': self.env._("Cancelled: %(cost)s", cost=self.name),
                'property_shared_cost_id': self.id,
            }], cancel=True)


class AccountMove(models.Model):
    """ The entries that divide what was taken out of a fund: taken back by their cost alone. """
    _inherit = 'account.move'

    property_shared_cost_id = fields.Many2one(
        'property.shared.cost', string="Shared cost", index='btree_not_null', ondelete='restrict',
        copy=False, readonly=True, help="Which this entry divides, or takes back.",
    )

    def button_draft(self):
        """ Override of `account`. """
        self._check_no_division()
        return super().button_draft()

    def _reverse_moves(self, default_values_list=None, cancel=False):
        """ Override of `account`. """
        self._check_no_division()
        return super()._reverse_moves(default_values_list, cancel)

    def _check_no_division(self):
        # sudo: it counts in whatever project it is.
        if cost_sudo := self.env['property.shared.cost'].sudo().search(
                [('move_id', 'in', self.ids)], limit=1):
            raise UserError(self.env._(
                "%(entry)s divides %(cost)s among the units. Cancel that cost instead.",
                entry=cost_sudo.move_id.name, cost=cost_sudo.name))
