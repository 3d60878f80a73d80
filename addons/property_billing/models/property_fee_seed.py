from typing import NamedTuple

from odoo import Command, api, models
from odoo.exceptions import UserError
from odoo.tools.translate import LazyTranslate

from odoo.addons.property_base.const import QUIET_CONTEXT

from .res_company import SMALL_SCALE_RATES

_lt = LazyTranslate(__name__)


class Seed(NamedTuple):
    """ A fee of the trade; its tariff without price, unless it is charged once. """
    key: str
    name: object
    category: str
    nature: str
    tax: str = ''
    payer_role: str = 'owner'
    tariff: dict | None = None
    fund_kind: str = 'trust'
    space_kind: str | bool = False


SEEDS = (
    Seed('property', _lt("Property fee"), 'public', 'income', '6', tariff={'basis': 'area'}),
    Seed('property_trust', _lt("Property fee (commission)"), 'public', 'trust',
         tariff={'basis': 'area'}),
    Seed('shared', _lt("Shared water and electricity"), 'agency', 'agency',
         payer_role='occupant', tariff={'basis': 'fixed', 'timing': 'arrears'}),
    Seed('water', _lt("Water"), 'agency', 'agency',
         payer_role='occupant', tariff={'basis': 'metered', 'timing': 'arrears'}),
    Seed('electricity', _lt("Electricity"), 'agency', 'agency',
         payer_role='occupant', tariff={'basis': 'metered', 'timing': 'arrears'}),
    Seed('gas', _lt("Gas"), 'public', 'agency',
         payer_role='occupant', tariff={'basis': 'metered', 'timing': 'arrears'}),
    Seed('cable', _lt("Cable TV"), 'public', 'agency', payer_role='occupant',
         tariff={'basis': 'household', 'cycle_months': 12, 'charge_per_cycle': True}),
    Seed('lift', _lt("Lift fee"), 'public', 'income', '6', tariff={'basis': 'household'}),
    Seed('heating', _lt("Heating"), 'public', 'agency',
         tariff={'basis': 'area', 'season_start': '11-15', 'season_end': '03-15'}),
    Seed('waste', _lt("Waste removal"), 'public', 'income', '6',
         tariff={'basis': 'household', 'cycle_months': 12, 'charge_per_cycle': True}),
    Seed('renovation_deposit', _lt("Renovation deposit"), 'prepaid', 'deposit'),
    Seed('renovation_waste', _lt("Renovation waste removal"), 'prepaid', 'income', '6'),
    Seed('maintenance_fund', _lt("Maintenance fund"), 'agency', 'trust',
         fund_kind='maintenance'),
    Seed('rent', _lt("Rent"), 'special', 'income', '9', 'occupant', {'basis': 'area'}),
    Seed('parking', _lt("Parking fee"), 'public', 'income', '9', 'occupant', {'basis': 'fixed'}),
    Seed('parking_owned', _lt("Parking management fee"), 'public', 'income', '6', 'occupant',
         {'basis': 'fixed'}, space_kind='owned'),
    Seed('parking_civil_defence', _lt("Parking in civil defence"), 'agency', 'agency',
         payer_role='occupant', tariff={'basis': 'fixed'}, space_kind='civil_defence'),
    Seed('parking_common', _lt("Parking on common ground"), 'agency', 'trust',
         payer_role='occupant', tariff={'basis': 'fixed'}, fund_kind='public_revenue',
         space_kind='common'),
    Seed('parking_company', _lt("Rent of parking spaces"), 'special', 'income', '9', 'occupant',
         {'basis': 'fixed'}, space_kind='company'),
    # Its tax is that of what it is for.
    Seed('late', _lt("Late fee"), 'special', 'income', payer_role='occupant'),
    Seed('commission', _lt("Manager's commission"), 'special', 'income', '6'),
    Seed('service', _lt("Paid service"), 'special', 'income', '6', 'occupant'),
)


