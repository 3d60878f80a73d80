from odoo import api, fields, models


class PropertyMoveOut(models.TransientModel):
    """ A customer leaves his unit (A32). """
    _name = 'property.move.out'
    _inherit = ['property.matters.wizard']
    _description = 'Move-out'
    _handover_kind = 'move_out'
    _leaving_field = 'occupancy_id'

    occupancy_id = fields.Many2one(
        'property.occupancy', string="Who leaves", required=True,
        compute='_compute_occupancy_id', store=True, readonly=False, precompute=True,
        compute_sudo=False,
        domain="[('unit_id', '=', unit_id), ('role', 'in', ('owner', 'tenant')), "
               "('end_handover_id', '=', False)]",
    )
    date = fields.Date(
        string="Settlement date",
        help="The last day. What was billed for periods that begin after it and is not paid is "
             "cancelled; what is owed for the time before stays owed.",
    )
    matter_ids = fields.One2many(
        'property.open.matter', 'move_out_id', string="Open matters",
        compute='_compute_matter_ids', store=True, readonly=False, compute_sudo=False,
    )

    @api.depends('unit_id')
    def _compute_occupancy_id(self):
        """ The tenant goes before the owner. """
        for wizard in self:
            live = wizard.unit_id.occupancy_ids.filtered(
                lambda occupancy: occupancy.is_live and not occupancy.end_handover_id)
            wizard.occupancy_id = (
                live.filtered(lambda o: o.role == 'tenant')
                or live.filtered(lambda o: o.role == 'owner'))[:1]

    def action_confirm(self):
        self.ensure_one()
        handover = self.occupancy_id._move_out(
            self.date, self.matter_ids, note=self.note, signature=self.signature)
        return self._open_handover(handover)
