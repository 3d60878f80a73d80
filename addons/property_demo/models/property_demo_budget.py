from odoo import Command, fields, models

# What the lifts, lights and pumps of a building cost in three months: text, key, planned, supplier
# and the bills of the months; the last is wages, which nobody bills.
COSTS = (
    ('电梯及公共照明用电', 'area', 5_400, '安澜市供电公司', (1_836.40, 1_792.15, 1_905.80)),
    ('二次供水及排污泵用电', 'area', 1_500, '安澜市供电公司', (488.60, 502.35, 476.90)),
    ('电梯维护保养', 'household', 2_700, '安澜市恒升电梯工程有限公司', (900, 900, 900)),
    ('水泵房值守补贴', 'household', 900, None, (300, 300, 300)),
)


class PropertyDemo(models.AbstractModel):
    """ What a building was to cost, what it did cost, and what its owners have paid ahead. """
    _inherit = 'property.demo'

    def _create_budget(self, owner, today):
        """ The last three months of the building where the owner lives, published and settled. """
        unit = owner.property_occupancy_ids.unit_id.filtered(
            lambda unit: unit.kind == 'flat' and unit.project_id.code == 'garden')[:1]
        building, project = unit.building_id, unit.project_id
        start = fields.Date.subtract(today.replace(day=1), months=3)
        end = fields.Date.subtract(today.replace(day=1), days=1)
        chart = self.env['account.chart.template'].with_company(project.company_id)
        fee = self.env['property.fee'].create({
            'name': '公共能耗费（预收）', 'company_id': project.company_id.id, 'nature': 'income',
            'tax_id': chart.ref('property_billing_tax_6').id, 'payer_role': 'owner'})
        keys = {
            basis: self.env['property.share.key'].create({
                'name': f'{building.name}{name}', 'project_id': project.id, 'basis': basis,
                'level': 'buildings', 'building_ids': [Command.set(building.ids)],
                'unit_kind': 'flat'})
            for basis, name in (('area', '按建筑面积'), ('household', '按户'))}
        flats = keys['area']._get_units()
        planned = sum(cost[2] for cost in COSTS)
        self._charge_ahead(
            fee, flats, planned / 3 / sum(flats.mapped('building_area')), start, end)
        budget = self.env['property.budget'].with_context(queue_job__no_delay=True).create({
            'name': f'{building.name}公共能耗 {start:%Y-%m} ~ {end:%Y-%m}',
            'project_id': project.id, 'date_start': start, 'date_end': end,
            'advance_fee_ids': [Command.set(fee.ids)],
            'line_ids': [
                Command.create({
                    'name': name, 'key_id': keys[basis].id, 'amount_planned': amount})
                for name, basis, amount, _supplier, _bills in COSTS]})
        budget.action_submit()
        budget.action_approve()
        budget.action_publish()
        months = [
            fields.Date.add(start, months=number + 1, days=-1) for number in range(3)]
        for line, (_name, _basis, _planned, supplier, amounts) in zip(
                budget.line_ids, COSTS, strict=True):
            for day, amount in zip(months, amounts, strict=True):
                self._spend(line, supplier, chart.ref('l10n_cn_account_5602'), amount, day)
        self._end_step()
        budget.action_divide_costs()
        budget._start_true_up(end, 30)
        self._end_step()

    def _charge_ahead(self, fee, flats, price, start, end):
        """ Bills of three months, all of them paid. """
        tariff = self.env['property.tariff'].create({
            'name': '公共能耗预收', 'fee_id': fee.id, 'basis': 'area', 'timing': 'advance',
            'version_ids': [Command.create({'date_start': start, 'price': round(price, 2)})]})
        self.env['property.fee.assignment'].create([
            {'unit_id': flat.id, 'tariff_id': tariff.id, 'date_start': start, 'date_end': end}
            for flat in flats])
        run = self.env['property.bill.run'].with_context(queue_job__no_delay=True).create({
            'project_id': flats.project_id.id, 'date_end': end, 'date_invoice': start,
            'fee_ids': [Command.set(fee.ids)], 'with_late_fees': False})
        run.action_preview()
        run.action_post()
        run.action_publish()
        bank = self.env['account.journal'].search(
            [('company_id', '=', fee.company_id.id), ('type', '=', 'bank')], limit=1)
        posted = run.charge_ids.filtered(lambda charge: charge.state == 'posted')
        for charges in posted.grouped('partner_id').values():
            charges._receive_payment(bank, date=start)
        self._end_step()

    def _spend(self, line, supplier, account, amount, day):
        """ A supplier's bill that names the cost, or an entry of wages that does. """
        vals = {'account_id': account.id, 'property_budget_line_id': line.id}
        name = f'{line.name} {day:%Y-%m}'
        move = {'date': day, 'ref': name, 'property_project_id': line.project_id.id}
        company = line.company_id
        if supplier:
            partner = self.env['res.partner'].search([
                ('name', '=', supplier), ('company_id', '=', company.id)], limit=1) or (
                self.env['res.partner'].create({
                    'name': supplier, 'is_company': True, 'company_id': company.id}))
            move.update({
                'move_type': 'in_invoice', 'partner_id': partner.id, 'invoice_date': day,
                'ref': f'{day:%Y%m}-{line.id:04}',
                'invoice_line_ids': [Command.create({
                    **vals, 'name': name, 'price_unit': amount, 'quantity': 1,
                    'tax_ids': [Command.clear()]})]})
        else:
            bank = self.env['account.journal'].search(
                [('company_id', '=', company.id), ('type', '=', 'bank')], limit=1)
            move.update({
                'move_type': 'entry',
                'line_ids': [
                    Command.create({**vals, 'name': name, 'balance': amount}),
                    Command.create({
                        'name': name, 'account_id': bank.default_account_id.id,
                        'balance': -amount})]})
        self.env['account.move'].create(move).action_post()
