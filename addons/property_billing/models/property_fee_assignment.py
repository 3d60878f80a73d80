from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import product

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.charging import Quantity, Rate
from ..tools.components import Line, add_components
from ..tools.explanation import is_free, unshared
from ..tools.metering import NoReadingError
from ..tools.percent import percent_rates
from ..tools.periods import ONE_DAY, day_after
from ..tools.planning import Payer, Subject

ONE = Decimal(1)

# What must be more than zero, or a charge lacks a part of its price: the text that says so.
NOTHING_TEXTS = {
    'area': 'no_area', 'usable_area': 'no_usable_area', 'household': 'no_household',
    'percent': 'no_percent_base',
}


# The area of the unit that a price per m² is multiplied with.
AREA_BASES = {'area': 'building', 'usable_area': 'usable'}


def get_nothing(explanation, pays_base):
    """ The text about the first part of a price that gives nothing, or None.

    An area that is not known, a fee of which a percentage is asked but which the unit does not pay:
    the charge would be too small, and nobody would notice. A percentage of what is free is free.

    :param pays_base: whether the unit pays on a day what something is a percentage of
    """
    basis = explanation['basis']
    for part in explanation.get('parts', ()):
        lines = part.get('components', ())
        if basis == 'percent' or Decimal(part['price']):
            quantity = part.get('quantity', explanation['quantity'])
            lines = ({'basis': basis, 'price': part['price'], 'quantity': quantity}, *lines)
        for line in lines:
            if not Decimal(line['price']) * Decimal(line['quantity']):
                text = NOTHING_TEXTS.get(line['basis'])
                if text != 'no_percent_base' or not pays_base(date.fromisoformat(part['start'])):
                    return text
    return None


