from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import OrderedSet, frozendict

# Whose money an item is that is not the company's own; its reversal says the same.
OWNER_FIELDS = ('property_fee_id', 'property_unit_id', 'property_beneficiary_id')


class AccountMoveLine(models.Model):
    _name = 'account.move.line'
    _inherit = ['account.move.line', 'property.company.mixin', 'property.scope.mixin']
    _property_project_field = 'property_project_id'
    _property_building_field = 'property_building_id'

    property_charge_id = fields.Many2one(
        'property.charge', string="Charge", index='btree_not_null', ondelete='restrict',
        help="On a product line: what it bills. On a receivable line: what is still owed of it. "
             "On a payment's line: what it was paid for.",
    )
    property_project_id = fields.Many2one(
        related='move_id.property_project_id', store=True, index='btree_not_null',
    )
    property_building_id = fields.Many2one(
        related='move_id.property_building_id', store=True, index='btree_not_null',
    )

    # Empty on own income, which nobody asks for them.
    property_fee_id = fields.Many2one(
        'property.fee', string="Fee", index='btree_not_null', ondelete='restrict',
        check_company=True, domain=[('nature', '!=', 'income')],
        help="Which money of others it is: that of a fee.",
    )
    property_unit_id = fields.Many2one(
        'property.unit', string="Unit concerned", index='btree_not_null', ondelete='restrict',
        help="Whose part of a fund it is.",
    )
    property_beneficiary_id = fields.Many2one(
        'res.partner', string="Collected for", index='btree_not_null', ondelete='restrict',
        check_company=True,
        help="The utility whose money it is. Odoo writes the payer onto every item of a bill.",
    )

    @api.onchange('property_fee_id')
    def _onchange_property_fee_id(self):
        """ The account of that money, on which a supplier's bill is settled without tax. """
        if self.property_fee_id:
            self.account_id = self.property_fee_id.account_id
            self.property_beneficiary_id = self.property_fee_id.beneficiary_id
            self.tax_ids = False

    @api.constrains('property_fee_id', 'account_id')
    def _check_property_fee_id(self):
        for line in self:
            if line.property_fee_id and line.account_id.internal_group in ('income', 'expense'):
                raise ValidationError(self.env._(
                    "%(fee)s is money of others: it is neither income nor a cost of the company, "
                    "and cannot go to %(account)s. Take %(right)s.", fee=line.property_fee_id.name,
                    account=line.account_id.display_name,
                    right=line.property_fee_id.account_id.display_name))

    @api.depends('property_charge_id')
    def _compute_term_key(self):
        """ Override of `account`: a receivable line belongs to its charge, not to a due date. """
        super()._compute_term_key()
        for line in self:
            if line.term_key and line.property_charge_id:
                line.term_key = frozendict({
                    **line.term_key, 'property_charge_id': line.property_charge_id.id,
                })

    @api.depends('property_charge_id')
    def _compute_name(self):
        """ Override of `account`: a receivable line says what it is owed for. """
        super()._compute_name()
        for line in self:
            if line.display_type == 'payment_term' and line.property_charge_id:
                line.name = line.property_charge_id._get_bill_label(
                    with_unit=not line.move_id.property_unit_id)

    # === CRUD METHODS === #

    def write(self, vals):
        """ Override of `account`: what a posted bill says of its charge is never rewritten. """
        if not self.env.su and (said := vals.keys() & {'property_charge_id', *OWNER_FIELDS}):
            for line in self.filtered(lambda line: line.parent_state == 'posted'):
                is_billed = line.property_charge_id and line.move_id.is_sale_document()
                is_divided = line.move_id.property_shared_cost_id
                if (is_billed or is_divided) and any(line[name].id != vals[name] for name in said):
                    raise UserError(self.env._(
                        "%(entry)s: which charge, unit and fee an item is of follows from what "
                        "was posted, and stays. Correct the charge, or cancel the shared cost, "
                        "instead.",
                        entry=line.move_id.name))
        return super().write(vals)

    def copy_data(self, default=None):
        """ Override of `account`: only a reversal is about the same charges.

        It says itself whether it is booked in red (红字): with the flag copied its product lines
        would be booked on the other side, in black.
        """
        vals_list = super().copy_data(default)
        is_reversal = 'move_reverse_cancel' in self.env.context
        for line, vals in zip(self, vals_list, strict=True):
            if line.property_charge_id:
                vals.pop('is_storno', None)
                if not is_reversal:
                    vals['property_charge_id'] = False
        return vals_list

    # === BUSINESS METHODS === #

    @api.model
    def _get_prepayment_domain(self):
        """ Open credits: what was paid ahead, and what was credited of a charge that was paid. """
        return Domain([
            ('account_type', '=', 'asset_receivable'), ('parent_state', '=', 'posted'),
            ('amount_residual', '<', 0),
            '|', ('property_charge_id', '=', False), ('move_type', '=', 'out_refund')])

    @api.model
    def _reconcile_plan(self, reconciliation_plan):
        """ Override of `account`: what is paid late bears its late fee from the same moment on
        (decision 35), whoever matches it: a payment, the bank statement, or a person.
        """
        charges_sudo = self._get_charges_paid_late_sudo(reconciliation_plan)
        result = super()._reconcile_plan(reconciliation_plan)
        if charges_sudo:
            charges_sudo._issue_late_fees()
        return result

    @api.model
    def _get_charges_paid_late_sudo(self, reconciliation_plan):
        """ The charges that a plan of `_reconcile_plan` settles with money after they were due.

        In sudo mode: who takes or matches a payment may have no right on charges.
        """
        groups = list(self._iter_plan_groups(reconciliation_plan))
        self.union(*groups).fetch(
            ['balance', 'date', 'date_maturity', 'display_type', 'move_id', 'property_charge_id'])
        charge_ids = OrderedSet()  # several groups may settle one charge
        for lines in groups:
            debits = lines.filtered(lambda line: (
                line.property_charge_id and line.display_type == 'payment_term'
                and line.balance > 0))
            charges = debits.property_charge_id
            days = debits and [
                line.date for line in lines
                if line.balance < 0 and not (
                    line.move_id.move_type == 'out_refund' and line.property_charge_id in charges)]
            charge_ids.update(
                line.property_charge_id.id for line in debits
                if days and line.date_maturity < max(days))
        charges_sudo = self.env['property.charge'].sudo().browse(charge_ids)
        return charges_sudo.filtered_domain(charges_sudo._get_late_fee_domain())

    @api.model
    def _iter_plan_groups(self, reconciliation_plan):
        """ The lines that are matched with each other, of a plan that may have plans in it. """
        for item in reconciliation_plan:
            if isinstance(item, models.BaseModel):
                yield item
            else:
                yield from self._iter_plan_groups(item)
