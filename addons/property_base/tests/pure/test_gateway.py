""" What a gateway can do wrong, over real HTTP to this machine. """
import time

import pytest

from ...tools.gateway import GatewayError, call
from ..gateway_server import get_closed_url, serve


def test_the_answer_is_a_json_object():
    with serve() as server:
        server.answer = lambda request: (200, {'results': []})
        assert call('POST', server.url, json={'messages': []}) == {'results': []}
        assert server.requests[0].json == {'messages': []}


def test_a_gateway_that_is_down():
    with pytest.raises(GatewayError, match='ConnectionError'):
        call('POST', get_closed_url(), json={})


def test_a_gateway_that_is_slow_is_not_waited_for():
    with serve() as server:
        def answer(_request):
            time.sleep(1)
            return 200, {}
        server.answer = answer
        start = time.monotonic()
        with pytest.raises(GatewayError, match='timeout'):
            call('POST', server.url, timeout=0.1, json={})
        assert time.monotonic() - start < 0.9


@pytest.mark.parametrize('status, body, message, refused', [
    (500, {}, 'HTTP 500', False),
    (429, {}, 'HTTP 429', False),
    (401, {}, 'HTTP 401', True),
    (403, {}, 'HTTP 403', True),
    (302, {}, 'HTTP 302', False),
    (200, b'<html>', 'no JSON', False),
    (200, b'[]', 'no JSON object', False),
])
def test_an_answer_that_is_none(status, body, message, refused):
    with serve() as server:
        server.answer = lambda request: (status, body)
        with pytest.raises(GatewayError, match=f'^{message}$') as caught:
            call('POST', server.url, json={})
        assert caught.value.refused == refused


def test_a_secret_in_the_address_is_not_in_the_error():
    with pytest.raises(GatewayError) as caught:
        call('GET', get_closed_url() + '/?secret=hidden')
    assert 'hidden' not in str(caught.value)
