from odoo import api, fields, models

from .property_channel_mixin import CHANNELS


class PropertyNotificationMixin(models.AbstractModel):
    """ What a person submits, choosing whether and how he is told of its progress.

    The form on the portal calls the template `property_base.portal_progress_choice` with the
    values of `_prepare_progress_choice()`, and creates the record with `_read_progress_choice()`.
    """
    _name = 'property.notification.mixin'
    _description = 'Submission whose progress is told'
    _inherit = ['property.channel.mixin']

    tells_progress = fields.Boolean(
        string="Tell me of progress", default=True,
        help="The person who submitted this is told each step, on the channels ticked here.",
    )

    @api.model
    def _prepare_progress_choice(self, partner):
        """ The channels that the form offers to the person, ticked as he usually wants them.

        :return: (channel, label, is ticked) of each channel that can reach him
        :rtype: list[tuple[str, str, bool]]
        """
        category = self.env['property.notification.category']._get('progress')
        reach = category._get_reach(partner)[partner.id]
        wanted = category._get_wanted(partner)[partner.id]
        return [
            (channel, self._fields[f'by_{channel}']._description_string(self.env),
             channel in wanted)
            for channel in CHANNELS if reach[channel]]

    @api.model
    def _read_progress_choice(self, post):
        """ What the form sent, as values of the record.

        :param dict post: the parameters of the request
        :rtype: dict
        """
        return {
            'tells_progress': bool(post.get('tells_progress')),
            **{f'by_{channel}': bool(post.get(f'by_{channel}')) for channel in CHANNELS},
        }

    def _get_progress_partner(self):
        """ Who is told. """
        return self.partner_id

    def _notify_progress(self, subject=None, body=None, template=None, url=None):
        """ Tell the person a step, the way he chose; nothing if he does not want to know. """
        for record in self.filtered('tells_progress'):
            self.env['property.notification']._notify(
                record._get_progress_partner(), 'progress', template=template, record=record,
                subject=subject, body=body, url=url, channels=record._get_channels())
