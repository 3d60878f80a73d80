from odoo import fields, models


class PropertyNotificationPreference(models.Model):
    """ The channels that a person chose for a category. Without one, the category's count. """
    _name = 'property.notification.preference'
    _description = 'Message preference'
    _inherit = ['property.channel.mixin']
    _rec_name = 'partner_id'

    partner_id = fields.Many2one('res.partner', required=True, index=True, ondelete='cascade')
    category_id = fields.Many2one(
        'property.notification.category', required=True, ondelete='cascade')

    _one_choice = models.UniqueIndex(
        '(partner_id, category_id)', "This person has chosen for this category already.",
    )
