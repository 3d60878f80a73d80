import base64
import json
from datetime import timedelta

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from odoo import fields
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from ..gateways.wechat_api import WechatApi
from ..models import property_notification_delivery as delivery_module
from ..models.property_notification_delivery import PAUSES
from .gateway_server import get_closed_url, serve
from .test_notification import NotificationCommon


class GatewayCommon(NotificationCommon):
    """ Over real HTTP, to a server in a thread of the test. """

    def setUp(self):
        super().setUp()
        self.server = self.enterContext(serve())

    def _send(self, channel, partners=None, **values):
        """ A message on one channel, its first job performed; and the jobs that came of it. """
        with self._jobs() as jobs:
            message = self._notify(partners, channels=[channel], **values)
            jobs.perform_enqueued_jobs()
            return message, jobs.enqueued_jobs

    def _assert_waits(self, delivery, tries, reason):
        self.assertEqual(
            (delivery.state, delivery.tries, delivery.reason), ('queued', tries, reason))


@tagged('post_install', '-at_install')
class TestSmsGateway(GatewayCommon):

    def setUp(self):
        super().setUp()
        self.company.write({
            'property_sms_provider': 'http', 'property_sms_url': f'{self.server.url}/send',
            'property_sms_secret': 'k3y', 'property_sms_signature': "锦东物业"})
        self.server.answer = self._accept

    @staticmethod
    def _accept(request, status='accepted', **values):
        return 200, {'results': [
            {'id': message['id'], 'status': status, **values}
            for message in request.json['messages']]}

    def test_what_is_asked_and_what_is_answered(self):
        """[G19] The bytes of docs/sms-gateway.md. """
        message, jobs = self._send('sms')
        delivery = message.delivery_ids
        request, = self.server.requests
        self.assertEqual((request.method, request.path), ('POST', '/send'))
        self.assertEqual(request.headers['Authorization'], 'Bearer k3y')
        self.assertEqual(request.json, {'signature': "锦东物业", 'messages': [{
            'id': delivery.uuid, 'to': '+8613800138000',
            'text': "Water cut\nTomorrow from 9 to 11"}]})
        self.assertEqual((delivery.state, delivery.tries), ('sent', 1))
        self.assertFalse(jobs)

    def test_an_approved_text_is_named_with_its_variables(self):
        """[A81] Operators send approved texts only. """
        template = self.env.ref('property_base.template_notice')
        template.with_context(lang=self.olga.lang).write({
            'sms_code': 'SMS_1', 'sms': "{resident}: {unit}"})
        with self._jobs() as jobs:
            self.Notification._notify(
                self.olga, 'notice', template=template, record=self.owner, channels=['sms'])
            jobs.perform_enqueued_jobs()
        asked, = self.server.requests[0].json['messages']
        self.assertEqual(asked['template'], 'SMS_1')
        self.assertEqual(
            asked['params'], {'resident': "Olga Owner", 'unit': "Tower 1-Entrance 1-101"})

    def test_many_go_in_one_request(self):
        message, _jobs = self._send('sms', self.olga | self.tom)
        self.assertEqual(len(self.server.requests), 1)
        self.assertEqual(set(message.delivery_ids.mapped('state')), {'sent'})

    def test_a_gateway_that_is_down_is_asked_again_later(self):
        """[G19] With growing pauses, then it is for a person to decide. """
        self.company.property_sms_url = get_closed_url()
        message, jobs = self._send('sms')
        delivery = message.delivery_ids
        self._assert_waits(delivery, 1, 'unreachable')
        self.assertEqual(delivery.error, 'ConnectionError')
        self.assertAlmostEqual(
            delivery.next_try_at, fields.Datetime.now() + PAUSES[0], delta=timedelta(seconds=5))
        pauses = [jobs[0].eta]
        with self._jobs() as trap:
            for _try in PAUSES[1:]:
                delivery._job_send()
                pauses.append(trap.enqueued_jobs[-1].eta)
            self.assertEqual(pauses, sorted(set(pauses)), "each pause is longer")
            delivery._job_send()
            trap.assert_jobs_count(len(PAUSES) - 1)
        self.assertEqual((delivery.state, delivery.reason), ('failed', 'unreachable'))
        # It works again; somebody presses the button.
        self.company.property_sms_url = self.server.url
        with self._jobs() as trap:
            delivery.with_user(self.officer).action_retry()
            trap.perform_enqueued_jobs()
        self.assertEqual((delivery.state, delivery.tries), ('sent', 1))

    def test_a_gateway_in_trouble(self):
        for status, body, reason in (
            (503, {}, 'unreachable'), (401, {}, 'account'), (200, b'<html>', 'unreachable'),
            (200, {'results': "none"}, 'unreachable'), (200, {'results': [1]}, 'unreachable'),
            (200, {'results': [{'id': [], 'status': {}}]}, 'unreachable'),
        ):
            with self.subTest(status=status, body=body):
                self.server.answer = lambda request, s=status, b=body: (s, b)
                message, jobs = self._send('sms')
                self._assert_waits(message.delivery_ids, 1, reason)
                self.assertEqual(len(jobs), 1)

    def test_a_repetition_is_known_by_its_number(self):
        """ The answer got lost: we ask again, with the same id; the gateway sends once. """
        self.server.answer = lambda request: (500, {})
        message, _jobs = self._send('sms')
        self.server.answer = lambda request: self._accept(request, 'duplicate')
        message.delivery_ids._job_send()
        first, second = (request.json['messages'][0]['id'] for request in self.server.requests)
        self.assertEqual(first, second)
        self.assertEqual(message.delivery_ids.state, 'sent')

    def test_a_job_that_comes_twice_sends_once(self):
        message, _jobs = self._send('sms')
        message.delivery_ids._job_send()
        self.assertEqual(len(self.server.requests), 1)
        self.assertEqual(message.delivery_ids.tries, 1)

    def test_a_gateway_that_answers_twice(self):
        """ What it has accepted it has accepted, whatever it says beside that. """
        def answer(request):
            uuid = request.json['messages'][0]['id']
            return 200, {'results': [
                {'id': uuid, 'status': 'retry'},
                {'id': uuid, 'status': 'accepted'},
                {'id': uuid, 'status': 'rejected', 'message': "twice"},
                {'id': 'of another', 'status': 'rejected'},
            ]}
        self.server.answer = answer
        message, jobs = self._send('sms')
        self.assertEqual(message.delivery_ids.state, 'sent')
        self.assertFalse(message.delivery_ids.error)
        self.assertFalse(jobs)

    def test_one_that_the_gateway_forgot_is_asked_again(self):
        def answer(request):
            return 200, {'results': [
                {'id': request.json['messages'][0]['id'], 'status': 'accepted'}]}
        self.server.answer = answer
        message, jobs = self._send('sms', self.olga | self.tom)
        self.assertEqual(sorted(message.delivery_ids.mapped('state')), ['queued', 'sent'])
        self.assertEqual(len(jobs), 1)

    def test_what_is_refused_for_good_is_not_asked_again(self):
        self.server.answer = lambda request: self._accept(
            request, 'rejected', message="blocked by the operator")
        message, jobs = self._send('sms')
        delivery = message.delivery_ids
        self.assertEqual(
            (delivery.state, delivery.reason, delivery.error),
            ('failed', 'rejected', "blocked by the operator"))
        self.assertFalse(jobs)

    def test_odoos_own_sms_take_the_same_gateway(self):
        sms = self.env['sms.sms'].create({'number': '+8613800138000', 'body': "Code 123456"})
        sms.send(unlink_sent=False)
        self.assertEqual(sms.state, 'pending')
        self.assertEqual(self.server.requests[0].json['messages'][0]['id'], sms.uuid)

    def test_the_queue_is_of_several_companies(self):
        """ Each by its own gateway: what is about a record, and codes. """
        self.other_company.write({
            'property_sms_provider': 'http', 'property_sms_url': f'{self.server.url}/far',
            'property_sms_secret': 'f4r'})
        Sms = self.env['sms.sms']
        before = Sms.search([])
        for company in self.company | self.other_company:
            Sms.create({
                'number': '+8613800138000', 'body': company.name,
                'mail_message_id': self.flat.message_post(record_company_id=company.id).id})
            self.env['property.verification'].with_company(company)._deliver(
                'login', '123456', '+8613900139000', False)
        (Sms.search([]) - before)._send()  # as the queue does
        self.assertEqual(
            {(request.path, request.headers['Authorization'], len(request.json['messages']))
             for request in self.server.requests},
            {('/send', 'Bearer k3y', 2), ('/far', 'Bearer f4r', 2)})

    def test_no_request_of_more_than_a_hundred(self):
        sms = self.env['sms.sms'].create([
            {'number': '+8613800138000', 'body': f"Code {number}"} for number in range(101)])
        sms.send(unlink_sent=False)
        self.assertEqual(
            [len(request.json['messages']) for request in self.server.requests], [100, 1])
        self.assertEqual(set(sms.mapped('state')), {'pending'})

    def test_a_gateway_without_an_address(self):
        """ Residents are told otherwise, and why; and what other companies send goes out. """
        numbers = {}
        for company in self.company | self.other_company:
            company.write({
                'property_sms_provider': 'http', 'property_sms_url': False,
                'property_sms_secret': 'k3y'})
            numbers[company] = self.env['sms.sms'].create({
                'number': '+8613800138000', 'body': company.name,
                'mail_message_id': self.flat.with_company(company).message_post(
                    record_company_id=company.id).id})
        self.other_company.property_sms_url = self.server.url
        self.env['sms.sms'].union(*numbers.values()).send(unlink_sent=False)
        self.assertEqual(numbers[self.company].state, 'error')
        self.assertEqual(numbers[self.other_company].state, 'pending')
        message, jobs = self._send('sms')
        self.assertEqual(
            (message.delivery_ids.state, message.delivery_ids.reason), ('withheld', 'not_set_up'))
        self.assertFalse(jobs)

    def test_odoos_own_service_in_trouble(self):
        """ It is not reached in tests, which is how it fails. """
        self.company.property_sms_provider = 'odoo'
        message, jobs = self._send('sms')
        self._assert_waits(message.delivery_ids, 1, 'unreachable')
        self.assertEqual(message.delivery_ids.error, "Unavailable during tests.")
        self.assertEqual(len(jobs), 1)


