from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import split_every

# One insert of this many rows is enough for the engine; more only hold memory.
BATCH = 1000


class PropertyNotification(models.Model):
    """ A message to one person, in his inbox on the portal, and how it went out beside that.

    Whoever has something to tell calls `_notify` or `_notify_each`. Nothing leaves before the
    transaction is committed: the deliveries are sent by jobs.
    """
    _name = 'property.notification'
    _description = 'Message'
    _inherit = ['property.scope.mixin']
    _order = 'id desc'
    _rec_name = 'subject'

    partner_id = fields.Many2one(
        'res.partner', string="Recipient", required=True, index=True, readonly=True,
        ondelete='cascade')
    category_id = fields.Many2one(
        'property.notification.category', string="Message category", required=True, readonly=True,
        ondelete='restrict')
    company_id = fields.Many2one('res.company', required=True, index=True, readonly=True)
    project_id = fields.Many2one('property.project', index=True, readonly=True)
    building_id = fields.Many2one('property.building', index=True, readonly=True)
    subject = fields.Char(required=True, readonly=True)
    body = fields.Text(string="Text", readonly=True)
    url = fields.Char(string="Leads to", readonly=True)
    in_inbox = fields.Boolean(
        string="In the inbox", readonly=True,
        help="Not there, if the person has not consented to messages of this category.")
    read_at = fields.Datetime(string="Read at", readonly=True)
    delivery_ids = fields.One2many(
        'property.notification.delivery', 'notification_id', string="Deliveries", readonly=True)

    _unread = models.Index('(partner_id) WHERE read_at IS NULL')

    # === BUSINESS METHODS: SENDING === #

    @api.model
    def _notify(
        self, partners, category, template=None, record=None, subject=None, body=None, url=None,
        channels=None,
    ):
        """ Tell people something about one record.

        :param res.partner partners: whom
        :param str category: code of a `property.notification.category`: security, billing,
            progress, notice, marketing or approval
        :param template: a `property.notification.template` or its xml id, with the record that
            its variables are about; or else
        :param str subject: with body, what to tell, in words that are already those of the reader
        :param str url: where the message leads, a path of this server such as `/my/dues`
        :param list[str] channels: what the person has chosen for this one matter, instead of what
            he prefers in general
        :return: the messages, one for each person
        :rtype: property.notification
        """
        return self._notify_each(
            [(partner, record, url) for partner in partners], category, template=template,
            subject=subject, body=body, channels=channels)

    @api.model
    def _notify_each(
        self, items, category, template=None, subject=None, body=None, channels=None, texts=None,
    ):
        """ `_notify` for many at once, each person about a record of his own.

        :param list items: (partner, record, url) of each message
        :param list texts: what a template has rendered for each of them, if the caller has it
        """
        # sudo: nobody writes messages by hand; whom to tell what is decided by the caller.
        self = self.sudo()
        category = self.env['property.notification.category']._get(category)
        if isinstance(template, str):
            template = self.env.ref(template)
        texts = texts or self._render_texts(
            items, template and template.sudo(), {'subject': subject, 'body': body})
        by_company = {}
        for item, text in zip(items, texts, strict=True):
            by_company.setdefault(self._get_company(item[1]), []).append((*item, text))
        notifications = self.browse()
        for company, company_items in by_company.items():
            for batch in split_every(BATCH, company_items, list):
                notifications += self.with_company(company)._create_batch(
                    batch, category, template and template.sudo(), channels)
        return notifications

    @api.model
    def _get_company(self, record):
        """ Whose message it is, by the record that it is about. """
        company = self.env['res.company']
        if record and record._name == 'res.company':
            company = record
        elif record and 'company_id' in record._fields:
            company = record.sudo().company_id
        return company or self.env.company

    def _create_batch(self, items, category, template, channels):
        partners = self.env['res.partner'].union(*(item[0] for item in items)).sudo()
        routes = category._get_routes(partners, channels)
        notifications = self.create([
            {
                'partner_id': partner.id,
                'category_id': category.id,
                'company_id': self.env.company.id,
                **self._get_place(record),
                'subject': text['subject'],
                'body': text['body'],
                'url': url,
                'in_inbox': routes[partner.id][1],
            }
            for partner, record, url, text in items
        ])
        deliveries = self.env['property.notification.delivery'].create([
            {
                'notification_id': notification.id,
                'channel': channel,
                'state': 'withheld' if reason else 'queued',
                'reason': reason,
                'content': self._get_content(channel, text, template),
            }
            for notification, (partner, _record, _url, text)
            in zip(notifications, items, strict=True)
            for channel, reason in routes[partner.id][0].items()
            # An official account sends nothing but templates.
            if channel != 'wechat' or template and template.wechat_code
        ])
        deliveries.filtered(lambda delivery: delivery.state == 'queued')._enqueue()
        return notifications

    def _render_texts(self, items, template, text):
        """ What each reads, in his language. """
        if not template:
            sms = '\n'.join(filter(None, text.values()))
            return [{**text, 'sms': sms}] * len(items)
        texts = [None] * len(items)
        by_lang = {}
        for index, (partner, _record, _url) in enumerate(items):
            by_lang.setdefault(partner.sudo().lang or self.env.lang, []).append(index)
        for lang, indexes in by_lang.items():
            rendered = template.with_context(lang=lang)._render_each([
                (items[index][1], items[index][0]) for index in indexes])
            for index, rendered_text in zip(indexes, rendered, strict=True):
                texts[index] = rendered_text
        return texts

    @api.model
    def _get_place(self, record):
        """ The project and the building of what it is about: who of the staff may see it. """
        if not record:
            return {}
        record = record.sudo()
        values = {}
        for name, field in (
            ('project_id', getattr(record, '_property_project_field', 'project_id')),
            ('building_id', getattr(record, '_property_building_field', 'building_id')),
        ):
            model = self._fields[name].comodel_name
            if field in record._fields and getattr(record[field], '_name', None) == model:
                values[name] = record[field].id
            elif field == 'id' and record._name == model:
                values[name] = record.id
        return values

    @api.model
    def _get_content(self, channel, text, template):
        """ What a channel needs beside subject and text. """
        if channel == 'sms':
            return {
                'text': text['sms'],
                **({'template': template.sms_code, 'params': text['params']}
                   if template and template.sms_code else {}),
            }
        if channel == 'wechat':
            return {'template': template.wechat_code, 'data': text['wechat']}
        return False

    # === BUSINESS METHODS: READING === #

    @api.model
    def _get_inbox_domain(self):
        return Domain('partner_id', '=', self.env.user.partner_id.id) \
            & Domain('in_inbox', '=', True)

    def _mark_read(self):
        """ The person has read them. """
        unread = self.filtered(
            lambda message: message.partner_id == self.env.user.partner_id and not message.read_at)
        # sudo: of his own messages, and nothing but that he read them.
        unread.sudo().read_at = fields.Datetime.now()

    def action_mark_read(self):
        self.check_access('read')
        self._mark_read()

    def action_mark_all_read(self):
        self.search(self._get_inbox_domain() & Domain('read_at', '=', False))._mark_read()

    def action_open(self):
        """ Go where the message leads, which is to have read it. """
        self.ensure_one()
        self.action_mark_read()
        return {'type': 'ir.actions.act_url', 'url': self.url, 'target': 'self'}
