from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common import PropertyCommon

# They go with what they are details of.
DETAILS = {
    'property.handover.line', 'property.handover.matter', 'property.lease.escalation',
    'property.lease.free', 'property.lease.step', 'property.notification.delivery',
}


@tagged('post_install', '-at_install')
class TestInitialise(PropertyCommon):
    """[G14] [A67] Trial data of one company go, all of them or none (系统初始化). """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # A company of its own: whatever is in the database's first one stays out of the counts.
        cls.trial = cls.env['res.company'].create({'name': 'Trial Estates'})
        cls.env.user.company_ids |= cls.trial
        cls.env = cls.env(context={**cls.env.context, 'allowed_company_ids': cls.trial.ids})
        cls.project = cls.env['property.project'].create({
            'name': 'Trial Garden', 'company_id': cls.trial.id})
        cls.building = cls.env['property.building'].create({
            'name': '1', 'project_id': cls.project.id, 'floor_count': 3})
        cls.units = cls.env['property.unit'].create([
            cls._prepare_unit_vals(cls.building, name) for name in ('101', '102', '103')])
        cls.wang, cls.li = cls.env['res.partner'].create([
            {'name': 'Wang Trial'}, {'name': 'Li Trial'}])
        cls.home = cls._move_in(cls.units[0], cls.wang)
        cls._move_in(cls.units[1], cls.li)
        cls.env['property.resident'].create([
            {'partner_id': cls.wang.id, 'identity_number': '11010519491231002X'},
            {'partner_id': cls.li.id}])
        cls.env['property.vehicle'].create({
            'name': '京A12345', 'unit_id': cls.units[0].id, 'partner_id': cls.wang.id})
        cls.far_home = cls._move_in(cls.far_flat, cls.yara)
        cls.admin = cls._create_administrator('trial_admin', cls.trial)

    @classmethod
    def _create_administrator(cls, login, company, groups='base.group_system'):
        return new_test_user(
            cls.env, login, groups, company_id=company.id,
            company_ids=[Command.set(company.ids)])

    def _open(self, user=None, confirmation='Trial Estates', company=None):
        wizard = self.env['property.initialise'].with_user(user or self.admin).with_context(
            allowed_company_ids=(company or self.trial).ids).create({'confirmation': confirmation})
        self.env.flush_all()
        self.env.invalidate_all()  # the button comes with a request of its own
        return wizard

    def _read(self, wizard):
        return {records._name: len(records) for records in wizard._collect()}

    def test_administrator_empties_the_register(self):
        """ An administrator without any right in the register: he is told what goes, and it goes;
        what the other company has stays, and the log says who did it.
        """
        wizard = self._open()
        self.assertFalse(wizard.obstacles)
        self.assertTrue(wizard.is_possible)
        self.assertEqual(self._read(wizard), {
            'property.vehicle': 1, 'property.occupancy': 2, 'property.unit': 3,
            'property.building': 1, 'property.project': 1, 'property.resident': 2,
            'res.partner': 2})
        self.assertEqual(wizard.action_initialise()['tag'], 'display_notification')
        for records in (self.project, self.building, self.units, self.home, self.wang | self.li):
            self.assertFalse(records.exists())
        for records in (self.far_home, self.faraway | self.lakeside, self.yara):
            self.assertEqual(records.exists(), records)
        [message] = self.trial.partner_id.message_ids.filtered(
            lambda message: 'Trial data removed' in message.body)
        self.assertEqual(message.author_id, self.admin.partner_id)
        self.assertIn('Unit: 3', message.body)
        self.assertFalse(self._open().summary)

    def test_history_goes_as_well(self):
        """ What nobody deletes otherwise: hand-overs, changes, logs, keys handed out, files. """
        paper = self.env['ir.attachment'].create({'name': 'deed.txt', 'raw': b'deed'})
        self.home.proof_ids = paper
        handover = self.env['property.handover'].create({
            'kind': 'move_out', 'unit_id': self.units[0].id, 'partner_id': self.wang.id,
            'role': 'owner', 'date': date(2026, 3, 1),
            'line_ids': [Command.create({'name': 'Windows', 'result': 'ok'})]})
        self.home.end_handover_id = handover
        handover.state = 'done'
        key = self.env['property.key'].create({'name': 'K1', 'unit_id': self.units[1].id})
        key.sudo().write({'state': 'out', 'holder_id': self.li.id})
        document = self.env['property.document'].create({
            'name': 'Plan', 'unit_id': self.units[2].id, 'building_id': self.building.id,
            'project_id': self.project.id, 'file': 'cGxhbg==', 'file_name': 'plan.txt'})
        newer = document.create({'name': 'Plan', 'previous_id': document.id, 'file': 'cGxhbg==',
                                 'project_id': self.project.id})
        self.env['property.identity.log'].create(
            {'partner_id': self.wang.id, 'kind': 'look', 'reason': 'trial'})
        with self.assertRaises(UserError):
            self.home.unlink()
        self._open().action_initialise()
        for records in (handover, key, document, newer, self.home, paper, self.project, self.wang):
            self.assertFalse(records.exists(), records)
        self.assertFalse(self.env['property.identity.log'].search([('reason', '=', 'trial')]))

    def test_people_whom_somebody_needs_stay(self):
        """ A login, a home in another company, a firm that is a developer elsewhere. """
        self._create_portal_user(self.wang)
        self._move_in(self.far_flat, self.li, role='tenant')
        firm = self.env['res.partner'].create({'name': 'Firm'})
        self._move_in(self.units[2], firm)
        self.faraway.developer_id = firm
        wizard = self._open()
        self.assertEqual(wizard.kept_count, 3)
        self.assertNotIn('res.partner', self._read(wizard))
        wizard.action_initialise()
        self.assertEqual((self.wang | self.li | firm).exists(), self.wang | self.li | firm)
        self.assertEqual(self.faraway.developer_id, firm)
        self.assertFalse(self.project.exists())

    def test_wrong_name(self):
        for name in ('', 'Trial', 'trial estates', 'Faraway Estates', False):
            with self.subTest(name=name), self.assertRaisesRegex(UserError, 'Trial Estates'):
                self._open(confirmation=name).action_initialise()
        self.assertTrue(self.project.exists())
        self._open(confirmation=' Trial Estates ').action_initialise()
        self.assertFalse(self.project.exists())

    def test_managers_may_not(self):
        manager = self._create_administrator(
            'trial_manager', self.trial, 'property_base.group_property_manager')
        with self.assertRaises(AccessError):
            self._open(manager)
        wizard = self._open()
        for call in (
            lambda: wizard.with_user(manager).action_initialise(),
            lambda: wizard.with_user(manager).summary,
            lambda: wizard.with_user(manager).read(['obstacles']),
        ):
            with self.assertRaises(AccessError):
                call()
        self.assertTrue(self.project.exists())

    def test_administrator_of_another_company(self):
        """ He empties his own at most, whatever companies he names. """
        stranger = self._create_administrator('far_admin', self.other_company)
        with self.assertRaises(AccessError):
            self._open(stranger).action_initialise()
        wizard = self._open(stranger, company=self.other_company)
        self.assertEqual(wizard.company_id, self.other_company)
        with self.assertRaises(UserError):
            wizard.action_initialise()  # typed the name of the trial company
        wizard.confirmation = 'Faraway Estates'
        wizard.action_initialise()
        self.assertTrue(self.project.exists())
        self.assertFalse(self.faraway.exists())

    def test_guards_hold_for_every_other_call(self):
        """ A context key of the same name, as anybody may send it, opens nothing. """
        for value in (True, 1, 'INITIALISING', {}):
            with self.assertRaises(UserError):
                self.units[0].with_context(property_initialising=value).unlink()

    def test_running_import_stands_in_the_way(self):
        workbook = self.env['property.import'].create({
            'project_id': self.project.id, 'file_name': 'rooms.xlsx'})
        workbook.state = 'importing'
        wizard = self._open()
        self.assertIn('rooms.xlsx', wizard.obstacles)
        self.assertFalse(wizard.is_possible)
        with self.assertRaisesRegex(UserError, 'rooms.xlsx'):
            wizard.action_initialise()
        self.assertTrue(self.project.exists())

    def test_every_model_of_a_project_is_known(self):
        """ Whatever add-on brings it: a model with a project goes with it. """
        known = {records._name for records in self._open()._get_data()} | DETAILS
        mixin = self.env.registry['property.scope.mixin']
        for name, model in self.env.registry.items():
            if issubclass(model, mixin) and model._auto and not model._transient \
                    and not model._abstract and name != 'account.move.line':
                self.assertIn(name, known)