class WechatServer:
    """ An official account that speaks the documented bytes. """

    def __init__(self):
        self.token, self.tokens, self.sent, self.error = 'T1', 0, [], {}

    def __call__(self, request):
        if request.path == '/cgi-bin/stable_token':
            self.tokens += 1
            return 200, {'access_token': self.token, 'expires_in': 7200}
        if request.path.startswith('/sns/oauth2/access_token'):
            return 200, {'openid': 'o-olga', 'access_token': 'x', 'expires_in': 7200}
        if request.path != f'/cgi-bin/message/template/send?access_token={self.token}':
            return 200, {'errcode': 40001, 'errmsg': 'invalid credential'}
        if error := self.error.get(request.json['touser']):
            return 200, {'errcode': error, 'errmsg': 'no'}
        self.sent.append(request.json)
        return 200, {'errcode': 0, 'errmsg': 'ok', 'msgid': 200228332}


@tagged('post_install', '-at_install')
class TestWechat(GatewayCommon, HttpCase):
    """[G19] Template messages of an official account. """

    def setUp(self):
        super().setUp()
        self.company.write({
            'property_wechat_app_id': 'wx1', 'property_wechat_secret': 's3cret',
            'property_wechat_url': self.server.url})
        self.wechat = self.server.answer = WechatServer()
        self.olga.sudo().property_wechat_openid = 'o-olga'
        self.tom.sudo().property_wechat_openid = 'o-tom'
        self.template = self.env.ref('property_base.template_notice')
        self.template.write({
            'wechat_code': 'TPL', 'wechat_data': "thing1: {unit}\nname2: {resident}"})

    def _send(self, partners=None):
        with self._jobs() as jobs:
            messages = self.Notification._notify(
                partners or self.olga, 'notice', template=self.template, record=self.owner,
                url='/my', channels=['wechat'])
            jobs.perform_enqueued_jobs()
            return messages.delivery_ids.sorted('id'), jobs.enqueued_jobs

    def test_the_documented_bytes(self):
        self.olga.name = "李伟"
        delivery, _jobs = self._send()
        self.assertEqual(delivery.state, 'sent')
        token, message = self.server.requests
        self.assertEqual(token.json, {
            'grant_type': 'client_credential', 'appid': 'wx1', 'secret': 's3cret'})
        self.assertEqual(message.json, {
            'touser': 'o-olga', 'template_id': 'TPL', 'client_msg_id': delivery.uuid,
            'url': delivery.get_base_url() + '/my',
            'data': {'thing1': {'value': "Tower 1-Entrance 1-101"}, 'name2': {'value': "李伟"}}})
        self.assertIn("李伟".encode(), message.body, "WeChat shows escapes as they are")

    def test_the_token_is_kept_until_shortly_before_its_end(self):
        self._send(self.olga | self.tom)
        self._send()
        self.assertEqual(self.wechat.tokens, 1)
        self.company.property_wechat_token_end = fields.Datetime.now() - timedelta(seconds=1)
        self._send()
        self.assertEqual(self.wechat.tokens, 2)

    def test_a_token_that_somebody_else_replaced_is_asked_anew_once(self):
        self._send()
        self.wechat.token = 'T2'
        delivery, _jobs = self._send()
        self.assertEqual(delivery.state, 'sent')
        self.assertEqual(self.wechat.tokens, 2)

    def test_who_left_the_account_is_refused_the_others_are_told(self):
        self.wechat.error = {'o-olga': 43004}
        deliveries, jobs = self._send(self.olga | self.tom)
        self.assertEqual(deliveries.mapped('state'), ['failed', 'sent'])
        self.assertEqual(deliveries[0].error, '43004 no')
        self.assertFalse(jobs)

    def test_trouble_of_the_account_stops_all_for_now(self):
        for code, reason in ((-1, 'unreachable'), (45009, 'unreachable'), (40164, 'account')):
            with self.subTest(code=code):
                self.wechat.error = {'o-olga': code}
                before = len(self.server.requests)
                deliveries, jobs = self._send(self.olga | self.tom)
                self.assertEqual(set(deliveries.mapped('reason')), {reason})
                self.assertEqual(set(deliveries.mapped('state')), {'queued'})
                self.assertLessEqual(len(self.server.requests) - before, 2, "the second not tried")
                self.assertEqual(len(jobs), 1)

    def test_wechat_is_down(self):
        self.company.property_wechat_url = get_closed_url()
        delivery, jobs = self._send()
        self._assert_waits(delivery, 1, 'unreachable')
        self.assertEqual(len(jobs), 1)

    def test_a_text_without_a_template_does_not_go_by_wechat(self):
        with self._jobs() as jobs:
            message = self._notify(channels=['wechat'])
            jobs.assert_jobs_count(0)
        self.assertFalse(message.delivery_ids)

    def test_linking_the_own_wechat(self):
        self.authenticate('tom', 'tom')
        response = self.url_open(
            f'/my/messages/wechat/{self.company.id}', allow_redirects=False)
        target = response.headers['Location']
        self.assertTrue(target.startswith('https://open.weixin.qq.com/connect/oauth2/authorize'))
        state = target.split('state=')[1].split('#')[0]
        back = f'/my/messages/wechat/{self.company.id}/back?code=c'
        for forged in ('forged', '伪造'):
            self.assertIn("could not be linked", self.url_open(f'{back}&state={forged}').text)
        self.company.property_wechat_url = get_closed_url()
        self.assertIn("could not be linked", self.url_open(f'{back}&state={state}').text)
        self.company.property_wechat_url = self.server.url
        self.assertEqual(self.tom.sudo().property_wechat_openid, 'o-tom')
        self.url_open(f'{back}&state={state}')
        self.tom.invalidate_recordset()
        self.assertEqual(self.tom.sudo().property_wechat_openid, 'o-olga')

    @mute_logger('odoo.http')
    def test_only_with_a_company_that_manages_the_own_home(self):
        self.other_company.write({
            'property_wechat_app_id': 'wx2', 'property_wechat_secret': 's'})
        self.authenticate('tom', 'tom')
        response = self.url_open(f'/my/messages/wechat/{self.other_company.id}')
        self.assertEqual(response.status_code, 403)

    def test_an_answer_without_what_was_asked(self):
        for answer, reason in (
            ({}, 'no access_token'),
            ({'access_token': 'T1', 'expires_in': None}, 'no seconds in expires_in'),
        ):
            with self.subTest(answer=answer):
                self.server.answer = lambda request, answer=answer: (200, answer)
                results = WechatApi(self.env)._send_wechat_batch([{
                    'uuid': 'u', 'openid': 'o', 'template_id': 't', 'url': '', 'data': {}}])
                self.assertEqual(results, [
                    {'uuid': 'u', 'state': 'server_error', 'failure_reason': reason}])


