from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from .res_company import ACCOUNT_FIELDS

# Whose the money held in trust is: each has an account of its own (decision 23).
FUND_KINDS = [
    ('trust', "Service charges of the owners"), ('public_revenue', "Revenue of the common parts"),
    ('maintenance', "Maintenance fund"),
]


class PropertyFee(models.Model):
    """ What is charged: 物业费, 水费, 车位费 … (B01, B02). """
    _name = 'property.fee'
    _description = 'Fee'
    _inherit = ['property.guard.mixin', 'mail.thread']
    _order = 'sequence, name'
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    code = fields.Char(help="Short code; workbooks may name the fee by it.")
    sequence = fields.Integer(default=10, help="Order on a bill and in the allocation of payments.")
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        'res.company', required=True, index=True, default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related='company_id.currency_id')
    category = fields.Selection(
        [('public', "Public service"), ('agency', "Collected and managed for others"),
         ('prepaid', "Prepaid and settled"), ('special', "Special service")],
        string="Class", required=True, default='public',
    )
    nature = fields.Selection(
        [('income', "Own income"), ('agency', "Collected for others"),
         ('trust', "Held in trust"), ('deposit', "Deposit")],
        string="Posting nature", required=True, default='income', tracking=True,
        help="Whose money it is. Only own income reaches an income account; the rest is owed. "
             "Fixed once something is posted.",
    )
    fund_kind = fields.Selection(
        FUND_KINDS, string="Fund", required=True, default='trust', tracking=True,
        help="Into which of the owners' funds it goes, if it is held in trust.",
    )
    beneficiary_id = fields.Many2one(
        'res.partner', string="Collected for", check_company=True, ondelete='restrict',
        index='btree_not_null', tracking=True,
        help="The utility whose bill it pays. What was billed names who it was then.",
    )
    account_id = fields.Many2one(
        'account.account', string="Account", check_company=True, tracking=True,
        compute='_compute_account_id', store=True, readonly=False, precompute=True,
        help="Credited by this fee: an income account, or a liability for money of others.",
    )
    tax_id = fields.Many2one(
        'account.tax', string="Tax", check_company=True, tracking=True,
        domain=[('type_tax_use', '=', 'sale')],
        compute='_compute_tax_id', inverse='_inverse_tax_id', search='_search_tax_id',
        help="The tax of today. A charge's amount is what is paid, so the tax is included in it. "
             "Money of others carries none.",
    )
    tax_line_ids = fields.One2many('property.fee.tax', 'fee_id', string="Tax by date", copy=True)
    is_incomplete = fields.Boolean(compute='_compute_is_incomplete')
    has_tax_dates = fields.Boolean(string="Tax has dates", compute='_compute_has_tax_dates')
    payer_role = fields.Selection(
        [('owner', "Owner"), ('occupant', "Tenant, else owner")],
        string="Who pays", required=True, default='owner',
    )
    rounding = fields.Selection(
        [('0.01', "分 (0.01)"), ('0.1', "角 (0.1)"), ('1', "元 (1)")],
        required=True, default='0.01', help="Each charge is rounded once, halves up.",
    )
    tariff_ids = fields.One2many('property.tariff', 'fee_id', string="Tariffs")

    _name_company_uniq = models.UniqueIndex(
        '(company_id, name) WHERE active',  # ready-made ones in the archive are in nobody's way
        "This company has a fee of this name already.",
    )

    @api.depends('nature', 'fund_kind', 'company_id')
    def _compute_account_id(self):
        """ The company's account for the fee's role (decision 23), unless one was chosen. """
        for fee in self:
            of_roles = [fee.company_id[fname] for fname in ACCOUNT_FIELDS.values()]
            if fee.account_id in of_roles or not (
                    fee.account_id and fee._has_account_of_nature()):
                fee.account_id = fee.company_id._get_property_account(fee._get_role())

    @api.depends('nature', 'tax_line_ids.tax_id', 'tax_line_ids.date_start',
                 'tax_line_ids.date_end')
    def _compute_tax_id(self):
        today = fields.Date.context_today(self)
        for fee in self:
            fee.tax_id = fee._get_tax(today)

    def _inverse_tax_id(self):
        """ Another tax from the beginning of the one of today; a new one with a date is a line
        more. """
        today = fields.Date.context_today(self)
        for fee in self:
            line = fee._get_tax_line(today)
            if not fee.tax_id:
                line.unlink()
            elif line:
                line.tax_id = fee.tax_id
            else:
                fee.tax_line_ids.create({
                    'fee_id': fee.id, 'tax_id': fee.tax_id.id,
                    'date_start': bool(fee.tax_line_ids) and today})

    def _search_tax_id(self, operator, value):
        today = Domain('date_start', '=', False) | Domain('date_start', '<=', 'today')
        today &= Domain('date_end', '=', False) | Domain('date_end', '>=', 'today')
        if operator != 'in':
            return NotImplemented
        domain = Domain('tax_line_ids', 'any', today & Domain('tax_id', 'in', value))
        return domain | ~Domain('tax_line_ids', 'any', today) if False in value else domain

    @api.depends('account_id', 'tax_id', 'nature', 'company_id.property_late_fee_id')
    def _compute_is_incomplete(self):
        """ Whether bill runs leave it out until it has what it lacks. """
        for fee in self:
            fee.is_incomplete = not fee.account_id or (
                fee.nature == 'income' and not fee.tax_id and not fee._origin._is_late_fee())

    @api.depends('tax_line_ids.date_start', 'tax_line_ids.date_end')
    def _compute_has_tax_dates(self):
        for fee in self:
            lines = fee.tax_line_ids
            fee.has_tax_dates = len(lines) > 1 or bool(lines.date_start or lines.date_end)

    @api.constrains('account_id', 'nature')
    def _check_account_id(self):
        for fee in self.filtered('account_id'):
            if not fee._has_account_of_nature():
                raise ValidationError(self.env._(
                    "%(fee)s: account %(account)s does not fit. Own income goes to an income "
                    "account, money of others to a liability.",
                    fee=fee.name, account=fee.account_id.display_name))

    @api.constrains('category', 'nature')
    def _check_charging_regime(self):
        assignments = self.env['property.fee.assignment']
        assignments.search(
            assignments._get_live_domain() & Domain('fee_id', 'in', self.ids),
        )._check_charging_regime()

    def _check_percentages(self):
        """ A percentage is one of other fees, not of itself, and of a month's price. """
        for fee in self | self._get_percentages():
            reached = bases = fee._get_percent_fees()
            seasonal = bases and (fee | bases).with_context(
                active_test=False).tariff_ids.filtered('season_start')
            if seasonal:
                raise ValidationError(self.env._(
                    "%(fee)s is a percentage of %(bases)s, but %(tariff)s is charged by season and "
                    "has no price per month. Use another basis.",
                    fee=fee.name, bases=', '.join(bases.mapped('name')),
                    tariff=seasonal[0].display_name))
            metered = bases.with_context(active_test=False).tariff_ids.filtered(
                lambda tariff: tariff.basis == 'metered')
            if metered:
                raise ValidationError(self.env._(
                    "%(fee)s is a percentage of %(bases)s, but %(tariff)s is charged by meter and "
                    "has no price per month. Add a further part per unit of use to it instead.",
                    fee=fee.name, bases=', '.join(bases.mapped('name')),
                    tariff=metered[0].display_name))
            while bases:
                if fee in bases:
                    raise ValidationError(self.env._(
                        "%(fee)s would be a percentage of itself, by way of %(fees)s. Choose "
                        "another fee.", fee=fee.name, fees=', '.join(reached.mapped('name'))))
                bases = bases._get_percent_fees() - reached
                reached |= bases

    def _get_percent_fees(self):
        """ The fees of which tariffs of these are a percentage. """
        return self.with_context(active_test=False).tariff_ids._get_percent_fees()

    def _get_percentages(self):
        """ The fees that have a tariff which is a percentage of these. """
        Tariff = self.env['property.tariff'].with_context(active_test=False)
        return Tariff.search([
            '|', ('percent_fee_id', 'in', self.ids),
            ('version_ids.component_ids.percent_fee_id', 'in', self.ids)]).fee_id

    def write(self, vals):
        if posted := self._get_changed(vals, 'nature')._get_posted():
            raise UserError(self.env._(
                "The posting nature of %(fee)s is fixed: charges of it are posted. "
                "Create another fee instead.", fee=posted.name))
        others = self.filtered(lambda fee: fee.nature != 'income')
        if posted := others._get_changed(vals, 'fund_kind', 'account_id')._get_posted():
            raise UserError(self.env._(
                "%(fee)s is money of others and what was charged of it stands on %(account)s. "
                "Create another fee instead.",
                fee=posted.name, account=posted.account_id.display_name))
        result = super().write(vals)
        if 'nature' in vals:
            # Money of others carries no tax.
            self.filtered(lambda fee: fee.nature != 'income').tax_line_ids.unlink()
        return result

    def _get_changed(self, vals, *names):
        """ Those of these of which `vals` change one of the fields. """
        return self.filtered(lambda fee: any(
            name in vals and fee._fields[name].convert_to_write(fee[name], fee) != vals[name]
            for name in names))

    def _get_posted(self):
        """ One of these of which charges are posted, or none. """
        return self.env['property.charge'].sudo().search(  # whatever project it was in
            [('fee_id', 'in', self.ids), ('state', 'in', ('posted', 'reversed'))], limit=1,
        ).fee_id.with_env(self.env) if self else self

    def _get_role(self):
        """ Whose account the fee is posted on, see `res.company._get_property_account`. """
        self.ensure_one()
        return self.fund_kind if self.nature == 'trust' else self.nature

    def _get_tax(self, day):
        """ The tax in force on a day. """
        return self._get_tax_line(day).tax_id

    def _set_tax_from(self, tax, day):
        """ Another tax from a day on; where nothing was billed, from the beginning. """
        # sudo: whatever project it was in.
        billed = self.env['property.charge'].sudo().search_fetch(
            [('fee_id', 'in', self.ids), ('state', 'in', ('posted', 'reversed'))],
            ['fee_id']).fee_id
        for fee in self:
            line = fee._get_tax_line(day)
            if line and (fee not in billed or line.date_start == day):
                line.tax_id = tax
            else:
                line.create({'fee_id': fee.id, 'tax_id': tax.id, 'date_start': day})

    def _get_tax_line(self, day):
        self.ensure_one()
        for line in self.tax_line_ids:
            if (not line.date_start or line.date_start <= day) and (
                    not line.date_end or line.date_end >= day):
                return line
        return self.tax_line_ids.browse()

    def _get_left_out_reason(self, day=None):
        """ Why nothing of this fee can be billed: `(reason, its values)`, or Falses.

        :param day: of the bill; without it, today
        """
        self.ensure_one()
        day = day or fields.Date.context_today(self)
        if not self.account_id:
            return 'no_account', {'text': 'no_account', 'fee': self.name}
        tax = self._get_tax(day)
        # A late fee has the tax of what it is for.
        if self.nature == 'income' and not tax and not self._is_late_fee():
            return 'no_tax', {'text': 'no_tax', 'fee': self.name, 'day': fields.Date.to_string(day)}
        if self._is_on_top(tax):
            return 'no_tax', {'text': 'tax_on_top', 'fee': self.name, 'tax': tax.name}
        return False, False

    def _is_late_fee(self):
        """ Whether it is the fee as which its company posts late fees. """
        return self == self.company_id.property_late_fee_id

    @api.model
    def _is_on_top(self, tax):
        """ Whether the owner would pay more than the charge says. """
        return bool(tax.amount and not tax.price_include)

    def _has_account_of_nature(self):
        """ Whether own income goes to an income account, money of others to a liability. """
        self.ensure_one()
        group = 'income' if self.nature == 'income' else 'liability'
        return self.account_id.internal_group == group
