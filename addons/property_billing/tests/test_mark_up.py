from datetime import date

from odoo import Command
from odoo.tests import tagged

from .common_meter import MeterCommon
from .common_shared import SharedCommon


@tagged('post_install', '-at_install')
class TestMarkUp(MeterCommon):
    """ [decision 24] Electricity of March 2026 at 0.62, for which the utility asked 0.60. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tariff = cls.env['property.tariff'].create({
            'name': "By meter", 'fee_id': cls.water_fee.id, 'basis': 'metered',
            'version_ids': [Command.create({'date_start': '2020-01-01', 'price': 0.62})]})
        for number, unit, used in (('E-1', cls.unit_1011, 300), ('E-2', cls.unit_1012, 50)):
            meter = cls._create_meter(number, unit, first='0', since='2026-02-28')
            reading = cls._read(meter, '2026-03-31', str(used))
            if reading.state == 'queued':
                reading.action_accept()
            cls.env['property.fee.assignment'].create({
                'unit_id': unit.id, 'tariff_id': cls.tariff.id, 'meter_id': meter.id,
                'date_start': '2026-03-01'})
        cls.utility = cls.env['res.partner'].create({'name': "State Grid"})

    def _receive(self, amount, quantity, start='2026-03-01', end='2026-03-31', **vals):
        """ A bill of the utility. """
        bill = self.env['account.move'].create({
            'move_type': 'in_invoice', 'partner_id': self.utility.id, 'date': '2026-04-05',
            'invoice_date': '2026-04-05', 'ref': f'{amount} {quantity} {start}',
            'property_project_id': self.project.id,
            'invoice_line_ids': [Command.create({
                'name': "Electricity", 'quantity': quantity, 'price_unit': amount / quantity,
                'account_id': self.water_fee.account_id.id, 'property_fee_id': self.water_fee.id,
                'property_date_start': start, 'property_date_end': end,
                'tax_ids': [Command.clear()]})],
            **vals})
        bill.action_post()
        return bill

    def _preview_march(self):
        run = self.env['property.bill.run'].search([('project_id', '=', self.project.id)])
        run = run or self.env['property.bill.run'].create({
            'project_id': self.project.id, 'date_end': '2026-03-31',
            'date_invoice': '2026-03-31', 'fee_ids': [Command.set(self.water_fee.ids)],
        })
        run = run.with_user(self.clerk).with_context(queue_job__no_delay=True)
        run.action_preview()
        self.assertEqual(set(run.charge_ids.mapped('state')), {'draft'})
        return run

    def _texts(self, run):
        return {charge.mark_up_text for charge in run.charge_ids}

    def test_dearer_than_the_supplier(self):
        """ 6,000.00 for 10,000 kWh: both charges are flagged, and posted all the same. """
        self._receive(6000, 10000)
        run = self._preview_march()
        self.assertEqual(
            self._texts(run), {"0.62 charged, 0.60 paid to the supplier: +3.3 %"})
        self.assertEqual((run.mark_up_count, run.summary['mark_ups']), (2, 2))
        self.assertEqual(
            run.charge_ids.filtered_domain(run.charge_ids._get_mark_up_domain()), run.charge_ids)
        run.action_post()
        self.assertEqual(set(run.charge_ids.mapped('state')), {'posted'})

    def test_at_cost(self):
        """ 0.60 is 0.60; nor is 0.62 more than 0.62. """
        self.tariff.version_ids.price = 0.6
        self._receive(6000, 10000)
        run = self._preview_march()
        self.assertEqual((self._texts(run), run.mark_up_count), ({False}, 0))

    def test_cheaper(self):
        self._receive(6300, 10000)
        self.assertEqual(self._texts(self._preview_march()), {False})

    def test_rounded_in_cents_by_the_supplier(self):
        """ 6,200.00 for 10,001 kWh are 0.61994: a hundredth of a percent is nobody's mark-up. """
        self._receive(6200, 10001)
        self.assertEqual(self._texts(self._preview_march()), {False})

    def test_two_bills_by_days(self):
        """ 600.00 for 1,000 kWh, and 16 of 32 days of 1,000.00 for 2,000 kWh: 1,100.00 for 2,000
        on average; 0.62 is 12.7 % more.
        """
        self._receive(600, 1000, '2026-03-01', '2026-03-15')
        self._receive(1000, 2000, '2026-03-16', '2026-04-16')
        self.assertEqual(
            self._texts(self._preview_march()),
            {"0.62 charged, 0.55 paid to the supplier: +12.7 %"})

    def test_a_credit_note_makes_it_cheaper(self):
        """ 6,200.00 less 800.00 for 10,000 less 1,000 kWh. """
        self._receive(6200, 10000)
        self.assertEqual(self._texts(self._preview_march()), {False})
        self._receive(800, 1000, move_type='in_refund')
        self.assertEqual(
            self._texts(self._preview_march()),
            {"0.62 charged, 0.60 paid to the supplier: +3.3 %"})

    def test_bills_that_are_not_compared(self):
        """ Drafts, other months, other projects, and lines without days. """
        other = self.env['property.project'].create({
            'name': "Lakeside", 'company_id': self.company.id})
        self._receive(1, 10000).button_draft()
        self._receive(1, 10000, '2026-02-01', '2026-02-28')
        self._receive(1, 10000, property_project_id=other.id)
        bill = self._receive(1, 10000)
        bill.invoice_line_ids.write({'property_date_start': False, 'property_date_end': False})
        self.assertEqual(self._texts(self._preview_march()), {False})
        self._receive(6000, 10000, property_project_id=False)  # of all projects
        self.assertEqual(len(self._texts(self._preview_march()) - {False}), 1)

    def test_own_income_has_no_supplier(self):
        self._receive(6000, 10000)
        self.project.charging_regime = 'commission'
        self.water_fee.nature = 'trust'
        self.assertEqual(self._texts(self._preview_march()), {False})

    def test_nothing_used(self):
        """ 5.00 a month whatever was used: without use there is no price of a kWh to compare. """
        self.tariff.version_ids.surcharge = 5
        unit = self._create_unit('1013')
        meter = self._create_meter('E-3', unit, first='0', since='2026-02-28')
        reading = self._read(meter, '2026-03-31', '0')
        if reading.state == 'queued':
            reading.action_accept()
        self.env['property.fee.assignment'].create({
            'unit_id': unit.id, 'tariff_id': self.tariff.id, 'meter_id': meter.id,
            'date_start': '2026-03-01'})
        self._receive(6000, 10000)
        run = self._preview_march()
        unused = run.charge_ids.filtered(lambda charge: charge.unit_id == unit)
        self.assertEqual((unused.amount, unused.has_mark_up), (5, False))
        self.assertEqual(run.mark_up_count, 2)

    def test_one_query(self):
        """ However many charges there are. """
        self._receive(6000, 10000)
        run = self._preview_march()
        charge = run.charge_ids[0]
        for count in (10, 100):
            rows = [
                {'fee_id': charge.fee_id.id, 'state': 'draft', 'explanation': charge.explanation,
                 'date_start': charge.date_start, 'date_end': charge.date_end}
                for _number in range(count)]
            self.assertEqual(charge.fee_id.nature, 'agency')
            with self.assertQueryCount(1):
                run._flag_recurring(rows)
            self.assertEqual({row['has_mark_up'] for row in rows}, {True})

    def test_the_days_are_proposed(self):
        """ Those of the month before the bill. """
        line = self.env['account.move.line'].new({
            'move_id': self.env['account.move'].new({
                'move_type': 'in_invoice', 'invoice_date': '2026-04-05'}),
            'property_fee_id': self.water_fee.id})
        line._onchange_property_fee_id()
        self.assertEqual(
            (str(line.property_date_start), str(line.property_date_end)),
            ('2026-03-01', '2026-03-31'))


