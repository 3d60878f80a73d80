""" What texts about units, residents and contacts may name. """
from odoo import api, models


class PropertyUnit(models.Model):
    _name = 'property.unit'
    _inherit = ['property.unit', 'property.template.mixin']

    @api.model
    def _get_template_variables(self):
        return {
            **super()._get_template_variables(),
            'owner': (self.env._("owner's name"), lambda unit: ', '.join(
                unit.owner_ids.mapped('name'))),
            'tenant': (self.env._("tenant's name"), lambda unit: ', '.join(
                unit.tenant_ids.mapped('name'))),
            'unit': (self.env._("unit"), lambda unit: unit.complete_name),
            'building': (self.env._("building"), lambda unit: unit.building_id.name),
            'project': (self.env._("project"), lambda unit: unit.project_id.name),
            'office_phone': (self.env._("office phone"), lambda unit: unit.project_id.phone),
        }


class PropertyOccupancy(models.Model):
    _name = 'property.occupancy'
    _inherit = ['property.occupancy', 'property.template.mixin']

    @api.model
    def _get_template_kind(self):
        return self.env._("Resident")

    @api.model
    def _get_template_variables(self):
        return {
            **self._get_template_variables_of('unit_id'),
            'resident': (
                self.env._("resident's name"), lambda occupancy: occupancy.partner_id.name),
        }


class PropertyResidentChange(models.Model):
    _name = 'property.resident.change'
    _inherit = ['property.resident.change', 'property.template.mixin']

    @api.model
    def _get_template_variables(self):
        return self._get_template_variables_of('occupancy_id')


class ResPartner(models.Model):
    _name = 'res.partner'
    _inherit = ['res.partner', 'property.template.mixin']

    @api.model
    def _get_template_variables(self):
        return {
            **super()._get_template_variables(),
            'resident': (self.env._("resident's name"), lambda partner: partner.name),
        }
