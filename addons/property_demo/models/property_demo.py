import base64
from decimal import Decimal
from itertools import groupby, islice

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import file_open, split_every

from odoo.addons.property_base.const import QUIET_CONTEXT

from ..tools.estate import DEVELOPER, PROJECTS, get_months, make_estate
from ..tools.paying import Due, choose_residents, get_habit, plan_payments
from ..tools.people import CITY

COMPANY_NAME = f'{CITY}青禾物业服务有限公司'
# Set once a database has its demo company: how many units it has.
MARKER = 'property_demo.units'
BATCH = 1000
PAYMENT_BATCH = 200
KEY_HOMES = 12  # whose keys are in the register

# What is charged: fee, class, posting nature, whether 6 % VAT is included, who pays.
FEES = (
    ('property', '物业费', 'public', 'income', True, 'owner'),
    ('parking', '车位费', 'public', 'income', True, 'occupant'),
    ('garbage', '垃圾清运费', 'public', 'income', True, 'occupant'),
    ('water', '水费代收', 'agency', 'agency', False, 'occupant'),
)
# Fee, project and kind of unit: the tariff's name, basis, months of a cycle, price a month. The
# first was cheaper until half a year ago.
TARIFFS = {
    ('property', 'garden', 'flat'): ('澜庭花园住宅', 'area', 1, 2.60),
    ('property', 'garden', 'shop'): ('澜庭花园商铺', 'area', 1, 4.50),
    ('property', 'garden', 'storage'): ('澜庭花园储藏室', 'area', 1, 1.00),
    ('property', 'village', 'flat'): ('听澜里住宅', 'area', 3, 1.65),
    ('property', 'tower', 'office'): ('安澜中心写字楼', 'area', 3, 12.00),
    ('property', 'tower', 'shop'): ('安澜中心商铺', 'area', 3, 15.00),
    ('parking', 'garden', 'sold'): ('澜庭花园自有车位管理', 'fixed', 1, 80.0),
    ('parking', 'garden', 'let'): ('澜庭花园月租车位', 'fixed', 1, 300.0),
    ('parking', 'village', 'sold'): ('听澜里自有车位管理', 'fixed', 3, 50.0),
    ('parking', 'village', 'let'): ('听澜里月租车位', 'fixed', 1, 180.0),
    ('parking', 'tower', 'sold'): ('安澜中心自有车位管理', 'fixed', 3, 150.0),
    ('parking', 'tower', 'let'): ('安澜中心月租车位', 'fixed', 1, 600.0),
    ('garbage', 'garden', 'flat'): ('澜庭花园住宅', 'household', 1, 8.0),
    ('garbage', 'garden', 'shop'): ('澜庭花园商铺', 'household', 1, 60.0),
    ('garbage', 'village', 'flat'): ('听澜里住宅', 'household', 3, 6.0),
    ('garbage', 'tower', 'office'): ('安澜中心写字楼', 'household', 3, 90.0),
    ('garbage', 'tower', 'shop'): ('安澜中心商铺', 'household', 3, 80.0),
    ('water', 'garden', 'flat'): ('澜庭花园住宅定额', 'fixed', 1, 45.0),
    ('water', 'garden', 'shop'): ('澜庭花园商铺定额', 'fixed', 1, 120.0),
    ('water', 'village', 'flat'): ('听澜里住宅定额', 'fixed', 3, 45.0),
    ('water', 'tower', 'office'): ('安澜中心写字楼定额', 'fixed', 3, 160.0),
    ('water', 'tower', 'shop'): ('安澜中心商铺定额', 'fixed', 3, 120.0),
}
RAISED_TARIFF = ('property', 'garden', 'flat')
RAISED_FROM = 2.40

