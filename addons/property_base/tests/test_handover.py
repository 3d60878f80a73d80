from ast import literal_eval
from datetime import date, timedelta

from freezegun import freeze_time
from lxml import etree

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import PropertyCommon

# One pixel.
SIGNATURE = (
    b'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5Erk'
    b'Jggg==')


class HandoverCommon(PropertyCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time('2026-03-10'))
        cls.today = date(2026, 3, 10)

    def _check_in(self, unit=None, partner=None, user=None, **values):
        return self._run_wizard('property.check.in', user, {
            'unit_id': (unit or self.flat).id, 'partner_id': (partner or self.olga).id,
            'role': 'owner', 'date': self.today, **values})

    def _transfer(self, unit=None, partner=None, user=None, **values):
        return self._run_wizard('property.transfer', user, {
            'unit_id': (unit or self.flat).id, 'partner_id': (partner or self.newcomer).id,
            'date': self.today, **values})

    def _move_out(self, unit=None, user=None, **values):
        return self._run_wizard('property.move.out', user, {
            'unit_id': (unit or self.flat).id, 'date': self.today, **values})

    def _run_wizard(self, model, user, values):
        """ The hand-over that a wizard of the officer makes. """
        wizard = self.env[model].with_user(user or self.officer).create(values)
        wizard.action_confirm()
        return self.env['property.handover'].search(
            [('unit_id', '=', wizard.unit_id.id)], order='id desc', limit=1)

    def _decide(self, wizard, **decisions):
        for matter in wizard.matter_ids:
            if matter.kind in decisions:
                matter.decision = decisions[matter.kind]


@tagged('post_install', '-at_install')
class TestCheckIn(HandoverCommon):

    def test_owner_then_tenant_live_side_by_side(self):
        """[A28] [A30] When the tenant leaves, the room shows its owner again. """
        action = self.flat.with_user(self.officer).action_check_in()
        form = Form(self.env[action['res_model']].with_user(self.officer).with_context(
            action['context']))
        self.assertEqual(form.role, 'owner')
        form.partner_id = self.olga
        customer = form.save().action_confirm()
        self.assertEqual((customer['res_model'], customer['res_id']), (
            'res.partner', self.olga.id))
        self.assertEqual(self.flat.owner_ids, self.olga)

        form = Form(self.env['property.check.in'].with_user(self.officer).with_context(
            default_unit_id=self.flat.id))
        self.assertEqual(form.role, 'tenant', "there is an owner already")
        form.partner_id = self.tom
        form.date_end = date(2027, 3, 9)
        form.save().action_confirm()
        self.assertEqual(self.flat.occupancy_state, 'leased')
        self.assertEqual(self.flat.occupancy_ids.mapped('partner_id'), self.tom | self.olga)

        handover = self._move_out()
        self.assertEqual((handover.partner_id, handover.role), (self.tom, 'tenant'))
        with freeze_time('2026-03-11'):
            self.env.invalidate_all()
            self.assertEqual(self.flat.occupancy_state, 'sold')
            self.assertEqual(self.flat.owner_ids, self.olga)

    def test_customer_page_tells_all_moves(self):
        """[A29] """
        self._check_in(date=date(2026, 3, 1))
        garage = self.env['property.unit'].create(
            self._prepare_unit_vals(self.annex, 'P1', kind='parking'))
        self._move_in(garage, self.olga)
        self._move_in(self.flat, self.fred, role='family')
        self.assertEqual(self.olga.property_handover_ids.mapped('kind'), ['check_in'])
        self.assertEqual(self.olga.property_family_ids.partner_id, self.fred)
        self.assertEqual(self.olga.property_space_ids.unit_id, garage)
        self._transfer()
        self.assertEqual(self.olga.property_handover_ids.mapped('kind'), ['transfer', 'check_in'])
        self.assertEqual(self.newcomer.property_handover_ids.mapped('kind'), ['transfer'])

    def test_who_waits_for_check_in(self):
        """[A33] [A36] Where the project asks for it, a buyer waits until the unit is his. """
        self.assertFalse(self._move_in(self.next_flat, self.fred).awaits_check_in)
        self.lakeside.archive_mode = 'check_in'
        buyer = self._move_in(self.flat, self.olga, start=date(2026, 3, 1))
        self.assertTrue(buyer.awaits_check_in)
        self.assertFalse(self._move_in(self.flat, self.tom, role='family').awaits_check_in)
        action = buyer.with_user(self.officer).action_check_in()
        form = Form(self.env['property.check.in'].with_user(self.officer).with_context(
            action['context']))
        self.assertEqual((form.partner_id, form.role, form.is_awaited), (self.olga, 'owner', True))
        form.save().action_confirm()
        self.assertFalse(buyer.awaits_check_in)
        self.assertEqual(buyer.date_start, date(2026, 3, 1), "the day of the contract stays")
        self.assertEqual(len(self.flat.occupancy_ids), 2, "no second occupancy")

        resident = self._move_in(self.shop, self.hilda)
        resident.with_user(self.officer).action_lives_here()
        self.assertFalse(resident.awaits_check_in)
        self.assertFalse(resident.start_handover_id)

    def test_not_before_the_first_day_of_the_contract(self):
        """[A33] Who gets the keys in February has the unit in February. """
        self.lakeside.archive_mode = 'check_in'
        buyer = self._move_in(self.flat, self.olga, start=date(2026, 3, 10))
        with self.assertRaisesRegex(UserError, "from 2026-03-10 on"):
            self._check_in(date=date(2026, 2, 10))
        self._check_in()
        self.assertFalse(buyer.awaits_check_in)

    def test_refused_customer_is_not_proposed(self):
        """[A18] [A36] Nobody is handed keys by mistake. """
        self.lakeside.archive_mode = 'check_in'
        self._move_in(self.flat, self.olga, state='refused')
        wizard = self.env['property.check.in'].with_user(self.officer).new(
            {'unit_id': self.flat.id})
        self.assertFalse(wizard.partner_id)

    def test_what_overlaps_is_refused(self):
        """[A28] In words that say who is there and what to do. """
        self._check_in()
        with self.assertRaisesRegex(UserError, "belongs to Olga Owner .*Transfer"):
            self._check_in(partner=self.newcomer)
        self._check_in(partner=self.tom, role='tenant', date_end=date(2026, 12, 31))
        with self.assertRaisesRegex(UserError, "let to Tom Tenant .* Move him out"):
            self._check_in(partner=self.newcomer, role='tenant', date=date(2026, 12, 31))
        self._check_in(partner=self.newcomer, role='tenant', date=date(2027, 1, 1))

    def test_co_owners_check_in_one_after_the_other(self):
        self._check_in(share=60)
        form = Form(self.env['property.check.in'].with_user(self.officer).with_context(
            default_unit_id=self.flat.id))
        form.role = 'owner'
        self.assertEqual(form.share, 40)
        form.partner_id = self.newcomer
        form.save().action_confirm()
        self.assertEqual(sum(self.flat.occupancy_ids.mapped('share')), 100)


