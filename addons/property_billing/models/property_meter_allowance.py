from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command, Domain
from odoo.tools import SQL, format_date

from ..tools.periods import day_after
from ..tools.rounding import exact
from ..tools.tiers import MONTH, Allowance
from .property_charge_explanation import plain

# What is applied for: fixed from its submission on.
INPUT_FIELDS = {'granted_on', 'persons', 'type_ids', 'unit_id'}


class PropertyMeterAllowance(models.Model):
    """ A home of more persons than usual, which may use more before a higher tier (一户多人口).

    Applied for, approved by somebody else, and in force from the first of the month after that;
    how much it is per person, the price of the tariff says (decision 17).
    """
    _name = 'property.meter.allowance'
    _description = 'Household allowance'
    _inherit = ['property.unit.mixin', 'property.review.mixin', 'property.attachment.mixin']
    _order = 'date_start desc, id desc'
    _approval_group = 'property_billing.group_billing_approve'
    _step_fields = frozenset({'state', 'submitted_by_id', 'approved_by_id', 'date_start'})

    type_ids = fields.Many2many(
        'property.meter.type', 'property_meter_allowance_type_rel', string="Meter types",
        required=True, ondelete='restrict', domain="[('company_id', '=', company_id)]",
        context={'active_test': False},
        help="The meters of the unit whose tiers begin later, such as water and electricity.",
    )
    persons = fields.Integer(
        string="Persons of the household", required=True, tracking=True, aggregator=None,
        help="All who live there. Those above the standard household of the price count, such as 2 "
             "of 6 where it has 4.",
    )
    granted_on = fields.Date(
        string="Granted on", tracking=True,
        help="Where the supplier or an authority decides, the day of its decision. Empty: the day "
             "on which it is approved here.",
    )
    date_start = fields.Date(
        string="From", readonly=True, copy=False, tracking=True,
        help="The first of the month after it was granted.",
    )
    date_end = fields.Date(
        string="To", tracking=True,
        help="The last day of a month; empty while it goes on. Once approved, it can end earlier.",
    )
    ground = fields.Char(string="Remarks", tracking=True)
    attachment_ids = fields.Many2many(
        'ir.attachment', 'property_meter_allowance_attachment_rel', string="Documents", copy=False,
        help="Such as the household register.",
    )
    state = fields.Selection(
        [('draft', "Draft"), ('pending', "Waiting for approval"), ('approved', "Approved"),
         ('refused', "Refused")],
        required=True, default='draft', readonly=True, index=True, copy=False, tracking=True,
    )
    effect_text = fields.Text(
        string="What it gives", compute='_compute_effect', compute_sudo=False)
    idle_notice = fields.Char(compute='_compute_effect', compute_sudo=False)
    has_billed = fields.Boolean(
        string="Something is billed", compute='_compute_has_billed', compute_sudo=False)

    _persons_positive = models.Constraint(
        'CHECK (persons > 0)', "Enter how many persons live there.",
    )
    _dates_ordered = models.Constraint(
        'CHECK (date_end IS NULL OR date_start IS NULL OR date_end > date_start)',
        "An allowance would begin after its last day: it begins on the first of the month after "
        "it was granted. Enter a later last day.",
    )

    # === COMPUTE METHODS === #

    @api.depends('unit_id.complete_name', 'persons')
    def _compute_display_name(self):
        for allowance in self:
            allowance.display_name = self.env._(
                "%(unit)s · %(count)s persons", unit=allowance.unit_id.complete_name,
                count=allowance.persons) if allowance.unit_id else False

    @api.depends('unit_id', 'type_ids', 'persons', 'date_start', 'granted_on')
    @api.depends_context('lang')
    def _compute_effect(self):
        """ Who applies and who decides are told what comes of it, and where nothing would. """
        for allowance in self:
            unit, types = allowance.unit_id._origin, allowance.type_ids._origin
            versions = {
                kind: of_kind
                for kind, of_kind in unit._get_allowance_versions(allowance._get_start()).items()
                if kind in types}
            allowance.effect_text = '\n'.join(
                allowance._get_effect_text(kind, version)
                for kind, of_kind in versions.items() for version in of_kind
            ) if allowance.persons else False
            allowance.idle_notice = False
            if unit and types and not versions:
                allowance.idle_notice = self.env._(
                    "No price of a fee of these meters in %(unit)s raises its limits by person, so "
                    "nothing would change. Enter that in the tariff.", unit=unit.complete_name)
            elif allowance.persons and versions and not any(
                    allowance.persons > version.standard_persons
                    for of_kind in versions.values() for version in of_kind):
                allowance.idle_notice = self.env._(
                    "No more live there than in a standard household, so nothing would change.")

    def _get_effect_text(self, kind, version):
        more = self.persons - version.standard_persons
        if more <= 0:
            return self.env._(
                "%(type)s: %(persons)s persons, standard %(standard)s, so no limit is higher",
                type=kind.name, persons=self.persons, standard=version.standard_persons)
        values = {
            'type': kind.name, 'persons': self.persons, 'standard': version.standard_persons,
            'more': plain(exact(version.per_person) * more), 'unit': kind.unit_name or '',
            'each': plain(exact(version.per_person))}
        if version.tariff_id.account_period == MONTH:
            return self.env._(
                "%(type)s: %(persons)s persons, standard %(standard)s, each person above it "
                "%(each)s %(unit)s: every limit of a month is %(more)s %(unit)s higher", **values)
        return self.env._(
            "%(type)s: %(persons)s persons, standard %(standard)s, each person above it "
            "%(each)s %(unit)s: every limit of a whole year is %(more)s %(unit)s higher", **values)

    def _compute_has_billed(self):
        for allowance in self:
            allowance.has_billed = bool(allowance._search_billed(limit=1))

    @api.onchange('unit_id')
    def _onchange_unit_id(self):
        """ Mostly it is for all that is charged in such tiers there. """
        versions = self.unit_id._origin._get_allowance_versions(self._get_start())
        self.type_ids = self.env['property.meter.type'].union(*versions) or self.type_ids

    @api.onchange('date_end')
    def _onchange_date_end(self):
        self.date_end = self.date_end and fields.Date.end_of(self.date_end, 'month')

    # === CONSTRAINT METHODS === #

    @api.constrains('type_ids', 'granted_on', 'date_end')
    def _check_input(self):
        today = fields.Date.context_today(self)
        for allowance in self:
            end = allowance.date_end
            if not allowance.type_ids:
                raise ValidationError(self.env._("Choose the meter types of the allowance."))
            if foreign := allowance.type_ids.filtered(
                    lambda kind, allowance=allowance: kind.company_id != allowance.company_id):
                raise ValidationError(self.env._(
                    "%(type)s is a meter type of %(company)s.", type=foreign[0].name,
                    company=foreign[0].company_id.name))
            if allowance.granted_on and allowance.granted_on > today:
                raise ValidationError(self.env._(
                    "Nothing was granted on %(day)s yet. Leave the day empty, or enter that of the "
                    "decision.", day=format_date(self.env, allowance.granted_on)))
            if end and end != fields.Date.end_of(end, 'month'):
                raise ValidationError(self.env._(
                    "An allowance ends with a month: %(day)s, for example.",
                    day=format_date(self.env, fields.Date.end_of(end, 'month'))))

    @api.constrains('state', 'date_start', 'date_end', 'type_ids')
    def _check_overlap(self):
        """ Who decides would not see that the same persons are counted twice. """
        for allowance in self.filtered(lambda allowance: allowance.state == 'approved'):
            domain = Domain([
                ('id', '!=', allowance.id), ('state', '=', 'approved'),
                ('unit_id', '=', allowance.unit_id.id),
                ('type_ids', 'in', allowance.type_ids.ids),
                '|', ('date_end', '=', False), ('date_end', '>=', allowance.date_start)])
            if allowance.date_end:
                domain &= Domain('date_start', '<=', allowance.date_end)
            # sudo: what the database refuses does not depend on who asks.
            if other := self.sudo().search(domain, limit=1):
                raise ValidationError(self.env._(
                    "%(allowance)s is in force from %(day)s for these meters already. End that one "
                    "before.", allowance=other.display_name,
                    day=format_date(self.env, other.date_start)))

    # === CRUD METHODS === #

    def write(self, vals):
        if not self.env.su and vals.keys() & INPUT_FIELDS:
            for allowance in self.filtered(lambda allowance: allowance.state != 'draft'):
                raise UserError(self.env._(
                    "%(allowance)s is submitted and stays as it is. Take it back to draft, or end "
                    "it and apply for another one.", allowance=allowance.display_name))
        if 'date_end' in vals:
            self._hold_meters()
            self._check_end(fields.Date.to_date(vals['date_end']))
        return super().write(vals)

    def _check_end(self, end):
        """ What is approved may end earlier, and is never made longer without being approved. """
        for allowance in self.filtered(
                lambda allowance: allowance.state not in ('draft', 'refused')):
            is_earlier = end and (not allowance.date_end or end <= allowance.date_end)
            if allowance.state == 'pending' or not is_earlier:
                raise UserError(self.env._(
                    "%(allowance)s can only end earlier. Apply for another one for the days after "
                    "it.", allowance=allowance.display_name))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        for allowance in self:
            if allowance.state in ('pending', 'approved') and not self._is_initialising():
                raise UserError(self.env._(
                    "%(allowance)s is submitted or approved and stays. Take it back, have it "
                    "refused or end it.", allowance=allowance.display_name))

    # === ACTION METHODS === #

    def action_submit(self):
        for allowance in self:
            allowance._check_step('write', 'draft')
        self._set_step('pending', submitted_by_id=self.env.uid)

    def action_withdraw(self):
        """ Back to what can be changed. """
        for allowance in self:
            allowance._check_step('write', 'pending', 'refused')
        self._set_step('draft', submitted_by_id=False, approved_by_id=False, date_start=False)

    def action_approve(self):
        """ From the month after on the limits are higher; where that is past, what is billed is
        proposed to be corrected.
        """
        self._check_decider()
        self._hold_meters()
        for allowance in self:
            allowance._check_step('read', 'pending')
            allowance._set_step(
                'approved', approved_by_id=self.env.uid, date_start=allowance._get_start())
        return self._search_billed()._propose_correction(self._get_reason())

    def action_refuse(self):
        """ Also after it was approved, from its first day on. """
        self._check_decider()
        self._hold_meters()
        for allowance in self:
            allowance._check_step('read', 'pending', 'approved')
        self._set_step('refused', approved_by_id=False)
        return self._search_billed()._propose_correction(self._get_reason())

    def action_correct_charges(self):
        self.ensure_one()
        action = self._search_billed().action_correct()
        action['context']['default_reason'] = self._get_reason()
        return action

    # === BUSINESS METHODS: WHO DECIDES === #

    @api.model
    def _get_approval_kind(self):
        """ Override of `property.approval.mixin`: in the words of who decides. """
        return self.env._("Household allowance")

    # === BUSINESS METHODS === #

    def _get_start(self):
        """ The first of the month after it was granted, or would be today. """
        day = self.granted_on or fields.Date.context_today(self)
        return self.date_start or fields.Date.add(fields.Date.start_of(day, 'month'), months=1)

    def _filter_in_force(self, day):
        """ Those that are approved and do not end before a day. """
        return self.filtered(lambda allowance: allowance.state == 'approved' and (
            not allowance.date_end or allowance.date_end >= day))

    def _count_persons(self):
        """ Of all these homes; one that has several allowances is counted once. """
        return sum(
            max(of_home.mapped('persons')) for of_home in self.grouped('unit_id').values())

    def _merge_into(self, unit, end):
        """ End these with a month, and enter an application for the home made of theirs. """
        coming = self.filtered(lambda allowance: allowance.date_start > end)
        coming._set_step('refused', approved_by_id=False)
        (self - coming).filtered(
            lambda allowance: not allowance.date_end or allowance.date_end > end).date_end = end
        names = ', '.join(self.mapped('display_name'))
        merged = self.create({
            'unit_id': unit.id,
            'type_ids': [Command.set(self.type_ids.ids)],
            'persons': self._count_persons(),
            'granted_on': min(end, fields.Date.context_today(self)),
            'ground': self.env._("Merged homes: %(names)s", names=names),
        })
        body = self.env._(
            "Household allowances of the merged units end on %(day)s: %(names)s. Enter how many "
            "live in the new one, and submit the application.", day=format_date(self.env, end),
            names=names)
        merged.message_post(body=body)
        unit.message_post(body=body)

    def _get_reason(self):
        return self.env._("Household allowance, %(names)s", names=self.mapped('display_name'))

    def _hold_meters(self):
        """ Let no run post what these meters counted at the same time, and nobody decide about
        another allowance of the unit: of the two the second begins anew, and finds what the first
        has done.
        """
        self.env.cr.execute(SQL(
            "UPDATE property_meter_allowance SET write_date = write_date WHERE unit_id = ANY(%s)",
            self.unit_id.ids))
        # sudo: whatever meters the user sees.
        self.env['property.meter'].sudo().with_context(active_test=False).search(
            Domain.OR(allowance._get_meters_domain() for allowance in self))._touch()

    def _get_meters_domain(self):
        """ The meters of the home, also where they went on with another unit since. """
        self.ensure_one()
        return Domain('type_id', 'in', self.type_ids.ids) & (
            Domain('unit_id', '=', self.unit_id.id)
            | Domain('assignment_ids.unit_id', '=', self.unit_id.id))

    def _search_billed(self, limit=None):
        """ What is billed of these units by meters of these types since the first day. """
        Charge = self.env['property.charge']
        return Charge.search(Charge._get_computed_domain() & Domain.OR(
            Domain('assignment_id.meter_id', 'any', allowance._get_meters_domain())
            & Domain('date_end', '>=', allowance.date_start)
            for allowance in self if allowance.date_start), limit=limit)

    @api.model
    def _get_allowances(self, meters):
        """ As the engine wants them, in constant queries: `{meter: [Allowance]}`.

        A meter of merged units keeps what was granted to the home that it was of, to its end.
        """
        # sudo: what is granted counts, whoever computes.
        homes = {meter: {meter.unit_id.id} for meter in meters}
        for meter, unit in self.env['property.fee.assignment'].sudo()._read_group(
                [('meter_id', 'in', meters.ids)], ['meter_id', 'unit_id']):
            homes[meter.with_env(self.env)].add(unit.id)
        allowances_sudo = self.sudo().search(
            [('unit_id', 'in', list(set().union(*homes.values()))), ('state', '=', 'approved')],
            order='date_start, id')
        found = {}
        for allowance in allowances_sudo:
            value = Allowance(
                allowance.date_start, day_after(allowance.date_end), allowance.persons)
            for kind in allowance.type_ids:
                found.setdefault((allowance.unit_id.id, kind.id), []).append(value)
        return {
            meter: values for meter in meters
            if (values := [
                value for unit_id in sorted(homes[meter])
                for value in found.get((unit_id, meter.type_id.id), ())])}


