from decimal import Decimal

from odoo import Command, api, fields, models
from odoo.exceptions import ValidationError

from ..tools.escalation import Step, expand
from ..tools.periods import ONE_DAY, add_months, months_between


class PropertyLeaseEscalation(models.Model):
    """ How prices of a lease change: by percent or amount every so often, or by a table. """
    _name = 'property.lease.escalation'
    _description = 'Price change of a lease'
    _inherit = ['property.lease.part.mixin']
    _order = 'lease_id, date_first, id'
    _check_company_auto = True

    fee_ids = fields.Many2many(
        'property.fee', string="Fees", check_company=True, help="Empty: all lines of the lease.",
    )
    unit_ids = fields.Many2many(
        'property.unit', string="Units", help="Empty: all units of the lease.",
    )
    mode = fields.Selection(
        [('percent', "By percent"), ('amount', "By an amount"), ('table', "As a table says")],
        required=True, default='percent',
    )
    value = fields.Float(
        string="Change by", digits=(16, 4),
        help="Percent, or money per month and unit of the line. Each change starts from the price "
             "that the one before has left.",
    )
    date_first = fields.Date(string="First on")
    every_months = fields.Integer(
        string="Every (months)", default=12, help="0: once.",
    )
    step_ids = fields.One2many('property.lease.step', 'escalation_id', string="Table")

    _value_given = models.Constraint(
        "CHECK (mode = 'table' OR (value != 0 AND date_first IS NOT NULL AND every_months >= 0))",
        "Enter by how much the price changes, and on which day first.",
    )

    # === CONSTRAINT METHODS === #

    @api.constrains('fee_ids', 'unit_ids', 'mode', 'value', 'date_first', 'every_months')
    def _check_lease(self):
        self.lease_id._check_escalations()

    @api.constrains('mode', 'step_ids')
    def _check_step_ids(self):
        for escalation in self:
            if escalation.mode == 'table' and not escalation.step_ids:
                raise ValidationError(self.env._(
                    "%(lease)s: the table of a price change is empty. Enter its days and prices, "
                    "or delete the price change.", lease=escalation.lease_id.display_name))

    # === BUSINESS METHODS === #

    def _get_steps(self, line):
        """ The steps that change the price of a line of the lease, as the engine wants them. """
        steps = []
        for escalation in self:
            if (escalation.fee_ids and line.fee_id not in escalation.fee_ids) or (
                    escalation.unit_ids and line.unit_id not in escalation.unit_ids._origin):
                continue
            if escalation.mode == 'table':
                steps += [
                    Step(step.date, 'price', Decimal(repr(step.price)))
                    for step in escalation.step_ids]
            else:
                first = Step(
                    escalation.date_first, escalation.mode, Decimal(repr(escalation.value)))
                repeated = escalation.every_months and expand(
                    first.date, escalation.every_months, first.mode, first.value,
                    escalation.lease_id.date_end + ONE_DAY)
                steps += repeated or [first]  # also one outside the lease, to be told
        return steps

    def _prepare_following_vals(self, date_start, date_end):
        """ The values of what of these changes comes in a lease that continues theirs. """
        vals_list = []
        for escalation in self:
            vals = {
                'mode': escalation.mode, 'value': escalation.value,
                'every_months': escalation.every_months,
                'fee_ids': [Command.set(escalation.fee_ids.ids)],
                'unit_ids': [Command.set(escalation.unit_ids.ids)],
            }
            if escalation.mode == 'table':
                steps = escalation.step_ids.filtered(
                    lambda step: date_start < step.date <= date_end)
                if steps:
                    vals_list.append({**vals, 'step_ids': [
                        Command.create({'date': step.date, 'price': step.price})
                        for step in steps]})
                continue
            first = escalation.date_first
            if escalation.every_months and first <= date_start:
                passed = months_between(first, date_start) // escalation.every_months + 1
                first = add_months(first, passed * escalation.every_months)
            # A lease that is renewed agrees its changes anew.
            if date_start < first <= min(date_end, escalation.lease_id.date_end):
                vals_list.append({**vals, 'date_first': first})
        return vals_list


class PropertyLeaseStep(models.Model):
    """ From a day on a price of a lease is this. """
    _name = 'property.lease.step'
    _description = 'Price of a lease from a day on'
    _inherit = ['property.lease.part.mixin']
    _order = 'escalation_id, date, id'

    escalation_id = fields.Many2one(
        'property.lease.escalation', required=True, index=True, ondelete='cascade',
    )
    lease_id = fields.Many2one(
        related='escalation_id.lease_id', store=True, precompute=True, required=False)
    date = fields.Date(string="From", required=True)
    price = fields.Float(required=True, digits=(16, 6))

    _price_positive = models.Constraint(
        'CHECK (price >= 0)', "A price cannot be negative.",
    )

    # === CONSTRAINT METHODS === #

    @api.constrains('date', 'price')
    def _check_lease(self):
        for step in self:
            if step.escalation_id.mode != 'table':
                raise ValidationError(self.env._(
                    "Only a price change “as a table says” has a table."))
        self.escalation_id.lease_id._check_escalations()
