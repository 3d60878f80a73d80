from odoo import fields, models


class PropertyDictionaryItem(models.Model):
    """ A word of one of the dictionaries that a company fills for itself. """
    _name = 'property.dictionary.item'
    _description = 'Dictionary item'
    _inherit = ['property.guard.mixin']
    _order = 'dictionary, sequence, name'

    dictionary = fields.Selection(
        [('property_type', "Property type"), ('layout', "Layout"), ('orientation', "Orientation"),
         ('structure', "Structure"), ('use', "Use"), ('ownership', "Ownership type")],
        required=True, index=True,
    )
    name = fields.Char(required=True, translate=True)
    code = fields.Char(help="Workbooks may name the item by this code.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    _code_uniq = models.UniqueIndex(
        '(dictionary, code) WHERE code IS NOT NULL',
        "This dictionary has an item with this code already.",
    )
