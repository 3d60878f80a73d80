from datetime import date

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import LedgerCommon

MANAGER = (
    'property_base.group_property_manager,property_billing.group_billing_manager,'
    'account.group_account_user,base.group_allow_export'
)


@tagged('post_install', '-at_install', 'security')
class TestRights(LedgerCommon):
    """ [A66] [G03] Who reaches fees, charges, bills and money, whatever the way. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        tariff = cls._create_tariff(cls.property_fee)
        tariff.version_ids.component_ids = [Command.create({'basis': 'fixed', 'price': 1})]
        assignment = cls._assign(cls.unit_1011, tariff, '2026-02-01')
        tiered = cls._create_tariff(cls.water_fee, basis='metered', timing='arrears')
        tiered.version_ids.tier_ids = [Command.create({'above': 180, 'price': 7})]
        cls.charge = cls._create_charge(857.57)
        bill = cls._post(cls.charge)
        bill._publish_property_bills()
        payment = cls.charge._receive_payment(cls.bank_journal, amount=100)
        cls.bill_run = cls._create_run('2026-02-28')
        cls.bill_run.action_preview()
        cls.company.property_late_fee_id = cls._create_fee("Late fee")
        cls.term = cls.env['property.late.fee.term'].create({'project_id': cls.project.id})
        lease = cls.env['property.lease'].create({
            'project_id': cls.project.id, 'partner_id': cls.neighbour.id,
            'date_start': '2026-01-01', 'date_end': '2027-12-31',
            'line_ids': [Command.create({
                'unit_id': cls.unit_1012.id, 'fee_id': cls.parking_fee.id, 'basis': 'fixed',
                'price': 100})],
            'escalation_ids': [Command.create({
                'mode': 'table', 'step_ids': [Command.create({'date': '2027-01-01', 'price': 5})],
            })],
            'free_ids': [Command.create({'date_start': '2026-01-01', 'date_end': '2026-01-15'})],
        })
        dispute = cls.env['property.charge.dispute'].create({
            'charge_id': cls.charge.id, 'reason': "The area is wrong"})
        relief = cls.env['property.fee.relief'].create({
            'project_id': cls.project.id, 'unit_ids': cls.unit_1011.ids,
            'fee_ids': cls.property_fee.ids, 'date_start': '2027-01-01', 'ground': "Vacant"})
        area = cls.env['property.unit.area'].create({
            'unit_id': cls.unit_1012.id, 'area': 99.5, 'kind': 'measured',
            'date_start': '2027-01-01'})
        meter_type = cls.env['property.meter.type'].create({
            'name': "Water meter", 'unit_name': 'm³', 'company_id': cls.company.id})
        meter = cls.env['property.meter'].create({
            'number': 'W-1011', 'type_id': meter_type.id, 'unit_id': cls.unit_1011.id})
        _faults, reading = cls.env['property.meter.reading']._enter([{
            'meter_id': meter.id, 'register': 'total', 'date': date(2026, 1, 31), 'value': '5',
            'kind': 'first'}])
        meter.parent_id = main = meter.create({
            'number': 'MAIN', 'type_id': meter_type.id,
            'building_id': cls.unit_1011.building_id.id})
        cls.env['property.meter.reading']._enter([
            {'meter_id': main.id, 'register': 'total', 'date': day, 'value': value, 'kind': kind}
            for day, value, kind in (
                (date(2026, 1, 31), '0', 'first'), (date(2026, 2, 28), '9', 'read'))])
        cls.env.flush_all()
        loss = cls.env['property.meter.loss.report'].search([('meter_id', '=', main.id)])
        event = cls.env['property.meter.event'].create({
            'meter_id': meter.id, 'kind': 'restart', 'date': '2026-01-31', 'ground': "New tenant"})
        cls.meter_round = cls.env['property.meter.round'].create({
            'project_id': cls.project.id, 'type_id': meter_type.id,
            'date_start': '2026-01-01', 'date_end': '2026-01-31'})
        allowance = cls.env['property.meter.allowance'].create({
            'unit_id': cls.unit_1011.id, 'type_ids': meter_type.ids, 'persons': 5})
        cls.fund = cls.env['property.fund'].create({
            'name': "Revenue", 'project_id': cls.project.id, 'kind': 'public_revenue',
            'commission_fee_id': cls.property_fee.id, 'commission_since': '2026-01-01'})
        cls.commission = cls.fund._post_commission(date(2026, 1, 31))
        water_bill = cls._post(cls._create_charge(48, cls.water_fee))
        money_of_others = cls.env['property.fund.report'].search([
            ('move_id', '=', water_bill.id)])
        budget_key = cls.env['property.share.key'].create({
            'name': "By area", 'project_id': cls.project.id})
        budget = cls.env['property.budget'].create({
            'name': "Budget 2026", 'project_id': cls.project.id,
            'line_ids': [Command.create({'name': "Cleaning", 'key_id': budget_key.id})]})
        maintenance = cls.env['property.fund'].create({
            'name': "Maintenance", 'project_id': cls.project.id, 'kind': 'maintenance'})
        transfer = cls.env['property.fund.transfer'].create({
            'fund_id': cls.fund.id, 'target_id': maintenance.id, 'key_id': budget_key.id})
        budget_row = cls.env['property.budget.report'].search([('budget_id', '=', budget.id)])
        # Of the project as a whole: who has one building of it may read them.
        cls.of_whole_project = [
            cls.bill_run, cls.term, cls.fund, cls.commission, cls.meter_round, budget,
            budget.line_ids, transfer, budget_row]
        key = cls.env['property.share.key'].create({
            'name': "By weights", 'project_id': cls.project.id, 'basis': 'fixed',
            'line_ids': [Command.create({'unit_id': cls.unit_1011.id})]})
        supplied = cls.env['account.move'].create({
            'move_type': 'in_invoice', 'partner_id': cls.neighbour.id,
            'invoice_date': date(2026, 4, 5), 'invoice_line_ids': [
                Command.create({'name': "Light", 'price_unit': 90})]})
        supplied.action_post()
        cost = cls.env['property.shared.cost'].create({
            'name': "Light", 'project_id': cls.project.id, 'fee_id': cls.water_fee.id,
            'key_id': key.id, 'date_start': '2026-03-01', 'date_end': '2026-03-31',
            'source_ids': [Command.create({'line_id': supplied.invoice_line_ids.id})]})
        # What belongs to the project, and what all projects of the company share.
        cls.of_project = [
            cls.bill_run, cls.bill_run.charge_ids, cls.charge, assignment,
            lease, lease.line_ids, lease.escalation_ids, lease.escalation_ids.step_ids,
            lease.free_ids,
            payment.property_allocation_ids, bill, bill.line_ids, payment, cls.term,
            dispute, relief, area, meter, reading,
            event, cls.meter_round, allowance, loss,
            cls.fund, cls.commission, money_of_others, key, key.line_ids, cost, cost.source_ids,
            budget, budget.line_ids, transfer, budget_row,
        ]
        cls.of_company = [
            cls.property_fee, cls.property_fee.tax_line_ids, tariff, tariff.version_ids,
            tariff.version_ids.component_ids, meter_type, tiered.version_ids.tier_ids,
        ]

    def assertClosed(self, records, user):
        records = records.with_user(user).with_context(
            allowed_company_ids=user.company_ids.ids)
        with self.subTest(user=user.login, model=records._name):
            self.assertFalse(
                records.has_access('read') and records.search([('id', 'in', records.ids)]))
            for way in (
                lambda: records.read(['display_name']),
                lambda: records.write({'write_date': False}),
                lambda: records.copy(),
                lambda: records.unlink(),
            ):
                with self.assertRaises(AccessError), self.cr.savepoint():
                    way()
            if records.has_access('create'):  # on the model, for his own
                groups = records.formatted_read_group(
                    [('id', 'in', records.ids)], [], ['__count'])
                self.assertEqual(groups[0]['__count'], 0)

    def test_every_billing_model_is_here(self):
        """ A new model needs its place in these tests. """
        models = self.env['ir.model.access'].search([
            ('group_id', 'in', [
                self.env.ref(f'property_billing.group_billing_{level}').id
                for level in ('user', 'officer', 'manager')]),
            ('model_id.transient', '=', False),
        ]).model_id.mapped('model')
        tested = {records._name for records in self.of_project + self.of_company}
        self.assertLessEqual(set(models), tested)

    @mute_logger('odoo.addons.base.models.ir_rule', 'odoo.addons.base.models.ir_access')
    def test_another_company(self):
        stranger = self._create_user(
            'far_manager', MANAGER, self._create_company("Faraway Estates"))
        for records in self.of_project + self.of_company:
            self.assertClosed(records, stranger)

    @mute_logger('odoo.addons.base.models.ir_rule', 'odoo.addons.base.models.ir_access')
    def test_another_project(self):
        groups = MANAGER.replace('group_property_manager', 'group_property_officer')
        stranger = self._create_user('hill_manager', groups)
        for records in self.of_project:
            self.assertClosed(records, stranger)
        for records in self.of_company:
            self.assertTrue(records.with_user(stranger).has_access('read'))

    def _create_keeper(self, login, building):
        groups = MANAGER.replace('group_property_manager', 'group_property_officer')
        keeper = self._create_user(login, groups)
        building.user_ids += keeper
        return keeper

    @mute_logger('odoo.addons.base.models.ir_rule', 'odoo.addons.base.models.ir_access')
    def test_another_building(self):
        """ Building 2 of the same project: its keeper sees that a run was made, and no money. """
        annex = self.env['property.building'].create({'name': "2", 'project_id': self.project.id})
        keeper = self._create_keeper('annex_keeper', annex)
        for records in self.of_project:
            if records not in self.of_whole_project:
                self.assertClosed(records, keeper)
        run = self.bill_run.with_user(keeper)
        self.assertEqual(run.read(['state'])[0]['state'], 'preview')
        self.assertFalse(run.charge_ids)
        self.assertFalse(run.amount_total)
        self.assertFalse(run.has_access('write'))
        self.assertTrue(self.term.with_user(keeper).has_access('read'))
        self.assertFalse(self.term.with_user(keeper).has_access('write'))
        self.assertFalse(self.fund.with_user(keeper).has_access('write'))
        for model, field in (
            ('property.charge', 'amount:sum'), ('account.move', 'amount_total:sum'),
            ('account.move.line', 'balance:sum'), ('account.payment', 'amount:sum'),
            ('account.invoice.report', 'price_subtotal:sum'),
        ):
            project_field = 'project_id' if model == 'property.charge' else 'property_project_id'
            (total, count), = self.env[model].with_user(keeper)._read_group(
                [(project_field, '=', self.project.id)], [], [field, '__count'])
            self.assertFalse(total or count, model)
        bill = self.charge.move_id
        with self.assertRaises(AccessError):
            self.env['ir.actions.report'].with_user(keeper)._render_qweb_html(
                'property_billing.report_bill', bill.ids)
        with self.assertRaises(AccessError):
            self.env['property.fee.assignment'].with_user(keeper).create({
                'unit_id': self.unit_1012.id, 'date_start': '2026-03-01',
                'tariff_id': self.bill_run.charge_ids.tariff_id.id})

    def test_each_role_keeps_to_its_building(self):
        """ [A64] Whatever the role, it opens no charge, bill or payment of building 1. """
        annex = self.env['property.building'].create({'name': "2", 'project_id': self.project.id})
        for role in self.env['res.users.role'].search([('is_lendable', '=', True)]):
            user = self._create_user(f'role_{role.id}', 'base.group_user')
            user.write({
                'role_line_ids': [Command.create({'role_id': role.id})],
                'property_building_ids': [Command.set(annex.ids)],
            })
            for records in self.of_project:
                if records not in self.of_whole_project:
                    with self.subTest(role=role.name, model=records._name):
                        self.assertFalse(records.with_user(user).has_access('read'))

    def test_own_building(self):
        keeper = self._create_keeper('keeper', self.building)
        for records in self.of_project:
            with self.subTest(model=records._name):
                seen = records.with_user(keeper)
                self.assertEqual(seen.search([('id', 'in', records.ids)]), seen)
                self.assertTrue(seen.read(['display_name']))
        self.assertEqual(
            self.charge.move_id.with_user(keeper).amount_total, 857.57)
        self.assertIn(b'857.57', self.env['ir.actions.report'].with_user(keeper)
                      ._render_qweb_html('property_billing.report_bill',
                                         self.charge.move_id.ids)[0])

    @mute_logger('odoo.addons.base.models.ir_rule', 'odoo.addons.base.models.ir_access')
    def test_bill_over_two_buildings(self):
        """ Who has one of them sees his charge, not the bill with the other's. """
        annex = self.env['property.building'].create({'name': "2", 'project_id': self.project.id})
        keeper = self._create_keeper('annex_keeper', annex)
        shop = self.env['property.unit'].create({'name': 'S1', 'building_id': annex.id})
        charges = self._create_charge(100) + self._create_charge(50, unit=shop)
        bill = self._post(charges)
        self.assertEqual(len(bill), 2, "one bill per unit, as the payer wants it")
        joint = self.env['account.move'].create(
            charges.copy()._prepare_bill_vals(bill.journal_id, date(2026, 1, 1)))
        self.assertFalse(joint.property_building_id)
        self.assertClosed(joint, keeper)
        own = bill.filtered(lambda move: move.property_unit_id == shop)
        self.assertEqual(own.with_user(keeper).amount_total, 50)
        self.assertEqual(charges.with_user(keeper).search([('id', 'in', charges.ids)]).amount, 50)

    @mute_logger('odoo.addons.base.models.ir_rule', 'odoo.addons.base.models.ir_access')
    def test_portal_and_public(self):
        """ Others see nothing; the payer sees his charge and its bill, and changes neither. """
        tenant, family, colleague = self.env['res.partner'].create([
            {'name': "Tenant"}, {'name': "Family"},
            {'name': "Colleague", 'parent_id': self.owner.id},
        ])
        self._move_in(self.unit_1011, tenant, '2020-01-01', role='tenant')
        self._move_in(self.unit_1011, family, '2020-01-01', role='family')
        others = self.env.ref('base.public_user')
        for partner in (self.neighbour, tenant, family, colleague):
            others += new_test_user(
                self.env, partner.name, 'base.group_portal', partner_id=partner.id)
        for user in others:
            for records in self.of_project + self.of_company:
                self.assertClosed(records, user)

        payer = new_test_user(
            self.env, 'payer', 'base.group_portal', partner_id=self.owner.id)
        bill = self.charge.move_id
        for records in (self.charge, bill, bill.line_ids):
            records = records.with_user(payer)
            self.assertTrue(records.has_access('read'))
            for operation in ('write', 'create', 'unlink'):
                self.assertFalse(records.has_access(operation))
        for records in self.of_project + self.of_company:
            if records not in (self.charge, bill, bill.line_ids):
                self.assertClosed(records, payer)

    def test_undo_wizard_tells_nothing_of_a_foreign_run(self):
        stranger = self._create_user('stranger', 'property_billing.group_billing_manager')
        with self.assertRaises(AccessError):
            self.env['property.bill.run.undo'].with_user(stranger).create({
                'run_id': self.bill_run.id, 'reason': "Curious", 'date': date(2026, 2, 28)})

    def test_units_and_payers_are_read_without_a_billing_right(self):
        """ Their figures of charges are just not among what is read. """
        reader = self._create_user('register_clerk', 'property_base.group_property_user')
        self.project.user_ids += reader
        values, = self.unit_1011.with_user(reader).read()
        self.assertNotIn('property_overdue_amount', values)
        self.assertNotIn(
            'property_overdue_amount', self.owner.with_user(reader).fields_get())
