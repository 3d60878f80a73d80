import base64
import contextlib
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools.image import image_data_uri, image_process

# Which right each kind takes: the one place that says so.
GROUPS = {
    'check_in': 'property_base.group_check_in',
    'transfer': 'property_base.group_transfer',
    'move_out': 'property_base.group_move_out',
}
# What a hand-over is about: written by the wizards only.
FIXED_FIELDS = {
    'kind', 'unit_id', 'partner_id', 'role', 'date', 'user_id', 'state', 'matter_ids',
    'begun_occupancy_ids', 'ended_occupancy_ids', 'former_signature',
}
# Filled in the room, until the hand-over is completed.
ROOM_FIELDS = {'line_ids', 'key_ids', 'photo_ids', 'signature', 'contact_name', 'phone'}

PHOTO_SIZE = (1024, 1024)  # pixels that a printed photo has at most


def get_last_day(kind, date):
    """ The last day of who leaves: the settlement date, else the day before the new first. """
    return date if kind == 'move_out' else date - timedelta(days=1)


class PropertyHandover(models.Model):
    """ How a unit changed hands: check-in, transfer, move-out. The one history; nothing of it is
    ever deleted.
    """
    _name = 'property.handover'
    _description = 'Hand-over record'
    _inherit = ['property.unit.mixin', 'mail.thread']
    _order = 'date desc, id desc'
    _check_company_auto = True

    kind = fields.Selection(
        [('check_in', "Check-in"), ('transfer', "Transfer"), ('move_out', "Move-out")],
        required=True, readonly=True, index=True,
    )
    state = fields.Selection(
        [('open', "In progress"), ('done', "Completed")],
        string="Progress", required=True, default='open', readonly=True, tracking=True,
    )
    unit_id = fields.Many2one(readonly=True)
    partner_id = fields.Many2one(
        'res.partner', string="Customer", required=True, readonly=True, index=True,
        ondelete='restrict', help="Who came; of a move-out, who left.",
    )
    role = fields.Selection(
        selection=lambda self: self.env['property.occupancy']._fields[
            'role']._description_selection(self.env),
        required=True, readonly=True,
    )
    contact_name = fields.Char(string="Contact person")
    phone = fields.Char()
    date = fields.Date(
        required=True, readonly=True,
        help="Check-in and transfer: the new customer's first day. Move-out: the settlement date, "
             "which is the customer's last day.",
    )
    user_id = fields.Many2one(
        'res.users', string="Done by", required=True, readonly=True,
        default=lambda self: self.env.user,
    )
    begun_occupancy_ids = fields.One2many(
        'property.occupancy', 'start_handover_id', string="Occupancies that began", readonly=True,
    )
    ended_occupancy_ids = fields.One2many(
        'property.occupancy', 'end_handover_id', string="Occupancies that ended", readonly=True,
    )
    former_partner_ids = fields.Many2many(
        'res.partner', string="Former customers", compute='_compute_former_partner_ids',
    )
    matter_ids = fields.One2many(
        'property.handover.matter', 'handover_id', string="Open matters", readonly=True,
    )
    line_ids = fields.One2many('property.handover.line', 'handover_id', string="Checklist")
    key_ids = fields.Many2many(
        'property.key', string="Keys", domain="[('unit_id', '=', unit_id)]",
        help="Handed to the new customer when the hand-over is completed.",
    )
    photo_ids = fields.Many2many(
        'ir.attachment', 'property_handover_photo_rel', string="Photos",
    )
    signature = fields.Image(string="Customer's signature", max_width=1024, max_height=1024)
    former_signature = fields.Image(
        string="Former customer's signature", max_width=1024, max_height=1024, readonly=True,
    )
    note = fields.Text(string="Remarks")

    # === COMPUTE METHODS === #

    @api.depends('kind', 'unit_id.complete_name', 'partner_id.name')
    def _compute_display_name(self):
        kinds = dict(self._fields['kind']._description_selection(self.env))
        for handover in self:
            handover.display_name = ' · '.join(filter(None, (
                kinds.get(handover.kind), handover.unit_id.complete_name,
                handover.partner_id.name)))

    @api.depends('ended_occupancy_ids.partner_id')
    def _compute_former_partner_ids(self):
        for handover in self:
            handover.former_partner_ids = handover.ended_occupancy_ids.partner_id

    # === CONSTRAINT METHODS === #

    @api.constrains('key_ids', 'unit_id')
    def _check_key_ids(self):
        for handover in self:
            if foreign := handover.key_ids - handover.unit_id.key_ids:
                raise ValidationError(self.env._(
                    "%(key)s is not a key of %(unit)s. Choose keys of this unit.",
                    key=foreign[0].display_name, unit=handover.unit_id.complete_name))

    # === CRUD METHODS === #

    def write(self, vals):
        if not self.env.su:
            if vals.keys() & FIXED_FIELDS:
                raise AccessError(self.env._(
                    "What a hand-over is about is set by check-in, transfer and move-out, not by "
                    "hand."))
            if vals.keys() & ROOM_FIELDS:
                self._check_open()
        return super().write(vals)

    def _check_open(self):
        for handover in self:
            if handover.state == 'done':
                raise UserError(self.env._(
                    "%(handover)s is completed. Only its remarks can still be changed.",
                    handover=handover.display_name))

    # === ACTION METHODS === #

    def action_done(self):
        """ Complete it: from now on only the remarks can be changed. """
        self.check_access('write')
        self._check_open()
        for handover in self:
            open_lines = handover.line_ids.filtered(lambda line: not line.result)
            if open_lines:
                raise UserError(self.env._(
                    "%(count)s items of the checklist have no result yet, the first is "
                    "“%(first)s”. What is not there is “not applicable”.",
                    count=len(open_lines), first=open_lines[0].name))
            if handover.kind != 'move_out':
                # Those that the new customer has already, he has.
                handover.key_ids.filtered(
                    lambda key, handover=handover: key.holder_id != handover.partner_id,
                )._hand_out(handover.partner_id, signature=handover.signature)
        # sudo: nobody writes the state but this action; the right to write is checked above.
        self.sudo().state = 'done'

    def action_view_customer(self):
        self.ensure_one()
        return self.partner_id._get_property_customer_action()

    # === BUSINESS METHODS === #

    @api.model
    def _check_right(self, kind):
        if not self.env.su and not self.env.user.has_group(GROUPS[kind]):
            kinds = dict(self._fields['kind']._description_selection(self.env))
            raise AccessError(self.env._(
                "You are not allowed to do this: %(kind)s.", kind=kinds[kind]))

    @api.model
    def _create_handover(self, kind, unit, partner, role, date, **vals):
        """ The record, with the checklist of the project's kind; who may was checked before.

        It is a document for the customer: its items are in his language, as lines of a bill are.
        """
        items = self.env['property.handover.item'].with_context(
            lang=partner.lang or self.env.lang).search([
            ('project_kind', 'in', (False, unit.project_id.kind))])
        # sudo: nobody creates hand-overs but check-in, transfer and move-out.
        handover_sudo = self.sudo().create({
            'kind': kind, 'unit_id': unit.id, 'partner_id': partner.id, 'role': role, 'date': date,
            'line_ids': [
                fields.Command.create({'name': item.name, 'kind': item.kind}) for item in items],
            **vals,
        })
        return self.browse(handover_sudo.id)

    def _get_photo_uris(self):
        """ Data URIs of the photos in the size that is printed; a file that is no image Odoo can
        read (HEIC) stays on the record only.
        """
        self.ensure_one()
        uris = []
        for photo in self.photo_ids:
            with contextlib.suppress(UserError):
                printed = image_process(
                    photo.raw, size=PHOTO_SIZE, quality=80, output_format='JPEG')
                uris.append(image_data_uri(base64.b64encode(printed)))
        return uris

    def _decide_matters(self, occupancies, lines):
        """ Do what was decided about the open matters of occupancies that end with this.

        The matters are asked for anew: since the wizard was opened a colleague may have settled
        one, or another may have come up.

        :param lines: the decisions, `property.open.matter`
        """
        self.ensure_one()
        decided = {(line.kind, line.res_id): line for line in lines}
        currency = self.company_id.currency_id
        matters = occupancies._get_open_matters(self._get_last_day())
        for matter in matters:
            line = decided.get((matter['kind'], matter['res_id']))
            if not line or currency.compare_amounts(line.amount, matter['amount']):
                raise UserError(self.env._(
                    "“%(matter)s” has changed or come up since you opened this. Close it and "
                    "start again.", matter=matter['label']))
            is_possible = line.decision in matter['decisions'] and (
                self.kind == 'transfer' or line.decision != 'hand_over')
            if not is_possible:
                raise UserError(self.env._(
                    "Decide what becomes of “%(matter)s”.", matter=matter['label']))
            if line.decision == 'hand_over' and not (self.signature and self.former_signature):
                raise UserError(self.env._(
                    "“%(matter)s” passes to the new customer only if both sign. Have them sign, or "
                    "decide otherwise.", matter=matter['label']))
        # sudo: the record of what was decided is not written by hand.
        self.env['property.handover.matter'].sudo().create([
            {
                'handover_id': self.id, 'name': matter['label'], 'amount': matter['amount'],
                'decision': decided[matter['kind'], matter['res_id']].decision,
            }
            for matter in matters
        ])
        for matter in matters:
            getattr(self, f'_decide_{matter["kind"]}')(decided[matter['kind'], matter['res_id']])

    def _decide_key(self, line):
        key = self.env['property.key'].browse(line.res_id)
        if line.decision == 'hand_over':
            key._hand_out(self.partner_id, signature=self.signature)
        elif line.decision == 'lost':
            key.action_lost()
        else:
            key.action_take_back()

    def _decide_vehicle(self, line):
        if line.decision == 'end':
            # sudo: leaving takes no right on vehicles; that it is one of his was checked before.
            self.env['property.vehicle'].sudo().browse(line.res_id).active = False

    def _decide_family(self, line):
        if line.decision == 'end':
            self.env['property.occupancy'].browse(line.res_id)._end(self)

    def _decide_space(self, line):
        """ A parking space or storage room that goes with the unit, or does not. """
        occupancy = self.env['property.occupancy'].browse(line.res_id)
        if line.decision == 'keep':
            return
        date_end = occupancy.date_end
        occupancy._end(self)
        if line.decision == 'hand_over':
            occupancy._begin_for(self, date_end)

    def _get_last_day(self):
        """ The last day of who leaves. """
        self.ensure_one()
        return get_last_day(self.kind, self.date)
