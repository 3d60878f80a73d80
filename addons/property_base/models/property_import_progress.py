from odoo import fields, models


class PropertyImportProgress(models.Model):
    """ How far an import is, in a table of its own.

    It is written through a second cursor while the import's transaction is open. Were it a
    column of the import, that transaction could not update its own row afterwards.
    """
    _name = 'property.import.progress'
    _description = 'Import progress'
    _log_access = False
    _rec_name = 'import_id'

    import_id = fields.Many2one('property.import', required=True, ondelete='cascade')
    percent = fields.Integer()

    _import_uniq = models.UniqueIndex('(import_id)', "An import has one progress row.")
