from odoo import api, fields, models

from ..tools.periods import ONE_DAY


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

    @api.model_create_multi
    def create(self, vals_list):
        """ A new price ends the one that has no end yet, the day before. """
        current = self.search([
            ('tariff_id', 'in', [vals.get('tariff_id') for vals in vals_list]),
            ('date_end', '=', False),
        ]).grouped('tariff_id')
        for tariff, version in current.items():
            starts = [
                start for vals in vals_list
                if vals.get('tariff_id') == tariff.id
                and (start := fields.Date.to_date(vals.get('date_start')))]
            if starts and min(starts) > version.date_start:
                version.date_end = min(starts) - ONE_DAY
        self.flush_model(['date_end'])  # before the database sees the new one
        return super().create(vals_list)
