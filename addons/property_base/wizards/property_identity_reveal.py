from odoo import fields, models


class PropertyIdentityReveal(models.TransientModel):
    """ Asks why, shows the number once, and keeps nothing but the log. """
    _name = 'property.identity.reveal'
    _description = 'Look at an identity number'

    resident_id = fields.Many2one('property.resident', required=True)
    reason = fields.Char(required=True)

    def action_reveal(self):
        self.ensure_one()
        return {
            'type': 'ir.actions.client',
            'tag': 'display_notification',
            'params': {
                'title': self.resident_id.partner_id.name,
                'message': self.resident_id.reveal_identity_number(self.reason),
                'sticky': True,
                'next': {'type': 'ir.actions.act_window_close'},
            },
        }
