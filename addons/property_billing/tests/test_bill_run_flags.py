from datetime import date

from freezegun import freeze_time

from odoo.tests import tagged

from .common import LedgerCommon


@tagged('post_install', '-at_install')
@freeze_time('2026-06-20')
class TestBillRunFlags(LedgerCommon):
    """ What a preview wants a person to look at. Room 1011 pays 100 a month. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tariff = cls._create_tariff(cls.property_fee)

    def test_customer_who_has_left(self):
        """[B13] The parking fee names Wang Fang, who was in until 10 May: May is hers, June waits
        for somebody who looks at it, and is never billed to her or as 0.
        """
        tenant = self.env['res.partner'].create({'name': "Wang Fang"})
        occupancy = self._move_in(self.unit_1012, tenant, '2026-01-01', role='tenant')
        assignment = self._assign(
            self.unit_1012, self._create_tariff(self.parking_fee), '2026-05-01',
            partner_id=tenant.id)
        occupancy.date_end = date(2026, 5, 10)
        run = self._preview('2026-06-30')
        may, june = run.charge_ids.sorted('date_start')
        self.assertEqual((may.state, may.partner_id), ('draft', tenant))
        self.assertEqual((june.state, june.reason), ('left_out', 'left'))
        self.assertEqual(
            june.reason_detail,
            "Wang Fang, whom the fee names, left 1-1012 on 2026-05-10. End the fee of this unit, "
            "or enter another customer.")
        assignment.partner_id = self.neighbour
        run.action_preview()
        self.assertEqual(run.charge_ids.mapped('state'), ['draft', 'draft'])

    def test_customer_who_never_lived_there(self):
        """[B11] An advertiser has no occupancy and is billed; so is who has moved in again. """
        advertiser = self.env['res.partner'].create({'name': "Advertiser"})
        self._assign(self.unit_1012, self.tariff, '2026-06-01', partner_id=advertiser.id)
        self._move_in(self.unit_1011, self.neighbour, '2020-01-01', '2020-12-31', role='tenant')
        self._move_in(self.unit_1011, self.neighbour, '2026-01-01', role='tenant')
        self._assign(self.unit_1011, self.tariff, '2026-06-01', partner_id=self.neighbour.id)
        run = self._preview('2026-06-30')
        self.assertEqual(run.charge_ids.mapped('state'), ['draft', 'draft'])

    def test_customer_who_had_left_before(self):
        """[B11] Who lived there until 2020 rents a cage from June on: he left before that, and the
        fee names him all the same.
        """
        tenant = self.env['res.partner'].create({'name': "Wang Fang"})
        self._move_in(self.unit_1012, tenant, '2020-01-01', '2020-12-31', role='tenant')
        self._assign(self.unit_1012, self.tariff, '2026-06-01', partner_id=tenant.id)
        run = self._preview('2026-06-30')
        self.assertEqual(
            [(charge.state, charge.partner_id) for charge in run.charge_ids], [('draft', tenant)])

    def test_flagged_as_wrong_last_time(self):
        """[B44] The bill of May was flagged: June is in the preview with a warning, July is not, be
        the flag answered or not.
        """
        assignment = self._assign(self.unit_1011, self.tariff, '2026-05-01')
        self._assign(self.unit_1012, self.tariff, '2026-05-01')
        may = self._preview('2026-05-31')
        may.charge_ids._create_bills(date(2026, 5, 1))
        may.sudo().state = 'posted'
        self.env['property.charge.dispute'].create({
            'charge_id': may.charge_ids.filtered(
                lambda charge: charge.assignment_id == assignment).id,
            'reason': "The area is 94.56 m²"})
        june = self._preview('2026-06-30')
        self.assertEqual(
            june.charge_ids.filtered('was_disputed').assignment_id, assignment)
        self.assertEqual((june.disputed_count, june.summary['disputed']), (1, 1))
        june.charge_ids._create_bills(date(2026, 6, 1))
        july = self._preview('2026-07-31')
        self.assertFalse(july.disputed_count)
