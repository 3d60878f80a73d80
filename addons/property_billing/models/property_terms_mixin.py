from decimal import Decimal

from odoo import fields, models

from ..tools.planning import Terms


class PropertyTermsMixin(models.AbstractModel):
    """ How often something is charged and when it is due, as tariffs and leases say it. """
    _name = 'property.terms.mixin'
    _description = 'Terms of charging'

    cycle_months = fields.Integer(string="Cycle (months)", required=True, default=1)
    split = fields.Selection(
        [('natural', "Calendar months"), ('anchored', "From the start day")],
        string="Periods", required=True, default='natural',
    )
    timing = fields.Selection(
        [('advance', "In advance"), ('arrears', "In arrears")],
        string="When billed", required=True, default='advance',
        help="In advance: when the cycle begins. In arrears: after its last day.",
    )
    charge_per_cycle = fields.Boolean(
        string="One charge per cycle",
        help="The whole cycle is one charge; otherwise each month of it is a charge of its own.",
    )
    proration = fields.Selection(
        [('days', "By the days of that month"), ('thirty', "By 30 days"), ('none', "Whole month")],
        string="Part of a month", required=True, default='days',
    )
    due_rule = fields.Selection(
        [('invoice', "Days after the bill's date"), ('period', "Days after the period begins"),
         ('month', "Day of the month")],
        string="Due", required=True, default='invoice',
        help="Never before the date of the bill. A day of the month that has passed by then is "
             "the next month's.",
    )
    due_days = fields.Integer(
        string="Days to pay", default=30,
        help="Days to the due date, or the day of the month. Days from the beginning of the "
             "period may be negative: due before it.",
    )

    _cycle_positive = models.Constraint(
        'CHECK (cycle_months BETWEEN 1 AND 120)', "A cycle has 1 to 120 months.",
    )

    def _make_terms(self, fee, basis, rates, season=None, account=None):
        """ All that the engine wants to know of it.

        :param fee: what is charged
        :param str basis: what its price is multiplied with
        :param list rates: its prices by date
        :param season: the days of the year in which alone it is charged
        :param account: over which time use counts towards the limits of tiers
        """
        self.ensure_one()
        return Terms(
            cycle_months=self.cycle_months,
            split=self.split,
            timing=self.timing,
            charge_per_cycle=self.charge_per_cycle,
            proration=self.proration,
            basis=basis,
            rounding=Decimal(fee.rounding),
            rates=rates,
            season=season,
            due_rule=self.due_rule,
            due_value=self.due_days,
            account=account,
        )
