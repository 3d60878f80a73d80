from freezegun import freeze_time
from lxml import etree

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.property_base.tests.common import get_menus

from .common_meter import MeterCommon


@tagged('post_install', '-at_install', 'security')
@freeze_time('2026-07-05')
class TestMeterRights(MeterCommon):
    """[G03] A meter reader sees the meters of his buildings, and no money. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.meter = cls._create_meter('W-1011', cls.unit_1011, first=100)
        cls.annex = cls.env['property.building'].create({
            'name': "2", 'project_id': cls.project.id})
        cls.annex_unit = cls._create_unit('2011', building_id=cls.annex.id)
        cls.annex_meter = cls._create_meter('W-2011', cls.annex_unit, first=200)
        cls.garden = cls._create_meter('G-1', name="Garden", first=0)
        cls.keeper = cls._create_user('keeper', 'base.group_user')
        cls.keeper.role_line_ids = [(0, 0, {
            'role_id': cls.env.ref('property_billing.role_meter_reader').id})]
        cls.annex.user_ids += cls.keeper

    def test_meters_of_his_building(self):
        """ And those that the project has in common, which he does not read. """
        meters = self.env['property.meter'].with_user(self.keeper)
        self.assertEqual(meters.search([]), self.annex_meter + self.garden)
        readings = self.Reading.with_user(self.keeper)
        self.assertEqual(readings.search([]).meter_id, self.annex_meter + self.garden)
        faults, _readings = self._enter(
            self._row(self.annex_meter, '2026-06-30', '210'), user=self.keeper)
        self.assertFalse(faults)
        for meter in (self.meter, self.garden):
            self.assertFault(
                [self._row(meter, '2026-06-30', '210')], 'meter_id', "no such meter", self.keeper)

    @mute_logger('odoo.addons.base.models.ir_access', 'odoo.addons.base.models.ir_rule')
    def test_no_money(self):
        for model in ('property.charge', 'property.tariff', 'property.fee', 'account.move',
                      'property.fee.assignment', 'property.bill.run'):
            with self.subTest(model=model):
                self.assertFalse(self.env[model].with_user(self.keeper).has_access('read'))
        menus = get_menus(self.keeper)
        self.assertIn('property_billing.menu_meter', menus)
        self.assertFalse(menus & {
            'property_billing.menu_charge', 'property_billing.menu_bill_run',
            'property_billing.menu_fee', 'property_billing.menu_meter_type'})
        # His screens open, whatever they name.
        for view in ('list', 'form', 'kanban'):
            arch = etree.fromstring(self.env['property.meter'].with_user(self.keeper).get_view(
                view_type=view)['arch'])
            names = arch.xpath('//field[not(ancestor::field)]/@name')
            self.assertTrue(self.annex_meter.with_user(self.keeper).read(names))
            self.assertNotIn('assignment_ids', names)

    @mute_logger('odoo.addons.base.models.ir_access', 'odoo.addons.base.models.ir_rule')
    def test_he_decides_nothing(self):
        [waiting] = self._enter(
            self._row(self.annex_meter, '2026-06-30', '150'), user=self.keeper)[1]
        self.assertEqual(waiting.state, 'queued')
        own = waiting.with_user(self.keeper)
        for way in (own.action_accept, own.unlink, lambda: own.write({'state': 'accepted'}),
                    lambda: self.annex_meter.with_user(self.keeper).write({'place': "Cellar"})):
            with self.assertRaises(AccessError):
                way()
        with self.assertRaises(AccessError):
            self.env['property.meter.decide'].with_user(self.keeper).create({
                'reading_id': waiting.id, 'decision': 'refuse', 'note': "x"})

    @mute_logger('odoo.addons.base.models.ir_access', 'odoo.addons.base.models.ir_rule')
    def test_who_may_not_read_meters(self):
        """ A viewer of bills sees them and enters nothing; a porter sees none. """
        viewer = self._create_user('viewer', 'property_billing.group_billing_user')
        porter = self._create_user('porter', 'property_base.group_property_user')
        self.project.user_ids |= viewer + porter
        self.assertTrue(self.meter.with_user(viewer).read(['number']))
        with self.assertRaises(AccessError):
            self._enter(self._row(self.meter, '2026-06-30', '150'), user=viewer)
        self.assertFalse(self.meter.with_user(porter).has_access('read'))

    @mute_logger('odoo.addons.base.models.ir_access', 'odoo.addons.base.models.ir_rule')
    def test_a_keeper_of_another_building_decides_nothing_here(self):
        """ Nor does the dialog tell him what was read. """
        clerk = self._create_user('annex_clerk', 'property_billing.group_billing_officer')
        self.annex.user_ids += clerk
        [waiting] = self._enter(self._row(self.meter, '2026-06-30', '50'))[1]
        with self.assertRaises(AccessError):
            waiting.with_user(clerk).action_accept()
        decide = self.env['property.meter.decide'].with_user(clerk).create({
            'reading_id': waiting.id, 'decision': 'rollover'})
        for name in ('use', 'reason_detail', 'photo'):
            self.env.flush_all()
            self.env.invalidate_all()
            with self.subTest(name=name), self.assertRaises(AccessError):
                decide.read([name])
        with self.assertRaises(AccessError):
            decide.action_confirm()
        with self.assertRaises(AccessError):
            self.env['property.meter.read'].with_user(clerk).new({
                'meter_id': self.meter.id}).mapped('line_ids')
