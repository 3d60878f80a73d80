from datetime import date
from uuid import uuid4

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, tagged

from .common_meter import MeterCommon


@tagged('post_install', '-at_install')
class TestTopUp(MeterCommon):
    """[B52] Electricity that is bought before it is used (购电). """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time('2026-03-10'))
        cls.grid = cls.env['res.partner'].create({'name': "Grid", 'is_company': True})
        cls.power_fee = cls._create_money_of_others(
            "Power", 'agency', beneficiary_id=cls.grid.id)
        cls.power_type = cls._create_type(
            "Power meter", unit_name='kWh', fee_id=cls.power_fee.id, decimals=2)
        cls.power_tariff = cls._create_tariff(
            cls.power_fee, [('2025-01-01', False, 0.6)], basis='metered')
        cls.meter = cls._create_prepaid('P-1011', cls.unit_1011)

    @classmethod
    def _create_prepaid(cls, number, unit, tariff=None, **vals):
        meter = cls._create_meter(
            number, unit, mode='prepaid', type_id=cls.power_type.id, **vals)
        cls.env['property.fee.assignment'].create({
            'unit_id': unit.id, 'tariff_id': (tariff or cls.power_tariff).id,
            'meter_id': meter.id, 'date_start': '2025-01-01'})
        return meter

    @classmethod
    def _create_tiers(cls):
        """ 0.4883, above 2,160 kWh a year 0.5383. """
        return cls.env['property.tariff'].create({
            'name': "Tiers", 'fee_id': cls.power_fee.id, 'basis': 'metered',
            'version_ids': [Command.create({
                'date_start': '2025-01-01', 'price': 0.4883,
                'tier_ids': [Command.create({'above': 2160, 'price': 0.5383})]})]})

    def _sell(self, amount, meter=None, key=None, user=None):
        meter = (meter or self.meter).with_user(user or self.clerk)
        return meter._top_up(amount, self.bank_journal, key or uuid4().hex)

    def _open(self, meter=None, user=None):
        form = Form(self.env['property.meter.sale'].with_user(user or self.clerk))
        form.meter_id = meter or self.meter
        return form

    def assertNothingSold(self):
        self.assertFalse(self.env['property.meter.event'].search([('kind', '=', 'top_up')]))
        self.assertFalse(self.env['property.charge'].search([('kind', '=', 'temporary')]))

    def test_fifty_yuan(self):
        """ 50.00 at 0.60 are 83.33 kWh, shown before; charged, paid and told on the receipt. """
        form = self._open()
        self.assertEqual(form.partner_id, self.owner)
        self.assertFalse(form.units or form.fault)
        form.amount = 50
        self.assertEqual((form.units, form.price_text), (83.33, "83.33 kWh × 0.6"))
        form.journal_id = self.bank_journal
        wizard = form.save()
        action = wizard.action_sell()
        self.assertEqual(action['res_id'], wizard.id, "the same form shows what was sold")
        sale = wizard.event_id
        self.assertEqual(
            (sale.units, sale.amount, sale.write_state, sale.date, sale.user_id),
            (83.33, 50, 'to_write', date(2026, 3, 10), self.clerk))
        charge = sale.charge_id
        self.assertEqual(
            (charge.kind, charge.fee_id, charge.partner_id, charge.amount,
             charge.amount_residual),
            ('temporary', self.power_fee, self.owner, 50, 0))
        self.assertIn("83.33 kWh × 0.6", charge.explanation_text.splitlines())
        figures = charge._get_bill_figures()
        self.assertEqual((figures['use'], figures['price']), ("83.33 kWh", "0.6"))
        payment_sudo = sale.sudo().payment_id
        self.assertEqual(payment_sudo._get_receipt_lines(), ([(charge.sudo(), 50)], 0))
        facts = dict(payment_sudo._get_receipt_facts())
        self.assertIn("83.33 kWh", facts.values())
        self.assertIn("P-1011", facts.values())
        html, _type = self.env['ir.actions.report'].with_user(self.clerk)._render_qweb_html(
            'property_billing.report_top_up_receipt', sale.ids)
        self.assertIn(b'83.33 kWh', html)

    def test_it_is_money_of_others(self):
        """[B02] Debit the owner, credit 代收款: for the grid. """
        sale = self._sell(50)
        agency = self.company.property_agency_account_id
        bill = sale.sudo().charge_id.move_id
        receivable = bill.line_ids.filtered(lambda line: line.display_type == 'payment_term')
        self.assertBalances(bill, {receivable.account_id: 50, agency: -50})
        self.assertEqual(bill.invoice_line_ids.property_beneficiary_id, self.grid)

    def test_a_limit_within_a_sale(self):
        """ Of 2,160 kWh 2,140 are bought this year: 20 at 0.4883, 167.62 at 0.5383. What was
        bought last year, or cancelled, does not count.
        """
        meter = self._create_prepaid('P-1012', self.unit_1012, self._create_tiers())
        with freeze_time('2025-12-31'):
            self._sell(500, meter)
        self._sell(100, meter).action_cancel()
        first = self._sell(1044.97, meter)  # 2,140 × 0.4883 = 1,044.962
        self.assertEqual(first.units, 2140.01)
        first.sudo().units = 2140  # sudo: the figures of the plan
        sale = self._sell(100, meter)
        self.assertEqual(sale.units, 187.62)
        self.assertEqual(
            sale.price_text, "20 kWh × 0.4883 (tier 1) + 167.62 kWh × 0.5383 (tier 2)")
        first.sudo().units = 2140.01  # as it was sold

    def test_what_was_sold_stands_there(self):
        """ Not what the same amount would buy now that the tier is full. """
        form = self._open(self._create_prepaid('P-1012', self.unit_1012, self._create_tiers()))
        form.amount = 1100
        shown = form.units, form.price_text
        self.assertIn("(tier 2)", shown[1])
        wizard = form.save()
        wizard.action_sell()
        self.assertEqual((wizard.units, wizard.price_text), shown)
        self.assertEqual(wizard.units, wizard.event_id.units)
        wizard.invalidate_recordset()
        self.assertEqual(wizard.with_user(self.clerk).units, shown[0])

    def test_the_tiers_begin_anew(self):
        """[17] What was bought until then does not count any more. """
        meter = self._create_prepaid(
            'P-1012', self.unit_1012, self._create_tiers(), first='0', since='2026-02-28')
        with freeze_time('2026-02-10'):
            self._sell(1100, meter)
        self.assertEqual(self._sell(53.83, meter).units, 100)
        meter.with_user(self.manager)._restart(date(2026, 2, 28), "New household")
        meter.event_ids.filtered(lambda event: event.date == date(2026, 3, 10)).action_cancel()
        self.assertEqual(self._sell(48.83, meter).units, 100)

    def test_the_same_key_is_the_same_sale(self):
        sale = self._sell(50, key='terminal 7')
        again = self._sell(50, key='terminal 7')
        self.assertEqual(sale, again)
        self.assertEqual(len(self.unit_1011.property_charge_ids), 1)
        other = self._create_prepaid('P-1012', self.unit_1012)
        self.assertNotEqual(self._sell(50, other, key='terminal 7'), sale)
        wizard = self._open()
        wizard.amount = 20
        wizard.journal_id = self.bank_journal
        wizard = wizard.save()
        wizard.action_sell()
        sold = wizard.event_id
        wizard.action_sell()
        self.assertEqual(wizard.event_id, sold)

    def test_never_refused_for_arrears(self):
        """[34] He owes 900.00 since January; the money is for the units alone. """
        arrears = self._create_charge(900)
        self._post(arrears)
        sale = self._sell(50)
        self.assertEqual((sale.units, arrears.amount_residual), (83.33, 900))

    def test_what_is_refused_at_the_field(self):
        """ Nothing is stored, and the form says why before anybody presses. """
        read = self._create_meter('W-1', self.unit_1011)
        without_unit = self._create_meter('P-2', mode='prepaid', type_id=self.power_type.id)
        without_tariff = self._create_meter(
            'P-3', self.unit_1012, mode='prepaid', type_id=self.power_type.id)
        old = self._create_prepaid(
            'P-4', self.unit_1012, self._create_tariff(
                self.power_fee, [('2025-01-01', '2026-03-09', 0.6)], basis='metered',
                name="Old prices"))
        archived = self._create_prepaid('P-5', self.unit_1012)
        archived.active = False
        ended = self._create_prepaid('P-6', self.unit_1012)
        ended.date_end = '2026-03-09'
        faults = {}
        for meter in (read, without_unit, without_tariff, old, archived, ended):
            form = self._open(meter)
            faults[meter] = form.fault
            self.assertTrue(form.fault, meter.number)
            with self.assertRaises(UserError) as caught, self.env.cr.savepoint():
                self._sell(50, meter)
            self.assertEqual(str(caught.exception), form.fault)
        self.assertEqual(len(set(faults.values())), 6, "each says what is wrong with it")
        for amount in (0, -5, 0.001):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                self._sell(amount)
        self.assertNothingSold()

    def test_what_was_bought_stays_with_its_unit(self):
        """ [decision 28] Nor is it billed once more by readings, unless the sale is cancelled. """
        other = self._create_meter(
            'P-9', self.unit_1011, mode='prepaid', type_id=self.power_type.id)
        sale = self._sell(50)
        own = self.meter.with_user(self.clerk)
        for vals in ({'mode': 'read'}, {'unit_id': self.unit_1012.id}):
            with self.subTest(vals=vals), self.assertRaisesRegex(UserError, "Units were sold"):
                own.write(vals)
        sale.action_cancel()
        own.mode = 'read'
        with self.assertRaisesRegex(UserError, "is charged to .*1011 by .*. Delete that fee"):
            own.unit_id = self.unit_1012
        other.with_user(self.clerk).unit_id = self.unit_1012

    def test_prices_that_no_unit_has(self):
        """ By the hour, or by the month: told, not guessed. """
        self.power_type.registers = 'day_night'
        for component in (
            {'basis': 'use', 'register': 'peak', 'price': 0.5},
            {'basis': 'fixed', 'price': 10},
        ):
            tariff = self._create_tariff(
                self.power_fee, [('2025-01-01', False, 0.6)], basis='metered',
                name=component['basis'])
            tariff.version_ids.component_ids = [Command.create(component)]
            meter = self._create_prepaid(f"P-{component['basis']}", self.unit_1012, tariff)
            with self.assertRaises(UserError), self.env.cr.savepoint():
                self._sell(50, meter)
        self.assertNothingSold()

    def test_nobody_to_pay(self):
        """ The clerk enters who it is. """
        empty = self._create_unit('1013', owner=None)
        meter = self._create_prepaid('P-1013', empty)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self._sell(50, meter)
        sale = meter.with_user(self.clerk)._top_up(50, self.bank_journal, 'x', self.neighbour)
        self.assertEqual(sale.charge_id.partner_id, self.neighbour)

    def test_no_reading_is_billed(self):
        """[B52] Readings are a control; rounds do not ask for them. """
        self._read(self.meter, '2025-12-31', '10', kind='first')
        self._read(self.meter, '2026-02-28', '60')
        run = self._create_run('2026-03-10', fee_ids=[Command.set(self.power_fee.ids)])
        run.with_user(self.clerk).action_preview()
        self.assertFalse(run.charge_ids)
        meter_round = self._create_round(type_id=self.power_type.id)
        self.assertNotIn(self.meter, meter_round._get_meters())

    def test_cancelled_before_it_is_written(self):
        """ The bill is credited; the money is his until somebody pays it out. """
        sale = self._sell(50)
        sale.action_cancel()
        self.assertEqual(sale.write_state, 'cancelled')
        charge = sale.sudo().charge_id
        note = charge.move_id.reversal_move_ids
        self.assertEqual((note.amount_total, note.amount_residual), (50, 50))
        [line] = self.unit_1011.occupancy_ids._get_prepayment_lines()
        self.assertEqual(line.amount_residual, -50)
        for step in (sale.action_cancel, sale.action_set_written):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                step()

    def test_written_is_not_taken_back(self):
        sale = self._sell(50)
        sale.action_set_written()
        sale.action_set_written()
        self.assertEqual(sale.write_state, 'written')
        with self.assertRaises(UserError), self.env.cr.savepoint():
            sale.action_cancel()
        self.assertEqual(sale.charge_id.state, 'posted')

    def test_a_provider_gives_a_token(self):
        """ It is on the receipt; only a manager, who has it made void, takes the sale back. """
        def issue(event):
            self.assertEqual(event.charge_id.amount_residual, 0, "paid before it is issued")
            return '1234 5678 9012 3456 7890'
        self.patch(type(self.env['property.meter.event']), '_issue_token', issue)
        sale = self._sell(50)
        self.assertEqual(
            (sale.write_state, sale.token), ('issued', '1234 5678 9012 3456 7890'))
        self.assertIn(
            sale.token, dict(sale.sudo().payment_id._get_receipt_facts()).values())
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            sale.action_cancel()
        sale.with_user(self.manager).action_cancel()
        self.assertNotIn(
            sale.token, dict(sale.sudo().payment_id._get_receipt_facts()).values())

    def test_a_provider_that_fails_takes_the_sale_back(self):
        def fail(event):
            raise UserError("No answer")
        self.patch(type(self.env['property.meter.event']), '_issue_token', fail)
        with self.assertRaisesRegex(UserError, "No answer"), self.env.cr.savepoint():
            self._sell(50)
        self.assertNothingSold()

    def test_who_may(self):
        """[A66] Officers, of their own projects; a reader of meters sees units and no money. """
        stranger = self._create_user('stranger', 'property_billing.group_billing_officer')
        viewer = self._create_user('viewer', 'property_billing.group_billing_user')
        self.project.user_ids += viewer
        for user in (stranger, viewer, self.reader):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                self._sell(50, user=user)
        with self.assertRaises(AccessError):
            self.env['property.meter.sale'].with_user(stranger).onchange(
                {'meter_id': self.meter.id, 'amount': 50}, ['meter_id', 'amount'],
                {'units': {}, 'meter_id': {}, 'amount': {}, 'partner_id': {}})
        sale = self._sell(50)
        self.assertEqual(sale.with_user(self.reader).units, 83.33)
        for name in ('amount', 'token', 'charge_id'):
            with self.assertRaises(AccessError):
                sale.with_user(self.reader)[name]
        for user in (stranger, viewer, self.reader):
            for step in ('action_set_written', 'action_cancel'):
                with self.assertRaises(AccessError), self.env.cr.savepoint():
                    getattr(sale.with_user(user), step)()
        with self.assertRaises(AccessError):
            sale.with_user(self.clerk).units = 90

    def test_of_another_company(self):
        """ The money goes to a journal of the meter's company. """
        other = self._create_company("Other")
        journal = self.env['account.journal'].search(
            [('company_id', '=', other.id), ('type', '=', 'bank')], limit=1)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.meter.with_user(self.clerk)._top_up(50, journal, 'x')
        self.assertNothingSold()

    def test_found_by_room_number_card_and_name(self):
        self.meter.write({'card_number': 'C-77', 'name': "Flat of Zhang"})
        Meter = self.env['property.meter'].with_user(self.clerk).with_context(
            property_by_resident=True)
        for text in ('1011', 'P-10', 'C-77', 'Zhang W', 'of Zhang'):
            self.assertIn(self.meter.id, dict(Meter.name_search(text)), text)
        self.unit_1011.occupancy_ids.date_end = '2026-03-01'
        self.assertFalse(Meter.name_search('Zhang Wei'), "he has left")

    def test_the_owner_sees_it(self):
        """ On the portal the charge, its bill and its receipt are like others. """
        sale = self._sell(50)
        self.assertTrue(sale.charge_id.is_published)
        payments = self.env['account.payment'].search(
            self.env['account.payment']._get_receipts_domain(self.owner))
        self.assertEqual(payments, sale.sudo().payment_id)

    def test_the_doctor_compares_sales(self):
        """ [G23] Each broken by SQL, and found; cancelled ones are credited. """
        sale, cancelled = self._sell(50), self._sell(20)
        cancelled.action_cancel()
        self.env.flush_all()
        self.assertBooksBalance()
        for what, expected in (
            ("UPDATE property_meter_event SET amount = 51 WHERE id = %s", [False, False]),
            ("UPDATE property_meter_event SET units = 84 WHERE id = %s", [True, False]),
            ("UPDATE property_meter_event SET write_state = 'cancelled' WHERE id = %s",
             [True, False]),
        ):
            with self.subTest(what), self.assertRaises(ZeroDivisionError), self.cr.savepoint():
                self.cr.execute(what, [sale.id])
                checks = {check['name']: check['ok'] for check in self.env['property.doctor'].run()}
                self.assertEqual([checks[name] for name in (
                    "Units sold by prepaid meters: received, billed",
                    "Sales of units that differ from their charge or payment, none",
                )], expected)
                raise ZeroDivisionError  # back to what it was
