from datetime import date

from odoo import Command
from odoo.tests import tagged

from .common_meter import MeterCommon
from .common_shared import SharedCommon

NEW_YEARS_EVE = '2024-12-31'
QUARTERS = ('2025-03-31', '2025-06-30', '2025-09-30', '2025-12-31')


@tagged('post_install', '-at_install')
class TestStoryMeters(SharedCommon, MeterCommon):
    """ A year of a metered building: flats A to D of 80, 90, 100 and 120 m², read each quarter.

    Water costs 5.00, above 180 m³ a year 7.00, above 260 m³ 9.00; the waterworks charge 5.00 for
    what the main meter counts. All figures are computed by hand.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.waterworks = cls.env['res.partner'].create({'name': "Waterworks", 'is_company': True})
        (cls.water_fee + cls.shared_fee).beneficiary_id = cls.waterworks
        cls.tiered = cls.env['property.tariff'].create({
            'name': "Tiers of the year", 'fee_id': cls.water_fee.id, 'basis': 'metered',
            'cycle_months': 3, 'version_ids': [Command.create({
                'date_start': '2020-01-01', 'price': 5, 'tier_ids': [
                    Command.create({'above': 180, 'price': 7}),
                    Command.create({'above': 260, 'price': 9})]})]})
        cls.flat_price = cls.env['property.tariff'].create({
            'name': "As the waterworks", 'fee_id': cls.water_fee.id, 'basis': 'metered',
            'version_ids': [Command.create({'date_start': '2020-01-01', 'price': 5})]})
        cls.main = cls._create_meter('MAIN', first='1000', since=NEW_YEARS_EVE)
        cls.flats, cls.meters = {}, {}
        for name, area, first in (
                ('A', 80, '1000'), ('B', 90, '99950'), ('C', 100, '200'), ('D', 120, '500')):
            unit = cls._create_unit(name, area)
            meter = cls._create_meter(
                f'W-{name}', unit, first=first, since=NEW_YEARS_EVE, parent_id=cls.main.id)
            cls.env['property.fee.assignment'].create({
                'unit_id': unit.id, 'tariff_id': cls.tiered.id, 'meter_id': meter.id,
                'date_start': '2025-01-01'})
            cls.flats[name], cls.meters[name] = unit, meter
        cls.garden = cls._create_meter(
            'GARDEN', first='0', since=NEW_YEARS_EVE, parent_id=cls.main.id)
        cls.seller = cls.flats['D'].owner_ids
        cls.buyer = cls.env['res.partner'].create({'name': "Zhao Min"})

    @classmethod
    def _read(cls, meter, day, value, register='total', **vals):
        """ Override: what seems odd was looked at, and is right. """
        reading = super()._read(meter, day, value, register, **vals)
        if reading.state == 'queued' and reading.reason != 'decrease':
            reading.action_accept()
        return reading

    def _read_quarter(self, day, **values):
        return {
            name: self._read(self.meters[name], day, value) for name, value in values.items()}

    def _run(self, day, fee=None):
        run = self._create_run(day, fee_ids=[Command.set((fee or self.water_fee).ids)])
        run = run.with_user(self.clerk).with_context(queue_job__no_delay=True)
        run.action_preview()
        run.action_post()
        self.assertEqual(run.state, 'posted')
        self.env.flush_all()
        return run

    def _bill(self, day):
        """ What a run charges each flat, and what that comes to; the books hold. """
        run = self._run(day)
        self.assertBooksBalance()
        return run, self._get_amounts(run)

    def _get_amounts(self, run):
        amounts = {}
        for charge in run.charge_ids.sorted('date_start'):
            amounts.setdefault(charge.unit_id.name, []).append(charge.amount)
        return amounts

    def _exchange(self):
        """ 10 May: D's old meter showed 560, the new one begins with 2. """
        self.meters['D'].with_user(self.clerk)._exchange(
            date(2025, 5, 10), {'total': '560'}, 'W-D2', {'total': '2'}, 1, 5, 0, "Broken")

    def _sell(self):
        """ D is sold, the buyer has it from 16 May on. """
        occupancy = self.flats['D'].occupancy_ids
        occupancy.date_end = '2025-05-15'
        occupancy.flush_recordset()
        self._move_in(self.flats['D'], self.buyer, '2025-05-16')

    def _read_agency(self):
        """ Of the waterworks: collected, passed on, difference. """
        [row] = self.env['property.fund.report']._read_group(
            [('role', '=', 'agency'), ('company_id', '=', self.company.id),
             ('beneficiary_id', '=', self.waterworks.id)], [],
            ['amount_in:sum', 'amount_out:sum', 'amount_balance:sum'])
        return row

    def _read_loss(self):
        """ What the main meter counted, those behind it, and the difference, also in percent. """
        self.env.flush_all()
        [row] = self.env['property.meter.loss.report']._read_group(
            [('meter_id', '=', self.main.id)], [],
            ['use_main:sum', 'use_subs:sum', 'loss:sum', 'loss_percent:avg'])
        return tuple(round(float(figure), 2) for figure in row)

    def test_a_year(self):
        """[B31] [B32] [B34] [B36] [B45] Read, estimated, exchanged, sold, shared, undone. """
        # First quarter: 90, 30, 50 and 40 m³ at 5.00.
        self._read_quarter(QUARTERS[0], A='1090', B='99980', C='250', D='540')
        _run, amounts = self._bill(QUARTERS[0])
        self.assertEqual(amounts, {'A': [450], 'B': [150], 'C': [250], 'D': [200]})

        # Second quarter. A 90 × 5 + 10 × 7. B's dial goes over zero, 99,980 to 10: 30 m³. Nobody
        # is in at C: 50 of 90 days × 91 = 50.55, so 300. D's meter is exchanged: 20 of the old
        # one; it is read when it is sold, 5 less 2: 23 m³ of the seller, 22 of the buyer.
        self._exchange()
        self._read(self.meters['D'], '2025-05-15', '5', source='handover')
        self._sell()
        odd = self._read_quarter(QUARTERS[1], A='1190', B='10', D='27')['B']
        self.assertEqual((odd.state, odd.reason), ('queued', 'decrease'))
        self._decide(odd, 'rollover').action_confirm()
        estimates, unknown = self.meters['C'].with_user(self.clerk)._estimate(
            date(2025, 6, 30), "Nobody in")
        self.assertFalse(unknown)
        self.assertEqual(estimates.mapped('value'), [300])
        second, amounts = self._bill(QUARTERS[1])
        self.assertEqual(
            amounts, {'A': [520], 'B': [150], 'C': [250], 'D': [115, 110]})
        self.assertEqual(
            second.charge_ids.filtered(
                lambda charge: charge.unit_id == self.flats['D']).sorted('date_start').partner_id,
            self.seller + self.buyer)

        # Third quarter: A 70 × 7 + 10 × 9, and C is read again: 350, 50 more than estimated.
        self._read_quarter(QUARTERS[2], A='1270', B='40', C='350', D='77')
        _run, amounts = self._bill(QUARTERS[2])
        self.assertEqual(amounts, {'A': [580], 'B': [150], 'C': [250], 'D': [250]})

        # Fourth quarter: A 30 × 9, C 30 × 5 + 20 × 7; D comes to 180, which is the limit itself.
        self._read_quarter(QUARTERS[3], A='1300', B='70', C='400', D='122')
        fourth, amounts = self._bill(QUARTERS[3])
        last = {'A': [270], 'B': [150], 'C': [290], 'D': [225]}
        self.assertEqual(amounts, last)
        self.assertEqual(fourth.amount_total, 935)
        for meter in self.meters.values():
            self.assertChain(meter)

        # 860 by the main meter, 800 by the flats: 60 m³ of garden and loss × 5.00 by area. D's
        # part by days, 135 the seller's and 230 the buyer's: 34.14 and 58.17.
        self._read(self.main, QUARTERS[3], '1860')
        self._read(self.garden, QUARTERS[3], '40')
        self.assertEqual(self._read_loss(), (860, 840, 20, 2.33))
        key = self._create_key(
            level='units', building_ids=False,
            unit_ids=[Command.set([unit.id for unit in self.flats.values()])])
        cost = self._create_cost(
            key, name="Water of all", origin='meter', meter_id=self.main.id, meter_use='rest',
            tariff_id=self.flat_price.id, date_start=date(2025, 1, 1), date_end=date(2025, 12, 31))
        cost._divide()
        self.assertEqual(
            self._parts(cost), {'A': 61.54, 'B': 69.23, 'C': 76.92, 'D': 92.31})
        self.assertEqual(self._get_amounts(self._run(QUARTERS[3], self.shared_fee)), {
            'A': [61.54], 'B': [69.23], 'C': [76.92], 'D': [34.14, 58.17]})
        self.assertBooksBalance()

        # 4,360.00 and 300.00 are collected for the waterworks, who ask 860 × 5.00 = 4,300.00.
        bill = self._receive_bill(4300, day='2026-01-15', post=False)
        bill.move_id.write({'partner_id': self.waterworks.id})
        bill.write({
            'property_fee_id': self.water_fee.id, 'quantity': 860, 'price_unit': 5,
            'property_date_start': '2025-01-01', 'property_date_end': '2025-12-31'})
        bill.move_id.property_project_id = self.project
        bill.move_id.action_post()
        self.assertEqual(self._read_agency(), (4660, 4300, 360))
        self.assertBooksBalance()

        # The last quarter is taken back, and billed again: the same to the cent. Now that the
        # waterworks have asked 5.00 a m³, A's 9.00 and C's 5.80 are flagged.
        fourth.with_user(self.manager)._undo("Wrong day", date(2025, 12, 31), 'keep')
        self.assertEqual(fourth.state, 'undone')
        self.assertEqual(self._read_agency(), (3725, 4300, -575))
        self.assertBooksBalance()
        again, amounts = self._bill(QUARTERS[3])
        self.assertEqual((amounts, again.amount_total), (last, 935))
        self.assertEqual(
            set(again.charge_ids.filtered('has_mark_up').unit_id.mapped('name')), {'A', 'C'})
        self.assertEqual(self._read_agency(), (4660, 4300, 360))
        self.assertEqual(
            {name: sum(
                charge.amount for charge in meter.assignment_ids.charge_ids
                if charge.state == 'posted') for name, meter in self.meters.items()},
            {'A': 1820, 'B': 600, 'C': 1040, 'D': 900})
        self._true_up_pumps(key)

    def _true_up_pumps(self, by_area):
        """ What drives the pumps was paid ahead, 0.27 a month and m²: A 259.20, B 291.60, C 324.00;
        of D's 32.40 a month the seller four and 15 of the 31 days of May, 145.28, the buyer
        243.52. Power of 1,170.00 by area and a guard of 120.00 by household, who is paid by an
        entry, come to 270, 300, 330 and 390; of D's 360 and 30 the seller bears 135 of 365 days,
        133.15 and 11.10.
        """
        fee = self._create_money_of_others("Pumps", 'agency')
        tariff = self._create_tariff(fee, [('2025-01-01', False, 0.27)])
        for unit in self.flats.values():
            self._assign(unit, tariff, '2025-01-01', '2025-12-31')
        self._run(QUARTERS[3], fee)
        by_household = by_area.copy({'name': "Pumps by household", 'basis': 'household'})
        budget = self.env['property.budget'].with_user(self.clerk).create({
            'name': "Pumps 2025", 'project_id': self.project.id,
            'date_start': '2025-01-01', 'date_end': '2025-12-31',
            'advance_fee_ids': [Command.set(fee.ids)],
            'line_ids': [
                Command.create({'name': "Power", 'key_id': by_area.id, 'amount_planned': 1200}),
                Command.create({
                    'name': "Guard", 'key_id': by_household.id, 'amount_planned': 120})]})
        budget.action_submit()
        manager = budget.with_user(self.manager).with_context(queue_job__no_delay=True)
        manager.action_approve()
        manager.action_publish()
        power = self._receive_bill(1170, day=QUARTERS[3], post=False)
        power.move_id.property_project_id = self.project
        power.property_budget_line_id = budget.line_ids[0]
        expense = self.env['account.account'].search([
            ('company_ids', 'in', self.company.ids), ('account_type', '=', 'expense')], limit=1)
        guard = self.env['account.move'].create({
            'move_type': 'entry', 'date': QUARTERS[3], 'property_project_id': self.project.id,
            'line_ids': [
                Command.create({
                    'account_id': expense.id, 'balance': 120,
                    'property_budget_line_id': budget.line_ids[1].id}),
                Command.create({
                    'account_id': self.bank_journal.default_account_id.id, 'balance': -120})]})
        (power.move_id + guard).action_post()
        self.env.invalidate_all()
        budget.action_divide_costs()
        manager._start_true_up(date(2026, 1, 31), 30)
        self.env.invalidate_all()
        self.assertEqual(budget.state, 'trued_up')
        self.assertEqual(
            {(one['unit'].name, one['partner']): (one['cost'], one['advances'], one['settled'])
             for one in budget._get_statements()},
            {('A', self.flats['A'].owner_ids): (270, 259.2, 10.8),
             ('B', self.flats['B'].owner_ids): (300, 291.6, 8.4),
             ('C', self.flats['C'].owner_ids): (330, 324, 6),
             ('D', self.seller): (144.25, 145.28, -1.03),
             ('D', self.buyer): (245.75, 243.52, 2.23)})
        self.assertEqual((budget.amount_charged, budget.amount_credited), (27.43, 1.03))
        self.assertBooksBalance()

    def test_sold_without_a_reading(self):
        """[B33] 45 m³ in 91 days, of which the exchange is one: 45 and 46 days, 111.26 and
        113.74.
        """
        self._read_quarter(QUARTERS[0], D='540')
        self._bill(QUARTERS[0])
        self._exchange()
        self._sell()
        self._read_quarter(QUARTERS[1], D='27')
        _run, amounts = self._bill(QUARTERS[1])
        self.assertEqual(amounts['D'], [111.26, 113.74])

    def test_electricity_by_hours_and_tiers(self):
        """[B36] 300 × 0.5583 + 150 × 0.3583, and 0.05 more for 170 and 0.30 more for 50 kWh:
        167.49 + 53.745 + 8.50 + 15.00 = 244.74.
        """
        power_fee = self._create_money_of_others("Power", 'agency')
        self.time_of_use_type.fee_id = power_fee
        tariff = self.env['property.tariff'].create({
            'name': "Hours and tiers", 'fee_id': power_fee.id, 'basis': 'metered',
            'account_period': 'month', 'version_ids': [Command.create({
                'date_start': '2020-01-01', 'price': 0,
                'component_ids': [
                    Command.create({'basis': 'use', 'register': 'peak', 'price': 0.5583}),
                    Command.create({'basis': 'use', 'register': 'valley', 'price': 0.3583})],
                'tier_ids': [
                    Command.create({'above': 230, 'price': 0.05}),
                    Command.create({'above': 400, 'price': 0.30})]})]})
        meter = self._create_meter('E-A', self.flats['A'], type_id=self.time_of_use_type.id)
        for register, first in (('peak', '1000'), ('valley', '500')):
            self._read(meter, '2025-11-30', first, register, kind='first')
        for register, last in (('peak', '1300'), ('valley', '650')):
            self._read(meter, '2025-12-31', last, register)
        self.env['property.fee.assignment'].create({
            'unit_id': self.flats['A'].id, 'tariff_id': tariff.id, 'meter_id': meter.id,
            'date_start': '2025-12-01'})
        self.assertEqual(
            self._get_amounts(self._run('2025-12-31', power_fee)), {'A': [244.74]})
        self.assertBooksBalance()
