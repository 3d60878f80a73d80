import json
from datetime import timedelta

from odoo import fields

from ..tools.gateway import GatewayError, call

# https://developers.weixin.qq.com/doc/service/en/api/notify/template/api_sendtemplatemessage.html
_OK = 0
_TOKEN_INVALID = {40001, 40014, 42001}
_CREDENTIALS = {40013, 40125, 40164, 41002, 41004, 50004}  # id, secret, or our address not listed
_BUSY = {-1, 45009, 45011}  # the system, our calls of the day, of the minute
_TOKEN_MARGIN = 300  # seconds before its end from which a token is not used any more


class WechatError(Exception):

    def __init__(self, code, message):
        super().__init__(f'{code} {message}')
        self.code = code


class WechatApi:
    """ Template messages of an official account, with the shape of Odoo's SMS adapters. """

    def __init__(self, env):
        self.env = env
        self.company = env.company

    def _set_company(self, company):
        self.company = company

    def _send_wechat_batch(self, messages):
        """ Send template messages one by one, for WeChat knows no batch.

        :param messages: dicts with uuid, openid, template_id, url and data ({field: text})
        :return: dicts with uuid, state and failure_reason, in the states of Odoo's SMS adapters
        :rtype: list[dict]
        """
        results, trouble = [], None
        for message in messages:
            if not trouble:
                try:
                    self._send(message)
                    results.append({'uuid': message['uuid'], 'state': 'success'})
                    continue
                except GatewayError as error:
                    trouble = ('server_error', str(error))
                except WechatError as error:
                    if error.code in _CREDENTIALS:
                        trouble = ('unregistered', str(error))
                    elif error.code in _BUSY or error.code in _TOKEN_INVALID:
                        trouble = ('server_error', str(error))
                    else:
                        results.append({
                            'uuid': message['uuid'], 'state': 'rejected',
                            'failure_reason': str(error)})
                        continue
            # What stops one stops all: the others are not even tried.
            results.append({
                'uuid': message['uuid'], 'state': trouble[0], 'failure_reason': trouble[1]})
        return results

    def _get_openid(self, code):
        """ Who has just agreed in WeChat to be known to us, by the code that he brings.

        :raise GatewayError, WechatError:
        """
        company_sudo = self.company.sudo()  # the secret is the administrators'
        return self._call('GET', '/sns/oauth2/access_token', {'params': {
            'appid': company_sudo.property_wechat_app_id,
            'secret': company_sudo.property_wechat_secret,
            'code': code,
            'grant_type': 'authorization_code',
        }}, 'openid')['openid']

    def _send(self, message):
        body = {
            'touser': message['openid'],
            'template_id': message['template_id'],
            'url': message['url'],
            # WeChat drops a repetition within ten minutes.
            'client_msg_id': message['uuid'],
            'data': {name: {'value': value} for name, value in message['data'].items()},
        }
        try:
            self._call_with_token('/cgi-bin/message/template/send', body)
        except WechatError as error:
            if error.code not in _TOKEN_INVALID:
                raise
            self._forget_token()
            self._call_with_token('/cgi-bin/message/template/send', body)

    def _call_with_token(self, path, body):
        self._call('POST', path, {
            'params': {'access_token': self._get_token()},
            # WeChat shows escaped letters as they are written.
            'data': json.dumps(body, ensure_ascii=False).encode(),
            'headers': {'Content-Type': 'application/json; charset=utf-8'},
        })

    def _get_token(self):
        """ The access token, kept until shortly before its end; an account has few a day. """
        company_sudo = self.company.sudo()  # token and secret are the administrators'
        now = fields.Datetime.now()
        if (company_sudo.property_wechat_token_end or now) <= now:
            answer = self._call('POST', '/cgi-bin/stable_token', {'json': {
                'grant_type': 'client_credential',
                'appid': company_sudo.property_wechat_app_id,
                'secret': company_sudo.property_wechat_secret,
            }}, 'access_token', 'expires_in')
            if not isinstance(answer['expires_in'], int):
                raise GatewayError('no seconds in expires_in')
            company_sudo.write({
                'property_wechat_token': answer['access_token'],
                'property_wechat_token_end': now + timedelta(
                    seconds=answer['expires_in'] - _TOKEN_MARGIN),
            })
        return company_sudo.property_wechat_token

    def _forget_token(self):
        self.company.sudo().property_wechat_token_end = False

    def _call(self, method, path, content, *expected):
        answer = call(
            method, self.company.sudo().property_wechat_url.rstrip('/') + path, **content)
        if code := answer.get('errcode', _OK):
            raise WechatError(code, str(answer.get('errmsg', ''))[:200])
        if missing := [name for name in expected if name not in answer]:
            raise GatewayError(f'no {missing[0]}')
        return answer
