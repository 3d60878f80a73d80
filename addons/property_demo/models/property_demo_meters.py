from odoo import Command, fields, models

# Of the mall: each shop's water meter, what it showed first and what it counts in a month.
WATER = {
    '101': (1200, 22), '103': (340, 9), '104-1': (805, 31), '104-2': (90, 12), '105': (15, 6),
    '201-202': (2210, 18), '203': (560, 47), '301': (77, 14),
}
# Meters for peak and valley hours: what each register showed first and counts in a month.
POWER = {'104-1': ((5210, 640), (2480, 310)), '203': ((3300, 520), (1650, 420))}
PREPAID = '101'
MAIN, GARDEN = 'A座总表', '绿化用水'
# Read at the end of the last month are all but these; what one shows is far more than usual.
MISSING, ODD = ('105', '301'), '103'


class PropertyDemo(models.AbstractModel):
    """ What is measured, shared and held for others: a mall with meters, a fund of a compound. """
    _inherit = 'property.demo'

    def _create_meters(self, company, today):
        """ The mall by meter: two months are billed, the last one is being read. """
        mall = self.env['property.project'].search([
            ('company_id', '=', company.id), ('code', '=', 'mall')])
        # The last days of four months, of which the last is over.
        days = [
            fields.Date.subtract(today.replace(day=1), months=months, days=1)
            for months in (3, 2, 1, 0)]
        water, power = self._set_up_measured(company, days[0])
        shops = {unit.name: unit for unit in mall.unit_ids}
        meters, rows = self._create_mall_meters(mall, shops, water, power, days)
        for number, day in enumerate(days[:3]):
            self._read_meters(rows, number, day)
            if number:
                self._bill_measured(mall, water + power, day)
        self._share_light(mall, power, days[2])
        self._bill_measured(mall, self._get_seed(company, 'shared'), days[2])
        self._open_round(mall, meters, rows, days)
        self._sell_units(shops[PREPAID], power, company)
        self._create_revenue_fund(company, days[2])

    def _get_seed(self, company, key):
        """ A ready-made fee, in use from now on. """
        fee = self.env.ref(f'property_billing.{company.id}_fee_{key}')
        fee.active = True
        return fee

    def _set_up_measured(self, company, start):
        """ Water with tiers of the year, electricity with hours: fees, utilities, tariffs. """
        water = self.env['property.fee'].search([
            ('company_id', '=', company.id), ('code', '=', 'water')])
        power = self._get_seed(company, 'electricity')
        power.beneficiary_id = self.env['res.partner'].create({
            'name': '安澜市供电公司', 'is_company': True, 'company_id': company.id})
        self._get_type(company, 'water').fee_id = water
        self.env['property.tariff'].create([
            {
                'name': name, 'fee_id': fee.id, 'basis': 'metered',
                'version_ids': [Command.create({'date_start': start, 'price': price, **parts})],
            }
            for name, fee, price, parts in (
                ('商业用水（阶梯）', water, 4.85, {'tier_ids': [
                    Command.create({'above': 240, 'price': 6.30}),
                    Command.create({'above': 480, 'price': 8.10})]}),
                ('自来水公司价', water, 4.85, {}),
                ('商业用电（峰谷）', power, 0, {'component_ids': [
                    Command.create({'basis': 'use', 'register': register, 'price': price})
                    for register, price in (('peak', 0.9183), ('valley', 0.4583))]}),
                ('商业用电（充值）', power, 0.78, {}))])
        return water, power

    def _get_type(self, company, key):
        return self.env.ref(f'property_billing.{company.id}_meter_type_{key}')

    def _get_tariff(self, fee, name):
        return fee.tariff_ids.filtered(lambda tariff: tariff.name == name)

    def _create_mall_meters(self, mall, shops, water, power, days):
        """ The meters, and what the registers of each showed on those days. """
        company = mall.company_id
        common = {'date_start': days[0], 'building_id': mall.building_ids[:1].id}
        water_type, power_type = (
            self._get_type(company, key) for key in ('water', 'time_of_use'))
        uses = {name: [first + months * use for months in range(4)]
                for name, (first, use) in WATER.items()}
        garden = [120 + 8 * months for months in range(4)]
        # The main meter counts some more than those behind it.
        total = [
            10_000 + sum(values[months] - values[0] for values in (*uses.values(), garden))
            + 5 * months for months in range(4)]
        main = self.env['property.meter'].create({
            **common, 'number': 'SZ-0001', 'name': MAIN, 'type_id': water_type.id,
            'place': '地下一层水泵房'})
        vals_list = [
            {**common, 'number': 'SZ-0002', 'name': GARDEN, 'type_id': water_type.id,
             'parent_id': main.id, 'place': '中庭花池'},
            *({'number': f'S-{name}', 'type_id': water_type.id, 'unit_id': shops[name].id,
               'parent_id': main.id, 'date_start': days[0], 'place': '管井'} for name in WATER),
            *({'number': f'D-{name}', 'type_id': power_type.id, 'unit_id': shops[name].id,
               'date_start': days[0], 'place': '配电间'} for name in POWER)]
        meters = main + self.env['property.meter'].create(vals_list)
        values = [
            {'total': total}, {'total': garden}, *({'total': values} for values in uses.values()),
            *({register: [first + months * use for months in range(4)]
               for register, (first, use) in zip(('peak', 'valley'), registers, strict=True)}
              for registers in POWER.values())]
        tariffs = {
            water_type: self._get_tariff(water, '商业用水（阶梯）'),
            power_type: self._get_tariff(power, '商业用电（峰谷）')}
        self.env['property.fee.assignment'].create([
            {'unit_id': meter.unit_id.id, 'tariff_id': tariffs[meter.type_id].id,
             'meter_id': meter.id, 'date_start': fields.Date.add(days[0], days=1)}
            for meter in meters if meter.unit_id])
        return meters, dict(zip(meters, values, strict=True))

    def _read_meters(self, rows, number, day):
        """ What they showed at the end of a month; the first time they begin with it. """
        self._accept_readings([
            {'meter_id': meter.id, 'register': register, 'date': day,
             'value': str(values[number]), 'kind': 'read' if number else 'first'}
            for meter, registers in rows.items() for register, values in registers.items()])

    def _accept_readings(self, rows):
        faults, readings = self.env['property.meter.reading']._enter(rows)
        if faults:
            raise ValueError(faults)
        if odd := readings.filtered(lambda reading: reading.state == 'queued'):
            odd.action_accept()

    def _bill_measured(self, project, fees, day):
        """ One run of some fees, posted and published. """
        run = self.env['property.bill.run'].with_context(queue_job__no_delay=True).create({
            'project_id': project.id, 'date_end': day, 'date_invoice': day,
            'fee_ids': [Command.set(fees.ids)], 'with_late_fees': False})
        run.action_preview()
        run.action_post()
        run.action_publish()
        self._end_step()

    def _share_light(self, mall, power, day):
        """ What the light of the passages cost in a month, divided by area. """
        fee = self._get_seed(mall.company_id, 'shared')
        fee.beneficiary_id = power.beneficiary_id
        bill = self.env['account.move'].create({
            'move_type': 'in_invoice', 'partner_id': power.beneficiary_id.id,
            'invoice_date': day, 'date': day, 'ref': f'DF-{day:%Y%m}',
            'property_project_id': mall.id,
            'invoice_line_ids': [Command.create({
                'name': f'公共照明电费 {day:%Y-%m}', 'quantity': 1, 'price_unit': 1236,
                'tax_ids': [Command.clear()], 'account_id': fee.account_id.id,
                'property_fee_id': fee.id})]})
        bill.action_post()
        key = self.env['property.share.key'].create({
            'name': '按建筑面积', 'project_id': mall.id, 'basis': 'area'})
        self.env['property.shared.cost'].create({
            'name': f'公共照明 {day:%Y-%m}', 'project_id': mall.id, 'fee_id': fee.id,
            'key_id': key.id, 'date_start': day.replace(day=1), 'date_end': day,
            'source_ids': [Command.create({'line_id': bill.invoice_line_ids.id})],
        })._divide()

    def _open_round(self, mall, meters, rows, days):
        """ The last month is being read: two shops are missing, one counted far too much. """
        water_type = self._get_type(mall.company_id, 'water')
        meter_round = self.env['property.meter.round'].create({
            'project_id': mall.id, 'type_id': water_type.id,
            'date_start': fields.Date.add(days[2], days=1), 'date_end': days[3],
            'month': days[3].replace(day=1)})
        outcome = meter_round.save_readings([
            {'meter_id': meter.id, 'register': 'total', 'date': fields.Date.to_string(days[3]),
             'value': str(values[3] + 180 * (meter.unit_id.name == ODD))}
            for meter, registers in rows.items() for values in registers.values()
            if meter.type_id == water_type and meter.unit_id.name not in MISSING])
        if 'errors' in outcome:
            raise ValueError(outcome['errors'])

    def _sell_units(self, shop, power, company):
        """ A shop that buys its electricity ahead, for 500.00 today. """
        meter = self.env['property.meter'].create({
            'number': f'Y-{shop.name}', 'type_id': self._get_type(company, 'electricity').id,
            'unit_id': shop.id, 'mode': 'prepaid', 'card_number': '600001'})
        today = fields.Date.context_today(self)
        self.env['property.fee.assignment'].create({
            'unit_id': shop.id, 'tariff_id': self._get_tariff(power, '商业用电（充值）').id,
            'meter_id': meter.id, 'date_start': today})
        journal = self.env['account.journal'].search(
            [('company_id', '=', company.id), ('type', '=', 'bank')], limit=1)
        meter._top_up(500, journal, 'demo')

    def _create_revenue_fund(self, company, day):
        """ What advertising in the lifts brought the owners of a compound, and what it paid. """
        garden = self.env['property.project'].search([
            ('company_id', '=', company.id), ('code', '=', 'garden')])
        fund = self.env['property.fund'].create({
            'name': '公共收益', 'project_id': garden.id, 'kind': 'public_revenue'})
        bank = self.env['account.journal'].search(
            [('company_id', '=', company.id), ('type', '=', 'bank')], limit=1)
        for name, amount in (('电梯广告收入', 12_000), ('补充大门维修', -1_850)):
            self.env['account.move'].create({
                'move_type': 'entry', 'date': day, 'ref': name,
                'property_project_id': garden.id,
                'line_ids': [
                    Command.create({
                        'name': name, 'account_id': account.id, 'balance': balance})
                    for account, balance in (
                        (bank.default_account_id, amount), (fund.account_id, -amount))],
            }).action_post()