# The staff: login, name, role, and the project that is his; without one, all are.
STAFF = (
    ('manager', '顾怀远', 'property_base.role_project_manager', 'garden'),
    ('service', '苏晓棠', 'property_base.role_customer_service', 'garden'),
    ('finance', '陆知行', 'property_billing.role_finance_clerk', None),
    ('cashier', '方小满', 'property_billing.role_cashier', 'garden'),
    ('accountant', '沈书言', 'property_billing.role_accountant', None),
    ('leasing', '叶知秋', 'property_billing.role_leasing', None),
    ('reader', '季远帆', 'property_billing.role_meter_reader', None),
)
# The fewest units that have all that there is to see, and the most that have plates to go round.
LEAST_UNITS, MOST_UNITS = 40, 100_000


class PropertyDemo(models.AbstractModel):
    """ A property company to look at, made from a seed: register, a year of bills, payments.

    What it consists of is decided in `tools`, without a database; here it is only written, with
    the methods that people use.
    """
    _name = 'property.demo'
    _description = 'Demo company'

    # === BUSINESS METHODS === #

    @api.private
    def generate(self, units=400, seed=1, commit=False, tell=lambda text: None):
        """ Fill an unused database with the demo company.

        :param int units: how many units it manages; 40 already have one of every kind
        :param int seed: companies of the same seed are alike, whatever their size
        :param bool commit: whether to commit on the way, which is about twice as fast, because
            PostgreSQL clears up behind what is committed only. Interrupted, it leaves half a
            company, so this is for a database that nobody uses yet.
        :param tell: called with what is made next, in a few words, since all takes minutes
        :raises UserError: the database has a demo company, or books, already
        """
        self._check_unused(units)
        today = fields.Date.context_today(self)
        estate = make_estate(units, seed, today)
        company = self._set_up_company()
        self = self.with_company(company).with_context(
            lang='zh_CN', property_demo_commit=commit, **QUIET_CONTEXT)
        tell('register')
        projects = self._create_projects(estate, company)
        partners = self._create_partners(estate, seed)
        records = self._create_units(estate, projects)
        self._create_occupancies(estate, records, partners)
        self._create_keys(estate, records, partners)
        self._create_assignments(estate, records, self._create_tariffs(company, today), today)
        for month in get_months(today):
            tell(f'bills of {month:%Y-%m}')
            for project in projects.values():
                self._bill(project, month)
        # Only now does anyone have an e-mail address that a bill could be sent to.
        self._create_users(estate, seed, projects, partners)
        self._pay(seed, {partner: number for number, partner in partners.items()}, today, tell)
        tell('a mall and a park')
        self._create_commerce(company, projects['tower'].developer_id, today)
        self._describe_lots(company, today)
        self._set_charging_terms(company, today)
        self._create_leases(company, today)
        tell('meters, shared costs, funds')
        self._create_meters(company, today)
        tell('a budget and what it came to')
        self._create_budget(partners[choose_residents(estate, seed)['owner']], today)
        self.env['ir.config_parameter'].sudo().set_param(MARKER, units)

    @api.private
    def get_logins(self):
        """ Who can log in to the demo company: a list of (role, login, password). """
        self = self.with_context(lang='en_US')
        roles = {'admin': self.env.ref('property_base.role_administrator').name}
        roles.update((login, self.env.ref(role).name) for login, _name, role, _project in STAFF)
        roles['owner'] = self.env._("Owner")
        roles['tenant'] = self.env._("Tenant")
        roles['family'] = self.env._("Family member")
        roles['newcomer'] = self.env._("Newly registered, without a home yet")
        return [(role, login, self._get_password(login)) for login, role in roles.items()]

    @api.model
    def _get_password(self, login):
        return f'{login}-demo'

    # === BUSINESS METHODS: COMPANY === #

    def _check_unused(self, units):
        if not LEAST_UNITS <= units <= MOST_UNITS:
            raise UserError(self.env._(
                "The demo company has %(least)s to %(most)s units.",
                least=LEAST_UNITS, most=MOST_UNITS))
        existing = self.env['ir.config_parameter'].sudo().get_param(MARKER)
        if existing:
            raise UserError(self.env._(
                "This database has a demo company of %(units)s units already. "
                "Make another database for another one.", units=existing))
        company = self.env.ref('base.main_company')
        if self.env['account.move'].sudo().search_count([('company_id', '=', company.id)], limit=1):
            raise UserError(self.env._(
                "%(company)s has entries in its books already. "
                "Make a new database for the demo company.", company=company.name))

    def _set_up_company(self):
        """ The database's first company, with the Chinese chart and a way to pay online. """
        self.env['res.lang']._activate_lang('zh_CN')
        company = self.env.ref('base.main_company')
        with file_open('property_demo/static/img/logo.svg', 'rb') as logo:
            company.write({
                'name': COMPANY_NAME,
                'country_id': self.env.ref('base.cn').id,
                'city': CITY,
                'street': '望湖区澜庭路16号',
                'phone': '000-6600 1234',
                'email': 'service@example.com',
                'property_sms_provider': 'log',
                'website': 'https://example.com',
                'company_registry': '99990000MA0DEMO00X',
                'logo': base64.b64encode(logo.read()),
            })
        company.partner_id.lang = 'zh_CN'
        if company.chart_template != 'cn':
            self.env['account.chart.template'].try_loading('cn', company, install_demo=False)
        self._set_up_receipts(company)
        return company

    def _set_up_receipts(self, company):
        """ Money in bank, cash and the demo provider counts as received at once: paid is paid. """
        journals = self.env['account.journal'].search([
            ('company_id', '=', company.id), ('type', 'in', ('bank', 'cash'))])
        provider = self.env.ref('payment.payment_provider_demo')
        provider.write({
            'state': 'test',
            'is_published': True,
            'journal_id': journals.filtered(lambda journal: journal.type == 'bank')[:1].id,
        })
        journals.property_direct_receipts = True

    # === BUSINESS METHODS: REGISTER === #

    def _create_projects(self, estate, company):
        """ The projects by key, below their regions, with the developer who built them. """
        head_office = self.env['property.region'].create({
            'name': '青禾物业总公司', 'kind': 'head_office'})
        city = self.env['property.region'].create({
            'name': '安澜区域公司', 'kind': 'regional', 'parent_id': head_office.id})
        centres = self.env['property.region'].create([
            {'name': name, 'kind': 'service_centre', 'parent_id': city.id}
            for name in ('望湖服务中心', '高新服务中心')])
        developer = self.env['res.partner'].create({
            'name': DEVELOPER.name, 'phone': DEVELOPER.phone, 'is_company': True,
            'property_bill_grouping': 'payer'})
        homes = {project.key: [u for u in estate.units if u.project == project.key]
                 for project in PROJECTS}
        return dict(zip(homes, self.env['property.project'].create([
            {
                'name': project.name,
                'code': project.key,
                'sequence': sequence,
                'company_id': company.id,
                'region_id': centres[project.key == 'tower'].id,
                'kind': project.kind,
                'street': project.street,
                'city': CITY,
                'phone': f'000-6600 {1000 + sequence}',
                'developer_id': developer.id,
                'land_area': project.land_area,
                'greening_rate': project.greening_rate,
                'plot_ratio': project.plot_ratio,
                'building_area': sum(unit.building_area for unit in homes[project.key]),
                'usable_area': sum(unit.usable_area for unit in homes[project.key]),
                'household_count': sum(unit.kind == 'flat' for unit in homes[project.key]),
            }
            for sequence, project in enumerate(PROJECTS, 1)
        ]), strict=True))

    def _create_partners(self, estate, seed):
        """ The people and firms by number; identity data are on a model of their own. """
        china = self.env.ref('base.cn')
        numbers = list(estate.persons)
        partners = self._create_all('res.partner', [
            {
                'name': person.name,
                'phone': person.phone,
                'is_company': person.is_company,
                'country_id': china.id,
                'city': CITY,
                'lang': 'zh_CN',
                'property_bill_grouping':
                    'payer' if number in estate.grouped_payers else 'unit',
            }
            for number, person in estate.persons.items()
        ])
        by_number = dict(zip(numbers, partners, strict=True))
        self._create_all('property.resident', [
            {
                'partner_id': by_number[number].id,
                'sex': person.sex,
                'date_birth': person.birth,
                'identity_number': person.identity,
            }
            for number, person in estate.persons.items() if person.identity
        ])
        return by_number

    def _create_units(self, estate, projects):
        """ Buildings, entrances, and the units by index. """
        structures = self._get_dictionary('structure', {'brick': '砖混', 'frame': '框架'})
        layouts = self._get_dictionary(
            'layout', {unit.layout: unit.layout for unit in estate.units if unit.layout})
        orientations = self._get_dictionary(
            'orientation',
            {unit.orientation: unit.orientation for unit in estate.units if unit.orientation})
        buildings = dict(zip(estate.buildings, self._create_all('property.building', [
            {
                'project_id': projects[building.project].id,
                'name': building.name,
                'code': building.number,
                'sequence': 100 * building.is_parking_lot + 10,
                'is_parking_lot': building.is_parking_lot,
                'building_type': building.building_type,
                'structure_id': structures[building.structure].id if building.structure else False,
                'floor_count': building.floor_count,
                'height': round(building.floor_count * 2.95, 2),
            }
            for building in estate.buildings.values()
        ]), strict=True))
        stairs = [
            (key, number) for key, building in estate.buildings.items()
            for number in range(1, building.entrance_count + 1)]
        entrances = dict(zip(stairs, self._create_all('property.entrance', [
            {
                'building_id': buildings[key].id,
                'name': f'{number}单元',
                'code': str(number),
                'sequence': number,
                'floor_count': estate.buildings[key].floor_count,
                'has_lift': estate.buildings[key].floor_count > 6,
            }
            for key, number in stairs
        ]), strict=True))
        return self._create_all('property.unit', [
            {
                'building_id': buildings[unit.project, unit.building].id,
                'entrance_id':
                    entrances[(unit.project, unit.building), unit.entrance].id
                    if unit.entrance else False,
                'name': unit.name,
                'kind': unit.kind,
                'floor': unit.floor,
                'layout_id': layouts[unit.layout].id if unit.layout else False,
                'orientation_id':
                    orientations[unit.orientation].id if unit.orientation else False,
                'building_area': unit.building_area,
                'usable_area': unit.usable_area,
                'is_renovated': unit.is_renovated,
                'date_handover': unit.date_handover,
            }
            for unit in estate.units
        ])

    def _get_dictionary(self, dictionary, names):
        """ The items of a dictionary by key; those it lacks are added. """
        # Its words are those of the register in Chinese, the language of the demo company.
        Item = self.env['property.dictionary.item'].with_context(lang='zh_CN')
        known = {item.name: item for item in Item.search([('dictionary', '=', dictionary)])}
        missing = [name for name in names.values() if name not in known]
        for item in Item.create([{'dictionary': dictionary, 'name': name} for name in missing]):
            known[item.name] = item
        return {key: known[name] for key, name in names.items()}

    def _create_occupancies(self, estate, units, partners):
        self._create_all('property.occupancy', [
            {
                'unit_id': units[occupancy.unit].id,
                'partner_id': partners[occupancy.person].id,
                'role': occupancy.role,
                'date_start': occupancy.date_start,
                'date_end': occupancy.date_end,
                'share': occupancy.share,
                'is_payer': occupancy.is_payer,
            }
            for occupancy in estate.occupancies
        ])
        self._create_all('property.vehicle', [
            {
                'project_id': units[owned.unit].project_id.id,
                'unit_id': units[owned.unit].id,
                'partner_id': partners[owned.person].id,
                'name': owned.vehicle.plate,
                'brand': owned.vehicle.brand,
                'color': owned.vehicle.colour,
            }
            for owned in estate.vehicles
        ])

    def _create_keys(self, estate, units, partners):
        """ The keys of the first homes: a set of the owner's, and a spare one in the office. """
        owners = {}
        for occupancy in estate.occupancies:
            if occupancy.role == 'owner' and units[occupancy.unit].kind == 'flat':
                owners.setdefault(units[occupancy.unit], partners[occupancy.person])
        for unit, owner in islice(owners.items(), KEY_HOMES):
            own, _spare = self._create_all('property.key', [
                {'unit_id': unit.id, 'name': f'{unit.name}-{mark}', 'kind': 'door',
                 'quantity': quantity}
                for mark, quantity in (('A', 3), ('B', 1))])
            own._hand_out(owner)

    def _create_all(self, model, vals_list):
        """ Create records in batches that keep memory flat. """
        records = self.env[model]
        for batch in split_every(BATCH, vals_list, list):
            records += records.create(batch)
            self.env.flush_all()
        return records

    # === BUSINESS METHODS: FEES === #

    def _create_tariffs(self, company, today):
        """ The fees with their tariffs and prices; the tariffs by their key in TARIFFS. """
        tax = self.env['account.chart.template'].ref('property_billing_tax_6')
        waterworks = self.env['res.partner'].create({
            'name': '安澜市自来水有限公司', 'is_company': True, 'company_id': company.id})
        fees = dict(zip((key for key, *_fee in FEES), self.env['property.fee'].create([
            {
                'name': name,
                'code': key,
                'sequence': sequence,
                'company_id': company.id,
                'category': category,
                'nature': nature,
                'beneficiary_id': nature == 'agency' and waterworks.id,
                'tax_id': tax.id if is_taxed else False,
                'payer_role': payer_role,
            }
            for sequence, (key, name, category, nature, is_taxed, payer_role) in enumerate(FEES, 1)
        ]), strict=True))
        months = get_months(today)
        raise_date = months[len(months) // 2]
        return dict(zip(TARIFFS, self.env['property.tariff'].create([
            {
                'name': name,
                'fee_id': fees[fee].id,
                'basis': basis,
                'cycle_months': cycle_months,
                # What the waterworks wants for a month is known when that month is over.
                'timing': 'arrears' if fee == 'water' else 'advance',
                'due_days': 30,
                'version_ids': [
                    Command.create(version) for version in (
                        [{'date_start': months[0], 'price': price}] if key != RAISED_TARIFF else [
                            {'date_start': months[0], 'price': RAISED_FROM,
                             'date_end': fields.Date.subtract(raise_date, days=1)},
                            {'date_start': raise_date, 'price': price},
                        ])
                ],
            }
            for key, (name, basis, cycle_months, price) in TARIFFS.items()
            for fee in key[:1]
        ]), strict=True))

    def _create_assignments(self, estate, units, tariffs, today):
        """ What each unit pays, from the first month on; a let parking space from its letting. """
        first = get_months(today)[0]
        lettings = {
            occupancy.unit: occupancy.date_start for occupancy in estate.occupancies
            if occupancy.role == 'tenant'}
        vals_list = []
        for unit, record in zip(estate.units, units, strict=True):
            if unit.kind == 'parking':
                is_let = unit.index in lettings
                keys = [('parking', unit.project, 'let' if is_let else 'sold')]
                start = max(first, lettings[unit.index]) if is_let else first
            else:
                keys = [(fee, unit.project, unit.kind) for fee in ('property', 'garbage', 'water')
                        if (fee, unit.project, unit.kind) in tariffs]
                start = first
            vals_list += [
                {'unit_id': record.id, 'tariff_id': tariffs[key].id, 'date_start': start}
                for key in keys]
        self._create_all('property.fee.assignment', vals_list)

    def _bill(self, project, month):
        """ One month of a project, as a clerk does it, but at once, not in the background. """
        run = self.env['property.bill.run'].with_context(queue_job__no_delay=True).create({
            'project_id': project.id,
            'date_start': month,
            'date_end': fields.Date.end_of(month, 'month'),
            'date_invoice': month,
        })
        for part, ids in run._get_preview_slices():
            run._generate(part, ids)
            self._end_step()
        run.state = 'preview'
        if not run.charge_ids:
            run.unlink()  # a month in which no quarter begins
            return
        run.action_post()
        run.action_publish()
        self._end_step()

    def _end_step(self):
        """ Free memory, and tell PostgreSQL how large the tables have become. """
        self.env.flush_all()
        self.env.cr.execute(
            'ANALYZE account_move, account_move_line, account_payment, account_partial_reconcile, '
            'property_charge')
        if self.env.context['property_demo_commit']:
            self.env.cr.commit()
        self.env.invalidate_all()

    def _pay(self, seed, numbers, today, tell):
        """ What the payers have paid of all that was billed.

        :param dict numbers: the numbers of the persons by partner; the developer has none
        """
        months = {month: number for number, month in enumerate(get_months(today))}
        methods = {
            journal.type: journal.inbound_payment_method_line_ids.filtered(
                lambda line: line.code == 'manual')[:1]
            for journal in self.env['account.journal'].search(
                [('company_id', '=', self.env.company.id), ('type', 'in', ('bank', 'cash'))],
                order='sequence desc, id desc')
        }
        charges = self.env['property.charge'].search_fetch(
            [('state', '=', 'posted')],
            ['partner_id', 'project_id', 'date_due', 'amount'], order='date_start, id')
        dues = {}
        for charge in charges:
            billed = fields.Date.subtract(charge.date_due, days=30)
            dues.setdefault((charge.partner_id, charge.project_id), []).append(
                Due(months[billed], billed, charge.id, Decimal(repr(charge.amount))))
        vals_list = []
        for (partner, _project), partner_dues in dues.items():
            habit = get_habit(seed, numbers.get(partner, 0))
            for payment in plan_payments(habit, partner_dues, today):
                method = methods['cash' if payment.in_cash else 'bank']
                vals_list.append({
                    'payment_type': 'inbound',
                    'partner_type': 'customer',
                    'partner_id': partner.id,
                    'amount': float(sum(amount for _charge, amount in payment.parts)),
                    'date': payment.date,
                    'journal_id': method.journal_id.id,
                    'payment_method_line_id': method.id,
                    'property_allocation_ids': [
                        Command.create({'charge_id': charge, 'amount': float(amount)})
                        for charge, amount in payment.parts
                    ],
                })
        vals_list.sort(key=lambda vals: vals['date'])
        for month, month_vals_list in groupby(vals_list, key=lambda vals: f"{vals['date']:%Y-%m}"):
            tell(f'payments of {month}')
            for batch in split_every(PAYMENT_BATCH, month_vals_list, list):
                self.env['account.payment'].create(batch).action_post()
                self._end_step()

    # === BUSINESS METHODS: USERS === #

    def _create_users(self, estate, seed, projects, partners):
        """ One user per role. Staff and administrator see Chinese first, and may change it. """
        common = {'lang': 'zh_CN', 'tz': 'Asia/Shanghai'}
        # `install_mode`: the passwords are for everybody to know, so no rule holds for them.
        users = self.env['res.users'].with_context(no_reset_password=True, install_mode=True)
        users.browse(self.env.ref('base.user_admin').id).write(
            {**common, 'password': self._get_password('admin')})
        staff = users.create([
            {
                **common,
                'name': name,
                'login': login,
                'password': self._get_password(login),
                'role_line_ids': [Command.create({'role_id': self.env.ref(role).id})],
                'property_project_ids': [Command.set(
                    projects[project].ids if project else
                    [project.id for project in projects.values()])],
            }
            for login, name, role, project in STAFF
        ])
        projects['garden'].write({'user_id': staff[0].id, 'service_user_ids': staff[1].ids})
        numbers = choose_residents(estate, seed)
        newcomer = partners[numbers['newcomer']]
        # He registers by himself: the office sees to it that he and the owner are one.
        registered = newcomer.copy({'name': newcomer.name})
        self._create_all('property.resident', [{
            'partner_id': registered.id,
            'identity_number': newcomer.property_resident_ids.identity_number,
        }])
        residents = users.create([
            {
                **common,
                'login': login,
                'password': self._get_password(login),
                'partner_id': (registered if login == 'newcomer' else partners[number]).id,
                'group_ids': [Command.set(self.env.ref('base.group_portal').ids)],
            }
            for login, number in numbers.items()
        ])
        for user in residents:
            user.partner_id.email = f'{user.login}@example.com'
        self.env['property.home.request']._ask_by_identity(residents[-1], projects['garden'])
