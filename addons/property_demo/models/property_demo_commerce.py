import base64
import io

from reportlab.pdfgen import canvas

from odoo import Command, fields, models

from ..tools.commerce import PROPERTY_TYPES, SITES
from ..tools.estate import get_months


class PropertyDemo(models.AbstractModel):
    """ A mall and an industrial park beside the homes; their fees are not billed yet. """
    _inherit = 'property.demo'

    def _create_commerce(self, company, developer, today):
        fee = self.env['property.fee'].search(
            [('company_id', '=', company.id), ('code', '=', 'property')])
        types = self._get_dictionary('property_type', PROPERTY_TYPES)
        start = get_months(today)[0]
        for sequence, site in enumerate(SITES, 101):
            project = self.env['property.project'].create({
                'name': site.name, 'code': site.key, 'sequence': sequence, 'kind': site.kind,
                'street': site.street, 'phone': f'000-6600 {1000 + sequence}',
                'company_id': company.id, 'developer_id': developer.id,
                'land_area': site.land_area,
                'building_area': sum(space.area for space in site.spaces),
                'region_id': self.env['property.region'].search(
                    [('name', '=', site.region)], limit=1).id,
            })
            units = self._create_spaces(site, project, types, start)
            tariff = self.env['property.tariff'].create({
                'name': site.name, 'fee_id': fee.id, 'basis': 'area',
                'version_ids': [Command.create({'date_start': start, 'price': site.price})],
            })
            self.env['property.fee.assignment'].create([
                {'unit_id': unit.id, 'tariff_id': tariff.id, 'date_start': start}
                for unit in units.values() if unit.kind != 'parking'])
            for months, names, parts in site.changes:
                self.env['property.unit'].union(*(units[name] for name in names))._reshape(
                    [{'name': name, 'building_area': area, 'usable_area': round(area * 0.7, 2)}
                     for name, area in parts],
                    fields.Date.subtract(today.replace(day=1), months=months))
            self._create_documents(project, today)

    def _create_spaces(self, site, project, types, start):
        """ Buildings, units, and the people and firms in them; the units by name. """
        buildings = dict(zip(site.buildings, self.env['property.building'].create([
            {'project_id': project.id, 'name': name, 'code': name,
             'is_parking_lot': name.endswith('停车场'),
             'floor_count': max(int(s.floor) for s in site.spaces if s.building == name)}
            for name in site.buildings]), strict=True))
        units = self.env['property.unit'].create([
            {'building_id': buildings[space.building].id, 'floor': space.floor,
             'name': space.name, 'kind': space.kind, 'type_id': types[space.kind].id,
             'building_area': space.area, 'usable_area': round(space.area * 0.7, 2)}
            for space in site.spaces])
        names = dict.fromkeys(
            name for space in site.spaces for name in (space.owner, space.tenant) if name)
        partners = dict(zip(names, self.env['res.partner'].create([
            # A person's name has two or three characters; a firm's has more.
            {'name': name, 'is_company': len(name) > 3, 'company_id': project.company_id.id}
            for name in names]), strict=True))
        self.env['property.occupancy'].create([
            {'unit_id': unit.id, 'partner_id': partners[name].id, 'role': role,
             'date_start': start}
            for space, unit in zip(site.spaces, units, strict=True)
            for role, name in (('owner', space.owner), ('tenant', space.tenant)) if name])
        return {unit.name: unit for unit in units}

    def _describe_lots(self, company, today):
        """ The parking lots' records; the first inspection is soon, and a lorry's space ends. """
        lots = self.env['property.building'].search(
            [('is_parking_lot', '=', True), ('company_id', '=', company.id)], order='id')
        for number, lot in enumerate(lots):
            lot.write({
                'lot_kind': 'ground' if '地面' in lot.name else 'underground',
                'capacity': lot.unit_count,
                'date_inspection': fields.Date.add(today, days=25, months=number),
            })
        self.env['property.occupancy'].search([
            ('building_id', 'in', lots.ids), ('role', '=', 'tenant'),
            ('project_id.kind', '=', 'industrial'),
        ]).date_end = fields.Date.add(today, days=12)

    def _set_charging_terms(self, company, today):
        """ Late fees from this month on, and a home that pays less while it is vacant. """
        month = today.replace(day=1)
        projects = self.env['property.project'].search([('company_id', '=', company.id)])
        self.env['property.late.fee.term'].create([
            {'project_id': project.id, 'percent': 0.05, 'grace_days': 5, 'date_start': month}
            for project in projects])
        assignment = self.env['property.fee.assignment'].search([
            ('company_id', '=', company.id), ('fee_id.code', '=', 'property'),
            ('unit_id.kind', '=', 'flat'),
            ('unit_id.occupancy_ids', 'not any', [('role', '!=', 'owner')])],
            order='id desc', limit=1)
        clerk, accountant = (
            self.env['res.users'].search([('login', '=', login)])
            for login in ('finance', 'accountant'))
        relief = self.env['property.fee.relief'].with_user(clerk).create({
            'project_id': assignment.project_id.id, 'kind': 'vacancy', 'payable_percent': 70,
            'unit_ids': assignment.unit_id.ids, 'fee_ids': assignment.fee_id.ids,
            'date_start': fields.Date.add(month, months=1), 'ground': '空置房减免（合同第八条）',
        })
        relief.action_submit()
        relief.with_user(accountant).action_approve()

    def _create_documents(self, project, today):
        """ A floor plan of each building, and a licence that expires soon. """
        self.env['property.document'].create([
            *({'name': f'{building.name}一层平面图', 'kind': 'drawing',
               'building_id': building.id, 'file_name': f'{building.name}.pdf',
               'file': self._draw_plan(building.unit_ids)}
              for building in project.building_ids if not building.is_parking_lot),
            {'name': '消防验收合格证', 'kind': 'licence', 'project_id': project.id,
             'number': f'XF-{project.id:04d}', 'file_name': '消防验收合格证.pdf',
             'date': fields.Date.subtract(today, years=3),
             'date_expiry': fields.Date.add(today, days=45),
             'file': self._draw_plan(self.env['property.unit'])},
        ])

    def _draw_plan(self, units):
        """ A PDF with a box for each unit of the lowest floor. """
        stream = io.BytesIO()
        page = canvas.Canvas(stream, pagesize=(420, 297), invariant=1)
        page.rect(20, 20, 380, 257)
        for index, unit in enumerate(units.sorted('name').filtered(
                lambda unit: unit.floor_order == min(units.mapped('floor_order')))):
            page.rect(30 + 62 * index, 120, 58, 90)
            page.drawCentredString(59 + 62 * index, 170, unit.name)
            page.drawCentredString(59 + 62 * index, 150, f'{unit.building_area:g}')
        page.save()
        return base64.b64encode(stream.getvalue())