class PropertyFeeAssignment(models.Model):
    """ Which tariff a unit pays, from when to when (收费设置, B11). """
    _name = 'property.fee.assignment'
    _description = 'Fee assignment'
    _inherit = ['property.unit.mixin', 'mail.thread']
    _order = 'unit_id, fee_id, date_start'
    _check_company_auto = True

    tariff_id = fields.Many2one(
        'property.tariff', index=True, ondelete='restrict', check_company=True, tracking=True,
        help="A line of a lease has none, nor a part of a shared cost: these say what it costs.",
    )
    fee_id = fields.Many2one(
        'property.fee', compute='_compute_fee_id', store=True, readonly=False, precompute=True,
        required=True, index=True, ondelete='restrict', check_company=True,
    )
    partner_id = fields.Many2one(
        'res.partner', string="Customer", index='btree_not_null', tracking=True,
        check_company=True,
        help="Pays this fee. Empty: who pays is found by the fee's rule on each day.",
    )
    partner_date_end = fields.Date(
        string="Customer until", tracking=True,
        help="The last day for which this customer pays; after it, who pays is found by the fee's "
             "rule. Empty: as long as the fee goes on.",
    )
    payer_role = fields.Selection(
        [('owner', "Owner"), ('occupant', "Tenant, else owner")],
        string="Who pays", tracking=True, help="Empty: as the fee says.",
    )
    quantity = fields.Float(
        default=1.0, digits=(16, 2), tracking=True, help="Pieces, for a tariff per piece.",
    )
    date_start = fields.Date(string="From", required=True, tracking=True)
    date_end = fields.Date(string="To", tracking=True, help="The last day; empty while it goes on.")
    active = fields.Boolean(default=True)
    charge_ids = fields.One2many('property.charge', 'assignment_id', string="Charges")

    _dates_ordered = models.Constraint(
        'CHECK (date_end IS NULL OR date_end >= date_start)',
        "An assignment cannot end before it starts.",
    )
    _quantity_positive = models.Constraint(
        'CHECK (quantity > 0)', "The quantity is more than zero.",
    )
    _no_overlap = models.Constraint(
        "EXCLUDE USING gist (unit_id WITH =, tariff_id WITH =, "
        "(COALESCE(partner_id, 0)) WITH =, (COALESCE(meter_id, 0)) WITH =, "
        "daterange(date_start, date_end, '[]') WITH &&) WHERE (active)",
        "This unit has this tariff in that time already.",
    )

    @api.depends('tariff_id.fee_id')
    def _compute_fee_id(self):
        for assignment in self:
            assignment.fee_id = assignment.tariff_id.fee_id or assignment.fee_id

    @api.depends('unit_id.complete_name', 'tariff_id.display_name')
    def _compute_display_name(self):
        for assignment in self:
            assignment.display_name = ' · '.join(filter(None, (
                assignment.unit_id.complete_name, assignment.tariff_id.display_name)))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        assignments = super().create(vals_list)
        assignments._take_into_use()
        return assignments

    def write(self, vals):
        """ Override: archived means never charged, so what is billed ends instead. """
        if not vals.get('active', True) and not self.env.su:
            self._check_not_billed()
        result = super().write(vals)
        if vals.keys() & {'tariff_id', 'fee_id'}:
            self._take_into_use()
        return result

    def _check_not_billed(self):
        # sudo: what is billed counts, whoever sees it.
        Charge = self.env['property.charge'].sudo()
        if charge := Charge.search(
            Charge._get_billed_domain() & Domain('assignment_id', 'in', self.ids),
            order='date_end desc', limit=1,
        ):
            raise UserError(self.env._(
                "%(assignment)s is billed up to %(day)s and stays. To charge nothing after that, "
                "enter its last day.", assignment=charge.assignment_id.display_name,
                day=charge.date_end))

    def _take_into_use(self):
        self.tariff_id._take_into_use()
        self.fee_id._take_into_use()

    @api.constrains('tariff_id', 'fee_id', 'unit_id')
    def _check_charging_regime(self):
        """ Public service fees are income, or held in trust, as the project says. """
        for assignment in self:
            fee, project = assignment.fee_id, assignment.project_id
            if fee.category == 'public' and fee.nature == project._get_unfit_nature():
                natures = dict(fee._fields['nature']._description_selection(self.env))
                raise ValidationError(self.env._(
                    "%(project)s is charged by %(regime)s, so %(fee)s, a public service fee, "
                    "cannot be “%(nature)s”. Choose the fee that fits, or another class of it.",
                    project=project.name, regime=project._get_regime_name(), fee=fee.name,
                    nature=natures[fee.nature]))

    @api.model
    def _get_live_domain(self):
        """ Those that go on today or have not begun. """
        return Domain('date_end', '=', False) | Domain('date_end', '>=', 'today')

    @api.model
    def _get_role_domain(self, role):
        """ Those that the unit's owner, or its occupant, pays by rule. """
        return Domain('payer_role', '=', role) | (
            Domain('payer_role', '=', False) & Domain('fee_id.payer_role', '=', role))

    def _get_subjects(self, measured=None):
        """ All that the charges of each assignment depend on, as values: `{assignment: Subject}`.

        The number of queries does not depend on the number of assignments.

        :param dict measured: what their meters counted, as of `_get_measured` of these, where that
            is known, or empty where it is not asked for
        """
        bases = self._get_percent_bases()
        everything = self | bases
        everything.fetch([
            'unit_id', 'tariff_id', 'lease_id', 'shared_cost_id', 'meter_id', 'partner_id',
            'partner_date_end', 'quantity', 'payer_role', 'date_start', 'date_end',
        ])
        units = self.unit_id
        units.fetch([
            'building_area', 'usable_area', 'household_count', 'date_handover', 'building_id',
            'project_id', 'company_id', 'complete_name',
        ])
        payers = units._get_payers()
        terms = {tariff: tariff._get_terms() for tariff in everything.tariff_id}
        for_units = {
            tariff for tariff in terms
            if tariff.basis == 'percent' or tariff.version_ids.component_ids}
        by_unit_and_fee = bases.grouped(lambda base: (base.unit_id, base.fee_id))
        reliefs = everything._get_reliefs()
        shared = {cost: cost._get_facts() for cost in everything.shared_cost_id}
        if measured is None:
            measured = self.meter_id._get_measured()
        subjects = {}

        def get_subject(assignment):
            """ A percentage needs the subjects of its fees first; none is one of itself. """
            if assignment in subjects:
                return subjects[assignment]
            if assignment.lease_id:
                subjects[assignment] = assignment._get_lease_subject(
                    reliefs.get((assignment.unit_id.id, assignment.fee_id.id), ()))
                return subjects[assignment]
            if assignment.shared_cost_id:
                subjects[assignment] = assignment._get_shared_subject(
                    payers[assignment.unit_id], shared[assignment.shared_cost_id])
                return subjects[assignment]
            unit, tariff = assignment.unit_id, assignment.tariff_id
            own_terms = terms[tariff]
            if tariff in for_units:
                own_terms = replace(own_terms, rates=assignment._get_rates(own_terms.rates, {
                    fee: [get_subject(base) for base in by_unit_and_fee.get((unit, fee), ())]
                    for fee in tariff._get_percent_fees()
                }))
            subject = subjects[assignment] = Subject(
                terms=own_terms,
                quantities=assignment._get_quantities(tariff.basis),
                measured=measured.get(assignment.meter_id.id),
                start=assignment.date_start,
                end=day_after(assignment.date_end),
                payers=assignment._get_own_payers() + (
                    [] if assignment.partner_id and not assignment.partner_date_end
                    else payers[unit][assignment.payer_role or tariff.fee_id.payer_role]
                ),
                reliefs=reliefs.get((unit.id, tariff.fee_id.id), ()),
            )
            return subject

        return {assignment: get_subject(assignment) for assignment in self}

    def _get_percent_bases(self):
        """ The assignments of the same units of which tariffs of these are a percentage. """
        bases = found = self.browse()
        fees = self.tariff_id._get_percent_fees()
        while fees:
            found = self.search([
                ('unit_id', 'in', self.unit_id.ids), ('fee_id', 'in', fees.ids),
                ('shared_cost_id', '=', False), '|', ('lease_id', '=', False),
                ('lease_id.state', 'in', ('approved', 'transferred', 'ended'))]) - bases
            bases |= found
            fees = found.tariff_id._get_percent_fees()
        return bases

    def _get_reliefs(self):
        """ What is reduced, as the engine wants it: `{(unit id, fee id): [Relief]}`. """
        found = {}
        for relief in self.env['property.fee.relief'].search(
                [('state', '=', 'approved'), ('unit_ids', 'in', self.unit_id.ids),
                 ('fee_ids', 'in', self.fee_id.ids)], order='id'):
            value = relief._get_relief()
            for key in product(relief.unit_ids.ids, relief.fee_ids.ids):
                found.setdefault(key, []).append(value)
        return found

    def _get_quantities(self, basis):
        """ What a price of this basis is multiplied with, by date. """
        if basis in AREA_BASES:
            return self.unit_id._get_area_quantities(AREA_BASES[basis])
        quantity = {
            'fixed': 1,
            'unit': self.quantity,
            'household': self.unit_id.household_count,
            'percent': 1,
            'use': 1,
            'metered': 1,
        }[basis]
        return [Quantity(Decimal(repr(quantity)))]

    def _get_rates(self, rates, bases):
        """ The prices of the tariff with what of them depends on the unit.

        :param dict bases: of each fee of which something is a percentage, the subjects of the unit
        """
        tariff = self.tariff_id
        components = tariff.version_ids.component_ids.grouped('version_id')
        if tariff.basis == 'percent':
            rates = self._resolve_percent(tariff.percent_fee_id, bases, rates)
        resolved = []
        for rate in rates:
            version = tariff.version_ids.browse(rate.version_id)
            resolved += add_components(rate, [
                self._get_lines(component, rate, bases)
                for component in components.get(version, ())])
        return resolved

    def _resolve_percent(self, fee, bases, rates):
        return [
            replace(rate, note=f'{fee.name} {rate.note}')
            for rate in percent_rates(bases[fee], rates)]

    def _get_lines(self, component, rate, bases):
        """ A further part of a price, by date. """
        if component.basis == 'percent':
            percent = Rate(None, rate.start, rate.end, Decimal(repr(component.price)))
            return [
                Line(component._get_component(ONE, part.price, part.note), part.start, part.end)
                for part in self._resolve_percent(component.percent_fee_id, bases, [percent])]
        return [
            Line(component._get_component(quantity.value), quantity.start, quantity.end)
            for quantity in self._get_quantities(component.basis)]

    def _get_own_payers(self):
        """ The customer of the assignment, who goes before all others as long as it is him. """
        end = self.partner_date_end
        return [
            Payer(partner_id=self.partner_id.id, rank=(), end=end + ONE_DAY if end else None),
        ] if self.partner_id else []

    def _prepare_charge_vals(self, planned, day=None):
        """ The values of a planned charge; left out with a reason where it cannot be billed.

        :param planned: a `PlannedCharge`
        :param day: of the bill; without it, today
        """
        self.ensure_one()
        reason, values = self._get_left_out_reason(planned, day)
        unit = self.unit_id
        return {
            'assignment_id': self.id,
            'unit_id': unit.id,
            # Given rather than derived: thousands of charges are created at once.
            'building_id': unit.building_id.id,
            'project_id': unit.project_id.id,
            'company_id': unit.company_id.id,
            'fee_id': self.fee_id.id,
            'tariff_id': self.tariff_id.id,
            'partner_id': planned.partner_id,
            'date_start': planned.start,
            'date_end': planned.end - ONE_DAY,
            'amount': float(planned.amount),
            'explanation': planned.explanation,
            'state': 'left_out' if reason else 'draft',
            'reason': reason,
            'reason_values': values,
        }

    def _get_left_out_reason(self, planned, day=None):
        """ Why a planned charge cannot be billed: `(reason, its values)`, or Falses.

        The values are a text of `property.charge._get_reason_texts` and what it names.
        """
        unit, fee, tariff = self.unit_id, self.fee_id, self.tariff_id
        # A unit that was split or merged is in the archive and owes what it used before.
        is_reshaped = (
            not unit.active and unit.with_context(active_test=False).successor_ids)
        for record in filter(None, (not is_reshaped and unit, fee, tariff)):
            if not record.active:
                return 'archived', {'text': 'archived', 'record': record.display_name}
        if not planned.explanation:
            day = planned.missing.day
            if isinstance(planned.missing, NoReadingError):
                return self._get_no_reading(day)
            has_price = any(rate.covers(day) for rate in tariff._get_rates())
            return 'no_version', {
                'text': 'no_percent_price' if has_price else 'no_version',
                'tariff': tariff.display_name, 'day': fields.Date.to_string(day),
                'fees': ', '.join(tariff._get_percent_fees().mapped('name'))}
        if text := get_nothing(planned.explanation, self._pays_percent_base):
            return 'zero', {
                'text': text, 'unit': unit.complete_name, 'tariff': tariff.display_name,
                'day': fields.Date.to_string(planned.start),
                'fees': ', '.join(tariff._get_percent_fees().mapped('name'))}
        if is_free(planned.explanation):
            parts = planned.explanation.get('parts') or planned.explanation['lines']
            grounds = dict.fromkeys(part['relief']['ground'] for part in parts)
            return 'free', {'text': 'free', 'ground': ', '.join(grounds)}
        if (meter := planned.explanation.get('meter')) and not Decimal(
                planned.explanation['unrounded']):
            return 'no_use', {'text': 'no_use', 'meter': meter['number']}
        if tariff and not Decimal(planned.explanation['unrounded']):
            return 'free', {
                'text': 'free_base', 'unit': unit.complete_name, 'tariff': tariff.display_name,
                'fees': ', '.join(tariff._get_percent_fees().mapped('name')),
                'day': fields.Date.to_string(planned.start)}
        if not planned.amount and 'share' in planned.explanation and (
                whole := unshared(planned.explanation)):
            return 'free', {'text': 'no_cent', 'amount': str(whole)}
        if planned.amount <= 0:
            source = tariff or self.lease_id or self.shared_cost_id
            return 'zero', {'text': 'zero', 'tariff': source.display_name}
        reason, values = fee._get_left_out_reason(day)
        if reason:
            return reason, values
        if not planned.partner_id:
            is_early = unit.date_handover and planned.start < unit.date_handover
            return 'no_payer', {
                'text': 'not_handed_over' if is_early else 'no_payer',
                'unit': unit.complete_name, 'day': fields.Date.to_string(planned.start)}
        return False, False

    def _pays_percent_base(self, day):
        """ Whether the unit pays on a day a fee of which something here is a percentage. """
        return any(
            base.date_start <= day and (not base.date_end or base.date_end >= day)
            for base in self._get_percent_bases())

    def _read_covered_days(self, covers):
        """ The days that charges of these cover, or the history: `{id: [(start, end)]}`.

        Added up by PostgreSQL: years of charges come back as one interval.

        :param SQL covers: which of their recurring charges count
        """
        self.env['property.charge'].flush_model()
        covered = {}
        for assignment_id, start, end in self.env.execute_query(SQL(
            """ SELECT assignment_id, lower(days), upper(days)
                  FROM (SELECT assignment_id, unnest(range_agg(days)) AS days
                          FROM (SELECT assignment_id,
                                       daterange(date_start, date_end, '[]') AS days
                                  FROM property_charge
                                 WHERE assignment_id = ANY(%(ids)s)
                                   AND kind IN ('recurring', 'opening') AND (%(covers)s)
                             UNION ALL %(closed)s) charges
                         GROUP BY assignment_id) ranges
                 ORDER BY assignment_id, lower(days) """,
            ids=self.ids, covers=covers, closed=self._get_closed_days_sql())):
            covered.setdefault(assignment_id, []).append((start, end))
        return covered

    def _get_closed_days_sql(self):
        """ The days closed before this system, by assignment.

        They are of a unit and a fee, whichever tariff the unit pays since.
        """
        self.flush_model(['unit_id', 'fee_id'])
        return SQL(
            """ SELECT assignment.id AS assignment_id,
                       daterange(charge.date_start, charge.date_end, '[]') AS days
                  FROM property_charge charge
                  JOIN property_fee_assignment assignment
                    ON assignment.unit_id = charge.unit_id AND assignment.fee_id = charge.fee_id
                 WHERE charge.state = 'closed' AND assignment.id = ANY(%s) """, self.ids)

    def _get_last_charges(self):
        """ The last posted charge of each assignment: `{id: (amount, start, end)}`. """
        self.env['property.charge'].flush_model()
        return {
            assignment_id: (amount, start, end + ONE_DAY)
            for assignment_id, amount, start, end in self.env.execute_query(SQL(
                """ SELECT DISTINCT ON (assignment_id) assignment_id, amount, date_start, date_end
                      FROM property_charge
                     WHERE assignment_id = ANY(%s) AND kind = 'recurring' AND state = 'posted'
                     ORDER BY assignment_id, date_end DESC """, self.ids))
        }
