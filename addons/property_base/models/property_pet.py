from odoo import fields, models


class PropertyPet(models.Model):
    """ A pet of a resident. """
    _name = 'property.pet'
    _description = 'Pet'
    _inherit = ['property.unit.mixin']
    _order = 'unit_id, id'
    _rec_name = 'breed'

    partner_id = fields.Many2one('res.partner', string="Keeper", index='btree_not_null')
    kind = fields.Selection(
        [('dog', "Dog"), ('cat', "Cat"), ('other', "Other")], required=True, default='dog',
    )
    breed = fields.Char(required=True)
    quantity = fields.Integer(default=1)
    height = fields.Float(string="Height (cm)", digits=(5, 1), help="Of the shoulder or body.")
    certificate_number = fields.Char(string="Certificate number")
    active = fields.Boolean(default=True)

    _quantity_positive = models.Constraint(
        'CHECK (quantity > 0 AND height >= 0)',
        "The quantity of a pet is at least 1, and its height is not negative.",
    )
