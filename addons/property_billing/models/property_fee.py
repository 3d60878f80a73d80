from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


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
    account_id = fields.Many2one(
        'account.account', string="Account", check_company=True, tracking=True,
        compute='_compute_account_id', store=True, readonly=False, precompute=True,
        help="Credited by this fee: an income account, or a liability for money of others.",
    )
    tax_id = fields.Many2one(
        'account.tax', string="Tax", check_company=True, tracking=True,
        domain=[('type_tax_use', '=', 'sale')],
        compute='_compute_tax_id', store=True, readonly=False, precompute=True,
        help="A charge's amount is what is paid, so the tax is included in it. "
             "Money of others carries none.",
    )
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
        '(company_id, name)', "This company has a fee of this name already.",
    )

    @api.depends('nature', 'company_id')
    def _compute_account_id(self):
        """ The company's account for the fee's nature (decision 23), unless one was chosen. """
        for fee in self:
            if not fee.account_id or not fee._has_account_of_nature():
                fee.account_id = fee.company_id._get_property_account(fee.nature)

    @api.depends('nature')
    def _compute_tax_id(self):
        """ Money of others carries no tax; that of own income is chosen. """
        for fee in self:
            fee.tax_id = fee.tax_id if fee.nature == 'income' else False

    @api.constrains('tax_id', 'nature')
    def _check_tax_id(self):
        for fee in self:
            if fee.nature != 'income' and fee.tax_id:
                raise ValidationError(self.env._(
                    "%(fee)s is money of others, so it carries no tax. Leave the tax empty.",
                    fee=fee.name))
            if fee._has_tax_on_top():
                raise ValidationError(self.env._(
                    "%(fee)s: tax %(tax)s comes on top of the price. Choose a tax that is included "
                    "in the price, since a charge's amount is what the owner pays.",
                    fee=fee.name, tax=fee.tax_id.display_name))

    @api.constrains('account_id', 'nature')
    def _check_account_id(self):
        for fee in self.filtered('account_id'):
            if not fee._has_account_of_nature():
                raise ValidationError(self.env._(
                    "%(fee)s: account %(account)s does not fit. Own income goes to an income "
                    "account, money of others to a liability.",
                    fee=fee.name, account=fee.account_id.display_name))

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
        if 'nature' in vals and self.filtered(lambda fee: fee.nature != vals['nature']):
            posted = self.env['property.charge'].sudo().search(  # whatever project it was in
                [('fee_id', 'in', self.ids), ('state', 'in', ('posted', 'reversed'))], limit=1)
            if posted:
                raise UserError(self.env._(
                    "The posting nature of %(fee)s is fixed: charges of it are posted. "
                    "Create another fee instead.", fee=posted.fee_id.name))
        return super().write(vals)

    def _get_left_out_reason(self):
        """ Why nothing of this fee can be billed: `(reason, its values)`, or Falses. """
        self.ensure_one()
        if not self.account_id:
            return 'no_account', {'text': 'no_account', 'fee': self.name}
        if self.nature == 'income' and not self.tax_id:
            return 'no_tax', {'text': 'no_tax', 'fee': self.name}
        if self._has_tax_on_top():
            return 'no_tax', {'text': 'tax_on_top', 'fee': self.name, 'tax': self.tax_id.name}
        return False, False

    def _has_tax_on_top(self):
        """ Whether the owner would pay more than the charge says. """
        self.ensure_one()
        return bool(self.tax_id.amount and not self.tax_id.price_include)

    def _has_account_of_nature(self):
        """ Whether own income goes to an income account, money of others to a liability. """
        self.ensure_one()
        group = 'income' if self.nature == 'income' else 'liability'
        return self.account_id.internal_group == group
