from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL, formatLang

VENDOR_BILLS = ('in_invoice', 'in_refund')
# What a line comes to that is shared: less than zero of a credit note. An entry has no tax of its
# own, and no price.
SHAREABLE_AMOUNT = SQL(
    "CASE move.move_type WHEN 'entry' THEN item.balance WHEN 'in_refund' THEN -item.price_total "
    "ELSE item.price_total END")


class PropertySharedSource(models.Model):
    """ What of a supplier's bill is in a shared cost: a line of it, or a part of one. """
    _name = 'property.shared.source'
    _description = 'Source of a shared cost'
    _inherit = ['property.project.mixin']
    _order = 'cost_id, id'

    cost_id = fields.Many2one(
        'property.shared.cost', string="Shared cost", required=True, index=True,
        ondelete='cascade')
    project_id = fields.Many2one(
        related='cost_id.project_id', store=True, index=True, precompute=True, required=False)
    building_id = fields.Many2one(
        related='cost_id.building_id', store=True, index='btree_not_null')
    currency_id = fields.Many2one(related='company_id.currency_id')
    line_id = fields.Many2one(
        'account.move.line', string="Line of a supplier's bill", required=True, index=True,
        ondelete='restrict',
        domain="[('parent_state', '=', 'posted'), ('display_type', '=', 'product'), "
               "'|', ('move_type', 'in', ('in_invoice', 'in_refund')), "
               "'&', ('move_type', '=', 'entry'), ('property_budget_line_id', '!=', False), "
               "('company_id', '=', company_id), "
               "('property_project_id', 'in', (False, project_id))]",
    )
    # Who sees the cost may see of which bills it is, without reading the books.
    move_id = fields.Many2one(
        'account.move', string="Supplier's bill", compute='_compute_bill')
    supplier_id = fields.Many2one(
        'res.partner', string="Supplier", compute='_compute_bill')
    label = fields.Char(string="What for", compute='_compute_bill')
    date_bill = fields.Date(string="Bill date", compute='_compute_bill')
    rest = fields.Monetary(
        string="Not shared yet", compute='_compute_rest',
        help="What of the line, tax included, is in no other shared cost. Less than zero for a "
             "credit note.",
    )
    amount = fields.Monetary(
        string="Shared here", compute='_compute_amount', store=True, readonly=False,
        precompute=True, compute_sudo=False, required=True,
        help="All that is left of the line, or a part of it.",
    )

    _once_per_cost = models.UniqueIndex(
        '(cost_id, line_id)', "This line of the supplier's bill is in the shared cost already.")

    # === COMPUTE METHODS === #

    @api.depends('line_id')
    def _compute_bill(self):
        for source in self:
            line = source._get_line()
            source.move_id = line.move_id
            source.supplier_id = line.partner_id
            source.label = line.name
            source.date_bill = line.invoice_date or line.date

    @api.depends('line_id')
    def _compute_rest(self):
        taken = self._get_taken(('draft', 'confirmed'))
        for source in self:
            source.rest = source._get_line()._get_shareable_amount() - sum(
                amount for _cost, amount in taken[source])

    @api.depends('line_id')
    def _compute_amount(self):
        for source in self:
            source.amount = source.rest

    # === CONSTRAINT METHODS === #

    @api.constrains('line_id', 'cost_id', 'amount')
    def _check_line_id(self):
        for source in self:
            line_sudo, cost = source.line_id.sudo(), source.cost_id
            if line_sudo.display_type != 'product' or not (
                line_sudo.move_type in VENDOR_BILLS
                or line_sudo.move_type == 'entry' and line_sudo.property_budget_line_id
            ):
                raise ValidationError(self.env._(
                    "%(line)s is neither a line of a supplier's bill or credit note, nor of an "
                    "entry that names a cost of a budget.",
                    line=line_sudo.display_name))
            if line_sudo.company_id != cost.company_id:
                raise ValidationError(self.env._(
                    "%(bill)s is a bill of %(company)s, %(cost)s a cost of %(own)s. Choose a bill "
                    "of the same company.", bill=line_sudo.move_id.name, cost=cost.name,
                    company=line_sudo.company_id.name, own=cost.company_id.name))
            if line_sudo.property_project_id and line_sudo.property_project_id != cost.project_id:
                raise ValidationError(self.env._(
                    "%(bill)s is a bill of %(project)s, %(cost)s a cost of %(own)s. Choose a bill "
                    "of the same project.", bill=line_sudo.move_id.name, cost=cost.name,
                    project=line_sudo.property_project_id.name, own=cost.project_id.name))
            if line_sudo.currency_id != cost.currency_id:
                raise ValidationError(self.env._(
                    "%(bill)s is in %(currency)s. Only bills in %(own)s are shared.",
                    bill=line_sudo.move_id.name, currency=line_sudo.currency_id.name,
                    own=cost.currency_id.name))
        self._check_posted()
        self._check_rest(('draft', 'confirmed'))

    def _check_posted(self):
        for source in self:
            move_sudo = source.line_id.sudo().move_id
            if move_sudo.state != 'posted':
                raise ValidationError(self.env._(
                    "%(bill)s is not posted, so it may still change. Post it first.",
                    bill=move_sudo.display_name))

    def _check_rest(self, states):
        """ No line is shared beyond what it comes to, whatever the projects of the costs.

        :param states: those of the other costs that count
        """
        taken = self._get_taken(states)
        for source in self:
            line_sudo = source.line_id.sudo()
            others = taken[source]
            total = line_sudo._get_shareable_amount()
            rest = total - sum(amount for _cost, amount in others)
            sign = -1 if total < 0 else 1
            currency = source.currency_id
            if (
                currency.compare_amounts(sign * source.amount, 0) > 0
                and currency.compare_amounts(sign * source.amount, sign * rest) <= 0
            ):
                continue
            values = {
                'line': line_sudo.display_name,
                'amount': formatLang(self.env, source.amount, currency_obj=currency),
                'rest': formatLang(self.env, rest, currency_obj=currency),
                'total': formatLang(self.env, total, currency_obj=currency),
            }
            if others:
                raise ValidationError(self.env._(
                    "%(line)s: %(amount)s cannot be shared. Of %(total)s, %(rest)s are left, "
                    "since it is also in %(costs)s.",
                    costs=[cost.name for cost, _amount in others], **values))
            raise ValidationError(self.env._(
                "%(line)s: %(amount)s cannot be shared. Enter up to %(total)s, as the bill says.",
                **values))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        sources = super().create(vals_list)
        sources._check_changeable()
        return sources

    def write(self, vals):
        self._check_changeable()
        result = super().write(vals)
        self._check_changeable()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_changeable(self):
        if not self._is_initialising():
            self.cost_id._check_inputs_changeable()

    def _check_changeable(self):
        """ Only of what is not divided yet, and only lines that the user may read himself. """
        self.cost_id._check_inputs_changeable()
        self.line_id.check_access('read')

    # === BUSINESS METHODS === #

    def _get_line(self):
        """ Its line of the books, in sudo mode; while it is chosen, for who may read it. """
        self.ensure_one()
        if self.line_id != self._origin.line_id:
            self.line_id.check_access('read')  # an onchange answers before any rule is asked
        return self.line_id.sudo()

    def _get_taken(self, states):
        """ What other costs in these states take of the same lines: `{source: [(cost, amount)]}`.
        """
        # sudo: it counts in whatever project it is.
        found = self.sudo()._read_group(
            [('line_id', 'in', self.line_id.ids), ('cost_id.state', 'in', states)],
            ['line_id', 'cost_id'], ['amount:sum'])
        by_line = {}
        for line, cost, amount in found:
            by_line.setdefault(line.id, []).append((cost, amount))
        return {
            source: [(cost, amount) for cost, amount in by_line.get(source.line_id.id, ())
                     if cost.id != source.cost_id._origin.id]
            for source in self}

    def _touch_lines(self):
        """ Let nobody else share these lines at the same time, or take their bills back: the
        second begins anew, and sees what the first has done.
        """
        self.env.cr.execute(SQL(
            "UPDATE account_move_line SET write_date = write_date WHERE id = ANY(%s)",
            self.line_id.ids))
