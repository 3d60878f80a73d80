from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import BillingCommon


@tagged('post_install', '-at_install')
class TestFeeAssign(BillingCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tariff = cls._create_tariff(cls._create_fee())
        cls.units = cls._create_unit("201") + cls._create_unit("202")

    def _open(self, user, units):
        return Form(self.env['property.fee.assign'].with_user(user).with_context(
            active_model='property.unit', active_ids=units.ids))

    def test_many_units_at_once(self):
        """[B11] [A08] Two units get a tariff; the one that has it already stays as it is. """
        self._assign(self.units[0], self.tariff, '2024-01-01')
        wizard = self._open(self.clerk, self.units)
        wizard.tariff_id = self.tariff
        wizard.date_start = '2024-06-01'
        self.assertEqual(wizard.unit_count, 1)
        wizard.save().action_assign()
        self.assertEqual(
            [str(day) for day in self.units.fee_assignment_ids.mapped('date_start')],
            ['2024-01-01', '2024-06-01'])

    def test_nothing_to_assign(self):
        for unit in self.units:
            self._assign(unit, self.tariff, '2024-01-01')
        wizard = self._open(self.clerk, self.units)
        wizard.tariff_id = self.tariff
        with self.assertRaisesRegex(UserError, "have .* already"):
            wizard.save().action_assign()

    def test_a_user_assigns_nothing(self):
        user = self._create_user('billing_user', 'property_billing.group_billing_user')
        with self.assertRaises(AccessError):
            self.env['property.fee.assign'].with_user(user).create({
                'unit_ids': self.units.ids, 'tariff_id': self.tariff.id})

    def test_generated_units_get_their_charge_standards(self):
        """[A09] New units come with the tariffs that were chosen for them. """
        keeper = self._create_user(
            'keeper',
            'property_base.group_property_officer,property_billing.group_billing_officer')
        self.project.user_ids += keeper
        generator = Form(self.env['property.unit.generator'].with_user(keeper))
        generator.building_id = self.building
        generator.floor_from = generator.floor_to = 3
        generator.units_per_floor = 2
        generator.tariff_ids.add(self.tariff)
        generator.fee_date_start = '2024-06-01'
        generator.save().action_generate()
        units = self.building.unit_ids - self.units
        self.assertEqual(len(units), 2)
        self.assertEqual(units.fee_assignment_ids.tariff_id, self.tariff)
        self.assertEqual(len(units.fee_assignment_ids), 2)

    # === IN THE PLACE OF ANOTHER === #

    def _fill(self, wizard, tariff, day, **vals):
        wizard.tariff_id = tariff
        wizard.date_start = day
        for name, value in vals.items():
            setattr(wizard, name, value)
        return wizard

    def _days(self, unit):
        return [
            (a.tariff_id, str(a.date_start), str(a.date_end))
            for a in unit.fee_assignment_ids.sorted('date_start')]

    def test_another_tariff_in_its_place(self):
        """[B11] From 1 July the flats pay by the new tariff: 100.00 to June, 150.00 from then. """
        dear = self._create_tariff(self.tariff.fee_id, [('2015-01-01', False, 1.5)], name="Dear")
        self._assign(self.units[0], self.tariff, '2024-01-01')
        wizard = self._fill(self._open(self.clerk, self.units), dear, '2024-07-01')
        self.assertEqual(list(wizard.ended_tariff_ids), [self.tariff])
        self.assertEqual((wizard.unit_count, wizard.ended_count), (2, 1))
        wizard.save().action_assign()
        self.assertEqual(self._days(self.units[0]), [
            (self.tariff, '2024-01-01', '2024-06-30'), (dear, '2024-07-01', 'False')])
        self.assertEqual(self._days(self.units[1]), [(dear, '2024-07-01', 'False')])
        run = self._preview('2024-07-31', unit_ids=self.units[0].ids, date_start='2024-06-01')
        self.assertEqual(
            [amount for *_days, amount in self._periods(run.charge_ids)], [100, 150])

    def test_beside_the_other(self):
        """ Taken out of “in place of”, the other goes on. """
        extra = self._create_tariff(self.tariff.fee_id, name="Extra")
        self._assign(self.units[0], self.tariff, '2024-01-01')
        wizard = self._fill(self._open(self.clerk, self.units[0]), extra, '2024-07-01')
        wizard.ended_tariff_ids.clear()
        wizard.save().action_assign()
        self.assertEqual(self._days(self.units[0]), [
            (self.tariff, '2024-01-01', 'False'), (extra, '2024-07-01', 'False')])

    def test_who_pays_and_how_much_goes_over(self):
        """ Two spaces of the firm stay two spaces of the firm, at the new price. """
        spaces = self._create_tariff(self._create_fee("Parking"), basis='unit')
        dear = self._create_tariff(spaces.fee_id, basis='unit', name="Dear")
        firm = self.env['res.partner'].create({'name': "Firm"})
        self._assign(
            self.units[0], spaces, '2024-01-01', partner_id=firm.id, quantity=2,
            payer_role='occupant')
        self._fill(self._open(self.clerk, self.units), dear, '2024-07-01').save().action_assign()
        new = self.units.fee_assignment_ids.filtered(lambda a: a.tariff_id == dear)
        self.assertRecordValues(new.sorted('quantity'), [
            {'unit_id': self.units[1].id, 'partner_id': False, 'quantity': 1, 'payer_role': False},
            {'unit_id': self.units[0].id, 'partner_id': firm.id, 'quantity': 2,
             'payer_role': 'occupant'},
        ])

    def test_until_when_the_customer_pays_goes_over(self):
        """ The firm pays to the end of the year, at whatever price; another one without end. """
        dear = self._create_tariff(self.tariff.fee_id, name="Dear")
        firm, other = self.env['res.partner'].create([{'name': "Firm"}, {'name': "Other"}])
        for unit, vals in zip(self.units, ({}, {'partner_id': other}), strict=True):
            self._assign(
                unit, self.tariff, '2024-01-01', partner_id=firm.id, partner_date_end='2024-12-31')
            self._fill(self._open(self.clerk, unit), dear, '2024-07-01', **vals).save(
            ).action_assign()
        new = self.units.fee_assignment_ids.filtered(lambda a: a.tariff_id == dear)
        self.assertEqual(
            [(a.partner_id, str(a.partner_date_end)) for a in new.sorted('unit_id')],
            [(firm, '2024-12-31'), (other, 'False')])

    def test_three_spaces_instead_of_two(self):
        """ The same tariff with another quantity and customer is another assignment. """
        spaces = self._create_tariff(self._create_fee("Parking"), basis='unit')
        firm = self.env['res.partner'].create({'name': "Firm"})
        self._assign(self.units[0], spaces, '2024-01-01', quantity=2)
        wizard = self._fill(
            self._open(self.clerk, self.units[0]), spaces, '2024-07-01', quantity=3,
            partner_id=firm)
        self.assertEqual((wizard.unit_count, wizard.ended_count), (1, 1))
        wizard.save().action_assign()
        self.assertEqual(
            [(a.quantity, a.partner_id, str(a.date_end))
             for a in self.units[0].fee_assignment_ids.sorted('date_start')],
            [(2, self.env['res.partner'], '2024-06-30'), (3, firm, 'False')])

    def test_not_over_what_is_billed(self):
        """ July is billed: the error names unit, day, and the first day that is free. """
        dear = self._create_tariff(self.tariff.fee_id, name="Dear")
        self._assign(self.units[0], self.tariff, '2024-07-01')
        run = self._create_run('2024-07-31')
        run.action_preview()
        run.charge_ids._create_bills(run.date_invoice)
        wizard = self._fill(self._open(self.clerk, self.units), dear, '2024-07-16')
        with self.assertRaisesRegex(
            UserError, "201 .* is billed up to 2024-07-31. Start on 2024-08-01"
        ):
            wizard.save().action_assign()
        self.assertFalse(self.units[1].fee_assignment_ids)
        wizard.date_start = '2024-08-01'
        wizard.save().action_assign()
        self.assertEqual(len(self.units.fee_assignment_ids), 3)

    def test_one_that_has_not_begun(self):
        """ Entered for August by mistake: from July on it is the new one. """
        dear = self._create_tariff(self.tariff.fee_id, name="Dear")
        self._assign(self.units[0], self.tariff, '2024-08-01')
        self._fill(
            self._open(self.clerk, self.units[0]), dear, '2024-07-01').save().action_assign()
        self.assertEqual(self._days(self.units[0]), [(dear, '2024-07-01', 'False')])

    # === WHO PAYS === #

    def test_from_the_page_of_a_customer(self):
        """[B11] His unit and he are filled in; he pays, whatever the fee says. """
        owner = self.units[0].owner_ids
        action = owner.with_user(self.clerk).action_property_fee_assign()
        wizard = Form(self.env['property.fee.assign'].with_user(self.clerk).with_context(
            **action['context']))
        self.assertEqual(list(wizard.unit_ids), [self.units[0]])
        self._fill(wizard, self.tariff, '2024-07-01').save().action_assign()
        self.assertEqual(self.units[0].fee_assignment_ids.partner_id, owner)

    def test_the_owner_pays_though_the_fee_is_the_occupant_s(self):
        """[B11] Water is the tenant's in 201 and, as agreed, the owner's in 202. """
        water = self._create_tariff(self._create_fee("Water", payer_role='occupant'))
        tenant = self.env['res.partner'].create({'name': "Tenant"})
        for unit in self.units:
            self._move_in(unit, tenant, '2024-01-01', role='tenant')
        self._assign(self.units[0], water, '2024-07-01')
        self._fill(
            self._open(self.clerk, self.units[1]), water, '2024-07-01', payer_role='owner',
        ).save().action_assign()
        run = self._preview('2024-07-31')
        self.assertEqual(
            {charge.unit_id.name: charge.partner_id for charge in run.charge_ids},
            {"201": tenant, "202": self.units[1].owner_ids})
        owner = self.units[1].owner_ids
        self.assertEqual(
            owner.property_fee_assignment_ids, self.units[1].fee_assignment_ids)
        self.assertEqual(
            tenant.property_fee_assignment_ids, self.units[0].fee_assignment_ids)

    def test_not_within_what_was_corrected(self):
        """ March was credited to the seller and charged to the buyer: its days are settled. """
        self._assign(self.units[0], self.tariff, '2026-03-01')
        run = self._preview('2026-03-31', unit_ids=self.units[0].ids)
        run.charge_ids._create_bills(run.date_invoice)
        buyer = self.env['res.partner'].create({'name': "Buyer"})
        self.units[0].fee_assignment_ids.partner_id = buyer
        run.charge_ids.with_user(self.manager)._correct("Sold", run.date_invoice)
        self.assertEqual(run.charge_ids.state, 'reversed')
        dear = self._create_tariff(self.tariff.fee_id, [('2015-01-01', False, 1.5)], name="Dear")
        wizard = self._fill(self._open(self.clerk, self.units[0]), dear, '2026-03-16')
        with self.assertRaisesRegex(UserError, "billed up to 2026-03-31"):
            wizard.save().action_assign()

    def test_in_the_place_of_one_that_a_run_has_left_out(self):
        """ It has charges that were taken back, so it goes to the archive and is not deleted. """
        self._assign(self.units[0], self.tariff, '2026-03-01')
        run = self._preview('2026-03-31', unit_ids=self.units[0].ids)
        run.charge_ids._create_bills(run.date_invoice)
        self._reverse(run.sudo().move_ids, "Wrong tariff")
        dear = self._create_tariff(self.tariff.fee_id, [('2015-01-01', False, 1.5)], name="Dear")
        self._fill(self._open(self.clerk, self.units[0]), dear, '2026-03-01').save().action_assign()
        run = self._preview('2026-03-31', unit_ids=self.units[0].ids)
        self.assertEqual(run.charge_ids.mapped('amount'), [150])
