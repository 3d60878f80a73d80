from odoo import api, fields, models


class PropertyFeeAssignment(models.Model):
    """ Which tariff a unit pays, from when to when (收费设置, B11). """
    _name = 'property.fee.assignment'
    _description = 'Fee assignment'
    _inherit = ['property.project.mixin', 'mail.thread']
    _order = 'unit_id, fee_id, date_start'
    _check_company_auto = True

    unit_id = fields.Many2one('property.unit', required=True, index=True, ondelete='restrict')
    project_id = fields.Many2one(
        related='unit_id.project_id', store=True, index=True, precompute=True, required=False,
    )
    tariff_id = fields.Many2one(
        'property.tariff', required=True, index=True, ondelete='restrict', check_company=True,
        tracking=True,
    )
    fee_id = fields.Many2one(
        related='tariff_id.fee_id', store=True, index=True, precompute=True,
    )
    partner_id = fields.Many2one(
        'res.partner', string="Customer", index='btree_not_null', tracking=True,
        help="Pays this fee. Empty: who pays is found by the fee's rule on each day.",
    )
    quantity = fields.Float(default=1.0, digits=(16, 2), tracking=True,
                            help="Pieces, for a tariff per piece.")
    date_start = fields.Date(string="From", required=True, tracking=True)
    date_end = fields.Date(string="To", tracking=True, help="The last day; empty while it goes on.")
    active = fields.Boolean(default=True)
    charge_ids = fields.One2many('property.charge', 'assignment_id', string="Charges")

    _dates_ordered = models.Constraint(
        'CHECK (date_end IS NULL OR date_end >= date_start)',
        "An assignment cannot end before it starts.",
    )
    _quantity_positive = models.Constraint(
        'CHECK (quantity > 0)', "The quantity is more than zero.",
    )
    _no_overlap = models.Constraint(
        "EXCLUDE USING gist (unit_id WITH =, tariff_id WITH =, "
        "(COALESCE(partner_id, 0)) WITH =, daterange(date_start, date_end, '[]') WITH &&) "
        "WHERE (active)",
        "This unit has this tariff in that time already.",
    )

    @api.depends('unit_id.complete_name', 'tariff_id.display_name')
    def _compute_display_name(self):
        for assignment in self:
            assignment.display_name = ' · '.join(filter(None, (
                assignment.unit_id.complete_name, assignment.tariff_id.display_name)))
