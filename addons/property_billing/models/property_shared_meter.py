from datetime import date
from fractions import Fraction

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_date, formatLang

from ..tools.charging import NoRateError
from ..tools.metered import BelowSubsError, explain_metered
from ..tools.metering import NoReadingError
from ..tools.periods import ONE_DAY
from ..tools.rounding import exact_number, exact_text


class PropertySharedCost(models.Model):
    """ What a meter counted for several units: garden, stairs, or what the meters of the units
    leave over of a main meter (公摊水电).
    """
    _inherit = 'property.shared.cost'

    origin = fields.Selection(
        [('bills', "Suppliers' bills"), ('meter', "A shared meter")], string="What is divided",
        required=True, default='bills', tracking=True,
    )
    meter_id = fields.Many2one(
        'property.meter', string="Meter", index='btree_not_null', ondelete='restrict',
        check_company=True, tracking=True,
        domain="[('project_id', '=', project_id), ('unit_id', '=', False), ('mode', '=', 'read')]",
        help="One that measures what several units share.",
    )
    meter_use = fields.Selection(
        [('use', "All that it counted"), ('rest', "What its billed sub-meters leave over")],
        string="Of which is divided", required=True, default='use', tracking=True,
        help="Billed sub-meters are those of units, and those that another shared cost divides. A "
             "sub-meter that nobody is billed for, such as that of the garden, stays in the rest.",
    )
    tariff_id = fields.Many2one(
        'property.tariff', string="Priced by", index='btree_not_null', ondelete='restrict',
        check_company=True, tracking=True, domain="[('basis', '=', 'metered')]",
        help="The price of what the meter counted.",
    )
    explanation = fields.Json(
        compute='_compute_amount', store=True, compute_sudo=False,
        help="Why it comes to that: see charges.")
    meter_detail = fields.Text(string="How it comes to that", compute='_compute_meter_detail')

    _of_meter = models.Constraint(
        "CHECK ((origin = 'meter') = (meter_id IS NOT NULL) AND"
        " (origin = 'meter') = (tariff_id IS NOT NULL))",
        "What a meter counted has a meter and a tariff, and suppliers' bills have none.",
    )
    _meter_once = models.Constraint(
        "EXCLUDE USING gist (meter_id WITH =, daterange(date_start, date_end, '[]') WITH &&) "
        "WHERE (meter_id IS NOT NULL AND state = 'confirmed')",
        "What this meter counted in some of these days is divided already.",
    )

    # === COMPUTE METHODS === #

    @api.depends('origin', 'meter_id', 'meter_use', 'tariff_id', 'date_start', 'date_end')
    def _compute_amount(self):
        """ Override: nothing yet, where it cannot be told; dividing says why. """
        of_bills = self.filtered(lambda cost: cost.origin != 'meter')
        of_bills.explanation = False
        super(PropertySharedCost, of_bills)._compute_amount()
        for cost in self - of_bills:
            try:
                cost._set_measured()
            except UserError:
                cost.amount, cost.explanation = 0, False

    @api.depends('explanation', 'state')
    @api.depends_context('lang')
    def _compute_meter_detail(self):
        """ The readings and prices that it comes from; of a draft, as they are now. """
        for cost in self:
            explanation, fault = cost.explanation, False
            if cost.state == 'draft' and cost.origin == 'meter':
                try:
                    explanation = cost._measure()
                except UserError as error:
                    explanation, fault = False, str(error)
            cost.meter_detail = fault or explanation and '\n'.join(
                self.env['property.charge']._render_meter(explanation))

    @api.onchange('origin')
    def _onchange_origin(self):
        if self.origin == 'meter':
            self.source_ids = False
        else:
            self.meter_id = self.tariff_id = False

    @api.onchange('meter_id')
    def _onchange_meter_id(self):
        """ Of a main meter mostly the rest, by the only tariff that there is for such meters. """
        self.meter_use = 'rest' if self.meter_id._origin._get_billed_subs(
            self.date_start, self.date_end) else 'use'
        tariffs = self.env['property.tariff'].search([
            ('fee_id', '=', self.meter_id.type_id.fee_id.id), ('basis', '=', 'metered')], limit=2)
        if self.meter_id and len(tariffs) == 1:
            self.tariff_id = tariffs

    # === CONSTRAINT METHODS === #

    @api.constrains('origin', 'settle', 'source_ids')
    def _check_origin(self):
        for cost in self:
            if cost.origin == 'meter' and cost.settle != 'charge':
                raise ValidationError(self.env._(
                    "%(cost)s: what a meter counted is charged to the units. Choose suppliers' "
                    "bills to settle the cost otherwise.", cost=cost.name))
            if cost.origin == 'meter' and cost.source_ids:
                raise ValidationError(self.env._(
                    "%(cost)s is what a meter counted, so no supplier's bill is in it. Make "
                    "another shared cost of the bills.", cost=cost.name))

    @api.constrains('meter_id', 'project_id', 'tariff_id')
    def _check_meter_id(self):
        for cost in self.filtered('meter_id'):
            meter = cost.meter_id
            if meter.project_id != cost.project_id or meter.unit_id or meter.mode != 'read':
                raise ValidationError(self.env._(
                    "%(meter)s is no meter that units of %(project)s share: choose one that is "
                    "read regularly and belongs to no single unit.",
                    meter=meter.display_name, project=cost.project_id.name))
            cost.tariff_id._check_meter(meter)

    # === BUSINESS METHODS === #

    def _measure(self):
        """ What the meter counted and what that costs, as an explanation.

        :raises UserError: readings or a price are missing, or nothing is left over
        """
        self.ensure_one()
        if not (self.meter_id and self.tariff_id and self.date_start and self.date_end):
            raise UserError(self.env._(
                "Choose the meter, its tariff and the days of the shared cost."))
        meter, tariff = self.meter_id._origin, self.tariff_id._origin
        start, end = self.date_start, self.date_end + ONE_DAY
        subs = meter.browse()
        if self.meter_use == 'rest':
            subs = meter._get_billed_subs(self.date_start, self.date_end, self._origin)
            if prepaid := subs.filtered(lambda sub: sub.mode == 'prepaid')[:1]:
                raise UserError(self.env._(
                    "%(sub)s is prepaid: it shows what is left, not what was used, so the rest of "
                    "%(meter)s is not known.", sub=prepaid.display_name,
                    meter=meter.display_name))
        meters = meter | subs
        measured = meters._get_measured(since=dict.fromkeys(meters.ids, start))
        subs._get_uses(start, end, measured)
        terms = tariff._get_terms()
        try:
            return explain_metered(
                start, end, measured=measured[meter.id], less=[measured[sub.id] for sub in subs],
                anchor=start, split=terms.split, proration=terms.proration,
                rates=tariff._get_metered_rates(), account=terms.account,
                rounding=self._get_unit())
        except NoReadingError as error:
            raise meter._get_unread_error(start, end) from error
        except NoRateError as error:
            raise UserError(self.env._(
                "%(tariff)s has no price on %(day)s. Add a price from that day to the tariff.",
                tariff=tariff.display_name, day=format_date(self.env, error.day))) from error
        except BelowSubsError as error:
            raise UserError(self.env._(
                "From %(start)s to %(end)s %(meter)s counted less than its billed sub-meters "
                "together (%(count)s of them). Check the readings, and which meters are behind "
                "it.", start=format_date(self.env, error.start),
                end=format_date(self.env, error.end - ONE_DAY), meter=meter.display_name,
                count=len(subs))) from error

    def _set_measured(self):
        cost_sudo = self.sudo()  # by hand nobody says what was measured
        cost_sudo.explanation = self._measure()
        cost_sudo.amount = float(cost_sudo.explanation['amount'])

    def _refresh_amount(self):
        """ Override: readings and prices may have come since. """
        super()._refresh_amount()
        if self.origin == 'meter':
            self._set_measured()

    def _hold_sources(self):
        """ Override: nobody reads, exchanges or divides these meters meanwhile. """
        super()._hold_sources()
        meters = self.meter_id
        if meters and self.meter_use == 'rest':
            meters |= meters._get_billed_subs(self.date_start, self.date_end, self)
        if meters:
            meters._touch()

    def _check_sources(self):
        """ Override: what the meter counted is divided once, alone or in a main meter. """
        super()._check_sources()
        if self.origin != 'meter':
            return
        # sudo: it counts in whatever building it is.
        mains = self.meter_id.sudo()
        while above := mains[-1:].parent_id:
            mains += above
        others_sudo = self.sudo().search([
            ('id', '!=', self.id), ('state', '=', 'confirmed'), ('meter_id', 'in', mains.ids),
            ('date_start', '<=', self.date_end), ('date_end', '>=', self.date_start)])
        for other in others_sudo:
            if self.meter_id.id not in other._get_less():
                raise UserError(self.env._(
                    "What %(meter)s counted from %(start)s to %(end)s is in %(other)s already. "
                    "Choose other days, or cancel that one first.",
                    meter=self.meter_id.display_name, other=other.name,
                    start=format_date(self.env, other.date_start),
                    end=format_date(self.env, other.date_end)))
        self._set_measured()

    def _get_less(self):
        """ The meters that are not in what is divided: `{id: what they counted}`. """
        self.ensure_one()
        meter = (self.explanation or {}).get('meter', {})
        return {part['id']: part['use'] for part in meter.get('less', ())}

    def _get_nothing_error(self):
        if self.origin != 'meter':
            return super()._get_nothing_error()
        return UserError(self.env._(
            "%(cost)s comes to %(amount)s: %(meter)s counted nothing that could be divided.",
            cost=self.name, meter=self.meter_id.display_name,
            amount=formatLang(self.env, self.amount, currency_obj=self.currency_id)))

    def _get_facts(self):
        """ Override: the readings; of many sub-meters only what they counted together. """
        facts = super()._get_facts()
        if not self.explanation:
            return facts
        measured = {**self.explanation, 'meter': {**self.explanation['meter']}}
        if less := self._get_less():
            used = sum(Fraction(exact_number(use)) for use in less.values())
            measured['meter']['less'] = [{'count': len(less), 'use': exact_text(used)}]
        return {**facts, 'measured': measured}

    def _set_state(self, state, **vals):
        super()._set_state(state, **vals)
        self.env['property.meter'].invalidate_model(['date_billed'])

    def _divide_again(self, reason):
        """ Readings of these are others now: make the parts what they would be today.

        What is charged of them stays as it is; that it differs is proposed to be corrected. A cost
        that cannot be divided stays, too, until all its readings are right.

        :return: why some could not be divided, in sentences
        """
        faults = []
        for cost in self:
            before, parts = cost.amount, cost._get_part_amounts()
            try:
                with self.env.cr.savepoint():
                    cost._refresh_amount()
                    portions = cost._get_portions() if cost.amount else {}
                    cost._set_charge_parts(portions)
            except UserError as error:
                faults.append(self.env._(
                    "%(cost)s stays as it was divided. %(detail)s", cost=cost.name, detail=error))
                continue
            if (cost.amount, cost._get_part_amounts()) == (before, parts):
                continue
            cost.message_post(body=self.env._(
                "Divided anew, %(before)s before and %(now)s now: %(reason)s", reason=reason,
                before=formatLang(self.env, before, currency_obj=cost.currency_id),
                now=formatLang(self.env, cost.amount, currency_obj=cost.currency_id)))
        return faults

    def _get_part_amounts(self):
        return {part.unit_id.id: part.share_amount for part in self.assignment_ids}

    def _set_charge_parts(self, portions):
        """ Change the parts to these portions; one of nothing goes, or into the archive where it
        is charged.
        """
        # sudo: who may replace readings is checked by the callers; parts are made by this alone.
        parts_sudo = self.sudo().assignment_ids
        charges_sudo = self.env['property.charge'].sudo().search(
            [('assignment_id', 'in', parts_sudo.ids)])
        charges_sudo._touch()  # no run posts what is changed here
        of_units, missing = {part.unit_id.id: part for part in parts_sudo}, {}
        for unit, portion in portions.items():
            if not portion.amount:
                continue
            if part_sudo := of_units.pop(unit.id, None):
                part_sudo.write(self._prepare_portion_vals(portion))
            else:
                missing[unit] = portion
        self._make_charge_parts(missing, None)
        gone_sudo = parts_sudo.browse(part.id for part in of_units.values())
        charged_sudo = charges_sudo.assignment_id & gone_sudo
        charged_sudo.active = False
        (gone_sudo - charged_sudo).unlink()
        self.sudo().weight_total = float(sum(portion.weight for portion in portions.values()))


