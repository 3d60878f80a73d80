from odoo import fields, models
from odoo.exceptions import UserError


class PropertyCardScan(models.TransientModel):
    """ A resident shows the QR code of his owner card: by camera, hand scanner or pasted. """
    _name = 'property.card.scan'
    _description = 'Scan an owner card'

    code = fields.Char(string="What was scanned")

    def action_open(self):
        """ The card behind the code, as far as the user's rights go. """
        self.ensure_one()
        if not self.code:
            raise UserError(self.env._("Scan the QR code on the person's phone, or paste it."))
        partner = self.env['res.users']._open_card(self.code)
        self.code = False  # it is good for minutes only, and is kept nowhere
        return partner._get_property_customer_action()
