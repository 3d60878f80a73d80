from datetime import date

from odoo import Command
from odoo.tests import tagged

from .common_meter import MeteredCommon


@tagged('post_install', '-at_install')
class TestMeteredReshape(MeteredCommon):
    """ [A16] A flat is split on 16 May 2025: its meter goes on in the first part, and so do its
    tariff, its payer and what its tiers have counted.
    """

    def _split(self):
        halves = self.unit_1011._prepare_halves()
        return self.unit_1011._reshape(halves, date(2025, 5, 16))

    def _get_amounts(self, end):
        return [
            (charge.unit_id, str(charge.date_start), str(charge.date_end), charge.amount)
            for charge in self._bill_until(end).sorted('date_start') if charge.state == 'posted']

    def test_read_on_the_day_before(self):
        """ 40 m³ of the flat are 200.00; of 60 in the first part, 50 × 5 + 10 × 7 = 320.00. """
        self._read(self.meter, '2025-03-31', '1090')
        self._bill_until('2025-03-31')
        self._read(self.meter, '2025-05-15', '1130')
        first, second = self._split()
        self.assertEqual((self.meter.unit_id, second.property_meter_ids.ids), (first, []))
        self.assertNotIn("divided by days", ' '.join(first.message_ids.mapped('body')))
        self._read(self.meter, '2025-06-30', '1190')
        self.assertEqual(self._get_amounts('2025-06-30'), [
            (self.unit_1011, '2025-04-01', '2025-05-15', 200),
            (first, '2025-05-16', '2025-06-30', 320)])

    def test_not_read(self):
        """ 100 m³ by 45 and 46 of 91 days: 247.25 and 272.75; the part says what is lacking. """
        self._read(self.meter, '2025-03-31', '1090')
        self._bill_until('2025-03-31')
        first, _second = self._split()
        self.assertIn("divided by days", ' '.join(first.message_ids.mapped('body')))
        self._read(self.meter, '2025-06-30', '1190')
        self.assertEqual(self._get_amounts('2025-06-30'), [
            (self.unit_1011, '2025-04-01', '2025-05-15', 247.25),
            (first, '2025-05-16', '2025-06-30', 272.75)])

    def test_billed_beyond_the_day(self):
        """ What is billed stays with the flat; the part pays from the next day on. """
        self._read(self.meter, '2025-06-30', '1090')
        self._bill_until('2025-06-30')
        first, _second = self._split()
        new = self.env['property.fee.assignment'].search([('unit_id', '=', first.id)])
        self.assertEqual(
            (new.meter_id, new.tariff_id, new.date_start), (self.meter, self.tiered,
                                                            date(2025, 7, 1)))
        self.assertEqual(self.assignment.date_end, date(2025, 6, 30))
        self.assertEqual(self.meter.date_billed, date(2025, 6, 30))

    def test_a_named_customer_and_an_allowance_go_on(self):
        """ Who pays stays as it was said, and the limits as they were granted. """
        tenant = self.env['res.partner'].create({'name': "Tenant"})
        self.assignment.partner_id = tenant
        self.tiered.version_ids.write({'per_person': 30, 'standard_persons': 4})
        allowance = self.env['property.meter.allowance'].create({
            'unit_id': self.unit_1011.id, 'type_ids': [Command.set(self.water_type.ids)],
            'persons': 5, 'granted_on': '2025-03-15'})
        allowance.sudo().write({'state': 'approved', 'date_start': '2025-04-01'})
        first, _second = self._split()
        self.assertEqual(allowance.unit_id, first)
        self._read(self.meter, '2025-06-30', '1300')
        charges = self._bill_until('2025-06-30')
        self.assertEqual(charges.partner_id, tenant)
        self.assertIn("household allowance of 22.5 m³", charges[0].explanation_text)