class PropertyUnit(models.Model):
    _inherit = 'property.unit'

    property_allowance_ids = fields.One2many(
        'property.meter.allowance', 'unit_id', string="Household allowances",
        groups='property_billing.group_billing_user')

    def _get_reshape_matters(self, date):
        """ Override of `property_base`: whom somebody has to count anew. """
        matters = super()._get_reshape_matters(date)
        # sudo: who splits and merges units may be told what comes of it.
        allowances = self.sudo().property_allowance_ids._filter_in_force(date)
        if not allowances:
            return matters
        names = ', '.join(allowances.mapped('display_name'))
        if len(self) == 1:
            return [*matters, self.env._(
                "The household allowance goes on in the first of the new units: %(names)s. End it "
                "there if that home is another one.", names=names)]
        return [*matters, self.env._(
            "Household allowances end with the month: %(names)s. Nobody knows yet how many live in "
            "the merged home: an application for %(persons)s persons is entered, a clerk confirms "
            "or changes the number and submits it, and somebody else approves it.",
            names=names, persons=allowances._count_persons())]

    def _carry_allowances(self, unit, last_day):
        """ A home that is split goes on in its first part; of merged ones somebody counts anew how
        many live there, and until that is approved nothing is granted.

        :param last_day: that these units are charged for
        """
        # sudo: who splits and merges units needs no right to apply for allowances.
        allowances = self.sudo().property_allowance_ids
        if len(self) == 1:
            allowances.unit_id = unit
            return
        if waiting := allowances.filtered(lambda allowance: allowance.state == 'pending')[:1]:
            raise UserError(self.env._(
                "The household allowance %(allowance)s waits for approval. Have it decided, or "
                "take it back to draft first.", allowance=waiting.display_name))
        allowances.filtered(lambda allowance: allowance.state == 'draft').unit_id = unit
        in_force = allowances._filter_in_force(last_day)
        if in_force:
            in_force._merge_into(unit, fields.Date.end_of(last_day, 'month'))

    def _get_allowance_versions(self, day):
        """ The prices of its meters that raise limits by person, on a day or else later:
        `{meter type: versions}`.
        """
        assignments = self.env['property.fee.assignment'].search(
            Domain('unit_id', 'in', self.ids)
            & Domain('meter_id', '!=', False)
            & self.env['property.fee.assignment']._get_live_domain()
            & Domain('tariff_id.version_ids.per_person', '>', 0))
        return {
            kind: versions
            for kind, of_kind in assignments.grouped(lambda a: a.meter_id.type_id).items()
            if (versions := of_kind.tariff_id._get_allowance_versions(day))}


class PropertyMeter(models.Model):
    _inherit = 'property.meter'

    allowance_ids = fields.Many2many(
        'property.meter.allowance', string="Household allowances",
        compute='_compute_allowance_ids', groups='property_billing.group_billing_user')

    @api.depends('unit_id.property_allowance_ids.type_ids', 'assignment_ids.unit_id', 'type_id')
    def _compute_allowance_ids(self):
        for meter in self:
            homes = meter.unit_id | meter.assignment_ids.unit_id
            meter.allowance_ids = homes.property_allowance_ids.filtered(
                lambda allowance, meter=meter: meter.type_id in allowance.type_ids)

    def action_allow(self):
        """ A larger household in its unit, to be filled in. """
        self.ensure_one()
        return {
            'name': self.env._("New household allowance"),
            'type': 'ir.actions.act_window',
            'res_model': 'property.meter.allowance',
            'views': [(False, 'form')],
            'context': {
                'default_unit_id': self.unit_id.id, 'default_type_ids': self.type_id.ids},
        }