@tagged('post_install', '-at_install')
class TestRecord(HandoverCommon):
    """[A34] The record that is filled in the room. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.key = cls.env['property.key'].create(
            {'unit_id': cls.flat.id, 'name': '101-A', 'quantity': 3})

    def test_checklist_of_the_projects_kind(self):
        Item = self.env['property.handover.item']
        Item.search([]).active = False
        Item.create([
            {'name': 'Doors'}, {'name': 'Balcony', 'project_kind': 'residential'},
            {'name': 'Loading bay', 'project_kind': 'industrial'},
            {'name': 'Water', 'kind': 'meter'}])
        handover = self._check_in()
        self.assertEqual(handover.line_ids.mapped('name'), ['Doors', 'Balcony', 'Water'])

    def test_completed_only_with_every_result_then_it_stays(self):
        handover = self._check_in(user=self.officer).with_user(self.officer)
        handover.write({
            'key_ids': [Command.set(self.key.ids)], 'signature': SIGNATURE,
            'photo_ids': [Command.create({'name': 'door.png', 'datas': SIGNATURE})],
        })
        with self.assertRaisesRegex(UserError, "items of the checklist have no result"):
            handover.action_done()
        first, *others = handover.line_ids
        first.action_defect()
        for line in others:
            line.action_ok()
        handover.line_ids.filtered(lambda line: line.kind == 'meter')[0].reading = 125.3
        handover.action_done()
        self.assertEqual(self.key.holder_id, self.olga)
        self.assertTrue(self.key.signature)
        handover.note = "The lock of the balcony door sticks."
        for values in (
            {'signature': False}, {'photo_ids': [Command.clear()]},
            {'line_ids': [Command.create({'name': 'Late'})]},
        ):
            with self.assertRaises(UserError), self.cr.savepoint():
                handover.write(values)
        for way in (
            lambda: first.write({'result': 'ok'}), first.unlink, handover.action_done,
            lambda: first.create({'handover_id': handover.id, 'name': 'Late'}),
        ):
            with self.assertRaises(UserError), self.cr.savepoint():
                way()

    def test_a_meter_that_was_read_is_in_order(self):
        """[A34] Typing the reading is enough; a meter with a defect stays one. """
        handover = self._check_in()
        water, power = handover.line_ids.filtered(lambda line: line.kind == 'meter')[:2]
        self.assertFalse(water.result)
        water.reading = 125.3
        self.assertEqual(water.result, 'ok')
        power.action_defect()
        power.reading = 80
        self.assertEqual(power.result, 'defect')

    def test_a_meter_that_is_not_there_prints_no_reading(self):
        handover = self._check_in()
        self.assertNotIn('0.00', self._print(handover))  # not read yet
        handover.line_ids.action_none()
        html = self.env['ir.actions.report']._render_qweb_html(
            'property_base.report_handover', handover.ids)[0].decode()
        self.assertNotIn('0.00', html)

    def test_nobody_writes_history(self):
        """ Neither created, nor deleted, nor rewritten by hand: not even by a manager. """
        handover = self._check_in()
        for user in (self.clerk, self.officer, self.manager):
            record = handover.with_user(user)
            for way in (
                lambda record=record: record.create({
                    'kind': 'move_out', 'unit_id': self.flat.id, 'partner_id': self.olga.id,
                    'role': 'owner', 'date': self.today}),
                lambda record=record: record.write({'partner_id': self.tom.id}),
                lambda record=record: record.write({'date': date(2020, 1, 1)}),
                record.unlink,
                lambda record=record: record.begun_occupancy_ids.write(
                    {'start_handover_id': False}),
            ):
                with self.assertRaises(AccessError), self.cr.savepoint():
                    way()

    def _print(self, handover):
        return self.env['ir.actions.report'].with_user(self.clerk)._render_qweb_html(
            'property_base.report_handover', handover.ids)[0].decode()

    def test_printed(self):
        """[A34] With the photos that can be printed; a file that is none does not hinder it. """
        handover = self._check_in()
        handover.photo_ids = [
            Command.create({'name': 'door.png', 'datas': SIGNATURE}),
            Command.create({'name': 'door.heic', 'raw': b'ftypheic', 'mimetype': 'image/heic'}),
        ]
        html = self._print(handover)
        for text in ('Olga Owner', 'Tower 1-Entrance 1-101', 'Water meter', 'Hand-over record: '):
            self.assertIn(text, html)
        self.assertEqual(html.count('data:image/jpg;base64,'), 1)

    def test_in_the_customers_language(self):
        """[A34] Whoever makes and prints it: it is a document for the customer. """
        self.olga.lang = 'zh_CN'
        handover = self._check_in()
        self.assertIn('水表', handover.line_ids.mapped('name'))
        html = self._print(handover)
        self.assertIn('交接单：', html)
        self.assertNotIn('Water meter', html)


@tagged('post_install', '-at_install')
class TestTransfer(HandoverCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.owner = cls._move_in(cls.flat, cls.olga)

    def test_day_of_the_change_is_the_new_owners(self):
        """[A31] (decision 15) """
        handover = self._transfer(contact_name="Her brother", phone='139 0000 1111')
        self.assertEqual(self.owner.date_end, date(2026, 3, 9))
        new = self.flat.occupancy_ids - self.owner
        self.assertEqual((new.partner_id, new.date_start, new.date_end, new.share), (
            self.newcomer, date(2026, 3, 10), False, 100))
        self.assertEqual(handover.former_partner_ids, self.olga)
        self.assertEqual((handover.contact_name, self.newcomer.phone), (
            "Her brother", '139 0000 1111'))

    def test_one_of_two_co_owners_sells(self):
        self.owner.share = 60
        other = self._move_in(self.flat, self.fred, share=40)
        self._transfer(occupancy_ids=[Command.set(other.ids)])
        self.assertFalse(self.owner.date_end)
        self.assertEqual(other.date_end, date(2026, 3, 9))
        new = self.flat.occupancy_ids - self.owner - other
        self.assertEqual((new.partner_id, new.share), (self.newcomer, 40))

    def test_before_or_on_the_day_of_the_check_in(self):
        """[A31] """
        self.owner.date_start = date(2026, 3, 10)
        for day in (date(2026, 3, 9), date(2026, 3, 10)):
            with self.assertRaisesRegex(UserError, "since 2026-03-10"):
                self._transfer(date=day)
        self._transfer(date=date(2026, 3, 11))

    def test_to_himself_or_twice(self):
        with self.assertRaisesRegex(UserError, "owns .* already"):
            self._transfer(partner=self.olga)
        self._transfer(date=date(2026, 3, 20))
        with self.assertRaisesRegex(UserError, "left .* on 2026-03-19 already"):
            self._transfer(partner=self.fred, date=date(2026, 3, 25))

    def test_no_unit_is_between_two_owners(self):
        """[A31] [A17] Where residents wait for approval, who approves does the transfer. """
        self.lakeside.approves_residents = True
        with self.assertRaisesRegex(UserError, "register manager"), self.cr.savepoint():
            self._transfer()
        for user, kept in ((self.officer, True), (self.manager, False)):
            with self.subTest("said before it is filled in", user=user.login):
                wizard = Form(self.env['property.transfer'].with_user(user).with_context(
                    default_unit_id=self.flat.id))
                self.assertEqual(wizard.is_transfer_kept, kept)
                self.assertEqual(self.manager.name in (wizard.kept_notice or ''), kept)
                actions = self.env['property.building'].with_user(user).get_room_board(
                    building_id=self.flat.building_id.id)['actions']
                self.assertIn(
                    "Transfer (by a register manager)" if kept else "Transfer",
                    [action['label'] for action in actions])
        self.assertFalse(self.owner.date_end)
        self._transfer(user=self.manager)
        self.assertEqual(
            (self.flat.occupancy_ids - self.owner).mapped('state'), ['approved'])

    def test_a_new_customer_in_a_few_fields(self):
        """[A28] [A31] Name, phone and identity number; the number is masked from then on. """
        for model in ('property.check.in', 'property.transfer', 'property.key.hand.out'):
            arch = etree.fromstring(self.env[model].get_view()['arch'])
            field, = arch.xpath("//field[@name='partner_id']")
            view = literal_eval(field.get('context'))['form_view_ref']
            form = Form(self.env['res.partner'].with_user(self.officer), view=view)
            form.name = "Nora"
            form.phone = '13900000077'
            with form.property_resident_ids.new() as line:
                line.identity_masked = '11010519491231002X'
            nora = form.save()
            self.assertEqual(nora.property_resident_ids.identity_masked[-3:], '02X')
            self.assertIn('*', nora.property_resident_ids.identity_masked)
            nora.sudo().unlink()

    def test_customers_sign_by_hand(self):
        """[A31] [A35] Where Odoo knows a name it opens the pad on a font, not on handwriting. """
        for model in ('property.check.in', 'property.transfer', 'property.move.out',
                      'property.key.hand.out', 'property.handover'):
            arch = etree.fromstring(self.env[model].get_view()['arch'])
            for field in arch.xpath("//field[@widget='signature']"):
                self.assertNotIn('full_name', field.get('options', ''))

    def test_a_unit_without_owner(self):
        with self.assertRaisesRegex(UserError, "no owner"):
            self._transfer(self.next_flat)

    def test_open_matters_are_decided(self):
        """[A31] Keys, vehicles, household and parking space: each as decided, and on record. """
        garage = self.env['property.unit'].create(
            self._prepare_unit_vals(self.annex, 'P1', kind='parking'))
        space = self._move_in(garage, self.olga)
        son = self._move_in(self.flat, self.fred, role='family')
        car = self.env['property.vehicle'].create(
            {'name': 'L 11111', 'unit_id': self.flat.id, 'partner_id': self.olga.id})
        key = self.env['property.key'].create({'unit_id': self.flat.id, 'name': '101-A'})
        key._hand_out(self.olga)

        wizard = self.env['property.transfer'].with_user(self.officer).create({
            'unit_id': self.flat.id, 'partner_id': self.newcomer.id, 'date': self.today})
        self.assertEqual(wizard.matter_ids.mapped('kind'), ['key', 'vehicle', 'family', 'space'])
        self._decide(wizard, key='hand_over', space='hand_over')
        with self.assertRaisesRegex(UserError, "only if both sign"), self.cr.savepoint():
            wizard.action_confirm()
        wizard.signature = SIGNATURE
        with self.assertRaisesRegex(UserError, "only if both sign"), self.cr.savepoint():
            wizard.action_confirm()
        self.assertFalse(self.owner.date_end, "nothing is done by half")
        wizard.former_signature = SIGNATURE
        wizard.action_confirm()
        self.assertEqual(key.holder_id, self.newcomer)
        self.assertFalse(car.active)
        self.assertEqual(son.date_end, date(2026, 3, 9))
        self.assertEqual(space.date_end, date(2026, 3, 9))
        self.assertEqual((garage.occupancy_ids - space).partner_id, self.newcomer)
        handover = self.owner.end_handover_id
        self.assertEqual(handover.matter_ids.mapped('decision'), [
            'hand_over', 'end', 'end', 'hand_over'])

    def test_space_with_a_contract_passes_on_until_its_end(self):
        """[A31] Who takes the space over takes what is left of its contract. """
        garage = self.env['property.unit'].create(
            self._prepare_unit_vals(self.annex, 'P1', kind='parking'))
        space = self._move_in(garage, self.olga, role='tenant', end=date(2026, 12, 31))
        wizard = self.env['property.transfer'].with_user(self.officer).create({
            'unit_id': self.flat.id, 'partner_id': self.newcomer.id, 'date': self.today,
            'signature': SIGNATURE, 'former_signature': SIGNATURE})
        self._decide(wizard, space='hand_over')
        wizard.action_confirm()
        self.assertEqual(space.date_end, date(2026, 3, 9))
        self.assertEqual((garage.occupancy_ids - space).date_end, date(2026, 12, 31))

    def test_forged_decisions(self):
        """ What was not offered, left out or has come up since is refused. """
        key = self.env['property.key'].create({'unit_id': self.flat.id, 'name': '101-A'})
        key._hand_out(self.olga)
        foreign = self.env['property.key'].create({'unit_id': self.hill_flat.id, 'name': 'H'})
        foreign._hand_out(self.hilda)

        def create():
            return self.env['property.transfer'].with_user(self.officer).create({
                'unit_id': self.flat.id, 'partner_id': self.newcomer.id, 'date': self.today})

        wizard = create()
        wizard.matter_ids.unlink()
        with self.assertRaisesRegex(UserError, "changed or come up"), self.cr.savepoint():
            wizard.action_confirm()
        wizard = create()
        wizard.matter_ids.decision = 'refund'
        with self.assertRaisesRegex(UserError, "Decide what becomes"), self.cr.savepoint():
            wizard.action_confirm()
        wizard = create()
        wizard.matter_ids.copy({'res_id': foreign.id, 'decision': 'lost'})
        wizard.action_confirm()
        self.assertEqual(foreign.state, 'out', "not a matter of this unit")
        self.assertEqual(key.state, 'office')


@tagged('post_install', '-at_install')
class TestMoveOut(HandoverCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.owner = cls._move_in(cls.flat, cls.olga)
        cls.tenant = cls._move_in(cls.flat, cls.tom, role='tenant', end=date(2026, 12, 31))

    def test_settlement_date_is_the_last_day(self):
        """[A32] [A35] """
        handover = self._move_out(date=date(2026, 3, 31), note="Gone abroad")
        self.assertEqual(self.tenant.date_end, date(2026, 3, 31))
        self.assertEqual(
            (handover.kind, handover.partner_id, handover.date, handover.user_id, handover.note),
            ('move_out', self.tom, date(2026, 3, 31), self.officer, "Gone abroad"))
        self.assertFalse(self.owner.date_end)

    def test_before_he_came_after_he_left_and_twice(self):
        """[A32] """
        with self.assertRaisesRegex(UserError, "since 2024-01-01"):
            self._move_out(date=date(2023, 12, 31))
        with self.assertRaisesRegex(UserError, "until 2026-12-31 only"):
            self._move_out(date=date(2027, 1, 1))
        self._move_out(date=date(2026, 3, 31))
        with self.assertRaisesRegex(UserError, "left .* on 2026-03-31 already"):
            self._move_out(date=date(2026, 3, 31), occupancy_id=self.tenant.id)

    def test_nothing_passes_to_a_new_customer(self):
        """ There is none: what could pass in a transfer is not offered. """
        key = self.env['property.key'].create({'unit_id': self.flat.id, 'name': '101-A'})
        key._hand_out(self.tom)
        wizard = self.env['property.move.out'].with_user(self.officer).create(
            {'unit_id': self.flat.id, 'date': self.today})
        self.assertEqual(wizard.occupancy_id, self.tenant)
        self.assertEqual(wizard.matter_ids.decisions, 'return,lost')
        wizard.write({'signature': SIGNATURE})
        wizard.matter_ids.decision = 'hand_over'
        with self.assertRaisesRegex(UserError, "Decide what becomes"), self.cr.savepoint():
            wizard.action_confirm()
        wizard.matter_ids.decision = 'lost'
        wizard.action_confirm()
        self.assertEqual((key.state, key.holder_id), ('lost', self.tom))

    def test_the_tenants_family_stays_when_the_owner_goes(self):
        """ As a proposal: who belongs to whom nobody but the officer knows. """
        self._move_in(self.flat, self.fred, role='family')
        wizard = self.env['property.move.out'].create(
            {'unit_id': self.flat.id, 'date': self.today, 'occupancy_id': self.owner.id})
        self.assertEqual(wizard.matter_ids.decision, 'keep')
        self.tenant.date_end = date(2026, 1, 1)
        wizard = self.env['property.move.out'].create(
            {'unit_id': self.flat.id, 'date': self.today, 'occupancy_id': self.owner.id})
        self.assertEqual(wizard.matter_ids.decision, 'end')

    def test_a_phone_sends_what_the_list_sends(self):
        """ A proposed matter of which the cards of a phone lack a field could not be stored. """
        views = self.env['property.open.matter'].get_views(
            [(False, 'list'), (False, 'kanban')])['views']
        names = {
            kind: {node.get('name') for node in etree.fromstring(view['arch']).iter('field')}
            for kind, view in views.items()}
        self.assertEqual(names['kanban'], names['list'])


@tagged('post_install', '-at_install', 'security')
class TestStrangers(HandoverCommon):
    """[A66] Who calls the wizards over the network: as every role, from another project, from
    another company. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._move_in(cls.flat, cls.olga)
        cls.key = cls.env['property.key'].create({'unit_id': cls.flat.id, 'name': '101-A'})
        cls.handover = cls._move_in(cls.next_flat, cls.fred).with_user(cls.officer)._move_out(
            cls.today, cls.env['property.open.matter'])

    @mute_logger('odoo.addons.base.models.ir_rule', 'odoo.addons.base.models.ir_model')
    def test_wizards(self):
        users = (
            self.clerk | self.hill_officer | self.far_manager | self._create_portal_user(self.tom)
            | self.env.ref('base.public_user'))
        for user in users:
            for call in (
                lambda user=user: self._check_in(self.shop, user=user),
                lambda user=user: self._transfer(user=user),
                lambda user=user: self._move_out(user=user),
                lambda user=user: self.env['property.key.hand.out'].with_user(user).create({
                    'key_ids': [Command.set(self.key.ids)], 'partner_id': self.tom.id,
                }).action_confirm(),
            ):
                with self.subTest(user=user.login), self.assertRaises(AccessError), \
                        self.cr.savepoint():
                    call()

    @mute_logger('odoo.addons.base.models.ir_rule', 'odoo.addons.base.models.ir_model')
    def test_an_action_is_no_right_to_write(self):
        """[A64] Who may check in, transfer and move out does that, and writes nothing past it. """
        porter = self._create_staff('porter', 'group_property_user', self.lakeside)
        for action in ('check_in', 'transfer', 'move_out'):
            porter.group_ids += self.env.ref(f'property_base.group_{action}')
        Occupancy = self.env['property.occupancy'].with_user(porter)
        for way in (
            lambda: Occupancy.create({
                'unit_id': self.shop.id, 'partner_id': self.tom.id, 'role': 'owner',
                'date_start': self.today}),
            lambda: self.flat.occupancy_ids.with_user(porter).write({'share': 50}),
            self.flat.occupancy_ids.with_user(porter).unlink,
        ):
            with self.assertRaises(AccessError), self.cr.savepoint():
                way()
        self._check_in(self.shop, self.tom, user=porter, date=date(2026, 3, 1))
        self._transfer(self.shop, user=porter)
        handover = self._move_out(self.shop, user=porter, date=date(2026, 3, 20))
        self.assertEqual(handover.ended_occupancy_ids.partner_id, self.newcomer)

    @mute_logger('odoo.addons.base.models.ir_rule', 'odoo.addons.base.models.ir_model')
    def test_wizard_of_a_colleague(self):
        wizard = self.env['property.transfer'].with_user(self.officer).create({
            'unit_id': self.flat.id, 'partner_id': self.newcomer.id, 'date': self.today})
        colleague = self._create_staff('colleague', 'group_property_officer', self.lakeside)
        with self.assertRaises(AccessError):
            wizard.with_user(colleague).read(['note'])
        with self.assertRaises(AccessError):
            wizard.with_user(colleague).action_confirm()

    @mute_logger('odoo.addons.base.models.ir_rule', 'odoo.addons.base.models.ir_model')
    def test_records(self):
        of_project = (
            self.handover, self.handover.line_ids, self.key,
            self.env['property.handover.matter'].create({
                'handover_id': self.handover.id, 'name': "Key", 'decision': 'return'}))
        users = self.hill_officer | self.far_manager | self._create_portal_user(self.fred)
        for user in users:
            for records in of_project:
                records = records.with_user(user)
                with self.subTest(user=user.login, model=records._name):
                    self.assertFalse(records.has_access('read'))
                    for way in (
                        lambda records=records: records.read(['display_name']),
                        lambda records=records: records.export_data(['display_name']),
                        lambda records=records: records.write({'note': 'x'}),
                        records.unlink,
                    ):
                        # Who may export nothing at all is told so.
                        with self.assertRaises(UserError), self.cr.savepoint():
                            way()

    def test_key_that_was_moved_by_hand(self):
        for values in ({'holder_id': self.tom.id}, {'state': 'out'}, {'date_due': self.today}):
            with self.assertRaises(AccessError), self.cr.savepoint():
                self.key.with_user(self.officer).write(values)
            with self.assertRaises(AccessError), self.cr.savepoint():
                self.key.with_user(self.officer).create(
                    {'unit_id': self.flat.id, 'name': 'B', **values})


