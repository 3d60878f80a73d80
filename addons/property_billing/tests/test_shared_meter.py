from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common_meter import MeterCommon
from .common_shared import SharedCommon


@tagged('post_install', '-at_install')
class TestSharedMeter(SharedCommon, MeterCommon):
    """ Water of a year in a metered building: main meter, four flats, and the garden. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.units = cls._create_units([80, 90, 100, 120])
        cls.key = cls._create_key()
        cls.water_tariff = cls.env['property.tariff'].create({
            'name': "Water by meter", 'fee_id': cls.water_fee.id, 'basis': 'metered',
            'version_ids': [Command.create({'date_start': '2020-01-01', 'price': 5})]})
        cls.main = cls._create_meter('MAIN', first='1000', since='2024-12-31')
        cls.flats = cls.env['property.meter']
        for unit, used in zip(cls.units, (300, 120, 200, 180), strict=True):
            meter = cls._create_meter(
                f'W-{unit.name}', unit, first='0', since='2024-12-31', parent_id=cls.main.id)
            cls._accept(meter, '2025-12-31', str(used))
            cls.flats += meter
        cls.garden = cls._create_meter(
            'GARDEN', first='0', since='2024-12-31', parent_id=cls.main.id)
        cls._accept(cls.garden, '2025-12-31', '40')

    @classmethod
    def _accept(cls, meter, day, value, register='total', **vals):
        """ A reading; somebody looked at it, if it seems odd. """
        reading = cls._read(meter, day, value, register, **vals)
        if reading.state == 'queued':
            reading.action_accept()
        return reading

    @classmethod
    def _measure(cls, key=None, **vals):
        """ A shared cost of 2025, by the main meter. """
        return cls._create_cost(key or cls.key, **{
            'name': "Water of all", 'origin': 'meter', 'meter_id': cls.main.id,
            'meter_use': 'rest', 'tariff_id': cls.water_tariff.id,
            'date_start': date(2025, 1, 1), 'date_end': date(2025, 12, 31), **vals})

    def test_what_the_flats_leave_over(self):
        """ [B45] 860 less 800: 60 m³ × 5.00 = 300.00 by area. The garden's 40 are in it. """
        self._accept(self.main, '2025-12-31', '1860')
        cost = self._measure()
        self.assertEqual(cost.amount, 300)
        cost._divide()
        self.assertEqual(
            self._parts(cost), {'801': 61.54, '802': 69.23, '803': 76.92, '804': 92.31})
        self.assertEqual((cost.part_total, cost.difference), (300, 0))
        self.assertBooksBalance()

    def test_all_that_a_meter_counted(self):
        """ 40 m³ of the garden × 5.00. """
        cost = self._measure(meter_id=self.garden.id, meter_use='use')
        cost._divide()
        self.assertEqual((cost.amount, cost.part_total), (200, 200))

    def test_the_bill_shows_the_readings(self):
        self._accept(self.main, '2025-12-31', '1860')
        self._measure()._divide()
        run = self.env['property.bill.run'].create({
            'project_id': self.project.id, 'date_end': '2025-12-31', 'date_invoice': '2025-12-31',
            'fee_ids': [Command.set(self.shared_fee.ids)],
        }).with_user(self.clerk).with_context(queue_job__no_delay=True)
        run.action_preview()
        text = run.charge_ids.filtered(
            lambda charge: charge.unit_id == self.units[0]).explanation_text
        for sentence in (
            "Water of all 2025-01-01 ~ 2025-12-31: 300 together",
            "Meter MAIN: 1000 → 1860, 2025-01-01 ~ 2025-12-31",
            "Less 4 billed sub-meters: 800 m³", "60 m³ × 5 = 300", "80 of 390: 61.54",
        ):
            self.assertIn(sentence, text)
        self.assertBooksBalance()

    def test_parts_of_months_by_days(self):
        """ 31 of 365 days of 860 less 800 m³: 60 × 31/365 × 5.00 = 25.48. """
        self._accept(self.main, '2025-12-31', '1860')
        cost = self._measure(date_end=date(2025, 1, 31))
        self.assertEqual(cost.amount, 25.48)

    def test_typed_in_the_form(self):
        """ Of a main meter the rest is proposed, and the only tariff; what lacks is told. """
        form = Form(self.env['property.shared.cost'].with_user(self.clerk))
        form.name = "Water of all"
        form.project_id = self.project
        form.fee_id = self.shared_fee
        form.key_id = self.key
        form.date_start, form.date_end = '2025-01-01', '2025-12-31'
        form.origin = 'meter'
        form.meter_id = self.main
        self.assertEqual((form.meter_use, form.tariff_id), ('rest', self.water_tariff))
        cost = form.save()
        self.assertEqual(cost.amount, 0)
        self.assertIn("MAIN", cost.meter_detail)
        self._accept(self.main, '2025-12-31', '1860')
        cost.invalidate_recordset(['meter_detail'])
        self.assertIn("60 m³ × 5 = 300", cost.meter_detail)
        cost.action_divide()
        self.assertEqual(cost.amount, 300)

    # === BAD INPUT === #

    def test_below_its_sub_meters(self):
        """ 799 m³ cannot be less 800: nothing is stored. """
        self._accept(self.main, '2025-12-31', '1799')
        cost = self._measure()
        with self.assertRefused("MAIN counted less than its billed sub-meters"):
            cost._divide()
        self.assertEqual((cost.state, cost.part_count, cost.amount), ('draft', 0, 0))
        self._accept(self.main, '2026-01-31', '1801')  # by the next reading it is right
        with self.assertRefused("counted less"):
            cost._divide()

    def test_nothing_is_left_over(self):
        self._accept(self.main, '2025-12-31', '1800')
        with self.assertRefused("MAIN counted nothing that could be divided"):
            self._measure()._divide()

    def test_not_read(self):
        """ The meters are named, the main one and those behind it. """
        with self.assertRefused("is not known: MAIN"):
            self._measure()._divide()
        new = self._measure(
            meter_id=self._create_meter('G-2', name="Fountain").id, meter_use='use')
        self.assertRegex(new.meter_detail, "is not known: G-2", "it was never read")
        with self.assertRefused("is not known: G-2"):
            new._divide()
        self._accept(self.main, '2025-12-31', '1860')
        sub = self._create_meter('W-NEW', self.unit_1011, parent_id=self.main.id)
        with self.assertRefused("W-NEW"):
            self._measure()._divide()
        sub.date_start = '2026-01-01'  # it was not there yet
        self._measure()._divide()

    def test_no_price(self):
        self._accept(self.main, '2025-12-31', '1860')
        self.water_tariff.version_ids.date_start = '2025-03-01'
        with self.assertRefused("has no price on"):
            self._measure()._divide()

    def test_prepaid_behind_it(self):
        """ What is left on a prepaid meter does not tell what was used. """
        self._accept(self.main, '2025-12-31', '1860')
        self._create_meter('PRE', self.unit_1011, mode='prepaid', parent_id=self.main.id)
        with self.assertRefused("PRE.* is prepaid"):
            self._measure()._divide()

    def test_meters_that_are_not_shared(self):
        other = self.env['property.project'].create({
            'name': "Lakeside", 'company_id': self.company.id})
        far = self._create_meter('FAR', project_id=other.id)
        for meter in (self.flats[0], far):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                self._measure(meter_id=meter.id, meter_use='use')
        flat_rate = self._create_tariff(self.shared_fee)
        with self.assertRaisesRegex(ValidationError, "does not price"), self.cr.savepoint():
            self._measure(tariff_id=flat_rate.id)
        with self.assertRaisesRegex(ValidationError, "no supplier's bill"), self.cr.savepoint():
            self._measure(source_ids=[Command.create({'line_id': self._receive_bill(1).id})])

    def test_it_stays_what_it_is_shared_as(self):
        """ Not of another project, of a unit or prepaid, while a cost names it. """
        other = self.env['property.project'].create({
            'name': "Lakeside", 'company_id': self.company.id})
        self.clerk.group_ids += self.env.ref('property_base.group_all_projects')
        meter = self._create_meter('G-2', name="Fountain")
        cost = self._measure(meter_id=meter.id, meter_use='use')
        own = meter.with_user(self.clerk)
        for vals in (
            {'project_id': other.id, 'building_id': False}, {'unit_id': self.unit_1011.id},
            {'mode': 'prepaid'},
        ):
            with self.subTest(vals=vals), self.assertRefused("is no meter that units of"):
                own.write(vals)
        cost.action_cancel()
        own.write({'mode': 'prepaid'})

    def test_of_a_fund(self):
        """ A fund is spent by bills, not by readings. """
        fund = self.env['property.fund'].create({
            'name': "Maintenance", 'project_id': self.project.id, 'kind': 'maintenance',
            'account_id': self.company.property_maintenance_account_id.id})
        with self.assertRaisesRegex(ValidationError, "is charged to the units"), (
                self.cr.savepoint()):
            self._measure(settle='fund', fund_id=fund.id)

    def test_divided_twice(self):
        """ Neither the same days of a meter, nor what its main meter's cost has in it. """
        self._accept(self.main, '2025-12-31', '1860')
        self._measure(name="First")._divide()
        with self.assertRefused("is in First already"):
            self._measure(date_start=date(2025, 12, 1))._divide()
        with self.assertRefused("GARDEN.* is in First already"):
            self._measure(meter_id=self.garden.id, meter_use='use')._divide()

    def test_the_garden_on_its_own(self):
        """ 40 m³ by one cost, so that 20 are left for the other. """
        self._accept(self.main, '2025-12-31', '1860')
        self._measure(meter_id=self.garden.id, meter_use='use')._divide()
        cost = self._measure()
        self.assertEqual(cost.amount, 100)
        cost._divide()

    def test_a_meter_in_the_archive_behind_it(self):
        """ What it counted while it was there is billed to its flat: 860 - 800 - 10 are 50 m³. """
        self._accept(self.main, '2025-12-31', '1860')
        old = self._create_meter(
            'W-OLD', self.unit_1011, first='0', since='2024-12-31', parent_id=self.main.id)
        self._accept(old, '2025-03-31', '10')
        old.active = False
        self.assertEqual(self._measure().amount, 250)
        self.assertEqual(self._measure(
            date_start=date(2025, 4, 1), date_end=date(2025, 4, 30))._get_less().keys(),
            set(self.flats.ids))

    def test_meters_behind_a_meter_behind_it(self):
        """ The meter of the building is billed to nobody: what is behind it is taken off. """
        self._accept(self.main, '2025-12-31', '1860')
        building = self._create_meter(
            'BUILDING', first='0', since='2024-12-31', parent_id=self.main.id)
        self.flats.parent_id = building
        cost = self._measure()
        self.assertEqual(cost.amount, 300)
        self.assertEqual(set(cost._get_less()), set(self.flats.ids))

    # === WHAT IS DIVIDED STAYS === #

    def test_a_late_reading(self):
        """ Of days that are divided nothing is read any more, of main meter and flats. """
        reading = self._accept(self.main, '2025-12-31', '1860')
        cost = self._measure()
        cost._divide()
        for meter in (self.main, self.flats[0]):
            self.assertEqual(meter.date_billed, date(2025, 12, 31))
            self.assertFault([self._row(meter, '2025-06-30', '150')], 'date', "is billed up to")
        self.assertFalse(self.garden.date_billed)
        with self.assertRaisesRegex(AccessError, "Ask a billing manager"):
            self._decide(reading, 'replace', value='1850', note="x").action_confirm()
        cost.action_cancel()
        self.assertFalse(self.main.date_billed)
        self._decide(reading, 'replace', self.env.user, value='1850', note="x").action_confirm()
        cost.action_draft()
        cost.action_divide()
        self.assertEqual(cost.amount, 250)

    def test_a_reading_while_the_parts_were_shown(self):
        """ What was shown is what is made, or nothing is. """
        reading = self._accept(self.main, '2025-12-31', '1860')
        cost = self._measure()
        wizard = self.env['property.shared.divide'].with_user(self.clerk).create({
            'cost_id': cost.id})
        self.assertEqual(wizard.part_total, 300)
        self._decide(reading, 'replace', self.env.user, value='1850', note="x").action_confirm()
        with self.assertRefused("was changed since you opened the page"):
            wizard.action_divide()
        self.assertEqual((cost.state, cost.part_count), ('draft', 0))

    # === A READING OF WHAT IS DIVIDED WAS WRONG === #

    def _divide_and_bill(self, value='1860', **vals):
        """ The reading of the main meter, the cost, and the bills of its parts. """
        reading = self._accept(self.main, '2025-12-31', value)
        cost = self._measure(**vals)
        cost._divide()
        run = self.env['property.bill.run'].create({
            'project_id': self.project.id, 'date_end': '2025-12-31', 'date_invoice': '2025-12-31',
            'fee_ids': [Command.set(self.shared_fee.ids)],
        }).with_user(self.clerk).with_context(queue_job__no_delay=True)
        run.action_preview()
        run.action_post()
        return reading, cost, run

    def _replace(self, reading, value):
        return self._decide(
            reading, 'replace', self.manager, value=value, note="Misread").action_confirm()

    def _correct(self, action):
        """ What is proposed, by unit, and posted. """
        self.assertEqual(action['res_model'], 'property.charge.correct')
        wizard = self.env['property.charge.correct'].with_user(self.manager).with_context(
            **action['context']).create({'date': date(2026, 1, 20)})
        amounts = {
            c.charges.unit_id.name: float(c.amount)
            for c in wizard.charge_ids._plan_corrections()}
        wizard.action_correct()
        self.assertFalse(wizard.charge_ids._plan_corrections())
        self.assertBooksBalance()
        return amounts

    def _get_posted(self, run):
        return [(charge.amount, charge.move_id.amount_total, charge.explanation_text)
                for charge in run.charge_ids.sorted('id')]

    def test_replaced_after_it_was_billed(self):
        """ 1850 in place of 1860: 50 m³ × 5.00 = 250.00, which are 51.28, 57.69, 64.10 and 76.93;
        50.00 are credited. What is posted stays as it was.
        """
        reading, cost, run = self._divide_and_bill()
        posted = self._get_posted(run)
        action = self._replace(reading, '1850')
        self.assertEqual((cost.amount, cost.part_total, cost.difference), (250, 250, 0))
        self.assertEqual(
            self._parts(cost), {'801': 51.28, '802': 57.69, '803': 64.1, '804': 76.93})
        self.assertEqual(self._correct(action), {
            '801': -10.26, '802': -11.54, '803': -12.82, '804': -15.38})
        self.assertEqual(self._get_posted(run), posted)
        self.assertIn("Misread", ' '.join(cost.message_ids.mapped('body')))

    def test_the_reading_of_a_flat_was_wrong(self):
        """ 290 in place of 300 leave 70 m³ over, 350.00: 71.80, 80.77, 89.74 and 107.69. """
        _reading, cost, _run = self._divide_and_bill()
        flat = self.flats[0].reading_ids.filtered(lambda reading: reading.value == 300)
        action = self._replace(flat, '290')
        self.assertEqual(cost.amount, 350)
        self.assertEqual(self._correct(action), {
            '801': 10.26, '802': 11.54, '803': 12.82, '804': 15.38})

    def test_replaced_before_it_is_billed(self):
        """ The run bills the parts as they are now; nothing is to be corrected. """
        reading = self._accept(self.main, '2025-12-31', '1860')
        cost = self._measure()
        cost._divide()
        action = self._replace(reading, '1850')
        self.assertEqual(action['type'], 'ir.actions.act_window_close')
        self.assertEqual((cost.amount, cost.part_total), (250, 250))

    def test_replaced_while_its_run_is_previewed(self):
        """ What was shown is left out when it is posted. """
        reading = self._accept(self.main, '2025-12-31', '1860')
        self._measure()._divide()
        run = self.env['property.bill.run'].create({
            'project_id': self.project.id, 'date_end': '2025-12-31', 'date_invoice': '2025-12-31',
            'fee_ids': [Command.set(self.shared_fee.ids)],
        }).with_user(self.clerk).with_context(queue_job__no_delay=True)
        run.action_preview()
        self._replace(reading, '1850')
        run.action_post()
        self.assertEqual(
            {(charge.state, charge.reason) for charge in run.charge_ids},
            {('left_out', 'changed')})

    def test_nothing_is_left_over_any_more(self):
        """ 1800: all 300.00 are credited, and the cost has no part. """
        reading, cost, _run = self._divide_and_bill()
        action = self._replace(reading, '1800')
        self.assertEqual((cost.amount, cost.part_count, cost.difference), (0, 0, 0))
        self.assertEqual(sum(self._correct(action).values()), -300)

    def test_below_its_sub_meters_now(self):
        """ 1790 cannot be: it is told, and the cost stays until the other reading is right, too:
        780 of the flats leave 10 m³ over, 50.00.
        """
        reading, cost, _run = self._divide_and_bill()
        action = self._replace(reading, '1790')
        self.assertEqual(action['tag'], 'display_notification')
        self.assertRegex(
            action['params']['message'], "Water of all stays as it was divided.* counted less")
        self.assertEqual((cost.amount, cost.part_total), (300, 300))
        flat = self.flats[0].reading_ids.filtered(lambda reading: reading.value == 300)
        action = self._replace(flat, '280')
        self.assertEqual(cost.amount, 50)
        self.assertEqual(sum(self._correct(action).values()), -250)

    def test_a_key_by_meters_whose_reading_was_wrong(self):
        """ 200 in place of 300 of now 700 m³: of 100.00 28.57 in place of 37.50; the others bear
        17.14, 28.57 and 25.72 by 120, 200 and 180.
        """
        cost = self._divide_by_meters()
        run = self.env['property.bill.run'].create({
            'project_id': self.project.id, 'date_end': '2025-12-31', 'date_invoice': '2025-12-31',
            'fee_ids': [Command.set(self.shared_fee.ids)],
        }).with_user(self.clerk).with_context(queue_job__no_delay=True)
        run.action_preview()
        run.action_post()
        flat = self.flats[0].reading_ids.filtered(lambda reading: reading.value == 300)
        action = self._replace(flat, '200')
        self.assertEqual(
            self._parts(cost), {'801': 28.57, '802': 17.14, '803': 28.57, '804': 25.72})
        self.assertEqual(cost.weight_total, 700)
        self.assertEqual(self._correct(action), {
            '801': -8.93, '802': 2.14, '803': 3.57, '804': 3.22})

    # === BY WHAT METERS COUNTED === #

    def _create_meter_key(self, **vals):
        return self._create_key('meter', type_id=self.water_type.id, **vals)

    def test_a_key_by_meters(self):
        """ 100.00 by 300, 120, 200 and 180 of 800 m³; a unit without a meter bears nothing. """
        self._create_unit('805', area=50)
        cost = self._divide_by_meters()
        self.assertEqual(self._parts(cost), {'801': 37.5, '802': 15, '803': 25, '804': 22.5})
        self.assertEqual(cost.weight_total, 800)

    def _divide_by_meters(self, **vals):
        cost = self._create_cost(
            self._create_meter_key(), self._receive_bill(100, day='2025-12-31'), **{
                'date_start': date(2025, 1, 1), 'date_end': date(2025, 12, 31), **vals})
        cost._divide()
        return cost

    def test_a_key_by_meters_by_days(self):
        """ March has 31 of 365 days: of 300 m³ 25.479452. """
        cost = self._divide_by_meters(date_start=date(2025, 3, 1), date_end=date(2025, 3, 31))
        self.assertEqual(
            cost.assignment_ids.sorted('id')[0].share_weight, 25.479452)

    def test_a_key_by_meters_that_were_not_read(self):
        with self.assertRefused("W-801.*W-802.*W-803.*W-804.*missing"):
            self._divide_by_meters(date_end=date(2026, 1, 31))

    def test_a_key_by_meters_that_counted_nothing(self):
        for meter in self.flats:
            self._accept(meter, '2026-01-31', str(int(meter.last_value)))
        with self.assertRefused("no “Water meter” of its 4 units counted anything"):
            self._divide_by_meters(date_start=date(2026, 1, 1), date_end=date(2026, 1, 31))
        self.flats.unit_id = False
        with self.assertRefused("counted anything"):
            self._divide_by_meters()

    def test_a_key_says_which_meters(self):
        key = self._create_meter_key()
        self._divide_by_meters()
        self._create_cost(key, self._receive_bill(5), date_start=date(2025, 1, 1),
                          date_end=date(2025, 1, 31))._divide()
        with self.assertRefused("is divided by"):
            key.type_id = self.time_of_use_type
        with self.assertRaisesRegex(UserError, "1 share keys"), self.cr.savepoint():
            empty = self._create_type("Other meter")
            self._create_key('meter', type_id=empty.id)
            empty.unlink()
