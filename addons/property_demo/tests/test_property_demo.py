from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import TransactionCase, tagged


@tagged('post_install', '-at_install')
class TestPropertyDemo(TransactionCase):
    """ The smallest demo company, made once for all of these tests. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.demo = cls.env['property.demo']
        cls.demo.generate(units=40, seed=1)
        cls.company = cls.env.ref('base.main_company')
        cls.garden, cls.village, cls.tower, cls.mall, cls.park = cls.env[
            'property.project'].search([('company_id', '=', cls.company.id)]).sorted('sequence')
        cls.projects = cls.garden + cls.village + cls.tower

    def log_in(self, login):
        user = self.env['res.users'].search([('login', '=', login)])
        self.assertTrue(user, login)
        return self.env(user=user, context={'allowed_company_ids': user.company_id.ids})

    # === THE COMPANY === #

    def test_a_chinese_company(self):
        """ [A01, A02] Chart, currency and organisation are those of a company in China. """
        self.assertEqual(
            (self.company.chart_template, self.company.currency_id.name,
             self.company.country_id.code), ('cn', 'CNY', 'CN'))
        self.assertEqual(
            self.garden.region_id.complete_name, '青禾物业总公司 / 安澜区域公司 / 望湖服务中心')
        self.assertEqual(
            [project.unit_count for project in (self.garden, self.village, self.tower)],
            [24, 10, 6])

    def test_units_of_every_kind(self):
        """ [A16, D11] Of 40 units: 22 flats, 4 offices, 3 shops, 2 storage rooms, 9 spaces. """
        kinds = dict(self.env['property.unit']._read_group(
            [('project_id', 'in', self.projects.ids)], ['kind'], ['__count']))
        self.assertEqual(
            kinds, {'flat': 22, 'office': 4, 'shop': 3, 'storage': 2, 'parking': 9})

    def test_mall_with_a_shop_split_and_two_merged(self):
        """ [A16] 104 became two, 201 and 202 one, of whose 125 m² 60 % were the first owner's. """
        self.assertEqual(self.mall.kind, 'commercial')
        shops = {unit.name: unit for unit in self.mall.unit_ids}
        self.assertEqual(
            sorted(shops),
            ['101', '102', '103', '104-1', '104-2', '105', '201-202', '203', '204', '301'])
        self.assertEqual(
            [(unit.building_area, unit.origin_ids.name, unit.tenant_ids.name)
             for unit in (shops['104-1'], shops['104-2'])],
            [(70.6, '104', '安澜市小象超市'), (50, '104', '安澜市小象超市')])
        merged = shops['201-202']
        self.assertEqual(
            [(o.partner_id.name, o.share) for o in merged.occupancy_ids.sorted('id')],
            [('程远舟', 60), ('罗启明', 40)])
        self.assertEqual(set(merged.origin_ids.mapped('active')), {False})
        self.assertEqual(
            {(a.unit_id.name, bool(a.date_end))
             for a in merged.fee_assignment_ids + merged.origin_ids.fee_assignment_ids},
            {('201-202', False), ('201', True), ('202', True)})

    def test_industrial_park(self):
        """ [A16] Workshops, a warehouse, offices and parking for lorries. """
        self.assertEqual(self.park.kind, 'industrial')
        self.assertEqual(
            dict(self.env['property.unit']._read_group(
                [('project_id', '=', self.park.id)], ['kind'], ['__count'])),
            {'other': 3, 'storage': 1, 'office': 2, 'parking': 2})

    def test_charging_terms(self):
        """ [B11] Every project has terms of late fees, and a vacant home pays 70 %. """
        self.assertEqual(
            self.env['property.late.fee.term'].search(
                [('company_id', '=', self.company.id)]).project_id,
            self.projects + self.mall + self.park)
        relief = self.env['property.fee.relief'].search([('company_id', '=', self.company.id)])
        self.assertEqual((relief.state, relief.payable_percent), ('approved', 70))
        self.assertFalse(relief.occupied_notice)
        self.assertEqual(
            (relief.submitted_by_id.login, relief.approved_by_id.login), ('finance', 'accountant'))

    def test_parking_lots(self):
        """ [D10, A71] One is inspected soon, and the lorry space that is let ends in 12 days. """
        lots = (self.projects + self.park).building_ids.filtered('is_parking_lot')
        self.assertEqual(set(lots.mapped('lot_kind')), {'ground', 'underground'})
        self.assertEqual([lot.capacity for lot in lots], [lot.unit_count for lot in lots])
        today = fields.Date.today()
        self.assertEqual(
            [lot.date_inspection_reminder <= today for lot in lots.sorted('id')],
            [True] + [False] * (len(lots) - 1))
        uses = self.env['property.parking.report'].search([('project_id', '=', self.park.id)])
        self.assertEqual([(use.name, use.state) for use in uses], [
            ('H001', 'used'), ('H002', 'expiring')])

    def test_leases(self):
        """ [A37, A38, A40] One of each state; the shop let for two years begins with free days. """
        leases = self.env['property.lease'].search([('company_id', '=', self.company.id)])
        self.assertEqual(
            sorted(lease.state for lease in leases),
            ['pending', 'transferred', 'transferred', 'transferred'])
        self.assertEqual(
            sorted(leases.filtered('is_expiring').unit_ids.mapped('name')), ['103', 'H002'])
        florist = leases.filtered('deposit_fee_id')
        rent = florist.charge_ids.filtered('assignment_id').sorted('date_start')
        self.assertEqual(len(rent), 24)
        self.assertEqual(rent[1].amount, 6960)  # 92.80 m² × 75
        self.assertEqual(rent[-1].amount, 7308)  # 5 % more
        self.assertTrue(3000 < rent[0].amount < 3800)

    def test_the_mall_is_measured(self):
        """ [B30, B31] Two months are billed; the third is being read, one reading waits. """
        meters = self.env['property.meter'].search([('project_id', '=', self.mall.id)])
        self.assertEqual(
            {meter.type_id.registers for meter in meters}, {'single', 'day_night'})
        meter_round = self.env['property.meter.round'].search(
            [('project_id', '=', self.mall.id)])
        self.assertEqual(
            (meter_round.state, meter_round.meter_count, meter_round.missing_count,
             meter_round.queued_count), ('open', 10, 2, 1))
        water = meters.filtered(lambda meter: meter.unit_id.name == '203' and (
            meter.type_id.registers == 'single')).assignment_ids.charge_ids
        self.assertEqual(water.mapped('amount'), [227.95] * 2)  # 47 m³ × 4.85

    def test_light_of_the_passages_is_shared(self):
        """ [B45] The parts come to what the power company billed. """
        cost = self.env['property.shared.cost'].search([('project_id', '=', self.mall.id)])
        self.assertEqual((cost.state, cost.amount, cost.part_total), ('confirmed', 1236, 1236))
        self.assertEqual(sum(cost.assignment_ids.charge_ids.mapped('amount')), 1236)

    def test_units_are_sold(self):
        """ [B52] 500.00 at 0.78 are 641.02 kWh, which wait to be written. """
        sale = self.env['property.meter.event'].search([('kind', '=', 'top_up')])
        self.assertEqual(
            (sale.units, sale.write_state, sale.charge_id.amount_residual),
            (641.02, 'to_write', 0))

    def test_public_revenue(self):
        """ [B02] 12,000.00 of advertising less a repair of 1,850.00 are the owners'. """
        fund = self.env['property.fund'].search([('project_id', '=', self.garden.id)])
        self.assertEqual((fund.kind, fund.amount_balance), ('public_revenue', 10_150))

    def test_budget_of_the_owners_building(self):
        """ [B45] 10,602.20 of 10,500.00 planned, wages of 900.00 among it; settled with the owner,
        who finds his statement and was told once.
        """
        budget = self.env['property.budget'].search([('project_id', '=', self.garden.id)])
        self.assertEqual((budget.state, bool(budget.published_on)), ('trued_up', True))
        self.assertEqual(
            (budget.amount_planned, round(budget.amount_actual, 2), budget.amount_rest),
            (10_500, 10_602.20, 0))
        self.assertEqual(
            [source['bill'].move_type for source in budget.line_ids[-1]._get_sources()],
            ['entry'] * 3)
        owner = self.env['res.users'].search([('login', '=', 'owner')]).partner_id
        statements = budget._get_statements(partner=owner)
        self.assertEqual({len(statement['lines']) for statement in statements}, {4})
        self.assertEqual(
            {round(statement['rest'], 2) for statement in statements}, {0},
            "all of it is billed or credited")
        messages = self.env['property.notification'].search([
            ('partner_id', '=', owner.id), ('url', '=', f'/my/budgets/{budget.id}')])
        self.assertEqual(len(messages), 2, "the budget, then the statement")

    def test_documents_of_mall_and_park(self):
        """ [A41] [C31] Plans of the buildings, and a licence that expires within 60 days. """
        for project, plans in ((self.mall, 1), (self.park, 3)):
            documents = self.env['property.document'].search([('project_id', '=', project.id)])
            self.assertEqual(
                sorted(documents.mapped('kind')), ['drawing'] * plans + ['licence'])
            self.assertEqual(set(documents.mapped('preview')), {'pdf'})

    def test_doctor_finds_nothing(self):
        checks = self.env['property.doctor'].run()
        self.assertTrue(checks)
        self.assertFalse([check for check in checks if not check['ok']])

    def test_a_second_company_is_refused(self):
        with self.assertRaisesRegex(UserError, '40 units already'):
            self.demo.generate(units=40)

    def test_too_small_or_large_a_company_is_refused(self):
        self.env['ir.config_parameter'].set_param('property_demo.units', False)
        for units in (39, 100_001):
            with self.assertRaisesRegex(UserError, '40 to 100000'):
                self.demo.generate(units=units)

    def test_books_in_use_are_left_alone(self):
        self.env['ir.config_parameter'].set_param('property_demo.units', False)
        with self.assertRaisesRegex(UserError, 'has entries in its books'):
            self.demo.generate(units=40)

    # === THE YEAR === #

    def test_twelve_months_are_published(self):
        """ [B13, B14] A compound has twelve runs, and nobody is left out of any. """
        runs = self.env['property.bill.run'].search([('project_id', 'in', self.projects.ids)])
        self.assertEqual(len(runs.filtered(
            lambda run: run.project_id == self.garden and not run.fee_ids)), 12)
        self.assertEqual(set(runs.mapped('state')), {'published'})
        self.assertEqual(set(runs.charge_ids.mapped('state')), {'posted'})
        self.assertTrue(all(runs.move_ids.mapped('property_published_at')))

    def test_a_flat_pays_its_area_times_the_price(self):
        """ [B01, B18] 88.95 m² are 213.48 a month at 2.40, and 231.27 at 2.60. """
        flat = self.env['property.unit'].search([
            ('project_id', '=', self.garden.id), ('kind', '=', 'flat'), ('name', '=', '101'),
            ('building_area', '=', 88.95)])
        charges = self.env['property.charge'].search(
            [('unit_id', '=', flat.id), ('fee_id.code', '=', 'property')], order='date_start')
        self.assertEqual(charges.mapped('amount'), [213.48] * 6 + [231.27] * 6)

    def test_money_of_others_is_no_income(self):
        """ [B02] What is collected for the waterworks is owed, without tax. """
        water = self.env['property.charge'].search([
            ('fee_id.code', '=', 'water'), ('project_id', 'in', self.projects.ids)])
        lines = water.move_id.line_ids.filtered(
            lambda line: line.display_type == 'product' and line.property_charge_id in water)
        self.assertEqual(len(lines), len(water))
        self.assertEqual(lines.account_id, self.company.property_agency_account_id)
        self.assertFalse(lines.tax_ids)
        self.assertEqual(
            lines.mapped('property_beneficiary_id.name'), ["安澜市自来水有限公司"])

    def test_most_is_paid(self):
        """ [B08] Most of the year is paid, some is not, some only in part; paid means paid. """
        charges = self.env['property.charge'].search([('project_id', 'in', self.projects.ids)])
        billed, due = sum(charges.mapped('amount')), sum(charges.mapped('amount_residual'))
        self.assertTrue(0.7 < (billed - due) / billed < 0.97, (billed - due) / billed)
        payments = self.env['account.payment'].search([('company_id', '=', self.company.id)])
        self.assertEqual(set(payments.mapped('state')), {'paid'})
        self.assertEqual({'bank', 'cash'}, set(payments.journal_id.mapped('type')))

    # === WHO MAY WHAT === #

    def test_everyone_can_log_in(self):
        """ [A64, A65] One login per role, with the password that is printed. """
        logins = self.demo.get_logins()
        self.assertEqual(
            [login for _role, login, _password in logins],
            ['admin', 'manager', 'service', 'finance', 'cashier', 'accountant', 'leasing', 'reader',
             'owner', 'tenant', 'family', 'newcomer'])
        for _role, login, password in logins:
            user = self.log_in(login).user
            user._check_credentials(
                {'type': 'password', 'login': login, 'password': password}, {'interactive': True})
            self.assertEqual(user.lang, 'zh_CN')

    def test_newcomer_waits_for_the_office(self):
        """ [A54] His data match an owner of the register; the manager joins the two. """
        newcomer = self.log_in('newcomer').user
        env = self.log_in('manager')
        request = env['property.home.request'].search([('user_id', '=', newcomer.id)])
        self.assertEqual((request.state, request.project_id.name), ('pending', self.garden.name))
        owner = request.match_id
        self.assertEqual(owner.name, newcomer.name)
        request.action_approve()
        self.assertEqual(newcomer.partner_id, owner.with_env(newcomer.env))

    def test_project_manager_sees_his_project_only(self):
        """ [A66] Neither units nor charges of another project are there for him. """
        env = self.log_in('manager')
        self.assertEqual(env['property.project'].search([]), self.garden.with_env(env))
        self.assertEqual(env['property.unit'].search([]).project_id, self.garden.with_env(env))
        with self.assertRaises(AccessError):
            self.tower.unit_ids[:1].with_env(env).read(['name'])

    def test_finance_clerk_sees_all_projects(self):
        env = self.log_in('finance')
        self.assertEqual(
            env['property.charge'].search([]).project_id,
            (self.projects + self.mall + self.park).with_env(env))

    def test_customer_service_sees_no_identity_number(self):
        """ [G25] The number is masked for whom the role does not trust with it. """
        env = self.log_in('service')
        resident = env['property.resident'].search([], limit=1)
        self.assertIn('****', resident.identity_masked)
        with self.assertRaises(AccessError):
            resident.read(['identity_number'])

    def test_owner_sees_his_home_and_bills(self):
        """ [A50, B46] The owner has a home and this month's bill, and nobody else's. """
        env = self.log_in('owner')
        units = env['property.unit'].search([])
        self.assertTrue(units)
        self.assertEqual(units.sudo().owner_ids | env.user.partner_id, units.sudo().owner_ids)
        moves = env['account.move'].search([])
        self.assertEqual(moves.sudo().partner_id, env.user.partner_id)
        self.assertTrue(sum(moves.sudo().mapped('amount_residual')))

    def test_family_sees_the_home_but_no_bill(self):
        """ [A56] Who lives with the owner is not shown what the owner owes. """
        env = self.log_in('family')
        self.assertTrue(env['property.unit'].search([]))
        self.assertFalse(env['account.move'].search([]))