@tagged('post_install', '-at_install')
class TestMarkUpInSum(SharedCommon, MeterCommon):
    """ [decision 24] What has no price of a unit of use is compared in sum: refuse of March at
    10.00 per flat of three flats, and what suppliers asked of all together.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.units = cls._create_units([80, 90, 100])
        cls.refuse = cls._create_money_of_others("Refuse", 'agency')
        cls.tariff = cls._create_tariff(cls.refuse, [('2020-01-01', False, 10)], basis='fixed')
        for unit in cls.units:
            cls.env['property.fee.assignment'].create({
                'unit_id': unit.id, 'tariff_id': cls.tariff.id, 'date_start': '2026-03-01'})

    def _ask(self, amount, start='2026-03-01', end='2026-03-31', fee=None, **vals):
        """ A supplier's bill of these days. """
        line = self._receive_bill(
            amount, post=False, property_project_id=self.project.id, **vals)
        line.write({
            'property_fee_id': (fee or self.refuse).id, 'property_date_start': start,
            'property_date_end': end})
        line.move_id.action_post()
        return line

    def _bill_march(self, fee=None, units=None, until='2026-03-31'):
        fee, units = fee or self.refuse, units or self.units
        run = self.env['property.bill.run'].search([('state', '=', 'preview')]).filtered(
            lambda run: (run.fee_ids, run.unit_ids) == (fee, units))
        run = run or self.env['property.bill.run'].create({
            'project_id': self.project.id, 'date_end': until, 'date_invoice': until,
            'fee_ids': [Command.set(fee.ids)], 'unit_ids': [Command.set(units.ids)]})
        run = run.with_user(self.clerk).with_context(queue_job__no_delay=True)
        run.action_preview()
        return run

    def _texts(self, run):
        self.assertTrue(run.charge_ids)
        return {charge.mark_up_text for charge in run.charge_ids}

    def test_more_than_the_supplier_asked(self):
        """ 30.00 for 27.00: each of the three is flagged. """
        self._ask(27)
        run = self._bill_march()
        self.assertEqual(self._texts(run), {
            "30.00 charged by all bills of these days, 27.00 paid to the supplier: +11.1 %"})
        self.assertEqual(run.mark_up_count, 3)

    def test_no_more_than_asked(self):
        """ Nor where nothing is known yet, of all projects, or of another fee. """
        self.assertEqual(self._texts(self._bill_march()), {False})
        self._ask(1, fee=self.water_fee)
        self._receive_bill(1, property_project_id=False)
        self.assertEqual(self._texts(self._bill_march()), {False})
        self._ask(30)
        self.assertEqual(self._texts(self._bill_march()), {False})

    def test_runs_of_one_flat_after_the_other(self):
        """ The second run makes 20.00 of it, the third 30.00 for 25.00. """
        self._ask(25)
        for unit in self.units[:2]:
            run = self._bill_march(units=unit)
            self.assertEqual(self._texts(run), {False})
            run.action_post()
        self.assertEqual(self._texts(self._bill_march(units=self.units[2])), {
            "30.00 charged by all bills of these days, 25.00 paid to the supplier: +20.0 %"})

    def test_what_was_credited_is_not_charged(self):
        """ 10.00 of the first flat were reversed: 20.00 for 25.00. """
        self._ask(25)
        run = self._bill_march(units=self.units[0])
        run.action_post()
        self._reverse(run.charge_ids.move_id)
        self.assertEqual(self._texts(self._bill_march(units=self.units[1:])), {False})

    def test_a_bill_that_covers_other_days_too(self):
        """ 27.00 of 59 days from 1 February: the 31 of March are 14.19. """
        self._ask(27, '2026-02-01', '2026-03-31')
        self.assertEqual(self._texts(self._bill_march()), {
            "30.00 charged by all bills of these days, 14.19 paid to the supplier: +111.5 %"})

    def test_half_a_month_is_billed_by_the_supplier(self):
        """ 15 of 31 days of 30.00 are 14.52, for 14.00. """
        self._ask(14, end='2026-03-15')
        self.assertEqual(self._texts(self._bill_march()), {
            "14.52 charged by all bills of these days, 14.00 paid to the supplier: +3.7 %"})

    def test_parts_of_a_bill_that_was_credited(self):
        """ 90.00 are divided; the supplier has taken 9.00 back since. Shared, too, they are the
        next cost's.
        """
        line = self._receive_bill(90)
        self._create_cost(self._create_key('household'), line)._divide()
        self.assertEqual(self._texts(self._bill_march(self.shared_fee)), {False})
        credit = line.move_id._reverse_moves([{'date': date(2026, 4, 10),
                                               'invoice_date': date(2026, 4, 10)}])
        credit.invoice_line_ids.price_unit = 9
        credit.action_post()
        self.assertEqual(self._texts(self._bill_march(self.shared_fee)), {
            "90.00 charged by all bills of these days, 81.00 paid to the supplier: +11.1 %"})
        self._create_cost(
            self._create_key('household'),
            self._receive_bill(20) + credit.invoice_line_ids,
            date_start=date(2026, 4, 1), date_end=date(2026, 4, 30))._divide()
        self.assertEqual(self._texts(self._bill_march(self.shared_fee)), {False})

    def test_parts_of_what_a_meter_counted(self):
        """ 40 m³ of the garden at 5.00, for which the waterworks asked 4.80. """
        tariff = self.env['property.tariff'].create({
            'name': "Water by meter", 'fee_id': self.water_fee.id, 'basis': 'metered',
            'version_ids': [Command.create({'date_start': '2020-01-01', 'price': 5})]})
        garden = self._create_meter('GARDEN', first='0', since='2026-02-28')
        reading = self._read(garden, '2026-03-31', '40')
        if reading.state == 'queued':
            reading.action_accept()
        self._create_cost(
            self._create_key('household'), origin='meter', meter_id=garden.id,
            tariff_id=tariff.id)._divide()
        line = self._ask(480, fee=self.water_fee)
        self.assertEqual(line.quantity, 1)
        self.assertEqual(self._texts(self._bill_march(self.shared_fee)), {False})
        line.move_id.button_draft()
        line.quantity, line.price_unit = 100, 4.8
        line.move_id.action_post()
        self.assertEqual(self._texts(self._bill_march(self.shared_fee)), {
            "5.00 charged, 4.80 paid to the supplier: +4.2 %"})
