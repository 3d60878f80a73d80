from odoo import api, fields, models


class PropertyLeasePartMixin(models.AbstractModel):
    """ What a lease says beside its lines: it changes only while the lease is a draft. """
    _name = 'property.lease.part.mixin'
    _description = 'Part of a lease'
    _inherit = ['property.project.mixin']

    lease_id = fields.Many2one('property.lease', required=True, index=True, ondelete='cascade')
    project_id = fields.Many2one(
        related='lease_id.project_id', store=True, index=True, precompute=True, required=False,
    )
    building_id = fields.Many2one(related='lease_id.building_id', store=True, index=True)

    @api.model_create_multi
    def create(self, vals_list):
        parts = super().create(vals_list)
        parts.lease_id._change_inputs()
        return parts

    def write(self, vals):
        self.lease_id._change_inputs()
        result = super().write(vals)
        self.lease_id._change_inputs()  # it may be of another one now
        return result

    def unlink(self):
        self.lease_id._change_inputs()
        return super().unlink()
