from dataclasses import replace
from decimal import Decimal

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..tools.charging import MissingError, price_on
from ..tools.periods import ONE_DAY, in_force
from ..tools.rounding import exact, round_half_up


class PropertyPriceChange(models.TransientModel):
    """ New prices for many tariffs from a day on, with what they come to before anything is
    changed (A08).
    """
    _name = 'property.price.change'
    _description = 'Change of prices'

    company_id = fields.Many2one(
        'res.company', required=True, readonly=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related='company_id.currency_id')
    project_id = fields.Many2one(
        'property.project', string="Project", domain="[('company_id', '=', company_id)]",
        help="Tariffs that units of this project pay. Empty: of all projects.",
    )
    fee_ids = fields.Many2many(
        'property.fee', string="Fees", domain="[('company_id', '=', company_id)]",
        help="Empty: all fees.",
    )
    tariff_ids = fields.Many2many('property.tariff', string="Tariffs chosen in the list")
    date_start = fields.Date(
        string="From", required=True,
        default=lambda self: fields.Date.add(
            fields.Date.start_of(fields.Date.context_today(self), 'month'), months=1),
    )
    mode = fields.Selection(
        [('percent', "By percent"), ('amount', "By an amount"), ('price', "To a new price")],
        string="Change", required=True, default='percent',
    )
    value = fields.Float(
        digits=(16, 6), help="Percent or amount; negative for less. Or the new price.")
    step = fields.Selection(
        [('0.01', "0.01"), ('0.001', "0.001"), ('0.0001', "0.0001")],
        string="New price rounded to", required=True, default='0.01',
    )
    with_parts = fields.Boolean(
        string="Surcharge and parts as well", default=True,
        help="Surcharge, further parts, the least and the most change by the same percent.",
    )
    line_ids = fields.One2many(
        'property.price.change.line', 'wizard_id', string="Tariffs",
        compute='_compute_line_ids', store=True, readonly=False,
    )
    amount_before = fields.Monetary(string="Now", compute='_compute_summary')
    amount_after = fields.Monetary(string="Then", compute='_compute_summary')
    summary = fields.Char(compute='_compute_summary')
    percentages = fields.Char(compute='_compute_summary')

    @api.model
    def default_get(self, fields):
        """ Override of `base`: the tariffs that are selected in the list. """
        values = super().default_get(fields)
        if 'tariff_ids' in fields and self.env.context.get('active_model') == 'property.tariff':
            values['tariff_ids'] = [Command.set(self.env.context.get('active_ids', []))]
        return values

    @api.depends('project_id', 'fee_ids', 'tariff_ids', 'company_id')
    def _compute_line_ids(self):
        for wizard in self:
            wizard.line_ids = [Command.clear(), *(
                Command.create({'tariff_id': tariff.id}) for tariff in wizard._get_tariffs())]

    def _get_tariffs(self):
        """ The tariffs with a price that the choices leave. """
        domain = Domain('company_id', '=', self.company_id.id) & Domain('version_ids', '!=', False)
        if self.tariff_ids:
            domain &= Domain('id', 'in', self.tariff_ids.ids)
        if self.fee_ids:
            domain &= Domain('fee_id', 'in', self.fee_ids.ids)
        if self.project_id:
            assignments = self.env['property.fee.assignment']
            domain &= Domain('id', 'in', assignments.search(
                assignments._get_live_domain() & Domain('project_id', '=', self.project_id.id),
            ).tariff_id.ids)
        return self.env['property.tariff'].search(domain)

    @api.depends('line_ids.amount_before', 'line_ids.amount_after', 'line_ids.unit_count')
    def _compute_summary(self):
        for wizard in self:
            lines = wizard.line_ids
            wizard.amount_before = sum(lines.mapped('amount_before'))
            wizard.amount_after = sum(lines.mapped('amount_after'))
            wizard.summary = self.env._(
                "%(tariffs)s tariffs, paid %(units)s times: %(before)s become %(after)s a month "
                "or season.",
                tariffs=len(lines), units=sum(lines.mapped('unit_count')),
                before=wizard.currency_id.format(wizard.amount_before),
                after=wizard.currency_id.format(wizard.amount_after))
            wizard.percentages = ', '.join(
                lines.tariff_id.fee_id._get_percentages().mapped('name'))

    def action_change(self):
        """ Make the new prices, all of them or none. """
        self.ensure_one()
        if problems := self.line_ids.filtered('problem'):
            raise UserError('\n'.join([
                self.env._("Nothing was changed. Take these out, or choose another day:"),
                *(f'{line.tariff_id.display_name}: {line.problem}' for line in problems)]))
        lines = self.line_ids.filtered(lambda line: line._is_changed())
        if not lines:
            raise UserError(self.env._("No price changes. Enter by how much."))
        versions = self.env['property.tariff.version'].create([
            line._prepare_version_vals() for line in lines])
        versions.filtered(lambda version: version.state == 'draft').action_submit()
        return {
            'name': self.env._("New prices"),
            'type': 'ir.actions.act_window',
            'res_model': 'property.tariff.version',
            'view_mode': 'list,kanban,form',
            'domain': [('id', 'in', versions.ids)],
            'context': {'property_own': True},  # somebody else approves them
        }


