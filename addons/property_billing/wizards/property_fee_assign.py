from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

# What tells one assignment of a unit from another, beside its days.
TERM_FIELDS = ('tariff_id', 'partner_id', 'partner_date_end', 'quantity', 'payer_role')


class PropertyFeeAssign(models.TransientModel):
    """ Give one tariff to many units at once, in the place of another if need be (A09, B11). """
    _name = 'property.fee.assign'
    _description = 'Assign a tariff to units'

    unit_ids = fields.Many2many('property.unit', string="Units", required=True)
    tariff_id = fields.Many2one('property.tariff', required=True)
    basis = fields.Selection(related='tariff_id.basis')
    has_pieces = fields.Boolean(string="Has pieces", compute='_compute_has_pieces')
    partner_id = fields.Many2one(
        'res.partner', string="Customer",
        help="Pays this fee. Empty: as before, else by the fee's rule.",
    )
    payer_role = fields.Selection(
        selection=lambda self: self.env['property.fee.assignment']._fields[
            'payer_role']._description_selection(self.env),
        string="Who pays", help="Empty: as before, else as the fee says.",
    )
    quantity = fields.Float(digits=(16, 2), help="Pieces. Empty: as before, else one.")
    date_start = fields.Date(
        string="From", required=True,
        default=lambda self: fields.Date.start_of(fields.Date.context_today(self), 'month'),
    )
    date_end = fields.Date(string="To")
    ended_tariff_ids = fields.Many2many(
        'property.tariff', string="In place of", compute='_compute_ended_tariff_ids', store=True,
        readonly=False,
        help="They end for these units the day before. What you take out here goes on beside the "
             "new one.",
    )
    unit_count = fields.Integer(compute='_compute_counts')
    ended_count = fields.Integer(compute='_compute_counts')
    skipped_unit_ids = fields.Many2many('property.unit', compute='_compute_counts')

    @api.model
    def default_get(self, fields):
        """ Override of `base`: the units that are selected in the list. """
        values = super().default_get(fields)
        if 'unit_ids' in fields and self.env.context.get('active_model') == 'property.unit':
            values['unit_ids'] = [Command.set(self.env.context.get('active_ids', []))]
        return values

    @api.depends('tariff_id')
    def _compute_has_pieces(self):
        for wizard in self:
            tariff = wizard.tariff_id
            wizard.has_pieces = 'unit' in [
                tariff.basis, *tariff.version_ids.component_ids.mapped('basis')]

    @api.depends('unit_ids', 'tariff_id', 'date_start', 'date_end', 'partner_id', 'payer_role',
                 'quantity')
    def _compute_ended_tariff_ids(self):
        """ A unit pays a fee once, so its other tariff ends. """
        for wizard in self:
            wizard.ended_tariff_ids = wizard._get_current().filtered(
                lambda current, wizard=wizard: not wizard._is_same(current)).tariff_id

    @api.depends('unit_ids', 'tariff_id', 'date_start', 'date_end', 'partner_id', 'payer_role',
                 'quantity', 'ended_tariff_ids')
    def _compute_counts(self):
        """ Units that have it in that time already are left as they are. """
        for wizard in self:
            vals_list, ended, skipped = wizard._plan()
            wizard.skipped_unit_ids = skipped
            wizard.unit_count = len({vals['unit_id'] for vals in vals_list})
            wizard.ended_count = len(ended)

    def _get_current(self):
        """ How the units pay the fee of the tariff in that time. """
        if not self.tariff_id or not self.date_start:
            return self.env['property.fee.assignment']
        domain = Domain('unit_id', 'in', self.unit_ids.ids) & Domain('tariff_id', '!=', False)
        domain &= Domain('fee_id', '=', self.tariff_id.fee_id.id)
        domain &= Domain('date_end', '=', False) | Domain('date_end', '>=', self.date_start)
        if self.date_end:
            domain &= Domain('date_start', '<=', self.date_end)
        return self.env['property.fee.assignment'].search(domain)

    def _get_terms(self, current):
        """ The terms of the new assignment: those chosen here, else those of the current one. """
        return {
            'tariff_id': self.tariff_id.id,
            'partner_id': self.partner_id.id or current.partner_id.id,
            'partner_date_end': not self.partner_id and current.partner_date_end,
            'quantity': self.quantity or current.quantity or 1,
            'payer_role': self.payer_role or current.payer_role,
        }

    def _is_same(self, current):
        """ Whether it has already what it would get. """
        terms = current._convert_to_write({name: current[name] for name in TERM_FIELDS})
        return self._get_terms(current) == terms

    def _plan(self):
        """ The values of new assignments, those that end, the units that stay as they are. """
        if self.tariff_id.basis == 'metered':
            return self._plan_metered()
        vals_list, ended, skipped = [], self.env['property.fee.assignment'], self.unit_ids.browse()
        by_unit = self._get_current().grouped('unit_id')
        for unit in self.unit_ids._origin:
            terms_list = []
            for current in by_unit.get(unit, ()):
                if self._is_same(current):
                    skipped |= unit
                elif current.tariff_id in self.ended_tariff_ids._origin:
                    ended |= current
                    if (terms := self._get_terms(current)) not in terms_list:
                        terms_list.append(terms)
            if not terms_list and unit not in skipped and self.tariff_id:
                terms_list.append(self._get_terms(ended.browse()))
            vals_list += [
                {'unit_id': unit.id, 'date_start': self.date_start, 'date_end': self.date_end,
                 **terms}
                for terms in terms_list
            ]
        return vals_list, ended, skipped

    def _plan_metered(self):
        """ As `_plan`: each meter that is read for the fee gets the tariff. Units without one stay
        as they are.
        """
        vals_list, ended = [], self.env['property.fee.assignment']
        current = self._get_current().grouped('meter_id')
        meters = self.env['property.meter'].search([
            ('unit_id', 'in', self.unit_ids._origin.ids), ('mode', '=', 'read'),
            ('type_id.fee_id', '=', self.tariff_id.fee_id._origin.id)])
        for meter in meters:
            of_meter = current.get(meter, ended.browse())
            if any(self._is_same(assignment) for assignment in of_meter):
                continue
            ended |= of_meter
            vals_list.append({
                'unit_id': meter.unit_id.id, 'meter_id': meter.id, 'date_start': self.date_start,
                'date_end': self.date_end, **self._get_terms(of_meter[:1])})
        planned = self.unit_ids.browse(vals['unit_id'] for vals in vals_list)
        return vals_list, ended, self.unit_ids._origin - planned

    def action_assign(self):
        self.ensure_one()
        vals_list, ended, _skipped = self._plan()
        if not vals_list:
            raise UserError(
                self.env._(
                    "All of these units have %(tariff)s in that time already, or no meter that is "
                    "read for its fee.", tariff=self.tariff_id.display_name)
                if self.tariff_id.basis == 'metered' else self.env._(
                    "All of these units have %(tariff)s in that time already.",
                    tariff=self.tariff_id.display_name))
        self._end(ended)
        assignments = self.env['property.fee.assignment'].create(vals_list)
        return {
            'name': self.env._("Fee assignments"),
            'type': 'ir.actions.act_window',
            'res_model': 'property.fee.assignment',
            'view_mode': 'list,form',
            'domain': [('id', 'in', assignments.ids)],
        }

    def _end(self, assignments):
        """ The day before; one that has not begun by then does not come at all. """
        # sudo: what is billed counts, whoever sees it.
        Charge = self.env['property.charge'].sudo()
        billed = Charge.search(
            Charge._get_billed_domain() & Domain([
                ('assignment_id', 'in', assignments.ids), ('date_end', '>=', self.date_start)]),
            order='date_end desc', limit=1)
        if billed:
            raise UserError(self.env._(
                "%(assignment)s is billed up to %(day)s. Start on %(next_day)s or later, or undo "
                "those bills first.", assignment=billed.assignment_id.display_name,
                day=billed.date_end, next_day=fields.Date.add(billed.date_end, days=1)))
        begun = assignments.filtered(lambda current: current.date_start < self.date_start)
        begun.date_end = fields.Date.subtract(self.date_start, days=1)
        coming = assignments - begun
        # What was left out or taken back of it keeps saying what it was of.
        charged = coming.browse(
            Charge.search([('assignment_id', 'in', coming.ids)]).assignment_id.ids)
        charged.active = False
        (coming - charged).unlink()
        self.env['property.fee.assignment'].flush_model()  # their days are free now
