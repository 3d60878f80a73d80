from contextlib import contextmanager
from datetime import timedelta
from smtplib import SMTPServerDisconnected

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.queue_job.tests.common import trap_jobs

from ..models.property_notification_delivery import JOB_SIZE
from .common import PropertyCommon


class NotificationCommon(PropertyCommon):
    """ Olga owns the flat and has a phone and an e-mail; the company writes SMS into the log. """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Notification = cls.env['property.notification']
        cls.company.property_sms_provider = 'log'
        cls.company.country_id = cls.env.ref('base.cn')
        cls.owner = cls._move_in(cls.flat, cls.olga)
        cls._move_in(cls.flat, cls.tom, role='tenant')
        cls.olga_user = cls._create_portal_user(cls.olga)
        cls.tom_user = cls._create_portal_user(cls.tom)
        cls.olga.write({'phone': '13800138000', 'email': 'olga@example.com'})
        cls.tom.write({'phone': '13900139000', 'email': 'tom@example.com'})

    @contextmanager
    def _jobs(self):
        """ Jobs wait until the test performs them, as they do until the commit. """
        with trap_jobs() as trap:
            yield trap

    def _notify(self, partners=None, category='notice', channels=None, **values):
        values = {'subject': "Water cut", 'body': "Tomorrow from 9 to 11", **values}
        return self.Notification._notify(
            partners or self.olga, category, record=self.flat, channels=channels, **values)

    def _get_states(self, notification):
        return {
            delivery.channel: delivery.reason or delivery.state
            for delivery in notification.delivery_ids}


