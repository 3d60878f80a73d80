from odoo import api, models


class PropertyAttachmentMixin(models.AbstractModel):
    """ Who may see a record may see its documents.

    What is attached to a form before it is saved is of no record yet, and then nobody but who
    attached it could read it.
    """
    _name = 'property.attachment.mixin'
    _description = 'Record with documents'
    _attachment_field = 'attachment_ids'

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records._adopt_attachments()
        return records

    def write(self, vals):
        result = super().write(vals)
        if self._attachment_field in vals:
            self._adopt_attachments()
        return result

    def _adopt_attachments(self):
        for record in self:
            # sudo: the user's own, which he has just attached to a record that he may change.
            record.sudo()[self._attachment_field].filtered(
                lambda attachment: not attachment.res_id and attachment.create_uid == self.env.user
            ).write({'res_model': self._name, 'res_id': record.id})
