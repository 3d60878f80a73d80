from datetime import date

from freezegun import freeze_time
from lxml import etree

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command, Domain
from odoo.tests import Form, tagged
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval

from .common import PropertyCommon

NUMBER = '11010519491231002X'


@tagged('post_install', '-at_install')
class TestResidentEntry(PropertyCommon):
    """[A17] One dialog: house, person, who lives with him, proof. """

    def _enter(self, **values):
        Entry = self.env['property.resident.entry'].with_user(self.officer)
        entry = Entry.create({
            'unit_id': self.flat.id, 'name': "Bai Ling", 'phone': '13800001111', **values})
        action = entry.action_submit()
        self.assertEqual(action['res_model'], 'property.occupancy')
        return self.env['property.occupancy'].with_user(self.officer).browse(action['res_id'])

    def test_family_moves_in_with_proof_and_waits(self):
        """[A22] Everybody has a contact of his own; the deed lies with the occupancy. """
        self.lakeside.approves_residents = True
        deed = self.env['ir.attachment'].with_user(self.officer).create(
            {'name': 'deed.pdf', 'raw': b'%PDF-1.4', 'res_model': 'property.resident.entry'})
        occupancy = self._enter(
            identity_number=NUMBER, date_start=date(2025, 3, 1),
            proof_kind='title', proof_ids=[Command.set(deed.ids)],
            line_ids=[
                Command.create({'name': "Bai Wei", 'relation': 'spouse', 'phone': '13800001111'}),
                Command.create({'name': "Bai Xiao", 'relation': 'child'}),
            ])
        self.assertEqual(occupancy.state, 'pending')
        self.assertEqual(occupancy.partner_id.name, "Bai Ling")
        self.assertEqual(occupancy.partner_id.company_id, self.company)
        self.assertEqual(
            occupancy.partner_id.property_resident_ids.identity_masked, '110***********002X')
        self.assertEqual((occupancy.proof_kind, occupancy.proof_ids), ('title', deed))
        self.assertEqual((deed.res_model, deed.res_id), ('property.occupancy', occupancy.id))
        family = self.flat.occupancy_ids - occupancy
        self.assertEqual(set(family.mapped('relation')), {'spouse', 'child'})
        self.assertEqual(set(family.mapped('state')), {'pending'})
        self.assertFalse(family.partner_id.parent_id, "a child contact would see the owner's bills")
        self.assertEqual(self.flat.occupancy_state, 'vacant')
        (occupancy | family).with_user(self.manager).action_approve()
        self.assertEqual(self.flat.owner_ids, occupancy.partner_id)
        self.assertEqual(self.flat.occupancy_count, 3)

    def test_no_second_sole_owner_waits_for_approval(self):
        """[A17] Who enters him is told, instead of who approves him later. """
        self.lakeside.approves_residents = True
        olga = self._move_in(self.flat, self.olga, start=date(2024, 1, 1))
        with self.assertRaisesRegex(ValidationError, "add up to 200 %"):
            self._enter(date_start=date(2025, 3, 1))
        olga.date_end = date(2025, 2, 28)
        self.assertEqual(self._enter(date_start=date(2025, 3, 1)).state, 'pending')
        self.assertEqual(
            self._enter(date_start=date(2025, 3, 1), name="Bai Wei", phone=False).state, 'pending',
            "which of two is the owner, who approves them decides")

    def test_a_room_is_found_before_its_project(self):
        """[A17] Whoever has several projects types the room; it brings its project. """
        entry = self.env['property.resident.entry'].with_user(self.manager).new({})
        self.assertFalse(entry.project_id, "he has several")
        domain = safe_eval(entry._fields['unit_id'].domain, {
            'project_id': False, 'building_id': False, 'entrance_id': False})
        self.assertIn(self.flat, self.env['property.unit'].search(domain))

    def test_the_only_project_is_proposed(self):
        """[A17] The only one of the user, though others have more. """
        entry = self.env['property.resident.entry'].with_user(self.officer).new({})
        self.assertEqual(entry.project_id._origin, self.lakeside)
        form = Form(self.env['property.resident.entry'].with_user(self.officer))
        self.assertEqual(form.project_id, self.lakeside, "also in the dialog")

    def test_number_is_kept_in_no_second_place(self):
        """[G25] """
        self._enter(identity_number=NUMBER)
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT count(*) FROM property_resident_entry WHERE identity_number IS NOT NULL")
        self.assertEqual(self.env.cr.fetchone(), (0,))

    def test_two_people_on_one_phone(self):
        """ The phone points to the other person; whether it is the same, the clerk says. """
        self._move_in(self.flat, self.olga)
        self.olga.phone = '13800001111'
        with Form(self.env['property.resident.entry'].with_user(self.officer)) as form:
            form.unit_id = self.next_flat
            self.assertEqual(form.building_id, self.tower)
            form.name = "Bai Ling"
            form.phone = '13800001111'
            self.assertEqual(form.candidate_ids[:], self.olga)
        other = self._enter(unit_id=self.next_flat.id)
        self.assertNotEqual(other.partner_id, self.olga)
        same = self._enter(unit_id=self.shop.id, partner_id=self.olga.id)
        self.assertEqual(same.partner_id, self.olga)
        self.assertEqual(self.olga.property_unit_count, 2)

    def test_one_identity_number_is_one_person(self):
        first = self._enter(identity_number=NUMBER)
        with self.assertRaisesRegex(UserError, "registered already, for Bai Ling"):
            self._enter(unit_id=self.shop.id, name="Bai L.", identity_number=NUMBER.lower())
        again = self._enter(unit_id=self.shop.id, partner_id=first.partner_id.id)
        self.assertEqual(again.partner_id, first.partner_id)

    def test_somebody_must_be_named(self):
        with self.assertRaisesRegex(UserError, "Enter the name"):
            self._enter(name=' ')

    @mute_logger('odoo.addons.base.models.ir_rule', 'odoo.addons.base.models.ir_model')
    def test_not_for_readers_nor_in_foreign_projects(self):
        with self.assertRaises(AccessError):
            self.env['property.resident.entry'].with_user(self.clerk).create(
                {'unit_id': self.flat.id, 'name': 'x'})
        with self.assertRaises(AccessError):
            self._enter(unit_id=self.hill_flat.id)
        entry = self.env['property.resident.entry'].with_user(self.officer).create(
            {'unit_id': self.flat.id, 'name': 'x', 'identity_number': NUMBER})
        with self.assertRaises(AccessError):
            entry.with_user(self.manager).read(['identity_number'])

    def test_pet_is_registered_where_it_lives(self):
        """[A23] """
        pet = self.env['property.pet'].with_user(self.officer).create({
            'unit_id': self.flat.id, 'partner_id': self.olga.id, 'breed': "Corgi",
            'height': 30.5, 'certificate_number': "DOG-1"})
        self.assertEqual(pet.project_id, self.lakeside)
        self.assertFalse(self.env['property.pet'].with_user(self.hill_officer).search(
            [('id', '=', pet.id)]))

    def test_card_comes_in_by_the_import_and_goes_out_by_the_export(self):
        """[A21] [A22] [A24] [A87] What the forms have, a table has too. """
        names = ['partner_id', 'identity_masked', 'workplace', 'household_place', 'native_place',
                 'ethnicity', 'marital_status', 'emergency_name', 'emergency_phone', 'zip',
                 'street', 'certification']
        row = ['Olga Owner', NUMBER, 'School 3', '锦州', '锦州', '汉族', 'Married', 'Pia', '110',
               '100000', '1 Lake Road', 'Original document seen']
        result = self.env['property.resident'].with_user(self.officer).load(names, [row])
        self.assertFalse(result['messages'])
        resident = self.env['property.resident'].browse(result['ids'])
        self.assertEqual(self.olga.zip, '100000')
        self.assertEqual(resident.certified_by_id, self.officer)
        [exported] = resident.with_user(self.officer).export_data(names)['datas']
        self.assertEqual(exported, [row[0], '110***********002X', *row[2:]])
        result = self.env['property.resident'].with_user(self.officer).load(
            ['.id', *names], [[str(resident.id), *exported]])
        self.assertFalse(result['messages'], "an export comes back in unchanged")
        self.assertEqual(resident.sudo().identity_number, NUMBER)

        self.env['property.dictionary.item'].create({'dictionary': 'structure', 'name': '框架'})
        result = self.env['property.unit'].with_user(self.officer).load(
            ['.id', 'structure_id', 'equipment', 'sale_state', 'sale_note'],
            [[str(self.flat.id), '框架', '中央空调', 'Booked', '2025 launch']])
        self.assertFalse(result['messages'])
        self.assertEqual((self.flat.sale_state, self.flat.equipment), ('booked', '中央空调'))
        result = self.env['property.occupancy'].with_user(self.officer).load(
            ['unit_id', 'partner_id', 'role', 'relation', 'date_start'],
            [[self.flat.complete_name, 'Tom Tenant', 'Family member', 'Child', '2025-03-01']])
        self.assertFalse(result['messages'])
        self.assertEqual(self.flat.occupancy_ids.relation, 'child')

    @freeze_time('2025-05-15')
    def test_a_room_with_owner_and_tenant_has_two_lines(self):
        """[A25] [A20] The archive is found by room, name and phone, present and past. """
        self.tom.phone = '13800001111'
        former = self._move_in(self.flat, self.fred, end=date(2024, 12, 31))
        owner = self._move_in(self.flat, self.olga, start=date(2025, 1, 1))
        tenant = self._move_in(self.flat, self.tom, role='tenant', start=date(2025, 1, 1))
        coming = self._move_in(self.next_flat, self.newcomer, start=date(2025, 6, 1))
        Occupancy = self.env['property.occupancy'].with_user(self.officer)
        arch = etree.fromstring(Occupancy.get_view(view_type='search')['arch'])

        def search(typed, *filters):
            box = arch.xpath("//field[@name='partner_id']")[0].get('filter_domain')
            domain = Domain(safe_eval(box, {'self': typed})) & Domain.AND([
                safe_eval(arch.xpath(f"//filter[@name='{name}']")[0].get('domain'))
                for name in filters])
            return Occupancy.search(domain & Domain('project_id', '=', self.lakeside.id))

        self.assertEqual(search('1-101', 'live'), owner | tenant)
        self.assertEqual(search('1-101'), owner | tenant | former)
        self.assertEqual(search('Olga'), owner)
        self.assertEqual(search('138000011'), tenant)
        self.assertEqual(search('Tower', 'coming'), coming)
        self.assertEqual(search('Tower', 'former'), former)
        self.assertEqual(tenant.phone_masked, '138****1111')

    def test_owner_card(self):
        """[A21] [A22] [A23] Owner, family, vehicles and pets on one sheet, identity numbers masked.

        Phones, too, for who does not keep the residents, as on the room board.
        """
        occupancy = self._move_in(self.flat, self.olga)
        self._move_in(self.flat, self.fred, role='family', relation='parent', share=0)
        self.env['property.resident'].create([
            {'partner_id': self.olga.id, 'identity_masked': NUMBER, 'workplace': "School 3",
             'emergency_name': "Pia"},
            {'partner_id': self.fred.id, 'workplace_address': "2 Hill Road"}])
        self.env['property.vehicle'].create(
            {'name': 'L 11111', 'unit_id': self.flat.id, 'partner_id': self.olga.id})
        self.env['property.pet'].create({'unit_id': self.flat.id, 'breed': "Corgi"})
        self.olga.phone, self.fred.phone = '13800138000', '13900139000'
        html, printed_by_officer = (
            self.env['ir.actions.report'].with_user(user)._render_qweb_html(
                'property_base.report_owner_card', occupancy.ids)[0].decode()
            for user in (self.clerk, self.officer))
        for text in ("Olga Owner", '110***********002X', "School 3", "Pia", "Fred Former",
                     "Parent", "2 Hill Road", "L 11111", "Corgi", "Tower 1-Entrance 1-101",
                     '138****8000', '139****9000'):
            self.assertIn(text, html)
        for phone in ('13800138000', '13900139000'):
            self.assertNotIn(phone, html)
            self.assertIn(phone, printed_by_officer)
        self.assertNotIn(NUMBER, html + printed_by_officer)

    def test_what_hangs_on_it_is_not_deleted(self):
        """[G26] """
        self.env['property.pet'].create({'unit_id': self.shop.id, 'breed': "Corgi"})
        with self.assertRaisesRegex(UserError, "S1.* has 1 pets"):
            self.shop.with_user(self.manager).unlink()
        structure = self.env['property.dictionary.item'].create(
            {'dictionary': 'structure', 'name': "Frame"})
        self.flat.structure_id = structure
        with self.assertRaisesRegex(UserError, "Frame.*1 units"):
            structure.with_user(self.manager).unlink()
        occupancy = self._move_in(self.flat, self.olga)
        self.env['property.resident.change'].create(
            {'occupancy_id': occupancy.id, 'name': "Olga O.", 'reason': "Misspelt"})
        with self.assertRaisesRegex(UserError, "1 changes of core data"):
            occupancy.with_user(self.manager).unlink()
