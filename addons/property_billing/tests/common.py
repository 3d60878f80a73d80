from odoo import Command
from odoo.tests import TransactionCase, new_test_user


class BillingCommon(TransactionCase):
    """ A Chinese company with its chart, one compound, one building, and a clerk. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env['base'].with_context(tracking_disable=True).env
        cls.company = cls._create_company("Jindong Property")
        cls.env.user.company_ids |= cls.company
        cls.env = cls.env['base'].with_company(cls.company).with_context(
            allowed_company_ids=cls.company.ids).env
        cls.project = cls.env['property.project'].create({
            'name': "Emerald Garden", 'company_id': cls.company.id,
        })
        cls.building = cls.env['property.building'].create({
            'name': "1", 'project_id': cls.project.id,
        })
        cls.tax = cls.env['account.tax'].create({
            'name': "6 % included", 'amount': 6, 'type_tax_use': 'sale',
            'price_include_override': 'tax_included', 'company_id': cls.company.id,
        })
        cls.income_account = cls.env['account.account'].search([
            ('company_ids', 'in', cls.company.ids), ('account_type', '=', 'income'),
        ], limit=1)
        cls.clerk = new_test_user(
            cls.env, 'clerk', 'property_billing.group_billing_officer',
            company_id=cls.company.id, company_ids=[Command.set(cls.company.ids)])
        cls.manager = new_test_user(
            cls.env, 'billing_manager', 'property_billing.group_billing_manager',
            company_id=cls.company.id, company_ids=[Command.set(cls.company.ids)])
        cls.project.user_ids |= cls.clerk + cls.manager

    @classmethod
    def _create_company(cls, name):
        company = cls.env['res.company'].create({
            'name': name, 'country_id': cls.env.ref('base.cn').id,
        })
        cls.env['account.chart.template'].try_loading('cn', company)
        cls.env.cr.precommit.run()
        return company

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
