from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.metering import get_steps


class PropertyMeterDecide(models.TransientModel):
    """ What becomes of a reading that waits: the decisions that ask for a second look. """
    _name = 'property.meter.decide'
    _description = 'Decide about a reading'

    reading_id = fields.Many2one('property.meter.reading', required=True, ondelete='cascade')
    reason_detail = fields.Char(string="Detail", compute='_compute_use', compute_sudo=False)
    photo = fields.Image(related='reading_id.photo', related_sudo=False)
    decision = fields.Selection(
        [('rollover', "The dial went over zero"), ('true_up', "Make the estimates good"),
         ('refuse', "Refuse the reading"), ('replace', "Correct the reading")],
        required=True, readonly=True,
    )
    use = fields.Float(
        string="Consumption then", digits=(16, 3), compute='_compute_use', compute_sudo=False)
    is_large = fields.Boolean(compute='_compute_use', compute_sudo=False)
    is_sure = fields.Boolean(string="I have looked: it did go over zero")
    # As it is typed: what is no number is told by the meter's dial.
    value = fields.Char(string="It was")
    note = fields.Char(string="Why", help="The resident reads it, if it was he who sent it.")

    @api.depends('reading_id', 'decision')
    def _compute_use(self):
        """ What a dial that went over zero counted; over half of it is hardly ever true. """
        for wizard in self:
            reading = wizard.reading_id
            reading.check_access('read')  # an onchange answers before any rule is asked
            before = reading.meter_id._get_last_readings(reading.date).get(
                reading.meter_id.id, {}).get(reading.register)
            wizard.reason_detail = reading.reason_detail
            wizard.use = wizard.is_large = False
            if before and wizard.decision == 'rollover':
                new = reading._get_reading()._replace(rollovers=1)
                [step] = get_steps([before, new])
                wizard.use = step.use
                wizard.is_large = step.use > new.multiplier * 10 ** new.digits / 2

    def action_confirm(self):
        self.ensure_one()
        reading, action = self.reading_id, None
        if self.decision != 'rollover' and not (self.note or '').strip():
            raise UserError(self.env._("Say why."))
        if self.decision == 'replace':
            action = reading._replace(self.value or '', self.note)
        else:
            reading._check_decider('queued')
        if self.decision == 'refuse':
            reading._refuse(self.note)
        elif self.decision == 'true_up':
            action = reading._true_up(self.note)
        elif self.decision == 'rollover':
            if self.is_large and not self.is_sure:
                raise UserError(self.env._(
                    "That would be more than half of what the dial can show. Tick that you have "
                    "looked, or refuse the reading."))
            reading._roll_over(self.note)
        return action or {'type': 'ir.actions.act_window_close'}
