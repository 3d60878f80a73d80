from odoo import api, fields, models

# What can become of an open matter when a customer leaves.
DECISIONS = [
    ('keep', "Stays with the former customer"),
    ('settle', "Settled now"),
    ('refund', "Refunded now"),
    ('hand_over', "Passes to the new customer"),
    ('end', "Ends"),
    ('pass_on', "Goes on, the next payer pays"),
    ('return', "Returned"),
    ('lost', "Lost"),
]


class PropertyHandoverItem(models.Model):
    """ What is looked at when a unit is handed over; each hand-over copies the list. """
    _name = 'property.handover.item'
    _description = 'Hand-over checklist item'
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True)
    kind = fields.Selection(
        [('check', "Inspection"), ('meter', "Meter reading")], required=True, default='check',
    )
    project_kind = fields.Selection(
        selection=lambda self: self.env['property.project']._fields[
            'kind']._description_selection(self.env),
        string="Only in", help="Empty: in projects of every kind.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)


class PropertyHandoverDetail(models.AbstractModel):
    """ What belongs to a hand-over, and is seen where it is. """
    _name = 'property.handover.detail'
    _description = 'Detail of a hand-over'
    _inherit = ['property.project.mixin']

    handover_id = fields.Many2one(
        'property.handover', string="Hand-over", required=True, index=True, ondelete='cascade',
    )
    project_id = fields.Many2one(
        related='handover_id.project_id', store=True, index=True, precompute=True, required=False,
    )
    building_id = fields.Many2one(
        related='handover_id.building_id', store=True, index=True, precompute=True,
    )


class PropertyHandoverLine(models.Model):
    """ One item of a hand-over's checklist with what was found. """
    _name = 'property.handover.line'
    _description = 'Hand-over checklist line'
    _inherit = ['property.handover.detail']
    _order = 'kind, id'

    name = fields.Char(string="Item", required=True)
    kind = fields.Selection(
        [('check', "Inspection"), ('meter', "Meter reading")], required=True, default='check',
    )
    result = fields.Selection(
        [('ok', "In order"), ('defect', "Defect"), ('none', "Not applicable")],
        compute='_compute_result', store=True, readonly=False,
    )
    reading = fields.Float(digits=(16, 3))
    note = fields.Char(string="Remarks")

    # === COMPUTE METHODS === #

    @api.depends('reading')
    def _compute_result(self):
        """ A meter that was read is in order, unless somebody says otherwise. """
        for line in self:
            line.result = line.result or (line.reading and 'ok')

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.handover_id._check_open()
        return lines

    def write(self, vals):
        self.handover_id._check_open()
        result = super().write(vals)
        self.handover_id._check_open()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_completed(self):
        self.handover_id._check_open()

    # === ACTION METHODS === #

    def action_ok(self):
        self.result = 'ok'

    def action_defect(self):
        self.result = 'defect'

    def action_none(self):
        self.result = 'none'


class PropertyHandoverMatter(models.Model):
    """ An open matter of a customer who left, and what was decided about it. """
    _name = 'property.handover.matter'
    _description = 'Decision on an open matter'
    _inherit = ['property.handover.detail']
    _order = 'id'

    name = fields.Char(string="Matter", required=True)
    currency_id = fields.Many2one(related='company_id.currency_id')
    amount = fields.Monetary()
    decision = fields.Selection(DECISIONS, required=True)
