import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..tools.periods import Season

# What earlier bills were computed by; the others may change, and hold from then on.
FROZEN_FIELDS = {
    'fee_id', 'basis', 'percent_fee_id', 'cycle_months', 'split', 'timing', 'charge_per_cycle',
    'proration', 'season_start', 'season_end', 'account_period', 'account_start', 'splits_account',
}


class PropertyTariff(models.Model):
    """ How a fee is charged (收费标准): basis, cycle, and its prices by date. """
    _name = 'property.tariff'
    _description = 'Tariff'
    _inherit = ['property.guard.mixin', 'property.terms.mixin', 'mail.thread']
    _order = 'fee_id, sequence, name'
    _rec_names_search = ['name', 'fee_id.name']
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    fee_id = fields.Many2one('property.fee', required=True, index=True, ondelete='restrict')
    company_id = fields.Many2one(
        related='fee_id.company_id', store=True, index=True, precompute=True,
    )
    currency_id = fields.Many2one(related='company_id.currency_id')
    basis = fields.Selection(
        [('area', "Area"), ('usable_area', "By usable area"), ('fixed', "Fixed amount"),
         ('unit', "Per piece"), ('household', "Per household"),
         ('percent', "Percentage of another fee"), ('metered', "By meter")],
        required=True, default='area', tracking=True,
        help="A month costs price × quantity + surcharge; the quantity is the building area, the "
             "usable area, 1, the number of pieces of the assignment, or of households of the "
             "unit. A percentage is one of what the other fee costs the unit in a month. By "
             "meter, what was used between two readings is charged.",
    )
    percent_fee_id = fields.Many2one(
        'property.fee', string="Percentage of", index='btree_not_null', ondelete='restrict',
        check_company=True, tracking=True,
    )
    cycle_months = fields.Integer(tracking=True)
    split = fields.Selection(tracking=True)
    timing = fields.Selection(tracking=True)
    charge_per_cycle = fields.Boolean(tracking=True)
    proration = fields.Selection(tracking=True)
    season_start = fields.Char(
        string="Season from", size=5, tracking=True,
        help="Month and day, such as 11-15 for heating. The fee is then charged in these days of "
             "every year only, once per season, and its prices are per season.",
    )
    season_end = fields.Char(string="Season to", size=5, tracking=True)
    version_ids = fields.One2many('property.tariff.version', 'tariff_id', string="Prices")
    price_today = fields.Float(
        string="Price today", compute='_compute_price_today', digits=(16, 6),
    )
    assignment_count = fields.Integer(compute='_compute_assignment_count')
    approves_prices = fields.Boolean(related='company_id.property_approves_prices')

    _due_days_fit = models.Constraint(
        "CHECK (CASE due_rule WHEN 'invoice' THEN due_days BETWEEN 0 AND 730 "
        "WHEN 'month' THEN due_days BETWEEN 1 AND 31 ELSE due_days BETWEEN -366 AND 730 END)",
        "The days to pay cannot be negative or more than two years; a day of the month is from "
        "1 to 31.",
    )
    _season_whole = models.Constraint(
        'CHECK ((season_start IS NULL) = (season_end IS NULL))',
        "A season has a first and a last day.",
    )
    _percent_of = models.Constraint(
        "CHECK ((basis = 'percent') = (percent_fee_id IS NOT NULL))",
        "A percentage is one of another fee. Choose that fee.",
    )
    _name_fee_uniq = models.UniqueIndex(
        '(fee_id, name)', "This fee has a tariff of this name already.",
    )

    @api.depends('name', 'fee_id.name')
    def _compute_display_name(self):
        for tariff in self:
            tariff.display_name = ' · '.join(filter(None, (tariff.fee_id.name, tariff.name)))

    @api.depends('version_ids.date_start', 'version_ids.date_end', 'version_ids.price',
                 'version_ids.state')
    def _compute_price_today(self):
        today = fields.Date.context_today(self)
        for tariff in self:
            tariff.price_today = tariff._get_version(today).price

    def _compute_assignment_count(self):
        counts = dict(self.env['property.fee.assignment']._read_group(
            [('tariff_id', 'in', self.ids)], ['tariff_id'], ['__count']))
        for tariff in self:
            tariff.assignment_count = counts.get(tariff, 0)

    @api.onchange('basis')
    def _onchange_basis(self):
        if self.basis != 'percent':
            self.percent_fee_id = False

    @api.onchange('season_start', 'season_end')
    def _onchange_season(self):
        self._read_day('season_start', 'season_end')

    def _read_day(self, *names):
        """ A day of the year is written as 3-15, 3.15 or 3月15日, too. """
        for name in names:
            if match := re.fullmatch(r'(\d{1,2})\D(\d{1,2})日?', self[name] or ''):
                self[name] = '-'.join(part.zfill(2) for part in match.groups())

    # === CONSTRAINT METHODS === #

    @api.constrains('season_start', 'season_end')
    def _check_season(self):
        for tariff in self.filtered('season_start'):
            try:
                tariff._get_season()
            except ValueError as error:
                raise ValidationError(self.env._(
                    "%(tariff)s: write the days of the season as month and day, such as 11-15.",
                    tariff=tariff.display_name)) from error

    @api.constrains('percent_fee_id', 'fee_id', 'season_start')
    def _check_percentages(self):
        self.fee_id._check_percentages()

    @api.constrains('basis')
    def _check_prices(self):
        self.version_ids._check_price()

    # === CRUD METHODS === #

    def write(self, vals):
        """ Override: what is billed was billed by these terms, and what is approved with them. """
        if changed := vals.keys() & FROZEN_FIELDS:
            tariffs = self.filtered(lambda tariff: any(
                tariff._fields[name].convert_to_write(tariff[name], tariff) != vals[name]
                for name in changed))
            tariffs._check_not_billed()
            tariffs.version_ids.filtered(
                lambda version: version.state == 'approved')._check_open()
        return super().write(vals)

    def _check_not_billed(self):
        self._hold()
        Charge = self.env['property.charge'].sudo()  # whatever project it was in
        charge = Charge.search(
            Charge._get_billed_domain() & Domain('assignment_id.tariff_id', 'in', self.ids),
            order='date_end desc', limit=1)
        if charge:
            raise UserError(self.env._(
                "%(tariff)s is billed up to %(day)s (%(unit)s), so its basis, cycle, season and "
                "periods stay as they are. Make another tariff and assign it from the day after: "
                "“Assign a tariff” ends the one and starts the other.",
                tariff=charge.assignment_id.tariff_id.display_name, day=charge.date_end,
                unit=charge.unit_id.complete_name))

    def _hold(self):
        """ No run posts what these charge while they change: of the two who meet, the second
        begins anew, and finds the new price or the posted charge.
        """
        # sudo: whatever project it is in.
        self.env['property.charge'].sudo().search(
            [('assignment_id.tariff_id', 'in', self.ids), ('state', '=', 'draft')])._touch()

    # === BUSINESS METHODS === #

    def _take_into_use(self):
        """ As `property.fee._take_into_use`. """
        self.fee_id._take_into_use()
        self.filtered(lambda tariff: not tariff.active).sudo().active = True

    def _get_percent_fees(self):
        """ The fees of which these tariffs are a percentage, wholly or in a component. """
        return self.percent_fee_id | self.version_ids.component_ids.percent_fee_id

    def _get_season(self):
        """ :raises ValueError: its days are no days of a year """
        self.ensure_one()
        return Season.parse(self.season_start, self.season_end) if self.season_start else None

    def _get_version(self, day):
        """ The price in force on a day. """
        self.ensure_one()
        return self.version_ids.filtered(
            lambda version: version.state == 'approved' and version.date_start <= day
            and (not version.date_end or version.date_end >= day))[:1]

    def _get_rates(self):
        """ The prices by date, as the engine wants them, without what depends on the unit. """
        self.ensure_one()
        return [
            version._get_rate() for version in self.version_ids.sorted('date_start')
            if version.state == 'approved']

    def _get_terms(self):
        """ All that the engine wants to know of the tariff. """
        return self._make_terms(
            self.fee_id, self.basis, self._get_rates(), season=self._get_season(),
            account=self._get_account())
