import secrets
from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import email_normalize
from odoo.tools.misc import consteq, hmac

from ..tools.identity import mask_address
from ..tools.phone import to_international

VALID_MINUTES = 5
MAX_TRIES = 5
PAUSE_SECONDS = 60
MAX_PER_HOUR = 5
# Many people share one network address: the office on the day of a hand-over, a mobile carrier.
MAX_PER_HOUR_AND_SOURCE = 30


class CodeOnItsWay(UserError):
    """ There is a code to be typed, and no other one yet. """


class PropertyVerification(models.Model):
    """ A one-time code that shows that a phone number or mailbox is the person's own. """
    _name = 'property.verification'
    _description = 'Verification code'
    _inherit = ['property.attempt.mixin']
    _order = 'id desc'
    _rec_name = 'address'

    purpose = fields.Selection(
        [('register', "Registration"), ('phone', "Change of phone number"),
         ('reset', "New password"), ('login', "Signing in")],
        required=True, readonly=True,
    )
    address = fields.Char(
        string="Sent to", required=True, readonly=True, index=True,
        help="A phone number in its international form, or an e-mail address.",
    )
    source = fields.Char(string="Network address", readonly=True, index='btree_not_null')
    code_hash = fields.Char(groups=fields.NO_ACCESS, readonly=True)
    date_end = fields.Datetime(string="Valid until", required=True, readonly=True)
    tries = fields.Integer(readonly=True)
    is_used = fields.Boolean(string="Used", readonly=True)

    @api.model
    def _send(self, purpose, phone=None, email=None):
        """ Send a new code; those sent before for the same purpose no longer count.

        :param str purpose: one of the field's values
        :raise UserError: when the address can receive nothing, or got too many already
        """
        address = self._get_address(phone, email)
        if not address:
            raise UserError(self.env._(
                "“%(address)s” is no mobile number or e-mail address that could receive a code. "
                "Correct it.", address=phone or email or ''))
        code = self._make(purpose, address)
        self._deliver(purpose, code, phone and address, email and address)

    @api.model
    def _make(self, purpose, address):
        """ A new code, in a transaction of its own. """
        source = self._get_source()
        with self._one_at_a_time(address, *([source] if source else ())) as alone:
            alone._check_limits(address, source)
            code = self._generate_code()
            alone.create({
                'purpose': purpose,
                'address': address,
                'source': source,
                'code_hash': alone._hash(purpose, address, code),
                'date_end': fields.Datetime.now() + timedelta(minutes=VALID_MINUTES),
            })
        return code

    @api.model
    def _check(self, purpose, address, code):
        """ Whether this is the code that was last sent to the address. It is used up by that, or
        by too many wrong ones, even if the caller's transaction is rolled back: so ask last.

        :param str address: phone number or e-mail address, as it was typed
        :rtype: bool
        """
        address = self._get_address(phone=address) or self._get_address(email=address) or address
        with self._one_at_a_time(address) as alone:
            verification = alone.search(
                [('purpose', '=', purpose), ('address', '=', address)], limit=1)
            if (not verification or verification.is_used or verification.tries >= MAX_TRIES
                    or verification.date_end <= fields.Datetime.now()):
                return False
            verification.tries += 1
            verification.is_used = consteq(
                verification.code_hash, alone._hash(purpose, address, (code or '').strip()))
            return verification.is_used

    @api.model
    def _get_refusal(self):
        """ What to tell whose code does not count: not why, but what to do. """
        return self.env._(
            "This code is wrong or no longer valid. After five wrong ones ask for another.")

    # === HELPERS === #

    @api.model
    def _get_address(self, phone=None, email=None):
        return phone and to_international(phone) or email and email_normalize(email) or None

    @api.model
    def _generate_code(self):
        return f'{secrets.randbelow(10**6):06}'

    @api.model
    def _hash(self, purpose, address, code):
        return hmac(self.env(su=True), 'property.verification', (purpose, address, code))

    @api.model
    def _check_limits(self, address, source):
        now = fields.Datetime.now()
        last_hour = Domain('create_date', '>', now - timedelta(hours=1))
        to_address = last_hour & Domain('address', '=', address)
        if self.search_count(
                to_address & Domain('create_date', '>', now - timedelta(seconds=PAUSE_SECONDS)),
                limit=1):
            raise CodeOnItsWay(self.env._(
                "A code was sent to %(address)s less than a minute ago. Wait for it; after a "
                "minute you can ask for another one.", address=mask_address(address)))
        if self.search_count(to_address, limit=MAX_PER_HOUR) >= MAX_PER_HOUR:
            raise UserError(self.env._(
                "%(address)s has received %(count)s codes within an hour. Try again later.",
                address=mask_address(address), count=MAX_PER_HOUR))
        if source and self.search_count(
                last_hour & Domain('source', '=', source),
                limit=MAX_PER_HOUR_AND_SOURCE) >= MAX_PER_HOUR_AND_SOURCE:
            raise UserError(self.env._(
                "Too many codes were asked for from your network within an hour. Try again "
                "later, or over another network."))

    @api.model
    def _deliver(self, purpose, code, phone, email):
        """ Hand the code over; it leaves when this transaction is committed. """
        text = self.env._(
            "%(code)s is your code. %(company)s: %(purpose)s. It holds for %(minutes)s minutes; "
            "tell it to nobody.",
            code=code, company=self.env.company.name, minutes=VALID_MINUTES,
            purpose=dict(self._fields['purpose']._description_selection(self.env))[purpose])
        # sudo: who asks for a code has no right on the queues.
        if phone:
            self.env['sms.sms'].sudo().create({
                'number': phone, 'body': text, 'property_company_id': self.env.company.id})
        else:
            self.env['mail.mail'].sudo().create({
                'subject': self.env._("Your code for %(company)s", company=self.env.company.name),
                'body_html': Markup('<p>%s</p>') % text,
                'email_from': self.env.company.email_formatted,
                'email_to': email,
                'auto_delete': True,
            })
            self.env.ref('mail.ir_cron_mail_scheduler_action').sudo()._trigger()

    @api.autovacuum
    def _gc_verifications(self):
        self.search([
            ('create_date', '<', fields.Datetime.now() - timedelta(days=1)),
        ]).unlink()
