from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import BillingCommon


@tagged('post_install', '-at_install')
class TestTariffApproval(BillingCommon):
    """[B10] The manager enters 1.5 from April on; it is valid once a colleague has approved it. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.property_approves_prices = True
        cls.chief = cls._create_user('chief', 'property_billing.group_billing_approve')
        cls.tariff = cls._create_tariff(cls._create_fee(), [('2020-01-01', False, 1.3)])
        cls.former = cls.tariff.version_ids
        cls._assign(cls._create_unit("1011"), cls.tariff, '2026-04-01')

    def _enter(self, day='2026-04-01', price=1.5, **vals):
        version = self.env['property.tariff.version'].with_user(self.manager).create({
            'tariff_id': self.tariff.id, 'date_start': day, 'price': price, **vals})
        if version.state == 'draft':
            version.action_submit()
        return version.with_user(self.chief)

    def _amount(self):
        """ What April would cost now. """
        run = self._preview('2026-04-30')
        amount = run.charge_ids.amount
        run.action_drop_preview()
        return amount

    def test_valid_after_approval(self):
        """ Nothing is charged by what waits, and the price before goes on until then. """
        version = self._enter()
        self.assertEqual(version.state, 'pending')
        self.assertEqual((version.former_price, round(version.change_percent, 1)), (1.3, 15.4))
        self.assertFalse(self.former.date_end)
        self.assertEqual(self._amount(), 130)
        version.action_approve()
        self.assertEqual(str(self.former.date_end), '2026-03-31')
        self.assertEqual(self._amount(), 150)
        version.action_approve()  # twice does no harm
        self.assertEqual(version.state, 'approved')

    def test_with_its_parts(self):
        """ A part that comes with the price is approved with it; a later one is refused. """
        version = self._enter(
            component_ids=[Command.create({'basis': 'fixed', 'price': 8})])
        version.action_approve()
        self.assertEqual(self._amount(), 158)
        for change in (
            lambda: version.with_user(self.manager).write({
                'component_ids': [Command.create({'basis': 'fixed', 'price': 9})]}),
            lambda: version.component_ids.with_user(self.manager).write({'price': 9}),
        ):
            with self.assertRaisesRegex(UserError, "stays as it is"), self.env.cr.savepoint():
                change()

    def test_a_price_that_was_refused(self):
        """ It is never charged, and submitted again once it is corrected. """
        version = self._enter()
        version.action_refuse()
        self.assertEqual(self._amount(), 130)
        with self.assertRaisesRegex(UserError, "in state “Refused”, so this"):
            version.action_approve()
        version.with_user(self.manager).write({'price': 1.4})
        version.with_user(self.manager).action_submit()
        version.action_approve()
        self.assertEqual(self._amount(), 140)

    def test_a_price_that_was_withdrawn(self):
        """ Taken back by who enters prices, it is a draft, and may be deleted. """
        version = self._enter().with_user(self.manager)
        version.action_withdraw()
        self.assertEqual((version.state, self._amount()), ('draft', 130))
        version.unlink()

    def test_two_who_enter_prices(self):
        """ Who submits is who may not decide, whoever began. """
        other = self._create_user('other_manager', 'property_billing.group_billing_manager')
        version = self._enter()
        version.with_user(other).action_withdraw()
        version.with_user(other).write({'price': 9})
        version.with_user(other).action_submit()
        with self.assertRaisesRegex(UserError, "submitted .* yourself"):
            version.with_user(other).action_approve()
        version.with_user(self.manager).action_approve()
        self.assertEqual(self._amount(), 900)

    def test_an_approval_withdrawn(self):
        """ The price before goes on, as long as nothing is billed by the new one. """
        version = self._enter()
        version.action_approve()
        version.action_refuse()
        self.assertFalse(self.former.date_end)
        self.assertEqual(self._amount(), 130)

    def test_not_while_it_is_billed(self):
        """ Approved too late, or withdrawn too late: April is billed. """
        version = self._enter()
        late = self._enter('2026-04-16', 1.6)
        version.action_approve()
        run = self._preview('2026-04-30')
        run.charge_ids._create_bills(date(2026, 4, 1))
        for decide in (late.action_approve, version.action_refuse):
            with self.assertRaisesRegex(UserError, "billed up to 2026-04-30"):
                decide()

    def test_nobody_approves_his_own(self):
        version = self._enter().with_user(self.manager)
        self.assertFalse(version.is_decidable)
        self.assertTrue(version.with_user(self.chief).is_decidable)
        with self.assertRaisesRegex(UserError, "You entered or submitted .* yourself"):
            version.action_approve()
        with self.assertRaisesRegex(AccessError, "not allowed to decide"):
            version.with_user(self.clerk).action_approve()
        self.assertIn(
            version.id, self.env['property.tariff.version'].with_user(
                self.chief)._search_waiting().ids)
        self.assertNotIn(version, version._search_waiting())

    def test_what_the_decider_reads(self):
        """ The price before, by how much it changes, and how many pay it; his own he withdraws. """
        version = self._enter()
        with Form(version.with_user(self.chief)) as form:
            self.assertEqual(
                (form.former_price, form.price, form.submitted_by_id),
                (self.former.price, version.price, self.manager))
            self.assertEqual(form.assignment_count, self.tariff.assignment_count)
        version.with_user(self.chief).action_approve()
        with self.assertRaisesRegex(UserError, "You entered or submitted .* yourself"):
            version.with_user(self.manager).action_refuse()  # nor is he offered to

    def test_no_way_around_it(self):
        """ Neither the state nor an approved price nor its terms change by hand. """
        version = self._enter()
        manager = version.with_user(self.manager)
        for change in (
            lambda: manager.write({'price': 9}),
            manager.unlink,
            lambda: self.former.with_user(self.manager).write({'price': 9}),
            lambda: self.former.with_user(self.manager).write({'date_end': '2026-12-31'}),
            lambda: self.former.with_user(self.manager).unlink(),
            lambda: self.tariff.with_user(self.manager).write({'basis': 'fixed'}),
        ):
            with self.assertRaisesRegex(UserError, "stays as it is"), self.env.cr.savepoint():
                change()
        for vals in ({'state': 'approved'}, {'submitted_by_id': self.chief.id}):
            with self.assertRaisesRegex(AccessError, "by its button"):
                manager.write(vals)
        with self.assertRaisesRegex(AccessError, "by its button"):
            self._enter(state='approved')
        self.assertEqual(self._amount(), 130)

    def test_no_part_is_slipped_in(self):
        """ A part of a draft cannot become one of a price that is approved. """
        draft = self.env['property.tariff.version'].with_user(self.manager).create({
            'tariff_id': self.tariff.id, 'date_start': '2026-04-01', 'price': 1,
            'component_ids': [Command.create({'basis': 'fixed', 'price': 5})]})
        with self.assertRaisesRegex(UserError, "stays as it is"), self.env.cr.savepoint():
            draft.component_ids.write({'version_id': self.former.id})
        self.assertEqual(self._amount(), 130)

    def test_entered_on_the_form_of_the_tariff(self):
        with Form(self.tariff.with_user(self.manager)) as form, form.version_ids.new() as line:
            line.date_start = date(2026, 5, 1)
            line.price = 1.6
        version = self.tariff.version_ids.filtered(lambda version: version.price == 1.6)
        self.assertEqual(version.state, 'draft')
        with Form(version.with_user(self.manager)) as form, form.component_ids.new() as part:
            part.basis = 'fixed'
            part.price = 5
        version.with_user(self.manager).action_submit()
        version.with_user(self.chief).action_approve()
        self.assertEqual(version.state, 'approved')

    def test_submitted_without_the_switch(self):
        """ Once prices need no approval any more, a draft is in force when submitted. """
        version = self._enter().with_user(self.manager)
        version.action_withdraw()
        self.company.property_approves_prices = False
        version.action_submit()
        self.assertEqual((version.state, self._amount()), ('approved', 150))

    def test_reminder_on_the_front_page(self):
        self._enter()
        Home = self.env['property.home'].with_user(self.chief)
        [item] = [
            item for item in Home._get_reminders(self.project) if item['key'] == 'prices']
        self.assertEqual(item['count'], 1)
        self.company.property_approves_prices = False
        self.assertNotIn('prices', [item['key'] for item in Home._get_reminders(self.project)])

    def test_without_the_switch_a_price_is_valid_at_once(self):
        self.company.property_approves_prices = False
        self.assertEqual(self._enter().state, 'approved')
        self.assertEqual(self._amount(), 150)
