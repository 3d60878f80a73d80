from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class PropertyNotificationCompose(models.TransientModel):
    """ A message that staff write to the residents whom they ticked. """
    _name = 'property.notification.compose'
    _description = 'Write to residents'
    _inherit = ['property.channel.mixin']

    occupancy_ids = fields.Many2many(
        'property.occupancy', string="Recipient", required=True,
        default=lambda self: self.env.context.get('active_ids'))
    former_count = fields.Integer(string="Moved out", compute='_compute_recipient_count')
    with_former = fields.Boolean(string="Also who has moved out")
    recipient_count = fields.Integer(
        string="Number of recipients", compute='_compute_recipient_count')
    template_id = fields.Many2one(
        'property.notification.template', string="Template",
        domain=[('model', '=', 'property.occupancy')])
    category_id = fields.Many2one(
        'property.notification.category', string="Message category", required=True,
        domain=[('is_mandatory', '=', False)],
        compute='_compute_category_id', store=True, readonly=False, precompute=True)
    subject = fields.Char(
        required=True, compute='_compute_from_template', store=True, readonly=False,
        precompute=True)
    body = fields.Text(
        string="Text", required=True, compute='_compute_from_template', store=True, readonly=False,
        precompute=True)
    sms = fields.Text(
        string="SMS text", compute='_compute_from_template', store=True, readonly=False,
        precompute=True)

    @api.depends('occupancy_ids', 'with_former')
    def _compute_recipient_count(self):
        for message in self:
            message.former_count = len(message._get_former())
            message.recipient_count = len(message._get_addressed().partner_id)

    @api.depends('template_id')
    def _compute_category_id(self):
        notice = self.env.ref('property_base.category_notice')
        for message in self:
            message.category_id = (
                message.template_id.category_id or message.category_id or notice)

    @api.depends('template_id')
    def _compute_from_template(self):
        for message in self.filtered('template_id'):
            for name in ('subject', 'body', 'sms'):
                message[name] = message.template_id[name]

    @api.constrains('category_id')
    def _check_category(self):
        """ Of what cannot be switched off nobody could unsubscribe. """
        for message in self:
            if message.category_id.is_mandatory:
                raise ValidationError(self.env._(
                    "Only the system itself sends “%(category)s”. Choose another category.",
                    category=message.category_id.name))

    def _get_former(self):
        today = fields.Date.context_today(self)
        return self.occupancy_ids.filtered(lambda o: o.date_end and o.date_end < today)

    def _get_addressed(self):
        """ The list of residents holds those who have left or wait for approval, too: a notice is
        not theirs.
        """
        approved = self.occupancy_ids.filtered(lambda o: o.state == 'approved')
        return approved if self.with_former else approved - self._get_former()

    def action_send(self):
        """ Render the text for each, and hand it over; what each person gets is his choice. """
        self.ensure_one()
        self.occupancy_ids.check_access('read')
        addressed = self._get_addressed()
        if not addressed:
            raise UserError(self.env._(
                "Nobody of those ticked is a resident today. Choose others, or tick “Also who "
                "has moved out”."))
        # Whoever has several homes is told once.
        people = {occupancy.partner_id: occupancy for occupancy in reversed(addressed)}
        template = self.template_id or self.env['property.notification.template']
        draft = template.new({
            'model': 'property.occupancy',
            'subject': self.subject, 'body': self.body, 'sms': self.sms,
            'wechat_data': template.wechat_data,
        })
        # With the rights of the writer: nobody learns or tells by a variable what he may not see.
        texts = list(draft._render_each([
            (occupancy, partner) for partner, occupancy in people.items()]))
        if all(draft[name] == template[name] for name in ('subject', 'body', 'sms')):
            texts = None  # nothing was changed, so each reads the template in his own language
        # sudo: the right to write to residents is that to this dialog.
        self.env['property.notification'].sudo()._notify_each(
            [(partner, occupancy, None) for partner, occupancy in people.items()],
            self.category_id.code, template=template, texts=texts,
            channels=self._get_channels() or None)
        agreed = len(self.category_id._get_consenting(self.env['res.partner'].union(*people)))
        if agreed < len(people):
            message = self.env._(
                "%(agreed)s of %(count)s people have agreed to such messages; it goes to nobody "
                "else.", agreed=agreed, count=len(people))
        else:
            message = self.env._(
                "Handed over to %(count)s people. What becomes of it is in Messages › "
                "Deliveries.", count=len(people))
        return {
            'type': 'ir.actions.client',
            'tag': 'display_notification',
            'params': {
                'type': 'success' if agreed else 'warning',
                'message': message,
                'next': {'type': 'ir.actions.act_window_close'},
            },
        }
