from odoo import fields, models


class PropertyKeyHandOut(models.TransientModel):
    """ Keys are handed to somebody, who signs for them. """
    _name = 'property.key.hand.out'
    _description = 'Hand out keys'

    key_ids = fields.Many2many('property.key', string="Keys", required=True)
    partner_id = fields.Many2one('res.partner', string="Handed to", required=True)
    date_due = fields.Date(
        string="Due back", help="Empty: he keeps them as long as he lives there.",
    )
    signature = fields.Image(max_width=1024, max_height=1024)

    def action_confirm(self):
        self.ensure_one()
        self.key_ids._hand_out(self.partner_id, date_due=self.date_due, signature=self.signature)
        return {'type': 'ir.actions.act_window_close'}
