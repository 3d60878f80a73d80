from odoo import api, fields, models

from ..tools.masking import mask


class PropertyResident(models.Model):
    """ Identity data of a partner, apart from `res.partner` so that rights can differ. """
    _name = 'property.resident'
    _description = 'Resident'
    _rec_name = 'partner_id'

    partner_id = fields.Many2one(
        'res.partner', string="Person", required=True, index=True, ondelete='cascade',
    )
    sex = fields.Selection([('male', "Male"), ('female', "Female")])
    date_birth = fields.Date(string="Date of birth")
    identity_number = fields.Char(
        string="Identity number", groups='property_base.group_identity', copy=False,
    )
    identity_masked = fields.Char(
        string="Identity number (masked)", compute='_compute_identity_masked', compute_sudo=True,
    )

    _partner_uniq = models.UniqueIndex(
        '(partner_id)', "This person has an identity record already.",
    )

    @api.depends('identity_number')
    def _compute_identity_masked(self):
        for resident in self:
            resident.identity_masked = mask(resident.identity_number)
