from datetime import date

from odoo import Command
from odoo.tests import TransactionCase, new_test_user


class BillingCommon(TransactionCase):
    """ A property company with a small compound, its fees, and builders for the rest. """

    chart_template = 'cn'

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, 'tracking_disable': True})
        cls.company = cls._create_company("Evergreen Property", cls.chart_template)
        cls.env.user.write({
            'company_ids': [Command.link(cls.company.id)],
            'company_id': cls.company.id,
        })
        cls.env = cls.env(context={
            **cls.env.context, 'allowed_company_ids': cls.company.ids,
        })
        cls.chart = cls.env['account.chart.template'].with_company(cls.company)
        cls.project, cls.building = cls._create_project("Lotus Garden")
        cls.unit_1011, cls.unit_1012 = cls._create_units(cls.building, ['1011', '1012'])
        cls.owner, cls.neighbour = cls.env['res.partner'].create([
            {'name': "Zhang Wei"}, {'name': "Li Na"},
        ])
        cls.property_fee = cls._create_fee("Property fee", tax='6', sequence=1)
        cls.parking_fee = cls._create_fee("Parking fee", tax='6', sequence=2)
        cls.water_fee = cls._create_fee("Water", nature='agency', sequence=3)
        cls.bank_journal = cls.env['account.journal'].search([
            ('company_id', '=', cls.company.id), ('type', '=', 'bank'),
        ], limit=1)

    # === BUILDERS === #

    @classmethod
    def _create_company(cls, name, chart_template):
        company = cls.env['res.company'].create({
            'name': name, 'country_id': cls.env.ref('base.cn').id,
        })
        cls.env['account.chart.template'].try_loading(chart_template, company)
        cls.env.cr.precommit.run()  # a new chart is finished before commit
        return company

    @classmethod
    def _create_project(cls, name):
        project = cls.env['property.project'].create({
            'name': name, 'company_id': cls.company.id,
        })
        building = cls.env['property.building'].create({
            'name': "Building 1", 'project_id': project.id,
        })
        return project, building

    @classmethod
    def _create_units(cls, building, names):
        return cls.env['property.unit'].create([
            {'name': name, 'building_id': building.id, 'project_id': building.project_id.id}
            for name in names
        ])

    @classmethod
    def _create_fee(cls, name, tax=None, nature='income', **vals):
        return cls.env['property.fee'].create({
            'name': name,
            'company_id': cls.company.id,
            'nature': nature,
            'tax_id': tax and cls.chart.ref(f'property_billing_tax_{tax}').id,
            **vals,
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

    # === ASSERTIONS === #

    def assertBalances(self, move, expected):
        """ :param dict expected: the sum of the balances per account """
        found = {}
        for line in move.line_ids:
            found[line.account_id] = found.get(line.account_id, 0) + line.balance
        self.assertEqual(
            {account: round(balance, 2) for account, balance in found.items()}, expected)


class BillRunCommon(BillingCommon):
    """ Who runs bills, and builders for what a run reads. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk, cls.manager = (
            cls._create_user(f'billing_{level}', f'property_billing.group_billing_{level}')
            for level in ('officer', 'manager')
        )
        cls.project.user_ids |= cls.clerk + cls.manager

    @classmethod
    def _create_user(cls, login, groups, company=None):
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
    def _move_in(cls, unit, partner, since, until=False, role='owner', share=100.0, **vals):
        return cls.env['property.occupancy'].create({
            'unit_id': unit.id, 'partner_id': partner.id, 'role': role, 'date_start': since,
            'date_end': until, 'share': share, **vals,
        })

    @classmethod
    def _create_fee(cls, name="Management fee", tax='6', nature='income', **vals):
        return super()._create_fee(
            name, tax=tax if nature == 'income' else None, nature=nature, **vals)

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
