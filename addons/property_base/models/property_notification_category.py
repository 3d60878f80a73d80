from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import email_normalize, ormcache

from ..tools.phone import to_international
from .property_channel_mixin import CHANNELS


class PropertyNotificationCategory(models.Model):
    """ What a message is about, and by that who gets it how.

    A message of a category goes to the channels that the category names, or to those that the
    person has chosen for it; of a category that needs consent nothing goes to who has not given it.
    """
    _name = 'property.notification.category'
    _description = 'Message category'
    _inherit = ['property.channel.mixin']
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, readonly=True)
    description = fields.Char(
        translate=True, help="What residents read beside it where they choose their channels.")
    sequence = fields.Integer(default=10)
    is_mandatory = fields.Boolean(
        string="Cannot be switched off", readonly=True,
        help="Goes out whatever the person prefers: the safety of his own account.",
    )
    needs_consent = fields.Boolean(
        string="Needs consent", readonly=True,
        help="Goes only to persons whose consent is on record.",
    )

    _code_uniq = models.Constraint('UNIQUE (code)', "There is a category with this code already.")

    @api.ondelete(at_uninstall=False)
    def _unlink_except_known(self):
        raise UserError(self.env._(
            "Categories belong to the program. Take the ticks from its channels instead."))

    # === BUSINESS METHODS === #

    @api.model
    def _get(self, code):
        """ The category of a code, e.g. `billing`. """
        return self.browse(self._get_id(code))

    @api.model
    @ormcache('code')
    def _get_id(self, code):
        category = self.sudo().search([('code', '=', code)])
        category.ensure_one()
        return category.id

    def _get_routes(self, partners, channels=None):
        """ How messages of this category go to these people, in the company of the environment.

        :param partners: who is meant
        :param channels: what was chosen for this one message, instead of what people prefer
        :return: for each partner id the channels, each with the reason why it is withheld or
            False; and whether the message comes into his inbox
        :rtype: dict[int, tuple[dict[str, str | bool], bool]]
        """
        self.ensure_one()
        wanted = dict.fromkeys(partners.ids, channels) if channels is not None else \
            self._get_wanted(partners)
        objections = self._get_objections(partners, self._get_reach(partners))
        # Not told with each message: what the company does not have, and what few people have.
        # That somebody has no mobile number is worth a line.
        unsaid = {(channel, 'not_set_up') for channel in CHANNELS} \
            | {(channel, 'no_address') for channel in CHANNELS if channel != 'sms'}
        routes = {}
        for partner_id in partners.ids:
            route = {}
            for channel, reason in objections[partner_id].items():
                if channel in wanted[partner_id]:
                    if channels is not None or (channel, reason) not in unsaid:
                        route[channel] = reason
                elif channels is None and self[f'by_{channel}'] and not reason:
                    route[channel] = 'unwanted'
            routes[partner_id] = (route, 'no_consent' not in objections[partner_id].values())
        return routes

    def _get_objections(self, partners, reach):
        """ What speaks against each channel for each of these people, now.

        :param dict reach: their addresses, see `_get_reach`
        :return: for each partner id and channel the reason, or False
        :rtype: dict[int, dict[str, str | bool]]
        """
        consenting = set(self._get_consenting(partners).ids)
        unsubscribed = self._get_unsubscribed(reach)
        is_open = {channel: self._is_channel_open(channel) for channel in CHANNELS}
        return {
            partner_id: {
                channel:
                    'no_consent' if partner_id not in consenting else
                    'not_set_up' if not is_open[channel] else
                    'no_address' if not address else
                    'unsubscribed' if (channel, address) in unsubscribed else False
                for channel, address in reach[partner_id].items()
            }
            for partner_id in partners.ids
        }

    def _is_channel_open(self, channel):
        """ Whether the company of the environment has what the channel takes. """
        company_sudo = self.env.company.sudo()  # secrets are the administrators'
        if channel == 'sms':
            provider = company_sudo.property_sms_provider
            return bool(company_sudo.property_sms_url if provider == 'http' else provider)
        if channel == 'wechat':
            return bool(
                company_sudo.property_wechat_app_id and company_sudo.property_wechat_secret)
        return True

    @api.model
    def _get_reach(self, partners):
        """ The address of each partner on each channel, or False.

        :rtype: dict[int, dict[str, str | bool]]
        """
        # sudo: openids and devices are no user's; the caller asks for people whom he may write to.
        partners_sudo = partners.sudo()
        devices_sudo = self.env['mail.push.device'].sudo()
        pushed = {partner.id for partner, in devices_sudo._read_group(
            [('partner_id', 'in', partners.ids)], ['partner_id'])}
        phone_code = self.env.company.country_id.phone_code
        return {
            partner.id: {
                'email': email_normalize(partner.email or '') or False,
                'sms': to_international(
                    partner.phone, partner.country_id.phone_code or phone_code) or False,
                'wechat': partner.property_wechat_openid,
                'push': partner.id in pushed,
            }
            for partner in partners_sudo
        }

    def _get_wanted(self, partners):
        """ The channels that each person wants: his own choice, or that of the category.

        :rtype: dict[int, list[str]]
        """
        usual = self._get_channels()
        chosen = {}
        if not self.is_mandatory:
            # sudo: what people prefer is theirs.
            preferences = self.env['property.notification.preference'].sudo().search(
                [('partner_id', 'in', partners.ids), ('category_id', '=', self.id)])
            chosen = {preference.partner_id.id: preference._get_channels()
                      for preference in preferences}
        return {partner_id: chosen.get(partner_id, usual) for partner_id in partners.ids}

    def _get_consenting(self, partners):
        if not self.needs_consent:
            return partners
        Consent = self.env['property.notification.consent'].sudo()  # as above
        return Consent.search([
            ('partner_id', 'in', partners.ids), ('category_id', '=', self.id),
            ('withdrawn_at', '=', False)]).partner_id

    def _get_unsubscribed(self, reach):
        """ The addresses on Odoo's own lists of who wants nothing any more. """
        if self.is_mandatory:
            return set()
        # sudo: the lists are the administrators'; only a yes or no comes of them.
        emails = [addresses['email'] for addresses in reach.values() if addresses['email']]
        phones = [addresses['sms'] for addresses in reach.values() if addresses['sms']]
        found = {('email', entry.email) for entry in self.env['mail.blacklist'].sudo().search(
            [('email', 'in', emails)])} if emails else set()
        if phones:
            # A number stands there as it was written, with or without the country.
            numbers = phones + [phone.removeprefix('+86') for phone in phones]
            found |= {
                ('sms', to_international(entry.number))
                for entry in self.env['phone.blacklist'].sudo().search(
                    Domain('number', 'in', numbers))}
        return found
