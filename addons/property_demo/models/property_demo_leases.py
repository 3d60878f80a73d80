from odoo import Command, fields, models


class PropertyDemo(models.AbstractModel):
    """ Leases in the mall and the park, one in each state that there is to see. """
    _inherit = 'property.demo'

    def _create_leases(self, company, today):
        """ A shop let for two years, one to be reviewed, one that expires, and a lorry's space. """
        mall, park = (
            self.env['property.project'].search([
                ('company_id', '=', company.id), ('code', '=', code)])
            for code in ('mall', 'park'))
        # Who enters, reviews and bills them.
        (mall + park).user_ids |= self.env['res.users'].search(
            [('login', 'in', ('leasing', 'finance', 'accountant', 'reader'))])
        rent, parking = self._get_rent_fees(company)
        deposit = self.env['property.fee'].create({
            'name': '租赁押金', 'company_id': company.id, 'nature': 'deposit',
            'category': 'prepaid'})
        first = today.replace(day=1)
        florist, salon = self.env['res.partner'].create([
            {'name': name, 'is_company': True, 'company_id': company.id}
            for name in ('安澜市青柠花店', '安澜市云端美发')])
        shops = {unit.name: unit for unit in mall.unit_ids}
        [space] = park.unit_ids.filtered(lambda unit: unit.name == 'H002')
        year = fields.Date.subtract(fields.Date.add(first, years=1), days=1)
        two_years = fields.Date.subtract(fields.Date.add(first, years=2), days=1)
        let, pending, expiring, lorry = self.env['property.lease'].with_user(
            self.env['res.users'].search([('login', '=', 'leasing')])).create([
                self._prepare_lease_vals(mall, florist, shops['105'], rent, 75, first, two_years, {
                    'date_signed': fields.Date.subtract(first, days=14),
                    'deposit_fee_id': deposit.id, 'deposit_amount': 13920,
                    'free_ids': [Command.create({
                        'date_start': first, 'date_end': first.replace(day=15),
                        'ground': '装修免租期'})],
                    'escalation_ids': [Command.create({
                        'value': 5, 'date_first': fields.Date.add(first, years=1)})],
                }),
                self._prepare_lease_vals(
                    mall, salon, shops['204'], rent, 68, fields.Date.add(first, months=1), year,
                    {'cycle_months': 3, 'due_rule': 'month', 'due_days': 5}),
                self._prepare_lease_vals(
                    mall, shops['103'].tenant_ids, shops['103'], rent, 80, first,
                    fields.Date.add(today, days=20), {}),
                self._prepare_lease_vals(
                    park, space.tenant_ids, space, parking, 300, first,
                    fields.Date.add(today, days=12), {'reminder_days': 20}),
            ])
        (let + pending + expiring + lorry).action_submit()
        reviewed = (let + expiring + lorry).with_user(
            self.env['res.users'].search([('login', '=', 'accountant')]))
        reviewed.action_approve()
        reviewed.action_transfer()

    def _get_rent_fees(self, company):
        """ The ready-made fee of rent, in use from now on, and the parking fee. """
        rent = self.env.ref(f'property_billing.{company.id}_fee_rent')
        rent.active = True
        return rent, self.env['property.fee'].search([
            ('company_id', '=', company.id), ('code', '=', 'parking')])

    def _prepare_lease_vals(self, project, tenant, unit, fee, price, start, end, vals):
        return {
            'project_id': project.id, 'partner_id': tenant.id, 'date_start': start,
            'date_end': end, **vals,
            'line_ids': [Command.create({
                'unit_id': unit.id, 'fee_id': fee.id, 'price': price,
                'basis': 'fixed' if unit.kind == 'parking' else 'area'})],
        }
