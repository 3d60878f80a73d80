from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools.misc import hash_sign, verify_hash_signed

TOKEN_SCOPE = 'property_unsubscribe'


class PropertyNotificationConsent(models.Model):
    """ That a person agreed to get messages of a category, how we know, and until when.

    A line is never changed but by its withdrawal: it is the proof.
    """
    _name = 'property.notification.consent'
    _description = 'Consent to messages'
    _order = 'id desc'
    _rec_name = 'partner_id'

    partner_id = fields.Many2one(
        'res.partner', string="Person", required=True, index=True, ondelete='cascade')
    category_id = fields.Many2one(
        'property.notification.category', string="Message category", required=True,
        ondelete='restrict',
        domain=[('needs_consent', '=', True)],
        default=lambda self: self.env['property.notification.category'].search(
            [('needs_consent', '=', True)], limit=1),
    )
    source = fields.Selection(
        [('portal', "On the portal"), ('paper', "On paper"), ('spoken', "Told to staff")],
        string="Given", required=True, default='paper',
    )
    note = fields.Char(string="Proof", help="Where the paper is, or when and to whom it was said.")
    withdrawn_at = fields.Datetime(string="Withdrawn at", readonly=True, copy=False)
    withdrawal = fields.Selection(
        [('portal', "On the portal"), ('link', "By the link in a message"), ('staff', "By staff")],
        string="Withdrawn how", readonly=True, copy=False,
    )

    _once = models.UniqueIndex(
        '(partner_id, category_id) WHERE withdrawn_at IS NULL',
        "This person has given this consent already.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            for vals in vals_list:
                vals.update(withdrawn_at=False, withdrawal=False)
                if vals.get('source') == 'portal':
                    raise AccessError(self.env._(
                        "Only the person gives consent on the portal. Enter how you know of it."))
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            raise UserError(self.env._(
                "A consent is a proof and stays as it was entered. Withdraw it and enter another "
                "one."))
        return super().write(vals)

    def action_withdraw(self):
        self.check_access('write')
        # sudo: the right is checked; nobody writes these fields by hand.
        self.sudo()._withdraw('staff')

    def _withdraw(self, way):
        self.filtered(lambda consent: not consent.withdrawn_at).write({
            'withdrawn_at': fields.Datetime.now(), 'withdrawal': way})

    @api.model
    def _set(self, partner, category, is_given, way):
        """ What a person said himself about a category, on the portal or by a link. """
        consent = self.search([
            ('partner_id', '=', partner.id), ('category_id', '=', category.id),
            ('withdrawn_at', '=', False)])
        if not is_given:
            consent._withdraw(way)
        elif not consent:
            self.create({
                'partner_id': partner.id, 'category_id': category.id, 'source': 'portal'})

    # === THE LINK IN A MESSAGE === #

    @api.model
    def _make_token(self, partner, category):
        """ What lets whoever got a message unsubscribe without signing in. It never expires: an
        old message must do, too.
        """
        return hash_sign(self.sudo().env, TOKEN_SCOPE, [partner.id, category.id])

    @api.model
    def _read_token(self, token):
        """ The partner and the category of a token, in sudo; empty if it is not one of ours. """
        self = self.sudo()  # the token is the right
        try:
            partner_id, category_id = verify_hash_signed(self.env, TOKEN_SCOPE, token) or (0, 0)
        except ValueError:  # also of what is no token at all
            partner_id = category_id = 0
        return (
            self.env['res.partner'].browse(partner_id).exists(),
            self.env['property.notification.category'].browse(category_id).exists())
