from freezegun import freeze_time

from odoo import Command
from odoo.tests import new_test_user, tagged
from odoo.tools.safe_eval import safe_eval

from .common import PaymentCommon


@tagged('post_install', '-at_install')
@freeze_time('2026-02-15')
class TestArrearsLamp(PaymentCommon):
    """ Room 1011 owes 857.57 since 31 January; 343.68 more is due on 28 February. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.receptionist = new_test_user(
            cls.env, 'receptionist', 'property_base.group_property_officer',
            company_id=cls.company.id, company_ids=[Command.set(cls.company.ids)])
        cls.project.user_ids |= cls.receptionist

    def _get_arrears(self, user):
        return (self.unit_1011 | self.unit_1012).with_user(user)._get_arrears()

    def _get_cells(self, user):
        board = self.building.with_user(user).get_room_board(building_id=self.building.id)
        return {unit['name']: unit for floor in board['blocks'][0]['floors']
                for unit in floor['units']}, board

    def test_only_what_is_past_its_due_date(self):
        """[A27] """
        self.assertEqual(self._get_arrears(self.clerk), {self.unit_1011.id: 857.57})
        with freeze_time('2026-03-01'):
            self.assertEqual(self._get_arrears(self.clerk), {self.unit_1011.id: 1201.25})
        with freeze_time('2026-01-31'):
            self.assertEqual(self._get_arrears(self.clerk), {}, "the due date itself is in time")

    def test_lamp_and_its_detail(self):
        """[A27] The tile carries the amount; the lamp opens just the bills that are overdue. """
        cells, board = self._get_cells(self.clerk)
        self.assertEqual((cells['1011']['arrears'], cells['1012']['arrears']), (857.57, 0))
        details = self.unit_1011.with_user(self.clerk).get_board_details()
        self.assertEqual(details['arrears'], 857.57)
        [action] = [action for action in board['actions'] if action['needs'] == 'arrears']
        action = getattr(self.unit_1011.with_user(self.clerk), action['method'])()
        self.assertEqual(action['res_model'], 'property.charge')
        self.assertEqual(action['context']['search_default_overdue'], 1)
        charges = self.env['property.charge'].with_user(self.clerk).search(
            safe_eval(action['domain'], {'active_id': action['context']['active_id']}))
        self.assertEqual(charges, self.charges)
        self.assertEqual(
            charges.filtered(lambda charge: charge.payment_state == 'overdue'), self.first)

    def test_paid_room_has_no_lamp(self):
        """[A27] """
        self.env['account.payment.register'].with_context(
            active_model='account.move', active_ids=self.bill.ids,
        ).create({'journal_id': self.bank_journal.id})._create_payments()
        self.assertEqual(self._get_arrears(self.clerk), {})

    def test_who_may_not_see_money_sees_no_lamp(self):
        """[A27] """
        cells, board = self._get_cells(self.receptionist)
        self.assertEqual(cells['1011']['arrears'], 0)
        self.assertNotIn('arrears', [action['needs'] for action in board['actions']])
        self.assertFalse(
            self.unit_1011.with_user(self.receptionist).get_board_details()['arrears'])
