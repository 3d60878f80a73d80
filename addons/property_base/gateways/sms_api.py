import logging

from odoo.tools import split_every

from odoo.addons.sms.tools.sms_api import SmsApiBase

from ..tools.gateway import GatewayError, call

_logger = logging.getLogger(__name__)

MAX_MESSAGES = 100  # of one request

# What the gateway says of a message, and what Odoo calls it. `duplicate` is its word for a
# message that it has accepted before: we asked again because we missed the answer.
_STATES = {
    'accepted': 'success',
    'duplicate': 'success',
    'rejected': 'rejected',
    'invalid_number': 'wrong_number_format',
    'no_credit': 'insufficient_credit',
    'retry': 'server_error',
}


class SmsApiGateway(SmsApiBase):
    """ SMS through a gateway that speaks the protocol of docs/sms-gateway.md. """

    PROVIDER_TO_SMS_FAILURE_TYPE = SmsApiBase.PROVIDER_TO_SMS_FAILURE_TYPE | {
        'insufficient_credit': 'sms_credit',
        'unregistered': 'sms_acc',
    }

    def _send_sms_batch(self, messages, delivery_reports_url=False):
        """ Override of `sms`: each message with its uuid, by which the gateway knows a repetition.

        A number may bring `params`, the values of the variables, and a message its `template`,
        the code under which the operator has approved the text.
        """
        asked = [
            {
                'id': number['uuid'],
                'to': number['number'],
                'text': message['content'],
                **({'template': message['template'], 'params': number.get('params') or {}}
                   if message.get('template') else {}),
            }
            for message in messages for number in message['numbers']
        ]
        return [
            result for some in split_every(MAX_MESSAGES, asked, list)
            for result in self._ask(some)]

    def _ask(self, asked):
        """ What the gateway says of each of these messages. """
        company_sudo = self.company.sudo()  # the secret is the administrators'
        try:
            answer = call(
                'POST', company_sudo.property_sms_url,
                headers={'Authorization': f'Bearer {company_sudo.property_sms_secret}'},
                json={'signature': company_sudo.property_sms_signature or '', 'messages': asked})
        except GatewayError as error:
            state = 'unregistered' if error.refused else 'server_error'
            return [
                {'uuid': message['id'], 'state': state, 'failure_reason': str(error)}
                for message in asked]
        answered = {}
        results = answer.get('results')
        for result in results if isinstance(results, list) else ():
            if not isinstance(result, dict):
                continue
            uuid = str(result.get('id'))
            state = _STATES.get(str(result.get('status')), 'server_error')
            # Answered twice: that it was accepted is the answer that counts.
            if answered.get(uuid, {}).get('state') != 'success':
                answered[uuid] = {
                    'state': state,
                    'failure_reason': False if state == 'success' else str(
                        result.get('message') or result.get('status') or '')[:200],
                }
        missing = {'state': 'server_error', 'failure_reason': 'not in the answer'}
        return [
            {'uuid': message['id'], **answered.get(message['id'], missing)} for message in asked]


class SmsApiLog(SmsApiBase):
    """ For demonstrations: writes the messages into the log of the server, and sends nothing. """

    def _send_sms_batch(self, messages, delivery_reports_url=False):
        """ Override of `sms`. """
        results = []
        for message in messages:
            for number in message['numbers']:
                _logger.info("SMS to %s: %s", number['number'], message['content'])
                results.append({'uuid': number['uuid'], 'state': 'success'})
        return results
