from datetime import date

from odoo import Command
from odoo.tests import RecordCapturer, tagged

from .common_meter import MeteredCommon


@tagged('post_install', '-at_install')
class TestMeterAmount(MeteredCommon):
    """ [B31] Enter computes: what a typed reading will cost, before anything is stored.

    Water at 5.00, above 180 m³ a year 7.00, above 260 m³ 9.00; the first quarter of 2025.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.round = cls._create_round('2025-01-01', '2025-03-31')

    @classmethod
    def _create_metered(cls, name, price, tiers=(), components=(), **vals):
        return cls.env['property.tariff'].create({
            'name': name, 'fee_id': cls.water_fee.id, 'basis': 'metered',
            'version_ids': [Command.create({
                'date_start': '2020-01-01', 'price': price,
                'tier_ids': [
                    Command.create({'above': above, 'price': tier}) for above, tier in tiers],
                'component_ids': [
                    Command.create({'basis': 'use', 'register': register, 'price': component})
                    for register, component in components]})],
            **vals})

    def _preview(self, meter, readings, day=None, user=None, meter_round=None, **vals):
        """ What the sheet shows of one meter. """
        if isinstance(readings, str):
            readings = {'total': readings}
        rows = [{'meter_id': meter.id, 'readings': readings, 'date': day, **vals}]
        with RecordCapturer(self.env['property.meter.reading']) as captured:
            result = (meter_round or self.round).with_user(
                user or self.clerk).preview_readings(rows)
        self.assertFalse(captured.records)
        self.assertEqual(list(result), [meter.id])
        return result[meter.id]

    def test_what_it_costs(self):
        """ 90 m³ are 450.00. """
        self.assertEqual(self._preview(self.meter, '1090'), {
            'use': {'total': '90'}, 'amount': 450, 'currency': self.company.currency_id.id,
            'oddity': False, 'oddities': {}, 'errors': []})

    def test_tiers_of_the_year(self):
        """ 90 m³ were used before: 90 × 5 + 10 × 7 = 520.00; 180 in all are 900.00, billed or not.
        """
        self._read(self.meter, '2025-03-31', '1090')
        second = self._create_round('2025-04-01', '2025-06-30')
        values = self._preview(self.meter, '1190', meter_round=second)
        self.assertEqual((values['use'], values['amount']), ({'total': '100'}, 520))
        self.assertEqual(self._preview(self.meter, '1180', meter_round=second)['amount'], 450)

    def test_tiers_of_the_month(self):
        """ 500 kWh at 0.4883, above 240 at 0.5383, above 400 at 0.7883: 282.15. """
        power = self._create_metered(
            "Tiers of the month", 0.4883, ((240, 0.5383), (400, 0.7883)), account_period='month')
        meter = self._create_meter('E-0101', self.unit_1012, first='0', since='2025-02-28')
        self._assign(meter, '2025-03-01', tariff_id=power.id)
        for value, amount in (
                ('240', 117.19), ('241', 117.73), ('400', 203.32), ('500', 282.15)):
            with self.subTest(value=value):
                self.assertEqual(self._preview(meter, value)['amount'], amount)

    def test_a_new_price_between_two_readings(self):
        """ 40 m³ from 11 March to 10 April, 2.50, from 1 April 2.80: 67.741935 + 36.129032. """
        tariff = self._create_metered("Two prices", 2.5)
        tariff.version_ids.date_end = '2025-03-31'
        tariff.version_ids = [Command.create({'date_start': '2025-04-01', 'price': 2.8})]
        meter = self._create_meter('W-0102', self.unit_1012, first='0', since='2025-03-10')
        self._assign(meter, '2025-03-11', tariff_id=tariff.id)
        april = self._create_round('2025-04-01', '2025-04-30')
        self.assertEqual(
            self._preview(meter, '40', '2025-04-10', meter_round=april)['amount'], 103.87)

    def test_peak_and_valley(self):
        """ 300 × 0.5583 + 150 × 0.3583 = 221.24, once both are typed or stored. """
        hours = self._create_metered(
            "Hours", 0, components=(('peak', 0.5583), ('valley', 0.3583)))
        meter = self._create_meter('E-0102', self.unit_1012, type_id=self.time_of_use_type.id)
        for register in ('peak', 'valley'):
            self._read(meter, '2025-02-28', '0', register, kind='first')
        self._assign(meter, '2025-03-01', tariff_id=hours.id)
        month = self._create_round(
            '2025-03-01', '2025-03-31', type_id=self.time_of_use_type.id)
        values = self._preview(meter, {'peak': '300', 'valley': ''}, meter_round=month)
        self.assertEqual((values['use'], values['amount']), ({'peak': '300'}, False))
        values = self._preview(meter, {'peak': '300', 'valley': '150'}, meter_round=month)
        self.assertEqual(
            (values['use'], values['amount']), ({'peak': '300', 'valley': '150'}, 221.24))
        self._read(meter, '2025-03-31', '300', 'peak')
        values = self._preview(meter, {'valley': '150'}, meter_round=month)
        self.assertEqual(values['amount'], 221.24)

    def test_two_payers(self):
        """ All of it, whoever pays which part. """
        self.unit_1011.occupancy_ids.date_end = '2025-02-15'
        self.env.flush_all()
        buyer = self.env['res.partner'].create({'name': "Buyer"})
        self._move_in(self.unit_1011, buyer, '2025-02-16')
        self.assertEqual(self._preview(self.meter, '1090')['amount'], 450)

    def test_never_read_before(self):
        """ With what it showed at the start; without that, the cell is named. """
        meter = self._create_meter('W-0103', self.unit_1012)
        self._assign(meter)
        values = self._preview(meter, '90', first_readings={'total': '0'})
        self.assertEqual((values['use'], values['amount']), ({'total': '90'}, 450))
        [error] = self._preview(meter, '90')['errors']
        self.assertEqual((error['register'], error['field']), ('total', 'first_value'))

    def test_odd_readings(self):
        """ [B31] A jump has its amount, to be looked at; a lower reading has none. """
        self._read(self.meter, '2025-01-31', '1030')
        values = self._preview(self.meter, '1230')
        self.assertRegex(values['oddity'], "200")
        self.assertEqual(values['amount'], 150 * 5 + 50 * 7)
        values = self._preview(self.meter, '1020')
        self.assertRegex(values['oddity'], "1020.*1030")
        self.assertEqual((values['use'], values['amount']), ({}, False))

    def test_wrong_cells(self):
        """ As saving tells them, and no amount. """
        for text, field in (('12a', 'value'), ('1090.1234', 'value'), ('123456', 'value')):
            with self.subTest(text=text):
                values = self._preview(self.meter, text)
                self.assertEqual([error['field'] for error in values['errors']], [field])
                self.assertFalse(values['amount'] or values['use'])
        other = self._create_meter('O-1', self.unit_1012, type_id=self.time_of_use_type.id)
        values = self._preview(other, {'peak': '5'})
        self.assertEqual(
            {error['field'] for error in values['errors']}, {'meter_id', 'first_value'})
        self.assertFalse(self._preview(self.meter, '1090', '2025-04-30')['use'])

    def test_nothing_to_charge(self):
        """ A meter without a fee has its use, no amount. """
        meter = self._create_meter('W-0104', self.unit_1012, first='0', since='2024-12-31')
        values = self._preview(meter, '90')
        self.assertEqual((values['use'], values['amount']), ({'total': '90'}, False))

    def test_who_reads_meters_sees_no_money(self):
        """ The use and what is odd, that is his; what it costs is not. """
        values = self._preview(self.meter, '1090', user=self.reader)
        self.assertEqual((values['use'], values['amount']), ({'total': '90'}, False))

    # === WHAT IS SAVED === #

    def _get_amount(self, meter, user=None, meter_round=None):
        amounts = (meter_round or self.round).with_user(user or self.clerk).get_amounts()
        return amounts.get(meter.id)

    def test_saved(self):
        """ [B31] The sheet is opened again: 90 m³ are 450.00, also once they are billed. """
        self.assertIsNone(self._get_amount(self.meter))
        self._read(self.meter, '2025-03-31', '1090')
        self.assertEqual(self._get_amount(self.meter), 450)
        self.assertIsNone(self._get_amount(self.meter, user=self.reader))
        [charge] = self._bill_until('2025-03-31')
        self.assertEqual((charge.state, charge.amount), ('posted', 450))
        self.assertEqual(self._get_amount(self.meter), 450)
        self._read(self.meter, '2025-06-30', '1190')
        second = self._create_round('2025-04-01', '2025-06-30')
        self.assertEqual(self._get_amount(self.meter, meter_round=second), 520)

    def test_saved_and_corrected(self):
        """ What corrected the bill counts: 90 m³ billed, 80 m³ in fact. """
        reading = self._read(self.meter, '2025-03-31', '1090')
        [charge] = self._bill_until('2025-03-31')
        reading._replace("1080", "Misread")
        charge.with_env(self.env)._correct("Misread", date(2025, 4, 2))
        self.assertEqual(self._get_amount(self.meter), 400)

    def test_saved_of_two_payers(self):
        """ All of it, billed to both. """
        self.unit_1011.occupancy_ids.date_end = '2025-02-15'
        self.env.flush_all()
        buyer = self.env['res.partner'].create({'name': "Buyer"})
        self._move_in(self.unit_1011, buyer, '2025-02-16')
        self._read(self.meter, '2025-03-31', '1090')
        charges = self._bill_until('2025-03-31')
        self.assertEqual(len(charges), 2)
        self.assertEqual(self._get_amount(self.meter), 450)

    def test_saved_of_one_register(self):
        """ Peak alone costs nothing yet; what waits to be checked neither. """
        hours = self._create_metered(
            "Hours", 0, components=(('peak', 0.5583), ('valley', 0.3583)))
        meter = self._create_meter('E-0102', self.unit_1012, type_id=self.time_of_use_type.id)
        for register in ('peak', 'valley'):
            self._read(meter, '2025-02-28', '0', register, kind='first')
        self._assign(meter, '2025-03-01', tariff_id=hours.id)
        month = self._create_round(
            '2025-03-01', '2025-03-31', type_id=self.time_of_use_type.id)
        self._read(meter, '2025-03-31', '300', 'peak')
        self.assertIsNone(self._get_amount(meter, meter_round=month))
        self.Reading._enter([self._row(meter, '2025-03-31', '150', 'valley')], state='queued')
        self.assertIsNone(self._get_amount(meter, meter_round=month))
        self.Reading.search([('state', '=', 'queued')]).action_accept()
        self.assertEqual(self._get_amount(meter, meter_round=month), 221.24)

    def test_queries_do_not_grow(self):
        """ One row and 500. """
        meters = self.env['property.meter'].create([
            {'number': f'X-{number:03}', 'type_id': self.water_type.id,
             'unit_id': self.unit_1012.id, 'date_start': '2020-01-01'} for number in range(500)])
        self.Reading._enter([
            self._row(meter, '2024-12-31', '0', kind='first') for meter in meters])
        self.env['property.fee.assignment'].create([
            {'unit_id': meter.unit_id.id, 'tariff_id': self.tiered.id, 'meter_id': meter.id,
             'date_start': '2025-01-01'} for meter in meters])
        meter_round = self.round.with_user(self.clerk)

        def count(meters):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            result = meter_round.preview_readings([
                {'meter_id': meter.id, 'readings': {'total': '90'}} for meter in meters])
            self.assertEqual({values['amount'] for values in result.values()}, {450})
            return self.cr.sql_log_count - before

        count(meters[0])  # whatever is cached once
        self.assertEqual(count(meters), count(meters[0]))

        def count_saved():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            amounts = meter_round.get_amounts()
            self.assertEqual(set(amounts.values()), {450})
            return self.cr.sql_log_count - before, len(amounts)

        self.Reading._enter([self._row(meters[0], '2025-03-31', '90')])
        count_saved()
        few, found = count_saved()
        self.assertEqual(found, 1)
        self.Reading._enter([self._row(meter, '2025-03-31', '90') for meter in meters[1:]])
        self.assertEqual(count_saved(), (few, 500))
