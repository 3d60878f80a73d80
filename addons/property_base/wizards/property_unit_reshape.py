from odoo import api, fields, models
from odoo.exceptions import UserError


class PropertyUnitReshape(models.TransientModel):
    """ Proposes what one unit is split into, or what several are merged to (A16). """
    _name = 'property.unit.reshape'
    _description = 'Split or merge units'

    unit_ids = fields.Many2many('property.unit', string="Units", required=True, readonly=True)
    is_merge = fields.Boolean(compute='_compute_areas')
    date = fields.Date(
        string="From", required=True, default=fields.Date.context_today,
        help="The first day of the new units. Who lives there and what they pay go over to them.",
    )
    line_ids = fields.One2many(
        'property.unit.reshape.line', 'wizard_id', string="New units",
        compute='_compute_line_ids', store=True, readonly=False, precompute=True,
        compute_sudo=False,
    )
    old_area = fields.Float(string="Area before (m²)", compute='_compute_areas', digits=(16, 2))
    new_area = fields.Float(string="Area after (m²)", compute='_compute_areas', digits=(16, 2))
    has_difference = fields.Boolean(compute='_compute_areas')
    matters = fields.Text(string="Open matters", compute='_compute_matters', compute_sudo=False)

    @api.depends('unit_ids')
    def _compute_line_ids(self):
        for wizard in self:
            units = wizard.unit_ids
            units.check_access('read')  # an onchange computes before any rule is asked
            if len(units) > 1:
                lines = [{
                    'name': '-'.join(units.mapped('name')),
                    'building_area': sum(units.mapped('building_area')),
                    'usable_area': sum(units.mapped('usable_area')),
                }]
            else:
                lines = units._prepare_halves()
            wizard.line_ids = [fields.Command.clear(), *map(fields.Command.create, lines)]

    @api.depends('unit_ids', 'line_ids.building_area')
    def _compute_areas(self):
        for wizard in self:
            wizard.is_merge = len(wizard.unit_ids) > 1
            wizard.old_area = sum(wizard.unit_ids.mapped('building_area'))
            wizard.new_area = sum(wizard.line_ids.mapped('building_area'))
            wizard.has_difference = abs(wizard.old_area - wizard.new_area) >= 0.005

    @api.depends('unit_ids', 'date')
    def _compute_matters(self):
        for wizard in self:
            wizard.unit_ids.check_access('read')  # as above
            wizard.matters = '\n'.join(
                wizard.unit_ids._origin._get_reshape_matters(wizard.date)
            ) if wizard.date else False

    def action_apply(self):
        self.ensure_one()
        if len(self.unit_ids) == len(self.line_ids) == 1:
            raise UserError(self.env._(
                "One unit becomes one: enter at least two new units to split it."))
        if not self.line_ids:
            raise UserError(self.env._("Enter the new unit."))
        units = self.unit_ids._reshape([{
            'name': line.name, 'building_area': line.building_area,
            'usable_area': line.usable_area,
        } for line in self.line_ids], self.date)
        return {
            'type': 'ir.actions.act_window',
            'name': self.env._("New units"),
            'res_model': 'property.unit',
            'view_mode': 'list,form',
            'domain': [('id', 'in', units.ids)],
        }


class PropertyUnitReshapeLine(models.TransientModel):
    _name = 'property.unit.reshape.line'
    _description = 'New unit of a split or merge'

    wizard_id = fields.Many2one('property.unit.reshape', required=True, ondelete='cascade')
    name = fields.Char(string="Unit number", required=True)
    building_area = fields.Float(string="Building area", digits=(16, 2))
    usable_area = fields.Float(string="Usable area", digits=(16, 2))
