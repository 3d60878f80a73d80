from odoo import fields, models


class PropertyTariffVersion(models.Model):
    """ The price of a tariff from a day to a day, both inclusive. """
    _name = 'property.tariff.version'
    _description = 'Tariff version'
    _order = 'tariff_id, date_start desc'

    tariff_id = fields.Many2one('property.tariff', required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(
        related='tariff_id.company_id', store=True, index=True, precompute=True,
    )
    date_start = fields.Date(string="From", required=True)
    date_end = fields.Date(string="To")
    price = fields.Float(
        required=True, digits=(16, 6), help="Per month and per m², piece or household.",
    )
    surcharge = fields.Float(digits=(16, 6), help="Added per month, whatever the quantity.")

    _dates_ordered = models.Constraint(
        'CHECK (date_end IS NULL OR date_end >= date_start)',
        "A price cannot end before it starts.",
    )
    _positive = models.Constraint(
        'CHECK (price >= 0 AND surcharge >= 0 AND price + surcharge > 0)',
        "A price is more than zero. To charge nothing, end the assignment.",
    )
    _no_overlap = models.Constraint(
        "EXCLUDE USING gist (tariff_id WITH =, daterange(date_start, date_end, '[]') WITH &&)",
        "This tariff has a price for some of these days already. End that price first.",
    )
