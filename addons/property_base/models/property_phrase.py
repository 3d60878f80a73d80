from odoo import fields, models


class PropertyPhrase(models.Model):
    """ Words that are used again and again: everybody's, or a user's own. """
    _name = 'property.phrase'
    _description = 'Common phrase'
    _order = 'sequence, id'

    name = fields.Char(string="Phrase", required=True, translate=True)
    sequence = fields.Integer(default=10)
    user_id = fields.Many2one(
        'res.users', string="Of", index=True, ondelete='cascade',
        default=lambda self: self.env.user, help="Empty: for everybody.",
    )
    active = fields.Boolean(default=True)
