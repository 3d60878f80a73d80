from datetime import date

from psycopg2 import IntegrityError

from odoo.exceptions import ValidationError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import mute_logger

from .common import LedgerCommon


@tagged('post_install', '-at_install')
@freeze_time('2026-06-15')
class TestFeeTax(LedgerCommon):
    """[B01] 6 % up to 30 June 2026, 3 % from 1 July on. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.three = cls.chart.ref('property_billing_tax_3')
        cls.line_six = cls.property_fee.tax_line_ids
        cls.line_three = cls.env['property.fee.tax'].create({
            'fee_id': cls.property_fee.id, 'tax_id': cls.three.id, 'date_start': '2026-07-01'})

    def test_a_new_tax_ends_the_one_before(self):
        self.assertEqual(str(self.line_six.date_end), '2026-06-30')
        self.assertEqual(self.property_fee.tax_id, self.tax)
        with freeze_time('2026-07-01'):
            self.property_fee.invalidate_recordset(['tax_id'])
            self.assertEqual(self.property_fee.tax_id, self.three)

    def test_a_bill_takes_the_tax_of_its_date(self):
        """ 106.00 on 30 June: 100.00 and 6.00; 103.00 on 1 July: 100.00 and 3.00. """
        june = self._post(self._create_charge(106), date(2026, 6, 30))
        july = self._post(self._create_charge(103), date(2026, 7, 1))
        self.assertEqual((june.amount_untaxed, june.amount_tax), (100, 6))
        self.assertEqual((july.amount_untaxed, july.amount_tax), (100, 3))

    def test_a_reversal_takes_the_tax_of_its_bill(self):
        """ Taken back on 10 July, it is still 6 %. """
        bill = self._post(self._create_charge(106), date(2026, 6, 30))
        self._reverse(bill, "Wrong", date(2026, 7, 10))
        self.assertEqual(abs(bill.reversal_move_ids.amount_tax), 6)

    def test_no_tax_on_the_day_of_the_bill(self):
        """ The preview flags what a bill of that day would lack, and says which day. """
        self.line_three.unlink()
        self._assign(self.unit_1011, self._create_tariff(self.property_fee), '2026-06-01')
        run = self._preview('2026-06-30')
        self.assertEqual(run.charge_ids.state, 'draft')
        run = self._preview('2026-07-01', unit_ids=self.unit_1011.ids)
        july = run.charge_ids.filtered(lambda charge: charge.date_start == date(2026, 7, 1))
        self.assertEqual(july.reason, 'no_tax')
        self.assertIn("no tax on 2026-07-01", july.reason_detail)

    def test_the_tax_on_the_form(self):
        """ With a single tax it is chosen there; without one the fee is listed as incomplete. """
        fee = self._create_fee("Lift", tax_id=False)
        incomplete = [('tax_id', '=', False), ('nature', '=', 'income')]
        self.assertIn(fee, self.env['property.fee'].search(incomplete))
        with Form(fee.with_user(self.manager)) as form:
            form.tax_id = self.three
        self.assertRecordValues(fee.tax_line_ids, [{
            'tax_id': self.three.id, 'date_start': False, 'date_end': False}])
        self.assertNotIn(fee, self.env['property.fee'].search(incomplete))
        self.assertIn(fee, self.env['property.fee'].search([('tax_id', '=', self.three.id)]))
        with Form(fee.with_user(self.manager)) as form:
            form.tax_id = self.tax
        self.assertEqual(fee.tax_line_ids.tax_id, self.tax)
        with Form(fee.with_user(self.manager)) as form:
            form.tax_id = self.env['account.tax']
        self.assertFalse(fee.tax_line_ids)

    def test_what_no_tax_may_be(self):
        on_top = self.env['account.tax'].search([
            ('company_id', '=', self.company.id), ('type_tax_use', '=', 'sale'),
            ('amount', '=', 6), ('price_include', '=', False)])
        for fee, tax, text in (
            (self.property_fee, on_top, "on top"),
            (self.water_fee, self.tax, "carries no tax"),
        ):
            with self.assertRaisesRegex(ValidationError, text), self.env.cr.savepoint():
                self.env['property.fee.tax'].create({
                    'fee_id': fee.id, 'tax_id': tax.id, 'date_start': '2027-01-01'})
        with mute_logger('odoo.sql_db'), self.assertRaises(IntegrityError):
            self.env['property.fee.tax'].create({
                'fee_id': self.property_fee.id, 'tax_id': self.tax.id,
                'date_start': '2026-06-01', 'date_end': '2026-06-30'})

    def test_money_of_others_loses_its_taxes(self):
        self.property_fee.nature = 'agency'
        self.assertFalse(self.property_fee.tax_line_ids)

    def test_small_scale_taxpayer(self):
        """[B01] Billed fees change from today on, others as a whole; and back again. """
        nine, five = (self.chart.ref(f'property_billing_tax_{code}') for code in (9, 5))
        self.line_three.unlink()
        self.line_six.date_end = False
        rent = self._create_fee("Rent", tax_id=nine.id, active=False)
        exempt = self._create_fee(
            "Help", tax_id=self.chart.ref('property_billing_tax_exempt').id)
        self._post(self._create_charge(106), date(2026, 6, 10))
        self.company.property_small_scale = True
        self.assertEqual(
            [(line.tax_id, str(line.date_start)) for line in self.property_fee.tax_line_ids.sorted(
                lambda line: line.date_start or date.min)],
            [(self.tax, 'False'), (self.three, '2026-06-15')])
        self.assertRecordValues(rent.tax_line_ids, [{'tax_id': five.id, 'date_start': False}])
        self.assertEqual(self.parking_fee.tax_line_ids.tax_id, self.three)
        self.assertEqual(exempt.tax_id.amount, 0)
        self.company.property_small_scale = False
        self.assertEqual(self.property_fee.tax_id, self.tax)
        self.assertEqual(len(self.property_fee.tax_line_ids), 2)
        self.assertEqual(rent.tax_id, nine)
