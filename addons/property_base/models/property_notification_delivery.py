import json
import smtplib
from datetime import timedelta
from uuid import uuid4

import requests

from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import plaintext2html

from odoo.addons.iap.tools.iap_tools import InsufficientCreditError
from odoo.addons.mail.tools.web_push import DeviceUnreachableError, push_to_end_point

from ..gateways.wechat_api import WechatApi
from ..tools.identity import mask_address

# After each try that failed for want of an answer: when to try again. After the last one it is
# for a person to decide.
PAUSES = (
    timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2),
    timedelta(hours=8),
)
# What one job sends. It is one transaction: were it killed before its commit, as many e-mails
# could go out twice; SMS and WeChat know a repetition by its uuid.
JOB_SIZE = 100
# A browser's own push service is always reached safely; another address is somebody's trick.
PUSH_SCHEME = 'https://'
# Push services take no more than 4096 bytes, and a letter can be six in JSON.
PUSH_LETTERS = {'title': 100, 'body': 500}
# What the adapters of Odoo's `sms` call it, and what that means here: state, reason.
_SENT = {'success', 'sent', 'processing'}
_AGAIN = {
    'server_error': 'unreachable',
    'unregistered': 'account',
    'insufficient_credit': 'account',
    'country_not_supported': 'account',
}


