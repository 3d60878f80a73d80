from contextlib import contextmanager
from datetime import date

from odoo import Command
from odoo.exceptions import UserError

from .common import LedgerCommon


class SharedCommon(LedgerCommon):
    """ Suppliers' bills, share keys and shared costs of a building of its own. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.building = cls.env['property.building'].create({
            'name': "8", 'project_id': cls.project.id})
        cls.shared_fee = cls._create_money_of_others("Shared electricity", 'agency', sequence=4)
        cls.power_company = cls.env['res.partner'].create({'name': "State Grid"})
        # Who divides costs chooses lines of the books.
        cls.clerk.group_ids += cls.env.ref('account.group_account_readonly')

    @classmethod
    def _create_units(cls, areas, first=801, **vals):
        units = cls.env['property.unit']
        for number, area in enumerate(areas, first):
            units += cls._create_unit(str(number), area=area, **vals)
        return units

    @classmethod
    def _receive_bill(cls, *amounts, day='2026-04-05', move_type='in_invoice', post=True, **vals):
        """ A supplier's bill, without taxes; returns its lines. """
        company = cls.env['res.company'].browse(vals.pop('company_id', cls.company.id))
        bill = cls.env['account.move'].with_company(company).create({
            'move_type': move_type, 'company_id': company.id, 'date': day, 'invoice_date': day,
            'partner_id': cls.power_company.id, 'ref': f"{day} {amounts}",
            'invoice_line_ids': [
                Command.create({
                    'name': f"Electricity {amount}", 'price_unit': amount, 'quantity': 1,
                    'tax_ids': [Command.clear()],
                    'account_id': company.property_agency_account_id.id})
                for amount in amounts],
            **vals,
        })
        if post:
            bill.action_post()
        return bill.invoice_line_ids

    @classmethod
    def _create_key(cls, basis='area', **vals):
        vals = {'level': 'buildings', 'building_ids': [Command.set(cls.building.ids)], **vals}
        return cls.env['property.share.key'].create({
            'name': f"By {basis} {len(cls.env['property.share.key'].search([]))}",
            'project_id': cls.project.id, 'basis': basis, **vals})

    @classmethod
    def _create_cost(cls, key, lines=None, amounts=None, user=None, **vals):
        """ A shared cost of March 2026; of the lines all that is left, or these amounts. """
        amounts = [{'amount': amount} for amount in amounts] if amounts else [{}] * len(lines or ())
        return cls.env['property.shared.cost'].with_user(user or cls.clerk).create({
            'name': "Light of the stairs", 'project_id': cls.project.id,
            'fee_id': cls.shared_fee.id, 'key_id': key.id,
            'date_start': date(2026, 3, 1), 'date_end': date(2026, 3, 31),
            'source_ids': [
                Command.create({'line_id': line.id, **own})
                for line, own in zip(lines or (), amounts, strict=True)],
            **vals,
        })

    @classmethod
    def _divide(cls, key, amount, **vals):
        """ What one bill of this amount is to each unit. """
        cost = cls._create_cost(key, cls._receive_bill(amount), **vals)
        cost._divide()
        return cost

    @contextmanager
    def assertRefused(self, message):
        """ The user is told why, and nothing is stored. """
        with self.assertRaisesRegex(UserError, message), self.cr.savepoint():
            yield

    def _parts(self, cost):
        return {
            part.unit_id.name: part.share_amount
            for part in cost.assignment_ids.sorted(lambda part: part.unit_id.name)}