@tagged('post_install', '-at_install')
class TestNotification(NotificationCommon):

    def test_a_message_comes_into_the_inbox_and_goes_out_only_after_the_commit(self):
        """[G19] """
        with self._jobs() as jobs, self.assertLogs(
                'odoo.addons.property_base.gateways.sms_api') as log:
            message = self._notify(channels=['sms'], url='/my')
            self.assertEqual(message.delivery_ids.state, 'queued')
            jobs.assert_jobs_count(1, only=message.delivery_ids._job_send)
            self.assertEqual(jobs.enqueued_jobs[0].channel, 'root.notification')
            self.assertFalse(log.output)
            jobs.perform_enqueued_jobs()
            self.assertIn("SMS to +8613800138000: Water cut\nTomorrow from 9 to 11", log.output[0])
        self.assertEqual(message.delivery_ids.state, 'sent')
        self.assertEqual(message.delivery_ids.address, '138****8000')
        inbox = self.Notification.with_user(self.olga_user)
        self.assertEqual(inbox.search(inbox._get_inbox_domain()), message)
        self.assertFalse(message.read_at)
        message.with_user(self.olga_user).action_mark_read()
        self.assertTrue(message.read_at)

    def test_the_category_gives_the_channels_and_the_person_changes_them(self):
        """[G19] """
        billing = self.env.ref('property_base.category_billing')
        with self._jobs():
            self.assertEqual(
                self._get_states(self._notify(category='billing')),
                {'email': 'queued', 'sms': 'queued'})
            self.env['property.notification.preference'].create({
                'partner_id': self.olga.id, 'category_id': billing.id, 'by_email': True})
            self.assertEqual(
                self._get_states(self._notify(category='billing')),
                {'email': 'queued', 'sms': 'unwanted'})
            self.assertEqual(
                self._get_states(self._notify(category='billing', channels=['sms'])),
                {'sms': 'queued'}, "what was chosen on the submission counts there")

    def test_what_concerns_the_own_account_cannot_be_switched_off(self):
        """[G19] """
        security = self.env.ref('property_base.category_security')
        self.env['property.notification.preference'].create({
            'partner_id': self.olga.id, 'category_id': security.id})
        self.env['phone.blacklist'].create({'number': '13800138000'})
        with self._jobs():
            self.assertEqual(
                self._get_states(self._notify(category='security')),
                {'email': 'queued', 'sms': 'queued'})

    def test_no_advertising_without_consent(self):
        """[G20] """
        marketing = self.env.ref('property_base.category_marketing')
        Consent = self.env['property.notification.consent']
        with self._jobs() as jobs:
            message = self._notify(category='marketing')
            self.assertEqual(self._get_states(message), {'email': 'no_consent'})
            self.assertEqual(
                self._get_states(self._notify(category='marketing', channels=['sms'])),
                {'sms': 'no_consent'}, "the sender cannot choose it away")
            jobs.assert_jobs_count(0)
            self.assertFalse(message.in_inbox)
            self.assertFalse(message.with_user(self.olga_user).search([('id', '=', message.id)]))

            Consent._set(self.olga, marketing, True, 'portal')
            message = self._notify(category='marketing')
            self.assertEqual(self._get_states(message), {'email': 'queued'})
            self.assertTrue(message.in_inbox)
            # Withdrawn while the message waits.
            Consent._set(self.olga, marketing, False, 'portal')
            with self.assertNoLogs('odoo.addons.mail', 'WARNING'):
                jobs.perform_enqueued_jobs()
        self.assertEqual(self._get_states(message), {'email': 'no_consent'})

    def test_advertising_by_sms_ends_with_the_link(self):
        """[G20] Who gets it on the phone can end it there, too. """
        Consent = self.env['property.notification.consent']
        marketing = self.env.ref('property_base.category_marketing')
        Consent._set(self.olga, marketing, True, 'portal')
        with self.assertLogs('odoo.addons.property_base.gateways.sms_api') as log, \
                self._jobs() as jobs:
            self._notify(category='marketing', channels=['sms'])
            self._notify(category='security', channels=['sms'])
            jobs.perform_enqueued_jobs()
        link = f'/property/unsubscribe/{Consent._make_token(self.olga, marketing)}'
        self.assertEqual([link in line for line in log.output], [True, False])

    def test_staff_are_told_who_gets_advertising(self):
        """[G19] [G20] """
        marketing = self.env.ref('property_base.category_marketing')
        self.env['property.notification.consent']._set(self.tom, marketing, True, 'portal')
        Compose = self.env['property.notification.compose'].with_user(self.officer)
        with self._jobs():
            told = Compose.create({
                'occupancy_ids': self.flat.occupancy_ids.ids, 'category_id': marketing.id,
                'subject': "Pool", 'body': "Open",
            }).action_send()['params']['message']
        self.assertIn(f"1 of {len(self.flat.occupancy_ids.partner_id)} people", told)

    def test_who_has_unsubscribed_is_left_alone(self):
        """[G20] Odoo's own lists hold for every add-on. """
        self.env['phone.blacklist'].create({'number': '13800138000'})
        self.env['mail.blacklist'].create({'email': 'Olga@example.com'})
        with self._jobs():
            self.assertEqual(
                self._get_states(self._notify(channels=['email', 'sms'])),
                {'email': 'unsubscribed', 'sms': 'unsubscribed'})

    def test_why_a_channel_was_not_used_is_said(self):
        self.olga.phone = '0571-88888888'
        with self._jobs():
            self.assertEqual(
                self._get_states(self._notify(channels=['sms', 'email'])),
                {'sms': 'no_address', 'email': 'queued'})
            self.company.property_sms_provider = False
            self.assertEqual(
                self._get_states(self._notify(channels=['sms'])), {'sms': 'not_set_up'})
            self.assertEqual(
                self._get_states(self._notify(category='billing')), {'email': 'queued'},
                "what the company does not have is not told with each message")

    def test_an_email_names_the_link_and_the_way_out(self):
        """[G20] """
        marketing = self.env.ref('property_base.category_marketing')
        self.env['property.notification.consent']._set(self.olga, marketing, True, 'portal')
        sent = []
        self.patch(
            self.registry['mail.mail'], 'send', lambda mails, **_kwargs: (
                sent.extend(mail.read(['body_html', 'headers', 'email_to'])[0] for mail in mails),
                mails.write({'state': 'sent'})))
        with self._jobs() as jobs:
            message = self._notify(category='marketing', url='/my/dues', body="<b>Half</b> price")
            jobs.perform_enqueued_jobs()
        self.assertEqual(self._get_states(message), {'email': 'sent'})
        self.assertEqual(message.delivery_ids.address, 'o***@example.com')
        mail, = sent
        self.assertEqual(mail['email_to'], 'olga@example.com')
        self.assertIn('/my/dues"', mail['body_html'])
        self.assertIn('/my/messages/settings"', mail['body_html'])
        self.assertIn('&lt;b&gt;Half&lt;/b&gt; price', mail['body_html'])
        self.assertIn('/property/unsubscribe/', mail['body_html'])
        self.assertIn('List-Unsubscribe-Post', mail['headers'])
        self.assertFalse(self.env['mail.mail'].search([('email_to', '=', 'olga@example.com')]))

    def test_a_mail_server_that_is_down_is_tried_again(self):
        self.patch(
            self.registry['mail.mail'], 'send', lambda mails, **_kwargs: mails.write({
                'state': 'exception', 'failure_reason': "connection refused"}))
        with self._jobs() as jobs:
            message = self._notify(channels=['email'])
            jobs.perform_enqueued_jobs()
        delivery = message.delivery_ids
        self.assertEqual((delivery.state, delivery.reason, delivery.tries),
                         ('queued', 'unreachable', 1))
        self.assertEqual(delivery.error, "connection refused")

    def test_a_mail_server_that_hangs_up(self):
        def send(mails, **_kwargs):
            mails[0].state = 'sent'
            raise SMTPServerDisconnected("bye")

        self.patch(self.registry['mail.mail'], 'send', send)
        with self._jobs() as jobs:
            messages = self._notify(self.olga | self.tom, channels=['email'])
            jobs.perform_enqueued_jobs()
            jobs.assert_jobs_count(1)
        self.assertEqual(messages.delivery_ids.mapped('state').count('sent'), 1)
        waiting = messages.delivery_ids.filtered(lambda delivery: delivery.state == 'queued')
        self.assertEqual((waiting.reason, waiting.error), ('unreachable', "bye"))

    # === MANY === #

    def _count_queries(self, count):
        partners = self.env['res.partner'].create([
            {'name': f'P{count}-{i}', 'phone': f'138{count:04d}{i:04d}',
             'email': f'p{count}-{i}@example.com'} for i in range(count)])
        self.env['property.notification.preference'].create([
            {'partner_id': partner.id, 'by_sms': True, 'by_email': True,
             'category_id': self.env.ref('property_base.category_notice').id}
            for partner in partners])
        template = self.env.ref('property_base.template_notice')
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        messages = self.Notification._notify(
            partners, 'notice', template=template, record=self.owner)
        self.env.flush_all()
        queries = self.cr.sql_log_count - before
        self.assertEqual(len(messages.delivery_ids), 2 * count)
        return queries

    def test_five_hundred_people_cost_as_many_queries_as_one(self):
        self._count_queries(2)  # what is read once per process
        one, hundred, many = (self._count_queries(count) for count in (1, 100, 500))
        # Odoo inserts a hundred rows at a time: of messages five instead of one, of deliveries ten.
        self.assertEqual((hundred, many), (one + 1, one + 4 + 9))

    def test_a_large_lot_goes_out_in_several_jobs(self):
        partners = self.env['res.partner'].create([
            {'name': f'Many {i}', 'phone': f'1370000{i:04d}'} for i in range(JOB_SIZE + 5)])
        with self._jobs() as jobs, mute_logger('odoo.addons.property_base.gateways.sms_api'):
            messages = self._notify(partners, channels=['sms'])
            for sent in (0, JOB_SIZE, JOB_SIZE + 5):
                self.assertEqual(messages.delivery_ids.mapped('state').count('sent'), sent)
                jobs.assert_jobs_count(sent < JOB_SIZE + 5)
                jobs.perform_enqueued_jobs()

    def test_each_about_his_own_record(self):
        """[A81] """
        other = self._move_in(self.next_flat, self.hilda)
        with self._jobs():
            messages = self.Notification._notify_each(
                [(self.olga, self.owner, None), (self.hilda, other, None)], 'notice',
                template='property_base.template_notice')
        self.assertEqual(messages.mapped('project_id'), self.lakeside)
        self.assertIn("Olga Owner", messages[0].body)
        self.assertIn("Hilda Hill", messages[1].body)

    # === RIGHTS === #

    def test_nobody_reads_or_writes_the_messages_of_others(self):
        with self._jobs():
            message = self._notify()
        for user in (self.tom_user, self.hill_officer, self.far_manager):
            with self.subTest(user=user.login):
                found = self.Notification.with_user(user)
                self.assertFalse(found.search([('id', '=', message.id)]))
                with self.assertRaises(AccessError), mute_logger('odoo.addons.base.models.ir_rule'):
                    message.with_user(user).read(['subject'])
        with self.assertRaises(AccessError):
            message.with_user(self.olga_user).write({'subject': "Forged"})
        with self.assertRaises(AccessError):
            self.Notification.with_user(self.officer).create({'subject': "Forged"})
        message.with_user(self.officer).action_mark_read()
        self.assertFalse(message.read_at, "only the person reads his message")

    def test_what_colleagues_are_told_of_their_own_matters_is_theirs(self):
        """ A permission that was refused is nothing for who writes to residents. """
        Delivery = self.env['property.notification.delivery'].with_user(self.officer)
        with self._jobs():
            to_clerk, to_olga = (
                self.Notification._notify(
                    partner, 'progress', subject="Refused", body="Why", channels=['email'])
                for partner in (self.clerk.partner_id, self.olga))
        messages = to_clerk + to_olga
        self.assertFalse(messages.project_id)
        self.assertEqual(messages.with_user(self.officer)._filtered_access('read'), to_olga)
        self.assertEqual(messages.with_user(self.clerk)._filtered_access('read'), to_clerk)
        self.assertEqual(
            Delivery.search([('notification_id', 'in', messages.ids)]), to_olga.delivery_ids)

    def test_deliveries_are_for_who_writes_to_residents(self):
        with self._jobs():
            delivery = self._notify(channels=['sms']).delivery_ids
        Delivery = self.env['property.notification.delivery']
        self.assertEqual(Delivery.with_user(self.officer).search([('id', '=', delivery.id)]),
                         delivery)
        self.assertFalse(Delivery.with_user(self.hill_officer).search([('id', '=', delivery.id)]))
        for user in (self.clerk, self.olga_user):
            with self.assertRaises(AccessError), self._jobs() as jobs:
                delivery.with_user(user).action_retry()
            jobs.assert_jobs_count(0)

    def test_the_keys_of_the_gateways_are_the_administrators(self):
        self.company.write({'property_sms_secret': 'hidden', 'property_wechat_secret': 'hidden'})
        for user in (self.manager, self.officer, self.olga_user):
            for name in ('property_sms_url', 'property_sms_secret', 'property_wechat_secret',
                         'property_wechat_token'):
                with self.subTest(user=user.login, name=name), self.assertRaises(AccessError):
                    self.company.with_user(user).read([name])
        self.olga.sudo().property_wechat_openid = 'o1'
        with self.assertRaises(AccessError):
            self.olga.with_user(self.manager).read(['property_wechat_openid'])

    def test_a_consent_is_a_proof(self):
        """[G20] """
        Consent = self.env['property.notification.consent'].with_user(self.officer)
        consent = Consent.create({
            'partner_id': self.olga.id, 'note': "form 17", 'withdrawn_at': '2020-01-01'})
        self.assertFalse(consent.withdrawn_at)
        with self.assertRaises(UserError):
            consent.note = "form 18"
        with self.assertRaises(AccessError):
            consent.unlink()
        with self.assertRaises(AccessError):
            Consent.create({'partner_id': self.tom.id, 'source': 'portal'})
        consent.action_withdraw()
        self.assertTrue(consent.withdrawn_at)
        self.assertEqual(consent.withdrawal, 'staff')
        self.assertFalse(
            Consent.with_user(self.hill_officer).search([('id', '=', consent.id)]))

    def test_staff_write_nothing_that_cannot_be_switched_off(self):
        """[G20] It would reach who has unsubscribed. """
        with self.assertRaisesRegex(ValidationError, "Only the system itself"):
            self.env['property.notification.compose'].with_user(self.officer).create({
                'occupancy_ids': self.owner.ids, 'subject': "Sale", 'body': "Buy",
                'category_id': self.env.ref('property_base.category_security').id})

    def test_a_notice_is_not_for_who_has_moved_out(self):
        """[A81] The list of a building holds its former residents as well. """
        tenant = self.flat.occupancy_ids.filtered(lambda o: o.partner_id == self.tom)
        tenant.date_end = fields.Date.context_today(tenant) - timedelta(days=1)
        Compose = self.env['property.notification.compose'].with_user(self.officer)
        notice = {'subject': "Water", 'body': "Closed", 'occupancy_ids': tenant.ids}
        with self.assertRaisesRegex(UserError, "Nobody of those ticked"):
            Compose.create(notice).action_send()
        self.flat.invalidate_recordset(['occupancy_ids'])
        message = Compose.create({**notice, 'occupancy_ids': self.flat.occupancy_ids.ids})
        self.assertEqual(message.former_count, 1)
        self.assertEqual(message.recipient_count, 1)
        with self._jobs():
            message.action_send()
        sent = self.Notification.search([('partner_id', 'in', (self.olga | self.tom).ids)])
        self.assertEqual(sent.partner_id, self.olga)
        message.with_former = True
        self.assertEqual(message.recipient_count, 2)

    def test_staff_write_to_residents(self):
        """[A81] [G19] """
        self._move_in(self.next_flat, self.olga)
        occupancies = self.flat.occupancy_ids | self.next_flat.occupancy_ids
        Compose = self.env['property.notification.compose'].with_user(self.officer)
        with self._jobs():
            Compose.create({
                'occupancy_ids': occupancies.ids, 'subject': "For {unit}",
                'body': "Dear {recipient}", 'sms': "Hello {recipient}", 'by_sms': True,
            }).action_send()
        messages = self.Notification.search([('partner_id', 'in', (self.olga | self.tom).ids)])
        self.assertEqual(len(messages), 2, "who has two homes is told once")
        message = messages.filtered(lambda message: message.partner_id == self.tom)
        self.assertIn("Tower 1-Entrance 1-101", message.subject)
        self.assertEqual(message.body, "Dear Tom Tenant")
        self.assertEqual(message.delivery_ids.content, {'text': "Hello Tom Tenant"})
        # A template as it is goes to each in his language.
        self.env['res.lang']._activate_lang('en_US')
        self.env['res.lang']._activate_lang('zh_CN')
        self.tom.lang = 'zh_CN'
        template = self.env.ref('property_base.template_notice')
        template.with_context(lang='zh_CN').subject = "{项目}停水"
        with self._jobs():
            Compose.create({
                'occupancy_ids': self.flat.occupancy_ids.ids, 'template_id': template.id,
            }).action_send()
        message = self.Notification.search([('partner_id', '=', self.tom.id)], limit=1)
        self.assertEqual(message.subject, "Lakeside停水")
        self.assertEqual(message.category_id, template.category_id)
        with self.assertRaises(AccessError):
            Compose.with_user(self.clerk).create({
                'occupancy_ids': occupancies.ids, 'subject': "S", 'body': "B"})
        with self.assertRaises(AccessError), mute_logger('odoo.addons.base.models.ir_rule'):
            Compose.with_user(self.hill_officer).create({
                'occupancy_ids': occupancies.ids, 'subject': "S", 'body': "B"}).action_send()


