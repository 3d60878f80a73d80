from datetime import date

from odoo import Command
from odoo.tests import TransactionCase, new_test_user


class BillingCommon(TransactionCase):
    """ A Chinese company with its chart, one compound, one building, and a clerk. """

    chart_template = 'cn'

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env['base'].with_context(tracking_disable=True).env
        cls.company = cls._create_company("Jindong Property", cls.chart_template)
        cls.env.user.company_ids |= cls.company
        cls.env = cls.env['base'].with_company(cls.company).with_context(
            allowed_company_ids=cls.company.ids).env
        cls.company = cls.company.with_env(cls.env)
        cls.project = cls.env['property.project'].create({
            'name': "Emerald Garden", 'company_id': cls.company.id,
        })
        cls.building = cls.env['property.building'].create({
            'name': "1", 'project_id': cls.project.id,
        })
        cls.chart = cls.env['account.chart.template'].with_company(cls.company)
        cls.tax = cls.chart.ref('property_billing_tax_6')
        cls.income_account = cls.company.property_income_account_id
        cls.clerk = cls._create_user('clerk', 'property_billing.group_billing_officer')
        cls.manager = cls._create_user(
            'billing_manager', 'property_billing.group_billing_manager')
        cls.project.user_ids |= cls.clerk + cls.manager

    @classmethod
    def _create_company(cls, name, chart_template='cn'):
        company = cls.env['res.company'].create({
            'name': name, 'country_id': cls.env.ref('base.cn').id,
        })
        cls.env['account.chart.template'].try_loading(chart_template, company)
        cls.env.cr.precommit.run()  # a new chart is finished before commit
        return company

    @classmethod
    def _create_user(cls, login, groups, company=None):
        """ A user of one company, without projects. """
        company = company or cls.company
        return new_test_user(
            cls.env, login, groups,
            company_id=company.id, company_ids=[Command.set(company.ids)])

    @classmethod
    def _create_unit(cls, name, area=100.0, owner="Owner", since='2019-01-01', **vals):
        """ A flat with its owner; `owner` may be a partner, a name, or None. """
        unit = cls.env['property.unit'].create({
            'name': name, 'building_id': cls.building.id, 'building_area': area, **vals,
        })
        if owner:
            partner = owner if not isinstance(owner, str) else cls.env['res.partner'].create(
                {'name': f"{owner} {name}"})
            cls._move_in(unit, partner, since)
        return unit

    @classmethod
    def _measure_unit(cls, unit, area, since):
        """ The unit is charged by another area from a day on. """
        return cls.env['property.unit.area'].create({
            'unit_id': unit.id, 'area': area, 'kind': 'measured', 'date_start': since})

    @classmethod
    def _move_in(cls, unit, partner, since, until=False, role='owner', share=100.0, **vals):
        return cls.env['property.occupancy'].create({
            'unit_id': unit.id, 'partner_id': partner.id, 'role': role, 'date_start': since,
            'date_end': until, 'share': share, **vals,
        })

    @classmethod
    def _create_fee(cls, name="Property fee", **vals):
        return cls.env['property.fee'].create({
            'name': name, 'company_id': cls.company.id, 'tax_id': cls.tax.id,
            'account_id': cls.income_account.id, **vals,
        })

    @classmethod
    def _create_tariff(cls, fee, prices=(('2015-01-01', False, 1.0),), surcharge=0.0, **vals):
        """ A tariff with its prices: (from, to, price). """
        return cls.env['property.tariff'].create({
            'name': f"Tariff {fee.name}", 'fee_id': fee.id,
            'version_ids': [
                Command.create({
                    'date_start': start, 'date_end': end, 'price': price, 'surcharge': surcharge})
                for start, end, price in prices
            ],
            **vals,
        })

    @classmethod
    def _assign(cls, unit, tariff, since, until=False, **vals):
        return cls.env['property.fee.assignment'].create({
            'unit_id': unit.id, 'tariff_id': tariff.id, 'date_start': since, 'date_end': until,
            **vals,
        })

    @classmethod
    def _create_run(cls, date_end, **vals):
        return cls.env['property.bill.run'].create({
            'project_id': cls.project.id, 'date_end': date_end, 'date_invoice': date_end, **vals,
        })

    def _preview(self, date_end, **vals):
        """ A run of the clerk, previewed. """
        run = self._create_run(date_end, **vals).with_user(self.clerk)
        run.action_preview()
        self.assertEqual(run.state, 'preview')
        return run

    def _periods(self, charges):
        return [
            (str(charge.date_start), str(charge.date_end), charge.amount)
            for charge in charges.sorted('date_start')
        ]

    @classmethod
    def _reverse(cls, bills, reason="wrong area", date=None):
        """ All that is owed of these bills is credited, as undoing a run does. """
        return bills.line_ids.property_charge_id._credit(reason, date)