class PropertyFee(models.Model):
    """ The fees of the trade, which every company finds in the archive (B01, B36). """
    _inherit = 'property.fee'

    @api.model
    @api.readonly
    def name_search(self, name='', domain=None, operator='ilike', limit=100):
        """ Override: of a ready-made fee and one in use under its name, the latter is meant. """
        found = super().name_search(name, domain, operator, limit)
        fees = self.browse(fee_id for fee_id, _name in found)
        archived = fees.filtered(lambda fee: not fee.active)
        in_use = {(fee.company_id, fee.name) for fee in archived._get_namesakes()}
        meant = fees - archived.filtered(lambda fee: (fee.company_id, fee.name) in in_use)
        return [(fee_id, label) for fee_id, label in found if fee_id in meant._ids]

    def _get_namesakes(self):
        """ The fees in use that are named as these, of the archive, are. """
        namesakes = self and self.with_context(active_test=True).search([
            ('company_id', 'in', self.company_id.ids), ('name', 'in', self.mapped('name'))])
        names = {(fee.company_id, fee.name) for fee in self}
        return namesakes.filtered(lambda fee: (fee.company_id, fee.name) in names)

    @api.model
    def _create_seeds(self, company):
        """ Give a company with a chart the fees that it lacks, and these what their archive lacks.

        What somebody has taken into use is never touched, and no fee comes that exists under its
        name. A branch uses the fees of the company above it.
        """
        if company.parent_id:
            return
        Fee = self.sudo().with_company(company).with_context(**QUIET_CONTEXT, active_test=False)
        lang = Fee._get_seed_lang(company)
        names = set(Fee.search([('company_id', '=', company.id)]).mapped('name'))
        xmlids = {f'property_billing.{company.id}_fee_{seed.key}': seed for seed in SEEDS}
        known = {
            f'{data.module}.{data.name}' for data in self.env['ir.model.data'].sudo().search([
                ('module', '=', 'property_billing'), ('model', '=', 'property.fee'),
                ('name', '=like', f'{company.id}\\_fee\\_%')])}
        missing = {
            xmlid: seed for xmlid, seed in xmlids.items()
            if xmlid not in known and seed.name._translate(lang) not in names}
        fees = Fee.create([
            Fee._prepare_seed_vals(company, seed, lang) for seed in missing.values()])
        self.env['ir.model.data'].sudo()._update_xmlids([
            {'xml_id': xmlid, 'record': fee, 'noupdate': True}
            for xmlid, fee in zip(missing, fees, strict=True)])
        for xmlid, seed in xmlids.items():
            # Another chart takes accounts and taxes with it.
            fee = self.env.ref(xmlid, raise_if_not_found=False)
            if fee and not fee.active and not fee.account_id:
                fee.account_id = company._get_property_account(fee._get_role())
                fee.tax_id = Fee._get_seed_tax(company, seed)
        late_fee = self.env.ref(
            f'property_billing.{company.id}_fee_late', raise_if_not_found=False)
        company.property_late_fee_id = company.property_late_fee_id or late_fee

    @api.model
    def _prepare_seed_vals(self, company, seed, lang):
        tariff = seed.tariff and {
            'name': _lt("Standard")._translate(lang), 'active': False, **seed.tariff}
        return {
            'name': seed.name._translate(lang),
            'sequence': 10 * (SEEDS.index(seed) + 1),
            'active': False,
            'company_id': company.id,
            'category': seed.category,
            'nature': seed.nature,
            'fund_kind': seed.fund_kind,
            'space_kind': seed.space_kind,
            'tax_id': self._get_seed_tax(company, seed).id,
            'payer_role': seed.payer_role,
            'tariff_ids': [Command.create(tariff)] if tariff else [],
        }

    @api.model
    def _get_seed_tax(self, company, seed):
        rates = SMALL_SCALE_RATES if company.property_small_scale else {}
        return seed.tax and company._get_property_tax(rates.get(seed.tax, seed.tax)) or (
            self.env['account.tax'])

    @api.model
    def _get_seed_lang(self, company):
        """ Names are not translated: they are in the language of the company's books. """
        if company.country_id.code == 'CN':
            return 'zh_CN'
        return company.partner_id.lang or self.env.lang or 'en_US'

    def action_take_into_use(self):
        """ Out of the archive, with the tariffs that wait there for their first price. """
        self.check_access('write')
        archived = self.filtered(lambda fee: not fee.active)
        if namesake := archived._get_namesakes()[:1]:
            raise UserError(self.env._(
                "%(fee)s is in use already. Leave the one in the archive there, or rename one.",
                fee=namesake.name))
        self._take_into_use()
        tariffs = self.with_context(active_test=False).tariff_ids
        unpriced = tariffs.filtered(lambda tariff: not tariff.version_ids)
        unpriced._take_into_use()
        fees = self.mapped('name')
        return {
            'type': 'ir.actions.client',
            'tag': 'display_notification',
            'params': {
                'type': 'success',
                'message': (
                    self.env._("In use now: %(fees)s. Enter their prices.", fees=fees) if unpriced
                    else self.env._("In use now: %(fees)s.", fees=fees)),
                'next': self._get_pricing_action(unpriced),
            },
        }

    def _get_pricing_action(self, tariffs):
        """ What is to be priced; without tariffs, the fees themselves. """
        name = 'property_tariff_action' if tariffs else 'property_fee_action'
        action = self.env['ir.actions.act_window']._for_xml_id(f'property_billing.{name}')
        return {**action, 'domain': [('id', 'in', (tariffs or self).ids)], 'context': {}}

    def _take_into_use(self):
        """ Out of the archive, since somebody prices or assigns it. """
        archived = self.filtered(lambda fee: not fee.active)
        # sudo: who assigns a fee need not be one who may change it, and nothing else changes.
        archived.sudo().active = True
