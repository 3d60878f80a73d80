from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, tagged

from .common import LedgerCommon


@tagged('post_install', '-at_install')
class TestTemporaryCharge(LedgerCommon):
    """ A fee that comes once, billed at the counter. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time('2026-03-10'))

    def _open(self, user=None, **context):
        context = {f'default_{key}': value for key, value in context.items()}
        return Form(self.env['property.temporary.charge'].with_user(
            user or self.clerk).with_context(**context))

    def _bill(self, wizard):
        return self.env['property.charge'].browse(wizard.save().action_bill()['res_id'])

    def test_two_door_cards(self):
        """[A29] [B04] 2 × 12.345 = 24.69, tax of 6 % within: 23.29 + 1.40. """
        wizard = self._open(unit_id=self.unit_1011.id)
        wizard.fee_id = self.property_fee
        self.assertEqual(wizard.partner_id, self.owner)
        wizard.note = "Two door cards"
        wizard.quantity, wizard.price = 2, 12.345
        charge = self._bill(wizard)
        self.assertEqual(
            (charge.kind, charge.state, charge.amount, charge.amount_residual),
            ('temporary', 'posted', 24.69, 24.69))
        self.assertEqual((charge.date_start, charge.date_due), (date(2026, 3, 10),) * 2)
        self.assertEqual((charge.move_id.amount_untaxed, charge.move_id.amount_tax), (23.29, 1.4))
        self.assertEqual(
            charge.explanation_text.splitlines(), ["Two door cards", "2 × 12.345 = 24.69"])
        self.assertEqual(
            charge.move_id.invoice_line_ids.name, "Property fee 2026-03-10", "one day, said once")
        self.assertTrue(charge.move_id.property_published_at)
        self.env.flush_all()
        self.assertEqual(self._doctor_differences(), [])

    def test_asked_twice_it_is_billed_once(self):
        """ The answer was lost, and somebody presses again. """
        wizard = self._open(unit_id=self.unit_1011.id, fee_id=self.property_fee.id, note="Card")
        wizard.price = 10
        wizard = wizard.save()
        self.assertEqual(wizard.action_bill(), wizard.action_bill())
        self.assertEqual(len(self.unit_1011.property_charge_ids), 1)

    def _doctor_differences(self):
        return [
            line for line in self.env['property.doctor']._get_checks() if line[1] != line[2]]

    def test_rounded_as_the_fee_says(self):
        """[A29] 3 × 1.15 = 3.45, to the jiao 3.5; kept back from the portal. """
        self.parking_fee.rounding = '0.1'
        wizard = self._open(unit_id=self.unit_1011.id, fee_id=self.parking_fee.id, note="Visitors")
        wizard.quantity, wizard.price, wizard.is_published = 3, 1.15, False
        charge = self._bill(wizard)
        self.assertEqual(charge.amount, 3.5)
        self.assertEqual(charge.explanation_text.splitlines()[1], "3 × 1.15 = 3.45 → 3.5")
        self.assertFalse(charge.move_id.property_published_at)

    def test_the_tenant_pays_what_the_occupant_pays(self):
        tenant = self.env['res.partner'].create({'name': "Tenant"})
        self._move_in(self.unit_1011, tenant, '2026-01-01', role='tenant')
        self.parking_fee.payer_role = 'occupant'
        wizard = self._open(unit_id=self.unit_1011.id, fee_id=self.parking_fee.id)
        self.assertEqual(wizard.partner_id, tenant)

    def test_from_the_customer_page(self):
        """[A29] [B17] His unit and he are filled in. """
        context = self.owner.with_user(self.clerk).action_property_temporary_charge()['context']
        self.assertEqual(context, {
            'default_partner_id': self.owner.id, 'default_unit_id': self.unit_1011.id})

    def test_nothing_to_pay_is_refused(self):
        for quantity, price in ((0, 10), (1, 0), (-1, 10)):
            wizard = self._open(
                unit_id=self.unit_1011.id, fee_id=self.property_fee.id, note="Nothing")
            wizard.quantity, wizard.price = quantity, price
            with self.assertRaisesRegex(UserError, "nothing to pay"):
                wizard.save().action_bill()

    def test_who_may(self):
        """ Officers, in their own projects; neither readers nor who sees another project. """
        values = {
            'unit_id': self.unit_1011.id, 'fee_id': self.property_fee.id, 'price': 10,
            'partner_id': self.owner.id, 'note': "Card",
        }
        reader = self._create_user('reader', 'property_billing.group_billing_user')
        stranger = self._create_user('stranger', 'property_billing.group_billing_officer')
        self.project.user_ids += reader
        for user in (reader, stranger):
            with self.assertRaises(AccessError):
                self.env['property.temporary.charge'].with_user(user).create(values)
        wizard = self.env['property.temporary.charge'].with_user(self.clerk).create(values)
        self.project.user_ids -= self.clerk
        with self.assertRaises(AccessError):
            wizard.action_bill()

    def test_the_form_names_nobody_of_another_project(self):
        """[A66] Who pays for a unit is proposed to those only who may see the unit. """
        values = {'unit_id': self.unit_1011.id, 'fee_id': self.property_fee.id}

        def ask(user):
            self.env.invalidate_all()
            return self.env['property.temporary.charge'].with_user(user).onchange(
                values, list(values), {**dict.fromkeys(values, {}), 'partner_id': {}})['value']

        self.assertEqual(ask(self.clerk)['partner_id'], self.owner.id)
        stranger = self._create_user('stranger', 'property_billing.group_billing_officer')
        self.assertFalse(ask(stranger).get('partner_id'))
