from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..models.property_import_load import Load
from ..tools.workbook import Workbook
from .common import PropertyCommon

NUMBER = '11010519491231002X'  # the example of GB 11643
MASKED = '110***********002X'


@tagged('post_install', '-at_install', 'security')
class TestIdentity(PropertyCommon):
    """[G25] An identity number is entered by many, read by few, and each look is logged. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._move_in(cls.flat, cls.olga)
        cls.identity_officer = cls._create_staff(
            'identity', 'group_property_officer', cls.lakeside)
        cls.identity_officer.group_ids += cls.env.ref('property_base.group_identity')
        cls.resident = cls.env['property.resident'].with_user(cls.officer).create(
            {'partner_id': cls.olga.id, 'identity_masked': '11010519491231002x '})

    def _get_log(self):
        return self.env['property.identity.log'].search([('partner_id', '=', self.olga.id)])

    def test_entered_in_full_shown_masked(self):
        """[A17] Birth and sex stand in the number, so nobody types them. """
        self.assertEqual(self.resident.identity_masked, MASKED)
        self.assertEqual(self.resident.sudo().identity_number, NUMBER)
        self.assertEqual(
            (self.resident.date_birth, self.resident.sex), (date(1949, 12, 31), 'female'))
        with Form(self.resident) as form:
            self.assertEqual(form.identity_masked, MASKED)
            form.workplace = "Lakeside School"
        self.assertEqual(self.resident.sudo().identity_number, NUMBER)

    def test_a_number_that_cannot_be_is_refused(self):
        for kind, number in (
            ('card', '110105194912310021'), ('card', '11010519491231'), ('passport', 'E1'),
            ('card', '110***********0000'),
        ):
            with self.subTest(number=number), self.assertRaises(ValidationError):
                self.resident.write({'identity_kind': kind, 'identity_masked': number})
        self.resident.write({'identity_kind': 'passport', 'identity_masked': 'e12345678'})
        self.assertEqual(self.resident.identity_masked, '*********')

    @mute_logger('odoo.addons.base.models.ir_rule', 'odoo.http')
    def test_no_path_gives_the_full_number(self):
        """ Whatever his groups: read, export, search, grouping, names, and what a search tells. """
        for user in (self.officer, self.identity_officer, self.manager,
                     self.env.ref('base.user_admin')):
            seen = self.resident.with_user(user)
            self.assertNotIn('identity_number', seen.fields_get())
            self.assertNotIn('identity_number', seen.read()[0])
            for forbidden in (
                lambda seen=seen: seen.read(['identity_number']),
                lambda seen=seen: seen.web_read({'identity_number': {}}),
                lambda seen=seen: seen.export_data(['identity_number']),
                lambda seen=seen: seen.search([('identity_number', '=like', '1%')]),
                lambda seen=seen: self.env['res.partner'].with_user(seen.env.uid).search(
                    [('property_resident_ids.identity_number', '=like', '1%')]),
                lambda seen=seen: seen.search([], order='identity_number'),
                lambda seen=seen: seen._read_group([], ['identity_number']),
                lambda seen=seen: seen.formatted_read_group([], ['identity_number']),
                lambda seen=seen: seen.write({'identity_number': 'x'}),
            ):
                with self.subTest(user=user.login), self.assertRaises(AccessError):
                    forbidden()
            self.assertEqual(
                seen.export_data(['identity_masked'])['datas'], [[MASKED]])
        with self.assertRaises(ValueError):
            self.resident.search([('identity_masked', '=', NUMBER)])

    @mute_logger('odoo.addons.base.models.ir_rule')
    def test_each_look_is_logged(self):
        wizard = self.env['property.identity.reveal'].with_user(self.identity_officer).create(
            {'resident_id': self.resident.id, 'reason': "Compared at the desk"})
        self.assertEqual(wizard.action_reveal()['params']['message'], NUMBER)
        log = self._get_log()
        self.assertEqual(
            (log.create_uid, log.kind, log.reason),
            (self.identity_officer, 'look', "Compared at the desk"))
        for refused in (self.officer, self.clerk):
            with self.assertRaises(AccessError):
                self.resident.with_user(refused).reveal_identity_number("Police")
        self.hill_officer.group_ids += self.env.ref('property_base.group_identity')
        with self.assertRaises(AccessError):
            self.resident.with_user(self.hill_officer).reveal_identity_number("Police")
        self.assertEqual(len(self._get_log()), 1)

    @mute_logger('odoo.addons.base.models.ir_model')
    def test_nobody_mends_the_log(self):
        self.resident.with_user(self.manager).reveal_identity_number("Police")
        log = self._get_log().with_user(self.manager)
        self.assertEqual(log.create_uid, self.manager)
        for change in (
            lambda: log.write({'reason': 'x'}), log.unlink,
            lambda: log.create({'kind': 'look', 'partner_id': self.olga.id}),
            lambda: log.with_user(self.identity_officer).read(),
        ):
            with self.assertRaises(AccessError):
                change()
        self.assertFalse(
            self.env['property.identity.log'].with_user(self.far_manager).search(
                [('partner_id', '=', self.olga.id)]))

    def test_the_workbook_of_residents_is_a_look(self):
        self.env['property.import']._number_residents(self.lakeside)
        for user, number in ((self.officer, False), (self.identity_officer, NUMBER)):
            load = Load(Workbook(), self.lakeside.with_user(user), True, None)
            [row] = self.env['property.import'].with_user(user)._get_template_rows(
                load)['residents']
            self.assertEqual(row['identity_number'], number)
        self.assertEqual(self._get_log().mapped('kind'), ['export'])

    def test_certified_by_whom_and_when_is_not_for_the_user_to_say(self):
        """[A85] [A24] """
        with freeze_time('2025-05-15 08:00:00'):
            self.resident.write({
                'certification': 'original', 'certified_by_id': self.manager.id,
                'certified_at': '2001-01-01'})
        self.assertEqual(self.resident.certified_by_id, self.officer)
        self.assertEqual(str(self.resident.certified_at), '2025-05-15 08:00:00')
        self.resident.write({'certified_by_id': self.manager.id})
        self.assertEqual(self.resident.certified_by_id, self.officer)
        self.resident.write({'identity_kind': 'passport', 'identity_masked': 'E12345678'})
        self.assertFalse(self.resident.certification, "another number was never certified")
        self.assertFalse(self.resident.certified_by_id)

    def test_erased_when_its_time_is_over(self):
        self.resident.date_retention = date(2025, 5, 14)
        with freeze_time('2025-05-15'):
            self.env['property.resident']._cron_erase_identities()
            self.assertEqual(self.resident.identity_masked, MASKED, "she still lives here")
            self.olga.property_occupancy_ids.date_end = date(2025, 5, 14)
            self.env['property.resident']._cron_erase_identities()
            self.assertFalse(self.resident.sudo().identity_number)
            self.env['property.resident']._cron_erase_identities()
        self.assertEqual(self._get_log().mapped('kind'), ['erase'])
