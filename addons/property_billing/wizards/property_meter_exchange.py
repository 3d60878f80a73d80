from odoo import api, fields, models
from odoo.fields import Command

from ..models.property_charge_explanation import plain
from ..models.property_meter_type import REGISTER_NAMES


class PropertyMeterExchange(models.TransientModel):
    """ Another device hangs in the place of a meter (换表): what both showed. """
    _name = 'property.meter.exchange'
    _description = 'Exchange of a meter'

    meter_id = fields.Many2one('property.meter', required=True)
    reading_id = fields.Many2one('property.meter.reading', string="Reading that waits")
    date = fields.Date(string="Exchanged on", required=True, default=fields.Date.context_today)
    number = fields.Char(string="New number", required=True)
    multiplier = fields.Float(
        required=True, digits=(16, 4), compute='_compute_dial', store=True, readonly=False,
        compute_sudo=False)
    digits = fields.Integer(
        string="Digits of the dial", required=True, compute='_compute_dial', store=True,
        readonly=False, compute_sudo=False)
    decimals = fields.Integer(
        string="Decimals of the dial", compute='_compute_dial', store=True, readonly=False,
        compute_sudo=False)
    line_ids = fields.One2many(
        'property.meter.exchange.line', 'wizard_id', string="Rate periods",
        compute='_compute_dial', store=True, readonly=False, compute_sudo=False)
    ground = fields.Char(required=True)
    photo = fields.Image(max_width=1600, max_height=1600)

    @api.depends('meter_id')
    def _compute_dial(self):
        for wizard in self:
            meter = wizard.meter_id
            # An onchange answers before any rule is asked.
            meter.check_access('read')
            last = meter._get_last_readings().get(meter.id, {})
            wizard.multiplier = meter.multiplier
            wizard.digits = meter.digits
            wizard.decimals = meter.decimals
            wizard.line_ids = [Command.clear(), *(
                Command.create({
                    'register': register, 'after': '0',
                    'previous': plain(last[register].value) if register in last else False,
                })
                for register in (meter and meter.type_id._get_registers()))]

    def action_exchange(self):
        self.ensure_one()
        self.meter_id._exchange(
            self.date, {line.register: line.before for line in self.line_ids}, self.number,
            {line.register: line.after for line in self.line_ids}, self.multiplier, self.digits,
            self.decimals, self.ground, self.photo, self.reading_id)
        return {'type': 'ir.actions.act_window_close'}


class PropertyMeterExchangeLine(models.TransientModel):
    """ What a register of the old and of the new device showed. """
    _name = 'property.meter.exchange.line'
    _description = 'Register of an exchange'

    wizard_id = fields.Many2one('property.meter.exchange', required=True, ondelete='cascade')
    register = fields.Selection(REGISTER_NAMES, string="Rate period", required=True)
    previous = fields.Char(string="Reading before")
    before = fields.Char(string="Old meter, last")
    after = fields.Char(string="New meter, first")
