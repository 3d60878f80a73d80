from base64 import b64decode

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

STATE_FIELDS = {'state', 'holder_id', 'date_out', 'date_due', 'signature'}
RETURN_ACTIVITY = 'property_base.mail_activity_type_key_return'


class PropertyKey(models.Model):
    """ A key, or a set of alike ones, of a unit: where it is, and since when.

    Who had it before stands in the chatter, with his signature.
    """
    _name = 'property.key'
    _description = 'Key'
    _inherit = ['property.unit.mixin', 'mail.thread', 'mail.activity.mixin']
    _order = 'unit_id, name'
    _check_company_auto = True

    name = fields.Char(string="Number", required=True, tracking=True)
    kind = fields.Selection(
        [('door', "Entrance door"), ('room', "Room"), ('mailbox', "Mailbox"),
         ('meter', "Meter box"), ('card', "Card"), ('other', "Other")],
        required=True, default='door',
    )
    quantity = fields.Integer(string="Pieces", required=True, default=1)
    place = fields.Char(string="Kept at", help="Cabinet and hook in the office.")
    state = fields.Selection(
        [('office', "In the office"), ('out', "Handed out"), ('lost', "Lost")],
        required=True, default='office', readonly=True, index=True, tracking=True, copy=False,
    )
    holder_id = fields.Many2one(
        'res.partner', string="Held by", readonly=True, index='btree_not_null', tracking=True,
        copy=False, ondelete='restrict',
    )
    date_out = fields.Date(string="Handed out on", readonly=True, copy=False)
    date_due = fields.Date(
        string="Due back", readonly=True, tracking=True, copy=False,
        help="Empty: the holder keeps it as long as he lives there.",
    )
    is_overdue = fields.Boolean(
        string="Overdue", compute='_compute_is_overdue', search='_search_is_overdue',
    )
    signature = fields.Image(
        string="Holder's signature", max_width=1024, max_height=1024, readonly=True, copy=False,
    )
    note = fields.Char(string="Remarks")
    active = fields.Boolean(default=True)

    _name_unit_uniq = models.UniqueIndex(
        '(unit_id, name)', "This unit has a key of this number already.",
    )
    _quantity_positive = models.Constraint(
        'CHECK (quantity > 0)', "A set has at least one piece.",
    )

    # === COMPUTE METHODS === #

    @api.depends('name', 'unit_id.complete_name')
    def _compute_display_name(self):
        for key in self:
            key.display_name = ' · '.join(filter(None, (key.unit_id.complete_name, key.name)))

    @api.depends('state', 'date_due')
    def _compute_is_overdue(self):
        today = fields.Date.context_today(self)
        for key in self:
            key.is_overdue = key.state == 'out' and bool(key.date_due) and key.date_due < today

    def _search_is_overdue(self, operator, value):
        if operator != 'in':
            return NotImplemented
        overdue = Domain('state', '=', 'out') & Domain('date_due', '<', 'today')
        return overdue if True in value else ~overdue

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_state_fields(vals)
        keys = super().create(vals_list)
        # Asked afterwards, too, since the context can bring defaults.
        if any(key.state != 'office' or key.holder_id for key in keys):
            self._check_state_fields({'state': 'out'})
        return keys

    def write(self, vals):
        self._check_state_fields(vals)
        return super().write(vals)

    def _check_state_fields(self, vals):
        if not self.env.su and vals.keys() & STATE_FIELDS:
            raise AccessError(self.env._(
                "Where a key is follows from handing it out and taking it back, not from typing."))

    # === ACTION METHODS === #

    def action_hand_out(self):
        return {
            'name': self.env._("Hand out keys"),
            'type': 'ir.actions.act_window',
            'res_model': 'property.key.hand.out',
            'view_mode': 'form',
            'target': 'new',
            'context': {'default_key_ids': self.ids},
        }

    def action_take_back(self):
        """ The keys are back; a lost one is found. """
        self.check_access('write')
        self._move('office')

    def action_lost(self):
        """ Lost; who had it stays on record. """
        self.check_access('write')
        self._move('lost', holder_id=self.holder_id.id if len(self.holder_id) == 1 else False)

    # === BUSINESS METHODS === #

    def _hand_out(self, partner, date_due=False, signature=False):
        """ Hand keys to a person, from the office or from who had them. """
        self.check_access('write')
        today = fields.Date.context_today(self)
        for key in self:
            if key.state == 'lost':
                raise UserError(self.env._(
                    "Key %(key)s is lost. If it was found, take it back first.",
                    key=key.display_name))
        if date_due and date_due < today:
            raise UserError(self.env._(
                "The keys cannot be due back on %(day)s, which is past.",
                day=fields.Date.to_string(date_due)))
        self._move(
            'out', holder_id=partner.id, date_out=today, date_due=date_due, signature=signature)
        if date_due:
            self.activity_schedule(
                RETURN_ACTIVITY, date_deadline=date_due, user_id=self.env.uid,
                summary=self.env._("Back from %(holder)s", holder=partner.name))

    def _move(self, state, holder_id=False, date_out=False, date_due=False, signature=False):
        self.activity_unlink([RETURN_ACTIVITY])
        if signature:
            for key in self:
                key.message_post(
                    body=self.env._("Received and signed."),
                    attachments=[('signature.png', b64decode(signature))])
        # sudo: nobody writes these fields but the actions, which have checked the right.
        self.sudo().write({
            'state': state, 'holder_id': holder_id, 'date_out': date_out, 'date_due': date_due,
            'signature': signature,
        })