class PropertyMeter(models.Model):
    """ Meters that units share. """
    _inherit = 'property.meter'

    @api.constrains('project_id', 'unit_id', 'mode')
    def _check_shared(self):
        """ What is divided among the units of a project is no other's. """
        # sudo: it counts, whoever sees it.
        self.env['property.shared.cost'].sudo().search([
            ('meter_id', 'in', self.ids), ('state', '!=', 'cancelled')])._check_meter_id()

    def _get_billed_subs(self, start, end, cost=None):
        """ The meters behind this one of which somebody else is billed the use: those of units,
        and those that another cost divides. What is behind one of them is in it.

        :param cost: the shared cost that asks
        """
        billed, level = self.browse(), self
        # sudo: what is behind it counts, whoever sees it; one in the archive while it was there.
        while level := level.sudo().with_context(active_test=False).child_ids.filtered(
                lambda meter: meter.active or start and (meter._get_end() or date.min) >= start
        ).with_env(self.env):
            found = level.filtered('unit_id')
            if rest := level - found:
                found |= self.env['property.shared.cost'].sudo().search([
                    ('meter_id', 'in', rest.ids), ('state', '=', 'confirmed'),
                    ('id', '!=', cost.id if cost else False),
                    ('date_start', '<=', end), ('date_end', '>=', start),
                ]).meter_id.with_env(self.env)
            billed |= found
            level -= found
        return billed

    def _propose_correction(self, day, reason, until=None):
        """ Override: what is divided by these readings is divided anew. """
        faults = self._search_divided(day)._divide_again(reason)
        action = super()._propose_correction(day, reason, until)
        if not faults:
            return action
        return {
            'type': 'ir.actions.client',
            'tag': 'display_notification',
            'params': {
                'type': 'warning', 'sticky': True, 'message': ' '.join(faults), 'next': action},
        }

    def _search_divided(self, day):
        """ The shared costs that divide what this counted from a day on, alone or as a sub-meter
        whose use is taken off, and those whose key is what such meters counted.
        """
        # sudo: it counts, whoever sees it.
        costs_sudo = self.env['property.shared.cost'].sudo().search([
            ('project_id', '=', self.project_id.id), ('state', '=', 'confirmed'),
            ('settle', '=', 'charge'), ('date_end', '>=', day),
            '|', ('origin', '=', 'meter'), ('key_id.type_id', '=', self.type_id.id),
        ], order='date_end, id')
        return costs_sudo.filtered(lambda cost: (
            cost.meter_id.id == self.id or self.id in cost._get_less()
            or self.unit_id and cost.key_id.type_id.id == self.type_id.id))

    def _search_billed(self, day, until=None):
        """ Override: the parts, too. """
        Charge = self.env['property.charge']
        return super()._search_billed(day, until) | Charge.search(
            Charge._get_computed_domain()
            & Domain('assignment_id.shared_cost_id', 'in', self._search_divided(day).ids))

    def _get_billed_days(self):
        """ Override: what is divided among units is billed, too, and so is what was taken off. """
        days = super()._get_billed_days()
        self.env['property.shared.cost'].flush_model()
        divided = self.env.execute_query(SQL(
            """ SELECT meter_id, MAX(date_end)
                  FROM (SELECT meter_id, date_end FROM property_shared_cost
                         WHERE state = 'confirmed' AND meter_id = ANY(%(ids)s)
                     UNION ALL
                        SELECT (part->>'id')::int, date_end
                          FROM property_shared_cost,
                               jsonb_array_elements(explanation->'meter'->'less') part
                         WHERE state = 'confirmed' AND project_id = ANY(%(projects)s)
                           AND meter_use = 'rest' AND (part->>'id')::int = ANY(%(ids)s)) divided
              GROUP BY meter_id """, ids=self.ids, projects=self.project_id.ids))
        for meter_id, day in divided:
            meter = self.browse(meter_id)
            days[meter] = max(day, days.get(meter, day))
        return days
