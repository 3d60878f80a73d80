from datetime import date

from odoo import Command

from ..tools.periods import ONE_DAY
from .common import FundCommon
from .common_shared import SharedCommon

AREAS = {'A': 80, 'B': 90, 'C': 100, 'D': 120}


class BudgetCommon(SharedCommon, FundCommon):
    """ Four flats of 80, 90, 100 and 120 m² that pay 3.30 per m² ahead in 2025; D is sold to E on
    1 July. Cleaning comes to 12,600.00 by area, the lift to 3,300.00 by household.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.units = cls.env['property.unit'].union(*(
            cls._create_unit(name, area=area) for name, area in AREAS.items()))
        cls.owners = {unit.name: unit.owner_ids for unit in cls.units}
        cls.buyer = cls.env['res.partner'].create({'name': "Owner E"})
        flat_d = cls.units[3]
        flat_d.occupancy_ids.date_end = date(2025, 7, 1) - ONE_DAY
        flat_d.occupancy_ids.flush_recordset()
        cls._move_in(flat_d, cls.buyer, '2025-07-01')
        cls.tariff = cls._create_tariff(cls.trust_fee, [('2020-01-01', False, 3.3)])
        for unit in cls.units:
            cls._assign(unit, cls.tariff, '2025-01-01', '2025-12-31')
        cls.by_area = cls._create_key('area')
        cls.by_household = cls._create_key('household')
        cls.budget = cls.env['property.budget'].with_user(cls.clerk).create({
            'name': "Budget 2025", 'project_id': cls.project.id,
            'date_start': '2025-01-01', 'date_end': '2025-12-31',
            'advance_fee_ids': [Command.set(cls.trust_fee.ids)], 'fund_id': cls.fund.id,
            'line_ids': [
                Command.create({
                    'name': "Cleaning", 'key_id': cls.by_area.id, 'amount_planned': 12444}),
                Command.create({
                    'name': "Lift", 'key_id': cls.by_household.id, 'amount_planned': 3000})],
        })
        cls.cleaning, cls.lift = cls.budget.line_ids

    @classmethod
    def _approve(cls):
        cls.budget.action_submit()
        cls.budget.with_user(cls.manager).action_approve()

    def _charge_advances(self, until='2025-12-31', **vals):
        run = self._create_run(until, **vals).with_user(self.clerk).with_context(
            queue_job__no_delay=True)
        run.action_preview()
        run.action_post()
        self.assertEqual(run.state, 'posted')
        return run

    @classmethod
    def _spend(cls, line, amount, move_type='in_invoice', day='2025-12-20', **vals):
        bill = cls._create_supplier_bill(
            amount, cls.fund.account_id, day=day, property_budget_line_id=line.id, **vals)
        bill.move_type = move_type
        bill.action_post()
        return bill.invoice_line_ids

    def _spend_all(self):
        self._spend(self.cleaning, 12600)
        self._spend(self.lift, 3300)
        self.env.invalidate_all()
        self.budget.action_divide_costs()

    def _open_true_up(self, day='2026-01-31'):
        """ The page that shows what is to be settled. """
        self.env.invalidate_all()
        action = self.budget.with_user(self.manager).action_true_up()
        return self.env['property.budget.true.up'].with_user(self.manager).with_context(
            **action['context'], queue_job__no_delay=True).create({'date': day})

    def _true_up(self, day='2026-01-31'):
        self._open_true_up(day).action_true_up()
        self.env.invalidate_all()

    def _differences(self):
        self.env.invalidate_all()
        return {
            self.env['res.partner'].browse(account.partner_id).name: account.amount
            for account in self.budget._plan_true_up() if account.amount}
