from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

from ..models.property_occupancy import PROOF_KINDS, RELATIONS
from ..models.property_resident import IDENTITY_KINDS
from ..tools.identity import normalise


class PropertyResidentEntry(models.TransientModel):
    """ One dialog for a new resident: house, person, who lives with him, proof. """
    _name = 'property.resident.entry'
    _description = 'Resident entry'

    project_id = fields.Many2one(
        'property.project', required=True, compute='_compute_place', store=True, readonly=False,
        precompute=True, compute_sudo=False,
    )
    building_id = fields.Many2one(
        'property.building', domain="[('project_id', '=?', project_id)]",
        compute='_compute_place', store=True, readonly=False, precompute=True,
        compute_sudo=False,
    )
    entrance_id = fields.Many2one(
        'property.entrance', domain="[('building_id', '=', building_id)]",
        compute='_compute_place', store=True, readonly=False, precompute=True,
        compute_sudo=False,
    )
    unit_id = fields.Many2one(
        'property.unit', required=True,
        domain="[('project_id', '=?', project_id), ('building_id', '=?', building_id), "
               "('entrance_id', '=?', entrance_id)]",
    )
    role = fields.Selection(
        [('owner', "Owner"), ('tenant', "Tenant"), ('user', "User")], required=True,
        default='owner',
    )
    date_start = fields.Date(string="From", required=True, default=fields.Date.context_today)
    date_end = fields.Date(string="To")
    share = fields.Float(string="Share (%)", digits=(5, 2), default=100.0)

    partner_id = fields.Many2one('res.partner', string="Known person")
    candidate_ids = fields.Many2many('res.partner', compute='_compute_candidate_ids')
    name = fields.Char(string="Full name")
    phone = fields.Char()
    identity_kind = fields.Selection(
        IDENTITY_KINDS, string="Identity paper", required=True, default='card',
    )
    identity_number = fields.Char(string="Identity number")
    line_ids = fields.One2many('property.resident.entry.line', 'entry_id', string="Cohabitants")
    proof_kind = fields.Selection(PROOF_KINDS, string="Proof")
    proof_ids = fields.Many2many(
        'ir.attachment', 'property_resident_entry_proof_rel', string="Documents")
    # Read with the user's rights: the superuser has more projects to propose than he.
    approves_residents = fields.Boolean(
        related='project_id.approves_residents', related_sudo=False)

    @api.depends('unit_id')
    def _compute_place(self):
        for entry in self:
            if unit := entry.unit_id:
                entry.project_id = unit.project_id
                entry.building_id = unit.building_id
                entry.entrance_id = unit.entrance_id
            elif not entry.project_id:
                projects = self.env['property.project'].search([], limit=2)
                entry.project_id = projects if len(projects) == 1 else False

    @api.depends('phone', 'identity_number')
    def _compute_candidate_ids(self):
        for entry in self:
            entry.candidate_ids = entry._find_people(entry.phone, entry.identity_number)

    @api.model
    def _find_people(self, phone, identity_number):
        """ Who is known by this phone or identity number. One phone may be of several people. """
        conditions = []
        if phone := (phone or '').strip():
            conditions.append(Domain('phone', '=', phone))
        if number := normalise(identity_number):
            # sudo: who types the whole number may know whose it is; he reads no number.
            conditions.append(Domain('id', 'in', self.env['property.resident'].sudo().search(
                [('identity_number', '=', number)]).partner_id.ids))
        return self.env['res.partner'].search(Domain.OR(conditions)) if conditions else \
            self.env['res.partner']

    def action_submit(self):
        """ Enter the person and those who live with him; approval is the occupancy's matter. """
        self.ensure_one()
        occupancies = self.env['property.occupancy'].create([
            self._prepare_occupancy_vals(
                self, self._get_person(self), self.role, date_end=self.date_end,
                share=self.share, proof_kind=self.proof_kind,
                proof_ids=[Command.set(self.proof_ids.ids)]),
            *(
                self._prepare_occupancy_vals(
                    line, self._get_person(line), 'family', share=0, date_end=self.date_end)
                for line in self.line_ids
            ),
        ])
        occupancy = occupancies[0]
        if occupancy.role == 'owner' and occupancy.state == 'pending':
            # Who enters him learns it now, not who approves him at the last level.
            occupancy._check_shares_fit()
        # The full number stays in no table but the one that logs each look.
        self.identity_number = self.line_ids.identity_number = False
        return {
            'type': 'ir.actions.act_window',
            'res_model': occupancy._name,
            'res_id': occupancy.id,
            'views': [(False, 'form')],
        }

    def _prepare_occupancy_vals(self, source, partner, role, **vals):
        return {
            'unit_id': self.unit_id.id, 'partner_id': partner.id, 'role': role,
            'date_start': self.date_start, **vals,
            **({'relation': source.relation} if role == 'family' else {}),
        }

    def _get_person(self, source):
        """ The partner of the entry or of one of its lines, with his identity record. """
        if source == self and self.partner_id:
            return self.partner_id
        if not (source.name or '').strip():
            raise UserError(self.env._("Enter the name, or choose a known person."))
        if known := self._find_people(False, source.identity_number):
            raise UserError(self.env._(
                "The identity number of %(name)s is registered already, for %(known)s. "
                "Choose the known person instead.",
                name=source.name, known=known[0].name))
        partner = self.env['res.partner'].create({
            'name': source.name.strip(), 'phone': source.phone,
            'company_id': self.unit_id.company_id.id,
        })
        if source.identity_number:
            self.env['property.resident'].create({
                'partner_id': partner.id,
                'identity_kind': source.identity_kind,
                'identity_masked': source.identity_number,
            })
        return partner


class PropertyResidentEntryLine(models.TransientModel):
    _name = 'property.resident.entry.line'
    _description = 'Cohabitant of a resident entry'

    entry_id = fields.Many2one('property.resident.entry', required=True, ondelete='cascade')
    name = fields.Char(string="Full name", required=True)
    relation = fields.Selection(RELATIONS)
    phone = fields.Char()
    identity_kind = fields.Selection(
        IDENTITY_KINDS, string="Identity paper", required=True, default='card',
    )
    identity_number = fields.Char(string="Identity number")
