from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.charging import Quantity
from ..tools.escalation import lease_rates
from ..tools.periods import ONE_DAY, in_force
from ..tools.planning import Subject


class PropertyFeeAssignment(models.Model):
    """ A line of a lease: a fee of a unit whose terms and price the lease says, not a tariff.

    Rent and fees of a lease are one kind of line each (B53): runs, corrections, explanations and
    the books treat them as every other assignment.
    """
    _inherit = 'property.fee.assignment'

    lease_id = fields.Many2one(
        'property.lease', string="Lease", index='btree_not_null', ondelete='cascade',
        check_company=True, readonly=True,
    )
    partner_id = fields.Many2one(
        compute='_compute_from_lease', store=True, readonly=False, precompute=True)
    date_start = fields.Date(
        compute='_compute_from_lease', store=True, readonly=False, precompute=True)
    date_end = fields.Date(
        compute='_compute_from_lease', store=True, readonly=False, precompute=True)
    quantity = fields.Float(
        compute='_compute_quantity', store=True, readonly=False, precompute=True, default=None,
        help="Pieces, for a tariff per piece; of a lease also the area that is let.",
    )
    currency_id = fields.Many2one('res.currency', compute='_compute_currency_id')
    basis = fields.Selection(
        [('area', "Per m²"), ('fixed', "Fixed amount"), ('unit', "Per piece")],
        string="Price is", help="Of a line of a lease: what its price is multiplied with.",
    )
    price = fields.Float(
        digits=(16, 6), help="Of a line of a lease: per month and m² or piece, or as a whole.")
    amount_month = fields.Monetary(
        string="Amount a month", compute='_compute_amount_month', inverse='_inverse_amount_month',
        help="Price × quantity. An amount that is typed here is fixed, whatever the quantity.",
    )

    is_let = fields.Boolean(
        string="Holds the unit", readonly=True, copy=False,
        help="Of a line of a reviewed lease: nobody else is let the unit in that time.",
    )

    _of_tariff_or_lease = models.Constraint(
        'CHECK (num_nonnulls(tariff_id, lease_id, shared_cost_id) = 1)',
        "A fee of a unit has a tariff, a lease or a shared cost, and just one of them.",
    )
    _lease_line_complete = models.Constraint(
        'CHECK (lease_id IS NULL OR (price > 0 AND basis IS NOT NULL AND date_end IS NOT NULL))',
        "Enter the price of each line of the lease, more than zero.",
    )
    _once_per_lease = models.UniqueIndex(
        '(lease_id, unit_id, fee_id) WHERE lease_id IS NOT NULL AND active',
        "The lease has this fee of this unit already.",
    )
    _let_once = models.Constraint(
        "EXCLUDE USING gist (unit_id WITH =, lease_id WITH <>, "
        "daterange(date_start, date_end, '[]') WITH &&) WHERE (is_let AND active)",
        lambda env, diagnostics: env['property.lease']._get_double_let_message(diagnostics),
    )

    # === COMPUTE METHODS === #

    @api.depends('fee_id.name', 'lease_id.name')
    def _compute_display_name(self):
        """ Override: a line of a lease has no tariff to be named by. """
        of_leases = self.filtered('lease_id')
        super(PropertyFeeAssignment, self - of_leases)._compute_display_name()
        for line in of_leases:
            line.display_name = ' · '.join(filter(None, (
                line.unit_id.complete_name, line.fee_id.name, line.lease_id.name)))

    @api.depends('lease_id.partner_id', 'lease_id.date_start', 'lease_id.date_end')
    def _compute_from_lease(self):
        for assignment in self:
            lease = assignment.lease_id
            assignment.partner_id = lease.partner_id or assignment.partner_id
            assignment.date_start = lease.date_start or assignment.date_start
            assignment.date_end = lease.date_end or assignment.date_end

    @api.depends('company_id', 'lease_id.company_id')
    def _compute_currency_id(self):
        """ A line of a lease has one before its unit is chosen: the lines are added up. """
        for assignment in self:
            company = assignment.company_id or assignment.lease_id.company_id
            assignment.currency_id = company.currency_id

    @api.depends('lease_id', 'unit_id', 'basis')
    def _compute_quantity(self):
        """ By area, what is let is the whole unit, unless the contract says another area. """
        for assignment in self:
            if assignment.lease_id and assignment.basis == 'area':
                assignment.quantity = assignment.unit_id.building_area
            else:
                assignment.quantity = assignment.quantity or 1

    @api.depends('lease_id', 'basis', 'price', 'quantity')
    def _compute_amount_month(self):
        for line in self:
            quantity = 1 if line.basis == 'fixed' else line.quantity
            line.amount_month = line.price * quantity if line.lease_id else 0

    @api.onchange('amount_month')
    def _inverse_amount_month(self):
        """ What was typed wins: an amount stands for itself, a price for its quantity. """
        for line in self:
            quantity = 1 if line.basis == 'fixed' else line.quantity
            currency = line.currency_id or self.env.company.currency_id  # no unit chosen yet
            if currency.compare_amounts(line.amount_month, line.price * quantity):
                line.price, line.basis = line.amount_month, 'fixed'

    # === CONSTRAINT METHODS === #

    @api.constrains('price', 'unit_id', 'fee_id')
    def _check_lease_line(self):
        lines = self.filtered('lease_id')
        lines.lease_id._check_project_id()
        lines.lease_id._check_let_once()
        lines.lease_id._check_escalations()

    @api.constrains('unit_id', 'fee_id', 'date_start', 'date_end', 'is_let', 'active')
    def _check_charged_once(self, with_drafts=False):
        """ What a reviewed lease charges of a unit, no tariff charges on the same days.

        :param with_drafts: also lines of leases that are not reviewed yet
        """
        self.flush_model([
            'unit_id', 'fee_id', 'date_start', 'date_end', 'is_let', 'active', 'lease_id',
            'tariff_id'])
        for by_tariff_id, by_lease_id, day in self.env.execute_query(SQL(
            """ SELECT by_tariff.id, by_lease.id,
                       GREATEST(by_tariff.date_start, by_lease.date_start)
                  FROM property_fee_assignment by_lease
                  JOIN property_fee_assignment by_tariff
                    ON by_tariff.unit_id = by_lease.unit_id AND by_tariff.fee_id = by_lease.fee_id
                   AND by_tariff.tariff_id IS NOT NULL AND by_tariff.active
                   AND by_tariff.date_start <= by_lease.date_end
                   AND COALESCE(by_tariff.date_end, 'infinity') >= by_lease.date_start
                 WHERE (by_lease.id = ANY(%(ids)s) OR by_tariff.id = ANY(%(ids)s))
                   AND by_lease.lease_id IS NOT NULL AND by_lease.active
                   AND (by_lease.is_let OR %(with_drafts)s)
                 LIMIT 1 """, ids=self.ids, with_drafts=with_drafts)):
            # sudo: what hinders is told, whatever project or lease it is of.
            by_tariff, by_lease = self.sudo().browse((by_tariff_id, by_lease_id))
            raise ValidationError(self.env._(
                "%(unit)s: from %(day)s on, %(fee)s would be charged twice, by the tariff "
                "%(tariff)s and by the lease %(lease)s. End the fee by tariff the day before the "
                "lease starts, or take the line out of the lease.",
                unit=by_lease.unit_id.complete_name, day=fields.Date.to_string(day),
                fee=by_lease.fee_id.name, tariff=by_tariff.tariff_id.name,
                lease=by_lease.lease_id.name))

    @api.constrains('tariff_id', 'fee_id')
    def _check_fee_id(self):
        for assignment in self:
            tariff = assignment.tariff_id
            if tariff and tariff.fee_id != assignment.fee_id:
                raise ValidationError(self.env._(
                    "%(tariff)s is not a tariff of %(fee)s.",
                    tariff=tariff.display_name, fee=assignment.fee_id.name))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        assignments = super().create(vals_list)
        assignments._change_lease()
        if not self.env.su and any(assignments.mapped('is_let')):  # by a default of the context
            raise AccessError(self.env._("The review of a lease says what is let, nobody else."))
        return assignments

    def write(self, vals):
        self._change_lease()
        if not self.env.su and 'is_let' in vals:
            raise AccessError(self.env._("The review of a lease says what is let, nobody else."))
        result = super().write(vals)
        if 'lease_id' in vals:
            self._change_lease()
        return result

    def unlink(self):
        self._change_lease()
        return super().unlink()

    def _change_lease(self):
        """ Lines change with their lease only: who may change it, while it is a draft. """
        if leases := self.lease_id:
            leases.check_access('write')
            leases._change_inputs()

    # === BUSINESS METHODS === #

    @api.model
    def _get_agreed_domain(self):
        """ What a unit pays again and again: no drafts of leases, no parts of shared costs. """
        return Domain('tariff_id', '!=', False) | Domain('is_let', '=', True)

    def _get_lease_subject(self, reliefs):
        """ What a charge of this line depends on: what the lease says, and what was reduced since.

        :param reliefs: the reductions of the unit and fee
        """
        self.ensure_one()
        quantity = 1 if self.basis == 'fixed' else self.quantity
        return Subject(
            terms=self.lease_id._make_terms(self.fee_id, self.basis, self._get_lease_rates()),
            quantities=[Quantity(Decimal(repr(quantity)))],
            start=self.date_start,
            end=self.date_end + ONE_DAY,
            payers=self._get_own_payers(),
            reliefs=[*reliefs, *self.lease_id.free_ids._get_reliefs(self)],
        )

    def _get_lease_rates(self):
        """ The prices by date: the agreed changes compound, unrounded (decision 14). """
        self.ensure_one()
        steps = self.lease_id.escalation_ids._get_steps(self)
        lease_end = self.lease_id.date_end
        days = set()
        for step in steps:
            day = fields.Date.to_string(step.date)
            if not self.date_start < step.date <= lease_end:
                raise ValidationError(self.env._(
                    "%(line)s: the price change of %(day)s is not inside the lease. It comes after "
                    "its first day, and not after its last.", line=self.display_name, day=day))
            if step.date in days:
                raise ValidationError(self.env._(
                    "%(line)s: two price changes on %(day)s. Choose another day, or other fees or "
                    "units, for one of them.", line=self.display_name, day=day))
            days.add(step.date)
        try:
            return lease_rates(
                Decimal(repr(self.price)), self.date_start, self.date_end + ONE_DAY,
                # The line may have ended before its lease would have.
                [step for step in steps if step.date <= self.date_end])
        except ValueError as error:
            raise ValidationError(self.env._(
                "%(line)s: a price change brings the price below zero.",
                line=self.display_name)) from error

    def _get_lease_price(self, day):
        """ The price on a day, the last one of the lease after its end. """
        rates = self._get_lease_rates()
        return (in_force(day, rates) or rates[-1]).price
