import secrets
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from .property_occupancy import ROLES

# Without 0 and O, 1, I and L: a code is read off paper and typed.
ALPHABET = '23456789ABCDEFGHJKMNPQRSTUVWXYZ'
CODE_LENGTH = 10
HOME_DAYS = 90
FAMILY_HOURS = 24
FAMILY_USES = 10


class PropertyInvitation(models.Model):
    """ A code by which somebody asks to be linked to a home; what he asks for is a
    `property.home.request`.

    One of kind home is printed on a bill or a slip for a registered person, and serves once. One of
    kind family is shown by an owner or tenant as a QR code, and serves several people for a day.
    """
    _name = 'property.invitation'
    _description = 'Invitation'
    _inherit = ['property.unit.mixin']
    _order = 'id desc'
    _rec_name = 'unit_id'

    kind = fields.Selection(
        [('home', "Printed code"), ('family', "Family QR code")], required=True, default='home',
        readonly=True,
    )
    code = fields.Char(required=True, readonly=True, copy=False, default=lambda self: self._draw())
    code_text = fields.Char(string="Code as printed", compute='_compute_code_text')
    unit_id = fields.Many2one(readonly=True, ondelete='cascade')
    partner_id = fields.Many2one(
        'res.partner', string="Person", required=True, readonly=True, index=True,
        ondelete='cascade',
        help="Whom a printed code is for; who shows a family QR code.",
    )
    role = fields.Selection(ROLES, required=True, readonly=True)
    date_end = fields.Datetime(string="Valid until", required=True, readonly=True)
    max_uses = fields.Integer(string="Times", required=True, readonly=True, default=1)
    request_ids = fields.One2many(
        'property.home.request', 'invitation_id', string="Requests", readonly=True)
    uses = fields.Integer(string="Used", readonly=True, copy=False)
    is_open = fields.Boolean(string="Can be used", compute='_compute_is_open')

    _code_uniq = models.UniqueIndex('(code)')
    _person_idx = models.Index('(unit_id, partner_id, kind, date_end)')

    # === COMPUTE METHODS === #

    @api.depends('code')
    def _compute_code_text(self):
        for invitation in self:
            code = invitation.code or ''
            invitation.code_text = f'{code[:5]}-{code[5:]}'

    @api.depends('uses', 'max_uses', 'date_end')
    def _compute_is_open(self):
        now = fields.Datetime.now()
        for invitation in self:
            invitation.is_open = invitation.uses < invitation.max_uses \
                and bool(invitation.date_end) and invitation.date_end > now

    @api.depends('unit_id.complete_name', 'partner_id.name')
    def _compute_display_name(self):
        for invitation in self:
            invitation.display_name = \
                f'{invitation.unit_id.complete_name} · {invitation.partner_id.name}'

    # === BUSINESS METHODS === #

    @api.model
    def _draw(self):
        return ''.join(secrets.choice(ALPHABET) for _index in range(CODE_LENGTH))

    @api.model
    def _issue_printed(self, units, partners=None):
        """ Codes for the owners and tenants of these units who have no login yet.

        A code that is good for a month to come is given again, so that one person's bills all
        have the same.

        :param property.unit units: where they live
        :param res.partner partners: only these people
        :return: the invitations, in the order of the units
        """
        Occupancy = self.env['property.occupancy']
        domain = Occupancy._get_live_domain() & Domain('unit_id', 'in', units.ids) \
            & Domain('role', 'in', ('owner', 'tenant')) & Domain('partner_id.user_ids', '=', False)
        if partners is not None:
            domain &= Domain('partner_id', 'in', partners.ids)
        occupancies = Occupancy.search(domain)
        now = fields.Datetime.now()
        invitations = self.search([
            ('kind', '=', 'home'), ('unit_id', 'in', occupancies.unit_id.ids),
            ('partner_id', 'in', occupancies.partner_id.ids),
            ('date_end', '>', now + timedelta(days=30)),
        ]).filtered('is_open')
        known = {(invitation.unit_id, invitation.partner_id) for invitation in invitations}
        wanted = occupancies.grouped(lambda o: (o.unit_id, o.partner_id))
        invitations |= self.create([
            {
                'unit_id': unit.id, 'partner_id': partner.id, 'role': same[0].role,
                'date_end': now + timedelta(days=HOME_DAYS),
            }
            for (unit, partner), same in wanted.items() if (unit, partner) not in known
        ])
        order = {unit.id: index for index, unit in enumerate(units)}
        return invitations.sorted(lambda invitation: order[invitation.unit_id.id])

    @api.model
    def _print_for(self, units):
        """ The slips of these units, as a document. """
        if not self.env.user.has_group('property_base.group_resident_create'):
            raise AccessError(self.env._(
                "Printing invitation codes takes the right “Add residents”."))
        units._check_write_scope()
        # sudo: nobody writes codes by hand; the right is checked above.
        invitations = self.sudo()._issue_printed(units)
        if not invitations:
            raise UserError(self.env._(
                "Nobody here needs a code: no owner or tenant is without a login."))
        return self.env.ref('property_base.report_invitation_action').report_action(
            invitations.ids)

    @api.model
    def _issue_family(self, occupancy):
        """ The family QR code of an owner or tenant: the one that is good, or a new one. """
        return self._get_family(occupancy) or self.create({
            'kind': 'family', 'unit_id': occupancy.unit_id.id,
            'partner_id': occupancy.partner_id.id, 'role': 'family', 'max_uses': FAMILY_USES,
            'date_end': fields.Datetime.now() + timedelta(hours=FAMILY_HOURS),
        })

    @api.model
    def _get_family(self, occupancy):
        return self.search([
            ('kind', '=', 'family'), ('unit_id', '=', occupancy.unit_id.id),
            ('partner_id', '=', occupancy.partner_id.id), ('date_end', '>', fields.Datetime.now()),
        ]).filtered('is_open')[:1]

    def _close(self):
        """ From now on these serve nobody, whatever is written on them. """
        self.date_end = fields.Datetime.now()

    @api.model
    def _find_open(self, code):
        """ The invitation of a code, if it can be used. Why it cannot is told to nobody: who
        guesses must not learn which codes were good once.

        :rtype: property.invitation, perhaps empty
        """
        code = ''.join(c for c in (code or '').upper() if c in ALPHABET)
        if len(code) != CODE_LENGTH:
            return self.browse()
        return self.search([('code', '=', code)]).filtered(
            lambda invitation: invitation.is_open and invitation._is_person_here())

    def _use(self):
        """ Count a use. Of two at once the database refuses one, which is then tried again and
        finds the code used up.
        """
        self.uses += 1

    def _get_join_url(self, with_code=True):
        """ The address in a QR code; without the code that which is printed to be typed. """
        url = f'{self.get_base_url()}/my/join'
        return f'{url}/{self.code}' if with_code else url

    def _is_person_here(self):
        """ Whether he whom it names is still owner or tenant of the unit. """
        Occupancy = self.env['property.occupancy']
        return bool(Occupancy.search_count(
            Occupancy._get_live_domain() & Domain('unit_id', '=', self.unit_id.id)
            & Domain('partner_id', '=', self.partner_id.id)
            & Domain('role', 'in', ('owner', 'tenant')), limit=1))
