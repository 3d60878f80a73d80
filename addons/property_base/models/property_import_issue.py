from odoo import fields, models


class PropertyImportIssue(models.Model):
    """ Something wrong, or worth knowing, about one place of a workbook. """
    _name = 'property.import.issue'
    _description = 'Import issue'
    _order = 'import_id, sequence, id'

    import_id = fields.Many2one('property.import', required=True, index=True, ondelete='cascade')
    severity = fields.Selection(
        [('error', "Error"), ('warning', "Warning"), ('info', "Note")], required=True,
    )
    sequence = fields.Integer(help="The gravest first, then as they stand in the file.")
    sheet = fields.Char()
    row = fields.Integer(aggregator=None)
    column = fields.Char()
    cell = fields.Char()
    message = fields.Char()
