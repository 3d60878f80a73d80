from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.periods import ONE_DAY
from ..tools.planning import due_periods, plan_period
from .property_charge_explanation import plain

PAYERS = 'property_billing.group_billing_user'


class PropertyMeterRound(models.Model):
    """ What readings cost, before they are saved and after. """
    _inherit = 'property.meter.round'

    def preview_readings(self, rows):
        """ What typed readings would give, of which nothing is stored: Enter in the sheet computes.

        :param list[dict] rows: `meter_id`, each once; `readings`, the texts by register; `date` if
            it is not the last day of the round; of a meter never read `first_readings` and
            `first_date` as well
        :return: `{meter id: values}`: `use` by register, as text; `amount`, False where it is not
            known yet or the user sees no money; `currency`, its id; `oddity`, why the readings
            would wait to be checked, or False; `oddities`, the same by register; `errors` of cells
            as `save_readings` returns them
        :rtype: dict
        """
        rows = self._prepare_rows([
            {
                'meter_id': row.get('meter_id'), 'register': register, 'value': text,
                'date': row.get('date'), 'first_date': row.get('first_date'),
                'first_value': (row.get('first_readings') or {}).get(register),
            }
            for row in rows for register, text in (row.get('readings') or {}).items() if text])
        Reading = self.env['property.meter.reading']
        faults, found = Reading._examine(rows, Reading._get_meters(rows))
        result = {
            row['meter_id']: {
                'use': {}, 'amount': False, 'currency': self.company_id.currency_id.id,
                'oddity': False, 'oddities': {}, 'errors': [],
            }
            for row in rows}
        foreign = self._get_foreign_errors(rows)
        for fault in foreign + faults:
            result[fault['meter_id']]['errors'].append(fault)
        foreign_rows = {fault['row'] for fault in foreign}
        typed = {}
        for entry, finding in found.items():
            if entry.place in foreign_rows:
                continue
            values = result[entry.meter.id]
            if finding.wait:
                text = Reading._get_reason_text(finding.wait['reason_values'])
                values['oddities'][entry.register] = text
                values['oddity'] = ' '.join(filter(None, (values['oddity'], text)))
            if finding.wait.get('reason') == 'decrease':
                continue
            if finding.before:
                values['use'][entry.register] = plain(finding.use)
            typed.setdefault(entry.meter, {}).setdefault(entry.register, []).append(entry.reading)
        days = {
            meter: max(reading.day for readings in registers.values() for reading in readings)
            for meter, registers in typed.items()}
        for meter, amount in self._get_amounts(days, typed).items():
            result[meter.id]['amount'] = amount
        return result

    def get_amounts(self):
        """ What the confirmed readings of this round cost: what was billed for them, and what is
        still to be. Apart from the sheet, which need not wait for it.

        :return: `{meter id: amount}` of those of which it can be said, by whom it may be seen
        :rtype: dict
        """
        self.ensure_one()
        self.check_access('read')
        self.env['property.meter.reading']._check_reader()
        days = {
            meter: day for meter, day, count in self.env['property.meter.reading']._read_group(
                self._get_present_domain(self._get_own_meters()) & Domain('state', '=', 'accepted'),
                ['meter_id'], ['date:max', 'register:count_distinct'])
            if count == len(self.type_id._get_registers())}
        return {meter.id: amount for meter, amount in self._get_amounts(days).items()}

    def _get_amounts(self, days, typed=None):
        """ What is charged from the reading before those of these days up to them, all payers
        together.

        The number of queries does not depend on the number of readings.

        :param dict days: `{meter: day}`
        :param dict typed: readings that are not stored: `{meter: {register: [Reading]}}`
        :return: `{meter: amount}` of those of which it can be said, by whom it may be seen
        """
        if not days or not self.env.user.has_group(PAYERS):
            return {}
        assignments = self.env['property.fee.assignment'].search(
            Domain('meter_id', 'in', [meter.id for meter in days])
            & Domain('date_start', '<=', max(days.values()))
            & (Domain('date_end', '=', False) | Domain('date_end', '>=', min(days.values()))))
        covered = assignments._read_covered_days(
            SQL("state = 'posted' OR state = 'reversed' AND is_corrected"))
        subjects = assignments._get_subjects(assignments._get_measured(
            assignments._get_first_open_days(covered),
            {meter.id: registers for meter, registers in (typed or {}).items()}))
        amounts = self._get_billed_amounts(subjects, days) if covered else {}
        unknown = set()
        for assignment, subject in subjects.items():
            meter = assignment.meter_id
            planned = [
                charge
                for period in due_periods(
                    subject, days[meter], days[meter], covered.get(assignment.id, []))
                for charge in plan_period(subject, *period)]
            if not all(charge.explanation for charge in planned):
                unknown.add(meter)
            elif planned:
                amounts[meter] = amounts.get(meter, 0) + float(
                    sum(charge.amount for charge in planned))
        return {meter: amount for meter, amount in amounts.items() if meter not in unknown}

    def _get_billed_amounts(self, subjects, days):
        """ What was charged of the periods that end with these readings, with what corrected it:
        `{meter: amount}`.
        """
        periods = {}  # the days [start, end) up to each reading
        for assignment, subject in subjects.items():
            meter = assignment.meter_id
            end = days[meter] + ONE_DAY
            periods[assignment] = next((
                interval for interval in subject.measured.intervals if interval[1] == end),
                (end, end))
        charges = self.env['property.charge'].search([
            ('assignment_id', 'in', [assignment.id for assignment in periods]),
            ('kind', 'in', ('recurring', 'opening')),
            ('date_start', '>=', min(start for start, _end in periods.values())),
            ('date_end', '<=', max(days.values())),
            '|', ('state', '=', 'posted'),
            '&', ('state', '=', 'reversed'), ('is_corrected', '=', True)])
        charges = charges.filtered(lambda charge: (
            charge.date_start >= periods[charge.assignment_id][0]
            and charge.date_end < periods[charge.assignment_id][1]))
        return {
            meter: float(sum(net for of_payer in payers.values() for net in of_payer.values()))
            for meter, payers in charges._get_nets(
                charges.grouped(lambda charge: charge.assignment_id.meter_id)).items()}
