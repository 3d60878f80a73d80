from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class PropertyFeeAssign(models.TransientModel):
    """ Give one tariff to many units at once (A09, B11). """
    _name = 'property.fee.assign'
    _description = 'Assign a tariff to units'

    unit_ids = fields.Many2many('property.unit', string="Units", required=True)
    tariff_id = fields.Many2one('property.tariff', required=True)
    date_start = fields.Date(
        string="From", required=True,
        default=lambda self: fields.Date.start_of(fields.Date.context_today(self), 'month'),
    )
    date_end = fields.Date(string="To")
    unit_count = fields.Integer(compute='_compute_counts')
    skipped_unit_ids = fields.Many2many('property.unit', compute='_compute_counts')

    @api.model
    def default_get(self, fields):
        """ Override of `base`: the units that are selected in the list. """
        values = super().default_get(fields)
        if 'unit_ids' in fields and self.env.context.get('active_model') == 'property.unit':
            values['unit_ids'] = [Command.set(self.env.context.get('active_ids', []))]
        return values

    @api.depends('unit_ids', 'tariff_id', 'date_start', 'date_end')
    def _compute_counts(self):
        """ Units that have the tariff in that time already are left as they are. """
        for wizard in self:
            wizard.skipped_unit_ids = wizard._get_assigned().unit_id
            wizard.unit_count = len(wizard.unit_ids - wizard.skipped_unit_ids)

    def _get_assigned(self):
        domain = [
            ('unit_id', 'in', self.unit_ids.ids), ('tariff_id', '=', self.tariff_id.id),
            ('partner_id', '=', False),
            '|', ('date_end', '=', False), ('date_end', '>=', self.date_start),
        ]
        if self.date_end:
            domain.append(('date_start', '<=', self.date_end))
        return self.env['property.fee.assignment'].search(domain)

    def action_assign(self):
        self.ensure_one()
        units = self.unit_ids - self._get_assigned().unit_id
        if not units:
            raise UserError(self.env._(
                "All of these units have %(tariff)s in that time already.",
                tariff=self.tariff_id.display_name))
        assignments = self.env['property.fee.assignment'].create([
            {'unit_id': unit.id, 'tariff_id': self.tariff_id.id,
             'date_start': self.date_start, 'date_end': self.date_end}
            for unit in units
        ])
        return {
            'name': self.env._("Fee assignments"),
            'type': 'ir.actions.act_window',
            'res_model': 'property.fee.assignment',
            'view_mode': 'list,form',
            'domain': [('id', 'in', assignments.ids)],
        }