@tagged('post_install', '-at_install')
class TestKeys(HandoverCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.key = cls.env['property.key'].create(
            {'unit_id': cls.flat.id, 'name': '101-A'}).with_user(cls.officer)

    def _hand_out(self, partner, **values):
        self.env['property.key.hand.out'].with_user(self.officer).create({
            'key_ids': [Command.set(self.key.ids)], 'partner_id': partner.id, **values,
        }).action_confirm()

    def test_out_and_back(self):
        """[A34] To a craftsman for two days: signed for, overdue on the third, back. """
        self._hand_out(self.tom, date_due=date(2026, 3, 12), signature=SIGNATURE)
        self.assertEqual((self.key.state, self.key.holder_id, self.key.date_out), (
            'out', self.tom, self.today))
        self.assertEqual(self.key.activity_ids.date_deadline, date(2026, 3, 12))
        self.assertIn('signature.png', self.key.message_ids.attachment_ids.mapped('name'))
        Key = self.env['property.key']
        overdue = [('is_overdue', '=', True), ('id', '=', self.key.id)]
        self.assertFalse(Key.search(overdue))
        with freeze_time('2026-03-13'):
            self.env.invalidate_all()
            self.assertTrue(self.key.is_overdue)
            self.assertEqual(Key.search(overdue), self.key)
            self.key.action_take_back()
        self.assertEqual((self.key.state, self.key.holder_id, self.key.date_due), (
            'office', self.env['res.partner'], False))
        self.assertFalse(self.key.activity_ids)

    def test_nobody_types_where_a_key_is(self):
        """[A34] Neither in its values nor by defaults of the context. """
        Key = self.env['property.key'].with_user(self.officer)
        for values, context in (
            ({'state': 'out'}, {}), ({'holder_id': self.tom.id}, {}),
            ({}, {'default_state': 'out'}), ({}, {'default_holder_id': self.tom.id}),
        ):
            with self.assertRaises(AccessError):
                Key.with_context(**context).create(
                    {'unit_id': self.flat.id, 'name': '101-B', **values})

    def test_nobody_types_a_hand_over(self):
        handover = self._check_in(self.next_flat, self.fred)
        Occupancy = self.env['property.occupancy'].with_user(self.officer)
        for name in ('start_handover_id', 'end_handover_id'):
            with self.assertRaises(AccessError):
                Occupancy.with_context(**{f'default_{name}': handover.id}).create(
                    {'unit_id': self.flat.id, 'partner_id': self.tom.id, 'role': 'tenant'})

    def test_keys_of_a_hand_over_are_of_its_unit(self):
        handover = self._check_in(self.next_flat, self.fred)
        with self.assertRaisesRegex(ValidationError, "not a key of"):
            handover.with_user(self.officer).key_ids = self.key

    def test_lost_and_found(self):
        self._hand_out(self.tom)
        self.key.action_lost()
        self.assertEqual(self.key.holder_id, self.tom, "who had it last")
        with self.assertRaisesRegex(UserError, "is lost"):
            self._hand_out(self.olga)
        self.key.action_take_back()
        self._hand_out(self.olga)

    def test_due_before_today(self):
        with self.assertRaisesRegex(UserError, "which is past"):
            self._hand_out(self.tom, date_due=self.today - timedelta(days=1))


@tagged('post_install', '-at_install')
class TestArchive(HandoverCommon):
    """[A19] """

    def test_only_who_has_moved_out(self):
        occupancy = self._move_in(self.flat, self.olga)
        for record in (occupancy, self.olga):
            with self.assertRaisesRegex(UserError, "has not ended. Move the customer out"):
                record.action_archive()
        self._move_out(date=date(2026, 3, 9))
        occupancy.action_archive()
        self.olga.action_archive()
        former = self.env['ir.actions.act_window']._for_xml_id(
            'property_base.property_occupancy_action_former')
        Occupancy = self.env['property.occupancy'].with_context(active_test=False)
        self.assertIn(occupancy, Occupancy.search(
            ['|', ('active', '=', False), ('date_end', '<', fields.Date.to_string(self.today))]))
        self.assertIn("'active_test': False", former['context'])

    def test_shares_of_the_past_count_in_the_archive_too(self):
        self._move_in(self.flat, self.olga, start=date(2024, 1, 1), end=date(2024, 12, 31),
                      share=60).action_archive()
        with self.assertRaisesRegex(UserError, "120"):
            self._move_in(self.flat, self.tom, start=date(2024, 6, 1), share=60)


@tagged('post_install', '-at_install')
class TestDeletionGuards(HandoverCommon):
    """[G26] What is in the way, how many, and what to do: one test per line of the table. """

    def assertGuarded(self, record, sentence):
        with self.assertRaisesRegex(UserError, sentence), self.cr.savepoint():
            record.with_user(self.manager).unlink()

    def test_region(self):
        region = self.env['property.region'].create({'name': 'North'})
        part = self.env['property.region'].create({'name': 'Centre', 'parent_id': region.id})
        self.assertGuarded(region, "North has 1 regions below it. Move those")
        part.parent_id = False
        self.lakeside.region_id = region
        self.assertGuarded(region, "North has 1 projects. Move them")

    def test_project(self):
        self.assertGuarded(self.lakeside, "Lakeside has 2 buildings. Archive the project")
        bare = self.env['property.project'].create({'name': 'Bare'})
        self.env['property.vehicle'].create({'name': 'B 1', 'project_id': bare.id})
        self.assertGuarded(bare, "Bare has 1 vehicles. Archive the project")

    def test_building_and_entrance(self):
        self.assertGuarded(self.tower, "Tower 1 has 2 units. Archive the building")
        self.assertGuarded(self.entrance, "Entrance 1 has 2 units. Move them")
        (self.flat + self.next_flat).unlink()
        self.assertGuarded(self.tower, "Tower 1 has 1 entrances. Delete those")

    def test_unit(self):
        self._check_in()
        self.assertGuarded(self.flat, "has 1 occupancies, present or past. Archive the unit")
        handover = self.flat.handover_ids
        self.flat.occupancy_ids.sudo().start_handover_id = False
        self.flat.occupancy_ids.unlink()
        self.assertGuarded(self.flat, "has 1 hand-over records. Archive the unit")
        handover.sudo().unlink()
        key = self.env['property.key'].create({'unit_id': self.flat.id, 'name': 'A'})
        self.assertGuarded(self.flat, "has 1 keys. Move them")
        key.unlink()
        self.env['property.vehicle'].create({'name': 'L 1', 'unit_id': self.flat.id})
        self.assertGuarded(self.flat, "has 1 vehicles. Take it off")

    def test_archived_ones_count(self):
        self._move_in(self.flat, self.olga, end=date(2025, 1, 1)).action_archive()
        self.assertGuarded(self.flat, "has 1 occupancies")

    def test_dictionary_items(self):
        for model, field in (
            (self.flat, 'layout_id'), (self.flat, 'orientation_id'), (self.flat, 'ownership_id'),
            (self.flat, 'use_id'), (self.tower, 'structure_id'), (self.tower, 'use_id'),
            (self.tower, 'orientation_id'),
        ):
            item = self.env['property.dictionary.item'].create(
                {'dictionary': field[:-3], 'name': 'Round'})
            model[field] = item
            what = 'units' if model == self.flat else 'buildings'
            self.assertGuarded(item, f"“Round” is used by 1 {what}. Archive it")

    def test_occupancy(self):
        handover = self._check_in()
        self.assertGuarded(
            handover.begun_occupancy_ids, "has its hand-over record. Move the customer out")

    def test_key(self):
        key = self.env['property.key'].create({'unit_id': self.flat.id, 'name': 'A'})
        key._hand_out(self.tom)
        self.assertGuarded(key, "is handed out. Take it back")

    def test_person(self):
        self._check_in()
        self.assertGuarded(self.olga, "Olga Owner has 1 occupancies, present or past. Archive")
        self.flat.occupancy_ids.sudo().start_handover_id = False
        self.flat.occupancy_ids.unlink()
        self.assertGuarded(self.olga, "Olga Owner stands in 1 hand-over records. Archive")
        key = self.env['property.key'].create({'unit_id': self.flat.id, 'name': 'A'})
        key._hand_out(self.tom)
        self.assertGuarded(self.tom, "Tom Tenant holds 1 keys. Take them back")

    def test_nothing_in_the_way(self):
        self.annex.unit_ids.unlink()
        self.annex.with_user(self.manager).unlink()
        self.assertFalse(self.annex.exists())
