from dataclasses import replace
from datetime import date
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..tools.charging import Quantity, Rate, price_on
from ..tools.components import Line, add_components
from ..tools.periods import ONE_DAY
from .property_charge_explanation import plain

# Of everything some: whatever the price consists of then gives something.
SAMPLE = Decimal(100)


def exact(number):
    """ A float as the decimal number that was typed. """
    return Decimal(repr(number))


def get_other_days(before, after):
    """ The days that are in the one only, of two prices of a tariff: see `_get_days`. """
    tariff_id, *starts = before[0], before[1], after[1]
    ends = [end or date.max for end in (before[2], after[2])]
    if starts[0] != starts[1]:
        yield tariff_id, min(starts), max(starts) - ONE_DAY
    if ends[0] != ends[1]:
        yield tariff_id, min(ends) + ONE_DAY, max(ends)


class PropertyTariffVersion(models.Model):
    """ The price of a tariff from a day to a day, both inclusive. """
    _name = 'property.tariff.version'
    _description = 'Tariff version'
    _inherit = ['property.dated.mixin']
    _order = 'tariff_id, date_start desc'
    _dated_by = 'tariff_id'

    tariff_id = fields.Many2one('property.tariff', required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(
        related='tariff_id.company_id', store=True, index=True, precompute=True,
    )
    date_start = fields.Date(string="From", required=True)
    date_end = fields.Date(string="To")
    price = fields.Float(
        required=True, digits=(16, 6),
        help="Per month and per m², piece or household; of a percentage, the percent.",
    )
    surcharge = fields.Float(digits=(16, 6), help="Added per month, whatever the quantity.")
    component_ids = fields.One2many(
        'property.tariff.component', 'version_id', string="Further parts", copy=True,
    )
    minimum = fields.Float(
        string="At least", digits=(16, 6), help="Per month; a part of a month costs its part.",
    )
    maximum = fields.Float(string="At most", digits=(16, 6), help="Per month; 0 is no limit.")
    component_text = fields.Char(string="Parts of the price", compute='_compute_component_text')

    _dates_ordered = models.Constraint(
        'CHECK (date_end IS NULL OR date_end >= date_start)',
        "A price cannot end before it starts.",
    )
    _positive = models.Constraint(
        'CHECK (price >= 0 AND surcharge >= 0 AND minimum >= 0 AND maximum >= 0)',
        "A price cannot be negative.",
    )
    _limits_ordered = models.Constraint(
        'CHECK (maximum = 0 OR maximum >= minimum)', "The most is not less than the least.",
    )
    _no_overlap = models.Constraint(
        "EXCLUDE USING gist (tariff_id WITH =, daterange(date_start, date_end, '[]') WITH &&)",
        "This tariff has a price for some of these days already. End that price first.",
    )

    @api.depends('tariff_id', 'date_start')
    def _compute_display_name(self):
        for version in self:
            version.display_name = ' · '.join(filter(None, (
                version.tariff_id.display_name, fields.Date.to_string(version.date_start))))

    @api.depends('component_ids.price', 'component_ids.basis', 'component_ids.percent_fee_id')
    def _compute_component_text(self):
        for version in self:
            version.component_text = ' + '.join(
                component._get_text() for component in version.component_ids)

    # === CONSTRAINT METHODS === #

    @api.constrains('price', 'surcharge', 'component_ids', 'minimum', 'maximum', 'tariff_id')
    def _check_price(self):
        """ Compute a month of an example, so that nothing is found out in a bill run. """
        for version in self:
            [rate] = add_components(
                replace(version._get_rate(), end=None),
                [[Line(component._get_component(SAMPLE))] for component in version.component_ids])
            if price_on(version.date_start, [rate], [Quantity(SAMPLE)]) <= 0:
                raise ValidationError(self.env._(
                    "%(tariff)s: the price from %(day)s is more than zero. To charge nothing, end "
                    "the assignment.",
                    tariff=version.tariff_id.display_name, day=version.date_start))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """ A new price ends the one that has no end yet, the day before. """
        starts = {}
        for vals in vals_list:
            start = fields.Date.to_date(vals['date_start'])
            starts[vals['tariff_id']] = min(start, starts.get(vals['tariff_id'], start))
        self._end_former(starts)
        versions = super().create(vals_list)
        versions._check_not_billed(version._get_days() for version in versions)
        return versions

    def write(self, vals):
        before = {version: (version._get_days(), version._get_rate()) for version in self}
        result = super().write(vals)
        changed = []
        for version, (days, rate) in before.items():
            if replace(version._get_rate(), start=rate.start, end=rate.end) != rate:
                changed += [days, version._get_days()]
            else:
                changed += get_other_days(days, version._get_days())
        self._check_not_billed(changed)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_billed(self):
        self._check_not_billed(version._get_days() for version in self)

    def _get_days(self):
        """ The tariff, and its first and last day; the last may be False. """
        return self.tariff_id.id, self.date_start, self.date_end

    def _check_not_billed(self, changed):
        """ What was billed keeps its price: it is corrected, and the price changes from then on.

        :param changed: tariff, first and last day of what changes
        """
        domains = [
            Domain('assignment_id.tariff_id', '=', tariff_id) & Domain('date_end', '>=', start)
            & (Domain('date_start', '<=', end) if end else Domain.TRUE)
            for tariff_id, start, end in changed
        ]
        if not domains:
            return
        # sudo: whatever project it was in.
        Charge = self.env['property.charge'].sudo()
        billed = Domain('state', '=', 'posted') & Domain('kind', 'in', ('recurring', 'opening'))
        if charge := Charge.search(billed & Domain.OR(domains), limit=1):
            tariff = Domain('assignment_id.tariff_id', '=', charge.assignment_id.tariff_id.id)
            charge = Charge.search(billed & tariff, order='date_end desc', limit=1)
            raise UserError(self.env._(
                "%(tariff)s is billed up to %(day)s (%(unit)s), and what is billed keeps its "
                "price. Let the new price start on %(next_day)s or later. A mistake in what is "
                "billed is corrected on its charges.",
                tariff=charge.assignment_id.tariff_id.display_name, day=charge.date_end,
                unit=charge.unit_id.complete_name, next_day=charge.date_end + ONE_DAY))

    # === BUSINESS METHODS === #

    def _get_rate(self):
        """ The price as the engine wants it, without what depends on the unit. """
        self.ensure_one()
        return Rate(
            version_id=self.id,
            start=self.date_start,
            end=self.date_end + ONE_DAY if self.date_end else None,
            price=exact(self.price),
            surcharge=exact(self.surcharge),
            minimum=exact(self.minimum),
            maximum=exact(self.maximum) if self.maximum else None,
        )

    def _get_price_text(self):
        """ The price in words, e.g. 1.3 + 0.5 (Usable area) a month. """
        self.ensure_one()
        tariff = self.tariff_id
        price = plain(exact(self.price))
        lines = [
            f'{price} % ({tariff.percent_fee_id.name})' if tariff.basis == 'percent' else price,
        ] if self.price else []
        if self.surcharge:
            lines.append(plain(exact(self.surcharge)))
        text = ' + '.join(filter(None, (*lines, self.component_text)))
        return (
            self.env._("%(price)s a season", price=text) if tariff.season_start
            else self.env._("%(price)s a month", price=text))
