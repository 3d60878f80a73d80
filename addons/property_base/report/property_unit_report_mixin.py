from odoo import fields, models


class PropertyUnitReportMixin(models.AbstractModel):
    """ A query with one line per unit, which opens that. """
    _name = 'property.unit.report.mixin'
    _description = 'Line of a unit'
    _inherit = ['property.scope.mixin']
    _rec_name = 'unit_id'
    _order = 'project_id, building_id, unit_id'

    unit_id = fields.Many2one('property.unit', string="Unit", readonly=True)
    project_id = fields.Many2one('property.project', string="Project", readonly=True)
    building_id = fields.Many2one('property.building', string="Building", readonly=True)
    company_id = fields.Many2one('res.company', string="Company", readonly=True)
    floor = fields.Char(readonly=True)

    def action_open_unit(self):
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'res_model': 'property.unit',
            'res_id': self.unit_id.id,
            'views': [(False, 'form')],
        }
