""" Talking JSON to a gateway over HTTP: what it answered, or why not. """
import requests

TIMEOUT = 10  # seconds to connect, and between two pieces of the answer


class GatewayError(Exception):
    """ Nothing of what was asked is known to be done; asking again is safe.

    `refused` tells that the gateway does not accept our credentials.
    """

    def __init__(self, message, refused=False):
        super().__init__(message)
        self.refused = refused


def call(method, url, timeout=TIMEOUT, **kwargs):
    """ The JSON object that a gateway answers.

    :raise GatewayError: if it is down, slow, in trouble, refuses us or talks nonsense. Its text
        holds no address, for there may be a secret in it.
    """
    try:
        response = requests.request(
            method, url, timeout=timeout, allow_redirects=False, **kwargs)
    except requests.Timeout as error:
        raise GatewayError('timeout') from error
    except requests.RequestException as error:
        raise GatewayError(type(error).__name__) from error
    if response.status_code in (401, 403):
        raise GatewayError(f'HTTP {response.status_code}', refused=True)
    if not 200 <= response.status_code < 300:
        raise GatewayError(f'HTTP {response.status_code}')
    try:
        answer = response.json()
    except ValueError as error:
        raise GatewayError('no JSON') from error
    if not isinstance(answer, dict):
        raise GatewayError('no JSON object')
    return answer
