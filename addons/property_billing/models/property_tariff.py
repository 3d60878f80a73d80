from decimal import Decimal

from odoo import api, fields, models

from ..tools.charging import Rate
from ..tools.periods import ONE_DAY
from ..tools.planning import Terms


class PropertyTariff(models.Model):
    """ How a fee is charged (收费标准): basis, cycle, and its prices by date. """
    _name = 'property.tariff'
    _description = 'Tariff'
    _inherit = ['property.guard.mixin', 'mail.thread']
    _order = 'fee_id, sequence, name'

    name = fields.Char(required=True, tracking=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    fee_id = fields.Many2one('property.fee', required=True, index=True, ondelete='restrict')
    company_id = fields.Many2one(
        related='fee_id.company_id', store=True, index=True, precompute=True,
    )
    currency_id = fields.Many2one(related='company_id.currency_id')
    basis = fields.Selection(
        [('area', "Area"), ('fixed', "Fixed amount"), ('unit', "Per piece"),
         ('household', "Per household")],
        required=True, default='area', tracking=True,
        help="A month costs price × quantity + surcharge; the quantity is the building area, 1, "
             "the number of pieces of the assignment, or of households of the unit.",
    )
    cycle_months = fields.Integer(string="Cycle (months)", required=True, default=1, tracking=True)
    split = fields.Selection(
        [('natural', "Calendar months"), ('anchored', "From the start day")],
        string="Periods", required=True, default='natural', tracking=True,
    )
    timing = fields.Selection(
        [('advance', "In advance"), ('arrears', "In arrears")],
        string="When billed", required=True, default='advance', tracking=True,
        help="In advance: when the cycle begins. In arrears: after its last day.",
    )
    charge_per_cycle = fields.Boolean(
        string="One charge per cycle", tracking=True,
        help="The whole cycle is one charge; otherwise each month of it is a charge of its own.",
    )
    proration = fields.Selection(
        [('days', "By the days of that month"), ('thirty', "By 30 days"),
         ('none', "Whole month")],
        string="Part of a month", required=True, default='days', tracking=True,
    )
    due_days = fields.Integer(
        string="Days to pay", default=30, help="Days from the bill's date to the due date.",
    )
    version_ids = fields.One2many('property.tariff.version', 'tariff_id', string="Prices")
    price_today = fields.Float(
        string="Price today", compute='_compute_price_today', digits=(16, 6),
    )
    assignment_count = fields.Integer(compute='_compute_assignment_count')

    _cycle_positive = models.Constraint(
        'CHECK (cycle_months BETWEEN 1 AND 120)', "A cycle has 1 to 120 months.",
    )
    _due_days_positive = models.Constraint(
        'CHECK (due_days >= 0)', "The days to pay cannot be negative.",
    )
    _name_fee_uniq = models.UniqueIndex(
        '(fee_id, name)', "This fee has a tariff of this name already.",
    )

    @api.depends('name', 'fee_id.name')
    def _compute_display_name(self):
        for tariff in self:
            tariff.display_name = ' · '.join(filter(None, (tariff.fee_id.name, tariff.name)))

    @api.depends('version_ids.date_start', 'version_ids.date_end', 'version_ids.price')
    def _compute_price_today(self):
        today = fields.Date.context_today(self)
        for tariff in self:
            tariff.price_today = tariff.version_ids.filtered(
                lambda version: version.date_start <= today
                and (not version.date_end or version.date_end >= today))[:1].price

    def _compute_assignment_count(self):
        counts = dict(self.env['property.fee.assignment']._read_group(
            [('tariff_id', 'in', self.ids)], ['tariff_id'], ['__count']))
        for tariff in self:
            tariff.assignment_count = counts.get(tariff, 0)

    def _get_rates(self):
        """ The prices by date, as the engine wants them. """
        self.ensure_one()
        return [
            Rate(
                version_id=version.id,
                start=version.date_start,
                end=version.date_end + ONE_DAY if version.date_end else None,
                price=Decimal(repr(version.price)),
                surcharge=Decimal(repr(version.surcharge)),
            )
            for version in self.version_ids.sorted('date_start')
        ]

    def _get_terms(self):
        """ All that the engine wants to know of the tariff. """
        self.ensure_one()
        return Terms(
            cycle_months=self.cycle_months,
            split=self.split,
            timing=self.timing,
            charge_per_cycle=self.charge_per_cycle,
            proration=self.proration,
            basis=self.basis,
            rounding=Decimal(self.fee_id.rounding),
            rates=self._get_rates(),
            due_value=self.due_days,
        )
