from odoo import fields, models
from odoo.exceptions import UserError

# What a unit pays by its size; the rest is paid once, whatever the units become.
SIZE_BASES = ('area', 'usable_area', 'household')
# Who pays it.
PAYER_FIELDS = ('partner_id', 'partner_date_end', 'payer_role')


def get_payer(assignment):
    """ The values of its `PAYER_FIELDS`. """
    vals = assignment._convert_to_write({name: assignment[name] for name in PAYER_FIELDS})
    return tuple(vals[name] for name in PAYER_FIELDS)


class PropertyTariff(models.Model):
    _inherit = 'property.tariff'

    def _filter_by_size(self):
        """ Those of these, paid by the same units, that each part of a unit pays for itself. """
        by_size = self.filtered(lambda tariff: tariff.basis in SIZE_BASES)
        while percentages := (self - by_size).filtered(
                lambda tariff, by_size=by_size: tariff.percent_fee_id & by_size.fee_id):
            by_size |= percentages
        return by_size


class PropertyFeeAssignment(models.Model):
    _inherit = 'property.fee.assignment'

    def _end_before(self, starts):
        """ Others go on with these, from the days in `starts` on. """
        for assignment in self:
            last = fields.Date.subtract(starts[assignment], days=1)
            if last < assignment.date_start:
                assignment.active = False  # it has not begun
            elif not assignment.date_end or assignment.date_end > last:
                assignment.date_end = last


class PropertyUnit(models.Model):
    _inherit = 'property.unit'

    def _carry_over(self, units, date):
        super()._carry_over(units, date)
        # sudo: who may split and merge units needs no right to assign fees: he changes none.
        assignments = self.env['property.fee.assignment'].sudo().search(
            ['|', ('date_end', '=', False), ('date_end', '>=', date), ('unit_id', 'in', self.ids)],
            order='id')
        if lines := assignments.filtered('lease_id'):
            raise UserError(self.env._(
                "%(unit)s is let by %(lease)s. End that lease first.",
                unit=lines[0].unit_id.complete_name, lease=lines[0].lease_id.display_name))
        parts = assignments.filtered('shared_cost_id')
        starts = self._get_first_uncharged_days(parts, date)
        for part in parts:
            if part.shared_cost_id.settle == 'charge' and starts[part] <= part.date_end:
                raise UserError(self.env._(
                    "%(unit)s has a part of %(cost)s that is not billed yet. Bill it first.",
                    unit=part.unit_id.complete_name, cost=part.shared_cost_id.name))
        # Parts are billed and stay what they are; what a meter counts goes with the meter.
        assignments = (assignments - parts).filtered(lambda a: not a.meter_id)
        by_size = assignments.tariff_id._filter_by_size()
        for tariff, rows in assignments.grouped('tariff_id').items():
            payers = set(map(get_payer, rows))
            if len(rows.unit_id) > 1 and len(payers) > (
                    1 if tariff in by_size else len(set(rows.mapped('partner_id.id')))):
                raise UserError(self.env._(
                    "%(tariff)s is paid by different people: %(units)s. Assign it to the same "
                    "customer in all of them before you merge them.", tariff=tariff.display_name,
                    units=rows.unit_id.mapped('complete_name')))
        starts = self._get_first_uncharged_days(assignments, date)
        vals_list = []
        for (tariff, payer, end), rows in assignments.grouped(
                lambda a: (a.tariff_id, get_payer(a), a.date_end)).items():
            days = {starts[assignment] for assignment in rows}
            if len(days) > 1:
                raise UserError(self.env._(
                    "%(tariff)s is charged up to different days: %(units)s. Bill them up to the "
                    "same day before you merge them.", tariff=tariff.display_name,
                    units=rows.unit_id.mapped('complete_name')))
            [start] = days
            if end and end < start:
                continue  # charged to its end
            vals_list += [{
                'unit_id': unit.id, 'tariff_id': tariff.id,
                **dict(zip(PAYER_FIELDS, payer, strict=True)),
                'quantity': sum(rows.mapped('quantity')), 'date_start': start, 'date_end': end,
            } for unit in (units if tariff in by_size else units[0])]
        assignments._end_before(starts)
        assignments.create(vals_list)
        self._carry_reliefs(units, date)

    def _carry_reliefs(self, units, date):
        """ What all of these units need not pay, the new ones need not either, as approved; of the
        rest somebody decides anew.
        """
        # sudo: as above; what is carried over was approved, and stays as it is.
        reliefs = self.env['property.fee.relief'].sudo().search([
            ('unit_ids', 'in', self.ids), ('state', 'in', ('pending', 'approved')),
            '|', ('date_end', '=', False), ('date_end', '>=', date)], order='id')
        same = reliefs.filtered(lambda relief: relief.state == 'approved').grouped(
            lambda relief: (
                relief.kind, relief.payable_percent, relief.ground, relief.fee_ids,
                max(date, relief.date_start), relief.date_end))
        carried = reliefs.browse()
        for alike in same.values():
            if self <= alike.unit_ids:
                carried += alike
                alike[0].unit_ids += units
                alike[0].message_post(body=self.env._(
                    "From %(date)s on for %(units)s, made from %(former)s.",
                    date=fields.Date.to_string(date), units=units.mapped('complete_name'),
                    former=self.mapped('complete_name')))
        if left := reliefs - carried:
            for unit in units:
                unit.message_post(body=self.env._(
                    "Not carried over: %(reliefs)s. Apply for a reduction of the new unit if its "
                    "ground still holds.", reliefs=left.mapped('display_name')))

    def _get_first_uncharged_days(self, assignments, date):
        """ {assignment: the first day for which the new units pay}: what is charged ahead stays
        charged to the old ones. """
        charged = dict(self.env['property.charge'].sudo()._read_group(
            [('assignment_id', 'in', assignments.ids),
             '|', ('state', '=', 'posted'), ('is_corrected', '=', True)],
            ['assignment_id'], ['date_end:max']))
        closed = {
            (unit, fee): end for unit, fee, end in self.env['property.charge'].sudo()._read_group(
                [('unit_id', 'in', self.ids), ('state', '=', 'closed')],
                ['unit_id', 'fee_id'], ['date_end:max'])}
        starts = {}
        for assignment in assignments:
            last = max(filter(None, (
                charged.get(assignment), closed.get((assignment.unit_id, assignment.fee_id)))),
                default=None)
            day = max(date, assignment.date_start)
            starts[assignment] = max(day, fields.Date.add(last, days=1)) if last else day
        return starts
