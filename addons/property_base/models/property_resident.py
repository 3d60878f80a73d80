from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from ..tools.identity import get_birth, get_sex, is_valid, mask, normalise
from ..tools.phone import to_national

IDENTITY_KINDS = [
    ('card', "Resident identity card"), ('passport', "Passport"),
    ('hk_macau', "Travel permit for Hong Kong and Macao residents"),
    ('taiwan', "Travel permit for Taiwan residents"),
    ('foreigner', "Permanent residence card"), ('military', "Military identity card"),
    ('other', "Other"),
]
CORE_FIELDS = ('partner_id', 'identity_kind', 'identity_masked', 'date_birth')


class PropertyResident(models.Model):
    """ Personal data of a partner, apart from `res.partner` so that rights can differ. """
    _name = 'property.resident'
    _description = 'Resident'
    _inherit = ['mail.thread']
    _rec_name = 'partner_id'

    partner_id = fields.Many2one(
        'res.partner', string="Person", required=True, index=True, ondelete='cascade',
    )
    phone = fields.Char(related='partner_id.phone', readonly=False)
    street = fields.Char(related='partner_id.street', readonly=False, string="Contact address")
    zip = fields.Char(related='partner_id.zip', readonly=False, string="Postcode")
    photo = fields.Image(max_width=512, max_height=512)
    sex = fields.Selection([('male', "Male"), ('female', "Female")])
    date_birth = fields.Date(string="Date of birth")
    age = fields.Integer(compute='_compute_age')
    ethnicity = fields.Char(help="Such as 汉族.")
    native_place = fields.Char(string="Native place")
    marital_status = fields.Selection(
        [('single', "Single"), ('married', "Married"), ('divorced', "Divorced"),
         ('widowed', "Widowed")],
        string="Marital status",
    )
    household_place = fields.Char(string="Household registration")
    workplace = fields.Char(string="Workplace or school")
    workplace_address = fields.Char(string="Address of the workplace")
    emergency_name = fields.Char(string="Emergency contact")
    emergency_phone = fields.Char(string="Emergency phone")
    note = fields.Text(string="Remarks", groups='base.group_user')

    identity_kind = fields.Selection(
        IDENTITY_KINDS, string="Identity paper", required=True, default='card',
    )
    identity_number = fields.Char(
        string="Identity number (in full)", groups=fields.NO_ACCESS, copy=False,
        index='btree_not_null',
        help="Readable by no user, whatever his groups: only by the method that logs each look.",
    )
    identity_masked = fields.Char(
        string="Identity number", compute='_compute_identity_masked', compute_sudo=True,
        inverse='_inverse_identity_masked', copy=False,
        help="Enter it in full; once saved it is shown masked.",
    )
    date_retention = fields.Date(
        string="Erase after", copy=False,
        help="After this day the identity number and the photo of who lives nowhere in the "
             "projects any more are erased; the log keeps the proof.",
    )

    certification = fields.Selection(
        [('original', "Original document seen"), ('authority', "Checked with the authority"),
         ('online', "Real-name check online"), ('review', "Reviewed by the office")],
        string="Identity certified by", copy=False, tracking=True,
    )
    certified_phone = fields.Char(
        string="Certified phone", readonly=True, copy=False,
        help="The number that answered a code. It is certified as long as the phone is this one.",
    )
    is_phone_certified = fields.Boolean(
        string="Phone certified", compute='_compute_is_phone_certified')
    certified_at = fields.Datetime(string="Certified at", readonly=True, copy=False)
    certified_by_id = fields.Many2one(
        'res.users', string="Certified by user", readonly=True, copy=False)

    _partner_uniq = models.UniqueIndex(
        '(partner_id)', "This person has an identity record already.",
    )

    # === COMPUTE METHODS === #

    @api.depends('date_birth')
    def _compute_age(self):
        today = fields.Date.context_today(self)
        for resident in self:
            birth = resident.date_birth
            resident.age = birth and today.year - birth.year - (
                (today.month, today.day) < (birth.month, birth.day))

    @api.depends('certified_phone', 'partner_id.phone')
    def _compute_is_phone_certified(self):
        for resident in self:
            resident.is_phone_certified = bool(resident.certified_phone) \
                and to_national(resident.phone) == resident.certified_phone

    @api.depends('identity_number')
    def _compute_identity_masked(self):
        for resident in self:
            resident.identity_masked = mask(resident.identity_number)

    def _inverse_identity_masked(self):
        # sudo: the full number may be written by who may write the record, and read by nobody.
        for resident in self.sudo():
            number = normalise(resident.identity_masked)
            if '*' in number:
                if number != mask(resident.identity_number):
                    raise ValidationError(self.env._(
                        "%(person)s: enter the identity number in full, without asterisks.",
                        person=resident.partner_id.name))
            elif number and not is_valid(resident.identity_kind, number):
                raise ValidationError(self.env._(
                    "%(person)s: this cannot be the number of the chosen identity paper. "
                    "Compare it with the paper, digit by digit.",
                    person=resident.partner_id.name))
            elif number != (resident.identity_number or ''):
                vals = {'identity_number': number or False}
                if resident.identity_number:
                    vals['certification'] = False  # it was that of another number
                if number and resident.identity_kind == 'card':
                    vals.update(
                        sex=resident.sex or get_sex(number),
                        date_birth=resident.date_birth or get_birth(number))
                resident.write(vals)
        # What was typed must not stay in the cache, where it would be read in full.
        self.invalidate_recordset(['identity_masked'])

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._stamp_certification(vals) for vals in vals_list])

    def write(self, vals):
        if not self.env.su:
            self.check_access('write')
            self._check_core_change(vals)
        return super().write(self._stamp_certification(vals))

    def _check_core_change(self, vals):
        """ As that of the occupancy; what was empty may be filled in. """
        core = [name for name in CORE_FIELDS if name in vals]
        for resident in self if core else self.browse():
            for name in core:
                old = resident[name]
                new = self._fields[name].convert_to_record(
                    self._fields[name].convert_to_cache(vals[name], resident), resident)
                if old and old != new and resident.identity_masked:
                    resident.partner_id._check_core_unlocked(
                        self._fields[name]._description_string(self.env))

    @api.model
    def _stamp_certification(self, vals):
        """ Who certified, and when, is never what the user says. """
        vals = {key: value for key, value in vals.items()
                if key not in ('certified_at', 'certified_by_id')}
        if 'certification' in vals:
            is_certified = bool(vals['certification'])
            vals['certified_at'] = is_certified and fields.Datetime.now()
            vals['certified_by_id'] = is_certified and self.env.uid
        return vals

    # === BUSINESS METHODS === #

    def reveal_identity_number(self, reason):
        """ The full number of one person; the look is logged.

        :param str reason: why the user needs it
        :rtype: str
        """
        self.ensure_one()
        if not (reason or '').strip():
            raise UserError(self.env._(
                "Say why you need the identity number: each look is logged with its reason."))
        if not self.env.user.has_group('property_base.group_identity'):
            raise AccessError(self.env._("You may not see identity numbers in full."))
        self.check_access('read')
        self._log_identity('look', reason)
        # sudo: the right is checked above, and the look is logged.
        return self.sudo().identity_number or ''

    def _log_identity(self, kind, reason=''):
        # sudo: nobody may write the log.
        self.env['property.identity.log'].sudo().create([
            {'partner_id': resident.partner_id.id, 'kind': kind, 'reason': reason}
            for resident in self])

    @api.model
    def _cron_erase_identities(self):
        """ Erase what may be kept no longer. """
        live = self.env['property.occupancy']._get_live_domain()
        residents = self.search(
            Domain('date_retention', '<', 'today') & Domain('identity_number', '!=', False)
            & ~Domain('partner_id.property_occupancy_ids', 'any', live))
        residents.write({'identity_number': False, 'photo': False, 'certification': False})
        residents._log_identity('erase', self.env._("The time to keep it is over"))
