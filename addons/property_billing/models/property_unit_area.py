from datetime import date
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import float_compare

from ..tools.charging import Quantity
from ..tools.periods import ONE_DAY
from .property_charge_explanation import plain
from .property_fee_assignment import AREA_BASES

# The figure of the register that counts where no charging area is entered.
UNIT_FIELDS = {'building': 'building_area', 'usable': 'usable_area'}
# What bills were computed from: it is not rewritten, but followed by another one.
FIXED_FIELDS = {'area', 'basis', 'date_start', 'kind', 'unit_id'}


class PropertyUnitArea(models.Model):
    """ By which area a unit is charged from a day on (收费面积), until the next one. """
    _name = 'property.unit.area'
    _description = 'Charging area'
    _inherit = ['property.unit.mixin', 'property.attachment.mixin']
    _order = 'unit_id, basis, date_start desc, id'

    basis = fields.Selection(
        [('building', "Building area"), ('usable', "Usable area")],
        string="Which area", required=True, default='building',
    )
    kind = fields.Selection(
        [('contract', "By contract"), ('measured', "As measured"), ('title', "By title")],
        string="According to", help="Whose figure it is: it stands in the explanation of bills.",
    )
    area = fields.Float(string="Area (m²)", required=True, digits=(16, 2))
    date_start = fields.Date(
        string="From", help="Empty: what counted before the first area with a day.")
    date_end = fields.Date(string="To", compute='_compute_date_end')
    ground = fields.Char(help="Such as the number of the survey or of the title.")
    attachment_ids = fields.Many2many('ir.attachment', string="Documents", copy=False)

    _one_a_day = models.UniqueIndex(
        "(unit_id, basis, COALESCE(date_start, '0001-01-01'))",
        "This unit has such an area from that day already. Delete that one first.",
    )
    _complete = models.Constraint(
        'CHECK (date_start IS NULL OR (area > 0 AND kind IS NOT NULL))',
        "A charging area is more than zero, and says by contract, as measured or by title.",
    )

    @api.depends('unit_id', 'basis', 'date_start', 'unit_id.charging_area_ids.date_start')
    def _compute_date_end(self):
        for area in self:
            starts = [
                other.date_start for other in area.unit_id.charging_area_ids
                if other.basis == area.basis and other.date_start
                and other.date_start > (area.date_start or date.min)]
            area.date_end = min(starts) - ONE_DAY if starts else False

    @api.depends('area', 'kind', 'date_start')
    def _compute_display_name(self):
        kinds = dict(self._fields['kind']._description_selection(self.env))
        for area in self:
            area.display_name = ' '.join(filter(None, (
                f'{plain(Decimal(repr(area.area)))} m²', kinds.get(area.kind),
                fields.Date.to_string(area.date_start),
            )))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """ Before the first one what the register says goes on counting. """
        areas = super().create(vals_list)
        first = {(area.unit_id, area.basis) for area in areas} - {
            (area.unit_id, area.basis) for area in self.search(
                [('unit_id', 'in', areas.unit_id.ids), ('date_start', '=', False)])}
        super().create([
            {
                'unit_id': unit.id, 'basis': basis, 'area': unit[UNIT_FIELDS[basis]],
                'kind': False, 'date_start': False,  # whatever the context brings
            }
            for unit, basis in first])
        areas._log(self.env._("New charging area: %(area)s"))
        return areas

    def write(self, vals):
        if not self.env.su and vals.keys() & FIXED_FIELDS:
            raise UserError(self.env._(
                "An area stays as bills were computed from it. Enter the new one from the day on "
                "which it counts, or delete this one."))
        return super().write(vals)

    def unlink(self):
        """ Without any with a day, the register's figure counts as it is today. """
        units = self.unit_id
        self._log(self.env._("Charging area deleted: %(area)s"))
        result = super().unlink()
        rest = self.search([('unit_id', 'in', units.ids)])
        dated = {(area.unit_id, area.basis) for area in rest if area.date_start}
        super(PropertyUnitArea, rest.filtered(
            lambda area: (area.unit_id, area.basis) not in dated)).unlink()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_first(self):
        for area in self:
            later = area.unit_id.charging_area_ids.filtered(
                lambda other, area=area: other.basis == area.basis) - self
            if not area.date_start and later and not self._is_initialising():
                raise UserError(self.env._(
                    "%(area)s is what %(unit)s was charged by before. Delete the later ones.",
                    area=area.display_name, unit=area.unit_id.complete_name))

    def _log(self, text):
        """ It belongs to the history of the unit. """
        for area in self.filtered('date_start'):
            # sudo: who enters areas need have no right to change units.
            area.unit_id.sudo().message_post(
                body=text % {'area': area.display_name}, author_id=self.env.user.partner_id.id)

    # === ACTION METHODS === #

    def action_propose(self):
        """ What is billed by another area is proposed to be corrected. """
        return self._search_billed()._propose_correction(self._get_correction_reason())

    def action_correct_charges(self):
        """ Whom the one who entered the area has asked corrects what was billed by another. """
        action = self._search_billed().action_correct()
        action['context']['default_reason'] = self._get_correction_reason()
        return action

    # === GETTERS === #

    def _search_billed(self):
        self.ensure_one()
        Charge = self.env['property.charge']
        return Charge.search(Charge._get_computed_domain() & Domain([
            ('unit_id', '=', self.unit_id.id), ('date_end', '>=', self.date_start)]))

    def _get_correction_reason(self):
        return self.env._("Charging area %(area)s", area=self.display_name)


