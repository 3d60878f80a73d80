from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..models.property_charge_explanation import plain
from ..models.property_meter_type import REGISTER_NAMES
from ..tools.metering import FIRST, READ


class PropertyMeterRead(models.TransientModel):
    """ Enter what one meter shows, whenever somebody looks. """
    _name = 'property.meter.read'
    _description = 'Read a meter'

    meter_id = fields.Many2one('property.meter', required=True)
    unit_name = fields.Char(related='meter_id.unit_name')
    date = fields.Date(
        string="Read on", required=True, default=fields.Date.context_today,
        help="What it shows at the end of this day.",
    )
    is_first = fields.Boolean(compute='_compute_is_first')
    is_single = fields.Boolean(compute='_compute_is_first')
    # Of a meter with one register, which nearly all have.
    value = fields.Char(string="Reading")
    line_ids = fields.One2many(
        'property.meter.read.line', 'wizard_id', string="Rate periods",
        compute='_compute_line_ids', store=True, readonly=False, compute_sudo=False)
    photo = fields.Image(max_width=1600, max_height=1600)
    note = fields.Char(string="Remarks")

    @api.depends('meter_id')
    def _compute_is_first(self):
        for wizard in self:
            wizard.is_first = not wizard.meter_id._get_last_readings()
            wizard.is_single = wizard.meter_id.type_id.registers == 'single'

    @api.depends('meter_id')
    def _compute_line_ids(self):
        for wizard in self:
            # An onchange answers before any rule is asked.
            wizard.meter_id.check_access('read')
            last = wizard.meter_id._get_last_readings().get(wizard.meter_id.id, {})
            wizard.line_ids = [Command.clear(), *(
                Command.create({
                    'register': register,
                    'previous': plain(last[register].value) if register in last else False,
                    'previous_day': last[register].day if register in last else False,
                })
                for register in (wizard.meter_id and wizard.meter_id.type_id._get_registers()))]

    def action_save(self):
        self.ensure_one()
        faults, readings = self.env['property.meter.reading']._enter(
            [{
                'meter_id': self.meter_id.id, 'register': line.register, 'date': self.date,
                'value': (self.value if self.is_single else line.value) or '',
                'kind': FIRST if self.is_first else READ,
                'note': self.note, 'photo': self.photo,
            } for line in self.line_ids])
        if faults:
            raise UserError('\n'.join(fault['message'] for fault in faults))
        if waiting := readings.filtered(lambda reading: reading.state == 'queued'):
            return {
                'type': 'ir.actions.client',
                'tag': 'display_notification',
                'params': {
                    'type': 'warning',
                    'message': self.env._(
                        "Saved, and to be checked: %(details)s",
                        details=' '.join(waiting.mapped('reason_detail'))),
                    'next': {'type': 'ir.actions.act_window_close'},
                },
            }
        return {'type': 'ir.actions.act_window_close'}


class PropertyMeterReadLine(models.TransientModel):
    """ A register of the meter, with what it showed before. """
    _name = 'property.meter.read.line'
    _description = 'Register to read'

    wizard_id = fields.Many2one('property.meter.read', required=True, ondelete='cascade')
    register = fields.Selection(REGISTER_NAMES, string="Rate period", required=True)
    previous = fields.Char(string="Reading before")
    previous_day = fields.Date(string="Read before")
    # As it is typed: what is no number is told by the meter's dial.
    value = fields.Char(string="Reading")
