from datetime import date

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import PropertyCommon


@tagged('post_install', '-at_install', 'security')
class TestApproval(PropertyCommon):
    """[A17] Whom an officer enters waits until somebody else approves him. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lakeside.approves_residents = True
        cls.approver = cls._create_staff('approver', 'group_property_officer', cls.lakeside)
        cls.approver.group_ids = [Command.link(
            cls.env.ref('property_base.group_resident_approve').id)]

    def _enter(self, user, unit=None, partner=None, **values):
        return self.env['property.occupancy'].with_user(user).create({
            'unit_id': (unit or self.flat).id, 'partner_id': (partner or self.olga).id,
            'date_start': date(2024, 1, 1), **values,
        })

    def test_entered_approved_live(self):
        occupancy = self._enter(self.officer)
        self.assertEqual(occupancy.state, 'pending')
        self.assertFalse(occupancy.is_live)
        self.assertEqual(self.flat.occupancy_state, 'vacant')
        self.assertEqual((self.flat.occupancy_count, self.lakeside.occupant_count), (0, 0))
        occupancy.with_user(self.approver).action_approve()
        self.assertEqual(occupancy.state, 'approved')
        self.assertEqual(self.flat.occupancy_state, 'sold')
        self.assertEqual(self.flat.owner_ids, self.olga)

    def test_refused_corrected_submitted_again(self):
        occupancy = self._enter(self.officer, role='owner', share=50)
        occupancy.with_user(self.approver).action_refuse()
        self.assertEqual(occupancy.state, 'refused')
        occupancy.share = 100
        occupancy.action_submit()
        self.assertEqual(occupancy.state, 'pending')
        occupancy.with_user(self.approver).action_approve()
        occupancy.with_user(self.approver).action_approve()  # a second click changes nothing
        with self.assertRaisesRegex(UserError, 'Waiting for approval'):
            occupancy.with_user(self.approver).action_refuse()

    def test_without_the_switch_it_counts_at_once(self):
        self.lakeside.approves_residents = False
        self.assertEqual(self._enter(self.officer).state, 'approved')

    def test_what_a_manager_enters_counts_at_once(self):
        self.assertEqual(self._enter(self.manager).state, 'approved')

    def test_four_eyes(self):
        occupancy = self._enter(self.approver)
        self.assertEqual(occupancy.state, 'pending')
        with self.assertRaisesRegex(UserError, 'yourself'):
            occupancy.action_approve()
        occupancy.with_user(self.manager).action_approve()
        self.assertEqual(occupancy.state, 'approved')

    @mute_logger('odoo.addons.base.models.ir_rule')
    def test_nobody_gets_round_the_approval(self):
        occupancy = self._enter(self.officer, state='approved')
        self.assertEqual(occupancy.state, 'pending')
        by_default = self.env['property.occupancy'].with_user(self.officer).with_context(
            default_unit_id=self.next_flat.id, default_state='approved',
        ).create({'partner_id': self.tom.id})
        self.assertEqual(by_default.state, 'pending')
        for user in (self.officer, self.approver, self.manager):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                occupancy.with_user(user).write({'state': 'approved'})
        for user in (self.officer, self.clerk, self.hill_officer):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                occupancy.with_user(user).action_approve()
        self.hill_officer.group_ids += self.env.ref('property_base.group_resident_approve')
        with self.assertRaises(AccessError):
            occupancy.with_user(self.hill_officer).action_approve()
        with self.assertRaises(AccessError):
            occupancy.with_user(self.far_manager).action_approve()

    def test_portal_gets_nothing_from_a_pending_occupancy(self):
        """ Neither home, project nor the people of the unit; approved, it gives them. """
        user = self._create_portal_user(self.olga)
        occupancy = self._enter(self.officer)
        for model in ('property.unit', 'property.building', 'property.project',
                      'property.occupancy'):
            with self.subTest(model=model):
                self.assertFalse(self.env[model].with_user(user).search([]))
        with mute_logger('odoo.addons.base.models.ir_rule'), self.assertRaises(AccessError):
            self.flat.with_user(user).read(['name'])
        occupancy.with_user(self.approver).action_approve()
        self.assertEqual(self.env['property.unit'].with_user(user).search([]), self.flat)
        self.assertEqual(self.flat.with_user(user).name, '101')

    @mute_logger('odoo.sql_db')
    def test_constraints_count_approved_ones_only(self):
        first = self._enter(self.officer)
        second = self._enter(self.officer, partner=self.tom)
        first.with_user(self.approver).action_approve()
        with self.assertRaises(IntegrityError), self.cr.savepoint():
            second.with_user(self.approver).action_approve()
            self.env.flush_all()
        first.sudo().share = 60
        second.invalidate_recordset()
        second.share = 41
        with self.assertRaisesRegex(ValidationError, '101.*101 %'), self.cr.savepoint():
            second.with_user(self.approver).action_approve()
            self.env.flush_all()
