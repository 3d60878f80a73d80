from odoo import api, fields, models
from odoo.fields import Command

from ..models.property_handover import get_last_day
from ..models.property_handover_line import DECISIONS


class PropertyHandoverWizard(models.AbstractModel):
    """ What check-in, transfer and move-out ask alike.

    What they propose is computed with the user's rights: an onchange answers before any rule or
    constraint is asked.
    """
    _name = 'property.handover.wizard'
    _description = 'Change of customers'

    unit_id = fields.Many2one('property.unit', required=True)
    project_id = fields.Many2one(related='unit_id.project_id')
    company_id = fields.Many2one(related='unit_id.company_id')
    date = fields.Date(required=True, default=fields.Date.context_today)
    note = fields.Text(string="Remarks")

    @api.constrains('unit_id')
    def _check_unit_id(self):
        """ Related fields are read in sudo mode: they would tell of a unit that is not his. """
        self.unit_id.sudo(False).check_access('read')  # constraints run in sudo mode, too

    def _open_handover(self, handover):
        return {
            'name': handover.display_name,
            'type': 'ir.actions.act_window',
            'res_model': 'property.handover',
            'res_id': handover.id,
            'views': [(False, 'form')],
        }


class PropertyMattersWizard(models.AbstractModel):
    """ What transfer and move-out ask alike: a decision on each open matter. """
    _name = 'property.matters.wizard'
    _description = 'Change of customers with open matters'
    _inherit = ['property.handover.wizard']

    # The kind of hand-over, and the field with the occupancies that it ends.
    _handover_kind = None
    _leaving_field = None

    signature = fields.Image(string="Customer's signature", max_width=1024, max_height=1024)

    @api.depends(lambda self: [self._leaving_field, 'date'])
    def _compute_matter_ids(self):
        for wizard in self:
            wizard.matter_ids = wizard._prepare_matter_commands()

    def _get_leaving(self):
        """ The occupancies that end, and their last day; none while that is not known. """
        occupancies = self[self._leaving_field]._origin
        if not occupancies or not self.date:
            return occupancies.browse(), None
        occupancies.check_access('read')
        return occupancies, get_last_day(self._handover_kind, self.date)

    def _prepare_matter_commands(self):
        """ The open matters of who leaves, as lines of the wizard. """
        occupancies, last_day = self._get_leaving()
        commands = [Command.clear()]
        for matter in occupancies and occupancies._get_open_matters(last_day):
            decisions = [
                decision for decision in matter['decisions']
                if self._handover_kind == 'transfer' or decision != 'hand_over']
            commands.append(Command.create({
                'kind': matter['kind'], 'res_id': matter['res_id'], 'name': matter['label'],
                'amount': matter['amount'], 'decisions': ','.join(decisions),
                'decision': decisions[0],
            }))
        return commands


class PropertyOpenMatter(models.TransientModel):
    """ An open matter of who leaves, in the wizard. Only the decision is taken from it. """
    _name = 'property.open.matter'
    _description = 'Open matter'

    transfer_id = fields.Many2one('property.transfer', ondelete='cascade')
    move_out_id = fields.Many2one('property.move.out', ondelete='cascade')
    kind = fields.Char(required=True)
    res_id = fields.Integer(string="Record", required=True)
    name = fields.Char(string="Matter", required=True)
    currency_id = fields.Many2one('res.currency', compute='_compute_currency_id')
    amount = fields.Monetary()
    decisions = fields.Char(required=True)
    decision = fields.Selection(DECISIONS, required=True)

    @api.depends('transfer_id.company_id', 'move_out_id.company_id')
    def _compute_currency_id(self):
        for matter in self:
            wizard = matter.transfer_id or matter.move_out_id
            matter.currency_id = wizard.company_id.currency_id
