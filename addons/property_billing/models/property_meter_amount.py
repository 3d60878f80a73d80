from dataclasses import replace

from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.planning import due_periods, plan_period
from .property_charge_explanation import plain

PAYERS = 'property_billing.group_billing_user'


class PropertyMeterRound(models.Model):
    """ What typed readings would cost, before they are saved. """
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
        for meter, amount in self._get_amounts(typed).items():
            result[meter.id]['amount'] = amount
        return result

    def _get_amounts(self, typed):
        """ What readings that are not stored would cost, all payers together.

        The number of queries does not depend on the number of readings.

        :param dict typed: `{meter: {register: [Reading]}}`
        :return: `{meter: amount}` of those of which it can be said, by whom it may be seen
        """
        if not typed or not self.env.user.has_group(PAYERS):
            return {}
        days = {
            meter: max(reading.day for readings in registers.values() for reading in readings)
            for meter, registers in typed.items()}
        assignments = self.env['property.fee.assignment'].search(
            Domain('meter_id', 'in', [meter.id for meter in days])
            & Domain('date_start', '<=', max(days.values()))
            & (Domain('date_end', '=', False) | Domain('date_end', '>=', min(days.values()))))
        measured = assignments.meter_id._get_measured(
            {meter.id: registers for meter, registers in typed.items()
             if meter in assignments.meter_id})
        covered = assignments._read_covered_days(
            SQL("state = 'posted' OR state = 'reversed' AND is_corrected"))
        amounts = {}
        for assignment, subject in assignments._get_subjects().items():
            meter = assignment.meter_id
            subject = replace(subject, measured=measured[meter.id])
            planned = [
                charge
                for period in due_periods(
                    subject, days[meter], days[meter], covered.get(assignment.id, []))
                for charge in plan_period(subject, *period)]
            if planned and all(charge.explanation for charge in planned):
                amounts[meter] = float(sum(charge.amount for charge in planned))
        return amounts
