from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..const import QUIET_CONTEXT

ONE_DAY = {'days': 1}


class PropertyUnit(models.Model):
    """ A shop split into two, or two made one: new units take over on a day, the old ones stay
    in the archive with their history. """
    _inherit = 'property.unit'

    origin_ids = fields.Many2many(
        'property.unit', 'property_unit_origin_rel', 'unit_id', 'origin_id',
        string="Made from", readonly=True, copy=False, context={'active_test': False},
        help="The units from which this one was made by splitting or merging.",
    )
    successor_ids = fields.Many2many(
        'property.unit', 'property_unit_origin_rel', 'origin_id', 'unit_id',
        string="Became", readonly=True, copy=False, context={'active_test': False},
    )

    def action_reshape(self):
        """ Open the wizard that splits one unit or merges several. """
        self._check_reshape()
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("Merge units") if len(self) > 1 else self.env._("Split a unit"),
            'res_model': 'property.unit.reshape',
            'view_mode': 'form',
            'target': 'new',
            'context': {'default_unit_ids': [fields.Command.set(self.ids)]},
        }

    def _check_reshape(self):
        """ Who may do it, and to which units. """
        if not self.env.user.has_group('property_base.group_unit_reshape'):
            raise AccessError(self.env._(
                "You need the right “Split and merge units”. Ask an administrator for it."))
        self.check_access('write')
        if archived := self.filtered(lambda unit: not unit.active):
            raise UserError(self.env._(
                "%(unit)s is archived, so nothing can be made from it.",
                unit=archived[0].complete_name))
        if len(self.building_id) > 1 or len(self.entrance_id) > 1:
            raise UserError(self.env._(
                "Only units of one building and entrance can be merged."))

    def _prepare_halves(self):
        """ What a split starts with: two units, by halves that add up to the whole. """
        halves = []
        for unit in self:
            first = {name: round(unit[name] / 2, 2) for name in ('building_area', 'usable_area')}
            second = {name: round(unit[name] - half, 2) for name, half in first.items()}
            halves += [{'name': f'{unit.name}-1', **first}, {'name': f'{unit.name}-2', **second}]
        return halves

    def _reshape(self, vals_list, date):
        """ Archive these units and have new ones take over.

        :param list vals_list: name and areas of each new unit
        :param date date: the first day of the new units
        :return: the new units
        """
        # Two colleagues at once: the second waits, then finds the units archived.
        self.lock_for_update(allow_referencing=True)
        self.invalidate_recordset(['active'])
        self._check_reshape()
        if date > fields.Date.context_today(self):
            raise UserError(self.env._(
                "Units are split and merged on the day itself or later, not ahead of it."))
        first = self[0]
        units = self.with_context(**QUIET_CONTEXT).create([{
            **first._prepare_successor_vals(), **vals, 'origin_ids': [fields.Command.set(self.ids)],
        } for vals in vals_list])
        self._carry_over(units, date)
        self.action_archive()
        for unit in self:
            unit.message_post(body=self.env._(
                "From %(date)s on it is %(units)s.", date=fields.Date.to_string(date),
                units=units.mapped('complete_name')))
        for unit in units:
            unit.message_post(body=self.env._(
                "Made from %(units)s on %(date)s.", date=fields.Date.to_string(date),
                units=self.mapped('complete_name')))
        return units

    def _get_reshape_matters(self, date):
        """ What somebody has to decide about because these units are split or merged on a day, as
        sentences; add-ons add theirs.
        """
        return []

    def _prepare_successor_vals(self):
        return {
            name: self[name].id if self._fields[name].type == 'many2one' else self[name]
            for name in (
                'building_id', 'entrance_id', 'kind', 'floor', 'floor_order', 'orientation_id',
                'ownership_id', 'use_id', 'type_id', 'structure_id', 'equipment', 'is_renovated',
                'date_handover')
        }

    def _carry_over(self, units, date):
        """ What belonged to these units belongs to the new ones from a day on; add-ons add what
        they keep. """
        self._carry_occupancies(units, date)
        # sudo: they move with the unit, whose right was checked.
        self.sudo().vehicle_ids.unit_id = units[0]
        self.sudo().pet_ids.unit_id = units[0]
        self.sudo()._carry_keys(units[0])

    def _carry_keys(self, unit):
        """ Keys hang on as they do; of two with one number each gets its old unit's before it. """
        for same in self.key_ids.grouped('name').values():
            for key in same if len(same) > 1 else ():
                key.name = f'{key.unit_id.name}-{key.name}'
        self.key_ids.unit_id = unit

    def _carry_occupancies(self, units, date):
        """ End who lives there on the day before and enter him again.

        Owners of merged units own as much of the whole as their part of its area was.
        """
        Occupancy = self.env['property.occupancy']
        open_after = Domain('unit_id', 'in', self.ids) & Domain('state', '!=', 'refused') & (
            Domain('date_end', '=', False) | Domain('date_end', '>=', date))
        # sudo: all of them must move, whoever may see them; the units' right was checked.
        occupancies = Occupancy.sudo().search(open_after, order='id')
        for occupancy in occupancies:
            if occupancy.state == 'pending' or occupancy.date_start >= date:
                raise UserError(self.env._(
                    "%(occupancy)s begins on %(start)s or waits for approval. Choose a later day, "
                    "or settle that occupancy first.", occupancy=occupancy.display_name,
                    start=fields.Date.to_string(occupancy.date_start)))
        vals_list = []
        for rows in occupancies.grouped(lambda o: (o.role, o.partner_id, o.date_end)).values():
            vals = rows[0].copy_data({
                'date_start': date, 'date_end': rows[0].date_end,
                'is_payer': any(rows.mapped('is_payer')), 'state': 'approved',
                'awaits_check_in': all(rows.mapped('awaits_check_in'))})[0]
            vals_list.append((rows, vals))
        if len(self) > 1:
            self._set_merged_shares(vals_list)
        occupancies.date_end = fields.Date.subtract(date, **ONE_DAY)
        Occupancy.sudo().create([
            {**vals, 'unit_id': unit.id} for unit in units for _rows, vals in vals_list])

    def _set_merged_shares(self, vals_list):
        """ Shares by area; each unit counts the same where an area is missing.

        Rounded down to the hundredth, so that they never exceed the whole; what the units were
        owned less than whole is owned by nobody here, too.
        """
        areas = {unit: unit.building_area for unit in self}
        if not all(areas.values()):
            areas = dict.fromkeys(self, 1.0)
        total = sum(areas.values())
        owners = [(rows, vals) for rows, vals in vals_list if vals['role'] == 'owner']
        parts = [
            sum(occupancy.share * areas[occupancy.unit_id] for occupancy in rows) / total
            for rows, _vals in owners]
        cents = [int(part * 100 + 1e-6) for part in parts]
        rest = round(sum(parts) * 100) - sum(cents)
        for index in sorted(range(len(parts)), key=lambda i: cents[i] - parts[i] * 100)[:rest]:
            cents[index] += 1
        for (_rows, vals), cent in zip(owners, cents, strict=True):
            vals['share'] = cent / 100
