from collections import defaultdict

from odoo import Command, api, fields, models

from odoo.addons.property_base.tools.workbook import ERROR, INFO, WARNING

from ..tools import hc
from ..tools.periods import ONE_DAY
from ..tools.planning import payer_on
from .property_unit_area import UNIT_FIELDS

VERSION_FIELDS = ('date_start', 'date_end', 'price', 'surcharge')
TARIFF_FIELDS = ('basis', 'cycle_months', 'timing')


class PropertyImport(models.Model):
    """ Reads the fees of HC workbooks: a fee, its tariff with one price, and who pays it.

    An import creates fees and prices, and never changes any: a new price is a new version, which
    somebody enters knowingly. What differs is a warning.
    """
    _inherit = 'property.import'

    fee_tax_id = fields.Many2one(
        'account.tax', string="Tax of the fees", check_company=True,
        domain="[('type_tax_use', '=', 'sale'), ('price_include', '=', True), "
               "('company_id', 'parent_of', company_id)]",
        help="HC workbooks name no tax. Fees that come in without one are flagged by the bill "
             "run until they have it.",
    )

    @api.model
    def _get_sheets(self):
        return (
            *(hc.add_room_columns(spec) if spec.name == 'hc_rooms' else spec
              for spec in super()._get_sheets()),
            hc.FEES,
            hc.HISTORY,
        )

    def _get_loaders(self):
        return [
            *super()._get_loaders(), self._load_fees, self._load_assignments, self._load_history,
        ]

    @api.model
    def _get_object_labels(self):
        _ = self.env._
        return {
            **super()._get_object_labels(),
            'fee': _("Fees"), 'tariff': _("Tariffs"), 'assignment': _("Fee assignments"),
            'history': _("Closed charges"),
        }

    @api.model
    def _get_issue_texts(self):
        _ = self.env._
        return {
            **super()._get_issue_texts(),
            'fees_not_readable': _(
                "You have no right to see fees, so this sheet is left out. A billing manager may "
                "import the workbook again."),
            'fee_not_allowed': _(
                "Fee %(name)s does not exist, and only a billing manager may create it. It is "
                "left out."),
            'assignments_not_allowed': _(
                "You may not assign fees, so the fees of the rooms are left out. A billing "
                "officer may import the workbook again."),
            'one_off_fee': _(
                "Fee %(name)s is charged once. It is left out: enter it as a charge where it "
                "arises."),
            'no_price': _("Fee %(name)s has neither a price nor a fixed amount."),
            'area_billed': _(
                "%(unit)s is billed by %(billed)s m² and keeps it. Enter %(area)s m² on the unit "
                "with “New charging area”, from the day on which it counts."),
            'fee_name_taken': _("Row %(other)s has a fee of this name already."),
            'fee_differs': _(
                "Fee %(name)s is set up otherwise in the register and is left as it is there. "
                "Enter a new price as a new version of its tariff."),
            'fee_without_tax': _(
                "Fee %(name)s comes in without tax. Choose the tax of the fees, or the bill run "
                "leaves it out."),
            'fee_starts_count': _(
                "%(fees)s fees, but %(starts)s start days. Each fee needs one, divided by #."),
            'fee_twice': _("A fee stands here twice: %(fees)s."),
            'unknown_fee_name': _(
                "Fee %(name)s does not exist. Create it under this name, or correct the name."),
            'history_not_allowed': _(
                "You may not bill, so the history is left out. A billing officer may import the "
                "workbook again."),
            'history_unpaid': _(
                "%(rest)s of %(amount)s were not received. The period comes in as closed; what is "
                "still owed is to be entered as an opening balance."),
            'history_overlap': _(
                "Unit %(unit)s is charged fee %(name)s from %(start)s to %(end)s already."),
            'history_differs': _(
                "This period is in the register with another amount, %(amount)s, and is left as "
                "it is there."),
            'unknown_fee': _("Fee %(number)s is not in the sheet of fees."),
            'assigned_already': _(
                "Unit %(unit)s pays fee %(name)s from %(start)s already. It is left as it is."),
        }

    def _get_occupancy_start(self, row):
        """ Who lives there pays from the first day of the first fee, so he is there by then. """
        fees, _fault = hc.parse_room_fees(row.get('fees'), row.get('fee_starts'))
        return min((start for _number, start in fees), default=super()._get_occupancy_start(row))

    # === AREAS === #

    def _save(self, load, name, model, planned, existing, rows=None):
        """ Override of `property_base`: an area by which a unit is billed is changed from a day on,
        which a workbook does not say.
        """
        if model == 'property.unit':
            for basis, field in UNIT_FIELDS.items():
                changed = {
                    existing[key]['id']: key for key, vals in planned.items()
                    if key in existing and vals.get(field, existing[key][field])
                    != existing[key][field]}
                for unit in self.env[model].browse(changed)._get_billed_by_area(basis).unit_id:
                    key = changed[unit.id]
                    area = planned[key].pop(field)
                    load.add(rows[key].issue(
                        WARNING, 'area_billed', field, unit=unit.complete_name, area=f'{area:.2f}',
                        billed=f'{existing[key][field]:.2f}'))
        return super()._save(load, name, model, planned, existing, rows)

    # === FEES === #

    def _load_fees(self, load):
        rows = [row for row in load.rows('fee') if row.get('fee') is not None]
        if not rows or not self._can_read_fees(load, rows):
            return
        rows = self._get_recurring_fees(load, rows)
        names = {row.get('fee'): row.get('name') for row in rows}
        existing_fees = {
            values['name']: values for values in self._read_existing(
                'property.fee',
                [('company_id', '=', self.company_id.id), ('name', 'in', list(names.values()))],
                ['name', 'tax_id'])
        }
        load.set_existing('fee', existing_fees)
        existing_tariffs = self._read_tariffs(load, existing_fees)
        load.set_existing('tariff', existing_tariffs)
        if not self.env['property.tariff'].has_access('create'):
            for row in rows:
                if row.get('name') not in existing_tariffs:
                    load.add(row.issue(
                        WARNING, 'fee_not_allowed', 'name', name=row.get('name')))
            rows = [row for row in rows if row.get('name') in existing_tariffs]
        self._save(
            load, 'fee', 'property.fee',
            {row.get('name'): self._prepare_fee_vals(load, row, existing_fees) for row in rows},
            existing_fees)
        planned = {}
        for row in rows:
            name = row.get('name')
            if name in existing_tariffs:
                planned[name] = {}
                self._compare_tariff(load, row, existing_tariffs[name])
            elif row.is_valid:
                planned[name] = self._prepare_tariff_vals(load, row)
        self._save(load, 'tariff', 'property.tariff', planned, existing_tariffs)
        created = self.env['property.tariff'].browse(filter(None, (
            load.ids['tariff'][name] for name in planned if name not in existing_tariffs)))
        if drafts := created.version_ids.filtered(lambda version: version.state == 'draft'):
            drafts.action_submit()  # who imports prices has nothing to add to them
        # The rooms name fees by the numbers of this workbook.
        load.ids['fee number'] = names

    def _can_read_fees(self, load, rows):
        if self.env['property.fee'].has_access('read'):
            return True
        load.add(rows[0].issue(INFO, 'fees_not_readable'))
        return False

    def _get_recurring_fees(self, load, rows):
        """ The rows of fees that come again, once per name. """
        recurring = {}
        for row in rows:
            name = row.get('name')
            if name is None:
                continue
            if row.get('repeats') == 'no':
                load.add(row.issue(WARNING, 'one_off_fee', 'repeats', name=name))
                continue
            if name in recurring:
                load.add(row.issue(
                    ERROR, 'fee_name_taken', 'name', other=recurring[name].number))
                continue
            recurring[name] = row
            if row.is_valid:
                version = hc.get_version(row)
                if not version['price'] + version['surcharge']:
                    load.add(row.issue(ERROR, 'no_price', 'price', name=name))
                if version['date_end'] < version['date_start']:
                    load.add(row.issue(
                        ERROR, 'ends_before_start', 'date_end',
                        start=version['date_start'], end=version['date_end']))
        return list(recurring.values())

    def _read_tariffs(self, load, fees):
        """ {fee name: values, with those of its versions} of the tariffs of this project: the one
        that its units pay, or the one with the project's name. """
        names = {values['id']: name for name, values in fees.items()}
        paid = {
            values['tariff_id'] for values in self._read_existing(
                'property.fee.assignment',
                [('project_id', '=', load.project.id), ('fee_id', 'in', list(names))],
                ['tariff_id'])
        }
        tariffs = self._read_existing(
            'property.tariff',
            ['&', ('fee_id', 'in', list(names)),
             '|', ('id', 'in', list(paid)), ('name', '=', load.project.name)],
            ['fee_id', *TARIFF_FIELDS])
        versions = defaultdict(list)
        for version in self._read_existing(
            'property.tariff.version', [('tariff_id', 'in', [values['id'] for values in tariffs])],
            ['tariff_id', *VERSION_FIELDS],
        ):
            versions[version['tariff_id']].append(version)
        return {
            names[values['fee_id']]: {**values, 'versions': versions[values['id']]}
            for values in sorted(tariffs, key=lambda values: values['id'] in paid)
        }

    def _prepare_fee_vals(self, load, row, existing):
        name = row.get('name')
        tax = {'tax_id': self.fee_tax_id.id} if self.fee_tax_id else {}
        if name in existing:
            is_open = not existing[name]['tax_id'] and self.env['property.fee'].has_access('write')
            return tax if is_open else {}
        if not tax:
            load.add(row.issue(INFO, 'fee_without_tax', 'name', name=name))
        return {
            'name': name, 'category': row.get('category'), 'company_id': self.company_id.id, **tax,
        }

    def _prepare_tariff_vals(self, load, row):
        """ One charge per cycle, counted from the day on which each room starts (decision 25). """
        return {
            'name': load.project.name,
            'fee_id': load.ids['fee'].get(row.get('name')),
            'split': 'anchored',
            'charge_per_cycle': True,
            'version_ids': [Command.create(hc.get_version(row))],
            **{name: row.get(name) for name in TARIFF_FIELDS},
        }

    def _compare_tariff(self, load, row, tariff):
        if not row.is_valid:
            return
        version = hc.get_version(row)
        if any(row.get(name) != tariff[name] for name in TARIFF_FIELDS) or not any(
                all(known[name] == version[name] for name in VERSION_FIELDS)
                for known in tariff['versions']):
            load.add(row.issue(WARNING, 'fee_differs', 'name', name=row.get('name')))

    # === ASSIGNMENTS === #

    def _load_assignments(self, load):
        rows = [row for row in load.rows('assignment') if row.get('fees')]
        if not rows or not self.env['property.fee'].has_access('read'):
            return
        if not self.env['property.fee.assignment'].has_access('create'):
            load.add(rows[0].issue(WARNING, 'assignments_not_allowed', 'fees'))
            return
        existing, paying = self._read_assignments(load)
        planned = {}
        for row in rows:
            unit = self._get_unit_key(load, row)
            fees, fault = hc.parse_room_fees(row.get('fees'), row.get('fee_starts'))
            if fault:
                code, column, values = fault
                load.add(row.issue(ERROR, code, column, **values))
            for number, start in fees if unit else ():
                name = load.ids['fee number'].get(number)
                if name is None:
                    self._tell_unknown_fee(load, row, number)
                    continue
                if name not in load.ids['tariff']:
                    continue  # left out, as its row says
                key = (unit, name, start)
                if key in existing:
                    planned[key] = {}
                elif (unit, name) in paying:
                    load.add(row.issue(
                        WARNING, 'assigned_already', 'fee_starts', unit=unit[3], name=name,
                        start=paying[unit, name]))
                else:
                    planned[key] = {
                        'unit_id': load.ids['unit'].get(unit),
                        'tariff_id': load.ids['tariff'][name],
                        'date_start': start,
                    }
        self._save(load, 'assignment', 'property.fee.assignment', planned, existing)

    def _tell_unknown_fee(self, load, row, number):
        """ Unless its row, or its whole sheet, is left out or wrong, which was said there. """
        if 'fee' not in load.unread and number not in {
                fee.get('fee') for fee in load.rows('fee')}:
            load.add(row.issue(ERROR, 'unknown_fee', 'fees', number=number))

    def _read_assignments(self, load):
        """ {(unit key, fee name, first day): values}, and the first day by unit and fee of those
        that go on: whatever the tariff, a unit pays a fee once. """
        fees = {fee_id: name for name, fee_id in load.ids['fee'].items() if fee_id}
        existing, paying = {}, {}
        for values in self._read_existing(
            'property.fee.assignment',
            [('project_id', '=', load.project.id), ('fee_id', 'in', list(fees))],
            ['unit_id', 'fee_id', 'date_start', 'date_end'],
        ):
            unit, name = load.keys['unit'][values['unit_id']], fees[values['fee_id']]
            existing[unit, name, values['date_start']] = values
            if not values['date_end']:
                paying[unit, name] = values['date_start']
        return existing, paying

    # === HISTORY === #

    def _load_history(self, load):
        """ What was charged and paid before this system: it is in no journal, and its days are
        not charged again. """
        rows = list(load.rows('history'))
        if not rows or not self._can_read_fees(load, rows):
            return
        if not self.env['property.charge'].has_access('write'):
            load.add(rows[0].issue(WARNING, 'history_not_allowed'))
            return
        fees = {
            values['name']: values['id'] for values in self._read_existing(
                'property.fee',
                [('company_id', '=', self.company_id.id),
                 ('name', 'in', [row.get('fee_name') for row in rows if row.get('fee_name')])],
                ['name'])
        }
        charged = self._read_charged(load, fees)
        existing = {
            (unit, name, values['date_start'], values['date_end']): values
            for (unit, name), charges in charged.items() for values in charges
            if values['state'] == 'closed'}
        planned = {}
        for row in rows:
            unit = self._get_unit_key(load, row)
            if unit is not None and not self._is_unit_known(load, row, unit):
                unit = None
            name = row.get('fee_name')
            # A fee that this workbook brings is created before its history is read.
            is_known = name in fees or name in load.ids['fee']
            if name is not None and not is_known:
                load.add(row.issue(ERROR, 'unknown_fee_name', 'fee_name', name=name))
            start, end = row.get('date_start'), row.get('date_end')
            if start and end and end <= start:
                load.add(row.issue(ERROR, 'ends_before_start', 'date_end', start=start, end=end))
            elif unit is not None and is_known and row.is_valid:
                fee_id = fees.get(name, load.ids['fee'].get(name))
                key = (unit, name, start, end - ONE_DAY)
                if self._check_history(load, row, key, existing, charged[unit, name]):
                    planned[key] = self._prepare_history_vals(load, row, key, fee_id)
                    charged[unit, name].append(
                        {'date_start': start, 'date_end': key[3], 'state': 'planned'})
        self._set_payers(load, planned, existing)
        # sudo: a charge is written by what computes it, never by hand; who may bill was checked.
        self.sudo()._save(
            load, 'history', 'property.charge',
            {key: {} if key in existing else vals for key, vals in planned.items()}, existing)

    def _read_charged(self, load, fees):
        """ {(unit key, fee name): values of its charges} """
        names = {fee_id: name for name, fee_id in fees.items()}
        charged = defaultdict(list)
        for values in self._read_existing(
            'property.charge',
            [('project_id', '=', load.project.id), ('fee_id', 'in', list(names)),
             ('kind', 'in', ('recurring', 'opening')),
             ('state', 'in', ('draft', 'posted', 'closed'))],
            ['unit_id', 'fee_id', 'date_start', 'date_end', 'state', 'amount'],
        ):
            charged[load.keys['unit'][values['unit_id']], names[values['fee_id']]].append(values)
        return charged

    def _check_history(self, load, row, key, existing, charges):
        """ Whether a row may come in, or has come in already. """
        unit, name, start, end = key
        amount = row.get('amount')
        if key in existing:
            if self.company_id.currency_id.compare_amounts(existing[key]['amount'], amount):
                load.add(row.issue(
                    WARNING, 'history_differs', 'amount', amount=existing[key]['amount']))
            return True
        for charge in charges:
            if charge['date_start'] <= end and start <= charge['date_end']:
                load.add(row.issue(
                    ERROR, 'history_overlap', 'date_start', unit=unit[3], name=name,
                    start=charge['date_start'], end=charge['date_end']))
                return False
        rest = amount - row.get('amount_paid')
        if self.company_id.currency_id.compare_amounts(rest, 0) > 0:
            load.add(row.issue(
                WARNING, 'history_unpaid', 'amount_paid', amount=f'{amount:.2f}',
                rest=f'{rest:.2f}'))
        return True

    def _prepare_history_vals(self, load, row, key, fee_id):
        unit, _name, start, end = key
        day = row.get('date_paid')
        return {
            'kind': 'opening', 'state': 'closed',
            'unit_id': load.ids['unit'].get(unit), 'fee_id': fee_id,
            'date_start': start, 'date_end': end, 'date_due': start,
            'amount': row.get('amount'),
            'explanation': {'history': {
                'paid': f"{row.get('amount_paid'):.2f}", 'day': day and day.isoformat(),
                'cashier': row.get('cashier'), 'note': row.get('note'),
            }},
        }

    def _set_payers(self, load, planned, existing):
        """ Who paid, as far as the register knows it: who had to on the first day. """
        if load.dry_run:
            return
        new = [vals for key, vals in planned.items() if key not in existing]
        units = self.env['property.unit'].browse({vals['unit_id'] for vals in new})
        payers = units._get_payers()
        roles = {
            fee.id: fee.payer_role
            for fee in self.env['property.fee'].browse({vals['fee_id'] for vals in new})}
        for vals in new:
            unit = units.browse(vals['unit_id'])
            vals['partner_id'] = payer_on(
                vals['date_start'], payers[unit][roles[vals['fee_id']]]) or False