class PropertyPriceChangeLine(models.TransientModel):
    _name = 'property.price.change.line'
    _description = 'New price of a tariff'

    wizard_id = fields.Many2one('property.price.change', required=True, ondelete='cascade')
    currency_id = fields.Many2one(related='wizard_id.currency_id')
    tariff_id = fields.Many2one('property.tariff', required=True)
    old_price = fields.Float(
        string="Price now", digits=(16, 6), compute='_compute_old_price')
    new_price = fields.Float(
        string="New price", digits=(16, 6), compute='_compute_new_price', store=True,
        readonly=False)
    unit_count = fields.Integer(
        string="Units", compute='_compute_amounts', help="That pay it on the first day.")
    other_count = fields.Integer(
        string="Elsewhere", compute='_compute_amounts',
        help="Of these, units of other projects: their price changes as well.")
    amount_before = fields.Monetary(
        string="Now", compute='_compute_amounts', help="All units together, a month or season.")
    amount_after = fields.Monetary(string="Then", compute='_compute_amounts')
    change = fields.Monetary(string="Difference", compute='_compute_amounts')
    problem = fields.Char(compute='_compute_problem')

    @api.depends('tariff_id', 'wizard_id.date_start')
    def _compute_old_price(self):
        for line in self:
            line.old_price = line._get_version().price

    @api.depends('old_price', 'wizard_id.mode', 'wizard_id.value', 'wizard_id.step')
    def _compute_new_price(self):
        for line in self:
            wizard, price = line.wizard_id, exact(line.old_price)
            value = exact(wizard.value)
            line.new_price = line._round({
                'percent': price * (1 + value / 100),
                'amount': price + value,
                'price': value,
            }[wizard.mode or 'percent']) if value else line.old_price

    @api.depends('tariff_id', 'wizard_id.date_start', 'new_price')
    def _compute_problem(self):
        for line in self:
            line.problem = line.tariff_id and line._get_problem()

    @api.depends('new_price', 'wizard_id.date_start', 'wizard_id.with_parts', 'wizard_id.value')
    def _compute_amounts(self):
        """ What the units that pay on the first day pay before and after it. """
        day = self.wizard_id.date_start or fields.Date.context_today(self)
        assignments = self.env['property.fee.assignment'].search([
            ('tariff_id', 'in', self.tariff_id.ids), ('lease_id', '=', False),
            ('date_start', '<=', day), '|', ('date_end', '=', False), ('date_end', '>=', day)])
        subjects = assignments._get_subjects(measured={})  # prices per unit of use
        by_tariff = assignments.grouped('tariff_id')
        for line in self:
            own = by_tariff.get(line.tariff_id._origin, assignments.browse())
            unit = Decimal(line.tariff_id.fee_id.rounding or '0.01')
            before = after = Decimal()
            for assignment in own:
                subject = subjects[assignment]
                try:
                    old = price_on(
                        day, subject.terms.rates, subject.quantities, subject.reliefs)
                except MissingError:
                    continue  # the run flags it, whatever the price
                rate = line._get_new_rate(in_force(day, subject.terms.rates))
                new = price_on(day, [rate], subject.quantities, subject.reliefs)
                before += round_half_up(old, unit)
                after += round_half_up(new, unit)
            project = line.wizard_id.project_id
            line.unit_count = len(own.unit_id)
            line.other_count = project and len(own.filtered(
                lambda assignment, project=project: assignment.project_id != project).unit_id)
            line.amount_before, line.amount_after = float(before), float(after)
            line.change = float(after - before)

    def _get_version(self):
        """ The price that the new one follows. """
        day = self.wizard_id.date_start
        return self.tariff_id._origin._get_version(day - ONE_DAY) if day else (
            self.env['property.tariff.version'])

    def _get_problem(self):
        """ Why the price cannot change on this day; False if it can. """
        tariff, day = self.tariff_id._origin, self.wizard_id.date_start
        version = self._get_version()
        if not version:
            return self.env._("It has no price the day before. Enter one on the tariff.")
        if self.new_price <= 0 and version.price:
            return self.env._("A price is more than zero. To charge nothing, end the assignment.")
        later = tariff.version_ids.filtered(
            lambda other: other.state != 'refused' and other.date_start >= day)
        if later:
            return self.env._(
                "It has a price from %(day)s already.", day=min(later.mapped('date_start')))
        if version.date_end:
            return self.env._(
                "Its price ends on %(day)s. Enter the one after it on the tariff.",
                day=version.date_end)
        if charge := version._get_billed([(tariff.id, day, False)]):
            return self.env._(
                "It is billed up to %(day)s (%(unit)s).",
                day=charge.date_end, unit=charge.unit_id.complete_name)
        return False

    def _round(self, price):
        return float(round_half_up(price, Decimal(self.wizard_id.step or '0.01')))

    def _scale(self, amount):
        """ What changes with the price, by the same percent. """
        wizard = self.wizard_id
        if wizard.mode != 'percent' or not wizard.with_parts or not wizard.value:
            return amount
        return self._round(exact(amount) * (1 + exact(wizard.value) / 100))

    def _is_changed(self):
        """ Whether the price becomes another one, or something that changes with it. """
        version = self._get_version()
        others = [
            version.surcharge, version.minimum, version.maximum,
            *version.tier_ids.mapped('price'),
            *version.component_ids.filtered(
                lambda component: not component.percent_fee_id).mapped('price')]
        return self.new_price != self.old_price or any(
            self._scale(other) != other for other in others)

    def _prepare_version_vals(self):
        version = self._get_version()
        return {
            'tariff_id': self.tariff_id.id,
            'date_start': self.wizard_id.date_start,
            'price': self.new_price,
            'surcharge': self._scale(version.surcharge),
            'minimum': self._scale(version.minimum),
            'maximum': self._scale(version.maximum),
            'component_ids': [
                Command.create({
                    'sequence': component.sequence,
                    'basis': component.basis,
                    'percent_fee_id': component.percent_fee_id.id,
                    'register': component.register,
                    'price': component.price if component.percent_fee_id
                    else self._scale(component.price),
                })
                for component in version.component_ids
            ],
            'per_person': version.per_person,
            'standard_persons': version.standard_persons,
            'tier_ids': [
                Command.create({'above': tier.above, 'price': self._scale(tier.price)})
                for tier in version.tier_ids
            ],
        }

    def _get_new_rate(self, rate):
        """ The price of a unit with the new figures. """
        price = exact(self.new_price)
        if self.tariff_id.basis == 'percent':
            # Resolved to a price already, of which a percentage is an equal part.
            price = rate.price * price / (exact(self.old_price) or 1)
        return replace(
            rate, price=price,
            surcharge=exact(self._scale(float(rate.surcharge))),
            minimum=exact(self._scale(float(rate.minimum))),
            maximum=None if rate.maximum is None else exact(self._scale(float(rate.maximum))),
            tiers=tuple(
                replace(tier, price=exact(self._scale(float(tier.price)))) for tier in rate.tiers),
            components=tuple(
                component if component.basis == 'percent'
                else replace(component, price=exact(self._scale(float(component.price))))
                for component in rate.components
            ))
