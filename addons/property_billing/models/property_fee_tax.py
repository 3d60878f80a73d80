from odoo import api, fields, models
from odoo.exceptions import ValidationError


class PropertyFeeTax(models.Model):
    """ The tax of a fee from a day to a day, both inclusive (decision 22). """
    _name = 'property.fee.tax'
    _inherit = ['property.dated.mixin']
    _description = 'Tax of a fee'
    _order = 'fee_id, date_start desc'
    _rec_name = 'tax_id'
    _check_company_auto = True
    _dated_by = 'fee_id'

    fee_id = fields.Many2one('property.fee', required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(
        related='fee_id.company_id', store=True, index=True, precompute=True,
    )
    tax_id = fields.Many2one(
        'account.tax', string="Tax", required=True, check_company=True,
        ondelete='cascade',  # another chart for a company takes the former one's taxes with it
        domain=[('type_tax_use', '=', 'sale')],
    )
    date_start = fields.Date(string="From", help="Empty: since ever.")
    date_end = fields.Date(string="To", help="Empty: until further notice.")

    _dates_ordered = models.Constraint(
        'CHECK (date_end IS NULL OR date_start IS NULL OR date_end >= date_start)',
        "A tax cannot end before it starts.",
    )
    _no_overlap = models.Constraint(
        "EXCLUDE USING gist (fee_id WITH =, daterange(date_start, date_end, '[]') WITH &&)",
        "This fee has a tax for some of these days already. End that one first.",
    )

    @api.constrains('tax_id', 'fee_id')
    def _check_tax_id(self):
        for line in self:
            fee, tax = line.fee_id, line.tax_id
            if fee.nature != 'income':
                raise ValidationError(self.env._(
                    "%(fee)s is money of others, so it carries no tax. Leave the tax empty.",
                    fee=fee.name))
            if fee._is_on_top(tax):
                raise ValidationError(self.env._(
                    "%(fee)s: tax %(tax)s comes on top of the price. Choose a tax that is included "
                    "in the price, since a charge's amount is what the owner pays.",
                    fee=fee.name, tax=tax.display_name))

    @api.model_create_multi
    def create(self, vals_list):
        """ A new tax ends the one that has no end yet, as a new price does. """
        self._end_former({
            vals['fee_id']: fields.Date.to_date(vals['date_start'])
            for vals in vals_list if vals.get('fee_id') and vals.get('date_start')})
        return super().create(vals_list)