class PropertyUnit(models.Model):
    _inherit = 'property.unit'

    charging_area_ids = fields.One2many(
        'property.unit.area', 'unit_id', string="Charging areas",
        groups='property_billing.group_billing_user',
    )

    # === CRUD METHODS === #

    def write(self, vals):
        """ Override: what was billed by the register's figure keeps it; another one has a day. """
        for basis, name in UNIT_FIELDS.items():
            if name in vals:
                self.filtered(
                    lambda unit, name=name: float_compare(unit[name], vals[name] or 0, 2),
                )._check_not_billed_by_area(basis)
        return super().write(vals)

    def _check_not_billed_by_area(self, basis):
        """ :param str basis: building or usable """
        # sudo: as in `_get_billed_by_area`.
        self.env['property.charge'].sudo().search(
            [('unit_id', 'in', self.ids), ('state', '=', 'draft')])._touch()
        if charge := self._get_billed_by_area(basis)[:1]:
            unit = charge.unit_id
            raise UserError(self.env._(
                "%(unit)s is billed up to %(day)s by %(area)s m², and what is billed keeps its "
                "area. Press “New charging area” on the unit and enter the other one from the day "
                "on which it counts; what is billed for later days is proposed to be corrected.",
                unit=unit.complete_name, day=charge.date_end,
                area=f'{unit[UNIT_FIELDS[basis]]:.2f}'))

    def _get_billed_by_area(self, basis):
        """ The charges, latest first, that were computed from the register's figure. """
        # sudo: whoever keeps the register need not see what is billed.
        units = self.filtered(lambda unit: basis not in unit.sudo().charging_area_ids.filtered(
            'date_start').mapped('basis'))
        Charge = self.env['property.charge'].sudo()
        tariff_basis = next(key for key, value in AREA_BASES.items() if value == basis)
        return Charge.search(
            Charge._get_computed_domain() & Domain('unit_id', 'in', units.ids) & (
                Domain('assignment_id.tariff_id.basis', '=', tariff_basis)
                | Domain('assignment_id.tariff_id.version_ids.component_ids.basis', '=',
                         tariff_basis)),
            order='date_end desc')

    # === ACTION METHODS === #

    def action_new_charging_area(self):
        self.ensure_one()
        return {
            'name': self.env._("New charging area"),
            'type': 'ir.actions.act_window',
            'res_model': 'property.unit.area',
            'view_mode': 'form',
            'views': [(self.env.ref('property_billing.property_unit_area_view_form_new').id,
                       'form')],
            'target': 'new',
            'context': {
                'default_unit_id': self.id,
                'default_date_start': fields.Date.context_today(self),
            },
        }

    # === BUSINESS METHODS === #

    def _get_area_quantities(self, basis):
        """ The area by date, as the engine wants it; without charging areas the register's.

        :param str basis: building or usable
        """
        self.ensure_one()
        areas = self.charging_area_ids.filtered(lambda area: area.basis == basis).sorted(
            lambda area: area.date_start or date.min)
        if not areas:
            return [Quantity(Decimal(repr(self[UNIT_FIELDS[basis]])))]
        starts = areas.mapped('date_start')
        return [
            Quantity(Decimal(repr(area.area)), area.date_start or None, end, area.kind or '')
            for area, end in zip(areas, [*starts[1:], None], strict=True)
        ]
