from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class AccountPayment(models.Model):
    _name = 'account.payment'
    _inherit = ['account.payment', 'property.scope.mixin']
    _property_project_field = 'property_project_id'
    _property_building_field = 'property_building_id'

    property_allocation_ids = fields.One2many(
        'property.payment.allocation', 'payment_id', string="Charges to settle",
    )
    property_project_id = fields.Many2one(
        'property.project', string="Project", index='btree_not_null',
        compute='_compute_property_project_id', store=True, readonly=False, precompute=True,
        help="Set where everything that is paid belongs to one project.",
    )
    property_building_id = fields.Many2one(
        'property.building', string="Building", index='btree_not_null',
        compute='_compute_property_building_id', store=True, readonly=False, precompute=True,
        help="Set where everything that is paid is of one building.",
    )

    # === COMPUTE METHODS === #

    @api.depends('property_allocation_ids.charge_id.project_id')
    def _compute_property_project_id(self):
        for payment in self:
            projects = payment.property_allocation_ids.charge_id.project_id
            if projects:
                payment.property_project_id = projects if len(projects) == 1 else False

    @api.depends('property_allocation_ids.charge_id.building_id')
    def _compute_property_building_id(self):
        for payment in self:
            buildings = payment.property_allocation_ids.charge_id.building_id
            if buildings:
                payment.property_building_id = buildings if len(buildings) == 1 else False

    # === ACTIONS === #

    def action_post(self):
        """ Override of `account`: settle the charges that the payment names, each by its part. """
        allocated = self.filtered(lambda payment: (
            payment._get_allocations_sudo() and payment.move_id.state != 'posted'))
        allocated._fit_allocations()
        res = super().action_post()
        allocated._reconcile_allocations()
        return res

    # === BUSINESS METHODS === #

    def _get_allocations_sudo(self):
        """ In sudo mode: an accountant has no right on charges, and may well pay suppliers. """
        return self.sudo().property_allocation_ids

    def _generate_move_vals(self, write_off_line_vals=None, force_balance=None, line_ids=None):
        vals = super()._generate_move_vals(write_off_line_vals, force_balance, line_ids)
        if self.property_project_id:
            vals['property_project_id'] = self.property_project_id.id
            vals['property_building_id'] = self.property_building_id.id
        return vals

    def _prepare_move_line_default_vals(self, write_off_line_vals=None, force_balance=None):
        """ Override of `account`: one counterpart per charge; the rest is a prepayment. """
        vals_list = super()._prepare_move_line_default_vals(write_off_line_vals, force_balance)
        allocations = self._get_allocations_sudo()
        if not allocations:
            return vals_list
        liquidity, counterpart, *write_offs = vals_list
        charge_vals_list = [
            {
                **counterpart,
                **self._prepare_counterpart_amounts(allocation.amount),
                'name': allocation.charge_id._get_bill_label(with_unit=True),
                'account_id': allocation.charge_id.receivable_line_id.account_id.id,
                'property_charge_id': allocation.charge_id.id,
            }
            for allocation in allocations
        ]
        rest = self.currency_id.round(
            -counterpart['amount_currency'] - sum(allocations.mapped('amount')))
        if rest:
            charge_vals_list.append({**counterpart, **self._prepare_counterpart_amounts(rest)})
        return [liquidity, *charge_vals_list, *write_offs]

    def _prepare_counterpart_amounts(self, amount):
        # Charges are in the company's currency, and so is what settles them.
        return {'amount_currency': -amount, 'debit': 0.0, 'credit': amount}

    def _synchronize_to_moves(self, changed_fields):
        """ Override of `account`, which knows of one counterpart only. """
        allocated = self.filtered(lambda payment: payment._get_allocations_sudo())
        if changed_fields.intersection(self._get_trigger_fields_to_synchronize()):
            allocated._rebuild_draft_entries()
        return super(AccountPayment, self - allocated)._synchronize_to_moves(changed_fields)

    def _rebuild_draft_entries(self):
        for payment in self.filtered(lambda payment: payment.move_id.state == 'draft'):
            payment.move_id.with_context(skip_invoice_sync=True).write({
                'date': payment.date,
                'partner_id': payment.partner_id.id,
                'line_ids': [Command.clear()] + [
                    Command.create(vals) for vals in payment._prepare_move_line_default_vals()
                ],
            })

    def _fit_allocations(self):
        """ Compare what is to be settled with what is still owed, under a lock.

        Somebody else may have paid meanwhile. Money that a provider has taken is never refused:
        what does not fit any more is kept as a prepayment. A clerk is told instead.
        """
        self.move_id.line_ids.remove_move_reconcile()  # a payment that is posted again
        charges = self._get_allocations_sudo().charge_id
        charges._lock_receivables()
        residuals = {charge: charge.amount_residual for charge in charges}
        for payment in self:
            currency = payment.currency_id
            if currency != payment.company_id.currency_id or payment.payment_type != 'inbound':
                raise UserError(self.env._(
                    "Charges are settled by money received in %(currency)s.",
                    currency=payment.company_id.currency_id.name))
            rest = payment.amount
            for allocation in payment._get_allocations_sudo():
                charge = allocation.charge_id
                amount = min(allocation.amount, max(residuals[charge], 0), rest)
                if currency.compare_amounts(amount, allocation.amount):
                    if not payment.payment_transaction_id:
                        raise UserError(self.env._(
                            "%(charge)s: %(amount)s is to be settled, but only %(residual)s can "
                            "be. Load the charges again.",
                            charge=charge.display_name,
                            amount=currency.format(allocation.amount),
                            residual=currency.format(amount)))
                    if amount:
                        allocation.amount = amount
                    else:
                        allocation.unlink()
                residuals[charge] = currency.round(residuals[charge] - amount)
                rest = currency.round(rest - amount)
        self._rebuild_draft_entries()

    def _reconcile_allocations(self):
        """ Match each charge's part with the charge's own receivable line, and nothing else. """
        plan = [
            line + line.property_charge_id.sudo().receivable_line_id  # sudo: as for allocations
            for line in self.move_id.line_ids
            if line.property_charge_id and line.parent_state == 'posted'
        ]
        if plan:
            self.env['account.move.line']._reconcile_plan(plan)