@tagged('post_install', '-at_install')
class TestPush(GatewayCommon):
    """[G19] Messages in the browser. """

    def setUp(self):
        super().setUp()
        self.patch(delivery_module, 'PUSH_SCHEME', 'http://')
        key = ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(
            Encoding.X962, PublicFormat.UncompressedPoint)
        self.env['mail.push.device'].get_web_push_vapid_public_key()
        self.device = self.env['mail.push.device'].create({
            'partner_id': self.olga.id, 'endpoint': f'{self.server.url}/olga',
            'keys': json.dumps({
                'p256dh': base64.urlsafe_b64encode(key).decode().rstrip('='),
                'auth': base64.urlsafe_b64encode(b'0' * 16).decode().rstrip('=')})})
        self.server.answer = lambda request: (201, b'')

    def test_it_is_pushed_encrypted(self):
        message, _jobs = self._send('push')
        self.assertEqual(message.delivery_ids.state, 'sent')
        request, = self.server.requests
        self.assertTrue(request.headers['Authorization'].startswith('vapid t='))
        self.assertEqual(request.headers['Content-Encoding'], 'aes128gcm')
        self.assertNotIn(b'Water', request.body)
        payload = json.loads(message.delivery_ids._prepare_push_payload())
        self.assertEqual(payload['options']['data'], {'url': f'/my/messages/{message.id}'})

    def test_a_long_text_is_cut(self):
        """ Push services refuse more than 4096 bytes. """
        for letter in ("业", "🏠", '"', "\v"):
            with self.subTest(letter=letter):
                self._send('push', subject=letter * 300, body=letter * 2000)
                self.assertLessEqual(len(self.server.requests[-1].body), 4096)

    @mute_logger('odoo.addons.mail.tools.web_push')
    def test_a_browser_that_is_gone_is_forgotten(self):
        self.server.answer = lambda request: (410, b'')
        message, jobs = self._send('push')
        self.assertEqual(
            (message.delivery_ids.state, message.delivery_ids.reason), ('failed', 'rejected'))
        self.assertFalse(self.device.exists())
        self.assertFalse(jobs)

    @mute_logger('odoo.addons.mail.tools.web_push')
    def test_a_push_service_in_trouble_is_asked_again(self):
        self.server.answer = lambda request: (503, b'')
        message, jobs = self._send('push')
        self._assert_waits(message.delivery_ids, 1, 'unreachable')
        self.assertEqual(message.delivery_ids.error, '503')
        self.assertEqual(len(jobs), 1)

    def test_several_people_at_once(self):
        self.device.copy({'partner_id': self.tom.id, 'endpoint': f'{self.server.url}/tom'})
        message, _jobs = self._send('push', self.olga | self.tom)
        self.assertEqual(set(message.delivery_ids.mapped('state')), {'sent'})
        self.assertEqual(
            sorted(request.path for request in self.server.requests), ['/olga', '/tom'])

    def test_a_browser_without_usable_keys_holds_up_nobody(self):
        """ Whoever registers a device names its keys, too. """
        device = self.device.copy({
            'partner_id': self.tom.id, 'endpoint': f'{self.server.url}/tom'})
        for keys in ('{}', '[]', '"x"', '{"p256dh": "AAAA", "auth": "%"}'):
            with self.subTest(keys=keys):
                device.keys = keys
                message, jobs = self._send('push', self.olga | self.tom)
                states = {
                    delivery.partner_id: delivery.state for delivery in message.delivery_ids}
                self.assertEqual(states, {self.olga: 'sent', self.tom: 'queued'})
                self.assertEqual(len(jobs), 1)

    def test_an_address_that_is_no_push_service_is_not_called(self):
        """ Whoever registers a device names the address that the server will call. """
        self.patch(delivery_module, 'PUSH_SCHEME', 'https://')
        message, _jobs = self._send('push')
        self.assertEqual(message.delivery_ids.state, 'failed')
        self.assertFalse(self.server.requests)
        self.assertFalse(self.device.exists())
