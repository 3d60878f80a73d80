from freezegun import freeze_time
from lxml import html

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common_meter import MeterCommon


@tagged('post_install', '-at_install')
@freeze_time('2026-07-05')
class TestMeterGenerate(MeterCommon):
    """[B30] The meters of many units by pattern (自动创建). """

    def _open(self, user=None, **vals):
        return self.env['property.meter.generate'].with_user(user or self.clerk).create({
            'project_id': self.project.id,
            'type_ids': (self.water_type + self.time_of_use_type).ids, **vals})

    def test_each_room_gets_one_of_each(self):
        """ Two rooms and two types: four meters, shown before they are made. """
        self._create_unit('P-1', kind='parking', owner=None)
        wizard = self._open(pattern='{project}-{building}-{unit}-{type}-{n:03}')
        self.assertEqual(wizard.preview.splitlines(), [
            '1-1011-Water meter-001', '1-1012-Water meter-002',
            '1-1011-Two-rate meter-001', '1-1012-Two-rate meter-002'])
        self.assertFalse(self.env['property.meter'].search([('project_id', '=', self.project.id)]))
        wizard.action_generate()
        meters = self.env['property.meter'].search([('project_id', '=', self.project.id)])
        self.assertEqual(set(meters.mapped('number')), {
            '1-1011-Water meter-001', '1-1012-Water meter-002',
            '1-1011-Two-rate meter-001', '1-1012-Two-rate meter-002'})
        self.assertEqual(meters.unit_id, self.unit_1011 + self.unit_1012)
        self.assertEqual(
            meters.filtered(lambda meter: meter.type_id == self.time_of_use_type).mapped(
                'decimals'), [2, 2])

    def test_what_there_is_stays(self):
        """ A second time nothing; a new room, and only that, gets its own. """
        self._create_meter('W-1011', self.unit_1011)
        wizard = self._open(type_ids=self.water_type.ids)
        self.assertEqual((wizard.new_count, wizard.known_count), (1, 1))
        wizard.action_generate()
        with self.assertRaisesRegex(UserError, "nothing to create"):
            self._open(type_ids=self.water_type.ids).action_generate()

    def test_the_units_that_are_ticked(self):
        wizard = self.env['property.meter.generate'].with_user(self.clerk).with_context(
            active_model='property.unit', active_ids=self.unit_1012.ids).create({
                'type_ids': self.water_type.ids})
        self.assertEqual(wizard.preview, '1-1012-Water meter')
        hill = self.env['property.project'].create({
            'name': "Hilltop", 'company_id': self.company.id})
        house = self.env['property.building'].create({'name': "H", 'project_id': hill.id})
        other = self._create_unit('H-1', owner=None, building_id=house.id)
        with self.assertRaisesRegex(ValidationError, "units of one project"):
            wizard.sudo().unit_ids += other

    def test_a_pattern_that_does_not_serve(self):
        """ It is told in the dialog, and makes nothing. """
        self._create_meter('101', self.unit_1011, type_id=self.time_of_use_type.id)
        for vals, message in (
            ({'pattern': '{room}'}, "{room} does not fit"),
            ({'pattern': 'W-{type}'}, "W-{type} does not fit"),
        ):
            wizard = self._open(**vals)
            self.assertIn(message, wizard.problem)
            with self.assertRaisesRegex(UserError, "does not fit"):
                wizard.action_generate()
        annex = self.env['property.building'].create({'name': "2", 'project_id': self.project.id})
        self._create_unit('1011', owner=None, building_id=annex.id)
        self.assertIn("1011 would be given twice", self._open(pattern='{unit}').problem)
        self.assertFalse(self._open(pattern='{building}/{unit}').problem)

    def test_new_units_come_with_their_meters(self):
        """[A09] """
        annex = self.env['property.building'].create({'name': "2", 'project_id': self.project.id})
        user = self._create_user(
            'builder', 'property_base.group_unit_generate,property_billing.group_billing_officer')
        self.project.user_ids |= user
        generator = self.env['property.unit.generator'].with_user(user).create({
            'building_id': annex.id, 'floor_to': 1, 'units_per_floor': 2,
            'meter_type_ids': self.water_type.ids})
        generator.action_generate()
        self.assertEqual(
            self.env['property.meter'].search([('building_id', '=', annex.id)]).mapped('number'),
            ['2-101-Water meter', '2-102-Water meter'])

    @mute_logger('odoo.addons.base.models.ir_access', 'odoo.addons.base.models.ir_rule')
    def test_who_may(self):
        with self.assertRaises(AccessError):
            self._open(self.reader)
        stranger = self._create_user('stranger', 'property_billing.group_billing_officer')
        self.assertFalse(self._open(stranger).new_count)


@tagged('post_install', '-at_install')
@freeze_time('2026-07-05')
class TestMeterLabel(MeterCommon):
    """[request 15] The label by which a phone finds the meter. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.meters = cls.env['property.meter'].create([
            {'number': f'W-{number}', 'type_id': cls.water_type.id, 'unit_id': cls.unit_1011.id,
             'place': "Kitchen", 'date_start': '2020-01-01'} for number in range(25)])

    def test_each_has_its_own(self):
        tokens = set(self.meters.mapped('label_token'))
        self.assertEqual(len(tokens), 25)
        self.assertTrue(all(len(token) >= 12 for token in tokens))
        self.assertNotIn(self.meters[0].copy({'number': 'W-99'}).label_token, tokens)

    def test_a_sheet_of_twenty_four(self):
        """ Number, kind, room and place beside the code; the 25th begins another sheet. """
        content = self.env['ir.actions.report'].with_user(self.reader)._render_qweb_html(
            'property_billing.report_meter_label', self.meters.ids)[0]
        tree = html.fromstring(content)
        sheets = tree.find_class('o_meter_sheet')
        self.assertEqual(
            [len(sheet.find_class('o_meter_label')) for sheet in sheets], [24, 1])
        label = tree.find_class('o_meter_label')[0].text_content()
        for text in ('W-0', "Water meter", '1011', "Kitchen"):
            self.assertIn(text, label)
        self.assertEqual(len(tree.xpath('//img')), 25)

    def test_a_new_device_has_a_new_label(self):
        """ What hung on the old one stays known. """
        meter = self.meters[0]
        self._read(meter, '2026-05-31', 5, kind='first')
        old = meter.label_token
        meter.with_user(self.clerk)._exchange(
            meter.last_day, {'total': '6'}, 'W-new', {'total': '0'}, 1, 5, 0, "Broken")
        self.assertNotEqual(meter.label_token, old)
        self.assertEqual(meter.event_ids.token_before, old)

    def test_form_shows_the_meters_of_a_unit(self):
        form = Form(self.unit_1011.with_user(self.clerk))
        self.assertEqual(len(form.property_meter_ids), 25)
