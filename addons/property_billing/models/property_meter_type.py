from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools.translate import LazyTranslate

from odoo.addons.property_base.const import QUIET_CONTEXT

from ..tools.metering import TOTAL

_lt = LazyTranslate(__name__)

# Which registers a dial has: what is used at which hours is counted apart (峰谷).
REGISTERS = {
    'single': (TOTAL,),
    'day_night': ('peak', 'valley'),
    'four': ('sharp', 'peak', 'level', 'valley'),
}
REGISTER_NAMES = [
    (TOTAL, "All hours"), ('sharp', "Sharp-peak hours"), ('peak', "Peak hours"),
    ('level', "Level hours"), ('valley', "Valley hours"),
]


class Seed(NamedTuple):
    """ A meter of the trade, and the fee that it is read for. """
    key: str
    name: object
    unit_name: str
    fee: str
    decimals: int = 0
    registers: str = 'single'


SEEDS = (
    Seed('water', _lt("Cold-water meter"), 'm³', 'water'),
    Seed('electricity', _lt("Electricity meter"), 'kWh', 'electricity', 2),
    Seed('time_of_use', _lt("Peak and valley meter"), 'kWh', 'electricity', 2, 'day_night'),
    Seed('gas', _lt("Gas meter"), 'm³', 'gas'),
    Seed('heat', _lt("Heat meter"), 'GJ', 'heating', 2),
)


class PropertyMeterType(models.Model):
    """ What meters of one kind have in common: the dial, the fee, what is odd of a reading. """
    _name = 'property.meter.type'
    _description = 'Meter type'
    _inherit = ['property.guard.mixin']
    _order = 'sequence, name'
    _check_company_auto = True

    name = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        'res.company', required=True, index=True, default=lambda self: self.env.company,
        ondelete='restrict',
    )
    unit_name = fields.Char(
        string="Measured in", required=True, help="Stands beside the use: m³, kWh, GJ.")
    registers = fields.Selection(
        string="Rate periods", selection=[('single', "One"), ('day_night', "Peak and valley"),
         ('four', "Sharp peak, peak, level, valley")],
        required=True, default='single',
        help="What is used at which hours is counted apart by meters with several registers.",
    )
    digits = fields.Integer(
        string="Digits of the dial", required=True, default=5,
        help="Before the decimal point: with 5, 00000 follows 99999.",
    )
    decimals = fields.Integer(
        string="Decimals of the dial", required=True, default=0, help="After the decimal point.")
    fee_id = fields.Many2one(
        'property.fee', string="Fee", index='btree_not_null', ondelete='restrict',
        check_company=True,
        help="What the use is charged as. Without a price of it on the day nothing is read.",
    )
    low_percent = fields.Float(
        string="Drop (%)", required=True, default=50, digits=(16, 2),
        help="Use per day that is so much less than in the year before waits to be checked.",
    )
    high_percent = fields.Float(
        string="Jump (%)", required=True, default=50, digits=(16, 2),
        help="Use per day that is so much more than in the year before waits to be checked.",
    )
    loss_percent = fields.Float(
        string="Loss allowed (%)", required=True, default=5, digits=(16, 2),
        help="Of a main meter: how much of its use its sub-meters need not account for.",
    )
    meter_count = fields.Integer(string="Meters", compute='_compute_meter_count')

    _name_uniq = models.UniqueIndex(
        '(company_id, name)', "This company has a meter type of this name already.",
    )
    _dial_possible = models.Constraint(
        'CHECK (digits BETWEEN 1 AND 9 AND decimals BETWEEN 0 AND 3)',
        "A dial has 1 to 9 digits and up to 3 decimals.",
    )
    _percents_possible = models.Constraint(
        'CHECK (low_percent BETWEEN 0 AND 100 AND high_percent >= 0'
        ' AND loss_percent BETWEEN 0 AND 100)',
        "A drop and a loss are from 0 to 100 %, a jump is not negative.",
    )

    def _compute_meter_count(self):
        counts = dict(self.env['property.meter']._read_group(
            [('type_id', 'in', self.ids)], ['type_id'], ['__count']))
        for meter_type in self:
            meter_type.meter_count = counts.get(meter_type, 0)

    @api.constrains('registers', 'company_id')
    def _check_not_read(self):
        """ The registers of a dial are what its readings are of. """
        # sudo: whatever projects they are in.
        reading = self.env['property.meter.reading'].sudo().search(
            [('meter_id.type_id', 'in', self.ids)], limit=1)
        wrong = reading.meter_id.type_id
        if wrong and (reading.register not in wrong._get_registers()
                      or reading.company_id != wrong.company_id):
            raise ValidationError(self.env._(
                "%(type)s: meters of this type have been read. Make another type instead.",
                type=wrong.name))

    @api.constrains('registers')
    def _check_priced(self):
        # sudo: whatever projects the meters are in.
        self.env['property.fee.assignment'].sudo().search(
            [('meter_id.type_id', 'in', self.ids)])._check_registers()

    @api.constrains('fee_id')
    def _check_assigned(self):
        """ What its meters are charged by now stays of this fee. """
        Assignment = self.env['property.fee.assignment'].sudo()  # as in `_check_priced`
        Assignment.search(
            Assignment._get_live_domain() & Domain('meter_id.type_id', 'in', self.ids),
        )._check_meter_id()

    def action_view_meters(self):
        action = self.env['ir.actions.act_window']._for_xml_id(
            'property_billing.property_meter_action')
        return {**action, 'context': {'search_default_type_id': self.id}}

    def _get_registers(self):
        self.ensure_one()
        return REGISTERS[self.registers]

    @api.model
    def _create_seeds(self, company):
        """ Give a company the meter types of the trade that it lacks; what it has stays as it is.
        """
        if company.parent_id:
            return
        Type = self.sudo().with_context(**QUIET_CONTEXT, active_test=False)
        lang = self.env['property.fee']._get_seed_lang(company)
        names = set(Type.search([('company_id', '=', company.id)]).mapped('name'))
        prefix = f'{company.id}_meter_type_'
        known = set(self.env['ir.model.data'].sudo().search([
            ('module', '=', 'property_billing'), ('model', '=', self._name),
            ('name', '=like', prefix.replace('_', r'\_') + '%')]).mapped('name'))
        missing = [
            seed for seed in SEEDS
            if prefix + seed.key not in known and seed.name._translate(lang) not in names]
        types = Type.create([
            {
                'name': seed.name._translate(lang),
                'sequence': 10 * (SEEDS.index(seed) + 1),
                'company_id': company.id,
                'unit_name': seed.unit_name,
                'registers': seed.registers,
                'decimals': seed.decimals,
                'fee_id': self.env['ir.model.data']._xmlid_to_res_id(
                    f'property_billing.{company.id}_fee_{seed.fee}'),
            }
            for seed in missing])
        self.env['ir.model.data'].sudo()._update_xmlids([
            {'xml_id': f'property_billing.{prefix}{seed.key}', 'record': meter_type,
             'noupdate': True}
            for seed, meter_type in zip(missing, types, strict=True)])


class PropertyFee(models.Model):
    _inherit = 'property.fee'

    @api.model
    def _create_seeds(self, company):
        """ The meters of the trade come with the fees that they are read for. """
        super()._create_seeds(company)
        self.env['property.meter.type']._create_seeds(company)
