from odoo import fields, models

# The ways out, beside the inbox on the portal, where every message is. The names of fields below.
CHANNELS = ('email', 'sms', 'wechat', 'push')


class PropertyChannelMixin(models.AbstractModel):
    """ A choice of channels: of a category, of a person, or on one submission. """
    _name = 'property.channel.mixin'
    _description = 'Choice of channels'

    by_email = fields.Boolean(string="E-mail")
    by_sms = fields.Boolean(string="SMS")
    by_wechat = fields.Boolean(string="WeChat")
    by_push = fields.Boolean(string="Browser")

    def _get_channels(self):
        """ The chosen ones.

        :rtype: list[str]
        """
        self.ensure_one()
        return [channel for channel in CHANNELS if self[f'by_{channel}']]
