from odoo import Command
from odoo.tests import tagged

from .common_meter import MeterCommon


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
