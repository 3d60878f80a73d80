from odoo import fields, models


class PropertyResidentNumber(models.Model):
    """ The number by which the workbooks of one project name a person.

    Each project counts for itself: owner 1 of one project is not owner 1 of the next.
    """
    _name = 'property.resident.number'
    _description = 'Resident number'
    _inherit = ['property.project.mixin']
    _order = 'project_id, name'

    name = fields.Char(string="Number", required=True)
    partner_id = fields.Many2one(
        'res.partner', string="Person", required=True, index=True, ondelete='cascade',
    )

    _name_project_uniq = models.UniqueIndex(
        '(project_id, name)', "This project has a resident with this number already.",
    )
    _partner_project_uniq = models.UniqueIndex(
        '(project_id, partner_id)', "This person has a number in this project already.",
    )
