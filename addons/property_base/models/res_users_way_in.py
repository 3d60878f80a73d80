from datetime import timedelta

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import hash_sign, verify_hash_signed

from ..tools.identity import mask_phone
from ..tools.phone import to_national

CARD_SCOPE = 'property_card'
CARD_MINUTES = 5


class ResUsers(models.Model):
    """ How somebody gets a login, says who he is, and shows it. """
    _inherit = 'res.users'

    # === BUSINESS METHODS: REGISTERING === #

    @api.model
    def _register_resident(self, login, password, phone=None, email=None):
        """ A login of the portal, with a contact of its own that lives nowhere yet. To be called as
        superuser, with a phone that has answered a code.

        :rtype: res.users
        """
        user = self._create_user_from_template({
            'login': login, 'password': password, 'name': mask_phone(phone) if phone else email,
            'email': email, 'phone': phone, 'lang': self.env.context.get('lang'),
        })
        user.partner_id._set_certified_phone(phone)
        return user

    @api.model
    def _get_free_login(self, phone):
        """ The phone, or for another person on the same phone the phone with a number. """
        taken = set(self.with_context(active_test=False).search(
            [('login', '=like', f'{phone}%')]).mapped('login'))
        count = 1
        while (login := phone if count == 1 else f'{phone}-{count}') in taken:
            count += 1
        return login

    def _change_phone(self, phone):
        """ A number that has answered a code becomes his, and his login if the old one was. """
        self.ensure_one()
        old = to_national(self.phone)
        self.partner_id.phone = phone
        self.partner_id._set_certified_phone(phone)
        if old and self.login == old and self._get_free_login(phone) == phone:
            self.login = phone

    # === BUSINESS METHODS: THE STEPS TO A HOME === #

    def _get_home_steps(self):
        """ What stands between the user and his home, in order.

        :return: dicts with the keys name and state (done, next, later, waiting)
        :rtype: list[dict]
        """
        self.ensure_one()
        # sudo: his own record, and requests that the portal has no right to read.
        resident = self.sudo().partner_id.property_resident_ids
        waiting = self.env['property.home.request'].sudo().search(
            [('user_id', '=', self.id), ('kind', '=', 'join'), ('state', '=', 'pending')])
        steps = {
            'profile': self._has_profile(),
            'identity': bool(resident.identity_number),
            'home': bool(waiting),
            'approval': False,
        }
        # One that came without an invitation has no kind: mapped('invitation_id.kind') skips it.
        if waiting and all(asked.invitation_id.kind == 'family' for asked in waiting):
            del steps['identity']  # his family vouches for him
        states, is_next = [], True
        for name, is_done in steps.items():
            state = 'done' if is_done else 'next' if is_next else 'later'
            is_next = is_next and is_done
            states.append({'name': name, 'state': state})
        return states

    def _has_profile(self):
        """ Whether he has told his name: a new login has a masked phone or an address instead. """
        return any(c.isalpha() for c in self.name or '') and self.name != self.email

    def _set_identity(self, name, kind, number):
        """ What the person says who he is. Whether the number belongs to somebody of the register
        is told to nobody.
        """
        self.ensure_one()
        self.env['property.guess']._count('identity', 5, 50, hours=24)
        partner = self.partner_id.sudo()  # sudo: nobody writes his own identity but here
        resident = partner.property_resident_ids
        if resident.identity_number and (resident.certification or partner.property_unit_count):
            raise UserError(self.env._(
                "Your identity number is registered. If it is wrong, ask your management office."))
        if not (name or '').strip() or not (number or '').strip():
            raise UserError(self.env._("Enter your name and number as on the paper."))
        partner.name = name.strip()
        vals = {'identity_kind': kind, 'identity_masked': number}
        if resident:
            resident.write(vals)
        else:
            resident.create({'partner_id': partner.id, **vals})

    # === BUSINESS METHODS: OWNER CARD === #

    def _get_card_token(self):
        """ What the QR code of the owner card holds: who shows it, signed, for a few minutes. """
        # sudo: the secret of the database.
        return hash_sign(
            self.sudo().env, CARD_SCOPE, self.id, expiration=timedelta(minutes=CARD_MINUTES))

    @api.model
    def _open_card(self, token):
        """ The person who shows a card, as the scanning user may see him.

        :param str token: what was scanned, also as an address that ends with it
        :rtype: res.partner
        :raises UserError: it is expired, altered, or of nobody whom the user may see
        """
        token = (token or '').strip().rstrip('/').rpartition('/')[2]
        try:
            # sudo: the secret of the database.
            user_id = verify_hash_signed(self.sudo().env, CARD_SCOPE, token)
        except ValueError:
            user_id = None
        # sudo: staff may not read users; what they see of the person follows from the rules.
        partner = self.sudo().browse(user_id or 0).exists().filtered('active').partner_id
        if not partner:
            raise UserError(self.env._(
                "This card is not valid: it is too old, or no owner card. Ask the person to open "
                "it again on his phone and scan that."))
        Occupancy = self.env['property.occupancy']
        if not Occupancy.search_count(
                Occupancy._get_live_domain() & Domain('partner_id', '=', partner.id), limit=1):
            raise UserError(self.env._(
                "The card is valid, but the person lives in none of your projects."))
        return partner.with_env(self.env)
