from collections import defaultdict
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..tools.charging import Quantity, Rate, price_on
from ..tools.components import Line, add_components
from ..tools.periods import ONE_DAY, day_after
from ..tools.rounding import exact
from .property_charge_explanation import plain

# What is approved, and what an approval decides.
PRICE_FIELDS = {
    'tariff_id', 'date_start', 'date_end', 'price', 'surcharge', 'component_ids', 'minimum',
    'maximum', 'tier_ids', 'per_person', 'standard_persons',
}

# What the further parts of a price by meter are.
METERED_BASES = {'use', 'fixed'}

# Of everything some: whatever the price consists of then gives something.
SAMPLE = Decimal(100)


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
    _inherit = ['property.dated.mixin', 'property.review.mixin']
    _order = 'tariff_id, date_start desc'
    _dated_by = 'tariff_id'
    _approval_group = 'property_billing.group_billing_approve'

    tariff_id = fields.Many2one('property.tariff', required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(
        related='tariff_id.company_id', store=True, index=True, precompute=True,
    )
    date_start = fields.Date(string="From", required=True, tracking=True)
    date_end = fields.Date(string="To", tracking=True)
    price = fields.Float(
        required=True, digits=(16, 6), tracking=True,
        help="Per month and per m², piece or household; of a percentage, the percent; of a meter, "
             "per unit of use in the lowest tier.",
    )
    surcharge = fields.Float(
        digits=(16, 6), tracking=True, help="Added per month, whatever the quantity.")
    component_ids = fields.One2many(
        'property.tariff.component', 'version_id', string="Further parts", copy=True,
    )
    minimum = fields.Float(
        string="At least", digits=(16, 6), tracking=True,
        help="Per month; a part of a month costs its part.",
    )
    maximum = fields.Float(
        string="At most", digits=(16, 6), tracking=True, help="Per month; 0 is no limit.")
    tier_ids = fields.One2many(
        'property.tariff.tier', 'version_id', string="Tiers", copy=True,
        help="What a unit of use costs above a limit.",
    )
    per_person = fields.Float(
        string="More per person", digits=(16, 3), tracking=True,
        help="By how much each limit is higher for a person above the standard household, in the "
             "meter's unit and for the whole year or month.",
    )
    standard_persons = fields.Integer(
        string="Standard household (persons)", tracking=True, aggregator=None,
        help="For so many persons the limits are made, such as 4. Of a household allowance those "
             "above it count.",
    )
    state = fields.Selection(
        [('draft', "Draft"), ('pending', "Waiting for approval"), ('approved', "Approved"),
         ('refused', "Refused")],
        required=True, default='approved', readonly=True, index=True, copy=False, tracking=True,
        help="Nothing is charged by a price that is not approved, and the one before goes on.",
    )
    former_price = fields.Float(
        string="Price before", digits=(16, 6), compute='_compute_former_price')
    change_percent = fields.Float(
        string="Change (%)", digits=(16, 1), compute='_compute_former_price')
    approves_prices = fields.Boolean(related='company_id.property_approves_prices')
    assignment_count = fields.Integer(string="Units", related='tariff_id.assignment_count')
    is_metered = fields.Boolean(string="By meter", compute='_compute_is_metered')
    component_text = fields.Char(string="Parts of the price", compute='_compute_component_text')

    _dates_ordered = models.Constraint(
        'CHECK (date_end IS NULL OR date_end >= date_start)',
        "A price cannot end before it starts.",
    )
    _positive = models.Constraint(
        'CHECK (price >= 0 AND surcharge >= 0 AND minimum >= 0 AND maximum >= 0 '
        'AND per_person >= 0 AND standard_persons >= 0)',
        "A price cannot be negative.",
    )
    _limits_ordered = models.Constraint(
        'CHECK (maximum = 0 OR maximum >= minimum)', "The most is not less than the least.",
    )
    _no_overlap = models.Constraint(
        "EXCLUDE USING gist (tariff_id WITH =, daterange(date_start, date_end, '[]') WITH &&) "
        "WHERE (state = 'approved')",
        "This tariff has a price for some of these days already. End that price first.",
    )

    @api.depends('tariff_id.basis')
    def _compute_is_metered(self):
        for version in self:
            version.is_metered = version.tariff_id.basis == 'metered'

    @api.depends('tariff_id', 'date_start')
    def _compute_display_name(self):
        for version in self:
            version.display_name = ' · '.join(filter(None, (
                version.tariff_id.display_name, fields.Date.to_string(version.date_start))))

    @api.depends('component_ids.price', 'component_ids.basis', 'component_ids.percent_fee_id',
                 'component_ids.register', 'tier_ids.price', 'tier_ids.above')
    def _compute_component_text(self):
        for version in self:
            components = ' + '.join(
                component._get_text() for component in version.component_ids)
            tiers = version.tier_ids.sorted('above').mapped('display_name')
            version.component_text = '; '.join(filter(None, (components, *tiers)))

    @api.depends('price', 'date_start', 'tariff_id.version_ids.price')
    def _compute_former_price(self):
        for version in self:
            former = version._get_former()
            version.former_price = former.price
            version.change_percent = former.price and (
                version.price - former.price) / former.price * 100

    # === CONSTRAINT METHODS === #

    @api.constrains('per_person', 'standard_persons')
    def _check_standard_persons(self):
        for version in self:
            if version.per_person and not version.standard_persons:
                raise ValidationError(self.env._(
                    "%(tariff)s: enter how many persons the standard household has, such as 4. "
                    "Limits are higher by person for those above it.",
                    tariff=version.tariff_id.display_name))

    @api.constrains('price', 'surcharge', 'component_ids', 'minimum', 'maximum', 'tariff_id',
                    'tier_ids')
    def _check_price(self):
        """ Compute a month of an example, so that nothing is found out in a bill run. """
        self._check_metered()
        for version in self:
            [rate] = add_components(
                replace(version._get_rate(), end=None),
                [[Line(component._get_component(SAMPLE))] for component in version.component_ids])
            if price_on(version.date_start, [rate], [Quantity(SAMPLE)]) <= 0:
                raise ValidationError(self.env._(
                    "%(tariff)s: the price from %(day)s is more than zero. To charge nothing, end "
                    "the assignment.",
                    tariff=version.tariff_id.display_name, day=version.date_start))

    def _check_metered(self):
        """ What only a meter has is for tariffs by meter, and what it lacks is not. """
        for version in self:
            tariff, parts = version.tariff_id, version.component_ids
            if tariff.basis != 'metered':
                if version.tier_ids or 'use' in parts.mapped('basis'):
                    raise ValidationError(self.env._(
                        "%(tariff)s is not charged by meter: it has no tiers and no price per unit "
                        "of use. Choose the basis “By meter”.", tariff=tariff.display_name))
            elif version.minimum or version.maximum:
                raise ValidationError(self.env._(
                    "%(tariff)s is charged by meter, whatever was used: it has no least and no "
                    "most. Add a fixed amount instead.", tariff=tariff.display_name))
            elif set(parts.mapped('basis')) - METERED_BASES:
                raise ValidationError(self.env._(
                    "%(tariff)s is charged by meter: its further parts are per unit of use or a "
                    "fixed amount a month.", tariff=tariff.display_name))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """ A new price ends the one that has no end yet, the day before; where prices are
        approved, once it is.
        """
        starts = {}
        for vals in vals_list:
            tariff = self.env['property.tariff'].browse(vals.get('tariff_id'))
            if tariff.company_id.property_approves_prices and not self.env.su:
                if vals.setdefault('state', 'draft') != 'draft':
                    raise self._get_step_error()
            elif tariff and vals.get('date_start'):
                start = fields.Date.to_date(vals['date_start'])
                starts[tariff.id] = min(start, starts.get(tariff.id, start))
        self._end_former(starts)
        self._end_each_before_the_next(vals_list)
        versions = super().create(vals_list)
        versions._check_not_billed(version._get_days() for version in versions)
        versions.tariff_id._take_into_use()
        return versions

    def write(self, vals):
        if vals.keys() & PRICE_FIELDS:
            self._check_open()
        before = {version: (version._get_days(), version._get_rate()) for version in self}
        result = super().write(vals)
        changed = []
        for version, (days, rate) in before.items():
            is_other = replace(version._get_rate(), start=rate.start, end=rate.end) != rate
            if is_other or version.tariff_id.id != days[0]:
                changed += [days, version._get_days()]
            else:
                changed += get_other_days(days, version._get_days())
        self._check_not_billed(changed)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_billed(self):
        self._check_open()
        self._check_not_billed(version._get_days() for version in self)

    def _get_first_state(self):
        """ Override of `property.review.mixin`: in force at once, where nobody approves prices. """
        return 'draft' if self.company_id.property_approves_prices else 'approved'

    def _check_open(self):
        """ What somebody decides about, or has decided, stays as he saw it. """
        if self.env.su:
            return
        for version in self:
            if version.state in ('pending', 'approved') and (
                    version.company_id.property_approves_prices):
                raise UserError(self.env._(
                    "%(version)s is submitted for approval or approved and stays as it is. "
                    "Withdraw it, or enter another price.", version=version.display_name))

    def _get_in_force_domain(self):
        """ Override of `property.dated.mixin`: what waits or is refused ends no other. """
        return Domain('state', '=', 'approved')

    def _get_days(self):
        """ The tariff, and its first and last day; the last may be False. """
        return self.tariff_id.id, self.date_start, self.date_end

    def _check_not_billed(self, changed):
        """ What was billed keeps its price: it is corrected, and the price changes from then on.

        :param changed: as in `_get_billed`
        """
        changed = list(changed)
        self.env['property.tariff'].browse({tariff_id for tariff_id, *_days in changed})._hold()
        if charge := self._get_billed(changed):
            raise UserError(self.env._(
                "%(tariff)s is billed up to %(day)s (%(unit)s), and what is billed keeps its "
                "price. Let the new price start on %(next_day)s or later. A mistake in what is "
                "billed is corrected on its charges.",
                tariff=charge.assignment_id.tariff_id.display_name, day=charge.date_end,
                unit=charge.unit_id.complete_name, next_day=charge.date_end + ONE_DAY))

    @api.model
    def _get_billed(self, changed):
        """ The last charge of a tariff that has billed some of these days.

        :param changed: tariff, first and last day of each, as `_get_days` has them
        """
        # sudo: whatever project it was in.
        Charge = self.env['property.charge'].sudo()
        billed = Charge._get_billed_domain()
        within = Domain.OR(
            Domain('assignment_id.tariff_id', '=', tariff_id) & Domain('date_end', '>=', start)
            & (Domain('date_start', '<=', end) if end else Domain.TRUE)
            for tariff_id, start, end in changed)
        if not (charge := Charge.search(billed & within, limit=1)):
            return charge
        tariff = Domain('assignment_id.tariff_id', '=', charge.assignment_id.tariff_id.id)
        return Charge.search(billed & tariff, order='date_end desc', limit=1)

    # === ACTION METHODS === #

    def action_submit(self):
        """ Ready to be looked at; where prices need no approval, it is in force. """
        for version in self.sorted('date_start'):
            version._check_step('write', 'draft', 'refused')
            version_sudo = version.sudo()  # the right is checked above, and the state is ours
            version_sudo._check_not_billed([version._get_days()])
            if version.company_id.property_approves_prices:
                version._set_step('pending', submitted_by_id=self.env.uid)
            else:
                version_sudo._put_in_force()

    def action_withdraw(self):
        """ Back to who enters prices, to be corrected. """
        for version in self:
            version._check_step('write', 'pending')
        self._set_step('draft')

    def action_approve(self):
        """ From its first day on it is in force, and the price before ends. """
        self._check_decider()
        for version in self.sorted('date_start'):
            if version.state == 'approved':
                continue
            version._check_step('read', 'pending')
            version_sudo = version.sudo()  # who may decide need not be one who enters prices
            version_sudo._check_not_billed([version._get_days()])
            version_sudo._put_in_force(approved_by_id=self.env.uid)

    def _put_in_force(self, **vals):
        self._end_former({self.tariff_id.id: self.date_start})
        self._set_step('approved', **vals)

    def action_refuse(self):
        """ Also one that was approved, as long as nothing is billed by it. """
        self._check_decider()
        for version in self:
            version._check_step('read', 'pending', 'approved')
            version_sudo = version.sudo()  # as above
            former, was_approved = version_sudo._get_former(), version.state == 'approved'
            if was_approved:
                version_sudo._check_not_billed([version._get_days()])
            version._set_step('refused', approved_by_id=False)
            if was_approved and former.date_end == version.date_start - ONE_DAY:
                version_sudo.flush_recordset(['state'])  # its days are free again
                former.date_end = version.date_end

    @api.model
    def _get_approval_kind(self):
        """ Override of `property.approval.mixin`: in the words of who decides. """
        return self.env._("Price")

    # === BUSINESS METHODS === #

    @api.model
    def _end_each_before_the_next(self, vals_list):
        """ Several prices entered at once: one without a last day ends before the next begins. """
        entered = defaultdict(list)
        for vals in vals_list:
            if vals.get('tariff_id') and vals.get('date_start') and vals.get('state') != 'draft':
                entered[vals['tariff_id']].append(vals)
        for prices in entered.values():
            prices.sort(key=lambda vals: fields.Date.to_date(vals['date_start']))
            for vals, later in pairwise(prices):
                if not vals.get('date_end'):
                    vals['date_end'] = fields.Date.to_date(later['date_start']) - ONE_DAY

    def _get_former(self):
        """ The approved price of the day before. """
        self.ensure_one()
        return self.tariff_id._get_version(self.date_start - ONE_DAY) if self.date_start else (
            self.browse())

    def _get_rate(self):
        """ The price as the engine wants it, without what depends on the unit. """
        self.ensure_one()
        return Rate(
            version_id=self.id,
            start=self.date_start,
            end=day_after(self.date_end),
            price=exact(self.price),
            surcharge=exact(self.surcharge),
            minimum=exact(self.minimum),
            maximum=exact(self.maximum) if self.maximum else None,
            tiers=tuple(tier._get_tier() for tier in self.tier_ids.sorted('above')),
            per_person=exact(self.per_person),
            standard_persons=self.standard_persons,
        )

    def _get_price_text(self):
        """ The price in words, e.g. 1.3 + 0.5 (By usable area) a month. """
        self.ensure_one()
        tariff = self.tariff_id
        price = plain(exact(self.price))
        lines = [
            f'{price} % ({tariff.percent_fee_id.name})' if tariff.basis == 'percent' else price,
        ] if self.price else []
        if self.surcharge:
            lines.append(plain(exact(self.surcharge)))
        text = ' + '.join(filter(None, (*lines, self.component_text)))
        if tariff.basis == 'metered':
            return self.env._("%(price)s per unit of use", price=text)
        return (
            self.env._("%(price)s a season", price=text) if tariff.season_start
            else self.env._("%(price)s a month", price=text))