@tagged('post_install', '-at_install')
class TestNotificationPortal(NotificationCommon, HttpCase):

    def _open(self, login, url, data=None):
        self.authenticate(login, login)
        if data is not None:
            data = {**data, 'csrf_token': self._get_csrf()}
        return self.url_open(url, data=data)

    def _get_csrf(self):
        page = self.url_open('/my/messages/settings').text
        return page.split('name="csrf_token" value="')[1].split('"')[0]

    def _notify_now(self, **values):
        with self._jobs():
            return self._notify(**values)

    def test_the_inbox_shows_what_is_unread(self):
        """[G19] """
        message = self._notify_now(url='/my/homes/1')
        page = self._open('olga', '/my').text
        self.assertIn('href="/my/messages"', page)
        self.assertIn('fa-envelope ', page)
        page = self._open('olga', '/my/messages').text
        self.assertIn('Water cut', page)
        self.assertIn('o_property_unread', page)
        page = self._open('olga', f'/my/messages/{message.id}').text
        self.assertIn('Tomorrow from 9 to 11', page)
        self.assertIn('href="/my/homes/1"', page)
        page = self._open('olga', '/my/messages?unread=1').text
        self.assertIn('o_property_empty', page)
        self.assertIn('fa-envelope-o ', self._open('olga', '/my').text)

    def test_all_at_once(self):
        messages = self._notify_now() | self._notify_now()
        self._open('olga', '/my/messages/read', {})
        self.assertEqual(len(messages.filtered('read_at')), 2)

    def test_the_message_of_another_leads_back(self):
        message = self._notify_now()
        for login in ('tom', 'lakeside_officer'):
            with self.subTest(login=login):
                response = self._open(login, f'/my/messages/{message.id}')
                self.assertTrue(response.url.endswith('/my/messages'), response.url)
        self.assertFalse(message.read_at)
        self.authenticate(None, None)
        self.assertIn('/web/login', self.url_open(f'/my/messages/{message.id}').url)

    def test_the_person_chooses_what_he_is_told(self):
        """[G19] [G20] """
        self._open('olga', '/my/messages/settings', {
            'billing_email': '1', 'security_email': '', 'consent_marketing': '1',
            'marketing_sms': '1'})
        billing = self.env.ref('property_base.category_billing')
        marketing = self.env.ref('property_base.category_marketing')
        self.assertEqual(billing._get_wanted(self.olga)[self.olga.id], ['email', 'wechat'])
        self.assertEqual(marketing._get_consenting(self.olga), self.olga)
        self.assertFalse(marketing._get_consenting(self.tom))
        with self._jobs():
            self.assertEqual(
                self._get_states(self._notify(category='marketing')),
                {'email': 'unwanted', 'sms': 'queued'})
        self._open('olga', '/my/messages/settings', {'billing_email': '1'})
        self.assertFalse(marketing._get_consenting(self.olga))
        consent = self.env['property.notification.consent'].search(
            [('partner_id', '=', self.olga.id)])
        self.assertEqual((consent.source, consent.withdrawal), ('portal', 'portal'))

    def test_unsubscribing_takes_no_sign_in(self):
        """[G20] Only the button does it: mail servers follow links. """
        marketing = self.env.ref('property_base.category_marketing')
        Consent = self.env['property.notification.consent']
        Consent._set(self.olga, marketing, True, 'portal')
        token = Consent._make_token(self.olga, marketing)
        self.authenticate(None, None)
        page = self.url_open(f'/property/unsubscribe/{token}').text
        self.assertIn('<form', page)
        self.assertTrue(marketing._get_consenting(self.olga))
        page = self.url_open(f'/property/unsubscribe/{token}', data={'x': '1'}).text
        self.assertIn('fa-check', page)
        self.assertFalse(marketing._get_consenting(self.olga))

    def test_a_forged_unsubscribe_link_does_nothing(self):
        marketing = self.env.ref('property_base.category_marketing')
        Consent = self.env['property.notification.consent']
        Consent._set(self.olga, marketing, True, 'portal')
        token = Consent._make_token(self.tom, marketing)
        for forged in (token[:-4] + 'AAAA', token[4:], 'x', '%F0%9F'):
            with self.subTest(token=forged):
                response = self.url_open(f'/property/unsubscribe/{forged}', data={'x': '1'})
                self.assertEqual(response.status_code, 200)
                self.assertNotIn('fa-check', response.text)
        self.assertTrue(marketing._get_consenting(self.olga))

    def test_the_pages_cost_the_same_however_many_messages(self):
        def count():
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.url_open('/my/messages')
            return self.cr.sql_log_count - before

        self.authenticate('olga', 'olga')
        self._notify_now()
        count()  # what is kept from the first request on
        one = count()
        for _index in range(10):
            self._notify_now()
        self.assertEqual(count(), one)

    def test_this_browser(self):
        """[G19] A device belongs to who registered it. """
        Device = self.env['mail.push.device']
        self.authenticate('olga', 'olga')
        key = self.make_jsonrpc_request('/my/messages/push', {})
        subscription = {
            'endpoint': 'https://push.example.com/olga', 'vapid_public_key': key,
            'keys': {'p256dh': 'x', 'auth': 'y'}}
        self.make_jsonrpc_request('/my/messages/push', {'subscription': subscription})
        device = Device.search([('endpoint', '=', subscription['endpoint'])])
        self.assertEqual(device.partner_id, self.olga)
        self.authenticate('tom', 'tom')
        self.make_jsonrpc_request('/my/messages/push', {'endpoint': subscription['endpoint']})
        self.assertTrue(device.exists())
        self.authenticate('olga', 'olga')
        self.make_jsonrpc_request('/my/messages/push', {'endpoint': subscription['endpoint']})
        self.assertFalse(device.exists())
        worker = self.url_open('/my/messages/service-worker.js')
        self.assertEqual(worker.headers['Service-Worker-Allowed'], '/my')


@tagged('post_install', '-at_install')
class TestProgressChoice(NotificationCommon):
    """[G19] The mixin, without a table: what a form offers and what it stores. """

    def test_the_form_offers_what_can_reach_the_person(self):
        Mixin = self.env['property.notification.mixin']
        self.assertEqual(
            Mixin._prepare_progress_choice(self.olga),
            [('email', "E-mail", False), ('sms', "SMS", False)])
        self.env['property.notification.preference'].create({
            'partner_id': self.olga.id, 'by_sms': True,
            'category_id': self.env.ref('property_base.category_progress').id})
        self.assertIn(('sms', "SMS", True), Mixin._prepare_progress_choice(self.olga))

    def test_what_was_ticked_is_stored(self):
        Mixin = self.env['property.notification.mixin']
        self.assertEqual(
            Mixin._read_progress_choice({'tells_progress': '1', 'by_sms': '1', 'state': 'done'}),
            {'tells_progress': True, 'by_email': False, 'by_sms': True, 'by_wechat': False,
             'by_push': False})