class LedgerCommon(BillingCommon):
    """ Two rooms, their payers, a fee of each kind, and builders for what is posted. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.owner, cls.neighbour = cls.env['res.partner'].create([
            {'name': "Zhang Wei"}, {'name': "Li Na"},
        ])
        cls.unit_1011 = cls._create_unit('1011', owner=cls.owner)
        cls.unit_1012 = cls._create_unit('1012', owner=cls.neighbour)
        cls.property_fee = cls._create_fee("Property fee", sequence=1)
        cls.parking_fee = cls._create_fee("Parking fee", sequence=2)
        cls.water_fee = cls._create_money_of_others("Water", 'agency', sequence=3)
        cls.bank_journal = cls.env['account.journal'].search([
            ('company_id', '=', cls.company.id), ('type', '=', 'bank'),
        ], limit=1)

    @classmethod
    def _create_money_of_others(cls, name, nature, **vals):
        return cls.env['property.fee'].create({
            'name': name, 'company_id': cls.company.id, 'nature': nature, **vals,
        })

    @classmethod
    def _create_charge(cls, amount, fee=None, unit=None, partner=None, **vals):
        return cls.env['property.charge'].create({
            'kind': 'temporary',
            'fee_id': (fee or cls.property_fee).id,
            'unit_id': (unit or cls.unit_1011).id,
            'partner_id': (partner or cls.owner).id,
            'date_start': date(2026, 1, 1),
            'date_end': date(2026, 1, 31),
            'date_due': date(2026, 1, 31),
            'amount': amount,
            **vals,
        })

    @classmethod
    def _post(cls, charges, date_invoice=date(2026, 1, 1)):
        return charges._create_bills(date_invoice)

    def tearDown(self):
        self.assertBooksBalance()
        super().tearDown()

    def assertBooksBalance(self):
        """ Every story ends with books that balance (design 5). """
        wrong = [check for check in self.env['property.doctor'].run() if not check['ok']]
        self.assertFalse(wrong)

    def assertBalances(self, move, expected):
        """ :param dict expected: the sum of the balances per account """
        found = {}
        for line in move.line_ids:
            found[line.account_id] = found.get(line.account_id, 0) + line.balance
        self.assertEqual(
            {account: round(balance, 2) for account, balance in found.items()}, expected)


class FundCommon(LedgerCommon):
    """ A project whose service charges are held in trust, its fund, and who is paid from it. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.project.charging_regime = 'commission'
        cls.trust_fee = cls._create_money_of_others("Property fee (commission)", 'trust')
        cls.fund = cls._create_fund("Service charges", 'trust')
        cls.supplier = cls.env['res.partner'].create({'name': "Cleaners", 'is_company': True})
        cls.expense_account = cls.env['account.account'].search(
            [('company_ids', 'in', cls.company.ids), ('account_type', '=', 'expense')], limit=1)

    @classmethod
    def _create_fund(cls, name, kind, **vals):
        return cls.env['property.fund'].create({
            'name': name, 'project_id': cls.project.id, 'kind': kind, **vals})

    @classmethod
    def _create_supplier_bill(cls, amount, account, day='2026-01-31', project=None, **vals):
        """ A draft bill of a supplier, paid out of what stands on an account. """
        return cls.env['account.move'].create({
            'move_type': 'in_invoice',
            'partner_id': cls.supplier.id,
            'invoice_date': day,
            'date': day,
            'property_project_id': (cls.project if project is None else project).id,
            'invoice_line_ids': [Command.create({
                'name': "Work", 'quantity': 1, 'price_unit': amount, 'tax_ids': False,
                'account_id': account.id, **vals})],
        })

    @classmethod
    def _create_entry(cls, lines, day='2026-01-31', project=None):
        """ A draft entry; positive amounts are debits.

        :param lines: `(account, amount, further values)` of each
        """
        return cls.env['account.move'].create({
            'move_type': 'entry',
            'date': day,
            'property_project_id': (cls.project if project is None else project).id,
            'line_ids': [
                Command.create({'account_id': account.id, 'balance': amount, **vals})
                for account, amount, vals in lines],
        })

    @classmethod
    def _fill(cls, fund, amount, day='2025-12-31', **vals):
        """ What was in a fund before. """
        entry = cls._create_entry(
            [(cls.bank_journal.default_account_id, amount, {}), (fund.account_id, -amount, vals)],
            day)
        entry.action_post()
        return entry


class PaymentCommon(LedgerCommon):
    """ One bill of two charges: 857.57 due in January, 343.68 due in February. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first = cls._create_charge(857.57)
        cls.second = cls._create_charge(
            343.68, cls.parking_fee, date_due=date(2026, 2, 28))
        cls.charges = cls.first + cls.second
        cls.bill = cls._post(cls.charges)
