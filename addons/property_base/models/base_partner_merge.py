from itertools import pairwise

from odoo import models
from odoo.exceptions import UserError
from odoo.models import MAGIC_COLUMNS


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """ What two contacts of one person have here becomes that of one. """
    _inherit = 'base.partner.merge.automatic.wizard'

    def _update_foreign_keys(self, src_partners, dst_partner):
        """ Override of `base`: it moves references by SQL, past rights and constraints of ours. """
        partners = src_partners | dst_partner
        self._check_property_occupancies(partners)
        self._merge_property_residents(src_partners, dst_partner)
        # sudo: a contact has one number per project; that of the contact that stays is kept.
        numbers = self.env['property.resident.number'].sudo()
        taken = set()
        for number in numbers.search([('partner_id', 'in', partners.ids)]).sorted(
                lambda number: number.partner_id != dst_partner):
            if number.project_id in taken:
                numbers |= number
            taken.add(number.project_id)
        numbers.unlink()
        super()._update_foreign_keys(src_partners, dst_partner)

    def _update_values(self, src_partners, dst_partner):
        """ Override of `base`: who is known in several companies belongs to none of them. """
        companies = {partner.company_id for partner in src_partners | dst_partner}
        super()._update_values(src_partners, dst_partner)
        if len(companies) > 1:
            dst_partner.company_id = False

    def _check_property_occupancies(self, partners):
        """ Nobody gets another's home by a merge that he could not have given him by hand. """
        # sudo: those that the user may not see are what he is refused for.
        occupancies_sudo = self.env['property.occupancy'].sudo().with_context(
            active_test=False,
        ).search(
            [('partner_id', 'in', partners.ids)], order='date_start, id')
        occupancies = occupancies_sudo.sudo(False)
        if occupancies:
            occupancies.check_access('write')
        approved = occupancies.filtered(lambda occupancy: occupancy.state == 'approved')
        for spans in approved.grouped(lambda o: (o.unit_id, o.role)).values():
            for first, second in pairwise(spans):
                if not first.date_end or first.date_end >= second.date_start:
                    raise UserError(self.env._(
                        "%(first)s and %(second)s are at the same time. End or correct one of "
                        "them, then merge the contacts.",
                        first=first.display_name, second=second.display_name))

    def _merge_property_residents(self, src_partners, dst_partner):
        # sudo: full identity numbers are compared and moved, and shown to nobody.
        residents = self.env['property.resident'].sudo().search(
            [('partner_id', 'in', (src_partners | dst_partner).ids)]
        ).sorted(lambda resident: resident.partner_id != dst_partner)
        numbers = {resident.identity_number for resident in residents} - {False}
        if len(numbers) > 1:
            raise UserError(self.env._(
                "These contacts have different identity numbers: they are not one person. If one "
                "of the numbers is wrong, correct it first; refuse a home request of a stranger."))
        kept, others = residents[:1], residents[1:]
        for other in others:
            vals = {
                name: other[name] for name, field in kept._fields.items()
                if field.store and not field.related and field.type not in ('one2many', 'many2many')
                and name not in MAGIC_COLUMNS and name != 'partner_id'
                and other[name] and not kept[name]}
            kept.write({
                name: value.id if isinstance(value, models.BaseModel) else value
                for name, value in vals.items()})
        others.unlink()
