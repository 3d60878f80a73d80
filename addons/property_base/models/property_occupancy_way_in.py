from datetime import timedelta

from odoo import fields, models
from odoo.fields import Domain

from .property_home_request import HOUSEHOLD_ROLES


class PropertyOccupancy(models.Model):
    """ What an owner or tenant decides on the portal about who lives with him. """
    _inherit = 'property.occupancy'

    home_request_ids = fields.One2many(
        'property.home.request', 'occupancy_id', string="Home requests", groups='base.group_user')

    def _get_family_sudo(self):
        """ Who lives with this owner or tenant, whom the rules on partners would hide from him:
        of an owner's unit everybody without a right of his own; of a tenant whom he invited.

        :return: live occupancies, as superuser
        """
        occupancy_sudo = self.sudo()
        domain = self._get_live_domain() & Domain('unit_id', '=', occupancy_sudo.unit_id.id) \
            & Domain('role', 'in', HOUSEHOLD_ROLES) \
            & Domain('partner_id', '!=', occupancy_sudo.partner_id.id)
        if 'owner' not in occupancy_sudo.mapped('role'):
            domain &= Domain('home_request_ids.invitation_id.partner_id', 'in',
                             occupancy_sudo.partner_id.ids)
        return occupancy_sudo.search(domain, order='date_start, id')

    def _close_family_codes(self):
        """ Who was taken off a family may have kept its QR code; the home needs a new one. """
        # sudo: nobody writes codes.
        self.env['property.invitation'].sudo().search([
            ('kind', '=', 'family'), ('unit_id', 'in', self.unit_id.ids),
            ('date_end', '>', fields.Datetime.now()),
        ])._close()

    def _leave(self):
        """ From now on they do not live here; whoever began today never did. """
        today = fields.Date.context_today(self)
        begun_today = self.filtered(lambda occupancy: occupancy.date_start >= today)
        begun_today.state = 'refused'
        (self - begun_today).date_end = today - timedelta(days=1)
