from odoo import fields, models


class PropertyIdentityLog(models.Model):
    """ Who looked at whose full identity number, when and why; and when one was erased. """
    _name = 'property.identity.log'
    _description = 'Log of identity numbers'
    _order = 'id desc'
    _rec_name = 'partner_id'

    create_date = fields.Datetime(string="When")
    create_uid = fields.Many2one('res.users', string="Who")
    partner_id = fields.Many2one(
        'res.partner', string="Whose", index='btree_not_null', ondelete='set null',
    )
    kind = fields.Selection(
        [('look', "Looked at"), ('export', "Exported"), ('erase', "Erased")], string="What",
        required=True,
    )
    reason = fields.Char(string="Why")