class PropertyNotificationDelivery(models.Model):
    """ A message on its way through one channel. """
    _name = 'property.notification.delivery'
    _description = 'Delivery of a message'
    _inherit = ['property.scope.mixin']
    _order = 'id desc'
    _rec_name = 'notification_id'

    notification_id = fields.Many2one(
        'property.notification', string="Message sent", required=True, index=True, readonly=True,
        ondelete='cascade')
    partner_id = fields.Many2one(
        related='notification_id.partner_id', string="Recipient", store=True, index=True,
        precompute=True)
    category_id = fields.Many2one(
        related='notification_id.category_id', store=True, precompute=True)
    company_id = fields.Many2one(
        related='notification_id.company_id', store=True, index=True, precompute=True)
    project_id = fields.Many2one(
        related='notification_id.project_id', store=True, index=True, precompute=True)
    building_id = fields.Many2one(
        related='notification_id.building_id', store=True, index=True, precompute=True)
    channel = fields.Selection(
        [('email', "E-mail"), ('sms', "SMS"), ('wechat', "WeChat"), ('push', "Browser")],
        required=True, readonly=True)
    uuid = fields.Char(
        string="Unique number", required=True, readonly=True, copy=False,
        default=lambda self: uuid4().hex,
        help="By it the gateway knows that a message is tried again, and sends it once.")
    state = fields.Selection(
        [('queued', "To be sent"), ('sent', "Sent"), ('failed', "Failed"),
         ('withheld', "Withheld")],
        required=True, default='queued', readonly=True, index=True)
    reason = fields.Selection(
        [('unwanted', "The person does not want it"),
         ('no_consent', "No consent on record"),
         ('unsubscribed', "The address has unsubscribed"),
         ('no_address', "No usable address or mobile number"),
         ('not_set_up', "The company has not set this channel up"),
         ('unreachable', "The gateway gave no usable answer"),
         ('account', "The gateway refuses our account"),
         ('rejected', "The gateway or the recipient refuses it")],
        string="Cause", readonly=True)
    error = fields.Char(string="In the gateway's words", readonly=True)
    tries = fields.Integer(readonly=True)
    sent_at = fields.Datetime(string="Sent at", readonly=True)
    next_try_at = fields.Datetime(string="Next try", readonly=True)
    address = fields.Char(string="Address (masked)", readonly=True)
    content = fields.Json(readonly=True)

    _uuid_uniq = models.Constraint('UNIQUE (uuid)', "Two deliveries have the same number.")

    # === ACTIONS === #

    def action_retry(self):
        """ Send now what has failed, or waits for its next try. """
        self.check_access('read')
        if not self.env.user.has_group('property_base.group_notification'):
            raise AccessError(self.env._("Sending again takes the right “Messages to residents”."))
        # sudo: the right is checked; nobody writes these by hand.
        again = self.sudo().filtered(lambda d: d.state in ('failed', 'queued'))
        again.write({
            'state': 'queued', 'reason': False, 'error': False, 'tries': 0, 'next_try_at': False})
        again._enqueue()

    # === BUSINESS METHODS: QUEUE === #

    def _enqueue(self, pause=None):
        """ Have a job send them once this transaction is committed.

        However many there are, it is one job for each channel and company; it hands on what it
        does not manage itself.
        """
        for (channel, company), deliveries in self.grouped(
                lambda delivery: (delivery.channel, delivery.company_id)).items():
            deliveries.with_delay(
                max_retries=0, eta=pause,
                description=f'{channel}: {len(deliveries)} ({company.name})',
            )._job_send()

    def _job_send(self):
        """ Send the first of them, and leave the others to the next job. """
        now, rest = self[:JOB_SIZE], self[JOB_SIZE:]
        if rest:
            rest._enqueue()
        # What another job is sending at this moment is its own.
        now.exists().try_lock_for_update().filtered(lambda d: d.state == 'queued')._send()

    def _send(self):
        """ Send these, of one channel and one company, and keep what came of it. """
        if not self:
            return
        self = self.with_company(self.company_id)
        addresses = {}
        for category, deliveries in self.grouped('category_id').items():
            partners = deliveries.partner_id
            reach = category._get_reach(partners)
            objections = category._get_objections(partners, reach)
            for delivery in deliveries:
                # Somebody may have withdrawn his consent since this was queued.
                if reason := objections[delivery.partner_id.id][delivery.channel]:
                    delivery.write({'state': 'withheld', 'reason': reason})
                else:
                    addresses[delivery] = reach[delivery.partner_id.id][delivery.channel]
        sending = self.browse(delivery.id for delivery in addresses)
        if not sending:
            return
        for delivery in sending:
            # What a browser or an official account is reached by tells a reader nothing.
            delivery.address = delivery.channel in ('email', 'sms') and mask_address(
                addresses[delivery])
        send = {
            'email': sending._send_email, 'sms': sending._send_sms,
            'wechat': sending._send_wechat, 'push': sending._send_push,
        }[sending[0].channel]
        results = {result['uuid']: result for result in send(addresses)}
        for delivery in sending:
            delivery._keep(results[delivery.uuid])
        waiting = sending.filtered(lambda delivery: delivery.state == 'queued')
        for tries, again in waiting.grouped('tries').items():
            again.next_try_at = fields.Datetime.now() + PAUSES[tries - 1]
            again._enqueue(PAUSES[tries - 1])

    def _keep(self, result):
        tries = self.tries + 1
        values = {
            'tries': tries, 'error': result.get('failure_reason') or False, 'next_try_at': False}
        if result['state'] in _SENT:
            values.update(
                state='sent', reason=False, error=False, sent_at=fields.Datetime.now())
        elif result['state'] in _AGAIN and tries <= len(PAUSES):
            values['reason'] = _AGAIN[result['state']]
        else:
            values.update(state='failed', reason=_AGAIN.get(result['state'], 'rejected'))
        self.write(values)

    # === BUSINESS METHODS: CHANNELS === #

    # Each takes the address of each delivery, and returns one dict for each with uuid, state and
    # failure_reason, in the states of Odoo's SMS adapters.

    def _send_sms(self, addresses):
        api = self.env.company._get_sms_api_class()(self.env)
        api._set_company(self.env.company)
        try:
            return api._send_sms_batch([
                {
                    'content': delivery._get_sms_text(),
                    'template': delivery.content.get('template'),
                    'numbers': [{
                        'uuid': delivery.uuid, 'number': addresses[delivery],
                        'params': delivery.content.get('params'),
                    }],
                }
                for delivery in self
            ])
        except (UserError, InsufficientCreditError) as error:
            # Odoo's own service says so of all of them at once.
            state = 'insufficient_credit' if isinstance(error, InsufficientCreditError) \
                else 'server_error'
            return [
                {'uuid': delivery.uuid, 'state': state, 'failure_reason': str(error)}
                for delivery in self]

    def _get_sms_text(self):
        text, link = self.content['text'], self._get_unsubscribe_link()
        if not link:
            return text
        _ = self.with_context(lang=self.partner_id.lang).env._
        return _("%(text)s No more offers: %(link)s", text=text, link=link)

    def _send_wechat(self, addresses):
        api = WechatApi(self.env)
        return api._send_wechat_batch([
            {
                'uuid': delivery.uuid,
                'openid': addresses[delivery],
                'template_id': delivery.content['template'],
                'data': delivery.content['data'],
                'url': delivery._get_link() or '',
            }
            for delivery in self
        ])

    def _send_email(self, addresses):
        company = self.env.company
        mails = self.env['mail.mail'].create([
            {
                'subject': delivery.notification_id.subject,
                'body_html': delivery._render_email(),
                'email_from': company.email_formatted or self.env.user.email_formatted,
                'email_to': addresses[delivery],
                'auto_delete': False,
                **delivery._prepare_unsubscribe_vals(),
            }
            for delivery in self
        ])
        trouble = False
        try:
            mails.send()
        except smtplib.SMTPException as error:
            trouble = str(error)  # the connection broke; what went out before is marked
        # What Odoo keeps back, since a mailbox sends only so much a minute, is in its own queue.
        in_queue = mails.filtered(lambda mail: mail.state == 'outgoing' and not trouble)
        results = [
            {
                'uuid': delivery.uuid,
                'state': 'success' if mail.state == 'sent' or mail in in_queue else (
                    'rejected' if mail.failure_type in ('mail_email_invalid', 'mail_email_missing')
                    else 'server_error'),
                'failure_reason': trouble or mail.failure_reason,
            }
            for delivery, mail in zip(self, mails, strict=True)
        ]
        in_queue.auto_delete = True
        (mails - in_queue).unlink()  # what is worth keeping is kept here
        return results

    def _send_push(self, addresses):
        devices = self.env['mail.push.device'].search([
            ('partner_id', 'in', self.partner_id.ids)])
        devices_by_partner = devices.grouped('partner_id')
        parameters = self.env['ir.config_parameter'].sudo()
        keys = {
            f'vapid_{kind}_key': parameters.get_param(f'mail.web_push_vapid_{kind}_key')
            for kind in ('public', 'private')}
        statuses, gone, results = [], devices.browse(), []
        with requests.Session() as session:
            # Odoo's function only logs what was not accepted.
            session.hooks['response'].append(
                lambda response, **_kwargs: statuses.append(response.status_code))
            for delivery in self:
                statuses.clear()
                error = False
                base_url, payload = delivery.get_base_url(), delivery._prepare_push_payload()
                own = devices_by_partner.get(delivery.partner_id, devices.browse())
                for device in own - gone:
                    if not device.endpoint.startswith(PUSH_SCHEME):
                        gone += device
                        continue
                    try:
                        push_to_end_point(
                            base_url=base_url, payload=payload, session=session,
                            device={name: device[name] for name in ('id', 'endpoint', 'keys')},
                            **keys)
                    except DeviceUnreachableError:
                        gone += device
                    # Whoever registers a device names its keys, which may be none.
                    except (requests.RequestException, AttributeError, TypeError, ValueError) \
                            as exception:
                        error = type(exception).__name__
                results.append({
                    'uuid': delivery.uuid,
                    'state': 'success' if 201 in statuses else (
                        'server_error' if own - gone else 'rejected'),
                    'failure_reason': error or ', '.join(map(str, statuses)),
                })
        gone.unlink()
        return results

    def _prepare_push_payload(self):
        notification = self.notification_id
        return json.dumps({
            'title': notification.subject[:PUSH_LETTERS['title']],
            'options': {
                'body': (notification.body or '')[:PUSH_LETTERS['body']],
                'icon': f'/web/image/res.company/{self.company_id.id}/logo/192x192',
                'data': {'url': f'/my/messages/{notification.id}'},
            },
        }, ensure_ascii=False)

    def _render_email(self):
        notification = self.notification_id
        self = self.with_context(lang=notification.partner_id.lang)
        return self.env['ir.qweb']._render('property_base.notification_email', {
            'notification': notification,
            'company': self.company_id,
            'body': plaintext2html(notification.body or ''),
            'link': self._get_link(),
            'settings_link': self.get_base_url() + '/my/messages/settings',
            'unsubscribe_link': self._get_unsubscribe_link(),
        })

    def _get_link(self):
        url = self.notification_id.url
        return url and self.get_base_url() + url

    def _get_unsubscribe_link(self):
        """ By which consent is withdrawn without signing in. """
        if not self.category_id.needs_consent:
            return False
        token = self.env['property.notification.consent']._make_token(
            self.partner_id, self.category_id)
        return f'{self.get_base_url()}/property/unsubscribe/{token}'

    def _prepare_unsubscribe_vals(self):
        link = self._get_unsubscribe_link()
        return {'headers': repr({
            'List-Unsubscribe': f'<{link}>', 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
        })} if link else {}
