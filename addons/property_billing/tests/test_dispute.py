from datetime import date

from freezegun import freeze_time
from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .test_correction import CorrectionCommon


@tagged('post_install', '-at_install')
class TestDispute(CorrectionCommon):
    """ [B44] A wrong bill is flagged, checked, and corrected or explained. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time('2026-03-20'))
        cls.service = cls._create_user('service', 'property_base.group_property_user')
        cls.project.user_ids += cls.service
        (cls.clerk + cls.manager).lang = 'en_US'  # whatever the database speaks

    def _flag(self, charge=None, user=None, **vals):
        charge = charge or self.march
        return self.env['property.charge.dispute'].with_user(user or self.clerk).create({
            'charge_id': charge.id, 'unit_id': charge.unit_id.id, 'reason': "wrong area", **vals})

    def _messages(self, user):
        return self.env['property.notification'].search(
            [('partner_id', '=', user.partner_id.id)]).mapped('subject')

    def test_flagged_and_right(self):
        """ It takes an answer, which who flagged it is told. """
        action = self.march.with_user(self.clerk).action_dispute()
        with Form(self.env['property.charge.dispute'].with_user(self.clerk).with_context(
                **action['context']), view=action['views'][0][0]) as form:
            form.reason = "wrong area"
        dispute = self.march.dispute_ids
        self.assertEqual((dispute.state, dispute.unit_id), ('open', self.unit))
        self.assertTrue(self.march.is_disputed)
        self.assertTrue(self.march.move_id.property_is_disputed)
        self.assertEqual(
            self.env['property.charge'].search(
                [('is_disputed', '=', True), ('unit_id', '=', self.unit.id)]), self.march)
        self.assertIn(
            "A bill is flagged as wrong: 1-1013 Property fee 2026-03-01 ~ 2026-03-31",
            self._messages(self.manager))
        with self.assertRaisesRegex(UserError, "why it is right"):
            dispute.with_user(self.manager).action_keep()
        dispute.with_user(self.manager).answer = "94.56 m² is what the title says."
        dispute.with_user(self.manager).action_keep()
        self.assertEqual(
            (dispute.state, dispute.date_end, dispute.answered_by_id),
            ('kept', date(2026, 3, 20), self.manager))
        self.assertFalse(self.march.is_disputed)
        self.assertIn(
            "1-1013 Property fee 2026-03-01 ~ 2026-03-31: Right as it is",
            self._messages(self.clerk))

    def test_corrected_from_there(self):
        dispute = self._flag()
        self._sell('2026-03-16')
        action = dispute.with_user(self.manager).action_correct()
        wizard = self.env['property.charge.correct'].with_user(self.manager).with_context(
            **action['context']).create({})
        self.assertEqual((wizard.reason, len(wizard.line_ids)), ("wrong area", 2))
        wizard.action_correct()
        self.assertEqual((dispute.state, dispute.answer), ('corrected', "wrong area"))
        self.assertEqual(self.march.amount_residual, 59.48)

    def test_who_sees_no_bills_flags_the_unit(self):
        """ Customer service says which home and what is wrong; finance finds the charge. """
        dispute = self.env['property.charge.dispute'].with_user(self.service).create({
            'unit_id': self.unit.id, 'reason': "pays for 3 months, lives there for one"})
        self.assertEqual(dispute.display_name, "1-1013")
        with self.assertRaises(AccessError):
            dispute.read(['charge_id'])
        with self.assertRaises(AccessError):
            dispute.answer = "something else"
        found = dispute.with_user(self.manager)
        with self.assertRaisesRegex(UserError, "Choose the charge"):
            found.action_correct()
        found.charge_id = self.march
        self.assertTrue(self.march.is_disputed)
        self.assertEqual(found.action_correct()['context']['default_charge_ids'], self.march.ids)

    def test_steps_are_not_typed(self):
        dispute = self._flag()
        for vals in ({'state': 'kept'}, {'date_start': '2026-01-01'}):
            with self.assertRaises(AccessError):
                dispute.write(vals)
            with self.assertRaises(AccessError):
                self._flag(self.january, **vals)
        with self.assertRaisesRegex(UserError, "stays as it was written"):
            dispute.reason = "nothing"
        dispute.answer = "It is right."
        dispute.action_keep()
        with self.assertRaisesRegex(UserError, "answered already"):
            dispute.answer = "It is not."

    def test_no_day_of_flagging_by_the_context(self):
        """ Late fees wait from the day of the flag: nobody flags for the time before, or as others.
        """
        for name, value in (
            ('date_start', '2020-01-01'), ('date_end', '2020-01-31'), ('state', 'kept'),
            ('user_id', self.manager.id), ('answered_by_id', self.manager.id),
        ):
            with self.subTest(name), self.assertRaisesRegex(
                    AccessError, "by its buttons"), self.env.cr.savepoint():
                self.env['property.charge.dispute'].with_user(self.clerk).with_context(
                    **{f'default_{name}': value}).create({
                        'charge_id': self.march.id, 'unit_id': self.unit.id, 'reason': "Wrong"})

    def test_flagged_once_at_a_time(self):
        self._flag().write({'answer': "It is right."})
        with self.assertRaises(UniqueViolation), mute_logger('odoo.sql_db'), \
                self.env.cr.savepoint():
            self._flag()
        self.march.dispute_ids.action_keep()
        self.env.flush_all()
        self.assertTrue(self._flag())

    def test_only_what_is_posted_of_that_unit(self):
        draft = self._create_charge(10, unit=self.unit)
        for charge, unit in ((draft, self.unit), (self.march, self.unit_1011)):
            with self.assertRaisesRegex(ValidationError, "is no posted charge of"):
                self._flag(charge, unit_id=unit.id)

    def test_another_project(self):
        self.project.user_ids -= self.service + self.clerk
        for user in (self.service, self.clerk):
            with self.assertRaises(AccessError):
                self.env['property.charge.dispute'].with_user(user).create({
                    'unit_id': self.unit.id, 'reason': "wrong"})

    def test_days_without_late_fee(self):
        """ Half-open, for what counts them. """
        self._flag()
        self.assertEqual(
            self.march._get_disputed_days(), {self.march: [(date(2026, 3, 20), None)]})
        self.march.dispute_ids.answer = "It is right."
        with freeze_time('2026-03-25'):
            self.march.dispute_ids.action_keep()
        self.assertEqual(self.march._get_disputed_days(), {
            self.march: [(date(2026, 3, 20), date(2026, 3, 26))]})

    def test_reminder_of_finance(self):
        self._flag()
        home = self.env['property.home'].with_user(self.clerk)
        items = {item['key']: item['count'] for item in home._get_reminders(self.project)}
        self.assertEqual(items['disputes'], 1)
