from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools.charging import Relief
from ..tools.periods import ONE_DAY


class PropertyLeaseFree(models.Model):
    """ Days of a lease for which less is asked, or nothing, as its contract says (免租期).

    It is part of what is reviewed with the lease. What is granted later is a reduction
    (`property.fee.relief`); of both on a day the lower percent counts.
    """
    _name = 'property.lease.free'
    _description = 'Rent-free period'
    _inherit = ['property.lease.part.mixin']
    _order = 'lease_id, date_start, id'
    _check_company_auto = True

    date_start = fields.Date(string="From", required=True)
    date_end = fields.Date(string="To", required=True)
    fee_ids = fields.Many2many(
        'property.fee', string="Fees", check_company=True, help="Empty: all lines of the lease.",
    )
    payable_percent = fields.Float(
        string="To be paid (%)", digits=(5, 2), help="0: nothing; by days, where a month is not "
        "whole.",
    )
    ground = fields.Char(
        required=True, default=lambda self: self.env._("Rent-free period"),
        help="Why: it stands on the bill.",
    )

    _dates_ordered = models.Constraint(
        'CHECK (date_end >= date_start)', "A rent-free period cannot end before it starts.",
    )
    _percent_fits = models.Constraint(
        'CHECK (payable_percent >= 0 AND payable_percent < 100)',
        "Of a rent-free period less than 100 % is to be paid.",
    )

    # === CONSTRAINT METHODS === #

    @api.constrains('date_start', 'date_end')
    def _check_dates(self):
        for period in self:
            lease = period.lease_id
            if period.date_start < lease.date_start or period.date_end > lease.date_end:
                raise ValidationError(self.env._(
                    "%(lease)s runs from %(start)s to %(end)s. Its rent-free period is inside it.",
                    lease=lease.name, start=fields.Date.to_string(lease.date_start),
                    end=fields.Date.to_string(lease.date_end)))

    # === BUSINESS METHODS === #

    def _get_reliefs(self, line):
        """ What applies to a line of the lease, as the engine wants it. """
        return [
            Relief(
                relief_id=period.id, start=period.date_start, end=period.date_end + ONE_DAY,
                payable=Decimal(repr(period.payable_percent)) / 100, ground=period.ground)
            for period in self if not period.fee_ids or line.fee_id in period.fee_ids
        ]
