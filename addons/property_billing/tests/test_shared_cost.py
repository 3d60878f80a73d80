from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from .common_shared import SharedCommon


@tagged('post_install', '-at_install')
class TestSharedCost(SharedCommon):
    """ From the supplier's bill to the parts of the units. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.units = cls._create_units([80, 90, 100, 120])
        cls.key = cls._create_key()

    # === DIVIDING === #

    def test_the_parts_are_shown_before_they_are_made(self):
        """ [B45] 300.00 by area; the difference is 0.00, and what was shown is what is made. """
        cost = self._create_cost(self.key, self._receive_bill(300))
        action = cost.action_divide()
        wizard = self.env['property.shared.divide'].with_user(self.clerk).browse(action['res_id'])
        self.assertEqual(
            [(line.unit_id.name, line.weight, line.amount) for line in wizard.line_ids],
            [('801', 80, 61.54), ('802', 90, 69.23), ('803', 100, 76.92), ('804', 120, 92.31)])
        self.assertEqual((wizard.part_total, wizard.difference), (300, 0))
        self.assertFalse(wizard.account_notice)
        self.assertEqual((cost.state, cost.part_count), ('draft', 0))
        wizard.action_divide()
        self.assertEqual((cost.state, cost.part_count, cost.part_total), ('confirmed', 4, 300))
        self.assertEqual(cost.assignment_ids.fee_id, self.shared_fee)

    def test_what_all_parts_say_is_read_once(self):
        """ A year of bills is not listed anew for each of thousands of units. """
        cost = self._divide(self.key, 300)
        with patch.object(
                self.registry['property.shared.cost'], '_get_facts', autospec=True,
                return_value={'cost': cost.id}) as get_facts:
            subjects = cost.assignment_ids._get_subjects()
        self.assertEqual((len(subjects), get_facts.call_count), (4, 1))

    def test_something_was_changed_while_the_parts_were_shown(self):
        cost = self._create_cost(self.key, self._receive_bill(300))
        wizard = self.env['property.shared.divide'].with_user(self.clerk).create({
            'cost_id': cost.id})
        self.assertEqual(wizard.part_total, 300)
        self.units[0].building_area = 79
        with self.assertRefused("was changed since you opened the page"):
            wizard.action_divide()
        self.assertEqual((cost.state, cost.part_count), ('draft', 0))

    def test_booked_to_another_account(self):
        """ What is collected for others does not settle a cost of one's own. """
        lines = self._receive_bill(300)
        lines.move_id.button_draft()
        lines.account_id = self.env['account.account'].search([
            ('company_ids', 'in', self.company.ids), ('account_type', '=', 'expense')], limit=1)
        lines.move_id.action_post()
        wizard = self.env['property.shared.divide'].with_user(self.clerk).create({
            'cost_id': self._create_cost(self.key, lines).id})
        self.assertIn("one does not settle the other", wizard.account_notice)

    def test_typed_in_the_form(self):
        """ A line brings what is left of it. """
        line = self._receive_bill(300)
        self._create_cost(self.key, line, [200])._divide()
        form = Form(self.env['property.shared.cost'].with_user(self.clerk))
        form.name = "Garden"
        form.project_id = self.project
        form.fee_id = self.shared_fee
        form.key_id = self.key
        form.date_start, form.date_end = '2026-04-01', '2026-04-30'
        with form.source_ids.new() as source:
            source.line_id = line
            self.assertEqual((source.rest, source.amount), (100, 100))
        self.assertEqual(form.save().amount, 100)

    def _print_notice(self, cost):
        return self.env['ir.actions.report'].with_user(self.clerk)._render_qweb_html(
            'property_billing.report_shared_notice', cost.ids)[0].decode()

    def test_the_notice(self):
        """ [B45] Total, key, bill and rooms; nobody's name. """
        self.power_company.is_company = True
        cost = self._create_cost(self.key, self._receive_bill(300))
        with self.assertRefused("is not divided"):
            cost._get_notice()
        cost._divide()
        self.assertEqual(cost._get_notice()['parts'], [
            ('8-801', '80', 61.54), ('8-802', '90', 69.23), ('8-803', '100', 76.92),
            ('8-804', '120', 92.31)])
        self.assertEqual(cost._get_notice()['weights'], '390')
        [source] = cost._get_notice()['sources']
        self.assertEqual((source[1], source[3:]), ("State Grid", ("Electricity 300", 300)))
        notice = self._print_notice(cost)
        for text in ("Light of the stairs", "State Grid", "8-801", "61.54", "390", "2026-03-31"):
            self.assertIn(text, notice)
        for unit in self.units:
            self.assertNotIn(unit.owner_ids.name, notice)

    def test_the_notice_names_no_person_who_supplies(self):
        cost = self._divide(self.key, 300)
        self.assertEqual(cost._get_notice()['sources'][0][1], "S**")
        self.assertNotIn("State Grid", self._print_notice(cost))

    def test_the_notice_of_many_rooms(self):
        """ 25 rooms stand in two columns, each once. """
        self._create_units([10] * 21, first=901)
        cost = self._divide(self.key, 600)
        notice = self._print_notice(cost)
        for part in cost.assignment_ids:
            self.assertEqual(notice.count(f'>{part.unit_id.complete_name}<'), 1)

    def test_a_bill_less_its_credit_note(self):
        """ 300.00 less 60.00 are divided; a credit note alone is not. """
        bill = self._receive_bill(300)
        note = self._receive_bill(60, move_type='in_refund')
        cost = self._create_cost(self.key, bill + note)
        self.assertEqual(cost.source_ids.mapped('amount'), [300, -60])
        cost._divide()
        self.assertEqual((cost.amount, cost.part_total), (240, 240))
        other = self._create_cost(self.key, self._receive_bill(60, move_type='in_refund'))
        with self.assertRefused("a credit note is shared with its bill"):
            other._divide()
        with self.assertRefused("nothing to divide yet. Choose lines"):
            self._create_cost(self.key)._divide()

    # === BAD INPUT === #

    def test_a_line_shared_twice(self):
        """ The other cost is named, in whatever project it is; nothing is stored. """
        line = self._receive_bill(300)
        first = self._create_cost(self.key, line, name="Stairs")
        first._divide()
        for amounts in (None, [300], [0.01]):
            with self.assertRefused(r"0\.00.*are left.*Stairs"):
                self._create_cost(self.key, line, amounts)
        self.assertEqual(self.env['property.shared.cost'].search_count([]), 1)
        first.action_cancel()
        self._create_cost(self.key, line)._divide()

    def test_a_line_shared_beyond_its_rest(self):
        """ 200.00 of 300.00 are in a draft: 100.00 are left, 100.01 are refused. """
        line = self._receive_bill(300)
        self._create_cost(self.key, line, [200], name="Stairs")
        with self.assertRefused(r"Of .*300\.00, .*100\.00 are left.*Stairs"):
            self._create_cost(self.key, line, [100.01])
        self._create_cost(self.key, line, [100])
        with self.assertRefused("Enter up to .*500"):
            self._create_cost(self.key, self._receive_bill(500), [500.01])
        with self.assertRefused("cannot be shared"):
            self._create_cost(self.key, self._receive_bill(500), [-1])

    def test_a_line_is_looked_at_by_who_may_read_it(self):
        """ The form answers before any rule is asked: not even the label, in no way. """
        line = self._receive_bill(300)
        stranger = self._create_user('stranger', 'property_billing.group_billing_officer')
        self.project.user_ids |= stranger
        spec = {'label': {}, 'rest': {}, 'amount': {}, 'date_bill': {}, 'move_id': {},
                'supplier_id': {'fields': {'display_name': {}}}}
        in_cost = {'source_ids': [Command.create({'line_id': line.id})]}
        for name, fields in spec.items():
            for model, values, asked in (
                ('property.shared.source', {'line_id': line.id}, {name: fields}),
                ('property.shared.cost', in_cost, {'source_ids': {'fields': {name: fields}}}),
                ('property.shared.cost', in_cost, {'source_ids': {'fields': {}}, 'amount': {}}),
            ):
                with self.subTest(model, field=name), self.assertRaises(AccessError):
                    self.env[model].with_user(stranger).onchange(values, list(values), asked)
        cost = self._create_cost(self.key, line)
        [source] = cost.with_user(stranger).source_ids.read(['label', 'rest', 'supplier_id'])
        self.assertEqual(
            (source['label'], source['rest'], source['supplier_id'][1]),
            ("Electricity 300", 300, "State Grid"), "who sees the cost may see of what it is")

    def test_the_bill_says_what_it_is_shared_by(self):
        """ Each of its lines, while the cost is not cancelled; who sees no cost sees none. """
        shared, other = self._receive_bill(90, 10)
        cost = self._create_cost(self._create_key('household'), shared)
        cost._divide()
        lines = (shared + other).with_user(self.clerk)
        self.assertEqual(
            [line.property_shared_cost_ids for line in lines], [cost, cost.browse()])
        cost.action_cancel()
        lines.invalidate_recordset()
        self.assertFalse(lines.property_shared_cost_ids)

    def test_bills_that_cannot_be_shared(self):
        """ A draft, one of another company, one of another project, a customer's bill. """
        other = self._create_company("Other Property")
        self.env.user.company_ids |= other
        project = self.env['property.project'].create({
            'name': "Lakeside", 'company_id': self.company.id})
        sold = self.env['account.move'].create({
            'move_type': 'out_invoice', 'partner_id': self.owner.id,
            'invoice_line_ids': [Command.create({'name': "Paper", 'price_unit': 5})]})
        sold.action_post()
        for message, line in (
            ("is not posted", self._receive_bill(1, post=False)),
            ("is a bill of Other Property", self._receive_bill(2, company_id=other.id)),
            ("is a bill of Lakeside", self._receive_bill(3, property_project_id=project.id)),
            ("is neither a line of a supplier's bill", sold.invoice_line_ids),
        ):
            with self.subTest(message), self.assertRefused(message):
                self._create_cost(self.key, line, user=self.env.user)
        self.assertFalse(self.env['property.shared.cost'].search([]))

    def test_taken_back_to_draft_before_it_is_divided(self):
        line = self._receive_bill(300)
        cost = self._create_cost(self.key, line)
        line.move_id.button_draft()
        with self.assertRefused("Post it first"):
            cost._divide()
        line.move_id.action_post()
        cost._divide()
        with self.assertRefused("is shared among units by Light of the stairs"):
            line.move_id.button_draft()

    def test_what_is_divided_is_not_changed(self):
        """ Neither what it came to, nor whose money it was; an accountant could on a posted bill.
        """
        other = self.env['property.project'].create({
            'name': "Lakeside", 'company_id': self.company.id})
        lines = self._receive_bill(300, 5, property_project_id=self.project.id)
        cost = self._create_cost(self.key, lines[0])
        cost._divide()
        bill = lines.move_id
        accountant = self._create_user('accountant', 'account.group_account_manager')
        self.project.user_ids += accountant
        own = lines[0].with_user(accountant)
        for vals in (
            {'price_unit': 200}, {'quantity': 2}, {'discount': 10},
            {'account_id': self.company.property_trust_account_id.id},
            {'property_fee_id': self.shared_fee.id},
            {'property_unit_id': self.unit_1011.id},
            {'property_beneficiary_id': self.power_company.id},
        ):
            with self.subTest(vals=vals), self.assertRefused("is shared among units by Light"):
                own.write(vals)
        with self.assertRefused("is shared among units by Light"):
            bill.property_project_id = other
        own.write({'name': "Light, March"})
        self.assertEqual((own.price_total, own.name), (300, "Light, March"))
        lines[1].write({'property_beneficiary_id': self.power_company.id})
        cost.action_cancel()
        own.write({'property_beneficiary_id': self.power_company.id})

    def test_a_line_that_is_deleted(self):
        """ The cost that names it is told; a line that none names goes. """
        lines = self._receive_bill(300, 5)
        cost = self._create_cost(self.key, lines[0])
        lines.move_id.button_draft()
        for records in (lines[0], lines.move_id):
            with self.assertRefused("Electricity 300.*is in the shared cost Light of the stairs"):
                records.unlink()
        lines[1].unlink()
        cost.unlink()
        lines[0].move_id.unlink()

    def test_a_key_of_another_project(self):
        project = self.env['property.project'].create({
            'name': "Lakeside", 'company_id': self.company.id})
        key = self._create_key(project_id=project.id, level='project', building_ids=[])
        with self.assertRefused("Choose one of Emerald Garden"):
            self._create_cost(key)

    def test_a_fee_that_is_paid_back(self):
        deposit = self.shared_fee.copy({'name': "Key deposit", 'nature': 'deposit'})
        with self.assertRefused("Key deposit is paid back"):
            self._create_cost(self.key, self._receive_bill(300), fee_id=deposit.id)

    # === WHAT IS DIVIDED STAYS === #

    def test_nothing_changes_by_hand(self):
        cost = self._create_cost(self.key, self._receive_bill(300))
        with self.assertRaises(UserError):
            cost.state = 'confirmed'
        for name, value in (('amount', 1), ('building_id', False), ('explanation', {})):
            with self.subTest(name), self.assertRaises(UserError):
                cost[name] = value
        self.assertEqual(
            cost.with_context(default_state='confirmed', default_amount=9).copy().mapped(
                lambda copy: (copy.state, copy.amount)), [('draft', 0)])
        cost._divide()
        part = cost.assignment_ids[0]
        for record, vals in (
            (cost, {'name': "Other"}), (cost, {'date_end': '2026-04-30'}),
            (cost.source_ids, {'amount': 1}), (part, {'date_end': '2026-03-15'}),
            (part, {'share_amount': 1}), (part, {'active': False}),
        ):
            with self.subTest(vals), self.assertRaises(UserError):
                record.write(vals)
        for records in (cost, cost.source_ids, part):
            with self.assertRaises(UserError):
                records.unlink()
        with self.assertRaises(AccessError):
            part.create({
                'unit_id': self.unit_1011.id, 'fee_id': part.fee_id.id, 'shared_cost_id': cost.id,
                'date_start': part.date_start, 'date_end': part.date_end})
        part.partner_id = self.neighbour  # who pays it may be said

    def test_parts_are_no_fees_of_the_unit(self):
        """ 收费设置 lists what a unit pays again and again. """
        cost = self._divide(self.key, 300)
        unit = self.units[0]
        self.assertTrue(cost.assignment_ids)
        self.assertFalse(unit.fee_assignment_ids)
        self.assertFalse(unit.owner_ids.property_fee_assignment_ids)
        Assignment = self.env['property.fee.assignment']
        self.assertFalse(Assignment.search(
            Assignment._get_agreed_domain() & Assignment._get_live_domain()))

    def test_a_part_is_no_tariff_that_ends(self):
        """ Assigning a tariff of the same fee leaves the part alone. """
        cost = self._divide(self.key, 300)
        tariff = self._create_tariff(self.shared_fee)
        self.env['property.fee.assign'].with_user(self.clerk).create({
            'unit_ids': [Command.set(self.units.ids)], 'tariff_id': tariff.id,
            'date_start': '2026-03-01'}).action_assign()
        self.assertEqual(len(cost.assignment_ids), 4)
        self.assertEqual(self.units[0].fee_assignment_ids.tariff_id, tariff)

    def test_cancelled_and_divided_again(self):
        """ The second time by households: 75.00 each. """
        cost = self._divide(self.key, 300)
        cost.action_cancel()
        self.assertEqual((cost.state, cost.part_count), ('cancelled', 0))
        with self.assertRefused("stays as it is"):
            cost.name = "Other"
        cost.action_draft()
        cost.key_id = self._create_key('household')
        cost._divide()
        self.assertEqual(set(cost.assignment_ids.mapped('share_amount')), {75})

    def test_trial_data_go(self):
        """ [G14] Trials are taken away, divided or not; what the supplier billed stays. """
        line = self._receive_bill(300)
        costs = self._create_cost(self.key, line, [200])
        costs._divide()
        costs += self._create_cost(self.key, line)
        admin = new_test_user(
            self.env, 'admin_of_jindong', 'base.group_system', company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)])
        parts = costs.assignment_ids
        self.env['property.initialise'].with_user(admin).create(
            {'confirmation': self.company.name}).action_initialise()
        for records in (costs, parts, self.key):
            self.assertFalse(records.exists())
        self.assertEqual(line.parent_state, 'posted')

    # === RIGHTS === #

    def test_who_may(self):
        """ [A66] Viewers look, with the names of the bills; who may not read the books chooses no
        line of them; other projects are closed.
        """
        cost = self._divide(self.key, 300)
        viewer = self._create_user('viewer', 'property_billing.group_billing_user')
        officer = self._create_user('no_books', 'property_billing.group_billing_officer')
        stranger = self._create_user('stranger', 'property_billing.group_billing_officer')
        self.project.user_ids += viewer + officer
        seen = cost.with_user(viewer).web_read({
            'amount': {}, 'source_ids': {'fields': {
                'line_id': {'fields': {'display_name': {}}},
                'move_id': {'fields': {'display_name': {}}}, 'amount': {}}}})
        self.assertEqual(seen[0]['source_ids'][0]['amount'], 300)
        self.assertIn("/2026/04/", seen[0]['source_ids'][0]['move_id']['display_name'])
        with self.assertRaises(AccessError):
            cost.with_user(viewer).action_cancel()
        with self.assertRaises(AccessError):
            cost.with_user(stranger).action_cancel()
        with self.assertRaises(AccessError):
            self._create_cost(self.key, self._receive_bill(5), user=officer)
        cost.with_user(officer).action_cancel()
